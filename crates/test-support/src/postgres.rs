//! Databases on a PostgreSQL server that live as long as a test.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use url::Url;
use uuid::Uuid;

/// The variable with the URL of a server's database, and of a user who may create others.
pub const VARIABLE: &str = "KAI_TEST_POSTGRES_URL";

/// A database of its own for one test, dropped with this value.
#[derive(Debug)]
pub struct TestDatabase {
    admin: Url,
    url: Url,
    name: String,
    dropped: bool,
}

/// Makes a new, empty database on the server that `KAI_TEST_POSTGRES_URL` names. None, told in one
/// line, where the variable is missing.
///
/// # Panics
/// When the variable is missing in CI, or when the database cannot be made.
pub async fn fresh_database() -> Option<TestDatabase> {
    let admin = crate::service(VARIABLE)?;
    let admin = Url::parse(&admin).unwrap_or_else(|error| panic!("{VARIABLE}: {error}"));
    let name = format!("kai_test_{}", Uuid::new_v4().simple());
    run(&admin, &format!("CREATE DATABASE {name}"))
        .await
        .unwrap_or_else(|error| panic!("cannot create a database for the test: {error}"));
    let mut url = admin.clone();
    url.set_path(&name);
    Some(TestDatabase {
        admin,
        url,
        name,
        dropped: false,
    })
}

impl TestDatabase {
    /// The URL of the database.
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Runs one or more statements, as the user who owns the database.
    ///
    /// # Panics
    /// When a statement fails.
    pub async fn execute(&self, sql: &str) {
        run(&self.url, sql)
            .await
            .unwrap_or_else(|error| panic!("cannot prepare the test's database: {error}"));
    }

    /// Drops the database now, connections to it included.
    ///
    /// # Panics
    /// When it cannot be dropped.
    pub async fn close(mut self) {
        self.dropped = true;
        run(&self.admin, &drop_statement(&self.name))
            .await
            .unwrap_or_else(|error| panic!("cannot drop the test's database: {error}"));
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if self.dropped {
            return;
        }
        let (admin, statement) = (self.admin.clone(), drop_statement(&self.name));
        // A thread with a runtime of its own: the test's runtime may be the one that is ending.
        let dropper = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map(|runtime| runtime.block_on(run(&admin, &statement)))
        });
        if !matches!(dropper.join(), Ok(Ok(Ok(())))) {
            eprintln!("the test's database {} could not be dropped", self.name);
        }
    }
}

fn drop_statement(name: &str) -> String {
    format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")
}

async fn run(url: &Url, sql: &str) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(url.as_str()).await?;
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(sql)))
        .await?;
    connection.close().await
}
