//! What of a database's tables a model is told before a question: all of them where they fit, else
//! those that the question's words and values point to, with the tables that join them.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::fence::{Fence, fenced};
use crate::database::{Column, Database, DatabaseError, Table, TableSummary};
use crate::model::tokens_of;
use crate::offline::text::{Word, fold, split_identifier, words};

/// Of how many tables the columns are read. Of the others the names are known.
const MOST_TABLES: usize = 400;

/// How many values of a column are told.
const SHOWN_VALUES: usize = 12;

/// How many characters of a comment are told.
const SHOWN_COMMENT: usize = 160;

/// Over how many foreign keys two tables are joined at most.
const LONGEST_PATH: usize = 4;

/// What a match counts: a table's name says most of what it holds.
const TABLE_NAME: u32 = 8;
const VALUE: u32 = 6;
const COLUMN_NAME: u32 = 3;
const COMMENT: u32 = 1;

/// Words that say nothing of what a question is about.
const COMMON: &[&str] = &[
    "the",
    "and",
    "for",
    "with",
    "from",
    "what",
    "which",
    "how",
    "many",
    "much",
    "are",
    "was",
    "were",
    "has",
    "have",
    "per",
    "each",
    "all",
    "any",
    "who",
    "name",
    "names",
    "number",
    "total",
    "list",
    "show",
    "code",
    "date",
    "yang",
    "dan",
    "dari",
    "untuk",
    "dengan",
    "apa",
    "berapa",
    "ada",
    "pada",
    "setiap",
    "semua",
    "nama",
    "jumlah",
    "kode",
    "tanggal",
    "tampilkan",
    "siapa",
];

/// Words of which a greeting is made.
const GREETINGS: &[&str] = &[
    "hello",
    "hey",
    "good",
    "morning",
    "afternoon",
    "evening",
    "thanks",
    "thank",
    "you",
    "halo",
    "hai",
    "selamat",
    "pagi",
    "siang",
    "sore",
    "malam",
    "terima",
    "kasih",
    "there",
    "kai",
];

/// The tables of a database, as far as they were read.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    tables: Vec<Table>,
    /// Tables whose columns were not read.
    others: Vec<TableSummary>,
}

impl Catalogue {
    /// Reads what there is, without reading the tables themselves. In a huge database only those
    /// tables are read whose names point to `about`.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn read(database: &dyn Database, about: &str) -> Result<Self, DatabaseError> {
        let mut listed = database.list_tables().await?;
        let mut others = Vec::new();
        if listed.len() > MOST_TABLES {
            let about = Topic::new(about);
            listed.sort_by_cached_key(|table| std::cmp::Reverse(about.names(table)));
            others = listed.split_off(MOST_TABLES);
        }
        let names: Vec<String> = listed.iter().map(|table| table.name.clone()).collect();
        let mut tables = if names.is_empty() {
            Vec::new()
        } else {
            database.describe_known(&names).await?
        };
        for table in &mut tables {
            if table.description.is_none() {
                let listed = listed.iter().find(|listed| listed.name == table.name);
                table.description = listed.and_then(|listed| listed.description.clone());
            }
        }
        Ok(Self { tables, others })
    }

    /// The tables whose columns were read.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The tables whose columns were not read.
    pub fn others(&self) -> &[TableSummary] {
        &self.others
    }

    /// Everything that the topic points to, the most fitting first: tables, each with the columns
    /// that it points to.
    pub fn about(&self, topic: &Topic) -> Vec<(&Table, Vec<&Column>)> {
        let mut found: Vec<(u32, &Table, Vec<&Column>)> = self
            .tables
            .iter()
            .filter_map(|table| {
                let columns: Vec<&Column> = table
                    .columns
                    .iter()
                    .filter(|column| topic.column(column) > 0)
                    .collect();
                let score = topic.table(table);
                (score > 0).then_some((score, table, columns))
            })
            .collect();
        found.sort_by_key(|(score, ..)| std::cmp::Reverse(*score));
        let found = found.into_iter();
        found.map(|(_, table, columns)| (table, columns)).collect()
    }

    /// What a model is told of the tables before the question, within so many tokens.
    pub fn digest(&self, question: &str, tokens: usize) -> String {
        if self.tables.is_empty() {
            return String::new();
        }
        let whole: Vec<String> = self.tables.iter().map(line).collect();
        if self.others.is_empty() && tokens_of_all(&whole) <= tokens {
            return fenced(
                Fence::Schema,
                "These are all tables of the database.",
                &whole.join("\n"),
            );
        }
        let chosen = self.chosen(question);
        let mut lines: Vec<String> = Vec::new();
        let mut told: HashSet<&str> = HashSet::new();
        let mut left = tokens;
        for table in chosen {
            for form in [line(table), short_line(table)] {
                let cost = tokens_of(&form) + 1;
                if cost <= left {
                    left -= cost;
                    lines.push(form);
                    told.insert(&table.name);
                    break;
                }
            }
        }
        let left_out: Vec<&str> = self
            .tables
            .iter()
            .map(|table| table.name.as_str())
            .chain(self.others.iter().map(|table| table.name.as_str()))
            .filter(|name| !told.contains(name))
            .collect();
        let (named, unnamed) = names_within(&left_out, left.max(tokens / 8));
        let unnamed = match unnamed {
            0 => String::new(),
            count => format!(", and {count} whose names are not told here"),
        };
        lines.push(json!({ "tables_left_out": named }).to_string());
        let told = told.len();
        let all = self.tables.len() + self.others.len();
        fenced(
            Fence::Schema,
            &format!(
                "The database has {all} tables. Here are the {told} that the question seems to be \
                 about, and the names of those that were left out{unnamed}. Before you say that \
                 something is not there, look for it: search_schema finds tables and columns by \
                 words, search_values finds where a value stands, describe_tables tells the columns \
                 of a table that was left out."
            ),
            &lines.join("\n"),
        )
    }

    /// The tables that the question points to, then those that join them, then those that they refer
    /// to.
    fn chosen(&self, question: &str) -> Vec<&Table> {
        let topic = Topic::new(question);
        let graph = Graph::of(&self.tables);
        let mut chosen: Vec<&Table> = Vec::new();
        for (table, _) in self.about(&topic) {
            let joined: BTreeSet<&str> = chosen.iter().map(|table| table.name.as_str()).collect();
            let path = graph.path(&table.name, &joined);
            self.push(&mut chosen, &table.name);
            for name in path {
                self.push(&mut chosen, name);
            }
        }
        let referred: Vec<&str> = chosen
            .iter()
            .flat_map(|table| &table.columns)
            .filter_map(|column| column.foreign_key.as_ref())
            .map(|key| key.reference_table.as_str())
            .collect();
        for name in referred {
            self.push(&mut chosen, name);
        }
        chosen
    }

    fn push<'a>(&'a self, chosen: &mut Vec<&'a Table>, name: &str) {
        let table = self.tables.iter().find(|table| table.name == name);
        if let Some(table) = table
            && !chosen.iter().any(|known| known.name == table.name)
        {
            chosen.push(table);
        }
    }
}

/// What a text is about: its words, and the text itself, in which values may stand.
#[derive(Debug, Clone)]
pub struct Topic {
    words: Vec<Word>,
    folded: String,
}

impl Topic {
    /// The topic of a question or of a search.
    pub fn new(text: &str) -> Self {
        let words = words(text)
            .into_iter()
            .filter(|word| word.norm.chars().count() > 2 && !COMMON.contains(&word.norm.as_str()))
            .collect();
        Self {
            words,
            folded: format!(" {} ", plain(text)),
        }
    }

    /// How much a table's name and comment point to it.
    fn names(&self, table: &TableSummary) -> u32 {
        let comment = table.description.as_deref().unwrap_or_default();
        TABLE_NAME * self.in_name(&table.name) + COMMENT * self.in_text(comment)
    }

    /// How much a table points to it, with its columns and their values.
    fn table(&self, table: &Table) -> u32 {
        let comment = table.description.as_deref().unwrap_or_default();
        let columns: u32 = table.columns.iter().map(|column| self.column(column)).sum();
        TABLE_NAME * self.in_name(&table.name) + COMMENT * self.in_text(comment) + columns
    }

    fn column(&self, column: &Column) -> u32 {
        let comment = column.description.as_deref().unwrap_or_default();
        let values = column.categories.iter().filter(|value| self.has(value));
        let values = u32::try_from(values.count()).unwrap_or(u32::MAX).min(3);
        COLUMN_NAME * self.in_name(&column.name) + COMMENT * self.in_text(comment) + VALUE * values
    }

    /// How many of its words are in an identifier.
    fn in_name(&self, name: &str) -> u32 {
        self.among(&split_identifier(name))
    }

    fn in_text(&self, text: &str) -> u32 {
        self.among(&words(text))
    }

    fn among(&self, others: &[Word]) -> u32 {
        let known = self.words.iter().filter(|word| {
            let same = |other: &Word| other.same(word) || other.root == word.root;
            others.iter().any(same)
        });
        u32::try_from(known.count()).unwrap_or(u32::MAX)
    }

    /// How many of its words are in a text.
    pub fn overlap(&self, text: &str) -> u32 {
        self.in_text(text)
    }

    /// Whether one of its words is in a text.
    pub fn touches(&self, text: &str) -> bool {
        self.in_text(text) > 0
    }

    /// Whether it says nothing that a database could be asked for: a greeting, a word of thanks.
    pub fn is_greeting(&self) -> bool {
        self.words
            .iter()
            .all(|word| GREETINGS.contains(&word.norm.as_str()))
    }

    /// Whether it names this value.
    pub fn has(&self, value: &str) -> bool {
        let value = plain(value);
        value.chars().count() > 2 && self.folded.contains(&format!(" {value} "))
    }
}

/// Words in lower case with single spaces between them.
fn plain(text: &str) -> String {
    let folded = fold(text);
    let words = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Which tables foreign keys join.
struct Graph<'a> {
    neighbours: HashMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Graph<'a> {
    fn of(tables: &'a [Table]) -> Self {
        let mut neighbours: HashMap<&str, BTreeSet<&str>> = HashMap::new();
        for table in tables {
            let keys = table.columns.iter().filter_map(|c| c.foreign_key.as_ref());
            for key in keys {
                let (from, to) = (table.name.as_str(), key.reference_table.as_str());
                neighbours.entry(from).or_default().insert(to);
                neighbours.entry(to).or_default().insert(from);
            }
        }
        Self { neighbours }
    }

    /// The tables on the shortest way from one to any of the others, without its two ends.
    fn path(&self, from: &str, to: &BTreeSet<&str>) -> Vec<&'a str> {
        let mut queue: VecDeque<Vec<&'a str>> = VecDeque::new();
        let mut seen: HashSet<&str> = HashSet::from([from]);
        let next = |name: &str| self.neighbours.get(name).into_iter().flatten().copied();
        queue.extend(next(from).map(|name| vec![name]));
        while let Some(path) = queue.pop_front() {
            let Some(last) = path.last().copied() else {
                continue;
            };
            if to.contains(last) {
                return path.into_iter().filter(|name| *name != last).collect();
            }
            if path.len() < LONGEST_PATH && seen.insert(last) {
                queue.extend(next(last).map(|name| [path.as_slice(), &[name]].concat()));
            }
        }
        Vec::new()
    }
}

/// A table on one line, with comments and values.
fn line(table: &Table) -> String {
    object(table, |column| {
        let mut text = short_column(column);
        if column.low_cardinality && !column.categories.is_empty() {
            let shown: Vec<&str> = column
                .categories
                .iter()
                .take(SHOWN_VALUES)
                .map(String::as_str)
                .collect();
            let more = if column.categories.len() > SHOWN_VALUES {
                ", …"
            } else {
                ""
            };
            let _ = write!(text, " in {}{more}", json!(shown));
        }
        if let Some(comment) = &column.description {
            let _ = write!(text, " -- {}", cut(comment));
        }
        text
    })
}

/// The same with names, types and keys alone.
fn short_line(table: &Table) -> String {
    object(table, short_column)
}

fn object(table: &Table, column: impl Fn(&Column) -> String) -> String {
    let columns: Vec<String> = table.columns.iter().map(column).collect();
    let mut object = json!({"table": table.name, "columns": columns});
    if let (Value::Object(fields), Some(comment)) = (&mut object, &table.description) {
        fields.insert("comment".to_owned(), cut(comment).into());
    }
    object.to_string()
}

fn short_column(column: &Column) -> String {
    let mut text = format!("{} {}", column.name, column.data_type);
    if column.is_primary_key {
        text.push_str(" primary key");
    }
    if let Some(key) = &column.foreign_key {
        let _ = write!(text, " → {}.{}", key.reference_table, key.field_name);
    }
    text
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_COMMENT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn tokens_of_all(lines: &[String]) -> usize {
    lines.iter().map(|line| tokens_of(line) + 1).sum()
}

/// As many of the names as so many tokens allow, and how many are left.
fn names_within<'a>(names: &[&'a str], tokens: usize) -> (Vec<&'a str>, usize) {
    let mut left = tokens;
    let fitting = names.iter().take_while(|name| {
        let cost = tokens_of(name) + 1;
        let fits = cost <= left;
        left = left.saturating_sub(cost);
        fits
    });
    let fitting: Vec<&str> = fitting.copied().collect();
    let rest = names.len() - fitting.len();
    (fitting, rest)
}

#[cfg(test)]
mod tests;
