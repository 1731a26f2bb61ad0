//! Readers of values: each error says what is allowed.

use std::time::Duration;

use url::Url;

use super::Secret;

/// A TCP port; 0 lets the system choose one.
pub fn port(text: &str) -> Result<u16, String> {
    text.trim()
        .parse()
        .map_err(|_| "use a port number from 0 to 65535".to_owned())
}

/// A whole number of seconds, at least 1.
pub fn seconds(text: &str) -> Result<Duration, String> {
    seconds_within(text, u64::MAX)
        .ok_or_else(|| "use a whole number of seconds, 1 or more".to_owned())
}

/// A reader of a whole number of seconds, from 1 to `most`.
pub fn seconds_up_to(most: u64) -> impl Fn(&str) -> Result<Duration, String> + Copy {
    move |text| {
        seconds_within(text, most)
            .ok_or_else(|| format!("use a whole number of seconds, from 1 to {most}"))
    }
}

fn seconds_within(text: &str, most: u64) -> Option<Duration> {
    let seconds = text.trim().parse().ok()?;
    (1..=most)
        .contains(&seconds)
        .then(|| Duration::from_secs(seconds))
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

/// An address of HTTP.
pub fn web_address(text: &str) -> Result<Url, String> {
    Url::parse(text.trim())
        .ok()
        .filter(|url| url.has_host() && matches!(url.scheme(), "http" | "https"))
        .ok_or_else(|| "use http://HOST:PORT or https://HOST".to_owned())
}

/// What addresses of HTTP begin with; it has no slash at its end, for a path to follow.
pub fn base_address(text: &str) -> Result<String, String> {
    let url = web_address(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("use http://HOST:PORT or https://HOST, without ? and #".to_owned());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_whole_and_within_their_bound() {
        let up_to_ten = seconds_up_to(10);
        assert_eq!(up_to_ten(" 10 "), Ok(Duration::from_secs(10)));
        for wrong in ["0", "11", "-1", "1.5", "", "ten"] {
            let said = up_to_ten(wrong).unwrap_err();
            assert_eq!(said, "use a whole number of seconds, from 1 to 10");
        }
        assert_eq!(seconds("86401"), Ok(Duration::from_secs(86_401)));
        assert!(seconds("0").is_err());
    }

    #[test]
    fn an_address_is_one_of_http_and_something_can_follow_its_beginning() {
        for (text, begins) in [
            ("http://localhost:8092", "http://localhost:8092"),
            (" https://kai.example/sse/ ", "https://kai.example/sse"),
            ("http://[::1]:80/", "http://[::1]"),
        ] {
            assert_eq!(base_address(text).as_deref(), Ok(begins));
        }
        for wrong in ["localhost:8092", "ftp://localhost", "http://", "", "/a"] {
            assert!(web_address(wrong).is_err(), "{wrong}");
            assert!(base_address(wrong).is_err(), "{wrong}");
        }
        assert!(web_address("http://a/?b").is_ok());
        assert!(base_address("http://a/?b").is_err());
        assert!(base_address("http://a/#b").is_err());
    }
}
