//! Releases one after another: what one suppresses, no later one discloses.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::support::desk::Desk;
use crate::support::towns::{
    At, Draw, KINDS, PROTECT, Register, Sum, TOWNS, category, cells, consecutive, csv, persons,
    plan_naming, plan_with, possible, register,
};
use crate::support::{parse, refusal};
use kobling::{ErrorKind, Plan, Release};

fn table(by: &str, more: &str) -> String {
    format!(
        "[table.t]
        from = 'pay'
        by = {by}
        sensitive = []
        measures = [{{ persons = true }}]
        {more}
        {PROTECT}"
    )
}

/// A plan with one table, of names that are published if enough persons have them.
fn plan(rows: &str, by: &str, more: &str) -> Plan {
    let columns = ["town", "kind"]
        .into_iter()
        .filter(|name| by.contains(name));
    let columns =
        columns.map(|name| format!("{name} = {{ from = '{name}', type = 'category' }}\n"));
    parse(&plan_with(
        rows,
        &columns.collect::<String>(),
        &table(by, more),
    ))
}

/// A plan with one table, which declares these towns, and [`KINDS`].
fn declared(towns: &[&str], by: &str, more: &str) -> Plan {
    parse(&plan_naming("one", towns, &KINDS, &table(by, more)))
}

/// A plan with one table by counties, of which it does not know that these towns are in them.
fn by_county(towns: &[&str], more: &str) -> Plan {
    let names = towns
        .iter()
        .map(|town| format!("'{town}' = '{}'", &town[..1]));
    let names: Vec<String> = names.collect();
    let county = format!(
        "county = {{ from = 'town', type = 'category', map = {{ {} }} }}",
        names.join(", ")
    );
    parse(&plan_with("one", &county, &table("['pay.county']", more)))
}

fn found(release: &Release, dimensions: &[&str]) -> BTreeMap<At, (Option<i128>, String)> {
    cells(release.table("t").unwrap(), dimensions, "persons")
}

const BOTH: [&str; 2] = ["town", "kind"];

#[test]
fn a_total_is_not_published_together_with_earlier_parts() {
    let desk = Desk::new();
    let csv = "nr,town,kind\n1,a,x\n2,a,x\n3,a,y\n4,a,y\n5,a,y\n6,a,y\n";
    let parts = plan("one", "['pay.kind']", "");
    let whole = plan("one", "['pay.town']", "");

    let first = desk.release(&parts, csv).unwrap();
    let first = found(&first, &["kind"]);
    let values: Vec<_> = first.values().cloned().collect();
    assert_eq!(
        values,
        [(None, "suppressed".into()), (Some(4), "safe".into())]
    );
    assert_eq!(desk.reasons(), ["min_persons"]);

    // By itself it is safe: six persons.
    let alone = desk.tables(&whole, csv, desk.protection()).unwrap();
    let alone = alone.protect().unwrap();
    let alone = found(&alone.release().unwrap(), &["town"]);
    assert_eq!(alone.values().next().unwrap().0, Some(6));

    let second = desk.release(&whole, csv).unwrap();
    let status = found(&second, &["town"]).into_values().next().unwrap();
    assert_eq!(status, (None, "suppressed".into()));
    assert_eq!(desk.reasons(), ["complementary"]);
    assert_eq!(second.manifest().audits[0].cells, 1);
    assert_eq!(desk.audits.borrow()[0].earlier, 2);
    let ledger = second.manifest().ledger.as_ref().unwrap();
    assert_eq!(ledger.entry, 2);
    assert_eq!(desk.ledger(&whole).entries().len(), 2);
}

#[test]
fn the_same_release_again_is_the_same() {
    for rows in ["one", "many"] {
        let desk = Desk::new();
        let plan = plan(rows, "['pay.town', 'pay.kind']", "margins = true");
        let csv = csv(&register(
            &mut Draw(17),
            40,
            if rows == "one" { 1 } else { 3 },
        ));
        let first = desk.release(&plan, &csv).unwrap();
        let second = desk.release(&plan, &csv).unwrap();
        assert_eq!(first.table("t"), second.table("t"));
        assert!(desk.audits.borrow()[0].earlier > 0);
    }
}

#[test]
fn dimensions_are_known_by_their_rows_and_not_by_their_names() {
    let desk = Desk::new();
    // Two of the first town are of the second kind.
    let mut register: Register = Vec::new();
    for nr in 0..30 {
        let (town, kind) = (nr % 2, if nr < 4 { 1 } else { 0 });
        register.push((nr, format!("t{town}"), format!("k{kind}")));
    }
    let csv = csv(&register);
    let fine = plan("one", "['pay.town', 'pay.kind']", "");
    let first = desk.release(&fine, &csv).unwrap();
    let suppressed = found(&first, &BOTH)
        .into_values()
        .filter(|cell| cell.0.is_none());
    assert_eq!(suppressed.count(), 2);

    // The same towns under another name, and with other names each.
    let place = "place = { from = 'town', type = 'category' }";
    let renamed = plan_with("one", place, &table("['pay.place']", ""));
    let csv = csv.replace(",t0", ",here").replace(",t1", ",there");
    let second = desk.release(&parse(&renamed), &csv).unwrap();
    for (at, (value, status)) in found(&second, &["place"]) {
        assert_eq!((value, status.as_str()), (None, "suppressed"), "{at:?}");
    }
}

/// All releases of a desk as equations: for each, its cells of `register`.
fn sums(releases: &[(Vec<&str>, Release)], inner: &[(String, String)]) -> Vec<Sum> {
    let mut sums = Vec::new();
    for (dimensions, release) in releases {
        for (at, (value, _)) in found(release, dimensions) {
            let Some(value) = value else { continue };
            let members = (0..inner.len()).filter(|cell| is_in(&at, dimensions, &inner[*cell]));
            sums.push((members.collect(), value));
        }
    }
    sums
}

fn is_in(at: &At, dimensions: &[&str], (town, kind): &(String, String)) -> bool {
    let mut places = dimensions.iter().zip(at);
    places.all(|(dimension, (level, category))| {
        let own = if *dimension == "kind" { kind } else { town };
        match level.as_str() {
            "total" => true,
            "county" => category.as_deref() == Some(&own[..1]),
            _ => category.as_ref() == Some(own),
        }
    })
}

/// An attacker who collects all releases of a project, and tries all tables of
/// whole numbers.
#[test]
fn no_unsafe_count_is_known_to_who_collects_all_releases() {
    let margins = "margins = true";
    let levels = "levels = { town = [{ name = 'county', prefix = 1 }] }\nmargins = true";
    let of = |by: &str, more: &str| declared(&TOWNS, by, more);
    let plans = [
        (of("['pay.town', 'pay.kind']", ""), BOTH.to_vec()),
        (of("['pay.town', 'pay.kind']", margins), BOTH.to_vec()),
        (of("['pay.town']", margins), vec!["town"]),
        (of("['pay.town']", levels), vec!["town"]),
        (of("['pay.kind']", margins), vec!["kind"]),
        (of("['pay.kind']", ""), vec!["kind"]),
        (by_county(&TOWNS, ""), vec!["county"]),
        (by_county(&TOWNS, margins), vec!["county"]),
    ];
    let (mut attacked, mut further, mut alone) = (0, 0, 0);
    for seed in 1..=60 {
        let mut draw = Draw(seed * 6007);
        let register = register(&mut draw, 16 + seed % 14, 1);
        let csv = csv(&register);
        let truth = persons(&register);
        let inner = TOWNS.iter().flat_map(|town| {
            let kinds = KINDS.iter();
            kinds.map(|kind| ((*town).to_owned(), (*kind).to_owned()))
        });
        let inner: Vec<(String, String)> = inner.collect();
        let desk = Desk::new();
        let mut releases = Vec::new();
        for _ in 0..3 {
            let (plan, dimensions) = &plans[draw.below(plans.len() as u64) as usize];
            match desk.release(plan, &csv) {
                Ok(release) => releases.push((dimensions.clone(), release)),
                // A refusal discloses nothing.
                Err(error) => assert_eq!(error.kind(), ErrorKind::Protection, "{error}"),
            }
            let by_itself = desk.tables(plan, &csv, desk.protection());
            let by_itself = by_itself.and_then(|tables| tables.protect());
            if let (Ok(by_itself), Some((dimensions, last))) = (by_itself, releases.last()) {
                let published = |release: &Release| {
                    found(release, dimensions)
                        .values()
                        .filter(|cell| cell.0.is_some())
                        .count()
                };
                if releases.len() > 1 && plan.digest().to_string() == last.manifest().plan_digest {
                    let by_itself = published(&by_itself.release().unwrap());
                    further += by_itself.saturating_sub(published(last));
                    alone += 1;
                }
            }
        }
        let sums = sums(&releases, &inner);
        let own = |(town, kind): &(String, String)| {
            let some = |level: &str, name: &String| (level.to_owned(), Some(name.clone()));
            truth[&vec![some("town", town), some("kind", kind)]].len() as i128
        };
        let counts: Vec<i128> = inner.iter().map(own).collect();
        for (dimensions, release) in &releases {
            for (at, (_, status)) in found(release, dimensions) {
                if status != "suppressed" {
                    continue;
                }
                let members: Vec<usize> = (0..inner.len())
                    .filter(|cell| is_in(&at, dimensions, &inner[*cell]))
                    .collect();
                let count: i128 = members.iter().map(|cell| counts[*cell]).sum();
                if !(1..3).contains(&count) {
                    continue;
                }
                let possible = possible(&sums, &counts, &members);
                assert!(
                    consecutive(&possible, count) >= 3,
                    "{at:?} of {count} is disclosed by seed {seed}: {possible:?}"
                );
                attacked += 1;
            }
        }
    }
    assert!(
        attacked > 100 && further > 20 && alone > 50,
        "{attacked} {further} {alone}"
    );
}

/// A total and its parts, in either order, where no plan says that they are.
#[test]
fn coarser_categories_are_known_by_their_rows() {
    let mut csv = String::from("nr,town\n");
    let towns = [("10", 5), ("11", 1), ("20", 4), ("21", 4)];
    let towns = towns
        .iter()
        .flat_map(|(town, persons)| vec![town; *persons]);
    for (nr, town) in towns.enumerate() {
        csv += &format!("{nr},{town}\n");
    }
    let names = ["10", "11", "20", "21"];
    let towns = declared(&names, "['pay.town']", "");
    let counties = by_county(&names, "");
    for coarse_first in [true, false] {
        let desk = Desk::new();
        let plans = match coarse_first {
            true => [(&counties, "county"), (&towns, "town")],
            false => [(&towns, "town"), (&counties, "county")],
        };
        let mut missing = Vec::new();
        for (plan, dimension) in plans {
            let release = desk.release(plan, &csv).unwrap();
            for (at, (value, _)) in found(&release, &[dimension]) {
                let name = at[0].1.clone().unwrap();
                missing.extend(value.is_none().then_some(name));
            }
        }
        missing.sort();
        let wanted: &[&str] = match coarse_first {
            // The county is out: the other town of it goes with the small one.
            true => &["10", "11"],
            false => &["1", "11"],
        };
        assert_eq!(missing, wanted);
    }
}

/// A part of the rows, and later all of them, by what the part was chosen by.
#[test]
fn a_part_that_was_released_by_itself_is_known() {
    let desk = Desk::new();
    let csv = "nr,town,kind\n1,a,x\n2,a,x\n3,a,x\n4,a,x\n5,a,y\n6,b,x\n7,b,x\n8,b,x\n9,b,y\n10,b,y\n11,b,y\n";
    let part = plan_with(
        "one",
        "town = { from = 'town', type = 'category' }",
        &table("[]", "where = [{ column = 'pay.town', equals = 'a' }]"),
    );
    let first = desk.release(&parse(&part), csv).unwrap();
    assert_eq!(found(&first, &[]).into_values().next().unwrap().0, Some(5));

    let both = plan("one", "['pay.town', 'pay.kind']", "");
    let second = desk.release(&both, csv).unwrap();
    let published = found(&second, &BOTH);
    let of_a = published
        .iter()
        .filter(|(at, _)| at[0].1.as_deref() == Some("a"));
    // Five persons less the four would be the one.
    assert!(
        of_a.clone().all(|(_, (value, _))| value.is_none()),
        "{published:?}"
    );
    assert_eq!(of_a.count(), 2);
}

#[test]
fn the_few_who_came_are_not_disclosed_by_a_difference() {
    let desk = Desk::new();
    let plan = plan("one", "['pay.town']", "margins = true");
    let line = |nr: u64| format!("{nr},{}\n", if nr.is_multiple_of(2) { "a" } else { "b" });
    let month = |persons: u64| -> String { (0..persons).map(line).collect() };
    let header = "nr,town\n";
    let january = desk
        .release(&plan, &(header.to_owned() + &month(20)))
        .unwrap();
    assert!(
        found(&january, &["town"])
            .values()
            .all(|cell| cell.0.is_some())
    );

    // One came to b: b and the total differ by one person; a is as it was.
    let february = desk
        .release(&plan, &(header.to_owned() + &month(20) + "77,b\n"))
        .unwrap();
    let statuses = found(&february, &["town"]).into_values().map(|cell| cell.1);
    let statuses: Vec<String> = statuses.collect();
    assert_eq!(
        statuses,
        ["suppressed", "safe", "suppressed"],
        "the total, a, b"
    );
    let report = desk.report.borrow();
    for figure in report.iter() {
        let why = (figure.reason.as_str(), figure.entry);
        assert_eq!(why, ("differencing", Some(1)), "{figure:?}");
    }
    assert_eq!(report.len(), 2);
    assert_eq!(desk.audits.borrow()[0].earlier, 1, "a is what it was");
}

#[test]
fn a_release_in_between_is_noticed() {
    let desk = Desk::new();
    let plan = plan("one", "['pay.kind']", "");
    let csv = "nr,kind\n1,x\n2,x\n3,x\n";
    let early = desk.protection().ledger(desk.ledger(&plan));
    let early = desk.tables(&plan, csv, early).unwrap().protect().unwrap();
    desk.release(&plan, csv).unwrap();
    let late = early.release().unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Ledger);
    assert!(
        late.to_string().contains("link, protect and release again"),
        "{late}"
    );
    assert_eq!(desk.ledger(&plan).entries().len(), 1);
}

#[test]
fn what_is_out_already_and_unsafe_now_is_refused() {
    let desk = Desk::new();
    let csv = "nr,kind\n1,x\n2,x\n3,x\n4,y\n5,y\n6,y\n7,y\n8,y\n9,y\n";
    let loose = plan("one", "['pay.kind']", "");
    desk.release(&loose, csv).unwrap();
    let kind = "kind = { from = 'kind', type = 'category' }";
    let strict = plan_with("one", kind, &table("['pay.kind']", ""));
    let strict = strict.replace("min_persons = 3", "min_persons = 5");
    let error = refusal(desk.release(&parse(&strict), csv));
    assert_eq!(error.kind(), ErrorKind::Protection);
    let text = error.to_string();
    assert!(
        text.contains("what release 1 of the ledger published"),
        "{text}"
    );
    assert_eq!(desk.ledger(&loose).entries().len(), 1);
}

/// A plan with tables by pairs of three columns.
fn pairs(pairs: &[[&str; 2]]) -> Plan {
    let names = ["town", "kind", "age"].into_iter();
    let used = names.filter(|name| pairs.iter().flatten().any(|by| by == name));
    let columns = used.map(|name| format!("{name} = {{ from = '{name}', type = 'category' }}"));
    let columns: Vec<String> = columns.collect();
    let tables = pairs.iter().map(|[one, other]| {
        format!(
            "[table.{one}_{other}]
            from = 'pay'
            by = ['pay.{one}', 'pay.{other}']
            sensitive = []
            measures = [{{ persons = true }}]
            margins = true
            {PROTECT}\n"
        )
    });
    let tables: String = tables.collect();
    parse(&plan_with("one", &columns.join("\n"), &tables))
}

/// Towns, kinds and ages, of which some combinations have one or two persons.
fn by_three() -> String {
    let mut csv = String::from("nr,town,kind,age\n");
    for nr in 0..90 {
        let town = ["a", "b", "c"][nr % 3];
        let kind = if nr % 11 == 0 { "y" } else { "x" };
        let age = ["1", "2", "3", "4"][nr / 3 % 4];
        csv.push_str(&format!("{nr},{town},{kind},{age}\n"));
    }
    csv
}

#[test]
fn a_table_that_shares_a_dimension_with_each_of_two_is_released_after_both() {
    let desk = Desk::new();
    let csv = by_three();
    // Released at once, the table by all three is in the ledger too.
    let first = pairs(&[["town", "kind"], ["kind", "age"]]);
    desk.release(&first, &csv).unwrap();
    let last = desk.release(&pairs(&[["town", "age"]]), &csv).unwrap();
    let audits = desk.audits.borrow();
    assert!(audits[0].earlier > 0);
    assert!(last.table("town_age").is_some());
}

#[test]
fn tables_in_a_circle_are_not_proven_one_by_one() {
    let desk = Desk::new();
    let csv = by_three();
    desk.release(&pairs(&[["town", "kind"]]), &csv).unwrap();
    desk.release(&pairs(&[["kind", "age"]]), &csv).unwrap();
    let error = refusal(desk.release(&pairs(&[["town", "age"]]), &csv));
    assert_eq!(error.kind(), ErrorKind::Protection);
    let text = error.to_string();
    assert!(text.contains("go in a circle"), "{text}");
    assert!(text.contains("cell-key"), "{text}");
}

/// Everybody is of one year; that nobody is of the other was published, so no cell of
/// that year can hide anything.
#[test]
fn what_was_published_as_nobody_hides_nothing() {
    let desk = Desk::new();
    let mut csv = String::from("nr,town,sex,year\n");
    let mut nr = 0;
    for (town, sex, persons) in [
        ("A", "m", 10),
        ("A", "f", 8),
        ("B", "m", 2),
        ("C", "m", 15),
        ("C", "f", 13),
    ] {
        for _ in 0..persons {
            nr += 1;
            let _ = writeln!(csv, "{nr},{town},{sex},2025");
        }
    }
    let plan = |by: &str, names: &[&str]| {
        let columns = [
            category(by, by, names),
            category("year", "year", &["2024", "2025"]),
        ];
        let by = format!("['pay.{by}', 'pay.year']");
        parse(&plan_with("one", &columns.concat(), &table(&by, "")))
    };
    let figures = |release: &Release, by: &str| {
        let of_year = found(release, &[by, "year"]).into_iter();
        let of_year = of_year.filter(|(at, _)| at[1].1.as_deref() == Some("2025"));
        of_year
            .map(|(_, (value, _))| value)
            .collect::<Vec<Option<i128>>>()
    };
    let towns = desk.release(&plan("town", &["A", "B", "C"]), &csv).unwrap();
    assert_eq!(figures(&towns, "town"), [Some(18), None, Some(28)]);
    // All of one of the years together would disclose the two of B.
    let sexes = desk.release(&plan("sex", &["f", "m"]), &csv).unwrap();
    assert!(figures(&sexes, "sex").contains(&None), "{sexes:?}");
}
