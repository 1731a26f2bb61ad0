//! Text that must not be seen: keys and passwords.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// Text that shows itself redacted wherever it is printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&redact(&self.0))
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&redact(&self.0))
    }
}

/// The first four characters, then a star for each of the rest; `***` when four or fewer.
pub(super) fn redact(secret: &str) -> String {
    let length = secret.chars().count();
    if length <= 4 {
        return "***".to_owned();
    }
    secret
        .chars()
        .take(4)
        .chain("*".repeat(length - 4).chars())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_four_characters_are_seen() {
        assert_eq!(
            format!("{:?}", Secret::from("abcdefgh".to_owned())),
            "abcd****"
        );
        assert_eq!(Secret::from("abcd".to_owned()).to_string(), "***");
        assert_eq!(Secret::from(String::new()).to_string(), "***");
        assert_eq!(redact("äöüßx"), "äöüß*");
    }
}
