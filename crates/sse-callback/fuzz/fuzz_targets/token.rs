//! Feeds `bodies/token.rs`.
#![no_main]

#[path = "../bodies/token.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    body::check(data);
});
