//! One cell of one register: its figure, or the rule that finds it unsafe.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt32Array};
use kobling::protect::Protection;
use kobling::protect::{ProtectedTables, Rule};
use kobling::{Linkage, Plan, ReleaseKey, Rows};

use super::{PROJECT, key, parse};

/// A register of pay, without its columns; behind [`PROJECT`].
pub(crate) const PAY: &str = r#"
[source.pay]
agency = "A"
legal_basis = ["L"]
rows = "many"
identifier = { column = "id", type = "number" }
"#;

/// Links and protects the one register of a plan.
pub(crate) fn protect(plan: &Plan, batch: RecordBatch) -> ProtectedTables {
    let rows = Rows::from_batches(plan, "pay", [batch])
        .unwrap()
        .identify()
        .unwrap();
    let linkage = Linkage::new(plan, [rows.pseudonymise(&key(plan)).unwrap()]).unwrap();
    let protection = Protection::new(ReleaseKey::generate().unwrap());
    let tables = linkage.tabulate(protection).unwrap();
    tables.protect().unwrap()
}

/// What becomes of `measure` in the one cell of `rows`, each of a person with
/// an amount: its value as text, or the rule that finds it unsafe.
pub(crate) fn cell(rules: &str, measure: &str, rows: &[(u32, &str)]) -> Result<String, Rule> {
    let columns = match measure.contains("pay.amount") {
        true => "columns.amount = { from = 'amount', type = 'decimal', scale = 2 }",
        false => "",
    };
    // A sum needs a concentration rule; this one finds nothing unless a person has all.
    let rules = match measure.contains("pay.amount") && !rules.contains("percent") {
        true => format!("{rules}, dominance = {{ n = 1, percent = 99.99 }}"),
        false => rules.to_owned(),
    };
    let plan = format!(
        "{PROJECT}{PAY}{columns}
        [table.t]
        from = 'pay'
        by = []
        sensitive = []
        measures = [{{ {measure}, as = 'figure' }}]
        protect = {{ {rules}, method = 'suppress' }}"
    );
    let plan = parse(&plan);
    let ids: UInt32Array = rows.iter().map(|(person, _)| Some(*person)).collect();
    let amounts = StringArray::from_iter_values(rows.iter().map(|(_, amount)| amount));
    let columns: [(&str, ArrayRef); 2] = [("id", Arc::new(ids)), ("amount", Arc::new(amounts))];
    let tables = protect(&plan, RecordBatch::try_from_iter(columns).unwrap());
    let rule = tables.suppressed_by_rule("t").into_keys().next();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("release");
    let release = tables.release().unwrap();
    release.write(&folder, &[kobling::Format::Csv]).unwrap();
    let text = std::fs::read_to_string(folder.join("t.csv")).unwrap();
    let (value, status) = text.lines().nth(1).unwrap().split_once(',').unwrap();
    match rule {
        None => {
            assert_eq!(status, "safe");
            Ok(value.to_owned())
        }
        Some(rule) => {
            assert_eq!((value, status), ("", "suppressed"));
            Err(rule)
        }
    }
}

/// A cell of the sum of one amount a person.
pub(crate) fn sum(rules: &str, amounts: &[&str]) -> Result<String, Rule> {
    let rows: Vec<(u32, &str)> = (1..).zip(amounts.iter().copied()).collect();
    cell(rules, "sum = 'pay.amount'", &rows)
}
