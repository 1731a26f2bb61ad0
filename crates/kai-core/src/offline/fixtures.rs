//! A small schema for the tests of the offline model: awkward names, two keys to one table, a key
//! of two columns.

use crate::database::{Column, ForeignKey, Table};

fn column(name: &str, data_type: &str) -> Column {
    Column {
        name: name.to_owned(),
        description: None,
        data_type: data_type.to_owned(),
        nullable: true,
        is_primary_key: false,
        foreign_key: None,
        low_cardinality: false,
        categories: Vec::new(),
    }
}

fn key(name: &str) -> Column {
    Column {
        is_primary_key: true,
        nullable: false,
        ..column(name, "integer")
    }
}

fn refers(name: &str, table: &str, field: &str) -> Column {
    let foreign_key = Some(ForeignKey {
        field_name: field.to_owned(),
        reference_table: table.to_owned(),
    });
    Column {
        foreign_key,
        ..column(name, "integer")
    }
}

fn values(name: &str, values: &[&str]) -> Column {
    let categories = values.iter().map(|value| (*value).to_owned()).collect();
    Column {
        low_cardinality: true,
        categories,
        ..column(name, "text")
    }
}

fn table(name: &str, columns: Vec<Column>) -> Table {
    Table {
        name: name.to_owned(),
        description: None,
        columns,
        examples: Vec::new(),
    }
}

/// Branches, staff, sales of another schema, transfers between branches, and a table whose name
/// needs quotes.
pub(super) fn tables() -> Vec<Table> {
    vec![
        table(
            "branches",
            vec![
                key("id"),
                column("name", "text"),
                values("city", &["Bogor", "Depok", "O'Hara"]),
            ],
        ),
        table(
            "staff",
            vec![
                key("id"),
                column("full_name", "text"),
                column("salary", "numeric"),
                column("birth_date", "date"),
                refers("branch_id", "branches", "id"),
                column("is_trainee", "boolean"),
            ],
        ),
        table(
            "erp.sales",
            vec![
                key("id"),
                refers("staff_id", "staff", "id"),
                column("sold_on", "timestamp"),
                column("amount", "numeric(12,2)"),
                values("order", &["first", "repeat"]),
            ],
        ),
        table(
            "transfers",
            vec![
                key("id"),
                refers("sender", "branches", "id"),
                refers("receiver", "branches", "id"),
                column("goods", "text"),
            ],
        ),
        table(
            "Price List",
            vec![
                Column {
                    is_primary_key: true,
                    ..column("Edition", "integer")
                },
                Column {
                    is_primary_key: true,
                    ..column("line", "integer")
                },
                column("Unit Price", "numeric"),
            ],
        ),
    ]
}

/// A zoo: enclosures, their keepers, animals, and what those are fed. For questions of every form.
pub(super) fn zoo() -> Vec<Table> {
    vec![
        table(
            "enclosure",
            vec![
                key("id"),
                column("name", "text"),
                column("area_m2", "numeric"),
                column("built_year", "integer"),
                column("depth_m", "numeric"),
            ],
        ),
        table(
            "keeper",
            vec![
                key("id"),
                column("first_name", "text"),
                column("last_name", "text"),
                column("hired_on", "date"),
                column("wage", "numeric"),
                refers("enclosure_id", "enclosure", "id"),
            ],
        ),
        table(
            "animal",
            vec![
                key("id"),
                values("name", &["Ambar", "Bima", "Citra"]),
                values("species", &["Tiger", "Otter", "Gibbon"]),
                column("weight_kg", "numeric"),
                column("price", "numeric"),
                column("insured_value", "numeric"),
                column("born", "date"),
                refers("enclosure_id", "enclosure", "id"),
            ],
        ),
        table(
            "feeding",
            vec![
                key("id"),
                refers("animal_id", "animal", "id"),
                refers("keeper_id", "keeper", "id"),
                column("fed_on", "date"),
                values("food", &["Hay", "Fish"]),
            ],
        ),
    ]
}

/// A kiosk: what is paid in and out there, and races whose laps are told in two columns. For questions
/// that can be understood in two ways.
pub(super) fn kiosk() -> Vec<Table> {
    vec![
        table(
            "branch",
            vec![key("id"), column("name", "text"), column("city", "text")],
        ),
        table(
            "transactions",
            vec![
                key("id"),
                values("kind", &["wire", "cash"]),
                column("amount", "numeric"),
                column("made_on", "date"),
                refers("branch_id", "branch", "id"),
            ],
        ),
        table(
            "race",
            vec![
                key("id"),
                column("name", "text"),
                column("morning_laps", "integer"),
                column("evening_laps", "integer"),
                column("year", "integer"),
            ],
        ),
    ]
}

/// An inn: rooms with a caretaker, what they use by the month, bookings with their vouchers. For how
/// often, for months in words, and for what has a price of its own.
pub(super) fn inn() -> Vec<Table> {
    vec![
        table("person", vec![key("id"), column("full_name", "text")]),
        table(
            "room",
            vec![
                key("id"),
                values("name", &["Attic", "Garden"]),
                column("price", "numeric"),
                refers("caretaker_id", "person", "id"),
            ],
        ),
        table(
            "usage",
            vec![
                key("id"),
                refers("room_id", "room", "id"),
                values("period_month", &["2024-01", "2024-02", "2024-03"]),
                column("energy_kwh", "numeric"),
            ],
        ),
        table(
            "voucher",
            vec![key("id"), values("name", &["SPRING", "HARVEST"])],
        ),
        table(
            "booking",
            vec![
                key("id"),
                refers("room_id", "room", "id"),
                refers("voucher_id", "voucher", "id"),
                values("channel", &["web", "phone"]),
                column("amount", "numeric"),
                column("price", "numeric"),
                column("paid_on", "date"),
            ],
        ),
    ]
}
