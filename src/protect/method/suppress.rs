//! Suppression of a population: the pattern, and the audit that it has to pass.
//!
//! All tables of a population are protected together, one quantity at a time:
//! a number of persons discloses nothing of a sum by subtraction. The pattern is
//! the suppressor's; whether it holds is for the auditor to say, who sees what
//! a recipient sees. What the auditor finds short is suppressed further, until
//! it finds nothing; if that does not come about, there is no release.

mod bounded;
mod cells;
mod choose;
mod contributors;
mod insiders;
mod neighbours;
mod newly;
mod no_pattern;
mod one_cell;
mod overlap;
mod preferred;
mod proven;
mod reached;
mod rounds;
mod shown;
mod side;
mod sums;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::key::ReleaseKey;
use crate::ledger::LedgerEntry;
use crate::plan::Plan;
use crate::plan::table::{CountInterval, Grain};
use crate::protect::Outcome;
use crate::protect::history::further::{FurtherFrom, THIS_RELEASE, release_named};
use crate::protect::primary::Outcomes;
use crate::protect::quantity::Quantity;
use crate::protect::view::{CellLocation, RecipientView};
use crate::table::{Accumulator, Confidential, Place, Population, Table};
use crate::watch::Watched;
use cells::KnownCells;
use kobling_sdc::proof::Proof;
use kobling_sdc::suppress::Status;
use no_pattern::{Stays, Words};
use proven::Floors;
pub(in crate::protect) use shown::QuantityProofs;

/// How often a pattern is chosen anew before it is raised, and how often it is
/// raised before it is given up.
const MOST_ROUNDS: usize = 50;

/// What the auditor found of one quantity of a population: it passed, for
/// otherwise there is no release.
///
/// # Disclosure
///
/// For the linkage unit, and no part of a release: how little is left of the most
/// certain unsafe figure discloses which suppressed ones are not unsafe, and the numbers
/// count cells that a release has no row for. What a release says of its audits is
/// the manifest's [`AuditSummary`](crate::release::manifest::AuditSummary).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuditRecord {
    /// What was audited: `table.measure`, all that publish the quantity.
    pub measures: Vec<String>,
    /// Published and suppressed cells of this release together.
    pub cells: usize,
    /// Cells that it was audited together with: of earlier releases, and of this one's tables
    /// about other rows that were protected before.
    pub earlier: usize,
    /// Suppressed cells, of this release and of earlier ones. Of each unsafe one it was
    /// proven that it is uncertain; or all were tested for subtraction, and the
    /// feasibility intervals of the unsafe ones were computed.
    pub suppressed: usize,
    /// Those among them that are suppressed only because the suppressor's budget
    /// ended before it was decided whether they can be published.
    pub undecided: usize,
    /// Singletons, the only contributors to a cell, who were not asked after: what bounds
    /// disclose to each of them was looked at until the budget for it ended.
    #[serde(default)]
    pub unasked_singletons: usize,
    /// No feasibility interval of an unsafe cell is narrower between whole numbers,
    /// in units of the measure's last decimal: how far apart the values are that are shown
    /// to be possible, of the cell for which it is least. None if nothing is unsafe, or
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
    /// The two primes of the exact test of subtraction, to repeat it; none of numbers of
    /// persons, which proofs show to be uncertain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primes: Option<[u64; 2]>,
}

/// Where tables share dimensions in a circle, margins that agree need not be those of a
/// joint table: what would be shown on them shows nothing.
fn cannot_be_proven(view: &RecipientView) -> Error {
    let same_rows = view.further.iter().filter(|cell| !cell.may_have_changed);
    let releases = same_rows.filter_map(|cell| match cell.origin {
        FurtherFrom::Release(number) => Some(number),
        FurtherFrom::Between(_) | FurtherFrom::Conditions(_) => None,
    });
    let releases: BTreeSet<u64> = releases.collect();
    let named: Vec<String> = releases.iter().copied().map(release_named).collect();
    let rule = format!(
        "together with what {} has of the same rows, its dimensions go in a circle (as A with B, B with C, C with A), where unsafe numbers of persons cannot be proven to stay uncertain",
        named.join(" and ")
    );
    let help = match releases.iter().all(|number| *number == THIS_RELEASE) {
        true => {
            "look-ups that all of these tables need or none does, so that they are protected together; fewer dimensions; or `method = \"cell-key\"`"
        }
        false => {
            "all these tables in one plan, the dimensions of an earlier table, or `method = \"cell-key\"`, which does not need the ledger"
        }
    };
    Error::new(ErrorKind::Protection, rule).help(help)
}

/// The tables of a plan, with what primary rules made of them.
pub(in crate::protect) struct Suppression<'a> {
    pub(in crate::protect) plan: &'a Plan,
    pub(in crate::protect) tables: &'a [Table<Confidential>],
    pub(in crate::protect) outcomes: &'a mut [Outcomes],
    pub(in crate::protect) key: &'a ReleaseKey,
    /// Earlier releases, and tables of this one about other rows.
    pub(in crate::protect) ledger: &'a [LedgerEntry],
    pub(in crate::protect) watched: &'a Watched,
    /// By inner cell of the population at hand, whether nobody is in it and a proof shows that
    /// somebody may be.
    pub(in crate::protect) may_hold: Vec<bool>,
    /// Where proofs are kept, if somebody asks after them.
    pub(in crate::protect) shown: Option<&'a mut Vec<QuantityProofs>>,
}

impl Suppression<'_> {
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
        let (mut records, mut no_pattern) = (Vec::new(), Vec::new());
        for &quantity in &quantities {
            let before = (self.ledger, self.key);
            let view = population.view(quantity, self.plan.tables(), self.tables, before)?;
            match self.suppress_quantity(population, quantity, &view) {
                // Then means go with the numbers of persons that they could bound.
                Err(error)
                    if self.may_go(&error, population, quantity) && view.further.is_empty() =>
                {
                    no_pattern.push(quantity);
                }
                // Together with what is known already they would disclose more: all of them go.
                Err(error)
                    if self.may_go(&error, population, quantity)
                        && self.suppress_all(population, quantity, &view) => {}
                Err(error) => return Err(error.in_table(first)),
                Ok(record) => records.push(record),
            }
        }
        // Of what this release does not publish there is nothing to report.
        records.retain(|record| !record.measures.is_empty());
        // What the pattern of persons needs, before more goes that it does not need.
        let unknown = self.unknown_persons(population, &quantities)?;
        self.within_cells(population);
        // Last, and of sums and rows only: that a total's number of rows is suppressed, since
        // those of a part are, says nothing of the total's persons.
        if let Some(unknown) = unknown {
            self.beside_bounds(population, &quantities, &unknown, &no_pattern)?;
        }
        Ok(records)
    }

    /// Whether an `error` is that no pattern was found, for the number of rows that only means
    /// disclose, which can go.
    fn may_go(&self, error: &Error, population: &Population, quantity: Quantity) -> bool {
        error.kind() == ErrorKind::Protection && self.is_of_means(population, quantity)
    }

    /// Suppresses all that publishes `quantity`. Gives whether that is so: figures that
    /// the plan publishes whatever the rules say stay.
    fn suppress_all(
        &mut self,
        population: &Population,
        quantity: Quantity,
        view: &RecipientView,
    ) -> bool {
        let measures = self.measures(population, quantity);
        let mut stays = false;
        for location in &view.locations {
            self.suppress_cell(*location, &measures);
            let outcomes = &self.outcomes[location.table][location.block][location.cell];
            let mut own = measures[location.table].iter();
            stays |= own.any(|at| outcomes[*at].value().is_some());
        }
        !stays
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
        view: &RecipientView,
    ) -> Result<AuditRecord> {
        let measures = self.measures(population, quantity);
        let cells = KnownCells::new(self, population, quantity, &measures, view)?;
        let mut record = AuditRecord {
            measures: self.names(&measures),
            cells: view.hidden.iter().filter(|hidden| !**hidden).count(),
            earlier: view.earlier(),
            suppressed: 0,
            undecided: 0,
            unasked_singletons: 0,
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
            return Err(cannot_be_proven(view));
        }
        let reached = match quantity {
            Quantity::Persons => self.reached(population)?,
            Quantity::Contribution(_) => Vec::new(),
        };
        let floors = Floors::of(population, self, &reached);
        let locations = view.locations.iter();
        let gone: Vec<bool> = locations
            .map(|location| self.goes_with_number(location))
            .collect();
        let choose = |cells: &KnownCells, record: &mut AuditRecord| {
            let found = match proven {
                Some(table) => cells.proven(view, table, &floors, record),
                None => cells.sums(view, &gone, record),
            };
            found.map_err(|stopped| {
                stopped.refusal(&Words {
                    view,
                    forced: &cells.forced,
                    name: &|cell| self.name(&view.locations[cell]),
                    stays: &|cell| self.stays(view.locations[cell], &measures),
                    known: &|| self.known_anyway(),
                })
            })
        };
        let (mut status, mut proofs) = choose(&cells, &mut record)?;
        record.unasked_singletons = cells.unasked.get();
        if let Some(cells) = cells.as_of_now(&status) {
            let mut again = record.clone();
            let (further, others) = choose(&cells, &mut again)?;
            again.unasked_singletons = cells.unasked.get();
            newly::add(&mut status, &further);
            newly::note(&mut record, &again, &status);
            proofs.extend(others);
        }
        if quantity == Quantity::Persons {
            self.may_hold = may_hold(population.inner(self.tables), &proofs);
            self.beside_contributors((population, proven), &proofs)?;
        }
        if !reached.is_empty() {
            self.beside_proofs(&reached, &proofs, population.inner(self.tables).len());
        }
        for (location, status) in view.locations.iter().zip(&status) {
            if *status != Status::Safe {
                self.suppress_cell(*location, &measures);
            }
        }
        if let Some(shown) = &mut self.shown {
            shown.extend(QuantityProofs::of(quantity, view, &measures, proofs));
        }
        if quantity == Quantity::Persons && !population.one_row_each {
            let known = (&floors, &reached[..]);
            self.overlapping(population, (view, &cells), &measures, known, &mut record)?;
        }
        Ok(record)
    }

    /// Suppresses those of the `measures` of a cell, by table, that are safe by themselves.
    fn suppress_cell(&mut self, location: CellLocation, measures: &[Vec<usize>]) {
        let outcomes = &mut self.outcomes[location.table][location.block][location.cell];
        for measure in &measures[location.table] {
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
    fn name(&self, location: &CellLocation) -> String {
        let table = &self.tables[location.table];
        let grains = table
            .dimensions
            .iter()
            .zip(&table.blocks[location.block].grouping);
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

    /// Why a cell is published, whatever else is; by table its `measures`.
    fn stays(&self, location: CellLocation, measures: &[Vec<usize>]) -> Stays {
        let outcomes = &self.outcomes[location.table][location.block][location.cell];
        let mut own = measures[location.table].iter();
        match own.any(|at| matches!(outcomes[*at], Outcome::Excepted(_))) {
            true => Stays::Excepted,
            false => Stays::Empty,
        }
    }

    /// What is known of this release whatever it suppresses, in words.
    fn known_anyway(&self) -> String {
        let outcomes = self.outcomes.iter().flatten().flatten().flatten();
        let mut excepted = outcomes.filter(|outcome| matches!(outcome, Outcome::Excepted(_)));
        let known = [
            excepted
                .next()
                .map(|_| "what is published in spite of the rules"),
            (!self.ledger.is_empty()).then_some("what earlier releases or other tables published"),
            Some("the names that are listed"),
        ];
        let known: Vec<&str> = known.into_iter().flatten().collect();
        let known = known.join(", ");
        format!("{known}, and what the plan says of its columns")
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

/// By inner cell, whether nobody is in it, and somebody is in a table of the `proofs`.
fn may_hold(inner: &[(Place, Accumulator)], proofs: &[Proof]) -> Vec<bool> {
    let mut may_hold = vec![false; inner.len()];
    let changes = proofs.iter().flat_map(|proof| &proof.changes);
    for (at, more) in changes.flat_map(|change| &change.inner) {
        // Beyond these are those of earlier releases.
        let own = inner.get(*at as usize);
        if own.is_some_and(|(_, cell)| cell.persons == 0 && *more > 0) {
            may_hold[*at as usize] = true;
        }
    }
    may_hold
}

/// What it does not protect against, in words that go with every release.
pub(super) const LIMITS: [&str; 11] = [
    "Suppression: of each suppressed number of persons below the threshold, several values remain possible, given what is published and public. An attacker who runs this software on every table that agrees with the release, and discards those for which it would have suppressed other cells, may find some of these values unlikely or rule them out.",
    "Suppression: it protects the cells of the tables, and the persons who lie between two cuts of one column (bands from 18 and bands from 19). It does not protect what several cells have together: that two suppressed numbers add up to 3 may be known.",
    "Suppression: where a table has three or more counts with conditions on one thing (a column, or a look-up that not everybody has), the persons who satisfy the same conditions are protected as far as their number follows by adding and subtracting; with more than eight such conditions, as far as their number follows from all conditions together. Through the ledger they are not protected: neither those of an earlier release again, nor those that counts of several releases distinguish together. Where a person may have several rows, these groups of persons are not protected, and the number of rows that are left by two conditions which exclude each other may be derived, too.",
    "Suppression: an unsafe sum keeps the upper protection level that the plan's rules ask for, against anyone who has the release. Its feasibility interval may be narrower downwards, and it may be narrower for the only contributor to another cell.",
    "Suppression: tables about the same rows are protected together; figures known from elsewhere may disclose a suppressed cell by subtraction.",
    "Suppression: where a person may have several rows, numbers of persons do not add up. They are audited as if they did, and also by what does hold: that nobody is in a part of a cell without being in the cell, and that everybody in a cell is in one of its parts. Where a look-up finds one row of a person, nobody is in two of its categories, which is taken into account, too. One bound is found after another: what follows from several together may leave two values of a number possible. Numbers of rows are published where all numbers of persons of the same rows are published, and none was unsafe in an earlier release. Means are published where the number of rows that they are over leaves suppressed numbers of persons uncertain. That rows are at least as many as persons may bound a suppressed number of rows. Numbers of rows in an earlier release bound numbers of persons of the same cells: this is taken into account, in large tables only for cells whose number of rows that release published. That conditions on rows bound numbers of persons is not taken into account. What these bounds disclose to the only contributor to a cell is taken into account as far as the budget for it goes, and only where no earlier release divides the rows otherwise.",
    "Suppression: a sum of a column is published together with cells that are defined by the column's values, such as bands of it, where all numbers of persons in these cells are published. Numbers of persons and sums of other tables, of earlier releases or of related columns are not compared with each other.",
    "Suppression: that a group has nobody in a category, where a table protects that fact, may follow from another table that divides the same column in another way.",
    "Suppression: a contribution of zero counts as a contribution: where a sum is zero and no contribution is below zero, every contributor's value is known.",
    "Suppression: where some rows have no value of a column, a mean of it discloses how many rows have one, and a sum of clipped contributions nearly so. Numbers of persons that are suppressed stay uncertain to whoever knows it, but it is not compared with earlier releases; and where a person may have several rows, not with what bounds follow.",
    "Suppression: this manifest states min_persons and which other rules apply. It does not state whether a suppressed figure breaks one of these rules or is suppressed to protect another figure. Protection does not rest on the parameters being secret.",
];

/// The same, with the earlier releases of a ledger or tables of the release about other rows.
pub(super) const LIMITS_WITH_EARLIER: [&str; 8] = [
    "Suppression: where a cell has the same categories as a cell of an earlier release, but other rows, it is suppressed if few persons came or went. Its sums are suppressed if few persons' values differ or if, by the concentration rules, one of these persons may make up most of the difference. A cell by the same columns with other cuts is suppressed likewise if few persons are in only one of the two cells.",
    "Suppression: cells are matched with those of earlier releases by the names of their categories, by the columns that the categories are made from, or by their rows. Where a later plan names categories differently and also has other rows, its cells are not compared with the earlier ones. Nor is it compared, where two releases merge different rare categories of one column, which of the one release must be in which of the other by their names. Nor are values in other units.",
    "Suppression: a total over dimensions or declared levels of an earlier table, with the same rows as then, is suppressed if that table suppressed an unsafe part of it. Where other rows changed, other sums of its parts are not checked.",
    "Suppression: cells with other rows or other cuts are compared with earlier cells one by one, and with the totals of published parts and of neighbouring categories that are published. What follows from several figures of these releases in other ways, as what a total leaves of its published parts, or where conditions of several releases make up one of another, may disclose a single person who came, went, moved or lies between two cuts.",
    "Suppression: where persons have several rows, numbers of persons are compared with earlier ones as if they added up, and sums of other rows or values are compared between equal cells only. A count with a condition on the rows and a table by the same column are refused in two releases of the same rows. Columns that divide everybody's rows in the same way, with the same values, are treated as one column.",
    "Suppression: a table whose rows differ from those of an earlier table is compared with it where one of the two covers some categories of one dimension of the other, and otherwise between equal cells only.",
    "Suppression: a person who was the only contributor to a cell of an earlier release may already be able to derive values of others from earlier releases; this release adds nothing to that. Where one release has sums of a look-up, and another a table by who is found in it, what the sums disclose to a contributor is not compared.",
    "Suppression: sums are not compared with earlier ones where no person's value stayed the same in the same units, or where so many persons came, went or were revised (as a rule, over a hundred) that no person can be recognised as unchanged; one person may make up most of such a difference.",
];
