//! Parts of the persons, read without the others: the same rows, linked to the same tables.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::reader::FileReader;
use kobling::extract::{ExtractPart, Part};
use kobling::protect::{ConfidentialTables, PartialTables, Protection};
use kobling::{ErrorKind, Extract, Linkage, LinkagePart, Plan, ReadOptions, ReleaseKey};

use crate::support::forge::says;
use crate::support::{extracts, key, plan, refusal, write_ipc};

/// The extracts in files and in folders of some numbers of parts.
fn written(extracts: &[Extract], folder: &Path, cut: &[Option<u32>]) -> Vec<PathBuf> {
    let each = extracts.iter().zip(cut);
    let paths = each.map(|(extract, cut)| {
        let path = folder.join(extract.source().name());
        match cut {
            Some(of) => extract.write_parts(&path, *of).map(|()| path),
            None => {
                let path = path.with_extension("arrow");
                extract.write(&path).map(|()| path)
            }
        }
        .unwrap()
    });
    paths.collect()
}

fn tables(parts: Vec<PartialTables>, key: &Arc<ReleaseKey>) -> Vec<RecordBatch> {
    let tables = ConfidentialTables::merge(parts, Protection::new(key.clone())).unwrap();
    let release = tables.protect().unwrap().release().unwrap();
    release.tables().map(|(_, batch)| batch.clone()).collect()
}

fn linked(plan: &Plan, paths: &[PathBuf], part: Part, options: &ReadOptions) -> LinkagePart {
    let extracts = paths.iter();
    let extracts = extracts.map(|path| ExtractPart::read_with(plan, path, part, options).unwrap());
    LinkagePart::new(plan, extracts.collect::<Vec<_>>()).unwrap()
}

#[test]
fn parts_that_are_read_by_themselves_make_the_tables_of_the_whole() {
    let plan = plan();
    let extracts = extracts(&plan, &key(&plan), 400);
    let folder = tempfile::tempdir().unwrap();
    let paths = written(&extracts, folder.path(), &[Some(7), None, Some(64)]);
    let rows: Vec<usize> = extracts.iter().map(Extract::rows).collect();
    let release_key = Arc::new(ReleaseKey::generate().unwrap());
    let whole = Linkage::new(&plan, extracts).unwrap();
    let parts = |of| -> Vec<Part> { Part::all(of).unwrap().collect() };
    let sealed = parts(5).into_iter();
    let sealed = sealed.map(|part| whole.tabulate_part(part, &release_key).unwrap());
    let wanted = tables(sealed.collect(), &release_key);
    for of in [1, 3, 64] {
        for map in [true, false] {
            let options = ReadOptions::default().map(map);
            let mut read = vec![0; paths.len()];
            let own = parts(of).into_iter().map(|part| {
                for (path, read) in paths.iter().zip(&mut read) {
                    let part = ExtractPart::read_with(&plan, path, part, &options).unwrap();
                    *read += part.rows();
                }
                let linked = linked(&plan, &paths, part, &options);
                linked.tabulate(&release_key).unwrap()
            });
            let own = tables(own.collect(), &release_key);
            assert!(own == wanted, "{of} parts, mapped: {map}");
            assert_eq!(read, rows, "no row is in two parts, and none in none");
        }
    }
}

#[test]
fn what_was_changed_is_refused_by_the_part_that_it_is_in() {
    let plan = plan();
    let extracts = extracts(&plan, &key(&plan), 400);
    let folder = tempfile::tempdir().unwrap();
    let path = written(&extracts, folder.path(), &[Some(4)]).remove(0);
    let file = path.join("part-001-of-004.arrow");
    let mut bytes = fs::read(&file).unwrap();
    let read = |text: &str| ExtractPart::read(&plan, &path, text.parse().unwrap());
    // A value in the last column's data, before the footer.
    let mut refused = 0;
    let end = bytes.len();
    for at in (end / 2..end - end / 5).step_by(97) {
        bytes[at] ^= 1;
        fs::write(&file, &bytes).unwrap();
        if let Err(error) = read("1/4") {
            assert_eq!(error.kind(), ErrorKind::Extract, "{error}");
            refused += 1;
        }
        bytes[at] ^= 1;
    }
    assert!(refused > 5, "{refused} changes were found");
    fs::write(&file, &bytes[..end - 1]).unwrap();
    assert!(read("1/4").is_err());
    // All files are looked at, and the rows of those that are asked for.
    assert!(read("3/4").is_err());
    fs::write(&file, &bytes).unwrap();
    for part in ["0/4", "1/4", "2/4", "3/4", "1/3"] {
        assert!(read(part).is_ok(), "{part}");
    }
    fs::remove_file(&file).unwrap();
    let error = refusal(read("3/4"));
    assert!(error.to_string().contains("part 1/4 is missing"), "{error}");
}

#[test]
fn parts_that_do_not_belong_together_are_not_linked() {
    let plan = plan();
    let extracts = extracts(&plan, &key(&plan), 400);
    let folder = tempfile::tempdir().unwrap();
    let paths = written(&extracts, folder.path(), &[Some(2), Some(2), Some(2)]);
    let read =
        |path: &PathBuf, part: &str| ExtractPart::read(&plan, path, part.parse().unwrap()).unwrap();
    let mixed = paths.iter().zip(["0/2", "0/2", "1/2"]);
    let mixed: Vec<ExtractPart> = mixed.map(|(path, part)| read(path, part)).collect();
    let error = refusal(LinkagePart::new(&plan, mixed));
    assert_eq!(error.kind(), ErrorKind::Linkage);
    assert!(error.to_string().contains("is part 1/2"), "{error}");
    let some: Vec<ExtractPart> = paths[1..].iter().map(|path| read(path, "0/2")).collect();
    let error = refusal(LinkagePart::new(&plan, some));
    assert!(error.to_string().contains("has no extract"), "{error}");
}

#[test]
fn rows_that_are_in_no_part_are_missed_where_parts_are_merged() {
    let plan = plan();
    let extracts = extracts(&plan, &key(&plan), 400);
    let folder = tempfile::tempdir().unwrap();
    let paths = written(&extracts, folder.path(), &[Some(2), Some(2), Some(2)]);
    // A file that is whole, has the header of its extract, and only half of its part's persons.
    let quarters = folder.path().join("quarters");
    extracts[0].write_parts(&quarters, 4).unwrap();
    let file = fs::File::open(quarters.join("part-003-of-004.arrow")).unwrap();
    let quarter = FileReader::try_new(file, None).unwrap().next().unwrap();
    let half = says(&quarter.unwrap(), "kobling.part", Some("1/2"));
    write_ipc(&paths[0].join("part-001-of-002.arrow"), &half);
    let release_key = ReleaseKey::generate().unwrap();
    let parts = Part::all(2).unwrap().map(|part| {
        let linked = linked(&plan, &paths, part, &ReadOptions::default());
        let sealed = linked.tabulate(&release_key).unwrap();
        let sealed = sealed.seal(&release_key).unwrap();
        PartialTables::open(&plan, &sealed, &release_key).unwrap()
    });
    let parts: Vec<PartialTables> = parts.collect();
    let error = refusal(ConfidentialTables::merge(
        parts,
        Protection::new(release_key),
    ));
    assert_eq!(error.kind(), ErrorKind::Linkage);
    let text = error.to_string();
    assert!(text.contains("all parts together have "), "{text}");
    assert!(text.starts_with("source "), "{text}");
}
