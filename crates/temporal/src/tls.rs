//! What a client and a server show each other: certificates, checked before they are used.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use temporalio_client::{ClientTlsOptions, TlsOptions};

use crate::TemporalError;

/// How the connection is secured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Tls {
    /// Whom the server's certificate must come from; the system's authorities when not set.
    pub(crate) authority: Option<Pem>,
    /// Who this client is.
    pub(crate) identity: Option<Identity>,
    /// The name that the server's certificate must carry; the one in the address when not set.
    pub(crate) server_name: Option<String>,
}

/// A client's certificate and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) certificate: Pem,
    pub(crate) key: Pem,
}

/// Text in PEM, and the setting that it came from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Pem {
    setting: String,
    bytes: Vec<u8>,
}

/// Only the setting: the text may be a key.
impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pem").field(&self.setting).finish()
    }
}

impl Pem {
    pub(crate) fn new(setting: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            setting: setting.into(),
            bytes: bytes.into(),
        }
    }

    /// Reads the file that the setting names.
    pub(crate) fn read(setting: impl Into<String>, path: &Path) -> Result<Self, TemporalError> {
        let setting = setting.into();
        match std::fs::read(path) {
            Ok(bytes) => Ok(Self { setting, bytes }),
            Err(error) => Err(TemporalError::setting(
                setting,
                format!("cannot read {}: {error}", path.display()),
            )),
        }
    }

    fn problem(&self, problem: impl Into<String>) -> TemporalError {
        TemporalError::setting(&self.setting, problem)
    }

    fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, TemporalError> {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.bytes).collect();
        match certificates {
            Ok(certificates) if !certificates.is_empty() => Ok(certificates),
            _ => Err(self.problem("holds no certificate in PEM (-----BEGIN CERTIFICATE-----)")),
        }
    }

    fn private_key(&self) -> Result<PrivateKeyDer<'static>, TemporalError> {
        PrivateKeyDer::from_pem_slice(&self.bytes).map_err(|_| {
            self.problem(
                "holds no private key in PEM without a passphrase (-----BEGIN PRIVATE KEY-----)",
            )
        })
    }
}

impl Tls {
    /// Whether everything can be used, so that what cannot is told by its setting's name.
    pub(crate) fn check(&self) -> Result<(), TemporalError> {
        if let Some(authority) = &self.authority {
            let mut roots = RootCertStore::empty();
            for certificate in authority.certificates()? {
                roots
                    .add(certificate)
                    .map_err(|error| authority.problem(format!("cannot be used: {error}")))?;
            }
        }
        let Some(identity) = &self.identity else {
            return Ok(());
        };
        let certificates = identity.certificate.certificates()?;
        let key = identity.key.private_key()?;
        let provider = Arc::new(ring::default_provider());
        let checked = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| {
                builder
                    .with_root_certificates(RootCertStore::empty())
                    .with_client_auth_cert(certificates, key)
            });
        match checked {
            Ok(_) => Ok(()),
            Err(rustls::Error::InconsistentKeys(_)) => Err(identity.key.problem(format!(
                "is not the key of the certificate in {}",
                identity.certificate.setting
            ))),
            Err(error) => Err(identity.key.problem(format!("cannot be used: {error}"))),
        }
    }

    pub(crate) fn options(&self) -> TlsOptions {
        let identity = self.identity.as_ref().map(|identity| {
            ClientTlsOptions::builder()
                .client_cert(identity.certificate.bytes.clone())
                .client_private_key(identity.key.bytes.clone())
                .build()
        });
        TlsOptions::builder()
            .maybe_server_root_ca_cert(self.authority.as_ref().map(|pem| pem.bytes.clone()))
            .maybe_domain(self.server_name.clone())
            .maybe_client_tls_options(identity)
            .build()
    }

    pub(crate) fn has_certificate(&self) -> bool {
        self.identity.is_some()
    }

    /// The setting that this client's certificate came from.
    pub(crate) fn certificate_setting(&self) -> &str {
        self.identity
            .as_ref()
            .map_or("TEMPORAL_TLS_CLIENT_CERT_PATH", |identity| {
                &identity.certificate.setting
            })
    }

    /// The setting that says whom the server's certificate must come from.
    pub(crate) fn authority_setting(&self) -> &str {
        self.authority
            .as_ref()
            .map_or("TEMPORAL_TLS_SERVER_CA_CERT_PATH", |pem| &pem.setting)
    }
}
