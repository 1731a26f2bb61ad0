//! The phrases that compare a quality, in both languages, and superlatives of rarer qualities.

use super::phrases::superlative;
use super::{Comparison, Cue, Degree};

const fn more(degree: Degree) -> Cue {
    Cue::CompareBy(Comparison::Greater, degree)
}

const fn less(degree: Degree) -> Cue {
    Cue::CompareBy(Comparison::Less, degree)
}

/// The cues with their phrases.
pub(super) const COMPARATIVES: &[(Cue, &str)] = &[
    (
        more(Degree::Age),
        "older than|lebih tua dari|lebih tua daripada",
    ),
    (
        less(Degree::Age),
        "younger than|newer than|more recent than|lebih muda dari|lebih muda daripada|lebih baru dari|lebih baru daripada",
    ),
    (
        more(Degree::Size),
        "larger than|bigger than|lebih besar dari|lebih besar daripada",
    ),
    (
        less(Degree::Size),
        "smaller than|lebih kecil dari|lebih kecil daripada",
    ),
    (
        more(Degree::Quality("price")),
        "more expensive than|costlier than|pricier than|dearer than|lebih mahal dari|lebih mahal daripada|cost more than|costs more than|costing more than",
    ),
    (
        less(Degree::Quality("price")),
        "cheaper than|less expensive than|lebih murah dari|lebih murah daripada|cost less than|costs less than|costing less than",
    ),
    (
        more(Degree::Quality("length")),
        "longer than|lebih panjang dari|lebih panjang daripada",
    ),
    (
        less(Degree::Quality("length")),
        "shorter than|lebih pendek dari|lebih pendek daripada|lebih singkat dari",
    ),
    (
        more(Degree::Quality("height")),
        "taller than|higher up than|lebih tinggi letaknya dari",
    ),
    (
        more(Degree::Quality("weight")),
        "heavier than|lebih berat dari|lebih berat daripada",
    ),
    (
        less(Degree::Quality("weight")),
        "lighter than|lebih ringan dari|lebih ringan daripada",
    ),
    (
        more(Degree::Quality("area size")),
        "lebih luas dari|lebih luas daripada",
    ),
    (
        less(Degree::Quality("area size")),
        "lebih sempit dari|lebih sempit daripada",
    ),
    (
        more(Degree::Quality("speed")),
        "faster than|lebih cepat dari|lebih cepat daripada",
    ),
    (
        less(Degree::Quality("speed")),
        "slower than|lebih lambat dari|lebih lambat daripada",
    ),
    (
        more(Degree::Quality("depth")),
        "deeper than|lebih dalam dari|lebih dalam daripada",
    ),
    (
        less(Degree::Quality("depth")),
        "shallower than|lebih dangkal dari|lebih dangkal daripada",
    ),
    (
        more(Degree::Quality("salary")),
        "better paid than|paid more than|earn more than|earns more than|earning more than",
    ),
    (
        less(Degree::Quality("salary")),
        "paid less than|earn less than|earns less than|earning less than",
    ),
    (
        more(Degree::Quality("weight")),
        "weigh more than|weighs more than|weighing more than|weigh over|weighs over|weighing over",
    ),
    (
        less(Degree::Quality("weight")),
        "weigh less than|weighs less than|weighing less than|weigh under|weighs under|weighing under",
    ),
    (
        more(Degree::Quality("price")),
        "cost over|costs over|costing over|priced above|priced over|priced at more than|sell for more than|sells for more than|\
        selling for more than",
    ),
    (
        less(Degree::Quality("price")),
        "cost under|costs under|costing under|priced below|priced under|priced at less than|sell for less than|sells for less than|\
        selling for less than",
    ),
    (
        more(Degree::Quality("length")),
        "last more than|lasts more than|lasted more than|lasting more than|last longer than|lasts longer than|lasted longer than|\
        lasting longer than|took longer than|take longer than|takes longer than|took more than|takes more than",
    ),
    (
        less(Degree::Quality("length")),
        "last less than|lasts less than|lasted less than|lasting less than|took less than|takes less than|lasted under|took under",
    ),
    (
        more(Degree::Quality("salary")),
        "earn over|earns over|earning over|earn above|earns above|earning above",
    ),
    (
        less(Degree::Quality("salary")),
        "earn under|earns under|earning under|earn below|earns below|earning below",
    ),
    (
        superlative(true, Degree::Quality("power"), false),
        "most powerful|strongest",
    ),
    (
        superlative(false, Degree::Quality("power"), false),
        "least powerful|weakest",
    ),
    (
        superlative(true, Degree::Quality("power"), true),
        "terkuat|paling kuat|paling bertenaga",
    ),
    (
        superlative(true, Degree::Quality("depth"), false),
        "deepest",
    ),
    (
        superlative(false, Degree::Quality("depth"), false),
        "shallowest",
    ),
    (
        superlative(true, Degree::Quality("depth"), true),
        "terdalam|paling dalam",
    ),
    (
        superlative(false, Degree::Quality("depth"), true),
        "terdangkal|paling dangkal",
    ),
    (
        superlative(true, Degree::Quality("temperature"), false),
        "hottest|warmest",
    ),
    (
        superlative(false, Degree::Quality("temperature"), false),
        "coldest|coolest",
    ),
    (
        superlative(true, Degree::Quality("temperature"), true),
        "terpanas|paling panas",
    ),
    (
        superlative(false, Degree::Quality("temperature"), true),
        "terdingin|paling dingin",
    ),
    (
        superlative(true, Degree::Quality("salary"), false),
        "best paid|highest paid|highest earning|best earning",
    ),
    (
        superlative(false, Degree::Quality("salary"), false),
        "lowest paid|worst paid",
    ),
    (
        superlative(false, Degree::Quality("speed"), false),
        "slowest",
    ),
    (
        superlative(false, Degree::Quality("speed"), true),
        "terlambat|paling lambat",
    ),
    (
        superlative(false, Degree::Quality("area size"), true),
        "paling sempit",
    ),
    (
        superlative(false, Degree::Quality("population"), false),
        "least populous|least populated",
    ),
    (
        superlative(true, Degree::Quality("service"), false),
        "longest serving|longest standing|most senior|longest employed",
    ),
    (
        superlative(true, Degree::Quality("service"), true),
        "paling lama bergabung|paling lama bekerja|paling lama mengabdi|paling senior|terlama bekerja",
    ),
    (
        superlative(true, Degree::Size, false),
        "largest sized|greatest amount of|highest number",
    ),
    (
        Cue::HowQuality(Degree::Quality("length")),
        "how long|seberapa panjang|seberapa lama|berapa lama",
    ),
    (
        Cue::HowQuality(Degree::Quality("height")),
        "how tall|how high|seberapa tinggi",
    ),
    (
        Cue::HowQuality(Degree::Quality("weight")),
        "how heavy|seberapa berat",
    ),
    (
        Cue::HowQuality(Degree::Quality("depth")),
        "how deep|seberapa dalam",
    ),
    (
        Cue::HowQuality(Degree::Quality("speed")),
        "how fast|seberapa cepat",
    ),
    (
        Cue::HowQuality(Degree::Quality("power")),
        "how powerful|seberapa kuat",
    ),
    (
        Cue::HowQuality(Degree::Quality("area size")),
        "seberapa luas",
    ),
    (
        Cue::HowQuality(Degree::Size),
        "how big|how large|seberapa besar",
    ),
    (
        Cue::HowQuality(Degree::Quality("price")),
        "how expensive|how costly|seberapa mahal",
    ),
    (
        Cue::Times(20),
        "twice|double|two times|dua kali|dua kali lipat|dua kali dari",
    ),
    (
        Cue::Times(30),
        "three times|triple|thrice|tiga kali|tiga kali lipat",
    ),
    (
        Cue::Times(15),
        "one and a half times|satu setengah kali|satu setengah kali lipat",
    ),
    (
        Cue::Times(5),
        "half the|half of the|half their|half its|setengah dari|separuh dari|separuh",
    ),
    (
        Cue::Nobody,
        "nobody|no one|no body|no person|tidak ada orang yang|tidak ada yang|tidak seorang pun|tak seorang pun|tidak ada satu pun orang",
    ),
    (Cue::Fold, "times|kali|kali lipat|fold"),
    (
        Cue::From,
        "dari yang|mulai dari yang|dimulai dari yang|urut dari yang|urut dari|urut mulai dari yang|urutkan dari yang|diurutkan dari yang|\
        urutkan mulai dari yang|diurutkan mulai dari yang|starting with the|beginning with the|starting from the|starting with|beginning with",
    ),
];
