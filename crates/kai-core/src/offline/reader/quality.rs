//! Qualities: which column of a thing says how large, how old or how expensive it is.

use super::Reader;
use crate::offline::cue::{Cue, Degree, Function, Superlative};
use crate::offline::intent::{Measure, RankBy};
use crate::offline::schema::{ColumnId, Kind, TableId};
use crate::offline::terms::Term;

/// The words by which columns tell a quality, the surest first.
const QUALITIES: &[(&str, &[&str])] = &[
    (
        "price",
        &[
            "price", "cost", "fee", "tuition", "rent", "fare", "tariff", "charge", "rate",
            "premium", "value",
        ],
    ),
    (
        "length",
        &[
            "length",
            "duration",
            "runtime",
            "running time",
            "playing time",
            "minutes",
            "hours",
            "seconds",
            "days",
            "age",
            "distance",
            "km",
            "kilometres",
            "kilometers",
            "pages",
            "menit",
            "jam",
            "detik",
            "hari",
        ],
    ),
    (
        "height",
        &["height", "elevation", "altitude", "floors", "ketinggian"],
    ),
    (
        "weight",
        &["weight", "mass", "kg", "tons", "tonnage", "grams"],
    ),
    (
        "area size",
        &[
            "area size",
            "area",
            "hectares",
            "hectare",
            "ha",
            "km2",
            "m2",
            "sqm",
            "acres",
            "luas",
        ],
    ),
    ("speed", &["speed", "knots", "kmh", "kph", "mph"]),
    (
        "population",
        &["population", "inhabitants", "residents", "penduduk"],
    ),
    (
        "rating",
        &["rating", "stars", "score", "grade", "gpa", "points"],
    ),
    (
        "power",
        &["power", "kw", "hp", "horsepower", "watt", "watts", "daya"],
    ),
    ("depth", &["depth", "draft", "draught", "kedalaman"]),
    (
        "temperature",
        &["temperature", "celsius", "degrees", "suhu"],
    ),
    (
        "salary",
        &["salary", "wage", "pay", "income", "gaji", "upah"],
    ),
    (
        "service",
        &["joined", "hired", "start", "employed", "since"],
    ),
    (
        "size",
        &[
            "area size",
            "area",
            "hectares",
            "ha",
            "km2",
            "m2",
            "sqm",
            "square",
            "size",
            "capacity",
            "seats",
            "beds",
            "population",
            "volume",
            "height",
        ],
    ),
];

/// What a number may say of each of its things, where nothing tells that its sum is asked for: beside
/// those that [`Schema::adds_up`](crate::offline::schema::Schema::adds_up) knows.
const SELDOM_ADDED_UP: &[&str] = &[
    "grade",
    "gpa",
    "age",
    "altitude",
    "salary",
    "wage",
    "average",
    "height",
    "capacity",
    "monthly",
    "ketinggian",
    "persentase",
    "indeks",
    "suhu",
];

impl Reader<'_> {
    /// Puts the column in the place of "how long" and the like: of the thing that a value names, or
    /// of the one that the question speaks of.
    pub(super) fn asked_qualities(&mut self) {
        for at in 0..self.slots.len() {
            let Some(Cue::HowQuality(degree)) = self.cue(at) else {
                continue;
            };
            let named = self.slots.iter().find_map(|slot| match &slot.term {
                Term::Values(column, _) if self.schema.is_label(*column) => Some(column.table),
                _ => None,
            });
            let table = named.or_else(|| self.head_table(self.slots.len()));
            let column = table.and_then(|table| self.quality(table, degree));
            if let (Some((column, _)), Some(slot)) = (column, self.slots.get_mut(at)) {
                slot.term = Term::Column(column);
            }
        }
    }

    /// How a thing is measured when only its size is spoken of.
    pub(super) fn bulk(&self, table: TableId, degree: Degree) -> Measure {
        match (self.schema.amount(table), degree) {
            (Some(column), _) if self.schema.is_mass(table) => Measure::Of(Function::Sum, column),
            (Some(column), Degree::Size) => Measure::Of(Function::Maximum, column),
            (None, _) if self.schema.is_mass(table) => match self.schema.measures(table).as_slice()
            {
                [only] => Measure::Of(Function::Sum, *only),
                _ => Measure::Rows(table),
            },
            _ => Measure::Rows(table),
        }
    }

    /// The column that a superlative or a comparison of a thing is about, and whether more of the
    /// quality means a greater value: who is older was born earlier.
    pub(super) fn quality(&self, table: TableId, degree: Degree) -> Option<(ColumnId, bool)> {
        match degree {
            Degree::Quality("service") => self
                .told_by(table, "service", |kind| {
                    matches!(kind, Kind::Date | Kind::Year)
                })
                .map(|column| (column, false)),
            Degree::Quality(form) => self
                .told_by(table, form, |kind| kind == Kind::Number)
                .map(|column| (column, true)),
            Degree::Age => {
                let said = self.open_time(table);
                let birth = || {
                    self.schema
                        .columns(table)
                        .find(|(_, c)| c.kind != Kind::Text && c.parts.means("birth"))
                        .map(|(id, _)| id)
                };
                let age = self
                    .schema
                    .columns(table)
                    .find(|(id, c)| {
                        c.parts.means("age")
                            && c.parts.parts.len() == 1
                            && self.schema.is_measure(*id)
                    })
                    .map(|(id, _)| id);
                age.map(|column| (column, true)).or_else(|| {
                    said.or_else(birth)
                        .or_else(|| self.schema.time(table))
                        .map(|column| (column, false))
                })
            }
            // "the most savings" is how much they amount to; "the most doctors" is nothing of a doctor.
            Degree::Number => self
                .schema
                .amount(table)
                .filter(|_| self.schema.is_mass(table))
                .map(|c| (c, true)),
            Degree::Size => {
                let measures = self.schema.measures(table);
                let only = match measures.as_slice() {
                    [only] => Some(*only),
                    _ => None,
                };
                self.schema
                    .amount(table)
                    .or_else(|| self.told_by(table, "size", |kind| kind == Kind::Number))
                    .or(only)
                    .map(|column| (column, true))
            }
        }
    }

    /// The column whose name tells a quality, by the surest of its words.
    fn told_by(&self, table: TableId, form: &str, fits: impl Fn(Kind) -> bool) -> Option<ColumnId> {
        let (_, words) = QUALITIES.iter().find(|(quality, _)| *quality == form)?;
        words.iter().find_map(|word| {
            let mut columns = self
                .schema
                .columns(table)
                .filter(|(id, c)| {
                    fits(c.kind) && (c.kind != Kind::Number || self.schema.is_measure(*id))
                })
                .filter(|(id, _)| self.schema.is_called(*id, word))
                .map(|(id, _)| id);
            columns.next()
        })
    }

    /// Whether the sum of a column says something: amounts do, prices and shares do not.
    pub(super) fn adds_up(&self, column: ColumnId) -> bool {
        let seldom = |word: &&str| self.schema.is_called(column, word);
        self.schema.adds_up(column) && !SELDOM_ADDED_UP.iter().any(seldom)
    }

    /// Whether the order that a superlative asks for begins with the greatest value.
    pub(super) fn falls(&self, superlative: Superlative, by: RankBy) -> bool {
        let dated = match by {
            RankBy::Column(column) | RankBy::Measure(Measure::Of(_, column)) => {
                matches!(self.kind(column), Kind::Date | Kind::Year)
            }
            RankBy::Measure(_) => false,
        };
        let turned = matches!(superlative.degree, Degree::Age | Degree::Quality("service"));
        superlative.descending != (dated && turned)
    }

    /// A date or year of the table that the question names and that nothing has taken.
    pub(super) fn open_time(&self, table: TableId) -> Option<ColumnId> {
        (0..self.slots.len())
            .filter_map(|index| self.column(index))
            .find(|column| {
                column.table == table && matches!(self.kind(*column), Kind::Date | Kind::Year)
            })
    }
}
