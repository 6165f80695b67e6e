//! Choosing and auditing while somebody looks on, who may have it stopped at any time.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use kobling_sdc::attacker::{Knowledge, Possible, Unsafe};
use kobling_sdc::audit::proofs::check_watched;
use kobling_sdc::audit::{self, Audit, AuditBudget, Primes, Requirement, Seen, Sign, Verdict};
use kobling_sdc::proof::Proof;
use kobling_sdc::structure::Structure;
use kobling_sdc::suppress::{self, Request, Task, Unproven, by_count, prove, suppress};
use kobling_sdc::watch::{Watch, Work};

/// Who counts how often it is notified, and stops the work at the `last` time.
#[derive(Clone)]
struct Count {
    notified: Arc<AtomicU64>,
    searched: Arc<AtomicU64>,
    audited: Arc<AtomicU64>,
    last: u64,
}

impl Count {
    fn until(last: u64) -> Self {
        Self {
            notified: Arc::default(),
            searched: Arc::default(),
            audited: Arc::default(),
            last,
        }
    }

    fn watch(&self) -> Watch {
        let own = self.clone();
        Watch::new(move |work| {
            match work {
                Work::Searched(more) => own.searched.fetch_add(more, Relaxed),
                Work::Audited(more) => own.audited.fetch_add(more, Relaxed),
                _ => 0,
            };
            match own.notified.fetch_add(1, Relaxed) + 1 < own.last {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        })
    }

    fn notified(&self) -> u64 {
        self.notified.load(Relaxed)
    }
}

/// A cube of numbers with all its margins.
struct Cube {
    structure: Structure,
    counts: Vec<u64>,
    inner: Vec<i128>,
    places: Vec<Vec<u32>>,
}

impl Cube {
    fn new(side: u32) -> Self {
        let inner = side.pow(3);
        let place = |at: u32| [at % side, at / side % side, at / side / side];
        // By which dimensions, as bits; the finest first.
        let cells = (0..8u32).rev().flat_map(|by| {
            let mut sums = std::collections::BTreeMap::<[u32; 3], Vec<u32>>::new();
            for at in 0..inner {
                let mut key = place(at);
                for (bit, key) in key.iter_mut().enumerate() {
                    *key *= by >> bit & 1;
                }
                sums.entry(key).or_default().push(at);
            }
            sums.into_values()
        });
        let structure = Structure::new(inner as usize, cells);
        let value = |at: u32| u64::from(1 + at.wrapping_mul(2_654_435_761) % 41);
        let values: Vec<u64> = (0..inner).map(value).collect();
        let counts = (0..structure.cells()).map(|cell| {
            let members = structure.members(cell).iter();
            members.map(|at| values[*at as usize]).sum()
        });
        Self {
            counts: counts.collect(),
            inner: values.into_iter().map(i128::from).collect(),
            places: (0..3)
                .map(|by| (0..inner).map(|at| place(at)[by]).collect())
                .collect(),
            structure,
        }
    }

    fn primary(&self) -> Vec<bool> {
        self.counts.iter().map(|count| *count < 3).collect()
    }

    fn suppressed(&self, watch: Option<&Watch>) -> Result<Vec<bool>, suppress::SuppressionRefusal> {
        let (primary, wanted) = (self.primary(), by_count(&self.structure, &self.counts));
        let request = Request {
            watch,
            ..Request::new(&primary, &wanted)
        };
        Ok(suppress(&self.structure, &request)?.published())
    }

    fn audited(&self, published: &[bool], watch: &Watch) -> Result<Verdict, audit::AuditRefusal> {
        let values = self.counts.iter().zip(published);
        let values: Vec<Option<i128>> = values
            .map(|(count, published)| published.then(|| i128::from(*count)))
            .collect();
        let seen = Seen {
            structure: &self.structure,
            values: &values,
            sign: Sign::NonNegative,
        };
        let primary = self.primary().into_iter().enumerate();
        let unsafe_cells = primary.filter(|(_, primary)| *primary);
        let required = unsafe_cells.map(|(cell, _)| Requirement {
            cell,
            value: self.counts[cell].into(),
            below: 0,
            above: 1,
            width: 1,
        });
        let required: Vec<Requirement> = required.collect();
        let audit = Audit::watched(seen, AuditBudget::default(), watch)?;
        audit.verdict(&required, &[], Primes::drawn([1; 16]))
    }

    fn wanted(&self, possible: Possible) -> Vec<Unsafe> {
        let wanted = (0..self.structure.cells()).filter(|cell| self.counts[*cell] < 3);
        wanted.map(|cell| Unsafe { cell, possible }).collect()
    }

    fn knows<T>(&self, published: &[bool], then: impl FnOnce(Knowledge<'_>) -> T) -> T {
        then(Knowledge::new(&self.structure, published))
    }

    fn proven(
        &self,
        possible: Possible,
        watch: Option<&Watch>,
    ) -> Result<(Vec<bool>, Vec<Proof>), Unproven> {
        let wanted = self.wanted(possible);
        let may = vec![true; self.structure.cells()];
        let pattern = self.knows(&may, |known| {
            prove(&Task {
                known,
                inner: &self.inner,
                places: &self.places,
                wanted: &wanted,
                forced: &[],
                weights: &[],
                seed: 7,
                watch,
            })
        })?;
        Ok((pattern.published, pattern.proofs))
    }
}

/// Stops `work` at each notification, as far as that is tried: then it is refused, nobody is
/// notified any more, and otherwise it comes to what it comes to where nobody looks on. Both
/// primes, and parts of an audit, are worked on side by side, and may just be notifying.
fn stops<T: PartialEq, E: std::fmt::Debug>(
    work: impl Fn(&Watch) -> Result<T, E>,
    is_cancelled: impl Fn(&E) -> bool,
) {
    let all = Count::until(u64::MAX);
    let whole = work(&Watch::default()).unwrap();
    assert!(work(&all.watch()).unwrap() == whole, "watched as unwatched");
    assert!(all.notified() > 1);
    let threads = rayon::current_num_threads() as u64;
    let steps = (all.notified() / 12).max(1) as usize;
    for last in (1..=all.notified()).step_by(steps) {
        let count = Count::until(last);
        match work(&count.watch()) {
            Ok(found) => assert!(found == whole, "stopped too late at {last}"),
            Err(refusal) => assert!(is_cancelled(&refusal), "{refusal:?} at {last}"),
        }
        assert!((last..last + threads).contains(&count.notified()));
    }
    let first = Count::until(1);
    assert!(
        work(&first.watch()).is_err(),
        "it is asked before it begins"
    );
}

#[test]
fn suppression_is_reported_and_can_be_stopped() {
    let cube = Cube::new(12);
    stops(
        |watch| cube.suppressed(Some(watch)),
        |refusal| *refusal == suppress::SuppressionRefusal::Cancelled,
    );
    let count = Count::until(u64::MAX);
    cube.suppressed(Some(&count.watch())).unwrap();
    assert_eq!(count.audited.load(Relaxed), 0);
}

#[test]
fn an_audit_is_reported_and_can_be_stopped() {
    let cube = Cube::new(20);
    let published = cube.suppressed(None).unwrap();
    stops(
        |watch| cube.audited(&published, watch),
        |refusal| *refusal == audit::AuditRefusal::Cancelled,
    );
    let count = Count::until(u64::MAX);
    let verdict = cube.audited(&published, &count.watch()).unwrap();
    let audited = count.audited.load(Relaxed);
    assert!(
        audited > 0 && audited <= verdict.work,
        "{audited} of {}",
        verdict.work
    );
    assert_eq!(count.searched.load(Relaxed), 0);
}

#[test]
fn the_search_for_proofs_is_reported_and_can_be_stopped() {
    let cube = Cube::new(12);
    let of_sums = Possible::Around { below: 0, above: 4 };
    for possible in [Possible::Consecutive(3), of_sums] {
        stops(
            |watch| cube.proven(possible, Some(watch)),
            |refusal| *refusal == Unproven::Cancelled,
        );
    }
    let count = Count::until(u64::MAX);
    cube.proven(Possible::Consecutive(3), Some(&count.watch()))
        .unwrap();
    assert!(count.searched.load(Relaxed) > 0);
}

#[test]
fn checking_proofs_is_reported_and_can_be_stopped() {
    let cube = Cube::new(9);
    let possible = Possible::Consecutive(3);
    let (published, proofs) = cube.proven(possible, None).unwrap();
    let many: Vec<Proof> = (0..200).flat_map(|_| proofs.clone()).collect();
    let wanted = cube.wanted(possible);
    stops(
        |watch| {
            cube.knows(&published, |known| {
                check_watched(&known, &cube.inner, &wanted, &many, watch)
            })
        },
        |refusal| *refusal == audit::AuditRefusal::Cancelled,
    );
}
