//! What Temporal's command line and web page say to a codec server: payloads as JSON.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use temporalio_common::protos::temporal::api::common::v1::Payload;

use super::{CodecError, Keyring};

/// The body of a request and of its answer: payloads whose bytes are in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payloads {
    /// The payloads, in order.
    #[serde(default)]
    pub payloads: Vec<JsonPayload>,
}

/// One payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JsonPayload {
    /// What the data is, by name.
    #[serde(default)]
    pub metadata: BTreeMap<String, Bytes>,
    /// The data; left out when there is none.
    #[serde(default, skip_serializing_if = "Bytes::is_empty")]
    pub data: Bytes,
}

/// Bytes that are base64 in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bytes(Vec<u8>);

impl Bytes {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<String> for Bytes {
    type Error = base64::DecodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        STANDARD.decode(text).map(Self)
    }
}

impl From<Bytes> for String {
    fn from(bytes: Bytes) -> Self {
        STANDARD.encode(bytes.0)
    }
}

impl Payloads {
    /// The payloads, encrypted.
    pub fn encode(self, keys: &Keyring) -> Result<Self, CodecError> {
        self.map(|payload| keys.encrypt(&payload))
    }

    /// The payloads, decrypted.
    pub fn decode(self, keys: &Keyring) -> Result<Self, CodecError> {
        self.map(|payload| keys.decrypt(payload))
    }

    fn map(
        self,
        change: impl Fn(Payload) -> Result<Payload, CodecError>,
    ) -> Result<Self, CodecError> {
        let changed = self
            .payloads
            .into_iter()
            .map(|payload| Ok(change(payload.into())?.into()));
        Ok(Self {
            payloads: changed.collect::<Result<_, CodecError>>()?,
        })
    }
}

impl From<JsonPayload> for Payload {
    fn from(payload: JsonPayload) -> Self {
        let metadata = payload.metadata.into_iter();
        Self {
            metadata: metadata.map(|(name, value)| (name, value.0)).collect(),
            data: payload.data.0,
            ..Self::default()
        }
    }
}

impl From<Payload> for JsonPayload {
    fn from(payload: Payload) -> Self {
        let metadata = payload.metadata.into_iter();
        Self {
            metadata: metadata.map(|(name, value)| (name, Bytes(value))).collect(),
            data: Bytes(payload.data),
        }
    }
}
