//! No text makes an identifier type panic, under any rule.
#![no_main]

use kobling::plan::{Control, Date, FnrKind, HnrControl, Synthetic};
use kobling::{IdentifierRule, IdentifierType};
use libfuzzer_sys::fuzz_target;

const KINDS: [FnrKind; 4] = [FnrKind::Fnr, FnrKind::Dnr, FnrKind::Hnr, FnrKind::Fhnr];

/// The rule that a number encodes, digit by digit in mixed bases.
fn rule(kind: IdentifierType, mut number: u16) -> IdentifierRule {
    let mut next = |base| {
        let digit = number % base;
        number /= base;
        usize::from(digit)
    };
    let kinds = next(16);
    let control = [Control::Before2032, Control::From2032, Control::ByDate][next(3)];
    let hnr_control = [HnrControl::AsWritten, HnrControl::Without40][next(2)];
    let synthetic = [Synthetic::Forbid, Synthetic::Allow, Synthetic::Only][next(3)];
    let year = [1900, 2026, 2032][next(3)];
    IdentifierRule::new(kind, Date::new(year, 1, 1).expect("a day"))
        .with_kinds((0..4).filter(|at| kinds >> at & 1 == 1).map(|at| KINDS[at]))
        .with_control(control)
        .with_hnr_control(hnr_control)
        .with_synthetic(synthetic)
}

fuzz_target!(|given: (u16, &str)| {
    let (number, text) = given;
    for kind in IdentifierType::NAMES {
        let rule = rule(kind.parse().expect("an identifier type"), number);
        let first = rule.recognise(text);
        assert_eq!(
            first,
            rule.recognise(&format!(" {text} ")),
            "white space around does not count"
        );
    }
});
