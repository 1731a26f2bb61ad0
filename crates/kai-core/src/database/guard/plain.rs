//! The tokens of plain queries, read in one pass over their bytes.
//!
//! What sqlparser's tokenizer makes of a text depends on the dialect in many corners. A plain text keeps out of
//! all of them: ASCII letters, numbers in decimals, texts and names without escapes, the operators that everybody
//! uses, comments to the end of a line. There, all three dialects agree, and the tokens here are the same ones,
//! only without the spaces and comments between them; where the parser looks at those, a text is not plain. Of
//! every other text nothing is said, and sqlparser's tokenizer reads it.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Word};

use super::super::Dialect;
use super::keywords;

/// What operators are made of, in any dialect. A row of these is one operator or not plain.
const OPERATOR_BYTES: &[u8] = b"+-*/<>=~!@#%^&|?:\\$";

/// The tokens of a text, without spaces and comments. None where it is not plain.
pub(super) fn tokens(dialect: Dialect, sql: &str) -> Option<Vec<TokenWithSpan>> {
    let mut reader = Reader {
        dialect,
        sql,
        at: 0,
        line: 1,
        line_start: 0,
    };
    // Dense queries have two tokens in seven bytes.
    let mut tokens = Vec::with_capacity(sql.len() * 2 / 7);
    loop {
        reader.skip_to_token()?;
        let start = reader.at;
        if start == sql.len() {
            return Some(tokens);
        }
        let token = reader.token(reader.byte(start), &tokens)?;
        tokens.push(TokenWithSpan {
            token,
            span: Span::new(reader.location(start), reader.location(reader.at)),
        });
    }
}

/// Reads a text that is plain as far as it has been read.
struct Reader<'a> {
    dialect: Dialect,
    sql: &'a str,
    /// The next byte.
    at: usize,
    /// The line that it stands in, from 1.
    line: u64,
    /// The first byte of that line.
    line_start: usize,
}

impl<'a> Reader<'a> {
    /// The byte in this place; zero, which no text holds, behind the end.
    fn byte(&self, at: usize) -> u8 {
        self.sql.as_bytes().get(at).copied().unwrap_or(0)
    }

    fn slice(&self, start: usize, end: usize) -> Option<&'a str> {
        self.sql.get(start..end)
    }

    /// The place of a byte in this line. As the text before it is ASCII, each column is a byte.
    fn location(&self, at: usize) -> Location {
        let column = u64::try_from(at.saturating_sub(self.line_start)).unwrap_or(u64::MAX);
        Location::new(self.line, column.saturating_add(1))
    }

    /// Goes on to the next token, or to the end.
    fn skip_to_token(&mut self) -> Option<()> {
        loop {
            match self.byte(self.at) {
                b' ' | b'\t' => self.at += 1,
                b'\n' => {
                    self.at += 1;
                    self.line += 1;
                    self.line_start = self.at;
                }
                b'-' if self.byte(self.at + 1) == b'-' => self.skip_comment()?,
                _ => return Some(()),
            }
        }
    }

    /// Skips a comment that every dialect takes for one, and that holds no hint.
    fn skip_comment(&mut self) -> Option<()> {
        let comment = self.slice(self.at, self.sql.len())?;
        let comment = comment.split_once('\n').map_or(comment, |(first, _)| first);
        let is_plain = comment.starts_with("-- ")
            && comment
                .bytes()
                .all(|byte| matches!(byte, b' '..=b'~' | b'\t') && byte != b'+');
        self.at += comment.len();
        is_plain.then_some(())
    }

    /// Takes the token that begins with the byte.
    fn token(&mut self, byte: u8, before: &[TokenWithSpan]) -> Option<Token> {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
            b'0'..=b'9' => self.number(before),
            b'\'' => {
                // Two texts in a row may be one.
                let last = before.last().map(|last| &last.token);
                let follows = matches!(last, Some(Token::SingleQuotedString(_)));
                let value = self.quoted(b'\'')?;
                (!follows).then_some(Token::SingleQuotedString(value))
            }
            b'"' if self.dialect != Dialect::Mysql => self.quoted_name('"'),
            b'`' if self.dialect != Dialect::Postgresql => self.quoted_name('`'),
            b'.' => self.period(before),
            b'(' => Some(self.single(Token::LParen)),
            b')' => Some(self.single(Token::RParen)),
            b',' => Some(self.single(Token::Comma)),
            b';' => Some(self.single(Token::SemiColon)),
            _ => self.operator(),
        }
    }

    fn single(&mut self, token: Token) -> Token {
        self.at += 1;
        token
    }

    /// Where the run of bytes that begins here ends.
    fn end_of(&self, is_part: impl Fn(u8) -> bool) -> usize {
        let rest = self.sql.as_bytes().get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|byte| !is_part(*byte));
        self.at + length.unwrap_or(rest.len())
    }

    /// A name or a keyword, unless it is the beginning of a text of a special kind.
    fn word(&mut self) -> Option<Token> {
        let end = self.end_of(is_word_part);
        let word = self.slice(self.at, end)?;
        self.at = end;
        let is_plain = !matches!(self.byte(end), b'\'' | b'"' | b'`');
        is_plain.then(|| {
            Token::Word(Word {
                value: word.to_owned(),
                quote_style: None,
                keyword: keywords::keyword(word),
            })
        })
    }

    /// A number in decimals that is not part of a name.
    fn number(&mut self, before: &[TokenWithSpan]) -> Option<Token> {
        let start = self.at;
        self.at = self.end_of(|byte| byte.is_ascii_digit());
        if self.byte(self.at) == b'.' {
            self.at += 1;
            let whole = self.at;
            self.at = self.end_of(|byte| byte.is_ascii_digit());
            if self.at == whole {
                return None;
            }
        }
        let last = before.last().map(|last| &last.token);
        let next = self.byte(self.at);
        if next == b'.' || is_word_part(next) || matches!(last, Some(Token::Period)) {
            return None;
        }
        let digits = self.slice(start, self.at)?;
        Some(Token::Number(digits.to_owned(), false))
    }

    /// What stands between two quotes, without escapes and line breaks.
    fn quoted(&mut self, quote: u8) -> Option<String> {
        self.at += 1;
        let start = self.at;
        self.at = self.end_of(|byte| byte != quote && matches!(byte, b' '..=b'~') && byte != b'\\');
        let value = self.slice(start, self.at)?;
        let is_plain = self.byte(self.at) == quote && self.byte(self.at + 1) != quote;
        self.at += 1;
        is_plain.then(|| value.to_owned())
    }

    fn quoted_name(&mut self, quote: char) -> Option<Token> {
        let value = self.quoted(u8::try_from(quote).ok()?)?;
        Some(Token::Word(Word {
            value,
            quote_style: Some(quote),
            keyword: Keyword::NoKeyword,
        }))
    }

    /// The point between two names that stand close to it.
    fn period(&mut self, before: &[TokenWithSpan]) -> Option<Token> {
        let last = before.last()?;
        let is_close = matches!(last.token, Token::Word(_))
            && last.span.end == self.location(self.at)
            && (matches!(self.byte(self.at + 1), b'"' | b'`' | b'*' | b'_')
                || self.byte(self.at + 1).is_ascii_alphabetic());
        is_close.then(|| self.single(Token::Period))
    }

    /// An operator that nothing stands close to which could be a part of it.
    fn operator(&mut self) -> Option<Token> {
        let end = self.end_of(|byte| OPERATOR_BYTES.contains(&byte));
        let token = match self.slice(self.at, end)? {
            "=" => Token::Eq,
            "<>" | "!=" => Token::Neq,
            "<" => Token::Lt,
            ">" => Token::Gt,
            "<=" => Token::LtEq,
            ">=" => Token::GtEq,
            "*" => Token::Mul,
            "+" => Token::Plus,
            "-" => Token::Minus,
            "/" => Token::Div,
            "%" => Token::Mod,
            "||" => Token::StringConcat,
            "::" => Token::DoubleColon,
            "->" => Token::Arrow,
            "->>" => Token::LongArrow,
            _ => return None,
        };
        self.at = end;
        Some(token)
    }
}

fn is_word_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
