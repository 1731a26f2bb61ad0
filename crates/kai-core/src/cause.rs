//! What caused an error.

use std::error::Error;

/// The innermost cause of an error: it says what happened, the outer ones only where.
pub fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot connect")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn what_happened_is_told() {
        let refused = std::io::Error::other("connection refused");
        assert_eq!(innermost(&Outer(refused)), "connection refused");
    }
}
