//! MySQL's binary values as JSON.

use serde_json::Value;
use sqlx::mysql::{MySqlRow, MySqlTypeInfo};
use sqlx::{Decode, MySql, Row, Type, TypeInfo};

use super::super::value;
use super::geometry;

/// How the values of a column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoder {
    Int,
    Unsigned,
    Float,
    Double,
    Decimal,
    Text,
    Bytes,
    Json,
    Bits,
    Date,
    /// A moment without a time zone.
    DateTime,
    /// A moment in UTC.
    Timestamp,
    Time,
    Geometry,
}

impl Decoder {
    /// The decoder for a type.
    pub(super) fn of(type_info: &MySqlTypeInfo) -> Self {
        match type_info.name() {
            "BIT" => Self::Bits,
            "YEAR" => Self::Unsigned,
            "FLOAT" => Self::Float,
            "DOUBLE" => Self::Double,
            "DECIMAL" => Self::Decimal,
            "DATE" => Self::Date,
            "DATETIME" => Self::DateTime,
            "TIMESTAMP" => Self::Timestamp,
            "TIME" => Self::Time,
            "JSON" => Self::Json,
            "GEOMETRY" => Self::Geometry,
            "ENUM" | "SET" | "NULL" => Self::Text,
            _ if <u64 as Type<MySql>>::compatible(type_info) => Self::Unsigned,
            _ if <i64 as Type<MySql>>::compatible(type_info) => Self::Int,
            // The name of a text whose collation compares bytes says that it is binary; this does not.
            _ if <str as Type<MySql>>::compatible(type_info) => Self::Text,
            _ => Self::Bytes,
        }
    }

    /// Reads one value. None when the bytes are not of the type.
    pub(super) fn decode(self, bytes: &[u8]) -> Option<Value> {
        Some(match self {
            Self::Int => match *bytes {
                [byte] => Value::from(i8::from_le_bytes([byte])),
                [a, b] => Value::from(i16::from_le_bytes([a, b])),
                [a, b, c, d] => Value::from(i32::from_le_bytes([a, b, c, d])),
                _ => Value::from(i64::from_le_bytes(bytes.try_into().ok()?)),
            },
            Self::Unsigned => match *bytes {
                [byte] => Value::from(byte),
                [a, b] => Value::from(u16::from_le_bytes([a, b])),
                [a, b, c, d] => Value::from(u32::from_le_bytes([a, b, c, d])),
                _ => Value::from(u64::from_le_bytes(bytes.try_into().ok()?)),
            },
            // By way of its digits: 0.1 as a short float is not 0.1 as a long one.
            Self::Float => {
                let short = f32::from_le_bytes(bytes.try_into().ok()?);
                value::float(short.to_string().parse().unwrap_or(f64::from(short)))
            }
            Self::Double => value::float(f64::from_le_bytes(bytes.try_into().ok()?)),
            Self::Decimal => value::decimal(std::str::from_utf8(bytes).ok()?),
            Self::Text => Value::String(String::from_utf8_lossy(bytes).into_owned()),
            Self::Bytes => value::binary(bytes),
            Self::Json => value::json(bytes),
            Self::Bits => Value::from(bits(bytes)?),
            Self::Date => Value::String(Moment::read(bytes)?.date()),
            Self::DateTime => Value::String(Moment::read(bytes)?.to_string()),
            Self::Timestamp => Value::String(format!("{}Z", Moment::read(bytes)?)),
            Self::Time => Value::String(time(bytes)?),
            Self::Geometry => Value::String(geometry::text(bytes)?),
        })
    }
}

/// The bytes of a value as they came; None for NULL. The driver takes dates that are zero for NULL,
/// so it is not asked.
pub(super) fn bytes(row: &MySqlRow, index: usize) -> Result<Option<&[u8]>, sqlx::Error> {
    let raw = row.try_get_raw(index)?;
    // The only failure is that there is no value.
    Ok(<&[u8] as Decode<MySql>>::decode(raw).ok())
}

/// A text of the catalogue, whose collations differ from version to version.
pub(super) fn text(row: &MySqlRow, index: usize) -> Result<Option<String>, sqlx::Error> {
    Ok(bytes(row, index)?.map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
}

/// Up to 64 bits as the number that they are: that is what the servers themselves make of them as soon
/// as they sort or group.
fn bits(bytes: &[u8]) -> Option<u64> {
    (bytes.len() <= size_of::<u64>()).then(|| {
        bytes
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte))
    })
}

/// A date with a time. Months and days can be zero, so no calendar is asked.
#[derive(Default)]
struct Moment {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    micros: u32,
}

impl Moment {
    /// A length, then as many fields as are not zero.
    fn read(bytes: &[u8]) -> Option<Self> {
        let (length, fields) = bytes.split_first()?;
        let mut moment = Self::default();
        match (length, fields) {
            (0, []) => {}
            (4, [year @ .., month, day]) => {
                moment.year = u16::from_le_bytes(year.try_into().ok()?);
                (moment.month, moment.day) = (*month, *day);
            }
            (7 | 11, [a, b, month, day, hour, minute, second, micros @ ..]) => {
                moment.year = u16::from_le_bytes([*a, *b]);
                (moment.month, moment.day) = (*month, *day);
                (moment.hour, moment.minute, moment.second) = (*hour, *minute, *second);
                moment.micros = read_micros(micros)?;
            }
            _ => return None,
        }
        Some(moment)
    }

    fn date(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}T{:02}:{:02}:{:02}{}",
            self.date(),
            self.hour,
            self.minute,
            self.second,
            fraction(self.micros)
        )
    }
}

fn read_micros(bytes: &[u8]) -> Option<u32> {
    match bytes {
        [] => Some(0),
        _ => Some(u32::from_le_bytes(bytes.try_into().ok()?)),
    }
}

/// Microseconds after the point, in three digits or six, as the other databases' are written.
fn fraction(micros: u32) -> String {
    match micros {
        0 => String::new(),
        micros if micros % 1000 == 0 => format!(".{:03}", micros / 1000),
        micros => format!(".{micros:06}"),
    }
}

/// A time, which can be negative and longer than a day: whether it is negative, days, hours,
/// minutes, seconds, microseconds.
fn time(bytes: &[u8]) -> Option<String> {
    let (length, fields) = bytes.split_first()?;
    Some(match (length, fields) {
        (0, []) => "00:00:00".to_owned(),
        (8 | 12, [negative, a, b, c, d, hours, minutes, seconds, micros @ ..]) => {
            let days = u64::from(u32::from_le_bytes([*a, *b, *c, *d]));
            format!(
                "{}{:02}:{minutes:02}:{seconds:02}{}",
                if *negative == 0 { "" } else { "-" },
                days * 24 + u64::from(*hours),
                fraction(read_micros(micros)?)
            )
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_of_the_type_are_no_value() {
        for decoder in [
            Decoder::Int,
            Decoder::Unsigned,
            Decoder::Float,
            Decoder::Double,
            Decoder::Date,
            Decoder::DateTime,
            Decoder::Timestamp,
            Decoder::Time,
            Decoder::Geometry,
        ] {
            assert_eq!(decoder.decode(&[]), None, "{decoder:?}");
            assert_eq!(decoder.decode(&[9, 1, 2]), None, "{decoder:?}");
        }
    }

    #[test]
    fn bits_are_a_number() {
        assert_eq!(bits(&[0]), Some(0));
        assert_eq!(bits(&[1, 5]), Some(261));
        assert_eq!(bits(&[255; 8]), Some(u64::MAX));
        assert_eq!(bits(&[0; 9]), None);
    }
}
