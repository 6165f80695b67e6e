//! One world that is large enough for several ranges of pseudonyms.
//!
//! Ranges hold some 16 000 base rows; a random small world never has two.

use super::generate::{PROJECT, World, write_identifier};
use super::register::{Choices, IDENTIFIER, RawColumn, Register, Row, Storage};

const PERSONS: usize = 120_000;

const PLAN: &str = r#"
[source.events]
agency = "A"
legal_basis = ["L"]
rows = "many"
identifier = { column = "id", type = "number" }
[source.events.columns]
year = { from = "year", type = "integer" }
place = { from = "place", type = "category" }

[source.people]
agency = "B"
legal_basis = ["L"]
rows = "one"
identifier = { column = "id", type = "number" }
[source.people.columns]
age = { from = "age", type = "category", bands = [20, 40, 60], absent = "unknown" }

[source.pay]
agency = "C"
legal_basis = ["L"]
rows = "many"
identifier = { column = "id", type = "number" }
[source.pay.columns]
year = { from = "year", type = "integer" }
amount = { from = "amount", type = "decimal", scale = 2 }

[table.all]
from = "events"
by = ["events.place", "people.age", "band"]
match_rates = { by = ["events.place"], margin = 1 }
sensitive = []
measures = [{ persons = true }, { rows = true }, { sum = "pay.amount" }, { mean = "pay.amount" }]
[table.all.with]
people = { need = "required" }
pay = { need = "optional", on = ["year"], reduce = { amount = "sum" } }
[table.all.columns]
band = { from = "pay.amount", type = "category", bands = [100, 500], absent = "none" }
[table.all.protect]
method = "suppress"
min_persons = 5
dominance = { n = 2, percent = 60 }
p_percent = 10
"#;

pub(crate) fn world() -> World {
    assert_eq!(IDENTIFIER, "id");
    let mut choices = Choices::seeded(2026);
    let columns = |names: &[&str]| -> Vec<RawColumn> {
        let column = |name: &&str| RawColumn {
            name: (*name).to_owned(),
            storage: Storage::Text,
        };
        names.iter().map(column).collect()
    };
    let row = |person: usize, cells: Vec<Option<String>>, choices: &mut Choices| Row {
        person: Some(person as u32),
        identifier: write_identifier("number", Some(person as u32), choices),
        cells,
    };
    let mut events = Register {
        columns: columns(&["year", "place"]),
        rows: Vec::new(),
    };
    for _ in 0..200_000 {
        let year = Some((2020 + choices.below(4)).to_string());
        // Places from large to very small.
        let place = 1 << choices.below(17);
        let place = Some(format!(
            "place {:02}",
            choices.below(place).min(60 + choices.below(40))
        ));
        let person = choices.below(PERSONS);
        events
            .rows
            .push(row(person, vec![year, place], &mut choices));
    }
    let mut people = Register {
        columns: columns(&["age"]),
        rows: Vec::new(),
    };
    for person in (0..PERSONS).filter(|person| person % 4 != 1) {
        let age = (!choices.one_in(30)).then(|| choices.below(90).to_string());
        people.rows.push(row(person, vec![age], &mut choices));
    }
    let mut pay = Register {
        columns: columns(&["year", "amount"]),
        rows: Vec::new(),
    };
    for _ in 0..150_000 {
        let year = Some((2020 + choices.below(4)).to_string());
        let large = if choices.one_in(5000) { 5000 } else { 1 };
        let amount = format!("{}.{:02}", choices.below(300) * large, choices.below(100));
        let person = choices.below(PERSONS);
        pay.rows
            .push(row(person, vec![year, Some(amount)], &mut choices));
    }
    let registers = [("events", events), ("people", people), ("pay", pay)];
    World {
        plan: format!("{PROJECT}{PLAN}"),
        registers: registers
            .map(|(name, register)| (name.to_owned(), register))
            .into(),
    }
}
