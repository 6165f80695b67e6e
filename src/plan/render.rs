//! The plan in words, for those who sign it.

mod format;
mod protect;

use std::fmt::Write as _;

use super::document::{
    CategoriesDocument, ColumnDocument, CountDocument, IdentifierDocument, MarginsDocument,
    MeasureDocument, Need, OTHER, Role, RowsPerPerson, SourceDocument, TableDocument, Truncate,
};
use super::identifier::Identifier;
use super::{FnrKind, IdentifierRule, Plan};

impl Plan {
    /// The plan in plain words: purpose, parties, what leaves each agency,
    /// what comes out and how it is protected.
    ///
    /// # Disclosure
    ///
    /// The plan's own content; a plan holds no data of persons.
    pub fn summary(&self) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ = self.write_summary(&mut out);
        out
    }

    fn write_summary(&self, out: &mut String) -> std::fmt::Result {
        let document = self.document();
        let project = &document.project;
        writeln!(out, "{}", project.title)?;
        writeln!(
            out,
            "  project       {}, epoch {}",
            project.id, project.epoch
        )?;
        writeln!(out, "  purpose       {}", project.purpose)?;
        if let Some(code) = &project.purpose_code {
            writeln!(out, "  purpose code  {code}")?;
        }
        writeln!(out, "  controller    {}", project.controller)?;
        writeln!(out, "  linkage unit  {}", project.linkage_unit)?;
        writeln!(out, "  recipient     {}", project.recipient)?;
        writeln!(
            out,
            "  valid         {} to {}",
            project.valid.from, project.valid.until
        )?;
        writeln!(out, "  as of         {}", project.reference_date())?;
        if let Some(budget) = project.privacy_budget {
            writeln!(
                out,
                "  privacy       ρ = {budget} bounds all that may be disclosed about a person"
            )?;
        }
        match project.approved.as_slice() {
            [] => writeln!(out, "  approved      by nobody yet")?,
            approvals => {
                for approval in approvals {
                    let (by, name, on) = (&approval.by, &approval.name, approval.on);
                    writeln!(out, "  approved      {by}: {name}, {on}")?;
                }
            }
        }
        writeln!(out, "  plan digest   {}", self.digest())?;
        // Both are in the order of the sources' names.
        for ((name, source), checked) in document.sources.iter().zip(self.sources()) {
            writeln!(out)?;
            write_source(out, name, source, checked.identifier())?;
        }
        for (name, table) in &document.tables {
            writeln!(out)?;
            write_table(out, name, table)?;
        }
        Ok(())
    }
}

fn write_source(
    out: &mut String,
    name: &str,
    source: &SourceDocument,
    identifier: &Identifier,
) -> std::fmt::Result {
    let rows = match (source.role, source.rows) {
        (Role::History, _) => "which identifiers were replaced by which",
        (_, Some(RowsPerPerson::One)) => "at most one row a person",
        (_, Some(RowsPerPerson::Many) | None) => "several rows a person",
    };
    writeln!(out, "Source {name}, of {}: {rows}", source.agency)?;
    writeln!(out, "  on the basis of {}", source.legal_basis.join("; "))?;
    writeln!(
        out,
        "  persons by {}, replaced by a pseudonym",
        identifier_words(&source.identifier)
    )?;
    for part in &identifier.parts {
        let accepted = accepted(part.rule);
        if !accepted.is_empty() {
            writeln!(out, "  accepted: {}", accepted.join("; "))?;
        }
    }
    let parts = source.identifier.columns.iter();
    let missing = parts.flat_map(|part| &part.missing);
    let missing = source.identifier.missing.iter().chain(missing);
    let missing: Vec<String> = missing.map(|value| format!("`{value}`")).collect();
    if !missing.is_empty() {
        writeln!(
            out,
            "  placeholders for no identifier: {}",
            missing.join(", ")
        )?;
    }
    format::write(out, &source.format)?;
    if let Some(current) = &source.current {
        writeln!(
            out,
            "  and by {current}, which replaced it, in the same way"
        )?;
    }
    if let Some(from) = &source.valid_from {
        writeln!(
            out,
            "  leaves: the day of the replacement, from {}",
            from.column
        )?;
    }
    for condition in &source.keep {
        writeln!(out, "  only rows by {}", words(condition))?;
    }
    for (name, column) in &source.columns {
        writeln!(out, "  leaves: {name}{}", column_words(column))?;
    }
    Ok(())
}

/// Which numbers of the type count, as far as the plan may say so.
fn accepted(rule: IdentifierRule) -> Vec<String> {
    let mut words = Vec::new();
    if rule.kind().has_kinds() {
        let kinds = rule.kinds().iter().map(FnrKind::words);
        words.push(kinds.collect::<Vec<_>>().join(", "));
        let issued = match rule.takes_2032() {
            true => "control digits as issued before 2032 and from 2032",
            false => "control digits as issued before 2032",
        };
        words.push(issued.to_owned());
        if rule.kinds().has(FnrKind::Hnr) {
            let control = rule.hnr_control().words();
            words.push(format!("those of H-numbers {control}"));
        }
    }
    if rule.kind().knows_synthetic() {
        words.push(rule.synthetic().words().to_owned());
    }
    words
}

fn write_table(out: &mut String, name: &str, table: &TableDocument) -> std::fmt::Result {
    match &table.title {
        Some(title) => writeln!(out, "Table {name}: {title}")?,
        None => writeln!(out, "Table {name}")?,
    }
    writeln!(out, "  about the rows of {}", table.from)?;
    for (source, lookup) in &table.with {
        let need = match lookup.need {
            Need::Required => "rows without a match are dropped",
            Need::Optional => "rows without a match are kept",
        };
        writeln!(out, "  looked up: {source}; {need}")?;
    }
    for condition in &table.conditions {
        writeln!(out, "  only rows by {}", words(condition))?;
    }
    for (name, column) in &table.columns {
        if column.categories.is_some() || column.rare.is_some() {
            writeln!(out, "  with {name}{}", column_words(column))?;
        }
    }
    writeln!(out, "  by {}", table.by.join(", "))?;
    for (dimension, levels) in &table.levels {
        let levels: Vec<&str> = levels.iter().map(|level| level.name.as_str()).collect();
        writeln!(out, "  and {dimension} by {}", levels.join(", then "))?;
    }
    match &table.margins {
        MarginsDocument::All(false) => {}
        MarginsDocument::All(true) => writeln!(out, "  with all totals")?,
        MarginsDocument::By(lists) => {
            for list in lists {
                match list.is_empty() {
                    true => writeln!(out, "  with the grand total")?,
                    false => writeln!(out, "  with totals by {}", list.join(", "))?,
                }
            }
        }
    }
    if let Some(rates) = &table.match_rates {
        writeln!(
            out,
            "  reports match rates by {}, and warns if groups differ by more than {} percentage points",
            rates.by.join(", and by "),
            super::Number::new(rates.margin.hundredths().into(), 2)
        )?;
    }
    for measure in &table.measures {
        writeln!(out, "  gives {}", measure_words(measure))?;
    }
    protect::write(out, &table.protect)?;
    protect::write_sensitive(out, table)
}

fn measure_words(measure: &MeasureDocument) -> String {
    let count = |what: &str, count: &CountDocument| match count {
        CountDocument::All(_) => format!("the number of {what}"),
        CountDocument::Where(conditions) => {
            let conditions: Vec<String> = conditions.iter().map(words).collect();
            let name = measure.name.as_deref().unwrap_or(what);
            format!(
                "{name}: the number of {what} with {}",
                conditions.join(" and ")
            )
        }
    };
    match measure {
        MeasureDocument {
            sum: Some(column), ..
        } => format!("the sum of {column}"),
        MeasureDocument {
            mean: Some(column), ..
        } => format!("the mean of {column}"),
        MeasureDocument {
            share: Some(part), ..
        } => {
            let of = measure.of.as_deref().unwrap_or("all");
            format!("{part} in percent of {of}")
        }
        MeasureDocument {
            rows: Some(rows), ..
        } => count("rows", rows),
        MeasureDocument {
            persons: Some(persons),
            ..
        } => count("persons", persons),
        _ => "nothing".to_owned(),
    }
}

fn identifier_words(identifier: &IdentifierDocument) -> String {
    let part = |column: &str, kind: &str| format!("{column} ({kind})");
    if let (Some(column), Some(kind)) = (&identifier.column, &identifier.kind) {
        return part(column, kind);
    }
    let parts = identifier.columns.iter();
    let parts: Vec<String> = parts.map(|p| part(&p.column, &p.kind)).collect();
    format!("{} together", parts.join(" and "))
}

fn column_words(column: &ColumnDocument) -> String {
    let mut words = String::new();
    if let Some(from) = &column.from {
        let _ = write!(words, " from {from}");
    }
    if let Some(bands) = &column.bands {
        let _ = write!(words, ", in {} bands", bands.edges.len() + 1);
    }
    if let Some(prefix) = column.prefix {
        let _ = write!(words, ", its first {prefix} characters");
    }
    if let Some(truncate) = column.truncate {
        let kept = match truncate {
            Truncate::Year => "year",
            Truncate::Month => "month",
        };
        let _ = write!(words, ", only its {kept}");
    }
    if column.map.is_some() {
        words.push_str(", regrouped");
    }
    if column.clip.is_some() {
        words.push_str(", clipped");
    }
    let rare = column.rare.as_deref().unwrap_or(OTHER);
    match &column.categories {
        Some(CategoriesDocument::List(names)) => {
            let _ = write!(
                words,
                ", {} listed categories, others as `{rare}`",
                names.len()
            );
        }
        Some(CategoriesDocument::CodeList(list)) => {
            let categories = column
                .categories
                .as_ref()
                .map_or(0, |list| list.names().len());
            let _ = write!(
                words,
                ", the {categories} categories of {} (SHA-256 {}), others as `{rare}`",
                list.file, list.sha256
            );
        }
        None if column.rare.is_some() => {
            let _ = write!(words, ", rare ones as `{rare}`");
        }
        None => {}
    }
    words
}

fn words(condition: &super::document::ConditionDocument) -> String {
    let mut words = condition.column.clone();
    let list = |values: &[super::Scalar]| {
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        values.join(" or ")
    };
    if let Some(value) = &condition.equals {
        let _ = write!(words, " = {value}");
    }
    if let Some(values) = &condition.one_of {
        let _ = write!(words, " = {}", list(values));
    }
    for (sign, bound) in [
        ("≥", &condition.at_least),
        (">", &condition.above),
        ("≤", &condition.at_most),
        ("<", &condition.below),
    ] {
        if let Some(bound) = bound {
            let _ = write!(words, " {sign} {bound}");
        }
    }
    if let Some(present) = condition.present {
        words.push_str(if present { " present" } else { " missing" });
    }
    words
}
