//! Derived columns: what is worked out from two columns of a row, and used like any other column.

use std::sync::LazyLock;

use super::{ColumnId, ColumnInfo, Dated, Kind, Name};

/// What is worked out from two values of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::offline) enum Operation {
    /// The first and the second together.
    Plus,
    /// The first without the second.
    Minus,
    /// The first as often as the second says.
    Times,
    /// The first for each one of the second.
    Per,
    /// The days from the first to the second.
    Days,
}

/// All operations, each at the place that stands for it in an id.
const OPERATIONS: [(Operation, &str); 5] = [
    (Operation::Plus, "sum"),
    (Operation::Minus, "difference"),
    (Operation::Times, "product"),
    (Operation::Per, "ratio"),
    (Operation::Days, "days"),
];

/// The bit of a position that says that the column is derived; below it lie the operation and the
/// positions of the two columns, each in as many bits.
const DERIVED: usize = 1 << 62;
const BITS: u32 = 20;
const MASK: usize = (1 << BITS) - 1;

/// A derived column taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::offline) struct Derived {
    /// What is done.
    pub(in crate::offline) operation: Operation,
    /// The first column.
    pub(in crate::offline) first: ColumnId,
    /// The second column, of the same table.
    pub(in crate::offline) second: ColumnId,
}

impl ColumnId {
    /// What is worked out from two columns of one table; `None` where they are not of one, or are
    /// themselves worked out.
    pub(in crate::offline) fn derive(
        operation: Operation,
        first: Self,
        second: Self,
    ) -> Option<Self> {
        let plain = first.position <= MASK && second.position <= MASK;
        let place = OPERATIONS.iter().position(|(one, _)| *one == operation)?;
        (plain && first.table == second.table && first != second).then_some(Self {
            table: first.table,
            position: DERIVED | (place << (2 * BITS)) | (first.position << BITS) | second.position,
        })
    }

    /// What a derived column is worked out from.
    pub(in crate::offline) fn derived(self) -> Option<Derived> {
        let of = |position| Self {
            table: self.table,
            position,
        };
        (self.position & DERIVED != 0).then_some(())?;
        let (operation, _) = OPERATIONS.get((self.position >> (2 * BITS)) & MASK)?;
        Some(Derived {
            operation: *operation,
            first: of((self.position >> BITS) & MASK),
            second: of(self.position & MASK),
        })
    }
}

/// What is known of a derived column: it is a number, and called by what is done.
pub(super) fn info(id: ColumnId) -> Option<&'static ColumnInfo> {
    static INFOS: LazyLock<Vec<(Operation, ColumnInfo)>> = LazyLock::new(|| {
        let info = |name: &str| ColumnInfo {
            name: name.to_owned(),
            parts: Name::default(),
            words: None,
            kind: Kind::Number,
            dated: Dated::Days,
            technical: false,
            nullable: true,
            categorical: false,
            description: Vec::new(),
        };
        OPERATIONS
            .iter()
            .map(|(operation, name)| (*operation, info(name)))
            .collect()
    });
    let derived = id.derived()?;
    let mut infos = INFOS.iter();
    infos
        .find(|(operation, _)| *operation == derived.operation)
        .map(|(_, info)| info)
}
