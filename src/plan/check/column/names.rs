//! Checks of the categories that a column declares, and of what it calls rare ones.

use std::collections::HashSet;

use crate::plan::document::{CategoriesDocument, ColumnDocument, OTHER, TypeName};
use crate::plan::finding::{Collector, Path};
use crate::plan::nfc::nfc;

/// The most categories that a column declares.
const MOST_CATEGORIES: usize = 1_000_000;

pub(super) fn check(document: &ColumnDocument, path: &Path, findings: &mut Collector) {
    let said = [
        ("categories", document.categories.is_some()),
        ("rare", document.rare.is_some()),
    ];
    for (key, _) in said.into_iter().filter(|(_, said)| *said) {
        let path = path.at(key);
        if document.kind != TypeName::Category {
            findings.add(&path, "is for columns of type category");
            continue;
        }
        let declares = [
            ("bands", document.bands.is_some()),
            ("map", document.map.is_some()),
        ];
        for (step, _) in declares.into_iter().filter(|(_, given)| *given) {
            findings
                .add(
                    &path,
                    format!("says nothing: `{step}` declares every category of the column"),
                )
                .help(format!("leave `{key}` out"));
        }
    }
    if let Some(rare) = &document.rare {
        if rare.trim().is_empty() {
            findings
                .add(&path.at("rare"), "is empty")
                .help(format!("rare = \"{OTHER}\""));
        }
        if document.absent.as_ref() == Some(rare) {
            findings
                .add(
                    &path.at("rare"),
                    "is what `absent` is called: a missing value is no rare category",
                )
                .help("give the two different names");
        }
    }
    if let Some(categories) = &document.categories {
        check_names(document, categories, &path.at("categories"), findings);
    }
}

fn check_names(
    document: &ColumnDocument,
    categories: &CategoriesDocument,
    path: &Path,
    findings: &mut Collector,
) {
    // What is wrong with a code list's file is a finding of its own.
    let listed = categories.names();
    if matches!(categories, CategoriesDocument::List(names) if names.is_empty()) {
        findings
            .add(path, "lists no category")
            .help("categories = [\"…\", \"…\"], or a code list");
    }
    if listed.len() > MOST_CATEGORIES {
        findings.add(
            path,
            format!("lists more than {MOST_CATEGORIES} categories"),
        );
        return;
    }
    let rare = document.rare.as_deref().unwrap_or(OTHER);
    let mut seen = HashSet::new();
    for (at, name) in listed.iter().enumerate() {
        let path = match categories {
            CategoriesDocument::List(_) => path.at(at),
            CategoriesDocument::CodeList(_) => path.clone(),
        };
        if name.trim().is_empty() {
            findings.add(&path, "has an empty category");
        } else if !seen.insert(nfc(name)) {
            findings.add(&path, format!("lists `{name}` twice"));
        } else if document
            .prefix
            .is_some_and(|prefix| name.chars().count() > prefix as usize)
        {
            findings
                .add(
                    &path,
                    format!("lists `{name}`, which is longer than what `prefix` keeps"),
                )
                .help("list the categories as they are after `prefix`");
        } else if name == rare && document.rare.is_none() {
            findings
                .add(
                    &path,
                    format!("lists `{name}`, which all categories outside of the list are called"),
                )
                .help("give these another name: rare = \"…\"");
        }
    }
}
