//! The inner cells that all figures about the same rows are sums of.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::draw::Draw;
use crate::names::{Floor, Names, RARE, is_all_below, may_be_below};
use crate::published::{Grain, MISSING, Published};
use crate::world::{Coarser, Row, World};

/// A set of inner cells that a line of a table is about.
#[derive(Debug)]
pub(crate) struct Set {
    /// For each inner cell, whether it is a member.
    pub(crate) members: Vec<bool>,
    pub(crate) persons: Vec<Member>,
}

/// A person in a set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    pub(crate) person: u64,
    /// Its amounts, added up; `None` where it has none.
    pub(crate) amount: Option<i64>,
    pub(crate) rows: u64,
    /// The conditions that it satisfies, and whether it has an amount.
    pub(crate) pattern: usize,
}

impl Set {
    /// Persons who satisfy a condition.
    pub(crate) fn satisfying(&self, condition: usize) -> u64 {
        self.persons
            .iter()
            .filter(|person| person.pattern >> condition & 1 == 1)
            .count() as u64
    }

    pub(crate) fn count(&self) -> u64 {
        self.persons.len() as u64
    }

    /// Rows with an amount.
    pub(crate) fn contributing(&self) -> u64 {
        let persons = self.persons.iter();
        let those = persons.filter(|person| person.amount.is_some());
        those.map(|person| person.rows).sum()
    }

    pub(crate) fn sum(&self) -> i64 {
        self.persons.iter().filter_map(|person| person.amount).sum()
    }

    /// Those who have an amount, with it.
    pub(crate) fn contributors(&self) -> impl Iterator<Item = (u64, i64)> + '_ {
        let persons = self.persons.iter();
        persons.filter_map(|person| Some((person.person, person.amount?)))
    }
}

/// Who is in an inner cell, with one pattern of conditions.
pub(crate) struct Inhabitants {
    pub(crate) class: usize,
    /// Each with the number of its rows there.
    pub(crate) persons: Vec<(u64, usize)>,
    /// Whether it is a single one, also of those with an amount and those without together.
    pub(crate) one: bool,
}

/// All that figures are about.
pub(crate) struct Cells {
    pub(crate) count: usize,
    /// How many patterns of conditions there are; the last one is that there is an amount, where
    /// not everybody has one.
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
    /// Those with an amount, where not everybody has one.
    pub(crate) with_amount: BTreeSet<usize>,
    /// Those that nobody can be in: with an amount and none, as a dimension says.
    pub(crate) impossible: BTreeSet<usize>,
    /// Rows of the register, each with its inner cell.
    pub(crate) at: Vec<usize>,
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
        let bits = world.conditions + usize::from(world.lacks);
        let mut cells = Self {
            count,
            patterns: 1 << bits,
            sets: Vec::new(),
            of_line: Vec::new(),
            of_name: Vec::new(),
            class: Vec::new(),
            classes: 0,
            with_amount: BTreeSet::new(),
            impossible: BTreeSet::new(),
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
        cells.classify(bits);
        let with_amount = (0..cells.class.len()).filter(|place| {
            let pattern = place % cells.patterns;
            world.lacks && pattern >> world.conditions & 1 == 1
        });
        cells.with_amount = with_amount.map(|place| cells.class[place]).collect();
        let matched = dims.iter().position(|dim| Some(*dim) == world.matched());
        if let Some(place) = matched {
            for cell in 0..count {
                let names = joint[place][coordinate(cell, place)].iter();
                let is_matched = names.clone().any(|name| name.0 == "true");
                for pattern in 0..cells.patterns {
                    if is_matched != (pattern >> world.conditions & 1 == 1) {
                        cells
                            .impossible
                            .insert(cells.class[cell * cells.patterns + pattern]);
                    }
                }
            }
        }
        Ok(cells)
    }

    fn persons(&self, world: &World, members: &[bool]) -> Vec<Member> {
        let mut persons: Vec<Member> = Vec::new();
        let rows = world.rows.iter().zip(&self.at);
        // Rows of a person follow each other.
        for (row, _) in rows.filter(|(_, at)| members[**at]) {
            let pattern = pattern(world, row);
            match persons.last_mut().filter(|last| last.person == row.person) {
                Some(last) => {
                    last.amount = last
                        .amount
                        .map(|sum| sum + row.amount.unwrap_or(0))
                        .or(row.amount);
                    last.rows += 1;
                    last.pattern |= pattern;
                }
                None => persons.push(Member {
                    person: row.person,
                    amount: row.amount,
                    rows: 1,
                    pattern,
                }),
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
        self.class[self.at[row] * self.patterns + pattern(world, &world.rows[row])]
    }

    /// By inner cell and pattern that anybody is in.
    pub(crate) fn inhabitants(&self, world: &World) -> Vec<Inhabitants> {
        let mut persons: BTreeMap<usize, BTreeMap<u64, usize>> = BTreeMap::new();
        let conditions = 1 << world.conditions;
        // That nobody else there has an amount, nobody knows.
        let mut by_conditions: BTreeMap<(usize, usize), BTreeSet<u64>> = BTreeMap::new();
        for (row, at) in world.rows.iter().zip(&self.at) {
            let pattern = pattern(world, row);
            let place = at * self.patterns + pattern;
            let rows = persons.entry(place).or_default();
            *rows.entry(row.person).or_default() += 1;
            let together = by_conditions
                .entry((*at, pattern % conditions))
                .or_default();
            together.insert(row.person);
        }
        let inhabitants = persons.into_iter().map(|(place, persons)| {
            let (at, pattern) = (place / self.patterns, place % self.patterns);
            Inhabitants {
                class: self.class[place],
                persons: persons.into_iter().collect(),
                one: by_conditions[&(at, pattern % conditions)].len() == 1,
            }
        });
        inhabitants.collect()
    }

    /// How many inner cells each class has.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        let mut sizes = vec![0; self.classes];
        self.class.iter().for_each(|class| sizes[*class] += 1);
        sizes
    }
}

fn pattern(world: &World, row: &Row) -> usize {
    let has = world.lacks && row.amount.is_some();
    let bits = row.satisfies.iter().chain([&has]).enumerate();
    bits.map(|(at, satisfies)| usize::from(*satisfies) << at)
        .sum()
}
