//! What a question asks for, before it is known how the tables are joined to answer it.

use rust_decimal::Decimal;

use super::cue::{Comparison, Function};
use super::quantity::Dates;
use super::schema::{ColumnId, TableId};

/// What a question asks for.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a question may say each of these with or without any other"
)]
pub(super) struct Intent {
    /// The figures.
    pub(super) measures: Vec<Measure>,
    /// One row for every one of these.
    pub(super) groups: Vec<Group>,
    /// The things that are listed.
    pub(super) subject: Option<TableId>,
    /// What is shown of them.
    pub(super) shown: Vec<ColumnId>,
    /// Which rows count.
    pub(super) filters: Vec<Filter>,
    /// Which groups count.
    pub(super) having: Vec<Having>,
    /// Things that must exist, or must not, for a row to count.
    pub(super) existence: Vec<Existence>,
    /// Rows of other tables that must exist, or must not, each with conditions of its own.
    pub(super) events: Vec<Event>,
    /// The tables that the question speaks of.
    pub(super) named: Vec<TableId>,
    /// The order.
    pub(super) ranking: Option<Ranking>,
    /// The columns that order what the ranking leaves equal, each with whether the greatest comes first.
    pub(super) then: Vec<(ColumnId, bool)>,
    /// How many rows.
    pub(super) limit: Option<u64>,
    /// Whether only those that come first in the order are asked for: all that share that place.
    pub(super) extreme: bool,
    /// Whether "the most" or "the least" was asked for, though not of how many.
    pub(super) extreme_asked: bool,
    /// The first is asked for of each of these, and not of all.
    pub(super) best_of: Vec<Group>,
    /// Whether only different rows are asked for.
    pub(super) distinct: bool,
    /// Whether the question is when something was, so that the time comes first.
    pub(super) asks_time: bool,
    /// What happened to a named thing, where a question asks how often without naming it.
    pub(super) happened: Option<TableId>,
}

/// A figure over many rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// How many rows a table has.
    Rows(TableId),
    /// How many different values a column has.
    Different(ColumnId),
    /// A function of a column.
    Of(Function, ColumnId),
    /// The difference between a column's greatest and least value.
    Spread(ColumnId),
    /// The mean number of one table's rows for each row of another.
    MeanCount {
        /// What is counted.
        of: TableId,
        /// For each of these.
        per: TableId,
    },
    /// The share of a table's rows that the filters on the table itself let through, in percent.
    Share(TableId),
    /// The share of a column's sum that the filters let through or that each group has, in percent.
    Portion(ColumnId),
}

impl Measure {
    /// The table that it is taken from.
    pub(super) fn table(self) -> TableId {
        match self {
            Self::Rows(table) | Self::Share(table) => table,
            Self::Different(column)
            | Self::Of(_, column)
            | Self::Spread(column)
            | Self::Portion(column) => column.table,
            Self::MeanCount { per, .. } => per,
        }
    }
}

/// What rows are put together by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    /// The things of a table.
    Entity(TableId),
    /// The values of a column.
    Column(ColumnId),
    /// The year of a date.
    Year(ColumnId),
    /// The month of a date, with its year.
    Month(ColumnId),
}

impl Group {
    /// The table that it is taken from.
    pub(super) fn table(self) -> TableId {
        match self {
            Self::Entity(table) => table,
            Self::Column(column) | Self::Year(column) | Self::Month(column) => column.table,
        }
    }
}

/// A condition on a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Filter {
    /// The column.
    pub(super) column: ColumnId,
    /// What must hold.
    pub(super) test: Test,
}

/// What must hold of a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    /// One of these values, or none of them.
    OneOf {
        /// The values.
        values: Vec<String>,
        /// Whether it must be none of them.
        negated: bool,
    },
    /// A comparison with a number.
    Compare(Comparison, Decimal),
    /// A comparison of a date with a day or more.
    Dated(Comparison, Dates),
    /// All of these values, each in a row of its own.
    AllOf(Vec<String>),
    /// The greatest value that there is, or the least.
    Extreme {
        /// Whether the greatest.
        descending: bool,
    },
    /// Among the values of another column, or not.
    Among {
        /// The other column.
        column: ColumnId,
        /// Whether it must not be there.
        negated: bool,
    },
    /// A comparison with another figure of the database.
    Against {
        /// How it is compared.
        comparison: Comparison,
        /// How often the other figure is taken.
        times: Decimal,
        /// The other figure.
        rival: Rival,
    },
    /// No value, or any.
    Null(bool),
    /// Yes or no.
    Is(bool),
}

/// A figure of the database that a column is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Rival {
    /// The mean of the same column, over the rows for which these hold.
    Mean(Vec<Filter>),
    /// The same column of the row for which this holds.
    Row(Box<Filter>),
    /// Another column of the same row.
    Column(ColumnId),
}

/// A condition on a figure.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Having {
    /// The figure.
    pub(super) measure: Measure,
    /// How it is compared.
    pub(super) comparison: Comparison,
    /// With what.
    pub(super) bound: Bound,
}

/// What a figure is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// A number.
    Number(Decimal),
    /// The same figure over all rows, that many times.
    Overall(Decimal),
}

/// Things that must exist, or must not.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Existence {
    /// The things.
    pub(super) table: TableId,
    /// Whether there must be none.
    pub(super) negated: bool,
}

/// Rows of another table that must exist, or must not.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    /// The table.
    pub(super) table: TableId,
    /// Whether there must be none.
    pub(super) negated: bool,
    /// Which of its rows.
    pub(super) filters: Vec<Filter>,
}

/// What rows are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ranking {
    /// By what.
    pub(super) by: RankBy,
    /// Whether the greatest comes first.
    pub(super) descending: bool,
}

/// What rows are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RankBy {
    /// A figure.
    Measure(Measure),
    /// A column of the listed things.
    Column(ColumnId),
}
