//! `kobling explain`: what keeps one suppressed figure uncertain.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use kobling::ReleaseKey;
use kobling::protect::{Explanation, FigureName, OtherTable};
use serde_json::json;

use crate::arguments::Explain;
use crate::console::{Console, Report};
use crate::failure::Failure;
use crate::link;
use crate::show::{Aligned, grid};

pub(crate) fn run(arguments: &Explain, console: &Console) -> Result<Report, Failure> {
    let unit = &arguments.unit;
    let plan = unit.plan.read()?;
    let key = ReleaseKey::read(&unit.release_key)?;
    let protection = unit.protection(&plan, key, *console)?;
    let options = arguments.reading.options();
    let linkage = link::read(&plan, &arguments.extracts, &options, console)?;
    console.note("linkage unit: protecting the tables once more");
    let watching = console.watching("linkage unit".to_owned());
    let linkage = linkage.watched_by(watching.watch());
    let tables = linkage.tabulate(protection.watched_by(watching.watch()))?;
    let explanation = tables.explain(&name(arguments), arguments.entry)?;
    drop(watching);
    let figure = json!({ "table": arguments.table, "measure": arguments.measure });
    let json = json!({ "figure": figure, "explanation": explanation });
    Ok(Report::new(text(arguments, &explanation), json))
}

fn name(arguments: &Explain) -> FigureName {
    let name = FigureName::new(&arguments.table, &arguments.measure);
    let cell = arguments.cell.iter();
    cell.fold(name, |name, (place, category)| name.at(place, category))
}

fn text(arguments: &Explain, explanation: &Explanation) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write!(text, "{}, {}", arguments.table, arguments.measure);
    for (dimension, category) in &arguments.cell {
        let _ = write!(text, ", {dimension} = {}", shown(Some(category)));
    }
    let _ = write!(text, ": {}", explanation.status);
    if let Some(reason) = &explanation.reason {
        let _ = write!(text, " ({reason})");
    }
    if let Some(value) = &explanation.value {
        let _ = write!(text, "; it is {value}");
    }
    text.push_str("\n\n");
    for (number, table) in (1..).zip(&explanation.tables) {
        other_table(&mut text, number, table);
    }
    if !explanation.guards.is_empty() {
        text.push_str("It is suppressed for these, which are unsafe:\n\n");
        let _ = cells(&mut text, &explanation.guards, &[]);
        text.push('\n');
    }
    text.push_str(explanation.conclusion());
    text.push('\n');
    text
}

fn other_table(text: &mut String, number: usize, table: &OtherTable) {
    let _ = writeln!(text, "It may be {}: table {number}\n", table.value);
    let own: Vec<_> = table.cells.iter().map(|cell| cell.cell.clone()).collect();
    let values = |of: fn(&kobling::protect::ChangedCell) -> &String| {
        table.cells.iter().map(of).cloned().collect::<Vec<String>>()
    };
    let values = [
        ("is", values(|cell| &cell.value)),
        ("there", values(|cell| &cell.other)),
    ];
    let _ = cells(text, &own, &values);
    if table.earlier > 0 {
        let _ = writeln!(text, "and {} cells of earlier releases", table.earlier);
    }
    text.push('\n');
}

/// A row for each cell: its categories, and then these values.
fn cells(
    text: &mut String,
    cells: &[BTreeMap<String, Option<String>>],
    values: &[(&str, Vec<String>)],
) -> std::fmt::Result {
    let names: Vec<&String> = cells.iter().flat_map(BTreeMap::keys).collect();
    let mut dimensions: Vec<&String> = names;
    dimensions.sort();
    dimensions.dedup();
    let mut columns: Vec<Aligned> = Vec::new();
    columns.extend(dimensions.iter().map(|name| Aligned {
        name: (*name).clone(),
        right: false,
    }));
    columns.extend(values.iter().map(|(name, _)| Aligned {
        name: (*name).to_owned(),
        right: true,
    }));
    let rows: Vec<Vec<String>> = cells
        .iter()
        .enumerate()
        .map(|(at, cell)| {
            let own = dimensions.iter().map(|name| match cell.get(*name) {
                Some(category) => shown(category.as_ref()),
                None => String::new(),
            });
            let values = values.iter().map(|(_, values)| values[at].clone());
            own.chain(values).collect()
        })
        .collect();
    grid(text, &columns, &rows)
}

fn shown(category: Option<&String>) -> String {
    match category {
        Some(category) if !category.is_empty() => category.clone(),
        _ => "(missing)".to_owned(),
    }
}
