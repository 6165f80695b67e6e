//! Proofs that an unsafe number of persons, or sum, is not known: tables that agree with
//! everything published, and differ in it.
//!
//! The suppressor hands them over, and the auditor [checks](super::audit::proofs)
//! them without knowing how they were found. A proof names true figures, so it is
//! for the linkage unit only.

/// Another table that agrees with what is published, as its difference to the true one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Inner cells, ascending, and how many persons more are in each, or how much more of a
    /// sum, in units of its last decimal; never 0.
    pub inner: Vec<(u32, i64)>,
}

/// For one unsafe cell, the tables that show it to be uncertain: to the public,
/// and to each contributor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Which cell.
    pub cell: usize,
    /// The tables.
    pub changes: Vec<Change>,
}
