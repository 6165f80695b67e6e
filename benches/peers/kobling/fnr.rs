//! Made-up national identity numbers: well-formed, distinct, and of nobody in particular.
//!
//! Days (up to the 28th, which every month has) and individual numbers are gone
//! through in turn, and the two control digits computed, until there are enough.
//! What the digits mean is said in `src/identifier/norway.rs`.

/// `wanted` numbers, each once; there are some 19 million.
pub(crate) fn numbers(wanted: usize) -> Vec<u64> {
    let mut numbers = Vec::with_capacity(wanted);
    for (centuries, individuals) in [(1900..2000, 0..500), (2000..2040, 500..1000)] {
        for year in centuries {
            for (month, day) in (1..=12).flat_map(|month| (1..=28).map(move |day| (month, day))) {
                for individual in individuals.clone() {
                    if numbers.len() == wanted {
                        return numbers;
                    }
                    numbers.extend(number(day, month, year % 100, individual));
                }
            }
        }
    }
    assert!(numbers.len() == wanted, "there are not so many numbers");
    numbers
}

/// The number with its control digits, if both have one digit.
fn number(day: u64, month: u64, year: u64, individual: u64) -> Option<u64> {
    let start = ((day * 100 + month) * 100 + year) * 1000 + individual;
    let first = control(start, &[2, 5, 4, 9, 8, 1, 6, 7, 3])?;
    let second = control(start * 10 + first, &[2, 3, 4, 5, 6, 7, 2, 3, 4, 5])?;
    Some((start * 10 + first) * 10 + second)
}

/// The digit that makes the weighted sum a multiple of 11; weights from the last digit on.
fn control(mut digits: u64, weights: &[u64]) -> Option<u64> {
    let mut sum = 0;
    for weight in weights {
        sum += weight * (digits % 10);
        digits /= 10;
    }
    Some((11 - sum % 11) % 11).filter(|digit| *digit < 10)
}
