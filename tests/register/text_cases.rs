//! Registers of delimited text as offices hold them, in `tests/cases`: each was
//! once read wrongly without a word, or refused without help.
//!
//! Everybody in them is made up.

use std::path::{Path, PathBuf};

use crate::support::{key, parse, refusal};
use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use kobling::{Error, Extract, Plan, Result, Rows};

use crate::support;

/// A file of a case.
fn case(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases")
        .join(path)
}

/// The plan of a case.
fn plan(path: &str) -> Plan {
    with_format(path, "", "")
}

/// The plan of a case, whose `source` has this `format`.
fn with_format(path: &str, source: &str, format: &str) -> Plan {
    let text = std::fs::read_to_string(case(path)).expect("a plan");
    let head = format!("[source.{source}]\n");
    let text = match format {
        "" => text,
        format => support::change(&text, &head, &format!("{head}format = {{ {format} }}\n")),
    };
    parse(&text)
}

fn extract(plan: &Plan, source: &str, file: &str) -> Result<Extract> {
    let rows = Rows::open(plan, source, &[case(file)])?;
    rows.identify()?.pseudonymise(&key(plan))
}

/// The rows of an extract, and the sum of a column of it in units of its last decimal.
fn rows_and_sum(extract: &Extract, column: &str) -> (u64, i128) {
    let batch = extract.to_batch();
    let column: &ArrayRef = batch.column_by_name(column).expect("the column");
    let sum = match column.as_primitive_opt::<Int64Type>() {
        Some(whole) => whole.iter().flatten().map(i128::from).sum(),
        None => column
            .as_primitive::<Decimal128Type>()
            .iter()
            .flatten()
            .sum(),
    };
    assert_eq!(column.null_count(), 0);
    (extract.header().rows, sum)
}

fn refused(plan: &Plan, source: &str, file: &str) -> Error {
    refusal(extract(plan, source, file))
}

#[test]
fn a_stray_quote_swallows_no_rows() {
    let plan = plan("quote-swallows-rows/plan.toml");
    let error = refused(&plan, "skatt", "quote-swallows-rows/skatt.csv");
    assert_eq!(error.row(), Some(4));
    assert_eq!(
        error.rule(),
        "has text after a closing quote (line 5); as have row 11 (line 12) and row 21 (line 22)"
    );
    // Without the two that are around a name, the one that is left open is the first.
    let text = std::fs::read_to_string(case("quote-swallows-rows/skatt.csv")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let read = |text: String| {
        let path = support::file(folder.path(), "skatt.csv", text);
        let rows = Rows::open(&plan, "skatt", &[path])?;
        rows.identify()?.pseudonymise(&key(&plan))
    };
    let error = refusal(read(text.replacen('"', "", 2)));
    assert_eq!(error.row(), Some(11));
    assert_eq!(
        error.rule(),
        "has a quote (line 12) that is not closed before another row (line 22); \
         as has row 21 (line 22)"
    );
    let extract = read(text.replace('"', "")).unwrap();
    assert_eq!(
        rows_and_sum(&extract, "inntekt"),
        (60, 3_765_000 + 4_005_000)
    );
}

#[test]
fn a_last_line_without_an_end_is_refused_or_reported() {
    let whole = plan("cut-in-last-value/plan.toml");
    let error = refused(&whole, "a", "cut-in-last-value/cut.csv");
    assert!(
        error.to_string().contains(
            "its last line has no line end: the file may have been cut short\n  help: if the \
             file is whole, end it with a line break (echo >> FILE), or write \
             format = { last_line = \"as-it-is\" } under the source in the plan"
        ),
        "{error}"
    );
    let extract = |plan: &Plan, file| extract(plan, "a", file).expect("an extract");
    let sum = rows_and_sum(&extract(&whole, "cut-in-last-value/whole.csv"), "v");

    let taken = with_format(
        "cut-in-last-value/plan.toml",
        "a",
        "last_line = \"as-it-is\"",
    );
    let cut = extract(&taken, "cut-in-last-value/cut.csv");
    assert_eq!(rows_and_sum(&cut, "v"), (sum.0, sum.1 - 412_000 + 41));
    assert_eq!(cut.header().unended, 1);
    let warning = "1 file has a last line without a line end, which was taken as it is, as the \
                   plan says: what was behind it, if anything, is missing";
    assert_eq!(cut.header().warnings(), [warning]);
    // It stays in the extract's file, and in what is made of it.
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.arrow", "a.parquet"] {
        let path = folder.path().join(name);
        cut.write(&path).unwrap();
        let read = Extract::read(&taken, &path).unwrap();
        assert_eq!(read.header(), cut.header());
        let said = kobling::Inspection::read(&path).unwrap().to_string();
        assert!(said.contains(warning), "{said}");
    }
    let release = support::release(&taken, vec![cut]).unwrap();
    assert_eq!(release.manifest().inputs[0].warnings, [warning]);
    let uncut = extract(&taken, "cut-in-last-value/whole.csv");
    assert_eq!(uncut.header().unended, 0);
    let release = support::release(&taken, vec![uncut]).unwrap();
    assert!(release.manifest().inputs[0].warnings.is_empty());
}

#[test]
fn decimal_commas_and_grouped_thousands_are_read() {
    let plan = plan("decimal-comma/plan.toml");
    let sum = |plan: &Plan, file| {
        let extract = extract(plan, "skatt", &format!("decimal-comma/{file}"));
        extract.map(|extract| rows_and_sum(&extract, "inntekt"))
    };
    let point = sum(&plan, "skatt-punktum.csv").unwrap();
    assert_eq!(point.0, 60);
    assert_eq!(sum(&plan, "skatt.csv").unwrap(), point);
    assert_eq!(sum(&plan, "skatt-tusenskille.csv").unwrap(), point);
    // Half of this file has no decimals: nothing of it goes missing.
    let mixed = sum(&plan, "skatt-blandet.csv").unwrap();
    assert_eq!(mixed, (60, point.1 - 30 * 50));
    let missing = self::plan("decimal-comma/plan-missing.toml");
    assert_eq!(sum(&missing, "skatt-blandet.csv").unwrap(), mixed);
    // What the plan pins, holds.
    let pinned = |format| {
        let plan = with_format("decimal-comma/plan.toml", "skatt", format);
        sum(&plan, "skatt.csv")
    };
    assert_eq!(pinned("decimal = \",\"").unwrap(), point);
    assert_eq!(pinned("delimiter = \";\"").unwrap(), point);
    let error = refusal(pinned("decimal = \".\""));
    assert_eq!((error.row(), error.rule()), (Some(1), "is not a number"));
    let error = refusal(pinned("delimiter = \",\""));
    assert!(
        error
            .to_string()
            .contains("it has 1 column, separated by commas"),
        "{error}"
    );
}

#[test]
fn how_a_file_was_read_can_be_asked() {
    let plan = plan("decimal-comma/plan.toml");
    let file = case("decimal-comma/skatt-tusenskille.csv");
    let rows = Rows::open(&plan, "skatt", &[file]).unwrap();
    let readings = rows.readings();
    assert!(readings.words().is_empty());
    rows.identify().unwrap();
    assert_eq!(
        readings.words(),
        [
            "fields separated by semicolons, UTF-8",
            "numbers with a decimal comma",
            "numbers with their digits in groups of three"
        ]
    );
}

#[test]
fn a_number_with_two_readings_is_refused_with_what_to_write() {
    let text = "fnr;inntekt\n30926539996;1.234\n20918235664;2.000\n";
    let folder = tempfile::tempdir().unwrap();
    let path = support::file(folder.path(), "skatt.csv", text);
    let read = |plan: &Plan| {
        let rows = Rows::open(plan, "skatt", &[&path])?;
        let extract = rows.identify()?.pseudonymise(&key(plan))?;
        Ok(rows_and_sum(&extract, "inntekt"))
    };
    // Not even where the plan lets what cannot be read go missing.
    for name in ["plan.toml", "plan-missing.toml"] {
        let error = refusal(read(&plan(&format!("decimal-comma/{name}"))));
        assert_eq!((error.column(), error.row()), (Some("inntekt"), Some(1)));
        assert!(
            error.rule().ends_with(
                "write format = { decimal = \",\" } or { decimal = \".\" } \
                 under the source in the plan"
            ),
            "{error}"
        );
    }
    let pinned = |format| read(&with_format("decimal-comma/plan.toml", "skatt", format));
    assert_eq!(pinned("decimal = \",\"").unwrap(), (2, 323_400));
    // Of two decimals, 1.234 has one too many.
    assert_eq!(
        refusal(pinned("decimal = \".\"")).rule(),
        "has more than 2 decimals"
    );
}

#[test]
fn a_comma_in_a_header_is_no_delimiter() {
    let extract = extract(
        &plan("comma-in-header/plan.toml"),
        "skatt",
        "comma-in-header/skatt.csv",
    );
    let sum = (0..60).map(|row| 100_000 + 1000 * row).sum();
    assert_eq!(rows_and_sum(&extract.unwrap(), "inntekt"), (60, sum));
}

#[test]
fn lines_above_a_header_are_reported_or_pinned() {
    let sum: i128 = (0..60).map(|row| 100_000 + 1000 * row).sum();
    let unpinned = plan("lines-above-header/plan.toml");
    let read = |plan: &Plan, file| {
        let extract = extract(plan, "skatt", &format!("lines-above-header/{file}"));
        extract.map(|extract| rows_and_sum(&extract, "inntekt"))
    };
    for file in ["skatt.csv", "skatt-tab.csv", "skatt-ekstra-skille.csv"] {
        assert_eq!(read(&unpinned, file).unwrap(), (60, sum), "{file}");
    }
    let error = refusal(read(&unpinned, "skatt-tittel.csv"));
    assert!(
        error
            .to_string()
            .contains("line 3 has all columns: write format = { header_row = 3 }"),
        "{error}"
    );
    let pinned = with_format("lines-above-header/plan.toml", "skatt", "header_row = 3");
    assert_eq!(read(&pinned, "skatt-tittel.csv").unwrap(), (60, sum));
    // Without a header, no first row is shown.
    let error = refusal(read(&unpinned, "skatt-uten-hode.csv")).to_string();
    assert!(
        error.contains("it has 2 columns, separated by semicolons"),
        "{error}"
    );
    assert!(!error.contains("30926539996"), "{error}");
}

#[test]
fn what_guards_an_identifier_from_spreadsheets_is_no_part_of_it() {
    let plan = plan("identifiers-guarded-from-excel/plan.toml");
    let count = |file: &str| {
        let path = case(&format!("identifiers-guarded-from-excel/{file}"));
        let identified = Rows::open(&plan, "skatt", &[path])
            .unwrap()
            .identify()
            .unwrap();
        let reasons: Vec<(&str, u64)> = identified.quarantine().by_reason().collect();
        (identified.rows(), reasons)
    };
    for file in [
        "skatt.csv",
        "skatt-e10.csv",
        "skatt-likhet.csv",
        "skatt-nullbredde.csv",
    ] {
        assert_eq!(count(file), (60, vec![]), "{file}");
    }
    // Of these the digits are lost, and nothing brings them back.
    assert_eq!(count("skatt-excel.csv"), (0, vec![("imprecise", 60)]));
}

#[test]
fn a_day_may_have_midnight_behind_it() {
    let rows = |plan: &Plan, file: &str| {
        let extract = extract(plan, "folk", &format!("dates-with-time/{file}"));
        extract.unwrap().header().rows
    };
    let iso = plan("dates-with-time/plan.toml");
    let dmy = plan("dates-with-time/plan-dmy.toml");
    for (plan, files) in [
        (&iso, ["folk.csv", "folk-t.csv"]),
        (&dmy, ["folk-oracle.csv", "folk-kort.csv"]),
    ] {
        for file in files {
            assert_eq!(rows(plan, file), 60, "{file}");
        }
    }
    let good = extract(&dmy, "folk", "dates-with-time/folk-godt.csv").unwrap();
    let short = extract(&dmy, "folk", "dates-with-time/folk-kort.csv").unwrap();
    let oracle = extract(&dmy, "folk", "dates-with-time/folk-oracle.csv").unwrap();
    // Keys differ, so rows are in another order; the days are the same ones.
    for other in [short, oracle] {
        let days = |extract: &Extract| {
            let column = extract
                .to_batch()
                .column_by_name("flyttet")
                .unwrap()
                .clone();
            let labels = labels_of(&column);
            let mut labels: Vec<String> = labels;
            labels.sort();
            labels
        };
        assert_eq!(days(&good), days(&other));
    }
    let text = std::fs::read_to_string(case("dates-with-time/folk.csv")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let later = text.replacen("00:00:00", "08:30:00", 1);
    let path = support::file(folder.path(), "folk.csv", later);
    let error = refusal(Rows::open(&iso, "folk", &[path]).unwrap().identify());
    assert_eq!(error.row(), Some(1));
    assert!(
        error
            .rule()
            .starts_with("has a time of day that is not midnight"),
        "{error}"
    );
}

/// The labels of a column of categories, row by row.
fn labels_of(column: &ArrayRef) -> Vec<String> {
    use arrow_array::types::UInt32Type;
    let dictionary = column.as_dictionary::<UInt32Type>();
    let labels = dictionary.values().as_string::<i32>();
    let keys = dictionary.keys().iter().flatten();
    keys.map(|key| labels.value(key as usize).to_owned())
        .collect()
}
