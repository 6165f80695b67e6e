//! Proofs that one cell is uncertain: to the public, and to every contributor.

use std::collections::BTreeSet;

use super::search::{Found, Search};
use super::{Task, Unprovable, Unproven};
use crate::attacker::{Contributor, Unsafe};
use crate::proof::Change;

/// The tables that prove a cell uncertain, and the cells that they change.
#[derive(Default)]
pub(super) struct CellProof {
    pub(super) changes: Vec<Change>,
    pub(super) changed: Vec<u32>,
}

/// Proves cells, one by one, by what contributors know and can rule out by it.
pub(super) struct CellProver<'a> {
    pub(super) task: &'a Task<'a>,
    /// Singletons, and what they knew before.
    pub(super) before: BTreeSet<(u32, usize)>,
}

impl CellProver<'_> {
    /// Tables that show the cell to be uncertain to the public and to every
    /// contributor, for which cells of no more than `most` worth are suppressed at a time.
    pub(super) fn prove(
        &self,
        search: &mut Search<'_>,
        wanted: Unsafe,
        most: f64,
    ) -> Result<CellProof, Unproven> {
        let mut proven = CellProof::default();
        let mut blind: Option<BTreeSet<Contributor>> = None;
        loop {
            let avoid = blind.as_ref().and_then(|blind| blind.first().copied());
            let found = search.find(wanted, avoid, most);
            let found = found.map_err(Unproven::cancelled)?;
            let found = found.ok_or(Unproven::Cell(Unprovable {
                cell: wanted.cell,
                to_contributors: avoid.is_some(),
            }))?;
            let mut rule_out = self.rule_out(search, &found, wanted.possible.is_of_sum());
            rule_out.retain(|who| !self.owns(search, *who, wanted));
            search.suppress(&found.changed);
            proven.changes.extend(found.changes);
            proven.changed.extend(found.changed);
            let left = match blind {
                None => rule_out,
                Some(blind) => blind.intersection(&rule_out).copied().collect(),
            };
            if left.is_empty() {
                proven.changed.sort_unstable();
                proven.changed.dedup();
                return Ok(proven);
            }
            blind = Some(left);
        }
    }

    /// Who knows that a table of these is not the true one.
    fn rule_out(&self, search: &Search<'_>, found: &Found, of_sum: bool) -> BTreeSet<Contributor> {
        let mut who = BTreeSet::new();
        for &(at, more) in found.changes.iter().flat_map(|change| &change.inner) {
            let was = self.task.inner[at as usize];
            if was > 0 && was + i128::from(more) == 0 && !of_sum {
                who.extend(self.inhabited(search, at).map(Contributor::In));
            }
            let singletons = search.known_to(at).iter();
            if self.task.known.joint.is_none() {
                who.extend(singletons.map(|singleton| Contributor::Singleton(*singleton)));
                continue;
            }
            // Such a person is in a joint cell, and knows more by that.
            let own = singletons.flat_map(|one| &self.task.known.singletons[*one as usize]);
            let own = own.filter(|own| self.task.inner[**own as usize] > 0);
            who.extend(
                own.flat_map(|own| self.inhabited(search, *own))
                    .map(Contributor::In),
            );
        }
        who
    }

    /// The places of an inner cell that somebody may be in.
    fn inhabited<'s>(
        &'s self,
        search: &'s Search<'_>,
        inner: u32,
    ) -> impl Iterator<Item = u32> + 's {
        let ways = search.ways();
        let is_filled = |at: &u32| self.task.inner[*at as usize] > 0;
        let may_be = move |place: &u32| {
            let parts = ways.parts(*place);
            let Some(joint) = self.task.known.joint else {
                return true;
            };
            // Of the singleton of several releases it is known where it is in each; but not
            // where somebody may be in several inner cells of one.
            let fits = |singleton: u32| {
                let mut own = self.task.known.singletons[singleton as usize].iter();
                joint.overlaps || own.all(|at| !is_filled(at) || parts.contains(at))
            };
            parts.iter().all(is_filled) && search.alone_in(*place).into_iter().all(fits)
        };
        ways.to(inner).iter().copied().filter(may_be)
    }

    /// Whether nobody but this contributor is in the cell, or it knew the cell before.
    fn owns(&self, search: &Search<'_>, contributor: Contributor, wanted: Unsafe) -> bool {
        let (cell, of_sum) = (wanted.cell, wanted.possible.is_of_sum());
        let (parts, singletons) = match contributor {
            Contributor::Singleton(one) => (&[][..], vec![one]),
            Contributor::In(place) => (
                search.ways().parts(place),
                match self.task.known.joint {
                    Some(_) => search.alone_in(place),
                    None => Vec::new(),
                },
            ),
        };
        let mut knew = singletons.iter().map(|one| (*one, cell));
        if knew.any(|knew| self.before.contains(&knew)) {
            return true;
        }
        let members = self.task.known.structure.members(cell);
        let filled = self.task.known.filled;
        let is_populated = |at: &&u32| match filled.get(**at as usize) {
            Some(filled) => *filled,
            None => self.task.inner[**at as usize] != 0,
        };
        let is_known = |at: &u32| {
            let mut known_to = search.known_to(*at).iter();
            known_to.any(|who| singletons.contains(who))
        };
        let mut populated = members.iter().filter(is_populated).peekable();
        match populated.peek() {
            // That nobody is there is only known to a singleton of where somebody is.
            // All else of a sum may be known to be nothing.
            None => {
                let is_public = |at: &u32| of_sum && search.is_public(*at);
                members.iter().all(|at| is_known(at) || is_public(at))
            }
            Some(_) => populated
                .all(|at| parts.contains(at) && self.task.inner[*at as usize] == 1 || is_known(at)),
        }
    }
}
