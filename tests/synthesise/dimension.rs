//! A second identifier as a dimension: refused by the plan where it shows, and by the data where they do.

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use kobling::protect::Protection;
use kobling::synthesise::{Rates, Register, SyntheticPopulation};
use kobling::{ErrorKind, Linkage, LinkageKey, Plan, Rows};

/// A made-up plan: a list of persons as a table.
const PLAN: &str = r#"
version = 1
[project]
id = "usertest-l"
epoch = 1
title = "A list of persons as a table"
purpose = "To see whether it is refused"
controller = "A test agency"
linkage_unit = "A test linkage unit"
recipient = "A test recipient"
valid = { from = 2026-01-01, until = 2030-12-31 }
approved = [{ by = "legal", name = "A lawyer", on = 2026-01-10 }]

[source.population]
agency = "Population"
legal_basis = ["Synthetic"]
identifier = { column = "fnr", type = "no-fnr", synthetic = "only" }
rows = "one"
[source.population.columns]
again = { from = "number_again", type = "category" }
born = { from = "born_on", type = "category" }
dead = { from = "dead_on", type = "category", absent = "alive" }

[table.list]
from = "population"
by = ["population.again", "population.born", "population.dead"]
sensitive = []
measures = [{ persons = true }]
protect = { min_persons = 10, method = "suppress" }
"#;

/// The population register with a copy of the number under another name.
fn registers() -> (Vec<RecordBatch>, Vec<String>) {
    let population = SyntheticPopulation::new(3000, 5).unwrap();
    let population = population.with_rates(Rates::NONE).unwrap();
    let mut numbers = Vec::new();
    let batches = population.register(Register::Population).unwrap();
    let batches = batches.into_iter().map(|batch| {
        let number = batch.column_by_name("fnr").unwrap().clone();
        numbers.extend(
            number
                .as_string::<i32>()
                .iter()
                .flatten()
                .map(str::to_owned),
        );
        let schema = batch.schema();
        let names = schema.fields().iter().map(|field| field.name().clone());
        let names: Vec<String> = names.collect();
        let columns = names
            .iter()
            .map(String::as_str)
            .zip(batch.columns().to_vec());
        let columns = columns.chain([("number_again", number)]);
        RecordBatch::try_from_iter_with_nullable(columns.map(|(n, c)| (n, c, true))).unwrap()
    });
    let batches = batches.collect();
    (batches, numbers)
}

fn refused(plan: &str) -> kobling::Error {
    let plan = Plan::parse(plan).unwrap_or_else(|findings| panic!("{findings}"));
    let (batches, numbers) = registers();
    assert!(numbers.len() >= 3000);
    let rows = Rows::from_batches(&plan, "population", batches).unwrap();
    let key = LinkageKey::generate().unwrap().domain_key(&plan.domain());
    let extract = rows.identify().unwrap().pseudonymise(&key).unwrap();
    let protection = Protection::new(kobling::ReleaseKey::generate().unwrap());
    let Err(error) = Linkage::new(&plan, [extract]).unwrap().tabulate(protection) else {
        panic!("a list of persons was tabulated");
    };
    let text = format!("{error} {error:?}");
    assert!(!numbers.iter().any(|number| text.contains(number.as_str())));
    error
}

#[test]
fn a_plan_that_declares_the_identifier_again_is_refused() {
    let plan = PLAN.replace("from = \"number_again\"", "from = \"fnr\"");
    let findings = Plan::parse(&plan).unwrap_err();
    let finding = &findings.as_slice()[0];
    assert_eq!(
        finding.path.join("."),
        "source.population.columns.again.from"
    );
    assert!(finding.rule.contains("is the identifier"), "{findings}");
    assert!(finding.help.is_some() && finding.line.is_some());
}

#[test]
fn a_copy_of_the_identifier_is_refused_when_the_data_show_it() {
    let error = refused(PLAN);
    assert_eq!(error.kind(), ErrorKind::Protection);
    assert!(error.to_string().contains("table list"), "{error}");
    assert!(
        error.to_string().contains("it is a list of persons"),
        "{error}"
    );
    // By days of birth it is one all the same.
    let by = r#"by = ["population.born"]"#;
    let plan = PLAN
        .replace(
            r#"by = ["population.again", "population.born", "population.dead"]"#,
            by,
        )
        .replace(
            "again = { from = \"number_again\", type = \"category\" }\n",
            "",
        )
        .replace(
            "dead = { from = \"dead_on\", type = \"category\", absent = \"alive\" }\n",
            "",
        );
    let error = refused(&plan);
    assert_eq!(error.column(), Some("born"), "{error}");
}
