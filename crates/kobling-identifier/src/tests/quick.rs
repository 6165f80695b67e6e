//! The quick way to judge a fødselsnummer, and the long way that it must agree with.

use proptest::prelude::*;

use super::near::{near_fnr, nine, rule, with_control_digits};
use crate::date::Date;
use crate::identifier_type::IdentifierType;
use crate::national::norway;
use crate::rule::{Control, FnrKind, IdentifierRule, Synthetic};
use crate::written::Written;

fn the_long_way_takes(rule: IdentifierRule, number: &[u8; 11]) -> bool {
    norway::fnr(rule, Written::Text(number), &mut Vec::new()).is_ok()
}

/// Rules that the short way distinguishes.
fn fnr_rules() -> Vec<IdentifierRule> {
    use FnrKind::{Dnr, Fhnr, Fnr, Hnr};
    let first = rule(IdentifierType::NoFnr);
    let kinds: [&[FnrKind]; 5] = [&[Fnr, Dnr], &[Fnr], &[Dnr], &[Fnr, Dnr, Hnr, Fhnr], &[Fhnr]];
    let kinds = kinds.into_iter();
    let rules = kinds.map(|kinds| first.with_kinds(kinds.iter().copied()));
    let rules = rules.flat_map(|rule| {
        [Synthetic::Forbid, Synthetic::Allow, Synthetic::Only]
            .map(|synthetic| rule.with_synthetic(synthetic))
    });
    let rules = rules.flat_map(|rule| [rule, rule.with_control(Control::From2032)]);
    rules.collect()
}

/// The short way may overlook only what is no fødselsnummer and no D-number, is
/// a test number other than Skatteetaten's, or has a control digit of 2032.
fn may_be_overlooked(rule: IdentifierRule, number: &[u8; 11]) -> bool {
    let month = (number[2] - b'0') * 10 + number[3] - b'0';
    let is_forty_or_health = matches!(month, 41..=52 | 66..=77);
    let classic = rule.with_control(Control::Before2032);
    number[0] >= b'8' || is_forty_or_health || !the_long_way_takes(classic, number)
}

/// Whether both ways judge the number alike; returns whether it is taken.
fn judged_alike(rule: IdentifierRule, number: &[u8; 11]) -> bool {
    let long = the_long_way_takes(rule, number);
    let short = norway::Quick::of(rule).takes(number);
    assert!(
        short == long || long && may_be_overlooked(rule, number),
        "{rule:?} {number:?}"
    );
    short
}

#[test]
fn every_date_is_judged_alike_both_ways() {
    let rules = fnr_rules();
    let (mut passed, mut refused) = (0, 0);
    for date in 0..100 * 100 * 100_u32 {
        let (day, month, year) = (date % 100, date / 100 % 100, date / 10_000);
        // Both ends of each range of individual numbers, and every rule, in turn.
        let individual = [0, 199, 200, 499, 500, 599, 600, 749, 750, 899, 900, 999];
        let in_turn = individual.into_iter().enumerate();
        for (at, individual) in in_turn.skip(date as usize % 5).step_by(5) {
            let nine = nine([day as u8, month as u8, year as u8], individual);
            let Some(number) = with_control_digits(nine) else {
                continue;
            };
            let rule = rules[(date as usize + at * 7) % rules.len()];
            let taken = judged_alike(rule, &number) | judged_alike(rules[0], &number);
            *(if taken { &mut passed } else { &mut refused }) += 1;
        }
    }
    assert!(passed > 100_000 && refused > 100_000, "{passed} {refused}");
}

#[test]
fn who_is_born_too_late_is_left_to_the_long_way() {
    let latest = |year, month, day| Date::new(year, month, day).expect("a day");
    let rule = rule(IdentifierType::NoFnr);
    let latest = [
        latest(1999, 12, 31),
        latest(2000, 1, 1),
        latest(2026, 6, 15),
        latest(2039, 12, 31),
    ];
    let rules = latest.map(|latest| rule.with_latest(latest));
    let (mut short, mut long) = (0, 0);
    for date in 0..80 * 20 * 100_u32 {
        let (day, month, year) = (date % 80, date / 80 % 20, date / 1600);
        for individual in [0, 199, 200, 499, 500, 749, 750, 999] {
            let nine = nine([day as u8, month as u8, year as u8], individual);
            let Some(number) = with_control_digits(nine) else {
                continue;
            };
            for rule in rules {
                let takes = norway::Quick::of(rule).takes(&number);
                let taken = the_long_way_takes(rule, &number);
                assert!(taken || !takes, "{rule:?} {number:?}");
                short += u32::from(takes);
                long += u32::from(taken);
            }
        }
    }
    // Only days of the last year itself take the long way.
    assert!(
        short > 100_000 && long - short < long / 50,
        "{short} {long}"
    );
}

proptest! {
    #[test]
    fn an_fnr_is_judged_alike_both_ways(
        number in near_fnr(),
        rule in prop::sample::select(fnr_rules()),
    ) {
        judged_alike(rule, &number);
    }
}
