//! Inner cells split by the tables of earlier releases, and those tables' cells on them.

mod cells;
mod conditions;
mod part;
mod shared;
mod sums;

use std::collections::{BTreeMap, HashMap, HashSet};

use super::cut::{Category, Cut, cuts, somebody_moved};
use super::joint::{Links, Margin, margins};
use super::lacking::{self, Lacking};
use super::{FurtherCell, FurtherFrom, Joined};
use crate::column::NOWHERE;
use crate::error::{Error, ErrorKind, Result, counted};
use crate::ledger::entry::{CellEntry, Coordinate, Fingerprint, PromiseEntry, Signs, TableEntry};
use crate::protect::history::further::{THIS_RELEASE, release_named};
use crate::protect::history::padded::Pads;
pub(super) use cells::{cells_of, disclosed, finest_of, least};
pub(super) use conditions::Conditions;
use conditions::cuts_of_conditions;
pub(super) use part::Part;
use shared::{Relations, shared};
use sums::SumsOf;

/// The most inner cells that there may be after splitting.
const MOST_INNER: usize = 1 << 20;

/// Inner cells, being split by one earlier table after another.
pub(super) struct Split {
    of: Vec<u32>,
    /// How many persons are in each inner cell of the population.
    persons: Vec<i128>,
    /// In which of them nobody has a value.
    lacking: Vec<Lacking>,
    /// Ways to cut the rows, on the inner cells.
    cuts: Vec<Cut>,
    /// So many of them are this release's own, the first ones.
    own_cuts: usize,
    relations: Relations,
    joined: Vec<JoinedTable>,
    /// Of numbers of persons: how the tables belong together, as long as each shares
    /// dimensions with one of those before it only.
    links: Option<Links>,
}

/// An earlier table that the inner cells were split by.
struct JoinedTable {
    release: u64,
    /// For each inner cell, the finest cell of the table that it is in, or [`NOWHERE`].
    finest: Vec<u32>,
    /// For each finest cell, the cells that it is part of.
    cells_of: Vec<Vec<u32>>,
    /// What is published of each cell.
    disclosed: Vec<Option<Option<i128>>>,
    /// Of each cell that is unsafe, the sum and its protection level.
    unsafe_sums: Vec<Option<(i128, i128)>>,
    /// Of each finest cell, which signs contributions have.
    signs: Vec<Signs>,
    /// How many persons something else that is published of the cell says to be in it at
    /// least.
    least: Vec<u64>,
    /// The singleton of each cell.
    singletons: Vec<Option<Fingerprint>>,
    promise: PromiseEntry,
    /// Whether somebody is in another of its categories now.
    changed: bool,
    /// Where it is about numbers of persons.
    margin: Option<Margin>,
    /// Likewise: in which of its finest cells nobody has a value.
    lacking: Vec<Lacking>,
    /// Likewise: what its sums say of who contributes.
    sums: Vec<SumsOf>,
}

impl Split {
    /// Of inner cells with so many `persons`, `lacking` values; `links` if it is about numbers
    /// of persons.
    pub(super) fn new(
        (persons, lacking): (Vec<i128>, Vec<Lacking>),
        cuts: Vec<Cut>,
        links: Option<Links>,
    ) -> Self {
        let mut split = Self {
            of: (0..persons.len() as u32).collect(),
            persons,
            lacking,
            cuts: Vec::new(),
            own_cuts: 0,
            relations: Relations::default(),
            joined: Vec::new(),
            links,
        };
        cuts.into_iter().for_each(|cut| split.know(cut));
        split.own_cuts = split.cuts.len();
        split
    }

    /// Takes in a cut, unless it is known already, under whatever name.
    fn know(&mut self, cut: Cut) {
        if !self.cuts.iter().any(|other| other.of == cut.of) {
            self.cuts.push(cut);
        }
    }

    /// Splits the inner cells by the finest cells of `table`, of this release; `conditions`
    /// gives the population's conditions, and `by_rows` says which of its inner cells hold what
    /// another does. With a `part` the table is about these inner cells only.
    pub(super) fn join(
        &mut self,
        (table, quantity): (&TableEntry, usize),
        (release, pads): (u64, Pads<'_>),
        (conditions, by_rows): Conditions<'_>,
        part: Option<&Part>,
    ) -> Result<()> {
        let own = |at: &Coordinate| matches!(at, Coordinate::Own(_));
        let finest: Vec<&CellEntry> = table
            .cells
            .iter()
            .filter(|cell| cell.at.iter().all(own))
            .collect();
        let mut cuts = cuts(table, &finest, quantity);
        if part.is_none() {
            self.know_conditions((table, quantity), &finest, by_rows);
            cuts.extend(cuts_of_conditions(
                conditions(),
                (table, quantity),
                &finest,
                &cuts,
            ));
        }
        let within = part.map(|part| self.cuts_within(part));
        let news = within.as_deref().unwrap_or(&self.cuts);
        let changed = somebody_moved(&cuts, &news[..self.own_cuts]);
        let shared = shared(&mut self.relations, (&cuts, news), changed);
        let is_there = |inner: usize| part.is_none_or(|part| part.has(self.of[inner]));
        // What both have in common, by number; of each the table's finest cells.
        let keys = |cells: usize, new: bool| -> Vec<Vec<Category<'_>>> {
            let key = |cell: usize| {
                let each = shared.iter();
                each.map(move |(old, own)| if new { own[cell] } else { old[cell] })
            };
            (0..cells).map(|cell| key(cell).collect()).collect()
        };
        let (old, new) = (keys(finest.len(), false), keys(self.of.len(), true));
        let mut classes: HashMap<&[Category<'_>], u32> = HashMap::new();
        let here = (0..new.len()).filter(|inner| is_there(*inner));
        for key in old.iter().chain(here.map(|inner| &new[inner])) {
            let next = classes.len() as u32;
            classes.entry(key).or_insert(next);
        }
        let class = |key: &Vec<Category<'_>>| classes[&key[..]];
        let mut found: Vec<Vec<u32>> = vec![Vec::new(); classes.len()];
        for (cell, key) in (0..).zip(&old) {
            found[class(key) as usize].push(cell);
        }
        // What the table is not about is one more cell of it.
        let rest = found.len() as u32;
        if part.is_some() {
            found.push(vec![finest.len() as u32]);
        }
        let of_inner = new.iter().enumerate();
        let of_inner: Vec<u32> = of_inner
            .map(|(inner, key)| match is_there(inner) {
                true => class(key),
                false => rest,
            })
            .collect();
        // A cell of nobody need not be listed by the earlier table; nor a part of one, in which
        // nobody is as this table shows.
        let listed = self.of.iter().zip(&of_inner);
        let listed = listed.filter(|(_, class)| !found[**class as usize].is_empty());
        let listed: HashSet<u32> = listed.map(|(of, _)| *of).collect();
        let nowhere = vec![NOWHERE];
        let (mut from, mut to) = (Vec::new(), Vec::new());
        for (inner, class) in of_inner.iter().enumerate() {
            let cells = match &found[*class as usize] {
                none if none.is_empty() => {
                    let of = self.of[inner];
                    if self.persons[of as usize] > 0 && !listed.contains(&of) {
                        return Err(contradicts(release, table));
                    }
                    &nowhere
                }
                cells => cells,
            };
            if to.len() + cells.len() > MOST_INNER {
                return Err(too_many(release, table));
            }
            from.extend(cells.iter().map(|_| inner));
            to.extend(cells);
        }
        let mut cells_of = cells_of(table, &finest);
        let least = table.cells.iter().map(|cell| least(cell, table.promise));
        let least: Vec<u64> = least.collect();
        let margin = self.links.as_ref().map(|_| {
            let persons = finest.iter().map(|cell| pads.persons_of(cell));
            let mut margin = Margin::new(table, &finest, persons.collect());
            // Where the number itself is not published, what is says something of it.
            let silent = (0..table.cells.len()).filter(|cell| {
                least[*cell] > 0 && disclosed(&table.cells[*cell], quantity).is_none()
            });
            let finest_of = finest_of(&cells_of, table.cells.len());
            margin
                .floors
                .extend(silent.map(|cell| (finest_of[cell].clone(), least[cell])));
            if let Some(part) = part {
                let rest = (0..).zip(&self.persons);
                let rest = rest.filter(|(inner, _)| !part.has(*inner));
                margin.add_rest(rest.map(|(_, persons)| persons).sum());
            }
            margin
        });
        let tables = self.joined.iter().map(|table| &table.finest[..]);
        let before: Vec<&[u32]> = [&self.of[..]].into_iter().chain(tables).collect();
        let linked = |links: &mut Links| {
            links.overlaps |= !table.one_row_each;
            links.add(&of_inner, found, &before)
        };
        if !self.links.as_mut().is_some_and(linked) {
            self.links = None;
        }
        self.gather(&from);
        for cut in cuts {
            self.know(cut.gathered(&to));
        }
        // Where nobody has a value everybody knows the sum, whether or not it is published.
        let nobody = lacking::nobody_in((table, quantity), &finest, &cells_of);
        let mut lacking = match margin {
            Some(_) => lacking::of_table(table, &finest),
            None => Vec::new(),
        };
        let signs = finest.iter().map(|cell| cell.signs[quantity]);
        let mut signs: Vec<Signs> = signs.collect();
        if part.is_some() {
            cells_of.push(Vec::new());
            signs.push(Signs::Mixed);
            lacking.iter_mut().for_each(|own| own.cells.push(false));
        }
        let with_nothing = table.cells.iter().zip(nobody);
        let with_nothing = with_nothing.map(|(cell, nobody)| match nobody {
            true => Some(Some(0)),
            false => disclosed(cell, quantity),
        });
        self.joined.push(JoinedTable {
            release,
            promise: table.promise,
            changed,
            lacking,
            sums: match margin {
                Some(_) => sums::of(table),
                None => Vec::new(),
            },
            margin,
            unsafe_sums: table
                .cells
                .iter()
                .map(|cell| pads.sum_of(cell, quantity))
                .collect(),
            signs,
            least,
            cells_of,
            disclosed: with_nothing.collect(),
            singletons: table
                .cells
                .iter()
                .map(|cell| cell.singletons[quantity])
                .collect(),
            finest: to,
        });
        Ok(())
    }

    /// The cuts of a part of the inner cells, those of this release first.
    fn cuts_within(&self, part: &Part) -> Vec<Cut> {
        let (own, others) = self.cuts.split_at(self.own_cuts);
        let own = own.iter().map(|cut| part.own(cut, &self.of));
        let others = others.iter().filter_map(|cut| part.others(cut, &self.of));
        own.chain(others).collect()
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
    pub(super) fn finish(self, mut same: Vec<FurtherCell>) -> Joined {
        let mut parts: Vec<Vec<u32>> = vec![Vec::new(); self.persons.len()];
        for (inner, of) in self.of.iter().enumerate() {
            parts[*of as usize].push(inner as u32);
        }
        for cell in &mut same {
            let members = cell.members.iter().flat_map(|of| &parts[*of as usize]);
            cell.members = members.copied().collect();
        }
        let (mut singletons, mut floors, mut tables) = (Vec::new(), Vec::new(), Vec::new());
        let mut signs = vec![[true; 2]; self.of.len()];
        let mut start = self.persons.len() as u32;
        for table in &self.joined {
            let finest_of = finest_of(&table.cells_of, table.disclosed.len());
            let mut parts_of: Vec<Vec<u32>> = vec![Vec::new(); table.cells_of.len()];
            for (inner, finest) in table.finest.iter().enumerate() {
                if *finest != NOWHERE {
                    parts_of[*finest as usize].push(inner as u32);
                    let [negative, positive] = &mut signs[inner];
                    *negative &= table.signs[*finest as usize] != Signs::NonNegative;
                    *positive &= table.signs[*finest as usize] != Signs::NonPositive;
                }
            }
            let members = |finest: &[u32]| -> Vec<u32> {
                let members = finest.iter().flat_map(|finest| &parts_of[*finest as usize]);
                let mut members: Vec<u32> = members.copied().collect();
                members.sort_unstable();
                members
            };
            let of_finest = table.singletons.iter().zip(&finest_of);
            let of_finest: Vec<(Fingerprint, Vec<u32>)> = of_finest
                .filter_map(|(who, finest)| Some(((*who)?, finest.clone())))
                .collect();
            singletons.extend(
                of_finest
                    .iter()
                    .map(|(who, finest)| (*who, members(finest))),
            );
            let known = table.margin.iter().flat_map(|margin| &margin.floors);
            floors.extend(known.map(|(finest, least)| (members(finest), *least)));
            for (cell, finest) in finest_of.iter().enumerate() {
                let members = members(finest);
                let Some(published) = table.disclosed[cell].filter(|_| !members.is_empty()) else {
                    continue;
                };
                let mut held: BTreeMap<u32, usize> = BTreeMap::new();
                for inner in &members {
                    *held.entry(self.of[*inner as usize]).or_default() += 1;
                }
                let whole = held
                    .iter()
                    .all(|(of, count)| parts[*of as usize].len() == *count);
                same.push(FurtherCell {
                    origin: FurtherFrom::Release(table.release),
                    published,
                    unsafe_sum: table.unsafe_sums[cell],
                    least: table.least[cell],
                    promise: table.promise,
                    inner: finest.iter().map(|finest| start + finest).collect(),
                    members,
                    whole: whole.then(|| held.into_keys().collect()),
                    may_have_changed: table.changed,
                });
            }
            // What the earlier table has no cell for, nobody is in; and everybody knows.
            let nowhere = table.finest.iter().enumerate();
            for (part, _) in nowhere.filter(|(_, finest)| **finest == NOWHERE) {
                let of = self.of[part];
                same.push(FurtherCell {
                    origin: FurtherFrom::Release(table.release),
                    published: Some(0),
                    unsafe_sum: None,
                    least: 0,
                    promise: table.promise,
                    // Of a part of a cell that somebody is in no inner cell says so.
                    inner: match self.persons[of as usize] {
                        0 => vec![of],
                        _ => Vec::new(),
                    },
                    members: vec![part as u32],
                    whole: (parts[of as usize].len() == 1).then(|| vec![of]),
                    may_have_changed: table.changed,
                });
            }
            start += table.cells_of.len() as u32;
            tables.extend(
                table
                    .margin
                    .as_ref()
                    .map(|margin| (margin, &table.finest[..], of_finest)),
            );
        }
        let said = self.said_by_sums();
        let joint = self
            .links
            .as_ref()
            .filter(|_| self.of.len() > self.persons.len());
        let joint = joint.map(|links| {
            let mut margins = margins((&self.of, self.persons.len()), links, tables);
            margins
                .floors
                .extend(said.iter().map(|(_, on_margins)| on_margins.clone()));
            margins.lacking = self.lacking_before();
            margins
        });
        floors.extend(said.into_iter().map(|(on_parts, _)| on_parts));
        Joined {
            cells: same,
            singletons,
            floors,
            // These come from rows of the same cells.
            ceilings: Vec::new(),
            signs,
            joint,
            of: self.of,
        }
    }
}

fn contradicts(release: u64, table: &TableEntry) -> Error {
    let rule = format!(
        "{} has no cell for some of the same rows in its table `{}`: that table's dimensions do not fit this table",
        release_named(release),
        table.name
    );
    Error::new(ErrorKind::Protection, rule).help(match release {
        THIS_RELEASE => "the same categories in both tables; or `method = \"cell-key\"`",
        _ => "the categories of that release, or all tables in one plan; or `method = \"cell-key\"`, which does not need the ledger",
    })
}

fn too_many(release: u64, table: &TableEntry) -> Error {
    let most = counted(MOST_INNER as u64, "inner cell");
    let rule = format!(
        "together with the table `{}` of {} there are more than {most}",
        table.name,
        release_named(release)
    );
    Error::new(ErrorKind::Protection, rule).help("fewer dimensions that it does not have")
}
