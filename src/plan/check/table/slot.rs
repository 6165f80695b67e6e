//! Checks of what a table links: a base, and look-ups that give at most one row each.
//!
//! A source that has several rows a person must be folded before it is looked
//! up, so that no look-up ever multiplies base rows.

use std::collections::BTreeMap;

use super::super::condition;
use crate::plan::Source;
use crate::plan::document::{
    BaseDocument, ConditionDocument, Need, Reducer, RowsPerPerson, TableDocument,
};
use crate::plan::finding::{Collector, Path};
use crate::plan::recipe::ColumnType;
use crate::plan::table::{Condition, Reduce, Reduction, Slot};

/// Under this name `count` counts rows instead of a column's values.
const ROWS: &str = "rows";

fn find_source(
    name: &str,
    sources: &[Source],
    path: &Path,
    findings: &mut Collector,
) -> Option<usize> {
    let found = sources.iter().position(|source| source.name == name);
    if found.is_none() {
        findings
            .add(path, format!("the plan has no source `{name}`"))
            .near(name, sources.iter().map(Source::name));
    }
    found.filter(|&place| {
        let history = sources[place].is_history();
        if history {
            findings.add(path, "is a history, which is no base and no look-up");
        }
        !history
    })
}

pub(super) fn check_slots(
    document: &TableDocument,
    sources: &[Source],
    path: &Path,
    findings: &mut Collector,
) -> Option<Vec<Slot>> {
    let none = BaseDocument::default();
    let base_document = document.base.as_ref().unwrap_or(&none);
    let base = find_source(&document.from, sources, &path.at("from"), findings);
    let mut complete = true;
    let mut slots = Vec::new();
    if let Some(base) = base {
        let part = SlotDraft {
            source: base,
            conditions: &base_document.conditions,
            reduce: base_document.reduce.as_ref(),
            order_by: base_document.order_by.as_deref(),
        };
        match part.check(sources, &path.at("base"), findings) {
            Some(slot) => slots.push(slot),
            None => complete = false,
        }
    }
    for (name, lookup) in &document.with {
        let path = path.at("with").at(name);
        let Some(source) = find_source(name, sources, &path, findings) else {
            complete = false;
            continue;
        };
        if Some(source) == base {
            findings.add(&path, "is the base; it cannot be looked up as well");
        }
        let part = SlotDraft {
            source,
            conditions: &lookup.conditions,
            reduce: lookup.reduce.as_ref(),
            order_by: lookup.order_by.as_deref(),
        };
        if lookup.reduce.is_none() && sources[source].rows == RowsPerPerson::Many {
            findings
                .add(
                    &path,
                    "has several rows a person; a look-up gives at most one",
                )
                .help("say how they are folded, such as reduce = { amount = \"sum\" }");
        }
        if let Some(base) = base {
            let types = |source: usize| sources[source].identifier.types();
            let (one, other) = (types(base), types(source));
            if one != other {
                findings.add(
                    &path,
                    format!(
                        "identifies persons by {other}, the base by {one}: their pseudonyms never match"
                    ),
                );
            }
        }
        let Some(mut slot) = part.check(sources, &path, findings) else {
            complete = false;
            continue;
        };
        slot.need = lookup.need;
        if let Some(base) = base {
            let reduced = base_document.reduce.is_some();
            slot.on = check_on(
                &lookup.on,
                &sources[base],
                reduced,
                &sources[source],
                &path,
                findings,
            );
        }
        slots.push(slot);
    }
    (complete && base.is_some()).then_some(slots)
}

fn check_on(
    on: &[String],
    base: &Source,
    reduced: bool,
    lookup: &Source,
    path: &Path,
    findings: &mut Collector,
) -> Vec<(usize, usize)> {
    if reduced && !on.is_empty() {
        findings.add(
            &path.at("on"),
            "a base folded to one row a person has no further columns to match on",
        );
    }
    on.iter()
        .enumerate()
        .filter_map(|(i, name)| {
            let path = path.at("on").at(i);
            let one = find_column(name, base, &path, findings)?;
            let other = find_column(name, lookup, &path, findings)?;
            let (left, right) = (
                base.columns[one].column_type(),
                lookup.columns[other].column_type(),
            );
            if left != right {
                findings.add(
                    &path,
                    format!("is {left} in {} and {right} in {}", base.name, lookup.name),
                );
            }
            Some((one, other))
        })
        .collect()
}

fn find_column(
    name: &str,
    source: &Source,
    path: &Path,
    findings: &mut Collector,
) -> Option<usize> {
    let found = source.columns.iter().position(|column| column.name == name);
    if found.is_none() {
        findings
            .add(
                path,
                format!("source `{}` has no column `{name}`", source.name),
            )
            .near(
                name,
                source.columns.iter().map(|column| column.name.as_str()),
            );
    }
    found
}

/// A source in its part as base or look-up, before its checks.
struct SlotDraft<'a> {
    source: usize,
    conditions: &'a [ConditionDocument],
    reduce: Option<&'a BTreeMap<String, Reducer>>,
    order_by: Option<&'a str>,
}

impl SlotDraft<'_> {
    fn check(&self, sources: &[Source], path: &Path, findings: &mut Collector) -> Option<Slot> {
        let source = &sources[self.source];
        let conditions = self.check_conditions(source, &path.at("where"), findings)?;
        let order_path = path.at("order_by");
        let (reduce, columns) = match self.reduce {
            Some(reduce) => {
                let path = path.at("reduce");
                if source.rows == RowsPerPerson::One {
                    findings.add(
                        &path,
                        "has at most one row a person; there is nothing to fold",
                    );
                }
                let order_by = match self.order_by {
                    Some(name) => Some(find_column(name, source, &order_path, findings)?),
                    None => None,
                };
                let (reduce, columns) = check_reduce(reduce, order_by, source, &path, findings)?;
                (Some(reduce), columns)
            }
            None => {
                if self.order_by.is_some() {
                    findings.add(&order_path, "belongs to `reduce`");
                }
                let columns = source.columns.iter();
                (
                    None,
                    columns.map(|c| (c.name.clone(), c.column_type())).collect(),
                )
            }
        };
        Some(Slot {
            source: self.source,
            name: source.name.clone(),
            need: Need::Required,
            on: Vec::new(),
            conditions,
            reduce,
            columns,
        })
    }

    fn check_conditions(
        &self,
        source: &Source,
        path: &Path,
        findings: &mut Collector,
    ) -> Option<Vec<(usize, Condition)>> {
        let checked = self.conditions.iter().enumerate().map(|(i, document)| {
            let path = path.at(i);
            let column = find_column(&document.column, source, &path.at("column"), findings)?;
            let kind = source.columns[column].column_type();
            Some((
                column,
                condition::check(document, Some(kind), &path, findings)?,
            ))
        });
        // All are looked at before one that fails ends it.
        checked.collect::<Vec<_>>().into_iter().collect()
    }
}

fn check_reduce(
    reduce: &BTreeMap<String, Reducer>,
    order_by: Option<usize>,
    source: &Source,
    path: &Path,
    findings: &mut Collector,
) -> Option<(Reduce, Vec<(String, ColumnType)>)> {
    let mut reductions = Vec::new();
    let mut columns = Vec::new();
    for (name, &by) in reduce {
        let path = path.at(name);
        if name == ROWS && by == Reducer::Count {
            reductions.push(Reduction { column: None, by });
            columns.push((name.clone(), ColumnType::Integer));
            continue;
        }
        let column = find_column(name, source, &path, findings)?;
        let input = source.columns[column].column_type();
        let ordered = !matches!(input, ColumnType::Category | ColumnType::Boolean);
        let fits = match by {
            Reducer::Sum => input.scale().is_some(),
            Reducer::Any => input == ColumnType::Boolean,
            Reducer::Min | Reducer::Max => ordered,
            Reducer::Count | Reducer::First | Reducer::Last => true,
        };
        if !fits {
            let finding = findings.add(
                &path,
                format!("is of type {input}, which `{}` cannot fold", by.name()),
            );
            finding.help(match input {
                ColumnType::Boolean => format!("{name} = \"any\": whether any value is true"),
                ColumnType::Date => {
                    format!("{name} = \"min\" or \"max\" is the earliest or the latest day")
                }
                _ => format!(
                    "{name} = \"last\" or \"first\", with order_by = \"…\" for a column that says \
                     in which order; \"count\" says how many there are"
                ),
            });
        }
        if matches!(by, Reducer::First | Reducer::Last) && order_by.is_none() {
            findings
                .add(&path, "first and last need to know by what")
                .help("name a column: order_by = \"…\"");
        }
        let output = match by {
            Reducer::Count => ColumnType::Integer,
            _ => input,
        };
        reductions.push(Reduction {
            column: Some(column),
            by,
        });
        columns.push((name.clone(), output));
    }
    let reduce = Reduce {
        reductions,
        order_by,
    };
    Some((reduce, columns))
}
