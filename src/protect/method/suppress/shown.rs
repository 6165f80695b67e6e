//! What shows unsafe figures of a quantity to be uncertain, for whoever asks after one.

use crate::protect::quantity::Quantity;
use crate::protect::view::{CellLocation, RecipientView};
use kobling_sdc::proof::Proof;
use kobling_sdc::structure::Structure;

/// The proofs of one quantity of a population.
///
/// # Disclosure
///
/// True figures, which never leave the process but on request of the linkage unit.
pub(in crate::protect) struct QuantityProofs {
    pub(in crate::protect) quantity: Quantity,
    /// For each table of the plan the measures, by place, that publish the quantity.
    pub(in crate::protect) measures: Vec<Vec<usize>>,
    pub(in crate::protect) locations: Vec<CellLocation>,
    /// The cells as sums of inner cells: the population's first, then those of earlier
    /// releases.
    pub(in crate::protect) structure: Structure,
    /// What inner cells hold, in whole units.
    pub(in crate::protect) inner: Vec<i128>,
    pub(in crate::protect) proofs: Vec<Proof>,
}

impl QuantityProofs {
    /// None where nothing could be proven, since it is not known what inner cells hold.
    pub(super) fn of(
        quantity: Quantity,
        view: &RecipientView,
        measures: &[Vec<usize>],
        proofs: Vec<Proof>,
    ) -> Option<Self> {
        let table = view.table()?;
        Some(Self {
            quantity,
            measures: measures.to_vec(),
            locations: view.locations.clone(),
            structure: table.structure.clone(),
            inner: table.inner.to_vec(),
            proofs,
        })
    }
}
