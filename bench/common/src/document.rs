//! The document that keeps what was measured, between two marks.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a document does not keep the tables.
#[derive(Debug, Error)]
pub enum DocumentError {
    /// It cannot be read or written.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// The document.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It has no place for them.
    #[error("{path} has no line {mark}", path = path.display(), mark = mark.trim())]
    NoMark {
        /// The document.
        path: PathBuf,
        /// What is missing.
        mark: &'static str,
    },
}

/// The lines of a document between which the tables stand.
#[derive(Debug, Clone, Copy)]
pub struct Marks {
    /// The one before, with its line feed.
    pub begin: &'static str,
    /// The one behind, with its line feed.
    pub end: &'static str,
}

impl Marks {
    /// Puts the tables between the marks, in the place of what stands there.
    ///
    /// # Errors
    /// When the document cannot be read or written, or lacks a mark.
    pub fn record(self, path: &Path, tables: &str) -> Result<(), DocumentError> {
        let file = |source| DocumentError::File {
            path: path.to_owned(),
            source,
        };
        let no_mark = |mark| DocumentError::NoMark {
            path: path.to_owned(),
            mark,
        };
        let Self { begin, end } = self;
        let document = fs::read_to_string(path).map_err(file)?;
        let (before, rest) = document.split_once(begin).ok_or_else(|| no_mark(begin))?;
        let (_, after) = rest.split_once(end).ok_or_else(|| no_mark(end))?;
        let document = format!("{before}{begin}\n{}\n\n{end}{after}", tables.trim());
        fs::write(path, document).map_err(file)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const BEGIN: &str = "<!-- measured by make bench-it -->\n";
    const END: &str = "<!-- end of what was measured -->\n";
    const MARKS: Marks = Marks {
        begin: BEGIN,
        end: END,
    };

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.md");
        fs::write(&path, format!("# A\n{BEGIN}old\n{END}rest\n")).unwrap();
        for tables in ["new\n", "newer\n"] {
            MARKS.record(&path, tables).unwrap();
            let text = fs::read_to_string(&path).unwrap();
            assert_eq!(text, format!("# A\n{BEGIN}\n{tables}\n{END}rest\n"));
        }
        fs::write(&path, "# A\n").unwrap();
        let error = MARKS.record(&path, "new\n").unwrap_err();
        assert!(matches!(error, DocumentError::NoMark { .. }));
        assert!(
            error.to_string().contains("has no line <!-- measured"),
            "{error}"
        );
    }
}
