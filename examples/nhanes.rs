//! The whole flow in a dozen lines: four registers of real persons, linked; a
//! protected table, as CSV.
//!
//! ```text
//! cargo run --release --example nhanes
//! ```

use kobling::protect::Protection;
use kobling::{Extract, Format, Linkage, LinkageKey, Plan, ReleaseKey, Rows};

fn main() -> kobling::Result<()> {
    let plan = Plan::read("examples/nhanes/plan.toml")?;
    let domain_key = LinkageKey::generate()?.domain_key(&plan.domain());
    let mut extracts: Vec<Extract> = Vec::new();
    for source in plan.sources() {
        let register = format!("examples/nhanes/{}.parquet", source.name());
        let rows = Rows::open(&plan, source.name(), &[register])?.identify()?;
        println!(
            "{}: {} of {} rows leave",
            source.name(),
            rows.rows(),
            rows.rows_read()
        );
        extracts.push(rows.pseudonymise(&domain_key)?);
    }
    let protection = Protection::new(ReleaseKey::generate()?);
    let tables = Linkage::new(&plan, extracts)?.tabulate(protection)?;
    let release = tables.protect()?.release()?;
    let folder = std::env::temp_dir().join(format!("kobling-nhanes-{}", std::process::id()));
    release.write(&folder, &[Format::Csv])?;
    println!("released to {}", folder.display());
    Ok(())
}
