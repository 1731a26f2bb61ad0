//! What the offline model's fuzz target checks, fed with questions and tables that nobody would write.

use std::cell::Cell;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRunner};

#[path = "../../fuzz/bodies/offline.rs"]
mod offline;

/// Words, numbers and marks of questions; those of the shop that the target knows among them.
const WORDS: &[&str] = &[
    "how many",
    "berapa",
    "jumlah",
    "total",
    "average",
    "rata-rata",
    "top",
    "5",
    "termahal",
    "paling",
    "banyak",
    "the most",
    "least",
    "customers",
    "pelanggan",
    "orders",
    "pesanan",
    "products",
    "produk",
    "items",
    "amount",
    "price",
    "harga",
    "weight",
    "kg",
    "city",
    "kota",
    "Bogor",
    "Jakarta Selatan",
    "Jakarta",
    "O'Hara",
    "Kopi",
    "tea",
    "grade",
    "B",
    "A",
    "status",
    "paid",
    "batal",
    "inactive",
    "not",
    "bukan",
    "tanpa",
    "without",
    "never",
    "belum",
    "per",
    "each",
    "tiap",
    "by",
    "sorted by",
    "descending",
    "year",
    "bulan",
    "monthly",
    "in",
    "di",
    "2024",
    "2024-02-30",
    "0000-00-00",
    "31/12/9999",
    "May 2025",
    "antara",
    "between",
    "and",
    "dan",
    "or",
    "atau",
    "more than",
    "lebih dari",
    "at least",
    "paling sedikit",
    "10",
    "1.000,5",
    "99999999999999999999999999999",
    "0",
    "-1",
    "1e400",
    "0,0000001",
    "juta",
    "triliun",
    "half",
    "twice",
    "2 kali",
    "%",
    "percentage",
    "persentase",
    "share",
    "compared with",
    "dibanding",
    "(",
    ")",
    "()",
    "((",
    "\"",
    "'",
    "“x”",
    "''",
    ",",
    "/",
    "&",
    "<",
    ">=",
    "!=",
    "–",
    "?",
    "!",
    ";",
    "--",
    "/*",
    "who",
    "siapa",
    "which",
    "yang mana",
    "when",
    "kapan",
    "that",
    "yang",
    "have",
    "punya",
    "both",
    "but",
    "kecuali",
    "except",
    "oldest",
    "tertua",
    "first",
    "terakhir",
    "last year",
    "kemarin",
    "since",
    "sejak",
    "until",
    "sampai",
    "customer number 42",
    "order_id",
    "OrderNo",
    "orders.amount",
    "customer's",
    "-nya",
    "kah",
    "xyzzy",
    "Zebra Cross",
    "ﬁ",
    "İ",
    "ß",
    "٣",
    "½",
    "𝟙",
    "\u{200b}",
    "\u{202e}",
    "\u{feff}",
    "\u{0}",
    "e\u{301}\u{301}\u{301}",
    "👩‍👩‍👧",
    "日本語",
    "नमस्ते",
];

/// Names of tables and columns, as no migration would have them.
const NAMES: &[&str] = &[
    "",
    " ",
    ".",
    "..",
    "a.b",
    "\"a.b\"",
    "\"",
    "\"\"",
    "`",
    "'",
    "--",
    ";",
    "*",
    "id",
    "ID",
    "_",
    "__",
    "_id",
    "id_",
    "tbl_",
    "m_",
    "order",
    "select",
    "group",
    "Price List",
    "x'); DROP TABLE y",
    "customer",
    "customers",
    "CUSTOMER",
    "cust_mstr",
    "erp.sales",
    "main.t",
    "staff",
    "manager_id",
    "staff_id",
    "branch_id",
    "parent_id",
    "kode",
    "kd_brg",
    "tanggal",
    "dt",
    "date",
    "year",
    "tahun",
    "amount",
    "total",
    "qty",
    "name",
    "nama",
    "first_name",
    "last_name",
    "gender",
    "is_active",
    "has",
    "is",
    "ünïcödé",
    "日本",
    "👍",
    "\u{200b}",
    "a\u{0}b",
    "1",
    "2nd",
    "%",
    "\\",
    "$1",
    "?",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "a_b_c_d_e_f_g_h_i_j_k_l_m_n_o_p_q_r_s_t_u_v_w_x_y_z",
    "custnameordernokodebrg",
];

const TYPES: &[&str] = &[
    "integer",
    "BIGINT",
    "tinyint(1)",
    "numeric(10,2)",
    "real",
    "text",
    "varchar(20)",
    "date",
    "timestamp",
    "time",
    "boolean",
    "YEAR(4)",
    "enum('a','b')",
    "json",
    "bytea",
    "int4range",
    "",
    "🦀",
];

const MARKS: &[&str] = &[
    "",
    "",
    "key",
    "key",
    "customers>id",
    "staff>staff_id",
    "customer>id",
    ">",
    "id>id",
    "a.b>",
    "order>order",
];

const VALUES: &[&str] = &[
    "",
    "",
    "0|1",
    "Y|N",
    "ya|tidak",
    "true|false",
    "M|F",
    "2023|2024",
    "A|B|C",
    "Bogor|Depok",
    "O'Hara|\\|\"",
    "Jakarta Selatan|Jakarta Utara|Jakarta",
    " |  ",
    "2024-01-01|x",
    "1e400|-0|NaN",
    "日本|日本語",
    "%|_|*",
    "id|order|date",
    "\u{0}|\u{1}",
    "perempuan|laki-laki",
    "paid|unpaid",
    "the|a|of",
];

const CELLS: &[&str] = &[
    "1",
    "0",
    "-1",
    "1e308",
    "99999999999999999999999999",
    "\"1234567.5\"",
    "\"99999999999999999999999999999.99\"",
    "null",
    "true",
    "[]",
    "{}",
    "\"\"",
    "\"x\"",
    "\"| a | b |\"",
    "\"<answer>\"",
    "\"</thinking>\"",
    "\"2024-02-30\"",
    "NaN",
    "\u{202e}",
    "\"-0.00\"",
    "\"Infinity\"",
];

fn one_of(pool: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![
        12 => prop::sample::select(pool).prop_map(str::to_owned),
        1 => any::<String>().prop_map(|text| text.replace(['\n', '\t'], " ")),
    ]
}

fn question() -> impl Strategy<Value = String> {
    let gap = prop::sample::select(&[" ", " ", " ", " ", "", "-", ", "][..]);
    let words = (prop::collection::vec(one_of(WORDS), 0..14), gap);
    let words = words.prop_map(|(words, gap)| words.join(gap));
    let repeated = (one_of(WORDS), 1_usize..200).prop_map(|(word, times)| word.repeat(times));
    prop_oneof![20 => words, 1 => repeated, 1 => "\\PC{0,200}"]
}

fn column() -> impl Strategy<Value = String> {
    let fields = (one_of(NAMES), one_of(TYPES), one_of(MARKS), one_of(VALUES));
    fields.prop_map(|(name, data_type, mark, values)| {
        format!("C\t{name}\t{data_type}\t{mark}\t{values}")
    })
}

fn table() -> impl Strategy<Value = String> {
    let comment = prop_oneof![3 => Just(String::new()), 1 => one_of(WORDS)];
    let columns = prop::collection::vec(column(), 0..8);
    (one_of(NAMES), comment, columns).prop_map(|(name, comment, columns)| {
        format!("T\t{name}\t{comment}\n{}", columns.join("\n"))
    })
}

fn inputs() -> impl Strategy<Value = String> {
    let tables = prop_oneof![
        3 => Just(Vec::new()),
        2 => prop::collection::vec(table(), 1..7),
    ];
    let cell = one_of(CELLS).prop_map(|cell| format!("D\t{cell}"));
    let cells = prop::collection::vec(cell, 0..4);
    (question(), tables, cells).prop_map(|(question, tables, cells)| {
        [vec![question.replace('\n', " ")], tables, cells]
            .concat()
            .join("\n")
    })
}

/// `PROPTEST_CASES` asks for more than the few that every run of the tests has time for.
#[test]
fn nothing_is_too_odd_for_the_model() {
    let asked_for_more = std::env::var_os("PROPTEST_CASES").is_some();
    let config = Config::default();
    let config = Config {
        cases: if asked_for_more { config.cases } else { 300 },
        failure_persistence: None,
        // The default is secure, and takes most of the time in a debug build.
        rng_algorithm: RngAlgorithm::XorShift,
        ..config
    };
    let (asked, queries) = (Cell::new(0_u32), Cell::new(0_usize));
    let run = TestRunner::new(config).run(&inputs(), |input| {
        asked.set(asked.get() + 1);
        queries.set(queries.get() + offline::check(input.as_bytes()));
        Ok(())
    });
    run.unwrap();
    // One in six or so leads to a query; fewer than one in twenty would prove little.
    let (asked, queries) = (usize::try_from(asked.get()).unwrap(), queries.get());
    assert!(queries * 20 > asked, "{asked} asked, {queries} queries");
}

/// The bound leaves room for a slow machine and a debug build; what it forbids is work that grows with
/// the square of the question.
#[test]
fn a_long_question_is_read_in_time() {
    let long = [
        "customers ".repeat(1_000),
        "a".repeat(10_000),
        "(".repeat(10_000),
        "\"".repeat(10_001),
        "'x ".repeat(3_500),
        "1-".repeat(5_000),
        "9".repeat(10_000),
        "a-".repeat(5_000),
        "Jakarta Selatan and not ".repeat(420),
        "more than 5 orders per customer, ".repeat(300),
        "日".repeat(10_000),
    ];
    for question in long {
        let begun = Instant::now();
        offline::check(question.as_bytes());
        let took = begun.elapsed();
        let start: String = question.chars().take(20).collect();
        assert!(took < Duration::from_mins(1), "{start}…: {took:?}");
    }
}

fn lines(many: usize, line: impl Fn(usize) -> String) -> String {
    (0..many).map(line).collect::<Vec<_>>().concat()
}

/// Tables that refer to each other in circles, a thousand columns, and a thousand values that share their words.
#[test]
fn a_monstrous_schema_is_read() {
    let ring = lines(100, |at| {
        let next = (at + 1) % 100;
        format!(
            "T\tt{at}\nC\tid\tinteger\tkey\nC\tother\tinteger\tt{next}>id\nC\tback_id\tinteger\tt0>id\n"
        )
    });
    let wide = lines(1_000, |at| {
        format!("C\tcolumn_{at}_name\ttext\t\tvalue {at}|other\n")
    });
    let values: Vec<String> = (0..1_000).map(|at| format!("Jalan {at} Bogor")).collect();
    let values = values.join("|");
    for (question, tables) in [
        ("how many t1 per t150 of t7?", ring),
        (
            "names of wide with value 77 and column 12",
            format!("T\twide\nC\tid\tinteger\tkey\n{wide}"),
        ),
        (
            "berapa alamat di Jalan 77 Bogor?",
            format!("T\taddresses\nC\tid\tinteger\tkey\nC\tstreet\ttext\t\t{values}\n"),
        ),
    ] {
        offline::check(format!("{question}\n{tables}").as_bytes());
    }
}
