//! Tokens for single sessions: JSON Web Tokens, signed by HMAC with SHA-256.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result as JwtResult};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation, decode};
use serde::Deserialize;
use sha2::Sha256;
use signature::{Signer, Verifier};

use super::pattern::covers;
use super::{Denied, Right, Secret};

/// How far the clocks of the issuer and of the receiver may be apart.
const LEEWAY_SECONDS: u64 = 30;

/// What tokens are checked with.
pub(super) struct JwtKey {
    key: DecodingKey,
    validation: Validation,
}

impl JwtKey {
    pub(super) fn new(secret: &Secret) -> Self {
        // An earlier one is this one, or another that knows HS256, too.
        let _ = HMAC_SHA256.install_default();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = LEEWAY_SECONDS;
        validation.validate_nbf = true;
        // The secret is the receiver's own, so whatever it signed is meant for the receiver.
        validation.validate_aud = false;
        Self {
            key: DecodingKey::from_secret(secret.reveal().as_bytes()),
            validation,
        }
    }

    pub(super) fn check(&self, right: Right, token: &str, session: &str) -> Result<(), Denied> {
        let claims = self.claims(right, token)?;
        if claims.covers(session) {
            Ok(())
        } else {
            Err(lacking(right))
        }
    }

    /// Whether the token is good for any session.
    pub(super) fn check_any(&self, right: Right, token: &str) -> Result<(), Denied> {
        if self.claims(right, token)?.sessions.is_empty() {
            return Err(lacking(right));
        }
        Ok(())
    }

    /// A session in which the token allows to ask.
    pub(super) fn new_session(&self, token: &str, name: &str) -> Result<String, Denied> {
        let claims = self.claims(Right::Ask, token)?;
        let pattern = claims.sessions.first().ok_or(Denied::NoAsking)?;
        Ok(pattern.replace('*', name))
    }

    /// What a token says that gives this right.
    fn claims(&self, right: Right, token: &str) -> Result<Claims, Denied> {
        let claims = decode::<Claims>(token, &self.key, &self.validation)
            .map_err(|error| match error.kind() {
                ErrorKind::ExpiredSignature => Denied::Expired,
                _ => Denied::Wrong,
            })?
            .claims;
        if claims.scope.allows(right) {
            Ok(claims)
        } else {
            Err(lacking(right))
        }
    }
}

fn lacking(right: Right) -> Denied {
    match right {
        Right::Publish => Denied::NoPublishing,
        Right::Subscribe => Denied::NoReading,
        Right::Ask => Denied::NoAsking,
    }
}

impl std::fmt::Debug for JwtKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JwtKey(…)")
    }
}

/// What a token says beside its dates; what is missing allows nothing.
#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    sessions: Vec<String>,
    #[serde(default)]
    scope: Scope,
}

impl Claims {
    fn covers(&self, session: &str) -> bool {
        self.sessions.iter().any(|pattern| covers(pattern, session))
    }
}

/// Rights, as a list or as OAuth writes them: in one text, with spaces between.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scope {
    Text(String),
    List(Vec<String>),
}

impl Default for Scope {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

impl Scope {
    fn allows(&self, right: Right) -> bool {
        let name = match right {
            Right::Publish => "publish",
            Right::Subscribe => "subscribe",
            Right::Ask => "ask",
        };
        match self {
            Self::Text(text) => text.split(' ').any(|word| word == name),
            Self::List(names) => names.iter().any(|word| word == name),
        }
    }
}

/// The only algorithm here; the providers that come with the crate bring many more, and much to
/// build with them.
static HMAC_SHA256: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| match algorithm {
        Algorithm::HS256 => Ok(Box::new(HmacSha256::for_signing(key)?)),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    verifier_factory: |algorithm, key| match algorithm {
        Algorithm::HS256 => Ok(Box::new(HmacSha256::for_verifying(key)?)),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    key_utils: KeyUtils::new_unimplemented(),
};

struct HmacSha256(Hmac<Sha256>);

impl HmacSha256 {
    fn for_signing(key: &EncodingKey) -> JwtResult<Self> {
        Self::new(key.as_bytes())
    }

    fn for_verifying(key: &DecodingKey) -> JwtResult<Self> {
        Self::new(key.try_get_as_bytes()?)
    }

    fn new(secret: &[u8]) -> JwtResult<Self> {
        let mac = Hmac::new_from_slice(secret).map_err(|_| ErrorKind::InvalidKeyFormat)?;
        Ok(Self(mac))
    }
}

impl Signer<Vec<u8>> for HmacSha256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        let mac = self.0.clone().chain_update(message);
        Ok(mac.finalize().into_bytes().to_vec())
    }
}

impl JwtSigner for HmacSha256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl Verifier<Vec<u8>> for HmacSha256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        // Takes the same time for every wrong signature.
        let mac = self.0.clone().chain_update(message);
        mac.verify_slice(signature)
            .map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for HmacSha256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}
