//! A register of visits, plans of tables about it, and the twin that counts its rows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use kobling::protect::Protection;
use kobling::protect::perturbation::Perturbation;
use kobling::{Linkage, Plan, Release, ReleaseKey, Result};

pub(crate) use crate::support::towns::Draw;
use crate::support::{PROJECT, extract, file, key, parse};

/// A row of the register.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) person: u64,
    pub(crate) town: String,
    pub(crate) kind: String,
    /// 1 or 0, or missing.
    pub(crate) died: Option<u8>,
    pub(crate) age: u64,
}

/// Visits of `persons` persons: one each, or up to three.
pub(crate) fn visits(seed: u64, persons: u64, many: bool) -> Vec<Visit> {
    let mut draw = Draw(seed.wrapping_mul(77) + 5);
    let mut visits = Vec::new();
    for person in 0..persons {
        let rows = if many { 1 + draw.below(3) } else { 1 };
        for _ in 0..rows {
            visits.push(Visit {
                person,
                // Few in the last towns, and of the last kind.
                town: format!("{}", 10 + draw.below(5) * draw.below(4) / 3),
                kind: format!("k{}", draw.below(2) + draw.below(9) / 8),
                died: match draw.below(12) {
                    0 => None,
                    below => Some(u8::from(below < 4)),
                },
                age: 20 + draw.below(60),
            });
        }
    }
    visits
}

pub(crate) fn csv(visits: &[Visit]) -> String {
    let mut csv = String::from("nr,town,kind,died,age\n");
    for visit in visits {
        let died = visit.died.map_or_else(String::new, |died| died.to_string());
        let Visit {
            person,
            town,
            kind,
            age,
            ..
        } = visit;
        let _ = writeln!(csv, "{person},{town},{kind},{died},{age}");
    }
    csv
}

/// Those who died, and those who are old, as plans write it.
pub(crate) const DEATHS: &str =
    "{ persons = { where = [{ column = 'visits.died', equals = 1 }] }, as = 'deaths' }";
pub(crate) const OLD: &str =
    "{ persons = { where = [{ column = 'visits.age', at_least = 60 }] }, as = 'old' }";
pub(crate) const DEAD_ROWS: &str =
    "{ rows = { where = [{ column = 'visits.died', equals = 1 }] }, as = 'dead_rows' }";

/// The project and its one source, with only those columns that `tables` names.
pub(crate) fn plan_text(rows: &str, project: &str, tables: &str) -> String {
    let mut columns = String::new();
    for (name, column) in [
        ("town", "type = 'category'"),
        ("kind", "type = 'category'"),
        ("died", "type = 'integer'"),
        ("age", "type = 'integer'"),
    ] {
        let quoted = ["'", "\""].map(|quote| format!("visits.{name}{quote}"));
        if quoted.iter().any(|name| tables.contains(name)) {
            let _ = writeln!(columns, "{name} = {{ from = '{name}', {column} }}");
        }
    }
    format!(
        "{PROJECT}{project}
[source.visits]
agency = 'An agency'
legal_basis = ['A law']
identifier = {{ column = 'nr', type = 'number' }}
rows = '{rows}'
[source.visits.columns]
{columns}
{tables}"
    )
}

/// A table of the visits.
pub(crate) fn table(name: &str, by: &str, more: &str, measures: &str, protect: &str) -> String {
    format!(
        "[table.{name}]
from = 'visits'
by = [{by}]
{more}
measures = [{measures}]
protect = {{ min_persons = 4, {protect} }}
"
    )
}

pub(crate) fn plan_of(rows: &str, tables: &str) -> Plan {
    parse(&plan_text(rows, "", tables))
}

/// A release of `visits`, whatever the method of its tables.
pub(crate) fn released(plan: &Plan, visits: &[Visit]) -> Result<Release> {
    let release_key = Arc::new(ReleaseKey::generate()?);
    let folder = tempfile::tempdir().unwrap();
    let settings = "[counts]\nreach = 3\nvariance = 1.0\n";
    let perturbation = Perturbation::read(file(folder.path(), "p.toml", settings))?;
    let protection = Protection::new(release_key.clone()).perturbation(perturbation);
    let extract = extract(plan, &key(plan), "visits", &csv(visits))?;
    let tables = Linkage::new(plan, [extract])?.tabulate(protection)?;
    tables.protect()?.release()
}

/// A row of a table by the names of its columns.
pub(crate) type Row = BTreeMap<String, Option<String>>;

pub(crate) fn rows(release: &Release, table: &str) -> Vec<Row> {
    let schema = release.table(table).expect("the table").schema();
    let names: Vec<String> = schema.fields().iter().map(|f| f.name().clone()).collect();
    let rows = release.rows(table).expect("the table");
    rows.map(|row| names.iter().cloned().zip(row).collect())
        .collect()
}

/// A count, if it is published.
pub(crate) fn count(row: &Row, measure: &str) -> Option<u64> {
    let text = row[measure].as_deref().filter(|text| !text.is_empty())?;
    Some(text.parse().expect("a count"))
}

/// What the twin counts in a cell.
#[derive(Default, Clone)]
pub(crate) struct Counts {
    persons: BTreeSet<u64>,
    dead: BTreeSet<u64>,
    old: BTreeSet<u64>,
    /// Those with a row that does not say so.
    not_dead_rows: BTreeSet<u64>,
    pub(crate) rows: u64,
    pub(crate) dead_rows: u64,
}

impl Counts {
    /// The visits that `picks` picks.
    pub(crate) fn of(visits: &[Visit], picks: impl Fn(&Visit) -> bool) -> Self {
        let mut counts = Self::default();
        for visit in visits.iter().filter(|visit| picks(visit)) {
            counts.rows += 1;
            counts.persons.insert(visit.person);
            if visit.died == Some(1) {
                counts.dead_rows += 1;
                counts.dead.insert(visit.person);
            } else {
                counts.not_dead_rows.insert(visit.person);
            }
            if visit.age >= 60 {
                counts.old.insert(visit.person);
            }
        }
        counts
    }

    pub(crate) fn get(&self, measure: &str) -> u64 {
        match measure {
            "persons" => self.persons.len() as u64,
            "rows" => self.rows,
            "deaths" => self.dead.len() as u64,
            "old" => self.old.len() as u64,
            "dead_rows" => self.dead_rows,
            other => panic!("nobody counts {other}"),
        }
    }

    /// The numbers of persons that are disclosed where the measure is published.
    pub(crate) fn disclosed(&self, measure: &str) -> Vec<u64> {
        let persons = self.persons.len();
        let numbers = match measure {
            "persons" | "rows" => vec![persons],
            "deaths" => vec![self.dead.len(), persons - self.dead.len()],
            "old" => vec![self.old.len(), persons - self.old.len()],
            "dead_rows" => vec![self.dead.len(), self.not_dead_rows.len()],
            other => panic!("nobody counts {other}"),
        };
        numbers.into_iter().map(|number| number as u64).collect()
    }
}

/// The counts of the cell that a released row is about.
pub(crate) fn twin(visits: &[Visit], row: &Row) -> Counts {
    let level = |dimension: &str| {
        let level = row.get(&format!("{dimension}_level")).cloned().flatten();
        level.unwrap_or_else(|| dimension.to_owned())
    };
    let is = |dimension: &str, own: &str| {
        let Some(category) = row.get(dimension) else {
            return true;
        };
        match level(dimension).as_str() {
            "total" => true,
            "region" => category.as_deref() == Some(&own[..1]),
            _ => category.as_deref() == Some(own),
        }
    };
    Counts::of(visits, |visit| {
        is("town", &visit.town) && is("kind", &visit.kind)
    })
}
