//! What insiders learn: the only contributor to a cell knows its value, and subtracts it.
//!
//! A person who is the only contributor of some inner cells knows them in addition to
//! all that is published. Insiders are guarded against one by one: no primary
//! line but the insider's own may be in the span of the published lines and the
//! insider's cells; except those that it could derive from what was published before, which
//! no later choice can undo. In residuals: no primary residual may be in the span of
//! those of one insider's columns.

use std::collections::BTreeSet;

use super::field::{Field, Residue};
use super::reduced::LineBlock;
use super::tableau::{RowIndex, Sum, Tableau};

/// Insiders, each with a primary line that it can derive.
pub(super) type Derivable = BTreeSet<(u32, RowIndex)>;

/// The insiders of a block, and what they know in the tableau as it is.
struct Insiders<'a> {
    block: &'a LineBlock,
    tableau: &'a mut Tableau,
    /// What they could derive before.
    derivable: &'a Derivable,
}

/// Whether some insider can derive a primary line of others that is not `derivable` already,
/// now that the rows `changed` have.
///
/// It was not so before they changed.
pub(super) fn learn(
    block: &LineBlock,
    tableau: &mut Tableau,
    derivable: &Derivable,
    changed: &[RowIndex],
) -> bool {
    if block.insiders.is_empty() {
        return false;
    }
    let mut insiders = Insiders {
        block,
        tableau,
        derivable,
    };
    changed
        .iter()
        .any(|&row| match insiders.tableau.solved(row) {
            None => insiders.derive(row),
            Some(column) => {
                let mut known_to = block.known_to[column as usize].iter();
                known_to.any(|&insider| insiders.learns(insider))
            }
        })
}

/// All that insiders can derive of primary lines of others.
pub(super) fn derivable(block: &LineBlock, tableau: &mut Tableau) -> Derivable {
    let nothing = Derivable::new();
    let mut insiders = Insiders {
        block,
        tableau,
        derivable: &nothing,
    };
    let mut derivable = Derivable::new();
    for insider in 0..block.insiders.len() as u32 {
        let near = insiders.near(insider);
        let derives = near
            .into_iter()
            .filter(|&row| insiders.derives(insider, row));
        derivable.extend(derives.map(|row| (insider, row)));
    }
    derivable
}

impl Insiders<'_> {
    /// Whether some insider can derive the primary line `row`.
    ///
    /// Whoever can knows a sum that the line's first column is in.
    fn derive(&mut self, row: RowIndex) -> bool {
        let Some(column) = self.tableau.first(row) else {
            return false;
        };
        let rows = self.tableau.rows(column).iter();
        let columns = rows.filter_map(|&(row, _)| self.tableau.solved(row));
        let columns = columns.chain([column]);
        let mut insiders: Vec<u32> = columns
            .flat_map(|column| &self.block.known_to[column as usize])
            .copied()
            .collect();
        insiders.sort_unstable();
        insiders.dedup();
        insiders
            .into_iter()
            .any(|insider| self.derives(insider, row))
    }

    /// Whether `insider` can derive some primary line.
    fn learns(&mut self, insider: u32) -> bool {
        let mut near = self.near(insider).into_iter();
        near.any(|row| self.derives(insider, row))
    }

    /// The primary lines in the columns of what `insider` knows: it can derive no others.
    fn near(&mut self, insider: u32) -> Vec<RowIndex> {
        let known = self.known(insider);
        let mut columns: Vec<u32> = known.iter().flatten().map(|&(column, _)| column).collect();
        columns.sort_unstable();
        columns.dedup();
        if known.len() == 1 {
            // A multiple of a single sum is in all of its columns, so one shows all of those.
            columns.truncate(1);
        }
        let primary = self.block.primary.len() as RowIndex;
        let rows = columns.iter().flat_map(|&column| self.tableau.rows(column));
        let rows = rows.map(|&(row, _)| row).filter(|&row| row < primary);
        let mut rows: Vec<RowIndex> = rows.filter(|&row| self.may_derive(insider, row)).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    /// Whether the primary line `row` is neither the insider's own nor derivable before, and of
    /// a length that can be derived.
    fn may_derive(&self, insider: u32, row: RowIndex) -> bool {
        let columns = &self.block.insiders[insider as usize];
        let lengths = columns.iter().map(|&column| self.tableau.unknowns(column));
        let (length, most) = (self.tableau.length(row), lengths.sum());
        let fits = if columns.len() == 1 {
            length == most
        } else {
            length <= most
        };
        fits && !self.block.owners[row as usize].contains(&insider)
            && !self.derivable.contains(&(insider, row))
    }

    /// Whether `insider` can derive the primary line `row`, which is not the insider's own.
    fn derives(&mut self, insider: u32, row: RowIndex) -> bool {
        self.may_derive(insider, row) && {
            let line = self.tableau.row(row);
            spans(self.tableau.field, self.known(insider), line)
        }
    }

    /// The residuals of the insider's columns.
    fn known(&mut self, insider: u32) -> Vec<Sum> {
        let columns = &self.block.insiders[insider as usize];
        columns
            .iter()
            .map(|&column| self.tableau.residual(&[column]))
            .collect()
    }
}

/// Whether `line` is a combination of `sums`: plain elimination, for they are few and short.
fn spans(field: Field, sums: Vec<Sum>, mut line: Sum) -> bool {
    let mut basis: Vec<Sum> = Vec::with_capacity(sums.len());
    for mut sum in sums {
        eliminate(field, &basis, &mut sum);
        if !sum.is_empty() {
            basis.push(sum);
        }
    }
    eliminate(field, &basis, &mut line);
    line.is_empty()
}

/// Takes away from `line` what of it is in the first column of each of `basis` in turn.
///
/// The first column of each is in none of those after it.
fn eliminate(field: Field, basis: &[Sum], line: &mut Sum) {
    for sum in basis {
        let (column, scale) = sum[0];
        let Ok(at) = line.binary_search_by_key(&column, |&(column, _)| column) else {
            continue;
        };
        let factor = field.product(line[at].1, field.inverse(scale));
        *line = combined(field, line, sum, field.negative(factor));
    }
}

/// `a` and `factor` times `b`.
fn combined(field: Field, a: &Sum, b: &Sum, factor: Residue) -> Sum {
    let mut sum = a.clone();
    for &(column, number) in b {
        let by = field.product(number, factor);
        match sum.binary_search_by_key(&column, |&(column, _)| column) {
            Ok(at) => sum[at].1 = field.add(sum[at].1, by),
            Err(at) => sum.insert(at, (column, by)),
        }
    }
    sum.retain(|&(_, number)| number != 0);
    sum
}
