//! Earlier releases, as further cells of a population: subtracting them is an attack too.
//!
//! What an earlier plan called its tables, dimensions and categories does not
//! matter here, nor whether this one calls them so. Cells are compared by the
//! fingerprints of their rows: two categories with the same one are the same rows,
//! and two dimensions that cut the rows in the same way are the same dimension.
//!
//! Where an earlier table separates rows that this release does not, inner
//! cells are split: into as many as there are cells of the earlier table that
//! their rows may be in. How many rows went where nobody needs to know: of sums the
//! auditor takes every way that fits for possible, and numbers of persons are proven on
//! what is known of both, the [margins](joint) of a table that nobody has. But the only
//! contributor to a cell of that table knows all the inner cells that it was split into:
//! they are that person's, or nobody's.

mod coarsening;
mod coarser;
mod conditions;
mod crossed;
mod cut;
mod joint;
mod lacking;
mod named;
mod nested;
mod other_methods;
mod rows;
mod same_cells;
mod split;

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::column::NO_ORDINAL;
use crate::error::Result;
use crate::key::ReleaseKey;
use crate::ledger::LedgerEntry;
use crate::ledger::entry::{CellEntry, Coordinate, Figure, Fingerprint, TableEntry};
use crate::plan::table::{Grain, Origin};
use crate::protect::history::further::{FurtherCell, FurtherFrom};
use crate::protect::history::padded::Pads;
use crate::protect::history::totals::MOST_SUMMED;
use crate::protect::quantity::Quantity;
use crate::table::population::Member;
use crate::table::{Accumulator, Confidential, Place, Population, Table};
use coarser::sum_of;
use conditions::Held;
use crossed::refuse_crossed;
use cut::{Cut, CutDimension, alike};
use joint::Links;
pub(in crate::protect) use joint::{Floor, Margins, independent};
use kobling_sdc::structure::Structure;
pub(in crate::protect) use lacking::LackingBefore;
use named::Named;
pub(in crate::protect) use nested::are_nested;
pub(in crate::protect) use other_methods::refuse_other_methods;
pub(in crate::protect) use rows::Ceiling;
use same_cells::same_cells;
use split::{Conditions, Part, Split};

/// Keeps values apart from rows, where one number is used for both.
const VALUES: u64 = 0xd1b5_4a32_d192_ed03;

/// Makes the fingerprint of a number of persons out of that of their rows: whoever
/// publishes the one does not publish the other, where a person has several rows.
pub(in crate::protect) const PERSONS: u64 = 0x9e37_79b9_7f4a_7c15;

/// A population's inner cells, split, and the earlier cells on them.
pub(in crate::protect) struct Joined {
    /// For each inner cell after splitting, the one that it is part of.
    pub(in crate::protect) of: Vec<u32>,
    pub(in crate::protect) cells: Vec<FurtherCell>,
    /// Each singleton of an earlier cell, and the inner cells after splitting
    /// that this one is the sum of: nobody else is in them.
    pub(in crate::protect) singletons: Vec<(Fingerprint, Vec<u32>)>,
    /// What the names disclose that earlier releases listed.
    pub(in crate::protect) floors: Vec<Floor>,
    /// Of numbers of persons who have several rows, what numbers of rows disclose.
    pub(in crate::protect) ceilings: Vec<Ceiling>,
    /// Of each inner cell after splitting, whether by earlier releases contributions may
    /// be less than nothing, and more.
    pub(in crate::protect) signs: Vec<[bool; 2]>,
    /// Of numbers of persons, where inner cells were split: what is known of the joint table.
    pub(in crate::protect) joint: Option<Margins>,
}

impl Joined {
    /// Has further cells, whose members are inner cells before splitting.
    pub(in crate::protect) fn extend(&mut self, cells: Vec<FurtherCell>) {
        let parts = |members: &[u32]| -> Vec<u32> {
            let parts = (0..).zip(&self.of);
            let parts = parts.filter(|(_, of)| members.binary_search(of).is_ok());
            parts.map(|(part, _)| part).collect()
        };
        let split = cells.into_iter().map(|cell| FurtherCell {
            members: parts(&cell.members),
            ..cell
        });
        self.cells.extend(split);
    }

    /// The `own` cells as sums of the split inner cells, and the further ones behind them.
    pub(in crate::protect) fn structure(&self, own: &Structure) -> Structure {
        let cells_of = own.transposed();
        let mut cells: Vec<Vec<u32>> = vec![Vec::new(); own.cells()];
        for (inner, of) in self.of.iter().enumerate() {
            for cell in cells_of.members(*of as usize) {
                cells[*cell as usize].push(inner as u32);
            }
        }
        cells.extend(self.cells.iter().map(|cell| cell.members.clone()));
        Structure::new(self.of.len(), cells)
    }
}

/// The fingerprint of what a cell holds of a quantity.
///
/// # Panics
///
/// If no record keys were folded.
pub(in crate::protect) fn fingerprint(cell: &Accumulator, quantity: Quantity) -> u64 {
    let keys = cell
        .keys
        .as_ref()
        .expect("record keys are folded for the ledger");
    match quantity {
        Quantity::Persons => keys.rows.wrapping_mul(PERSONS),
        Quantity::Contribution(at) => keys.contributions[at].fingerprint,
    }
}

/// The fingerprint of a cell's rows.
pub(in crate::protect) fn rows_fingerprint(cell: &Accumulator) -> u64 {
    cell.keys.as_ref().map_or(0, |keys| keys.rows)
}

/// The fingerprint of the rows of all `cells`.
pub(in crate::protect) fn all_rows(cells: &[(Place, Accumulator)]) -> u64 {
    sum(cells.iter().map(|(_, cell)| rows_fingerprint(cell)))
}

/// The fingerprint of what all `cells` hold of a quantity.
pub(in crate::protect) fn all(cells: &[(Place, Accumulator)], quantity: Quantity) -> u64 {
    sum(cells.iter().map(|(_, cell)| fingerprint(cell, quantity)))
}

/// What a category is known by: the fingerprint of its rows, and of what they
/// hold. Where everybody has a row a year, the rows by themselves do not distinguish years.
fn rows_and_values(rows: u64, values: u64) -> u64 {
    rows.wrapping_add(values.wrapping_mul(VALUES))
}

/// What a cell's rows and what they hold of a quantity are known by.
fn held(cell: &Accumulator, quantity: Quantity) -> u64 {
    rows_and_values(rows_fingerprint(cell), fingerprint(cell, quantity))
}

/// The sum of fingerprints, which is that of what they are of together.
fn sum(fingerprints: impl Iterator<Item = u64>) -> u64 {
    fingerprints.fold(0, u64::wrapping_add)
}

impl Population {
    /// The earlier cells that publish `quantity` of rows of the population:
    /// `own` are the population's own cells, as sums of its inner cells.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Protection`] if inner cells would have to be split into too many.
    pub(in crate::protect) fn joined(
        &self,
        quantity: Quantity,
        tables: &[Table<Confidential>],
        own: &Structure,
        (ledger, key): (&[LedgerEntry], &ReleaseKey),
    ) -> Result<Joined> {
        let links = (quantity == Quantity::Persons).then(|| Links::new(!self.one_row_each));
        let inner = self.inner(tables);
        let (rows, whole) = (all_rows(inner), all(inner, quantity));
        let persons = inner.iter().map(|(_, cell)| cell.persons.into());
        let persons = (persons.collect(), lacking::own(self, inner));
        let parts = LazyCell::new(|| {
            let held = inner.iter().map(|(_, cell)| held(cell, quantity));
            (self.cuts(quantity, tables), held.collect::<Vec<u64>>())
        });
        let mut split = Split::new(persons, self.cuts(quantity, tables), links);
        let conditions = || conditions::own_conditions(self, tables, quantity, inner);
        let elsewhere = LazyCell::new(|| self.sums(quantity, inner, own));
        let runs = LazyCell::new(|| conditions::own_runs(inner, quantity));
        let by_rows = |held: Held| elsewhere.get(&held).or_else(|| runs.get(&held)).cloned();
        let (mut found, mut ceilings) = (Vec::new(), Vec::new());
        let mut disclosed: Vec<(&TableEntry, usize)> = Vec::new();
        for entry in ledger {
            let pads = Pads {
                key,
                plan_digest: &entry.release.plan_digest,
            };
            let release = (entry.number, pads);
            for table in &entry.release.tables {
                for (at, published) in table.quantities.iter().enumerate() {
                    // The same table is released again and again.
                    if disclosed
                        .iter()
                        .any(|other| disclose_the_same(*other, (table, at)))
                    {
                        continue;
                    }
                    disclosed.push((table, at));
                    if quantity == Quantity::Persons && published.of_rows {
                        ceilings.extend(rows::ceilings((table, at), &elsewhere));
                    }
                    let cells: Conditions<'_> = (&conditions, &by_rows);
                    let (of_rows, of_whole) = (table.population.0, published.fingerprint.0);
                    let crossed = || refuse_crossed(self, tables, table, entry.number);
                    if (of_rows, of_whole) == (rows, whole) {
                        crossed()?;
                        split.join((table, at), release, cells, None)?;
                    } else if let Some(part) = part_of(table, at, (rows, whole)) {
                        crossed()?;
                        split.join((&part, at), release, cells, None)?;
                    } else if let Some(part) =
                        Part::of(&parts.0, &parts.1, rows_and_values(of_rows, of_whole))
                    {
                        crossed()?;
                        split.join((table, at), release, cells, Some(&part))?;
                    } else {
                        let named = Named::new(self, tables, table);
                        let members =
                            |cell: &CellEntry| by_rows((cell.rows.0, cell.fingerprints[at].0));
                        found.extend(same_cells((table, at), release, inner, members, named));
                    }
                }
            }
        }
        Ok(Joined {
            ceilings,
            ..split.finish(found)
        })
    }

    /// The sums of inner cells that an earlier cell of other rows may be: the
    /// `own` cells, and those of all margins, published or not.
    fn sums(
        &self,
        quantity: Quantity,
        inner: &[(Place, Accumulator)],
        own: &Structure,
    ) -> Elsewhere {
        let mut sums = Elsewhere::new();
        let mut add = |members: Vec<u32>| {
            let cells = || members.iter().map(|at| &inner[*at as usize].1);
            let whose = sum(cells().map(rows_fingerprint));
            let held = sum(cells().map(|cell| fingerprint(cell, quantity)));
            sums.entry((whose, held)).or_insert(members);
        };
        (0..own.cells()).for_each(|cell| add(own.members(cell).to_vec()));
        let dimensions = inner.first().map_or(0, |(place, _)| place.len());
        let margins = 1usize.checked_shl(dimensions as u32).unwrap_or(usize::MAX);
        if inner.len().saturating_mul(margins) > MOST_SUMMED {
            return sums;
        }
        for margin in 0..margins {
            let mut cells: HashMap<Vec<i64>, Vec<u32>> = HashMap::new();
            for (at, (place, _)) in inner.iter().enumerate() {
                let kept = place.iter().enumerate();
                let kept = kept.filter(|(dimension, _)| margin >> dimension & 1 == 1);
                let kept = kept.map(|(_, ordinal)| *ordinal).collect();
                cells.entry(kept).or_default().push(at as u32);
            }
            cells.into_values().for_each(&mut add);
        }
        sums
    }

    /// Every way in which this release cuts the population's rows, on its inner cells.
    fn cuts(&self, quantity: Quantity, tables: &[Table<Confidential>]) -> Vec<Cut> {
        let inner = self.inner(tables);
        let held = |cell: &Accumulator| held(cell, quantity);
        let mut cuts = Vec::new();
        let (mut all, mut places) = (Vec::new(), Vec::new());
        for member in &self.members {
            let dimensions = tables[member.table].dimensions.iter().enumerate();
            for (at, dimension) in dimensions {
                let by = CutDimension {
                    name: dimension.name.clone(),
                    origins: member.origins[at].clone(),
                };
                let ordinals = inner.iter().map(|(place, _)| member.ordinal(at, place));
                all.push(by.clone());
                places.push(ordinals.collect::<Vec<i64>>());
                let levels = (0..dimension.levels.len()).map(Grain::Level);
                for grain in [Grain::Own].into_iter().chain(levels) {
                    let category = |ordinal| dimension.at(grain, ordinal).unwrap_or(NO_ORDINAL);
                    let cells = inner.iter();
                    let cells = cells
                        .map(|(place, cell)| (category(member.ordinal(at, place)), held(cell)));
                    let cut = Cut::new(cells, |ordinal| {
                        let name = dimension.category(grain, *ordinal);
                        name.as_deref().map(str::to_owned)
                    });
                    cuts.push(cut.by(by.clone()));
                }
                if dimension.hidden && self.joint.is_some() {
                    let table = &tables[member.table];
                    let itself = by_itself((member, at), quantity, inner, table);
                    cuts.extend(itself.map(|cut| cut.by(by)));
                }
            }
        }
        for group in alike(&all) {
            let cells = inner.iter().enumerate();
            let cells = cells.map(|(number, (_, cell))| {
                let categories = group.iter().map(|at| places[*at][number]);
                (categories.collect::<Vec<i64>>(), held(cell))
            });
            let by = CutDimension::together(group.iter().map(|at| &all[*at]));
            cuts.push(Cut::new(cells, |_| None).by(by));
        }
        cuts
    }
}

/// How the `inner` cells are cut by a condition of the member `table`, whose categories are
/// known by the rows that it separates in that table by itself: others than together with other
/// tables, where persons have several rows. None where the table does not hold the quantity.
fn by_itself(
    (member, at): (&Member, usize),
    quantity: Quantity,
    inner: &[(Place, Accumulator)],
    table: &Table<Confidential>,
) -> Option<Cut> {
    let own = match quantity {
        Quantity::Persons => Quantity::Persons,
        Quantity::Contribution(_) => {
            let places = 0..table.contributions.len();
            let mut own = places.map(Quantity::Contribution);
            own.find(|own| own.of_member(member) == quantity)?
        }
    };
    let held = |cell: &Accumulator| held(cell, own);
    let mut categories: BTreeMap<i64, u64> = BTreeMap::new();
    for (place, cell) in &table.blocks[0].cells {
        let category = categories.entry(place[at]).or_default();
        *category = category.wrapping_add(held(cell));
    }
    let name = |ordinal: &i64| table.dimensions[at].category(Grain::Own, *ordinal);
    let ordinals = inner.iter().map(|(place, _)| member.ordinal(at, place));
    let ordinals: Vec<i64> = ordinals.collect();
    let rows = ordinals.iter().map(|ordinal| categories.get(ordinal));
    Some(Cut {
        of: rows.map(|rows| rows.copied().unwrap_or(0)).collect(),
        names: ordinals.iter().map(name).collect(),
        ordered: categories.into_values().collect(),
        dimension: CutDimension::default(),
    })
}

/// Whether two tables disclose the same of a quantity: the one adds nothing to what
/// the other discloses. Of numbers of persons sums disclose something too.
fn disclose_the_same(one: (&TableEntry, usize), other: (&TableEntry, usize)) -> bool {
    let ((one, at), (other, of)) = (one, other);
    let sums_of = [one, other].map(|table| -> Vec<(usize, &Origin)> {
        let each = table.quantities.iter().enumerate();
        each.filter_map(|(at, quantity)| Some((at, quantity.of.as_ref()?)))
            .collect()
    });
    let columns = |at: usize| sums_of[at].iter().map(|(_, of)| of);
    let cells = one.cells.iter().zip(&other.cells);
    let mut same = cells.map(|(cell, other)| {
        let each = |cell: &CellEntry, at: usize| {
            (
                cell.rows,
                cell.fingerprints[at],
                cell.figures[at],
                cell.singletons[at],
            )
        };
        let sums = |cell: &CellEntry, of: &[(usize, &Origin)]| -> Vec<Figure> {
            of.iter().map(|(at, _)| cell.figures[*at]).collect()
        };
        each(cell, at) == each(other, of)
            && cell.at == other.at
            && sums(cell, &sums_of[0]) == sums(other, &sums_of[1])
    });
    one.population == other.population
        && columns(0).eq(columns(1))
        && one.quantities[at].fingerprint == other.quantities[of].fingerprint
        && one.dimensions == other.dimensions
        && one.cells.len() == other.cells.len()
        && same.all(|same| same)
}

/// That part of a table which is about the population's rows, if it is some
/// categories of one of its dimensions: as a table by itself.
fn part_of(table: &TableEntry, quantity: usize, (rows, whole): (u64, u64)) -> Option<TableEntry> {
    let finest = |cell: &&CellEntry| cell.at.iter().all(|at| matches!(at, Coordinate::Own(_)));
    let in_part = |cell: &CellEntry, dimension: usize, names: &BTreeSet<&Coordinate>| {
        names.contains(&cell.at[dimension])
    };
    (0..table.dimensions.len()).find_map(|dimension| {
        let mut categories: BTreeMap<&Coordinate, u64> = BTreeMap::new();
        for cell in table.cells.iter().filter(finest) {
            let category = categories.entry(&cell.at[dimension]).or_default();
            *category = category.wrapping_add(cell.rows.0);
        }
        let populated = categories.values().copied();
        let populated: Vec<u64> = populated.filter(|rows| *rows != 0).collect();
        let chosen = sum_of(&populated, rows)?;
        let names = categories.iter().filter(|(_, rows)| chosen.contains(rows));
        let names: BTreeSet<&Coordinate> = names.map(|(name, _)| *name).collect();
        let cells = table
            .cells
            .iter()
            .filter(|cell| in_part(cell, dimension, &names));
        let cells: Vec<CellEntry> = cells.cloned().collect();
        let held = cells
            .iter()
            .filter(finest)
            .map(|cell| cell.fingerprints[quantity].0);
        (sum(held) == whole).then(|| {
            let mut part = TableEntry {
                cells,
                ..table.clone()
            };
            // What the table discloses of the rest is not looked at here, and what is known of
            // all and of the rest discloses this part; so what was suppressed for the sake of
            // others is protected for its own.
            let figures = part.cells.iter_mut();
            for figure in figures.flat_map(|cell| &mut cell.figures) {
                if *figure == Figure::Complementary {
                    *figure = Figure::Primary;
                }
            }
            // Names are those of all rows.
            for dimension in &mut part.dimensions {
                dimension.names.clear();
            }
            part
        })
    })
}

/// By the fingerprints of rows and of what they hold of a quantity: the inner
/// cells that add up to them.
type Elsewhere = HashMap<Held, Vec<u32>>;
