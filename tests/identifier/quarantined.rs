//! Norwegian numbers of a register: which rows stay behind, for which reason.
//!
//! All numbers are made up.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use kobling::{ErrorKind, IdentifierType, Plan, Rows};

// Of persons born on 1 January 1901, or with a tie to that day.
const FNR: &str = "01010100131";
const DNR: &str = "41010100125";
const HNR: &str = "01410100114";
const FHNR: &str = "80123400155";
const TENOR: &str = "01810100288";
const TENOR_DNR: &str = "41810100190";
const HEALTH: &str = "01660100160";
const NAV_DNR: &str = "41410100108";
/// Issued from 2032: the first sum leaves 3.
const FNR_2032: &str = "01010100166";
const DNR_2032: &str = "41010100141";

/// How many rows stay behind by reason, of one of each number, under `identifier`.
fn quarantined(identifier: &str) -> (u64, Vec<(&'static str, u64)>) {
    let text = format!(
        r#"
version = 1
[project]
id = "p"
epoch = 1
title = "t"
purpose = "A test"
controller = "c"
linkage_unit = "l"
recipient = "r"
valid = {{ from = 2026-01-01, until = 9999-12-31 }}
[source.persons]
agency = "a"
legal_basis = ["b"]
identifier = {{ column = "fnr", type = "no-fnr"{identifier} }}
rows = "many"
columns = {{ region = {{ from = "region", type = "category" }} }}
[table.t]
from = "persons"
by = ["persons.region"]
sensitive = []
measures = [{{ persons = true }}]
protect = {{ min_persons = 3, method = "suppress" }}
"#
    );
    let plan = Plan::parse(&text).unwrap_or_else(|findings| panic!("{findings}"));
    let plan = plan.rehearsal();
    let numbers = [
        FNR, DNR, HNR, FHNR, TENOR, TENOR_DNR, HEALTH, NAV_DNR, FNR_2032, DNR_2032, "", "1",
    ];
    let region = vec!["r"; numbers.len()];
    let column = |texts: Vec<&str>| Arc::new(StringArray::from(texts)) as ArrayRef;
    let columns = [
        ("fnr", column(numbers.to_vec())),
        ("region", column(region)),
    ];
    let batch = RecordBatch::try_from_iter(columns).expect("a batch");
    let rows = Rows::from_batches(&plan, "persons", [batch]).expect("rows");
    let found = rows.identify().expect("identified rows");
    assert_eq!(found.rows_read(), found.rows() + found.quarantine().rows());
    (found.rows(), found.quarantine().by_reason().collect())
}

#[test]
fn a_row_stays_behind_for_the_reason_that_the_plan_gives() {
    let always = [("missing", 1), ("wrong-length", 1)];
    for (identifier, kept, reasons) in [
        (
            "",
            2,
            vec![
                ("ambiguous", 1),
                ("control-digit", 2),
                ("other-kind", 1),
                ("synthetic", 4),
            ],
        ),
        (
            ", kinds = ['fnr', 'hnr', 'fhnr'], control = 'from-2032'",
            4,
            vec![("other-kind", 2), ("synthetic", 4)],
        ),
        (
            ", synthetic = 'only'",
            5,
            vec![("control-digit", 2), ("not-synthetic", 3)],
        ),
        (
            ", synthetic = 'allow'",
            7,
            vec![("control-digit", 2), ("other-kind", 1)],
        ),
    ] {
        let mut expected = [reasons, always.to_vec()].concat();
        expected.sort_unstable();
        assert_eq!(quarantined(identifier), (kept, expected), "{identifier}");
    }
}

#[test]
fn a_name_that_is_no_type_is_an_error_of_the_plan() {
    let read = || -> kobling::Result<IdentifierType> { Ok("composite(text,date)".parse()?) };
    let error = read().expect_err("no such type");
    assert_eq!(error.kind(), ErrorKind::Plan);
    assert!(
        error
            .rule()
            .starts_with("an identifier type is one of `text`, ")
    );
}
