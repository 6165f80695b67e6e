//! Text without what programs put around it to guard it from each other.

/// `text` without what guards it from spreadsheets, or hides in it: white space
/// and invisible characters around it, a leading apostrophe, and `="…"`.
///
/// # Examples
///
/// ```
/// assert_eq!(kobling_identifier::guarded::bare("\u{feff}=\"0301\" "), "0301");
/// ```
pub fn bare(text: &str) -> &str {
    let hidden = |c: char| c.is_whitespace() || is_invisible(c);
    let text = text.trim_matches(hidden);
    let guarded = text
        .strip_prefix("=\"")
        .and_then(|text| text.strip_suffix('"'));
    let text = guarded.unwrap_or(text);
    let text = text.strip_prefix(['\'', '\u{2019}']).unwrap_or(text);
    text.trim_matches(hidden)
}

/// Whether a character shows nothing: control characters, and those of
/// Unicode's category Cf that are invisible in text.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}
