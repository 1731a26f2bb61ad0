//! How a result can be drawn, chosen by rule from its columns and values.

use serde_json::{Value, json};

use crate::database::QueryResult;
use crate::event::{AgentEvent, ChartConfig, WidgetType};
use crate::wire::{Chart, ChartType};

/// Parts of the names of columns that hold times.
const TIME_WORDS: [&str; 8] = [
    "date", "time", "period", "month", "year", "tanggal", "bulan", "tahun",
];

/// Most slices that a pie is readable with.
const MAX_SLICES: usize = 6;

/// Most bars that are readable.
const MAX_BARS: usize = 10;

/// The chart that suits the result, if one does.
pub fn choose(result: &QueryResult) -> Option<ChartConfig> {
    if result.rows.is_empty() {
        return None;
    }
    let numbers: Vec<&String> = result
        .columns
        .iter()
        .filter(|column| is_numeric(result, column))
        .collect();
    let time = result.columns.iter().find(|column| names_a_time(column));
    let texts: Vec<&String> = result
        .columns
        .iter()
        .filter(|column| !numbers.contains(column) && Some(*column) != time)
        .collect();
    let figure = numbers.iter().copied().find(|column| Some(*column) != time);
    let label = texts.first().copied().or(time);
    let rows = result.rows.len();

    let (widget_type, x, y) = if rows == 1 && result.columns.len() <= 2 {
        (
            WidgetType::Kpi,
            label,
            figure.or_else(|| numbers.first().copied()),
        )
    } else if let (Some(time), Some(figure)) = (time, figure) {
        (WidgetType::Line, Some(time), Some(figure))
    } else if let (1, Some(figure)) = (texts.len(), figure) {
        let kind = if rows <= MAX_SLICES {
            WidgetType::Pie
        } else {
            WidgetType::Bar
        };
        (kind, label, Some(figure))
    } else if numbers.len() >= 2 {
        (
            WidgetType::Bar,
            label.or_else(|| numbers.first().copied()),
            numbers.last().copied(),
        )
    } else if rows > MAX_BARS {
        (WidgetType::Table, label, figure)
    } else {
        (WidgetType::Bar, label, Some(figure?))
    };
    Some(ChartConfig {
        widget_type,
        widget_data: result.rows.clone(),
        x_axis_key: x.cloned(),
        y_axis_key: y.cloned(),
    })
}

/// The charts among a tool's events, in the shape of the run's result.
pub(super) fn of_events(events: &[AgentEvent]) -> Vec<Chart> {
    let configs = events.iter().filter_map(|event| match event {
        AgentEvent::ChartConfig(config) => Some(config),
        _ => None,
    });
    configs
        .filter_map(|config| {
            let axes = [&config.y_axis_key, &config.x_axis_key];
            let title: Vec<&str> = axes.into_iter().flatten().map(String::as_str).collect();
            for_result(config, &title.join(" / "))
        })
        .collect()
}

/// The same chart in the shape of the run's result; figures and tables are no charts there.
pub fn for_result(config: &ChartConfig, title: &str) -> Option<Chart> {
    let chart_type = match config.widget_type {
        WidgetType::Line => ChartType::Line,
        WidgetType::Pie => ChartType::Pie,
        WidgetType::Bar => ChartType::Bar,
        WidgetType::Kpi | WidgetType::Table => return None,
    };
    Some(Chart {
        chart_type,
        title: title.to_owned(),
        x_column: config.x_axis_key.clone()?,
        y_column: config.y_axis_key.clone()?,
        data: config.widget_data.clone(),
        color_column: None,
        config: json!({}),
    })
}

fn names_a_time(column: &str) -> bool {
    let column = column.to_lowercase();
    TIME_WORDS.iter().any(|word| column.contains(word))
}

/// Whether every value of the column that is there is a number, and at least one is.
fn is_numeric(result: &QueryResult, column: &str) -> bool {
    let mut values = result
        .rows
        .iter()
        .filter_map(|row| row.get(column))
        .filter(|value| !value.is_null())
        .peekable();
    values.peek().is_some() && values.all(is_number)
}

/// A number, also where its exactness made it a string.
fn is_number(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::String(text) => text.parse::<rust_decimal::Decimal>().is_ok(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(columns: &[&str], rows: &[Vec<Value>]) -> QueryResult {
        QueryResult {
            columns: columns.iter().map(|&column| column.to_owned()).collect(),
            rows: rows
                .iter()
                .map(|row| {
                    columns
                        .iter()
                        .map(|&column| column.to_owned())
                        .zip(row.iter().cloned())
                        .collect()
                })
                .collect(),
            truncated: false,
        }
    }

    fn chosen(
        columns: &[&str],
        rows: &[Vec<Value>],
    ) -> Option<(WidgetType, Option<String>, Option<String>)> {
        choose(&result(columns, rows)).map(|c| (c.widget_type, c.x_axis_key, c.y_axis_key))
    }

    #[test]
    fn the_shape_of_the_result_decides() {
        let key = |name: &str| Some(name.to_owned());
        let rows = |count: usize| -> Vec<Vec<Value>> {
            (0..count)
                .map(|i| vec![json!(format!("p{i}")), json!(i)])
                .collect()
        };
        assert_eq!(chosen(&["n"], &[]), None);
        assert_eq!(
            chosen(&["n"], &[vec![json!(3)]]),
            Some((WidgetType::Kpi, None, key("n")))
        );
        assert_eq!(
            chosen(&["p", "n"], &rows(5)),
            Some((WidgetType::Pie, key("p"), key("n")))
        );
        assert_eq!(
            chosen(&["p", "n"], &rows(7)),
            Some((WidgetType::Bar, key("p"), key("n")))
        );
        assert_eq!(
            chosen(
                &["tahun", "n"],
                &[vec![json!(2001), json!(4)], vec![json!(2002), json!(5)]]
            ),
            Some((WidgetType::Line, key("tahun"), key("n")))
        );
        let names: Vec<Vec<Value>> = (0..11).map(|i| vec![json!(format!("p{i}"))]).collect();
        assert_eq!(
            chosen(&["p"], &names),
            Some((WidgetType::Table, key("p"), None))
        );
        assert_eq!(chosen(&["p"], &names[..3]), None);
    }
}
