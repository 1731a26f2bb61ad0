//! Understanding: the search for the query that explains a question's words best.

use super::apposition::wordings;
use super::bearing::{bears_its_verbs, echoes, ignores_each, is_verb};
use super::compose::{Plan, Refusal, compose};
use super::cue::Cue;
use super::doubt::{Case, Doubt};
use super::intent::Intent;
use super::link::{Content, Piece, pieces};
use super::print::sql;
use super::reader::read;
use super::rewording::reworded;
use super::schema::Schema;
use super::terms::{Choice, Term, choices};
use super::token::{Token, tokenise};
use super::wishes::is_order;
use super::{repeated, units};
use crate::language::Language;

/// A way to answer the question.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    /// What it asks for.
    pub(super) intent: Intent,
    /// The query.
    pub(super) plan: Plan,
    /// The query in the database's SQL.
    pub(super) sql: String,
    /// Which piece was taken for what.
    pub(super) terms: Vec<(usize, Term)>,
    /// What tells that it was not meant.
    pub(super) doubts: Vec<Doubt>,
}

/// Why there is no query.
#[derive(Debug, Clone)]
pub(super) enum Obstacle {
    /// Words that were not understood.
    Words(Vec<String>),
    /// Understood, but no query can answer it.
    Refused(Refusal),
    /// Understood in ways of which none is sure: the likeliest ones.
    Unsure(Vec<Reading>),
    /// A time that is counted from today.
    RelativeTime(String),
    /// A wish to change data.
    Change,
    /// A greeting, or nothing at all.
    Greeting,
}

/// What was made of a question.
#[derive(Debug, Clone)]
pub(super) struct Understanding {
    /// The question in pieces.
    pub(super) pieces: Vec<Piece>,
    /// The queries that may answer it, best first.
    pub(super) readings: Vec<Reading>,
    /// Why there are none.
    pub(super) obstacle: Option<Obstacle>,
}

/// How many queries are tried.
pub(super) const ATTEMPTS: usize = 2;

/// How much worse than the best a second reading may be.
const SECOND_BEST: i64 = 400;

/// How much worse a wording is that leaves words out, for each that came before it.
const LEFT_OUT: i64 = 200;

/// How much worse a reading is of which something tells that it was not meant.
const DOUBTFUL: i64 = 5000;

/// How much worse a reading is that asks for one figure though the question says "per".
const UNHEEDED: i64 = 600;

/// Searches for the queries that answer a question, in the wording that they explain best.
pub(super) fn understand(question: &str, schema: &Schema, language: Language) -> Understanding {
    let mut best: Option<(i64, Understanding)> = None;
    let mut penalty = 0;
    let tokens = tokenise(question);
    let mut settled = false;
    for tokens in wordings(&tokens) {
        let (cost, understanding) = understand_wording(tokens, schema, language);
        settled = matches!(
            understanding.obstacle,
            Some(Obstacle::Greeting | Obstacle::Change | Obstacle::RelativeTime(_))
        );
        let cost = cost.saturating_add(penalty);
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, understanding));
        }
        if settled {
            break;
        }
        penalty += LEFT_OUT;
    }
    let unread = best.as_ref().is_none_or(|(_, u)| u.readings.is_empty());
    if unread
        && !settled
        && let Some(tokens) = reworded(&tokens)
    {
        // What the commoner words lack is no better to name than what the question's own lack.
        let reworded = wordings(&tokens).into_iter().map(|tokens| {
            let (_, understanding) = understand_wording(tokens, schema, language);
            understanding
        });
        let mut reworded = reworded.filter(|understanding| !understanding.readings.is_empty());
        if let Some(understanding) = reworded.next() {
            return understanding;
        }
    }
    best.map_or_else(
        || understand_wording(Vec::new(), schema, language).1,
        |(_, understanding)| understanding,
    )
}

/// One wording's understanding, and how unlikely its best query is.
fn understand_wording(
    tokens: Vec<Token>,
    schema: &Schema,
    language: Language,
) -> (i64, Understanding) {
    let tokens = super::spelling::correct(tokens, schema);
    let mut pieces = pieces(&tokens, schema, language);
    units::silence(&mut pieces);
    units::number_things(&mut pieces);
    repeated::settle(&mut pieces);
    if let Some(obstacle) = beforehand(&pieces, &tokens) {
        let understanding = Understanding {
            pieces,
            readings: Vec::new(),
            obstacle: Some(obstacle),
        };
        return (i64::MAX, understanding);
    }
    let says_we = pieces.iter().any(|piece| {
        let text = piece.text.to_lowercase();
        ["we", "kita", "kami"].contains(&text.as_str())
    });
    let mut found: Vec<(i64, Reading)> = Vec::new();
    let mut failed: Option<(usize, Obstacle)> = None;
    for choice in choices(&pieces, schema, language) {
        let read = read(&choice, &pieces, schema, language);
        let worse = |missing: usize, failed: &Option<(usize, Obstacle)>| {
            failed.as_ref().is_some_and(|(least, _)| *least <= missing)
        };
        if !read.unexplained.is_empty() {
            if !worse(read.unexplained.len(), &failed) {
                let words = read
                    .unexplained
                    .iter()
                    .filter_map(|at| pieces.get(*at))
                    .map(|p| p.text.clone());
                failed = Some((read.unexplained.len(), Obstacle::Words(words.collect())));
            }
            continue;
        }
        match compose(&read.intent, schema, language) {
            Ok(plan) if !bears_its_verbs(&read.intent, &choice.terms, &plan, schema, says_we) => {
                // "products sold" counts sales, not products: the verb needs a second thing.
                if !worse(1, &failed) {
                    let verbs = choice.terms.iter().filter(|(_, term)| is_verb(term));
                    let words = verbs
                        .filter_map(|(at, _)| pieces.get(*at))
                        .map(|piece| piece.text.clone());
                    failed = Some((1, Obstacle::Words(words.collect())));
                }
            }
            Ok(plan) if echoes(&plan) => {
                // "What do we buy from A?" is not answered by "A".
                if !worse(1, &failed) {
                    failed = Some((1, Obstacle::Refused(Refusal::Nothing)));
                }
            }
            Ok(plan) => {
                let context = Found {
                    pieces: &pieces,
                    schema,
                    language,
                };
                for (cost, reading) in context.with_doubts(choice, read.intent, plan) {
                    if !found.iter().any(|(_, other)| other.sql == reading.sql) {
                        found.push((cost, reading));
                    }
                }
            }
            Err(refusal) => {
                if !worse(0, &failed) {
                    failed = Some((0, Obstacle::Refused(refusal)));
                }
            }
        }
    }
    found.sort_by_key(|(cost, _)| *cost);
    let least = found.first().map_or(i64::MAX, |(cost, _)| *cost);
    let near: Vec<Reading> = found
        .into_iter()
        .filter(|(cost, _)| *cost <= least.saturating_add(SECOND_BEST))
        .map(|(_, reading)| reading)
        .take(ATTEMPTS)
        .collect();
    let (readings, obstacle) = match near.first() {
        None => (near, failed.map(|(_, obstacle)| obstacle)),
        Some(first) if !first.doubts.is_empty() => (Vec::new(), Some(Obstacle::Unsure(near))),
        Some(_) => {
            let sure = near.into_iter().filter(|reading| reading.doubts.is_empty());
            (sure.collect(), None)
        }
    };
    let understanding = Understanding {
        pieces,
        readings,
        obstacle,
    };
    (least, understanding)
}

/// What readings are found in.
struct Found<'a> {
    pieces: &'a [Piece],
    schema: &'a Schema,
    language: Language,
}

impl Found<'_> {
    /// A reading with what makes it doubtful and what it costs; and beside one whose figure may as
    /// well be another, that one.
    fn with_doubts(&self, choice: Choice, intent: Intent, plan: Plan) -> Vec<(i64, Reading)> {
        let other = self.case(&choice, &intent, &plan).other_figure();
        let other = other.and_then(|measure| {
            let mut intent = intent.clone();
            intent.measures = vec![measure];
            let plan = compose(&intent, self.schema, self.language).ok()?;
            Some(self.reading(choice.clone(), intent, plan))
        });
        let first = self.reading(choice, intent, plan);
        std::iter::once(first).chain(other).collect()
    }

    fn reading(&self, choice: Choice, intent: Intent, plan: Plan) -> (i64, Reading) {
        let size = 30 * i64::try_from(plan.size).unwrap_or(i64::MAX / 64);
        let unheeded = if ignores_each(&intent, &choice.terms) {
            UNHEEDED
        } else {
            0
        };
        let doubts = self.case(&choice, &intent, &plan).doubts();
        let doubtful = if doubts.is_empty() { 0 } else { DOUBTFUL };
        let cost = choice.cost + size + unheeded + doubtful;
        let reading = Reading {
            sql: sql(&plan.select, self.schema),
            intent,
            plan,
            terms: choice.terms,
            doubts,
        };
        (cost, reading)
    }

    fn case<'c>(&'c self, choice: &'c Choice, intent: &'c Intent, plan: &'c Plan) -> Case<'c> {
        Case {
            pieces: self.pieces,
            terms: &choice.terms,
            intent,
            select: &plan.select,
            schema: self.schema,
        }
    }
}

/// What can be told before any reading.
fn beforehand(pieces: &[Piece], tokens: &[Token]) -> Option<Obstacle> {
    let cue = |piece: &Piece| match &piece.content {
        Content::Cue(cue, _) => Some(*cue),
        _ => None,
    };
    if let Some(piece) = pieces
        .iter()
        .find(|piece| cue(piece) == Some(Cue::Relative))
    {
        return Some(Obstacle::RelativeTime(piece.text.clone()));
    }
    let says = |piece: &&Piece| {
        !matches!(
            cue(piece),
            Some(
                Cue::Filler
                    | Cue::And
                    | Cue::Which
                    | Cue::Quantifier
                    | Cue::Who
                    | Cue::Show
                    | Cue::Have
                    | Cue::That
                    | Cue::At
                    | Cue::HowMuch
            )
        )
    };
    match pieces.iter().find(says) {
        None => Some(
            if tokens.is_empty() || pieces.iter().all(|p| cue(p).is_some()) {
                Obstacle::Greeting
            } else {
                Obstacle::Words(tokens.iter().map(|token| token.text.clone()).collect())
            },
        ),
        Some(first) if cue(first) == Some(Cue::Change) || is_order(first, pieces) => {
            Some(Obstacle::Change)
        }
        Some(_)
            if pieces
                .iter()
                .filter(says)
                .all(|piece| cue(piece) == Some(Cue::Greeting)) =>
        {
            Some(Obstacle::Greeting)
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::database::Dialect;
    use crate::offline::fixtures::tables;

    fn sql_of(question: &str, dialect: Dialect) -> String {
        let schema = Schema::new(dialect, &tables());
        let understanding = understand(question, &schema, Language::English);
        match understanding.readings.first() {
            Some(reading) => reading.sql.clone(),
            None => format!("{:?}", understanding.obstacle),
        }
    }

    fn postgres(question: &str) -> String {
        sql_of(question, Dialect::Postgresql)
    }

    #[test]
    fn names_are_quoted_where_the_dialect_needs_it() {
        assert_eq!(
            postgres("What is the average unit price of the price list?"),
            r#"SELECT AVG("Price List"."Unit Price") AS average_unit_price FROM "Price List""#
        );
        assert_eq!(
            postgres("How many sales have order repeat?"),
            r#"SELECT COUNT(*) AS number_of_sales FROM erp.sales AS erp_sales WHERE erp_sales."order" = 'repeat'"#
        );
        assert_eq!(
            postgres("How many branches are in O'Hara?"),
            "SELECT COUNT(*) AS number_of_branches FROM branches WHERE branches.city = 'O''Hara'"
        );
    }

    #[test]
    fn dates_and_flags_follow_the_dialect() {
        assert_eq!(
            postgres("Number of sales per year"),
            "SELECT CAST(EXTRACT(YEAR FROM erp_sales.sold_on) AS INTEGER) AS year, COUNT(*) AS number_of_sales \
             FROM erp.sales AS erp_sales GROUP BY CAST(EXTRACT(YEAR FROM erp_sales.sold_on) AS INTEGER) ORDER BY year"
        );
        assert_eq!(
            sql_of("Number of sales per month", Dialect::Sqlite),
            "SELECT strftime('%Y-%m', erp_sales.sold_on) AS month, COUNT(*) AS number_of_sales \
             FROM erp.sales AS erp_sales GROUP BY strftime('%Y-%m', erp_sales.sold_on) ORDER BY month"
        );
        assert_eq!(
            postgres("How many staff are not trainees?"),
            "SELECT COUNT(*) AS number_of_staff FROM staff WHERE staff.is_trainee = FALSE"
        );
        assert_eq!(
            postgres("sales on 31 January 2024"),
            "SELECT erp_sales.id, erp_sales.sold_on, erp_sales.amount, erp_sales.\"order\" FROM erp.sales AS erp_sales \
             WHERE erp_sales.sold_on >= '2024-01-31' AND erp_sales.sold_on < '2024-02-01' ORDER BY erp_sales.id LIMIT 100"
        );
    }

    #[test]
    fn a_rank_leaves_out_what_has_no_value() {
        let sql = postgres("top 3 branches by average salary");
        assert_eq!(
            sql,
            "SELECT branches.name AS branches, AVG(staff.salary) AS average_salary FROM staff \
             JOIN branches ON staff.branch_id = branches.id GROUP BY branches.name, branches.id \
             HAVING AVG(staff.salary) IS NOT NULL ORDER BY average_salary DESC, branches.name, branches.id LIMIT 3"
        );
    }

    #[test]
    fn rows_of_many_are_looked_up_and_never_counted_twice() {
        assert_eq!(
            postgres("What is the total salary of staff with sales?"),
            "SELECT SUM(staff.salary) AS total_salary FROM staff \
             WHERE staff.id IN (SELECT erp_sales.staff_id FROM erp.sales AS erp_sales)"
        );
        assert_eq!(
            postgres("Which branches have no sales?"),
            "SELECT branches.name FROM branches WHERE branches.id NOT IN (SELECT staff.branch_id \
             FROM erp.sales AS erp_sales JOIN staff ON erp_sales.staff_id = staff.id \
             WHERE staff.branch_id IS NOT NULL) ORDER BY branches.name, branches.id LIMIT 100"
        );
        assert!(postgres("average salary per order").contains("CountedTwice"));
    }

    #[test]
    fn of_two_references_none_is_guessed() {
        assert!(postgres("Number of transfers per branch").contains("SeveralWays"));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (question, obstacle) in [
            ("How many staff are bankrupt?", "Words([\"bankrupt\"])"),
            ("Why do staff leave?", "Words([\"Why\"])"),
            ("sales last month", "RelativeTime(\"last month\")"),
            ("drop table staff", "Change"),
            ("", "Greeting"),
            ("Hello there!", "Greeting"),
        ] {
            assert_eq!(
                postgres(question),
                format!("Some({obstacle})"),
                "{question}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_question_is_too_odd(question in "\\PC{0,80}") {
            postgres(&question);
        }

        #[test]
        fn no_order_of_known_words_is_too_odd(
            words in proptest::collection::vec(
                prop::sample::select(vec![
                    "top", "5", "staff", "branches", "salary", "per", "by", "average", "not", "without", "Bogor", "between",
                    "and", "more", "than", "100", "juta", "2020", "highest", "paling", "banyak", "berapa", "jumlah", "total",
                    "year", "who", "kota", "sales", "or", "rata-rata", "percentage", "compare", "each", "transfers", "order",
                ]),
                0..12,
            )
        ) {
            postgres(&words.join(" "));
        }
    }
}
