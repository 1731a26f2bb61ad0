//! A secret from the settings, which no message and no log shows.

use std::ffi::OsStr;
use std::fmt;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Command, Error};

/// A token or a key.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What a secret has to be like. As a parser of clap's it refuses without repeating the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretRule {
    /// It travels in headers as it is.
    Token,
    /// It signs tokens by HMAC with SHA-256, for which RFC 7518 demands 32 bytes.
    SigningKey,
}

impl SecretRule {
    const KEY_BYTES: usize = 32;

    /// The secret, or what is wrong with it.
    pub fn check(self, text: &str) -> Result<Secret, &'static str> {
        match self {
            _ if text.is_empty() => {
                Err("is empty; give it a value, or leave it out if no token is to be required")
            }
            Self::Token if !text.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Err("may consist of visible ASCII characters only, without spaces")
            }
            Self::SigningKey if text.len() < Self::KEY_BYTES => {
                Err("is too short; a signing key needs at least 32 bytes")
            }
            _ => Ok(Secret::new(text)),
        }
    }
}

impl TypedValueParser for SecretRule {
    type Value = Secret;

    fn parse_ref(&self, cmd: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<Secret, Error> {
        let text = value.to_str().ok_or("is not UTF-8");
        text.and_then(|text| self.check(text)).map_err(|problem| {
            let name = arg
                .and_then(Arg::get_env)
                .map(OsStr::to_string_lossy)
                .unwrap_or_default();
            Error::raw(ErrorKind::ValueValidation, format!("{name} {problem}\n")).with_cmd(cmd)
        })
    }
}
