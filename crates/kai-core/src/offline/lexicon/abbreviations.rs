//! How names of tables and columns are cut short: the usual abbreviations of business databases, and
//! the rule by which others are made.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use super::{Concept, lexicon};
use crate::offline::text::Word;

/// Abbreviations, and what they stand for; several meanings are parted by `|`.
const USUAL: &[(&str, &str)] = &[
    ("acct", "account"),
    ("acc", "account"),
    ("addr", "address"),
    ("adr", "address"),
    ("alm", "alamat"),
    ("almt", "alamat"),
    ("amt", "amount"),
    ("ang", "anggota"),
    ("appt", "appointment"),
    ("avg", "average"),
    ("bal", "balance"),
    ("bday", "birth date"),
    ("brg", "barang"),
    ("bln", "bulan"),
    ("cat", "category"),
    ("catg", "category"),
    ("cd", "code"),
    ("cnt", "count"),
    ("cntry", "country"),
    ("cr", "credit"),
    ("cre", "created"),
    ("crdt", "credit"),
    ("crt", "created"),
    ("ctry", "country"),
    ("ctgry", "category"),
    ("cty", "city"),
    ("curr", "currency"),
    ("del", "delivery"),
    ("dept", "department"),
    ("desc", "description"),
    ("descr", "description"),
    ("dlv", "delivery"),
    ("dob", "birth date"),
    ("doc", "document"),
    ("dsc", "description"),
    ("dt", "date"),
    ("dtl", "detail"),
    ("dur", "duration"),
    ("emp", "employee"),
    ("eff", "effective"),
    ("exp", "expiry"),
    ("fak", "fakultas"),
    ("gol", "golongan"),
    ("grp", "group"),
    ("hrg", "harga"),
    ("ht", "height"),
    ("inv", "inventory|invoice"),
    ("jab", "jabatan"),
    ("jk", "gender"),
    ("jml", "jumlah"),
    ("jmlh", "jumlah"),
    ("jns", "jenis"),
    ("jur", "jurusan"),
    ("kar", "karyawan"),
    ("kary", "karyawan"),
    ("kat", "kategori"),
    ("kd", "kode"),
    ("kec", "kecamatan"),
    ("kel", "kelurahan|kelompok"),
    ("ket", "keterangan"),
    ("klmpk", "kelompok"),
    ("lbl", "label"),
    ("ln", "line"),
    ("loc", "location"),
    ("lok", "lokasi"),
    ("max", "maximum"),
    ("mhs", "mahasiswa"),
    ("matkul", "mata kuliah"),
    ("mk", "mata kuliah"),
    ("mfr", "manufacturer"),
    ("mgr", "manager"),
    ("mtd", "method"),
    ("mthd", "method"),
    ("mthly", "monthly"),
    ("mtr", "meter"),
    ("nbr", "number"),
    ("nm", "name"),
    ("oh", "on hand"),
    ("onhand", "on hand"),
    ("ord", "order"),
    ("org", "organization"),
    ("pay", "payment"),
    ("peg", "pegawai"),
    ("pel", "pelanggan"),
    ("pct", "percent"),
    ("phn", "phone"),
    ("plg", "pelanggan"),
    ("pmt", "payment"),
    ("pos", "position"),
    ("prc", "price"),
    ("prj", "project"),
    ("proj", "project"),
    ("prod", "product"),
    ("pt", "point"),
    ("qty", "quantity"),
    ("qtr", "quarter"),
    ("qual", "quality"),
    ("reord", "reorder"),
    ("ref", "reference"),
    ("reg", "registration"),
    ("ret", "return"),
    ("rgn", "region"),
    ("sal", "salary"),
    ("sat", "satuan"),
    ("sched", "schedule"),
    ("sls", "sales"),
    ("spec", "specialty"),
    ("spl", "supplier"),
    ("sq", "square"),
    ("stat", "status"),
    ("sts", "status"),
    ("stk", "stock"),
    ("str", "store"),
    ("supp", "supplier"),
    ("tel", "phone"),
    ("telp", "telepon"),
    ("tgl", "tanggal"),
    ("thn", "tahun"),
    ("tlp", "telepon"),
    ("tmp", "tempat"),
    ("tot", "total"),
    ("trf", "transfer"),
    ("ttl", "title|total"),
    ("txn", "transaction"),
    ("typ", "type"),
    ("unt", "unit"),
    ("upd", "updated"),
    ("usr", "user"),
    ("val", "value"),
    ("vend", "vendor"),
    ("wgt", "weight"),
    ("whse", "warehouse"),
    ("wh", "warehouse"),
    ("wt", "weight"),
    ("yr", "year"),
    ("calib", "calibration"),
    ("cap", "capacity"),
    ("cert", "certificate"),
    ("clm", "claim"),
    ("compl", "complaint"),
    ("diag", "diagnosis"),
    ("dist", "district|distance"),
    ("gd", "gudang"),
    ("gdg", "gudang"),
    ("ins", "insurance"),
    ("kab", "kabupaten"),
    ("lic", "licence"),
    ("nas", "nasabah"),
    ("nat", "nationality"),
    ("pgw", "pegawai"),
    ("pol", "policy|police"),
    ("pop", "population"),
    ("prd", "produk"),
    ("prem", "premium"),
    ("recv", "received"),
    ("res", "reservation"),
    ("rm", "room"),
    ("rsv", "reservation"),
    ("spd", "speed"),
    ("subcat", "subcategory"),
    ("tech", "technician"),
    ("temp", "temperature"),
    ("trs", "transaksi"),
    ("ts", "time"),
    ("vol", "volume"),
    ("wil", "wilayah"),
    ("wo", "work order"),
];

fn usual(short: &str) -> Option<&'static str> {
    static MEANINGS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
        // The first of two that are spelled alike is the usual one.
        USUAL.iter().rev().copied().collect()
    });
    MEANINGS.get(short).copied()
}

/// What a part of a name stands for, each meaning as its words; the part itself when it is no
/// abbreviation that is known or made by the rule.
pub(super) fn expanded(part: &Word) -> Vec<Vec<Word>> {
    let read = |text: &str| text.split_whitespace().map(Word::new).collect::<Vec<_>>();
    if let Some(long) = usual(&part.norm) {
        return long.split('|').map(read).collect();
    }
    if lexicon().knows(part) {
        return vec![vec![part.clone()]];
    }
    let by_rule = skeletons().get(part.norm.as_str());
    match by_rule {
        // What could be one of many words is none of them.
        Some(words) if words.len() <= 2 => words.iter().map(|word| read(word)).collect(),
        _ => vec![vec![part.clone()]],
    }
}

/// The meanings of a word that is cut short; none when it is not.
pub(super) fn meanings(part: &Word) -> Vec<Concept> {
    let meanings = expanded(part).into_iter();
    meanings
        .filter(|words| words.first() != Some(part))
        .flat_map(|words| {
            let words: Vec<&Word> = words.iter().collect();
            let whole = lexicon().forms_at(&words).into_iter();
            let count = words.len();
            whole
                .filter(move |(length, _)| *length == count)
                .map(|(_, concept)| concept)
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The words of the lexicon by what is left of them without their vowels, the first letter aside.
fn skeletons() -> &'static BTreeMap<String, Vec<&'static str>> {
    static SKELETONS: LazyLock<BTreeMap<String, Vec<&'static str>>> = LazyLock::new(|| {
        let mut skeletons: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
        for word in lexicon().words() {
            let short = skeleton(word);
            if (3..=5).contains(&short.len()) && short.len() + 1 < word.len() {
                skeletons.entry(short).or_default().push(word);
            }
        }
        skeletons
    });
    &SKELETONS
}

fn skeleton(word: &str) -> String {
    let mut short = String::new();
    for (at, letter) in word.chars().enumerate() {
        let doubled = short.ends_with(letter);
        if at == 0 || !("aeiou".contains(letter) || doubled) {
            short.push(letter);
        }
    }
    short
}

/// Parts a word that two known words were run together to: `custname`, `namabarang`.
pub(super) fn unglued(part: &Word) -> Option<(Word, Word)> {
    let text = part.norm.as_str();
    if text.len() < 7 || !text.is_ascii() || lexicon().knows(part) {
        return None;
    }
    let known = |half: &str| {
        let word = Word::new(half);
        let is_usual = half.len() >= 3 && usual(half).is_some();
        (is_usual || (half.len() >= 4 && lexicon().knows_alone(&word))).then_some(word)
    };
    // The longest second half: what a name ends with says most.
    (3..=text.len() - 2).find_map(|at| {
        let (left, right) = text.split_at_checked(at)?;
        let right = if ["id", "no", "cd", "nm", "dt", "kd"].contains(&right) {
            Word::new(right)
        } else {
            known(right)?
        };
        Some((known(left)?, right))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(part: &str) -> Vec<String> {
        let text = |words: Vec<Word>| {
            let words: Vec<String> = words.into_iter().map(|word| word.norm).collect();
            words.join(" ")
        };
        expanded(&Word::new(part)).into_iter().map(text).collect()
    }

    #[test]
    fn names_cut_short_are_read_in_full() {
        for (short, long) in [
            ("crdt", "credit"),
            ("hrg", "harga"),
            ("tgl", "tanggal"),
            ("qty", "quantity"),
            ("oh", "on hand"),
            ("rfnd", "refund"),
            ("rsn", "reason"),
            ("plngn", "pelanggan"),
        ] {
            assert!(
                read(short).contains(&long.to_owned()),
                "{short}: {:?}",
                read(short)
            );
        }
        assert_eq!(read("ttl"), ["title", "total"]);
        assert_eq!(read("xyzzy"), ["xyzzy"]);
    }

    #[test]
    fn words_run_together_are_parted() {
        let parts = |text: &str| unglued(&Word::new(text)).map(|(a, b)| (a.norm, b.norm));
        let two = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(parts("custname"), two("cust", "name"));
        assert_eq!(parts("namabarang"), two("nama", "barang"));
        assert_eq!(parts("orderdate"), two("order", "date"));
        assert_eq!(parts("kodebrg"), two("kode", "brg"));
        assert_eq!(parts("customer"), None);
        assert_eq!(parts("wildebeest"), None);
    }
}
