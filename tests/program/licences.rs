//! The licences of all that kobling is built from allow what its users do with it.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

/// Licences that ask for no more than a notice (identifiers of SPDX).
const ALLOWED: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Whether an expression of licences can be met by those that are allowed. Packages of
/// old write `/` for `OR`.
fn is_allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    let expression = expression.trim();
    // `OR` binds least; parentheses are around whole alternatives here.
    if let Some(parts) = split(expression, " AND ") {
        return parts.iter().all(|part| is_allowed(part));
    }
    if let Some(parts) = split(expression, " OR ") {
        return parts.iter().any(|part| is_allowed(part));
    }
    let inner = expression.strip_prefix('(');
    match inner.and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => is_allowed(inner),
        None => ALLOWED.contains(&expression),
    }
}

/// The parts between `word`s outside of parentheses, if there are several.
/// An `AND` beside an `OR` without parentheses would be taken to bind less: then more is
/// asked for than is needed.
fn split<'a>(expression: &'a str, word: &str) -> Option<Vec<&'a str>> {
    let mut depth = 0;
    let (mut parts, mut start) = (Vec::new(), 0);
    for (at, letter) in expression.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => (),
        }
        if depth == 0 && expression[at..].starts_with(word) && at >= start {
            parts.push(&expression[start..at]);
            start = at + word.len();
        }
    }
    parts.push(&expression[start..]);
    (parts.len() > 1).then_some(parts)
}

#[test]
fn expressions_are_met_by_what_is_allowed() {
    for allowed in [
        "MIT",
        "MIT/Apache-2.0",
        "MIT OR Apache-2.0 OR LGPL-2.1-or-later",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(is_allowed(allowed), "{allowed}");
    }
    for refused in [
        "GPL-3.0-only",
        "MIT AND GPL-3.0-only",
        "(MIT OR Apache-2.0) AND SSPL-1.0",
        "",
    ] {
        assert!(!is_allowed(refused), "{refused}");
    }
}

#[test]
fn all_packages_have_licences_that_are_allowed() {
    let metadata = |features: &[&str]| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["metadata", "--format-version", "1", "--locked", "--offline"]);
        cargo.args([
            "--manifest-path",
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
        ]);
        let output = cargo.args(features).output().expect("cargo runs");
        output.status.success().then_some(output.stdout)
    };
    // What was built is there; what other features and systems need may not be.
    let Some(json) = metadata(&["--all-features"]).or_else(|| metadata(&[])) else {
        println!(
            "skipped: the sources of packages for other systems are not there, and nothing is fetched"
        );
        return;
    };
    let metadata: Value = serde_json::from_slice(&json).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    assert!(packages.len() > 20, "{} packages", packages.len());
    let refused = packages.iter().filter_map(|package| {
        let licence = package["license"].as_str().unwrap_or_default();
        let own = package["source"].is_null();
        (!own && !is_allowed(licence)).then(|| format!("{}: {licence}", package["name"]))
    });
    let refused: BTreeSet<String> = refused.collect();
    assert!(refused.is_empty(), "{refused:?}");
}
