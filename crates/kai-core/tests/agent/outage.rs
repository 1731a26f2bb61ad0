//! A database that goes away while a run asks it: real servers that are killed in the middle of a query, and
//! files that are deleted or replaced.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use kai_test_support::database_server::{DatabaseServer, Kind};
use kai_test_support::held_queries::HeldQueries;

use super::*;

const KINDS: [Kind; 2] = [Kind::Postgresql, Kind::MariaDb];

fn asks(id: &str, query: &str) -> Reply {
    Reply::calls(&[(id, "sql_query", json!({ "query": query }))])
}

fn held_turn() -> Reply {
    asks("a", "SELECT answer FROM held")
}

fn count_turn() -> Reply {
    asks("b", "SELECT COUNT(*) AS items FROM item")
}

fn answer(text: &str) -> Reply {
    Reply::text(&[&format!("<answer>{text}</answer>")])
}

/// A shop that asks the database at this address.
async fn shop_at(url: &str, turns: Vec<Reply>) -> Shop {
    let mut shop = Shop::open(turns).await;
    shop.context.database = database::connect(&url.parse().unwrap(), &[]).await.unwrap();
    shop
}

fn count(run: &Run, kind: &str) -> usize {
    run.kinds().iter().filter(|seen| **seen == kind).count()
}

/// What the person was told while nothing happened.
fn said_that_it_waits(run: &Run) -> bool {
    run.events.iter().any(|event| {
        matches!(event, AgentEvent::Thinking { content } if content.contains("I wait for it"))
    })
}

#[tokio::test]
async fn a_query_whose_server_is_killed_is_asked_again_when_it_is_back() {
    for kind in KINDS {
        let Some(mut server) = DatabaseServer::start(kind, None).await else {
            return;
        };
        let mut held = HeldQueries::on(&server).await;
        let turns = vec![held_turn(), count_turn(), answer("42 of 3 items.")];
        let shop = shop_at(held.url(), turns).await;
        let outage = async {
            held.until_one_waits().await;
            server.kill();
            server.start_again().await;
        };
        let (run, ()) = tokio::join!(shop.run(), outage);
        let result = run.result();
        assert_eq!(result.status, RunStatus::Completed, "{kind:?}");
        assert_eq!(result.final_answer, "42 of 3 items.");
        assert_eq!(result.sql_queries.len(), 2, "each counts once");
        assert_eq!(run.tool_outputs(1)[0]["data"], json!([{"answer": 42}]));
        assert_eq!(run.tool_outputs(2)[1]["data"], json!([{"items": 3}]));
        assert_eq!((count(&run, "tool_start"), count(&run, "tool_end")), (2, 2));
        assert!(said_that_it_waits(&run), "{:?}", run.events);
    }
}

#[tokio::test]
async fn a_query_that_is_cut_off_twice_is_told_to_the_model() {
    for kind in KINDS {
        let Some(server) = DatabaseServer::start(kind, None).await else {
            return;
        };
        let mut held = HeldQueries::on(&server).await;
        let turns = vec![held_turn(), count_turn(), answer("3 items.")];
        let shop = shop_at(held.url(), turns).await;
        let outage = async {
            for _ in 0..2 {
                held.until_one_waits().await;
                held.cut().await;
            }
        };
        let (run, ()) = tokio::join!(shop.run(), outage);
        assert_eq!(run.result().status, RunStatus::Completed, "{kind:?}");
        assert_eq!(run.result().sql_queries.len(), 1);
        let told = &run.tool_outputs(1)[0];
        assert_eq!(told["success"], false);
        let error = told["error"].as_str().unwrap();
        assert!(error.starts_with("the query was cut off"), "{error}");
        assert!(error.contains("cut off twice"), "{error}");
        assert_eq!(run.tool_outputs(2)[1]["data"], json!([{"items": 3}]));
    }
}

#[tokio::test]
async fn a_server_that_stays_away_ends_the_run_and_the_next_one_works_when_it_is_back() {
    for kind in KINDS {
        let Some(mut server) = DatabaseServer::start(kind, None).await else {
            return;
        };
        let mut held = HeldQueries::on(&server).await;
        let turns = vec![held_turn(), count_turn(), answer("3 items.")];
        let mut shop = shop_at(held.url(), turns).await;
        shop.agent = shop.agent.with_patience(Duration::from_secs(1));
        let outage = async {
            held.until_one_waits().await;
            server.kill();
        };
        let (run, ()) = tokio::join!(shop.run(), outage);
        let error = run.outcome.as_ref().unwrap_err();
        assert!(error.is_retryable(), "{kind:?}: {error}");
        assert!(
            error.to_string().starts_with("cannot reach the database"),
            "{kind:?}: {error}"
        );
        assert_eq!(count(&run, "tool_end"), 0, "nothing came of it");

        server.start_again().await;
        let run = shop.run().await;
        assert_eq!(run.result().final_answer, "3 items.", "{kind:?}");
    }
}

/// What happens to the file of a run between its first query and its second; `other` is a database with one
/// city less.
async fn after(happens: impl Fn(&Path, &Path) + Send + 'static) -> Run {
    let turns = Mutex::new(vec![answer("Done."), query_turn(), query_turn()]);
    let place: Arc<OnceLock<PathBuf>> = Arc::default();
    let (file, happens) = (Arc::clone(&place), Mutex::new(happens));
    let service = PlayedModel::answering(move |_| {
        let mut turns = turns.lock().unwrap();
        if turns.len() == 2 {
            let file = file.get().unwrap();
            (happens.lock().unwrap())(file, &file.with_extension("other"));
        }
        turns.pop()
    })
    .await;
    let url = service.url();
    let shop = Shop::asking(Family::OpenAi, hasty(), &url, service).await;
    let file = shop.folder.path().join("shop.db");
    let other = file.with_extension("other");
    fs::copy(&file, &other).unwrap();
    let mut connection = sqlx::SqliteConnection::connect(&format!("sqlite://{}", other.display()))
        .await
        .unwrap();
    sqlx::raw_sql("DELETE FROM customer WHERE city = 'Bogor'")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    place.set(file).unwrap();
    shop.run().await
}

#[tokio::test]
async fn a_file_that_is_deleted_is_told_to_the_model() {
    let run = after(|file, _| fs::remove_file(file).unwrap()).await;
    assert_eq!(run.result().final_answer, "Done.");
    let outputs = run.tool_outputs(2);
    assert_eq!(outputs[0]["row_count"], 2);
    assert_eq!(outputs[1]["success"], false);
    let error = outputs[1]["error"].as_str().unwrap();
    assert!(error.contains("does not exist"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_replaced_is_read_as_it_is_now() {
    let run = after(|file, other| fs::rename(other, file).unwrap()).await;
    let outputs = run.tool_outputs(2);
    assert_eq!(outputs[0]["row_count"], 2);
    assert_eq!(
        outputs[1]["data"],
        json!([{"city": "Bandung", "customers": 2}])
    );
}

#[tokio::test]
async fn a_file_that_becomes_something_else_is_told_to_the_model() {
    let nothing = "no database at all, ".repeat(999);
    let run = after(move |file, _| fs::write(file, &nothing).unwrap()).await;
    let error = run.tool_outputs(2)[1]["error"].as_str().unwrap().to_owned();
    assert!(error.contains("not a database"), "{error}");
}
