//! The digest of a plan: the same for the same rules, another for every other rule.

use crate::support::{PLAN, change, parse, plan};
use kobling::PlanDocument;

#[test]
fn the_digest_does_not_count_layout_order_or_defaults_written_out() {
    let digest = plan().digest();
    let (first, second) = PLAN.split_at(PLAN.find("[table.income]").expect("a table"));
    let (version, rest) = first.split_at(first.find("[project]").expect("a project"));
    let reordered = format!("{version}{second}\n{rest}");
    let spaced = PLAN
        .replace("\n\n", "\n\n# a comment\n\n")
        .replace(" = ", "   =  ");
    for text in [
        reordered,
        spaced,
        PLAN.replace('\n', "\r\n"),
        format!("\u{feff}{PLAN}"),
    ] {
        assert_eq!(parse(&text).digest(), digest, "{text}");
    }
    for (from, to) in [
        (
            "type = \"number\" }\nrows = \"many\"",
            "type = \"number\", invalid = \"quarantine\" }\nrows = \"many\"",
        ),
        (
            "type = \"number\" }\nrows = \"many\"",
            "type = \"number\", synthetic = \"forbid\" }\nrows = \"many\"",
        ),
        (
            "type = \"integer\"",
            "type = \"integer\"\ninvalid = \"fail\"\nmissing = []",
        ),
        (
            "bands = [20, 35, 50, 67]",
            "bands = { edges = [20.0, 35, 50, 67], closed = \"left\" }",
        ),
        ("rows = \"many\"", "rows = \"many\"\nkeep = []"),
        ("rows = \"many\"", "rows = \"many\"\nformat = {}"),
        (
            "rows = \"many\"",
            "rows = \"many\"\nformat = { last_line = \"whole\" }",
        ),
        (
            "from = \"population\"",
            "margins = false\nwhere = []\nfrom = \"population\"",
        ),
        ("from = \"population\"", "base = {}\nfrom = \"population\""),
        (
            "from = \"population\"",
            "base = { where = [] }\nfrom = \"population\"",
        ),
        (
            "[table.income.with.tax]",
            "[table.income.with.tax]\non = []\nwhere = []",
        ),
        ("at_least = 20", "at_least = 2e1"),
    ] {
        assert_eq!(parse(&change(PLAN, from, to)).digest(), digest, "{to}");
    }
}

#[test]
fn the_digest_counts_every_rule() {
    let mut seen = vec![plan().digest(), plan().rehearsal().digest()];
    for (from, to) in [
        ("test-2026-1", "test-2026-2"),
        ("epoch = 1", "epoch = 2"),
        ("\"A reader\"", "\"Another\""),
        ("2199-12-31", "2199-12-30"),
        ("on = 2026-01-10", "on = 2026-01-11"),
        ("\"A tax office\"", "\"A tax  office\""),
        (
            "rows = \"many\"",
            "rows = \"many\"\nformat = { decimal = \",\" }",
        ),
        ("at_least = 20", "above = 20"),
        ("at_least = 20", "at_least = 20.5"),
        (
            "bands = [20, 35, 50, 67]",
            "bands = { edges = [20, 35, 50, 67], closed = \"right\" }",
        ),
        ("prefix = 2", "prefix = 3"),
        ("missing = [\"\", \"-9\"]", "missing = [\"\"]"),
        (
            "missing = [\"\", \"-9\"]",
            "missing = [\"\", \"-9\"]\ninvalid = \"missing\"",
        ),
        ("equals = 2024", "equals = 2023"),
        ("paid = \"sum\"", "paid = \"max\""),
        (
            "[table.income.with.tax]\nneed = \"optional\"",
            "[table.income.with.tax]\nneed = \"required\"",
        ),
        ("\"population.age_band\", ", ""),
        ("min_persons = 3", "min_persons = 4"),
        ("min_persons = 3", "min_persons = 3\np_percent = 10"),
        ("dominance = { n = 1,", "dominance = { n = 2,"),
        ("percent = 95", "percent = 94.5"),
        (
            "[table.income.with.tax]",
            "match_rates = { by = [\"population.county\"] }\n[table.income.with.tax]",
        ),
        (
            "[table.income.with.tax]",
            "match_rates = { by = [\"population.county\"], margin = 4 }\n[table.income.with.tax]",
        ),
    ] {
        let text = change(PLAN, from, to);
        let text = match to {
            // A column that is no dimension any more must not be declared either.
            "" => change(
                &text,
                "[source.population.columns.age_band]\nfrom = \"age\"\ntype = \"category\"\nbands = [20, 35, 50, 67]\n",
                "",
            ),
            _ => text,
        };
        let digest = parse(&text).digest();
        assert!(!seen.contains(&digest), "{from} -> {to}");
        seen.push(digest);
    }
}

/// Dates in conditions, fractions and big numbers are what a format may lose.
const FRAGILE: [(&str, &str); 5] = [
    ("at_least = 20", "at_least = 2020-01-31, below = 2021-01-01"),
    (
        "at_least = 20",
        "one_of = [5.7, -0.000000000000000001, 9223372036854775807, true, 2020-01-31]",
    ),
    (
        "bands = [20, 35, 50, 67]",
        "bands = [5.7, 6.000000000000001]",
    ),
    (
        "missing = [\"\", \"-9\"]",
        "missing = [\"\", -9.5]\nclip = { at_most = 0.5 }",
    ),
    ("min_persons = 3", "min_persons = 3\np_percent = 12.25"),
];

#[test]
fn a_document_keeps_its_digest_through_toml_and_json() {
    let texts = FRAGILE.map(|(from, to)| change(PLAN, from, to));
    let nhanes = include_str!("../../examples/nhanes/plan.toml").to_owned();
    for text in texts.into_iter().chain([PLAN.to_owned(), nhanes]) {
        let plan = parse(&text);
        let toml = toml::to_string(plan.document()).expect("a plan is TOML");
        assert_eq!(parse(&toml).digest(), plan.digest(), "{toml}");
        let json = serde_json::to_string(plan.document()).expect("a plan is JSON");
        let read: PlanDocument = serde_json::from_str(&json).expect("a plan from JSON");
        let again = read.check().unwrap_or_else(|findings| panic!("{findings}"));
        assert_eq!(again.digest(), plan.digest(), "{json}");
    }
}

#[test]
fn the_digest_counts_which_identifiers_are_accepted() {
    let with = |rest: &str| parse(&PLAN.replace("\"number\" }", &format!("\"no-fnr\"{rest} }}")));
    let digest = with("").digest();
    for same in [
        ", kinds = [\"dnr\", \"fnr\", \"dnr\"]",
        ", control = \"by-date\", synthetic = \"forbid\"",
    ] {
        assert_eq!(with(same).digest(), digest, "{same}");
    }
    let mut seen = vec![digest];
    for other in [
        ", kinds = [\"fnr\"]",
        ", kinds = [\"fnr\", \"dnr\", \"hnr\"]",
        ", kinds = [\"fnr\", \"dnr\", \"hnr\"], hnr_control = \"without-40\"",
        ", control = \"before-2032\"",
        ", control = \"from-2032\"",
        ", synthetic = \"allow\"",
        ", synthetic = \"only\"",
    ] {
        let plan = with(other);
        assert!(!seen.contains(&plan.digest()), "{other}");
        seen.push(plan.digest());
        let toml = toml::to_string(plan.document()).expect("a plan is TOML");
        assert_eq!(parse(&toml).digest(), plan.digest(), "{toml}");
    }
}
