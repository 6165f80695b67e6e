//! Registers, and the content digests of their extracts.

use std::fmt::Write as _;

use kobling::{DomainKey, Extract, Plan};
use serde_json::Value;

use crate::given::{list, number, private, vectors, word};
use crate::support::forge::says;
use crate::support::{extract, write_ipc, write_parquet};

/// The register of an extract as CSV.
fn register(vector: &Value) -> String {
    let Some(persons) = vector["generated"].as_u64() else {
        return word(&vector["register"]).to_owned();
    };
    let mut csv = String::from("nr,n\n");
    for person in 1..=persons {
        match person % 3 {
            0 => writeln!(csv, "{person},"),
            _ => writeln!(csv, "{person},{}", 7 * person),
        }
        .expect("text is written");
    }
    csv
}

#[test]
fn extracts_have_the_digests_of_the_vectors() {
    let (vectors, folder) = (vectors("extracts"), tempfile::tempdir().expect("a folder"));
    let plan = Plan::parse(word(&vectors["plan"])).unwrap_or_else(|found| panic!("{found}"));
    assert_eq!(plan.digest().to_string(), word(&vectors["plan_digest"]));
    let key = private(&folder, "domain.key", word(&vectors["domain_key_file"]));
    let key = DomainKey::read(key).expect("a domain key");
    assert_eq!(key.check().to_string(), word(&vectors["key_check"]));
    let extracts = list(&vectors["extracts"]);
    assert_eq!(extracts.len(), plan.sources().len());
    for vector in extracts {
        let source = word(&vector["source"]);
        let made = extract(&plan, &key, source, &register(vector)).expect(source);
        let header = made.header();
        let said = &vector["header"];
        assert_eq!(header.rows_read, number(&said["rows_read"]), "{source}");
        let quarantine = serde_json::to_value(&header.quarantine).expect("counts");
        assert_eq!(quarantine, said["quarantine"], "{source}");
        let columns = serde_json::to_value(&header.columns).expect("counts");
        assert_eq!(columns, said["columns"], "{source}");
        // The digest is of the version that made an extract, too. So the rows of this one
        // are held to the digest with the version that the vectors have.
        let batch = says(
            &made.to_batch(),
            "kobling.version",
            said["version"].as_str(),
        );
        let batch = says(&batch, "kobling.content", vector["content"].as_str());
        for (name, write) in [
            ("extract.arrow", write_ipc as fn(&_, &_)),
            ("extract.parquet", write_parquet),
        ] {
            let path = folder.path().join(name);
            write(&path, &batch);
            let read = Extract::read(&plan, &path).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(read.content().to_string(), word(&vector["content"]));
        }
    }
}
