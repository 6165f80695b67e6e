//! Frames: what polars hands in makes the extract that files make, and what comes out is the release.

use kobling::protect::Protection;
use kobling::{
    DomainKey, ErrorKind, Extract, Linkage, LinkageKey, Plan, Release, ReleaseKey, Result, Rows,
};
use polars::prelude::*;

const PLAN: &str = r#"
version = 1

[project]
id = "frames-2026-001"
epoch = 1
title = "Pay by county"
purpose = "Statistics on pay"
controller = "The statistics office"
linkage_unit = "The linkage unit"
recipient = "The university"
valid = { from = 2020-01-01, until = 2099-12-31 }
approved = [ { by = "legal", name = "A. Jurist", on = 2020-01-01 } ]

[source.people]
agency = "The population register"
legal_basis = ["GDPR art. 6(1)(e)"]
identifier = { column = "person", type = "number" }
rows = "one"
[source.people.columns.county]
from = "county"
type = "category"
categories = ["03", "11"]
[source.people.columns.born]
from = "born"
type = "date"
truncate = "year"
[source.people.columns.resident]
from = "resident"
type = "boolean"

[source.pay]
agency = "The tax office"
legal_basis = ["GDPR art. 6(1)(e)"]
identifier = { column = "person", type = "number" }
rows = "many"
[source.pay.columns.wage]
from = "wage"
type = "decimal"
scale = 2
[source.pay.columns.days]
from = "days"
type = "integer"

[table.pay]
from = "people"
by = ["people.county", "people.born", "people.resident"]
sensitive = []
measures = [
    { persons = true },
    { sum = "pay.wage", as = "wages" },
    { mean = "pay.wage", as = "mean_wage" },
    { sum = "pay.days", as = "days" },
]
[table.pay.with.pay]
need = "optional"
reduce = { wage = "sum", days = "sum" }
[table.pay.protect]
min_persons = 3
p_percent = 1
method = "suppress"
"#;

/// Looks like an identifier, a name or an amount of someone; no error may show it.
const CANARY: &str = "kanarifugl-31415";

const PEOPLE: &str = "\
person,county,born,resident
1001,03,1980-02-01,true
1002,03,1980-05-01,true
1003,03,1980-11-30,true
,03,1980-01-01,true
1004,11,1990-01-31,false
1005,11,1990-07-01,false
";

const PAY: &str = "\
person,wage,days
1001,100.25,10
1002,200.5,20
1002,1,1
1003,,30
1003,4.25,0
1004,7.75,2
";

fn plan() -> Plan {
    Plan::parse(PLAN).unwrap_or_else(|findings| panic!("{findings}"))
}

fn key(plan: &Plan) -> DomainKey {
    static MASTER: std::sync::OnceLock<LinkageKey> = std::sync::OnceLock::new();
    let master = MASTER.get_or_init(|| LinkageKey::generate().unwrap());
    master.domain_key(&plan.domain())
}

fn extracted(rows: Result<Rows>) -> Result<Extract> {
    let plan = plan();
    rows.and_then(|rows| rows.identify()?.pseudonymise(&key(&plan)))
}

fn extract(rows: Result<Rows>) -> Extract {
    extracted(rows).unwrap()
}

fn from_csv(source: &str, text: &str) -> Extract {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.csv");
    std::fs::write(&path, text).unwrap();
    extract(Rows::open(&plan(), source, &[path]))
}

fn from_frame(source: &str, frame: &DataFrame) -> Extract {
    extract(Rows::from_frame(&plan(), source, frame))
}

fn refusal(source: &str, frame: &DataFrame) -> kobling::Error {
    Rows::from_frame(&plan(), source, frame).expect_err("a refusal")
}

fn people() -> DataFrame {
    let day = |month: u32| 3652 + 30 * month as i32;
    let born = [day(1), day(4), day(10), day(0), 7335, 7500];
    let born = Series::new("born".into(), born).cast(&DataType::Date);
    let mut frame = df!(
        "name" => [CANARY; 6],
        "person" => [Some(1001_i64), Some(1002), Some(1003), None, Some(1004), Some(1005)],
        "county" => ["03", "03", "03", "03", "11", "11"],
        "resident" => [true, true, true, true, false, false],
    )
    .unwrap();
    frame.with_column(born.unwrap().into_column()).unwrap();
    frame
}

fn pay() -> DataFrame {
    df!(
        "wage" => [Some(100.25), Some(200.5), Some(1.0), None, Some(4.25), Some(7.75)],
        "person" => [1001_u32, 1002, 1002, 1003, 1003, 1004],
        "days" => [10_i16, 20, 1, 30, 0, 2],
    )
    .unwrap()
}

/// `frame` with `column` cast.
fn cast(frame: &DataFrame, column: &str, kind: &DataType) -> DataFrame {
    let mut frame = frame.clone();
    // By way of text where polars has no direct cast.
    let found = frame.column(column).unwrap();
    let found = match kind {
        DataType::Categorical(..) | DataType::Enum(..) => found.cast(&DataType::String).unwrap(),
        _ => found.clone(),
    };
    let column = found.strict_cast(kind).unwrap();
    frame.with_column(column).unwrap();
    frame
}

fn categories() -> DataType {
    DataType::from_categories(Categories::global())
}

fn frozen(labels: &[&str]) -> DataType {
    DataType::from_frozen_categories(FrozenCategories::new(labels.iter().copied()).unwrap())
}

// ---- in ----

#[test]
fn identifiers_of_every_type_give_the_extract_of_the_csv() {
    let expected = from_csv("people", PEOPLE);
    assert_eq!((expected.rows(), expected.header().rows_read), (5, 6));
    assert_eq!(expected.header().quarantine.get("missing"), Some(&1));
    let kinds = [
        DataType::String,
        DataType::Int16,
        DataType::Int32,
        DataType::Int64,
        DataType::UInt16,
        DataType::UInt32,
        DataType::UInt64,
        DataType::Float32,
        DataType::Float64,
        DataType::Decimal(10, 2),
        categories(),
        frozen(&["1005", "1004", "1003", "1002", "1001"]),
    ];
    for kind in kinds {
        let made = from_frame("people", &cast(&people(), "person", &kind));
        assert_eq!(made.to_batch(), expected.to_batch(), "{kind}");
        assert_eq!(made.header(), expected.header(), "{kind}");
    }
}

#[test]
fn other_columns_of_every_type_give_the_extract_of_the_csv() {
    let expected = from_csv("people", PEOPLE);
    let datetime = |unit| DataType::Datetime(unit, None);
    for (column, kind) in [
        ("county", categories()),
        ("county", frozen(&["11", "03", "42"])),
        ("born", DataType::String),
        ("born", datetime(TimeUnit::Milliseconds)),
        ("born", datetime(TimeUnit::Microseconds)),
        ("born", datetime(TimeUnit::Nanoseconds)),
        ("resident", DataType::String),
        ("resident", DataType::UInt8),
    ] {
        let made = from_frame("people", &cast(&people(), column, &kind));
        assert_eq!(made.to_batch(), expected.to_batch(), "{column} {kind}");
    }
    let expected = from_csv("pay", PAY);
    for (column, kind) in [
        ("wage", DataType::Float32),
        ("wage", DataType::Decimal(38, 2)),
        ("wage", DataType::Decimal(12, 4)),
        ("wage", DataType::String),
        ("days", DataType::Int8),
        ("days", DataType::UInt8),
        ("days", DataType::Float64),
        ("days", DataType::String),
    ] {
        let made = from_frame("pay", &cast(&pay(), column, &kind));
        assert_eq!(made.to_batch(), expected.to_batch(), "{column} {kind}");
    }
}

#[test]
fn chunks_make_no_difference() {
    let (people, expected) = (people(), from_csv("people", PEOPLE));
    for kind in [DataType::String, DataType::Int64, categories()] {
        let frame = cast(&people, "person", &kind);
        for cut in 1..=5 {
            let mut chunked = frame.slice(0, cut);
            chunked.vstack_mut(&frame.slice(cut as i64, 2)).unwrap();
            chunked.vstack_mut(&frame.slice(cut as i64 + 2, 6)).unwrap();
            assert!(chunked.max_n_chunks() > 1, "{cut}");
            let made = from_frame("people", &chunked);
            assert_eq!(made.to_batch(), expected.to_batch(), "{kind}, cut at {cut}");

            // One column in one chunk, the others in several.
            let county = people.column("county").unwrap().clone();
            chunked.with_column(county).unwrap();
            let made = from_frame("people", &chunked);
            assert_eq!(made.to_batch(), expected.to_batch(), "{kind}, cut at {cut}");
        }
    }
}

#[test]
fn a_column_of_one_repeated_value_is_read() {
    let mut chunked = people().slice(0, 4);
    chunked.vstack_mut(&people().slice(4, 2)).unwrap();
    let expected = from_csv("people", &PEOPLE.replace(",11,", ",03,"));
    for mut frame in [people(), chunked] {
        let value = Scalar::from(PlSmallStr::from_static("03"));
        let repeated = Column::new_scalar("county".into(), value, 6);
        frame.with_column(repeated).unwrap();
        let made = from_frame("people", &frame);
        assert_eq!(made.to_batch(), expected.to_batch());
    }
}

#[test]
fn columns_of_nulls_and_frames_of_no_rows_are_read() {
    for kind in [
        DataType::Null,
        DataType::String,
        DataType::Float64,
        categories(),
    ] {
        let mut frame = people();
        let nulls = Series::full_null("person".into(), 6, &kind);
        frame.with_column(nulls.into_column()).unwrap();
        let made = extracted(Rows::from_frame(&plan(), "people", &frame));
        let said = made.map(|_| ()).expect_err("a refusal").to_string();
        assert!(
            said.contains("6 of 6 identifiers are refused as missing"),
            "{kind}: {said}"
        );

        let made = from_frame("people", &cast(&people().clear(), "person", &kind));
        assert_eq!((made.rows(), made.header().rows_read), (0, 0), "{kind}");
    }
}

#[test]
fn a_lazy_frame_computes_only_the_plans_columns() {
    // Computing it fails, and polars' error quotes what it stumbled on.
    let broken = || col("name").strict_cast(DataType::Int64);
    let quoted = people().lazy().select([broken()]).collect().unwrap_err();
    assert!(quoted.to_string().contains(CANARY));

    let lazy = people().lazy();
    let unused = lazy.clone().with_column(broken().alias("unused"));
    let made = extract(Rows::from_lazy(&plan(), "people", unused));
    assert_eq!(made.to_batch(), from_csv("people", PEOPLE).to_batch());

    let used = lazy.with_column(broken().alias("county"));
    let error = Rows::from_lazy(&plan(), "people", used).expect_err("a broken column");
    assert_eq!(error.rule(), "polars cannot compute the lazy frame");
    assert_eq!(error.source_name(), Some("people"));
    assert!(!format!("{error} {error:?}").contains(CANARY));
}

#[test]
fn a_lazy_frame_is_checked_before_it_is_computed() {
    let broken = col("name").strict_cast(DataType::Int64).alias("county");
    let lazy = people().lazy().with_column(broken);
    let error = Rows::from_lazy(&plan(), "people", lazy.clone().drop(cols(["born"])));
    assert_eq!(error.unwrap_err().rule(), "the frame has no such column");
    let expired = Plan::parse(&PLAN.replace("2099-12-31", "2020-12-31")).unwrap();
    let error = Rows::from_lazy(&expired, "people", lazy.clone()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Permission);
    let unresolved = lazy.select([col(CANARY)]);
    let error = Rows::from_lazy(&plan(), "people", unresolved).unwrap_err();
    assert_eq!(error.rule(), "polars cannot resolve the lazy frame");
    assert!(!format!("{error} {error:?}").contains(CANARY));
}

#[test]
fn a_plans_column_is_a_name_and_not_a_pattern() {
    let plan = Plan::parse(&PLAN.replace("from = \"county\"", "from = \"^coun.*$\"")).unwrap();
    let error = Rows::from_lazy(&plan, "people", people().lazy()).unwrap_err();
    assert_eq!(error.rule(), "the frame has no such column");
    let mut frame = people();
    frame.rename("county", "^coun.*$".into()).unwrap();
    let lazy = frame.lazy().with_column(lit(CANARY).alias("country"));
    let rows = Rows::from_lazy(&plan, "people", lazy).unwrap();
    assert_eq!(rows.identify().unwrap().rows(), 5);
}

#[test]
fn a_missing_column_is_named() {
    let mut frame = people();
    frame.rename("county", "countys".into()).unwrap();
    let error = refusal("people", &frame);
    assert_eq!(error.kind(), ErrorKind::Rows);
    assert_eq!(
        error.to_string(),
        "source people, column county: the frame has no such column\n  \
         help: did you mean \"countys\"?"
    );
    let unlike = refusal("people", &people().drop("person").unwrap());
    assert_eq!(
        unlike.to_string(),
        "source people, column person: the frame has no such column"
    );
    let unknown = refusal("peple", &people());
    assert_eq!(unknown.kind(), ErrorKind::Plan);
}

#[test]
fn a_plan_that_may_not_run_takes_no_frame() {
    let expired = Plan::parse(&PLAN.replace("2099-12-31", "2020-12-31")).unwrap();
    let error = Rows::from_frame(&expired, "people", &people()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Permission);
}

#[test]
fn other_types_are_refused_by_name() {
    let lists = |frame: DataFrame| {
        let column = frame
            .column("county")
            .unwrap()
            .as_materialized_series()
            .clone();
        let each: Vec<Series> = (0..6).map(|row| column.slice(row, 1)).collect();
        Series::new("county".into(), each)
    };
    let durations = |frame: DataFrame| {
        let born = frame
            .column("born")
            .unwrap()
            .cast(&DataType::Int64)
            .unwrap();
        let kind = DataType::Duration(TimeUnit::Milliseconds);
        let column = born.cast(&kind).unwrap();
        column
            .as_materialized_series()
            .clone()
            .with_name("county".into())
    };
    let binary = |frame: DataFrame| {
        let column = frame
            .column("name")
            .unwrap()
            .cast(&DataType::Binary)
            .unwrap();
        column
            .as_materialized_series()
            .clone()
            .with_name("county".into())
    };
    for (column, kind) in [
        (lists(people()), "list[str]"),
        (durations(people()), "duration[ms]"),
        (binary(people()), "binary"),
    ] {
        let mut frame = people();
        frame.with_column(column.into_column()).unwrap();
        let error = refusal("people", &frame);
        assert_eq!(error.kind(), ErrorKind::Rows);
        assert_eq!(error.source_name(), Some("people"));
        assert_eq!(error.column(), Some("county"));
        assert_eq!(
            error.rule(),
            format!("its polars type is {kind}, which is not read")
        );
        assert!(!format!("{error} {error:?}").contains(CANARY));
        // A column that the plan does not name may be of any type.
        let mut unread = people();
        let column = frame
            .column("county")
            .unwrap()
            .clone()
            .with_name("unread".into());
        unread.with_column(column).unwrap();
        assert_eq!(from_frame("people", &unread).rows(), 5);
    }
}

#[test]
fn no_error_shows_a_value() {
    let canaries = |column: &str| {
        // Those whose identifier is not missing.
        let mut frame = people().slice(0, 3);
        let canaries = Series::new(column.into(), [CANARY; 3]);
        frame.with_column(canaries.into_column()).unwrap();
        frame
    };
    let strict = PLAN.replace(
        "type = \"number\" }",
        "type = \"number\", invalid = \"fail\" }",
    );
    let strict = Plan::parse(&strict).unwrap();
    for (column, kind) in [
        ("person", ErrorKind::Identifier),
        ("born", ErrorKind::Rows),
        ("resident", ErrorKind::Rows),
    ] {
        for text in [DataType::String, categories()] {
            let frame = cast(&canaries(column), column, &text);
            let rows = Rows::from_frame(&strict, "people", &frame).unwrap();
            assert!(!format!("{rows:?}").contains(CANARY));
            let error = rows.identify().unwrap_err();
            assert_eq!(error.kind(), kind);
            assert_eq!(
                (error.column(), error.row().is_some()),
                (Some(column), true)
            );
            assert!(!format!("{error} {error:?}").contains(CANARY));
        }
    }
}

// ---- out ----

fn release() -> Release {
    let extracts = [from_frame("people", &people()), from_frame("pay", &pay())];
    let protection = Protection::new(ReleaseKey::generate().unwrap());
    let tables = Linkage::new(&plan(), extracts)
        .unwrap()
        .tabulate(protection)
        .unwrap();
    let protected = tables.protect().unwrap();
    protected.release().unwrap()
}

#[test]
fn a_release_comes_out_as_a_frame() {
    let release = release();
    let frame = release.frame("pay").unwrap();
    let batch = release.table("pay").unwrap();
    // All combinations of three counties, two years of birth and of who is resident.
    assert_eq!((frame.height(), frame.width()), (12, 11));
    let schema = batch.schema();
    let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
    assert_eq!(frame.get_column_names(), names);
    // Three of the first county are in the second row, two of the second in the seventh;
    // nobody is in another one.
    let figures = |three| {
        (0..12).map(move |row| match row {
            1 => Some(three),
            6 => None,
            _ => Some(0),
        })
    };
    let statuses = (0..12).map(|row| if row == 6 { "suppressed" } else { "safe" });
    let statuses: Vec<&str> = statuses.collect();
    let means = (0..12).map(|row| (row == 1).then_some(102.0));
    let expected = df!(
        "county" => ["03", "11", "other"].map(|county| [county; 4]).concat(),
        "resident" => [false, true].repeat(6),
        "persons" => figures(3).map(|n| n.map(|n| n as u64)).collect::<Vec<_>>(),
        "persons_status" => statuses.clone(),
        "mean_wage" => means.collect::<Vec<_>>(),
        "mean_wage_status" => statuses.clone(),
        "days" => figures(61).collect::<Vec<Option<i64>>>(),
        "days_status" => statuses.clone(),
        "wages_status" => statuses,
    )
    .unwrap();
    for column in expected.columns() {
        let name = column.name();
        let mut made = frame.column(name).unwrap().clone();
        if name == "county" {
            assert_eq!(*made.dtype(), categories());
            made = made.cast(&DataType::String).unwrap();
        }
        assert!(made.equals_missing(column), "{made:?} is not {column:?}");
    }
    let wages = frame.column("wages").unwrap();
    assert_eq!(*wages.dtype(), DataType::Decimal(38, 2));
    let wages = wages.cast(&DataType::String).unwrap();
    let wages: Vec<_> = wages.str().unwrap().iter().collect();
    let mut wanted = [Some("0.00"); 12];
    wanted[1] = Some("306.00");
    wanted[6] = None;
    assert_eq!(wages, wanted);
    let born = frame.column("born").unwrap();
    assert_eq!(*born.dtype(), DataType::Date);
    let born = born.cast(&DataType::String).unwrap();
    let born: Vec<_> = born.str().unwrap().iter().collect();
    // Two were born in 1990, too few for a year of their own.
    let years = [Some("1980-01-01"), Some("1980-01-01"), None, None];
    assert_eq!(born, years.repeat(3));
}

#[test]
fn a_table_that_is_not_released_is_named() {
    let error = release().frame("pays").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Plan);
    assert_eq!(
        error.to_string(),
        "table pays: the release has no such table\n  help: did you mean \"pay\"?"
    );
}
