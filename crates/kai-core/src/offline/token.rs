//! Tokens: the question cut into words, numbers, quoted values and marks, each with its place.

use super::text::{Word, hyphen_parts};

/// How many tokens a question may have: as many as a [`Span`] has bits.
pub(super) const MAX_TOKENS: usize = 128;

/// A set of tokens of one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Span(u128);

impl Span {
    /// `length` tokens from `start` on.
    pub(super) fn new(start: usize, length: usize) -> Self {
        (start..start + length).fold(Self::default(), Self::with)
    }

    /// The same tokens and one more.
    pub(super) fn with(self, token: usize) -> Self {
        Self(
            u32::try_from(token)
                .ok()
                .and_then(|shift| 1_u128.checked_shl(shift))
                .map_or(self.0, |bit| self.0 | bit),
        )
    }

    /// The tokens of both.
    pub(super) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether both have a token in common.
    pub(super) fn overlaps(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// How many tokens it has.
    pub(super) fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Its first token.
    pub(super) fn first(self) -> usize {
        self.0.trailing_zeros() as usize
    }

    /// Its tokens, in order.
    pub(super) fn tokens(self) -> impl Iterator<Item = usize> {
        (0..MAX_TOKENS).filter(move |token| self.0 >> token & 1 == 1)
    }
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A word.
    Word,
    /// Digits with their separators.
    Number,
    /// A text in quotation marks.
    Quoted,
    /// A mark that may matter: `,` `/` `-` `&` `%` `<` `>` `=` and their pairs, and parentheses.
    Mark,
}

/// A piece of the question.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// As it stands in the question.
    pub(super) text: String,
    /// Its forms.
    pub(super) word: Word,
    /// What it is.
    pub(super) kind: TokenKind,
    /// Whether it looks like a part of a name: upper case at its beginning, though not the
    /// question's first word.
    pub(super) name_like: bool,
}

impl Token {
    fn new(text: &str, kind: TokenKind, first: bool) -> Self {
        let upper = text.chars().next().is_some_and(char::is_uppercase);
        Self {
            text: text.to_owned(),
            word: Word::new(text),
            kind,
            name_like: upper && kind == TokenKind::Word && !first,
        }
    }
}

/// Cuts a question into tokens. What is beyond [`MAX_TOKENS`] is left out.
pub(super) fn tokenise(question: &str) -> Vec<Token> {
    let chars: Vec<char> = question.chars().collect();
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        if tokens.len() >= MAX_TOKENS {
            break;
        }
        let rest = chars.get(at..).unwrap_or_default();
        let first = tokens.is_empty();
        if let Some((text, length)) = quoted(rest, at.checked_sub(1).and_then(|b| chars.get(b))) {
            tokens.push(Token::new(&text, TokenKind::Quoted, first));
            at += length;
        } else if c.is_ascii_digit() {
            let text = season(rest).unwrap_or_else(|| number(rest));
            at += text.chars().count();
            let kind = if text.contains('/') && !is_date(rest) {
                TokenKind::Quoted
            } else {
                TokenKind::Number
            };
            tokens.push(Token::new(&text, kind, first));
        } else if c.is_alphanumeric() {
            let text = word(rest);
            at += text.chars().count();
            let bare = text
                .strip_suffix("'s")
                .or(text.strip_suffix("’s"))
                .unwrap_or(&text);
            if is_code(bare) {
                tokens.push(Token::new(bare, TokenKind::Quoted, first));
                continue;
            }
            for part in hyphen_parts(bare) {
                tokens.push(Token::new(part, TokenKind::Word, tokens.is_empty()));
            }
        } else {
            let text = mark(rest);
            if !text.is_empty() {
                tokens.push(Token::new(&text, TokenKind::Mark, first));
            }
            at += text.chars().count().max(1);
        }
    }
    tokens.truncate(MAX_TOKENS);
    tokens
}

fn quoted(rest: &[char], before: Option<&char>) -> Option<(String, usize)> {
    let open = *rest.first()?;
    let close = match open {
        '"' => '"',
        '“' | '„' => '”',
        '«' => '»',
        // An apostrophe inside a word opens nothing.
        '\'' if !before.is_some_and(|before| before.is_alphanumeric()) => '\'',
        '‘' => '’',
        _ => return None,
    };
    let length = rest.iter().skip(1).position(|c| *c == close)?;
    let text: String = rest.iter().skip(1).take(length).collect();
    (!text.trim().is_empty()).then(|| (text.trim().to_owned(), length + 2))
}

/// Digits, with points, commas, hyphens and slashes where a digit follows.
fn number(rest: &[char]) -> String {
    let mut text = String::new();
    for (at, c) in rest.iter().enumerate() {
        let digit_follows = rest.get(at + 1).is_some_and(char::is_ascii_digit);
        match c {
            '0'..='9' => text.push(*c),
            '.' | ',' if digit_follows => text.push(*c),
            '-' | '/' if digit_follows && is_date(rest) => text.push(*c),
            _ => break,
        }
    }
    text
}

/// A year with the next one behind a slash: "2023/2024", "2023/24" is the name of a season.
fn season(rest: &[char]) -> Option<String> {
    let text: String = rest
        .iter()
        .take_while(|c| c.is_ascii_digit() || **c == '/')
        .collect();
    let (first, second) = text.split_once('/')?;
    let (year, next) = (first.parse::<u32>().ok()?, second.parse::<u32>().ok()?);
    let follows = match second.len() {
        4 => next == year + 1,
        2 => next == (year + 1) % 100,
        _ => false,
    };
    (first.len() == 4 && follows).then_some(text)
}

/// Whether a word is the code of a thing: capitals and digits held together by hyphens.
fn is_code(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    let plain = |part: &&str| {
        part.chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
            && !part.is_empty()
    };
    let digits = |part: &&str| part.chars().any(|c| c.is_ascii_digit());
    // "Q3-2024" is a time.
    let quarter = parts
        .first()
        .is_some_and(|first| first.len() == 2 && first.starts_with('Q'));
    parts.len() > 1 && !quarter && parts.iter().all(plain) && parts.iter().any(digits)
}

/// Whether the text begins with three numbers between hyphens or slashes.
fn is_date(rest: &[char]) -> bool {
    let shown: String = rest
        .iter()
        .take_while(|c| c.is_ascii_digit() || matches!(c, '-' | '/'))
        .collect();
    let parts: Vec<&str> = shown.split(['-', '/']).collect();
    parts.len() == 3 && parts.iter().all(|part| (1..=4).contains(&part.len()))
}

fn word(rest: &[char]) -> String {
    let mut text = String::new();
    for (at, c) in rest.iter().enumerate() {
        let letter_follows = rest.get(at + 1).is_some_and(|next| next.is_alphanumeric());
        // A currency sign written against its amount is a word of its own.
        if c.is_ascii_digit() && ["rp", "idr", "usd"].contains(&text.to_lowercase().as_str()) {
            break;
        }
        match c {
            c if c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(c) => text.push(*c),
            '_' | '-' | '\'' | '’' if letter_follows => text.push(*c),
            _ => break,
        }
    }
    text
}

fn mark(rest: &[char]) -> String {
    let pair: String = rest.iter().take(2).collect();
    if [">=", "<=", "<>", "!="].contains(&pair.as_str()) {
        return pair;
    }
    match rest.first() {
        Some('–' | '—') => "–".to_owned(),
        Some(c @ (',' | '/' | '-' | '&' | '%' | '<' | '>' | '=' | '≥' | '≤' | '(' | ')')) => {
            c.to_string()
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(question: &str) -> Vec<String> {
        tokenise(question)
            .into_iter()
            .map(|token| token.text)
            .collect()
    }

    #[test]
    fn cuts_words_numbers_quotes_and_marks() {
        assert_eq!(
            texts("Berapa rata-rata \"modal awal\" > Rp1.000,5 juta, sejak 2020-01-31?"),
            [
                "Berapa",
                "rata-rata",
                "modal awal",
                ">",
                "Rp",
                "1.000,5",
                "juta",
                ",",
                "sejak",
                "2020-01-31"
            ]
        );
        assert_eq!(
            texts("the cooperative's co-op 2000-2010"),
            ["the", "cooperative", "co", "op", "2000", "-", "2010"]
        );
        assert_eq!(texts("Ma'ruf doesn't"), ["Ma'ruf", "doesn't"]);
    }

    #[test]
    fn a_long_question_is_cut() {
        assert_eq!(tokenise(&"a ".repeat(500)).len(), MAX_TOKENS);
        assert_eq!(tokenise(&"a-b ".repeat(500)).len(), MAX_TOKENS);
    }

    #[test]
    fn spans_are_sets() {
        let span = Span::new(1, 2).with(5);
        assert_eq!(span.tokens().collect::<Vec<_>>(), [1, 2, 5]);
        assert_eq!((span.len(), span.first()), (3, 1));
        assert!(span.overlaps(Span::new(2, 1)) && !span.overlaps(Span::new(3, 2)));
    }
}
