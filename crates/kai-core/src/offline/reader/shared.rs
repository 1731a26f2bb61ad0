//! Values that two things share: "countries with both ports and customers", "cities with shops but no banks".

use super::Reader;
use crate::offline::cue::Cue;
use crate::offline::intent::Test;
use crate::offline::schema::{ColumnId, Kind, TableId};
use crate::offline::terms::Term;

impl Reader<'_> {
    /// Takes a column that two tables have by the same name, and the two tables.
    pub(super) fn shared(&mut self) {
        let tables: Vec<(usize, TableId)> = (0..self.slots.len())
            .filter_map(|at| Some((at, self.table(at)?)))
            .collect();
        let [(first_at, first), (second_at, second)] = tables.as_slice() else {
            return;
        };
        let joined = (*first_at + 1..*second_at).all(|at| {
            matches!(
                self.cue(at),
                Some(Cue::And | Cue::Not | Cue::Without | Cue::Have)
            )
        }) && *second_at > first_at + 1;
        let column = (0..*first_at).find_map(|at| Some((at, self.column(at)?)));
        let Some((place, column)) = column.filter(|_| joined) else {
            return;
        };
        let has = (place + 1..*first_at).any(|at| self.cue(at) == Some(Cue::Have));
        let owner = [*first, *second].contains(&column.table);
        let (Some(own), Some(other)) = (
            self.named_alike(column, *first),
            self.named_alike(column, *second),
        ) else {
            return;
        };
        if !has || !owner || first == second {
            return;
        }
        let negated =
            (*first_at..*second_at).any(|at| matches!(self.cue(at), Some(Cue::Not | Cue::Without)));
        for at in place..=*second_at {
            if matches!(
                self.term(at),
                Some(Term::Cue(_) | Term::Table(_) | Term::Column(_))
            ) {
                self.take(at);
            }
        }
        self.intent.subject = Some(*first);
        self.intent.shown = vec![own];
        self.intent.distinct = true;
        self.filter(
            own,
            Test::Among {
                column: other,
                negated,
            },
        );
    }

    /// The text column of a table that is named as another column is.
    fn named_alike(&self, column: ColumnId, table: TableId) -> Option<ColumnId> {
        let name = &self.schema.column(column).name;
        self.schema
            .columns(table)
            .find(|(_, other)| other.kind == Kind::Text && other.name.eq_ignore_ascii_case(name))
            .map(|(id, _)| id)
    }
}
