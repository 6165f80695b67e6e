//! A register whose names are one person's each leaves none of them in what comes out.

use std::path::Path;
use std::sync::Arc;

use kobling::protect::Protection;
use kobling::protect::perturbation::Perturbation;
use kobling::{Format, Linkage, Plan, ReleaseKey};

use super::{plan_text, table};
use crate::support::{extract, file, key, parse, refusal};

/// What every such name has in it.
const CANARY: &str = "canary";

/// Persons whose towns are common, and as many others whose towns, days and
/// marks are their own.
fn csv(common: usize, unique: usize) -> String {
    let mut csv = "nr,town,mark,day\n".to_owned();
    for nr in 0..common {
        csv += &format!(
            "{nr},{},{nr:04}{CANARY}mark,1950-01-01\n",
            ["Ask", "Birch"][nr % 2]
        );
    }
    for at in 0..unique {
        let nr = common + at;
        csv += &format!(
            "{nr},{nr:04}{CANARY}town,{nr:04}{CANARY}mark,{}-06-01\n",
            1000 + at
        );
    }
    csv
}

const COLUMNS: &str = "town = { from = 'town', type = 'category' }
    mark = { from = 'mark', type = 'category' }";

/// A second register, which some persons of the first are in.
const OTHER: &str = "
[source.found]
agency = 'An agency'
legal_basis = ['A law']
identifier = { column = 'nr', type = 'number' }
rows = 'one'
columns.kind = { from = 'kind', type = 'category' }
";

fn found(persons: usize) -> String {
    let row = |nr: usize| format!("{nr},{nr}{CANARY}kind\n");
    format!(
        "nr,kind\n{}",
        (0..persons).step_by(2).map(row).collect::<String>()
    )
}

fn holds(bytes: &[u8]) -> bool {
    bytes
        .windows(CANARY.len())
        .any(|part| part == CANARY.as_bytes())
}

/// Refuses a folder that has a canary in it.
fn look_through(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => look_through(&path),
            false => assert!(!holds(&std::fs::read(&path).unwrap()), "{}", path.display()),
        }
    }
}

fn plan(method: &str) -> Plan {
    let more = "with.found = { need = 'optional' }
        match_rates = { by = ['people.mark', 'people.town'] }
        levels.town = [{ name = 'shorter', prefix = 12 }, { name = 'shortest', prefix = 11 }]
        margins = true";
    let protect = format!("min_persons = 5, {method}");
    let town = table("town", "'people.town', 'found.kind'", more, &protect);
    let coarse = table("coarse", "'people.town'", "", &protect.replace('5', "6"));
    let coarse = match method.contains("round") || method.contains("suppress") {
        // Tables of one method and base.
        true if !method.contains("round") => coarse,
        _ => String::new(),
    };
    parse(&plan_text(
        "one",
        COLUMNS,
        &format!("{OTHER}{town}{coarse}"),
    ))
}

#[test]
fn no_method_lets_a_name_out_that_is_one_persons() {
    for method in [
        "method = 'suppress'",
        "method = 'round', round = { base = 5, how = 'nearest' }",
        "method = 'round', round = { base = 5, how = 'random' }",
        "method = 'cell-key'",
    ] {
        let plan = plan(method);
        let domain_key = key(&plan);
        let extracts = [("people", csv(120, 50)), ("found", found(60))];
        let extracts =
            extracts.map(|(source, csv)| extract(&plan, &domain_key, source, &csv).unwrap());
        let release_key = Arc::new(ReleaseKey::generate().unwrap());
        let mut protection = Protection::new(release_key.clone());
        if method.contains("cell-key") {
            let folder = tempfile::tempdir().unwrap();
            let settings = "[counts]\nreach = 4\nvariance = 1.5\n";
            let path = file(folder.path(), "p.toml", settings);
            protection = protection.perturbation(Perturbation::read(path).unwrap());
        }
        let tables = Linkage::new(&plan, extracts)
            .unwrap()
            .tabulate(protection)
            .unwrap();
        assert!(!holds(format!("{tables:?}").as_bytes()));
        let protected = tables.protect().unwrap();
        assert!(!holds(format!("{protected:?}").as_bytes()));
        let release = protected.release().unwrap();
        for (_, batch) in release.tables() {
            assert!(!holds(format!("{batch:?}").as_bytes()), "{method}");
        }
        assert!(!holds(release.manifest().to_json().as_bytes()), "{method}");
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("release");
        release.write(&out, &[Format::Arrow, Format::Csv]).unwrap();
        look_through(&out);
        let text = std::fs::read_to_string(out.join("town.csv")).unwrap();
        assert!(text.contains("other") && text.contains("Ask"), "{text}");
    }
}

#[test]
fn a_refusal_has_none_of_the_names() {
    let tables = |by: &str| table("t", by, "", "min_persons = 5, method = 'suppress'");
    for by in ["'people.mark'", "'people.town', 'people.mark'"] {
        let columns = match by.contains("town") {
            true => COLUMNS,
            false => COLUMNS.lines().nth(1).unwrap(),
        };
        let plan = parse(&plan_text("one", columns, &tables(by)));
        let extract = extract(&plan, &key(&plan), "people", &csv(40, 40)).unwrap();
        let protection = Protection::new(ReleaseKey::generate().unwrap());
        let error = refusal(Linkage::new(&plan, [extract]).unwrap().tabulate(protection));
        assert!(!holds(format!("{error} {error:?}").as_bytes()), "{error}");
    }
}

#[test]
fn dates_that_are_one_persons_are_not_there() {
    let columns = "born = { from = 'day', type = 'date', truncate = 'month' }";
    let protect = "min_persons = 5, method = 'suppress'";
    let plan = parse(&plan_text(
        "one",
        columns,
        &table("t", "'people.born'", "", protect),
    ));
    let release = super::release_of(&plan, &csv(60, 50)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("release");
    release.write(&out, &[Format::Csv]).unwrap();
    let text = std::fs::read_to_string(out.join("t.csv")).unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(
        text.contains("1950-01-01,60") && text.contains("\n,50"),
        "{text}"
    );
}

#[cfg(feature = "cli")]
#[test]
fn a_rehearsal_publishes_none_of_the_names() {
    let folder = tempfile::tempdir().unwrap();
    let text = table(
        "t",
        "'people.town'",
        "margins = true",
        "min_persons = 5, method = 'suppress'",
    );
    let column = COLUMNS.lines().next().unwrap();
    let plan = file(folder.path(), "plan.toml", plan_text("one", column, &text));
    file(folder.path(), "people.csv", csv(60, 50));
    let run = |persons: &str| {
        file(folder.path(), "people.csv", persons);
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kobling"));
        command
            .arg("rehearse")
            .arg(&plan)
            .args(["--out"])
            .arg(folder.path().join("out"));
        command.output().unwrap()
    };
    let said = run(&csv(60, 50));
    let text = [said.stdout, said.stderr].concat();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&text));
    assert!(!holds(&text), "{}", String::from_utf8_lossy(&text));
    // What an agency hands over has its columns as the plan keeps them; what the
    // linkage unit lets out has not.
    let mut releases = 0;
    for entry in walk(&folder.path().join("out")) {
        if entry
            .file_name()
            .is_some_and(|name| name == "manifest.json")
        {
            releases += 1;
            look_through(entry.parent().unwrap());
        }
    }
    assert_eq!(releases, 1);
    let said = run(&csv(10, 50));
    assert!(!said.status.success());
    let text = [said.stdout, said.stderr].concat();
    assert!(!holds(&text), "{}", String::from_utf8_lossy(&text));
}

#[cfg(feature = "cli")]
fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let each = entries.flat_map(|path| match path.is_dir() {
        true => walk(&path),
        false => vec![path],
    });
    each.collect()
}
