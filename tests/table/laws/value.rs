//! The naive twin's values: what a column makes of a register's text, and conditions.
//!
//! A number is a count of 10⁻¹⁸ and a date its ISO text, so that every
//! comparison is one of integers or of text.

use kobling::plan::document::{
    CategoriesDocument, Closed, ColumnDocument, ConditionDocument, InvalidValue, Truncate, TypeName,
};
use kobling::plan::{Number, Scalar};

/// A value; the order of labels is not here but in `Twin::rank`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    Label(String),
    Number(i128),
    Boolean(bool),
    Date(String),
}

/// One, in counts of 10⁻¹⁸.
pub(crate) const ONE: i128 = 1_000_000_000_000_000_000;

/// A register's text as its column's type, before any step; missing stays missing.
pub(crate) fn read(column: &ColumnDocument, raw: Option<&str>) -> Option<Value> {
    let raw = raw?;
    if column
        .missing
        .iter()
        .any(|missing| missing.to_string() == raw)
    {
        return None;
    }
    let value = if column.truncate.is_some() || column.kind == TypeName::Date {
        date(raw, column.format.as_deref().unwrap_or("YYYY-MM-DD")).map(Value::Date)
    } else if column.bands.is_some() {
        number(raw).map(Value::Number)
    } else if matches!(column.kind, TypeName::Integer | TypeName::Decimal) {
        let step = ONE / 10i128.pow(column.scale.unwrap_or(0).into());
        number(raw)
            .filter(|value| value % step == 0)
            .map(Value::Number)
    } else if column.kind == TypeName::Boolean && column.map.is_none() {
        match raw.to_lowercase().as_str() {
            "true" | "1" => Some(Value::Boolean(true)),
            "false" | "0" => Some(Value::Boolean(false)),
            _ => None,
        }
    } else {
        Some(Value::Label(raw.to_owned()))
    };
    assert!(
        value.is_some() || column.invalid == InvalidValue::Missing,
        "the run would stop"
    );
    value
}

/// What a column makes of a value: truncate, clip, bands, map, prefix, absent.
pub(crate) fn steps(column: &ColumnDocument, value: Option<Value>) -> Option<Value> {
    let placed = value.and_then(|value| place(column, value));
    placed.or_else(|| column.absent.clone().map(Value::Label))
}

fn place(column: &ColumnDocument, mut value: Value) -> Option<Value> {
    let category = column.kind == TypeName::Category;
    if let (Some(truncate), Value::Date(date)) = (column.truncate, &value) {
        let kept = &date[..if truncate == Truncate::Year { 4 } else { 7 }];
        value = if column.bands.is_some() || column.kind == TypeName::Integer {
            Value::Number(number(kept).unwrap())
        } else if category {
            Value::Label(kept.to_owned())
        } else {
            Value::Date(format!("{kept}{}", &"0001-01-01"[kept.len()..]))
        };
    }
    if let (Some(clip), Value::Number(number)) = (&column.clip, &mut value) {
        let low = clip.at_least.map_or(*number, exact);
        *number = low.max(*number);
        let high = clip.at_most.map_or(*number, exact);
        *number = high.min(*number);
    }
    if let (Some(bands), Value::Number(number)) = (&column.bands, &value) {
        let below = bands.edges.iter().filter(|edge| match bands.closed {
            Closed::Left => exact(**edge) <= *number,
            Closed::Right => exact(**edge) < *number,
        });
        let labels = band_labels(column);
        // Without a label for what lies below the first edge there is one band fewer.
        let skipped = bands.edges.len() + 1 - labels.len();
        let Some(band) = below.count().checked_sub(skipped) else {
            assert_eq!(column.invalid, InvalidValue::Missing, "the run would stop");
            return None;
        };
        value = Value::Label(labels[band].clone());
    }
    if let (true, Value::Boolean(boolean)) = (category || column.map.is_some(), &value) {
        value = Value::Label(boolean.to_string());
    }
    if let (Some(map), Value::Label(label)) = (&column.map, &value) {
        let Some(name) = map.get(label).or(column.otherwise.as_ref()) else {
            assert_eq!(column.invalid, InvalidValue::Missing, "the run would stop");
            return None;
        };
        value = Value::Label(name.clone());
    }
    Some(match value {
        Value::Label(label) if category => Value::Label(listed(column, shorten(column, label))),
        Value::Label(label) => Value::Boolean(label == "true"),
        value => value,
    })
}

/// A label that the column's list does not have is called as rare ones are.
fn listed(column: &ColumnDocument, label: String) -> String {
    let Some(CategoriesDocument::List(names)) = &column.categories else {
        return label;
    };
    match names.contains(&label) {
        true => label,
        false => column.rare.clone().unwrap_or("other".to_owned()),
    }
}

pub(crate) fn shorten(column: &ColumnDocument, label: String) -> String {
    let length = column.prefix.map_or(usize::MAX, |length| length as usize);
    label.chars().take(length).collect()
}

/// The names of bands, as written or as whole numbers are called: `under 20`, `20–34`, `35+`.
pub(crate) fn band_labels(column: &ColumnDocument) -> Vec<String> {
    let bands = column.bands.as_ref().unwrap();
    if let Some(labels) = &bands.labels {
        return labels.clone();
    }
    assert_eq!(bands.closed, Closed::Left, "the twin names no others");
    let edges: Vec<i128> = bands.edges.iter().map(|edge| exact(*edge) / ONE).collect();
    let between = edges.windows(2).map(|pair| match (pair[0], pair[1] - 1) {
        (low, high) if low == high => low.to_string(),
        (low, high) => format!("{low}–{high}"),
    });
    std::iter::once(format!("under {}", edges[0]))
        .chain(between)
        .chain([format!("{}+", edges[edges.len() - 1])])
        .collect()
}

/// Whether a value satisfies a condition: a missing one only `present = false`.
pub(crate) fn satisfies(condition: &ConditionDocument, value: Option<&Value>) -> bool {
    let Some(value) = value else {
        return condition.present == Some(false);
    };
    let equal = |scalar: &Scalar| value_of(scalar) == *value;
    let holds = [
        condition.present,
        condition.equals.as_ref().map(equal),
        condition.one_of.as_ref().map(|list| list.iter().any(equal)),
        condition
            .at_least
            .as_ref()
            .map(|bound| *value >= value_of(bound)),
        condition
            .at_most
            .as_ref()
            .map(|bound| *value <= value_of(bound)),
        condition
            .below
            .as_ref()
            .map(|bound| *value < value_of(bound)),
        condition
            .above
            .as_ref()
            .map(|bound| *value > value_of(bound)),
    ];
    holds.into_iter().flatten().all(|holds| holds)
}

/// The same for a register's own column: listed values are compared as text,
/// bounds with what the text says.
pub(crate) fn raw_satisfies(condition: &ConditionDocument, raw: Option<&str>) -> bool {
    let listed = condition
        .equals
        .iter()
        .chain(condition.one_of.iter().flatten());
    let listed: Vec<String> = listed.map(ToString::to_string).collect();
    match raw {
        Some(raw) if !listed.is_empty() => listed.iter().any(|value| value == raw),
        Some(raw) => {
            let value = number(raw).map_or(Value::Date(raw.to_owned()), Value::Number);
            satisfies(condition, Some(&value))
        }
        None => satisfies(condition, None),
    }
}

fn value_of(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Text(text) => Value::Label(text.clone()),
        Scalar::Number(number) => Value::Number(exact(*number)),
        Scalar::Boolean(boolean) => Value::Boolean(*boolean),
        Scalar::Date(date) => Value::Date(date.to_string()),
    }
}

fn exact(written: Number) -> i128 {
    number(&written.to_string()).unwrap()
}

/// Digits with a sign and a dot, as a count of 10⁻¹⁸.
fn number(text: &str) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{fraction:0<18}");
    let fits = !whole.is_empty() && all.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| sign * all.parse::<i128>().unwrap())
}

/// A day in `format`, as ISO text.
fn date(text: &str, format: &str) -> Option<String> {
    let part = |letters: &str| {
        let at = format.find(letters).unwrap();
        let part = text.get(at..at + letters.len())?;
        part.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then_some(part)
    };
    let fits = text.len() == format.len();
    fits.then(|| Some(format!("{}-{}-{}", part("YYYY")?, part("MM")?, part("DD")?)))
        .flatten()
}

pub(crate) fn number_of(value: Value) -> i128 {
    match value {
        Value::Number(number) => number,
        _ => unreachable!("the plan's checks left numbers only"),
    }
}

pub(crate) fn text(value: Value) -> String {
    match value {
        Value::Label(text) | Value::Date(text) => text,
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Number(number) => decimal(number, 0),
    }
}

/// A count of 10⁻¹⁸ with `scale` decimals.
pub(crate) fn decimal(value: i128, scale: u8) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let (whole, fraction) = (value.abs() / ONE, value.abs() % ONE);
    match usize::from(scale) {
        0 => format!("{sign}{whole}"),
        scale => format!("{sign}{whole}.{}", &format!("{fraction:018}")[..scale]),
    }
}
