//! What a plan wants to be kept: others are suppressed in its place, and what is promised stays.

use crate::support::shown::RELEASE_KEY;
use crate::support::towns::{Draw, cells, csv, plan_of, register};
use crate::support::{extract, key, parse};
use kobling::plan::document::CountInterval;
use kobling::protect::Protection;
use kobling::{Linkage, Release};

/// Releases of registers of few persons, where many cells are unsafe.
fn releases(measures: &str, protect: &str) -> Vec<Release> {
    let plan = parse(&plan_of(
        "one",
        &format!(
            "[table.t]
            from = 'pay'
            by = ['pay.town', 'pay.kind']
            levels = {{ town = [{{ name = 'county', prefix = 1 }}] }}
            margins = true
            sensitive = []
            measures = [{measures}]
            [table.t.protect]
            min_persons = 4
            method = 'suppress'
            {protect}"
        ),
    ));
    let released = (1..40).map(|seed| {
        let mut draw = Draw(seed);
        let persons = 40 + draw.below(60);
        let csv = csv(&register(&mut draw, persons, 1));
        let extract = extract(&plan, &key(&plan), "pay", &csv).expect("an extract");
        let protection = Protection::new(RELEASE_KEY.clone());
        let tables = Linkage::new(&plan, [extract]).and_then(|all| all.tabulate(protection));
        let tables = tables.and_then(|tables| tables.protect()?.release());
        tables.expect("a release")
    });
    released.collect()
}

/// How many figures are suppressed: of towns or counties alone, of kinds alone, of both.
fn suppressed(releases: &[Release]) -> [usize; 3] {
    let mut numbers = [0; 3];
    for release in releases {
        let table = release.table("t").expect("the table");
        for (at, (_, status)) in cells(table, &["town", "kind"], "persons") {
            let is_by = |place: usize| at[place].0 != "total";
            let kind = match (is_by(0), is_by(1)) {
                (true, false) => 0,
                (false, true) => 1,
                (true, true) => 2,
                (false, false) => continue,
            };
            numbers[kind] += usize::from(status == "suppressed");
        }
        let audit = &release.manifest().audits[0];
        assert_eq!(audit.count_interval, Some(CountInterval::Values(3)));
    }
    numbers
}

#[test]
fn what_is_preferred_is_suppressed_less_often() {
    let plain = suppressed(&releases("{ persons = true }", ""));
    let kinds = suppressed(&releases("{ persons = true }", "prefer = ['pay.kind']"));
    let others = |numbers: [usize; 3]| numbers[0] + numbers[2];
    let is_borne_by_others = kinds[1] < plain[1] && others(kinds) > others(plain);
    assert!(is_borne_by_others, "{plain:?} {kinds:?}");
    // Under some keys no total of towns is suppressed anyway.
    let towns = suppressed(&releases("{ persons = true }", "prefer = ['pay.town']"));
    assert!(towns[0] < plain[0] || plain[0] == 0, "{plain:?} {towns:?}");
}

#[test]
fn the_manifest_and_the_plan_in_words_say_what_is_preferred() {
    let release = &releases("{ persons = true }", "prefer = ['county', 'pay.kind']")[0];
    let rules = &release.manifest().tables[0].rules;
    assert_eq!(rules.prefer, ["county", "pay.kind"]);
    let plain = &releases("{ persons = true }", "")[0];
    assert!(!plain.manifest().to_json().contains("prefer"));
}
