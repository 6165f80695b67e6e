//! The primary outcome of every cell: safe, or unsafe by a rule.

mod implied;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::quantity::Quantity;
use super::{Outcome, Rule, Value, rule};
use crate::error::Result;
use crate::plan::ColumnType;
use crate::plan::document::PublishDocument;
use crate::plan::table::{Grain, Measure, Sensitive, Statistic, TOTAL, TablePlan};
use crate::protect::history::differencing::{CellPosition, Columns, Published, Together};
use crate::table::cell::{Contribution, Total};
use crate::table::counted::HOLDS;
use crate::table::{Accumulator, Block, Confidential, Dimension, Place, Table};

/// For each block of the table and each of its cells, the outcome of each measure.
pub(super) type Outcomes = Vec<Vec<Vec<Outcome>>>;

/// What the rules say of every cell, and which unsafe ones the plan publishes anyway.
pub(super) fn outcomes(
    table: &Table<Confidential>,
    plan: &TablePlan,
    exceptions: &[PublishDocument],
    earlier: EarlierReleases<'_>,
) -> Result<Outcomes> {
    let work = Judged {
        table,
        plan,
        exceptions,
        earlier,
    };
    let blocks = table.blocks.iter();
    let mut outcomes = blocks
        .map(|block| work.block(block))
        .collect::<Result<Outcomes>>()?;
    implied::suppress(table, plan, earlier, &mut outcomes);
    Ok(outcomes)
}

/// What earlier releases published, for comparison with the cells of a table.
#[derive(Clone, Copy)]
pub(super) struct EarlierReleases<'a> {
    pub(super) published: &'a Published<'a>,
    /// By dimension of the table, what it is made from.
    pub(super) origins: &'a [Columns],
    /// The earlier tables that it is protected together with.
    pub(super) together: &'a Together,
}

impl EarlierReleases<'_> {
    /// What these dimensions of the table are made from.
    fn columns(&self, kept: impl Iterator<Item = usize>) -> Columns {
        let origins = kept.map(|dimension| &self.origins[dimension]);
        origins.flatten().cloned().collect()
    }
}

/// What the cells of a table are judged by.
struct Judged<'a> {
    table: &'a Table<Confidential>,
    plan: &'a TablePlan,
    exceptions: &'a [PublishDocument],
    earlier: EarlierReleases<'a>,
}

impl Judged<'_> {
    /// The outcomes of a block, cell by cell. Of a measure that the block does not
    /// publish, and of a hidden cell that is safe, there is no value.
    fn block(&self, block: &Block<Confidential>) -> Result<Vec<Vec<Outcome>>> {
        let disclosed = disclosed(self.table, block, &self.plan.sensitive);
        let measures = self.plan.measures.len();
        let mut outcomes = vec![vec![Outcome::Complementary; measures]; block.cells.len()];
        let siblings = block.counted.map(|at| other_cells(block, at));
        for &at in block.measures() {
            let judged = (0..block.cells.len())
                .map(|cell| self.judged(at, block, cell, disclosed.contains(&cell)));
            let judged: Vec<(Value, Option<Rule>)> = judged.collect::<Result<_>>()?;
            for (cell, &(value, own)) in judged.iter().enumerate() {
                let (place, held) = &block.cells[cell];
                // Who knows how many there are in all knows how many others there are. What
                // was published as it is now stays known: then those in all are suppressed.
                let quantity = Quantity::of(&self.plan.measures[at], self.plan, self.table);
                let others = siblings
                    .as_ref()
                    .and_then(|siblings| judged[siblings[cell]].1);
                let other =
                    others.filter(|_| !self.earlier.published.has_published(held, quantity));
                let excepted = || {
                    let dimensions = &self.table.dimensions;
                    let mut exceptions = self.exceptions.iter();
                    exceptions.any(|exception| names(exception, dimensions, &block.grouping, place))
                };
                outcomes[cell][at] = match (block.is_hidden(cell), own, own.or(other)) {
                    // An exception is about the figure that is published, and what it discloses.
                    (false, ..) if own.or(others).is_some() && excepted() => {
                        Outcome::Excepted(value)
                    }
                    (false, _, None) => Outcome::Safe(value),
                    (false, _, Some(rule)) => Outcome::Primary(rule),
                    (true, Some(rule), _) if !excepted() => Outcome::Primary(rule),
                    (true, _, _) => Outcome::Complementary,
                };
            }
        }
        Ok(outcomes)
    }

    /// The value of a measure in a cell, and the rule that finds it unsafe.
    fn judged(
        &self,
        measure: usize,
        block: &Block<Confidential>,
        at: usize,
        disclosed: bool,
    ) -> Result<(Value, Option<Rule>)> {
        let (table, plan) = (self.table, self.plan);
        let measure = &plan.measures[measure];
        let (place, cell) = &block.cells[at];
        let (value, mut unsafe_by) = judge(measure, plan, &table.contributions, cell)?;
        if disclosed {
            unsafe_by = unsafe_by.or(Some(Rule::GroupDisclosure));
        }
        let quantity = Quantity::of(measure, plan, table);
        if unsafe_by.is_none() && !self.earlier.published.is_empty() {
            let grains = block.grouping.iter().enumerate();
            let kept = grains.filter(|(_, grain)| **grain != Grain::Total);
            let kept = kept.map(|(dimension, _)| dimension);
            let columns = self.earlier.columns(kept.clone());
            let categories =
                kept.map(|at| Some(table.dimensions[at].category(block.grouping[at], place[at])));
            let published = self.earlier.published;
            let place = CellPosition::new(columns, categories);
            let compared = published.compared(plan, self.earlier.together, &place, cell);
            let near = compared.and_then(|compared| compared.near(quantity));
            unsafe_by = near.map(|entry| Rule::Differencing { entry });
        }
        Ok((value, unsafe_by))
    }
}

/// The outcomes of a block whose cells are each judged for themselves: of what it
/// publishes, and no value of anything else.
pub(super) fn published(
    block: &Block<Confidential>,
    measures: usize,
    outcome: impl Fn(usize, &Accumulator) -> Result<Outcome>,
) -> Result<Vec<Vec<Outcome>>> {
    let cells = block.cells.iter().enumerate().map(|(at, (_, cell))| {
        let mut outcomes = vec![Outcome::Complementary; measures];
        if !block.is_hidden(at) {
            for measure in block.measures() {
                outcomes[*measure] = outcome(*measure, cell)?;
            }
        }
        Ok(outcomes)
    });
    cells.collect()
}

/// For each cell of a block with a condition, the one of those who are left: with all
/// other categories the same. Both are always listed.
fn other_cells(block: &Block<Confidential>, condition: usize) -> Vec<usize> {
    let places = block.cells.iter().enumerate();
    let places: HashMap<&Place, usize> = places.map(|(at, (place, _))| (place, at)).collect();
    let other = |(place, _): &(Place, Accumulator)| {
        let mut place = place.clone();
        place[condition] = HOLDS - place[condition];
        places[&place]
    };
    block.cells.iter().map(other).collect()
}

/// How many figures of a table the rules find unsafe by themselves, which is
/// all that is done to it.
#[cfg(feature = "bench")]
pub(crate) fn unsafe_figures(
    table: &Table<Confidential>,
    plan: &TablePlan,
    exceptions: &[PublishDocument],
) -> Result<usize> {
    let earlier = EarlierReleases {
        published: &Published::default(),
        origins: &[],
        together: &Together::default(),
    };
    let outcomes = outcomes(table, plan, exceptions, earlier)?;
    let figures = outcomes.iter().flatten().flatten();
    Ok(figures
        .filter(|outcome| matches!(outcome, Outcome::Primary(_)))
        .count())
}

/// The cells of a block, by place in it, that disclose what is sensitive of a group:
/// where its persons are all in one category, that category's cell and the empty
/// ones of the group, for the emptiness of all others says the same; and where the
/// plan asks for it, every empty cell of a group that has persons.
///
/// Of a condition the category of those who satisfy it is meant: that nobody does is
/// disclosed only where the plan asks for it.
fn disclosed(
    table: &Table<Confidential>,
    block: &Block<Confidential>,
    sensitive: &[Sensitive],
) -> BTreeSet<usize> {
    let mut disclosed = BTreeSet::new();
    for sensitive in sensitive {
        let at = sensitive.dimension;
        if block.grouping[at] == Grain::Total {
            continue;
        }
        let mut groups: BTreeMap<Vec<i64>, Vec<usize>> = BTreeMap::new();
        for (cell, (place, _)) in block.cells.iter().enumerate() {
            let mut group = place.to_vec();
            group.remove(at);
            groups.entry(group).or_default().push(cell);
        }
        for group in groups.into_values() {
            let is_populated = |cell: &usize| block.cells[*cell].1.persons > 0;
            let mut populated = group.iter().copied().filter(is_populated);
            match (populated.next(), populated.next()) {
                (None, _) => {}
                (Some(only), None) => {
                    let holds = block.cells[only].0[at] == HOLDS;
                    if !table.dimensions[at].hidden || holds || sensitive.none {
                        disclosed.extend(group);
                    }
                }
                (Some(_), Some(_)) if sensitive.none => {
                    disclosed.extend(group.into_iter().filter(|cell| !is_populated(cell)));
                }
                (Some(_), Some(_)) => {}
            }
        }
    }
    disclosed
}

/// The value of a measure in a cell, and the rule that finds it unsafe.
pub(super) fn judge(
    measure: &Measure,
    plan: &TablePlan,
    contributions: &[Contribution],
    cell: &Accumulator,
) -> Result<(Value, Option<Rule>)> {
    let rules = &plan.protect;
    let total = |wanted| total(contributions, cell, wanted);
    let (total, value) = match measure.what {
        Statistic::Persons => (None, Value::Count(cell.persons)),
        // Each person has one: that is the number of persons, and judged as it is.
        Statistic::Rows if plan.one_row_a_person => (None, Value::Count(cell.rows)),
        Statistic::Rows => (Some(total(Contribution::Rows)), Value::Count(cell.rows)),
        Statistic::Sum { operand, .. } => {
            let total = total(Contribution::Values(operand));
            (Some(total), Value::Sum(total.sum))
        }
        Statistic::Mean { operand, kind } => {
            let total = total(Contribution::Values(operand));
            (Some(total), mean(total, kind))
        }
    };
    // That nobody is in a cell is a number like any other; the rules are about persons.
    if cell.persons == 0 {
        return Ok((value, None));
    }
    let unsafe_by = match rule::persons(rules, cell.persons) {
        Some(rule) => Some(rule),
        None => match total {
            Some(total) => rule::contributions(rules, total)?,
            None => None,
        },
    };
    Ok((value, unsafe_by))
}

/// What is known of a contribution in a cell.
///
/// # Panics
///
/// If the table does not have it: without its contributions a measure could not
/// be judged, and must not be released.
pub(super) fn total<'a>(
    contributions: &[Contribution],
    cell: &'a Accumulator,
    wanted: Contribution,
) -> &'a Total {
    let place = contributions.iter().position(|other| *other == wanted);
    &cell.totals[place.expect("tabulation adds up what every measure needs")]
}

/// The mean of the rows with a value. One division of exact figures, each
/// rounded to a float once, so it is the same on every machine.
fn mean(total: &Total, kind: ColumnType) -> Value {
    let scale = 10f64.powi(kind.scale().unwrap_or(0).into());
    match total.rows {
        0 => Value::Nothing,
        rows => Value::Mean(total.sum as f64 / (rows as f64 * scale)),
    }
}

/// Whether an exception names the cell at `place` of a grouping.
fn names(
    exception: &PublishDocument,
    dimensions: &[Dimension],
    grouping: &[Grain],
    place: &Place,
) -> bool {
    let places = dimensions.iter().zip(grouping).zip(place);
    let mut places = places.filter(|((dimension, _), _)| !dimension.hidden);
    places.all(|((dimension, grain), ordinal)| {
        let wanted = exception.cell.get(&dimension.name);
        let name = dimension.category(*grain, *ordinal);
        wanted.is_some_and(|wanted| match grain {
            Grain::Total => wanted == TOTAL,
            _ => name.as_deref() == Some(wanted),
        })
    })
}
