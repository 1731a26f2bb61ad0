//! What a scan costs over a slow network: its round trips, counted between it and PostgreSQL.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use kai_core::database::{self, ConnectionUri, QueryLimits};
use kai_core::scan::{Scan, ScanProgress, ScanReport};
use kai_core::store::{Cipher, NewConnection, Store};
use kai_test_support::postgres::{TestDatabase, fresh_database};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use url::Url;

/// Passes bytes on, and counts how often the client speaks after the server did.
struct Counter {
    address: SocketAddr,
    trips: Arc<AtomicUsize>,
    _task: AbortOnDropHandle<()>,
}

impl Counter {
    async fn before(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let trips = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&trips);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                connections.spawn(pass_on(client, server, Arc::clone(&counted)));
            }
        });
        Self {
            address,
            trips,
            _task: AbortOnDropHandle::new(task),
        }
    }
}

async fn pass_on(client: TcpStream, server: TcpStream, trips: Arc<AtomicUsize>) {
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let server_spoke = AtomicBool::new(true);
    let up = async {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from_client.read(&mut buffer).await {
            if server_spoke.swap(false, Ordering::SeqCst) {
                trips.fetch_add(1, Ordering::SeqCst);
            }
            if to_server.write_all(&buffer[..length]).await.is_err() {
                break;
            }
        }
    };
    let down = async {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from_server.read(&mut buffer).await {
            server_spoke.store(true, Ordering::SeqCst);
            if to_client.write_all(&buffer[..length]).await.is_err() {
                break;
            }
        }
    };
    tokio::select! { () = up => {}, () = down => {} }
}

/// A database with so many tables, each with keys, comments, values, and types of all kinds.
async fn with_tables(count: usize) -> Option<TestDatabase> {
    let test = fresh_database().await?;
    test.execute(
        "CREATE TYPE warna AS ENUM ('merah', 'putih'); CREATE DOMAIN rupiah AS NUMERIC(18,2); \
         CREATE TYPE titik AS (x INTEGER, y TEXT)",
    )
    .await;
    for first in (1..=count).step_by(50) {
        let last = count.min(first + 49);
        test.execute(&format!(
            "DO $$ BEGIN FOR i IN {first}..{last} LOOP \
               EXECUTE format('CREATE TABLE tabel_%s (id INTEGER PRIMARY KEY, \
                 induk INTEGER REFERENCES tabel_%s, nama TEXT, jenis VARCHAR(20), w warna, \
                 r rupiah, t timestamptz, j jsonb, b bytea, a integer[], ip inet[], p titik)', \
                 i, CASE WHEN i = {first} THEN i ELSE i - 1 END); \
               EXECUTE format('INSERT INTO tabel_%s SELECT n, NULL, ''nama '' || n, \
                 ''jenis '' || n %% 3, ''merah'', n, ''2024-02-29 13:05+07'', ''{{\"a\": 1}}'', \
                 ''x'', ''{{1,NULL}}'', ''{{10.0.0.1}}'', (1, ''a'')::titik FROM generate_series(1, 20) n', i); \
             END LOOP; END $$"
        ))
        .await;
    }
    Some(test)
}

/// Scans everything through a counter; how many round trips that took, and how long.
async fn scanned(test: &TestDatabase, count: usize) -> (usize, Duration) {
    let mut url = Url::parse(test.url()).unwrap();
    let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let counter = Counter::before(server).await;
    url.set_port(Some(counter.address.port())).unwrap();
    let uri: ConnectionUri = url.as_str().parse().unwrap();
    let folder = TempDir::new().unwrap();
    let place = format!("sqlite://{}", folder.path().join("kai.db").display());
    let store = Store::open(&place.parse().unwrap()).await.unwrap();
    let cipher = Cipher::from_key(&Cipher::generate_key()).unwrap();
    let connection = store
        .add_connection(NewConnection::new("banyak", uri.clone()), &cipher)
        .await
        .unwrap();
    let database = database::connect(&uri, &[]).await.unwrap();
    let connected = counter.trips.load(Ordering::SeqCst);
    let start = Instant::now();
    let report = Scan {
        connection: &connection,
        database: &*database,
        store: &store,
        cipher: &cipher,
    }
    .run(&[], &ScanProgress::default(), &CancellationToken::new())
    .await
    .unwrap();
    let took = start.elapsed();
    let ScanReport::Success(scanned) = report else {
        panic!("{report:?}")
    };
    assert_eq!(scanned.scanned_count, count);
    (counter.trips.load(Ordering::SeqCst) - connected, took)
}

#[tokio::test]
async fn the_round_trips_of_a_batch_do_not_grow_with_its_tables() {
    let (Some(few), Some(batch), Some(many)) = (
        with_tables(2).await,
        with_tables(16).await,
        with_tables(64).await,
    ) else {
        return;
    };
    let (few, _) = scanned(&few, 2).await;
    let (batch, _) = scanned(&batch, 16).await;
    let (many, _) = scanned(&many, 64).await;
    // A connection that went back to its pool may still say that it is done when the count begins or ends.
    assert!(few.abs_diff(batch) <= 1, "{few} for two, {batch} for 16");
    // Four batches, a second connection for those that run side by side, one list of the tables.
    assert!(many <= 4 * batch, "{batch} for one batch, {many} for four");
    assert!(batch <= 40, "{batch} for one batch");
}

#[tokio::test]
async fn first_rows_are_the_same_however_they_are_read() {
    let Some(test) = with_tables(3).await else {
        return;
    };
    let database = database::connect(&test.url().parse().unwrap(), &[])
        .await
        .unwrap();
    let limits = QueryLimits {
        timeout: Duration::from_secs(10),
        max_rows: 5,
        max_bytes: 1 << 20,
    };
    let names = ["tabel_1", "tabel_2", "tabel_3"].map(str::to_owned);
    let together = database.first_rows(&names, limits).await.unwrap();
    for name in &names {
        let sql = format!("SELECT * FROM {name} LIMIT 5");
        let query = database.guard().check(&sql).unwrap();
        let alone = database.query(&query, limits).await.unwrap();
        assert_eq!(together[name], alone.rows, "{name}");
        assert_eq!(alone.rows.len(), 5);
    }
}

/// Measures; the figure is in docs/performance-worker.md. `cargo test -p kai-core --test scan --
/// --ignored --nocapture a_thousand`.
#[tokio::test]
#[ignore = "measures, and takes a minute to prepare"]
async fn a_thousand_tables_are_scanned_in_seconds() {
    let Some(test) = with_tables(1_000).await else {
        return;
    };
    let (trips, took) = scanned(&test, 1_000).await;
    println!("1,000 tables: {trips} round trips, {took:.2?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
}
