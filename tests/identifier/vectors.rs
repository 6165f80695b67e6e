//! The golden vectors: keys and pseudonyms that Python's own hashes give, too.
//!
//! `tests/vectors/pseudonyms.json` was computed from the definitions by Python's `hmac` and
//! `hashlib` (`python/tests/reference.py`), and not by this crate.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use kobling::{Domain, DomainKey, LinkageKey, Plan, ReleaseKey, Rows};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::PROJECT;

fn vectors() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/pseudonyms.json");
    let text = fs::read_to_string(path).expect("the vectors");
    serde_json::from_str(&text).expect("JSON")
}

/// A file of that text, which its owner alone may read.
fn key_file(folder: &TempDir, text: &Value) -> PathBuf {
    let path = folder.path().join("a.key");
    let _ = fs::remove_file(&path);
    fs::write(&path, word(text)).expect("write a key file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set a mode");
    }
    path
}

fn word(value: &Value) -> &str {
    value.as_str().expect("text")
}

#[test]
fn keys_are_those_of_the_vectors() {
    let (vectors, folder) = (vectors(), tempfile::tempdir().expect("a folder"));
    let linkage_key = LinkageKey::read(key_file(&folder, &vectors["linkage_key"]["key_file"]));
    let linkage_key = linkage_key.expect("a linkage key");
    let domains = vectors["domains"].as_array().expect("domains");
    assert_eq!(domains.len(), 3);
    for (at, domain) in domains.iter().enumerate() {
        let epoch = domain["epoch"].as_u64().expect("an epoch");
        let of = Domain::new(word(&domain["project"]), u32::try_from(epoch).unwrap());
        let key = linkage_key.domain_key(&of.expect("a domain"));
        assert_eq!(key.check().to_string(), word(&domain["key_check"]));
        let path = folder.path().join(format!("{at}.key"));
        key.write(&path).expect("write");
        assert_eq!(fs::read_to_string(path).unwrap(), word(&domain["key_file"]));
    }
    let release_key = ReleaseKey::read(key_file(&folder, &vectors["release_key"]["key_file"]));
    let check = release_key.expect("a release key").check().to_string();
    assert_eq!(check, word(&vectors["release_key"]["key_check"]));
}

#[test]
fn pseudonyms_are_those_of_the_vectors() {
    let (vectors, folder) = (vectors(), tempfile::tempdir().expect("a folder"));
    let domain = &vectors["domains"][0];
    let key = DomainKey::read(key_file(&folder, &domain["key_file"])).expect("a domain key");
    let pseudonyms = vectors["pseudonyms_of_first_domain"].as_array().unwrap();
    assert_eq!(pseudonyms.len(), 10);
    for vector in pseudonyms {
        let kind = word(&vector["type"]);
        let plan = plan(word(&domain["project"]), kind);
        let written: ArrayRef = Arc::new(StringArray::from(vec![word(&vector["written"])]));
        let county: ArrayRef = Arc::new(StringArray::from(vec!["03"]));
        let batch = RecordBatch::try_from_iter([("nr", written), ("county", county)]).unwrap();
        let rows = Rows::from_batches(&plan, "people", [batch]).expect("rows");
        let extract = rows.identify().unwrap().pseudonymise(&key).unwrap();
        assert_eq!(extract.rows(), 1, "{kind}");
        let batch = extract.to_batch();
        let made = batch.column(0).as_fixed_size_binary().value(0);
        let made: String = made.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(made, word(&vector["pseudonym"]), "{kind}");
    }
}

/// A plan whose register has identifiers of this type.
fn plan(project: &str, kind: &str) -> Plan {
    let synthetic = match kind {
        "no-fnr" => r#", synthetic = "allow""#,
        _ => "",
    };
    let project = PROJECT.replace(r#"id = "test""#, &format!(r#"id = "{project}""#));
    let text = format!(
        r#"{project}
[source.people]
agency = "A"
legal_basis = ["B"]
identifier = {{ column = "nr", type = "{kind}"{synthetic} }}
rows = "one"
columns.county = {{ from = "county", type = "category" }}
[table.people]
from = "people"
by = ["people.county"]
sensitive = []
measures = [{{ persons = true }}]
protect = {{ min_persons = 3, method = "suppress" }}
"#
    );
    Plan::parse(&text).expect("a plan")
}
