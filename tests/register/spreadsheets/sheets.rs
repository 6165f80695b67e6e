//! Which sheet is read, which row has the names, and which rows there are.

use kobling::{Rows, register_columns};

use super::forge::{Book, rows};
use super::{extract, file, is_refused, plan, refusal, values};

const NUMBER: &str = "type = \"integer\"";
const REGISTER: &[&[&str]] = &[&["'nr", "'v"], &["1", "5"], &["2", "6"]];
const NOTES: &[&[&str]] = &[&["'Laget av Kari Nordmann"]];

#[test]
fn the_only_sheet_with_cells_is_the_register() {
    let book = Book::with(&[("Ark1", &[]), ("Skatt", REGISTER), ("Ark3", &[&["' "]])]);
    assert_eq!(
        values(&plan(NUMBER, ""), &book.bytes()).unwrap(),
        ["5", "6"]
    );
    let error = is_refused(
        extract(&plan(NUMBER, ""), &Book::of(&[]).bytes()),
        None,
        None,
        "is empty",
    );
    assert!(error.to_string().contains("no sheet has a cell"), "{error}");
}

#[test]
fn of_several_sheets_the_plan_names_one() {
    let mut book = Book::with(&[
        ("Kari Nordmann", NOTES),
        ("Skatt 2024", REGISTER),
        ("Tom", &[]),
    ]);
    let refused = is_refused(
        extract(&plan(NUMBER, ""), &book.bytes()),
        None,
        None,
        "has 2 sheets with cells",
    );
    assert!(
        refused
            .to_string()
            .contains("format = { sheet = \"Ark1\" }"),
        "{refused}"
    );
    assert!(!refused.to_string().contains("Nordmann"), "{refused}");
    book.sheets[0].1 = "state=\"hidden\"".to_owned();
    is_refused(
        extract(&plan(NUMBER, ""), &book.bytes()),
        None,
        None,
        "1 of them hidden",
    );
    let named = plan(NUMBER, "sheet = \"Skatt 2024\"");
    assert_eq!(values(&named, &book.bytes()).unwrap(), ["5", "6"]);
    let slip = plan(NUMBER, "sheet = \"Skatt 2025\"");
    let error = is_refused(
        extract(&slip, &book.bytes()),
        None,
        None,
        "did you mean \"Skatt 2024\"? it has 3 sheets",
    );
    assert!(!error.to_string().contains("Nordmann"), "{error}");
    let twice = Book::with(&[("A", REGISTER), ("A", REGISTER)]);
    is_refused(
        extract(&plan(NUMBER, "sheet = \"A\""), &twice.bytes()),
        None,
        None,
        "two sheets",
    );
}

#[test]
fn the_names_are_in_the_first_row_with_cells_or_where_the_plan_says() {
    let book = Book::raw(&format!("<sheetData>{}</sheetData>", rows(4, REGISTER)));
    assert_eq!(
        values(&plan(NUMBER, ""), &book.bytes()).unwrap(),
        ["5", "6"]
    );
    let titled: &[&[&str]] = &[&["'Skatt 2024"], &[], &["'nr", "'v"], &["1", "5"]];
    let book = Book::of(titled);
    let error = refusal(extract(&plan(NUMBER, ""), &book.bytes()));
    assert!(
        error
            .to_string()
            .contains("row 3 has all columns: write format = { header_row = 3 }"),
        "{error}"
    );
    assert_eq!(
        values(&plan(NUMBER, "header_row = 3"), &book.bytes()).unwrap(),
        ["5"]
    );
    is_refused(
        extract(&plan(NUMBER, "header_row = 2"), &book.bytes()),
        None,
        None,
        "has nothing in row 2",
    );
    // A first row that may be a person's is not shown.
    let bare: &[&[&str]] = &[
        &["'Kari Nordmann", "30926539996"],
        &["'Ola Nordmann", "30926539996"],
    ];
    let error = refusal(extract(&plan(NUMBER, ""), &Book::of(bare).bytes()));
    assert!(
        error
            .to_string()
            .contains("it has 2 columns; they are not listed"),
        "{error}"
    );
    assert!(!error.to_string().contains("Nordmann"), "{error}");
    let twice: &[&[&str]] = &[&["'nr", "'v", "'v"], &["1", "5", "6"]];
    is_refused(
        extract(&plan(NUMBER, ""), &Book::of(twice).bytes()),
        Some("v"),
        None,
        "twice",
    );
}

#[test]
fn rows_are_those_with_a_value_below_a_name_and_keep_their_numbers() {
    let sparse: &[&[&str]] = &[
        &["'nr", "'v", "'other", "", "'last"],
        &["1", "5"],
        &[],
        &["", "' ", "", "'beside"],
        &["2", "6"],
        &["", "", "'x"],
        &["3", "'bad"],
        &["", "", "", "", "", "'beside too"],
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "register.xlsx", Book::of(sparse).bytes());
    let plan = plan(NUMBER, "");
    let open = || Rows::open(&plan, "reg", &[&path]).unwrap();
    is_refused(open().identify(), Some("v"), Some(7), "is not a number");
    let good = plan_of_all();
    let rows = Rows::open(&good, "reg", &[&path]).unwrap();
    let readings = rows.readings();
    let identified = rows.identify().unwrap();
    assert_eq!((identified.rows_read(), identified.rows()), (4, 3));
    assert_eq!(
        readings.words(),
        [
            "the only sheet of a workbook, names of columns in row 1, 4 rows, 2 empty rows between them passed over"
        ]
    );
}

fn plan_of_all() -> kobling::Plan {
    plan("type = \"category\"", "")
}

#[test]
fn columns_are_shown_with_their_types() {
    let typed: &[&[&str]] = &[
        &[
            "'nr", "'wage", "'born", "'member", "'note", "", "'empty", "'mixed",
        ],
        &["1", "5.5", "d:45000", "b:1", "'x", "'beside", "", "1"],
        &["2", "", "d:45001", "", "", "", "", "'a"],
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "register.xlsx", Book::of(typed).bytes());
    let columns = register_columns(&[&path]).unwrap();
    let shown: Vec<_> = columns
        .iter()
        .map(|c| (c.name.as_str(), c.stored.as_deref().unwrap()))
        .collect();
    assert_eq!(
        shown,
        [
            ("nr", "Float64"),
            ("wage", "Float64"),
            ("born", "Date32"),
            ("member", "Boolean"),
            ("note", "Utf8"),
            ("empty", "Utf8"),
            ("mixed", "Utf8"),
        ]
    );
    let bare: &[&[&str]] = &[&["'Kari", "30926539996"]];
    file(folder.path(), "register.xlsx", Book::of(bare).bytes());
    is_refused(
        register_columns(&[&path]),
        None,
        None,
        "may be a row and no header",
    );
}

#[test]
fn a_file_that_is_changed_while_it_is_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "register.xlsx", Book::of(REGISTER).bytes());
    let plan = plan(NUMBER, "");
    let rows = Rows::open(&plan, "reg", &[&path]).unwrap();
    let more: &[&[&str]] = &[&["'nr", "'v"], &["1", "5"]];
    file(folder.path(), "register.xlsx", Book::of(more).bytes());
    is_refused(rows.identify(), None, None, "was changed while it was read");
}

#[test]
fn many_rows_come_in_batches_and_keep_their_numbers() {
    let mut sheet = "<sheetData>".to_owned() + &rows(1, &[&["'nr", "'v"]]);
    for row in (2..150_000).step_by(2) {
        let v = if row == 140_000 {
            "<c t=\"e\"><v>#N/A</v></c>"
        } else {
            "<c><v>5</v></c>"
        };
        sheet += &format!("<row r=\"{row}\"><c><v>{row}</v></c>{v}</row>");
    }
    let book = Book::raw(&(sheet + "</sheetData>"));
    is_refused(
        extract(&plan(NUMBER, ""), &book.bytes()),
        Some("v"),
        Some(140_000),
        "#N/A",
    );
    let listed = plan("type = \"integer\"\nmissing = [\"#N/A\"]", "");
    let values = values(&listed, &book.bytes()).unwrap();
    assert_eq!(
        (values.len(), values[0].as_str(), values[1].as_str()),
        (74_999, "-", "5")
    );
}
