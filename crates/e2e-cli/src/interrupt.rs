//! Ctrl-C and its relatives, as a cancellation token.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A token that is cancelled by SIGINT, SIGTERM or SIGHUP.
///
/// Where a signal cannot be listened for it keeps its usual effect: it ends the process.
pub(crate) fn token() -> CancellationToken {
    let token = CancellationToken::new();
    for kind in [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ] {
        let Ok(mut listener) = signal(kind) else {
            continue;
        };
        let token = token.clone();
        // Ends with the runtime: it holds nothing but the token.
        tokio::spawn(async move {
            listener.recv().await;
            token.cancel();
        });
    }
    token
}
