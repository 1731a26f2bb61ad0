//! A query under construction: a root table, and the tables that it leads to.

use super::Refusal;
use super::conditions::{several, tests};
use crate::offline::cue::Function;
use crate::offline::intent::{Bound, Event, Existence, Filter, Having, Measure, Test};
use crate::offline::plan::{Expr, Join, Output, Predicate, Select, Shape};
use crate::offline::schema::{ColumnId, EdgeId, Schema, TableId};

/// The tables at both ends of a reference, and its columns.
pub(super) type Ends<'a> = (TableId, TableId, &'a [(ColumnId, ColumnId)]);

/// A query under construction. Its rows are the root's: tables are joined only where each row has
/// one partner at most, so that nothing is counted twice.
pub(super) struct Scope<'a> {
    pub(super) schema: &'a Schema,
    pub(super) root: TableId,
    pub(super) select: Select,
    /// The tables that the question names: what is between two others is one of them if it can be.
    pub(super) named: Vec<TableId>,
    reached: Vec<TableId>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(schema: &'a Schema, root: TableId) -> Self {
        Self {
            schema,
            root,
            select: Select::from(root),
            named: Vec::new(),
            reached: vec![root],
        }
    }

    /// Joins the way to a table.
    pub(super) fn reach(&mut self, table: TableId) -> Result<(), Refusal> {
        let way = self
            .schema
            .way(self.root, table)
            .ok_or(Refusal::Apart(self.root, table))?;
        for edge in way {
            let (_, to, _) = self.certain(*edge)?;
            if !self.reached.contains(&to) {
                self.reached.push(to);
                self.select.joins.push(Join {
                    edge: *edge,
                    backwards: false,
                });
            }
        }
        Ok(())
    }

    /// The ends of a reference, unless the question would have to choose between several.
    pub(super) fn certain(&self, edge: EdgeId) -> Result<Ends<'a>, Refusal> {
        let ends = self.schema.edge(edge);
        if self.schema.is_ambiguous(edge) {
            return Err(Refusal::SeveralWays(ends.0, ends.1));
        }
        Ok(ends)
    }

    /// How many tables the query joins.
    pub(super) fn size(&self) -> usize {
        self.reached.len()
    }

    /// Applies the filters; those on tables of which a row has many go into queries of their own,
    /// those of one table into one.
    pub(super) fn apply(
        &mut self,
        filters: &[Filter],
        existence: &[Existence],
    ) -> Result<(), Refusal> {
        for predicate in self.predicates(filters, existence)? {
            self.select.filters.push(predicate);
        }
        Ok(())
    }

    /// Keeps the rows for which each event happened, or did not.
    pub(super) fn apply_events(&mut self, events: &[Event]) -> Result<(), Refusal> {
        for event in events {
            let predicate = self.exists(event.table, event.negated, &event.filters)?;
            self.select.filters.push(predicate);
        }
        Ok(())
    }

    /// The filters as predicates, with their tables joined.
    pub(super) fn predicates(
        &mut self,
        filters: &[Filter],
        existence: &[Existence],
    ) -> Result<Vec<Predicate>, Refusal> {
        let schema = self.schema;
        let mut predicates = Vec::new();
        let (near, far): (Vec<&Filter>, Vec<&Filter>) = filters
            .iter()
            .partition(|filter| schema.way(self.root, filter.column.table).is_some());
        for filter in near {
            self.reach(filter.column.table)?;
            predicates.extend(tests(filter, schema)?);
        }
        let mut far: Vec<Filter> = far.into_iter().cloned().collect();
        for existence in existence {
            let inside: Vec<Filter>;
            (inside, far) = far
                .into_iter()
                .partition(|filter| schema.way(existence.table, filter.column.table).is_some());
            for inside in one_by_one(inside, existence.negated) {
                predicates.push(self.exists(existence.table, existence.negated, &inside)?);
            }
        }
        for filter in std::mem::take(&mut far) {
            match self.apart(&filter)? {
                Some(apart) => predicates.extend(apart),
                None => far.push(filter),
            }
        }
        while let Some(first) = far.first().cloned() {
            let bridge = schema
                .bridge(self.root, first.column.table)
                .ok_or(Refusal::Apart(self.root, first.column.table))?;
            let inside: Vec<Filter>;
            (inside, far) = far
                .into_iter()
                .partition(|filter| schema.way(bridge.via, filter.column.table).is_some());
            for inside in one_by_one(inside, false) {
                predicates.push(self.exists(first.column.table, false, &inside)?);
            }
        }
        Ok(predicates)
    }

    /// What no single row of many can say: "both A and B" are two rows, "never A" is no row.
    fn apart(&mut self, filter: &Filter) -> Result<Option<Vec<Predicate>>, Refusal> {
        let one = |values: &[String]| Filter {
            column: filter.column,
            test: Test::OneOf {
                values: values.to_vec(),
                negated: false,
            },
        };
        let table = filter.column.table;
        match &filter.test {
            Test::AllOf(values) => values
                .iter()
                .map(|value| self.exists(table, false, &[one(std::slice::from_ref(value))]))
                .collect::<Result<_, _>>()
                .map(Some),
            Test::OneOf {
                values,
                negated: true,
            } => Ok(Some(vec![self.exists(table, true, &[one(values)])?])),
            _ => Ok(None),
        }
    }

    /// "has one of those", as a look-up among the keys that they refer to.
    fn exists(
        &mut self,
        table: TableId,
        negated: bool,
        inside: &[Filter],
    ) -> Result<Predicate, Refusal> {
        if let Some(way) = self.schema.way(self.root, table) {
            let Some(edge) = way.last() else {
                return Err(Refusal::Nothing);
            };
            let (from, _, columns) = self.certain(*edge)?;
            let column = columns.first().ok_or(Refusal::Nothing)?.0;
            self.reach(from)?;
            return Ok(Predicate::Null(Expr::Column(column), negated));
        }
        let (bridge, doubtful) = self
            .schema
            .bridge_beside(self.root, table, &self.named)
            .ok_or(Refusal::Apart(self.root, table))?;
        if doubtful {
            return Err(Refusal::SeveralWays(self.root, table));
        }
        let mut inner = Scope::new(self.schema, bridge.via);
        inner.reach(table)?;
        let columns = self.tie(&mut inner, bridge.meeting)?;
        inner.apply(inside, &[])?;
        let keys = columns.iter().map(|(inner, _)| *inner);
        if negated {
            // One NULL among the keys would let no row through.
            inner.select.filters.extend(
                keys.clone()
                    .filter(|key| self.schema.column(*key).nullable)
                    .map(|key| Predicate::Null(Expr::Column(key), false)),
            );
        }
        inner.select.outputs = keys
            .map(|key| plain(Expr::Column(key), self.schema))
            .collect();
        let exprs = columns.iter().map(|(_, outer)| Expr::Column(*outer));
        Ok(Predicate::Within {
            exprs: exprs.collect(),
            query: Box::new(inner.select),
            negated,
        })
    }

    /// Joins the inner query up to the table that refers to `meeting`, and this one up to
    /// `meeting`; the columns that tie them, inner and outer.
    fn tie(
        &mut self,
        inner: &mut Scope<'_>,
        meeting: TableId,
    ) -> Result<Vec<(ColumnId, ColumnId)>, Refusal> {
        let way = self
            .schema
            .way(inner.root, meeting)
            .ok_or(Refusal::Apart(inner.root, meeting))?;
        let edge = *way.last().ok_or(Refusal::Nothing)?;
        let (from, _, columns) = self.certain(edge)?;
        inner.reach(from)?;
        self.reach(meeting)?;
        Ok(columns.to_vec())
    }

    /// "with more than ten of those", as a look-up among grouped keys.
    pub(super) fn counted(
        &mut self,
        having: &Having,
        filters: &[Filter],
    ) -> Result<Predicate, Refusal> {
        let mut inner = Scope::new(self.schema, having.measure.table());
        let columns = self.tie(&mut inner, self.root)?;
        inner.apply(filters, &[])?;
        for (key, _) in &columns {
            inner
                .select
                .outputs
                .push(plain(Expr::Column(*key), self.schema));
            inner.select.groups.push(Expr::Column(*key));
        }
        let figure = inner.figure(having.measure)?;
        let bound = bound(having, filters, self.schema)?;
        inner
            .select
            .having
            .push(Predicate::Compare(figure, having.comparison, bound));
        let exprs = columns.iter().map(|(_, outer)| Expr::Column(*outer));
        Ok(Predicate::Within {
            exprs: exprs.collect(),
            query: Box::new(inner.select),
            negated: false,
        })
    }

    /// A figure over the rows of this query.
    pub(super) fn figure(&mut self, measure: Measure) -> Result<Expr, Refusal> {
        match measure {
            Measure::Rows(table) if table == self.root => Ok(Expr::CountRows),
            Measure::Rows(table) => {
                self.reach(table)?;
                let keys = self.schema.key(table);
                let [key] = keys.as_slice() else {
                    return Err(Refusal::CountedTwice(table));
                };
                Ok(Expr::Count {
                    of: Box::new(Expr::Column(*key)),
                    distinct: true,
                })
            }
            Measure::Different(column) => {
                self.reach(column.table)?;
                Ok(Expr::Count {
                    of: Box::new(Expr::Column(column)),
                    distinct: true,
                })
            }
            Measure::Of(function, column) => {
                self.reach(column.table)?;
                let repeated = column.table != self.root && !self.schema.is_junction(self.root);
                if repeated && matches!(function, Function::Sum | Function::Average) {
                    return Err(Refusal::CountedTwice(column.table));
                }
                Ok(Expr::Aggregate(function, Box::new(Expr::Column(column))))
            }
            Measure::Spread(column) => {
                self.reach(column.table)?;
                let end = |function| Expr::Aggregate(function, Box::new(Expr::Column(column)));
                Ok(Expr::Minus(
                    Box::new(end(Function::Maximum)),
                    Box::new(end(Function::Minimum)),
                ))
            }
            Measure::MeanCount { .. } | Measure::Share(_) | Measure::Portion(_) => {
                Err(Refusal::Nothing)
            }
        }
    }

    /// Joins backwards from the root to a table that refers to it, keeping rows without partner;
    /// the column that is NULL where there is none.
    pub(super) fn join_back(&mut self, table: TableId) -> Result<ColumnId, Refusal> {
        let way: Vec<EdgeId> = self
            .schema
            .way(table, self.root)
            .ok_or(Refusal::Apart(self.root, table))?
            .to_vec();
        for edge in way.iter().rev() {
            self.certain(*edge)?;
            self.select.joins.push(Join {
                edge: *edge,
                backwards: true,
            });
        }
        let edge = way.first().ok_or(Refusal::Nothing)?;
        self.schema
            .edge(*edge)
            .2
            .first()
            .map(|(from, _)| *from)
            .ok_or(Refusal::Nothing)
    }
}

/// "bookings at both A and B" are two bookings: the conditions of each.
fn one_by_one(inside: Vec<Filter>, negated: bool) -> Vec<Vec<Filter>> {
    let both = inside.iter().find_map(|filter| match &filter.test {
        Test::AllOf(values) if !negated => Some((filter.column, values.clone())),
        _ => None,
    });
    let Some((column, values)) = both else {
        return vec![inside];
    };
    let others: Vec<Filter> = inside
        .into_iter()
        .filter(|filter| filter.column != column)
        .collect();
    let one = |value: String| {
        let test = Test::OneOf {
            values: vec![value],
            negated: false,
        };
        let mut filters = others.clone();
        filters.push(Filter { column, test });
        filters
    };
    values.into_iter().map(one).collect()
}

/// An output that is only looked up.
pub(super) fn plain(expr: Expr, schema: &Schema) -> Output {
    let alias = match &expr {
        Expr::Column(column) => schema.column(*column).name.clone(),
        _ => "n".to_owned(),
    };
    Output {
        expr,
        heading: alias.clone(),
        alias,
        shape: Shape::Plain,
    }
}

/// What a figure is compared with, as a value. The overall figure is of the same time.
pub(super) fn bound(having: &Having, filters: &[Filter], schema: &Schema) -> Result<Expr, Refusal> {
    match having.bound {
        Bound::Number(number) => Ok(Expr::Number(number)),
        Bound::Overall(times) => {
            let table = having.measure.table();
            let mut overall = Scope::new(schema, table);
            let timed: Vec<Filter> = filters
                .iter()
                .filter(|f| f.column.table == table && matches!(f.test, Test::Dated(..)))
                .cloned()
                .collect();
            overall.apply(&timed, &[])?;
            let figure = overall.figure(having.measure)?;
            overall.select.outputs = vec![plain(figure, schema)];
            Ok(several(times, Expr::Query(Box::new(overall.select))))
        }
    }
}
