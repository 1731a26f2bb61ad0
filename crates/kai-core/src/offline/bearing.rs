//! What a query must bear of its question: its verbs, its "per", and more than its own conditions.

use super::compose::Plan;
use super::cue::Cue;
use super::intent::{Intent, Measure, Test};
use super::plan::{Expr, Predicate};
use super::schema::{ColumnId, Kind, Schema, TableId};
use super::terms::Term;

/// Whether all that a query shows is what its own conditions say already.
pub(super) fn echoes(plan: &Plan) -> bool {
    let select = &plan.select;
    let fixed = |expr: &Expr| {
        select.filters.iter().any(|filter| {
            matches!(filter, Predicate::OneOf { expr: tested, values, negated: false }
                if tested == expr && values.len() == 1)
        })
    };
    let mut outputs = select.outputs.iter();
    select.groups.is_empty() && outputs.all(|output| fixed(&output.expr))
}

/// Whether one figure is asked for where the question says "per": that of "the average age per
/// student" is meant so, but a reading that has the groups is likelier.
pub(super) fn ignores_each(intent: &Intent, terms: &[(usize, Term)]) -> bool {
    let each = terms.iter().any(|(_, term)| *term == Term::Cue(Cue::Each));
    let of_column = |measure: &Measure| matches!(measure, Measure::Of(..));
    each && intent.groups.is_empty() && intent.measures.iter().any(of_column)
}

pub(super) fn is_verb(term: &Term) -> bool {
    matches!(term, Term::Cue(Cue::Relation | Cue::Verb))
}

/// Whether what the question's verbs relate is in the query: two things, or a thing and a value or a
/// number of it. A verb that nobody knows relates only what is spoken of, and through nothing else.
pub(super) fn bears_its_verbs(
    intent: &Intent,
    terms: &[(usize, Term)],
    plan: &Plan,
    schema: &Schema,
    says_we: bool,
) -> bool {
    let of_column = intent
        .measures
        .iter()
        .any(|measure| matches!(measure, Measure::Of(..)));
    if !terms.iter().any(|(_, term)| is_verb(term)) {
        return true;
    }
    let mut tables = Vec::new();
    plan.select.add_tables(schema, &mut tables);
    let related = tables.len() > 1
        || !intent.existence.is_empty()
        || !intent.events.is_empty()
        || !intent.having.is_empty()
        || intent.filters.iter().any(|filter| {
            matches!(
                filter.test,
                Test::OneOf { negated: false, .. } | Test::Compare(..) | Test::Against { .. }
            )
        });
    let assumed = terms.iter().any(|(_, term)| *term == Term::Cue(Cue::Verb));
    // "loans that we disbursed in 2023": the verb tells which day is meant.
    let dated = says_we
        && tables.len() == 1
        && intent.filters.iter().any(|filter| {
            matches!(filter.test, Test::Dated(..)) && has_one_date(filter.column, schema)
        });
    if dated {
        return true;
    }
    if !assumed {
        return of_column || related;
    }
    // "won in Oslo": where no second thing is named, what is said of the first one is lost.
    let placed = terms.windows(2).enumerate().any(|(at, pair)| {
        // "sitting in active accounts" names where, and that is in the query.
        let named = matches!(
            (terms.get(at + 2), terms.get(at + 3)),
            (Some((_, Term::Table(_))), _)
                | (Some((_, Term::Values(..))), Some((_, Term::Table(_))))
        );
        // "bring in more" has no place.
        let place = matches!(
            terms.get(at + 2),
            None | Some((_, Term::Values(..) | Term::Quantity(_) | Term::Dates(_)))
        );
        matches!(pair, [(_, Term::Cue(Cue::Verb)), (_, Term::Cue(Cue::At))]) && place && !named
    });
    let mut things: Vec<&TableId> = Vec::new();
    for (_, term) in terms {
        if let Term::Table(table) = term
            && !things.contains(&table)
        {
            things.push(table);
        }
    }
    if placed && things.len() < 2 {
        return false;
    }
    let named = |table: &TableId| {
        intent.happened == Some(*table)
            || terms.iter().any(|(_, term)| match term {
                Term::Table(named) => named == table,
                Term::Column(column) | Term::Values(column, _) => column.table == *table,
                _ => false,
            })
    };
    // "who grows A": the value is what the verb is about, wherever it stands.
    let of_value = terms
        .windows(2)
        .any(|pair| matches!(pair, [(_, Term::Cue(Cue::Verb)), (_, Term::Values(..))]));
    // What each row of a named thing belongs to lies on the way to another named thing.
    let joined: Vec<TableId> = plan.select.joined_tables(schema);
    let owned = |table: &TableId| {
        joined.contains(table)
            && joined.first().is_some_and(named)
            && joined.last().is_some_and(named)
    };
    (of_column || related)
        && (of_value
            || tables
                .iter()
                .all(|table| named(table) || owned(table) || schema.is_junction(*table)))
}

/// Whether a column is the only one of its table that tells a time.
fn has_one_date(column: ColumnId, schema: &Schema) -> bool {
    let times = schema
        .columns(column.table)
        .filter(|(_, info)| matches!(info.kind, Kind::Date | Kind::Year));
    times.count() == 1
}
