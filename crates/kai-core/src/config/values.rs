//! Readers of values: each error says what is allowed.

use std::time::Duration;

use super::Secret;

/// A TCP port; 0 lets the system choose one.
pub fn port(text: &str) -> Result<u16, String> {
    text.trim()
        .parse()
        .map_err(|_| "use a port number from 0 to 65535".to_owned())
}

/// A whole number of seconds, at least 1.
pub fn seconds(text: &str) -> Result<Duration, String> {
    match text.trim().parse::<u64>() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => Err("use a whole number of seconds, 1 or more".to_owned()),
    }
}

/// A whole number of days, from 1 to ten years.
pub fn days(text: &str) -> Result<Duration, String> {
    match text.trim().parse::<u64>() {
        Ok(days @ 1..=3650) => Ok(Duration::from_hours(24 * days)),
        _ => Err("use a whole number of days, from 1 to 3650".to_owned()),
    }
}

/// A whole number, at least 1.
pub fn count(text: &str) -> Result<usize, String> {
    match text.trim().parse::<usize>() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err("use a whole number, 1 or more".to_owned()),
    }
}

/// Text with something in it besides white space.
pub fn not_blank(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        Err("it is empty".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

/// A token, as it can stand in a header.
pub fn token(text: &str) -> Result<Secret, String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("use printable characters without spaces".to_owned());
    }
    Ok(Secret::from(text.to_owned()))
}
