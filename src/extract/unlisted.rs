//! Columns none of whose values is among the categories that the plan lists.

use arrow_array::cast::AsArray;
use arrow_array::types::UInt32Type;
use arrow_array::{Array, ArrayRef};

use crate::plan::recipe::Recipe;

/// What all values of a column are called, none of which is among the categories that the plan
/// lists, nor any that it maps to; none where one is, or where there is no value. Most likely the
/// register writes them otherwise.
pub(super) fn all_unlisted<'a>(recipe: &'a Recipe, chunks: &[ArrayRef]) -> Option<&'a str> {
    let rest = match (&recipe.map, &recipe.categories) {
        (Some(map), _) => map.otherwise.as_deref()?,
        (None, Some(categories)) => {
            let rare = recipe.rare();
            let is_listed = categories.names.iter().any(|name| name == rare);
            Some(rare).filter(|_| !is_listed)?
        }
        (None, None) => return None,
    };
    let mut found = false;
    for chunk in chunks {
        let column = chunk.as_dictionary_opt::<UInt32Type>()?;
        let labels = column.values().as_string_opt::<i32>()?;
        let other: Vec<bool> = labels
            .iter()
            .map(|label| label.is_some_and(|label| label != rest))
            .collect();
        found |= column.len() > column.null_count();
        // Mostly the first value is one that the plan names.
        if column.keys().iter().flatten().any(|at| other[at as usize]) {
            return None;
        }
    }
    found.then_some(rest)
}
