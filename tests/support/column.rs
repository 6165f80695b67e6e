//! One column of one source: what a recipe makes of single values.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int64Type, UInt32Type};
use arrow_array::{Array, ArrayRef, Int64Array, StringArray};
use arrow_schema::DataType;
use kobling::{Error, ErrorKind, Extract, Plan, Result, Rows};

use super::{PROJECT, array, batch, key, parse};

/// A plan of one source with one column `v`, declared by `recipe`, and rows kept by `keep`.
pub(crate) fn plan(recipe: &str, keep: &str) -> Plan {
    change_plan(recipe, keep, str::to_owned)
}

/// [`plan`], changed so.
pub(crate) fn change_plan(recipe: &str, keep: &str, change: impl Fn(&str) -> String) -> Plan {
    parse(&change(&format!(
        r#"{PROJECT}
[source.reg]
agency = "a"
legal_basis = ["l"]
identifier = {{ column = "nr", type = "number" }}
rows = "one"
keep = [{keep}]
[source.reg.columns.v]
from = "v"
{recipe}
[table.t]
from = "reg"
by = []
where = [{{ column = "reg.v", present = true }}]
sensitive = []
measures = [{{ persons = true }}]
[table.t.protect]
min_persons = 3
method = "suppress"
"#
    )))
}

/// The extract of persons 1, 2, … with these values.
pub(crate) fn extract(plan: &Plan, values: ArrayRef) -> Result<Extract> {
    let numbers = (1..=values.len() as i64).collect::<Int64Array>();
    let batch = batch(vec![("v", values), ("nr", array(numbers))]);
    Rows::from_batches(plan, "reg", [batch])?
        .identify()?
        .pseudonymise(&key(plan))
}

/// What a recipe makes of each value alone; `-` is missing.
pub(crate) fn read(recipe: &str, values: &ArrayRef) -> Vec<Result<String>> {
    let plan = plan(recipe, "");
    let one = |row: usize| {
        Ok(text(
            extract(&plan, values.slice(row, 1))?.to_batch().column(1),
        ))
    };
    (0..values.len()).map(one).collect()
}

pub(crate) fn text(column: &ArrayRef) -> String {
    if column.is_null(0) {
        return "-".to_owned();
    }
    match column.data_type() {
        DataType::Dictionary(_, _) => {
            let dictionary = column.as_dictionary::<UInt32Type>();
            let labels = dictionary.values().as_string::<i32>();
            labels.value(dictionary.keys().value(0) as usize).to_owned()
        }
        DataType::Int64 => column.as_primitive::<Int64Type>().value(0).to_string(),
        DataType::Decimal128(18, _) => column.as_primitive::<Decimal128Type>().value(0).to_string(),
        DataType::Boolean => column.as_boolean().value(0).to_string(),
        DataType::Date32 => column
            .as_primitive::<Date32Type>()
            .value_as_date(0)
            .map_or_else(String::new, |d| d.to_string()),
        other => panic!("{other} is no type of an extract"),
    }
}

pub(crate) fn texts(values: &[&str]) -> ArrayRef {
    array(StringArray::from(values.to_vec()))
}

/// Every value gives what is paired with it; decimals as counts of their last digit.
pub(crate) fn gives(recipe: &str, cases: &[(&str, &str)]) {
    let (values, expected): (Vec<&str>, Vec<&str>) = cases.iter().copied().unzip();
    gives_of(recipe, texts(&values), &expected);
}

pub(crate) fn gives_of(recipe: &str, values: ArrayRef, expected: &[&str]) {
    for (row, (found, expected)) in read(recipe, &values).into_iter().zip(expected).enumerate() {
        let found = found.unwrap_or_else(|error| panic!("{recipe}, value {row}: {error}"));
        assert_eq!(found, *expected, "{recipe}, value {row}");
    }
}

/// Every value is refused with these words, its source, column and row, and not itself.
pub(crate) fn refuses(recipe: &str, words: &str, values: ArrayRef) {
    for (row, found) in read(recipe, &values).into_iter().enumerate() {
        let error = match found {
            Ok(found) => panic!("{recipe}, value {row} gave {found}"),
            Err(error) => error,
        };
        is_placed(&error, words);
        if let Some(texts) = values.as_string_opt::<i32>() {
            let value = texts.value(row);
            assert!(
                value.len() < 3 || !format!("{error:?}").contains(value),
                "{error}"
            );
        }
        let missing = format!("{recipe}\ninvalid = \"missing\"");
        let missing = read(&missing, &values.slice(row, 1)).remove(0);
        assert_eq!(
            missing.expect("it counts as missing"),
            "-",
            "{recipe}, value {row}"
        );
    }
}

pub(crate) fn is_placed(error: &Error, words: &str) {
    assert_eq!(error.kind(), ErrorKind::Rows, "{error}");
    assert_eq!(
        (error.source_name(), error.column(), error.row()),
        (Some("reg"), Some("v"), Some(1))
    );
    assert!(error.rule().contains(words), "{error}");
}
