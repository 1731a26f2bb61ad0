//! Every type of MariaDB, and what its values are in JSON.

use kai_test_support::mysql::fresh_database;
use serde_json::{Value, json};

use super::limits;
use super::mysql::connect;
use super::postgres::ask;

/// A type, a literal for it, and what comes back.
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn types() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("INT", "NULL", json!(null)),
        ("BOOLEAN", "TRUE", json!(1)),
        ("TINYINT", "-128", json!(-128)),
        ("TINYINT(1) UNSIGNED", "200", json!(200)),
        ("SMALLINT UNSIGNED", "65535", json!(65535)),
        ("MEDIUMINT", "-8388608", json!(-8_388_608)),
        ("MEDIUMINT UNSIGNED", "16777215", json!(16_777_215)),
        ("INT UNSIGNED", "4294967295", json!(4_294_967_295_u32)),
        ("INT(5) ZEROFILL", "42", json!(42)),
        (
            "BIGINT",
            "-9223372036854775808",
            json!(-9_223_372_036_854_775_808_i64),
        ),
        (
            "BIGINT UNSIGNED",
            "18446744073709551615",
            json!(18_446_744_073_709_551_615_u64),
        ),
        ("DECIMAL(18,2)", "150000000.00", json!(150_000_000)),
        ("DECIMAL(18,4)", "-0.0001", json!(-0.0001)),
        (
            "DECIMAL(40,9)",
            "1234567890123456789012345678901.123456789",
            json!("1234567890123456789012345678901.123456789"),
        ),
        ("FLOAT", "0.1", json!(0.1)),
        ("DOUBLE", "0.1", json!(0.1)),
        ("DOUBLE", "1e300", json!(1e300)),
        ("BIT(1)", "b'1'", json!(1)),
        ("BIT(1)", "b'0'", json!(0)),
        ("BIT(10)", "b'100000101'", json!(261)),
        ("DATE", "'2024-02-29'", json!("2024-02-29")),
        ("DATE", "'0000-00-00'", json!("0000-00-00")),
        ("DATE", "'2024-00-00'", json!("2024-00-00")),
        (
            "DATETIME",
            "'2024-02-29 00:00:00'",
            json!("2024-02-29T00:00:00"),
        ),
        (
            "DATETIME(6)",
            "'2024-02-29 13:05:00.000001'",
            json!("2024-02-29T13:05:00.000001"),
        ),
        (
            "DATETIME(3)",
            "'2024-02-29 13:05:00.25'",
            json!("2024-02-29T13:05:00.250"),
        ),
        (
            "DATETIME",
            "'0000-00-00 00:00:00'",
            json!("0000-00-00T00:00:00"),
        ),
        // Written at UTC+7, read in UTC.
        (
            "TIMESTAMP",
            "'2024-02-29 13:05:00'",
            json!("2024-02-29T06:05:00Z"),
        ),
        (
            "TIMESTAMP(6)",
            "'2024-02-29 13:05:00.5'",
            json!("2024-02-29T06:05:00.500Z"),
        ),
        ("TIME", "'00:00:00'", json!("00:00:00")),
        ("TIME(2)", "'13:05:00.25'", json!("13:05:00.250")),
        ("TIME", "'838:59:59'", json!("838:59:59")),
        ("TIME", "'-100:30:00'", json!("-100:30:00")),
        ("YEAR", "2024", json!(2024)),
        ("YEAR", "0", json!(0)),
        ("CHAR(4)", "'ab'", json!("ab")),
        ("VARCHAR(20)", "'Ñusa 🌴'", json!("Ñusa 🌴")),
        ("VARCHAR(20) COLLATE utf8mb4_bin", "'teks'", json!("teks")),
        ("VARCHAR(20) CHARACTER SET latin1", "'é'", json!("é")),
        ("TEXT", "'panjang'", json!("panjang")),
        ("LONGTEXT COLLATE utf8mb4_bin", "'[1]'", json!("[1]")),
        ("BINARY(3)", "x'00ff'", json!("AP8A")),
        ("VARBINARY(9)", "x'00ff'", json!("AP8=")),
        ("BLOB", "'teks'", json!("dGVrcw==")),
        ("LONGBLOB", "x''", json!("")),
        ("ENUM('merah','putih')", "'putih'", json!("putih")),
        ("ENUM('a','b') COLLATE utf8mb4_bin", "'b'", json!("b")),
        ("SET('a','b','c')", "'a,c'", json!("a,c")),
        ("JSON", r#"'{"a": [1, null]}'"#, json!({"a": [1, null]})),
        ("JSON", "'1e999'", json!("1e999")),
        (
            "UUID",
            "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
            json!("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ),
        ("INET6", "'2001:db8::1'", json!("2001:db8::1")),
        ("INET4", "'192.168.0.1'", json!("192.168.0.1")),
        (
            "POINT",
            "ST_GeomFromText('POINT(106.8 -6.2)')",
            json!("POINT(106.8 -6.2)"),
        ),
        (
            "GEOMETRY",
            "ST_GeomFromText('LINESTRING(0 0,1 1.5)')",
            json!("LINESTRING(0 0,1 1.5)"),
        ),
        (
            "POLYGON",
            "ST_GeomFromText('POLYGON((0 0,4 0,4 4,0 0),(1 1,2 1,2 2,1 1))', 4326)",
            json!("POLYGON((0 0,4 0,4 4,0 0),(1 1,2 1,2 2,1 1))"),
        ),
        (
            "GEOMETRY",
            "ST_GeomFromText('MULTIPOLYGON(((0 0,4 0,4 4,0 0)),((9 9,8 9,8 8,9 9)))')",
            json!("MULTIPOLYGON(((0 0,4 0,4 4,0 0)),((9 9,8 9,8 8,9 9)))"),
        ),
        (
            "GEOMETRY",
            "ST_GeomFromText('MULTIPOINT(0 0,1 1)')",
            json!("MULTIPOINT((0 0),(1 1))"),
        ),
        (
            "GEOMETRY",
            "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))')",
            json!("GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))"),
        ),
    ]
}

#[tokio::test]
async fn values_of_every_type_keep_their_meaning() {
    let Some(test) = fresh_database().await else {
        return;
    };
    let mut script = String::from("SET sql_mode = '', time_zone = '+07:00'; ");
    for (index, (name, literal, _)) in types().iter().enumerate() {
        let create = format!("CREATE TABLE t{index} (v {name} NULL); ");
        let insert = format!("INSERT INTO t{index} VALUES ({literal}); ");
        script.extend([create, insert]);
    }
    test.execute(&script).await;
    let database = connect(&test, &[]).await;
    for (index, (name, literal, expected)) in types().into_iter().enumerate() {
        for sql in [
            format!("SELECT v, 'z' AS v FROM t{index}"),
            // In a set that is sorted and made unique first, values come from a temporary table.
            format!("SELECT DISTINCT v, 'z' AS v FROM t{index} ORDER BY 1"),
        ] {
            let result = ask(&*database, &sql, limits())
                .await
                .unwrap_or_else(|error| panic!("{name} {literal}: {error}"));
            assert_eq!(result.columns, ["v", "v_2"]);
            assert_eq!(result.rows[0]["v"], expected, "{name} {literal}: {sql}");
            assert_eq!(result.rows[0]["v_2"], "z", "{name} {literal}");
        }
    }
}

#[tokio::test]
async fn computed_values_keep_their_meaning() {
    let Some(test) = fresh_database().await else {
        return;
    };
    test.execute(
        "CREATE TABLE nilai (a INT UNSIGNED, b DECIMAL(10,2), d DATE, t VARCHAR(9), u BIGINT UNSIGNED); \
         INSERT INTO nilai VALUES (1, 10.00, '2024-02-29', 'x', 18446744073709551615)",
    )
    .await;
    let database = connect(&test, &[]).await;
    for (expression, expected) in [
        ("COUNT(*)", json!(1)),
        ("SUM(u)", json!("18446744073709551615")),
        ("SUM(a - 3)", json!(-2)),
        ("AVG(b)", json!(10)),
        ("100.0 * 2 / 3", json!(66.666_666_7)),
        ("MAX(d)", json!("2024-02-29")),
        ("MAX(t) || 'y'", json!("xy")),
        ("MIN(a > 0)", json!(1)),
        ("1 / 0", json!(null)),
        ("CASE WHEN MIN(a) = 1 THEN 'ya' END", json!("ya")),
        ("CONCAT(MAX(t), MAX(a))", json!("x1")),
        ("COALESCE(NULL, MAX(d))", json!("2024-02-29")),
    ] {
        let sql = format!("SELECT {expression} AS v FROM nilai");
        let result = ask(&*database, &sql, limits())
            .await
            .unwrap_or_else(|error| panic!("{expression}: {error}"));
        assert_eq!(result.rows[0]["v"], expected, "{expression}");
    }
}
