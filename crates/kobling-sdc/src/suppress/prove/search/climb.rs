//! Tables that one cube does not lead to, and several do: a step at a time, up and down.

use std::collections::BTreeMap;

use super::around::Far;
use super::{Avoided, Found, Search, best};
use crate::attacker::{Possible, Unsafe};
use crate::proof::Change;

impl Search<'_> {
    /// Tables made of several cubes, each added to what the last one left; or, if it is to be
    /// `mended`, of changes that no cube is.
    pub(super) fn added_up(
        &mut self,
        (wanted, mended): (Unsafe, bool),
        avoid: Option<&Avoided>,
        most: f64,
    ) -> Option<Found> {
        let mut found = Found::default();
        let down = match wanted.possible {
            Possible::Consecutive(values) => {
                let steps = values.saturating_sub(1);
                steps - self.climb((wanted.cell, mended), (1, steps), avoid, most, &mut found)
            }
            Possible::All(first, last) => {
                let (up, down) = best::steps(first, last, self.values[wanted.cell]);
                if self.climb((wanted.cell, mended), (1, up), avoid, most, &mut found) < up {
                    return None;
                }
                down
            }
            Possible::Around { .. } => return None,
        };
        let done = self.climb((wanted.cell, mended), (-1, down), avoid, most, &mut found);
        found.changed.sort_unstable();
        found.changed.dedup();
        (done == down).then_some(found)
    }

    /// Goes up or down by as many of the `steps` as can be, a cube at a time.
    fn climb(
        &mut self,
        (cell, mended): (usize, bool),
        (sign, steps): (i64, u64),
        avoid: Option<&Avoided>,
        most: f64,
        found: &mut Found,
    ) -> u64 {
        let mut done = 0;
        let mut total: BTreeMap<u32, i64> = BTreeMap::new();
        while done < steps {
            let value = clamped(self.values[cell]);
            let possible = match sign {
                1 => Possible::All(value, value + 1),
                _ => Possible::All(value.saturating_sub(1), value),
            };
            let best = self.best(Unsafe { cell, possible }, avoid, most);
            let corners = best.step(sign).map(|corners| {
                let corners = corners.into_iter();
                corners.map(|(at, more)| (at, sign * more)).collect()
            });
            let mend = || self.mended(cell, Far { sign, by: 1 }, avoid);
            let Some(change) = corners.or_else(|| mended.then(mend)?) else {
                break;
            };
            for &(at, more) in &change {
                *total.entry(at).or_default() += more;
                self.add(at, more);
            }
            let inner = total.iter().filter(|(_, more)| **more != 0);
            found.changes.push(Change {
                inner: inner.map(|(at, more)| (*at, *more)).collect(),
            });
            let changed = self.changed(&change);
            self.suppress(&changed);
            found.changed.extend(changed);
            done += 1;
        }
        for (at, more) in total {
            self.add(at, -more);
        }
        done
    }

    pub(super) fn add(&mut self, inner: u32, more: i64) {
        self.inner[inner as usize] += i128::from(more);
        for cell in self.cells_of.members(inner as usize) {
            self.values[*cell as usize] += i128::from(more);
        }
    }
}

fn clamped(value: i128) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
