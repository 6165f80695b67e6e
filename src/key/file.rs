//! Key files: the only way of a key into and out of the process.
//!
//! The form is text, so that a custodian can see what kind of key it is and
//! for which domain, print it for a safe, and type it in again; hence the
//! check line. A key file that others can read is refused rather than warned
//! about: a warning would be read after the key had leaked. No error quotes
//! the file, and every buffer that held its text is wiped.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Domain, HmacMidstates, KEY_LEN, encode_part, message};
use crate::atomic_file::{nameless, sync_folder_of};
use crate::error::{Error, ErrorKind, Result};
use crate::limited::open_regular;
use crate::secret::Secret;

/// The most that is read of a key file, in bytes; the longest valid one is far below.
const MOST_FILE_LEN: usize = 4096;

/// The bytes of the check line: 2⁻⁶⁴ is the chance that a mistake goes unnoticed.
const CHECK_LEN: usize = 8;

/// Which of the three keys a [key file](super::LinkageKey#key-files) holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyKind {
    /// A [`LinkageKey`](super::LinkageKey), of the key custodian.
    Linkage,
    /// A [`DomainKey`](super::DomainKey), of the agencies of one project.
    Domain,
    /// A [`ReleaseKey`](super::ReleaseKey), of the linkage unit.
    Release,
}

impl KeyKind {
    const ALL: [Self; 3] = [Self::Linkage, Self::Domain, Self::Release];

    /// What the first line of the file at `path` announces.
    ///
    /// The rest is not read: only [`LinkageKey::read`](super::LinkageKey::read)
    /// and its like say whether the key is whole.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, when group or others may read it, or when
    /// it is no key file.
    ///
    /// # Disclosure
    ///
    /// Returns the kind of key, and nothing of the key.
    pub fn of_file(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = load(path)?;
        match announced(text.lines().next().unwrap_or_default()) {
            Some((kind, _)) => Ok(kind),
            None => Err(no_key_file().in_file(path)),
        }
    }

    /// As key files and the command line name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linkage => "linkage",
            Self::Domain => "domain",
            Self::Release => "release",
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} key", self.name())
    }
}

/// Writes a new key file for its owner only; refuses where there is a file already.
pub(super) fn write(
    path: &Path,
    kind: KeyKind,
    domain: Option<&Domain>,
    secret: &Secret<KEY_LEN>,
) -> Result<()> {
    let text = render(kind, domain, secret);
    if let Some(mut file) = nameless::next_to(path, 0o600) {
        refuse_shared(&file, path)?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(|error| Error::file(path, "write the key file", &error))?;
        return nameless::name(&file, path)
            .map_err(|error| refused_name(path, &error))
            .and_then(|()| {
                sync_folder_of(path)
                    .map_err(|error| Error::file(path, "write the key file", &error))
            });
    }
    let mut file = create(path)?;
    // A file system without modes would leave the key open to all: asked before it is written.
    let written = refuse_shared(&file, path).and_then(|()| {
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| sync_folder_of(path))
            .map_err(|error| Error::file(path, "write the key file", &error))
    });
    if written.is_err() {
        drop(file);
        // The first error is the one to report; what is left is a file that fails its check.
        let _ = fs::remove_file(path);
    }
    written
}

/// The key of `kind`, which has no domain, in the file at `path`.
pub(super) fn read(path: &Path, kind: KeyKind) -> Result<Secret<KEY_LEN>> {
    let text = load(path)?;
    Fields::parse(&text, kind)
        .and_then(|fields| fields.secret(kind, None))
        .map_err(|error| error.in_file(path))
}

/// The domain key in the file at `path`, with its domain.
pub(super) fn read_domain(path: &Path) -> Result<(Domain, Secret<KEY_LEN>)> {
    let text = load(path)?;
    Fields::parse(&text, KeyKind::Domain)
        .and_then(|fields| {
            let domain = fields.domain()?;
            let secret = fields.secret(KeyKind::Domain, Some(&domain))?;
            Ok((domain, secret))
        })
        .map_err(|error| error.in_file(path))
}

/// The text of a key file.
fn render(kind: KeyKind, domain: Option<&Domain>, secret: &Secret<KEY_LEN>) -> Zeroizing<String> {
    // The full capacity at once: growing would leave an unwiped copy behind.
    let mut text = Zeroizing::new(String::with_capacity(MOST_FILE_LEN));
    text.push_str("kobling ");
    text.push_str(kind.name());
    text.push_str(" key 1\n");
    if let Some(domain) = domain {
        text.push_str("project = ");
        text.push_str(domain.project());
        text.push_str("\nepoch = ");
        text.push_str(&domain.epoch().to_string());
        text.push('\n');
    }
    text.push_str("key = ");
    text.push_str(&secret.to_hex());
    text.push_str("\ncheck = ");
    text.push_str(&checksum(kind, domain, secret).to_hex());
    text.push('\n');
    text
}

/// What the check line holds: under the key, over the label, the kind and the domain.
fn checksum(kind: KeyKind, domain: Option<&Domain>, secret: &Secret<KEY_LEN>) -> Secret<CHECK_LEN> {
    let mut message = message(b"key file");
    encode_part(&mut message, kind.name().as_bytes());
    if let Some(domain) = domain {
        domain.encode(&mut message);
    }
    let code = HmacMidstates::of(secret).mac(&[&message]);
    Secret::filled(|bytes| {
        bytes.copy_from_slice(&code.expose()[..CHECK_LEN]);
        Ok::<(), std::convert::Infallible>(())
    })
    .unwrap_or_else(|never| match never {})
}

/// The lines of a key file after its first, as text.
#[derive(Default)]
struct Fields<'a> {
    project: Option<&'a str>,
    epoch: Option<&'a str>,
    key: Option<&'a str>,
    check: Option<&'a str>,
}

impl<'a> Fields<'a> {
    fn parse(text: &'a str, kind: KeyKind) -> Result<Self> {
        let mut lines = text.lines().zip(1_u32..);
        refuse_other(lines.next().map_or("", |(line, _)| line), kind)?;

        let mut fields = Self::default();
        for (line, number) in lines.filter(|(line, _)| !line.trim().is_empty()) {
            let (name, value) = line.split_once(" = ").unwrap_or((line, ""));
            let field = match (name, kind) {
                ("project", KeyKind::Domain) => &mut fields.project,
                ("epoch", KeyKind::Domain) => &mut fields.epoch,
                ("key", _) => &mut fields.key,
                ("check", _) => &mut fields.check,
                _ => {
                    return Err(refused(format!(
                        "line {number} is none that a {kind} file has"
                    )));
                }
            };
            if field.replace(value).is_some() {
                return Err(refused(format!("line {number} repeats an earlier line")));
            }
        }
        Ok(fields)
    }

    fn domain(&self) -> Result<Domain> {
        let project = present(self.project, "project")?;
        let epoch = present(self.epoch, "epoch")?
            .parse()
            .map_err(|_| refused("the epoch is not a whole number from 0 to 4294967295"))?;
        // A rule of the domain, broken here by the file and not by a plan.
        Domain::new(project, epoch).map_err(|error| refused(error.rule()))
    }

    fn secret(&self, kind: KeyKind, domain: Option<&Domain>) -> Result<Secret<KEY_LEN>> {
        let secret = Secret::from_hex(present(self.key, "key")?)
            .ok_or_else(|| refused("the key is not 64 lower-case hexadecimal digits"))?;
        let check = Secret::from_hex(present(self.check, "check")?)
            .ok_or_else(|| refused("the check is not 16 lower-case hexadecimal digits"))?;
        if bool::from(checksum(kind, domain, &secret).ct_eq(&check)) {
            Ok(secret)
        } else {
            Err(refused(
                "its lines do not fit its check: it was mistyped, changed or damaged",
            ))
        }
    }
}

/// The kind of key, and the version, that a first line announces.
fn announced(line: &str) -> Option<(KeyKind, &str)> {
    let (name, version) = line.strip_prefix("kobling ")?.split_once(" key ")?;
    let kind = KeyKind::ALL.into_iter().find(|kind| kind.name() == name)?;
    Some((kind, version))
}

fn no_key_file() -> Error {
    refused("this is not a kobling key file")
}

/// Refuses a first line that does not announce a key of `needed`.
fn refuse_other(line: &str, needed: KeyKind) -> Result<()> {
    match announced(line) {
        None => Err(no_key_file()),
        Some((kind, _)) if kind != needed => Err(refused(format!(
            "this is a {kind}; a {needed} is needed here"
        ))),
        Some((_, "1")) => Ok(()),
        Some(_) => Err(refused(
            "the version of this key file is not 1, the only one known here",
        )),
    }
}

fn present<'a>(field: Option<&'a str>, name: &str) -> Result<&'a str> {
    field.ok_or_else(|| {
        refused(format!(
            "the line `{name}` is missing; the file may be truncated"
        ))
    })
}

fn refused(rule: impl Into<String>) -> Error {
    Error::new(ErrorKind::Key, rule)
}

/// A new, empty file at `path` that only its owner may read and write.
///
/// Where a file cannot be without a name until it is whole, it is created in its
/// place and not under another name first: an exclusive creation can neither
/// overwrite nor follow a symbolic link, and a crash leaves at worst a file that is
/// empty or fails its check, never a stray copy of the key.
fn create(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .map_err(|error| refused_name(path, &error))
}

/// Why a new key file does not get its name.
fn refused_name(path: &Path, error: &io::Error) -> Error {
    if error.kind() != io::ErrorKind::AlreadyExists {
        return Error::file(path, "create the key file", error);
    }
    if fs::symlink_metadata(path).is_ok_and(|there| there.is_file() && there.len() == 0) {
        return refused("there is an empty file already, as a run leaves that was stopped")
            .in_file(path)
            .help("there is no key in it: remove it, and make the key again");
    }
    refused("there is a file already, and a key file is never overwritten")
        .in_file(path)
        .help("choose another name, or move the old key away first")
}

/// The text of the file at `path`, if only its owner has access and it is short.
fn load(path: &Path) -> Result<Zeroizing<String>> {
    let unreadable = |error: io::Error| Error::file(path, "read the key file", &error);
    let no_file = || refused("a key file is a regular file").in_file(path);
    if fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Err(no_file());
    }
    let mut file = open_regular(path)
        .map_err(unreadable)?
        .ok_or_else(no_file)?;
    refuse_shared(&file, path)?;

    // A fixed buffer: one that grows would leave unwiped copies behind.
    let mut bytes = Zeroizing::new([0; MOST_FILE_LEN + 1]);
    let mut len = 0;
    while len < bytes.len() {
        match file.read(&mut bytes[len..]) {
            Ok(0) => break,
            Ok(read) => len += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
    if len > MOST_FILE_LEN {
        return Err(refused("this is larger than any key file").in_file(path));
    }
    match std::str::from_utf8(&bytes[..len]) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(refused("this is not UTF-8 text, as a key file is").in_file(path)),
    }
}

/// Refuses an open file that others than its owner have access to.
///
/// The open file is asked, not its path: the path may name another file by now.
#[cfg(unix)]
fn refuse_shared(file: &File, path: &Path) -> Result<()> {
    use std::os::unix::fs::MetadataExt;

    let metadata = file
        .metadata()
        .map_err(|error| Error::file(path, "read the mode of the key file", &error))?;
    if metadata.mode() & 0o077 != 0 {
        let rule = "group or others have access to this key file; only its owner may have access";
        let help = format!("chmod 600 {}", path.display());
        return Err(refused(rule).in_file(path).help(help));
    }
    // Who may read all files, as root does, reads a key that somebody else has, and
    // can change, too.
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        let rule = "this key file is another user's; it must be of the user who runs kobling";
        let help = "run kobling as that user, or copy the key to a file of this one";
        return Err(refused(rule).in_file(path).help(help));
    }
    Ok(())
}

/// Refuses nothing: outside Unix there is no mode to ask, as the key files' documentation says.
#[cfg(not(unix))]
fn refuse_shared(_file: &File, _path: &Path) -> Result<()> {
    Ok(())
}
