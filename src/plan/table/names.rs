//! Which categories of a dimension the plan declares.
//!
//! A declared category is known to everybody who has the plan, whether or not a
//! person has it. The name of any other comes from a register, and may be one
//! person's.

use super::{Coarser, Level};
use crate::plan::document::OTHER;
use crate::plan::recipe::{ColumnType, Recipe};

/// What a plan says of the categories of a dimension, or of a level of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Names {
    /// The categories that the plan declares, in the order in which they are
    /// listed; of whole numbers none, for those are `numbers`.
    pub(crate) declared: Vec<String>,
    /// Of whole numbers: the least and the greatest, if the plan bounds them.
    pub(crate) numbers: Option<(i64, i64)>,
    /// Names of cells that the plan publishes whatever a rule finds: if somebody
    /// has one, it is named.
    pub(crate) excepted: Vec<String>,
    /// Whether there are no others.
    pub(crate) all: bool,
    /// The one of them that the plan has for what it does not list, and for nothing else.
    /// Everybody may know whether somebody is in it, who knows which others there are.
    pub(crate) rest: Option<String>,
    /// What those are called together that may not be named.
    pub(crate) rare: String,
    /// Whether a value may be missing.
    pub(crate) may_lack: bool,
}

impl Names {
    /// Of yes and no.
    pub(crate) fn booleans(may_lack: bool) -> Self {
        Self {
            declared: Vec::new(),
            numbers: None,
            excepted: Vec::new(),
            all: true,
            rest: None,
            rare: OTHER.to_owned(),
            may_lack,
        }
    }

    /// Of which nothing is declared.
    pub(crate) fn unknown() -> Self {
        Self {
            all: false,
            ..Self::booleans(true)
        }
    }

    /// Of what `recipe` makes of a register's values, or of values of type
    /// `input` whose names are known.
    pub(crate) fn made(recipe: &Recipe, input: Option<(ColumnType, &Self)>) -> Self {
        let may_lack = recipe.absent.is_none() && input.is_none_or(|(_, input)| input.may_lack);
        let inherited = input.filter(|_| recipe.rare.is_none());
        let mut names = Self {
            rare: inherited
                .map_or(recipe.rare(), |(_, input)| &input.rare)
                .to_owned(),
            ..Self::booleans(may_lack)
        };
        match recipe.output {
            ColumnType::Boolean => {}
            ColumnType::Integer => {
                let clip = recipe.clip.and_then(|clip| clip.at_least.zip(clip.at_most));
                let own = clip.and_then(|(least, most)| {
                    Some((i64::try_from(least).ok()?, i64::try_from(most).ok()?))
                });
                let kept = input.filter(|_| recipe.clip.is_none() && recipe.truncate.is_none());
                names.numbers = own.or(kept.and_then(|(_, input)| input.numbers));
                names.all = names.numbers.is_some();
            }
            ColumnType::Date | ColumnType::Decimal { .. } => names.all = false,
            ColumnType::Category => names.categories(recipe, input),
        }
        names
    }

    fn categories(&mut self, recipe: &Recipe, input: Option<(ColumnType, &Self)>) {
        let cut = |name: &String| recipe.cut(name).to_owned();
        let mut ordered = true;
        if let Some(bands) = &recipe.bands {
            self.declared.extend(bands.labels.iter().map(cut));
        } else if let Some(categories) = &recipe.categories {
            self.declared.extend(categories.names.iter().cloned());
            self.declared.push(recipe.rare().to_owned());
            let listed = |name: &String| categories.names.contains(name);
            self.rest = Some(recipe.rare().to_owned()).filter(|_| all_listed(input, listed));
        } else if let Some(map) = &recipe.map {
            ordered = false;
            let targets = map.names.values().chain(&map.otherwise);
            self.declared.extend(targets.map(cut));
            let listed = |name: &String| map.names.contains_key(name);
            let rest = map.otherwise.as_ref().map(cut);
            self.rest = rest.filter(|_| all_listed(input, listed));
        } else {
            match input {
                Some((ColumnType::Boolean, _)) => {
                    let both = ["false", "true"].map(str::to_owned);
                    self.declared.extend(both.iter().map(cut));
                }
                Some((_, input)) => {
                    self.declared.extend(input.declared.iter().map(cut));
                    self.rest = input.rest.as_ref().map(cut);
                    self.all = input.all;
                }
                None => self.all = false,
            }
        }
        self.declared.extend(recipe.absent.clone());
        if !ordered {
            self.declared.sort_unstable();
        }
        self.once_each();
    }

    /// Keeps the first of equal names; of these none is there for the rest only.
    fn once_each(&mut self) {
        let is_rest = |name: &&String| self.rest.as_ref() == Some(name);
        if self.declared.iter().filter(is_rest).count() != 1 {
            self.rest = None;
        }
        let mut seen = std::collections::HashSet::new();
        self.declared.retain(|name| seen.insert(name.clone()));
    }

    /// Whether all that the plan lists are `listed`: then what is not is for the rest only.
    fn all_but_rest(&self, listed: impl Fn(&String) -> bool) -> bool {
        let mut declared = self.declared.iter();
        declared.all(|name| self.rest.as_ref() == Some(name) || listed(name))
    }

    /// Of the level that is made of these categories.
    ///
    /// # Errors
    ///
    /// The first declared category that has no place at the level.
    pub(crate) fn at_level(&self, coarser: &Coarser) -> Result<Self, String> {
        let declared = match coarser {
            Coarser::Map(map) => {
                let lost = |name: &&String| !map.names.contains_key(*name);
                let lost = self.declared.iter().find(lost);
                if let (Some(lost), None) = (lost, &map.otherwise) {
                    return Err(lost.clone());
                }
                let mut names: Vec<String> = match self.all {
                    // What none of them is in, nobody can be in.
                    true => {
                        let names = self.declared.iter();
                        names
                            .filter_map(|name| coarser.of(name, &self.rare))
                            .collect()
                    }
                    false => map.names.values().chain(&map.otherwise).cloned().collect(),
                };
                names.sort_unstable();
                names
            }
            Coarser::Prefix(_) => {
                let names = self.declared.iter();
                names
                    .filter_map(|name| coarser.of(name, &self.rare))
                    .collect()
            }
        };
        let rest = match coarser {
            Coarser::Map(map) => {
                let named = |rest: &&String| !map.names.values().any(|name| name == *rest);
                let listed = |name: &String| map.names.contains_key(name);
                let rest = map.otherwise.as_ref().filter(named).cloned();
                rest.filter(|_| self.all_but_rest(listed))
            }
            Coarser::Prefix(_) => self.rest.clone().filter(|rest| *rest == self.rare),
        };
        let mut names = Self {
            all: self.all || matches!(coarser, Coarser::Map(_)),
            declared,
            ..self.clone()
        };
        names.once_each();
        Ok(Self { rest, ..names })
    }
}

/// Whether all names of the values that a column is made from are `listed`, as far as the plan
/// knows them.
fn all_listed(input: Option<(ColumnType, &Names)>, listed: impl Fn(&String) -> bool) -> bool {
    input.is_none_or(|(_, input)| input.all_but_rest(listed))
}

impl Coarser {
    /// The category at this level of a category that is called `name` one level
    /// below, where rare ones are called `rare`: these have no first characters
    /// that would mean anything.
    pub(crate) fn of(&self, name: &str, rare: &str) -> Option<String> {
        match self {
            Self::Prefix(_) if name == rare => Some(rare.to_owned()),
            Self::Prefix(length) => Some(name.chars().take(*length).collect()),
            Self::Map(map) => map.names.get(name).or(map.otherwise.as_ref()).cloned(),
        }
    }
}

/// The names of each level, from those of the dimension.
pub(crate) fn name_levels(own: &Names, levels: &mut [Level]) -> Result<(), (usize, String)> {
    let mut before = own.clone();
    for (at, level) in levels.iter_mut().enumerate() {
        level.names = before.at_level(&level.coarser).map_err(|lost| (at, lost))?;
        before = level.names.clone();
    }
    Ok(())
}
