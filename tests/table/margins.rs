//! Margins, levels and several tables of the same rows: what is published is
//! right, and what is suppressed cannot be had back.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::support::towns::{
    At, Draw, KINDS, PROTECT, Register, Sum, TOWNS, cells, consecutive, csv, persons, persons_of,
    plan_naming, plan_of, plan_with, possible, register,
};
use crate::support::{extract, key, parse, refusal};
use kobling::plan::document::CountInterval;
use kobling::{Error, ErrorKind, Plan, Release, Result};

use crate::support;

fn released(plan: &Plan, csv: &str) -> Result<Release> {
    let extract = extract(plan, &key(plan), "pay", csv)?;
    support::release(plan, vec![extract])
}

const TABLE: &str = "[table.t]
    from = 'pay'
    by = ['pay.town', 'pay.kind']
    levels = { town = [{ name = 'county', prefix = 1 }] }
    margins = true
    sensitive = []
    measures = [{ persons = true }, { rows = true }]";

#[test]
fn published_cells_are_what_the_rows_say() {
    for rows in ["one", "many"] {
        let plan = parse(&plan_of(rows, &format!("{TABLE}\n{PROTECT}")));
        let mut suppressed = 0;
        for seed in 1..25 {
            let mut draw = Draw(seed);
            let persons_of = 40 + draw.below(40);
            let register = register(&mut draw, persons_of, if rows == "one" { 1 } else { 3 });
            let release = released(&plan, &csv(&register)).unwrap();
            let table = release.table("t").unwrap();
            let found = cells(table, &["town", "kind"], "persons");
            let wanted = persons(&register);
            assert!(found.keys().eq(wanted.keys()), "{found:?} {wanted:?}");
            for (at, (value, status)) in &found {
                let count = wanted[at].len();
                let is_unsafe = (1..3).contains(&count);
                assert!(status == "suppressed" || !is_unsafe, "{at:?} {count}");
                match status.as_str() {
                    "safe" => assert_eq!(*value, Some(count as i128), "{at:?}"),
                    _ => assert_eq!(*value, None),
                }
                suppressed += usize::from(status == "suppressed" && !is_unsafe);
            }
            let audits = &release.manifest().audits;
            // Where a person has one row, a number of rows is one of persons.
            let quantities = match rows {
                "one" => vec![vec!["t.persons", "t.rows"]],
                _ => vec![vec!["t.persons"], vec!["t.rows"]],
            };
            let audited = audits.iter().map(|audit| &audit.measures);
            assert!(audited.eq(&quantities), "{audits:?}");
            assert_eq!(audits[0].cells, found.len());
        }
        assert!(suppressed > 20, "{suppressed}");
    }
}

/// Whether a cell of the release is the sum of this inner one and others.
fn is_in(whole: &At, cell: &At) -> bool {
    let mut places = whole.iter().zip(cell);
    places.all(|(whole, part)| whole.0 == "total" || whole == part)
}

/// An attacker who tries all tables of whole numbers.
#[test]
fn no_unsafe_count_is_known_to_who_tries_all_tables() {
    let table = "[table.t]
        from = 'pay'
        by = ['pay.town', 'pay.kind']
        margins = true
        sensitive = []
        measures = [{ persons = true }]";
    let plan = parse(&plan_of("one", &format!("{table}\n{PROTECT}")));
    let mut attacked = 0;
    for seed in 1..=150 {
        let mut draw = Draw(seed * 7919);
        let persons_of = 16 + draw.below(14);
        let register = register(&mut draw, persons_of, 1);
        let release = match released(&plan, &csv(&register)) {
            Ok(release) => release,
            // A refusal discloses nothing.
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Protection, "{error}");
                continue;
            }
        };
        let found = cells(release.table("t").unwrap(), &["town", "kind"], "persons");
        let truth = persons(&register);
        let inner = found.keys();
        let inner = inner.filter(|at| at.iter().all(|(level, _)| level != "total"));
        let inner: Vec<&At> = inner.collect();
        let of_inner = |at: &At| -> Vec<usize> {
            let cells = 0..inner.len();
            cells.filter(|cell| is_in(at, inner[*cell])).collect()
        };
        let sums = found.iter();
        let sums = sums.filter_map(|(at, (value, _))| Some((of_inner(at), (*value)?)));
        let sums: Vec<Sum> = sums.collect();
        let counts = inner.iter().map(|at| truth[*at].len() as i128);
        let counts: Vec<i128> = counts.collect();
        for (at, (_, status)) in &found {
            let count = truth[at].len() as i128;
            if (1..3).contains(&count) {
                assert_eq!(status, "suppressed");
                let possible = possible(&sums, &counts, &of_inner(at));
                assert!(
                    consecutive(&possible, count) >= 3,
                    "{at:?} {possible:?} in {found:?}"
                );
                attacked += 1;
            }
        }
    }
    assert!(attacked > 100, "{attacked}");
}

/// What one table suppresses is not what another one publishes.
#[test]
fn tables_of_the_same_rows_are_protected_together() {
    let two = |protect: &str| {
        format!(
            "[table.a]
            from = 'pay'
            by = ['pay.town', 'pay.kind']
            sensitive = []
            measures = [{{ persons = true }}]
            {protect}
            [table.b]
            from = 'pay'
            by = ['pay.town']
            sensitive = []
            measures = [{{ persons = true }}]
            {protect}"
        )
    };
    let plan = parse(&plan_of("one", &two(PROTECT)));
    let mut together = 0;
    for seed in 1..20 {
        let mut draw = Draw(seed * 104_729);
        let register = register(&mut draw, 40, 1);
        let release = released(&plan, &csv(&register)).unwrap();
        let fine = cells(release.table("a").unwrap(), &["town", "kind"], "persons");
        let coarse = cells(release.table("b").unwrap(), &["town"], "persons");
        for (town, (value, _)) in &coarse {
            let parts = fine.iter().filter(|(at, _)| at[0] == town[0]);
            let absent = parts.filter(|(_, (value, _))| value.is_none()).count();
            assert!(value.is_none() || absent != 1, "{town:?}");
            together += usize::from(absent > 1);
        }
        assert_eq!(release.manifest().audits.len(), 1);
        assert_eq!(
            release.manifest().audits[0].measures,
            ["a.persons", "b.persons"]
        );
    }
    assert!(together > 0);
}

#[test]
fn a_group_in_one_category_is_not_disclosed() {
    let table = "[table.t]
        from = 'pay'
        by = ['pay.town', 'pay.kind']
        margins = [['pay.town']]
        sensitive = ['kind']
        measures = [{ persons = true }]
        protect = { min_persons = 3, method = 'suppress' }";
    let plan = parse(&plan_naming("one", &["11", "12"], &KINDS[..2], table));
    // All ten of the first town are of one kind.
    let mut csv = String::from("nr,town,kind\n");
    for nr in 0..10 {
        let _ = writeln!(csv, "{nr},11,k0");
    }
    for nr in 10..40 {
        let _ = writeln!(csv, "{nr},12,k{}", nr % 2);
    }
    let release = released(&plan, &csv).unwrap();
    let found = cells(release.table("t").unwrap(), &["town", "kind"], "persons");
    let status = |town: &str, kind: &str| {
        let at = vec![
            ("town".to_owned(), Some(town.to_owned())),
            ("kind".to_owned(), Some(kind.to_owned())),
        ];
        found[&at].clone()
    };
    // The kind that nobody is of is listed, and suppressed as the other is.
    assert_eq!(status("11", "k0"), (None, "suppressed".to_owned()));
    assert_eq!(status("11", "k1"), (None, "suppressed".to_owned()));
    assert_eq!(status("12", "k0"), (Some(15), "safe".to_owned()));
}

#[test]
fn an_exception_is_named_and_published() {
    let table = "[table.t]
        from = 'pay'
        by = ['pay.town']
        sensitive = []
        measures = [{ persons = true }]
        protect = { min_persons = 5, method = 'suppress', publish = [
            { cell = { town = '11' }, reason = 'It is known', approver = 'A data owner' },
        ] }";
    let plan = parse(&plan_naming("one", &["11", "12", "13"], &[], table));
    let csv = "nr,town\n1,11\n2,11\n3,12\n4,12\n5,13\n6,13\n7,13\n8,13\n9,13\n";
    let text = plan.summary();
    assert!(text.contains("except that the cell town = 11"), "{text}");
    let release = released(&plan, csv).unwrap();
    let found = cells(release.table("t").unwrap(), &["town"], "persons");
    let found: Vec<_> = found.into_values().collect();
    assert_eq!(
        found,
        [
            (Some(2), "excepted".to_owned()),
            (None, "suppressed".to_owned()),
            (Some(5), "safe".to_owned())
        ]
    );
}

fn finding(tables: &str) -> String {
    Plan::parse(&plan_of("one", tables))
        .unwrap_err()
        .to_string()
}

#[test]
fn what_cannot_be_published_is_found() {
    let with = |line: &str| TABLE.replace("margins = true", line) + "\n" + PROTECT;
    let levels =
        |levels: &str| TABLE.replace("[{ name = 'county', prefix = 1 }]", levels) + "\n" + PROTECT;
    for (tables, words) in [
        (
            with("margins = [['pay.town'], ['pay.town']]"),
            "is listed twice",
        ),
        (with("margins = [['pay.twon']]"), "did you mean `pay.town`?"),
        (with("margins = [['pay.town', 'pay.kind']]"), "is no margin"),
        (with("margins = 'all'"), "true, false, or a list of lists"),
        (
            levels("[{ name = 'county', prefix = 2 }, { name = 'part', prefix = 2 }]"),
            "does not nest",
        ),
        (
            levels("[{ name = 'county' }]"),
            "exactly one of `prefix` and `map`",
        ),
        (
            levels("[{ name = 'total', prefix = 1 }]"),
            "names two levels",
        ),
        (
            levels("[{ name = 'county', prefix = 0 }]"),
            "at least 1 character",
        ),
        (
            TABLE.replace("{ town =", "{ twon =") + "\n" + PROTECT,
            "no dimension `twon`",
        ),
        (
            TABLE.replace("sensitive = []", "sensitive = ['k']") + "\n" + PROTECT,
            "no dimension `k`",
        ),
        (
            TABLE.to_owned()
                + "\nprotect = { min_persons = 3, method = 'suppress', publish = [{ cell = { town = '1' }, reason = '', approver = 'x' }] }",
            "is empty",
        ),
        (
            TABLE.to_owned()
                + "\nprotect = { min_persons = 3, method = 'suppress', prior_posterior = { p = 20, q = 10 } }",
            "more than `p`",
        ),
    ] {
        let found = finding(&tables);
        assert!(found.contains(words), "{words}: {found}");
    }
}

#[test]
fn a_category_without_a_place_at_a_level_is_refused() {
    let table = TABLE.replace("prefix = 1", "map = { '10' = 'x', '11' = 'x', '22' = 'y' }");
    let columns = "town = { from = 'town', type = 'category' }
        kind = { from = 'kind', type = 'category' }";
    let plan = parse(&plan_with("one", columns, &format!("{table}\n{PROTECT}")));
    let towns = (0..6).map(|nr| format!("{nr},{},a\n", ["10", "23"][nr % 2]));
    let csv = "nr,town,kind\n".to_owned() + &towns.collect::<String>();
    let error: Error = refusal(released(&plan, &csv));
    assert_eq!(error.kind(), ErrorKind::Linkage);
    assert!(
        error.to_string().contains("no place at the level `county`"),
        "{error}"
    );
    assert!(!error.to_string().contains("23"), "{error}");
}

/// So many persons of a town and a kind.
type Crowd = (&'static str, &'static str, u32);

/// What becomes of a table of these, which declares their towns and kinds and no others.
fn of_crowds(crowds: &[Crowd]) -> (Result<Release>, BTreeMap<At, BTreeSet<u64>>) {
    let names = |of: fn(&Crowd) -> &'static str| -> Vec<&str> {
        let names: BTreeSet<&str> = crowds.iter().map(of).collect();
        names.into_iter().collect()
    };
    let (mut towns, mut kinds) = (names(|crowd| crowd.0), names(|crowd| crowd.1));
    if crowds.is_empty() {
        (towns, kinds) = (TOWNS.to_vec(), vec!["a", "b"]);
    }
    let plan = plan_naming("one", &towns, &kinds, &format!("{TABLE}\n{PROTECT}"));
    let rows = crowds.iter().flat_map(|(town, kind, persons)| {
        (0..*persons).map(move |_| (town.to_string(), kind.to_string()))
    });
    let rows = (0..).zip(rows).map(|(nr, (town, kind))| (nr, town, kind));
    let register: Register = rows.collect();
    let wanted = persons_of(&register, &towns, &kinds);
    (released(&parse(&plan), &csv(&register)), wanted)
}

/// The table's cells, and how many of them the audit says are suppressed.
fn released_of(crowds: &[Crowd]) -> (BTreeMap<At, (Option<i128>, String)>, usize) {
    let (release, wanted) = of_crowds(crowds);
    let release = release.unwrap();
    let found = cells(release.table("t").unwrap(), &["town", "kind"], "persons");
    assert!(found.keys().eq(wanted.keys()), "{found:?}");
    let audit = &release.manifest().audits[0];
    assert_eq!(audit.measures, ["t.persons", "t.rows"]);
    assert_eq!(audit.cells, found.len());
    assert_eq!(audit.count_interval, Some(CountInterval::Values(3)));
    (found, audit.suppressed)
}

#[test]
fn where_every_cell_is_unsafe_nothing_is_published() {
    let one = [("10", "a", 2)];
    let two = [("10", "a", 1), ("22", "b", 1)];
    for crowds in [&one[..], &two[..]] {
        let error = refusal(of_crowds(crowds).0);
        assert_eq!(error.kind(), ErrorKind::Protection);
        assert!(error.to_string().contains("a list of persons"), "{error}");
    }
}

/// A sum of two unsafe counts that may each be anything up to it discloses neither.
#[test]
fn where_every_inner_cell_is_unsafe_their_sums_are_published() {
    let unsafe_ones = ["10", "11"].map(|town| ["a", "b"].map(|kind| (town, kind, 2)));
    let safe_ones = [("22", "a", 4), ("22", "b", 5)];
    let (found, suppressed) = released_of(&[&unsafe_ones.concat()[..], &safe_ones].concat());
    assert_eq!(suppressed, 4);
    for (at, (value, status)) in found {
        let is_safe = at[0].1.as_deref() == Some("22");
        let is_inner = at[0].0 == "town" && at[1].0 == "kind" && !is_safe;
        match is_inner {
            true => assert_eq!((value, status.as_str()), (None, "suppressed")),
            false => assert!(
                value.is_some_and(|sum| sum >= 4) && status == "safe",
                "{at:?}"
            ),
        }
    }
}

#[test]
fn where_no_cell_is_unsafe_nothing_is_suppressed() {
    let none: [Crowd; 0] = [];
    let one = [("10", "a", 10)];
    let few = [
        ("10", "a", 3),
        ("11", "a", 4),
        ("11", "b", 5),
        ("22", "b", 6),
    ];
    for crowds in [&none[..], &one[..], &few[..]] {
        let (found, suppressed) = released_of(crowds);
        assert_eq!(suppressed, 0);
        let is_safe =
            |(value, status): &(Option<i128>, String)| value.is_some() && status == "safe";
        assert!(found.values().all(is_safe), "{found:?}");
    }
}

/// Of a dimension with one category that category and the total are one number,
/// which is published twice or not at all.
#[test]
fn a_dimension_with_one_category_gives_nothing_away() {
    let towns = [
        ("10", "a", 2),
        ("11", "a", 5),
        ("22", "a", 6),
        ("23", "a", 7),
    ];
    let kinds = [("10", "a", 2), ("10", "b", 5), ("10", "c", 6)];
    for (crowds, lone) in [(&towns[..], 1), (&kinds[..], 0)] {
        let (found, suppressed) = released_of(crowds);
        let mut sums: BTreeMap<Option<String>, BTreeSet<Option<i128>>> = BTreeMap::new();
        for (at, (value, _)) in &found {
            let other = &at[1 - lone];
            let sum = sums.entry(other.1.clone());
            // A county is the sum of its towns, and has a name of its own.
            sum.or_default().insert(*value);
        }
        assert!(sums.values().all(|values| values.len() == 1), "{found:?}");
        let blank = sums.values().filter(|values| values.contains(&None));
        assert!(blank.count() >= 2, "the unsafe one and another: {found:?}");
        assert!(suppressed >= 4 && suppressed < found.len());
    }
}
