//! Sums and means of columns that say yes or no are refused, with what to write instead.

use super::register::{Visit, plan_of, released, table, visits};
use crate::support::{change, refusal};

const HELP: &str =
    "{ persons = { where = [ { column = \"visits.died\", equals = 1 } ] }, as = \"died\" }";

fn refused(rows: &str, measure: &str, visits: &[Visit]) -> String {
    let table = table(
        "towns",
        "'visits.town'",
        "sensitive = []",
        measure,
        "p_percent = 10, method = 'suppress'",
    );
    refusal(released(&plan_of(rows, &table), visits)).to_string()
}

#[test]
fn ones_and_zeros_are_counted_and_not_summed() {
    for many in [false, true] {
        let rows = if many { "many" } else { "one" };
        let visits = visits(2, 90, many);
        let sum = refused(rows, "{ sum = 'visits.died' }", &visits);
        assert!(sum.contains("towns") && sum.contains("sum_died"), "{sum}");
        assert!(sum.contains("no values but 0 and 1"), "{sum}");
        assert!(sum.contains(HELP), "{sum}");
        let mean = refused(rows, "{ mean = 'visits.died', as = 'risk' }", &visits);
        assert!(mean.contains("risk"), "{mean}");
        let share = format!("{HELP}, {{ share = \"died\", of = \"persons\" }}");
        assert!(mean.contains(&share), "{mean}");
    }
}

#[test]
fn what_to_write_instead_is_a_plan() {
    let measures =
        format!("{{ persons = true }}, {HELP}, {{ share = \"died\", of = \"persons\" }}");
    let table = table(
        "t",
        "'visits.town'",
        "sensitive = []",
        &measures,
        "method = 'suppress'",
    );
    released(&plan_of("one", &table), &visits(2, 90, false)).unwrap();
}

#[test]
fn one_other_value_is_enough_and_zeros_say_nothing() {
    let mut some = visits(2, 90, false);
    let table = table(
        "t",
        "'visits.town'",
        "sensitive = []",
        "{ sum = 'visits.died' }",
        "p_percent = 10, method = 'suppress'",
    );
    let plan = plan_of("one", &table);
    some[40].died = Some(2);
    released(&plan, &some).unwrap();
    for visit in &mut some {
        visit.died = visit.died.map(|_| 0);
    }
    released(&plan, &some).unwrap();
}

/// Also where a look-up's rows are folded to ones and zeros first.
#[test]
fn values_are_looked_at_after_they_are_folded() {
    let lookup = table(
        "t",
        "'visits.town'",
        "sensitive = []",
        "{ persons = true }, { sum = 'events.died' }",
        "p_percent = 10, method = 'suppress'",
    ) + "[table.t.with.events]\nneed = 'optional'\nreduce = { died = 'max' }\n";
    let text = super::register::plan_text("one", "", &lookup)
        + "\n[source.events]\nagency = 'A'\nlegal_basis = ['A law']\nidentifier = { column = 'nr', type = 'number' }\nrows = 'many'\n[source.events.columns.died]\nfrom = 'died'\ntype = 'integer'\n";
    let plan = crate::support::parse(&text);
    let key = crate::support::key(&plan);
    let visits = visits(2, 90, true);
    let csv = super::register::csv(&visits);
    let first: Vec<Visit> = (0..90)
        .map(|person| visits.iter().find(|v| v.person == person).unwrap().clone())
        .collect();
    let base =
        crate::support::extract(&plan, &key, "visits", &super::register::csv(&first)).unwrap();
    let events = crate::support::extract(&plan, &key, "events", &csv).unwrap();
    let error = refusal(crate::support::release(&plan, vec![base, events])).to_string();
    assert!(error.contains("no values but 0 and 1"), "{error}");
    assert!(error.contains("events.died"), "{error}");
    // How many such rows there are is a number like others.
    let text = change(
        &text,
        "reduce = { died = 'max' }",
        "reduce = { died = 'sum' }",
    );
    let plan = crate::support::parse(&text);
    let key = crate::support::key(&plan);
    let base =
        crate::support::extract(&plan, &key, "visits", &super::register::csv(&first)).unwrap();
    let events = crate::support::extract(&plan, &key, "events", &csv).unwrap();
    crate::support::release(&plan, vec![base, events]).unwrap();
}
