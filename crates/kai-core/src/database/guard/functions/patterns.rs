//! SQLite's functions that look for a text in another one: one call goes through all of one text for each place
//! of the other, and no clock stops it, so what is looked for has to be short.

use sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, FunctionArguments, ObjectNamePart, Value,
};

/// The longest text that may be looked for, in bytes.
const MAX_PATTERN: usize = 1_000;

/// The longest list of characters that may be looked for: each of them is compared with each place.
const MAX_CHARACTERS: usize = 100;

/// Why a call of the function looks for too much.
pub(super) fn problem(name: &str, arguments: &[FunctionArg]) -> Option<String> {
    let most = match name {
        "instr" | "replace" => MAX_PATTERN,
        "ltrim" | "rtrim" | "trim" | "unhex" => MAX_CHARACTERS,
        _ => return None,
    };
    let is_long = match arguments.get(1)? {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(pattern)) => !is_short(pattern, most),
        _ => true,
    };
    is_long.then(|| told(name, most))
}

/// The same for TRIM, where the parser knows it as a construct of its own.
pub(in super::super) fn trim_problem<'a>(
    mut characters: impl Iterator<Item = &'a Expr>,
) -> Option<String> {
    let is_long = characters.any(|characters| !is_short(characters, MAX_CHARACTERS));
    is_long.then(|| told("trim", MAX_CHARACTERS))
}

fn told(name: &str, most: usize) -> String {
    format!(
        "{name} needs a plain text of at most {most} bytes as its second argument; compare columns with \
         LIKE, as in a LIKE '%' || b || '%'"
    )
}

/// Whether it is a literal, or the characters of some codes, and no longer than that.
fn is_short(pattern: &Expr, most: usize) -> bool {
    match pattern {
        Expr::Nested(inner) => is_short(inner, most),
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text)
            | Value::DoubleQuotedString(text)
            | Value::HexStringLiteral(text)
            | Value::Number(text, _) => text.len() <= most,
            Value::Boolean(_) | Value::Null => true,
            _ => false,
        },
        Expr::Function(function) => {
            let is_char = matches!(
                function.name.0.as_slice(),
                [ObjectNamePart::Identifier(name)] if name.value.eq_ignore_ascii_case("char")
            );
            // A character has at most four bytes.
            is_char
                && matches!(&function.args, FunctionArguments::List(list) if list.args.len() <= most / 4)
        }
        _ => false,
    }
}
