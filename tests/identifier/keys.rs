//! Keys: what they derive, and what their files let through.

use std::fs;
use std::path::{Path, PathBuf};

use kobling::{Domain, DomainKey, ErrorKind, KeyCheck, KeyKind, LinkageKey, ReleaseKey};
use tempfile::TempDir;

// The known answers below, computed apart from this crate:
//
//   import hmac, hashlib, struct
//   def mac(k, m): return hmac.new(k, m, hashlib.sha256).digest()
//   def part(b): return struct.pack('>Q', len(b)) + b
//   key = bytes(range(32))
//   project, epoch = part(b'skatteforsk-2026-017'), struct.pack('>I', 1)
//   linkage_check = mac(key, b'\0\1' + part(b'key file') + part(b'linkage'))[:8]
//   info = b'\1' + part(b'pseudonym') + project + epoch
//   domain_key = mac(mac(bytes(32), key), info + b'\1')       # HKDF, RFC 5869 §2
//   key_check = mac(domain_key, b'\0\1' + part(b'key check'))[:8]
//   domain_check = mac(domain_key, b'\0\1' + part(b'key file') + part(b'domain') + project + epoch)[:8]
const LINKAGE_FILE: &str = "\
kobling linkage key 1
key = 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
check = 928a9b7630c63579
";
const DOMAIN_FILE: &str = "\
kobling domain key 1
project = skatteforsk-2026-017
epoch = 1
key = 25f120586168709e3b41912e1b5f5bffa63ddd5586a4780e44ab92af09241e8e
check = e1ea180d503dd475
";
const PLAN: &str = r#"
version = 1
[project]
id = "test-1"
epoch = 1
title = "T"
purpose = "P"
controller = "C"
linkage_unit = "L"
recipient = "R"
valid = { from = 2020-01-01, until = 2099-12-31 }
[source.people]
agency = "A"
legal_basis = ["B"]
identifier = { column = "id", type = "number" }
rows = "one"
columns.county = { from = "county", type = "category" }
[table.people]
from = "people"
by = ["people.county"]
sensitive = []
measures = [ { persons = true } ]
protect = { min_persons = 3, method = "suppress" }
"#;
const KEY_CHECK: &str = "0b7900e6cc86f422";

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// A file that its owner alone may read.
fn file(folder: &TempDir, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, content).expect("write a test file");
    set_mode(&path, 0o600);
    path
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set a mode");
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: u32) {}

fn domain() -> Domain {
    Domain::new("skatteforsk-2026-017", 1).expect("a valid domain")
}

/// The text of the error that a linkage key file with this content is refused with.
fn refusal(content: impl AsRef<[u8]>) -> String {
    let folder = folder();
    let error = LinkageKey::read(file(&folder, "k", content)).expect_err("must be refused");
    assert_eq!(error.kind(), ErrorKind::Key);
    assert_quotes_no_key(&error.to_string());
    error.to_string()
}

fn domain_refusal(content: &str) -> String {
    let folder = folder();
    let error = DomainKey::read(file(&folder, "k", content)).expect_err("must be refused");
    assert_eq!(error.kind(), ErrorKind::Key);
    assert_quotes_no_key(&error.to_string());
    error.to_string()
}

fn assert_quotes_no_key(text: &str) {
    for secret in ["00010203", "0b0c0d0e", "928a9b", "25f12058", "e1ea18"] {
        assert!(!text.contains(secret), "an error quotes a key file");
    }
}

// ---- derivation ----

#[test]
fn derivation_has_the_known_answer() {
    let folder = folder();
    let key = LinkageKey::read(file(&folder, "linkage.key", LINKAGE_FILE)).expect("read");
    let derived = key.domain_key(&domain());
    assert_eq!(derived.check().to_string(), KEY_CHECK);
    assert_eq!(derived.domain(), &domain());

    let path = folder.path().join("domain.key");
    derived.write(&path).expect("write");
    assert_eq!(fs::read_to_string(path).expect("read back"), DOMAIN_FILE);
}

#[test]
fn a_domain_key_file_has_the_known_check() {
    let folder = folder();
    let key = DomainKey::read(file(&folder, "domain.key", DOMAIN_FILE)).expect("read");
    assert_eq!(key.check().to_string(), KEY_CHECK);
    assert_eq!(key.domain(), &domain());
}

#[test]
fn keys_of_other_domains_and_other_linkage_keys_differ() {
    let key = LinkageKey::generate().expect("random bytes");
    let other = LinkageKey::generate().expect("random bytes");
    let check = |project: &str, epoch| {
        let domain = Domain::new(project, epoch).expect("a valid domain");
        key.domain_key(&domain).check()
    };
    assert_eq!(check("a", 1), check("a", 1));
    let mut checks = vec![
        check("a", 1),
        check("a", 2),
        check("b", 1),
        check("a/1", 1),
        check("a/1", 0x3100_0000),
        other
            .domain_key(&Domain::new("a", 1).expect("a valid domain"))
            .check(),
    ];
    checks.sort();
    checks.dedup();
    assert_eq!(checks.len(), 6);
}

#[test]
fn key_checks_are_read_as_they_are_written() {
    let check: KeyCheck = KEY_CHECK.parse().expect("a key check");
    assert_eq!(check.to_string(), KEY_CHECK);
    for wrong in [
        "",
        "0b7900e6cc86f42",
        "0b7900e6cc86f4222",
        "0B7900E6CC86F422",
        "+b7900e6cc86f422",
        "0b7900e6cc86f42ø",
    ] {
        let error = wrong.parse::<KeyCheck>().expect_err("must be refused");
        assert_eq!(error.kind(), ErrorKind::Key);
    }
}

#[test]
fn debug_shows_types_and_the_domain_only() {
    let linkage = LinkageKey::generate().expect("random bytes");
    assert_eq!(format!("{linkage:?}"), "LinkageKey(..)");
    assert_eq!(
        format!("{:?}", linkage.domain_key(&domain())),
        "DomainKey(skatteforsk-2026-017/1, ..)"
    );
    let release = ReleaseKey::generate().expect("random bytes");
    assert_eq!(format!("{release:?}"), "ReleaseKey(..)");
}

#[test]
fn domains_are_refused_that_could_be_misread() {
    let longest = "x".repeat(255);
    for right in ["a", "å/1", "two words", "a = b", &longest] {
        let domain = Domain::new(right, u32::MAX).expect("a valid domain");
        assert_eq!((domain.project(), domain.epoch()), (right, u32::MAX));
    }
    let too_long = "x".repeat(256);
    for wrong in [
        "", " a", "a ", "a\u{a0}", "a\nb", "a\0b", "a\u{85}b", &too_long,
    ] {
        let error = Domain::new(wrong, 1).expect_err("must be refused");
        assert_eq!(error.kind(), ErrorKind::Plan);
    }
}

// ---- key files ----

#[test]
fn keys_survive_their_files() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);

    let linkage = LinkageKey::generate().expect("random bytes");
    linkage.write(path("linkage")).expect("write");
    let read = LinkageKey::read(path("linkage")).expect("read");
    let odd = Domain::new("å = b / ñ", 0).expect("a valid domain");
    assert_eq!(
        read.domain_key(&odd).check(),
        linkage.domain_key(&odd).check()
    );

    let key = linkage.domain_key(&odd);
    key.write(path("domain")).expect("write");
    let read = DomainKey::read(path("domain")).expect("read");
    assert_eq!((read.check(), read.domain()), (key.check(), &odd));

    let release = ReleaseKey::generate().expect("random bytes");
    release.write(path("release")).expect("write");
    let read = ReleaseKey::read(path("release")).expect("read");
    assert_eq!(read.check(), release.check());
}

#[test]
fn an_existing_file_is_never_overwritten() {
    let folder = folder();
    let path = file(&folder, "precious", "do not lose me");
    let key = LinkageKey::generate().expect("random bytes");
    let error = key.write(&path).expect_err("must be refused");
    assert_eq!(error.kind(), ErrorKind::Key);
    assert_eq!(fs::read_to_string(&path).expect("read"), "do not lose me");
    assert_eq!(fs::read_dir(folder.path()).expect("list").count(), 1);
}

#[test]
fn an_empty_file_in_a_keys_place_is_distinguished_from_a_key() {
    let folder = folder();
    let path = file(&folder, "key", "");
    let key = LinkageKey::generate().expect("random bytes");
    let error = key.write(&path).expect_err("must be refused");
    assert!(error.to_string().contains("remove it"), "{error}");
    fs::remove_file(&path).expect("it is removed");
    key.write(&path).expect("write");
    let names = fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(names, 1, "nothing is left beside the key");
}

#[test]
fn a_missing_file_or_folder_is_a_file_error() {
    let folder = folder();
    let path = folder.path().join("none").join("key");
    let error = LinkageKey::read(&path).expect_err("must be refused");
    assert_eq!(error.kind(), ErrorKind::File);
    let key = LinkageKey::generate().expect("random bytes");
    let error = key.write(&path).expect_err("must be refused");
    assert_eq!(error.kind(), ErrorKind::File);
}

#[cfg(unix)]
#[test]
fn a_new_key_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let path = folder.path().join("key");
    let key = ReleaseKey::generate().expect("random bytes");
    key.write(&path).expect("write");
    let mode = fs::metadata(&path).expect("metadata").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[cfg(unix)]
#[test]
fn a_key_file_open_to_others_is_refused_with_the_remedy() {
    let folder = folder();
    let path = file(&folder, "key", LINKAGE_FILE);
    for mode in [0o640, 0o604, 0o620, 0o602, 0o644, 0o666, 0o610] {
        set_mode(&path, mode);
        let error = LinkageKey::read(&path).expect_err("must be refused");
        assert_eq!(error.kind(), ErrorKind::Key);
        let remedy = format!("help: chmod 600 {}", path.display());
        assert!(error.to_string().contains(&remedy), "no remedy is named");
    }
    for mode in [0o600, 0o400] {
        set_mode(&path, mode);
        LinkageKey::read(&path).expect("its owner's alone");
    }
}

#[cfg(unix)]
#[test]
fn a_key_file_of_another_user_is_refused() {
    let folder = folder();
    let path = file(&folder, "key", LINKAGE_FILE);
    // Whoever may not give a file away may not read that of another user either.
    if std::os::unix::fs::chown(&path, Some(54_321), None).is_ok() {
        let error = LinkageKey::read(&path).expect_err("must be refused");
        assert_eq!(error.kind(), ErrorKind::Key);
        assert!(error.rule().contains("another user's"), "{error}");
        assert_quotes_no_key(&error.to_string());
    }
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_judged_by_what_it_names() {
    let folder = folder();
    let path = file(&folder, "key", LINKAGE_FILE);
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&path, &link).expect("link");
    LinkageKey::read(&link).expect("the file behind the link is fine");
    set_mode(&path, 0o644);
    LinkageKey::read(&link).expect_err("the file behind the link is open to others");

    // Writing does not follow a link, not even one that leads nowhere yet.
    let dangling = folder.path().join("dangling");
    std::os::unix::fs::symlink(folder.path().join("elsewhere"), &dangling).expect("link");
    let key = LinkageKey::generate().expect("random bytes");
    key.write(&dangling).expect_err("must be refused");
    assert!(!folder.path().join("elsewhere").exists());
}

#[test]
fn a_folder_is_no_key_file() {
    let folder = folder();
    let error = LinkageKey::read(folder.path()).expect_err("must be refused");
    assert!(error.rule().contains("regular file"));
}

#[test]
fn a_key_of_another_kind_says_which_is_needed() {
    assert!(refusal(DOMAIN_FILE).contains("this is a domain key; a linkage key is needed"));
    assert!(domain_refusal(LINKAGE_FILE).contains("this is a linkage key; a domain key is needed"));
    let folder = folder();
    let error = ReleaseKey::read(file(&folder, "k", LINKAGE_FILE)).expect_err("must be refused");
    assert!(error.rule().contains("a release key is needed"));
}

#[test]
fn a_relabelled_key_is_refused() {
    let relabelled = LINKAGE_FILE.replace("linkage", "release");
    let folder = folder();
    let error = ReleaseKey::read(file(&folder, "k", relabelled)).expect_err("must be refused");
    assert!(error.rule().contains("do not fit its check"));
    for (from, to) in [("epoch = 1", "epoch = 2"), ("2026-017", "2026-018")] {
        assert!(domain_refusal(&DOMAIN_FILE.replace(from, to)).contains("do not fit its check"));
    }
}

#[test]
fn every_truncation_is_refused() {
    // Without the last line feed the file is still whole.
    for len in 0..LINKAGE_FILE.len() - 1 {
        refusal(&LINKAGE_FILE[..len]);
    }
    for len in 0..DOMAIN_FILE.len() - 1 {
        domain_refusal(&DOMAIN_FILE[..len]);
    }
    let whole = LINKAGE_FILE.trim_end();
    let folder = folder();
    LinkageKey::read(file(&folder, "k", whole)).expect("whole");
    LinkageKey::read(file(&folder, "w", LINKAGE_FILE.replace('\n', "\r\n\r\n"))).expect("whole");
}

#[test]
fn every_mistyped_digit_is_refused() {
    let key = LINKAGE_FILE.find("key = ").expect("the key line") + "key = ".len();
    let check = LINKAGE_FILE.find("check = ").expect("the check line") + "check = ".len();
    for at in (key..key + 64).chain(check..check + 16) {
        let mut bytes = LINKAGE_FILE.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
        assert!(refusal(&bytes).contains("do not fit its check"));
    }
}

#[test]
fn malformed_files_are_refused_with_their_fault() {
    let key_line = LINKAGE_FILE.lines().nth(1).expect("the key line");
    for (content, fault) in [
        (String::new(), "not a kobling key file"),
        (format!("\u{feff}{LINKAGE_FILE}"), "not a kobling key file"),
        (
            LINKAGE_FILE.replace("linkage", "cabin"),
            "not a kobling key file",
        ),
        (LINKAGE_FILE.replace("key 1", "key 2"), "version"),
        (LINKAGE_FILE.replace("key 1", "key 1 "), "version"),
        (
            format!("{LINKAGE_FILE}note = 1\n"),
            "line 4 is none that a linkage key file has",
        ),
        (
            format!("{LINKAGE_FILE}project = a\n"),
            "line 4 is none that a linkage key file has",
        ),
        (format!("{LINKAGE_FILE}{key_line}\n"), "line 4 repeats"),
        (
            LINKAGE_FILE.replace(key_line, ""),
            "the line `key` is missing",
        ),
        (
            LINKAGE_FILE.replace("0a0b", "0A0B"),
            "64 lower-case hexadecimal digits",
        ),
        (
            LINKAGE_FILE.replace("928a", "928"),
            "16 lower-case hexadecimal digits",
        ),
    ] {
        assert!(refusal(&content).contains(fault), "expected: {fault}");
    }
    for (from, to, fault) in [
        ("epoch = 1\n", "", "the line `epoch` is missing"),
        (
            "project = skatteforsk-2026-017\n",
            "",
            "the line `project` is missing",
        ),
        ("epoch = 1", "epoch = -1", "the epoch is not"),
        ("epoch = 1", "epoch = 4294967296", "the epoch is not"),
        ("skatteforsk-2026-017", "", "the project id is empty"),
        ("skatteforsk", "\u{1b}[31m", "control character"),
    ] {
        assert!(domain_refusal(&DOMAIN_FILE.replace(from, to)).contains(fault));
    }
}

#[test]
fn files_that_are_not_small_text_are_refused() {
    assert!(refusal([LINKAGE_FILE.as_bytes(), &[0xff]].concat()).contains("not UTF-8"));
    let padding = "\n".repeat(4096 - LINKAGE_FILE.len());
    let folder = folder();
    let padded = format!("{LINKAGE_FILE}{padding}");
    LinkageKey::read(file(&folder, "k", &padded)).expect("4096 bytes are read");
    assert!(refusal(format!("{padded}\n")).contains("larger than any key file"));
}

#[test]
fn a_file_says_its_kind_of_key() {
    let folder = folder();
    for (content, kind) in [
        (LINKAGE_FILE, KeyKind::Linkage),
        (DOMAIN_FILE, KeyKind::Domain),
    ] {
        let path = file(&folder, kind.name(), content);
        assert_eq!(KeyKind::of_file(path), Ok(kind));
    }
    let other = file(&folder, "other", "a plan, perhaps");
    let error = KeyKind::of_file(&other).expect_err("no key file");
    assert_eq!(error.kind(), ErrorKind::Key);
    assert_eq!(error.rule(), "this is not a kobling key file");
}

#[test]
fn a_domain_key_fits_its_plan_only() {
    let key = LinkageKey::generate().expect("random bytes");
    let plan = kobling::Plan::parse(PLAN).expect("a plan");
    assert_eq!(key.domain_key(&plan.domain()).check_plan(&plan), Ok(()));
    let error = key.domain_key(&domain()).check_plan(&plan);
    assert_eq!(error.map_err(|error| error.kind()), Err(ErrorKind::Key));
    let rehearsal = key.domain_key(&plan.domain()).check_plan(&plan.rehearsal());
    assert_eq!(rehearsal.map_err(|error| error.kind()), Err(ErrorKind::Key));
}
