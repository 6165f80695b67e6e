//! `kobling protect --compare`: all methods side by side, before one is chosen.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use kobling::ReleaseKey;
use kobling::protect::Comparison;
use kobling::protect::utility::Utility;
use serde_json::json;

use crate::arguments::Protect;
use crate::console::{Console, Report};
use crate::failure::Failure;
use crate::link;
use crate::show::{Aligned, grid, short};

/// What is shown of a measure under a method.
const COLUMNS: [&str; 8] = [
    "method",
    "cells",
    "with a figure",
    "% of total",
    "average distance",
    "unsafe",
    "published",
    "exact",
];

pub(crate) fn compare(arguments: &Protect, console: &Console) -> Result<Report, Failure> {
    let unit = &arguments.unit;
    let plan = unit.plan.read()?;
    let key = ReleaseKey::read(&unit.release_key)?;
    let protection = unit.protection(&plan, key, *console)?;
    let linkage = link::read(
        &plan,
        &arguments.extracts,
        &arguments.reading.options(),
        console,
    )?;
    console.note("linkage unit: trying every method on the plan's tables");
    let watching = console.watching("linkage unit".to_owned());
    let linkage = linkage.watched_by(watching.watch());
    let comparison = linkage.compare(protection.watched_by(watching.watch()))?;
    drop(watching);
    Ok(Report::new(text(&comparison), json!(comparison)))
}

fn text(comparison: &Comparison) -> String {
    // By table and measure, each method's row.
    let mut rows: BTreeMap<(&str, &str), Vec<Vec<String>>> = BTreeMap::new();
    for (method, table, utility) in all(comparison) {
        let rows = rows.entry((table, &utility.measure)).or_default();
        rows.push(row(method, utility));
    }
    let mut text = String::new();
    for ((table, measure), rows) in rows {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{table}, {measure}");
        let columns = COLUMNS.map(|name| Aligned {
            name: name.to_owned(),
            right: name != COLUMNS[0],
        });
        let _ = grid(&mut text, &columns, &rows);
        text.push('\n');
    }
    for refused in &comparison.methods {
        if let Err(reason) = &refused.tables {
            let reason = reason.to_string();
            let _ = writeln!(text, "{} does not fit: {reason}\n", refused.method);
        }
        if !refused.left_out.is_empty() {
            let left_out = refused.left_out.join(", ");
            let _ = writeln!(text, "{} does not publish {left_out}\n", refused.method);
        }
    }
    text.push_str(
        "unsafe: figures that the plan's rules find unsafe; published: those of them that have a\n\
         figure, which the method changes; exact: where that is by chance the true one.\n\
         All of it is measured against true figures: for the linkage unit and the risk owner.\n",
    );
    text
}

/// Every method's tables and measures.
fn all(comparison: &Comparison) -> impl Iterator<Item = (&str, &str, &Utility)> {
    comparison.methods.iter().flat_map(|compared| {
        let tables = compared.tables.iter().flatten();
        tables.flat_map(|(table, measures)| {
            let measures = measures.iter();
            measures.map(|utility| (compared.method.as_str(), table.as_str(), utility))
        })
    })
}

fn row(method: &str, utility: &Utility) -> Vec<String> {
    let (survival, risk) = (utility.survival, utility.risk);
    vec![
        method.to_owned(),
        survival.cells.to_string(),
        survival.survived.to_string(),
        format!("{:.1}", survival.total_percent),
        short(&utility.average_distance.to_string()),
        risk.unsafe_cells.to_string(),
        risk.published.to_string(),
        risk.exact.to_string(),
    ]
}
