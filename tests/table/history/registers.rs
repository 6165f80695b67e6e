//! A plan with a history, and its registers.

use std::collections::BTreeMap;

use kobling::{DomainKey, Extract, Plan, Result};

use crate::support::{extract, parse};

/// A population register, one of tax, one of benefits, and who became whom.
pub(crate) const PLAN: &str = r#"version = 1
[project]
id = "history-2026"
epoch = 1
title = "Income after arrival"
purpose = "Statistics on income"
controller = "A university"
linkage_unit = "A statistics office"
recipient = "A reader"
valid = { from = 2026-01-01, until = 2199-12-31 }
reference_date = 2025-01-01
approved = [{ by = "legal", name = "A lawyer", on = 2026-01-10 }]

[source.population]
agency = "A registry"
legal_basis = ["GDPR art. 6(1)(e)"]
identifier = { column = "nr", type = "number" }
rows = "one"
columns = { county = { from = "county", type = "category" }, year = { from = "year", type = "integer" } }

[source.tax]
agency = "A tax office"
legal_basis = ["GDPR art. 6(1)(e)"]
identifier = { column = "nr", type = "number" }
rows = "many"

[source.tax.columns]
year = { from = "year", type = "integer" }
income = { from = "income", type = "integer" }

[source.school]
agency = "A school"
legal_basis = ["GDPR art. 6(1)(e)"]
identifier = { column = "nr", type = "number" }
rows = "one"
columns = { passed = { from = "passed", type = "boolean" } }

[source.changes]
role = "history"
agency = "A registry"
legal_basis = ["GDPR art. 6(1)(e)"]
identifier = { column = "old", type = "number" }
current = "new"
valid_from = "from"

[table.persons]
from = "population"
by = ["population.county", "found", "school.passed"]
sensitive = []
measures = [{ persons = true }, { sum = "tax.income" }]
with.tax = { need = "optional", where = [{ column = "income", at_least = 3 }], reduce = { income = "sum" } }
with.school = { need = "optional" }
columns.found = { matched = "tax", type = "boolean" }
protect = { min_persons = 3, p_percent = 1, method = "suppress" }

[table.earners]
from = "tax"
by = ["population.county"]
sensitive = []
measures = [{ persons = true }, { rows = true }, { mean = "tax.income" }]
with.population = { need = "optional", on = ["year"] }
with.school = { need = "required" }
protect = { min_persons = 3, p_percent = 1, method = "suppress" }

[table.folded]
from = "tax"
base = { where = [{ column = "income", at_least = 2 }], reduce = { income = "max" } }
by = ["population.county"]
sensitive = []
measures = [{ persons = true }, { sum = "tax.income" }]
with.population = { need = "optional" }
with.school = { need = "optional" }
where = [{ column = "school.passed", present = true }]
protect = { min_persons = 3, p_percent = 1, method = "suppress" }
"#;

/// [`PLAN`], checked.
pub(crate) fn plan() -> Plan {
    parse(PLAN)
}

/// [`PLAN`] without its history.
pub(crate) fn plain() -> Plan {
    let (before, rest) = PLAN.split_once("[source.changes]").expect("a history");
    let (_, after) = rest.split_once("[table.persons]").expect("a table");
    parse(&format!("{before}[table.persons]{after}"))
}

/// The registers as rows of numbers; the identifier is the first of each.
#[derive(Debug, Clone, Default)]
pub(crate) struct Registers {
    /// Number, county, year.
    pub(crate) population: Vec<[u32; 3]>,
    /// Number, year, income.
    pub(crate) tax: Vec<[u32; 3]>,
    /// Number, whether passed.
    pub(crate) school: Vec<[u32; 2]>,
    /// Replaced, current, the day of January 2025.
    pub(crate) changes: Vec<[u32; 3]>,
}

/// The last day of January 2025 whose pairs count: the plan's reference date.
pub(crate) const LAST_DAY: u32 = 1;

impl Registers {
    /// The register of `source` as CSV.
    pub(crate) fn csv(&self, source: &str) -> String {
        fn rows<const N: usize>(head: &str, rows: &[[u32; N]]) -> String {
            let rows = rows.iter().map(|row| {
                let cells = row.map(|cell| cell.to_string());
                format!("{}\n", cells.join(","))
            });
            format!("{head}\n{}", rows.collect::<String>())
        }
        match source {
            "population" => rows("nr,county,year", &self.population),
            "tax" => rows("nr,year,income", &self.tax),
            "school" => {
                let passed = self.school.iter();
                let rows = passed.map(|[nr, passed]| format!("{nr},{}\n", *passed == 1));
                format!("nr,passed\n{}", rows.collect::<String>())
            }
            _ => {
                let pairs = self.changes.iter();
                let rows = pairs.map(|[old, new, day]| match day {
                    0 => format!("{old},{new},2024-12-31\n"),
                    day => format!("{old},{new},2025-01-{day:02}\n"),
                });
                format!("old,new,from\n{}", rows.collect::<String>())
            }
        }
    }

    /// The extracts of all sources of `plan`.
    pub(crate) fn extracts(&self, plan: &Plan, key: &DomainKey) -> Vec<Extract> {
        let sources = plan.sources().iter();
        let made =
            sources.map(|source| extract(plan, key, source.name(), &self.csv(source.name())));
        made.collect::<Result<_>>().expect("good registers")
    }

    /// Who each replaced number is: by maps, one step at a time. There are no
    /// splits and no circles.
    pub(crate) fn currents(&self) -> BTreeMap<u32, u32> {
        let pairs = self.changes.iter().filter(|pair| pair[2] <= LAST_DAY);
        let next: BTreeMap<u32, u32> = pairs.map(|[old, new, _]| (*old, *new)).collect();
        let end = |mut number: u32| {
            while let Some(current) = next.get(&number).filter(|current| **current != number) {
                number = *current;
            }
            number
        };
        next.keys().map(|number| (*number, end(*number))).collect()
    }

    /// The registers as they were if everybody always had had the current number.
    pub(crate) fn replaced(&self) -> Self {
        let currents = self.currents();
        let current = |number: &mut u32| *number = *currents.get(number).unwrap_or(number);
        let mut replaced = self.clone();
        replaced
            .population
            .iter_mut()
            .for_each(|row| current(&mut row[0]));
        replaced.tax.iter_mut().for_each(|row| current(&mut row[0]));
        replaced
            .school
            .iter_mut()
            .for_each(|row| current(&mut row[0]));
        replaced.changes.clear();
        replaced
    }
}
