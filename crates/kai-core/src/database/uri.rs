//! The address of a target database: parsed once, shown only without its secrets.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use url::Url;

use super::Dialect;
use super::mysql;

/// The address of a target database. `Debug` and `Display` show it without its secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionUri {
    text: String,
    target: Target,
}

/// What the address names.
#[derive(Clone, PartialEq, Eq)]
enum Target {
    Postgresql(Url),
    Mysql(Url),
    Sqlite(PathBuf),
}

/// Why a text is not the address of a database. No message shows the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// It is no URI at all.
    #[error("Invalid URI format: {FORMS}")]
    NoScheme,
    /// It is a URI of something that cannot be asked.
    #[error("databases of the kind '{scheme}' are not supported: {FORMS}")]
    UnsupportedScheme {
        /// What stands before `://`.
        scheme: String,
    },
    /// What follows `postgresql://` cannot be read.
    #[error(
        "Invalid URI format: what follows postgresql:// cannot be read; {FORMS}, and write special \
         characters in the user name and the password as %XX"
    )]
    Postgresql,
    /// What follows `mysql://` cannot be read.
    #[error(
        "Invalid URI format: what follows mysql:// cannot be read; {FORMS}, and write special \
         characters in the user name and the password as %XX"
    )]
    Mysql,
    /// What follows `sqlite:` is no file.
    #[error("Invalid URI format: sqlite:// needs the path of an existing file; {FORMS}")]
    Sqlite,
}

const FORMS: &str = "use postgresql://USER:PASSWORD@HOST:PORT/DATABASE, \
                     mysql://USER:PASSWORD@HOST:PORT/DATABASE or sqlite:///PATH/TO/FILE";

impl ConnectionUri {
    /// Reads an address: `postgresql://`, `postgres://`, `mysql://`, `mariadb://`, `sqlite://PATH` or
    /// `sqlite:PATH`.
    pub fn parse(text: &str) -> Result<Self, UriError> {
        let text = text.trim();
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (scheme, rest),
            None => text
                .split_at_checked(7)
                .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("sqlite:"))
                .map(|(_, path)| ("sqlite", path))
                .ok_or(UriError::NoScheme)?,
        };
        let target = match scheme.to_ascii_lowercase().as_str() {
            "postgresql" | "postgres" => Target::Postgresql(postgresql(text)?),
            "mysql" | "mariadb" => Target::Mysql(mysql_url(text)?),
            "sqlite" => Target::Sqlite(sqlite_path(rest)?),
            _ if is_scheme(scheme) => {
                return Err(UriError::UnsupportedScheme {
                    scheme: scheme.to_owned(),
                });
            }
            _ => return Err(UriError::NoScheme),
        };
        Ok(Self {
            text: text.to_owned(),
            target,
        })
    }

    /// The whole address, password included: for encrypting and connecting, never for showing.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The dialect of the database.
    pub fn dialect(&self) -> Dialect {
        match self.target {
            Target::Postgresql(_) => Dialect::Postgresql,
            Target::Mysql(_) => Dialect::Mysql,
            Target::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// The schemas that a connection to it reads when it names none: the dialect's, or with MySQL
    /// the database that the address names.
    pub fn default_schemas(&self) -> Vec<String> {
        match &self.target {
            Target::Mysql(url) => mysql::database_of(url).into_iter().collect(),
            Target::Postgresql(_) | Target::Sqlite(_) => self.dialect().default_schemas(),
        }
    }

    /// The address of a MySQL server.
    pub(super) fn mysql_url(&self) -> Option<&Url> {
        match &self.target {
            Target::Mysql(url) => Some(url),
            Target::Postgresql(_) | Target::Sqlite(_) => None,
        }
    }

    /// The file of an SQLite database.
    pub(super) fn sqlite_path(&self) -> Option<&PathBuf> {
        match &self.target {
            Target::Postgresql(_) | Target::Mysql(_) => None,
            Target::Sqlite(path) => Some(path),
        }
    }
}

impl FromStr for ConnectionUri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for ConnectionUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, url) = match &self.target {
            Target::Sqlite(path) => return write!(f, "sqlite://{}", path.display()),
            Target::Postgresql(url) => ("postgresql", url),
            Target::Mysql(url) => ("mysql", url),
        };
        write!(f, "{scheme}://")?;
        match (url.username(), url.password()) {
            ("", None) => {}
            (user, None) => write!(f, "{user}@")?,
            (user, Some(_)) => write!(f, "{user}:***@")?,
        }
        f.write_str(url.host_str().unwrap_or_default())?;
        if let Some(port) = url.port() {
            write!(f, ":{port}")?;
        }
        f.write_str(url.path())?;
        // Parameters can hold passwords and the paths of keys; only these are known to be harmless.
        let mut separator = '?';
        for (name, value) in url.query_pairs() {
            let harmless = matches!(&*name, "sslmode" | "ssl-mode");
            let shown = if harmless { &value } else { "***" };
            write!(f, "{separator}{name}={shown}")?;
            separator = '&';
        }
        Ok(())
    }
}

impl fmt::Debug for ConnectionUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectionUri({self})")
    }
}

/// Whether the text has the form of a scheme, and so may be shown.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.len() <= 32
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

fn postgresql(text: &str) -> Result<Url, UriError> {
    let url = Url::parse(text).map_err(|_| UriError::Postgresql)?;
    // A URI that the driver cannot read is found here, where it was typed, not at the first question.
    PgConnectOptions::from_str(text).map_err(|_| UriError::Postgresql)?;
    Ok(url)
}

fn mysql_url(text: &str) -> Result<Url, UriError> {
    let url = Url::parse(text).map_err(|_| UriError::Mysql)?;
    mysql::options(&url).map_err(|_| UriError::Mysql)?;
    Ok(url)
}

fn sqlite_path(rest: &str) -> Result<PathBuf, UriError> {
    let path = rest.split_once('?').map_or(rest, |(path, _)| path);
    let path = percent_decoded(path).ok_or(UriError::Sqlite)?;
    // An in-memory database is new and empty for everyone who opens it.
    if path.is_empty() || path.ends_with('/') || path == ":memory:" || path.contains('\0') {
        return Err(UriError::Sqlite);
    }
    Ok(PathBuf::from(path))
}

/// Resolves `%XX`; what is not such a sequence stays as it is, since paths may hold a percent sign.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let decoded = match rest {
            [b'%', high, low, ..] => hex(*high).zip(hex(*low)).map(|(h, l)| h * 16 + l),
            _ => None,
        };
        bytes.push(decoded.unwrap_or(*first));
        rest = if decoded.is_some() {
            tail.get(2..).unwrap_or_default()
        } else {
            tail
        };
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn addresses_are_shown_without_their_secrets() {
        for (text, shown, dialect) in [
            (
                "postgresql://kai:s3cret@db.example:5433/koperasi?sslmode=require&sslpassword=s3cret",
                "postgresql://kai:***@db.example:5433/koperasi?sslmode=require&sslpassword=***",
                Dialect::Postgresql,
            ),
            (
                "postgres://kai:s3cret@localhost/koperasi",
                "postgresql://kai:***@localhost/koperasi",
                Dialect::Postgresql,
            ),
            (
                "  POSTGRES://localhost/koperasi\n",
                "postgresql://localhost/koperasi",
                Dialect::Postgresql,
            ),
            (
                "postgresql://kai@localhost/koperasi?password=s3cret",
                "postgresql://kai@localhost/koperasi?password=***",
                Dialect::Postgresql,
            ),
            (
                "mysql://kai:s3cret@db.example:3307/koperasi?ssl-mode=VERIFY_CA&ssl-key=s3cret",
                "mysql://kai:***@db.example:3307/koperasi?ssl-mode=VERIFY_CA&ssl-key=***",
                Dialect::Mysql,
            ),
            (
                "mariadb://kai@localhost/koperasi?sslmode=require",
                "mysql://kai@localhost/koperasi?sslmode=require",
                Dialect::Mysql,
            ),
            (
                "sqlite:///data/koperasi.db?mode=ro",
                "sqlite:///data/koperasi.db",
                Dialect::Sqlite,
            ),
            (
                "sqlite:koperasi%20baru.db",
                "sqlite://koperasi baru.db",
                Dialect::Sqlite,
            ),
        ] {
            let uri = ConnectionUri::parse(text).unwrap();
            assert_eq!(uri.to_string(), shown);
            assert_eq!(format!("{uri:?}"), format!("ConnectionUri({shown})"));
            assert_eq!(uri.dialect(), dialect);
            assert_eq!(uri.expose(), text.trim());
        }
    }

    #[test]
    fn what_is_no_address_is_told_without_showing_it() {
        for (text, expected) in [
            ("", "Invalid URI format"),
            ("kai:s3cret@localhost/koperasi", "Invalid URI format"),
            ("user:s3cret://x", "Invalid URI format"),
            ("postgres:s3cret", "Invalid URI format"),
            ("postgresql://kai:s3cret@local host/x", "Invalid URI format"),
            (
                "postgresql://kai:s3cret@localhost:port/x",
                "Invalid URI format",
            ),
            (
                "postgresql://localhost/x?sslmode=s3cret",
                "Invalid URI format",
            ),
            ("sqlite://", "Invalid URI format"),
            ("sqlite::memory:", "Invalid URI format"),
            (
                "mysql://kai:s3cret@localhost/x?sslmode=s3cret",
                "Invalid URI format",
            ),
            ("mysql://kai:s3cret@localhost:port/x", "Invalid URI format"),
            (
                "oracle://kai:s3cret@localhost/x",
                "databases of the kind 'oracle' are not supported",
            ),
            (
                "https://s3cret",
                "databases of the kind 'https' are not supported",
            ),
        ] {
            let message = ConnectionUri::parse(text).unwrap_err().to_string();
            assert!(message.starts_with(expected), "{text}: {message}");
            assert!(message.contains("postgresql://USER"), "{message}");
            assert!(!message.contains("s3cret"), "{message}");
        }
    }
}
