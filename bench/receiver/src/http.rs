//! As much of HTTP/1.1 as the load needs: requests as bytes, answers found by their length.

use std::net::SocketAddr;

use memchr::memmem;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use crate::error::BenchError;

/// A request that posts `body`.
pub(crate) fn post(session: &str, media_type: &str, body: &str) -> Vec<u8> {
    format!(
        "POST /events/{session} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {media_type}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A request that opens a stream.
pub(crate) fn subscribe(session: &str) -> Vec<u8> {
    format!(
        "GET /stream/{session} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"
    )
    .into_bytes()
}

/// A connection that closes at once, so that thousands of them leave no port waiting.
pub(crate) async fn connect(address: SocketAddr) -> Result<TcpStream, BenchError> {
    let stream = TcpStream::connect(address)
        .await
        .map_err(BenchError::io("connecting"))?;
    let options = [stream.set_nodelay(true), stream.set_zero_linger()];
    for set in options {
        set.map_err(BenchError::io("setting up a connection"))?;
    }
    Ok(stream)
}

/// The head of an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    pub(crate) status: u16,
    /// Where the body begins.
    pub(crate) body: usize,
    /// How long it is, if it is said.
    pub(crate) length: usize,
}

/// Servers differ in capitals only; no other header that they send ends like this.
const LENGTH: &[u8] = b"ontent-Length: ";
const LENGTH_SMALL: &[u8] = b"ontent-length: ";

/// Reads the head of an answer, once all of it is there.
pub(crate) fn head(bytes: &[u8]) -> Option<Head> {
    let end = memmem::find(bytes, b"\r\n\r\n")?;
    let head = bytes.get(..end)?;
    let number = |from: usize| {
        let digits = head.get(from..)?;
        let digits = digits
            .split(|byte| !byte.is_ascii_digit())
            .next()
            .unwrap_or(digits);
        std::str::from_utf8(digits).ok()?.parse::<usize>().ok()
    };
    let length = memmem::find(head, LENGTH)
        .or_else(|| memmem::find(head, LENGTH_SMALL))
        .and_then(|at| number(at + LENGTH.len()));
    Some(Head {
        status: u16::try_from(number(b"HTTP/1.1 ".len())?).ok()?,
        body: end + 4,
        length: length.unwrap_or(0),
    })
}

/// Reads one answer with a body of stated length, of which nothing is kept but the head's meaning.
pub(crate) async fn answer(stream: &mut TcpStream, buffer: &mut [u8]) -> Result<Head, BenchError> {
    const DOING: &str = "reading an answer";
    let mut filled = 0;
    loop {
        let room = buffer.get_mut(filled..).unwrap_or_default();
        let read = stream.read(room).await.map_err(BenchError::io(DOING))?;
        if read == 0 {
            return Err(if filled < buffer.len() {
                BenchError::Ended { doing: DOING }
            } else {
                let head = String::from_utf8_lossy(buffer).into_owned();
                BenchError::Unreadable { doing: DOING, head }
            });
        }
        filled += read;
        let have = buffer.get(..filled).unwrap_or_default();
        if let Some(head) = head(have)
            && filled >= head.body + head.length
        {
            return Ok(head);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_however_its_header_is_written() {
        for name in ["Content-Length", "content-length"] {
            let bytes = format!("HTTP/1.1 202 Accepted\r\nServer: x\r\n{name}: 12\r\n\r\nabc");
            let head = head(bytes.as_bytes()).unwrap();
            assert_eq!((head.status, head.length), (202, 12));
            assert_eq!(bytes.get(head.body..), Some("abc"));
        }
    }

    #[test]
    fn half_a_head_is_none() {
        assert!(head(b"HTTP/1.1 200 OK\r\nContent-Length: 1").is_none());
    }
}
