//! The ledger: what a project has released before, in a chain that cannot be changed unnoticed.
//!
//! Each release may be safe by itself, and two of them together give a person
//! away. So the linkage unit keeps one ledger a project, and protects a new
//! release together with all that the ledger holds.
//!
//! ```text
//! ledger.jsonl        one entry a line; entry n holds SHA-256 of line n − 1
//! ledger.jsonl.head   how many entries there are, and SHA-256 of the last line
//! ledger.jsonl.lock   empty; whoever reads or writes the ledger holds it
//! ```
//!
//! Every line, and the head, ends with its own HMAC-SHA256 under a secret
//! derived from the release key. So a line that was changed, or that somebody
//! without the key wrote, is refused by itself; the chain finds lines that were
//! taken out of the middle or put in another order; and the head finds lines
//! that were taken from the end.
//!
//! # What a crash leaves
//!
//! [`Ledger`] is appended to in steps, each of which is on the disk before the
//! next one begins. A line counts from its newline on, which is written last:
//! so what the disk holds of a longer line is whole by then, in whatever order
//! its parts got there.
//!
//! | step | the crash leaves | the ledger is then |
//! |---|---|---|
//! | 1. take the lock | the lock file; the lock itself is let go | as before |
//! | 2. bring the head up to the last line, if it is one behind; before the first line, write a head of no entries | the old head or the new one, perhaps a `.part` file | as before |
//! | 3. make the file, cut off what an earlier crash left | no newline behind the last whole line | as before |
//! | 4. write the line without its newline | a part of the line | as before; the next entry overwrites the part |
//! | 5. write the newline | a whole line, the head one behind | with the entry |
//! | 6. write the head under another name | the same, and a `.part` file | with the entry |
//! | 7. rename it to the head | all | with the entry |
//!
//! From step 5 on the entry counts, though nobody received its number and so
//! nothing was released: the ledger then holds a release too many, which
//! makes later ones more careful, never less. At most one line may be behind
//! the head; step 2 is why no more than one ever does.
//!
//! # What it does not find
//!
//! Whoever can write the folder can put back the ledger and its head together
//! as they once were, or remove both: no file can show by itself that it is
//! not the latest. Numbers and digests of entries that are kept elsewhere can.

pub mod entry;
mod file;
mod seal;

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

pub use entry::LedgerEntry;

use crate::atomic_file::Uninterrupted;
use crate::error::{Error, ErrorKind, Result};
use crate::hex::hex;
use crate::key::ReleaseKey;
use crate::plan::Plan;
use entry::ReleaseEntry;
use file::{Head, Lock};
use seal::{Seal, SealedKind, Unopened};

/// A project's ledger, read and verified.
///
/// # Disclosure
///
/// Holds more than was published: the names of suppressed cells, as the
/// releases have them too; of a cell with an exact figure the number of its
/// persons, and with a mean its sum, also where those are no part of the
/// release or are suppressed there, and the power of two at or above the largest
/// contribution to it. Its fingerprints show which cells are about the same rows,
/// and its sketches in how many persons cells differ. It is for the linkage unit,
/// and for nobody else.
pub struct Ledger {
    path: PathBuf,
    project: String,
    seal: Seal,
    entries: Vec<LedgerEntry>,
    chain: Chain,
    /// Called where another process has the ledger, before that one is waited for.
    waiting: Waiting,
}

/// What is done before another process is waited for.
type Waiting = Box<dyn Fn() + Send + Sync>;

impl Ledger {
    /// Reads and verifies the ledger at `path`; an empty one if there is no file.
    ///
    /// A rehearsal's ledger is not that of the real project. What a crash left
    /// of an entry that was being written is not an entry.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Ledger`] with the number of the entry if the ledger is
    /// damaged, cut, forged, another project's, of another release key, or may be
    /// read or written by others than its owner;
    /// [`ErrorKind::File`] if it cannot be read.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use kobling::{Ledger, Plan, ReleaseKey};
    ///
    /// let plan = Plan::read("examples/nhanes/plan.toml")?;
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("ledger.jsonl");
    ///
    /// let ledger = Ledger::open(&path, &plan, &ReleaseKey::generate()?)?;
    /// assert_eq!(ledger.project(), plan.project());
    /// assert!(ledger.entries().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn open(path: impl AsRef<Path>, plan: &Plan, key: &ReleaseKey) -> Result<Self> {
        Self::open_notifying(path, plan, key, || {})
    }

    /// [`open`](Self::open), which calls `waiting` whenever another process has
    /// the ledger, now or when a release is written in it, and before that one is
    /// waited for: however long it takes, there is no end to the waiting but its.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub fn open_notifying(
        path: impl AsRef<Path>,
        plan: &Plan,
        key: &ReleaseKey,
        waiting: impl Fn() + Send + Sync + 'static,
    ) -> Result<Self> {
        let path = path.as_ref();
        let project = plan.domain().project().to_owned();
        let seal = Seal::of(key);
        let mut entries = Vec::new();
        let _lock = Lock::shared(path, &waiting)?;
        let (chain, _) = Chain::read(path, &project, &seal, |entry| entries.push(entry))?;
        Ok(Self {
            path: path.to_owned(),
            project,
            seal,
            entries,
            chain,
            waiting: Box::new(waiting),
        })
    }

    /// The entries, oldest first.
    pub fn entries(&self) -> &[LedgerEntry] {
        &self.entries
    }

    /// The number that the next entry will have.
    pub fn next_number(&self) -> u64 {
        self.chain.entries + 1
    }

    /// SHA-256 of the line of the entry of this number, newline included, in hexadecimal, as
    /// the manifest of its release has it; `None` if there is no such entry.
    ///
    /// The entry is in the next one's `before`, too: so whoever keeps the last one's
    /// elsewhere finds a ledger that was put back as it once was.
    pub fn digest(&self, number: u64) -> Option<String> {
        if !(1..self.next_number()).contains(&number) {
            return None;
        }
        let next = self.entries.iter().find(|entry| entry.number == number + 1);
        let before = next.map(|entry| entry.before.clone());
        before.or_else(|| (number == self.chain.entries).then(|| hex(&self.chain.last)))
    }

    /// The project that it is of; a rehearsal's is distinguished from the real one's.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// What the noise of all entries has spent: the sum of their ρ of
    /// zero-concentrated differential privacy, in billionths, in which
    /// composition is addition (Bun and Steinke 2016, Lemma 2.3). A sum too
    /// large to be held is the largest that can be.
    pub fn spent(&self) -> u64 {
        let spent = self
            .entries
            .iter()
            .map(|entry| entry.release.rho_billionths);
        spent.fold(0, u64::saturating_add)
    }

    /// Writes `release` behind all other entries; returns the entry's number
    /// and the SHA-256 of its line, newline included, in hexadecimal.
    ///
    /// Only then may the release be given out. If writing fails, the entry
    /// counts or not, as after [a crash](self#what-a-crash-leaves).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Ledger`] if another entry was written since this ledger was
    /// opened, for the release was not protected together with that one, or if
    /// the ledger would not be opened again; [`ErrorKind::File`] if it cannot
    /// be written.
    pub(crate) fn append(&mut self, release: ReleaseEntry) -> Result<(u64, String)> {
        let ready = self.ready(release)?;
        let record = (ready.number(), ready.digest());
        self.append_ready(ready).map_err(|failed| failed.error)?;
        Ok(record)
    }

    /// The line of `release` behind all other entries, which is not written yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Ledger`] if its cells are not of its tables' form.
    pub(crate) fn ready(&self, release: ReleaseEntry) -> Result<Ready> {
        let entry = LedgerEntry {
            number: self.next_number(),
            before: hex(&self.chain.last),
            project: self.project.clone(),
            release,
        };
        well_formed(&self.path, &entry)?;
        let line = self.seal.line(SealedKind::Entry, &entry);
        Ok(Ready { entry, line })
    }

    /// Writes a line that is [`ready`](Self::ready): [`append`](Self::append) in a
    /// step of its own, so that what is to be released can be whole before. While
    /// what it gives is held, who is asked to stop goes on: for the release then
    /// gets its name.
    ///
    /// # Errors
    ///
    /// Those of [`append`](Self::append).
    pub(crate) fn append_ready(&mut self, ready: Ready) -> Result<Uninterrupted, NotAppended> {
        let (number, digest) = (ready.number(), ready.digest());
        // Not before another process lets go of the ledger, which may take long.
        let mut begun = None;
        let appended = self.append_by(ready, |path, len, line| {
            let io = |error| Error::file(path, "write the ledger", &error);
            begun = Some(Uninterrupted::begin().map_err(io)?);
            file::append(path, len, line)
        });
        match (appended, begun) {
            (Ok(()), Some(begun)) => Ok(begun),
            (Ok(()), None) => unreachable!("it is begun before it is written"),
            // An entry that is alike may be another release's, of the same rows.
            (Err(error), begun) => Err(NotAppended {
                counts: begun.is_some() && self.counts(number, &digest),
                error,
            }),
        }
    }

    /// Whether the entry of this number has this digest: so that it counts, although
    /// writing it has failed. True where that cannot be found out.
    fn counts(&self, number: u64, digest: &str) -> bool {
        let mut lines = 0;
        let mut found = false;
        let read = file::each_line(&self.path, |line| {
            lines += 1;
            found |= lines == number && hex(&Sha256::digest(line)) == digest;
            Ok(())
        });
        found || read.is_err()
    }

    /// [`append_ready`](Self::append_ready), with `write` for the steps 3 to 5, in
    /// which a test can crash.
    fn append_by(
        &mut self,
        Ready { entry, line }: Ready,
        write: impl FnOnce(&Path, u64, &[u8]) -> Result<()>,
    ) -> Result<()> {
        let _lock = Lock::exclusive(&self.path, &*self.waiting)?;
        let (now, head) = Chain::read(&self.path, &self.project, &self.seal, drop)?;
        if now != self.chain {
            let rule = "has changed since it was opened: its latest entry was not compared with";
            return Err(refuse(&self.path, rule).help("link, protect and release again"));
        }
        if head != Some(now.entries) {
            self.write_head()?;
        }
        write(&self.path, now.len, &line)?;
        self.chain.grow(&line);
        self.entries.push(entry);
        self.write_head()
    }

    fn write_head(&self) -> Result<()> {
        let head = Head::new(
            &self.project,
            &self.seal,
            self.chain.entries,
            &self.chain.last,
        );
        head.write(&self.path, &self.seal)
    }
}

/// Why an entry was not written as it should be.
pub(crate) struct NotAppended {
    pub(crate) error: Error,
    /// Whether it counts all the same: writing it had begun, and it may be there.
    pub(crate) counts: bool,
}

/// An entry as it will be in the ledger, if no other one comes before it.
pub(crate) struct Ready {
    entry: LedgerEntry,
    line: Vec<u8>,
}

impl Ready {
    /// The entry's number.
    pub(crate) fn number(&self) -> u64 {
        self.entry.number
    }

    /// SHA-256 of its line, newline included, in hexadecimal.
    pub(crate) fn digest(&self) -> String {
        hex(&Sha256::digest(&self.line))
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Ledger({}, {} entries)",
            self.project, self.chain.entries
        )
    }
}

/// The chain of a ledger's lines, without what they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Chain {
    /// The entries in it.
    entries: u64,
    /// SHA-256 of the last line but one; zeros if there is none.
    before: [u8; 32],
    /// SHA-256 of the last line; zeros if there is none.
    last: [u8; 32],
    /// Bytes of whole lines.
    len: u64,
}

impl Chain {
    const EMPTY: Self = Self {
        entries: 0,
        before: [0; 32],
        last: [0; 32],
        len: 0,
    };

    /// Verifies the ledger at `path`, whose lock is held, and gives its entries
    /// to `take`; returns how many the head knows of too, if there is a head.
    fn read(
        path: &Path,
        project: &str,
        seal: &Seal,
        mut take: impl FnMut(LedgerEntry),
    ) -> Result<(Self, Option<u64>)> {
        let head = Head::read(path, project, seal)?;
        let Some(head) = head else {
            file::nothing_at(path)?;
            return Ok((Self::EMPTY, None));
        };
        let mut chain = Self::EMPTY;
        file::each_line(path, |line| {
            take(chain.follow(path, project, seal, line)?);
            chain.grow(line);
            Ok(())
        })?;
        chain.fits(path, &head)?;
        Ok((chain, Some(head.entries)))
    }

    /// The entry on `line`, which must be the one that comes next.
    fn follow(&self, path: &Path, project: &str, seal: &Seal, line: &[u8]) -> Result<LedgerEntry> {
        let number = self.entries + 1;
        let entry: LedgerEntry = seal.open(SealedKind::Entry, line).map_err(|refused| {
            let why = match (damage(line), refused) {
                (None, Unopened::Changed(_)) => {
                    "was changed, or was not written under this release key"
                }
                (damage, _) => damage.unwrap_or("is damaged"),
            };
            refuse(path, format!("entry {number} {why}"))
        })?;
        if entry.project != project {
            let rule = format!("entry {number} is of another project");
            let help = "each project has a ledger of its own, and so has its rehearsal";
            return Err(refuse(path, rule).help(help));
        }
        if entry.number != number || entry.before != hex(&self.last) {
            let rule = format!(
                "entry {number} does not follow the one before it: \
                 entries were changed, taken out, or put in another order"
            );
            return Err(refuse(path, rule));
        }
        well_formed(path, &entry)?;
        Ok(entry)
    }

    /// Takes in a line that follows.
    fn grow(&mut self, line: &[u8]) {
        self.entries += 1;
        self.before = self.last;
        self.last = Sha256::digest(line).into();
        self.len += line.len() as u64;
    }

    /// Refuses a head that this chain cannot have.
    fn fits(&self, path: &Path, head: &Head) -> Result<()> {
        let behind = self.entries.checked_sub(head.entries);
        let last = match behind {
            None => {
                let rule = format!(
                    "was cut: it has {} of its {} entries",
                    self.entries, head.entries
                );
                return Err(refuse(path, rule));
            }
            Some(0) => self.last,
            Some(1) => self.before,
            Some(behind) => {
                let rule = format!(
                    "has a head (the file next to it) that is {behind} entries behind; \
                     no crash leaves more than one"
                );
                return Err(refuse(path, rule));
            }
        };
        if head.last == hex(&last) {
            return Ok(());
        }
        let rule = format!(
            "has a head (the file next to it) of another entry {}",
            head.entries
        );
        Err(refuse(path, rule))
    }
}

/// What the bytes of a line that is not opened show of what was done to it.
fn damage(line: &[u8]) -> Option<&'static str> {
    Some(if line.starts_with(b"\xEF\xBB\xBF") {
        "begins with a byte order mark: an editor has saved the file"
    } else if line.ends_with(b"\r\n") {
        "ends with a carriage return: something has converted the line ends of the file"
    } else if line.contains(&0) {
        "is damaged: it holds NUL bytes"
    } else if std::str::from_utf8(line).is_err() {
        "is damaged: it is not UTF-8"
    } else {
        return None;
    })
}

/// Refuses an entry whose cells are not of its tables' form.
fn well_formed(path: &Path, entry: &LedgerEntry) -> Result<()> {
    let broken = entry.release.tables.iter().find_map(|table| {
        let rule = table.broken_rule()?;
        Some((table, rule))
    });
    match broken {
        None => Ok(()),
        Some((table, rule)) => {
            let rule = format!("entry {}: {rule}", entry.number);
            Err(refuse(path, rule).in_table(&table.name))
        }
    }
}

fn refuse(path: &Path, rule: impl Into<String>) -> Error {
    Error::new(ErrorKind::Ledger, rule).in_file(path)
}
