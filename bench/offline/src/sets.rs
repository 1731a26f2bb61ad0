//! The evaluation sets: where their databases and questions are, and how the databases are built.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use kai_core::evaluation::{self, Question};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

/// The part of the questions that is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Part {
    /// Those that one may look at while working on the model.
    Tuning,
    /// Those set aside, to see whether that work holds for others.
    HeldOut,
}

impl Part {
    /// The folder with the part's questions.
    fn folder(self) -> &'static str {
        match self {
            Self::Tuning => "questions",
            Self::HeldOut => "held-out",
        }
    }
}

/// The folder with the evaluation sets.
#[derive(Debug, Clone)]
pub(crate) struct Sets(pub(crate) PathBuf);

impl Sets {
    /// The names of the databases, in their order.
    pub(crate) fn databases(&self) -> anyhow::Result<Vec<String>> {
        let folder = self.0.join("databases");
        let mut names = Vec::new();
        let entries = std::fs::read_dir(&folder);
        for entry in entries.with_context(|| folder.display().to_string())? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// The questions of one part for one database.
    pub(crate) fn questions(&self, part: Part, database: &str) -> anyhow::Result<Vec<Question>> {
        let file = self.0.join(part.folder()).join(format!("{database}.jsonl"));
        evaluation::parse(&read(&file)?).with_context(|| file.display().to_string())
    }

    /// Builds a database from its SQL in the file at `path`, which must not exist.
    pub(crate) async fn build(&self, database: &str, path: &Path) -> anyhow::Result<()> {
        let folder = self.0.join("databases");
        let scripts = [
            folder.join("random.sql"),
            folder.join(database).join("schema.sql"),
            folder.join(database).join("data.sql"),
        ];
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true);
        let mut connection = options.connect().await?;
        let mut transaction = connection.begin().await?;
        for script in scripts {
            let sql = AssertSqlSafe(read(&script)?);
            sqlx::raw_sql(sql)
                .execute(&mut *transaction)
                .await
                .with_context(|| script.display().to_string())?;
        }
        transaction.commit().await?;
        Ok(connection.close().await?)
    }
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| file.display().to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Duration;

    use kai_core::database::{self, QueryLimits};
    use kai_core::evaluation::{Expected, QuestionLanguage};
    use sha2::{Digest as _, Sha256};
    use tempfile::TempDir;

    use super::*;

    const LIMITS: QueryLimits = QueryLimits {
        timeout: Duration::from_secs(30),
        max_rows: 1_000,
        max_bytes: 16 << 20,
    };

    fn sets() -> Sets {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        Sets(root.join("../../examples/evaluation"))
    }

    fn all(part: Part) -> Vec<Question> {
        let databases = sets().databases().unwrap();
        let questions = databases
            .iter()
            .map(|name| sets().questions(part, name).unwrap());
        questions.flatten().collect()
    }

    /// Whether a question is set aside: by the hash of its id without the language, so that both
    /// wordings of one question are in the same part.
    fn is_held_out(id: &str) -> bool {
        let (question, _) = id.rsplit_once('-').unwrap();
        Sha256::digest(question)[0].is_multiple_of(3)
    }

    #[test]
    fn a_third_is_set_aside_by_the_hash_of_the_id() {
        for (part, expected) in [(Part::Tuning, false), (Part::HeldOut, true)] {
            for question in all(part) {
                assert_eq!(is_held_out(&question.id), expected, "{}", question.id);
            }
        }
    }

    #[test]
    fn the_sets_are_as_large_as_they_should_be() {
        let questions: Vec<Question> = [all(Part::Tuning), all(Part::HeldOut)].concat();
        let ids: HashSet<&str> = questions.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids.len(), questions.len(), "an id is used twice");
        let (answerable, unanswerable): (Vec<&Question>, Vec<&Question>) = questions
            .iter()
            .partition(|one| matches!(one.expected, Expected::Rows { .. }));
        let asked_in = |language| {
            let questions = answerable.iter();
            questions
                .filter(|one| one.language == Some(language))
                .count()
        };
        assert!(sets().databases().unwrap().len() >= 8);
        assert!(asked_in(QuestionLanguage::English) >= 250);
        assert!(asked_in(QuestionLanguage::Indonesian) >= 250);
        assert!(unanswerable.len() >= 80, "{}", unanswerable.len());
        let held_out = all(Part::HeldOut).len();
        assert!(
            (3..=4).contains(&(questions.len() / held_out)),
            "{held_out}"
        );
    }

    #[tokio::test]
    async fn every_gold_query_passes_the_guard_and_finds_rows() {
        let folder = TempDir::new().unwrap();
        for name in sets().databases().unwrap() {
            let path = folder.path().join(format!("{name}.db"));
            sets().build(&name, &path).await.unwrap();
            let uri = format!("sqlite://{}", path.display()).parse().unwrap();
            let database = database::connect(&uri, &[]).await.unwrap();
            let parts = [Part::Tuning, Part::HeldOut];
            for question in parts
                .map(|part| sets().questions(part, &name).unwrap())
                .concat()
            {
                assert_eq!(question.database.as_deref(), Some(name.as_str()));
                let Expected::Rows { queries, .. } = &question.expected else {
                    continue;
                };
                for sql in queries {
                    let id = &question.id;
                    let checked = database.guard().check(sql);
                    let checked = checked.unwrap_or_else(|error| panic!("{id}: {error}"));
                    let result = database.query(&checked, LIMITS).await;
                    let result = result.unwrap_or_else(|error| panic!("{id}: {error}"));
                    assert!(!result.rows.is_empty(), "{id}: {sql}");
                    assert!(!result.truncated, "{id}: {sql}");
                }
            }
        }
    }
}
