//! Links the registers of a plan in one process, on throwaway keys, and prints the tables.
//!
//! ```text
//! cargo run --release --example rehearse -- examples/nhanes/plan.toml demo=examples/nhanes/demo.parquet …
//! ```

use kobling::{Linkage, LinkageKey, Plan, ReleaseKey, Rows};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let plan = Plan::read(arguments.next().ok_or("which plan?")?)?.rehearsal();
    let domain_key = LinkageKey::generate()?.domain_key(&plan.domain());
    let mut extracts = Vec::new();
    for input in arguments {
        let (source, path) = input.split_once('=').ok_or("an input is SOURCE=PATH")?;
        let rows = Rows::open(&plan, source, &[path])?.identify()?;
        eprintln!(
            "{source}: {} of {} rows, {:?}",
            rows.rows(),
            rows.rows_read(),
            rows.quarantine()
        );
        extracts.push(rows.pseudonymise(&domain_key)?);
    }
    let release_key = ReleaseKey::generate()?;
    let tables = Linkage::new(&plan, extracts)?.tabulate()?;
    let release = tables.protect(&release_key)?.release()?;
    release.write("rehearsal", &kobling::Format::ALL)?;
    println!("{}", release.manifest().to_json());
    Ok(())
}
