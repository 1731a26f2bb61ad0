//! How a result can be drawn, chosen by rule from its columns and values.

mod shares;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::database::{CheckedQuery, QueryResult};
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

/// The chart that suits the result of this query, if one does.
pub fn choose(result: &QueryResult, query: Option<&CheckedQuery>) -> Option<ChartConfig> {
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
        let kind = if rows <= MAX_SLICES && shares::are_shares(result, figure, query) {
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
        widget_title: None,
        x_axis_label: None,
        y_axis_label: None,
    })
}

/// A chart that somebody wants of a result.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The kind of chart.
    pub kind: WidgetType,
    /// The column of the labels.
    #[serde(default)]
    pub x: Option<String>,
    /// The column of the numbers.
    #[serde(default)]
    pub y: Option<String>,
    /// The title.
    #[serde(default)]
    pub title: Option<String>,
    /// What stands along the x axis.
    #[serde(default)]
    pub x_label: Option<String>,
    /// What stands along the y axis.
    #[serde(default)]
    pub y_label: Option<String>,
}

/// Why a result cannot be drawn as it is wanted, told so that a model can correct itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotDrawable {
    /// There are no rows.
    #[error("the last query returned no rows")]
    NoRows,
    /// A column does not exist.
    #[error("the last query has no column {name}; its columns are {columns}")]
    NoColumn {
        /// The column.
        name: String,
        /// Those that there are.
        columns: String,
    },
    /// A column holds something else than numbers.
    #[error("the column {0} does not hold numbers; y must be a column of numbers")]
    NoNumbers(String),
    /// An axis is missing.
    #[error("a chart of this kind needs {0}")]
    Missing(&'static str),
    /// There are too many slices, or they are no parts of a whole.
    #[error(
        "a pie shows at most {MAX_PIE} parts of a whole, such as counts and sums; what does not add up, \
         or is negative, is drawn as bars"
    )]
    NoShares,
}

/// Most slices that are drawn where they are asked for.
const MAX_PIE: usize = 12;

/// Most characters of a title or a label.
const MAX_LABEL: usize = 120;

/// The chart that is wanted of the result of this query, if its columns allow it.
///
/// # Errors
/// When they do not.
pub fn draw(
    result: &QueryResult,
    query: Option<&CheckedQuery>,
    wanted: &Wanted,
) -> Result<ChartConfig, NotDrawable> {
    if result.rows.is_empty() {
        return Err(NotDrawable::NoRows);
    }
    let column = |name: &Option<String>| match name {
        None => Ok(None),
        Some(name) => {
            let same = |column: &&String| column.eq_ignore_ascii_case(name);
            let found = result.columns.iter().find(same);
            found
                .cloned()
                .map(Some)
                .ok_or_else(|| NotDrawable::NoColumn {
                    name: name.clone(),
                    columns: result.columns.join(", "),
                })
        }
    };
    let (x, y) = (column(&wanted.x)?, column(&wanted.y)?);
    if let Some(y) = &y
        && wanted.kind != WidgetType::Table
        && !is_numeric(result, y)
    {
        return Err(NotDrawable::NoNumbers(y.clone()));
    }
    match wanted.kind {
        WidgetType::Line | WidgetType::Bar | WidgetType::Pie if x.is_none() => {
            return Err(NotDrawable::Missing("x, the column of the labels"));
        }
        WidgetType::Line | WidgetType::Bar | WidgetType::Pie | WidgetType::Kpi if y.is_none() => {
            return Err(NotDrawable::Missing("y, a column of numbers"));
        }
        _ => {}
    }
    if let (WidgetType::Pie, Some(figure)) = (wanted.kind, &y)
        && (result.rows.len() > MAX_PIE || !shares::are_shares(result, figure, query))
    {
        return Err(NotDrawable::NoShares);
    }
    let label = |text: &Option<String>| {
        let text = text
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty());
        text.map(|text| text.chars().take(MAX_LABEL).collect())
    };
    Ok(ChartConfig {
        widget_type: wanted.kind,
        widget_data: result.rows.clone(),
        x_axis_key: x,
        y_axis_key: y,
        widget_title: label(&wanted.title),
        x_axis_label: label(&wanted.x_label),
        y_axis_label: label(&wanted.y_label),
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
            let title = config
                .widget_title
                .clone()
                .unwrap_or_else(|| title.join(" / "));
            for_result(config, &title)
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
        choose(&result(columns, rows), None).map(|c| (c.widget_type, c.x_axis_key, c.y_axis_key))
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

    #[test]
    fn a_wanted_chart_has_to_suit_the_columns() {
        let shown = result(
            &["city", "n"],
            &[vec![json!("a"), json!(1)], vec![json!("b"), json!("-2.5")]],
        );
        let wanted =
            |value: Value| Wanted::deserialize(value).map(|wanted| draw(&shown, None, &wanted));
        let drawn = wanted(json!({"kind": "bar", "x": "CITY", "y": "n", "title": " T "}));
        let Ok(Ok(config)) = drawn else {
            panic!("{drawn:?}")
        };
        assert_eq!(config.x_axis_key.as_deref(), Some("city"));
        assert_eq!(config.widget_title.as_deref(), Some("T"));
        assert_eq!(config.widget_data, shown.rows);
        for (value, said) in [
            (
                json!({"kind": "bar", "x": "town", "y": "n"}),
                "its columns are city, n",
            ),
            (
                json!({"kind": "bar", "x": "n", "y": "city"}),
                "city does not hold numbers",
            ),
            (json!({"kind": "line", "y": "n"}), "needs x"),
            (json!({"kind": "kpi"}), "needs y"),
            (
                json!({"kind": "pie", "x": "city", "y": "n"}),
                "drawn as bars",
            ),
        ] {
            let error = wanted(value).map(|drawn| drawn.map_err(|error| error.to_string()));
            let Ok(Err(error)) = error else {
                panic!("{error:?}")
            };
            assert!(error.contains(said), "{error}");
        }
        assert!(wanted(json!({"kind": "bar", "code": "alert(1)"})).is_err());
    }
}
