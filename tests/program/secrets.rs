//! Canaries: a known identifier, key and value go through everything, and come out nowhere.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::support::{PLAN, SOURCES, change, file, identify, parse, plan, refusal, registers};
use kobling::protect::Protection;
use kobling::{
    DomainKey, Error, Extract, Format, Inspection, Linkage, LinkageKey, Plan, ReleaseKey, Rows,
};

use crate::support;

/// A person's number, which is in every register and in no other number.
const IDENTIFIER: &str = "86753098675309";

/// What the person alone earns, and is paid: in a cell of its own, so suppressed.
const VALUE: &str = "314159265358979.32";

/// Text that is like neither: what a register holds where it should not.
const TEXT: &str = "zyxxy-canary";

/// Registers in which the canary is the one person of its county.
fn sung() -> [String; 3] {
    let [mut population, mut tax, mut benefit] = registers(300);
    let _ = writeln!(population, "{IDENTIFIER},{},9901", 40);
    let _ = writeln!(tax, "{IDENTIFIER},{VALUE}");
    let _ = writeln!(benefit, "{IDENTIFIER},2024,{VALUE}");
    // And an identifier that is none, which stays behind.
    let _ = writeln!(tax, "{TEXT},{VALUE}");
    [population, tax, benefit]
}

/// Keys as their files hold them, to be looked for.
struct Keys {
    domain: DomainKey,
    release: Arc<ReleaseKey>,
    secrets: Vec<Vec<u8>>,
}

fn keys(plan: &Plan, folder: &Path) -> Keys {
    let linkage = LinkageKey::generate().expect("random numbers");
    let domain = linkage.domain_key(&plan.domain());
    let release = Arc::new(ReleaseKey::generate().expect("random numbers"));
    linkage
        .write(folder.join("linkage.key"))
        .expect("it is written");
    domain
        .write(folder.join("domain.key"))
        .expect("it is written");
    release
        .write(folder.join("release.key"))
        .expect("it is written");
    let mut secrets = Vec::new();
    for name in ["linkage.key", "domain.key", "release.key"] {
        let text = fs::read_to_string(folder.join(name)).expect("it is read");
        let hex = text
            .split(|c: char| !c.is_ascii_hexdigit())
            .find(|word| word.len() == 64)
            .unwrap_or_else(|| panic!("{name} holds 64 digits"));
        secrets.push(hex.as_bytes().to_vec());
        let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal");
        secrets.push((0..64).step_by(2).map(byte).collect());
    }
    Keys {
        domain,
        release,
        secrets,
    }
}

/// The canaries, and what kobling itself makes of the values on the way.
fn canaries(keys: &Keys) -> Vec<Vec<u8>> {
    let mut canaries = keys.secrets.clone();
    let unscaled = VALUE.replace('.', "");
    for text in [
        IDENTIFIER,
        VALUE,
        TEXT,
        &unscaled,
        VALUE.split('.').next().expect("whole"),
    ] {
        canaries.push(text.as_bytes().to_vec());
    }
    let unscaled: i128 = unscaled.parse().expect("a number");
    canaries.push(unscaled.to_le_bytes()[..8].to_vec());
    canaries.push((unscaled as f64 / 100.0).to_le_bytes().to_vec());
    let number: u64 = IDENTIFIER.parse().expect("a number");
    canaries.push(number.to_le_bytes().to_vec());
    canaries.push((number as f64).to_le_bytes().to_vec());
    canaries
}

fn silent(place: &str, bytes: &[u8], canaries: &[Vec<u8>]) {
    for (at, canary) in canaries.iter().enumerate() {
        let sings = bytes.windows(canary.len()).any(|window| window == canary);
        assert!(!sings, "canary {at} is heard in {place}");
    }
}

/// Everything that a type says of itself.
fn says(of: &impl std::fmt::Debug) -> String {
    format!("{of:?}\n{of:#?}")
}

#[test]
fn nothing_that_leaves_a_run_holds_a_canary() {
    let plan = plan();
    let folder = tempfile::tempdir().expect("a folder");
    let keys = keys(&plan, folder.path());
    let canaries = canaries(&keys);
    let mut said = says(&plan) + &says(&keys.domain) + &says(&keys.release);
    said += &format!("{}{}", keys.domain.check(), keys.release.check());
    let mut extracts = Vec::new();
    for (source, csv) in SOURCES.into_iter().zip(sung()) {
        let path = file(folder.path(), "register.csv", csv);
        let rows = Rows::open(&plan, source, &[path]).expect("a register");
        said += &says(&rows);
        let rows = rows.identify().expect("a register");
        said += &(says(&rows) + &says(rows.quarantine()));
        let extract = rows.pseudonymise(&keys.domain).expect("an extract");
        said += &(says(&extract) + &says(extract.header()) + &says(extract.source()));
        for ending in ["arrow", "parquet"] {
            let path = folder.path().join(format!("{source}.{ending}"));
            extract.write(&path).expect("it is written");
            let bytes = fs::read(&path).expect("it is read");
            // Its values are what an extract is for; they leave with it. Who they are of does not.
            let texts = [IDENTIFIER, TEXT].map(|text| text.as_bytes().to_vec());
            let number: u64 = IDENTIFIER.parse().expect("a number");
            let numbers = [number.to_le_bytes().to_vec(), number.to_be_bytes().to_vec()];
            silent(
                source,
                &bytes,
                &[&keys.secrets[..], &texts, &numbers].concat(),
            );
            let inspection = Inspection::read(&path).expect("it is read");
            said += &(says(&inspection) + &inspection.to_string());
        }
        let path = folder.path().join(format!("{source}.arrow"));
        extracts.push(Extract::read(&plan, path).expect("it is read"));
    }
    let linkage = Linkage::new(&plan, extracts).expect("a linkage");
    said += &says(&linkage);
    let tables = linkage
        .tabulate(Protection::new(keys.release.clone()))
        .expect("tables");
    said += &says(&tables);
    let protected = tables.protect().expect("protected tables");
    said += &(says(&protected) + &says(&protected.suppressed_by_rule("income")));
    let release = protected.release().expect("a release");
    said += &(says(&release) + &says(release.manifest()) + &release.manifest().to_json());
    silent("what is said", said.as_bytes(), &canaries);
    let table = release.table("income").expect("a table");
    assert!(table.num_rows() > 10, "there is something to release");
    assert!(
        said.contains("MinPersons"),
        "the canary's cell is there, and suppressed"
    );

    let out = folder.path().join("release");
    release.write(&out, &Format::ALL).expect("it is written");
    let mut files = 0;
    for entry in fs::read_dir(out).expect("a folder") {
        let path = entry.expect("a file").path();
        silent(
            &path.display().to_string(),
            &fs::read(&path).expect("it is read"),
            &canaries,
        );
        files += 1;
    }
    assert_eq!(files, 4);
}

/// Errors provoked with the canaries in every place where a value can be.
fn provoked(folder: &Path, keys: &Keys) -> Vec<Error> {
    let plan = plan();
    let mut errors = Vec::new();
    let mut fails = |plan: &Plan, source: &str, csv: String| {
        errors.push(match identify(plan, source, csv) {
            Ok(rows) => refusal(rows.pseudonymise(&keys.domain)),
            Err(error) => error,
        });
    };
    let number = format!("{IDENTIFIER}{IDENTIFIER}");
    fails(&plan, "tax", format!("nr,wage\n{IDENTIFIER},{TEXT}\n"));
    fails(&plan, "tax", format!("nr,wage\n{IDENTIFIER},{VALUE}123\n"));
    fails(&plan, "tax", format!("nr,wage\n{IDENTIFIER},{number}\n"));
    fails(
        &plan,
        "tax",
        format!("nr,wage\n{IDENTIFIER},{VALUE}\n{IDENTIFIER},{VALUE}\n"),
    );
    fails(
        &plan,
        "tax",
        format!("nr,wage\n{IDENTIFIER},{VALUE},{TEXT}\n"),
    );
    fails(
        &plan,
        "tax",
        format!("nr,wage\n{IDENTIFIER},\"{VALUE}\n{TEXT},1\n"),
    );
    fails(&plan, "tax", format!("{IDENTIFIER},{VALUE},{TEXT}\n"));
    fails(&plan, "tax", format!("nr,wag\n{IDENTIFIER},{VALUE}\n"));
    fails(
        &plan,
        "population",
        format!("nr,age,municipality\n{IDENTIFIER},{TEXT},1\n"),
    );
    fails(
        &plan,
        "population",
        format!("nr,age,municipality\n{IDENTIFIER},{number}{number},1\n"),
    );
    fails(
        &plan,
        "benefit",
        format!("nr,year,amount\n{IDENTIFIER},{VALUE},1\n"),
    );
    let map = change(PLAN, "prefix = 2", "map = { a = \"b\" }");
    fails(
        &parse(&map),
        "population",
        format!("nr,age,municipality\n1,40,{TEXT}\n"),
    );
    let day = change(PLAN, "prefix = 2", "truncate = \"year\"");
    fails(
        &parse(&day),
        "population",
        format!("nr,age,municipality\n1,40,{TEXT}\n"),
    );
    let text = "age\"\ntype = \"category\"\nbands = [20, 35, 50, 67]";
    let bands = "age\"\ntype = \"category\"\nbands = { edges = [900], labels = [\"old\"] }";
    fails(
        &parse(&change(PLAN, text, bands)),
        "population",
        format!("nr,age,municipality\n{IDENTIFIER},314,1\n"),
    );
    let office =
        "agency = \"A tax office\"\nlegal_basis = [\"GDPR art. 6(1)(e)\"]\nidentifier = { ";
    let stop = parse(&change(
        PLAN,
        office,
        &format!("{office}invalid = \"fail\", "),
    ));
    fails(&stop, "tax", format!("nr,wage\n{TEXT},{VALUE}\n"));
    fails(&stop, "tax", format!("nr,wage\n-{IDENTIFIER},{VALUE}\n"));

    for (name, content) in [
        ("text.arrow", format!("{IDENTIFIER},{VALUE},{TEXT}")),
        ("text.parquet", format!("PAR1{IDENTIFIER}{TEXT}PAR1")),
        (
            "text.feather",
            format!("ARROW1\0\0{IDENTIFIER}{TEXT}ARROW1"),
        ),
    ] {
        let path = file(folder, name, content);
        errors.push(refusal(Rows::open(&plan, "tax", &[&path])));
        errors.push(refusal(Extract::read(&plan, &path)));
        errors.push(refusal(Inspection::read(&path)));
        errors.push(refusal(DomainKey::read(&path)));
    }
    // A key in the place of another key, of a plan, of a register, of an extract.
    let path = folder.join("domain.key");
    errors.push(refusal(LinkageKey::read(&path)));
    errors.push(refusal(ReleaseKey::read(&path)));
    errors.push(refusal(Rows::open(&plan, "tax", &[&path])));
    errors.push(refusal(Extract::read(&plan, &path)));
    let text = fs::read_to_string(&path).expect("it is read");
    errors.push(refusal(identify(&plan, "tax", &text)));
    let cut = file(folder, "cut.key", &text[..text.len() - 9]);
    errors.push(refusal(DomainKey::read(cut)));
    let other = parse(&change(PLAN, "epoch = 1", "epoch = 2"));
    let csv = &sung()[1];
    errors.push(refusal(
        identify(&other, "tax", csv).and_then(|rows| rows.pseudonymise(&keys.domain)),
    ));
    errors
}

#[test]
fn no_error_holds_a_canary() {
    let folder = tempfile::tempdir().expect("a folder");
    let keys = keys(&plan(), folder.path());
    let errors = provoked(folder.path(), &keys);
    assert!(errors.len() >= 35, "{}", errors.len());
    for error in errors {
        let mut said = format!("{error} {error:?} {error:#?} {}", error.rule());
        let _ = write!(said, "{:?}{:?}", error.column(), error.source_name());
        let mut source = std::error::Error::source(&error);
        while let Some(inner) = source {
            let _ = write!(said, "{inner}{inner:?}");
            source = inner.source();
        }
        silent(&said, said.as_bytes(), &canaries(&keys));
    }
}

#[test]
fn what_was_hidden_in_the_header_of_an_extract_does_not_reach_a_manifest() {
    let plan = plan();
    let folder = tempfile::tempdir().expect("a folder");
    let keys = keys(&plan, folder.path());
    let csv = &registers(50)[1];
    let good = support::extract(&plan, &keys.domain, "tax", csv).expect("an extract");
    for (key, value) in [
        ("kobling.version", format!("0.1.0 {IDENTIFIER}")),
        ("kobling.version", TEXT.repeat(9)),
        ("kobling.quarantine", format!("{{\"{IDENTIFIER}\":1}}")),
        ("kobling.quarantine", format!("{{\"nr {TEXT}\":1}}")),
    ] {
        let mut schema = good.to_batch().schema().as_ref().clone();
        schema.metadata.insert(key.to_owned(), value);
        let columns = good.to_batch().columns().to_vec();
        let forged = arrow_array::RecordBatch::try_new(schema.into(), columns).expect("a batch");
        let path = folder.path().join("forged.arrow");
        support::write_ipc(&path, &forged);
        let error = refusal(Extract::read(&plan, &path));
        silent(
            "the error",
            format!("{error:?}").as_bytes(),
            &canaries(&keys),
        );
    }
}
