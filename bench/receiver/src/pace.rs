//! Posts at a fixed rate, from a thread of its own, whose sleep is finer than a runtime's timer.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::error::BenchError;
use crate::http::head;
use crate::publish::{CONNECTIONS, MARK, stamped};
use crate::subscribe::{STAMP_DIGITS, nanos};

const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// An event that was posted, in nanoseconds since the beginning of the measurement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Post {
    /// When it was to be posted.
    pub(crate) due: u64,
    /// The moment stamped on it.
    pub(crate) stamp: u64,
    /// When the system had taken all of it.
    pub(crate) written: u64,
}

/// Posts to `sessions` sessions in turn, `per_second` events, for `duration`; returns what was posted.
///
/// The stamp is taken before the connection's last answer is waited for, and is the moment when a post was
/// due if such a wait made it late, so a receiver that answers late does not hide it. A delay of the load's
/// own is not the receiver's, and not counted.
pub(crate) fn pace(
    address: SocketAddr,
    sessions: usize,
    per_second: u32,
    duration: Duration,
    origin: Instant,
) -> Result<Vec<Post>, BenchError> {
    let mut connections = (0..CONNECTIONS)
        .map(|_| Connection::open(address))
        .collect::<Result<Vec<_>, _>>()?;
    let zeros = "0".repeat(STAMP_DIGITS);
    let mut requests: Vec<_> = (0..sessions)
        .map(|session| stamped(session, &zeros))
        .collect();
    let every = Duration::from_secs(1) / per_second;
    let start = Instant::now();
    let mut posts = Vec::new();
    let mut turn = 0;
    let mut due = start;
    let mut held = start;
    while due < start + duration {
        sleep(due.saturating_duration_since(Instant::now()));
        let stamp = if due < held {
            since(origin, due)
        } else {
            nanos(origin)
        };
        let connection = turn % CONNECTIONS;
        let session = turn % sessions;
        if let (Some(connection), Some(request)) =
            (connections.get_mut(connection), requests.get_mut(session))
        {
            write_stamp(request, stamp);
            let waits = Instant::now();
            connection.finish()?;
            if waits.elapsed() > every {
                held = Instant::now();
            }
            connection.post(request)?;
            posts.push(Post {
                due: since(origin, due),
                stamp,
                written: nanos(origin),
            });
        }
        turn += 1;
        due += every;
    }
    for connection in &mut connections {
        connection.finish()?;
    }
    Ok(posts)
}

fn since(origin: Instant, moment: Instant) -> u64 {
    let nanos = moment.saturating_duration_since(origin).as_nanos();
    u64::try_from(nanos).unwrap_or(u64::MAX)
}

fn write_stamp(request: &mut [u8], stamp: u64) {
    let digits = format!("{stamp:0STAMP_DIGITS$}");
    let place =
        memchr::memchr(MARK, request).and_then(|at| request.get_mut(at + 1..at + 1 + STAMP_DIGITS));
    if let Some(place) = place {
        place.copy_from_slice(digits.as_bytes());
    }
}

struct Connection {
    stream: TcpStream,
    waiting: bool,
}

impl Connection {
    fn open(address: SocketAddr) -> Result<Self, BenchError> {
        let open = || {
            let stream = TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(ANSWERS_WITHIN))?;
            Ok(stream)
        };
        Ok(Self {
            stream: open().map_err(BenchError::io("connecting"))?,
            waiting: false,
        })
    }

    fn post(&mut self, request: &[u8]) -> Result<(), BenchError> {
        self.waiting = true;
        self.stream
            .write_all(request)
            .map_err(BenchError::io("posting"))
    }

    /// Reads the answer that is still to come, if one is.
    fn finish(&mut self) -> Result<(), BenchError> {
        const DOING: &str = "reading an answer";
        let mut buffer = [0; 4_096];
        let mut filled = 0;
        while self.waiting {
            let room = buffer.get_mut(filled..).unwrap_or_default();
            let read = self.stream.read(room).map_err(BenchError::io(DOING))?;
            if read == 0 {
                return Err(BenchError::Ended { doing: DOING });
            }
            filled += read;
            let have = buffer.get(..filled).unwrap_or_default();
            let Some(head) = head(have) else { continue };
            if head.status >= 300 {
                let head = String::from_utf8_lossy(have).into_owned();
                return Err(BenchError::Unreadable { doing: DOING, head });
            }
            self.waiting = filled < head.body + head.length;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_takes_the_place_of_the_zeros() {
        let mut request = stamped(3, &"0".repeat(STAMP_DIGITS));
        let before = request.len();
        write_stamp(&mut request, 42);
        let text = String::from_utf8(request).unwrap();
        assert_eq!(text.len(), before);
        assert!(text.contains("~0000000000000000042 rata"));
    }
}
