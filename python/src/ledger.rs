//! The ledger, as the linkage unit reads it.

use std::path::{Path, PathBuf};

use kobling::Ledger;
use kobling::ledger::LedgerEntry;
use kobling::ledger::entry::TableEntry;
use pyo3::prelude::*;
use serde_json::{Value, json};

use crate::failure::{Failure, Refusal};
use crate::key::ReleaseKey;
use crate::plan::Plan;
use crate::run::run_silently;

/// What `kobling.Ledger` is made of: the ledger, verified, as JSON.
#[pyfunction]
pub(crate) fn read_ledger(
    py: Python<'_>,
    path: PathBuf,
    plan: &Plan,
    release_key: &ReleaseKey,
) -> Result<String, Failure> {
    let (plan, key) = (plan.get().clone(), release_key.get());
    run_silently(py, move |watching| {
        is_there(&path)?;
        // Another process may have it for long.
        let ledger = watching.harmlessly(|| Ledger::open(&path, &plan, &key))?;
        let entries = ledger.entries().iter();
        let entries: Vec<Value> = entries.map(|entry| entry_of(&ledger, entry)).collect();
        let said = json!({
            "project": ledger.project(),
            "rho_billionths": ledger.spent(),
            "entries": entries,
        });
        Ok(said.to_string())
    })
}

/// To link, a ledger that is not there is one of no entries. Who reads one means one that is.
fn is_there(path: &Path) -> Result<(), Refusal> {
    let mut head = path.to_owned().into_os_string();
    head.push(".head");
    let is_there = |path: &Path| std::fs::symlink_metadata(path).is_ok();
    match is_there(path) || is_there(Path::new(&head)) {
        true => Ok(()),
        false => Err(Refusal::file(path, "there is no ledger")
            .help("`kobling.link` begins it with the first release")),
    }
}

fn entry_of(ledger: &Ledger, entry: &LedgerEntry) -> Value {
    let release = &entry.release;
    // One by the dimensions of several tables has no measures, and was not published.
    let tables = release.tables.iter().filter(|table| {
        let mut quantities = table.quantities.iter();
        quantities.any(|quantity| !quantity.measures.is_empty())
    });
    json!({
        "number": entry.number,
        "project": entry.project,
        "epoch": release.epoch,
        "plan_digest": release.plan_digest,
        "made_at": release.made_at,
        "extracts": release.extracts,
        "rho_billionths": release.rho_billionths,
        "digest": ledger.digest(entry.number),
        "tables": tables.map(table_of).collect::<Vec<_>>(),
    })
}

fn table_of(table: &TableEntry) -> Value {
    let dimensions = table.dimensions.iter();
    let dimensions = dimensions.filter(|dimension| !dimension.hidden);
    let quantities = table.quantities.iter();
    let measures = quantities.flat_map(|quantity| &quantity.measures);
    json!({
        "name": table.name,
        "base": table.base,
        "method": table.method,
        "dimensions": dimensions.map(|dimension| &dimension.name).collect::<Vec<_>>(),
        "measures": measures.collect::<Vec<_>>(),
    })
}
