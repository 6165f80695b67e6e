//! LinkedRows that are folded only once it is known which categories become one.
//!
//! Where a person has several rows, the persons of a merged category are not the
//! sum of those of its parts: somebody may be in two of them. Which categories are
//! rare is known once all persons are counted, in whatever parts they come. But a
//! category that is rare among all is rare among some. So the rows of persons who
//! have a category that few of the persons at hand have are set apart, and folded
//! when all names are known; everybody else's cells only get new names. They are
//! few: less than the table's threshold for each category.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::Dimension;
use super::cells::Contributed;
use super::names::Bearers;
use super::shape::{FoldShape, LinkedRows};
use crate::column::{Index, MISSING, Values, WholeNumbers};
use crate::extract::PseudonymBytes;
use crate::link::merge::Persons;

/// LinkedRows of some persons, with the values that the extracts have.
#[derive(Serialize, Deserialize)]
pub(super) struct Pending {
    /// By dimension.
    pub(super) dimensions: Vec<Values>,
    /// By contribution; `None` where each row counts.
    pub(super) contributed: Vec<Option<WholeNumbers>>,
    pub(super) persons: Persons,
    /// Of each row's person, where record keys are folded.
    pub(super) pseudonyms: Vec<PseudonymBytes>,
    pub(super) rows: usize,
}

impl Pending {
    /// Its rows, to be folded.
    pub(super) fn rows(&self) -> LinkedRows<'_> {
        let contributed = self.contributed.iter().map(|values| match values {
            None => Contributed::Rows,
            Some(values) => Contributed::Values(values),
        });
        LinkedRows {
            rows: self.rows,
            persons: &self.persons,
            dimensions: self.dimensions.iter().collect(),
            contributed: contributed.collect(),
            pseudonyms: &self.pseudonyms,
        }
    }

    /// Those of `rows` that `index` names, whose persons are as `persons` says.
    fn of(rows: &LinkedRows<'_>, index: Vec<u32>, persons: Persons) -> Self {
        let pseudonyms = index.iter();
        let pseudonyms = pseudonyms.filter_map(|row| rows.pseudonyms.get(*row as usize));
        let pseudonyms = pseudonyms.copied().collect();
        let many = index.len();
        let index = Index::Rows(index);
        let gathered = |values: &&Values| values.gather(&index);
        let contributed = rows
            .contributed
            .iter()
            .map(|contributed| match contributed {
                Contributed::Rows => None,
                Contributed::Values(values) => Some(values.gather(&index)),
            });
        Self {
            dimensions: rows.dimensions.iter().map(gathered).collect(),
            contributed: contributed.collect(),
            persons,
            pseudonyms,
            rows: many,
        }
    }
}

/// By dimension, the values that few persons have, or that belong to a category of a
/// level that few have.
pub(super) struct Uncommon(Vec<Few>);

enum Few {
    Nothing,
    /// By code.
    Codes(Vec<bool>),
    Numbers(HashSet<i64>),
}

impl Uncommon {
    /// What fewer than `enough` persons have; `None` if there is nothing of the kind.
    pub(super) fn new(
        shape: &FoldShape<'_>,
        dimensions: &[Dimension],
        bearers: &[Vec<Bearers>],
        enough: u64,
    ) -> Option<Self> {
        let mut any = false;
        let mut few = Vec::with_capacity(dimensions.len());
        let planned = shape.plan.by.iter().zip(bearers);
        for (dimension, (planned, bearers)) in dimensions.iter().zip(planned) {
            let mut codes = vec![false; dimension.labels.len()];
            let levels = planned.levels.iter().map(|level| &level.names);
            let grains = std::iter::once(&planned.names).chain(levels).enumerate();
            let mut numbers = HashSet::new();
            for (grain, _) in grains.filter(|(_, names)| !names.all) {
                let rare = |code: u32| (1..enough).contains(&bearers[grain].of(code as usize));
                for (own, few) in codes.iter_mut().enumerate() {
                    let code = match grain {
                        0 => Some(own as u32),
                        level => dimension.levels[level - 1].of[own],
                    };
                    *few |= code.is_some_and(rare);
                }
                if grain == 0 {
                    numbers.extend(bearers[0].rare_numbers(enough));
                }
            }
            few.push(match (codes.contains(&true), numbers.is_empty()) {
                (true, _) => Few::Codes(codes),
                (_, false) => Few::Numbers(numbers),
                _ => Few::Nothing,
            });
            any |= !matches!(few.last(), Some(Few::Nothing));
        }
        any.then_some(Self(few))
    }

    /// The rows of persons with an uncommon value, and all others.
    pub(super) fn split(&self, rows: &LinkedRows<'_>) -> (Pending, Pending) {
        let mut uncommon = vec![false; rows.rows];
        for (few, values) in self.0.iter().zip(&rows.dimensions) {
            match (few, values) {
                (Few::Codes(few), Values::Codes { codes, .. }) => {
                    for (uncommon, code) in uncommon.iter_mut().zip(codes) {
                        *uncommon |= *code != MISSING && few[*code as usize];
                    }
                }
                (Few::Numbers(few), values) => {
                    for (row, uncommon) in uncommon.iter_mut().enumerate() {
                        let ordinal = values.ordinal(row);
                        *uncommon |= ordinal.is_some_and(|ordinal| few.contains(&ordinal));
                    }
                }
                _ => {}
            }
        }
        let mut apart = UnsettledRows::default();
        let mut others = UnsettledRows::default();
        let mut start = 0;
        let each: Vec<u32>;
        let ends = match rows.persons {
            Persons::Ends(ends) => ends,
            Persons::OneRowEach => {
                each = (1..=rows.rows as u32).collect();
                &each
            }
        };
        for &end in ends {
            let own = start..end;
            start = end;
            let any = uncommon[own.start as usize..own.end as usize].contains(&true);
            let side = if any { &mut apart } else { &mut others };
            side.index.extend(own);
            side.ends.push(side.index.len() as u32);
        }
        (apart.of(rows), others.of(rows))
    }
}

/// Some persons' rows while it is not settled whose they are.
#[derive(Default)]
struct UnsettledRows {
    index: Vec<u32>,
    ends: Vec<u32>,
}

impl UnsettledRows {
    fn of(self, rows: &LinkedRows<'_>) -> Pending {
        let persons = match rows.persons {
            Persons::OneRowEach => Persons::OneRowEach,
            Persons::Ends(_) => Persons::Ends(self.ends),
        };
        Pending::of(rows, self.index, persons)
    }
}
