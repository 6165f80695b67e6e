//! Code lists: categories in a file in the plan's folder, bound to the plan by their digest.

use std::io::Read as _;
use std::path::{Component, Path as FilePath};

use sha2::{Digest as _, Sha256};

use super::document::{CategoriesDocument, CodeListDocument, PlanDocument};
use super::finding::{Collector, Path};
use crate::hex::hex;
use crate::limited::{NO_FILE, open_regular};

/// A code list is at most this large, in bytes.
const MOST_BYTES: u64 = 64 << 20;

/// What the first column of a code list is called.
const CODE: &str = "code";

/// Why a code list was refused, and what to do about it.
struct RefusedList(String, String);

/// Reads all code lists of a plan in `folder`; those that were read before stay.
pub(super) fn read_all(
    document: &mut PlanDocument,
    folder: Option<&FilePath>,
    findings: &mut Collector,
) {
    let sources = document.sources.iter_mut();
    let sources = sources.map(|(name, source)| (["source", name], &mut source.columns));
    let tables = document.tables.iter_mut();
    let tables = tables.map(|(name, table)| (["table", name], &mut table.columns));
    for ([kind, name], columns) in sources.chain(tables) {
        for (column, document) in columns {
            let Some(CategoriesDocument::CodeList(list)) = &mut document.categories else {
                continue;
            };
            if list.codes.is_some() {
                continue;
            }
            let path = Path::root(kind).at(name).at("columns").at(column);
            match read(list, folder) {
                Ok(codes) => list.codes = Some(codes),
                Err(RefusedList(rule, help)) => {
                    let path = path.at("categories");
                    findings
                        .add(&path, format!("`{}` {rule}", list.file))
                        .help(help);
                }
            }
        }
    }
}

fn read(list: &CodeListDocument, folder: Option<&FilePath>) -> Result<Vec<String>, RefusedList> {
    let refuse = |rule: &str, help: &str| Err(RefusedList(rule.to_owned(), help.to_owned()));
    let path = FilePath::new(&list.file);
    let inside = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    if list.file.is_empty() || !path.components().all(inside) {
        let help = "the path from the plan's folder, such as \"municipalities.csv\"";
        return refuse("is no path of a file in the plan's folder", help);
    }
    let Some(folder) = folder else {
        let rule = "is a file in the plan's folder, and the plan was given without its folder";
        return refuse(
            rule,
            "read the plan from its file, or list the categories in it",
        );
    };
    let bytes = bytes_of(&folder.join(path))?;
    let digest = Sha256::digest(&bytes);
    let digest = hex(&digest);
    if !list.sha256.eq_ignore_ascii_case(&digest) {
        let rule = format!(
            "is not the file that the plan means: its SHA-256 is {digest}, the plan says {}",
            list.sha256
        );
        let help = format!("if this is the right one, sha256 = \"{digest}\"");
        return Err(RefusedList(rule, help));
    }
    codes(&bytes)
}

fn bytes_of(path: &FilePath) -> Result<Vec<u8>, RefusedList> {
    let io = |error: std::io::Error| {
        let help = format!("it is looked for as {}", path.display());
        RefusedList(format!("cannot be read: {}", error.kind()), help)
    };
    let Some(file) = open_regular(path).map_err(io)? else {
        let help = "copy it to a file in the plan's folder".to_owned();
        return Err(RefusedList(NO_FILE.to_owned(), help));
    };
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(io)?;
    if bytes.len() as u64 > MOST_BYTES {
        let help = "a code list has one line a category".to_owned();
        return Err(RefusedList("has more than 64 MiB".to_owned(), help));
    }
    Ok(bytes)
}

/// The first column of a CSV text, which is called `code`.
fn codes(bytes: &[u8]) -> Result<Vec<String>, RefusedList> {
    let text = std::str::from_utf8(bytes).map_err(|_| {
        let help = "save it as UTF-8".to_owned();
        RefusedList("is no text in UTF-8".to_owned(), help)
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let header = text.lines().next().unwrap_or_default();
    let separator = |separator: &char| header.contains(*separator);
    let separator = [';', '\t', ','].into_iter().find(separator).unwrap_or(',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator as u8)
        .from_reader(text.as_bytes());
    let first = reader.headers().ok().and_then(|header| header.get(0));
    if !first.is_some_and(|first| first.trim().eq_ignore_ascii_case(CODE)) {
        let rule = format!("does not call its first column `{CODE}`");
        let help = format!("its first line names the columns, such as {CODE},name");
        return Err(RefusedList(rule, help));
    }
    let mut codes = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            let help = "each line has as many columns as the first".to_owned();
            RefusedList(format!("is no CSV in line {line}"), help)
        })?;
        codes.push(record.get(0).unwrap_or_default().to_owned());
    }
    if codes.is_empty() {
        let help = "one line a category, below the names of the columns".to_owned();
        return Err(RefusedList("lists no category".to_owned(), help));
    }
    Ok(codes)
}
