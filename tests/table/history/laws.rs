//! The laws: the twin agrees, and order and threads do not matter.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::RecordBatch;
use kobling::{Count, Extract, Release};
use proptest::collection::vec;
use proptest::prelude::*;

use super::registers::{LAST_DAY, Registers, plain, plan};
use crate::support::alone::alone;
use crate::support::shown::is_shown;
use crate::support::{key, release};

/// Persons have a few numbers each; each of them may be anywhere. There are enough
/// of them for the tables not to be lists of persons.
fn registers() -> impl Strategy<Value = Registers> {
    let person = vec((0..3u32, any::<bool>(), 1..3usize), 1..4);
    (
        vec(person, 80..160),
        vec((any::<u16>(), 0..9u32, 0..3u32), 300..500),
    )
        .prop_map(|(persons, paid)| {
            let mut registers = Registers::default();
            let mut numbers = Vec::new();
            for (person, chain) in persons.iter().enumerate() {
                let number = |place: usize| (person * 10 + place + 1) as u32;
                numbers.extend((0..chain.len()).map(number));
                for (place, (day, straight, times)) in chain.iter().enumerate().skip(1) {
                    // To the next in the chain, or to its end at once.
                    let to = if *straight { 0 } else { place - 1 };
                    for again in 0..*times {
                        let day = (*day).min(LAST_DAY + 1) + again as u32;
                        registers.changes.push([number(place), number(to), day]);
                    }
                }
                let (county, known, at) = chain[0];
                let in_force = |place: usize| place % chain.len();
                registers
                    .population
                    .push([number(in_force(at)), county, county % 2]);
                if known {
                    registers
                        .school
                        .push([number(in_force(at + 1)), county % 2]);
                }
            }
            for (at, income, year) in paid {
                registers
                    .tax
                    .push([numbers[usize::from(at) % numbers.len()], year % 2, income]);
            }
            registers
        })
}

fn batches(release: &Release) -> Vec<(String, RecordBatch)> {
    let tables = release.tables();
    tables
        .map(|(name, batch)| (name.to_owned(), batch.clone()))
        .collect()
}

/// Tables without the note of the plan that they were made under.
fn columns(release: &Release) -> Vec<Vec<arrow_array::ArrayRef>> {
    release
        .tables()
        .map(|(_, batch)| batch.columns().to_vec())
        .collect()
}

/// For each look-up of each table, the base rows that match it through the
/// history only, and how many there are: counted row by row, or person by person where they
/// are folded.
fn through(registers: &Registers) -> BTreeMap<(&'static str, &'static str), [u64; 2]> {
    let currents = registers.currents();
    let person = |number: u32| *currents.get(&number).unwrap_or(&number);
    let population: Vec<u32> = registers.population.iter().map(|row| row[0]).collect();
    let tax: Vec<u32> = registers.tax.iter().map(|row| row[0]).collect();
    let school: Vec<u32> = registers.school.iter().map(|row| row[0]).collect();
    let count = |base: &[u32], list: &[u32], matches: &dyn Fn(usize, u32) -> bool| {
        let rows = base.iter().enumerate();
        let found = rows.filter(|(row, number)| matches(*row, person(**number)));
        let found = found.filter(|(_, number)| !list.contains(number));
        [found.count(), base.len()].map(|rows| rows as u64)
    };
    let in_school = |_: usize, who: u32| school.iter().any(|number| person(*number) == who);
    let paid = |_: usize, who: u32| {
        let mut rows = registers.tax.iter();
        rows.any(|[number, _, income]| person(*number) == who && *income >= 3)
    };
    let of_year = |row: usize, who: u32| {
        let year = registers.tax[row][1];
        let mut rows = registers.population.iter();
        rows.any(|[number, _, other]| person(*number) == who && *other == year)
    };
    let folded = |list: &[u32]| {
        let earns = registers.tax.iter().filter(|row| row[2] >= 2);
        let persons: BTreeSet<u32> = earns.map(|row| person(row[0])).collect();
        let has = |who: u32, number: &u32| person(*number) == who;
        let all = persons.len();
        let through = persons.into_iter().filter(|&who| {
            list.iter().any(|number| has(who, number))
                && !tax.iter().any(|own| has(who, own) && list.contains(own))
        });
        [through.count(), all].map(|rows| rows as u64)
    };
    BTreeMap::from([
        (("folded", "school"), folded(&school)),
        (("folded", "population"), folded(&population)),
        (
            ("persons", "school"),
            count(&population, &school, &in_school),
        ),
        (("persons", "tax"), count(&population, &tax, &paid)),
        (("earners", "school"), count(&tax, &school, &in_school)),
        (
            ("earners", "population"),
            count(&tax, &population, &of_year),
        ),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn replacing_numbers_beforehand_gives_the_same_tables(registers in registers()) {
        let (plan, plain) = (plan(), plain());
        let found = release(&plan, registers.extracts(&plan, &key(&plan))).unwrap();
        let replaced = registers.replaced();
        let twin = release(&plain, replaced.extracts(&plain, &key(&plain))).unwrap();
        for table in plan.document().tables.keys() {
            // Who lies between two tables depends on the pseudonyms: few may seem to be fewer.
            let [plan, plain] = [&plan, &plain].map(|plan| alone(plan, table));
            let found = release(&plan, registers.extracts(&plan, &key(&plan))).unwrap();
            let twin = release(&plain, replaced.extracts(&plain, &key(&plain))).unwrap();
            prop_assert_eq!(columns(&found), columns(&twin));
        }
        let rates = |release: &Release| -> Vec<(Count, Count)> {
            let tables = release.manifest().tables.iter();
            let look_ups = tables.flat_map(|table| &table.look_ups);
            look_ups.map(|look_up| (look_up.matched, look_up.unmatched)).collect()
        };
        prop_assert_eq!(rates(&found), rates(&twin));
        for ((table, source), [through, rows]) in through(&registers) {
            let mut tables = found.manifest().tables.iter();
            let record = tables.find(|record| record.name == table).unwrap();
            let look_up = record.look_ups.iter().find(|l| l.source == source).unwrap();
            let history = look_up.history.as_ref().unwrap();
            let base = if table == "persons" { "population" } else { "tax" };
            let what = [base, source, "through_history", &rows.to_string()];
            prop_assert!(is_shown(history.through_history, &what, through), "{} {}", table, source);
        }
        let currents = registers.currents();
        let moves = |number: u32| currents.get(&number).is_some_and(|to| *to != number);
        let retired = registers.tax.iter().filter(|row| moves(row[0])).count() as u64;
        let what = ["tax", "retired"];
        let shown = found.manifest().inputs[3].retired;
        prop_assert!(shown.is_some_and(|count| is_shown(count, &what, retired)));
    }

    #[test]
    fn the_order_of_rows_does_not_matter(registers in registers(), seed in any::<u64>()) {
        let plan = plan();
        let key = key(&plan);
        let mut shuffled = registers.clone();
        let place = |row: &[u32; 3]| {
            row.iter().fold(seed, |mixed, cell| {
                (mixed ^ u64::from(*cell)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
            })
        };
        shuffled.changes.sort_by_key(place);
        shuffled.tax.sort_by_key(place);
        let (one, other) = (registers.extracts(&plan, &key), shuffled.extracts(&plan, &key));
        for (one, other) in one.iter().zip(&other) {
            prop_assert!(one.to_batch() == other.to_batch(), "the extracts differ");
        }
        let turned: Vec<Extract> = other.into_iter().rev().collect();
        let (one, other) = (release(&plan, one).unwrap(), release(&plan, turned).unwrap());
        prop_assert_eq!(batches(&one), batches(&other));
    }

    #[test]
    fn the_number_of_threads_does_not_matter(registers in registers()) {
        let plan = plan();
        let key = key(&plan);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| batches(&release(&plan, registers.extracts(&plan, &key)).unwrap()))
        };
        prop_assert_eq!(run(1), run(3));
    }
}
