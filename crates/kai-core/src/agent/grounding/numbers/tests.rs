//! Tests of how numbers are read.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]
use super::*;

fn values(text: &str) -> Vec<Vec<String>> {
    written(text)
        .iter()
        .filter(|number| number.part == Part::Figure)
        .map(|number| {
            let values = number.readings.iter();
            values
                .map(|reading| reading.value.normalize().to_string())
                .collect()
        })
        .collect()
}

#[test]
fn numbers_are_read_in_both_languages() {
    for (text, expected) in [
        ("1.000,5 rupiah", vec![vec!["1000.5"]]),
        ("1,000.5 rupiah", vec![vec!["1000.5"]]),
        ("Rp1.234.567", vec![vec!["1234567"]]),
        ("Rp 512,5 juta", vec![vec!["512500000"]]),
        ("2.3 million", vec![vec!["2300000"]]),
        ("1.000", vec![vec!["1000", "1"]]),
        ("about 0.125", vec![vec!["0.125"]]),
        ("12 dan 13", vec![vec!["12"], vec!["13"]]),
        ("3k orders", vec![vec!["3000", "3"]]),
        ("12 345 678", vec![vec!["12"], vec!["345"], vec!["678"]]),
        ("12\u{a0}345", vec![vec!["12345"]]),
        ("Q3 of A12 and col_7, run-4", vec![]),
        ("-12 or 3-4", vec![vec!["12"], vec!["3"], vec!["4"]]),
    ] {
        assert_eq!(values(text), expected, "{text}");
    }
}

#[test]
fn dates_years_and_places_are_no_figures() {
    for text in [
        "on 2024-03-15 at 10:30",
        "15/03/2024",
        "in 2023",
        "pada tahun 2021, 2022 dan 2023",
        "2020–2023",
        "15 March 2024",
        "31 Desember 2024",
        "1. First\n2) Second\n- 3. Third",
        "the 2nd and the 3rd",
        "peringkat ke-3",
        "| 1 | Bali |",
    ] {
        assert_eq!(values(text), Vec::<Vec<String>>::new(), "{text}");
    }
    assert_eq!(values("There are 2000 members"), [["2000"]]);
}

#[test]
fn shares_factors_and_rounding_are_seen() {
    let one = |text: &str| written(text).pop().unwrap();
    assert!(one("45 %").is_share && one("45 persen").is_share && one("45 per cent").is_share);
    assert!(one("2,5 kali lipat").is_factor && one("3x").is_factor);
    assert!(one("sekitar 500 juta").is_rounded && one("more than 500").is_rounded);
    assert!(one("~500").is_rounded && !one("exactly 500").is_rounded);
    let rounded = one("about 512.500.000");
    let unit = rounded.readings.first().unwrap().rough_unit();
    assert_eq!(unit, Decimal::from(100_000));
}

proptest::proptest! {
    #[test]
    fn any_text_is_read(text in ".{0,200}") {
        let _ = written(&text);
    }

    #[test]
    fn any_digits_and_separators_are_read(text in "[0-9.,:/ %mk|\\n#-]{0,60}") {
        for number in written(&text) {
            assert!(text.contains(&number.text));
        }
    }
}
