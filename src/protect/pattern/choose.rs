//! The pattern of a view, and the audit that it has to pass.

use std::collections::BTreeSet;

use super::super::audit::{self, Audit, Budget, Disclosed, Seen};
use super::super::structure::Structure;
use super::super::suppress::{
    self, Bounds, Intervals, Level, Pattern, Raise, Request, Status, by_value, raise, suppress,
};
use super::super::view::View;
use super::cells::Cells;
use super::neighbours::Neighbours;
use super::{AuditRecord, MOST_ROUNDS};
use crate::error::{Error, ErrorKind, counted};

impl Cells {
    /// What becomes of each cell: a pattern that the auditor finds nothing against.
    ///
    /// Where a cell is told too nearly, a neighbour of it is protected as well,
    /// and the pattern is chosen anew: what an earlier one suppressed may be
    /// published again. If that does not come to an end, the pattern is
    /// [raised](raise), which suppresses more, and does.
    pub(super) fn protected(
        &self,
        view: &View,
        record: &mut AuditRecord,
    ) -> Result<Vec<Status>, Stopped> {
        let sizes = self
            .values
            .iter()
            .map(|value| value.map_or(0.0, |value| value as f64));
        let sizes: Vec<f64> = sizes.collect();
        let wanted = by_value(&view.structure, &sizes);
        let neighbours = Neighbours::new(&view.structure);
        let mut protected = self.primary.clone();
        // Of all audits together.
        let mut left = Budget::default();
        for _ in 0..MOST_ROUNDS {
            let request = self.request(&protected, &wanted);
            let pattern = suppress(&view.structure, &request)?;
            let short = self.audit(view, pattern.status(), record, &mut left)?;
            if short.is_empty() {
                record.undecided = pattern.undecided();
                return Ok(pattern.status().to_vec());
            }
            let mut added = false;
            for cell in short {
                let may = |other: usize| {
                    let published = pattern.status()[other] == Status::Safe;
                    published && !protected[other] && !self.forced[other]
                };
                if let Some(other) = neighbours.cheapest(cell, &sizes, may) {
                    protected[other] = true;
                    added = true;
                }
            }
            if !added {
                break;
            }
        }
        let pattern = self.raised(view, &sizes, &wanted, &mut left)?;
        record.undecided = pattern.undecided();
        match self.audit(view, pattern.status(), record, &mut left)?.len() {
            0 => Ok(pattern.status().to_vec()),
            cells => Err(Stopped::Told(cells)),
        }
    }

    fn request<'a>(&'a self, protected: &'a [bool], wanted: &'a [u32]) -> Request<'a> {
        Request {
            forced: &self.forced,
            out: &self.out,
            withheld: &self.withheld,
            contributors: &self.contributors,
            known: &self.known,
            seed: self.seed,
            ..Request::new(protected, wanted)
        }
    }

    /// The suppressor's pattern, raised until the auditor's intervals are wide enough.
    fn raised(
        &self,
        view: &View,
        sizes: &[f64],
        wanted: &[u32],
        left: &mut Budget,
    ) -> Result<Pattern, Stopped> {
        let request = self.request(&self.primary, wanted);
        let pattern = suppress(&view.structure, &request)?;
        let levels = self.requirements.iter().map(|needed| {
            let (low, high) = needed.ends(self.sign);
            Level {
                cell: needed.cell,
                low: low as f64,
                high: high as f64,
                width: needed.width as f64,
            }
        });
        let levels: Vec<Level> = levels.collect();
        let to = Raise {
            values: sizes,
            levels: &levels,
            rounds: MOST_ROUNDS,
        };
        raise(
            &view.structure,
            &request,
            &pattern,
            &to,
            &mut Auditor { cells: self, left },
        )
    }

    /// What a recipient sees of the cells that are `published`.
    fn seen(&self, published: impl Iterator<Item = bool>) -> Vec<Option<i128>> {
        let values = self.values.iter().zip(published);
        values
            .map(|(value, published)| value.filter(|_| published))
            .collect()
    }

    /// The unsafe cells that a recipient can tell of a pattern, exactly or too nearly.
    fn audit(
        &self,
        view: &View,
        status: &[Status],
        record: &mut AuditRecord,
        left: &mut Budget,
    ) -> Result<BTreeSet<usize>, Stopped> {
        let published: Vec<bool> = status
            .iter()
            .map(|status| *status == Status::Safe)
            .collect();
        let values = self.seen(published.iter().copied());
        let audit = Audit::new(self.attack(view, &values), *left)?;
        let disclosed = audit.disclosed(&self.insiders, self.primes)?;
        let mut short = self.told(view, &published, disclosed, left)?;
        let needed = &self.requirements;
        let narrowest = match view.witness() {
            Some(witness) => {
                let found = audit.witnessed(needed, witness)?;
                short.extend(found.missed);
                found.narrowest
            }
            None => {
                short.extend(audit.missed(needed)?);
                match short.is_empty() {
                    true => audit.narrowest(needed)?,
                    false => None,
                }
            }
        };
        if short.is_empty() {
            let hidden = view.hidden.iter().copied().chain(std::iter::repeat(false));
            let suppressed = published.iter().zip(hidden);
            record.suppressed = suppressed.filter(|cell| *cell == (&false, false)).count();
            record.narrowest = narrowest;
        }
        left.work = left.work.saturating_sub(audit.work());
        Ok(short)
    }

    fn attack<'a>(&self, view: &'a View, values: &'a [Option<i128>]) -> Seen<'a> {
        Seen {
            structure: &view.structure,
            values,
            sign: self.sign,
        }
    }

    /// The unsafe cells that can be had by subtraction, where `disclosed` are those
    /// that can by values that fit each other.
    ///
    /// What an insider could tell before by what is out already is not among them:
    /// nobody can take that back, and this release tells the insider no more.
    fn told(
        &self,
        view: &View,
        published: &[bool],
        disclosed: Disclosed,
        left: &mut Budget,
    ) -> Result<BTreeSet<usize>, Stopped> {
        let is_primary = |cell: &usize| self.primary[*cell];
        let now = self.with_misfits(view, published, disclosed, left)?;
        let mut told: BTreeSet<usize> = now.to_all.into_iter().filter(is_primary).collect();
        let by_insiders = now.to_insiders.into_iter();
        let mut by_insiders: BTreeSet<(usize, usize)> =
            by_insiders.filter(|(_, cell)| is_primary(cell)).collect();
        if !by_insiders.is_empty() && self.out.contains(&true) {
            let values = self.seen(self.out.iter().copied());
            let audit = Audit::new(self.attack(view, &values), *left)?;
            let before = audit.disclosed(&self.insiders, self.primes)?;
            left.work = left.work.saturating_sub(audit.work());
            let before = self.with_misfits(view, &self.out, before, left)?;
            by_insiders.retain(|pair| !before.to_insiders.contains(pair));
        }
        told.extend(by_insiders.into_iter().map(|(_, cell)| cell));
        Ok(told)
    }

    /// What can be had by subtraction, also from published cells whose values do
    /// not fit those of others: where they may be subtracted, whatever they are.
    fn with_misfits(
        &self,
        view: &View,
        published: &[bool],
        mut disclosed: Disclosed,
        left: &mut Budget,
    ) -> Result<Disclosed, Stopped> {
        let mut cells = published.iter().zip(&self.values);
        if !cells.any(|(published, value)| *published && value.is_none()) {
            return Ok(disclosed);
        }
        let values = stand_ins(&view.structure, published, &self.values);
        let audit = Audit::new(self.attack(view, &values), *left)?;
        let further = audit.disclosed(&self.insiders, self.primes)?;
        left.work = left.work.saturating_sub(audit.work());
        disclosed.to_all.extend(further.to_all);
        disclosed.to_insiders.extend(further.to_insiders);
        Ok(disclosed)
    }
}

/// Values that fit each other, and tell no more than which cells are published and
/// which of them are nought: of the inner cells each is one, but for those of a nought.
fn stand_ins(
    structure: &Structure,
    published: &[bool],
    values: &[Option<i128>],
) -> Vec<Option<i128>> {
    let mut each = vec![1; structure.inner()];
    for cell in (0..values.len()).filter(|cell| published[*cell] && values[*cell] == Some(0)) {
        for inner in structure.members(cell) {
            each[*inner as usize] = 0;
        }
    }
    let sum = |cell| {
        let members = structure.members(cell).iter();
        members.map(|at| each[*at as usize]).sum()
    };
    let cells = published.iter().enumerate();
    cells
        .map(|(cell, published)| published.then(|| sum(cell)))
        .collect()
}

/// Answers the suppressor's question what a recipient could infer.
struct Auditor<'a> {
    cells: &'a Cells,
    left: &'a mut Budget,
}

impl Intervals for Auditor<'_> {
    type Error = Stopped;

    fn intervals(
        &mut self,
        structure: &Structure,
        published: &[bool],
        _: &[f64],
        cells: &[usize],
    ) -> Result<Vec<Bounds>, Stopped> {
        let values = self.cells.seen(published.iter().copied());
        let seen = Seen {
            structure,
            values: &values,
            sign: self.cells.sign,
        };
        let audit = Audit::new(seen, *self.left)?;
        let intervals = audit.intervals(cells)?;
        self.left.work = self.left.work.saturating_sub(audit.work());
        let bounds = intervals.into_iter().map(|interval| {
            let whole = interval.whole();
            Bounds {
                low: whole.low,
                high: whole.high,
            }
        });
        Ok(bounds.collect())
    }
}

/// Why suppressor or auditor could not finish.
pub(super) enum Stopped {
    Suppressor(suppress::Refusal),
    Auditor(audit::Refusal),
    /// The last pattern that could be had gives so many unsafe cells away.
    Told(usize),
}

impl From<suppress::Refusal> for Stopped {
    fn from(refusal: suppress::Refusal) -> Self {
        Self::Suppressor(refusal)
    }
}

impl From<audit::Refusal> for Stopped {
    fn from(refusal: audit::Refusal) -> Self {
        Self::Auditor(refusal)
    }
}

impl Stopped {
    /// The refusal of the release; `name` says what kind of cell one of the view is.
    pub(super) fn refusal(self, view: &View, name: impl Fn(usize) -> String) -> Error {
        use suppress::Refusal::{Empty, Forced, Level};
        let earlier = |cell: usize| view.earlier.get(cell.wrapping_sub(view.spots.len()));
        let rule = match self {
            Self::Suppressor(Forced { cell }) => match earlier(cell) {
                Some(earlier) => format!(
                    "what release {} of the ledger published gives cells away that need protection now{}",
                    earlier.release,
                    match view.adds_up {
                        true => "",
                        false =>
                            ", where numbers of persons who have several rows are compared as if they added up",
                    }
                ),
                None => format!(
                    "to publish {} in spite of the rules gives other cells away, which the rules protect",
                    name(cell)
                ),
            },
            Self::Suppressor(Level { cell }) => match earlier(cell) {
                Some(earlier) => format!(
                    "a cell that release {} of the ledger suppressed is told too nearly, whatever is suppressed now",
                    earlier.release
                ),
                None => format!(
                    "{} is told too nearly, whatever else is suppressed",
                    name(cell)
                ),
            },
            Self::Suppressor(Empty { cell }) if earlier(cell).is_none() => {
                format!(
                    "{} needs protection, and is known to hold nobody",
                    name(cell)
                )
            }
            Self::Suppressor(other) => other.to_string(),
            Self::Auditor(refusal) => refusal.to_string(),
            Self::Told(cells) => format!(
                "the auditor can still tell {}",
                counted(cells as u64, "suppressed cell")
            ),
        };
        Error::new(ErrorKind::Protection, rule)
            .help("coarser dimensions, or fewer margins, leave less to suppress")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_fit_each_other_and_keep_noughts() {
        let cells = [
            vec![0],
            vec![0, 1],
            vec![1, 2],
            vec![2, 3],
            vec![0, 1, 2, 3],
        ];
        let structure = Structure::new(4, cells);
        // The fourth does not fit: it is of persons who are counted twice elsewhere.
        let values = [Some(0), Some(5), Some(9), None, Some(30)];
        let published = [true, true, false, true, true];
        let stand_ins = stand_ins(&structure, &published, &values);
        assert_eq!(stand_ins, [Some(0), Some(1), None, Some(2), Some(3)]);
    }
}
