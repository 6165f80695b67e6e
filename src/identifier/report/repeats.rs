//! Which canonical identifiers occur more than once: sorted, so that equal ones
//! are adjacent.
//!
//! Equal hashes would only nearly be equal identifiers. So the forms
//! themselves are sorted: those of up to 15 bytes, which all national
//! identifiers have, as one number each; longer ones as text, where the first
//! 8 bytes mostly decide.

use rayon::prelude::*;

use crate::count::Frequency;
use crate::identifier::Forms;
use crate::plan::IdentifierType;
use crate::plan::identifier::PartTypes;

/// Bytes of the longest form that is held as a number: one byte is for its length.
const SHORT: usize = 15;

/// The canonical identifiers of some rows, held to be compared. There is no
/// `Debug`: it would print identifiers.
pub(super) struct SeenIdentifiers {
    /// Forms as numbers.
    short: Vec<u128>,
    long: Forms,
}

impl Default for SeenIdentifiers {
    fn default() -> Self {
        Self::with_room_for(0)
    }
}

impl SeenIdentifiers {
    /// None yet, with room for `rows`.
    pub(super) fn with_room_for(rows: usize) -> Self {
        Self {
            short: Vec::with_capacity(rows),
            long: Forms::new(&PartTypes::of(&[IdentifierType::Text]), 0),
        }
    }

    pub(super) fn push(&mut self, form: &[u8]) {
        match number(form) {
            Some(number) => self.short.push(number),
            None => self.long.push(form),
        }
    }
}

/// A form of up to [`SHORT`] bytes as a number; different forms are different numbers.
fn number(form: &[u8]) -> Option<u128> {
    let mut bytes = [0; SHORT + 1];
    bytes[..SHORT].get_mut(..form.len())?.copy_from_slice(form);
    bytes[SHORT] = form.len() as u8;
    Some(u128::from_be_bytes(bytes))
}

/// A long form: its first bytes, and where the whole is.
type LongForm = (u64, u32, u32);

/// How often identifiers occur.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Repeats {
    /// Different identifiers.
    pub(super) distinct: u64,
    /// Rows whose identifier occurs in another row too.
    pub(super) rows: u64,
    /// How often identifiers occur.
    pub(super) frequency: Frequency,
}

impl Repeats {
    /// Counts what was `seen`.
    pub(super) fn among(seen: Vec<SeenIdentifiers>) -> Self {
        let mut repeats = Self::default();
        let total = seen.iter().map(|seen| seen.short.len()).sum();
        let mut numbers = Vec::with_capacity(total);
        let mut long = Vec::with_capacity(seen.len());
        for seen in seen {
            numbers.extend_from_slice(&seen.short);
            long.push(seen.long);
        }
        numbers.par_sort_unstable();
        repeats.count(&numbers, |one, other| one == other);
        drop(numbers);

        let form = |&(_, batch, row): &LongForm| long[batch as usize].get(row as usize);
        let total = long.iter().map(Forms::len).sum();
        let mut places = Vec::with_capacity(total);
        for (batch, forms) in long.iter().enumerate() {
            let place = |row| (first_bytes(forms.get(row)), batch as u32, row as u32);
            places.extend((0..forms.len()).map(place));
        }
        places.par_sort_unstable_by(|one, other| {
            let first = one.0.cmp(&other.0);
            first.then_with(|| form(one).cmp(form(other)))
        });
        repeats.count(&places, |one, other| form(one) == form(other));
        repeats
    }

    /// Counts the runs of `sorted`.
    fn count<T>(&mut self, sorted: &[T], equal: impl Fn(&T, &T) -> bool) {
        for run in sorted.chunk_by(equal) {
            self.distinct += 1;
            self.frequency.add(run.len() as u64);
            if run.len() > 1 {
                self.rows += run.len() as u64;
            }
        }
    }
}

/// The first 8 bytes of a long form.
fn first_bytes(form: &[u8]) -> u64 {
    form.first_chunk()
        .map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    /// The naive twin: a map from each form to how often it was seen.
    fn counted(batches: &[Vec<Vec<u8>>]) -> Repeats {
        let mut often: HashMap<&[u8], u64> = HashMap::new();
        for form in batches.iter().flatten() {
            *often.entry(form).or_default() += 1;
        }
        Repeats {
            distinct: often.len() as u64,
            rows: often.values().filter(|rows| **rows > 1).sum(),
            frequency: Frequency {
                rows: often.values().sum(),
                distinct: often.len() as u64,
                most: often.values().copied().max().unwrap_or(0),
            },
        }
    }

    /// Forms around the length at which they are held otherwise, zero bytes included.
    fn form() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![Just(0u8), Just(b'1'), Just(15)];
        prop_oneof![
            prop::collection::vec(byte.clone(), 1..4),
            prop::collection::vec(byte.clone(), 14..18),
            (0..3u8, 7..40usize)
                .prop_map(|(last, length)| [vec![b'7'; length], vec![last]].concat()),
        ]
    }

    proptest! {
        #[test]
        fn sorting_counts_what_a_map_counts(
            batches in prop::collection::vec(prop::collection::vec(form(), 0..30), 0..5),
        ) {
            let seen = batches.iter().map(|forms| {
                let mut seen = SeenIdentifiers::with_room_for(forms.len());
                forms.iter().for_each(|form| seen.push(form));
                seen
            });
            prop_assert_eq!(Repeats::among(seen.collect()), counted(&batches));
        }
    }
}
