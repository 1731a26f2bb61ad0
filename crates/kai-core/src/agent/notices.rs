//! What the agent itself says to people, in both languages.

use crate::interruption::Interruption;
use crate::language::Language;

/// Several queries in a row found nothing.
pub(super) fn no_data(language: Language, count: u32) -> String {
    match language {
        Language::English => format!(
            "No data was found: {count} queries in a row ran without an error and returned no row. \
             There may be no data for this question, a filter may be too narrow, or the names in the \
             database may be spelt differently. Try a wider period or fewer conditions, or ask which \
             values there are."
        ),
        Language::Indonesian => format!(
            "Tidak ada data yang ditemukan: {count} kueri berturut-turut berjalan tanpa galat tetapi \
             tidak mengembalikan satu baris pun. Mungkin datanya memang tidak ada, saringannya terlalu \
             sempit, atau namanya ditulis lain di basis data. Coba perluas periodenya, kurangi \
             syaratnya, atau tanyakan nilai apa saja yang ada."
        ),
    }
}

/// The model took all the turns it may.
pub(super) fn too_many_turns(language: Language, turns: usize) -> String {
    match language {
        Language::English => format!(
            "I stopped after {turns} steps without a final answer. Try a narrower question, or raise \
             AGENT_MAX_ITERATIONS."
        ),
        Language::Indonesian => format!(
            "Saya berhenti setelah {turns} langkah tanpa jawaban akhir. Coba pertanyaan yang lebih \
             sempit, atau naikkan AGENT_MAX_ITERATIONS."
        ),
    }
}

/// Queries failed so often that no more were tried.
pub(super) fn queries_failed(language: Language, error: &str) -> String {
    match language {
        Language::English => format!(
            "I could not find the answer: my queries failed, the last one because of this: {error}"
        ),
        Language::Indonesian => format!(
            "Saya tidak dapat menemukan jawabannya: kueri saya gagal, yang terakhir karena: {error}"
        ),
    }
}

/// The answer is checked again, since it has numbers that come from nowhere.
pub(super) fn checking_again(language: Language, numbers: &[String]) -> String {
    let numbers = numbers.join(", ");
    match language {
        Language::English => {
            format!("\n\nI check the answer again: no row gives {numbers}.\n\n")
        }
        Language::Indonesian => {
            format!("\n\nJawaban saya periksa lagi: tidak ada baris yang memberi {numbers}.\n\n")
        }
    }
}

/// What stands under an answer with numbers that come from nowhere.
pub(super) fn unverified(language: Language, numbers: &[String]) -> String {
    let numbers = numbers.join(", ");
    match language {
        Language::English => {
            format!("\n\nNote: the query results do not show where this comes from: {numbers}.")
        }
        Language::Indonesian => format!(
            "\n\nCatatan: hasil kueri tidak menunjukkan dari mana angka ini berasal: {numbers}."
        ),
    }
}

/// The run goes on after an earlier attempt, which had finished so many steps before this cut it short.
pub(super) fn resumed(language: Language, steps: usize, cut_by: Option<Interruption>) -> String {
    let from = match (language, steps) {
        (Language::English, 0) => "Starting again: no step had been finished".to_owned(),
        (Language::English, _) => format!("Continuing after step {steps}"),
        (Language::Indonesian, 0) => "Memulai lagi: belum ada langkah yang selesai".to_owned(),
        (Language::Indonesian, _) => format!("Melanjutkan setelah langkah {steps}"),
    };
    match cut_by.and_then(|cut_by| interrupted(language, cut_by)) {
        Some(why) => format!("{from} ({why})"),
        None => from,
    }
}

/// The database went away in the middle of the run, and is waited for.
pub(super) fn database_away(language: Language) -> String {
    match language {
        Language::English => {
            "\n\nThe database has gone away; I wait for it to come back.\n\n".to_owned()
        }
        Language::Indonesian => {
            "\n\nBasis data terputus; saya menunggu sampai tersambung lagi.\n\n".to_owned()
        }
    }
}

/// What had cut a run short.
fn interrupted(language: Language, cut_by: Interruption) -> Option<&'static str> {
    Some(match (language, cut_by) {
        (_, Interruption::Turn) => return None,
        (Language::English, Interruption::Pause) => "the run was paused",
        (Language::English, Interruption::Shutdown) => "its worker was stopped",
        (Language::English, Interruption::Lost) => "its worker was lost",
        (Language::English, Interruption::Failure) => "a failure that may pass",
        (Language::Indonesian, Interruption::Pause) => "proses dijeda",
        (Language::Indonesian, Interruption::Shutdown) => "pekerjanya dihentikan",
        (Language::Indonesian, Interruption::Lost) => "pekerjanya hilang",
        (Language::Indonesian, Interruption::Failure) => "kegagalan yang mungkin sementara",
    })
}

/// A turn of the model was lost in its middle, and is asked for again.
pub(super) fn turn_again(language: Language) -> String {
    match language {
        Language::English => "The model's answer broke off; asking for this turn again".to_owned(),
        Language::Indonesian => "Jawaban model terputus; langkah ini diminta lagi".to_owned(),
    }
}

/// How many rows there are, below a table that shows the first of them.
pub(super) fn rows(language: Language, shown: usize, all: u64, more: bool) -> String {
    let least = match (language, more) {
        (_, false) => "",
        (Language::English, true) => "at least ",
        (Language::Indonesian, true) => "sedikitnya ",
    };
    match language {
        Language::English if shown as u64 == all && !more => format!("Rows: {all}"),
        Language::English => format!("Rows: {least}{all}, of which these are the first {shown}"),
        Language::Indonesian if shown as u64 == all && !more => format!("Jumlah baris: {all}"),
        Language::Indonesian => format!("Jumlah baris: {least}{all}; ini {shown} yang pertama"),
    }
}

/// The run is paused, until somebody resumes it.
pub fn paused(language: Language, reason: Option<&str>) -> String {
    let (sentence, until) = match language {
        Language::English => ("The run is paused", "It goes on when it is resumed."),
        Language::Indonesian => (
            "Proses dijeda",
            "Proses berlanjut setelah dilanjutkan kembali.",
        ),
    };
    let reason = reason.map_or_else(String::new, |reason| format!(" ({reason})"));
    format!("\n\n{sentence}{reason}. {until}\n\n")
}
