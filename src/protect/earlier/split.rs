//! Inner cells split by the tables of earlier releases, and those tables' cells on them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::coarser::coarser;
use super::{EarlierCell, Joined, rows_and_values};
use crate::column::NOWHERE;
use crate::error::{Error, ErrorKind, Result, counted};
use crate::ledger::entry::{CellEntry, Coordinate, Figure, Fingerprint, TableEntry};

/// The most inner cells that there may be after splitting.
const MOST_INNER: usize = 1 << 20;

/// A way to cut rows into categories: for some cells, which one each is in.
///
/// Categories are known by the fingerprints of their rows. Those of nobody all have
/// the same one, and are known by their names, where two cuts have it.
pub(super) struct Cut {
    of: Vec<u64>,
    /// The name of each cell's category.
    names: Vec<Option<String>>,
    /// All categories, in their order.
    ordered: Vec<u64>,
}

impl Cut {
    /// Of cells with a category and the fingerprint of their rows each; `name` names
    /// a category.
    pub(super) fn new<C: Ord>(
        cells: impl Iterator<Item = (C, u64)> + Clone,
        name: impl Fn(&C) -> Option<String>,
    ) -> Self {
        let mut categories: BTreeMap<C, u64> = BTreeMap::new();
        for (category, rows) in cells.clone() {
            let sum = categories.entry(category).or_default();
            *sum = sum.wrapping_add(rows);
        }
        Self {
            names: cells.clone().map(|(category, _)| name(&category)).collect(),
            of: cells.map(|(category, _)| categories[&category]).collect(),
            ordered: categories.into_values().collect(),
        }
    }

    /// The names of the categories that nobody is in.
    fn empty(&self) -> BTreeSet<&Option<String>> {
        let cells = self.of.iter().zip(&self.names);
        let empty = cells.filter(|(rows, _)| **rows == 0);
        empty.map(|(_, name)| name).collect()
    }

    /// For each cell its category, beside those of another cut.
    fn beside<'c>(&'c self, other: &Self) -> Vec<Category<'c>> {
        let empty = other.empty();
        let cells = self.of.iter().zip(&self.names);
        let category = cells.map(|(rows, name)| match rows {
            0 if empty.contains(name) => (0, Some(name)),
            rows => (*rows, None),
        });
        category.collect()
    }

    /// The categories that somebody is in.
    fn set(&self) -> BTreeSet<u64> {
        self.ordered
            .iter()
            .copied()
            .filter(|rows| *rows != 0)
            .collect()
    }

    /// For each cell the coarser category that its own is part of.
    fn at(&self, coarser: &HashMap<u64, u64>) -> Vec<Category<'_>> {
        let coarser = |own: &u64| (coarser.get(own).copied().unwrap_or(0), None);
        self.of.iter().map(coarser).collect()
    }

    /// For each cell its category, beside one that is coarser or finer.
    fn by_rows(&self) -> Vec<Category<'_>> {
        self.of.iter().map(|rows| (*rows, None)).collect()
    }

    /// The cut on inner cells that are each in one of its `cells`, or [`NOWHERE`].
    fn gathered(self, cells: &[u32]) -> Self {
        let category = |cell: &u32| self.of.get(*cell as usize).copied().unwrap_or(0);
        let name = |cell: &u32| self.names.get(*cell as usize).cloned().flatten();
        Self {
            of: cells.iter().map(category).collect(),
            names: cells.iter().map(name).collect(),
            ordered: self.ordered,
        }
    }
}

/// A category by the fingerprint of its rows, or one of nobody by its name.
type Category<'c> = (u64, Option<&'c Option<String>>);

/// By a cut of a table and one of this release that are alike: the category of each of
/// the table's finest cells, and of each inner cell.
type Shared<'c> = (Vec<Category<'c>>, Vec<Category<'c>>);

/// Inner cells, being split by one earlier table after another.
pub(super) struct Split {
    of: Vec<u32>,
    /// Which inner cells of the population nobody is in.
    empty: Vec<bool>,
    /// Ways to cut the rows, on the inner cells.
    cuts: Vec<Cut>,
    relations: Relations,
    joined: Vec<JoinedTable>,
}

/// Which cuts are coarser than others. The same table is released again and
/// again, and each pair is looked into once.
#[derive(Default)]
struct Relations(HashMap<(Vec<u64>, BTreeSet<u64>), Option<Coarser>>);

/// For each fine category, the coarse one that it is part of.
type Coarser = HashMap<u64, u64>;

impl Relations {
    /// As [`coarser`] finds it.
    fn of(&mut self, fine: &[u64], coarse: &BTreeSet<u64>) -> Option<&Coarser> {
        let pair = (fine.to_vec(), coarse.clone());
        let relation = self.0.entry(pair);
        relation.or_insert_with(|| coarser(fine, coarse)).as_ref()
    }
}

/// An earlier table that the inner cells were split by.
struct JoinedTable {
    release: u64,
    /// For each inner cell, the finest cell of the table that it is in, or [`NOWHERE`].
    finest: Vec<u32>,
    /// For each finest cell, the cells that it is part of.
    cells_of: Vec<Vec<u32>>,
    /// What is told of each cell.
    told: Vec<Option<Option<i128>>>,
    /// Who is alone in each cell.
    alone: Vec<Option<Fingerprint>>,
}

impl Split {
    pub(super) fn new(empty: Vec<bool>, cuts: Vec<Cut>) -> Self {
        let mut split = Self {
            of: (0..empty.len() as u32).collect(),
            empty,
            cuts: Vec::new(),
            relations: Relations::default(),
            joined: Vec::new(),
        };
        cuts.into_iter().for_each(|cut| split.know(cut));
        split
    }

    /// Takes in a cut, unless it is known already, under whatever name.
    fn know(&mut self, cut: Cut) {
        if !self.cuts.iter().any(|other| other.of == cut.of) {
            self.cuts.push(cut);
        }
    }

    /// Splits the inner cells by the finest cells of `table`.
    pub(super) fn join(&mut self, table: &TableEntry, quantity: usize, release: u64) -> Result<()> {
        let own = |at: &Coordinate| matches!(at, Coordinate::Own(_));
        let finest: Vec<&CellEntry> = table
            .cells
            .iter()
            .filter(|cell| cell.at.iter().all(own))
            .collect();
        let cuts = cuts(table, &finest, quantity);
        let shared = shared(&mut self.relations, &cuts, &self.cuts);
        let mut found: HashMap<Vec<Category<'_>>, Vec<u32>> = HashMap::new();
        for cell in 0..finest.len() as u32 {
            let key = shared.iter().map(|(old, _)| old[cell as usize]);
            found.entry(key.collect()).or_default().push(cell);
        }
        // A cell of nobody need not be listed by the earlier table.
        let nowhere = vec![NOWHERE];
        let (mut from, mut to) = (Vec::new(), Vec::new());
        for inner in 0..self.of.len() {
            let key: Vec<Category<'_>> = shared.iter().map(|(_, new)| new[inner]).collect();
            let nowhere = self.empty[self.of[inner] as usize].then_some(&nowhere);
            let cells = found.get(&key).or(nowhere);
            let cells = cells.ok_or_else(|| contradicts(release, table))?;
            if to.len() + cells.len() > MOST_INNER {
                return Err(too_many(release, table));
            }
            from.extend(cells.iter().map(|_| inner));
            to.extend(cells);
        }
        self.gather(&from);
        for cut in cuts {
            self.know(cut.gathered(&to));
        }
        self.joined.push(JoinedTable {
            release,
            cells_of: cells_of(table, &finest),
            told: table
                .cells
                .iter()
                .map(|cell| told(cell, quantity))
                .collect(),
            alone: table
                .cells
                .iter()
                .map(|cell| cell.alone[quantity])
                .collect(),
            finest: to,
        });
        Ok(())
    }

    /// Takes for each new inner cell the one that it is part of.
    fn gather(&mut self, from: &[usize]) {
        self.of = from.iter().map(|inner| self.of[*inner]).collect();
        for cut in &mut self.cuts {
            cut.of = from.iter().map(|inner| cut.of[*inner]).collect();
            cut.names = from.iter().map(|inner| cut.names[*inner].clone()).collect();
        }
        for table in &mut self.joined {
            table.finest = from.iter().map(|inner| table.finest[*inner]).collect();
        }
    }

    /// The earlier cells of all tables, and the `same` ones, whose members are
    /// of the population.
    pub(super) fn finish(self, mut same: Vec<EarlierCell>) -> Joined {
        let mut parts: Vec<Vec<u32>> = vec![Vec::new(); self.empty.len()];
        for (inner, of) in self.of.iter().enumerate() {
            parts[*of as usize].push(inner as u32);
        }
        for cell in &mut same {
            let members = cell.members.iter().flat_map(|of| &parts[*of as usize]);
            cell.members = members.copied().collect();
        }
        let mut alone = Vec::new();
        for table in self.joined {
            let mut members: Vec<Vec<u32>> = vec![Vec::new(); table.told.len()];
            for (inner, finest) in table.finest.iter().enumerate() {
                for cell in table.cells_of.get(*finest as usize).into_iter().flatten() {
                    members[*cell as usize].push(inner as u32);
                }
            }
            let lone = table.alone.iter().zip(&members);
            alone.extend(lone.filter_map(|(who, members)| Some(((*who)?, members.clone()))));
            let cells = table.told.into_iter().zip(members);
            same.extend(cells.filter_map(|(told, members)| {
                let mut held: BTreeMap<u32, usize> = BTreeMap::new();
                for inner in &members {
                    *held.entry(self.of[*inner as usize]).or_default() += 1;
                }
                let whole = held
                    .iter()
                    .all(|(of, count)| parts[*of as usize].len() == *count);
                Some(EarlierCell {
                    release: table.release,
                    published: told.filter(|_| !members.is_empty())?,
                    members,
                    whole: whole.then(|| held.into_keys().collect()),
                })
            }));
        }
        Joined {
            of: self.of,
            cells: same,
            alone,
        }
    }
}

/// How a table with the `old` cuts and this release with the `new` ones cut the rows
/// alike. Where one is coarser, that one.
fn shared<'c>(relations: &mut Relations, old: &'c [Cut], new: &'c [Cut]) -> Vec<Shared<'c>> {
    let mut shared = Vec::new();
    for old in old {
        for new in new {
            let (old_set, new_set) = (old.set(), new.set());
            if old_set.len() < 2 || new_set.len() < 2 {
                continue;
            }
            if old_set == new_set {
                shared.push((old.beside(new), new.beside(old)));
            } else if let Some(of) = relations.of(&new.ordered, &old_set) {
                shared.push((old.by_rows(), new.at(of)));
            } else if let Some(of) = relations.of(&old.ordered, &new_set) {
                shared.push((old.at(of), new.by_rows()));
            }
        }
    }
    shared
}

/// What an earlier release tells of a cell: its value, or that a primary rule
/// suppressed it. Of others it tells nothing that needs protection.
pub(super) fn told(cell: &CellEntry, quantity: usize) -> Option<Option<i128>> {
    match cell.figures[quantity] {
        Figure::Published(value) => Some(Some(value)),
        Figure::Primary => Some(None),
        Figure::Complementary | Figure::Perturbed => None,
    }
}

/// Every way in which a table cuts its rows, on its finest cells.
fn cuts(table: &TableEntry, finest: &[&CellEntry], quantity: usize) -> Vec<Cut> {
    let mut cuts = Vec::new();
    for (at, dimension) in table.dimensions.iter().enumerate() {
        let own = |cell: &&CellEntry| category(&cell.at[at]).cloned();
        let rows = |cell: &&CellEntry| rows_and_values(cell.rows.0, cell.fingerprints[quantity].0);
        let name = |category: &Ordered| category.as_ref().map(|(_, name)| name.clone());
        let cells = finest.iter().map(|cell| (ordered(own(cell)), rows(cell)));
        cuts.push(Cut::new(cells, name));
        for level in &dimension.levels {
            let coarser = |cell: &&CellEntry| own(cell).and_then(|own| level.of.get(&own).cloned());
            let cells = finest.iter();
            let cells = cells.map(|cell| (ordered(coarser(cell)), rows(cell)));
            cuts.push(Cut::new(cells, name));
        }
    }
    cuts
}

/// A category by what it is sorted by: as a number if it is one.
type Ordered = Option<(Option<i64>, String)>;

fn ordered(category: Option<String>) -> Ordered {
    category.map(|category| (category.parse().ok(), category))
}

/// By dimension: 0 for its own categories, then its levels; none for a total.
type Grains = Vec<Option<usize>>;

/// By dimension.
type Categories = Vec<Option<String>>;

/// For each finest cell of a table, the cells that it is part of.
fn cells_of(table: &TableEntry, finest: &[&CellEntry]) -> Vec<Vec<u32>> {
    let mut groupings: BTreeSet<Grains> = BTreeSet::new();
    let mut places: HashMap<(Grains, Categories), u32> = HashMap::new();
    for (number, cell) in table.cells.iter().enumerate() {
        let grains: Grains = cell.at.iter().map(grain).collect();
        let names = cell.at.iter().map(|at| category(at).cloned()).collect();
        groupings.insert(grains.clone());
        places.insert((grains, names), number as u32);
    }
    let part_of = |cell: &&CellEntry| {
        let cells = groupings.iter().filter_map(|grains| {
            let names = grains.iter().zip(&cell.at).zip(&table.dimensions);
            let names = names.map(|((grain, at), dimension)| {
                let own = category(at)?;
                match grain {
                    None => None,
                    Some(0) => Some(own.clone()),
                    Some(level) => dimension.levels[level - 1].of.get(own).cloned(),
                }
            });
            places.get(&(grains.clone(), names.collect())).copied()
        });
        cells.collect()
    };
    finest.iter().map(part_of).collect()
}

fn grain(at: &Coordinate) -> Option<usize> {
    match at {
        Coordinate::Own(_) => Some(0),
        Coordinate::Level(level, _) => Some(level + 1),
        Coordinate::Total => None,
    }
}

fn category(at: &Coordinate) -> Option<&String> {
    match at {
        Coordinate::Own(name) | Coordinate::Level(_, name) => name.as_ref(),
        Coordinate::Total => None,
    }
}

fn contradicts(release: u64, table: &TableEntry) -> Error {
    let rule = format!(
        "release {release} of the ledger cuts the same rows otherwise in its table `{}`",
        table.name
    );
    Error::new(ErrorKind::Protection, rule)
}

fn too_many(release: u64, table: &TableEntry) -> Error {
    let most = counted(MOST_INNER as u64, "inner cell");
    let rule = format!(
        "together with the table `{}` of release {release} in the ledger there are more than {most}",
        table.name
    );
    Error::new(ErrorKind::Protection, rule)
        .help("fewer dimensions that the earlier release did not have")
}
