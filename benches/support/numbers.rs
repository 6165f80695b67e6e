//! Numbers for benchmarks: how large, and such as look random.

// Each benchmark is a program of its own, and none uses all of this.
#![allow(dead_code)]

/// The number that the environment has under `name`.
pub(crate) fn asked(name: &str, default: u64) -> u64 {
    let asked = std::env::var(name).ok();
    asked
        .and_then(|asked| asked.parse().ok())
        .unwrap_or(default)
}

/// A fixed sequence that looks random: Steele, Lea and Flood's SplitMix64.
pub(crate) fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
