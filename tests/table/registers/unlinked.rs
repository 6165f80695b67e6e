//! Which wage reports of pseudopeople do not link, and why: counted by the
//! column that knows whom each row is about.
//!
//! A number that is nobody's, of a person whom the social security agency knows
//! by another one, is what a history repairs. A borrowed number it must not
//! touch: it links, to its owner. Nor can it help who has no number at all.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::path::Path;

use kobling::{Count, Release};

use super::pseudopeople::well_formed;
use super::raw::columns;
use super::{example, release};
use crate::support::shown::{are_linked, is_shown};

/// Wage reports of 2020, by what becomes of them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Causes {
    /// They link to the one they are about.
    pub(crate) right: u64,
    /// They link to somebody else, whose number was used.
    pub(crate) borrowed: u64,
    /// They do not link: the person is known by another number.
    pub(crate) wrong_number: u64,
    /// They do not link: the person is not known at all.
    pub(crate) unknown_person: u64,
    /// They stay in quarantine, without a number.
    pub(crate) missing: u64,
    /// They stay in quarantine, with one that cannot be.
    pub(crate) malformed: u64,
    /// Of `wrong_number` those whose number is of one person only: what a
    /// history can say, and what links by it.
    pub(crate) repaired: u64,
}

/// A row's number and person.
type Row = (Option<String>, String);

fn rows(path: &Path, column: &str, value: &str) -> Vec<Row> {
    let rows = columns(path, &["ssn", "simulant_id", column]).into_iter();
    let rows = rows.filter(|row| row[2].as_deref() == Some(value));
    rows.map(|mut row| (row[0].take(), row[1].take().expect("the truth is known")))
        .collect()
}

/// Counts by cause, and the pairs of a history that says what it can.
fn causes(wages: &[Row], known: &[Row]) -> (Causes, BTreeMap<String, String>) {
    let mut owners: HashMap<&str, HashSet<&str>> = HashMap::new();
    let mut numbers: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for (number, person) in known {
        if let Some(number) = number.as_deref().filter(|number| well_formed(number)) {
            owners.entry(number).or_default().insert(person);
            numbers.entry(person).or_default().insert(number);
        }
    }
    let mut causes = Causes::default();
    let mut wrong: HashMap<&str, Vec<&str>> = HashMap::new();
    for (number, person) in wages {
        let count = match number.as_deref() {
            None => &mut causes.missing,
            Some(number) if !well_formed(number) => &mut causes.malformed,
            Some(number) => match owners.get(number) {
                Some(owners) if owners.contains(person.as_str()) => &mut causes.right,
                Some(_) => &mut causes.borrowed,
                None => {
                    wrong.entry(number).or_default().push(person);
                    match numbers.contains_key(person.as_str()) {
                        true => &mut causes.wrong_number,
                        false => &mut causes.unknown_person,
                    }
                }
            },
        };
        *count += 1;
    }
    let mut pairs = BTreeMap::new();
    for (number, persons) in wrong {
        let one = persons.iter().all(|person| *person == persons[0]);
        let current = numbers.get(persons[0]).filter(|numbers| numbers.len() == 1);
        let current = current.and_then(BTreeSet::first).filter(|_| one);
        if let Some(current) = current {
            causes.repaired += persons.len() as u64;
            pairs.insert(number.to_owned(), (*current).to_owned());
        }
    }
    (causes, pairs)
}

const TABLE: &str = r#"
[table.reports]
from = "taxes_w2_and_1099"
by = []
sensitive = []
measures = [{ rows = true }, { sum = "taxes_w2_and_1099.wages" }]
with.social_security = { need = "optional", reduce = { born = "min" } }
where = [{ column = "social_security.born", present = true }]
protect = { min_persons = 5, p_percent = 10, method = "suppress" }
"#;

const HISTORY: &str = r#"
[source.corrections]
role = "history"
agency = "Social security agency"
legal_basis = ["Simulated; no law applies"]
identifier = { column = "old", type = "us-ssn" }
current = "new"
valid_from = "from"
"#;

const WAGES: &str = "taxes_w2_and_1099";

/// Whether the manifest says that wage reports link so: matched, unmatched, and through the
/// history only.
fn link(release: &Release, matched: u64, unmatched: u64, through: Option<u64>) -> bool {
    let look_up = &release.manifest().tables[0].look_ups[0];
    let history = look_up.history.as_ref();
    let found = history.map(|history| history.through_history);
    let of = (WAGES, look_up.source.as_str());
    let all = (matched + unmatched).to_string();
    let what = [WAGES, &*look_up.source, "through_history", &*all];
    let linked = [look_up.matched, look_up.unmatched];
    are_linked(linked, of, [matched, unmatched], &[])
        && found.is_some() == through.is_some()
        && found
            .zip(through)
            .is_none_or(|(count, rows)| is_shown(count, &what, rows))
}

/// Counts by cause, and sees kobling agree: without a history, and with one.
pub(crate) fn unlinked(folder: &Path) -> Causes {
    let file = |source: &str| folder.join(format!("{source}.parquet"));
    let wages = rows(&file("taxes_w2_and_1099"), "tax_year", "2020");
    let known = rows(&file("social_security"), "event_type", "creation");
    let (causes, pairs) = causes(&wages, &known);

    let text = std::fs::read_to_string(example("pseudopeople/plan.toml")).unwrap();
    let (sources, _) = text.split_once("[source.taxes_1040]").unwrap();
    let out = tempfile::tempdir().unwrap();
    let plan = out.path().join("plan.toml");
    let wanted = ["taxes_w2_and_1099", "social_security"].map(|source| (source, file(source)));
    std::fs::write(&plan, format!("{sources}{TABLE}")).unwrap();
    let found = release(&plan, &wanted, "arrow");
    let matched = causes.right + causes.borrowed;
    let unmatched = causes.wrong_number + causes.unknown_person;
    assert!(link(&found, matched, unmatched, None));
    let inputs = &found.manifest().inputs;
    let input = inputs.iter().find(|input| input.source == WAGES).unwrap();
    let missing = input.quarantine.get("missing").copied();
    // A reason that no row has is not there.
    assert!(is_shown(
        missing.unwrap_or(Count::rounded(0)),
        &[WAGES, "quarantine", "missing"],
        causes.missing
    ));
    assert!(is_shown(input.rows, &[WAGES, "rows"], matched + unmatched));

    let mut csv = String::from("old,new,from\n");
    for (old, new) in &pairs {
        writeln!(csv, "{old},{new},2020-01-01").unwrap();
    }
    let corrections = out.path().join("corrections.csv");
    std::fs::write(&corrections, csv).unwrap();
    std::fs::write(&plan, format!("{sources}{HISTORY}{TABLE}")).unwrap();
    let [wages, known] = wanted;
    let found = release(
        &plan,
        &[wages, known, ("corrections", corrections)],
        "arrow",
    );
    let repaired = causes.repaired;
    let through = Some(repaired);
    assert!(link(
        &found,
        matched + repaired,
        unmatched - repaired,
        through
    ));
    causes
}
