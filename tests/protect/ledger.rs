//! Ledgers as anybody may find them: none, none that is one, or forged without the key.

use std::fs;
use std::path::Path;

use crate::support::plan;
use kobling::ledger::entry::{Coordinate, Figure, Fingerprint, LedgerEntry, PowerOfTwo, Sketch};
use kobling::{Error, ErrorKind, Ledger, ReleaseKey};
use tempfile::tempdir;

fn open(path: &Path) -> Result<Ledger, Error> {
    Ledger::open(path, &plan(), &ReleaseKey::generate().expect("random"))
}

fn refusal(path: &Path, kind: ErrorKind, words: &str) {
    let error = open(path).expect_err("it is refused");
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

/// A file that its owner alone may read, as a ledger's are.
fn own_file(path: &Path, bytes: impl AsRef<[u8]>) {
    fs::write(path, bytes).expect("a file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("a mode");
    }
}

#[test]
fn where_there_is_no_file_the_ledger_is_empty_and_nothing_is_made() {
    let folder = tempdir().expect("a folder");
    for name in ["ledger.jsonl", "an other ledger"] {
        let ledger = open(&folder.path().join(name)).expect("an empty ledger");
        assert!(ledger.entries().is_empty());
        assert_eq!(ledger.spent(), 0);
        assert_eq!(ledger.project(), plan().project());
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn a_rehearsal_has_a_project_of_its_own() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("ledger.jsonl");
    let key = ReleaseKey::generate().expect("random");
    let ledger = Ledger::open(path, &plan().rehearsal(), &key).expect("an empty ledger");
    assert_ne!(ledger.project(), plan().project());
}

#[test]
fn a_folder_that_is_not_there_is_found_before_anything_is_linked() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("not-there").join("ledger.jsonl");
    refusal(&path, ErrorKind::File, "a folder that does not exist");

    let file = folder.path().join("file");
    fs::write(&file, "").expect("a file");
    refusal(
        &file.join("ledger.jsonl"),
        ErrorKind::File,
        "cannot read the file",
    );
    refusal(Path::new(""), ErrorKind::File, "is not the name of a file");
}

#[test]
fn an_empty_file_is_an_empty_ledger() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("ledger.jsonl");
    fs::write(&path, "").expect("a file");
    assert!(open(&path).expect("an empty ledger").entries().is_empty());
}

#[test]
fn a_folder_is_no_ledger() {
    let folder = tempdir().expect("a folder");
    refusal(
        folder.path(),
        ErrorKind::Ledger,
        "is a folder, and no ledger",
    );
    for suffix in ["head", "lock"] {
        let path = folder.path().join(suffix);
        fs::create_dir(path.with_added_extension(suffix)).expect("a folder");
        refusal(&path, ErrorKind::Ledger, "is a folder, and no ledger");
    }
}

#[test]
fn a_file_without_a_head_is_no_ledger() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("ledger.jsonl");
    for bytes in [&b"{}\n"[..], b"\n", b"\0", b"\xff\xfe", b"no newline"] {
        own_file(&path, bytes);
        refusal(
            &path,
            ErrorKind::Ledger,
            "has no head (the file next to it)",
        );
    }
}

#[test]
fn a_head_that_is_none_is_refused() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("ledger.jsonl");
    let head = folder.path().join("ledger.jsonl.head");
    let mac = "0".repeat(64);
    let zeros = "0".repeat(64);
    let key = "0".repeat(16);
    let fields = |project: &str, key: &str| {
        format!(
            "{{\"format\":1,\"project\":\"{project}\",\"key\":\"{key}\",\
             \"entries\":0,\"last\":\"{zeros}\",\"mac\":\"{mac}\"}}\n"
        )
    };
    let project = plan().project().to_owned();
    for (text, words) in [
        (String::new(), "is damaged, and no head"),
        ("{}\n".to_owned(), "is damaged, and no head"),
        (format!(",\"mac\":\"{mac}\"}}\n"), "is damaged, and no head"),
        ("x".repeat(10_000), "is damaged, and no head"),
        (fields(&project, "none"), "is damaged, and no head"),
        (
            fields(&project, &key).replace("entries", "lines"),
            "is damaged, and no head",
        ),
        (
            fields(&project, &key).to_uppercase(),
            "is damaged, and no head",
        ),
        (fields("another", &key), "is of another project"),
        (
            fields(&project, &key),
            "is of the release key 0000000000000000, and this is ",
        ),
    ] {
        own_file(&head, text);
        refusal(&path, ErrorKind::Ledger, words);
        refusal(&path, ErrorKind::Ledger, "ledger.jsonl.head");
    }

    // What the forger can know: the key's check, which releases show.
    let known = ReleaseKey::generate().expect("random");
    own_file(&head, fields(&project, &known.check().to_string()));
    let error = Ledger::open(&path, &plan(), &known).expect_err("it is refused");
    assert_eq!(error.kind(), ErrorKind::Ledger);
    assert_eq!(error.rule(), "was changed");
}

#[cfg(unix)]
#[test]
fn a_link_or_a_pipe_is_no_ledger() {
    use std::os::unix::fs::symlink;

    let folder = tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::write(at("ledger.jsonl"), "").expect("a file");
    symlink(at("ledger.jsonl"), at("link")).expect("a link");
    symlink(at("nowhere"), at("dangling")).expect("a link");
    symlink(at("loop"), at("loop")).expect("a link");
    for name in ["link", "dangling", "loop"] {
        refusal(&at(name), ErrorKind::Ledger, "is a symbolic link");
    }
    // A loop on the way is the operating system's to report.
    refusal(
        &at("loop").join("ledger.jsonl"),
        ErrorKind::File,
        "cannot read the file",
    );

    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).expect("a socket");
    refusal(&at("socket"), ErrorKind::Ledger, "is no regular file");
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_reported() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempdir().expect("a folder");
    let path = folder.path().join("ledger.jsonl");
    own_file(&path, "x");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("its mode is set");
    // To root no file is closed, and this one then is no ledger.
    match fs::File::open(&path) {
        Err(_) => refusal(&path, ErrorKind::File, "cannot read the file"),
        Ok(_) => refusal(&path, ErrorKind::Ledger, "has no head"),
    }
}

#[test]
fn an_entry_has_one_form() {
    let text = format!(
        concat!(
            r#"{{"number":1,"before":"{}","project":"p","release":{{"made_at":"t","#,
            r#""plan_digest":"d","epoch":1,"tables":[{{"name":"n","base":"b","#,
            r#""population":"00000000000000ff","one_row_each":true,"method":"suppress","#,
            r#""promise":{{"min_persons":5,"count_interval":"full"}},"#,
            r#""dimensions":[{{"name":"d","hidden":true,"levels":[],"names":[{{"at":{{"own":"y"}},"persons":4}}]}}],"#,
            r#""quantities":[{{"measures":["m"],"fingerprint":"ffffffffffffffff"}}],"#,
            r#""cells":[{{"at":[{{"own":null}},{{"level":[0,"x"]}},"total"],"#,
            r#""rows":"0000000000000001","persons":null,"padded":"{}","sketch":"{}","#,
            r#""fingerprints":["0000000000000001","0000000000000002","0000000000000003","0000000000000004"],"#,
            r#""alone":[null,"0000000000000005",null,null],"figures":[{{"published":"-12"}},"primary","complementary","perturbed"],"#,
            r#""signs":["non-negative","mixed","non-positive","non-negative"],"#,
            r#""contributions":[null,{{"sketch":"{}","largest":7}},{{"sketch":"{}","largest":null}},null],"#,
            r#""unsafe_sums":[null,null,{{"value":"{}","level":"{}"}},null]}}]}}]}}}}"#
        ),
        "0".repeat(64),
        "0f".repeat(16),
        "0123".repeat(32),
        "abcd".repeat(32),
        "ef00".repeat(32),
        "1a".repeat(16),
        "2b".repeat(16),
    );
    let entry: LedgerEntry = serde_json::from_str(&text).expect("an entry");
    assert_eq!(serde_json::to_string(&entry).expect("text"), text);
    let table = &entry.release.tables[0];
    assert_eq!(table.population, Fingerprint(255));
    assert_eq!(
        table.cells[0].at[1],
        Coordinate::Level(0, Some("x".to_owned()))
    );
    assert_eq!(table.cells[0].figures[0], Figure::Published(-12));
    assert_eq!(entry.release.rho_billionths, 0);
    assert_eq!(table.cells[0].sketch, Some(Sketch([0x0123; 32])));
    let contribution = table.cells[0].contributions[1].expect("a contribution");
    assert_eq!(contribution.largest.map(PowerOfTwo::value), Some(128));

    for (from, to) in [
        (&*"0123".repeat(32), &*"0123".repeat(31)),
        (&*"abcd".repeat(32), &*"abcd".repeat(33)),
        (&*"abcd".repeat(32), &*"ABCD".repeat(32)),
        (&*"ef00".repeat(32), &*"+f00".repeat(32)),
        ("\"largest\":7", "\"largest\":129"),
        ("\"largest\":7", "\"largest\":-1"),
        ("\"largest\":7", "\"largest\":7,\"more\":1"),
        ("\"one_row_each\":true,", ""),
        ("00000000000000ff", "00000000000000FF"),
        ("00000000000000ff", "+0000000000000ff"),
        ("00000000000000ff", "ff"),
        ("00000000000000ff", "000000000000000ff"),
        ("\"00000000000000ff\"", "255"),
        ("\"-12\"", "\"+12\""),
        ("\"-12\"", "\"-012\""),
        ("\"-12\"", "\"\""),
        ("\"-12\"", "-12"),
        ("\"-12\"", "\"-999999999999999999999999999999999999999999\""),
        ("\"persons\":null", "\"persons\":-1"),
        ("\"persons\":4", "\"persons\":-4"),
        (&*"0f".repeat(16), &*"0F".repeat(16)),
        (&*"1a".repeat(16), &*"1a".repeat(15)),
        (&*"2b".repeat(16), &*"+b".repeat(16)),
        ("\"min_persons\":5,", ""),
        ("\"full\"", "\"all\""),
        ("\"mixed\"", "\"both\""),
        ("\"epoch\":1", "\"epoch\":1,\"more\":1"),
        ("\"epoch\":1", "\"epoch\":1,\"epoch\":1"),
        ("\"name\":\"n\"", "\"name\":\"n\",\"more\":1"),
        ("\"method\":\"suppress\",", ""),
        ("\"primary\"", "\"Primary\""),
        ("\"total\"", "\"all\""),
    ] {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        let wrong: Result<LedgerEntry, _> = serde_json::from_str(&text.replace(from, to));
        assert!(wrong.is_err(), "{from} -> {to}");
    }
}
