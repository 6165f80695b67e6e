//! What is known of each cell of a view: by the linkage unit, not by a recipient.

use super::super::audit::{Primes, Requirement, Sign};
use super::super::earlier::EarlierCell;
use super::super::suppress::Contributors;
use super::super::view::{Quantity, View};
use super::super::{Outcome, Rule, rule};
use super::Work;
use crate::plan::Rules;
use crate::table::Population;
use crate::table::cell::Total;

/// What is known of each cell of a view, own or earlier.
pub(super) struct Cells {
    /// In whole units; none where a suppressed cell's is not known any more, or
    /// where a published one does not fit the others, as persons do not add up.
    pub(super) values: Vec<Option<i128>>,
    pub(super) primary: Vec<bool>,
    /// Published whatever the rules say, or published already.
    pub(super) forced: Vec<bool>,
    /// Never published, and safe if they are told.
    pub(super) withheld: Vec<bool>,
    /// Published already.
    pub(super) out: Vec<bool>,
    pub(super) requirements: Vec<Requirement>,
    pub(super) contributors: Vec<Contributors>,
    /// Inner cells with somebody who knows that nobody else is in them.
    pub(super) known: Vec<(u32, u32)>,
    /// For each lone contributor, the inner cells that it knows.
    pub(super) insiders: Vec<Vec<u32>>,
    pub(super) sign: Sign,
    pub(super) primes: Primes,
    pub(super) seed: u64,
}

impl Cells {
    pub(super) fn new(
        work: &Work<'_>,
        population: &Population,
        quantity: Quantity,
        measures: &[Vec<usize>],
        view: &View,
    ) -> Self {
        let inner = population.inner(work.tables);
        let names = work.names(measures);
        let names: Vec<&[u8]> = names.iter().map(String::as_bytes).collect();
        let random = work.key.derive(b"suppression", &names);
        let (primes, rest) = random
            .split_first_chunk()
            .expect("32 bytes are more than 16");
        let (seed, _) = rest.split_first_chunk().expect("16 bytes are more than 8");
        let negative = inner.iter().any(|(_, figures)| match quantity {
            Quantity::Persons => false,
            Quantity::Contribution(at) => figures.totals[at].negative,
        });
        let count = view.structure.cells();
        let mut cells = Self {
            values: Vec::with_capacity(count),
            primary: Vec::with_capacity(count),
            forced: Vec::with_capacity(count),
            out: Vec::with_capacity(count),
            withheld: Vec::with_capacity(count),
            requirements: Vec::new(),
            contributors: view.alone.contributors.clone(),
            known: view.alone.known.iter().copied().collect(),
            insiders: view.alone.insiders(),
            sign: match negative {
                true => Sign::Any,
                false => Sign::NonNegative,
            },
            primes: Primes::drawn(*primes),
            seed: u64::from_le_bytes(*seed),
        };
        for ((spot, value), hidden) in view.spots.iter().zip(&view.values).zip(&view.hidden) {
            let outcomes = &work.outcomes[spot.table][spot.block][spot.cell];
            let mut outcomes = measures[spot.table].iter().map(|at| outcomes[*at]);
            let unsafe_by = outcomes.clone().find_map(|outcome| match outcome {
                Outcome::Primary(rule) => Some(rule),
                _ => None,
            });
            if let Some(rule) = unsafe_by {
                let rules = &work.plan.tables()[spot.table].protect;
                let cell = cells.values.len();
                cells.requirements.push(match quantity {
                    // All of a group are as many as there can be: what must stay open
                    // is that they are fewer.
                    Quantity::Persons if rule == Rule::GroupDisclosure => Requirement {
                        above: 0,
                        ..Requirement::count(cell, *value)
                    },
                    Quantity::Persons => Requirement::count(cell, *value),
                    Quantity::Contribution(_) => {
                        let total = population.total(quantity, work.tables, *spot);
                        requirement(cell, rules, rule, total)
                    }
                });
            }
            cells.values.push(Some(*value));
            cells.primary.push(unsafe_by.is_some());
            let excepted = outcomes.any(|outcome| matches!(outcome, Outcome::Excepted(_)));
            cells.forced.push(excepted);
            cells.out.push(false);
            cells.withheld.push(*hidden && unsafe_by.is_none());
        }
        for earlier in &view.earlier {
            cells.add_earlier(earlier, work, population, quantity, view.adds_up);
        }
        cells
    }

    /// A cell of an earlier release: what was published stays published, and
    /// what was unsafe then is protected still.
    fn add_earlier(
        &mut self,
        earlier: &EarlierCell,
        work: &Work<'_>,
        population: &Population,
        quantity: Quantity,
        adds_up: bool,
    ) {
        let cell = self.values.len();
        let inner = population.inner(work.tables);
        let whole = earlier.whole.as_ref();
        let figures = whole.map(|cells| cells.iter().map(|at| &inner[*at as usize].1));
        // Of rows that this release tells apart too, its own figures: they are the same.
        let known = figures.clone().map(|figures| match quantity {
            Quantity::Persons => figures.map(|cell| i128::from(cell.persons)).sum(),
            Quantity::Contribution(at) => figures.map(|cell| cell.totals[at].sum).sum(),
        });
        let published = earlier.published.is_some();
        if let (false, Some(value), Some(figures)) = (published, known, figures) {
            let plans = work.plan.tables();
            let members = population.members.iter();
            let rules = members.map(|member| &plans[member.table].protect);
            self.requirements.push(match quantity {
                Quantity::Persons => Requirement::count(cell, value),
                Quantity::Contribution(at) => {
                    let largest = figures.filter_map(|cell| cell.totals[at].top.largest(1).first());
                    let first = largest.copied().max().unwrap_or(0);
                    // As far as the strictest of the tables asks for.
                    let above = rules.map(|rules| rule::part_of_largest(rules, first));
                    let above = above.max().unwrap_or(1);
                    reach_above(cell, value, above)
                }
            });
        }
        let fits = |value: &i128| adds_up || *value == 0;
        self.values.push(known.or(earlier.published.filter(fits)));
        self.primary.push(!published);
        self.forced.push(published);
        self.out.push(published);
        self.withheld.push(false);
    }
}

/// How far the interval of an unsafe sum must reach.
///
/// Protection levels are those of the ESSnet handbook on statistical disclosure
/// control, 2nd edition, section 4.2.2: as far above the value as what the rule
/// finds too near. Where too few persons are the reason, or a group is
/// disclosed, the largest contribution must not be told more nearly than the
/// plan's rules of concentration allow for others.
fn requirement(cell: usize, rules: &Rules, rule: Rule, total: &Total) -> Requirement {
    let above = match rule {
        Rule::Negative => 0,
        rule => rule::protection_level(rules, rule, total),
    };
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
