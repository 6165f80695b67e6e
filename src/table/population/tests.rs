//! What names disclose of inner cells, in addition to the cells of the tables that list them.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt32Array};
use proptest::prelude::*;

use super::*;
use crate::key::LinkageKey;
use crate::link::Linkage;
use crate::plan::Plan;
use crate::rows::Rows;
use crate::table::margins::coarsen;
use crate::table::{Listing, Methods};

const PLAN: &str = r#"
version = 1
[project]
id = "p"
epoch = 1
title = "t"
purpose = "p"
controller = "c"
linkage_unit = "l"
recipient = "r"
valid = { from = 2000-01-01, until = 9999-12-31 }
approved = [{ by = "legal", name = "n", on = 2000-01-01 }]
[source.people]
agency = "a"
legal_basis = ["b"]
identifier = { column = "id", type = "number" }
rows = "ROWS"
[source.people.columns]
town = { from = "town", type = "category" }
kind = { from = "kind", type = "category", categories = ["k0", "k1", "k2"] }
[table.fine]
from = "people"
by = ["people.town", "people.kind"]
sensitive = []
measures = [{ persons = true }]
margins = true
protect = { min_persons = 3, method = "suppress" }
[table.other]
from = "people"
by = ["people.town"]
sensitive = []
measures = [{ persons = true }, { rows = true }]
levels.town = [{ name = "county", prefix = 1 }]
margins = true
protect = { min_persons = 5, method = "suppress" }
"#;

/// A person, a town and a kind.
type Row = (u32, u8, u8);

fn name(town: u8) -> Option<String> {
    (town > 0).then(|| format!("{}{town}", ["A", "B", "C"][town as usize % 3]))
}

fn linkage(rows: &str, register: &[Row]) -> Linkage {
    let plan = Plan::parse(&PLAN.replace("ROWS", rows)).unwrap_or_else(|f| panic!("{f}"));
    let ids: UInt32Array = register.iter().map(|row| Some(row.0)).collect();
    let towns: StringArray = register.iter().map(|row| name(row.1)).collect();
    let kinds = register.iter().map(|row| format!("k{}", row.2));
    let kinds = StringArray::from_iter_values(kinds);
    let columns: [(&str, ArrayRef); 3] = [
        ("id", Arc::new(ids)),
        ("town", Arc::new(towns)),
        ("kind", Arc::new(kinds)),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(n, c)| (n, c, true)));
    let rows = Rows::from_batches(&plan, "people", [batch.unwrap()]).unwrap();
    let key = LinkageKey::generate().unwrap().domain_key(&plan.domain());
    let extract = rows.identify().unwrap().pseudonymise(&key).unwrap();
    Linkage::new(&plan, [extract]).unwrap()
}

/// How many persons are in inner cells, each counted in each.
fn persons(table: &Table<Confidential>, inner: &[u32]) -> u64 {
    let cells = &table.blocks[0].cells;
    let persons = inner.iter().map(|at| cells[*at as usize].1.persons);
    persons.sum()
}

/// Whether names disclose what is true of these persons, and members are sums of inner cells.
fn check(towns: &[(u8, u8)], many: bool, several: &[Row]) {
    let mut register: Vec<Row> = (0..)
        .zip(towns)
        .map(|(id, (town, kind))| (id, *town, *kind))
        .collect();
    if many {
        register.extend(several);
    }
    let linkage = linkage(if many { "many" } else { "one" }, &register);
    // Some of these are lists of persons.
    let Ok((tables, populations)) = linkage.tables(None, Methods::Own) else {
        return;
    };
    let [population] = populations.as_slice() else {
        panic!("both tables are about the same rows");
    };
    let joint = population.joint.as_ref().unwrap();
    assert_eq!(joint.listing, Listing::Complete);
    // Each cell of a member is the sum of inner cells.
    for member in &population.members {
        let table = &tables[member.table];
        for block in &table.blocks {
            let mut sums: BTreeMap<Place, u64> = BTreeMap::new();
            for (place, cell) in &joint.blocks[0].cells {
                let own = member.place(place);
                let place = coarsen(&table.dimensions, &block.grouping, &own).unwrap();
                *sums.entry(place).or_default() += cell.rows;
            }
            let own = block.cells.iter();
            let own: BTreeMap<Place, u64> = own
                .map(|(place, cell)| (place.clone(), cell.rows))
                .collect();
            assert_eq!(own, sums);
        }
    }
    let plans = linkage.plan.tables();
    let floors = population.known_from_names(&tables, plans);
    for floor in &floors {
        assert!(floor.inner.is_sorted_by(|a, b| a < b));
        assert!(persons(joint, &floor.inner) >= floor.persons);
    }
    // Of each town that is named, as many as it takes to name it; of the
    // others together, and of those without one, somebody.
    for (member, table) in population.members.iter().zip(&tables) {
        let enough = plans[member.table].protect.min_persons;
        for (code, label) in (0..).zip(table.dimensions[0].labels.iter()) {
            let inner = (0..).zip(&joint.blocks[0].cells);
            let inner = inner.filter(|(_, (place, _))| member.ordinal(0, place) == code);
            let inner: Vec<u32> = inner.map(|(at, _)| at).collect();
            let known = floors.iter().filter(|floor| floor.inner == inner);
            let known = known.map(|floor| floor.persons).max();
            match label.starts_with("other") {
                false => assert!(known >= Some(enough), "{} of {:?}", label, known),
                // Where a level has nothing else below it, that says all of it.
                true => assert!(known >= Some(1), "{} of {:?}", label, known),
            }
        }
    }
}

#[test]
fn all_in_one_town_are_of_one_name() {
    check(&[(0, 0); 20], false, &[]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn names_disclose_what_is_true_and_members_are_sums_of_inner_cells(
        towns in prop::collection::vec((0..7u8, 0..4u8), 20..60),
        many: bool,
        several in prop::collection::vec((0..20u32, 0..7u8, 0..4u8), 0..20),
    ) {
        check(&towns, many, &several);
    }
}
