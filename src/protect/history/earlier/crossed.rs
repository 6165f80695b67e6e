//! Conditions of one release on what is a dimension of the other, where persons have several rows.
//!
//! Whoever has a visit of kind y counts for that condition in a cell with all rows there, and in
//! a table by kind with those of kind y. The persons are the same, and the rows are not: but
//! cells are known by their rows. In one plan both are protected together; through the ledger
//! they cannot be, and a release that would need it is refused.

use std::collections::BTreeSet;

use crate::error::{Error, ErrorKind, Result};
use crate::ledger::entry::{Origin, TableEntry};
use crate::protect::history::further::{THIS_RELEASE, release_named};
use crate::table::{Confidential, Population, Table};

/// A dimension: its name, whether it is a condition, and what it is made from.
type Dimension<'a> = (&'a str, bool, &'a BTreeSet<Origin>);

/// Refuses a population of which an earlier `table` of the `release` is about the same rows, if
/// a condition of the one looks at what the other is by.
///
/// # Errors
///
/// [`ErrorKind::Protection`], naming the release, its table and the columns.
pub(super) fn refuse_crossed(
    population: &Population,
    tables: &[Table<Confidential>],
    table: &TableEntry,
    release: u64,
) -> Result<()> {
    if table.one_row_each {
        return Ok(());
    }
    let earlier = table.dimensions.iter();
    let earlier = earlier.map(|by| (by.name.as_str(), by.hidden, &by.origins));
    let earlier: Vec<Dimension<'_>> = earlier.collect();
    let own = population.members.iter().flat_map(|member| {
        let dimensions = tables[member.table].dimensions.iter().zip(&member.origins);
        dimensions.map(|(by, origins)| (by.name.as_str(), by.hidden, origins))
    });
    let own: Vec<Dimension<'_>> = own.collect();
    let both = [(&earlier, &own), (&own, &earlier)];
    let crossed = both.into_iter().find_map(|(conditions, dimensions)| {
        let each = conditions
            .iter()
            .filter(|(_, is_condition, _)| *is_condition);
        let mut unknown = each.filter(|condition| !dimensions.contains(condition));
        unknown.find_map(|(condition, _, origins)| {
            // Of what is the same for all rows of a person, the rows are the same too.
            let of_rows = |origin: &&Origin| origin.source == table.base;
            let of_rows: BTreeSet<&Origin> = origins.iter().filter(of_rows).collect();
            let mut dimensions = dimensions.iter();
            let (dimension, ..) = dimensions.find(|(_, is_condition, origins)| {
                !is_condition && origins.iter().any(|origin| of_rows.contains(origin))
            })?;
            Some((condition, dimension))
        })
    });
    let Some((condition, dimension)) = crossed else {
        return Ok(());
    };
    let rule = format!(
        "persons have several rows, and of {} (`{}`) and this one, one counts persons by the condition `{condition}` and the other is by `{dimension}`, which are made from one column: together they are not protected",
        release_named(release),
        table.name
    );
    Err(Error::new(ErrorKind::Protection, rule)
        .help(match release {
            THIS_RELEASE => "the condition in place of the dimension, or the dimension in place of the condition, in both",
            _ => "both in one plan, where they are; or the condition in place of the dimension, or the dimension in place of the condition, in both",
        }))
}
