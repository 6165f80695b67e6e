//! What cannot be made up is refused, in words, and leaves nothing behind.

use std::fs;

use kobling::synthesise::{MOST_PERSONS, Mistake, Rates, SyntheticPopulation};
use kobling::{ErrorKind, Format};

#[test]
fn nobody_and_too_many_are_refused() {
    for (persons, word) in [
        (0, "at least 1 person"),
        (MOST_PERSONS + 1, "10000000 persons at most"),
        (u64::MAX, "10000000 persons at most"),
    ] {
        let error = SyntheticPopulation::new(persons, 1).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Synthesis);
        assert!(error.rule().contains(word), "{error}");
    }
    assert!(SyntheticPopulation::new(MOST_PERSONS, 1).is_ok());
}

#[test]
fn rates_that_are_no_shares_are_refused() {
    let population = SyntheticPopulation::new(10, 1).unwrap();
    for mistake in Mistake::ALL {
        for wrong in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            let mut rates = Rates::NONE;
            *rates.of_mut(mistake) = wrong;
            let error = population.clone().with_rates(rates).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Synthesis);
            let rule = format!("the rate `{}` is not a number from 0 to 1", mistake.name());
            assert_eq!(error.rule(), rule);
        }
    }
    let rates = Rates {
        missing: 0.6,
        borrowed: 0.6,
        ..Rates::NONE
    };
    let error = population.clone().with_rates(rates).unwrap_err();
    assert!(error.rule().contains("more than 1 together"), "{error}");
    // Tenths do not sum to 1 exactly.
    let rates = Rates {
        missing: 0.1,
        mistyped: 0.2,
        swapped: 0.3,
        zero_lost: 0.3,
        borrowed: 0.1,
    };
    assert!(population.with_rates(rates).is_ok());
}

#[test]
fn rates_are_read_from_toml() {
    let rates = Rates::parse("missing = 0\nzero_lost = 0.5 # of those with a zero\n").unwrap();
    let expected = Rates {
        missing: 0.0,
        zero_lost: 0.5,
        ..Rates::default()
    };
    assert_eq!(rates, expected);
    assert_eq!(Rates::parse("").unwrap(), Rates::default());
    for (text, words) in [
        ("missing", "not TOML"),
        (
            "missing = \"often\"",
            "the rate `missing` is not a number from 0 to 1",
        ),
        (
            "missing = nan",
            "the rate `missing` is not a number from 0 to 1",
        ),
        (
            "borrowed = 2",
            "the rate `borrowed` is not a number from 0 to 1",
        ),
        ("missing = 1", "more than 1 together"),
        ("borowed = 0.1", "did you mean `borrowed`?"),
        (
            "colour = 0.1",
            "the rates are missing, mistyped, swapped, zero_lost, borrowed",
        ),
    ] {
        let error = Rates::parse(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Synthesis);
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn rates_of_a_file_name_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rates.toml");
    assert_eq!(Rates::read(&file).unwrap_err().kind(), ErrorKind::File);
    fs::write(&file, "swapped = 7").unwrap();
    let error = Rates::read(&file).unwrap_err();
    assert!(error.to_string().contains("rates.toml"), "{error}");
    fs::write(&file, "swapped = 0.25").unwrap();
    assert_eq!(Rates::read(&file).unwrap().swapped, 0.25);
}

#[test]
fn a_folder_that_exists_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("synthetic");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("mine"), "kept").unwrap();
    let error = SyntheticPopulation::new(10, 1)
        .unwrap()
        .write(&out, Format::Csv)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::File);
    assert!(
        error.to_string().contains("nothing is overwritten"),
        "{error}"
    );
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn where_nothing_can_be_written_nothing_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for out in [folder.path().join("none/synthetic"), file.join("synthetic")] {
        let error = SyntheticPopulation::new(10, 1)
            .unwrap()
            .write(&out, Format::Csv)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::File);
        assert!(!out.exists());
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
