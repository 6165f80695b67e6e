//! A ledger of three releases.
//!
//! `KOBLING_WRITE=1 cargo test --test vectors ledger` makes it anew, and then
//! `KOBLING_WRITE=1 python3 -m reference` its digests.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use kobling::plan::Date;
use kobling::protect::Protection;
use kobling::{DomainKey, Ledger, Linkage, Plan, ReleaseKey};
use serde_json::Value;
use tempfile::TempDir;

use crate::given::{list, path, private, vectors, word, words};
use crate::support::extract;

/// Releases the vectors' register on three days, with a ledger: its lines, and its head.
fn made(vectors: &Value, plan: &Plan, key: &Arc<ReleaseKey>, folder: &TempDir) -> Vec<String> {
    let domain_key = private(folder, "domain.key", word(&vectors["domain_key_file"]));
    let domain_key = DomainKey::read(domain_key).expect("a domain key");
    let path = folder.path().join("made.jsonl");
    for day in 1..=3 {
        let plan = plan.at(Date::new(2026, 2, day).expect("a day"));
        let register = word(&vectors["register"]);
        let extract = extract(&plan, &domain_key, "people", register).expect("an extract");
        let ledger = Ledger::open(&path, &plan, key).expect("a ledger");
        let protection = Protection::new(Arc::clone(key)).ledger(ledger);
        let tables = Linkage::new(&plan, [extract]).unwrap();
        let tables = tables.tabulate(protection).unwrap().protect().unwrap();
        tables.release().expect("a release");
    }
    let read = |path: &Path| fs::read_to_string(path).expect("text");
    let lines = read(&path);
    let lines = lines.split_inclusive('\n').map(str::to_owned);
    lines
        .chain([read(&folder.path().join("made.jsonl.head"))])
        .collect()
}

#[test]
fn the_ledger_of_the_vectors_holds() {
    let mut vectors = vectors("ledger");
    let folder = tempfile::tempdir().expect("a folder");
    let plan = Plan::parse(word(&vectors["plan"])).unwrap_or_else(|found| panic!("{found}"));
    let key = private(&folder, "release.key", word(&vectors["release_key_file"]));
    let key = Arc::new(ReleaseKey::read(key).expect("a release key"));
    if std::env::var_os("KOBLING_WRITE").is_some() {
        let mut lines = made(&vectors, &plan, &key, &folder);
        vectors["head"] = lines.pop().into();
        vectors["lines"] = lines.into();
        let text = serde_json::to_string_pretty(&vectors).expect("JSON");
        fs::write(path("ledger"), text + "\n").expect("the vectors are written");
        // The digests of these lines are for the reference to compute.
        return;
    }
    let lines = words(&vectors["lines"]);
    let path = private(&folder, "ledger.jsonl", &lines.concat());
    private(&folder, "ledger.jsonl.head", word(&vectors["head"]));
    private(&folder, "ledger.jsonl.lock", "");
    let ledger = Ledger::open(&path, &plan, &key).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(ledger.entries().len(), 3);
    let digests = list(&vectors["digests"]);
    for (entry, digest) in ledger.entries()[1..].iter().zip(digests) {
        assert_eq!(entry.before, word(digest));
    }
    let other = ReleaseKey::generate().expect("a key");
    assert!(Ledger::open(&path, &plan, &other).is_err());
    private(&folder, "ledger.jsonl", &lines[..2].concat());
    let error = Ledger::open(&path, &plan, &key).expect_err("it was cut");
    assert!(error.to_string().contains("2 of its 3 entries"), "{error}");
}
