//! Why a measurement could not be made.

use std::io;
use std::path::PathBuf;

use kai_bench_common::document::DocumentError;
use thiserror::Error;

/// What stops the benchmark.
#[derive(Debug, Error)]
pub(crate) enum BenchError {
    #[error("cannot start {program}: {source}; scripts/bench-receiver installs what is missing")]
    Spawn { program: String, source: io::Error },
    #[error("{peer} did not listen on port {port} within 20 s; what it said: {said}")]
    NotListening {
        peer: &'static str,
        port: u16,
        said: String,
    },
    #[error("{path}: {source}", path = path.display())]
    File { path: PathBuf, source: io::Error },
    #[error(
        "cannot pin the load generator to core {core}: {source}; choose another with --load-core"
    )]
    Pin { core: usize, source: io::Error },
    #[error("{doing}: {source}")]
    Io {
        doing: &'static str,
        source: io::Error,
    },
    #[error("{doing}: the connection ended too early")]
    Ended { doing: &'static str },
    #[error("{doing}: no answer that can be read: {head}")]
    Unreadable { doing: &'static str, head: String },
    #[error("{peer} refused {refused} of {all} requests; the last answer had the status {status}")]
    Refused {
        peer: &'static str,
        refused: u64,
        all: u64,
        status: u64,
    },
    #[error("{doing} took longer than {seconds} s")]
    TooSlow { doing: &'static str, seconds: u64 },
    #[error(transparent)]
    Document(DocumentError),
    #[error("stopped")]
    Stopped,
}

impl BenchError {
    /// For `map_err`: names what was being done.
    pub(crate) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }

    /// For `map_err`: names the file.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
