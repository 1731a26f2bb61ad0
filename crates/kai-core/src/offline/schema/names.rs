//! The name index: which names have a part that a word of the question may stand for, so that a wide
//! schema costs little more than a narrow one.

use std::collections::{BTreeMap, BTreeSet};

use super::{ColumnId, Name, TableId, TableInfo};
use crate::offline::lexicon::{Concept, Unit};

/// Something that has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::offline) enum Named {
    /// A table.
    Table(TableId),
    /// A column.
    Column(ColumnId),
}

/// Names by what their parts are.
#[derive(Debug, Default)]
pub(in crate::offline) struct NameIndex {
    words: BTreeMap<String, Vec<Named>>,
    roots: BTreeMap<String, Vec<Named>>,
    concepts: BTreeMap<Concept, Vec<Named>>,
    /// Those with a part that no lexicon has, which may be a word cut short or be named by one.
    unknown: Vec<Named>,
}

impl NameIndex {
    pub(super) fn new(tables: &[TableInfo]) -> Self {
        let mut index = Self::default();
        for (at, table) in tables.iter().enumerate() {
            let id = TableId(at);
            index.add(Named::Table(id), &table.parts, table.words.as_ref());
            for (position, column) in table.columns.iter().enumerate() {
                let id = ColumnId {
                    table: id,
                    position,
                };
                index.add(Named::Column(id), &column.parts, column.words.as_ref());
            }
        }
        index
    }

    fn add(&mut self, named: Named, name: &Name, apart: Option<&Name>) {
        let names = std::iter::once(name).chain(apart);
        for (unit, _) in names.flat_map(|name| &name.parts) {
            for key in &unit.word.keys {
                self.words.entry(key.clone()).or_default().push(named);
            }
            let root = unit.word.root.clone();
            self.roots.entry(root).or_default().push(named);
            for concept in &unit.concepts {
                self.concepts.entry(*concept).or_default().push(named);
            }
            if unit.concepts.is_empty() && self.unknown.last() != Some(&named) {
                self.unknown.push(named);
            }
        }
    }

    /// The names with a part that one of these units may stand for, in the schema's order.
    pub(in crate::offline) fn with<'a>(
        &self,
        units: impl Iterator<Item = &'a Unit>,
    ) -> BTreeSet<Named> {
        let mut found = BTreeSet::new();
        for unit in units {
            let words = unit.word.keys.iter().filter_map(|key| self.words.get(key));
            let concepts = unit.concepts.iter();
            let meant = concepts.filter_map(|concept| self.concepts.get(concept));
            let root = self.roots.get(&unit.word.root);
            found.extend(words.chain(meant).chain(root).flatten().copied());
            found.extend(&self.unknown);
            // A word of the question that is itself cut short may begin any name.
            let letters = unit.word.norm.chars().count();
            if unit.concepts.is_empty() && (3..=4).contains(&letters) {
                found.extend(self.words.values().flatten().copied());
            }
        }
        found
    }
}
