//! The cell-key method on a table: counts all get noise, sums and means where they are safe.
//!
//! Noise of a few hundredths of the largest contribution does not hide one
//! person's income. So a sum or mean that a primary rule finds unsafe has no
//! value here either; and none of those that remain is exact. Nor has that of a cell
//! that nobody is in: next to a number that became zero, a sum of nothing would say for
//! certain that nobody is there.

mod keys;

pub(in crate::protect) use keys::CellKeyed;

use crate::error::{Error, ErrorKind, Result};
use crate::key::ReleaseKey;
use crate::plan::table::{Measure, Statistic, TablePlan};
use crate::protect::perturbation::Perturbation;
use crate::protect::primary::{Outcomes, judge, published};
use crate::protect::{Outcome, Rule, Value};
use crate::table::cell::Contribution;
use crate::table::{Accumulator, Confidential, Table};
use kobling_sdc::cell_key::{SumNoise, SumToPerturb, mean, perturbed_count};

/// The perturbed figures of a table, cell by cell.
pub(in crate::protect) fn outcomes(
    table: &Table<Confidential>,
    plan: &TablePlan,
    perturbation: &Perturbation,
    key: &ReleaseKey,
) -> Result<Outcomes> {
    let keyed = CellKeyed {
        key,
        label: b"cell key",
    };
    let measures = plan.measures.iter();
    let measures: Vec<Perturbed<'_>> = measures
        .map(|measure| Perturbed::new(measure, table, perturbation))
        .collect::<Result<_>>()?;
    let work = CellKeyTable {
        table,
        plan,
        perturbation,
        keyed,
    };
    let blocks = table.blocks.iter().map(|block| {
        published(block, measures.len(), |measure, cell| {
            work.outcome(&measures[measure], cell)
        })
    });
    blocks.collect()
}

/// A measure, and what it is perturbed by.
struct Perturbed<'a> {
    measure: &'a Measure,
    /// Of a sum or mean: its noise, and the place of its contribution.
    sum: Option<(SumNoise, usize)>,
}

impl<'a> Perturbed<'a> {
    fn new(
        measure: &'a Measure,
        table: &Table<Confidential>,
        perturbation: &Perturbation,
    ) -> Result<Self> {
        let Some((operand, _)) = measure.what.values() else {
            return Ok(Self { measure, sum: None });
        };
        let wanted = Contribution::Values(operand);
        let mut places = table.contributions.iter();
        let place = places.position(|other| *other == wanted);
        let place = place.expect("tabulation adds up what every measure needs");
        let noise = perturbation.sums(measure.what.scale())?.ok_or_else(|| {
            let rule = "the perturbation file says nothing of sums and means: it has no [sums]";
            Error::new(ErrorKind::Protection, rule).in_column(&measure.name)
        })?;
        Ok(Self {
            measure,
            sum: Some((noise, place)),
        })
    }
}

/// What all cells of a table share.
struct CellKeyTable<'a> {
    table: &'a Table<Confidential>,
    plan: &'a TablePlan,
    perturbation: &'a Perturbation,
    keyed: CellKeyed<'a>,
}

impl CellKeyTable<'_> {
    fn outcome(&self, perturbed: &Perturbed<'_>, cell: &Accumulator) -> Result<Outcome> {
        let what = perturbed.measure.what;
        let value = match (what, &perturbed.sum) {
            // As of too few: a recipient who could distinguish the two would know who has nobody.
            (_, Some(_)) if cell.persons == 0 => return Ok(Outcome::Primary(Rule::MinPersons)),
            // Zeros stay zero, for there is nobody to have a key; others may become zero too.
            _ if cell.persons == 0 => Value::Count(0),
            (Statistic::Persons, _) => self.count(cell.persons, self.keyed.persons(cell)?),
            (Statistic::Rows, _) => self.count(cell.rows, self.keyed.rows(cell)?),
            (_, Some((noise, place))) => {
                let measure = perturbed.measure;
                let judged = judge(measure, self.plan, &self.table.contributions, cell)?;
                if let (_, Some(rule)) = judged {
                    return Ok(Outcome::Primary(rule));
                }
                let sum = self.sum(noise, cell, *place)?;
                match what.is_mean() {
                    true => self.mean(sum, what.scale(), cell, *place)?,
                    false => Value::Sum(sum),
                }
            }
            (_, None) => unreachable!("sums and means are made with their noise"),
        };
        Ok(Outcome::Perturbed(value))
    }

    fn count(&self, count: u64, key: u64) -> Value {
        Value::Count(perturbed_count(self.perturbation.counts(), count, key))
    }

    fn sum(&self, noise: &SumNoise, cell: &Accumulator, place: usize) -> Result<i128> {
        let total = &cell.totals[place];
        let (key, contributors) = self.keyed.sum(cell, place)?;
        let sum = noise.perturbed(&SumToPerturb {
            sum: total.sum,
            absolute: total.absolute()?,
            largest: total.top.largest(1).first().copied().unwrap_or(0),
            contributors,
            key,
        })?;
        Ok(sum)
    }

    /// Of the perturbed sum and the perturbed number of rows with a value.
    fn mean(&self, sum: i128, scale: u8, cell: &Accumulator, place: usize) -> Result<Value> {
        let rows = cell.totals[place].rows;
        let rows = perturbed_count(
            self.perturbation.counts(),
            rows,
            self.keyed.values(cell, place)?,
        );
        let unit = 10f64.powi(scale.into());
        Ok(mean(sum, rows).map_or(Value::Nothing, |mean| Value::Mean(mean / unit)))
    }
}

/// What it does not protect against, in words that go with every release.
pub(super) const LIMITS: [&str; 7] = [
    "Cell keys: no figure is certain, and tables do not add up; numbers below `min_persons` are published with their noise.",
    "Cell keys: an empty cell is published as zero, and so are some others. That a group has nobody in a category, or that all of a group are in one category, may be guessed, also where the table declares this sensitive.",
    "Cell keys: a published sum or mean discloses that its cell has at least `min_persons` persons, whatever the perturbed number says. A suppressed one does not disclose whether its cell is empty, has too few persons or breaks a concentration rule.",
    "Cell keys: the same cell has the same noise everywhere, so publishing it again discloses nothing more; but sums and differences of many cells with different noise allow a narrower estimate of a figure.",
    "Cell keys: sums and means that a rule finds unsafe are suppressed, but not protected against subtraction: a suppressed sum can be estimated from the published sums that it adds up with, to within their noise.",
    "Cell keys: the noise on a sum is a share of its largest contribution; where all contributions are equal, the sum therefore discloses a nearly exact number of persons.",
    "Cell keys: sums over the same persons have related noise, and two releases between which one person's value changed differ by nearly that change.",
];
