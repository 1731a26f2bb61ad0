//! Names that can stand in an address and in a filter as they are, and filters of nothing else.
//!
//! Typesense compares texts by their words: case and punctuation do not count, and no escape puts a
//! back-tick into a filter. So what people typed never stands in one; its digest does.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Hexadecimal digits: equal exactly where what they stand for is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct Key(String);

impl Key {
    /// The key of these parts, in this order.
    pub(super) fn of(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            // The length keeps the parts apart.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let digits = hash
            .finalize()
            .iter()
            .fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"));
        Self(digits)
    }

    /// A key that nothing else has.
    pub(super) fn random() -> Self {
        Self(Uuid::new_v4().simple().to_string())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which documents are meant. There is none for all of them, so that none is meant by mistake.
#[derive(Debug, Clone)]
pub(super) struct Filter(String);

impl Filter {
    /// Those whose field is this key; `id` is a field, too.
    pub(super) fn is(field: &'static str, key: &Key) -> Self {
        Self(format!("{field}:={key}"))
    }

    /// Those whose number is this one.
    pub(super) fn equals(field: &'static str, number: i64) -> Self {
        Self(format!("{field}:={number}"))
    }

    /// Those whose number is smaller.
    pub(super) fn below(field: &'static str, number: i64) -> Self {
        Self(format!("{field}:<{number}"))
    }

    /// Those whose number is this one or larger.
    pub(super) fn at_least(field: &'static str, number: i64) -> Self {
        Self(format!("{field}:>={number}"))
    }

    /// Those that both mean.
    pub(super) fn and(self, other: &Self) -> Self {
        Self(format!("{} && {}", self.0, other.0))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_tell_apart_what_typesense_would_not() {
        let aliases = ["Toko A", "toko a", "toko-a", "toko a ", "`toko` && a,b"];
        let keys: Vec<Key> = aliases.iter().map(|alias| Key::of(&[alias])).collect();
        for (n, key) in keys.iter().enumerate() {
            assert!(key.as_str().bytes().all(|byte| byte.is_ascii_hexdigit()));
            assert!(!keys[..n].contains(key), "{}", aliases[n]);
        }
        assert_ne!(Key::of(&["ab", "c"]), Key::of(&["a", "bc"]));
    }

    #[test]
    fn filters_are_joined() {
        let key = Key::of(&[]);
        let filter = Filter::is("owner", &key).and(&Filter::at_least("at", -5));
        assert_eq!(filter.as_str(), format!("owner:={key} && at:>=-5"));
    }
}
