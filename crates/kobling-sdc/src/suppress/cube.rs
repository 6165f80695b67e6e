//! Changes of a table that leave its sums as they are: hypercubes.
//!
//! Take an inner cell, and for some of its dimensions another category each. The
//! cells at the corners of that cube get one person more and one less by turns:
//! then every sum over one of these dimensions stays as it is (J. P. Kelly, B. L.
//! Golden and A. A. Assad, *Cell suppression: disclosure protection for sensitive
//! tabular data*, Networks 22, 1992, look at such cubes in two dimensions; S.
//! Giessing and D. Repsilber, *Tools and strategies to protect multiple tables with
//! the GHQUAR cell suppression engine*, 2002, in several). What does change has
//! to be suppressed.

use std::collections::HashMap;

/// Dense up to so many places for each inner cell that there is.
const DENSE: usize = 8;

/// No inner cell.
pub(super) const NOWHERE: u32 = u32::MAX;

/// Where inner cells are: by dimension each one's category.
pub(super) struct Grid<'a> {
    places: &'a [Vec<u32>],
    /// By dimension how many categories there are.
    sizes: Vec<usize>,
    strides: Vec<usize>,
    index: CubeIndex,
}

enum CubeIndex {
    Dense(Vec<u32>),
    Sparse(HashMap<usize, u32>),
}

impl<'a> Grid<'a> {
    /// `places` has for each dimension the category of each of the `inner` cells.
    pub(super) fn new(places: &'a [Vec<u32>], inner: usize) -> Self {
        let size = |places: &Vec<u32>| places.iter().max().map_or(0, |most| *most as usize + 1);
        let sizes: Vec<usize> = places.iter().map(size).collect();
        let mut strides = Vec::with_capacity(sizes.len());
        let mut all = 1usize;
        for size in &sizes {
            strides.push(all);
            all = all.saturating_mul(*size);
        }
        let mut grid = Self {
            places,
            sizes,
            strides,
            index: CubeIndex::Dense(Vec::new()),
        };
        if all == usize::MAX {
            // Too many places to number: no cube has a corner anywhere.
            grid.sizes.clear();
            return grid;
        }
        let keys = (0..inner).map(|at| (grid.key(at as u32), at as u32));
        grid.index = if all <= inner.saturating_mul(DENSE) {
            let mut dense = vec![NOWHERE; all];
            keys.for_each(|(key, at)| dense[key] = at);
            CubeIndex::Dense(dense)
        } else {
            CubeIndex::Sparse(keys.collect())
        };
        grid
    }

    pub(super) fn dimensions(&self) -> usize {
        self.sizes.len()
    }

    /// How many categories a dimension has.
    pub(super) fn size(&self, dimension: usize) -> u32 {
        self.sizes[dimension] as u32
    }

    pub(super) fn category(&self, dimension: usize, inner: u32) -> u32 {
        self.places[dimension][inner as usize]
    }

    /// The place of an inner cell, as a number.
    pub(super) fn key(&self, inner: u32) -> usize {
        let places = self.places.iter().zip(&self.strides);
        places
            .map(|(places, stride)| (places[inner as usize] as usize).wrapping_mul(*stride))
            .fold(0, usize::wrapping_add)
    }

    fn at(&self, key: usize) -> u32 {
        match &self.index {
            CubeIndex::Dense(dense) => dense[key],
            CubeIndex::Sparse(sparse) => sparse.get(&key).copied().unwrap_or(NOWHERE),
        }
    }

    /// The inner cell that differs from `inner` in one category.
    pub(super) fn beside(&self, inner: u32, dimension: usize, category: u32) -> u32 {
        self.at(self.moved(self.key(inner), inner, dimension, category))
    }

    fn moved(&self, key: usize, inner: u32, dimension: usize, category: u32) -> usize {
        let own = self.category(dimension, inner);
        self.key_turned(key, dimension, (own, category))
    }

    fn key_turned(&self, key: usize, dimension: usize, (from, to): (u32, u32)) -> usize {
        let stride = self.strides[dimension];
        key.wrapping_add(
            (to as usize)
                .wrapping_sub(from as usize)
                .wrapping_mul(stride),
        )
    }

    /// The inner cell, and its key, that differs from the one of this key in a dimension: it has
    /// one category in place of another. None if there is no such inner cell.
    pub(super) fn turned(
        &self,
        key: usize,
        dimension: usize,
        turn: (u32, u32),
    ) -> Option<(usize, u32)> {
        let key = self.key_turned(key, dimension, turn);
        let inner = self.at(key);
        (inner != NOWHERE).then_some((key, inner))
    }

    /// The corners of a whole cube at once: `inner` first, which gets one more, and those where
    /// some of `others` (a dimension and a category each) take the place of its own
    /// categories. No, if there is not an inner cell at each.
    #[cfg(test)]
    pub(super) fn corners(
        &self,
        inner: u32,
        others: &[(usize, u32)],
        corners: &mut Vec<(u32, i64)>,
    ) -> bool {
        corners.clear();
        let key = self.key(inner);
        for turned in 0..1usize << others.len() {
            let mut at = key;
            for (bit, &(dimension, category)) in others.iter().enumerate() {
                if turned >> bit & 1 == 1 {
                    at = self.moved(at, inner, dimension, category);
                }
            }
            let corner = self.at(at);
            if corner == NOWHERE {
                return false;
            }
            let more = if turned.count_ones().is_multiple_of(2) {
                1
            } else {
                -1
            };
            corners.push((corner, more));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two by three by two, all there but one.
    fn places(left_out: Option<usize>) -> Vec<Vec<u32>> {
        let all = (0..12usize).filter(|at| Some(*at) != left_out);
        let all: Vec<usize> = all.collect();
        let by = |of: fn(usize) -> usize| all.iter().map(|at| of(*at) as u32).collect();
        vec![by(|at| at % 2), by(|at| at / 2 % 3), by(|at| at / 6)]
    }

    #[test]
    fn all_sums_over_a_turned_dimension_stay() {
        let places = places(None);
        let grid = Grid::new(&places, 12);
        let mut corners = Vec::new();
        assert!(grid.corners(0, &[(0, 1), (1, 2), (2, 1)], &mut corners));
        assert_eq!(corners.len(), 8);
        for dimension in 0..3 {
            let mut sums: HashMap<Vec<u32>, i64> = HashMap::new();
            for &(at, more) in &corners {
                let others = (0..3).filter(|other| *other != dimension);
                let others = others.map(|other| grid.category(other, at)).collect();
                *sums.entry(others).or_default() += more;
            }
            assert!(sums.values().all(|sum| *sum == 0));
        }
        assert!(grid.corners(3, &[], &mut corners));
        assert_eq!(corners, [(3, 1)]);
    }

    #[test]
    fn there_is_no_cube_where_a_corner_is_missing() {
        let places = places(Some(11));
        let grid = Grid::new(&places, 11);
        let mut corners = Vec::new();
        assert!(!grid.corners(0, &[(0, 1), (1, 2), (2, 1)], &mut corners));
        assert!(grid.corners(0, &[(0, 1), (1, 1), (2, 1)], &mut corners));
        assert_eq!(grid.beside(4, 2, 1), 10);
    }
}
