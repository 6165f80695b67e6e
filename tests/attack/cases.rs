//! Registers on which a release once disclosed unsafe counts; made up, nobody in them exists.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use kobling::protect::Protection;
use kobling::{Linkage, LinkageKey, Plan, ReleaseKey, Rows};

use crate::knows::Knowledge;
use crate::published::Published;
use crate::tally::Tally;
use crate::world::{Dim, Interval, Margins, Measure, Naming, Row, Table, World};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/attack/cases")
}

/// One table of persons with all margins, of a register whose rows have these names.
fn world(dims: [&str; 2], names: Vec<[String; 2]>, min_persons: u64) -> World {
    let dims: Vec<Dim> = (0..2)
        .map(|at| {
            let names: BTreeSet<String> = names.iter().map(|names| names[at].clone()).collect();
            Dim {
                name: dims[at].to_owned(),
                naming: Naming::Undeclared,
                names: names.into_iter().collect(),
                level: None,
            }
        })
        .collect();
    let place = |at: usize| -> HashMap<&String, usize> {
        dims[at]
            .names
            .iter()
            .enumerate()
            .map(|(place, name)| (name, place))
            .collect()
    };
    let places = [place(0), place(1)];
    let rows = names.iter().zip(1..).map(|(names, person)| Row {
        person,
        at: vec![Some(places[0][&names[0]]), Some(places[1][&names[1]])],
        satisfies: Vec::new(),
        amount: Some(0),
    });
    let rows = rows.collect();
    let table = Table {
        name: "t".to_owned(),
        by: vec![0, 1],
        levels: vec![false, false],
        margins: Margins::All(true),
        measures: vec![Measure::Persons],
        min_persons,
        rules: Vec::new(),
        sensitive: Vec::new(),
        sensitive_conditions: Vec::new(),
        exceptions: Vec::new(),
        interval: Interval::Least(3),
    };
    World {
        seed: 0,
        dims,
        conditions: 0,
        rows,
        many: false,
        lacks: false,
        apart: false,
        tables: vec![table],
    }
}

fn lines(name: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(folder().join(format!("{name}.csv"))).expect("a register");
    let lines = text.lines().skip(1);
    lines
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

fn attacked(name: &str, source: &str, world: &World, knowledge: Knowledge) -> Tally {
    let plan = std::fs::read_to_string(folder().join(format!("{name}.toml"))).expect("a plan");
    let plan = Plan::parse(&plan).unwrap_or_else(|findings| panic!("{name}: {findings}"));
    let key = LinkageKey::generate().unwrap().domain_key(&plan.domain());
    let register = folder().join(format!("{name}.csv"));
    let rows = Rows::open(&plan, source, &[register]).unwrap();
    let extract = rows.identify().unwrap().pseudonymise(&key).unwrap();
    let linkage = Linkage::new(&plan, [extract]).unwrap();
    let protection = Protection::new(ReleaseKey::generate().unwrap());
    let tables = linkage.tabulate(protection).unwrap();
    let release = tables.protect().unwrap().release().unwrap();
    let mut tally = Tally::default();
    crate::attack(
        world,
        &Published::all(&release, world),
        knowledge,
        &mut tally,
    );
    tally.print(name);
    assert!(tally.counts > 0, "{name}: nothing is unsafe");
    tally
}

fn kept(name: &str, min_persons: u64) {
    let names = lines(name)
        .into_iter()
        .map(|line| [line[1].clone(), line[2].clone()]);
    let world = world(["rad", "kol"], names.collect(), min_persons);
    let tally = attacked(
        name,
        "reg",
        &world,
        Knowledge::of(crate::knows::Listing::Complete),
    );
    assert!(tally.losses.is_empty(), "{name} is disclosed");
}

#[test]
fn three_singletons_in_a_row() {
    kept("three-singletons", 3);
}

#[test]
fn two_cells_just_below_the_threshold() {
    kept("status-tells-the-bound", 10);
}

#[test]
fn a_row_of_unsafe_cells_under_published_totals() {
    kept("margins-over-unsafe-row", 3);
}

/// Counties by first characters, bands of birth years.
#[test]
fn a_town_with_totals() {
    let text = std::fs::read_to_string(folder().join("town.csv")).expect("a register");
    let header: Vec<&str> = text.lines().next().expect("a header").split(',').collect();
    let column = |name: &str| header.iter().position(|other| *other == name).expect(name);
    let (municipality, born) = (column("municipality"), column("born_on"));
    let edges = [1946, 1959, 1976, 1991, 2006];
    let labels = [
        "-1945",
        "1946-1958",
        "1959-1975",
        "1976-1990",
        "1991-2005",
        "2006-",
    ];
    let names = lines("town").into_iter().map(|line| {
        let county = match line[municipality].as_str() {
            "" => "not resident".to_owned(),
            code => code.chars().take(3).collect(),
        };
        let year: i32 = line[born][..4].parse().expect("a year");
        let band = edges.iter().filter(|edge| year >= **edge).count();
        [county, labels[band].to_owned()]
    });
    let world = world(["county", "born"], names.collect(), 3);
    let tally = attacked(
        "town",
        "population",
        &world,
        Knowledge::of(crate::knows::Listing::Complete),
    );
    assert!(tally.losses.is_empty(), "the town is disclosed");
}
