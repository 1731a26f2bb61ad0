//! Values of a database as JSON, so that they keep their meaning.
//!
//! | value | JSON |
//! | --- | --- |
//! | NULL | null |
//! | boolean | true, false |
//! | integer | number |
//! | exact decimal (NUMERIC) | number where a JSON number holds exactly that value (trailing zeros aside), otherwise a string with every digit |
//! | floating point | number; a string where it is none (`NaN`, `Infinity`) |
//! | date, time, timestamp, interval | string, ISO 8601; with a time zone in UTC, ending in `Z`; a date that MySQL has as zero in zeros |
//! | binary | string, base64 |
//! | bits | string of digits on PostgreSQL, number on MySQL, as each writes them |
//! | geometry | string, well-known text on MySQL, the type's own text on PostgreSQL |
//! | JSON | as it is |
//! | array | array |
//! | anything else | string, as the database writes it |

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Number, Value};

/// A binary value.
pub(super) fn binary(bytes: &[u8]) -> Value {
    Value::String(STANDARD.encode(bytes))
}

/// JSON as it is; what is too deep or too large to be read here, as its text.
pub(super) fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned()))
}

/// A floating-point value.
pub(super) fn float(value: f64) -> Value {
    Number::from_f64(value).map_or_else(
        || {
            let name = match value {
                f64::INFINITY => "Infinity",
                f64::NEG_INFINITY => "-Infinity",
                _ => "NaN",
            };
            Value::String(name.to_owned())
        },
        Value::Number,
    )
}

/// An exact decimal, written in digits.
pub(super) fn decimal(text: &str) -> Value {
    let plain = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    };
    if let Ok(integer) = plain.parse::<i64>() {
        return Value::from(integer);
    }
    // Displaying a float writes the shortest digits that read back as it. If those are the digits
    // of the decimal, whoever reads the JSON number sees the decimal.
    let exact = plain
        .parse::<f64>()
        .ok()
        .filter(|float| float.to_string() == plain)
        .and_then(Number::from_f64);
    exact.map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn decimals_are_numbers_only_where_nothing_is_lost() {
        for (text, expected) in [
            ("0", json!(0)),
            ("0.00", json!(0)),
            ("1500000.00", json!(1_500_000)),
            ("-12.50", json!(-12.5)),
            ("0.1", json!(0.1)),
            ("9007199254740993", json!(9_007_199_254_740_993_i64)),
            ("100", json!(100)),
            ("12345678901234567.89", json!("12345678901234567.89")),
            ("0.3333333333333333333", json!("0.3333333333333333333")),
            ("99999999999999999999", json!("99999999999999999999")),
            ("NaN", json!("NaN")),
        ] {
            assert_eq!(decimal(text), expected, "{text}");
        }
    }

    #[test]
    fn floats_that_are_no_numbers_are_named() {
        assert_eq!(float(1.5), json!(1.5));
        assert_eq!(float(f64::NAN), json!("NaN"));
        assert_eq!(float(f64::NEG_INFINITY), json!("-Infinity"));
    }
}
