//! A connection to a service that a test can cut and mend.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

/// Passes bytes on to a service, as long as it is whole.
pub struct Cable {
    /// Where it listens.
    pub address: SocketAddr,
    whole: watch::Sender<bool>,
    _task: AbortOnDropHandle<()>,
}

impl Cable {
    /// Lays one to the service at `to`, as `HOST:PORT`.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn lay(to: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (whole, is_whole) = watch::channel(true);
        Self {
            address,
            whole,
            _task: AbortOnDropHandle::new(tokio::spawn(pass_on(listener, to.to_owned(), is_whole))),
        }
    }

    /// Ends every connection, and every one that is tried from now on.
    pub fn cut(&self) {
        self.whole.send_replace(false);
    }

    /// Lets connections through again.
    pub fn mend(&self) {
        self.whole.send_replace(true);
    }
}

async fn pass_on(listener: TcpListener, to: String, whole: watch::Receiver<bool>) {
    // Its connections end with it.
    let mut connections = JoinSet::new();
    while let Ok((mut near, _)) = listener.accept().await {
        let (to, mut whole) = (to.clone(), whole.clone());
        connections.spawn(async move {
            let passing = async {
                let mut far = TcpStream::connect(to).await?;
                tokio::io::copy_bidirectional(&mut near, &mut far).await
            };
            tokio::select! {
                // How a connection ends is for its two ends to see.
                _ = passing => {}
                _ = whole.wait_for(|whole| !whole) => {}
            }
        });
    }
}
