//! Whether a printed query holds the same tokens as the text it was parsed from, so that parsing it again
//! would give the same tree.
//!
//! The parser looks at tokens, and at what stands between them only for hints in comments and for texts that
//! go on in the next line. A query that was printed without a comment, token for token as it came in, is read
//! as it was. What is known here are the plain tokens of usual queries: for every other, for a part that was
//! printed in other words, and for tokens that stand together in a way not listed, the answer is no, and the
//! printed query is parsed.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, Word};

/// How a token goes together with its neighbours without a space between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    /// Nothing before it or after it can become a part of it: brackets and commas.
    Free,
    /// The point between two names.
    Point,
    /// `::`
    Cast,
    /// `-`, which may be the sign of what follows.
    Minus,
    /// `*`, which may stand for all columns.
    Star,
    /// Another operator.
    Operator,
    /// A name or a keyword.
    Word,
    /// A number or a text.
    Literal,
}

/// Whether `printed` consists of these tokens, up to its spaces and the capitals of its keywords.
pub(super) fn is_same<'a>(tokens: impl Iterator<Item = &'a Token>, printed: &str) -> bool {
    let mut rest = printed;
    // What came before, and whether a space stood between that and what came before it.
    let mut before: Option<(Joint, bool)> = None;
    let mut is_spaced_in_source = true;
    let mut tokens = tokens.peekable();
    while let Some(token) = tokens.next() {
        match token {
            Token::Whitespace(_) => {
                is_spaced_in_source = true;
                continue;
            }
            // At the end, it ends nothing but the statement.
            Token::SemiColon => {
                return rest.is_empty()
                    && tokens
                        .all(|token| matches!(token, Token::Whitespace(_) | Token::SemiColon));
            }
            _ => {}
        }
        let is_spaced = match rest.strip_prefix(' ') {
            Some(after) => {
                rest = after;
                true
            }
            None => before.is_none(),
        };
        let Some((joint, after)) = taken(token, rest) else {
            return false;
        };
        if let Some(before) = before
            && !may_stand(before, joint, is_spaced, is_spaced_in_source)
        {
            return false;
        }
        rest = after;
        before = Some((joint, is_spaced));
        is_spaced_in_source = false;
    }
    rest.is_empty()
}

/// Whether a token may follow another with or without a space, so that both are read as they are.
fn may_stand(
    (before, is_before_spaced): (Joint, bool),
    joint: Joint,
    is_spaced: bool,
    is_spaced_in_source: bool,
) -> bool {
    if is_spaced {
        return before != Joint::Point && joint != Joint::Point;
    }
    match (before, joint) {
        (Joint::Free, Joint::Point) | (Joint::Point, Joint::Free) => false,
        (Joint::Word, Joint::Point) | (Joint::Point, Joint::Word | Joint::Star) => {
            !is_spaced_in_source
        }
        (Joint::Minus, Joint::Word | Joint::Literal) => is_before_spaced,
        (Joint::Free, _)
        | (_, Joint::Free)
        | (Joint::Cast, Joint::Word)
        | (Joint::Word | Joint::Literal, Joint::Cast) => true,
        _ => false,
    }
}

/// Takes the token from the beginning of the text. None where it does not stand there, or is not plain.
fn taken<'a>(token: &Token, text: &'a str) -> Option<(Joint, &'a str)> {
    let (joint, written) = match token {
        Token::Word(word) => return word_taken(word, text).map(|rest| (Joint::Word, rest)),
        Token::Number(digits, false) if is_plain_number(digits) => {
            (Joint::Literal, digits.as_str())
        }
        Token::SingleQuotedString(value) => {
            return quoted_taken('\'', value, text).map(|rest| (Joint::Literal, rest));
        }
        Token::LParen => (Joint::Free, "("),
        Token::RParen => (Joint::Free, ")"),
        Token::Comma => (Joint::Free, ","),
        Token::Period => (Joint::Point, "."),
        Token::DoubleColon => (Joint::Cast, "::"),
        Token::Minus => (Joint::Minus, "-"),
        Token::Mul => (Joint::Star, "*"),
        Token::Plus => (Joint::Operator, "+"),
        Token::Div => (Joint::Operator, "/"),
        Token::Mod => (Joint::Operator, "%"),
        Token::Eq => (Joint::Operator, "="),
        Token::Neq => (Joint::Operator, "<>"),
        Token::Lt => (Joint::Operator, "<"),
        Token::Gt => (Joint::Operator, ">"),
        Token::LtEq => (Joint::Operator, "<="),
        Token::GtEq => (Joint::Operator, ">="),
        Token::StringConcat => (Joint::Operator, "||"),
        Token::Arrow => (Joint::Operator, "->"),
        Token::LongArrow => (Joint::Operator, "->>"),
        _ => return None,
    };
    text.strip_prefix(written).map(|rest| (joint, rest))
}

/// Takes a word: a name as it was written, a keyword also in capitals.
fn word_taken<'a>(word: &Word, text: &'a str) -> Option<&'a str> {
    if let Some(quote) = word.quote_style {
        return matches!(quote, '"' | '`')
            .then(|| quoted_taken(quote, &word.value, text))
            .flatten();
    }
    if !is_plain_word(&word.value) {
        return None;
    }
    let (written, rest) = text.split_at_checked(word.value.len())?;
    let is_it = written == word.value
        || (word.keyword != Keyword::NoKeyword
            && written.bytes().all(|byte| !byte.is_ascii_lowercase())
            && written.eq_ignore_ascii_case(&word.value));
    is_it.then_some(rest)
}

fn quoted_taken<'a>(quote: char, value: &str, text: &'a str) -> Option<&'a str> {
    text.strip_prefix(quote)?
        .strip_prefix(value)?
        .strip_prefix(quote)
}

fn is_plain_word(word: &str) -> bool {
    word.bytes()
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_plain_number(digits: &str) -> bool {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction]
        .iter()
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use sqlparser::dialect::{MySqlDialect, PostgreSqlDialect};
    use sqlparser::tokenizer::Tokenizer;

    use super::*;

    fn same(dialect: &dyn sqlparser::dialect::Dialect, text: &str, printed: &str) -> bool {
        let tokens = Tokenizer::new(dialect, text)
            .with_unescape(false)
            .tokenize()
            .unwrap();
        is_same(tokens.iter(), printed)
    }

    #[test]
    fn spaces_comments_and_capitals_of_keywords_make_no_difference() {
        for (text, printed) in [
            (
                "select  a.nama, -- comment\n count( * ) from t a where x=-1;",
                "SELECT a.nama, count(*) FROM t a WHERE x = -1",
            ),
            (
                "select 'it''s', \"Nama\" from t where a != 2.50 ; ;",
                "SELECT 'it''s', \"Nama\" FROM t WHERE a <> 2.50",
            ),
            (
                "SELECT x::int, (a->>'k')::text FROM t",
                "SELECT x::INT, (a ->> 'k')::TEXT FROM t",
            ),
        ] {
            assert!(same(&PostgreSqlDialect {}, text, printed), "{text}");
        }
    }

    #[test]
    fn what_could_be_read_in_another_way_is_not_the_same() {
        for (text, printed) in [
            // Other words, other names, other case of names, more or less of it.
            ("SELECT a b FROM t", "SELECT a AS b FROM t"),
            ("SELECT nama FROM t", "SELECT NAMA FROM t"),
            ("SELECT a FROM t", "SELECT a FROM t LIMIT 1"),
            ("SELECT a FROM t LIMIT 1", "SELECT a FROM t"),
            ("SELECT a; SELECT b", "SELECT a"),
            ("SELECT 'a'\n'b'", "SELECT 'ab'"),
            ("SELECT 'a' FROM t", "SELECT 'b' FROM t"),
            // Tokens that grow together.
            ("SELECT - - 1", "SELECT --1"),
            ("SELECT 1 / * FROM t", "SELECT 1 /* FROM t"),
            ("SELECT a - > b", "SELECT a -> b"),
            ("SELECT a . b", "SELECT a.b"),
            ("SELECT 1 . 5", "SELECT 1.5"),
            ("SELECT a b", "SELECT ab"),
            ("SELECT n 'x'", "SELECT n'x'"),
            ("SELECT 'a' 'b'", "SELECT 'a''b'"),
            // A comment.
            ("SELECT /*+ hint */ a", "SELECT /*+ hint */ a"),
        ] {
            assert!(!same(&PostgreSqlDialect {}, text, printed), "{text}");
        }
        for (text, printed) in [
            // Not plain.
            ("SELECT x'1F'", "SELECT X'1F'"),
            ("SELECT $1", "SELECT $1"),
            ("SELECT 1e5", "SELECT 1e5"),
            ("SELECT 1a FROM t", "SELECT 1a FROM t"),
            ("SELECT @a", "SELECT @a"),
        ] {
            assert!(!same(&MySqlDialect {}, text, printed), "{text}");
        }
    }
}
