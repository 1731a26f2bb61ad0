//! The tool `draw_chart`: draws the rows of the last query as the model asks for it.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{SoFar, Tool, ToolContext, ToolOutput, read_arguments};
use crate::agent::chart::{self, Wanted};
use crate::database::{DatabaseError, QueryResult};
use crate::event::{AgentEvent, Row};
use crate::model::ToolSpec;

use super::preview::SHOWN_ROWS;

/// Draws the last result.
pub struct DrawChart;

/// What the model has been told of the last result.
#[derive(Deserialize)]
struct Told {
    columns: Vec<String>,
    data: Vec<Row>,
    row_count: usize,
}

#[async_trait]
impl Tool for DrawChart {
    fn name(&self) -> &'static str {
        "draw_chart"
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: self.name(),
            description: "Draws the rows of the last query in another way than they are drawn by \
                          themselves: which kind of chart, and which of its columns along the axes.",
            parameters: json!({
                "type": "object",
                "properties": {
                    "kind": {"type": "string", "enum": ["line", "bar", "pie", "kpi", "table"]},
                    "x": {"type": "string", "description": "A column of the last query: the labels"},
                    "y": {"type": "string", "description": "A column of numbers of the last query"},
                    "title": {"type": "string"},
                    "x_label": {"type": "string"},
                    "y_label": {"type": "string"},
                },
                "required": ["kind"],
                "additionalProperties": false,
            }),
        }
    }

    async fn run(
        &self,
        context: &ToolContext,
        so_far: SoFar<'_>,
        arguments: &Value,
    ) -> Result<ToolOutput, DatabaseError> {
        let shape = r#"{"kind": "line"|"bar"|"pie"|"kpi"|"table", "x": column, "y": column}"#;
        let wanted: Wanted = match read_arguments(self.name(), shape, arguments) {
            Ok(wanted) => wanted,
            Err(error) => return Ok(ToolOutput::failure(&error)),
        };
        let Some(result) = last_result(context, so_far).await? else {
            return Ok(ToolOutput::failure(
                "there is nothing to draw: run a query with sql_query first",
            ));
        };
        let last = so_far
            .last_query
            .map(|last| context.database.guard().check(last.sql));
        let query = last.as_ref().and_then(|checked| checked.as_ref().ok());
        Ok(match chart::draw(&result, query, &wanted) {
            Ok(config) => {
                let content = json!({
                    "success": true, "widget_type": config.widget_type,
                    "x_axis_key": config.x_axis_key, "y_axis_key": config.y_axis_key,
                });
                ToolOutput {
                    events: vec![AgentEvent::ChartConfig(config)],
                    ..ToolOutput::of(content)
                }
            }
            Err(reason) => ToolOutput::failure(&reason.to_string()),
        })
    }
}

/// The rows of the last query: those that the model was shown or, where it was not shown all that a
/// chart can have, those of the same query again.
async fn last_result(
    context: &ToolContext,
    so_far: SoFar<'_>,
) -> Result<Option<QueryResult>, DatabaseError> {
    let Some(last) = so_far.last_query else {
        return Ok(None);
    };
    let told: Option<Told> = serde_json::from_str(last.content).ok();
    if let Some(told) = told
        && told.data.len() >= told.row_count.min(SHOWN_ROWS)
    {
        return Ok(Some(QueryResult {
            columns: told.columns,
            rows: told.data,
            truncated: false,
        }));
    }
    let Ok(query) = context.database.guard().check(last.sql) else {
        return Ok(None);
    };
    let mut result = match context.database.query(&query, context.limits).await {
        Ok(result) => result,
        Err(error) if error.is_retryable() => return Err(error),
        Err(_) => return Ok(None),
    };
    result.rows.truncate(SHOWN_ROWS);
    Ok(Some(result))
}
