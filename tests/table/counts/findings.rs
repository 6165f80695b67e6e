//! What is wrong with a count, a share or what is called sensitive is a finding with a
//! place and with what to write.

use kobling::Plan;

use super::register::{DEATHS, plan_text, table};

fn findings(sensitive: &str, measures: &str) -> String {
    let table = table(
        "t",
        "'visits.town'",
        sensitive,
        measures,
        "p_percent = 10, method = 'suppress'",
    );
    let text = plan_text("many", "", &table);
    let findings = Plan::parse(&text).map(drop).unwrap_err();
    for finding in findings.as_slice() {
        assert!(finding.line.is_some() && finding.column.is_some());
        assert!(finding.line > Some(12), "{finding} is in the table");
    }
    findings.to_string()
}

#[rustfmt::skip]
#[test]
fn what_does_not_fit_is_found() {
    let none = "sensitive = []";
    let died = "{ column = 'visits.died', equals = 1 }";
    let unnamed = format!("{{ persons = {{ where = [{died}] }} }}");
    let share = format!("{DEATHS}, {{ share = 'deaths', of = 'persons' }}");
    let near = format!("{{ persons = true }}, {DEATHS}, {{ share = 'death', of = 'persons' }}");
    let rows = format!("{{ rows = true }}, {DEATHS}, {{ share = 'deaths', of = 'rows' }}");
    let without = format!("{{ persons = true }}, {DEATHS}, {{ share = 'deaths' }}");
    let twice = format!("{DEATHS}, {DEATHS}");
    let misspelt = format!("{DEATHS}, {{ persons = {{ where = [{{ column = 'visits.dide', equals = 1 }}] }}, as = 'x' }}");
    let seven: Vec<String> = (0..7).map(|least| format!("{{ persons = {{ where = [{{ column = 'visits.age', at_least = {least} }}] }}, as = 'm{least}' }}")).collect();
    let seven = seven.join(", ");
    let cases: [(&str, &str, &[&str]); 21] = [
        // What is sensitive.
        ("", "{ persons = true }", &["table.t: does not say what is sensitive", "sensitive = []"]),
        ("sensitive = ['twon']", "{ persons = true }", &["table.t.sensitive.0: the table has no dimension `twon`", "did you mean `town`?"]),
        ("sensitive = ['town', { name = 'town', none = true }]", "{ persons = true }", &["table.t.sensitive.1: is listed twice"]),
        ("sensitive = ['death']", DEATHS, &["did you mean `deaths`?"]),
        ("sensitive = [{ name = 'town', non = true }]", "{ persons = true }", &["table.t.sensitive", "none = true"]),
        // Counts.
        (none, "{ persons = false }", &["is exactly one of"]),
        (none, "{ persons = true, rows = true }", &["is exactly one of"]),
        (none, "{ persons = 1 }", &["true, or { where = [ … ] }"]),
        (none, "{ persons = { wehre = [] } }", &["unknown field `wehre`", "did you mean `where`?"]),
        (none, "{ persons = { where = [] }, as = 'x' }", &["table.t.measures.0.persons.where: is empty"]),
        (none, &misspelt, &["table.t.measures.1.persons.where.0.column: the table has no column", "did you mean `visits.died`?"]),
        (none, "{ rows = { where = [{ column = 'visits.died', equals = 'yes' }] }, as = 'x' }", &["table.t.measures.0.rows.where.0: the column is of type integer"]),
        (none, &unnamed, &["table.t.measures.0: is a count with a condition, which needs a name", "as = "]),
        (none, &twice, &["would be called `deaths`"]),
        (none, &seven, &["table.t.measures.6.persons.where: a table counts by 6 conditions at most"]),
        // Shares.
        (none, "{ persons = true }, { share = 'persons', of = 'persons' }", &["table.t.measures.1.share: the table has no count with a condition called `persons`"]),
        (none, &near, &["did you mean `deaths`?"]),
        (none, &share, &["table.t.measures.1: needs `of`", "{ persons = true }"]),
        (none, &rows, &["needs `of`"]),
        (none, &without, &["needs `of`", "of = \"persons\""]),
        (none, "{ persons = true, of = 'persons' }", &["table.t.measures.0.of: belongs to `share`"]),
    ];
    for (sensitive, measures, wanted) in cases {
        let found = findings(sensitive, measures);
        for words in wanted {
            assert!(found.contains(words), "{sensitive} {measures}: {found}");
        }
    }
}

#[test]
fn sums_of_booleans_say_what_to_write() {
    let table = table(
        "t",
        "'visits.town'",
        "sensitive = []",
        "{ sum = 'visits.died' }, { mean = 'visits.died' }",
        "p_percent = 10, method = 'suppress'",
    );
    let text = plan_text("one", "", &table);
    let text = text.replace(
        "died = { from = 'died', type = 'integer' }",
        "died = { from = 'died', type = 'boolean' }",
    );
    let found = Plan::parse(&text).map(drop).unwrap_err().to_string();
    let count =
        "{ persons = { where = [ { column = \"visits.died\", equals = true } ] }, as = \"died\" }";
    assert!(found.contains(count), "{found}");
    let share = format!("{count}, {{ share = \"died\", of = \"persons\" }}");
    assert!(found.contains(&share), "{found}");
}

#[test]
fn the_key_of_old_plans_names_the_new_one() {
    let table = table(
        "t",
        "'visits.town'",
        "sensitive = []",
        "{ persons = true }",
        "group_disclosure = ['town'], method = 'suppress'",
    );
    let found = Plan::parse(&plan_text("one", "", &table))
        .map(drop)
        .unwrap_err();
    assert!(
        found
            .to_string()
            .contains("unknown field `group_disclosure`")
    );
    assert!(found.to_string().contains("`sensitive`"), "{found}");
}

#[test]
fn who_signs_reads_what_is_counted() {
    let measures =
        format!("{{ persons = true }}, {DEATHS}, {{ share = 'deaths', of = 'persons' }}");
    let sensitive = "sensitive = [{ name = 'deaths', none = true }, 'town']";
    let table = table(
        "t",
        "'visits.town'",
        sensitive,
        &measures,
        "method = 'suppress'",
    );
    let summary = super::register::plan_of("one", &table).summary();
    for words in [
        "gives the number of persons\n",
        "gives deaths: the number of persons with visits.died = 1\n",
        "gives deaths in percent of persons\n",
        "of whom nobody is, counted in deaths\n",
        "who are all in one category of town\n",
    ] {
        assert!(summary.contains(words), "{words}: {summary}");
    }
}
