//! Verified pairs of a connection: the links that they use are raised where the same words stand.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::text::{Word, fold, words};
use super::told::told;
use crate::model::Message;

/// How much surer a link is that a verified query uses for the same words, in thousandths.
const RAISED: u32 = 150;

#[derive(Deserialize)]
struct Pair {
    question: String,
    sql: String,
}

/// What the verified pairs say: which words stood in a question, and which names in its query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Preferences {
    pairs: Vec<(Vec<Word>, BTreeSet<String>)>,
}

impl Preferences {
    /// Reads the pairs that the agent was told as like the question.
    pub(super) fn new(messages: &[Message]) -> Self {
        let pairs = told(messages, "verified query")
            .map(|pair: Pair| (words(&pair.question), names(&pair.sql)));
        Self {
            pairs: pairs.collect(),
        }
    }

    /// How much surer it is that these words mean what has these names: a table, or a table and its
    /// column.
    pub(super) fn raise(&self, said: &[&Word], meant: &[&str]) -> u32 {
        let used = self.pairs.iter().any(|(question, names)| {
            let spoken = |word: &&Word| question.iter().any(|other| other.same(word));
            said.iter().all(spoken) && meant.iter().all(|name| names.contains(&fold(name)))
        });
        if used { RAISED } else { 0 }
    }
}

/// The names in a query, folded; a keyword among them is no table's name.
fn names(sql: &str) -> BTreeSet<String> {
    sql.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|name| !name.is_empty())
        .map(fold)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Dialect;
    use crate::knowledge::{Briefing, Knowledge, VerifiedQuery};
    use crate::language::Language;
    use crate::offline::fixtures::tables;
    use crate::offline::schema::Schema;
    use crate::offline::understand::understand;

    fn told(question: &str, sql: &str) -> Preferences {
        let knowledge = Knowledge {
            verified: vec![VerifiedQuery {
                id: "v1".to_owned(),
                question: question.to_owned(),
                sql: sql.to_owned(),
            }],
            ..Knowledge::default()
        };
        let briefing = Briefing::new(&knowledge, question);
        Preferences::new(&[Message::System {
            content: format!("You answer.\n{}", briefing.text()),
        }])
    }

    #[test]
    fn a_verified_pair_raises_the_links_that_it_uses() {
        let pair = told(
            "How many staff are in Depok?",
            "SELECT COUNT(*) FROM staff JOIN branches ON branches.id = staff.branch_id \
             WHERE branches.city = 'Depok'",
        );
        let word = Word::new("Depok");
        assert_eq!(pair.raise(&[&word], &["branches", "city"]), RAISED);
        assert_eq!(pair.raise(&[&word], &["branches", "zip"]), 0);
        assert_eq!(pair.raise(&[&Word::new("Bogor")], &["branches", "city"]), 0);
        assert_eq!(Preferences::default().raise(&[&word], &["branches"]), 0);
    }

    #[test]
    fn a_verified_column_is_taken_also_where_no_thing_is_named() {
        let mut tables = tables();
        for table in &mut tables {
            for column in &mut table.columns {
                if ["goods", "full_name"].contains(&column.name.as_str()) {
                    column.low_cardinality = true;
                    column.categories = vec!["Mango".to_owned()];
                }
            }
        }
        let sql = |preferences: Preferences| {
            let schema = Schema::new(Dialect::Sqlite, &tables).preferring(preferences);
            let understanding = understand("How many have Mango?", &schema, Language::English);
            let readings = understanding.readings.into_iter();
            readings
                .map(|reading| reading.sql)
                .next()
                .unwrap_or_default()
        };
        let pair = told(
            "Which have Mango?",
            "SELECT id FROM transfers WHERE goods = 'Mango'",
        );
        assert!(sql(pair).contains("goods"));
    }
}
