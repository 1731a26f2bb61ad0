//! Who may publish and who may subscribe: the two doors of the receiver, and what opens each.

mod jwt;
mod pattern;
mod secret;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use thiserror::Error;

pub use secret::{Secret, SecretRule};

use jwt::JwtKey;

/// What somebody wants to do with a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Post events.
    Publish,
    /// Read the stream.
    Subscribe,
    /// Ask questions, and steer the runs that answer them.
    Ask,
}

/// Why somebody may not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Denied {
    /// No token came with the request.
    #[error("a token is required; send it in the header Authorization: Bearer TOKEN")]
    Missing,
    /// The token is none of ours, or broken.
    #[error("the token is not valid here")]
    Wrong,
    /// The token was good once.
    #[error("the token has expired; get a new one")]
    Expired,
    /// The token is good, but not for publishing to this session.
    #[error("the token does not allow publishing to this session")]
    NoPublishing,
    /// The token is good, but not for reading this session.
    #[error("the token does not allow reading this session")]
    NoReading,
    /// The token is good, but not for asking in this session.
    #[error("the token does not allow asking questions in this session")]
    NoAsking,
}

/// The secrets that the settings name.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    /// What every publisher may present.
    pub publish_token: Option<Secret>,
    /// What every subscriber may present.
    pub subscribe_token: Option<Secret>,
    /// What the tokens for single sessions are signed with, of publishers and subscribers.
    pub jwt_secret: Option<Secret>,
}

/// The doors. One without any secret is open to everybody.
#[derive(Debug)]
pub struct Access {
    publish: Option<Digest>,
    subscribe: Option<Digest>,
    jwt: Option<JwtKey>,
}

impl Access {
    /// Doors that these secrets open.
    pub fn new(secrets: &Secrets) -> Self {
        Self {
            publish: secrets.publish_token.as_ref().map(Digest::of_secret),
            subscribe: secrets.subscribe_token.as_ref().map(Digest::of_secret),
            jwt: secrets.jwt_secret.as_ref().map(JwtKey::new),
        }
    }

    /// Whether no token is needed.
    pub fn is_open(&self, right: Right) -> bool {
        self.fixed(right).is_none() && self.jwt.is_none()
    }

    /// Checks what was presented.
    pub fn check(&self, right: Right, token: Option<&str>, session: &str) -> Result<(), Denied> {
        match self.signed(right, token)? {
            Some((key, token)) => key.check(right, token, session),
            None => Ok(()),
        }
    }

    /// Checks whether what was presented is good for any session at all.
    pub fn check_any(&self, right: Right, token: Option<&str>) -> Result<(), Denied> {
        match self.signed(right, token)? {
            Some((key, token)) => key.check_any(right, token),
            None => Ok(()),
        }
    }

    /// The id of a new session, in which what was presented allows to ask: of a signed token, what its
    /// first pattern says, with `name` for its stars.
    pub fn new_session(&self, token: Option<&str>, name: String) -> Result<String, Denied> {
        match self.signed(Right::Ask, token)? {
            Some((key, token)) => key.new_session(token, &name),
            None => Ok(name),
        }
    }

    /// The token and what it was signed with, unless there is no need to look into it.
    fn signed<'a>(
        &'a self,
        right: Right,
        token: Option<&'a str>,
    ) -> Result<Option<(&'a JwtKey, &'a str)>, Denied> {
        if self.is_open(right) {
            return Ok(None);
        }
        let token = token.ok_or(Denied::Missing)?;
        if self.fixed(right).is_some_and(|fixed| fixed.matches(token)) {
            return Ok(None);
        }
        let key = self.jwt.as_ref().ok_or(Denied::Wrong)?;
        Ok(Some((key, token)))
    }

    fn fixed(&self, right: Right) -> Option<&Digest> {
        match right {
            Right::Publish => self.publish.as_ref(),
            Right::Subscribe => self.subscribe.as_ref(),
            // Asking is never open to more people than reading or publishing is. Where there are signed
            // tokens for people, the one for workers stays theirs.
            Right::Ask => {
                let publish = self.publish.as_ref().filter(|_| self.jwt.is_none());
                self.subscribe.as_ref().or(publish)
            }
        }
    }

    /// What an operator should know about the doors that stand open, if anything.
    pub fn warning(&self, reachable_from_elsewhere: bool) -> Option<&'static str> {
        match (self.is_open(Right::Publish), self.is_open(Right::Subscribe)) {
            (true, true) if reachable_from_elsewhere => Some(
                "no token is required: anybody who reaches this address can publish and read; set SSE_PUBLISH_TOKEN and SSE_SUBSCRIBE_TOKEN, or SSE_JWT_SECRET",
            ),
            (true, false) => Some(
                "reading requires a token, but publishing does not: anybody can post events; set SSE_PUBLISH_TOKEN or SSE_JWT_SECRET",
            ),
            (false, true) => Some(
                "publishing requires a token, but reading does not: anybody who knows a session's id can read it; set SSE_SUBSCRIBE_TOKEN or SSE_JWT_SECRET",
            ),
            _ => None,
        }
    }
}

/// The hash of a token: comparing hashes tells nothing about the token, not even its length.
struct Digest([u8; 32]);

impl Digest {
    fn of_secret(secret: &Secret) -> Self {
        Self::of(secret.reveal())
    }

    fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    fn matches(&self, token: &str) -> bool {
        self.0.ct_eq(&Self::of(token).0).into()
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Digest(…)")
    }
}

#[cfg(test)]
mod tests;
