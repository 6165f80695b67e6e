//! Data minimisation, checked: nothing leaves an agency that no table needs.
//!
//! GDPR art. 5(1)(c): personal data shall be limited to what is necessary in
//! relation to the purposes. What a plan's tables need is known before any
//! row is read; so the rest is a finding, not a matter of taste.

use std::collections::BTreeSet;

use crate::plan::Source;
use crate::plan::document::PlanDocument;
use crate::plan::finding::{Collector, Path};
use crate::plan::table::{Counted, DerivedFrom, MatchDimension, Operand, TablePlan};

/// A column of a source, both by index.
type ColumnOfSource = (usize, usize);

pub(super) fn check(
    document: &PlanDocument,
    sources: &[Source],
    tables: &[TablePlan],
    findings: &mut Collector,
) {
    let mut used = BTreeSet::new();
    // Used as it is, not only as what a derived column makes of it.
    let mut plain = BTreeSet::new();
    let mut linked = BTreeSet::new();
    for table in tables {
        linked.extend(table.slots.iter().map(|slot| slot.source));
        let uses = Uses::of(table);
        used.extend(uses.plain.iter().chain(&uses.derived).copied());
        plain.extend(uses.plain);
    }
    for (index, source) in sources.iter().enumerate() {
        // All tables need it, or none: `history::check_at_most_one` asks.
        if source.is_history() {
            continue;
        }
        let path = Path::root("source").at(&source.name);
        if !linked.contains(&index) {
            findings
                .add(&path, "no table needs this source")
                .help("leave it out of the plan");
            continue;
        }
        for (place, column) in source.columns.iter().enumerate() {
            let path = path.at("columns").at(&column.name);
            if !used.contains(&(index, place)) {
                findings
                    .add(&path, "no table uses this column")
                    .help("leave it out of the plan");
            }
        }
    }
    for table in tables {
        check_derived(document, table, sources, &plain, findings);
    }
}

/// A column that a table only uses coarsened can be coarsened before it leaves the agency.
fn check_derived(
    document: &PlanDocument,
    table: &TablePlan,
    sources: &[Source],
    plain: &BTreeSet<ColumnOfSource>,
    findings: &mut Collector,
) {
    for derived in &table.derived {
        let DerivedFrom::Column { slot, column } = derived.from else {
            continue;
        };
        let slot = &table.slots[slot];
        let reduced = slot.reduce.is_some();
        if reduced || !derived.recipe.coarsens() || plain.contains(&(slot.source, column)) {
            continue;
        }
        let others = document
            .tables
            .values()
            .flat_map(|table| table.columns.values());
        let from = format!("{}.{}", slot.name, slot.columns[column].0);
        let shared = others
            .filter(|other| other.from.as_deref() == Some(from.as_str()))
            .count()
            > 1;
        if !shared {
            let source = &sources[slot.source];
            let name = &source.columns[column].name;
            let path = Path::root("table")
                .at(&table.name)
                .at("columns")
                .at(&derived.name);
            findings
                .add(
                    &path,
                    format!(
                        "coarsens `{from}`, which could be coarsened before it leaves the agency"
                    ),
                )
                .help(format!(
                    "move its steps to source.{}.columns.{name}",
                    source.name
                ));
        }
    }
}

struct Uses {
    plain: BTreeSet<ColumnOfSource>,
    derived: BTreeSet<ColumnOfSource>,
}

impl Uses {
    fn of(table: &TablePlan) -> Self {
        let mut plain = BTreeSet::new();
        let mut derived = BTreeSet::new();
        let base = table.slots[0].source;
        for slot in &table.slots {
            for &(one, other) in &slot.on {
                plain.extend([(base, one), (slot.source, other)]);
            }
            plain.extend(
                slot.conditions
                    .iter()
                    .map(|(column, _)| (slot.source, *column)),
            );
            if let Some(reduce) = &slot.reduce {
                plain.extend(reduce.order_by.map(|column| (slot.source, column)));
            }
        }
        let place = |slot: usize, column: usize| {
            let slot = &table.slots[slot];
            match &slot.reduce {
                Some(reduce) => reduce.reductions[column]
                    .column
                    .map(|column| (slot.source, column)),
                None => Some((slot.source, column)),
            }
        };
        let measured = table.measures.iter();
        let measured = measured.filter_map(|measure| Some(measure.what.values()?.0));
        let operands = table
            .by
            .iter()
            .map(|dimension| dimension.operand)
            .chain(measured)
            .chain(table.conditions.iter().map(|(operand, _)| *operand))
            .chain(table.counted.iter().flat_map(Counted::operands))
            .chain(table.match_by.iter().map(MatchDimension::operand));
        for operand in operands {
            match operand {
                Operand::Slot { slot, column } => plain.extend(place(slot, column)),
                Operand::Derived(index) => {
                    if let DerivedFrom::Column { slot, column } = table.derived[index].from {
                        derived.extend(place(slot, column));
                    }
                }
                // What it is made of is among the operands.
                Operand::Counted(_) => {}
            }
        }
        Self { plain, derived }
    }
}
