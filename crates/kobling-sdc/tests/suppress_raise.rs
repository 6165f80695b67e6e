//! Raising a pattern to protection levels, with an auditor that tries all tables of whole numbers.

use std::collections::HashMap;

use kobling_sdc::structure::Structure;
use kobling_sdc::suppress::{
    Bounds, Intervals, Pattern, ProtectionLevel, Raise, Request, Status, SuppressionRefusal,
    by_count, raise, suppress,
};
use proptest::prelude::*;

/// What no inner cell exceeds in these tests; a bound that reaches it is taken for none.
const MOST: u64 = 12;

/// Bounds by brute force.
struct BruteForce {
    asked: usize,
}

impl BruteForce {
    /// All tables that agree with what is published, one inner cell after the other.
    fn tables(
        structure: &Structure,
        published: &[(usize, u64)],
        table: &mut Vec<u64>,
        see: &mut impl FnMut(&[u64]),
    ) {
        let sum = |cell: usize, table: &[u64]| -> u64 {
            let members = structure.members(cell).iter();
            members.filter_map(|&inner| table.get(inner as usize)).sum()
        };
        let whole = table.len() == structure.inner();
        let agrees = published.iter().all(|&(cell, value)| {
            let done = structure
                .members(cell)
                .last()
                .is_none_or(|&last| (last as usize) < table.len());
            let sum = sum(cell, table);
            if done { sum == value } else { sum <= value }
        });
        match (agrees, whole) {
            (false, _) => {}
            (true, true) => see(table),
            (true, false) => (0..=MOST).for_each(|value| {
                table.push(value);
                Self::tables(structure, published, table, see);
                table.pop();
            }),
        }
    }
}

impl Intervals for BruteForce {
    type Error = SuppressionRefusal;

    fn intervals(
        &mut self,
        structure: &Structure,
        published: &[bool],
        values: &[f64],
        cells: &[usize],
    ) -> Result<Vec<Bounds>, SuppressionRefusal> {
        self.asked += 1;
        let known = (0..structure.cells()).filter(|&cell| published[cell]);
        let known: Vec<(usize, u64)> = known.map(|cell| (cell, values[cell] as u64)).collect();
        let mut bounds = vec![(u64::MAX, 0); cells.len()];
        Self::tables(structure, &known, &mut Vec::new(), &mut |table| {
            for (bounds, &cell) in bounds.iter_mut().zip(cells) {
                let members = structure.members(cell).iter();
                let sum: u64 = members.map(|&inner| table[inner as usize]).sum();
                *bounds = (bounds.0.min(sum), bounds.1.max(sum));
            }
        });
        let bounds = bounds.into_iter().map(|(low, high)| Bounds {
            low: low as f64,
            high: if high >= MOST {
                f64::INFINITY
            } else {
                high as f64
            },
        });
        Ok(bounds.collect())
    }
}

/// Three by three inner cells, then the totals of rows and columns, then the grand total.
fn square() -> Structure {
    let inner = (0..9).map(|inner| vec![inner]);
    let rows = (0..3).map(|row| (0..3).map(|column| 3 * row + column).collect());
    let columns = (0..3).map(|column| (0..3).map(|row| 3 * row + column).collect());
    Structure::new(
        9,
        inner.chain(rows).chain(columns).chain([(0..9).collect()]),
    )
}

fn counts(structure: &Structure, inner: &[u64]) -> Vec<u64> {
    let cells = (0..structure.cells()).map(|cell| structure.members(cell));
    cells
        .map(|members| members.iter().map(|&one| inner[one as usize]).sum())
        .collect()
}

struct Case {
    structure: Structure,
    primary: Vec<bool>,
    wanted: Vec<u32>,
    values: Vec<f64>,
}

impl Case {
    fn new(inner: &[u64], limit: u64) -> Self {
        let structure = square();
        let counts = counts(&structure, inner);
        Self {
            primary: counts
                .iter()
                .map(|count| (1..limit).contains(count))
                .collect(),
            wanted: by_count(&structure, &counts),
            values: counts.iter().map(|&count| count as f64).collect(),
            structure,
        }
    }

    fn request(&self) -> Request<'_> {
        Request::new(&self.primary, &self.wanted)
    }

    /// Frequency tables: an upper bound of the threshold and more, and a width of two.
    fn levels(&self, high: f64) -> Vec<ProtectionLevel> {
        let primary = (0..self.primary.len()).filter(|&cell| self.primary[cell]);
        let level = |cell| ProtectionLevel {
            cell,
            low: f64::INFINITY,
            high,
            width: 2.0,
        };
        primary.map(level).collect()
    }

    fn raise(
        &self,
        levels: &[ProtectionLevel],
        rounds: usize,
    ) -> (Pattern, Result<Pattern, SuppressionRefusal>) {
        let pattern = suppress(&self.structure, &self.request()).unwrap();
        let to = Raise {
            values: &self.values,
            levels,
            rounds,
        };
        let mut auditor = BruteForce { asked: 0 };
        let raised = raise(
            &self.structure,
            &self.request(),
            &pattern,
            &to,
            &mut auditor,
        );
        assert!(auditor.asked <= rounds + 1);
        (pattern, raised)
    }
}

/// Of two tables about the same rows: no published cell contains the unsafe one, and
/// yet it is no more than the two that it overlaps.
#[test]
fn cells_that_overlap_an_unsafe_one_go_if_no_sum_holds_it() {
    let cells = [vec![0, 1], vec![0, 2], vec![1, 3]];
    let structure = Structure::new(4, cells);
    let counts = counts(&structure, &[3, 1, 0, 4]);
    assert_eq!(counts, [4, 3, 5]);
    let wanted = by_count(&structure, &counts);
    let values: Vec<f64> = counts.iter().map(|&count| count as f64).collect();
    let primary = [true, false, false];
    let request = Request::new(&primary, &wanted);
    let pattern = suppress(&structure, &request).unwrap();
    assert_eq!(pattern.count(Status::Complementary), 0);
    // It is at most 8, being part of the two.
    let levels = [ProtectionLevel {
        cell: 0,
        low: 4.0,
        high: 9.0,
        width: 2.0,
    }];
    let to = Raise {
        values: &values,
        levels: &levels,
        rounds: 3,
    };
    let mut auditor = BruteForce { asked: 0 };
    let raised = raise(&structure, &request, &pattern, &to, &mut auditor).unwrap();
    let status = [Status::Primary, Status::Complementary, Status::Safe];
    assert_eq!(raised.status(), status);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn levels_are_reached_and_nothing_is_published_again(
        inner in prop::collection::vec(0u64..6, 9),
        high in 3u8..7,
    ) {
        let case = Case::new(&inner, 3);
        let levels = case.levels(f64::from(high));
        let (pattern, raised) = case.raise(&levels, 20);
        match raised {
            Ok(raised) => {
                let published = raised.published();
                let cells: Vec<usize> = levels.iter().map(|level| level.cell).collect();
                let bounds = BruteForce { asked: 0 }
                    .intervals(&case.structure, &published, &case.values, &cells)
                    .unwrap();
                for bounds in bounds {
                    prop_assert!(bounds.high >= f64::from(high) && bounds.high - bounds.low >= 2.0);
                }
                let pairs = pattern.status().iter().zip(raised.status());
                for (before, after) in pairs {
                    prop_assert!(before == after || (*before, *after) == (Status::Safe, Status::Complementary));
                }
            }
            Err(refusal) => prop_assert!(matches!(refusal, SuppressionRefusal::Level { .. }), "{}", refusal),
        }
    }
}

#[test]
fn a_narrow_interval_is_widened_by_the_least_wanted_cell_that_is_enough() {
    // Cells of one at (0, 0) and (1, 1); their complementary ones are small, too.
    let case = Case::new(&[1, 1, 9, 1, 1, 8, 7, 9, 6], 2);
    let levels = case.levels(5.0);
    let (before, raised) = case.raise(&levels, 10);
    let raised = raised.unwrap();
    assert!(raised.count(Status::Safe) < before.count(Status::Safe));
    assert_eq!(raised.count(Status::Primary), before.count(Status::Primary));
    // The margins are still published.
    assert_eq!(&raised.published()[9..], [true; 7]);
    // A level that is reached already changes nothing.
    let (before, raised) = case.raise(&case.levels(2.0), 0);
    assert_eq!(raised, Ok(before));
    assert_eq!(case.raise(&[], 0).1, Ok(case.raise(&[], 0).0));
}

#[test]
fn levels_that_cannot_be_reached_are_refused() {
    let structure = Structure::new(2, [vec![0], vec![1], vec![0, 1]]);
    let case = Case {
        primary: vec![true, false, false],
        wanted: vec![2, 1, 0],
        values: vec![2.0, 3.0, 5.0],
        structure,
    };
    // First the other part goes, then the sum; and then there is nothing left.
    for width in [f64::INFINITY, f64::NAN] {
        let level = ProtectionLevel {
            cell: 0,
            low: f64::INFINITY,
            high: 13.0,
            width,
        };
        let refusal = case.raise(&[level], 0).1.unwrap_err();
        assert_eq!(refusal, SuppressionRefusal::Rounds { cells: 1 });
        assert!(refusal.to_string().contains("rounds"));
    }
    let level = ProtectionLevel {
        cell: 0,
        low: f64::INFINITY,
        high: 5.0,
        width: f64::NAN,
    };
    let refusal = case.raise(&[level], 100).1.unwrap_err();
    assert_eq!(refusal, SuppressionRefusal::Level { cell: 0 });
    assert!(refusal.to_string().contains("cell 0"));
    let level = ProtectionLevel {
        width: f64::INFINITY,
        ..level
    };
    let raised = case.raise(&[level], 100).1.unwrap();
    assert_eq!(raised.count(Status::Safe), 0);
}

#[test]
fn what_does_not_fit_is_refused() {
    let case = Case::new(&[1, 1, 9, 1, 1, 8, 7, 9, 6], 2);
    let pattern = suppress(&case.structure, &case.request()).unwrap();
    let to = Raise {
        values: &case.values,
        levels: &case.levels(5.0),
        rounds: 5,
    };
    let refusal = |to: &Raise<'_>, pattern: &Pattern| {
        raise(
            &case.structure,
            &case.request(),
            pattern,
            to,
            &mut BruteForce { asked: 0 },
        )
        .unwrap_err()
    };
    let shape = |what| SuppressionRefusal::Shape { what };
    assert_eq!(
        refusal(&Raise { values: &[], ..to }, &pattern),
        shape("values")
    );
    let level = ProtectionLevel {
        cell: 15,
        low: 0.0,
        high: 0.0,
        width: 0.0,
    };
    assert_eq!(
        refusal(
            &Raise {
                levels: &[level],
                ..to
            },
            &pattern
        ),
        shape("levels")
    );
    let level = ProtectionLevel { cell: 99, ..level };
    assert_eq!(
        refusal(
            &Raise {
                levels: &[level],
                ..to
            },
            &pattern
        ),
        shape("levels")
    );
    let other = Structure::new(1, [vec![0]]);
    let other = suppress(&other, &Request::new(&[false], &[0])).unwrap();
    assert_eq!(refusal(&to, &other), shape("pattern"));

    /// An auditor that does not answer.
    struct Silent(HashMap<usize, Bounds>);
    impl Intervals for Silent {
        type Error = SuppressionRefusal;
        fn intervals(
            &mut self,
            _: &Structure,
            _: &[bool],
            _: &[f64],
            cells: &[usize],
        ) -> Result<Vec<Bounds>, SuppressionRefusal> {
            Ok(cells
                .iter()
                .filter_map(|cell| self.0.get(cell).copied())
                .collect())
        }
    }
    let silent = &mut Silent(HashMap::new());
    let raised = raise(&case.structure, &case.request(), &pattern, &to, silent);
    assert_eq!(raised.unwrap_err(), shape("intervals"));
}
