//! `kobling plan new`: from registers to a first plan, and from there to a table.
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use arrow_array::{Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use kobling::register_columns;

fn run(folder: &Path, arguments: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kobling"))
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("kobling starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// Ten persons in Parquet, and their benefits in text, written as a Norwegian office does.
fn registers(folder: &Path) {
    let schema = Schema::new(vec![
        Field::new("id", DataType::Int64, false),
        Field::new("County name", DataType::Utf8, true),
        Field::new("born", DataType::Date32, true),
        Field::new("weight", DataType::Float64, true),
    ]);
    let schema = Arc::new(schema);
    let ids = (0..10).map(|n| 731_000_000 + n);
    let counties = (0..10).map(|n| if n < 5 { "Oslo" } else { "Rogaland" });
    let batch = RecordBatch::try_new(
        Arc::clone(&schema),
        vec![
            Arc::new(Int64Array::from_iter_values(ids)),
            Arc::new(StringArray::from_iter_values(counties)),
            Arc::new(Date32Array::from_iter_values(0..10)),
            Arc::new(Float64Array::from_iter_values((0..10).map(f64::from))),
        ],
    )
    .expect("a batch");
    let file = fs::File::create(folder.join("people.parquet")).expect("a file");
    let writer = parquet::arrow::ArrowWriter::try_new(file, schema, None);
    let mut writer = writer.expect("a writer");
    writer.write(&batch).expect("rows");
    writer.close().expect("a footer");
    let rows = (0..10).map(|n| format!("{};{n}00,50;2024-01-01\n", 731_000_000 + n));
    let rows = format!("Person;Beløp;Day\n{}", rows.collect::<String>());
    fs::write(folder.join("benefit.csv"), rows).expect("a file");
}

#[test]
fn columns_have_names_and_types_and_no_values() {
    let folder = tempfile::tempdir().expect("a folder");
    registers(folder.path());
    let columns = register_columns(&[folder.path().join("people.parquet")]).expect("columns");
    let found = columns
        .iter()
        .map(|c| (c.name.as_str(), c.stored.as_deref(), c.plan_type));
    assert_eq!(
        found.collect::<Vec<_>>(),
        [
            ("id", Some("Int64"), Some("integer")),
            ("County name", Some("Utf8"), Some("category")),
            ("born", Some("Date32"), Some("date")),
            ("weight", Some("Float64"), Some("decimal")),
        ]
    );
    let columns = register_columns(&[folder.path().join("benefit.csv")]).expect("columns");
    let found = columns.iter().map(|c| (c.name.as_str(), c.plan_type));
    assert_eq!(
        found.collect::<Vec<_>>(),
        [("Person", None), ("Beløp", None), ("Day", None)]
    );

    // A first line that may be a person's is not shown.
    for row in ["731000001;Kari;1980-01-31\n", "Kari,kari@example.org\n"] {
        fs::write(folder.path().join("bare.csv"), row.repeat(3)).expect("a file");
        let error = register_columns(&[folder.path().join("bare.csv")]).expect_err("no header");
        let said = error.to_string();
        assert!(said.contains("may be a row and no header"), "{said}");
        assert!(
            !said.contains("Kari") && !said.contains("731000001"),
            "{said}"
        );
    }
}

#[test]
fn a_first_plan_lacks_only_what_a_person_can_say() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    registers(folder);
    let new = "plan new --source people=people.parquet --source benefit=benefit.csv";
    let printed = run(folder, new);
    assert!(printed.status.success(), "{}", text(&printed.stderr));
    let made = run(folder, &format!("{new} --out plan.toml"));
    assert!(made.status.success(), "{}", text(&made.stderr));
    let plan = fs::read_to_string(folder.join("plan.toml")).expect("a plan");
    assert_eq!(text(&printed.stdout), plan);
    for words in [
        "# columns.county_name = { from = \"County name\", type = \"category\" }   # stored as Utf8",
        "# columns.born = { from = \"born\", type = \"date\" }   # stored as Date32",
        "# columns.\"beløp\" = { from = \"Beløp\", type = \"category\" }   # text: ",
    ] {
        assert!(plan.contains(words), "{words}\n{plan}");
    }
    assert!(!plan.contains("731") && !plan.contains("Oslo"), "{plan}");

    // The findings are about what no file says.
    let checked = run(folder, "plan check plan.toml --json");
    let said: serde_json::Value = serde_json::from_slice(&checked.stdout).expect("JSON");
    let findings = said["error"]["findings"].as_array().expect("findings");
    let mut found: Vec<String> = findings
        .iter()
        .map(|finding| {
            let keys = finding["path"].as_array().expect("a path");
            let keys = keys.iter().filter_map(|key| key.as_str());
            keys.collect::<Vec<_>>().join(".")
        })
        .collect();
    found.sort();
    found.dedup();
    let mut expected = vec!["table.first".to_owned()];
    for key in [
        "controller",
        "id",
        "linkage_unit",
        "purpose",
        "recipient",
        "title",
    ] {
        expected.push(format!("project.{key}"));
    }
    for source in ["people", "benefit"] {
        for key in [
            "agency",
            "identifier.column",
            "identifier.type",
            "legal_basis",
        ] {
            expected.push(format!("source.{source}.{key}"));
        }
    }
    expected.sort();
    assert_eq!(found, expected, "{findings:#?}");

    // It is never written over another.
    let again = run(folder, &format!("{new} --out plan.toml"));
    assert!(text(&again.stderr).contains("plan.toml: exists already"));

    // Filled in, it is a plan, and gives a table.
    let plan = plan
        .replacen("id = \"\"", "id = \"first\"", 1)
        .replace("= \"\"\n", "= \"said\"\n")
        .replace("legal_basis = []", "legal_basis = [\"GDPR art. 6(1)(e)\"]")
        .replacen("column = \"\"", "column = \"Person\"", 1)
        .replacen("column = \"\"", "column = \"id\"", 1)
        .replace("type = \"\"", "type = \"digits(9)\"")
        .replace("# sensitive = []", "sensitive = []")
        .replace("# columns.county_name", "columns.county_name")
        .replace("from = \"benefit\"", "from = \"people\"")
        .replace("[table.first.with.people]", "[table.first.with.benefit]")
        .replace("by = []", "by = [\"people.county_name\"]");
    fs::write(folder.join("plan.toml"), &plan).expect("a plan");
    let rehearsed = run(folder, "rehearse plan.toml");
    assert!(
        rehearsed.status.success(),
        "{}\n{plan}",
        text(&rehearsed.stderr)
    );
    let table = text(&rehearsed.stdout);
    assert!(table.contains("county_name  persons"), "{table}");
}

#[test]
fn the_language_and_its_schema_are_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    for arguments in ["help plan", "plan --help"] {
        let help = text(&run(folder.path(), arguments).stdout);
        let plain = |text: &str| {
            text.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let (help, language) = (plain(&help), plain(kobling::plan::LANGUAGE));
        let tail = &help[help.len().saturating_sub(language.len())..];
        assert!(tail == language, "{arguments} does not end in the language");
    }
    let schema = run(folder.path(), "plan schema");
    assert_eq!(text(&schema.stdout), kobling::plan::SCHEMA);
}
