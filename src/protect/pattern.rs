//! Suppression of a population: the pattern, and the audit that it has to pass.
//!
//! All tables of a population are protected together, one quantity at a time:
//! a number of persons tells nothing of a sum by subtraction. The pattern is
//! the suppressor's; whether it holds is for the auditor to say, who sees what
//! a recipient sees. What the auditor finds short is suppressed further, until
//! it finds nothing; if that does not come about, there is no release.

mod neighbours;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::audit::{self, Audit, Budget, Primes, Requirement, Seen, Sign};
use super::primary::Outcomes;
use super::structure::Structure;
use super::suppress::{
    self, Bounds, Contributors, Intervals, Level, Pattern, Raise, Request, Status, by_value, raise,
    suppress,
};
use super::view::{Quantity, View};
use super::{Outcome, Rule, rule};
use crate::error::{Error, ErrorKind, Result, counted};
use crate::key::ReleaseKey;
use crate::plan::Rules;
use crate::plan::table::TablePlan;
use crate::table::cell::Total;
use crate::table::{Confidential, Population, Table};
use neighbours::Neighbours;

/// How often a pattern is widened before it is given up.
const MOST_ROUNDS: usize = 50;

/// What the auditor found of one quantity of a population: it passed, for
/// otherwise there is no release.
///
/// # Disclosure
///
/// Goes with the release. It tells a recipient nothing that it could not compute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// What was audited: `table.measure`, all that publish the quantity.
    pub measures: Vec<String>,
    /// Published and suppressed cells together.
    pub cells: usize,
    /// Suppressed cells, each of which was attacked.
    pub suppressed: usize,
    /// Insiders, who know what they alone contribute, with whom it was repeated.
    pub insiders: usize,
    /// How wide the narrowest feasibility interval of an unsafe cell is, in
    /// units of the measure's last decimal; none if nothing is unsafe, or no
    /// end is known.
    pub narrowest: Option<f64>,
    /// The two primes of the exact test, to repeat it.
    pub primes: [u64; 2],
}

/// The tables of a plan, with what primary rules made of them.
pub(super) struct Work<'a> {
    pub(super) plans: &'a [TablePlan],
    pub(super) tables: &'a [Table<Confidential>],
    pub(super) outcomes: &'a mut [Outcomes],
    pub(super) key: &'a ReleaseKey,
}

impl Work<'_> {
    /// Suppresses what is needed of all tables of `population`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Protection`] if no pattern was found that holds, or if that
    /// could not be shown within the auditor's budget.
    pub(super) fn suppress(&mut self, population: &Population) -> Result<Vec<AuditRecord>> {
        let quantities = population.quantities(self.plans, self.tables);
        let records = quantities.into_iter().map(|quantity| {
            let first = &self.tables[population.members[0].table].name;
            let view = population.view(quantity, self.plans, self.tables)?;
            self.suppress_quantity(population, quantity, &view)
                .map_err(|error| error.in_table(first))
        });
        records.collect()
    }

    fn suppress_quantity(
        &mut self,
        population: &Population,
        quantity: Quantity,
        view: &View,
    ) -> Result<AuditRecord> {
        let cells = Cells::new(self, population, quantity, view);
        let mut record = AuditRecord {
            measures: self.names(population, quantity),
            cells: view.spots.len(),
            suppressed: 0,
            insiders: 0,
            narrowest: None,
            primes: cells.primes.get(),
        };
        if !cells.primary.contains(&true) {
            return Ok(record);
        }
        let status = cells.protected(view, &mut record)?;
        for (spot, status) in view.spots.iter().zip(&status) {
            if *status == Status::Safe {
                continue;
            }
            let outcomes = &mut self.outcomes[spot.table][spot.block][spot.cell];
            for measure in population.measures(spot.table, quantity, self.plans, self.tables) {
                if let Outcome::Safe(_) = outcomes[measure] {
                    outcomes[measure] = Outcome::Complementary;
                }
            }
        }
        Ok(record)
    }

    /// `table.measure` of all measures that publish `quantity`.
    fn names(&self, population: &Population, quantity: Quantity) -> Vec<String> {
        let members = population.members.iter();
        let names = members.flat_map(|member| {
            let plan = &self.plans[member.table];
            let measures = population.measures(member.table, quantity, self.plans, self.tables);
            let names = measures.into_iter();
            names.map(|at| format!("{}.{}", plan.name, plan.measures[at].name))
        });
        names.collect()
    }
}

/// What is known of each cell of a view.
struct Cells {
    /// In whole units.
    values: Vec<i128>,
    primary: Vec<bool>,
    /// Published whatever the rules say.
    forced: Vec<bool>,
    requirements: Vec<Requirement>,
    contributors: Vec<Contributors>,
    sign: Sign,
    primes: Primes,
    seed: u64,
}

impl Cells {
    fn new(work: &Work<'_>, population: &Population, quantity: Quantity, view: &View) -> Self {
        let inner = population.inner(work.tables);
        let mut values = Vec::with_capacity(view.spots.len());
        let mut primary = Vec::with_capacity(view.spots.len());
        let mut forced = Vec::with_capacity(view.spots.len());
        let mut requirements = Vec::new();
        for (cell, spot) in view.spots.iter().enumerate() {
            let measures = population.measures(spot.table, quantity, work.plans, work.tables);
            let outcomes = &work.outcomes[spot.table][spot.block][spot.cell];
            let outcomes = || measures.iter().map(|measure| outcomes[*measure]);
            // Where a person is in several inner cells, persons do not add up.
            // Then the sum stands for them: who could tell it by subtraction
            // could tell no less.
            let members = view.structure.members(cell).iter();
            let value = match quantity {
                Quantity::Persons => members
                    .map(|at| i128::from(inner[*at as usize].1.persons))
                    .sum(),
                Quantity::Contribution(_) => population.total(quantity, work.tables, *spot).sum,
            };
            let unsafe_by = outcomes().find_map(|outcome| match outcome {
                Outcome::Primary(rule) => Some(rule),
                _ => None,
            });
            if let Some(rule) = unsafe_by {
                let rules = &work.plans[spot.table].protect;
                requirements.push(match quantity {
                    Quantity::Persons => Requirement::count(cell, value),
                    Quantity::Contribution(_) => {
                        let total = population.total(quantity, work.tables, *spot);
                        requirement(cell, rules, rule, total)
                    }
                });
            }
            values.push(value);
            primary.push(unsafe_by.is_some());
            forced.push(outcomes().any(|outcome| matches!(outcome, Outcome::Excepted(_))));
        }
        let negative = |totals: &[Total]| match quantity {
            Quantity::Persons => false,
            Quantity::Contribution(at) => totals[at].negative,
        };
        let lone = view.lone.iter().zip(inner).enumerate();
        let contributors = lone.map(|(at, (lone, (_, figures)))| match (lone, figures.persons) {
            (_, 0) => Contributors::None,
            (true, _) => Contributors::One(at as u32),
            (false, _) => Contributors::Many,
        });
        let names = work.names(population, quantity);
        let names: Vec<&[u8]> = names.iter().map(String::as_bytes).collect();
        let random = work.key.derive(b"suppression", &names);
        let (primes, rest) = random
            .split_first_chunk()
            .expect("32 bytes are more than 16");
        let (seed, _) = rest.split_first_chunk().expect("16 bytes are more than 8");
        Self {
            values,
            primary,
            forced,
            requirements,
            contributors: contributors.collect(),
            sign: match inner.iter().any(|(_, figures)| negative(&figures.totals)) {
                true => Sign::Any,
                false => Sign::NonNegative,
            },
            primes: Primes::drawn(*primes),
            seed: u64::from_le_bytes(*seed),
        }
    }

    /// What becomes of each cell: a pattern that the auditor finds nothing against.
    ///
    /// Where a cell is told too nearly, a neighbour of it is protected as well,
    /// and the pattern is chosen anew: what an earlier one suppressed may be
    /// published again. If that does not come to an end, the pattern is
    /// [raised](raise), which suppresses more, and does.
    fn protected(&self, view: &View, record: &mut AuditRecord) -> Result<Vec<Status>> {
        let sizes: Vec<f64> = self.values.iter().map(|value| *value as f64).collect();
        let wanted = by_value(&view.structure, &sizes);
        let neighbours = Neighbours::new(&view.structure);
        let mut protected = self.primary.clone();
        for _ in 0..MOST_ROUNDS {
            let request = self.request(&protected, &wanted);
            let pattern = suppress(&view.structure, &request).map_err(Stopped::from)?;
            let short = self.audit(view, pattern.status(), record)?;
            if short.is_empty() {
                return Ok(pattern.status().to_vec());
            }
            let mut added = false;
            for cell in short {
                let may = |other: usize| {
                    let published = pattern.status()[other] == Status::Safe;
                    published && !protected[other] && !self.forced[other]
                };
                if let Some(other) = neighbours.cheapest(cell, &self.values, may) {
                    protected[other] = true;
                    added = true;
                }
            }
            if !added {
                break;
            }
        }
        let pattern = self.raised(view, &sizes, &wanted)?;
        match self.audit(view, pattern.status(), record)?.len() {
            0 => Ok(pattern.status().to_vec()),
            cells => Err(refuse(format!(
                "the auditor can still tell {}",
                counted(cells as u64, "suppressed cell")
            ))),
        }
    }

    fn request<'a>(&'a self, protected: &'a [bool], wanted: &'a [u32]) -> Request<'a> {
        Request {
            forced: &self.forced,
            contributors: &self.contributors,
            seed: self.seed,
            ..Request::new(protected, wanted)
        }
    }

    /// The suppressor's pattern, raised until the auditor's intervals are wide enough.
    fn raised(&self, view: &View, sizes: &[f64], wanted: &[u32]) -> Result<Pattern, Stopped> {
        let request = self.request(&self.primary, wanted);
        let pattern = suppress(&view.structure, &request)?;
        let levels = self.requirements.iter().map(|needed| {
            let (low, high) = needed.ends(self.sign);
            Level {
                cell: needed.cell,
                low: low as f64,
                high: high as f64,
                width: needed.width as f64,
            }
        });
        let levels: Vec<Level> = levels.collect();
        let to = Raise {
            values: sizes,
            levels: &levels,
            rounds: MOST_ROUNDS,
        };
        raise(&view.structure, &request, &pattern, &to, &mut Auditor(self))
    }

    /// What a recipient sees of the cells that are `published`.
    fn seen(&self, published: impl Iterator<Item = bool>) -> Vec<Option<i128>> {
        let values = self.values.iter().zip(published);
        values
            .map(|(value, published)| published.then_some(*value))
            .collect()
    }

    /// The unsafe cells that a recipient can tell of a pattern, exactly or too nearly.
    fn audit(
        &self,
        view: &View,
        status: &[Status],
        record: &mut AuditRecord,
    ) -> Result<BTreeSet<usize>, Stopped> {
        let values = self.seen(status.iter().map(|status| *status == Status::Safe));
        let seen = Seen {
            structure: &view.structure,
            values: &values,
            sign: self.sign,
        };
        let insiders = self.contributors.iter().enumerate();
        let insiders: Vec<Vec<u32>> = insiders
            .filter(|(_, who)| matches!(who, Contributors::One(_)))
            .map(|(at, _)| vec![at as u32])
            .collect();
        let audit = Audit::new(seen, Budget::default())?;
        let disclosed = audit.disclosed(&insiders, self.primes)?;
        let told = disclosed.to_insiders.iter().map(|(_, cell)| *cell);
        let told = told.chain(disclosed.to_all.iter().copied());
        let mut short: BTreeSet<usize> = told.filter(|cell| self.primary[*cell]).collect();
        short.extend(audit.missed(&self.requirements)?);
        let primary: Vec<usize> = self.requirements.iter().map(|needed| needed.cell).collect();
        let widths = audit
            .intervals(&primary)?
            .into_iter()
            .map(|interval| interval.width());
        record.suppressed = audit.suppressed().len();
        record.insiders = insiders.len();
        record.narrowest = widths.reduce(f64::min).filter(|width| width.is_finite());
        Ok(short)
    }
}

/// Answers the suppressor's question what a recipient could infer.
struct Auditor<'a>(&'a Cells);

impl Intervals for Auditor<'_> {
    type Error = Stopped;

    fn intervals(
        &mut self,
        structure: &Structure,
        published: &[bool],
        _: &[f64],
        cells: &[usize],
    ) -> Result<Vec<Bounds>, Stopped> {
        let values = self.0.seen(published.iter().copied());
        let seen = Seen {
            structure,
            values: &values,
            sign: self.0.sign,
        };
        let intervals = Audit::new(seen, Budget::default())?.intervals(cells)?;
        let bounds = intervals.into_iter().map(|interval| {
            let whole = interval.whole();
            Bounds {
                low: whole.low,
                high: whole.high,
            }
        });
        Ok(bounds.collect())
    }
}

/// Why suppressor or auditor could not finish.
struct Stopped(String);

impl From<suppress::Refusal> for Stopped {
    fn from(refusal: suppress::Refusal) -> Self {
        Self(refusal.to_string())
    }
}

impl From<audit::Refusal> for Stopped {
    fn from(refusal: audit::Refusal) -> Self {
        Self(refusal.to_string())
    }
}

/// How far the interval of an unsafe sum must reach.
///
/// Protection levels are those of the ESSnet handbook on statistical disclosure
/// control, 2nd edition, table 4.2: as far above the value as what the rule
/// finds too near. Where too few persons are the reason, or a group is
/// disclosed, the largest contribution must not be told more nearly than the
/// plan's rules of concentration allow for others.
fn requirement(cell: usize, rules: &Rules, rule: Rule, total: &Total) -> Requirement {
    let above = match rule {
        Rule::Negative => 0,
        rule => rule::protection_level(rules, rule, total),
    };
    Requirement {
        cell,
        value: total.sum,
        below: 0,
        above,
        width: above.max(1),
    }
}

impl From<Stopped> for Error {
    fn from(stopped: Stopped) -> Self {
        refuse(stopped.0)
    }
}

fn refuse(rule: String) -> Error {
    Error::new(ErrorKind::Protection, rule)
        .help("coarser dimensions, or fewer margins, leave less to suppress")
}
