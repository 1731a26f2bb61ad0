//! What a parsed query may hold: each part is known to be harmless, or the query is refused.

use std::ops::ControlFlow;

use sqlparser::ast::{
    AccessExpr, BinaryOperator, CastKind, DataType, Expr, FunctionArg, FunctionArguments,
    GroupByExpr, Ident, JoinOperator, LimitClause, ObjectName, ObjectNamePart, OrderBy,
    OrderByExpr, OrderByKind, Query, Select, SelectFlavor, SetExpr, Statement, TableAlias,
    TableFactor, Value, ValueWithSpan, Visit, Visitor,
};

use super::super::Dialect;
use super::{Guard, Rejection, functions, names, types};

/// Checks every part of the query.
pub(super) fn check(guard: &Guard, query: &Query) -> Result<(), Rejection> {
    let mut checker = Checker {
        guard,
        table_functions: Vec::new(),
        qualified: Vec::new(),
    };
    match query.visit(&mut checker) {
        ControlFlow::Break(rejection) => Err(*rejection),
        ControlFlow::Continue(()) => checker.check_qualified_names(),
    }
}

/// Walks the tree. The visitor reaches every node of the kinds below wherever it stands.
struct Checker<'a> {
    guard: &'a Guard,
    /// The table functions in `FROM`, and the columns that they are known to have.
    table_functions: Vec<(String, Vec<String>)>,
    /// The names of the form `a.b` that are read as values.
    qualified: Vec<(Ident, Ident)>,
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
            !matches!(group_by, GroupByExpr::Expressions(_, modifiers) if modifiers.is_empty()),
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
            // SQLite takes a name in double quotes that is no column for a text.
            Value::DoubleQuotedString(_) if self.guard.dialect == Dialect::Sqlite => {
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
    fn check_expression(&mut self, expression: &Expr) -> Flow {
        match expression {
            Expr::Identifier(name) => self.check_bare_name(name),
            Expr::CompoundIdentifier(parts) => {
                if let [table, column] = parts.as_slice() {
                    self.qualified.push((table.clone(), column.clone()));
                }
                ControlFlow::Continue(())
            }
            Expr::CompoundFieldAccess { access_chain, .. } => refuse_if(
                // PostgreSQL calls a function for a field that the value does not have.
                access_chain
                    .iter()
                    .any(|access| matches!(access, AccessExpr::Dot(_))),
                "a field of a value, as in (value).field",
            ),
            Expr::BinaryOp { op, .. }
            | Expr::AnyOp { compare_op: op, .. }
            | Expr::AllOp { compare_op: op, .. } => check_operator(op),
            Expr::Cast {
                kind,
                data_type,
                format,
                ..
            } => {
                refuse_if(
                    format.is_some() || !matches!(kind, CastKind::Cast | CastKind::DoubleColon),
                    "this form of CAST",
                )?;
                self.check_type(data_type)
            }
            Expr::TypedString(typed) => {
                refuse_if(typed.uses_odbc_syntax, "a literal in braces")?;
                self.check_type(&typed.data_type)
            }
            Expr::Function(function) => {
                refuse_if(
                    function.uses_odbc_syntax
                        || !matches!(function.parameters, FunctionArguments::None),
                    "this form of function call",
                )?;
                let arguments = match &function.args {
                    FunctionArguments::List(list) => list.args.as_slice(),
                    FunctionArguments::None | FunctionArguments::Subquery(_) => &[],
                };
                self.check_function(&function.name, arguments)
            }
            Expr::Collate { collation, .. } => refuse_if(
                collation.0.iter().any(|part| part.as_ident().is_none()),
                "this collation",
            ),
            Expr::IsFalse(_)
            | Expr::IsNotFalse(_)
            | Expr::IsTrue(_)
            | Expr::IsNotTrue(_)
            | Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::IsUnknown(_)
            | Expr::IsNotUnknown(_)
            | Expr::IsDistinctFrom(..)
            | Expr::IsNotDistinctFrom(..)
            | Expr::InList { .. }
            | Expr::InSubquery { .. }
            | Expr::Between { .. }
            | Expr::Like { any: false, .. }
            | Expr::ILike { any: false, .. }
            | Expr::SimilarTo { .. }
            | Expr::UnaryOp { .. }
            | Expr::AtTimeZone { .. }
            | Expr::Extract { .. }
            | Expr::Ceil { .. }
            | Expr::Floor { .. }
            | Expr::Position { .. }
            | Expr::Substring { .. }
            | Expr::Trim { .. }
            | Expr::Overlay { .. }
            | Expr::Nested(_)
            | Expr::Value(_)
            | Expr::Case { .. }
            | Expr::Exists { .. }
            | Expr::Subquery(_)
            | Expr::GroupingSets(_)
            | Expr::Cube(_)
            | Expr::Rollup(_)
            | Expr::Tuple(_)
            | Expr::Array(_)
            | Expr::Interval(_)
            | Expr::Wildcard(_)
            | Expr::QualifiedWildcard(..) => ControlFlow::Continue(()),
            other => construct(format!("the expression {}", shortened(&other.to_string()))),
        }
    }

    fn check_type(&self, data_type: &DataType) -> Flow {
        if types::is_allowed(self.guard, data_type) {
            ControlFlow::Continue(())
        } else {
            refuse(Rejection::Type(shortened(&data_type.to_string())))
        }
    }

    fn check_table(&self, name: &ObjectName) -> Flow {
        if names::is_readable_table(self.guard, name) {
            ControlFlow::Continue(())
        } else {
            refuse(self.guard.table(shortened(&name.to_string())))
        }
    }

    /// Names that PostgreSQL reads as the session's settings when they stand alone.
    fn check_bare_name(&self, name: &Ident) -> Flow {
        const SESSION: &[&str] = &[
            "current_catalog",
            "current_role",
            "current_schema",
            "current_user",
            "session_user",
            "system_user",
            "user",
        ];
        if self.guard.dialect == Dialect::Postgresql
            && name.quote_style.is_none()
            && SESSION.contains(&name.value.to_ascii_lowercase().as_str())
        {
            return construct(format!("{} (a setting of the session)", name.value));
        }
        ControlFlow::Continue(())
    }

    fn check_function(&self, name: &ObjectName, arguments: &[FunctionArg]) -> Flow {
        let refused = || refuse(Rejection::Function(shortened(&name.to_string())));
        let [ObjectNamePart::Identifier(ident)] = name.0.as_slice() else {
            return refused();
        };
        let folded = names::folded(self.guard.dialect, ident);
        if !functions::is_allowed(self.guard.dialect, &folded) {
            return refused();
        }
        match functions::argument_problem(&folded, arguments) {
            Some(problem) => refuse(Rejection::FunctionArgument(problem)),
            None => ControlFlow::Continue(()),
        }
    }

    fn check_table_function(
        &mut self,
        name: &ObjectName,
        arguments: &[FunctionArg],
        alias: Option<&TableAlias>,
    ) -> Flow {
        self.check_function(name, arguments)?;
        let known_as =
            alias.map_or_else(|| name.to_string(), |alias| names::unescaped(&alias.name));
        let mut columns: Vec<_> = alias
            .iter()
            .flat_map(|alias| &alias.columns)
            .map(|column| names::unescaped(&column.name).to_lowercase())
            .collect();
        if columns.is_empty() {
            // A function with one column calls it as itself is called.
            columns.push(known_as.to_lowercase());
        }
        self.table_functions
            .push((known_as.to_lowercase(), columns));
        ControlFlow::Continue(())
    }

    /// PostgreSQL reads `f.g` as the call `g(f)` where `f` is a function in FROM that returns plain
    /// values and `g` is none of its columns. So after such an `f` only its columns may follow.
    fn check_qualified_names(&self) -> Result<(), Rejection> {
        const USUAL: &[&str] = &[
            "key",
            "value",
            "ordinality",
            "type",
            "atom",
            "id",
            "parent",
            "fullkey",
            "path",
        ];
        for (table, column) in &self.qualified {
            let table = names::unescaped(table).to_lowercase();
            let column = names::unescaped(column).to_lowercase();
            let refused = self
                .table_functions
                .iter()
                .filter(|(name, _)| *name == table)
                .any(|(_, columns)| {
                    !columns.contains(&column) && !USUAL.contains(&column.as_str())
                });
            if refused {
                return Err(Rejection::Construct(format!(
                    "{} (of a function in FROM only the columns can be used that are named with it, \
                     as in AS f(x))",
                    shortened(&format!("{table}.{column}")),
                )));
            }
        }
        Ok(())
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

fn check_operator(operator: &BinaryOperator) -> Flow {
    refuse_if(
        matches!(
            operator,
            BinaryOperator::Custom(_)
                | BinaryOperator::PGCustomBinaryOperator(_)
                | BinaryOperator::Assignment
        ),
        "this operator",
    )
}

/// A piece of the query, short enough for a message.
fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
