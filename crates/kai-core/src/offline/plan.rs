//! The typed query plan: what is printed as SQL.

use rust_decimal::Decimal;

use super::cue::{Comparison, Function};
use super::schema::{ColumnId, EdgeId, Schema, TableId};

/// A query.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Select {
    /// Whether equal rows are shown once.
    pub(super) distinct: bool,
    /// What is shown.
    pub(super) outputs: Vec<Output>,
    /// Where the rows come from.
    pub(super) from: Source,
    /// The tables that are joined, each over an edge from one that is there already.
    pub(super) joins: Vec<Join>,
    /// Which rows count.
    pub(super) filters: Vec<Predicate>,
    /// What rows are put together by.
    pub(super) groups: Vec<Expr>,
    /// Which groups count.
    pub(super) having: Vec<Predicate>,
    /// The order, each with whether the greatest comes first.
    pub(super) order: Vec<(Expr, bool)>,
    /// How many rows.
    pub(super) limit: Option<u64>,
}

impl Select {
    /// All rows of a table.
    pub(super) fn from(table: TableId) -> Self {
        Self {
            distinct: false,
            outputs: Vec::new(),
            from: Source::Table(table),
            joins: Vec::new(),
            filters: Vec::new(),
            groups: Vec::new(),
            having: Vec::new(),
            order: Vec::new(),
            limit: None,
        }
    }
}

impl Select {
    /// The table that the rows are of, and those that are joined to it, in their order.
    pub(super) fn joined_tables(&self, schema: &Schema) -> Vec<TableId> {
        let Source::Table(first) = self.from else {
            return Vec::new();
        };
        let joins = self.joins.iter().filter(|join| !join.backwards);
        let joined = joins.map(|join| schema.edge(join.edge).1);
        std::iter::once(first).chain(joined).collect()
    }

    /// Adds the tables that it reads, each once, those of the queries inside included.
    pub(super) fn add_tables(&self, schema: &Schema, tables: &mut Vec<TableId>) {
        let mut add = |table: TableId| {
            if !tables.contains(&table) {
                tables.push(table);
            }
        };
        if let Source::Table(table) = &self.from {
            add(*table);
        }
        for join in &self.joins {
            let (from, to, _) = schema.edge(join.edge);
            add(from);
            add(to);
        }
        if let Source::Query(query) = &self.from {
            query.add_tables(schema, tables);
        }
        for output in &self.outputs {
            if let Expr::Query(query) = &output.expr {
                query.add_tables(schema, tables);
            }
        }
        for predicate in self.filters.iter().chain(&self.having) {
            match predicate {
                Predicate::Within { query, .. } | Predicate::Compare(_, _, Expr::Query(query)) => {
                    query.add_tables(schema, tables);
                }
                _ => {}
            }
        }
    }
}

impl Select {
    /// Adds the columns that it reads, those of the queries inside included; not those of its joins.
    pub(super) fn add_columns(&self, columns: &mut Vec<ColumnId>) {
        if let Source::Query(query) = &self.from {
            query.add_columns(columns);
        }
        let outputs = self.outputs.iter().map(|output| &output.expr);
        let order = self.order.iter().map(|(expr, _)| expr);
        for expr in outputs.chain(&self.groups).chain(order) {
            expr.add_columns(columns);
        }
        for predicate in self.filters.iter().chain(&self.having) {
            predicate.add_columns(columns);
        }
    }
}

impl Expr {
    fn add_columns(&self, columns: &mut Vec<ColumnId>) {
        match self {
            Self::Column(column) | Self::Year(column) | Self::Month(column) => {
                match column.derived() {
                    Some(derived) => columns.extend([derived.first, derived.second]),
                    None => columns.push(*column),
                }
            }
            Self::Count { of, .. } | Self::Aggregate(_, of) | Self::Times(_, of) => {
                of.add_columns(columns);
            }
            Self::Share(of, conditions) => {
                columns.extend(*of);
                for condition in conditions {
                    condition.add_columns(columns);
                }
            }
            Self::ShareOfAll(part, query) => {
                part.add_columns(columns);
                query.add_columns(columns);
            }
            Self::Query(query) => query.add_columns(columns),
            Self::Minus(first, second) => {
                first.add_columns(columns);
                second.add_columns(columns);
            }
            Self::CountRows | Self::Number(_) | Self::Text(_) | Self::Truth(_) | Self::Named(_) => {
            }
        }
    }
}

impl Predicate {
    fn add_columns(&self, columns: &mut Vec<ColumnId>) {
        match self {
            Self::Compare(left, _, right) => {
                left.add_columns(columns);
                right.add_columns(columns);
            }
            Self::OneOf { expr, .. } | Self::Null(expr, _) => expr.add_columns(columns),
            Self::Within { exprs, query, .. } => {
                for expr in exprs {
                    expr.add_columns(columns);
                }
                query.add_columns(columns);
            }
        }
    }
}

/// Where rows come from.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Source {
    /// A table.
    Table(TableId),
    /// Another query.
    Query(Box<Select>),
    /// Nowhere: one row of figures that stand alone.
    Nothing,
}

/// A join over a foreign key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Join {
    /// The key.
    pub(super) edge: EdgeId,
    /// Whether it is followed from the referenced table back, keeping rows that have no partner.
    pub(super) backwards: bool,
}

/// A shown column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Output {
    /// What it shows.
    pub(super) expr: Expr,
    /// Its name in the result.
    pub(super) alias: String,
    /// Its heading for people.
    pub(super) heading: String,
    /// How its values are written.
    pub(super) shape: Shape,
}

/// How a column's values are written for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// As they are.
    Plain,
    /// As a number, in groups of three digits.
    Number,
    /// As a number with a percent sign.
    Percent,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    /// A column.
    Column(ColumnId),
    /// The year of a date column.
    Year(ColumnId),
    /// The year and month of a date column.
    Month(ColumnId),
    /// The number of rows.
    CountRows,
    /// The number of values, or of different values.
    Count {
        /// Of what.
        of: Box<Expr>,
        /// Whether equal ones count once.
        distinct: bool,
    },
    /// A function over the rows.
    Aggregate(Function, Box<Expr>),
    /// The share of the rows, or of a column's sum over them, for which all of these hold, in percent.
    Share(Option<ColumnId>, Vec<Predicate>),
    /// A figure over the rows as a share of what a query gives, in percent.
    ShareOfAll(Box<Expr>, Box<Select>),
    /// A number.
    Number(Decimal),
    /// A text.
    Text(String),
    /// Yes or no.
    Truth(bool),
    /// The only value of a query.
    Query(Box<Select>),
    /// A column of the query in `FROM`, by its name.
    Named(String),
    /// The first without the second.
    Minus(Box<Expr>, Box<Expr>),
    /// Several times a value.
    Times(Decimal, Box<Expr>),
}

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Predicate {
    /// A comparison.
    Compare(Expr, Comparison, Expr),
    /// Equal to one of these, or to none.
    OneOf {
        /// What.
        expr: Expr,
        /// The values.
        values: Vec<Expr>,
        /// Whether to none.
        negated: bool,
    },
    /// NULL, or not.
    Null(Expr, bool),
    /// Among the rows of a query, or not.
    Within {
        /// What is looked up.
        exprs: Vec<Expr>,
        /// The query.
        query: Box<Select>,
        /// Whether they must not be there.
        negated: bool,
    },
}
