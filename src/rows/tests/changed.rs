//! A file that is changed while it is read is refused, whatever its format.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use parquet::basic::Compression;
use tempfile::TempDir;

use super::super::BATCH_ROWS;
use super::super::part::{FilePart, parts};
use super::super::readings::Readings;
use super::{file, folder, ipc_bytes, numbers, parquet_bytes};
use std::sync::Arc;

/// The same rows in each format, in several batches.
fn files(folder: &TempDir) -> [PathBuf; 3] {
    let batch = numbers(3 * BATCH_ROWS);
    let lines: String = (0..3 * BATCH_ROWS).map(|row| format!("{row}\n")).collect();
    let parquet = parquet_bytes(
        std::slice::from_ref(&batch),
        Compression::SNAPPY,
        BATCH_ROWS,
    );
    let batches: Vec<_> = (0..3)
        .map(|at| batch.slice(at * BATCH_ROWS, BATCH_ROWS))
        .collect();
    [
        file(folder, "a.csv", format!("n\n{lines}")),
        file(folder, "a.parquet", parquet),
        file(folder, "a.arrow", ipc_bytes(&batches)),
    ]
}

/// Reads the file at `path`, to which `change` is done after the first batch.
fn read_and(path: &Path, change: impl FnOnce()) -> Result<usize, String> {
    let (path, asked) = ([path.to_owned()], ["n".to_owned()]);
    let parts = parts(&path, &asked, &Arc::default(), &Readings::default());
    let parts = parts.map_err(|error| error.to_string())?;
    let mut batches = parts.into_iter().flat_map(FilePart::read);
    let first = batches.next().unwrap().unwrap().batch.num_rows();
    // A file system's clock may tick every few milliseconds only.
    std::thread::sleep(std::time::Duration::from_millis(20));
    change();
    let rest = batches.map(|raw| raw.map(|raw| raw.batch.num_rows()));
    let rest: Result<usize, _> = rest.sum();
    rest.map(|rest| first + rest)
        .map_err(|error| error.to_string())
}

#[test]
fn a_file_that_is_changed_while_it_is_read_is_refused() {
    let folder = folder();
    let all = Ok(3 * BATCH_ROWS);
    for path in files(&folder) {
        let was = fs::read(&path).unwrap();
        let other = folder.path().join("other");
        let refused = |result: Result<usize, String>, how: &str| {
            let error = result.expect_err(how);
            assert!(
                error.contains(": was changed while it was read\n  help: "),
                "{how}: {error}"
            );
        };
        assert_eq!(read_and(&path, || {}), all);
        // Copied over, by as many bytes and by fewer; appended to; cut; gone.
        refused(read_and(&path, || fs::write(&path, &was).unwrap()), "again");
        refused(
            read_and(&path, || fs::write(&path, &was[..was.len() / 2]).unwrap()),
            "shorter",
        );
        fs::write(&path, &was).unwrap();
        let append = || {
            let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
            file.write_all(b"1\n").unwrap();
        };
        refused(read_and(&path, append), "longer");
        fs::write(&path, &was).unwrap();
        refused(
            read_and(&path, || fs::remove_file(&path).unwrap()),
            "removed",
        );
        fs::write(&path, &was).unwrap();
        // Another file of as many bytes and the same time takes its name.
        fs::write(&other, &was).unwrap();
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        let times = fs::FileTimes::new().set_modified(modified);
        let opened = fs::File::options().write(true).open(&other).unwrap();
        opened.set_times(times).unwrap();
        if cfg!(unix) {
            refused(
                read_and(&path, || fs::rename(&other, &path).unwrap()),
                "replaced",
            );
        }
        assert_eq!(read_and(&path, || {}), all);
    }
}

#[test]
fn a_file_that_is_replaced_before_it_is_read_is_refused() {
    let folder = folder();
    for path in files(&folder) {
        let other = folder.path().join("other");
        // As many rows of the same column, so that the first footer would fit.
        fs::copy(&path, &other).unwrap();
        let asked = ["n".to_owned()];
        let input = [path.clone()];
        let parts = parts(&input, &asked, &Arc::default(), &Readings::default()).unwrap();
        fs::rename(&other, &path).unwrap();
        let refused = parts
            .into_iter()
            .flat_map(FilePart::read)
            .find_map(Result::err);
        let error = refused.expect("it is another file").to_string();
        assert!(error.contains("was changed while it was read"), "{error}");
    }
}
