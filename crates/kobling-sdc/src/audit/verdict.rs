//! The verdict of an audit, for the manifest of a release.

use super::{Audit, AuditRefusal, Interval, Primes, Sign};

/// How wide the interval of a suppressed cell must be.
///
/// Distances are from the true value, in its units. The true value is the
/// linkage unit's; no recipient has it, and the verdict does not disclose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement {
    /// Which cell.
    pub cell: usize,
    /// Its true value.
    pub value: i128,
    /// How far below it the interval must reach, but not below zero where
    /// nothing is negative.
    pub below: i128,
    /// How far above it the interval must reach.
    pub above: i128,
    /// How far apart its ends must be.
    pub width: i128,
}

impl Requirement {
    /// What a suppressed count of persons needs: it may be one more, and its
    /// ends are two apart.
    pub fn count(cell: usize, persons: i128) -> Self {
        Self {
            cell,
            value: persons,
            below: 0,
            above: 1,
            width: 2,
        }
    }

    /// What the ends of the interval must reach: no more below, no less above.
    pub fn ends(&self, sign: Sign) -> (i128, i128) {
        let floor = match sign {
            Sign::NonNegative => 0,
            Sign::Any => i128::MIN,
        };
        let low = self.value.saturating_sub(self.below).max(floor);
        (low, self.value.saturating_add(self.above))
    }

    fn is_met(&self, interval: Interval, sign: Sign) -> bool {
        let (low, high) = self.ends(sign);
        interval.low <= low as f64
            && interval.high >= high as f64
            && interval.width() >= self.width as f64
    }
}

/// What an audit found.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// How many suppressed cells were attacked; all that there are.
    pub suppressed: usize,
    /// Those that a recipient knows exactly: by subtraction, or since both
    /// ends of the interval are one whole number.
    pub known: Vec<usize>,
    /// Those whose interval falls short of what is required.
    pub missed: Vec<usize>,
    /// How wide the narrowest interval is between whole numbers, in the units of
    /// the values; none if nothing is suppressed, or no end is known.
    pub narrowest: Option<f64>,
    /// How many insiders were tested.
    pub insiders: usize,
    /// How many further cells insiders learn, over all insiders.
    pub known_to_insiders: usize,
    /// The primes of the rank test, to repeat it.
    pub primes: Primes,
    /// What the audit has cost so far, in terms of equations (see [`AuditBudget::work`](super::AuditBudget::work)).
    pub work: u64,
}

impl Verdict {
    /// Whether the release may go out: nothing is known exactly, to anybody
    /// tested, and every interval is as wide as required.
    pub fn holds(&self) -> bool {
        self.known.is_empty() && self.missed.is_empty() && self.known_to_insiders == 0
    }
}

/// What was found of the cells that something is required of.
#[derive(Debug, Clone, PartialEq)]
pub struct Required {
    /// Those whose intervals fall short, in increasing order.
    pub missed: Vec<usize>,
    /// How wide the narrowest interval is between whole numbers, in the units of
    /// the values; none if there is none, or no end is known.
    pub narrowest: Option<f64>,
}

impl Audit<'_> {
    /// Attacks every suppressed cell in every way, and judges what was found.
    ///
    /// # Errors
    ///
    /// As [`Audit::disclosed`] and [`Audit::intervals`];
    /// [`AuditRefusal::Contradiction`] also if a required cell's true value is not
    /// in the interval that was found for it.
    ///
    /// # Disclosure
    ///
    /// The numbers disclose nothing to a recipient that it could not compute. Which
    /// cells missed is for the linkage unit.
    pub fn verdict(
        &self,
        requirements: &[Requirement],
        insiders: &[Vec<u32>],
        primes: Primes,
    ) -> Result<Verdict, AuditRefusal> {
        let cells = self.suppressed();
        let disclosed = self.disclosed(insiders, primes)?;
        let intervals = self.intervals(&cells)?;
        let missed = self.judge(requirements, &cells, &intervals)?;
        let known = cells
            .iter()
            .zip(&intervals)
            .filter(|(cell, interval)| interval.is_known() || disclosed.to_all.contains(cell));
        Ok(Verdict {
            suppressed: cells.len(),
            known: known.map(|(&cell, _)| cell).collect(),
            missed,
            narrowest: narrowest(&intervals),
            insiders: insiders.len(),
            known_to_insiders: disclosed.to_insiders.len(),
            primes,
            work: self.meter.spent(),
        })
    }

    /// Computes the intervals of the cells that something is required of.
    ///
    /// For a suppressor that raises a pattern step by step: it costs only what
    /// the intervals of these cells do, and once a cell's requirement is met
    /// it stays so while more is suppressed.
    ///
    /// # Errors
    ///
    /// As [`Audit::intervals`]; [`AuditRefusal::Contradiction`] also if a true value
    /// is not in its interval.
    pub fn required(&self, requirements: &[Requirement]) -> Result<Required, AuditRefusal> {
        let mut cells: Vec<usize> = requirements.iter().map(|required| required.cell).collect();
        cells.sort_unstable();
        cells.dedup();
        let intervals = self.intervals(&cells)?;
        Ok(Required {
            missed: self.judge(requirements, &cells, &intervals)?,
            narrowest: narrowest(&intervals),
        })
    }

    /// Which cells fall short of what is required of them, in increasing order:
    /// those that [`required`](Self::required) finds, at a small part of its cost.
    ///
    /// # Errors
    ///
    /// As [`required`](Self::required).
    pub fn missed(&self, requirements: &[Requirement]) -> Result<Vec<usize>, AuditRefusal> {
        // A true value is in its interval; so one that reaches far enough above
        // it is wide enough too, whatever its lower end is.
        let (quick, mut slow): (Vec<Requirement>, Vec<Requirement>) = requirements
            .iter()
            .partition(|required| required.below == 0 && self.seen.sign == Sign::NonNegative);
        let enough = |required: &Requirement| {
            let above = required.above.max(required.width);
            required.value.saturating_add(above) as f64
        };
        let cells: Vec<(usize, f64)> = quick
            .iter()
            .map(|required| (required.cell, enough(required)))
            .collect();
        let reached = self.reached(&cells)?;
        let short = quick.iter().zip(&cells).zip(reached);
        let short = short.filter(|((_, (_, enough)), reached)| reached < enough);
        slow.extend(short.map(|((required, _), _)| *required));
        Ok(self.required(&slow)?.missed)
    }

    /// How wide the narrowest interval of the required cells is between whole
    /// numbers, in the units of the values; `None` if there is none, or no end is
    /// known.
    ///
    /// It is that of [`required`](Self::required). A few intervals are computed
    /// whole; of another cell only, whether it may be as much above its true
    /// value as the narrowest of those is wide, for then it is no narrower.
    ///
    /// # Errors
    ///
    /// As [`required`](Self::required).
    pub fn narrowest(&self, requirements: &[Requirement]) -> Result<Option<f64>, AuditRefusal> {
        const WHOLE: usize = 64;
        let (few, many) = requirements.split_at(requirements.len().min(WHOLE));
        let least = |one: Option<f64>, other: Option<f64>| match (one, other) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        let narrowest = self.required(few)?.narrowest;
        let enough = narrowest.unwrap_or(f64::INFINITY);
        let cells = many
            .iter()
            .map(|required| (required.cell, required.value as f64 + enough));
        let cells: Vec<(usize, f64)> = cells.collect();
        let wide: Vec<bool> = match (self.seen.sign, enough < f64::INFINITY) {
            (Sign::NonNegative, true) => {
                let reached = self.reached(&cells)?;
                let pairs = reached.iter().zip(&cells);
                pairs
                    .map(|(reached, (_, enough))| reached >= enough)
                    .collect()
            }
            _ => vec![false; many.len()],
        };
        let rest = many.iter().zip(wide).filter(|(_, wide)| !wide);
        let rest: Vec<Requirement> = rest.map(|(required, _)| *required).collect();
        Ok(least(narrowest, self.required(&rest)?.narrowest))
    }

    fn judge(
        &self,
        requirements: &[Requirement],
        cells: &[usize],
        intervals: &[Interval],
    ) -> Result<Vec<usize>, AuditRefusal> {
        let mut missed = Vec::new();
        for required in requirements {
            let at = cells
                .binary_search(&required.cell)
                .map_err(|_| AuditRefusal::Shape)?;
            let interval = intervals[at].whole();
            let value = required.value as f64;
            if value < interval.low || value > interval.high {
                return Err(AuditRefusal::Contradiction);
            }
            if !required.is_met(interval, self.seen.sign) {
                missed.push(required.cell);
            }
        }
        missed.sort_unstable();
        missed.dedup();
        Ok(missed)
    }
}

/// How wide the narrowest of these is between whole numbers, which is what
/// matters, and has no rounding error in it.
fn narrowest(intervals: &[Interval]) -> Option<f64> {
    let widths = intervals.iter().map(|interval| interval.whole().width());
    widths.reduce(f64::min).filter(|width| width.is_finite())
}
