//! Figures that one grouped query cannot give: of several tables, means of counts, shares.

use super::naming::make_unique;
use super::scope::{Scope, plain};
use super::{Composer, Plan, Refusal, output};
use crate::offline::cue::{Comparison, Function};
use crate::offline::intent::{Filter, Group, Intent, Measure, RankBy, Test};
use crate::offline::plan::{Expr, Predicate, Select, Shape, Source};
use crate::offline::schema::{ColumnId, TableId};

impl Composer<'_> {
    /// Figures of several tables: each a query of its own, for the whole or for each group's row.
    pub(super) fn side_by_side(&self, figures: &[Measure]) -> Result<Plan, Refusal> {
        let intent = self.intent;
        let per = match intent.groups.as_slice() {
            [] => None,
            [Group::Entity(table)] => Some(*table),
            [other, ..] => return Err(Refusal::CountedTwice(other.table())),
        };
        if !intent.having.is_empty() {
            return Err(Refusal::Nothing);
        }
        let mut size = 1;
        let mut outputs = Vec::new();
        for figure in figures {
            let mut inner = Scope::new(self.schema, figure.table());
            let (near, _): (Vec<Filter>, Vec<Filter>) =
                intent.filters.iter().cloned().partition(|filter| {
                    per.is_none_or(|per| self.schema.way(per, filter.column.table).is_none())
                });
            inner.apply(&near, &intent.existence)?;
            if let Some(per) = per {
                let edge = self.schema.way(figure.table(), per).and_then(<[_]>::last);
                let edge = *edge.ok_or(Refusal::Apart(figure.table(), per))?;
                let (from, _, columns) = inner.certain(edge)?;
                inner.reach(from)?;
                for (inside, outside) in columns {
                    let same = Predicate::Compare(
                        Expr::Column(*inside),
                        Comparison::Equal,
                        Expr::Column(*outside),
                    );
                    inner.select.filters.push(same);
                }
            }
            let expr = inner.figure(*figure)?;
            inner.select.outputs.push(plain(expr, self.schema));
            size += inner.size();
            outputs.push(
                self.naming
                    .figure(*figure, Expr::Query(Box::new(inner.select))),
            );
        }
        let mut select = match per {
            None => Select {
                from: Source::Nothing,
                ..Select::from(figures.first().ok_or(Refusal::Nothing)?.table())
            },
            Some(per) => {
                let mut outer = Scope::new(self.schema, per);
                let far: Vec<Filter> = intent
                    .filters
                    .iter()
                    .filter(|filter| self.schema.way(per, filter.column.table).is_some())
                    .cloned()
                    .collect();
                outer.apply(&far, &[])?;
                outer.select.outputs = self.naming.group(Group::Entity(per));
                outer.select
            }
        };
        select.outputs.extend(outputs);
        if let Some(per) = per {
            let by = intent.ranking.and_then(|ranking| match ranking.by {
                RankBy::Measure(measure) => figures
                    .iter()
                    .position(|f| *f == measure)
                    .map(|at| (at, ranking.descending)),
                RankBy::Column(_) => None,
            });
            let labels = select.outputs.len() - figures.len();
            let (at, descending) = by.unwrap_or((0, true));
            select.order.extend(
                select
                    .outputs
                    .get(labels + at)
                    .map(|output| (output.expr.clone(), descending)),
            );
            let ties = self
                .schema
                .label(per)
                .into_iter()
                .chain(self.schema.key(per));
            select
                .order
                .extend(ties.map(|column| (Expr::Column(column), false)));
            select.order.dedup();
            select.limit = first_rows(intent);
        }
        make_unique(&mut select.outputs);
        Ok(Plan {
            select,
            size,
            capped: false,
        })
    }

    /// "the average number of A per B": the mean over the counts, those of none included.
    pub(super) fn mean_count(&self, of: TableId, per: TableId) -> Result<Plan, Refusal> {
        let mut inner = Scope::new(self.schema, per);
        let ties = self.add_groups(&mut inner)?;
        inner.apply(&self.intent.filters, &self.intent.existence)?;
        let counted = inner.join_back(of)?;
        let mut hidden = Vec::new();
        let count = Expr::Count {
            of: Box::new(Expr::Column(counted)),
            distinct: false,
        };
        for key in self.schema.key(per) {
            inner.select.groups.push(Expr::Column(key));
        }
        let mut outputs = inner.select.outputs.clone();
        for output in &mut outputs {
            output.expr = Expr::Named(output.alias.clone());
        }
        let mut groups: Vec<Expr> = outputs.iter().map(|output| output.expr.clone()).collect();
        for (at, key) in ties
            .iter()
            .filter(|tie| !inner.select.outputs.iter().any(|o| o.expr == **tie))
            .enumerate()
        {
            // Two things of one name stay two.
            let alias = format!("k{at}");
            groups.push(Expr::Named(alias.clone()));
            hidden.push(output(key.clone(), alias.clone(), alias, Shape::Plain));
        }
        inner.select.outputs.extend(hidden);
        inner.select.outputs.push(plain(count, self.schema));
        let mean = Expr::Aggregate(Function::Average, Box::new(Expr::Named("n".to_owned())));
        let measure = Measure::MeanCount { of, per };
        outputs.push(self.naming.figure(measure, mean.clone()));
        let mut order: Vec<(Expr, bool)> = Vec::new();
        if !ties.is_empty() {
            order.push((
                mean,
                self.intent.ranking.is_none_or(|ranking| ranking.descending),
            ));
            order.extend(groups.iter().map(|group| (group.clone(), false)));
        }
        let size = inner.size() + 1;
        let select = Select {
            outputs,
            from: Source::Query(Box::new(inner.select)),
            groups,
            order,
            limit: first_rows(self.intent).filter(|_| !ties.is_empty()),
            ..Select::from(per)
        };
        Ok(Plan {
            select,
            size,
            capped: false,
        })
    }

    /// "the percentage of A that are …": the conditions on A itself decide, the others restrict. Of a
    /// column, it is the share of its sum and not of the rows; there a time restricts.
    pub(super) fn share(&self, table: TableId, of: Option<ColumnId>) -> Result<Plan, Refusal> {
        let intent = self.intent;
        let mut scope = Scope::new(self.schema, table);
        scope.named.clone_from(&intent.named);
        let ties = self.add_groups(&mut scope)?;
        let (own, other): (Vec<Filter>, Vec<Filter>) =
            intent.filters.iter().cloned().partition(|filter| {
                let timed = of.is_some() && matches!(filter.test, Test::Dated(..));
                filter.column.table == table && !timed
            });
        let (deciding, base) = if own.is_empty() && intent.existence.is_empty() {
            (other, own)
        } else {
            (own, other)
        };
        // "each region's percentage of the sales by card": each part of those, and not of its own.
        let (deciding, base) = if of.is_some() && !intent.groups.is_empty() {
            (Vec::new(), intent.filters.clone())
        } else {
            (deciding, base)
        };
        // A condition that further rows decide is of those rows: "the percentage of goals by penalty".
        let far = |filter: &Filter| self.schema.way(table, filter.column.table).is_none();
        if of.is_some() && deciding.iter().any(far) {
            return Err(Refusal::CountedTwice(table));
        }
        scope.apply(&base, &[])?;
        let conditions = scope.predicates(&deciding, &intent.existence)?;
        let measure = of.map_or(Measure::Share(table), Measure::Portion);
        let expr = if conditions.is_empty() {
            if intent.groups.is_empty() {
                return Err(Refusal::Nothing);
            }
            let mut all = Scope::new(self.schema, table);
            let whole = match of {
                Some(column) => {
                    all.apply(&base, &[])?;
                    all.figure(Measure::Of(Function::Sum, column))?
                }
                None => Expr::CountRows,
            };
            all.select.outputs.push(plain(whole.clone(), self.schema));
            Expr::ShareOfAll(Box::new(whole), Box::new(all.select))
        } else {
            Expr::Share(of, conditions)
        };
        scope
            .select
            .outputs
            .push(self.naming.figure(measure, expr.clone()));
        if !ties.is_empty() {
            scope.select.order.push((
                expr,
                intent.ranking.is_none_or(|ranking| ranking.descending),
            ));
            scope
                .select
                .order
                .extend(ties.into_iter().map(|tie| (tie, false)));
            scope.select.limit = first_rows(intent);
        }
        let size = scope.size();
        Ok(Plan {
            select: scope.select,
            size,
            capped: false,
        })
    }
}

/// How many rows are wanted; of those that come first, one.
fn first_rows(intent: &Intent) -> Option<u64> {
    intent.limit.or(intent.extreme.then_some(1))
}
