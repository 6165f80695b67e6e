//! Files that are whole or not there: written under another name, then renamed.
//!
//! A crash, a full disk or an error in the middle leaves nothing that could be
//! taken for a result.

pub(crate) mod nameless;

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::{Error, ErrorKind, Result};

/// What is written: so who may read it, and whether it must outlive a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// Pseudonymised rows that only this process reads, and removes: readable
    /// by the file's owner only, and nobody waits for the disk.
    Run,
    /// Pseudonymised rows: readable by the file's owner only.
    Extract,
    /// What only the linkage unit may know: readable by the file's owner only.
    Report,
    /// Whoever the system's defaults allow may read it.
    Release,
}

/// Writes `path` by `write`; either all of it is there afterwards, or nothing of it.
///
/// An existing file is replaced.
///
/// # Errors
///
/// [`ErrorKind::File`] if it cannot be written, and whatever `write` returns.
pub(crate) fn write_atomically(
    path: &Path,
    kind: FileKind,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<()>,
) -> Result<()> {
    prepare_whole(path, kind, write)?.finish()
}

/// A file that is written, but under another name than its own, or none; gone
/// unless it is finished.
pub(crate) struct PreparedFile {
    written: OnDisk,
    path: PathBuf,
    kind: FileKind,
}

/// Where a file is until it is finished.
enum OnDisk {
    /// Without a name, so that nothing is left of it, even if the process is killed.
    Nameless(File),
    Named(Temporary),
}

impl OnDisk {
    /// What `path` will be. Only an extract, a report or a run is for its owner only.
    fn begin(path: &Path, kind: FileKind) -> Result<(File, Option<Temporary>)> {
        let mode = match kind {
            FileKind::Release => 0o666,
            FileKind::Run | FileKind::Extract | FileKind::Report => 0o600,
        };
        let temporary = Temporary::next_to(path)?;
        if let Some(file) = nameless::next_to(path, mode) {
            return Ok((file, None));
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
        let file = unless_stopped(|| options.open(&temporary.0));
        let file = file.map_err(|error| Error::file(path, "write the file", &error))?;
        Ok((file, Some(temporary)))
    }
}

impl PreparedFile {
    /// Gives the file its name, in the place of what has it.
    pub(crate) fn finish(self) -> Result<()> {
        let io = |error| Error::file(&self.path, "write the file", &error);
        let temporary = match self.written {
            OnDisk::Named(temporary) => temporary,
            OnDisk::Nameless(file) => {
                // The name of another file can be taken by a rename only.
                let temporary = Temporary::next_to(&self.path)?;
                unless_stopped(|| nameless::name(&file, &temporary.0)).map_err(io)?;
                temporary
            }
        };
        unless_stopped(|| fs::rename(&temporary.0, &self.path)).map_err(io)?;
        match self.kind {
            FileKind::Run => Ok(()),
            _ => sync_folder_of(&self.path).map_err(io),
        }
    }

    /// Gives the file its name, unless something has it: also where that came
    /// there while the file was written.
    pub(crate) fn finish_new(self) -> Result<()> {
        let Self { written, path, .. } = self;
        let refuse = |error: io::Error| match error.kind() {
            io::ErrorKind::AlreadyExists => exists(&path),
            _ => Error::file(&path, "write the file", &error),
        };
        let named = unless_stopped(|| match &written {
            OnDisk::Nameless(file) => nameless::name(file, &path),
            // A second name is given only where there is none; the first one is
            // then removed, as that of any file that is not finished.
            OnDisk::Named(temporary) => match fs::hard_link(&temporary.0, &path) {
                // A file system on which files have one name: asked just before.
                Err(_) if fs::symlink_metadata(&path).is_err() => fs::rename(&temporary.0, &path),
                linked => linked,
            },
        });
        named.map_err(refuse)?;
        drop(written);
        sync_folder_of(&path).map_err(refuse)
    }
}

/// Writes what will be `path` by `write`, under another name.
///
/// # Errors
///
/// [`ErrorKind::File`] if it cannot be written, and whatever `write` returns.
pub(crate) fn prepare_whole(
    path: &Path,
    kind: FileKind,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<()>,
) -> Result<PreparedFile> {
    let io = |error| Error::file(path, "write the file", &error);
    let (file, temporary) = OnDisk::begin(path, kind)?;
    let mut writer = BufWriter::with_capacity(1 << 20, file);
    write(&mut writer).map_err(|error| error.in_file(path))?;
    writer.flush().map_err(io)?;
    let file = writer
        .into_inner()
        .map_err(|error| io(error.into_error()))?;
    if kind != FileKind::Run {
        file.sync_all().map_err(io)?;
    }
    Ok(PreparedFile {
        written: match temporary {
            Some(temporary) => OnDisk::Named(temporary),
            None => OnDisk::Nameless(file),
        },
        path: path.to_owned(),
        kind,
    })
}

/// A folder that is filled, but under another name than its own; removed unless
/// it is finished.
pub(crate) struct PreparedFolder {
    temporary: Temporary,
    path: PathBuf,
}

impl PreparedFolder {
    /// Gives the folder its name.
    pub(crate) fn finish(self) -> Result<()> {
        let io = |error| Error::file(&self.path, "make the folder", &error);
        // Renaming onto an existing folder that is not empty fails, as it should.
        unless_stopped(|| fs::rename(&self.temporary.0, &self.path)).map_err(io)?;
        sync_folder_of(&self.path).map_err(io)
    }
}

/// Fills what will be the folder `path` by `fill`, under another name; all of it
/// is on the disk then.
///
/// # Errors
///
/// [`ErrorKind::File`] if the folder exists already or cannot be made, and
/// whatever `fill` returns.
pub(crate) fn prepare_whole_folder(
    path: &Path,
    fill: impl FnOnce(&Path) -> Result<()>,
) -> Result<PreparedFolder> {
    let io = |error| Error::file(path, "make the folder", &error);
    if fs::symlink_metadata(path).is_ok() {
        return Err(exists(path));
    }
    let temporary = Temporary::next_to(path)?;
    unless_stopped(|| fs::create_dir(&temporary.0)).map_err(io)?;
    fill(&temporary.0)?;
    Ok(PreparedFolder {
        temporary,
        path: path.to_owned(),
    })
}

fn exists(path: &Path) -> Error {
    Error::new(ErrorKind::File, "exists already; nothing is overwritten")
        .in_file(path)
        .help("choose another name, or move this one away")
}

/// Waits until the names in the folder of `path` are on the disk: a rename, or a
/// new file, that a power cut undoes would be gone after it was called done.
#[cfg(unix)]
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    match File::open(folder_of(path))?.sync_all() {
        // A file system that keeps folders elsewhere has nothing to wait for.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        synced => synced,
    }
}

/// Elsewhere a folder cannot be waited for.
#[cfg(not(unix))]
pub(crate) fn sync_folder_of(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// The folder that `path` is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// What is not finished, or just was: to be removed if the process is stopped.
struct Unfinished {
    paths: BTreeSet<PathBuf>,
    /// All was removed: from now on nothing gets a name.
    stopped: bool,
}

static UNFINISHED: Mutex<Unfinished> = Mutex::new(Unfinished {
    paths: BTreeSet::new(),
    stopped: false,
});

fn unfinished() -> MutexGuard<'static, Unfinished> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Held by what is done whole, or not at all; always before [`UNFINISHED`].
static WHOLE: Mutex<()> = Mutex::new(());

/// Steps that belong together: who is asked to stop in the middle of them stops
/// after the last one.
pub(crate) struct Uninterrupted(#[expect(dead_code, reason = "held")] MutexGuard<'static, ()>);

impl Uninterrupted {
    /// Begins such steps, if nobody was asked to stop before.
    pub(crate) fn begin() -> io::Result<Self> {
        let whole = WHOLE.lock().unwrap_or_else(PoisonError::into_inner);
        unless_stopped(|| Ok(Self(whole)))
    }
}

/// Gives something a name, or another one. Not while all that is unfinished is
/// removed: a folder that is renamed while it is emptied would be there, and not
/// whole. Nor afterwards: what gets a name then would stay.
fn unless_stopped<T>(name: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let unfinished = unfinished();
    match unfinished.stopped {
        true => Err(io::ErrorKind::Interrupted.into()),
        false => name(),
    }
}

/// Removes the files and folders that this process has not finished, as it does
/// itself when it ends by an error. For a program that is asked to stop by a
/// signal: the system otherwise ends it at once, and what it has written so
/// far, pseudonymised rows perhaps, stays under hidden names. A release that is being
/// entered in a ledger gets its name before. Whatever is written afterwards fails; so
/// the process is to end then.
pub fn remove_unfinished() {
    let _whole = WHOLE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut unfinished = unfinished();
    unfinished.stopped = true;
    for path in &unfinished.paths {
        // Another thread may put a file into a folder while it is emptied.
        for _ in 0..10 {
            remove(path);
            if fs::symlink_metadata(path).is_err() {
                break;
            }
        }
    }
}

/// A name in the same folder, removed with all below it unless it was renamed.
pub(crate) struct Temporary(PathBuf);

impl Temporary {
    /// A name next to `path` that no file has.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::File`] if `path` ends in no name.
    pub(crate) fn next_to(path: &Path) -> Result<Self> {
        let Some(name) = path.file_name() else {
            return Err(Error::new(ErrorKind::File, "is not the name of a file").in_file(path));
        };
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|_| {
            Error::new(
                ErrorKind::File,
                "the operating system gives no random numbers",
            )
        })?;
        let mut temporary = std::ffi::OsString::from(".");
        temporary.push(name);
        temporary.push(format!(".{:016x}.part", u64::from_ne_bytes(random)));
        let path = path.with_file_name(temporary);
        unfinished().paths.insert(path.clone());
        Ok(Self(path))
    }
}

impl Temporary {
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        remove(&self.0);
        unfinished().paths.remove(&self.0);
    }
}

/// Nothing is there after a rename; what cannot be removed is named as a part.
fn remove(path: &Path) {
    if path.is_dir() {
        let _ = fs::remove_dir_all(path);
    } else {
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(path: &Path, content: &str) -> PreparedFile {
        let prepared = prepare_whole(path, FileKind::Extract, |file| {
            let io = |error| Error::file(path, "write", &error);
            file.write_all(content.as_bytes()).map_err(io)
        });
        prepared.expect("it is written")
    }

    fn names(folder: &Path) -> Vec<std::ffi::OsString> {
        let entries = fs::read_dir(folder).expect("a folder");
        entries
            .map(|entry| entry.expect("a name").file_name())
            .collect()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn of_a_file_that_is_not_finished_nothing_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        let written = prepared(&path, "one");
        // What a process that is killed now leaves, on most file systems.
        if matches!(written.written, OnDisk::Nameless(_)) {
            assert!(names(folder.path()).is_empty());
        }
        drop(written);
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn a_new_file_never_takes_the_place_of_another() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        // Two that were begun when neither was there.
        let (one, other) = (prepared(&path, "one"), prepared(&path, "other"));
        one.finish_new().expect("there is none");
        let error = other.finish_new().expect_err("there is one");
        assert!(error.rule().contains("exists already"), "{error}");
        assert_eq!(fs::read_to_string(&path).expect("a file"), "one");
        assert_eq!(names(folder.path()), ["a"], "nothing is left next to it");
        // What may be replaced is, whole.
        prepared(&path, "third").finish().expect("it is replaced");
        assert_eq!(fs::read_to_string(&path).expect("a file"), "third");
        assert_eq!(names(folder.path()), ["a"]);
    }
}
