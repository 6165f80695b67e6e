//! What a small file may cost: forged ones that ask for far more.

use std::time::{Duration, Instant};

use super::forge::{Book, rows};
use super::{extract, is_refused, plan, values};

const NUMBER: &str = "type = \"integer\"";
const CATEGORY: &str = "type = \"category\"";
const REGISTER: &[&[&str]] = &[&["'nr", "'v"], &["1", "5"]];

/// Bytes of memory that this process ever had.
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    kib.map_or(0, |kib| kib.parse::<u64>().unwrap() << 10)
}

fn is_cheap(what: &str, run: impl FnOnce()) {
    let started = Instant::now();
    run();
    assert!(started.elapsed() < Duration::from_secs(60), "{what}");
    assert!(
        most_memory() < 2 << 30,
        "{what}: {} MiB",
        most_memory() >> 20
    );
}

#[test]
fn a_part_that_unpacks_to_more_than_its_size_allows_is_refused() {
    is_cheap("zeros", || {
        let mut book = Book::of(REGISTER);
        book.others
            .push(("xl/media/a.bin".to_owned(), vec![0; 80 << 20]));
        assert!(book.bytes().len() < 200 << 10);
        is_refused(
            extract(&plan(NUMBER, ""), &book.bytes()),
            None,
            None,
            "packed so tightly",
        );
    });
    is_cheap("texts", || {
        let mut book = Book::of(REGISTER);
        book.texts = format!("<sst>{}</sst>", "<si/>".repeat(12 << 20));
        is_refused(
            extract(&plan(NUMBER, ""), &book.bytes()),
            None,
            None,
            "packed so tightly",
        );
    });
}

#[test]
fn a_sheet_is_as_large_as_its_cells_and_not_as_it_says() {
    let data = rows(1, REGISTER);
    let sheet = format!("<dimension ref=\"A1:XFD1048576\"/><sheetData>{data}</sheetData>");
    is_cheap("dimension", || {
        assert_eq!(
            values(&plan(NUMBER, ""), &Book::raw(&sheet).bytes()).unwrap(),
            ["5"]
        );
    });
    let far = format!(
        "<sheetData>{data}<row r=\"1048576\"><c r=\"A1048576\"><v>2</v></c><c r=\"XFD1048576\"><v>9</v></c></row></sheetData>"
    );
    is_cheap("corner", || {
        assert_eq!(
            values(&plan(NUMBER, ""), &Book::raw(&far).bytes()).unwrap(),
            ["-", "5"]
        );
    });
}

#[test]
fn cells_that_lie_outside_a_sheet_or_come_again_are_refused() {
    for cells in [
        "<row r=\"3\"><c r=\"A3\"><v>2</v></c></row><row r=\"3\"><c r=\"A3\"><v>3</v></c></row>",
        "<row r=\"3\"><c r=\"B3\"><v>2</v></c><c r=\"A3\"><v>3</v></c></row>",
        "<row r=\"1048577\"><c r=\"A1048577\"><v>2</v></c></row>",
        "<row r=\"3\"><c r=\"XFE3\"><v>2</v></c></row>",
        "<row r=\"99999999999\"><c r=\"ZZZZZZZZZ99999999999\"><v>2</v></c></row>",
    ] {
        let sheet = format!("<sheetData>{}{cells}</sheetData>", rows(1, REGISTER));
        let error = super::refusal(extract(&plan(NUMBER, ""), &Book::raw(&sheet).bytes()));
        assert!(error.rule().contains("damaged"), "{cells}: {error}");
    }
}

#[test]
fn texts_that_are_claimed_and_are_not_there_get_no_room() {
    for claim in [
        "uniqueCount=\"99999999999\"",
        "uniqueCount = '99999999999'",
        "a=\"uniqueCount\" uniqueCount=\"99999999999999999999999\"",
    ] {
        let mut book = Book::of(REGISTER);
        book.texts = format!("<!-- <sst> --><sst {claim}><si><t>a</t></si></sst>");
        is_cheap(claim, || {
            is_refused(
                extract(&plan(NUMBER, ""), &book.bytes()),
                None,
                None,
                "packed so tightly",
            );
        });
    }
}

#[test]
fn one_long_text_in_many_cells_is_kept_once() {
    let mut sheet = "<sheetData>".to_owned() + &rows(1, &[&["'nr", "'v"]]);
    for row in 2..20_000 {
        sheet += &format!("<row r=\"{row}\"><c><v>{row}</v></c><c t=\"s\"><v>0</v></c></row>");
    }
    let mut book = Book::raw(&(sheet + "</sheetData>"));
    book.texts = format!("<sst><si><t>{}</t></si></sst>", "a".repeat(90 << 10));
    is_cheap("one text", || {
        let folder = tempfile::tempdir().unwrap();
        let path = super::file(folder.path(), "register.xlsx", book.bytes());
        let plan = plan(CATEGORY, "");
        let rows = kobling::Rows::open(&plan, "reg", &[path]).unwrap();
        assert_eq!(rows.identify().unwrap().rows(), 19_998);
    });
    book.texts = format!("<sst><si><t>{}</t></si></sst>", "a".repeat(100 << 10));
    is_refused(
        extract(&plan(CATEGORY, ""), &book.bytes()),
        Some("v"),
        Some(2),
        "more than 96 KiB",
    );
}

#[test]
fn a_name_that_each_style_copies_is_refused() {
    let mut book = Book::of(REGISTER);
    let name = "a".repeat(1 << 20);
    let styles = "<xf numFmtId=\"0\" fontId=\"0\"/>".repeat(100_000);
    book.styles =
        format!("<fonts><font><name val=\"{name}\"/></font></fonts><cellXfs>{styles}</cellXfs>");
    is_cheap("styles", || {
        is_refused(
            extract(&plan(NUMBER, ""), &book.bytes()),
            None,
            None,
            "packed so tightly",
        );
    });
}

#[test]
fn sheets_that_share_one_part_are_not_looked_through_for_ever() {
    let mut book = Book::of(&[]);
    book.sheets = (0..400)
        .map(|at| (format!("A{at}"), String::new(), "<sheetData/>".to_owned()))
        .collect();
    book.sheets[0].2 = format!("<cols>{}</cols><sheetData/>", "<col/>".repeat(2 << 20));
    is_cheap("sheets", || {
        is_refused(
            extract(&plan(NUMBER, ""), &book.bytes()),
            None,
            None,
            "too many and too large to look through",
        );
    });
}
