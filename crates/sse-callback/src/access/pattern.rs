//! Patterns of session ids, as tokens name them: `*` stands for any text, also for none.

/// Whether a pattern covers a whole text.
pub(super) fn covers(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    // Splitting always yields a first part.
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    // Between the stars, the leftmost place of each part leaves the most to those behind it.
    for part in parts {
        match rest.split_once(part) {
            Some((_, behind)) => rest = behind,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition, spelled out: slow and plain.
    fn by_definition(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', rest @ ..], _) => {
                by_definition(rest, text)
                    || matches!(text, [_, behind @ ..] if by_definition(pattern, behind))
            }
            ([a, pattern @ ..], [b, text @ ..]) => a == b && by_definition(pattern, text),
            _ => false,
        }
    }

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, covered) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "anything/at all", true),
            ("org1-*", "org1-", true),
            ("org1-*", "org1-7", true),
            ("org1-*", "org10-7", false),
            ("*-x", "a-x-x", true),
            ("a*a", "a", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
        ] {
            assert_eq!(covers(pattern, text), covered, "{pattern} {text}");
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_definition(pattern in "[ab*é]{0,6}", text in "[abé*]{0,8}") {
            let slow = by_definition(
                &pattern.chars().collect::<Vec<_>>(),
                &text.chars().collect::<Vec<_>>(),
            );
            prop_assert_eq!(covers(&pattern, &text), slow);
        }
    }
}
