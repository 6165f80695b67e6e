//! Suppression: counts are those of the twin, and no threshold is broken on either side.

use super::register::{
    DEAD_ROWS, DEATHS, OLD, count, plan_of, released, rows, table, twin, visits,
};

const MARGINS: &str =
    "margins = true\nsensitive = []\nlevels = { town = [{ name = 'region', prefix = 1 }] }";

/// Every row of `table` against the twin; how many figures were published, and not.
fn compare(
    release: &kobling::Release,
    visits: &[super::register::Visit],
    name: &str,
    measures: &[&str],
) -> (usize, usize) {
    let (mut published, mut absent) = (0, 0);
    let rows = rows(release, name);
    for row in &rows {
        let counts = twin(visits, row);
        for measure in measures {
            let truth = counts.get(measure);
            let unsafe_one = counts
                .disclosed(measure)
                .into_iter()
                .any(|n| (1..4).contains(&n));
            let status = row[&format!("{measure}_status")].clone().unwrap();
            match count(row, measure) {
                Some(figure) => {
                    assert_eq!(
                        (figure, status.as_str()),
                        (truth, "safe"),
                        "{measure} {row:?}"
                    );
                    assert!(!unsafe_one, "{measure} {row:?}");
                    published += 1;
                }
                None => {
                    assert_ne!(status, "safe", "{measure} {row:?}");
                    absent += 1;
                }
            }
        }
    }
    (published, absent)
}

#[test]
fn one_row_a_person_with_margins_and_levels() {
    let measures = format!("{{ persons = true }}, {DEATHS}, {{ rows = true }}, {OLD}");
    let table = table(
        "t",
        "'visits.town', 'visits.kind'",
        MARGINS,
        &measures,
        "method = 'suppress'",
    );
    let plan = plan_of("one", &table);
    let (mut published, mut absent) = (0, 0);
    for seed in 0..6 {
        let visits = visits(seed, 160, false);
        let release = released(&plan, &visits).unwrap();
        let schema = release.table("t").unwrap().schema();
        let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
        let wanted = [
            "town",
            "town_level",
            "kind",
            "kind_level",
            "persons",
            "persons_status",
            "deaths",
            "deaths_status",
            "rows",
            "rows_status",
            "old",
            "old_status",
        ];
        assert_eq!(names, wanted, "no hidden column leaves");
        let found = compare(
            &release,
            &visits,
            "t",
            &["persons", "deaths", "rows", "old"],
        );
        let places: std::collections::BTreeSet<_> = rows(&release, "t")
            .into_iter()
            .map(|row| ["town", "town_level", "kind", "kind_level"].map(|name| row[name].clone()))
            .collect();
        assert_eq!(
            places.len(),
            rows(&release, "t").len(),
            "no hidden row leaves"
        );
        let record = &release.manifest().tables[0];
        assert_eq!(record.cells, places.len());
        assert_eq!(record.utility["deaths"].cells as usize, places.len());
        let audit = &release.manifest().audits;
        assert_eq!(audit.len(), 1);
        let suppressed: u64 = ["persons", "deaths", "old"]
            .iter()
            .map(|measure| record.utility[*measure].cells - record.utility[*measure].survived)
            .sum();
        assert_eq!(audit[0].cells, 3 * places.len());
        assert_eq!(audit[0].suppressed as u64, suppressed);
        published += found.0;
        absent += found.1;
    }
    assert!(published > 100 && absent > 100, "{published} {absent}");
}

#[test]
fn several_rows_a_person() {
    let measures = format!("{{ persons = true }}, {{ rows = true }}, {DEATHS}, {DEAD_ROWS}, {OLD}");
    let table = table(
        "t",
        "'visits.town', 'visits.kind'",
        MARGINS,
        &measures,
        "method = 'suppress'",
    );
    let plan = plan_of("many", &table);
    let (mut published, mut absent) = (0, 0);
    for seed in 0..3 {
        let visits = visits(seed, 150, true);
        let release = released(&plan, &visits).unwrap();
        let all = ["persons", "rows", "deaths", "dead_rows", "old"];
        let found = compare(&release, &visits, "t", &all);
        published += found.0;
        absent += found.1;
    }
    assert!(published > 50 && absent > 50, "{published} {absent}");
}

#[test]
fn tables_of_one_population_are_protected_together() {
    let measures = format!("{{ persons = true }}, {DEATHS}");
    let both = table(
        "a",
        "'visits.town'",
        "margins = true\nsensitive = []",
        &measures,
        "method = 'suppress'",
    ) + &table(
        "b",
        "'visits.kind'",
        "margins = true\nsensitive = []",
        &format!("{DEATHS}, {OLD}"),
        "method = 'suppress'",
    );
    let plan = plan_of("one", &both);
    for seed in 0..4 {
        let visits = visits(seed, 60, false);
        let release = released(&plan, &visits).unwrap();
        compare(&release, &visits, "a", &["persons", "deaths"]);
        compare(&release, &visits, "b", &["deaths", "old"]);
        let audits = &release.manifest().audits;
        assert_eq!(audits.len(), 1);
        assert_eq!(
            audits[0].measures,
            ["a.persons", "a.deaths", "b.deaths", "b.old"]
        );
        // The grand totals of deaths are one figure.
        let total = |table: &str, at: &str| {
            let rows = rows(&release, table);
            let mut rows = rows
                .into_iter()
                .filter(|row| row[at].as_deref() == Some("total"));
            rows.find_map(|row| count(&row, "deaths"))
        };
        assert_eq!(total("a", "town_level"), total("b", "kind_level"));
    }
}

/// Three towns of ten, of whom 5, 5 and 8 died: the two who did not die in the third
/// town are disclosed by neither its figures nor by those of the others.
#[test]
fn who_does_not_satisfy_it_cannot_be_subtracted() {
    let measures =
        format!("{{ persons = true }}, {DEATHS}, {{ share = 'deaths', of = 'persons' }}");
    let table = table(
        "t",
        "'visits.town'",
        "margins = true\nsensitive = []",
        &measures,
        "method = 'suppress'",
    );
    let plan = plan_of("one", &table);
    let mut visits = visits(0, 30, false);
    for (at, visit) in visits.iter_mut().enumerate() {
        let (town, nth) = (at / 10, at % 10);
        visit.town = format!("1{town}");
        visit.died = Some(u8::from(nth < [5, 5, 8][town]));
    }
    let release = released(&plan, &visits).unwrap();
    let rows = rows(&release, "t");
    let of = |town: &str| {
        let mut rows = rows.iter();
        rows.find(|row| row["town"].as_deref() == Some(town))
            .unwrap()
    };
    assert_eq!(count(of("12"), "deaths"), None);
    let deaths = ["10", "11"].map(|town| count(of(town), "deaths"));
    let total = rows
        .iter()
        .find(|row| row["town_level"].as_deref() == Some("total"));
    let total = count(total.unwrap(), "deaths");
    assert!(
        deaths.contains(&None) || total.is_none(),
        "{deaths:?} {total:?}"
    );
    for row in &rows {
        let both = count(row, "deaths").zip(count(row, "persons"));
        let wanted = both.map(|(deaths, persons)| deaths as f64 * 100.0 / persons as f64);
        let share = row["share_deaths"]
            .as_deref()
            .filter(|text| !text.is_empty());
        assert_eq!(share.map(|share| share.parse::<f64>().unwrap()), wanted);
        let status = row["share_deaths_status"].as_deref();
        assert_eq!(status == Some("safe"), wanted.is_some());
    }
}

/// A table may count by a condition only.
#[test]
fn a_table_needs_no_count_of_all() {
    let table = table(
        "t",
        "'visits.town'",
        "margins = true\nsensitive = []",
        DEATHS,
        "method = 'suppress'",
    );
    let plan = plan_of("one", &table);
    let visits = visits(3, 120, false);
    let release = released(&plan, &visits).unwrap();
    let (published, _) = compare(&release, &visits, "t", &["deaths"]);
    assert!(published > 0);
}

#[test]
fn an_exception_is_about_the_count_too() {
    let publish =
        "method = 'suppress', publish = [{ cell = { town = '12' }, reason = 'r', approver = 'a' }]";
    let measures = format!("{{ persons = true }}, {DEATHS}");
    let table = table("t", "'visits.town'", "sensitive = []", &measures, publish);
    let plan = plan_of("one", &table);
    let mut visits = visits(0, 30, false);
    for (at, visit) in visits.iter_mut().enumerate() {
        visit.town = format!("1{}", at / 10);
        visit.died = Some(u8::from(at % 10 < 9));
    }
    let release = released(&plan, &visits).unwrap();
    for row in rows(&release, "t") {
        let excepted = row["town"].as_deref() == Some("12");
        assert_eq!(count(&row, "deaths"), excepted.then_some(9));
        let status = row["deaths_status"].as_deref();
        assert_eq!(status == Some("excepted"), excepted);
    }
}
