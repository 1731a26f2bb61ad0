//! Printing: from a query plan to SQL in the database's dialect.

use super::cue::{Comparison, Function};
use super::plan::{Expr, Join, Predicate, Select, Source};
use super::schema::{ColumnId, Dated, Derived, Operation, Schema, TableId};
use crate::database::{Dialect, split_table_name};

/// Prints a query.
pub(super) fn sql(select: &Select, schema: &Schema) -> String {
    Printer { schema }.select(select)
}

struct Printer<'a> {
    schema: &'a Schema,
}

impl Printer<'_> {
    fn select(&self, select: &Select) -> String {
        let outputs: Vec<String> = select
            .outputs
            .iter()
            .map(|output| {
                let expr = self.expr(&output.expr);
                let own_name = match &output.expr {
                    Expr::Column(column) => self.schema.column(*column).name == output.alias,
                    Expr::Named(name) => *name == output.alias,
                    _ => false,
                };
                if own_name {
                    expr
                } else {
                    format!("{expr} AS {}", self.quote(&output.alias))
                }
            })
            .collect();
        let mut sql = String::from(if select.distinct {
            "SELECT DISTINCT "
        } else {
            "SELECT "
        });
        sql.push_str(&outputs.join(", "));
        match &select.from {
            Source::Table(table) => sql.extend([" FROM ", &self.source(*table)]),
            Source::Query(query) => sql.extend([" FROM (", &self.select(query), ") AS t"]),
            Source::Nothing => {}
        }
        for join in &select.joins {
            sql.push_str(&self.join(*join));
        }
        sql.push_str(&self.clause(" WHERE ", &select.filters));
        if !select.groups.is_empty() {
            let groups: Vec<String> = select.groups.iter().map(|group| self.expr(group)).collect();
            sql.extend([" GROUP BY ", &groups.join(", ")]);
        }
        sql.push_str(&self.clause(" HAVING ", &select.having));
        if !select.order.is_empty() {
            sql.extend([" ORDER BY ", &self.order(select)]);
        }
        if let Some(limit) = select.limit {
            sql.extend([" LIMIT ", &limit.to_string()]);
        }
        sql
    }

    /// The order; a figure that is shown goes by its name.
    fn order(&self, select: &Select) -> String {
        let parts: Vec<String> = select
            .order
            .iter()
            .map(|(expr, descending)| {
                let shown = select.outputs.iter().find(|output| output.expr == *expr);
                let simple = matches!(expr, Expr::Column(_) | Expr::Named(_));
                let name = match shown {
                    Some(output) if !simple => self.quote(&output.alias),
                    _ => self.expr(expr),
                };
                format!("{name}{}", if *descending { " DESC" } else { "" })
            })
            .collect();
        parts.join(", ")
    }

    fn clause(&self, keyword: &str, predicates: &[Predicate]) -> String {
        if predicates.is_empty() {
            return String::new();
        }
        let all: Vec<String> = predicates
            .iter()
            .map(|predicate| self.predicate(predicate))
            .collect();
        format!("{keyword}{}", all.join(" AND "))
    }

    fn join(&self, join: Join) -> String {
        let (from, to, columns) = self.schema.edge(join.edge);
        let on: Vec<String> = columns
            .iter()
            .map(|(a, b)| format!("{} = {}", self.column(*a), self.column(*b)))
            .collect();
        let (keyword, table) = if join.backwards {
            ("LEFT JOIN", from)
        } else {
            ("JOIN", to)
        };
        format!(" {keyword} {} ON {}", self.source(table), on.join(" AND "))
    }

    fn expr(&self, expr: &Expr) -> String {
        match expr {
            Expr::Column(column) => self.column(*column),
            // Months as text begin with their year.
            Expr::Year(column) if self.schema.column(*column).dated == Dated::Months => {
                let number = match self.schema.dialect {
                    Dialect::Postgresql | Dialect::Sqlite => "INTEGER",
                    Dialect::Mysql => "SIGNED",
                };
                format!("CAST(SUBSTR({}, 1, 4) AS {number})", self.column(*column))
            }
            Expr::Month(column) if self.schema.column(*column).dated == Dated::Months => {
                self.column(*column)
            }
            Expr::Year(column) => match self.schema.dialect {
                Dialect::Postgresql => format!(
                    "CAST(EXTRACT(YEAR FROM {}) AS INTEGER)",
                    self.column(*column)
                ),
                Dialect::Mysql => format!("EXTRACT(YEAR FROM {})", self.column(*column)),
                Dialect::Sqlite => {
                    format!("CAST(strftime('%Y', {}) AS INTEGER)", self.column(*column))
                }
            },
            Expr::Month(column) => match self.schema.dialect {
                Dialect::Postgresql => {
                    format!("SUBSTR(CAST({} AS TEXT), 1, 7)", self.column(*column))
                }
                Dialect::Mysql => format!("SUBSTR({}, 1, 7)", self.column(*column)),
                Dialect::Sqlite => format!("strftime('%Y-%m', {})", self.column(*column)),
            },
            Expr::CountRows => "COUNT(*)".to_owned(),
            Expr::Count { of, distinct } => {
                format!(
                    "COUNT({}{})",
                    if *distinct { "DISTINCT " } else { "" },
                    self.expr(of)
                )
            }
            Expr::Aggregate(function, of) => {
                let name = match function {
                    Function::Sum => "SUM",
                    Function::Average => "AVG",
                    Function::Minimum => "MIN",
                    Function::Maximum => "MAX",
                };
                format!("{name}({})", self.expr(of))
            }
            Expr::Share(of, conditions) => {
                let all: Vec<String> = conditions
                    .iter()
                    .map(|condition| self.predicate(condition))
                    .collect();
                let all = all.join(" AND ");
                match of.map(|column| self.column(column)) {
                    None => format!("100.0 * COUNT(CASE WHEN {all} THEN 1 END) / COUNT(*)"),
                    Some(column) => {
                        format!("100.0 * SUM(CASE WHEN {all} THEN {column} END) / SUM({column})")
                    }
                }
            }
            Expr::ShareOfAll(part, all) => {
                format!("100.0 * {} / ({})", self.expr(part), self.select(all))
            }
            Expr::Number(number) => number.normalize().to_string(),
            Expr::Text(text) => self.literal(text),
            Expr::Truth(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
            Expr::Query(query) => format!("({})", self.select(query)),
            Expr::Named(name) => self.quote(name),
            Expr::Minus(first, second) => {
                format!("{} - {}", self.expr(first), self.expr(second))
            }
            Expr::Times(times, of) => format!("{} * {}", times.normalize(), self.expr(of)),
        }
    }

    fn predicate(&self, predicate: &Predicate) -> String {
        match predicate {
            Predicate::Compare(left, comparison, right) => {
                let sign = match comparison {
                    Comparison::Greater => ">",
                    Comparison::AtLeast => ">=",
                    Comparison::Less => "<",
                    Comparison::AtMost => "<=",
                    Comparison::Equal => "=",
                };
                format!("{} {sign} {}", self.expr(left), self.expr(right))
            }
            Predicate::OneOf {
                expr,
                values,
                negated,
            } => match (values.as_slice(), negated) {
                ([value], false) => format!("{} = {}", self.expr(expr), self.expr(value)),
                ([value], true) => format!("{} <> {}", self.expr(expr), self.expr(value)),
                (values, negated) => {
                    let all: Vec<String> = values.iter().map(|value| self.expr(value)).collect();
                    format!(
                        "{} {}IN ({})",
                        self.expr(expr),
                        if *negated { "NOT " } else { "" },
                        all.join(", ")
                    )
                }
            },
            Predicate::Null(expr, null) => format!(
                "{} IS {}NULL",
                self.expr(expr),
                if *null { "" } else { "NOT " }
            ),
            Predicate::Within {
                exprs,
                query,
                negated,
            } => {
                let names: Vec<String> = exprs.iter().map(|expr| self.expr(expr)).collect();
                let names = if names.len() == 1 {
                    names.join("")
                } else {
                    format!("({})", names.join(", "))
                };
                format!(
                    "{names} {}IN ({})",
                    if *negated { "NOT " } else { "" },
                    self.select(query)
                )
            }
        }
    }

    /// A table in `FROM`. One of another schema gets its own name, so that columns can use it.
    fn source(&self, table: TableId) -> String {
        let parts = split_table_name(&self.schema.table(table).name);
        let path: Vec<String> = parts.iter().map(|part| self.quote(part)).collect();
        let path = path.join(".");
        if parts.len() > 1 {
            format!("{path} AS {}", self.short(table))
        } else {
            path
        }
    }

    fn short(&self, table: TableId) -> String {
        self.quote(&split_table_name(&self.schema.table(table).name).join("_"))
    }

    fn column(&self, column: ColumnId) -> String {
        if let Some(derived) = column.derived() {
            return self.derived(derived);
        }
        format!(
            "{}.{}",
            self.short(column.table),
            self.quote(&self.schema.column(column).name)
        )
    }

    /// What is worked out from two columns; the days between two times with their fractions.
    fn derived(&self, derived: Derived) -> String {
        let (first, second) = (self.column(derived.first), self.column(derived.second));
        match (derived.operation, self.schema.dialect) {
            (Operation::Plus, _) => format!("({first} + {second})"),
            (Operation::Minus, _) => format!("({first} - {second})"),
            (Operation::Times, _) => format!("({first} * {second})"),
            // Whole numbers would be divided without a rest.
            (Operation::Per, _) => format!("(1.0 * {first} / NULLIF({second}, 0))"),
            (Operation::Days, Dialect::Sqlite) => {
                format!("(julianday({second}) - julianday({first}))")
            }
            (Operation::Days, Dialect::Mysql) => {
                format!("(TIMESTAMPDIFF(SECOND, {first}, {second}) / 86400.0)")
            }
            (Operation::Days, Dialect::Postgresql) => format!(
                "(EXTRACT(EPOCH FROM (CAST({second} AS TIMESTAMP) - CAST({first} AS TIMESTAMP))) / 86400.0)"
            ),
        }
    }

    fn quote(&self, name: &str) -> String {
        self.schema.dialect.quote(name)
    }

    fn literal(&self, text: &str) -> String {
        let doubled = text.replace('\'', "''");
        match self.schema.dialect {
            Dialect::Postgresql | Dialect::Sqlite => format!("'{doubled}'"),
            // There a backslash in a text begins an escape.
            Dialect::Mysql => format!("'{}'", doubled.replace('\\', "\\\\")),
        }
    }
}
