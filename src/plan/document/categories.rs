//! The categories that a plan declares, as they are written.
//!
//! The name of a category is published with every cell of it, and it may be one
//! person's: a number, a date of birth, the only village with one inhabitant. So
//! a release names only those categories that the plan declares, and those that
//! enough persons have.

use serde::{Deserialize, Serialize};

/// What categories that may not be named are called together, unless the plan
/// says it otherwise.
pub const OTHER: &str = "other";

/// The categories of a column: `["a", "b"]`, or a code list.
///
/// ```toml
/// categories = ["employed", "unemployed", "outside of the labour force"]
/// categories = { file = "municipalities.csv", sha256 = "9f86d0…" }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a list of categories, or a code list: { file = \"…\", sha256 = \"…\" }"
)]
#[non_exhaustive]
pub enum CategoriesDocument {
    /// These.
    List(Vec<String>),
    /// Those of a code list.
    CodeList(CodeListDocument),
}

impl CategoriesDocument {
    /// The categories in their order; none of a code list that was not read.
    pub(crate) fn names(&self) -> &[String] {
        match self {
            Self::List(names) => names,
            Self::CodeList(list) => list.codes.as_deref().unwrap_or_default(),
        }
    }
}

/// A code list: a CSV file in the plan's folder, whose first column is called `code`
/// and has each category once.
///
/// Columns are separated by commas, semicolons or tabs; further columns are for human
/// readers. The file is read when [`Plan::read`](crate::Plan::read) reads the plan, and
/// refused if its digest is another one; so whoever signs the plan signs the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CodeListDocument {
    /// The file, by its path from the plan's folder.
    pub file: String,
    /// The SHA-256 of the file's bytes, in hexadecimal digits.
    pub sha256: String,
    /// The codes, once the file was read. Wherever the document is written, the
    /// file's digest is written in their place.
    #[serde(skip)]
    pub(in crate::plan) codes: Option<Vec<String>>,
}

/// Whether `rare` says nothing but what holds anyway: then it is not part of the
/// plan's canonical form.
pub(super) fn is_usual(rare: &Option<String>) -> bool {
    rare.as_ref().is_none_or(|rare| rare == OTHER)
}
