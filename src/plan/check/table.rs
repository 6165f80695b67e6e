//! Checks of one table: every name resolved, every look-up at most one row.

use std::collections::BTreeMap;

use super::{check_name, column, condition};
use crate::plan::document::{
    BaseDocument, ColumnDocument, ConditionDocument, MeasureDocument, Method, Need,
    ProtectDocument, Reducer, RowsPerPerson, TableDocument,
};
use crate::plan::finding::{Collector, Path};
use crate::plan::recipe::ColumnType;
use crate::plan::table::{
    Condition, Derived, DerivedFrom, Dimension, Measure, Operand, Reduce, Reduction, Rules, Slot,
    TablePlan, What,
};
use crate::plan::{LEAST_MIN_PERSONS, Source};

/// Under this name `count` counts rows instead of a column's values.
const ROWS: &str = "rows";

pub(super) fn check(
    name: &str,
    document: &TableDocument,
    sources: &[Source],
    path: &Path,
    findings: &mut Collector,
) -> Option<TablePlan> {
    check_name(name, "table", path, findings);
    if document.margins {
        findings
            .add(
                &path.at("margins"),
                "margins are refused for now: a total gives suppressed cells away by subtraction, \
                 and complementary suppression is not available yet",
            )
            .help("margins = false");
    }
    let protect = check_protect(&document.protect, &path.at("protect"), findings);
    let slots = check_slots(document, sources, path, findings)?;
    let mut scope = Scope {
        slots: &slots,
        derived: Vec::new(),
    };
    for (name, column) in &document.columns {
        let path = path.at("columns").at(name);
        check_name(name, "column", &path, findings);
        let derived = scope.derive(name, column, &path, findings);
        scope.derived.push(derived);
    }
    let mut conditions = Vec::new();
    for (i, document) in document.conditions.iter().enumerate() {
        let path = path.at("where").at(i);
        let resolved = scope.resolve(&document.column, &path.at("column"), findings);
        let kind = resolved.map(|(_, kind)| kind);
        let condition = condition::check(document, kind, &path, findings);
        conditions.extend(resolved.map(|(operand, _)| operand).zip(condition));
    }
    let by = check_dimensions(document, &scope, path, findings);
    let measures = check_measures(&document.measures, &scope, path, findings);
    check_output_names(&by, &measures, path, findings);
    Some(TablePlan {
        name: name.to_owned(),
        title: document.title.clone(),
        derived: scope.derived,
        slots,
        conditions,
        by,
        measures,
        protect: protect?,
    })
}

fn check_protect(
    document: &ProtectDocument,
    path: &Path,
    findings: &mut Collector,
) -> Option<Rules> {
    let before = findings.count();
    if document.min_persons < LEAST_MIN_PERSONS {
        findings.add(
            &path.at("min_persons"),
            format!("is at least {LEAST_MIN_PERSONS}: with fewer, the persons in a cell learn each other's values"),
        );
    }
    if document.method != Method::Suppress {
        findings
            .add(&path.at("method"), "is not available yet")
            .help("method = \"suppress\"");
    }
    if let Some(dominance) = &document.dominance {
        if !(1..=10).contains(&dominance.n) {
            findings.add(
                &path.at("dominance").at("n"),
                "is between 1 and 10 contributors",
            );
        }
        let percent = dominance.percent.hundredths();
        if percent == 0 || percent == 10_000 {
            findings.add(
                &path.at("dominance").at("percent"),
                "is above 0 and below 100",
            );
        }
    }
    if document
        .p_percent
        .is_some_and(|percent| percent.hundredths() == 0)
    {
        findings.add(&path.at("p_percent"), "is above 0");
    }
    (findings.count() == before).then(|| Rules {
        min_persons: document.min_persons.into(),
        dominance: document
            .dominance
            .as_ref()
            .map(|d| (d.n as usize, d.percent)),
        p_percent: document.p_percent,
    })
}

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
    found
}

fn check_slots(
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
        let part = Part {
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
        let part = Part {
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
            let (one, other) = (&sources[base], &sources[source]);
            if one.identifier.kind != other.identifier.kind {
                findings.add(
                    &path,
                    format!(
                        "identifies persons by {}, the base by {}: their pseudonyms never match",
                        other.identifier.kind, one.identifier.kind
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
struct Part<'a> {
    source: usize,
    conditions: &'a [ConditionDocument],
    reduce: Option<&'a BTreeMap<String, Reducer>>,
    order_by: Option<&'a str>,
}

impl Part<'_> {
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
            findings.add(&path, format!("is of type {input}, which this cannot fold"));
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

/// What names in a table can refer to.
struct Scope<'a> {
    slots: &'a [Slot],
    derived: Vec<Derived>,
}

impl Scope<'_> {
    fn resolve(
        &self,
        name: &str,
        path: &Path,
        findings: &mut Collector,
    ) -> Option<(Operand, ColumnType)> {
        if !name.contains('.') {
            let found = self.derived.iter().position(|derived| derived.name == name);
            if let Some(index) = found {
                return Some((Operand::Derived(index), self.derived[index].recipe.output));
            }
        }
        let (slot, column) = self.slot_column(name, path, findings)?;
        let kind = self.slots[slot].columns[column].1;
        Some((Operand::Slot { slot, column }, kind))
    }

    fn slot_column(
        &self,
        name: &str,
        path: &Path,
        findings: &mut Collector,
    ) -> Option<(usize, usize)> {
        let found = name.split_once('.').and_then(|(source, column)| {
            let slot = self.slots.iter().position(|slot| slot.name == source)?;
            let columns = &self.slots[slot].columns;
            Some((slot, columns.iter().position(|(name, _)| name == column)?))
        });
        if found.is_none() {
            let known: Vec<String> = self
                .slots
                .iter()
                .flat_map(|slot| {
                    slot.columns
                        .iter()
                        .map(move |(c, _)| format!("{}.{c}", slot.name))
                })
                .chain(self.derived.iter().map(|derived| derived.name.clone()))
                .collect();
            let finding = findings.add(path, format!("the table has no column `{name}`"));
            match known.is_empty() {
                true => finding.help("it links no columns"),
                false => finding.help(format!("there are {}", known.join(", "))),
            }
            finding.near(name, known.iter().map(String::as_str));
        }
        found
    }

    fn derive(
        &self,
        name: &str,
        document: &ColumnDocument,
        path: &Path,
        findings: &mut Collector,
    ) -> Derived {
        let (from, input) = match self.derived_from(document, path, findings) {
            Some((from, input)) => (from, Some(input)),
            // Stands in for what was refused; no plan comes of it.
            None => (DerivedFrom::Matched { slot: 0 }, None),
        };
        let recipe = input.and_then(|input| column::check(document, Some(input), path, findings));
        Derived {
            name: name.to_owned(),
            from,
            recipe: recipe.unwrap_or_else(|| column::stand_in(document)),
        }
    }

    fn derived_from(
        &self,
        document: &ColumnDocument,
        path: &Path,
        findings: &mut Collector,
    ) -> Option<(DerivedFrom, ColumnType)> {
        match (&document.from, &document.matched) {
            (Some(from), None) => {
                let (slot, column) = self.slot_column(from, &path.at("from"), findings)?;
                let kind = self.slots[slot].columns[column].1;
                Some((DerivedFrom::Column { slot, column }, kind))
            }
            (None, Some(source)) => {
                let lookups = || self.slots.iter().skip(1).map(|slot| slot.name.as_str());
                let Some(slot) = lookups().position(|name| name == source) else {
                    findings
                        .add(
                            &path.at("matched"),
                            format!("the table does not look up `{source}`"),
                        )
                        .near(source, lookups());
                    return None;
                };
                let slot = slot + 1;
                Some((DerivedFrom::Matched { slot }, ColumnType::Boolean))
            }
            _ => {
                findings.add(
                    path,
                    "is made `from` a column, or tells whether a look-up `matched`",
                );
                None
            }
        }
    }
}

fn check_dimensions(
    document: &TableDocument,
    scope: &Scope<'_>,
    path: &Path,
    findings: &mut Collector,
) -> Vec<Dimension> {
    let mut by = Vec::new();
    for (i, name) in document.by.iter().enumerate() {
        let path = path.at("by").at(i);
        let Some((operand, kind)) = scope.resolve(name, &path, findings) else {
            continue;
        };
        if matches!(kind, ColumnType::Decimal { .. }) {
            findings
                .add(
                    &path,
                    "a decimal is no dimension: nearly every value is one person's",
                )
                .help("give it `bands`");
        }
        let short = name.rsplit('.').next().unwrap_or(name);
        by.push(Dimension {
            name: short.to_owned(),
            operand,
            kind,
        });
    }
    by
}

fn check_measures(
    documents: &[MeasureDocument],
    scope: &Scope<'_>,
    path: &Path,
    findings: &mut Collector,
) -> Vec<Measure> {
    if documents.is_empty() {
        findings
            .add(&path.at("measures"), "measures nothing")
            .help("measures = [ { persons = true } ]");
    }
    let mut measures = Vec::new();
    for (i, document) in documents.iter().enumerate() {
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
        let mut number = |name: &String, key: &str| {
            let (operand, kind) = scope.resolve(name, &path.at(key), findings)?;
            if kind.scale().is_none() {
                findings.add(&path.at(key), format!("is of type {kind}, not a number"));
            }
            Some((operand, kind))
        };
        let (what, name) = match (
            document.persons,
            document.rows,
            &document.sum,
            &document.mean,
        ) {
            (Some(true), None, None, None) => (What::Persons, "persons".to_owned()),
            (None, Some(true), None, None) => (What::Rows, "rows".to_owned()),
            (None, None, Some(name), None) => {
                let Some((operand, kind)) = number(name, "sum") else {
                    continue;
                };
                (What::Sum { operand, kind }, format!("sum_{}", short(name)))
            }
            (None, None, None, Some(name)) => {
                let Some((operand, kind)) = number(name, "mean") else {
                    continue;
                };
                (
                    What::Mean { operand, kind },
                    format!("mean_{}", short(name)),
                )
            }
            _ => {
                findings
                    .add(
                        &path,
                        "is exactly one of `persons = true`, `rows = true`, `sum`, `mean`",
                    )
                    .help("write each measure in braces of its own");
                continue;
            }
        };
        let name = document.name.clone().unwrap_or(name);
        check_name(&name, "measure", &path, findings);
        measures.push(Measure { name, what });
    }
    measures
}

fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// A release has one column a dimension, and two a measure: its value and its status.
fn check_output_names(
    by: &[Dimension],
    measures: &[Measure],
    path: &Path,
    findings: &mut Collector,
) {
    let statuses: Vec<String> = measures
        .iter()
        .map(|m| format!("{}_status", m.name))
        .collect();
    let mut seen = Vec::new();
    let names = by.iter().map(|dimension| &dimension.name);
    for name in names
        .chain(measures.iter().map(|measure| &measure.name))
        .chain(&statuses)
    {
        if seen.contains(&name) {
            findings
                .add(
                    path,
                    format!("two columns of the release would be called `{name}`"),
                )
                .help("name a measure with `as`, or a dimension by a derived column");
        }
        seen.push(name);
    }
}
