//! Where the registers of a rehearsal are: named, or found beside the plan.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kobling::Plan;
use kobling::plan::Source;

use crate::failure::Failure;

/// What is put behind a source's name; the empty one is a folder.
const ENDINGS: [&str; 4] = [".parquet", ".csv", ".arrow", ""];

/// The files of each source's register.
pub(super) struct Registers(BTreeMap<String, Vec<PathBuf>>);

impl Registers {
    /// Takes the `named` ones, and looks for the others beside the plan.
    pub(super) fn find(
        plan: &Plan,
        path: &Path,
        named: &[(String, PathBuf)],
    ) -> Result<Self, Failure> {
        let mut registers: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        for (name, input) in named {
            plan.source(name)?;
            registers
                .entry(name.clone())
                .or_default()
                .push(input.clone());
        }
        for name in plan.sources().iter().map(Source::name) {
            if !registers.contains_key(name) {
                registers.insert(name.to_owned(), vec![beside(path, name)?]);
            }
        }
        Ok(Self(registers))
    }

    pub(super) fn of(&self, source: &str) -> &[PathBuf] {
        self.0.get(source).map_or(&[], Vec::as_slice)
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.values().flatten().map(PathBuf::as_path)
    }
}

/// The one register of `source` beside the plan; two would be a guess.
fn beside(plan: &Path, source: &str) -> Result<PathBuf, Failure> {
    let candidates: Vec<PathBuf> = ENDINGS
        .iter()
        .map(|ending| plan.with_file_name(format!("{source}{ending}")))
        .collect();
    let mut found = candidates.iter().zip(ENDINGS).filter(|(path, ending)| {
        if ending.is_empty() {
            path.is_dir()
        } else {
            path.is_file()
        }
    });
    let help = format!("name it with --input {source}=PATH");
    match (found.next(), found.next()) {
        (Some((path, _)), None) => Ok(path.clone()),
        (Some((first, _)), Some((second, _))) => {
            let (first, second) = (first.display(), second.display());
            let rule = format!("the register of {source} could be {first} or {second}");
            Err(Failure::refused(plan, rule).help(help))
        }
        (None, _) => {
            let looked: Vec<String> = candidates
                .iter()
                .map(|path| path.display().to_string())
                .collect();
            let rule = format!(
                "there is no register of {source} beside the plan; looked for {}/",
                looked.join(", ")
            );
            Err(Failure::refused(plan, rule).help(help))
        }
    }
}
