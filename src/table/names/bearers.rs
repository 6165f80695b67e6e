//! How many persons bear each name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::column::NO_ORDINAL;
use crate::error::Result;
use crate::plan::table::Grain;
use crate::table::Dimension;

/// By category of a dimension, or of a level, how many persons have it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::table) struct Bearers {
    codes: Vec<u64>,
    /// Of numbers and days.
    others: BTreeMap<i64, u64>,
    missing: u64,
}

impl Bearers {
    /// Nobody bears any of `labels` names.
    pub(in crate::table) fn nobody(labels: usize) -> Self {
        Self {
            codes: vec![0; labels],
            ..Self::default()
        }
    }

    /// Adds `persons` who have `ordinal`, each of whom is added for it once.
    pub(in crate::table) fn add(&mut self, ordinal: i64, persons: u64) {
        let code = usize::try_from(ordinal).ok();
        match code.and_then(|code| self.codes.get_mut(code)) {
            _ if ordinal == NO_ORDINAL => self.missing += persons,
            Some(bearers) => *bearers += persons,
            None => *self.others.entry(ordinal).or_default() += persons,
        }
    }

    /// How many persons have the code.
    pub(in crate::table) fn of(&self, code: usize) -> u64 {
        self.codes[code]
    }

    pub(super) fn missing(&self) -> u64 {
        self.missing
    }

    /// The numbers that `enough` persons have, ascending; and whether there are others.
    pub(super) fn numbers(&self, enough: u64) -> (Box<[i64]>, bool) {
        let kept = self
            .others
            .iter()
            .filter(|(_, persons)| **persons >= enough);
        let kept: Box<[i64]> = kept.map(|(number, _)| *number).collect();
        let rare = kept.len() < self.others.len();
        (kept, rare)
    }

    /// The numbers that fewer than `enough` persons have, and somebody has.
    pub(in crate::table) fn rare_numbers(&self, enough: u64) -> impl Iterator<Item = i64> + '_ {
        let rare = self.others.iter();
        let rare = rare.filter(move |(_, persons)| **persons < enough);
        rare.map(|(number, _)| *number)
    }

    /// The same where each code is called by the `new` one, of as many `labels`.
    pub(in crate::table) fn relabelled(&self, labels: usize, new: &[u32]) -> Self {
        let mut codes = vec![0; labels];
        for (new, persons) in new.iter().zip(&self.codes) {
            codes[*new as usize] = *persons;
        }
        Self {
            codes,
            ..self.clone()
        }
    }

    /// Adds the bearers among other persons.
    pub(in crate::table) fn merge(&mut self, other: &Self) {
        for (own, other) in self.codes.iter_mut().zip(&other.codes) {
            *own += other;
        }
        for (number, persons) in &other.others {
            *self.others.entry(*number).or_default() += persons;
        }
        self.missing += other.missing;
    }

    /// The same at a level, of persons who have one value each.
    pub(in crate::table) fn at_level(&self, dimension: &Dimension, level: usize) -> Result<Self> {
        let mut coarser = Self::nobody(dimension.levels[level].labels.len());
        for (code, persons) in self.codes.iter().enumerate() {
            if *persons > 0 {
                coarser.add(dimension.at(Grain::Level(level), code as i64)?, *persons);
            }
        }
        coarser.missing = self.missing;
        Ok(coarser)
    }
}
