//! Identifiers that others publish with a verdict, each decided under the rules that its row states.
//!
//! The list is not part of this repository: some of it may not be passed on.
//! `KOBLING_DATA` names the folder that holds `vectors/identifiers.csv`.
//! Where kobling decides otherwise than a source, the row is in
//! `DISAGREEMENTS`, by a hash, with the reason.

use std::collections::{BTreeMap, BTreeSet};

use kobling_identifier::{
    Control, Date, FnrKind, HnrControl, IdentifierRule, IdentifierType, Synthetic,
};
use sha2::{Digest, Sha256};

use crate::data::data;

/// One row of the list.
struct Vector {
    value: String,
    country: String,
    kind: String,
    /// What the source says; nothing where it says nothing.
    valid: Option<bool>,
    rule_note: String,
    source: String,
    detail: String,
}

/// What is tried of a row: a rule, and whether it must take the value.
struct Trial {
    rule: IdentifierRule,
    takes: bool,
    /// The names of kinds that it may be reported as, if it is taken.
    named: &'static [&'static str],
}

/// What is tried of the rows of a country.
type Decide = fn(&Vector) -> Vec<Trial>;

/// How the rows of each country are decided.
const DECIDED: [(&str, Decide); 1] = [("NO", norway)];

/// Countries whose rows `vectors_abroad` decides.
const ELSEWHERE: [&str; 7] = ["SE", "FI", "IS", "DK", "EE", "LT", "GB"];

/// Rows that are decided otherwise than their source says: the first bytes of
/// the SHA-256 of the value, and why.
const DISAGREEMENTS: [(&str, &str); 2] = [
    (
        "a09e4babdb6d",
        "born in 2039: the day of birth is no rule of the number, and the plan's reference \
         date need not be the day of the register",
    ),
    (
        "39497cdccef4",
        "a D-number of 30 January 1899 by its series, with control digits that fit, which \
         others call valid",
    ),
];

fn vectors() -> Option<Vec<Vector>> {
    let path = data("vectors/identifiers.csv")?;
    let mut reader = csv::Reader::from_path(path).expect("the list of identifiers");
    let names = [
        "value",
        "country",
        "scheme",
        "kind",
        "valid",
        "rule_note",
        "source",
        "detail",
    ];
    assert_eq!(reader.headers().expect("a header"), &names[..]);
    let rows = reader.records().map(|row| {
        let row = row.expect("a row");
        let field = |index: usize| row.get(index).expect("a field").to_owned();
        Vector {
            value: field(0),
            country: field(1),
            kind: field(3),
            valid: field(4).parse().ok(),
            rule_note: field(5),
            source: field(6),
            detail: field(7),
        }
    });
    Some(rows.collect())
}

/// Begins the SHA-256 of `value`: which row it is, and not what is in it.
fn hash(value: &str) -> String {
    let digest = Sha256::digest(value);
    digest[..6]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn every_row_is_decided() {
    let Some(vectors) = vectors() else {
        return;
    };
    let disagreements = BTreeMap::from(DISAGREEMENTS);
    let mut met = BTreeSet::new();
    let mut decided: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (row, vector) in vectors.iter().enumerate() {
        let country = vector.country.as_str();
        let Some((_, decide)) = DECIDED.iter().find(|(name, _)| *name == country) else {
            assert!(ELSEWHERE.contains(&country), "nothing decides {country}");
            continue;
        };
        let trials = decide(vector);
        assert!(!trials.is_empty(), "row {} is not tried", row + 2);
        *decided.entry(country).or_default() += 1;
        for trial in trials {
            let found = trial.rule.recognise(&vector.value);
            let named = found.is_ok_and(|kind| trial.named.contains(&kind.name()));
            let fits = if trial.takes { named } else { found.is_err() };
            let at = hash(&vector.value);
            if fits {
                continue;
            }
            if let Some((at, _)) = disagreements.get_key_value(at.as_str()) {
                met.insert(*at);
            } else {
                let (source, detail) = (&vector.source, &vector.detail);
                wrong.push(format!(
                    "row {}, {at}, {source}, {detail}: {found:?}",
                    row + 2
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let settled = disagreements.keys().filter(|at| !met.contains(*at));
    assert_eq!(settled.count(), 0, "a disagreement is none any more");
    eprintln!("decided: {decided:?}; elsewhere: {ELSEWHERE:?}");
    for (country, _) in DECIDED {
        assert!(decided.contains_key(country), "no row of {country}");
    }
}

fn day(year: i16) -> Date {
    Date::new(year, 1, 1).expect("a day")
}

// ---- Norway ----

const ALL: [FnrKind; 4] = [FnrKind::Fnr, FnrKind::Dnr, FnrKind::Hnr, FnrKind::Fhnr];

/// The kinds of number that a row is said to be of, and whether it is a test person's.
fn norway(vector: &Vector) -> Vec<Trial> {
    use FnrKind::{Dnr, Fhnr, Fnr, Hnr};
    const MONTH_40: &str = "hnr-or-nav-synthetic";
    let duf = vector.kind.starts_with("duf");
    let kind = if duf {
        IdentifierType::NoDuf
    } else {
        IdentifierType::NoFnr
    };
    // A source that knows the relaxed control digit says so of all its rows.
    let control = match vector.rule_note.contains("2032") {
        true => Control::From2032,
        false => Control::Before2032,
    };
    let rule = IdentifierRule::new(kind, day(2026)).with_control(control);
    let trial = |kinds: &[FnrKind], synthetic, named| Trial {
        rule: rule
            .with_kinds(kinds.iter().copied())
            .with_synthetic(synthetic),
        takes: vector.valid == Some(true),
        named,
    };
    let real = |kinds, named| vec![trial(kinds, Synthetic::Forbid, named)];
    let test = |kinds, named| vec![trial(kinds, Synthetic::Only, named)];
    if vector.valid.is_none() {
        // Taken for the sex only: the months are none.
        return real(&ALL, &[]);
    }
    let synthetic = vector.detail.contains("synthetic");
    match vector.kind.as_str() {
        "dufnummer" | "dufnumbers" => vec![trial(&[], Synthetic::Forbid, &["duf"])],
        "dnr" if synthetic => test(&[Dnr], &["dnr"]),
        "fnr" if synthetic => test(&[Fnr], &["fnr"]),
        "fnr" | "men" | "women" | "fnummer" | "fnumbers" => real(&[Fnr], &["fnr"]),
        "dnr" | "dnummer" | "dnumbers" => real(&[Dnr], &["dnr"]),
        "hnr" => real(&[Hnr], &[MONTH_40]),
        // This source computes control digits before it adds 40.
        "hnummer" | "hnumbers" => {
            let mut trials = real(&[Hnr], &[MONTH_40]);
            for trial in &mut trials {
                trial.rule = trial.rule.with_hnr_control(HnrControl::Without40);
            }
            trials
        }
        "fhnummer" | "fhnumbers" => real(&[Fhnr], &["fhnr"]),
        "tnr" | "Tenornummer" | "tenor(+80 month)" | "SyntPop" => {
            test(&[Fnr, Dnr], &["fnr", "dnr"])
        }
        // NAV's test person with a D-number: health institutions give no such number.
        "dnr-and-hnr" => test(&[Dnr], &["dnr"]),
        "NorskHelsenettTestaktoerer" => real(&ALL, &["fnr", "dnr", MONTH_40, "fhnr"]),
        "" if vector.detail == "Check_IsValidInProduction" => real(&[Fnr, Dnr], &["fnr", "dnr"]),
        "" if vector.source.starts_with("fhi") => {
            vec![trial(&[Fnr, Dnr], Synthetic::Allow, &["fnr", "dnr"])]
        }
        "" => real(&ALL, &["fnr", "dnr", MONTH_40, "fhnr"]),
        other => panic!("no rule for rows of the kind {other}"),
    }
}
