//! The language of a question, told from its commonest words.

use super::text::fold;
use crate::language::Language;

const ENGLISH: &[&str] = &[
    "a", "above", "all", "an", "and", "any", "are", "at", "average", "before", "below", "between",
    "by", "can", "compare", "count", "did", "display", "do", "does", "each", "every", "few",
    "fewer", "fewest", "find", "for", "from", "give", "had", "has", "have", "hello", "highest",
    "hi", "how", "in", "is", "it", "its", "largest", "least", "less", "list", "lowest", "many",
    "me", "more", "most", "much", "no", "not", "number", "of", "on", "or", "over", "please",
    "show", "since", "smallest", "tell", "than", "that", "the", "their", "there", "this", "to",
    "under", "was", "were", "what", "when", "where", "which", "who", "whose", "with", "without",
    "years", "you", "your",
];

const INDONESIAN: &[&str] = &[
    "ada",
    "adalah",
    "anda",
    "antara",
    "apa",
    "apakah",
    "atas",
    "atau",
    "bagaimana",
    "banyak",
    "banyaknya",
    "bawah",
    "belum",
    "berapa",
    "berapakah",
    "berdasarkan",
    "bukan",
    "cari",
    "daftar",
    "dalam",
    "dan",
    "dari",
    "dengan",
    "di",
    "halo",
    "hitung",
    "ini",
    "itu",
    "jumlah",
    "kah",
    "kapan",
    "ke",
    "kurang",
    "lebih",
    "mana",
    "manakah",
    "masing-masing",
    "memiliki",
    "mempunyai",
    "menurut",
    "oleh",
    "pada",
    "paling",
    "punya",
    "rata-rata",
    "saja",
    "sama",
    "saya",
    "sebutkan",
    "sejak",
    "semua",
    "setelah",
    "setiap",
    "sebelum",
    "siapa",
    "tampilkan",
    "tanpa",
    "terbanyak",
    "terbesar",
    "terendah",
    "terkecil",
    "tersedikit",
    "tertinggi",
    "tiap",
    "tidak",
    "tolong",
    "tunjukkan",
    "untuk",
    "urutkan",
    "yang",
];

/// The language that most of the question's function words belong to; `None` when neither leads.
pub fn detect(question: &str) -> Option<Language> {
    let (mut english, mut indonesian) = (0, 0);
    for word in question.split(|c: char| !c.is_alphanumeric() && c != '-') {
        let word = fold(word);
        english += usize::from(ENGLISH.contains(&word.as_str()));
        indonesian += usize::from(INDONESIAN.contains(&word.as_str()));
    }
    match english.cmp(&indonesian) {
        std::cmp::Ordering::Greater => Some(Language::English),
        std::cmp::Ordering::Less => Some(Language::Indonesian),
        std::cmp::Ordering::Equal => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_two_languages_apart() {
        let cases = [
            (
                "Tampilkan top 5 provinsi dengan rata-rata modal awal tertinggi",
                Some(Language::Indonesian),
            ),
            (
                "Show the top 5 provinces by average capital",
                Some(Language::English),
            ),
            (
                "Berapa jumlah member yang active?",
                Some(Language::Indonesian),
            ),
            (
                "How many koperasi are there in Jawa Barat?",
                Some(Language::English),
            ),
            ("koperasi Bali", None),
            ("", None),
        ];
        for (question, language) in cases {
            assert_eq!(detect(question), language, "{question}");
        }
    }
}
