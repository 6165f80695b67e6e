//! What stops a new user on the way to a first table: each message is met in the
//! way a user meets it, on a small plan and register, by the program itself.
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const PROJECT: &str = r#"version = 1

[project]
id = "first"
epoch = 1
title = "A first table"
purpose = "To learn"
controller = "Ministry"
linkage_unit = "Statistics"
recipient = "Reader"
valid = { from = 2020-01-01, until = 2099-12-31 }
"#;

const PEOPLE: &str = r#"
[source.people]
agency = "Registry"
legal_basis = ["GDPR art. 6(1)(e)"]
identifier = { column = "id", type = "digits(9)" }
rows = "one"
[source.people.columns.county]
from = "county"
type = "category"
"#;

const WORK: &str = r#"
[source.work]
agency = "Employers"
legal_basis = ["GDPR art. 6(1)(e)"]
identifier = { column = "id", type = "digits(9)" }
rows = "many"
[source.work.columns.pay]
from = "pay"
type = "integer"
"#;

const TABLE: &str = r#"
[table.first]
from = "people"
by = ["people.county"]
sensitive = []
measures = [ { persons = true } ]
protect = { min_persons = 3, method = "suppress" }
"#;

struct Folder(TempDir);

struct Ran(Output);

impl Folder {
    /// With a plan of these parts, and a register of ten people of whom six work.
    fn new(parts: &[&str]) -> Self {
        let folder = Self(tempfile::tempdir().expect("a temporary folder"));
        folder.file("plan.toml", &(PROJECT.to_owned() + &parts.concat()));
        let mut people = String::from("id,county,born,year\n");
        let mut work = String::from("id,county,pay,day,active\n");
        for n in 0..10 {
            let county = if n < 5 { "03" } else { "11" };
            let age = 10 * n;
            people.push_str(&format!(
                "{},{county},{},{age}\n",
                731_000_000 + n,
                2000 + n
            ));
            if n < 6 {
                work.push_str(&format!(
                    "{},{county},{n}00,2024-01-0{},true\n",
                    731_000_000 + n,
                    n + 1
                ));
            }
        }
        folder.file("people.csv", &people);
        folder.file("work.csv", &work);
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).expect("write a test file");
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kobling"));
        command
            .args(arguments.split_whitespace())
            .current_dir(self.0.path())
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &str) -> Ran {
        Ran(self.command(arguments).output().expect("kobling starts"))
    }

    fn check(&self) -> Ran {
        self.run("plan check plan.toml")
    }

    fn rehearse(&self) -> Ran {
        self.run("rehearse plan.toml")
    }
}

impl Ran {
    fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).expect("UTF-8")
    }

    fn stderr(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).expect("UTF-8")
    }

    #[track_caller]
    fn worked(self) -> Self {
        assert!(self.0.status.success(), "{}", self.stderr());
        self
    }

    /// On stdout, where white space is one space.
    #[track_caller]
    fn says(&self, words: &[&str]) {
        said(&self.stdout(), words);
    }

    /// Refused, and on stderr all of `words`.
    #[track_caller]
    fn refused(&self, words: &[&str]) {
        assert_eq!(self.0.status.code(), Some(1), "{}", self.stdout());
        said(&self.stderr(), words);
    }
}

#[track_caller]
fn said(text: &str, words: &[&str]) {
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for word in words {
        assert!(plain.contains(word), "not said: {word}\n{text}");
    }
}

// ---- a rehearsal ----

#[test]
fn a_rehearsal_shows_the_table_and_commands_only_on_demand() {
    let folder = Folder::new(&[PEOPLE, TABLE]);
    let ran = folder.rehearse().worked();
    let text = ran.stdout();
    let line = |words: &str| text.lines().position(|line| line.contains(words));
    let (rows, table) = (line("people: 10 rows read"), line("county  persons"));
    assert!(rows.is_some() && rows < table, "{text}");
    assert!(table.is_some_and(|line| line < 12), "{text}");
    assert!(!text.contains("kobling key"), "{text}");
    ran.says(&["in rehearsal; --commands shows what each would run"]);

    let ran = folder.run("rehearse plan.toml --commands").worked();
    let text = ran.stdout();
    let line = |words: &str| text.lines().position(|line| line.contains(words));
    let commands = line("kobling key new");
    assert!(
        commands.is_some() && line("county  persons") < commands,
        "{text}"
    );
}

// ---- a table without cells ----

#[test]
fn a_table_without_cells_says_which_step_left_nothing() {
    let work = "[table.first.with.work]\nneed = \"required\"\nreduce = { pay = \"sum\" }\n";
    let table = TABLE.replace(
        "{ persons = true }",
        "{ persons = true }, { sum = \"work.pay\" }",
    );
    let table = table.replace("min_persons = 3", "min_persons = 3, p_percent = 10");

    // Nobody is in both registers.
    let folder = Folder::new(&[PEOPLE, WORK, &table, work]);
    folder.rehearse().worked().says(&["county persons sum_pay"]);
    folder.file(
        "work.csv",
        "id,pay\n999000001,1\n999000002,1\n999000003,1\n999000004,1\n999000005,1\n",
    );
    folder.rehearse().worked().says(&[
        "no cells: no row of people has a match in work, which the table requires: \
         the two registers have no person in common",
    ]);

    // A condition of the look-up.
    let narrowed = format!("{work}where = [ {{ column = \"pay\", at_least = 9000 }} ]\n");
    let folder = Folder::new(&[PEOPLE, WORK, &table, &narrowed]);
    folder
        .rehearse()
        .worked()
        .says(&["have no person in common, or none by its `where`"]);

    // `keep` of the look-up, and of the base.
    let keep = "keep = [ { column = \"pay\", at_least = 9000 } ]\n[source.work.columns.pay]";
    let none = WORK.replace("[source.work.columns.pay]", keep);
    let folder = Folder::new(&[PEOPLE, &none, &table, work]);
    folder
        .rehearse()
        .worked()
        .says(&["which the table requires: `keep` left out all rows of work"]);

    // The table's own conditions.
    let own = "where = [ { column = \"people.county\", equals = \"99\" } ]\n";
    let folder = Folder::new(&[PEOPLE, TABLE, own]);
    folder
        .rehearse()
        .worked()
        .says(&["no cells: no row satisfies all conditions of `where`"]);
}

// ---- findings ----

#[test]
fn levels_and_sensitive_take_the_name_that_by_has() {
    let levels = "[[table.first.levels.\"people.county\"]]\nname = \"half\"\nprefix = 1\n";
    let table = TABLE.replace("sensitive = []", "sensitive = [\"people.county\"]");
    let qualified = Folder::new(&[PEOPLE, &table, levels]).rehearse().worked();
    let short = levels.replace("\"people.county\"", "county");
    let table = TABLE.replace("sensitive = []", "sensitive = [\"county\"]");
    let short = Folder::new(&[PEOPLE, &table, &short]).rehearse().worked();
    let figures = |ran: &Ran| {
        let text = ran.stdout();
        let from = text
            .find("A first table")
            .or(text.find("first\n"))
            .expect("the table");
        text[from..text.find("The suppression").unwrap_or(text.len())].to_owned()
    };
    assert_eq!(figures(&qualified), figures(&short));
    // Of another source there is none.
    let wrong = levels.replace("people.county", "people.conty");
    Folder::new(&[PEOPLE, TABLE, &wrong]).check().refused(&[
        "the table has no dimension `people.conty`",
        "did you mean `people.county`?",
    ]);
}

/// Typed as a spreadsheet shows it, without its leading zero.
#[test]
fn a_category_that_is_called_as_rare_ones_are_is_reported() {
    let own = format!("{PEOPLE}rare = \"03\"\n");
    let rehearsed = Folder::new(&[&own, TABLE]).rehearse();
    let warning = "warning: table first: people.county has a category \"03\" itself";
    said(&rehearsed.stderr(), &[warning]);
    let other = format!("{PEOPLE}rare = \"elsewhere\"\n");
    let rehearsed = Folder::new(&[&other, TABLE]).rehearse();
    assert!(!rehearsed.stderr().contains("warning"));
}

const TYPED: &str = "column = \"people.county\", equals = \"3\"";

#[test]
fn a_category_that_no_row_has_is_reported() {
    let count = format!(
        "measures = [ {{ persons = true }}, {{ persons = {{ where = [{{ {TYPED} }}] }}, as = \"few\" }}"
    );
    let counted = TABLE.replace("measures = [ { persons = true }", &count);
    let limited = TABLE.replace("sensitive", &format!("where = [{{ {TYPED} }}]\nsensitive"));
    let looked_up = TABLE.to_owned()
        + "[table.first.with.work]\nneed = \"optional\"\nreduce = { pay = \"sum\" }\n\
           where = [{ column = \"place\", one_of = [\"03\", \"3\"] }]\n";
    let looked_up = looked_up.replace(
        "{ persons = true }",
        "{ persons = true }, { mean = \"work.pay\" }",
    );
    let looked_up = looked_up.replace("min_persons = 3", "min_persons = 3, p_percent = 10");
    let place = "[source.work.columns.place]\nfrom = \"county\"\ntype = \"category\"\n";
    for (parts, column, source) in [
        (&[PEOPLE, &counted][..], "people.county", "people"),
        (&[PEOPLE, &limited], "people.county", "people"),
        (&[PEOPLE, WORK, place, &looked_up], "work.place", "work"),
    ] {
        let warning = format!(
            "table first: a condition on {column} names \"3\", which no row of {source} has"
        );
        let rehearsed = Folder::new(parts).rehearse();
        said(&rehearsed.stderr(), &[&format!("warning: {warning}")]);
        let folder = Folder::new(parts);
        let json = folder.run("rehearse plan.toml --json").stdout();
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(json["release"]["warnings"], serde_json::json!([warning]));
        // That nobody has it is not disclosed to the recipient.
        let manifest = fs::read_to_string(folder.path("rehearsal/recipient/manifest.json"));
        assert!(!manifest.expect("a manifest").contains("no row"));
    }
    let right = [counted, limited].map(|table| table.replace("\"3\"", "\"03\""));
    for table in right {
        let rehearsed = Folder::new(&[PEOPLE, &table]).rehearse().worked();
        assert!(
            !rehearsed.stderr().contains("warning"),
            "{}",
            rehearsed.stderr()
        );
    }
}

#[test]
fn a_register_of_a_header_and_no_row_is_reported() {
    let warning = "warning: people: the register has no rows, so nobody is in the extract, and nobody is found in it; is it the right file?";
    let folder = Folder::new(&[PEOPLE, TABLE]);
    let rehearsed = folder.rehearse().worked();
    assert!(!rehearsed.stderr().contains("warning"));
    folder.file("people.csv", "id,county,born,year\n");
    let rehearsed = folder.run("rehearse plan.toml --out again").worked();
    said(&rehearsed.stderr(), &[warning]);
    // The agency is warned, where it can still look for the right file.
    let approved =
        "[project]\napproved = [{ by = \"legal\", name = \"A. Lawyer\", on = 2020-01-01 }]";
    let plan = fs::read_to_string(folder.path("plan.toml")).expect("the plan");
    folder.file("plan.toml", &plan.replace("[project]", approved));
    folder.run("key new --out linkage.key").worked();
    folder
        .run("key domain --linkage-key linkage.key --plan plan.toml --out domain.key")
        .worked();
    for (more, out) in [("", "one.arrow"), ("--memory 1GiB", "two.arrow")] {
        let made = folder.run(&format!(
            "pseudonymise --plan plan.toml --source people --key domain.key {more} --out {out} people.csv"
        ));
        said(&made.worked().stderr(), &[warning]);
    }
}

#[test]
fn a_fraction_that_may_be_meant_as_a_percentage_is_reported() {
    let table = TABLE.replace("min_persons = 3", "min_persons = 3, p_percent = 0.1");
    let folder = Folder::new(&[PEOPLE, &table]);
    let note = "plan.toml: table.first.protect.p_percent: is 0.1 percent, which is less than 1 help: \
                percent go from 0 to 100: if the fraction 0.1 is meant, write 10";
    for ran in [folder.check(), folder.rehearse()] {
        said(&ran.worked().stderr(), &[note]);
    }
}

#[test]
fn an_extract_that_keep_leaves_no_row_in_is_reported() {
    let keep = "keep = [{ column = \"county\", equals = \"3\" }]\n[source.people.columns.county]";
    let people = PEOPLE.replace("[source.people.columns.county]", keep);
    let warning = "warning: people: no row satisfies `keep` (county 3); is it written as the register has it?";
    let rehearsed = Folder::new(&[&people, TABLE]).rehearse();
    said(&rehearsed.stderr(), &[warning]);
    let people = people.replace("\"3\"", "\"03\"");
    let rehearsed = Folder::new(&[&people, TABLE]).rehearse();
    assert!(!rehearsed.stderr().contains("no row satisfies"));
}

#[test]
fn a_column_without_any_value_that_the_plan_names_is_reported() {
    let warning =
        "warning: people: no value of county is one that the plan names, so all of them are";
    for (names, rest) in [
        ("categories = [\"3\", \"Oslo\"]", "other"),
        (
            "map = { \"3\" = \"Oslo\" }\notherwise = \"elsewhere\"",
            "elsewhere",
        ),
    ] {
        let people = format!("{PEOPLE}{names}\n");
        let rehearsed = Folder::new(&[&people, TABLE]).rehearse();
        let words = format!("{warning} `{rest}`; is it written as the register has it?");
        said(&rehearsed.stderr(), &[&words]);
        let people = people.replace("\"3\"", "\"03\"");
        let rehearsed = Folder::new(&[&people, TABLE]).rehearse();
        assert!(
            !rehearsed.stderr().contains("no value of"),
            "{}",
            rehearsed.stderr()
        );
    }
}

#[test]
fn a_year_is_a_category() {
    let born = "[source.people.columns.born]\nfrom = \"born\"\ntype = \"integer\"\n";
    let by = TABLE.replace("\"people.county\"", "\"people.county\", \"people.born\"");
    let folder = Folder::new(&[PEOPLE, born, &by]);
    folder.check().refused(&[
        "is of type integer, and no dimension as it is",
        "type = \"category\", in its source, if it is a year",
    ]);
    // And so it is.
    let born = born.replace("integer", "category");
    Folder::new(&[PEOPLE, &born, &by]).check().worked();
}

#[test]
fn day_and_year_may_leave_together_where_tables_need_both() {
    let days = "[source.work.columns.day]\nfrom = \"day\"\ntype = \"date\"\n\
        [source.work.columns.year]\nfrom = \"day\"\ntype = \"date\"\ntruncate = \"year\"\n";
    let table = TABLE.replace("\"people.county\"", "\"work.year\"");
    let with = "[table.first.with.work]\nneed = \"required\"\norder_by = \"day\"\n\
        reduce = { year = \"last\" }\n";
    let work = WORK.replace(
        "[source.work.columns.pay]\nfrom = \"pay\"\ntype = \"integer\"\n",
        "",
    );
    let people = PEOPLE
        .split("[source.people.columns")
        .next()
        .expect("a source");
    let folder = Folder::new(&[people, &work, days, &table, with]);
    let checked = folder.check().worked();
    said(
        &checked.stderr(),
        &[
            "warning: plan.toml: source.work.columns.day: leaves the agency as it is, and so does `year`",
            "the extract has each person's exact value",
        ],
    );
    folder.rehearse().worked().says(&["2024"]);
}

#[test]
fn only_rows_that_count_are_judged_by_bands() {
    let age = "[source.people.columns.age]\nfrom = \"year\"\ntype = \"integer\"\n";
    let bands = "[table.first.columns.band]\nfrom = \"people.age\"\ntype = \"category\"\n\
        bands = { edges = [20, 60], labels = [\"20-59\", \"60+\"] }\n";
    let by = TABLE.replace("\"people.county\"", "\"band\"");
    // The children are outside of the table, by a column or by another dimension's condition.
    let grown = "where = [ { column = \"band\", one_of = [\"20-59\", \"60+\"] }, \
        { column = \"people.age\", at_least = 20 } ]\n";
    let people = PEOPLE
        .split("[source.people.columns")
        .next()
        .expect("a source");
    let folder = Folder::new(&[people, age, &by, grown, bands]);
    folder.rehearse().worked().says(&["20-59"]);
    // They are not: the remedy is named.
    let folder = Folder::new(&[
        people,
        age,
        &by,
        "where = [ { column = \"people.age\", at_least = 0 } ]\n",
        bands,
    ]);
    folder.rehearse().refused(&[
        "lies below the first band, which has no label",
        "give `labels` one more name",
        "`where` in the table",
    ]);
    // At the agency, too.
    let source = "[source.people.columns.band]\nfrom = \"year\"\ntype = \"category\"\n\
        bands = { edges = [20, 60], labels = [\"20-59\", \"60+\"] }\n";
    let by = TABLE.replace("\"people.county\"", "\"people.band\"");
    Folder::new(&[people, source, &by]).rehearse().refused(&[
        "people.csv",
        "column year, row 1",
        "`keep` in the source",
    ]);
    let kept = people.to_owned() + "keep = [ { column = \"year\", at_least = 20 } ]\n";
    Folder::new(&[&kept, source, &by]).rehearse().worked();
}

#[test]
fn two_dimensions_of_one_name_are_distinguished() {
    let county = "[source.work.columns.county]\nfrom = \"county\"\ntype = \"category\"\n";
    let work = WORK.replace(
        "[source.work.columns.pay]\nfrom = \"pay\"\ntype = \"integer\"\n",
        county,
    );
    let work = work.replace("\"many\"", "\"one\"");
    let by = TABLE.replace("\"people.county\"", "\"people.county\", \"work.county\"");
    let with = "[table.first.with.work]\nneed = \"required\"\n";
    let folder = Folder::new(&[PEOPLE, &work, &by, with]);
    folder.check().refused(&[
        "two columns of the release would be called `county`",
        "columns.work_county = { from = \"work.county\", type = … } in the table",
        "`work_county` in `by`",
    ]);
    // As it says.
    let by = TABLE.replace(
        "\"people.county\"]",
        "\"people.county\", \"work_county\"]\n\
         columns.work_county = { from = \"work.county\", type = \"category\" }",
    );
    Folder::new(&[PEOPLE, &work, &by, with]).check().worked();
}

#[test]
fn what_is_not_offered_is_said_with_the_reason() {
    for (measure, words) in [
        (
            "median = \"people.born\"",
            "one person's value, or lies between two persons'",
        ),
        ("percentile = \"people.born\"", "count persons in `bands`"),
        (
            "stddev = \"people.born\"",
            "no rule of disclosure control here bounds",
        ),
        ("count = true", "write `persons = true`"),
        ("ratio = \"x\"", "a share of persons is { share"),
    ] {
        let table = TABLE.replace("persons = true", measure);
        let checked = Folder::new(&[PEOPLE, &table]).check();
        let field = measure.split(' ').next().expect("a field");
        checked.refused(&[&format!("unknown field `{field}`"), words]);
        assert!(
            !checked.stderr().contains("did you mean"),
            "{}",
            checked.stderr()
        );
    }
    // Elsewhere the nearest key is still suggested.
    let source = PEOPLE.replace("agency =", "agenci =");
    Folder::new(&[&source, TABLE])
        .check()
        .refused(&["did you mean `agency`?"]);
}

#[test]
fn what_cannot_be_folded_or_summed_says_what_can() {
    let county = "[source.work.columns.county]\nfrom = \"county\"\ntype = \"category\"\n\
        [source.work.columns.active]\nfrom = \"active\"\ntype = \"boolean\"\n\
        [source.work.columns.day]\nfrom = \"day\"\ntype = \"date\"\n";
    let with = |reduce: &str| {
        format!("[table.first.with.work]\nneed = \"required\"\nreduce = {{ {reduce} }}\n")
    };
    let check = |reduce: &str, measure: &str| {
        let table = TABLE.replace("{ persons = true }", measure);
        Folder::new(&[PEOPLE, WORK, county, &table, &with(reduce)]).check()
    };
    const ALL: &str = "{ persons = true }";
    check("county = \"max\"", ALL).refused(&[
        "is of type category, which `max` cannot fold",
        "county = \"last\" or \"first\", with order_by = \"…\"",
    ]);
    check("active = \"sum\"", ALL).refused(&["which `sum` cannot fold", "active = \"any\""]);
    check("day = \"sum\"", ALL).refused(&["day = \"min\" or \"max\""]);
    check("active = \"any\"", "{ sum = \"work.active\" }").refused(&[
        "{ persons = { where = [ { column = \"work.active\", equals = true } ] }, as = \"active\" }",
    ]);
    check("day = \"max\"", "{ mean = \"work.day\" }")
        .refused(&["is of type date, not a number", "at_least = 2020-01-01"]);
    check("day = \"max\"", "{ sum = \"people.county\" }").refused(&[
        "is of type category, not a number",
        "{ persons = { where = [ { column = \"people.county\", equals = \"…\" } ] }, as = \"county\" }",
    ]);
}

#[test]
fn a_method_that_does_not_fit_names_the_measure_and_what_would() {
    let born = "[source.people.columns.born]\nfrom = \"born\"\ntype = \"integer\"\n";
    let table = TABLE.replace(
        "{ persons = true }",
        "{ persons = true }, { sum = \"people.born\" }",
    );
    let table = table.replace("min_persons = 3", "min_persons = 3, p_percent = 10");
    let folder = Folder::new(&[PEOPLE, born, &table]);
    let round = table.replace(
        "method = \"suppress\"",
        "method = \"round\", round = { base = 5, how = \"nearest\" }",
    );
    folder.file("round.toml", &[PROJECT, PEOPLE, born, &round].concat());
    folder.run("plan check round.toml").refused(&[
        "`sum_born` is no number of persons or rows",
        "\"suppress\" or \"cell-key\", or leave the measure out",
    ]);
    folder.rehearse().worked();
    let compare = "protect --compare --rehearsal --plan plan.toml \
        --release-key rehearsal/linkage-unit/release.key rehearsal/linkage-unit/people.arrow";
    let compared = folder.run(compare).worked();
    compared.says(&[
        "round, nearest does not fit",
        "`sum_born` is no number of persons or rows",
    ]);
}

// ---- days of a composite identifier ----

#[test]
fn days_of_an_identifier_are_read_as_the_plan_says() {
    let people = PEOPLE.replace(
        "{ column = \"id\", type = \"digits(9)\" }",
        "{ columns = [ { column = \"name\", type = \"text\" }, { column = \"born\", type = \"date\" } ] }",
    );
    let rows = |n: u32| {
        let rows = (0..n).map(|n| format!("person {n},1915111{n},03\n"));
        format!("name,born,county\n{}", rows.collect::<String>())
    };
    let folder = Folder::new(&[&people, TABLE]);
    folder.file("people.csv", &rows(9));
    folder
        .run("inspect --plan plan.toml --rehearsal --source people people.csv")
        .worked()
        .says(&["born 10 wrong-characters"]);

    let fail = people.replace("\"date\" } ]", "\"date\" } ], invalid = \"fail\"");
    let folder = Folder::new(&[&fail, TABLE]);
    folder.file("people.csv", &rows(9));
    folder.rehearse().refused(&[
        "column born, row 1: is no date (",
        "format = \"YYYYMMDD\", next to its type",
    ]);

    let written = people.replace("type = \"date\"", "type = \"date\", format = \"YYYYMMDD\"");
    let folder = Folder::new(&[&written, TABLE]);
    folder.file("people.csv", &rows(9));
    folder
        .rehearse()
        .worked()
        .says(&["people: 9 rows read kept 9"]);
    // The same persons, whatever the spelling: the pseudonyms are of days.
    folder.file("people.csv", &(rows(8) + "nobody,19151399,03\n"));
    folder.rehearse().worked().says(&["kept 8 quarantined 1 (not-a-date 1) to see which of its columns did not fit: kobling inspect"]);

    let wrong = written.replace("YYYYMMDD", "yyyymmdd");
    Folder::new(&[&wrong, TABLE])
        .check()
        .refused(&["is no date format"]);
    let wrong = people.replace("type = \"text\"", "type = \"text\", format = \"YYYYMMDD\"");
    Folder::new(&[&wrong, TABLE])
        .check()
        .refused(&["is about `date`, not `text`"]);
}

// ---- a ledger that another process has ----

#[test]
fn waiting_for_a_ledger_is_said() {
    let folder = Folder::new(&[PEOPLE, TABLE]);
    folder.rehearse().worked();
    let unit = "rehearsal/linkage-unit";
    let lock = fs::OpenOptions::new()
        .write(true)
        .open(folder.path(&format!("{unit}/ledger.jsonl.lock")))
        .expect("the lock");
    lock.lock().expect("nobody else has it");
    let link = format!(
        "link --rehearsal --plan plan.toml --release-key {unit}/release.key \
         --ledger {unit}/ledger.jsonl --out again {unit}/people.arrow"
    );
    let mut child = folder
        .command(&link)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("kobling starts");
    let mut line = String::new();
    let stderr = child.stderr.take().expect("piped");
    let mut stderr = std::io::BufReader::new(stderr);
    std::io::BufRead::read_line(&mut stderr, &mut line).expect("a line");
    assert_eq!(
        line,
        format!("waiting for the ledger {unit}/ledger.jsonl, which another kobling has\n")
    );
    assert!(child.try_wait().expect("a child").is_none(), "it waits");
    lock.unlock().expect("the lock is let go");
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut stderr, &mut rest).expect("text");
    assert!(!rest.contains("waiting"), "{rest}");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{rest}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("entry 2 of the ledger"));
}
