//! kobling's part in the comparison with its peers; `benches/peers/run` calls it.
//!
//! ```text
//! peers make pairs FOLDER BASE LOOK          registers with pseudonyms, as Arrow files
//! peers make three FOLDER UNIT
//! peers make whole FOLDER ROWS SPARE         registers with identifiers, as Parquet files
//! peers time at-rest TABLE REPEAT BASE LOOK  times, as JSON; the table goes to the file TABLE
//! peers time cold    TABLE REPEAT BASE LOOK
//! peers time three   TABLE REPEAT UNIT
//! peers time whole   TABLE REPEAT FOLDER
//! peers time frames  TABLE REPEAT ROWS       from batches in memory, with identifiers
//! ```
//!
//! Registers with pseudonyms are made in memory where kobling is timed, by the
//! functions that make the files: so the tables must be the same.

mod files;
mod flow;
mod fnr;
#[path = "../../support/made_up.rs"]
mod made_up;
mod registers;

use std::path::Path;

use kobling::Plan;
use registers::{Names, pair, three, widened};

/// As in the command line; DuckDB and polars bring an allocator of their own too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub(crate) type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

const PAIRS: &str = include_str!("../plans/pairs.toml");
const THREE: &str = include_str!("../plans/three.toml");

const USAGE: &str = "see benches/peers/README.md; to run it all: benches/peers/run";

fn main() -> Result<()> {
    // Cargo adds `--bench`.
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let words: Vec<&str> = words
        .into_iter()
        .filter(|word| *word != "--bench")
        .collect();
    match words[..] {
        ["make", what, folder, ref sizes @ ..] => {
            let sizes: Vec<u64> = sizes
                .iter()
                .map(|size| size.parse())
                .collect::<Result<_, _>>()?;
            std::fs::create_dir_all(folder)?;
            make(what, Path::new(folder), &sizes)
        }
        ["time", case, table, repeat, ref rest @ ..] => {
            time(case, Path::new(table), repeat.parse()?, rest)
        }
        _ => {
            println!("{USAGE}");
            Ok(())
        }
    }
}

fn make(what: &str, folder: &Path, sizes: &[u64]) -> Result<()> {
    let registers = match (what, sizes) {
        ("pairs", &[base, look]) => pair(base, look).to_vec(),
        ("three", &[unit]) => three(unit).to_vec(),
        ("whole", &[rows, spare]) => {
            let numbers = fnr::numbers((rows + rows / 5) as usize);
            for (name, register) in pair(rows, rows) {
                let pieces = register.pieces(Names::Numbers(&numbers));
                let pieces = pieces.map(|piece| widened(&piece, spare as usize));
                files::write_parquet(&folder.join(format!("{name}.parquet")), pieces)?;
            }
            return Ok(());
        }
        _ => return Err(USAGE.into()),
    };
    for (name, register) in registers {
        let path = folder.join(format!("{name}.arrow"));
        files::write_arrow(&path, register.pieces(Names::Pseudonyms))?;
    }
    Ok(())
}

fn time(case: &str, table: &Path, repeat: usize, rest: &[&str]) -> Result<()> {
    let sizes = || {
        rest.iter()
            .map(|size| Ok(size.parse()?))
            .collect::<Result<Vec<u64>>>()
    };
    let pairs = || Ok::<_, kobling::Error>(Plan::parse(PAIRS)?.rehearsal());
    let timed = match (case, rest) {
        ("at-rest", [_, _]) => flow::at_rest(&pairs()?, &pair(sizes()?[0], sizes()?[1]), repeat)?,
        ("cold", [_, _]) => flow::cold(&pairs()?, &pair(sizes()?[0], sizes()?[1]), repeat)?,
        ("three", [_]) => {
            let plan = Plan::parse(THREE)?.rehearsal();
            flow::at_rest(&plan, &three(sizes()?[0]), repeat)?
        }
        ("frames", [_]) => {
            let rows = sizes()?[0];
            let numbers = fnr::numbers((rows + rows / 5) as usize);
            flow::frames(&pairs()?, &pair(rows, rows), &numbers, repeat)?
        }
        ("whole", [folder]) => flow::whole(&pairs()?, Path::new(folder), repeat)?,
        _ => return Err(USAGE.into()),
    };
    files::write_table(table, &timed.table.ok_or("no table came out")?)?;
    let stages = timed.stages.into_iter();
    let stages: Vec<_> = stages.map(|stage| (stage.name, stage.seconds)).collect();
    let said = serde_json::json!({ "kobling": env!("CARGO_PKG_VERSION"), "stages": stages });
    println!("{said}");
    Ok(())
}
