//! What cells hold, and what a column of them is.

use super::forge::Book;
use super::{is_refused, plan, values};

const CATEGORY: &str = "type = \"category\"";
const DECIMAL: &str = "type = \"decimal\"\nscale = 2";
const DATE: &str = "type = \"date\"";

/// A book of persons 1, 2, … with these cells in column `v`.
fn column(cells: &[&str]) -> Book {
    let numbers: Vec<String> = (1..=cells.len()).map(|number| number.to_string()).collect();
    let mut rows: Vec<[&str; 2]> = vec![["'nr", "'v"]];
    rows.extend(
        numbers
            .iter()
            .map(String::as_str)
            .zip(cells.iter().copied())
            .map(<[&str; 2]>::from),
    );
    let rows: Vec<&[&str]> = rows.iter().map(|row| &row[..]).collect();
    Book::of(&rows)
}

fn gives(recipe: &str, cells: &[&str], expected: &[&str]) {
    let found = values(&plan(recipe, ""), &column(cells).bytes());
    assert_eq!(found.unwrap(), expected, "{cells:?}");
}

#[test]
fn numbers_are_read_as_they_are_stored() {
    gives(
        DECIMAL,
        &["1.5", "59.970000000000006", "1.23E3", ""],
        &["-", "123000", "150", "5997"],
    );
    gives(DECIMAL, &["f:12.5", "' ", "-0"], &["-", "0", "1250"]);
    gives(CATEGORY, &["12345678901", "7"], &["12345678901", "7"]);
}

#[test]
fn a_column_of_several_types_is_text_with_all_digits() {
    let mixed = [
        "'00123",
        "12345678901",
        "1.5",
        "'x",
        "b:1",
        "d:45000",
        "m:45000.5",
    ];
    let expected = [
        "00123",
        "1.5",
        "12345678901",
        "2023-03-15",
        "2023-03-15T12:00:00",
        "true",
        "x",
    ];
    gives(CATEGORY, &mixed, &expected);
    // Noise of arithmetic is none of it, whatever is beside it.
    gives(DECIMAL, &["59.970000000000006", "'7"], &["5997", "700"]);
    // A number is what it is, however the plan has numbers written in text.
    let commas = plan("type = \"decimal\"\nscale = 3", "decimal = \",\"");
    let book = column(&["1.234", "'1.234", "'1,5"]);
    assert_eq!(
        values(&commas, &book.bytes()).unwrap(),
        ["1234", "1234000", "1500"]
    );
    let commas = plan("type = \"decimal\"\nscale = 3", "decimal = \",\"");
    assert_eq!(
        values(&commas, &column(&["1.234"]).bytes()).unwrap(),
        ["1234"]
    );
}

#[test]
fn an_identifier_is_whole_or_refused() {
    let plan = super::column::change_plan(CATEGORY, "", |text| {
        super::change(
            text,
            "type = \"number\"",
            "type = \"no-fnr\", synthetic = \"only\", invalid = \"fail\"",
        )
    });
    let read = |nr: &str| {
        let rows: &[&[&str]] = &[&["'nr", "'v"], &[nr, "'x"]];
        values(&plan, &Book::of(rows).bytes())
    };
    for nr in [
        "30926539996",
        "'30926539996",
        "3.0926539996E10",
        "f:30926539996",
    ] {
        assert_eq!(read(nr).unwrap(), ["x"], "{nr}");
    }
    for nr in ["e:#N/A", "30926539996.5", "3.09E+10", "b:1"] {
        let error = super::refusal(read(nr));
        assert_eq!(
            (error.column(), error.row()),
            (Some("nr"), Some(2)),
            "{error}"
        );
    }
    // Of text beside a number, whose last digits a float does not hold.
    let digits = super::column::change_plan(CATEGORY, "", |text| {
        super::change(text, "type = \"number\"", "type = \"digits(17)\"")
    });
    let rows: &[&[&str]] = &[
        &["'nr", "'v"],
        &["'12345678901234567", "'x"],
        &["12345678901234567", "'y"],
    ];
    assert_eq!(values(&digits, &Book::of(rows).bytes()).unwrap(), ["x"]);
}

#[test]
fn days_are_those_that_are_shown() {
    let days = [
        "d:45000",
        "d:61",
        "d:59",
        "d:1",
        "i:2024-02-29",
        "i:2024-03-01T00:00:00",
        "d:2958465",
    ];
    let expected = [
        "1900-01-01",
        "1900-02-28",
        "1900-03-01",
        "2023-03-15",
        "2024-02-29",
        "2024-03-01",
        "9999-12-31",
    ];
    gives(DATE, &days, &expected);
    // The time of a day that is one of a column of days.
    gives(
        DATE,
        &["m:45000.75", "d:45001"],
        &["2023-03-15", "2023-03-16"],
    );
    let mut book = column(&["d:0", "d:43538", "d:1"]);
    book.from_1904 = true;
    let found = values(&plan(DATE, ""), &book.bytes());
    assert_eq!(found.unwrap(), ["1904-01-01", "1904-01-02", "2023-03-15"]);
}

#[test]
fn what_is_shown_as_a_day_and_is_none_is_no_date() {
    for none in ["d:60", "d:0", "d:-1", "d:2958466", "t:0.5", "h:1.5"] {
        let book = column(&["d:45000", none]);
        is_refused(
            values(&plan(DATE, ""), &book.bytes()),
            Some("v"),
            Some(3),
            "is not a date",
        );
        let book = column(&[none]);
        is_refused(
            values(&plan(DECIMAL, ""), &book.bytes()),
            Some("v"),
            Some(2),
            "is not a number",
        );
    }
    let mut late = column(&["d:2957004"]);
    late.from_1904 = true;
    is_refused(
        values(&plan(DATE, ""), &late.bytes()),
        Some("v"),
        Some(2),
        "is not a date",
    );
    gives(
        CATEGORY,
        &["d:60", "d:0", "t:0.5", "h:1.5", "t:0.000011574"],
        &[
            "00:00:01",
            "12:00:00",
            "1900-01-00",
            "1900-02-29",
            "36:00:00",
        ],
    );
}

#[test]
fn true_and_false_are_read() {
    gives(
        "type = \"boolean\"",
        &["b:1", "b:0", "", "f:1"],
        &["-", "false", "true", "true"],
    );
}

#[test]
fn an_error_is_never_a_value() {
    for (recipe, good) in [
        (CATEGORY, "'x"),
        (DECIMAL, "1.5"),
        (DATE, "d:45000"),
        ("type = \"boolean\"", "b:1"),
    ] {
        for error in ["#N/A", "#DIV/0!", "#REF!"] {
            let cell = format!("e:{error}");
            let book = column(&[good, "", &cell, good]);
            let rule = format!("is the error {error} of a spreadsheet");
            is_refused(
                values(&plan(recipe, ""), &book.bytes()),
                Some("v"),
                Some(4),
                &rule,
            );
            // As the plan says of it.
            let listed = plan(&format!("{recipe}\nmissing = [\"{error}\"]"), "");
            let found = values(&listed, &book.bytes()).unwrap();
            assert_eq!(
                found.iter().filter(|value| *value == "-").count(),
                2,
                "{recipe}"
            );
        }
    }
    let lenient = plan(
        &format!("{DECIMAL}\ninvalid = \"missing\"\ninvalid_at_most = 50"),
        "",
    );
    // Numbers beside an error are numbers still.
    let book = column(&["59.970000000000006", "e:#N/A", "2"]);
    assert_eq!(
        values(&lenient, &book.bytes()).unwrap(),
        ["-", "200", "5997"]
    );
    // Nor does a row go, or stay, for one.
    let kept = super::column::plan(CATEGORY, "{ column = \"v\", equals = \"x\" }");
    let book = column(&["'x", "e:#N/A"]);
    is_refused(
        values(&kept, &book.bytes()),
        Some("v"),
        Some(3),
        "is the error #N/A",
    );
}

#[test]
fn a_formula_has_its_stored_value_or_none() {
    let book = column(&["1", "f:"]);
    let error = is_refused(
        values(&plan(DECIMAL, ""), &book.bytes()),
        Some("v"),
        Some(3),
        "a formula without a value",
    );
    assert!(error.to_string().contains("save it again"), "{error}");
    // What is not asked for may have none.
    let rows: &[&[&str]] = &[&["'nr", "'v", "'other"], &["1", "2", "f:"], &["", "", "f:"]];
    assert_eq!(
        values(&plan(DECIMAL, ""), &Book::of(rows).bytes()).unwrap(),
        ["200"]
    );
    // An empty text that a formula gives is empty.
    let sheet = "<sheetData><row r=\"1\"><c r=\"A1\" t=\"str\"><v>nr</v></c><c r=\"B1\" t=\"str\"><v>v</v></c></row>\
                 <row r=\"2\"><c r=\"A2\"><v>1</v></c><c r=\"B2\" t=\"str\"><f>A1</f><v></v></c></row></sheetData>";
    assert_eq!(
        values(&plan(DECIMAL, ""), &Book::raw(sheet).bytes()).unwrap(),
        ["-"]
    );
}

#[test]
fn shared_texts_are_read() {
    let mut book = column(&["s:0", "s:1", "s:1"]);
    book.texts = "<sst count=\"2\" uniqueCount=\"2\"><si><t>a &amp; b</t></si>\
                  <si><r><t>c</t></r><r><t>d</t></r><rPh><t>no</t></rPh></si></sst>"
        .to_owned();
    assert_eq!(
        values(&plan(CATEGORY, ""), &book.bytes()).unwrap(),
        [
            "a &amp; b".replace("&amp;", "&"),
            "cd".to_owned(),
            "cd".to_owned()
        ]
    );
    let mut book = column(&["s:2"]);
    book.texts = "<sst><si><t>a</t></si></sst>".to_owned();
    is_refused(
        values(&plan(CATEGORY, ""), &book.bytes()),
        None,
        Some(2),
        "damaged",
    );
}

#[test]
fn of_merged_cells_the_first_has_the_value_and_hidden_rows_are_rows() {
    let sheet = "<sheetData>\
        <row r=\"1\"><c r=\"A1\" t=\"str\"><v>nr</v></c><c r=\"B1\" t=\"str\"><v>v</v></c></row>\
        <row r=\"2\"><c r=\"A2\"><v>1</v></c><c r=\"B2\"><v>5</v></c></row>\
        <row r=\"3\" hidden=\"1\"><c r=\"A3\"><v>2</v></c><c r=\"B3\"/></row>\
        </sheetData><autoFilter ref=\"A1:B3\"/><mergeCells><mergeCell ref=\"B2:B3\"/></mergeCells>";
    assert_eq!(
        values(&plan(DECIMAL, ""), &Book::raw(sheet).bytes()).unwrap(),
        ["-", "500"]
    );
}
