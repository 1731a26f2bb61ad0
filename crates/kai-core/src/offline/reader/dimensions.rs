//! Units: a number in one unit against a column in another, "more than 5 kg" of `weight_grams`.

use rust_decimal::Decimal;

use super::Reader;
use crate::offline::schema::ColumnId;
use crate::offline::text::Word;

/// What is measured, a unit's names, and how many of the smallest unit it is, in thousandths.
const UNITS: &[(&str, &[&str], i64)] = &[
    ("mass", &["mg", "milligram"], 1),
    ("mass", &["g", "gr", "gram"], 1_000),
    ("mass", &["kg", "kilo", "kilogram"], 1_000_000),
    ("mass", &["quintal", "kuintal"], 100_000_000),
    ("mass", &["ton", "tonne"], 1_000_000_000),
    ("length", &["mm", "millimeter", "millimetre"], 1_000),
    (
        "length",
        &["cm", "centimeter", "centimetre", "sentimeter"],
        10_000,
    ),
    ("length", &["m", "meter", "metre"], 1_000_000),
    ("length", &["km", "kilometer", "kilometre"], 1_000_000_000),
    ("time", &["second", "sec", "detik"], 1_000),
    ("time", &["minute", "min", "mins", "menit"], 60_000),
    ("time", &["hour", "hr", "jam"], 3_600_000),
    ("time", &["day", "hari"], 86_400_000),
    ("time", &["week", "minggu"], 604_800_000),
    ("volume", &["ml", "milliliter", "millilitre"], 1_000),
    ("volume", &["l", "liter", "litre"], 1_000_000),
    ("energy", &["wh"], 1_000),
    ("energy", &["kwh"], 1_000_000),
    ("energy", &["mwh"], 1_000_000_000),
    ("energy", &["gwh"], 1_000_000_000_000),
    ("power", &["w", "watt"], 1_000),
    ("power", &["kw", "kilowatt"], 1_000_000),
    ("power", &["mw", "megawatt"], 1_000_000_000),
    ("area", &["m2", "sqm"], 1_000),
    ("area", &["ha", "hectare", "hektar", "hektare"], 10_000_000),
    ("area", &["km2", "sqkm"], 1_000_000_000),
];

impl Reader<'_> {
    /// A value that is followed by a unit at a place, in the unit that a column is named by.
    pub(super) fn in_unit_of(&self, column: ColumnId, value: Decimal, place: usize) -> Decimal {
        let convert = || {
            let piece = self.slots.get(place)?.piece;
            let (kind, asked) = unit(&Word::new(&self.pieces.get(piece + 1)?.text))?;
            let parts = &self.schema.column(column).parts.parts;
            let (_, own) = parts
                .iter()
                .filter_map(|(part, _)| unit(&part.word))
                .find(|(own, _)| *own == kind)?;
            value.checked_mul(asked.into())?.checked_div(own.into())
        };
        convert().unwrap_or(value)
    }
}

/// What a unit measures, and its size.
fn unit(word: &Word) -> Option<(&'static str, i64)> {
    let is_called = |names: &&[&str]| word.keys.iter().any(|key| names.contains(&key.as_str()));
    UNITS
        .iter()
        .find(|(_, names, _)| is_called(names))
        .map(|(kind, _, size)| (*kind, *size))
}
