//! Extracts and rows of whoever embeds kobling: bytes, record batches and streams in the
//! place of files, and files that are copied in the place of mapped ones.

use std::fs;
use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader, StringArray};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::ArrowError;
use bytes::Bytes;
use kobling::{Error, ErrorKind, Extract, Inspection, Plan, ReadOptions, Rows};

use crate::support::{
    SOURCES, batch, extracts, file, forge, key, plan, refusal, registers, release,
};

/// An extract of the population, and its plan.
fn one() -> (Plan, Extract) {
    let plan = plan();
    let extract = extracts(&plan, &key(&plan), 700).remove(0);
    (plan, extract)
}

/// `batches` cut into pieces of at most `rows` rows, with an empty one before them.
fn cut(batches: &[RecordBatch], rows: usize) -> Vec<RecordBatch> {
    let pieces = batches.iter().flat_map(|batch| {
        let starts = (0..batch.num_rows()).step_by(rows);
        starts.map(|start| batch.slice(start, rows.min(batch.num_rows() - start)))
    });
    let empty = [batches[0].slice(0, 0)];
    empty.into_iter().chain(pieces).collect()
}

fn is_refused(result: kobling::Result<Extract>, words: &str) {
    let error = refusal(result);
    assert_eq!(error.kind(), ErrorKind::Extract, "{error}");
    assert!(error.to_string().contains(words), "{error}");
    assert!(error.to_string().starts_with("memory"), "{error}");
}

#[test]
fn bytes_are_those_of_the_file_and_read_back() {
    let plan = plan();
    let folder = tempfile::tempdir().expect("a folder");
    for extract in extracts(&plan, &key(&plan), 700) {
        let path = folder.path().join("x.arrow");
        extract.write(&path).expect("it is written");
        let bytes = extract.to_bytes().expect("it is written");
        assert!(bytes == fs::read(&path).expect("it is read"));
        // At odd addresses too.
        let mut moved = vec![0];
        moved.extend(&bytes);
        let moved = Bytes::from(moved).slice(1..);
        for read in [
            Extract::from_bytes(&plan, bytes),
            Extract::from_bytes(&plan, moved),
        ] {
            let read = read.expect("its own bytes");
            assert_eq!(read.to_batch(), extract.to_batch());
            assert_eq!(read.header(), extract.header());
            assert_eq!(read.content(), extract.content());
        }
    }
}

#[test]
fn record_batches_are_taken_however_they_are_cut() {
    let plan = plan();
    let made = extracts(&plan, &key(&plan), 700);
    for extract in &made {
        let batches: Vec<RecordBatch> = extract.batches().collect();
        for rows in [1_000_000, 100, 7] {
            let taken = Extract::from_batches(&plan, cut(&batches, rows)).expect("its batches");
            assert_eq!(taken.to_batch(), extract.to_batch());
            assert_eq!(taken.content(), extract.content());
            let bytes = |extract: &Extract| extract.to_bytes().expect("bytes");
            assert!(bytes(&taken) == bytes(extract));
        }
    }
    let taken = made.iter().map(|extract| {
        let batches: Vec<RecordBatch> = extract.batches().collect();
        Extract::from_batches(&plan, cut(&batches, 50)).expect("its batches")
    });
    let taken = release(&plan, taken.collect()).expect("a release");
    let made = release(&plan, made).expect("a release");
    assert_eq!(taken.table("income"), made.table("income"));
}

#[test]
fn an_extract_goes_through_an_arrow_stream() {
    let (plan, extract) = one();
    let mut stream = Vec::new();
    let reader = extract.reader();
    let mut writer = StreamWriter::try_new(&mut stream, &reader.schema()).expect("a writer");
    for batch in reader {
        writer.write(&batch.expect("a batch")).expect("written");
    }
    writer.finish().expect("finished");
    let reader = StreamReader::try_new(stream.as_slice(), None).expect("a stream");
    let read = Extract::from_reader(&plan, reader).expect("its own stream");
    assert_eq!(read.content(), extract.content());
}

#[test]
fn an_extract_without_rows_is_one() {
    let plan = plan();
    let key = key(&plan);
    let empty = crate::support::extract(&plan, &key, "tax", "nr,wage\n").expect("no row");
    let bytes = empty.to_bytes().expect("bytes");
    let read = [
        Extract::from_bytes(&plan, bytes).expect("its bytes"),
        Extract::from_batches(&plan, empty.batches()).expect("its batches"),
        Extract::from_reader(&plan, empty.reader()).expect("its reader"),
    ];
    for read in read {
        assert_eq!((read.rows(), read.content()), (0, empty.content()));
    }
}

#[test]
fn what_is_in_memory_is_not_trusted_either() {
    let (plan, extract) = one();
    let good: Vec<RecordBatch> = extract.batches().collect();
    let good = &good[0];
    let last = good.num_rows() as u32 - 1;
    let taken = |batch: RecordBatch| Extract::from_batches(&plan, [batch]);
    assert!(taken(good.clone()).is_ok());

    is_refused(taken(good.slice(0, 5)), "has 5 rows; its header says");
    let turned = forge::rows(good, (0..=last).rev());
    is_refused(taken(turned), "not sorted");
    let other = forge::says(good, "kobling.plan", Some(&"0".repeat(64)));
    is_refused(taken(other), "was made under another plan");
    let bare = forge::says(good, "kobling.kind", None);
    is_refused(taken(bare), "is not an extract");
    let part = forge::says(good, "kobling.part", Some("0/1"));
    is_refused(taken(part), "and not all of it");
    // The first person has what the second has, and the reverse.
    let swapped = forge::rows(good, [1, 0].into_iter().chain(2..=last));
    let swapped = forge::with_column(&swapped, 0, good.column(0).clone());
    is_refused(taken(swapped), "its values are not those");

    let nothing = Extract::from_batches(&plan, []);
    is_refused(nothing, "no record batch");
    let mixed = [good.clone(), good.project(&[0]).expect("a column")];
    is_refused(Extract::from_batches(&plan, mixed), "other columns");
    let failing = [
        Ok(good.clone()),
        Err(ArrowError::CastError("01010112345".into())),
    ];
    let failing = RecordBatchIterator::new(failing, good.schema());
    is_refused(Extract::from_reader(&plan, failing), "failed");

    let bytes = extract.to_bytes().expect("bytes");
    for length in (0..bytes.len()).step_by(bytes.len() / 60) {
        is_refused(Extract::from_bytes(&plan, bytes[..length].to_vec()), "");
    }
    is_refused(
        Extract::from_bytes(&plan, b"PAR1 and so on"),
        "no Arrow IPC",
    );
}

#[test]
fn a_plan_that_may_not_run_reads_nothing_from_memory() {
    let (_, extract) = one();
    let over = crate::support::PLAN.replace("until = 2199-12-31", "until = 2026-01-11");
    let over = crate::support::parse(&over);
    let bytes = extract.to_bytes().expect("bytes");
    for result in [
        Extract::from_bytes(&over, bytes),
        Extract::from_batches(&over, extract.batches()),
        Extract::from_reader(&over, extract.reader()),
    ] {
        assert_eq!(refusal(result).kind(), ErrorKind::Permission);
    }
}

// ---- files that are copied ----

#[test]
fn a_copied_file_is_read_as_a_mapped_one_and_may_go_away() {
    let (plan, extract) = one();
    let folder = tempfile::tempdir().expect("a folder");
    let copied = ReadOptions::new().map(false);
    for name in ["x.arrow", "x.parquet", "parts"] {
        let path = folder.path().join(name);
        match name {
            "parts" => extract.write_parts(&path, 3).expect("it is written"),
            _ => extract.write(&path).expect("it is written"),
        }
        let read = Extract::read_with(&plan, &path, &copied).expect("it is read");
        // Cut to nothing: what was mapped would end this process now.
        let files = match path.is_dir() {
            true => fs::read_dir(&path)
                .expect("a folder")
                .map(|entry| entry.expect("a part").path())
                .collect(),
            false => vec![path.clone()],
        };
        for file in files {
            let file = fs::OpenOptions::new().write(true).open(file);
            file.and_then(|file| file.set_len(0)).expect("it is cut");
        }
        assert_eq!(read.to_batch(), extract.to_batch(), "{name}");
        let error = refusal(Extract::read_with(&plan, &path, &copied));
        assert_eq!(error.kind(), ErrorKind::Extract, "{error}");
    }
}

#[test]
fn an_inspection_says_the_same_of_a_copied_file() {
    let (_, extract) = one();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.arrow");
    extract.write(&path).expect("it is written");
    let inspect = |map| Inspection::read_with(&path, &ReadOptions::new().map(map));
    assert_eq!(inspect(true).expect("said"), inspect(false).expect("said"));
}

// ---- rows ----

#[test]
fn an_agency_identifies_batches_as_it_would_their_file() {
    let plan = plan();
    let key = key(&plan);
    let folder = tempfile::tempdir().expect("a folder");
    for (source, csv) in SOURCES.into_iter().zip(&registers(300)) {
        let path = file(folder.path(), "register.csv", csv);
        let read = Rows::open(&plan, source, &[path]).expect("a register");
        let expected = read.identify().and_then(|rows| rows.pseudonymise(&key));
        let expected = expected.expect("a good register").content();
        let batches = cut(&[of_text(csv)], 100);
        let schema = batches[0].schema();
        let reader = RecordBatchIterator::new(batches.clone().into_iter().map(Ok), schema);
        for rows in [
            Rows::from_batches(&plan, source, batches),
            Rows::from_reader(&plan, source, reader),
        ] {
            let made = rows.and_then(Rows::identify);
            let made = made.and_then(|rows| rows.pseudonymise(&key));
            assert_eq!(made.expect("the same rows").content(), expected);
        }
    }
}

#[test]
fn a_batch_of_rows_is_refused_by_the_rule_of_a_file() {
    let plan = plan();
    let nested = arrow_array::StructArray::new_empty_fields(1, None);
    let columns = vec![
        ("nr", crate::support::array(StringArray::from(vec!["1"]))),
        ("wage", crate::support::array(nested)),
    ];
    let batch = batch(columns);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.arrow");
    crate::support::write_ipc(&path, &batch);
    let of_file = refusal(Rows::open(&plan, "tax", &[path]));
    let of_batch = refusal(Rows::from_batches(&plan, "tax", [batch.clone()]));
    let said = |error: &Error| (error.rule().to_owned(), error.column().map(str::to_owned));
    assert_eq!(said(&of_file), said(&of_batch));
}

/// The rows of a text, each column as text.
fn of_text(csv: &str) -> RecordBatch {
    let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let names = lines.next().expect("a header");
    let rows: Vec<Vec<&str>> = lines.collect();
    let columns = names.into_iter().enumerate().map(|(place, name)| {
        let values = rows.iter().map(|row| row[place]);
        let values = StringArray::from_iter_values(values);
        (name, Arc::new(values) as arrow_array::ArrayRef)
    });
    batch(columns.collect())
}
