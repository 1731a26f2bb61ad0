//! What a scan costs over a slow network: its round trips, counted between it and PostgreSQL.

use std::time::Duration;

use kai_core::database::{self, ConnectionUri, QueryLimits};
use kai_core::scan::{Scan, ScanProgress, ScanReport};
use kai_core::store::{Cipher, NewConnection, Store};
use kai_test_support::many_tables::on_postgresql;
use kai_test_support::postgres::TestDatabase;
use kai_test_support::round_trips::RoundTrips;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// Scans everything through a relay that counts; how many round trips that took.
async fn scanned(test: &TestDatabase, count: usize) -> usize {
    let relay = RoundTrips::before(test.url()).await;
    let uri: ConnectionUri = relay.url().parse().unwrap();
    let folder = TempDir::new().unwrap();
    let place = format!("sqlite://{}", folder.path().join("kai.db").display());
    let store = Store::open(&place.parse().unwrap()).await.unwrap();
    let cipher = Cipher::from_key(&Cipher::generate_key()).unwrap();
    let connection = store
        .add_connection(NewConnection::new("banyak", uri.clone()), &cipher)
        .await
        .unwrap();
    let database = database::connect(&uri, &[]).await.unwrap();
    let connected = relay.count();
    let report = Scan {
        connection: &connection,
        database: &*database,
        store: &store,
        cipher: &cipher,
    }
    .run(&[], &ScanProgress::default(), &CancellationToken::new())
    .await
    .unwrap();
    let ScanReport::Success(scanned) = report else {
        panic!("{report:?}")
    };
    assert_eq!(scanned.scanned_count, count);
    relay.count() - connected
}

#[tokio::test]
async fn the_round_trips_of_a_batch_do_not_grow_with_its_tables() {
    let (Some(few), Some(batch), Some(many)) = (
        on_postgresql(2).await,
        on_postgresql(16).await,
        on_postgresql(64).await,
    ) else {
        return;
    };
    let few = scanned(&few, 2).await;
    let batch = scanned(&batch, 16).await;
    let many = scanned(&many, 64).await;
    // A connection that went back to its pool may still say that it is done when the count begins or ends.
    assert!(few.abs_diff(batch) <= 1, "{few} for two, {batch} for 16");
    // Four batches, a second connection for those that run side by side, one list of the tables.
    assert!(many <= 4 * batch, "{batch} for one batch, {many} for four");
    assert!(batch <= 40, "{batch} for one batch");
}

#[tokio::test]
async fn first_rows_are_the_same_however_they_are_read() {
    let Some(test) = on_postgresql(3).await else {
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
