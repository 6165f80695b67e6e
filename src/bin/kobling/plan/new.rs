//! `kobling plan new`: a first plan of registers, to be edited.
//!
//! What files say is in it, and what nobody but a person can say is empty, so that
//! `kobling plan check` asks for it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use kobling::{RegisterColumn, register_columns};
use serde_json::json;

use crate::arguments::PlanNew;
use crate::console::Report;
use crate::failure::Failure;
use crate::output::refuse_existing;

/// What goes before the registers.
const PROJECT: &str = r#"# A first plan. Fill in what is empty, take the columns that tables need, and ask
#   kobling plan check FILE      what is missing or wrong
#   kobling help plan            what each key means, with an example
version = 1

[project]
id = ""
epoch = 1
title = ""
purpose = ""
controller = ""
linkage_unit = ""
recipient = ""
valid = { from = TODAY, until = UNTIL }   # mend these, too
"#;

/// Writes a first plan of the registers.
pub(crate) fn new(arguments: &PlanNew) -> Result<Report, Failure> {
    if let Some(out) = &arguments.out {
        refuse_existing(out)?;
    }
    let mut inputs: BTreeMap<&str, Vec<&PathBuf>> = BTreeMap::new();
    for (source, path) in &arguments.source {
        inputs.entry(source).or_default().push(path);
    }
    let mut sources = BTreeMap::new();
    for (source, paths) in inputs {
        sources.insert(source, register_columns(&paths)?);
    }
    let text = plan(&sources);
    let columns = sources.iter().map(|(source, columns)| {
        let columns = columns.iter().map(|column| {
            json!({ "name": column.name, "stored": column.stored, "type": column.plan_type })
        });
        ((*source).to_owned(), columns.collect::<serde_json::Value>())
    });
    let columns: serde_json::Map<_, _> = columns.collect();
    let json = json!({ "sources": columns, "plan": text, "file": arguments.out });
    let said = match &arguments.out {
        None => text,
        Some(out) => {
            let written = std::fs::write(out, &text);
            written.map_err(|error| Failure::io(out, "write the plan", &error))?;
            let out = out.display();
            format!("The plan is {out}. Edit it, and ask: kobling plan check {out}\n")
        }
    };
    Ok(Report::new(said, json))
}

fn plan(sources: &BTreeMap<&str, Vec<RegisterColumn>>) -> String {
    let today = kobling::plan::Date::today().to_string();
    let until = format!("{}-12-31", &today[..4]);
    let mut out = PROJECT.replace("TODAY", &today).replace("UNTIL", &until);
    for (name, columns) in sources {
        // Writing to a String cannot fail.
        let _ = source(&mut out, name, columns);
    }
    let base = sources.keys().next().map_or("", |name| *name);
    let _ = table(&mut out, base, sources);
    out
}

fn source(out: &mut String, name: &str, columns: &[RegisterColumn]) -> std::fmt::Result {
    let key = key(name);
    writeln!(out, "\n[source.{key}]")?;
    writeln!(out, "agency = \"\"")?;
    writeln!(out, "legal_basis = []")?;
    writeln!(out, "identifier = {{ column = \"\", type = \"\" }}")?;
    writeln!(
        out,
        "rows = \"many\"   # or \"one\", if no person has several"
    )?;
    writeln!(
        out,
        "\n# The register has these columns. Take those that tables need, and no other."
    )?;
    for column in columns {
        let stored = match &column.stored {
            Some(stored) => format!("   # stored as {stored}"),
            None => "   # text: integer, decimal, date, boolean or category".to_owned(),
        };
        let kind = column.plan_type.unwrap_or("category");
        let scale = if kind == "decimal" { ", scale = 2" } else { "" };
        writeln!(
            out,
            "# columns.{} = {{ from = {}, type = \"{kind}\"{scale} }}{stored}",
            plain(&column.name),
            quoted(&column.name)
        )?;
    }
    Ok(())
}

fn table(
    out: &mut String,
    base: &str,
    sources: &BTreeMap<&str, Vec<RegisterColumn>>,
) -> std::fmt::Result {
    writeln!(out, "\n[table.first]")?;
    writeln!(
        out,
        "from = {}   # whose rows the table is about",
        quoted(base)
    )?;
    writeln!(
        out,
        "by = []   # such as {}",
        quoted(&format!("{base}.COLUMN"))
    )?;
    writeln!(out, "measures = [ {{ persons = true }} ]")?;
    writeln!(
        out,
        "protect = {{ min_persons = 5, method = \"suppress\" }}"
    )?;
    writeln!(
        out,
        "# sensitive = []   # or the dimensions that nobody may learn of a whole group"
    )?;
    for name in sources.keys().filter(|name| **name != base) {
        writeln!(out, "\n[table.first.with.{}]", key(name))?;
        writeln!(
            out,
            "need = \"optional\"   # or \"required\", if rows without a match are dropped"
        )?;
        writeln!(
            out,
            "reduce = {{ rows = \"count\" }}   # leave it out where a person has one row"
        )?;
    }
    Ok(())
}

/// A name as a key of TOML.
fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match !name.is_empty() && name.chars().all(is_bare) {
        true => name.to_owned(),
        false => quoted(name),
    }
}

/// A column's name in an extract: that of the register, in small letters and without
/// what a name may not have.
fn plain(name: &str) -> String {
    let letters = name.trim().chars().map(|c| match c.is_alphanumeric() {
        true => c,
        false => '_',
    });
    let name: String = letters.flat_map(char::to_lowercase).collect();
    key(&name)
}

/// Text as TOML has it; a name of a file is not believed to have no line end.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() || ('\u{200b}'..='\u{202e}').contains(&c) => {
                out.push_str(&format!("\\U{:08X}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
