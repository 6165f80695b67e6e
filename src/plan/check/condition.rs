//! Checks of one condition, and which tests its operators make together.

use crate::plan::Date;
use crate::plan::document::ConditionDocument;
use crate::plan::finding::{Collector, Path};
use crate::plan::nfc::nfc;
use crate::plan::recipe::ColumnType;
use crate::plan::scalar::Scalar;
use crate::plan::table::{Condition, Range, Test};

/// Checks a condition on a column of type `on`, or on a register's own column (`None`).
pub(super) fn check(
    document: &ConditionDocument,
    on: Option<ColumnType>,
    path: &Path,
    findings: &mut Collector,
) -> Option<Condition> {
    let before = findings.count();
    let lists = [
        document.equals.is_some(),
        document.one_of.is_some(),
        document.present.is_some(),
        bounds(document)
            .into_iter()
            .any(|(_, bound)| bound.is_some()),
    ];
    if lists.iter().filter(|given| **given).count() != 1 {
        findings
            .add(path, "says nothing to test, or several things")
            .help("one of `equals`, `one_of`, `present`, or bounds: `at_least` or `above`, `at_most` or `below`");
        return None;
    }
    let test = if let Some(present) = document.present {
        Test::Present(present)
    } else if let Some(values) = list(document, on) {
        if values.is_empty() {
            findings.add(&path.at("one_of"), "is empty, so no row would satisfy it");
        }
        for value in &values {
            check_scalar(value, on, path, findings);
        }
        Test::OneOf(values)
    } else {
        range(document, on, path, findings)?
    };
    (findings.count() == before).then(|| Condition {
        column: document.column.clone(),
        test,
    })
}

fn list(document: &ConditionDocument, on: Option<ColumnType>) -> Option<Vec<Scalar>> {
    let values = match (&document.equals, &document.one_of) {
        (Some(value), _) => vec![value.clone()],
        (None, values) => values.clone()?,
    };
    let dates = on == Some(ColumnType::Date);
    let value = |value: Scalar| match value {
        value if dates => dated(value),
        Scalar::Text(text) => Scalar::Text(nfc(&text).into_owned()),
        value => value,
    };
    Some(values.into_iter().map(value).collect())
}

/// A date written as text, where only a date can be meant: JSON has no other
/// way to write one, and neither has a document turned back into TOML.
fn dated(value: Scalar) -> Scalar {
    match &value {
        Scalar::Text(text) => Date::parse(text).map_or(value, Scalar::Date),
        _ => value,
    }
}

fn bounds(document: &ConditionDocument) -> [(&'static str, Option<Scalar>); 4] {
    let dated = |bound: &Option<Scalar>| bound.clone().map(dated);
    [
        ("at_least", dated(&document.at_least)),
        ("above", dated(&document.above)),
        ("at_most", dated(&document.at_most)),
        ("below", dated(&document.below)),
    ]
}

fn range(
    document: &ConditionDocument,
    on: Option<ColumnType>,
    path: &Path,
    findings: &mut Collector,
) -> Option<Test> {
    let bounds = bounds(document);
    let [(_, at_least), (_, above), (_, at_most), (_, below)] = &bounds;
    for (one, other) in [(at_least, above), (at_most, below)] {
        if one.is_some() && other.is_some() {
            findings.add(path, "has two bounds on one side");
            return None;
        }
    }
    if matches!(on, Some(ColumnType::Category | ColumnType::Boolean)) {
        findings
            .add(
                path,
                "bounds are for numbers and dates; this column has no order",
            )
            .help("list the values with `one_of`");
        return None;
    }
    for (key, bound) in &bounds {
        if let Some(value) = bound {
            check_scalar(value, on, &path.at(key), findings);
        }
    }
    let low = pick(at_least, above);
    let high = pick(at_most, below);
    let number = |bound: Option<(&Scalar, bool)>| match bound {
        Some((Scalar::Number(number), included)) => Some(Some((*number, included))),
        None => Some(None),
        _ => None,
    };
    if let (Some(low), Some(high)) = (number(low), number(high)) {
        return Some(Test::Numbers(Range { low, high }));
    }
    let date = |bound: Option<(&Scalar, bool)>| match bound {
        Some((Scalar::Date(date), included)) => Some(Some((*date, included))),
        None => Some(None),
        _ => None,
    };
    if let (Some(low), Some(high)) = (date(low), date(high)) {
        return Some(Test::Dates(Range { low, high }));
    }
    findings.add(path, "bounds are numbers, or dates such as 2026-01-31");
    None
}

fn pick<'a>(
    included: &'a Option<Scalar>,
    excluded: &'a Option<Scalar>,
) -> Option<(&'a Scalar, bool)> {
    match (included, excluded) {
        (Some(value), _) => Some((value, true)),
        (None, Some(value)) => Some((value, false)),
        (None, None) => None,
    }
}

fn check_scalar(value: &Scalar, on: Option<ColumnType>, path: &Path, findings: &mut Collector) {
    let Some(on) = on else {
        return;
    };
    let fits = match on {
        ColumnType::Category => matches!(value, Scalar::Text(_)),
        ColumnType::Integer | ColumnType::Decimal { .. } => matches!(value, Scalar::Number(_)),
        ColumnType::Boolean => matches!(value, Scalar::Boolean(_)),
        ColumnType::Date => matches!(value, Scalar::Date(_)),
    };
    if !fits {
        findings.add(
            path,
            format!("the column is of type {on}; `{value}` is not"),
        );
    }
}
