//! Commands of kobling as text that works when it is pasted into a shell.

use std::path::Path;

/// A command being put together.
pub(crate) struct CommandLine(String);

impl CommandLine {
    /// Such as `kobling key new`.
    pub(crate) fn new(words: &str) -> Self {
        Self(words.to_owned())
    }

    /// Adds plain words of kobling's own, such as `--rehearsal`.
    pub(crate) fn word(mut self, word: &str) -> Self {
        self.0.push(' ');
        self.0.push_str(word);
        self
    }

    /// Adds a path, or a name.
    pub(crate) fn path(self, path: impl AsRef<Path>) -> Self {
        let quoted = quoted(path.as_ref());
        self.word(&quoted)
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

/// A path as one word of a POSIX shell (IEEE Std 1003.1, Shell Command Language, section 2.2).
pub(crate) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    // Else it would be taken for an option.
    let text = match text.strip_prefix('-') {
        Some(_) => format!("./{text}"),
        None => text,
    };
    let plain = |c: char| c.is_alphanumeric() || "/._-+=:,@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
