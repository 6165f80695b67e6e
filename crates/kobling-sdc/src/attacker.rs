//! The attacker: what somebody knows who has a release and everything public.
//!
//! Protection answers to this page. The suppressor, the auditor and the tests
//! each compute with all of it, together:
//!
//! | the attacker knows | so a protector may not assume |
//! |---|---|
//! | the release: every row, figure, name and status; which rows are there and which are not | that a row that is listed, or one that is not, says nothing by itself |
//! | the manifest, the plan, the rules with `min_persons`, and this source code | that a status, an order or a tie is a secret |
//! | which categories exclude each other, where two dimensions are made from one column | that any empty cell may be filled |
//! | numbers of persons are whole and at least 0; parts add up to their totals | that a figure is known only where it is a sum or a difference of published ones |
//! | a category whose name is not declared by the plan is published only if at least `min_persons` persons have it, and the category of rare ones only if somebody is in it; and whether anybody has one that the plan does not list | that a name is no figure, that nobody knows an empty category to be empty |
//! | `rows` is at least `persons`, and zero where that is zero; a mean is a sum over a count; a sum that is not zero is somebody's | that the figures of one cell are apart from each other |
//! | of sums: that no contribution is negative, or that some are, and in which cells | that money has no lower bound |
//! | itself: each contributor knows that it is in its cells, and whoever is the only contributor of a cell (a *singleton*) may know that it is | that everybody sees the same |
//! | earlier releases of the project | that a release is the only one |
//!
//! **The promise for numbers of persons.** Of an unsafe number at least
//! `count_interval` consecutive whole numbers stay possible, the true one among
//! them: for each there is a table that agrees with all of the above, to the
//! public and to each single contributor. Such a table is a
//! [`Proof`](super::proof::Proof).
//!
//! **The promise for sums.** The feasibility interval of an unsafe sum reaches
//! as far above the sum as its protection level, as the ESSnet handbook defines it for the rule
//! that finds it unsafe. A singleton cannot compute the sum, unless all that
//! others have of it is nothing.
//!
//! **What the attacker could do and is not bounded here.** Whoever runs this code
//! on every table that agrees with a release can leave out those of which it would
//! have suppressed other cells (the *minimality attack*: R. C.-W. Wong et al.,
//! *Minimality attack in privacy preserving data publishing*, VLDB 2007). Which of
//! several patterns of equal worth is chosen is drawn under the release key, which
//! leaves such an attacker with chances and not with certainty; the manifest
//! states it.

use std::collections::BTreeSet;

use super::structure::Structure;

/// What an attacker knows of a number of persons, or of a sum, in each cell of a release.
///
/// Values are whole numbers of persons; or sums in units of their last decimal, as they
/// are bounded from below by 0. Slices have an element for each cell, or
/// for each inner cell; an empty one says that nothing of the kind is known.
#[derive(Debug, Clone, Copy)]
pub struct Knowledge<'a> {
    /// Which inner cells each cell is the sum of. Cells of which only a least
    /// number is known are among the others, unpublished.
    pub structure: &'a Structure,
    /// Of each cell, whether its number is published.
    pub published: &'a [bool],
    /// Of each cell, the least number of persons that is known to be in it.
    pub least: &'a [u64],
    /// Of each inner cell, the least number of persons that is known to be in it.
    pub least_inner: &'a [u64],
    /// Of each inner cell, the most that is known to be in it, if anything is: of sums alone.
    pub most_inner: &'a [Option<i128>],
    /// Of each inner cell, whether it is known that nobody can be in it.
    pub impossible: &'a [bool],
    /// Of each inner cell, whether somebody is in it, where that is not whether it is 0:
    /// of sums, since a contribution may be nothing.
    pub filled: &'a [bool],
    /// Of each singleton, the inner cells whose numbers it knows.
    pub singletons: &'a [Vec<u32>],
    /// How the inner cells belong together, where there are those of earlier releases
    /// in addition to this one's; none if all are of one table.
    pub joint: Option<&'a Joint>,
    /// Singletons, by their places, and an unsafe cell that each could compute before,
    /// from what is published already: no later release can undo that.
    pub before: &'a BTreeSet<(u32, usize)>,
}

impl<'a> Knowledge<'a> {
    /// What follows from these cells being published, and nothing else.
    pub fn new(structure: &'a Structure, published: &'a [bool]) -> Self {
        static NOTHING: BTreeSet<(u32, usize)> = BTreeSet::new();
        Self {
            structure,
            published,
            least: &[],
            least_inner: &[],
            most_inner: &[],
            impossible: &[],
            filled: &[],
            singletons: &[],
            joint: None,
            before: &NOTHING,
        }
    }
}

/// The joint table of several releases of the same rows: cut by all their dimensions.
///
/// Nobody has it, neither a recipient nor the linkage unit; what there is are the
/// inner cells of each release, which are its margins. Where these are consistent,
/// and each release shares dimensions with one of those before it only (the model is
/// *decomposable*), a joint table of whole numbers exists: N. N. Vorob'ev, *Consistent
/// families of measures and their extensions*, Theory of Probability and its
/// Applications 7, 1962; S. L. Lauritzen, *Graphical Models*, 1996, chapter 4. So
/// inner cells that agree with all [`links`](Self::links) are a table that an attacker
/// cannot rule out, and no further bound follows from there being a joint one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joint {
    /// For each joint cell, the inner cells that it is part of: one of each release.
    pub parts: Structure,
    /// Inner cells of a release, and those of another with the same persons: both have
    /// as many together.
    pub links: Vec<[Vec<u32>; 2]>,
    /// Whether a person may be in several inner cells of a release. Then no inner cell of
    /// one side of a link has more persons than there are on the other together; and
    /// tables are compared that differ by as many persons on both.
    pub overlaps: bool,
}

/// Which values of an unsafe number must stay possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Possible {
    /// So many consecutive whole numbers, the true one among them.
    Consecutive(u64),
    /// All whole numbers from the first to the last, and the true one.
    All(u64, u64),
    /// Of a sum, one that is at least so much below the true one, and one that is at least so
    /// much above it; to a singleton one that is not the true one, if either is more than 0.
    Around {
        /// How far below.
        below: u64,
        /// How far above.
        above: u64,
    },
}

/// An unsafe number of persons, or sum, and what must stay possible of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsafe {
    /// Which cell.
    pub cell: usize,
    /// What must stay possible.
    pub possible: Possible,
}

/// Somebody who knows more than the public: itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Contributor {
    /// A singleton, by its place in [`Knowledge::singletons`]: its inner cells' numbers are known to it.
    Singleton(u32),
    /// Anybody in this inner cell: it has at least one person. Of a [`Joint`], anybody in
    /// this joint cell: each of its inner cells has; and such a person may be a
    /// singleton of one of them.
    In(u32),
}

impl Possible {
    /// How many values must stay possible at least.
    pub fn values(self) -> u64 {
        match self {
            Self::Consecutive(values) => values,
            Self::All(first, last) => (last + 1).saturating_sub(first),
            Self::Around { below, above } => 1 + u64::from(below > 0) + u64::from(above > 0),
        }
    }

    /// Whether it is of a sum: then nobody but singletons knows more of it than everybody.
    pub(super) fn is_of_sum(self) -> bool {
        matches!(self, Self::Around { .. })
    }

    /// Whether the `values`, ascending, of which one is the `true_value`, are enough.
    pub(super) fn is_met(self, values: &[i128], true_value: i128) -> bool {
        let holds = |value: i128| values.binary_search(&value).is_ok();
        match self {
            Self::Consecutive(wanted) => {
                let below = (1..).take_while(|step| holds(true_value - step)).count();
                let above = (1..).take_while(|step| holds(true_value + step)).count();
                (below + above + 1) as u64 >= wanted
            }
            Self::All(first, last) => {
                let (first, last) = (i128::from(first), i128::from(last));
                (first..=last).all(holds)
            }
            Self::Around { below, above } => {
                let reaches = |end: Option<&i128>, far: u64| {
                    end.is_some_and(|end| (end - true_value).unsigned_abs() >= far.into())
                };
                reaches(values.first(), below) && reaches(values.last(), above)
            }
        }
    }
}
