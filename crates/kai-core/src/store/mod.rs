//! What KAI itself remembers: a database of its own, apart from those that are asked.

mod cipher;
mod connections;
mod error;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, SqlSafeStr};

pub use cipher::Cipher;
pub use connections::{Connection, NewConnection};
pub use error::StoreError;

/// How long a statement waits for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long to wait before another try, where SQLite itself does not wait.
const BUSY_PAUSE: Duration = Duration::from_millis(20);

/// How many statements run side by side.
const MAX_CONNECTIONS: u32 = 5;

/// The changes that bring an older store up to date: version, name, SQL.
const MIGRATIONS: &[(i64, &str, &str)] = &[(
    1,
    "connections",
    include_str!("../../migrations/sqlite/0001_connections.sql"),
)];

/// The store. Cloning it is cheap and shares its connections.
#[derive(Debug, Clone)]
pub struct Store {
    pool: SqlitePool,
}

impl Store {
    /// Opens the store at `sqlite://PATH`, after making what is missing: the folder and the file,
    /// both for this user alone, and the tables.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let path = sqlite_path(url)?;
        create_private(&path)
            .await
            .map_err(|source| StoreError::File {
                path: path.clone(),
                source,
            })?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .journal_mode(SqliteJournalMode::Wal)
            // Safe with a write-ahead log: a crash of the machine can only lose the last moments.
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(BUSY_TIMEOUT)
            .disable_statement_logging();
        let store = Self {
            pool: SqlitePoolOptions::new()
                .max_connections(MAX_CONNECTIONS)
                .connect_lazy_with(options),
        };
        let deadline = Instant::now() + BUSY_TIMEOUT;
        // SQLite does not wait for its turn to begin a write-ahead log: another process that opens
        // the store at the same moment makes this one fail.
        loop {
            match store.migrate().await {
                Err(error) if error.is_retryable() && Instant::now() < deadline => {
                    tokio::time::sleep(BUSY_PAUSE).await;
                }
                result => return result.map(|()| store),
            }
        }
    }

    /// Makes the changes that are still missing, all or none, and one process at a time.
    async fn migrate(&self) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        migrator()
            .run_direct(None, &mut *transaction, false)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Where the store is when no setting says otherwise: in the user's data folder, or in the
    /// current one where the user has none.
    pub fn default_url() -> String {
        let folder = dirs::data_dir().unwrap_or_default().join("kai");
        format!("sqlite://{}", folder.join("kai.db").display())
    }

    /// Closes the store's files once what runs has ended.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

fn migrator() -> Migrator {
    Migrator::with_migrations(
        MIGRATIONS
            .iter()
            .map(|(version, name, sql)| {
                Migration::new(
                    *version,
                    (*name).into(),
                    MigrationType::Simple,
                    sql.into_sql_str(),
                    false,
                )
            })
            .collect(),
    )
}

/// The file that a store's URL names.
fn sqlite_path(url: &str) -> Result<PathBuf, StoreError> {
    let url = url.trim();
    let path = url
        .strip_prefix("sqlite://")
        .or_else(|| url.strip_prefix("sqlite:"))
        .ok_or(StoreError::Url)?;
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    if path.is_empty() || path.ends_with('/') || path == ":memory:" || path.contains('\0') {
        return Err(StoreError::Url);
    }
    // SQLite takes a relative path that begins with `file:` for a URI of its own.
    Ok(Path::new(".").join(path))
}

/// Makes the file, and the folder it is in, readable and writable for this user alone. What exists
/// is left as it is: opening and closing SQLite's file here would also undo the locks that this
/// process has on it.
async fn create_private(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        let mut builder = tokio::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        builder.mode(0o700);
        builder.create(folder).await?;
    }
    let mut options = tokio::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    options.mode(0o600);
    match options.open(path).await {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        result => result.map(drop),
    }
}
