//! Suppression of a population: the pattern, and the audit that it has to pass.
//!
//! All tables of a population are protected together, one quantity at a time:
//! a number of persons tells nothing of a sum by subtraction. The pattern is
//! the suppressor's; whether it holds is for the auditor to say, who sees what
//! a recipient sees. What the auditor finds short is suppressed further, until
//! it finds nothing; if that does not come about, there is no release.

mod bounded;
mod cells;
mod choose;
mod insiders;
mod neighbours;
mod one_cell;
mod overlap;
mod proven;
mod reached;
mod rounds;
mod side;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::key::ReleaseKey;
use crate::ledger::Entry;
use crate::plan::Plan;
use crate::plan::table::{CountInterval, Grain};
use crate::protect::Outcome;
use crate::protect::primary::Outcomes;
use crate::protect::quantity::Quantity;
use crate::protect::view::{Spot, View};
use crate::table::{Confidential, Population, Table};
use crate::watch::Watched;
use cells::Cells;
use kobling_sdc::suppress::Status;
use proven::Floors;

/// How often a pattern is chosen anew before it is raised, and how often it is
/// raised before it is given up.
const MOST_ROUNDS: usize = 50;

/// What the auditor found of one quantity of a population: it passed, for
/// otherwise there is no release.
///
/// # Disclosure
///
/// For the linkage unit, and no part of a release: how little is left of the most
/// certain unsafe figure tells which suppressed ones are not unsafe, and the numbers
/// count cells that a release has no row for. What a release says of its audits is
/// the manifest's [`AuditSummary`](crate::release::manifest::AuditSummary).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuditRecord {
    /// What was audited: `table.measure`, all that publish the quantity.
    pub measures: Vec<String>,
    /// Published and suppressed cells of this release together.
    pub cells: usize,
    /// Cells of earlier releases that it was audited together with.
    pub earlier: usize,
    /// Suppressed cells, of this release and of earlier ones. All were tested
    /// for subtraction, and the feasibility intervals of the unsafe ones were
    /// computed.
    pub suppressed: usize,
    /// Those among them that are suppressed only because the suppressor's budget
    /// ended before it was decided whether they can be published.
    pub undecided: usize,
    /// No feasibility interval of an unsafe cell is narrower between whole numbers,
    /// in units of the measure's last decimal; it is the narrowest one's width,
    /// but for large releases, where it may be less. None if nothing is unsafe, or
    /// no end is known.
    pub narrowest: Option<f64>,
    /// Of numbers of persons: how many values of an unsafe one the plan wants to stay
    /// possible, where it is proven that they do; the least of its tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count_interval: Option<CountInterval>,
    /// Of the unsafe number for which fewest values are proven to be possible, so
    /// many are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fewest_values: Option<u64>,
    /// The two primes of the exact test of subtraction, to repeat it; none where a
    /// proof makes it needless.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primes: Option<[u64; 2]>,
}

/// Where tables share dimensions in a circle, margins that agree need not be those of a
/// joint table: what would be shown on them shows nothing.
fn cannot_be_proven() -> Error {
    let rule = "together with what the ledger has of the same rows, its dimensions go in a circle (as A with B, B with C, C with A), where unsafe numbers of persons cannot be proven to stay uncertain";
    Error::new(ErrorKind::Protection, rule)
        .help("all these tables in one plan, the dimensions of an earlier table, or `method = \"cell-key\"`, which does not need the ledger")
}

/// The tables of a plan, with what primary rules made of them.
pub(in crate::protect) struct Work<'a> {
    pub(in crate::protect) plan: &'a Plan,
    pub(in crate::protect) tables: &'a [Table<Confidential>],
    pub(in crate::protect) outcomes: &'a mut [Outcomes],
    pub(in crate::protect) key: &'a ReleaseKey,
    /// Earlier releases.
    pub(in crate::protect) ledger: &'a [Entry],
    pub(in crate::protect) watched: &'a Watched,
}

impl Work<'_> {
    /// Suppresses what is needed of all tables of `population`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Protection`](crate::ErrorKind::Protection) if no pattern was found that holds, or if that
    /// could not be shown within the auditor's budget.
    pub(in crate::protect) fn suppress(
        &mut self,
        population: &Population,
    ) -> Result<Vec<AuditRecord>> {
        let quantities = population.quantities(self.plan.tables(), self.tables, self.ledger);
        let first = &self.tables[population.members[0].table].name;
        let records = quantities.iter().map(|&quantity| {
            let before = (self.ledger, self.key);
            let view = population.view(quantity, self.plan.tables(), self.tables, before)?;
            self.suppress_quantity(population, quantity, &view)
                .map_err(|error| error.in_table(first))
        });
        let mut records: Vec<AuditRecord> = records.collect::<Result<_>>()?;
        // Of what this release does not publish there is nothing to tell.
        records.retain(|record| !record.measures.is_empty());
        // What the pattern of persons needs, before more goes that it does not need.
        let unknown = self.unknown_persons(population, &quantities)?;
        self.within_cells(population);
        // Last, and of sums and rows alone: that a total's number of rows is suppressed, since
        // those of a part are, says nothing of the total's persons.
        if let Some(unknown) = unknown {
            self.beside_bounds(population, &quantities, &unknown)?;
        }
        Ok(records)
    }

    /// How many values of an unsafe number stay possible in all tables of a population.
    fn count_interval(&self, population: &Population) -> Option<CountInterval> {
        let members = population.members.iter();
        let asked = members.map(|member| self.plan.tables()[member.table].protect.count_interval);
        asked.min_by_key(|asked| match asked {
            CountInterval::Values(values) => *values,
            CountInterval::Full => u64::MAX,
        })
    }

    fn suppress_quantity(
        &mut self,
        population: &Population,
        quantity: Quantity,
        view: &View,
    ) -> Result<AuditRecord> {
        let measures = self.measures(population, quantity);
        let cells = Cells::new(self, population, quantity, &measures, view)?;
        let mut record = AuditRecord {
            measures: self.names(&measures),
            cells: view.hidden.iter().filter(|hidden| !**hidden).count(),
            earlier: view.earlier(),
            suppressed: 0,
            undecided: 0,
            narrowest: None,
            count_interval: None,
            fewest_values: None,
            primes: None,
        };
        // What goes with the release does not depend on whether anything is unsafe.
        let proven = view.table().filter(|_| quantity == Quantity::Persons);
        match proven {
            Some(_) => record.count_interval = self.count_interval(population),
            None => record.primes = Some(cells.primes.get()),
        }
        if !cells.primary.contains(&true) {
            return Ok(record);
        }
        if quantity == Quantity::Persons && proven.is_none() {
            return Err(cannot_be_proven());
        }
        let reached = match quantity {
            Quantity::Persons => self.reached(population)?,
            Quantity::Contribution(_) => Vec::new(),
        };
        let floors = Floors::of(population, self, &reached);
        let found = match proven {
            Some(table) => cells.proven(view, table, &floors, &mut record),
            None => cells
                .protected(view, &mut record)
                .map(|status| (status, Vec::new())),
        };
        let (status, proofs) =
            found.map_err(|stopped| stopped.refusal(view, |cell| self.name(&view.spots[cell])))?;
        self.beside_proofs(&reached, &proofs, population.inner(self.tables).len());
        for (spot, status) in view.spots.iter().zip(&status) {
            if *status != Status::Safe {
                self.suppress_cell(*spot, &measures);
            }
        }
        if quantity == Quantity::Persons && !population.one_row_each {
            self.overlapping((view, &cells), &measures, (&floors, &reached), &mut record)?;
        }
        Ok(record)
    }

    /// Suppresses those of the `measures` of a cell, by table, that are safe by themselves.
    fn suppress_cell(&mut self, spot: Spot, measures: &[Vec<usize>]) {
        let outcomes = &mut self.outcomes[spot.table][spot.block][spot.cell];
        for measure in &measures[spot.table] {
            if let Outcome::Safe(_) = outcomes[*measure] {
                outcomes[*measure] = Outcome::Complementary;
            }
        }
    }

    /// For each table, which of its measures, by place, publish `quantity` of
    /// the population.
    fn measures(&self, population: &Population, quantity: Quantity) -> Vec<Vec<usize>> {
        let mut measures = vec![Vec::new(); self.tables.len()];
        for member in &population.members {
            measures[member.table] =
                population.measures(member.table, quantity, self.plan.tables(), self.tables);
        }
        measures
    }

    /// What kind of cell it is: which dimensions it is by, and no category, for
    /// that may be one person's.
    fn name(&self, spot: &Spot) -> String {
        let table = &self.tables[spot.table];
        let grains = table
            .dimensions
            .iter()
            .zip(&table.blocks[spot.block].grouping);
        let by = grains.filter_map(|(dimension, grain)| match grain {
            Grain::Own => Some(dimension.name.as_str()),
            Grain::Level(level) => Some(&dimension.levels[*level].name),
            Grain::Total => None,
        });
        let by: Vec<&str> = by.collect();
        match by.is_empty() {
            true => format!("the grand total of the table {}", table.name),
            false => format!("a cell by {} of the table {}", by.join(", "), table.name),
        }
    }

    /// `table.measure` of all these measures.
    fn names(&self, measures: &[Vec<usize>]) -> Vec<String> {
        let tables = self.plan.tables().iter().zip(measures);
        let names = tables.flat_map(|(plan, measures)| {
            let names = measures.iter();
            names.map(|at| format!("{}.{}", plan.name, plan.measures[*at].name))
        });
        names.collect()
    }
}
