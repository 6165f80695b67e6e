//! The rank test: which suppressed cells are sums and differences of published ones.
//!
//! Such a cell can be derived by subtraction only, whatever the values are. The
//! published rows are eliminated once, as sparse rows modulo a random prime;
//! a suppressed row of which nothing remains then is in their span.
//!
//! **How exact this is.** Let P be the published rows, r their rank over the
//! rationals, s a suppressed row and p the prime.
//!
//! * *A false "safe"*: s is in the span but leaves a rest modulo p. Then p
//!   divides every non-zero minor of P of size r, so also one fixed minor Δ.
//!   For a 0/1 matrix |Δ| ≤ (r+1)^((r+1)/2) / 2^r (Hadamard), so fewer than
//!   (r+1)·log₂(r+1) / 120 primes above 2⁶⁰ divide it, of the 2.7·10¹⁶ primes
//!   of 61 bits. At r = 10⁶ a random prime is one of them with a probability
//!   below 7·10⁻¹²; two primes are drawn independently, and a cell is safe only
//!   if both say so: below 5·10⁻²³, for all cells at once, as Δ depends on P only.
//! * *A false "recoverable"*: s is not in the span but leaves nothing modulo p.
//!   Then p divides a fixed minor of size r+1 of P and s. It is possible, for
//!   a cell and both primes together with a probability below 2·10⁻¹¹, and
//!   errs on the safe side: the release is refused.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

use super::equation::Equation;
use super::meter::Meter;
use super::prime::{PrimeField, Primes};
use super::reduce::ReducedRelease;
use super::{AuditRefusal, Disclosed};

/// A row modulo a prime: columns, increasing, and what is there, never zero.
type SparseRow = Vec<(u32, u64)>;

/// A suppressed cell less its known inner cells.
#[derive(Debug)]
pub(super) struct Blank {
    /// Which cell.
    pub(super) cell: usize,
    /// Its unknown inner cells, in increasing order.
    pub(super) terms: Vec<u32>,
}

/// Who learns what of the blanks: by subtraction from what is published, and
/// with the help of each insider's own cells (inner cells that hold nobody else).
///
/// # Errors
///
/// [`AuditRefusal::Work`] or [`AuditRefusal::Memory`].
pub(super) fn disclosed(
    reduced: &ReducedRelease,
    blanks: &[Blank],
    insiders: &[Vec<u32>],
    primes: Primes,
    meter: &Meter,
) -> Result<Disclosed, AuditRefusal> {
    let [first, second] = primes.get();
    let modulo = |prime| modulo(reduced, blanks, insiders, PrimeField(prime), meter);
    let (first, second) = rayon::join(|| modulo(first), || modulo(second));
    let (mut first, second) = (first?, second?);
    first.to_all.extend(second.to_all);
    first.to_insiders.extend(second.to_insiders);
    first.but_own.extend(second.but_own);
    let to_all = &first.to_all;
    for pairs in [&mut first.to_insiders, &mut first.but_own] {
        pairs.retain(|(_, cell)| !to_all.contains(cell));
    }
    Ok(first)
}

fn modulo(
    reduced: &ReducedRelease,
    blanks: &[Blank],
    insiders: &[Vec<u32>],
    field: PrimeField,
    meter: &Meter,
) -> Result<Disclosed, AuditRefusal> {
    let mut span = Span::of(&reduced.equations, reduced.known.len(), field, meter)?;
    let drawn = DrawnTables::of(&span, meter)?;
    let mut of_blank = Vec::with_capacity(blanks.len());
    for blank in blanks {
        of_blank.push(drawn.sum(&blank.terms, meter)?);
    }
    let known = blanks.iter().zip(&of_blank);
    let known = known.filter(|(_, values)| **values == ZEROS);
    let mut found = Disclosed {
        to_all: known.map(|(blank, _)| blank.cell).collect(),
        to_insiders: BTreeSet::new(),
        but_own: BTreeSet::new(),
    };
    let unknown = |own: &Vec<u32>| -> Vec<u32> {
        let own = own.iter().copied();
        let own = own.filter(|inner| reduced.known[*inner as usize].is_none());
        let own: BTreeSet<u32> = own.collect();
        own.into_iter().collect()
    };
    let own: Vec<Vec<u32>> = insiders.iter().map(unknown).collect();
    let mut alike: HashMap<DrawnSums, Vec<usize>> = HashMap::new();
    for (at, values) in of_blank.iter().enumerate() {
        if let Some(direction) = field.direction(*values) {
            alike.entry(direction).or_default().push(at);
        }
    }
    let mut rests = None;
    for (insider, own) in own.iter().enumerate() {
        let learnt = match own.as_slice() {
            [] => continue,
            // What one who knows one cell learns is a multiple of it.
            &[inner] => {
                let direction = field.direction(drawn.columns[inner as usize]);
                let learnt = direction.and_then(|direction| alike.get(&direction));
                learnt.cloned().unwrap_or_default()
            }
            several => {
                let rests = match &mut rests {
                    Some(rests) => rests,
                    none => none.insert(Rests::of(blanks, &mut span, meter)?),
                };
                rests.learnt_by(several, &mut span, meter)?
            }
        };
        for at in learnt {
            let others = blanks[at].terms.iter().copied();
            let others: Vec<u32> = others
                .filter(|term| own.binary_search(term).is_err())
                .collect();
            let found = match drawn.sum(&others, meter)? {
                ZEROS => &mut found.but_own,
                _ => &mut found.to_insiders,
            };
            found.insert((insider, blanks[at].cell));
        }
    }
    Ok(found)
}

/// How many tables are drawn.
const DRAWN: usize = 3;

/// What a sum of inner cells is in each of the drawn tables.
type DrawnSums = [u64; DRAWN];

const ZEROS: DrawnSums = [0; DRAWN];

/// Some of the tables in which all published cells are zero, drawn at random.
///
/// What is in the span of the published rows is zero in all such tables, and
/// what one more row brings into it is a multiple of that row in all of them.
/// So no row need be eliminated to see that it is not; and what is so in three
/// drawn tables is so in all, but for a probability of 2⁻¹⁸⁰, which errs on the
/// safe side.
struct DrawnTables {
    field: PrimeField,
    columns: Vec<DrawnSums>,
}

impl DrawnTables {
    fn of(span: &Span, meter: &Meter) -> Result<Self, AuditRefusal> {
        let field = span.field;
        let mut seed = 0u64;
        let mut draw = || {
            seed += 1;
            field.drawn(seed)
        };
        let columns = span.pivot.iter().map(|pivot| match pivot {
            Some(_) => ZEROS,
            None => std::array::from_fn(|_| draw()),
        });
        let mut columns: Vec<DrawnSums> = columns.collect();
        // The last pivots first: a row holds later ones only.
        for (row, pivot) in span.rows.iter().zip(&span.pivots).rev() {
            meter.spend(row.len() + 1)?;
            let sum = row.iter().fold(ZEROS, |sum, &(column, times)| {
                let values = columns[column as usize];
                std::array::from_fn(|at| field.minus(sum[at], field.times(values[at], times)))
            });
            columns[*pivot as usize] = sum;
        }
        Ok(Self { field, columns })
    }

    fn sum(&self, terms: &[u32], meter: &Meter) -> Result<DrawnSums, AuditRefusal> {
        meter.spend(terms.len())?;
        let values = terms.iter().map(|&term| self.columns[term as usize]);
        Ok(values.fold(ZEROS, |sum, values| {
            std::array::from_fn(|at| self.field.plus(sum[at], values[at]))
        }))
    }
}

impl PrimeField {
    /// The same for all multiples of these values; none for zeros.
    fn direction(self, values: DrawnSums) -> Option<DrawnSums> {
        let first = values.into_iter().find(|value| *value != 0)?;
        let scale = self.inverse(first);
        Some(values.map(|value| self.times(value, scale)))
    }
}

/// What remains of the blanks, for insiders who know several inner cells.
struct Rests {
    rests: Vec<SparseRow>,
    /// By the first column of their rests, blanks by place.
    led_by: BTreeMap<u32, Vec<usize>>,
}

impl Rests {
    fn of(blanks: &[Blank], span: &mut Span, meter: &Meter) -> Result<Self, AuditRefusal> {
        let rests = blanks.iter().map(|blank| span.rest(&blank.terms, meter));
        let rests: Vec<SparseRow> = rests.collect::<Result<_, _>>()?;
        let mut led_by: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (at, rest) in rests.iter().enumerate() {
            if let Some(&(column, _)) = rest.first() {
                led_by.entry(column).or_default().push(at);
            }
        }
        Ok(Self { rests, led_by })
    }

    /// The blanks, by place, that whoever knows the inner cells `own` can compute.
    fn learnt_by(
        &self,
        own: &[u32],
        span: &mut Span,
        meter: &Meter,
    ) -> Result<Vec<usize>, AuditRefusal> {
        let mut learnt = Learnt::new(span.field);
        for &inner in own {
            learnt.add(span.rest(&[inner], meter)?, meter)?;
        }
        // What is in their span begins where one of them begins.
        let candidates = learnt.rows.keys();
        let candidates = candidates.filter_map(|column| self.led_by.get(column));
        let mut found = Vec::new();
        for &at in candidates.flatten() {
            if learnt.rest(self.rests[at].clone(), meter)?.is_empty() {
                found.push(at);
            }
        }
        Ok(found)
    }
}

/// The span of equations, in echelon form.
struct Span {
    field: PrimeField,
    /// In the order of elimination, each without its pivot (which is one) and
    /// without the pivots before it.
    rows: Vec<SparseRow>,
    /// For each row its pivot.
    pivots: Vec<u32>,
    /// For each column, the row whose pivot it is.
    pivot: Vec<Option<u32>>,
    /// A row at work, dense.
    dense: Vec<u64>,
    /// For each column, the last row at work that came upon it, counted from 1.
    met: Vec<u32>,
    /// How many rows were at work.
    worked: u32,
}

impl Span {
    fn of(
        equations: &[Equation],
        columns: usize,
        field: PrimeField,
        meter: &Meter,
    ) -> Result<Self, AuditRefusal> {
        let mut uses = vec![0u32; columns];
        for &term in equations.iter().flat_map(|equation| &equation.terms) {
            uses[term as usize] += 1;
        }
        let mut span = Self {
            field,
            rows: Vec::new(),
            pivots: Vec::new(),
            pivot: vec![None; columns],
            dense: vec![0; columns],
            met: vec![0; columns],
            worked: 0,
        };
        let mut held = 0;
        for equation in equations {
            let rest = span.rest(&equation.terms, meter)?;
            // The rarest column as pivot keeps the rows below sparse.
            let rarest = rest.iter().min_by_key(|(column, _)| uses[*column as usize]);
            let Some(&(pivot, value)) = rarest else {
                continue;
            };
            let inverse = field.inverse(value);
            let others = rest.iter().filter(|(column, _)| *column != pivot);
            let row: SparseRow = others
                .map(|&(column, value)| (column, field.times(value, inverse)))
                .collect();
            held += row.len();
            meter.hold(held)?;
            span.pivot[pivot as usize] = Some(span.rows.len() as u32);
            span.pivots.push(pivot);
            span.rows.push(row);
        }
        Ok(span)
    }

    /// What remains of a row of ones once the span is taken out of it: a row without pivots.
    fn rest(&mut self, terms: &[u32], meter: &Meter) -> Result<SparseRow, AuditRefusal> {
        if self.worked == u32::MAX {
            self.met.fill(0);
            self.worked = 0;
        }
        self.worked += 1;
        let now = self.worked;
        let mut rest = Vec::new();
        let mut open = BinaryHeap::new();
        let (met, pivot, dense, field) = (&mut self.met, &self.pivot, &mut self.dense, self.field);
        let mut meet = |column: u32, open: &mut BinaryHeap<_>| {
            if std::mem::replace(&mut met[column as usize], now) != now {
                match pivot[column as usize] {
                    Some(row) => open.push(Reverse((row, column))),
                    None => rest.push(column),
                }
            }
        };
        for &term in terms {
            dense[term as usize] = 1;
            meet(term, &mut open);
        }
        let mut work = terms.len();
        // Rows in the order of elimination bring in later pivots only.
        while let Some(Reverse((row, pivot))) = open.pop() {
            let factor = std::mem::take(&mut dense[pivot as usize]);
            if factor == 0 {
                continue;
            }
            let row = &self.rows[row as usize];
            for &(column, value) in row {
                let at = &mut dense[column as usize];
                *at = field.minus(*at, field.times(factor, value));
                meet(column, &mut open);
            }
            work += row.len() + 1;
        }
        meter.spend(work)?;
        rest.sort_unstable();
        let taken = rest.into_iter().map(|column| {
            let value = std::mem::take(&mut self.dense[column as usize]);
            (column, value)
        });
        Ok(taken.filter(|(_, value)| *value != 0).collect())
    }
}

/// What an insider adds to the span: rows without its pivots, by first column, where they are one.
struct Learnt {
    field: PrimeField,
    rows: BTreeMap<u32, SparseRow>,
}

impl Learnt {
    fn new(field: PrimeField) -> Self {
        let rows = BTreeMap::new();
        Self { field, rows }
    }

    fn add(&mut self, row: SparseRow, meter: &Meter) -> Result<(), AuditRefusal> {
        let mut row = self.rest(row, meter)?;
        if let Some(&(first, value)) = row.first() {
            let inverse = self.field.inverse(value);
            for (_, value) in &mut row {
                *value = self.field.times(*value, inverse);
            }
            self.rows.insert(first, row);
        }
        Ok(())
    }

    /// What remains of a row; it need be right only where nothing does.
    fn rest(&self, mut row: SparseRow, meter: &Meter) -> Result<SparseRow, AuditRefusal> {
        while let Some(&(first, factor)) = row.first()
            && let Some(other) = self.rows.get(&first)
        {
            meter.spend(row.len() + other.len())?;
            row = less(self.field, &row, factor, other);
        }
        Ok(row)
    }
}

/// `row − factor · other`.
fn less(field: PrimeField, row: &SparseRow, factor: u64, other: &SparseRow) -> SparseRow {
    let mut difference = Vec::with_capacity(row.len() + other.len());
    let mut left = row.iter().copied().peekable();
    let mut right = other.iter().copied().peekable();
    loop {
        let column = match (left.peek(), right.peek()) {
            (Some(l), Some(r)) => l.0.min(r.0),
            (Some(l), None) => l.0,
            (None, Some(r)) => r.0,
            (None, None) => return difference,
        };
        let here = left.next_if(|l| l.0 == column).map_or(0, |l| l.1);
        let there = right.next_if(|r| r.0 == column).map_or(0, |r| r.1);
        let value = field.minus(here, field.times(factor, there));
        if value != 0 {
            difference.push((column, value));
        }
    }
}
