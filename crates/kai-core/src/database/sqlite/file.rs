//! The file of an SQLite database while it is read: it may be deleted, or another put in its place, under
//! connections that would go on reading the old one.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};

use super::super::{CONNECT_TIMEOUT, DatabaseError};

/// How many statements of one connection run side by side.
const MAX_CONNECTIONS: u32 = 4;

/// How many rows wait between SQLite's thread and us. Each can be large.
const ROW_BUFFER: usize = 16;

/// A file, and the connections to what it was when they were made.
#[derive(Debug)]
pub(super) struct OpenFile {
    path: PathBuf,
    open: Mutex<(Identity, SqlitePool)>,
}

/// Which file it is, whatever it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

impl OpenFile {
    /// The file at a path, which must be there.
    pub(super) async fn at(path: &Path) -> Result<Self, DatabaseError> {
        let path = plain(path);
        let identity = identity(&path).await?;
        Ok(Self {
            open: Mutex::new((identity, pool(&path))),
            path,
        })
    }

    /// Connections to the file that is there now. One that has taken the place of another is read from
    /// now on; queries that run end on the old one.
    pub(super) async fn pool(&self) -> Result<SqlitePool, DatabaseError> {
        let now = identity(&self.path).await?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.0 != now {
            tracing::info!("the file of an SQLite database was replaced, and is opened again");
            *open = (now, pool(&self.path));
        }
        Ok(open.1.clone())
    }
}

/// Which file is at the path.
async fn identity(path: &Path) -> Result<Identity, DatabaseError> {
    match tokio::fs::metadata(path).await {
        Ok(metadata) if metadata.is_file() => Ok(Identity {
            device: metadata.dev(),
            inode: metadata.ino(),
        }),
        Ok(_) => Err(DatabaseError::File(
            "what the connection's URI names is no file".to_owned(),
        )),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(missing()),
        Err(error) => Err(unreadable(&error.to_string())),
    }
}

/// Connections that are made when they are needed.
fn pool(path: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .pragma("query_only", "ON")
        // A schema could otherwise make views and triggers call what the guard refuses.
        .pragma("trusted_schema", "OFF")
        .row_buffer_size(ROW_BUFFER)
        .disable_statement_logging();
    SqlitePoolOptions::new()
        .max_connections(MAX_CONNECTIONS)
        .acquire_timeout(CONNECT_TIMEOUT)
        .connect_lazy_with(options)
}

/// The path, so that SQLite does not take it for a URI of its own.
fn plain(path: &Path) -> PathBuf {
    if path.is_absolute() {
        path.to_owned()
    } else {
        Path::new(".").join(path)
    }
}

/// There is no file.
pub(super) fn missing() -> DatabaseError {
    DatabaseError::File(
        "the file of the SQLite database does not exist; check the path in the connection's URI"
            .to_owned(),
    )
}

/// A file that is there and cannot be read, and why.
pub(super) fn unreadable(reason: &str) -> DatabaseError {
    DatabaseError::File(format!(
        "the file of the SQLite database cannot be opened: {reason}"
    ))
}
