//! Which callback URLs are allowed: http or https, a host of the list, never a link-local address.

use std::net::{IpAddr, SocketAddr};
use std::{fmt, io};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// A callback URL that may be posted to.
#[derive(Clone, PartialEq, Eq)]
pub struct CallbackUrl(Url);

/// Shows where it leads, not the password or the token that it may hold.
impl fmt::Debug for CallbackUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.0.host_str().unwrap_or_default();
        write!(f, "CallbackUrl({}://{host})", self.0.scheme())
    }
}

/// Why a callback URL is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallbackUrlError {
    /// It is no URL.
    #[error("callback_url is not a URL: {0}")]
    Malformed(url::ParseError),
    /// It is no web address.
    #[error("callback_url must begin with http:// or https://, not {0}:")]
    Scheme(String),
    /// It is an address that machines use among themselves.
    #[error("callback_url must not name a link-local address")]
    LinkLocal,
    /// The operator did not allow the host.
    #[error("callback_url names the host {0}, which CALLBACK_ALLOWED_HOSTS does not list")]
    HostNotAllowed(String),
}

impl CallbackUrl {
    /// Checks the URL. With an empty list every host is allowed.
    pub fn parse(text: &str, allowed_hosts: &[String]) -> Result<Self, CallbackUrlError> {
        let url = Url::parse(text.trim()).map_err(CallbackUrlError::Malformed)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(CallbackUrlError::Scheme(url.scheme().to_owned()));
        }
        let link_local = match url.host() {
            Some(Host::Ipv4(address)) => is_link_local(address.into()),
            Some(Host::Ipv6(address)) => is_link_local(address.into()),
            Some(Host::Domain(_)) | None => false,
        };
        if link_local {
            return Err(CallbackUrlError::LinkLocal);
        }
        let host = url.host_str().unwrap_or_default();
        let allowed = allowed_hosts.is_empty()
            || allowed_hosts
                .iter()
                .any(|allowed| allowed.trim().eq_ignore_ascii_case(host));
        if !allowed {
            return Err(CallbackUrlError::HostNotAllowed(host.to_owned()));
        }
        Ok(Self(url))
    }

    /// The URL as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Addresses such as 169.254.169.254, where clouds serve their credentials.
fn is_link_local(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

/// Looks names up as the system does, but never to a link-local address.
pub(super) struct PublicResolver;

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Vec<SocketAddr> = found
                .filter(|address| !is_link_local(address.ip()))
                .collect();
            if addresses.is_empty() {
                return Err(io::Error::other("the name has no address that may be called").into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str, allowed: &[&str]) -> String {
        let allowed: Vec<String> = allowed.iter().map(|&host| host.to_owned()).collect();
        CallbackUrl::parse(url, &allowed).unwrap_err().to_string()
    }

    #[test]
    fn only_web_addresses_of_allowed_hosts() {
        assert!(CallbackUrl::parse("http://localhost:8092/events/a", &[]).is_ok());
        let listed = ["kai.example.com".to_owned()];
        assert!(CallbackUrl::parse("https://KAI.example.com/events/a", &listed).is_ok());
        assert!(refused("http://other/events/a", &["kai.example.com"]).contains("the host other"));
        assert!(refused("file:///etc/passwd", &[]).contains("not file:"));
        assert!(refused("events/a", &[]).starts_with("callback_url is not a URL"));
    }

    #[test]
    fn link_local_addresses_are_refused_however_they_are_written() {
        for url in [
            "http://169.254.169.254/latest",
            "http://2852039166/",
            "http://[fe80::1]/",
            "http://[::ffff:169.254.169.254]/",
        ] {
            assert_eq!(
                CallbackUrl::parse(url, &[]),
                Err(CallbackUrlError::LinkLocal),
                "{url}"
            );
        }
    }
}
