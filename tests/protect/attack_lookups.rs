//! One release, two tables of the same persons, who are looked up elsewhere: folded in two ways,
//! or under a condition that the other table counts by. Whoever subtracts the one from the
//! other must not be left with one unsafe number.

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

/// Columns of each source, tables `by` and `by_town`, and what each looks up.
struct Case {
    population: &'static str,
    visits: &'static str,
    rows: &'static str,
    whole: &'static str,
    by_town: &'static str,
}

impl Case {
    fn plan(&self) -> Plan {
        let table = |name: &str, text: &str| {
            format!(
                "[table.{name}]
                from = 'pop'
                sensitive = []
                margins = false
                protect = {{ min_persons = 4, method = 'suppress' }}
                {text}
                "
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

    fn release(&self) -> Release {
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

    /// Not both come out: of those who have it, all and those of town a.
    fn is_not_left(&self, whole: (&[&str], &[&str], &str), town_a: (&[&str], &[&str], &str)) {
        for _ in 0..KEYS {
            let release = self.release();
            let figure = |table: &str, (by, at, measure): (&[&str], &[&str], &str)| {
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
            let both = [figure("whole", whole), figure("by_town", town_a)];
            assert!(both.contains(&None), "{both:?} leave two persons");
        }
    }
}

#[test]
fn who_is_found_is_found_however_it_is_folded() {
    let found = "found = { matched = 'visit', type = 'boolean' }";
    for need in ["optional", "required"] {
        // Where it is needed only those with visits are counted, and how many is the column.
        let (whole, by_town) = match need {
            "optional" => (
                format!("by = ['found', 'often']
                measures = [{{ persons = true }}]
                columns = {{ {found}, often = {{ from = 'visit.rows', type = 'category', bands = {{ edges = [1], labels = ['some'] }}, absent = 'none' }} }}
                with.visit = {{ need = 'optional', reduce = {{ rows = 'count' }} }}"),
                format!("by = ['pop.town', 'found']
                measures = [{{ persons = true }}]
                columns = {{ {found} }}
                with.visit = {{ need = 'optional', reduce = {{}} }}"),
            ),
            _ => (
                "by = ['many']
                measures = [{ persons = true }]
                columns = { many = { from = 'visit.rows', type = 'category', bands = { edges = [1], labels = ['some'] } } }
                with.visit = { need = 'required', reduce = { rows = 'count' } }".to_owned(),
                "by = ['pop.town']
                measures = [{ persons = true }]
                with.visit = { need = 'required', reduce = {} }".to_owned(),
            ),
        };
        let case = Case {
            population: "",
            visits: "",
            rows: "many",
            whole: whole.leak(),
            by_town: by_town.leak(),
        };
        match need {
            "optional" => case.is_not_left(
                (&["found", "often"], &["true", "some"], "persons"),
                (&["town", "found"], &["a", "true"], "persons"),
            ),
            _ => case.is_not_left(
                (&["many"], &["some"], "persons"),
                (&["town"], &["a"], "persons"),
            ),
        }
    }
}

/// What a look-up finds under a condition, and a count of those who satisfy it.
#[test]
fn a_look_up_under_a_condition_is_that_condition() {
    let case = Case {
        population: "",
        visits: "amount = { from = 'amount', type = 'integer' }",
        rows: "many",
        whole: "by = ['found']
            measures = [{ persons = true }]
            columns = { found = { matched = 'visit', type = 'boolean' } }
            with.visit = { need = 'optional', where = [{ column = 'amount', at_least = 50 }], reduce = {} }",
        by_town: "by = ['pop.town']
            measures = [{ persons = true }, { persons = { where = [{ column = 'visit.amount', at_least = 50 }] }, as = 'much' }]
            with.visit = { need = 'optional', reduce = { amount = 'max' } }",
    };
    case.is_not_left(
        (&["found"], &["true"], "persons"),
        (&["town"], &["a"], "much"),
    );
}

/// Two agencies say the same of a person: whoever knows that has one column.
#[test]
fn columns_of_one_name_are_not_independent() {
    let sex = category("sex", "sex", &["f", "m"]);
    let case = Case {
        population: sex.clone().leak(),
        visits: (sex + "amount = { from = 'amount', type = 'integer' }").leak(),
        rows: "many",
        whole: "by = ['pop.sex']
            measures = [{ persons = true }]",
        by_town: "by = ['pop.town', 'visit.sex']
            measures = [{ persons = true }]
            with.visit = { need = 'optional', reduce = { sex = 'first' }, order_by = 'amount' }",
    };
    case.is_not_left(
        (&["sex"], &["f"], "persons"),
        (&["town", "sex"], &["a", "f"], "persons"),
    );
}
