//! The keys of payloads: several at a time, so that they can be changed while workflows run.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};

/// The length of a key, in bytes.
const KEY_LENGTH: usize = 32;

/// Keys by their ids. The first one encrypts; all of them decrypt.
#[derive(Clone)]
pub struct Keyring(Arc<Keys>);

struct Keys {
    first: Key,
    others: Vec<Key>,
}

/// A key and the id that stands beside what it encrypted.
pub(super) struct Key {
    pub(super) id: String,
    pub(super) cipher: LessSafeKey,
    bytes: [u8; KEY_LENGTH],
}

impl Keyring {
    /// Reads `id:base64,id:base64,…`.
    ///
    /// # Errors
    /// Says what is wrong without showing any of it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut keys = Vec::new();
        for entry in text.split(',') {
            let key = Key::parse(entry.trim())?;
            if keys.iter().any(|other: &Key| other.id == key.id) {
                return Err("two keys have the same id".to_owned());
            }
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        let first = keys.next().ok_or(FORMAT)?;
        Ok(Self(Arc::new(Keys {
            first,
            others: keys.collect(),
        })))
    }

    /// A new key in the form that [`parse`](Self::parse) reads.
    ///
    /// # Errors
    /// When the system has no random numbers to give.
    pub fn generate(id: &str) -> Result<String, String> {
        let mut bytes = [0; KEY_LENGTH];
        SystemRandom::new()
            .fill(&mut bytes)
            .map_err(|_| "the system gives no random numbers".to_owned())?;
        let key = format!("{id}:{}", STANDARD.encode(bytes));
        Self::parse(&key)?;
        Ok(key)
    }

    pub(super) fn first(&self) -> &Key {
        &self.0.first
    }

    pub(super) fn get(&self, id: &str) -> Option<&Key> {
        std::iter::once(&self.0.first)
            .chain(&self.0.others)
            .find(|key| key.id == id)
    }
}

const FORMAT: &str = "use id:base64 with 32 bytes in base64, separated by commas; `kai-worker key \
                      codec` makes one";

impl Key {
    fn parse(text: &str) -> Result<Self, String> {
        let (id, encoded) = text.split_once(':').ok_or(FORMAT)?;
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if id.is_empty() || !id.bytes().all(is_name) {
            return Err("an id is made of letters, digits, '-', '_' and '.'".to_owned());
        }
        let bytes: [u8; KEY_LENGTH] = STANDARD
            .decode(encoded)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(FORMAT)?;
        let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| FORMAT)?;
        Ok(Self {
            id: id.to_owned(),
            cipher: LessSafeKey::new(key),
            bytes,
        })
    }
}

/// Only the ids.
impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let others = self.0.others.iter().map(|key| &key.id);
        f.debug_tuple("Keyring")
            .field(&self.0.first.id)
            .field(&others.collect::<Vec<_>>())
            .finish()
    }
}

impl PartialEq for Keyring {
    fn eq(&self, other: &Self) -> bool {
        self.0.first == other.0.first && self.0.others == other.0.others
    }
}

impl Eq for Keyring {}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.bytes == other.bytes
    }
}
