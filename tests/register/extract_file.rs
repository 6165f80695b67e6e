//! Extracts as files: the same rows give the same bytes, and a file is whole or not there.

use std::fs;
use std::path::Path;

use crate::support::{SOURCES, extracts, file, key, plan, refusal, registers, release};
use kobling::{DomainKey, ErrorKind, Extract, Plan, Rows};

use crate::support;

const ENDINGS: [&str; 2] = ["arrow", "parquet"];

/// The files of an extract in both formats, as bytes.
fn written(extract: &Extract) -> [Vec<u8>; 2] {
    let folder = tempfile::tempdir().expect("a folder");
    ENDINGS.map(|ending| {
        let path = folder.path().join(format!("extract.{ending}"));
        extract.write(&path).expect("it is written");
        fs::read(&path).expect("it is read")
    })
}

/// The extract of `lines` of CSV under `header`, dealt out to `files` files.
fn dealt(
    plan: &Plan,
    key: &DomainKey,
    source: &str,
    header: &str,
    lines: &[&str],
    files: usize,
) -> Extract {
    let folder = tempfile::tempdir().expect("a folder");
    let mut paths = Vec::new();
    for at in 0..files {
        let mut csv = format!("{header}\n");
        for line in lines.iter().skip(at).step_by(files) {
            csv += &format!("{line}\n");
        }
        paths.push(file(folder.path(), &format!("{at}.csv"), csv));
    }
    paths.rotate_left(files / 2);
    let rows = Rows::open(plan, source, &paths).and_then(Rows::identify);
    rows.and_then(|rows| rows.pseudonymise(key))
        .expect("a good register")
}

#[test]
fn the_same_rows_give_the_same_bytes_however_they_come() {
    let plan = plan();
    let key = key(&plan);
    for (source, csv) in SOURCES.into_iter().zip(&registers(500)) {
        let (header, rows) = csv.split_once('\n').expect("a header");
        let mut lines: Vec<&str> = rows.lines().collect();
        let expected = written(&dealt(&plan, &key, source, header, &lines, 1));
        for (threads, files) in [(1, 1), (2, 3), (7, 10), (1, 7)] {
            lines.reverse();
            let middle = lines.len() / 3;
            lines.rotate_left(middle);
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let pool = pool.build().expect("threads");
            let made = pool.install(|| written(&dealt(&plan, &key, source, header, &lines, files)));
            assert!(
                made == expected,
                "{source}: {threads} threads, {files} files"
            );
        }
    }
}

#[test]
fn both_formats_read_back_to_the_same_rows_and_the_same_release() {
    let plan = plan();
    let folder = tempfile::tempdir().expect("a folder");
    let made = extracts(&plan, &key(&plan), 800);
    let mut read: [Vec<Extract>; 2] = [Vec::new(), Vec::new()];
    for extract in &made {
        for (ending, read) in ENDINGS.iter().zip(&mut read) {
            let path = folder
                .path()
                .join(format!("{}.{ending}", extract.source().name()));
            extract.write(&path).expect("it is written");
            let again = Extract::read(&plan, &path).expect("it is read");
            assert_eq!(again.to_batch(), extract.to_batch());
            assert_eq!(again.header(), extract.header());
            assert_eq!(again.content(), extract.content());
            assert_eq!(written(&again), written(extract));
            read.push(again);
        }
    }
    let [arrow, parquet] = read;
    let expected = release(&plan, made).expect("a release");
    for (threads, extracts) in [(1, arrow), (7, parquet)] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("threads");
        let made = pool
            .install(|| release(&plan, extracts))
            .expect("a release");
        assert_eq!(made.table("income"), expected.table("income"));
        assert!(
            made.manifest()
                .inputs
                .iter()
                .all(|input| input.content.is_some())
        );
        let (mut one, mut other) = (made.manifest().clone(), expected.manifest().clone());
        for manifest in [&mut one, &mut other] {
            manifest
                .inputs
                .iter_mut()
                .for_each(|input| input.content = None);
            manifest.made_at.clear();
        }
        assert_eq!(one.to_json(), other.to_json());
    }
}

#[test]
fn other_tools_find_the_tag_of_the_domain_in_both_formats() {
    let plan = plan();
    let key = key(&plan);
    let [arrow, parquet] = written(&extracts(&plan, &key, 10)[0]);
    let arrow = arrow_ipc::reader::FileReader::try_new(std::io::Cursor::new(arrow), None);
    let folder = tempfile::tempdir().expect("a folder");
    let path = file(folder.path(), "x.parquet", parquet);
    let parquet = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(
        fs::File::open(path).expect("a file"),
    );
    for schema in [
        arrow.expect("Arrow").schema(),
        parquet.expect("Parquet").schema().clone(),
    ] {
        let field = schema.field(0);
        assert_eq!(field.name(), "pseudonym");
        let said = |key: &str| field.metadata().get(key).map(String::as_str);
        assert_eq!(said("ARROW:extension:name"), Some("kobling.pseudonym"));
        let tag = said("ARROW:extension:metadata").expect("a tag");
        let tag: serde_json::Value = serde_json::from_str(tag).expect("JSON");
        assert_eq!(tag["project"], "test-2026-1");
        assert_eq!(tag["epoch"], 1);
        assert_eq!(tag["key_check"], key.check().to_string());
        assert_eq!(schema.metadata()["kobling.plan"], plan.digest().to_string());
    }
}

// ---- damage ----

/// An extract of some 40 persons in both formats, and what reads bytes as one.
struct Damage {
    plan: Plan,
    good: Extract,
    files: [Vec<u8>; 2],
    folder: tempfile::TempDir,
}

impl Damage {
    fn new() -> Self {
        let plan = plan();
        let good = extracts(&plan, &key(&plan), 50).remove(0);
        let files = written(&good);
        Self {
            plan,
            good,
            files,
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    fn read(&self, bytes: &[u8]) -> kobling::Result<Extract> {
        Extract::read(&self.plan, file(self.folder.path(), "damaged", bytes))
    }
}

#[test]
fn a_file_cut_short_is_refused() {
    let damage = Damage::new();
    for bytes in &damage.files {
        let steps = (0..bytes.len()).step_by(bytes.len() / 60);
        for length in steps.chain(bytes.len() - 20..bytes.len()) {
            let error = refusal(damage.read(&bytes[..length]));
            assert_eq!(error.kind(), ErrorKind::Extract, "{length}: {error}");
        }
        assert!(damage.read(bytes).is_ok());
    }
}

#[test]
fn what_is_no_extract_is_refused() {
    let damage = Damage::new();
    let folder = damage.folder.path();
    for bytes in [
        &b""[..],
        b"nr,wage\n1,2\n",
        b"ARROW1",
        b"PAR1",
        b"ARROW1\0\0ARROW1",
        b"PAR1PAR1",
    ] {
        let error = refusal(Extract::read(
            &damage.plan,
            file(folder, "named.arrow", bytes),
        ));
        assert_eq!(error.kind(), ErrorKind::Extract, "{error}");
    }
    let batch = support::batch(vec![(
        "a",
        support::array(arrow_array::Int64Array::from(vec![1])),
    )]);
    support::write_ipc(&folder.join("plain.arrow"), &batch);
    let error = refusal(Extract::read(&damage.plan, folder.join("plain.arrow")));
    assert!(error.to_string().contains("is not an extract"), "{error}");
    let missing = refusal(Extract::read(&damage.plan, folder.join("missing.arrow")));
    assert_eq!(missing.kind(), ErrorKind::File);
    // A folder is one of parts, or none.
    let other = refusal(Extract::read(&damage.plan, folder));
    assert_eq!(other.kind(), ErrorKind::Extract, "{other}");
}

/// `bytes` with one to three of them changed, another way for each `seed`.
fn changed(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    // xorshift64 (G. Marsaglia, "Xorshift RNGs", 2003).
    let mut state = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for _ in 0..=seed % 3 {
        let at = next() % bytes.len() as u64;
        bytes[at as usize] ^= (1 + next() % 255) as u8;
    }
    bytes
}

#[test]
fn changed_bytes_never_panic_nor_break_what_linking_relies_on() {
    let damage = Damage::new();
    for bytes in &damage.files {
        for seed in 0..200 {
            match damage.read(&changed(bytes, seed)) {
                // It is whole in itself: what is written of it is taken again.
                Ok(read) => {
                    let again = damage.read(&written(&read)[0]).expect("its own file");
                    assert_eq!(again.to_batch(), read.to_batch());
                }
                Err(error) => assert_eq!(error.kind(), ErrorKind::Extract),
            }
        }
    }
}

#[test]
fn changed_bytes_are_refused_or_change_nothing() {
    let damage = Damage::new();
    let mut unnoticed = Vec::new();
    for (format, bytes) in ENDINGS.into_iter().zip(&damage.files) {
        for seed in 0..200 {
            let read = damage.read(&changed(bytes, seed));
            if read.is_ok_and(|read| read.to_batch() != damage.good.to_batch()) {
                unnoticed.push((format, seed));
            }
        }
    }
    assert!(
        unnoticed.is_empty(),
        "other rows were taken {} times of 400: {unnoticed:?}",
        unnoticed.len()
    );
}

// ---- writing ----

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = names
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_target_is_replaced_whole_or_left_alone() {
    let plan = plan();
    let extract = extracts(&plan, &key(&plan), 50).remove(0);
    let folder = tempfile::tempdir().expect("a folder");
    let inside = |name: &str| folder.path().join(name);
    let path = file(folder.path(), "old.arrow", "what was there before");
    extract.write(&path).expect("it is replaced");
    assert!(Extract::read(&plan, &path).is_ok());
    fs::create_dir_all(inside("folder.arrow").join("full")).expect("a folder");
    for name in [
        "no-ending",
        "other.csv",
        "old.arrow/below.arrow",
        "missing/x.arrow",
        "folder.arrow",
        "..",
    ] {
        let error = refusal(extract.write(inside(name)));
        assert_eq!(error.kind(), ErrorKind::File, "{name}: {error}");
    }
    assert_eq!(names(folder.path()), ["folder.arrow", "old.arrow"]);
    for (name, bytes) in ENDINGS.iter().zip(written(&extract)) {
        let path = inside(&format!("again.{name}"));
        extract.write(&path).expect("it is written");
        assert!(fs::read(&path).expect("it is read") == bytes);
    }
}

#[cfg(unix)]
#[test]
fn an_extract_is_for_its_owner_only() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let plan = plan();
    let extract = extracts(&plan, &key(&plan), 50).remove(0);
    let folder = tempfile::tempdir().expect("a folder");
    let mode = |path: &Path| {
        fs::symlink_metadata(path)
            .expect("a file")
            .permissions()
            .mode()
    };
    for ending in ENDINGS {
        let path = folder.path().join(format!("x.{ending}"));
        extract.write(&path).expect("it is written");
        assert_eq!(mode(&path), 0o100_600);
        // Neither the rights of what it replaces nor where that leads are kept.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("rights");
        extract.write(&path).expect("it is replaced");
        assert_eq!(mode(&path), 0o100_600);
        fs::remove_file(&path).expect("it is gone");
        symlink("/dev/full", &path).expect("a link");
        extract
            .write(&path)
            .expect("the link is replaced, not followed");
        assert_eq!(mode(&path), 0o100_600);
        assert!(Extract::read(&plan, &path).is_ok());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_nothing_behind() {
    use std::process::Command;
    let plan = plan();
    let extract = extracts(&plan, &key(&plan), 20_000).remove(0);
    let folder = tempfile::tempdir().expect("a folder");
    let mount = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
        .arg(folder.path())
        .output();
    match mount {
        Ok(output) if output.status.success() => {}
        _ => {
            eprintln!("skipped: a small disk cannot be mounted here");
            return;
        }
    }
    let results = ENDINGS.map(|ending| extract.write(folder.path().join(format!("x.{ending}"))));
    let left = names(folder.path());
    let unmounted = Command::new("umount").arg(folder.path()).status();
    assert!(unmounted.is_ok_and(|status| status.success()));
    for result in results {
        assert_eq!(refusal(result).kind(), ErrorKind::File);
    }
    assert!(left.is_empty(), "{left:?}");
}
