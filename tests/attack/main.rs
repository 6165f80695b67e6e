//! The attack: whoever has a release and knows all that is public, on many small worlds.
//!
//! Shares no code with suppressor and auditor, and no assumption: it has the
//! batches of a release, its manifest with the plan, and, to know what it is
//! after, the true rows. Every published figure is an equation; what is asked is
//! which whole numbers an unsafe count can still be, and between which bounds an
//! unsafe sum lies.
//!
//! `KOBLING_ATTACKS` is the number of worlds, the first of which has the seed
//! `KOBLING_ATTACKS_FROM` or 0; `KOBLING_ATTACK` is the seed of a single one, which
//! is then shown. `KOBLING_ATTACK_WORK` is what may be spent on a world, in entries of tableaus,
//! before what is left of it counts as undecided.

mod brute;
mod cases;
mod cells;
mod counts;
mod cuts;
mod draw;
mod knows;
mod minimality;
mod model;
mod money;
mod mutations;
mod names;
mod pairs;
mod pipeline;
mod plan;
mod published;
mod sequences;
mod simplex;
mod tally;
mod whole;
mod world;

use cells::Cells;
use knows::{Knowledge, Known, Listing};
use published::Published;
use tally::Tally;
use world::World;

/// The attack on one release of a world.
fn attack(world: &World, tables: &[Published], knowledge: Knowledge, tally: &mut Tally) {
    for published in tables {
        for line in &published.lines {
            tally.figures += line.figures.len();
            tally.suppressed += line
                .figures
                .iter()
                .filter(|figure| figure.value.is_none())
                .count();
        }
    }
    // What is there is used.
    let says = |figure: &published::Figure| figure.status == "primary";
    let mut lines = tables.iter().flat_map(|table| &table.lines);
    let knowledge = Knowledge {
        reasons: knowledge.reasons || lines.any(|line| line.figures.iter().any(says)),
        ..knowledge
    };
    let cells = match Cells::new(world, tables) {
        Ok(cells) => cells,
        Err(text) => return tally.lost(world.seed, "listing", text),
    };
    let known = match Known::new(world, tables, &cells, knowledge) {
        Ok(known) => known,
        Err(text) => return tally.lost(world.seed, "contradiction", text),
    };
    if !tables.iter().all(is_complete) {
        tally.lost(world.seed, "listing", "a combination has no row".to_owned());
    }
    for (table, names) in world.tables.iter().zip(&cells.of_name) {
        for (set, floor) in names {
            let persons = cells.sets[*set].count();
            if *floor == names::Floor::Frequent && persons < table.min_persons {
                tally.lost(
                    world.seed,
                    "name",
                    format!("a name of {persons} persons is listed"),
                );
            }
        }
    }
    let all = counts::unsafe_counts(&known, tally);
    if !all.is_empty() {
        let recipient = counts::recipient(&known, &all, tally);
        counts::insiders(&known, &all, &recipient, tally);
    }
    money::attack(&known, tally);
}

/// Whether a table has a line for every combination of its names, as it must.
fn is_complete(published: &Published) -> bool {
    let inner = |line: &&published::Line| line.at.iter().all(|at| at.0 == published::Grain::Own);
    let lines: Vec<&published::Line> = published.lines.iter().filter(inner).collect();
    let Some(first) = lines.first() else {
        return true;
    };
    let names = (0..first.at.len()).map(|dim| {
        let names = lines.iter().map(|line| line.at[dim].1.as_str());
        names.collect::<std::collections::BTreeSet<_>>().len()
    });
    names.product::<usize>() == lines.len()
}

fn one(seed: u64, tally: &mut Tally) {
    let start = std::time::Instant::now();
    let world = World::drawn(seed);
    let plan = pipeline::plan(&world);
    tally.worlds += 1;
    match pipeline::release(&plan, &world) {
        Err(error) => tally.refuse(seed, error.rule()),
        Ok(release) => {
            tally.released += 1;
            let tables = Published::all(&release, &world);
            let piped = start.elapsed();
            let start = std::time::Instant::now();
            attack(&world, &tables, Knowledge::of(Listing::Complete), tally);
            tally.spent[0] += piped.as_secs_f64();
            tally.spent[1] += start.elapsed().as_secs_f64();
        }
    }
}

/// Worlds of these seeds, by as many threads as there are cores.
fn each(seeds: std::ops::Range<u64>, work: impl Fn(u64, &mut Tally) + Sync) -> Tally {
    let next = std::sync::atomic::AtomicU64::new(seeds.start);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut tally = Tally::default();
                    loop {
                        let seed = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        if seed >= seeds.end {
                            return tally;
                        }
                        simplex::next_world();
                        work(seed, &mut tally);
                    }
                })
            })
            .collect();
        let mut all = Tally::default();
        for worker in workers {
            all.add(worker.join().expect("no attack panics"));
        }
        all
    })
}

/// How many random worlds are attacked: as many as `KOBLING_ATTACKS` says. Without it
/// none are, for a world takes up to seconds where nothing is optimised.
fn attacks() -> Option<u64> {
    let asked = asked();
    if asked.is_none() {
        println!("skipped: KOBLING_ATTACKS says no number of random worlds to attack");
    }
    asked
}

fn asked() -> Option<u64> {
    let asked = std::env::var("KOBLING_ATTACKS").ok()?;
    Some(asked.parse().expect("a number of worlds"))
}

/// The seed of the first world.
fn first() -> u64 {
    let first = std::env::var("KOBLING_ATTACKS_FROM").ok();
    first.map_or(0, |first| first.parse().expect("a seed"))
}

/// The seed of a single world, if one is asked for.
fn single() -> Option<u64> {
    let seed = std::env::var("KOBLING_ATTACK").ok()?;
    Some(seed.parse().expect("a seed"))
}

#[test]
fn two_releases_disclose_no_more() {
    let knowledge = Knowledge::of(Listing::Complete);
    let (views, months) = match single() {
        Some(seed) => (seed..seed + 1, seed..seed + 1),
        None => {
            let (Some(attacks), first) = (attacks(), first()) else {
                return;
            };
            (first..first + attacks / 8, first..first + attacks / 16)
        }
    };
    let mut tally = each(views, |seed, tally| pairs::views(seed, knowledge, tally));
    tally.print("two tables, one after the other");
    let months = each(months, |seed, tally| {
        pairs::months(seed, knowledge, tally);
    });
    months.print("two months");
    tally.add(months);
    assert!(
        tally.pairs > 0 || single().is_some(),
        "no pair was released"
    );
    assert!(
        tally.losses.is_empty(),
        "{} worlds lost",
        tally.lost_worlds()
    );
}

/// Worlds that were lost before, for a reason each that is mended now.
const LOST_ONCE: [(u64, &str); 22] = [
    (
        60_030_520,
        "a sum of nothing says that all are below another category",
    ),
    (
        10_016_379,
        "a group that a table of sums and means protects follows from numbers of another",
    ),
    (
        9_010_647,
        "what a mean is over bounds the persons of a cell in it",
    ),
    (
        8_038_443,
        "who is alone in a part of a cell knows how many are in the rest at least",
    ),
    (8_009_834, "a sum stays where the mean beside it goes"),
    (
        5_004_902,
        "a sum of a table without numbers says that its persons are enough",
    ),
    (
        5_007_547,
        "a sum of a table without numbers says that its persons are enough",
    ),
    (
        4_000_149,
        "a sum that is published says that its persons are enough",
    ),
    (300_959, "rows are at least as many as persons"),
    (302_773, "rows are at least as many as persons"),
    (303_374, "rows are at least as many as persons"),
    (400_089, "rows are at least as many as persons"),
    (
        500_354,
        "parts of a total that share persons are bounded by it",
    ),
    (302_767, "the means of another table are over rows"),
    (2_003_891, "a singleton uses bounds too"),
    (
        1_000_301,
        "where a name is listed there are as many rows as persons",
    ),
    (
        302_943,
        "where contributions are of one sign a sum has no other",
    ),
    (
        3_007_498,
        "a name that another table lists says that persons are there",
    ),
    (
        3_012_600,
        "a name that another table lists says that persons are there",
    ),
    (
        3_011_350,
        "an attack in another order of numbers finds what rounding hid: no loss",
    ),
    (
        3_015_261,
        "of what the plan declares there is a category anyway: no loss",
    ),
    (
        303_360,
        "both numbers of a cell are published in spite of the rules: no loss",
    ),
];

/// Worlds whose tables were lost where one was released after the other.
const LOST_ONE_AFTER_THE_OTHER: [(u64, &str); 20] = [
    (
        40_022_512,
        "rows are at least as many as the persons of an earlier release",
    ),
    (
        40_061_059,
        "rows bound persons whom an earlier release suppressed",
    ),
    (
        40_074_043,
        "a group that an earlier table of sums and means protects follows from numbers",
    ),
    (
        8_069_512,
        "who is alone since a month learns from a total that stays how many others are in it",
    ),
    (
        8_080_030,
        "who is alone since a month learns from a total that stays how many others are in it",
    ),
    (
        8_099_013,
        "who is alone since a month learns from a total that stays how many others are in it",
    ),
    (
        9_007_090,
        "no value can be rare below a category of which the plan declares all: no loss",
    ),
    (
        9_010_110,
        "who is alone knew it from the first table: no loss",
    ),
    (
        8_046_048,
        "who is alone knew the same bounds before: no loss",
    ),
    (
        8_012_004,
        "two dimensions that cut few rows in the same way are not the same",
    ),
    (
        8_011_529,
        "two dimensions that cut few rows in the same way are not the same",
    ),
    (
        6_000_165,
        "a total and its only part that is not empty are not the same cell",
    ),
    (
        6_001_378,
        "what is published in spite of the rules was so a month ago: no loss",
    ),
    (
        6_002_671,
        "who is alone in no table does not know to be alone in two: no loss",
    ),
    (
        6_000_287,
        "a name that a later table lists says something of an earlier number",
    ),
    (
        6_000_345,
        "who is alone knew it from the first table: no loss",
    ),
    (
        930_037,
        "who is alone knew it from the first table: no loss",
    ),
    (
        910_806,
        "rows of an earlier release are at least as many as persons",
    ),
    (910_436, "what is below zero falls: no loss"),
    (
        910_489,
        "what is published in spite of the rules is no total's: no loss",
    ),
];

#[test]
fn what_was_lost_once_is_not_disclosed() {
    let mut tally = Tally::default();
    let mut pairs = Tally::default();
    for (seed, why) in LOST_ONE_AFTER_THE_OTHER {
        simplex::next_world();
        let knowledge = Knowledge::of(Listing::Complete);
        pairs::views(seed, knowledge, &mut pairs);
        pairs::months(seed, knowledge, &mut pairs);
        println!("{seed}, since {why}");
    }
    pairs.print("pairs that were lost once");
    assert!(pairs.losses.is_empty() && pairs.pairs > 0);
    for (seed, why) in LOST_ONCE {
        simplex::next_world();
        let before = tally.lost_worlds();
        one(seed, &mut tally);
        let lost = tally.lost_worlds() > before;
        println!(
            "{seed}, since {why}: {}",
            if lost { "lost again" } else { "kept" }
        );
    }
    tally.print("worlds that were lost once");
    assert!(tally.counts > 0 && tally.sums > 0);
    assert!(
        tally.losses.is_empty(),
        "{} worlds lost",
        tally.lost_worlds()
    );
}

#[test]
fn nothing_is_disclosed() {
    if let Some(seed) = single() {
        let world = World::drawn(seed);
        println!("{}", plan::text(&world));
        println!("{} rows", world.rows.len());
        let plan = pipeline::plan(&world);
        match pipeline::release(&plan, &world) {
            Err(error) => println!("refused: {error}"),
            Ok(release) => {
                for published in Published::all(&release, &world) {
                    for line in published.lines {
                        println!("{:?} {:?}", line.at, line.figures);
                    }
                }
            }
        }
        let mut tally = Tally::default();
        one(world.seed, &mut tally);
        tally.print("one world");
        return;
    }
    let Some(attacks) = attacks() else { return };
    let start = std::time::Instant::now();
    let first = first();
    let tally = each(first..first + attacks, one);
    tally.print("the attack");
    println!(
        "  in {:.1} s: {:.1} s of pipeline, {:.1} s of attack",
        start.elapsed().as_secs_f64(),
        tally.spent[0],
        tally.spent[1]
    );
    assert!(
        tally.losses.is_empty(),
        "{} worlds lost",
        tally.lost_worlds()
    );
}
