//! A value of another type than belongs in its place: said in plain words, in its place.

use crate::support::{PLAN, change};
use kobling::Plan;

/// A change of [`PLAN`], the path of its finding, and the finding's words.
type Case = (&'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const CASES: &[Case] = &[
    ("prefix = 2", "prefix = \"2\"", "source.population.columns.county.prefix", "is text, and should be a whole number\n  help: write it without quotes: 2"),
    ("prefix = 2", "prefix = \"two\"", "source.population.columns.county.prefix", "is text, and should be a whole number"),
    ("prefix = 2", "prefix = 2.5", "source.population.columns.county.prefix", "is a number with decimals, and should be a whole number"),
    ("prefix = 2", "prefix = -2", "source.population.columns.county.prefix", "should be a whole number from 0 to 4294967295"),
    ("prefix = 2", "prefix = [2]", "source.population.columns.county.prefix", "is a list, and should be a whole number"),
    ("prefix = 2", "prefix = true", "source.population.columns.county.prefix", "is `true`, and should be a whole number"),
    ("epoch = 1", "epoch = \"1\"", "project.epoch", "is text, and should be a whole number\n  help: write it without quotes: 1"),
    ("title = \"Income by county\"", "title = 2026", "project.title", "is a whole number, and should be text\n  help: write it between quotes: \"2026\""),
    ("title = \"Income by county\"", "title = 2026-01-31", "project.title", "is a date or a time, and should be text\n  help: write it between quotes: \"2026-01-31\""),
    ("2199-12-31", "2199", "project.valid.until", "is a whole number, and should be a date, such as 2026-01-31"),
    ("2199-12-31", "2199-12-31T00:00:00", "project.valid.until", "should be a date without a time, such as 2026-01-31"),
    ("legal_basis = [\"GDPR art. 6(1)(e)\"]\nidentifier = { column = \"nr\", type = \"number\" }\nrows = \"many\"", "legal_basis = \"GDPR\"\nidentifier = { column = \"nr\", type = \"number\" }\nrows = \"many\"", "source.benefit.legal_basis", "is text, and should be a list\n  help: write it between brackets: [\"GDPR\"]"),
    ("{ column = \"nr\", type = \"number\" }\nrows = \"many\"", "\"nr\"\nrows = \"many\"", "source.benefit.identifier", "is text, and should be a table of keys\n  help: such as { key = \"value\" }; `kobling help plan` shows its keys"),
    ("rows = \"many\"", "rows = 2", "source.benefit.rows", "is a whole number, and should be one of a few names\n  help: `kobling help plan` lists them"),
    ("keep = [{ column = \"age\", at_least = 20 }]", "keep = { column = \"age\", at_least = 20 }", "source.population.keep", "is a table of keys, and should be a list"),
    ("at_least = 20", "at_least = [20]", "source.population.keep", "is a list, and should be text, a number, true or false, or a date"),
    ("at_least = 20", "present = \"true\"", "source.population.keep", "is text, and should be true or false\n  help: write it without quotes: true"),
    ("bands = [20, 35, 50, 67]", "bands = 20", "source.population.columns.age_band.bands", "should be a list of numbers, or a table with `edges`"),
    ("{ persons = true }", "{ persons = \"true\" }", "table.income.measures", "is text, and should be true, or { where = [ … ] }\n  help: write it without quotes: true"),
    ("sensitive = []", "sensitive = []\nmargins = \"all\"", "table.income.margins", "is text, and should be true, false, or a list of lists of dimensions"),
    ("sensitive = []", "sensitive = [3]", "table.income.sensitive", "should be a name, or { name = \"…\", none = true }"),
    ("min_persons = 3", "min_persons = 3\np_percent = 101", "table.income.protect.p_percent", "should be percent, 0 to 100, at most two decimals"),
    ("min_persons = 3", "min_persons = 3\np_percent = \"ten\"", "table.income.protect.p_percent", "is text, and should be a number of at most 18 decimals"),
    ("min_persons = 3", "min_persons = 3\ncount_interval = \"all\"", "table.income.protect.count_interval", "is text, and should be a whole number of at least 3, or \"full\""),
    ("prefix = 2", "categories = 3", "source.population.columns.county.categories", "is a whole number, and should be a list of categories, or a code list: { file = \"…\", sha256 = \"…\" }"),
];

#[test]
fn a_value_of_another_type_is_said_in_plain_words() {
    for (from, to, path, words) in CASES {
        let text = change(PLAN, from, to);
        let found = Plan::parse(&text).expect_err(to);
        let found = match found.as_slice() {
            [one] => one,
            more => panic!("{to}: {more:#?}"),
        };
        assert_eq!(found.path.join("."), *path, "{to}");
        let said = found.to_string();
        assert!(said.ends_with(&format!(": {words}")), "{to}: {said}");
        // In the line that has the value.
        let line = text.lines().nth(found.line.expect("a line") - 1);
        let key = path.rsplit('.').next().expect("a key");
        assert!(
            line.is_some_and(|line| line.contains(key)),
            "{to}: {line:?}"
        );
        for jargon in ["u32", "u8", "struct", "sequence", "map", "string"] {
            assert!(!said.contains(jargon), "{said}");
        }
    }
}

#[test]
fn a_table_in_the_place_of_a_value_is_called_one() {
    let text = change(
        PLAN,
        "prefix = 2\n",
        "[source.population.columns.county.prefix]\n",
    );
    let found = Plan::parse(&text).expect_err("a table").to_string();
    assert!(
        found.contains("county.prefix: is a table of keys, and should be a whole number"),
        "{found}"
    );
}
