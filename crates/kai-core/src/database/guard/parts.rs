//! Whether the numbers of a query's column are parts of a whole, which its expression tells: counts and sums
//! are, averages are not.

use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    ObjectNamePart, Query, SelectItem, SetExpr, Statement,
};

use super::{CheckedQuery, quick};

impl CheckedQuery {
    /// Whether the column in this place, of so many, can be added up over the rows; none where the query
    /// does not tell.
    pub fn adds_up(&self, place: usize, columns: usize) -> Option<bool> {
        let reader = quick::dialect(self.guard.dialect);
        let parsed = self.guard.parse_one(&*reader, &self.sql).ok()?;
        let Statement::Query(query) = &parsed.statement else {
            return None;
        };
        let items = items(query)?;
        // With a star, the places are others.
        match items.get(place).filter(|_| items.len() == columns)? {
            SelectItem::UnnamedExpr(expression)
            | SelectItem::ExprWithAlias {
                expr: expression, ..
            } => of_expression(expression),
            _ => None,
        }
    }
}

/// What the outermost `SELECT` of a query shows.
fn items(query: &Query) -> Option<&[SelectItem]> {
    match query.body.as_ref() {
        SetExpr::Select(select) => Some(&select.projection),
        SetExpr::Query(query) => items(query),
        _ => None,
    }
}

fn of_expression(expression: &Expr) -> Option<bool> {
    match expression {
        Expr::Nested(inner)
        | Expr::Cast { expr: inner, .. }
        | Expr::Ceil { expr: inner, .. }
        | Expr::Floor { expr: inner, .. }
        | Expr::UnaryOp { expr: inner, .. } => of_expression(inner),
        Expr::Function(function) => of_function(function),
        Expr::BinaryOp { left, op, right } => of_operation(left, op, right),
        _ => None,
    }
}

fn of_operation(left: &Expr, operator: &BinaryOperator, right: &Expr) -> Option<bool> {
    let is_literal = |side: &Expr| matches!(side, Expr::Value(_));
    match operator {
        // In thousands, or in another currency.
        BinaryOperator::Multiply if is_literal(left) => of_expression(right),
        BinaryOperator::Multiply | BinaryOperator::Divide if is_literal(right) => {
            of_expression(left)
        }
        BinaryOperator::Plus | BinaryOperator::Minus => {
            Some(of_expression(left)? && of_expression(right)?)
        }
        BinaryOperator::Divide => Some(false),
        _ => None,
    }
}

fn of_function(function: &Function) -> Option<bool> {
    let Some(ObjectNamePart::Identifier(name)) = function.name.0.last() else {
        return None;
    };
    match name.value.to_lowercase().as_str() {
        // Over a window it runs on, or is the same in every row.
        "count" | "sum" | "total" => Some(function.over.is_none()),
        "round" | "coalesce" | "ifnull" | "nullif" | "abs" | "trunc" | "truncate" | "ceil"
        | "ceiling" | "floor" => of_expression(first_argument(function)?),
        "avg" | "min" | "max" | "median" | "mode" | "percentile_cont" | "percentile_disc"
        | "stddev" | "stddev_pop" | "stddev_samp" | "std" | "variance" | "var_pop" | "var_samp"
        | "corr" | "rank" | "dense_rank" | "row_number" | "extract" => Some(false),
        _ => None,
    }
}

fn first_argument(function: &Function) -> Option<&Expr> {
    let FunctionArguments::List(list) = &function.args else {
        return None;
    };
    match list.args.first()? {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => Some(expression),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::database::{Dialect, guard};

    #[test]
    fn counts_and_sums_add_up_and_averages_do_not() {
        let adds_up = |expression: &str| {
            let sql = format!("SELECT city, {expression} AS n FROM shop GROUP BY city");
            let each = [Dialect::Postgresql, Dialect::Mysql, Dialect::Sqlite]
                .map(|dialect| guard::check(&sql, dialect).map(|query| query.adds_up(1, 2)));
            let [Ok(first), Ok(second), Ok(third)] = each else {
                panic!("{expression}: {each:?}")
            };
            assert_eq!([first, second], [second, third], "{expression}");
            first
        };
        for part in [
            "COUNT(*)",
            "count(DISTINCT id)",
            "ROUND(SUM(price) / 1000, 2)",
            "COALESCE(SUM(price), 0)",
            "SUM(a) - SUM(b)",
            "(1000 * sum(price))",
        ] {
            assert_eq!(adds_up(part), Some(true), "{part}");
        }
        for other in [
            "AVG(price)",
            "ROUND(AVG(price), 2)",
            "MAX(price)",
            "SUM(price) / COUNT(*)",
            "SUM(price) - AVG(price)",
            "SUM(SUM(price)) OVER (ORDER BY city)",
        ] {
            assert_eq!(adds_up(other), Some(false), "{other}");
        }
        for unknown in ["price", "CASE WHEN 1 = 1 THEN 2 END"] {
            assert_eq!(adds_up(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_place_that_the_query_does_not_name_tells_nothing() {
        let place = |sql: &str, place, columns| {
            let query = guard::check(sql, Dialect::Sqlite);
            query.ok().and_then(|query| query.adds_up(place, columns))
        };
        assert_eq!(place("SELECT *, COUNT(*) FROM shop", 1, 3), None);
        assert_eq!(place("SELECT COUNT(*) FROM shop", 1, 1), None);
        assert_eq!(place("(SELECT AVG(a) FROM shop)", 0, 1), Some(false));
        assert_eq!(
            place("SELECT 1 UNION ALL SELECT COUNT(*) FROM shop", 0, 1),
            None
        );
    }
}
