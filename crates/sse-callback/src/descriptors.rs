//! The file descriptors that the system allows: every connection needs one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What ten thousand streams need.
const WANTED: u64 = 10_000;

/// What the receiver needs for other things than connections: its listener, its log, its runtime.
const RESERVE: u64 = 64;

/// Raises the limit as far as it goes without privileges, and warns when that is not far; returns how many
/// connections fit, if there is a limit.
pub fn raise() -> Option<usize> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    let limit = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => maximum,
        Err(error) => {
            tracing::debug!("cannot raise the limit on open files: {error}");
            current
        }
    }?;
    if limit < WANTED {
        tracing::warn!(
            limit,
            "the system allows {limit} open files, so about as many streams; raise it (ulimit -n, LimitNOFILE=) to {WANTED} or more"
        );
    }
    Some(usize::try_from(connections(limit)).unwrap_or(usize::MAX))
}

fn connections(limit: u64) -> u64 {
    limit.saturating_sub(RESERVE).max(limit / 2).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_kept_for_other_things() {
        assert_eq!(connections(20_000), 19_936);
        assert_eq!(connections(100), 50);
        assert_eq!(connections(0), 1);
    }
}
