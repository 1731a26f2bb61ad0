//! The catalogues that were read lately, so that a database's names are not read anew for every turn.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::Catalogue;
use crate::database::Table;

/// How many catalogues are kept.
const MOST: usize = 64;

/// How many bytes of descriptions the kept catalogues may be read from. A catalogue takes about five
/// times what its descriptions do.
const MOST_BYTES: usize = 8 << 20;

/// Catalogues by what they were read from: word for word what the tools told of the tables. So a scan,
/// a comment or a value that is new gives a new catalogue, and nothing else has to be remembered of
/// where it came from; connections that are told the same share one.
#[derive(Default)]
pub(in crate::offline) struct Schemas {
    /// The one that was used last comes first.
    kept: Mutex<VecDeque<Kept>>,
}

struct Kept {
    told: Vec<String>,
    catalogue: Arc<Catalogue>,
}

impl Kept {
    fn bytes(&self) -> usize {
        self.told.iter().map(String::len).sum()
    }
}

impl Schemas {
    /// The catalogue of what was told, which `tables` reads where it is not known.
    ///
    /// # Errors
    ///
    /// Those of `tables`.
    pub(in crate::offline) fn read<E>(
        &self,
        told: &[&str],
        tables: impl FnOnce() -> Result<Vec<Table>, E>,
    ) -> Result<Arc<Catalogue>, E> {
        if let Some(catalogue) = self.find(told) {
            return Ok(catalogue);
        }
        // Two questions that come at once may both read it: the lock is for looking things up.
        let catalogue = Arc::new(Catalogue::new(&tables()?));
        self.keep(told, &catalogue);
        Ok(catalogue)
    }

    fn find(&self, told: &[&str]) -> Option<Arc<Catalogue>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|kept| kept.told == told)?;
        let found = kept.remove(at)?;
        let catalogue = Arc::clone(&found.catalogue);
        kept.push_front(found);
        Some(catalogue)
    }

    fn keep(&self, told: &[&str], catalogue: &Arc<Catalogue>) {
        let new = Kept {
            told: told.iter().map(|text| (*text).to_owned()).collect(),
            catalogue: Arc::clone(catalogue),
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if new.bytes() > MOST_BYTES || kept.iter().any(|kept| kept.told == new.told) {
            return;
        }
        kept.push_front(new);
        while kept.len() > MOST || kept.iter().map(Kept::bytes).sum::<usize>() > MOST_BYTES {
            kept.pop_back();
        }
    }
}

impl fmt::Debug for Schemas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What was told has values of the database in it.
        f.debug_struct("Schemas").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::offline::fixtures::tables;

    fn read(schemas: &Schemas, told: &[&str]) -> Arc<Catalogue> {
        let tables = || Ok::<_, Infallible>(tables());
        schemas.read(told, tables).unwrap()
    }

    #[test]
    fn what_was_told_before_is_read_once_and_what_is_new_anew() {
        let schemas = Schemas::default();
        let first = read(&schemas, &["a", "b"]);
        let again = schemas.read(&["a", "b"], || Err("read twice"));
        assert!(Arc::ptr_eq(&first, &again.unwrap()));
        for other in [&["a"][..], &["ab"], &["a", "c"], &["b", "a"]] {
            assert!(!Arc::ptr_eq(&first, &read(&schemas, other)), "{other:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_kept() {
        let schemas = Schemas::default();
        assert_eq!(schemas.read(&["a"], || Err("broken")).err(), Some("broken"));
        read(&schemas, &["a"]);
    }

    #[test]
    fn those_that_nobody_asked_for_lately_make_room() {
        let schemas = Schemas::default();
        let first = read(&schemas, &["first"]);
        for number in 0..MOST * 2 {
            read(&schemas, &[&number.to_string()]);
            assert!(Arc::ptr_eq(&first, &read(&schemas, &["first"])));
        }
        assert_eq!(schemas.kept.lock().unwrap().len(), MOST);
        let long = "x".repeat(MOST_BYTES / 2);
        read(&schemas, &[&long, "1"]);
        read(&schemas, &[&long, "2"]);
        assert_eq!(schemas.kept.lock().unwrap().len(), 1);
        // One that is too large is read for its question, and forgotten.
        read(&schemas, &[&long, &long, "3"]);
        assert_eq!(schemas.kept.lock().unwrap()[0].told[1], "2");
    }
}
