//! Tests of the doors: what opens which, and what is said to the others.
#![allow(clippy::unwrap_used)]

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const KEY: &str = "a signing key of thirty-two bytes, or a few more";

fn access(publish: Option<&str>, subscribe: Option<&str>, jwt: Option<&str>) -> Access {
    Access::new(&Secrets {
        publish_token: publish.map(Secret::new),
        subscribe_token: subscribe.map(Secret::new),
        jwt_secret: jwt.map(Secret::new),
    })
}

fn signed(algorithm: Algorithm, key: &str, claims: &Value) -> String {
    let key = EncodingKey::from_secret(key.as_bytes());
    encode(&Header::new(algorithm), claims, &key).unwrap()
}

/// A token with these rights that is good for another hour.
fn token(sessions: &Value, scope: &Value) -> String {
    let exp = get_current_timestamp() + 3_600;
    let claims = json!({"exp": exp, "sessions": sessions, "scope": scope});
    signed(Algorithm::HS256, KEY, &claims)
}

#[test]
fn without_secrets_both_doors_are_open() {
    let access = access(None, None, None);
    for right in [Right::Publish, Right::Subscribe] {
        assert!(access.is_open(right));
        assert_eq!(access.check(right, None, "s"), Ok(()));
        assert_eq!(access.check(right, Some("whatever"), "s"), Ok(()));
    }
}

#[test]
fn each_fixed_token_closes_and_opens_its_own_door() {
    let access = access(Some("p"), Some("s"), None);
    for (right, good, other) in [(Right::Publish, "p", "s"), (Right::Subscribe, "s", "p")] {
        assert_eq!(access.check(right, Some(good), "x"), Ok(()));
        assert_eq!(access.check(right, None, "x"), Err(Denied::Missing));
        for wrong in [other, "", "pp", "ss", "P"] {
            assert_eq!(access.check(right, Some(wrong), "x"), Err(Denied::Wrong));
        }
    }
}

#[test]
fn asking_takes_what_reading_takes_or_else_what_publishing_does() {
    let may = |access: &Access, token: &str| access.check(Right::Ask, Some(token), "x");
    let both = access(Some("p"), Some("s"), None);
    assert_eq!(may(&both, "s"), Ok(()));
    assert_eq!(may(&both, "p"), Err(Denied::Wrong));
    let published = access(Some("p"), None, None);
    assert_eq!(may(&published, "p"), Ok(()));
    assert_eq!(published.check(Right::Ask, None, "x"), Err(Denied::Missing));
    // People have signed tokens there, so the workers' one is not for them.
    let signed = access(Some("p"), None, Some(KEY));
    assert_eq!(may(&signed, "p"), Err(Denied::Wrong));
    let reader = token(&json!(["*"]), &json!("publish subscribe"));
    assert_eq!(may(&signed, &reader), Err(Denied::NoAsking));
    let asker = token(&json!(["org1-*"]), &json!("ask"));
    assert_eq!(may(&signed, &asker), Err(Denied::NoAsking));
    assert_eq!(signed.check(Right::Ask, Some(&asker), "org1-x"), Ok(()));
    assert_eq!(
        signed.new_session(Some(&asker), "new".to_owned()),
        Ok("org1-new".to_owned())
    );
    assert_eq!(signed.check_any(Right::Ask, Some(&asker)), Ok(()));
    let nowhere = token(&json!([]), &json!("ask"));
    assert_eq!(
        signed.check_any(Right::Ask, Some(&nowhere)),
        Err(Denied::NoAsking)
    );
}

#[test]
fn open_doors_are_pointed_out() {
    assert!(access(None, None, None).warning(false).is_none());
    assert!(access(Some("p"), Some("s"), None).warning(true).is_none());
    assert!(access(None, None, Some(KEY)).warning(true).is_none());
    for (publish, subscribe, says) in [
        (None, None, "publish and read"),
        (Some("p"), None, "can read it"),
        (None, Some("s"), "can post"),
    ] {
        let warning = access(publish, subscribe, None).warning(true).unwrap();
        assert!(warning.contains(says), "{warning}");
    }
}

#[test]
fn a_signed_token_opens_what_it_names() {
    let access = access(None, None, Some(KEY));
    let publish = |token: &str, session| access.check(Right::Publish, Some(token), session);
    let subscribe = |token: &str, session| access.check(Right::Subscribe, Some(token), session);

    let reader = token(&json!(["org1-*", "demo"]), &json!("subscribe"));
    assert_eq!(subscribe(&reader, "org1-7"), Ok(()));
    assert_eq!(subscribe(&reader, "demo"), Ok(()));
    assert_eq!(subscribe(&reader, "org2-7"), Err(Denied::NoReading));
    assert_eq!(publish(&reader, "org1-7"), Err(Denied::NoPublishing));

    for both in [json!("publish subscribe"), json!(["subscribe", "publish"])] {
        let both = token(&json!(["*"]), &both);
        assert_eq!(publish(&both, "any"), Ok(()));
        assert_eq!(subscribe(&both, "any"), Ok(()));
    }
    for (sessions, scope) in [
        (json!([]), json!("publish")),
        (json!(["*"]), json!([])),
        (json!(["*"]), json!("publisher")),
    ] {
        let token = token(&sessions, &scope);
        assert_eq!(publish(&token, "any"), Err(Denied::NoPublishing));
    }
}

#[test]
fn a_fixed_token_and_signed_ones_may_be_used_side_by_side() {
    let access = access(Some("p"), None, Some(KEY));
    let publisher = token(&json!(["*"]), &json!("publish"));
    assert_eq!(access.check(Right::Publish, Some("p"), "x"), Ok(()));
    assert_eq!(access.check(Right::Publish, Some(&publisher), "x"), Ok(()));
    assert_eq!(
        access.check(Right::Subscribe, Some("p"), "x"),
        Err(Denied::Wrong)
    );
}

#[test]
fn a_signed_token_has_to_be_sound() {
    let access = access(None, None, Some(KEY));
    let check = |token: &str| access.check(Right::Publish, Some(token), "s");
    let now = get_current_timestamp();
    let claims = |dates: Value| {
        let mut claims = json!({"sessions": ["*"], "scope": "publish"});
        let dates = dates.as_object().unwrap().clone();
        claims.as_object_mut().unwrap().extend(dates);
        claims
    };
    let made = |dates| signed(Algorithm::HS256, KEY, &claims(dates));

    assert_eq!(check(&made(json!({"exp": now + 9, "aud": "x"}))), Ok(()));
    assert_eq!(check(&made(json!({"exp": now - 10}))), Ok(()), "leeway");
    assert_eq!(
        check(&made(json!({"exp": now - 100}))),
        Err(Denied::Expired)
    );
    for dates in [
        json!({}),
        json!({"exp": "tomorrow"}),
        json!({"exp": now + 900, "nbf": now + 600}),
        json!({"exp": now + 900, "nbf": "today"}),
        json!({"exp": now + 900, "sessions": "s"}),
        json!({"exp": now + 900, "scope": 7}),
    ] {
        assert_eq!(check(&made(dates.clone())), Err(Denied::Wrong), "{dates}");
    }

    let good = made(json!({"exp": now + 900}));
    let other_key = KEY.to_uppercase();
    let forged = signed(
        Algorithm::HS256,
        &other_key,
        &claims(json!({"exp": now + 900})),
    );
    assert_eq!(check(&forged), Err(Denied::Wrong));
    let (content, signature) = good.rsplit_once('.').unwrap();
    // Header and claims say "none" where an algorithm should be.
    let claims_part = content.split_once('.').unwrap().1;
    for broken in [
        content.to_owned(),
        format!("{content}."),
        format!("{content}.{}", &signature[1..]),
        format!("eyJhbGciOiJub25lIn0.{claims_part}."),
        format!("eyJhbGciOiJIUzUxMiJ9.{claims_part}.{signature}"),
        format!("{good}.{good}"),
    ] {
        assert_eq!(check(&broken), Err(Denied::Wrong), "{broken}");
    }
}

#[test]
fn nothing_shows_a_secret() {
    let access = access(Some("hidden1"), Some("hidden2"), Some(KEY));
    let shown = format!("{access:?} {:?}", Secret::new("hidden3"));
    assert!(
        !shown.contains("hidden") && !shown.contains("signing"),
        "{shown}"
    );
}

#[test]
fn secrets_that_cannot_work_are_refused() {
    for (rule, text) in [
        (SecretRule::Token, ""),
        (SecretRule::Token, "two words"),
        (SecretRule::Token, "café"),
        (SecretRule::SigningKey, ""),
        (SecretRule::SigningKey, "thirty-one bytes are too little"),
    ] {
        assert!(rule.check(text).is_err(), "{text}");
    }
    assert!(SecretRule::Token.check("s3cr3t+/=").is_ok());
    assert!(SecretRule::SigningKey.check(KEY).is_ok());
}

proptest! {
    #[test]
    fn whatever_is_presented_opens_nothing(token in "(?s).{0,80}") {
        let access = access(Some("a token that is longer than that, by far: 0123456789012345678901234567890123456789"), None, Some(KEY));
        prop_assert_eq!(access.check(Right::Publish, Some(&token), "s"), Err(Denied::Wrong));
    }

    #[test]
    fn whatever_a_signed_token_claims_does_no_harm(
        parts in prop::collection::vec("[A-Za-z0-9_-]{0,60}", 3),
        claims in r#"\{"exp": ?[0-9"e.-]{0,24}, ?"scope": ?[\["a-z\]]{0,16}\}"#,
    ) {
        let access = access(None, None, Some(KEY));
        prop_assert!(access.check(Right::Publish, Some(&parts.join(".")), "s").is_err());
        if let Ok(claims) = serde_json::from_str::<Value>(&claims) {
            // It names no session, so it opens none.
            let token = signed(Algorithm::HS256, KEY, &claims);
            prop_assert!(access.check(Right::Publish, Some(&token), "s").is_err());
        }
    }
}
