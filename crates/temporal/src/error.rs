//! Why there is no connection to Temporal, in words that name the setting to look at.

use std::error::Error;
use std::io;

use kai_core::cause::innermost;
use rustls::{AlertDescription, CertificateError, InvalidMessage};
use temporalio_client::errors::ClientConnectError;
use temporalio_client::tonic::{Code, Status};

use crate::Server;

/// Why there is no connection to Temporal.
#[derive(Debug, thiserror::Error)]
pub enum TemporalError {
    /// A setting, or what it points to, cannot be used.
    #[error("{setting}: {problem}")]
    Setting {
        /// The setting, as it is to be found: a variable, or a line of a profile.
        setting: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// The address is not one.
    #[error("TEMPORAL_HOST (--temporal-host) cannot be '{0}': use HOST:PORT")]
    Address(String),
    /// Nothing answers there.
    #[error(
        "cannot reach Temporal at {address}: {reason}; start it with `temporal server start-dev`, or \
         set TEMPORAL_HOST (--temporal-host)"
    )]
    Unreachable {
        /// Where it was looked for.
        address: String,
        /// What happened.
        reason: String,
    },
    /// Something answers, but the two do not agree on TLS, or not on who they are.
    #[error("cannot reach Temporal at {address}: {reason}")]
    Tls {
        /// Where it was looked for.
        address: String,
        /// What happened, and which setting to look at.
        reason: String,
    },
    /// The server does not let this program in.
    #[error("Temporal at {address} refuses this program: {reason}; check {setting}")]
    Refused {
        /// The server.
        address: String,
        /// What it said.
        reason: String,
        /// The setting that it is about.
        setting: &'static str,
    },
    /// There is no such namespace.
    #[error(
        "Temporal at {address} has no namespace '{namespace}': set TEMPORAL_NAMESPACE \
         (--temporal-namespace), or make it with `temporal operator namespace create`"
    )]
    Namespace {
        /// The server.
        address: String,
        /// The namespace.
        namespace: String,
    },
}

impl TemporalError {
    pub(crate) fn setting(setting: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Setting {
            setting: setting.into(),
            problem: problem.into(),
        }
    }

    pub(crate) fn unreachable(server: &Server, reason: impl Into<String>) -> Self {
        Self::Unreachable {
            address: server.address.clone(),
            reason: reason.into(),
        }
    }

    /// Why connecting failed.
    pub(crate) fn of_connecting(server: &Server, error: &ClientConnectError) -> Self {
        if let Some(reason) = tls_reason(server, error) {
            return Self::Tls {
                address: server.address.clone(),
                reason,
            };
        }
        match error {
            ClientConnectError::SystemInfoCallError(status) => Self::of_call(server, status),
            ClientConnectError::InvalidHeaders(_) => Self::setting(
                "TEMPORAL_GRPC_META_*",
                "a header's name or value is not allowed in gRPC",
            ),
            other => Self::unreachable(server, innermost(other)),
        }
    }

    /// Why a call failed that a server must answer before anything else can be done.
    pub(crate) fn of_call(server: &Server, status: &Status) -> Self {
        if let Some(reason) = tls_reason(server, status) {
            return Self::Tls {
                address: server.address.clone(),
                reason,
            };
        }
        let address = server.address.clone();
        match status.code() {
            Code::NotFound => Self::Namespace {
                address,
                namespace: server.namespace.clone(),
            },
            Code::Unauthenticated | Code::PermissionDenied => Self::Refused {
                address,
                reason: status.message().to_owned(),
                setting: server.credential(),
            },
            _ if server.tls.is_none() && broke_off(status) => Self::Tls {
                address,
                reason: "it does not answer in plain text; if it speaks TLS, set TEMPORAL_TLS=true"
                    .to_owned(),
            },
            // A status that was made here says only that there was trouble; its cause says which.
            _ if status.source().is_some() => Self::unreachable(server, innermost(status)),
            _ => Self::unreachable(server, status.message()),
        }
    }
}

/// Whether the other side ended the connection before it had said anything in HTTP/2.
fn broke_off(status: &Status) -> bool {
    status.source().is_some()
}

/// What went wrong in TLS, if it was TLS that went wrong.
fn tls_reason(server: &Server, error: &(dyn Error + 'static)) -> Option<String> {
    let tls = server.tls.as_ref()?;
    let certificate = tls.certificate_setting();
    Some(match tls_error(error)? {
        rustls::Error::InvalidCertificate(problem) => match problem {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the server's certificate has expired".to_owned()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the server's certificate is not valid yet; is this machine's clock right?"
                    .to_owned()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the server's certificate is for another name; set TEMPORAL_TLS_SERVER_NAME to the \
                 one that it carries"
                    .to_owned()
            }
            CertificateError::UnknownIssuer => format!(
                "the server's certificate comes from an issuer that is not trusted; check {}",
                tls.authority_setting()
            ),
            other => format!("the server's certificate cannot be trusted ({other:?})"),
        },
        rustls::Error::AlertReceived(alert) => match alert {
            AlertDescription::CertificateRequired if !tls.has_certificate() => {
                "the server asks for a client certificate; set TEMPORAL_TLS_CLIENT_CERT_PATH and \
                 TEMPORAL_TLS_CLIENT_KEY_PATH"
                    .to_owned()
            }
            AlertDescription::CertificateExpired => {
                format!("the client certificate has expired; check {certificate}")
            }
            AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateRevoked
            | AlertDescription::DecryptError
            | AlertDescription::AccessDenied
            | AlertDescription::CertificateRequired => {
                format!("the server does not accept the client certificate; check {certificate}")
            }
            other => format!("the server ended the TLS handshake ({other:?})"),
        },
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "it does not speak TLS; set TEMPORAL_TLS=false if it should not".to_owned()
        }
        other => format!("TLS failed ({other})"),
    })
}

/// The error of TLS in a chain. An `io::Error` hides the one it carries from `source`, and HTTP/2 keeps
/// only the text of an alert that arrives after the handshake.
fn tls_error(error: &(dyn Error + 'static)) -> Option<rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(found.clone());
        }
        let carried: Option<&(dyn Error + 'static)> = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
            .map(|carried| carried as &(dyn Error + 'static));
        next = carried.or_else(|| error.source());
    }
    let text = innermost(error);
    LATE_ALERTS
        .map(rustls::Error::AlertReceived)
        .into_iter()
        .find(|alert| text == alert.to_string())
}

/// What a server says about a client's certificate; with TLS 1.3 it does so after the handshake.
const LATE_ALERTS: [AlertDescription; 8] = [
    AlertDescription::CertificateRequired,
    AlertDescription::CertificateExpired,
    AlertDescription::CertificateRevoked,
    AlertDescription::CertificateUnknown,
    AlertDescription::BadCertificate,
    AlertDescription::UnknownCA,
    AlertDescription::DecryptError,
    AlertDescription::AccessDenied,
];
