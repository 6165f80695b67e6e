//! The plan that a fuzz target reads under: one source, and one table of it.

use kobling::Plan;

const PROJECT: &str = r#"
version = 1
[project]
id = "fuzz"
epoch = 1
title = "t"
purpose = "p"
controller = "c"
linkage_unit = "l"
recipient = "r"
valid = { from = 2000-01-01, until = 9999-12-31 }
"#;

/// A rehearsal: a source `a` of these `columns`, with so many `rows` a person, and a table
/// of it that has what `table` says.
pub(crate) fn plan(rows: &str, columns: &str, table: &str) -> Plan {
    let text = format!(
        "{PROJECT}
[source.a]
agency = 'a'
legal_basis = ['b']
identifier = {{ column = 'id', type = 'number' }}
rows = '{rows}'
[source.a.columns]
{columns}
[table.t]
from = 'a'
sensitive = []
{table}
"
    );
    Plan::parse(&text).expect("a plan").rehearsal()
}

/// Persons by a category: the least that a plan can ask for.
#[allow(dead_code)] // each target is a program of its own
pub(crate) fn of_persons() -> Plan {
    let table = "by = ['a.c']
measures = [{ persons = true }]
protect = { min_persons = 3, method = 'suppress' }";
    plan("one", "c = { from = 'c', type = 'category' }", table)
}
