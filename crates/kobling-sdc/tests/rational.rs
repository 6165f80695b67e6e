//! The naive twin of the rank test: dense elimination over the rationals.

/// The echelon form of rows of whole numbers, each divided by what divides all of it.
pub(crate) fn echelon(rows: &[Vec<i128>]) -> Vec<Vec<i128>> {
    let mut found: Vec<Vec<i128>> = Vec::new();
    for row in rows {
        let rest = less(row.clone(), &found);
        if rest.iter().any(|value| *value != 0) {
            found.push(rest);
        }
    }
    found
}

/// What remains of a row, up to a factor, once an echelon form is taken out of it.
pub(crate) fn less(mut row: Vec<i128>, echelon: &[Vec<i128>]) -> Vec<i128> {
    for other in echelon {
        let pivot = other.iter().position(|value| *value != 0).unwrap();
        let (here, there) = (row[pivot], other[pivot]);
        for (value, other) in row.iter_mut().zip(other) {
            *value = *value * there - here * other;
        }
        let common = row.iter().fold(0, |common, value| divisor(common, *value));
        if common > 1 {
            row.iter_mut().for_each(|value| *value /= common);
        }
    }
    row
}

fn divisor(a: i128, b: i128) -> i128 {
    match b {
        0 => a.abs(),
        _ => divisor(b, a % b),
    }
}
