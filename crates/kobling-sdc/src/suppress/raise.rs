//! Raising a pattern to its protection levels: further cells, until every interval is wide enough.
//!
//! A cell that cannot be computed may still be nearly known: values are not
//! negative, so a blank is at most what is left of its row. The protection
//! levels of the ESSnet handbook on statistical disclosure control (2nd
//! edition, chapter 4) say how far a recipient must be kept from the value.
//! Which interval a recipient finds is for an auditor to say, not for the
//! suppressor; so it is asked, through a trait.
//!
//! A cell that falls short gets a companion: a further cell out of the
//! published sum that holds it tightest, the least wanted one that is large
//! enough; or one that overlaps it, where no published sum holds it. The
//! companion is protected like a primary cell, for one that can be derived hides
//! nothing. Nothing suppressed is published again, so intervals only widen, and
//! only those that fell short need to be asked for again.

use super::{Pattern, Request, Status, SuppressionRefusal, suppress};
use crate::structure::Structure;

/// What a recipient can infer of a cell: it is at least `low` and at most `high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The least value that agrees with all that is published.
    pub low: f64,
    /// The largest one; infinite if nothing bounds it.
    pub high: f64,
}

/// Whoever works out what a recipient can infer: an auditor.
pub trait Intervals {
    /// Why there is no answer. Then nothing is published.
    type Error: From<SuppressionRefusal>;

    /// The bounds of each of `cells`, for one who sees the `values` of the `published` cells.
    ///
    /// The values of other cells must not be used.
    ///
    /// # Errors
    ///
    /// If the bounds cannot be had.
    fn intervals(
        &mut self,
        structure: &Structure,
        published: &[bool],
        values: &[f64],
        cells: &[usize],
    ) -> Result<Vec<Bounds>, Self::Error>;
}

/// How wide the interval of a suppressed cell has to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProtectionLevel {
    /// The number of the cell in the structure.
    pub cell: usize,
    /// What its lower bound may be at most.
    pub low: f64,
    /// What its upper bound must be at least.
    pub high: f64,
    /// How far apart the two must be at least.
    pub width: f64,
}

impl ProtectionLevel {
    /// By how much `bounds` fall short, if they do. What is not a number falls short.
    fn shortfall(&self, bounds: Bounds) -> Option<f64> {
        let width = bounds.high - bounds.low;
        let pairs = [
            (self.low, bounds.low),
            (bounds.high, self.high),
            (width, self.width),
        ];
        match pairs.iter().all(|&(value, demand)| reaches(value, demand)) {
            true => None,
            false => Some(
                pairs
                    .iter()
                    .map(|(value, demand)| demand - value)
                    .fold(0.0, f64::max),
            ),
        }
    }
}

/// Whether `value` is `demand` or more, but for the tolerance of a linear program.
fn reaches(value: f64, demand: f64) -> bool {
    value >= demand || value >= demand - 1e-6 * demand.abs().max(1.0)
}

/// What a pattern is raised to, and how far that may go.
#[derive(Debug, Clone, Copy)]
pub struct Raise<'a> {
    /// The values of all cells.
    pub values: &'a [f64],
    /// The levels of suppressed cells.
    pub levels: &'a [ProtectionLevel],
    /// How often further cells may be suppressed and the intervals asked for again.
    pub rounds: usize,
}

/// Suppresses further cells of `pattern` until every level is reached.
///
/// `request` is the one that `pattern` answers. Cells that are suppressed here
/// are complementary ones.
///
/// # Errors
///
/// A [`SuppressionRefusal`] if a level is of a cell that is published, if no cell is left
/// to suppress, or if the rounds are used up; those of [`suppress`]; those of `intervals`.
///
/// # Disclosure
///
/// Every cell with a level is, by the auditor's bounds, at least as uncertain
/// as its level demands to someone who sees all published cells and knows
/// nothing else. Whoever knows a value, or the rule by which cells are chosen,
/// may know more.
pub fn raise<I: Intervals>(
    structure: &Structure,
    request: &Request<'_>,
    pattern: &Pattern,
    raise: &Raise<'_>,
    intervals: &mut I,
) -> Result<Pattern, I::Error> {
    let mut raised = Raised::new(structure, request, pattern, raise)?;
    let mut left = raise.levels.to_vec();
    for round in 0..=raise.rounds {
        let cells: Vec<usize> = left.iter().map(|level| level.cell).collect();
        let published = raised.pattern.published();
        let bounds = match cells.as_slice() {
            [] => Vec::new(),
            cells => intervals.intervals(structure, &published, raise.values, cells)?,
        };
        if bounds.len() != cells.len() {
            return Err(SuppressionRefusal::Shape { what: "intervals" }.into());
        }
        let short = left.iter().zip(bounds);
        let mut short: Vec<(f64, ProtectionLevel)> = short
            .filter_map(|(level, bounds)| Some((level.shortfall(bounds)?, *level)))
            .collect();
        if short.is_empty() {
            return Ok(raised.pattern);
        }
        if round < raise.rounds {
            short.sort_by(|(a, _), (b, _)| b.total_cmp(a));
            raised.widen(&short)?;
        }
        left = short.into_iter().map(|(_, level)| level).collect();
    }
    Err(SuppressionRefusal::Rounds { cells: left.len() }.into())
}

/// A pattern on its way up.
struct Raised<'a> {
    structure: &'a Structure,
    cells_of: Structure,
    request: &'a Request<'a>,
    values: &'a [f64],
    pattern: Pattern,
    /// The cells that must not be derived: the primary ones and their companions.
    protected: Vec<bool>,
    /// Of each inner cell, the published cell that is just it.
    own_cell: Vec<Option<u32>>,
    /// Of each cell, its place from most to least wanted.
    place: Vec<u32>,
}

impl<'a> Raised<'a> {
    fn new(
        structure: &'a Structure,
        request: &'a Request<'a>,
        pattern: &Pattern,
        raise: &Raise<'a>,
    ) -> Result<Self, SuppressionRefusal> {
        request.check(structure)?;
        let shape = |what| Err(SuppressionRefusal::Shape { what });
        if pattern.status.len() != structure.cells() {
            return shape("pattern");
        }
        if raise.values.len() != structure.cells() {
            return shape("values");
        }
        let suppressed = |level: &ProtectionLevel| {
            let status = pattern.status.get(level.cell);
            status.is_some_and(|&status| status != Status::Safe)
        };
        if !raise.levels.iter().all(suppressed) {
            return shape("levels");
        }
        let mut own_cell = vec![None; structure.inner()];
        let mut place = vec![0; structure.cells()];
        for (at, &cell) in (0..).zip(request.priority) {
            place[cell as usize] = at;
            if let &[inner] = structure.members(cell as usize) {
                own_cell[inner as usize] = Some(cell);
            }
        }
        Ok(Self {
            structure,
            cells_of: structure.transposed(),
            request,
            values: raise.values,
            pattern: pattern.clone(),
            protected: request.primary.to_vec(),
            own_cell,
            place,
        })
    }

    /// Gives each cell that falls `short` a companion, unless it has a new one already.
    fn widen(&mut self, short: &[(f64, ProtectionLevel)]) -> Result<(), SuppressionRefusal> {
        let mut companions: Vec<usize> = Vec::new();
        for &(shortfall, level) in short {
            let sums = self.sums(level.cell);
            let is_in_sum = |&cell: &usize| sums.iter().any(|&sum| self.is_part(cell, sum));
            if companions.iter().any(is_in_sum) {
                continue;
            }
            let companion = self.companion(level.cell, &sums, shortfall);
            companions.push(companion.ok_or(SuppressionRefusal::Level { cell: level.cell })?);
        }
        for companion in companions {
            self.protected[companion] = true;
        }
        let before = &self.pattern.status;
        let withheld: Vec<bool> = before
            .iter()
            .map(|&status| status != Status::Safe)
            .collect();
        let request = Request {
            primary: &self.protected,
            withheld: &withheld,
            ..*self.request
        };
        let after = suppress(self.structure, &request)?;
        let status =
            before
                .iter()
                .zip(after.status)
                .map(|(&before, after)| match (before, after) {
                    (Status::Safe, Status::Safe) => Status::Safe,
                    (Status::Safe, _) => Status::Complementary,
                    (before, _) => before,
                });
        self.pattern = Pattern {
            status: status.collect(),
            undecided: self.pattern.undecided + after.undecided,
        };
        Ok(())
    }

    /// The published sums that hold `cell`, the tightest first: those that hide least besides it.
    fn sums(&self, cell: usize) -> Vec<usize> {
        let members = self.structure.members(cell);
        let Some(&first) = members.first() else {
            return Vec::new();
        };
        let holding = self.cells_of.members(first as usize).iter();
        let holding = holding.map(|&sum| sum as usize);
        let mut sums: Vec<(f64, usize)> = holding
            .filter(|&sum| self.is_safe(sum) && self.is_part(cell, sum))
            .map(|sum| (self.hidden(sum, members), sum))
            .collect();
        sums.sort_by(|(a, x), (b, y)| a.total_cmp(b).then(x.cmp(y)));
        sums.into_iter().map(|(_, sum)| sum).collect()
    }

    /// How much of `sum` is in suppressed inner cells other than `members`.
    fn hidden(&self, sum: usize, members: &[u32]) -> f64 {
        let others = self.structure.members(sum).iter();
        let others = others.filter(|inner| members.binary_search(inner).is_err());
        let cells = others.filter_map(|&inner| self.own_cell[inner as usize]);
        cells
            .map(|cell| cell as usize)
            .filter(|&cell| !self.is_safe(cell))
            .map(|cell| self.values[cell].abs())
            .sum()
    }

    /// A published part of the tightest of `sums`, other than `cell`: the least wanted one that is
    /// `shortfall` or more, or else the largest. If there is none, the least wanted of the sums;
    /// and if there is no sum, the least wanted cell that overlaps `cell` and so bounds it.
    fn companion(&self, cell: usize, sums: &[usize], shortfall: f64) -> Option<usize> {
        let parts = sums.iter().find_map(|&sum| {
            let mut parts = self.parts(sum, cell);
            parts.sort_by_key(|&part| std::cmp::Reverse(self.place[part]));
            let enough = |&&part: &&usize| self.values[part].abs() >= shortfall;
            parts.iter().find(enough).or(parts.last()).copied()
        });
        let least_wanted = |cells: &[usize]| {
            let cells = cells.iter().copied();
            let may_go = cells.filter(|&sum| !self.request.must_be_published(sum));
            may_go.max_by_key(|&sum| self.place[sum])
        };
        parts
            .or_else(|| least_wanted(sums))
            .or_else(|| least_wanted(&self.overlapping(cell)))
    }

    /// The published cells that share an inner cell with `cell`.
    fn overlapping(&self, cell: usize) -> Vec<usize> {
        let members = self.structure.members(cell).iter();
        let cells = members.flat_map(|&inner| self.cells_of.members(inner as usize));
        let cells = cells.map(|&other| other as usize);
        cells.filter(|&other| self.is_safe(other)).collect()
    }

    /// The published parts of `sum` that have nothing in common with `cell`, and are not zero.
    fn parts(&self, sum: usize, cell: usize) -> Vec<usize> {
        let members = self.structure.members(cell);
        let inner = self.structure.members(sum).iter();
        let touching = inner.flat_map(|&inner| self.cells_of.members(inner as usize));
        let mut parts: Vec<usize> = touching.map(|&part| part as usize).collect();
        parts.sort_unstable();
        parts.dedup();
        parts.retain(|&part| {
            let beside = |inner: &u32| members.binary_search(inner).is_err();
            self.is_safe(part)
                && !self.request.must_be_published(part)
                && self.values[part] != 0.0
                && self.is_part(part, sum)
                && self.structure.members(part).iter().all(beside)
        });
        parts
    }

    fn is_safe(&self, cell: usize) -> bool {
        self.pattern.status[cell] == Status::Safe
    }

    /// Whether all of `part` is in `sum`, and more is.
    fn is_part(&self, part: usize, sum: usize) -> bool {
        let (part, sum) = (self.structure.members(part), self.structure.members(sum));
        part.len() < sum.len() && part.iter().all(|inner| sum.binary_search(inner).is_ok())
    }
}
