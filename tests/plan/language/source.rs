//! The structs of a plan's document, as their source text and its rustdoc have them.

use std::collections::BTreeMap;
use std::path::Path;

/// A struct or an enum of the document.
#[derive(Debug, Clone, Default)]
pub(crate) struct Item {
    pub(crate) name: String,
    pub(crate) docs: Vec<String>,
    pub(crate) keys: Vec<Key>,
    /// Of an enum of names: what each is called, and its docs.
    pub(crate) names: Vec<(String, Vec<String>)>,
}

/// A key of a struct.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    /// As plans write it.
    pub(crate) name: String,
    pub(crate) docs: Vec<String>,
    /// Its Rust type, without `Option`.
    pub(crate) kind: String,
    pub(crate) is_required: bool,
}

/// Every public struct and enum of the plan's document, by name.
pub(crate) fn items() -> BTreeMap<String, Item> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let plan = root.join("src/plan");
    let identifier = root.join("crates/kobling-identifier/src");
    let mut files = vec![
        plan.join("document.rs"),
        identifier.join("rule.rs"),
        identifier.join("identifier_type.rs"),
    ];
    let folder = std::fs::read_dir(plan.join("document")).expect("the folder");
    files.extend(folder.map(|entry| entry.expect("an entry").path()));
    let mut items = BTreeMap::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("source text");
        for mut item in read(&text) {
            // Its names are those of its docs, and no words of serde's.
            if item.name == "IdentifierType" {
                item.names.clear();
            }
            items.insert(item.name.clone(), item);
        }
    }
    items
}

/// The items of one file, which rustfmt has formatted.
fn read(text: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let mut item: Option<(Item, String)> = None;
    let (mut docs, mut attributes) = (Vec::new(), String::new());
    let mut open = false;
    for line in text.lines() {
        let bare = line.trim();
        if let Some(doc) = bare.strip_prefix("///") {
            docs.push(doc.strip_prefix(' ').unwrap_or(doc).to_owned());
            continue;
        }
        if open || bare.starts_with("#[") {
            attributes.push_str(bare);
            open = !bare.ends_with(']');
            continue;
        }
        let begins = ["pub struct ", "pub enum "];
        let begins = begins.iter().find_map(|word| line.strip_prefix(word));
        match (begins.and_then(|rest| rest.strip_suffix(" {")), &mut item) {
            (Some(name), _) => {
                let new = Item {
                    name: name.to_owned(),
                    docs: std::mem::take(&mut docs),
                    ..Item::default()
                };
                item = Some((new, std::mem::take(&mut attributes)));
            }
            (None, Some(_)) if line == "}" => items.extend(item.take().map(|(item, _)| item)),
            (None, Some((item, rules))) if bare.ends_with(',') => {
                let bare = bare.trim_end_matches(',');
                let docs = std::mem::take(&mut docs);
                let own = std::mem::take(&mut attributes);
                if own.contains("serde(skip)") {
                    continue;
                }
                match bare
                    .strip_prefix("pub ")
                    .and_then(|bare| bare.split_once(": "))
                {
                    Some((name, kind)) => item.keys.push(key(name, kind, docs, &own)),
                    None if bare.chars().all(char::is_alphanumeric) => {
                        let name = word(&own, "rename").unwrap_or_else(|| cased(bare, rules));
                        item.names.push((name, docs.clone()));
                        item.names
                            .extend(word(&own, "alias").map(|name| (name, docs)));
                    }
                    // A variant of an untagged enum.
                    None => {}
                }
            }
            _ => {}
        }
        docs.clear();
        attributes.clear();
    }
    items
}

fn key(name: &str, kind: &str, docs: Vec<String>, attributes: &str) -> Key {
    let inner = kind
        .strip_prefix("Option<")
        .and_then(|kind| kind.strip_suffix('>'));
    Key {
        name: word(attributes, "rename").unwrap_or_else(|| name.to_owned()),
        docs,
        is_required: inner.is_none() && !attributes.contains("default"),
        kind: inner.unwrap_or(kind).to_owned(),
    }
}

/// What follows `key = "` in attributes.
fn word(attributes: &str, key: &str) -> Option<String> {
    let (_, rest) = attributes.split_once(&format!("{key} = \""))?;
    Some(rest.split_once('"')?.0.to_owned())
}

/// A variant's name as its enum's rules have it.
fn cased(name: &str, rules: &str) -> String {
    match word(rules, "rename_all").as_deref() {
        Some("kebab-case") => {
            let mut cased = String::new();
            for (at, c) in name.char_indices() {
                if at > 0 && c.is_uppercase() {
                    cased.push('-');
                }
                cased.extend(c.to_lowercase());
            }
            cased
        }
        // So are those of enums that are written by hand.
        _ => name.to_lowercase(),
    }
}
