//! A population as its recipients see it: published cells as sums of inner cells.
//!
//! The inner cells are those of the table by the dimensions of all the
//! population's tables. Whatever a table publishes, at whatever level, is a sum
//! of some of them; so one matrix holds all that can be added and subtracted.
//! Cells of earlier releases are further rows of it, and so is what lies between two cuts
//! of one column.

use std::collections::HashMap;

use super::quantity::Quantity;
use crate::error::{Error, ErrorKind, Result};
use crate::key::ReleaseKey;
use crate::ledger::LedgerEntry;
use crate::plan::table::{Measure, TablePlan};
use crate::protect::history::earlier::{Ceiling, Floor, LackingBefore, Margins, independent};
use crate::protect::history::further::{FurtherCell, FurtherFrom};
use crate::protect::history::record::denominator;
use crate::protect::history::singletons::Singletons;
use crate::table::cell::Total;
use crate::table::margins::coarsen;
use crate::table::population::{Member, Population};
use crate::table::{Accumulator, Block, Confidential, Place, Table};
use kobling_sdc::attacker::Joint;
use kobling_sdc::structure::Structure;

/// A cell of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CellLocation {
    pub(super) table: usize,
    pub(super) block: usize,
    pub(super) cell: usize,
}

/// All cells that a quantity of a population can be derived from, or that must not disclose it:
/// its own ones first, then further ones.
pub(super) struct RecipientView {
    pub(super) structure: Structure,
    /// For each inner cell, the population's that it is part of.
    pub(super) of: Vec<u32>,
    /// Of each inner cell, whether by earlier releases contributions may be less than
    /// nothing, and more.
    pub(super) signs: Vec<[bool; 2]>,
    /// For each own cell, where it is.
    pub(super) locations: Vec<CellLocation>,
    /// Of the own cells, of which the quantity is never published.
    pub(super) hidden: Vec<bool>,
    /// The own cells' values, in whole units.
    pub(super) values: Vec<i128>,
    /// Cells that are none of this release.
    pub(super) further: Vec<FurtherCell>,
    /// The singletons of inner cells of the structure.
    pub(super) singletons: Singletons,
    /// What inner cells hold; none where earlier releases split some, nobody knows how
    /// much is in each part, and more is not known either.
    held: Option<Held>,
    /// What the names disclose that earlier releases listed, and the sums that they published.
    pub(super) floors: Vec<Floor>,
    /// What numbers of rows disclose that earlier releases published, on the population's own
    /// inner cells.
    pub(super) ceilings: Vec<Ceiling>,
    /// Whether what cells hold adds up: numbers of persons who have several rows
    /// do not.
    pub(super) adds_up: bool,
}

/// Where it is known what inner cells hold.
enum Held {
    /// All of this release's, which nothing splits.
    Inner(Inner),
    /// This release's and those of earlier ones: the margins of a table that nobody has.
    Margins(Box<OnMargins>),
}

/// All that is known of numbers of persons of this release and of earlier ones.
struct OnMargins {
    /// The view's cells as sums of inner cells of their own releases.
    structure: Structure,
    inner: Inner,
    joint: Joint,
    floors: Vec<Floor>,
    lacking: Vec<LackingBefore>,
    /// Of each singleton, the inner cells that it knows: those of the view first.
    singletons: Vec<Vec<u32>>,
}

/// The table that attackers would like to have, and what is known in addition.
#[derive(Clone, Copy)]
pub(super) struct TrueTable<'a> {
    /// All cells of the view as sums of its inner cells.
    pub(super) structure: &'a Structure,
    /// What they hold, in whole units.
    pub(super) inner: &'a [i128],
    /// By dimension the category of each inner cell, or of each joint cell if there is a
    /// joint table.
    pub(super) places: &'a [Vec<u32>],
    pub(super) joint: Option<&'a Joint>,
    /// What the names disclose that earlier releases listed, and the sums that they published.
    pub(super) floors: &'a [Floor],
    /// In which inner cells of earlier releases nobody has a value.
    pub(super) lacking: &'a [LackingBefore],
    /// Of each singleton, the inner cells that it knows.
    pub(super) singletons: Option<&'a [Vec<u32>]>,
}

/// What inner cells hold of a quantity, in whole units, and where they are: by
/// dimension each one's category, counted from 0.
struct Inner {
    values: Vec<i128>,
    places: Vec<Vec<u32>>,
}

impl Inner {
    fn of(inner: &[(Place, Accumulator)], quantity: Quantity) -> Self {
        let values = inner.iter().map(|(_, cell)| match quantity {
            Quantity::Persons => cell.persons.into(),
            Quantity::Contribution(at) => cell.totals[at].sum,
        });
        let dimensions = inner.first().map_or(0, |(place, _)| place.len());
        let places = (0..dimensions).map(|dimension| {
            let mut categories: Vec<i64> =
                inner.iter().map(|(place, _)| place[dimension]).collect();
            categories.sort_unstable();
            categories.dedup();
            let category =
                |place: &Place| categories.partition_point(|own| *own < place[dimension]);
            inner
                .iter()
                .map(|(place, _)| category(place) as u32)
                .collect()
        });
        Self {
            values: values.collect(),
            places: places.collect(),
        }
    }
}

impl OnMargins {
    /// Of this release's `own` cells and their `inner` ones, and of the earlier `cells`.
    fn new(
        own: &Structure,
        inner: Inner,
        cells: &[FurtherCell],
        margins: Margins,
        singletons: Vec<Vec<u32>>,
    ) -> Self {
        let mut values = inner.values;
        values.extend(margins.persons);
        let all = (0..own.cells()).map(|cell| own.members(cell).to_vec());
        let all = all.chain(cells.iter().map(|cell| cell.inner.clone()));
        let joint = margins.joint;
        // The first inner cell of each joint one is this release's.
        let first = (0..joint.parts.cells()).map(|cell| joint.parts.members(cell)[0]);
        let first: Vec<u32> = first.collect();
        let places = inner.places.iter();
        let places = places.map(|places| first.iter().map(|at| places[*at as usize]).collect());
        Self {
            structure: Structure::new(values.len(), all),
            inner: Inner {
                values,
                places: independent(places.chain(margins.places).collect()),
            },
            joint,
            floors: margins.floors,
            lacking: margins.lacking,
            singletons,
        }
    }

    /// Whether the same persons are as many in all releases.
    fn fits(&self) -> bool {
        let sum = |cells: &[u32]| -> i128 {
            let each = cells.iter().map(|at| self.inner.values[*at as usize]);
            each.sum()
        };
        let mut links = self.joint.links.iter();
        self.joint.overlaps || links.all(|[one, other]| sum(one) == sum(other))
    }
}

impl RecipientView {
    /// How many cells of earlier releases there are.
    pub(super) fn earlier(&self) -> usize {
        let cells = self.further.iter();
        cells
            .filter(|cell| matches!(cell.origin, FurtherFrom::Release(_)))
            .count()
    }

    /// The true table. None where earlier releases split inner cells, and it is not known
    /// what is in which part.
    pub(super) fn table(&self) -> Option<TrueTable<'_>> {
        Some(match self.held.as_ref()? {
            Held::Inner(inner) => TrueTable {
                structure: &self.structure,
                inner: &inner.values,
                places: &inner.places,
                joint: None,
                floors: &self.floors,
                // There it divides the population's inner cells, too.
                lacking: &[],
                singletons: None,
            },
            Held::Margins(margins) => TrueTable {
                structure: &margins.structure,
                inner: &margins.inner.values,
                places: &margins.inner.places,
                joint: Some(&margins.joint),
                floors: &margins.floors,
                lacking: &margins.lacking,
                singletons: Some(&margins.singletons),
            },
        })
    }
}

impl Population {
    /// The quantities that the population's tables publish.
    pub(super) fn quantities(
        &self,
        plans: &[TablePlan],
        tables: &[Table<Confidential>],
        ledger: &[LedgerEntry],
    ) -> Vec<Quantity> {
        // Numbers of persons first: what is suppressed of them decides about other figures.
        let mut quantities = Vec::new();
        let counts = self.members.iter().any(|member| {
            let plan = &plans[member.table];
            let mut measures = plan.measures.iter();
            measures.any(|measure| Quantity::Persons.is_published_by(measure, plan))
        });
        // A name that is listed, or a sum, says something of what earlier releases suppressed.
        let needs_persons = || counts || !ledger.is_empty();
        quantities.extend(needs_persons().then_some(Quantity::Persons));
        for member in &self.members {
            let plan = &plans[member.table];
            for measure in &plan.measures {
                let table = &tables[member.table];
                let own = Quantity::of(measure, plan, table);
                // Beside its sum a mean says how many rows it is over: no fewer than persons.
                for own in [own].into_iter().chain(denominator(measure, plan, table)) {
                    let quantity = own.of_member(member);
                    if !quantities.contains(&quantity) {
                        quantities.push(quantity);
                    }
                }
            }
        }
        quantities
    }

    fn member(&self, table: usize) -> &Member {
        let mut members = self.members.iter();
        let found = members.find(|member| member.table == table);
        found.expect("a population is asked after its own tables")
    }

    /// Which measures of a table, by place, publish `quantity`.
    pub(super) fn measures(
        &self,
        table: usize,
        wanted: Quantity,
        plans: &[TablePlan],
        tables: &[Table<Confidential>],
    ) -> Vec<usize> {
        let member = self.member(table);
        let measures = plans[table].measures.iter().enumerate();
        let publish = measures.filter(|(_, measure)| {
            let own = Quantity::of(measure, &plans[table], &tables[table]);
            let by_mean = || {
                let is_mean = measure.what.is_mean();
                is_mean && self.is_of_rows(wanted, tables)
            };
            own.of_member(member) == wanted
                || wanted.is_published_by(measure, &plans[table])
                || by_mean()
        });
        publish.map(|(at, _)| at).collect()
    }

    /// Whether `quantity` is the number of rows, which a mean publishes too: it is a sum
    /// over their number, and where the sum is known, the number is.
    pub(super) fn is_of_rows(&self, quantity: Quantity, tables: &[Table<Confidential>]) -> bool {
        match quantity {
            Quantity::Persons => false,
            Quantity::Contribution(at) => self.is_rows(tables, at),
        }
    }

    /// Whether a rule that finds `measure` unsafe, which publishes `quantity`, finds that
    /// unsafe: not where it is a mean, of which only the denominator is that.
    pub(super) fn judges(
        &self,
        measure: &Measure,
        quantity: Quantity,
        tables: &[Table<Confidential>],
    ) -> bool {
        let is_mean = measure.what.is_mean();
        !is_mean || (quantity != Quantity::Persons && !self.is_of_rows(quantity, tables))
    }

    /// What a cell holds of a contribution.
    ///
    /// # Panics
    ///
    /// If its table does not publish it.
    pub(super) fn total<'a>(
        &self,
        quantity: Quantity,
        tables: &'a [Table<Confidential>],
        location: CellLocation,
    ) -> &'a Total {
        let places = &self.member(location.table).contributions;
        let mut own = places.iter();
        let at = own.position(|place| quantity == Quantity::Contribution(*place));
        let cell = &tables[location.table].blocks[location.block].cells[location.cell].1;
        &cell.totals[at.expect("the table publishes the quantity")]
    }

    /// The inner cells.
    pub(super) fn inner<'a>(
        &'a self,
        tables: &'a [Table<Confidential>],
    ) -> &'a [(Place, Accumulator)] {
        let table = self.joint.as_ref();
        &table
            .unwrap_or_else(|| &tables[self.members[0].table])
            .blocks[0]
            .cells
    }

    /// The cells of those members that publish `quantity`, and of earlier
    /// releases in the `ledger` those that do. By codes under `key` a person who is
    /// the singleton of several of them is one insider.
    pub(super) fn view(
        &self,
        quantity: Quantity,
        plans: &[TablePlan],
        tables: &[Table<Confidential>],
        (ledger, key): (&[LedgerEntry], &ReleaseKey),
    ) -> Result<RecipientView> {
        let inner = self.inner(tables);
        let measures = self.members.iter().map(|member| {
            let measures = self.measures(member.table, quantity, plans, tables);
            (member.table, measures)
        });
        let measures: HashMap<usize, Vec<usize>> = measures.collect();
        let publishes = |table: usize, block: &Block<Confidential>| {
            measures[&table].iter().any(|at| block.publishes(*at))
        };
        // What is sensitive of a group is a fact about persons: their numbers in other blocks,
        // or tables, must not disclose it of a block that has sums only.
        let guards_groups = |table: usize, block: &Block<Confidential>| {
            let is_sensitive = !plans[table].sensitive.is_empty();
            quantity == Quantity::Persons && is_sensitive && !block.measures().is_empty()
        };
        let is_seen = |table: usize, block: &Block<Confidential>| {
            publishes(table, block) || guards_groups(table, block)
        };
        let (own, locations) = located(self, tables, is_seen)?;
        let value = |(cell, location): (usize, &CellLocation)| match quantity {
            // Where a person is in several inner cells, persons do not add up.
            // Then the sum is used in their place: who could derive it by subtraction
            // could derive no less.
            Quantity::Persons => {
                let members = own.members(cell).iter();
                members
                    .map(|at| i128::from(inner[*at as usize].1.persons))
                    .sum()
            }
            Quantity::Contribution(_) => self.total(quantity, tables, *location).sum,
        };
        let values = locations.iter().enumerate().map(value).collect();
        let hidden = locations.iter().map(|location| {
            let block = &tables[location.table].blocks[location.block];
            !publishes(location.table, block) || block.is_hidden(location.cell)
        });
        let hidden = hidden.collect();
        let mut view = RecipientView {
            singletons: Singletons::of(inner, quantity, key, &own),
            of: (0..inner.len() as u32).collect(),
            signs: vec![[true; 2]; inner.len()],
            structure: own,
            locations,
            hidden,
            values,
            further: Vec::new(),
            held: None,
            floors: Vec::new(),
            ceilings: Vec::new(),
            adds_up: quantity != Quantity::Persons || self.one_row_each,
        };
        let held = Inner::of(inner, quantity);
        let between = self.between(quantity, (plans, tables), &view.structure, publishes)?;
        if ledger.is_empty() {
            let cells: Vec<Vec<u32>> = between.iter().map(|cell| cell.members.clone()).collect();
            view.structure = view.structure.with(&cells);
            view.further = between;
            view.held = Some(Held::Inner(held));
            return Ok(view);
        }
        let mut joined = self.joined(quantity, tables, &view.structure, (ledger, key))?;
        joined.extend(between);
        let structure = joined.structure(&view.structure);
        let on_margins = joined.joint.as_ref();
        let mut knows = on_margins.map(|margins| view.singletons.on_margins(&margins.singletons));
        view.singletons = view.singletons.split(&joined);
        view.held = match joined.joint {
            Some(margins) => {
                // In the order of those whom the view has, who knew something before.
                let knows = knows.get_or_insert_default();
                let persons = view.singletons.persons().into_iter();
                let first = persons.map(|person| knows.remove(&person).unwrap_or_default());
                let mut singletons: Vec<Vec<u32>> = first.collect();
                singletons.extend(std::mem::take(knows).into_values());
                let own = &view.structure;
                let all = OnMargins::new(own, held, &joined.cells, margins, singletons);
                if !all.fits() {
                    let rule = "numbers of persons do not fit those of earlier releases of the same rows in the ledger";
                    return Err(Error::new(ErrorKind::Protection, rule));
                }
                Some(Held::Margins(Box::new(all)))
            }
            None => Some(Held::Inner(held)).filter(|_| joined.of.len() == inner.len()),
        };
        view.structure = structure;
        view.of = joined.of;
        view.signs = joined.signs;
        view.floors = joined.floors;
        view.ceilings = joined.ceilings;
        view.further = joined.cells;
        Ok(view)
    }
}

/// All cells of those blocks that `publishes` picks, of a population's tables by place,
/// as sums of its inner cells; and where each is.
///
/// # Errors
///
/// [`ErrorKind::Protection`] if an inner cell is in no cell of a member.
pub(super) fn located(
    population: &Population,
    tables: &[Table<Confidential>],
    publishes: impl Fn(usize, &Block<Confidential>) -> bool,
) -> Result<(Structure, Vec<CellLocation>)> {
    let inner = population.inner(tables);
    let mut cells: Vec<Vec<u32>> = Vec::new();
    let mut locations = Vec::new();
    for member in &population.members {
        let table = &tables[member.table];
        let blocks = table.blocks.iter().enumerate();
        for (block_at, block) in blocks.filter(|(_, block)| publishes(member.table, block)) {
            let first = cells.len();
            cells.resize(first + block.cells.len(), Vec::new());
            locations.extend((0..block.cells.len()).map(|cell| CellLocation {
                table: member.table,
                block: block_at,
                cell,
            }));
            let places = block.cells.iter().enumerate();
            let places: HashMap<&Place, usize> =
                places.map(|(at, (place, _))| (place, first + at)).collect();
            for (atom, (place, _)) in inner.iter().enumerate() {
                let own = member.place(place);
                let place = coarsen(&table.dimensions, &block.grouping, &own)?;
                let cell = places.get(&place).ok_or_else(|| {
                    let rule = "its cells are not sums of the population's inner cells";
                    Error::new(ErrorKind::Protection, rule).in_table(&table.name)
                })?;
                cells[*cell].push(atom as u32);
            }
        }
    }
    Ok((Structure::new(inner.len(), cells), locations))
}
