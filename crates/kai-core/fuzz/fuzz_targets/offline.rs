//! Feeds `bodies/offline.rs`.
#![no_main]

#[path = "../bodies/offline.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    body::check(data);
});
