//! The four validations of a run.

use serde_json::Value;

/// What a run got wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The agent gave up.
    #[error("the status is 'failed': {0}")]
    Failed(String),
    /// There is nothing to read.
    #[error("final_answer is not a text, or blank")]
    NoAnswer,
    /// The list is there, with nothing in it.
    #[error("sql_queries is empty")]
    NoSql,
    /// The stream stayed silent.
    #[error("no SSE events were received")]
    NoEvents,
}

/// What is wrong with a result and the number of events that came before it.
///
/// The result is looked at as it came, since any worker may have sent it.
pub fn validate(result: &Value, events: u64) -> Vec<Problem> {
    let mut problems = Vec::new();
    if result.get("status").and_then(Value::as_str) == Some("failed") {
        let error = result.get("error").and_then(Value::as_str);
        problems.push(Problem::Failed(
            error.unwrap_or("no reason given").to_owned(),
        ));
    }
    let answer = result.get("final_answer").and_then(Value::as_str);
    if answer.is_none_or(|text| text.trim().is_empty()) {
        problems.push(Problem::NoAnswer);
    }
    let queries = result
        .get("sql_queries")
        .filter(|queries| !queries.is_null());
    if queries.is_some_and(|queries| queries.as_array().is_none_or(Vec::is_empty)) {
        problems.push(Problem::NoSql);
    }
    if events == 0 {
        problems.push(Problem::NoEvents);
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_whole_answer_passes() {
        let result =
            json!({"status": "completed", "final_answer": "a", "sql_queries": ["SELECT 1"]});
        assert_eq!(validate(&result, 4), []);
    }

    #[test]
    fn sql_queries_may_be_missing_but_not_empty() {
        let missing = json!({"status": "partial", "final_answer": "a"});
        assert_eq!(validate(&missing, 1), []);
        let null = json!({"status": "completed", "final_answer": "a", "sql_queries": null});
        assert_eq!(validate(&null, 1), []);
        let empty = json!({"status": "completed", "final_answer": "a", "sql_queries": []});
        assert_eq!(validate(&empty, 1), [Problem::NoSql]);
        let text = json!({"status": "completed", "final_answer": "a", "sql_queries": "SELECT 1"});
        assert_eq!(validate(&text, 1), [Problem::NoSql]);
    }

    #[test]
    fn everything_wrong_is_reported_at_once() {
        let result = json!({"status": "failed", "final_answer": " \n", "sql_queries": [],
                            "error": "no tables"});
        let all = [
            Problem::Failed("no tables".to_owned()),
            Problem::NoAnswer,
            Problem::NoSql,
            Problem::NoEvents,
        ];
        assert_eq!(validate(&result, 0), all);
    }

    #[test]
    fn a_result_that_is_no_object_has_no_answer() {
        assert_eq!(validate(&Value::Null, 1), [Problem::NoAnswer]);
        assert_eq!(validate(&json!([1]), 1), [Problem::NoAnswer]);
    }
}
