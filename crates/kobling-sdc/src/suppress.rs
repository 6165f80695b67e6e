//! Complementary suppression: which further cells to hide so that no hidden one can be computed.
//!
//! A blank gives nothing away only if no sum and difference of published
//! cells, over all tables of a release together, is the blank. A published cell
//! is a row of zeros and ones over the inner cells; so a primary cell is safe
//! exactly if its row is not in the linear span of the published rows. Cells
//! are published one after the other, each unless it would bring a primary row
//! into that span (the method of the R package GaussSuppression; the room
//! `choose` says why that is enough, and in which order). What is left is
//! complementary.
//!
//! That is exact, but it is only the first of three attacks. Insiders, who
//! subtract their own values, and sums of cells that are all at their least
//! value are guarded against when the [`Request`] names them. That a blank be
//! not *nearly* known, from all being non-negative, is the work of [`raise()`].

use rayon::prelude::*;

mod at_once;
mod choose;
mod cube;
mod field;
mod insider;
mod prove;
mod raise;
mod reduced;
mod refusal;
mod tableau;
mod wanted;

pub use self::prove::{ProvenPattern, Task, Unprovable, Unproven, prove, prove_excusing};
pub use self::raise::{Bounds, Intervals, ProtectionLevel, Raise, raise};
pub use self::refusal::SuppressionRefusal;
pub use self::wanted::{by_count, by_value};

use self::choose::Decided;
use self::field::{Field, splitmix};
use self::reduced::Reduced;
use super::structure::Structure;
use super::watch::{Watch, Work};

/// Who contributes to an inner cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Contributors {
    /// Nobody: the cell is empty.
    #[default]
    None,
    /// One person, known by a number: the same person, the same number.
    One(u32),
    /// Several persons.
    Many,
}

impl Contributors {
    /// Who contributes to this and to `other`, together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, one) | (one, Self::None) => one,
            (Self::One(a), Self::One(b)) if a == b => self,
            _ => Self::Many,
        }
    }
}

/// What becomes of a published cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// It is published.
    Safe,
    /// It is suppressed by a primary rule.
    Primary,
    /// It is suppressed so that primary cells cannot be derived.
    Complementary,
    /// It was not to be published, and needs no protection.
    Withheld,
}

/// How much may be spent before the answer is a refusal; or, where only single cells that sums imply
/// of others are undecided, before what is left of these is suppressed ([`Pattern::undecided`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuppressionBudget {
    /// Entries stored at a time, for each of two primes; some 24 bytes each.
    pub entries: usize,
    /// Entries computed in all, for each of two primes; some 30 to 100 million a second. As much
    /// again and two fifths may go into looking at what can be published together.
    pub work: u64,
}

impl Default for SuppressionBudget {
    /// Some 6 GiB and a few minutes on two cores. A cube of a million cells with its margins takes
    /// from 20 seconds and 1.5 GiB, where 3 or 500 of a thousand cells are unsafe, to a minute and
    /// 4 GiB, where it is 30.
    fn default() -> Self {
        Self {
            entries: 100_000_000,
            work: 1 << 32,
        }
    }
}

/// What may be spent, and who is notified of what was.
#[derive(Clone, Copy)]
struct Means<'a> {
    budget: SuppressionBudget,
    watch: &'a Watch,
}

impl Means<'_> {
    /// The same, with only a part of the work.
    fn of_work(self, work: u64) -> Self {
        let budget = SuppressionBudget {
            work,
            ..self.budget
        };
        Self { budget, ..self }
    }
}

impl SuppressionBudget {
    /// Refuses if so many entries `stored`, or so much `work`, is too much.
    fn check(self, stored: usize, work: u64) -> Result<(), SuppressionRefusal> {
        match (stored > self.entries, work > self.work) {
            (true, _) => Err(SuppressionRefusal::Memory),
            (_, true) => Err(SuppressionRefusal::Work),
            _ => Ok(()),
        }
    }
}

/// What to protect, and what to publish first.
///
/// Slices have an element for each published cell (`primary`, `must_publish`,
/// `already_published`, `withheld`) or for each inner cell (`contributors`, `at_lower_bound`),
/// but for `sole_contributors`.
/// Empty ones say that there is no such cell.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The cells that the primary rules found unsafe.
    pub primary: &'a [bool],
    /// All cells, from highest to lowest priority: see [`by_count`] and [`by_value`].
    pub priority: &'a [u32],
    /// The cells that must be published, such as those of an earlier release.
    pub must_publish: &'a [bool],
    /// Of the cells that must be published, those that already are. No later choice can undo
    /// what they disclose to an insider: with them, no *other* primary cell may be disclosed to
    /// that insider.
    pub already_published: &'a [bool],
    /// The cells that are not published, and that anyone may derive.
    pub withheld: &'a [bool],
    /// Of each inner cell, who contributes to it: singletons are insiders who know its value.
    pub contributors: &'a [Contributors],
    /// Further inner cells of which a person, by its number, knows that nobody else is in them:
    /// each with that person. Several may know so of the same one.
    pub sole_contributors: &'a [(u32, u32)],
    /// The unsafe inner cells that are at the least value that a suppressed cell may have: the
    /// ones where zeros are published, the zeros where they are not. No published value may
    /// be a sum of only such cells: it would be the least possible, and disclose each of them.
    pub at_lower_bound: &'a [bool],
    /// Draws the primes. Any number will do, and the pattern does not depend on it.
    pub seed: u64,
    /// What may be spent.
    pub budget: SuppressionBudget,
    /// Notified of the work, if there is one, and may have it stopped.
    pub watch: Option<&'a Watch>,
}

impl<'a> Request<'a> {
    /// To protect `primary`, and to publish as much of the others as may be, first those of highest
    /// `priority`.
    pub fn new(primary: &'a [bool], priority: &'a [u32]) -> Self {
        Self {
            primary,
            priority,
            must_publish: &[],
            already_published: &[],
            withheld: &[],
            contributors: &[],
            sole_contributors: &[],
            at_lower_bound: &[],
            seed: 0,
            budget: SuppressionBudget::default(),
            watch: None,
        }
    }

    fn must_be_published(&self, cell: usize) -> bool {
        self.must_publish.get(cell).is_some_and(|&must| must)
    }

    fn is_already_published(&self, cell: usize) -> bool {
        self.already_published.get(cell).is_some_and(|&is| is)
    }

    fn is_withheld(&self, cell: usize) -> bool {
        self.withheld.get(cell).is_some_and(|&withheld| withheld)
    }

    fn published_are_required(&self) -> bool {
        (0..self.already_published.len())
            .all(|cell| !self.is_already_published(cell) || self.must_be_published(cell))
    }

    /// Whether its slices are of `structure`.
    fn check(&self, structure: &Structure) -> Result<(), SuppressionRefusal> {
        let (cells, inner) = (structure.cells(), structure.inner());
        let fits = |length: usize, whole: usize| length == 0 || length == whole;
        let is_inner = |&(at, _): &(u32, u32)| (at as usize) < inner;
        let shapes = [
            ("primary", self.primary.len() == cells),
            ("priority", wanted::is_order(self.priority, cells)),
            ("must_publish", fits(self.must_publish.len(), cells)),
            (
                "already_published",
                fits(self.already_published.len(), cells) && self.published_are_required(),
            ),
            ("withheld", fits(self.withheld.len(), cells)),
            ("contributors", fits(self.contributors.len(), inner)),
            (
                "sole_contributors",
                self.sole_contributors.iter().all(is_inner),
            ),
            ("at_lower_bound", fits(self.at_lower_bound.len(), inner)),
        ];
        match shapes.into_iter().find(|&(_, fits)| !fits) {
            Some((what, _)) => Err(SuppressionRefusal::Shape { what }),
            None => Ok(()),
        }
    }
}

/// Which cells of a release are published, and which are suppressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    status: Vec<Status>,
    undecided: usize,
}

impl Pattern {
    /// What becomes of each cell.
    pub fn status(&self) -> &[Status] {
        &self.status
    }

    /// How many cells are complementary only because the budget ended before they were decided.
    ///
    /// Cells that are sums of the same inner cells count as one.
    pub fn undecided(&self) -> usize {
        self.undecided
    }

    /// Of each cell, whether it is published.
    pub fn published(&self) -> Vec<bool> {
        let published = self.status.iter().map(|&status| status == Status::Safe);
        published.collect()
    }

    /// How many cells are so.
    pub fn count(&self, status: Status) -> usize {
        self.status.iter().filter(|&&one| one == status).count()
    }
}

/// Which cells to publish, so that no primary one can be computed from them.
///
/// A cell is suppressed only if publishing it together with all other published ones
/// would disclose a primary cell; so none is suppressed in vain, but for
/// [`Pattern::undecided`] ones, though another pattern may suppress fewer. Cells
/// that are sums of the same inner cells are published or suppressed together.
///
/// All is computed modulo two random primes of 61 bits, which must agree. The
/// pattern is the same on any number of threads.
///
/// # Errors
///
/// [`SuppressionRefusal`]: a slice does not fit the structure; a primary cell is empty, or
/// forced cells give it away; the budget is exhausted; the primes disagree; whoever
/// watches had it stopped.
///
/// # Disclosure
///
/// No primary cell is in the linear span of the published ones, so it cannot
/// be computed by sums and differences; nor so by a person who knows the cells
/// of which `contributors` and `sole_contributors` say that the person is the only contributor, but
/// for what the cells already published disclose to that person. It may still
/// be known to within a narrow interval, since values are not negative: see
/// [`raise()`]. The pattern itself is public, and it says of every suppressed
/// cell that a rule, or the protection of another cell, suppressed it.
///
/// # Examples
///
/// ```
/// use kobling_sdc::structure::Structure;
/// use kobling_sdc::suppress::{Request, Status, by_count, suppress};
///
/// // Two by two inner cells, their row and column totals, and the grand total.
/// let cells = [vec![0], vec![1], vec![2], vec![3]];
/// let margins = [vec![0, 1], vec![2, 3], vec![0, 2], vec![1, 3], vec![0, 1, 2, 3]];
/// let structure = Structure::new(4, cells.into_iter().chain(margins));
/// let counts = [2, 10, 20, 30, 12, 50, 22, 40, 62];
/// let primary = counts.map(|count| count < 3);
/// let wanted = by_count(&structure, &counts);
/// let pattern = suppress(&structure, &Request::new(&primary, &wanted))?;
/// // One blank in a table with its margins is no secret; three more make it one.
/// assert_eq!(pattern.status()[0], Status::Primary);
/// assert_eq!(pattern.count(Status::Complementary), 3);
/// # Ok::<_, kobling_sdc::suppress::SuppressionRefusal>(())
/// ```
pub fn suppress(
    structure: &Structure,
    request: &Request<'_>,
) -> Result<Pattern, SuppressionRefusal> {
    request.check(structure)?;
    let nobody = Watch::default();
    let watch = request.watch.unwrap_or(&nobody);
    watch
        .report(Work::Searched(0))
        .map_err(SuppressionRefusal::cancelled)?;
    let reduced = Reduced::new(structure, request)?;
    let mut state = request.seed;
    let (one, other) = (splitmix(&mut state), splitmix(&mut state));
    let budget = request.budget;
    let means = Means { budget, watch };
    // Both do the same work, and one of them reports it.
    let silent = watch.of_a_part();
    let unheard = Means {
        budget,
        watch: &silent,
    };
    let (one, other) = rayon::join(
        || decided(&reduced, Field::drawn(one), means),
        || decided(&reduced, Field::drawn(other), unheard),
    );
    // A search that was stopped may be taken for one that found nothing.
    watch.go_on().map_err(SuppressionRefusal::cancelled)?;
    let decided = agreed(one?, other?)?;
    Ok(pattern(&reduced, request, &decided))
}

/// What both primes found.
fn agreed(one: Vec<Decided>, other: Vec<Decided>) -> Result<Vec<Decided>, SuppressionRefusal> {
    match one == other {
        true => Ok(one),
        false => Err(SuppressionRefusal::Primes),
    }
}

/// What is decided of each block.
fn decided(
    reduced: &Reduced,
    field: Field,
    means: Means<'_>,
) -> Result<Vec<Decided>, SuppressionRefusal> {
    let blocks = reduced.blocks.par_iter();
    let decided: Vec<_> = blocks
        .map(|block| choose::decided(block, field, means))
        .collect();
    decided.into_iter().collect()
}

fn pattern(reduced: &Reduced, request: &Request<'_>, decided: &[Decided]) -> Pattern {
    let mut suppressed = vec![false; reduced.same.len()];
    let lines = |of: fn(&Decided) -> &Vec<u32>| decided.iter().flat_map(of);
    let undecided = lines(|block| &block.undecided);
    for &cell in lines(|block| &block.complementary).chain(undecided.clone()) {
        suppressed[cell as usize] = true;
    }
    let primary = |&(&primary, _): &(&bool, &u32)| primary;
    for (_, &line) in request.primary.iter().zip(&reduced.same).filter(primary) {
        suppressed[line as usize] = true;
    }
    let lines = reduced.same.iter().enumerate();
    let status = lines.map(|(cell, &line)| {
        if request.primary[cell] {
            Status::Primary
        } else if request.is_withheld(cell) {
            Status::Withheld
        } else if suppressed[line as usize] {
            Status::Complementary
        } else {
            Status::Safe
        }
    });
    Pattern {
        status: status.collect(),
        undecided: undecided.count(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Decided, SuppressionRefusal, agreed};

    #[test]
    fn what_two_primes_do_not_agree_on_is_refused() {
        let found = |complementary: &[u32]| {
            vec![Decided {
                complementary: complementary.to_vec(),
                undecided: Vec::new(),
            }]
        };
        assert_eq!(agreed(found(&[1, 2]), found(&[1, 2])), Ok(found(&[1, 2])));
        assert_eq!(
            agreed(found(&[1, 2]), found(&[1])),
            Err(SuppressionRefusal::Primes)
        );
    }
}
