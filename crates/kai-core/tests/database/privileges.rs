//! What is told of accounts that could do more than read.

use kai_core::database::{self, Database};
use kai_test_support::{mysql, postgres};
use url::Url;

use super::TABLES;

async fn told(database: &dyn Database) -> Vec<String> {
    let excess = database.excess_privileges().await.unwrap();
    excess.iter().map(ToString::to_string).collect()
}

async fn as_user(url: &str, user: &str) -> std::sync::Arc<dyn Database> {
    let mut url = Url::parse(url).unwrap();
    url.set_username(user).unwrap();
    url.set_password(Some("s3cret")).unwrap();
    database::connect(&url.as_str().parse().unwrap(), &[])
        .await
        .unwrap()
}

#[tokio::test]
async fn postgresql_accounts_are_seen_through() {
    let Some(test) = postgres::fresh_database().await else {
        return;
    };
    test.execute(TABLES).await;
    let admin = as_user(test.url(), "kai").await;
    assert_eq!(told(&*admin).await, ["SUPERUSER"]);

    // Roles are the whole server's, so their names are this test's own.
    let name = Url::parse(test.url()).unwrap().path()[1..].to_owned();
    let (reader, writer) = (format!("{name}_r"), format!("{name}_w"));
    test.execute(&format!(
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC; \
         CREATE ROLE {reader} LOGIN PASSWORD 's3cret' NOSUPERUSER NOCREATEDB NOCREATEROLE; \
         GRANT USAGE ON SCHEMA public TO {reader}; \
         GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader}; \
         CREATE ROLE {writer} LOGIN PASSWORD 's3cret' CREATEDB; \
         GRANT pg_execute_server_program TO {writer}; \
         GRANT CREATE ON SCHEMA public TO {writer}; \
         GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO {writer}; \
         GRANT UPDATE (nama) ON koperasi TO {writer}"
    ))
    .await;
    assert_eq!(
        told(&*as_user(test.url(), &reader).await).await,
        Vec::<String>::new()
    );
    assert_eq!(
        told(&*as_user(test.url(), &writer).await).await,
        [
            "CREATEDB",
            "membership in pg_execute_server_program",
            "CREATE on the schema public",
            "INSERT on 4 tables, such as public.\"Laporan Tahunan\"",
            "UPDATE on public.koperasi",
        ]
    );
    test.execute(&format!(
        "DROP OWNED BY {reader}; DROP ROLE {reader}; DROP OWNED BY {writer}; DROP ROLE {writer}"
    ))
    .await;
}

#[tokio::test]
async fn mysql_accounts_are_seen_through() {
    let Some(test) = mysql::fresh_database().await else {
        return;
    };
    test.execute("CREATE TABLE koperasi (id INTEGER, nama VARCHAR(9))")
        .await;
    let admin = database::connect(&test.url().parse().unwrap(), &[])
        .await
        .unwrap();
    assert_eq!(
        told(&*admin).await,
        ["ALL PRIVILEGES on *.*", "GRANT OPTION on *.*"]
    );

    let name = test.name();
    let (reader, writer, role) = (
        format!("{name}_r"),
        format!("{name}_w"),
        format!("{name}_p"),
    );
    test.execute(&format!(
        "CREATE USER {reader}@'%' IDENTIFIED BY 's3cret'; \
         GRANT SELECT, SHOW VIEW ON {name}.* TO {reader}@'%'; \
         CREATE USER {writer}@'%' IDENTIFIED BY 's3cret'; \
         CREATE ROLE {role}; GRANT DELETE ON {name}.* TO {role}; GRANT {role} TO {writer}@'%'; \
         GRANT FILE ON *.* TO {writer}@'%'; \
         GRANT SELECT, UPDATE (nama) ON {name}.koperasi TO {writer}@'%'"
    ))
    .await;
    assert_eq!(
        told(&*as_user(test.url(), &reader).await).await,
        Vec::<String>::new()
    );
    assert_eq!(
        told(&*as_user(test.url(), &writer).await).await,
        [
            "FILE on *.*".to_owned(),
            format!("UPDATE on {name}.koperasi"),
            format!("DELETE on {name}.*"),
        ]
    );
    test.execute(&format!(
        "DROP USER {reader}@'%', {writer}@'%'; DROP ROLE {role}"
    ))
    .await;
}
