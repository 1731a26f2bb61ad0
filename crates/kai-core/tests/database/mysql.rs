//! A real MariaDB server behind the interface that the agent uses.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kai_core::database::{self, Database, DatabaseError, Dialect, ForeignKey, QueryLimits};
use kai_test_support::mysql::{TestDatabase, fresh_database};
use sqlx::{Connection, MySqlConnection, Row};
use url::Url;

use super::postgres::ask;
use super::{limits, queries};

/// The small sample database as MySQL writes it.
pub(crate) const TABLES: &str = r"
CREATE TABLE provinsi (id INTEGER PRIMARY KEY, kode VARCHAR(9) NOT NULL UNIQUE, nama VARCHAR(99) NOT NULL, pulau VARCHAR(99) NOT NULL);
CREATE TABLE kabupaten (id INTEGER PRIMARY KEY, provinsi_id INTEGER NOT NULL REFERENCES provinsi(id), nama VARCHAR(99) NOT NULL, jenis VARCHAR(99) NOT NULL, jumlah_penduduk INTEGER);
CREATE TABLE koperasi (id INTEGER PRIMARY KEY, kabupaten_id INTEGER NOT NULL, nama VARCHAR(99) NOT NULL, jenis VARCHAR(99) NOT NULL, tahun_berdiri INTEGER NOT NULL, modal_awal NUMERIC(18,2) COMMENT 'Modal awal dalam rupiah', status VARCHAR(99) NOT NULL, tanggal_pengesahan DATE, CONSTRAINT ke_kabupaten FOREIGN KEY (kabupaten_id) REFERENCES kabupaten (id)) COMMENT 'Koperasi yang terdaftar';
CREATE TABLE `Laporan Tahunan` (`ID Laporan` INTEGER PRIMARY KEY, koperasi_id INTEGER NOT NULL, `Tahun` INTEGER NOT NULL, `Sisa Hasil Usaha` NUMERIC(18,2), `order` INTEGER NOT NULL);
INSERT INTO provinsi VALUES (1, '32', 'Jawa Barat', 'Jawa'), (2, '31', 'DKI Jakarta', 'Jawa'), (3, '51', 'Bali', 'Bali dan Nusa Tenggara');
INSERT INTO kabupaten VALUES (1, 1, 'Bandung', 'Kota', 2500000), (2, 1, 'Garut', 'Kabupaten', NULL), (3, 2, 'Jakarta Selatan', 'Kota', 2200000), (4, 3, 'Badung', 'Kabupaten', 550000);
INSERT INTO koperasi VALUES (1, 1, 'Sejahtera', 'Simpan Pinjam', 1998, 150000000.00, 'Aktif', '1998-05-20'), (2, 2, 'Tani Makmur', 'Produsen', 2005, 75000000.50, 'Aktif', '2005-01-31'), (3, 3, 'Karya O''Brien', 'Jasa', 2011, NULL, 'Tidak Aktif', NULL), (4, 4, 'Ñusa Dua 🌴', 'Konsumen', 2020, 30000000.00, 'Dibekukan', '2020-02-29');
INSERT INTO `Laporan Tahunan` VALUES (1, 1, 2022, 12500000.75, 1), (2, 1, 2023, NULL, 2), (3, 2, 2023, 8000000.00, 1);
";

/// Takes minutes: the numbers of a table, joined with themselves until there are a billion.
pub(crate) const SLOW: &str = "SELECT COUNT(*) FROM angka a CROSS JOIN angka b CROSS JOIN angka c \
     WHERE a.n + b.n + c.n > 100";

pub(crate) const NUMBERS: &str =
    "CREATE TABLE angka (n INTEGER PRIMARY KEY); INSERT INTO angka SELECT seq FROM seq_1_to_5000;";

pub(crate) async fn connect(test: &TestDatabase, schemas: &[&str]) -> Arc<dyn Database> {
    let schemas: Vec<_> = schemas.iter().map(|name| (*name).to_owned()).collect();
    database::connect(&test.url().parse().unwrap(), &schemas)
        .await
        .unwrap()
}

#[tokio::test]
async fn questions_run() {
    let Some(test) = fresh_database().await else {
        return;
    };
    test.execute(&queries::schema(Dialect::Mysql)).await;
    let database = connect(&test, &[]).await;
    assert_eq!(database.dialect(), Dialect::Mysql);
    queries::ask_all(&*database, test.name(), limits()).await;
    let joined = ask(
        &*database,
        "SELECT nama || '!' AS a, 'teks' AS b, 'a\\'b' AS c FROM koperasi WHERE id = 4",
        limits(),
    )
    .await
    .unwrap();
    assert_eq!(joined.rows[0]["a"], "Ñusa Dua 🌴!");
    assert_eq!(joined.rows[0]["b"], "teks");
    assert_eq!(joined.rows[0]["c"], "a'b");
}

/// What the small sample database does not have, `{arsip}` and `{lain}` being other schemas.
const CATALOGUE: &str = r"
CREATE VIEW koperasi_aktif AS SELECT nama FROM koperasi WHERE status = 'Aktif';
CREATE DATABASE {arsip};
CREATE TABLE {arsip}.`order` (a INTEGER, b VARCHAR(9), w ENUM('merah', 'putih'), k VARCHAR(9), panjang TEXT, doc JSON, PRIMARY KEY (a, b));
INSERT INTO {arsip}.`order` SELECT seq, seq, 'merah', CONCAT('k', seq % 60), REPEAT('x', 51), '{}' FROM seq_1_to_61;
CREATE TABLE {arsip}.anak (x INTEGER, y VARCHAR(9), p INTEGER, FOREIGN KEY (x, y) REFERENCES {arsip}.`order` (a, b));
CREATE VIEW {arsip}.rusak AS SELECT nama FROM koperasi;
CREATE DATABASE {lain}; CREATE TABLE {lain}.gaji (x INTEGER);
";

/// The schemas beside a test's own; dropped with it.
struct Others {
    test: TestDatabase,
    arsip: String,
    lain: String,
}

impl Others {
    async fn new() -> Option<Self> {
        let test = fresh_database().await?;
        test.execute(TABLES).await;
        let (arsip, lain) = (format!("{}_a", test.name()), format!("{}_l", test.name()));
        test.execute(
            &CATALOGUE
                .replace("{arsip}", &arsip)
                .replace("{lain}", &lain),
        )
        .await;
        Some(Self { test, arsip, lain })
    }

    async fn close(self) {
        let (arsip, lain) = (&self.arsip, &self.lain);
        let drop = format!("DROP DATABASE {arsip}; DROP DATABASE {lain}");
        self.test.execute(&drop).await;
    }
}

#[tokio::test]
async fn the_catalogue_tells_tables_columns_keys_and_values() {
    let Some(others) = Others::new().await else {
        return;
    };
    let (own, arsip) = (others.test.name(), &others.arsip);
    let database = connect(&others.test, &[own, arsip]).await;
    let order_name = format!("{arsip}.order");

    let tables = database.list_tables().await.unwrap();
    let names: Vec<_> = tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Laporan Tahunan",
            "kabupaten",
            "koperasi",
            "koperasi_aktif",
            "provinsi",
            &format!("{arsip}.anak"),
            &order_name,
            &format!("{arsip}.rusak"),
        ]
    );
    assert_eq!(
        tables[2].description.as_deref(),
        Some("Koperasi yang terdaftar")
    );
    assert_eq!(tables[2].column_count, 8);
    assert_eq!(tables[3].description, None, "a view has no comment");

    let wanted = [
        "koperasi",
        &format!("{}.gaji", others.lain),
        "tidak_ada",
        &order_name,
        &format!("{arsip}.anak"),
        "koperasi_aktif",
    ]
    .map(str::to_owned);
    let tables = database.describe_tables(&wanted).await.unwrap();
    let names: Vec<_> = tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "koperasi",
            &order_name,
            &format!("{arsip}.anak"),
            "koperasi_aktif"
        ]
    );
    let koperasi = &tables[0].columns;
    assert!(koperasi[0].is_primary_key && !koperasi[0].nullable);
    assert_eq!(
        koperasi[1].foreign_key,
        Some(ForeignKey {
            field_name: "id".to_owned(),
            reference_table: "kabupaten".to_owned()
        })
    );
    assert_eq!(koperasi[5].data_type, "decimal(18,2)");
    assert_eq!(
        koperasi[5].description.as_deref(),
        Some("Modal awal dalam rupiah")
    );
    assert!(koperasi[5].nullable && !koperasi[5].low_cardinality);
    assert_eq!(
        koperasi[6].categories,
        ["Aktif", "Dibekukan", "Tidak Aktif"]
    );

    let order = &tables[1].columns;
    let low: Vec<_> = order.iter().map(|column| column.low_cardinality).collect();
    // An integer; 61 values; an enum; 60 values; one value that is too long; JSON.
    assert_eq!(low, [false, false, true, true, false, true]);
    assert_eq!(order[2].categories, ["merah"]);
    assert_eq!(order[2].data_type, "enum('merah','putih')");
    assert_eq!(order[5].data_type, "json");
    assert!(order[0].is_primary_key && order[1].is_primary_key && !order[2].is_primary_key);

    let references: Vec<_> = tables[2]
        .columns
        .iter()
        .filter_map(|column| {
            let key = column.foreign_key.as_ref()?;
            Some((&*column.name, &*key.reference_table, &*key.field_name))
        })
        .collect();
    assert_eq!(
        references,
        [("x", &*order_name, "a"), ("y", &*order_name, "b")]
    );
    let columns = database.describe_columns(&wanted).await.unwrap();
    assert!(columns.iter().all(|table| {
        let mut columns = table.columns.iter();
        columns.all(|column| column.categories.is_empty())
    }));

    // What is shown of a table, quoted, names it in a query.
    let sql = format!("SELECT * FROM {}", Dialect::Mysql.quote_table(&order_name));
    ask(&*database, &sql, limits()).await.unwrap();
    others.close().await;
}

#[tokio::test]
async fn rows_and_bytes_are_limited() {
    let Some(test) = fresh_database().await else {
        return;
    };
    test.execute(TABLES).await;
    test.execute(NUMBERS).await;
    let database = connect(&test, &[]).await;
    let many = "SELECT a.n FROM angka a CROSS JOIN angka b";
    let few_rows = QueryLimits {
        max_rows: 7,
        ..limits()
    };
    for _ in 0..6 {
        // More often than there are connections: each is free again.
        let result = ask(&*database, many, few_rows).await.unwrap();
        assert_eq!((result.rows.len(), result.truncated), (7, true));
    }
    let few_bytes = QueryLimits {
        max_bytes: 40,
        ..limits()
    };
    let result = ask(&*database, many, few_bytes).await.unwrap();
    assert_eq!((result.rows.len(), result.truncated), (10, true));
    let exact = QueryLimits {
        max_rows: 4,
        ..limits()
    };
    let result = ask(&*database, "SELECT * FROM koperasi", exact)
        .await
        .unwrap();
    assert_eq!((result.rows.len(), result.truncated), (4, false));
    let none = ask(
        &*database,
        "SELECT nama, id FROM koperasi WHERE 1 = 0",
        limits(),
    )
    .await
    .unwrap();
    assert_eq!(none.columns, ["nama", "id"]);
}

#[tokio::test]
async fn a_query_that_takes_too_long_is_stopped() {
    let Some(test) = fresh_database().await else {
        return;
    };
    test.execute(NUMBERS).await;
    let database = connect(&test, &[]).await;
    let short = QueryLimits {
        timeout: Duration::from_secs(1),
        ..limits()
    };
    let start = Instant::now();
    let error = ask(&*database, SLOW, short).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the query ran longer than 1 seconds and was stopped"
    );
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(!error.is_retryable());
    ask(&*database, "SELECT 1", limits()).await.unwrap();
}

/// How many statements that look like this run in the test's database.
async fn running(watcher: &mut MySqlConnection, schema: &str, like: &str) -> i64 {
    sqlx::query(
        "SELECT COUNT(*) FROM information_schema.PROCESSLIST \
         WHERE DB = ? AND INFO LIKE ? AND ID <> CONNECTION_ID()",
    )
    .bind(schema)
    .bind(like)
    .fetch_one(watcher)
    .await
    .unwrap()
    .get(0)
}

#[tokio::test]
async fn a_query_that_nobody_waits_for_is_stopped() {
    let Some(test) = fresh_database().await else {
        return;
    };
    test.execute(NUMBERS).await;
    let database = connect(&test, &[]).await;
    let mut watcher = MySqlConnection::connect(test.url()).await.unwrap();
    let checked = database.guard().check(SLOW).unwrap();
    let limits = limits();
    let query = {
        let database = Arc::clone(&database);
        tokio::spawn(async move { database.query(&checked, limits).await })
    };
    let like = "%CROSS JOIN%";
    while running(&mut watcher, test.name(), like).await == 0 {
        assert!(!query.is_finished(), "it ended before it was seen");
        tokio::task::yield_now().await;
    }
    query.abort();
    // Also when the database itself is given up in the same moment.
    drop(database);
    let start = Instant::now();
    while running(&mut watcher, test.name(), like).await > 0 {
        assert!(start.elapsed() < Duration::from_secs(5), "it still runs");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_session_is_read_only_and_reads_as_the_guard_does() {
    let Some(test) = fresh_database().await else {
        return;
    };
    test.execute(
        "CREATE TABLE log (a INTEGER); \
         CREATE FUNCTION catat() RETURNS INTEGER BEGIN INSERT INTO log VALUES (1); RETURN 1; END",
    )
    .await;
    test.execute("CREATE VIEW jahat AS SELECT catat() AS a")
        .await;
    let database = connect(&test, &[]).await;
    // Texts are read as the guard has read them.
    let texts = ask(
        &*database,
        "SELECT 'a\\\\b' AS teks, '\\\\' AS satu FROM log RIGHT JOIN (SELECT 1 AS x) d ON 1 = 1",
        limits(),
    )
    .await
    .unwrap();
    assert_eq!(texts.rows[0]["teks"], "a\\b");
    assert_eq!(texts.rows[0]["satu"], "\\");

    let error = ask(&*database, "SELECT * FROM jahat", limits())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "Cannot execute statement in a READ ONLY transaction"
    );
    // What the session is set to, seen through a view: queries cannot ask for settings.
    test.execute(
        "CREATE VIEW sesi AS SELECT VARIABLE_NAME AS nama, VARIABLE_VALUE AS nilai \
         FROM information_schema.SESSION_VARIABLES",
    )
    .await;
    for (name, value) in [
        (
            "SQL_MODE",
            "PIPES_AS_CONCAT,ONLY_FULL_GROUP_BY,NO_UNSIGNED_SUBTRACTION",
        ),
        ("TIME_ZONE", "+00:00"),
        ("CHARACTER_SET_CLIENT", "utf8mb4"),
        ("CHARACTER_SET_RESULTS", "utf8mb4"),
        ("MAX_STATEMENT_TIME", "20.000000"),
    ] {
        let sql = format!("SELECT nilai FROM sesi WHERE nama = '{name}'");
        let session = ask(&*database, &sql, limits()).await.unwrap();
        assert_eq!(session.rows[0]["nilai"], value, "{name}");
    }
}

#[tokio::test]
async fn a_wrong_query_is_told_in_the_database_s_words() {
    let Some(test) = fresh_database().await else {
        return;
    };
    test.execute(TABLES).await;
    let database = connect(&test, &[]).await;
    let error = ask(&*database, "SELECT k.namaa FROM koperasi k", limits())
        .await
        .unwrap_err();
    // Where the column was looked for is called differently by different versions.
    let message = error.to_string();
    assert!(
        message.starts_with("Unknown column 'k.namaa' in"),
        "{message}"
    );
    assert!(!error.is_retryable());
    // What is grouped by and what is not, as elsewhere.
    let error = ask(
        &*database,
        "SELECT nama, COUNT(*) FROM koperasi GROUP BY status",
        limits(),
    )
    .await
    .unwrap_err();
    assert!(error.to_string().contains("GROUP BY"), "{error}");
}

#[tokio::test]
async fn what_cannot_be_connected_to_is_told_without_the_password() {
    let Some(test) = fresh_database().await else {
        return;
    };
    let error = async |change: &dyn Fn(&mut Url), schemas: &[String]| {
        let mut url = Url::parse(test.url()).unwrap();
        change(&mut url);
        let error = database::connect(&url.as_str().parse().unwrap(), schemas)
            .await
            .err()
            .unwrap();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(!shown.contains("://"), "{shown}");
        error
    };

    let closed = error(&|url| url.set_port(Some(1)).unwrap(), &[]).await;
    assert!(
        closed.to_string().starts_with("cannot reach the database"),
        "{closed}"
    );
    assert!(closed.is_retryable());

    let wrong = error(&|url| url.set_password(Some("s3cret")).unwrap(), &[]).await;
    assert!(matches!(wrong, DatabaseError::Refused), "{wrong}");

    let none = error(&|url| url.set_path("tidak_ada"), &[]).await;
    assert_eq!(none.to_string(), "Unknown database 'tidak_ada'");
    assert!(!none.is_retryable());

    let unnamed = error(&|url| url.set_path(""), &[]).await;
    assert!(unnamed.to_string().contains("/DATABASE"), "{unnamed}");

    let no_schema = error(&|_| {}, &["Lain".to_owned()]).await;
    assert_eq!(
        no_schema.to_string(),
        "the server has no database `Lain`, or the account may not see it"
    );

    let no_tls = error(&|url| url.set_query(Some("sslmode=require")), &[]).await;
    assert!(no_tls.to_string().contains("sslmode"), "{no_tls}");
}
