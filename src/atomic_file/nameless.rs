//! Files that get their name when they are whole: a run that is killed before, by
//! whatever signal, leaves nothing of them.

use std::fs::File;
use std::io;
use std::path::Path;

/// A file to be written, in the folder of `path`, of the rights `mode`; `None`
/// where the system or the folder's file system has no files without a name.
#[cfg(target_os = "linux")]
pub(crate) fn next_to(path: &Path, mode: u32) -> Option<File> {
    use rustix::fs::{CWD, Mode, OFlags, openat};
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let opened = openat(
        CWD,
        super::folder_of(path),
        flags,
        Mode::from_raw_mode(mode),
    );
    let file = File::from(opened.ok()?);
    // By that place it is named later; a container may be without.
    opened_at(&file).exists().then_some(file)
}

/// Gives a file that was made [next_to] `path` that name, unless something has it.
#[cfg(target_os = "linux")]
pub(crate) fn name(file: &File, path: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    let flags = AtFlags::SYMLINK_FOLLOW;
    Ok(linkat(CWD, opened_at(file), CWD, path, flags)?)
}

/// Where the system shows an open file of this process.
#[cfg(target_os = "linux")]
fn opened_at(file: &File) -> std::path::PathBuf {
    use std::os::fd::AsRawFd as _;
    Path::new("/proc/self/fd").join(file.as_raw_fd().to_string())
}

/// Elsewhere every file has a name from the first.
#[cfg(not(target_os = "linux"))]
pub(crate) fn next_to(_path: &Path, _mode: u32) -> Option<File> {
    None
}

/// Elsewhere there is no such file to name.
#[cfg(not(target_os = "linux"))]
pub(crate) fn name(_file: &File, _path: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
