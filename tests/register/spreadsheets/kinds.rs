//! What a file is, whatever it is called.

use kobling::Rows;

use super::forge::Book;
use super::{file, plan, refusal};

const NUMBER: &str = "type = \"integer\"";
const REGISTER: &[&[&str]] = &[&["'nr", "'v"], &["1", "5"]];

#[test]
fn a_workbook_is_recognised_by_what_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(NUMBER, "");
    for name in ["a.xlsx", "a.XLSM", "a.csv", "a.parquet", "bare"] {
        let path = file(folder.path(), name, Book::of(REGISTER).bytes());
        let rows = Rows::open(&plan, "reg", &[path]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(rows.identify().unwrap().rows(), 1, "{name}");
    }
    // And text that is called one.
    let path = file(folder.path(), "text.xlsx", "nr;v\n1;5\n");
    assert!(Rows::open(&plan, "reg", &[path]).is_err());
    let folder = tempfile::tempdir().unwrap();
    file(
        folder.path(),
        "v=5/a.xlsx",
        Book::of(&[&["'nr"], &["1"]]).bytes(),
    );
    file(folder.path(), "v=6/a.csv", "nr\n2\n");
    let rows = Rows::open(&plan, "reg", &[folder.path()]).unwrap();
    assert_eq!(rows.identify().unwrap().rows(), 2);
}

#[test]
fn others_are_called_by_their_name() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(NUMBER, "");
    let mut older = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    older.resize(2048, 0);
    older[30] = 9;
    let mut protected = older.clone();
    let name: Vec<u8> = "EncryptedPackage"
        .bytes()
        .flat_map(|byte| [byte, 0])
        .collect();
    protected[640..640 + name.len()].copy_from_slice(&name);
    let archive = |part: &str| {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        archive
            .start_file(part, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.finish().unwrap().into_inner()
    };
    let mut open = b"PK\x03\x04".to_vec();
    open.extend([0; 26]);
    open.extend(b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet");
    for (name, bytes, what) in [
        ("a.xls", older, "a spreadsheet of the older kind (.xls)"),
        (
            "a.xlsx",
            protected,
            "a workbook that is protected by a password",
        ),
        (
            "a.xlsb",
            archive("xl/workbook.bin"),
            "a spreadsheet in binary form (.xlsb)",
        ),
        ("a.ods", open, "a spreadsheet (.ods)"),
        ("a.zip", archive("skatt.csv"), "a ZIP archive"),
    ] {
        let path = file(folder.path(), name, bytes);
        let error = refusal(Rows::open(&plan, "reg", &[path]));
        assert!(error.rule().starts_with(&format!("is {what}")), "{error}");
        assert!(error.to_string().contains("\n  help: "), "{error}");
    }
    let path = file(folder.path(), "~$a.xlsx", "\u{5}Kari Nordmann");
    let error = refusal(Rows::open(&plan, "reg", &[path]));
    assert!(error.rule().contains("next to an open file"), "{error}");
    assert!(!error.to_string().contains("Kari"), "{error}");
}

#[test]
fn a_damaged_workbook_is_refused_and_nothing_of_it_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(NUMBER, "");
    let whole = Book::of(REGISTER).bytes();
    for length in [4, 100, whole.len() / 2, whole.len() - 1] {
        let path = file(folder.path(), "a.xlsx", &whole[..length]);
        let error = refusal(Rows::open(&plan, "reg", &[path]));
        assert!(error.rule().contains("damaged"), "{length}: {error}");
    }
    for at in (0..whole.len()).step_by(7) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        let path = file(folder.path(), "a.xlsx", bytes);
        // Read as it was, or refused; nothing else.
        if let Ok(identified) = Rows::open(&plan, "reg", &[path]).and_then(Rows::identify) {
            assert_eq!(identified.rows(), 1, "{at}");
        }
    }
}
