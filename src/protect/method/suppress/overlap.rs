//! Numbers of persons who may be in several cells: bounds that do not come from adding up.
//!
//! The pattern of such numbers is chosen and proven as if they added up. But a total may
//! count somebody once whom two of its parts count: it is less than what they add up to,
//! and as a bound of each part it is nearer. So it is looked at again what follows from
//! two things that hold of any persons: nobody is in a part and not in the whole, and
//! everybody in the whole is in one of its parts. And of parts that differ only by what is the
//! same in all rows of a person, nobody is in two. Where an unsafe number is bounded too
//! nearly by that, one of the published numbers that bound it is suppressed. What names say
//! that are listed, and rows of earlier releases, stays known: where that bounds a number too
//! nearly, there is no release.

mod bounds;

use std::collections::{BTreeMap, BTreeSet};

use super::cells::{KnownCells, possible};
use super::proven::Floors;
use super::reached::Reached;
use super::{AuditRecord, Suppression};
use crate::error::{Error, ErrorKind, Result};
use crate::protect::view::RecipientView;
use crate::table::Population;
use bounds::{Bound, SetBounds, Sets, made_up};
use kobling_sdc::attacker::Possible;

/// What may be spent each time on singletons, in parts of sets.
const INSIDER_WORK: usize = 50_000_000;

impl Suppression<'_> {
    /// Suppresses, of the numbers of persons in the view's cells, those by which an unsafe
    /// one is bounded too nearly.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Protection`](crate::ErrorKind::Protection) if only what is published
    /// whatever the rules say is in the way.
    ///
    /// The singleton of inner cells knows how many there are, as long as no earlier
    /// release splits them; in large tables that is looked at for the first of them only.
    pub(super) fn overlapping(
        &mut self,
        population: &Population,
        (view, cells): (&RecipientView, &KnownCells),
        measures: &[Vec<usize>],
        (floors, reached): (&Floors, &[Reached]),
        record: &mut AuditRecord,
    ) -> Result<()> {
        let sets = Sets::of(view, floors, reached, &self.varying(view));
        let first = first_reached(view, floors);
        let inner = population.inner(self.tables);
        let filled: Vec<bool> = inner.iter().map(|(_, cell)| cell.persons > 0).collect();
        let most = match view.of.len() == inner.len() {
            true => INSIDER_WORK / sets.parts().max(1),
            false => 0,
        };
        record.unasked_singletons = cells.insiders.len().saturating_sub(most);
        loop {
            cells.watch.begin()?;
            let start = self.known((view, cells), measures, (floors, reached), &sets);
            let bounds = sets.bounds(start);
            let mut suppressed = BTreeSet::new();
            let mut found = self.too_near((view, cells), &bounds, |_| false);
            // What everybody knows is mended first.
            for own in cells.insiders.iter().take(most) {
                if !found.is_empty() {
                    break;
                }
                cells.watch.begin()?;
                let theirs = sets.known_to(own, &filled, bounds.clone());
                let is_theirs = |cell: usize| sets.is_known_to(own, &filled, cell);
                found = self.too_near((view, cells), &theirs, is_theirs);
                // By what only was published before it knew so before.
                let before = |cell: &usize| (view.locations.len()..first).contains(cell);
                found.retain(|(_, by)| by.is_empty() || !by.iter().all(before));
            }
            for (cell, bounding) in found {
                let persons = |cell: &usize| match cell.checked_sub(first) {
                    Some(at) => reached[at].persons.into(),
                    None => self.persons(view, *cell),
                };
                let may = bounding.into_iter();
                let may = may.filter(|cell| match cell.checked_sub(first) {
                    Some(at) => !reached[at].stays,
                    None => *cell < view.locations.len() && !cells.forced[*cell],
                });
                // That nobody is there bounds most.
                let cheapest = may.min_by_key(|cell| (persons(cell) == 0, persons(cell), *cell));
                let name = || self.name(&view.locations[cell]);
                suppressed
                    .insert(cheapest.ok_or_else(|| stays_bounded(&name(), &self.known_anyway()))?);
            }
            if suppressed.is_empty() {
                return Ok(());
            }
            record.suppressed += suppressed.len();
            for cell in suppressed {
                match cell.checked_sub(first) {
                    Some(at) => self.withdraw(&reached[at]),
                    None => self.suppress_cell(view.locations[cell], measures),
                }
            }
        }
    }

    /// The unsafe cells that are bounded too nearly, and by which published numbers; but
    /// those that are somebody's own.
    fn too_near(
        &self,
        (view, cells): (&RecipientView, &KnownCells),
        bounds: &SetBounds,
        is_own: impl Fn(usize) -> bool,
    ) -> Vec<(usize, BTreeSet<usize>)> {
        let asked = cells.possible.iter().map(|asked| asked.cell);
        let asked = asked.filter(|cell| *cell < view.locations.len() && !is_own(*cell));
        let near = asked.filter_map(|cell| Some((cell, self.bounding(view, cell, bounds)?)));
        near.collect()
    }

    /// What is published of numbers of persons, and known in addition.
    fn known(
        &self,
        (view, cells): (&RecipientView, &KnownCells),
        measures: &[Vec<usize>],
        (floors, reached): (&Floors, &[Reached]),
        sets: &Sets,
    ) -> SetBounds {
        let count = sets.members.len();
        let mut bounds = SetBounds {
            least: vec![Bound::default(); count],
            most: vec![None; count],
        };
        let own = view.locations.iter().enumerate().map(|(cell, location)| {
            let outcomes = &self.outcomes[location.table][location.block][location.cell];
            let is_published = !cells.hidden[cell] && {
                let measures = &measures[location.table];
                measures.iter().any(|at| outcomes[*at].value().is_some())
            };
            is_published.then(|| self.persons(view, cell))
        });
        let further = view.further.iter().map(|further| further.published);
        for (cell, published) in own.chain(further).enumerate() {
            if let Some(persons) = published {
                let from = BTreeSet::from([cell]);
                let bound = Bound { persons, from };
                bounds.least[cell] = bound.clone();
                bounds.most[cell] = Some(bound);
            }
        }
        let earlier = view.floors.iter().map(|(_, least)| least);
        let known = cells.least.iter().chain(&floors.least).chain(earlier);
        for (bound, known) in bounds.least.iter_mut().zip(known) {
            if bound.persons < i128::from(*known) {
                bound.persons = (*known).into();
            }
        }
        let first = first_reached(view, floors);
        for (set, reached) in (first..).zip(reached) {
            if reached.persons > 0 && self.is_published(reached) {
                bounds.least[set] = Bound {
                    persons: reached.least.into(),
                    from: BTreeSet::from([set]),
                };
            }
        }
        let ceilings = bounds.most.iter_mut().rev().zip(view.ceilings.iter().rev());
        for (bound, (_, rows)) in ceilings {
            *bound = Some(Bound {
                persons: (*rows).into(),
                from: BTreeSet::new(),
            });
        }
        bounds
    }

    /// The published numbers by which an unsafe one is bounded too nearly, if it is: none
    /// where it is by what stays known whatever is suppressed.
    fn bounding(
        &self,
        view: &RecipientView,
        cell: usize,
        bounds: &SetBounds,
    ) -> Option<BTreeSet<usize>> {
        let location = view.locations[cell];
        let rules = &self.plan.tables()[location.table].protect;
        let persons = self.persons(view, cell);
        let (least, most) = (&bounds.least[cell], &bounds.most[cell]);
        let enough = possible(rules.min_persons, rules.count_interval, persons);
        let greatest = most.as_ref().map(|most| most.persons);
        let is_below = |last: i128| greatest.is_some_and(|greatest| greatest < last);
        let of_most = most.iter().flat_map(|most| &most.from);
        let by: [Option<Vec<&usize>>; 2] = match enough {
            Possible::All(first, last) => [
                (least.persons > i128::from(first)).then(|| least.from.iter().collect()),
                is_below(last.into()).then(|| of_most.collect()),
            ],
            Possible::Consecutive(values) => [
                is_below(least.persons + i128::from(values) - 1)
                    .then(|| least.from.iter().chain(of_most).collect()),
                None,
            ],
            Possible::Around { .. } => [None, None],
        };
        let is_too_near = by.iter().any(Option::is_some);
        is_too_near.then(|| by.into_iter().flatten().flatten().copied().collect())
    }

    /// By own cell of the view, its categories in what may differ between a person's rows.
    fn varying(&self, view: &RecipientView) -> Vec<Vec<i64>> {
        let plans = self.plan.tables().iter();
        let is_same = plans.map(|plan| plan.same_for_person(self.plan.sources()));
        let is_same: Vec<Vec<bool>> = is_same.collect();
        let varying = view.locations.iter().map(|location| {
            let block = &self.tables[location.table].blocks[location.block];
            let (place, _) = &block.cells[location.cell];
            let varying = place.iter().zip(&is_same[location.table]);
            let varying = varying.filter(|(_, is_same)| !**is_same);
            varying.map(|(ordinal, _)| *ordinal).collect()
        });
        varying.collect()
    }

    fn persons(&self, view: &RecipientView, cell: usize) -> i128 {
        let location = view.locations[cell];
        let block = &self.tables[location.table].blocks[location.block];
        block.cells[location.cell].1.persons.into()
    }
}

/// The first set that is one of which a sum says something.
fn first_reached(view: &RecipientView, floors: &Floors) -> usize {
    view.structure.cells() + floors.members.len() + view.floors.len()
}

fn stays_bounded(name: &str, known: &str) -> Error {
    let rule = format!(
        "the feasibility interval of {name} cannot be kept wide enough, since {known}, bound it: persons may have several rows, but nobody is in a part of a cell without being in the cell"
    );
    Error::new(ErrorKind::Protection, rule)
        .help("coarser dimensions, fewer margins, or `method = \"cell-key\"`, which suppresses no numbers of persons")
}

impl Sets {
    /// By own cell its categories in what may differ between a person's rows.
    fn of(
        view: &RecipientView,
        floors: &Floors,
        reached: &[Reached],
        varying: &[Vec<i64>],
    ) -> Self {
        let structure = &view.structure;
        let mut members: Vec<Vec<u32>> = (0..structure.cells())
            .map(|cell| structure.members(cell).to_vec())
            .collect();
        let ceilings = view.ceilings.iter().map(|(ceiling, _)| ceiling);
        let reached = reached.iter().map(|reached| &reached.inner);
        let split = |known: &Vec<u32>| -> Vec<u32> {
            let inner = view.of.iter().zip(0..);
            let inner = inner.filter(|(of, _)| known.binary_search(of).is_ok());
            inner.map(|(_, at)| at).collect()
        };
        members.extend(floors.members.iter().map(split));
        members.extend(view.floors.iter().map(|(members, _)| members.clone()));
        members.extend(reached.chain(ceilings).map(split));
        // Of each block which cell an inner cell is in.
        let mut blocks: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (cell, location) in view.locations.iter().enumerate() {
            blocks
                .entry((location.table, location.block))
                .or_default()
                .push(cell);
        }
        let further: Vec<usize> = (view.locations.len()..members.len()).collect();
        let mut wholes = Vec::new();
        for cells in blocks.into_values() {
            wholes.extend(made_up(&members, &cells, Some(varying)));
        }
        // Those of earlier releases and of names may overlap: they cover nothing together.
        wholes.extend(made_up(&members, &further, None));
        Self { members, wholes }
    }
}
