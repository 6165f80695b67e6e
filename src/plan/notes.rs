//! What to mind of a plan that is right: what only a person can weigh.

use super::finding::{Collector, Finding, Path};
use super::{Column, Plan};

impl Plan {
    /// What to mind before the plan is signed, although no check refuses it.
    ///
    /// A column that leaves an agency as it is together with a coarser one of the same
    /// register column: tables may need both, such as the day, to find out which row is
    /// the last, and the year, to count by. Then the coarser one hides nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// let plan = kobling::Plan::read("examples/nhanes/plan.toml")?;
    /// assert!(plan.notes().is_empty());
    /// # Ok::<(), kobling::Error>(())
    /// ```
    pub fn notes(&self) -> Vec<Finding> {
        let mut notes = Collector::default();
        for source in self.sources() {
            let columns = Path::root("source").at(source.name()).at("columns");
            for column in source.columns() {
                let Some(coarser) = coarser(column, source.columns()) else {
                    continue;
                };
                let rule = format!(
                    "leaves the agency as it is, and so does `{coarser}`, a coarser form of it: the \
                     extract has each person's exact value, which `{coarser}` does not hide"
                );
                notes.add(&columns.at(column.name()), rule).help(format!(
                    "leave this column out if `{coarser}` is enough; if it is not, `{coarser}` can be made \
                     of it in the table, where nothing more leaves the agency"
                ));
            }
        }
        notes.into_vec()
    }
}

/// A column that keeps less of the same register column than `column`, which keeps all of it.
fn coarser<'a>(column: &Column, columns: &'a [Column]) -> Option<&'a str> {
    if column.recipe.coarsens() {
        return None;
    }
    columns
        .iter()
        .find(|other| other.from == column.from && other.recipe.coarsens())
        .map(Column::name)
}
