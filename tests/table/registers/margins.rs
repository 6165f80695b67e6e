//! The real cases with all their margins: what is published of every grouping
//! is what counting the same rows by hand gives, and each quantity was audited.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use kobling::plan::document::CountInterval;
use kobling::{Format, Release};

use super::release;

/// A linked row as the twin has it.
pub(crate) struct Row {
    /// Of each dimension, in the table's order.
    pub(crate) categories: Vec<String>,
    pub(crate) person: String,
    /// What it adds to a sum or a mean.
    pub(crate) value: Option<i64>,
}

/// The categories of a cell; none where it is a total.
type At = Vec<Option<String>>;

#[derive(Default)]
pub(crate) struct Figures<'a> {
    pub(crate) persons: HashSet<&'a str>,
    pub(crate) rows: u64,
    pub(crate) sum: i64,
    pub(crate) values: u64,
}

/// A measure's name, and what it is of a cell.
pub(crate) type Measure = (&'static str, fn(&Figures<'_>) -> f64);

/// The persons of a cell.
pub(crate) const PERSONS: Measure = ("persons", |cell| cell.persons.len() as f64);

/// The share of NHANES, which is made of two published figures, and not audited itself.
pub(crate) const SHARE: &str = "percent_dead";

/// Every row into its cell of every grouping.
fn all_groupings(rows: &[Row]) -> BTreeMap<At, Figures<'_>> {
    let mut cells: BTreeMap<At, Figures<'_>> = BTreeMap::new();
    for row in rows {
        for kept in 0..1u32 << row.categories.len() {
            let categories = row.categories.iter().enumerate();
            let at =
                categories.map(|(at, category)| (kept >> at & 1 == 1).then(|| category.clone()));
            let cell = cells.entry(at.collect()).or_default();
            cell.persons.insert(&row.person);
            cell.rows += 1;
            cell.sum += row.value.unwrap_or(0);
            cell.values += u64::from(row.value.is_some());
        }
    }
    cells
}

/// An example's one table with all its margins.
pub(crate) fn with_margins(plan: &Path, inputs: &[(&str, PathBuf)]) -> Release {
    let text = std::fs::read_to_string(plan).unwrap();
    assert_eq!(text.matches("\nmeasures = ").count(), 1);
    let text = text.replace("\nmeasures = ", "\nmargins = true\nmeasures = ");
    let folder = tempfile::tempdir().unwrap();
    let plan = folder.path().join("plan.toml");
    std::fs::write(&plan, text).unwrap();
    release(&plan, inputs, "arrow")
}

/// Compares the release's one table with the twin's, and looks for its audits. The
/// plan declares categories of these names, by dimension, that nobody need have.
pub(crate) fn compare(
    release: &Release,
    rows: &[Row],
    measures: &[Measure],
    least: usize,
    declared: &[(usize, &str)],
) {
    let [record] = &release.manifest().tables[..] else {
        panic!("the example has one table");
    };
    let twin = all_groupings(rows);
    let nobody = Figures::default();
    let dimensions = rows[0].categories.len();
    let categories = (0..dimensions).map(|at| {
        let names = rows.iter().map(|row| row.categories[at].as_str());
        let declared = declared.iter().filter(|(dimension, _)| *dimension == at);
        let declared = declared.map(|(_, name)| *name);
        names.chain(declared).collect::<HashSet<&str>>()
    });
    let categories: Vec<HashSet<&str>> = categories.collect();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("release");
    release.write(&out, &[Format::Csv]).unwrap();
    let mut reader = csv::Reader::from_path(out.join(format!("{}.csv", record.name))).unwrap();
    let header = reader.headers().unwrap().clone();
    assert!(
        header
            .iter()
            .skip(2 * dimensions)
            .step_by(2)
            .eq(measures.iter().map(|m| m.0))
    );
    let mut found = 0;
    for line in reader.records() {
        let line: Vec<String> = line.unwrap().iter().map(str::to_owned).collect();
        let (places, figures) = line.split_at(2 * dimensions);
        let at = places
            .chunks(2)
            .map(|place| (place[1] != "total").then(|| place[0].clone()));
        let at: At = at.collect();
        let mut known = at.iter().zip(&categories);
        let is_known = known.all(|(name, names)| {
            let name = name.as_deref();
            name.is_none_or(|name| names.contains(name))
        });
        assert!(is_known, "nobody has a name of {at:?}");
        let cell = twin.get(&at).unwrap_or(&nobody);
        found += 1;
        for ((name, of), figure) in measures.iter().zip(figures.chunks(2)) {
            match (figure[1].as_str(), (1..least).contains(&cell.persons.len())) {
                ("safe", false) => {
                    // A mean or a share of nobody is none.
                    let wanted = Some(of(cell)).filter(|wanted| !wanted.is_nan());
                    assert_eq!(figure[0].parse().ok(), wanted, "{name} {at:?}");
                }
                ("suppressed", _) => assert_eq!(figure[0], ""),
                (status, _) => panic!("{name} of {} persons is {status}", cell.persons.len()),
            }
        }
    }
    let all: usize = categories.iter().map(|names| names.len() + 1).product();
    assert_eq!(found, all, "no combination is missing");
    assert!(twin.len() <= all);
    for (name, _) in measures.iter().filter(|(name, _)| *name != SHARE) {
        audited(release, name);
    }
}

/// A measure was audited once, in all its cells, and what is suppressed was attacked.
fn audited(release: &Release, measure: &str) {
    let table = &release.manifest().tables[0];
    let name = format!("{}.{measure}", table.name);
    let audits = release.manifest().audits.iter();
    let audits: Vec<_> = audits
        .filter(|audit| audit.measures.contains(&name))
        .collect();
    // A mean says of how many it is: it is audited with the numbers of persons too.
    let is_mean = |measure: &str| measure.starts_with("mean_");
    assert_eq!(audits.len(), 1 + usize::from(is_mean(measure)), "{name}");
    let audit = audits.last().unwrap();
    let statuses = &table.statuses[measure];
    println!("{name}: {statuses:?} of {} cells", table.cells);
    // Counts of persons are audited together, each with cells of its own.
    let together = audit.measures.iter().filter_map(|name| {
        let (_, other) = name.split_once('.').unwrap();
        let own = is_mean(other) == is_mean(measure);
        own.then(|| table.statuses[other]["safe"] as usize)
    });
    let together: Vec<usize> = together.collect();
    let (count, safe) = (together.len(), together.iter().sum::<usize>());
    assert_eq!(audit.cells, count * table.cells);
    assert_eq!(audit.suppressed, count * table.cells - safe);
    assert!(statuses["suppressed"] > 0);
    // Numbers of persons carry their proofs, others are tested for subtraction.
    let proven = audit.count_interval;
    assert_eq!(proven.is_some(), audit.primes.is_none(), "{name}");
    assert!(proven.is_none_or(|values| values == CountInterval::Values(3)));
}
