//! Published numbers of other countries: each valid one is taken, each invalid one refused.
//!
//! They lie outside the repository, for not all may be copied: set
//! `KOBLING_DATA`. The label is its source's, and not always for the rules that
//! a register of persons has; where kobling decides otherwise, the reason is
//! below, and how many there are.

use std::collections::BTreeMap;

use kobling_identifier::{Date, IdentifierFault, IdentifierRule, IdentifierType, Synthetic};

use crate::data::data;

/// What a row of the list says of a number.
struct Row {
    value: String,
    country: String,
    kind: String,
    valid: String,
    rule: String,
    source: String,
}

fn rows() -> Option<Vec<Row>> {
    let path = data("vectors/identifiers.csv")?;
    let mut reader = csv::Reader::from_path(path).expect("the list of identifiers");
    let rows = reader.records().map(|row| {
        let row = row.expect("a row");
        let field = |index: usize| row.get(index).expect("a field").to_owned();
        Row {
            value: field(0),
            country: field(1),
            kind: field(3),
            valid: field(4),
            rule: field(5),
            source: field(6),
        }
    });
    Some(rows.collect())
}

fn type_of(country: &str) -> IdentifierType {
    match country {
        "SE" => IdentifierType::SePersonnummer,
        "DK" => IdentifierType::DkCpr,
        "FI" => IdentifierType::FiHetu,
        "IS" => IdentifierType::IsKennitala,
        "EE" => IdentifierType::EeIsikukood,
        "LT" => IdentifierType::LtAsmensKodas,
        "GB" => IdentifierType::UkNhs,
        other => panic!("no type is known for numbers of {other}"),
    }
}

/// What becomes of a number, in a word to count by.
fn decide(row: &Row) -> Result<&'static str, IdentifierFault> {
    let on = Date::new(2026, 1, 1).expect("a day");
    let rule = IdentifierRule::new(type_of(&row.country), on);
    let found = rule
        .with_synthetic(Synthetic::Allow)
        .recognise(&row.value)?;
    Ok(match found.is_synthetic() {
        true => "synthetic",
        false => "taken",
    })
}

/// Why kobling decides otherwise than the row's label, if it may.
fn otherwise(row: &Row, found: Result<&'static str, IdentifierFault>) -> Option<&'static str> {
    let valid = row.valid == "true";
    match (row.country.as_str(), found) {
        ("SE", Err(IdentifierFault::Interim))
            if row.rule == "only when interim numbers allowed" =>
        {
            Some("an interim number is replaced, and cannot link: kobling does not allow them")
        }
        ("IS", Err(IdentifierFault::NotAPerson)) if valid => {
            Some("the source labels companies' numbers valid; a register of persons has none")
        }
        ("GB", Ok("synthetic")) if valid => {
            Some("valid among test patients; taken where the plan allows synthetic numbers")
        }
        ("FI", Ok("synthetic")) if !valid => {
            Some("invalid among residents; taken where the plan allows synthetic numbers")
        }
        _ => None,
    }
}

#[test]
fn published_numbers_are_decided() {
    let Some(rows) = rows() else {
        return;
    };
    let mut agreed = BTreeMap::new();
    let mut differing = BTreeMap::new();
    let mut wrong = Vec::new();
    for (line, row) in rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.country != "NO")
    {
        let found = decide(row);
        if let Some(reason) = otherwise(row, found) {
            *differing.entry(reason).or_insert(0) += 1;
            continue;
        }
        let fits = match row.valid.as_str() {
            "true" => found == Ok("taken"),
            "false" => found.is_err(),
            // Listed for what can be read from it, which only a valid number says.
            "unknown" => found == Ok("taken"),
            _ => false,
        };
        match fits {
            true => *agreed.entry(row.country.as_str()).or_insert(0) += 1,
            // The line, not the number: a habit to keep.
            false => wrong.push((line + 2, row.source.as_str(), found)),
        }
    }
    assert_eq!(wrong, []);
    eprintln!("agreed: {agreed:?}\ndecided otherwise: {differing:#?}");
    let all: usize = agreed.values().chain(differing.values()).sum();
    assert_eq!(all, rows.iter().filter(|row| row.country != "NO").count());
    for (country, least) in [
        ("SE", 2900),
        ("DK", 2),
        ("FI", 10),
        ("IS", 1),
        ("EE", 9),
        ("LT", 4),
        ("GB", 3),
    ] {
        let count = agreed.get(country).copied().unwrap_or_default();
        assert!(count >= least, "{country}: only {count} were read as meant");
    }
    let mut counts: Vec<usize> = differing.into_values().collect();
    counts.sort_unstable();
    // Of Finland, Sweden (interim numbers), Iceland and Great Britain.
    assert_eq!(counts, [1, 5, 9, 10]);
}

#[test]
fn swedish_test_numbers_are_ordinary_in_form() {
    let Some(rows) = rows() else {
        return;
    };
    let on = Date::new(2026, 1, 1).expect("a day");
    let rule = IdentifierRule::new(IdentifierType::SePersonnummer, on);
    let mut seen = BTreeMap::new();
    for row in &rows {
        let name = match row.kind.as_str() {
            "skatteverket test pin" => "personnummer",
            "skatteverket test coordination no" => "samordningsnummer",
            _ => continue,
        };
        if otherwise(row, decide(row)).is_some() {
            continue;
        }
        let found = rule.recognise(&row.value).expect("a number");
        assert_eq!((found.name(), found.is_synthetic()), (name, false));
        *seen.entry(name).or_insert(0) += 1;
    }
    assert_eq!(seen.len(), 2);
}
