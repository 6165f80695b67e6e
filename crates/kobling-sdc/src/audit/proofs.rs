//! Checks proofs: that each unsafe number of persons, or sum, could be another one.
//!
//! Shares nothing with the search that found them but the words in which they
//! are handed over. Each table of a proof is compared with every published cell and
//! every bound that an attacker knows; then it is counted which values are left to
//! the public, and which to each contributor whose own knowledge rules some of the
//! tables out. All in whole numbers.

use std::collections::{BTreeMap, BTreeSet};

use super::AuditRefusal;
use crate::attacker::{Contributor, Joint, Knowledge, Possible, Unsafe};
use crate::proof::{Change, Proof};
use crate::structure::Structure;
use crate::watch::{Watch, Work};

/// Between two calls of a watch, in changed inner cells: some tens of milliseconds.
const REPORT_EVERY: u64 = 1 << 14;

/// What checking proofs found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The unsafe cells that are not shown to be uncertain enough, in increasing order.
    pub missed: Vec<usize>,
    /// The smallest number of values shown to be possible of an unsafe cell, to the
    /// public; none if there is no unsafe cell.
    pub fewest_values: Option<u64>,
    /// Of the unsafe sum for which it is least, how far apart the least and the largest value
    /// are that are shown to be possible, to the public; none if there is no unsafe sum.
    pub narrowest: Option<i128>,
    /// How many tables were checked.
    pub tables: usize,
}

/// Checks that `proofs` show every one of the `wanted` numbers to be uncertain
/// enough, where `inner` are the true numbers of the inner cells.
///
/// A table that disagrees with anything the attacker knows proves nothing, and
/// is left out.
///
/// # Panics
///
/// If a slice is not of the structure, or a cell is not there.
pub fn check(known: &Knowledge<'_>, inner: &[i128], wanted: &[Unsafe], proofs: &[Proof]) -> Proven {
    let unwatched = check_watched(known, inner, wanted, proofs, &Watch::default());
    unwatched.expect("nobody cancels what nobody watches")
}

/// The same as [`check`], of which `watch` is notified.
///
/// # Errors
///
/// [`AuditRefusal::Cancelled`] once the watch says so.
///
/// # Panics
///
/// If a slice is not of the structure, or a cell is not there.
pub fn check_watched(
    known: &Knowledge<'_>,
    inner: &[i128],
    wanted: &[Unsafe],
    proofs: &[Proof],
    watch: &Watch,
) -> Result<Proven, AuditRefusal> {
    let report = |work| {
        let reported = watch.report(Work::Audited(work));
        reported.map_err(AuditRefusal::cancelled)
    };
    report(0)?;
    let checker = Checker::new(known, inner);
    let mut changes: BTreeMap<usize, Vec<&Change>> = BTreeMap::new();
    for proof in proofs {
        let of_cell = changes.entry(proof.cell).or_default();
        of_cell.extend(&proof.changes);
    }
    let mut found = Proven {
        missed: Vec::new(),
        fewest_values: None,
        narrowest: None,
        tables: 0,
    };
    let mut unreported = 0;
    for wanted in wanted {
        let changes = changes.get(&wanted.cell).map_or(&[][..], Vec::as_slice);
        let changed = changes.iter().map(|change| change.inner.len() as u64);
        unreported += changed.sum::<u64>();
        if unreported >= REPORT_EVERY {
            report(std::mem::take(&mut unreported))?;
        }
        found.tables += changes.len();
        found.add(*wanted, checker.values(*wanted, changes));
    }
    found.missed.sort_unstable();
    Ok(found)
}

impl Proven {
    /// What was found of a cell: the values that are possible, or that these are too few.
    fn add(&mut self, wanted: Unsafe, values: Option<Vec<i128>>) {
        let Some(values) = values else {
            return self.missed.push(wanted.cell);
        };
        let count = values.len() as u64;
        self.fewest_values = Some(self.fewest_values.map_or(count, |least| least.min(count)));
        if let (true, Some(first), Some(last)) =
            (wanted.possible.is_of_sum(), values.first(), values.last())
        {
            let width = last - first;
            self.narrowest = Some(self.narrowest.map_or(width, |least| least.min(width)));
        }
    }
}

/// A table that agrees with what is published: the value of the cell in question,
/// and whose own knowledge rules the table out.
struct OtherTable {
    value: i128,
    ruled_out_by: BTreeSet<Contributor>,
}

struct Checker<'a> {
    known: &'a Knowledge<'a>,
    inner: &'a [i128],
    cells_of: Structure,
    /// Of each inner cell, the singletons who know its number.
    known_to: Vec<Vec<u32>>,
    cells: Vec<i128>,
    joined: Option<JointPath<'a>>,
}

/// A joint table, and the way to it from inner cells.
struct JointPath<'a> {
    joint: &'a Joint,
    /// Of each inner cell, the joint cells that are part of it.
    joint_of: Structure,
    /// Of each inner cell, the links that it is in, and on which side.
    links_of: Vec<Vec<(u32, i128)>>,
}

impl<'a> JointPath<'a> {
    fn of(joint: &'a Joint) -> Self {
        let mut links_of = vec![Vec::new(); joint.parts.inner()];
        for (number, [one, other]) in (0..).zip(&joint.links) {
            let sides = one.iter().map(|at| (at, 1));
            let sides = sides.chain(other.iter().map(|at| (at, -1)));
            for (at, side) in sides {
                links_of[*at as usize].push((number, side));
            }
        }
        Self {
            joint,
            joint_of: joint.parts.transposed(),
            links_of,
        }
    }
}

impl<'a> Checker<'a> {
    fn new(known: &'a Knowledge<'a>, inner: &'a [i128]) -> Self {
        let structure = known.structure;
        assert_eq!(
            inner.len(),
            structure.inner(),
            "a number for each inner cell"
        );
        assert_eq!(
            known.published.len(),
            structure.cells(),
            "one for each cell"
        );
        let mut known_to = vec![Vec::new(); inner.len()];
        for (singleton, own) in (0..).zip(known.singletons) {
            for at in own {
                known_to[*at as usize].push(singleton);
            }
        }
        let sum = |cell| {
            let members = structure.members(cell).iter();
            members.map(|at| inner[*at as usize]).sum()
        };
        Self {
            known,
            inner,
            cells_of: structure.transposed(),
            known_to,
            cells: (0..structure.cells()).map(sum).collect(),
            joined: known.joint.map(JointPath::of),
        }
    }

    /// The inner cells that somebody is in who is in this joint cell: where there is no
    /// joint table, the inner cell of the same number.
    fn parts(&self, of: &u32) -> Vec<u32> {
        match &self.joined {
            Some(joined) => joined.joint.parts.members(*of as usize).to_vec(),
            None => vec![*of],
        }
    }

    /// The joint cells of an inner cell that somebody may be in: of the only contributor to
    /// an inner cell of several releases it is known where it is in each.
    fn inhabited(&self, inner: u32) -> Vec<u32> {
        let Some(joined) = &self.joined else {
            return vec![inner];
        };
        let joint = joined.joint_of.members(inner as usize).iter().copied();
        let may_be = |of: &u32| {
            let parts = self.parts(of);
            let filled = |at: &u32| self.inner[*at as usize] > 0;
            let fits = |singleton: &u32| {
                let mut own = self.known.singletons[*singleton as usize].iter();
                joined.joint.overlaps || own.all(|at| !filled(at) || parts.contains(at))
            };
            parts.iter().all(filled)
                && parts
                    .iter()
                    .all(|at| self.sole_contributor_to(*at).iter().all(fits))
        };
        joint.filter(may_be).collect()
    }

    /// The singletons of an inner cell that are the one person in it.
    fn sole_contributor_to(&self, inner: u32) -> &[u32] {
        match self.inner[inner as usize] > 0 {
            true => &self.known_to[inner as usize],
            false => &[],
        }
    }

    /// Everybody who knows what the inner cell holds.
    fn who_know(&self, inner: u32, who: &mut BTreeSet<Contributor>) {
        let singletons = self.known_to[inner as usize].iter();
        if self.joined.is_none() {
            who.extend(singletons.map(|singleton| Contributor::Singleton(*singleton)));
            return;
        }
        // Such a person is in a joint cell, and knows more by that.
        let own = singletons.flat_map(|singleton| &self.known.singletons[*singleton as usize]);
        let own = own.filter(|own| self.inner[**own as usize] > 0);
        who.extend(
            own.flat_map(|own| self.inhabited(*own))
                .map(Contributor::In),
        );
    }

    /// The values that the public cannot rule out of the cell, in increasing order; none if
    /// these are too few, to the public or to a contributor.
    fn values(&self, wanted: Unsafe, changes: &[&Change]) -> Option<Vec<i128>> {
        let tables = changes
            .iter()
            .filter_map(|change| self.table(wanted, change));
        let tables: Vec<OtherTable> = tables.collect();
        let true_value = self.cells[wanted.cell];
        let values = |left: &dyn Fn(&OtherTable) -> bool| -> Vec<i128> {
            let left = tables.iter().filter(|table| left(table));
            let mut values: Vec<i128> = left.map(|table| table.value).collect();
            values.push(true_value);
            values.sort_unstable();
            values.dedup();
            values
        };
        let to_all = values(&|_| true);
        if !wanted.possible.is_met(&to_all, true_value) {
            return None;
        }
        let contributors: BTreeSet<Contributor> = tables
            .iter()
            .flat_map(|table| table.ruled_out_by.iter().copied())
            .collect();
        let met = contributors
            .into_iter()
            .filter(|contributor| !self.owns(*contributor, wanted))
            .all(|contributor| {
                let left = values(&|table| !table.ruled_out_by.contains(&contributor));
                match wanted.possible {
                    Possible::Around { below: 0, above: 0 } => true,
                    Possible::Around { .. } => left.len() > 1,
                    of_persons => of_persons.is_met(&left, true_value),
                }
            });
        met.then_some(to_all)
    }

    /// Whether this contributor is the cell's only one: then the cell discloses nobody else to it.
    /// Or whether it knew the cell before.
    fn owns(&self, contributor: Contributor, wanted: Unsafe) -> bool {
        let cell = wanted.cell;
        let (parts, singletons) = match contributor {
            Contributor::Singleton(one) => (Vec::new(), vec![one]),
            Contributor::In(own) if self.joined.is_some() => {
                let parts = self.parts(&own);
                let own = parts.iter().flat_map(|at| self.sole_contributor_to(*at));
                let singletons = own.copied().collect();
                (parts, singletons)
            }
            Contributor::In(own) => (vec![own], Vec::new()),
        };
        let mut before = singletons.iter();
        if before.any(|one| self.known.before.contains(&(*one, cell))) {
            return true;
        }
        let mut members = self.known.structure.members(cell).iter();
        let knows = |at: &u32| {
            let known_to = &self.known_to[*at as usize];
            singletons.iter().any(|one| known_to.contains(one))
        };
        if !members.clone().any(|at| self.is_filled(*at)) {
            // Nobody is in it, so it is nobody's own; a singleton next to it may know that,
            // and learns of nobody by it where everybody knows all but what is its own.
            let is_sum = wanted.possible.is_of_sum();
            return members.all(|at| knows(at) || is_sum && self.is_public(*at));
        }
        members.all(|at| match self.inner[*at as usize] {
            _ if !self.is_filled(*at) => true,
            1 if parts.contains(at) => true,
            _ => knows(at),
        })
    }

    /// Whether everybody knows that an inner cell holds nothing: nobody can be in it, or
    /// a published cell that it is part of holds nothing.
    fn is_public(&self, inner: u32) -> bool {
        if self.known.impossible.get(inner as usize) == Some(&true) {
            return true;
        }
        let mut cells = self.cells_of.members(inner as usize).iter();
        cells.any(|cell| self.known.published[*cell as usize] && self.cells[*cell as usize] == 0)
    }

    /// Whether somebody is in an inner cell.
    fn is_filled(&self, inner: u32) -> bool {
        let filled = self.known.filled.get(inner as usize).copied();
        filled.unwrap_or(self.inner[inner as usize] != 0)
    }

    /// Whether no inner cell of a link that the change touches has more persons than are
    /// on the link's other side; where persons may be in several, all else holds.
    fn overlaps(&self, touched: &BTreeMap<u32, i128>, change: &Change) -> bool {
        let Some(joined) = self.joined.as_ref().filter(|joined| joined.joint.overlaps) else {
            return true;
        };
        let more: BTreeMap<u32, i64> = change.inner.iter().copied().collect();
        let now = |at: &u32| {
            let more = more.get(at).copied().unwrap_or(0);
            self.inner[*at as usize] + i128::from(more)
        };
        touched.keys().all(|link| {
            let [one, other] = &joined.joint.links[*link as usize];
            let most = |side: &[u32]| side.iter().map(now).max().unwrap_or(0);
            let sum = |side: &[u32]| side.iter().map(now).sum::<i128>();
            most(one) <= sum(other) && most(other) <= sum(one)
        })
    }

    /// The table of a change; none if it disagrees with anything that everybody knows.
    fn table(&self, wanted: Unsafe, change: &Change) -> Option<OtherTable> {
        let mut net: BTreeMap<u32, i128> = BTreeMap::new();
        let mut apart: BTreeMap<u32, i128> = BTreeMap::new();
        let mut ruled_out_by = BTreeSet::new();
        if !change.inner.is_sorted_by(|a, b| a.0 < b.0) {
            return None;
        }
        for &(at, more) in &change.inner {
            let was = *self.inner.get(at as usize)?;
            let now = was + i128::from(more);
            let least = self
                .known
                .least_inner
                .get(at as usize)
                .copied()
                .unwrap_or(0);
            let impossible = self.known.impossible.get(at as usize);
            if now < i128::from(least) || more == 0 || impossible == Some(&true) {
                return None;
            }
            let most = self.known.most_inner.get(at as usize).copied().flatten();
            if most.is_some_and(|most| now > most) {
                return None;
            }
            self.who_know(at, &mut ruled_out_by);
            // Of sums nothing is promised to those who are not alone (see the attacker).
            if was > 0 && now == 0 && !wanted.possible.is_of_sum() {
                let inhabited = self.inhabited(at).into_iter();
                ruled_out_by.extend(inhabited.map(Contributor::In));
            }
            let links = self.joined.iter();
            for (link, side) in links.flat_map(|joined| &joined.links_of[at as usize]) {
                *apart.entry(*link).or_default() += side * i128::from(more);
            }
            for &cell in self.cells_of.members(at as usize) {
                *net.entry(cell).or_default() += i128::from(more);
            }
        }
        if apart.values().any(|apart| *apart != 0) || !self.overlaps(&apart, change) {
            return None;
        }
        for (&cell, &more) in &net {
            let at = cell as usize;
            let least = self.known.least.get(at).copied().unwrap_or(0);
            let is_published = self.known.published[at] && more != 0;
            if is_published || more < 0 && self.cells[at] + more < i128::from(least) {
                return None;
            }
        }
        let more = net.get(&(wanted.cell as u32)).copied().unwrap_or(0);
        Some(OtherTable {
            value: self.cells[wanted.cell] + more,
            ruled_out_by,
        })
    }
}
