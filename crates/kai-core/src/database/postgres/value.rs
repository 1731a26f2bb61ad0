//! PostgreSQL's binary values as JSON.

use std::fmt::Write;
use std::net::IpAddr;

use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta};
use serde_json::Value;
use sqlx::TypeInfo;
use sqlx::postgres::{PgTypeInfo, PgTypeKind};

use super::super::value;

/// How the values of a column are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decoder {
    Bool,
    Int2,
    Int4,
    Int8,
    Oid,
    Float4,
    Float8,
    Numeric,
    Text,
    Bytes,
    Json,
    /// A version byte, then JSON.
    Jsonb,
    Uuid,
    /// An address, or a network of them.
    Inet,
    Date,
    Time,
    Timestamp,
    /// In UTC.
    TimestampTz,
    Interval,
    Array(Box<Self>),
}

impl Decoder {
    /// The decoder for a type. None for a type whose binary form is not known here; its values must
    /// be asked for as text.
    pub(super) fn of(type_info: &PgTypeInfo) -> Option<Self> {
        match type_info.kind() {
            PgTypeKind::Enum(_) => return Some(Self::Text),
            PgTypeKind::Domain(base) => return Self::of(base),
            PgTypeKind::Array(element) => {
                return Self::of(element).map(|decoder| Self::Array(Box::new(decoder)));
            }
            PgTypeKind::Simple => {}
            _ => return None,
        }
        if type_info.name().eq_ignore_ascii_case("citext") {
            return Some(Self::Text);
        }
        Self::of_builtin(type_info.oid()?.0)
    }

    /// The decoder for a built-in type by its identifier, which never changes.
    pub(super) fn of_builtin(oid: u32) -> Option<Self> {
        match oid {
            16 => Some(Self::Bool),
            17 => Some(Self::Bytes),
            18 | 19 | 25 | 705 | 1042 | 1043 => Some(Self::Text),
            20 => Some(Self::Int8),
            21 => Some(Self::Int2),
            23 => Some(Self::Int4),
            26 => Some(Self::Oid),
            114 => Some(Self::Json),
            650 | 869 => Some(Self::Inet),
            700 => Some(Self::Float4),
            701 => Some(Self::Float8),
            1082 => Some(Self::Date),
            1083 => Some(Self::Time),
            1114 => Some(Self::Timestamp),
            1184 => Some(Self::TimestampTz),
            1186 => Some(Self::Interval),
            1700 => Some(Self::Numeric),
            2950 => Some(Self::Uuid),
            3802 => Some(Self::Jsonb),
            _ => None,
        }
    }

    /// Reads one value. None when the bytes are not of the type.
    pub(super) fn decode(&self, bytes: &[u8]) -> Option<Value> {
        Some(match self {
            Self::Bool => Value::Bool(*bytes.first()? != 0),
            Self::Int2 => Value::from(i16::from_be_bytes(bytes.try_into().ok()?)),
            Self::Int4 => Value::from(i32::from_be_bytes(bytes.try_into().ok()?)),
            Self::Int8 => Value::from(i64::from_be_bytes(bytes.try_into().ok()?)),
            Self::Oid => Value::from(u32::from_be_bytes(bytes.try_into().ok()?)),
            // By way of its digits: 0.1 as a short float is not 0.1 as a long one.
            Self::Float4 => {
                let short = f32::from_be_bytes(bytes.try_into().ok()?);
                value::float(short.to_string().parse().unwrap_or(f64::from(short)))
            }
            Self::Float8 => value::float(f64::from_be_bytes(bytes.try_into().ok()?)),
            Self::Numeric => value::decimal(&numeric(bytes)?),
            Self::Text => Value::String(String::from_utf8_lossy(bytes).into_owned()),
            Self::Bytes => value::binary(bytes),
            Self::Json => value::json(bytes),
            Self::Jsonb => value::json(bytes.strip_prefix(&[1])?),
            Self::Uuid => Value::String(uuid::Uuid::from_slice(bytes).ok()?.to_string()),
            Self::Inet => Value::String(inet(bytes)?),
            Self::Date => Value::String(date(i32::from_be_bytes(bytes.try_into().ok()?))?),
            Self::Time => Value::String(time(i64::from_be_bytes(bytes.try_into().ok()?))?),
            Self::Timestamp => {
                Value::String(timestamp(i64::from_be_bytes(bytes.try_into().ok()?), "")?)
            }
            Self::TimestampTz => {
                Value::String(timestamp(i64::from_be_bytes(bytes.try_into().ok()?), "Z")?)
            }
            Self::Interval => Value::String(interval(&mut Reader(bytes))?),
            Self::Array(element) => array(&mut Reader(bytes), element)?,
        })
    }
}

/// Reads numbers from the front of a value.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn i16(&mut self) -> Option<i16> {
        Some(i16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn i32(&mut self) -> Option<i32> {
        Some(i32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn i64(&mut self) -> Option<i64> {
        Some(i64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }
}

/// A NUMERIC in digits. On the wire: how many groups of four digits, the weight of the first, the
/// sign, how many digits after the point are shown, the groups.
fn numeric(bytes: &[u8]) -> Option<String> {
    let mut reader = Reader(bytes);
    let count = usize::try_from(reader.i16()?).ok()?;
    let weight = i32::from(reader.i16()?);
    let negative = match reader.u16()? {
        0x0000 => false,
        0x4000 => true,
        0xC000 => return Some("NaN".to_owned()),
        0xD000 => return Some("Infinity".to_owned()),
        0xF000 => return Some("-Infinity".to_owned()),
        _ => return None,
    };
    let scale = reader.u16()?;
    let groups_shown = i32::from(scale.div_ceil(4));
    let groups = (0..count)
        .map(|_| reader.u16())
        .collect::<Option<Vec<_>>>()?;
    // Groups that are all zero at either end are not sent.
    let group = |position: i32| {
        usize::try_from(position)
            .ok()
            .and_then(|position| groups.get(position))
            .copied()
            .unwrap_or(0)
    };

    let digits = |first: i32, past: i32| {
        (first..past).try_fold(String::new(), |mut digits, position| {
            write!(digits, "{:04}", group(position)).ok()?;
            Some(digits)
        })
    };

    let whole = digits(0, weight + 1)?;
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    let mut fraction = digits(weight + 1, weight + 1 + groups_shown)?;
    fraction.truncate(usize::from(scale));
    let sign = if negative { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}"))
}

/// An address: its family, how many of its bits name the network, whether it is a network, how many
/// bytes follow, and those. As the server shows it, the network is told where it is not all of it.
fn inet(bytes: &[u8]) -> Option<String> {
    let [_family, bits, is_network, _length, address @ ..] = bytes else {
        return None;
    };
    let (address, all) = match <[u8; 4]>::try_from(address) {
        Ok(four) => (IpAddr::from(four), 32),
        Err(_) => (IpAddr::from(<[u8; 16]>::try_from(address).ok()?), 128),
    };
    Some(if *is_network != 0 || *bits != all {
        format!("{address}/{bits}")
    } else {
        address.to_string()
    })
}

/// A date, counted in days from the first of the year 2000.
fn date(days: i32) -> Option<String> {
    match days {
        i32::MAX => return Some("infinity".to_owned()),
        i32::MIN => return Some("-infinity".to_owned()),
        _ => {}
    }
    let date = epoch()?
        .date()
        .checked_add_signed(TimeDelta::try_days(days.into())?)?;
    Some(date.to_string())
}

/// A time of day, counted in microseconds.
fn time(micros: i64) -> Option<String> {
    // PostgreSQL has a last moment of the day, which other clocks do not.
    if micros == 86_400_000_000 {
        return Some("24:00:00".to_owned());
    }
    let time = NaiveTime::MIN.overflowing_add_signed(TimeDelta::microseconds(micros));
    (time.1 == 0).then(|| time.0.format("%H:%M:%S%.f").to_string())
}

/// A moment, counted in microseconds from the beginning of the year 2000.
fn timestamp(micros: i64, zone: &str) -> Option<String> {
    match micros {
        i64::MAX => return Some("infinity".to_owned()),
        i64::MIN => return Some("-infinity".to_owned()),
        _ => {}
    }
    let moment = epoch()?.checked_add_signed(TimeDelta::microseconds(micros))?;
    Some(format!("{}{zone}", moment.format("%Y-%m-%dT%H:%M:%S%.f")))
}

fn epoch() -> Option<NaiveDateTime> {
    DateTime::from_timestamp(946_684_800, 0).map(|moment| moment.naive_utc())
}

/// An interval: microseconds, days and months, each with a sign of its own.
fn interval(reader: &mut Reader<'_>) -> Option<String> {
    let (micros, days, months) = (reader.i64()?, reader.i32()?, reader.i32()?);
    let whole_seconds = micros / 1_000_000;
    let part = |amount: i64, unit: char| match amount {
        0 => String::new(),
        amount => format!("{amount}{unit}"),
    };
    let date = [
        part((months / 12).into(), 'Y'),
        part((months % 12).into(), 'M'),
        part(days.into(), 'D'),
    ]
    .concat();
    let time = [
        part(whole_seconds / 3600, 'H'),
        part(whole_seconds / 60 % 60, 'M'),
        seconds(micros % 60_000_000),
    ]
    .concat();
    Some(match (date.as_str(), time.as_str()) {
        ("", "") => "PT0S".to_owned(),
        (date, "") => format!("P{date}"),
        (date, time) => format!("P{date}T{time}"),
    })
}

/// The seconds of an interval with their fraction, from microseconds.
fn seconds(micros: i64) -> String {
    if micros == 0 {
        return String::new();
    }
    let sign = if micros < 0 { "-" } else { "" };
    let micros = micros.unsigned_abs();
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    let digits = text.trim_end_matches('0').trim_end_matches('.');
    format!("{sign}{digits}S")
}

/// An array: how many dimensions, whether it holds NULLs, the type of its elements, the length and
/// first index of each dimension, then the elements, each with its length before it.
fn array(reader: &mut Reader<'_>, element: &Decoder) -> Option<Value> {
    let dimensions = usize::try_from(reader.i32()?).ok()?;
    let _has_nulls = reader.i32()?;
    let _type = reader.i32()?;
    let lengths = (0..dimensions)
        .map(|_| {
            let length = usize::try_from(reader.i32()?).ok()?;
            let _first_index = reader.i32()?;
            Some(length)
        })
        .collect::<Option<Vec<_>>>()?;
    if lengths.is_empty() {
        return Some(Value::Array(Vec::new()));
    }
    elements(reader, element, &lengths)
}

fn elements(reader: &mut Reader<'_>, element: &Decoder, lengths: &[usize]) -> Option<Value> {
    let Some((length, inner)) = lengths.split_first() else {
        let length = reader.i32()?;
        // A negative length stands for NULL.
        return match usize::try_from(length) {
            Ok(length) => element.decode(reader.take(length)?),
            Err(_) => Some(Value::Null),
        };
    };
    (0..*length)
        .map(|_| elements(reader, element, inner))
        .collect::<Option<Vec<_>>>()
        .map(Value::Array)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn bytes_that_are_not_of_the_type_are_no_value() {
        for decoder in [
            Decoder::Bool,
            Decoder::Int8,
            Decoder::Numeric,
            Decoder::Jsonb,
            Decoder::Uuid,
            Decoder::Timestamp,
            Decoder::Interval,
            Decoder::Array(Box::new(Decoder::Int4)),
        ] {
            assert_eq!(decoder.decode(&[]), None, "{decoder:?}");
        }
        assert_eq!(Decoder::Date.decode(&(i32::MAX - 1).to_be_bytes()), None);
        assert_eq!(
            Decoder::Timestamp.decode(&(i64::MAX - 1).to_be_bytes()),
            None
        );
        assert_eq!(Decoder::Time.decode(&(-1_i64).to_be_bytes()), None);
    }

    #[test]
    fn intervals_are_iso_8601() {
        for (micros, days, months, expected) in [
            (0, 0, 0, "PT0S"),
            (0, 3, 14, "P1Y2M3D"),
            (3_723_500_000_i64, 0, 0, "PT1H2M3.5S"),
            (60_000_000, 1, 0, "P1DT1M"),
            (-1_500_000, 0, -1, "P-1MT-1.5S"),
        ] {
            let mut bytes = micros.to_be_bytes().to_vec();
            bytes.extend(i32::to_be_bytes(days));
            bytes.extend(i32::to_be_bytes(months));
            assert_eq!(Decoder::Interval.decode(&bytes).unwrap(), expected);
        }
    }
}
