//! The method that protects a table, as the plan's checks leave it: that it fits what the
//! table gives, and what it needs.

use std::collections::BTreeMap;

use super::{Measure, Statistic};
use crate::plan::document::{
    Distribution, Method, NoiseDocument, ProtectDocument, RoundDocument, RoundingMode,
};
use crate::plan::finding::{Collector, Path};
use crate::plan::scalar::Number;

/// What protects a table's figures.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum MethodPlan {
    Suppress,
    CellKey,
    Round(Round),
    Noise(NoiseSettings),
}

/// Rounding, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Round {
    pub(crate) base: u64,
    pub(crate) how: RoundingMode,
}

/// Differentially private noise, checked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NoiseSettings {
    /// ρ, in billionths.
    pub(crate) rho: u64,
    pub(crate) distribution: Distribution,
    /// By measure: what a person's contribution is clipped to, in units of the
    /// measure's last decimal; `None` for counts.
    pub(crate) clip: Vec<Option<u64>>,
}

impl MethodPlan {
    /// As plans name it.
    pub(crate) fn name(&self) -> &'static str {
        let named = match self {
            Self::Suppress => Method::Suppress,
            Self::CellKey => Method::CellKey,
            Self::Round(_) => Method::Round,
            Self::Noise(_) => Method::Noise,
        };
        named.name()
    }

    /// Whether tables about the same rows are worked on together.
    pub(crate) fn works_on_populations(&self) -> bool {
        match self {
            Self::Suppress => true,
            Self::Round(round) => round.how == RoundingMode::SmallCount,
            Self::CellKey | Self::Noise(_) => false,
        }
    }

    /// Whether it needs the keys of the persons of each cell.
    pub(crate) fn needs_keys(&self) -> bool {
        match self {
            Self::CellKey => true,
            Self::Round(round) => round.how == RoundingMode::Random,
            Self::Suppress | Self::Noise(_) => false,
        }
    }

    /// Whether a table of too many cells may leave out rows without a figure: a
    /// method that publishes a figure of every cell must list all of them.
    pub(crate) fn may_be_sparse(&self) -> bool {
        *self == Self::Suppress
    }
}

/// The largest base of rounding.
const MOST_BASE: u64 = 1_000_000_000;

/// The largest base of small-count rounding, which searches for what to round up.
const MOST_SMALL_BASE: u64 = 1_000;

/// What a table gives that its method has to fit.
pub(in crate::plan) struct Given<'a> {
    pub(in crate::plan) measures: &'a [Measure],
    pub(in crate::plan) one_row_a_person: bool,
}

impl<'a> Given<'a> {
    /// The measures that add up a column.
    fn sums(&self) -> impl Iterator<Item = (usize, &'a Measure)> {
        let measures = self.measures.iter().enumerate();
        measures.filter(|(_, measure)| !measure.what.is_count())
    }
}

/// `path` is that of the table.
pub(in crate::plan) fn check_method(
    document: &ProtectDocument,
    given: &Given<'_>,
    path: &Path,
    findings: &mut Collector,
) -> Option<MethodPlan> {
    let protect = path.at("protect");
    let before = findings.count();
    let settings = [
        (
            Method::Round,
            document.round.is_some(),
            "round = { base = 5, how = \"random\" }",
        ),
        (
            Method::Noise,
            document.noise.is_some(),
            "noise = { rho = 0.1, distribution = \"gaussian\" }",
        ),
    ];
    for (method, said, help) in settings {
        let key = method.name();
        match (document.method == method, said) {
            (true, false) => {
                findings
                    .add(&protect, format!("method = \"{key}\" needs `{key}`"))
                    .help(help);
            }
            (false, true) => {
                findings.add(
                    &protect.at(key),
                    format!("belongs to method = \"{key}\", which the table has not"),
                );
            }
            _ => {}
        }
    }
    if document.method != Method::Suppress {
        refuse_what_only_suppression_keeps(document, &protect, findings);
    }
    let method = match document.method {
        Method::Suppress => Some(MethodPlan::Suppress),
        Method::CellKey => Some(MethodPlan::CellKey),
        Method::Round => document.round.as_ref().map(|round| {
            check_round(round, document, given, path, findings);
            MethodPlan::Round(Round {
                base: round.base,
                how: round.how,
            })
        }),
        Method::Noise => {
            let noise = document.noise.as_ref();
            noise.and_then(|noise| check_noise(noise, given, path, findings))
        }
    };
    method.filter(|_| findings.count() == before)
}

/// Where no figure is exact there is nothing to publish as it is, and no cell to hide.
fn refuse_what_only_suppression_keeps(
    document: &ProtectDocument,
    protect: &Path,
    findings: &mut Collector,
) {
    if !document.publish.is_empty() {
        findings
            .add(&protect.at("publish"), "is for method = \"suppress\"")
            .help("with another method no figure is exact, and all combinations are listed");
    }
}

fn check_round(
    round: &RoundDocument,
    document: &ProtectDocument,
    given: &Given<'_>,
    path: &Path,
    findings: &mut Collector,
) {
    let at = path.at("protect").at("round");
    let base = at.at("base");
    let most = match round.how {
        RoundingMode::SmallCount => MOST_SMALL_BASE,
        RoundingMode::Random | RoundingMode::Nearest => MOST_BASE,
    };
    if !(2..=most).contains(&round.base) {
        findings.add(&base, format!("is from 2 to {most}"));
    } else if round.base < document.min_persons.into() {
        findings
            .add(
                &base,
                "is less than `min_persons`: a rounded figure may be of fewer persons",
            )
            .help(format!("base = {}", document.min_persons));
    }
    for (i, measure) in given.sums() {
        findings
            .add(
                &path.at("measures").at(i),
                format!(
                    "`{}` is no number of persons or rows: rounding protects no sum and no mean",
                    measure.name
                ),
            )
            .help("method = \"suppress\" or \"cell-key\", or leave the measure out");
    }
    if round.how == RoundingMode::SmallCount && !given.one_row_a_person {
        let persons = given
            .measures
            .iter()
            .position(|m| m.what == Statistic::Persons);
        if let Some(i) = persons {
            findings
                .add(
                    &path.at("measures").at(i),
                    "does not add up where a person may have several rows, and small-count rounding needs it to",
                )
                .help("count rows, fold the base's rows to one a person, or how = \"random\"");
        }
    }
}

fn check_noise(
    noise: &NoiseDocument,
    given: &Given<'_>,
    path: &Path,
    findings: &mut Collector,
) -> Option<MethodPlan> {
    let at = path.at("protect").at("noise");
    let rho = check_rho(noise.rho, &at.at("rho"), findings);
    if noise.cells != 1 {
        findings.add(
            &at.at("cells"),
            "is 1: a person has one row, and that is in one cell of a grouping",
        );
    }
    if !given.one_row_a_person {
        findings
            .add(
                &path.at("from"),
                "may have several rows a person, whose contributions nothing bounds so far",
            )
            .help("fold them to one row a person: base = { reduce = … }");
    }
    let clip = check_clip(&noise.clip, given, path, findings);
    Some(MethodPlan::Noise(NoiseSettings {
        rho: rho?,
        distribution: noise.distribution,
        clip,
    }))
}

/// ρ in billionths.
pub(in crate::plan) fn check_rho(
    rho: Number,
    path: &Path,
    findings: &mut Collector,
) -> Option<u64> {
    let billionths = rho.at_scale(9).and_then(|rho| u64::try_from(rho).ok());
    let found = billionths.filter(|rho| (1..=1_000_000_000_000_000).contains(rho));
    if found.is_none() {
        findings.add(
            path,
            "is from 0.000000001 to 1000000, with nine decimals at most",
        );
    }
    found
}

/// By measure, what contributions are clipped to.
fn check_clip(
    clip: &BTreeMap<String, Number>,
    given: &Given<'_>,
    path: &Path,
    findings: &mut Collector,
) -> Vec<Option<u64>> {
    let at = path.at("protect").at("noise").at("clip");
    let mut clipped = vec![None; given.measures.len()];
    for (i, measure) in given.sums() {
        let name = &measure.name;
        let Some(most) = clip.get(name) else {
            findings
                .add(
                    &path.at("measures").at(i),
                    "needs a bound on what one person contributes, which noise can hide",
                )
                .help(format!("clip = {{ {name} = … }} in protect.noise"));
            continue;
        };
        let scale = measure.what.scale();
        clipped[i] = most
            .at_scale(scale)
            .and_then(|most| u64::try_from(most).ok())
            .filter(|most| *most > 0);
        if clipped[i].is_none() {
            let rule = format!("is above 0, with {scale} decimals at most, and fits 64 bits");
            findings.add(&at.at(name), rule);
        }
    }
    for name in clip.keys() {
        let sums = || given.sums().map(|(_, measure)| measure.name.as_str());
        if !sums().any(|sum| sum == name) {
            findings
                .add(&at.at(name), "is no sum and no mean of the table")
                .near(name, sums());
        }
    }
    clipped
}
