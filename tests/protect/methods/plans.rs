//! What plans may ask of each method, what is found wrong with them, and how they are put in words.

use kobling::Plan;

use super::registers::{plan_of, plan_text};

const NOISE: &str = "noise = { rho = 0.1, distribution = 'gaussian' }";
const ROUND: &str = "round = { base = 5, how = 'random' }";

/// A table `t`, or one of another name, of what `by` and `measures` say.
fn table(name: &str, by: &str, measures: &str, protect: &str) -> String {
    format!(
        "[table.{name}]
from = 'pay'
by = [{by}]
sensitive = []
measures = [{measures}]
[table.{name}.protect]
min_persons = 3
{protect}
"
    )
}

fn findings(text: &str) -> String {
    match Plan::parse(text) {
        Ok(_) => panic!("nothing is found wrong with\n{text}"),
        Err(findings) => findings.to_string(),
    }
}

/// The one finding of a plan with one table about `rows` rows a person.
fn finding(rows: &str, project: &str, measures: &str, protect: &str) -> String {
    let text = plan_text(rows, project, &table("t", "'pay.town'", measures, protect));
    let found = findings(&text);
    assert!(found.starts_with("line "), "{found}");
    let lines = found.lines().filter(|line| line.starts_with("line "));
    assert_eq!(lines.count(), 1, "{found}");
    found
}

const PERSONS: &str = "{ persons = true }";
const SUM: &str = "{ sum = 'pay.income' }";
const BUDGET: &str = "privacy_budget = 1.0";

#[rustfmt::skip]
#[test]
fn what_does_not_fit_the_method_is_found() {
    let cases = [
        // Settings and methods that do not belong to each other.
        ("one", "", PERSONS, "method = 'round'", "table.t.protect: method = \"round\" needs `round`"),
        ("one", BUDGET, PERSONS, "method = 'noise'", "table.t.protect: method = \"noise\" needs `noise`"),
        ("one", "", PERSONS, &format!("method = 'cell-key'\n{ROUND}"), "table.t.protect.round: belongs to method = \"round\""),
        ("one", "", PERSONS, &format!("method = 'suppress'\n{NOISE}"), "table.t.protect.noise: belongs to method = \"noise\""),
        ("one", "", PERSONS, "method = 'cell-key'\ngroup_disclosure = ['town']", "table.t.protect.group_disclosure: unknown field `group_disclosure`"),
        ("one", "", PERSONS, &format!("method = 'round'\n{ROUND}\npublish = [{{ cell = {{ town = 't1' }}, reason = 'r', approver = 'a' }}]"), "table.t.protect.publish: is for method = \"suppress\""),
        // What is kept.
        ("one", "", PERSONS, "method = 'cell-key'\nprefer = ['pay.town']", "table.t.protect.prefer: is for method = \"suppress\""),
        ("one", "", PERSONS, "method = 'suppress'\nprefer = ['pay.twon']", "table.t.protect.prefer.0: the table has no dimension and no level `pay.twon`\n  help: did you mean `pay.town`?"),
        ("one", "", PERSONS, "method = 'suppress'\nprefer = ['pay.town']", "table.t.protect.prefer: has all dimensions: nothing is left that could be suppressed in their place"),
        // Rounding.
        ("one", "", PERSONS, "method = 'round'\nround = { base = 2, how = 'random' }", "table.t.protect.round.base: is less than `min_persons`"),
        ("one", "", PERSONS, "method = 'round'\nround = { base = 1, how = 'nearest' }", "round.base: is from 2 to 1000000000"),
        ("one", "", PERSONS, "method = 'round'\nround = { base = 1001, how = 'small-count' }", "round.base: is from 2 to 1000"),
        ("many", "", PERSONS, "method = 'round'\nround = { base = 5, how = 'small-count' }", "table.t.measures.0: does not add up where a person may have several rows"),
        ("one", "", SUM, &format!("method = 'round'\np_percent = 10\n{ROUND}"), "table.t.measures.0: `sum_income` is no number of persons or rows"),
        // Cell keys: concentration is asked after, for unsafe sums are suppressed.
        ("one", "", SUM, "method = 'cell-key'", "table.t.protect: sums and means need a rule"),
        // Noise.
        ("one", "", PERSONS, &format!("method = 'noise'\n{NOISE}"), "project: tables with noise spend a `privacy_budget`"),
        ("one", "privacy_budget = 0.05", PERSONS, &format!("method = 'noise'\n{NOISE}"), "project.privacy_budget: is less than what the tables with noise ask for together"),
        ("one", "privacy_budget = 0", PERSONS, &format!("method = 'noise'\n{NOISE}"), "project.privacy_budget: is from 0.000000001"),
        ("one", BUDGET, PERSONS, "method = 'noise'\nnoise = { rho = 0, distribution = 'laplace' }", "noise.rho: is from 0.000000001"),
        ("one", BUDGET, PERSONS, "method = 'noise'\nnoise = { rho = '0.1234567891', distribution = 'laplace' }", "noise.rho: is from 0.000000001 to 1000000, with nine decimals"),
        ("one", BUDGET, PERSONS, "method = 'noise'\nnoise = { rho = 0.1, cells = 0, distribution = 'laplace' }", "noise.cells: is 1: a person has one row"),
        ("one", BUDGET, PERSONS, "method = 'noise'\nnoise = { rho = 0.1, cells = 2, distribution = 'laplace' }", "noise.cells: is 1: a person has one row"),
        ("many", BUDGET, PERSONS, &format!("method = 'noise'\n{NOISE}"), "table.t.from: may have several rows a person"),
        ("one", BUDGET, SUM, &format!("method = 'noise'\n{NOISE}"), "table.t.measures.0: needs a bound on what one person contributes"),
        ("one", BUDGET, SUM, "method = 'noise'\nnoise = { rho = 0.1, distribution = 'laplace', clip = { sum_income = 0 } }", "clip.sum_income: is above 0"),
        ("one", BUDGET, SUM, "method = 'noise'\nnoise = { rho = 0.1, distribution = 'laplace', clip = { sum_income = '0.001' } }", "with 2 decimals at most"),
        ("one", BUDGET, SUM, "method = 'noise'\nnoise = { rho = 0.1, distribution = 'laplace', clip = { sum_income = 9, sum_incom = 9 } }", "clip.sum_incom: is no sum and no mean of the table\n  help: did you mean `sum_income`?"),
    ];
    for (rows, project, measures, protect, words) in cases {
        let found = finding(rows, project, measures, protect);
        assert!(found.contains(words), "{words}\n{found}");
    }
}

/// The difference of the sums is what those have whom only one of them counts.
#[test]
fn two_readings_of_one_column_are_not_both_added_up() {
    let protect = "method = 'suppress'\np_percent = 10";
    let text = |measures: &str| {
        let tables = table("a", "'pay.town'", SUM, protect);
        let all = plan_text(
            "one",
            "",
            &(tables + &table("b", "'pay.kind'", measures, protect)),
        );
        all.replace(
            "income = {",
            "paid = { from = 'income', type = 'decimal', scale = 2, missing = [999] }\nincome = {",
        )
    };
    let both = "{ sum = 'pay.income' }, { mean = 'pay.paid' }";
    for measures in [both, "{ mean = 'pay.paid' }"] {
        let found = findings(&text(measures));
        let words = "table.b.measures: `mean_paid` and `sum_income` of the table `a` add up two readings of one column";
        assert!(found.contains(words), "{found}");
    }
    // Of one reading there may be both, and of other rows each.
    let one = table("a", "'pay.town'", SUM, protect);
    let mean = table("b", "'pay.kind'", "{ mean = 'pay.income' }", protect);
    plan_of("one", &(one + &mean));
    let other = text("{ mean = 'pay.paid' }").replace(
        "[table.b]",
        "[table.b]\nwhere = [{ column = 'pay.town', equals = 't1' }]",
    );
    crate::support::parse(&other);
}

#[test]
fn tables_about_the_same_rows_have_one_method() {
    let suppress = table("a", "'pay.town'", PERSONS, "method = 'suppress'");
    let keys = table("b", "'pay.kind'", PERSONS, "method = 'cell-key'");
    let round = |name: &str, base: u64| {
        let protect = format!("method = 'round'\nround = {{ base = {base}, how = 'random' }}");
        table(name, "'pay.kind'", PERSONS, &protect)
    };
    for both in [
        format!("{suppress}{keys}"),
        format!("{suppress}{}", round("b", 5)),
        format!("{keys}{}", round("c", 5)),
        format!("{}{}", round("a", 5), round("b", 10)),
    ] {
        let found = findings(&plan_text("one", "", &both));
        assert!(
            found.contains("is about the same rows as the table `"),
            "{found}"
        );
    }
    let other = round("b", 5).replace(
        "measures",
        "where = [{ column = 'pay.kind', equals = 'k1' }]\nmeasures",
    );
    plan_of("one", &format!("{suppress}{other}"));
    plan_of("one", &format!("{}{}", round("a", 5), round("b", 5)));
    // Two tables with noise each spend their own part, to the last bit of the budget.
    let noise = |rho: &str| {
        let one = |name| {
            let noise = format!("noise = {{ rho = {rho}, distribution = 'gaussian' }}");
            table(
                name,
                "'pay.town'",
                PERSONS,
                &format!("method = 'noise'\n{noise}"),
            )
        };
        plan_text("one", "privacy_budget = 0.2", &(one("a") + &one("b")))
    };
    assert!(Plan::parse(&noise("0.1")).is_ok());
    assert!(findings(&noise("0.100000001")).contains("ask for together"));
}

#[test]
fn the_summary_says_what_the_method_does() {
    let summary = |project: &str, measures: &str, protect: &str| {
        let text = plan_text("one", project, &table("t", "'pay.town'", measures, protect));
        Plan::parse(&text).expect("a plan").summary()
    };
    let cases = [
        (
            "",
            SUM,
            "method = 'cell-key'\np_percent = 10",
            "  every figure has noise by the key of its cell, the same wherever the cell appears\n  \
             never a sum or mean of fewer than 3 persons\n  \
             never a sum or mean from which one person's value can be estimated to within 10 %\n",
        ),
        (
            "",
            PERSONS,
            "method = 'round'\nround = { base = 5, how = 'random' }",
            "rounded at random to one of the two multiples of 5 next to it, the same cell always in the same way",
        ),
        (
            "",
            PERSONS,
            "method = 'round'\nround = { base = 5, how = 'nearest' }",
            "  every number is rounded to the nearest multiple of 5\n",
        ),
        (
            "",
            PERSONS,
            "method = 'round'\nround = { base = 5, how = 'small-count' }",
            "  numbers below 5 are rounded to 0 or 5, and others are sums of what remains\n",
        ),
        (
            BUDGET,
            SUM,
            "method = 'noise'\nnoise = { rho = 0.1, distribution = 'laplace', clip = { sum_income = 900.5 } }",
            "  every figure has discrete Laplace noise, so that ρ = 0.1 bounds what the table discloses about a person\n  \
             a person counts from 0 to 900.5 in sum_income\n",
        ),
    ];
    for (project, measures, protect, words) in cases {
        let said = summary(project, measures, protect);
        assert!(said.contains(words), "{words}\n{said}");
    }
    let said = summary(BUDGET, PERSONS, &format!("method = 'noise'\n{NOISE}"));
    assert!(
        said.contains("  privacy       ρ = 1 bounds all that may be disclosed"),
        "{said}"
    );
    assert!(!said.contains("fewer than"), "{said}");
}

#[test]
fn every_setting_counts_in_the_digest() {
    let digest = |project: &str, protect: &str| {
        let text = plan_text("one", project, &table("t", "'pay.town'", PERSONS, protect));
        Plan::parse(&text).expect("a plan").digest()
    };
    let noise = |rest: &str| format!("method = 'noise'\nnoise = {{ {rest} }}");
    let digests = [
        digest("", "method = 'cell-key'"),
        digest("", "method = 'round'\nround = { base = 5, how = 'random' }"),
        digest("", "method = 'round'\nround = { base = 6, how = 'random' }"),
        digest(
            "",
            "method = 'round'\nround = { base = 5, how = 'nearest' }",
        ),
        digest(BUDGET, &noise("rho = 0.1, distribution = 'gaussian'")),
        digest(BUDGET, &noise("rho = 0.2, distribution = 'gaussian'")),
        digest(BUDGET, &noise("rho = 0.1, distribution = 'laplace'")),
        digest(
            "privacy_budget = 2",
            &noise("rho = 0.1, distribution = 'gaussian'"),
        ),
    ];
    for (at, one) in digests.iter().enumerate() {
        assert!(digests[..at].iter().all(|other| other != one), "{at}");
    }
    // What is meant where nothing is given.
    let given = noise("rho = 0.1, cells = 1, distribution = 'gaussian', clip = {}");
    assert_eq!(digest(BUDGET, &given), digests[4]);
}
