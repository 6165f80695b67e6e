//! A register with several rows of a person, released again a month later.

use std::fmt::Write as _;

use crate::support::desk::Desk;
use crate::support::parse;
use crate::support::towns::{Draw, plan_with};

const TOWNS: u64 = 18;

/// A row's town and kind: most persons live in the first towns.
fn place(draw: &mut Draw) -> (u64, u64) {
    (draw.below(TOWNS) * draw.below(TOWNS) / TOWNS, draw.below(3))
}

/// Where a person may be in several cells, what a proof may change is known to more contributors
/// than where everybody is in one: a proof that the auditor does not follow is no pattern.
#[test]
fn the_auditor_follows_the_proofs_of_a_second_month() {
    let towns: Vec<String> = (0..TOWNS)
        .map(|town| format!("'{}{town:02}'", town % 3))
        .collect();
    let columns = format!(
        "town = {{ from = 'town', type = 'category', categories = [{}] }}
        kind = {{ from = 'kind', type = 'category', categories = ['k0', 'k1', 'k2'] }}",
        towns.join(", ")
    );
    let table = "[table.t]
        from = 'pay'
        by = ['pay.town', 'pay.kind']
        sensitive = []
        measures = [{ persons = true }]
        margins = true
        levels = { town = [{ name = 'county', prefix = 1 }] }
        protect = { min_persons = 5, method = 'suppress' }";
    let plan = parse(&plan_with("many", &columns, table));
    let mut released = 0;
    for seed in 0..6 {
        let mut draw = Draw(seed + 1);
        let rows = (0..600u64).flat_map(|nr| vec![nr; 1 + (nr % 5 / 2) as usize]);
        let mut rows: Vec<(u64, (u64, u64))> = rows.map(|nr| (nr, place(&mut draw))).collect();
        let csv = |rows: &[(u64, (u64, u64))]| {
            let mut csv = "nr,town,kind\n".to_owned();
            for (nr, (town, kind)) in rows {
                writeln!(csv, "{nr},{}{town:02},k{kind}", town % 3).unwrap();
            }
            csv
        };
        let desk = Desk::new();
        desk.release(&plan, &csv(&rows)).unwrap();
        for (_, at) in &mut rows {
            if draw.below(50) > 0 {
                continue;
            }
            *at = place(&mut draw);
        }
        match desk.release(&plan, &csv(&rows)) {
            Ok(_) => released += 1,
            Err(error) => assert!(
                !error.to_string().contains("auditor"),
                "seed {seed}: {error}"
            ),
        }
    }
    assert!(released > 2, "{released} of 6");
}
