//! The types of identifiers, a file each: who issues them, how they are written, what makes
//! one valid. Which type is read by which file is said here and nowhere else.

mod denmark;
mod estonia;
mod finland;
mod iceland;
mod lithuania;
pub mod norway;
mod sweden;
mod united_kingdom;
mod united_states;

use crate::fault::IdentifierFault;
use crate::identifier_type::IdentifierType as Type;
use crate::kind::IdentifierKind;
use crate::raw::{DecimalText, Raw};
use crate::rule::IdentifierRule;
use crate::{day, email, generic};

/// Appends the canonical form of `raw` to `out`, of test persons or not, and returns what it is.
pub(super) fn read(
    rule: IdentifierRule,
    raw: Raw<'_>,
    out: &mut Vec<u8>,
) -> Result<IdentifierKind, IdentifierFault> {
    let (mut digits, latest) = (DecimalText::new(), rule.latest);
    match rule.kind {
        Type::Text => generic::text(digits.filled(raw)?, out),
        Type::Number => generic::number(digits.written(raw)?, out),
        Type::Digits(n) => generic::digits(usize::from(n), digits.written(raw)?, out),
        Type::NoFnr => norway::fnr(rule, digits.written(raw)?, out),
        Type::NoOrgnr => norway::orgnr(digits.written(raw)?, out),
        Type::NoDuf => norway::duf(digits.written(raw)?, latest, out),
        Type::SePersonnummer => sweden::personnummer(digits.written(raw)?, rule.on, latest, out),
        Type::DkCpr => denmark::cpr(digits.written(raw)?, latest, out),
        Type::FiHetu => finland::hetu(digits.filled(raw)?, latest, out),
        Type::IsKennitala => iceland::kennitala(digits.written(raw)?, latest, out),
        Type::EeIsikukood => estonia::isikukood(digits.written(raw)?, latest, out),
        Type::LtAsmensKodas => lithuania::asmens_kodas(digits.written(raw)?, latest, out),
        Type::UkNhs => united_kingdom::nhs(digits.written(raw)?, out),
        Type::UsSsn => united_states::ssn(digits.written(raw)?, out),
        Type::Email => email::email(digits.filled(raw)?, out),
        Type::Date => match raw {
            Raw::Day(days) => day::day(days, out),
            raw => day::date(digits.filled(raw)?, out),
        },
    }
}
