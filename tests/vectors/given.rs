//! The files of vectors, and what is read out of them.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

/// Where a file of vectors is.
pub(crate) fn path(name: &str) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors");
    PathBuf::from(folder).join(format!("{name}.json"))
}

pub(crate) fn vectors(name: &str) -> Value {
    let text = fs::read_to_string(path(name)).expect("the vectors");
    serde_json::from_str(&text).expect("JSON")
}

pub(crate) fn word(value: &Value) -> &str {
    value.as_str().expect("text")
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

pub(crate) fn words(value: &Value) -> Vec<&str> {
    list(value).iter().map(word).collect()
}

pub(crate) fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

/// A file of that name and text, which its owner alone may read.
pub(crate) fn private(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    let _ = fs::remove_file(&path);
    fs::write(&path, text).expect("write a file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set a mode");
    }
    path
}
