//! The names by which a receiver may be asked, where no token tells friends from strangers.
//!
//! A page of another site can have its own name point at this machine (DNS rebinding), and its browser
//! then takes the receiver for a part of that site. Only the name that it asks by gives it away.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use axum::http::uri::Authority;
use thiserror::Error;

/// Names of hosts, as a setting lists them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hosts {
    any: bool,
    names: Vec<Name>,
}

/// One of them, in small letters.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    /// This one.
    Exactly(String),
    /// All that end in this, which begins with a dot.
    Below(String),
}

/// Something in the list is no name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{0:?} is not the name of a host; write kai.example.org, or *.example.org for all below it, without scheme and port, several of them with commas between, or * for all"
)]
pub struct InvalidHost(String);

impl FromStr for Hosts {
    type Err = InvalidHost;

    fn from_str(text: &str) -> Result<Self, InvalidHost> {
        if text.trim() == "*" {
            return Ok(Self {
                any: true,
                names: Vec::new(),
            });
        }
        let names: Result<_, _> = text.split(',').map(|name| read(name.trim())).collect();
        Ok(Self {
            any: false,
            names: names?,
        })
    }
}

fn read(text: &str) -> Result<Name, InvalidHost> {
    let lower = text.to_ascii_lowercase();
    let (name, kind): (_, fn(String) -> Name) = match lower.strip_prefix('*') {
        Some(rest) if rest.starts_with('.') => (rest, Name::Below),
        _ => (lower.as_str(), Name::Exactly),
    };
    let labels = name.strip_prefix('.').filter(|_| lower != name);
    let is_sound = labels.unwrap_or(name).split('.').all(|label| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        !label.is_empty() && label.chars().all(is_part)
    });
    if is_sound {
        Ok(kind(name.to_owned()))
    } else {
        Err(InvalidHost(text.to_owned()))
    }
}

impl Hosts {
    /// These and one more, if it is a name.
    #[must_use]
    pub fn and(mut self, host: &str) -> Self {
        self.names.extend(read(host));
        self
    }

    /// Whether whoever asks for this host, with or without a port, means this receiver. That is so for
    /// addresses, which nobody can make point elsewhere, for `localhost` and the names below it, which
    /// browsers never look up elsewhere, and for the names that are listed.
    pub fn allow(&self, host: &str) -> bool {
        let is_own = |host: &String| {
            let is_local = host == "localhost" || host.ends_with(".localhost");
            is_local || is_address(host)
        };
        self.list(host) || bare(host).as_ref().is_some_and(is_own)
    }

    /// Whether this host, with or without a port, is one of the names that are listed.
    pub fn list(&self, host: &str) -> bool {
        let is_listed = |host: String| {
            self.names.iter().any(|name| match name {
                Name::Exactly(name) => host == *name,
                Name::Below(end) => host.len() > end.len() && host.ends_with(end),
            })
        };
        self.any || bare(host).is_some_and(is_listed)
    }
}

/// The host of a header `Host` or of an address, in small letters, without port and last dot.
fn bare(host: &str) -> Option<String> {
    let authority: Authority = host.parse().ok()?;
    let bare = authority.host();
    // Nothing else may stand beside it: a user's name, or a name behind an address.
    let port = host.strip_prefix(bare)?;
    let is_port = |text: &str| text.strip_prefix(':').is_some_and(is_digits);
    let lower = bare.strip_suffix('.').unwrap_or(bare).to_ascii_lowercase();
    (port.is_empty() || is_port(port)).then_some(lower)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_address(host: &str) -> bool {
    let inner = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    match inner {
        Some(inner) => inner.parse::<Ipv6Addr>().is_ok(),
        None => host.parse::<Ipv4Addr>().is_ok(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn addresses_and_this_machine_are_always_meant() {
        let none = Hosts::default();
        for own in [
            "127.0.0.1:8092",
            "10.0.0.7",
            "[::1]:8092",
            "[2001:db8::7]",
            "localhost",
            "LOCALHOST:8092",
            "localhost.:8092",
            "kai.localhost:8092",
        ] {
            assert!(none.allow(own), "{own}");
        }
        for other in [
            "evil.example:8092",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "evillocalhost",
            "receiver",
            "2130706433",
            "0x7f.1",
            "localhost@evil.example",
            "evil.example@localhost",
            "[::1].evil.example",
            "::1",
            "localhost:port",
            "localhost/",
            "localhost, evil.example",
            "",
        ] {
            assert!(!none.allow(other), "{other}");
        }
    }

    #[test]
    fn listed_names_are_meant_and_nothing_that_looks_like_them() {
        let hosts: Hosts = "KAI.example.org, receiver,*.kai.svc".parse().unwrap();
        let hosts = hosts.and("said.example").and("[::1]");
        for own in [
            "kai.example.org",
            "Kai.Example.Org:443",
            "receiver:8092",
            "a.kai.svc",
            "b.a.kai.svc.",
            "said.example",
        ] {
            assert!(hosts.allow(own), "{own}");
        }
        for other in ["example.org", "a.kai.example.org", "kai.svc", ".kai.svc"] {
            assert!(!hosts.allow(other), "{other}");
        }
        assert!("*".parse::<Hosts>().unwrap().allow("evil.example"));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for wrong in [
            "", "a,", "http://a", "a:80", "a/b", "*a", "*.", ".a", "a..b", "a,*", "a b",
        ] {
            assert!(wrong.parse::<Hosts>().is_err(), "{wrong}");
        }
    }
}
