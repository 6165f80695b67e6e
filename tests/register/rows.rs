//! Numbers of registers, and the rows that are kept: read exactly, or refused by place and rule.

use crate::support::column::{extract, gives, gives_of, is_placed, plan, refuses, texts};
use crate::support::{array, refusal};
use arrow_array::{
    BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int32Array, Int64Array,
    UInt8Array, UInt64Array,
};
use arrow_schema::DataType;

use crate::support;

// ---- numbers ----

const INTEGER: &str = "type = \"integer\"";
const DECIMAL: &str = "type = \"decimal\"\nscale = 2";

#[test]
fn numbers_are_read_exactly_or_refused() {
    gives(
        INTEGER,
        &[
            ("7", "7"),
            (" -7 ", "-7"),
            ("+7", "7"),
            ("7.0", "7"),
            ("7e2", "700"),
            ("700e-2", "7"),
            ("", "-"),
            ("  ", "-"),
            ("-0", "0"),
            ("1 000", "1000"),
            ("\u{2212}1\u{a0}000\u{a0}000", "-1000000"),
            ("1,000,000", "1000000"),
        ],
    );
    gives(
        INTEGER,
        &[
            ("999999999999999999", "999999999999999999"),
            ("000000000000000000000000000000000000000000001", "1"),
        ],
    );
    gives(
        DECIMAL,
        &[
            ("1.5", "150"),
            (".5", "50"),
            ("5.", "500"),
            ("1.500", "150"),
            ("-0.01", "-1"),
            ("15e-1", "150"),
        ],
    );
    refuses(INTEGER, "not a whole number", texts(&["7.5", "1e-1"]));
    refuses(
        INTEGER,
        "more than 18 digits",
        texts(&["1000000000000000000", "-1000000000000000000"]),
    );
    refuses(
        INTEGER,
        "too large",
        texts(&[
            "9999999999999999999999999999999999999999",
            "1e200",
            "1e999999",
        ]),
    );
    refuses(DECIMAL, "more than 2 decimals", texts(&["1.005", "1e-3"]));
    refuses(
        "type = \"decimal\"\nscale = 1",
        "has more than 1 decimal",
        texts(&["1.05"]),
    );
    refuses(
        DECIMAL,
        "more than 18 digits",
        texts(&["10000000000000000"]),
    );
    let no_numbers = [
        "abc", "10 00", "0x10", "NaN", "inf", "-", "+", ".", "e5", "1e", "--1", "1.2.3", "٣",
        "1_000", "½",
    ];
    refuses(INTEGER, "not a number", texts(&no_numbers));
    refuses(DECIMAL, "not a number", texts(&no_numbers));
    // What a plan has to say first is not missing, whatever it says of `invalid`.
    for recipe in [
        DECIMAL.to_owned(),
        format!("{DECIMAL}\ninvalid = \"missing\""),
    ] {
        for found in support::column::read(&recipe, &texts(&["1,5", "1,500", "1.234,5"])) {
            support::column::is_placed(&refusal(found), "a number with two readings");
        }
    }
}

/// 16⁻⁶⁵, as which some programs read the 0 of a transport file of SAS.
#[test]
fn a_zero_of_sas_is_refused_with_what_to_do() {
    let written = texts(&["5.397605e-79", "5.397605346934028e-79"]);
    let stored = array(Float64Array::from(vec![5.397605346934028e-79, 1e-30]));
    for values in [written, stored] {
        for recipe in [INTEGER, DECIMAL] {
            for found in support::column::read(recipe, &values) {
                let error = refusal(found);
                support::column::is_placed(&error, "has more than 18 decimals");
                let help = error.help_text().unwrap_or_default();
                assert!(help.contains("write 0 in its place"), "{error}");
            }
        }
    }
    // What lies within a band needs no decimals.
    let bands = "type = \"category\"\nbands = [0, 1]";
    gives(bands, &[("5.397605e-79", "0"), ("2", "1+")]);
}

#[test]
fn numbers_mean_the_same_in_every_arrow_type() {
    gives_of(
        DECIMAL,
        array(Float64Array::from(vec![5.7, 0.1, -0.0, 1e15, f64::NAN])),
        &["570", "10", "0", "100000000000000000", "-"],
    );
    gives_of(
        DECIMAL,
        array(Float32Array::from(vec![5.7f32, 0.1])),
        &["570", "10"],
    );
    gives_of(
        DECIMAL,
        array(Int32Array::from(vec![Some(-3), None])),
        &["-300", "-"],
    );
    gives_of(INTEGER, array(UInt8Array::from(vec![255])), &["255"]);
    let decimals =
        Decimal128Array::from(vec![12_345, 12_300]).with_data_type(DataType::Decimal128(38, 2));
    gives_of(DECIMAL, array(decimals.clone()), &["12345", "12300"]);
    gives_of(INTEGER, array(decimals.slice(1, 1)), &["123"]);
    refuses(INTEGER, "not a whole number", array(decimals.slice(0, 1)));
    refuses(
        INTEGER,
        "not a number",
        array(Float64Array::from(vec![f64::INFINITY, f64::NEG_INFINITY])),
    );
    refuses(
        INTEGER,
        "too large",
        array(Float64Array::from(vec![1e300, f64::MIN])),
    );
    refuses(
        INTEGER,
        "more than 18 digits",
        array(UInt64Array::from(vec![u64::MAX])),
    );
    refuses(
        INTEGER,
        "more than 18 digits",
        array(Int64Array::from(vec![i64::MIN])),
    );
    refuses(
        INTEGER,
        "not a number",
        array(BooleanArray::from(vec![true])),
    );
    refuses(INTEGER, "not a number", array(Date32Array::from(vec![1])));
}

#[test]
fn what_means_missing_is_missing_in_every_spelling_of_its_number() {
    let recipe = "type = \"decimal\"\nscale = 1\nmissing = [-9, \"x\", 99.5]";
    gives(
        recipe,
        &[
            ("-9", "-"),
            ("x", "-"),
            (" x ", "-"),
            ("99.5", "-"),
            ("-9.5", "-95"),
            ("9", "90"),
        ],
    );
    // A register that went through floats has its codes so.
    gives(recipe, &[("-9.0", "-"), ("99.50", "-")]);
    gives_of(
        recipe,
        array(Float64Array::from(vec![-9.0, 99.5, 9.0])),
        &["-", "-", "90"],
    );
    gives_of(recipe, array(Int64Array::from(vec![-9, 9])), &["-", "90"]);
}

#[test]
fn clip_sets_numbers_to_its_bounds() {
    let clip = format!("{DECIMAL}\nclip = {{ at_least = 0, at_most = 99.99 }}");
    gives(
        &clip,
        &[
            ("-5", "0"),
            ("0", "0"),
            ("99.99", "9999"),
            ("100", "9999"),
            ("9999999999999999999999999999", "9999"),
        ],
    );
    refuses(&clip, "not a number", texts(&["much"]));
}

// ---- keep ----

#[test]
fn every_condition_keeps_the_rows_it_says() {
    let values = texts(&[
        "19",
        "20",
        "20.0",
        "20.00000000000000000000001",
        "21",
        "",
        "  ",
    ]);
    for (condition, kept) in [
        ("at_least = 20", 4),
        ("above = 20", 2),
        ("at_most = 20", 3),
        ("below = 20", 1),
        ("at_least = 20, below = 21", 3),
        ("above = 19, at_most = 20", 2),
        ("equals = 20", 2),
        ("equals = \"20\"", 1),
        ("one_of = [19, 21, 5]", 2),
        ("one_of = [20.0, \"19\"]", 3),
        ("present = true", 5),
        ("present = false", 2),
    ] {
        let plan = plan(
            "type = \"category\"",
            &format!("{{ column = \"v\", {condition} }}"),
        );
        let made = extract(&plan, values.clone()).expect(condition);
        assert_eq!(
            (made.rows(), made.header().rows_read),
            (kept, 7),
            "{condition}"
        );
    }
    let keep = "{ column = \"v\", at_least = 2024-01-01 }, { column = \"v\", below = 2025-01-01 }";
    let plan = plan("type = \"date\"", keep);
    let days = texts(&["2023-12-31", "2024-01-01", "2024-12-31", "2025-01-01", ""]);
    assert_eq!(extract(&plan, days).expect("dates").rows(), 2);
    let days = array(Date32Array::from(vec![19_722, 19_723, 20_088, 20_089]));
    assert_eq!(extract(&plan, days).expect("dates").rows(), 2);
}

#[test]
fn what_a_condition_cannot_compare_is_refused() {
    for (bound, value) in [
        ("20", "many"),
        ("20", "1e400"),
        ("2024-01-01", "01.02.2024"),
        ("2024-01-01", "20240101"),
    ] {
        let plan = plan(
            "type = \"category\"",
            &format!("{{ column = \"v\", at_least = {bound} }}"),
        );
        let error = refusal(extract(&plan, texts(&[value])));
        is_placed(&error, "`keep` can compare");
        assert!(!error.to_string().contains(value), "{error}");
    }
}
