//! What is known of each cell of a view: by the linkage unit, not by a recipient.

use std::cell::Cell;

use super::Suppression;
use super::rounds::Rounds;
use super::side::{Side, SignBounds};
use crate::error::Result;
use crate::ledger::entry::PromiseEntry;
use crate::plan::Rules;
use crate::plan::table::{CountInterval, TablePlan};
use crate::protect::history::further::FurtherCell;
use crate::protect::quantity::Quantity;
use crate::protect::view::RecipientView;
use crate::protect::{Outcome, Rule, rule};
use crate::table::cell::Total;
use crate::table::{Accumulator, Place, Population};
use kobling_sdc::attacker::{Possible, Unsafe};
use kobling_sdc::audit::{Primes, Requirement};
use kobling_sdc::suppress::Contributors;

/// What may be spent, for a quantity, on singletons who use bounds: in terms of equations.
const INSIDER_WORK: u64 = 10_000_000_000;

/// What is known of each cell of a view, own or further.
#[derive(Clone)]
pub(super) struct KnownCells {
    /// In whole units; none where a suppressed cell's is not known any more, or where a
    /// published number of persons does not fit the others, as persons do not add up.
    pub(super) values: Vec<Option<i128>>,
    pub(super) primary: Vec<bool>,
    /// Published whatever the rules say, or published already.
    pub(super) forced: Vec<bool>,
    /// Published already.
    pub(super) out: Vec<bool>,
    /// Published already, and only who sees it published again knows that it still holds.
    pub(super) may_have_changed: Vec<bool>,
    /// Never published, and no figure of a release: the rest of a conditional count.
    pub(super) hidden: Vec<bool>,
    /// Those of them that are safe: anybody may compute them.
    pub(super) withheld: Vec<bool>,
    /// Of an unsafe number of persons, what must stay possible.
    pub(super) possible: Vec<Unsafe>,
    /// By cell, how many persons everybody knows to be in it at least.
    pub(super) least: Vec<u64>,
    /// The same by inner cell.
    pub(super) least_inner: Vec<u64>,
    /// By inner cell, whether everybody may know that nobody can be in it. None can
    /// be distinguished where earlier releases split inner cells.
    pub(super) impossible: Vec<bool>,
    /// By inner cell of the population, whether nobody is in it.
    pub(super) empty: Vec<bool>,
    /// By cell, how many times as much it is worth to a reader as its value says.
    pub(super) weights: Vec<f64>,
    /// How far the interval of an unsafe sum must reach.
    pub(super) requirements: Vec<Requirement>,
    pub(super) contributors: Vec<Contributors>,
    /// Inner cells with somebody who knows that nobody else is in them.
    pub(super) known: Vec<(u32, u32)>,
    /// For each singleton, the inner cells that it knows.
    pub(super) insiders: Vec<Vec<u32>>,
    /// From which sides the values are bounded, and are attacked.
    pub(super) sides: Vec<Side>,
    pub(super) primes: Primes,
    pub(super) seed: u64,
    /// What may still be spent on singletons who use bounds.
    pub(super) insider_work: Cell<u64>,
    /// How many singletons were not asked after once it was spent.
    pub(super) unasked: Cell<usize>,
    /// Whether singletons were excused for what they could derive from what is published
    /// already.
    pub(super) excused: Cell<bool>,
    pub(super) watch: Rounds,
}

impl KnownCells {
    pub(super) fn new(
        work: &Suppression<'_>,
        population: &Population,
        quantity: Quantity,
        measures: &[Vec<usize>],
        view: &RecipientView,
    ) -> Result<Self> {
        let inner = population.inner(work.tables);
        let names = work.names(measures);
        let names: Vec<&[u8]> = names.iter().map(String::as_bytes).collect();
        let random = work.key.derive(b"suppression", &names);
        let (primes, rest) = random
            .expose()
            .split_first_chunk()
            .expect("32 bytes are more than 16");
        let (seed, _) = rest.split_first_chunk().expect("16 bytes are more than 8");
        let sides = match work.rows_at_least(population, quantity)? {
            Some(least) => vec![of_rows(&least, view)],
            None => sides(inner, quantity, view)?,
        };
        let count = view.structure.cells();
        let mut cells = Self {
            values: Vec::with_capacity(count),
            primary: Vec::with_capacity(count),
            forced: Vec::with_capacity(count),
            out: Vec::with_capacity(count),
            may_have_changed: Vec::with_capacity(count),
            hidden: Vec::with_capacity(count),
            withheld: Vec::with_capacity(count),
            possible: Vec::new(),
            least: Vec::with_capacity(count),
            least_inner: least_inner(population, inner),
            impossible: match quantity {
                Quantity::Persons => population.impossible(work.tables),
                Quantity::Contribution(at) => population.without(work.tables, at),
            },
            empty: inner.iter().map(|(_, cell)| cell.persons == 0).collect(),
            weights: work.weights(view),
            requirements: Vec::new(),
            contributors: view.singletons.contributors.clone(),
            known: view.singletons.known.iter().copied().collect(),
            insiders: view.singletons.insiders(),
            sides,
            primes: Primes::drawn(*primes),
            seed: u64::from_le_bytes(*seed),
            insider_work: Cell::new(INSIDER_WORK),
            unasked: Cell::new(0),
            excused: Cell::new(false),
            watch: Rounds::of(work, population),
        };
        let is_of_means = work.is_of_means(population, quantity);
        for ((location, value), hidden) in view.locations.iter().zip(&view.values).zip(&view.hidden)
        {
            let outcomes = &work.outcomes[location.table][location.block][location.cell];
            let plan = &work.plan.tables()[location.table];
            let own = measures[location.table]
                .iter()
                .map(|at| (at, outcomes[*at]));
            let judges = |at: &usize| population.judges(&plan.measures[*at], quantity, work.tables);
            let unsafe_by = own.clone().find_map(|(at, outcome)| match outcome {
                Outcome::Primary(rule) if judges(at) => Some(rule),
                _ => None,
            });
            // That all of a group are in one category is a fact about persons, whatever the
            // measure is, and also of a table that has no numbers of persons.
            let discloses_group = quantity == Quantity::Persons
                && outcomes.contains(&Outcome::Primary(Rule::GroupDisclosure));
            let unsafe_by = unsafe_by.or(discloses_group.then_some(Rule::GroupDisclosure));
            let figures =
                &work.tables[location.table].blocks[location.block].cells[location.cell].1;
            let too_few = rule::too_few(&plan.protect, figures.persons);
            let unsafe_by = match quantity {
                // Of a hidden cell the rules say all: an exception may be about it.
                Quantity::Persons if !hidden => unsafe_by.or(too_few),
                Quantity::Persons | Quantity::Contribution(_) => unsafe_by,
            };
            let mut own = own.map(|(_, outcome)| outcome);
            let excepted = own.any(|outcome| matches!(outcome, Outcome::Excepted(_)));
            let is_impossible = cells.is_impossible(cells.values.len(), view);
            let unsafe_by = unsafe_by.filter(|_| !excepted && !is_impossible);
            let cell = cells.values.len();
            let rules = &plan.protect;
            // Who knows the rows of persons whose number is suppressed knows that these are
            // no more.
            let bounds_persons = is_of_means
                && figures.persons > 0
                && unsafe_by.is_none()
                && !excepted
                && !is_impossible
                && hides_persons(plan, outcomes, too_few.is_some());
            if bounds_persons {
                let (_, last) = few(rules.min_persons);
                let above = i128::from(last) - i128::from(figures.persons);
                cells
                    .requirements
                    .push(reach_above(cell, *value, above.max(1)));
            }
            if let Some(rule) = unsafe_by {
                match quantity {
                    Quantity::Persons => cells.possible.push(Unsafe {
                        cell,
                        possible: possible(rules.min_persons, rules.count_interval, *value),
                    }),
                    Quantity::Contribution(_) => {
                        let total = population.total(quantity, work.tables, *location);
                        let needed = requirement(cell, rules, rule, total);
                        cells.requirements.push(needed);
                    }
                }
            }
            // What else is published of the cell may say that it is not empty.
            let says = unsafe_by.is_none() && figures.persons > 0 && !figures.totals.is_empty();
            cells.least.push(says.into());
            cells.values.push(Some(*value));
            cells.primary.push(unsafe_by.is_some() || bounds_persons);
            // Where nobody is or can be, everybody may know what there is, also where the
            // number of persons is suppressed: together with those that are published it may
            // follow that it is 0. Not where it is proven that somebody may be there.
            let may_hold = || {
                let mut members = view.structure.members(cell).iter();
                let inner = |at: &u32| view.of.get(*at as usize);
                let may_hold = |of: &u32| work.may_hold.get(*of as usize) == Some(&true);
                members.any(|at| inner(at).is_some_and(may_hold))
            };
            let is_empty = || {
                figures.persons == 0
                    && quantity != Quantity::Persons
                    && unsafe_by.is_none()
                    && !may_hold()
            };
            cells.forced.push(excepted || is_impossible || is_empty());
            cells.out.push(false);
            cells.may_have_changed.push(false);
            cells.hidden.push(*hidden);
            cells.withheld.push(*hidden && unsafe_by.is_none());
        }
        for further in &view.further {
            cells.add_further(further, inner, (quantity, view));
        }
        Ok(cells)
    }

    /// Whether everybody may know that there is nothing in a cell of the view.
    fn is_impossible(&self, cell: usize, view: &RecipientView) -> bool {
        let impossible = |at: &u32| self.impossible.get(*at as usize) == Some(&true);
        view.table()
            .is_some_and(|table| table.structure.members(cell).iter().all(impossible))
    }

    /// A cell of an earlier release, or one that nobody publishes: what was published stays
    /// published, and what is unsafe, or was then, is protected.
    fn add_further(
        &mut self,
        further: &FurtherCell,
        inner: &[(Place, Accumulator)],
        (quantity, view): (Quantity, &RecipientView),
    ) {
        let cell = self.values.len();
        // Of rows that this release separates too, its own figures: they are the same.
        let whole = further.whole.as_ref();
        let figures = whole.map(|cells| cells.iter().map(|at| &inner[*at as usize].1));
        // Of what lies between two cuts everybody may know that nobody contributes to a sum.
        let is_known = further.published.is_some() || self.is_impossible(cell, view);
        let known = match quantity {
            Quantity::Persons => {
                let own = figures.map(|figures| figures.map(|cell| i128::from(cell.persons)).sum());
                own.or_else(|| persons(view, cell))
            }
            Quantity::Contribution(at) => {
                let own = figures.map(|figures| figures.map(|cell| cell.totals[at].sum).sum());
                own.or(further.unsafe_sum.map(|(value, _)| value))
            }
        };
        if let (false, Some(value)) = (is_known, known) {
            match quantity {
                Quantity::Persons => {
                    let PromiseEntry {
                        min_persons,
                        count_interval,
                    } = further.promise;
                    let possible = possible(min_persons, count_interval, value);
                    self.possible.push(Unsafe { cell, possible });
                }
                Quantity::Contribution(_) => {
                    let level = further.unsafe_sum.map_or(1, |(_, level)| level);
                    self.requirements.push(reach_above(cell, value, level));
                }
            }
        }
        let fits = |value: &i128| view.adds_up || *value == 0;
        self.values.push(known.or(further.published.filter(fits)));
        self.primary.push(!is_known);
        self.forced.push(is_known);
        self.out.push(further.published.is_some());
        let may_have_changed = further.published.is_some() && further.may_have_changed;
        self.may_have_changed.push(may_have_changed);
        self.hidden.push(false);
        self.withheld.push(false);
        let says = quantity == Quantity::Persons && known.is_some_and(|value| value > 0);
        self.least.push(if says { further.least } else { 0 });
    }
}

/// How many persons are in a cell of the view, where the true table is known.
fn persons(view: &RecipientView, cell: usize) -> Option<i128> {
    let table = view.table()?;
    let members = table.structure.members(cell).iter();
    Some(members.map(|at| table.inner[*at as usize]).sum())
}

/// How far the interval of an unsafe sum must reach.
///
/// Protection levels are those of the ESSnet handbook on statistical disclosure
/// control, 2nd edition, chapter 4: as far above the value as what the rule
/// finds too near. Where too few persons are the reason, or a group is
/// disclosed, nobody may estimate the largest contribution more narrowly than the
/// plan's rules of concentration allow for others.
fn requirement(cell: usize, rules: &Rules, rule: Rule, total: &Total) -> Requirement {
    let above = rule::protection_level(rules, rule, total);
    reach_above(cell, total.sum, above)
}

fn reach_above(cell: usize, value: i128, above: i128) -> Requirement {
    Requirement {
        cell,
        value,
        below: 0,
        above,
        width: above.max(1),
    }
}

/// Whether the number of persons in a cell with these `outcomes` is suppressed; where its table
/// has none, whether there are too few.
fn hides_persons(plan: &TablePlan, outcomes: &[Outcome], too_few: bool) -> bool {
    let measures = plan.measures.iter().zip(outcomes);
    let counts = measures
        .filter(|(measure, _)| measure.what.is_count())
        .filter(|(measure, _)| Quantity::Persons.is_published_by(measure, plan));
    let mut counts = counts
        .map(|(_, outcome)| outcome.value().is_none())
        .peekable();
    match counts.peek() {
        Some(_) => counts.all(|is_suppressed| is_suppressed),
        None => too_few,
    }
}

/// The numbers of persons that are below the threshold, the first and the last.
fn few(min_persons: u64) -> (u64, u64) {
    (1, min_persons.saturating_sub(1).max(CountInterval::LEAST))
}

/// What must stay possible of an unsafe number of persons.
pub(super) fn possible(min_persons: u64, count_interval: CountInterval, persons: i128) -> Possible {
    let (first, last) = few(min_persons);
    match count_interval {
        CountInterval::Values(values) => Possible::Consecutive(values),
        CountInterval::Full if (first.into()..=i128::from(last)).contains(&persons) => {
            Possible::All(first, last)
        }
        // Unsafe for another reason than that there are few.
        CountInterval::Full => Possible::Consecutive(CountInterval::LEAST),
    }
}

/// How many persons are known to be in each inner cell at least: where somebody has
/// several rows, somebody is there as long as there are rows. Empty if nothing is known.
fn least_inner(population: &Population, inner: &[(Place, Accumulator)]) -> Vec<u64> {
    if population.one_row_each {
        return Vec::new();
    }
    let least = inner.iter();
    least
        .map(|(_, cell)| u64::from(cell.rows > cell.persons))
        .collect()
}

/// The side of numbers of rows, of which it is known of each inner cell how many there
/// are at least; of cells that earlier releases split nobody knows in which part.
fn of_rows(least: &[i128], view: &RecipientView) -> Side {
    let mut parts = vec![0; least.len()];
    view.of.iter().for_each(|of| parts[*of as usize] += 1);
    let least = view.of.iter().map(|of| match parts[*of as usize] {
        1 => least[*of as usize],
        _ => 0,
    });
    let least: Vec<i128> = least.collect();
    let cells = 0..view.structure.cells();
    Side::at_least(&least, cells.map(|cell| view.structure.members(cell)))
}

/// What bounds a quantity, and from which sides.
///
/// Where earlier releases split inner cells nobody knows what is in each part; but
/// none has contributions of another sign than the whole, or than the cells of earlier
/// releases that it is in.
fn sides(
    inner: &[(Place, Accumulator)],
    quantity: Quantity,
    view: &RecipientView,
) -> Result<Vec<Side>> {
    let Quantity::Contribution(at) = quantity else {
        return Ok(vec![Side::plain()]);
    };
    let of_whole = inner.iter().map(|(_, cell)| {
        let total = &cell.totals[at];
        Ok(SignBounds {
            negative: total.negative(),
            positive: total.positive(),
            absolute: total.absolute()?,
        })
    });
    let of_whole: Vec<SignBounds> = of_whole.collect::<Result<_>>()?;
    let parts = view.of.iter().zip(&view.signs);
    let signs = parts.map(|(of, [negative, positive])| {
        let whole = of_whole[*of as usize];
        SignBounds {
            negative: whole.negative && *negative,
            positive: whole.positive && *positive,
            absolute: whole.absolute,
        }
    });
    let signs: Vec<SignBounds> = signs.collect();
    let cells = 0..view.structure.cells();
    let members = cells.map(|cell| view.structure.members(cell));
    Ok(Side::all(&signs, members))
}
