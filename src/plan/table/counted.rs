//! Counts with conditions: hidden dimensions of a table, and what their figures are made of.
//!
//! Of a table by municipality that counts the dead, everybody learns how many did
//! not die. So the table is protected as one by municipality and death, of which
//! the category of the dead is published and that of the others never is.

use super::{Condition, Grain, Grouping, Measure, Operand, TablePlan, Test};

/// The conditions of a count: all must hold.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Counted {
    pub(crate) unit: Unit,
    pub(crate) conditions: Vec<(Operand, Condition)>,
}

impl Counted {
    /// The columns that its conditions look at.
    pub(crate) fn operands(&self) -> impl Iterator<Item = Operand> + '_ {
        self.conditions.iter().map(|(operand, _)| *operand)
    }
}

/// What satisfies the conditions of a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Persons, of whom at least one row in the cell does.
    Persons,
    /// Rows, where a person may have several.
    Rows,
}

/// A percentage of two published figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) name: String,
    /// Before which measure it is in the release, by place.
    pub(crate) before: usize,
    /// The measure that is the part, by place: a count with conditions.
    pub(crate) part: usize,
    /// The measure that is the whole.
    pub(crate) whole: usize,
}

impl TablePlan {
    /// How many dimensions a release has.
    pub(crate) fn visible(&self) -> usize {
        self.by.iter().filter(|by| !by.is_hidden()).count()
    }

    /// Which condition a grouping is by: none if it is a grouping that a release
    /// has, and `Err` if it is several, of which nothing is published.
    pub(crate) fn counted_by(&self, grouping: &Grouping) -> Result<Option<usize>, ()> {
        let conditions = self.by.iter().zip(grouping);
        let mut conditions = conditions.filter_map(|(by, grain)| match (by.operand, grain) {
            (Operand::Counted(at), Grain::Own) => Some(at),
            _ => None,
        });
        match (conditions.next(), conditions.next()) {
            (_, Some(_)) => Err(()),
            (first, None) => Ok(first),
        }
    }

    /// The condition, by place, that there is a value of a column, if a measure counts by it.
    pub(crate) fn counted_values(&self, operand: Operand) -> Option<usize> {
        self.counted.iter().position(|counted| {
            let [(own, condition)] = &counted.conditions[..] else {
                return false;
            };
            *own == operand && condition.test == Test::Present(true)
        })
    }

    /// The measures, by place, that the cells of a grouping publish.
    pub(crate) fn measures_of(&self, grouping: &Grouping) -> Box<[usize]> {
        let Ok(counted) = self.counted_by(grouping) else {
            return Box::default();
        };
        let measures = self.measures.iter().enumerate();
        let own = measures.filter(|(_, measure): &(usize, &Measure)| measure.counted == counted);
        own.map(|(at, _)| at).collect()
    }
}

/// The groupings of a table, those of its hidden dimensions included; the first is by
/// all dimensions.
pub(crate) fn with_hidden(visible: Vec<Grouping>, hidden: usize) -> Vec<Grouping> {
    let longer = |grouping: &Grouping, own: &dyn Fn(usize) -> bool| -> Grouping {
        let hidden = (0..hidden).map(|at| if own(at) { Grain::Own } else { Grain::Total });
        grouping.iter().copied().chain(hidden).collect()
    };
    let Some(finest) = visible.first() else {
        return visible;
    };
    let mut groupings = vec![longer(finest, &|_| true)];
    for grouping in &visible {
        groupings.push(longer(grouping, &|_| false));
        groupings.extend((0..hidden).map(|own| longer(grouping, &|at| at == own)));
    }
    // Of one condition, or of none, the first is among them.
    let first = groupings[0].clone();
    let mut seen = false;
    groupings.retain(|grouping| *grouping != first || !std::mem::replace(&mut seen, true));
    groupings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_finest_grouping_is_first_and_none_comes_twice() {
        use Grain::{Own, Total};
        let visible = vec![Grouping::from([Own]), Grouping::from([Total])];
        assert_eq!(with_hidden(visible.clone(), 0), visible);
        let one: [[Grain; 2]; 4] = [[Own, Own], [Own, Total], [Total, Total], [Total, Own]];
        assert_eq!(with_hidden(visible.clone(), 1), one.map(Grouping::from));
        let two = with_hidden(visible, 2);
        assert_eq!(two.len(), 7);
        assert_eq!(two[0], Grouping::from([Own; 3]));
    }
}
