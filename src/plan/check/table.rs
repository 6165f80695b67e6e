//! Checks of one table: every name resolved, every look-up at most one row.

mod counted;
mod dimension;
mod margins;
mod match_rates;
mod measure;
mod names;
mod prefer;
mod protect;
mod scope;
mod sensitive;
mod share;
mod slot;

use super::check_name;
use crate::plan::Source;
use crate::plan::document::{RowsPerPerson, TableDocument};
use crate::plan::finding::{Collector, Path};
use crate::plan::table::method::{Given, check_method};
use crate::plan::table::{Slot, TablePlan, with_hidden};
use counted::{check_conditions, hidden_dimensions};
use margins::{check_levels, check_margins};
use match_rates::check_match_rates;
pub(crate) use measure::instead;
use measure::{check_dimensions, check_measures, check_output_names};
use prefer::check_prefer;
use protect::{check_concentration, check_publish, check_rules};
use scope::Scope;
use sensitive::check_sensitive;
pub(super) use sensitive::keep_sensitive;
use slot::check_slots;

pub(super) fn check(
    name: &str,
    document: &TableDocument,
    sources: &[Source],
    path: &Path,
    findings: &mut Collector,
) -> Option<TablePlan> {
    check_name(name, "table", path, findings);
    let protect = check_rules(&document.protect, &path.at("protect"), findings);
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
    let conditions = check_conditions(&document.conditions, &scope, &path.at("where"), findings);
    let mut by = check_dimensions(document, &scope, sources, path, findings);
    check_levels(document, &mut by, path, findings);
    names::add_excepted(document, &mut by);
    names::check_declared(document, &by, path, findings);
    let groupings = check_margins(document, &by, path, findings);
    let match_by = check_match_rates(document, &scope, path, findings);
    let one_row_a_person = one_row_a_person(&slots[0], sources);
    let checked = check_measures(document, &scope, one_row_a_person, path, findings);
    let measures = checked.measures;
    check_concentration(&measures, &document.protect, path, findings);
    let given = Given {
        measures: &measures,
        one_row_a_person,
    };
    let method = check_method(&document.protect, &given, path, findings);
    check_publish(document, &by, path, findings);
    let prefer = check_prefer(document, &by, path, findings);
    check_output_names(document, &by, &measures, &checked.shares, path, findings);
    let sensitive = check_sensitive(document, &by, &measures, path, findings);
    by.extend(hidden_dimensions(&measures));
    let groupings = with_hidden(groupings, checked.counted.len());
    Some(TablePlan {
        name: name.to_owned(),
        title: document.title.clone(),
        derived: scope.derived,
        slots,
        conditions,
        by,
        groupings,
        match_by,
        measures,
        counted: checked.counted,
        shares: checked.shares,
        one_row_a_person,
        protect: protect?,
        prefer,
        method: method?,
        sensitive,
    })
}

/// Whether a person has at most one row of the base.
fn one_row_a_person(base: &Slot, sources: &[Source]) -> bool {
    sources[base.source].rows == RowsPerPerson::One || base.reduce.is_some()
}
