//! The dialogue: from how far the run is, the next turn.

use std::convert::Infallible;

use serde_json::json;

use super::conversation::{Conversation, DESCRIBE_TABLES, LIST_TABLES, Listing, SEARCH_VALUES};
use super::link::Target;
use super::probe::{Search, searches};
use super::schema::{Schema, Schemas};
use super::understand::{Obstacle, understand};
use super::{Turn, language};
use crate::database::Table;
use crate::language::Language;

mod reply;

/// Up to how many tables all are described.
const MANY_TABLES: usize = 240;

/// How many tables are described by one call.
const AT_ONCE: usize = 80;

/// The next turn of a run; the schemas are those that were read before.
pub(super) fn next_turn(
    conversation: &Conversation<'_>,
    schemas: &Schemas,
    default_language: Language,
) -> Turn {
    let language = language::detect(conversation.question).unwrap_or(default_language);
    let speaker = Speaker {
        conversation,
        schemas,
        language,
    };
    match conversation.listing() {
        None => Turn::call(
            speaker.say(
                "I first look at which tables there are.",
                "Saya lihat dulu tabel apa saja yang ada.",
            ),
            LIST_TABLES,
            json!({}),
        ),
        Some(Err(error)) => speaker.failed(&error),
        Some(Ok(listing)) => speaker.with_tables(&listing),
    }
}

struct Speaker<'a> {
    conversation: &'a Conversation<'a>,
    schemas: &'a Schemas,
    language: Language,
}

impl Speaker<'_> {
    fn say<'t>(&self, english: &'t str, indonesian: &'t str) -> &'t str {
        match self.language {
            Language::English => english,
            Language::Indonesian => indonesian,
        }
    }

    /// A tool failed: the run ends with what it said.
    fn failed(&self, error: &str) -> Turn {
        let answer = match self.language {
            Language::English => format!("The database could not be read: {error}"),
            Language::Indonesian => format!("Basis data tidak dapat dibaca: {error}"),
        };
        Turn::answer("", &answer, &[])
    }

    fn with_tables(&self, listing: &Listing) -> Turn {
        if listing.tables.is_empty() {
            let answer = self.say(
                "This connection shows no tables, so there is nothing that I could answer from. Check its schemas and the rights of its user.",
                "Koneksi ini tidak menampilkan tabel apa pun, jadi tidak ada data yang bisa saya jawab. Periksa skema dan hak akses penggunanya.",
            );
            return Turn::answer("", answer, &[]);
        }
        let asked = self.conversation.asked_tables();
        let mut wanted = self.order(listing);
        if listing.tables.len() > MANY_TABLES {
            match self.conversation.tables() {
                Ok(tables) => wanted.extend(referred(listing, &tables)),
                Err(error) => return self.failed(&error),
            }
        }
        wanted.retain(|name| !asked.contains(name));
        wanted.truncate(AT_ONCE);
        if wanted.is_empty() || asked.len() >= MANY_TABLES * 2 {
            let told = self.conversation.described();
            return match self.schemas.read(&told, || self.conversation.tables()) {
                Ok(read) => self.with_schema(Schema::of(listing.dialect, read)),
                Err(error) => self.failed(&error),
            };
        }
        if let Err(error) = self.conversation.tables() {
            return self.failed(&error);
        }
        let thinking = match self.language {
            Language::English => format!(
                "There are {} tables; I look at their columns and values.",
                listing.tables.len()
            ),
            Language::Indonesian => format!(
                "Ada {} tabel; saya lihat kolom dan nilainya.",
                listing.tables.len()
            ),
        };
        Turn::call(&thinking, DESCRIBE_TABLES, json!({ "tables": wanted }))
    }

    /// The tables to look at: all of them, or in a very large database those that are named first.
    fn order(&self, listing: &Listing) -> Vec<String> {
        let names = || listing.tables.iter().map(|table| table.name.clone());
        if listing.tables.len() <= MANY_TABLES {
            return names().collect();
        }
        let bare = || {
            let tables = listing.tables.iter().map(|table| Table {
                name: table.name.clone(),
                description: table.description.clone(),
                columns: Vec::new(),
                examples: Vec::new(),
            });
            Ok::<_, Infallible>(tables.collect())
        };
        let told = self.conversation.listed().unwrap_or_default();
        let Ok(read) = self.schemas.read(&[LIST_TABLES, told], bare);
        let schema = Schema::of(listing.dialect, read);
        let understanding = understand(self.conversation.question, &schema, self.language);
        let mut named: Vec<String> = Vec::new();
        for piece in &understanding.pieces {
            if let super::link::Content::Links(links) = &piece.content {
                for link in links {
                    if let Target::Table(table) = link.target {
                        let name = schema.table(table).name.clone();
                        if !named.contains(&name) {
                            named.push(name);
                        }
                    }
                }
            }
        }
        let rest: Vec<String> = names().filter(|name| !named.contains(name)).collect();
        named.extend(rest);
        named.truncate(MANY_TABLES);
        named
    }

    fn with_schema(&self, schema: Schema) -> Turn {
        let mut schema = schema.preferring(self.conversation.preferences.clone());
        let mut understanding = understand(self.conversation.question, &schema, self.language);
        let mut looked_for = Vec::new();
        let mut found = Vec::new();
        // Only where unknown words are in the way are names looked for.
        if understanding.readings.is_empty()
            && matches!(understanding.obstacle, Some(Obstacle::Words(_)))
        {
            for search in searches(&understanding.pieces, &schema) {
                let Some(places) = self.conversation.found(&search.name) else {
                    return self.ask_search(&search);
                };
                found.extend(search.learned(&places, &schema));
                looked_for.push(search.name);
            }
        }
        if !found.is_empty() {
            schema.learn(&found);
            understanding = understand(self.conversation.question, &schema, self.language);
        }
        self.with_understanding(&schema, &understanding, &looked_for)
    }

    fn ask_search(&self, search: &Search) -> Turn {
        let name = &search.name;
        let thinking = match self.language {
            Language::English => format!("“{name}” may be a name; I look where it stands."),
            Language::Indonesian => format!("“{name}” mungkin sebuah nama; saya cari letaknya."),
        };
        let arguments = json!({ "text": name, "tables": search.tables });
        Turn::call(&thinking, SEARCH_VALUES, arguments)
    }
}

/// The tables that described ones refer to.
fn referred(listing: &Listing, tables: &[Table]) -> Vec<String> {
    listing
        .tables
        .iter()
        .map(|table| &table.name)
        .filter(|name| {
            tables
                .iter()
                .flat_map(|table| &table.columns)
                .filter_map(|column| column.foreign_key.as_ref())
                .any(|key| key.reference_table == **name)
        })
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::model::{Message, ToolCall};
    use crate::offline::conversation::SQL_QUERY;
    use crate::offline::fixtures::tables;

    /// A conversation played by hand.
    struct Play {
        messages: Vec<Message>,
    }

    impl Play {
        fn new(question: &str) -> Self {
            Self {
                messages: vec![Message::User {
                    content: question.to_owned(),
                }],
            }
        }

        /// A play that has seen the tables.
        fn with_tables(question: &str) -> Self {
            let mut play = Self::new(question);
            let names: Vec<Value> = tables()
                .iter()
                .map(|table| json!({"name": table.name, "column_count": table.columns.len()}))
                .collect();
            play.answer(
                LIST_TABLES,
                &json!({}),
                &json!({"dialect": "sqlite", "tables": names}),
            );
            let asked: Vec<String> = tables().into_iter().map(|table| table.name).collect();
            play.answer(
                DESCRIBE_TABLES,
                &json!({"tables": asked}),
                &json!({"tables": tables()}),
            );
            play
        }

        fn turn(&self) -> Turn {
            next_turn(
                &Conversation::new(&self.messages),
                &Schemas::default(),
                Language::Indonesian,
            )
        }

        fn answer(&mut self, tool: &str, arguments: &Value, content: &Value) {
            let id = format!("offline-{}", self.messages.len());
            let call = ToolCall::new(id.clone(), tool, arguments.clone());
            self.messages.push(Message::Assistant {
                content: String::new(),
                tool_calls: vec![call],
                echo: serde_json::Map::new(),
            });
            let content = content.to_string();
            self.messages.push(Message::Tool {
                call_id: id,
                name: tool.to_owned(),
                content,
            });
        }

        /// Answers the search of the next turn, which must be for this text.
        fn answer_search(&mut self, text: &str, content: &Value) {
            let turn = self.turn();
            let (tool, arguments) = turn.call.expect("a search");
            assert_eq!((tool, &arguments["text"]), (SEARCH_VALUES, &json!(text)));
            self.answer(tool, &arguments, content);
        }

        /// Answers the query of the next turn; the query.
        fn answer_query(&mut self, content: &Value) -> String {
            let turn = self.turn();
            let (tool, arguments) = turn.call.expect("a query");
            assert_eq!(tool, SQL_QUERY);
            self.answer(tool, &arguments, content);
            arguments["query"].as_str().unwrap_or_default().to_owned()
        }
    }

    fn rows(columns: &[&str], data: &Value) -> Value {
        let count = data.as_array().map_or(0, Vec::len);
        json!({"success": true, "row_count": count, "columns": columns, "data": data, "truncated": false})
    }

    #[test]
    fn a_run_lists_describes_queries_and_answers() {
        let mut play = Play::new("How many staff are there?");
        assert_eq!(play.turn().call, Some((LIST_TABLES, json!({}))));
        play = Play::with_tables("How many staff are there?");
        let sql = play.answer_query(&rows(
            &["number_of_staff"],
            &json!([{"number_of_staff": 1234}]),
        ));
        assert_eq!(sql, "SELECT COUNT(*) AS number_of_staff FROM staff");
        let last = play.turn();
        assert_eq!(last.call, None);
        assert!(
            last.text
                .contains("<answer>The number of staff is **1,234**."),
            "{}",
            last.text
        );
        assert_eq!(last.text.matches("\n- ").count() + 1, 3, "{}", last.text);
        assert_eq!(last, play.turn());
    }

    #[test]
    fn the_answer_is_in_the_language_of_the_question() {
        let mut play = Play::with_tables("Berapa rata-rata gaji staf?");
        play.answer_query(&rows(
            &["rata_rata_salary"],
            &json!([{"rata_rata_salary": "1234567.5"}]),
        ));
        let text = play.turn().text;
        assert!(
            text.contains("Rata-rata gaji adalah **1.234.567,5**."),
            "{text}"
        );
    }

    #[test]
    fn a_name_is_looked_for_before_it_is_given_up() {
        let mut play = Play::with_tables("What is the salary of Rina Marlina?");
        let places = json!([
            {"table": "staff", "column": "full_name", "values": ["Rina Marlina"]},
            {"table": "transfers", "column": "goods", "values": ["Rina Marlinawati's bags"]},
        ]);
        play.answer_search("Rina Marlina", &json!({"found": places}));
        let sql = play.answer_query(&rows(&["salary"], &json!([{"salary": 10}])));
        assert!(sql.contains("staff.full_name = 'Rina Marlina'"), "{sql}");

        let mut play = Play::with_tables("What is the salary of Rina Marlina?");
        play.answer_search("Rina Marlina", &json!({"found": []}));
        let text = play.turn().text;
        assert!(
            text.contains("“Rina”") && text.contains("did not find it"),
            "{text}"
        );
    }

    #[test]
    fn a_refused_query_is_told_and_an_empty_result_is_no_figure() {
        let mut play = Play::with_tables("How many staff are there?");
        play.answer_query(&json!({"success": false, "error": "no such thing"}));
        assert!(play.turn().text.contains("no such thing"));

        let mut play = Play::with_tables("List staff with a salary above 5");
        play.answer_query(&rows(&["full_name", "salary"], &json!([])));
        let text = play.turn().text;
        assert!(
            text.contains("There are no rows for this question (salary > 5)."),
            "{text}"
        );
    }

    #[test]
    fn a_database_without_tables_or_without_an_answer_ends_the_run() {
        let mut play = Play::new("How many staff are there?");
        play.answer(
            LIST_TABLES,
            &json!({}),
            &json!({"dialect": "sqlite", "tables": []}),
        );
        assert!(play.turn().text.contains("shows no tables"));

        let mut play = Play::new("How many staff are there?");
        play.answer(
            LIST_TABLES,
            &json!({}),
            &json!({"success": false, "error": "out of reach"}),
        );
        let turn = play.turn();
        assert!(
            turn.call.is_none() && turn.text.contains("out of reach"),
            "{}",
            turn.text
        );
    }

    #[test]
    fn a_declined_question_says_what_can_be_asked() {
        let mut play = Play::with_tables("Berapa banyak naga di Bogor?");
        // A word that is no name must be all of a value.
        let places = json!([{"table": "transfers", "column": "goods", "values": ["buah naga"]}]);
        play.answer_search("naga", &json!({"found": places}));
        let text = play.turn().text;
        for part in ["“naga”", "branches.city = Bogor", "cabang", "Misalnya"] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn only_what_came_after_the_question_counts() {
        let mut play = Play::with_tables("How many staff are there?");
        play.messages.push(Message::User {
            content: "How many branches are there?".to_owned(),
        });
        assert_eq!(play.turn().call, Some((LIST_TABLES, json!({}))));
    }
}
