//! An attacker who asks for the same figure again: in other tables, releases and words.
//!
//! Cell keys and random rounding change figures once and for all. Whoever gets
//! two versions of one figure could average them, or derive an exact one from where
//! they differ; so the same number of the same persons has one version, whatever
//! the table is by, and whatever rows it leaves out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use crate::support::towns::{Draw, category, plan_with};
use crate::support::{PROJECT, extract, file, parse};
use kobling::protect::Protection;
use kobling::protect::perturbation::Perturbation;
use kobling::{Linkage, LinkageKey, Plan, Release, ReleaseKey};

/// Person, town, kind, year.
type Row = (u64, String, String, String);

const DIMENSIONS: [&str; 3] = ["town", "kind", "year"];

/// All that a dimension has, which the plan declares.
fn names(dimension: &str) -> &'static [&'static str] {
    match dimension {
        "town" => &["t0", "t1", "t2"],
        "kind" => &["k0", "k1", "k2"],
        _ => &["2023", "2024"],
    }
}

fn of<'a>(row: &'a Row, dimension: &str) -> &'a str {
    match dimension {
        "town" => &row.1,
        "kind" => &row.2,
        _ => &row.3,
    }
}

/// Persons with up to three rows; some cells have one part only.
fn register(draw: &mut Draw, persons: u64) -> Vec<Row> {
    let mut register = Vec::new();
    for person in 0..persons {
        for _ in 0..=draw.below(3) {
            let town = draw.below(3) * draw.below(2);
            let kind = if town == 2 { 0 } else { draw.below(3) };
            let year = 2023 + draw.below(2);
            register.push((
                person,
                format!("t{town}"),
                format!("k{kind}"),
                year.to_string(),
            ));
        }
    }
    register
}

/// A table by some dimensions, of all rows or those of one category.
struct Asked {
    by: Vec<&'static str>,
    only: Option<(&'static str, String)>,
}

impl Asked {
    fn drawn(draw: &mut Draw) -> Self {
        let by = DIMENSIONS
            .into_iter()
            .filter(|_| draw.below(2) == 0)
            .collect();
        let dimension = DIMENSIONS[draw.below(3) as usize];
        let category = match dimension {
            "town" => format!("t{}", draw.below(3)),
            "kind" => format!("k{}", draw.below(3)),
            _ => "2023".to_owned(),
        };
        let only = (draw.below(2) == 0).then_some((dimension, category));
        Self { by, only }
    }

    fn plan(&self, method: &str) -> Plan {
        let by: Vec<String> = self.by.iter().map(|name| format!("'pay.{name}'")).collect();
        let mut columns = String::new();
        for name in DIMENSIONS {
            let only = self.only.iter().any(|(dimension, _)| *dimension == name);
            if only || self.by.contains(&name) {
                columns += &category(name, name, names(name));
            }
        }
        let only = self.only.iter().map(|(dimension, category)| {
            format!("where = [{{ column = 'pay.{dimension}', equals = '{category}' }}]")
        });
        let table = format!(
            "[table.t]
            from = 'pay'
            by = [{}]
            sensitive = []
            measures = [{{ persons = true }}, {{ rows = true }}]
            margins = true
            {}
            protect = {{ min_persons = 3, {method} }}",
            by.join(", "),
            only.collect::<String>()
        );
        parse(&plan_with("many", &columns, &table))
    }

    /// The rows of each released cell, and what is published of persons and rows.
    fn cells<'r>(&self, release: &Release, register: &'r [Row]) -> Vec<(Vec<&'r Row>, [u64; 2])> {
        let schema = release.table("t").unwrap().schema();
        let rows = release.rows("t").unwrap().map(|row| {
            let field = |name: &str| row[schema.index_of(name).unwrap()].clone();
            let is_in = |dimension: &&str, of_register: &Row| {
                let level = schema.index_of(&format!("{dimension}_level"));
                let total = level.is_ok_and(|at| row[at].as_deref() == Some("total"));
                total || field(dimension).as_deref() == Some(of(of_register, dimension))
            };
            let only = |row: &&Row| {
                let mut only = self.only.iter();
                only.all(|(dimension, category)| of(row, dimension) == category)
            };
            let members = register.iter().filter(only);
            let members = members.filter(|row| self.by.iter().all(|name| is_in(name, row)));
            let figure = |name| field(name).unwrap().parse().unwrap();
            (members.collect(), [figure("persons"), figure("rows")])
        });
        rows.collect()
    }
}

/// Asks ten times, and returns how many figures came again, and how many of all were changed.
fn ask(method: &str, perturbation: &str, seed: u64) -> (usize, usize) {
    let mut draw = Draw(seed * 104_729);
    let register = register(&mut draw, 60 + seed * 3);
    let mut csv = String::from("nr,town,kind,year\n");
    for (person, town, kind, year) in &register {
        let _ = writeln!(csv, "{person},{town},{kind},{year}");
    }
    let (linkage_key, release_key) = (
        LinkageKey::generate().unwrap(),
        Arc::new(ReleaseKey::generate().unwrap()),
    );
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "p.toml", perturbation);
    // By the persons and the true number: what is published, once and for all.
    let mut versions: BTreeMap<(BTreeSet<u64>, u64), u64> = BTreeMap::new();
    let (mut again, mut changed) = (0, 0);
    for _ in 0..10 {
        let asked = Asked::drawn(&mut draw);
        let plan = asked.plan(method);
        let extract = extract(&plan, &linkage_key.domain_key(&plan.domain()), "pay", &csv).unwrap();
        let protection = Protection::new(release_key.clone());
        let protection = protection.perturbation(Perturbation::read(&path).unwrap());
        let linkage = Linkage::new(&plan, [extract]).unwrap();
        let tables = linkage.tabulate(protection).unwrap();
        let release = tables.protect().unwrap().release().unwrap();
        for (rows, published) in asked.cells(&release, &register) {
            let persons: BTreeSet<u64> = rows.iter().map(|row| row.0).collect();
            let truth = [persons.len() as u64, rows.len() as u64];
            for (truth, published) in truth.into_iter().zip(published) {
                let version = versions.insert((persons.clone(), truth), published);
                if let Some(version) = version {
                    assert_eq!(version, published, "{truth} of {persons:?}, {:?}", asked.by);
                    again += 1;
                }
                changed += usize::from(truth != published);
            }
        }
    }
    (again, changed)
}

#[test]
fn a_figure_with_a_cell_key_has_one_version() {
    let perturbation = "[counts]\nreach = 5\nvariance = 3.0\n";
    for seed in 1..12 {
        let (again, changed) = ask("method = 'cell-key'", perturbation, seed);
        assert!(again > 20 && changed > 10, "{again} {changed}");
    }
}

#[test]
fn a_figure_rounded_at_random_has_one_version() {
    let method = "method = 'round', round = { base = 5, how = 'random' }";
    let perturbation = "[counts]\nreach = 1\nvariance = 0.5\n";
    for seed in 1..12 {
        let (again, changed) = ask(method, perturbation, seed);
        assert!(again > 20 && changed > 10, "{again} {changed}");
    }
}

/// Of the same rows and one more, none of whose cells it is in: their noise is fresh.
#[test]
fn who_comes_changes_the_noise_of_cells_it_is_not_in() {
    let towns: Vec<String> = (0..20).map(|town| format!("t{town}")).collect();
    let towns: Vec<&str> = towns.iter().map(String::as_str).chain(["t99"]).collect();
    let plan = parse(&format!(
        "{}
        [source.pay]
        agency = 'An agency'
        legal_basis = ['A law']
        identifier = {{ column = 'nr', type = 'number' }}
        rows = 'one'
        [source.pay.columns]
        {}
        [table.t]
        from = 'pay'
        by = ['pay.town']
        sensitive = []
        measures = [{{ persons = true }}]
        [table.t.protect]
        min_persons = 3
        method = 'noise'
        noise = {{ rho = 0.01, distribution = 'gaussian' }}",
        PROJECT.replace("epoch = 1", "epoch = 1\nprivacy_budget = 1"),
        category("town", "town", &towns)
    ));
    let plan = plan.rehearsal();
    let csv = |persons: u64, towns: u64| {
        let lines = (0..persons).map(|nr| format!("{nr},t{}\n", nr % towns));
        "nr,town\n".to_owned() + &lines.collect::<String>()
    };
    let (linkage_key, release_key) = (
        LinkageKey::generate().unwrap(),
        Arc::new(ReleaseKey::generate().unwrap()),
    );
    let noisy = |csv: &str| -> Vec<Option<String>> {
        let extract = extract(&plan, &linkage_key.domain_key(&plan.domain()), "pay", csv).unwrap();
        let linkage = Linkage::new(&plan, [extract]).unwrap();
        let protection = Protection::new(release_key.clone());
        let tables = linkage.tabulate(protection).unwrap();
        let release = tables.protect().unwrap().release().unwrap();
        let rows = release.rows("t").unwrap().map(|row| row[1].clone());
        rows.take(20).collect()
    };
    let first = noisy(&csv(4000, 20));
    assert_eq!(first, noisy(&csv(4000, 20)));
    let more = noisy(&(csv(4000, 20) + "9999,t99\n"));
    let same = first.iter().zip(&more).filter(|(one, other)| one == other);
    // The deviation is 7: of 20 cells one or two have the same noise by chance.
    assert!(same.count() < 10, "{first:?} {more:?}");
}
