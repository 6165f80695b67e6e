//! Perturbation tables made to measure: of greatest entropy under a few conditions.

use super::entropy::{Conditions, most_entropy};
use super::{NoiseEntry, PerturbationTable, refused, refused_row};
use crate::Result;

/// What a perturbation table is to be like. The parameters are those of the
/// R package ptable: D, V, js, p_stay.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    reach: u32,
    variance: f64,
    exactly: bool,
    unseen: u32,
    stay: Vec<f64>,
    monotone: Vec<bool>,
    per_unit: u32,
    originals: Vec<u32>,
}

impl Design {
    /// For counts: deviations of at most `reach` (D), of a `variance` (V) that
    /// is met wherever it can be without probabilities that rise again
    /// towards the largest deviation, and not exceeded elsewhere.
    pub fn counts(reach: u32, variance: f64) -> Self {
        Self {
            reach,
            variance,
            exactly: false,
            unseen: 0,
            stay: vec![0.0],
            monotone: vec![true],
            per_unit: 1,
            originals: Vec::new(),
        }
    }

    /// For sums, whose original values are multiples of a cell's magnitude and
    /// lie between those of the rows: deviations in steps of `1 / per_unit`,
    /// and rows for the `originals`, in addition to that for zero.
    pub fn sums(reach: u32, variance: f64, per_unit: u32, originals: &[u32]) -> Self {
        Self {
            per_unit,
            originals: originals.to_vec(),
            ..Self::counts(reach, variance)
        }
    }

    /// No perturbed value shall lie from 1 to `most` (js).
    #[must_use]
    pub fn unseen(self, most: u32) -> Self {
        Self {
            unseen: most,
            ..self
        }
    }

    /// The least probability of no deviation (p_stay): one for all rows, or one
    /// each, in order, of which the last holds for those that follow.
    #[must_use]
    pub fn stay(self, least: &[f64]) -> Self {
        Self {
            stay: least.to_vec(),
            ..self
        }
    }

    /// Whether a lower value may not be more likely than one nearer to the
    /// original: for all rows or each, as in [`stay`](Self::stay). It is so
    /// unless said otherwise.
    #[must_use]
    pub fn monotone(self, rows: &[bool]) -> Self {
        Self {
            monotone: rows.to_vec(),
            ..self
        }
    }

    /// The variance shall be met in every row, whatever shape that needs.
    #[must_use]
    pub fn exactly(self) -> Self {
        Self {
            exactly: true,
            ..self
        }
    }

    /// The original values that rows are made for, other than zero.
    ///
    /// Counts need a row each until no bound is felt: from D on none is, or,
    /// where small values are unseen, from D + js + 1 on.
    fn originals(&self) -> Vec<u32> {
        match self.originals.is_empty() {
            false => self.originals.clone(),
            true => {
                let room = if self.unseen > 0 { self.unseen + 1 } else { 0 };
                (1..=self.reach + room).collect()
            }
        }
    }

    fn check(&self) -> Result<()> {
        // Far more than any table needs; what is asked for must be computable.
        const MOST: u32 = 10_000;
        let parts = u64::from(self.reach) * u64::from(self.per_unit);
        if self.reach == 0 || self.per_unit == 0 || parts > u64::from(MOST) || self.unseen > MOST {
            return Err(refused("the largest deviation is from 1 to 10,000 steps"));
        }
        if !(self.variance > 0.0 && self.variance.is_finite()) {
            return Err(refused("the variance is greater than zero"));
        }
        if self.stay.iter().any(|stay| !(0.0..1.0).contains(stay)) {
            return Err(refused(
                "the probability to stay is at least 0 and less than 1",
            ));
        }
        if self.stay.is_empty() || self.monotone.is_empty() {
            return Err(refused("what holds for each row is given for one at least"));
        }
        Ok(())
    }

    /// The deviations from `original` that are allowed, in steps.
    fn deviations(&self, original: u32) -> Vec<i32> {
        let parts = |units: u32| i64::from(units) * i64::from(self.per_unit);
        let (reach, original) = (parts(self.reach), parts(original));
        let unseen = 1..=parts(self.unseen);
        (-reach.min(original)..=reach)
            .filter(|deviation| !unseen.contains(&(original + deviation)))
            .map(|deviation| deviation as i32)
            .collect()
    }
}

impl PerturbationTable {
    /// The table of greatest entropy that `design` describes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`](crate::ErrorKind::Input) if the
    /// design is out of bounds, or if for some original value, which is named,
    /// there is no distribution as it asks.
    ///
    /// # Examples
    ///
    /// ```
    /// use kobling_sdc::perturbation::{Design, PerturbationTable};
    ///
    /// // Deviations up to 2 of variance 1.08; nobody sees a 1.
    /// let design = Design::counts(2, 1.08).unseen(1).monotone(&[true, true, false, true]);
    /// let table = PerturbationTable::generate(&design).unwrap();
    /// let ones = table.rows()[1].entries();
    /// assert_eq!(ones[0].deviation, -1);
    /// assert!((ones[0].probability - 0.513_333_33).abs() < 1e-8);
    ///
    /// // A 1 that may become 0 only cannot be unbiased.
    /// let refusal = PerturbationTable::generate(&Design::counts(2, 1.0).unseen(5)).unwrap_err();
    /// assert!(refusal.rule().starts_with("perturbation table, original value 1:"));
    /// ```
    pub fn generate(design: &Design) -> Result<Self> {
        design.check()?;
        let none = NoiseEntry {
            deviation: 0,
            probability: 1.0,
        };
        let mut rows = vec![(0, vec![none])];
        for (at, original) in design.originals().into_iter().enumerate() {
            rows.push((original.into(), row(design, at, original)?));
        }
        Self::new(design.per_unit, rows)
    }
}

fn row(design: &Design, at: usize, original: u32) -> Result<Vec<NoiseEntry>> {
    let deviations = design.deviations(original);
    let units = deviations
        .iter()
        .map(|&parts| f64::from(parts) / f64::from(design.per_unit));
    // What cannot stay, because it is unseen, need not.
    let stays = deviations.contains(&0);
    let probabilities = most_entropy(Conditions {
        deviations: &units.collect::<Vec<_>>(),
        variance: design.variance,
        exactly: design.exactly,
        stay: if stays { of_row(&design.stay, at) } else { 0.0 },
        monotone: of_row(&design.monotone, at),
    });
    let probabilities = probabilities.ok_or_else(|| {
        refused_row(
            original.into(),
            "no noise of mean zero has the variance, the bounds and the probability to stay \
             that the design asks for",
        )
    })?;
    let entries = deviations.into_iter().zip(probabilities);
    let entries = entries.map(|(deviation, probability)| NoiseEntry {
        deviation,
        probability,
    });
    Ok(entries.collect())
}

/// What holds for row `at`: its own, or the last there is.
fn of_row<T: Copy>(each: &[T], at: usize) -> T {
    each[at.min(each.len() - 1)]
}
