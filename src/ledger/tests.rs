//! What writing keeps, what a crash leaves, and what an attacker can do to the files.

mod damage;
mod round_trip;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::entry::{
    CategoryEntry, CellEntry, ContributionEntry, Coordinate, CountInterval, DimensionEntry, Figure,
    Fingerprint, LackingEntry, LevelEntry, NameEntry, Origin, Padded, PowerOfTwo, PromiseEntry,
    QuantityEntry, ReleaseEntry, Signs, Sketch, TableEntry, UnsafeSum,
};
use super::{Ledger, hex};
use crate::error::{Error, ErrorKind};
use crate::key::ReleaseKey;
use crate::plan::Plan;

/// A category that no message may quote.
const CANARY: &str = "zyxxy-canary";

/// A project's ledger in a folder of its own, with what opens it.
struct Desk {
    folder: TempDir,
    plan: Plan,
    key: ReleaseKey,
}

impl Desk {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            plan: Plan::read("examples/nhanes/plan.toml").expect("a plan"),
            key: ReleaseKey::generate().expect("random numbers"),
        }
    }

    /// A ledger of `entries` releases.
    fn with(entries: u64) -> Self {
        let desk = Self::new();
        let mut ledger = desk.open();
        for number in 1..=entries {
            ledger.append(release(number)).expect("it is written");
        }
        desk
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("ledger.jsonl")
    }

    fn head(&self) -> PathBuf {
        self.folder.path().join("ledger.jsonl.head")
    }

    fn open(&self) -> Ledger {
        Ledger::open(self.path(), &self.plan, &self.key).expect("it opens")
    }

    fn refusal(&self) -> Error {
        let error = Ledger::open(self.path(), &self.plan, &self.key).expect_err("it is refused");
        assert_eq!(error.kind(), ErrorKind::Ledger, "{error}");
        assert!(error.to_string().contains("ledger.jsonl"), "{error}");
        assert!(!error.to_string().contains(CANARY), "{error}");
        error
    }

    /// Asserts that the ledger is refused, by a rule that holds `words`.
    fn refuses(&self, words: &str) {
        let error = self.refusal();
        assert!(error.rule().contains(words), "{error}");
    }

    fn lines(&self) -> Vec<Vec<u8>> {
        let bytes = read(&self.path());
        bytes
            .split_inclusive(|&byte| byte == b'\n')
            .map(<[u8]>::to_vec)
            .collect()
    }

    fn write_lines(&self, lines: &[Vec<u8>]) {
        write(&self.path(), &lines.concat());
    }
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).expect("it is read")
}

/// Writes a file of a ledger, for its owner only as those are.
fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect("it is written");
    set_mode(path, 0o600);
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}

#[cfg(unix)]
#[test]
fn a_ledger_that_is_open_to_others_is_refused_with_the_remedy() {
    for at in [Desk::path, Desk::head] {
        let desk = Desk::with(1);
        for mode in [0o640, 0o604, 0o660, 0o602] {
            set_mode(&at(&desk), mode);
            let error = Ledger::open(desk.path(), &desk.plan, &desk.key).expect_err("refused");
            let remedy = format!("help: chmod 600 {}", at(&desk).display());
            assert!(error.to_string().contains(&remedy), "{error}");
        }
        set_mode(&at(&desk), 0o600);
        assert_eq!(desk.open().entries().len(), 1);
    }
}

#[test]
fn an_entry_has_the_digest_of_its_line() {
    let desk = Desk::with(3);
    let ledger = desk.open();
    for (number, line) in (1..).zip(desk.lines()) {
        assert_eq!(ledger.digest(number), Some(hex(&Sha256::digest(&line))));
    }
    assert_eq!(
        [0, 4, u64::MAX].map(|number| ledger.digest(number)),
        [const { None }; 3]
    );
    assert_eq!(Desk::new().open().digest(0), None);
}

/// A release with one of each thing, distinguished by `number`.
fn release(number: u64) -> ReleaseEntry {
    let at = |county: &str| vec![Coordinate::Own(Some(county.to_owned())), Coordinate::Total];
    ReleaseEntry {
        made_at: "2026-02-03T04:05:06Z".to_owned(),
        plan_digest: "ab".repeat(32),
        epoch: 1,
        extracts: BTreeMap::new(),
        rho_billionths: number,
        tables: vec![TableEntry {
            name: "income".to_owned(),
            base: "population".to_owned(),
            population: Fingerprint(number),
            one_row_each: true,
            method: "suppress".to_owned(),
            promise: PromiseEntry {
                min_persons: 5,
                count_interval: CountInterval::Full,
            },
            dimensions: vec![
                DimensionEntry {
                    name: "county".to_owned(),
                    hidden: false,
                    origins: BTreeSet::from([Origin {
                        source: "population".to_owned(),
                        column: Some("county".to_owned()),
                    }]),
                    lacking: None,
                    levels: vec![LevelEntry {
                        name: "region".to_owned(),
                        of: BTreeMap::from([(CANARY.to_owned(), "north".to_owned())]),
                    }],
                    names: vec![NameEntry {
                        at: Coordinate::Own(Some(CANARY.to_owned())),
                        persons: 5,
                    }],
                    jointly: Vec::new(),
                },
                DimensionEntry {
                    name: "age_band".to_owned(),
                    hidden: true,
                    origins: BTreeSet::new(),
                    lacking: Some(LackingEntry {
                        name: Some("false".to_owned()),
                        of: Origin {
                            source: "tax".to_owned(),
                            column: None,
                        },
                    }),
                    levels: Vec::new(),
                    names: Vec::new(),
                    jointly: vec![CategoryEntry {
                        name: Some("true".to_owned()),
                        rows: Fingerprint(3),
                        fingerprints: vec![Fingerprint(4)],
                    }],
                },
            ],
            quantities: vec![QuantityEntry {
                measures: vec!["income_sum".to_owned()],
                fingerprint: Fingerprint(u64::MAX),
                of: None,
                of_rows: false,
            }],
            cells: vec![
                CellEntry {
                    at: at(CANARY),
                    rows: Fingerprint(7),
                    persons: Some(12),
                    padded: Padded(0xfeed),
                    sketch: Some(Sketch([0xab; 32])),
                    fingerprints: vec![Fingerprint(9)],
                    singletons: vec![None],
                    figures: vec![Figure::Published(i128::MIN)],
                    contributions: vec![Some(ContributionEntry {
                        sketch: Sketch([0; 32]),
                        largest: Some(PowerOfTwo::above(1000)),
                    })],
                    signs: vec![Signs::NonNegative],
                    unsafe_sums: vec![None],
                },
                CellEntry {
                    at: vec![Coordinate::Level(0, None), Coordinate::Own(None)],
                    rows: Fingerprint(8),
                    persons: None,
                    padded: Padded(0),
                    sketch: None,
                    fingerprints: vec![Fingerprint(0)],
                    singletons: vec![Some(Fingerprint(1))],
                    figures: vec![Figure::Complementary],
                    contributions: vec![None],
                    signs: vec![Signs::Mixed],
                    unsafe_sums: vec![Some(UnsafeSum {
                        value: Padded(u128::MAX),
                        level: Padded(17),
                    })],
                },
            ],
        }],
    }
}

#[test]
fn what_is_written_is_there_again() {
    let desk = Desk::new();
    let mut ledger = desk.open();
    for number in 1..=3 {
        let (given, digest) = ledger.append(release(number)).expect("it is written");
        assert_eq!(given, number);
        let last = desk.lines().pop().expect("a line");
        assert_eq!(digest, hex(&Sha256::digest(last)));
    }
    assert_eq!(ledger.spent(), 1 + 2 + 3);

    let again = desk.open();
    assert_eq!(again.entries(), ledger.entries());
    assert_eq!(again.entries().len(), 3);
    assert_eq!(again.entries()[2].release, release(3));
    assert_eq!(again.entries()[0].before, "0".repeat(64));
    assert_eq!(again.spent(), 6);
    assert_eq!(again.project(), desk.plan.project());
}

#[test]
fn a_ledger_shows_no_content_when_it_is_printed() {
    let desk = Desk::with(2);
    let expected = format!("Ledger({}, 2 entries)", desk.plan.project());
    assert_eq!(format!("{:?}", desk.open()), expected);
}

#[test]
fn what_was_spent_does_not_wrap() {
    let desk = Desk::new();
    let mut ledger = desk.open();
    for _ in 0..2 {
        let mut release = release(1);
        release.rho_billionths = u64::MAX;
        ledger.append(release).expect("it is written");
    }
    assert_eq!(desk.open().spent(), u64::MAX);
}

#[cfg(unix)]
#[test]
fn its_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;

    let desk = Desk::with(2);
    let mut files = 0;
    for entry in fs::read_dir(desk.folder.path()).expect("a folder") {
        let mode = entry
            .expect("a file")
            .metadata()
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        files += 1;
    }
    assert_eq!(
        files, 3,
        "the ledger, its head and its lock; no part is left"
    );
}

#[test]
fn a_release_that_was_not_compared_with_the_latest_is_refused() {
    let desk = Desk::with(1);
    let (mut one, mut other) = (desk.open(), desk.open());
    one.append(release(2)).expect("it is written");

    let error = other.append(release(3)).expect_err("it is refused");
    assert_eq!(error.kind(), ErrorKind::Ledger);
    assert!(
        error.rule().contains("has changed since it was opened"),
        "{error}"
    );
    assert_eq!(desk.open().entries(), one.entries());
    // The one that is up to date goes on.
    one.append(release(3)).expect("it is written");
    assert_eq!(desk.open().entries().len(), 3);
}

#[test]
fn a_ledger_that_was_cut_since_it_was_opened_is_not_written() {
    let desk = Desk::with(2);
    let mut ledger = desk.open();
    desk.write_lines(&desk.lines()[..1]);
    let error = ledger.append(release(3)).expect_err("it is refused");
    assert!(
        error.rule().contains("was cut: it has 1 of its 2 entries"),
        "{error}"
    );
}

#[test]
fn a_file_that_is_no_ledger_is_not_written_over() {
    let desk = Desk::new();
    let mut ledger = desk.open();
    write(&desk.path(), b"something else, without a newline");
    let error = ledger.append(release(1)).expect_err("it is refused");
    assert!(error.rule().contains("has no head"), "{error}");
    assert_eq!(read(&desk.path()), b"something else, without a newline");
}

#[test]
fn a_release_of_another_form_is_neither_written_nor_read() {
    type Change = fn(&mut TableEntry);
    let changes: [(Change, &str); 11] = [
        (
            |table| table.cells[1].figures.clear(),
            "one figure for each quantity",
        ),
        (
            |table| table.cells[0].figures.push(Figure::Primary),
            "one figure for each quantity",
        ),
        (
            |table| table.cells[0].contributions.clear(),
            "one figure for each quantity",
        ),
        (
            |table| table.cells[0].sketch = None,
            "describes its persons and has no exact figure",
        ),
        (
            |table| table.cells[0].persons = None,
            "describes its persons and has no exact figure",
        ),
        (
            |table| table.cells[0].figures = vec![Figure::Perturbed],
            "describes its persons and has no exact figure",
        ),
        (
            |table| table.cells[1].contributions = table.cells[0].contributions.clone(),
            "describes its persons and has no exact figure",
        ),
        (
            |table| table.cells[1].singletons.clear(),
            "one figure for each quantity",
        ),
        (
            |table| drop(table.dimensions.pop()),
            "one place in each dimension",
        ),
        (
            |table| table.cells[0].at.clear(),
            "one place in each dimension",
        ),
        (
            |table| table.cells[1].at[0] = Coordinate::Level(1, None),
            "one place in each dimension",
        ),
    ];
    for (change, words) in changes {
        let desk = Desk::with(1);
        let mut wrong = release(2);
        change(&mut wrong.tables[0]);
        let error = desk
            .open()
            .append(wrong.clone())
            .expect_err("it is refused");
        assert!(error.rule().starts_with("entry 2: "), "{error}");
        assert!(error.rule().contains(words), "{error}");
        assert_eq!(desk.open().entries().len(), 1);

        // Nor is it taken from somebody who holds the key.
        let ledger = desk.open();
        let mut entry = ledger.entries()[0].clone();
        (entry.number, entry.before) = (2, hex(&ledger.chain.last));
        entry.release = wrong;
        let line = ledger.seal.line(super::SealedKind::Entry, &entry);
        desk.write_lines(&[desk.lines(), vec![line]].concat());
        desk.refuses(words);
    }
}

#[test]
fn of_many_writers_each_is_in_the_chain_or_was_refused() {
    let desk = Desk::new();
    let write = |thread: u64| {
        let mut written = Vec::new();
        for at in 0..20 {
            let mark = thread * 100 + at;
            match desk.open().append(release(mark)) {
                Ok((number, digest)) => written.push((number, digest, mark)),
                Err(error) => assert!(error.rule().contains("has changed since"), "{error}"),
            }
        }
        written
    };
    let mut written: Vec<(u64, String, u64)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..=8)
            .map(|thread| scope.spawn(move || write(thread)))
            .collect();
        let written = threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("no panic"));
        written.collect()
    });
    written.sort();

    let ledger = desk.open();
    let marks = ledger
        .entries()
        .iter()
        .map(|entry| entry.release.rho_billionths);
    let lines = desk.lines();
    let digests = lines.iter().map(|line| hex(&Sha256::digest(line)));
    let there: Vec<_> = (1..)
        .zip(digests)
        .zip(marks)
        .map(|((n, d), m)| (n, d, m))
        .collect();
    assert_eq!(there, written);
    // Each that was written made at most one attempt of each other thread fail.
    assert!(written.len() >= 20, "{} were written", written.len());
}
