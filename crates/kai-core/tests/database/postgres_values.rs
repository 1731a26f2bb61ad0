//! Every kind of type of PostgreSQL as a table's column, and what its values are in JSON.

use kai_test_support::postgres::fresh_database;
use serde_json::{Value, json};

use super::limits;
use super::postgres::{ask, connect};

/// A type, a literal for it, and what comes back.
fn types() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("boolean", "'t'", json!(true)),
        ("smallint", "'-32768'", json!(-32_768)),
        ("bigint", "'9223372036854775807'", json!(i64::MAX)),
        ("oid", "'4294967295'", json!(4_294_967_295_u32)),
        ("numeric(18,2)", "'150000000.00'", json!(150_000_000)),
        ("numeric", "'Infinity'", json!("Infinity")),
        (
            "numeric",
            "'-12345678901234567890.123'",
            json!("-12345678901234567890.123"),
        ),
        ("real", "'-Infinity'", json!("-Infinity")),
        ("double precision", "'1e-7'", json!(1e-7)),
        ("money", "'12.5'", json!("$12.50")),
        ("\"char\"", "'x'", json!("x")),
        ("name", "'nama'", json!("nama")),
        ("varchar(9)", "'é 🌴'", json!("é 🌴")),
        ("bytea", "'\\x00ff'", json!("AP8=")),
        ("date", "'-infinity'", json!("-infinity")),
        ("time", "'23:59:59.999999'", json!("23:59:59.999999")),
        ("timetz", "'13:05+07'", json!("13:05:00+07")),
        ("timestamp", "'infinity'", json!("infinity")),
        (
            "timestamptz",
            "'2024-02-29 23:30+00:00'",
            json!("2024-02-29T23:30:00Z"),
        ),
        ("interval", "'-1 day 02:03'", json!("P-1DT2H3M")),
        (
            "uuid",
            "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'",
            json!("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ),
        (
            "json",
            "'{\"b\": 1, \"a\": [null, {}]}'",
            json!({"b": 1, "a": [null, {}]}),
        ),
        ("jsonb", "'[1.50, \"x\"]'", json!([1.5, "x"])),
        ("xml", "'<a>1</a>'", json!("<a>1</a>")),
        ("bit(5)", "'10101'", json!("10101")),
        ("bit varying(9)", "'001'", json!("001")),
        ("inet", "'2001:db8::1'", json!("2001:db8::1")),
        ("cidr", "'10.0.0.0/8'", json!("10.0.0.0/8")),
        ("macaddr", "'08-00-2b-01-02-03'", json!("08:00:2b:01:02:03")),
        ("point", "'(106.8,-6.2)'", json!("(106.8,-6.2)")),
        (
            "polygon",
            "'((0,0),(1,0),(1,1))'",
            json!("((0,0),(1,0),(1,1))"),
        ),
        ("circle", "'<(1,2),3>'", json!("<(1,2),3>")),
        ("int8range", "'(1,5]'", json!("[2,6)")),
        ("daterange", "'[2024-01-01,)'", json!("[2024-01-01,)")),
        ("tsvector", "'b a'", json!("'a' 'b'")),
        ("tsquery", "'a & b'", json!("'a' & 'b'")),
        ("pg_lsn", "'16/B374D848'", json!("16/B374D848")),
        // The owner's own.
        ("warna", "'merah'", json!("merah")),
        ("titik", "'(1,\"a b\")'", json!("(1,\"a b\")")),
        ("rupiah", "'12.50'", json!(12.5)),
        ("alamat", "'10.0.0.1'", json!("10.0.0.1")),
        ("jarak", "'[1.5,2]'", json!("[1.5,2]")),
        // Arrays of all of them.
        (
            "integer[]",
            "'{{1,NULL},{3,4}}'",
            json!([[1, null], [3, 4]]),
        ),
        ("integer[]", "'[0:1]={7,8}'", json!([7, 8])),
        (
            "text[]",
            "'{\"a,b\",NULL,\"NULL\",\"\"}'",
            json!(["a,b", null, "NULL", ""]),
        ),
        ("boolean[]", "'{t,f}'", json!([true, false])),
        ("bytea[]", "'{\"\\\\x00ff\"}'", json!(["AP8="])),
        ("jsonb[]", "'{\"{\\\"a\\\": 1}\"}'", json!([{"a": 1}])),
        (
            "timestamptz[]",
            "'{2024-02-29 13:05+07}'",
            json!(["2024-02-29T06:05:00Z"]),
        ),
        ("warna[]", "'{merah,NULL}'", json!(["merah", null])),
        ("rupiah[]", "'{12.50}'", json!([12.5])),
        ("inet[]", "'{10.0.0.1,NULL}'", json!(["10.0.0.1", null])),
        ("int4range[]", "'{\"[1,3)\"}'", json!(["[1,3)"])),
        ("titik[]", "'{\"(1,x)\"}'", json!(["(1,x)"])),
        (
            "money[]",
            "'{{1,2},{3,4}}'",
            json!([["$1.00", "$2.00"], ["$3.00", "$4.00"]]),
        ),
    ]
}

#[tokio::test]
async fn values_of_every_type_keep_their_meaning() {
    let Some(test) = fresh_database().await else {
        return;
    };
    let mut script = String::from(
        "CREATE TYPE warna AS ENUM ('merah', 'putih'); \
         CREATE TYPE titik AS (x INTEGER, y TEXT); \
         CREATE DOMAIN rupiah AS NUMERIC(18,2); \
         CREATE DOMAIN alamat AS INET; \
         CREATE TYPE jarak AS RANGE (subtype = float8); \
         SET timezone = 'Asia/Jakarta'; SET lc_monetary = 'C'; ",
    );
    for (index, (name, literal, _)) in types().iter().enumerate() {
        let create = format!("CREATE TABLE t{index} (v {name}, n {name}); ");
        let insert = format!("INSERT INTO t{index} VALUES ({literal}, NULL); ");
        script.extend([create, insert]);
    }
    test.execute(&script).await;
    let database = connect(&test, &[]).await;
    for (index, (name, literal, expected)) in types().into_iter().enumerate() {
        let result = ask(&*database, &format!("SELECT * FROM t{index}"), limits())
            .await
            .unwrap_or_else(|error| panic!("{name} {literal}: {error}"));
        assert_eq!(result.columns, ["v", "n"]);
        assert_eq!(result.rows[0]["v"], expected, "{name} {literal}");
        assert_eq!(result.rows[0]["n"], json!(null), "{name}");
    }
}

#[tokio::test]
async fn a_type_that_the_driver_does_not_know_is_told_and_can_be_cast() {
    let Some(test) = fresh_database().await else {
        return;
    };
    test.execute("CREATE TABLE t (v int4multirange); INSERT INTO t VALUES ('{[1,3),[5,7)}')")
        .await;
    let database = connect(&test, &[]).await;
    let error = ask(&*database, "SELECT v FROM t", limits())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("cast it to text"), "{error}");
    let cast = ask(&*database, "SELECT CAST(v AS TEXT) AS v FROM t", limits()).await;
    assert_eq!(cast.unwrap().rows[0]["v"], "{[1,3),[5,7)}");
}
