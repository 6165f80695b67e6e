//! Shares of all tables of a plan: what the persons of one part of the pseudonyms give.

use zeroize::Zeroizing;

use super::partial::Partial;
use super::partial::stored::StoredShare;
use super::population::Class;
use super::shape::FoldShape;
use super::{Confidential, Methods, Population, Table, assemble};
use crate::error::Result;
use crate::extract::Part;
use crate::key::RecordKeys;
use crate::link::Linkage;
use crate::plan::Plan;
use crate::plan::table::TablePlan;
use crate::watch::{Step, Watched};

/// The cells of all tables of a plan that the persons of one part are in.
pub(crate) struct Shares {
    /// Of the plan's tables, and then of the joint tables of those that are about the
    /// same rows.
    each: Vec<Partial>,
}

impl Linkage {
    /// The cells of all tables that the persons of a part are in, with record keys.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Overflow`](crate::ErrorKind::Overflow) if a figure is too large to
    /// be held exactly.
    pub(crate) fn shares(&self, keys: &RecordKeys, part: Part) -> Result<Shares> {
        let classes = Class::all(&self.plan, Methods::Own);
        let each = planned(&self.plan, &classes);
        let each = each.map(|(table, enough)| self.share(table, Some(keys), enough, Some(part)));
        Ok(Shares {
            each: each.collect::<Result<_>>()?,
        })
    }
}

/// What shares are made of: the plan's tables and then the joint ones of `classes`, each
/// with what makes a category of it common.
fn planned<'a>(plan: &'a Plan, classes: &'a [Class]) -> impl Iterator<Item = (&'a TablePlan, u64)> {
    let tables = plan.tables().iter();
    let own = tables.map(|table| (table, table.protect.min_persons));
    let joint = classes
        .iter()
        .filter_map(|class| Some((class.joint.as_ref()?, class.enough)));
    own.chain(joint)
}

impl Shares {
    /// As bytes, for whoever has the plan.
    ///
    /// # Disclosure
    ///
    /// The exact figures: they are wiped when they are dropped.
    pub(crate) fn into_bytes(self) -> Zeroizing<Vec<u8>> {
        let each: Vec<StoredShare> = self.each.into_iter().map(StoredShare::from).collect();
        let bytes = postcard::to_stdvec(&each);
        Zeroizing::new(bytes.expect("figures and labels can be written as bytes"))
    }

    /// Out of the bytes that were made of it; `None` if it is none of the plan's.
    pub(crate) fn from_bytes(plan: &Plan, bytes: &[u8]) -> Option<Self> {
        let stored: Vec<StoredShare> = postcard::from_bytes(bytes).ok()?;
        let classes = Class::all(plan, Methods::Own);
        let planned: Vec<(&TablePlan, u64)> = planned(plan, &classes).collect();
        if stored.len() != planned.len() {
            return None;
        }
        let each = stored.into_iter().zip(planned).map(|(stored, (table, _))| {
            stored.partial(&FoldShape::new(table, table.protect.largest(), None))
        });
        Some(Self {
            each: each.collect::<Option<_>>()?,
        })
    }

    /// The tables that all `parts` make, and which of them are about the same rows; with
    /// what record keys add up to where the `keys` are given, and without it otherwise,
    /// as one linkage would make them.
    ///
    /// # Errors
    ///
    /// As those of one linkage.
    pub(crate) fn tables(
        plan: &Plan,
        parts: Vec<Self>,
        keys: Option<&RecordKeys>,
        watched: &Watched,
    ) -> Result<(Vec<Table<Confidential>>, Vec<Population>)> {
        let mut each: Vec<_> = parts
            .into_iter()
            .map(|part| part.each.into_iter())
            .collect();
        // Tables are asked for in the order in which their shares are.
        assemble(plan, Methods::Own, keys, |table, _| {
            let shares = each.iter_mut().filter_map(Iterator::next);
            let mut shares: Vec<Partial> = shares.collect();
            watched.at(Step::Merged {
                table: &table.name,
                parts: shares.len() as u64,
            })?;
            if keys.is_none() {
                shares.iter_mut().for_each(Partial::drop_keys);
            }
            let shape = FoldShape::new(table, table.protect.largest(), keys);
            Partial::merge(shares, &shape).map_err(|error| error.in_table(&table.name))
        })
    }
}
