//! Tests of what an answer may say.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn asked(columns: &[&str], rows: &[Vec<Value>]) -> Sources {
    let data: Vec<Value> = rows
        .iter()
        .map(|row| {
            let cells = columns.iter().map(|name| (*name).to_owned());
            Value::Object(cells.zip(row.iter().cloned()).collect())
        })
        .collect();
    let content = json!({"success": true, "row_count": rows.len(), "columns": columns,
        "data": data, "truncated": false});
    let mut sources = Sources::new("Which 5 provinces had the most capital in 2023?", "");
    sources.add_result("sql_query", &content.to_string());
    sources
}

fn provinces() -> Sources {
    asked(
        &["provinsi", "modal", "koperasi"],
        &[
            vec![json!("Jawa Barat"), json!("512500000.25"), json!(40)],
            vec![json!("Bali"), json!("498000000"), json!(25)],
            vec![json!("Aceh"), json!("100000000"), json!(10)],
        ],
    )
}

#[test]
fn what_the_rows_say_may_be_said_in_either_language() {
    let sources = provinces();
    for answer in [
        "Jawa Barat leads with Rp 512.500.000,25, then Bali with 498,000,000.",
        "Jawa Barat: 512,5 juta; Bali: 498 juta; Aceh: Rp100 juta.",
        "There are 3 provinces, with 75 cooperatives in total and 25 on average.",
        "Jawa Barat has 15 more than Bali, that is 60% more, and 4 times as many as Aceh.",
        "Jawa Barat has 53,3 persen of all cooperatives.",
        "Together the first two have 65.",
        "About 500 million in Bali; more than 500 million in Jawa Barat.",
        "1. Jawa Barat (40)\n2. Bali (25)\n3. Aceh (10)",
        "| No | Provinsi | n |\n| --- | --- | --- |\n| 1 | Jawa Barat | 40 |\n| 2 | Bali | 25 |",
        "The top 5 of 2023, measured on 31 December 2023.",
        "Selisih tertinggi dan terendah: Rp 412.500.000,25.",
        "I ran this:\n```sql\nSELECT 4711\n```\nIt gave 3 rows.",
    ] {
        assert_eq!(sources.unverified(answer), Vec::<String>::new(), "{answer}");
    }
}

#[test]
fn what_comes_from_nowhere_is_named_as_it_is_written() {
    let sources = provinces();
    for (answer, expected) in [
        ("Jawa Barat has 41 cooperatives.", vec!["41"]),
        ("Rp 633,5 juta", vec!["633,5 juta"]),
        ("It grew by 12.7%.", vec!["12.7%"]),
        ("In all 1.234 and again 1.234, not 75.", vec!["1.234"]),
        ("There are 2015 cooperatives.", vec!["2015"]),
        ("```\n4711\n```", vec!["4711"]),
    ] {
        assert_eq!(sources.unverified(answer), expected, "{answer}");
    }
    let nothing = Sources::new("How many customers?", "");
    assert_eq!(nothing.unverified("There are 500."), ["500"]);
    assert_eq!(nothing.unverified("Hello!"), Vec::<String>::new());
}

/// Twelve provinces, in order.
fn twelve() -> Sources {
    let capitals = [912, 857, 733, 641, 598, 487, 402, 371, 266, 193, 128, 47];
    let names = [
        "Jawa Barat",
        "Jawa Timur",
        "Bali",
        "Aceh",
        "Riau",
        "Jambi",
        "Lampung",
        "Banten",
        "Papua",
        "Maluku",
        "Gorontalo",
        "Bengkulu",
    ];
    let rows = names.iter().zip(capitals).zip(1..);
    let rows: Vec<Vec<Value>> = rows
        .map(|((name, capital), month)| {
            vec![
                json!(name),
                json!(capital),
                json!(format!("2024-{month:02}-01")),
            ]
        })
        .collect();
    asked(&["provinsi", "modal", "bulan"], &rows)
}

#[test]
fn a_percentage_needs_the_two_that_are_compared() {
    let sources = twelve();
    for answer in [
        "Bali has 733, that is 14% less than Jawa Timur.",
        "Aceh has 641. Riau has 7% less.",
        "Papua is at 266, only 36% of 733.",
        "Compared with Bali:\n- Aceh: 13% less\n- Riau: 18% less\n- Jambi: 34% less",
        "From March to June it fell by 34%.",
        "Jawa Barat alone has 16% of the total, the first three together 44%.",
        "The last is 95% below the first.",
        "Banten has 8 times as much as Bengkulu.",
    ] {
        assert_eq!(sources.unverified(answer), Vec::<String>::new(), "{answer}");
    }
    for (answer, number) in [
        ("It fell by 34% somewhere.", "34%"),
        ("Bali has 62% more than Aceh.", "62%"),
        ("On the whole, growth was 23%.", "23%"),
    ] {
        assert_eq!(sources.unverified(answer), [number], "{answer}");
    }
}

#[test]
fn few_percentages_are_explained_by_chance() {
    let sources = twelve();
    let found = (1..100).filter(|percent| {
        let answer = format!("It changed by {percent}%.");
        !sources.unverified(&answer).is_empty()
    });
    let found = found.count();
    assert!(found >= 75, "only {found} of 99 are found");
}

#[test]
fn a_number_that_looks_like_a_year_or_a_name_is_looked_for_too() {
    let sources = provinces();
    for (answer, number) in [
        ("A total of 2050 cooperatives.", "2050"),
        ("It grew from 40 to 1950.", "1950"),
        ("Totalnya 75 dan 2040 anggota.", "2040"),
        ("Jawa Barat (2040)", "2040"),
        ("There are __17__ of them.", "17"),
        ("There are _17_ of them.", "17"),
        ("Of these, 12 may be closed.", "12"),
        ("Rugi Rp-700 juta.", "700 juta"),
    ] {
        assert_eq!(sources.unverified(answer), [number], "{answer}");
    }
    for answer in [
        "of 2023, from 2023, untuk 2023 (2023)",
        "Since 2019, in 2020 and 2021.",
        "On 12 May, pada tanggal 12.",
        "Blok_12, run-4 and col_7 are names; the 3-month plan too, yang ke-2.",
    ] {
        assert_eq!(sources.unverified(answer), Vec::<String>::new(), "{answer}");
    }
}

#[test]
fn numbers_in_words_are_looked_for_too() {
    let sources = provinces();
    for answer in [
        "Forty cooperatives in Jawa Barat, twenty-five in Bali, ten in Aceh.",
        "Jawa Barat punya empat puluh koperasi, sekitar lima ratus juta di Bali.",
        "One hundred percent of the three; seratus persen.",
    ] {
        assert_eq!(sources.unverified(answer), Vec::<String>::new(), "{answer}");
    }
    assert_eq!(
        sources.unverified("Bali has seventeen, Aceh dua belas ribu."),
        ["seventeen", "dua belas ribu"]
    );
}

#[test]
fn the_days_and_minutes_of_rows_are_no_numbers_of_anything() {
    let sources = asked(
        &["id", "dibuat"],
        &[
            vec![json!(1), json!("2024-03-15T10:23:45Z")],
            vec![json!(2), json!("2024-04-28")],
        ],
    );
    assert_eq!(
        sources.unverified("23 orders, 28 of them late, from 2024."),
        ["23", "28"]
    );
    assert_eq!(
        sources.unverified("The first was on 15 March 2024 at 10:23, the last on 28/04/2024."),
        Vec::<String>::new()
    );
    let names = asked(&["nama"], &[vec![json!("2024-03-15-x 77")]]);
    assert_eq!(names.unverified("Room 77."), Vec::<String>::new());
}

#[test]
fn a_part_of_the_rows_has_no_total() {
    let mut sources = Sources::default();
    let content = json!({"success": true, "row_count": 300, "columns": ["n"], "truncated": true,
        "data": [{"n": 1000}, {"n": 2000}], "column_stats": [{"column": "n", "sum": "77000"}]});
    sources.add_result("sql_query", &content.to_string());
    assert_eq!(
        sources.unverified("In all 77,000 in 300 rows"),
        Vec::<String>::new()
    );
    assert_eq!(sources.unverified("On average 1,500."), ["1,500"]);
}

#[test]
fn what_the_model_wrote_itself_is_no_source() {
    let mut sources = Sources::default();
    sources.add_result("recall", r#"{"memories": [{"value": "sales were 4711"}]}"#);
    sources.add_result("sql_query", r#"{"success": false, "error": "4711"}"#);
    sources.add_result("search_values", r#"{"found": [{"values": ["Blok 12"]}]}"#);
    assert_eq!(sources.unverified("4711 in Blok 12"), ["4711"]);
}

/// A number with so many decimals, as it is written in one of the languages.
fn told(value: Decimal, decimals: u32, indonesian: bool) -> String {
    let text = format!("{:.*}", decimals as usize, value.round_dp(decimals));
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let (group, point) = if indonesian { ('.', ',') } else { (',', '.') };
    let mut told = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            told.push(group);
        }
        told.push(digit);
    }
    if !fraction.is_empty() {
        told.push(point);
        told.push_str(fraction);
    }
    told
}

proptest! {
    #[test]
    fn any_value_may_be_said_rounded_and_in_either_format(
        units in proptest::collection::vec(0_i64..10_000_000_000, 1..8),
        place in 0_usize..8,
        decimals in 0_u32..3,
        indonesian in any::<bool>(),
    ) {
        let values: Vec<Decimal> = units.iter().map(|unit| Decimal::new(*unit, 2)).collect();
        let rows: Vec<Vec<Value>> = values.iter().map(|value| vec![json!(value.to_string())]).collect();
        let sources = asked(&["n"], &rows);
        let value = values.get(place % values.len()).copied().unwrap();
        let sum: Decimal = values.iter().sum();
        for number in [value, sum, sum / Decimal::from(values.len() as u64)] {
            let answer = format!("It is {}.", told(number, decimals, indonesian));
            prop_assert_eq!(sources.unverified(&answer), Vec::<String>::new(), "{}", answer);
        }
        let millions = sum / Decimal::from(1_000_000);
        let word = if indonesian { "juta" } else { "million" };
        let answer = format!("{} {word}", told(millions, 1, indonesian));
        prop_assert_eq!(sources.unverified(&answer), Vec::<String>::new(), "{}", answer);
    }

    #[test]
    fn a_number_that_is_far_from_all_is_found(
        value in 1_000_i64..1_000_000,
        factor in 3_i64..9,
    ) {
        let sources = asked(&["n"], &[vec![json!(value)]]);
        let invented = value * factor + 4_999;
        let answer = format!("It is {}.", told(invented.into(), 0, false));
        prop_assert_eq!(sources.unverified(&answer).len(), 1, "{}", answer);
    }

    #[test]
    fn any_answer_and_any_result_are_read(answer in ".{0,200}", content in ".{0,100}") {
        let mut sources = Sources::new(&content, &answer);
        sources.add_result("sql_query", &content);
        prop_assert_eq!(sources.unverified(&answer), Vec::<String>::new());
    }
}
