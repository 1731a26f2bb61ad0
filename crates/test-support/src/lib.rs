//! What the tests of several crates share: services that the environment names.

pub mod cable;
pub mod database_server;
pub mod documented;
pub mod held_queries;
pub mod many_tables;
pub mod model;
pub mod mysql;
pub mod openapi;
pub mod postgres;
pub mod round_trips;
pub mod secured_temporal;
pub mod shells;
pub mod terminal;
pub mod tree;
pub mod typesense;

/// The value of the variable that names a service which a test needs, such as
/// `KAI_TEST_POSTGRES_URL`. Without it the test cannot run: in CI that is a failure, elsewhere it is
/// told in one line, and the test ends.
///
/// # Panics
/// When the variable is missing and `CI` is set.
pub fn service(name: &str) -> Option<String> {
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => Some(value),
        _ => {
            let in_ci = std::env::var("CI").is_ok_and(|value| !value.is_empty());
            assert!(!in_ci, "{name} is not set, and in CI no test is skipped");
            eprintln!("skipped: {name} is not set");
            None
        }
    }
}
