//! What one table shows of large releases: that a cell may move together with its neighbours.
//!
//! The bounds of a cell in a table of a million others are a linear programme of
//! as many variables. But to see that they are wide enough it is not needed: if
//! some neighbours can share out their values differently while all others stay
//! as they are, in one table that has the published values, the cell can be
//! that much more. So the inner cells are cut into groups, each a small release
//! by itself; what is uncertain there is uncertain in the whole. What is not
//! seen to be wide enough in small groups is looked at in larger ones, and last
//! in the whole, which decides.
//!
//! Nothing is taken on trust: that the table has the published values is tested.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use super::prime::mixed;
use super::{Audit, AuditBudget, AuditRefusal, Required, Requirement, Seen, Sign};
use crate::structure::Structure;

/// Up to so many unknown inner cells are looked at as one group.
const MOST: usize = 1 << 14;

/// How often groups of one size are cut.
const TRIES: u64 = 6;

/// What looking at one group may cost, in terms of equations.
const WORK: u64 = 1 << 31;

/// A table that has the published values: the true one, if the linkage unit asks.
#[derive(Debug, Clone, Copy)]
pub struct Witness<'a> {
    /// The value of each inner cell.
    pub inner: &'a [i128],
    /// For each dimension, in which category each inner cell is, counted from 0.
    /// It decides what is tried, and not what is found.
    pub places: &'a [Vec<u32>],
}

/// A cell to be looked at: what is required of it, and its unknown inner cells.
struct Open {
    required: Requirement,
    terms: Vec<u32>,
}

/// Inner cells that may move while all others stay.
#[derive(Default)]
struct MovingGroup {
    inner: Vec<u32>,
    /// The published sums of them: which, by place in `inner`.
    sums: Vec<Vec<u32>>,
    /// The cells to be looked at, by place.
    open: Vec<usize>,
}

impl Audit<'_> {
    /// What [`required`](Self::required) finds, at a small part of its cost where
    /// very many inner cells are unknown. The narrowest width is then one that no
    /// interval is narrower than.
    ///
    /// # Errors
    ///
    /// As [`required`](Self::required); [`AuditRefusal::Shape`] if `witness` is not of
    /// this release, [`AuditRefusal::Contradiction`] if it has not the published values.
    pub fn witnessed(
        &self,
        requirements: &[Requirement],
        witness: Witness<'_>,
    ) -> Result<Required, AuditRefusal> {
        self.verify(requirements, witness)?;
        let unknown = self.reduced.known.iter().filter(|known| known.is_none());
        let unknown = unknown.count();
        let may_move = |required: &&Requirement| {
            unknown > self.meter.budget().whole
                && required.below == 0
                && self.seen.sign == Sign::NonNegative
        };
        let (moving, mut rest): (Vec<&Requirement>, Vec<&Requirement>) =
            requirements.iter().partition(may_move);
        let mut open: Vec<Open> = moving
            .into_iter()
            .map(|required| self.open(required))
            .collect();
        let mut narrowest = f64::INFINITY;
        let mut cut = WitnessCut::new(&self.reduced.known, witness.places);
        while !open.is_empty() && cut.step() {
            let groups = self.groups(&open, &cut)?;
            let looked = groups
                .par_iter()
                .map(|group| self.look(group, &open, witness.inner));
            let looked: Vec<Option<(Vec<usize>, f64)>> = looked.collect::<Result<_, _>>()?;
            let mut met = vec![false; open.len()];
            for (cells, width) in looked.into_iter().flatten() {
                cells.into_iter().for_each(|at| met[at] = true);
                narrowest = narrowest.min(width);
            }
            let mut met = met.into_iter();
            open.retain(|_| met.next() == Some(false));
        }
        let left: Vec<Requirement> = open.into_iter().map(|open| open.required).collect();
        rest.extend(&left);
        let rest: Vec<Requirement> = rest.into_iter().copied().collect();
        let missed = self.missed(&rest)?;
        if missed.is_empty() {
            narrowest = narrowest.min(self.narrowest(&rest)?.unwrap_or(f64::INFINITY));
        }
        Ok(Required {
            missed,
            narrowest: Some(narrowest).filter(|width| width.is_finite()),
        })
    }

    /// Tests whether the witness has the published values, and the required ones.
    fn verify(
        &self,
        requirements: &[Requirement],
        witness: Witness<'_>,
    ) -> Result<(), AuditRefusal> {
        let structure = self.seen.structure;
        let fits = |length: usize| length == structure.inner();
        let placed = witness.places.iter().all(|places| fits(places.len()));
        if !fits(witness.inner.len()) || !placed {
            return Err(AuditRefusal::Shape);
        }
        self.all_blank(requirements.iter().map(|required| required.cell))?;
        let sum = |cell: usize| -> Result<i128, AuditRefusal> {
            let members = structure.members(cell);
            self.meter.spend(members.len())?;
            let mut values = members.iter().map(|&inner| witness.inner[inner as usize]);
            let sum = values.try_fold(0i128, |sum, value| sum.checked_add(value));
            sum.ok_or(AuditRefusal::Overflow)
        };
        let negative = witness.inner.iter().any(|value| *value < 0);
        if negative && self.seen.sign == Sign::NonNegative {
            return Err(AuditRefusal::Contradiction);
        }
        let published = self.seen.values.iter().enumerate();
        let published = published.filter_map(|(cell, value)| Some((cell, (*value)?)));
        let required = requirements
            .iter()
            .map(|required| (required.cell, required.value));
        for (cell, value) in published.chain(required) {
            if sum(cell)? != value {
                return Err(AuditRefusal::Contradiction);
            }
        }
        Ok(())
    }

    fn open(&self, required: &Requirement) -> Open {
        Open {
            required: *required,
            terms: self.blank(required.cell).terms,
        }
    }

    /// The groups that hold most of an open cell, with all that is published of
    /// them.
    fn groups(
        &self,
        open: &[Open],
        cut: &WitnessCut<'_>,
    ) -> Result<Vec<MovingGroup>, AuditRefusal> {
        let mut groups: Vec<MovingGroup> = Vec::new();
        let mut named: HashMap<Vec<u32>, u32> = HashMap::new();
        let mut of = vec![(u32::MAX, 0); self.reduced.known.len()];
        let unknown = self.reduced.known.iter().enumerate();
        let unknown = unknown.filter(|(_, known)| known.is_none());
        for (inner, _) in unknown {
            let next = groups.len() as u32;
            let group = *named.entry(cut.chunks(inner)).or_insert(next);
            if group == next {
                groups.push(MovingGroup::default());
            }
            let own = &mut groups[group as usize].inner;
            of[inner] = (group, own.len() as u32);
            own.push(inner as u32);
        }
        let split = |terms: &[u32]| {
            let mut parts: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
            for &term in terms {
                let (group, place) = of[term as usize];
                parts.entry(group).or_default().push(place);
            }
            parts
        };
        for (at, open) in open.iter().enumerate() {
            self.meter.spend(open.terms.len())?;
            let parts = split(&open.terms).into_iter();
            let most = parts.max_by_key(|(group, part)| (part.len(), std::cmp::Reverse(*group)));
            if let Some((group, _)) = most {
                groups[group as usize].open.push(at);
            }
        }
        for equation in &self.reduced.equations {
            self.meter.spend(equation.terms.len())?;
            for (group, part) in split(&equation.terms) {
                groups[group as usize].sums.push(part);
            }
        }
        groups.retain(|group| !group.open.is_empty() && group.inner.len() <= MOST);
        Ok(groups)
    }

    /// The open cells, by place, that are seen in a group to be uncertain enough,
    /// and how wide the narrowest interval of them is there. None are if looking
    /// takes too much.
    fn look(
        &self,
        group: &MovingGroup,
        open: &[Open],
        table: &[i128],
    ) -> Result<Option<(Vec<usize>, f64)>, AuditRefusal> {
        let place = |inner: &u32| group.inner.binary_search(inner).ok().map(|at| at as u32);
        let cells = group.open.iter().map(|at| open[*at].terms.iter());
        let cells = cells.map(|terms| terms.filter_map(place).collect());
        let sums = group.sums.iter().cloned();
        let structure = Structure::new(group.inner.len(), sums.chain(cells));
        let value = |cell: usize| -> i128 {
            let members = structure.members(cell).iter();
            members
                .map(|at| table[group.inner[*at as usize] as usize])
                .sum()
        };
        let values =
            (0..structure.cells()).map(|cell| (cell < group.sums.len()).then(|| value(cell)));
        let values: Vec<Option<i128>> = values.collect();
        let required = group.open.iter().zip(group.sums.len()..);
        let required = required.map(|(at, cell)| Requirement {
            cell,
            value: value(cell),
            ..open[*at].required
        });
        let required: Vec<Requirement> = required.collect();
        let seen = Seen {
            structure: &structure,
            values: &values,
            sign: self.seen.sign,
        };
        let budget = AuditBudget {
            work: WORK,
            ..self.meter.budget()
        };
        let audit = Audit::watched(seen, budget, &self.meter.watch().of_a_part())?;
        let found = audit.missed(&required).map(|missed| {
            let met = required
                .iter()
                .filter(|required| !missed.contains(&required.cell));
            // Of each the true value is in the interval, and what is that much above it.
            let widths = met
                .clone()
                .map(|required| required.width.max(required.above) as f64);
            let narrowest = widths.fold(f64::INFINITY, f64::min);
            let met = met.map(|required| group.open[required.cell - group.sums.len()]);
            (met.collect(), narrowest)
        });
        self.meter.spend(audit.work().min(WORK) as usize)?;
        // A group that is too much work shows nothing; the whole still may. What was
        // cancelled, spending has reported above.
        Ok(found.ok())
    }
}

/// A way to cut the unknown inner cells into groups: each dimension's categories
/// in chunks of `side`.
struct WitnessCut<'a> {
    places: &'a [Vec<u32>],
    /// For each dimension, how many unknown inner cells each category has.
    counts: Vec<Vec<u32>>,
    /// Unknown inner cells by place, on average.
    filled: f64,
    tries: u64,
    side: u32,
    /// For each dimension, the chunk of each category.
    chunks: Vec<Vec<u32>>,
}

impl<'a> WitnessCut<'a> {
    fn new(known: &[Option<i128>], places: &'a [Vec<u32>]) -> Self {
        let unknown: Vec<usize> = (0..known.len()).filter(|at| known[*at].is_none()).collect();
        let counts = places.iter().map(|places| counts(places, &unknown));
        let counts: Vec<Vec<u32>> = counts.collect();
        let sizes = counts.iter().map(|counts| used(counts).count() as f64);
        Self {
            places,
            filled: unknown.len() as f64 / sizes.product::<f64>(),
            counts,
            tries: 0,
            side: 0,
            chunks: Vec::new(),
        }
    }

    /// Cuts anew: some times in chunks of one size, and then of twice that. No, if
    /// groups would be too large, or if there would be one.
    ///
    /// The first are as large as leaves half as many cells again as there are
    /// margins: of k dimensions, `side`ᵏ places are compared with k · `side`ᵏ⁻¹.
    fn step(&mut self) -> bool {
        let dimensions = self.places.len() as f64;
        let sizes = self.counts.iter().map(|counts| used(counts).count());
        let widest = sizes.max().unwrap_or(0);
        let of_size = |cells: f64| (cells / self.filled).powf(1.0 / dimensions);
        if self.tries == 0 {
            let least = 1.5 * dimensions / self.filled;
            self.side = least.min(of_size(MOST as f64 / 4.0)).ceil().max(2.0) as u32;
        } else if self.tries.is_multiple_of(TRIES) {
            self.side = self.side.saturating_mul(2);
        }
        if self.side as usize >= widest || f64::from(self.side) > of_size(MOST as f64) {
            return false;
        }
        let tries = self.tries;
        let chunks = self
            .counts
            .iter()
            .map(|counts| chunks(counts, self.side, tries));
        self.chunks = chunks.collect();
        self.tries += 1;
        true
    }

    /// In which chunk of each dimension an inner cell is.
    fn chunks(&self, inner: usize) -> Vec<u32> {
        let places = self.places.iter().zip(&self.chunks);
        let chunks = places.map(|(places, chunks)| chunks[places[inner] as usize]);
        chunks.collect()
    }
}

/// How many of the `unknown` inner cells each category has.
fn counts(places: &[u32], unknown: &[usize]) -> Vec<u32> {
    let categories = places.iter().max().map_or(0, |most| *most as usize + 1);
    let mut counts = vec![0; categories];
    for at in unknown {
        counts[places[*at] as usize] += 1;
    }
    counts
}

/// The categories that have unknown inner cells.
fn used(counts: &[u32]) -> impl Iterator<Item = usize> {
    (0..counts.len()).filter(|at| counts[*at] > 0)
}

/// By category its chunk: at first those with most unknown inner cells together,
/// and then any.
fn chunks(counts: &[u32], side: u32, tries: u64) -> Vec<u32> {
    let mut order: Vec<usize> = used(counts).collect();
    order.sort_by_key(|at| match tries {
        0 => (u64::from(u32::MAX - counts[*at]), *at),
        tries => (mixed(tries ^ (*at as u64) << 8), *at),
    });
    let mut chunks = vec![0; counts.len()];
    for (rank, category) in (0..).zip(order) {
        chunks[category] = rank / side;
    }
    chunks
}
