//! Databases on a MySQL or MariaDB server that live as long as a test.

use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection};
use url::Url;
use uuid::Uuid;

/// The variable with the URL of a server, and of a user who may do everything there.
pub const VARIABLE: &str = "KAI_TEST_MYSQL_URL";

/// A database of its own for one test, dropped with this value.
#[derive(Debug)]
pub struct TestDatabase {
    admin: Url,
    url: Url,
    name: String,
}

/// Makes a new, empty database on the server that `KAI_TEST_MYSQL_URL` names. None, told in one
/// line, where the variable is missing.
///
/// # Panics
/// When the variable is missing in CI, or when the database cannot be made.
pub async fn fresh_database() -> Option<TestDatabase> {
    let admin = crate::service(VARIABLE)?;
    Some(database_at(&admin).await)
}

/// The same on a server that the test has started itself.
///
/// # Panics
/// When the database cannot be made.
pub async fn database_at(admin: &str) -> TestDatabase {
    let admin = Url::parse(admin).unwrap_or_else(|error| panic!("{VARIABLE}: {error}"));
    let name = format!("kai_test_{}", Uuid::new_v4().simple());
    run(
        &admin,
        &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4"),
    )
    .await
    .unwrap_or_else(|error| panic!("cannot create a database for the test: {error}"));
    let mut url = admin.clone();
    url.set_path(&name);
    TestDatabase { admin, url, name }
}

impl TestDatabase {
    /// The URL of the database.
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs one or more statements, as the user who may do everything.
    ///
    /// # Panics
    /// When a statement fails.
    pub async fn execute(&self, sql: &str) {
        run(&self.url, sql)
            .await
            .unwrap_or_else(|error| panic!("cannot prepare the test's database: {error}"));
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (admin, name) = (self.admin.clone(), self.name.clone());
        // A thread with a runtime of its own: the test's runtime may be the one that is ending.
        let dropper = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map(|runtime| {
                    runtime.block_on(run(&admin, &format!("DROP DATABASE IF EXISTS {name}")))
                })
        });
        if !matches!(dropper.join(), Ok(Ok(Ok(())))) {
            eprintln!("the test's database {} could not be dropped", self.name);
        }
    }
}

async fn run(url: &Url, sql: &str) -> Result<(), sqlx::Error> {
    let mut connection = MySqlConnection::connect(url.as_str()).await?;
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(sql)))
        .await?;
    connection.close().await
}
