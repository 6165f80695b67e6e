//! What is shown of one figure: held against the release, which has nothing of it.

use std::collections::{BTreeMap, BTreeSet};

use kobling::ErrorKind;
use kobling::protect::{Explanation, FigureName, OtherTable};

use crate::support::desk::Desk;
use crate::support::towns::{Draw, plan_with};
use crate::support::{parse, refusal};

const COLUMNS: &str = "town = { from = 'town', type = 'category' }
    band = { from = 'band', type = 'category' }
    amount = { from = 'amount', type = 'decimal', scale = 1 }";

const TABLE: &str = "[table.t]
    from = 'pay'
    by = ['pay.town', 'pay.band']
    levels = { town = [{ name = 'county', prefix = 2 }] }
    margins = true
    sensitive = []
    measures = [{ persons = true }, { sum = 'pay.amount', as = 'sum' }]
    protect = { min_persons = 4, p_percent = 10, method = 'suppress' }";

fn register(seed: u64) -> String {
    let mut draw = Draw(seed);
    let mut csv = "nr,town,band,amount\n".to_owned();
    for nr in 0..400 {
        let (town, band) = (draw.below(12), draw.below(6) * draw.below(6) / 5);
        let amount = draw.below(400) * draw.below(400) + 1;
        csv += &format!("{nr},t{}{town},b{band},{amount}.5\n", town % 3);
    }
    csv
}

/// A released row: its level and category by dimension, and its figures.
struct Row {
    cell: BTreeMap<&'static str, (String, String)>,
    figures: BTreeMap<&'static str, Option<String>>,
}

fn rows(desk: &Desk, csv: &str) -> Vec<Row> {
    let plan = parse(&plan_with("one", COLUMNS, TABLE));
    let tables = desk.tables(&plan, csv, desk.protection()).unwrap();
    let release = tables.protect().unwrap().release().unwrap();
    let schema = release.table("t").unwrap().schema();
    let at = |name: &str| schema.index_of(name).unwrap();
    let rows = release.rows("t").unwrap();
    let rows = rows.into_iter().map(|row| {
        let text = |name: &str| row[at(name)].clone();
        let named = |name: &'static str| {
            let level = text(&format!("{name}_level")).unwrap();
            (name, (level, text(name).unwrap_or_default()))
        };
        Row {
            cell: ["town", "band"].map(named).into(),
            figures: ["persons", "sum"].map(|name| (name, text(name))).into(),
        }
    });
    rows.collect()
}

fn explain(desk: &Desk, csv: &str, figure: &FigureName) -> Explanation {
    let plan = parse(&plan_with("one", COLUMNS, TABLE));
    let tables = desk.tables(&plan, csv, desk.protection()).unwrap();
    tables.explain(figure, None).unwrap()
}

fn name(row: &Row, measure: &str) -> FigureName {
    let mut name = FigureName::new("t", measure);
    for (dimension, (level, category)) in &row.cell {
        if level != "total" {
            name = name.at_level(*dimension, level, Some(category));
        }
    }
    name
}

/// Tenths, or persons.
fn number(text: &str) -> i128 {
    text.replace('.', "").parse().unwrap()
}

/// How much more is in a released row in another table.
fn moved(row: &Row, table: &OtherTable) -> i128 {
    let is_in = |cell: &BTreeMap<String, Option<String>>| {
        row.cell.iter().all(|(dimension, (level, category))| {
            let own = cell[*dimension].as_deref().unwrap();
            match level.as_str() {
                "total" => true,
                "county" => own.starts_with(category),
                _ => own == category,
            }
        })
    };
    let cells = table.cells.iter().filter(|changed| is_in(&changed.cell));
    cells
        .map(|changed| number(&changed.other) - number(&changed.value))
        .sum()
}

#[test]
fn other_tables_agree_with_all_that_is_published_and_differ_in_the_figure() {
    let desk = Desk::new();
    let csv = register(11);
    let rows = rows(&desk, &csv);
    let mut shown = BTreeMap::<&str, usize>::new();
    for measure in ["persons", "sum"] {
        let suppressed = rows.iter().filter(|row| row.figures[measure].is_none());
        for row in suppressed.step_by(5) {
            let found = explain(&desk, &csv, &name(row, measure));
            assert_eq!(found.status, "suppressed");
            let reason = found.reason.as_deref().unwrap();
            assert_eq!(
                reason == "complementary",
                found.tables.is_empty(),
                "{reason}"
            );
            let value = number(found.value.as_ref().unwrap());
            let mut values = BTreeSet::from([value]);
            for table in &found.tables {
                for other in &rows {
                    let is_published = other.figures[measure].is_some();
                    assert!(!is_published || moved(other, table) == 0, "{measure}");
                }
                assert!(
                    table
                        .cells
                        .iter()
                        .all(|changed| number(&changed.other) >= 0)
                );
                assert_eq!(value + moved(row, table), number(&table.value));
                values.insert(number(&table.value));
            }
            let wanted = match (measure, found.tables.is_empty()) {
                (_, true) => 1,
                ("persons", false) => 3,
                (_, false) => 2,
            };
            assert!(values.len() >= wanted, "{measure}: {values:?}");
            if !found.tables.is_empty() {
                *shown.entry(measure).or_default() += 1;
            }
        }
    }
    assert!(
        shown.values().all(|shown| *shown > 2) && shown.len() == 2,
        "{shown:?}"
    );
}

#[test]
fn a_safe_suppressed_figure_names_unsafe_ones_and_a_published_one_nothing() {
    let desk = Desk::new();
    let csv = register(12);
    let rows = rows(&desk, &csv);
    let mut guarding = 0;
    for row in rows.iter().filter(|row| row.figures["persons"].is_none()) {
        let found = explain(&desk, &csv, &name(row, "persons"));
        if found.reason.as_deref() == Some("complementary") {
            assert!(!found.guards.is_empty());
            guarding += 1;
            for guarded in &found.guards {
                let is_it = |row: &&Row| {
                    row.cell.iter().all(|(dimension, (level, category))| {
                        let category = if level == "total" { level } else { category };
                        guarded[*dimension].as_ref() == Some(category)
                    })
                };
                let guarded = rows.iter().find(is_it).expect("a row of the release");
                assert_eq!(guarded.figures["persons"], None);
            }
        }
        if guarding == 3 {
            break;
        }
    }
    assert!(guarding > 0);
    let published = rows.iter().find(|row| row.figures["persons"].is_some());
    let found = explain(&desk, &csv, &name(published.unwrap(), "persons"));
    assert_eq!((found.status, &found.reason), ("safe", &None));
    assert!(found.tables.is_empty() && found.guards.is_empty());
}

#[test]
fn a_figure_that_is_not_there_is_refused_by_what_is_missing() {
    let desk = Desk::new();
    let csv = register(13);
    let figure = |table: &str, measure: &str| FigureName::new(table, measure);
    let wrong = [
        (figure("u", "persons"), "no table of this name"),
        (figure("t", "deaths"), "no measure of this name"),
        (
            figure("t", "persons").category("age", None),
            "no dimension `age`",
        ),
        (
            figure("t", "persons").at_level("town", "country", Some("t0")),
            "`town` has no such level",
        ),
        (
            figure("t", "persons").category("town", Some("nowhere")),
            "no row of these categories",
        ),
    ];
    let plan = parse(&plan_with("one", COLUMNS, TABLE));
    for (figure, rule) in wrong {
        let tables = desk.tables(&plan, &csv, desk.protection()).unwrap();
        let error = refusal(tables.explain(&figure, None));
        assert_eq!(error.kind(), ErrorKind::Protection);
        assert!(error.to_string().contains(rule), "{error}");
        assert!(!error.to_string().contains("nowhere"), "{error}");
    }
}

#[test]
fn a_figure_of_an_entry_of_the_ledger_is_explained_as_when_it_was_made() {
    let desk = Desk::new();
    let plan = parse(&plan_with("one", COLUMNS, TABLE));
    let months = [register(14), register(14) + "400,t00,b0,77.5\n"];
    let explained = |csv: &str, before: Option<u64>| {
        let protection = desk.protection().ledger(desk.ledger(&plan));
        let tables = desk.tables(&plan, csv, protection).unwrap();
        let figure = FigureName::new("t", "persons")
            .category("town", Some("t00"))
            .category("band", Some("b0"));
        tables.explain(&figure, before).unwrap()
    };
    let first = explained(&months[0], None);
    let _ = desk.release(&plan, &months[0]).unwrap();
    let second = explained(&months[1], None);
    let _ = desk.release(&plan, &months[1]).unwrap();
    assert_eq!(explained(&months[0], Some(1)), first);
    assert_eq!(explained(&months[1], Some(2)), second);
    // One person came: the difference is what protects the cell in the second month.
    assert_eq!(second.reason.as_deref(), Some("differencing"));
    assert_ne!(first, second);
    assert_eq!(desk.ledger(&plan).next_number(), 3);
    let protection = desk.protection().ledger(desk.ledger(&plan));
    let tables = desk.tables(&plan, &months[1], protection).unwrap();
    let error = refusal(tables.explain(&FigureName::new("t", "persons"), Some(3)));
    assert!(error.to_string().contains("no entry 3"), "{error}");
}
