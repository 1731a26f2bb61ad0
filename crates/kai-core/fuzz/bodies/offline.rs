//! Whatever is asked of whatever tables, the offline model does not panic, comes to an end, says the same
//! when it is asked again, and writes no query that the guard refuses.
//!
//! The first line of the input is the question. A line that begins with `T` is a table, with `C` a column
//! of it: name, type, what it is (`key`, or `table>column` for a reference) and its values (parted by `|`),
//! with tabs between them. A line that begins with `D` is a cell of every result, in JSON or as it stands.
//! Without tables, those of a small shop are asked.

use futures::StreamExt;
use futures::executor::block_on;
use kai_core::database::guard::{Guard, Rejection};
use kai_core::database::{Column, Dialect, ForeignKey, Table};
use kai_core::language::Language;
use kai_core::model::{ChatModel, ChatRequest, Message, PlanRequest, ToolCall, TurnPiece};
use kai_core::offline::OfflineModel;
use serde_json::{Map, Value, json};

/// More turns than any question is worth.
const MANY_TURNS: usize = 24;

const SHOP: &str = "\
T\tcustomers
C\tid\tinteger\tkey
C\tfull_name\ttext
C\tcity\ttext\t\tBogor|Depok|O'Hara|Jakarta Selatan
C\tis_active\tboolean
C\tbirth_date\tdate
T\torders
C\tid\tinteger\tkey
C\tcustomer_id\tinteger\tcustomers>id
C\tordered_on\tdate
C\tamount\tnumeric
C\tweight_kg\treal
C\tstatus\ttext\t\tpaid|open|batal|dikirim
T\torder_items
C\torder_id\tinteger\torders>id
C\tproduct_code\ttext\tproducts>code
C\tqty\tinteger
T\tproducts
C\tcode\ttext\tkey
C\tname\ttext\t\tTea|Kopi|Gula Merah|Madu
C\tprice\tnumeric
C\tgrade\ttext\t\tA|B|C
";

/// What an input says.
struct Case {
    question: String,
    dialect: Dialect,
    tables: Vec<Table>,
    cells: Vec<Value>,
}

/// Plays the dialogue through; tells how many queries the model wanted to run.
pub(super) fn check(input: &[u8]) -> usize {
    let case = Case::read(&String::from_utf8_lossy(input));
    let model = OfflineModel::new(Language::Indonesian);
    let (first, queries) = case.play(&model);
    let (again, _) = case.play(&model);
    assert_eq!(first, again, "said otherwise: {}", case.question);
    let request = PlanRequest {
        question: &case.question,
        dialect: case.dialect,
        tables: &case.tables,
    };
    model.plan(request);
    for sql in &queries {
        case.judge(sql);
    }
    queries.len()
}

impl Case {
    fn read(text: &str) -> Self {
        let mut lines = text.split('\n');
        let question = lines.next().unwrap_or_default().to_owned();
        let dialects = [Dialect::Postgresql, Dialect::Mysql, Dialect::Sqlite];
        let dialect = dialects[question.len() % dialects.len()];
        let (mut tables, mut cells) = (Vec::new(), Vec::new());
        for line in lines {
            add(line, &mut tables, &mut cells);
        }
        if tables.is_empty() {
            SHOP.lines()
                .for_each(|line| add(line, &mut tables, &mut cells));
        }
        Self {
            question,
            dialect,
            tables,
            cells,
        }
    }

    /// Everything that is said, and the queries.
    fn play(&self, model: &OfflineModel) -> (String, Vec<String>) {
        let mut messages = vec![Message::User {
            content: self.question.clone(),
        }];
        let (mut said, mut queries) = (String::new(), Vec::new());
        for _ in 0..MANY_TURNS {
            let request = ChatRequest {
                messages: &messages,
                tools: &[],
            };
            let pieces = block_on(async {
                let turn = model.next_turn(request).await;
                turn.expect("a rule needs nobody").collect::<Vec<_>>().await
            });
            let mut call = None;
            for piece in pieces {
                match piece.expect("a rule needs nobody") {
                    TurnPiece::Text(text) => said.push_str(&text),
                    TurnPiece::ToolCall(wanted) => call = Some(wanted),
                    _ => {}
                }
            }
            let Some(call) = call else {
                return (said, queries);
            };
            said.push_str(&call.arguments.to_string());
            if let Some(sql) = call.arguments.get("query").and_then(Value::as_str) {
                queries.push(sql.to_owned());
            }
            let content = self.answer(&call, queries.len()).to_string();
            let (id, name) = (call.id.clone(), call.name.clone());
            messages.push(Message::Assistant {
                content: String::new(),
                tool_calls: vec![call],
                echo: Map::new(),
            });
            messages.push(Message::Tool {
                call_id: id,
                name,
                content,
            });
        }
        panic!("no end after {MANY_TURNS} turns: {}", self.question);
    }

    /// What a tool returns.
    fn answer(&self, call: &ToolCall, queries: usize) -> Value {
        let argument = |name: &str| call.arguments.get(name);
        match call.name.as_str() {
            "list_tables" => {
                let summary = |table: &Table| json!({"name": table.name, "column_count": table.columns.len()});
                let tables: Vec<Value> = self.tables.iter().map(summary).collect();
                json!({"dialect": self.dialect, "tables": tables})
            }
            "describe_tables" => {
                let asked = argument("tables").and_then(Value::as_array);
                let is_asked = |table: &&Table| {
                    asked.is_some_and(|asked| asked.iter().any(|name| *name == *table.name))
                };
                let tables: Vec<&Table> = self.tables.iter().filter(is_asked).collect();
                json!({"tables": tables})
            }
            "search_values" => {
                let place = |table: &Table, column: &Column| {
                    let text = argument("text").cloned().into_iter();
                    let values: Vec<Value> = text.chain(self.cells.iter().cloned()).collect();
                    json!({"table": table.name, "column": column.name, "values": values})
                };
                let places = self
                    .tables
                    .iter()
                    .flat_map(|table| table.columns.iter().map(move |column| place(table, column)));
                json!({"found": places.take(20).collect::<Vec<_>>()})
            }
            // Without cells the first query finds nothing.
            _ if self.cells.is_empty() && queries < 2 => {
                json!({"success": true, "row_count": 0, "columns": [], "data": []})
            }
            _ => {
                let sql = argument("query")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                self.rows(sql)
            }
        }
    }

    /// Rows with the cells under the headings of a query.
    fn rows(&self, sql: &str) -> Value {
        let outputs = sql.split(" FROM ").next().unwrap_or_default();
        let headings: Vec<String> = outputs
            .split(',')
            .filter_map(|output| output.rsplit([' ', '.']).next())
            .map(|heading| heading.trim_matches(['"', '`']).to_owned())
            .collect();
        let none = [Value::Null];
        let cells = if self.cells.is_empty() {
            &none[..]
        } else {
            &self.cells
        };
        let row = |from: usize| -> Map<String, Value> {
            let cells = cells.iter().cycle().skip(from).cloned();
            headings.iter().cloned().zip(cells).collect()
        };
        let data: Vec<_> = (0..cells.len().min(30)).map(row).collect();
        json!({"success": true, "row_count": data.len(), "columns": headings, "data": data})
    }

    /// The guard must let through what the model writes, unless the tables are where it must not read,
    /// or so many that the query is too long, or a name has a NUL, which no server takes.
    fn judge(&self, sql: &str) {
        if sql.contains('\0') {
            return;
        }
        let guard = Guard::new(self.dialect, vec!["public".to_owned(), "main".to_owned()]);
        match guard.check(sql) {
            Ok(_) | Err(Rejection::Table { .. } | Rejection::TooLong | Rejection::TooComplex) => {}
            Err(rejection) => panic!("{}: {rejection}: {sql}: {}", self.dialect, self.question),
        }
    }
}

/// Reads one line of the tables or the cells.
fn add(line: &str, tables: &mut Vec<Table>, cells: &mut Vec<Value>) {
    let mut fields = line.split('\t');
    let kind = fields.next().unwrap_or_default();
    let mut field = || fields.next().unwrap_or_default();
    match kind {
        "T" => tables.push(Table {
            name: field().to_owned(),
            description: Some(field().to_owned()).filter(|text| !text.is_empty()),
            columns: Vec::new(),
            examples: Vec::new(),
        }),
        "C" => {
            if let Some(table) = tables.last_mut() {
                let (name, data_type, mark, values) = (field(), field(), field(), field());
                table.columns.push(column(name, data_type, mark, values));
            }
        }
        "D" => {
            let text = field();
            cells.push(serde_json::from_str(text).unwrap_or_else(|_| json!(text)));
        }
        _ => {}
    }
}

fn column(name: &str, data_type: &str, mark: &str, values: &str) -> Column {
    let foreign_key = mark.split_once('>').map(|(table, field)| ForeignKey {
        field_name: field.to_owned(),
        reference_table: table.to_owned(),
    });
    let categories = values.split('|').filter(|value| !value.is_empty());
    let categories: Vec<String> = categories.map(str::to_owned).collect();
    Column {
        name: name.to_owned(),
        description: None,
        data_type: data_type.to_owned(),
        nullable: mark != "key",
        is_primary_key: mark == "key",
        foreign_key,
        low_cardinality: !categories.is_empty(),
        categories,
    }
}
