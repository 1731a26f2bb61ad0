//! A store and a database to ask, for every combination of kinds that there is here.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use kai_core::agent::{Agent, AgentLimits, AgentMode, AgentTask, EventSink, Thread};
use kai_core::analyst::Analyst;
use kai_core::config::Secret;
use kai_core::database::QueryLimits;
use kai_core::event::AgentEvent;
use kai_core::ids::TaskId;
use kai_core::language::Language;
use kai_core::model::ChatModel;
use kai_core::offline::OfflineModel;
use kai_core::scan::{Remembered, ScanProgress, ScanReport};
use kai_core::store::{Cipher, Store, StoreUrl, StoredTable, SyncStatus, TypesenseAccess};
use kai_core::wire::RunStatus;
use kai_test_support::mysql;
use kai_test_support::postgres::{TestDatabase, fresh_database};
use kai_test_support::typesense::{self, TestCollections, fresh_collections};
use sqlx::{AssertSqlSafe, Connection as _, Row as _};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// What both dialects understand.
const SAMPLE: &str = "
    CREATE TABLE provinsi (id INTEGER PRIMARY KEY, nama VARCHAR(80) NOT NULL);
    CREATE TABLE koperasi (
        id INTEGER PRIMARY KEY,
        provinsi_id INTEGER NOT NULL REFERENCES provinsi (id),
        nama VARCHAR(80) NOT NULL,
        jenis VARCHAR(20)
    );
    INSERT INTO provinsi VALUES (1, 'Jawa Barat'), (2, 'Bali');
    INSERT INTO koperasi VALUES (1, 1, 'Maju', 'simpan pinjam'), (2, 1, 'Sejahtera', 'konsumsi'),
        (3, 2, 'Mandiri', 'konsumsi'), (4, 2, 'Tani', NULL), (5, 2, 'Nelayan', 'produksi'),
        (6, 2, 'Pasar', 'produksi'), (7, 2, 'Batik', 'produksi');
";

/// A database for one test: of either kind, as a store or as what is scanned.
pub(crate) enum Place {
    File(TempDir),
    Server(TestDatabase),
    MariaDb(mysql::TestDatabase),
    /// A store only.
    Typesense(TestCollections),
}

impl Place {
    pub(crate) fn url(&self) -> String {
        match self {
            Self::File(folder) => format!("sqlite://{}", folder.path().join("a.db").display()),
            Self::Server(database) => database.url().to_owned(),
            Self::MariaDb(database) => database.url().to_owned(),
            Self::Typesense(collections) => collections.url(),
        }
    }

    pub(crate) fn store_url(&self) -> StoreUrl {
        let url: StoreUrl = self.url().parse().unwrap();
        url.with_typesense(TypesenseAccess {
            api_key: Some(Secret::from(typesense::KEY.to_owned())),
            ..TypesenseAccess::default()
        })
    }

    pub(crate) async fn execute(&self, sql: &str) {
        match self {
            Self::File(_) => {
                let uri = format!("{}?mode=rwc", self.url());
                let mut connection = sqlx::SqliteConnection::connect(&uri).await.unwrap();
                let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
                sql.execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            Self::Server(database) => database.execute(sql).await,
            Self::MariaDb(database) => database.execute(sql).await,
            Self::Typesense(_) => panic!("Typesense executes no statements"),
        }
    }

    /// Every value of one text column of a table.
    pub(crate) async fn texts(&self, column: &str, table: &str) -> Vec<String> {
        let sql = AssertSqlSafe(format!("SELECT {column} FROM {table}"));
        match self {
            Self::Typesense(collections) => {
                let documents = collections.documents(table).await;
                let values = documents.iter().filter_map(|kept| kept[column].as_str());
                values.map(str::to_owned).collect()
            }
            Self::File(_) => {
                let mut connection = sqlx::SqliteConnection::connect(&self.url()).await.unwrap();
                let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
            Self::Server(_) => {
                let mut connection = sqlx::PgConnection::connect(&self.url()).await.unwrap();
                let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
            Self::MariaDb(_) => {
                let mut connection = sqlx::MySqlConnection::connect(&self.url()).await.unwrap();
                let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }

    pub(crate) fn file() -> Self {
        Self::File(TempDir::new().unwrap())
    }
}

/// A store and a database to ask, with the connection `c-1`.
pub(crate) struct Case {
    pub(crate) store_place: Place,
    pub(crate) target: Place,
    pub(crate) store: Store,
    cipher: Cipher,
    pub(crate) analyst: Analyst,
}

/// Every combination of store and target that there is here.
pub(crate) async fn cases() -> Vec<Case> {
    let mut cases = vec![case(Place::file(), Place::file()).await];
    if let (Some(first), Some(second)) = (fresh_database().await, fresh_database().await) {
        cases.push(case(Place::Server(first), Place::file()).await);
        cases.push(case(Place::file(), Place::Server(second)).await);
    }
    if let Some(collections) = fresh_collections() {
        cases.push(case(Place::Typesense(collections), Place::file()).await);
    }
    if let Some(target) = mysql::fresh_database().await {
        cases.push(case(Place::file(), Place::MariaDb(target)).await);
    }
    cases
}

pub(crate) async fn case(store_place: Place, target: Place) -> Case {
    let model = OfflineModel::new(Language::Indonesian);
    case_with(store_place, target, Arc::new(model)).await
}

pub(crate) async fn case_with(
    store_place: Place,
    target: Place,
    model: Arc<dyn ChatModel>,
) -> Case {
    target.execute(SAMPLE).await;
    let store = Store::open(&store_place.store_url()).await.unwrap();
    let cipher = Cipher::from_key(&Cipher::generate_key()).unwrap();
    let limits = AgentLimits {
        max_turns: 20,
        language: Language::Indonesian,
    };
    let analyst = Analyst::new(
        store.clone(),
        Some(cipher.clone()),
        Agent::new(model, limits),
        QueryLimits {
            timeout: Duration::from_secs(10),
            max_rows: 1000,
            max_bytes: 1 << 20,
        },
    );
    let stored = analyst.store_connection("c-1", &target.url(), "toko").await;
    stored.unwrap();
    Case {
        store_place,
        target,
        store,
        cipher,
        analyst,
    }
}

impl Case {
    pub(crate) async fn scan(&self, names: &[&str]) -> ScanReport {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let (progress, cancel) = (ScanProgress::default(), CancellationToken::new());
        let report = self.analyst.scan("c-1", &names, &progress, &cancel).await;
        assert_eq!(progress.done(), progress.total());
        report.unwrap()
    }

    pub(crate) async fn tables(&self) -> Vec<StoredTable> {
        let connection = self.analyst.find("c-1").await.unwrap();
        self.store.tables(&connection, &self.cipher).await.unwrap()
    }

    pub(crate) async fn statuses(&self) -> Vec<(String, SyncStatus)> {
        let tables = self.tables().await.into_iter();
        tables
            .map(|table| (table.table_name, table.sync_status))
            .collect()
    }

    pub(crate) async fn remembered(&self) -> Remembered {
        let connection = self.analyst.find("c-1").await.unwrap();
        let database = self.analyst.connect(&connection).await.unwrap();
        Remembered::new(
            database,
            self.store.clone(),
            self.cipher.clone(),
            connection,
        )
    }

    pub(crate) async fn ask(&self, prompt: &str) -> (RunStatus, Vec<String>, Vec<AgentEvent>) {
        let events = Events::default();
        let task = AgentTask {
            id: TaskId::generate(),
            prompt: prompt.to_owned(),
            plan: None,
            thread: Thread::default(),
            mode: AgentMode::default(),
        };
        let cancel = CancellationToken::new();
        let result = self
            .analyst
            .answer("toko", &task, &events, &cancel)
            .await
            .unwrap();
        (
            result.status,
            result.sql_queries,
            events.0.into_inner().unwrap(),
        )
    }
}

#[derive(Default)]
struct Events(Mutex<Vec<AgentEvent>>);

impl EventSink for Events {
    fn emit(&self, event: AgentEvent) {
        self.0.lock().unwrap().push(event);
    }
}

pub(crate) fn named(tables: &[&str]) -> Vec<String> {
    tables.iter().map(|table| (*table).to_owned()).collect()
}
