//! Cells that all proofs can do without are published again, the most worth ones first.

use std::collections::{BTreeMap, BTreeSet};

use super::cell::{CellProof, CellProver};
use super::lanes::Lanes;
use super::search::Search;
use super::{Task, Unproven};

/// How much searching may go into it, in corners looked at.
const MOST_WORK: u64 = 400_000_000;

/// How many cells are tried at a time.
const AT_A_TIME: usize = 16;

/// By cell, the proofs that change it: by unsafe cell.
#[derive(Default)]
struct Users(BTreeMap<u32, BTreeSet<usize>>);

impl Users {
    fn of(&self, cell: u32) -> Vec<usize> {
        let own = self.0.get(&cell);
        own.into_iter().flatten().copied().collect()
    }

    fn add(&mut self, at: usize, proof: &CellProof) {
        for cell in &proof.changed {
            self.0.entry(*cell).or_default().insert(at);
        }
    }

    fn remove(&mut self, at: usize, proof: &CellProof) {
        for cell in &proof.changed {
            self.0.entry(*cell).or_default().remove(&at);
        }
    }
}

/// Proofs that do without what can be published again, in place of those that are there.
pub(super) fn publish_again(
    prover: &CellProver<'_>,
    lanes: &mut Lanes<'_>,
    proofs: &mut [CellProof],
) -> Result<(), Unproven> {
    let task = prover.task;
    let mut users = Users::default();
    for (at, proof) in proofs.iter().enumerate() {
        users.add(at, proof);
    }
    let changed: Vec<u32> = users.0.keys().copied().collect();
    lanes.only_suppressed(&changed);
    for cells in in_order(task, lanes.one(), changed).chunks(AT_A_TIME) {
        if lanes.looked_at() > MOST_WORK {
            break;
        }
        let mut published = BTreeSet::new();
        let questions = cells.iter().map(|cell| (*cell, users.of(*cell)));
        let questions: Vec<(u32, Vec<usize>)> = questions.collect();
        let answers = lanes.each(&questions, |search, (cell, using)| {
            without(prover, search, *cell, using)
        });
        for ((cell, using), answer) in questions.into_iter().zip(answers) {
            let Some(mut anew) = answer? else {
                continue;
            };
            // It was looked for as if none of those before it had been published.
            let changed = anew.iter().flat_map(|proof| &proof.changed);
            let meets = changed.clone().any(|cell| published.contains(cell));
            let now = users.of(cell);
            if meets || using != now {
                match without(prover, lanes.one(), cell, &now)? {
                    Some(proofs) => anew = proofs,
                    None => continue,
                }
            }
            lanes.publish(cell);
            published.insert(cell);
            for (at, proof) in now.into_iter().zip(anew) {
                users.remove(at, &proofs[at]);
                users.add(at, &proof);
                proofs[at] = proof;
            }
        }
    }
    Ok(())
}

/// Those of the `changed` cells that may be published, the most worth first.
fn in_order(task: &Task<'_>, search: &Search<'_>, changed: Vec<u32>) -> Vec<u32> {
    let wanted = task.wanted.iter();
    let wanted: BTreeSet<u32> = wanted.map(|wanted| wanted.cell as u32).collect();
    let mut cells = changed;
    cells.retain(|cell| task.known.published[*cell as usize] && !wanted.contains(cell));
    cells.sort_by(|a, b| {
        let worth = |cell: &u32| search.worth(*cell);
        worth(b).total_cmp(&worth(a)).then(a.cmp(b))
    });
    cells
}

/// New proofs for those that are `using` a cell, by what else is suppressed; none if
/// one of them needs it.
fn without(
    prover: &CellProver<'_>,
    search: &mut Search<'_>,
    cell: u32,
    using: &[usize],
) -> Result<Option<Vec<CellProof>>, Unproven> {
    search.publish(cell);
    let wanted = using.iter().map(|at| prover.task.wanted[*at]);
    let anew: Result<Vec<CellProof>, Unproven> = wanted
        .map(|wanted| prover.prove(search, wanted, 0.0))
        .collect();
    search.agree_to(&[cell]);
    match anew {
        Ok(anew) => Ok(Some(anew)),
        Err(Unproven::Cell(_)) => Ok(None),
        Err(Unproven::Cancelled) => Err(Unproven::Cancelled),
    }
}
