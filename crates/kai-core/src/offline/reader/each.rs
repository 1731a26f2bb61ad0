//! The first of each: "the tallest player of every club", "in each region, which branch is the oldest".

use super::Reader;
use crate::offline::intent::{Group, RankBy};
use crate::offline::schema::TableId;
use crate::offline::terms::Term;

impl Reader<'_> {
    /// Turns groups of which only the first row, or the first smaller group, is asked for.
    pub(super) fn first_of_each(&mut self) {
        let Some(ranking) = self.intent.ranking else {
            return;
        };
        let counted = self.intent.limit.is_some() || self.sorted || self.rank_by_next.is_some();
        if counted || self.intent.groups.is_empty() {
            return;
        }
        match ranking.by {
            RankBy::Column(column) => {
                let subject = self.listed_before_or(column.table);
                let groups = self.intent.groups.iter();
                let own =
                    |group: &Group| matches!(group, Group::Entity(table) if *table == subject);
                let each: Vec<Group> = groups.filter(|group| !own(group)).copied().collect();
                let fits = !each.is_empty()
                    && each
                        .iter()
                        .all(|group| self.schema.way(subject, group.table()).is_some());
                if fits && self.found.is_empty() {
                    self.intent.groups.clear();
                    self.intent.best_of = each;
                    self.intent.subject = Some(subject);
                    self.intent.extreme = true;
                }
            }
            RankBy::Measure(_) if self.intent.extreme_asked && self.intent.groups.len() > 1 => {
                let groups = self.intent.groups.clone();
                let thing = groups.iter().copied().find(|group| {
                    let Group::Entity(table) = *group else {
                        return false;
                    };
                    let mut others = groups.iter().filter(|other| *other != group);
                    others.all(|other| self.schema.way(table, other.table()).is_some())
                });
                match thing {
                    Some(thing) => {
                        self.intent.best_of =
                            groups.into_iter().filter(|group| *group != thing).collect();
                        self.intent.extreme = true;
                    }
                    // All of them would be shown where the first of each was asked for.
                    None => self.unresolved = true,
                }
            }
            RankBy::Measure(_) => {}
        }
    }

    /// The table that the question lists where it leads to `owner`, or else `owner` itself.
    fn listed_before_or(&self, owner: TableId) -> TableId {
        let grouped = |table: TableId| self.intent.groups.contains(&Group::Entity(table));
        self.slots
            .iter()
            .find_map(|slot| match slot.term {
                Term::Table(table)
                    if !grouped(table) && self.schema.way(table, owner).is_some() =>
                {
                    Some(table)
                }
                _ => None,
            })
            .unwrap_or(owner)
    }
}
