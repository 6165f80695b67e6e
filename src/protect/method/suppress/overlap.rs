//! Numbers of persons who may be in several cells: bounds that do not come from adding up.
//!
//! The pattern of such numbers is chosen and proven as if they added up. But a total may
//! count somebody once whom two of its parts count: it is less than what they add up to,
//! and as a bound of each part it is nearer. So it is looked at again what follows from
//! two things that hold of any persons: nobody is in a part and not in the whole, and
//! everybody in the whole is in one of its parts. Where an unsafe number is bounded too
//! nearly by that, one of the published numbers that bound it is suppressed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::cells::{Cells, possible};
use super::proven::Floors;
use super::{AuditRecord, Work};
use crate::error::{Error, ErrorKind, Result};
use crate::protect::view::View;
use kobling_sdc::attacker::Possible;

/// A set of inner cells, and others that are parts of it.
struct Whole {
    set: usize,
    parts: Vec<usize>,
    /// Whether the parts are all of it, each inner cell in one.
    covered: bool,
}

/// Sets of inner cells: the cells of a view, own ones first, then those of which a least
/// number is known.
struct Sets {
    members: Vec<Vec<u32>>,
    wholes: Vec<Whole>,
}

/// How many persons are in a set, as far as it is known, and from which published numbers
/// it follows.
#[derive(Clone, Default)]
struct Bound {
    persons: i128,
    from: BTreeSet<usize>,
}

struct Bounds {
    least: Vec<Bound>,
    /// None where nothing is known.
    most: Vec<Option<Bound>>,
}

impl Work<'_> {
    /// Suppresses, of the numbers of persons in the view's cells, those by which an unsafe
    /// one is bounded too nearly.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Protection`](crate::ErrorKind::Protection) if only what is published
    /// whatever the rules say is in the way.
    pub(super) fn overlapping(
        &mut self,
        (view, cells): (&View, &Cells),
        measures: &[Vec<usize>],
        floors: &Floors,
        record: &mut AuditRecord,
    ) -> Result<()> {
        let sets = Sets::of(view, floors);
        loop {
            let start = self.known((view, cells), measures, floors, &sets);
            let bounds = sets.bounds(start);
            let mut suppressed = BTreeSet::new();
            for asked in &cells.possible {
                let own = asked.cell < view.spots.len();
                let bounding = match own {
                    true => self.bounding(view, asked.cell, &bounds),
                    false => BTreeSet::new(),
                };
                if bounding.is_empty() {
                    continue;
                }
                let persons = |cell: &usize| self.persons(view, *cell);
                let may = bounding.into_iter();
                let may = may.filter(|cell| *cell < view.spots.len() && !cells.forced[*cell]);
                // That nobody is there bounds most.
                let cheapest = may.min_by_key(|cell| (persons(cell) == 0, persons(cell), *cell));
                let name = || self.name(&view.spots[asked.cell]);
                suppressed.insert(cheapest.ok_or_else(|| stays_bounded(&name()))?);
            }
            if suppressed.is_empty() {
                return Ok(());
            }
            record.suppressed += suppressed.len();
            for cell in suppressed {
                self.suppress_cell(view.spots[cell], measures);
            }
        }
    }

    /// What is published of numbers of persons, and known beside it.
    fn known(
        &self,
        (view, cells): (&View, &Cells),
        measures: &[Vec<usize>],
        floors: &Floors,
        sets: &Sets,
    ) -> Bounds {
        let count = sets.members.len();
        let mut bounds = Bounds {
            least: vec![Bound::default(); count],
            most: vec![None; count],
        };
        let own = view.spots.iter().enumerate().map(|(cell, spot)| {
            let outcomes = &self.outcomes[spot.table][spot.block][spot.cell];
            let is_published = !cells.hidden[cell] && {
                let measures = &measures[spot.table];
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
        let known = cells.least.iter().chain(&floors.least);
        for (bound, known) in bounds.least.iter_mut().zip(known) {
            if bound.persons < i128::from(*known) {
                bound.persons = (*known).into();
            }
        }
        bounds
    }

    /// The published numbers by which an unsafe one is bounded too nearly; none if enough
    /// values stay possible.
    fn bounding(&self, view: &View, cell: usize, bounds: &Bounds) -> BTreeSet<usize> {
        let spot = view.spots[cell];
        let rules = &self.plan.tables()[spot.table].protect;
        let persons = self.persons(view, cell);
        let (least, most) = (&bounds.least[cell], &bounds.most[cell]);
        let enough = possible(rules.min_persons, rules.count_interval, persons);
        let mut from = BTreeSet::new();
        let of_most = most.iter().flat_map(|most| &most.from);
        match enough {
            Possible::All(first, last) => {
                if least.persons > i128::from(first) {
                    from.extend(&least.from);
                }
                if most
                    .as_ref()
                    .is_some_and(|most| most.persons < i128::from(last))
                {
                    from.extend(of_most);
                }
            }
            Possible::Consecutive(values) => {
                let most = most.as_ref().map(|most| most.persons);
                let are_too_few = |most| most - least.persons + 1 < i128::from(values);
                if most.is_some_and(are_too_few) {
                    from.extend(least.from.iter().chain(of_most));
                }
            }
        }
        from
    }

    fn persons(&self, view: &View, cell: usize) -> i128 {
        let spot = view.spots[cell];
        let block = &self.tables[spot.table].blocks[spot.block];
        block.cells[spot.cell].1.persons.into()
    }
}

fn stays_bounded(name: &str) -> Error {
    let rule = format!(
        "{name} cannot be kept uncertain, since what is published in spite of the rules or stays known bounds it: persons may have several rows, but nobody is in a part and not in the whole"
    );
    Error::new(ErrorKind::Protection, rule)
        .help("coarser dimensions, fewer margins, or `method = \"cell-key\"`, which suppresses no numbers of persons")
}

impl Sets {
    fn of(view: &View, floors: &Floors) -> Self {
        let structure = &view.structure;
        let mut members: Vec<Vec<u32>> = (0..structure.cells())
            .map(|cell| structure.members(cell).to_vec())
            .collect();
        members.extend(floors.members.iter().map(|floor| {
            let inner = view.of.iter().zip(0..);
            let inner = inner.filter(|(of, _)| floor.binary_search(of).is_ok());
            inner.map(|(_, at)| at).collect()
        }));
        // Of each block, and of further cells, which cell an inner cell is in.
        let mut blocks: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (cell, spot) in view.spots.iter().enumerate() {
            blocks
                .entry((spot.table, spot.block))
                .or_default()
                .push(cell);
        }
        let further = (view.spots.len()..structure.cells()).map(|cell| vec![cell]);
        let mut wholes = Vec::new();
        for family in blocks.into_values().chain(further) {
            let mut of: HashMap<u32, usize> = HashMap::new();
            for cell in family {
                of.extend(members[cell].iter().map(|inner| (*inner, cell)));
            }
            for (set, own) in members.iter().enumerate() {
                let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
                for cell in own.iter().filter_map(|inner| of.get(inner)) {
                    *shared.entry(*cell).or_default() += 1;
                }
                let parts = shared.into_iter();
                let parts =
                    parts.filter(|(cell, shared)| *cell != set && members[*cell].len() == *shared);
                let parts: Vec<usize> = parts.map(|(cell, _)| cell).collect();
                let covers: usize = parts.iter().map(|part| members[*part].len()).sum();
                if !parts.is_empty() {
                    let covered = covers == own.len();
                    wholes.push(Whole {
                        set,
                        parts,
                        covered,
                    });
                }
            }
        }
        Self { members, wholes }
    }

    /// What follows, until nothing more does.
    fn bounds(&self, mut bounds: Bounds) -> Bounds {
        loop {
            let mut changed = false;
            for whole in &self.wholes {
                for part in &whole.parts {
                    // Nobody is in a part and not in the whole.
                    let least = bounds.least[*part].clone();
                    changed |= bounds.at_least(whole.set, least);
                    let most = bounds.most[whole.set].clone();
                    changed |= most.is_some_and(|most| bounds.at_most(*part, most));
                }
                if whole.covered {
                    changed |= bounds.covered(whole);
                }
            }
            if !changed {
                return bounds;
            }
        }
    }
}

impl Bounds {
    fn at_least(&mut self, set: usize, bound: Bound) -> bool {
        let nearer = bound.persons > self.least[set].persons;
        if nearer {
            self.least[set] = bound;
        }
        nearer
    }

    fn at_most(&mut self, set: usize, bound: Bound) -> bool {
        let own = &self.most[set];
        let nearer = own.as_ref().is_none_or(|own| bound.persons < own.persons);
        if nearer {
            self.most[set] = Some(bound);
        }
        nearer
    }

    /// Everybody in the whole is in one of its parts.
    fn covered(&mut self, whole: &Whole) -> bool {
        let unbounded = whole
            .parts
            .iter()
            .filter(|part| self.most[**part].is_none());
        let unbounded: Vec<usize> = unbounded.copied().collect();
        let mut all = Bound::default();
        for most in whole
            .parts
            .iter()
            .filter_map(|part| self.most[*part].as_ref())
        {
            all.persons += most.persons;
            all.from.extend(&most.from);
        }
        let least = self.least[whole.set].clone();
        let mut changed = false;
        for part in &whole.parts {
            let others = match (&unbounded[..], &self.most[*part]) {
                ([], Some(own)) => all.persons - own.persons,
                ([only], None) if only == part => all.persons,
                _ => continue,
            };
            let persons = least.persons - others;
            if persons > self.least[*part].persons {
                let others = whole.parts.iter().filter(|other| *other != part);
                let others = others.filter_map(|other| self.most[*other].as_ref());
                let mut from = least.from.clone();
                others.for_each(|most| from.extend(&most.from));
                changed |= self.at_least(*part, Bound { persons, from });
            }
        }
        if unbounded.is_empty() {
            changed |= self.at_most(whole.set, all);
        }
        changed
    }
}
