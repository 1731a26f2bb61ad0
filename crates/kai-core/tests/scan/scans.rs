//! What a scan keeps, and what becomes of tables that vanish, fail or are left.

use kai_core::database::Database as _;
use kai_core::scan::{ScanProgress, ScanReport, Scanned};
use kai_core::store::SyncStatus;
use kai_test_support::postgres::fresh_database;
use tokio_util::sync::CancellationToken;

use crate::harness::{Place, case, cases, named};

#[tokio::test]
async fn a_scan_keeps_columns_keys_samples_and_values_encrypted() {
    for case in cases().await {
        let report = case.scan(&[]).await;
        assert_eq!(
            report,
            ScanReport::Success(Scanned {
                scanned_count: 2,
                tables: named(&["koperasi", "provinsi"]),
                ..Scanned::default()
            })
        );
        let tables = case.tables().await;
        let koperasi = &tables[0];
        assert_eq!(koperasi.sync_status, SyncStatus::Scanned);
        assert!(koperasi.last_sync.is_some());
        assert_eq!(koperasi.examples.len(), 5);
        assert_eq!(koperasi.examples[0]["nama"], "Maju");
        let column = |name: &str| koperasi.columns.iter().find(|c| c.name == name).unwrap();
        assert!(column("id").is_primary_key);
        let reference = column("provinsi_id").foreign_key.as_ref().unwrap();
        assert_eq!(reference.reference_table, "provinsi");
        assert_eq!(reference.field_name, "id");
        assert!(column("jenis").low_cardinality);
        assert_eq!(
            column("jenis").categories,
            ["konsumsi", "produksi", "simpan pinjam"]
        );
        let ddl = koperasi.table_schema.as_deref().unwrap();
        assert!(ddl.starts_with("CREATE TABLE koperasi (\n    id "), "{ddl}");
        assert!(
            ddl.contains("FOREIGN KEY (provinsi_id) REFERENCES provinsi (id)"),
            "{ddl}"
        );

        let kept = case.store_place.texts("content", "scanned_tables").await;
        assert_eq!(kept.len(), 2);
        assert!(kept.iter().all(|token| token.starts_with("gAAAA")));
        assert!(!format!("{tables:?}").contains("Maju"));
    }
}

#[tokio::test]
async fn tables_that_vanish_are_deprecated_and_those_that_fail_say_why() {
    for case in cases().await {
        assert_eq!(
            case.scan(&["provinsi", "tidak_ada"]).await,
            ScanReport::Success(Scanned {
                scanned_count: 1,
                tables: named(&["provinsi"]),
                not_found: named(&["tidak_ada"]),
                ..Scanned::default()
            })
        );
        let status = |name: &str, status| (name.to_owned(), status);
        assert_eq!(
            case.statuses().await,
            [
                status("koperasi", SyncStatus::NotScanned),
                status("provinsi", SyncStatus::Scanned)
            ]
        );
        assert_eq!(case.scan(&["tidak_ada"]).await, ScanReport::NoTablesFound);

        let broken = match &case.target {
            Place::File(_) => "CREATE VIEW rusak AS SELECT * FROM hilang;",
            Place::Server(_) => "CREATE VIEW rusak AS SELECT 1 / (id - id) AS x FROM provinsi;",
            Place::MariaDb(_) => "CREATE VIEW rusak AS SELECT (SELECT id FROM provinsi) AS x;",
            Place::Typesense(_) => panic!("no target"),
        };
        case.target
            .execute(&format!("DROP TABLE koperasi; {broken}"))
            .await;
        let ScanReport::Success(scanned) = case.scan(&[]).await else {
            panic!("nothing was scanned");
        };
        assert_eq!(scanned.tables, ["provinsi"]);
        assert_eq!(scanned.failed[0].table, "rusak");
        let tables = case.tables().await;
        assert_eq!(tables[0].sync_status, SyncStatus::Deprecated);
        assert_eq!(tables[2].sync_status, SyncStatus::Failed);
        assert_eq!(
            tables[2].error_message.as_ref(),
            Some(&scanned.failed[0].error)
        );

        let ScanReport::Failed(scanned) = case.scan(&["rusak"]).await else {
            panic!("a broken view was scanned");
        };
        assert_eq!(scanned.scanned_count, 0);
        case.target
            .execute("DROP VIEW rusak; CREATE TABLE koperasi (id INTEGER)")
            .await;
        case.scan(&["koperasi"]).await;
        assert_eq!(
            case.statuses().await,
            [
                status("koperasi", SyncStatus::Scanned),
                status("provinsi", SyncStatus::Scanned),
                status("rusak", SyncStatus::Deprecated),
            ]
        );
    }
}

#[tokio::test]
async fn a_cancelled_scan_leaves_no_table_in_between() {
    let Some(target) = fresh_database().await else {
        return;
    };
    let case = case(Place::file(), Place::Server(target)).await;
    case.scan(&[]).await;
    // A view whose rows never come: the scan stands still at it until it is cancelled.
    case.target
        .execute("CREATE VIEW lambat AS SELECT pg_sleep(60)::text AS x;")
        .await;
    let (progress, cancel) = (ScanProgress::default(), CancellationToken::new());
    let scan = case.analyst.scan("c-1", &[], &progress, &cancel);
    let stop = async {
        while !case
            .statuses()
            .await
            .iter()
            .any(|(_, status)| *status == SyncStatus::Synchronizing)
        {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let (outcome, ()) = tokio::join!(scan, stop);
    assert_eq!(outcome.unwrap_err().to_string(), "the run was cancelled");
    let statuses: Vec<_> = case.statuses().await.into_iter().map(|(_, s)| s).collect();
    assert_eq!(
        statuses,
        [
            SyncStatus::Scanned,
            SyncStatus::NotScanned,
            SyncStatus::Scanned
        ]
    );
}

#[tokio::test]
async fn tables_are_described_with_the_last_scan_and_fresh_columns() {
    for case in cases().await {
        let names = named(&["koperasi", "provinsi"]);
        let before = case
            .remembered()
            .await
            .describe_tables(&names)
            .await
            .unwrap();
        assert!(before.iter().all(|table| table.examples.is_empty()));
        assert!(!before[0].columns[3].categories.is_empty());

        case.scan(&["koperasi"]).await;
        case.target
            .execute(
                "UPDATE koperasi SET jenis = 'baru'; ALTER TABLE koperasi ADD COLUMN kota TEXT;",
            )
            .await;
        let after = case
            .remembered()
            .await
            .describe_tables(&names)
            .await
            .unwrap();
        assert_eq!(after[0].name, "koperasi");
        assert_eq!(after[0].examples.len(), 5);
        assert_eq!(
            after[0].columns[3].categories,
            before[0].columns[3].categories
        );
        assert_eq!(after[0].columns[4].name, "kota");
        assert_eq!(after[1], before[1]);
    }
}

#[tokio::test]
async fn a_connection_keeps_its_id_however_often_it_is_stored() {
    for case in cases().await {
        let first = case.analyst.find("c-1").await.unwrap();
        let uri = case.target.url();
        let again = case
            .analyst
            .store_connection("c-1", &uri, "toko")
            .await
            .unwrap();
        assert_eq!(again.id, first.id);
        assert_eq!(again.created_at, first.created_at);
        assert_eq!(again.metadata["source"], "temporal_worker");
        let renamed = case
            .analyst
            .store_connection("c-1", &uri, "warung")
            .await
            .unwrap();
        assert_eq!(
            (renamed.alias.as_str(), renamed.schemas),
            ("warung", first.schemas)
        );

        case.analyst
            .store_connection("c-2", &uri, "lain")
            .await
            .unwrap();
        for (id, uri, alias) in [
            ("c-2", uri.as_str(), "warung"),
            (" ", uri.as_str(), "x"),
            ("c-3", "oracle://a:rahasia@b/c", "x"),
        ] {
            let error = case
                .analyst
                .store_connection(id, uri, alias)
                .await
                .unwrap_err();
            assert!(!error.is_retryable(), "{error}");
            assert!(!error.to_string().contains("rahasia"), "{error}");
        }
        assert_eq!(case.store.connections().await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_table_with_a_huge_value_spoils_no_other() {
    for case in cases().await {
        let Place::Server(target) = &case.target else {
            continue;
        };
        target
            .execute("CREATE TABLE besar AS SELECT 1 AS id, repeat('x', 20000000) AS isi")
            .await;
        let ScanReport::Success(scanned) = case.scan(&[]).await else {
            panic!("no table was scanned");
        };
        assert_eq!(scanned.tables, ["besar", "koperasi", "provinsi"]);
        assert!(scanned.failed.is_empty(), "{:?}", scanned.failed);
        let tables = case.tables().await;
        let examples: Vec<_> = tables.iter().map(|table| table.examples.len()).collect();
        assert_eq!(examples, [0, 5, 2]);
    }
}
