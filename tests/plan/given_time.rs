//! A plan that is given the time, and what that decides.

use kobling::plan::{Date, Timestamp};
use kobling::protect::Protection;
use kobling::{ErrorKind, Extract, Ledger, Linkage, Plan, ReleaseKey, Rows};

use crate::support::{extracts, key, plan, refusal};

fn day(year: i16, month: i8, day: i8) -> Date {
    Date::new(year, month, day).expect("a day")
}

#[test]
fn every_step_that_reads_asks_the_time_of_its_plan() {
    let plan = plan();
    let key = key(&plan);
    let made = extracts(&plan, &key, 40);
    let (bytes, batches) = (made[0].to_bytes().expect("bytes"), made[0].to_batch());
    let folder = tempfile::tempdir().expect("a folder");
    let (file, csv) = (folder.path().join("x.arrow"), folder.path().join("x.csv"));
    made[0].write(&file).expect("it is written");
    std::fs::write(&csv, "nr,age,municipality\n1,30,0101\n").expect("a register");
    let permitted = |plan: &Plan| {
        let refused = |kind: Option<ErrorKind>| kind == Some(ErrorKind::Permission);
        let kind = |error: kobling::Error| error.kind();
        let asked = [
            refused(plan.may_run().err().map(kind)),
            refused(Rows::open(plan, "population", &[&csv]).err().map(kind)),
            refused(Rows::from_batches(plan, "population", []).err().map(kind)),
            refused(Extract::read(plan, &file).err().map(kind)),
            refused(Extract::from_bytes(plan, bytes.clone()).err().map(kind)),
            refused(
                Extract::from_batches(plan, [batches.clone()])
                    .err()
                    .map(kind),
            ),
            refused(Linkage::new(plan, []).err().map(kind)),
        ];
        assert!(
            asked.iter().all(|refused| *refused == asked[0]),
            "{asked:?}"
        );
        !asked[0]
    };
    // Valid from the first of January, approved on the tenth.
    assert!(!permitted(&plan.at(day(2025, 12, 31))));
    assert!(!permitted(&plan.at(day(2026, 1, 9))));
    assert!(permitted(&plan.at(day(2026, 1, 10))));
    assert!(permitted(&plan.rehearsal().at(day(2026, 1, 9))));
    // A rehearsal is at the time of its plan.
    assert!(permitted(&plan.at(day(2026, 1, 9)).rehearsal()));
    assert!(!permitted(&plan.at(day(2200, 1, 1)).rehearsal()));
    let last: Timestamp = "2199-12-31T23:59:59Z".parse().expect("a time");
    assert!(permitted(&plan.at(last)));
    assert!(!permitted(&plan.at(day(2200, 1, 1))));
}

#[test]
fn manifest_and_ledger_have_the_given_time() {
    let time: Timestamp = "2031-02-03T04:05:06Z".parse().expect("a time");
    let plan = plan().at(time);
    let folder = tempfile::tempdir().expect("a folder");
    let release_key = std::sync::Arc::new(ReleaseKey::generate().expect("a key"));
    let open = || {
        let path = folder.path().join("ledger.jsonl");
        Ledger::open(path, &plan, &release_key).expect("a ledger")
    };
    let protection = Protection::new(release_key.clone()).ledger(open());
    let linkage = Linkage::new(&plan, extracts(&plan, &key(&plan), 300)).expect("a linkage");
    let protected = linkage
        .tabulate(protection)
        .and_then(|tables| tables.protect());
    let release = protected.and_then(|tables| tables.release());
    let release = release.expect("a release");
    assert_eq!(release.manifest().made_at, time.to_string());
    assert_eq!(open().entries()[0].release.made_at, time.to_string());
}

#[test]
fn the_clock_is_asked_where_no_time_is_given() {
    let (before, time, after) = (Timestamp::now(), plan().time(), Timestamp::now());
    assert!(before <= time && time <= after);
    let error = refusal(plan().at(day(2025, 1, 1)).may_run());
    assert!(
        error.rule().contains("not valid before 2026-01-01"),
        "{error}"
    );
}

#[test]
fn what_was_made_at_different_times_links_and_is_the_same() {
    let (early, late) = (plan().at(day(2026, 2, 1)), plan().at(day(2190, 1, 1)));
    assert_eq!(early.digest(), late.digest());
    let key = key(&early);
    let (one, other) = (extracts(&early, &key, 60), extracts(&late, &key, 60));
    for (one, other) in one.iter().zip(&other) {
        assert!(one.to_bytes().expect("bytes") == other.to_bytes().expect("bytes"));
    }
    assert!(Linkage::new(&late, one).is_ok());
}
