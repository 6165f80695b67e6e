//! Where no pattern of suppression holds, the refusal says what is in the way: an exception of
//! the plan only where there is one.

use crate::support::desk::Desk;
use crate::support::towns::plan_with;
use crate::support::{parse, refusal};
use kobling::{Error, ErrorKind, Plan};

const TOWN: &str = "town = { from = 'town', type = 'category', categories = ['10', '11', '12'] }\n";
const PAY: &str = "pay = { from = 'pay', type = 'integer' }\n";

/// A plan with one table, of these columns and measures.
fn plan(columns: &str, by: &str, measures: &str, more: &str) -> Plan {
    let table = format!(
        "[table.t]
        from = 'pay'
        by = {by}
        sensitive = []
        measures = [{measures}]
        {more}"
    );
    parse(&plan_with("one", columns, &table))
}

/// For each of `persons` so many with the values of `columns` and that pay.
fn register(columns: &str, persons: &[(&str, u32, u32)]) -> String {
    let mut csv = format!("nr,{columns},pay\n");
    let all = persons.iter();
    let all = all.flat_map(|(values, persons, pay)| (0..*persons).map(move |_| (values, pay)));
    for (nr, (values, pay)) in all.enumerate() {
        csv += &format!("{nr},{values},{pay}\n");
    }
    csv
}

fn says(error: &Error, rule: &str, help: &str) {
    assert_eq!(error.kind(), ErrorKind::Protection);
    assert!(error.rule().contains(rule), "{error}");
    assert!(
        error.help_text().unwrap_or_default().starts_with(help),
        "{error}"
    );
}

fn protect(rules: &str, publish: [&str; 2]) -> String {
    let publish = publish
        .map(|cell| format!("{{ cell = {{ {cell} }}, reason = 'known', approver = 'A. Owner' }}"));
    let publish = publish.join(", ");
    format!("margins = true\nprotect = {{ {rules}, method = 'suppress', publish = [{publish}] }}")
}

#[test]
fn an_exception_that_discloses_others_is_named_as_one() {
    // One person makes up most of the total, another one of the rest.
    let csv = register(
        "town",
        &[
            ("10", 20, 1),
            ("10", 1, 1_000_000),
            ("11", 20, 1),
            ("11", 1, 10_000),
        ],
    );
    let rules = "min_persons = 3, p_percent = 10";
    let more = protect(rules, ["town = '10'", "town = 'total'"]);
    let columns = TOWN.to_owned() + PAY;
    let sums = plan(&columns, "['pay.town']", "{ sum = 'pay.pay' }", &more);
    let error = refusal(Desk::new().release(&sums, &csv));
    let rule = "in spite of the rules would disclose other cells";
    says(&error, rule, "leave it out of `publish`; or coarser");
}

#[test]
fn exceptions_are_among_what_is_known_where_there_are_some() {
    let csv = register(
        "town,kind",
        &[
            ("10,k0", 2, 1),
            ("10,k1", 2, 1),
            ("11,k0", 30, 1),
            ("11,k1", 30, 1),
        ],
    );
    let publish = ["town = '10', kind = 'k0'", "town = '10', kind = 'total'"];
    let more = protect("min_persons = 10", publish);
    let kind = "kind = { from = 'kind', type = 'category', categories = ['k0', 'k1'] }\n";
    let columns = TOWN.to_owned() + kind;
    let by = "['pay.town', 'pay.kind']";
    let persons = plan(&columns, by, "{ persons = true }", &more);
    let error = refusal(Desk::new().release(&persons, &csv));
    let rule = "since too few values agree with what is published in spite of the rules, the names \
                that are listed, and what the plan says of its columns";
    says(&error, rule, "coarser dimensions");
}

#[test]
fn what_an_earlier_release_published_is_no_exception() {
    let csv = register("age", &[("20", 5, 100), ("45", 4, 100), ("60", 6, 100)]);
    let bands = |name: &str, edges: &str| {
        format!("{name} = {{ from = 'age', type = 'category', bands = {edges} }}\n")
    };
    let protect = |least: u32| {
        format!("[table.t.protect]\nmin_persons = {least}\np_percent = 10\nmethod = 'suppress'")
    };
    let sum = "{ sum = 'pay.pay' }";
    let desk = Desk::new();
    for edges in ["[50]", "[40]"] {
        let columns = bands("age", edges) + PAY;
        let plan = plan(&columns, "['pay.age']", sum, &protect(3));
        desk.release(&plan, &csv).expect("all are safe");
    }
    // Those from 40 to 49 are the difference of two published sums, and are too few now.
    let columns = bands("age", "[40, 50]") + PAY;
    let error = refusal(desk.release(&plan(&columns, "['pay.age']", sum, &protect(5)), &csv));
    says(
        &error,
        " of the ledger published discloses cells that need protection now",
        "what is published stays known",
    );
    assert!(!error.to_string().contains("in spite of"), "{error}");
}
