//! A release's tables for the terminal: aligned, with what happened to their cells.

mod nothing;

use std::fmt::Write as _;

use arrow_schema::DataType;
use kobling::release::manifest::{GroupedRecord, LookupRecord, RateRecord, TableRecord};
use kobling::{Count, Manifest, Release};

use crate::arguments::ShownRows;

/// Shown in place of a value that is suppressed.
const SUPPRESSED: &str = "·";

/// The level of a total, as a release names it.
const TOTAL: &str = "total";

/// Shown in place of a value that is missing for another reason.
const MISSING: &str = "–";

/// All tables of a release, with their status counts and match rates; and
/// what a history moved.
pub(crate) fn tables(release: &Release, shown: ShownRows) -> String {
    let mut out = String::new();
    for record in &release.manifest().tables {
        // Writing to a String cannot fail.
        let _ = table(&mut out, release, record, shown.rows);
        out.push('\n');
    }
    for input in &release.manifest().inputs {
        if let Some(retired) = input.retired {
            out.push_str(&format!(
                "{}: about {retired} of {} rows are under a replaced number\n",
                input.source, input.rows
            ));
        }
    }
    out
}

fn table(
    out: &mut String,
    release: &Release,
    record: &TableRecord,
    most: usize,
) -> std::fmt::Result {
    match &record.title {
        Some(title) => writeln!(out, "{}: {title}", record.name)?,
        None => writeln!(out, "{}", record.name)?,
    }
    if record.cells == 0 {
        return nothing::write(out, release.manifest(), record);
    }
    let mut columns = Vec::new();
    if let (Some(batch), Some(rows)) = (release.table(&record.name), release.rows(&record.name)) {
        columns = columns_of(&batch.schema());
        let grid = rows.take(most).map(|row| {
            let cells = columns.iter().map(|column| column.cell(&row));
            cells.collect::<Vec<String>>()
        });
        write_grid(out, &columns, &grid.collect::<Vec<_>>())?;
        let more = batch.num_rows().saturating_sub(most);
        if more > 0 {
            writeln!(out, "  … and {more} more")?;
        }
    }
    // In the order of the columns, which the plan gave them.
    for name in columns.iter().map(|column| &column.name) {
        if let Some(statuses) = record.statuses.get(name) {
            let counts = statuses.iter().rev();
            let counts: Vec<String> = counts.map(|(status, n)| format!("{n} {status}")).collect();
            writeln!(out, "  cells of {name}: {}", counts.join(", "))?;
        }
    }
    let any = |wanted: &[&str]| {
        let mut statuses = record.statuses.values().flat_map(|counts| counts.keys());
        statuses.any(|status| wanted.contains(&status.as_str()))
    };
    if any(&["perturbed"]) {
        write_perturbed(out, record)?;
    }
    if any(&["suppressed", "excepted"]) {
        writeln!(
            out,
            "  {SUPPRESSED} suppressed: unsafe by a rule of the plan, or an unsafe figure could be derived from it"
        )?;
    }
    match_rates(out, record, most)
}

/// That figures are not certain, and how wide their noise is designed to be.
fn write_perturbed(out: &mut String, record: &TableRecord) -> std::fmt::Result {
    writeln!(
        out,
        "  perturbed: rounded or with noise by the plan's method; no such figure is certain"
    )?;
    for (measure, utility) in &record.utility {
        if let Some(deviation) = utility.noise_deviation {
            let deviation = short(&deviation.to_string());
            let measure = one_line(measure);
            writeln!(out, "    {measure}: standard deviation {deviation}")?;
        }
    }
    Ok(())
}

/// What of each measure is published, and how nearly.
pub(crate) fn utility(out: &mut String, record: &TableRecord) -> std::fmt::Result {
    for (measure, utility) in &record.utility {
        let measure = one_line(measure);
        let (survived, cells) = (utility.survived, utility.cells);
        write!(
            out,
            "  {measure}: {survived} of {cells} cells have a figure"
        )?;
        match utility.noise_deviation {
            Some(deviation) => {
                let deviation = short(&deviation.to_string());
                writeln!(out, ", with noise of standard deviation {deviation}")?;
            }
            None => writeln!(out)?,
        }
    }
    Ok(())
}

/// How well the look-ups of a table linked, and in at most so many groups each.
pub(crate) fn match_rates(out: &mut String, record: &TableRecord, most: usize) -> std::fmt::Result {
    for look_up in &record.look_ups {
        writeln!(out, "  {}", match_rate(look_up))?;
        if let Some(history) = &look_up.history {
            let (directly, through) = (history.directly, history.through_history);
            writeln!(
                out,
                "    by the same number {directly}, through the history only {through}"
            )?;
        }
        for grouped in &look_up.by {
            write_groups(out, grouped, most)?;
        }
    }
    Ok(())
}

fn write_groups(out: &mut String, grouped: &GroupedRecord, most: usize) -> std::fmt::Result {
    writeln!(out, "    by {}", one_line(&grouped.by))?;
    let groups = grouped.groups.iter().take(most).map(|group| {
        let name = group.group.as_deref().unwrap_or(MISSING);
        (one_line(name), group.rate)
    });
    let others = grouped.others.iter();
    let others = others.map(|rate| ("all others".to_owned(), *rate));
    let lines: Vec<(String, RateRecord)> = groups.chain(others).collect();
    let width = lines.iter().map(|(name, _)| name.chars().count()).max();
    let width = width.unwrap_or(0);
    for (name, rate) in &lines {
        let part = part(rate.matched, rate.unmatched);
        match rate.match_rate {
            Some(percent) => writeln!(out, "      {name:<width$}  {percent:>3} % ({part})")?,
            None => writeln!(out, "      {name:<width$}  too few")?,
        }
    }
    if lines.is_empty() {
        writeln!(out, "      every group is too small to be shown")?;
    }
    match grouped.groups.len().saturating_sub(most) {
        0 => Ok(()),
        more => writeln!(out, "      … and {more} more"),
    }
}

/// The warnings of a release, each with the extract or the table it is about.
pub(crate) fn warnings(manifest: &Manifest) -> Vec<String> {
    let of_inputs = manifest.inputs.iter().flat_map(|input| {
        let warnings = input.warnings.iter();
        warnings.map(|warning| format!("{}: {}", one_line(&input.source), one_line(warning)))
    });
    let of_tables = manifest.warnings();
    let of_tables = of_tables.map(|(table, warning)| format!("table {table}: {warning}"));
    of_inputs.chain(of_tables).collect()
}

fn match_rate(look_up: &LookupRecord) -> String {
    let source = &look_up.source;
    let part = part(look_up.matched, look_up.unmatched);
    match look_up.match_rate {
        Some(percent) => {
            format!("{source}: about {percent} % of base rows have a match ({part})")
        }
        None => format!("{source}: too few base rows to show a match rate"),
    }
}

/// How many of how many rows have a match, from what is shown of those with one
/// and of those without.
fn part(matched: Count, unmatched: Count) -> String {
    match (matched.get(), unmatched.get()) {
        (_, None) => format!("{matched}, and {unmatched} have none"),
        (shown, Some(rest)) => {
            let all = shown.unwrap_or(0).saturating_add(rest);
            format!("{matched} of {all}")
        }
    }
}

/// A column as it is shown: a dimension with its level, or a measure with its status.
struct ShownColumn {
    name: String,
    at: usize,
    level: Option<usize>,
    status: Option<usize>,
    kind: DataType,
}

/// A release's columns are its dimensions, then value and status of each measure.
fn columns_of(schema: &arrow_schema::Schema) -> Vec<ShownColumn> {
    let fields = schema.fields();
    let name = |at: usize| fields[at].name();
    // Shares have a status, too, which the manifest does not count.
    let mut dimensions = fields.len();
    while dimensions >= 2 && *name(dimensions - 1) == format!("{}_status", name(dimensions - 2)) {
        dimensions -= 2;
    }
    let level = |at: usize| {
        let name = format!("{}_level", fields[at].name());
        (at + 1 < dimensions && *fields[at + 1].name() == name).then_some(at + 1)
    };
    let is_level = |at: &usize| {
        at.checked_sub(1)
            .is_some_and(|before| level(before).is_some())
    };
    let shown = (0..dimensions).filter(|at| !is_level(at));
    let shown = shown.chain((dimensions..fields.len()).step_by(2));
    shown
        .map(|at| ShownColumn {
            name: fields[at].name().clone(),
            at,
            level: level(at),
            status: (at >= dimensions).then_some(at + 1),
            kind: fields[at].data_type().clone(),
        })
        .collect()
}

impl ShownColumn {
    fn cell(&self, row: &[Option<String>]) -> String {
        let text = |at: usize| row.get(at).and_then(Option::as_deref);
        let level = self
            .level
            .and_then(text)
            .filter(|level| *level != self.name);
        match (level, text(self.at)) {
            (Some(level), Some(value)) => return format!("{value} ({level})"),
            (Some(TOTAL), None) => return TOTAL.to_owned(),
            _ => {}
        }
        match (text(self.at), self.status.and_then(text)) {
            (Some(number), _) if self.kind == DataType::Float64 => short(number),
            (Some(value), _) => value.to_owned(),
            (None, None | Some("safe" | "perturbed")) => MISSING.to_owned(),
            (None, Some(_)) => SUPPRESSED.to_owned(),
        }
    }

    fn is_number(&self) -> bool {
        self.status.is_some() || self.kind.is_numeric()
    }
}

/// A float with as many decimals as a reader compares; the files have all.
pub(crate) fn short(number: &str) -> String {
    match number.parse::<f64>() {
        Ok(value) if value != 0.0 && value.abs() < 1.0 => format!("{value:.4}"),
        Ok(value) => format!("{value:.2}"),
        Err(_) => number.to_owned(),
    }
}

fn write_grid(
    out: &mut String,
    columns: &[ShownColumn],
    cells: &[Vec<String>],
) -> std::fmt::Result {
    let columns = columns.iter().map(|column| Aligned {
        name: column.name.clone(),
        right: column.is_number(),
    });
    grid(out, &columns.collect::<Vec<_>>(), cells)
}

/// A column of text for the terminal.
pub(crate) struct Aligned {
    pub(crate) name: String,
    /// Whether its cells are aligned to the right.
    pub(crate) right: bool,
}

/// Rows of cells below the names of their columns, aligned.
pub(crate) fn grid(
    out: &mut String,
    columns: &[Aligned],
    cells: &[Vec<String>],
) -> std::fmt::Result {
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let rows = || std::iter::once(&names).chain(cells);
    let width = |at: usize| rows().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    for row in rows() {
        let mut line = String::new();
        for ((cell, column), width) in row.iter().zip(columns).zip(&widths) {
            match column.right {
                true => write!(line, "  {cell:>width$}")?,
                false => write!(line, "  {cell:<width$}")?,
            }
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// Text of a file that may hold anything: control characters are shown as
/// escapes, for a terminal would obey them, and quotation marks as they are.
pub(crate) fn one_line(text: &str) -> String {
    let escaped = text.escape_debug().to_string();
    escaped.replace(r"\'", "'").replace(r#"\""#, "\"")
}
