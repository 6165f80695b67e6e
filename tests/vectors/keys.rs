//! Keys, key files and pseudonyms.

use std::fs;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use kobling::{Domain, DomainKey, LinkageKey, Plan, ReleaseKey, Rows};
use serde_json::Value;

use crate::given::{list, private, vectors, word};
use crate::support::PROJECT;

#[test]
fn keys_are_those_of_the_vectors() {
    let (vectors, folder) = (
        vectors("pseudonyms"),
        tempfile::tempdir().expect("a folder"),
    );
    let linkage_key = word(&vectors["linkage_key"]["key_file"]);
    let linkage_key = LinkageKey::read(private(&folder, "a.key", linkage_key));
    let linkage_key = linkage_key.expect("a linkage key");
    let domains = list(&vectors["domains"]);
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
    let release_key = word(&vectors["release_key"]["key_file"]);
    let release_key = ReleaseKey::read(private(&folder, "a.key", release_key));
    let check = release_key.expect("a release key").check().to_string();
    assert_eq!(check, word(&vectors["release_key"]["key_check"]));
}

#[test]
fn pseudonyms_are_those_of_the_vectors() {
    let vectors = vectors("pseudonyms");
    let pseudonyms = list(&vectors["pseudonyms_of_first_domain"]);
    assert_eq!(pseudonyms.len(), 24);
    for vector in pseudonyms {
        let kind = word(&vector["type"]);
        let synthetic = match kind {
            "no-fnr" => r#", synthetic = "allow""#,
            _ => "",
        };
        let identifier = format!(r#"{{ column = "nr", type = "{kind}"{synthetic} }}"#);
        let row = [("nr".to_owned(), word(&vector["written"]))];
        let made = pseudonym(&vectors["domains"][0], &identifier, &row);
        assert_eq!(made, word(&vector["pseudonym"]), "{kind}");
    }
}

#[test]
fn pseudonyms_of_several_columns_are_those_of_the_vectors() {
    let vectors = vectors("pseudonyms");
    let composites = list(&vectors["composites_of_first_domain"]);
    assert_eq!(composites.len(), 4);
    for vector in composites {
        let parts = list(&vector["parts"]).iter().enumerate();
        let row = parts.clone();
        let row = row.map(|(at, part)| (at.to_string(), word(&part["written"])));
        let row: Vec<(String, &str)> = row.collect();
        let columns = parts.map(|(at, part)| {
            let kind = word(&part["type"]);
            format!(r#"{{ column = "{at}", type = "{kind}" }}"#)
        });
        let columns: Vec<String> = columns.collect();
        let identifier = format!("{{ columns = [{}] }}", columns.join(", "));
        let made = pseudonym(&vectors["domains"][0], &identifier, &row);
        assert_eq!(made, word(&vector["pseudonym"]), "{identifier}");
    }
}

/// The pseudonym of the one row of a register, in hexadecimal.
fn pseudonym(domain: &Value, identifier: &str, row: &[(String, &str)]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let key = private(&folder, "a.key", word(&domain["key_file"]));
    let key = DomainKey::read(key).expect("a domain key");
    let plan = plan(word(&domain["project"]), identifier);
    let county = [("county".to_owned(), "03")];
    let columns = row.iter().chain(&county).map(|(name, text)| {
        let column: ArrayRef = Arc::new(StringArray::from(vec![*text]));
        (name, column)
    });
    let batch = RecordBatch::try_from_iter(columns).expect("a row");
    let rows = Rows::from_batches(&plan, "people", [batch]).expect("rows");
    let extract = rows.identify().unwrap().pseudonymise(&key).unwrap();
    assert_eq!(extract.rows(), 1, "{identifier}");
    let batch = extract.to_batch();
    let made = batch.column(0).as_fixed_size_binary().value(0);
    made.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A plan whose register has such an identifier.
fn plan(project: &str, identifier: &str) -> Plan {
    let project = PROJECT.replace(r#"id = "test""#, &format!(r#"id = "{project}""#));
    let text = format!(
        r#"{project}
[source.people]
agency = "A"
legal_basis = ["B"]
identifier = {identifier}
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
