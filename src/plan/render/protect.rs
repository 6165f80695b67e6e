//! A table's protection in words: what the method does, and what its rules ask of which figures.

use std::fmt::Write as _;

use crate::plan::document::{CountInterval, Method, ProtectDocument, TableDocument};

/// What nobody may learn of a group, where the method keeps that.
pub(super) fn write_sensitive(out: &mut String, table: &TableDocument) -> std::fmt::Result {
    for sensitive in table.sensitive.iter().flatten() {
        let name = &sensitive.name;
        if let Some(words) = table.protect.method.group_disclosure() {
            writeln!(out, "  sensitive: {name}; {words}")?;
            continue;
        }
        let counts = table.measures.iter();
        let mut counts = counts.filter_map(|measure| measure.name.as_ref());
        let is_count = counts.any(|other| other == name);
        let words = match (is_count, sensitive.none) {
            (false, false) => "who are all in one category of",
            (false, true) => "who are all, or of whom nobody is, in one category of",
            (true, false) => "who are all counted in",
            (true, true) => "who are all, or of whom nobody is, counted in",
        };
        writeln!(out, "  sensitive: never a group of persons {words} {name}")?;
    }
    Ok(())
}

pub(super) fn write(out: &mut String, protect: &ProtectDocument) -> std::fmt::Result {
    for line in protect.words() {
        writeln!(out, "  {line}")?;
    }
    if let Some(figure) = protect.method.ruled() {
        write_rules(out, protect, figure)?;
    }
    if protect.method == Method::Suppress {
        write_count_interval(out, protect)?;
    }
    if !protect.prefer.is_empty() {
        writeln!(
            out,
            "  figures by nothing but {} are kept, as far as others can be suppressed in their place",
            protect.prefer.join(", ")
        )?;
    }
    Ok(())
}

fn write_count_interval(out: &mut String, protect: &ProtectDocument) -> std::fmt::Result {
    match protect.count_interval {
        CountInterval::Values(values) => writeln!(
            out,
            "  for a suppressed number below {}, at least {values} consecutive values remain possible to anyone who reads the release",
            protect.min_persons
        ),
        CountInterval::Full => writeln!(
            out,
            "  for a suppressed number below {}, all values from 1 remain possible to anyone who reads the release",
            protect.min_persons
        ),
    }
}

/// What the rules never let out, of which `figure`.
fn write_rules(out: &mut String, protect: &ProtectDocument, figure: &str) -> std::fmt::Result {
    writeln!(
        out,
        "  never a {figure} of fewer than {} persons",
        protect.min_persons
    )?;
    if let Some(dominance) = &protect.dominance {
        let (n, percent) = (dominance.n, dominance.percent);
        writeln!(
            out,
            "  never a {figure} where {n} persons make up more than {percent} of the total"
        )?;
    }
    if let Some(percent) = protect.p_percent {
        writeln!(
            out,
            "  never a {figure} from which one person's value can be estimated to within {percent}"
        )?;
    }
    if let Some(rule) = &protect.prior_posterior {
        writeln!(
            out,
            "  never a {figure} from which one person's value, known beforehand to within {}, can be estimated to within {}",
            rule.q, rule.p
        )?;
    }
    for exception in &protect.publish {
        let cell = exception
            .cell
            .iter()
            .map(|(name, category)| format!("{name} = {category}"));
        writeln!(
            out,
            "  except that the cell {} is published whatever the rules say: {} ({})",
            cell.collect::<Vec<_>>().join(", "),
            exception.reason,
            exception.approver
        )?;
    }
    Ok(())
}
