//! The plan language as users get it, in words and as a JSON Schema: what is shipped
//! is what the document's structs and their rustdoc say.
//!
//! `KOBLING_WRITE=1 cargo test --test plan` writes both anew after a change.

mod examples;
mod schema;
mod source;
mod text;

use std::path::{Path, PathBuf};

use kobling::plan::document::{
    ApprovalDocument, BandsDocument, BaseDocument, ClipDocument, CodeListDocument, ColumnDocument,
    ConditionDocument, DominanceDocument, FormatDocument, IdentifierDocument, LevelDocument,
    LookupDocument, MatchRatesDocument, MeasureDocument, NoiseDocument, PartDocument,
    PriorPosteriorDocument, ProjectDocument, ProtectDocument, PublishDocument, RoundDocument,
    SensitiveDocument, SourceDocument, TableDocument, ValidDocument, ValidFromDocument,
};
use kobling::{Plan, PlanDocument};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::support::{PLAN, change};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// That the file which is shipped says what the structs say.
fn is_shipped(name: &str, shipped: &str, made: &str) {
    if std::env::var_os("KOBLING_WRITE").is_some() {
        std::fs::write(root().join("src/plan").join(name), made).expect("it is written");
        return;
    }
    let differs = shipped
        .lines()
        .zip(made.lines())
        .zip(1..)
        .find(|((one, other), _)| one != other);
    assert!(
        shipped == made,
        "src/plan/{name} is not what the structs say, first at {differs:?}: \
         KOBLING_WRITE=1 cargo test --test plan writes it anew"
    );
}

fn schema() -> Value {
    serde_json::from_str(kobling::plan::SCHEMA).expect("the schema is JSON")
}

#[test]
fn the_language_is_that_of_the_structs() {
    is_shipped(
        "language.txt",
        kobling::plan::LANGUAGE,
        &text::language(&source::items()),
    );
}

#[test]
fn the_schema_is_that_of_the_structs() {
    let made = serde_json::to_string_pretty(&schema::schema(&source::items())).expect("JSON");
    is_shipped("schema.json", kobling::plan::SCHEMA, &(made + "\n"));
}

/// Reads each example of a struct beside those of its required keys.
fn read<T: DeserializeOwned>(name: &str) -> usize {
    let items = source::items();
    let item = &items[name];
    assert!(!item.keys.is_empty(), "{name} has no keys");
    let line = |key: &str| format!("{key} = {}\n", examples::example(name, key));
    // Measures and levels are one thing each, and say so when the plan is checked.
    for key in &item.keys {
        let required = item
            .keys
            .iter()
            .filter(|other| other.is_required && other.name != key.name);
        let mut text: String = required.map(|key| line(&key.name)).collect();
        text.push_str(&line(&key.name));
        if let Err(error) = toml::from_str::<T>(&text) {
            panic!("{name}: {error}\n{text}");
        }
        // What is misspelt is refused.
        let wrong = text.replace(
            &line(&key.name),
            &line(&key.name).replace(&key.name, "misspelt"),
        );
        assert!(
            wrong.starts_with("misspelt") || wrong.contains("\nmisspelt"),
            "{wrong}"
        );
        assert!(toml::from_str::<T>(&wrong).is_err(), "{wrong}");
    }
    item.keys.len()
}

#[test]
fn each_example_is_read() {
    macro_rules! read {
        ($($name:ident),* $(,)?) => {
            [$((stringify!($name), read::<$name>(stringify!($name)))),*]
        };
    }
    let read = read![
        PlanDocument,
        ProjectDocument,
        ValidDocument,
        ApprovalDocument,
        SourceDocument,
        FormatDocument,
        IdentifierDocument,
        PartDocument,
        ValidFromDocument,
        ColumnDocument,
        ClipDocument,
        BandsDocument,
        CodeListDocument,
        ConditionDocument,
        TableDocument,
        BaseDocument,
        LookupDocument,
        LevelDocument,
        MatchRatesDocument,
        MeasureDocument,
        SensitiveDocument,
        ProtectDocument,
        DominanceDocument,
        PriorPosteriorDocument,
        PublishDocument,
        RoundDocument,
        NoiseDocument,
    ];
    // No struct with keys is left out.
    for item in source::items()
        .values()
        .filter(|item| !item.keys.is_empty())
    {
        assert!(
            read.iter().any(|(name, _)| *name == item.name),
            "{} is not read",
            item.name
        );
    }
    let keys: usize = read.iter().map(|(_, keys)| keys).sum();
    assert!(keys > 110, "{keys}");
}

#[test]
fn every_key_is_in_words_and_in_the_schema() {
    let schema = schema();
    for item in source::items().values() {
        for key in &item.keys {
            let definition = &schema["definitions"][&item.name];
            let forms = definition["anyOf"].as_array().cloned().unwrap_or_default();
            let forms = forms.iter().chain([definition]);
            let mut keys = forms.filter_map(|form| form["properties"].get(&key.name));
            let found = keys
                .next()
                .unwrap_or_else(|| panic!("{}.{}", item.name, key.name));
            let description = found["description"].as_str().unwrap_or_default();
            assert!(
                !description.is_empty(),
                "{}.{} has no docs",
                item.name,
                key.name
            );
            let line = format!("\n  {} (", key.name);
            assert!(
                kobling::plan::LANGUAGE.contains(&line),
                "{}.{}",
                item.name,
                key.name
            );
        }
        for (name, _) in &item.names {
            let line = format!("\"{name}\": ");
            assert!(
                kobling::plan::LANGUAGE.contains(&line),
                "{}: {name}",
                item.name
            );
        }
    }
}

#[test]
fn what_a_check_asks_for_is_not_called_optional() {
    for (line, from, to) in [
        ("from (text, required in a source)", "from = \"wage\"\n", ""),
        (
            "scale (whole number, required of a `decimal`)",
            "scale = 2\nmissing",
            "missing",
        ),
        (
            "rows (one of these names, required of a register)",
            "rows = \"one\"\nkeep",
            "keep",
        ),
        ("sensitive (list of sensitive)", "sensitive = []\n", ""),
    ] {
        assert!(Plan::parse(&change(PLAN, from, to)).is_err(), "{line}");
        assert!(
            kobling::plan::LANGUAGE.contains(&format!("\n  {line}\n")),
            "{line}"
        );
    }
}

/// TOML as JSON, where a date is text.
fn json(value: &toml::Value) -> Value {
    match value {
        toml::Value::Table(table) => table
            .iter()
            .map(|(key, value)| (key.clone(), json(value)))
            .collect(),
        toml::Value::Array(values) => values.iter().map(json).collect(),
        toml::Value::String(text) => Value::from(text.as_str()),
        toml::Value::Integer(number) => Value::from(*number),
        toml::Value::Float(number) => Value::from(*number),
        toml::Value::Boolean(truth) => Value::from(*truth),
        toml::Value::Datetime(date) => Value::from(date.to_string()),
    }
}

fn broken(text: &str) -> Option<String> {
    let schema = schema();
    let plan: toml::Value = toml::from_str(text).expect("TOML");
    schema::broken(&schema, &schema, &json(&plan), "plan")
}

#[test]
fn the_example_plans_fit_the_schema_and_name_it() {
    for name in ["nhanes", "oulad", "pseudopeople"] {
        let text = std::fs::read_to_string(root().join("examples").join(name).join("plan.toml"));
        let text = text.expect("an example");
        assert_eq!(broken(&text), None, "{name}");
        assert!(
            text.starts_with("#:schema ../../src/plan/schema.json\n"),
            "{name}"
        );
    }
}

#[test]
fn what_no_plan_may_be_does_not_fit_the_schema() {
    let text = std::fs::read_to_string(root().join("examples/nhanes/plan.toml")).expect("a plan");
    for (from, to, words) in [
        ("version = 1", "version = \"1\"", "another type"),
        ("version = 1", "version = -1", "out of bounds"),
        ("agency =", "agenzy =", "lacks `agency`"),
        (
            "[project]",
            "[project]\ncolour = \"red\"",
            "project.colour: is no such key",
        ),
        (
            "method = \"suppress\"",
            "method = \"suppres\"",
            "is no such name",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        let found = broken(&text.replacen(from, to, 1));
        assert!(
            found.as_ref().is_some_and(|found| found.contains(words)),
            "{to}: {found:?}"
        );
    }
}
