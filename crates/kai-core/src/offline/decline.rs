//! Asking back: what was understood of a question, what was not, and what can be asked instead.

use super::compose::Refusal;
use super::either::outlines;
use super::link::{Content, Piece, Target};
use super::schema::Schema;
use super::terms::Term;
use super::understand::{Obstacle, Understanding};
use crate::language::Language;

/// How many tables are named.
const NAMED: usize = 12;

/// The answer to a question that no query answers.
pub(super) fn decline(
    understanding: &Understanding,
    unknown_names: &[String],
    schema: &Schema,
    language: Language,
    example: Option<&str>,
) -> String {
    let english = language == Language::English;
    let mut parts = vec![reason(understanding, unknown_names, schema, language)];
    let understood = understood(&understanding.pieces, schema);
    if !understood.is_empty() {
        let said = understood.join(", ");
        parts.push(if english {
            format!("I did understand: {said}.")
        } else {
            format!("Yang saya pahami: {said}.")
        });
    }
    let tables: Vec<String> = schema
        .tables()
        .take(NAMED)
        .map(|(id, _)| schema.table_words(id, language))
        .collect();
    let more = schema.tables().count().saturating_sub(NAMED);
    let known = tables.join(", ");
    let known = match (more, english) {
        (0, _) => known,
        (more, true) => format!("{known} and {more} more"),
        (more, false) => format!("{known} dan {more} lainnya"),
    };
    parts.push(if english {
        format!("I can count, add up, average, compare, rank and list what this database has: {known}.")
    } else {
        format!("Saya bisa menghitung, menjumlahkan, merata-ratakan, membandingkan, mengurutkan, dan menampilkan isi basis data ini: {known}.")
    });
    if let Some(example) = example {
        parts.push(if english {
            format!("For example: “{example}”")
        } else {
            format!("Misalnya: “{example}”")
        });
    }
    parts.join("\n\n")
}

fn reason(
    understanding: &Understanding,
    unknown_names: &[String],
    schema: &Schema,
    language: Language,
) -> String {
    let english = language == Language::English;
    match &understanding.obstacle {
        Some(Obstacle::Greeting) => if english {
            "Hello! Ask me about the data of this database."
        } else {
            "Halo! Silakan bertanya tentang data di basis data ini."
        }
        .to_owned(),
        Some(Obstacle::Change) => if english {
            "I only read data; I cannot change, add or delete anything."
        } else {
            "Saya hanya membaca data; saya tidak bisa mengubah, menambah, atau menghapus apa pun."
        }
        .to_owned(),
        Some(Obstacle::RelativeTime(words)) => {
            if english {
                format!(
                    "I do not know today's date, so I cannot tell what “{words}” means. Please name the year or the date."
                )
            } else {
                format!(
                    "Saya tidak mengetahui tanggal hari ini, jadi saya tidak tahu arti “{words}”. Sebutkan tahun atau tanggalnya."
                )
            }
        }
        Some(Obstacle::Words(words)) => {
            let listed: Vec<String> = words.iter().map(|word| format!("“{word}”")).collect();
            let listed = listed.join(", ");
            let looked = if unknown_names.is_empty() {
                ""
            } else if english {
                " I looked for it among the names in the database and did not find it."
            } else {
                " Saya sudah mencarinya di antara nama-nama di basis data dan tidak menemukannya."
            };
            if english {
                format!("I did not understand this part of the question: {listed}.{looked}")
            } else {
                format!("Saya tidak memahami bagian ini dari pertanyaan: {listed}.{looked}")
            }
        }
        Some(Obstacle::Unsure(readings)) => unsure(
            &outlines(readings, &understanding.pieces, schema, language),
            english,
        ),
        Some(Obstacle::Refused(Refusal::Apart(a, b))) => {
            let (a, b) = (
                schema.table_words(*a, language),
                schema.table_words(*b, language),
            );
            if english {
                format!("I found no connection between {a} and {b} in this database.")
            } else {
                format!("Saya tidak menemukan hubungan antara {a} dan {b} di basis data ini.")
            }
        }
        Some(Obstacle::Refused(Refusal::SeveralWays(a, b))) => {
            let (a, b) = (
                schema.table_words(*a, language),
                schema.table_words(*b, language),
            );
            if english {
                format!(
                    "There are several connections between {a} and {b}, and I cannot tell which one is meant."
                )
            } else {
                format!(
                    "Ada beberapa hubungan antara {a} dan {b}, dan saya tidak tahu mana yang dimaksud."
                )
            }
        }
        Some(Obstacle::Refused(Refusal::CountedTwice(table))) => {
            let table = schema.table_words(*table, language);
            if english {
                format!(
                    "Grouped like this, the figures of {table} would be counted more than once, so I would rather not answer."
                )
            } else {
                format!(
                    "Dengan pengelompokan ini, angka {table} akan terhitung lebih dari sekali, jadi sebaiknya saya tidak menjawabnya."
                )
            }
        }
        Some(Obstacle::Refused(Refusal::Nothing)) | None => if english {
            "I could not tell what the question asks for."
        } else {
            "Saya belum bisa menangkap apa yang ditanyakan."
        }
        .to_owned(),
    }
}

/// Asks which of the readings is meant.
fn unsure(outlines: &[String], english: bool) -> String {
    if let [only] = outlines {
        return if english {
            format!(
                "I am not sure that I understood this, so I would rather ask. The nearest that I could answer is: {only}."
            )
        } else {
            format!(
                "Saya belum yakin memahaminya, jadi lebih baik saya bertanya. Yang paling dekat yang bisa saya jawab: {only}."
            )
        };
    }
    let lines: Vec<String> = outlines
        .iter()
        .map(|outline| format!("- {outline}"))
        .collect();
    let lines = lines.join("\n");
    if english {
        format!("This can be understood in more than one way. Do you mean:\n\n{lines}")
    } else {
        format!(
            "Pertanyaan ini bisa dipahami dengan lebih dari satu cara. Apakah yang dimaksud:\n\n{lines}"
        )
    }
}

/// Which words were linked to what.
pub(super) fn understood(pieces: &[Piece], schema: &Schema) -> Vec<String> {
    pieces
        .iter()
        .filter_map(|piece| match &piece.content {
            Content::Links(links) => links.first().map(|link| (piece, link)),
            _ => None,
        })
        .map(|(piece, link)| format!("“{}” → {}", piece.text, target(&link.target, schema)))
        .collect()
}

/// A word and what it was taken for: "“city” → branches.city"; nothing where that is no name.
pub(super) fn link(piece: &Piece, term: &Term, schema: &Schema) -> Option<String> {
    let taken = match term {
        Term::Table(table) => Target::Table(*table),
        Term::Column(column) => Target::Column(*column),
        Term::Values(column, values) => Target::Values(*column, values.clone()),
        _ => return None,
    };
    Some(format!("“{}” → {}", piece.text, target(&taken, schema)))
}

/// What something is linked to, as it is called in the database.
fn target(target: &Target, schema: &Schema) -> String {
    let name = |column: super::schema::ColumnId| {
        format!(
            "{}.{}",
            schema.table(column.table).name,
            schema.column(column).name
        )
    };
    match target {
        Target::Table(table) => schema.table(*table).name.clone(),
        Target::Column(column) => name(*column),
        Target::Values(column, values) => format!("{} = {}", name(*column), values.join(" / ")),
    }
}
