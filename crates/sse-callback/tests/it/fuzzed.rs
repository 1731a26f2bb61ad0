//! What the fuzz targets check, fed by generators that know what is near to a mistake.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRunner};
use serde_json::json;

#[path = "../../fuzz/bodies/envelope.rs"]
mod envelope;
#[path = "../../fuzz/bodies/stream.rs"]
mod stream;
#[path = "../../fuzz/bodies/token.rs"]
mod token;

/// Runs a check on so many inputs; it tells of each whether it got past the door.
fn feed(cases: u32, inputs: &impl Strategy<Value = Vec<u8>>, check: impl Fn(&[u8]) -> bool) -> u32 {
    let past = Cell::new(0);
    let config = Config {
        cases,
        failure_persistence: None,
        // The default is secure, and takes most of the time in a debug build.
        rng_algorithm: RngAlgorithm::XorShift,
        ..Config::default()
    };
    let run = TestRunner::new(config).run(inputs, |input| {
        past.set(past.get() + u32::from(check(&input)));
        Ok(())
    });
    run.unwrap();
    past.get()
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..120)
}

/// A JSON value as a claim or a field of a header may be: right, nearly right, or anything.
fn value(right: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(right).prop_map(str::to_owned),
        1 => prop::sample::select(&[
            "null", "true", "0", "-1", "1e400", "18446744073709551616", "\"\"", "[]", "{}", "[[]]",
            "[null]", "\"\\ud800\"", "\"\\u0000\"", "[\"*\",7]", "{\"a\":{\"a\":{\"a\":[]}}}", "",
        ][..]).prop_map(str::to_owned),
        1 => any::<String>().prop_map(|text| json!(text).to_string()),
    ]
}

fn member(name: &'static str, right: &'static [&'static str]) -> impl Strategy<Value = String> {
    value(right).prop_map(move |value| format!("\"{name}\":{value}"))
}

/// Claims that may well open a door, in any order, some missing, some there twice.
fn claims() -> impl Strategy<Value = String> {
    const SESSIONS: &[&str] = &[
        "[\"*\"]",
        "[\"s\"]",
        "[\"s*\",\"t\"]",
        "[\"*a*a*a*a*b\"]",
        "[\"org1-*\"]",
        "[\"\"]",
        "[\"**\"]",
        "[\"org1-\\u0000*\"]",
    ];
    const SCOPES: &[&str] = &[
        "\"publish\"",
        "\"subscribe\"",
        "\"publish subscribe\"",
        "[\"publish\"]",
        "[\"subscribe\",\"x\"]",
        "\"publisher\"",
        "\"Publish\"",
        "[\"publish subscribe\"]",
    ];
    const EXPIRIES: &[&str] = &[
        "4000000000",
        "4e9",
        "4000000000.5",
        "18446744073709551615",
        "1000000000",
        "\"4000000000\"",
        "1e300",
        "-4000000000",
    ];
    const BEGINNINGS: &[&str] = &["0", "1000000000", "4000000000", "\"0\"", "1.5"];
    let often = |strategy: BoxedStrategy<String>| prop::option::weighted(0.95, strategy);
    let seldom = |strategy: BoxedStrategy<String>| prop::option::weighted(0.1, strategy);
    (
        often(member("sessions", SESSIONS).boxed()),
        often(member("scope", SCOPES).boxed()),
        often(member("exp", EXPIRIES).boxed()),
        seldom(member("nbf", BEGINNINGS).boxed()),
        seldom(member("exp", EXPIRIES).boxed()),
        seldom(member("sessions", SESSIONS).boxed()),
        seldom(member("aud", &["\"x\"", "[\"x\"]"]).boxed()),
    )
        .prop_map(|(a, b, c, d, e, f, g)| [a, b, c, d, e, f, g].into_iter().flatten().collect())
        .prop_flat_map(|members: Vec<String>| Just(members).prop_shuffle())
        .prop_map(|members| format!("{{{}}}", members.join(",")))
}

fn header() -> impl Strategy<Value = String> {
    const ALGORITHMS: &[&str] = &[
        "\"HS256\"",
        "\"none\"",
        "\"None\"",
        "\"HS384\"",
        "\"RS256\"",
        "\"hs256\"",
        "\"EdDSA\"",
    ];
    let more = prop::option::weighted(0.3, member("kid", &["\"../../etc\"", "\"1\""]));
    let critical = prop::option::weighted(0.1, member("crit", &["[\"exp\"]", "[\"b64\"]"]));
    let key = prop::option::weighted(0.1, member("jwk", &["{\"kty\":\"oct\",\"k\":\"AA\"}"]));
    (member("alg", ALGORITHMS), more, critical, key).prop_map(|(algorithm, more, critical, key)| {
        let members = [Some(algorithm), more, critical, key];
        let members: Vec<_> = members.into_iter().flatten().collect();
        format!("{{{}}}", members.join(","))
    })
}

fn tokens() -> impl Strategy<Value = Vec<u8>> {
    let session = prop_oneof![
        prop::sample::select(&["s", "org1-7", "", "aaaaaaaaaaaaaaaab", "t", "org1-\0x"][..])
            .prop_map(str::to_owned),
        any::<String>(),
    ];
    let fixed =
        prop::sample::select(&["\0a-fixed-token", "\0a-fixed-tokem", "\0A-fixed-token"][..]);
    prop_oneof![
        8 => (any::<u8>(), session, header(), claims()).prop_map(|(how, session, header, claims)| {
            let mut input = vec![how];
            input.extend(format!("{session}\n{header}\n{claims}").bytes());
            input
        }),
        1 => bytes(),
        1 => "\0[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_=-]{0,40}".prop_map(String::into_bytes),
        1 => fixed.prop_map(|text| text.as_bytes().to_vec()),
    ]
}

#[test]
fn only_what_the_secrets_made_opens_a_door() {
    let let_in = feed(8_000, &tokens(), token::check);
    assert!(let_in > 200, "{let_in} of 8,000");
}

/// The fields of events with zeros between them.
fn fields() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(&[
            "\0", "\n", "\r", "\r\n", ":", " ", "data: ", "id: 1", "event", "\u{feff}", "retry: 7",
            "\u{1f44d}", "x",
        ][..]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    let text = prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat());
    (1_u8..40, text).prop_map(|(pace, text)| [vec![pace], text].concat())
}

#[test]
fn what_is_written_is_read_in_whatever_pieces_it_comes() {
    let written = feed(10_000, &fields(), |input| stream::check(input) > 0);
    assert!(written > 1_000, "{written} of 10,000");
}

/// Lines as publishers send them, some of them spoilt.
fn batches() -> impl Strategy<Value = Vec<u8>> {
    const LINES: &[&str] = &[
        r#"{"session_id":"s","event":{"type":"x","content":"\n\r"}}"#,
        r#"{"session_id":"s","event":{ }, "run_id":"r","seq":1}"#,
        "{\"session_id\":\"s\",\"event\":{\r\"type\":\"done\"\r}}",
        r#"{"session_id":"s","event":{"type":"x\ndata: forged"}}"#,
        "",
        "{",
    ];
    let line = prop::sample::select(LINES).prop_map(|line| line.as_bytes().to_vec());
    let lines = prop::collection::vec(line, 0..5).prop_map(|lines| lines.join(&b'\n'));
    let spoilt = (lines.clone(), any::<prop::sample::Index>(), any::<u8>());
    let spoilt = spoilt.prop_map(|(mut lines, place, byte)| {
        if !lines.is_empty() {
            let place = place.index(lines.len());
            lines[place] = byte;
        }
        lines
    });
    prop_oneof![lines, spoilt, bytes()]
}

#[test]
fn whatever_is_posted_is_refused_or_becomes_frames() {
    let taken = feed(5_000, &batches(), |body| envelope::check(body) > 0);
    assert!(taken > 500, "{taken} of 5,000");
}
