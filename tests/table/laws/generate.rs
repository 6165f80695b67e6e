//! Random small worlds: a plan that passes its checks, and registers it can be run on.
//!
//! The plan's checks refuse a column that no table uses; so columns are not
//! drawn first and used afterwards, but come into being where a table uses
//! them.

use std::fmt::Write as _;

use super::columns::{Column, Kind, draw, owned};
use super::register::{Choices, IDENTIFIER, RawColumn, Register, Registers, Row, Storage};
use super::tables;

/// A plan and its registers.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) plan: String,
    pub(crate) registers: Registers,
}

impl World {
    /// Gives each person a double, whose rows are like the person's own.
    pub(crate) fn double(&mut self) {
        let kind = ["number", "digits(4)", "text"];
        let kind = kind
            .into_iter()
            .find(|kind| self.plan.contains(&format!("type = \"{kind}\"")));
        let kind = kind.expect("a world has identifiers");
        let rows = self.registers.values().flat_map(|register| &register.rows);
        let persons = rows
            .filter_map(|row| row.person)
            .max()
            .map_or(0, |last| last + 1);
        let mut choices = Choices::seeded(persons.into());
        for register in self.registers.values_mut() {
            let doubles = register.rows.iter().filter_map(|row| {
                let person = Some(row.person? + persons);
                Some(Row {
                    person,
                    identifier: write_identifier(kind, person, &mut choices),
                    cells: row.cells.clone(),
                })
            });
            let doubles: Vec<Row> = doubles.collect();
            register.rows.extend(doubles);
        }
    }
}

/// What proptest prints of a world that breaks a law.
impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.plan)?;
        for (name, register) in &self.registers {
            let columns = register.columns.iter();
            let columns: Vec<_> = columns.map(|c| (&c.name, c.storage)).collect();
            writeln!(f, "{name}: {columns:?}")?;
            for row in &register.rows {
                writeln!(f, "  {:?} {:?} {:?}", row.person, row.identifier, row.cells)?;
            }
        }
        Ok(())
    }
}

/// A source in the making.
pub(crate) struct Source {
    pub(crate) name: &'static str,
    pub(crate) many: bool,
    pub(crate) columns: Vec<Column>,
    keep: Option<(&'static str, Storage)>,
}

/// A world in the making.
pub(crate) struct Draft<'c> {
    pub(crate) choices: &'c mut Choices,
    pub(crate) sources: Vec<Source>,
    /// How many names were given.
    pub(crate) names: usize,
}

/// Draws a world.
pub(crate) fn world(choices: &mut Choices) -> World {
    let kind = *choices.pick(&["number", "text", "digits(4)"]);
    let mut sources = Vec::new();
    let count = 2 + choices.below(3);
    for &name in &["tax", "benefit", "school", "population"][..count] {
        let keeps = [
            ("at_least = 2", Storage::Integers),
            ("equals = 2", Storage::Text),
            ("one_of = [1, 2, 3]", Storage::Integers),
            ("above = 1.5", Storage::Text),
            ("present = true", Storage::Text),
        ];
        let keep = choices.one_in(4).then(|| *choices.pick(&keeps));
        sources.push(Source {
            name,
            many: choices.one_in(2),
            columns: Vec::new(),
            keep,
        });
    }
    let mut draft = Draft {
        choices,
        sources,
        names: 0,
    };
    let mut plan = PROJECT.to_owned();
    let all: Vec<usize> = (0..count).collect();
    let mut table_texts = tables::table(&mut draft, "first", &all);
    if draft.choices.one_in(2) {
        let some = 1 + draft.choices.below(count);
        table_texts += &tables::table(&mut draft, "second", &all[..some]);
    }
    for source in &draft.sources {
        plan += &source.toml(kind);
    }
    plan += &table_texts;
    let persons = 1 + draft.choices.below(80);
    let Draft {
        choices, sources, ..
    } = draft;
    let registers = sources.iter().map(|source| {
        (
            source.name.to_owned(),
            source.register(kind, persons, choices),
        )
    });
    World {
        plan,
        registers: registers.collect(),
    }
}

/// What every plan says of its project.
pub(crate) const PROJECT: &str = r#"version = 1
[project]
id = "laws"
epoch = 1
title = "Laws"
purpose = "Comparing two ways to the same tables"
controller = "Nobody"
linkage_unit = "Nobody"
recipient = "Nobody"
valid = { from = 2020-01-01, until = 2999-12-31 }
approved = [{ by = "legal", name = "Nobody", on = 2020-01-01 }]
"#;

impl Source {
    fn toml(&self, identifier: &str) -> String {
        let rows = if self.many { "many" } else { "one" };
        let mut text = format!(
            "[source.{}]\nagency = \"A\"\nlegal_basis = [\"L\"]\nrows = \"{rows}\"\n\
             identifier = {{ column = \"{IDENTIFIER}\", type = \"{identifier}\" }}\n",
            self.name
        );
        if let Some((test, _)) = self.keep {
            writeln!(text, "keep = [{{ column = \"kept\", {test} }}]").unwrap();
        }
        for Column { name, recipe, .. } in &self.columns {
            writeln!(
                text,
                "[source.{}.columns.{name}]\nfrom = \"raw_{name}\"",
                self.name
            )
            .unwrap();
            writeln!(text, "{recipe}").unwrap();
        }
        text
    }

    fn register(&self, identifier: &str, persons: usize, choices: &mut Choices) -> Register {
        let mut columns: Vec<RawColumn> = Vec::new();
        let mut values: Vec<Vec<Option<String>>> = Vec::new();
        for column in &self.columns {
            let name = format!("raw_{}", column.name);
            columns.push(RawColumn {
                name,
                storage: column.storage,
            });
            values.push(column.values.clone());
        }
        if let Some((_, storage)) = self.keep {
            columns.push(RawColumn {
                name: "kept".to_owned(),
                storage,
            });
            values.push([Some("2"), Some("3"), Some("1"), None].map(owned).to_vec());
        }
        let mut people: Vec<usize> = match self.many {
            false => (0..persons).filter(|_| !choices.one_in(4)).collect(),
            true => (0..choices.below(3 * persons))
                .map(|_| choices.below(persons))
                .collect(),
        };
        choices.shuffle(&mut people);
        let mut rows = Vec::new();
        for person in people {
            let valid = !choices.one_in(16);
            let person = valid.then_some(person as u32);
            let identifier = write_identifier(identifier, person, choices);
            let cells = values
                .iter()
                .map(|values| choices.pick(values).clone())
                .collect();
            rows.push(Row {
                person,
                identifier,
                cells,
            });
        }
        Register { columns, rows }
    }
}

/// One of the ways to write a person's identifier, or no identifier at all.
pub(crate) fn write_identifier(
    kind: &str,
    person: Option<u32>,
    choices: &mut Choices,
) -> Option<String> {
    let Some(person) = person else {
        let wrong = match kind {
            "text" => [None, Some(" ")],
            _ => [None, Some("7-8")],
        };
        return choices.pick(&wrong).map(str::to_owned);
    };
    let ways = match kind {
        "text" => [
            format!("Person {person}"),
            format!(" PERSON  {person}"),
            format!("person\t{person} "),
        ],
        _ => [
            person.to_string(),
            format!(" 0{person}"),
            format!("{person}.0"),
        ],
    };
    Some(choices.pick(&ways).clone())
}

impl Draft<'_> {
    /// A name that nothing else has.
    pub(crate) fn name(&mut self, letter: char) -> String {
        self.names += 1;
        format!("{letter}{}", self.names)
    }

    /// A new column of `source`; gives its place.
    pub(crate) fn new_column(&mut self, source: usize, kind: Kind) -> usize {
        let name = self.name('c');
        let column = draw(self.choices, name, kind);
        self.sources[source].columns.push(column);
        self.sources[source].columns.len() - 1
    }

    /// A column of `source`, new or one that is there.
    pub(crate) fn column(&mut self, source: usize, kind: Kind) -> usize {
        let columns = self.sources[source].columns.iter();
        let known: Vec<usize> = columns
            .enumerate()
            .filter(|(_, column)| column.kind == kind)
            .map(|(at, _)| at)
            .collect();
        match known.is_empty() || self.choices.one_in(2) {
            true => self.new_column(source, kind),
            false => *self.choices.pick(&known),
        }
    }

    /// A column of one name, recipe and values in two sources, to be matched on.
    pub(crate) fn shared_column(&mut self, base: usize, other: usize) -> String {
        let name = self.name('o');
        let kind = *self.choices.pick(&Kind::ALL);
        // Plain recipes only, so that equal values are not rare.
        for source in [base, other] {
            let column = draw(&mut Choices::of(Vec::new()), name.clone(), kind);
            self.sources[source].columns.push(column);
        }
        name
    }
}
