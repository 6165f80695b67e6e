//! Tables in parts are those of one run, and parts that do not belong together are refused.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow_array::{Array as _, ArrayRef, RecordBatch};
use kobling::extract::Part;
use kobling::protect::perturbation::Perturbation;
use kobling::protect::{ConfidentialTables, PartialTables, ProtectedTables, Protection};
use kobling::{DomainKey, ErrorKind, Extract, Ledger, Linkage, Plan, ReleaseKey, Result};

use crate::support::towns::Draw;
use crate::support::{PROJECT, extract, file, key, parse, refusal};

/// Two tables about the same rows of pay, whose names the plan does not declare; one
/// looks persons up in a register of members. `sums` are measures of the other.
fn plan_text(rows: &str, protect: &str, sums: &str) -> String {
    let rules = format!("protect = {{ min_persons = 4, {protect} }}");
    let of_sums = match sums.is_empty() {
        false => rules.replace("4,", "4, dominance = { n = 2, percent = 85 },"),
        true => rules.clone(),
    };
    format!(
        "{PROJECT}
[source.pay]
agency = 'An agency'
legal_basis = ['A law']
identifier = {{ column = 'nr', type = 'number' }}
rows = '{rows}'
[source.pay.columns]
town = {{ from = 'town', type = 'category' }}
kind = {{ from = 'kind', type = 'category' }}
day = {{ from = 'day', type = 'date', truncate = 'month' }}
amount = {{ from = 'amount', type = 'integer' }}
[source.members]
agency = 'Another agency'
legal_basis = ['A law']
identifier = {{ column = 'nr', type = 'number' }}
rows = 'one'
[source.members.columns]
club = {{ from = 'club', type = 'category' }}

[table.t]
from = 'pay'
by = ['pay.town', 'members.club']
levels = {{ town = [{{ name = 'county', prefix = 1 }}] }}
margins = true
sensitive = []
match_rates = {{ by = ['pay.kind'], margin = 5 }}
measures = [
    {{ persons = true }},
    {{ rows = true }},
    {{ persons = {{ where = [{{ column = 'pay.amount', above = 40 }}] }}, as = 'above' }},
]
{rules}
[table.t.with]
members = {{ need = 'optional' }}

[table.u]
from = 'pay'
by = ['pay.kind', 'pay.day']
sensitive = []
measures = [{{ persons = true }}{sums}]
{of_sums}
[table.u.with]
members = {{ need = 'optional' }}
"
    )
}

const SUMS: &str = ", { sum = 'pay.amount' }, { mean = 'pay.amount' },
    { persons = { where = [{ column = 'pay.amount', present = true }] }, as = 'with_amount' }";

/// A method of protection, and the measures that it publishes beside numbers of persons.
const METHODS: [(&str, &str); 3] = [
    ("method = 'suppress'", SUMS),
    ("method = 'cell-key'", SUMS),
    ("method = 'round', round = { base = 5, how = 'random' }", ""),
];

/// Registers in which some towns, kinds and days are rare, and persons who are in
/// several of them; a town is called as the plan calls rare ones.
fn registers(seed: u64, persons: u64, many: bool) -> [String; 2] {
    let mut draw = Draw(seed + 1);
    let mut pay = "nr,town,kind,day,amount\n".to_owned();
    let mut members = "nr,club\n".to_owned();
    for person in 0..persons {
        let rows = if many { 1 + draw.below(3) } else { 1 };
        for _ in 0..rows {
            let town = match draw.below(12) {
                0 => format!("1r{}", draw.below(6)),
                1 => format!("{}x", 2 + draw.below(5)),
                2 if many => "other".to_owned(),
                3 => String::new(),
                other => format!("{}t{}", 1 + other % 2, other % 3),
            };
            let kind = match draw.below(15) {
                0 => format!("rare{}", draw.below(4)),
                other => format!("k{}", other % 2),
            };
            let day = match draw.below(10) {
                0 => format!("2020-{:02}-01", 3 + draw.below(9)),
                1 => String::new(),
                other => format!("2020-0{}-17", 1 + other % 2),
            };
            let _ = writeln!(pay, "{person},{town},{kind},{day},{}", draw.below(90));
        }
        if draw.below(3) > 0 {
            let club = match draw.below(20) {
                0 => format!("small{}", draw.below(3)),
                other => format!("club{}", other % 2),
            };
            let _ = writeln!(members, "{person},{club}");
        }
    }
    [pay, members]
}

fn linkage(plan: &Plan, key: &DomainKey, registers: &[String; 2]) -> Linkage {
    let extracts = ["pay", "members"].into_iter().zip(registers);
    let extracts = extracts.map(|(source, csv)| extract(plan, key, source, csv).unwrap());
    let extracts: Vec<Extract> = extracts.collect();
    // What a manifest states of an extract that was read from a file.
    for extract in &extracts {
        let _ = extract.content();
    }
    Linkage::new(plan, extracts).unwrap()
}

/// All parts, each sealed and opened again; in some other order.
fn sealed(linkage: &Linkage, of: u32, key: &ReleaseKey) -> Vec<PartialTables> {
    let parts = Part::all(of).unwrap().map(|part| {
        let bytes = linkage.tabulate_part(part, key).unwrap();
        let bytes = bytes.seal(key).unwrap();
        PartialTables::open(linkage.plan(), &bytes, key).unwrap()
    });
    let mut parts: Vec<PartialTables> = parts.collect();
    parts.rotate_left(of as usize / 3);
    parts
}

type Released = (Vec<(String, RecordBatch)>, String, usize);

fn released(protected: Result<ProtectedTables>) -> Result<Released> {
    let protected = protected?;
    let reasons = protected.suppression_report().figures().count();
    let release = protected.release()?;
    let tables = release.tables();
    let tables = tables.map(|(name, batch)| (name.to_owned(), batch.clone()));
    let manifest = release.manifest().to_json();
    let timeless = manifest.lines().filter(|line| !line.contains("made_at"));
    Ok((tables.collect(), timeless.collect(), reasons))
}

/// What the linkage unit of a test protects with.
struct Unit {
    key: Arc<ReleaseKey>,
    perturbation: tempfile::TempDir,
}

impl Unit {
    fn new() -> Self {
        let perturbation = tempfile::tempdir().unwrap();
        let settings = "[counts]
reach = 4
variance = 1.5
[sums]
reach = 5
variance = 2.0
steps = 4
originals = [1, 2, 5]
flex = { point = 500, small = 0.5, large = 0.1, power = 3 }
";
        file(perturbation.path(), "p.toml", settings);
        Self {
            key: Arc::new(ReleaseKey::generate().unwrap()),
            perturbation,
        }
    }

    fn protection(&self) -> Protection {
        let path = self.perturbation.path().join("p.toml");
        Protection::new(self.key.clone()).perturbation(Perturbation::read(path).unwrap())
    }
}

#[test]
fn any_number_of_parts_gives_the_bits_of_one_run() {
    let unit = Unit::new();
    let mut merged = 0;
    for seed in 0..4 {
        let rows = ["one", "many"][seed as usize % 2];
        for (protect, sums) in METHODS {
            let plan = parse(&plan_text(rows, protect, sums));
            let registers = registers(seed, [60, 160][seed as usize / 2 % 2], rows == "many");
            let linkage = linkage(&plan, &key(&plan), &registers);
            let in_parts = |of| {
                let tables =
                    ConfidentialTables::merge(sealed(&linkage, of, &unit.key), unit.protection());
                tables.and_then(|tables| released(tables.protect()))
            };
            let parts = [1, 7, 64].map(in_parts);
            let whole = linkage.tabulate(unit.protection());
            let whole = whole.and_then(|tables| released(tables.protect()));
            for part in parts {
                match (&whole, part) {
                    (Ok(whole), Ok(part)) => {
                        assert!(part.0 == whole.0, "seed {seed}, {rows}, {protect}");
                        assert_eq!(part.1, whole.1, "seed {seed}, {rows}, {protect}");
                        assert_eq!(part.2, whole.2, "seed {seed}, {rows}, {protect}");
                        merged += 1;
                    }
                    (Err(whole), Err(part)) => assert_eq!(part.to_string(), whole.to_string()),
                    (whole, part) => panic!("{:?} {:?}", whole.as_ref().err(), part.err()),
                }
            }
        }
    }
    assert!(merged >= 15, "{merged} were released");
}

/// A linkage of few persons, whose tables are released.
fn small(key: &DomainKey) -> Linkage {
    let plan = parse(&plan_text("many", METHODS[0].0, METHODS[0].1));
    linkage(&plan, key, &registers(3, 250, true))
}

#[test]
fn parts_that_are_not_all_of_one_run_are_refused() {
    let unit = Unit::new();
    let plan = parse(&plan_text("many", METHODS[0].0, METHODS[0].1));
    let domain_key = key(&plan);
    let linkage = small(&domain_key);
    let part = |linkage: &Linkage, text: &str| {
        linkage
            .tabulate_part(text.parse().unwrap(), &unit.key)
            .unwrap()
    };
    let other = super::parts::linkage(&plan, &domain_key, &registers(4, 250, true));
    let unrelated = small(&key(&plan));
    let refused: [(Vec<PartialTables>, &str); 6] = [
        (Vec::new(), "there are no parts"),
        (
            vec![part(&linkage, "0/3"), part(&linkage, "2/3")],
            "part 1/3 is missing",
        ),
        (
            vec![part(&linkage, "3/4")],
            "part 0/4 is missing, and 2 parts more",
        ),
        (
            vec![
                part(&linkage, "0/2"),
                part(&linkage, "1/2"),
                part(&linkage, "0/2"),
            ],
            "part 0/2 is there twice",
        ),
        (
            vec![part(&linkage, "0/2"), part(&linkage, "1/3")],
            "of two runs",
        ),
        (
            vec![part(&linkage, "0/2"), part(&other, "1/2")],
            "another extract of members",
        ),
    ];
    for (parts, rule) in refused {
        let error = refusal(ConfidentialTables::merge(parts, unit.protection()));
        assert!(error.to_string().contains(rule), "{error}");
        assert_eq!(error.kind(), ErrorKind::Linkage);
    }
    let parts = vec![part(&linkage, "0/2"), part(&unrelated, "1/2")];
    let error = refusal(ConfidentialTables::merge(parts, unit.protection()));
    assert!(error.to_string().contains("another domain key"), "{error}");
    let another = Unit::new();
    let error = refusal(ConfidentialTables::merge(
        [part(&linkage, "0/1")],
        another.protection(),
    ));
    assert_eq!(error.kind(), ErrorKind::Key);
}

#[test]
fn a_sealed_part_opens_with_its_key_and_plan_and_untouched_alone() {
    let unit = Unit::new();
    let plan = parse(&plan_text("many", METHODS[0].0, METHODS[0].1));
    let linkage = small(&key(&plan));
    let part: Part = "5/9".parse().unwrap();
    let bytes = linkage.tabulate_part(part, &unit.key).unwrap();
    let bytes = bytes.seal(&unit.key).unwrap();
    let open = |bytes: &[u8]| PartialTables::open(&plan, bytes, &unit.key);
    assert_eq!(open(&bytes).unwrap().part(), part);
    // Sealed twice, nothing but the header is the same.
    let again = linkage.tabulate_part(part, &unit.key).unwrap();
    assert_ne!(again.seal(&unit.key).unwrap(), bytes);

    for at in (0..bytes.len()).step_by(1 + bytes.len() / 400) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let error = refusal(open(&changed));
        assert!(
            matches!(error.kind(), ErrorKind::Linkage | ErrorKind::Key),
            "{at}: {error}"
        );
        assert!(open(&bytes[..at]).is_err(), "cut at {at}");
    }
    assert!(open(&[&bytes[..], b"x"].concat()).is_err());

    let error = refusal(PartialTables::open(
        &plan,
        &bytes,
        &ReleaseKey::generate().unwrap(),
    ));
    assert_eq!(error.kind(), ErrorKind::Key);
    let other = parse(&plan_text("many", METHODS[1].0, METHODS[1].1));
    let error = refusal(PartialTables::open(&other, &bytes, &unit.key));
    assert!(error.to_string().contains("another plan"), "{error}");
    // A plan that expired meanwhile opens nothing.
    let late = plan.at(kobling::plan::Date::new(3000, 1, 1).unwrap());
    let error = refusal(PartialTables::open(&late, &bytes, &unit.key));
    assert_eq!(error.kind(), ErrorKind::Permission, "{error}");
    // Nobody else seals it.
    let part = linkage.tabulate_part(part, &unit.key).unwrap();
    let error = refusal(part.seal(&ReleaseKey::generate().unwrap()));
    assert_eq!(error.kind(), ErrorKind::Key);
}

#[test]
fn a_sealed_part_shows_neither_names_nor_figures() {
    let unit = Unit::new();
    let plan = parse(&plan_text("many", METHODS[0].0, METHODS[0].1));
    let linkage = small(&key(&plan));
    let part = linkage
        .tabulate_part("0/1".parse().unwrap(), &unit.key)
        .unwrap();
    assert_eq!(format!("{part:?}"), "PartialTables(0/1, ..)");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("part.sealed");
    part.write(&path, &unit.key).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    // None so short that chance may write it.
    for name in ["rare1", "club0", "small0", "2020-02"] {
        let is_there = bytes.windows(name.len()).any(|w| w == name.as_bytes());
        assert!(!is_there, "{name}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let part = PartialTables::read(&plan, &path, &unit.key).unwrap();
    let tables = ConfidentialTables::merge([part], unit.protection()).unwrap();
    assert!(tables.protect().is_ok());
}

/// Three months of a ledger, up to the first that is refused; of the second to the third
/// a person comes, whose cells must not be disclosed by subtraction.
fn months(unit: &Unit, key: &DomainKey, in_parts: bool) -> Result<Vec<Vec<ArrayRef>>> {
    let plan = parse(&plan_text("many", METHODS[0].0, METHODS[0].1));
    let folder = tempfile::tempdir().unwrap();
    let months = [160, 160, 161].into_iter().map(|persons| {
        let linkage = linkage(&plan, key, &registers(3, persons, true));
        let path = folder.path().join("ledger.jsonl");
        let ledger = Ledger::open(path, &plan, &unit.key).unwrap();
        let protection = unit.protection().ledger(ledger);
        let tables = match in_parts {
            true => ConfidentialTables::merge(sealed(&linkage, 5, &unit.key), protection),
            false => linkage.tabulate(protection),
        };
        let release = tables.unwrap().protect()?.release()?;
        let batches = release.tables();
        let columns = batches.flat_map(|(_, batch)| batch.columns().to_vec());
        Ok(columns.collect())
    });
    months.collect()
}

#[test]
fn releases_with_a_ledger_are_the_same_in_parts() {
    let key = key(&parse(&plan_text("many", METHODS[0].0, METHODS[0].1)));
    // Which figures go for others depends on the release key; with one in twelve the third
    // month is refused, in parts too.
    let released = (0..8).find_map(|_| {
        let unit = Unit::new();
        let [whole, parts] = [false, true].map(|in_parts| months(&unit, &key, in_parts));
        match (whole, parts) {
            (Ok(whole), Ok(parts)) => {
                assert!(whole == parts, "the releases differ");
                Some(whole)
            }
            (Err(whole), Err(parts)) => {
                assert_eq!(whole.to_string(), parts.to_string());
                None
            }
            (whole, parts) => panic!("{:?} {:?}", whole.err(), parts.err()),
        }
    });
    let released = released.expect("that all eight keys are refused is no chance");
    let suppressed = |release: &[ArrayRef]| release.iter().map(|column| column.null_count()).sum();
    let suppressed: Vec<usize> = released.iter().map(|release| suppressed(release)).collect();
    assert!(suppressed.iter().all(|cells| *cells > 0), "{suppressed:?}");
}
