//! Whatever is presented as a token, the check never panics, and what it accepts is the fixed token, or
//! was signed with the configured secret, is in date, and names the session and the right.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit as _, Mac as _};
use kai_sse_callback::access::{Access, Right, Secret, Secrets};
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::Sha256;

/// What the doors open to.
const FIXED: &str = "a-fixed-token";
/// What they know signed tokens by.
const KEY: &[u8; 32] = b"thirty-two bytes, and none more.";
/// A key that they do not know.
const STRANGE_KEY: &[u8; 32] = b"Thirty-two bytes, and none more.";

/// How far the clocks may be apart, and a second for rounding.
const LEEWAY_SECONDS: f64 = 31.0;

/// Takes the bytes as: how to make the token, the session, then the token's parts, with line feeds
/// between. Tells whether somebody was let in.
pub(super) fn check(input: &[u8]) -> bool {
    let (&how, rest) = input.split_first().unwrap_or((&0, &[]));
    let mut parts = rest.splitn(3, |byte| *byte == b'\n');
    let mut part = || parts.next().unwrap_or_default();
    let (session, head, claims) = (part(), part(), part());
    let session = String::from_utf8_lossy(session);
    let token = match how % 5 {
        // As it comes.
        0 => String::from_utf8_lossy(rest).into_owned(),
        // Soundly signed, whatever it says.
        1 => signed(head, claims, KEY),
        2 => signed(br#"{"alg":"HS256"}"#, claims, KEY),
        3 => signed(br#"{"alg":"HS256"}"#, claims, STRANGE_KEY),
        // Signed, and then changed.
        _ => {
            let mut token = signed(br#"{"alg":"HS256"}"#, claims, KEY).into_bytes();
            let length = token.len().max(1);
            let place = head.iter().map(|byte| usize::from(*byte)).sum::<usize>() % length;
            if let Some(byte) = token.get_mut(place) {
                *byte = byte.wrapping_add(1) & 0x7f;
            }
            String::from_utf8_lossy(&token).into_owned()
        }
    };
    let access = access();
    let mut let_in = false;
    for right in [Right::Publish, Right::Subscribe, Right::Ask] {
        if access.check(right, Some(&token), &session).is_ok() {
            justify(right, &token, &session);
            let_in = true;
        }
    }
    let_in
}

fn access() -> Access {
    let key = std::str::from_utf8(KEY).expect("the key is text");
    Access::new(&Secrets {
        publish_token: Some(Secret::new(FIXED)),
        subscribe_token: None,
        jwt_secret: Some(Secret::new(key)),
    })
}

fn mac(text: &str, key: &[u8; 32]) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("a key may have any length");
    mac.chain_update(text).finalize().into_bytes().to_vec()
}

fn signed(head: &[u8], claims: &[u8], key: &[u8; 32]) -> String {
    let text = format!("{}.{}", encode(head), encode(claims));
    let signature = encode(&mac(&text, key));
    format!("{text}.{signature}")
}

/// A second opinion, from first principles, on a token that was accepted.
fn justify(right: Right, token: &str, session: &str) {
    if right == Right::Publish && token == FIXED {
        return;
    }
    let (text, signature) = token
        .rsplit_once('.')
        .expect("a signed token has a signature");
    assert_eq!(
        encode(&mac(text, KEY)),
        signature,
        "nobody who knows the key signed {token}"
    );
    let (head, claims) = text.split_once('.').expect("it has a header and claims");
    assert_eq!(fields(head)["alg"], "HS256");
    let claims = fields(claims);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.expect("it is later than 1970").as_secs_f64();
    let expires = claims["exp"].as_f64().expect("it says how long it is good");
    assert!(expires >= now - LEEWAY_SECONDS, "it has expired: {claims}");
    let begins = claims["nbf"].as_f64().unwrap_or_default();
    assert!(
        begins <= now + LEEWAY_SECONDS,
        "it is not good yet: {claims}"
    );
    let sessions = claims["sessions"].as_array().expect("it names sessions");
    assert!(
        sessions
            .iter()
            .any(|pattern| covers(pattern.as_str().unwrap_or_default(), session)),
        "{claims} does not cover {session:?}"
    );
    let name = match right {
        Right::Publish => "publish",
        Right::Subscribe => "subscribe",
        Right::Ask => "ask",
    };
    let allowed = match &claims["scope"] {
        Value::String(scope) => scope.split(' ').any(|word| word == name),
        scope => scope
            .as_array()
            .is_some_and(|scope| scope.iter().any(|word| word == name)),
    };
    assert!(allowed, "{claims} does not allow to {name}");
}

/// The fields of a part; those that nobody looks at may hold what no number can.
fn fields(part: &str) -> Value {
    let fields: HashMap<String, Box<RawValue>> =
        serde_json::from_slice(&decode(part)).expect("it is a JSON object");
    let read = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name, serde_json::from_str(value.get()).ok()?)));
    Value::Object(read.collect())
}

/// Whether a pattern covers a text, by its definition: which beginnings of the text the pattern read
/// so far covers.
fn covers(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut covered = vec![false; text.len() + 1];
    covered[0] = true;
    for letter in pattern.chars() {
        if letter == '*' {
            let first = covered.iter().position(|covered| *covered);
            covered[first.unwrap_or(text.len() + 1).min(text.len() + 1)..].fill(true);
        } else {
            let next = text.iter().zip(&covered);
            let next: Vec<_> = next
                .map(|(other, covered)| *covered && *other == letter)
                .collect();
            covered = [vec![false], next].concat();
        }
    }
    covered[text.len()]
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64 for addresses, without padding.
fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, place| {
            bits << 8 | usize::from(group.get(place).copied().unwrap_or_default())
        });
        for place in 0..=group.len() {
            text.push(char::from(ALPHABET[bits >> (18 - 6 * place) & 63]));
        }
    }
    text
}

fn decode(text: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_usize, 0);
    for byte in text.bytes() {
        let place = ALPHABET.iter().position(|letter| *letter == byte);
        bits = bits << 6 & 0xffff | place.expect("a signed text has no other letters");
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 255).expect("eight bits are a byte"));
        }
    }
    bytes
}
