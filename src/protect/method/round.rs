//! Rounding of a table's counts: each for itself, or those of a population together.

use crate::error::{Error, ErrorKind, Result};
use crate::key::ReleaseKey;
use crate::plan::document::RoundingMode;
use crate::plan::table::{Round, Statistic, TablePlan};
use crate::protect::method::cell_key::CellKeyed;
use crate::protect::primary::{Outcomes, published};
use crate::protect::view::{CellLocation, located};
use crate::protect::{Outcome, Value};
use crate::table::{Accumulator, Confidential, Population, Table};
use kobling_sdc::rounding::{Base, small_count};

/// The rounded counts of a table, cell by cell; of small-count rounding no
/// values yet, for those are of all tables about the same rows together.
pub(in crate::protect) fn outcomes(
    table: &Table<Confidential>,
    plan: &TablePlan,
    round: Round,
    key: &ReleaseKey,
) -> Result<Outcomes> {
    let base = Base::new(round.base)?;
    let keyed = CellKeyed {
        key,
        label: b"rounding key",
    };
    let rounded = |what: Statistic, cell: &Accumulator| {
        let count = match what {
            Statistic::Persons => cell.persons,
            Statistic::Rows => cell.rows,
            _ => return Err(no_count()),
        };
        let rounded = match round.how {
            _ if count == 0 => 0,
            RoundingMode::Nearest => base.nearest(count.into())?,
            RoundingMode::Random if what == Statistic::Rows => {
                base.random(count.into(), keyed.rows(cell)?)?
            }
            RoundingMode::Random => base.random(count.into(), keyed.persons(cell)?)?,
            RoundingMode::SmallCount => return Ok(Outcome::Complementary),
        };
        let rounded = u64::try_from(rounded).map_err(|_| {
            let rule = "a rounded count is too large to be held";
            Error::new(ErrorKind::Overflow, rule)
        })?;
        Ok(Outcome::Perturbed(Value::Count(rounded)))
    };
    let blocks = table.blocks.iter().map(|block| {
        published(block, plan.measures.len(), |measure, cell| {
            rounded(plan.measures[measure].what, cell)
        })
    });
    blocks.collect()
}

/// Rounds the small counts of all tables of `population` together, so that all
/// that they publish still adds up.
///
/// # Errors
///
/// [`ErrorKind::Overflow`] if a count is too large for the search.
pub(in crate::protect) fn small_counts(
    population: &Population,
    tables: &[Table<Confidential>],
    round: Round,
    key: &ReleaseKey,
    outcomes: &mut [Outcomes],
) -> Result<()> {
    // Where a person has one row, rows are persons; elsewhere the plan's checks
    // leave rows only. So there is one count of each cell, and it adds up.
    let (structure, locations) =
        located(population, tables, |_, block| !block.measures().is_empty())?;
    let inner = population.inner(tables).iter();
    let inner: Vec<u64> = inner.map(|(_, cell)| cell.rows).collect();
    let names = population.members.iter();
    let names: Vec<&[u8]> = names
        .map(|member| tables[member.table].name.as_bytes())
        .collect();
    let random = key.derive(b"small-count rounding", &names);
    let (seed, _) = random
        .expose()
        .split_first_chunk()
        .expect("32 bytes are more than 8");
    let base = Base::new(round.base)?;
    let rounded = small_count::round(&structure, &inner, base, u64::from_be_bytes(*seed))?;
    for (CellLocation { table, block, cell }, count) in locations.into_iter().zip(rounded.published)
    {
        let own = &tables[table].blocks[block];
        if own.is_hidden(cell) {
            continue;
        }
        for measure in own.measures() {
            outcomes[table][block][cell][*measure] = Outcome::Perturbed(Value::Count(count));
        }
    }
    Ok(())
}

/// The root of the mean squared deviation, if each remainder by the base comes
/// as often; `None` of small-count rounding, which changes few figures.
pub(in crate::protect) fn deviation(round: Round) -> Option<f64> {
    let base = round.base as f64;
    let even = round.base.is_multiple_of(2);
    let square = match round.how {
        RoundingMode::SmallCount => return None,
        RoundingMode::Random => (base * base - 1.0) / 6.0,
        RoundingMode::Nearest if even => (base * base + 2.0) / 12.0,
        RoundingMode::Nearest => (base * base - 1.0) / 12.0,
    };
    Some(square.sqrt())
}

fn no_count() -> Error {
    let rule = "rounding protects numbers of persons and rows only";
    Error::new(ErrorKind::Protection, rule)
}

/// What it does not protect against, in words that go with every release.
pub(super) fn limits(round: Round) -> [&'static str; 2] {
    let how = match round.how {
        RoundingMode::Nearest => NEAREST,
        RoundingMode::Random => RANDOM,
        RoundingMode::SmallCount => SMALL_COUNT,
    };
    [ROUND, how]
}

const ROUND: &str = "Rounding: the number of persons in a cell is disclosed to within the base. That all of a group are in one category may be guessed where its other categories are published as zero, also where the table declares this sensitive.";

const NEAREST: &str = "Rounding to the nearest: where totals are published together with their parts, the bounds of the parts can be narrowed, at times to the exact number.";

const RANDOM: &str = "Random rounding: tables do not add up; where totals are published together with their parts, the bounds of the parts can be narrowed, at times to the exact number.";

const SMALL_COUNT: &str = "Small-count rounding: numbers from the base up are often exact; it gives no further protection against differences with other tables or releases. Another table of the same rows is refused in a later release that has the ledger.";
