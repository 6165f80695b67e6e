//! What follows from the release key: noise of cells, and counts of a manifest.

use kobling::ReleaseKey;
use kobling::release::manifest::shown_count;
use kobling::sdc::perturbation::{KeySpace, NoiseEntry, PerturbationTable};
use serde_json::Value;

use crate::given::{list, number, private, vectors, word, words};

#[test]
fn counts_are_shown_as_the_vectors_have_it() {
    let (vectors, folder) = (vectors("cells"), tempfile::tempdir().expect("a folder"));
    let key = private(&folder, "release.key", word(&vectors["release_key_file"]));
    let key = ReleaseKey::read(key).expect("a release key");
    let counts = list(&vectors["shown_counts"]);
    assert_eq!(counts.len(), 30);
    for vector in counts {
        let shown = shown_count(&key, &words(&vector["what"]), number(&vector["rows"]));
        assert_eq!(shown.get(), vector["shown"].as_u64(), "{vector}");
    }
}

#[test]
fn keys_have_the_deviations_of_the_vectors() {
    let vectors = vectors("cells");
    let entry = |entry: &Value| NoiseEntry {
        deviation: entry[0].as_i64().expect("a deviation") as i32,
        probability: entry[1].as_f64().expect("a probability"),
    };
    let row = list(&vectors["perturbation_row"]).iter().map(entry);
    let nothing = NoiseEntry {
        deviation: 0,
        probability: 1.0,
    };
    let rows = vec![(0, vec![nothing]), (5, row.collect())];
    let table = PerturbationTable::new(1, rows).expect("a sound table");
    let lookup = table.lookup(KeySpace::Whole);
    for vector in list(&vectors["deviations"]) {
        let key = u64::from_str_radix(word(&vector["key"]), 16).expect("a key");
        let deviation = i64::from(lookup.deviation(9, key));
        assert_eq!(Some(deviation), vector["deviation"].as_i64(), "{vector}");
    }
}
