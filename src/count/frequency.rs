//! How often the most frequent identifier occurs: how placeholders are found.
//!
//! Where there is no number, people and programs write something that looks
//! like one, and it links with itself in every register. Such a value is conspicuous
//! by how often it occurs, and by nothing else. Which one it is, is never shown.

/// Rows of the most frequent identifier from which on it may be conspicuous.
const FEW: u64 = 10;

/// How many times the average number of rows it has, at least; and which part of all rows.
const TIMES: u64 = 20;
const PART: u64 = 1000;

/// How often identifiers occur in some rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Frequency {
    /// Rows.
    pub(crate) rows: u64,
    /// Different identifiers.
    pub(crate) distinct: u64,
    /// Rows of the most frequent one.
    pub(crate) most: u64,
}

impl Frequency {
    /// Counts some rows that have one identifier, and no others have it.
    pub(crate) fn add(&mut self, rows: u64) {
        self.rows += rows;
        self.distinct += 1;
        self.most = self.most.max(rows);
    }

    /// What to mind, if the most frequent identifier is conspicuous: it is on more
    /// than half of the rows, or on a thousandth of them and on twenty times as
    /// many as one does on average; and on ten rows at least.
    pub(crate) fn warning(&self) -> Option<String> {
        let Self {
            rows,
            distinct,
            most,
        } = *self;
        let times = |a: u64, b: u64| u128::from(a) * u128::from(b);
        let is_half = times(most, 2) > u128::from(rows);
        let stands_out =
            times(most, PART) >= u128::from(rows) && times(most, distinct) >= times(rows, TIMES);
        (most >= FEW && (is_half || stands_out)).then(|| {
            let percent = match times(most, 100) / u128::from(rows) {
                0 => "less than 1".to_owned(),
                percent => percent.to_string(),
            };
            let average = rows as f64 / distinct as f64;
            format!(
                "the most frequent identifier is on {percent} % of the rows, and an identifier \
                 is on {average:.1} rows on average; if the most frequent one is a placeholder \
                 for a missing number, list it in `missing` of the identifier"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frequent_identifier_is_a_warning_with_its_share_of_the_rows() {
        let warning = |rows, distinct, most| {
            let frequency = Frequency {
                rows,
                distinct,
                most,
            };
            frequency.warning()
        };
        let text = warning(1000, 81, 920).expect("a warning");
        assert!(text.contains("is on 92 % of the rows"), "{text}");
        assert!(
            warning(1_000_000, 300_000, 5000)
                .expect("a warning")
                .contains("less than 1 %")
        );
        assert!(warning(100, 2, 99).is_some());
        // A few rows, and as many as others have.
        assert_eq!(warning(9, 1, 9), None);
        assert_eq!(warning(1000, 100, 60), None);
        assert_eq!(warning(1_000_000, 300_000, 60), None);
        assert_eq!(warning(0, 0, 0), None);
    }
}
