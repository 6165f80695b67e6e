//! Names of categories: which of them a table publishes, and what becomes of the others.
//!
//! The name of a category is in a release with every cell of it, suppressed
//! ones too, and it may be one person's. So a table publishes the names that its
//! plan declares, and those that at least `min_persons` of its persons have. All
//! others become one category, which the plan names; where the dimension has
//! levels, one for each category of the level above, so that levels still nest.
//!
//! ```text
//! 0301 (9 persons) ─┐                 0301 ───────┐
//! 0302 (1 person)  ─┼─ 03    becomes  other (03) ─┴─ 03
//! 0303 (2 persons) ─┘
//! 5501 (1 person)  ─── 55             other ──────── other
//! ```

mod bearers;
mod refine;
mod tree;

use std::borrow::Cow;

pub(super) use bearers::Bearers;
pub(super) use refine::refine;

use super::Dimension;
use crate::column::{MISSING, NO_ORDINAL, Values, WholeNumbers};
use crate::error::Result;
use crate::plan::ColumnType;
use crate::plan::table::{self, Grain};

/// What it says that a category is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listed {
    /// Nothing: it is listed whether or not somebody has it.
    Anyway,
    /// At least as many persons have it as the table's threshold is.
    Enough,
    /// Somebody has it.
    Somebody,
    /// It is for what the plan does not list, and nobody has it.
    Nobody,
}

/// What a dimension of a table is called in a release.
pub(super) struct Naming {
    /// As it is published.
    pub(super) dimension: Dimension,
    pub(super) own: Renamed,
    /// By level, what its codes become.
    pub(super) levels: Vec<Renamed>,
    /// Whether two categories that occur became one.
    pub(super) merges: bool,
    /// Those of its own categories that are for several rare ones.
    pub(super) merged: Vec<u32>,
}

/// What becomes of the values of a dimension, or of a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Renamed {
    /// They stay as they are.
    Same,
    /// For each code the new one.
    Codes(Box<[u32]>),
    /// These numbers or days, ascending, stay as they are; others are counted
    /// with the missing ones, for their type has no place for a name.
    Kept(Box<[i64]>),
}

impl Renamed {
    /// What becomes of an ordinal.
    pub(crate) fn ordinal(&self, ordinal: i64) -> i64 {
        match self {
            _ if ordinal == NO_ORDINAL => NO_ORDINAL,
            Self::Same => ordinal,
            Self::Codes(codes) => codes[ordinal as usize].into(),
            Self::Kept(kept) => match kept.binary_search(&ordinal) {
                Ok(_) => ordinal,
                Err(_) => NO_ORDINAL,
            },
        }
    }

    /// [`ordinal`](Self::ordinal) for a column of values.
    fn values<'v>(&self, values: &'v Values, dimension: &Dimension) -> Cow<'v, Values> {
        let kept = |value: Option<i64>| {
            let kept = |value: &i64| self.ordinal(*value) != NO_ORDINAL;
            value.filter(kept)
        };
        match (self, values) {
            (Self::Codes(new), Values::Codes { codes, .. }) => {
                let codes = codes.iter().map(|code| match *code {
                    MISSING => MISSING,
                    code => new[code as usize],
                });
                Cow::Owned(Values::Codes {
                    codes: codes.collect(),
                    labels: dimension.labels.clone(),
                })
            }
            (Self::Kept(_), Values::Numbers { values, scale }) => {
                let values = values.iter().map(|value| {
                    let narrow = value.and_then(|value| i64::try_from(value).ok());
                    kept(narrow).map(i128::from)
                });
                Cow::Owned(Values::Numbers {
                    values: values.collect::<WholeNumbers>(),
                    scale: *scale,
                })
            }
            (Self::Kept(_), Values::Dates(days)) => {
                let days = days
                    .iter()
                    .map(|day| day.filter(|day| kept(Some((*day).into())).is_some()));
                Cow::Owned(Values::Dates(days.collect()))
            }
            _ => Cow::Borrowed(values),
        }
    }
}

impl Naming {
    /// Of a dimension whose values are `raw`, as the plan's `planned` and the
    /// number of persons who bear each name ask; a name is published if
    /// `enough` persons have it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Protection`](crate::ErrorKind::Protection) if the name that
    /// the plan gives to rare categories is another one's.
    pub(super) fn new(
        raw: &Dimension,
        planned: &table::DimensionPlan,
        bearers: &[Bearers],
        enough: u64,
        lists_missing: bool,
    ) -> Result<Self> {
        let lacks = bearers[0].missing() > 0 || (lists_missing && planned.names.may_lack);
        let dimension = Dimension {
            lacks,
            ..raw.clone()
        };
        match raw.kind {
            ColumnType::Category => tree::name(dimension, planned, bearers, enough),
            ColumnType::Boolean => Ok(Self {
                dimension: Dimension {
                    ordinals: [0, 1].into(),
                    listed: vec![[Listed::Anyway; 2].into()],
                    ..dimension
                },
                own: Renamed::Same,
                levels: Vec::new(),
                merges: false,
                merged: Vec::new(),
            }),
            ColumnType::Integer | ColumnType::Decimal { .. } | ColumnType::Date => {
                Ok(Self::of_numbers(dimension, planned, &bearers[0], enough))
            }
        }
    }

    fn of_numbers(
        dimension: Dimension,
        planned: &table::DimensionPlan,
        bearers: &Bearers,
        enough: u64,
    ) -> Self {
        if let Some((least, most)) = planned.names.numbers {
            let ordinals: Box<[i64]> = (least..=most).collect();
            return Self {
                dimension: Dimension {
                    listed: vec![vec![Listed::Anyway; ordinals.len()].into()],
                    ordinals,
                    ..dimension
                },
                own: Renamed::Same,
                levels: Vec::new(),
                merges: false,
                merged: Vec::new(),
            };
        }
        let (kept, rare) = bearers.numbers(enough);
        Self {
            dimension: Dimension {
                lacks: dimension.lacks || rare,
                listed: vec![vec![Listed::Enough; kept.len()].into()],
                ordinals: kept.clone(),
                ..dimension
            },
            own: Renamed::Kept(kept),
            levels: Vec::new(),
            merges: rare,
            merged: Vec::new(),
        }
    }

    /// What becomes of the ordinals of a grain.
    pub(super) fn at(&self, grain: Grain) -> &Renamed {
        match grain {
            Grain::Own | Grain::Total => &self.own,
            Grain::Level(level) => &self.levels[level],
        }
    }

    /// A column of values as they are published.
    pub(super) fn values<'v>(&self, values: &'v Values) -> Cow<'v, Values> {
        self.own.values(values, &self.dimension)
    }
}

impl Dimension {
    /// The ordinals that are listed at a grain, in their order: missing is last.
    pub(crate) fn listed_at(&self, grain: Grain) -> Vec<i64> {
        let mut ordinals: Vec<i64> = match (self.kind, grain) {
            (_, Grain::Total) => return vec![NO_ORDINAL],
            (ColumnType::Category, _) => (0..self.labels_at(grain).len() as i64).collect(),
            _ => self.ordinals.to_vec(),
        };
        ordinals.extend(self.lacks.then_some(NO_ORDINAL));
        ordinals
    }

    /// How many persons everybody knows to have `ordinal` at a grain, since it is listed,
    /// where `enough` have a category that is listed for its persons; none if the listing
    /// says nothing.
    pub(crate) fn least_listed(&self, grain: Grain, ordinal: i64, enough: u64) -> Option<u64> {
        match self.listing_says(grain, ordinal) {
            Listed::Anyway | Listed::Nobody => None,
            Listed::Enough => Some(enough),
            Listed::Somebody => Some(1),
        }
    }

    /// The ordinals at a grain of which everybody may know that nobody has them: they are for
    /// what the plan does not list, and there is nothing else.
    pub(crate) fn known_empty(&self, grain: Grain) -> Vec<i64> {
        let listed = self.listed_at(grain).into_iter();
        listed
            .filter(|ordinal| self.listing_says(grain, *ordinal) == Listed::Nobody)
            .collect()
    }

    /// What it says that `ordinal` is listed at a grain.
    fn listing_says(&self, grain: Grain, ordinal: i64) -> Listed {
        let grain = match grain {
            Grain::Own | Grain::Total => 0,
            Grain::Level(level) => level + 1,
        };
        let at = match self.kind {
            _ if ordinal == NO_ORDINAL => return Listed::Somebody,
            ColumnType::Category => Some(ordinal as usize),
            _ => self.ordinals.binary_search(&ordinal).ok(),
        };
        at.map_or(Listed::Anyway, |at| self.listed[grain][at])
    }
}
