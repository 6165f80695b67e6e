//! Knowledge that a release does not give: with each piece of it the attacker wins.
//!
//! What is taken away from the protector is the same as what is added here to
//! what the attacker knows: so the attack can fail, and each piece counts.

use crate::cells::Cells;
use crate::counts;
use crate::knows::{Knowledge, Known, Listing};
use crate::pipeline;
use crate::published::Published;
use crate::tally::Tally;
use crate::world::{Measure, World};

/// Recipients of worlds that are `fit`, who know what `more` says beside the release.
fn wins(fit: impl Fn(&World) -> bool + Sync, more: impl Fn(&mut Knowledge) + Sync, what: &str) {
    let Some(attacks) = crate::attacks() else {
        return;
    };
    let with = |more: Option<&(dyn Fn(&mut Knowledge) + Sync)>| {
        crate::each(0..attacks.max(400), |seed, tally: &mut Tally| {
            let world = World::drawn(seed);
            if !fit(&world) {
                return;
            }
            let Ok(release) = pipeline::release(&pipeline::plan(&world), &world) else {
                return;
            };
            let tables = Published::all(&release, &world);
            let mut knowledge = Knowledge::of(crate::knows::Listing::Complete);
            if let Some(more) = more {
                more(&mut knowledge);
            }
            tally.worlds += 1;
            let cells = Cells::new(&world, &tables).expect("a listing that fits");
            let known = Known::new(&world, &tables, &cells, knowledge).expect("no contradiction");
            let all = counts::unsafe_counts(&known, tally);
            counts::recipient(&known, &all, tally);
        })
    };
    let (without, with) = (with(None), with(Some(&more)));
    println!(
        "{what}: {} of {} worlds lost, {} without",
        with.lost_worlds(),
        with.worlds,
        without.lost_worlds()
    );
    assert_eq!(without.lost_worlds(), 0, "{what}: disclosed without it");
    assert!(
        with.lost_worlds() > 0,
        "{what}: nothing is disclosed with it"
    );
}

fn is_plain(world: &World) -> bool {
    !world.many && !world.has_money()
}

#[test]
fn a_status_that_discloses_the_reason_discloses_counts() {
    wins(is_plain, |known| known.reasons = true, "reasons");
}

#[test]
fn a_listing_of_who_is_there_discloses_counts() {
    wins(
        is_plain,
        |known| known.listing = Listing::NonEmpty,
        "listing",
    );
}

#[test]
fn names_that_enough_persons_must_have_disclose_counts() {
    wins(is_plain, |known| known.all_names_frequent = true, "names");
}

#[test]
fn who_does_not_satisfy_a_condition_counts() {
    let conditional = |world: &World| world.conditions > 0 && !world.many;
    wins(
        conditional,
        |known| known.complements = true,
        "conditional counts",
    );
}

#[test]
fn a_mean_with_a_sum_discloses_the_count() {
    let sums = |world: &World| !world.many && world.measures(Measure::Sum);
    wins(sums, |known| known.companions = true, "figures of one cell");
}
