//! A recipe's steps after reading: truncate, clip, bands, map, prefix,
//! categories, absent.
//!
//! Steps on categories are taken on labels, once, and not on rows: a register
//! of ten million rows has a few hundred labels.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Labels, MISSING, Values, WholeNumbers};
use crate::plan::ColumnType;
use crate::plan::Date;
use crate::plan::document::{InvalidValue, Truncate};
use crate::plan::nfc::nfc;
use crate::plan::recipe::{Bands, Reads, Recipe};

/// A label that the recipe has no place for.
const UNPLACED: u32 = u32::MAX - 1;

/// A value that a recipe refuses: in which row of the values given, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RefusedValue {
    pub(crate) row: usize,
    pub(crate) rule: String,
}

/// The rule that a value below bands without a label breaks.
const BELOW: &str = "lies below the first band, which has no label";

/// The rule that a name breaks that a map has no place for.
const UNMAPPED: &str = "is not in `map`, and `otherwise` names nothing for the rest";

/// The rule that a number breaks that is nearer to one of fewer decimals than anybody
/// measures, or that a conversion left so.
pub(super) const BEYOND: &str = "has more than 18 decimals";

impl RefusedValue {
    /// What to do about it, where more can be said than that the value is wrong.
    pub(crate) fn help(&self) -> Option<&'static str> {
        match self.rule.as_str() {
            BELOW => Some(
                "give `labels` one more name, the first, for what lies below; or leave the rows out \
                 for which there is none (`keep` in the source, or `where` in the table, on a column \
                 that shows which); or call it missing: invalid = \"missing\"",
            ),
            UNMAPPED => Some(
                "list it, name the rest by `otherwise`, or leave the rows out by `keep` in the source",
            ),
            // 16⁻⁶⁵, the least positive float of IBM's that SAS transport files are written in.
            BEYOND => Some(
                "where it is a 0 of a transport file of SAS (.xpt), which some programs read as \
                 5.397605e-79, write 0 in its place in the file, since no step of a plan does; else \
                 round it there to the decimals that the plan keeps",
            ),
            _ => None,
        }
    }
}

/// A recipe, made ready for values whose labels are known.
pub(crate) struct Steps<'a> {
    recipe: &'a Recipe,
    relabel: Relabel,
}

impl<'a> Steps<'a> {
    /// The steps of `recipe` for values read from categories of `labels`, or for
    /// values that are no categories yet.
    pub(crate) fn new(recipe: &'a Recipe, labels: &[String]) -> Self {
        let relabel = match &recipe.bands {
            Some(bands) => Relabel::new(recipe, &bands.labels),
            None => Relabel::new(recipe, labels),
        };
        Self { recipe, relabel }
    }

    /// The labels that come out, if the output is a category.
    pub(crate) fn labels(&self) -> &Labels {
        &self.relabel.labels
    }

    /// Takes the steps.
    ///
    /// # Errors
    ///
    /// The first row whose value the recipe has no place for, unless it counts
    /// as missing.
    pub(crate) fn apply(&self, values: Values) -> Result<Values, RefusedValue> {
        self.apply_counting(values, &mut 0)
    }

    /// [`apply`](Self::apply); counts as `unreadable` what the recipe has no
    /// place for, where it counts as missing.
    pub(super) fn apply_counting(
        &self,
        values: Values,
        unreadable: &mut u64,
    ) -> Result<Values, RefusedValue> {
        let recipe = self.recipe;
        let values = self.clip(self.truncate(values));
        let values = match (&recipe.bands, values) {
            (Some(bands), Values::Numbers { values, .. }) => {
                self.band(bands, &values, unreadable)?
            }
            (_, values) => values,
        };
        match values {
            Values::Codes { codes, .. } => self.relabel(codes, unreadable),
            values => Ok(values),
        }
    }

    fn truncate(&self, values: Values) -> Values {
        let (Some(truncate), Values::Dates(days)) = (self.recipe.truncate, &values) else {
            return values;
        };
        let date = |day: &Option<i32>| day.and_then(Date::from_days);
        if self.recipe.bands.is_some() || self.recipe.output == ColumnType::Integer {
            return Values::Numbers {
                values: days
                    .iter()
                    .map(|d| date(d).map(|d| d.year().into()))
                    .collect(),
                scale: 0,
            };
        }
        let first = |date: Date| match truncate {
            Truncate::Year => Date::new(date.year(), 1, 1),
            Truncate::Month => Date::new(date.year(), date.month(), 1),
        };
        let days = days.iter().map(|d| date(d).and_then(first).map(Date::days));
        Values::Dates(days.collect())
    }

    fn clip(&self, values: Values) -> Values {
        match (self.recipe.clip, values) {
            (Some(clip), Values::Numbers { values, scale }) => {
                let clipped = values.iter().map(|value| {
                    let value = value?.max(clip.at_least.unwrap_or(i128::MIN));
                    Some(value.min(clip.at_most.unwrap_or(i128::MAX)))
                });
                Values::Numbers {
                    values: clipped.collect(),
                    scale,
                }
            }
            (_, values) => values,
        }
    }

    fn band(
        &self,
        bands: &Bands,
        values: &WholeNumbers,
        unreadable: &mut u64,
    ) -> Result<Values, RefusedValue> {
        let mut codes = Vec::with_capacity(values.len());
        for (row, value) in values.iter().enumerate() {
            codes.push(match value.map(|value| bands.band(value)) {
                None => MISSING,
                Some(Some(band)) => band as u32,
                Some(None) if self.recipe.invalid == InvalidValue::Missing => {
                    *unreadable += 1;
                    MISSING
                }
                Some(None) => {
                    return Err(RefusedValue {
                        row,
                        rule: BELOW.to_owned(),
                    });
                }
            });
        }
        let labels = bands.labels.clone().into();
        Ok(Values::Codes { codes, labels })
    }

    fn relabel(&self, mut codes: Vec<u32>, unreadable: &mut u64) -> Result<Values, RefusedValue> {
        let relabel = &self.relabel;
        for (row, code) in codes.iter_mut().enumerate() {
            let mut new = match *code {
                MISSING => relabel.absent,
                code => relabel.codes[code as usize],
            };
            if new == UNPLACED {
                if self.recipe.invalid == InvalidValue::Fail {
                    return Err(RefusedValue {
                        row,
                        rule: UNMAPPED.to_owned(),
                    });
                }
                *unreadable += 1;
                new = relabel.absent;
            }
            *code = new;
        }
        if self.recipe.output == ColumnType::Boolean {
            let boolean = |code: u32| match code {
                MISSING => None,
                code => Some(relabel.labels[code as usize] == "true"),
            };
            return Ok(Values::Booleans(codes.into_iter().map(boolean).collect()));
        }
        Ok(Values::Codes {
            codes,
            labels: relabel.labels.clone(),
        })
    }
}

/// Where each label goes.
struct Relabel {
    /// For each old code the new one, or [`UNPLACED`].
    codes: Vec<u32>,
    /// The new code of a missing value.
    absent: u32,
    labels: Labels,
}

impl Relabel {
    /// A register whose `1` was a float for a while writes `1.0`, and means the same.
    fn new(recipe: &Recipe, labels: &[String]) -> Self {
        let mut new = Interner::default();
        let codes = labels.iter().map(|label| {
            let named = match &recipe.map {
                None => Some(label.as_str()),
                Some(map) => map
                    .names
                    .get(label)
                    .or_else(|| map.names.get(without_zero_fraction(label)?))
                    .or(map.otherwise.as_ref())
                    .map(String::as_str),
            };
            named.map_or(UNPLACED, |name| new.code(recipe.call(name)))
        });
        let codes = codes.collect();
        let absent = match &recipe.absent {
            Some(absent) => new.code(absent),
            None => MISSING,
        };
        Self {
            codes,
            absent,
            labels: new.labels(),
        }
    }
}

/// `1` of `1.0`.
fn without_zero_fraction(label: &str) -> Option<&str> {
    let (whole, fraction) = label.split_once('.')?;
    let zeros = !fraction.is_empty() && fraction.bytes().all(|byte| byte == b'0');
    zeros.then_some(whole)
}

/// Gives each distinct label a code, in the order of first sight.
#[derive(Default)]
pub(crate) struct Interner {
    codes: HashMap<String, u32>,
    labels: Vec<String>,
    recent: Recent,
}

impl Interner {
    pub(crate) fn code(&mut self, label: &str) -> u32 {
        let slot = Recent::slot(label.as_bytes());
        let recent = self.recent.0[slot];
        if self
            .labels
            .get(recent as usize)
            .is_some_and(|known| known == label)
        {
            return recent;
        }
        let code = self.find(label);
        self.recent.0[slot] = code;
        code
    }

    fn find(&mut self, label: &str) -> u32 {
        if let Some(&code) = self.codes.get(label) {
            return code;
        }
        // What reads the same has one code, however it is composed.
        let composed = nfc(label);
        let code = match self.codes.get(&*composed) {
            Some(&code) => code,
            None => {
                let code = self.labels.len() as u32;
                self.labels.push(composed.to_string());
                self.codes.insert(composed.to_string(), code);
                code
            }
        };
        if composed != label {
            self.codes.insert(label.to_owned(), code);
        }
        code
    }

    pub(crate) fn labels(self) -> Labels {
        Arc::from(self.labels)
    }
}

/// Codes given lately, each where a few bytes of its label say. A column has
/// few labels, so most are found here; where two share a place, or someone
/// chose labels that do, the map finds them, and nobody can slow that down.
struct Recent(Box<[u32; Recent::SLOTS]>);

impl Recent {
    const SLOTS: usize = 1 << 10;

    #[inline]
    fn slot(label: &[u8]) -> usize {
        let [first, last] = match (label.first_chunk(), label.last_chunk()) {
            (Some(first), Some(last)) => [*first, *last],
            _ => {
                let mut few = [0; 8];
                few[..label.len()].copy_from_slice(label);
                [few, [label.len() as u8; 8]]
            }
        };
        let mixed = u64::from_le_bytes(first) ^ u64::from_le_bytes(last).rotate_left(29);
        // Fibonacci hashing (Knuth, The Art of Computer Programming, 6.4): 2⁶⁴ by the golden ratio.
        let hash = mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (hash >> (u64::BITS - Self::SLOTS.ilog2())) as usize
    }
}

impl Default for Recent {
    fn default() -> Self {
        Self(Box::new([MISSING; Self::SLOTS]))
    }
}

/// What a recipe reads from a boolean, as labels.
pub(crate) fn boolean_labels() -> [String; 2] {
    ["false".to_owned(), "true".to_owned()]
}

/// Values of a linked column as the recipe reads them; the plan's checks left
/// only pairs that fit. `None` if a number is too large at the recipe's scale.
pub(crate) fn reread(recipe: &Recipe, values: Values) -> Option<Values> {
    Some(match (&recipe.reads, values) {
        (Reads::Number { scale: wanted, .. }, Values::Numbers { values, scale }) => {
            let factor = 10i128.pow(wanted.saturating_sub(scale).into());
            let scaled = |value: i128| match value.checked_mul(factor) {
                // Compared with band edges, a bound represents what is beyond it.
                None if recipe.bands.is_some() => Some(value.saturating_mul(factor)),
                scaled => scaled,
            };
            Values::Numbers {
                values: match factor {
                    1 => values,
                    _ => values.try_map(scaled)?,
                },
                scale: *wanted,
            }
        }
        (Reads::Text, Values::Booleans(values)) => {
            let code = |value: Option<bool>| value.map_or(MISSING, u32::from);
            Values::Codes {
                codes: values.into_iter().map(code).collect(),
                labels: boolean_labels().to_vec().into(),
            }
        }
        (_, values) => values,
    })
}
