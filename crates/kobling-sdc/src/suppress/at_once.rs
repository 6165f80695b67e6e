//! How many lines of a block may be published together.
//!
//! Where much is unsafe, its cells hide each other, and often no other need go;
//! where little is, most lines can be published before the first must not be.
//! That is seen without following each primary line through the elimination,
//! which is most of its cost: what all published lines leave open is a space of
//! tables, and a few of them, drawn at random, show it. A line that is zero in all
//! of them follows from what is published; so does a line from what an insider
//! knows in addition, if the two are in the same proportion in all of them.
//!
//! What may be published together may be published one after the other, for
//! fewer lines disclose less. A line that differs from zero in one table is not in
//! the span, whatever the draw. A draw can only make lines look alike that are
//! not; then they are decided one by one, as if nobody had looked.

use std::collections::HashMap;

use super::Means;
use super::field::{Field, Residue, splitmix};
use super::reduced::{Candidate, LineBlock};
use super::tableau::{ColumnState, Tableau};

/// How many tables are drawn.
const DRAWN: usize = 3;

/// What a line, or a column, is in each of the drawn tables.
type DrawnValues = [Residue; DRAWN];

/// Which parts of some lines are tried, in sixteenths.
const PARTS: [usize; 6] = [16, 15, 14, 12, 10, 8];

/// How many of these `lines`, from the first, may be published together: that
/// discloses a primary line neither to a recipient nor to an insider. None, where that is
/// not seen here. Not all the block's candidates may: that was asked before.
pub(super) fn together(
    block: &LineBlock,
    lines: &[&Candidate],
    field: Field,
    means: Means<'_>,
) -> usize {
    let all = lines.len();
    // A part saves some of the further work.
    let means = means.of_work(means.budget.work / 16);
    let parts = PARTS.map(|sixteenths| all / 16 * sixteenths + all % 16 * sixteenths / 16);
    let mut parts = parts
        .into_iter()
        .filter(|&part| part < block.candidates.len());
    let found = parts.find(|&part| disclose_nothing(block, &lines[..part], field, means));
    found.unwrap_or(0)
}

/// The lines in an order in which few columns are in many solved ones: table by
/// table, and the most detailed tables first. What is known of a column then, no
/// line that is solved later need carry along.
///
/// A table is a run of lines in the order of their cells that share no column.
pub(super) fn by_tables<'a>(block: &LineBlock, lines: &[&'a Candidate]) -> Vec<&'a Candidate> {
    let mut lines = lines.to_vec();
    lines.sort_by_key(|line| line.cell);
    let mut tables: Vec<Vec<&Candidate>> = Vec::new();
    // Of each column, how many tables there were when it was last seen.
    let mut seen = vec![0; block.least.len()];
    for line in lines {
        let shared = |&column: &u32| seen[column as usize] == tables.len();
        if tables.is_empty() || line.columns.iter().any(shared) {
            tables.push(Vec::new());
        }
        for &column in &line.columns {
            seen[column as usize] = tables.len();
        }
        tables.last_mut().expect("one was added").push(line);
    }
    tables.sort_by_cached_key(|table| {
        let columns: usize = table.iter().map(|line| line.columns.len()).sum();
        columns / table.len()
    });
    tables.concat()
}

/// Whether these lines together disclose to nobody a primary line that is not its own;
/// no, where that is not seen here.
pub(super) fn disclose_nothing(
    block: &LineBlock,
    lines: &[&Candidate],
    field: Field,
    means: Means<'_>,
) -> bool {
    if block.least.contains(&true) {
        return false;
    }
    if block.primary.is_empty() {
        return true;
    }
    // What somebody who knows several columns learns is no multiple of one.
    if block.insiders.iter().any(|columns| columns.len() > 1) {
        return false;
    }
    let Some(tableau) = published(block, lines, field, means) else {
        return false;
    };
    let drawn = Drawn::of(&tableau, block.least.len());
    let knows = drawn.insiders(block);
    block
        .primary
        .iter()
        .zip(&block.owners)
        .all(|(line, owners)| {
            let direction = drawn.direction(drawn.sum(line));
            direction.is_some_and(|direction| {
                let mut know = knows.get(&direction).into_iter().flatten();
                know.all(|insider| owners.contains(insider))
            })
        })
}

/// These lines published; none if the budget does not suffice for that, if a
/// primary column is disclosed on the way, or if it is stopped.
fn published(
    block: &LineBlock,
    lines: &[&Candidate],
    field: Field,
    means: Means<'_>,
) -> Option<Tableau> {
    let mut primary = vec![false; block.least.len()];
    for line in &block.primary {
        if let [column] = line[..] {
            primary[column as usize] = true;
        }
    }
    let mut tableau = Tableau::new(field, block.least.len(), &[]);
    for candidate in by_tables(block, lines) {
        let line = tableau.residual(&candidate.columns);
        match line[..] {
            [] => continue,
            [(column, _)] if primary[column as usize] => return None,
            _ => {}
        }
        // The first column keeps the tableau sparse.
        tableau.check(&line, 0, means).ok()?;
        tableau.solve(&line, 0);
    }
    Some(tableau)
}

/// Some of the tables in which all published lines are zero.
struct Drawn {
    field: Field,
    columns: Vec<DrawnValues>,
}

impl Drawn {
    /// Free columns are anything, and the others follow from them.
    fn of(tableau: &Tableau, columns: usize) -> Self {
        let field = tableau.field;
        let mut drawn = vec![[0; DRAWN]; columns];
        let mut state = 0;
        for column in 0..columns as u32 {
            if !matches!(tableau.status(column), ColumnState::Free) {
                continue;
            }
            let free: DrawnValues = std::array::from_fn(|_| field.number(splitmix(&mut state)));
            drawn[column as usize] = free;
            let solved = tableau.rows(column).iter();
            for (row, times) in solved.map(|&(row, times)| (tableau.solved(row), times)) {
                let solved = row.expect("no line is primary here") as usize;
                for (sum, free) in drawn[solved].iter_mut().zip(free) {
                    *sum = field.add(*sum, field.product(free, times));
                }
            }
        }
        Self {
            field,
            columns: drawn,
        }
    }

    fn sum(&self, line: &[u32]) -> DrawnValues {
        let values = line.iter().map(|&column| self.columns[column as usize]);
        values.fold([0; DRAWN], |sum, values| {
            std::array::from_fn(|at| self.field.add(sum[at], values[at]))
        })
    }

    /// The same for all multiples of these values; none for zeros.
    fn direction(&self, values: DrawnValues) -> Option<DrawnValues> {
        let first = values.iter().copied().find(|value| *value != 0)?;
        let scale = self.field.inverse(first);
        Some(values.map(|value| self.field.product(value, scale)))
    }

    /// By direction, the insiders who know a column of it.
    fn insiders(&self, block: &LineBlock) -> HashMap<DrawnValues, Vec<u32>> {
        let mut knows: HashMap<DrawnValues, Vec<u32>> = HashMap::new();
        for (insider, columns) in (0..).zip(&block.insiders) {
            if let Some(direction) = self.direction(self.sum(columns)) {
                knows.entry(direction).or_default().push(insider);
            }
        }
        knows
    }
}
