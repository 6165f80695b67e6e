//! The ledger's files: locked, read line by line, appended to, and the head next to them.
//!
//! All three are under their own names. A ledger that is a symbolic link is
//! refused: under its other name it would have another head and another lock,
//! and two processes could write it at once.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{
    BufRead as _, BufReader, ErrorKind as Io, Read as _, Seek as _, SeekFrom, Write as _,
};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::refuse;
use super::seal::{Seal, SealedKind, Unopened};
use crate::atomic_file::{FileKind, folder_of, sync_folder_of, write_atomically};
use crate::error::{Error, ErrorKind, Result};
use crate::hex::hex;
use crate::key::KeyCheck;

/// A ledger is at most this large, in bytes.
const MOST_BYTES: u64 = 4 << 30;

/// What is read of a head, in bytes; a project's id of 255 bytes fits, escaped.
const MOST_HEAD_BYTES: u64 = 4096;

/// The version of the ledger's form.
const FORMAT: u32 = 1;

/// Holds other processes, and other threads, off the ledger while it lives.
pub(super) struct Lock(#[expect(dead_code, reason = "held, and let go when dropped")] File);

impl Lock {
    /// Others may read. None if nobody has locked the ledger yet, and so
    /// nobody has written it here. Calls `waiting` if another process has it.
    pub(super) fn shared(path: &Path, waiting: &dyn Fn()) -> Result<Option<Self>> {
        let lock = with_ending(path, "lock");
        let Some(file) = open(&lock)? else {
            return Ok(None);
        };
        let io = |error| Error::file(&lock, "lock the ledger", &error);
        // Where it cannot be tried, it is waited for without a word.
        if let Err(TryLockError::WouldBlock) = file.try_lock_shared() {
            waiting();
        }
        file.lock_shared().map_err(io)?;
        Ok(Some(Self(file)))
    }

    /// Nobody else may read or write. Calls `waiting` if another process has it.
    pub(super) fn exclusive(path: &Path, waiting: &dyn Fn()) -> Result<Self> {
        let lock = with_ending(path, "lock");
        let io = |error| Error::file(&lock, "lock the ledger", &error);
        let file = open_to_write(&lock)?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            waiting();
        }
        file.lock().map_err(io)?;
        Ok(Self(file))
    }
}

/// Gives each whole line of the ledger at `path` to `take`, with its newline.
/// What is behind the last newline is what a crash left, and no line.
pub(super) fn each_line(path: &Path, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let io = |error| Error::file(path, "read the ledger", &error);
    let Some(file) = open(path)? else {
        return Ok(());
    };
    if file.metadata().map_err(io)?.len() > MOST_BYTES {
        return Err(refuse(path, "is larger than 4 GiB, as no ledger is"));
    }
    let mut reader = BufReader::new(file.take(MOST_BYTES));
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).map_err(io)? > 0 && line.ends_with(b"\n") {
        take(&line)?;
        line.clear();
    }
    Ok(())
}

/// Refuses a file at `path` that has something in it, for it has no head: it
/// may be no ledger at all, and must not be written over.
pub(super) fn nothing_at(path: &Path) -> Result<()> {
    let io = |error| Error::file(path, "read the ledger", &error);
    match open(path)? {
        Some(file) if file.metadata().map_err(io)?.len() > 0 => {
            let rule = "has no head (the file next to it): the head was lost, or this is no ledger";
            let help = "put both back from one copy that was kept; or name a new file, if there was no ledger";
            Err(refuse(path, rule).help(help))
        }
        Some(_) => Ok(()),
        None => match folder_of(path).metadata() {
            Err(error) if error.kind() == Io::NotFound => {
                let rule = "is in a folder that does not exist";
                let error = Error::new(ErrorKind::File, rule).in_file(path);
                Err(error.help("make the folder first, if a new ledger is to be begun there"))
            }
            found => found.map(drop).map_err(io),
        },
    }
}

/// Writes `line` behind the first `len` bytes of the ledger at `path`, in the
/// steps 3 to 5 of [what a crash leaves](super#what-a-crash-leaves).
pub(super) fn append(path: &Path, len: u64, line: &[u8]) -> Result<()> {
    let io = |error| Error::file(path, "write the ledger", &error);
    if len.saturating_add(line.len() as u64) > MOST_BYTES {
        return Err(refuse(path, "would be larger than 4 GiB with this release"));
    }
    let mut file = open_to_write(path)?;
    if len == 0 {
        own(&file).map_err(io)?;
    }
    file.set_len(len).map_err(io)?;
    file.seek(SeekFrom::Start(len)).map_err(io)?;
    let newline = line.len().saturating_sub(1);
    for part in [&line[..newline], &line[newline..]] {
        file.write_all(part).map_err(io)?;
        file.sync_all().map_err(io)?;
    }
    sync_folder_of(path).map_err(io)
}

/// How long a ledger is, and what its last line is.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    format: u32,
    project: String,
    /// The check of the release key.
    key: String,
    pub(super) entries: u64,
    /// SHA-256 of the last line in hexadecimal; zeros if there is none.
    pub(super) last: String,
}

impl Head {
    pub(super) fn new(project: &str, seal: &Seal, entries: u64, last: &[u8; 32]) -> Self {
        Self {
            format: FORMAT,
            project: project.to_owned(),
            key: seal.check().to_string(),
            entries,
            last: hex(last),
        }
    }

    /// The head of the ledger at `path`, if it has one.
    pub(super) fn read(path: &Path, project: &str, seal: &Seal) -> Result<Option<Self>> {
        let path = &with_ending(path, "head");
        let io = |error| Error::file(path, "read the ledger's head", &error);
        let Some(file) = open(path)? else {
            return Ok(None);
        };
        let mut line = Vec::new();
        file.take(MOST_HEAD_BYTES)
            .read_to_end(&mut line)
            .map_err(io)?;
        let damaged = || refuse(path, "is damaged, and no head of a ledger");
        match seal.open::<Self>(SealedKind::Head, &line) {
            Ok(head) => head.fits(path, project, seal).map(|()| Some(head)),
            Err(Unopened::NoLine) => Err(damaged()),
            // Refused in any case. What it says, true or not, is asked for the
            // reason only: most often it is simply of another key.
            Err(Unopened::Changed(sealed)) => {
                let said: Self = sealed.says().ok_or_else(damaged)?;
                said.fits(path, project, seal)?;
                Err(refuse(path, "was changed"))
            }
        }
    }

    /// Refuses a head of another form, project or key.
    fn fits(&self, path: &Path, project: &str, seal: &Seal) -> Result<()> {
        let key: KeyCheck = match self.key.parse() {
            Ok(key) => key,
            Err(_) => return Err(refuse(path, "is damaged, and no head of a ledger")),
        };
        if self.format != FORMAT {
            let rule = format!(
                "has form {}, and {FORMAT} is the only one known here",
                self.format
            );
            return Err(refuse(path, rule));
        }
        if self.project != project {
            let help = "each project has a ledger of its own, and so has its rehearsal";
            return Err(refuse(path, "is of another project").help(help));
        }
        if key != seal.check() {
            let rule = format!("is of the release key {key}, and this is {}", seal.check());
            return Err(refuse(path, rule));
        }
        Ok(())
    }

    /// Writes it next to the ledger at `path`.
    pub(super) fn write(&self, path: &Path, seal: &Seal) -> Result<()> {
        let path = &with_ending(path, "head");
        let io = |error| Error::file(path, "write the ledger's head", &error);
        // Readable by its owner only, and on the disk, as an extract is.
        write_atomically(path, FileKind::Extract, |file| {
            let line = seal.line(SealedKind::Head, self);
            file.write_all(&line).map_err(io)
        })
    }
}

/// The file at `path` to read, if there is one.
fn open(path: &Path) -> Result<Option<File>> {
    if !regular(path)? {
        return Ok(None);
    }
    let mut options = OpenOptions::new();
    own_name(options.read(true));
    let io = |error| Error::file(path, "read the file", &error);
    let file = options.open(path).map_err(io)?;
    is_regular(&file, path)?;
    Ok(Some(file))
}

/// The file at `path` to write, readable by its owner only if it is new.
fn open_to_write(path: &Path) -> Result<File> {
    regular(path)?;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    own_name(&mut options);
    let io = |error| Error::file(path, "write the file", &error);
    let file = options.open(path).map_err(io)?;
    is_regular(&file, path)?;
    Ok(file)
}

/// Has no symbolic link followed, and no pipe waited for: what is at the name
/// may be something else than what was asked about just before.
#[cfg(unix)]
fn own_name(options: &mut OpenOptions) {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    options.custom_flags(flags.bits() as i32);
}

/// Elsewhere what was asked about just before is all that is known.
#[cfg(not(unix))]
fn own_name(_: &mut OpenOptions) {}

/// Refuses what was opened, if it is no file, or others than its owner have access.
fn is_regular(file: &File, path: &Path) -> Result<()> {
    let io = |error| Error::file(path, "read the file", &error);
    let metadata = file.metadata().map_err(io)?;
    if !metadata.is_file() {
        return Err(refuse(path, NO_FILE));
    }
    match is_shared(&metadata) {
        false => Ok(()),
        true => {
            let rule = "is open to group or others, and a ledger is for the linkage unit only";
            let help = format!("chmod 600 {}", path.display());
            Err(refuse(path, rule).help(help))
        }
    }
}

/// Whether others than the owner may read or write the file. An empty one is
/// nobody's secret, and is [made](own) its owner's.
#[cfg(unix)]
fn is_shared(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    metadata.len() > 0 && metadata.mode() & 0o077 != 0
}

/// Elsewhere the folder's rights hold.
#[cfg(not(unix))]
fn is_shared(_: &fs::Metadata) -> bool {
    false
}

/// Makes the file readable by its owner only: an empty one may have been there.
#[cfg(unix)]
fn own(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

/// Elsewhere the folder's rights hold.
#[cfg(not(unix))]
fn own(_file: &File) -> std::io::Result<()> {
    Ok(())
}

/// What is at the name of a ledger's file, and is none.
const NO_FILE: &str = "is no regular file, as a ledger is";

/// Whether there is a file at `path`; refuses what is something else, and says
/// what. It is asked before opening, because opening a device may do something.
fn regular(path: &Path) -> Result<bool> {
    if path.file_name().is_none() {
        return Err(Error::new(ErrorKind::File, "is not the name of a file").in_file(path));
    }
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == Io::NotFound => return Ok(false),
        Err(error) => return Err(Error::file(path, "read the file", &error)),
    };
    if metadata.is_symlink() {
        let rule = "is a symbolic link, and a ledger has one name only";
        return Err(refuse(path, rule).help("name the file that it links to"));
    }
    if metadata.is_dir() {
        return Err(refuse(path, "is a folder, and no ledger"));
    }
    match metadata.is_file() {
        true => Ok(true),
        false => Err(refuse(path, NO_FILE)),
    }
}

/// `path` with a further ending.
fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}
