//! The expressions, names and calls that a query may hold.

use std::ops::ControlFlow;

use sqlparser::ast::{
    AccessExpr, BinaryOperator, CastKind, DataType, Expr, FunctionArg, FunctionArguments, Ident,
    ObjectName, ObjectNamePart, TableAlias, UnaryOperator, Visitor,
};

use super::super::super::Dialect;
use super::super::{Rejection, functions, names, types};
use super::{Checker, Flow, construct, refuse, refuse_if, shortened};

impl Checker<'_> {
    pub(super) fn check_expression(&mut self, expression: &Expr) -> Flow {
        match expression {
            Expr::Identifier(name) => self.check_bare_name(name),
            Expr::CompoundFieldAccess { access_chain, .. } => refuse_if(
                // PostgreSQL calls a function for a field that the value does not have.
                access_chain
                    .iter()
                    .any(|access| matches!(access, AccessExpr::Dot(_))),
                "a field of a value, as in (value).field",
            ),
            Expr::BinaryOp { op, .. }
            | Expr::AnyOp { compare_op: op, .. }
            | Expr::AllOp { compare_op: op, .. } => check_operator(self.guard.dialect, op),
            Expr::UnaryOp { op, .. } => check_unary_operator(self.guard.dialect, *op),
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
            Expr::Convert {
                is_try: false,
                data_type,
                target_before_value: false,
                styles,
                ..
            } if self.guard.dialect == Dialect::Mysql && styles.is_empty() => data_type
                .as_ref()
                .map_or(ControlFlow::Continue(()), |data_type| {
                    self.check_type(data_type)
                }),
            Expr::Trim {
                trim_what,
                trim_characters,
                ..
            } if self.guard.dialect == Dialect::Sqlite => {
                let characters = trim_characters.iter().flatten().chain(trim_what.as_deref());
                match functions::patterns::trim_problem(characters) {
                    Some(problem) => refuse(Rejection::FunctionArgument(problem)),
                    None => ControlFlow::Continue(()),
                }
            }
            Expr::RLike { .. } | Expr::MatchAgainst { .. } => refuse_if(
                self.guard.dialect != Dialect::Mysql,
                "an operator of another dialect",
            ),
            Expr::Collate { collation, .. } => refuse_if(
                collation.0.iter().any(|part| part.as_ident().is_none()),
                "this collation",
            ),
            _ if is_harmless(expression) => ControlFlow::Continue(()),
            other => construct(format!("the expression {}", shortened(&other.to_string()))),
        }
    }

    pub(super) fn check_type(&self, data_type: &DataType) -> Flow {
        if types::is_allowed(self.guard, data_type) {
            ControlFlow::Continue(())
        } else {
            refuse(Rejection::Type(shortened(&data_type.to_string())))
        }
    }

    pub(super) fn check_table(&self, name: &ObjectName) -> Flow {
        if names::is_readable_table(self.guard, name) {
            ControlFlow::Continue(())
        } else {
            refuse(self.guard.table(shortened(&name.to_string())))
        }
    }

    /// Names that are settings of the session when they stand alone.
    fn check_bare_name(&self, name: &Ident) -> Flow {
        let settings: &[&str] = match self.guard.dialect {
            Dialect::Postgresql => &[
                "current_catalog",
                "current_role",
                "current_schema",
                "current_user",
                "session_user",
                "system_user",
                "user",
            ],
            Dialect::Mysql => &["current_role", "current_user"],
            Dialect::Sqlite => &[],
        };
        if name.quote_style.is_none()
            && settings
                .iter()
                .any(|setting| name.value.eq_ignore_ascii_case(setting))
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
        match functions::argument_problem(self.guard.dialect, &folded, arguments) {
            Some(problem) => refuse(Rejection::FunctionArgument(problem)),
            None => ControlFlow::Continue(()),
        }
    }

    pub(super) fn check_table_function(
        &mut self,
        name: &ObjectName,
        arguments: &[FunctionArg],
        alias: Option<&TableAlias>,
    ) -> Flow {
        self.check_function(name, arguments)?;
        let (known_as, mut columns): (&Ident, Vec<&Ident>) = match (alias, name.0.as_slice()) {
            (Some(alias), _) => (
                &alias.name,
                alias.columns.iter().map(|column| &column.name).collect(),
            ),
            (None, [ObjectNamePart::Identifier(name)]) => (name, Vec::new()),
            (None, _) => return construct("a function in FROM without a name for it"),
        };
        if columns.is_empty() {
            // A function with one column calls it as itself is called.
            columns.push(known_as);
        }
        refuse_if(
            !columns
                .iter()
                .chain([&known_as])
                .all(|name| names::is_plain(name)),
            "a name like this for a function in FROM (use a short one in plain letters)",
        )?;
        let dialect = self.guard.dialect;
        let column = |name: &&Ident| names::folded(dialect, name).into_owned();
        self.table_functions.push(TableFunction {
            name: names::lower(known_as).into_owned(),
            columns: columns.iter().map(column).collect(),
        });
        ControlFlow::Continue(())
    }
}

/// Looks at the names of the form `a.b` in a query that calls functions in `FROM`.
///
/// PostgreSQL reads `f.g` as the call `g(f)` where `f` is a function in FROM that returns plain values and
/// `g` is none of its columns. So after such an `f` only its columns may follow.
pub(super) struct QualifiedNames {
    pub(super) dialect: Dialect,
    pub(super) table_functions: Vec<TableFunction>,
}

/// A function in `FROM`.
pub(super) struct TableFunction {
    /// What it is known as, in lower case.
    name: String,
    /// The columns that it is known to have, as the database reads them.
    columns: Vec<String>,
}

impl Visitor for QualifiedNames {
    type Break = Box<Rejection>;

    fn pre_visit_expr(&mut self, expression: &Expr) -> Flow {
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
        let Expr::CompoundIdentifier(parts) = expression else {
            return ControlFlow::Continue(());
        };
        let [table, column] = parts.as_slice() else {
            return ControlFlow::Continue(());
        };
        let read = names::folded(self.dialect, column);
        let is_column = |known: &TableFunction| {
            USUAL.contains(&read.as_ref()) || known.columns.iter().any(|column| *column == read)
        };
        let refused = self
            .table_functions
            .iter()
            .any(|known| names::may_be(table, &known.name) && !is_column(known));
        if refused {
            return construct(format!(
                "{} (of a function in FROM only the columns can be used that are named with it, as in \
                 AS f(x))",
                shortened(&format!("{table}.{column}")),
            ));
        }
        ControlFlow::Continue(())
    }
}

/// Whether an expression is of a kind that has nothing to check but its parts.
fn is_harmless(expression: &Expr) -> bool {
    matches!(
        expression,
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
            | Expr::CompoundIdentifier(_)
            | Expr::Array(_)
            | Expr::Interval(_)
            | Expr::Wildcard(_)
            | Expr::QualifiedWildcard(..)
    )
}

/// Operators compute from their operands. One that a schema names, or that nobody knows, may be anything;
/// one of another dialect would be read by the server in its own way.
fn check_operator(dialect: Dialect, operator: &BinaryOperator) -> Flow {
    let is_common = matches!(
        operator,
        BinaryOperator::Plus
            | BinaryOperator::Minus
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Modulo
            | BinaryOperator::StringConcat
            | BinaryOperator::Gt
            | BinaryOperator::Lt
            | BinaryOperator::GtEq
            | BinaryOperator::LtEq
            | BinaryOperator::Eq
            | BinaryOperator::NotEq
            | BinaryOperator::And
            | BinaryOperator::Or
            | BinaryOperator::BitwiseOr
            | BinaryOperator::BitwiseAnd
            | BinaryOperator::Arrow
            | BinaryOperator::LongArrow
    );
    let is_known = match dialect {
        Dialect::Postgresql => !matches!(
            operator,
            BinaryOperator::Custom(_)
                | BinaryOperator::PGCustomBinaryOperator(_)
                | BinaryOperator::Assignment
        ),
        Dialect::Mysql => {
            is_common
                || matches!(
                    operator,
                    BinaryOperator::Spaceship
                        | BinaryOperator::Xor
                        | BinaryOperator::BitwiseXor
                        | BinaryOperator::PGBitwiseShiftLeft
                        | BinaryOperator::PGBitwiseShiftRight
                        | BinaryOperator::MyIntegerDivide
                )
        }
        Dialect::Sqlite => {
            is_common
                || matches!(
                    operator,
                    BinaryOperator::Match | BinaryOperator::Regexp | BinaryOperator::Glob
                )
        }
    };
    refuse_if(!is_known, "this operator")
}

/// The same for those with one operand.
fn check_unary_operator(dialect: Dialect, operator: UnaryOperator) -> Flow {
    let is_known = dialect == Dialect::Postgresql
        || matches!(
            operator,
            UnaryOperator::Plus
                | UnaryOperator::Minus
                | UnaryOperator::Not
                | UnaryOperator::BitwiseNot
                | UnaryOperator::BangNot
        );
    refuse_if(!is_known, "this operator")
}
