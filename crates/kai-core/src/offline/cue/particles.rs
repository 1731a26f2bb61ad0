//! Words that ask for nothing: how things stand now, politeness, and where the data is kept.

use super::{Cue, Operator};

/// Phrases of several words, and words that only tell when or how surely something holds.
pub(super) const PARTICLES: &[(Cue, &str)] = &[
    (
        Cue::Filler,
        "right now|at the moment|at present|at this moment|at this point|presently|nowadays|so far|thus far|to date|until now|up to now|\
        as of now|by now|sejauh ini|sampai sekarang|hingga sekarang|hingga kini|sampai kini|sampai saat ini|hingga saat ini|dewasa ini|\
        single|whole|entire|actually|really|simply|exist at all|in existence|to their name|to its name|to his name|to her name|of ours|\
        soal|perihal|seputar|cukup|kira-kira|gerangan|sejarah|sepanjang sejarah|sepanjang masa|of all time|in history|all time|ever recorded|\
        keduanya|kedua-duanya|angka keduanya|kedua angkanya|both totals|both counts|both numbers|both sums|the two sums|the two totals|the two numbers|\
        digabung|digabungkan|taken together|put together|taken as a whole|secara keseluruhan|sendiri|itself|themselves|kindly|be so kind|\
        i need|we need|need to know|see|we see|saya perlu|saya butuh|kami perlu|kami butuh|mohon info|mohon informasi|\
        euro|euros|cents|sen|dollars|pieces|kiranya|tadi|total of all",
    ),
    (
        Cue::Not,
        "nggak|enggak|gak|ndak|kagak|nggak pernah|enggak pernah|gak pernah|nggak ada yang",
    ),
    (
        Cue::Without,
        "nggak punya|enggak punya|gak punya|nggak ada|gak ada",
    ),
    (
        Cue::And,
        "padahal|meski|meskipun|walau|walaupun|although|even though|whereas|namun juga|lalu juga",
    ),
    (
        Cue::Show,
        "rekap|rekapitulasi|rangkum|rangkuman|summary of|summarise|summarize|overview of|id like|id like to see|id like to know|id like to have|\
        we d like to see|perlihatkan|paparkan|uraikan",
    ),
    (
        Cue::Distinct,
        "each once|once each|each only once|no duplicates|without duplicates|no repeats|without repeats|tanpa duplikat|tanpa pengulangan|\
        jangan berulang|jangan ada yang berulang|tidak berulang|satu kali saja",
    ),
    (
        Cue::That,
        "went through|go through|goes through|gone through|going through|came through|came in|come in|comes in|coming in|stays|stay|remains|remain|lies|sits at|stands at|amounts to|comes to|add up to|adds up to|adding up to|totalling|totaling",
    ),
    (
        Cue::More { greater: true },
        "more|lebih banyak|lebih banyak mana|mana yang lebih banyak|mana lebih banyak|lebih besar|lebih besar mana|lebih tinggi",
    ),
    (
        Cue::More { greater: false },
        "fewer|less|lebih sedikit|lebih sedikit mana|mana yang lebih sedikit|lebih kecil|lebih rendah",
    ),
    (
        Cue::Operator(Operator::Difference),
        "difference|difference between|difference in|differences between|gap|gap between|margin between|spread between|selisih|selisihnya|\
        selisih antara|beda antara|perbedaan antara|days between|number of days between|how many days between|how long between|\
        how many days from|number of days from|days from|time between|hari antara|berapa hari antara|berapa hari dari|\
        jumlah hari antara|jumlah hari dari|lama waktu antara|jarak waktu antara|jarak hari antara|selisih hari|selisih hari antara",
    ),
    (
        Cue::Operator(Operator::Times),
        "multiplied by|multiplied with|dikali|dikalikan|dikali dengan|dikalikan dengan",
    ),
    (
        Cue::Operator(Operator::Plus),
        "plus|added to|ditambah|ditambah dengan|ditambahkan dengan",
    ),
    (
        Cue::Operator(Operator::Minus),
        "minus|dikurangi|dikurangi dengan|dikurang",
    ),
    (
        Cue::Operator(Operator::Per),
        "divided by|dibagi|dibagi dengan",
    ),
    (
        Cue::At,
        "via|lewat|by way of|letaknya di|lokasinya di|terletak di kota|alamatnya di",
    ),
    (
        Cue::Top { descending: true },
        "dulu|dahulu|duluan|terlebih dahulu|lebih dulu|lebih dahulu",
    ),
];

/// The words before a place where data is kept, the place, and what may stand behind it.
const KEPT: &[(&[&str], &[&str], &[&str])] = &[
    (
        &[
            "in the", "in our", "in this", "in your", "from our", "on our", "in",
        ],
        &[
            "data",
            "dataset",
            "database",
            "system",
            "records",
            "catalogue",
            "catalog",
        ],
        &[""],
    ),
    (
        &["in our", "on our", "in your", "on your"],
        &[
            "books",
            "files",
            "list",
            "lists",
            "register",
            "archive",
            "portfolio",
            "range",
        ],
        &[""],
    ),
    (
        &["di", "dalam", "pada", "di dalam", "dari"],
        &[
            "data",
            "basis data",
            "database",
            "sistem",
            "katalog",
            "catatan",
            "arsip",
        ],
        &["", "kita", "kami", "ini", "anda"],
    ),
    (
        &["di", "dalam", "pada"],
        &["buku", "daftar", "berkas"],
        &["kita", "kami"],
    ),
];

/// The phrases that only say that the data is the data.
pub(super) fn kept() -> impl Iterator<Item = String> {
    KEPT.iter().flat_map(|(before, places, behind)| {
        before.iter().flat_map(move |first| {
            places.iter().flat_map(move |place| {
                behind
                    .iter()
                    .map(move |last| format!("{first} {place} {last}"))
            })
        })
    })
}
