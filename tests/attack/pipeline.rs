//! From a world to its release, by the public pipeline alone, in memory.

use std::sync::{Arc, LazyLock};

use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray, UInt64Array};
use kobling::protect::Protection;
use kobling::{Ledger, Linkage, LinkageKey, Plan, Release, ReleaseKey, Result, Rows};

use crate::world::{Measure, Naming, World};

static LINKAGE: LazyLock<LinkageKey> = LazyLock::new(|| LinkageKey::generate().expect("a key"));
static RELEASE: LazyLock<Arc<ReleaseKey>> =
    LazyLock::new(|| Arc::new(ReleaseKey::generate().expect("a key")));

/// The plan of a world.
///
/// # Panics
///
/// If the plan's checks find anything: the generator makes good plans.
pub(crate) fn plan(world: &World) -> Plan {
    let text = crate::plan::text(world);
    Plan::parse(&text).unwrap_or_else(|findings| panic!("world {}: {findings}\n{text}", world.seed))
}

/// The release of a world, or why there is none.
pub(crate) fn release(plan: &Plan, world: &World) -> Result<Release> {
    released_of(plan, registers(world), None)
}

/// The release of a world that the ledger in a folder knows of.
pub(crate) fn release_after(
    plan: &Plan,
    world: &World,
    folder: &std::path::Path,
) -> Result<Release> {
    released_of(plan, registers(world), Some(folder))
}

/// The release of registers, and of earlier ones in the ledger of a folder.
pub(crate) fn released_of(
    plan: &Plan,
    registers: Vec<(&str, RecordBatch)>,
    ledger: Option<&std::path::Path>,
) -> Result<Release> {
    let mut protection = Protection::new(RELEASE.clone());
    if let Some(folder) = ledger {
        let ledger = Ledger::open(folder.join("ledger.jsonl"), plan, &RELEASE)?;
        protection = protection.ledger(ledger);
    }
    let extracts = registers.into_iter().map(|(source, register)| {
        let rows = Rows::from_batches(plan, source, [register])?;
        rows.identify()?
            .pseudonymise(&LINKAGE.domain_key(&plan.domain()))
    });
    let extracts = extracts.collect::<Result<Vec<_>>>()?;
    let tables = Linkage::new(plan, extracts)?.tabulate(protection)?;
    tables.protect()?.release()
}

/// The rows of a world, as agencies have them.
fn registers(world: &World) -> Vec<(&'static str, RecordBatch)> {
    let mut registers = vec![("reg", batch(world))];
    if world.apart {
        let rows = || world.rows.iter().filter(|row| row.amount.is_some());
        let numbers: UInt64Array = rows().map(|row| Some(row.person)).collect();
        let amounts: Int64Array = rows().map(|row| row.amount).collect();
        let columns: [(&str, ArrayRef); 2] =
            [("nr", Arc::new(numbers)), ("amount", Arc::new(amounts))];
        let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
        registers.push(("ext", batch));
    }
    registers
}

fn batch(world: &World) -> RecordBatch {
    let numbers: UInt64Array = world.rows.iter().map(|row| Some(row.person)).collect();
    let mut columns: Vec<(String, ArrayRef)> = vec![("nr".to_owned(), Arc::new(numbers))];
    for (at, dim) in world.dims.iter().enumerate() {
        let values = world.rows.iter().map(|row| row.at[at]);
        let column: ArrayRef = match dim.naming {
            Naming::Matched => continue,
            Naming::Boolean => {
                let values = values.map(|value| value.map(|value| value == 1));
                Arc::new(values.collect::<BooleanArray>())
            }
            naming => {
                let raw = |at: usize| match naming {
                    Naming::Map => format!("r{}", dim.names[at]),
                    _ => dim.names[at].clone(),
                };
                Arc::new(values.map(|value| value.map(raw)).collect::<StringArray>())
            }
        };
        columns.push((dim.name.clone(), column));
    }
    for condition in 0..world.conditions {
        if world.measures(Measure::Where(condition)) {
            let values = world.rows.iter().map(|row| Some(row.satisfies[condition]));
            columns.push((
                format!("c{condition}"),
                Arc::new(values.collect::<BooleanArray>()),
            ));
        }
    }
    if !world.apart {
        let amounts: Int64Array = world.rows.iter().map(|row| row.amount).collect();
        columns.push(("amount".to_owned(), Arc::new(amounts)));
    }
    RecordBatch::try_from_iter(columns).expect("columns of one length")
}
