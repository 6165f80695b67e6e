//! A plan of one of another's tables: what is published of the others does not decide about it.

use kobling::Plan;

/// With the sources and columns that it needs.
pub(crate) fn alone(plan: &Plan, table: &str) -> Plan {
    let mut document = plan.document().clone();
    document.tables.retain(|name, _| name == table);
    assert_eq!(document.tables.len(), 1, "{table} is a table of the plan");
    loop {
        let findings = match document.clone().check() {
            Ok(plan) => return plan,
            Err(findings) => findings,
        };
        for finding in findings.as_slice() {
            assert!(finding.rule.starts_with("no table "), "{finding}");
            match &finding.path[..] {
                [_, source] => {
                    document.sources.remove(source);
                }
                [_, source, _, column] => {
                    let source = document.sources.get_mut(source).expect("a source");
                    source.columns.remove(column);
                }
                _ => panic!("{finding}"),
            }
        }
    }
}
