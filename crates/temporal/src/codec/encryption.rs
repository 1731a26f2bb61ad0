//! One payload encrypted into another, and back.

use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use prost::Message as _;
use ring::aead::{Aad, NONCE_LEN, Nonce};
use ring::rand::{SecureRandom as _, SystemRandom};
use temporalio_common::data_converters::{
    DataConverter, DefaultFailureConverter, PayloadCodec, PayloadConversionError, PayloadConverter,
    SerializationContextData,
};
use temporalio_common::protos::temporal::api::common::v1::Payload;

use super::Keyring;

const ENCODING: &str = "encoding";
const ENCRYPTED: &[u8] = b"binary/encrypted";
const KEY_ID: &str = "encryption-key-id";

/// Why a payload cannot be encrypted or decrypted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The payload does not say which key it was encrypted with.
    #[error("it is encrypted, but does not say with which key")]
    NoKeyId,
    /// The key is not among ours.
    #[error(
        "it is encrypted, and TEMPORAL_CODEC_KEYS does not hold the key '{0}' that it was encrypted with"
    )]
    UnknownKey(String),
    /// The key of this id is another one, or the payload was changed on its way.
    #[error(
        "it cannot be decrypted with the key '{0}' of TEMPORAL_CODEC_KEYS: the key is another one, or \
         the payload was changed"
    )]
    Undecipherable(String),
    /// The system has no random numbers to give.
    #[error("the system gives no random numbers")]
    NoRandomness,
}

/// What happens to a payload that was encrypted with a key that is not here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// It is an error.
    Refuse,
    /// It is passed on as it is, to one who asks [`unreadable`].
    PassOn,
}

impl Keyring {
    /// Encrypts the payload with the first key.
    pub fn encrypt(&self, payload: &Payload) -> Result<Payload, CodecError> {
        let key = self.first();
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new()
            .fill(&mut nonce)
            .map_err(|_| CodecError::NoRandomness)?;
        let mut sealed = payload.encode_to_vec();
        // Its only error is a length beyond what a payload can have.
        key.cipher
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::empty(),
                &mut sealed,
            )
            .map_err(|_| CodecError::Undecipherable(key.id.clone()))?;
        let mut data = nonce.to_vec();
        data.append(&mut sealed);
        Ok(Payload {
            metadata: [
                (ENCODING.to_owned(), ENCRYPTED.to_vec()),
                (KEY_ID.to_owned(), key.id.clone().into_bytes()),
            ]
            .into(),
            data,
            ..Payload::default()
        })
    }

    /// Decrypts the payload; one that is not encrypted is left as it is.
    pub fn decrypt(&self, payload: Payload) -> Result<Payload, CodecError> {
        if !is_encrypted(&payload) {
            return Ok(payload);
        }
        let id = key_id(&payload)?;
        let key = self
            .get(&id)
            .ok_or_else(|| CodecError::UnknownKey(id.clone()))?;
        let undecipherable = || CodecError::Undecipherable(id.clone());
        let (nonce, sealed) = payload
            .data
            .split_at_checked(NONCE_LEN)
            .ok_or_else(undecipherable)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| undecipherable())?;
        let mut sealed = sealed.to_vec();
        let opened = key
            .cipher
            .open_in_place(nonce, Aad::empty(), &mut sealed)
            .map_err(|_| undecipherable())?;
        Payload::decode(&*opened).map_err(|_| undecipherable())
    }
}

/// The converter of a client or a worker. With keys the texts of failures are encrypted, too: they may
/// tell what a database holds. Without keys nothing is encrypted, and what is cannot be read.
pub(crate) fn data_converter(keys: Option<&Keyring>, strictness: Strictness) -> DataConverter {
    DataConverter::new(
        PayloadConverter::default(),
        DefaultFailureConverter::new(keys.is_some()),
        EncryptionCodec {
            keys: keys.cloned(),
            strictness,
        },
    )
}

/// Why a payload that came through is still encrypted; `None` when it is not.
pub fn unreadable(payload: &Payload) -> Option<CodecError> {
    is_encrypted(payload).then(|| match key_id(payload) {
        Ok(id) => CodecError::UnknownKey(id),
        Err(error) => error,
    })
}

fn is_encrypted(payload: &Payload) -> bool {
    payload
        .metadata
        .get(ENCODING)
        .is_some_and(|encoding| encoding == ENCRYPTED)
}

fn key_id(payload: &Payload) -> Result<String, CodecError> {
    let id = payload.metadata.get(KEY_ID).ok_or(CodecError::NoKeyId)?;
    String::from_utf8(id.clone()).map_err(|_| CodecError::NoKeyId)
}

/// The codec that the SDK calls.
struct EncryptionCodec {
    keys: Option<Keyring>,
    strictness: Strictness,
}

impl EncryptionCodec {
    fn encrypt(&self, payload: Payload) -> Result<Payload, CodecError> {
        match &self.keys {
            Some(keys) => keys.encrypt(&payload),
            None => Ok(payload),
        }
    }

    fn decrypt(&self, payload: Payload) -> Result<Payload, CodecError> {
        let decrypted = match (&self.keys, unreadable(&payload)) {
            (_, None) => return Ok(payload),
            (None, Some(error)) => Err(error),
            (Some(keys), Some(_)) => keys.decrypt(payload.clone()),
        };
        match decrypted {
            Err(error) if self.strictness == Strictness::PassOn => {
                tracing::warn!("a payload cannot be read: {error}");
                Ok(payload)
            }
            decrypted => decrypted,
        }
    }
}

impl PayloadCodec for EncryptionCodec {
    fn encode(
        &self,
        _context: &SerializationContextData,
        payloads: Vec<Payload>,
    ) -> BoxFuture<'static, Result<Vec<Payload>, PayloadConversionError>> {
        let encrypted = payloads.into_iter().map(|payload| self.encrypt(payload));
        ready(collected(encrypted)).boxed()
    }

    fn decode(
        &self,
        _context: &SerializationContextData,
        payloads: Vec<Payload>,
    ) -> BoxFuture<'static, Result<Vec<Payload>, PayloadConversionError>> {
        let decrypted = payloads.into_iter().map(|payload| self.decrypt(payload));
        ready(collected(decrypted)).boxed()
    }
}

fn collected(
    payloads: impl Iterator<Item = Result<Payload, CodecError>>,
) -> Result<Vec<Payload>, PayloadConversionError> {
    payloads
        .collect::<Result<_, _>>()
        .map_err(|error| PayloadConversionError::EncodingError(error.into()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn keys(ids: &[&str]) -> String {
        let keys: Vec<String> = ids
            .iter()
            .map(|id| Keyring::generate(id).unwrap())
            .collect();
        keys.join(",")
    }

    fn payload() -> Payload {
        Payload {
            metadata: [(ENCODING.to_owned(), b"json/plain".to_vec())].into(),
            data: b"\"how many cooperatives?\"".to_vec(),
            ..Payload::default()
        }
    }

    #[test]
    fn what_was_encrypted_comes_back_and_never_looks_the_same_twice() {
        let keys = Keyring::parse(&keys(&["a"])).unwrap();
        let encrypted = keys.encrypt(&payload()).unwrap();
        assert_eq!(encrypted.metadata[ENCODING], ENCRYPTED);
        assert_eq!(encrypted.metadata[KEY_ID], b"a");
        let shown = String::from_utf8_lossy(&encrypted.data);
        assert!(!shown.contains("cooperatives"), "{shown}");
        assert_ne!(keys.encrypt(&payload()).unwrap().data, encrypted.data);
        assert_eq!(keys.decrypt(encrypted).unwrap(), payload());
        assert_eq!(keys.decrypt(payload()).unwrap(), payload());
    }

    #[test]
    fn a_new_key_encrypts_and_the_old_one_still_decrypts() {
        let (old, new) = (keys(&["old"]), keys(&["new"]));
        let before = Keyring::parse(&old).unwrap();
        let after = Keyring::parse(&format!("{new},{old}")).unwrap();
        let encrypted = before.encrypt(&payload()).unwrap();
        assert_eq!(after.decrypt(encrypted).unwrap(), payload());
        let encrypted = after.encrypt(&payload()).unwrap();
        assert_eq!(encrypted.metadata[KEY_ID], b"new");
        let unknown = CodecError::UnknownKey("new".to_owned());
        assert_eq!(unreadable(&encrypted), Some(unknown.clone()));
        assert_eq!(before.decrypt(encrypted), Err(unknown));
    }

    #[test]
    fn a_changed_payload_or_another_key_of_the_same_name_is_told() {
        let keys = Keyring::parse(&keys(&["a"])).unwrap();
        let other = Keyring::parse(&super::tests::keys(&["a"])).unwrap();
        let encrypted = keys.encrypt(&payload()).unwrap();
        let undecipherable = Err(CodecError::Undecipherable("a".to_owned()));
        assert_eq!(other.decrypt(encrypted.clone()), undecipherable);
        for position in 0..encrypted.data.len() {
            let mut changed = encrypted.clone();
            changed.data[position] ^= 1;
            assert_eq!(keys.decrypt(changed), undecipherable, "at {position}");
            let mut shortened = encrypted.clone();
            shortened.data.truncate(position);
            assert_eq!(keys.decrypt(shortened), undecipherable, "at {position}");
        }
        let mut nameless = encrypted;
        nameless.metadata.remove(KEY_ID);
        assert_eq!(keys.decrypt(nameless), Err(CodecError::NoKeyId));
    }

    #[test]
    fn without_keys_what_is_encrypted_is_an_error_or_passed_on() {
        let keys = Keyring::parse(&keys(&["a"])).unwrap();
        let encrypted = keys.encrypt(&payload()).unwrap();
        let without_keys = |strictness| EncryptionCodec {
            keys: None,
            strictness,
        };
        let strict = without_keys(Strictness::Refuse);
        assert_eq!(strict.encrypt(payload()).unwrap(), payload());
        assert_eq!(strict.decrypt(payload()).unwrap(), payload());
        let unknown = CodecError::UnknownKey("a".to_owned());
        assert_eq!(strict.decrypt(encrypted.clone()), Err(unknown));
        let lenient = without_keys(Strictness::PassOn);
        assert_eq!(lenient.decrypt(encrypted.clone()).unwrap(), encrypted);
    }

    #[test]
    fn keys_are_refused_without_being_shown() {
        let good = keys(&["a"]);
        let short = "a:c2hvcnQtc2VjcmV0";
        for bad in [
            "",
            "a",
            short,
            "a b:c2hvcnQ=",
            &format!("{good},"),
            &format!("{good},{good}"),
        ] {
            let complaint = Keyring::parse(bad).unwrap_err();
            assert!(!complaint.contains("c2hvcnQ"), "{complaint}");
        }
        let shown = format!("{:?}", Keyring::parse(&good).unwrap());
        assert_eq!(shown, r#"Keyring("a", [])"#);
    }
}
