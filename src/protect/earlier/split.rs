//! Inner cells split by the tables of earlier releases, and those tables' cells on them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{EarlierCell, Joined};
use crate::column::NOWHERE;
use crate::error::{Error, ErrorKind, Result, counted};
use crate::ledger::entry::{CellEntry, Coordinate, Figure, TableEntry};

/// The most inner cells that there may be after splitting.
const MOST_INNER: usize = 1 << 20;

/// Inner cells, being split by one earlier table after another.
pub(super) struct Split {
    of: Vec<u32>,
    /// Which inner cells of the population nobody is in.
    empty: Vec<bool>,
    /// Ways to cut the rows: for each, the fingerprint of each inner cell's category.
    partitions: Vec<Vec<u64>>,
    joined: Vec<JoinedTable>,
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
}

impl Split {
    pub(super) fn new(empty: Vec<bool>, partitions: Vec<Vec<u64>>) -> Self {
        Self {
            of: (0..empty.len() as u32).collect(),
            empty,
            partitions,
            joined: Vec::new(),
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
        let ways = ways(table, &finest);
        // How the table and this release cut the rows alike.
        let mut shared: Vec<(usize, usize)> = Vec::new();
        for (old, way) in ways.iter().enumerate() {
            let same = |new: &Vec<u64>| categories(new) == categories(way);
            shared.extend(self.partitions.iter().position(same).map(|new| (old, new)));
        }
        let mut found: HashMap<Vec<u64>, Vec<u32>> = HashMap::new();
        for cell in 0..finest.len() as u32 {
            let key = shared.iter().map(|(old, _)| ways[*old][cell as usize]);
            found.entry(key.collect()).or_default().push(cell);
        }
        // A cell of nobody need not be listed by the earlier table.
        let nowhere = vec![NOWHERE];
        let (mut from, mut to) = (Vec::new(), Vec::new());
        for inner in 0..self.of.len() {
            let key: Vec<u64> = shared
                .iter()
                .map(|(_, new)| self.partitions[*new][inner])
                .collect();
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
        let category = |way: &Vec<u64>, cell: u32| way.get(cell as usize).copied().unwrap_or(0);
        let gathered = ways
            .iter()
            .map(|way| to.iter().map(|cell| category(way, *cell)).collect());
        self.partitions.extend(gathered.collect::<Vec<Vec<u64>>>());
        self.joined.push(JoinedTable {
            release,
            cells_of: cells_of(table, &finest),
            told: table
                .cells
                .iter()
                .map(|cell| told(cell, quantity))
                .collect(),
            finest: to,
        });
        Ok(())
    }

    /// Takes for each new inner cell the one that it is part of.
    fn gather(&mut self, from: &[usize]) {
        self.of = from.iter().map(|inner| self.of[*inner]).collect();
        for partition in &mut self.partitions {
            *partition = from.iter().map(|inner| partition[*inner]).collect();
        }
        for table in &mut self.joined {
            table.finest = from.iter().map(|inner| table.finest[*inner]).collect();
        }
    }

    /// The earlier cells of all tables, and the `same` ones, whose members are
    /// of the population. Where the quantity is not `additive`, cells of which
    /// this release has no figures tell it nothing.
    pub(super) fn finish(self, mut same: Vec<EarlierCell>, additive: bool) -> Joined {
        let mut parts: Vec<Vec<u32>> = vec![Vec::new(); self.empty.len()];
        for (inner, of) in self.of.iter().enumerate() {
            parts[*of as usize].push(inner as u32);
        }
        for cell in &mut same {
            let members = cell.members.iter().flat_map(|of| &parts[*of as usize]);
            cell.members = members.copied().collect();
        }
        for table in self.joined {
            let mut members: Vec<Vec<u32>> = vec![Vec::new(); table.told.len()];
            for (inner, finest) in table.finest.iter().enumerate() {
                for cell in table.cells_of.get(*finest as usize).into_iter().flatten() {
                    members[*cell as usize].push(inner as u32);
                }
            }
            let cells = table.told.into_iter().zip(members);
            same.extend(cells.filter_map(|(told, members)| {
                let mut held: BTreeMap<u32, usize> = BTreeMap::new();
                for inner in &members {
                    *held.entry(self.of[*inner as usize]).or_default() += 1;
                }
                let whole = held
                    .iter()
                    .all(|(of, count)| parts[*of as usize].len() == *count);
                let told = told.filter(|_| !members.is_empty())?;
                (whole || additive).then(|| EarlierCell {
                    release: table.release,
                    published: told,
                    members,
                    whole: whole.then(|| held.into_keys().collect()),
                })
            }));
        }
        Joined {
            of: self.of,
            cells: same,
        }
    }
}

/// Of cells with a category and a fingerprint each: that of each one's category.
pub(super) fn partition<C: Ord + Clone>(cells: impl Iterator<Item = (C, u64)> + Clone) -> Vec<u64> {
    let mut categories: BTreeMap<C, u64> = BTreeMap::new();
    for (category, rows) in cells.clone() {
        let sum = categories.entry(category).or_default();
        *sum = sum.wrapping_add(rows);
    }
    cells.map(|(category, _)| categories[&category]).collect()
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

/// The fingerprints of a partition's categories; none that says nothing.
fn categories(partition: &[u64]) -> Option<BTreeSet<u64>> {
    let categories: BTreeSet<u64> = partition.iter().copied().collect();
    (categories.len() > 1).then_some(categories)
}

/// Every way in which a table cuts its rows: for each, the fingerprint of each finest
/// cell's category.
fn ways(table: &TableEntry, finest: &[&CellEntry]) -> Vec<Vec<u64>> {
    let mut ways = Vec::new();
    for (at, dimension) in table.dimensions.iter().enumerate() {
        let own = |cell: &&CellEntry| category(&cell.at[at]).cloned();
        ways.push(partition(
            finest.iter().map(|cell| (own(cell), cell.rows.0)),
        ));
        for level in &dimension.levels {
            let coarser = |cell: &&CellEntry| own(cell).map(|own| level.of.get(&own).cloned());
            ways.push(partition(
                finest.iter().map(|cell| (coarser(cell), cell.rows.0)),
            ));
        }
    }
    ways
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
