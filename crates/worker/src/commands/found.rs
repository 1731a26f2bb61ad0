//! What `init` finds out by itself: a Temporal that answers, a model at hand, databases.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kai_core::config::{self, ModelFamily};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use super::status;
use crate::cli::Cli;

/// How long a server of this machine may take to accept a connection.
const KNOCK_TIMEOUT: Duration = Duration::from_millis(500);

/// How a file of SQLite begins.
const SQLITE_MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// How files of SQLite are called.
const SQLITE_EXTENSIONS: [&str; 3] = ["db", "sqlite", "sqlite3"];

/// How many files are named.
const MOST_FILES: usize = 5;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Found {
    /// The address of the Temporal server, if it answers.
    pub(super) temporal: Option<String>,
    /// The models of an Ollama on this machine, if there is one and no other model was chosen.
    pub(super) ollama: Option<Vec<String>>,
    /// Databases that may be the one to ask.
    pub(super) databases: Vec<AtHand>,
}

/// A database at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AtHand {
    /// The environment names it in this variable.
    Variable(&'static str),
    /// A file of SQLite.
    File(PathBuf),
    /// A server that listens on this machine.
    Server {
        /// The scheme of its URIs.
        scheme: &'static str,
        /// Where it listens.
        port: u16,
    },
}

/// The command that stores a connection to it.
impl fmt::Display for AtHand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("kai-worker connection create ")?;
        match self {
            Self::Variable(name) => write!(f, "\"${name}\" -a NAME"),
            Self::File(path) => {
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                let uri = format!("sqlite://{}", path.display());
                write!(f, "{} -a {}", shell_word(&uri), shell_word(&name))
            }
            Self::Server { scheme, port } => {
                write!(
                    f,
                    "'{scheme}://USER:PASSWORD@localhost:{port}/DATABASE' -a NAME"
                )
            }
        }
    }
}

/// The text as one word of a shell.
fn shell_word(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Looks around; for files of SQLite, in the folder.
pub(super) async fn look(cli: &Cli, folder: &Path) -> Found {
    let wants_ollama =
        cli.model.chat_family.is_none() && cli.model.family() == ModelFamily::Offline;
    let store = cli.store.store_url().to_string();
    let (temporal, ollama, servers, files) = futures::join!(
        temporal(cli),
        async {
            if wants_ollama {
                status::ollama_models()
                    .await
                    .filter(|models| !models.is_empty())
            } else {
                None
            }
        },
        servers(),
        files(folder, &store),
    );
    let mut databases = Vec::new();
    if std::env::var_os("DATABASE_URL").is_some() && !config::is_from_dotenv("DATABASE_URL") {
        databases.push(AtHand::Variable("DATABASE_URL"));
    }
    databases.extend(files.into_iter().map(AtHand::File));
    databases.extend(servers);
    Found {
        temporal,
        ollama,
        databases,
    }
}

async fn temporal(cli: &Cli) -> Option<String> {
    let server = cli.temporal.server().ok()?;
    server.connect("kai-worker init").await.ok()?;
    Some(server.address)
}

/// Database servers on their usual ports.
async fn servers() -> Vec<AtHand> {
    let mut found = Vec::new();
    for (scheme, port) in [("postgresql", 5432), ("mysql", 3306)] {
        let knock = TcpStream::connect(("127.0.0.1", port));
        if let Ok(Ok(_)) = tokio::time::timeout(KNOCK_TIMEOUT, knock).await {
            found.push(AtHand::Server { scheme, port });
        }
    }
    found
}

/// Files of SQLite in the folder, by name; but for KAI's own store, which is no database to ask.
async fn files(folder: &Path, store: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(mut entries) = tokio::fs::read_dir(folder).await else {
        return found;
    };
    let store = store
        .strip_prefix("sqlite://")
        .map(|path| folder.join(path));
    while let Ok(Some(entry)) = entries.next_entry().await {
        let path = entry.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        let is_named_so = extension.is_some_and(|it| SQLITE_EXTENSIONS.contains(&it));
        if is_named_so && store.as_ref() != Some(&path) && is_sqlite(&path).await {
            found.push(path);
        }
    }
    found.sort();
    found.truncate(MOST_FILES);
    found
}

async fn is_sqlite(path: &Path) -> bool {
    let mut magic = [0; SQLITE_MAGIC.len()];
    match tokio::fs::File::open(path).await {
        Ok(mut file) => file.read_exact(&mut magic).await.is_ok() && magic == *SQLITE_MAGIC,
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn files_of_sqlite_are_found_but_for_the_store() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["b.db", "a.sqlite3", "kai.db"] {
            std::fs::write(at(name), SQLITE_MAGIC).unwrap();
        }
        std::fs::write(at("text.db"), "no database at all").unwrap();
        std::fs::write(at("empty.db"), "").unwrap();
        std::fs::write(at("other.txt"), SQLITE_MAGIC).unwrap();
        let store = format!("sqlite://{}", at("kai.db").display());
        let found = files(folder.path(), &store).await;
        assert_eq!(found, [at("a.sqlite3"), at("b.db")]);
        let relative = files(folder.path(), "sqlite://kai.db").await;
        assert_eq!(relative, found);
    }

    #[test]
    fn a_database_is_told_as_the_command_to_add_it() {
        let file = AtHand::File("/data/my shop's.db".into());
        let command = file.to_string();
        assert_eq!(
            command,
            r"kai-worker connection create 'sqlite:///data/my shop'\''s.db' -a 'my shop'\''s'"
        );
        let variable = AtHand::Variable("DATABASE_URL").to_string();
        assert!(variable.contains("\"$DATABASE_URL\""), "{variable}");
    }
}
