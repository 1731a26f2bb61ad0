//! The types that a query may cast to.

use sqlparser::ast::{ArrayElemTypeDef, DataType, ObjectNamePart};

use super::super::Dialect;
use super::{Guard, names};

/// Whether a query may cast to the type: to one that only holds values, and to the owner's own
/// types, such as enums.
pub(super) fn is_allowed(guard: &Guard, data_type: &DataType) -> bool {
    match data_type {
        DataType::Array(
            ArrayElemTypeDef::SquareBracket(element, _) | ArrayElemTypeDef::Qualified(element, _),
        ) => is_allowed(guard, element),
        DataType::Custom(name, _) => match name.0.as_slice() {
            [ObjectNamePart::Identifier(name)] => {
                !looks_things_up(&names::folded(guard.dialect, name))
            }
            [
                ObjectNamePart::Identifier(schema),
                ObjectNamePart::Identifier(_),
            ] => {
                let schema = names::folded(guard.dialect, schema);
                guard.schemas.iter().any(|own| *own == schema)
            }
            _ => false,
        },
        DataType::Character(_)
        | DataType::Char(_)
        | DataType::CharacterVarying(_)
        | DataType::CharVarying(_)
        | DataType::Varchar(_)
        | DataType::Nvarchar(_)
        | DataType::Text
        | DataType::String(_)
        | DataType::Uuid
        | DataType::Clob(_)
        | DataType::Blob(_)
        | DataType::Bytea
        | DataType::Numeric(_)
        | DataType::Decimal(_)
        | DataType::Dec(_)
        | DataType::Float(_)
        | DataType::Float4
        | DataType::Float8
        | DataType::Real
        | DataType::Double(_)
        | DataType::DoublePrecision
        | DataType::TinyInt(_)
        | DataType::Int2(_)
        | DataType::SmallInt(_)
        | DataType::MediumInt(_)
        | DataType::Int(_)
        | DataType::Int4(_)
        | DataType::Int8(_)
        | DataType::Integer(_)
        | DataType::BigInt(_)
        | DataType::Bool
        | DataType::Boolean
        | DataType::Date
        | DataType::Time(..)
        | DataType::Datetime(_)
        | DataType::Timestamp(..)
        | DataType::Interval { .. }
        | DataType::JSON
        | DataType::JSONB
        | DataType::Bit(_)
        | DataType::BitVarying(_)
        | DataType::VarBit(_)
        | DataType::TsVector
        | DataType::TsQuery => true,
        DataType::Binary(_)
        | DataType::Signed
        | DataType::SignedInteger
        | DataType::Unsigned
        | DataType::UnsignedInteger => guard.dialect == Dialect::Mysql,
        _ => false,
    }
}

/// Whether a built-in type finds out what stands in the catalogues: which tables, functions and roles there
/// are. With an underscore before its name, a type is an array of it.
fn looks_things_up(name: &str) -> bool {
    let element = name.trim_start_matches('_');
    element.starts_with("reg") || element.starts_with("pg_") || element == "aclitem"
}
