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
/// Categories are known by the fingerprints of their rows.
pub(super) struct Cut {
    of: Vec<u64>,
    /// All categories, in their order.
    ordered: Vec<u64>,
}

impl Cut {
    /// Of cells with a category and the fingerprint of their rows each.
    pub(super) fn new<C: Ord>(cells: impl Iterator<Item = (C, u64)> + Clone) -> Self {
        let mut categories: BTreeMap<C, u64> = BTreeMap::new();
        for (category, rows) in cells.clone() {
            let sum = categories.entry(category).or_default();
            *sum = sum.wrapping_add(rows);
        }
        Self {
            of: cells.map(|(category, _)| categories[&category]).collect(),
            ordered: categories.into_values().collect(),
        }
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
    fn at(&self, coarser: &HashMap<u64, u64>) -> Vec<u64> {
        let coarser = |own: &u64| coarser.get(own).copied().unwrap_or(0);
        self.of.iter().map(coarser).collect()
    }

    /// The cut on inner cells that are each in one of its `cells`, or [`NOWHERE`].
    fn gathered(self, cells: &[u32]) -> Self {
        let category = |cell: &u32| self.of.get(*cell as usize).copied().unwrap_or(0);
        Self {
            of: cells.iter().map(category).collect(),
            ordered: self.ordered,
        }
    }
}

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
        let shared = self.shared(&cuts);
        let mut found: HashMap<Vec<u64>, Vec<u32>> = HashMap::new();
        for cell in 0..finest.len() as u32 {
            let key = shared.iter().map(|(old, _)| old[cell as usize]);
            found.entry(key.collect()).or_default().push(cell);
        }
        // A cell of nobody need not be listed by the earlier table.
        let nowhere = vec![NOWHERE];
        let (mut from, mut to) = (Vec::new(), Vec::new());
        for inner in 0..self.of.len() {
            let key: Vec<u64> = shared.iter().map(|(_, new)| new[inner]).collect();
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

    /// How a table with these `cuts` and this release cut the rows alike: by each
    /// such cut the category of each of the table's finest cells, and of each
    /// inner cell. Where one is coarser, that one.
    fn shared(&mut self, cuts: &[Cut]) -> Vec<(Vec<u64>, Vec<u64>)> {
        let mut shared = Vec::new();
        for old in cuts {
            for new in &self.cuts {
                let (old_set, new_set) = (old.set(), new.set());
                if old_set.len() < 2 || new_set.len() < 2 {
                    continue;
                }
                if old_set == new_set {
                    shared.push((old.of.clone(), new.of.clone()));
                } else if let Some(of) = self.relations.of(&new.ordered, &old_set) {
                    shared.push((old.of.clone(), new.at(of)));
                } else if let Some(of) = self.relations.of(&old.ordered, &new_set) {
                    shared.push((old.at(of), new.of.clone()));
                }
            }
        }
        shared
    }

    /// Takes for each new inner cell the one that it is part of.
    fn gather(&mut self, from: &[usize]) {
        self.of = from.iter().map(|inner| self.of[*inner]).collect();
        for cut in &mut self.cuts {
            cut.of = from.iter().map(|inner| cut.of[*inner]).collect();
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
        cuts.push(Cut::new(
            finest.iter().map(|cell| (ordered(own(cell)), rows(cell))),
        ));
        for level in &dimension.levels {
            let coarser = |cell: &&CellEntry| own(cell).and_then(|own| level.of.get(&own).cloned());
            cuts.push(Cut::new(
                finest
                    .iter()
                    .map(|cell| (ordered(coarser(cell)), rows(cell))),
            ));
        }
    }
    cuts
}

/// A category by what it is sorted by: as a number if it is one.
fn ordered(category: Option<String>) -> Option<(Option<i64>, String)> {
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
