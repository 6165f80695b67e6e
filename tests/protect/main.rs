//! Protection of tables, beside earlier releases and against those who attack it.

#[path = "../../crates/kobling-sdc/tests/rational.rs"]
mod rational;
#[path = "../support/mod.rs"]
mod support;

mod attack_figures;
mod attack_folds;
mod attack_insiders;
mod attack_ledger;
mod attack_lookups;
mod attack_other_rows;
mod attack_otherwise;
mod attack_recut;
mod attack_releases;
mod attack_revised;
mod conditions;
mod contributors;
mod earlier;
mod explain;
mod groups;
mod handbook;
mod known_bounds;
mod ledger;
mod many_sums;
mod methods;
mod monthly;
mod no_pattern;
mod one_of_a_person;
mod protect;
mod release;
mod suppression_report;
mod two_tables;
mod values;
mod watched;
