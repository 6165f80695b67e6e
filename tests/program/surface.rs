//! The surface of the library: every public name with its signature, as a text under test.
//!
//! Whoever embeds kobling holds on to names. So a change of them is seen where it is made:
//! `surface.txt` has one line a name, in the order of the alphabet, and this test makes it
//! again from the sources. It reads them as text, and expands no macro: what is public
//! by one must not be.

mod paths;
mod render;

use std::collections::BTreeSet;
use std::path::Path;

/// Says that a new surface is meant.
const ACCEPT: &str = "KOBLING_SURFACE";

/// The surface of the crate in `source`, whose root is `lib.rs`.
fn surface(source: &Path) -> String {
    let krate = paths::Crate::read(source);
    let lines: BTreeSet<String> = render::lines(&krate).into_iter().collect();
    lines.into_iter().map(|line| line + "\n").collect()
}

/// The lines that are in one of two texts only, in their order.
fn difference(before: &str, after: &str) -> Vec<String> {
    let [old, new] = [before, after].map(|text| text.lines().collect::<BTreeSet<_>>());
    let gone = old.difference(&new).map(|line| (*line, '-'));
    let come = new.difference(&old).map(|line| (*line, '+'));
    let mut lines: Vec<(&str, char)> = gone.chain(come).collect();
    // A name that has changed is listed below what it was.
    lines.sort_by_key(|(line, sign)| (line.split("  ").next(), *sign == '+', *line));
    let lines = lines
        .into_iter()
        .map(|(line, sign)| format!("{sign} {line}"));
    lines.collect()
}

/// Of each crate its sources, the text of its surface, and how many names it has at least.
const CRATES: [(&str, &str, usize); 3] = [
    ("src", "tests/program/surface.txt", 300),
    (
        "crates/kobling-identifier/src",
        "crates/kobling-identifier/tests/surface.txt",
        80,
    ),
    (
        "crates/kobling-sdc/src",
        "crates/kobling-sdc/tests/surface.txt",
        100,
    ),
];

#[test]
fn the_surface_is_the_one_that_was_accepted() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (source, kept, least) in CRATES {
        let made = surface(&root.join(source));
        assert!(made.lines().count() > least, "the sources were not found");
        if std::env::var_os(ACCEPT).is_some_and(|word| word == "accept") {
            std::fs::write(root.join(kept), &made).expect("it is written");
            continue;
        }
        let accepted = std::fs::read_to_string(root.join(kept)).unwrap_or_default();
        let difference = difference(&accepted, &made);
        assert!(
            difference.is_empty(),
            "the surface of {source} is another one than {kept} says:\n\n{}\n\n\
             If that is meant: {ACCEPT}=accept cargo test --test program surface",
            difference.join("\n")
        );
    }
}

#[test]
fn a_surface_is_what_can_be_named_from_outside() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        std::fs::create_dir_all(folder.path().join("open")).expect("a folder");
        std::fs::write(folder.path().join(name), text).expect("a file");
    };
    file(
        "lib.rs",
        "mod shut; pub mod open; pub use shut::{Seen, make as made}; pub use outside::Other;
         #[cfg(test)] pub mod tests {} #[cfg(feature = \"more\")] pub fn more() {}",
    );
    file(
        "shut.rs",
        "use std::fmt;
         #[derive(Debug, Clone)] #[non_exhaustive] pub struct Seen<'a> { pub a: &'a str, b: u8 }
         pub struct Unseen;
         impl Seen<'_> { pub fn f(&self, to: (u8, u8)) -> Option<Self> { None } fn g() {} }
         impl fmt::Display for Seen<'_> {}
         pub fn make(mut of: impl Fn(u8) -> u8 + Send) -> Vec<u8> { vec![] }
         pub(crate) fn not() {}",
    );
    file(
        "open.rs",
        "mod below; pub use below::Deep; pub const N: usize = 3;
         pub trait Walk: Send { type Step; fn go(&mut self); }",
    );
    file(
        "open/below.rs",
        "use super::super::shut::Seen;
         #[cfg_attr(feature = \"more\", derive(Copy, Clone), x(y = \"z\"))]
         pub enum Deep { A, B(u8), C { d: u8 } }
         impl<'a> From<Seen<'a>> for Deep { fn from(_: Seen<'a>) -> Self { Self::A } }
         impl Seen<'_> { pub fn h(self) {} }",
    );
    let expected = "\
kobling::Other  use outside::Other
kobling::Seen  #[non_exhaustive] struct Seen<'a>: Clone, Debug, Display
kobling::Seen::a  field: &'a str
kobling::Seen::f  fn(&self, to: (u8, u8)) -> Option<Self>
kobling::Seen::h  fn(self)
kobling::made  fn(of: impl Fn(u8) -> u8 + Send) -> Vec<u8>
kobling::more  [feature = \"more\"] fn()
kobling::open  mod
kobling::open::Deep  enum Deep: From<Seen<'a>>, [feature = \"more\"] Clone, [feature = \"more\"] Copy
kobling::open::Deep::A  variant
kobling::open::Deep::B  variant(u8)
kobling::open::Deep::C  variant { d: u8 }
kobling::open::N  const: usize
kobling::open::Walk  trait Walk: Send
kobling::open::Walk::Step  type
kobling::open::Walk::go  fn(&mut self)
";
    assert_eq!(surface(folder.path()), expected);
}

#[test]
fn a_difference_shows_what_was_and_what_is() {
    let (before, after) = (
        "a  fn()\nb  fn(u8)\nc  mod\n",
        "a  fn()\nb  fn(u16)\nd  mod\n",
    );
    let expected = ["- b  fn(u8)", "+ b  fn(u16)", "- c  mod", "+ d  mod"];
    assert_eq!(difference(before, after), expected);
    assert!(difference(before, before).is_empty());
}
