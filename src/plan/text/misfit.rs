//! A value of another type than belongs in its place, in plain words.
//!
//! serde says it in the words of Rust, such as `u32` or `struct`, which nobody needs to know
//! who writes a plan.

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Characters of a value that a help line repeats, at most.
const MOST_SHOWN: usize = 60;

/// What is wrong with the value in `text` that `error` is about, and what to write instead;
/// nothing if the error is about something else than a value's type.
pub(super) fn in_words(
    text: &str,
    table: &DeTable<'_>,
    error: &toml::de::Error,
) -> Option<(String, Option<String>)> {
    let span = error.span()?;
    let wanted = Wanted::of(error.message())?;
    let value = in_table(table, &span)?;
    let given = Given::of(value);
    // Where serde tries several forms in turn, it does not say which entry of a list fits none.
    let may_be_entry =
        matches!(value, DeValue::Array(_)) && error.message().starts_with("expected ");
    let rule = match may_be_entry || wanted.names(value) {
        true => format!("should be {}", wanted.words),
        false => format!("is {}, and should be {}", given.words, wanted.short()),
    };
    let written = text.get(span).unwrap_or_default();
    let help = wanted.help(&given, written.trim());
    Some((rule, help))
}

/// What belongs in a place.
struct Wanted<'a> {
    /// In plain words.
    words: Cow<'a, str>,
    what: What,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Text,
    /// One of a few names.
    Name,
    Whole,
    Truth,
    List,
    Table,
    /// What the plan's own types say in words.
    Said,
}

impl<'a> Wanted<'a> {
    fn of(message: &'a str) -> Option<Self> {
        let message = message.trim();
        let wanted = match message.strip_prefix("invalid ") {
            // What is given may hold the same words.
            Some(other) => other.rsplit_once(", expected ")?.1,
            None if message == "wanted string or table" => message,
            None => message.strip_prefix("expected ")?,
        };
        let (what, words) = match wanted {
            "a string" => (What::Text, "text"),
            "wanted string or table" => (What::Name, "one of a few names"),
            "u8" => (What::Whole, "a whole number from 0 to 255"),
            "u32" => (What::Whole, "a whole number from 0 to 4294967295"),
            "u64" => (What::Whole, "a whole number of at least 0"),
            "a boolean" => (What::Truth, "true or false"),
            "a sequence" => (What::List, "a list"),
            "a map" => (What::Table, "a table of keys"),
            wanted if wanted.starts_with("struct ") => (What::Table, "a table of keys"),
            said => (What::Said, said),
        };
        let words = words.into();
        Some(Self { words, what })
    }

    /// Without the bounds, where not even the type fits.
    fn short(&self) -> &str {
        match self.what {
            What::Whole => "a whole number",
            _ => &self.words,
        }
    }

    /// Whether the words already name the type that is given, so that the value is what
    /// does not fit.
    fn names(&self, given: &DeValue<'_>) -> bool {
        let says = |word: &str| self.words.contains(word);
        match given {
            DeValue::String(_) => says("text") || says("name"),
            DeValue::Integer(_) => says("number") || says("percent"),
            DeValue::Float(_) => self.what == What::Said && (says("number") || says("percent")),
            DeValue::Boolean(_) => says("true"),
            DeValue::Datetime(_) => says("date"),
            DeValue::Array(_) => says("list"),
            DeValue::Table(_) => says("table") || says("{"),
        }
    }

    /// What to write instead of what is `written`.
    fn help(&self, given: &Given, written: &str) -> Option<String> {
        let is_short = written.chars().count() <= MOST_SHOWN && !written.contains('\n');
        match (self.what, given.text.as_deref()) {
            (What::Whole, Some(text)) if text.parse::<u32>().is_ok() => {
                Some(format!("write it without quotes: {text}"))
            }
            (What::Truth | What::Said, Some(text @ ("true" | "false")))
                if self.words.contains("true") =>
            {
                Some(format!("write it without quotes: {text}"))
            }
            (What::Text, None) if given.is_single && is_short => {
                Some(format!("write it between quotes: \"{written}\""))
            }
            (What::Name, _) => Some("`kobling help plan` lists them".to_owned()),
            (What::List, _) if (given.is_single || given.text.is_some()) && is_short => {
                Some(format!("write it between brackets: [{written}]"))
            }
            (What::Table, _) => {
                Some("such as { key = \"value\" }; `kobling help plan` shows its keys".to_owned())
            }
            _ => None,
        }
    }
}

/// What is given instead.
struct Given {
    words: String,
    text: Option<String>,
    /// Whether it is one value, and no text.
    is_single: bool,
}

impl Given {
    fn of(value: &DeValue<'_>) -> Self {
        let words = match value {
            DeValue::String(_) => "text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with decimals",
            DeValue::Boolean(true) => "`true`",
            DeValue::Boolean(false) => "`false`",
            DeValue::Datetime(_) => "a date or a time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table of keys",
        };
        let (text, is_single) = match value {
            DeValue::String(text) => (Some(text.to_string()), false),
            DeValue::Array(_) | DeValue::Table(_) => (None, false),
            _ => (None, true),
        };
        let words = words.to_owned();
        Self {
            words,
            text,
            is_single,
        }
    }
}

/// The innermost value at `span`.
fn in_table<'a, 'i>(table: &'a DeTable<'i>, span: &Range<usize>) -> Option<&'a DeValue<'i>> {
    table.iter().find_map(|(_, value)| at(value, span))
}

fn at<'a, 'i>(value: &'a Spanned<DeValue<'i>>, span: &Range<usize>) -> Option<&'a DeValue<'i>> {
    let inner = match value.get_ref() {
        DeValue::Table(table) => in_table(table, span),
        DeValue::Array(array) => array.iter().find_map(|value| at(value, span)),
        _ => None,
    };
    inner.or_else(|| (value.span() == *span).then(|| value.get_ref()))
}
