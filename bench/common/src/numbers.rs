//! Numbers as people read them.

/// A whole number's digits with commas between its thousands.
pub fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        let shown = ["7", "123", "1234", "1000000"].map(grouped);
        assert_eq!(shown, ["7", "123", "1,234", "1,000,000"]);
    }
}
