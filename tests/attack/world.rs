//! Small worlds: a register, and the tables that a plan asks of it.

use std::collections::BTreeMap;

use crate::draw::Draw;

/// How the names of a dimension's categories are known beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// They come from the register.
    Undeclared,
    /// The plan lists them.
    Categories,
    /// The plan maps the register's values to them.
    Map,
    /// True and false.
    Boolean,
    /// Whether the person has a row in the register of amounts.
    Matched,
}

/// How a coarser level is made.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Coarser {
    /// The first character.
    Prefix,
    Map(BTreeMap<String, String>),
}

#[derive(Debug, Clone)]
pub(crate) struct Dim {
    pub(crate) name: String,
    pub(crate) naming: Naming,
    /// Its categories as the register names them.
    pub(crate) names: Vec<String>,
    pub(crate) level: Option<Coarser>,
}

impl Dim {
    /// The level's name.
    pub(crate) fn level_name(&self) -> String {
        format!("{}_group", self.name)
    }

    /// Whether the plan itself names the categories.
    pub(crate) fn is_declared(&self) -> bool {
        self.naming != Naming::Undeclared
    }
}

/// A row of the register.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) person: u64,
    /// For each dimension the place of its category; `None` where it is missing.
    pub(crate) at: Vec<Option<usize>>,
    /// Which of the conditions it satisfies.
    pub(crate) satisfies: Vec<bool>,
    /// `None` where there is none.
    pub(crate) amount: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    Persons,
    Rows,
    Sum,
    Mean,
    /// Persons who satisfy a condition, by its place.
    Where(usize),
    /// The share of a condition's count in all persons, in percent.
    Share(usize),
}

impl Measure {
    pub(crate) fn name(self) -> String {
        match self {
            Self::Persons => "persons".to_owned(),
            Self::Rows => "rows".to_owned(),
            Self::Sum => "total_amount".to_owned(),
            Self::Mean => "mean_amount".to_owned(),
            Self::Where(condition) => format!("satisfy{condition}"),
            Self::Share(condition) => format!("share{condition}"),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Margins {
    All(bool),
    By(Vec<Vec<usize>>),
}

/// A rule of concentration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Rule {
    /// n, and k in percent.
    Dominance(usize, u32),
    /// p in percent.
    PPercent(u32),
    /// p and q in percent.
    PriorPosterior(u32, u32),
}

/// How many values an unsafe number of persons keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interval {
    Least(u64),
    Full,
}

#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) name: String,
    /// Places of its dimensions among the register's.
    pub(crate) by: Vec<usize>,
    /// For each, whether its level is published too.
    pub(crate) levels: Vec<bool>,
    pub(crate) margins: Margins,
    pub(crate) measures: Vec<Measure>,
    pub(crate) min_persons: u64,
    pub(crate) rules: Vec<Rule>,
    /// Places among `by`.
    pub(crate) sensitive: Vec<usize>,
    pub(crate) sensitive_conditions: Vec<usize>,
    /// Cells published although they are unsafe: a category for each dimension.
    pub(crate) exceptions: Vec<Vec<String>>,
    pub(crate) interval: Interval,
}

#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) dims: Vec<Dim>,
    pub(crate) conditions: usize,
    pub(crate) rows: Vec<Row>,
    /// Whether a person may have several rows.
    pub(crate) many: bool,
    /// Whether not everybody has an amount.
    pub(crate) lacks: bool,
    /// Whether amounts are in a register of their own.
    pub(crate) apart: bool,
    pub(crate) tables: Vec<Table>,
}

/// The most inner cells that a register is drawn by.
const MOST_CELLS: usize = 48;

impl World {
    /// The world of a seed.
    pub(crate) fn drawn(seed: u64) -> Self {
        let mut draw = Draw::new(seed);
        let draw = &mut draw;
        let many = draw.chance(15);
        let dims = dims(draw, if many { MOST_CELLS / 3 } else { MOST_CELLS });
        let money = draw.chance(45);
        let conditions = match !many && draw.chance(40) {
            true => draw.from(1, 2),
            false => 0,
        };
        let negative = money && draw.chance(25);
        let rows = rows(draw, &dims, conditions, many, negative);
        let mut world = Self {
            seed,
            dims,
            conditions,
            rows,
            many,
            lacks: false,
            apart: false,
            tables: Vec::new(),
        };
        if money && !many {
            // By numbers of its own, so that all other worlds are as they were.
            world.may_lack(&mut Draw::new(seed ^ 0x1ac4));
        }
        let all: Vec<usize> = (0..world.dims.len()).collect();
        match draw.chance(25) {
            false => {
                let table = world.table(draw, "t", all, money);
                world.tables.push(table);
            }
            true => {
                let (one, other) = two_views(draw, &all);
                let one = world.table(draw, "t", one, money);
                world.tables.push(one);
                let other = world.table(draw, "u", other, money);
                world.tables.push(other);
            }
        }
        world
    }

    /// In some worlds not everybody has an amount: it is missing, or in another register.
    fn may_lack(&mut self, draw: &mut Draw) {
        if !draw.chance(40) {
            return;
        }
        self.lacks = true;
        let often = draw.pick(&[3, 10, 40]);
        for row in &mut self.rows {
            row.amount = row.amount.filter(|_| !draw.chance(often));
        }
        self.apart = draw.chance(60);
        let cells: usize = self.dims.iter().map(|dim| dim.names.len()).product();
        if self.apart && cells <= MOST_CELLS / 2 && draw.chance(60) {
            self.dims.push(Dim {
                name: format!("d{}", self.dims.len()),
                naming: Naming::Matched,
                names: vec!["false".to_owned(), "true".to_owned()],
                level: None,
            });
            self.rows.iter_mut().for_each(|row| row.at.push(None));
            self.settle();
        }
    }

    /// Has rows say whether they have an amount, where a dimension does.
    pub(crate) fn settle(&mut self) {
        if let Some(at) = self.matched() {
            let rows = self.rows.iter_mut();
            rows.for_each(|row| row.at[at] = Some(usize::from(row.amount.is_some())));
        }
    }

    /// The dimension that says whether there is an amount.
    pub(crate) fn matched(&self) -> Option<usize> {
        let mut dims = self.dims.iter();
        dims.position(|dim| dim.naming == Naming::Matched)
    }

    fn table(&self, draw: &mut Draw, name: &str, by: Vec<usize>, money: bool) -> Table {
        let levels: Vec<bool> = by
            .iter()
            .map(|dim| self.dims[*dim].level.is_some() && draw.chance(60))
            .collect();
        let margins = match draw.below(10) {
            0..=2 => Margins::All(false),
            3..=6 => Margins::All(true),
            _ => {
                let subsets = 1usize << by.len();
                let mut listed: Vec<usize> = (0..subsets - 1).collect();
                listed.retain(|_| draw.chance(45));
                let lists = listed.into_iter().map(|bits| {
                    let places = by.iter().enumerate();
                    let in_it = places.filter(|(at, _)| bits >> at & 1 == 1);
                    in_it.map(|(_, dim)| *dim).collect()
                });
                Margins::By(lists.collect())
            }
        };
        let mut measures = vec![Measure::Persons];
        if self.many && draw.chance(70) {
            measures.push(Measure::Rows);
        }
        if money {
            match draw.below(5) {
                0 => measures.push(Measure::Mean),
                1 => measures.extend([Measure::Sum, Measure::Mean]),
                _ => measures.push(Measure::Sum),
            }
            if draw.chance(25) {
                measures.retain(|measure| *measure != Measure::Persons);
            }
        }
        for condition in 0..self.conditions {
            // Every column of the register is used by some table.
            if name == "t" || draw.chance(60) {
                measures.push(Measure::Where(condition));
                if measures.contains(&Measure::Persons) && draw.chance(30) {
                    measures.push(Measure::Share(condition));
                }
            }
        }
        let min_persons = draw.pick(&[3, 3, 3, 4, 5, 5, 7, 10]);
        let concentrates = money || measures.contains(&Measure::Rows) && draw.chance(30);
        let rules = match concentrates {
            false => Vec::new(),
            true => vec![match draw.below(5) {
                0 => Rule::Dominance(1, 75),
                1 => Rule::Dominance(2, 85),
                2 => Rule::PriorPosterior(10, 40),
                _ => Rule::PPercent(draw.pick(&[10, 20])),
            }],
        };
        let sensitive = match draw.chance(12) {
            true => vec![draw.below(by.len())],
            false => Vec::new(),
        };
        let conditional = measures.iter().filter_map(|measure| match measure {
            Measure::Where(condition) => Some(*condition),
            _ => None,
        });
        let sensitive_conditions = conditional.filter(|_| draw.chance(20)).collect();
        let exceptions = match draw.chance(8) {
            true => self.exception(draw, &by).into_iter().collect(),
            false => Vec::new(),
        };
        let interval = draw.pick(&[
            Interval::Least(3),
            Interval::Least(3),
            Interval::Least(4),
            Interval::Full,
        ]);
        Table {
            name: name.to_owned(),
            by,
            levels,
            margins,
            measures,
            min_persons,
            rules,
            sensitive,
            sensitive_conditions,
            exceptions,
            interval,
        }
    }

    /// A cell of few persons, of names that are published in any case.
    fn exception(&self, draw: &mut Draw, by: &[usize]) -> Option<Vec<String>> {
        let common = |dim: usize, at: usize| {
            self.dims[dim].is_declared()
                || self
                    .rows
                    .iter()
                    .filter(|row| row.at[dim] == Some(at))
                    .count()
                    > 20
        };
        let row = &self.rows[draw.below(self.rows.len())];
        by.iter()
            .map(|dim| {
                let at = row.at[*dim].filter(|at| common(*dim, *at))?;
                Some(self.dims[*dim].names[at].clone())
            })
            .collect()
    }

    /// Whether anybody contributes less than nothing.
    pub(crate) fn has_negative(&self) -> bool {
        self.rows
            .iter()
            .any(|row| row.amount.is_some_and(|amount| amount < 0))
    }

    pub(crate) fn measures(&self, measure: Measure) -> bool {
        self.tables
            .iter()
            .any(|table| table.measures.contains(&measure))
    }

    /// Whether any table has sums or means.
    pub(crate) fn has_money(&self) -> bool {
        self.measures(Measure::Sum) || self.measures(Measure::Mean)
    }
}

/// Two overlapping lists of dimensions that have all of them.
fn two_views(draw: &mut Draw, all: &[usize]) -> (Vec<usize>, Vec<usize>) {
    let mut one = all.to_vec();
    let mut other = all.to_vec();
    let drop = draw.below(all.len());
    other.remove(drop);
    if draw.chance(60) && all.len() > 2 {
        let mut dropped = draw.below(all.len());
        while dropped == drop {
            dropped = draw.below(all.len());
        }
        one.remove(dropped);
    }
    (one, other)
}

fn dims(draw: &mut Draw, most: usize) -> Vec<Dim> {
    let count = draw.pick(&[2, 2, 2, 3, 3, 4]);
    let mut cells = 1;
    let mut dims = Vec::new();
    for at in 0..count {
        let naming = match draw.below(7) {
            0 => Naming::Map,
            1 => Naming::Boolean,
            2..=4 => Naming::Undeclared,
            _ => Naming::Categories,
        };
        let left = (most / cells / 2usize.pow((count - at - 1) as u32)).clamp(2, 5);
        let size = match naming {
            Naming::Boolean => 2,
            _ => draw.from(2, left),
        };
        cells *= size;
        let names: Vec<String> = match naming {
            Naming::Boolean => vec!["false".to_owned(), "true".to_owned()],
            _ => (0..size)
                .map(|name| format!("{}{name}", if name < size.div_ceil(2) { 'p' } else { 'q' }))
                .collect(),
        };
        let level = match naming {
            Naming::Boolean => None,
            _ if size < 3 || draw.chance(50) => None,
            _ if draw.chance(50) => Some(Coarser::Prefix),
            _ => {
                let groups = names.iter().enumerate();
                let groups = groups.map(|(at, name)| (name.clone(), format!("g{}", at % 2)));
                Some(Coarser::Map(groups.collect()))
            }
        };
        dims.push(Dim {
            name: format!("d{at}"),
            naming,
            names,
            level,
        });
    }
    dims
}

/// Persons in every combination: many ones, twos and zeros beside larger cells.
fn rows(draw: &mut Draw, dims: &[Dim], conditions: usize, many: bool, negative: bool) -> Vec<Row> {
    let cells: usize = dims.iter().map(|dim| dim.names.len()).product();
    let sparse = draw.from(10, 45);
    let large = draw.from(15, 60);
    let missing = draw.chance(8).then(|| draw.below(dims.len()));
    let mut rows = Vec::new();
    let mut person = 0;
    let often: Vec<usize> = (0..conditions)
        .map(|_| draw.pick(&[5, 15, 50, 85, 96]))
        .collect();
    for cell in 0..cells {
        let mut rest = cell;
        let at: Vec<Option<usize>> = dims
            .iter()
            .map(|dim| {
                let at = rest % dim.names.len();
                rest /= dim.names.len();
                Some(at)
            })
            .collect();
        let persons = match draw.below(100) {
            one if one < large => draw.pick(&[5, 8, 12, 15, 20, 30]) + draw.below(5),
            other if other < large + sparse => 0,
            _ => draw.pick(&[1, 1, 1, 1, 2, 2, 2, 3, 4]),
        };
        for _ in 0..persons {
            person += 1;
            let times = match many && draw.chance(40) {
                true => draw.from(2, 3),
                false => 1,
            };
            for time in 0..times {
                let mut at = at.clone();
                if time > 0 {
                    // The person has rows in other cells too.
                    let dim = draw.below(dims.len());
                    at[dim] = Some(draw.below(dims[dim].names.len()));
                }
                if let Some(dim) = missing
                    && draw.chance(4)
                {
                    at[dim] = None;
                }
                let satisfies = often.iter().map(|often| draw.chance(*often)).collect();
                rows.push(Row {
                    person,
                    at,
                    satisfies,
                    amount: Some(amount(draw, negative)),
                });
            }
        }
    }
    if rows.is_empty() {
        let at = dims.iter().map(|_| Some(0)).collect();
        let satisfies = vec![false; conditions];
        rows.push(Row {
            person: 1,
            at,
            satisfies,
            amount: Some(10),
        });
    }
    rows
}

/// Mostly alike, some ten or a hundred times as much, some nothing.
fn amount(draw: &mut Draw, negative: bool) -> i64 {
    let size = match draw.below(20) {
        0 => 0,
        1 => draw.from(2_000, 9_000),
        2 => draw.from(10_000, 40_000),
        _ => draw.from(100, 600),
    } as i64;
    match negative && draw.chance(15) {
        true => -size,
        false => size,
    }
}
