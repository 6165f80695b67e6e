//! Values of registers made coarser: bands, categories, booleans and dates.

use crate::support::array;
use crate::support::column::{gives, gives_of, refuses, texts};
use arrow_array::types::UInt32Type;
use arrow_array::{
    BooleanArray, Date32Array, DictionaryArray, Float32Array, Float64Array, Int64Array,
    TimestampMillisecondArray, TimestampSecondArray,
};

// ---- bands ----

#[test]
fn bands_put_an_edge_on_the_side_that_the_plan_says() {
    let left = "type = \"category\"\nbands = [20, 35, 36]";
    gives(
        left,
        &[
            ("19", "under 20"),
            ("19.9999999999999999999", "under 20"),
            ("20", "20–34"),
            ("34.999", "20–34"),
            ("35", "35"),
            ("35.5", "35"),
            ("36", "36+"),
            ("-1e20", "under 20"),
        ],
    );
    let right = "type = \"category\"\nbands = { edges = [0, 100], closed = \"right\" }";
    gives(
        right,
        &[
            ("0", "up to 0"),
            ("0.000000000000000000001", "1–100"),
            ("100", "1–100"),
            ("100.0000001", "over 100"),
            ("-0.5", "up to 0"),
        ],
    );
    let tenths = "type = \"category\"\nbands = [5.7, 6.5]";
    gives(
        tenths,
        &[
            ("5.7", "5.7 to under 6.5"),
            ("5.69", "under 5.7"),
            ("5.6999999999999999", "under 5.7"),
            ("6.5", "6.5+"),
            ("6.49", "5.7 to under 6.5"),
        ],
    );
    gives_of(
        tenths,
        array(Float64Array::from(vec![5.7, 5.69999999999999, 6.5])),
        &["5.7 to under 6.5", "under 5.7", "6.5+"],
    );
    // The float before 5.7 is what arithmetic makes of it.
    gives_of(
        tenths,
        array(Float64Array::from(vec![
            5.699999999999999,
            5.8 - 0.1,
            6.6 - 0.1,
        ])),
        &["5.7 to under 6.5", "5.7 to under 6.5", "6.5+"],
    );
    gives_of(
        tenths,
        array(Float32Array::from(vec![5.7f32, 6.5])),
        &["5.7 to under 6.5", "6.5+"],
    );
    let named = "type = \"category\"\nbands = { edges = [0, 10], labels = [\"low\", \"high\"] }";
    gives(named, &[("0", "low"), ("10", "high"), ("", "-")]);
    refuses(named, "below the first band", texts(&["-1", "-0.001"]));
    refuses(named, "not a number", texts(&["ten"]));
    gives(
        "type = \"category\"\nbands = [0]\nabsent = \"none\"",
        &[("", "none"), ("1", "0+")],
    );
    gives(
        "type = \"category\"\nbands = [20]\nclip = { at_most = 19 }",
        &[("50", "under 20")],
    );
    // A prefix is taken of a band's name as of any other.
    gives(
        "type = \"category\"\nbands = [20, 35]\nprefix = 3",
        &[("20", "20–"), ("40", "35+"), ("1", "und")],
    );
}

// ---- categories ----

#[test]
fn categories_are_mapped_cut_and_named() {
    let map = "type = \"category\"\nmap = { 1 = \"male\", 2 = \"female\" }";
    gives(map, &[("1", "male"), (" 2 ", "female"), ("", "-")]);
    gives(map, &[("1.0", "male"), ("2.00", "female")]);
    gives_of(
        map,
        array(Float64Array::from(vec![1.0, 2.0])),
        &["male", "female"],
    );
    gives_of(map, array(Int64Array::from(vec![2])), &["female"]);
    refuses(
        map,
        "not in `map`",
        texts(&["3", "01", "1.", "1.5", "male"]),
    );
    gives(
        &format!("{map}\notherwise = \"other\""),
        &[("3", "other"), ("1", "male"), ("", "-")],
    );
    gives(
        &format!("{map}\ninvalid = \"missing\"\nabsent = \"none\""),
        &[("3", "none"), ("", "none")],
    );
    gives(
        "type = \"category\"\nprefix = 2",
        &[
            ("0301", "03"),
            ("3", "3"),
            ("Ærøskøbing", "Ær"),
            ("日本語", "日本"),
            // What reads the same is one name, however it is composed.
            ("e\u{301}a", "éa"),
            ("q\u{301}a", "q\u{301}"),
            ("👩‍👩‍👧", "👩\u{200d}"),
        ],
    );
    gives(&format!("{map}\nprefix = 1"), &[("1", "m"), ("2", "f")]);
    gives(
        "type = \"boolean\"\nmap = { J = \"true\", N = \"false\" }",
        &[("J", "true"), ("N", "false")],
    );
    refuses(
        "type = \"boolean\"\nmap = { J = \"true\" }",
        "not in `map`",
        texts(&["j"]),
    );
    let keys = DictionaryArray::<UInt32Type>::from_iter([Some("a"), None]);
    gives_of("type = \"category\"", array(keys), &["a", "-"]);
}

#[test]
fn booleans_and_dates() {
    let boolean = "type = \"boolean\"";
    gives(
        boolean,
        &[
            ("1", "true"),
            ("0", "false"),
            ("TRUE", "true"),
            ("False", "false"),
            ("", "-"),
        ],
    );
    gives_of(
        boolean,
        array(BooleanArray::from(vec![Some(true), None])),
        &["true", "-"],
    );
    refuses(
        boolean,
        "not true, false, 1 or 0",
        texts(&["yes", "2", "01"]),
    );
    let date = "type = \"date\"";
    gives(
        date,
        &[
            ("2024-02-29", "2024-02-29"),
            ("0001-01-01", "0001-01-01"),
            ("9999-12-31", "9999-12-31"),
        ],
    );
    gives(
        "type = \"date\"\nformat = \"DD.MM.YYYY\"",
        &[("29.02.2024", "2024-02-29"), ("9.2.2024", "2024-02-09")],
    );
    gives(
        date,
        &[
            ("2024-2-9", "2024-02-09"),
            ("2024-02-29T00:00", "2024-02-29"),
        ],
    );
    refuses(
        date,
        "has a time of day that is not midnight",
        texts(&["2024-02-29T08:00", "2024-02-29 23:59:59"]),
    );
    refuses(date, "in a zone", texts(&["2024-02-29T00:00:00Z"]));
    gives_of(
        "type = \"date\"\nformat = \"YYYYMMDD\"",
        array(Int64Array::from(vec![20_240_229])),
        &["2024-02-29"],
    );
    let no_dates = [
        "2023-02-29",
        "2024-13-01",
        "2024-00-10",
        "2024-229",
        "2024-02-29T00",
        "0000-01-01",
        "-001-01-01",
        "29.02.2024",
        "２０２４-02-29",
        "x",
    ];
    refuses(date, "not a date", texts(&no_dates));
    gives_of(
        date,
        array(TimestampMillisecondArray::from(vec![-1, 86_399_999])),
        &["1969-12-31", "1970-01-01"],
    );
    refuses(
        date,
        "not a date",
        array(Date32Array::from(vec![i32::MAX, i32::MIN])),
    );
    // Seconds that no day of the calendar has.
    refuses(
        date,
        "not a date",
        array(TimestampSecondArray::from(vec![i64::MAX, i64::MIN])),
    );
    let with_missing = format!("{date}\nmissing = [\"x\"]");
    refuses(
        &with_missing,
        "not a date",
        array(Date32Array::from(vec![i32::MAX])),
    );
    gives(
        "type = \"category\"\ntruncate = \"month\"",
        &[("2024-02-29", "2024-02")],
    );
    gives(
        "type = \"date\"\ntruncate = \"month\"",
        &[("2024-02-29", "2024-02-01")],
    );
    gives(
        "type = \"date\"\ntruncate = \"year\"",
        &[("2024-02-29", "2024-01-01")],
    );
    gives(
        "type = \"integer\"\ntruncate = \"year\"\nclip = { at_least = 2000 }",
        &[("2024-02-29", "2024"), ("1999-12-31", "2000")],
    );
    gives(
        "type = \"category\"\ntruncate = \"year\"\nbands = [2000]",
        &[("1999-12-31", "under 2000"), ("2000-01-01", "2000+")],
    );
}
