//! Checks of shares: of a count with a condition in the count of all.

use super::super::check_name;
use crate::plan::document::MeasureDocument;
use crate::plan::finding::{Collector, Path};
use crate::plan::table::{Measure, Share};

/// A share as written, before all measures are known.
pub(super) struct WrittenShare<'a> {
    pub(super) document: &'a MeasureDocument,
    /// Before which measure it is.
    pub(super) before: usize,
    pub(super) path: Path,
}

/// The shares of a table with these measures.
pub(super) fn check_shares(
    written: &[WrittenShare<'_>],
    measures: &[Measure],
    one_row_a_person: bool,
    findings: &mut Collector,
) -> Vec<Share> {
    let shares = written.iter().filter_map(|share| {
        let path = &share.path;
        let part = share.document.share.as_deref().unwrap_or_default();
        let found = measures.iter().position(|measure| measure.name == part);
        let is_part = |at: &usize| measures[*at].counted.is_some();
        let Some(found) = found.filter(is_part) else {
            let counts = measures.iter().filter(|measure| measure.counted.is_some());
            let rule = format!("the table has no count with a condition called `{part}`");
            let finding = findings.add(&path.at("share"), rule);
            finding.help(format!(
                "{{ persons = {{ where = [ … ] }}, as = \"{part}\" }}"
            ));
            finding.near(part, counts.map(|measure| measure.name.as_str()));
            return None;
        };
        let is_whole = |measure: &&Measure| {
            let alike = one_row_a_person || measure.what == measures[found].what;
            measure.what.is_count() && measure.counted.is_none() && alike
        };
        let of = share.document.of.as_deref();
        let whole = measures
            .iter()
            .position(|measure| Some(measure.name.as_str()) == of);
        let Some(whole) = whole.filter(|at| is_whole(&&measures[*at])) else {
            let help = match measures.iter().find(is_whole) {
                Some(measure) => format!("of = \"{}\"", measure.name),
                None => {
                    "count all, too: { persons = true }, or { rows = true } for a share of rows"
                        .to_owned()
                }
            };
            findings
                .add(
                    path,
                    format!("needs `of`: the measure that counts all of whom `{part}` are some"),
                )
                .help(help);
            return None;
        };
        let name = share.document.name.clone();
        let name = name.unwrap_or_else(|| format!("share_{part}"));
        check_name(&name, "measure", path, findings);
        Some(Share {
            name,
            before: share.before,
            part: found,
            whole,
        })
    });
    shares.collect()
}
