//! How long a scan of a database of many tables takes, and how often it asks the database.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use kai_core::database::{self, ConnectionUri};
use kai_core::scan::{Scan, ScanProgress, ScanReport};
use kai_core::store::{Cipher, NewConnection, Store};
use kai_test_support::many_tables::{on_mariadb, on_postgresql};
use kai_test_support::round_trips::RoundTrips;
use tokio_util::sync::CancellationToken;

/// What scans of one database came to.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) database: &'static str,
    pub(crate) tables: usize,
    /// The first scan, and one of tables that are known already.
    pub(crate) times: [Duration; 2],
    /// How often the first one waited for an answer.
    pub(crate) round_trips: usize,
}

/// Scans so many tables on each database server.
pub(crate) async fn measure_all(folder: &Path, tables: usize) -> anyhow::Result<Vec<Case>> {
    let none = "there is no server to measure with; run scripts/bench-agent";
    let postgresql = on_postgresql(tables).await.context(none)?;
    let mariadb = on_mariadb(tables).await.context(none)?;
    let cipher = Cipher::from_key(&Cipher::generate_key())?;
    let mut cases = Vec::new();
    for (name, url) in [("PostgreSQL", postgresql.url()), ("MariaDB", mariadb.url())] {
        // Counted in a scan of its own: the relay costs time.
        let store = folder.join(format!("scan-{name}.db"));
        let first = scan(&store, &cipher, url, tables).await?;
        let again = scan(&store, &cipher, url, tables).await?;
        let relay = RoundTrips::before(url).await;
        scan(
            &folder.join(format!("counted-{name}.db")),
            &cipher,
            relay.url(),
            tables,
        )
        .await?;
        cases.push(Case {
            database: name,
            tables,
            times: [first, again],
            round_trips: relay.count(),
        });
    }
    postgresql.close().await;
    Ok(cases)
}

/// How long the scan of a database took, what its store does included.
async fn scan(store: &Path, cipher: &Cipher, url: &str, tables: usize) -> anyhow::Result<Duration> {
    let uri: ConnectionUri = url.parse()?;
    let store = Store::open(&format!("sqlite://{}", store.display()).parse()?).await?;
    let known = store.connections().await?.into_iter().next();
    let connection = if let Some(known) = known {
        known
    } else {
        let new = NewConnection::new("banyak", uri.clone());
        store.add_connection(new, cipher).await?
    };
    let database = database::connect(&uri, &[]).await?;
    let begun = Instant::now();
    let scan = Scan {
        connection: &connection,
        database: &*database,
        store: &store,
        cipher,
    };
    let cancel = CancellationToken::new();
    let report = scan.run(&[], &ScanProgress::default(), &cancel).await?;
    let took = begun.elapsed();
    database.close().await;
    match report {
        ScanReport::Success(scanned) if scanned.scanned_count == tables => Ok(took),
        other => bail!("the scan came to {other:?}"),
    }
}
