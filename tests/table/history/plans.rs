//! What a plan may say of a history, and what is found wrong with it.

use kobling::Plan;
use kobling::plan::document::Role;

use super::registers::{PLAN, plain, plan};
use crate::support::change;

fn findings(text: &str) -> String {
    match Plan::parse(text) {
        Ok(_) => panic!("nothing was found"),
        Err(findings) => findings.to_string(),
    }
}

#[test]
fn a_history_reads_its_two_numbers_and_its_day() {
    let plan = plan();
    let source = plan.source("changes").expect("a source");
    assert!(source.is_history());
    assert_eq!(source.reads(), ["from", "new", "old"]);
    let columns: Vec<&str> = source
        .columns()
        .iter()
        .map(|column| column.name())
        .collect();
    assert_eq!(columns, ["valid_from"]);
    let document = &plan.document().sources["changes"];
    assert_eq!((document.role, document.rows), (Role::History, None));
    assert!(!plan.source("tax").expect("a source").is_history());
    let summary = plan.summary();
    for words in [
        "Source changes, of A registry: which identifiers were replaced by which\n",
        "  persons by old (number), replaced by a pseudonym\n",
        "  and by new, which replaced it, in the same way\n",
        "  leaves: the day of the replacement, from from\n",
    ] {
        assert!(summary.contains(words), "{summary}");
    }
}

#[test]
fn a_plan_without_a_history_is_digested_as_before() {
    let as_register = PLAN.replace("role = \"history\"", "role = \"register\"");
    assert!(findings(&as_register).contains("belongs to a history"));
    let (before, after) = PLAN.split_once("[source.changes]").expect("a history");
    let (_, tables) = after.split_once("[table.persons]").expect("a table");
    let said = before.replace("[source.tax]", "[source.tax]\nrole = \"register\"");
    let said = Plan::parse(&format!("{said}[table.persons]{tables}")).expect("a plan");
    assert_eq!(said.digest(), plain().digest());
    assert_ne!(said.digest(), plan().digest());
}

#[test]
fn a_history_has_nothing_of_a_register() {
    let adds = |line: &str| {
        change(
            PLAN,
            "current = \"new\"",
            &format!("current = \"new\"\n{line}"),
        )
    };
    for (key, line) in [
        ("rows", "rows = \"many\""),
        ("keep", "keep = [{ column = \"c\", equals = 1 }]"),
        (
            "columns",
            "columns = { c = { from = \"c\", type = \"integer\" } }",
        ),
    ] {
        let found = findings(&adds(line));
        let words = format!("source.changes.{key}: belongs to a register; this is a history");
        assert!(found.contains(&words), "{found}");
        assert!(found.starts_with("line "), "{found}");
    }
}

#[test]
fn a_register_has_nothing_of_a_history_and_says_its_rows() {
    for (key, line) in [
        ("current", "current = \"new\""),
        ("valid_from", "valid_from = \"day\""),
    ] {
        let found =
            findings(&PLAN.replacen("rows = \"one\"", &format!("rows = \"one\"\n{line}"), 1));
        let words = format!("source.population.{key}: belongs to a history; this is a register");
        assert!(found.contains(&words), "{found}");
    }
    let found = findings(&PLAN.replacen("rows = \"one\"\n", "", 1));
    let words = "source.population: does not say whether a person has one row or several";
    assert!(found.contains(words), "{found}");
}

#[test]
fn a_history_names_three_columns() {
    for (line, changed, words) in [
        (
            "current = \"new\"\n",
            "",
            "a history says which column holds `current`",
        ),
        (
            "valid_from = \"from\"\n",
            "",
            "a history says which column holds `valid_from`",
        ),
        (
            "\"new\"",
            "\"old\"",
            "current: is the column of the replaced identifier",
        ),
        (
            "valid_from = \"from\"",
            "valid_from = \"old\"",
            "valid_from: is the column of the replaced",
        ),
        (
            "valid_from = \"from\"",
            "valid_from = \"new\"",
            "valid_from: is the column of the current",
        ),
        (
            "valid_from = \"from\"",
            "valid_from = { column = \"from\", format = \"days\" }",
            "source.changes.valid_from.format",
        ),
        (
            "valid_from = \"from\"",
            "valid_from = { colum = \"from\" }",
            "valid_from: should be the name of a column, or a table with `column` and `format`",
        ),
        (
            "role = \"history\"",
            "role = \"histori\"",
            "did you mean `history`?",
        ),
    ] {
        let found = findings(&change(PLAN, line, changed));
        assert!(found.contains(words), "{words}: {found}");
    }
}

#[test]
fn a_plan_has_one_history_at_most_and_of_a_type_that_registers_have() {
    let (before, after) = PLAN.split_once("[source.changes]").expect("a history");
    let (history, tables) = after.split_once("[table.persons]").expect("a table");
    let second = format!(
        "{before}[source.changes]{history}[source.more_changes]{history}[table.persons]{tables}"
    );
    let found = findings(&second);
    let words = "source.more_changes.role: is a second history; a plan has one at most";
    assert!(found.contains(words), "{found}");
    let other = history.replace("type = \"number\"", "type = \"us-ssn\"");
    let found = findings(&format!(
        "{before}[source.changes]{other}[table.persons]{tables}"
    ));
    let words = "source.changes.role: no register identifies persons by us-ssn";
    assert!(found.contains(words), "{found}");
}

#[test]
fn a_history_is_no_base_and_no_look_up() {
    let words = "is a history, which is no base and no look-up";
    let base = PLAN.replacen("from = \"population\"\nby", "from = \"changes\"\nby", 1);
    let found = findings(&base);
    assert!(
        found.contains(&format!("table.persons.from: {words}")),
        "{found}"
    );
    let with = "with.tax = { need = \"optional\", where";
    let look_up = change(
        PLAN,
        with,
        &format!("with.changes = {{ need = \"optional\", reduce = {{}} }}\n{with}"),
    );
    let found = findings(&look_up);
    assert!(
        found.contains(&format!("table.persons.with.changes: {words}")),
        "{found}"
    );
}
