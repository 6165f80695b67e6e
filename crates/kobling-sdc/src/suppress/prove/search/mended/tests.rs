//! The twin is the linear programme, which looks at all tables that agree.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::super::Task;
use super::super::Search;
use super::Far;
use crate::attacker::Knowledge;
use crate::structure::Structure;
use crate::watch::Watch;

/// Three dimensions of these sizes: by dimension the category of each inner cell.
fn places(sizes: [u32; 3]) -> Vec<Vec<u32>> {
    let inner = 0..sizes.iter().product::<u32>();
    let strides = [1, sizes[0], sizes[0] * sizes[1]];
    let each = sizes.iter().zip(strides);
    let each = each.map(|(size, stride)| inner.clone().map(|at| at / stride % size).collect());
    each.collect()
}

/// All margins, and the inner cells.
fn cells(places: &[Vec<u32>]) -> Vec<Vec<u32>> {
    let mut cells: BTreeMap<Vec<Option<u32>>, Vec<u32>> = Default::default();
    for kept in 0..8 {
        for inner in 0..places[0].len() {
            let at = places.iter().enumerate();
            let at = at.map(|(by, places)| (kept >> by & 1 == 1).then_some(places[inner]));
            cells.entry(at.collect()).or_default().push(inner as u32);
        }
    }
    cells.into_values().collect()
}

proptest! {
    #[test]
    fn what_is_mended_agrees_and_is_found_where_there_is_anything(
        sizes in [2..4u32, 2..4u32, 1..4u32],
        counts in prop::collection::vec(prop_oneof![2 => 0..3i128, 1 => 0..20i128], 27),
        forced in prop::collection::vec(prop::bool::weighted(0.3), 64),
        least in prop::collection::vec(prop_oneof![4 => Just(0), 1 => 0..4u64], 64),
        at in 0..27usize,
        by in prop_oneof![Just(-2i64), Just(-1), Just(1), Just(2)],
    ) {
        let places = places(sizes);
        let structure = Structure::new(places[0].len(), cells(&places));
        let inner = &counts[..structure.inner()];
        let value = |cell| -> i128 {
            let members = structure.members(cell).iter();
            members.map(|at| inner[*at as usize]).sum()
        };
        // Nobody knows more to be in a cell than are in it.
        let least = least.iter().enumerate().take(structure.cells());
        let least: Vec<u64> =
            least.map(|(cell, least)| (*least).min(value(cell) as u64)).collect();
        let may = vec![true; structure.cells()];
        let known = Knowledge {
            least: &least,
            ..Knowledge::new(&structure, &may)
        };
        let target = at % structure.cells();
        let mut forced = forced[..structure.cells()].to_vec();
        forced[target] = false;
        let task = Task {
            known,
            inner,
            places: &places,
            wanted: &[],
            forced: &forced,
            weights: &[],
            seed: 0,
            watch: None,
        };
        let watch = Watch::default();
        let mut search = Search::new(&task, &watch);
        let far = Far { sign: by.signum(), by: by.unsigned_abs() };
        let found = search.mended(target, far, None);
        let twin = search.other(target, by.into(), None, true);
        if let Some(change) = &found {
            prop_assert!(search.agrees((target, by.into()), change, None, true));
        }
        // The programme knows nothing of what is in a cell at least; and a step of two is
        // looked for in twos only.
        prop_assert!(found.is_some() || twin.is_none() || by.abs() > 1);
    }
}
