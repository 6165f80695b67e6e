//! The library's way from registers to released tables, through its public door only.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float64Type, Int64Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use kobling::plan::document::PlanDocument;
use kobling::protect::{ConfidentialTables, ProtectedTables, Protection};
use kobling::{DomainKey, Extract, Linkage, LinkageKey, Plan, Release, Rows};

use super::naive::{Figure, Place};
use super::register::Registers;
use crate::support::shown::RELEASE_KEY;

/// The domain key of the plan, of one linkage key: who lies between two tables of other rows is
/// known by sketches of pseudonyms, which may take two persons for one.
pub(crate) fn same_key(plan: &Plan) -> DomainKey {
    static LINKAGE_KEY: LazyLock<LinkageKey> = LazyLock::new(|| LinkageKey::generate().unwrap());
    LINKAGE_KEY.domain_key(&plan.domain())
}

/// A domain key of the plan, of a new linkage key.
pub(crate) fn new_key(plan: &Plan) -> DomainKey {
    LinkageKey::generate().unwrap().domain_key(&plan.domain())
}

/// The extracts of all registers, each handed over in batches that end at `ends`.
pub(crate) fn extracts(
    plan: &Plan,
    key: &DomainKey,
    registers: &Registers,
    ends: &[usize],
) -> Vec<Extract> {
    let extract = |(source, register): (&String, &super::register::Register)| {
        let rows = Rows::from_batches(plan, source, register.batches(ends)).unwrap();
        rows.identify().unwrap().pseudonymise(key).unwrap()
    };
    let needed = |name: &String| plan.document().sources.contains_key(name);
    let registers = registers.iter().filter(|(name, _)| needed(name));
    registers.map(extract).collect()
}

/// Links and tabulates, or says why not.
pub(crate) fn tabulated(
    plan: &Plan,
    extracts: Vec<Extract>,
) -> kobling::Result<ConfidentialTables> {
    Linkage::new(plan, extracts)
        .unwrap()
        .tabulate(Protection::new(RELEASE_KEY.clone()))
}

/// Links, tabulates and protects.
pub(crate) fn protected(plan: &Plan, extracts: Vec<Extract>) -> ProtectedTables {
    let tables = tabulated(plan, extracts).unwrap();
    tables.protect().unwrap()
}

/// Links, tabulates, protects and releases.
pub(crate) fn release(plan: &Plan, extracts: Vec<Extract>) -> Release {
    protected(plan, extracts).release().unwrap()
}

/// The whole way, plainly.
pub(crate) fn plain_release(plan: &Plan, registers: &Registers) -> Release {
    release(plan, extracts(plan, &same_key(plan), registers, &[]))
}

/// The extracts, written to files of `ending` and read back.
pub(crate) fn through_files(
    plan: &Plan,
    extracts: &[Extract],
    folder: &Path,
    ending: &str,
) -> Vec<Extract> {
    let extracts = extracts.iter().map(|extract| {
        let path = folder.join(format!("{}.{ending}", extract.source().name()));
        extract.write(&path).unwrap();
        Extract::read(plan, &path).unwrap()
    });
    extracts.collect()
}

/// The tables of a release, to be compared.
pub(crate) fn batches(release: &Release) -> Vec<(String, RecordBatch)> {
    let tables = release.tables();
    tables
        .map(|(name, batch)| (name.to_owned(), batch.clone()))
        .collect()
}

/// A released cell: for each measure its value and its status.
pub(crate) type Cell = Vec<(Option<String>, String)>;

/// The cells of a released table as text, by place.
pub(crate) fn cells(
    plan: &PlanDocument,
    table: &str,
    batch: &RecordBatch,
) -> BTreeMap<Place, Cell> {
    let dimensions = plan.tables[table].by.len();
    let mut cells = BTreeMap::new();
    for row in 0..batch.num_rows() {
        let texts: Vec<Option<String>> = batch
            .columns()
            .iter()
            .map(|column| text(column, row))
            .collect();
        let (place, measures) = texts.split_at(dimensions);
        let pairs = measures
            .chunks(2)
            .map(|pair| (pair[0].clone(), pair[1].clone().unwrap()));
        let twice = cells.insert(place.to_vec(), pairs.collect());
        assert!(twice.is_none(), "a cell is there twice");
    }
    cells
}

/// How a figure of the twin's would be released.
pub(crate) fn released(figure: &Figure) -> (Option<String>, String) {
    match figure {
        Figure::Safe(value) => (Some(value.clone()), "safe".to_owned()),
        Figure::Nothing => (None, "safe".to_owned()),
        Figure::Unsafe(_) => (None, "suppressed".to_owned()),
    }
}

fn text(column: &dyn Array, row: usize) -> Option<String> {
    if column.is_null(row) {
        return None;
    }
    Some(match column.data_type() {
        DataType::Dictionary(_, _) => {
            let codes = column.as_dictionary::<UInt32Type>();
            let labels = codes.values().as_string::<i32>();
            labels.value(codes.keys().value(row) as usize).to_owned()
        }
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::UInt64 => column.as_primitive::<UInt64Type>().value(row).to_string(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).to_string(),
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        DataType::Decimal128(_, _) => column.as_primitive::<Decimal128Type>().value_as_string(row),
        DataType::Date32 => {
            let days = column.as_primitive::<Date32Type>();
            days.value_as_date(row).unwrap().to_string()
        }
        other => panic!("a release has no columns of type {other}"),
    })
}
