//! Servers that go away, come back, and speak TLS only.

use std::path::Path;

use kai_core::database::{self, ConnectionUri, DatabaseError};
use kai_test_support::database_server::{DatabaseServer, Kind};
use kai_test_support::secured_temporal::{Authority, Validity};

use super::limits;
use super::postgres::ask;

async fn a_restart_is_survived(kind: Kind) {
    let Some(mut server) = DatabaseServer::start(kind, None).await else {
        return;
    };
    let uri = server.url().parse().unwrap();
    let schemas = match kind {
        Kind::Postgresql => "public",
        Kind::MariaDb => "mysql",
    };
    let database = database::connect(&uri, &[schemas.to_owned()])
        .await
        .unwrap();
    ask(&*database, "SELECT 1", limits()).await.unwrap();

    server.kill();
    let error = ask(&*database, "SELECT 1", limits()).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    assert!(
        error.to_string().starts_with("cannot reach the database"),
        "{error}"
    );

    server.start_again().await;
    let again = ask(&*database, "SELECT 1 AS satu", limits()).await.unwrap();
    assert_eq!(again.rows[0]["satu"], 1);
}

#[tokio::test]
async fn a_restart_of_postgresql_is_survived() {
    a_restart_is_survived(Kind::Postgresql).await;
}

#[tokio::test]
async fn a_restart_of_mariadb_is_survived() {
    a_restart_is_survived(Kind::MariaDb).await;
}

async fn tls_is_checked_as_asked(kind: Kind) {
    let ours = Authority::new();
    let Some(server) =
        DatabaseServer::start(kind, Some(&ours.sign("localhost", Validity::Now))).await
    else {
        return;
    };
    let trusted = server.file("ca.pem", &ours.certificate);
    let stranger = server.file("stranger.pem", &Authority::new().certificate);
    let uri = |host: &str, mode: &str, authority: Option<&Path>| -> ConnectionUri {
        let trusting = authority.map_or_else(String::new, |authority| {
            format!("&sslrootcert={}", authority.display())
        });
        let url = server.url().replace("localhost", host);
        format!("{url}?sslmode={mode}{trusting}").parse().unwrap()
    };

    for (host, mode, authority) in [
        ("localhost", "require", None),
        ("localhost", "verify-ca", Some(&*trusted)),
        ("localhost", "verify-full", Some(&*trusted)),
        ("127.0.0.1", "verify-ca", Some(&*trusted)),
    ] {
        let database = database::connect(&uri(host, mode, authority), &[])
            .await
            .unwrap_or_else(|error| panic!("{kind:?} {host} {mode}: {error}"));
        ask(&*database, "SELECT 1", limits()).await.unwrap();
    }

    for (host, mode, authority) in [
        ("localhost", "verify-ca", Some(&*stranger)),
        ("localhost", "verify-full", Some(&*stranger)),
        // The certificate is of another name.
        ("127.0.0.1", "verify-full", Some(&*trusted)),
    ] {
        let error = database::connect(&uri(host, mode, authority), &[])
            .await
            .err()
            .unwrap();
        assert!(
            matches!(error, DatabaseError::Settings(_)),
            "{kind:?} {host} {mode}: {error:?}"
        );
        assert!(error.to_string().contains("certificate"), "{error}");
    }
    // The server takes encrypted connections only.
    let refused = database::connect(&uri("localhost", "disable", None), &[]).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn tls_of_postgresql_is_checked_as_asked() {
    tls_is_checked_as_asked(Kind::Postgresql).await;
}

#[tokio::test]
async fn tls_of_mariadb_is_checked_as_asked() {
    tls_is_checked_as_asked(Kind::MariaDb).await;
}
