//! An attacker who collects releases, and solves for what they suppress.
//!
//! Every figure is an equation: rows, sums, and persons, as if they added up where
//! one has several rows. All releases of a desk together are solved by exact
//! elimination over the rationals; a figure that a rule of any of them found
//! unsafe must not be among what follows. Nor for somebody who is alone in some
//! cells that the releases distinguished, and so knows what is in all parts of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::rational::{echelon, less};
use crate::support::desk::Desk;
use crate::support::parse;
use crate::support::towns::{At, Draw, KINDS, TOWNS, category, cells, plan_with};
use kobling::{ErrorKind, Plan, Release};

/// A row of the register.
#[derive(Clone)]
struct Row {
    person: u64,
    town: String,
    kind: String,
    amount: i128,
}

impl Row {
    fn of(&self, dimension: &str) -> &str {
        match dimension {
            "town" => &self.town,
            "county" => &self.town[..1],
            _ => &self.kind,
        }
    }
}

fn register(draw: &mut Draw, persons: u64, rows: u64) -> Vec<Row> {
    let mut register = Vec::new();
    for person in 0..persons {
        for _ in 0..=draw.below(rows) {
            let town = draw.below(4);
            let kind = draw.below(6) / 5 + draw.below(2) * (draw.below(4) / 3);
            let large = draw.below(9) / 8;
            register.push(Row {
                person,
                town: format!("{}{town}", 1 + town / 2),
                kind: format!("k{kind}"),
                amount: i128::from(1 + draw.below(20) + large * 400),
            });
        }
    }
    register
}

fn csv(register: &[Row]) -> String {
    let mut csv = String::from("nr,town,kind,amount\n");
    for row in register {
        let _ = writeln!(
            csv,
            "{},{},{},{}",
            row.person, row.town, row.kind, row.amount
        );
    }
    csv
}

/// What is asked of the register in one table.
#[derive(Clone)]
struct Asked {
    name: &'static str,
    by: Vec<&'static str>,
    margins: bool,
    levels: bool,
    measures: Vec<&'static str>,
    rules: &'static str,
}

/// A suppressed figure: its table and measure, and by dimension its category and level.
type Of = (
    String,
    String,
    BTreeMap<String, Option<String>>,
    BTreeMap<String, String>,
);

/// A release, what was asked for, and which of its figures a rule found unsafe,
/// which is in the linkage unit's report.
type Released = (Vec<Asked>, Release, BTreeSet<Of>);

/// How many releases are asked for.
const RELEASES: usize = 3;

const RULES: [&str; 4] = [
    "min_persons = 3, dominance = { n = 1, percent = 70 }",
    "min_persons = 4, p_percent = 15",
    "min_persons = 3, p_percent = 30",
    "min_persons = 3, dominance = { n = 2, percent = 90 }",
];

impl Asked {
    fn drawn(draw: &mut Draw, name: &'static str) -> Self {
        let by = [vec!["town", "kind"], vec!["town"], vec!["kind"]];
        let measures = [
            vec!["persons", "rows", "amount"],
            vec!["amount"],
            vec!["rows", "amount"],
            vec!["persons"],
        ];
        let by = by[draw.below(3) as usize].clone();
        Self {
            name,
            levels: by.contains(&"town") && draw.below(2) == 0,
            by,
            margins: draw.below(2) == 0,
            measures: measures[draw.below(4) as usize].clone(),
            rules: RULES[draw.below(4) as usize],
        }
    }

    fn text(&self) -> String {
        let by: Vec<String> = self.by.iter().map(|name| format!("'pay.{name}'")).collect();
        let measures = self.measures.iter().map(|measure| match *measure {
            "amount" => "{ sum = 'pay.amount', as = 'amount' }".to_owned(),
            count => format!("{{ {count} = true }}"),
        });
        let measures: Vec<String> = measures.collect();
        let levels = match self.levels {
            true => "levels = { town = [{ name = 'county', prefix = 1 }] }",
            false => "",
        };
        format!(
            "[table.{}]
            from = 'pay'
            by = [{}]
            sensitive = []
            measures = [{}]
            margins = {}
            {levels}
            protect = {{ {}, method = 'suppress' }}\n",
            self.name,
            by.join(", "),
            measures.join(", "),
            self.margins,
            self.rules
        )
    }
}

fn plan(rows: &str, asked: &[Asked]) -> Plan {
    let mut columns = String::new();
    for (name, names) in [("town", &TOWNS[..]), ("kind", &KINDS)] {
        if asked.iter().any(|table| table.by.contains(&name)) {
            columns += &category(name, name, names);
        }
    }
    if asked.iter().any(|table| table.measures.contains(&"amount")) {
        columns.push_str("amount = { from = 'amount', type = 'integer' }\n");
    }
    let tables: String = asked.iter().map(Asked::text).collect();
    parse(&plan_with(rows, &columns, &tables))
}

/// The finest cells, also those that nobody is in: all that is published is a sum of them.
struct Inner {
    cells: Vec<(String, String)>,
    register: Vec<Row>,
}

impl Inner {
    fn new(register: Vec<Row>) -> Self {
        let cells = TOWNS.iter().flat_map(|town| {
            let kinds = KINDS.iter();
            kinds.map(|kind| ((*town).to_owned(), (*kind).to_owned()))
        });
        Self {
            cells: cells.collect(),
            register,
        }
    }

    fn rows(&self, cell: usize) -> impl Iterator<Item = &Row> {
        let (town, kind) = &self.cells[cell];
        self.register
            .iter()
            .filter(move |row| row.town == *town && row.kind == *kind)
    }

    fn persons(&self, cell: usize) -> BTreeSet<u64> {
        self.rows(cell).map(|row| row.person).collect()
    }

    fn holds(&self, cell: usize, quantity: &str) -> i128 {
        match quantity {
            "amount" => self.rows(cell).map(|row| row.amount).sum(),
            "rows" => self.rows(cell).count() as i128,
            _ => self.persons(cell).len() as i128,
        }
    }

    /// Which cells a published one is the sum of: 1 for each, otherwise 0.
    fn members(&self, at: &At, by: &[&str]) -> Vec<i128> {
        let is_in = |(town, kind): &(String, String)| {
            let row = Row {
                person: 0,
                town: town.clone(),
                kind: kind.clone(),
                amount: 0,
            };
            let mut places = by.iter().zip(at);
            places.all(|(dimension, (level, category))| match level.as_str() {
                "total" => true,
                "county" => category.as_deref() == Some(row.of("county")),
                _ => category.as_deref() == Some(row.of(dimension)),
            })
        };
        self.cells
            .iter()
            .map(|cell| i128::from(is_in(cell)))
            .collect()
    }
}

/// What all releases disclose of one quantity.
#[derive(Default)]
struct Disclosed {
    /// Published cells, each with the place of its release.
    known: Vec<(usize, Vec<i128>)>,
    /// Unsafe cells, each with the place of the first release that says so.
    hidden: BTreeMap<Vec<i128>, usize>,
    /// All cells, each with the place of its release: who is alone in one knows that.
    apart: Vec<(usize, Vec<i128>)>,
}

impl Disclosed {
    /// What is published before the release at a place.
    fn before(&self, release: usize) -> Vec<Vec<i128>> {
        let known = self.known.iter().filter(|(at, _)| *at < release);
        known.map(|(_, members)| members.clone()).collect()
    }
}

/// Everything that releases disclose, by quantity; published figures must be true.
fn disclosed(inner: &Inner, releases: &[Released], one: bool) -> BTreeMap<&'static str, Disclosed> {
    let mut disclosed: BTreeMap<&'static str, Disclosed> = BTreeMap::new();
    for (number, (asked, release, of_its_own)) in releases.iter().enumerate() {
        for table in asked {
            for measure in &table.measures {
                let quantity = match *measure {
                    "persons" | "rows" if one => "persons",
                    other => other,
                };
                let disclosed = disclosed.entry(quantity).or_default();
                let batch = release.table(table.name).unwrap();
                for (at, (value, status)) in cells(batch, &table.by, measure) {
                    let members = inner.members(&at, &table.by);
                    disclosed.apart.push((number, members.clone()));
                    if let Some(value) = value {
                        let held = members.iter().enumerate();
                        let held = held.map(|(cell, is)| is * inner.holds(cell, quantity));
                        // Persons of several rows are attacked as if they added up.
                        if one || quantity != "persons" {
                            assert_eq!(held.sum::<i128>(), value, "{at:?}");
                        }
                        disclosed.known.push((number, members));
                        continue;
                    }
                    assert_eq!(status, "suppressed");
                    let names = table.by.iter().map(|name| (*name).to_owned());
                    let (levels, categories): (Vec<_>, Vec<_>) = at.into_iter().unzip();
                    let figure = (
                        table.name.to_owned(),
                        (*measure).to_owned(),
                        names.clone().zip(categories).collect(),
                        names.zip(levels).collect(),
                    );
                    if of_its_own.contains(&figure) {
                        disclosed.hidden.entry(members).or_insert(number);
                    }
                }
            }
        }
    }
    disclosed
}

fn follows(target: &[i128], echelon: &[Vec<i128>]) -> bool {
    less(target.to_vec(), echelon)
        .iter()
        .all(|value| *value == 0)
}

/// Releases until the desk has made `wanted` of them, or has refused some.
fn collect(draw: &mut Draw, register: &[Row], rows: &str, wanted: usize) -> Vec<Released> {
    let desk = Desk::new();
    let mut releases = Vec::new();
    for _ in 0..wanted {
        let mut asked = vec![Asked::drawn(draw, "t")];
        if draw.below(3) == 0 {
            let mut second = Asked::drawn(draw, "u");
            // One figure, one rule: what is unsafe for one table is so for the other.
            second.rules = asked[0].rules;
            asked.push(second);
        }
        match desk.release(&plan(rows, &asked), &csv(register)) {
            Ok(release) => {
                let report = desk.report.borrow();
                let of_its_own = report.iter().filter(|f| f.reason != "complementary");
                let of_its_own = of_its_own.map(|figure| {
                    let (table, measure) = (figure.table.clone(), figure.measure.clone());
                    (table, measure, figure.cell.clone(), figure.level.clone())
                });
                releases.push((asked, release, of_its_own.collect()));
            }
            // A refusal discloses nothing.
            Err(error) => assert_eq!(error.kind(), ErrorKind::Protection, "{error}"),
        }
    }
    releases
}

/// Attacks by all who are alone in cells; how many figures they tried.
///
/// What an insider could derive from releases that did not know yet of the insider, or
/// that the figure is unsafe, no later one can take back.
fn insiders(inner: &Inner, quantity: &str, disclosed: &Disclosed, seed: u64) -> usize {
    // By person and release: the inner cells that nobody else is in, as far as is disclosed.
    let mut own: BTreeMap<u64, BTreeMap<usize, BTreeSet<usize>>> = BTreeMap::new();
    for (release, members) in &disclosed.apart {
        let cells = (0..members.len()).filter(|cell| members[*cell] == 1);
        let persons: BTreeSet<u64> = cells.clone().flat_map(|cell| inner.persons(cell)).collect();
        if let [person] = persons.into_iter().collect::<Vec<_>>()[..] {
            let by_release = own.entry(person).or_default();
            (*release..RELEASES).for_each(|release| {
                by_release.entry(release).or_default().extend(cells.clone());
            });
        }
    }
    let mut tried = 0;
    for (person, by_release) in own {
        for (release, own) in by_release {
            let rows = own.iter().map(|cell| {
                let mut row = vec![0; inner.cells.len()];
                row[*cell] = 1;
                row
            });
            let rows: Vec<Vec<i128>> = rows.collect();
            let knows = |release| echelon(&[disclosed.before(release), rows.clone()].concat());
            let (before, known) = (knows(release), knows(release + 1));
            for (target, _) in disclosed
                .hidden
                .iter()
                .filter(|(_, first)| **first <= release)
            {
                // A cell with nobody else in it discloses nobody else to the insider.
                let cells = (0..target.len()).filter(|cell| target[*cell] == 1);
                let mut populated = cells.filter(|cell| !inner.persons(*cell).is_empty());
                if populated.all(|cell| own.contains(&cell)) {
                    continue;
                }
                tried += 1;
                assert!(
                    !follows(target, &known) || follows(target, &before),
                    "seed {seed}: {person}, alone in {own:?}, knows {quantity} of {target:?} by release {release}"
                );
            }
        }
    }
    tried
}

fn attack(rows: &str, most_rows: u64, seeds: std::ops::Range<u64>) {
    let (mut outside, mut inside, mut made) = (0, 0, 0);
    for seed in seeds {
        let mut draw = Draw(seed * 7919);
        let persons = 20 + seed % 17;
        let register = register(&mut draw, persons, most_rows);
        let releases = collect(&mut draw, &register, rows, RELEASES);
        made += releases.len();
        let inner = Inner::new(register);
        for (quantity, disclosed) in disclosed(&inner, &releases, rows == "one") {
            let known = echelon(&disclosed.before(usize::MAX));
            for target in disclosed.hidden.keys() {
                assert!(
                    !follows(target, &known),
                    "seed {seed}: {quantity} of {target:?} follows from {} releases",
                    releases.len()
                );
                outside += 1;
            }
            inside += insiders(&inner, quantity, &disclosed, seed);
        }
    }
    // Of three for each seed that were asked for.
    assert!(
        outside > 300 && inside > 300 && made > 100,
        "{outside} {inside} {made}"
    );
}

#[test]
fn of_persons_with_one_row_no_unsafe_figure_follows_from_all_releases() {
    attack("one", 1, 1..50);
}

#[test]
fn of_persons_with_several_rows_no_unsafe_figure_follows_from_all_releases() {
    attack("many", 3, 1..70);
}
