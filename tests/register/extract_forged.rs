//! Forged extracts: pseudonyms, columns, values and headers that kobling did not make.

use std::sync::Arc;

use crate::support::forge::{Bench, pseudonyms, rebuilt, relabelled, says, with_column};
use crate::support::{PLAN, SOURCES, change, extract, key, parse, registers};
use arrow_array::cast::AsArray;
use arrow_array::{
    BinaryArray, Date32Array, Decimal128Array, FixedSizeBinaryArray, Int64Array, StringArray,
};
use arrow_schema::{DataType, Field, Metadata};
use kobling::{Extract, Inspection};

use crate::support;

// ---- pseudonyms ----

#[test]
fn forged_pseudonyms_are_refused() {
    let bench = Bench::new();
    let tax = &bench.batch("tax");
    let count = tax.num_rows();
    let forged = |column| with_column(tax, 0, column);
    let spread = "not spread as those of a keyed hash";
    bench.refused(&forged(pseudonyms(count, |row| row)), spread);
    bench.refused(&forged(pseudonyms(count, |row| row << 64)), spread);
    // Identifiers as text, padded: what somebody might take for a pseudonym.
    let digits = |row: u128| {
        u128::from_be_bytes(*format!("{row:016}").as_bytes().first_chunk().expect("16"))
    };
    bench.refused(&forged(pseudonyms(count, digits)), spread);
    bench.refused(&forged(pseudonyms(count, |_| 7)), "rows = \"one\"");
    // Uniform in its first bytes alone.
    let half = |row: u128| (row * (u128::MAX / 600)) & (u128::MAX << 96);
    bench.refused(&forged(pseudonyms(count, half)), spread);
}

#[test]
fn a_pseudonym_column_has_its_type_and_its_tag() {
    let bench = Bench::new();
    let tax = &bench.batch("tax");
    let keys = tax.column(0).as_fixed_size_binary();
    let nulls = (0..tax.num_rows()).map(|row| (row > 0).then(|| keys.value(row)));
    let nulls = FixedSizeBinaryArray::try_from_sparse_iter_with_size(nulls, 16).expect("an array");
    bench.refused(
        &with_column(tax, 0, Arc::new(nulls)),
        "a pseudonym is missing",
    );
    let wide = keys
        .iter()
        .map(|key| [key.expect("no null"), &[0; 4]].concat());
    let wide = FixedSizeBinaryArray::try_from_iter(wide).expect("20 bytes each");
    bench.refused(
        &with_column(tax, 0, Arc::new(wide)),
        "plan declares FixedSizeBinary(16)",
    );
    let binary = BinaryArray::from_iter_values(keys.iter().flatten());
    bench.refused(
        &with_column(tax, 0, Arc::new(binary)),
        "plan declares FixedSizeBinary(16)",
    );

    let field = tax.schema().field(0).clone();
    let tagged = |edit: &dyn Fn(&mut Field)| {
        let mut fields: Vec<Field> = tax
            .schema()
            .fields()
            .iter()
            .map(|f| f.as_ref().clone())
            .collect();
        edit(&mut fields[0]);
        rebuilt(tax, fields, tax.columns().to_vec())
    };
    let tag = |key: &str, value: &str| {
        let mut metadata = field.metadata().clone();
        metadata.insert(key.to_owned(), value.to_owned());
        tagged(&|field| field.set_metadata(metadata.clone()))
    };
    bench.refused(
        &tagged(&|field| field.set_metadata(Metadata::default())),
        "no tagged pseudonym",
    );
    bench.refused(
        &tagged(&|field| field.set_name("person")),
        "no tagged pseudonym",
    );
    bench.refused(
        &tag("ARROW:extension:name", "kobling.other"),
        "no tagged pseudonym",
    );
    let name = "ARROW:extension:metadata";
    bench.refused(&tag(name, "{"), "damaged header");
    let good = field.metadata().get(name).expect("a tag").clone();
    for (from, to, words) in [
        ("\"epoch\":1", "\"epoch\":-1", "damaged header"),
        ("\"epoch\":1", "\"epoch\":2", "in epoch 2"),
        ("test-2026-1", "test-2026-2", "for project test-2026-2"),
        ("\"format\":\"3\"", "\"format\":\"1\"", "damaged header"),
        ("\"key_check\":\"", "\"key_check\":\"zz", "damaged header"),
    ] {
        bench.refused(&tag(name, &change(&good, from, to)), words);
    }
}

// ---- columns and values ----

#[test]
fn columns_are_those_of_the_plan() {
    let bench = Bench::new();
    let batch = &bench.batch("population");
    let schema = batch.schema();
    let fields = |places: &[usize]| {
        let fields = places
            .iter()
            .map(|&place| schema.field(place).clone())
            .collect();
        let columns = places
            .iter()
            .map(|&place| batch.column(place).clone())
            .collect();
        rebuilt(batch, fields, columns)
    };
    bench.taken(&fields(&[0, 1, 2]));
    let declares = "does not have the columns that the plan declares";
    bench.refused(&fields(&[0, 1]), declares);
    bench.refused(&fields(&[0]), declares);
    bench.refused(&fields(&[0, 2, 1]), declares);
    bench.refused(&fields(&[0, 1, 2, 2]), declares);
    bench.refused(&fields(&[1, 0, 2]), "no tagged pseudonym column first");
    let text = StringArray::from_iter_values((0..batch.num_rows()).map(|_| "03"));
    bench.refused(
        &with_column(batch, 2, Arc::new(text)),
        "column county: is of type Utf8",
    );
    let tax = &bench.batch("tax");
    let scale: Decimal128Array = tax.column(1).as_primitive().clone();
    let scale = scale.with_data_type(DataType::Decimal128(18, 3));
    bench.refused(
        &with_column(tax, 1, Arc::new(scale)),
        "column income: is of type",
    );
}

#[test]
fn values_are_those_that_the_plan_leaves() {
    let bench = Bench::new();
    let population = &bench.batch("population");
    let aged = |label: &str| Some(if label == "67+" { "exactly 83" } else { label }.to_owned());
    bench.refused(
        &relabelled(population, 1, aged),
        "column age_band: holds a label",
    );
    // Whole municipalities, where the plan keeps two digits of them.
    let longer = |label: &str| Some(format!("{label}01"));
    bench.refused(
        &relabelled(population, 2, longer),
        "column county: holds a label",
    );
    bench.refused_as_arrow(&relabelled(population, 2, |_| None), "missing label");
    let tax = &bench.batch("tax");
    let income = |value| {
        let values = Decimal128Array::from_value(value, tax.num_rows());
        let values = values.with_data_type(DataType::Decimal128(18, 2));
        with_column(tax, 1, Arc::new(values))
    };
    for value in [10i128.pow(18), -(10i128.pow(18))] {
        bench.refused(&income(value), "column income");
    }
    for value in [i128::MAX, i128::MIN, 1 << 64] {
        bench.refused_as_arrow(&income(value), "column income");
    }
    let benefit = &bench.batch("benefit");
    for year in [i64::MAX, i64::MIN, 10i64.pow(18)] {
        let place = benefit.schema().index_of("year").expect("a year");
        let years = Int64Array::from_value(year, benefit.num_rows());
        bench.refused(&with_column(benefit, place, Arc::new(years)), "column year");
    }
}

#[test]
fn values_are_clipped_truncated_and_named_as_the_plan_says() {
    let text = change(
        PLAN,
        "missing = [\"\", \"-9\"]",
        "clip = { at_least = 0, at_most = 900000 }",
    );
    let county = "prefix = 2";
    let text = change(
        &text,
        county,
        "map = { 0101 = \"north\" }\notherwise = \"south\"\nabsent = \"none\"",
    );
    let day =
        "[source.benefit.columns.year]\nfrom = \"day\"\ntype = \"date\"\ntruncate = \"month\"";
    let text = change(
        &text,
        "[source.benefit.columns.year]\nfrom = \"year\"\ntype = \"integer\"",
        day,
    );
    let text = change(&text, "equals = 2024", "at_least = 2024-01-01");
    let plan = parse(&text);
    let key = key(&plan);
    let mut registers = registers(40);
    registers[2] = registers[2]
        .replace("year", "day")
        .replace(",202", ",2024-05-0");
    let good: Vec<Extract> = SOURCES
        .into_iter()
        .zip(&registers)
        .map(|(source, csv)| extract(&plan, &key, source, csv).expect("a good register"))
        .collect();
    let bench = Bench {
        plan,
        key,
        good,
        folder: tempfile::tempdir().expect("a folder"),
    };
    let [population, tax, benefit] = SOURCES.map(|source| bench.batch(source).clone());
    let gives = "that the plan's steps do not give";
    for batch in [&population, &tax, &benefit] {
        bench.taken(batch);
    }
    bench.refused(
        &relabelled(&population, 2, |l| Some(format!("{l}-west"))),
        gives,
    );
    let value = Decimal128Array::from_value(90_000_001, tax.num_rows());
    let value = value.with_data_type(DataType::Decimal128(18, 2));
    bench.refused(&with_column(&tax, 1, Arc::new(value)), gives);
    let place = benefit.schema().index_of("year").expect("a day");
    for day in [19_845, i32::MAX, i32::MIN] {
        let days = Date32Array::from_value(day, benefit.num_rows());
        bench.refused(&with_column(&benefit, place, Arc::new(days)), gives);
    }
}

// ---- header ----

#[test]
fn a_header_is_whole_and_adds_up() {
    let bench = Bench::new();
    let tax = &bench.batch("tax");
    let most = u64::MAX.to_string();
    for (key, value, words) in [
        ("kobling.kind", None, "is not an extract"),
        ("kobling.kind", Some("release"), "is not an extract"),
        ("kobling.format", Some("1"), "another format version"),
        ("kobling.plan", Some(""), "another plan"),
        ("kobling.plan", None, "damaged header"),
        ("kobling.source", Some("nobody"), "no such source"),
        (
            "kobling.source",
            Some("population"),
            "does not count the values of the plan's columns",
        ),
        ("kobling.columns", None, "damaged header"),
        ("kobling.columns", Some("{}"), "does not count the values"),
        // Values that are nowhere: one row lacks one.
        (
            "kobling.columns",
            Some("{\"income\":{\"used\":1,\"missing\":0,\"unreadable\":0}}"),
            "damaged header",
        ),
        ("kobling.rows", Some("-1"), "damaged header"),
        ("kobling.rows", Some(most.as_str()), "damaged header"),
        ("kobling.rows_read", None, "damaged header"),
        // Fewer rows read than kept, or more in quarantine than were read.
        ("kobling.rows_read", Some("0"), "damaged header"),
        // More rows read than are anywhere: this source keeps all.
        ("kobling.rows_read", Some("100000"), "lacks rows"),
        (
            "kobling.quarantine",
            Some("{\"missing\":100000}"),
            "damaged header",
        ),
        (
            "kobling.quarantine",
            Some("{\"missing\":18446744073709551615}"),
            "damaged header",
        ),
        (
            "kobling.quarantine",
            Some("{\"missing\":-1}"),
            "damaged header",
        ),
        ("kobling.quarantine", Some("[]"), "damaged header"),
        // What a header says goes into the manifest; so it must not say just anything.
        (
            "kobling.quarantine",
            Some("{\"12345678901\":0}"),
            "damaged header",
        ),
        ("kobling.version", Some("nr 12345678901"), "damaged header"),
        ("kobling.version", None, "damaged header"),
    ] {
        bench.refused(&says(tax, key, value), words);
    }
}

#[test]
fn a_header_that_claims_the_most_rows_there_are_is_refused_without_a_panic() {
    let bench = Bench::new();
    let most = u64::MAX.to_string();
    let most = says(&bench.batch("population"), "kobling.rows_read", Some(&most));
    let path = bench.folder.path().join("most.arrow");
    support::write_ipc(&path, &most);
    assert!(Inspection::read(&path).is_ok());
    bench.refused(&most, "changed or damaged");
}
