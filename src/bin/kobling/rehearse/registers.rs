//! Where the registers of a rehearsal are: named, or found in the plan's folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kobling::Plan;
use kobling::plan::Source;

use crate::failure::Failure;

/// What may follow a source's name, in any case of letters.
const ENDINGS: [&str; 10] = [
    ".parquet", ".csv", ".tsv", ".arrow", ".ipc", ".feather", ".csv.gz", ".csv.zst", ".tsv.gz",
    ".tsv.zst",
];

/// The files of each source's register.
pub(super) struct Registers(BTreeMap<String, Vec<PathBuf>>);

impl Registers {
    /// Takes the `named` ones, and looks for the others in the plan's folder.
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
                registers.insert(name.to_owned(), vec![register_in_folder(path, name)?]);
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

/// The one register of `source` in the plan's folder, a file or a folder; two would be a guess.
fn register_in_folder(plan: &Path, source: &str) -> Result<PathBuf, Failure> {
    let folder = plan
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let unreadable = |error| Failure::io(folder, "read the folder", &error);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        let path = plan.with_file_name(&name);
        let Some(ending) = name.to_str().and_then(|name| name.strip_prefix(source)) else {
            continue;
        };
        let fits = match ending {
            "" => path.is_dir(),
            ending => {
                let is_one = |known: &&str| known.eq_ignore_ascii_case(ending);
                ENDINGS.iter().any(is_one) && path.is_file()
            }
        };
        if fits {
            found.push(path);
        }
    }
    found.sort_by_key(|path| (path.is_dir(), path.clone()));
    let help = format!("name it with --input {source}=PATH");
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [first, second, ..] => {
            let (first, second) = (first.display(), second.display());
            let rule = format!("the register of {source} could be {first} or {second}");
            Err(Failure::refused(plan, rule).help(help))
        }
        [] => {
            let rule = format!(
                "there is no register of {source} next to the plan; looked for a folder {source}, \
                 and for {source}{}",
                ENDINGS.join(&format!(", {source}"))
            );
            Err(Failure::refused(plan, rule).help(help))
        }
    }
}
