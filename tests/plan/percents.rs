//! A percentage below 1 may be meant as a fraction: a note says what it is.

use crate::support::{PLAN, change, parse};

#[test]
fn a_percentage_below_one_is_noted_with_what_may_be_meant() {
    let noted = |from: &str, to: &str| -> Vec<String> {
        let notes = parse(&change(PLAN, from, to)).notes().into_iter();
        notes.map(|note| note.to_string()).collect()
    };
    let rule = |rule: &str| noted("dominance = { n = 1, percent = 95 }", rule);
    let is = |path: &str, percent: &str, whole: &str| {
        vec![format!(
            "{path}: is {percent} percent, which is less than 1\n  help: percent go from 0 to 100: \
             if the fraction {percent} is meant, write {whole}"
        )]
    };
    let at = "table.income.protect";
    assert_eq!(
        rule("p_percent = 0.1"),
        is(&format!("{at}.p_percent"), "0.1", "10")
    );
    assert_eq!(
        rule("dominance = { n = 1, percent = 0.85 }"),
        is(&format!("{at}.dominance.percent"), "0.85", "85")
    );
    assert_eq!(
        rule("prior_posterior = { p = 0.05, q = 1 }"),
        is(&format!("{at}.prior_posterior.p"), "0.05", "5")
    );
    let both = rule("prior_posterior = { p = 0.05, q = 0.99 }");
    assert_eq!(
        both[1..],
        is(&format!("{at}.prior_posterior.q"), "0.99", "99")
    );
    assert_eq!(
        noted(
            "missing = [\"\", \"-9\"]",
            "invalid = \"missing\"\ninvalid_at_most = 0.5"
        ),
        is("source.tax.columns.income.invalid_at_most", "0.5", "50")
    );
    assert_eq!(
        noted(
            "sensitive = []",
            "sensitive = []\nmatch_rates = { by = [\"population.county\"], margin = 0.02 }"
        ),
        is("table.income.match_rates.margin", "0.02", "2")
    );
    for whole in [
        "p_percent = 1",
        "p_percent = 100",
        "dominance = { n = 1, percent = 1.5 }",
    ] {
        assert!(rule(whole).is_empty(), "{whole}");
    }
    // None at all is no fraction.
    let none = "invalid = \"missing\"\ninvalid_at_most = 0";
    assert!(noted("missing = [\"\", \"-9\"]", none).is_empty());
}
