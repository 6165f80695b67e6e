//! The floors of the house: rooms import from rooms above them only, and stay small.
//!
//! Each rule is a function of a file's name and text; so each is also shown
//! a bad snippet that it must find.

use std::path::{Path, PathBuf};

/// The rooms from the top down. A room imports only from those above it.
const ROOMS: [&str; 23] = [
    "count",
    "error",
    "hex",
    "limited",
    "mapped",
    "secret",
    "watch",
    "atomic_file",
    "plan",
    "key",
    "ledger",
    "rows",
    "column",
    "identifier",
    "pseudonym",
    "extract",
    "link",
    "table",
    "protect",
    "release",
    "frame",
    "synthesise",
    "bench",
];

/// The sources of the crates that have no rooms of their own, and of that which has.
pub(crate) const CRATES: [&str; 3] = [
    "src",
    "crates/kobling-identifier/src",
    "crates/kobling-sdc/src",
];

const MOST_LINES: usize = 600;
const MOST_CODE: usize = 400;

/// Every file of Rust below `root`, a folder of the repository, by its path there.
pub(crate) fn files(root: &str) -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => walk(&path, found),
                false if path.extension().is_some_and(|ending| ending == "rs") => found.push(path),
                // Data is beside the code that reads it.
                false => {}
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
    let mut found = Vec::new();
    walk(&root, &mut found);
    found.sort();
    let files = found.into_iter().map(|path| {
        let text = std::fs::read_to_string(&path).unwrap();
        (path.strip_prefix(&root).unwrap().to_owned(), text)
    });
    files.collect()
}

/// The names on the way to a file: `plan/check.rs` is `["plan", "check"]`.
pub(crate) fn names(path: &Path) -> Vec<String> {
    let path = path.with_extension("");
    path.iter()
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

/// The lines of `text` that are code: without comments, blank lines, and what
/// is compiled for tests only.
pub(crate) fn code(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut tests: Option<usize> = None;
    for line in text.lines() {
        let bare = line.trim();
        let indent = line.len() - line.trim_start().len();
        if let Some(at) = tests {
            // The item ends where its indentation is met again by its last line.
            let ends = bare.ends_with('}') || bare.ends_with(';') || bare.ends_with(',');
            if indent == at && ends && !bare.is_empty() {
                tests = None;
            }
        } else if bare == "#[cfg(test)]" {
            tests = Some(indent);
        } else if !bare.is_empty() && !bare.starts_with("//") {
            lines.push(line.split(" // ").next().unwrap_or(line));
        }
    }
    lines
}

/// The rooms that code names by `crate::`, grouped imports included.
fn imports(code: &[&str]) -> Vec<String> {
    let text = code.join("\n");
    let word = |text: &str| -> String {
        let letters = text.trim_start().chars();
        letters
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let mut found = Vec::new();
    for (at, start) in text.match_indices("crate::") {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &text[at + start.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            found.push(word(rest));
            continue;
        };
        let mut depth = 1;
        let mut next = true;
        for (at, c) in group.char_indices() {
            if next && !c.is_whitespace() {
                found.push(word(&group[at..]));
                next = false;
            }
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' => next = depth == 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

/// Whether `super::` in `line`, at `depth` below the crate's root, reaches the root.
fn reaches_the_root(line: &str, depth: usize) -> bool {
    let deepest = line.match_indices("super::").map(|(at, _)| {
        let chain = line[at..].split("::");
        chain.take_while(|step| *step == "super").count()
    });
    // An indented line may be in an inline module, one deeper.
    let inline = usize::from(line.starts_with(' '));
    deepest.max().is_some_and(|steps| steps >= depth + inline)
}

fn floors(path: &Path, text: &str) -> Vec<String> {
    let names = names(path);
    let mut broken = Vec::new();
    let code = code(text);
    match names[0].as_str() {
        // The root names all rooms.
        "lib" => {}
        // A program is a crate of its own, which sees what is public; unless it
        // takes the library's files for its own.
        "bin" => {
            if code
                .iter()
                .any(|line| line.contains("#[path") || line.contains("include!"))
            {
                broken.push("takes files that are not its own".to_owned());
            }
        }
        room => {
            let Some(own) = ROOMS.iter().position(|other| *other == room) else {
                return vec![format!("`{room}` is no room: give it a floor here")];
            };
            for import in imports(&code) {
                match ROOMS.iter().position(|other| *other == import) {
                    Some(floor) if floor <= own => {}
                    _ => broken.push(format!("imports `{import}`, which is not above it")),
                }
            }
            if code.iter().any(|line| reaches_the_root(line, names.len())) {
                broken.push("reaches the crate's root by `super`".to_owned());
            }
        }
    }
    broken
}

fn sizes(path: &Path, text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    // Declared behind `#[cfg(test)]`, in the room that it tests.
    let is_test = names(path).iter().any(|name| name == "tests");
    if text.lines().count() > MOST_LINES {
        broken.push(format!("has {} lines", text.lines().count()));
    }
    if !is_test && code(text).len() > MOST_CODE {
        broken.push(format!("has {} lines of code", code(text).len()));
    }
    broken
}

fn form(path: &Path, text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    for name in names(path) {
        if [
            "mod", "utils", "util", "common", "types", "prelude", "helpers",
        ]
        .contains(&name.as_str())
        {
            broken.push(format!("`{name}` says nothing of what is in it"));
        }
    }
    if !text.starts_with("//! ") {
        broken.push("does not open with what it is".to_owned());
    }
    // A cell may be unsafe too; code is, if such a word or sign follows.
    let is_unsafe = |line: &&str| {
        let mut follows = line.split("unsafe").skip(1).map(str::trim_start);
        let code = ["{", "(", "_code", "fn ", "impl", "extern ", "trait "];
        follows.any(|rest| rest.is_empty() || code.iter().any(|code| rest.starts_with(code)))
    };
    let unsafe_rooms = [Path::new("frame/ffi.rs"), Path::new("mapped.rs")];
    if !unsafe_rooms.contains(&path) && code(text).iter().any(is_unsafe) {
        broken.push("has unsafe code".to_owned());
    }
    broken
}

/// What all files below `root` break of `rule`.
fn check(root: &str, rule: fn(&Path, &str) -> Vec<String>) -> Vec<String> {
    let files = files(root);
    assert!(files.len() > 20, "the files were not found");
    let broken = files.iter().flat_map(|(path, text)| {
        let broken = rule(path, text).into_iter();
        broken.map(move |rule| format!("{}: {rule}", path.display()))
    });
    broken.collect()
}

#[test]
fn rooms_import_from_rooms_above_them_only() {
    assert_eq!(check("src", floors), Vec::<String>::new());
}

#[test]
fn files_are_small() {
    for root in CRATES {
        assert_eq!(check(root, sizes), Vec::<String>::new());
    }
}

#[test]
fn files_say_what_they_are_and_have_no_unsafe_code() {
    for root in CRATES {
        assert_eq!(check(root, form), Vec::<String>::new());
    }
}

#[test]
fn the_root_declares_the_rooms_in_their_order() {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let declared: Vec<&str> = text
        .lines()
        .filter_map(|line| {
            line.trim_start_matches("pub ")
                .strip_prefix("mod ")?
                .strip_suffix(';')
        })
        .collect();
    let ordered: Vec<&str> = ROOMS
        .into_iter()
        .filter(|room| declared.contains(room))
        .collect();
    assert_eq!(declared, ordered);
}

#[test]
fn an_import_from_below_is_found() {
    let breaks = |path: &str, text: &str| !floors(Path::new(path), text).is_empty();
    assert!(breaks("plan.rs", "use crate::key::Domain;"));
    assert!(breaks(
        "plan/check/table.rs",
        "use crate::error::Error;\nuse crate::extract;"
    ));
    assert!(breaks("column.rs", "fn f() -> crate::link::Linkage {}"));
    assert!(breaks(
        "column.rs",
        "use crate::{\n    error::{Error, ErrorKind},\n    release::Release,\n};"
    ));
    assert!(breaks("column.rs", "use crate::Plan;"));
    assert!(breaks("column.rs", "use super::link::Linkage;"));
    assert!(breaks("column/read.rs", "use super::super::link::Linkage;"));
    assert!(breaks("cellar.rs", ""));
    assert!(breaks(
        "bin/kobling/main.rs",
        "#[path = \"../../plan.rs\"]\nmod plan;"
    ));
    assert!(!breaks("bin/kobling.rs", "use kobling::Plan;"));
    assert!(!breaks("lib.rs", "pub use crate::release::Release;"));
    assert!(!breaks(
        "link.rs",
        "use crate::{error::Error, plan::{Plan, table}};\nuse crate::link::merge;"
    ));
    assert!(!breaks(
        "link.rs",
        "/// [`crate::release::Release`]\n//! crate::release"
    ));
    assert!(!breaks("column/read.rs", "use super::steps::Steps;"));
    assert!(!breaks("column.rs", "mod tests {\n    use super::*;\n}"));
    let tests = "#[cfg(test)]\nmod tests {\n    use crate::release::Release;\n}\n";
    assert!(!breaks("column.rs", tests));
    assert!(breaks(
        "column.rs",
        &format!("{tests}use crate::release::Release;")
    ));
}

#[test]
fn a_large_file_is_found() {
    let breaks = |text: &str| !sizes(Path::new("plan.rs"), text).is_empty();
    assert!(breaks(&"fn f() {}\n".repeat(401)));
    assert!(!breaks(&"fn f() {}\n".repeat(400)));
    assert!(breaks(&"// why\n".repeat(601)));
    assert!(!breaks(&"// why\n\n".repeat(300)));
    let tests = format!(
        "#[cfg(test)]\nmod tests {{\n{}}}\n",
        "    fn f() {}\n".repeat(500)
    );
    assert!(!breaks(&tests));
    let after = format!("#[cfg(test)]\nmod tests;\n{}", "fn f() {}\n".repeat(401));
    assert!(breaks(&after));
}

#[test]
fn a_shapeless_file_is_found() {
    let breaks = |path: &str, text: &str| !form(Path::new(path), text).is_empty();
    for path in [
        "plan/mod.rs",
        "utils.rs",
        "column/common.rs",
        "types.rs",
        "prelude.rs",
        "utils/text.rs",
    ] {
        assert!(breaks(path, "//! Things."), "{path}");
    }
    assert!(breaks("plan.rs", "use std::fmt;"));
    assert!(!breaks("plan.rs", "//! A plan."));
    assert!(breaks("plan.rs", "//! A plan.\nfn f() { unsafe { g() } }"));
    assert!(breaks(
        "plan.rs",
        "//! A plan.\n#[allow(unsafe_code)]\nfn f() {}"
    ));
    assert!(!breaks("plan.rs", "//! A plan.\n// unsafe is denied\n"));
    assert!(breaks(
        "plan.rs",
        "//! A plan.\n#[unsafe(no_mangle)]\nfn f() {}"
    ));
    assert!(breaks(
        "plan.rs",
        "//! A plan.\nlet f = unsafe\n    { g() };"
    ));
    assert!(!breaks(
        "plan.rs",
        "//! A plan.\nlet f = \"an unsafe cell\";"
    ));
    assert!(!breaks("frame/ffi.rs", "//! Frames.\nunsafe fn f() {}"));
    assert!(!breaks("mapped.rs", "//! Maps.\nunsafe fn f() {}"));
}
