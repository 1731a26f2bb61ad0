//! Composing: from what a question asks for to a query plan over the foreign-key graph.

use super::cue::Comparison;
use super::intent::{Filter, Group, Intent, Measure, RankBy, Test};
use super::plan::{Expr, Output, Predicate, Select, Shape};
use super::schema::{ColumnId, Kind, Schema, TableId};
use crate::language::Language;

mod conditions;
mod first;
mod naming;
mod scope;
mod special;

use first::{first_groups, first_groups_of_each, first_of_each, first_rows};
use naming::{Naming, make_unique};
use scope::{Scope, bound};

/// How many rows a plain list shows.
pub(super) const LIST_LIMIT: u64 = 100;

/// A query and what is known of its result.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    /// The query.
    pub(super) select: Select,
    /// How many tables it joins: the fewer, the likelier it is what was meant.
    pub(super) size: usize,
    /// Whether the list is cut only because lists are kept short.
    pub(super) capped: bool,
}

/// Why a question that was read cannot be answered by one query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No foreign keys lead from one to the other.
    Apart(TableId, TableId),
    /// Several references lead from one to the other, and the question does not say which it means.
    SeveralWays(TableId, TableId),
    /// Its rows would count several times.
    CountedTwice(TableId),
    /// It asks for nothing.
    Nothing,
}

/// Composes the query that answers.
pub(super) fn compose(
    intent: &Intent,
    schema: &Schema,
    language: Language,
) -> Result<Plan, Refusal> {
    if intent.is_empty() {
        return Err(Refusal::Nothing);
    }
    let composer = Composer {
        schema,
        naming: Naming { schema, language },
        intent,
    };
    let ranked_figure =
        matches!(intent.ranking, Some(ranking) if matches!(ranking.by, RankBy::Measure(_)));
    if let [Measure::MeanCount { of, per }] = intent.measures.as_slice() {
        composer.mean_count(*of, *per)
    } else if let [Measure::Share(table)] = intent.measures.as_slice() {
        composer.share(*table, None)
    } else if let [Measure::Portion(column)] = intent.measures.as_slice() {
        composer.share(column.table, Some(*column))
    } else if !intent.measures.is_empty() || !intent.groups.is_empty() || ranked_figure {
        composer.figures()
    } else {
        composer.list()
    }
}

/// How a figure is called.
pub(super) fn figure_words(measure: Measure, schema: &Schema, language: Language) -> String {
    Naming { schema, language }
        .figure(measure, Expr::CountRows)
        .heading
}

struct Composer<'a> {
    schema: &'a Schema,
    naming: Naming<'a>,
    intent: &'a Intent,
}

impl Composer<'_> {
    /// Whether a figure is part of the answer. One that only restricts the groups is not, where it is
    /// the groups that are asked for.
    fn is_asked_for(&self, figure: Measure) -> bool {
        let ranks = matches!(
            self.intent.ranking.map(|ranking| ranking.by),
            Some(RankBy::Measure(measure)) if measure == figure
        );
        ranks || self.intent.groups.is_empty() || self.intent.measures.contains(&figure)
    }

    /// The figures of the query: those asked for, then the one that ranks or restricts.
    fn figures_of_query(&self) -> Vec<Measure> {
        let intent = self.intent;
        let mut figures = intent.measures.clone();
        if figures.is_empty() {
            figures.extend(intent.having.iter().map(|having| having.measure));
        }
        if let Some(RankBy::Measure(measure)) = intent.ranking.map(|ranking| ranking.by) {
            figures.push(measure);
        }
        let mut unique: Vec<Measure> = Vec::new();
        for figure in figures {
            if !unique.contains(&figure) {
                unique.push(figure);
            }
        }
        unique
    }

    fn figures(&self) -> Result<Plan, Refusal> {
        let intent = self.intent;
        let figures = self.figures_of_query();
        let mut tables: Vec<TableId> = figures.iter().map(|figure| figure.table()).collect();
        tables.sort_unstable();
        tables.dedup();
        if tables.is_empty() {
            return Err(Refusal::Nothing);
        }
        let mut wanted = tables.clone();
        wanted.extend(intent.groups.iter().map(|group| group.table()));
        if let (true, [table]) = (intent.groups.is_empty(), tables.as_slice()) {
            return self.in_one(*table, &figures);
        }
        let root = self.schema.root(&wanted);
        match (root, tables.as_slice()) {
            (Some(root), [_]) => self.in_one(root, &figures),
            (_, [first]) => Err(Refusal::Apart(
                *first,
                wanted.last().copied().unwrap_or(*first),
            )),
            _ => self.side_by_side(&figures),
        }
    }

    /// Figures over the rows of one table.
    fn in_one(&self, root: TableId, figures: &[Measure]) -> Result<Plan, Refusal> {
        let intent = self.intent;
        let mut scope = Scope::new(self.schema, root);
        scope.named.clone_from(&intent.named);
        let grouped = self.add_groups(&mut scope)?;
        let restricted = !intent.having.is_empty() || intent.ranking.is_some();
        scope.apply(&intent.filters, &intent.existence)?;
        scope.apply_events(&intent.events)?;
        for having in &intent.having {
            if having.measure.table() == root && !intent.groups.is_empty() {
                let figure = scope.figure(having.measure)?;
                let bound = bound(having, &intent.filters, self.schema)?;
                scope
                    .select
                    .having
                    .push(Predicate::Compare(figure, having.comparison, bound));
            } else {
                let predicate = scope.counted(having, &[])?;
                scope.select.filters.push(predicate);
            }
        }
        let own = |group: &Group, figure: &Measure| matches!((group, figure), (Group::Column(group), Measure::Of(_, column)) if group == column);
        if intent
            .groups
            .iter()
            .any(|group| figures.iter().any(|figure| own(group, figure)))
        {
            return Err(Refusal::Nothing);
        }
        for figure in figures.iter().filter(|figure| self.is_asked_for(**figure)) {
            let expr = scope.figure(*figure)?;
            scope.select.outputs.push(self.naming.figure(*figure, expr));
        }
        if restricted {
            // Rows that have no value for the group are no group of their own among the first.
            for group in &intent.groups {
                if let Group::Column(column) | Group::Year(column) | Group::Month(column) = group
                    && self.schema.column(*column).nullable
                {
                    scope
                        .select
                        .filters
                        .push(Predicate::Null(Expr::Column(*column), false));
                }
            }
        }
        self.order_figures(&mut scope, figures, &grouped)?;
        if intent.extreme && !intent.best_of.is_empty() {
            let each = self.group_keys(&intent.best_of);
            first_groups_of_each(&mut scope.select, &each);
        } else if intent.extreme && !intent.groups.is_empty() {
            first_groups(&mut scope.select, self.schema);
        }
        if let Some(limit) = intent.limit.filter(|_| !intent.groups.is_empty()) {
            scope.select.limit = Some(limit);
        }
        let size = scope.size();
        make_unique(&mut scope.select.outputs);
        Ok(Plan {
            select: scope.select,
            size,
            capped: false,
        })
    }

    /// What tells the groups apart: the key of a thing, or the value itself.
    fn group_keys(&self, groups: &[Group]) -> Vec<Expr> {
        let keys = groups.iter().flat_map(|group| match group {
            Group::Entity(table) => self
                .schema
                .key(*table)
                .into_iter()
                .map(Expr::Column)
                .collect(),
            other => {
                let outputs = self.naming.group(*other).into_iter();
                outputs.map(|output| output.expr).collect::<Vec<_>>()
            }
        });
        keys.collect()
    }

    /// Adds the groups' columns; those that break ties in an order.
    fn add_groups(&self, scope: &mut Scope<'_>) -> Result<Vec<Expr>, Refusal> {
        let mut ties = Vec::new();
        for group in &self.intent.groups {
            scope.reach(group.table())?;
            let outputs = self.naming.group(*group);
            for output in &outputs {
                scope.select.groups.push(output.expr.clone());
                ties.push(output.expr.clone());
            }
            scope.select.outputs.extend(outputs);
            if let Group::Entity(table) = group {
                // Two things of one name stay two.
                for key in self.schema.key(*table) {
                    let key = Expr::Column(key);
                    if !scope.select.groups.contains(&key) {
                        scope.select.groups.push(key.clone());
                        ties.push(key);
                    }
                }
            }
        }
        Ok(ties)
    }

    fn order_figures(
        &self,
        scope: &mut Scope<'_>,
        figures: &[Measure],
        ties: &[Expr],
    ) -> Result<(), Refusal> {
        if self.intent.groups.is_empty() {
            return Ok(());
        }
        let timed = self.intent.groups.iter().any(|group| match group {
            Group::Year(_) | Group::Month(_) => true,
            Group::Column(column) => self.schema.column(*column).kind == Kind::Year,
            Group::Entity(_) => false,
        });
        match self
            .intent
            .ranking
            .map(|ranking| (ranking.by, ranking.descending))
        {
            Some((RankBy::Measure(measure), descending)) => {
                let figure = scope.figure(measure)?;
                if matches!(measure, Measure::Of(..)) {
                    // A group without any value is neither first nor last.
                    scope
                        .select
                        .having
                        .push(Predicate::Null(figure.clone(), false));
                }
                scope.select.order.push((figure, descending));
            }
            Some((RankBy::Column(column), descending)) => {
                let expr = Expr::Column(column);
                if !scope.select.groups.contains(&expr) {
                    return Err(Refusal::CountedTwice(column.table));
                }
                scope.select.order.push((expr, descending));
            }
            None if timed => {}
            None => {
                if let Some(figure) = figures.first() {
                    let figure = scope.figure(*figure)?;
                    scope.select.order.push((figure, true));
                }
            }
        }
        for tie in ties {
            if !scope.select.order.iter().any(|(expr, _)| expr == tie) {
                scope.select.order.push((tie.clone(), false));
            }
        }
        Ok(())
    }

    /// Rows of one table.
    fn list(&self) -> Result<Plan, Refusal> {
        let intent = self.intent;
        let subject = intent.subject.ok_or(Refusal::Nothing)?;
        let mut scope = Scope::new(self.schema, subject);
        scope.named.clone_from(&intent.named);
        scope.apply(&intent.filters, &intent.existence)?;
        scope.apply_events(&intent.events)?;
        for having in &intent.having {
            let predicate = scope.counted(having, &[])?;
            scope.select.filters.push(predicate);
        }
        let kinds = !intent.shown.is_empty()
            && intent.ranking.is_none()
            && intent.shown.iter().all(|column| {
                let info = self.schema.column(*column);
                (info.categorical
                    && !self.schema.is_measure(*column)
                    && !self.is_own_label(*column, subject))
                    || intent.distinct
            });
        let columns = self.list_columns(subject, kinds);
        // "In what year was the oldest one founded?": one year, however many things share it.
        let only_times = intent.asks_time
            && intent.extreme
            && columns.iter().all(|column| self.is_time(*column));
        for group in &intent.best_of {
            scope.reach(group.table())?;
            scope.select.outputs.extend(self.naming.group(*group));
        }
        for column in &columns {
            scope.reach(column.table)?;
            scope
                .select
                .outputs
                .push(self.naming.column(*column, subject));
        }
        if kinds {
            let nullable = columns
                .iter()
                .filter(|column| self.schema.column(**column).nullable);
            let filled = nullable.map(|column| Predicate::Null(Expr::Column(*column), false));
            scope.select.filters.extend(filled);
        }
        scope.select.distinct = kinds || only_times;
        if let Some(ranking) = intent.ranking {
            let RankBy::Column(column) = ranking.by else {
                return Err(Refusal::Nothing);
            };
            scope.reach(column.table)?;
            if !intent.best_of.is_empty() {
                let each = self.group_keys(&intent.best_of);
                first_of_each(&mut scope.select, &each, column, ranking.descending);
            } else if intent.extreme {
                first_rows(&mut scope.select, column, ranking.descending);
            } else if self.schema.column(column).nullable {
                scope
                    .select
                    .filters
                    .push(Predicate::Null(Expr::Column(column), false));
            }
            // Rows that are told apart by what they show can be put in order by nothing else.
            if !only_times || columns.contains(&column) {
                scope
                    .select
                    .order
                    .push((Expr::Column(column), ranking.descending));
            }
        }
        for (column, descending) in &intent.then {
            scope.reach(column.table)?;
            scope
                .select
                .order
                .push((Expr::Column(*column), *descending));
        }
        let ties = if scope.select.distinct {
            columns.clone()
        } else {
            self.schema
                .label(subject)
                .into_iter()
                .chain(self.schema.key(subject))
                .collect()
        };
        for tie in ties {
            if !scope
                .select
                .order
                .iter()
                .any(|(expr, _)| *expr == Expr::Column(tie))
            {
                scope.select.order.push((Expr::Column(tie), false));
            }
        }
        scope.select.limit = Some(intent.limit.unwrap_or(LIST_LIMIT));
        let size = scope.size();
        make_unique(&mut scope.select.outputs);
        Ok(Plan {
            select: scope.select,
            size,
            capped: intent.limit.is_none() && !intent.extreme,
        })
    }

    fn is_time(&self, column: ColumnId) -> bool {
        matches!(self.schema.column(column).kind, Kind::Date | Kind::Year)
    }

    fn is_own_label(&self, column: ColumnId, subject: TableId) -> bool {
        column.table == subject && self.schema.is_label(column)
    }

    /// The columns of a list: what was asked for, led by what names the rows; or else that, and
    /// the numbers that the question speaks of.
    fn list_columns(&self, subject: TableId, kinds: bool) -> Vec<ColumnId> {
        let intent = self.intent;
        let mut columns = intent.shown.clone();
        if kinds {
            return columns;
        }
        let label = self.schema.label(subject);
        let is_key = |filter: &Filter| {
            matches!(filter.test, Test::Compare(Comparison::Equal, _))
                && self.schema.key(subject).contains(&filter.column)
        };
        let named = intent
            .filters
            .iter()
            .any(|filter| self.is_own_label(filter.column, subject) || is_key(filter))
            && !columns.is_empty();
        // A name of several columns is one: "the last name" shows all of it.
        if label.len() > 1
            && let Some(at) = columns.iter().position(|column| label.contains(column))
        {
            columns.retain(|column| !label.contains(column));
            let at = at.min(columns.len());
            columns.splice(at..at, label.clone());
        }
        let ranked = match intent.ranking.map(|ranking| ranking.by) {
            Some(RankBy::Column(column)) => Some(column),
            _ => None,
        };
        let elsewhere = !columns.is_empty() && columns.iter().all(|column| column.table != subject);
        if !named && !columns.iter().any(|column| label.contains(column)) {
            // "in which province is the oldest cooperative": what was asked for comes first.
            let at = if elsewhere && ranked.is_some() {
                columns.len()
            } else {
                0
            };
            columns.splice(at..at, label.clone());
        }
        columns.extend(ranked);
        let nameless = label
            .iter()
            .all(|column| self.schema.key(subject).contains(column));
        if intent.shown.is_empty() && nameless {
            columns.extend(
                self.schema
                    .columns(subject)
                    .filter(|(_, c)| !c.technical)
                    .map(|(id, _)| id),
            );
        }
        if intent.asks_time {
            let is_time = |column: &ColumnId| self.is_time(*column);
            columns.sort_by_key(|column| !is_time(column));
            // "In what year was the oldest one …": of a single row, the time is the whole answer.
            if (intent.extreme || intent.limit == Some(1)) && columns.iter().any(is_time) {
                columns.retain(is_time);
            }
        }
        let mut unique: Vec<ColumnId> = Vec::new();
        for column in columns {
            if !unique.contains(&column) {
                unique.push(column);
            }
        }
        unique
    }
}

/// An output as it stands in a plan, for the neighbours.
fn output(expr: Expr, alias: String, heading: String, shape: Shape) -> Output {
    Output {
        expr,
        alias,
        heading,
        shape,
    }
}
