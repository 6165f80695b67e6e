//! Which further cell to suppress where the feasibility interval of one is too narrow.
//!
//! What bounds a suppressed cell from above is a published sum that it is part
//! of. The interval widens by what else of that sum is suppressed; so the
//! cheapest help is a small cell next to it in the smallest such sum, and if
//! there is none, the sum itself. Cells that overlap bound each other too, though
//! neither is part of the other: of two tables about the same rows, say.

use std::collections::BTreeSet;

use kobling_sdc::structure::Structure;

/// How many sums around a cell are looked at, the smallest ones first.
const SUMS: usize = 8;

/// The cells of a structure, and of which inner cells they are the sums.
pub(super) struct Neighbours<'a> {
    structure: &'a Structure,
    cells_of: Structure,
}

impl<'a> Neighbours<'a> {
    pub(super) fn new(structure: &'a Structure) -> Self {
        Self {
            structure,
            cells_of: structure.transposed(),
        }
    }

    /// The cell to suppress together with `cell`, of those that `may` be: not empty,
    /// and as small as possible.
    pub(super) fn cheapest(
        &self,
        cell: usize,
        sizes: &[f64],
        may: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        let sums = self.sums(cell);
        let companions = sums.iter().filter_map(|sum| {
            let parts = self.parts(*sum, cell).into_iter();
            let parts = parts.filter(|part| sizes[*part] != 0.0 && may(*part));
            parts.min_by(|a, b| {
                let sizes = sizes[*a].abs().total_cmp(&sizes[*b].abs());
                sizes.then(a.cmp(b))
            })
        });
        let sum = || sums.iter().copied().find(|sum| may(*sum));
        let overlapping = || {
            let cells = self.overlapping(cell).into_iter();
            cells.filter(|other| may(*other)).min_by(|a, b| {
                // A zero bounds least by what it is.
                let [a, b] = [a, b].map(|other| sizes[*other].abs());
                (a == 0.0).cmp(&(b == 0.0)).then(a.total_cmp(&b))
            })
        };
        companions
            .into_iter()
            .next()
            .or_else(sum)
            .or_else(overlapping)
    }

    /// The cells that share an inner cell with `cell`, in increasing order.
    fn overlapping(&self, cell: usize) -> BTreeSet<usize> {
        let members = self.structure.members(cell).iter();
        let cells = members.flat_map(|inner| self.cells_of.members(*inner as usize));
        cells.map(|other| *other as usize).collect()
    }

    /// The cells that `cell` is a part of, the fewest inner cells first.
    fn sums(&self, cell: usize) -> Vec<usize> {
        let members = self.structure.members(cell);
        let Some(first) = members.first() else {
            return Vec::new();
        };
        let around = self.cells_of.members(*first as usize).iter();
        let around = around.map(|sum| *sum as usize).filter(|sum| {
            let whole = self.structure.members(*sum);
            whole.len() > members.len() && members.iter().all(|at| whole.binary_search(at).is_ok())
        });
        let mut sums: Vec<usize> = around.collect();
        sums.sort_by_key(|sum| (self.structure.members(*sum).len(), *sum));
        sums.truncate(SUMS);
        sums
    }

    /// The cells that are parts of `sum` and share nothing with `cell`.
    fn parts(&self, sum: usize, cell: usize) -> Vec<usize> {
        let (whole, own) = (self.structure.members(sum), self.structure.members(cell));
        let apart = |at: &u32| own.binary_search(at).is_err();
        let mut parts: Vec<usize> = Vec::new();
        for inner in whole.iter().filter(|at| apart(at)) {
            let cells = self.cells_of.members(*inner as usize).iter();
            parts.extend(cells.map(|part| *part as usize));
        }
        parts.sort_unstable();
        parts.dedup();
        parts.retain(|part| {
            let members = self.structure.members(*part);
            members.len() < whole.len()
                && members
                    .iter()
                    .all(|at| apart(at) && whole.binary_search(at).is_ok())
        });
        parts
    }
}
