//! A table's protection in words: what the method does, and what its rules ask of which figures.

use std::fmt::Write as _;

use crate::plan::document::{
    CountInterval, Distribution, How, Method, NoiseDocument, ProtectDocument, RoundDocument,
    TableDocument,
};

/// What no group may be told of, where the method keeps that.
pub(super) fn write_sensitive(out: &mut String, table: &TableDocument) -> std::fmt::Result {
    for sensitive in table.sensitive.iter().flatten() {
        let name = &sensitive.name;
        match (table.protect.method, sensitive.none) {
            (Method::Suppress, none) => {
                let counts = table.measures.iter();
                let mut counts = counts.filter_map(|measure| measure.name.as_ref());
                let words = match (counts.any(|other| other == name), none) {
                    (false, false) => "who are all in one category of",
                    (false, true) => "who are all, or of whom nobody is, in one category of",
                    (true, false) => "who are all counted in",
                    (true, true) => "who are all, or of whom nobody is, counted in",
                };
                writeln!(out, "  sensitive: never a group of persons {words} {name}")?;
            }
            (Method::CellKey | Method::Round, _) => writeln!(
                out,
                "  sensitive: {name}; that all of a group are in one category is never certain, but may be likely"
            )?,
            (Method::Noise, _) => writeln!(
                out,
                "  sensitive: {name}; the noise hides each person, and not what is true of a group"
            )?,
        }
    }
    Ok(())
}

pub(super) fn write(out: &mut String, protect: &ProtectDocument) -> std::fmt::Result {
    match (protect.method, &protect.round, &protect.noise) {
        (Method::CellKey, _, _) => {
            writeln!(
                out,
                "  every figure has noise by the key of its cell, the same wherever the cell appears"
            )?;
            write_rules(out, protect, "sum or mean")
        }
        (Method::Round, Some(round), _) => write_round(out, round),
        (Method::Noise, _, Some(noise)) => write_noise(out, noise),
        _ => {
            write_rules(out, protect, "cell")?;
            write_count_interval(out, protect)
        }
    }
}

fn write_count_interval(out: &mut String, protect: &ProtectDocument) -> std::fmt::Result {
    match protect.count_interval {
        CountInterval::Values(values) => writeln!(
            out,
            "  of a suppressed number below {}, at least {values} consecutive values stay possible for whoever reads the release",
            protect.min_persons
        ),
        CountInterval::Full => writeln!(
            out,
            "  of a suppressed number below {}, all values from 1 stay possible for whoever reads the release",
            protect.min_persons
        ),
    }
}

fn write_round(out: &mut String, round: &RoundDocument) -> std::fmt::Result {
    let base = round.base;
    match round.how {
        How::Random => writeln!(
            out,
            "  every number is rounded to one of the multiples of {base} beside it, at random; the same cell always alike"
        ),
        How::Nearest => writeln!(
            out,
            "  every number is rounded to the nearest multiple of {base}"
        ),
        How::SmallCount => writeln!(
            out,
            "  numbers below {base} are rounded to 0 or {base}, and others are sums of what remains"
        ),
    }
}

fn write_noise(out: &mut String, noise: &NoiseDocument) -> std::fmt::Result {
    let distribution = match noise.distribution {
        Distribution::Gaussian => "discrete Gaussian",
        Distribution::Laplace => "discrete Laplace",
    };
    writeln!(
        out,
        "  every figure has {distribution} noise, so that ρ = {} bounds what the table tells of a person",
        noise.rho
    )?;
    for (measure, most) in &noise.clip {
        writeln!(out, "  a person counts from 0 to {most} in {measure}")?;
    }
    Ok(())
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
            "  never a {figure} from which one person's value can be told to within {percent}"
        )?;
    }
    if let Some(rule) = &protect.prior_posterior {
        writeln!(
            out,
            "  never a {figure} from which one person's value, known to within {}, can be told to within {}",
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
            "  but the cell {} whatever the rules say: {} ({})",
            cell.collect::<Vec<_>>().join(", "),
            exception.reason,
            exception.approver
        )?;
    }
    Ok(())
}
