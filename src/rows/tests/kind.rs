//! A file is read as what it is, whatever it is called.

use std::io::Write as _;

use parquet::basic::Compression;

use super::{file, folder, ipc_bytes, numbers, parquet_bytes, read, refusal, texts};

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn zstd(text: &str) -> Vec<u8> {
    ::zstd::encode_all(text.as_bytes(), 1).unwrap()
}

#[test]
fn the_content_of_a_file_decides_its_format() {
    let folder = folder();
    let parquet = parquet_bytes(&[numbers(3)], Compression::SNAPPY, 10);
    let ipc = ipc_bytes(&[numbers(3)]);
    for (name, bytes) in [
        ("parquet.csv", &parquet),
        ("parquet.CSV", &parquet),
        ("arrow.parquet", &ipc),
        ("arrow.csv", &ipc),
        ("a.feather", &ipc),
        ("a.FEATHER", &ipc),
        ("bare", &parquet),
    ] {
        let path = file(&folder, name, bytes);
        let rows: usize = read(&[&path], &["n"])
            .unwrap()
            .iter()
            .map(|raw| raw.batch.num_rows())
            .sum();
        assert_eq!(rows, 3, "{name}");
    }
    let text = "n;m\n0;a\n1;b\n";
    for (name, bytes) in [
        ("text.parquet", text.as_bytes().to_vec()),
        ("text.arrow", text.as_bytes().to_vec()),
        ("unpacked.csv.gz", text.as_bytes().to_vec()),
        ("a.CSV", text.as_bytes().to_vec()),
        ("a.csv.gz", gzip(text)),
        ("a.CSV.GZ", gzip(text)),
        ("gzip.csv", gzip(text)),
        ("two.csv.gz", [gzip("n;m\n0;a\n"), gzip("1;b\n")].concat()),
        ("a.csv.zst", zstd(text)),
        ("a.tsv.zst", zstd(&text.replace(';', "\t"))),
        ("two.csv.zst", [zstd("n;m\n0;a\n"), zstd("1;b\n")].concat()),
    ] {
        let path = file(&folder, name, bytes);
        let read = read(&[&path], &["n"]).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(texts(&read, 0), ["0", "1"], "{name}");
    }
}

#[test]
fn packed_text_that_is_cut_or_damaged_is_refused() {
    let folder = folder();
    let lines: String = (0..60_000).map(|row| format!("{row}\n")).collect();
    let text = format!("n\n{lines}");
    for (name, whole) in [("a.csv.gz", gzip(&text)), ("a.csv.zst", zstd(&text))] {
        for length in [5, whole.len() / 2, whole.len() - 1] {
            let path = file(&folder, name, &whole[..length]);
            let error = refusal(&[&path], &["n"]);
            assert_eq!(
                error.rule(),
                "cannot be unpacked: it is damaged or cut short",
                "{name} {length}"
            );
        }
    }
    // Cut before it was packed.
    let path = file(&folder, "a.csv.gz", gzip("n\n1\n2"));
    assert!(
        refusal(&[&path], &["n"])
            .rule()
            .starts_with("its last line has no line end")
    );
}

#[test]
fn files_of_others_are_called_by_their_name() {
    let folder = folder();
    for (bytes, what) in [
        (&b"PK\x03\x04\x14\0"[..], "a ZIP archive"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "a spreadsheet of the older kind",
        ),
        (b"$FL2@(#) SPSS\0\x01", "a file of SPSS"),
        (b"BZh91AY&SY\0\x01", "packed with bzip2"),
        (
            b"\xef\xbb\xbf<!DOCTYPE html><html>",
            "a document of XML or HTML",
        ),
    ] {
        let path = file(&folder, "a.csv", bytes);
        let error = refusal(&[&path], &["n"]);
        assert!(error.rule().starts_with(&format!("is {what}")), "{error}");
        assert!(error.to_string().contains("\n  help: "), "{error}");
    }
    // Text may begin with such letters.
    let path = file(&folder, "a.csv", "ORC,n\n1,2\n");
    assert_eq!(texts(&read(&[&path], &["n"]).unwrap(), 0), ["2"]);
    let path = file(&folder, "a.parquet", "PA\0");
    assert!(refusal(&[&path], &["n"]).rule().contains("Parquet"));
}

#[test]
fn a_file_that_is_named_as_text_and_is_none_says_what_it_is() {
    let folder = folder();
    let padded = |start: &[u8]| [start, &[0; 600], b"\n"].concat();
    let at = |place: usize, bytes: &[u8]| [&vec![b' '; place][..], bytes].concat();
    let xpt = b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!000000000000000000000000000000  ";
    let binary: Vec<u8> = (0..=255).chain([b'\n']).collect();
    let gz = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let parquet = parquet_bytes(&[numbers(3)], Compression::SNAPPY, 10);
    for (bytes, what) in [
        (xpt.to_vec(), "is a transport file of SAS (.xpt), which is"),
        (padded(xpt), "is a transport file of SAS (.xpt), which is"),
        (
            at(0, b"ASCII SPSS PORT FILE  "),
            "is a portable file of SPSS",
        ),
        (padded(&[115, 2, 1, 0, 5, 0]), "is a file of Stata"),
        (padded(&[3, 120, 1, 31, 9]), "is a file of dBASE (.dbf)"),
        (
            padded(b"\0\x01\0\0Standard ACE DB"),
            "is a database of Access",
        ),
        (padded(&at(8, b"DUCK")), "is a database of DuckDB"),
        (padded(b"\x89HDF\r\n\x1a\n"), "is an HDF5 file"),
        (padded(b"\x89PNG\r\n\x1a\n"), "is a picture"),
        (padded(b"FEA1"), "is a Feather file of the older kind"),
        (padded(b"7z\xbc\xaf\x27\x1c"), "is a 7z archive"),
        (padded(&at(257, b"ustar")), "is a tar archive"),
        (
            gz(&padded(&at(257, b"ustar"))),
            "is packed, and in it is a tar archive, which is",
        ),
        (
            gz(&padded(b"X\n\0\0\0\x03")),
            "is packed, and in it is a file of R",
        ),
        (gz(&parquet), "is packed, and in it is no text"),
        (gz(&binary), "is packed, and in it is no text"),
        (binary, "is named as text, and is none"),
    ] {
        let path = file(&folder, "a.csv", bytes);
        let error = refusal(&[&path], &["n"]);
        assert!(error.rule().starts_with(what), "{error}");
        assert!(error.to_string().contains("\n  help: "), "{error}");
    }
    // Text may begin with such letters; and Hive writes a control character between fields.
    let path = file(&folder, "a.csv", "FEA1,n\n0,1\n0,3\n");
    assert_eq!(texts(&read(&[&path], &["n"]).unwrap(), 0), ["1", "3"]);
    let path = file(&folder, "a.csv", "n\u{1}m\n1\u{1}2\n");
    let error = refusal(&[&path], &["n"]);
    assert!(error.rule().contains("no such column"), "{error}");
}

#[cfg(not(feature = "xlsx"))]
#[test]
fn a_build_without_spreadsheets_says_so() {
    let folder = folder();
    let bytes = b"PK\x03\x04\x14\0[Content_Types].xml PK\x01\x02 xl/workbook.xml";
    for name in ["a.xlsx", "a.csv"] {
        let path = file(&folder, name, bytes);
        let error = refusal(&[&path], &["n"]).to_string();
        assert!(
            error.contains("this build of kobling does not read"),
            "{error}"
        );
        assert!(
            error.contains("build it with --features xlsx, or save"),
            "{error}"
        );
    }
}
