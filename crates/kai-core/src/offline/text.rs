//! Text: folding case and accents, splitting into words, stems and small edit distances.

/// A word with the forms under which it may be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// Lower case, without accents.
    pub(crate) norm: String,
    /// The norm, then the same without particles, reduplication and plural endings.
    pub(crate) keys: Vec<String>,
    /// What is left without derivational affixes; the norm where that would be too short.
    pub(crate) root: String,
}

impl Word {
    /// Reads one word; `text` holds no white space.
    pub(crate) fn new(text: &str) -> Self {
        let norm = fold(text);
        let keys = keys(&norm);
        let root = root(keys.last().unwrap_or(&norm));
        Self { norm, keys, root }
    }

    /// Whether both are forms of one word.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.keys.iter().any(|key| other.keys.contains(key))
    }
}

/// Lower case, without accents and apostrophes.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ạ' | 'ả' | 'ấ' | 'ầ' => {
                folded.push('a');
            }
            'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => folded.push('c'),
            'ď' | 'đ' | 'ð' => folded.push('d'),
            'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẹ' | 'ế' | 'ề' => {
                folded.push('e');
            }
            'ĝ' | 'ğ' | 'ġ' | 'ģ' => folded.push('g'),
            'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => folded.push('i'),
            'ł' | 'ĺ' | 'ļ' | 'ľ' => folded.push('l'),
            'ñ' | 'ń' | 'ņ' | 'ň' => folded.push('n'),
            'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ọ' | 'ố' | 'ồ' => folded.push('o'),
            'ŕ' | 'ŗ' | 'ř' => folded.push('r'),
            'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => folded.push('s'),
            'ţ' | 'ť' | 'ț' => folded.push('t'),
            'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => folded.push('u'),
            'ý' | 'ÿ' => folded.push('y'),
            'ź' | 'ż' | 'ž' => folded.push('z'),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ß' => folded.push_str("ss"),
            '\u{300}'..='\u{36f}' | '\'' | '’' | '‘' | 'ʼ' | '`' => {}
            c => folded.push(c),
        }
    }
    folded
}

/// The words of a text that is not a question: a value, a comment, an identifier with spaces.
/// A doubled word (`laki-laki`) stays one.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    for chunk in text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '\'' | '’')) {
        words.extend(hyphen_parts(chunk).into_iter().map(Word::new));
    }
    words
}

/// A chunk without white space, cut at its hyphens unless it is a doubled word.
pub(super) fn hyphen_parts(chunk: &str) -> Vec<&str> {
    if let Some((left, right)) = chunk.split_once('-')
        && left.chars().count() > 1
        && fold(right).starts_with(&fold(left))
    {
        return vec![chunk];
    }
    chunk
        .split('-')
        .filter(|part| part.chars().any(char::is_alphanumeric))
        .collect()
}

/// The words of an identifier: `snake_case`, `camelCase`, spaces and digits apart.
pub(crate) fn split_identifier(name: &str) -> Vec<Word> {
    let mut parts: Vec<String> = Vec::new();
    let mut part = String::new();
    let mut before: Option<char> = None;
    let mut rest = name.chars().peekable();
    while let Some(c) = rest.next() {
        if !c.is_alphanumeric() {
            parts.extend((!part.is_empty()).then(|| std::mem::take(&mut part)));
            before = None;
            continue;
        }
        let new_part = before.is_some_and(|before| {
            (c.is_uppercase() && before.is_lowercase())
                || (c.is_uppercase()
                    && before.is_uppercase()
                    && rest.peek().is_some_and(|next| next.is_lowercase()))
                || (c.is_numeric() != before.is_numeric())
        });
        if new_part {
            parts.extend((!part.is_empty()).then(|| std::mem::take(&mut part)));
        }
        part.push(c);
        before = Some(c);
    }
    parts.extend((!part.is_empty()).then_some(part));
    parts.iter().map(|part| Word::new(part)).collect()
}

fn keys(norm: &str) -> Vec<String> {
    let mut keys = vec![norm.to_owned()];
    let mut base = norm;
    if let Some((left, right)) = norm.split_once('-')
        && right.starts_with(left)
    {
        base = left;
        keys.push(base.to_owned());
    }
    for (particle, shortest) in [("nya", 3), ("kah", 4), ("lah", 4), ("pun", 4)] {
        if let Some(stripped) = base.strip_suffix(particle)
            && stripped.len() >= shortest
        {
            keys.push(stripped.to_owned());
            return keys;
        }
    }
    if let Some(singular) = singular(base) {
        keys.push(singular);
    }
    keys
}

fn singular(word: &str) -> Option<String> {
    if word.len() < 4 || !word.is_ascii() {
        return None;
    }
    if let Some(stem) = word.strip_suffix("ies") {
        return Some(format!("{stem}y"));
    }
    for ending in ["sses", "shes", "ches", "xes", "zes", "uses"] {
        if word.ends_with(ending) {
            return word.strip_suffix("es").map(str::to_owned);
        }
    }
    if word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") {
        return None;
    }
    word.strip_suffix('s').map(str::to_owned)
}

/// Takes off the usual affixes of Indonesian and the commonest of English.
fn root(word: &str) -> String {
    let shortest = 4;
    let mut root = word.to_owned();
    for (prefix, restored) in [
        ("meny", "s"),
        ("peny", "s"),
        ("meng", ""),
        ("peng", ""),
        ("mem", ""),
        ("pem", ""),
        ("men", ""),
        ("pen", ""),
        ("ber", ""),
        ("ter", ""),
        ("per", ""),
        ("di", ""),
        ("me", ""),
        ("pe", ""),
        ("ke", ""),
        ("se", ""),
    ] {
        let Some(rest) = root.strip_prefix(prefix) else {
            continue;
        };
        if rest.len() < shortest {
            continue;
        }
        let vowel = rest.starts_with(['a', 'e', 'i', 'o', 'u']);
        // The first letter of the root is lost behind a nasal prefix: mem-injam, men-ulis.
        let restored = match prefix {
            "mem" | "pem" if vowel => "p",
            "men" | "pen" if vowel => "t",
            _ => restored,
        };
        root = format!("{restored}{rest}");
        break;
    }
    for suffix in ["kan", "ing", "an", "ed", "i"] {
        if let Some(rest) = root.strip_suffix(suffix)
            && rest.len() >= shortest
        {
            root = rest.to_owned();
            break;
        }
    }
    root
}

/// Of longer words, in bytes, none is taken for a slip: comparing them takes the square of their length.
const LONGEST_SLIP: usize = 100;

/// Whether two words differ so little that one is likely a slip of the other: one edit from six
/// letters on, two from nine.
pub(super) fn nearly_same(a: &str, b: &str) -> bool {
    // A slip in the first letter is rare, and most words that differ there are different words.
    let too_different = a.chars().next() != b.chars().next() || a.len().abs_diff(b.len()) > 4;
    if too_different || a.len() > LONGEST_SLIP {
        return false;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let allowed = match a.len().min(b.len()) {
        0..=5 => 0,
        6..=8 => 1,
        _ => 2,
    };
    a.len().abs_diff(b.len()) <= allowed && distance(&a, &b) <= allowed
}

/// The number of insertions, deletions, replacements and swaps of neighbours between two words.
pub(crate) fn distance(a: &[char], b: &[char]) -> usize {
    let mut older: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    let mut above = None;
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        let mut left = None;
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], k: usize| row.get(k).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&previous, j) + usize::from(x != y))
                .min(at(&previous, j + 1) + 1)
                .min(at(&row, j) + 1);
            if above == Some(*y) && left == Some(*x) && j > 0 {
                best = best.min(at(&older, j - 1) + 1);
            }
            row.push(best);
            left = Some(*y);
        }
        older = std::mem::replace(&mut previous, row);
        above = Some(*x);
    }
    previous.last().copied().unwrap_or(a.len())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn norms(words: &[Word]) -> Vec<&str> {
        words.iter().map(|word| word.norm.as_str()).collect()
    }

    #[test]
    fn folds_case_accents_and_apostrophes() {
        assert_eq!(fold("Café Ma’ruf ÑANDÚ"), "cafe maruf nandu");
    }

    #[test]
    fn splits_identifiers_of_every_habit() {
        assert_eq!(
            norms(&split_identifier("tahun_berdiri")),
            ["tahun", "berdiri"]
        );
        assert_eq!(
            norms(&split_identifier("orderDateUTC")),
            ["order", "date", "utc"]
        );
        assert_eq!(
            norms(&split_identifier("Sisa Hasil Usaha")),
            ["sisa", "hasil", "usaha"]
        );
        assert_eq!(
            norms(&split_identifier("HTTPStatus2")),
            ["http", "status", "2"]
        );
    }

    #[test]
    fn finds_words_under_their_stems() {
        assert!(Word::new("koperasi-koperasi").same(&Word::new("koperasi")));
        assert!(Word::new("Anggotanya").same(&Word::new("anggota")));
        assert!(Word::new("cities").same(&Word::new("city")));
        assert!(Word::new("boxes").same(&Word::new("box")));
        assert!(!Word::new("status").same(&Word::new("statu")));
        assert_eq!(Word::new("meminjam").root, Word::new("pinjaman").root);
        assert_eq!(Word::new("didirikan").root, "diri");
    }

    #[test]
    fn keeps_doubled_words_together() {
        assert_eq!(norms(&words("Laki-laki")), ["laki-laki"]);
        assert_eq!(norms(&words("non-aktif")), ["non", "aktif"]);
    }

    #[test]
    fn forgives_small_slips_in_long_words_only() {
        assert!(nearly_same("sumatra", "sumatera"));
        assert!(nearly_same("koperais", "koperasi"));
        assert!(!nearly_same("bali", "bola"));
        assert!(!nearly_same("jawa", "java"));
    }
}
