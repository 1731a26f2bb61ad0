//! What the files of this tree say.

use std::collections::BTreeSet;
use std::path::Path;

/// The names that begin so in a file, whose path is from the top of the tree.
///
/// # Panics
/// When the file cannot be read.
pub fn names_in(file: &str, prefix: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(file);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with(prefix))
        .map(str::to_owned)
        .collect()
}
