//! Registers of delimited text as offices hold them, in `tests/cases`: each was
//! once read wrongly without a word, or refused without help.
//!
//! Everybody in them is made up.

mod support;

use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use kobling::{Error, Extract, Plan, Result, Rows};
use support::{key, parse, refusal};

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
    // Without the two that stand around a name, the one that is left open is the first.
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
fn a_last_line_without_an_end_is_refused_or_told_of() {
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
        let told = kobling::Inspection::read(&path).unwrap().to_string();
        assert!(told.contains(warning), "{told}");
    }
    let release = support::release(&taken, vec![cut]).unwrap();
    assert_eq!(release.manifest().inputs[0].warnings, [warning]);
    let uncut = extract(&taken, "cut-in-last-value/whole.csv");
    assert_eq!(uncut.header().unended, 0);
    let release = support::release(&taken, vec![uncut]).unwrap();
    assert!(release.manifest().inputs[0].warnings.is_empty());
}
