//! Which atoms are a sum, with any signs, of counts and of the number of all.

use super::Satisfied;

/// A prime: the counts of a few conditions have no minor as large, so that what follows
/// modulo it follows.
const PRIME: u64 = (1 << 61) - 1;

/// Those of all `atoms` there are whose number follows from how many there are in all and how
/// many satisfy each condition.
///
/// By Gauss and Jordan: an atom follows if and only if a row of the reduced matrix of what is
/// counted has nothing else in it.
pub(super) fn that_follow(atoms: &[Satisfied]) -> Vec<Satisfied> {
    let conditions = atoms.first().map_or(0, Vec::len);
    let all = vec![1; atoms.len()];
    let counts = (0..conditions).map(|at| atoms.iter().map(|atom| u64::from(atom[at])).collect());
    let mut rows: Vec<Vec<u64>> = std::iter::once(all).chain(counts).collect();
    let mut rank = 0;
    for column in 0..atoms.len() {
        let Some(pivot) = (rank..rows.len()).find(|row| rows[*row][column] != 0) else {
            continue;
        };
        rows.swap(rank, pivot);
        let inverse = power(rows[rank][column], PRIME - 2);
        let own: Vec<u64> = rows[rank]
            .iter()
            .map(|entry| product(*entry, inverse))
            .collect();
        for (at, row) in rows.iter_mut().enumerate() {
            let factor = row[column];
            if at == rank {
                row.clone_from(&own);
            } else if factor != 0 {
                for (entry, own) in row.iter_mut().zip(&own) {
                    *entry = (*entry + PRIME - product(factor, *own)) % PRIME;
                }
            }
        }
        rank += 1;
    }
    let determined = rows[..rank].iter().filter_map(|row| {
        let mut there = row.iter().zip(atoms).filter(|(entry, _)| **entry != 0);
        match (there.next(), there.next()) {
            (Some((_, atom)), None) => Some(atom.clone()),
            _ => None,
        }
    });
    determined.collect()
}

fn product(one: u64, other: u64) -> u64 {
    (u128::from(one) * u128::from(other) % u128::from(PRIME)) as u64
}

fn power(base: u64, mut exponent: u64) -> u64 {
    let (mut base, mut power) = (base, 1);
    while exponent > 0 {
        if exponent & 1 == 1 {
            power = product(power, base);
        }
        base = product(base, base);
        exponent >>= 1;
    }
    power
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn who_is_left_of_three_that_exclude_each_other_follows() {
        let atoms = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]].map(|atom| atom.to_vec());
        assert_eq!(that_follow(&atoms).len(), 4);
    }

    #[test]
    fn nothing_follows_where_all_goes_with_all() {
        let atoms = (0..8u32).map(|bits| (0..3).map(|at| bits >> at & 1).collect());
        assert_eq!(
            that_follow(&atoms.collect::<Vec<_>>()),
            Vec::<Satisfied>::new()
        );
    }

    proptest! {
        /// What does not follow can be changed, and all counts stay: by small numbers, as there
        /// are few atoms.
        #[test]
        fn what_follows_is_what_no_change_of_the_others_makes_up_for(
            atoms in prop::collection::btree_set(prop::collection::vec(0..2u32, 3), 1..6),
        ) {
            let atoms: Vec<Satisfied> = atoms.into_iter().collect();
            let mut changed = vec![false; atoms.len()];
            for code in 0..7usize.pow(atoms.len() as u32) {
                let change = |at: usize| (code / 7usize.pow(at as u32) % 7) as i64 - 3;
                let stays = |counted: &dyn Fn(&Satisfied) -> bool| {
                    let counted = (0..atoms.len()).filter(|at| counted(&atoms[*at]));
                    counted.map(change).sum::<i64>() == 0
                };
                if stays(&|_| true) && (0..3).all(|condition| stays(&|atom| atom[condition] == 1)) {
                    changed.iter_mut().enumerate().for_each(|(at, own)| *own |= change(at) != 0);
                }
            }
            let follow = atoms.iter().zip(changed).filter(|(_, changed)| !changed);
            let follow: Vec<Satisfied> = follow.map(|(atom, _)| atom.clone()).collect();
            let mut found = that_follow(&atoms);
            found.sort();
            prop_assert_eq!(found, follow);
        }
    }
}
