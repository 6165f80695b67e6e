//! Extracts as folders of parts: the same extract, or none.

use std::fs;
use std::path::{Path, PathBuf};

use kobling::{DomainKey, ErrorKind, Extract, Plan};

use crate::support::{SOURCES, extract, key, plan, refusal, registers, release};

/// The file of a part.
fn part(folder: &Path, index: u32, of: u32) -> PathBuf {
    folder.join(format!("part-{index:03}-of-{of:03}.arrow"))
}

/// The extracts of registers of some persons.
fn made(plan: &Plan, key: &DomainKey) -> Vec<Extract> {
    let registers = registers(400);
    let sources = SOURCES.into_iter().zip(&registers);
    sources
        .map(|(source, csv)| extract(plan, key, source, csv).unwrap())
        .collect()
}

#[test]
fn extracts_in_any_numbers_of_parts_are_the_same_and_link_to_the_same() {
    let plan = plan();
    let extracts = made(&plan, &key(&plan));
    let folder = tempfile::tempdir().unwrap();
    let mut read = Vec::new();
    for (extract, parts) in extracts.iter().zip([1, 7, 64]) {
        let path = folder.path().join(extract.source().name());
        extract.write_parts(&path, parts).unwrap();
        assert_eq!(fs::read_dir(&path).unwrap().count(), parts as usize);
        let again = Extract::read(&plan, &path).unwrap();
        assert_eq!(again.to_batch(), extract.to_batch());
        assert_eq!(again.content(), extract.content());
        // Cut otherwise, out of the parts and without any key.
        let other = path.with_file_name(format!("{}-other", extract.source().name()));
        again.write_parts(&other, 3).unwrap();
        let other = Extract::read(&plan, other).unwrap();
        assert_eq!(other.to_batch(), extract.to_batch());
        let whole = path.with_extension("arrow");
        other.write(&whole).unwrap();
        let [plain, from_parts] =
            [("plain.arrow", extract), ("parts.arrow", &again)].map(|(name, extract)| {
                let path = folder.path().join(name);
                extract.write(&path).unwrap();
                fs::read(path).unwrap()
            });
        assert!(plain == from_parts && plain == fs::read(whole).unwrap());
        read.push(again);
    }
    let content = |extracts: Vec<Extract>| {
        let release = release(&plan, extracts).unwrap();
        let manifest = release.manifest();
        manifest
            .inputs
            .iter()
            .map(|input| input.content.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(content(read), content(extracts));
}

#[test]
fn parts_of_a_person_are_in_one_file() {
    let plan = plan();
    let extracts = made(&plan, &key(&plan));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    extracts[0].write_parts(&path, 16).unwrap();
    let sizes = (0..16).map(|index| fs::metadata(part(&path, index, 16)).unwrap().len());
    let sizes: Vec<u64> = sizes.collect();
    // Pseudonyms are spread evenly.
    assert!(
        sizes.iter().max().unwrap() < &(2 * sizes.iter().min().unwrap()),
        "{sizes:?}"
    );
}

#[test]
fn a_folder_that_is_not_all_of_one_extract_is_refused() {
    let plan = plan();
    let key = key(&plan);
    let extracts = made(&plan, &key);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("parts");
    let refused = |rule: &str| {
        let error = refusal(Extract::read(&plan, &path));
        assert!(error.to_string().contains(rule), "{error}");
        assert!(matches!(error.kind(), ErrorKind::Extract | ErrorKind::File));
    };
    let anew = || {
        let _ = fs::remove_dir_all(&path);
        extracts[0].write_parts(&path, 4).unwrap();
    };
    anew();
    fs::remove_file(part(&path, 2, 4)).unwrap();
    refused("part 2/4 is missing");
    fs::remove_file(part(&path, 3, 4)).unwrap();
    refused("part 2/4 is missing");
    anew();
    fs::copy(part(&path, 1, 4), path.join("again.arrow")).unwrap();
    refused("part 1/4 is there twice");
    anew();
    fs::write(path.join("notes.txt"), "for later").unwrap();
    refused("is neither an Arrow IPC nor a Parquet file");
    anew();
    extracts[0].write(path.join("whole.arrow")).unwrap();
    refused("is no part of an extract");

    // One part alone, and one of another run, key or number of parts.
    anew();
    let error = refusal(Extract::read(&plan, part(&path, 1, 4)));
    assert!(
        error.to_string().contains("is part 1/4 of an extract"),
        "{error}"
    );
    let others = [
        made(&plan, &crate::support::key(&plan)).remove(0),
        extract(&plan, &key, SOURCES[0], &registers(401)[0]).unwrap(),
    ];
    for other in others {
        anew();
        let strange = folder.path().join("strange");
        other.write_parts(&strange, 4).unwrap();
        fs::copy(part(&strange, 1, 4), part(&path, 1, 4)).unwrap();
        fs::remove_dir_all(&strange).unwrap();
        refused("is not of the same extract as part 0/4");
    }
    anew();
    let strange = folder.path().join("strange");
    extracts[0].write_parts(&strange, 5).unwrap();
    fs::copy(part(&strange, 1, 5), part(&path, 1, 4)).unwrap();
    refused("is not of the same extract as part 0/4");

    // A folder is not written over, and none of no parts is there.
    assert!(extracts[0].write_parts(&path, 4).is_err());
    let none = refusal(extracts[0].write_parts(folder.path().join("none"), 0));
    assert!(none.to_string().contains("there is no part"), "{none}");
    assert!(!folder.path().join("none").exists());
    fs::create_dir(folder.path().join("empty")).unwrap();
    let empty = refusal(Extract::read(&plan, folder.path().join("empty")));
    assert!(
        empty
            .to_string()
            .contains("has no part of an extract in it"),
        "{empty}"
    );
}
