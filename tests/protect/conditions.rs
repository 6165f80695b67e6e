//! Several counts with conditions on one thing: who satisfies none of them, or the same of them,
//! stays uncertain.

use std::fmt::Write as _;

use crate::support::desk::Desk;
use crate::support::parse;
use crate::support::towns::{Draw, Sum, consecutive, plan_with, possible};

const MIN_PERSONS: i128 = 5;

/// What persons have, so that every condition holds for all of a class or for none.
const CLASSES: [&str; 5] = ["", "3", "7", "20", "60"];

/// A condition as plans write it, and for which classes it holds.
type Condition = (&'static str, [bool; CLASSES.len()]);

const AT_MOST_6: Condition = (
    "{ column = 'pay.x', at_most = 6 }",
    [false, true, false, false, false],
);
const AT_MOST_40: Condition = (
    "{ column = 'pay.x', at_most = 40 }",
    [false, true, true, true, false],
);
const FROM_8_TO_40: Condition = (
    "{ column = 'pay.x', at_least = 8 }, { column = 'pay.x', at_most = 40 }",
    [false, false, false, true, false],
);
const ABOVE_7: Condition = (
    "{ column = 'pay.x', above = 7 }",
    [false, false, false, true, true],
);
const ABOVE_40: Condition = (
    "{ column = 'pay.x', above = 40 }",
    [false, false, false, false, true],
);
const PRESENT: Condition = (
    "{ column = 'pay.x', present = true }",
    [false, true, true, true, true],
);
const ALL: Condition = ("", [true; CLASSES.len()]);

/// Counts that part those whom they are about, but for few.
const COUNTS: [&[Condition]; 5] = [
    &[ALL, AT_MOST_6, FROM_8_TO_40, ABOVE_40],
    &[ALL, AT_MOST_6, AT_MOST_40, FROM_8_TO_40],
    &[PRESENT, AT_MOST_6, ABOVE_7],
    &[ALL, PRESENT, AT_MOST_6, ABOVE_7],
    &[ALL, PRESENT, AT_MOST_40, FROM_8_TO_40, ABOVE_7],
];

/// By town, how many persons are in each class.
fn drawn(seed: u64, towns: usize) -> Vec<[i128; CLASSES.len()]> {
    let mut draw = Draw(seed + 1);
    let mut town = || {
        [(); CLASSES.len()].map(|()| match draw.below(4) {
            0 => draw.below(3) as i128,
            _ => MIN_PERSONS + draw.below(8) as i128,
        })
    };
    (0..towns).map(|_| town()).collect()
}

fn csv(persons: &[[i128; CLASSES.len()]]) -> String {
    let mut csv = "nr,town,x\n".to_owned();
    let mut nr = 0;
    for (town, classes) in persons.iter().enumerate() {
        for (class, persons) in CLASSES.iter().zip(classes) {
            for _ in 0..*persons {
                nr += 1;
                let _ = writeln!(csv, "{nr},t{town},{class}");
            }
        }
    }
    csv
}

/// The plan of one table by town with these counts, or of one for each of them.
fn plan(counts: &[Condition], margins: bool, apart: bool) -> String {
    let measures: Vec<String> = counts
        .iter()
        .enumerate()
        .map(|(at, (conditions, _))| match *conditions {
            "" => format!("{{ persons = true, as = 'm{at}' }}"),
            all => format!("{{ persons = {{ where = [{all}] }}, as = 'm{at}' }}"),
        })
        .collect();
    let table = |name: String, measures: String| {
        format!(
            "[table.{name}]
            from = 'pay'
            by = ['pay.town']
            margins = {margins}
            sensitive = []
            measures = [{measures}]
            protect = {{ min_persons = {MIN_PERSONS}, method = 'suppress' }}
            "
        )
    };
    match apart {
        false => table("t".to_owned(), measures.join(", ")),
        true => measures
            .into_iter()
            .enumerate()
            .map(|(at, measure)| table(format!("t{at}"), measure))
            .collect(),
    }
}

/// The cells of the given towns and of the classes for which it holds.
fn cells(towns: &[usize], holds: impl Fn(usize) -> bool) -> Vec<usize> {
    let towns = towns.iter();
    let cells = towns.flat_map(|town| {
        let classes = (0..CLASSES.len()).filter(|class| holds(*class));
        classes.map(move |class| town * CLASSES.len() + class)
    });
    cells.collect()
}

#[test]
fn whom_several_conditions_distinguish_stays_uncertain() {
    let (mut published, mut suppressed, mut attacked) = (0, 0, 0);
    let columns = "town = { from = 'town', type = 'category', categories = ['t0', 't1'] }
        x = { from = 'x', type = 'integer' }";
    for seed in 0..40 {
        let counts = COUNTS[seed as usize % COUNTS.len()];
        let (margins, apart) = (seed % 3 == 0, seed % 4 == 3);
        let persons = drawn(seed, 2);
        let plan = parse(&plan_with("one", columns, &plan(counts, margins, apart)));
        let desk = Desk::new();
        let tables = desk.tables(&plan, &csv(&persons), desk.protection());
        let release = tables.unwrap().protect().unwrap().release().unwrap();
        let mut sums: Vec<Sum> = Vec::new();
        let mut asked = Vec::new();
        for (at, (_, holds)) in counts.iter().enumerate() {
            let table = if apart {
                format!("t{at}")
            } else {
                "t".to_owned()
            };
            let schema = release.table(&table).unwrap().schema();
            let measure = schema.index_of(&format!("m{at}")).unwrap();
            let level = schema.index_of("town_level").ok();
            for row in release.rows(&table).unwrap() {
                let is_total = level.is_some_and(|level| row[level].as_deref() == Some("total"));
                let towns = match (is_total, row[0].as_deref()) {
                    (true, _) => vec![0, 1],
                    (_, Some("t0")) => vec![0],
                    (_, Some("t1")) => vec![1],
                    // Nobody lives anywhere else.
                    _ => vec![],
                };
                match &row[measure] {
                    Some(count) => {
                        published += 1;
                        sums.push((cells(&towns, |class| holds[class]), count.parse().unwrap()));
                    }
                    None => suppressed += 1,
                }
                asked.push(towns);
            }
        }
        asked.sort();
        asked.dedup();
        let truth: Vec<i128> = persons.iter().flatten().copied().collect();
        for towns in asked {
            for class in 0..CLASSES.len() {
                let same =
                    |other: usize| counts.iter().all(|(_, holds)| holds[class] == holds[other]);
                // Whom no count is about nobody knows anything of.
                if !counts.iter().any(|(_, holds)| holds[class]) {
                    continue;
                }
                let of = cells(&towns, same);
                let value: i128 = of.iter().map(|cell| truth[*cell]).sum();
                if (1..MIN_PERSONS).contains(&value) {
                    attacked += 1;
                    let values = possible(&sums, &truth, &of);
                    assert!(
                        consecutive(&values, value) >= 3,
                        "seed {seed}: {value} of class {class} in {towns:?}, {sums:?}"
                    );
                }
            }
        }
    }
    assert!(
        published > 300 && suppressed > 50 && attacked > 40,
        "{published} {suppressed} {attacked}"
    );
}
