//! A relay before a database that counts its client's round trips: over a slow network, they are the time.

#![expect(
    clippy::expect_used,
    reason = "a test whose relay cannot start should say where"
)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;
use url::Url;

/// Passes bytes on, and counts how often the client speaks after the server did. It stops when this is
/// dropped.
#[derive(Debug)]
pub struct RoundTrips {
    url: Url,
    count: Arc<AtomicUsize>,
    _task: AbortOnDropHandle<()>,
}

impl RoundTrips {
    /// Stands before the server of a database's URL.
    ///
    /// # Panics
    /// When the URL names no server, or there is no free port.
    pub async fn before(database: &str) -> Self {
        let mut url = Url::parse(database).expect("a database's URL");
        let host = url.host_str().expect("a host").to_owned();
        let server = (host, url.port().expect("a port"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address: SocketAddr = listener.local_addr().expect("a bound listener");
        url.set_ip_host(address.ip()).expect("a URL with a host");
        url.set_port(Some(address.port()))
            .expect("a URL with a host");
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server)
                    .await
                    .expect("the server answers");
                connections.spawn(pass_on(client, server, Arc::clone(&counted)));
            }
        });
        Self {
            url,
            count,
            _task: AbortOnDropHandle::new(task),
        }
    }

    /// The database's URL by way of the relay.
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// How many there were so far.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

async fn pass_on(client: TcpStream, server: TcpStream, count: Arc<AtomicUsize>) {
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let server_spoke = AtomicBool::new(true);
    let up = async {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from_client.read(&mut buffer).await {
            if server_spoke.swap(false, Ordering::SeqCst) {
                count.fetch_add(1, Ordering::SeqCst);
            }
            let read = buffer.get(..length).unwrap_or_default();
            if to_server.write_all(read).await.is_err() {
                break;
            }
        }
    };
    let down = async {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from_server.read(&mut buffer).await {
            server_spoke.store(true, Ordering::SeqCst);
            let read = buffer.get(..length).unwrap_or_default();
            if to_client.write_all(read).await.is_err() {
                break;
            }
        }
    };
    tokio::select! { () = up => {}, () = down => {} }
}
