//! Singletons: the only persons in cells, each known by a number that says nothing else of it.
//!
//! A singleton knows what is in its cell, and the singleton of two cells knows both, also where one is of an earlier release. For that it need
//! be known that it is the same person, and not who. The noise half of a record
//! key is the person's; a code of it under the release key is what the ledger
//! keeps, for the half itself would undo the noise of cells.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::key::ReleaseKey;
use crate::ledger::entry::Fingerprint;
use crate::protect::history::earlier::Joined;
use crate::protect::quantity::Quantity;
use crate::table::{Accumulator, Place};
use kobling_sdc::structure::Structure;
use kobling_sdc::suppress::Contributors;

/// The only contributor to a quantity in a cell: of the same person the same
/// number. None if there are several or none, or no record keys were folded.
///
/// Where one of several persons has a value and it is zero, the record keys do
/// not show which one that is; then it is a singleton of this cell only.
pub(in crate::protect) fn singleton(
    cell: &Accumulator,
    quantity: Quantity,
    key: &ReleaseKey,
) -> Option<Fingerprint> {
    let keys = cell.keys.as_ref()?;
    if contributors(cell, quantity) != 1 {
        return None;
    }
    let (of, who) = match quantity {
        Quantity::Contribution(at) if keys.contributions[at].nonzero == 1 => {
            ("person", keys.contributions[at].contributors)
        }
        _ if cell.persons == 1 => ("person", keys.persons),
        _ => ("rows", keys.rows),
    };
    let code = key.derive(b"lone contributor", &[of.as_bytes(), &who.to_be_bytes()]);
    let (first, _) = code
        .expose()
        .split_first_chunk()
        .expect("32 bytes are more than 8");
    Some(Fingerprint(u64::from_be_bytes(*first)))
}

fn contributors(cell: &Accumulator, quantity: Quantity) -> u64 {
    match quantity {
        Quantity::Persons => cell.persons,
        Quantity::Contribution(at) => cell.totals[at].contributors,
    }
}

/// The singletons of cells, by numbers, and the inner cells that each knows.
pub(in crate::protect) struct Singletons {
    numbers: HashMap<Fingerprint, u32>,
    /// Who contributes to each inner cell, as far as this release shows.
    pub(in crate::protect) contributors: Vec<Contributors>,
    /// Inner cells with the number of a person who knows that nobody else is in
    /// them. Where two know that of the same one, nobody is in it.
    pub(in crate::protect) known: BTreeSet<(u32, u32)>,
}

impl Singletons {
    /// In the `inner` cells of a release, and in the `own` cells that it publishes,
    /// which are sums of them.
    ///
    /// Without record keys each inner cell is taken for another person's.
    pub(in crate::protect) fn of(
        inner: &[(Place, Accumulator)],
        quantity: Quantity,
        key: &ReleaseKey,
        own: &Structure,
    ) -> Self {
        let mut found = Self {
            numbers: HashMap::new(),
            contributors: Vec::with_capacity(inner.len()),
            known: BTreeSet::new(),
        };
        for (at, (_, cell)) in (0..).zip(inner) {
            let whose = match contributors(cell, quantity) {
                0 => Contributors::None,
                1 => {
                    let code = singleton(cell, quantity, key);
                    Contributors::One(code.map_or(at, |code| found.number(code)))
                }
                _ => Contributors::Many,
            };
            found.contributors.push(whose);
            found.knows(&[at]);
        }
        (0..own.cells()).for_each(|cell| found.knows(own.members(cell)));
        found
    }

    fn number(&mut self, code: Fingerprint) -> u32 {
        let next = self.numbers.len() as u32;
        *self.numbers.entry(code).or_insert(next)
    }

    /// The singleton of all `members` together knows each.
    fn knows(&mut self, members: &[u32]) {
        let whose = members.iter().map(|at| self.contributors[*at as usize]);
        let together = whose.fold(Contributors::None, Contributors::with);
        if let Contributors::One(person) = together {
            self.known.extend(members.iter().map(|at| (*at, person)));
        }
    }

    /// The same once inner cells are split: the singleton of one knows in which
    /// parts of it to be, and that nobody is in the others. So does the singleton
    /// of an earlier cell, of the parts that it is the sum of.
    pub(in crate::protect) fn split(mut self, joined: &Joined) -> Self {
        let mut known = BTreeSet::new();
        for (part, of) in (0..).zip(&joined.of) {
            let whose = self.known.range((*of, 0)..=(*of, u32::MAX));
            known.extend(whose.map(|(_, person)| (part, *person)));
        }
        for (code, members) in &joined.singletons {
            let person = self.number(*code);
            known.extend(members.iter().map(|part| (*part, person)));
        }
        let contributors = joined.of.iter();
        let contributors = contributors.map(|of| self.contributors[*of as usize]);
        self.contributors = contributors.collect();
        self.known = known;
        self
    }

    /// The same on the margins of the joint table, before inner cells are split: for each
    /// person, its number and the inner cells that it knows.
    pub(in crate::protect) fn on_margins(
        &mut self,
        earlier: &[(Fingerprint, Vec<u32>)],
    ) -> BTreeMap<u32, Vec<u32>> {
        let mut knows: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (inner, person) in &self.known {
            knows.entry(*person).or_default().push(*inner);
        }
        for (code, members) in earlier {
            let person = self.number(*code);
            knows.entry(person).or_default().extend(members);
        }
        for inner in knows.values_mut() {
            inner.sort_unstable();
            inner.dedup();
        }
        knows
    }

    /// The numbers of those who are [insiders](Self::insiders), in their order.
    pub(in crate::protect) fn persons(&self) -> Vec<u32> {
        let mut persons: Vec<u32> = self.known.iter().map(|(_, person)| *person).collect();
        persons.sort_unstable();
        persons.dedup();
        persons
    }

    /// For each of these persons, the inner cells that it knows, in increasing order.
    pub(in crate::protect) fn insiders(&self) -> Vec<Vec<u32>> {
        let mut insiders: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (inner, person) in &self.known {
            insiders.entry(*person).or_default().push(*inner);
        }
        insiders.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::cell::RecordKeySums;

    /// A cell of `persons`, in whose rows the keys add up to these.
    fn cell(persons: u64, noise: u64, rows: u64) -> Accumulator {
        Accumulator {
            persons,
            rows: persons,
            totals: Vec::new(),
            keys: Some(Box::new(RecordKeySums {
                rows,
                persons: noise,
                ..RecordKeySums::of_nobody(0)
            })),
        }
    }

    #[test]
    fn a_person_has_one_number_under_one_key_in_all_rows() {
        let [key, other] = [(); 2].map(|()| ReleaseKey::generate().expect("random bytes"));
        let of = |cell: &Accumulator, key| singleton(cell, Quantity::Persons, key);
        let one = of(&cell(1, 77, 5), &key);
        assert!(one.is_some());
        assert_eq!(one, of(&cell(1, 77, 10), &key));
        assert_ne!(one, of(&cell(1, 78, 5), &key));
        assert_ne!(one, of(&cell(1, 77, 5), &other));
        assert_ne!(one, Some(Fingerprint(77)), "noise cannot be undone by it");
        assert_eq!(of(&cell(2, 77, 5), &key), None);
        assert_eq!(of(&cell(0, 0, 0), &key), None);
    }

    /// Two inner cells of one person, one of another, one of many, one of nobody;
    /// the first and the last are published as one.
    #[test]
    fn the_singleton_of_a_cell_knows_all_its_parts() {
        let key = ReleaseKey::generate().expect("random bytes");
        let figures = [(1, 7), (1, 7), (1, 8), (5, 9), (0, 0)];
        let inner = figures.map(|(persons, noise)| (Place::from([0]), cell(persons, noise, noise)));
        let own = Structure::new(5, [vec![0, 4], vec![0, 2], vec![3]]);
        let singletons = Singletons::of(&inner, Quantity::Persons, &key, &own);
        assert_eq!(singletons.insiders(), [vec![0, 1, 4], vec![2]]);

        // 1 and 3 are split; somebody was the only contributor to parts of both.
        let of = vec![0, 1, 1, 2, 3, 3, 4];
        let code =
            |noise| singleton(&cell(1, noise, 0), Quantity::Persons, &key).expect("one person");
        let joined = Joined {
            of,
            cells: Vec::new(),
            floors: Vec::new(),
            ceilings: Vec::new(),
            signs: Vec::new(),
            joint: None,
            singletons: vec![(code(8), vec![2, 4]), (code(99), vec![5])],
        };
        let singletons = singletons.split(&joined);
        assert_eq!(singletons.contributors.len(), 7);
        let wanted = [vec![0, 1, 2, 6], vec![2, 3, 4], vec![5]];
        assert_eq!(singletons.insiders(), wanted);
    }
}
