//! The joint table of this release and of earlier ones, as far as it is known: by its margins.
//!
//! How many rows of an inner cell went into which cell of an earlier table, nobody
//! knows. But of both it is known what they hold, and of which inner cells and which
//! of the earlier table's cells the persons are the same: those that all dimensions
//! that both have put together. Where each table shares dimensions with one of those
//! before it only, nothing else follows (see [`attacker::Joint`](Joint)).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::lacking::LackingBefore;
use crate::column::NOWHERE;
use crate::ledger::entry::{CellEntry, Coordinate, Fingerprint, TableEntry};
use kobling_sdc::attacker::Joint;
use kobling_sdc::structure::Structure;

/// Inner cells, and how many persons everybody knows to be in them at least.
pub(in crate::protect) type Floor = (Vec<u32>, u64);

/// The inner cells of earlier tables, and those of this release, which come first.
pub(in crate::protect) struct Margins {
    pub(in crate::protect) joint: Joint,
    /// Persons in each inner cell of an earlier table.
    pub(in crate::protect) persons: Vec<i128>,
    /// By dimension of an earlier table the category of each joint cell.
    pub(in crate::protect) places: Vec<Vec<u32>>,
    pub(in crate::protect) floors: Vec<Floor>,
    /// In which of the inner cells nobody has a value.
    pub(in crate::protect) lacking: Vec<LackingBefore>,
    /// Each singleton of an earlier cell, and the inner cells that this one is the
    /// sum of.
    pub(in crate::protect) singletons: Vec<(Fingerprint, Vec<u32>)>,
}

/// How the tables that were joined so far belong together.
pub(super) struct Links {
    links: Vec<TableLink>,
    /// Whether somebody has several rows.
    pub(super) overlaps: bool,
}

/// The inner cells of the last table and of one before it, by what both share.
struct TableLink {
    /// The place of the one before it; the release's own inner cells are the first.
    parent: usize,
    /// By class: inner cells of that, and of the last table.
    classes: Vec<[Vec<u32>; 2]>,
}

impl Links {
    /// None yet. `overlaps` if somebody has several rows of this release.
    pub(super) fn new(overlaps: bool) -> Self {
        Self {
            links: Vec::new(),
            overlaps,
        }
    }

    /// Takes in a table whose cells have the classes `cells`, where each inner cell that
    /// was split so far has one of the `classes`, and is part of these inner cells of
    /// the tables before. No, if it shares dimensions with several of them.
    pub(super) fn add(&mut self, classes: &[u32], cells: Vec<Vec<u32>>, before: &[&[u32]]) -> bool {
        let is_there = |at: &usize| before.iter().all(|of| of[*at] != NOWHERE);
        let there: Vec<usize> = (0..classes.len()).filter(is_there).collect();
        let parent = before.iter().position(|of| {
            let mut class_of: HashMap<u32, u32> = HashMap::new();
            let mut one_class = there.iter();
            one_class.all(|at| *class_of.entry(of[*at]).or_insert(classes[*at]) == classes[*at])
        });
        let Some(parent) = parent else {
            return false;
        };
        let mut of_parent: Vec<BTreeSet<u32>> = vec![BTreeSet::new(); cells.len()];
        for at in there {
            of_parent[classes[at] as usize].insert(before[parent][at]);
        }
        let classes = of_parent.into_iter().zip(cells);
        let classes = classes.map(|(parent, own)| [parent.into_iter().collect(), own]);
        self.links.push(TableLink {
            parent,
            classes: classes.collect(),
        });
        true
    }
}

/// An earlier table, as a margin of the joint one.
pub(super) struct Margin {
    pub(super) persons: Vec<i128>,
    /// By dimension the category of each of its finest cells.
    places: Vec<Vec<u32>>,
    /// Of its finest cells.
    pub(super) floors: Vec<Floor>,
}

impl Margin {
    pub(super) fn new(table: &TableEntry, finest: &[&CellEntry], persons: Vec<i128>) -> Self {
        let places = (0..table.dimensions.len()).map(|at| {
            let categories: BTreeSet<&Coordinate> =
                finest.iter().map(|cell| &cell.at[at]).collect();
            let numbers: BTreeMap<&Coordinate, u32> = categories.into_iter().zip(0..).collect();
            finest.iter().map(|cell| numbers[&cell.at[at]]).collect()
        });
        Self {
            places: places.collect(),
            floors: floors(table, finest),
            persons,
        }
    }
}

impl Margin {
    /// One more cell, of what the table is not about, with so many `persons`.
    pub(super) fn add_rest(&mut self, persons: i128) {
        self.persons.push(persons);
        for places in &mut self.places {
            let next = places.iter().max().map_or(0, |last| last + 1);
            places.push(next);
        }
    }
}

/// What the names disclose that the table lists.
fn floors(table: &TableEntry, finest: &[&CellEntry]) -> Vec<Floor> {
    let mut floors = Vec::new();
    for (at, dimension) in table.dimensions.iter().enumerate() {
        for name in &dimension.names {
            let has = |cell: &CellEntry| match (&name.at, &cell.at[at]) {
                (Coordinate::Level(level, name), Coordinate::Own(own)) => {
                    let level = dimension.levels.get(*level);
                    let of = own.as_ref().and_then(|own| level?.of.get(own));
                    of == name.as_ref()
                }
                (name, own) => name == own,
            };
            let members = (0..).zip(finest).filter(|(_, cell)| has(cell));
            let members: Vec<u32> = members.map(|(at, _)| at).collect();
            floors.push((members, name.persons));
        }
    }
    floors
}

/// A table's margin; for each inner cell after splitting its finest cell; and the
/// singletons of these.
pub(super) type JoinedMargin<'a> = (&'a Margin, &'a [u32], Vec<(Fingerprint, Vec<u32>)>);

/// The margins of these tables after the release's own `inner` cells, which are split
/// into parts of those of `own`.
pub(super) fn margins(
    (own, inner): (&[u32], usize),
    links: &Links,
    tables: Vec<JoinedMargin<'_>>,
) -> Margins {
    let mut starts = vec![0u32];
    let mut next = inner as u32;
    for (margin, _, _) in &tables {
        starts.push(next);
        next += margin.persons.len() as u32;
    }
    let shifted = |cells: &[u32], table: usize| -> Vec<u32> {
        cells.iter().map(|cell| starts[table] + cell).collect()
    };
    let there: Vec<usize> = (0..own.len())
        .filter(|at| tables.iter().all(|(_, finest, _)| finest[*at] != NOWHERE))
        .collect();
    let parts = there.iter().map(|at| {
        let of_tables = tables.iter().zip(&starts[1..]);
        let of_tables = of_tables.map(|((_, finest, _), start)| start + finest[*at]);
        [own[*at]]
            .into_iter()
            .chain(of_tables)
            .collect::<Vec<u32>>()
    });
    let joint = Joint {
        parts: Structure::new(next as usize, parts),
        links: (1..)
            .zip(&links.links)
            .flat_map(|(table, link)| {
                let classes = link.classes.iter();
                classes.map(move |[of, cells]| (table, link.parent, of, cells))
            })
            .map(|(table, parent, of, cells)| [shifted(of, parent), shifted(cells, table)])
            .collect(),
        overlaps: links.overlaps,
    };
    let mut margins = Margins {
        joint,
        persons: Vec::new(),
        places: Vec::new(),
        floors: Vec::new(),
        lacking: Vec::new(),
        singletons: Vec::new(),
    };
    for (table, (margin, finest, singletons)) in (1..).zip(tables) {
        margins.persons.extend(&margin.persons);
        for places in &margin.places {
            let places = there.iter().map(|at| places[finest[*at] as usize]);
            margins.places.push(places.collect());
        }
        let floors = margin.floors.iter();
        margins
            .floors
            .extend(floors.map(|(cells, least)| (shifted(cells, table), *least)));
        let singletons = singletons.iter();
        margins
            .singletons
            .extend(singletons.map(|(who, cells)| (*who, shifted(cells, table))));
    }
    margins
}

/// Without the dimensions that follow from another one: to turn only them leads nowhere.
pub(in crate::protect) fn independent(dimensions: Vec<Vec<u32>>) -> Vec<Vec<u32>> {
    let follows = |one: &[u32], other: &[u32]| {
        let mut of: HashMap<u32, u32> = HashMap::new();
        let mut cells = one.iter().zip(other);
        cells.all(|(one, other)| *of.entry(*other).or_insert(*one) == *one)
    };
    let mut kept: Vec<Vec<u32>> = Vec::new();
    for dimension in dimensions {
        if kept.iter().any(|other| follows(&dimension, other)) {
            continue;
        }
        kept.retain(|other| !follows(other, &dimension));
        kept.push(dimension);
    }
    kept
}
