//! How long a thread computes before others of the machine get their turn.

use std::io;
use std::time::Duration;

/// The shortest turn that Linux grants. A post is answered within it.
pub(crate) const SHORT: Duration = Duration::from_micros(100);

/// Asks for turns of this length, for the calling thread and those that it starts.
///
/// The thread gets no more of its core than before, but sooner: Linux, from 6.12 on, lets one with short
/// turns that wakes up interrupt one with long turns, which otherwise stays for some milliseconds. Older
/// kernels say yes and change nothing. A thread that an administrator gave another way of scheduling
/// keeps it.
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "no crate offers these two calls; each is given a structure of its own and the size of it"
)]
pub(crate) fn ask_for(turn: Duration) -> io::Result<()> {
    let size = std::mem::size_of::<libc::sched_attr>();
    let mut wishes = libc::sched_attr {
        size: u32::try_from(size).unwrap_or_default(),
        sched_policy: 0,
        sched_flags: 0,
        sched_nice: 0,
        sched_priority: 0,
        sched_runtime: 0,
        sched_deadline: 0,
        sched_period: 0,
    };
    // SAFETY: the system writes as many bytes as the third number says, which the structure has; it is all
    // numbers, of which any is valid. The first number, 0, is the calling thread.
    let read = unsafe { libc::syscall(libc::SYS_sched_getattr, 0, &raw mut wishes, size, 0) };
    if read != 0 {
        return Err(io::Error::last_os_error());
    }
    let usual = [libc::SCHED_OTHER, libc::SCHED_BATCH];
    if !usual
        .iter()
        .any(|policy| wishes.sched_policy == policy.cast_unsigned())
    {
        return Ok(());
    }
    wishes.sched_runtime = u64::try_from(turn.as_nanos()).unwrap_or(u64::MAX);
    // SAFETY: the system reads as many bytes as the structure's first field says, which is its size.
    let set = unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const wishes, 0) };
    if set == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Other systems have no such wish.
#[cfg(not(target_os = "linux"))]
pub(crate) fn ask_for(_turn: Duration) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::fs;

    use super::*;

    #[test]
    fn the_system_notes_the_turn_and_keeps_what_else_it_knew() {
        // What is set here stays in a thread of its own.
        let thread = std::thread::spawn(|| {
            rustix::process::nice(3).unwrap();
            ask_for(SHORT).unwrap();
            assert_eq!(rustix::process::nice(0).unwrap(), 3);
            fs::read_to_string("/proc/thread-self/sched").ok()
        });
        // Only some kernels show it, and older ones do not know of it.
        let shown = thread.join().unwrap();
        let turn = shown.iter().flat_map(|text| text.lines()).find_map(|line| {
            let (name, value) = line.split_once(':')?;
            (name.trim() == "se.slice").then(|| value.trim().parse::<u128>())
        });
        if let Some(turn) = turn {
            assert_eq!(turn.unwrap(), SHORT.as_nanos());
        }
    }
}
