//! Plans: their language, what is found wrong with them, and what they say in words.

#[path = "../support/mod.rs"]
mod support;

mod given_time;
mod in_code;
mod language;
mod misfits;
mod percents;
mod plan;
mod plan_checks;
mod plan_digest;
#[cfg(feature = "cli")]
mod plan_new;
