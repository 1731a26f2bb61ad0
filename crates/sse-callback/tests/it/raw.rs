//! A client without manners: it writes what it likes, and reads when it likes.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Receiver, soon};

/// A connection.
pub(crate) struct Raw(pub(crate) TcpStream);

impl Raw {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self(soon(TcpStream::connect(address)).await.unwrap())
    }

    pub(crate) async fn to(receiver: &Receiver) -> Self {
        Self::connect(receiver.address).await
    }

    /// Connects and asks for a stream, or for anything else.
    pub(crate) async fn get(address: SocketAddr, path: &str, headers: &str) -> Self {
        let mut raw = Self::connect(address).await;
        raw.ask(path, headers).await;
        raw
    }

    pub(crate) async fn ask(&mut self, path: &str, headers: &str) {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
        self.write(&request).await;
    }

    pub(crate) async fn write(&mut self, text: &str) {
        soon(self.0.write_all(text.as_bytes())).await.unwrap();
    }

    /// What comes up to and with `end`, and what happened to come behind it.
    pub(crate) async fn read_until(&mut self, end: &str) -> String {
        let mut text = String::new();
        while !text.contains(end) {
            let mut buffer = vec![0; 16 * 1_024];
            let count = soon(self.0.read(&mut buffer)).await.unwrap();
            assert!(count > 0, "it ended before {end:?}: {text}");
            text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
        }
        text
    }

    /// All that comes until the receiver closes the connection.
    pub(crate) async fn rest(mut self) -> String {
        let mut bytes = Vec::new();
        // Being reset is a way of being closed.
        let _ = soon(self.0.read_to_end(&mut bytes)).await;
        String::from_utf8(bytes).unwrap()
    }
}
