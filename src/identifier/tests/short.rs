//! The short ways to a canonical form, each beside the long way that it must agree with.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Int64Array, LargeStringArray, StringArray, StringViewArray,
};
use proptest::prelude::*;

use super::super::national::norway;
use super::super::written::Written;
use super::super::{Forms, Raw, short};
use super::{FNR, every_type, near, rule};
use crate::plan::identifier::PartTypes;
use crate::plan::{Control, Date, FnrKind, IdentifierRule, IdentifierType, Synthetic};
use crate::rows::cell::{Cell, Cells};

/// The 11 digits that begin with these nine, if there are control digits for them.
fn with_control_digits(nine: [u8; 9]) -> Option<[u8; 11]> {
    let mut digits = [0; 11];
    digits[..9].copy_from_slice(&nine);
    for (at, weights) in [
        (9, [3, 7, 6, 1, 8, 9, 4, 5, 2, 0]),
        (10, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]),
    ] {
        let sum: u32 = digits
            .iter()
            .zip(weights)
            .map(|(d, w)| u32::from(*d) * w)
            .sum();
        digits[at] = u8::try_from((11 - sum % 11) % 11)
            .ok()
            .filter(|digit| *digit < 10)?;
    }
    Some(digits.map(|digit| b'0' + digit))
}

fn nine(date: [u8; 3], individual: u16) -> [u8; 9] {
    let [d, m, y] = date;
    let (hundreds, rest) = ((individual / 100) as u8, (individual % 100) as u8);
    [
        d / 10,
        d % 10,
        m / 10,
        m % 10,
        y / 10,
        y % 10,
        hundreds,
        rest / 10,
        rest % 10,
    ]
}

fn the_long_way_takes(rule: IdentifierRule, number: &[u8; 11]) -> bool {
    norway::fnr(rule, Written::Text(number), &mut Vec::new()).is_ok()
}

/// Rules that the short way tells apart.
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

/// Whether both ways judge the number alike; tells if it is taken.
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

/// A number that passes, or nearly.
fn near_fnr() -> impl Strategy<Value = [u8; 11]> {
    let day = prop_oneof![4 => 1..=31_u8, 2 => 41..=71_u8, 1 => 80..=99_u8];
    let month = prop_oneof![4 => 1..=12_u8, 1 => 81..=92_u8, 1 => 41..=77_u8];
    let made = ((day, month, 0..=99_u8), 0..1000_u16);
    let made = made.prop_map(|((day, month, year), individual)| ([day, month, year], individual));
    let valid = made.prop_filter_map("no control digits", |(date, individual)| {
        with_control_digits(nine(date, individual))
    });
    let changed = (valid, 0..11_usize, prop_oneof![b'0'..=b'9', any::<u8>()]);
    let changed = changed.prop_map(|(mut number, at, byte)| {
        number[at] = byte;
        number
    });
    prop_oneof![
        changed,
        prop::array::uniform11(b'0'..=b'9'),
        prop::array::uniform11(any::<u8>())
    ]
}

fn written(kind: IdentifierType) -> BoxedStrategy<Option<String>> {
    let fnr = near_fnr().prop_map(|number| String::from_utf8_lossy(&number).into_owned());
    let texts = prop_oneof![
        4 => fnr,
        2 => near(kind),
        2 => "[0-9]{1,12}",
        1 => "[1-9][0-9]{12,19}",
        1 => "[0-9]{63,66}",
        1 => " ?[0-9]{4,11} ?",
    ];
    prop::option::weighted(0.95, texts).boxed()
}

/// The rows of `cells` that hold and have a canonical form, by the long way alone.
fn the_long_way(kind: IdentifierType, cells: &Cells, rows: usize) -> Vec<Option<Vec<u8>>> {
    let form = |row| {
        let raw = match cells.get(row) {
            Cell::Text(text) => Raw::Text(text),
            Cell::Integer(integer) => Raw::Integer(integer),
            _ => Raw::Missing,
        };
        let mut form = Vec::new();
        rule(kind).canonical(raw, &mut form).ok().map(|_| form)
    };
    (0..rows).map(form).collect()
}

/// Runs of the short way from row to row give the long way's forms; returns how many rows it took.
fn runs_agree(kind: IdentifierType, array: ArrayRef, holds: &[bool]) -> usize {
    let cells = Cells::of(&array).expect("a type that registers are read from");
    let long = the_long_way(kind, &cells, holds.len());
    let mut taken = 0;
    for from in 0..holds.len() {
        let mut forms = Forms::new(&PartTypes::of(&[kind]), 0);
        let run = short::run(&cells, holds, from, rule(kind), &mut forms);
        assert_eq!(forms.len(), run);
        for (index, row) in (from..from + run).enumerate() {
            assert!(holds[row]);
            assert_eq!(Some(forms.get(index)), long[row].as_deref());
        }
        taken += usize::from(run > 0);
    }
    taken
}

proptest! {
    #[test]
    fn an_fnr_is_judged_alike_both_ways(
        number in near_fnr(),
        rule in prop::sample::select(fnr_rules()),
    ) {
        judged_alike(rule, &number);
    }

    #[test]
    fn the_short_way_gives_the_long_ways_forms(
        (kind, texts) in prop::sample::select(every_type()).prop_flat_map(|kind| {
            (Just(kind), prop::collection::vec((written(kind), prop::bool::weighted(0.9)), 1..20))
        }),
    ) {
        let (texts, holds): (Vec<Option<String>>, Vec<bool>) = texts.into_iter().unzip();
        let strings: StringArray = texts.iter().map(Option::as_deref).collect();
        let large: LargeStringArray = texts.iter().map(Option::as_deref).collect();
        let views: StringViewArray = texts.iter().map(Option::as_deref).collect();
        let coded: DictionaryArray<Int32Type> = texts.iter().map(Option::as_deref).collect();
        let numbers = texts.iter().map(|text| text.as_ref()?.trim().parse().ok());
        let numbers: Int64Array = numbers.collect();
        let taken = runs_agree(kind, Arc::new(strings.clone()), &holds);
        for same in [Arc::new(large) as ArrayRef, Arc::new(views), Arc::new(coded)] {
            prop_assert_eq!(runs_agree(kind, same, &holds), taken);
        }
        runs_agree(kind, Arc::new(numbers), &holds);
        // A slice begins in the middle of its buffers.
        let last = holds.len() - 1;
        runs_agree(kind, Arc::new(strings.slice(last, 1)), &holds[last..]);
    }
}

#[test]
fn what_registers_write_takes_the_short_way() {
    let holds = [true; 3];
    for (kind, texts) in [
        (IdentifierType::NoFnr, [FNR, FNR, FNR]),
        (IdentifierType::Number, ["1", "12", "9966"]),
        (IdentifierType::Digits(4), ["0001", "9999", "0301"]),
    ] {
        let numbers: [i64; 3] = texts.map(|text| text.parse().expect("digits"));
        assert_eq!(
            runs_agree(kind, Arc::new(StringArray::from(texts.to_vec())), &holds),
            3
        );
        assert_eq!(
            runs_agree(kind, Arc::new(Int64Array::from(numbers.to_vec())), &holds),
            3
        );
    }
}
