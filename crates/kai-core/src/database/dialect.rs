//! The dialects of SQL that can be asked, and how a name is written in them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::mysql::RESERVED;

/// The kinds of database that can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// PostgreSQL, `postgres://` or `postgresql://`.
    Postgresql,
    /// MySQL and MariaDB, `mysql://` or `mariadb://`.
    Mysql,
    /// SQLite, `sqlite://`.
    Sqlite,
}

impl Dialect {
    /// The name as it is stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Postgresql => "postgresql",
            Self::Mysql => "mysql",
            Self::Sqlite => "sqlite",
        }
    }

    /// The dialect of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "postgresql" => Some(Self::Postgresql),
            "mysql" => Some(Self::Mysql),
            "sqlite" => Some(Self::Sqlite),
            _ => None,
        }
    }

    /// The schemas that a connection reads when it names none. MySQL has none of its own; there it is
    /// the database of the URI, which [`super::ConnectionUri::default_schemas`] knows.
    pub fn default_schemas(self) -> Vec<String> {
        match self {
            Self::Postgresql => vec!["public".to_owned()],
            Self::Mysql => Vec::new(),
            Self::Sqlite => vec!["main".to_owned()],
        }
    }

    /// Writes one identifier as SQL needs it: in quotes where it would otherwise be read as a
    /// keyword, in another case or as several words, and plain elsewhere.
    pub fn quote(self, ident: &str) -> String {
        if self.is_plain(ident) {
            return ident.to_owned();
        }
        match self {
            Self::Postgresql | Self::Sqlite => always_quoted(ident),
            Self::Mysql => in_backticks(ident),
        }
    }

    /// Writes a table's name, as [`super::TableSummary::name`] gives it, as SQL needs it.
    pub fn quote_table(self, name: &str) -> String {
        split_table_name(name)
            .iter()
            .map(|part| self.quote(part))
            .collect::<Vec<_>>()
            .join(".")
    }

    /// Whether the identifier means itself without quotes.
    fn is_plain(self, ident: &str) -> bool {
        let mut characters = ident.chars();
        let letter = |c: char| match self {
            // PostgreSQL folds what is not quoted to lower case.
            Self::Postgresql => c.is_ascii_lowercase() || c == '_',
            Self::Mysql | Self::Sqlite => c.is_ascii_alphabetic() || c == '_',
        };
        characters.next().is_some_and(letter)
            && characters.all(|c| letter(c) || c.is_ascii_digit())
            && !self.is_keyword(&ident.to_ascii_lowercase())
    }

    fn is_keyword(self, lower: &str) -> bool {
        KEYWORDS.binary_search(&lower).is_ok()
            || (self == Self::Mysql && RESERVED.binary_search(&lower).is_ok())
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Writes an identifier in double quotes, as PostgreSQL and SQLite understand it.
pub(crate) fn always_quoted(ident: &str) -> String {
    format!("\"{}\"", ident.replace('"', "\"\""))
}

/// Writes an identifier in backticks, as MySQL understands it.
pub(super) fn in_backticks(ident: &str) -> String {
    format!("`{}`", ident.replace('`', "``"))
}

/// Names a table as the catalogue types do: the plain name in the default schema, `schema.name`
/// elsewhere. A part that holds a dot or a double quote stands in double quotes, so that the name
/// can be taken apart again.
pub(crate) fn table_name(schema: Option<&str>, name: &str) -> String {
    let part = |text: &str| {
        if text.contains(['.', '"']) {
            always_quoted(text)
        } else {
            text.to_owned()
        }
    };
    schema.map_or_else(
        || part(name),
        |schema| format!("{}.{}", part(schema), part(name)),
    )
}

/// Takes apart what [`table_name`] put together.
pub(crate) fn split_table_name(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        let part = match character {
            '"' if quoted && characters.peek() == Some(&'"') => characters.next(),
            '"' => {
                quoted = !quoted;
                None
            }
            '.' if !quoted => {
                parts.push(String::new());
                None
            }
            other => Some(other),
        };
        if let (Some(character), Some(last)) = (part, parts.last_mut()) {
            last.push(character);
        }
    }
    parts
}

/// The words that are quoted when they are names: what PostgreSQL reserves or reads specially in a
/// column's place, what SQLite reserves, and what the guard's parser does not take for a name.
/// Sorted.
const KEYWORDS: &[&str] = &[
    "add",
    "all",
    "alter",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "autoincrement",
    "between",
    "bigint",
    "binary",
    "bit",
    "boolean",
    "both",
    "case",
    "cast",
    "char",
    "character",
    "check",
    "coalesce",
    "collate",
    "collation",
    "column",
    "commit",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "cube",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "dec",
    "decimal",
    "default",
    "deferrable",
    "delete",
    "desc",
    "distinct",
    "do",
    "drop",
    "else",
    "end",
    "escape",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "float",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "greatest",
    "group",
    "grouping",
    "having",
    "ilike",
    "in",
    "index",
    "initially",
    "inner",
    "inout",
    "insert",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "least",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "national",
    "natural",
    "nchar",
    "none",
    "normalize",
    "not",
    "nothing",
    "notnull",
    "null",
    "nullif",
    "numeric",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "out",
    "outer",
    "overlaps",
    "overlay",
    "placing",
    "position",
    "precision",
    "primary",
    "real",
    "references",
    "returning",
    "right",
    "rollup",
    "row",
    "select",
    "session_user",
    "set",
    "setof",
    "similar",
    "smallint",
    "some",
    "substring",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "top",
    "trailing",
    "transaction",
    "treat",
    "trim",
    "true",
    "union",
    "unique",
    "unnest",
    "update",
    "user",
    "using",
    "values",
    "varchar",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_only_where_needed() {
        for dialect in [Dialect::Postgresql, Dialect::Sqlite] {
            for plain in ["koperasi", "tahun_berdiri", "status", "nama", "_x9"] {
                assert_eq!(dialect.quote(plain), plain);
            }
            assert_eq!(dialect.quote("Laporan Tahunan"), "\"Laporan Tahunan\"");
            assert_eq!(dialect.quote("order"), "\"order\"");
            assert_eq!(dialect.quote("ORDER"), "\"ORDER\"");
            assert_eq!(dialect.quote("a\"b"), "\"a\"\"b\"");
            assert_eq!(dialect.quote("9a"), "\"9a\"");
            assert_eq!(dialect.quote("näme"), "\"näme\"");
            assert_eq!(dialect.quote(""), "\"\"");
        }
        for plain in ["koperasi", "tahun_berdiri", "Tahun", "status", "nama"] {
            assert_eq!(Dialect::Mysql.quote(plain), plain);
        }
        for (name, quoted) in [
            ("Laporan Tahunan", "`Laporan Tahunan`"),
            ("order", "`order`"),
            ("RANK", "`RANK`"),
            ("a`b", "`a``b`"),
            ("a\"b", "`a\"b`"),
            ("9a", "`9a`"),
        ] {
            assert_eq!(Dialect::Mysql.quote(name), quoted);
        }
        assert_eq!(Dialect::Postgresql.quote("rank"), "rank");
        assert_eq!(Dialect::Mysql.quote_table("arsip.order"), "arsip.`order`");
        assert_eq!(Dialect::Postgresql.quote("Tahun"), "\"Tahun\"");
        assert_eq!(Dialect::Sqlite.quote("Tahun"), "Tahun");
    }

    #[test]
    fn keywords_are_sorted() {
        assert!(KEYWORDS.is_sorted());
    }

    #[test]
    fn table_names_come_apart_as_they_went_together() {
        for (schema, name, shown, sql) in [
            (None, "koperasi", "koperasi", "koperasi"),
            (
                None,
                "Laporan Tahunan",
                "Laporan Tahunan",
                "\"Laporan Tahunan\"",
            ),
            (Some("arsip"), "order", "arsip.order", "arsip.\"order\""),
            (None, "a.b", "\"a.b\"", "\"a.b\""),
            (
                Some("s\"x"),
                "t.u",
                "\"s\"\"x\".\"t.u\"",
                "\"s\"\"x\".\"t.u\"",
            ),
        ] {
            assert_eq!(table_name(schema, name), shown);
            assert_eq!(
                split_table_name(shown),
                schema.into_iter().chain([name]).collect::<Vec<_>>()
            );
            assert_eq!(Dialect::Postgresql.quote_table(shown), sql);
        }
    }
}
