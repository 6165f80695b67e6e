//! Reading at once gives what reading value by value gives, refusals included.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Float64Array, Int64Array, StringArray};
use proptest::prelude::*;

use super::*;
use crate::plan::scalar::{ListedValues, Number, Scalar};

fn recipe(reads: Reads, missing: &[Scalar], invalid: InvalidValue) -> Recipe {
    let output = match reads {
        Reads::Number { scale: 0, .. } => ColumnType::Integer,
        Reads::Number { scale, .. } => ColumnType::Decimal { scale },
        _ => ColumnType::Category,
    };
    Recipe {
        missing: ListedValues::of(missing),
        invalid,
        invalid_at_most: None,
        reads,
        clip: None,
        truncate: None,
        bands: None,
        map: None,
        prefix: None,
        categories: None,
        rare: None,
        absent: None,
        output,
    }
}

fn cells(array: ArrayRef) -> ColumnCells {
    ColumnCells::of(&array).expect("a type that registers are read from")
}

/// Each value by itself, as [`number`] reads it.
fn numbers_by_value(
    recipe: &Recipe,
    cells: &ColumnCells,
    rows: &[usize],
) -> Result<Vec<Option<i128>>, RefusedValue> {
    let Reads::Number { scale, excess } = recipe.reads else {
        panic!("a recipe of numbers");
    };
    let mut reader = ColumnReader {
        recipe,
        buffer: String::new(),
        unreadable: 0,
    };
    reader.each(cells, rows, |cell, buffer| {
        number(cell, scale, excess, buffer)
    })
}

/// Each value by itself, and a label looked for among all before it.
fn labels_by_value(
    recipe: &Recipe,
    cells: &ColumnCells,
    rows: &[usize],
) -> (Vec<u32>, Vec<String>) {
    let mut reader = ColumnReader {
        recipe,
        buffer: String::new(),
        unreadable: 0,
    };
    let mut labels: Vec<String> = Vec::new();
    let mut buffer = String::new();
    let code = |&row: &usize| {
        let cell = cells.get(row);
        let missing = reader.is_missing(cell);
        let Some(text) = cell.text(&mut buffer).filter(|_| !missing) else {
            return MISSING;
        };
        let known = labels.iter().position(|label| label == text);
        known.unwrap_or_else(|| {
            labels.push(text.to_owned());
            labels.len() - 1
        }) as u32
    };
    let codes = rows.iter().map(code).collect();
    (codes, labels)
}

fn numbers_agree(recipe: &Recipe, array: ArrayRef, rows: &[usize]) {
    let cells = cells(array);
    let Reads::Number { scale, excess } = recipe.reads else {
        panic!("a recipe of numbers");
    };
    let mut reader = ColumnReader {
        recipe,
        buffer: String::new(),
        unreadable: 0,
    };
    let read = reader.numbers(&cells, rows, scale, excess);
    let read = read.map(|numbers| numbers.iter().collect::<Vec<_>>());
    assert_eq!(read, numbers_by_value(recipe, &cells, rows));
}

fn labels_agree(recipe: &Recipe, array: ArrayRef, rows: &[usize]) {
    let cells = cells(array);
    let mut reader = ColumnReader {
        recipe,
        buffer: String::new(),
        unreadable: 0,
    };
    let Ok(Values::Codes { codes, labels }) = reader.categories(&cells, rows) else {
        panic!("categories");
    };
    assert_eq!(
        (codes, labels.to_vec()),
        labels_by_value(recipe, &cells, rows)
    );
}

fn any_integer() -> impl Strategy<Value = Option<i64>> {
    let edges = prop::sample::select(vec![i64::MIN, i64::MIN + 1, i64::MAX, -1, 0, -9]);
    prop::option::weighted(0.9, prop_oneof![-1000..1000_i64, any::<i64>(), edges])
}

fn any_float() -> impl Strategy<Value = Option<f64>> {
    let cents = (-1_000_000_000_000_000_i64..1_000_000_000_000_000, 0..4)
        .prop_map(|(unscaled, scale)| unscaled as f64 / 10f64.powi(scale));
    let prices = (-100_000..100_000_i32).prop_map(|unscaled| f64::from(unscaled) / 100.0);
    let near = prices.prop_map(|price| f64::from_bits(price.to_bits() ^ 1));
    let edges = [
        0.0,
        -0.0,
        f64::NAN,
        f64::INFINITY,
        1e15,
        1e15 - 0.5,
        0.005,
        9e15,
        1e300,
        5e-324,
    ];
    let edges = prop::sample::select(edges.to_vec());
    prop::option::weighted(
        0.9,
        prop_oneof![cents, near, any::<f64>(), -1e3..1e3, edges],
    )
}

fn any_label() -> impl Strategy<Value = Option<String>> {
    let texts = prop_oneof![
        4 => "[ab]{1,2}",
        1 => "-9|-9\\.0|x| x|x ",
        1 => "region [0-9]{1,3}",
        1 => "[ \u{a0}]{0,2}",
    ];
    prop::option::weighted(0.9, texts)
}

fn numbers() -> impl Strategy<Value = Recipe> {
    let excess = prop::sample::select(vec![Excess::Refuse, Excess::Floor, Excess::Ceil]);
    let listed = prop::sample::select(vec![vec![], vec![], vec![Scalar::Number(Number::from(-9))]]);
    let invalid = prop::sample::select(vec![InvalidValue::Fail, InvalidValue::Missing]);
    (0..=18_u8, excess, listed, invalid).prop_map(|(scale, excess, listed, invalid)| {
        recipe(Reads::Number { scale, excess }, &listed, invalid)
    })
}

proptest! {
    #[test]
    fn plain_integers_are_what_they_are_one_by_one(
        recipe in numbers(),
        values in prop::collection::vec(any_integer(), 1..20),
        step in 1..3_usize,
    ) {
        let rows: Vec<usize> = (0..values.len()).step_by(step).collect();
        numbers_agree(&recipe, Arc::new(Int64Array::from(values)), &rows);
    }

    #[test]
    fn plain_floats_are_what_they_are_one_by_one(
        recipe in numbers(),
        values in prop::collection::vec(any_float(), 1..20),
        step in 1..3_usize,
    ) {
        let rows: Vec<usize> = (0..values.len()).step_by(step).collect();
        numbers_agree(&recipe, Arc::new(Float64Array::from(values.clone())), &rows);
        // One at a time, so that a refusal of the first hides no other.
        for value in values {
            numbers_agree(&recipe, Arc::new(Float64Array::from(vec![value])), &[0]);
        }
    }

    #[test]
    fn labels_are_what_they_are_one_by_one(
        values in prop::collection::vec(any_label(), 1..60),
        listed in prop::sample::select(vec![
            vec![],
            vec![Scalar::Text("x".to_owned()), Scalar::Text("a".to_owned())],
            vec![Scalar::Number(Number::from(-9))],
        ]),
        step in 1..3_usize,
    ) {
        let recipe = recipe(Reads::Text, &listed, InvalidValue::Fail);
        let rows: Vec<usize> = (0..values.len()).step_by(step).collect();
        let texts = values.iter().map(Option::as_deref);
        let coded: DictionaryArray<Int32Type> = texts.clone().collect();
        labels_agree(&recipe, Arc::new(texts.collect::<StringArray>()), &rows);
        labels_agree(&recipe, Arc::new(coded), &rows);
        let numbers = values.iter().map(|text| text.as_ref().map(|text| text.len() as i64 - 10));
        labels_agree(&recipe, Arc::new(numbers.collect::<Int64Array>()), &rows);
    }
}

#[test]
fn many_labels_keep_their_codes() {
    // More than there is room for among the recent ones.
    let labels: Vec<String> = (0..5000)
        .map(|label| format!("{}", label * 7919 % 5003))
        .collect();
    let twice = labels
        .iter()
        .chain(&labels)
        .map(|label| Some(label.as_str()));
    let recipe = recipe(Reads::Text, &[], InvalidValue::Fail);
    let rows: Vec<usize> = (0..2 * labels.len()).collect();
    labels_agree(&recipe, Arc::new(twice.collect::<StringArray>()), &rows);
}

#[test]
fn the_days_are_those_that_are_dates() {
    let (first, last) = (*DAYS.start(), *DAYS.end());
    for days in [i32::MIN, first - 1, first, 0, last, last + 1, i32::MAX] {
        assert_eq!(
            DAYS.contains(&days),
            Date::from_days(days).is_some(),
            "{days}"
        );
    }
}
