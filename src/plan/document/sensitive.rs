//! What a table calls sensitive, as it is written.

use serde::{Deserialize, Serialize};

/// What nobody may learn of a whole group of persons: a dimension of the
/// table, or a count with a condition by its name.
///
/// ```toml
/// sensitive = ["diagnosis"]
/// sensitive = [{ name = "diagnosis", none = true }]
/// sensitive = []
/// ```
///
/// A group is the persons of one category in each of the other dimensions, such as the
/// women of a county. Where all of a group are in one category of a sensitive dimension,
/// everybody's category is known (group disclosure). With `none = true` it is also
/// protected that nobody of a group is in a category. Of a count with a condition it is
/// protected that all of a group satisfy it; with `none = true`, also that nobody does.
///
/// What that means depends on the method:
///
/// * `suppress`: all cells of such a group are unsafe, the empty ones included; with
///   `none = true` every empty cell of a group that has persons is.
/// * `cell-key` and `round`: all combinations of categories are listed, and a zero may
///   have been a small number. So nobody can be certain that all of a group are in one
///   category. For a large group it may nevertheless be likely, and the methods do nothing
///   against that; the manifest says so.
/// * `noise`: bounds what is disclosed about each person, and hides nothing that is true
///   of a whole group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "SensitiveForm")]
#[non_exhaustive]
pub struct SensitiveDocument {
    /// The dimension's name, or the count's.
    pub name: String,
    /// Whether it is protected, too, that nobody of a group is in a category.
    pub none: bool,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a name, or { name = \"…\", none = true }"
)]
enum SensitiveForm {
    Name(String),
    Full(FullSensitive),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FullSensitive {
    name: String,
    #[serde(default)]
    none: bool,
}

impl From<SensitiveForm> for SensitiveDocument {
    fn from(form: SensitiveForm) -> Self {
        match form {
            SensitiveForm::Name(name) => Self { name, none: false },
            SensitiveForm::Full(full) => Self {
                name: full.name,
                none: full.none,
            },
        }
    }
}
