//! What comes first in an order, all that share the place.

use super::output;
use crate::database::Dialect;
use crate::offline::cue::{Comparison, Function};
use crate::offline::plan::{Expr, Output, Predicate, Select, Shape, Source};
use crate::offline::schema::{ColumnId, Schema};

/// Keeps the rows with the greatest or least value of a column, all of them.
pub(super) fn first_rows(select: &mut Select, column: ColumnId, descending: bool) {
    let greatest = Expr::Aggregate(extreme(descending), Box::new(Expr::Column(column)));
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

/// Keeps the rows with the greatest or least value of a column among those that share `each`.
pub(super) fn first_of_each(
    select: &mut Select,
    each: &[Expr],
    column: ColumnId,
    descending: bool,
) {
    let value = Expr::Column(column);
    let greatest = Expr::Aggregate(extreme(descending), Box::new(value.clone()));
    let mut outputs: Vec<Output> = each.iter().enumerate().map(numbered).collect();
    outputs.push(looked_up(greatest, "n"));
    let inner = Select {
        distinct: false,
        outputs,
        groups: each.to_vec(),
        order: Vec::new(),
        limit: None,
        ..select.clone()
    };
    select.filters.push(Predicate::Within {
        exprs: each.iter().cloned().chain([value]).collect(),
        query: Box::new(inner),
        negated: false,
    });
}

/// Keeps the groups whose figure is the greatest or least among those that share `each`.
pub(super) fn first_groups_of_each(select: &mut Select, each: &[Expr]) {
    let Some((figure, descending)) = select.order.first().cloned() else {
        return;
    };
    let mut outputs: Vec<Output> = each.iter().enumerate().map(numbered).collect();
    let names: Vec<Expr> = outputs
        .iter()
        .map(|output| Expr::Named(output.alias.clone()))
        .collect();
    outputs.push(looked_up(figure.clone(), "n"));
    let mut groups = each.to_vec();
    groups.extend(select.groups.iter().cloned());
    let figures = Select {
        distinct: false,
        outputs,
        groups,
        order: Vec::new(),
        limit: None,
        ..select.clone()
    };
    let greatest = Expr::Aggregate(extreme(descending), Box::new(Expr::Named("n".to_owned())));
    let mut shown: Vec<Output> = names
        .iter()
        .cloned()
        .enumerate()
        .map(|(at, name)| looked_up(name, &format!("k{at}")))
        .collect();
    shown.push(looked_up(greatest, "n"));
    let inner = Select {
        distinct: false,
        outputs: shown,
        joins: Vec::new(),
        filters: Vec::new(),
        groups: names,
        having: Vec::new(),
        order: Vec::new(),
        limit: None,
        from: Source::Query(Box::new(figures)),
    };
    for key in each {
        if !select.groups.contains(key) {
            select.groups.push(key.clone());
        }
    }
    select.having.push(Predicate::Within {
        exprs: each.iter().cloned().chain([figure]).collect(),
        query: Box::new(inner),
        negated: false,
    });
}

fn extreme(descending: bool) -> Function {
    if descending {
        Function::Maximum
    } else {
        Function::Minimum
    }
}

fn looked_up(expr: Expr, name: &str) -> Output {
    output(expr, name.to_owned(), name.to_owned(), Shape::Plain)
}

fn numbered((at, expr): (usize, &Expr)) -> Output {
    looked_up(expr.clone(), &format!("k{at}"))
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
