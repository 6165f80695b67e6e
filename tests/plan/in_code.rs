//! A plan that is made in code is the plan that its text is.

use kobling::plan::document::{
    ApprovalDocument, BandsDocument, ColumnDocument, ConditionDocument, DominanceDocument,
    IdentifierDocument, LookupDocument, MeasureDocument, Method, Need, ProjectDocument,
    ProtectDocument, Reducer, RowsPerPerson, SourceDocument, TableDocument, TypeName,
    ValidDocument,
};
use kobling::plan::{Date, Number, Percent, PlanDocument, Scalar};

use crate::support::plan;

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

fn bands(edges: &[i64]) -> Option<BandsDocument> {
    Some(BandsDocument::new(edges.iter().copied().map(Number::from)))
}

fn source(agency: &str, rows: RowsPerPerson) -> SourceDocument {
    let identifier = IdentifierDocument::new("nr", "number");
    let mut source = SourceDocument::new(agency, identifier);
    source.legal_basis = vec!["GDPR art. 6(1)(e)".to_owned()];
    source.rows = Some(rows);
    source
}

fn population() -> SourceDocument {
    let mut population = source("A registry", RowsPerPerson::One);
    let mut adult = ConditionDocument::new("age");
    adult.at_least = Some(Scalar::Number(Number::from(20)));
    population.keep = vec![adult];
    let mut age = ColumnDocument::new("age", TypeName::Category);
    age.bands = bands(&[20, 35, 50, 67]);
    let mut county = ColumnDocument::new("municipality", TypeName::Category);
    county.prefix = Some(2);
    population.columns = [("age_band", age), ("county", county)]
        .map(|(name, column)| (name.to_owned(), column))
        .into();
    population
}

fn money(from: &str) -> ColumnDocument {
    let mut money = ColumnDocument::new(from, TypeName::Decimal);
    money.scale = Some(2);
    money
}

fn income() -> TableDocument {
    let mut protect = ProtectDocument::new(3, Method::Suppress);
    let percent = Percent::from_hundredths(9500).expect("at most 100 %");
    protect.dominance = Some(DominanceDocument::new(1, percent));
    let mut table = TableDocument::new("population", protect);
    table.by = ["population.county", "population.age_band", "paid_band"]
        .map(str::to_owned)
        .into();
    table.sensitive = Some(Vec::new());
    table.measures = vec![
        MeasureDocument::persons(),
        MeasureDocument::sum("tax.income"),
    ];
    let mut benefit = LookupDocument::new(Need::Optional);
    let mut year = ConditionDocument::new("year");
    year.equals = Some(Scalar::Number(Number::from(2024)));
    benefit.conditions = vec![year];
    benefit.reduce = Some([("paid".to_owned(), Reducer::Sum)].into());
    table.with = [
        ("tax", LookupDocument::new(Need::Optional)),
        ("benefit", benefit),
    ]
    .map(|(name, look_up)| (name.to_owned(), look_up))
    .into();
    let mut paid = ColumnDocument::new("benefit.paid", TypeName::Category);
    paid.bands = bands(&[1, 1000]);
    paid.absent = Some("none".to_owned());
    table.columns.insert("paid_band".to_owned(), paid);
    table
}

#[test]
fn a_plan_in_code_has_the_digest_of_its_text() {
    let valid = ValidDocument::new(day("2026-01-01"), day("2199-12-31"));
    let mut project = ProjectDocument::new("test-2026-1", 1, valid);
    project.title = "Income by county".to_owned();
    project.purpose = "Statistics on income".to_owned();
    project.controller = "A university".to_owned();
    project.linkage_unit = "A statistics office".to_owned();
    project.recipient = "A reader".to_owned();
    project.approved = vec![ApprovalDocument::new(
        "legal",
        "A lawyer",
        day("2026-01-10"),
    )];

    let mut tax = source("A tax office", RowsPerPerson::One);
    let mut wage = money("wage");
    wage.missing = vec![Scalar::Text(String::new()), Scalar::Text("-9".to_owned())];
    tax.columns.insert("income".to_owned(), wage);
    let mut benefit = source("A benefit office", RowsPerPerson::Many);
    let year = ColumnDocument::new("year", TypeName::Integer);
    benefit.columns = [("year", year), ("paid", money("amount"))]
        .map(|(name, column)| (name.to_owned(), column))
        .into();

    let mut document = PlanDocument::new(project);
    document.sources = [
        ("population", population()),
        ("tax", tax),
        ("benefit", benefit),
    ]
    .map(|(name, source)| (name.to_owned(), source))
    .into();
    document.tables.insert("income".to_owned(), income());
    let made = document
        .check()
        .unwrap_or_else(|findings| panic!("{findings}"));
    assert_eq!(made.document(), plan().document());
    assert_eq!(made.digest(), plan().digest());
}

#[test]
fn what_is_not_said_is_a_finding() {
    let valid = ValidDocument::new(day("2026-01-01"), day("2026-12-31"));
    let findings = PlanDocument::new(ProjectDocument::new("p", 1, valid)).check();
    let findings = findings.expect_err("it says nothing").to_string();
    for part in [
        "title",
        "purpose",
        "controller",
        "linkage_unit",
        "recipient",
    ] {
        assert!(findings.contains(part), "{findings}");
    }
}
