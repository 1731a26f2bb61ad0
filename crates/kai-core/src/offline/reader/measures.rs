//! Figures: "how many members", "the average initial capital", "total simpanan".

use super::{Found, Reader};
use crate::language::Language;
use crate::offline::cue::{Cue, Function};
use crate::offline::intent::{Filter, Measure, Test};
use crate::offline::schema::{ColumnId, Kind, TableId};
use crate::offline::terms::Term;

/// What a figure is taken of.
#[derive(Debug, Clone, Copy)]
enum Object {
    Table(TableId),
    Column(ColumnId),
    /// Values whose table is named nowhere: "how many farmers".
    OfValues(TableId),
}

impl Reader<'_> {
    /// Takes every figure with its object.
    pub(super) fn measures(&mut self) {
        for at in 0..self.slots.len() {
            if let Some(cue @ (Cue::Count | Cue::CountOrAmount | Cue::Aggregate(_) | Cue::Share)) =
                self.cue(at)
            {
                self.measure(at, cue);
            }
        }
        for at in 0..self.slots.len() {
            if self.cue(at) == Some(Cue::HowMuch) {
                self.how_much(at);
            }
        }
    }

    fn measure(&mut self, at: usize, cue: Cue) {
        if self.is_pronoun(at, cue) {
            return;
        }
        let is_share =
            |found: &Found| matches!(found.measure, Measure::Share(_) | Measure::Portion(_));
        // "what share …, in percent" asks for one share.
        let again = cue == Cue::Share && self.found.iter().any(is_share);
        if again || self.is_in_name(at, cue) {
            self.take(at);
            return;
        }
        let joined = self.joined_figures(at, cue);
        let last = joined.last().map_or(at, |(place, _)| *place);
        let mean_of_count = matches!(cue, Cue::Aggregate(_))
            && joined.len() == 1
            && matches!(self.cue(last + 1), Some(Cue::CountOrAmount | Cue::Count));
        // "percentage of the total sales"
        let of_total =
            cue == Cue::Share && matches!(self.cue(last + 1), Some(Cue::Aggregate(Function::Sum)));
        let start = if mean_of_count || of_total {
            last + 1
        } else {
            last
        };
        let object = self.object(start).or_else(|| self.object_before(at));
        let object = object.or_else(|| self.asked_last(at));
        let Some((place, object)) = object.filter(|(_, of)| !self.is_times_of(at, *of)) else {
            return;
        };
        if let (Cue::Share, Object::Column(column)) = (cue, object)
            && self.schema.column(column).parts.means("percent")
        {
            // "how many percent is their share": the column tells it.
            self.take(at);
            return;
        }
        for (figure_at, cue) in joined {
            let measure = match (cue, object) {
                (Cue::Aggregate(Function::Average), Object::Table(table)) if mean_of_count => {
                    self.mean_count(table, start)
                }
                (cue, object) => self.figure(cue, object),
            };
            if let Some(measure) = measure {
                let silent = self.rank_by_next.is_some_and(|sort| sort < figure_at);
                self.found.push(Found {
                    measure,
                    at: place,
                    silent,
                });
                self.take(figure_at);
            }
        }
        if self.found.iter().any(|found| found.at == place) {
            for index in start.min(place)..=place {
                let inside = matches!(
                    self.cue(index),
                    Some(
                        Cue::CountOrAmount
                            | Cue::Count
                            | Cue::HowMuch
                            | Cue::Distinct
                            | Cue::Aggregate(Function::Sum)
                    )
                );
                if inside {
                    self.take(index);
                }
            }
            if !matches!(object, Object::OfValues(_)) {
                self.take(place);
            }
            let index = self.found.len() - 1;
            if let Some(slot) = self.slots.get_mut(place) {
                slot.measure = Some(index);
            }
            self.take_owner_beside(place, object);
        }
    }

    /// Whether "maximum" is a part of what the column behind it is called, so that it asks for nothing.
    fn is_in_name(&self, at: usize, cue: Cue) -> bool {
        let words: &[&str] = match cue {
            Cue::Aggregate(Function::Maximum) => &["max", "maximum", "maks", "maksimum"],
            Cue::Aggregate(Function::Minimum) => &["min", "minimum"],
            _ => return false,
        };
        let named = |column: ColumnId| {
            let parts = &self.schema.column(column).parts.parts;
            parts
                .iter()
                .any(|(unit, _)| words.contains(&unit.word.norm.as_str()))
        };
        self.column(at + 1).is_some_and(named)
    }

    /// Whether "beserta jumlahnya", "with the number" only point back at a figure.
    fn is_pronoun(&self, at: usize, cue: Cue) -> bool {
        let added = at
            .checked_sub(1)
            .is_some_and(|before| matches!(self.cue(before), Some(Cue::And | Cue::Have)));
        let text = self
            .slots
            .get(at)
            .and_then(|slot| self.pieces.get(slot.piece))
            .map_or("", |piece| piece.text.as_str());
        let points_back = text.to_lowercase().ends_with("nya");
        cue == Cue::CountOrAmount && added && points_back && self.object(at).is_none()
    }

    /// "minimum and maximum": the figures that share the object behind the last of them.
    fn joined_figures(&mut self, at: usize, cue: Cue) -> Vec<(usize, Cue)> {
        let mut joined = vec![(at, cue)];
        let mut last = at;
        loop {
            let mut next = last + 1;
            let and = matches!(self.cue(next), Some(Cue::And));
            if and {
                next += 1;
            }
            match self.cue(next) {
                Some(cue @ Cue::Aggregate(_)) if and => {
                    self.take(last + 1);
                    joined.push((next, cue));
                    last = next;
                }
                // "jumlah total", "total number of": one figure in two words.
                Some(Cue::Aggregate(Function::Sum))
                    if matches!(cue, Cue::Count | Cue::CountOrAmount) =>
                {
                    self.take(next);
                    if let Some(first) = joined.first_mut() {
                        *first = (at, Cue::Aggregate(Function::Sum));
                    }
                    return joined;
                }
                _ => return joined,
            }
        }
    }

    /// The noun behind a figure's word.
    fn object(&self, at: usize) -> Option<(usize, Object)> {
        let mut index = at + 1;
        while let Some(term) = self.term(index) {
            match term {
                Term::Table(table) if self.is_open(index) => {
                    // "the average cooperative capital": the column is what is meant.
                    if let Some(column) = self.column(index + 1)
                        && self.language == Language::English
                        && self
                            .schema
                            .way(*table, column.table)
                            .is_some_and(<[_]>::is_empty)
                    {
                        return Some((index + 1, Object::Column(column)));
                    }
                    return Some((index, Object::Table(*table)));
                }
                Term::Column(column) if self.is_open(index) => {
                    return Some((index, Object::Column(*column)));
                }
                Term::Values(column, _) if !self.names_a_table_near(index) => {
                    return Some((index, Object::OfValues(column.table)));
                }
                Term::Cue(Cue::At) if matches!(self.term(index + 1), Some(Term::Values(..))) => {}
                Term::Cue(
                    Cue::CountOrAmount
                    | Cue::Count
                    | Cue::Distinct
                    | Cue::HowMuch
                    | Cue::Superlative(_)
                    | Cue::Have,
                ) => {}
                // "on average, how long …"
                Term::Cue(Cue::And) if index == at + 1 && self.is_comma(index) => {}
                _ if !self.is_open(index) => {}
                _ => return None,
            }
            index += 1;
        }
        None
    }

    /// Whether a table follows a value at once, or was named before it, so that the value only
    /// narrows that one.
    fn names_a_table_near(&self, at: usize) -> bool {
        let follows = (at + 1..self.slots.len())
            .take_while(|index| {
                !self.is_open(*index)
                    || self.table(*index).is_some()
                    || self.column(*index).is_some()
            })
            .any(|index| self.table(index).is_some() || self.column(index).is_some());
        follows
            || (0..at).any(|index| self.table(index).is_some())
            || self.context.iter().any(|(place, _)| *place + 1 == at)
    }

    /// "cancelled orders in 2024: how many?": a figure's word that ends the question is about its
    /// first noun.
    fn asked_last(&self, at: usize) -> Option<(usize, Object)> {
        let is_small = |cue| {
            matches!(
                cue,
                Cue::At
                    | Cue::That
                    | Cue::Which
                    | Cue::HowMuch
                    | Cue::Each
                    | Cue::Verb
                    | Cue::Relation
            )
        };
        if self.after(at, is_small).is_some() {
            return None;
        }
        let named = |index: &usize| {
            self.is_open(*index) || self.context.iter().any(|(place, _)| place == index)
        };
        (0..at).find_map(|index| match self.term(index)? {
            Term::Table(table) if named(&index) => Some((index, Object::Table(*table))),
            Term::Column(column) if self.is_open(index) && self.schema.is_measure(*column) => {
                Some((index, Object::Column(*column)))
            }
            _ => None,
        })
    }

    /// Whether "how often" is asked of a thing that is named: that is a number of what happened to
    /// it, and not of such things.
    fn is_times_of(&self, at: usize, object: Object) -> bool {
        let Object::Table(table) = object else {
            return false;
        };
        let names = |filter: &Filter| {
            filter.column.table == table && matches!(filter.test, Test::OneOf { .. })
        };
        self.says_times(at) && self.intent.filters.iter().any(names)
    }

    /// A noun before the figure's word: "modal awal rata-rata", "koperasi ada berapa".
    fn object_before(&self, at: usize) -> Option<(usize, Object)> {
        let before = self.before(at, |cue| matches!(cue, Cue::That | Cue::Have | Cue::At))?;
        match self.term(before)? {
            Term::Table(table) => Some((before, Object::Table(*table))),
            Term::Column(column) if self.schema.is_measure(*column) => {
                Some((before, Object::Column(*column)))
            }
            _ => None,
        }
    }

    fn figure(&self, cue: Cue, object: Object) -> Option<Measure> {
        let measurable = |column: &ColumnId| {
            matches!(self.kind(*column), Kind::Number | Kind::Year | Kind::Date)
        };
        match (cue, object) {
            (Cue::Count | Cue::CountOrAmount, Object::Column(column))
                if self.schema.is_measure(column) =>
            {
                Some(Measure::Of(Function::Sum, column))
            }
            (Cue::Count | Cue::CountOrAmount, Object::Column(column))
                if self.kind(column) == Kind::Date =>
            {
                None
            }
            (Cue::Count | Cue::CountOrAmount, Object::Column(column)) => {
                let rows = self.schema.is_label(column) && !self.schema.column(column).categorical;
                Some(if rows {
                    Measure::Rows(column.table)
                } else {
                    Measure::Different(column)
                })
            }
            (
                Cue::Count | Cue::CountOrAmount | Cue::Aggregate(Function::Sum),
                Object::OfValues(table),
            )
            | (Cue::Count, Object::Table(table)) => Some(Measure::Rows(table)),
            (Cue::CountOrAmount, Object::Table(table)) => {
                let amount = self
                    .schema
                    .amount(table)
                    .filter(|_| self.schema.is_mass(table));
                Some(amount.map_or(Measure::Rows(table), |column| {
                    Measure::Of(Function::Sum, column)
                }))
            }
            (Cue::Aggregate(function), Object::Column(column)) if measurable(&column) => {
                let ordered = matches!(function, Function::Minimum | Function::Maximum);
                (ordered || self.schema.is_measure(column)).then_some(Measure::Of(function, column))
            }
            (Cue::Aggregate(function), Object::Table(table)) => {
                match (function, self.schema.amount(table)) {
                    (_, Some(column)) => Some(Measure::Of(function, column)),
                    // "the total harvest" is no number of rows, if a harvest has an amount at all.
                    (_, None) => match (self.schema.measures(table).as_slice(), function) {
                        ([only], Function::Sum) if self.schema.is_mass(table) => {
                            Some(Measure::Of(function, *only))
                        }
                        ([_, ..], Function::Sum) if self.schema.is_mass(table) => None,
                        (_, Function::Sum) => Some(Measure::Rows(table)),
                        ([only], _) => Some(Measure::Of(function, *only)),
                        _ => None,
                    },
                }
            }
            (Cue::Aggregate(Function::Sum), Object::Column(column)) => {
                Some(Measure::Different(column))
            }
            (Cue::Share, Object::Table(table) | Object::OfValues(table)) => {
                Some(Measure::Share(table))
            }
            (Cue::Share, Object::Column(column))
                if self.schema.is_measure(column) && self.adds_up(column) =>
            {
                Some(Measure::Portion(column))
            }
            _ => None,
        }
    }

    /// "the average number of members per cooperative": a mean over counts.
    fn mean_count(&mut self, of: TableId, at: usize) -> Option<Measure> {
        let owner = (at + 1..self.slots.len()).find_map(|index| match self.term(index) {
            Some(Term::Table(table)) if *table != of && self.schema.way(of, *table).is_some() => {
                Some((index, *table))
            }
            _ => None,
        });
        let (index, per) = owner?;
        self.intent
            .groups
            .retain(|group| *group != crate::offline::intent::Group::Entity(per));
        self.take(index);
        Some(Measure::MeanCount { of, per })
    }

    /// Takes the table beside a figure's column that only says whose it is.
    fn take_owner_beside(&mut self, at: usize, object: Object) {
        let Object::Column(column) = object else {
            return;
        };
        for beside in [at.checked_sub(1), Some(at + 1)].into_iter().flatten() {
            if self.table(beside) == Some(column.table) {
                self.take_as_context(beside);
            }
        }
    }

    /// "berapa": a count of a thing, or the value of a column.
    fn how_much(&mut self, at: usize) {
        self.take(at);
        if self.found.iter().any(|found| !found.silent) {
            return;
        }
        // "the largest sum insured in one policy is how much?" is about the sum, not the policy.
        let number = (0..at).any(|index| {
            self.column(index)
                .is_some_and(|column| self.schema.is_measure(column))
        });
        let before = || {
            let found = self.object_before(at)?;
            (!number || matches!(found.1, Object::Column(_))).then_some(found)
        };
        let Some((place, object)) = self.object(at).or_else(before) else {
            return;
        };
        let ranked = [place.wrapping_sub(1), place + 1]
            .iter()
            .any(|index| matches!(self.cue(*index), Some(Cue::Superlative(_))));
        let measure = match object {
            // "berapa pinjaman terbesar": the figure comes with the superlative.
            Object::Table(table) if ranked && self.schema.amount(table).is_some() => None,
            Object::Table(table) | Object::OfValues(table) => Some(Measure::Rows(table)),
            Object::Column(column) => {
                let text = self.kind(column) == Kind::Text && !self.schema.is_label(column);
                (text && !ranked).then_some(Measure::Different(column))
            }
        };
        if let Some(measure) = measure {
            self.found.push(Found {
                measure,
                at: place,
                silent: false,
            });
            if !matches!(object, Object::OfValues(_)) {
                self.take(place);
            }
        }
    }
}
