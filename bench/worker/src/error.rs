//! Why a measurement could not be made.

use std::io;
use std::path::PathBuf;

use kai_bench_common::document::DocumentError;
use thiserror::Error;

/// What stops the benchmark.
#[derive(Debug, Error)]
pub(crate) enum BenchError {
    #[error("cannot start {program}: {source}; scripts/bench-worker installs what is missing")]
    Spawn { program: String, source: io::Error },
    #[error("{program} was not ready within {seconds} s; the last that it said:\n{said}")]
    NotReady {
        program: &'static str,
        seconds: u64,
        said: String,
    },
    #[error("{program} ended before it was ready, with {status}; the last that it said:\n{said}")]
    Ended {
        program: &'static str,
        status: String,
        said: String,
    },
    #[error("{doing} failed: {said}")]
    Failed { doing: &'static str, said: String },
    #[error("{path}: {source}", path = path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{doing}: {source}")]
    Io {
        doing: &'static str,
        source: io::Error,
    },
    #[error("{doing}: {reason}")]
    Temporal { doing: &'static str, reason: String },
    #[error("a run through {worker} ended with the status {status}: {result}")]
    BadResult {
        worker: &'static str,
        status: String,
        result: String,
    },
    #[error("{doing} took longer than {seconds} s")]
    TooSlow { doing: &'static str, seconds: u64 },
    #[error("the receiver took {received} events of {worker}, where {expected} were due")]
    Lost {
        worker: &'static str,
        received: u64,
        expected: u64,
    },
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

    /// For `map_err`: what Temporal's client could not do.
    pub(crate) fn temporal<E: std::error::Error>(doing: &'static str) -> impl FnOnce(E) -> Self {
        move |error| {
            let mut reason = error.to_string();
            let mut cause = error.source();
            while let Some(error) = cause {
                reason = format!("{reason}: {error}");
                cause = error.source();
            }
            Self::Temporal { doing, reason }
        }
    }
}
