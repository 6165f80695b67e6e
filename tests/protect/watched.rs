//! Whoever watches a run is notified of each kind of step, may cancel it at any, and changes
//! nothing.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use kobling::extract::{ContentDigest, Part};
use kobling::protect::{ConfidentialTables, Protection};
use kobling::{
    DomainKey, ErrorKind, Extract, Format, Ledger, Linkage, Plan, ReleaseKey, Result, Rows, Step,
    Watch,
};

use crate::support::{PLAN, SOURCES, change, file, key, parse, refusal, registers};

/// Counts how often it is notified, keeps of what, and cancels at the `last` time.
struct Counting {
    notified: AtomicU64,
    last: u64,
    kinds: Mutex<BTreeSet<&'static str>>,
    rows: AtomicU64,
}

impl Counting {
    fn until(last: u64) -> Arc<Self> {
        Arc::new(Self {
            notified: AtomicU64::new(0),
            last,
            kinds: Mutex::default(),
            rows: AtomicU64::new(0),
        })
    }

    fn notified(&self) -> u64 {
        self.notified.load(Relaxed)
    }

    fn kinds(&self) -> BTreeSet<&'static str> {
        self.kinds.lock().unwrap().clone()
    }
}

impl Watch for Counting {
    fn at(&self, step: Step<'_>) -> ControlFlow<()> {
        let kind = match step {
            Step::Read { source, rows } => {
                assert!(SOURCES.contains(&source));
                self.rows.fetch_add(rows, Relaxed);
                "read"
            }
            Step::Pseudonymised { .. } => "pseudonymised",
            Step::Sorted { .. } => "sorted",
            Step::Linked { table, ranges, of } => {
                assert!(table == "income" && ranges <= of);
                "linked"
            }
            Step::Merged { .. } => "merged",
            Step::Protected { .. } => "protected",
            Step::Suppressed { .. } => "suppressed",
            Step::Searched { .. } => "searched",
            Step::Audited { .. } => "audited",
            Step::Released { .. } => "released",
            Step::Written { .. } => "written",
            _ => "new",
        };
        self.kinds.lock().unwrap().insert(kind);
        match self.notified.fetch_add(1, Relaxed) + 1 < self.last {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    }
}

/// All roles of a project, and a folder for what they leave.
struct Office {
    plan: Plan,
    domain_key: DomainKey,
    release_key: Arc<ReleaseKey>,
    folder: tempfile::TempDir,
    registers: Vec<PathBuf>,
}

/// What comes of a run: what is in each extract, and the files of the tables.
type Came = (Vec<ContentDigest>, Vec<Vec<u8>>);

impl Office {
    fn new(persons: u32) -> Self {
        // Sums by bounds that are hard to reach, so that patterns are chosen anew.
        let plan = parse(&change(PLAN, "percent = 95", "percent = 40"));
        let folder = tempfile::tempdir().unwrap();
        let registers = SOURCES.into_iter().zip(registers(persons));
        let registers =
            registers.map(|(source, csv)| file(folder.path(), &format!("{source}.csv"), csv));
        let office = Self {
            registers: registers.collect(),
            domain_key: key(&plan),
            release_key: Arc::new(ReleaseKey::generate().unwrap()),
            folder,
            plan,
        };
        office.begin_ledger();
        office
    }

    fn extracts(&self, watch: Option<Arc<dyn Watch>>) -> Result<Vec<Extract>> {
        let sources = SOURCES.into_iter().zip(&self.registers);
        let extracts = sources.enumerate().map(|(at, (source, path))| {
            let mut rows = Rows::open(&self.plan, source, &[path])?;
            if let Some(watch) = &watch {
                rows = rows.watched_by(watch.clone());
            }
            match at {
                // The last does not fit into memory.
                2 => rows.pseudonymise_within(&self.domain_key, 1 << 10, self.folder.path()),
                _ => rows.identify()?.pseudonymise(&self.domain_key),
            }
        });
        extracts.collect()
    }

    fn ledger(&self) -> Ledger {
        let path = self.path("ledger").join("ledger.jsonl");
        Ledger::open(path, &self.plan, &self.release_key).unwrap()
    }

    fn protection(&self, watch: Option<Arc<dyn Watch>>) -> Protection {
        let protection = Protection::new(self.release_key.clone());
        match watch {
            Some(watch) => protection.watched_by(watch),
            None => protection,
        }
    }

    fn linkage(&self, extracts: Vec<Extract>, watch: Option<Arc<dyn Watch>>) -> Result<Linkage> {
        let linkage = Linkage::new(&self.plan, extracts)?;
        Ok(match watch {
            Some(watch) => linkage.watched_by(watch),
            None => linkage,
        })
    }

    /// From registers to a release with its report, in the ledger; nothing of it is left.
    fn run(&self, watch: Option<Arc<dyn Watch>>) -> Result<Came> {
        let extracts = self.extracts(watch.clone())?;
        let contents = extracts.iter().map(Extract::content).collect();
        let linkage = self.linkage(extracts, watch.clone())?;
        let protection = self.protection(watch).ledger(self.ledger());
        let protected = linkage.tabulate(protection)?.protect()?;
        let (out, report) = (self.path("out"), self.path("report.json"));
        let prepared = protected.suppression_report().prepare(&report)?;
        protected.release_with_report_into(&out, &Format::ALL, prepared)?;
        assert_eq!(
            self.protection(None).ledger(self.ledger()).ledger_entry(),
            Some(2)
        );
        let files = Format::ALL.map(|format| out.join(format!("income.{}", format.ending())));
        let files = files.map(|file| std::fs::read(file).unwrap());
        std::fs::remove_dir_all(&out).unwrap();
        std::fs::remove_file(report).unwrap();
        self.begin_ledger();
        Ok((contents, files.into()))
    }

    /// A ledger without entries.
    fn begin_ledger(&self) {
        let folder = self.path("ledger");
        if folder.is_dir() {
            std::fs::remove_dir_all(&folder).unwrap();
        }
        std::fs::create_dir(folder).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What is in the folders beside the registers, and the lock of the ledger.
    fn left(&self) -> Vec<PathBuf> {
        let ledger = self.path("ledger");
        let lock = ledger.join("ledger.jsonl.lock");
        let folders = [self.folder.path(), &ledger].into_iter();
        let paths = folders.flat_map(|folder| {
            let entries = std::fs::read_dir(folder).unwrap();
            entries.map(|entry| entry.unwrap().path())
        });
        let left = paths.filter(|path| !self.registers.contains(path));
        left.filter(|path| *path != ledger && *path != lock)
            .collect()
    }
}

fn in_pool<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    pool.build().unwrap().install(work)
}

/// At which calls, out of so many, a run is cancelled: the first ones, the last ones, and
/// some between.
fn some_of(notified: u64) -> impl Iterator<Item = u64> {
    let step = (notified / 40).max(1);
    (1..=notified).filter(move |at| *at < 10 || notified - at < 10 || at % step == 0)
}

#[test]
fn each_kind_of_step_is_reported_and_nothing_depends_on_it() {
    let office = Office::new(100);
    let unwatched = office.run(None).unwrap();
    let mut all = Vec::new();
    for threads in [1, 4] {
        let counting = Counting::until(u64::MAX);
        let watched = in_pool(threads, || office.run(Some(counting.clone())));
        assert!(watched.unwrap() == unwatched, "on {threads} threads");
        assert!(in_pool(threads, || office.run(None)).unwrap() == unwatched);
        let kinds = [
            "audited",
            "linked",
            "protected",
            "pseudonymised",
            "read",
            "released",
            "searched",
            "sorted",
            "suppressed",
            "written",
        ];
        assert_eq!(counting.kinds(), BTreeSet::from(kinds));
        let lines = office.registers.iter().map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            text.lines().count() as u64 - 1
        });
        assert_eq!(counting.rows.load(Relaxed), lines.sum::<u64>());
        all.push(counting.notified());
    }
    assert!(all[0] > 20, "{all:?}");
    assert_eq!(office.left(), Vec::<PathBuf>::new());
}

#[test]
fn a_run_may_be_cancelled_at_any_call_and_leaves_nothing() {
    let office = Office::new(100);
    for threads in [1, 4] {
        let all = Counting::until(u64::MAX);
        in_pool(threads, || office.run(Some(all.clone()))).unwrap();
        for last in some_of(all.notified()) {
            let counting = Counting::until(last);
            let ran = in_pool(threads, || office.run(Some(counting.clone())));
            let error = refusal(ran);
            assert_eq!(error.kind(), ErrorKind::Cancelled, "at {last}: {error}");
            // Threads may be notifying at the same time; none begins to afterwards.
            let further = counting.notified() - last;
            assert!(
                further < threads as u64,
                "{further} further calls at {last}"
            );
            assert_eq!(office.left(), Vec::<PathBuf>::new(), "at {last}");
            assert_eq!(office.ledger().next_number(), 1);
        }
    }
    assert!(
        office.run(None).is_ok(),
        "what was cancelled is in nobody's way"
    );
}

#[test]
fn a_comparison_that_is_cancelled_is_none() {
    let office = Office::new(100);
    let compare = |watch: Arc<Counting>| {
        let extracts = office.extracts(None)?;
        let linkage = office.linkage(extracts, Some(watch.clone()))?;
        linkage.compare(office.protection(Some(watch)))
    };
    let all = Counting::until(u64::MAX);
    compare(all.clone()).unwrap();
    assert!(all.kinds().contains("searched"));
    for last in some_of(all.notified()) {
        let counting = Counting::until(last);
        let error = refusal(compare(counting.clone()));
        assert_eq!(error.kind(), ErrorKind::Cancelled, "at {last}: {error}");
        assert!(counting.notified() - last < rayon::current_num_threads() as u64);
    }
}

#[test]
fn parts_are_watched_while_they_are_made_and_merged() {
    let office = Office::new(100);
    let parts = |watch: Option<Arc<dyn Watch>>| {
        let linkage = office.linkage(office.extracts(None)?, watch)?;
        let parts = (0..2).map(|index| {
            let part = Part::new(index, 2)?;
            linkage.tabulate_part(part, &office.release_key)
        });
        parts.collect::<Result<Vec<_>>>()
    };
    let making = Counting::until(u64::MAX);
    let made = parts(Some(making.clone())).unwrap();
    assert_eq!(making.kinds(), BTreeSet::from(["linked"]));
    let merging = Counting::until(u64::MAX);
    ConfidentialTables::merge(made, office.protection(Some(merging.clone()))).unwrap();
    assert_eq!(merging.kinds(), BTreeSet::from(["merged"]));

    let cancelled = refusal(parts(Some(Counting::until(making.notified()))));
    assert_eq!(cancelled.kind(), ErrorKind::Cancelled);
    let protection = office.protection(Some(Counting::until(1)));
    let merged = ConfidentialTables::merge(parts(None).unwrap(), protection);
    assert_eq!(refusal(merged).kind(), ErrorKind::Cancelled);
}

#[test]
fn what_is_made_is_watched_while_it_is_written() {
    let office = Office::new(100);
    let extract = office.extracts(None).unwrap().swap_remove(1);
    let protection = office.protection(None);
    let linkage = office.linkage(office.extracts(None).unwrap(), None);
    let tables = linkage.unwrap().tabulate(protection).unwrap();
    let release = tables.protect().unwrap().release().unwrap();
    let out = office.path("out");
    let file = office.path("tax.parquet");
    let clear = || {
        let _ = std::fs::remove_dir_all(&out);
        let _ = std::fs::remove_file(&file);
    };
    type Write<'a> = &'a dyn Fn(Arc<dyn Watch>) -> Result<()>;
    let writes: [Write<'_>; 3] = [
        &|watch| extract.write_new_watched(&file, watch),
        &|watch| extract.write_parts_watched(&out, 3, watch),
        &|watch| release.write_watched(&out, &Format::ALL, watch),
    ];
    for write in writes {
        let all = Counting::until(u64::MAX);
        write(all.clone()).unwrap();
        assert_eq!(all.kinds(), BTreeSet::from(["written"]));
        assert_eq!(office.left().len(), 1);
        clear();
        for last in 1..=all.notified() {
            let counting = Counting::until(last);
            let error = refusal(write(counting.clone()));
            assert_eq!(error.kind(), ErrorKind::Cancelled, "at {last}: {error}");
            assert_eq!(counting.notified(), last);
            assert_eq!(office.left(), Vec::<PathBuf>::new(), "at {last}");
        }
    }
    // The same bytes, whether somebody watches or not.
    extract
        .write_new_watched(&file, Counting::until(u64::MAX))
        .unwrap();
    let watched = std::fs::read(&file).unwrap();
    clear();
    extract.write_new(&file).unwrap();
    assert!(std::fs::read(&file).unwrap() == watched);
    clear();
}

#[test]
fn what_is_cancelled_names_what_it_was_at() {
    let office = Office::new(100);
    let path = &office.registers[1];
    let rows = Rows::open(&office.plan, "tax", &[path]).unwrap();
    let error = refusal(rows.watched_by(Counting::until(1)).identify());
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(
        error.to_string(),
        "source tax: was cancelled, and left nothing"
    );
    let rows = Rows::open(&office.plan, "tax", &[path]).unwrap();
    let report = rows.watched_by(Counting::until(1)).identifier_report();
    assert_eq!(refusal(report).source_name(), Some("tax"));

    let extracts = office.extracts(None).unwrap();
    let linkage = office.linkage(extracts, Some(Counting::until(1))).unwrap();
    let error = refusal(linkage.tabulate(office.protection(None)));
    assert_eq!(
        error.to_string(),
        "table income: was cancelled, and left nothing"
    );
    let extracts = office.extracts(None).unwrap();
    let linkage = office.linkage(extracts, None).unwrap();
    let tables = linkage.tabulate(office.protection(Some(Counting::until(1))));
    let error = refusal(tables.unwrap().protect());
    assert_eq!(error.table(), Some("income"));
}
