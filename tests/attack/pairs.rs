//! Two releases of one ledger, held against each other.

use std::collections::{BTreeMap, BTreeSet};

use crate::cells::Cells;
use crate::draw::Draw;
use crate::knows::{Knowledge, Known};
use crate::model::{Model, NEAR};
use crate::pipeline::{plan, release_after};
use crate::published::{Grain, Published};
use crate::tally::Tally;
use crate::world::{Measure, World};

/// The tables of a world one after another, each in a release of its own.
pub(crate) fn views(seed: u64, knowledge: Knowledge, tally: &mut Tally) {
    let world = World::drawn(seed);
    if world.tables.len() < 2 {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut tables = Vec::new();
    for table in &world.tables {
        let part = World {
            tables: vec![table.clone()],
            ..world.clone()
        };
        match release_after(&plan(&part), &part, folder.path()) {
            Err(error) => return tally.refuse(seed, error.rule()),
            Ok(release) => tables.extend(Published::all(&release, &part)),
        }
    }
    tally.pairs += 1;
    show(&tables);
    let knowledge = Knowledge {
        apart: true,
        // Where one release is by who is found in a look-up, and the other has sums of it, what
        // a contributor knows is not compared, as the manifest says.
        insider_sums: world.matched().is_none(),
        ..knowledge
    };
    let mut all = Tally::default();
    crate::attack(&world, &tables, knowledge, &mut all);
    if !all.losses.is_empty() {
        // A cell's table discloses nothing of it that those before disclosed already.
        for out in 1..tables.len() {
            let knowledge = Knowledge { out, ..knowledge };
            let mut before = Tally::default();
            crate::attack(&world, &tables, knowledge, &mut before);
            if crate::single().is_some() {
                before.print("known before");
            }
            all.but_known_before(out, &before);
        }
    }
    tally.add(all);
}

/// What is in the tables, where one world is looked at.
fn show(tables: &[Published]) {
    if crate::single().is_some() {
        for line in tables.iter().flat_map(|table| &table.lines) {
            println!("{:?} {:?}", line.at, line.figures);
        }
    }
}

/// A register, and the same a month later: few came, went, moved or earn otherwise.
pub(crate) fn months(seed: u64, knowledge: Knowledge, tally: &mut Tally) {
    let first = World::drawn(seed);
    if first.many {
        return;
    }
    let second = later(&first);
    let folder = tempfile::tempdir().expect("a folder");
    let mut out = Vec::new();
    for world in [&first, &second] {
        match release_after(&plan(world), world, folder.path()) {
            Err(error) => return tally.refuse(seed, error.rule()),
            Ok(release) => out.push(Published::all(&release, world)),
        }
    }
    tally.pairs += 1;
    out.iter().for_each(|tables| show(tables));
    crate::attack(&second, &out[1], knowledge, tally);
    let derivable: Option<Vec<_>> = [(&first, &out[0]), (&second, &out[1])]
        .into_iter()
        .map(|(world, tables)| figures(world, tables, knowledge))
        .collect();
    let Some(derivable) = derivable else {
        return tally.lost(
            seed,
            "listing",
            "a month does not fit its register".to_owned(),
        );
    };
    for (at, (then, min_persons)) in &derivable[0] {
        let Some((now, _)) = derivable[1].get(at) else {
            continue;
        };
        // Persons who are in one of the two only, or with another amount.
        let differing = then
            .iter()
            .filter(|(person, amount)| now.get(*person) != Some(*amount))
            .count()
            + now
                .keys()
                .filter(|person| !then.contains_key(*person))
                .count();
        if (1..*min_persons as usize).contains(&differing) {
            let text = format!("{at:?}: the difference of two months is of {differing} persons");
            tally.lost(seed, "difference", text);
        }
    }
}

/// By table, line and measure: the persons of each figure that follows from a
/// release, with what each contributes.
type Derivable = BTreeMap<(usize, String, String), (BTreeMap<u64, i64>, u64)>;

fn figures(world: &World, tables: &[Published], knowledge: Knowledge) -> Option<Derivable> {
    let cells = Cells::new(world, tables).ok()?;
    let known = Known::new(world, tables, &cells, knowledge).ok()?;
    let follows = |terms: &[(usize, f64)]| {
        let at = |bounds: &[f64]| Model::value(terms, bounds);
        // A sum of what is below zero falls as its terms grow.
        (at(&known.model.upper) - at(&known.model.lower)).abs() < NEAR
    };
    let mut derivable = Derivable::new();
    for (number, table) in world.tables.iter().enumerate() {
        for (line, &set) in tables[number].lines.iter().zip(&cells.of_line[number]) {
            for (measure, figure) in table.measures.iter().zip(&line.figures) {
                let persons = &cells.sets[set].persons;
                let amounts = cells.sets[set].contributors();
                let (contributions, terms): (BTreeMap<u64, i64>, _) = match measure {
                    Measure::Persons => (
                        persons.iter().map(|person| (person.person, 1)).collect(),
                        known.persons_in(set),
                    ),
                    Measure::Sum => (amounts.collect(), known.sum_of(set)),
                    _ => continue,
                };
                if figure.status != "excepted" && (figure.value.is_some() || follows(&terms)) {
                    let at = (number, format!("{:?}", line.at), measure.name());
                    derivable.insert(at, (contributions, table.min_persons));
                }
            }
        }
        for (at, sets) in totals(&tables[number], &cells.of_line[number]) {
            for (at_measure, measure) in table.measures.iter().enumerate() {
                let of_set = |set: &usize| match measure {
                    Measure::Persons => Some(known.persons_in(*set)),
                    Measure::Sum => Some(known.sum_of(*set)),
                    _ => None,
                };
                let terms: Option<Vec<_>> = sets.iter().map(of_set).collect();
                if !terms.is_some_and(|terms| terms.iter().all(|terms| follows(terms))) {
                    continue;
                }
                let mut contributions: BTreeMap<u64, i64> = BTreeMap::new();
                // What the plan publishes in spite of the rules discloses its own rows.
                let lines = tables[number].lines.iter().zip(&cells.of_line[number]);
                let excepted = lines
                    .filter(|(line, _)| line.figures[at_measure].status == "excepted")
                    .map(|(_, set)| *set);
                let excepted: BTreeSet<usize> = excepted.collect();
                let own = sets.iter().filter(|set| !excepted.contains(set));
                for person in own.flat_map(|set| &cells.sets[*set].persons) {
                    let amount = match measure {
                        Measure::Persons => Some(1),
                        _ => person.amount,
                    };
                    contributions.extend(amount.map(|amount| (person.person, amount)));
                }
                let at = (number, at.clone(), measure.name());
                derivable.insert(at, (contributions, table.min_persons));
            }
        }
    }
    Some(derivable)
}

/// The totals of a table's finest lines over any dimensions, published or not: the sets
/// of each.
fn totals(published: &Published, of_line: &[usize]) -> BTreeMap<String, Vec<usize>> {
    let finest = published.lines.iter().zip(of_line);
    let finest: Vec<_> = finest
        .filter(|(line, _)| line.at.iter().all(|at| at.0 == Grain::Own))
        .collect();
    let dimensions = finest.first().map_or(0, |(line, _)| line.at.len());
    let mut totals: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for margin in 0..1usize << dimensions {
        for (line, set) in &finest {
            let kept = (0..dimensions).filter(|at| margin >> at & 1 == 1);
            let kept: Vec<_> = kept.map(|at| (at, &line.at[at].1)).collect();
            totals
                .entry(format!("total {kept:?}"))
                .or_default()
                .push(**set);
        }
    }
    totals
}

fn later(world: &World) -> World {
    let mut draw = Draw::new(world.seed ^ 0xbeef);
    let mut later = world.clone();
    let changes = draw.from(1, 6);
    for _ in 0..changes {
        let row = draw.below(later.rows.len());
        match draw.below(4) {
            0 if later.rows.len() > 1 => {
                later.rows.remove(row);
            }
            1 => {
                let mut newcomer = later.rows[row].clone();
                newcomer.person = 1_000_000 + draw.next() % 1_000_000;
                newcomer.amount = newcomer.amount.map(|amount| amount + 7);
                later.rows.push(newcomer);
            }
            2 => {
                let dim = draw.below(later.dims.len());
                later.rows[row].at[dim] = Some(draw.below(later.dims[dim].names.len()));
            }
            _ => later.rows[row].amount = later.rows[row].amount.map(|amount| amount + 13),
        }
    }
    later.settle();
    later
}
