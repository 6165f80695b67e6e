//! Every check of a plan, broken once: what is found, and under which keys.

use crate::support::{PLAN, change, plan};
use kobling::Plan;

use crate::support;

// One case, one line: the tables below are read as tables.

/// A change of [`PLAN`], the path of its finding, and words of it.
type Case = (&'static str, &'static str, &'static str, &'static str);

fn check(cases: &[Case]) {
    for (from, to, path, words) in cases {
        let text = change(PLAN, from, to);
        let found = match Plan::parse(&text) {
            Ok(_) => panic!("nothing is found wrong with {to}"),
            Err(findings) => findings,
        };
        let fits = |f: &&kobling::plan::Finding| {
            f.path.join(".") == *path && f.to_string().contains(words)
        };
        let fit = found.as_slice().iter().find(fits);
        let fit = fit.unwrap_or_else(|| panic!("{to}: no {words:?} at {path} in\n{found}"));
        assert!(fit.line.is_some_and(|line| line >= 1) && fit.column.is_some_and(|c| c >= 1));
        // In code, without a text, the same is found.
        let document: Result<kobling::PlanDocument, _> = toml::from_str(&text);
        let again = document
            .expect("the form is right")
            .check()
            .expect_err("the same findings");
        assert!(
            again
                .as_slice()
                .iter()
                .any(|f| f.rule == fit.rule && f.line.is_none())
        );
    }
}

#[rustfmt::skip]
#[test]
fn the_plan_and_its_project() {
    assert!(!plan().is_rehearsal());
    let long = "id = \"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\"";
    check(&[
        ("version = 1", "version = 2", "version", "plans of version 1"),
        ("id = \"test-2026-1\"", "id = \"\"", "project.id", "cannot name"),
        ("id = \"test-2026-1\"", "id = \" x\"", "project.id", "cannot name"),
        ("id = \"test-2026-1\"", "id = \"a\\u0007b\"", "project.id", "cannot name"),
        ("id = \"test-2026-1\"", long, "project.id", "1 to 200 bytes"),
        ("\"test-2026-1\"", "\"rehearsal of x\"", "project.id", "rehearsal"),
        ("epoch = 1", "epoch = 0", "project.epoch", "count from 1"),
        ("title = \"Income by county\"", "title = \"\"", "project.title", "is empty"),
        ("purpose = \"Statistics on income\"", "purpose = \"\\t\"", "project.purpose", "is empty"),
        ("controller = \"A university\"", "controller = \"\"", "project.controller", "is empty"),
        ("\"A statistics office\"", "\"\"", "project.linkage_unit", "is empty"),
        ("\"A reader\"", "\" \"", "project.recipient", "is empty"),
        ("2199-12-31", "2025-12-31", "project.valid", "before"),
        ("\"A lawyer\"", "\"\"", "project.approved.0.name", "is empty"),
        ("by = \"legal\"", "by = \"\"", "project.approved.0.by", "is empty"),
    ]);
    let (project, rest) = PLAN.split_at(PLAN.find("[source.population]").expect("a source"));
    let found = Plan::parse(project)
        .expect_err("no source, no table")
        .to_string();
    assert!(
        found.contains("[source.…]") && found.contains("[table.…]"),
        "{found}"
    );
    let sources = &rest[..rest.find("[table.").expect("a table")];
    let found = Plan::parse(&format!("{project}{sources}")).expect_err("no table");
    assert_eq!(found.as_slice().len(), 1, "{found}");
}

#[rustfmt::skip]
#[test]
fn sources() {
    const TAX: &str = "[source.tax.columns.income]\nfrom = \"wage\"";
    check(&[
        ("agency = \"A registry\"", "agency = ''", "source.population.agency", "is empty"),
        ("[source.tax]", "[source.\"t/x\"]\nagency = ''\nlegal_basis = ['l']\nidentifier = { column = 'nr', type = 'number' }\nrows = 'one'\n\n[source.tax]", "source.t/x", "cannot name a source"),
        ("agency = \"A tax office\"", "agency = 't'\nformat = { delimiter = '\"' }", "source.tax.format.delimiter", "no delimiter"),
        ("agency = \"A tax office\"", "agency = 't'\nformat = { delimiter = ';;' }", "source.tax.format.delimiter", "no delimiter"),
        ("agency = \"A tax office\"", "agency = 't'\nformat = { decimal = ',', thousands = ',' }", "source.tax.format.thousands", "the decimal sign too"),
        ("agency = \"A tax office\"", "agency = 't'\nformat = { header_row = 0 }", "source.tax.format.header_row", "no line from 1"),
        ("agency = \"A tax office\"", "agency = 't'\nformat = { time_zone = 'Oslo, Norway' }", "source.tax.format.time_zone", "no name of a time zone"),
        ("agency = \"A tax office\"\nlegal_basis = [\"GDPR art. 6(1)(e)\"]", "agency = 't'\nlegal_basis = []", "source.tax.legal_basis", "no legal basis"),
        ("agency = \"A tax office\"\nlegal_basis = [\"GDPR art. 6(1)(e)\"]", "agency = 't'\nlegal_basis = ['x', ' ']", "source.tax.legal_basis", "no legal basis"),
        ("column = \"age\"", "column = \"\"", "source.population.keep.0.column", "is empty"),
        ("{ column = \"nr\", type = \"number\" }\nrows = \"many\"", "{ column = '', type = 'number' }\nrows = 'many'", "source.benefit.identifier.column", "is empty"),
        ("{ column = \"nr\", type = \"number\" }\nrows = \"many\"", "{ column = 'nr', type = 'numbr' }\nrows = 'many'", "source.benefit.identifier.type", "did you mean `number`?"),
        ("{ column = \"nr\", type = \"number\" }\nrows = \"many\"", "{ column = 'nr', type = 'digits(65)' }\nrows = 'many'", "source.benefit.identifier.type", "digits(64)"),
        ("columns.income]", "columns.pseudonym]", "source.tax.columns.pseudonym", "reserved"),
        ("columns.income]", "columns.rows]", "source.tax.columns.rows", "reserved"),
        ("columns.income]", "columns.\"a b\"]", "source.tax.columns.a b", "cannot name a column"),
        (TAX, "[source.tax.columns.income]\nfrom = 'nr'", "source.tax.columns.income.from", "never leaves the agency"),
        (TAX, "[source.tax.columns.income]\nfrom = ''", "source.tax.columns.income", "`from`"),
        (TAX, "[source.tax.columns.income]", "source.tax.columns.income", "`from`"),
        (TAX, "[source.tax.columns.income]\nfrom = 'wage'\nmatched = 'tax'", "source.tax.columns.income.matched", "columns of a table"),
    ]);
}

#[rustfmt::skip]
#[test]
fn identifiers() {
    const NR: &str = "{ column = \"nr\", type = \"number\" }\nrows = \"many\"";
    const AT: &str = "source.benefit.identifier";
    let fnr = |rest: &str| format!("{{ column = 'nr', type = 'no-fnr', {rest} }}\nrows = 'many'");
    let other = |kind: &str, rest: &str| format!("{{ column = 'nr', type = '{kind}', {rest} }}\nrows = 'many'");
    for (to, key, words) in [
        (fnr("kinds = []"), "kinds", "is empty"),
        (fnr("kinds = ['fnr', 'hnr'], synthetic = 'allow'"), "synthetic", "looks like a test number"),
        (fnr("kinds = ['hnr'], synthetic = 'only'"), "synthetic", "leave out `hnr`"),
        (fnr("hnr_control = 'without-40'"), "hnr_control", "add `hnr`"),
        (other("us-ssn", "kinds = ['fnr']"), "kinds", "not `us-ssn`"),
        (other("number", "control = 'by-date'"), "control", "not `number`"),
        (other("no-orgnr", "hnr_control = 'as-written', kinds = ['hnr']"), "hnr_control", "not `no-orgnr`"),
        (other("no-duf", "synthetic = 'allow'"), "synthetic", "cannot be distinguished from another `no-duf`"),
        (other("us-ssn", "synthetic = 'only'"), "synthetic", "cannot be distinguished from another `us-ssn`"),
    ] {
        let path = format!("{AT}.{key}");
        let text = change(PLAN, NR, &to);
        let found = Plan::parse(&text).expect_err("a finding");
        let fits = |f: &kobling::plan::Finding| f.path.join(".") == path && f.to_string().contains(words);
        assert!(found.as_slice().iter().any(|f| fits(f) && f.line.is_some()), "{to}: {found}");
    }
    for (to, words) in [
        (fnr("kinds = ['fnr', 'dhnr']"), "did you mean `dnr`?"),
        (fnr("control = 'form-2032'"), "did you mean `from-2032`?"),
        (fnr("hnr_control = 'without40'"), "did you mean `without-40`?"),
        (fnr("synthetic = 'forbiden'"), "did you mean `forbid`?"),
    ] {
        let found = Plan::parse(&change(PLAN, NR, &to)).expect_err("a finding");
        assert_eq!(found.as_slice().len(), 1, "{found}");
        assert!(found.to_string().contains(words), "{to}: {found}");
    }
    for to in [
        fnr("kinds = ['fhnr', 'hnr'], hnr_control = 'without-40', control = 'from-2032'"),
        fnr("synthetic = 'only'"),
        other("us-ssn", "synthetic = 'forbid'"),
    ] {
        let kind = if to.contains("us-ssn") { "us-ssn" } else { "no-fnr" };
        let alike = PLAN.replace("\"number\" }", &format!("\"{kind}\" }}"));
        let text = change(&alike, &NR.replace("number", kind), &to);
        let plan = Plan::parse(&text);
        assert!(plan.is_ok(), "{to}: {}", plan.expect_err("findings"));
    }
}

#[rustfmt::skip]
#[test]
fn conditions() {
    const KEEP: &str = "{ column = \"age\", at_least = 20 }";
    const AT: &str = "source.population.keep.0";
    const YEAR: &str = "{ column = \"year\", equals = 2024 }";
    const IN: &str = "table.income.with.benefit.where.0";
    const WHERE: &str = "from = \"population\"";
    check(&[
        (KEEP, "{ column = 'age' }", AT, "nothing to test"),
        (KEEP, "{ column = 'age', equals = 2, at_least = 20 }", AT, "several things"),
        (KEEP, "{ column = 'age', equals = 2, present = true }", AT, "several things"),
        (KEEP, "{ column = 'age', one_of = [] }", "source.population.keep.0.one_of", "is empty"),
        (KEEP, "{ column = 'age', at_least = 2, above = 1 }", AT, "two bounds on one side"),
        (KEEP, "{ column = 'age', at_most = 2, below = 1 }", AT, "two bounds on one side"),
        (KEEP, "{ column = 'age', at_least = 'old' }", AT, "numbers, or dates"),
        (KEEP, "{ column = 'age', at_least = 2, below = 2026-01-01 }", AT, "numbers, or dates"),
        (KEEP, "{ column = 'age', at_least = true }", AT, "numbers, or dates"),
        (YEAR, "{ column = 'year', equals = '2024' }", IN, "of type integer"),
        (YEAR, "{ column = 'year', one_of = [2024, true] }", IN, "of type integer"),
        (YEAR, "{ column = 'year', at_least = 2026-01-01 }", "table.income.with.benefit.where.0.at_least", "of type integer"),
        (YEAR, "{ column = 'yaer', equals = 1 }", "table.income.with.benefit.where.0.column", "did you mean `year`?"),
        (WHERE, "from = 'population'\nwhere = [{ column = 'population.county', at_least = 3 }]", "table.income.where.0", "no order"),
        (WHERE, "from = 'population'\nwhere = [{ column = 'population.county', equals = 3 }]", "table.income.where.0", "of type category"),
        (WHERE, "from = 'population'\nbase.where = [{ column = 'county', equals = 3 }]", "table.income.base.where.0", "of type category"),
    ]);
}

#[rustfmt::skip]
#[test]
fn columns() {
    const AGE: &str = "type = \"category\"\nbands = [20, 35, 50, 67]";
    const COUNTY: &str = "type = \"category\"\nprefix = 2";
    const WAGE: &str = "type = \"decimal\"\nscale = 2\nmissing";
    const BAND: &str = "source.population.columns.age_band.bands";
    check(&[
        (WAGE, "type = 'decimal'\nscale = 19\nmissing", "source.tax.columns.income.scale", "0 to 18"),
        (WAGE, "type = 'integer'\nscale = 2\nmissing", "source.tax.columns.income.scale", "type decimal"),
        (WAGE, "type = 'decimal'\nmissing", "source.tax.columns.income", "needs its `scale`"),
        (AGE, "type = 'integer'\nbands = [1]", BAND, "type category"),
        (COUNTY, "type = 'date'\nprefix = 2", "source.population.columns.county.prefix", "type category"),
        (COUNTY, "type = 'integer'\nabsent = 'x'", "source.population.columns.county.absent", "type category"),
        (COUNTY, "type = 'integer'\nmap = { a = 'b' }", "source.population.columns.county.map", "category or boolean"),
        (COUNTY, "type = 'boolean'\nmap = { a = 'yes' }", "source.population.columns.county.map", "\"true\" or \"false\""),
        (COUNTY, "type = 'boolean'\nmap = { a = 'true' }\notherwise = 'x'", "source.population.columns.county.map", "\"true\" or \"false\""),
        (COUNTY, "type = 'boolean'\ntruncate = 'year'", "source.population.columns.county.truncate", "date or integer"),
        (COUNTY, "type = 'integer'\ntruncate = 'month'", "source.population.columns.county.truncate", "no number"),
        (COUNTY, "type = 'category'\ntruncate = 'month'\nbands = [1]", "source.population.columns.county.truncate", "no number"),
        (COUNTY, "type = 'category'\nclip = { at_most = 1 }", "source.population.columns.county.clip", "with bands"),
        (COUNTY, "type = 'date'\ntruncate = 'year'\nclip = { at_most = 1 }", "source.population.columns.county.clip", "clips numbers"),
        (COUNTY, "type = 'category'\nformat = 'YYYY-MM-DD'", "source.population.columns.county.format", "for dates"),
        (COUNTY, "type = 'date'\nformat = 'YYYY-MM'", "source.population.columns.county.format", "no date format"),
        (COUNTY, "type = 'date'\nformat = 'YYYY-MM-DDTHH'", "source.population.columns.county.format", "no date format"),
        (COUNTY, "type = 'category'\notherwise = 'x'", "source.population.columns.county.otherwise", "belongs to `map`"),
        (COUNTY, "type = 'category'\nbands = [1]\nmap = { a = 'b' }", "source.population.columns.county.map", "cannot be combined"),
        (COUNTY, "type = 'category'\nprefix = 0", "source.population.columns.county.prefix", "at least 1"),
        (AGE, "type = 'integer'\nclip = { at_most = 0.5 }", "source.population.columns.age_band.clip", "does not fit scale 0"),
        (AGE, "type = 'integer'\nclip = {}", "source.population.columns.age_band.clip", "`at_least`, `at_most`"),
        (AGE, "type = 'integer'\nclip = { at_least = 2, at_most = 1 }", "source.population.columns.age_band.clip", "in that order"),
        (AGE, "type = 'category'\nbands = []", BAND, "ascending"),
        (AGE, "type = 'category'\nbands = [35, 20]", BAND, "ascending"),
        (AGE, "type = 'category'\nbands = [20, 20.0]", BAND, "ascending"),
        (AGE, "type = 'category'\nbands = { edges = [1, 2], labels = ['a'] }", "source.population.columns.age_band.bands.labels", "1 labels for 2 edges"),
    ]);
}

#[rustfmt::skip]
#[test]
fn tables_and_look_ups() {
    const TAX: &str = "[table.income.with.tax]\nneed = \"optional\"";
    const BENEFIT: &str = "reduce = { paid = \"sum\" }";
    const FROM: &str = "from = \"population\"";
    const IN: &str = "table.income.with.benefit.reduce.paid";
    check(&[
        (FROM, "from = 'populatoin'", "table.income.from", "did you mean `population`?"),
        ("[table.income.with.tax]", "[table.income.with.taxx]", "table.income.with.taxx", "did you mean `tax`?"),
        (TAX, "[table.income.with.tax]\nneed = 'optional'\n[table.income.with.population]\nneed = 'optional'", "table.income.with.population", "is the base"),
        (BENEFIT, "", "table.income.with.benefit", "at most one"),
        ("rows = \"one\"\n\n[source.tax.col", "rows = 'many'\n\n[source.tax.col", "table.income.with.tax", "at most one"),
        ("type = \"number\" }\nrows = \"many\"", "type = 'digits(9)' }\nrows = 'many'", "table.income.with.benefit", "never match"),
        (FROM, "from = 'population'\nbase.reduce = { county = 'min' }", "table.income.base.reduce", "nothing to fold"),
        (FROM, "from = 'population'\nbase.order_by = 'county'", "table.income.base.order_by", "belongs to `reduce`"),
        (TAX, "[table.income.with.tax]\nneed = 'optional'\nreduce = { income = 'sum' }", "table.income.with.tax.reduce", "nothing to fold"),
        (TAX, "[table.income.with.tax]\nneed = 'optional'\non = ['county']", "table.income.with.tax.on.0", "has no column"),
        (BENEFIT, "reduce = { paid = 'any' }", IN, "cannot fold"),
        (BENEFIT, "reduce = { paid = 'first' }", IN, "by what"),
        (BENEFIT, "reduce = { paid = 'last' }\norder_by = 'yaer'", "table.income.with.benefit.order_by", "did you mean `year`?"),
        (BENEFIT, "reduce = { pad = 'sum' }", "table.income.with.benefit.reduce.pad", "did you mean `paid`?"),
    ]);
    // A base of several rows a person, folded or not, and further columns to match on.
    let events = change(PLAN, FROM, "from = \"benefit\"");
    let events = change(
        &events,
        "[table.income.with.benefit]\nneed = \"optional\"\nwhere = [{ column = \"year\", equals = 2024 }]\nreduce = { paid = \"sum\" }",
        "[table.income.with.population]\nneed = \"optional\"\non = [\"year\"]",
    );
    let events = change(
        &events,
        "[source.population.columns.county]\n",
        "[source.population.columns.year]\nfrom = \"born\"\ntype = \"decimal\"\nscale = 1\n\n[source.population.columns.county]\n",
    );
    let found = Plan::parse(&events).expect_err("two types").to_string();
    assert!(
        found.contains("is integer in benefit and decimal of scale 1 in population"),
        "{found}"
    );
    let folded = change(
        &events,
        "from = \"benefit\"\n",
        "from = \"benefit\"\nbase.reduce = { paid = \"sum\" }\n",
    );
    let found = Plan::parse(&folded)
        .expect_err("no further columns")
        .to_string();
    assert!(
        found.contains("folded to one row a person has no further columns"),
        "{found}"
    );
}

#[rustfmt::skip]
#[test]
fn dimensions_measures_and_protection() {
    const BAND: &str = "from = \"benefit.paid\"\ntype = \"category\"\nbands = [1, 1000]";
    const AT: &str = "table.income.columns.paid_band";
    const SUM: &str = "{ sum = \"tax.income\" }";
    const ONE: &str = "table.income.measures.1";
    const MIN: &str = "min_persons = 3";
    const DOMINANCE: &str = "dominance = { n = 1, percent = 95 }";
    check(&[
        (BAND, "from = 'benefit.pad'\ntype = 'category'\nbands = [1]", "table.income.columns.paid_band.from", "did you mean `benefit.paid`?"),
        (BAND, "matched = 'populatoin'\ntype = 'category'", "table.income.columns.paid_band.matched", "does not look up"),
        (BAND, "type = 'category'", AT, "`from` a column"),
        (BAND, "from = 'benefit.paid'\nmatched = 'benefit'\ntype = 'category'", AT, "`from` a column"),
        (BAND, "from = 'benefit.paid'\ntype = 'category'", AT, "give it `bands`"),
        (BAND, "from = 'benefit.paid'\ntype = 'integer'", AT, "cannot be made from"),
        (BAND, "from = 'population.county'\ntype = 'integer'", AT, "of type category"),
        (BAND, "from = 'benefit.paid'\ntype = 'category'\nbands = [1]\nmissing = [0]", "table.income.columns.paid_band.missing", "source's column"),
        ("columns.paid_band]", "columns.\"paid.band\"]", "table.income.columns.paid.band", "cannot name a column"),
        ("dominance = { n = 1, percent = 95 }\n", "", "table.income.protect", "one person making up most"),
        ("\"paid_band\"]", "\"benefit.year\"]", "table.income.by.2", "no column"),
        ("\"paid_band\"]", "\"benefit.paid\"]", "table.income.by.2", "no dimension as it is"),
        ("\"paid_band\"]", "\"paidband\"]", "table.income.by.2", "did you mean `paid_band`?"),
        ("\"paid_band\"]", "\"population.county\"]", "table.income", "would be called `county`"),
        (SUM, "{ sum = 'population.county' }", "table.income.measures.1.sum", "not a number"),
        (SUM, "{ mean = 'population.county' }", "table.income.measures.1.mean", "not a number"),
        (SUM, "{ sum = 'tax.incom' }", "table.income.measures.1.sum", "did you mean `tax.income`?"),
        (SUM, "{ sum = 'tax.income', mean = 'tax.income' }", ONE, "exactly one of"),
        (SUM, "{ persons = false }", ONE, "exactly one of"),
        (SUM, "{ as = 'x' }", ONE, "exactly one of"),
        (SUM, "{ max = 'tax.income' }", ONE, "never published"),
        (SUM, "{ sum = 'tax.income', as = 'persons' }", "table.income", "would be called `persons`"),
        (SUM, "{ sum = 'tax.income', as = 'persons_status' }", "table.income", "`persons_status`"),
        (SUM, "{ sum = 'tax.income', as = 'a/b' }", ONE, "cannot name a measure"),
        ("measures = [{ persons = true }, { sum = \"tax.income\" }]", "measures = []", "table.income.measures", "measures nothing"),
        (MIN, "min_persons = 0", "table.income.protect.min_persons", "at least 3"),
        (DOMINANCE, "dominance = { n = 0, percent = 5 }", "table.income.protect.dominance.n", "1 and 10"),
        (DOMINANCE, "dominance = { n = 11, percent = 5 }", "table.income.protect.dominance.n", "1 and 10"),
        (DOMINANCE, "dominance = { n = 1, percent = 100 }", "table.income.protect.dominance.percent", "below 100"),
        (DOMINANCE, "dominance = { n = 1, percent = 0 }", "table.income.protect.dominance.percent", "above 0"),
        (MIN, "min_persons = 3\np_percent = 0", "table.income.protect.p_percent", "above 0"),
        ("\"suppress\"", "\"round\"", "table.income.protect", "needs `round`"),
        ("\"suppress\"", "\"noise\"", "table.income.protect", "needs `noise`"),
    ]);
}

#[test]
fn the_summary_says_which_identifiers_are_accepted() {
    let summary = |rest: &str| {
        let text = PLAN.replace("\"number\" }", &format!("\"no-fnr\"{rest} }}"));
        Plan::parse(&text).expect("a plan").summary()
    };
    for (rest, words) in [
        (
            "",
            "accepted: fødselsnumre, D-numbers; control digits as issued before 2032; no test persons\n",
        ),
        (
            ", kinds = [\"hnr\"], hnr_control = \"without-40\", control = \"from-2032\"",
            "accepted: H-numbers; control digits as issued before 2032 and from 2032; \
             those of H-numbers without the 40 added to the month; no test persons\n",
        ),
        (
            ", kinds = [\"fhnr\"], synthetic = \"allow\"",
            "accepted: FH-numbers; control digits as issued before 2032; test persons too\n",
        ),
        (", synthetic = \"only\"", "; test persons only\n"),
    ] {
        let said = summary(rest);
        assert!(said.contains(words), "{said}");
    }
    // A type that leaves nothing to say says nothing.
    assert!(!plan().summary().contains("accepted:"));
}

#[rustfmt::skip]
#[test]
fn the_groups_that_match_rates_are_reported_by() {
    const WITH: &str = "[table.income.with.tax]";
    const AT: &str = "table.income.match_rates.by.0";
    check(&[
        (WITH, "match_rates = { by = [] }\n[table.income.with.tax]", "table.income.match_rates.by", "names no column"),
        (WITH, "match_rates = { by = [\"population.countty\"] }\n[table.income.with.tax]", AT, "did you mean `population.county`"),
        (WITH, "match_rates = { by = [\"tax.income\"] }\n[table.income.with.tax]", AT, "name a category of `population`"),
        (WITH, "match_rates = { by = [\"paid_band\"] }\n[table.income.with.tax]", AT, "is no column of the base"),
        (WITH, "match_rates = { by = [\"population.county\", \"population.county\"] }\n[table.income.with.tax]", "table.income.match_rates.by.1", "is named twice"),
    ]);
    let by = "match_rates = { by = [\"population.county\"] }";
    let with = format!("{by}\n[table.income.with.tax]");
    let good = support::parse(&change(PLAN, WITH, &with));
    assert!(good.summary().contains("reports match rates by population.county, and warns if groups differ by more than 5 percentage points"), "{}", good.summary());
    // The margin that is meant where none is given.
    let given = with.replace(" }", ", margin = 5 }");
    assert_eq!(support::parse(&change(PLAN, WITH, &given)).digest(), good.digest());
    for wrong in [", margin = 101 }", ", margin = -1 }", ", margins = 5 }", ", margin = 5.001 }"] {
        assert!(Plan::parse(&change(PLAN, WITH, &with.replace(" }", wrong))).is_err(), "{wrong}");
    }
    // A column that only match rates need may leave the agency; no other may.
    let unused = change(PLAN, "by = [\"population.county\", ", "by = [");
    assert!(Plan::parse(&unused).expect_err("county is unused").to_string().contains("no table uses this column"));
    assert!(Plan::parse(&change(&unused, WITH, &with)).is_ok());
    let number = change(PLAN, "type = \"category\"\nbands = [20, 35, 50, 67]", "type = \"integer\"\nclip = { at_least = 20, at_most = 90 }");
    let number = change(&number, WITH, &with.replace("county", "age_band"));
    assert!(Plan::parse(&number).expect_err("no category").to_string().contains("groups are categories"));
    // Nothing is looked up.
    let text = &PLAN[..PLAN.find("[source.tax]").expect("tax")];
    let alone = format!("{text}[table.t]\nfrom = \"population\"\nby = [\"population.county\", \"population.age_band\"]\n{by}\nsensitive = []\nmeasures = [{{ persons = true }}]\nprotect = {{ min_persons = 3, method = \"suppress\" }}\n");
    assert!(Plan::parse(&alone).expect_err("no look-up").to_string().contains("no look-up that could match"));
}
