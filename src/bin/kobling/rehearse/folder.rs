//! The folder that a rehearsal leaves: whole, or as it was before.
//!
//! It is filled under another name and then renamed. Only a folder that a
//! rehearsal left, known by a marker file in it, is ever replaced.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use kobling::protect::SuppressionReport;

use crate::failure::Failure;
use crate::stop;

/// Distinguishes a rehearsal's folder from any other.
const MARKER: &str = ".kobling-rehearsal";

const MARKER_TEXT: &str =
    "This folder was left by `kobling rehearse`, and the next one replaces it.\n";

/// The folder of a rehearsal that is under way; removed unless it is finished.
pub(super) struct Folder {
    out: PathBuf,
    temporary: PathBuf,
    /// Where an earlier rehearsal is moved to.
    earlier: PathBuf,
}

impl Folder {
    /// Begins a folder that will be `out`; nothing of `read` may lie in what it replaces.
    pub(super) fn begin<'a>(
        out: &Path,
        read: impl Iterator<Item = &'a Path>,
    ) -> Result<Self, Failure> {
        let Some(name) = out.file_name().and_then(|name| name.to_str()) else {
            return Err(Failure::refused(out, "cannot be the name of a new folder"));
        };
        refuse_other(out)?;
        refuse_inside(out, read)?;
        refuse_foreign(out)?;
        let hidden = |what| out.with_file_name(format!(".{name}.{}.{what}", std::process::id()));
        let (temporary, earlier) = (hidden("part"), hidden("earlier"));
        // Before there is anything to drop: what is there under its name already
        // is not this rehearsal's to remove.
        fs::create_dir(&temporary).map_err(|error| Failure::io(out, "make the folder", &error))?;
        stop::unfinished(&temporary);
        let folder = Self {
            out: out.to_owned(),
            temporary,
            earlier,
        };
        fs::write(folder.temporary.join(MARKER), MARKER_TEXT)
            .map_err(|error| Failure::io(out, "write into the folder", &error))?;
        Ok(folder)
    }

    /// Where the roles' folders are until it is finished.
    pub(super) fn roles(&self) -> Roles {
        Roles::below(&self.temporary)
    }

    /// Puts the folder into its place.
    pub(super) fn finish(self) -> Result<(), Failure> {
        let io = |error: io::Error| Failure::io(&self.out, "make the folder", &error);
        // Asked again: a rehearsal may have taken long.
        refuse_other(&self.out)?;
        refuse_foreign(&self.out)?;
        let marked = left(&self.temporary)
            .map(|files| MARKER_TEXT.to_owned() + "It left:\n" + &files.join(""))
            .and_then(|text| fs::write(self.temporary.join(MARKER), text));
        marked.map_err(io)?;
        let replaces = self.out.is_dir();
        // A folder that is renamed while it is emptied would be there, and not whole.
        let replaced = stop::after(|| {
            if replaces {
                fs::rename(&self.out, &self.earlier)?;
            }
            let renamed = fs::rename(&self.temporary, &self.out);
            if renamed.is_err() && replaces {
                // The first error is the one to report.
                let _ = fs::rename(&self.earlier, &self.out);
            }
            renamed
        });
        replaced.map_err(io)?;
        if replaces {
            fs::remove_dir_all(&self.earlier).map_err(|error| {
                Failure::io(&self.earlier, "remove the earlier rehearsal", &error)
            })?;
        }
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nothing is there after a rename; what cannot be removed is named as a part.
        let _ = fs::remove_dir_all(&self.temporary);
        stop::finished(&self.temporary);
    }
}

/// Refuses `out` if anything is there but an earlier rehearsal.
fn refuse_other(out: &Path) -> Result<(), Failure> {
    match fs::symlink_metadata(out) {
        Err(_) => Ok(()),
        Ok(found) if found.is_dir() && out.join(MARKER).is_file() => Ok(()),
        Ok(_) => {
            let rule = "exists already, and no rehearsal left it; nothing is overwritten";
            Err(Failure::refused(out, rule).help("choose another folder with --out"))
        }
    }
}

/// The files below `folder`, each on a line: what the next rehearsal may remove.
fn left(folder: &Path) -> io::Result<Vec<String>> {
    fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if fs::symlink_metadata(&path)?.is_dir() {
                walk(root, &path, found)?;
            } else if let Ok(name) = path.strip_prefix(root) {
                // As `Debug` writes it: a name may hold a line end.
                found.push(format!("{name:?}\n"));
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    walk(folder, folder, &mut found)?;
    found.sort();
    Ok(found)
}

/// Refuses to replace a folder in which there is a file that no rehearsal left.
fn refuse_foreign(out: &Path) -> Result<(), Failure> {
    if !out.is_dir() {
        return Ok(());
    }
    let io = |error: io::Error| Failure::io(out, "read the folder", &error);
    let marker = fs::read_to_string(out.join(MARKER)).map_err(io)?;
    let own: Vec<&str> = marker.lines().collect();
    let foreign = left(out).map_err(io)?.into_iter().find(|file| {
        let file = file.trim_end_matches('\n');
        file != format!("{MARKER:?}") && !own.contains(&file)
    });
    match foreign {
        None => Ok(()),
        Some(file) => {
            let rule = format!("holds {}, which no rehearsal left", file.trim_end());
            let help = "move it away, or choose another folder with --out";
            Err(Failure::refused(out, rule).help(help))
        }
    }
}

/// Refuses to replace a folder that holds what the rehearsal reads.
fn refuse_inside<'a>(out: &Path, read: impl Iterator<Item = &'a Path>) -> Result<(), Failure> {
    let Ok(out) = fs::canonicalize(out) else {
        return Ok(());
    };
    for path in read {
        if fs::canonicalize(path).is_ok_and(|path| path.starts_with(&out)) {
            let rule = "lies in the earlier rehearsal's folder, which would be replaced";
            return Err(Failure::refused(path, rule).help("choose another folder with --out"));
        }
    }
    Ok(())
}

/// Makes a folder, and those above it.
pub(super) fn make(path: &Path) -> Result<(), Failure> {
    fs::create_dir_all(path).map_err(|error| Failure::io(path, "make the folder", &error))
}

/// Gives the linkage unit what an agency made.
pub(super) fn hand_over(from: &Path, to: &Path) -> Result<(), Failure> {
    // A second name costs no space; where a file system has none, a copy.
    fs::hard_link(from, to)
        .or_else(|_| fs::copy(from, to).map(drop))
        .map_err(|error| Failure::io(to, "hand over the extract", &error))
}

/// Which role's files are where, below a folder.
pub(super) struct Roles(PathBuf);

impl Roles {
    pub(super) fn below(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// The same roles, as the printed commands play them.
    pub(super) fn by_hand(&self) -> Self {
        Self(self.0.join("by-hand"))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn custodian(&self) -> PathBuf {
        self.0.join("key-custodian")
    }

    pub(super) fn linkage_key(&self) -> PathBuf {
        self.custodian().join("linkage.key")
    }

    pub(super) fn agency(&self, source: &str) -> PathBuf {
        self.0.join(format!("agency-{source}"))
    }

    pub(super) fn domain_key(&self, source: &str) -> PathBuf {
        self.agency(source).join("domain.key")
    }

    pub(super) fn extract(&self, source: &str) -> PathBuf {
        self.agency(source).join(format!("{source}.arrow"))
    }

    pub(super) fn linkage_unit(&self) -> PathBuf {
        self.0.join("linkage-unit")
    }

    pub(super) fn release_key(&self) -> PathBuf {
        self.linkage_unit().join("release.key")
    }

    pub(super) fn ledger(&self) -> PathBuf {
        self.linkage_unit().join("ledger.jsonl")
    }

    /// The suppression report of the only release in the ledger.
    pub(super) fn report(&self) -> PathBuf {
        SuppressionReport::next_to(&self.ledger(), 1)
    }

    /// An extract, where the linkage unit has it.
    pub(super) fn received(&self, source: &str) -> PathBuf {
        self.linkage_unit().join(format!("{source}.arrow"))
    }

    pub(super) fn recipient(&self) -> PathBuf {
        self.0.join("recipient")
    }
}
