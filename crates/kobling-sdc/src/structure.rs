//! The structure of a release: which inner cells each published cell is the sum of.
//!
//! Margins, levels of a hierarchy and several tables of one base are all sums
//! of the same inner cells, with weights 0 and 1. That matrix is all that an
//! attacker needs in addition to the published values, and all that protection needs
//! to know of them: so it is one value, sparse, and says nothing of a person.

/// A sparse 0/1 matrix: for each published cell, the inner cells that it is the sum of.
///
/// Held row after row (compressed sparse rows): cell `c` is the sum of the
/// inner cells `members(c)`, which are in increasing order, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Structure {
    inner: usize,
    starts: Vec<usize>,
    members: Vec<u32>,
}

impl Structure {
    /// The structure of `cells`, each the inner cells that it is the sum of, of `inner` in all.
    ///
    /// # Panics
    ///
    /// If a cell names an inner cell that there is not, or one twice.
    pub fn new<C: IntoIterator<Item = u32>>(
        inner: usize,
        cells: impl IntoIterator<Item = C>,
    ) -> Self {
        let mut starts = vec![0];
        let mut members: Vec<u32> = Vec::new();
        for cell in cells {
            let start = members.len();
            members.extend(cell);
            let cell = &mut members[start..];
            cell.sort_unstable();
            assert!(
                cell.is_sorted_by(|a, b| a < b),
                "a cell holds an inner cell once"
            );
            assert!(
                cell.last().is_none_or(|&last| (last as usize) < inner),
                "a cell is a sum of inner cells"
            );
            starts.push(members.len());
        }
        Self {
            inner,
            starts,
            members,
        }
    }

    /// How many inner cells there are.
    pub fn inner(&self) -> usize {
        self.inner
    }

    /// How many published cells there are.
    pub fn cells(&self) -> usize {
        self.starts.len() - 1
    }

    /// The inner cells that `cell` is the sum of, in increasing order.
    ///
    /// # Panics
    ///
    /// If there is no such cell.
    pub fn members(&self, cell: usize) -> &[u32] {
        &self.members[self.starts[cell]..self.starts[cell + 1]]
    }

    /// The same with `further` cells behind the others.
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new).
    pub fn with(&self, further: &[Vec<u32>]) -> Self {
        let own = (0..self.cells()).map(|cell| self.members(cell).to_vec());
        Self::new(self.inner, own.chain(further.iter().cloned()))
    }

    /// The other way round: for each inner cell, the cells that it is part of, in increasing order.
    pub fn transposed(&self) -> Self {
        let mut starts = vec![0; self.inner + 1];
        for &member in &self.members {
            starts[member as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut members = vec![0; self.members.len()];
        for cell in 0..self.cells() {
            for &member in self.members(cell) {
                members[next[member as usize]] = cell as u32;
                next[member as usize] += 1;
            }
        }
        Self {
            inner: self.cells(),
            starts,
            members,
        }
    }
}
