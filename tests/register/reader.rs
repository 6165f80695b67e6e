//! Rows that come from a reader: bit by bit, in the forms that other libraries keep values in.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use arrow_array::types::{Int8Type, Int32Type};
use arrow_array::{
    ArrayRef, DictionaryArray, Int8Array, Int32Array, Int64Array, RecordBatch, RecordBatchIterator,
    RecordBatchReader, RunArray, StringArray, TimestampSecondArray, UInt32Array,
};
use arrow_buffer::OffsetBuffer;
use arrow_schema::ArrowError;
use bytes::Bytes;
use kobling::{DomainKey, Error, ErrorKind, Extract, Result, Rows};

use crate::support::{array, batch, key, plan, refusal, write_ipc};

type Given = std::result::Result<RecordBatch, ArrowError>;

/// A reader of batches that are made when they are asked for.
fn reader(
    first: &RecordBatch,
    batches: impl Iterator<Item = Given> + Send + 'static,
) -> impl RecordBatchReader + Send + 'static {
    RecordBatchIterator::new(batches, first.schema())
}

fn taxes(from: i64, to: i64) -> RecordBatch {
    let numbers: Vec<i64> = (from..to).collect();
    let wages: Vec<i64> = numbers.iter().map(|number| 100 + number % 7).collect();
    batch(vec![
        ("nr", array(Int64Array::from(numbers))),
        ("wage", array(Int64Array::from(wages))),
    ])
}

/// Under one key, whichever that is.
fn extract(rows: Result<Rows>) -> Result<Extract> {
    static KEY: LazyLock<DomainKey> = LazyLock::new(|| key(&plan()));
    rows.and_then(Rows::identify)
        .and_then(|rows| rows.pseudonymise(&KEY))
}

#[test]
fn a_reader_gives_what_its_batches_give() {
    let plan = plan();
    let batches = [
        taxes(1, 2),
        taxes(2, 2),
        taxes(2, 150_000),
        taxes(150_000, 150_003),
    ];
    let expected = extract(Rows::from_batches(&plan, "tax", batches.clone())).expect("of batches");
    let given = batches.clone().into_iter().map(Ok);
    let made = extract(Rows::from_reader(&plan, "tax", reader(&batches[0], given)));
    let made = made.expect("of a reader");
    assert_eq!(made.header().rows, 150_002);
    assert_eq!(made.content(), expected.content());
}

#[test]
fn batches_are_let_go_of_once_their_rows_are_identified() {
    /// The most batches that there were at a time.
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let plan = plan();
    let key = key(&plan);
    // A column that is held as long as its batch is.
    let held = Arc::new(());
    let counted = Arc::clone(&held);
    let batches = (0..200).map(move |n| {
        MOST.fetch_max(Arc::strong_count(&counted), Ordering::SeqCst);
        let numbers = (n * 100..n * 100 + 100).map(|number| format!("{number:05}"));
        let text: String = numbers.collect();
        let held = Bytes::from_owner(Held(text, Arc::clone(&counted)));
        let ends = OffsetBuffer::from_lengths([5; 100]);
        let nr = StringArray::new(ends, held.into(), None);
        Ok(batch(vec![("nr", array(nr.clone())), ("wage", array(nr))]))
    });
    let first = batch(vec![
        ("nr", array(StringArray::new_null(0))),
        ("wage", array(StringArray::new_null(0))),
    ]);
    let rows = Rows::from_reader(&plan, "tax", reader(&first, batches)).expect("a reader");
    let folder = tempfile::tempdir().expect("a folder");
    let made = rows.pseudonymise_within(&key, 1, folder.path());
    assert_eq!(made.expect("an extract").header().rows, 20_000);
    // Itself, its copy, and some a thread.
    let at_a_time = 2 + 2 * rayon::current_num_threads();
    let most = MOST.load(Ordering::SeqCst);
    assert!(most <= at_a_time, "{most} of {at_a_time}");
    assert_eq!(Arc::strong_count(&held), 1);
}

/// Text, and a share in what counts it.
struct Held(String, #[allow(dead_code)] Arc<()>);

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

fn is_placed(error: &Error, column: Option<&str>, row: Option<u64>, words: &str) {
    assert_eq!(error.kind(), ErrorKind::Rows, "{error}");
    assert_eq!(error.source_name(), Some("tax"), "{error}");
    assert_eq!((error.column(), error.row()), (column, row), "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

#[test]
fn what_is_wrong_with_a_reader_is_placed() {
    let plan = plan();
    let refused = |first: &RecordBatch, batches: Vec<Given>| {
        let reader = reader(first, batches.into_iter());
        refusal(Rows::from_reader(&plan, "tax", reader).and_then(Rows::identify))
    };
    // What a reader says that it has is believed no more than a batch, and no less.
    let wages = batch(vec![
        ("nr", array(Int64Array::from(vec![1]))),
        ("wages", array(Int64Array::from(vec![1]))),
    ]);
    for batches in [Vec::new(), vec![Ok(wages.clone())]] {
        let error = refused(&wages, batches);
        is_placed(&error, Some("wage"), None, "no such column");
        assert_eq!(error.help_text(), Some("did you mean \"wages\"?"));
    }
    let error = refused(&taxes(0, 0), vec![Ok(wages)]);
    is_placed(&error, Some("wage"), None, "no such column");
    // Rows are counted on over all batches, however long.
    let wrong = batch(vec![
        ("nr", array(Int64Array::from(vec![7, 8]))),
        ("wage", array(StringArray::from(vec!["1", "much"]))),
    ]);
    let error = refused(&wrong, vec![Ok(taxes(10, 70_010)), Ok(wrong.clone())]);
    is_placed(&error, Some("wage"), Some(70_002), "");
    let secret = ArrowError::ParseError("01010112345".into());
    let error = refused(&taxes(0, 0), vec![Ok(taxes(1, 2)), Err(secret)]);
    is_placed(
        &error,
        None,
        None,
        "the reader of the record batches failed",
    );
    assert!(!error.to_string().contains("0101"), "{error}");
}

#[test]
fn a_report_asks_a_reader_for_identifiers_only() {
    let plan = plan();
    let numbers = batch(vec![("nr", array(Int64Array::from(vec![1, 2, 2])))]);
    let given = [Ok(numbers.clone())];
    let rows = Rows::from_reader(&plan, "tax", reader(&numbers, given.into_iter()));
    let report = rows
        .and_then(Rows::exact_identifier_report)
        .expect("a report");
    assert_eq!(report.distinct.get(), Some(2));
}

#[test]
fn dictionaries_and_runs_are_what_is_in_them() {
    let plan = plan();
    let numbers = [11_i64, 11, 12, 13, 13, 13];
    let wages = [Some(5), None, None, Some(6), Some(6), Some(5)];
    let plain = batch(vec![
        (
            "nr",
            array(Int64Array::from_iter_values((1..=6).map(|n| 10 * n))),
        ),
        ("wage", array(Int64Array::from(wages.to_vec()))),
    ]);
    let expected = extract(Rows::from_batches(&plan, "tax", [plain.clone()])).expect("plain");
    let values = |values: Vec<i64>| array(Int64Array::from(values));
    let keys = Int8Array::from(vec![Some(1), None, None, Some(0), Some(0), Some(1)]);
    let dictionary: ArrayRef = array(DictionaryArray::<Int8Type>::new(keys, values(vec![6, 5])));
    let ends = Int32Array::from(vec![1, 3, 5, 6]);
    let nulls = Int64Array::from(vec![Some(5), None, Some(6), Some(5)]);
    let runs = RunArray::<Int32Type>::try_new(&ends, &nulls).expect("runs");
    let texts = StringArray::from(vec![Some("5"), None, Some("6"), Some("5")]);
    let of_text = RunArray::<Int32Type>::try_new(&ends, &texts).expect("runs");
    // A slice of longer runs.
    let longer = Int32Array::from(vec![2, 3, 5, 7, 9]);
    let values = Int64Array::from(vec![Some(9), Some(5), None, Some(6), Some(5)]);
    let longer = RunArray::<Int32Type>::try_new(&longer, &values).expect("runs");
    let slice = array(longer.slice(2, 6));
    for wage in [dictionary.clone(), array(runs), array(of_text), slice] {
        let kind = wage.data_type().clone();
        let nr = Arc::clone(plain.column(0));
        let given = batch(vec![("nr", nr), ("wage", wage)]);
        let made = extract(Rows::from_batches(&plan, "tax", [given]));
        let made = made.unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(made.content(), expected.content(), "{kind}");
    }
    // Identifiers too; and an Arrow file has dictionaries as memory does.
    let keys = UInt32Array::from(vec![0, 0, 1, 2, 2, 2]);
    let nr = DictionaryArray::new(keys, array(Int64Array::from(vec![11, 12, 13])));
    let coded = batch(vec![("nr", array(nr)), ("wage", dictionary)]);
    let plain = batch(vec![
        ("nr", array(Int64Array::from(numbers.to_vec()))),
        ("wage", Arc::clone(plain.column(1))),
    ]);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("register.arrow");
    write_ipc(&path, &coded);
    let report = |rows: Result<Rows>| rows.and_then(Rows::exact_identifier_report).expect("read");
    let expected = report(Rows::from_batches(&plan, "tax", [plain]));
    assert_eq!(report(Rows::from_batches(&plan, "tax", [coded])), expected);
    assert_eq!(report(Rows::open(&plan, "tax", &[path])), expected);
}

#[test]
fn a_dictionary_is_held_to_what_its_values_are_held_to() {
    let plan = plan();
    let keys = Int8Array::from(vec![0]);
    let times = TimestampSecondArray::from(vec![0]).with_timezone("UTC");
    let times = DictionaryArray::new(keys.clone(), array(times));
    let nested = arrow_array::StructArray::new_empty_fields(1, None);
    let nested = DictionaryArray::new(keys, array(nested));
    for (wage, words) in [
        (array(times), "nothing says in which time zone"),
        (array(nested), "its Arrow type is Struct, which is not read"),
    ] {
        let given = batch(vec![
            ("nr", array(Int64Array::from(vec![1]))),
            ("wage", wage),
        ]);
        let error = refusal(Rows::from_batches(&plan, "tax", [given]));
        is_placed(&error, Some("wage"), None, words);
    }
}
