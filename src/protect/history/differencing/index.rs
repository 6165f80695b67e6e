//! Where cells are, and what earlier releases published of those related to them.
//!
//! A cell is compared with those of the same categories, with those by the same columns,
//! however these were cut, and with those that have its categories and others in addition
//! to them, or some of them only: who has those of a town for whom a condition holds, and then
//! a table of all for whom it holds, by town, has the same cell twice, under other addresses.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

use super::{Address, Columns, EarlierCell};
use crate::ledger::entry::Sketch;

/// Of an address of more categories, only those parts are looked up that lack one of them.
const MOST_PARTED: usize = 6;

/// Where a cell is: the categories by which it is distinguished from others.
pub(in crate::protect) struct CellPosition {
    /// What these are made from.
    pub(in crate::protect) columns: Columns,
    /// Those that are one each, in their order.
    pub(in crate::protect) categories: Address,
    /// Whether these are all, and none is several neighbouring ones.
    pub(in crate::protect) is_whole: bool,
}

impl CellPosition {
    /// Of what is distinguished by `columns`: for each dimension its category, or none if it
    /// is several neighbouring ones.
    pub(in crate::protect) fn new(
        columns: Columns,
        categories: impl Iterator<Item = Option<Option<String>>>,
    ) -> Self {
        let mut is_whole = true;
        let categories = categories.filter_map(|category| {
            is_whole &= category.is_some();
            category
        });
        let mut categories: Address = categories.collect();
        categories.sort_unstable();
        Self {
            columns,
            categories,
            is_whole,
        }
    }
}

/// By numbers of persons, where in the list of all earlier figures.
type ByPersons = BTreeMap<u64, Vec<usize>>;

/// Cells by the same columns, by whom they may have in common with another: by each bucket of
/// their sketches that holds something, and what. Of few persons there are nearly as many cells
/// as there are in all.
#[derive(Default)]
struct BySketch(HashMap<(u8, u16), Vec<u32>>);

impl BySketch {
    fn add(&mut self, sketch: &Sketch, number: usize) {
        for bucket in sketch.filled() {
            self.0.entry(bucket).or_default().push(number as u32);
        }
    }

    /// Those that share a bucket with the sketch.
    fn sharing(&self, sketch: &Sketch) -> Vec<usize> {
        let sharing = sketch.filled().filter_map(|bucket| self.0.get(&bucket));
        let mut sharing: Vec<usize> = sharing.flatten().map(|at| *at as usize).collect();
        sharing.sort_unstable();
        sharing.dedup();
        sharing
    }
}

/// Where in the list of all earlier figures a cell is.
#[derive(Default)]
pub(super) struct EarlierIndex<'a> {
    /// By the base's source and the address.
    at: HashMap<(&'a str, Address), Vec<usize>>,
    /// By the fingerprint of the rows.
    of: HashMap<u64, Vec<usize>>,
    /// By the base's source and the columns: those of which it is known who the persons are.
    by: HashMap<(&'a str, Columns), BySketch>,
    /// By the categories that are one each, of whatever source: the same cells.
    exactly: HashMap<Address, ByPersons>,
    /// By each part of these.
    within: HashMap<Address, ByPersons>,
}

impl<'a> EarlierIndex<'a> {
    /// Adds what was published `earlier` of a cell; no, if the `same` was added already.
    pub(super) fn add(
        &mut self,
        (base, place): (&'a str, CellPosition),
        earlier: &EarlierCell,
        number: usize,
        same: impl Fn(usize) -> bool,
    ) -> bool {
        let address = place.is_whole.then(|| (base, place.categories.clone()));
        // Nobody is in common with a cell that nobody is in.
        let sketch = earlier
            .sketch
            .filter(|sketch| sketch.filled().next().is_some());
        let columns = sketch.map(|sketch| ((base, place.columns), sketch));
        let there = |found: &[usize]| found.iter().any(|other| same(*other));
        let at_address = address
            .as_ref()
            .map(|address| self.at.get(address).is_some_and(|found| there(found)));
        let by_columns = columns.as_ref().map(|(columns, sketch)| {
            let by = self.by.get(columns);
            by.is_some_and(|by| there(&by.sharing(sketch)))
        });
        if at_address.unwrap_or(true) && by_columns.unwrap_or(true) {
            return false;
        }
        if let (Some(address), Some(false)) = (address, at_address) {
            self.at.entry(address).or_default().push(number);
        }
        if let (Some((columns, sketch)), Some(false)) = (columns, by_columns) {
            self.by.entry(columns).or_default().add(&sketch, number);
            for part in parts(&place.categories) {
                put(self.within.entry(part).or_default(), earlier, number);
            }
            let exactly = self.exactly.entry(place.categories).or_default();
            put(exactly, earlier, number);
        }
        self.of.entry(earlier.rows).or_default().push(number);
        true
    }

    /// Of the same rows.
    pub(super) fn of_rows(&self, rows: u64) -> impl Iterator<Item = usize> + '_ {
        self.of.get(&rows).into_iter().flatten().copied()
    }

    /// Of the same categories.
    pub(super) fn at(&self, base: &'a str, place: &CellPosition) -> Vec<usize> {
        let address = place.is_whole.then(|| (base, place.categories.clone()));
        let found = address.and_then(|address| self.at.get(&address));
        found.cloned().unwrap_or_default()
    }

    /// By the same columns: those that share a bucket with the sketch.
    pub(super) fn by_columns(
        &self,
        base: &'a str,
        place: &CellPosition,
        sketch: &Sketch,
    ) -> Vec<usize> {
        let by = self.by.get(&(base, place.columns.clone()));
        by.map(|by| by.sharing(sketch)).unwrap_or_default()
    }

    /// By the same categories and further ones, or some of these only, of so many
    /// persons; also of other sources.
    pub(super) fn with_more_or_less(
        &self,
        place: &CellPosition,
        persons: RangeInclusive<u64>,
    ) -> impl Iterator<Item = usize> {
        let less = parts(&place.categories);
        let less = less.into_iter().filter_map(|part| self.exactly.get(&part));
        let more = self.within.get(&place.categories);
        less.chain(more)
            .flat_map(move |by| numbers(by, persons.clone()))
    }
}

fn put(by: &mut ByPersons, earlier: &EarlierCell, number: usize) {
    by.entry(earlier.persons).or_default().push(number);
}

fn numbers(by: &ByPersons, persons: RangeInclusive<u64>) -> impl Iterator<Item = usize> {
    by.range(persons).flat_map(|(_, numbers)| numbers).copied()
}

/// All parts of an address, itself and none of it among them.
fn parts(address: &Address) -> Vec<Address> {
    let without = |out: usize| {
        let kept = address.iter().enumerate().filter(|(at, _)| *at != out);
        kept.map(|(_, category)| category.clone()).collect()
    };
    let mut parts: Vec<Address> = match address.len() {
        few if few <= MOST_PARTED => (0..1usize << few)
            .map(|kept| {
                let is_kept = |at: &usize| kept >> at & 1 == 1;
                let kept = (0..few).filter(is_kept);
                kept.map(|at| address[at].clone()).collect()
            })
            .collect(),
        many => (0..=many).map(without).collect(),
    };
    parts.sort_unstable();
    parts.dedup();
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ledger::entry::Origin;

    /// Of persons whose buckets and sums are drawn from few, so that they meet.
    fn sketch() -> impl Strategy<Value = Sketch> {
        let persons = prop::collection::vec((0..32usize, 1..9u16), 0..6);
        persons.prop_map(|persons| {
            let mut sketch = Sketch::default();
            for (bucket, sum) in persons {
                sketch.0[bucket] = sketch.0[bucket].wrapping_add(sum);
            }
            sketch
        })
    }

    proptest! {
        /// The twin looks at all cells by the same columns.
        #[test]
        fn whoever_shares_a_bucket_is_found(
            cells in prop::collection::vec((sketch(), any::<bool>()), 0..40),
            wanted in sketch(),
        ) {
            let place = |other: bool| {
                let column = Some(u8::from(other).to_string());
                let origin = Origin { source: "base".to_owned(), column };
                CellPosition::new(Columns::from([origin]), [None].into_iter())
            };
            let mut index = EarlierIndex::default();
            for (number, (sketch, other)) in cells.iter().enumerate() {
                let cell = EarlierCell {
                    entry: 1,
                    table: 0,
                    rows: 1,
                    persons: 1,
                    sketch: Some(*sketch),
                    figures: Vec::new(),
                };
                index.add(("base", place(*other)), &cell, number, |_| false);
            }
            let found = index.by_columns("base", &place(false), &wanted);
            let twin = cells.iter().enumerate();
            let twin = twin.filter(|(_, (sketch, other))| !other && sketch.shares(&wanted));
            let twin: Vec<usize> = twin.map(|(number, _)| number).collect();
            prop_assert_eq!(found, twin);
        }
    }

    #[test]
    fn parts_of_an_address_are_all_of_it_and_less() {
        let address = |names: &[&str]| -> Address {
            names.iter().map(|name| Some((*name).to_owned())).collect()
        };
        assert_eq!(parts(&address(&[])), [address(&[])]);
        let all = parts(&address(&["a", "b", "b"]));
        let wanted: [&[&str]; 6] = [
            &[],
            &["a"],
            &["a", "b"],
            &["a", "b", "b"],
            &["b"],
            &["b", "b"],
        ];
        assert_eq!(all, wanted.map(address));
        let long = address(&["a", "b", "c", "d", "e", "f", "g"]);
        assert_eq!(parts(&long).len(), 8);
        assert!(parts(&long).contains(&long));
    }
}
