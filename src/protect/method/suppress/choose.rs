//! The pattern of a view, and the audit that it has to pass.

use std::collections::BTreeSet;

use super::cells::KnownCells;
use super::neighbours::Neighbours;
use super::no_pattern::NoPattern;
use super::side::Side;
use super::{AuditRecord, MOST_ROUNDS};
use crate::protect::view::RecipientView;
use kobling_sdc::audit::{
    Audit, AuditBudget, Disclosed, Required, Requirement, Seen, Sign, Witness,
};
use kobling_sdc::structure::Structure;
use kobling_sdc::suppress::{
    Bounds, Intervals, Pattern, ProtectionLevel, Raise, Request, Status, by_value, raise, suppress,
};

impl KnownCells {
    /// What becomes of each cell: a pattern that the auditor finds nothing against.
    ///
    /// Where the interval of a cell is too narrow, a neighbour of it is protected as well,
    /// and the pattern is chosen anew: what an earlier one suppressed may be
    /// published again. If that does not come to an end, the pattern is
    /// [raised](raise), which suppresses more, and does.
    pub(super) fn protected(
        &self,
        view: &RecipientView,
        record: &mut AuditRecord,
    ) -> Result<Vec<Status>, NoPattern> {
        let sizes = self.values.iter();
        let sizes = sizes.map(|value| value.map_or(0.0, |value| value.abs() as f64));
        let sizes: Vec<f64> = sizes.collect();
        let mut wanted = by_value(&view.structure, &sizes);
        wanted.sort_by(|a, b| {
            let weight = |cell: &u32| self.weights[*cell as usize];
            weight(b).total_cmp(&weight(a))
        });
        let neighbours = Neighbours::new(&view.structure);
        let mut protected = self.primary.clone();
        // Of all audits together.
        let mut left = AuditBudget::default();
        for _ in 0..MOST_ROUNDS {
            self.begin_round()?;
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
            cells => Err(NoPattern::Certain(cells)),
        }
    }

    /// Reports that a pattern is chosen, or further cells are.
    pub(super) fn begin_round(&self) -> Result<(), NoPattern> {
        self.watch.begin().map_err(|_| NoPattern::Cancelled)
    }

    fn request<'a>(&'a self, protected: &'a [bool], wanted: &'a [u32]) -> Request<'a> {
        Request {
            must_publish: &self.forced,
            already_published: &self.out,
            withheld: &self.withheld,
            contributors: &self.contributors,
            sole_contributors: &self.known,
            seed: self.seed,
            watch: Some(&self.watch.work),
            ..Request::new(protected, wanted)
        }
    }

    /// The suppressor's pattern, raised until the auditor's intervals are wide enough.
    fn raised(
        &self,
        view: &RecipientView,
        sizes: &[f64],
        wanted: &[u32],
        left: &mut AuditBudget,
    ) -> Result<Pattern, NoPattern> {
        self.begin_round()?;
        let request = self.request(&self.primary, wanted);
        let pattern = suppress(&view.structure, &request)?;
        // By how far from the true value, in the same direction on each side.
        let levels = self.requirements.iter().map(|needed| ProtectionLevel {
            cell: needed.cell,
            low: 0.0,
            high: needed.above as f64,
            width: needed.width as f64,
        });
        let levels: Vec<ProtectionLevel> = levels.collect();
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

    /// What a recipient sees of the cells that are `published`, on one side.
    fn seen(&self, side: &Side, published: impl Iterator<Item = bool>) -> Vec<Option<i128>> {
        let values = self.values.iter().enumerate().zip(published);
        let values = values.map(|((cell, value), published)| {
            let value = value.filter(|_| published)?;
            Some(side.of_cell(cell, value))
        });
        values.chain(side.caps().map(Some)).collect()
    }

    /// The unsafe cells that a recipient can compute of a pattern, exactly or too nearly.
    fn audit(
        &self,
        view: &RecipientView,
        status: &[Status],
        record: &mut AuditRecord,
        left: &mut AuditBudget,
    ) -> Result<BTreeSet<usize>, NoPattern> {
        let published: Vec<bool> = status
            .iter()
            .map(|status| *status == Status::Safe)
            .collect();
        let mut short = BTreeSet::new();
        let mut narrowest: Option<f64> = None;
        for side in &self.sides {
            let found = self.audit_side(view, side, &published, left)?;
            short.extend(found.missed);
            narrowest = match (narrowest, found.narrowest) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
        if short.is_empty() {
            record.suppressed = suppressed(status);
            record.narrowest = narrowest;
        }
        Ok(short)
    }

    fn audit_side(
        &self,
        view: &RecipientView,
        side: &Side,
        published: &[bool],
        left: &mut AuditBudget,
    ) -> Result<Required, NoPattern> {
        let values = self.seen(side, published.iter().copied());
        let structure = side.capped(&view.structure);
        let audit = Audit::watched(attack(&structure, &values), *left, &self.watch.work)?;
        let disclosed = audit.disclosed(&self.insiders, self.primes)?;
        let mut short = self.disclosed_primary(&structure, side, disclosed, left)?;
        let table = view.table().filter(|table| table.joint.is_none());
        let table = table.map(|table| (side.inner(table.inner), side.places(table.places)));
        if let Some((inner, _)) = &table {
            let mut by_bounds = self.derivable_by_bounds(&structure, &values, inner)?;
            if !by_bounds.is_empty() && self.out.contains(&true) {
                let before = self.seen(side, self.out.iter().copied());
                let before = self.derivable_by_bounds(&structure, &before, inner)?;
                self.excuse(&mut by_bounds, &before);
            }
            short.extend(by_bounds.into_iter().map(|(_, cell)| cell));
        }
        let needed = self.requirements.iter().map(|needed| {
            let value = side.of_cell(needed.cell, needed.value);
            let room = side.room(view.structure.members(needed.cell), value);
            let room = room.unwrap_or(i128::MAX);
            Requirement {
                value,
                above: needed.above.min(room),
                width: needed.width.min(room),
                ..*needed
            }
        });
        let needed: Vec<Requirement> = needed.collect();
        let narrowest = match &table {
            Some((inner, places)) => {
                let found = audit.witnessed(&needed, Witness { inner, places })?;
                short.extend(found.missed);
                found.narrowest
            }
            None => {
                short.extend(audit.missed(&needed)?);
                match short.is_empty() {
                    true => audit.narrowest(&needed)?,
                    false => None,
                }
            }
        };
        left.work = left.work.saturating_sub(audit.work());
        Ok(Required {
            missed: short.into_iter().collect(),
            narrowest,
        })
    }

    /// The unsafe cells that can be had by subtraction, of `now` disclosed ones.
    ///
    /// What an insider could compute before from what is published already is not
    /// among them: no later choice can undo it, and this release adds nothing to it.
    fn disclosed_primary(
        &self,
        structure: &Structure,
        side: &Side,
        now: Disclosed,
        left: &mut AuditBudget,
    ) -> Result<BTreeSet<usize>, NoPattern> {
        let is_primary = |cell: &usize| self.primary[*cell];
        let mut disclosed_primary: BTreeSet<usize> =
            now.to_all.into_iter().filter(is_primary).collect();
        let by_insiders = now.to_insiders.into_iter();
        let mut by_insiders: BTreeSet<(usize, usize)> =
            by_insiders.filter(|(_, cell)| is_primary(cell)).collect();
        if !by_insiders.is_empty() && self.out.contains(&true) {
            let values = self.seen(side, self.out.iter().copied());
            let audit = Audit::watched(attack(structure, &values), *left, &self.watch.work)?;
            let before = audit.disclosed(&self.insiders, self.primes)?;
            left.work = left.work.saturating_sub(audit.work());
            self.excuse(&mut by_insiders, &before.to_insiders);
        }
        disclosed_primary.extend(by_insiders.into_iter().map(|(_, cell)| cell));
        Ok(disclosed_primary)
    }
}

/// How many of the cells are suppressed that a release has a figure of otherwise.
pub(super) fn suppressed(status: &[Status]) -> usize {
    let suppressed = |status: &&Status| matches!(status, Status::Primary | Status::Complementary);
    status.iter().filter(suppressed).count()
}

/// What an attacker sees of values as a side has them: none is below 0.
fn attack<'a>(structure: &'a Structure, values: &'a [Option<i128>]) -> Seen<'a> {
    Seen {
        structure,
        values,
        sign: Sign::NonNegative,
    }
}

/// Answers the suppressor's question what a recipient could infer.
struct Auditor<'a> {
    cells: &'a KnownCells,
    left: &'a mut AuditBudget,
}

impl Intervals for Auditor<'_> {
    type Error = NoPattern;

    fn intervals(
        &mut self,
        structure: &Structure,
        published: &[bool],
        _: &[f64],
        cells: &[usize],
    ) -> Result<Vec<Bounds>, NoPattern> {
        self.cells.begin_round()?;
        let mut all: Vec<Bounds> = Vec::new();
        for side in &self.cells.sides {
            let values = self.cells.seen(side, published.iter().copied());
            let capped = side.capped(structure);
            let seen = attack(&capped, &values);
            let audit = Audit::watched(seen, *self.left, &self.cells.watch.work)?;
            let intervals = audit.intervals(cells)?;
            self.left.work = self.left.work.saturating_sub(audit.work());
            let bounds = intervals.into_iter().zip(cells).map(|(interval, cell)| {
                let whole = interval.whole();
                let value = self.cells.values[*cell].unwrap_or(0);
                let value = side.of_cell(*cell, value);
                let high = whole.high - value as f64;
                // No cell is asked for more than it can be.
                let room = side.room(structure.members(*cell), value);
                let is_all = room.is_some_and(|room| high >= room as f64);
                Bounds {
                    low: whole.low - value as f64,
                    high: if is_all { f64::INFINITY } else { high },
                }
            });
            let bounds: Vec<Bounds> = bounds.collect();
            all = match all.is_empty() {
                true => bounds,
                false => {
                    let pairs = all.into_iter().zip(bounds);
                    let narrower = pairs.map(|(one, other)| Bounds {
                        low: one.low.max(other.low),
                        high: one.high.min(other.high),
                    });
                    narrower.collect()
                }
            };
        }
        Ok(all)
    }
}
