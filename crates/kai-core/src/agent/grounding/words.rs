//! The words around numbers, in both languages: what scales them, rounds them, or makes them a year.

/// Words that multiply the number before them, each with the powers of ten that it may mean.
pub(super) const SCALES: &[(&str, &[u32])] = &[
    ("thousand", &[3]),
    ("ribu", &[3]),
    ("rb", &[3]),
    ("k", &[3]),
    ("million", &[6]),
    ("juta", &[6]),
    ("jt", &[6]),
    ("mio", &[6]),
    ("mn", &[6]),
    ("billion", &[9]),
    ("miliar", &[9]),
    ("milyar", &[9]),
    ("bn", &[9]),
    ("b", &[9]),
    ("trillion", &[12]),
    ("triliun", &[12]),
    ("trilyun", &[12]),
    ("t", &[12]),
    // A million in English, a "miliar" in Indonesian.
    ("m", &[6, 9]),
];

/// Letters before a number that are a currency and no part of a name.
pub(super) const CURRENCIES: &[&str] = &["rp", "idr", "usd", "us", "eur", "sgd", "myr", "gbp"];

/// Words after which a number is rounded.
pub(super) const ABOUT: &[&str] = &[
    "about",
    "around",
    "roughly",
    "approximately",
    "nearly",
    "almost",
    "over",
    "under",
    "sekitar",
    "kira",
    "kira-kira",
    "hampir",
    "≈",
    "~",
    "±",
];

/// The same, of two words.
pub(super) const ABOUT_IN_TWO: &[(&str, &str)] = &[
    ("more", "than"),
    ("less", "than"),
    ("fewer", "than"),
    ("lebih", "dari"),
    ("kurang", "dari"),
    ("kurang", "lebih"),
    ("di", "atas"),
    ("di", "bawah"),
];

/// Words before a number that is a place in an order.
pub(super) const PLACES: &[&str] = &[
    "ke",
    "no",
    "nomor",
    "number",
    "rank",
    "ranked",
    "ranking",
    "peringkat",
    "urutan",
    "posisi",
    "position",
    "top",
    "teratas",
    "#",
];

/// Words before a year that hardly stand before a number of something. After "of" or "dari", a year has to be
/// known, as every number has: from the question, a query or the rows.
pub(super) const BEFORE_YEARS: &[&str] = &[
    "in", "on", "year", "years", "since", "until", "till", "through", "during", "before", "after",
    "pada", "tahun", "sejak", "hingga", "sampai", "selama", "sebelum", "sesudah", "setelah",
    "kuartal", "quarter",
];

/// The beginnings of the names of months, in both languages.
const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "mei", "jun", "jul", "aug", "agu", "sep", "oct", "okt",
    "nov", "dec", "des",
];

/// Whether a word is the name of a month, or begins one.
pub(super) fn is_month(word: &str) -> bool {
    let word = word.trim_end_matches('.');
    let full = word.chars().count() <= 9;
    full && MONTHS.iter().any(|month| {
        word == *month || (word.len() > 3 && word.starts_with(month) && is_whole_month(word))
    })
}

fn is_whole_month(word: &str) -> bool {
    matches!(
        word,
        "january"
            | "januari"
            | "february"
            | "februari"
            | "pebruari"
            | "march"
            | "maret"
            | "april"
            | "june"
            | "juni"
            | "july"
            | "juli"
            | "august"
            | "agustus"
            | "sept"
            | "september"
            | "october"
            | "oktober"
            | "november"
            | "december"
            | "desember"
    )
}

/// The names of the months, in both languages.
const MONTH_NAMES: [[&str; 2]; 12] = [
    ["january", "januari"],
    ["february", "februari"],
    ["march", "maret"],
    ["april", "april"],
    ["may", "mei"],
    ["june", "juni"],
    ["july", "juli"],
    ["august", "agustus"],
    ["september", "september"],
    ["october", "oktober"],
    ["november", "november"],
    ["december", "desember"],
];

/// The names of the month of a date that begins like `2024-03`; none of another text.
pub(super) fn months_of(text: &str) -> Vec<String> {
    let mut parts = text.split('-');
    let is_year = |part: &str| part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    let month = match (parts.next(), parts.next()) {
        (Some(year), Some(month)) if is_year(year) => month.get(..2),
        _ => None,
    };
    let month: Option<usize> = month.and_then(|month| month.parse().ok());
    let names = month.and_then(|month| MONTH_NAMES.get(month.checked_sub(1)?));
    names
        .into_iter()
        .flatten()
        .map(|&name| name.to_owned())
        .collect()
}
