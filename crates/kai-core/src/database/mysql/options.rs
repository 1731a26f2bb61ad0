//! How a URI's parameters become the driver's options.

use sqlx::ConnectOptions;
use sqlx::mysql::MySqlConnectOptions;
use url::Url;

/// The options to connect with. Beside the driver's own names, TLS can be asked for with those that
/// PostgreSQL has, so that both kinds of URI are written alike: `sslmode` (`disable`, `prefer`,
/// `require`, `verify-ca`, `verify-full`), `sslrootcert`, `sslcert`, `sslkey`.
///
/// # Errors
/// When a parameter has a value that cannot be read.
pub(in crate::database) fn options(url: &Url) -> Result<MySqlConnectOptions, sqlx::Error> {
    let pairs: Vec<(String, String)> = url
        .query_pairs()
        .filter_map(|(name, value)| {
            let name = name.to_ascii_lowercase().replace('_', "-");
            match name.as_str() {
                "sslmode" | "ssl-mode" => Some(("ssl-mode".to_owned(), ssl_mode(&value))),
                "sslrootcert" => Some(("ssl-ca".to_owned(), value.into_owned())),
                // How texts and times are read is ours to decide.
                "charset" | "collation" | "timezone" | "time-zone" => None,
                _ => Some((name, value.into_owned())),
            }
        })
        .collect();
    let mut url = url.clone();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    Ok(MySqlConnectOptions::from_url(&url)?
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .disable_statement_logging())
}

/// The database that the URI names.
pub(in crate::database) fn database_of(url: &Url) -> Option<String> {
    options(url)
        .ok()?
        .get_database()
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
}

/// What the driver calls the mode.
fn ssl_mode(value: &str) -> String {
    match value.to_ascii_lowercase().replace('-', "_").as_str() {
        "disable" => "disabled",
        "prefer" => "preferred",
        "require" => "required",
        "verify_full" => "verify_identity",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn modes_of_both_kinds_are_understood() {
        for (written, understood) in [
            ("sslmode=disable", "Disabled"),
            ("sslmode=prefer", "Preferred"),
            ("ssl-mode=REQUIRED", "Required"),
            ("sslmode=verify-ca", "VerifyCa"),
            ("ssl_mode=VERIFY_IDENTITY", "VerifyIdentity"),
            ("sslmode=verify-full", "VerifyIdentity"),
        ] {
            let url = format!("mysql://kai@localhost/koperasi?{written}");
            let options = options(&url.parse().unwrap()).unwrap();
            assert_eq!(format!("{:?}", options.get_ssl_mode()), understood);
        }
        let wrong = "mysql://kai@localhost/koperasi?sslmode=maybe";
        assert!(options(&wrong.parse().unwrap()).is_err());
    }

    #[test]
    fn the_database_is_found_where_there_is_one() {
        for (url, database) in [
            ("mysql://localhost/koperasi%20baru", Some("koperasi baru")),
            ("mysql://localhost/", None),
            ("mysql://localhost", None),
        ] {
            assert_eq!(database_of(&url.parse().unwrap()).as_deref(), database);
        }
    }
}
