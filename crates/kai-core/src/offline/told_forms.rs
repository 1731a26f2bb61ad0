//! Tests of what is told by how it is said, in both languages, on an invented inn: how often, by which
//! part, in which month, and what is the thing's own.

use super::fixtures::inn;
use super::schema::Schema;
use super::understand::understand;
use crate::database::Dialect;
use crate::language::Language;

fn sql_in(question: &str, language: Language, dialect: Dialect) -> String {
    let schema = Schema::new(dialect, &inn());
    let understanding = understand(question, &schema, language);
    match understanding.readings.first() {
        Some(reading) => reading.sql.clone(),
        None => format!("{:?}", understanding.obstacle),
    }
}

/// Both questions, in English and in Indonesian, give queries with these parts.
fn both(english: &str, indonesian: &str, parts: &[&str]) {
    for (question, language) in [
        (english, Language::English),
        (indonesian, Language::Indonesian),
    ] {
        let sql = sql_in(question, language, Dialect::Sqlite);
        for part in parts {
            assert!(sql.contains(part), "{question}\n{sql}\nlacks {part}");
        }
    }
}

#[test]
fn how_often_counts_the_rows_that_tell_it() {
    both(
        "How often was SPRING applied?",
        "SPRING sudah dipakai berapa kali?",
        &["SELECT COUNT(*)", "FROM booking", "voucher.name = 'SPRING'"],
    );
    // Two kinds of rows belong to a room: which of them happened, the question does not say.
    let sql = sql_in(
        "How often was the Attic blessed?",
        Language::English,
        Dialect::Sqlite,
    );
    assert!(!sql.contains("SELECT"), "{sql}");
}

#[test]
fn a_share_may_be_of_a_sum() {
    both(
        "each channel's percentage of the total amount",
        "persentase amount tiap channel",
        &[
            "100.0 * SUM(booking.amount) / (SELECT SUM(booking.amount)",
            "GROUP BY booking.channel",
        ],
    );
    both(
        "What percentage of the total amount came from the web channel?",
        "Berapa persen amount yang berasal dari channel web?",
        &[
            "100.0 * SUM(CASE WHEN booking.channel = 'web' THEN booking.amount END) / SUM(booking.amount)",
        ],
    );
}

#[test]
fn months_in_words_are_compared_as_they_are_written() {
    both(
        "total energy kwh in February 2024",
        "total energy kwh pada Februari 2024",
        &[
            "usage.period_month >= '2024-02'",
            "usage.period_month < '2024-03'",
        ],
    );
    for (dialect, year) in [
        (
            Dialect::Sqlite,
            "CAST(SUBSTR(usage.period_month, 1, 4) AS INTEGER)",
        ),
        (
            Dialect::Postgresql,
            "CAST(SUBSTR(usage.period_month, 1, 4) AS INTEGER)",
        ),
        (
            Dialect::Mysql,
            "CAST(SUBSTR(`usage`.period_month, 1, 4) AS SIGNED)",
        ),
    ] {
        let sql = sql_in("total energy kwh per year", Language::English, dialect);
        assert!(sql.contains(year), "{sql}");
    }
    let part = sql_in(
        "total energy kwh since 15 February 2024",
        Language::English,
        Dialect::Sqlite,
    );
    assert!(part.contains("PartOfYear"), "{part}");
}

#[test]
fn a_reference_may_be_told_missing_by_its_part() {
    both(
        "Which rooms have no caretaker?",
        "Kamar (room) mana yang tidak punya caretaker?",
        &["room.caretaker_id IS NULL"],
    );
    let shown = sql_in(
        "Show the caretaker of the Attic room",
        Language::English,
        Dialect::Sqlite,
    );
    assert!(!shown.contains("SELECT"), "{shown}");
}

#[test]
fn the_price_of_a_thing_is_its_own() {
    both(
        "What is the price of the Attic?",
        "Berapa price Attic?",
        &["room.price FROM room WHERE room.name = 'Attic'"],
    );
}

#[test]
fn how_much_is_no_number_of_things() {
    let sql = sql_in(
        "How much were the vouchers?",
        Language::English,
        Dialect::Sqlite,
    );
    assert!(!sql.contains("COUNT"), "{sql}");
}

#[test]
fn a_sum_is_not_compared_by_counting() {
    let sql = sql_in(
        "Any rooms whose bookings add up to more than one million in amount?",
        Language::English,
        Dialect::Sqlite,
    );
    assert!(!sql.contains("COUNT(*) >"), "{sql}");
}

#[test]
fn of_two_things_with_of_between_the_first_is_meant() {
    let sql = sql_in(
        "How many bookings of rooms are there by web?",
        Language::English,
        Dialect::Sqlite,
    );
    assert!(sql.contains("number_of_booking"), "{sql}");
}
