//! Which of a table's figures its plan wants to be kept.

use std::collections::BTreeMap;

use super::{Grain, Grouping, TablePlan};

/// The dimensions, by place, whose figures are to be kept, each with the finest grain for
/// which that is so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Preferred(pub(crate) BTreeMap<usize, Grain>);

impl Preferred {
    /// Whether a grain of a dimension is one of them: coarser ones are, too.
    fn has(&self, dimension: usize, grain: Grain) -> bool {
        match (self.0.get(&dimension), grain) {
            (_, Grain::Total) | (Some(Grain::Own), _) => true,
            (Some(Grain::Level(finest)), Grain::Level(level)) => level >= *finest,
            _ => false,
        }
    }
}

impl TablePlan {
    /// Whether the plan wants figures by this grouping to be kept, whatever they count.
    pub(crate) fn prefers(&self, grouping: &Grouping) -> bool {
        let grains = grouping.iter().zip(&self.by).enumerate();
        let mut visible = grains.filter(|(_, (_, by))| !by.is_hidden());
        let kept = |(at, (grain, _)): (usize, (&Grain, _))| self.prefer.has(at, *grain);
        !self.prefer.0.is_empty() && visible.all(kept)
    }
}
