//! Words in parentheses: a second name for what stands before them, in the database's own words.

use super::cue::cue_at;
use super::token::{Token, TokenKind};

/// How many words before the parenthesis one in it may stand for.
const EXPLAINED: usize = 4;

/// The question without the marks, and then the ways to read it with only one of two names: without
/// what stands in parentheses, and without one word or more before them.
pub(super) fn wordings(tokens: &[Token]) -> Vec<Vec<Token>> {
    let plain = || without(tokens, |_| false);
    let Some((open, close)) = parenthesis(tokens) else {
        return vec![plain()];
    };
    let before = (0..open).rev().take_while(|at| is_content(tokens, *at));
    let shorter = before
        .take(EXPLAINED)
        .map(|from| without(tokens, |at| (from..open).contains(&at)));
    let mut all = vec![plain()];
    let mut shorter = shorter.peekable();
    all.extend(shorter.next());
    if open > 0 {
        all.push(without(tokens, |at| (open..=close).contains(&at)));
    }
    all.extend(shorter);
    all
}

/// The places of the first pair of parentheses with something in it.
fn parenthesis(tokens: &[Token]) -> Option<(usize, usize)> {
    let open = tokens.iter().position(|token| is(token, "("))?;
    let length = tokens
        .iter()
        .skip(open)
        .position(|token| is(token, ")"))
        .unwrap_or(tokens.len() - open);
    (length > 1).then_some((open, open + length))
}

fn is(token: &Token, mark: &str) -> bool {
    token.kind == TokenKind::Mark && token.text == mark
}

/// Whether a word may be what a parenthesis explains: no number, mark or function word.
fn is_content(tokens: &[Token], at: usize) -> bool {
    tokens
        .get(at)
        .is_some_and(|token| token.kind == TokenKind::Word && cue_at(&[&token.word]).is_none())
}

fn without(tokens: &[Token], left_out: impl Fn(usize) -> bool) -> Vec<Token> {
    let kept = tokens
        .iter()
        .enumerate()
        .filter(|(at, token)| !left_out(*at) && !is(token, "(") && !is(token, ")"));
    kept.map(|(_, token)| token.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offline::token::tokenise;

    fn read(question: &str) -> Vec<String> {
        let text = |tokens: Vec<Token>| {
            let words: Vec<String> = tokens.into_iter().map(|token| token.text).collect();
            words.join(" ")
        };
        wordings(&tokenise(question))
            .into_iter()
            .map(text)
            .collect()
    }

    #[test]
    fn words_in_parentheses_may_stand_for_those_before() {
        assert_eq!(
            read("total bahan bakar (fuel) tiap kapal"),
            [
                "total bahan bakar fuel tiap kapal",
                "total bahan fuel tiap kapal",
                "total bahan bakar tiap kapal",
                "total fuel tiap kapal",
            ]
        );
        assert_eq!(read("how many ships"), ["how many ships"]);
        assert_eq!(read("() how (many"), ["how many"]);
    }
}
