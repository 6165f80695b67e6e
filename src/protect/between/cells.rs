//! A population's inner cells by category, and cells of several that nobody publishes.

use std::collections::BTreeSet;

use super::groups::{Groups, numbered};
use crate::error::Result;
use crate::ledger::entry::PromiseEntry;
use crate::plan::table::{CountInterval, Rules};
use crate::protect::history::further::{FurtherCell, FurtherFrom};
use crate::protect::quantity::Quantity;
use crate::protect::rule;
use crate::table::population::Member;
use crate::table::{Accumulator, Block, Confidential, Place, Population, Table};

/// A population's inner cells, by category.
pub(super) struct InnerByCategory<'a> {
    pub(super) cells: &'a [(Place, Accumulator)],
    impossible: Vec<bool>,
    /// By dimension its categories, ascending.
    categories: Vec<Vec<i64>>,
    /// By dimension the category of each inner cell, counted from 0.
    pub(super) places: Vec<Vec<u32>>,
}

impl<'a> InnerByCategory<'a> {
    pub(super) fn of(population: &'a Population, tables: &'a [Table<Confidential>]) -> Self {
        let cells = population.inner(tables);
        let dimensions = cells.first().map_or(0, |(place, _)| place.len());
        let categories = (0..dimensions).map(|at| {
            let all: BTreeSet<i64> = cells.iter().map(|(place, _)| place[at]).collect();
            all.into_iter().collect::<Vec<i64>>()
        });
        let categories: Vec<Vec<i64>> = categories.collect();
        let places = categories.iter().enumerate().map(|(at, all)| {
            let category = |place: &Place| all.partition_point(|own| *own < place[at]) as u32;
            cells.iter().map(|(place, _)| category(place)).collect()
        });
        Self {
            cells,
            impossible: population.impossible(tables),
            places: places.collect(),
            categories,
        }
    }

    /// How a block of a member groups the categories of each dimension.
    pub(super) fn groups(
        &self,
        member: &Member,
        table: &Table<Confidential>,
        block: &Block<Confidential>,
    ) -> Result<Vec<Groups>> {
        let each = self.categories.iter().enumerate().map(|(at, categories)| {
            let Some(own) = member.dimensions.iter().position(|of| *of == at) else {
                return Ok(vec![0; categories.len()]);
            };
            let at = categories.iter().map(|category| {
                let ordinal = member.category(own, *category);
                table.dimensions[own].at(block.grouping[own], ordinal)
            });
            Ok(numbered(at.collect::<Result<Vec<i64>>>()?.into_iter()))
        });
        each.collect()
    }

    /// Those of some inner cells that somebody may be in.
    pub(super) fn possible(&self, members: &[u32]) -> Vec<u32> {
        let possible = members.iter().copied();
        possible
            .filter(|at| self.is_possible(*at as usize))
            .collect()
    }

    pub(super) fn is_possible(&self, cell: usize) -> bool {
        !self.impossible[cell]
    }

    /// A cell of these inner ones that nobody publishes, if the rules of any of
    /// these tables find it unsafe.
    pub(super) fn unsafe_cell(
        &self,
        (quantity, one_row_each): (Quantity, bool),
        rules: &[&Rules],
        (origin, members): (FurtherFrom, Vec<u32>),
    ) -> Result<Option<FurtherCell>> {
        let cells = || members.iter().map(|at| &self.cells[*at as usize].1);
        let Some(mut figures) = cells().next().cloned() else {
            return Ok(None);
        };
        for other in cells().skip(1) {
            figures.merge(other)?;
        }
        if !one_row_each {
            // Somebody may be in several: so many there are for certain.
            figures.persons = cells().map(|cell| cell.persons).max().unwrap_or(0);
        }
        if figures.persons == 0 {
            return Ok(None);
        }
        let mut unsafe_by = Vec::new();
        for &rules in rules {
            let found = match (rule::persons(rules, figures.persons), quantity) {
                (Some(rule), _) => Some(rule),
                (None, Quantity::Contribution(at)) => {
                    rule::contributions(rules, &figures.totals[at])?
                }
                (None, Quantity::Persons) => None,
            };
            unsafe_by.extend(found.map(|rule| (rules, rule)));
        }
        if unsafe_by.is_empty() {
            return Ok(None);
        }
        let unsafe_sum = match quantity {
            Quantity::Persons => None,
            Quantity::Contribution(at) => {
                let total = &figures.totals[at];
                let levels = unsafe_by.iter();
                let levels =
                    levels.map(|(rules, rule)| rule::protection_level(rules, *rule, total));
                levels.max().map(|level| (total.sum, level))
            }
        };
        Ok(Some(FurtherCell {
            may_have_changed: false,
            origin,
            published: None,
            unsafe_sum,
            least: 0,
            promise: promise(rules),
            inner: members.clone(),
            whole: Some(members.clone()),
            members,
        }))
    }
}

/// What is promised by the rules of any of several tables.
fn promise(rules: &[&Rules]) -> PromiseEntry {
    let thresholds = rules.iter().map(|rules| rules.min_persons);
    let values = rules.iter().map(|rules| match rules.count_interval {
        CountInterval::Values(values) => Some(values),
        CountInterval::Full => None,
    });
    let most = values.reduce(|one, other| Some(one?.max(other?)));
    PromiseEntry {
        min_persons: thresholds.max().unwrap_or(0),
        count_interval: match most.flatten() {
            Some(values) => CountInterval::Values(values),
            None => CountInterval::Full,
        },
    }
}
