//! What a parsed query may hold: each part is known to be harmless, or the query is refused.

mod expressions;

use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, GroupByExpr, GroupByWithModifier, Ident, JoinOperator, JsonTableColumn, LimitClause,
    ObjectName, OrderBy, OrderByExpr, OrderByKind, Query, Select, SelectFlavor, SetExpr, Statement,
    TableFactor, Value, ValueWithSpan, Visit, Visitor,
};

use super::super::Dialect;
use super::{Guard, Rejection};
use expressions::{QualifiedNames, TableFunction};

/// Checks every part of the query.
pub(super) fn check(guard: &Guard, query: &Query) -> Result<(), Rejection> {
    let mut checker = Checker {
        guard,
        table_functions: Vec::new(),
    };
    let mut flow = query.visit(&mut checker);
    if flow.is_continue() && !checker.table_functions.is_empty() {
        flow = query.visit(&mut QualifiedNames {
            dialect: guard.dialect,
            table_functions: checker.table_functions,
        });
    }
    match flow {
        ControlFlow::Break(rejection) => Err(*rejection),
        ControlFlow::Continue(()) => Ok(()),
    }
}

/// Walks the tree. The visitor reaches every node of the kinds below wherever it stands.
struct Checker<'a> {
    guard: &'a Guard,
    table_functions: Vec<TableFunction>,
}

type Flow = ControlFlow<Box<Rejection>>;

fn refuse(rejection: Rejection) -> Flow {
    ControlFlow::Break(Box::new(rejection))
}

fn construct(what: impl Into<String>) -> Flow {
    refuse(Rejection::Construct(what.into()))
}

/// Refuses where the condition holds.
fn refuse_if(condition: bool, what: &str) -> Flow {
    if condition {
        construct(what)
    } else {
        ControlFlow::Continue(())
    }
}

impl Visitor for Checker<'_> {
    type Break = Box<Rejection>;

    fn pre_visit_statement(&mut self, statement: &Statement) -> Flow {
        // Only statements inside the query come by here: they would change data.
        let text = statement.to_string();
        construct(format!("{} inside a query", super::first_word(&text)))
    }

    fn pre_visit_query(&mut self, query: &Query) -> Flow {
        let Query {
            with,
            body,
            order_by: _,
            limit_clause,
            fetch: _,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        refuse_if(!locks.is_empty(), "FOR UPDATE or FOR SHARE")?;
        refuse_if(for_clause.is_some(), "FOR XML or FOR JSON")?;
        refuse_if(settings.is_some(), "SETTINGS")?;
        refuse_if(format_clause.is_some(), "FORMAT")?;
        refuse_if(!pipe_operators.is_empty(), "the pipe operator |>")?;
        if let Some(LimitClause::LimitOffset { limit_by, .. }) = limit_clause {
            refuse_if(!limit_by.is_empty(), "LIMIT BY")?;
        }
        for table in with.iter().flat_map(|with| &with.cte_tables) {
            refuse_if(table.from.is_some(), "FROM after WITH")?;
        }
        check_body(body)
    }

    fn pre_visit_select(&mut self, select: &Select) -> Flow {
        // Taken apart by name, so that a part which a later version of the parser adds is decided
        // on here before this compiles again.
        let Select {
            select_token: _,
            optimizer_hints,
            distinct: _,
            select_modifiers,
            top,
            top_before_distinct: _,
            projection: _,
            exclude,
            into,
            from,
            lateral_views,
            prewhere,
            selection: _,
            connect_by,
            group_by,
            cluster_by,
            distribute_by,
            sort_by,
            having: _,
            named_window: _,
            qualify,
            window_before_qualify: _,
            value_table_mode,
            flavor,
        } = select;
        refuse_if(into.is_some(), "INTO")?;
        refuse_if(!optimizer_hints.is_empty(), "an optimizer hint")?;
        refuse_if(top.is_some(), "TOP")?;
        refuse_if(exclude.is_some(), "EXCLUDE")?;
        refuse_if(!lateral_views.is_empty(), "LATERAL VIEW")?;
        refuse_if(
            select_modifiers.is_some()
                || prewhere.is_some()
                || !connect_by.is_empty()
                || !cluster_by.is_empty()
                || !distribute_by.is_empty()
                || !sort_by.is_empty()
                || qualify.is_some()
                || value_table_mode.is_some()
                || *flavor != SelectFlavor::Standard,
            "a clause of another dialect",
        )?;
        refuse_if(
            !self.is_known_grouping(group_by),
            "GROUP BY ALL or GROUP BY … WITH",
        )?;
        for join in from.iter().flat_map(|table| &table.joins) {
            check_join(&join.join_operator)?;
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> Flow {
        match table {
            TableFactor::Table {
                name,
                alias,
                args,
                with_hints,
                version,
                with_ordinality: _,
                partitions,
                json_path,
                sample,
                index_hints,
            } => {
                refuse_if(sample.is_some(), "TABLESAMPLE")?;
                refuse_if(
                    !with_hints.is_empty()
                        || version.is_some()
                        || !partitions.is_empty()
                        || json_path.is_some()
                        || !index_hints.is_empty(),
                    "a table hint",
                )?;
                match args {
                    None => self.check_table(name),
                    Some(args) => {
                        refuse_if(args.settings.is_some(), "SETTINGS")?;
                        self.check_table_function(name, &args.args, alias.as_ref())
                    }
                }
            }
            TableFactor::Function {
                lateral: _,
                name,
                args,
                with_ordinality: _,
                alias,
            } => self.check_table_function(name, args, alias.as_ref()),
            TableFactor::UNNEST {
                alias, with_offset, ..
            } => {
                refuse_if(*with_offset, "WITH OFFSET")?;
                let name = ObjectName::from(vec![Ident::new("unnest")]);
                self.check_table_function(&name, &[], alias.as_ref())
            }
            TableFactor::Derived { sample, .. } => refuse_if(sample.is_some(), "TABLESAMPLE"),
            TableFactor::NestedJoin {
                table_with_joins, ..
            } => {
                for join in &table_with_joins.joins {
                    check_join(&join.join_operator)?;
                }
                ControlFlow::Continue(())
            }
            TableFactor::JsonTable { columns, .. } if self.guard.dialect == Dialect::Mysql => {
                self.check_json_columns(columns)
            }
            _ => construct("this kind of table in FROM"),
        }
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> Flow {
        self.check_expression(expression)
    }

    fn pre_visit_value(&mut self, value: &ValueWithSpan) -> Flow {
        match &value.value {
            Value::Number(..)
            | Value::SingleQuotedString(_)
            | Value::HexStringLiteral(_)
            | Value::Boolean(_)
            | Value::Null => ControlFlow::Continue(()),
            // SQLite takes a name in double quotes that is no column for a text; MySQL takes all.
            Value::DoubleQuotedString(_) if self.guard.dialect != Dialect::Postgresql => {
                ControlFlow::Continue(())
            }
            Value::Placeholder(name) => {
                construct(format!("the parameter {name} (write the value itself)"))
            }
            _ => construct("this form of literal (write texts as '…')"),
        }
    }

    fn pre_visit_order_by(&mut self, order_by: &OrderBy) -> Flow {
        refuse_if(matches!(order_by.kind, OrderByKind::All(_)), "ORDER BY ALL")?;
        refuse_if(order_by.interpolate.is_some(), "INTERPOLATE")
    }

    fn pre_visit_order_by_expr(&mut self, order: &OrderByExpr) -> Flow {
        refuse_if(order.with_fill.is_some(), "WITH FILL")
    }
}

impl Checker<'_> {
    /// Whether the groups are plain, or MySQL's way of asking for their totals.
    fn is_known_grouping(&self, group_by: &GroupByExpr) -> bool {
        match group_by {
            GroupByExpr::Expressions(_, modifiers) => match modifiers.as_slice() {
                [] => true,
                [GroupByWithModifier::Rollup] => self.guard.dialect == Dialect::Mysql,
                _ => false,
            },
            GroupByExpr::All(_) => false,
        }
    }

    fn check_json_columns(&self, columns: &[JsonTableColumn]) -> Flow {
        for column in columns {
            match column {
                JsonTableColumn::Named(named) => self.check_type(&named.r#type)?,
                JsonTableColumn::ForOrdinality(_) => {}
                JsonTableColumn::Nested(nested) => self.check_json_columns(&nested.columns)?,
            }
        }
        ControlFlow::Continue(())
    }
}

/// The operands of UNION and the like are no queries of their own, so the visitor passes them by.
fn check_body(body: &SetExpr) -> Flow {
    let mut body = body;
    loop {
        match body {
            SetExpr::SetOperation { left, right, .. } => {
                check_body(right)?;
                body = left;
            }
            SetExpr::Select(_) | SetExpr::Query(_) | SetExpr::Values(_) => {
                return ControlFlow::Continue(());
            }
            SetExpr::Table(_) => return construct("TABLE (write SELECT * FROM instead)"),
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                return construct("changing data inside a query");
            }
        }
    }
}

fn check_join(operator: &JoinOperator) -> Flow {
    match operator {
        JoinOperator::Join(_)
        | JoinOperator::Inner(_)
        | JoinOperator::Left(_)
        | JoinOperator::LeftOuter(_)
        | JoinOperator::Right(_)
        | JoinOperator::RightOuter(_)
        | JoinOperator::FullOuter(_)
        | JoinOperator::CrossJoin(_) => ControlFlow::Continue(()),
        _ => construct("this kind of JOIN"),
    }
}

/// A piece of the query, short enough for a message.
fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
