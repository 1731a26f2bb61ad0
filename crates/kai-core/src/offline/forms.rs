//! Tests of the forms of question that this model reads, in both languages, on an invented zoo.

use super::fixtures::zoo;
use super::schema::Schema;
use super::understand::understand;
use crate::database::Dialect;
use crate::language::Language;

fn sql(question: &str, language: Language) -> String {
    let schema = Schema::new(Dialect::Sqlite, &zoo());
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
        let sql = sql(question, language);
        for part in parts {
            assert!(sql.contains(part), "{question}\n{sql}\nlacks {part}");
        }
    }
}

#[test]
fn the_largest_are_all_that_share_the_place() {
    both(
        "Which animal is the heaviest?",
        "Hewan mana yang paling berat?",
        &["WHERE animal.weight_kg = (SELECT MAX(animal.weight_kg) AS n FROM animal)"],
    );
    both(
        "Which enclosure has the most animals?",
        "Enclosure mana yang hewannya paling banyak?",
        &["HAVING COUNT(*) = (SELECT COUNT(*) AS n", "LIMIT 1)"],
    );
    both(
        "top 2 most expensive animals",
        "2 hewan termahal",
        &["ORDER BY animal.price DESC", "LIMIT 2"],
    );
}

#[test]
fn an_order_is_told_by_what_comes_first() {
    both(
        "List the animals with their weight, heaviest first",
        "Daftar hewan beserta beratnya, dari yang paling berat",
        &[
            "animal.weight_kg",
            "ORDER BY animal.weight_kg DESC",
            "LIMIT 100",
        ],
    );
    both(
        "animals from oldest to youngest",
        "Daftar hewan dari yang tertua",
        &["ORDER BY animal.born,"],
    );
}

#[test]
fn figures_are_compared_with_the_mean() {
    both(
        "Which animals are heavier than average?",
        "Hewan mana yang beratnya di atas rata-rata?",
        &["animal.weight_kg > (SELECT AVG(animal.weight_kg) AS n FROM animal)"],
    );
    both(
        "How many animals are heavier than the average Tiger?",
        "Berapa hewan yang lebih berat dari rata-rata Tiger?",
        &[
            "COUNT(*)",
            "> (SELECT AVG(animal.weight_kg) AS n FROM animal WHERE animal.species = 'Tiger')",
        ],
    );
    let sql = sql(
        "How many animals are heavier than the average Tiger?",
        Language::English,
    );
    assert_eq!(sql.matches("Tiger").count(), 1, "{sql}");
}

#[test]
fn figures_are_compared_with_other_rows_and_columns() {
    both(
        "Which animals are older than Bima?",
        "Hewan mana yang lebih tua daripada Bima?",
        &["animal.born < (SELECT MAX(animal.born) AS n FROM animal WHERE animal.name = 'Bima')"],
    );
    both(
        "animals whose price is more than twice their insured value",
        "Hewan yang harganya lebih dari dua kali insured value",
        &["animal.price > 2 * animal.insured_value"],
    );
}

#[test]
fn what_never_happened_is_looked_up() {
    both(
        "Which animals were never fed Fish?",
        "Hewan mana yang tidak pernah diberi Fish?",
        &["animal.id NOT IN (SELECT feeding.animal_id FROM feeding WHERE feeding.food = 'Fish'"],
    );
    both(
        "How many keepers have no feedings?",
        "Berapa keeper yang tidak punya feeding?",
        &["keeper.id NOT IN (SELECT feeding.keeper_id FROM feeding"],
    );
}

#[test]
fn both_of_two_values_are_two_rows() {
    both(
        "Which animals have had both Hay and Fish?",
        "Hewan yang pernah mendapat Hay dan juga Fish",
        &["feeding.food = 'Hay')", "feeding.food = 'Fish')"],
    );
}

#[test]
fn periods_bound_dates() {
    both(
        "How many feedings were there in the second quarter of 2025?",
        "Berapa feeding pada kuartal kedua 2025?",
        &[
            "feeding.fed_on >= '2025-04-01'",
            "feeding.fed_on < '2025-07-01'",
        ],
    );
    both(
        "number of feedings between March and May 2025",
        "Jumlah feeding antara Maret dan Mei 2025",
        &[
            "feeding.fed_on >= '2025-03-01'",
            "feeding.fed_on < '2025-06-01'",
        ],
    );
    both(
        "feedings since the beginning of 2025",
        "feeding sejak awal 2025",
        &["feeding.fed_on >= '2025-01-01'"],
    );
}

#[test]
fn both_ends_of_a_column_are_two_figures() {
    both(
        "What are the highest and lowest wage?",
        "Berapa wage tertinggi dan terendah?",
        &["MAX(keeper.wage)", "MIN(keeper.wage)"],
    );
}

#[test]
fn a_name_of_two_columns_is_shown_whole() {
    both(
        "first and last names of keepers hired since 2020",
        "Nama depan dan belakang keeper yang hired sejak 2020",
        &[
            "SELECT keeper.first_name, keeper.last_name FROM keeper WHERE keeper.hired_on >= '2020-01-01'",
        ],
    );
}

#[test]
fn a_number_behind_a_thing_is_its_key() {
    both(
        "Which animals live in enclosure number 3?",
        "Hewan apa saja di enclosure nomor 3?",
        &["enclosure.id = 3"],
    );
}

#[test]
fn what_stands_in_parentheses_names_what_is_before() {
    assert!(
        sql("Total bobot badan (weight kg) hewan", Language::Indonesian)
            .contains("SUM(animal.weight_kg)")
    );
}

#[test]
fn a_condition_is_no_answer() {
    for question in ["Will Bima be a hit?", "What does Bima think of us?"] {
        let sql = sql(question, Language::English);
        assert!(!sql.contains("SELECT"), "{question}: {sql}");
    }
}

#[test]
fn the_first_of_each_is_looked_up_within_its_group() {
    both(
        "Which animal is the heaviest in each enclosure?",
        "Di setiap enclosure, hewan mana yang paling berat?",
        &[
            "(enclosure.id, animal.weight_kg) IN (SELECT enclosure.id AS k0, MAX(animal.weight_kg) AS n",
            "GROUP BY enclosure.id)",
        ],
    );
    both(
        "the most expensive animal of every species",
        "hewan termahal di setiap species",
        &["(animal.species, animal.price) IN (SELECT animal.species AS k0, MAX(animal.price) AS n"],
    );
    both(
        "In each enclosure, which animal has the most feedings?",
        "Di tiap enclosure, hewan mana yang feedingnya paling banyak?",
        &["HAVING (enclosure.id, COUNT(*)) IN (SELECT k0, MAX(n) AS n"],
    );
}

#[test]
fn of_two_that_are_compared_both_are_counted() {
    both(
        "Do we have more Tiger or more Otter animals?",
        "Lebih banyak hewan Tiger atau Otter?",
        &[
            "SELECT animal.species, COUNT(*)",
            "animal.species IN ('Tiger', 'Otter') GROUP BY animal.species",
        ],
    );
    both(
        "Were there more feedings in 2023 or in 2024?",
        "Lebih banyak feeding pada 2023 atau 2024?",
        &[
            "COUNT(*)",
            "feeding.fed_on >= '2023-01-01'",
            "feeding.fed_on < '2025-01-01'",
            "GROUP BY CAST(strftime('%Y', feeding.fed_on) AS INTEGER)",
        ],
    );
}

#[test]
fn a_figure_may_end_the_question() {
    both(
        "animals born in 2020: how many?",
        "Hewan yang lahir tahun 2020 ada berapa?",
        &["SELECT COUNT(*)", "animal.born >= '2020-01-01'"],
    );
}

#[test]
fn what_nobody_did_is_missing() {
    let sql = sql("Which animals has nobody fed?", Language::English);
    assert!(
        sql.contains("animal.id NOT IN (SELECT feeding.animal_id FROM feeding"),
        "{sql}"
    );
}

#[test]
fn what_was_done_in_one_year_and_not_in_another_are_two_look_ups() {
    both(
        "How many animals had feedings in 2023 but not in 2024?",
        "Berapa hewan punya feeding pada 2023 tetapi tidak pada 2024?",
        &[
            "animal.id IN (SELECT feeding.animal_id FROM feeding WHERE feeding.fed_on >= '2023-01-01'",
            "animal.id NOT IN (SELECT feeding.animal_id FROM feeding WHERE feeding.fed_on >= '2024-01-01'",
        ],
    );
}

#[test]
fn numbers_are_turned_into_the_columns_unit() {
    both(
        "Which animals weigh more than 2 tons?",
        "Hewan yang beratnya lebih dari 2 ton",
        &["animal.weight_kg > 2000"],
    );
}

#[test]
fn two_columns_of_a_row_are_worked_out() {
    both(
        "What is the average difference between price and insured value of the animals?",
        "Berapa rata-rata selisih antara price dan insured value hewan?",
        &["AVG((animal.price - animal.insured_value))"],
    );
    both(
        "total of weight multiplied by price of all animals",
        "total weight dikali price semua hewan",
        &["SUM((animal.weight_kg * animal.price))"],
    );
    both(
        "What is the difference between the highest and the lowest wage?",
        "Berapa selisih wage tertinggi dan terendah?",
        &["MAX(keeper.wage) - MIN(keeper.wage)"],
    );
}

#[test]
fn an_order_says_where_it_begins() {
    both(
        "List the enclosures starting with the latest built",
        "Daftar enclosure mulai dari yang paling baru dibangun",
        &["ORDER BY enclosure.built_year DESC"],
    );
}

#[test]
fn a_share_may_be_of_those_that_have_something() {
    both(
        "What percentage of the animals have feedings?",
        "Berapa persen hewan yang punya feeding?",
        &["100.0 * COUNT(CASE WHEN animal.id IN (SELECT feeding.animal_id FROM feeding"],
    );
}

#[test]
fn wishes_are_no_questions() {
    for question in ["Cancel the feedings of Bima", "Please send Bima a keeper"] {
        let sql = sql(question, Language::English);
        assert!(!sql.contains("SELECT"), "{question}: {sql}");
    }
}
