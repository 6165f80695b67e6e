//! Columnar files as offices write them: compressed in all the usual ways, as
//! streams, with types that mean text or numbers without saying so, in folders.
//! What is not read says what it is, and what is no file is not waited for.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use crate::support::column::text;
use crate::support::{PROJECT, array, batch, key, parse, refusal, write_parquet};
use arrow_array::types::{Int8Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BinaryViewArray, Decimal32Array, Decimal64Array, Decimal128Array,
    Decimal256Array, DictionaryArray, LargeBinaryArray, RecordBatch, StringArray,
};
use arrow_buffer::i256;
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use arrow_schema::DataType;
use kobling::protect::PartialTables;
use kobling::protect::perturbation::Perturbation;
use kobling::{Extract, Manifest, Plan, Rows};
use parquet::arrow::ArrowWriter;
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::support;

/// A plan of persons called by text, each with a category `v`, or with `recipe`.
fn plan(recipe: &str) -> Plan {
    parse(&format!(
        r#"{PROJECT}
        [source.reg]
        agency = "a"
        legal_basis = ["l"]
        identifier = {{ column = "nr", type = "text" }}
        rows = "one"
        [source.reg.columns.v]
        from = "v"
        {recipe}
        [table.t]
        from = "reg"
        by = []
        where = [{{ column = "reg.v", present = true }}]
        sensitive = []
        measures = [{{ persons = true }}]
        protect = {{ min_persons = 3, method = "suppress" }}"#
    ))
}

const CATEGORY: &str = "type = \"category\"";
const CENTS: &str = "type = \"decimal\"\nscale = 2";

fn extract(plan: &Plan, path: &Path) -> kobling::Result<Extract> {
    let rows = Rows::open(plan, "reg", &[path])?;
    rows.identify()?.pseudonymise(&key(plan))
}

/// The values of `v` in a file, sorted; `-` is missing.
fn values(recipe: &str, path: &Path) -> Vec<String> {
    let extract = extract(&plan(recipe), path).unwrap_or_else(|error| panic!("{error}"));
    let column = Arc::clone(extract.to_batch().column(1));
    let mut values: Vec<String> = (0..column.len())
        .map(|row| text(&column.slice(row, 1)))
        .collect();
    values.sort();
    values
}

fn people(column: ArrayRef) -> RecordBatch {
    let names: StringArray = (0..column.len()).map(|nr| Some(format!("p{nr}"))).collect();
    batch(vec![("nr", array(names)), ("v", column)])
}

fn words() -> RecordBatch {
    let words = (0..3000).map(|nr| Some(["north", "south", "østfold"][nr % 3]));
    people(array(words.collect::<StringArray>()))
}

#[test]
fn pages_are_read_however_they_are_compressed() {
    let folder = tempfile::tempdir().unwrap();
    let expected: Vec<String> = ["north", "south", "østfold"]
        .map(|word| vec![word; 1000])
        .concat()
        .into_iter()
        .map(str::to_owned)
        .collect();
    for (name, codec) in [
        ("gzip", Compression::GZIP(GzipLevel::default())),
        ("brotli", Compression::BROTLI(BrotliLevel::default())),
        ("zstd", Compression::ZSTD(ZstdLevel::default())),
        ("snappy", Compression::SNAPPY),
        ("lz4", Compression::LZ4_RAW),
        ("plain", Compression::UNCOMPRESSED),
    ] {
        let path = folder.path().join(format!("{name}.parquet"));
        let properties = WriterProperties::builder()
            .set_compression(codec)
            .set_data_page_row_count_limit(100)
            .set_write_batch_size(50)
            .build();
        let file = File::create(&path).unwrap();
        let words = words();
        let mut writer = ArrowWriter::try_new(file, words.schema(), Some(properties)).unwrap();
        writer.write(&words).unwrap();
        writer.close().unwrap();
        assert_eq!(values(CATEGORY, &path), expected, "{name}");
    }
    for compression in [
        None,
        Some(CompressionType::LZ4_FRAME),
        Some(CompressionType::ZSTD),
    ] {
        let options = || {
            IpcWriteOptions::default()
                .try_with_compression(compression)
                .unwrap()
        };
        let words = words();
        let path = folder.path().join("file.arrow");
        let file = File::create(&path).unwrap();
        let mut writer =
            FileWriter::try_new_with_options(file, &words.schema(), options()).unwrap();
        writer.write(&words).unwrap();
        writer.finish().unwrap();
        assert_eq!(values(CATEGORY, &path), expected, "{compression:?}");

        let path = folder.path().join("stream.arrow");
        let file = File::create(&path).unwrap();
        let mut writer =
            StreamWriter::try_new_with_options(file, &words.schema(), options()).unwrap();
        for from in [0, 1000, 2000] {
            writer.write(&words.slice(from, 1000)).unwrap();
        }
        writer.finish().unwrap();
        assert_eq!(values(CATEGORY, &path), expected, "{compression:?}");
    }
}

#[test]
fn a_stream_without_its_end_is_cut_short() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stream.arrow");
    let words = words();
    let mut writer = StreamWriter::try_new(Vec::new(), &words.schema()).unwrap();
    writer.write(&words).unwrap();
    writer.finish().unwrap();
    let whole = writer.into_inner().unwrap();
    fs::write(&path, &whole).unwrap();
    assert_eq!(values(CATEGORY, &path).len(), 3000);
    let plan = plan(CATEGORY);
    for end in (0..whole.len())
        .step_by(997)
        .chain([whole.len() - 8, whole.len() - 1])
    {
        fs::write(&path, &whole[..end]).unwrap();
        let refused = refusal(extract(&plan, &path)).to_string();
        assert!(refused.contains("Arrow IPC"), "{end}: {refused}");
    }
    fs::write(&path, [&whole[..], b"more"].concat()).unwrap();
    assert!(
        refusal(extract(&plan, &path))
            .to_string()
            .contains("damaged")
    );
}

#[test]
fn dictionaries_of_a_stream_may_grow_and_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stream.arrow");
    let dictionary = |words: &[&str]| -> ArrayRef {
        array(words.iter().copied().collect::<DictionaryArray<Int8Type>>())
    };
    let rows = |names: [&str; 2], words: &[&str]| {
        let names = StringArray::from(names.to_vec());
        batch(vec![("nr", array(names)), ("v", dictionary(words))])
    };
    let first = rows(["a", "b"], &["x", "y"]);
    let mut writer = StreamWriter::try_new(File::create(&path).unwrap(), &first.schema()).unwrap();
    writer.write(&first).unwrap();
    writer.write(&rows(["c", "d"], &["z", "x"])).unwrap();
    writer.finish().unwrap();
    assert_eq!(values(CATEGORY, &path), ["x", "x", "y", "z"]);
}

#[test]
fn numbers_are_read_whatever_their_width() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let wide = |scale: i8, value: &str| {
        let value: i256 = value.parse().unwrap();
        Decimal256Array::from(vec![value]).with_data_type(DataType::Decimal256(76, scale))
    };
    let columns: [ArrayRef; 5] = [
        array(Decimal32Array::from(vec![1250]).with_data_type(DataType::Decimal32(9, 2))),
        array(Decimal64Array::from(vec![125]).with_data_type(DataType::Decimal64(18, 1))),
        array(Decimal128Array::from(vec![12500]).with_data_type(DataType::Decimal128(38, 3))),
        array(wide(2, "1250")),
        // 60 decimals, of which 59 are zero.
        array(wide(60, &format!("125{}", "0".repeat(59)))),
    ];
    for column in columns {
        let kind = column.data_type().clone();
        let register = people(column);
        write_parquet(&path, &register);
        // In hundredths.
        assert_eq!(values(CENTS, &path), ["1250"], "{kind}");
        let rows = Rows::from_batches(&plan(CENTS), "reg", [register]);
        assert!(rows.and_then(Rows::identify).is_ok(), "{kind}");
    }
    write_parquet(&path, &people(array(wide(0, &"9".repeat(60)))));
    let refused = refusal(extract(&plan(CENTS), &path)).to_string();
    assert!(refused.contains("of a size"), "{refused}");
}

#[test]
fn bytes_that_are_text_are_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let words: [&[u8]; 2] = ["øst".as_bytes(), b"vest"];
    let bytes: [ArrayRef; 3] = [
        array(BinaryArray::from_iter_values(words)),
        array(LargeBinaryArray::from_iter_values(words)),
        array(BinaryViewArray::from_iter_values(words)),
    ];
    for column in bytes {
        let kind = column.data_type().clone();
        let register = people(column);
        write_parquet(&path, &register);
        assert_eq!(values(CATEGORY, &path), ["vest", "øst"], "{kind}");
        let ipc = folder.path().join("t.arrow");
        support::write_ipc(&ipc, &register);
        assert_eq!(values(CATEGORY, &ipc), ["vest", "øst"], "{kind}");
    }
    let words: [&[u8]; 2] = [b"\xf8st", b"vest"];
    write_parquet(&path, &people(array(BinaryArray::from_iter_values(words))));
    let refused = refusal(extract(&plan(CATEGORY), &path)).to_string();
    assert!(
        refused.contains("column v") && refused.contains("not text in UTF-8"),
        "{refused}"
    );
}

#[test]
fn a_dictionary_may_have_keys_of_any_width() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["x", "y", "x"];
    let narrow: DictionaryArray<Int8Type> = words.into_iter().collect();
    let wide: DictionaryArray<UInt64Type> = words.into_iter().collect();
    for column in [array(narrow), array(wide)] {
        for (name, write) in [
            ("t.arrow", support::write_ipc as fn(&Path, &RecordBatch)),
            ("t.parquet", write_parquet),
        ] {
            let path = folder.path().join(name);
            write(&path, &people(Arc::clone(&column)));
            assert_eq!(values(CATEGORY, &path), ["x", "x", "y"], "{name}");
        }
    }
    // An identifier in a dictionary is found out once, and is the same.
    let names: DictionaryArray<Int8Type> = ["Ola", "ola ", "Kari"].into_iter().collect();
    let register = batch(vec![
        ("nr", array(names)),
        ("v", array(StringArray::from(words.to_vec()))),
    ]);
    let rows = Rows::from_batches(&plan(CATEGORY), "reg", [register]).unwrap();
    let report = rows.exact_identifier_report().unwrap();
    assert_eq!(
        (report.distinct.get(), report.repeated.get()),
        (Some(2), Some(2))
    );
}

#[test]
fn what_reads_the_same_is_one_category() {
    let composed = ["Ålesund", "A\u{30a}lesund", "\u{212b}lesund", "Oslo"];
    let register = people(array(StringArray::from(composed.to_vec())));
    let recipe =
        "type = \"category\"\nmap = { \"A\u{30a}lesund\" = \"west\" }\notherwise = \"east\"";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    write_parquet(&path, &register);
    assert_eq!(
        values(CATEGORY, &path),
        ["Oslo", "Ålesund", "Ålesund", "Ålesund"]
    );
    assert_eq!(values(recipe, &path), ["east", "west", "west", "west"]);
    let twice = "type = \"category\"\nmap = { \"A\u{30a}\" = \"1\", \"\u{c5}\" = \"2\" }";
    let found = std::panic::catch_unwind(|| plan(twice));
    assert!(found.is_err(), "two names that read the same");
}

#[test]
fn an_encrypted_file_is_called_encrypted() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["t.parquet", "t.parquet.encrypted"] {
        let path = folder.path().join(name);
        fs::write(&path, b"PARE\x15\x00 whatever it is \x10\x00\x00\x00PARE").unwrap();
        let refused = refusal(extract(&plan(CATEGORY), &path)).to_string();
        assert!(refused.contains("is encrypted"), "{refused}");
    }
}

#[test]
fn folders_and_their_files_may_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for (place, word) in ["v=a/x.parquet", "v=b/x.parquet"]
        .into_iter()
        .zip(["a", "b"])
    {
        let path = folder.path().join(place);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let names = StringArray::from(vec![format!("p{word}")]);
        let words = StringArray::from(vec![word]);
        write_parquet(
            &path,
            &batch(vec![("nr", array(names)), ("v", array(words))]),
        );
    }
    assert_eq!(values(CATEGORY, folder.path()), ["a", "b"]);
    fs::rename(folder.path().join("v=b"), folder.path().join("v=c")).unwrap();
    let refused = refusal(extract(&plan(CATEGORY), folder.path())).to_string();
    assert!(
        refused.contains("another value than the name of a folder"),
        "{refused}"
    );
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap();
    assert!(made.success());
    let good = plan(CATEGORY);
    let release_key = kobling::ReleaseKey::generate().unwrap();
    for path in [pipe.as_path(), Path::new("/dev/zero")] {
        let refused = [
            refusal(Plan::read(path)),
            refusal(Manifest::read(path)),
            refusal(Extract::read(&good, path)),
            refusal(kobling::Inspection::read(path)),
            refusal(Perturbation::read(path)),
            refusal(PartialTables::read(&good, path, &release_key)),
        ];
        for refused in refused {
            assert!(
                refused.to_string().contains("is no regular file"),
                "{refused}"
            );
        }
        let register = refusal(Rows::open(&good, "reg", &[path])).to_string();
        assert!(
            register.contains("neither a file nor a folder"),
            "{register}"
        );
    }
}

#[test]
fn an_extract_whose_footer_claims_rows_is_refused_before_they_are_made() {
    let bench = support::forge::Bench::new();
    let tax = bench.batch("tax");
    let path = bench.folder.path().join("claims.parquet");
    // One row, twenty million times, says nothing in the file but how many there are.
    let one = support::forge::rows(&tax, [0]);
    let file = File::create(&path).unwrap();
    let mut writer = ArrowWriter::try_new(file, one.schema(), None).unwrap();
    let many = support::forge::rows(&tax, std::iter::repeat_n(0, 1 << 20));
    let many = RecordBatch::try_new(one.schema(), many.columns().to_vec()).unwrap();
    for _ in 0..20 {
        writer.write(&many).unwrap();
    }
    writer.close().unwrap();
    let begun = std::time::Instant::now();
    let refused = refusal(Extract::read(&bench.plan, &path)).to_string();
    assert!(refused.contains("its header says 1"), "{refused}");
    assert!(begun.elapsed().as_millis() < 500, "{:?}", begun.elapsed());
}

#[test]
fn a_long_text_that_many_rows_share_is_not_copied_for_each() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let shared = |length: usize, rows: usize| {
        let text = "x".repeat(length);
        let values = StringArray::from_iter_values([text.as_str(), "short"]);
        let keys = (0..rows as i32).map(|row| i32::from(row == 7));
        let keys = arrow_array::Int32Array::from_iter_values(keys);
        let texts = DictionaryArray::new(keys, Arc::new(values));
        // Written as a dictionary, and not said to be one.
        let names = (0..rows)
            .map(|nr| Some(format!("p{nr}")))
            .collect::<StringArray>();
        let register = batch(vec![("nr", array(names)), ("v", array(texts))]);
        let properties = WriterProperties::builder().set_dictionary_page_size_limit(1 << 30);
        let mut writer = ArrowWriter::try_new_with_options(
            File::create(&path).unwrap(),
            register.schema(),
            parquet::arrow::arrow_writer::ArrowWriterOptions::new()
                .with_properties(properties.build())
                .with_skip_arrow_metadata(true),
        )
        .unwrap();
        writer.write(&register).unwrap();
        writer.close().unwrap();
    };
    // 20,000 rows of 60 KB would be 1.2 GB.
    shared(60_000, 20_000);
    let found = values(&format!("{CATEGORY}\nprefix = 3"), &path);
    assert_eq!(found.iter().filter(|text| *text == "xxx").count(), 19_999);
    assert_eq!(found[0], "sho");
    shared(70_000, 10);
    let refused = refusal(extract(&plan(CATEGORY), &path)).to_string();
    assert!(
        refused.contains("column v") && refused.contains("more than 64 KiB"),
        "{refused}"
    );
}
