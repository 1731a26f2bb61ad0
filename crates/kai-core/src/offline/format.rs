//! Values as people read them: numbers in the language's groups, empty cells, long texts.

use std::str::FromStr;

use rust_decimal::Decimal;
use serde_json::Value;

use super::plan::Shape;
use crate::language::Language;

/// How many letters of a text are shown.
const LONGEST: usize = 200;

/// Writes a value.
pub(super) fn value(value: &Value, shape: Shape, language: Language) -> String {
    let text = match value {
        Value::Null => return "–".to_owned(),
        Value::Bool(truth) => {
            return match (truth, language) {
                (true, Language::English) => "yes",
                (false, Language::English) => "no",
                (true, Language::Indonesian) => "ya",
                (false, Language::Indonesian) => "tidak",
            }
            .to_owned();
        }
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let number = || {
        Decimal::from_str(&text)
            .or_else(|_| Decimal::from_scientific(&text))
            .ok()
    };
    match shape {
        Shape::Number => number().map_or_else(|| shortened(&text), |n| grouped(n, language)),
        Shape::Percent => number().map_or_else(
            || shortened(&text),
            |n| format!("{}%", grouped(n, language)),
        ),
        Shape::Plain => shortened(&text),
    }
}

/// Writes a number with at most two decimals.
pub(super) fn grouped(number: Decimal, language: Language) -> String {
    let (group, point) = match language {
        Language::English => (',', '.'),
        Language::Indonesian => ('.', ','),
    };
    let rounded = number.round_dp(2).normalize();
    let text = rounded.abs().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut written = String::new();
    if rounded.is_sign_negative() && !rounded.is_zero() {
        written.push('-');
    }
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            written.push(group);
        }
        written.push(digit);
    }
    if !fraction.is_empty() {
        written.push(point);
        written.push_str(fraction);
    }
    written
}

/// A text on one line, cut where it is too long for an answer.
fn shortened(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if line.chars().count() <= LONGEST {
        return line;
    }
    let mut cut: String = line.chars().take(LONGEST).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_follow_the_language() {
        let number = json!(1_234_567.5);
        assert_eq!(
            value(&number, Shape::Number, Language::Indonesian),
            "1.234.567,5"
        );
        assert_eq!(
            value(&number, Shape::Number, Language::English),
            "1,234,567.5"
        );
        assert_eq!(
            value(&json!("-12345.678"), Shape::Number, Language::English),
            "-12,345.68"
        );
        assert_eq!(
            value(&json!(2015), Shape::Plain, Language::Indonesian),
            "2015"
        );
        assert_eq!(
            value(&json!(12.5), Shape::Percent, Language::Indonesian),
            "12,5%"
        );
        assert_eq!(
            value(&json!(1.5e20), Shape::Number, Language::English),
            "150,000,000,000,000,000,000"
        );
        assert_eq!(value(&json!(null), Shape::Number, Language::English), "–");
    }

    #[test]
    fn long_texts_are_cut_and_stay_on_one_line() {
        let text = value(&json!("a\nb".repeat(200)), Shape::Plain, Language::English);
        assert_eq!(text.chars().count(), LONGEST + 1);
        assert!(!text.contains('\n'));
    }
}
