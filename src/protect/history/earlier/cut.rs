//! Ways to cut rows into categories, which are known by the fingerprints of their rows.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::rows_and_values;
use crate::ledger::entry::{CategoryEntry, CellEntry, Coordinate, Origin, TableEntry};

/// A way to cut rows into categories: for some cells, which one each is in.
///
/// Categories are known by the fingerprints of their rows. Those of nobody all have
/// the same one, and are known by their names, where two cuts have it.
pub(super) struct Cut {
    pub(super) of: Vec<u64>,
    /// The name of each cell's category.
    pub(super) names: Vec<Option<String>>,
    /// All categories, in their order.
    pub(super) ordered: Vec<u64>,
    pub(super) dimension: CutDimension,
}

/// The dimension that a cut is by.
#[derive(Clone, Default)]
pub(super) struct CutDimension {
    pub(super) name: String,
    /// What it is made from; nothing where that is not known.
    pub(super) origins: BTreeSet<Origin>,
}

impl CutDimension {
    /// Whether both are made from the same thing, or called so.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        self.name == other.name || !self.origins.is_disjoint(&other.origins)
    }

    /// Whether both are known to be made from other things.
    fn differs(&self, other: &Self) -> bool {
        let both = [self, other].iter().all(|one| !one.origins.is_empty());
        both && !self.is_alike(other)
    }
}

/// Whether two dimensions that cut rows in the same way do so by chance: they are made from
/// other things, and what one of them is made from is on the other side too. That all of a
/// group are in one category is what nobody is to know, and no name of it.
pub(super) fn by_chance((old, new): (&Cut, &Cut), olds: &[Cut], news: &[Cut]) -> bool {
    let has_own = |one: &Cut, others: &[Cut]| {
        let mut others = others.iter();
        others.any(|other| one.dimension.is_alike(&other.dimension))
    };
    old.dimension.differs(&new.dimension) && (has_own(old, news) || has_own(new, olds))
}

/// Whether somebody is in another category of a dimension now than then: one of both is
/// made from the same thing and called alike, and a category of one name has other rows.
pub(super) fn somebody_moved(olds: &[Cut], news: &[Cut]) -> bool {
    fn rows_of(cut: &Cut) -> BTreeMap<Option<&str>, u64> {
        let names = cut.names.iter().map(Option::as_deref);
        names.zip(cut.of.iter().copied()).collect()
    }
    olds.iter().any(|old| {
        let is_same = |new: &&Cut| {
            let (old, new) = (&old.dimension, &new.dimension);
            !old.origins.is_empty() && old.name == new.name && old.origins == new.origins
        };
        let then = rows_of(old);
        news.iter().filter(is_same).any(|new| {
            let now = rows_of(new);
            let mut both = now
                .iter()
                .filter_map(|(name, rows)| Some((then.get(name)?, rows)));
            both.any(|(then, now)| then != now)
        })
    })
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
            dimension: CutDimension::default(),
        }
    }

    /// By this dimension.
    pub(super) fn by(self, dimension: CutDimension) -> Self {
        Self { dimension, ..self }
    }

    /// The names of the categories that nobody is in.
    fn empty(&self) -> BTreeSet<&Option<String>> {
        let cells = self.of.iter().zip(&self.names);
        let empty = cells.filter(|(rows, _)| **rows == 0);
        empty.map(|(_, name)| name).collect()
    }

    /// For each cell its category, for comparison with those of another cut.
    pub(super) fn compared_with<'c>(&'c self, other: &Self) -> Vec<Category<'c>> {
        let empty = other.empty();
        let cells = self.of.iter().zip(&self.names);
        let category = cells.map(|(rows, name)| match rows {
            0 if empty.contains(name) => (0, Some(name)),
            rows => (*rows, None),
        });
        category.collect()
    }

    /// The names of the categories that somebody is in.
    pub(super) fn populated(&self) -> BTreeSet<&Option<String>> {
        let cells = self.of.iter().zip(&self.names);
        let populated = cells.filter(|(rows, _)| **rows != 0);
        populated.map(|(_, name)| name).collect()
    }

    /// The categories that somebody is in.
    pub(super) fn set(&self) -> BTreeSet<u64> {
        self.ordered
            .iter()
            .copied()
            .filter(|rows| *rows != 0)
            .collect()
    }

    /// For each cell the coarser category that its own is part of.
    pub(super) fn at(&self, coarser: &HashMap<u64, u64>) -> Vec<Category<'_>> {
        let coarser = |own: &u64| (coarser.get(own).copied().unwrap_or(0), None);
        self.of.iter().map(coarser).collect()
    }

    /// For each cell its category, for comparison with one that is coarser or finer.
    pub(super) fn by_rows(&self) -> Vec<Category<'_>> {
        self.of.iter().map(|rows| (*rows, None)).collect()
    }

    /// For each cell whether its category is one that somebody is in.
    pub(super) fn by_population(&self) -> Vec<Category<'_>> {
        let somebody = |rows: &u64| (u64::from(*rows != 0), None);
        self.of.iter().map(somebody).collect()
    }

    /// The cut on inner cells that are each in one of its `cells`, or [`NOWHERE`].
    pub(super) fn gathered(self, cells: &[u32]) -> Self {
        let category = |cell: &u32| self.of.get(*cell as usize).copied().unwrap_or(0);
        let name = |cell: &u32| self.names.get(*cell as usize).cloned().flatten();
        Self {
            of: cells.iter().map(category).collect(),
            names: cells.iter().map(name).collect(),
            ordered: self.ordered,
            dimension: self.dimension,
        }
    }
}

/// A category by the fingerprint of its rows, or one of nobody by its name.
pub(super) type Category<'c> = (u64, Option<&'c Option<String>>);

/// Every way in which a table cuts its rows, on its finest cells.
pub(super) fn cuts(table: &TableEntry, finest: &[&CellEntry], quantity: usize) -> Vec<Cut> {
    let held = |cell: &CellEntry| rows_and_values(cell.rows.0, cell.fingerprints[quantity].0);
    let mut cuts = Vec::new();
    for (at, dimension) in table.dimensions.iter().enumerate() {
        let by = CutDimension {
            name: dimension.name.clone(),
            origins: dimension.origins.clone(),
        };
        cuts.push(cut(finest, |cell| own(cell, at), held).by(by.clone()));
        for level in &dimension.levels {
            let coarser = |cell: &CellEntry| level.of.get(&own(cell, at)?).cloned();
            cuts.push(cut(finest, coarser, held).by(by.clone()));
        }
        let jointly = jointly((at, &dimension.jointly), finest, quantity);
        cuts.extend(jointly.map(|cut| cut.by(by)));
    }
    let dimensions = table.dimensions.iter().map(|dimension| CutDimension {
        name: dimension.name.clone(),
        origins: dimension.origins.clone(),
    });
    let dimensions: Vec<CutDimension> = dimensions.collect();
    for group in alike(&dimensions) {
        let cells = finest.iter();
        let cells = cells.map(|cell| {
            let categories = group.iter().map(|at| ordered(own(cell, *at)));
            (categories.collect::<Vec<Ordered>>(), held(cell))
        });
        let by = CutDimension::together(group.iter().map(|at| &dimensions[*at]));
        cuts.push(Cut::new(cells, |_| None).by(by));
    }
    cuts
}

/// Dimensions that are made from one thing, by what each is made from: two conditions on one
/// column cut the rows together as a banding of it may. Groups of several, by place.
pub(super) fn alike(dimensions: &[CutDimension]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(BTreeSet<&Origin>, Vec<usize>)> = Vec::new();
    for (at, dimension) in dimensions.iter().enumerate() {
        let mut own: (BTreeSet<&Origin>, Vec<usize>) =
            (dimension.origins.iter().collect(), vec![at]);
        let (shares, others): (Vec<_>, Vec<_>) = groups
            .into_iter()
            .partition(|(origins, _)| !origins.is_disjoint(&own.0));
        for (origins, members) in shares {
            own.0.extend(origins);
            own.1.extend(members);
        }
        groups = others;
        groups.push(own);
    }
    let groups = groups.into_iter().map(|(_, mut members)| {
        members.sort_unstable();
        members
    });
    groups.filter(|members| members.len() > 1).collect()
}

impl CutDimension {
    /// Several together.
    pub(super) fn together<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        let (mut names, mut origins) = (Vec::new(), BTreeSet::new());
        for one in all {
            names.push(one.name.as_str());
            origins.extend(one.origins.iter().cloned());
        }
        Self {
            name: names.join(" and "),
            origins,
        }
    }
}

/// The way in which a condition separates rows in all tables of its release together: other
/// rows than by itself, where persons have several.
fn jointly(
    (dimension, categories): (usize, &[CategoryEntry]),
    finest: &[&CellEntry],
    quantity: usize,
) -> Option<Cut> {
    if categories.is_empty() {
        return None;
    }
    let held = |category: &CategoryEntry| {
        rows_and_values(category.rows.0, category.fingerprints[quantity].0)
    };
    let names: Vec<Option<String>> = finest.iter().map(|cell| own(cell, dimension)).collect();
    let of = names.iter().map(|name| {
        let mut categories = categories.iter();
        let own = categories.find(|category| category.name == *name);
        own.map_or(0, held)
    });
    Some(Cut {
        of: of.collect(),
        names,
        ordered: categories.iter().map(held).collect(),
        dimension: CutDimension::default(),
    })
}

/// The way in which cells are cut by what `category` says.
pub(super) fn cut(
    cells: &[&CellEntry],
    category: impl Fn(&CellEntry) -> Option<String>,
    held: impl Fn(&CellEntry) -> u64,
) -> Cut {
    let cells = cells.iter();
    let cells = cells.map(|cell| (ordered(category(cell)), held(cell)));
    Cut::new(cells, |category: &Ordered| {
        category.as_ref().map(|(_, name)| name.clone())
    })
}

/// A cell's category in a dimension.
pub(super) fn own(cell: &CellEntry, dimension: usize) -> Option<String> {
    category(&cell.at[dimension]).cloned()
}

/// A category by what it is sorted by: as a number if it is one.
type Ordered = Option<(Option<i64>, String)>;

fn ordered(category: Option<String>) -> Ordered {
    category.map(|category| (category.parse().ok(), category))
}

pub(super) fn category(at: &Coordinate) -> Option<&String> {
    match at {
        Coordinate::Own(name) | Coordinate::Level(_, name) => name.as_ref(),
        Coordinate::Total => None,
    }
}
