//! One to three releases of the same persons, each of tables cut in some way of their own:
//! whoever has all of them.
//!
//! Everybody knows which kinds of persons there can be: whoever is below 30 is below 40,
//! whoever earns 2 has an income, is found, and lives in one area. So the variables are
//! numbers of persons of each kind, which no table has, and every figure is a sum of them.
//! What is asked is everything that a table counts, and what its conditions leave.

mod persons;
mod tables;

use std::collections::BTreeSet;

use kobling::{Plan, Release};

use crate::draw::Draw;
use crate::model::Model;
use crate::pipeline::released_of;
use crate::sequences::persons::{Kind, Persons};
use crate::sequences::tables::Table;
use crate::simplex::{End, Simplex};
use crate::tally::Tally;
use crate::whole::{Asked, Found, Pool, attack};

/// Kinds of persons, by their place among all.
type Kinds = Vec<usize>;

/// What the releases say, and what they keep for themselves.
#[derive(Default)]
struct Said {
    /// Whether there is one release only, of tables of the same rows.
    alone: bool,
    counts: BTreeSet<(Kinds, u64)>,
    sums: BTreeSet<(Kinds, i64)>,
    /// Numbers of persons that are figures, or what a condition leaves of one, with what
    /// they are called.
    asked: Vec<(Kinds, String)>,
    /// Persons of whom a sum is.
    asked_sums: Vec<(Kinds, String)>,
}

/// The number in the column of a measure; none where it is suppressed.
fn figure<N: std::str::FromStr>(field: Option<String>) -> Option<N> {
    field.map(|field| field.parse().ok().expect("a number"))
}

/// Adds what a release says of its tables.
fn read(at: usize, release: &Release, tables: &[Table], persons: &Persons, said: &mut Said) {
    for (number, table) in tables.iter().enumerate() {
        let name = format!("t{number}");
        let schema = release.table(&name).expect("the table").schema();
        for row in release.rows(&name).expect("the table") {
            let field = |name: &str| row[schema.index_of(name).expect("a column")].clone();
            let is_in = |kind: &Kind| {
                table.is_about(kind)
                    && table.by.iter().all(|dimension| {
                        let name = dimension.name();
                        let level = schema.index_of(&format!("{name}_level"));
                        let is_total = level.is_ok_and(|at| row[at].as_deref() == Some("total"));
                        is_total || field(&name) == Some(dimension.category(kind))
                    })
            };
            let all = 0..persons.kinds.len();
            let own: Kinds = all.filter(|kind| is_in(&persons.kinds[*kind])).collect();
            if own.is_empty() {
                // A category for what no register has.
                continue;
            }
            let label: Vec<String> = table.by.iter().filter_map(|of| field(&of.name())).collect();
            let label = format!("release {at}, {name} {label:?}");
            let say = |said: &mut Said, kinds: &Kinds, name: &str| {
                if let Some(value) = figure(field(name)) {
                    let truth: u64 = kinds.iter().map(|kind| persons.many[*kind]).sum();
                    assert_eq!(value, truth, "{label} {name}");
                    said.counts.insert((kinds.clone(), value));
                }
                said.asked.push((kinds.clone(), format!("{label} {name}")));
            };
            say(said, &own, "persons");
            let mut groups = vec![own.clone()];
            for (at, condition) in table.conditions.iter().enumerate() {
                let holds = |kind: &&usize| {
                    let kind = &persons.kinds[**kind];
                    condition.iter().all(|test| test.holds(kind))
                };
                let satisfy: Kinds = own.iter().filter(holds).copied().collect();
                say(said, &satisfy, &format!("c{at}"));
                let split = groups.iter().flat_map(|group| {
                    let (with, without): (Kinds, Kinds) =
                        group.iter().partition(|kind| satisfy.contains(kind));
                    [with, without]
                });
                groups = split.collect();
                let rest = own.iter().filter(|kind| !satisfy.contains(kind));
                said.asked
                    .push((rest.copied().collect(), format!("{label} not c{at}")));
            }
            // What several conditions distinguish together; of one release only, for through
            // the ledger it is not protected again.
            let is_asked = said.alone && table.conditions.len() > 1;
            for group in groups.into_iter().filter(|_| is_asked) {
                said.asked.push((group, format!("{label} group")));
            }
            if table.sums {
                if let Some(value) = figure(field("sum_amount")) {
                    said.sums.insert((own.clone(), value));
                }
                said.asked_sums.push((own, format!("{label} sum")));
            }
        }
    }
}

/// The figures as equations of what there is of each kind, or what they have.
fn model<'a>(
    truth: impl Iterator<Item = f64>,
    whole: bool,
    figures: impl Iterator<Item = (&'a Kinds, f64)>,
) -> Model {
    let mut model = Model::default();
    for truth in truth {
        model.variable(0.0, f64::INFINITY, whole, truth);
    }
    for (kinds, value) in figures {
        model.row(terms(kinds), value, value);
    }
    model
}

fn terms(kinds: &Kinds) -> Vec<(usize, f64)> {
    kinds.iter().map(|kind| (*kind, 1.0)).collect()
}

fn attacked(seed: u64, persons: &Persons, said: &Said, min_persons: u64, tally: &mut Tally) {
    let few = |kinds: &Kinds| {
        let many: u64 = kinds.iter().map(|kind| persons.many[*kind]).sum();
        (1..min_persons).contains(&many).then_some(many)
    };
    let truth = persons.many.iter().map(|many| *many as f64);
    let figures = said
        .counts
        .iter()
        .map(|(kinds, value)| (kinds, *value as f64));
    let mut counts = model(truth, true, figures);
    let mut seen = BTreeSet::new();
    let mut asked = Vec::new();
    let mut names = Vec::new();
    for (kinds, name) in &said.asked {
        let Some(truth) = few(kinds).filter(|_| seen.insert(kinds)) else {
            continue;
        };
        let windows = (truth.saturating_sub(2)..=truth).map(|first| 0b111 << first);
        names.push(name);
        asked.push(Asked {
            terms: terms(kinds),
            truth,
            enough: windows.collect(),
        });
    }
    if !counts.tighten() || !counts.holds(&counts.truth) {
        return tally.lost(seed, "contradiction", "counts".to_owned());
    }
    let mut pool = Pool::new(&asked);
    pool.add(&asked, &counts.truth);
    tally.counts += asked.len();
    for (name, found) in names
        .iter()
        .zip(attack(&counts, &asked, &mut pool, || Simplex::new(&counts)))
    {
        match found {
            Found::Kept => {}
            Found::Fewer(..) => tally.lost(seed, "of a sequence", format!("{name}: {found:?}")),
            Found::Undecided => tally.leave(seed),
        }
    }
    let truth = persons.amounts.iter().map(|amount| *amount as f64);
    let figures = said
        .sums
        .iter()
        .map(|(kinds, value)| (kinds, *value as f64));
    let sums = model(truth, false, figures);
    let Some(mut simplex) = Simplex::new(&sums).filter(|_| !said.sums.is_empty()) else {
        return;
    };
    for (kinds, name) in said
        .asked_sums
        .iter()
        .filter(|(kinds, _)| few(kinds).is_some())
    {
        let terms = terms(kinds);
        let truth = Model::value(&terms, &sums.truth);
        tally.sums += 1;
        if let End::At(most) = simplex.most(&terms, &mut |_| false)
            && most < truth + 1.0
        {
            tally.lost(
                seed,
                "sum of a sequence",
                format!("{name}: {truth}, at most {most}"),
            );
        }
    }
}

/// Whether releases know of each other.
#[derive(Clone, Copy, PartialEq)]
enum Memory {
    Ledger,
    Nothing,
}

/// The tables of each release, drawn.
type Drawn = fn(&mut Draw, &Persons) -> Vec<Vec<Table>>;

fn one(seed: u64, drawn: Drawn, memory: Memory, tally: &mut Tally) {
    let mut draw = Draw::new(seed ^ 0x5e9);
    let persons = Persons::drawn(&mut draw);
    let releases = drawn(&mut draw, &persons);
    let min_persons = draw.pick(&[3, 3, 5]);
    let [population, tax] = persons.registers();
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = (memory == Memory::Ledger).then_some(folder.path());
    let rows = |table: &Table| (table.only.clone(), table.needs_tax);
    let mut all = releases.iter().flatten().map(rows);
    let first = all.next();
    let mut said = Said {
        alone: releases.len() == 1 && all.all(|other| Some(other) == first),
        ..Said::default()
    };
    tally.worlds += 1;
    let mut released = 0;
    for (at, tables) in releases.iter().enumerate() {
        let text = tables::plan(tables, min_persons);
        let plan =
            Plan::parse(&text).unwrap_or_else(|findings| panic!("{seed}: {findings}\n{text}"));
        let mut registers = vec![("pop", population.clone())];
        if text.contains("[source.tax]") {
            registers.push(("tax", tax.clone()));
        }
        match released_of(&plan, registers, ledger) {
            Err(error) => {
                if crate::single().is_some() {
                    println!("{text}\nrelease {at} is refused: {error}");
                }
                tally.refuse(seed, error.rule());
            }
            Ok(release) => {
                released += 1;
                if crate::single().is_some() {
                    show(&text, &release);
                }
                read(at, &release, tables, &persons, &mut said);
            }
        }
    }
    tally.released += usize::from(released > 0);
    tally.pairs += usize::from(released > 1);
    attacked(seed, &persons, &said, min_persons, tally);
}

/// What is released, where one world is looked at.
fn show(text: &str, release: &Release) {
    println!("{text}");
    for table in 0..2 {
        for row in release.rows(&format!("t{table}")).into_iter().flatten() {
            println!("t{table} {row:?}");
        }
    }
}

fn seeds() -> std::ops::Range<u64> {
    let first = crate::first();
    match crate::single() {
        Some(seed) => seed..seed + 1,
        None => first..first + crate::asked().map_or(40, |attacks| attacks / 2),
    }
}

#[test]
fn a_sequence_of_releases_seldom_discloses() {
    let tally = crate::each(seeds(), |seed, tally| {
        one(seed, tables::drawn, Memory::Ledger, tally)
    });
    tally.print("sequences of releases");
    assert!(tally.pairs > 0 && tally.counts > 0, "nothing was attacked");
    // Conditions of two releases that make up one of a third, and cells of one that lie within
    // cells of another by cuts of which neither is coarser: limits that such releases have in
    // their manifests.
    assert!(
        tally.lost_worlds() * 100 < tally.pairs,
        "{} worlds lost of {} pairs",
        tally.lost_worlds(),
        tally.pairs
    );
}

/// A world of tables of other rows in which a town's persons are those of two other tables.
const LOST_BY_BOUNDS: u64 = 39;

/// Tables of a release about some of the persons each, which are protected in turn.
#[test]
fn tables_of_other_rows_seldom_disclose() {
    let drawn: Drawn = |draw, persons| vec![tables::of_other_rows(draw, persons)];
    let mut tally = crate::each(seeds(), |seed, tally| {
        one(seed, drawn, Memory::Nothing, tally)
    });
    tally.print("tables of other rows");
    assert!(
        tally.released > 0 && tally.counts > 0,
        "nothing was attacked"
    );
    // What only bounds a number, as nobody is in a part without being in the whole, is in the
    // limits: of the worlds that run by default with most keys that of one.
    for losses in tally.losses.values_mut() {
        losses.retain(|loss| loss.seed != LOST_BY_BOUNDS);
    }
    assert!(
        tally.lost_worlds() * 100 < tally.released,
        "{} worlds lost of {}",
        tally.lost_worlds(),
        tally.released
    );
}

/// The attack sees what such tables disclose that do not know of each other.
#[test]
fn tables_of_other_rows_by_themselves_disclose() {
    let drawn: Drawn = |draw, persons| {
        let tables = tables::of_other_rows(draw, persons);
        tables.into_iter().map(|table| vec![table]).collect()
    };
    let tally = crate::each(0..60, |seed, tally| {
        one(seed, drawn, Memory::Nothing, tally)
    });
    tally.print("tables of other rows, in a release each, without a ledger");
    assert!(
        tally.lost_worlds() > 3,
        "{} worlds lost",
        tally.lost_worlds()
    );
}

/// The attack sees what a ledger is for.
#[test]
fn a_sequence_without_a_ledger_discloses() {
    let tally = crate::each(0..40, |seed, tally| {
        one(seed, tables::drawn, Memory::Nothing, tally)
    });
    tally.print("sequences of releases, without a ledger");
    assert!(
        tally.lost_worlds() > 3,
        "{} worlds lost",
        tally.lost_worlds()
    );
}
