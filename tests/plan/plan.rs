//! Plans: what is found wrong with one, where, and when it may run.

use crate::support::{PLAN, change, file, parse, plan, refusal};
use kobling::plan::{Date, Finding};
use kobling::{ErrorKind, Plan};
use proptest::prelude::*;

fn findings(text: &str) -> Vec<Finding> {
    match Plan::parse(text) {
        Ok(_) => panic!("nothing is found wrong"),
        Err(findings) => findings.as_slice().to_vec(),
    }
}

/// The one finding, and that it is where `at` is in the text.
fn finding_at(text: &str, at: &str) -> Finding {
    let found = findings(text);
    assert_eq!(found.len(), 1, "{found:#?}");
    let finding = found.into_iter().next().expect("one finding");
    assert_eq!(text.matches(at).count(), 1, "{at:?} is there once");
    let before = &text[..text.find(at).expect("it is there")];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
    assert_eq!((finding.line, finding.column), (Some(line), Some(column)));
    finding
}

fn has(found: &[Finding], path: &str, words: &str) -> bool {
    let mut fits = found
        .iter()
        .filter(|f| f.path.join(".") == path && f.to_string().contains(words));
    fits.next().is_some()
}

// ---- form ----

#[test]
fn a_misspelt_field_is_named_where_it_is_with_what_was_meant() {
    for (right, wrong) in [
        ("min_persons", "min_person"),
        (
            "legal_basis = [\"GDPR art. 6(1)(e)\"]\nidentifier = { column = \"nr\", type = \"number\" }\nrows = \"many\"",
            "legal_bases = [\"GDPR art. 6(1)(e)\"]\nidentifier = { column = \"nr\", type = \"number\" }\nrows = \"many\"",
        ),
        ("linkage_unit", "linkage_units"),
        ("scale = 2\nmissing", "scales = 2\nmissing"),
        ("by = [\"pop", "bye = [\"pop"),
    ] {
        let text = change(PLAN, right, wrong);
        let field = wrong.split(' ').next().expect("a field");
        let found = findings(&text);
        let unknown = format!("unknown field `{field}`");
        let finding = found.iter().find(|f| f.rule == unknown).expect(&unknown);
        let meant = right.split(' ').next().expect("a field");
        // Two letters are too few to distinguish a slip from another word.
        if meant != "by" {
            assert_eq!(finding.help, Some(format!("did you mean `{meant}`?")));
            assert_eq!(found.len(), 1, "{found:#?}");
        }
        let line = 1 + text[..text.find(&format!("{field} =")).expect("it")]
            .matches('\n')
            .count();
        assert_eq!((finding.line, finding.column), (Some(line), Some(1)));
    }
}

#[test]
fn line_and_column_count_characters_not_bytes() {
    let text = change(
        PLAN,
        "method = \"suppress\"",
        "method = 'suppress'\n\"æøå\" = 1",
    );
    assert_eq!(findings(&text)[0].column, Some(1));
    let text = change(
        PLAN,
        "{ from = 2026-01-01, until = 2199-12-31 }",
        "{ from = 2026-01-01, \"ææ\" = 1, until = 2199-12-31, tim = 2 }",
    );
    let line = text.lines().find(|l| l.contains("tim")).expect("a line");
    let column = line.split("tim").next().expect("before").chars().count() + 1;
    let found = findings(&text);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found.iter().any(|f| f.column == Some(column)), "{found:#?}");
}

#[test]
fn several_faults_of_form_are_reported_at_once() {
    let text = change(PLAN, "epoch = 1", "epoch = \"first\"");
    let text = change(&text, "min_persons", "min_person");
    let text = change(
        &text,
        "need = \"optional\"\nwhere",
        "need = \"maybe\"\nwhere",
    );
    let text = change(&text, "agency = \"A benefit office\"\n", "");
    let found = findings(&text);
    assert!(
        has(&found, "project.epoch", "and should be a whole number"),
        "{found:#?}"
    );
    assert!(has(
        &found,
        "table.income.protect.min_person",
        "`min_persons`"
    ));
    assert!(has(&found, "table.income.with.benefit.need", "`maybe`"));
    assert!(has(&found, "source.benefit", "`agency` is missing"));
    assert_eq!(found.len(), 4, "{found:#?}");
}

#[test]
fn a_misspelt_field_next_to_the_right_one_hides_no_other_fault() {
    let text = change(PLAN, "recipient = ", "recipients = \"Two\"\nrecipient = ");
    let text = change(&text, "agency = \"A tax office\"", "agency = 5");
    let found = findings(&text);
    assert!(has(&found, "project.recipients", "unknown field"));
    assert!(
        has(&found, "source.tax.agency", "and should be text"),
        "{found:#?}"
    );
}

#[test]
fn several_broken_checks_are_reported_at_once_in_the_order_of_the_text() {
    let text = change(PLAN, "epoch = 1", "epoch = 0");
    let text = change(&text, "purpose = \"Statistics on income\"", "purpose = ' '");
    let text = change(&text, "min_persons = 3", "min_persons = 2");
    let text = change(&text, "prefix = 2", "prefix = 0");
    let found = findings(&text);
    let paths: Vec<String> = found.iter().map(|f| f.path.join(".")).collect();
    assert_eq!(
        paths,
        [
            "project.epoch",
            "project.purpose",
            "source.population.columns.county.prefix",
            "table.income.protect.min_persons",
        ]
    );
    assert!(found.is_sorted_by_key(|f| (f.line, f.column)));
}

#[test]
fn every_wrong_name_of_a_table_is_reported_at_once() {
    let by = "by = [\"population.county\", \"population.age_band\", \"paid_band\"]";
    let text = change(
        PLAN,
        by,
        "by = [\"population.land\", \"population.age_bnad\", \"paid_band\"]",
    );
    let text = change(
        &text,
        "{ sum = \"tax.income\" }",
        "{ sum = \"tax.incme\" }, { mean = \"x\" }",
    );
    let text = change(&text, "from = \"benefit.paid\"", "from = \"benefit.piad\"");
    let where_ = "where = [{ column = \"a\", equals = 1 }, { column = \"paid_band\", at_least = 1 }]\nmeasures";
    let text = change(&text, "measures", where_);
    let found = findings(&text);
    for (path, words) in [
        ("columns.paid_band.from", "did you mean `benefit.paid`?"),
        ("where.0.column", "no column `a`"),
        ("where.1", "no order"),
        ("by.0", "no column `population.land`"),
        ("by.1", "did you mean `population.age_band`?"),
        ("measures.1.sum", "did you mean `tax.income`?"),
        ("measures.2.mean", "no column `x`"),
    ] {
        assert!(
            has(&found, &format!("table.income.{path}"), words),
            "{path}: {found:#?}"
        );
    }
    assert_eq!(
        found.len(),
        7,
        "nothing that is only a consequence: {found:#?}"
    );
}

#[test]
fn a_misspelt_dimension_is_never_suggested_nor_missed_elsewhere() {
    let by = "by = [\"population.county\", \"population.age_band\", \"paid_band\"]";
    let misspelt = "by = [\"population.conty\", \"population.age_band\", \"paid_band\"]";
    let more = "margins = [[\"population.county\"], [\"population.age_bnd\"]]
levels = { county = [{ name = \"part\", prefix = 1 }], paidband = [] }
sensitive = [\"county\", \"agee_band\"]";
    let text = change(PLAN, "sensitive = []", more);
    let publish = "method = \"suppress\"\npublish = [{ cell = { county = \"03\", age_band = \"total\", \
                   paid_band = \"total\" }, reason = \"known\", approver = \"A. Owner\" }]";
    let text = change(&text, "method = \"suppress\"", publish);
    let helps = |text: &str| -> Vec<String> {
        let found = findings(text).into_iter();
        let found = found.map(|f| format!("{} {}", f.path.join("."), f.help.unwrap_or_default()));
        found.collect()
    };
    let elsewhere = [
        "table.income.margins.1.0 did you mean `population.age_band`?",
        "table.income.levels.paidband did you mean `paid_band`?",
        "table.income.sensitive.1 did you mean `age_band`?",
    ];
    assert_eq!(helps(&text), elsewhere);
    let misspelt = helps(&change(&text, by, misspelt));
    let first = "table.income.by.0 did you mean `population.county`?";
    assert_eq!(misspelt, [&[first][..], &elsewhere].concat());
}

#[test]
fn a_column_without_its_source_is_suggested_with_it() {
    for (name, help) in [
        ("county", "did you mean `population.county`?"),
        ("conty", "did you mean `population.county`?"),
        ("paidband", "did you mean `paid_band`?"),
        ("xyz", "there are population.age_band, population.county, "),
    ] {
        let text = change(PLAN, "\"paid_band\"]", &format!("\"{name}\"]"));
        let mut found = findings(&text).into_iter();
        let found = found.find(|f| f.path.join(".") == "table.income.by.2");
        let found = found.unwrap_or_else(|| panic!("{name} is no column"));
        let said = found.help.unwrap_or_default();
        assert!(said.starts_with(help), "{name}: {said}");
    }
}

// ---- rules ----

#[test]
fn floors_and_methods_that_are_not_there_are_refused() {
    for (from, to, place, words) in [
        (
            "min_persons = 3",
            "min_persons = 2",
            "min_persons",
            "at least 3",
        ),
        (
            "min_persons = 3",
            "min_persons = 3\nmargins = true",
            "margins",
            "unknown field",
        ),
    ] {
        let text = change(PLAN, from, to);
        let finding = finding_at(&text, &format!("{place} ="));
        assert!(finding.to_string().contains(words), "{finding}");
    }
    let found = findings(&change(PLAN, "\"suppress\"", "\"shuffle\""));
    let words = "`shuffle` is not known here";
    assert!(has(&found, "table.income.protect.method", words));
    for extreme in ["min", "max"] {
        let text = change(PLAN, "sum = \"tax", &format!("{extreme} = \"tax"));
        let found = findings(&text);
        assert!(has(&found, "table.income.measures.1", "one person's value"));
    }
}

#[test]
fn what_no_table_needs_does_not_leave_an_agency() {
    let unused =
        "[source.tax.columns.kommune]\nfrom = \"kommune\"\ntype = \"category\"\n\n[source.benefit]";
    let text = change(PLAN, "[source.benefit]", unused);
    let finding = finding_at(&text, "kommune]");
    assert_eq!(finding.rule, "no table uses this column");

    let source = "[source.school]\nagency = \"S\"\nlegal_basis = [\"L\"]\nidentifier = { column = \"nr\", type = \"number\" }\nrows = \"one\"\n\n[table.income]";
    let text = change(PLAN, "[table.income]", source);
    let finding = finding_at(&text, "school]");
    assert_eq!(finding.rule, "no table needs this source");
}

#[test]
fn a_raw_column_next_to_a_coarser_one_is_noted() {
    let raw = "[source.population.columns.age]\nfrom = \"age\"\ntype = \"integer\"\n\n[source.tax]";
    let text = change(PLAN, "[source.tax]", raw);
    let text = change(
        &text,
        "{ sum = \"tax.income\" }",
        "{ sum = \"tax.income\" }, { sum = \"population.age\" }",
    );
    let notes = parse(&text).notes();
    assert_eq!(notes.len(), 1, "{notes:#?}");
    assert_eq!(notes[0].path.join("."), "source.population.columns.age");
    assert!(notes[0].rule.contains("each person's exact value"));
    let help = notes[0].help.as_deref().unwrap_or_default();
    assert!(
        help.contains("`age_band` can be made of it in the table"),
        "{help}"
    );
    assert!(parse(PLAN).notes().is_empty());
}

#[test]
fn what_could_be_coarsened_at_the_agency_is_refused_in_a_table() {
    let text = change(
        PLAN,
        "by = [\"population.county\",",
        "by = [\"income_band\",",
    );
    let text = change(&text, "{ sum = \"tax.income\" }", "{ rows = true }");
    let derived = "[table.income.columns.income_band]\nfrom = \"tax.income\"\ntype = \"category\"\nbands = [1]\n\n[table.income.protect]";
    let text = change(&text, "[table.income.protect]", derived);
    let text = change(
        &text,
        "[source.population.columns.county]\nfrom = \"municipality\"\ntype = \"category\"\nprefix = 2\n",
        "",
    );
    let finding = finding_at(&text, "income_band]");
    assert!(finding.rule.contains("before it leaves the agency"));
    assert_eq!(
        finding.help.as_deref(),
        Some("move its steps to source.tax.columns.income")
    );
}

// ---- permission ----

#[test]
fn a_plan_runs_only_inside_its_dates_and_after_its_approval() {
    let day = |y, m, d| Date::new(y, m, d).expect("a day");
    let refused = |plan: &Plan, day, words: &str| {
        let error = refusal(plan.may_run_on(day));
        assert_eq!(error.kind(), ErrorKind::Permission);
        assert!(error.rule().contains(words), "{error}");
    };
    let text = change(PLAN, "2199-12-31", "2027-12-31");
    let plan = parse(&text);
    refused(&plan, day(2025, 12, 31), "not valid before 2026-01-01");
    refused(&plan, day(2026, 1, 9), "approved by nobody");
    assert!(plan.may_run_on(day(2026, 1, 10)).is_ok());
    assert!(plan.may_run_on(day(2027, 12, 31)).is_ok());
    refused(&plan, day(2028, 1, 1), "expired");
    // A rehearsal needs no approval, but no plan outlives its dates.
    assert!(plan.rehearsal().may_run_on(day(2026, 1, 1)).is_ok());
    refused(&plan.rehearsal(), day(2028, 1, 1), "expired");
    let unapproved = PLAN.lines().filter(|l| !l.starts_with("approved"));
    let unapproved = parse(&unapproved.collect::<Vec<_>>().join("\n"));
    refused(&unapproved, day(2026, 6, 1), "approved by nobody");
}

#[test]
fn a_plan_that_may_not_run_reads_no_row() {
    let text = change(PLAN, "until = 2199-12-31", "until = 2026-01-31");
    let error = refusal(kobling::Rows::open(&parse(&text), "tax", &["/nowhere.csv"]));
    assert_eq!(error.kind(), ErrorKind::Permission);
    let error = refusal(kobling::Extract::read(&parse(&text), "/nowhere.arrow"));
    assert_eq!(error.kind(), ErrorKind::Permission);
}

// ---- files ----

#[test]
fn a_file_that_is_no_plan_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = |name: &str, content: &[u8], words: &str| {
        let error = refusal(Plan::read(file(folder.path(), name, content)));
        assert_eq!(error.kind(), ErrorKind::Plan, "{error}");
        let text = error.to_string();
        assert!(text.contains(words) && text.contains(name), "{text}");
    };
    refused("latin1.toml", b"title = \"F\xf8dsel\"", "UTF-8");
    refused("huge.toml", &vec![b'#'; (4 << 20) + 1], "4 MiB");
    refused("empty.toml", b"", "`version` is missing");
    refused("nul.toml", b"\0\0\0\0", "finding");
    refused(
        "deep.toml",
        format!("a = {}", "[".repeat(100_000)).as_bytes(),
        "finding",
    );
    refused(
        "deep-keys.toml",
        vec!["a"; 50_000].join(".").as_bytes(),
        "finding",
    );
    refused(
        "twice.toml",
        b"version = 1\nversion = 1",
        "line 2, column 1",
    );
    for path in [folder.path().join("missing.toml"), folder.path().to_owned()] {
        assert_eq!(refusal(Plan::read(path)).kind(), ErrorKind::File);
    }
    let good = file(folder.path(), "good.toml", format!("\u{feff}{PLAN}"));
    assert_eq!(Plan::read(good).expect("a plan").digest(), plan().digest());
}

// ---- any text at all ----

/// A valid plan with a stretch cut out, doubled, or replaced.
fn mutated() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(String::new()),
        "[\\[\\]{}=\"'.,#0-9a-z_ \n-]{0,8}",
        "\\PC{0,4}",
        Just("\"\u{7f}\"".to_owned()),
        Just("9999999999999999999999".to_owned()),
        Just("1e308".to_owned()),
        Just("nan".to_owned()),
        Just("0001-01-01".to_owned()),
    ];
    (any::<prop::sample::Index>(), 0usize..30, piece).prop_map(|(at, length, piece)| {
        let at = at.index(PLAN.len());
        let end = (at + length).min(PLAN.len());
        format!("{}{piece}{}", &PLAN[..at], &PLAN[end..])
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*|[\\[\\]{}=\"'.,#0-9a-z_ \n-]{0,80}") {
        if let Err(findings) = Plan::parse(&text) {
            prop_assert!(!findings.as_slice().is_empty());
        }
    }

    #[test]
    fn no_change_of_a_plan_makes_the_checks_panic(text in mutated()) {
        match Plan::parse(&text) {
            Ok(plan) => prop_assert!(!plan.sources().is_empty()),
            Err(findings) => {
                let lines = text.matches('\n').count() + 1;
                for finding in findings.as_slice() {
                    prop_assert!(finding.line.is_none_or(|line| line <= lines));
                    prop_assert!(!finding.rule.is_empty());
                }
            }
        }
    }
}
