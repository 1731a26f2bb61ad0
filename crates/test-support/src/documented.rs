//! Tables of settings in `docs/configuration.md`, which are made from the code.

#![expect(clippy::unwrap_used, reason = "a test without its page cannot go on")]

use std::fmt::Write as _;
use std::path::Path;

/// A setting as its row tells it.
pub struct Row {
    /// The variable.
    pub name: String,
    /// The flag, without its hyphens, where there is one.
    pub flag: Option<String>,
    /// What holds when nothing sets it.
    pub default: Option<String>,
    /// What it is for.
    pub meaning: String,
    /// Whether it is shown redacted.
    pub secret: bool,
}

/// Fails unless the page has these rows as the settings of the program. With `UPDATE_DOCS` set they are
/// written into it first.
///
/// # Panics
/// When the page has others, cannot be read, or has no place for the program's settings.
pub fn assert_settings(program: &str, rows: impl IntoIterator<Item = Row>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let begin = format!("<!-- settings of {program} -->\n");
    let (before, rest) = page.split_once(&begin).unwrap();
    let (_, after) = rest.split_once("<!-- end -->").unwrap();
    let wanted = format!("{before}{begin}{}<!-- end -->{after}", table(rows));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let page = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        page, wanted,
        "run `UPDATE_DOCS=1 cargo test -p {program} configuration`"
    );
}

fn table(rows: impl IntoIterator<Item = Row>) -> String {
    let mut table =
        String::from("| variable | flag | default | meaning |\n| --- | --- | --- | --- |\n");
    let code =
        |text: Option<String>| text.map_or_else(|| "–".to_owned(), |text| format!("`{text}`"));
    for row in rows {
        let flag = code(row.flag.map(|flag| format!("--{flag}")));
        let secret = if row.secret { " (secret)" } else { "" };
        let (name, default, meaning) = (row.name, code(row.default), row.meaning);
        writeln!(
            table,
            "| `{name}` | {flag} | {default} | {meaning}{secret} |"
        )
        .unwrap();
    }
    table
}
