//! Feeds `bodies/stream.rs`.
#![no_main]

#[path = "../bodies/stream.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    body::check(data);
});
