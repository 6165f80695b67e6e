//! Files that are whole or not there: written under another name, then renamed.
//!
//! A crash, a full disk or an error in the middle leaves nothing that could be
//! taken for a result.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};

/// What is written: so who may read it, and whether it must outlive a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Pseudonymised rows that this process alone reads, and removes: readable
    /// by the file's owner only, and nobody waits for the disk.
    Run,
    /// Pseudonymised rows: readable by the file's owner only.
    Extract,
    /// What the linkage unit alone may know: readable by the file's owner only.
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
pub(crate) fn write_whole(
    path: &Path,
    kind: Kind,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<()>,
) -> Result<()> {
    prepare_whole(path, kind, write)?.finish()
}

/// A file that is written, but under another name than its own; removed unless
/// it is finished.
pub(crate) struct Prepared {
    temporary: Temporary,
    path: PathBuf,
    kind: Kind,
}

impl Prepared {
    /// Gives the file its name.
    pub(crate) fn finish(self) -> Result<()> {
        let io = |error| Error::file(&self.path, "write the file", &error);
        fs::rename(&self.temporary.0, &self.path).map_err(io)?;
        match self.kind {
            Kind::Run => Ok(()),
            _ => sync_folder_of(&self.path).map_err(io),
        }
    }
}

/// Writes what will be `path` by `write`, under another name.
///
/// # Errors
///
/// [`ErrorKind::File`] if it cannot be written, and whatever `write` returns.
pub(crate) fn prepare_whole(
    path: &Path,
    kind: Kind,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<()>,
) -> Result<Prepared> {
    let io = |error| Error::file(path, "write the file", &error);
    let temporary = Temporary::beside(path)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if kind != Kind::Release {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let file = options.open(&temporary.0).map_err(io)?;
    let mut writer = BufWriter::with_capacity(1 << 20, file);
    write(&mut writer).map_err(|error| error.in_file(path))?;
    writer.flush().map_err(io)?;
    if kind != Kind::Run {
        writer.get_ref().sync_all().map_err(io)?;
    }
    Ok(Prepared {
        temporary,
        path: path.to_owned(),
        kind,
    })
}

/// Fills a folder by `fill`; either all of it is there afterwards, or none.
///
/// # Errors
///
/// [`ErrorKind::File`] if the folder exists already or cannot be made, and
/// whatever `fill` returns.
pub(crate) fn write_whole_folder(
    path: &Path,
    fill: impl FnOnce(&Path) -> Result<()>,
) -> Result<()> {
    let io = |error| Error::file(path, "make the folder", &error);
    if fs::symlink_metadata(path).is_ok() {
        return Err(
            Error::new(ErrorKind::File, "exists already; nothing is overwritten")
                .in_file(path)
                .help("choose another folder, or move this one away"),
        );
    }
    let temporary = Temporary::beside(path)?;
    fs::create_dir(&temporary.0).map_err(io)?;
    fill(&temporary.0)?;
    // Renaming onto an existing folder that is not empty fails, as it should.
    fs::rename(&temporary.0, path).map_err(io)?;
    sync_folder_of(path).map_err(io)
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

/// The folder that `path` stands in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A name in the same folder, removed with all below it unless it was renamed.
pub(crate) struct Temporary(PathBuf);

impl Temporary {
    /// A name beside `path` that no file has.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::File`] if `path` ends in no name.
    pub(crate) fn beside(path: &Path) -> Result<Self> {
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
        Ok(Self(path.with_file_name(temporary)))
    }
}

impl Temporary {
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Nothing is there after a rename; what cannot be removed is named as a part.
        if self.0.is_dir() {
            let _ = fs::remove_dir_all(&self.0);
        } else {
            let _ = fs::remove_file(&self.0);
        }
    }
}
