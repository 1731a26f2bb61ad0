//! The tools, each called as a model calls it, on a real database.

use std::sync::Arc;
use std::time::Duration;

use kai_core::agent::tools::{self, LastQuery, SoFar, ToolContext, ToolOutput};
use kai_core::database::{self, ConnectionUri, QueryLimits};
use kai_core::event::AgentEvent;
use kai_core::knowledge::{Briefing, Instruction, Knowledge, Skill, Term, VerifiedQuery};
use kai_test_support::{mysql, postgres};
use serde_json::{Value, json};
use sqlx::Connection as _;
use tempfile::TempDir;

/// A database with a few tables, in words that every kind of database understands.
const TABLES: &str =
    "CREATE TABLE supplier (id INTEGER PRIMARY KEY, supplier_name TEXT, city TEXT);
     CREATE TABLE delivery (id INTEGER PRIMARY KEY, supplier_id INTEGER REFERENCES supplier (id),
         weight_kg REAL, delivered_on TEXT);
     CREATE TABLE audit_log (note TEXT);
     INSERT INTO supplier VALUES (1, 'Toko ''Maju'' 50%', 'Bandung'), (2, 'Sumber_Rejeki', 'Bogor');
     INSERT INTO delivery VALUES (1, 1, 10.5, '2024-01-02'), (2, 1, 20, '2024-02-03'),
         (3, 2, 7, '2024-02-04')";

/// The tables on one kind of database, and what an operator says of them.
struct Warehouse {
    context: ToolContext,
    _place: Place,
}

/// Where the database is, as long as the test needs it.
enum Place {
    File(#[expect(dead_code, reason = "kept until the test ends")] TempDir),
    Postgresql(#[expect(dead_code, reason = "kept until the test ends")] postgres::TestDatabase),
    MariaDb(#[expect(dead_code, reason = "kept until the test ends")] mysql::TestDatabase),
}

impl Warehouse {
    /// On every kind of database that there is here.
    async fn each() -> Vec<Self> {
        let mut each = vec![Self::open().await];
        if let Some(database) = postgres::fresh_database().await {
            database.execute(TABLES).await;
            let uri = database.url().to_owned();
            each.push(Self::at(&uri, Place::Postgresql(database)).await);
        }
        if let Some(database) = mysql::fresh_database().await {
            database.execute(TABLES).await;
            let uri = database.url().to_owned();
            each.push(Self::at(&uri, Place::MariaDb(database)).await);
        }
        each
    }

    /// In a file.
    async fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let uri = format!("sqlite://{}", folder.path().join("w.db").display());
        let mut connection = sqlx::SqliteConnection::connect(&format!("{uri}?mode=rwc"))
            .await
            .unwrap();
        sqlx::raw_sql(TABLES)
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        Self::at(&uri, Place::File(folder)).await
    }

    async fn at(uri: &str, place: Place) -> Self {
        let uri: ConnectionUri = uri.parse().unwrap();
        let knowledge = Knowledge {
            instructions: vec![Instruction {
                id: "i".to_owned(),
                content: "Weights in tons.".to_owned(),
                condition: "reports for the board".to_owned(),
                is_default: false,
            }],
            skills: vec![Skill {
                id: "skills/weekly".to_owned(),
                name: "Weekly report".to_owned(),
                description: "How the week is told".to_owned(),
                content: "Compare with the week before.".to_owned(),
                category: String::new(),
                tags: Vec::new(),
                is_active: true,
            }],
            glossary: vec![Term {
                id: "g".to_owned(),
                term: "Load".to_owned(),
                definition: "the sum of weight_kg".to_owned(),
                alias: vec!["muatan".to_owned()],
                sql: String::new(),
            }],
            verified: vec![VerifiedQuery {
                id: "v".to_owned(),
                question: "Load of each supplier".to_owned(),
                sql: "SELECT supplier_id, SUM(weight_kg) FROM delivery GROUP BY 1".to_owned(),
            }],
            ..Knowledge::default()
        };
        Self {
            context: ToolContext {
                database: database::connect(&uri, &[]).await.unwrap(),
                limits: QueryLimits {
                    timeout: Duration::from_secs(10),
                    max_rows: 1000,
                    max_bytes: 1 << 20,
                },
                briefing: Briefing::within(Arc::new(knowledge), "Hello", 0),
            },
            _place: place,
        }
    }

    async fn call(&self, tool: &str, arguments: Value) -> ToolOutput {
        self.call_after(SoFar::default(), tool, arguments).await
    }

    async fn call_after(&self, so_far: SoFar<'_>, tool: &str, arguments: Value) -> ToolOutput {
        let tools = tools::all();
        let tool = tools.iter().find(|known| known.name() == tool).unwrap();
        tool.run(&self.context, so_far, &arguments).await.unwrap()
    }
}

#[tokio::test]
async fn tables_are_found_by_a_pattern_by_words_and_by_values() {
    for warehouse in Warehouse::each().await {
        let listed = warehouse
            .call("list_tables", json!({"pattern": "*LOG"}))
            .await;
        assert_eq!(listed.content["tables"].as_array().unwrap().len(), 1);
        let all = warehouse.call("list_tables", Value::Null).await;
        assert_eq!(all.content["tables"].as_array().unwrap().len(), 3);

        let found = warehouse
            .call("search_schema", json!({"words": "delivered weights"}))
            .await;
        let first = &found.content["found"][0];
        assert_eq!(first["table"], "delivery");
        assert_eq!(first["columns"][0]["name"], "weight_kg");

        // What a pattern would read in another way is found as it stands.
        for (text, value) in [
            ("'maju' 50%", "Toko 'Maju' 50%"),
            ("SUMBER_", "Sumber_Rejeki"),
        ] {
            let found = warehouse.call("search_values", json!({"text": text})).await;
            let expected =
                json!([{"table": "supplier", "column": "supplier_name", "values": [value]}]);
            assert_eq!(found.content["found"], expected, "{}", found.content);
        }
        let refused = warehouse
            .call("search_values", json!({"text": " % "}))
            .await;
        assert_eq!(refused.content["success"], false);
    }
}

#[tokio::test]
async fn a_failed_query_comes_back_with_names_that_exist() {
    for warehouse in Warehouse::each().await {
        let query = "SELECT suplier_name FROM supplier";
        let failed = warehouse.call("sql_query", json!({"query": query})).await;
        let content = &failed.content;
        assert_eq!(
            content["nearest_names"]["suplier_name"][0], "supplier.supplier_name",
            "{content}"
        );
        assert_eq!(
            content["columns"]["supplier"],
            json!(["id", "supplier_name", "city"])
        );
        assert!(failed.failed_query.unwrap().contains("suplier_name"));

        let query = "SELECT * FROM deliveries";
        let failed = warehouse.call("sql_query", json!({"query": query})).await;
        assert_eq!(failed.content["nearest_names"]["deliveries"][0], "delivery");
        let malformed = warehouse.call("sql_query", json!("SELECT")).await;
        assert_eq!(malformed.failed_query, None, "it is no query that failed");
    }
}

#[tokio::test]
async fn a_query_is_explained_without_being_run_and_only_as_the_guard_allows() {
    for warehouse in Warehouse::each().await {
        let query = "SELECT city FROM supplier WHERE id = 1";
        let explained = warehouse
            .call("explain_query", json!({"query": query}))
            .await;
        assert_eq!(explained.content["success"], true, "{}", explained.content);
        assert!(explained.content["plan"].to_string().contains("supplier"));
        assert!(explained.query.is_none() && explained.events.is_empty());
        for query in [
            "DELETE FROM supplier",
            "EXPLAIN SELECT 1",
            "SELECT 1; SELECT 2",
        ] {
            let refused = warehouse
                .call("explain_query", json!({"query": query}))
                .await;
            assert_eq!(refused.content["success"], false, "{query}");
        }
    }
}

#[tokio::test]
async fn a_chart_is_drawn_from_the_rows_of_the_last_query() {
    for warehouse in Warehouse::each().await {
        let wanted = json!({"kind": "bar", "x": "month", "y": "total", "title": "Load"});
        let nothing = warehouse.call("draw_chart", wanted.clone()).await;
        assert_eq!(nothing.content["success"], false);

        let sql = "SELECT SUBSTR(delivered_on, 6, 2) AS month, SUM(weight_kg) AS total \
                   FROM delivery GROUP BY 1 ORDER BY 1";
        let ran = warehouse.call("sql_query", json!({"query": sql})).await;
        let content = ran.content.to_string();
        let ran_sql = ran.query.unwrap().sql;
        // Also where the model was shown only a part of the rows.
        let cut =
            json!({"success": true, "row_count": 2, "columns": ["month", "total"], "data": []});
        for content in [content, cut.to_string()] {
            let last_query = Some(LastQuery {
                sql: &ran_sql,
                content: &content,
            });
            let so_far = SoFar { last_query };
            let drawn = warehouse
                .call_after(so_far, "draw_chart", wanted.clone())
                .await;
            let [AgentEvent::ChartConfig(config)] = drawn.events.as_slice() else {
                panic!("{}", drawn.content)
            };
            assert_eq!(
                json!(config),
                json!({"widget_type": "bar", "x_axis_key": "month", "y_axis_key": "total",
                    "widget_title": "Load", "widget_data": [
                        {"month": "01", "total": 10.5}, {"month": "02", "total": 27.0}]})
            );
            let wrong = json!({"kind": "bar", "x": "month", "y": "tons"});
            let refused = warehouse.call_after(so_far, "draw_chart", wrong).await;
            assert!(
                refused.content["error"]
                    .as_str()
                    .unwrap()
                    .contains("month, total")
            );
        }
    }
}

#[tokio::test]
async fn what_operators_said_can_be_read_where_the_prompt_has_no_room_for_it() {
    let warehouse = Warehouse::open().await;
    assert_eq!(warehouse.context.briefing.text(), "");
    let told = warehouse.call("read_instructions", json!({})).await;
    assert_eq!(told.content["instructions"][0]["do"], "Weights in tons.");
    let terms = warehouse
        .call("search_glossary", json!({"words": "muatan"}))
        .await;
    assert_eq!(
        terms.content["terms"][0]["definition"],
        "the sum of weight_kg"
    );
    let question = json!({"question": "supplier loads"});
    let pairs = warehouse.call("find_verified_queries", question).await;
    assert_eq!(
        pairs.content["verified"][0]["question"],
        "Load of each supplier"
    );
    let skills = warehouse.call("load_skill", Value::Null).await;
    assert_eq!(skills.content["skills"][0]["name"], "Weekly report");
    let skill = warehouse
        .call("load_skill", json!({"name": "weekly REPORT"}))
        .await;
    assert_eq!(skill.content["how"], "Compare with the week before.");
    assert_eq!(skill.events[0].kind(), "skill_loaded");
    let unknown = warehouse.call("load_skill", json!({"name": "x"})).await;
    assert_eq!(unknown.content["skills"][0]["id"], "skills/weekly");
}

#[tokio::test]
async fn every_tool_answers_whatever_it_is_called_with() {
    for warehouse in Warehouse::each().await {
        for tool in tools::all() {
            for arguments in [
                Value::Null,
                json!({}),
                json!([]),
                json!("SELECT 1"),
                json!({"query": 1, "tables": "x", "words": [], "text": {}, "todos": 7, "kind": null}),
                json!({"query": "\0", "words": "\0", "text": "\0\0\0", "question": "\0", "key": "\0"}),
            ] {
                let output = tool
                    .run(&warehouse.context, SoFar::default(), &arguments)
                    .await;
                assert!(output.unwrap().content.is_object(), "{}", tool.name());
            }
        }
    }
}
