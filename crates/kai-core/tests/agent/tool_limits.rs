//! What the tools give a model of a database with too much of everything, and how they say what they leave out.

use kai_core::agent::tools::{self, SoFar, ToolContext, ToolOutput};
use kai_core::database::{self, QueryLimits};
use kai_core::event::AgentEvent;
use kai_core::knowledge::{Briefing, Instruction, Knowledge, Skill, Term, VerifiedQuery};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// More tables than are listed, one of them with more columns of texts than are searched.
async fn crowd() -> (ToolContext, TempDir) {
    let folder = TempDir::new().unwrap();
    let uri = format!("sqlite://{}", folder.path().join("crowd.db").display());
    let mut sql = String::new();
    for table in 0..310 {
        writeln!(
            sql,
            "CREATE TABLE shelf_{table} (id INTEGER, note INTEGER);"
        )
        .unwrap();
    }
    let columns: Vec<String> = (0..30).map(|at| format!("word_{at} TEXT")).collect();
    writeln!(sql, "CREATE TABLE words ({});", columns.join(", ")).unwrap();
    for row in 0..15 {
        let long = "x".repeat(500);
        let cells: Vec<String> = (0..30)
            .map(|at| format!("'needle {row} {at} {long}'"))
            .collect();
        writeln!(sql, "INSERT INTO words VALUES ({});", cells.join(", ")).unwrap();
    }
    let mut connection = sqlx::SqliteConnection::connect(&format!("{uri}?mode=rwc"))
        .await
        .unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let context = ToolContext {
        database: database::connect(&uri.parse().unwrap(), &[]).await.unwrap(),
        limits: QueryLimits {
            timeout: Duration::from_secs(10),
            max_rows: 1000,
            max_bytes: 1 << 20,
        },
        briefing: Briefing::within(Arc::new(knowledge()), "Hello", 0),
    };
    (context, folder)
}

/// More than an operator should say.
fn knowledge() -> Knowledge {
    Knowledge {
        instructions: (0..3)
            .map(|at| Instruction {
                id: format!("i{at}"),
                content: "a".repeat(10_000),
                condition: "always".to_owned(),
                is_default: false,
            })
            .collect(),
        skills: vec![Skill {
            id: "long".to_owned(),
            name: "Long".to_owned(),
            description: String::new(),
            content: "b".repeat(13_000),
            category: String::new(),
            tags: Vec::new(),
            is_active: true,
        }],
        glossary: (0..35)
            .map(|at| Term {
                id: format!("g{at}"),
                term: format!("Load {at}"),
                definition: "weight".to_owned(),
                alias: Vec::new(),
                sql: String::new(),
            })
            .collect(),
        verified: (0..10)
            .map(|at| VerifiedQuery {
                id: format!("v{at}"),
                question: format!("Load of supplier {at}"),
                sql: "SELECT 1".to_owned(),
            })
            .collect(),
        ..Knowledge::default()
    }
}

async fn call(context: &ToolContext, tool: &str, arguments: Value) -> ToolOutput {
    let tools = tools::all();
    let tool = tools.iter().find(|known| known.name() == tool).unwrap();
    tool.run(context, SoFar::default(), &arguments)
        .await
        .unwrap()
}

fn length(value: &Value) -> usize {
    value.as_array().unwrap().len()
}

#[tokio::test]
async fn a_crowded_database_is_told_in_parts_that_say_so() {
    let (context, _folder) = crowd().await;
    let listed = call(&context, "list_tables", json!({})).await.content;
    assert_eq!(
        (length(&listed["tables"]), &listed["left_out"]),
        (300, &json!(11))
    );
    assert!(listed["hint"].as_str().unwrap().contains("pattern"));

    let names: Vec<String> = (0..101).map(|at| format!("shelf_{at}")).collect();
    let refused = call(&context, "describe_tables", json!({"tables": names}));
    assert_eq!(refused.await.content["success"], false);

    let found = call(&context, "search_schema", json!({"words": "shelf"})).await;
    let found = found.content;
    assert_eq!(
        (length(&found["found"]), &found["left_out"]),
        (20, &json!(290))
    );
    let found = call(&context, "search_schema", json!({"words": "word"})).await;
    assert_eq!(length(&found.content["found"][0]["columns"]), 20);

    let found = call(&context, "search_values", json!({"text": "needle"})).await;
    let found = found.content;
    assert_eq!(
        (length(&found["found"]), &found["columns_left_out"]),
        (24, &json!(6))
    );
    let values = &found["found"][0]["values"];
    assert_eq!(length(values), 10);
    assert!(values[0].as_str().unwrap().chars().count() <= 201);
}

#[tokio::test]
async fn what_operators_said_at_length_is_cut_and_says_so() {
    let (context, _folder) = crowd().await;
    let told = call(&context, "read_instructions", json!({})).await.content;
    assert_eq!(told["characters_left_out"], 6_000);
    let skill = call(&context, "load_skill", json!({"name": "long"})).await;
    assert_eq!(skill.content["how"].as_str().unwrap().len(), 12_000);
    assert_eq!(skill.content["characters_left_out"], 1_000);
    let terms = call(&context, "search_glossary", json!({"words": "load"})).await;
    assert_eq!(
        (length(&terms.content["terms"]), &terms.content["left_out"]),
        (30, &json!(5))
    );
    let question = json!({"question": "load of each supplier"});
    let pairs = call(&context, "find_verified_queries", question).await;
    assert_eq!(length(&pairs.content["verified"]), 8);
}

#[tokio::test]
async fn what_people_see_stays_short() {
    let (context, _folder) = crowd().await;
    let todos: Vec<Value> = (0..30)
        .map(|_| json!({"content": "c".repeat(999), "status": "pending"}))
        .collect();
    let written = call(&context, "write_todos", json!({"todos": todos})).await;
    let [AgentEvent::TodoUpdate { todos }] = written.events.as_slice() else {
        panic!("{:?}", written.events)
    };
    assert_eq!((todos.len(), todos[0].content.len()), (20, 300));
    let choices: Vec<String> = (0..9).map(|at| format!("choice {at}")).collect();
    let asked = json!({"question": "Which?", "choices": choices});
    let asked = call(&context, "ask_user", asked).await.asked.unwrap();
    assert_eq!(
        asked.lines().filter(|line| line.starts_with("- ")).count(),
        6
    );
}
