//! How the C library's allocator shares memory out among the worker's threads.

/// How many arenas the threads share. With one for each thread, as is the default, what a run leaves free in
/// one of them serves no other: two megabytes under load, measured in `docs/performance-worker.md`. With two,
/// threads hardly wait for each other.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const ARENAS: std::ffi::c_int = 2;

/// Lets the threads share two arenas. To be called before there is a second thread: arenas that are there
/// already stay.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(
    unsafe_code,
    reason = "mallopt takes two numbers and demands nothing of its caller"
)]
pub fn share_arenas() {
    // SAFETY: see above. A C library that does not know the parameter says so by its result and goes on as before.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, ARENAS);
    }
}

/// Other allocators have no such parameter.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn share_arenas() {}
