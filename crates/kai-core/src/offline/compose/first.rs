//! What comes first in an order, all that share the place.

use super::output;
use crate::database::Dialect;
use crate::offline::cue::{Comparison, Function};
use crate::offline::plan::{Expr, Predicate, Select, Shape};
use crate::offline::schema::{ColumnId, Schema};

/// Keeps the rows with the greatest or least value of a column, all of them.
pub(super) fn first_rows(select: &mut Select, column: ColumnId, descending: bool) {
    let function = if descending {
        Function::Maximum
    } else {
        Function::Minimum
    };
    let greatest = Expr::Aggregate(function, Box::new(Expr::Column(column)));
    let inner = Select {
        distinct: false,
        outputs: vec![output(
            greatest,
            "n".to_owned(),
            "n".to_owned(),
            Shape::Plain,
        )],
        order: Vec::new(),
        limit: None,
        ..select.clone()
    };
    select.filters.push(Predicate::Compare(
        Expr::Column(column),
        Comparison::Equal,
        Expr::Query(Box::new(inner)),
    ));
}

/// Keeps the groups that come first in the order: all that share the greatest or least figure.
pub(super) fn first_groups(select: &mut Select, schema: &Schema) {
    let Some((figure, descending)) = select.order.first().cloned() else {
        return;
    };
    // PostgreSQL may add floating-point numbers up in another order the second time.
    let inexact = matches!(
        figure,
        Expr::Aggregate(Function::Sum | Function::Average, _)
    );
    if inexact && schema.dialect == Dialect::Postgresql {
        select.limit = Some(1);
        return;
    }
    let inner = Select {
        distinct: false,
        outputs: vec![output(
            figure.clone(),
            "n".to_owned(),
            "n".to_owned(),
            Shape::Plain,
        )],
        order: vec![(figure.clone(), descending)],
        limit: Some(1),
        ..select.clone()
    };
    select.having.push(Predicate::Compare(
        figure,
        Comparison::Equal,
        Expr::Query(Box::new(inner)),
    ));
}
