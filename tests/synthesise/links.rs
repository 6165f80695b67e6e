//! Where no number is wrong, every row of every register links, whatever number its person had then.

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use kobling::protect::Protection;
use kobling::synthesise::{Rates, Register, SyntheticPopulation};
use kobling::{Extract, Linkage, LinkageKey, Plan, ReleaseKey, Rows};

const PLAN: &str = r#"
version = 1

[project]
id = "links"
epoch = 1
title = "Who links"
purpose = "A test"
controller = "A test"
linkage_unit = "A test"
recipient = "A test"
valid = { from = 2026-01-01, until = 2040-12-31 }
approved = [{ by = "legal", name = "A test", on = 2026-01-10 }]

[source.population]
agency = "A register"
legal_basis = ["None is needed"]
identifier = { column = "fnr", type = "no-fnr", synthetic = "only" }
rows = "one"

[source.history]
agency = "A register"
legal_basis = ["None is needed"]
role = "history"
identifier = { column = "old", type = "no-fnr", synthetic = "only" }
current = "current"
valid_from = "valid_from"

[source.tax]
agency = "An agency"
legal_basis = ["None is needed"]
identifier = { column = "fnr", type = "no-fnr", synthetic = "only" }
rows = "many"

[table.linked]
from = "tax"
by = []
sensitive = []
measures = [{ rows = true }]

[table.linked.with.population]
need = "required"

[table.linked.protect]
min_persons = 3
method = "suppress"
"#;

/// Rows of the tax register, and how many of them have a match in the population.
fn linked(plan: &str) -> (u64, u64) {
    let plan = Plan::parse(plan).unwrap();
    let population = SyntheticPopulation::new(4000, 11).unwrap();
    let population = population.with_rates(Rates::NONE).unwrap();
    let key = LinkageKey::generate().unwrap().domain_key(&plan.domain());
    let mut all = 0;
    let extracts = plan.sources().iter().map(|source| {
        let register = match source.name() {
            "population" => Register::Population,
            "history" => Register::History,
            _ => Register::Tax,
        };
        let batches = population.register(register).unwrap();
        if register == Register::Tax {
            all = batches.iter().map(|batch| batch.num_rows() as u64).sum();
        }
        let rows = Rows::from_batches(&plan, source.name(), batches).unwrap();
        let identified = rows.identify().unwrap();
        assert_eq!(identified.quarantine().rows(), 0, "{}", source.name());
        identified.pseudonymise(&key).unwrap()
    });
    let extracts: Vec<Extract> = extracts.collect();
    let protection = Protection::new(ReleaseKey::generate().unwrap());
    let tables = Linkage::new(&plan, extracts)
        .unwrap()
        .tabulate(protection)
        .unwrap();
    let protected = tables.protect().unwrap();
    let release = protected.release().unwrap();
    let table = release.table("linked").unwrap();
    let rows = table.column_by_name("rows").unwrap();
    (all, rows.as_primitive::<UInt64Type>().value(0))
}

#[test]
fn every_person_links_through_the_history() {
    let (all, linked) = linked(PLAN);
    assert!(all > 5000);
    assert_eq!(linked, all);
}

#[test]
fn without_the_history_whose_number_changed_does_not_link() {
    let from = PLAN.find("[source.history]").unwrap();
    let until = PLAN.find("[source.tax]").unwrap();
    let (all, linked) = linked(&format!("{}{}", &PLAN[..from], &PLAN[until..]));
    assert!(linked < all && linked > all / 2, "{linked} of {all}");
}
