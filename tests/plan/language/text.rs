//! The plan language as text for a terminal, made of its document's structs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::examples::example;
use super::schema::inner;
use super::source::{Item, Key};

/// Characters of a line, at most.
const WIDTH: usize = 88;

const HEAD: &str = "\
THE PLAN LANGUAGE

A plan is a TOML file (https://toml.io). Every key is below, section by section,
with what it means and an example. A key is required unless it says otherwise;
a key that is not known is refused. `kobling plan check` says all that is wrong
with a plan, `kobling plan new` begins one from registers, and `kobling plan schema`
prints the language as a JSON Schema for editors.
";

/// All of the language, section by section.
pub(crate) fn language(items: &BTreeMap<String, Item>) -> String {
    let mut out = HEAD.to_owned();
    let mut seen = BTreeSet::new();
    section(&mut out, items, "PlanDocument", "", &mut seen);
    out
}

fn section(
    out: &mut String,
    items: &BTreeMap<String, Item>,
    name: &str,
    place: &str,
    seen: &mut BTreeSet<String>,
) {
    if !seen.insert(name.to_owned()) {
        return;
    }
    let item = &items[name];
    let title = match place {
        "" => "The plan".to_owned(),
        place => format!("{}: {place}", title(name)),
    };
    let _ = write!(
        out,
        "\n\n{title}\n{}\n\n",
        "=".repeat(title.chars().count())
    );
    out.push_str(&plain(&item.docs));
    for key in &item.keys {
        let _ = write!(
            out,
            "\n  {} ({}{})\n",
            key.name,
            words(items, &key.kind),
            needed(item, key)
        );
        indent(out, &plain(&key.docs), 6);
        let kind = match inner(&key.kind) {
            "FnrKinds" => "FnrKind",
            kind => kind,
        };
        for (name, docs) in items.get(kind).map_or(&[][..], |item| &item.names) {
            let docs = plain(docs);
            let docs = docs.strip_prefix(&format!("`{name}`: ")).unwrap_or(&docs);
            indent(out, &format!("\"{name}\": {docs}"), 8);
        }
        if (name, key.name.as_str()) == ("IdentifierDocument", "type") {
            // The types with what they hold are a table of its docs.
            let docs = &items["IdentifierType"].docs;
            let end = docs.iter().position(|line| line == "# Examples");
            indent(out, &plain(&docs[..end.unwrap_or(docs.len())]), 6);
        }
        let example = example(name, &key.name);
        let _ = match (name, key.kind.starts_with("BTreeMap"), key.name.as_str()) {
            ("PlanDocument", true, key) => write!(out, "\n      [{key}.NAME]\n"),
            ("PlanDocument", _, "project") => write!(out, "\n      [project]\n"),
            (_, _, key) => write!(out, "\n      {key} = {example}\n"),
        };
    }
    for key in &item.keys {
        let many = match key.kind.starts_with("BTreeMap") {
            true => ".NAME",
            false => "",
        };
        let dot = if place.is_empty() { "" } else { "." };
        let place = format!("{place}{dot}{}{many}", key.name);
        let kind = match inner(&key.kind) {
            "CategoriesDocument" => "CodeListDocument",
            kind => kind,
        };
        if items.get(kind).is_some_and(|item| !item.keys.is_empty()) {
            section(out, items, kind, &place, seen);
        }
    }
}

/// Whether a key must be there. What its struct leaves open, a check of the plan may still
/// ask for, in some places or always.
fn needed(item: &Item, key: &Key) -> &'static str {
    match (item.name.as_str(), key.name.as_str()) {
        ("SourceDocument", "rows") => ", required of a register",
        ("SourceDocument", "current" | "valid_from") => ", required of a history",
        ("IdentifierDocument", "column" | "type") => ", required unless `columns` is given",
        ("ColumnDocument", "from") => ", required in a source",
        ("ColumnDocument", "scale") => ", required of a `decimal`",
        ("MeasureDocument", "of") => ", required with `share`",
        ("ProtectDocument", "round" | "noise") => ", required by its method",
        ("TableDocument", "sensitive") => "",
        _ if is_required(item, key) => "",
        _ => ", optional",
    }
}

/// Of structs that may be written short, only one key is required.
fn is_required(item: &Item, key: &Key) -> bool {
    match item.name.as_str() {
        "BandsDocument" => key.name == "edges",
        "SensitiveDocument" => key.name == "name",
        "ValidFromDocument" => key.name == "column",
        _ => key.is_required,
    }
}

fn title(name: &str) -> String {
    let name = name.strip_suffix("Document").unwrap_or(name);
    let mut title = String::new();
    for (at, c) in name.char_indices() {
        if at > 0 && c.is_uppercase() {
            title.push(' ');
            title.extend(c.to_lowercase());
        } else {
            title.push(c);
        }
    }
    title
}

/// A type in words.
fn words(items: &BTreeMap<String, Item>, kind: &str) -> String {
    let generic = |start: &str| kind.strip_prefix(start)?.strip_suffix('>');
    if let Some(of) = generic("Vec<") {
        return format!("list of {}", words(items, of));
    }
    if let Some(of) = generic("BTreeMap<String, ") {
        return format!("table by name of {}", words(items, of));
    }
    match kind {
        "String" => "text".to_owned(),
        "bool" => "true or false".to_owned(),
        "u8" | "u32" | "u64" => "whole number".to_owned(),
        "Percent" => "percent".to_owned(),
        "Number" => "number".to_owned(),
        "Scalar" => "value".to_owned(),
        "Date" => "date".to_owned(),
        "FnrKinds" => "list of kinds".to_owned(),
        "MarginsDocument" => "true, false, or lists of dimensions".to_owned(),
        "CategoriesDocument" => "list of text, or a code list".to_owned(),
        "CountInterval" => "whole number, or \"full\"".to_owned(),
        "CountDocument" => "true, or conditions".to_owned(),
        kind if items[kind].names.is_empty() => title(kind).to_lowercase(),
        _ => "one of these names".to_owned(),
    }
}

fn indent(out: &mut String, text: &str, by: usize) {
    for line in text.lines() {
        let _ = writeln!(out, "{}", format!("{:by$}{line}", "").trim_end());
    }
}

/// Rustdoc as plain text: links are their words, paragraphs are filled, and
/// what is code or a table is left as it is.
pub(crate) fn plain(docs: &[String]) -> String {
    let mut out = String::new();
    let mut paragraph = String::new();
    let mut is_code = false;
    let fill = |paragraph: &mut String, out: &mut String| {
        let mut width = 0;
        for word in unlinked(paragraph).split_whitespace() {
            let length = word.chars().count();
            if width > 0 && width + 1 + length > WIDTH - 8 {
                out.push('\n');
                width = 0;
            } else if width > 0 {
                out.push(' ');
                width += 1;
            }
            out.push_str(word);
            width += length;
        }
        if width > 0 {
            out.push('\n');
        }
        paragraph.clear();
    };
    for line in docs {
        let fence = line.trim_start().starts_with("```");
        let begins = ["|", "* ", "# "]
            .iter()
            .any(|start| line.starts_with(start));
        if fence || is_code || line.is_empty() || begins {
            fill(&mut paragraph, &mut out);
        }
        if fence {
            is_code = !is_code;
        } else if is_code {
            out.push_str(&format!("    {line}\n"));
        } else if line.is_empty() {
            out.push('\n');
        } else if line.starts_with("|--") {
            // Only Markdown needs what is between the head and the body of a table.
        } else if line.starts_with('|') {
            let cells = unlinked(line.trim_matches('|').trim());
            out.push_str(&format!("{}\n", cells.replace(" | ", "  |  ")));
        } else {
            let line = line.strip_prefix("# ").unwrap_or(line);
            paragraph.push_str(line);
            paragraph.push(' ');
        }
    }
    fill(&mut paragraph, &mut out);
    out
}

/// `[words](target)` and `[words]` as their words.
fn unlinked(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("](") {
        let (before, after) = rest.split_at(at);
        let Some(open) = before.rfind('[') else {
            out.push_str(&rest[..at + 2]);
            rest = &rest[at + 2..];
            continue;
        };
        out.push_str(&before[..open]);
        out.push_str(&before[open + 1..]);
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    out.replace("[`", "`").replace("`]", "`")
}
