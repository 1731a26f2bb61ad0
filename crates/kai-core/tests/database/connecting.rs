//! Connections to PostgreSQL that cannot be made, or are lost.

use kai_core::database::{self, ConnectionUri, DatabaseError};
use kai_test_support::postgres::fresh_database;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

use super::limits;
use super::postgres::{ask, connect};

#[tokio::test]
async fn what_cannot_be_connected_to_is_told_without_the_password() {
    let Some(test) = fresh_database().await else {
        return;
    };
    let with = |change: &dyn Fn(&mut Url)| -> ConnectionUri {
        let mut url = Url::parse(test.url()).unwrap();
        url.set_password(Some("s3cret")).unwrap();
        change(&mut url);
        url.as_str().parse().unwrap()
    };
    let error = async |uri: ConnectionUri, schemas: &[String]| {
        let error = database::connect(&uri, schemas).await.err().unwrap();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(!shown.contains("://"), "{shown}");
        error
    };

    let closed = error(with(&|url| url.set_port(Some(1)).unwrap()), &[]).await;
    assert!(
        closed.to_string().starts_with("cannot reach the database"),
        "{closed}"
    );
    assert!(closed.is_retryable());

    let unknown = error(
        with(&|url| url.set_host(Some("tidak-ada.invalid")).unwrap()),
        &[],
    )
    .await;
    assert!(
        unknown.to_string().starts_with("cannot reach the database"),
        "{unknown}"
    );

    let no_database = error(with(&|url| url.set_path("tidak_ada")), &[]).await;
    assert_eq!(
        no_database.to_string(),
        "database \"tidak_ada\" does not exist"
    );
    assert!(!no_database.is_retryable());

    let no_user = error(with(&|url| url.set_username("tidak_ada").unwrap()), &[]).await;
    assert_eq!(
        no_user.to_string(),
        "the database refused the user name or the password; check them in the connection's URI"
    );
    assert!(!no_user.is_retryable());

    let no_schema = error(with(&|_| {}), &["public".to_owned(), "Lain".to_owned()]).await;
    assert_eq!(no_schema.to_string(), "the database has no schema \"Lain\"");

    let no_tls = error(with(&|url| url.set_query(Some("sslmode=require"))), &[]).await;
    assert!(no_tls.to_string().contains("sslmode"), "{no_tls}");
}

/// A server that asks for a password, refuses it, and says more about it than it should.
async fn server_that_refuses() -> std::net::SocketAddr {
    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [&[kind], length.as_slice(), body].concat()
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 1024];
        // It is asked for TLS first, then told who wants to log in, then given the password.
        assert_ne!(client.read(&mut buffer).await.unwrap(), 0);
        client.write_all(b"N").await.unwrap();
        assert_ne!(client.read(&mut buffer).await.unwrap(), 0);
        client
            .write_all(&message(b'R', &[0, 0, 0, 3]))
            .await
            .unwrap();
        assert_ne!(client.read(&mut buffer).await.unwrap(), 0);
        let refusal = b"SFATAL\0VFATAL\0C28P01\0Mwrong password s3cret for user kai\0\0";
        client.write_all(&message(b'E', refusal)).await.unwrap();
        client.shutdown().await.unwrap();
    });
    address
}

#[tokio::test]
async fn a_wrong_password_is_told_and_not_shown() {
    let address = server_that_refuses().await;
    let uri = format!("postgresql://kai:s3cret@{address}/koperasi");
    let error = database::connect(&uri.parse().unwrap(), &[])
        .await
        .err()
        .unwrap();
    assert!(matches!(error, DatabaseError::Refused), "{error}");
    assert!(!error.is_retryable());
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}

#[tokio::test]
async fn a_lost_connection_is_replaced() {
    let Some(test) = fresh_database().await else {
        return;
    };
    let database = connect(&test, &[]).await;
    ask(&*database, "SELECT 1", limits()).await.unwrap();
    test.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .await;
    // The pool tests a connection before it hands it out.
    ask(&*database, "SELECT 1", limits()).await.unwrap();
}
