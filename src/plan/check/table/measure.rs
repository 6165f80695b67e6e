//! Checks of what comes out: dimensions, measures, and the names of both.

use super::super::check_name;
use super::counted::check_counted;
use super::scope::Scope;
use super::share::{WrittenShare, check_shares};
use crate::plan::Source;
use crate::plan::document::{ConditionDocument, CountDocument, MeasureDocument, TableDocument};
use crate::plan::finding::{Collector, Path};
use crate::plan::recipe::ColumnType;
use crate::plan::table::{Counted, DimensionPlan, Measure, Share, Statistic, Unit};

pub(super) fn check_dimensions(
    document: &TableDocument,
    scope: &Scope<'_>,
    sources: &[Source],
    path: &Path,
    findings: &mut Collector,
) -> Vec<DimensionPlan> {
    let mut by = Vec::new();
    for (i, name) in document.by.iter().enumerate() {
        let path = path.at("by").at(i);
        let Some((operand, kind)) = scope.resolve(name, &path, findings) else {
            continue;
        };
        let coarse = match kind {
            ColumnType::Category | ColumnType::Boolean => true,
            ColumnType::Decimal { .. } => false,
            ColumnType::Integer | ColumnType::Date => scope.is_coarse(operand, sources),
        };
        if !coarse {
            // A cell may be suppressed, but its place in the table is published.
            findings
                .add(
                    &path,
                    format!(
                        "is of type {kind}, and no dimension as it is: a value may be one person's"
                    ),
                )
                .help(refine_help(kind));
        }
        let short = name.rsplit('.').next().unwrap_or(name);
        by.push(DimensionPlan {
            name: short.to_owned(),
            names: scope.names(operand, sources),
            operand,
            kind,
            levels: Vec::new(),
        });
    }
    by
}

/// What a table gives.
pub(super) struct Measures {
    pub(super) measures: Vec<Measure>,
    pub(super) counted: Vec<Counted>,
    pub(super) shares: Vec<Share>,
}

/// `path` is that of the table.
pub(super) fn check_measures(
    document: &TableDocument,
    scope: &Scope<'_>,
    one_row_a_person: bool,
    path: &Path,
    findings: &mut Collector,
) -> Measures {
    if document.measures.is_empty() {
        findings
            .add(&path.at("measures"), "measures nothing")
            .help("measures = [ { persons = true } ]");
    }
    let (mut measures, mut counted, mut shares) = (Vec::new(), Vec::new(), Vec::new());
    for (i, document) in document.measures.iter().enumerate() {
        let path = path.at("measures").at(i);
        if document.min.is_some() || document.max.is_some() {
            findings
                .add(
                    &path,
                    "a least or greatest value is one person's value, and is never published",
                )
                .help("use sum or mean");
            continue;
        }
        if document.of.is_some() && document.share.is_none() {
            findings.add(&path.at("of"), "belongs to `share`");
        }
        let mut number = |name: &str, key: &str| {
            let path = path.at(key);
            let (operand, kind) = scope.resolve(name, &path, findings)?;
            if kind == ColumnType::Boolean {
                let rule = format!(
                    "is of type {kind}: its {key} is a number of persons or rows, or their share"
                );
                findings
                    .add(&path, rule)
                    .help(instead(name, "true", key == "mean"));
            } else if kind.scale().is_none() {
                findings
                    .add(&path, format!("is of type {kind}, not a number"))
                    .help(not_summed(name, kind));
            }
            Some((operand, kind))
        };
        let (what, name, column) = match RequestedMeasure::of(document) {
            Some(RequestedMeasure::Count(key, conditions)) => {
                let what = match key {
                    "persons" => Statistic::Persons,
                    _ => Statistic::Rows,
                };
                let Some(conditions) = conditions else {
                    measures.push(named(document, key.to_owned(), what, &path, findings));
                    continue;
                };
                if document.name.is_none() {
                    findings
                        .add(&path, "is a count with a condition, which needs a name")
                        .help("as = \"…\", next to it");
                }
                let unit = match what {
                    Statistic::Rows if !one_row_a_person => Unit::Rows,
                    _ => Unit::Persons,
                };
                let at = path.at(key);
                let place = check_counted(conditions, unit, scope, &mut counted, &at, findings);
                let mut measure = named(document, key.to_owned(), what, &path, findings);
                measure.counted = Some(place);
                measures.push(measure);
                continue;
            }
            Some(RequestedMeasure::Sum(name)) => {
                let Some((operand, kind)) = number(name, "sum") else {
                    continue;
                };
                let what = Statistic::Sum { operand, kind };
                (what, format!("sum_{}", short(name)), name)
            }
            Some(RequestedMeasure::Mean(name)) => {
                let Some((operand, kind)) = number(name, "mean") else {
                    continue;
                };
                let what = Statistic::Mean { operand, kind };
                (what, format!("mean_{}", short(name)), name)
            }
            Some(RequestedMeasure::Share) => {
                shares.push(WrittenShare {
                    document,
                    before: measures.len(),
                    path,
                });
                continue;
            }
            None => {
                findings
                    .add(
                        &path,
                        "is exactly one of `persons = true`, `rows = true`, `sum`, `mean`, `share`",
                    )
                    .help("write each measure in braces of its own");
                continue;
            }
        };
        let mut measure = named(document, name, what, &path, findings);
        measure.column = Some(column.to_owned());
        measures.push(measure);
    }
    let shares = check_shares(&shares, &measures, one_row_a_person, findings);
    Measures {
        measures,
        counted,
        shares,
    }
}

/// What a measure is to be.
enum RequestedMeasure<'a> {
    /// `persons` or `rows`, and the conditions if there are any.
    Count(&'static str, Option<&'a [ConditionDocument]>),
    Sum(&'a str),
    Mean(&'a str),
    Share,
}

impl<'a> RequestedMeasure<'a> {
    /// None if it is not exactly one thing.
    fn of(document: &'a MeasureDocument) -> Option<Self> {
        let count = |key, count: &'a Option<CountDocument>| match count.as_ref()? {
            CountDocument::All(true) => Some(Self::Count(key, None)),
            CountDocument::All(false) => None,
            CountDocument::Where(conditions) => Some(Self::Count(key, Some(conditions))),
        };
        let given = [
            document.persons.is_some(),
            document.rows.is_some(),
            document.sum.is_some(),
            document.mean.is_some(),
            document.share.is_some(),
        ];
        if given.into_iter().filter(|given| *given).count() != 1 {
            return None;
        }
        count("persons", &document.persons)
            .or_else(|| count("rows", &document.rows))
            .or_else(|| document.sum.as_deref().map(Self::Sum))
            .or_else(|| document.mean.as_deref().map(Self::Mean))
            .or_else(|| document.share.as_ref().map(|_| Self::Share))
    }
}

/// The measure, called as the plan says, or else `name`.
fn named(
    document: &MeasureDocument,
    name: String,
    what: Statistic,
    path: &Path,
    findings: &mut Collector,
) -> Measure {
    let name = document.name.clone().unwrap_or(name);
    check_name(&name, "measure", path, findings);
    Measure {
        name,
        what,
        counted: None,
        column: None,
    }
}

/// What to write in place of a sum or mean of the column `name`, which says yes by `yes`.
pub(crate) fn instead(name: &str, yes: &str, mean: bool) -> String {
    let short = short(name);
    let count = format!(
        "{{ persons = {{ where = [ {{ column = \"{name}\", equals = {yes} }} ] }}, as = \"{short}\" }}"
    );
    match mean {
        false => count,
        true => format!("{count}, {{ share = \"{short}\", of = \"persons\" }}"),
    }
}

/// How a column of numbers or days becomes a dimension.
fn refine_help(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Integer => {
            "type = \"category\", in its source, if it is a year or a code, whose values are names; \
             `bands`, or `clip` on both sides, if it is a quantity"
        }
        ColumnType::Date => {
            "give it `truncate`: \"year\" or \"month\"; or `truncate` and `bands` with type = \"category\""
        }
        _ => "give it `bands`, with type = \"category\"",
    }
}

/// What to write in place of a sum or mean of the column `name` that is no number.
fn not_summed(name: &str, kind: ColumnType) -> String {
    let short = short(name);
    match kind {
        ColumnType::Date => format!(
            "days cannot be added up: make it a dimension, or count persons: \
             {{ persons = {{ where = [ {{ column = \"{name}\", at_least = 2020-01-01 }} ] }}, as = \"{short}\" }}"
        ),
        _ => format!(
            "count who is in a category: \
             {{ persons = {{ where = [ {{ column = \"{name}\", equals = \"…\" }} ] }}, as = \"{short}\" }}; \
             if its values are numbers, read them as such: type = \"integer\" in its source"
        ),
    }
}

fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// A release has one column a dimension, one more where it has totals or
/// levels, and two a measure: its value and its status.
pub(super) fn check_output_names(
    document: &TableDocument,
    by: &[DimensionPlan],
    measures: &[Measure],
    shares: &[Share],
    path: &Path,
    findings: &mut Collector,
) {
    let measures = measures.iter().map(|measure| &measure.name);
    let measures = measures.chain(shares.iter().map(|share| &share.name));
    let statuses: Vec<String> = measures
        .clone()
        .map(|name| format!("{name}_status"))
        .collect();
    let mut seen = Vec::new();
    let levels: Vec<String> = by
        .iter()
        .map(|dimension| format!("{}_level", dimension.name))
        .collect();
    let names = by.iter().map(|dimension| &dimension.name);
    for name in names.chain(&levels).chain(measures).chain(&statuses) {
        if seen.contains(&name) {
            findings
                .add(
                    path,
                    format!("two columns of the release would be called `{name}`"),
                )
                .help(another_name(name, document));
        }
        seen.push(name);
    }
}

/// How one of two columns of the release that would be called `name` gets another name.
fn another_name(name: &str, document: &TableDocument) -> String {
    let is_it = |full: &&String| short(full) == name && full.contains('.');
    let mut alike = document.by.iter().filter(is_it);
    let first = alike.next();
    // The first may keep its name.
    match alike.next().or(first) {
        Some(full) if document.by.iter().filter(|by| *by == full).count() > 1 => {
            format!("`by` lists `{full}` twice")
        }
        Some(full) => {
            let new = full.replace('.', "_");
            format!(
                "name a dimension by a derived column: columns.{new} = {{ from = \"{full}\", type = … }} \
                 in the table, of the type it has, and `{new}` in `by`; or name a measure with `as`"
            )
        }
        None => "name a measure with `as`, or a dimension by a derived column".to_owned(),
    }
}
