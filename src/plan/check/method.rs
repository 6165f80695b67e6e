//! Methods across tables: one a population, a budget that noise is spent of, and bounded contributions.

use crate::plan::document::{InvalidValue, PlanDocument};
use crate::plan::finding::{Collector, Path};
use crate::plan::recipe::{Clip, ColumnType, Reads, Recipe};
use crate::plan::scalar::{Excess, ListedValues};
use crate::plan::table::method::check_rho;
use crate::plan::table::same_rows::{meaning, same_rows};
use crate::plan::table::{Derived, DerivedFrom, MethodPlan, Operand, TablePlan};

/// Tables about the same rows have one method: an exact figure of one together with a
/// perturbed one of another would disclose the noise, and what it hides.
pub(super) fn check_together(tables: &[TablePlan], findings: &mut Collector) {
    for (at, table) in tables.iter().enumerate() {
        let mut before = tables[..at].iter();
        let Some(other) = before.find(|other| same_rows(other, table)) else {
            continue;
        };
        let alike = match (&table.method, &other.method) {
            // Each spends its own part of the budget.
            (MethodPlan::Noise(_), MethodPlan::Noise(_)) => true,
            (one, other) => one == other,
        };
        if !alike {
            let path = Path::root("table").at(&table.name).at("protect");
            findings
                .add(
                    &path,
                    format!(
                        "is about the same rows as the table `{}`, and protected in another way: \
                         compared with each other, the two disclose what each protects",
                        other.name
                    ),
                )
                .help("one method, with the same `round`, for all tables about the same rows");
        }
    }
}

/// What tables with noise ask for is within the project's privacy budget.
pub(super) fn check_budget(
    document: &PlanDocument,
    tables: &[TablePlan],
    findings: &mut Collector,
) {
    let path = Path::root("project").at("privacy_budget");
    let asked = tables.iter().filter_map(|table| match &table.method {
        MethodPlan::Noise(noise) => Some(u128::from(noise.rho)),
        _ => None,
    });
    let asked: Vec<u128> = asked.collect();
    let Some(budget) = document.project.privacy_budget else {
        if !asked.is_empty() {
            findings
                .add(
                    &Path::root("project"),
                    "tables with noise spend a `privacy_budget`, and there is none",
                )
                .help("privacy_budget = 1.0");
        }
        return;
    };
    let Some(budget) = check_rho(budget, &path, findings) else {
        return;
    };
    if asked.iter().sum::<u128>() > u128::from(budget) {
        findings
            .add(
                &path,
                "is less than what the tables with noise ask for together",
            )
            .help("a greater budget discloses more about each person; a smaller `rho` adds more noise");
    }
}

/// In a table with noise, sums and means are of contributions clipped before
/// they are added up: how far one person can move a figure is then known, and
/// not assumed.
pub(super) fn clip(table: &mut TablePlan) {
    let MethodPlan::Noise(noise) = table.method.clone() else {
        return;
    };
    let mut measures = std::mem::take(&mut table.measures);
    for (measure, most) in measures.iter_mut().zip(noise.clip) {
        let Some((operand, kind)) = measure.what.values() else {
            continue;
        };
        let most = most.expect("the checks ask for the bound of every sum and mean");
        table.derived.push(Derived {
            name: measure.name.clone(),
            ..clipped_column(&table.derived, operand, kind, most.into())
        });
        let last = table.derived.len() - 1;
        // Measures of one contribution share what is asked of it, and its noise.
        let same = |at: &usize| {
            let meaning = |at: usize| meaning(table, Operand::Derived(at));
            meaning(*at) == meaning(last)
        };
        let first = (0..last).find(same);
        table.derived.truncate(first.map_or(last + 1, |_| last));
        measure.what = measure.what.of(Operand::Derived(first.unwrap_or(last)));
    }
    table.measures = measures;
}

/// The column of `operand`, clipped to 0, …, `most` at its own scale.
fn clipped_column(derived: &[Derived], operand: Operand, kind: ColumnType, most: i128) -> Derived {
    let (slot, column) = match operand {
        Operand::Slot { slot, column } => (slot, column),
        Operand::Derived(index) => {
            let mut derived = derived[index].clone();
            let before = derived.recipe.clip;
            let bound = |bound: Option<i128>| bound.map(|bound| bound.clamp(0, most));
            derived.recipe.clip = Some(Clip {
                at_least: bound(before.and_then(|clip| clip.at_least)).or(Some(0)),
                at_most: bound(before.and_then(|clip| clip.at_most)).or(Some(most)),
            });
            return derived;
        }
        Operand::Counted(_) => unreachable!("the plan's checks allow measures of numbers only"),
    };
    Derived {
        name: String::new(),
        from: DerivedFrom::Column { slot, column },
        recipe: Recipe {
            missing: ListedValues::default(),
            invalid: InvalidValue::Fail,
            invalid_at_most: None,
            reads: Reads::Number {
                scale: kind.scale().unwrap_or(0),
                excess: Excess::Refuse,
            },
            clip: Some(Clip {
                at_least: Some(0),
                at_most: Some(most),
            }),
            truncate: None,
            bands: None,
            map: None,
            prefix: None,
            categories: None,
            rare: None,
            absent: None,
            output: kind,
        },
    }
}
