//! The file of a store on one machine.

use std::io::ErrorKind;
use std::path::Path;

/// Makes the file, and the folder it is in, readable and writable for this user alone. What exists
/// is left as it is: opening and closing SQLite's file here would also undo the locks that this
/// process has on it.
pub(super) async fn create_private(path: &Path) -> std::io::Result<()> {
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
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        result => result.map(drop),
    }
}
