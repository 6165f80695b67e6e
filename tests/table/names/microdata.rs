//! A list of persons is no table, whatever protects it.

use super::{plan_text, register, release_of, table};
use crate::support::{parse, refusal};

const COLUMNS: &str = "town = { from = 'town', type = 'category' }
    born = { from = 'born', type = 'category' }";

fn of(rows: &[(&str, u64)], by: &str, protect: &str) -> Result<(), kobling::Error> {
    let columns = match by.contains("born") {
        true => COLUMNS,
        false => COLUMNS.lines().next().unwrap(),
    };
    let plan = parse(&plan_text("one", columns, &table("t", by, "", protect)));
    release_of(&plan, &register("town,born", rows)).map(drop)
}

#[test]
fn a_table_most_of_whose_persons_are_in_small_cells_is_refused_by_every_method() {
    let mut rows = Vec::new();
    let days: Vec<String> = (0..40)
        .map(|day| format!("{},day {day}", ["A", "B"][day % 2]))
        .collect();
    rows.extend(days.iter().map(|row| (row.as_str(), 1)));
    rows.push(("A,day 100", 20));
    for protect in [
        "min_persons = 3, method = 'suppress'",
        "min_persons = 3, method = 'round', round = { base = 5, how = 'nearest' }",
        "min_persons = 3, method = 'round', round = { base = 5, how = 'random' }",
        "min_persons = 3, method = 'round', round = { base = 5, how = 'small-count' }",
    ] {
        let error = of(&rows, "'people.town', 'people.born'", protect).unwrap_err();
        assert_eq!(error.kind(), kobling::ErrorKind::Protection, "{error}");
        assert_eq!(error.column(), Some("born"), "{error}");
        let text = error.to_string();
        assert!(text.contains("table t"), "{text}");
        assert!(text.contains("coarsen `born`"), "{text}");
        assert!(!text.contains("day "), "{text}");
        // By town there is no small cell.
        of(&rows, "'people.town'", protect).unwrap();
    }
}

#[test]
fn half_of_the_persons_in_small_cells_is_not_most() {
    let protect = "min_persons = 3, method = 'suppress'";
    let by = "'people.town'";
    of(&[("A,-", 4), ("B,-", 2), ("C,-", 2)], by, protect).unwrap();
    let error = of(
        &[("A,-", 4), ("B,-", 2), ("C,-", 2), ("D,-", 1)],
        by,
        protect,
    );
    assert_eq!(error.unwrap_err().kind(), kobling::ErrorKind::Protection);
}

#[test]
fn the_method_of_cell_keys_is_no_exception() {
    let plan = plan_text(
        "one",
        COLUMNS.lines().next().unwrap(),
        &table(
            "t",
            "'people.town'",
            "",
            "min_persons = 3, method = 'cell-key'",
        ),
    );
    let plan = parse(&plan);
    let csv = register("town", &[("A", 1), ("B", 1)]);
    let extract = crate::support::extract(&plan, &crate::support::key(&plan), "people", &csv);
    let linkage = kobling::Linkage::new(&plan, [extract.unwrap()]).unwrap();
    let key = kobling::ReleaseKey::generate().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let settings = "[counts]\nreach = 4\nvariance = 1.5\n";
    let path = crate::support::file(folder.path(), "p.toml", settings);
    let perturbation = kobling::protect::perturbation::Perturbation::read(path).unwrap();
    let protection = kobling::protect::Protection::new(key).perturbation(perturbation);
    let error = refusal(linkage.tabulate(protection));
    assert_eq!(error.kind(), kobling::ErrorKind::Protection);
    assert!(error.to_string().contains("list of persons"), "{error}");
}
