//! Norwegian numbers: what each rule takes, as what, and why it refuses the rest.
//!
//! All numbers are made up.

use kobling_identifier::{
    Control, Date, FnrKind, HnrControl, IdentifierFault, IdentifierRule, IdentifierType, Synthetic,
};
use proptest::prelude::*;

const ALL: [FnrKind; 4] = [FnrKind::Fnr, FnrKind::Dnr, FnrKind::Hnr, FnrKind::Fhnr];

// Of persons born on 1 January 1901, or with a tie to that day.
const FNR: &str = "01010100131";
const DNR: &str = "41010100125";
const HNR: &str = "01410100114";
const HNR_WITHOUT_40: &str = "01410100131";
const FHNR: &str = "80123400155";
const TENOR: &str = "01810100288";
const TENOR_DNR: &str = "41810100190";
const HEALTH: &str = "01660100160";
const NAV_DNR: &str = "41410100108";
/// Issued from 2032: the first sum leaves 3.
const FNR_2032: &str = "01010100166";
const DNR_2032: &str = "41010100141";
const TENOR_2032: &str = "01810100121";

fn rule() -> IdentifierRule {
    IdentifierRule::new(IdentifierType::NoFnr, day(2026))
}

fn day(year: i16) -> Date {
    Date::new(year, 1, 1).expect("a day")
}

/// The name, and whether it is synthetic; or the reason.
fn read_as(rule: IdentifierRule, text: &str) -> Result<(&'static str, bool), IdentifierFault> {
    let kind = rule.recognise(text)?;
    Ok((kind.name(), kind.is_synthetic()))
}

fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(d, w)| d * w).sum()
}

/// The 11 digits that begin with these nine and whose first sum leaves `rest`, if there are any.
fn controlled(nine: &str, rest: u32) -> Option<String> {
    let mut digits: Vec<u32> = nine.chars().filter_map(|c| c.to_digit(10)).collect();
    let first = weighted(&digits, &[3, 7, 6, 1, 8, 9, 4, 5, 2]);
    digits.push((11 + rest - first % 11) % 11);
    let second = weighted(&digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    digits.push((11 - second % 11) % 11);
    let is_digit = |digit: &u32| *digit < 10;
    let text = digits.iter().map(u32::to_string).collect();
    digits.iter().all(is_digit).then_some(text)
}

// ---- kinds ----

#[test]
fn a_plan_takes_the_kinds_that_it_lists() {
    let numbers = [FNR, DNR, FHNR];
    let of = [FnrKind::Fnr, FnrKind::Dnr, FnrKind::Fhnr];
    for (number, kind) in numbers.into_iter().zip(of) {
        let others = ALL.into_iter().filter(|other| *other != kind);
        let (only, others) = (rule().with_kinds([kind]), rule().with_kinds(others));
        assert_eq!(read_as(only, number), Ok((kind.name(), false)));
        assert_eq!(
            read_as(others, number),
            Err(IdentifierFault::OtherKind),
            "{number}"
        );
    }
    assert_eq!(read_as(rule(), FNR), Ok(("fnr", false)));
    assert_eq!(read_as(rule(), DNR), Ok(("dnr", false)));
    assert_eq!(read_as(rule(), FHNR), Err(IdentifierFault::OtherKind));
}

#[test]
fn a_d_number_has_a_date_in_a_century_of_its_series() {
    let first_with = |date: &str, individuals: std::ops::RangeInclusive<u32>| {
        individuals
            .filter_map(|n| controlled(&format!("{date}{n:03}"), 0))
            .map(|number| read_as(rule(), &number).map(drop))
            .reduce(|a, b| if a == b { a } else { panic!("{date}: both") })
            .expect("some number has control digits")
    };
    for (date, individuals, expected) in [
        ("690200", 0..=199, Err(IdentifierFault::NotADate)), // 1900 was no leap year
        ("690200", 200..=999, Ok(())),                       // 2000 was one
        ("690204", 0..=999, Ok(())),
        ("690203", 0..=999, Err(IdentifierFault::NotADate)),
        ("710403", 0..=999, Err(IdentifierFault::NotADate)),
        ("711203", 0..=999, Ok(())),
        ("410139", 0..=999, Ok(())),
        ("410140", 0..=499, Ok(())),
        ("410140", 500..=599, Err(IdentifierFault::NotADate)),
        ("410140", 600..=999, Ok(())),
        ("410157", 500..=599, Err(IdentifierFault::NotADate)),
        ("410158", 500..=599, Ok(())), // 1858
        ("410199", 0..=999, Ok(())),
    ] {
        assert_eq!(first_with(date, individuals), expected, "{date}");
    }
}

// ---- numbers from 2032 ----

#[test]
fn a_relaxed_first_control_digit_counts_where_the_plan_says_so() {
    let by_date = |year| IdentifierRule::new(IdentifierType::NoFnr, day(year));
    let takes = [rule().with_control(Control::From2032), by_date(2032)];
    let does_not = [
        rule(),
        by_date(2031),
        by_date(2050).with_control(Control::Before2032),
    ];
    for (number, kind) in [(FNR_2032, "fnr"), (DNR_2032, "dnr")] {
        for rule in takes {
            assert_eq!(read_as(rule, number), Ok((kind, false)), "{number}");
        }
        for rule in does_not {
            assert_eq!(
                read_as(rule, number),
                Err(IdentifierFault::ControlDigit),
                "{number}"
            );
        }
    }
    let tests = takes[0].with_synthetic(Synthetic::Only);
    assert_eq!(read_as(tests, TENOR_2032), Ok(("fnr", true)));
    // What was valid stays valid.
    for rule in takes {
        assert_eq!(read_as(rule, FNR), Ok(("fnr", false)));
        assert_eq!(read_as(rule, DNR), Ok(("dnr", false)));
    }
}

#[test]
fn the_first_sum_may_leave_up_to_three() {
    let rule = rule().with_control(Control::From2032);
    for rest in 0..11 {
        let numbers = (0..500).filter_map(|n| controlled(&format!("010101{n:03}"), rest));
        for number in numbers {
            let expected = if rest <= 3 {
                Ok(("fnr", false))
            } else {
                Err(IdentifierFault::ControlDigit)
            };
            assert_eq!(read_as(rule, &number), expected, "{number}");
        }
    }
}

#[test]
fn from_2032_the_individual_number_gives_no_century() {
    let relaxed = rule().with_control(Control::From2032);
    // 29 February 2000, and 1945, with individual numbers that were not given to either.
    for number in ["29020000145", "01014560285"] {
        assert_eq!(read_as(rule(), number), Err(IdentifierFault::NotADate));
        assert_eq!(read_as(relaxed, number), Ok(("fnr", false)));
    }
    for date in ["290201", "310499", "001201", "011301"] {
        let number = (0..500).find_map(|n| controlled(&format!("{date}{n:03}"), 1));
        let number = number.expect("some number has control digits");
        assert_eq!(read_as(relaxed, &number), Err(IdentifierFault::NotADate));
    }
}

#[test]
fn who_issues_no_2032_numbers_does_not_relax_them() {
    let rule = rule().with_kinds(ALL).with_control(Control::From2032);
    for number in ["01410100122", "80123400163"] {
        assert_eq!(
            read_as(rule, number),
            Err(IdentifierFault::ControlDigit),
            "{number}"
        );
    }
}

// ---- test persons ----

#[test]
fn test_persons_and_real_persons_are_kept_apart() {
    let numbers = [
        (TENOR, "fnr"),
        (HEALTH, "fnr"),
        (TENOR_DNR, "dnr"),
        (NAV_DNR, "dnr"),
    ];
    for (number, kind) in numbers {
        assert_eq!(
            read_as(rule(), number),
            Err(IdentifierFault::Synthetic),
            "{number}"
        );
        for synthetic in [Synthetic::Allow, Synthetic::Only] {
            let rule = rule().with_synthetic(synthetic);
            assert_eq!(read_as(rule, number), Ok((kind, true)), "{number}");
            let fh = rule.with_kinds([FnrKind::Fhnr]);
            assert_eq!(
                read_as(fh, number),
                Err(IdentifierFault::OtherKind),
                "{number}"
            );
        }
    }
    for number in [FNR, DNR] {
        let rule = rule().with_synthetic(Synthetic::Allow);
        assert!(read_as(rule, number).is_ok_and(|(_, synthetic)| !synthetic));
        let rule = rule.with_synthetic(Synthetic::Only);
        assert_eq!(
            read_as(rule, number),
            Err(IdentifierFault::NotSynthetic),
            "{number}"
        );
    }
}

// ---- H-numbers ----

#[test]
fn a_month_with_40_added_is_read_as_the_plan_says_or_not_at_all() {
    let name = "hnr-or-nav-synthetic";
    let with_hnr = rule().with_kinds(ALL);
    assert_eq!(read_as(rule(), HNR), Err(IdentifierFault::Ambiguous));
    assert_eq!(read_as(with_hnr, HNR), Ok((name, false)));
    for synthetic in [Synthetic::Allow, Synthetic::Only] {
        let tests = rule().with_synthetic(synthetic);
        assert_eq!(read_as(tests, HNR), Ok((name, true)));
        let tests = tests.with_kinds([FnrKind::Dnr]);
        assert_eq!(read_as(tests, HNR), Err(IdentifierFault::OtherKind));
        // In code it can be said that both are expected: then nobody can say which it is.
        let both = with_hnr.with_synthetic(synthetic);
        assert_eq!(read_as(both, HNR), Err(IdentifierFault::Ambiguous));
    }
    // H-numbers are not given to who has a D-number; NAV's test persons are.
    assert_eq!(read_as(with_hnr, NAV_DNR), Err(IdentifierFault::Synthetic));
}

#[test]
fn an_h_number_is_controlled_as_the_plan_says() {
    let as_written = rule().with_kinds(ALL);
    let without_40 = as_written.with_hnr_control(HnrControl::Without40);
    assert!(read_as(as_written, HNR).is_ok());
    assert_eq!(
        read_as(as_written, HNR_WITHOUT_40),
        Err(IdentifierFault::ControlDigit)
    );
    assert!(read_as(without_40, HNR_WITHOUT_40).is_ok());
    assert_eq!(read_as(without_40, HNR), Err(IdentifierFault::ControlDigit));
    // Nothing else is read without the 40.
    for number in [FNR, DNR, FHNR] {
        assert!(read_as(without_40, number).is_ok());
    }
    let tests = rule().with_hnr_control(HnrControl::Without40);
    let tests = tests.with_synthetic(Synthetic::Only);
    assert!(read_as(tests, HNR).is_ok());
    assert_eq!(
        read_as(tests, HNR_WITHOUT_40),
        Err(IdentifierFault::ControlDigit)
    );
}

// ---- no-orgnr, no-duf ----

fn of(kind: IdentifierType, text: &str) -> Result<(&'static str, bool), IdentifierFault> {
    read_as(IdentifierRule::new(kind, day(2026)), text)
}

#[test]
fn an_organisation_number_is_recognised_however_it_is_written() {
    let orgnr = |text| of(IdentifierType::NoOrgnr, text);
    for text in [
        "812345672",
        "812 345 672",
        " 987654325",
        "987-654-325",
        "987654325.0",
    ] {
        assert_eq!(orgnr(text), Ok(("orgnr", false)), "{text}");
    }
    for (text, invalid) in [
        ("812345673", IdentifierFault::ControlDigit),
        ("123456785", IdentifierFault::NeverIssued),
        ("000000000", IdentifierFault::NeverIssued),
        ("0.0", IdentifierFault::WrongLength),
        ("12345672", IdentifierFault::WrongLength),
        ("0812345672", IdentifierFault::WrongLength),
        ("NO812345672", IdentifierFault::WrongCharacters),
        ("812345672 MVA", IdentifierFault::WrongCharacters),
    ] {
        assert_eq!(orgnr(text), Err(invalid), "{text}");
    }
}

#[test]
fn a_duf_number_has_a_year_and_two_control_digits() {
    let duf = |text| of(IdentifierType::NoDuf, text);
    for text in [
        "201000000105",
        "1999 123456 03",
        "201000000210",
        "199912345603.0",
    ] {
        assert_eq!(duf(text), Ok(("duf", false)), "{text}");
    }
    for (text, invalid) in [
        ("201000000106", IdentifierFault::ControlDigit),
        ("201000000116", IdentifierFault::ControlDigit),
        ("189912345608", IdentifierFault::NotADate),
        ("210000000108", IdentifierFault::NotADate),
        ("000000000000", IdentifierFault::NotADate),
        ("20100000010", IdentifierFault::WrongLength),
        ("2010/000001/05", IdentifierFault::WrongCharacters),
    ] {
        assert_eq!(duf(text), Err(invalid), "{text}");
    }
}

// ---- laws ----

/// Made-up numbers of every kind that has a date, issued before 2032 or after.
fn dated() -> impl Strategy<Value = String> {
    let day = prop_oneof![1_u32..=28, 41_u32..=68];
    let month = prop_oneof![1_u32..=12, 66_u32..=77, 81_u32..=92];
    let parts = (day, month, 0_u32..=39, 0_u32..=999, 0_u32..=3);
    parts.prop_filter_map(
        "no control digits",
        |(day, month, year, individual, rest)| {
            controlled(&format!("{day:02}{month:02}{year:02}{individual:03}"), rest)
        },
    )
}

fn lenient() -> IdentifierRule {
    let rule = rule().with_control(Control::From2032);
    rule.with_synthetic(Synthetic::Allow)
}

/// Rules of all sorts, those that contradict themselves too.
fn any_rule() -> impl Strategy<Value = IdentifierRule> {
    let kinds = prop::sample::subsequence(ALL.to_vec(), 0..=4);
    let control = prop::sample::select(vec![
        Control::Before2032,
        Control::From2032,
        Control::ByDate,
    ]);
    let hnr = prop::sample::select(vec![HnrControl::AsWritten, HnrControl::Without40]);
    let synthetic =
        prop::sample::select(vec![Synthetic::Forbid, Synthetic::Allow, Synthetic::Only]);
    let types = prop::sample::select(vec![
        IdentifierType::NoFnr,
        IdentifierType::NoOrgnr,
        IdentifierType::NoDuf,
    ]);
    let parts = (kinds, control, hnr, synthetic, types, 1_i16..=9999);
    parts.prop_map(|(kinds, control, hnr, synthetic, kind, year)| {
        IdentifierRule::new(kind, day(year))
            .with_kinds(kinds)
            .with_control(control)
            .with_hnr_control(hnr)
            .with_synthetic(synthetic)
    })
}

proptest! {
    #[test]
    fn a_number_is_what_it_was_made_as(number in dated()) {
        let is_dnr = number.as_bytes()[0] >= b'4';
        let is_test = number.as_bytes()[2] >= b'6';
        let expected = (if is_dnr { "dnr" } else { "fnr" }, is_test);
        prop_assert_eq!(read_as(lenient(), &number), Ok(expected));
        let (d, p) = number.split_at(6);
        for written in [format!("{d} {p}"), format!("{d}-{p}"), format!(" {number}\t")] {
            prop_assert_eq!(read_as(lenient(), &written), Ok(expected));
        }
        if let Some(short) = number.strip_prefix('0') {
            prop_assert_eq!(read_as(lenient(), short), Ok(expected));
        }
    }

    #[test]
    fn one_wrong_digit_is_found_under_the_relaxed_rule_too(
        number in dated(), at in 0_usize..11, by in 1_u8..10,
    ) {
        let mut bytes = number.into_bytes();
        bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
        let wrong = String::from_utf8(bytes).expect("digits");
        prop_assert_eq!(read_as(lenient(), &wrong), Err(IdentifierFault::ControlDigit));
    }

    #[test]
    fn two_swapped_neighbours_are_found_under_the_relaxed_rule_too(
        number in dated(), at in 0_usize..10,
    ) {
        let mut bytes = number.into_bytes();
        prop_assume!(bytes[at] != bytes[at + 1]);
        bytes.swap(at, at + 1);
        let wrong = String::from_utf8(bytes).expect("digits");
        prop_assert_eq!(read_as(lenient(), &wrong), Err(IdentifierFault::ControlDigit));
    }

    #[test]
    fn no_text_panics_under_any_rule(
        text in prop_oneof![any::<String>(), "[0-9]{0,13}", "[-0-9 .\u{a0}]{0,16}"],
        rule in any_rule(),
    ) {
        let _ = rule.recognise(&text);
    }

    #[test]
    fn what_is_taken_is_of_a_kind_that_is_listed(number in dated(), rule in any_rule()) {
        if let Ok((name, synthetic)) = read_as(rule, &number) {
            // No-one else takes 11 digits.
            let both = rule.with_kinds(ALL).with_synthetic(Synthetic::Allow);
            prop_assert_eq!(read_as(both, &number), Ok((name, synthetic)));
        }
    }
}
