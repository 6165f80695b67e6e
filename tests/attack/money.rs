//! Unsafe sums, and how narrowly an attacker can bound each.

use crate::cells::{Inhabitants, Set};
use crate::knows::Known;
use crate::model::{Model, NEAR};
use crate::simplex::{End, Simplex};
use crate::tally::Tally;
use crate::world::{Measure, Rule, Table};

/// By the plan's rules on absolute contributions: how far above an unsafe total
/// the interval must reach; `None` if it is safe.
pub(crate) fn level(table: &Table, contributions: &[f64]) -> Option<f64> {
    if contributions.is_empty() {
        return None;
    }
    let mut sizes: Vec<f64> = contributions.iter().map(|value| value.abs()).collect();
    sizes.sort_by(|a, b| b.total_cmp(a));
    let total: f64 = sizes.iter().sum();
    let largest = |n: usize| sizes.iter().take(n).sum::<f64>();
    let rest = total - largest(2);
    let first = largest(1);
    let mut level = None;
    let mut part = 0.0f64;
    for rule in &table.rules {
        let (of_rule, of_first) = match *rule {
            Rule::Dominance(n, k) => {
                let k = f64::from(k) / 100.0;
                (largest(n) / k - total, 1.0 - k)
            }
            Rule::PPercent(p) => {
                let p = f64::from(p) / 100.0;
                (p * first - rest, p)
            }
            Rule::PriorPosterior(p, q) => (
                f64::from(p) / f64::from(q) * first - rest,
                f64::from(p) / 100.0,
            ),
        };
        part = part.max(of_first);
        if of_rule > NEAR {
            level = Some(of_rule.max(level.unwrap_or(0.0)));
        }
    }
    // The threshold rule comes first: then it is a part of the largest that counts.
    if (contributions.len() as u64) < table.min_persons {
        level = Some(part * first);
    }
    level.map(|level| level.max(1.0))
}

/// An unsafe sum, mean or number of rows.
struct Unsafe {
    table: usize,
    line: usize,
    terms: Vec<(usize, f64)>,
    truth: f64,
    level: f64,
    set: usize,
    what: &'static str,
}

fn unsafe_sums(known: &Known<'_>, tally: &mut Tally) -> Vec<Unsafe> {
    let mut all: Vec<Unsafe> = Vec::new();
    for (number, table) in known.world.tables.iter().enumerate() {
        for (at, line) in known.tables[number].lines.iter().enumerate() {
            let set = known.cells.of_line[number][at];
            let truth: &Set = &known.cells.sets[set];
            for (measure, figure) in table.measures.iter().zip(&line.figures) {
                let (contributions, terms): (Vec<f64>, _) = match measure {
                    Measure::Sum | Measure::Mean => {
                        let amounts = truth.contributors().map(|(_, amount)| amount as f64);
                        (amounts.collect(), known.sum_of(set))
                    }
                    Measure::Rows if known.world.many => {
                        let rows = truth.persons.iter().map(|person| person.rows as f64);
                        (rows.collect(), known.rows_in(set))
                    }
                    _ => continue,
                };
                let Some(level) = level(table, &contributions) else {
                    continue;
                };
                if figure.status == "excepted" {
                    continue;
                }
                if figure.value.is_some() {
                    tally.lose(
                        known,
                        number,
                        "published",
                        format!("{measure:?}: {:?}", line.at),
                    );
                    continue;
                }
                let what = if *measure == Measure::Rows {
                    "rows"
                } else {
                    "sum"
                };
                if !all
                    .iter()
                    .any(|other| other.set == set && other.what == what && other.level >= level)
                {
                    all.push(Unsafe {
                        table: number,
                        line: at,
                        truth: contributions.iter().sum(),
                        terms,
                        level,
                        set,
                        what,
                    });
                }
            }
        }
    }
    all
}

/// The least and the greatest that a sum can be, as far as it matters.
fn interval(
    simplex: &mut Simplex,
    terms: &[(usize, f64)],
    low: f64,
    high: f64,
) -> (f64, f64, bool) {
    let mut ends = (f64::NEG_INFINITY, f64::INFINITY);
    let mut lost = false;
    let mut reached = simplex_value(simplex, terms);
    let mut seen = |point: &[f64]| {
        reached = Model::value(terms, point);
        reached >= high
    };
    match simplex.most(terms, &mut seen) {
        End::At(value) => ends.1 = value,
        End::Exhausted => lost = true,
        End::Unbounded | End::Stopped => {}
    }
    match simplex.least(terms, &mut |point| Model::value(terms, point) <= low) {
        End::At(value) => ends.0 = value,
        End::Exhausted => lost = true,
        End::Unbounded | End::Stopped => {}
    }
    (ends.0, ends.1, lost)
}

fn simplex_value(simplex: &mut Simplex, terms: &[(usize, f64)]) -> f64 {
    Model::value(terms, simplex.point())
}

/// As a recipient, and as each person who is in an inner cell without others.
pub(crate) fn attack(known: &Known<'_>, tally: &mut Tally) {
    let all = unsafe_sums(known, tally);
    if all.is_empty() {
        return;
    }
    tally.sums += all.len();
    let every: Vec<&Unsafe> = all.iter().collect();
    bound(known, &known.model, &every, ("recipient", None), tally);
    if !known.knowledge.insider_sums {
        return;
    }
    let sizes = known.cells.sizes();
    for Inhabitants { class, persons, .. } in known.cells.inhabitants(known.world) {
        if persons.len() > 1 || sizes[class] > 1 {
            continue;
        }
        let person = persons[0].0;
        if !known.knows_to_be_singleton(person) {
            continue;
        }
        let mut model = known.model.clone();
        let (plus, minus) = known.sums.get(class).copied().unwrap_or_default();
        let variables = [Some(known.counts[class]), plus, minus];
        if variables
            .iter()
            .flatten()
            .all(|variable| model.is_fixed(*variable))
        {
            continue;
        }
        for variable in variables.into_iter().flatten() {
            model.lower[variable] = model.truth[variable];
            model.upper[variable] = model.truth[variable];
        }
        if !model.tighten() {
            tally.lost(
                known.world.seed,
                "contradiction",
                "an insider contradicts the release".to_owned(),
            );
            continue;
        }
        tally.sum_insiders += 1;
        let others = |one: &&Unsafe| {
            let mut contributors = known.cells.sets[one.set].contributors();
            contributors.any(|(other, _)| other != person)
        };
        let theirs: Vec<&Unsafe> = all.iter().filter(others).collect();
        bound(known, &model, &theirs, ("insider", Some(person)), tally);
    }
}

fn bound(
    known: &Known<'_>,
    model: &Model,
    all: &[&Unsafe],
    (who, person): (&str, Option<u64>),
    tally: &mut Tally,
) {
    let variables = all
        .iter()
        .flat_map(|one| one.terms.iter().map(|term| term.0));
    let model = model.about(variables);
    let Some(mut simplex) = Simplex::new(&model) else {
        tally.leave(known.world.seed);
        return;
    };
    for one in all {
        let near = NEAR * one.truth.abs().max(1.0);
        // Another's sum must not be disclosed; how nearly it may be is promised to recipients.
        let (low, high) = match who {
            "insider" => (one.truth - 1.0, one.truth + 1.0),
            _ => (one.truth - one.level, one.truth + one.level),
        };
        let (least, most, lost) = interval(&mut simplex, &one.terms, low, high);
        if lost {
            tally.leave(known.world.seed);
            continue;
        }
        let known_to = most - least;
        let line = &known.tables[one.table].lines[one.line];
        let text = || {
            format!(
                "table {}: {} {} at {:?} is from {least} to {most}, level {}, for {who} {person:?}",
                known.world.tables[one.table].name, one.what, one.truth, line.at, one.level
            )
        };
        if known_to < near.max(0.5) {
            let kind = match (who, one.what) {
                ("insider", _) => "insider sum disclosed exactly",
                (_, "rows") => "rows disclosed exactly",
                _ => "sum disclosed exactly",
            };
            tally.lose(known, one.table, kind, text());
        } else if who == "recipient" && most < high - near {
            let kind = if one.what == "rows" {
                "rows below level"
            } else {
                "sum below level"
            };
            tally.lose(known, one.table, kind, text());
        } else if who == "recipient" && least > low + near {
            tally.narrow_below += 1;
        }
    }
}
