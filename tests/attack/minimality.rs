//! Somebody who runs this code on every table that agrees with a release, and drops
//! those for which something else would have been suppressed.
//!
//! What such an attacker gains is measured on tables that are small enough to try
//! all; it is not bounded.

use std::collections::BTreeSet;

use crate::draw::Draw;
use crate::pipeline;
use crate::published::{Grain, Published};
use crate::world::{Dim, Interval, Margins, Measure, Naming, Row, Table, World};

/// A table of these persons, all margins, with declared names.
fn world(shape: [usize; 2], persons: &[u64], min_persons: u64) -> World {
    let dim = |at: usize| Dim {
        name: format!("d{at}"),
        naming: Naming::Map,
        names: (0..shape[at]).map(|name| format!("p{name}")).collect(),
        level: None,
    };
    let cells = persons.iter().enumerate();
    let places = cells.flat_map(|(cell, persons)| (0..*persons).map(move |_| cell));
    let rows = places.zip(1..).map(|(cell, person)| Row {
        person,
        at: vec![Some(cell % shape[0]), Some(cell / shape[0])],
        satisfies: Vec::new(),
        amount: Some(0),
    });
    World {
        seed: 0,
        dims: vec![dim(0), dim(1)],
        conditions: 0,
        rows: rows.collect(),
        many: false,
        lacks: false,
        apart: false,
        tables: vec![Table {
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
        }],
    }
}

/// Each cell with its figure, if it is published.
type Pattern = Vec<(Vec<(Grain, String)>, Option<u64>)>;

fn pattern(world: &World) -> Option<Pattern> {
    let release = pipeline::release(&pipeline::plan(world), world).ok()?;
    let published = Published::all(&release, world).remove(0);
    let lines = published.lines.into_iter();
    let mut pattern: Pattern = lines
        .map(|line| (line.at, line.figures[0].value.map(|value| value as u64)))
        .collect();
    pattern.sort();
    Some(pattern)
}

/// All tables with the published figures: cell after cell, as long as no sum is exceeded.
fn tables(
    sums: &[(Vec<usize>, u64)],
    values: &mut Vec<u64>,
    cells: usize,
    found: &mut Vec<Vec<u64>>,
    most: usize,
) {
    let at = values.len();
    if found.len() > most {
        return;
    }
    if at == cells {
        found.push(values.clone());
        return;
    }
    let held = |members: &[usize], values: &[u64]| -> u64 {
        members
            .iter()
            .filter(|member| **member < values.len())
            .map(|member| values[*member])
            .sum()
    };
    let open = sums.iter().filter(|(members, _)| members.contains(&at));
    let Some(highest) = open
        .map(|(members, sum)| sum.saturating_sub(held(members, values)))
        .min()
    else {
        // Nothing bounds it: there is no trying all.
        found.resize(most + 2, Vec::new());
        return;
    };
    for value in 0..=highest {
        values.push(value);
        let fits = sums.iter().all(|(members, sum)| {
            let held = held(members, values);
            let closed = members.iter().all(|member| *member <= at);
            held == *sum || !closed && held <= *sum
        });
        if fits {
            tables(sums, values, cells, found, most);
        }
        values.pop();
    }
}

#[test]
fn what_running_this_code_on_every_table_gains() {
    let worlds = (crate::attacks().unwrap_or(0) / 25).clamp(8, 200);
    let most = 60;
    let (mut tried, mut counts, mut narrowed, mut single) = (0, 0, 0, 0);
    for seed in 0..worlds {
        let mut draw = Draw::new(seed ^ 0x317);
        let shape = draw.pick(&[[2, 2], [2, 3], [3, 3]]);
        let cells = shape[0] * shape[1];
        let persons: Vec<u64> = (0..cells)
            .map(|_| draw.pick(&[0, 1, 1, 2, 3, 4, 5, 6, 8]) as u64)
            .collect();
        let truth = world(shape, &persons, 3);
        let Some(seen) = (!truth.rows.is_empty()).then(|| pattern(&truth)).flatten() else {
            continue;
        };
        let members = |at: &[(Grain, String)]| -> Vec<usize> {
            let is_in = |cell: &usize| {
                let places = [cell % shape[0], cell / shape[0]];
                at.iter().zip(places).all(|((grain, name), place)| {
                    *grain == Grain::Total || *name == format!("p{place}")
                })
            };
            (0..cells).filter(is_in).collect()
        };
        let published = seen
            .iter()
            .filter_map(|(at, value)| Some((members(at), (*value)?)));
        let published: Vec<(Vec<usize>, u64)> = published.collect();
        let mut consistent = Vec::new();
        tables(&published, &mut Vec::new(), cells, &mut consistent, most);
        if consistent.len() > most {
            continue;
        }
        tried += 1;
        let same: Vec<&Vec<u64>> = consistent
            .iter()
            .filter(|table| pattern(&world(shape, table, 3)).as_ref() == Some(&seen))
            .collect();
        assert!(
            same.contains(&&persons),
            "the truth has the pattern of its release"
        );
        for (cell, persons) in persons.iter().enumerate() {
            if (1..3).contains(persons) {
                let of = |tables: &mut dyn Iterator<Item = &Vec<u64>>| {
                    tables
                        .map(|table| table[cell])
                        .collect::<BTreeSet<u64>>()
                        .len()
                };
                let (before, after) = (of(&mut consistent.iter()), of(&mut same.iter().copied()));
                counts += 1;
                narrowed += usize::from(after < before);
                single += usize::from(after == 1 && before > 1);
            }
        }
    }
    println!(
        "minimality: {tried} tables; of {counts} unsafe counts {narrowed} lose possible values, {single} all but one"
    );
    assert!(tried > 0, "no table was small enough");
}
