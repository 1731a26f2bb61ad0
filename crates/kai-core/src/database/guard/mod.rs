//! The SQL guard: lets one read-only query statement through and refuses everything else.
//!
//! It fails closed: what it does not know it refuses. The text is parsed in the database's dialect (where it is
//! [`plain`], on a shorter way to the same tree, [`quick`]) and printed from the tree; the printed text is parsed
//! again, unless it is the same tokens as before ([`faithful`]), and what that tree holds is checked ([`tree`])
//! against the kinds of query, expression, type ([`types`]), function ([`functions`]) and table ([`names`]) that
//! are known to be harmless. So what runs is exactly what was checked, free of comments and of anything that two
//! parsers could read differently.
//!
//! The server must read what the guard read. So a session of PostgreSQL has `standard_conforming_strings`
//! on, and one of MySQL talks utf8mb4 and has neither `ANSI_QUOTES` nor `NO_BACKSLASH_ESCAPES` nor another
//! database's syntax in its `sql_mode`.
//!
//! The guard is one layer. The statement also runs in a read-only transaction, under a timeout and
//! with limits on what is read.

mod faithful;
mod functions;
mod keywords;
mod names;
mod parts;
mod plain;
mod quick;
mod tree;
mod types;

use std::fmt::Write as _;

use sqlparser::ast::Statement;
use sqlparser::dialect::{Dialect as SqlDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::{Parser, ParserError, ParserOptions};
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use super::Dialect;

/// The longest statement that is looked at, in bytes.
const MAX_BYTES: usize = 100_000;

/// How many tokens a statement may have beside the commas, literals and spaces of long lists. The
/// depth of the tree, and so the stack that handling it takes, grows with their number at most.
const MAX_TOKENS: usize = 4_000;

/// How deeply parentheses may nest: the parser tries alternatives at each level.
const MAX_NESTING: usize = 24;

/// How deep the parser may recurse.
const MAX_RECURSION: usize = 100;

/// How many bytes a token has at least, on an average of usual queries.
const BYTES_PER_TOKEN: usize = 2;

/// Decides which queries a connection runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    dialect: Dialect,
    schemas: Vec<String>,
}

/// A query that the guard let through, as it will run. Only the guard makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedQuery {
    sql: String,
    guard: Guard,
    is_query: bool,
}

/// Why a text was refused, told so that a model can correct itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no statement.
    #[error("the query is empty; send one SELECT statement")]
    Empty,
    /// It is too long to be looked at.
    #[error("the query is longer than {MAX_BYTES} bytes; ask for less at a time")]
    TooLong,
    /// It is too large or too deeply nested.
    #[error("the query is too large or too deeply nested; split it into simpler queries")]
    TooComplex,
    /// It cannot be parsed.
    #[error("the query cannot be read as {dialect} SQL: {reason}")]
    Syntax {
        /// The dialect it was read in.
        dialect: Dialect,
        /// What the parser said.
        reason: String,
    },
    /// There is more than one statement.
    #[error("only one statement runs at a time; send each in a call of its own")]
    SeveralStatements,
    /// It is a statement, but no query.
    #[error("only queries run here: begin with SELECT or WITH; {0} is not allowed")]
    NotAQuery(String),
    /// It is a query with a part that is not allowed.
    #[error("{0} is not allowed here; leave it out")]
    Construct(String),
    /// It calls a function that is not allowed.
    #[error(
        "the function {0} is not allowed here; use the usual aggregate, text, number, date and \
         JSON functions, without a schema before the name"
    )]
    Function(String),
    /// It calls a function with an argument that is not allowed.
    #[error("{0}")]
    FunctionArgument(String),
    /// It casts to a type that is not allowed.
    #[error("the type {0} is not allowed here; use a type such as text, numeric or date")]
    Type(String),
    /// It reads a table outside the connection's schemas.
    #[error(
        "the table {name} cannot be read here; only tables of {schemas} can, and no catalogues"
    )]
    Table {
        /// The table, as it was written.
        name: String,
        /// The schemas that can be read.
        schemas: String,
    },
}

/// What the two ways of reading a text make of it: a tree, or a refusal.
#[cfg(feature = "unguarded")]
#[doc(hidden)]
#[derive(Debug)]
pub struct Readings {
    /// None where the quick way leaves it to the full one.
    pub quick: Option<Result<String, Rejection>>,
    /// The database's own dialect.
    pub full: Result<String, Rejection>,
}

impl CheckedQuery {
    /// The statement, printed from the parsed tree.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The same query with how it would be run in the place of its rows. It is not run for that.
    #[must_use]
    pub fn explained(&self) -> Self {
        let explain = if self.guard.dialect == Dialect::Sqlite {
            "EXPLAIN QUERY PLAN"
        } else {
            "EXPLAIN"
        };
        Self {
            sql: format!("{explain} {}", self.sql),
            guard: self.guard.clone(),
            is_query: false,
        }
    }

    /// Whether its text is a query, which can stand in another one's `FROM`.
    pub(super) fn is_query(&self) -> bool {
        self.is_query
    }

    /// Whether this guard checked it.
    pub(super) fn is_of(&self, guard: &Guard) -> bool {
        self.guard == *guard
    }
}

/// Whether a query may call the function: what an engine that can refuse functions is told, too.
pub(super) fn may_call(dialect: Dialect, function: &str) -> bool {
    functions::is_allowed(dialect, function)
}

/// Checks a query for a connection with its dialect's default schemas.
pub fn check(sql: &str, dialect: Dialect) -> Result<CheckedQuery, Rejection> {
    Guard::for_dialect(dialect).check(sql)
}

impl Guard {
    /// A guard that lets queries read tables of the schemas and nothing else.
    pub fn new(dialect: Dialect, schemas: Vec<String>) -> Self {
        Self { dialect, schemas }
    }

    /// A guard for the schemas that the dialect has by default.
    pub fn for_dialect(dialect: Dialect) -> Self {
        Self::new(dialect, dialect.default_schemas())
    }

    /// Lets one read-only query through, as it will run, or says why not.
    pub fn check(&self, sql: &str) -> Result<CheckedQuery, Rejection> {
        let reader = quick::dialect(self.dialect);
        let parsed = self.parse_one(&*reader, sql)?;
        let sql = printed(&parsed.statement, sql.len());
        // Printing is checked too: only what reads back as itself runs.
        if faithful::is_same(parsed.tokens(), &sql) {
            self.check_statement(&parsed.statement, &sql)?;
            Ok(self.checked(sql))
        } else {
            self.check_printed(sql)
        }
    }

    /// Reads a printed query back, and lets it through if it is printed as it was.
    fn check_printed(&self, sql: String) -> Result<CheckedQuery, Rejection> {
        let reader = quick::dialect(self.dialect);
        let statement = self.parse_one(&*reader, &sql)?.statement;
        self.check_statement(&statement, &sql)?;
        if printed(&statement, sql.len()) != sql {
            return Err(Rejection::Construct(
                "something that is written in two ways".to_owned(),
            ));
        }
        Ok(self.checked(sql))
    }

    fn checked(&self, sql: String) -> CheckedQuery {
        CheckedQuery {
            sql,
            guard: self.clone(),
            is_query: true,
        }
    }

    /// Checks the tree of a printed statement.
    fn check_statement(&self, statement: &Statement, sql: &str) -> Result<(), Rejection> {
        match statement {
            Statement::Query(query) => tree::check(self, query),
            _ => Err(Rejection::NotAQuery(first_word(sql))),
        }
    }

    /// Takes a text for checked, so that a test sees what the engine does without a guard.
    #[cfg(feature = "unguarded")]
    #[doc(hidden)]
    pub fn unchecked(&self, sql: &str) -> CheckedQuery {
        CheckedQuery {
            is_query: false,
            ..self.checked(sql.to_owned())
        }
    }

    /// [`check`](Self::check) that reads back whatever was printed, so that a test sees that this makes no
    /// difference where it is left out.
    #[cfg(feature = "unguarded")]
    #[doc(hidden)]
    pub fn check_reading_back(&self, sql: &str) -> Result<CheckedQuery, Rejection> {
        let reader = quick::dialect(self.dialect);
        let statement = self.parse_one(&*reader, sql)?.statement;
        self.check_printed(printed(&statement, sql.len()))
    }

    /// What both ways of reading a text make of it, so that a test sees that they agree.
    #[cfg(feature = "unguarded")]
    #[doc(hidden)]
    pub fn readings(&self, sql: &str) -> Readings {
        let reader = quick::dialect(self.dialect);
        let shown = |parsed: Result<Parsed<'_>, Rejection>| {
            parsed.map(|parsed| format!("{:?}", parsed.statement))
        };
        Readings {
            quick: self.parse_quickly(&*reader, sql).map(shown),
            full: shown(self.parse_in_full(sql)),
        }
    }

    /// Parses a text that must be one statement.
    fn parse_one<'a>(
        &self,
        reader: &'a dyn SqlDialect,
        sql: &str,
    ) -> Result<Parsed<'a>, Rejection> {
        check_length(sql)?;
        self.parse_quickly(reader, sql)
            .unwrap_or_else(|| self.parse_in_full(sql))
    }

    /// Parses a text of [`plain`] tokens that can be read, and gives what [`Self::parse_in_full`] would. Of any
    /// other it says nothing.
    fn parse_quickly<'a>(
        &self,
        reader: &'a dyn SqlDialect,
        sql: &str,
    ) -> Option<Result<Parsed<'a>, Rejection>> {
        let tokens = plain::tokens(self.dialect, sql)?;
        if is_too_complex(&tokens) {
            return Some(Err(Rejection::TooComplex));
        }
        // One less, so that nothing is read which is too deep for the other way.
        Parsed::one(reader, tokens, MAX_RECURSION - 1).ok()
    }

    /// Parses any text, as it is read in the database's own dialect.
    fn parse_in_full(&self, sql: &str) -> Result<Parsed<'static>, Rejection> {
        let dialect: &'static dyn SqlDialect = match self.dialect {
            Dialect::Postgresql => &PostgreSqlDialect {},
            Dialect::Mysql => &MySqlDialect {},
            Dialect::Sqlite => &SQLiteDialect {},
        };
        // Literals and names keep the escapes that they were written with: printed, they are the
        // same text again, which is not so when the escapes are resolved and guessed anew.
        let mut tokens = Vec::with_capacity(sql.len() / BYTES_PER_TOKEN);
        Tokenizer::new(dialect, sql)
            .with_unescape(false)
            .tokenize_with_location_into_buf(&mut tokens)
            .map_err(|error| self.syntax(error.to_string()))?;
        if is_too_complex(&tokens) {
            return Err(Rejection::TooComplex);
        }
        if self.dialect == Dialect::Mysql
            && let Some(variable) = variable(&tokens)
        {
            return Err(Rejection::Construct(format!("the variable {variable}")));
        }
        if self.dialect != Dialect::Mysql && has_hexadecimal_number(sql, &tokens) {
            return Err(Rejection::Construct(
                "a hexadecimal number (write it in decimal)".to_owned(),
            ));
        }
        Parsed::one(dialect, tokens, MAX_RECURSION).map_err(|error| match error {
            ParserError::RecursionLimitExceeded => Rejection::TooComplex,
            ParserError::TokenizerError(reason) | ParserError::ParserError(reason) => {
                self.not_parsed(sql, reason)
            }
        })?
    }

    /// What is told of a text that does not parse: of a command, that it is none of our queries.
    fn not_parsed(&self, sql: &str, reason: String) -> Rejection {
        let word = first_word(sql);
        if matches!(word.as_str(), "SELECT" | "WITH" | "VALUES" | "(" | "") {
            self.syntax(reason)
        } else {
            Rejection::NotAQuery(word)
        }
    }

    fn syntax(&self, reason: String) -> Rejection {
        Rejection::Syntax {
            dialect: self.dialect,
            reason,
        }
    }

    /// What is told of a table that may not be read.
    fn table(&self, name: String) -> Rejection {
        Rejection::Table {
            name,
            schemas: match self.schemas.as_slice() {
                [one] => format!("the schema {one}"),
                several => format!("the schemas {}", several.join(", ")),
            },
        }
    }
}

/// Refuses texts that no parser should see.
fn check_length(sql: &str) -> Result<(), Rejection> {
    if sql.len() > MAX_BYTES {
        return Err(Rejection::TooLong);
    }
    if sql.contains('\0') {
        // Some readers end there, and others do not.
        return Err(Rejection::Construct("a NUL character".to_owned()));
    }
    Ok(())
}

/// A statement, and the parser that still holds its tokens.
struct Parsed<'a> {
    statement: Statement,
    parser: Parser<'a>,
}

impl<'a> Parsed<'a> {
    /// Parses tokens. What they say must be one statement.
    fn one(
        dialect: &'a dyn SqlDialect,
        tokens: Vec<TokenWithSpan>,
        depth: usize,
    ) -> Result<Result<Self, Rejection>, ParserError> {
        let mut parser = Parser::new(dialect)
            .with_options(ParserOptions::new().with_unescape(false))
            .with_recursion_limit(depth)
            .with_tokens_with_locations(tokens);
        let mut statements = parser.parse_statements()?;
        let Some(statement) = statements.pop() else {
            return Ok(Err(Rejection::Empty));
        };
        if !statements.is_empty() {
            return Ok(Err(Rejection::SeveralStatements));
        }
        Ok(Ok(Self { statement, parser }))
    }

    fn tokens(&self) -> impl Iterator<Item = &Token> {
        (0..)
            .map(|index| &self.parser.token_at(index).token)
            .take_while(|token| !matches!(token, Token::EOF))
    }
}

/// Prints a statement that was `length` bytes long.
fn printed(statement: &Statement, length: usize) -> String {
    let mut text = String::with_capacity(length);
    // A text takes all that is written to it.
    let _ = write!(text, "{statement}");
    text
}

/// Whether the tree of these tokens could grow too deep, or take too long to build.
fn is_too_complex(tokens: &[TokenWithSpan]) -> bool {
    let mut count = 0_usize;
    let mut nesting = 0_usize;
    let mut deepest = 0_usize;
    for token in tokens {
        match token.token {
            Token::Whitespace(_)
            | Token::Comma
            | Token::Number(..)
            | Token::SingleQuotedString(_) => continue,
            Token::LParen | Token::LBracket => nesting += 1,
            Token::RParen | Token::RBracket => nesting = nesting.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(nesting);
        count += 1;
    }
    count > MAX_TOKENS || deepest > MAX_NESTING
}

/// Whether a number is written as `0x1F`. The tree keeps it as the text `X'1F'`, which only MySQL takes for
/// the same.
fn has_hexadecimal_number(sql: &str, tokens: &[TokenWithSpan]) -> bool {
    tokens.iter().any(|token| {
        let place = |count: u64| usize::try_from(count.saturating_sub(1)).unwrap_or(usize::MAX);
        let start = token.span.start;
        matches!(token.token, Token::HexStringLiteral(_))
            && sql
                .split('\n')
                .nth(place(start.line))
                .and_then(|line| line.chars().nth(place(start.column)))
                .is_none_or(|first| first.is_ascii_digit())
    })
}

/// The first of MySQL's variables, the session's or the server's: what is not in backticks and holds an
/// at sign.
fn variable(tokens: &[TokenWithSpan]) -> Option<&str> {
    tokens.iter().find_map(|token| match &token.token {
        Token::Word(word) if word.quote_style.is_none() && word.value.contains('@') => {
            Some(word.value.as_str())
        }
        Token::AtSign => Some("@"),
        _ => None,
    })
}

/// The first word of a text, for telling which statement it is.
fn first_word(sql: &str) -> String {
    let word: String = sql
        .trim_start()
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .take(20)
        .collect();
    word.to_ascii_uppercase()
}
