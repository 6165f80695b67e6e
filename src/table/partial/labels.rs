//! One set of labels for shares of a table, each of which has its own.

use std::collections::HashMap;

use super::{List, Partial};
use crate::column::{Labels, MISSING, NO_ORDINAL, Values};
use crate::plan::ColumnType;
use crate::plan::table::{Grain, Grouping};
use crate::table::margins::LevelLabels;
use crate::table::shape::FoldShape;
use crate::table::{Dimension, Place};

/// All labels of several, each once: as they are where all are the same, and sorted
/// otherwise.
pub(in crate::table) fn union(each: &[&Labels]) -> Labels {
    if each.windows(2).all(|two| two[0] == two[1]) {
        return each[0].clone();
    }
    let mut all: Vec<String> = each.iter().flat_map(|labels| labels.to_vec()).collect();
    all.sort_unstable();
    all.dedup();
    all.into()
}

/// For each label of `own` its code in `all`, which has it.
pub(in crate::table) fn codes_in(all: &[String], own: &[String]) -> Vec<u32> {
    if all == own {
        return (0..own.len() as u32).collect();
    }
    let codes: HashMap<&str, u32> = all.iter().map(String::as_str).zip(0..).collect();
    own.iter().map(|label| codes[label.as_str()]).collect()
}

/// The dimensions of a table with the labels of all its shares.
pub(super) fn united(shape: &FoldShape<'_>, parts: &[Partial]) -> Vec<Dimension> {
    let planned = shape.plan.by.iter().enumerate();
    let dimensions = planned.map(|(at, planned)| {
        let labels = parts.iter().map(|part| &part.dimensions[at].labels);
        let labels = union(&labels.collect::<Vec<_>>());
        Dimension {
            levels: LevelLabels::all(&planned.levels, &labels, &planned.names.rare),
            labels,
            ..parts[0].dimensions[at].clone()
        }
    });
    dimensions.collect()
}

/// For each code of a dimension, and of its levels, the one among more labels.
struct Codes {
    /// Of the dimension's own categories and then of each level's.
    grains: Vec<Vec<u32>>,
    are_codes: bool,
}

impl Codes {
    fn new(own: &Dimension, all: &Dimension) -> Self {
        let levels = own.levels.iter().zip(&all.levels);
        let levels = levels.map(|(own, all)| codes_in(&all.labels, &own.labels));
        let first = codes_in(&all.labels, &own.labels);
        Self {
            grains: std::iter::once(first).chain(levels).collect(),
            are_codes: own.kind == ColumnType::Category,
        }
    }

    fn ordinal(&self, grain: Grain, ordinal: i64) -> i64 {
        let grain = match grain {
            Grain::Own => 0,
            Grain::Level(level) => level + 1,
            Grain::Total => return ordinal,
        };
        match self.are_codes && ordinal != NO_ORDINAL {
            true => self.grains[grain][ordinal as usize].into(),
            false => ordinal,
        }
    }
}

impl Partial {
    /// Has it `dimensions`, which have every label that its own have.
    pub(super) fn relabel(&mut self, dimensions: &[Dimension], shape: &FoldShape<'_>) {
        let own = std::mem::replace(&mut self.dimensions, dimensions.to_vec());
        if own
            .iter()
            .zip(dimensions)
            .all(|(own, all)| own.labels == all.labels)
        {
            return;
        }
        let both = own.iter().zip(dimensions);
        let codes: Vec<Codes> = both.map(|(own, all)| Codes::new(own, all)).collect();
        let relabel = |place: &mut Place, grouping: &Grouping| {
            let ordinals = place.iter_mut().zip(grouping).zip(&codes);
            for ((ordinal, grain), codes) in ordinals {
                *ordinal = codes.ordinal(*grain, *ordinal);
            }
        };
        let lists = self.lists.iter_mut().zip(shape.folded);
        let cells =
            lists.flat_map(|(list, by): (&mut List, _)| list.iter_mut().map(move |c| (c, by)));
        cells.for_each(|((place, _), by)| relabel(place, by));
        let finest: Grouping = dimensions.iter().map(|_| Grain::Own).collect();
        let visible = self.visible.iter_mut().flatten();
        visible.for_each(|(place, _)| relabel(place, &finest));
        for ((bearers, codes), dimension) in self.bearers.iter_mut().zip(&codes).zip(dimensions) {
            let labels = std::iter::once(&dimension.labels);
            let labels = labels.chain(dimension.levels.iter().map(|level| &level.labels));
            for ((bearers, codes), labels) in bearers.iter_mut().zip(&codes.grains).zip(labels) {
                *bearers = bearers.relabelled(labels.len(), codes);
            }
        }
        for pending in &mut self.pending {
            let values = pending.dimensions.iter_mut().zip(&codes);
            for ((values, codes), dimension) in values.zip(dimensions) {
                if let Values::Codes { codes: own, labels } = values {
                    for code in own.iter_mut().filter(|code| **code != MISSING) {
                        *code = codes.grains[0][*code as usize];
                    }
                    *labels = dimension.labels.clone();
                }
            }
        }
    }
}
