//! A plan's text: TOML in, and from a place in the plan back to line and column.

mod misfit;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::PlanDocument;
use super::finding::{Finding, Findings};

/// Of a text that is not TOML the first few faults say enough.
const MOST_SYNTAX: usize = 3;

/// More findings about the form than this are not worth reading.
const MOST_FINDINGS: usize = 50;

/// Reads a plan's text, or says all that is wrong with its form.
pub(super) fn read(text: &str) -> Result<PlanDocument, Findings> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let first = errors.iter().take(MOST_SYNTAX);
        let mut findings: Vec<Finding> = first.map(|e| finding(text, &[], e)).collect();
        if errors.len() > MOST_SYNTAX
            && let Some(last) = findings.last_mut()
        {
            last.help("there is more that is not TOML; is this a plan?");
        }
        return Err(Findings::new(findings));
    }
    match deserialize(table.clone()) {
        Ok(document) => Ok(document),
        Err(first) => Err(Findings::new(peel(text, table, first))),
    }
}

fn deserialize(table: Spanned<DeTable<'_>>) -> Result<PlanDocument, toml::de::Error> {
    PlanDocument::deserialize(toml::de::Deserializer::from(table))
}

/// Reads another document of TOML, or says what is first wrong with its form;
/// no value of it is quoted.
pub(crate) fn read_unquoted<T: DeserializeOwned>(text: &str) -> Result<T, Finding> {
    toml::from_str(text).map_err(|error| {
        let table = DeTable::parse_recoverable(text).0;
        let start = error.span().map_or(0, |span| span.start);
        let mut finding = finding(text, &path_of(&table, start), &error);
        match SerdeFault::of(error.message()) {
            SerdeFault::Missing(_) | SerdeFault::UnknownField { .. } => {}
            // The message may quote a value.
            SerdeFault::UnknownWord { .. } | SerdeFault::Other => {
                finding.rule =
                    "is not what is expected here: a number, a name or a table".to_owned();
                finding.help = None;
            }
        }
        finding
    })
}

/// Replaces a `[project]` that could not be read, so that the rest still is.
const PLACEHOLDER: &str = r#"id = "-"
epoch = 1
title = "-"
purpose = "-"
controller = "-"
linkage_unit = "-"
recipient = "-"
valid = { from = 2000-01-01, until = 2000-01-01 }
"#;

/// serde stops at the first fault; so what it names is mended or taken away
/// and the rest is read again, until nothing more is wrong or a fault cannot
/// be taken away.
fn peel(text: &str, mut table: Spanned<DeTable<'_>>, first: toml::de::Error) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut removed: Vec<Vec<String>> = Vec::new();
    let found = |table: &DeTable<'_>, path: &[String], error: &toml::de::Error| {
        let mut found = finding(text, path, error);
        if let SerdeFault::Other = SerdeFault::of(error.message())
            && let Some((rule, help)) = misfit::in_words(text, table, error)
        {
            (found.rule, found.help) = (rule, help);
        }
        found
    };
    let mut next = Some(first);
    while let Some(error) = next.take() {
        let span = error.span();
        let mut path = span.map(|s| path_of(&table, s.start)).unwrap_or_default();
        let fault = SerdeFault::of(error.message());
        if let SerdeFault::Missing(field) = fault {
            let ours = removed.iter().any(|gone| {
                gone.split_last()
                    .is_some_and(|(last, to)| last == field && to == path)
            });
            if !ours {
                findings.push(found(table.get_ref(), &path, &error));
            }
        } else {
            findings.push(found(table.get_ref(), &path, &error));
        }
        if path.is_empty() || findings.len() >= MOST_FINDINGS {
            break;
        }
        if let SerdeFault::UnknownField {
            field,
            near: Some(near),
            ..
        } = fault
            && path.last().is_some_and(|last| last == field)
        {
            // Where the right name is taken, the misspelt entry is dropped.
            rename(table.get_mut(), &path, near);
            path.clear();
        }
        if !path.is_empty() {
            if !remove(table.get_mut(), &path) {
                break;
            }
            if path.len() == 1 && path[0] == "project" {
                let project = DeTable::parse(PLACEHOLDER).expect("the placeholder is TOML");
                let value = Spanned::new(0..0, DeValue::Table(project.into_inner()));
                table
                    .get_mut()
                    .insert(Spanned::new(0..0, "project".into()), value);
            }
            removed.push(path);
        }
        next = deserialize(table.clone()).err();
    }
    findings
}

/// What serde says is wrong.
#[derive(Clone, Copy)]
enum SerdeFault<'a> {
    Missing(&'a str),
    UnknownField {
        field: &'a str,
        near: Option<&'a str>,
        known: &'a str,
    },
    UnknownWord {
        word: &'a str,
        near: Option<&'a str>,
        known: &'a str,
    },
    Other,
}

impl<'a> SerdeFault<'a> {
    fn of(message: &'a str) -> Self {
        let quoted = |start: &str| message.strip_prefix(start)?.split_once('`');
        let near = |word, known| crate::error::nearest(word, names(known));
        if let Some((field, _)) = quoted("missing field `") {
            Self::Missing(field)
        } else if let Some((field, known)) = quoted("unknown field `") {
            let near = near(field, known);
            Self::UnknownField { field, near, known }
        } else if let Some((word, known)) = quoted("unknown variant `") {
            let near = near(word, known);
            Self::UnknownWord { word, near, known }
        } else {
            Self::Other
        }
    }
}

/// The names that a message of serde's quotes.
fn names(message: &str) -> impl Iterator<Item = &str> {
    message.split('`').skip(1).step_by(2)
}

fn finding(text: &str, path: &[String], error: &toml::de::Error) -> Finding {
    let place = error.span().map(|span| line_and_column(text, span.start));
    let help = |near: Option<&str>, known: &str| {
        Some(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "known here: {}",
                names(known).collect::<Vec<_>>().join(", ")
            ),
        })
    };
    let (rule, help) = match SerdeFault::of(error.message()) {
        SerdeFault::UnknownField { field, near, known } => {
            let said = moved(field).or_else(|| not_offered(field, path));
            let help = said.map_or_else(|| help(near, known), |said| Some(said.to_owned()));
            (format!("unknown field `{field}`"), help)
        }
        SerdeFault::UnknownWord { word, near, known } => {
            (format!("`{word}` is not known here"), help(near, known))
        }
        SerdeFault::Missing(field) => (format!("`{field}` is missing"), None),
        SerdeFault::Other => (error.message().trim().replace('\n', "; "), None),
    };
    Finding {
        path: path.to_vec(),
        line: place.map(|(line, _)| line),
        column: place.map(|(_, column)| column),
        rule,
        help,
    }
}

/// What took the place of a key that plans once had.
fn moved(field: &str) -> Option<&'static str> {
    (field == "group_disclosure")
        .then_some("a table says next to `by` what is `sensitive`: sensitive = [\"…\"]")
}

/// Why a statistic that other programs have is no measure here, and what is in its place.
///
/// A median or another quantile is the value of one person, or lies between those of
/// two; and no rule of disclosure control here bounds what a variance discloses about one.
fn not_offered(field: &str, path: &[String]) -> Option<&'static str> {
    if !path.iter().any(|key| key == "measures") {
        return None;
    }
    match field {
        "median" | "quantile" | "quantiles" | "percentile" | "percentiles" | "quartile"
        | "quartiles" | "decile" | "deciles" | "mode" => Some(
            "it is one person's value, or lies between two persons', so it is not offered: \
             count persons in `bands`, as a dimension, or use sum or mean",
        ),
        "variance" | "var" | "stddev" | "std" | "sd" | "gini" | "correlation" => Some(
            "no rule of disclosure control here bounds what it discloses about one person, so it is \
             not offered: count persons in `bands`, as a dimension, or use sum or mean",
        ),
        "count" | "n" | "distinct" => {
            Some("write `persons = true` for distinct persons, or `rows = true` for rows")
        }
        "ratio" | "percent" | "proportion" | "rate" => Some(
            "a share of persons is { share = \"…\", of = \"persons\" }, of a count with a condition",
        ),
        _ => None,
    }
}

/// Fills in where each finding's path is in `text`.
pub(super) fn locate(text: &str, findings: &mut [Finding]) {
    let (table, _) = DeTable::parse_recoverable(text);
    for finding in findings.iter_mut() {
        let start = start_of(&table, &finding.path);
        let (line, column) = line_and_column(text, start);
        finding.line = Some(line);
        finding.column = Some(column);
    }
    findings.sort_by_key(|finding| (finding.line, finding.column));
}

/// Line and column, both from 1, of a byte of `text`.
fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    let before = &text[..byte];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.matches('\n').count() + 1;
    (line, before[line_start..].chars().count() + 1)
}

/// The byte where the deepest part of `path` that is in the text begins.
fn start_of(table: &Spanned<DeTable<'_>>, path: &[String]) -> usize {
    let mut start = 0;
    let mut here: Option<&DeValue<'_>> = None;
    for key in path {
        let table = match here {
            None => Some(table.get_ref()),
            Some(value) => value.as_table(),
        };
        let next = match (table, here.and_then(|value| value.as_array())) {
            (Some(table), _) => table
                .iter()
                .find(|(name, _)| name.get_ref().as_ref() == key)
                .map(|(name, value)| (name.span().start, value)),
            (None, Some(array)) => key
                .parse::<usize>()
                .ok()
                .and_then(|index| array.get(index))
                .map(|value| (value.span().start, value)),
            (None, None) => None,
        };
        match next {
            Some((at, value)) => {
                start = at;
                here = Some(value.get_ref());
            }
            None => break,
        }
    }
    start
}

/// The keys that lead to the entry that byte `at` of the text belongs to.
fn path_of(table: &Spanned<DeTable<'_>>, at: usize) -> Vec<String> {
    let mut path = Vec::new();
    let mut here = table.get_ref();
    loop {
        let entry = here
            .iter()
            .find(|(name, value)| name.span().contains(&at) || holds(value, at));
        let Some((name, value)) = entry else {
            return path;
        };
        path.push(name.get_ref().to_string());
        match value.get_ref().as_table() {
            Some(inner) if value.span().start != at && !name.span().contains(&at) => here = inner,
            _ => return path,
        }
    }
}

/// Whether byte `at` lies inside `value`: the parts of a table may be far apart.
fn holds(value: &Spanned<DeValue<'_>>, at: usize) -> bool {
    let inside = value.span().contains(&at);
    match value.get_ref() {
        DeValue::Table(table) => {
            inside
                || table
                    .iter()
                    .any(|(name, value)| name.span().contains(&at) || holds(value, at))
        }
        _ => inside,
    }
}

/// Takes the entry at `path` away; false if there is none.
fn remove(table: &mut DeTable<'_>, path: &[String]) -> bool {
    take(table, path).is_some()
}

/// Gives the entry at `path` another name; takes it away if the name is taken.
fn rename<'i>(table: &mut DeTable<'i>, path: &[String], name: &str) {
    let Some((_, parents)) = path.split_last() else {
        return;
    };
    let Some((key, value)) = take(table, path) else {
        return;
    };
    let mut here = table;
    for parent in parents {
        let key: Spanned<std::borrow::Cow<'i, str>> = Spanned::new(0..0, parent.clone().into());
        match here.get_mut(&key).map(Spanned::get_mut) {
            Some(DeValue::Table(inner)) => here = inner,
            _ => return,
        }
    }
    let name = Spanned::new(key.span(), name.to_owned().into());
    if !here.contains_key(&name) {
        here.insert(name, value);
    }
}

type TomlEntry<'i> = (Spanned<std::borrow::Cow<'i, str>>, Spanned<DeValue<'i>>);

fn take<'i>(table: &mut DeTable<'i>, path: &[String]) -> Option<TomlEntry<'i>> {
    let [first, rest @ ..] = path else {
        return None;
    };
    let key = Spanned::new(0..0, first.as_str().to_owned().into());
    match (rest, table.get_mut(&key).map(Spanned::get_mut)) {
        ([_, ..], Some(DeValue::Table(inner))) => take(inner, rest),
        _ => table.remove_entry(&key),
    }
}
