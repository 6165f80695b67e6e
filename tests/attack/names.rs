//! What the categories of a dimension are called in a table, and what their listing says.

use std::collections::BTreeSet;

use crate::published::MISSING;
use crate::world::{Coarser, Dim};

/// What rare names are called together; with levels, one for each parent.
pub(crate) const RARE: &str = "other";

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
pub(crate) fn is_all_below(dim: &Dim, name: &str, own: &BTreeSet<&str>) -> bool {
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
pub(crate) fn may_be_below(
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
pub(crate) fn parent(dim: &Dim, value: &str) -> String {
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
pub(crate) struct Names<'a> {
    pub(crate) own: BTreeSet<&'a str>,
    pub(crate) level: BTreeSet<&'a str>,
}

impl Names<'_> {
    /// What the table calls a value of the register, by itself and at the level.
    pub(crate) fn of(&self, dim: &Dim, value: &str) -> (String, String) {
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
    pub(crate) fn of_rare(&self, rare: &str) -> Option<(String, String)> {
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
