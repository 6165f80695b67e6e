//! The cells of a table while rows are folded into them.
//!
//! A row's place, the ordinal of each dimension, becomes one number, by which
//! [`figures`] are stored in arrays. So the work on a range of rows is a few short
//! loops over columns, each of one type.

mod figures;
mod keys;

use std::cmp::Ordering;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::Accumulator;
use crate::column::{MISSING, NO_ORDINAL, Values};
use crate::error::{Error, ErrorKind, Result};
use crate::key::RecordKey;
use crate::link::merge::Persons;
pub(super) use figures::Contributed;
use figures::{Figures, PersonShares, plain_most};
use keys::KeySums;

/// A cell's place: the ordinal of each dimension.
pub(crate) type Place = Box<[i64]>;

/// Cells up to this many have a number of their own before any row is seen.
const DENSE_CELLS: usize = 1 << 14;

/// How many ordinals a dimension has, missing included; `None` if that is not known.
pub(super) type Radix = Option<usize>;

pub(super) struct Cells {
    numbering: Numbering,
    figures: Figures,
    /// Where record keys are folded.
    keys: Option<KeySums>,
}

enum Numbering {
    /// The place's ordinals as digits; missing is the last one of its dimension.
    Dense { radix: Vec<usize> },
    /// Numbers in the order of first sight.
    Sparse {
        numbers: HashMap<Place, u32>,
        places: Vec<Place>,
    },
}

impl Cells {
    /// No cells of a table with dimensions of these radices and as many
    /// `contributions`, each with the `depth` largest contributors; `keyed` says
    /// whether record keys are folded.
    pub(super) fn new(radix: &[Radix], contributions: usize, depth: usize, keyed: bool) -> Self {
        let radix: Option<Vec<usize>> = radix.iter().copied().collect();
        let cells = radix.as_ref().and_then(|radix| {
            let mut radix = radix.iter();
            radix.try_fold(1usize, |cells, radix| cells.checked_mul(*radix))
        });
        let mut figures = Figures::new(contributions, depth);
        let mut keys = keyed.then(|| KeySums::new(contributions));
        let numbering = match (radix, cells) {
            (Some(radix), Some(cells)) if cells <= DENSE_CELLS => {
                figures.grow(cells);
                if let Some(keys) = &mut keys {
                    keys.grow(cells);
                }
                Numbering::Dense { radix }
            }
            _ => Numbering::Sparse {
                numbers: HashMap::new(),
                places: Vec::new(),
            },
        };
        Self {
            numbering,
            figures,
            keys,
        }
    }

    /// Adds rows: each dimension's values, whose the rows are, and what they
    /// contribute. `names` are the dimensions', for errors; `keys` are the
    /// record keys of each row's person, if they are folded.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Overflow`] if a figure is too large to be held exactly.
    pub(super) fn add(
        &mut self,
        dimensions: &[&Values],
        names: &[&str],
        rows: usize,
        persons: &Persons,
        contributed: &[Contributed<'_>],
        keys: &[RecordKey],
    ) -> Result<()> {
        let cells = match &mut self.numbering {
            Numbering::Dense { radix } => dense_numbers(radix, dimensions, rows),
            Numbering::Sparse { numbers, places } => {
                let numbers = sparse_numbers(numbers, places, dimensions, names, rows)?;
                self.figures.grow(places.len());
                if let Some(keys) = &mut self.keys {
                    keys.grow(places.len());
                }
                numbers
            }
        };
        let shares = PersonShares::new(cells, persons);
        if let Some(sums) = &mut self.keys {
            sums.add(&shares, contributed, keys);
        }
        if let Some(cells) = shares.one_row_each()
            && let Some(most) = plain_most(contributed)
        {
            return self.figures.add_plain(cells, contributed, most);
        }
        self.figures.add(&shares, contributed)
    }

    /// Adds the cells of other persons.
    pub(super) fn merge(mut self, mut other: Self) -> Result<Self> {
        other.figures.settle()?;
        match (&mut self.numbering, other.numbering) {
            (Numbering::Sparse { numbers, places }, Numbering::Sparse { places: others, .. }) => {
                let number = |place| number_of(numbers, places, place);
                let number: Vec<u32> = others.into_iter().map(number).collect();
                self.figures.grow(places.len());
                let at = |cell: usize| number[cell] as usize;
                self.figures.merge(&other.figures, at)?;
                if let (Some(keys), Some(other)) = (&mut self.keys, &other.keys) {
                    keys.grow(places.len());
                    keys.merge(other, at);
                }
            }
            // All cells of a table are numbered alike.
            _ => {
                self.figures.merge(&other.figures, |cell| cell)?;
                if let (Some(keys), Some(other)) = (&mut self.keys, &other.keys) {
                    keys.merge(other, |cell| cell);
                }
            }
        }
        Ok(self)
    }

    /// The cells that have a row, by place, ascending; missing is last.
    pub(super) fn into_list(mut self) -> Result<Vec<(Place, Accumulator)>> {
        self.figures.settle()?;
        let place: Box<dyn Fn(usize) -> Place> = match self.numbering {
            Numbering::Dense { radix } => Box::new(move |number| dense_place(&radix, number)),
            Numbering::Sparse { places, .. } => Box::new(move |number| places[number].clone()),
        };
        let cells = self.figures.into_cells();
        let mut cells: Vec<_> = cells
            .map(|(cell, mut figures)| {
                figures.keys = self.keys.as_ref().map(|keys| Box::new(keys.of(cell)));
                (place(cell), figures)
            })
            .collect();
        cells.sort_unstable_by(|a, b| by_place(&a.0, &b.0));
        Ok(cells)
    }
}

/// The order of places: ascending, missing last.
pub(super) fn by_place(a: &Place, b: &Place) -> Ordering {
    let last = |ordinal: &i64| (*ordinal == NO_ORDINAL, *ordinal);
    a.iter().map(last).cmp(b.iter().map(last))
}

fn dense_numbers(radix: &[usize], dimensions: &[&Values], rows: usize) -> Vec<u32> {
    let mut cells = vec![0u32; rows];
    for (values, &radix) in dimensions.iter().zip(radix) {
        let (radix, missing) = (radix as u32, radix as u32 - 1);
        match values {
            // A missing code is the largest there is.
            Values::Codes { codes, .. } => {
                const { assert!(MISSING == u32::MAX) };
                for (cell, code) in cells.iter_mut().zip(codes) {
                    *cell = *cell * radix + (*code).min(missing);
                }
            }
            Values::Booleans(values) => {
                for (cell, value) in cells.iter_mut().zip(values) {
                    *cell = *cell * radix + value.map_or(missing, u32::from);
                }
            }
            Values::Numbers { .. } | Values::Dates(_) => {
                unreachable!("only categories and booleans have a known radix")
            }
        }
    }
    cells
}

fn dense_place(radix: &[usize], mut number: usize) -> Place {
    let mut place = vec![0; radix.len()].into_boxed_slice();
    for (ordinal, &radix) in place.iter_mut().zip(radix).rev() {
        *ordinal = match number % radix {
            digit if digit == radix - 1 => NO_ORDINAL,
            digit => digit as i64,
        };
        number /= radix;
    }
    place
}

fn sparse_numbers(
    numbers: &mut HashMap<Place, u32>,
    places: &mut Vec<Place>,
    dimensions: &[&Values],
    names: &[&str],
    rows: usize,
) -> Result<Vec<u32>> {
    let mut cells = Vec::with_capacity(rows);
    let mut place = vec![0; dimensions.len()];
    for row in 0..rows {
        for ((ordinal, values), name) in place.iter_mut().zip(dimensions).zip(names) {
            *ordinal = values.ordinal(row).ok_or_else(|| {
                Error::new(ErrorKind::Overflow, "is too large to be a dimension").in_column(name)
            })?;
        }
        cells.push(match numbers.get(place.as_slice()) {
            Some(number) => *number,
            None => number_of(numbers, places, place.clone().into()),
        });
    }
    Ok(cells)
}

/// The number of a place, given if it has none yet.
fn number_of(numbers: &mut HashMap<Place, u32>, places: &mut Vec<Place>, place: Place) -> u32 {
    match numbers.entry(place) {
        Entry::Occupied(number) => *number.get(),
        Entry::Vacant(entry) => {
            let number = places.len() as u32;
            places.push(entry.key().clone());
            *entry.insert(number)
        }
    }
}
