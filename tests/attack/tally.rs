//! What was attacked, and what was lost.

use std::collections::{BTreeMap, BTreeSet};

use crate::knows::Known;

/// One thing that an attacker found out.
#[derive(Debug, Clone)]
pub(crate) struct Loss {
    pub(crate) seed: u64,
    pub(crate) text: String,
    /// The table that the cell is of.
    pub(crate) table: Option<usize>,
}

impl Loss {
    fn is_same(&self, other: &Self) -> bool {
        let words = |loss: &Self| {
            let parts = loss.text.split(", ");
            let parts = parts.filter(|part| !part.ends_with("values seen"));
            parts.map(str::to_owned).collect::<Vec<String>>()
        };
        words(self) == words(other)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) worlds: usize,
    pub(crate) released: usize,
    /// Refusals by reason, each with its worlds.
    pub(crate) refused: BTreeMap<String, Vec<u64>>,
    pub(crate) counts: usize,
    pub(crate) conditional: usize,
    /// Counts whose possible values were all found by trying.
    pub(crate) brute: usize,
    pub(crate) sums: usize,
    pub(crate) insiders: usize,
    pub(crate) sum_insiders: usize,
    pub(crate) pairs: usize,
    pub(crate) undecided: usize,
    /// Worlds of which something is not decided.
    pub(crate) undecided_worlds: BTreeSet<u64>,
    /// Unsafe sums that cannot be as far below the truth as their level is above.
    pub(crate) narrow_below: usize,
    /// Seconds of the pipeline and of the attack.
    pub(crate) spent: [f64; 2],
    pub(crate) figures: usize,
    pub(crate) suppressed: usize,
    pub(crate) losses: BTreeMap<&'static str, Vec<Loss>>,
}

impl Tally {
    /// A cell of a table is lost.
    pub(crate) fn lose(
        &mut self,
        known: &Known<'_>,
        table: usize,
        kind: &'static str,
        text: String,
    ) {
        let table = Some(table);
        let seed = known.world.seed;
        let loss = Loss { seed, text, table };
        self.losses.entry(kind).or_default().push(loss);
    }

    pub(crate) fn lost(&mut self, seed: u64, kind: &'static str, text: String) {
        let table = None;
        let loss = Loss { seed, text, table };
        self.losses.entry(kind).or_default().push(loss);
    }

    /// What may be spent on a world ended before something was known.
    pub(crate) fn leave(&mut self, seed: u64) {
        self.undecided += 1;
        self.undecided_worlds.insert(seed);
    }

    /// Without the losses of a table's cells that are among those of `before`: the same
    /// persons know the same bounds, however many values between them were seen.
    pub(crate) fn but_known_before(&mut self, table: usize, before: &Self) {
        for (kind, losses) in &mut self.losses {
            let known = before.losses.get(kind).map_or(&[][..], Vec::as_slice);
            let is_known = |loss: &Loss| known.iter().any(|other| other.is_same(loss));
            losses.retain(|loss| loss.table != Some(table) || !is_known(loss));
        }
        self.losses.retain(|_, losses| !losses.is_empty());
    }

    pub(crate) fn refuse(&mut self, seed: u64, reason: &str) {
        // Names and numbers are of the world; the rule is what counts.
        let reason: String = reason.chars().filter(|c| !c.is_ascii_digit()).collect();
        self.refused.entry(reason).or_default().push(seed);
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.worlds += other.worlds;
        self.released += other.released;
        self.counts += other.counts;
        self.conditional += other.conditional;
        self.brute += other.brute;
        self.sums += other.sums;
        self.insiders += other.insiders;
        self.sum_insiders += other.sum_insiders;
        self.pairs += other.pairs;
        self.undecided += other.undecided;
        self.undecided_worlds.extend(other.undecided_worlds);
        self.narrow_below += other.narrow_below;
        self.spent[0] += other.spent[0];
        self.spent[1] += other.spent[1];
        self.figures += other.figures;
        self.suppressed += other.suppressed;
        for (reason, seeds) in other.refused {
            self.refused.entry(reason).or_default().extend(seeds);
        }
        for (kind, losses) in other.losses {
            self.losses.entry(kind).or_default().extend(losses);
        }
    }

    pub(crate) fn lost_worlds(&self) -> usize {
        let losses = self.losses.values().flatten();
        losses.map(|loss| loss.seed).collect::<BTreeSet<_>>().len()
    }

    pub(crate) fn print(&self, what: &str) {
        println!(
            "{what}: {} worlds, {} released, of {} figures {} suppressed",
            self.worlds, self.released, self.figures, self.suppressed
        );
        println!(
            "  attacked: {} unsafe counts ({} with a condition, {} by trying all solutions too), {} unsafe sums; by {} insiders on counts, {} on sums; {} pairs of releases; {} undecided, in {} worlds; {} sums bounded nearer below than their level",
            self.counts,
            self.conditional,
            self.brute,
            self.sums,
            self.insiders,
            self.sum_insiders,
            self.pairs,
            self.undecided,
            self.undecided_worlds.len(),
            self.narrow_below
        );
        for (reason, seeds) in &self.refused {
            println!(
                "  refused {} times: {reason} (world {})",
                seeds.len(),
                seeds[0]
            );
        }
        for (kind, losses) in &self.losses {
            println!("  LOST {} times: {kind}", losses.len());
            for loss in losses.iter().take(3) {
                println!("    world {}: {}", loss.seed, loss.text);
            }
        }
    }
}
