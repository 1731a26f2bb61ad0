//! Feeds `bodies/guard.rs`.
#![no_main]

#[path = "../bodies/guard.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    body::check(data);
});
