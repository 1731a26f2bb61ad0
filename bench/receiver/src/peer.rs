//! The receivers that are compared, and how each is started.

use std::path::{Path, PathBuf};

use crate::error::BenchError;

/// A receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Peer {
    /// kai-sse-callback.
    Ours,
    /// nginx with its module for publishing and subscribing.
    Nchan,
    /// The original's design.
    Fastapi,
}

impl Peer {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "kai-sse-callback",
            Self::Nchan => "Nchan",
            Self::Fastapi => "FastAPI",
        }
    }
}

/// Where the programs are.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Programs {
    /// The receiver, built for release.
    #[arg(long, default_value = "target/release/kai-sse-callback")]
    receiver: PathBuf,

    /// nginx.
    #[arg(long, default_value = "nginx")]
    nginx: PathBuf,

    /// Nchan's module.
    #[arg(long, default_value = "/usr/lib/nginx/modules/ngx_nchan_module.so")]
    nchan_module: PathBuf,

    /// A Python that has what bench/receiver/peers/requirements.txt lists.
    #[arg(long, default_value = "target/bench/python/bin/python")]
    python: PathBuf,
}

impl Programs {
    /// The command line that starts a peer, whose files go to `folder`.
    pub(crate) fn command(
        &self,
        peer: Peer,
        port: u16,
        folder: &Path,
    ) -> Result<Vec<String>, BenchError> {
        Ok(match peer {
            Peer::Ours => vec![absolute(&self.receiver), "--port".into(), port.to_string()],
            Peer::Nchan => {
                let config = folder.join("nchan.conf");
                let text = include_str!("../peers/nchan.conf")
                    .replace("{module}", &self.nchan_module.to_string_lossy())
                    .replace("{folder}", &folder.to_string_lossy())
                    .replace("{port}", &port.to_string());
                std::fs::write(&config, text).map_err(BenchError::file(&config))?;
                let (config, folder) = (config.to_string_lossy(), folder.to_string_lossy());
                ["-c", &config, "-p", &folder, "-e", "stderr"]
                    .into_iter()
                    .fold(vec![absolute(&self.nginx)], |mut line, word| {
                        line.push(word.to_owned());
                        line
                    })
            }
            Peer::Fastapi => {
                let program = folder.join("fastapi_receiver.py");
                std::fs::write(&program, include_str!("../peers/fastapi_receiver.py"))
                    .map_err(BenchError::file(&program))?;
                let words = "-m uvicorn fastapi_receiver:app --loop uvloop --http httptools \
                             --no-access-log --log-level warning --backlog 4096 --port";
                let mut line = vec![absolute(&self.python)];
                line.extend(words.split_whitespace().map(str::to_owned));
                line.push(port.to_string());
                line
            }
        })
    }
}

/// A path that still leads there from another folder; a bare name is looked up on the PATH. Links are
/// kept, as a Python knows its packages by the link it was started through.
fn absolute(path: &Path) -> String {
    let bare = path.components().count() == 1;
    let full = if bare {
        path.to_owned()
    } else {
        std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
    };
    full.to_string_lossy().into_owned()
}
