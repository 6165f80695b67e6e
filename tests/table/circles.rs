//! No two files need each other, but for a file and those that are parts of it.
//!
//! Who changes one of a circle must read all of it. What two need is moved below both.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::floors::{CRATES, code, files, names};

/// What a file names by paths: of `use a::{b, c::d}` that is `a::b` and `a::c::d`.
fn paths(code: &[&str]) -> Vec<Vec<String>> {
    let text = code.join("\n");
    let mut found = Vec::new();
    for start in ["crate::", "super::"] {
        for (at, _) in text.match_indices(start) {
            let before = text[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$' || c == ':') {
                continue;
            }
            expand(&text[at..], &[], &mut found);
        }
    }
    found
}

/// Reads one path, or a group of them, that begins at `text`; what is left of it.
fn expand<'t>(text: &'t str, before: &[String], found: &mut Vec<Vec<String>>) -> &'t str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = expand(rest, before, found).trim_start();
            match rest.strip_prefix(',') {
                Some(next) if next.trim_start().starts_with('}') => return &next.trim_start()[1..],
                Some(next) => rest = next,
                None => return rest.strip_prefix('}').unwrap_or(rest),
            }
        }
    }
    let end = text
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let path = [before, &[word.to_owned()]].concat();
    match rest.strip_prefix("::") {
        Some(rest) => expand(rest, &path, found),
        None => {
            found.push(path);
            rest
        }
    }
}

/// The file, by the names on the way to it, in which what `path` names is, as a file at
/// `own` names it.
fn file_of(own: &[String], path: &[String], all: &BTreeSet<Vec<String>>) -> Option<Vec<String>> {
    let supers = path.iter().take_while(|word| *word == "super").count();
    let mut at: Vec<String> = match path[0].as_str() {
        "crate" => path[1..].to_vec(),
        _ if supers <= own.len() => [&own[..own.len() - supers], &path[supers..]].concat(),
        _ => return None,
    };
    while !at.is_empty() && !all.contains(&at) {
        at.pop();
    }
    Some(at).filter(|at| !at.is_empty())
}

/// By file, those that it needs and is no part of, nor they of it.
fn needs(texts: &[(Vec<String>, String)]) -> BTreeMap<Vec<String>, BTreeSet<Vec<String>>> {
    let all: BTreeSet<Vec<String>> = texts.iter().map(|(name, _)| name.clone()).collect();
    let each = texts.iter().map(|(own, text)| {
        let needed = paths(&code(text)).into_iter();
        let needed = needed.filter_map(|path| file_of(own, &path, &all));
        let apart = |other: &Vec<String>| !other.starts_with(own) && !own.starts_with(other);
        (own.clone(), needed.filter(apart).collect())
    });
    each.collect()
}

/// The files of each circle, those that are reached from each other.
fn circles(needs: &BTreeMap<Vec<String>, BTreeSet<Vec<String>>>) -> Vec<BTreeSet<String>> {
    let reached = |from: &Vec<String>| {
        let mut reached: BTreeSet<&Vec<String>> = BTreeSet::new();
        let mut open: Vec<&Vec<String>> = needs[from].iter().collect();
        while let Some(next) = open.pop() {
            if reached.insert(next) {
                open.extend(&needs[next]);
            }
        }
        reached
    };
    let reached: BTreeMap<&Vec<String>, _> =
        needs.keys().map(|file| (file, reached(file))).collect();
    let mut circles = BTreeSet::new();
    for (file, to) in &reached {
        let circle = to.iter().filter(|other| reached[**other].contains(*file));
        let circle: BTreeSet<String> = circle.map(|file| file.join("/")).collect();
        if circle.len() > 1 {
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

#[test]
fn no_files_need_each_other() {
    for root in CRATES {
        let texts = files(root).into_iter();
        let texts =
            texts.filter(|(path, _)| path != Path::new("lib.rs") && !path.starts_with("bin"));
        let texts: Vec<(Vec<String>, String)> =
            texts.map(|(path, text)| (names(&path), text)).collect();
        assert!(texts.len() > 20, "the files were not found");
        let found = circles(&needs(&texts));
        assert_eq!(found, Vec::<BTreeSet<String>>::new(), "in {root}");
    }
}

#[test]
fn a_circle_is_found() {
    let file = |name: &str, text: &str| {
        (
            name.split('/').map(str::to_owned).collect::<Vec<_>>(),
            text.to_owned(),
        )
    };
    let texts = [
        file("a", "mod b;\nmod c;\nuse b::B;"),
        file("a/b", "use super::{A, c::{C, D}};\n"),
        file("a/c", "use crate::{d::E,\n    a::b::B,\n};"),
        file(
            "d",
            "use crate::a::A;\n#[cfg(test)]\nmod tests {\n    use crate::e::E;\n}",
        ),
        file("e", "/// [`crate::d`]\nuse crate::d::{self};"),
    ];
    let found = circles(&needs(&texts));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        found[0].iter().map(String::as_str).collect::<Vec<_>>(),
        ["a/b", "a/c"]
    );
    let apart = [&texts[..1], &texts[1..2], &texts[3..]].concat();
    assert!(circles(&needs(&apart)).is_empty());
}
