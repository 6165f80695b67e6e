//! Small-count rounding: no small count is published, and tables stay additive.
//!
//! Only inner cells are changed, to zero or to the base; what is published is
//! added up from them afterwards, so that all margins, levels and tables fit
//! together (Langsrud and Heldal, *An algorithm for small count rounding of
//! tabular data*, PSD 2018; the R package SmallCountRounding). And only those
//! inner cells are changed that feed a published count from 1 to b − 1: most
//! of a table is published as it is. Which ones go up is chosen so that the
//! published counts deviate as little as possible.
//!
//! The choice is a search, not a proof: it starts at random, takes any single
//! change and any exchange of two that brings the published counts nearer to
//! the true ones, and tries again from places nearby. The same seed gives the
//! same table; it is to come from the release key, so that nobody else can
//! repeat the search.

mod search;

use super::{Base, out_of_range, refused};
use crate::Result;
use crate::structure::Structure;
use search::RoundingSearch;

/// A table after small-count rounding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rounded {
    /// The inner cells.
    pub inner: Vec<u64>,
    /// The published cells: the sums of these.
    pub published: Vec<u64>,
}

/// Rounds the small counts of `inner` to 0 or `base`, so that no published
/// cell of `structure` is left from 1 to b − 1.
///
/// # Errors
///
/// [`ErrorKind::Input`](crate::ErrorKind::Input) if there are
/// not as many counts as inner cells, or the base is more than 1,000;
/// [`ErrorKind::Overflow`](crate::ErrorKind::Overflow) if a sum is out
/// of range.
///
/// # Disclosure
///
/// A published zero or multiple of the base may come from any small count
/// next to it. Counts from the base up that were not fed by a rounded cell are
/// exact: against differencing with other tables or releases this does
/// nothing beyond rounding their small cells.
///
/// # Examples
///
/// ```
/// use kobling_sdc::rounding::{Base, small_count};
/// use kobling_sdc::structure::Structure;
///
/// // Two areas, and both together.
/// let structure = Structure::new(2, [vec![0], vec![1], vec![0, 1]]);
/// let rounded = small_count::round(&structure, &[2, 9], Base::new(3).unwrap(), 1).unwrap();
/// assert_eq!(rounded.published, [3, 9, 12]);
/// ```
pub fn round(structure: &Structure, inner: &[u64], base: Base, seed: u64) -> Result<Rounded> {
    if inner.len() != structure.inner() {
        return Err(refused("there is one count for each inner cell"));
    }
    if base.get() > 1_000 {
        return Err(refused("small counts are rounded to at most 1,000"));
    }
    let truth = sums(structure, inner)?;
    let small = |count: u64| (1..base.get()).contains(&count);
    let mut chosen = vec![false; inner.len()];
    let mut rounded = inner.to_vec();
    let mut published = truth.clone();
    // A published cell that is small holds an inner cell that is small and not
    // yet chosen: sums of chosen ones are multiples of the base. So each turn
    // chooses more, and there is a last one.
    loop {
        let fed = (0..structure.cells()).filter(|&cell| small(published[cell]));
        let mut more = false;
        for &member in fed.flat_map(|cell| structure.members(cell)) {
            let member = member as usize;
            if small(rounded[member]) {
                chosen[member] = true;
                more = true;
            }
        }
        if !more {
            return Ok(Rounded {
                inner: rounded,
                published,
            });
        }
        let cells = (0..inner.len()).filter(|&cell| chosen[cell]).collect();
        let up = RoundingSearch::new(structure, inner, &truth, cells, base.get(), seed).best();
        rounded = inner.to_vec();
        for (cell, up) in up {
            rounded[cell] = if up { base.get() } else { 0 };
        }
        published = sums(structure, &rounded)?;
    }
}

/// The sums of published cells.
fn sums(structure: &Structure, inner: &[u64]) -> Result<Vec<u64>> {
    let sum = |cell| {
        let mut members = structure.members(cell).iter();
        let sum = members.try_fold(0u64, |sum, &member| sum.checked_add(inner[member as usize]));
        // Room for the search to compute with deviations.
        sum.filter(|&sum| sum < 1 << 52).ok_or_else(out_of_range)
    };
    (0..structure.cells()).map(sum).collect()
}
