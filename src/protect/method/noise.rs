//! Differentially private noise on a table: every figure of every grouping, empty cells too.
//!
//! What is published of a table are a few queries: its numbers of persons, the
//! sums of each clipped contribution, and behind a mean the number of those who
//! have a value. Each has an equal part of the table's ρ, and is answered for
//! all published groupings at once. A person is in one cell of each, so the
//! sensitivity of a query counts the groupings ([`ContributionBound`]).

use crate::error::{Error, ErrorKind, Result};
use crate::key::ReleaseKey;
use crate::plan::document::Distribution;
use crate::plan::table::{Measure, NoiseSettings, TablePlan};
use crate::plan::{Plan, PlanDigest};
use crate::protect::primary::Outcomes;
use crate::protect::{Outcome, Protection, Value};
use crate::table::cell::Contribution;
use crate::table::{Accumulator, Confidential, Provenance, Table};
use kobling_sdc::noise::{
    Rho, Sensitivity, discrete_gaussian, discrete_laplace, gaussian_variance, laplace_scale,
};

/// How much one person can change a table: what contributions are bounded to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::protect) struct ContributionBound {
    /// Cells that a person is counted in, over all groupings that publish the same.
    cells: u32,
}

impl ContributionBound {
    /// Of a table whose persons have one row each, which the plan's checks ask
    /// of every table with noise: each is in one cell of each grouping. A count with a
    /// condition is published for as many groupings as any other measure.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Protection`] if the cells say otherwise.
    fn of(table: &Table<Confidential>, plan: &TablePlan) -> Result<Self> {
        if table.cells().any(|(_, _, cell)| cell.rows != cell.persons) {
            let rule = "a person has several rows, and nothing bounds what they change together";
            return Err(Error::new(ErrorKind::Protection, rule));
        }
        let blocks = table.blocks.iter();
        let visible = blocks.filter(|block| plan.counted_by(&block.grouping) == Ok(None));
        Ok(Self {
            cells: visible.count() as u32,
        })
    }

    /// The sensitivity of a query to which a person adds `most` in a cell.
    fn sensitivity(self, most: u64) -> Sensitivity {
        Sensitivity {
            cells: self.cells,
            most,
        }
    }
}

/// What is asked of the rows with noise; measures of one query give its one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Query {
    /// The number of persons, which is that of rows where each has one.
    Persons,
    /// The number of those who satisfy a condition, by its place in the table.
    Counted { at: usize },
    /// The sum of a clipped contribution, by its place in the table.
    Sum { at: usize, most: u64 },
    /// The number of persons with a value.
    Values { at: usize },
}

impl Query {
    fn most(self) -> u64 {
        match self {
            Self::Persons | Self::Counted { .. } | Self::Values { .. } => 1,
            Self::Sum { most, .. } => most,
        }
    }

    fn answer(self, cell: &Accumulator) -> i128 {
        match self {
            Self::Persons | Self::Counted { .. } => cell.persons.into(),
            Self::Sum { at, .. } => cell.totals[at].sum,
            Self::Values { at } => cell.totals[at].rows.into(),
        }
    }

    /// Names it in the seed of its noise.
    fn label(self) -> String {
        match self {
            Self::Persons => "persons".to_owned(),
            Self::Counted { at } => format!("persons by condition {at}"),
            Self::Sum { at, most } => format!("sum {at} up to {most}"),
            Self::Values { at } => format!("values {at}"),
        }
    }
}

/// What a measure is made of.
enum NoisyMeasure {
    Count(Query),
    Sum(Query),
    Mean(Query, Query),
}

impl NoisyMeasure {
    fn of(measure: &Measure, clip: Option<u64>, contributions: &[Contribution]) -> Self {
        let Some((operand, _)) = measure.what.values() else {
            let query = measure.counted.map(|at| Query::Counted { at });
            return Self::Count(query.unwrap_or(Query::Persons));
        };
        let wanted = Contribution::Values(operand);
        let at = contributions.iter().position(|other| *other == wanted);
        let at = at.expect("tabulation adds up what every measure needs");
        let most = clip.expect("the plan's checks ask for the bound of every sum and mean");
        let sum = Query::Sum { at, most };
        match measure.what.is_mean() {
            true => Self::Mean(sum, Query::Values { at }),
            false => Self::Sum(sum),
        }
    }

    fn queries(&self) -> Vec<Query> {
        match self {
            Self::Count(query) | Self::Sum(query) => vec![*query],
            Self::Mean(sum, values) => vec![*sum, *values],
        }
    }
}

/// Noise of one scale.
#[derive(Clone, Copy)]
enum Scale {
    Gaussian { variance: u128 },
    Laplace { scale: u64 },
}

impl Scale {
    fn new(distribution: Distribution, sensitivity: Sensitivity, rho: Rho) -> Result<Self> {
        Ok(match distribution {
            Distribution::Gaussian => Self::Gaussian {
                variance: gaussian_variance(sensitivity, rho)?,
            },
            Distribution::Laplace => Self::Laplace {
                scale: laplace_scale(sensitivity, rho)?,
            },
        })
    }

    fn draw(self, bits: &mut impl FnMut() -> Result<u64>) -> Result<i64> {
        match self {
            Self::Gaussian { variance } => discrete_gaussian(variance, bits),
            Self::Laplace { scale } => discrete_laplace(scale, bits),
        }
    }

    /// The standard deviation: of the discrete Laplace of scale t it is less than t√2.
    fn deviation(self) -> f64 {
        match self {
            Self::Gaussian { variance } => (variance as f64).sqrt(),
            Self::Laplace { scale } => std::f64::consts::SQRT_2 * scale as f64,
        }
    }
}

/// The queries of a table, each with its part of ρ.
struct Queries {
    /// By measure.
    made: Vec<NoisyMeasure>,
    queries: Vec<(Query, Scale)>,
}

impl Queries {
    fn new(table: &Table<Confidential>, plan: &TablePlan, noise: &NoiseSettings) -> Result<Self> {
        let measures = plan.measures.iter().zip(&noise.clip);
        let made: Vec<NoisyMeasure> = measures
            .map(|(measure, clip)| NoisyMeasure::of(measure, *clip, &table.contributions))
            .collect();
        let mut distinct: Vec<Query> = Vec::new();
        for query in made.iter().flat_map(NoisyMeasure::queries) {
            if !distinct.contains(&query) {
                distinct.push(query);
            }
        }
        let part = noise.rho / distinct.len() as u64;
        if part == 0 {
            let rule = "noise: ρ is too small to be divided among what the table asks for";
            return Err(Error::new(ErrorKind::Protection, rule));
        }
        let (bound, part) = (
            ContributionBound::of(table, plan)?,
            Rho::from_billionths(part),
        );
        let queries = distinct.into_iter().map(|query| {
            let sensitivity = bound.sensitivity(query.most());
            Ok((query, Scale::new(noise.distribution, sensitivity, part)?))
        });
        Ok(Self {
            made,
            queries: queries.collect::<Result<_>>()?,
        })
    }

    fn place(&self, query: Query) -> usize {
        let mut places = self.queries.iter();
        let place = places.position(|(other, _)| *other == query);
        place.expect("every measure's queries are asked")
    }
}

/// What the noise of all tables is seeded from. Each entry of the ledger has noise of its
/// own, so that the figures of two releases do not disclose whether anything changed between
/// them; and whatever changed gets other noise, for a number may be tried twice.
pub(in crate::protect) struct Seeds<'a> {
    key: &'a ReleaseKey,
    plan: PlanDigest,
    contents: Vec<String>,
    /// The number of the release in the ledger; 0 if there is none, and nothing is released.
    entry: u64,
}

impl<'a> Seeds<'a> {
    /// # Errors
    ///
    /// [`ErrorKind::Protection`] if an extract's content digest is not known:
    /// noise that were the same for other rows would give both away.
    pub(in crate::protect) fn new(
        protection: &'a Protection,
        plan: &Plan,
        provenance: &Provenance,
    ) -> Result<Self> {
        let contents = provenance.inputs.iter().map(|input| {
            input.content.clone().ok_or_else(|| {
                let rule = "noise: the extract's content digest is not known";
                Error::new(ErrorKind::Protection, rule).in_source(&input.source)
            })
        });
        Ok(Self {
            key: &protection.key,
            plan: plan.digest(),
            contents: contents.collect::<Result<_>>()?,
            entry: protection.ledger_entry().unwrap_or(0),
        })
    }

    /// Random bits for a query of a grouping.
    fn bits(&self, table: &str, query: Query, grouping: usize) -> impl FnMut() -> Result<u64> {
        let (plan, query) = (self.plan.to_string(), query.label());
        let numbers = [self.entry, grouping as u64].map(u64::to_be_bytes);
        let mut parts: Vec<&[u8]> = vec![plan.as_bytes(), table.as_bytes(), query.as_bytes()];
        parts.extend(numbers.iter().map(<[u8; 8]>::as_slice));
        parts.extend(self.contents.iter().map(String::as_bytes));
        let mut bits = self.key.bits(b"noise", &parts);
        move || Ok(bits())
    }
}

/// The noisy figures of a table, cell by cell.
pub(in crate::protect) fn outcomes(
    table: &Table<Confidential>,
    plan: &TablePlan,
    noise: &NoiseSettings,
    seeds: &Seeds<'_>,
) -> Result<Outcomes> {
    let queries = Queries::new(table, plan, noise)?;
    let blocks = table.blocks.iter().enumerate().map(|(grouping, block)| {
        let published: Vec<usize> = (0..block.cells.len())
            .filter(|cell| !block.is_hidden(*cell))
            .collect();
        let asked = block
            .measures()
            .iter()
            .flat_map(|at| queries.made[*at].queries());
        let asked: Vec<Query> = asked.collect();
        // By query that the block answers, then by published cell.
        let answers = queries
            .queries
            .iter()
            .filter(|(query, _)| asked.contains(query));
        let answers = answers.map(|(query, scale)| {
            let mut bits = seeds.bits(&table.name, *query, grouping);
            let noisy = published.iter().map(|cell| {
                let noise = i128::from(scale.draw(&mut bits)?);
                let answer = query.answer(&block.cells[*cell].1).checked_add(noise);
                answer.ok_or_else(|| Error::new(ErrorKind::Overflow, "a noisy figure is too large"))
            });
            Ok((*query, noisy.collect::<Result<Vec<i128>>>()?))
        });
        let answers: Vec<(Query, Vec<i128>)> = answers.collect::<Result<_>>()?;
        let mut outcomes =
            vec![vec![Outcome::Complementary; plan.measures.len()]; block.cells.len()];
        for (place, cell) in published.into_iter().enumerate() {
            let answer = |wanted: Query| {
                let mut answers = answers.iter();
                let found = answers.find(|(query, _)| *query == wanted);
                found.expect("what a block publishes is asked").1[place]
            };
            for &at in block.measures() {
                let scale = plan.measures[at].what.scale();
                outcomes[cell][at] = Outcome::Perturbed(figure(&queries.made[at], scale, answer));
            }
        }
        Ok(outcomes)
    });
    blocks.collect()
}

/// What is published of noisy answers. That no count is below zero is known to
/// everybody, so it costs nothing to say so.
fn figure(made: &NoisyMeasure, scale: u8, answer: impl Fn(Query) -> i128) -> Value {
    let count = |query| u64::try_from(answer(query).max(0)).unwrap_or(u64::MAX);
    match made {
        NoisyMeasure::Count(query) => Value::Count(count(*query)),
        NoisyMeasure::Sum(query) => Value::Sum(answer(*query)),
        NoisyMeasure::Mean(sum, values) => match count(*values) {
            0 => Value::Nothing,
            values => {
                let unit = 10f64.powi(scale.into());
                Value::Mean(answer(*sum) as f64 / (values as f64 * unit))
            }
        },
    }
}

/// By measure, the standard deviation of the noise in the measure's unit;
/// `None` of a mean, whose noise depends on the figures.
pub(in crate::protect) fn deviations(
    table: &Table<Confidential>,
    plan: &TablePlan,
    noise: &NoiseSettings,
) -> Result<Vec<Option<f64>>> {
    let queries = Queries::new(table, plan, noise)?;
    let measures = queries.made.iter().zip(&plan.measures);
    let deviations = measures.map(|(made, measure)| match made {
        NoisyMeasure::Count(query) | NoisyMeasure::Sum(query) => {
            let (_, scale) = queries.queries[queries.place(*query)];
            Some(scale.deviation() / 10f64.powi(measure.what.scale().into()))
        }
        NoisyMeasure::Mean(..) => None,
    });
    Ok(deviations.collect())
}

/// What it does not protect against, in words that go with every release.
pub(super) const LIMITS: [&str; 5] = [
    "Noise: the plan's ρ bounds what the noisy figures of this release disclose about a person. It does not cover match rates, the numbers of rows in this manifest, or tables with another method.",
    "Noise: each person's contribution to a sum was clipped to lie from 0 to the plan's bound, so sums and means of large values are too small.",
    "Noise: tables do not add up, numbers below zero are published as zero, and figures of few persons are mostly noise.",
    "Noise: every release draws its own noise and spends of the privacy budget, also for the same queries on the same rows.",
    "Noise: it hides any one person's contribution, not what is true of a whole group.",
];
