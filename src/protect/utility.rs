//! What a protected table's figures are worth and risk, measure by measure.

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::error::Result;
use crate::plan::table::{Measure, TablePlan};
use crate::protect::primary::{Outcomes, judge};
use crate::protect::{Rule, Value};
use crate::table::{Confidential, Table};
use kobling_sdc::utility::{
    Survival, average_distance, hellinger_utility, root_mean_square, survival,
};

/// How near a release comes to figures that the plan's rules find unsafe.
///
/// # Disclosure
///
/// For the linkage unit and the risk owner, and not part of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Risk {
    /// How many figures the plan's rules find unsafe.
    pub unsafe_cells: usize,
    /// How many of those have a published figure, which the method changed.
    pub published: usize,
    /// How many of those figures are nevertheless the true one. A recipient
    /// does not know which.
    pub exact: usize,
}

/// How far the published figures of a measure are from the true ones, over all
/// cells of its table, margins included; in the measure's unit.
///
/// # Disclosure
///
/// For the linkage unit and the risk owner, and not part of a release: where
/// few cells are suppressed, the share of the total that is left discloses what
/// they hold.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Utility {
    /// The measure's name.
    pub measure: String,
    /// How many cells have a figure, and what share of the total.
    pub survival: Survival,
    /// The mean absolute deviation of the published figures.
    pub average_distance: f64,
    /// The square root of their mean squared deviation.
    pub root_mean_square: f64,
    /// Hellinger's distance as a utility; of counts only.
    pub hellinger: Option<f64>,
    /// What is to be weighed against all that.
    pub risk: Risk,
}

/// All of it side by side.
impl Serialize for Utility {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut written = serializer.serialize_struct("Utility", 10)?;
        written.serialize_field("measure", &self.measure)?;
        written.serialize_field("cells", &self.survival.cells)?;
        written.serialize_field("survived", &self.survival.survived)?;
        written.serialize_field("total_percent", &self.survival.total_percent)?;
        written.serialize_field("average_distance", &self.average_distance)?;
        written.serialize_field("root_mean_square", &self.root_mean_square)?;
        written.serialize_field("hellinger", &self.hellinger)?;
        written.serialize_field("unsafe_cells", &self.risk.unsafe_cells)?;
        written.serialize_field("unsafe_published", &self.risk.published)?;
        written.serialize_field("unsafe_exact", &self.risk.exact)?;
        written.end()
    }
}

impl Utility {
    /// By measure.
    pub(in crate::protect) fn of(
        table: &Table<Confidential>,
        plan: &TablePlan,
        outcomes: &Outcomes,
    ) -> Result<Vec<Self>> {
        let measures = plan.measures.iter().enumerate().map(|(at, measure)| {
            let mut seen = TrueAndPublished::new(measure.what.scale());
            let blocks = table.blocks.iter().zip(outcomes);
            for (block, outcomes) in blocks.filter(|(block, _)| block.publishes(at)) {
                let cells = block.cells.iter().zip(outcomes).enumerate();
                for (_, ((_, cell), outcomes)) in cells.filter(|(at, _)| !block.is_hidden(*at)) {
                    let (value, unsafe_by) = judge(measure, plan, &table.contributions, cell)?;
                    seen.add(value, outcomes[at].value(), unsafe_by);
                }
            }
            Ok(seen.utility(measure))
        });
        measures.collect()
    }
}

/// The true and the published figures of a measure, cell by cell.
struct TrueAndPublished {
    scale: u8,
    truth: Vec<f64>,
    published: Vec<Option<f64>>,
    risk: Risk,
}

impl TrueAndPublished {
    fn new(scale: u8) -> Self {
        Self {
            scale,
            truth: Vec::new(),
            published: Vec::new(),
            risk: Risk {
                unsafe_cells: 0,
                published: 0,
                exact: 0,
            },
        }
    }

    fn add(&mut self, value: Value, figure: Option<Value>, unsafe_by: Option<Rule>) {
        if unsafe_by.is_some() {
            self.risk.unsafe_cells += 1;
            self.risk.published += usize::from(figure.is_some());
            self.risk.exact += usize::from(figure == Some(value));
        }
        // The mean of no rows is no figure to be far from.
        if let Some(value) = number(value, self.scale) {
            self.truth.push(value);
            let figure = figure.and_then(|figure| number(figure, self.scale));
            self.published.push(figure);
        }
    }

    fn utility(self, measure: &Measure) -> Utility {
        let pairs = self.truth.iter().zip(&self.published);
        let both = pairs.filter_map(|(truth, published)| published.map(|p| (*truth, p)));
        let (kept, figures): (Vec<f64>, Vec<f64>) = both.unzip();
        let counts = measure.what.is_count();
        Utility {
            measure: measure.name.clone(),
            survival: survival(&self.truth, &self.published),
            average_distance: average_distance(&kept, &figures),
            root_mean_square: root_mean_square(&kept, &figures),
            hellinger: counts.then(|| hellinger_utility(&kept, &figures)),
            risk: self.risk,
        }
    }
}

/// A figure in the measure's unit.
fn number(value: Value, scale: u8) -> Option<f64> {
    match value {
        Value::Count(count) => Some(count as f64),
        Value::Sum(sum) => Some(sum as f64 / 10f64.powi(scale.into())),
        Value::Mean(mean) => Some(mean),
        Value::Nothing => None,
    }
}
