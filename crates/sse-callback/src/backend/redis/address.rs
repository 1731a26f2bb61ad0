//! `REDIS_URL`: read once, kept secret.

use std::ffi::OsStr;
use std::fmt;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Command, Error};
use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _, ProtocolVersion};
use thiserror::Error;

/// Where the Redis is, and who we are to it. Shows only where.
#[derive(Clone)]
pub struct Address(ConnectionInfo);

/// What is wrong with an address; it is not repeated, as there may be a password in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidAddress {
    /// It cannot be read.
    #[error(
        "is not the address of a Redis; write redis://HOST:PORT/DB, rediss:// for TLS, \
         or redis+unix:///PATH, with USER:PASSWORD@ before the host if need be"
    )]
    Unreadable,
    /// It asks for TLS that protects nothing.
    #[error("asks for TLS without checking certificates (#insecure), which protects nothing")]
    Insecure,
}

impl Address {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        let info = text
            .into_connection_info()
            .map_err(|_| InvalidAddress::Unreadable)?;
        if let ConnectionAddr::TcpTls { insecure: true, .. } = info.addr() {
            return Err(InvalidAddress::Insecure);
        }
        // Bells come as push messages, which the older protocol does not have.
        let settings = info
            .redis_settings()
            .clone()
            .set_protocol(ProtocolVersion::RESP3)
            .set_skip_set_lib_name();
        Ok(Self(info.set_redis_settings(settings)))
    }

    /// What the client connects with.
    pub(super) fn info(&self) -> ConnectionInfo {
        self.0.clone()
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        let parts = |address: &Self| {
            let settings = address.0.redis_settings();
            let text = |text: Option<&str>| text.map(ToOwned::to_owned);
            (
                address.to_string(),
                text(settings.username()),
                text(settings.password()),
            )
        };
        parts(self) == parts(other)
    }
}

impl Eq for Address {}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.addr())?;
        match self.0.redis_settings().db() {
            0 => Ok(()),
            number => write!(f, "/{number}"),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

/// Reads an address for clap, and refuses without repeating the value.
#[derive(Debug, Clone, Copy)]
pub struct AddressParser;

impl TypedValueParser for AddressParser {
    type Value = Address;

    fn parse_ref(&self, cmd: &Command, _: Option<&Arg>, value: &OsStr) -> Result<Address, Error> {
        let parsed = value
            .to_str()
            .ok_or(InvalidAddress::Unreadable)
            .and_then(Address::parse);
        parsed.map_err(|problem| {
            let message = format!("REDIS_URL {problem}\n");
            Error::raw(ErrorKind::ValueValidation, message).with_cmd(cmd)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_address_shows_no_password() {
        for (text, shown) in [
            ("redis://127.0.0.1", "127.0.0.1:6379"),
            (
                "redis://kai:hunter2@redis.example:7000/3",
                "redis.example:7000/3",
            ),
            ("rediss://:hunter2@redis.example", "redis.example:6379"),
            (
                "redis+unix:///run/redis.sock?user=kai&pass=hunter2",
                "/run/redis.sock",
            ),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!(address.to_string(), shown);
            assert!(!format!("{address:?}").contains("hunter2"));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "127.0.0.1:6379",
            "http://127.0.0.1",
            "redis://",
            "redis://127.0.0.1/hunter2",
            "redis://127.0.0.1:hunter2",
        ] {
            assert_eq!(Address::parse(text), Err(InvalidAddress::Unreadable));
        }
        assert_eq!(
            Address::parse("rediss://127.0.0.1/#insecure"),
            Err(InvalidAddress::Insecure)
        );
    }
}
