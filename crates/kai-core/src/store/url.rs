//! Where a store is.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use super::StoreError;
use super::typesense::{TypesenseAccess, TypesensePlace};
use crate::database::ConnectionUri;

/// Where a store is: `sqlite://PATH`, or `postgres://…` or `typesense://…`, which several machines
/// can share. Shown without its password.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreUrl {
    text: String,
    access: TypesenseAccess,
}

/// What a URL names.
pub(super) enum Place<'a> {
    /// A database that understands statements.
    Sql(SqlPlace<'a>),
    /// Collections on a Typesense server.
    Typesense(TypesensePlace),
}

/// A database that understands statements.
pub(super) enum SqlPlace<'a> {
    /// The file of an SQLite database.
    File(PathBuf),
    /// A PostgreSQL database.
    Server(&'a str),
}

impl StoreUrl {
    /// Where the store is when no setting says otherwise: in the user's data folder, or in the
    /// current one where the user has none.
    pub fn of_user() -> Self {
        let folder = dirs::data_dir().unwrap_or_default().join("kai");
        Self::new(format!("sqlite://{}", folder.join("kai.db").display()))
    }

    fn new(text: String) -> Self {
        Self {
            text,
            access: TypesenseAccess::default(),
        }
    }

    /// The same with what settings say of a Typesense server.
    #[must_use]
    pub fn with_typesense(self, access: TypesenseAccess) -> Self {
        Self { access, ..self }
    }

    pub(super) fn access(&self) -> &TypesenseAccess {
        &self.access
    }

    pub(super) fn place(&self) -> Result<Place<'_>, StoreError> {
        let url = self.text.as_str();
        if url.starts_with("typesense") {
            let place = TypesensePlace::parse(url, &self.access);
            return place.map(Place::Typesense).ok_or(StoreError::Url);
        }
        if is_postgres(url) {
            return Ok(Place::Sql(SqlPlace::Server(url)));
        }
        let path = url
            .strip_prefix("sqlite://")
            .or_else(|| url.strip_prefix("sqlite:"))
            .ok_or(StoreError::Url)?;
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        if path.is_empty() || path.ends_with('/') || path == ":memory:" || path.contains('\0') {
            return Err(StoreError::Url);
        }
        // SQLite takes a relative path that begins with `file:` for a URI of its own.
        Ok(Place::Sql(SqlPlace::File(Path::new(".").join(path))))
    }
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

impl FromStr for StoreUrl {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let url = Self::new(text.trim().to_owned());
        match url.place()? {
            Place::Sql(SqlPlace::Server(server)) if PgConnectOptions::from_str(server).is_err() => {
                Err(StoreError::Url)
            }
            _ => Ok(url),
        }
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !is_postgres(&self.text) {
            return match self.place() {
                Ok(Place::Typesense(place)) => place.fmt(f),
                _ => f.write_str(&self.text),
            };
        }
        match ConnectionUri::parse(&self.text) {
            Ok(uri) => uri.fmt(f),
            Err(_) => f.write_str("postgresql://***"),
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_file_or_a_server_and_hides_the_password() {
        let shown = |text: &str| {
            let url: StoreUrl = text.parse().unwrap();
            format!("{url} {url:?}")
        };
        assert_eq!(
            shown(" sqlite:///var/lib/kai/kai.db "),
            "sqlite:///var/lib/kai/kai.db StoreUrl(sqlite:///var/lib/kai/kai.db)"
        );
        assert_eq!(
            shown("typesense://search.example/toko"),
            "typesense://search.example:8108/toko StoreUrl(typesense://search.example:8108/toko)"
        );
        let shared = shown("postgres://kai:rahasia@db.example:5433/kai?sslmode=require");
        assert!(!shared.contains("rahasia"), "{shared}");
        assert!(shared.starts_with("postgresql://kai:***@db.example:5433/kai?sslmode=require "));
        for wrong in [
            "",
            "kai.db",
            "sqlite://",
            "sqlite::memory:",
            "sqlite:///x/",
            "mysql://localhost/kai",
            "postgres://localhost:port/kai",
            "typesense://hush@localhost",
        ] {
            let error = wrong.parse::<StoreUrl>().unwrap_err();
            assert!(matches!(error, StoreError::Url), "{wrong}: {error}");
        }
    }
}
