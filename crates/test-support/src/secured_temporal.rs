//! A Temporal server as it is in production: behind TLS, asking for a certificate or a key.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{Either, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, client, header, server};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::AbortOnDropHandle;

/// Who signs certificates in a test.
pub struct Authority {
    /// Its own certificate, in PEM.
    pub certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key, in PEM.
#[derive(Clone)]
pub struct Identity {
    /// The certificate.
    pub certificate: String,
    /// The key.
    pub key: String,
}

/// When a certificate is valid.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// Now.
    Now,
    /// No longer.
    Expired,
}

impl Authority {
    /// A new one, that nobody trusts yet.
    ///
    /// # Panics
    /// When a certificate cannot be made.
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        Self {
            certificate,
            issuer: Issuer::new(params, key),
        }
    }

    /// Signs a new certificate for a name.
    ///
    /// # Panics
    /// When a certificate cannot be made.
    pub fn sign(&self, name: &str, validity: Validity) -> Identity {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if validity == Validity::Expired {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2002, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        Identity {
            certificate: params.signed_by(&key, &self.issuer).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

/// What a server asks of its clients.
#[derive(Clone, Default)]
pub struct Demands {
    /// A certificate that this authority signed, in PEM.
    pub authority: Option<String>,
    /// A key, as a bearer token.
    pub api_key: Option<String>,
}

/// A TLS server before a Temporal server.
pub struct SecuredTemporal {
    /// Where it listens.
    pub address: SocketAddr,
    authorizations: Arc<Mutex<Vec<String>>>,
    _task: AbortOnDropHandle<()>,
}

impl SecuredTemporal {
    /// Starts one before the server at `upstream`, as `HOST:PORT`.
    ///
    /// # Panics
    /// When it cannot listen or its certificates are wrong.
    pub async fn start(upstream: &str, identity: &Identity, demands: Demands) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(tls(identity, demands.authority.as_deref())));
        let authorizations = Arc::default();
        let door = Door {
            upstream: upstream.to_owned(),
            api_key: demands.api_key,
            authorizations: Arc::clone(&authorizations),
        };
        let task = tokio::spawn(accept(listener, acceptor, door));
        Self {
            address,
            authorizations,
            _task: AbortOnDropHandle::new(task),
        }
    }

    /// The `authorization` headers that were shown so far, each once.
    pub fn authorizations(&self) -> Vec<String> {
        let seen = self.authorizations.lock();
        seen.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn tls(identity: &Identity, authority: Option<&str>) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match authority {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            let certificate = CertificateDer::from_pem_slice(authority.as_bytes()).unwrap();
            roots.add(certificate).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let certificate = CertificateDer::from_pem_slice(identity.certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
    let mut config = builder.with_single_cert(vec![certificate], key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    config
}

/// Whom the server lets in, and where they go.
#[derive(Clone)]
struct Door {
    upstream: String,
    api_key: Option<String>,
    authorizations: Arc<Mutex<Vec<String>>>,
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, door: Door) {
    // Its connections end with it.
    let mut connections = JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        let (acceptor, door) = (acceptor.clone(), door.clone());
        connections.spawn(async move {
            if let Ok(stream) = acceptor.accept(socket).await {
                door.serve(stream).await;
            }
        });
    }
}

impl Door {
    async fn serve(self, stream: tokio_rustls::server::TlsStream<TcpStream>) {
        let Ok(upstream) = TcpStream::connect(&self.upstream).await else {
            return;
        };
        let Ok((sender, connection)) =
            client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(upstream)).await
        else {
            return;
        };
        let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
        let service = service_fn(move |request: Request<Incoming>| {
            let (door, mut sender) = (self.clone(), sender.clone());
            async move {
                if !door.lets_in(&request) {
                    return Ok::<_, Infallible>(refusal(UNAUTHENTICATED, "Request unauthorized."));
                }
                Ok(match sender.send_request(request).await {
                    Ok(answer) => answer.map(Either::Left),
                    Err(_) => refusal(UNAVAILABLE, "The server is away."),
                })
            }
        });
        // A client that goes away is no failure of the server.
        let _ = server::conn::http2::Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(stream), service)
            .await;
    }

    fn lets_in(&self, request: &Request<Incoming>) -> bool {
        let shown = request.headers().get(header::AUTHORIZATION);
        let shown = shown.and_then(|value| value.to_str().ok()).unwrap_or("");
        let mut seen = self
            .authorizations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if !seen.iter().any(|other| other == shown) {
            seen.push(shown.to_owned());
        }
        self.api_key
            .as_ref()
            .is_none_or(|key| shown == format!("Bearer {key}"))
    }
}

/// A number of gRPC: the key is wrong.
const UNAUTHENTICATED: u16 = 16;

/// A number of gRPC: nobody is there.
const UNAVAILABLE: u16 = 14;

/// How gRPC says that a call was not carried out.
fn refusal(status: u16, message: &str) -> Response<Either<Incoming, Empty<Bytes>>> {
    Response::builder()
        .header(header::CONTENT_TYPE, "application/grpc")
        .header("grpc-status", status)
        .header("grpc-message", message)
        .body(Either::Right(Empty::new()))
        .unwrap()
}
