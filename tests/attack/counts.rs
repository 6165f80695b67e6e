//! Unsafe numbers of persons, and what an attacker can say of each.

use crate::cells::Inhabitants;
use crate::knows::Known;
use crate::model::Model;
use crate::simplex::Simplex;
use crate::tally::Tally;
use crate::whole::{Asked, Found, Pool, attack};
use crate::world::{Interval, Measure, Table};

/// An unsafe number of persons of a line of a table.
pub(crate) struct Unsafe {
    pub(crate) table: usize,
    pub(crate) set: usize,
    pub(crate) what: &'static str,
    pub(crate) asked: Asked,
    /// Whether the patterns of the persons that are counted have the condition.
    pub(crate) condition: Option<(usize, bool)>,
    /// Against group disclosure: that somebody else is there must be possible.
    pub(crate) group: bool,
}

/// A number of persons: which, how many, its variables, and its condition.
type Number = (&'static str, u64, Vec<(usize, f64)>, Option<(usize, bool)>);

/// The sets of values of which one must be possible as a whole.
fn enough(table: &Table, truth: u64) -> Vec<u64> {
    match table.interval {
        Interval::Full => vec![(1..table.min_persons).map(|value| 1 << value).sum()],
        Interval::Least(least) => {
            let first = (truth + 1).saturating_sub(least)..=truth;
            let windows = first.filter(|first| first + least < 64);
            windows.map(|first| ((1 << least) - 1) << first).collect()
        }
    }
}

/// All unsafe numbers that are not excepted; those that are published are lost.
pub(crate) fn unsafe_counts(known: &Known<'_>, tally: &mut Tally) -> Vec<Unsafe> {
    let mut all: Vec<Unsafe> = Vec::new();
    for (number, table) in known.world.tables.iter().enumerate() {
        let is_unsafe = |count: u64| (1..table.min_persons).contains(&count);
        for (at, line) in known.tables[number].lines.iter().enumerate() {
            let set = known.cells.of_line[number][at];
            let truth = &known.cells.sets[set];
            for (measure, figure) in table.measures.iter().zip(&line.figures) {
                let excepted = figure.status == "excepted";
                let counts: Vec<Number> = match *measure {
                    Measure::Persons => {
                        vec![("persons", truth.count(), known.persons_in(set), None)]
                    }
                    Measure::Where(condition) if !known.world.many => {
                        let satisfying = truth.satisfying(condition);
                        let rest = truth.count() - satisfying;
                        let terms = |wanted| known.satisfying(set, condition, wanted);
                        vec![
                            (
                                "satisfying",
                                satisfying,
                                terms(true),
                                Some((condition, true)),
                            ),
                            (
                                "not satisfying",
                                rest,
                                terms(false),
                                Some((condition, false)),
                            ),
                        ]
                    }
                    Measure::Where(condition) => {
                        let satisfying = truth.satisfying(condition);
                        let terms = known.satisfying(set, condition, true);
                        vec![("satisfying", satisfying, terms, Some((condition, true)))]
                    }
                    _ => continue,
                };
                for (what, truth, terms, condition) in counts {
                    if !is_unsafe(truth) || excepted {
                        continue;
                    }
                    if figure.value.is_some() && what != "not satisfying" {
                        tally.lose(
                            known,
                            number,
                            "published",
                            format!("{what} {truth}: {:?}", line.at),
                        );
                        continue;
                    }
                    let asked = Asked {
                        terms,
                        truth,
                        enough: enough(table, truth),
                    };
                    let same = |other: &Unsafe| {
                        other.set == set
                            && other.condition == condition
                            && other.asked.enough == asked.enough
                    };
                    if !all.iter().any(same) {
                        all.push(Unsafe {
                            table: number,
                            set,
                            what,
                            asked,
                            condition,
                            group: false,
                        });
                    }
                }
            }
        }
        groups(known, number, &mut all);
    }
    all
}

/// Where all of a group are in one category, it must be possible that somebody is not.
fn groups(known: &Known<'_>, number: usize, all: &mut Vec<Unsafe>) {
    let table = &known.world.tables[number];
    let lines = &known.tables[number].lines;
    let of_line = &known.cells.of_line[number];
    let some: Vec<u64> = (1..63).map(|value| 1 << value).collect();
    for (at, line) in lines.iter().enumerate() {
        let set = of_line[at];
        let truth = &known.cells.sets[set];
        if truth.count() == 0 {
            continue;
        }
        let mut ask = |terms, set, condition| {
            all.push(Unsafe {
                table: number,
                set,
                what: "group",
                asked: Asked {
                    terms,
                    truth: 0,
                    enough: some.clone(),
                },
                condition,
                group: true,
            });
        };
        for condition in &table.sensitive_conditions {
            // Whoever publishes both numbers in spite of the rules says that they are the same.
            let mut figures = table.measures.iter().zip(&line.figures);
            let is_approved = figures.any(|(measure, figure)| {
                *measure == Measure::Where(*condition) && figure.status == "excepted"
            });
            let differs = truth.satisfying(*condition) < truth.count();
            if !known.world.many && !differs && !is_approved {
                ask(
                    known.satisfying(set, *condition, false),
                    set,
                    Some((*condition, false)),
                );
            }
        }
        for dimension in &table.sensitive {
            if line.at[*dimension].0 == crate::published::Grain::Total {
                continue;
            }
            let same_group = |other: &usize| {
                let mut places = lines[*other].at.iter().zip(&line.at).enumerate();
                *other != at
                    && places.all(|(place, (other, own))| match place == *dimension {
                        true => other.0 == own.0,
                        false => other == own,
                    })
            };
            let others: Vec<usize> = (0..lines.len())
                .filter(same_group)
                .map(|other| of_line[other])
                .collect();
            if others.is_empty() || others.iter().any(|set| known.cells.sets[*set].count() > 0) {
                continue;
            }
            let mut terms: Vec<(usize, f64)> =
                others.iter().flat_map(|set| known.rows_in(*set)).collect();
            terms.sort_by_key(|term| term.0);
            terms.dedup_by_key(|term| term.0);
            ask(terms, set, None);
        }
    }
}

/// What a recipient knows of all unsafe counts, and what was found possible.
pub(crate) struct Recipient {
    model: Model,
    pool: Pool,
    /// At a solution, if the numbers find one.
    simplex: Option<Simplex>,
}

/// As a recipient.
pub(crate) fn recipient(known: &Known<'_>, all: &[Unsafe], tally: &mut Tally) -> Recipient {
    let asked: Vec<Asked> = all.iter().map(|one| one.asked.clone()).collect();
    let variables = asked
        .iter()
        .flat_map(|asked| asked.terms.iter().map(|term| term.0));
    let model = known.model.about(variables);
    let mut pool = Pool::new(&asked);
    pool.add(&asked, &model.truth);
    let simplex = Simplex::new(&model);
    let found = attack(&model, &asked, &mut pool, || simplex.clone());
    // Where all solutions can be tried, that is the answer.
    if let Some(possible) = crate::brute::possible(&model, &asked) {
        tally.brute += asked.len();
        for ((asked, possible), found) in asked.iter().zip(possible).zip(&found) {
            let kept = asked.enough.iter().any(|set| set & !possible == 0);
            assert_eq!(
                kept,
                *found == Found::Kept,
                "world {}: {asked:?}, {possible:b}",
                known.world.seed
            );
        }
    }
    for (one, found) in all.iter().zip(found) {
        tally.counts += 1;
        tally.conditional += usize::from(one.condition.is_some());
        report(known, one, found, ("recipient", None), tally);
    }
    Recipient {
        model,
        pool,
        simplex,
    }
}

/// As each person who is in an inner cell: somebody is, and if nobody else is, one.
pub(crate) fn insiders(
    known: &Known<'_>,
    all: &[Unsafe],
    recipient: &Recipient,
    tally: &mut Tally,
) {
    let sizes = known.cells.sizes();
    let mut done = std::collections::BTreeSet::new();
    for Inhabitants {
        class,
        persons,
        one,
    } in known.cells.inhabitants(known.world)
    {
        let variable = known.counts[class];
        if known.model.is_fixed(variable) {
            continue;
        }
        // One of those who have the same number of rows there is as good as another.
        let is_singleton = one && sizes[class] == 1 && known.knows_to_be_singleton(persons[0].0);
        let different: std::collections::BTreeMap<usize, u64> = persons
            .iter()
            .map(|(person, rows)| (*rows, *person))
            .collect();
        for (own, person) in different {
            if !is_singleton && known.model.lower[variable] >= own as f64 {
                continue;
            }
            if done.insert((class, own, is_singleton)) {
                insider(
                    known,
                    all,
                    recipient,
                    (variable, own, person, is_singleton),
                    tally,
                );
            }
        }
    }
}

/// As one person, of whom `own` rows are in the class of a variable, a singleton or not.
fn insider(
    known: &Known<'_>,
    all: &[Unsafe],
    recipient: &Recipient,
    (variable, own, person, is_singleton): (usize, usize, u64, bool),
    tally: &mut Tally,
) {
    let contains = |one: &Unsafe| one.asked.terms.iter().any(|term| term.0 == variable);
    let theirs: Vec<&Unsafe> = all
        .iter()
        // What a group of one is in is its own.
        .filter(|one| {
            !one.group
                || known.cells.sets[one.set]
                    .persons
                    .iter()
                    .any(|other| other.person != person)
        })
        .filter(|one| match known.world.many {
            false => !(one.asked.truth == 1 && contains(one)),
            true => {
                let persons = &known.cells.sets[one.set].persons;
                !(persons.len() == 1 && persons[0].person == person)
            }
        })
        .collect();
    let asked: Vec<Asked> = theirs.iter().map(|one| one.asked.clone()).collect();
    tally.insiders += 1;
    let mut model = recipient.model.clone();
    if model.is_fixed(variable) {
        // No unsafe count depends on it.
        return;
    }
    let fits = |value: f64| match is_singleton {
        true => value == own as f64,
        false => value >= own as f64,
    };
    let mut own_pool = Pool::new(&asked);
    own_pool.add(&asked, &model.truth);
    for point in recipient
        .pool
        .points
        .iter()
        .filter(|point| fits(point[variable].round()))
    {
        own_pool.add(&asked, point);
    }
    model.lower[variable] = model.lower[variable].max(own as f64);
    if is_singleton {
        model.upper[variable] = own as f64;
    }
    let pinned = || {
        let mut simplex = recipient.simplex.clone()?;
        simplex
            .pin(variable, own as f64, is_singleton)
            .then_some(simplex)
    };
    own_pool.spread(&model, &asked, &recipient.pool.moves);
    for (one, found) in theirs
        .iter()
        .zip(attack(&model, &asked, &mut own_pool, pinned))
    {
        if let (Found::Fewer(..), Some(_)) = (&found, crate::single()) {
            println!(
                "an insider, a singleton: {is_singleton}, with {own} rows in {}",
                places(known, variable)
            );
        }
        report(known, one, found, ("insider", Some(person)), tally);
    }
}

/// The lines that a class is in, with what is true of each.
fn places(known: &Known<'_>, variable: usize) -> String {
    let mut text = String::new();
    for (number, table) in known.tables.iter().enumerate() {
        let lines = table.lines.iter().zip(&known.cells.of_line[number]);
        for (line, set) in lines {
            if known.rows_in(*set).iter().any(|term| term.0 == variable) {
                let truth = known.cells.sets[*set].count();
                text += &format!("\n  table {number}, {:?}: {truth} persons", line.at);
            }
        }
    }
    text
}

fn report(
    known: &Known<'_>,
    one: &Unsafe,
    found: Found,
    (who, person): (&str, Option<u64>),
    tally: &mut Tally,
) {
    match found {
        Found::Kept => {}
        Found::Undecided => tally.leave(known.world.seed),
        Found::Fewer(low, high, seen) => {
            let kind = match (who, one.group) {
                (_, true) => "group",
                ("insider", _) => "insider count",
                _ if low == high => "count disclosed exactly",
                _ => "count with too few values",
            };
            let table = &known.world.tables[one.table];
            let lines = known.cells.of_line[one.table]
                .iter()
                .position(|set| *set == one.set);
            let at = lines.map(|line| &known.tables[one.table].lines[line].at);
            let text = format!(
                "table {}: {} {} at {at:?} is from {low} to {high}, {seen} values seen, for {who} {person:?}",
                table.name, one.asked.truth, one.what
            );
            tally.lose(known, one.table, kind, text);
        }
    }
}
