//! The names of a dimension of categories, from its coarsest level to its own.

use std::collections::{BTreeMap, HashMap};

use super::{Bearers, Listed, Naming, Renamed};
use crate::column::MISSING;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::table::{self, Coarser, Names};
use crate::table::Dimension;
use crate::table::margins::LevelLabels;

/// A category as it is published.
struct PublishedCategory {
    name: String,
    /// Its category one level above, by its code there.
    parent: Option<u32>,
    listed: Listed,
    /// Whether it merges several.
    merged: bool,
}

/// The categories of a dimension, or of a level, as they are published.
#[derive(Default)]
struct PublishedNames {
    categories: Vec<PublishedCategory>,
    codes: HashMap<String, u32>,
    /// For each code before, the new one.
    renamed: Vec<u32>,
    merges: bool,
}

/// What is known of a grain before its names are chosen.
struct GrainNames<'a> {
    names: &'a Names,
    labels: &'a [String],
    bearers: &'a Bearers,
    /// How the level above is made of it, if there is one.
    coarser: Option<&'a Coarser>,
    /// For each code its code one level above; `MISSING` if nobody has it.
    above: Vec<u32>,
}

impl GrainNames<'_> {
    /// Whether somebody has the category `name`.
    fn has_bearers(&self, name: &str) -> bool {
        let mut labels = self.labels.iter().enumerate();
        labels.any(|(code, label)| label == name && self.bearers.of(code) > 0)
    }
}

/// Names the categories of `raw`: `bearers` has the persons of its own
/// categories and then of those of each level.
pub(super) fn name(
    raw: Dimension,
    planned: &table::DimensionPlan,
    bearers: &[Bearers],
    enough: u64,
) -> Result<Naming> {
    let levels = raw.levels.len();
    let mut grains: Vec<PublishedNames> = Vec::new();
    for at in (0..=levels).rev() {
        let grain = GrainNames {
            names: match at {
                0 => &planned.names,
                _ => &planned.levels[at - 1].names,
            },
            labels: match at {
                0 => &raw.labels,
                _ => &raw.levels[at - 1].labels,
            },
            bearers: &bearers[at],
            coarser: planned.levels.get(at).map(|level| &level.coarser),
            above: above(&raw, at),
        };
        let published = PublishedNames::of(&grain, grains.last(), enough);
        grains.push(published.map_err(|error| error.in_column(&raw.name))?);
    }
    grains.reverse();
    Ok(naming(raw, grains))
}

/// For each code of a grain, counted from the dimension's own, its code one level above.
fn above(raw: &Dimension, at: usize) -> Vec<u32> {
    let of = |own: usize, at: usize| match at {
        0 => Some(own as u32),
        _ => raw.levels[at - 1].of[own],
    };
    let labels = match at {
        0 => raw.labels.len(),
        _ => raw.levels[at - 1].labels.len(),
    };
    let mut above = vec![MISSING; labels];
    if at < raw.levels.len() {
        for own in 0..raw.labels.len() {
            if let (Some(code), Some(parent)) = (of(own, at), of(own, at + 1)) {
                above[code as usize] = parent;
            }
        }
    }
    above
}

impl PublishedNames {
    fn of(grain: &GrainNames<'_>, above: Option<&Self>, enough: u64) -> Result<Self> {
        let mut published = Self {
            renamed: vec![MISSING; grain.labels.len()],
            ..Self::default()
        };
        let names = grain.names;
        let parent_of = |name: &str| {
            let (coarser, above) = grain.coarser.zip(above)?;
            above.codes.get(&coarser.of(name, &names.rare)?).copied()
        };
        let says = |name: &String| match names.rest.as_ref() == Some(name) {
            false => Listed::Anyway,
            true if grain.has_bearers(name) => Listed::Somebody,
            true => Listed::Nobody,
        };
        let declared = names.declared.iter();
        let mut listed: Vec<(&str, Option<u32>, Listed)> = declared
            .map(|name| (name.as_str(), parent_of(name), says(name)))
            .collect();
        let is_declared: HashMap<&str, ()> = names
            .declared
            .iter()
            .map(|name| (name.as_str(), ()))
            .collect();
        let parent = |code: usize| above.map(|above| above.renamed[grain.above[code] as usize]);
        let mut rare: BTreeMap<Option<u32>, Vec<usize>> = BTreeMap::new();
        for (code, label) in grain.labels.iter().enumerate() {
            match grain.bearers.of(code) {
                _ if is_declared.contains_key(label.as_str()) => {}
                0 => {}
                persons if persons >= enough => {
                    listed.push((label, parent(code), Listed::Enough));
                }
                _ if names.excepted.contains(label) => {
                    listed.push((label, parent(code), Listed::Somebody));
                }
                _ => rare.entry(parent(code)).or_default().push(code),
            }
        }
        if !names.all {
            listed.sort_by(|a, b| a.0.cmp(b.0));
        }
        for (name, parent, listed) in listed {
            published.push(name.to_owned(), parent, listed, false);
        }
        for (code, label) in grain.labels.iter().enumerate() {
            if let Some(new) = published.codes.get(label) {
                published.renamed[code] = *new;
            }
        }
        published.merge_rare(names, above, rare)?;
        Ok(published)
    }

    fn push(&mut self, name: String, parent: Option<u32>, listed: Listed, merged: bool) -> u32 {
        let code = self.categories.len() as u32;
        self.codes.insert(name.clone(), code);
        self.categories.push(PublishedCategory {
            name,
            parent,
            listed,
            merged,
        });
        code
    }

    /// One category for the `rare` ones of each category above. Where one above is
    /// declared and none below it is, there is one too, whether or not somebody is
    /// in it: else its absence would disclose that nobody is.
    fn merge_rare(
        &mut self,
        names: &Names,
        above: Option<&Self>,
        mut rare: BTreeMap<Option<u32>, Vec<usize>>,
    ) -> Result<()> {
        let mut children = vec![false; above.map_or(0, |above| above.categories.len())];
        for category in &self.categories {
            if let Some(parent) = category.parent {
                children[parent as usize] = true;
            }
        }
        if !names.all {
            let childless = children.iter().enumerate().filter(|(_, child)| !**child);
            for (parent, _) in childless {
                rare.entry(Some(parent as u32)).or_default();
            }
        }
        for (parent, codes) in rare {
            let over = parent.zip(above);
            let over = over.map(|(parent, above)| &above.categories[parent as usize]);
            let name = match over {
                None => names.rare.clone(),
                Some(over) if over.merged => over.name.clone(),
                Some(over) => format!("{} ({})", names.rare, over.name),
            };
            // If nothing else is below the one above, what that says is all that is said.
            let only = parent.is_some_and(|parent| !children[parent as usize]);
            let is_empty = over.is_some_and(|over| over.listed == Listed::Nobody);
            let listed = match only {
                true if is_empty => Listed::Nobody,
                true => Listed::Anyway,
                false => Listed::Somebody,
            };
            let same = self.codes.get(&name).copied();
            let others = same.is_some_and(|same| {
                let before = self.renamed.iter();
                before.filter(|code| **code == same).count() > 0
            });
            let new = match same {
                Some(same) if self.categories[same as usize].parent != parent => {
                    let rule = "has a category that is called as the plan calls rare ones, and belongs elsewhere";
                    return Err(Error::new(ErrorKind::Protection, rule)
                        .help("give rare categories another name: rare = \"…\""));
                }
                Some(same) => same,
                None => self.push(name, parent, listed, true),
            };
            self.merges |= codes.len() > 1 || (others && !codes.is_empty());
            for code in codes {
                self.renamed[code] = new;
            }
        }
        Ok(())
    }
}

fn naming(raw: Dimension, grains: Vec<PublishedNames>) -> Naming {
    let merges = grains.iter().any(|grain| grain.merges);
    let listed = grains.iter().map(|grain| {
        let listed = grain.categories.iter().map(|category| category.listed);
        listed.collect()
    });
    let listed = listed.collect();
    let labels = |grain: &PublishedNames| {
        let names = grain
            .categories
            .iter()
            .map(|category| category.name.clone());
        names.collect::<Vec<String>>()
    };
    let merged = (0..).zip(&grains[0].categories);
    let merged = merged.filter(|(_, category)| category.merged);
    let merged: Vec<u32> = merged.map(|(code, _)| code).collect();
    let own = grains[0].categories.len() as u32;
    let mut of: Vec<Option<u32>> = (0..own).map(Some).collect();
    let levels = grains.windows(2).zip(&raw.levels).map(|(pair, level)| {
        let parent = |code: &Option<u32>| pair[0].categories[(*code)? as usize].parent;
        of = of.iter().map(parent).collect();
        LevelLabels {
            name: level.name.clone(),
            labels: labels(&pair[1]).into(),
            of: of.clone().into(),
        }
    });
    let levels: Vec<LevelLabels> = levels.collect();
    let mut renamed = grains
        .iter()
        .map(|grain| Renamed::Codes(grain.renamed.clone().into()));
    let renamed_own = renamed
        .next()
        .expect("a dimension has categories of its own");
    Naming {
        own: renamed_own,
        levels: renamed.collect(),
        merges,
        merged,
        dimension: Dimension {
            labels: labels(&grains[0]).into(),
            levels,
            listed,
            ..raw
        },
    }
}
