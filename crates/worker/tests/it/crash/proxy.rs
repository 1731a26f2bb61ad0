//! A proxy that counts and holds what passes through it: statements on their way to a database, or
//! events on their way to a receiver.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use super::script::{self, Hold, Op, World};

/// What is looked for in the bytes of a client.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// The script's queries, when they are run: PostgreSQL is asked for their columns before that.
    Statements,
    /// The events of tools, and `done`.
    Events,
}

/// Starts a proxy before this address.
pub(crate) async fn start(world: Arc<World>, kind: Kind, upstream: String) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let Ok(server) = TcpStream::connect(&upstream).await else {
                continue;
            };
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            let requests = Requests {
                world: Arc::clone(&world),
                kind,
                prepared: HashMap::new(),
                silenced: Arc::default(),
            };
            let answers = Answers {
                world: Arc::clone(&world),
                silenced: Arc::clone(&requests.silenced),
            };
            tokio::spawn(requests.pass(from_client, to_server));
            tokio::spawn(answers.pass(from_server, to_client));
        }
    });
    address
}

struct Requests {
    world: Arc<World>,
    kind: Kind,
    /// The script's queries by the names of their prepared statements.
    prepared: HashMap<Vec<u8>, Vec<(usize, Op)>>,
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
            let mut held_before = false;
            for (run, op) in self.found(&buffer[..read]) {
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
            if server.write_all(&buffer[..read]).await.is_err() {
                return;
            }
        }
    }

    /// What this piece asks for. The clients write each of the requests at once.
    fn found(&mut self, piece: &[u8]) -> Vec<(usize, Op)> {
        match self.kind {
            Kind::Statements => self.run(piece),
            Kind::Events => {
                let text = String::from_utf8_lossy(piece);
                let told = [
                    (r#""type":"tool_start""#, Op::Told),
                    (r#""type":"done""#, Op::Done),
                ];
                told.into_iter()
                    .filter(|(kind, _)| text.contains(kind))
                    .filter_map(|(_, op)| Some((script::run_in(&text)?, op)))
                    .collect()
            }
        }
    }

    /// The queries that are run by these messages of PostgreSQL's protocol: Parse gives a statement its
    /// name, Bind begins to run the one of a name.
    fn run(&mut self, mut messages: &[u8]) -> Vec<(usize, Op)> {
        let mut run = Vec::new();
        while let [kind, a, b, c, d, rest @ ..] = messages {
            let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
            // What comes before a session begins has no kind.
            let Some((body, next)) = length
                .checked_sub(4)
                .and_then(|length| rest.split_at_checked(length))
            else {
                break;
            };
            let mut texts = body.split(|byte| *byte == 0);
            match (kind, texts.next(), texts.next()) {
                (b'P', Some(name), Some(sql)) => {
                    let queries = queries(&String::from_utf8_lossy(sql));
                    self.prepared.insert(name.to_vec(), queries);
                }
                (b'B', Some(_portal), Some(name)) => {
                    run.extend(self.prepared.get(name).into_iter().flatten().copied());
                }
                _ => {}
            }
            messages = next;
        }
        run
    }
}

/// The script's queries in a text.
fn queries(sql: &str) -> Vec<(usize, Op)> {
    sql.split("'run-")
        .skip(1)
        .map(|rest| {
            let (run, rest) = rest.split_once("-q").unwrap();
            let op = match &rest[..1] {
                "0" => Op::Query0,
                "1" => Op::Query1,
                _ => Op::Query2,
            };
            (run.parse().unwrap(), op)
        })
        .collect()
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
