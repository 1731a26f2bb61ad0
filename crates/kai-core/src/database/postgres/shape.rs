//! The form in which PostgreSQL is asked for the rows of a query: values whose own form is not known here as
//! text, and no row that is wider than what may be read.
//!
//! A row reaches us whole, however large it is, before anything here can look at it, and a value may have a
//! gigabyte. So the server measures it first. `OFFSET 0` keeps each part of the statement for itself, so that
//! every value is computed once: what was measured is what is sent.

use sqlx::Column;
use sqlx::postgres::{PgColumn, PgTypeInfo, PgTypeKind};

use super::value::Decoder;

/// How the values of a result are asked for and read.
#[derive(Debug)]
pub(super) struct Shape {
    columns: Vec<Form>,
}

/// How the values of one column are asked for and read.
#[derive(Debug)]
struct Form {
    /// What the value is cast to, if its own form is not known here.
    cast: &'static str,
    /// What its size in bytes is, where that is not small anyway.
    size: Size,
    decoder: Decoder,
}

/// How large a value is when it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    /// Never more than a few kilobytes; of NUMERIC, less than a hundred.
    Small,
    /// As many bytes as the value has.
    Bytes,
    /// As many as its text has.
    Text,
    /// As many as its binary form has.
    Array,
}

impl Shape {
    /// For the columns that the server says a query has.
    pub(super) fn of(columns: &[PgColumn]) -> Self {
        let columns = columns.iter().map(|column| Form::of(column.type_info()));
        Self {
            columns: columns.collect(),
        }
    }

    /// Whether there are values whose own form cannot be read.
    pub(super) fn needs_text(&self) -> bool {
        self.columns.iter().any(|form| !form.cast.is_empty())
    }

    /// How the values of each column are read.
    pub(super) fn decoders(&self) -> impl Iterator<Item = &Decoder> {
        self.columns.iter().map(|column| &column.decoder)
    }

    /// The statement that asks for the rows of the query in this form: first whether the row has at most
    /// `max_bytes`, then its values, of which the large ones are NULL where it has more. None where the
    /// query itself does.
    pub(super) fn statement(&self, sql: &str, max_bytes: usize) -> Option<String> {
        let is_plain = |form: &Form| form.cast.is_empty() && form.size == Size::Small;
        if self.columns.iter().all(is_plain) {
            return None;
        }
        let each = |part: &dyn Fn(usize, &Form) -> String| -> Vec<String> {
            let columns = self.columns.iter().enumerate();
            columns.map(|(index, form)| part(index, form)).collect()
        };
        let names = each(&|index, _| format!("c{index}")).join(", ");
        let cast = each(&|index, form| format!("c{index}{} AS c{index}", form.cast)).join(", ");
        let sizes: String = each(&|index, form| form.size.expression(index)).concat();
        let shown = each(&|index, form| match form.size {
            Size::Small => format!("c{index}"),
            _ => format!("CASE WHEN fits THEN c{index} END AS c{index}"),
        });
        Some(format!(
            "SELECT fits, {} FROM (SELECT {names}, (0::bigint{sizes}) <= {max_bytes} AS fits FROM \
             (SELECT {cast} FROM ({sql}) AS q({names}) OFFSET 0) AS q OFFSET 0) AS q",
            shown.join(", ")
        ))
    }
}

impl Form {
    fn of(type_info: &PgTypeInfo) -> Self {
        match (Decoder::of(type_info), type_info.kind()) {
            (Some(decoder), _) => Self {
                cast: "",
                size: Size::of(type_info, &decoder),
                decoder,
            },
            (None, PgTypeKind::Array(_)) => Self {
                cast: "::text[]",
                size: Size::Array,
                decoder: Decoder::Array(Box::new(Decoder::Text)),
            },
            (None, _) => Self {
                cast: "::text",
                size: Size::Bytes,
                decoder: Decoder::Text,
            },
        }
    }
}

impl Size {
    fn of(type_info: &PgTypeInfo, decoder: &Decoder) -> Self {
        match (type_info.kind(), decoder) {
            (PgTypeKind::Domain(base), _) => Self::of(base, decoder),
            (PgTypeKind::Enum(_), _) => Self::Small,
            // Cast to text, BPCHAR would lose the spaces at its end. "char" and NAME are small.
            (_, Decoder::Text) => match type_info.oid().map(|oid| oid.0) {
                Some(18 | 19) => Self::Small,
                Some(25 | 1042 | 1043) => Self::Bytes,
                _ => Self::Text,
            },
            (_, Decoder::Bytes) => Self::Bytes,
            (_, Decoder::Json | Decoder::Jsonb) => Self::Text,
            (_, Decoder::Array(_)) => Self::Array,
            _ => Self::Small,
        }
    }

    /// What is added to the size of the row for a column.
    fn expression(self, index: usize) -> String {
        let bytes = match self {
            Self::Small => return String::new(),
            Self::Bytes => format!("c{index}"),
            Self::Text => format!("c{index}::text"),
            Self::Array => format!("array_send(c{index})"),
        };
        format!(" + coalesce(octet_length({bytes}), 0)")
    }
}
