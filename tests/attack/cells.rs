//! The inner cells that all figures about the same rows are sums of.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::draw::Draw;
use crate::published::{Grain, MISSING, Published};
use crate::world::{Coarser, Dim, World};

/// What rare names are called together; with levels, one for each parent.
pub(crate) const RARE: &str = "other";

/// A set of inner cells that a line of a table is about.
#[derive(Debug)]
pub(crate) struct Set {
    /// For each inner cell, whether it is a member.
    pub(crate) members: Vec<bool>,
    /// The persons of it, each with its amounts added up, its rows, and the
    /// conditions that it satisfies.
    pub(crate) persons: Vec<(u64, i64, u64, usize)>,
}

impl Set {
    /// Persons who satisfy a condition.
    pub(crate) fn satisfying(&self, condition: usize) -> u64 {
        self.persons
            .iter()
            .filter(|person| person.3 >> condition & 1 == 1)
            .count() as u64
    }

    pub(crate) fn count(&self) -> u64 {
        self.persons.len() as u64
    }

    pub(crate) fn rows(&self) -> u64 {
        self.persons.iter().map(|person| person.2).sum()
    }

    pub(crate) fn sum(&self) -> i64 {
        self.persons.iter().map(|person| person.1).sum()
    }
}

/// All that figures are about.
pub(crate) struct Cells {
    pub(crate) count: usize,
    /// How many patterns of conditions there are.
    pub(crate) patterns: usize,
    pub(crate) sets: Vec<Set>,
    /// For each table and line, its set.
    pub(crate) of_line: Vec<Vec<usize>>,
    /// For each table, its sets of all cells of one published name; with whether
    /// the name is one that the plan does not declare, and persons must have.
    pub(crate) of_name: Vec<Vec<(usize, Floor)>>,
    /// Inner cells times patterns, each with the class that no figure
    /// distinguishes it from.
    pub(crate) class: Vec<usize>,
    pub(crate) classes: usize,
    /// Rows of the register, each with its inner cell.
    pub(crate) at: Vec<usize>,
}

/// What the listing of a name says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Floor {
    /// Nothing: the plan declares it.
    Declared,
    /// At least `min_persons` persons have it.
    Frequent,
    /// Somebody has it.
    Somebody,
    /// Nobody has it: it is for what the plan does not list, and who knows that there is
    /// nothing else knows that.
    Nobody,
}

/// Whether `name` is that of the rare categories below one that the plan declares, and none
/// of the `own` names but it is below that one.
fn is_all_below(dim: &Dim, name: &str, own: &BTreeSet<&str>) -> bool {
    let above = name.strip_prefix(RARE).and_then(|rest| {
        let above = rest.strip_prefix(" (")?;
        above.strip_suffix(')')
    });
    let is_declared = matches!(dim.level, Some(Coarser::Map(_)));
    above.is_some_and(|above| {
        is_declared
            && !own
                .iter()
                .any(|own| *own != name && parent(dim, own) == above)
    })
}

/// Whether a value that no table names can be called so in each table: one below a category
/// that the plan declares is one that the plan puts there.
fn may_be_below(
    dim: &Dim,
    rare: &str,
    in_tables: &[Option<Names<'_>>],
    in_each: &[(String, String)],
) -> bool {
    let Some(Coarser::Map(map)) = &dim.level else {
        return true;
    };
    let is_called = |value: &String| {
        let mut each = in_tables.iter().zip(in_each);
        each.all(|(listed, (own, level))| {
            listed.as_ref().is_none_or(|listed| {
                let called = listed.of(dim, value);
                // Where a table has no levels, nothing is called by them.
                called.0 == *own && (listed.level.is_empty() || called.1 == *level)
            })
        })
    };
    !rare.starts_with("other (") || map.keys().any(is_called)
}

/// The category that the plan puts a value in, at the level of its dimension.
fn parent(dim: &Dim, value: &str) -> String {
    if value == MISSING {
        return MISSING.to_owned();
    }
    match dim.level.as_ref() {
        Some(Coarser::Prefix) => value.chars().take(1).collect(),
        Some(Coarser::Map(map)) => map
            .get(value)
            .cloned()
            .unwrap_or_else(|| MISSING.to_owned()),
        None => MISSING.to_owned(),
    }
}

/// The names of a dimension in a table.
struct Names<'a> {
    own: BTreeSet<&'a str>,
    level: BTreeSet<&'a str>,
}

impl Names<'_> {
    /// What the table calls a value of the register, by itself and at the level.
    fn of(&self, dim: &Dim, value: &str) -> (String, String) {
        let group = parent(dim, value);
        let level = match self.level.contains(group.as_str()) || group == MISSING {
            true => group,
            false => RARE.to_owned(),
        };
        let of_level = format!("{RARE} ({level})");
        let own = match value {
            listed if self.own.contains(listed) => listed.to_owned(),
            _ if self.own.contains(of_level.as_str()) => of_level,
            _ => RARE.to_owned(),
        };
        (own, level)
    }

    /// What it calls a value that no table names; none if it has no place for it.
    fn of_rare(&self, rare: &str) -> Option<(String, String)> {
        let group = rare
            .strip_prefix("other (")
            .map(|group| group.trim_end_matches(')'));
        let own = match group {
            Some(_) if self.own.contains(rare) => rare,
            _ => RARE,
        };
        let level = match group {
            Some(group) => group.to_owned(),
            None if self.level.contains(RARE) => RARE.to_owned(),
            // A coarser level by the first character.
            None => RARE.chars().take(1).collect(),
        };
        self.own.contains(own).then(|| (own.to_owned(), level))
    }
}

impl Cells {
    /// # Errors
    ///
    /// What is wrong with the listing, if the true rows do not fit it.
    pub(crate) fn new(world: &World, tables: &[Published]) -> Result<Self, String> {
        let dims: Vec<usize> = (0..world.dims.len())
            .filter(|dim| world.tables.iter().any(|table| table.by.contains(dim)))
            .collect();
        // By dimension and table: the names that are listed.
        let listed = |dim: usize, table: usize| -> Option<Names<'_>> {
            let place = world.tables[table].by.iter().position(|by| *by == dim)?;
            let at = |grain: Grain| {
                let lines = tables[table].lines.iter().map(|line| &line.at[place]);
                lines
                    .filter(|at| at.0 == grain)
                    .map(|at| at.1.as_str())
                    .collect()
            };
            Some(Names {
                own: at(Grain::Own),
                level: at(Grain::Level),
            })
        };
        // For each category that any table distinguishes, its names in each.
        let mut joint: Vec<Vec<Vec<(String, String)>>> = Vec::new();
        let mut places: Vec<HashMap<String, usize>> = Vec::new();
        for &dim in &dims {
            let in_tables: Vec<Option<Names<'_>>> =
                (0..tables.len()).map(|table| listed(dim, table)).collect();
            let names = in_tables.iter().flatten().flat_map(|names| &names.own);
            let mut values: BTreeSet<&str> = names
                .copied()
                .filter(|name| !name.starts_with(RARE))
                .collect();
            let raw = world.dims[dim].names.iter().map(String::as_str);
            let present = world.rows.iter().map(|row| row.at[dim]);
            let present: BTreeSet<Option<usize>> = present.collect();
            values.extend(
                raw.enumerate()
                    .filter(|(at, _)| present.contains(&Some(*at)))
                    .map(|(_, raw)| raw),
            );
            if present.contains(&None) {
                values.insert(MISSING);
            }
            let mut names: Vec<Vec<(String, String)>> = Vec::new();
            let mut place = HashMap::new();
            for value in values {
                let in_each: Vec<(String, String)> = in_tables
                    .iter()
                    .map(|listed| match listed {
                        Some(listed) => listed.of(&world.dims[dim], value),
                        None => (String::new(), String::new()),
                    })
                    .collect();
                let mut both = in_each.iter().zip(&in_tables);
                if both.any(|(name, listed)| {
                    listed
                        .as_ref()
                        .is_some_and(|listed| !listed.own.contains(name.0.as_str()))
                }) {
                    let dim = &world.dims[dim].name;
                    return Err(format!("{dim}: a value has no place in the listing"));
                }
                let at = names.iter().position(|other| *other == in_each);
                let at = at.unwrap_or_else(|| {
                    names.push(in_each);
                    names.len() - 1
                });
                place.insert(value.to_owned(), at);
            }
            // Values that no table names, as far as all have a place for them.
            let rare = in_tables.iter().flatten().flat_map(|names| &names.own);
            for rare in rare.filter(|name| name.starts_with(RARE)) {
                let in_each = in_tables.iter().map(|listed| match listed {
                    Some(listed) => listed.of_rare(rare),
                    None => Some((String::new(), String::new())),
                });
                if let Some(in_each) = in_each.collect::<Option<Vec<_>>>()
                    && !names.contains(&in_each)
                    && may_be_below(&world.dims[dim], rare, &in_tables, &in_each)
                {
                    names.push(in_each);
                }
            }
            joint.push(names);
            places.push(place);
        }
        let count: usize = joint.iter().map(Vec::len).product();
        let coordinate = |cell: usize, dim: usize| {
            let before: usize = joint[..dim].iter().map(Vec::len).product();
            cell / before % joint[dim].len()
        };
        let at: Vec<usize> = world
            .rows
            .iter()
            .map(|row| {
                let (mut cell, mut factor) = (0, 1);
                for (place, &dim) in dims.iter().enumerate() {
                    let value = match row.at[dim] {
                        Some(at) => world.dims[dim].names[at].as_str(),
                        None => MISSING,
                    };
                    cell += factor * places[place][value];
                    factor *= joint[place].len();
                }
                cell
            })
            .collect();
        let mut cells = Self {
            count,
            patterns: 1 << world.conditions,
            sets: Vec::new(),
            of_line: Vec::new(),
            of_name: Vec::new(),
            class: Vec::new(),
            classes: 0,
            at,
        };
        let mut known: HashMap<Vec<bool>, usize> = HashMap::new();
        for (number, (table, published)) in world.tables.iter().zip(tables).enumerate() {
            let is_in = |cell: usize, at: &[(Grain, String)]| {
                table.by.iter().zip(at).all(|(dim, (grain, name))| {
                    let place = dims
                        .iter()
                        .position(|other| other == dim)
                        .expect("it is used");
                    let (own, level) = &joint[place][coordinate(cell, place)][number];
                    match grain {
                        Grain::Total => true,
                        Grain::Own => own == name,
                        Grain::Level => level == name,
                    }
                })
            };
            let mut set = |at: &[(Grain, String)]| {
                let members: Vec<bool> = (0..count).map(|cell| is_in(cell, at)).collect();
                *known.entry(members.clone()).or_insert_with(|| {
                    let persons = cells.persons(world, &members);
                    cells.sets.push(Set { members, persons });
                    cells.sets.len() - 1
                })
            };
            let of_line = published.lines.iter().map(|line| set(&line.at)).collect();
            let mut of_name = Vec::new();
            for (place, dim) in table.by.iter().enumerate() {
                let Some(names) = listed(*dim, number) else {
                    continue;
                };
                let is_sensitive = world.tables.iter().any(|table| {
                    let mut sensitive = table.sensitive.iter();
                    sensitive.any(|place| table.by[*place] == *dim)
                });
                let dim = &world.dims[*dim];
                let own = names
                    .own
                    .iter()
                    .map(|name| (Grain::Own, *name, dim.is_declared()));
                let declared = dim.is_declared() || matches!(dim.level, Some(Coarser::Map(_)));
                let level = names
                    .level
                    .iter()
                    .map(|name| (Grain::Level, *name, declared));
                for (grain, name, declared) in own.chain(level) {
                    let mut at: Vec<(Grain, String)> = table
                        .by
                        .iter()
                        .map(|_| (Grain::Total, String::new()))
                        .collect();
                    at[place] = (grain, name.to_owned());
                    let floor = match name {
                        MISSING => Floor::Somebody,
                        // Where it is sensitive what somebody has, that is none's knowledge.
                        RARE if declared && !is_sensitive => Floor::Nobody,
                        // One that the plan says to be there has some category below it anyway.
                        name if is_all_below(dim, name, &names.own) => Floor::Declared,
                        name if name.starts_with(RARE) && !dim.is_declared() => Floor::Somebody,
                        _ if declared => Floor::Declared,
                        _ => Floor::Frequent,
                    };
                    of_name.push((set(&at), floor));
                }
            }
            for (set, floor) in &mut of_name {
                if *floor == Floor::Nobody && cells.sets[*set].count() > 0 {
                    *floor = Floor::Somebody;
                }
            }
            cells.of_line.push(of_line);
            cells.of_name.push(of_name);
        }
        cells.classify(world.conditions);
        Ok(cells)
    }

    fn persons(&self, world: &World, members: &[bool]) -> Vec<(u64, i64, u64, usize)> {
        let mut persons: Vec<(u64, i64, u64, usize)> = Vec::new();
        let rows = world.rows.iter().zip(&self.at);
        // Rows of a person follow each other.
        for (row, _) in rows.filter(|(_, at)| members[**at]) {
            let pattern = pattern(&row.satisfies);
            match persons.last_mut().filter(|last| last.0 == row.person) {
                Some(last) => *last = (last.0, last.1 + row.amount, last.2 + 1, last.3 | pattern),
                None => persons.push((row.person, row.amount, 1, pattern)),
            }
        }
        persons
    }

    /// Cells that are in the same sets cannot be distinguished by any sum.
    fn classify(&mut self, conditions: usize) {
        let mut draw = Draw::new(7);
        let mut signs = vec![0u128; self.count * self.patterns];
        let mut mark = || u128::from(draw.next()) << 64 | u128::from(draw.next());
        for set in &self.sets {
            let marks: Vec<u128> = (0..=conditions).map(|_| mark()).collect();
            for (cell, _) in set.members.iter().enumerate().filter(|(_, is_in)| **is_in) {
                for pattern in 0..self.patterns {
                    let sign = &mut signs[cell * self.patterns + pattern];
                    *sign ^= marks[conditions];
                    for (condition, mark) in marks[..conditions].iter().enumerate() {
                        if pattern >> condition & 1 == 1 {
                            *sign ^= mark;
                        }
                    }
                }
            }
        }
        let mut known = HashMap::new();
        for sign in signs {
            let next = known.len();
            self.class.push(*known.entry(sign).or_insert(next));
        }
        self.classes = known.len();
    }

    /// The classes of a set, for those patterns that are asked for.
    pub(crate) fn classes_of(&self, set: usize, wanted: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut classes = BTreeSet::new();
        for (cell, _) in self.sets[set]
            .members
            .iter()
            .enumerate()
            .filter(|(_, is_in)| **is_in)
        {
            for pattern in (0..self.patterns).filter(|pattern| wanted(*pattern)) {
                classes.insert(self.class[cell * self.patterns + pattern]);
            }
        }
        classes.into_iter().collect()
    }

    /// The class of a row.
    pub(crate) fn class_of_row(&self, world: &World, row: usize) -> usize {
        self.class[self.at[row] * self.patterns + pattern(&world.rows[row].satisfies)]
    }

    /// By inner cell and pattern that anybody is in: its class, and the persons, each
    /// with the number of its rows there.
    pub(crate) fn inhabitants(&self, world: &World) -> Vec<(usize, Vec<(u64, usize)>)> {
        let mut inhabitants: BTreeMap<usize, BTreeMap<u64, usize>> = BTreeMap::new();
        for (row, at) in world.rows.iter().zip(&self.at) {
            let place = at * self.patterns + pattern(&row.satisfies);
            *inhabitants
                .entry(place)
                .or_default()
                .entry(row.person)
                .or_default() += 1;
        }
        let inhabitants = inhabitants.into_iter();
        inhabitants
            .map(|(place, persons)| (self.class[place], persons.into_iter().collect()))
            .collect()
    }

    /// How many inner cells each class has.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        let mut sizes = vec![0; self.classes];
        self.class.iter().for_each(|class| sizes[*class] += 1);
        sizes
    }
}

fn pattern(satisfies: &[bool]) -> usize {
    let bits = satisfies.iter().enumerate();
    bits.map(|(at, satisfies)| usize::from(*satisfies) << at)
        .sum()
}
