//! A proxy that counts and holds what passes through it: statements on their way to a database, or
//! events on their way to a receiver.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use super::messages::{Kind, Messages};
use super::script::{Hold, Op, World};

/// Starts a proxy before this address.
pub(crate) async fn start(world: Arc<World>, kind: Kind, upstream: String) -> SocketAddr {
    serve(upstream, move |client, server| {
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let requests = Requests {
            world: Arc::clone(&world),
            messages: Messages::new(kind),
            silenced: Arc::default(),
        };
        let answers = Answers {
            world: Arc::clone(&world),
            silenced: Arc::clone(&requests.silenced),
        };
        tokio::spawn(requests.pass(from_client, to_server));
        tokio::spawn(answers.pass(from_server, to_client));
    })
    .await
}

/// Starts a proxy that passes requests on at once, and each answer only after so long.
pub(crate) async fn slow(delay: Duration, upstream: String) -> SocketAddr {
    serve(upstream, move |client, server| {
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = server.into_split();
        tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
        tokio::spawn(async move {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(read @ 1..) = from_server.read(&mut buffer).await {
                tokio::time::sleep(delay).await;
                if to_client.write_all(&buffer[..read]).await.is_err() {
                    return;
                }
            }
        });
    })
    .await
}

/// Connects whoever comes with the address behind it.
async fn serve(
    upstream: String,
    join: impl Fn(TcpStream, TcpStream) + Send + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            if let Ok(server) = TcpStream::connect(&upstream).await {
                join(client, server);
            }
        }
    });
    address
}

struct Requests {
    world: Arc<World>,
    messages: Messages,
    silenced: Arc<Silenced>,
}

/// What the server's answers are held for.
type Silenced = Mutex<Option<(usize, Op)>>;

impl Requests {
    async fn pass(mut self, mut client: OwnedReadHalf, mut server: OwnedWriteHalf) {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(read) = client.read(&mut buffer).await {
            if read == 0 {
                return;
            }
            for message in self.messages.add(&buffer[..read]) {
                let mut held_before = false;
                for (run, op) in message.asks_for {
                    let hold = self.world.asked(run, op);
                    if hold == Some(Hold::Before) {
                        held_before = true;
                        self.world.holds(run, op);
                    } else if hold.is_some() {
                        *self.silenced.lock().unwrap() = Some((run, op));
                    }
                }
                if held_before {
                    // Nothing reaches the server any more, until the client is gone.
                    while client.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
                    return;
                }
                if server.write_all(&message.bytes).await.is_err() {
                    return;
                }
            }
        }
    }
}

struct Answers {
    world: Arc<World>,
    silenced: Arc<Silenced>,
}

impl Answers {
    async fn pass(self, mut server: OwnedReadHalf, mut client: OwnedWriteHalf) {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(read) = server.read(&mut buffer).await {
            if read == 0 {
                return;
            }
            let silenced = *self.silenced.lock().unwrap();
            if let Some((run, op)) = silenced {
                self.world.holds(run, op);
                // The answer is there, and goes nowhere.
                while server.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
                return;
            }
            if client.write_all(&buffer[..read]).await.is_err() {
                return;
            }
        }
    }
}
