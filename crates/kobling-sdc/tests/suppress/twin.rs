//! The naive twin of suppression: dense matrices of exact fractions, and every question asked anew.

use std::collections::BTreeSet;

use kobling_sdc::structure::Structure;
use kobling_sdc::suppress::{Contributors, Request, Status};

/// A fraction in lowest terms, its denominator above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fraction(i128, i128);

impl Fraction {
    pub(crate) const ZERO: Self = Self(0, 1);

    pub(crate) fn whole(number: i128) -> Self {
        Self(number, 1)
    }

    fn new(over: i128, under: i128) -> Self {
        let divisor = gcd(over.abs(), under.abs()) * under.signum();
        Self(over / divisor, under / divisor)
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        Self::new(self.0 * other.1 - other.0 * self.1, self.1 * other.1)
    }

    pub(crate) fn times(self, other: Self) -> Self {
        Self::new(self.0 * other.0, self.1 * other.1)
    }

    pub(crate) fn by(self, other: Self) -> Self {
        Self::new(self.0 * other.1, self.1 * other.0)
    }

    pub(crate) fn sign(self) -> i128 {
        self.0.signum()
    }
}

fn gcd(a: i128, b: i128) -> i128 {
    match b {
        0 => a,
        _ => gcd(b, a % b),
    }
}

pub(crate) type Vector = Vec<Fraction>;

/// Rows in echelon form, each with the column that it is the only one to begin with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Span(Vec<(usize, Vector)>);

impl Span {
    pub(crate) fn of(rows: impl IntoIterator<Item = Vector>) -> Self {
        let mut span = Self::default();
        rows.into_iter().for_each(|row| span.add(row));
        span
    }

    fn reduce(&self, mut row: Vector) -> Vector {
        for (column, basis) in &self.0 {
            let factor = row[*column].by(basis[*column]);
            for (number, by) in row.iter_mut().zip(basis) {
                *number = number.minus(factor.times(*by));
            }
        }
        row
    }

    pub(crate) fn add(&mut self, row: Vector) {
        let row = self.reduce(row);
        if let Some(column) = row.iter().position(|&number| number != Fraction::ZERO) {
            self.0.push((column, row));
        }
    }

    pub(crate) fn contains(&self, row: &Vector) -> bool {
        let row = self.reduce(row.clone());
        row.iter().all(|&number| number == Fraction::ZERO)
    }

    /// The rows that begin in none of the first `columns`.
    pub(crate) fn after(&self, columns: usize) -> impl Iterator<Item = &Vector> {
        let rows = self.0.iter().filter(move |(column, _)| *column >= columns);
        rows.map(|(_, row)| row)
    }
}

/// A cell as a row of zeros and ones.
pub(crate) fn row(structure: &Structure, cell: usize) -> Vector {
    let mut row = vec![Fraction::ZERO; structure.inner()];
    for &inner in structure.members(cell) {
        row[inner as usize] = Fraction::whole(1);
    }
    row
}

/// Who knows that nobody else is in an inner cell; none if nobody is in it.
fn singletons_in(request: &Request<'_>, inner: u32) -> Option<BTreeSet<u32>> {
    let own = match request.contributors.get(inner as usize) {
        Some(Contributors::None) => return None,
        Some(Contributors::One(person)) => Some(*person),
        Some(Contributors::Many) | None => None,
    };
    let known = request
        .sole_contributors
        .iter()
        .filter(|(other, _)| *other == inner);
    Some(known.map(|(_, person)| *person).chain(own).collect())
}

/// Who knows so of all of some inner cells in which somebody is.
fn singletons(request: &Request<'_>, of: impl IntoIterator<Item = u32>) -> BTreeSet<u32> {
    let each = of
        .into_iter()
        .filter_map(|inner| singletons_in(request, inner));
    each.reduce(|all, one| &all & &one).unwrap_or_default()
}

/// What each insider knows: the sums of inner cells that nothing distinguishes, and that are
/// theirs.
fn insiders(structure: &Structure, request: &Request<'_>) -> Vec<(u32, Vec<Vector>)> {
    let cells_of = structure.transposed();
    let mut known: Vec<(u32, Vec<Vector>)> = Vec::new();
    for inner in 0..structure.inner() {
        let same = |&other: &usize| cells_of.members(other) == cells_of.members(inner);
        let together: Vec<usize> = (0..structure.inner()).filter(same).collect();
        if cells_of.members(inner).is_empty() || together[0] != inner {
            continue;
        }
        let mut row = vec![Fraction::ZERO; structure.inner()];
        for &inner in &together {
            row[inner] = Fraction::whole(1);
        }
        for person in singletons(request, together.iter().map(|&inner| inner as u32)) {
            match known.iter_mut().find(|(one, _)| *one == person) {
                Some((_, rows)) => rows.push(row.clone()),
                None => known.push((person, vec![row.clone()])),
            }
        }
    }
    known
}

/// What a release may not disclose, and to whom.
pub(crate) struct Guard {
    rows: Vec<Vector>,
    /// Each with who knows that nobody else is in it.
    primary: Vec<(BTreeSet<u32>, Vector)>,
    insiders: Vec<(u32, Vec<Vector>)>,
    /// Persons, each with a primary cell, by its place, that they can derive from what is out.
    derivable: BTreeSet<(u32, usize)>,
}

impl Guard {
    pub(crate) fn new(structure: &Structure, request: &Request<'_>) -> Self {
        let rows: Vec<Vector> = (0..structure.cells())
            .map(|cell| row(structure, cell))
            .collect();
        let primary = (0..rows.len())
            .filter(|&cell| request.primary[cell])
            .map(|cell| {
                let members = structure.members(cell).iter().copied();
                (singletons(request, members), rows[cell].clone())
            });
        let mut guard = Self {
            primary: primary.collect(),
            insiders: insiders(structure, request),
            rows,
            derivable: BTreeSet::new(),
        };
        if request.already_published.contains(&true) {
            guard.derivable = guard.derivable_by_insiders(&guard.span(request.already_published));
        }
        guard
    }

    fn span(&self, published: &[bool]) -> Span {
        let rows = self.rows.iter().zip(published);
        let published = rows.filter(|&(_, &published)| published);
        Span::of(published.map(|(row, _)| row.clone()))
    }

    fn derivable_by_insiders(&self, span: &Span) -> BTreeSet<(u32, usize)> {
        let mut derivable = BTreeSet::new();
        for (person, known) in &self.insiders {
            let mut span = span.clone();
            known.iter().for_each(|row| span.add(row.clone()));
            for (at, (owners, row)) in self.primary.iter().enumerate() {
                if !owners.contains(person) && span.contains(row) {
                    derivable.insert((*person, at));
                }
            }
        }
        derivable
    }

    /// Whether nobody can derive a primary cell from the `published` ones, but their own and what
    /// they could before.
    pub(crate) fn holds(&self, published: &[bool]) -> bool {
        let span = self.span(published);
        let outside = self.primary.iter().all(|(_, row)| !span.contains(row));
        outside && self.derivable_by_insiders(&span).is_subset(&self.derivable)
    }
}

/// The pattern, cell by cell; none if the forced cells by themselves disclose something.
pub(crate) fn suppress(structure: &Structure, request: &Request<'_>) -> Option<Vec<Status>> {
    let guard = Guard::new(structure, request);
    let flag = |flags: &[bool], cell: usize| flags.get(cell).is_some_and(|&flag| flag);
    let mut published: Vec<bool> = (0..structure.cells())
        .map(|cell| flag(request.must_publish, cell))
        .collect();
    if !guard.holds(&published) {
        return None;
    }
    for &cell in request.priority {
        let cell = cell as usize;
        let is_candidate = !request.primary[cell] && !flag(request.withheld, cell);
        if is_candidate && !published[cell] {
            published[cell] = true;
            published[cell] = guard.holds(&published);
        }
    }
    let status = (0..structure.cells()).map(|cell| match published[cell] {
        _ if request.primary[cell] => Status::Primary,
        _ if flag(request.withheld, cell) => Status::Withheld,
        true => Status::Safe,
        false => Status::Complementary,
    });
    Some(status.collect())
}
