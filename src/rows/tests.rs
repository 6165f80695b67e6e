//! What the readers must do with good files, odd files and forged ones.

mod changed;
mod damage;
mod kind;
mod text;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::file::properties::WriterProperties;
use arrow_array::builder::{Int64Builder, ListBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float64Array,
    Int64Array, LargeStringArray, NullArray, RecordBatch, StringArray, StringViewArray,
    TimestampMicrosecondArray,
};
use arrow_buffer::Buffer;
use arrow_ipc::writer::FileWriter;
use arrow_schema::{DataType, Schema, SchemaRef};
use tempfile::TempDir;

use super::BATCH_ROWS;
use super::RowChunk;
use super::batches::each_batch;
use super::decode::{guarded, is_decoding};
use super::format::ipc::ipc_batches;
use super::format::parquet::parquet_batches;
use super::part::{FilePart, RawBatch, parts};
use super::readings::Readings;
use crate::error::{Error, ErrorKind, Result};

fn read(paths: &[&Path], columns: &[&str]) -> Result<Vec<RawBatch>> {
    let paths: Vec<PathBuf> = paths.iter().map(|path| path.to_path_buf()).collect();
    let columns: Vec<String> = columns.iter().map(|&name| name.to_owned()).collect();
    let parts = parts(&paths, &columns, &Arc::default(), &Readings::default())?;
    parts.into_iter().flat_map(|part| part.read()).collect()
}

fn refusal(paths: &[&Path], columns: &[&str]) -> Error {
    match read(paths, columns) {
        Ok(_) => panic!("was read"),
        Err(error) => error,
    }
}

/// The column at `index` of all batches, as text; null is `-`.
fn texts(batches: &[RawBatch], index: usize) -> Vec<String> {
    let column = |raw: &RawBatch| {
        let column = raw.batch.column(index).as_string::<i32>();
        let texts = column.iter().map(|text| text.unwrap_or("-").to_owned());
        texts.collect::<Vec<_>>()
    };
    batches.iter().flat_map(column).collect()
}

fn file(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    path
}

/// All of the Parquet file at `path`.
fn whole_parquet(
    path: &Path,
    check: impl Fn(&Schema, u64) -> Result<()>,
) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    parquet_batches(&fs::File::open(path).unwrap(), path, check)
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn ipc_bytes(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = FileWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.into_inner().unwrap()
}

fn parquet_bytes(batches: &[RecordBatch], compression: Compression, group_rows: usize) -> Vec<u8> {
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_max_row_group_row_count(Some(group_rows))
        .build();
    let mut bytes = Vec::new();
    let mut writer =
        ArrowWriter::try_new(&mut bytes, batches[0].schema(), Some(properties)).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.close().unwrap();
    bytes
}

fn numbers(count: usize) -> RecordBatch {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..count as i64));
    RecordBatch::try_from_iter([("n", numbers)]).unwrap()
}

/// One column of each kind that is read, with nulls, and a list, which is not.
fn sample() -> RecordBatch {
    let rows = 40;
    let text =
        |row: usize| (!row.is_multiple_of(7)).then(|| format!("value {}, long enough", row % 5));
    let number = |row: usize| (!row.is_multiple_of(6)).then_some(row as i64);
    let strings: Vec<Option<String>> = (0..rows).map(text).collect();
    let dictionary: DictionaryArray<Int32Type> = strings.iter().map(Option::as_deref).collect();
    let mut lists = ListBuilder::new(Int64Builder::new());
    for row in 0..rows {
        lists.append_value((0..row as i64 % 3).map(Some));
    }
    let integers: Int64Array = (0..rows).map(number).collect();
    let floats: Float64Array = (0..rows).map(|row| number(row).map(|n| n as f64)).collect();
    let flags: BooleanArray = (0..rows)
        .map(|row| number(row).map(|n| n % 2 == 0))
        .collect();
    let days: Date32Array = (0..rows).map(|row| number(row).map(|n| n as i32)).collect();
    let decimals: Decimal128Array = (0..rows).map(|row| number(row).map(i128::from)).collect();
    let times: TimestampMicrosecondArray = (0..rows).map(number).collect();
    let columns: [(&str, ArrayRef); 11] = [
        ("list", Arc::new(lists.finish())),
        ("text", Arc::new(StringArray::from(strings.clone()))),
        ("large", Arc::new(LargeStringArray::from(strings.clone()))),
        ("view", Arc::new(StringViewArray::from_iter(strings))),
        ("dictionary", Arc::new(dictionary)),
        ("integer", Arc::new(integers)),
        ("float", Arc::new(floats)),
        ("flag", Arc::new(flags)),
        ("day", Arc::new(days)),
        ("decimal", Arc::new(decimals)),
        ("time", Arc::new(times)),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

const SAMPLE_READ: [&str; 10] = [
    "text",
    "large",
    "view",
    "dictionary",
    "integer",
    "float",
    "flag",
    "day",
    "decimal",
    "time",
];

fn zstd() -> Compression {
    Compression::ZSTD(ZstdLevel::default())
}

#[test]
fn only_asked_columns_are_read() {
    let folder = folder();
    let batch = sample();
    let ipc = file(&folder, "a.arrow", ipc_bytes(std::slice::from_ref(&batch)));
    let parquet = file(
        &folder,
        "a.parquet",
        parquet_bytes(std::slice::from_ref(&batch), zstd(), 100),
    );
    for path in [&ipc, &parquet] {
        let read_back = read(&[path], &SAMPLE_READ).unwrap();
        assert_eq!(read_back.len(), 1);
        for name in SAMPLE_READ {
            let (was, is) = (
                batch.column_by_name(name),
                read_back[0].batch.column_by_name(name),
            );
            assert_eq!(was, is, "{name} of {}", path.display());
        }
        let two = read(&[path], &["day", "text"]).unwrap();
        let schema = two[0].batch.schema();
        let names: Vec<&String> = schema.fields().iter().map(|field| field.name()).collect();
        assert_eq!(names, ["day", "text"]);
        let error = refusal(&[path], &["text", "list"]);
        assert_eq!(error.column(), Some("list"));
        assert_eq!(error.rule(), "its Arrow type is List, which is not read");
    }
    let csv = file(&folder, "a.csv", b"a,b,c\n1,\xff\xfe,3\n4,\xff,6\n");
    let read_back = read(&[&csv], &["c", "a"]).unwrap();
    assert_eq!(read_back[0].batch.num_columns(), 2);
    assert_eq!(
        (texts(&read_back, 0), texts(&read_back, 1)),
        (strings(&["3", "6"]), strings(&["1", "4"]))
    );
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

#[test]
fn a_damaged_dictionary_that_is_not_asked_for_does_not_matter() {
    let folder = folder();
    let mut bytes = ipc_bytes(&[sample().project(&[4, 5]).unwrap()]);
    let at = bytes
        .windows(5)
        .position(|window| window == b"value")
        .unwrap();
    bytes[at] = 0xff;
    let path = file(&folder, "a.arrow", bytes);
    assert_eq!(
        read(&[&path], &["integer"]).unwrap()[0].batch.num_rows(),
        40
    );
    assert!(
        refusal(&[&path], &["dictionary"])
            .rule()
            .contains("damaged")
    );
}

#[test]
fn folders_give_columns_and_order() {
    let folder = folder();
    file(&folder, "year=2024/part-1.csv", "id\na\n");
    file(&folder, "year=2023/part-0.csv", "id\nb\nc\n");
    file(&folder, "year=__HIVE_DEFAULT_PARTITION__/x.csv", "id\nd\n");
    file(&folder, "kind%20of=a%C3%A6%zz/x.csv", "id,year\ne,1\n");
    file(&folder, "_SUCCESS", "");
    file(&folder, ".hidden/x.csv", "no such thing");
    let error = refusal(&[folder.path()], &["id", "year", "kind of"]);
    assert_eq!(error.column(), Some("kind of"), "{error}");

    let read_back = read(&[&folder.path().join("kind%20of=a%C3%A6%zz")], &["id"]).unwrap();
    assert_eq!(texts(&read_back, 0), ["e"]);
    let read_back = read(&[folder.path()], &["id", "year"]).unwrap();
    assert_eq!(texts(&read_back, 0), ["e", "b", "c", "a", "d"]);
    assert_eq!(texts(&read_back, 1), ["1", "2023", "2023", "2024", "-"]);
    let rows: Vec<u64> = read_back.iter().map(|raw| raw.first_row).collect();
    assert_eq!(rows, [1, 1, 1, 1]);

    let error = refusal(&[folder.path()], &["year"]);
    assert!(error.rule().contains("none of the columns"), "{error}");
    file(&folder, "year=2025/x.csv", "id,year\nf,2025\n");
    let read_back = read(&[folder.path()], &["id", "year"]).unwrap();
    assert!(texts(&read_back, 1).contains(&"2025".to_owned()));
    file(&folder, "year=2025/x.csv", "id,year\nf,2024\n");
    let error = refusal(&[folder.path()], &["id", "year"]);
    assert!(error.rule().contains("has another value than"), "{error}");
    assert_eq!(error.column(), Some("year"), "{error}");
    assert_eq!(texts(&read(&[folder.path()], &["id"]).unwrap(), 0).len(), 6);
}

#[test]
fn a_folder_name_is_percent_decoded() {
    let folder = folder();
    file(&folder, "kind%20of=a%C3%A6%zz%2/x.csv", "id\ne\n");
    let read_back = read(&[folder.path()], &["id", "kind of"]).unwrap();
    assert_eq!(texts(&read_back, 1), ["aæ%zz%2"]);
    file(&folder, "bad=%ff/x.csv", "id\ne\n");
    assert!(refusal(&[folder.path()], &["id"]).rule().contains("UTF-8"));
}

#[test]
fn paths_keep_their_order_and_count_once() {
    let folder = folder();
    let (b, a) = (
        file(&folder, "b.csv", "id\n1\n"),
        file(&folder, "a.CSV", "id\n2\n"),
    );
    assert_eq!(texts(&read(&[&b, &a], &["id"]).unwrap(), 0), ["1", "2"]);
    assert_eq!(
        texts(&read(&[folder.path()], &["id"]).unwrap(), 0),
        ["2", "1"]
    );
    let error = refusal(&[folder.path(), &b], &["id"]);
    assert!(error.rule().contains("given twice"), "{error}");
}

#[test]
fn what_is_no_file_of_rows_is_refused() {
    let folder = folder();
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    assert!(
        refusal(&[&empty], &["id"])
            .rule()
            .contains("no file of rows")
    );
    assert_eq!(
        refusal(&[&folder.path().join("none")], &["id"]).kind(),
        ErrorKind::File
    );
    assert_eq!(refusal(&[], &["id"]).rule(), "no file is given");
    let packed = file(&folder, "a.csv.gz", "\x1f\u{8b}");
    let error = refusal(&[folder.path()], &["id"]);
    assert!(
        error.to_string().contains("read: .csv, .tsv, .parquet"),
        "{error}"
    );
    let other = file(&folder, "a.other", "id\n1\n");
    let error = refusal(&[&other], &["id"]);
    assert_eq!(error.rule(), "is of no format that is read");
    fs::remove_file(other).unwrap();
    fs::remove_file(packed).unwrap();
    let bare = file(&folder, "bare", ipc_bytes(&[numbers(3)]));
    assert_eq!(read(&[&bare], &["n"]).unwrap()[0].batch.num_rows(), 3);
    let bytes = parquet_bytes(&[numbers(4)], Compression::SNAPPY, 10);
    let bare = file(&folder, "part-0001", bytes);
    assert_eq!(read(&[&bare], &["n"]).unwrap()[0].batch.num_rows(), 4);
}

#[cfg(unix)]
#[test]
fn a_link_to_a_folder_is_refused() {
    let folder = folder();
    file(&folder, "a.csv", "id\n1\n");
    std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
    assert!(
        refusal(&[folder.path()], &["id"])
            .rule()
            .contains("link to a folder")
    );
}

#[test]
fn rows_are_numbered_in_their_file() {
    let folder = folder();
    let count = 2 * BATCH_ROWS + 10;
    let lines: String = (0..count).map(|row| format!("{row}\n")).collect();
    let csv = file(&folder, "a.csv", format!("n\n{lines}"));
    let ipc = file(
        &folder,
        "a.ipc",
        ipc_bytes(&[numbers(count - 7), numbers(0), numbers(7)]),
    );
    let bytes = parquet_bytes(&[numbers(count)], Compression::UNCOMPRESSED, BATCH_ROWS + 5);
    let parquet = file(&folder, "a.parquet", bytes);
    let batch = BATCH_ROWS as u64;
    let expected: [(&Path, &[u64]); 3] = [
        (&csv, &[1, batch + 1, 2 * batch + 1]),
        (&ipc, &[1, batch + 1, 2 * batch + 1, 2 * batch + 4]),
        (&parquet, &[1, batch + 1, batch + 6, 2 * batch + 6]),
    ];
    for (path, first_rows) in expected {
        let read_back = read(&[path], &["n"]).unwrap();
        let firsts: Vec<u64> = read_back.iter().map(|raw| raw.first_row).collect();
        assert_eq!(firsts, first_rows, "{}", path.display());
        for raw in &read_back {
            assert!(raw.batch.num_rows() <= BATCH_ROWS && *raw.file == *path);
        }
        assert_eq!(
            read_back
                .iter()
                .map(|raw| raw.batch.num_rows())
                .sum::<usize>(),
            count
        );
    }
    let read_back = read(&[&parquet], &["n"]).unwrap();
    let last = read_back
        .last()
        .unwrap()
        .batch
        .column(0)
        .as_primitive::<Int64Type>();
    assert_eq!(last.value(last.len() - 1), count as i64 - 1);
}

#[test]
fn row_groups_are_parts_of_their_own() {
    let folder = folder();
    let path = file(
        &folder,
        "a.parquet",
        parquet_bytes(&[numbers(25)], zstd(), 10),
    );
    let parts = parts(
        &[path],
        &["n".to_owned()],
        &Arc::default(),
        &Readings::default(),
    )
    .unwrap();
    assert_eq!(parts.len(), 3);
    let read_first = |part: FilePart| {
        let raw = part.read().next().unwrap().unwrap();
        let first = raw.batch.column(0).as_primitive::<Int64Type>().value(0);
        assert_eq!(first as u64 + 1, raw.first_row);
        raw.first_row
    };
    let firsts: Vec<u64> = std::thread::scope(|scope| {
        let parts = parts.into_iter().rev();
        let threads: Vec<_> = parts
            .map(|part| scope.spawn(move || read_first(part)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(firsts, [21, 11, 1]);
}

#[test]
fn dictionaries_stay_dictionaries() {
    let folder = folder();
    let batch = sample().project(&[4]).unwrap();
    let ipc = file(
        &folder,
        "a.feather",
        ipc_bytes(std::slice::from_ref(&batch)),
    );
    let parquet = file(&folder, "a.parquet", parquet_bytes(&[batch], zstd(), 100));
    for path in [&ipc, &parquet] {
        let column = read(&[path], &["dictionary"]).unwrap()[0]
            .batch
            .column(0)
            .clone();
        assert!(matches!(column.data_type(), DataType::Dictionary(..)));
        let dictionary = column
            .as_dictionary::<Int32Type>()
            .downcast_dict::<StringArray>()
            .unwrap();
        assert_eq!(
            dictionary.into_iter().nth(1),
            Some(Some("value 1, long enough"))
        );
    }
}

#[test]
fn rows_that_no_bytes_hold_are_refused() {
    let column: ArrayRef = Arc::new(NullArray::new(1 << 40));
    let bytes = ipc_bytes(&[RecordBatch::try_from_iter([("nothing", column)]).unwrap()]);
    assert!(
        ipc_batches(Buffer::from_vec(bytes))
            .unwrap_err()
            .rule()
            .contains("damaged")
    );
}

#[test]
fn whole_files_come_back_whole() {
    let folder = folder();
    let batch = sample();
    let (schema, batches) =
        ipc_batches(Buffer::from_vec(ipc_bytes(&[batch.clone(), batch.clone()]))).unwrap();
    assert_eq!(schema, batch.schema());
    assert_eq!(batches, [batch.clone(), batch.clone()]);
    let path = file(
        &folder,
        "a.parquet",
        parquet_bytes(std::slice::from_ref(&batch), zstd(), 25),
    );
    let (schema, batches) = whole_parquet(&path, |_, _| Ok(())).unwrap();
    assert_eq!(schema.fields(), batch.schema().fields());
    assert_eq!(batches, [batch.slice(0, 25), batch.slice(25, 15)]);
}

#[test]
fn a_panic_inside_is_a_refusal() {
    let error = guarded(|| -> Result<()> { panic!("Secret") }).unwrap_err();
    assert_eq!(error.rule(), "the file is damaged");
    let nested = guarded(|| {
        guarded(|| -> Result<()> { panic!("Secret") }).unwrap_err();
        let rows: Vec<u8> = Vec::new();
        Ok(rows[rows.len()])
    });
    assert_eq!(nested.unwrap_err().rule(), "the file is damaged");
    assert_eq!(guarded(|| Ok(7)).unwrap(), 7);
    // So that a hook can distinguish such a panic from a bug, in this thread only.
    assert!(!is_decoding());
    let other = || std::thread::spawn(is_decoding).join().unwrap();
    assert_eq!(
        guarded(|| Ok((is_decoding(), other()))).unwrap(),
        (true, false)
    );
}

#[test]
fn of_all_refusals_the_first_is_reported_however_threads_take_turns() {
    let folder = folder();
    let many = "1\n".repeat(3 * BATCH_ROWS);
    // The first file is refused at its end only, the others at once.
    let mut paths = vec![file(&folder, "a.csv", format!("n\n{many}x\n"))];
    paths.extend((0..20).map(|at| file(&folder, &format!("b{at:02}.csv"), "n\nx\n")));
    let refuse = |raw: RawBatch| {
        let bad = texts(std::slice::from_ref(&raw), 0)
            .iter()
            .position(|n| n == "x");
        match bad {
            None => Ok(()),
            Some(at) => Err(Error::new(ErrorKind::Rows, "is no number")
                .in_file(&raw.file)
                .at_row(raw.first_row + at as u64)),
        }
    };
    for _ in 0..5 {
        let parts = parts(
            &paths,
            &["n".to_owned()],
            &Arc::default(),
            &Readings::default(),
        );
        let chunks = parts.unwrap().into_iter().map(RowChunk::Part).collect();
        let error = each_batch(chunks, refuse).unwrap_err();
        assert_eq!(error.row(), Some(3 * BATCH_ROWS as u64 + 1), "{error}");
        assert!(error.to_string().contains("a.csv"), "{error}");
    }
}
