//! A table of attacks: a text file that people read, that tests compare with what they see, and that
//! is written anew on demand.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

use kai_core::database::Dialect;

/// Set, the tables are written anew instead of being compared.
const UPDATE: &str = "UPDATE_ATTACKS";

/// Several tests write to the same file.
static WRITING: Mutex<()> = Mutex::new(());

/// Whether the tables are to be written anew.
pub(super) fn is_update() -> bool {
    env::var_os(UPDATE).is_some()
}

/// A column before the text: the guard's, or one of an engine's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Guard,
    Engine(usize),
}

impl Column {
    fn index(self) -> usize {
        match self {
            Self::Guard => 0,
            Self::Engine(index) => 1 + index,
        }
    }
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attack {
    columns: Vec<String>,
    text: String,
}

impl Attack {
    /// What the guard says.
    pub(super) fn guard(&self) -> &str {
        &self.columns[0]
    }

    /// What the engine does, for each kind of account.
    pub(super) fn engines(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().skip(1).map(String::as_str)
    }

    /// What stands in a column.
    pub(super) fn column(&self, column: Column) -> &str {
        &self.columns[column.index()]
    }

    /// The attack as it is written in the table.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The attack as it is sent; it may write files into the folder.
    pub(super) fn sql(&self, folder: &str) -> String {
        let mut sql = String::new();
        let mut rest = self.text.as_str();
        while let Some((before, after)) = rest.split_once('⟦') {
            let (repeated, after) = after.split_once('⟧').expect("⟦ has its ⟧");
            let (text, times) = repeated.rsplit_once('×').expect("⟦text×times⟧");
            sql.push_str(before);
            sql.push_str(&text.repeat(times.parse().expect("a number of times")));
            rest = after;
        }
        sql.push_str(rest);
        sql.replace('␊', "\n")
            .replace('␍', "\r")
            .replace('␀', "\0")
            .replace("{dir}", folder)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    Words(String),
    Attack(Attack),
}

/// The attacks on one dialect.
pub(super) struct Table {
    path: PathBuf,
    lines: Vec<Line>,
}

impl Table {
    /// Reads the table of a dialect.
    pub(super) fn read(dialect: Dialect) -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("tests/database/attacks")
            .join(format!("{dialect}.txt"));
        let columns = match dialect {
            // Two kinds of account.
            Dialect::Postgresql | Dialect::Mysql => 3,
            Dialect::Sqlite => 2,
        };
        let file = fs::read_to_string(&path).expect("the table can be read");
        let lines = file.split('\n').map(|line| {
            if line.is_empty() || line.starts_with('#') || line.starts_with("==") {
                return Line::Words(line.to_owned());
            }
            let mut parts = line.splitn(columns + 1, " | ");
            let columns = parts.by_ref().take(columns);
            Line::Attack(Attack {
                columns: columns.map(|column| column.trim().to_owned()).collect(),
                text: parts.next().unwrap_or_default().to_owned(),
            })
        });
        Self {
            lines: lines.collect(),
            path,
        }
    }

    /// The attacks in their order.
    pub(super) fn attacks(&self) -> impl Iterator<Item = &Attack> {
        self.lines.iter().filter_map(|line| match line {
            Line::Attack(attack) => Some(attack),
            Line::Words(_) => None,
        })
    }

    /// The attacks by class, in the order of the table.
    pub(super) fn classes(&self) -> Vec<(&str, Vec<&Attack>)> {
        let mut classes: Vec<(&str, Vec<&Attack>)> = Vec::new();
        for line in &self.lines {
            match line {
                Line::Words(words) => {
                    if let Some(title) = words.strip_prefix("== ") {
                        classes.push((title, Vec::new()));
                    }
                }
                Line::Attack(attack) => {
                    let (_, attacks) = classes.last_mut().expect("a class above each attack");
                    attacks.push(attack);
                }
            }
        }
        classes
    }

    /// Compares a column with what was seen, in the order of the attacks, or writes it anew.
    pub(super) fn compare(&self, column: Column, seen: &[String]) {
        if is_update() {
            self.write(column, seen);
            return;
        }
        let differences: Vec<_> = self
            .attacks()
            .zip(seen)
            .filter(|(attack, seen)| attack.column(column) != *seen)
            .map(|(attack, seen)| {
                format!("{}: {seen}, not {}", attack.text(), attack.column(column))
            })
            .collect();
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }

    fn write(&self, column: Column, seen: &[String]) {
        let guard = WRITING.lock().expect("no writer panicked");
        // Another test may have written its column since.
        let dialect = self.path.file_stem().and_then(|name| name.to_str());
        let dialect = Dialect::from_name(dialect.expect("a name")).expect("a dialect");
        let mut table = Self::read(dialect);
        let mut seen = seen.iter();
        for line in &mut table.lines {
            if let Line::Attack(attack) = line {
                let seen = seen.next().expect("a result for each attack");
                attack.columns[column.index()].clone_from(seen);
            }
        }
        let lines: Vec<_> = table
            .lines
            .iter()
            .map(|line| match line {
                Line::Words(words) => words.clone(),
                Line::Attack(Attack { columns, text }) => {
                    let columns: Vec<_> = columns
                        .iter()
                        .map(|column| format!("{column:<11} | "))
                        .collect();
                    columns.concat() + text
                }
            })
            .collect();
        fs::write(&self.path, lines.join("\n")).expect("the table can be written");
        drop(guard);
    }
}
