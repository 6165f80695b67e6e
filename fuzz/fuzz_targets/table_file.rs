//! No bytes make reading a table file panic.
#![no_main]

use std::io::Write as _;

use kobling::Inspection;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("a temporary file is written");
    if let Err(error) = Inspection::read(file.path()) {
        assert!(!error.to_string().is_empty());
    }
});
