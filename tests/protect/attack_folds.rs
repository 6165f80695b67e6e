//! One look-up, folded to a person's first row in one table and to the last in another: of
//! whoever has one row both are the same.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::support::desk::Desk;
use crate::support::towns::{category, source};
use crate::support::{PROJECT, extract, parse};
use kobling::{Linkage, Release};

/// How many releases under keys of their own: which cells are suppressed is drawn.
const KEYS: usize = 24;

/// Persons with one visit, by its kind: of the first it must not follow that they are 2.
const ONCE: [(&str, usize); 4] = [("a", 2), ("b", 12), ("c", 9), ("d", 16)];

/// Persons with two visits, by the kinds of both.
const TWICE: [(&str, &str, usize); 5] = [
    ("a", "b", 9),
    ("b", "a", 11),
    ("c", "d", 7),
    ("d", "c", 2),
    ("c", "a", 8),
];

fn release() -> Release {
    let table = |fold: &str| {
        format!(
            "[table.{fold}]
            from = 'pop'
            by = ['visit.kind', 'often']
            sensitive = []
            margins = true
            measures = [{{ persons = true }}]
            protect = {{ min_persons = 5, method = 'suppress' }}
            with.visit = {{ need = 'required', reduce = {{ rows = 'count', kind = '{fold}' }}, order_by = 'day' }}
            columns = {{ often = {{ from = 'visit.rows', type = 'category', bands = {{ edges = [1, 2], labels = ['once', 'more'] }} }} }}
            "
        )
    };
    let kind = category("kind", "kind", &["a", "b", "c", "d"]);
    let columns = format!("{kind}day = {{ from = 'day', type = 'integer' }}\n");
    let plan = parse(
        &[
            PROJECT.to_owned(),
            source("pop", "one", ""),
            source("visit", "many", &columns),
            table("first"),
            table("last"),
        ]
        .concat(),
    );
    let (mut population, mut visits) = ("nr\n".to_owned(), "nr,kind,day\n".to_owned());
    let mut nr = 0;
    let once = ONCE.map(|(kind, persons)| (vec![kind], persons));
    let twice = TWICE.map(|(first, last, persons)| (vec![first, last], persons));
    for (kinds, persons) in once.into_iter().chain(twice) {
        for _ in 0..persons {
            nr += 1;
            writeln!(population, "{nr}").unwrap();
            for (day, kind) in kinds.iter().enumerate() {
                writeln!(visits, "{nr},{kind},{day}").unwrap();
            }
        }
    }
    let desk = Desk::new();
    let key = desk.domain_key(&plan);
    let registers = [("pop", population), ("visit", visits)];
    let extracts = registers.map(|(source, csv)| extract(&plan, &key, source, &csv).unwrap());
    let linkage = Linkage::new(&plan, extracts).unwrap();
    let tables = linkage.tabulate(desk.protection()).unwrap();
    tables.protect().unwrap().release().unwrap()
}

#[test]
fn who_has_one_row_has_the_same_in_both() {
    for _ in 0..KEYS {
        let release = release();
        // By kind, and of all kinds: those with one visit, as either table says.
        let mut once: BTreeMap<Option<String>, u64> = BTreeMap::new();
        for table in ["first", "last"] {
            let schema = release.table(table).expect("a table").schema();
            let place = |name: &str| schema.index_of(name).expect("a column");
            for row in release.rows(table).expect("a table") {
                if row[place("often")].as_deref() != Some("once") {
                    continue;
                }
                if let Some(persons) = &row[place("persons")] {
                    once.insert(row[place("kind")].clone(), persons.parse().unwrap());
                }
            }
        }
        let Some(all) = once.remove(&None) else {
            continue;
        };
        let safe = ONCE.iter().skip(1);
        let known = safe.filter(|(kind, _)| once.contains_key(&Some((*kind).to_owned())));
        assert!(
            known.count() < ONCE.len() - 1,
            "{all} in all, less {once:?}"
        );
    }
}
