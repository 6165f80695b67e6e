//! Random columns: for each type the ways to declare one, with what its register may hold.
//!
//! Together they have every step of the plan language in them, and values on
//! both sides of every edge.

use std::fmt::Write as _;

use super::register::{Choices, Storage};

/// The type of a column; a decimal's scale is its own affair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Category,
    Integer,
    Decimal,
    Boolean,
    Date,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] = [
        Self::Category,
        Self::Integer,
        Self::Decimal,
        Self::Boolean,
        Self::Date,
    ];
}

/// A column in the making.
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Of a category: some of its labels.
    pub(crate) labels: Vec<&'static str>,
    /// Its recipe, as TOML.
    pub(crate) recipe: String,
    /// What its register may hold.
    pub(crate) values: Vec<Option<String>>,
    pub(crate) storage: Storage,
}

/// Text or nothing.
pub(crate) fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

const NUMBERS: &[&str] = &["3", "0", "1", "2", "5", "8", "13"];
const SIGNED: &[&str] = &["3", "-4", "0", "1", "-1", "7"];
const DECIMALS: &[&str] = &["1.25", "0", "0.5", "10", "3.75", "2"];
const DAYS: &[&str] = &["2024-01-31", "2024-02-29", "2025-12-31", "2023-06-15"];
const DAYS_DOTTED: &[&str] = &["31.01.2024", "29.02.2024", "31.12.2025", "15.06.2023"];
const PERIODS: &[&str] = &["2024", "2025"];
const LETTERS: &[&str] = &["a", "b", "c", "Ø d"];

/// A way for a column to be: recipe, values, storages, labels.
type Way = (
    &'static str,
    &'static [&'static str],
    &'static [Storage],
    &'static [&'static str],
);

const TEXT: &[Storage] = &[Storage::Text];
const WHOLE: &[Storage] = &[Storage::Integers, Storage::Text, Storage::Floats];
const FRACTIONS: &[Storage] = &[Storage::Decimals(8), Storage::Text, Storage::Floats];
const DATES: &[Storage] = &[Storage::Days, Storage::Text];

const CATEGORIES: &[Way] = &[
    ("", LETTERS, TEXT, &["a", "b", "c"]),
    (
        "map = { a = 'x', b = 'y' }\notherwise = 'z'",
        LETTERS,
        TEXT,
        &["x", "y", "z"],
    ),
    (
        "map = { a = 'x', b = 'y' }\ninvalid = 'missing'",
        LETTERS,
        TEXT,
        &["x", "y"],
    ),
    (
        "map = { 1 = 'x', 3 = 'y' }\notherwise = 'z'",
        NUMBERS,
        WHOLE,
        &["x", "y", "z"],
    ),
    (
        "map = { a = 'one', b = 'once' }\notherwise = 'two'\nprefix = 2",
        LETTERS,
        TEXT,
        &["on", "tw"],
    ),
    (
        "prefix = 2",
        &["0301", "0302", "1103", "5"],
        TEXT,
        &["03", "11", "5"],
    ),
    (
        "categories = ['a', 'c', 'never']",
        LETTERS,
        TEXT,
        &["a", "other", "c"],
    ),
    (
        "prefix = 2\ncategories = ['11', '03']\nrare = 'elsewhere'",
        &["0301", "0302", "1103", "5"],
        TEXT,
        &["03", "elsewhere"],
    ),
    ("rare = 'few'", LETTERS, TEXT, &["a", "b", "c"]),
    ("prefix = 1", &["Øst", "Øks", "ås"], TEXT, &["Ø", "å"]),
    (
        "bands = [0, 1, 2, 6]",
        SIGNED,
        WHOLE,
        &["under 0", "0", "1", "2–5", "6+"],
    ),
    (
        "bands = [2, 5]",
        DECIMALS,
        FRACTIONS,
        &["under 2", "2–4", "5+"],
    ),
    (
        "bands = { edges = [0.5, 2], closed = 'right', labels = ['small', 'medium', 'large'] }",
        &["0.5", "0.50000001", "2", "2.0001", "-1", "1.2"],
        FRACTIONS,
        &["small", "medium", "large"],
    ),
    (
        "bands = { edges = [1, 5], labels = ['few', 'many'] }\ninvalid = 'missing'",
        NUMBERS,
        WHOLE,
        &["few", "many"],
    ),
    (
        "bands = { edges = [1, 5], labels = ['many', 'few', 'many'] }",
        NUMBERS,
        WHOLE,
        &["few", "many"],
    ),
    (
        "clip = { at_least = 0, at_most = 6.5 }\nbands = { edges = [0, 6.5], labels = ['low', 'high'] }",
        SIGNED,
        WHOLE,
        &["low", "high"],
    ),
    (
        "bands = [1, 5, 6]\nprefix = 1",
        NUMBERS,
        WHOLE,
        &["u", "1", "5", "6"],
    ),
    ("truncate = 'year'", DAYS, DATES, PERIODS),
    ("truncate = 'month'", DAYS, DATES, &["2024-01", "2024-02"]),
    (
        "truncate = 'year'\nformat = 'DD.MM.YYYY'",
        DAYS_DOTTED,
        TEXT,
        PERIODS,
    ),
    (
        "truncate = 'year'\nbands = [2024, 2025]",
        DAYS,
        DATES,
        &["2024", "2025+"],
    ),
    ("missing = [3, 'a']", NUMBERS, WHOLE, &["1", "2", "5"]),
];

const INTEGERS: &[Way] = &[
    ("", NUMBERS, WHOLE, &[]),
    ("", SIGNED, WHOLE, &[]),
    ("missing = [3, -1]", SIGNED, WHOLE, &[]),
    ("clip = { at_least = 1, at_most = 6 }", SIGNED, WHOLE, &[]),
    ("truncate = 'year'", DAYS, DATES, &[]),
    (
        "truncate = 'year'\nclip = { at_least = 2024 }",
        DAYS,
        DATES,
        &[],
    ),
    (
        "invalid = 'missing'",
        &["3", "x", "1.5", "7", "2"],
        TEXT,
        &[],
    ),
    (
        "invalid = 'missing'",
        &["3", "1.5", "7", "2"],
        FRACTIONS,
        &[],
    ),
];

const SCALED: &[Way] = &[
    ("scale = 2", DECIMALS, FRACTIONS, &[]),
    (
        "scale = 3",
        &["-0.05", "1.125", "0", "12.5"],
        FRACTIONS,
        &[],
    ),
    ("scale = 1\ninvalid = 'missing'", DECIMALS, FRACTIONS, &[]),
    (
        "scale = 2\nclip = { at_least = 0.5, at_most = 2.25 }",
        DECIMALS,
        FRACTIONS,
        &[],
    ),
    ("scale = 0", NUMBERS, WHOLE, &[]),
    ("scale = 2\nmissing = [1.25]", DECIMALS, FRACTIONS, &[]),
];

const BOOLEANS: &[Way] = &[
    (
        "",
        &["true", "false"],
        &[Storage::Booleans, Storage::Text],
        &[],
    ),
    ("", &["1", "0", "TRUE", "false"], TEXT, &[]),
    (
        "map = { a = 'true', b = 'false' }\notherwise = 'true'",
        LETTERS,
        TEXT,
        &[],
    ),
    (
        "map = { 1 = 'true', 3 = 'false' }\ninvalid = 'missing'",
        NUMBERS,
        WHOLE,
        &[],
    ),
];

const CALENDAR: &[Way] = &[
    ("", DAYS, DATES, &[]),
    ("truncate = 'month'", DAYS, DATES, &[]),
    ("truncate = 'year'", DAYS, DATES, &[]),
    ("format = 'DD.MM.YYYY'", DAYS_DOTTED, TEXT, &[]),
    (
        "format = 'YYYYMMDD'\ninvalid = 'missing'",
        &["20240131", "2024", "20251231"],
        TEXT,
        &[],
    ),
];

/// Draws a column of `kind`.
pub(crate) fn draw(choices: &mut Choices, name: String, kind: Kind) -> Column {
    let (ways, type_name) = match kind {
        Kind::Category => (CATEGORIES, "category"),
        Kind::Integer => (INTEGERS, "integer"),
        Kind::Decimal => (SCALED, "decimal"),
        Kind::Boolean => (BOOLEANS, "boolean"),
        Kind::Date => (CALENDAR, "date"),
    };
    let (steps, values, storages, labels) = *choices.pick(ways);
    let mut recipe = format!("type = '{type_name}'\n{steps}");
    let mut labels = labels.to_vec();
    if kind == Kind::Category && choices.one_in(3) {
        // Bands may have the name of what is absent.
        let absent = *choices.pick(&["none", labels[0]]);
        write!(recipe, "\nabsent = '{absent}'").unwrap();
        labels.push(absent);
    }
    // What comes first is drawn most often; values are missing now and then.
    let mut values: Vec<Option<&str>> = values.iter().copied().map(Some).collect();
    values.push(None);
    let storage = *choices.pick(storages);
    if storage == Storage::Text {
        values.push(Some(" "));
    }
    let values = values.into_iter().map(owned).collect();
    Column {
        name,
        kind,
        labels,
        recipe,
        values,
        storage,
    }
}
