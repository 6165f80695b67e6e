//! Persons with several rows, and a look-up that finds one row of each: nobody is in two of
//! its categories. The attacker knows it, and counts persons by the years in which they have
//! rows, of whom there is a whole number of each kind.

use std::fmt::Write as _;

use kobling::protect::Protection;
use kobling::{Linkage, Plan, Release, ReleaseKey, Result};
use kobling_sdc::audit::{Audit, AuditBudget, Seen, Sign};
use kobling_sdc::structure::Structure;

use crate::support::towns::{Draw, source};
use crate::support::{PROJECT, extract, key, parse};

const TOWNS: [&str; 4] = ["0101", "0102", "0201", "0202"];
/// The plan's own for whom it does not declare is one, too.
const SEXES: [&str; 3] = ["m", "w", "other"];
const YEARS: [&str; 2] = ["2024", "2025"];
const KINDS: [&str; 3] = ["q", "t", "u"];

fn plan() -> Plan {
    let column = |name: &str, names: &[&str]| {
        let names = names.iter().filter(|name| **name != "other");
        let names: Vec<String> = names.map(|name| format!("'{name}'")).collect();
        let names = names.join(", ");
        format!("{name} = {{ from = '{name}', type = 'category', categories = [{names}] }}\n")
    };
    let population = column("town", &TOWNS) + &column("sex", &SEXES);
    let pay = column("kind", &KINDS) + &column("year", &YEARS);
    let table = |name: &str, by: &str, margins: &str| {
        format!(
            "[table.{name}]
            from = 'pay'
            by = [{by}]
            sensitive = []
            measures = [{{ persons = true }}]
            {margins}
            protect = {{ min_persons = 3, method = 'suppress' }}
            with = {{ population = {{ need = 'required' }} }}
            "
        )
    };
    let margins = "margins = [['population.town'], ['population.town', 'pay.year'], \
                   ['population.town', 'population.sex']]";
    parse(&format!(
        "{PROJECT}\n{}\n{}\n{}\n{}",
        source("population", "one", &population),
        source("pay", "many", &pay),
        table(
            "t",
            "'population.town', 'population.sex', 'pay.year'",
            margins
        ),
        table("u", "'population.town', 'pay.year', 'pay.kind'", ""),
    ))
}

/// A town and a sex, and in which of the years there are rows, as bits.
type Person = (usize, usize, u8);

fn release(plan: &Plan, draw: &mut Draw) -> (Vec<Person>, Result<Release>) {
    let mut persons = Vec::new();
    let (mut population, mut pay) = ("nr,town,sex\n".to_owned(), "nr,kind,year\n".to_owned());
    for nr in 0..20 + draw.below(20) {
        let (town, sex) = (draw.below(4) as usize, draw.below(2) as usize);
        let _ = writeln!(population, "{nr},{},{}", TOWNS[town], SEXES[sex]);
        let mut years = 0;
        for _ in 0..=draw.below(3) {
            let year = draw.below(2) as usize;
            let kind = KINDS[(draw.below(5) / 2) as usize];
            let _ = writeln!(pay, "{nr},{kind},{}", YEARS[year]);
            years |= 1 << year;
        }
        persons.push((town, sex, years));
    }
    let key = key(plan);
    let extracts = [("population", &population), ("pay", &pay)];
    let extracts = extracts.map(|(source, csv)| extract(plan, &key, source, csv).unwrap());
    let protection = Protection::new(ReleaseKey::generate().unwrap());
    let released = Linkage::new(plan, extracts).and_then(|linkage| linkage.tabulate(protection));
    let released = released.and_then(|tables| tables.protect()?.release());
    (persons, released)
}

/// How many unsafe numbers there are; and of those that fewer than three values are left of,
/// how many.
fn attack(release: &Release, persons: &[Person]) -> (usize, Vec<f64>) {
    let schema = release.table("t").unwrap().schema();
    let at = |name: &str| schema.index_of(name).unwrap();
    // Who there may be in a town: of a sex, with rows in some of the years.
    let all: Vec<Person> = (0..TOWNS.len() * SEXES.len() * 3)
        .map(|at| (at / 9, at / 3 % 3, 1 + (at % 3) as u8))
        .collect();
    let (mut cells, mut values, mut asked) = (Vec::new(), Vec::new(), Vec::new());
    for row in release.rows("t").unwrap() {
        let place = |name: &str, names: &[&str]| {
            // Without totals over it a dimension has no levels.
            let level = schema.index_of(&format!("{name}_level")).ok();
            let is_total = level.is_some_and(|at| row[at].as_deref() == Some("total"));
            let own = row[at(name)].as_deref();
            (!is_total).then(|| names.iter().position(|name| Some(*name) == own))
        };
        let Some(town) = place("town", &TOWNS).flatten() else {
            continue; // nobody is in any other
        };
        let (sex, year) = (place("sex", &SEXES), place("year", &YEARS));
        let is_in = |person: &Person| {
            person.0 == town
                && sex.is_none_or(|sex| sex == Some(person.1))
                && year.is_none_or(|year| year.is_some_and(|year| person.2 >> year & 1 == 1))
        };
        let members = (0..).zip(&all).filter(|(_, person)| is_in(person));
        let truth = persons.iter().filter(|person| is_in(person)).count() as u64;
        let value = row[at("persons")].as_ref();
        if value.is_none() && (1..3).contains(&truth) {
            asked.push(cells.len());
        }
        cells.push(members.map(|(at, _)| at).collect::<Vec<u32>>());
        values.push(value.map(|value| value.parse::<i128>().unwrap()));
    }
    let structure = Structure::new(all.len(), cells);
    let seen = Seen {
        structure: &structure,
        values: &values,
        sign: Sign::NonNegative,
    };
    let audit = Audit::new(seen, AuditBudget::default()).unwrap();
    let intervals = audit.intervals(&asked).unwrap().into_iter();
    let left = intervals.map(|interval| interval.whole().high - interval.whole().low + 1.0);
    (asked.len(), left.filter(|left| *left < 3.0).collect())
}

#[test]
fn that_nobody_is_in_two_categories_of_a_look_up_discloses_none() {
    let plan = plan();
    let mut draw = Draw(41);
    let (mut released, mut asked, mut all_near) = (0, 0, Vec::new());
    for _ in 0..250 {
        let (persons, release) = release(&plan, &mut draw);
        let Ok(release) = release else {
            continue;
        };
        let (unsafe_numbers, near) = attack(&release, &persons);
        all_near.extend(near);
        released += 1;
        asked += unsafe_numbers;
    }
    println!("{asked} unsafe numbers of {released} registers, values left of some: {all_near:?}");
    assert!(released > 100 && asked > 1000);
    // One bound is found after another, not what follows from several together: of one in
    // some thousand two values are left. None is known.
    assert!(all_near.iter().all(|left| *left > 1.0), "{all_near:?}");
    assert!(all_near.len() * 300 < asked, "{all_near:?}");
}
