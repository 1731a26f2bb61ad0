//! Every post of the rows for latency, moment by moment, to look for what the slow ones have in common.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};

use crate::error::BenchError;
use crate::pace::Post;
use crate::peer::Peer;
use crate::subscribe::Delivery;

/// A file with a line for each post. Its moments are nanoseconds of the system's monotonic clock, which
/// `perf record -k CLOCK_MONOTONIC` uses, too.
#[derive(Debug)]
pub(crate) struct Trace {
    path: PathBuf,
    file: Mutex<BufWriter<File>>,
}

impl Trace {
    /// Begins the file, in place of what was there.
    pub(crate) fn create(path: &Path) -> Result<Self, BenchError> {
        let begin = || {
            let mut file = BufWriter::new(File::create(path)?);
            writeln!(file, "receiver\tdue\tstamped\twritten\tdelivered")?;
            Ok(file)
        };
        Ok(Self {
            path: path.to_owned(),
            file: Mutex::new(begin().map_err(BenchError::file(path))?),
        })
    }

    /// Adds what was posted to a peer, and when it came; an event that never came has a dash there.
    pub(crate) fn add(
        &self,
        peer: Peer,
        origin: Instant,
        posts: &[Post],
        deliveries: &[Delivery],
    ) -> Result<(), BenchError> {
        let clock = clock_gettime(ClockId::Monotonic);
        let clock = clock.tv_sec.cast_unsigned() * 1_000_000_000 + clock.tv_nsec.cast_unsigned();
        let begin = clock.saturating_sub(crate::subscribe::nanos(origin));
        let came: HashMap<u64, u64> = deliveries
            .iter()
            .map(|event| (event.stamp, event.came))
            .collect();
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut write = || {
            for post in posts {
                let moments = [post.due, post.stamp, post.written].map(|nanos| begin + nanos);
                let came = came
                    .get(&post.stamp)
                    .map_or("-".to_owned(), |nanos| (begin + nanos).to_string());
                let [due, stamp, written] = moments;
                let peer = peer.name();
                writeln!(file, "{peer}\t{due}\t{stamp}\t{written}\t{came}")?;
            }
            file.flush()
        };
        write().map_err(BenchError::file(&self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_stands_beside_its_delivery() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let trace = Trace::create(file.path()).unwrap();
        let post = |due| Post {
            due,
            stamp: due + 10,
            written: due + 30,
        };
        let delivery = Delivery {
            stamp: 510,
            came: 600,
        };
        let posts = [post(0), post(500)];
        trace
            .add(Peer::Nchan, Instant::now(), &posts, &[delivery])
            .unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap();
        let lines: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.split('\t').collect())
            .collect();
        let [head, first, second] = lines.as_slice() else {
            panic!("{text}");
        };
        assert_eq!(head.len(), 5);
        assert_eq!((first[0], first[4]), ("Nchan", "-"));
        let moments: Vec<u64> = second[1..]
            .iter()
            .map(|nanos| nanos.parse().unwrap())
            .collect();
        let since = |at: usize| moments[at] - moments[0];
        assert_eq!([since(1), since(2), since(3)], [10, 30, 100]);
    }
}
