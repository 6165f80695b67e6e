//! What to mind of a plan that is right: what only a person can weigh.

use super::finding::{Collector, Finding, Path};
use super::scalar::{Number, Percent};
use super::table::{MethodPlan, TablePlan};
use super::{Column, Plan};

impl Plan {
    /// What to mind before the plan is signed, although no check refuses it.
    ///
    /// A column that leaves an agency as it is together with a coarser one of the same
    /// register column: tables may need both, such as the day, to find out which row is
    /// the last, and the year, to count by. Then the coarser one hides nothing.
    ///
    /// A percentage below 1: the plan counts percent from 0 to 100, and a fraction such
    /// as 0.1, which may mean ten percent, is a tenth of one.
    ///
    /// And two suppressed tables of a register of which persons have several rows, if they do not
    /// fold these to one a person in the same way.
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
        self.note_fractions(&mut notes);
        self.note_folded_otherwise(&mut notes);
        notes.into_vec()
    }

    /// Notes each suppressed table whose base another one before it folds otherwise.
    fn note_folded_otherwise(&self, notes: &mut Collector) {
        let suppressed = |table: &&TablePlan| table.method == MethodPlan::Suppress;
        let suppressed: Vec<&TablePlan> = self.tables().iter().filter(suppressed).collect();
        for (at, table) in suppressed.iter().enumerate() {
            let base = &table.slots[0];
            let folds_otherwise = |other: &&&TablePlan| {
                let other = &other.slots[0];
                other.source == base.source && other.reduce != base.reduce
            };
            let Some(other) = suppressed[..at].iter().find(folds_otherwise) else {
                continue;
            };
            let rule = format!(
                "folds the rows of `{}` otherwise than the table `{}`, or one of them does not: \
                 that for persons with one row both are the same is not looked at, nor what they \
                 disclose together of persons with several, where one does not fold",
                base.name, other.name
            );
            notes
                .add(&Path::root("table").at(&table.name), rule)
                .help("fold both in the same way; or publish one of them only");
        }
    }

    /// Notes each percentage that may be meant as a fraction of one.
    fn note_fractions(&self, notes: &mut Collector) {
        let mut note = |path: Path, percent: Option<Percent>| {
            let hundredths = percent.map_or(0, Percent::hundredths);
            if (1..100).contains(&hundredths) {
                let percent = Number::new(hundredths.into(), 2);
                notes
                    .add(&path, format!("is {percent} percent, which is less than 1"))
                    .help(format!(
                        "percent go from 0 to 100: if the fraction {percent} is meant, write {hundredths}"
                    ));
            }
        };
        for (name, source) in &self.document().sources {
            let columns = Path::root("source").at(name).at("columns");
            for (name, column) in &source.columns {
                note(
                    columns.at(name).at("invalid_at_most"),
                    column.invalid_at_most,
                );
            }
        }
        for (name, table) in &self.document().tables {
            let path = Path::root("table").at(name);
            let rates = table.match_rates.as_ref();
            note(
                path.at("match_rates").at("margin"),
                rates.map(|rates| rates.margin),
            );
            let path = path.at("protect");
            let protect = &table.protect;
            let dominance = protect.dominance.as_ref();
            note(
                path.at("dominance").at("percent"),
                dominance.map(|rule| rule.percent),
            );
            note(path.at("p_percent"), protect.p_percent);
            let rule = protect.prior_posterior.as_ref();
            let path = path.at("prior_posterior");
            note(path.at("p"), rule.map(|rule| rule.p));
            note(path.at("q"), rule.map(|rule| rule.q));
        }
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
