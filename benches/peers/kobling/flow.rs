//! The flow, timed stage by stage: what is prepared is outside, what a case names is inside.
//!
//! kobling's verbs consume what is on their left, so each repetition prepares
//! its own. The clock is read between stages only.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use arrow_array::{RecordBatch, RecordBatchIterator};
use kobling::protect::Protection;
use kobling::{Extract, Linkage, LinkageKey, Plan, ReleaseKey, Rows, bench};

use crate::Result;
use crate::registers::{Names, Register};

/// Seconds of one stage, in each repetition.
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    pub(crate) seconds: Vec<f64>,
}

/// Stages in their order, and the table of the last repetition.
#[derive(Default)]
pub(crate) struct Timed {
    pub(crate) stages: Vec<Stage>,
    pub(crate) table: Option<RecordBatch>,
}

impl Timed {
    /// Does `work` and adds its time to the stage `name`.
    fn stage<T>(&mut self, name: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let start = Instant::now();
        let done = work();
        let seconds = start.elapsed().as_secs_f64();
        match self.stages.iter_mut().find(|stage| stage.name == name) {
            Some(stage) => stage.seconds.push(seconds),
            None => self.stages.push(Stage {
                name,
                seconds: vec![seconds],
            }),
        }
        done
    }

    /// From extracts to the released table, which the last two stages of every case are.
    fn release(
        &mut self,
        plan: &Plan,
        key: &Arc<ReleaseKey>,
        extracts: Vec<Extract>,
    ) -> Result<()> {
        let tables = self.stage("link and tabulate", || {
            let protection = Protection::new(key.clone());
            Ok(Linkage::new(plan, extracts)?.tabulate(protection)?)
        })?;
        let release = self.stage("protect and release", || Ok(tables.protect()?.release()?))?;
        self.table = release.tables().next().map(|(_, table)| table.clone());
        Ok(())
    }
}

/// Extracts are there, sorted: what the linkage unit does with them.
pub(crate) fn at_rest(
    plan: &Plan,
    registers: &[(&str, Register)],
    repetitions: usize,
) -> Result<Timed> {
    let key = Arc::new(ReleaseKey::generate()?);
    let mut timed = Timed::default();
    for _ in 0..repetitions {
        let mut extracts = Vec::new();
        for (source, register) in registers {
            let batches: Vec<RecordBatch> = register.pieces(Names::Pseudonyms).collect();
            extracts.push(bench::extract(plan, source, &batches)?);
        }
        timed.release(plan, &key, extracts)?;
    }
    Ok(timed)
}

/// Unsorted rows with pseudonyms are in memory: sorting is part of the work.
pub(crate) fn cold(
    plan: &Plan,
    registers: &[(&str, Register)],
    repetitions: usize,
) -> Result<Timed> {
    let key = Arc::new(ReleaseKey::generate()?);
    let held = registers.iter().map(|(source, register)| {
        let batches: Vec<RecordBatch> = register.pieces(Names::Pseudonyms).collect();
        (*source, batches)
    });
    let held: Vec<(&str, Vec<RecordBatch>)> = held.collect();
    let mut timed = Timed::default();
    for _ in 0..repetitions {
        let extracts = timed.stage("sort", || {
            let extracts = held.iter();
            let extracts = extracts.map(|(source, rows)| Ok(bench::extract(plan, source, rows)?));
            extracts.collect::<Result<Vec<Extract>>>()
        })?;
        timed.release(plan, &key, extracts)?;
    }
    Ok(timed)
}

/// Rows with national identifiers are in memory, as a frame has them: to extracts, and, these at
/// rest, to the released table.
pub(crate) fn frames(
    plan: &Plan,
    registers: &[(&str, Register)],
    numbers: &[u64],
    repetitions: usize,
) -> Result<Timed> {
    let domain_key = LinkageKey::generate()?.domain_key(&plan.domain());
    let release_key = Arc::new(ReleaseKey::generate()?);
    let held = registers.iter().map(|(source, register)| {
        let batches: Vec<RecordBatch> = register.pieces(Names::Numbers(numbers)).collect();
        (*source, batches)
    });
    let held: Vec<(&str, Vec<RecordBatch>)> = held.collect();
    let mut timed = Timed::default();
    for _ in 0..repetitions {
        let mut extracts = Vec::new();
        for (source, batches) in &held {
            let schema = batches[0].schema();
            let reader = RecordBatchIterator::new(batches.clone().into_iter().map(Ok), schema);
            extracts.push(timed.stage(of_frame(source)?, || {
                let rows = Rows::from_reader(plan, source, reader)?;
                Ok(rows.identify()?.pseudonymise(&domain_key)?)
            })?);
        }
        let release = timed.stage("link", || {
            let protection = Protection::new(release_key.clone());
            let tables = Linkage::new(plan, extracts)?.tabulate(protection)?;
            Ok(tables.protect()?.release()?)
        })?;
        timed.table = release.tables().next().map(|(_, table)| table.clone());
    }
    Ok(timed)
}

/// What the stage from a frame to its extract is called.
fn of_frame(source: &str) -> Result<&'static str> {
    match source {
        "base" => Ok("extract base"),
        "look" => Ok("extract look"),
        _ => Err("only pairs are timed from frames".into()),
    }
}

/// From Parquet files with national identifiers to the released table, through extracts on disk.
pub(crate) fn whole(plan: &Plan, folder: &Path, repetitions: usize) -> Result<Timed> {
    let domain_key = LinkageKey::generate()?.domain_key(&plan.domain());
    let release_key = Arc::new(ReleaseKey::generate()?);
    let sources = || plan.sources().iter().map(|source| source.name());
    let mut timed = Timed::default();
    for _ in 0..repetitions {
        let kept = tempfile::tempdir_in(folder)?;
        let file = |source: &str| kept.path().join(format!("{source}.arrow"));
        // One agency after the other, as each has a machine of its own.
        for source in sources() {
            let register = folder.join(format!("{source}.parquet"));
            let identified = timed.stage(names(source)?[0], || {
                Ok(Rows::open(plan, source, &[register])?.identify()?)
            })?;
            let extract = timed.stage(names(source)?[1], || {
                Ok(identified.pseudonymise(&domain_key)?)
            })?;
            timed.stage(names(source)?[2], || Ok(extract.write(file(source))?))?;
        }
        let extracts = timed.stage("read extracts", || {
            let read = sources().map(|source| Ok(Extract::read(plan, file(source))?));
            read.collect::<Result<Vec<Extract>>>()
        })?;
        timed.release(plan, &release_key, extracts)?;
    }
    Ok(timed)
}

/// What the stages of an agency are called.
fn names(source: &str) -> Result<[&'static str; 3]> {
    match source {
        "base" => Ok(["identify base", "pseudonymise base", "write base"]),
        "look" => Ok(["identify look", "pseudonymise look", "write look"]),
        _ => Err("only pairs are timed as a whole".into()),
    }
}
