//! A release of two tables of persons who visit, or of their visits.

use std::fmt::Write as _;

use crate::support::desk::Desk;
use crate::support::towns::{category, source};
use crate::support::{PROJECT, extract, parse};
use kobling::{Linkage, Plan, Release};

/// How many releases under keys of their own: which cells are suppressed is drawn.
const KEYS: usize = 8;

/// Persons of a town, each with so many visits; who has visits has this sex there, too.
const PERSONS: [(&str, &str, usize, usize); 4] = [
    ("a", "f", 2, 9),
    ("a", "m", 0, 8),
    ("b", "f", 1, 2),
    ("b", "m", 0, 9),
];

/// The register of persons, and that of their visits.
fn registers() -> [String; 2] {
    let mut population = "nr,town,sex\n".to_owned();
    let mut visits = "nr,sex,amount\n".to_owned();
    let mut nr = 0;
    for (town, sex, of_each, persons) in PERSONS {
        for _ in 0..persons {
            nr += 1;
            writeln!(population, "{nr},{town},{sex}").unwrap();
            for visit in 0..of_each {
                writeln!(visits, "{nr},{sex},{}", 50 + visit).unwrap();
            }
        }
    }
    [population, visits]
}

/// Of a table: dimensions, a category of each, and a measure.
pub(crate) type Figure<'a> = (&'a [&'a str], &'a [&'a str], &'a str);

/// Columns of each source, tables `whole` and `by_town`, and what each looks up.
pub(crate) struct TwoTables {
    pub(crate) population: &'static str,
    pub(crate) visits: &'static str,
    pub(crate) rows: &'static str,
    pub(crate) whole: &'static str,
    pub(crate) by_town: &'static str,
}

impl TwoTables {
    pub(crate) fn plan(&self) -> Plan {
        let table = |name: &str, text: &str| {
            format!(
                "[table.{name}]
                {}
                sensitive = []
                margins = false
                protect = {{ min_persons = 4, method = 'suppress' }}
                {text}
                ",
                if text.starts_with("from") {
                    ""
                } else {
                    "from = 'pop'"
                }
            )
        };
        let town = category("town", "town", &["a", "b"]);
        parse(
            &[
                PROJECT.to_owned(),
                source("pop", "one", &format!("{town}{}", self.population)),
                source("visit", self.rows, self.visits),
                table("whole", self.whole),
                table("by_town", self.by_town),
            ]
            .concat(),
        )
    }

    pub(crate) fn release(&self) -> Release {
        let desk = Desk::new();
        let plan = self.plan();
        let key = desk.domain_key(&plan);
        let extracts = ["pop", "visit"].into_iter().zip(registers());
        let extracts = extracts.map(|(source, csv)| extract(&plan, &key, source, &csv).unwrap());
        let extracts: Vec<_> = extracts.collect();
        let linkage = Linkage::new(&plan, extracts).unwrap();
        let tables = linkage.tabulate(desk.protection()).unwrap();
        tables.protect().unwrap().release().unwrap()
    }

    /// Not both come out: a figure of the table `whole`, and one of `by_town`.
    pub(crate) fn is_not_left(&self, whole: Figure<'_>, by_town: Figure<'_>) {
        for _ in 0..KEYS {
            let release = self.release();
            let figure = |table: &str, (by, at, measure): Figure<'_>| {
                let schema = release.table(table).expect("a table").schema();
                let place = |name: &str| schema.index_of(name).expect("a column");
                let mut rows = release.rows(table).expect("a table");
                let is_it = |row: &Vec<Option<String>>| {
                    let own = by.iter().map(|name| row[place(name)].as_deref());
                    own.eq(at.iter().map(|name| Some(*name)))
                };
                let row = rows.find(is_it).expect("a cell");
                row[place(measure)].clone()
            };
            let both = [figure("whole", whole), figure("by_town", by_town)];
            assert!(
                both.contains(&None),
                "{both:?} leave two persons:\n{}",
                self.by_town
            );
        }
    }
}
