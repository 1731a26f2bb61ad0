//! What an account could do beyond reading: nothing, where its owner has followed the advice.

use std::fmt;

/// How many are named in a warning.
const NAMED: usize = 5;

/// Something that the account of a connection may do and KAI does not need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excess {
    /// What the database calls it, such as `INSERT` or `SUPERUSER`.
    pub privilege: String,
    /// On what, such as `koperasi.*`; None for what holds everywhere.
    pub object: Option<String>,
}

impl Excess {
    pub(super) fn everywhere(privilege: impl Into<String>) -> Self {
        Self {
            privilege: privilege.into(),
            object: None,
        }
    }

    pub(super) fn on(privilege: impl Into<String>, object: impl Into<String>) -> Self {
        Self {
            privilege: privilege.into(),
            object: Some(object.into()),
        }
    }
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.object {
            Some(object) => write!(f, "{} on {object}", self.privilege),
            None => f.write_str(&self.privilege),
        }
    }
}

/// What an operator is told of an account; None when it can only read.
pub fn warning(excess: &[Excess]) -> Option<String> {
    if excess.is_empty() {
        return None;
    }
    let named: Vec<String> = excess.iter().take(NAMED).map(Excess::to_string).collect();
    let more = match excess.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    Some(format!(
        "the database account could do more than read ({}{more}); give KAI one that cannot, as \
         docs/security.md shows",
        named.join("; ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_names_the_grants() {
        assert_eq!(warning(&[]), None);
        let one = [Excess::everywhere("SUPERUSER")];
        let text = warning(&one).unwrap_or_default();
        assert!(text.contains("(SUPERUSER)") && text.contains("docs/security.md"));
        let many = vec![Excess::on("INSERT", "koperasi.*"); 7];
        let text = warning(&many).unwrap_or_default();
        assert!(text.contains("INSERT on koperasi.*; ") && text.contains("; and 2 more)"));
    }
}
