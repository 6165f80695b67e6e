//! Margins and levels: cells that are sums of finer cells.
//!
//! Where a person has one row, a coarser cell's figures are those of the finer
//! cells added up, the largest contributors too. Where a person may have
//! several, one person may be in many of the finer cells; then each grouping
//! is folded from the rows, as the finest one is.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::cells::by_place;
use super::{Accumulator, Dimension, Place};
use crate::column::{Labels, MISSING, NO_ORDINAL, Values};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::table::{Grain, Grouping, Level};
use crate::plan::{ColumnType, Date};

/// A level of a dimension, on the labels that the dimension has.
#[derive(Debug, Clone)]
pub(crate) struct LevelLabels {
    pub(crate) name: String,
    pub(crate) labels: Labels,
    /// For each code of the dimension the code of its category at this level;
    /// `None` if it has none.
    pub(super) of: Box<[Option<u32>]>,
}

impl LevelLabels {
    /// The levels of a dimension with these labels, each made of the one before.
    pub(super) fn all(levels: &[Level], labels: &Labels, rare: &str) -> Vec<Self> {
        let mut before: Vec<Option<String>> = labels.iter().cloned().map(Some).collect();
        let levels = levels.iter().map(|level| {
            let names = before.iter();
            let names = names.map(|name| level.coarser.of(name.as_deref()?, rare));
            let names: Vec<Option<String>> = names.collect();
            let mut labels: Vec<String> = names.iter().flatten().cloned().collect();
            labels.sort_unstable();
            labels.dedup();
            let code = |name: &String| labels.binary_search(name).ok().map(|code| code as u32);
            let of = names
                .iter()
                .map(|name| name.as_ref().and_then(code))
                .collect();
            before = names;
            Self {
                name: level.name.clone(),
                labels: labels.into(),
                of,
            }
        });
        levels.collect()
    }
}

impl Dimension {
    /// The labels of the categories that a grain distinguishes.
    pub(crate) fn labels_at(&self, grain: Grain) -> &[String] {
        match grain {
            Grain::Own => &self.labels,
            Grain::Level(level) => &self.levels[level].labels,
            Grain::Total => &[],
        }
    }

    /// What a release calls the category `ordinal` of a grain; `None` if it is missing.
    pub(crate) fn category(&self, grain: Grain, ordinal: i64) -> Option<String> {
        if ordinal == NO_ORDINAL {
            return None;
        }
        match (self.kind, grain) {
            (ColumnType::Category, _) => self.labels_at(grain).get(ordinal as usize).cloned(),
            (ColumnType::Boolean, _) => Some((ordinal == 1).to_string()),
            (ColumnType::Date, _) => Date::from_days(ordinal as i32).map(|day| day.to_string()),
            (ColumnType::Integer | ColumnType::Decimal { .. }, _) => Some(ordinal.to_string()),
        }
    }

    /// The ordinal that values of `ordinal` have at a grain. What is missing is
    /// missing at every level; a total has no ordinal.
    pub(crate) fn at(&self, grain: Grain, ordinal: i64) -> Result<i64> {
        match grain {
            Grain::Own => Ok(ordinal),
            Grain::Total => Ok(NO_ORDINAL),
            Grain::Level(_) if ordinal == NO_ORDINAL => Ok(NO_ORDINAL),
            Grain::Level(level) => match self.levels[level].of[ordinal as usize] {
                Some(code) => Ok(code.into()),
                None => Err(self.has_no_place(level)),
            },
        }
    }

    /// [`at`](Self::at) for a column of values.
    fn values_at(&self, level: usize, values: &Values) -> Result<Values> {
        let Values::Codes { codes, .. } = values else {
            unreachable!("the plan's checks allow levels of categories only");
        };
        let of = &self.levels[level].of;
        let codes = codes.iter().map(|&code| match code {
            MISSING => Ok(MISSING),
            code => of[code as usize].ok_or_else(|| self.has_no_place(level)),
        });
        Ok(Values::Codes {
            codes: codes.collect::<Result<_>>()?,
            labels: self.levels[level].labels.clone(),
        })
    }

    fn has_no_place(&self, level: usize) -> Error {
        let rule = format!(
            "a category has no place at the level `{}`: the plan's map does not list it",
            self.levels[level].name
        );
        Error::new(ErrorKind::Linkage, rule)
            .in_column(&self.name)
            .help("list it in the level's map, or say `otherwise`")
    }
}

/// The place that a finer place has in a grouping.
pub(crate) fn coarsen(
    dimensions: &[Dimension],
    grouping: &[Grain],
    place: &[i64],
) -> Result<Place> {
    let ordinals = dimensions.iter().zip(grouping).zip(place);
    ordinals
        .map(|((dimension, grain), ordinal)| dimension.at(*grain, *ordinal))
        .collect()
}

/// The cells of a grouping out of those of the finest one; of persons who are in one of those each.
pub(super) fn roll_up(
    dimensions: &[Dimension],
    grouping: &Grouping,
    finest: &[(Place, Accumulator)],
) -> Result<Vec<(Place, Accumulator)>> {
    let mut coarse: HashMap<Place, Accumulator> = HashMap::new();
    for (place, figures) in finest {
        match coarse.entry(coarsen(dimensions, grouping, place)?) {
            Entry::Occupied(mut entry) => entry.get_mut().merge(figures)?,
            Entry::Vacant(entry) => {
                entry.insert(figures.clone());
            }
        }
    }
    let mut cells: Vec<_> = coarse.into_iter().collect();
    cells.sort_unstable_by(|a, b| by_place(&a.0, &b.0));
    Ok(cells)
}

/// What a grouping folds rows by: the dimensions that it does not sum over.
pub(super) struct KeptDimensions<'a> {
    dimensions: &'a [Dimension],
    grouping: &'a Grouping,
}

impl<'a> KeptDimensions<'a> {
    pub(super) fn new(dimensions: &'a [Dimension], grouping: &'a Grouping) -> Self {
        Self {
            dimensions,
            grouping,
        }
    }

    /// For each kept dimension `own` if its own categories are kept, and `level` otherwise.
    fn map<T>(
        &self,
        own: impl Fn(usize) -> T,
        level: impl Fn(usize, usize) -> T,
    ) -> impl Iterator<Item = T> {
        let grains = self.grouping.iter().enumerate();
        grains.filter_map(move |(at, grain)| match *grain {
            Grain::Own => Some(own(at)),
            Grain::Level(of) => Some(level(at, of)),
            Grain::Total => None,
        })
    }

    /// How many ordinals each kept dimension has, out of those that all have.
    pub(super) fn radix(&self, radix: &[Option<usize>]) -> Vec<Option<usize>> {
        let labels = |at: usize, level: usize| self.dimensions[at].levels[level].labels.len();
        self.map(|at| radix[at], |at, level| Some(labels(at, level) + 1))
            .collect()
    }

    /// The values by which rows are divided, and the names of their
    /// dimensions. Only those of a level are made anew.
    pub(super) fn values<'v>(
        &self,
        values: &[&'v Values],
    ) -> Result<(Vec<Cow<'v, Values>>, Vec<&'a str>)> {
        let kept = self.map(
            |at| Ok(Cow::Borrowed(values[at])),
            |at, level| {
                let made = self.dimensions[at].values_at(level, values[at])?;
                Ok(Cow::Owned(made))
            },
        );
        let kept = kept.collect::<Result<_>>()?;
        let name = |at: usize| self.dimensions[at].name.as_str();
        Ok((kept, self.map(name, |at, _| name(at)).collect()))
    }

    /// A place among all dimensions, out of one among those kept.
    pub(super) fn place(&self, kept: &[i64]) -> Place {
        let mut kept = kept.iter();
        let grains = self.grouping.iter();
        let ordinals = grains.map(|grain| match grain {
            Grain::Total => NO_ORDINAL,
            _ => *kept.next().expect("a place has all kept dimensions"),
        });
        ordinals.collect()
    }
}
