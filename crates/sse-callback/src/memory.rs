//! Memory that is free, but not yet given back to the system.

/// Gives it back, as far as the allocator is the C library's of GNU, which else keeps what lies
/// between things that are still in use.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(
    unsafe_code,
    reason = "malloc_trim takes a number, demands nothing of its caller, and may be called from any thread"
)]
pub(crate) fn give_back() {
    // SAFETY: see above; 0 is the padding to keep at the top of the heap.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Other allocators give it back by themselves, or know no way.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn give_back() {}
