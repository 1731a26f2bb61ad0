//! Where a Typesense server is, and how a process shows who it is there.

use std::fmt;
use std::time::Duration;

use clap::ValueEnum;
use url::Url;

use crate::config::Secret;

/// The port of a Typesense server that was set up without another.
const DEFAULT_PORT: u16 = 8108;

/// What the names of collections begin with where the URL says nothing else.
const DEFAULT_PREFIX: &str = "kai";

/// How long a prefix may be: names of collections stand in addresses.
const MAX_PREFIX: usize = 40;

/// How a server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Protocol {
    /// In the clear: on one machine, or in a network of one's own.
    #[default]
    Http,
    /// With TLS.
    Https,
}

/// What settings say of the server, beside the store's URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypesenseAccess {
    /// The key that is shown with every request.
    pub api_key: Option<Secret>,
    /// The host, where the URL names none.
    pub host: String,
    /// The port, where the URL names none.
    pub port: u16,
    /// How it is spoken to, where the URL does not say it.
    pub protocol: Protocol,
    /// How long one request may take.
    pub timeout: Duration,
}

impl Default for TypesenseAccess {
    fn default() -> Self {
        Self {
            api_key: None,
            host: "localhost".to_owned(),
            port: DEFAULT_PORT,
            protocol: Protocol::default(),
            timeout: Duration::from_secs(10),
        }
    }
}

/// A server, and the collections on it that belong to this store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct TypesensePlace {
    /// The address, without a path.
    pub(super) base: Url,
    /// What the names of the store's collections begin with.
    pub(super) prefix: String,
}

impl TypesensePlace {
    /// Reads `typesense://[HOST[:PORT]][/PREFIX]` or the same with `typesense+https`. None when it is
    /// none. What it leaves out is as `access` has it.
    pub(in crate::store) fn parse(url: &str, access: &TypesenseAccess) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let protocol = match scheme {
            "typesense" => access.protocol,
            "typesense+https" => Protocol::Https,
            _ => return None,
        };
        let (authority, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = if prefix.is_empty() {
            DEFAULT_PREFIX
        } else {
            prefix
        };
        let usual = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if prefix.len() > MAX_PREFIX || !prefix.chars().all(usual) {
            return None;
        }
        let scheme = match protocol {
            Protocol::Http => "http",
            Protocol::Https => "https",
        };
        let authority = if authority.is_empty() {
            access.host.as_str()
        } else {
            authority
        };
        // A key in the URL would be shown wherever the URL is.
        if authority.contains(['@', '?', '#']) {
            return None;
        }
        let mut base = Url::parse(&format!("{scheme}://{authority}")).ok()?;
        if !names_a_port(authority) {
            base.set_port(Some(access.port)).ok()?;
        }
        Some(Self {
            base,
            prefix: prefix.to_owned(),
        })
    }

    /// The server as a person would look for it.
    pub(super) fn address(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        let port = self.base.port_or_known_default().unwrap_or(DEFAULT_PORT);
        format!("{host}:{port}")
    }
}

impl fmt::Display for TypesensePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secured = if self.base.scheme() == "https" {
            "+https"
        } else {
            ""
        };
        let (address, prefix) = (self.address(), &self.prefix);
        write!(f, "typesense{secured}://{address}/{prefix}")
    }
}

/// Whether a port follows the host, which may be an IPv6 address in brackets.
fn names_a_port(authority: &str) -> bool {
    let after_brackets = authority.rsplit(']').next().unwrap_or(authority);
    after_brackets.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str, access: &TypesenseAccess) -> Option<String> {
        TypesensePlace::parse(url, access).map(|place| format!("{place} {}", place.base))
    }

    #[test]
    fn what_the_url_leaves_out_is_as_the_settings_have_it() {
        let usual = TypesenseAccess::default();
        let other = TypesenseAccess {
            host: "search.example".to_owned(),
            port: 443,
            protocol: Protocol::Https,
            ..TypesenseAccess::default()
        };
        for (url, access, expected) in [
            (
                "typesense://",
                &usual,
                "typesense://localhost:8108/kai http://localhost:8108/",
            ),
            (
                "typesense://",
                &other,
                "typesense+https://search.example:443/kai https://search.example/",
            ),
            (
                "typesense://10.0.0.7:8109/shop_2",
                &usual,
                "typesense://10.0.0.7:8109/shop_2 http://10.0.0.7:8109/",
            ),
            (
                "typesense+https://[::1]/kai",
                &usual,
                "typesense+https://[::1]:8108/kai https://[::1]:8108/",
            ),
        ] {
            assert_eq!(shown(url, access).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_is_no_server_or_holds_a_key_is_refused() {
        for url in [
            "typesense:localhost",
            "typesenses://localhost",
            "typesense://localhost:port",
            "typesense://localhost/a/b",
            "typesense://localhost/a b",
            "typesense://localhost?key=1",
            "typesense://user:key@localhost",
        ] {
            assert_eq!(shown(url, &TypesenseAccess::default()), None, "{url}");
        }
    }
}
