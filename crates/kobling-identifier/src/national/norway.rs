//! The numbers that Norway knows persons and organisations by.
//!
//! ```text
//! D D M M Y Y   I I I   K K
//! date of birth  │       └ two control digits, modulus 11
//!                └ individual number, which gives the century (series)
//! ```
//!
//! Four kinds of number share this form, distinguished by what was added to the
//! date, and so do the numbers of test persons:
//!
//! | day | month | is |
//! |---|---|---|
//! | 01–31 | 01–12 | a fødselsnummer |
//! | 41–71 | 01–12 | a D-number |
//! | 01–31 | 41–52 | an H-number, or a test number of NAV |
//! | 41–71 | 41–52 | a D-number of NAV's for tests |
//! | either | 66–77 | a test number of the health sector |
//! | either | 81–92 | a test number of Skatteetaten (Tenor) |
//! | 80–99 | any | an FH-number, without a date |
//!
//! A month of 41 to 52 is ambiguous, and no digit settles it: the rule says
//! whether H-numbers or test numbers are to be expected, else it is refused.
//!
//! The control digits find every single wrong digit and every swap of two
//! neighbours (E. S. Selmer, "Personnummerering i Norge: litt anvendt tallteori
//! og psykologi", Nordisk Matematisk Tidskrift 12, 1964), so a value that
//! passes them is hardly ever a slip of the pen; hence a leading zero that a
//! numeric column lost may be restored. The second control digit finds them by
//! itself, for its weights are none of them 0 and no two neighbours are the
//! same; so this holds of the numbers issued from 2032 too, whose first control
//! digit is relaxed.
//!
//! Neither sex nor century is read from a number: from 2032 none can be. Whoever
//! is born after the last day that the rule allows for, in every century that is
//! possible, has no number yet.
//!
//! Sources: forskrift om folkeregistrering § 2-2 and Skatteetaten, "Nytt
//! fødselsnummer fra 2032", for fødselsnumre and D-numbers; the Directorate of
//! eHealth, "Identifikatorer for personer" (HIS 1001), for H- and FH-numbers.

pub mod control;
mod duf;
mod organisation;
mod quick;
pub mod series;
mod writing;

use crate::date::Date;
use crate::fault::IdentifierFault;
use crate::kind::IdentifierKind;
use crate::rule::{FnrKind, HnrControl, IdentifierRule, Synthetic};
use crate::written::Written;
use control::{FIRST_WEIGHTS, SECOND_WEIGHTS, remainder};
use series::{Series, has_date};

pub(super) use duf::duf;
pub(super) use organisation::orgnr;
pub use quick::Quick;

/// The digits of a fødselsnummer, and of all that is written like one.
const LEN: usize = 11;

/// Each digit by its value.
type Digits = [u32; LEN];

/// The 11 digits of a number of a kind that `rule` accepts.
pub(crate) fn fnr(
    rule: IdentifierRule,
    written: Written<'_>,
    out: &mut Vec<u8>,
) -> Result<IdentifierKind, IdentifierFault> {
    // The day is at least 01, so one leading zero at most can be lost.
    let number: [u8; LEN] = writing::digits(written, LEN - 1)?;
    let kind = recognise(rule, &number.map(|digit| u32::from(digit - b'0')))?;
    out.extend(number);
    Ok(kind)
}

fn recognise(rule: IdentifierRule, digits: &Digits) -> Result<IdentifierKind, IdentifierFault> {
    let form = Form::of(digits);
    let is_hnr = form.may_be_hnr() && says_hnr(rule);
    // Skatteetaten relaxes the control of what it issues, and of its tests.
    let relaxed = rule.takes_2032() && !is_hnr && form != Form::Fhnr;
    let controlled = match rule.hnr_control {
        HnrControl::Without40 if is_hnr => without_40(digits),
        _ => *digits,
    };
    let tolerated = if relaxed { control::TOLERATED_2032 } else { 0 };
    if remainder(&controlled, &FIRST_WEIGHTS) > tolerated
        || remainder(&controlled, &SECOND_WEIGHTS) != 0
    {
        return Err(IdentifierFault::ControlDigit);
    }
    if !form.has_date(digits, relaxed, Date::MOST) {
        return Err(IdentifierFault::NotADate);
    }
    if !form.has_date(digits, relaxed, rule.latest) {
        return Err(IdentifierFault::NeverIssued);
    }
    form.kind(rule)
}

/// Whether the rule says that a month of 41 to 52 is an H-number's.
fn says_hnr(rule: IdentifierRule) -> bool {
    rule.kinds.has(FnrKind::Hnr) && rule.synthetic == Synthetic::Forbid
}

fn without_40(digits: &Digits) -> Digits {
    let mut digits = *digits;
    digits[2] -= 4;
    digits
}

/// What the first four digits say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// An FH-number.
    Fhnr,
    /// All else: a day and a month, and what they were before something was added.
    Dated {
        kind: FnrKind,
        day: u32,
        month: u32,
        added: Added,
    },
}

/// What was added to the month.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Added {
    Nothing,
    /// 40, by health institutions and by NAV.
    Forty,
    /// 65 or 80, for tests.
    Test,
}

impl Form {
    fn of(&[d1, d2, m1, m2, ..]: &Digits) -> Self {
        let (kind, day) = match d1 {
            0..=3 => (FnrKind::Fnr, d1 * 10 + d2),
            4..=7 => (FnrKind::Dnr, d1 * 10 + d2 - 40),
            _ => return Self::Fhnr,
        };
        let (added, month) = match m1 * 10 + m2 {
            month @ 41..=52 => (Added::Forty, month - 40),
            month @ 66..=77 => (Added::Test, month - 65),
            month @ 81..=92 => (Added::Test, month - 80),
            month => (Added::Nothing, month),
        };
        Self::Dated {
            kind,
            day,
            month,
            added,
        }
    }

    /// Whether it is an H-number, or a test number that looks like one.
    fn may_be_hnr(self) -> bool {
        matches!(
            self,
            Self::Dated {
                kind: FnrKind::Fnr,
                added: Added::Forty,
                ..
            }
        )
    }

    /// Whether its date, if it has one, is in the calendar by `latest`, in a century of its series.
    fn has_date(self, digits: &Digits, relaxed: bool, latest: Date) -> bool {
        let Self::Dated {
            kind, day, month, ..
        } = self
        else {
            return true;
        };
        let series: &[Series] = match kind {
            _ if relaxed => &series::FROM_2032,
            FnrKind::Dnr => &series::DNR,
            _ => &series::FNR,
        };
        let [_, _, _, _, y1, y2, i1, i2, i3, ..] = *digits;
        let individual = i1 * 100 + i2 * 10 + i3;
        has_date(series, individual, [day, month, y1 * 10 + y2], latest)
    }

    /// What a number of this form is, if the rule accepts that.
    fn kind(self, rule: IdentifierRule) -> Result<IdentifierKind, IdentifierFault> {
        let (kind, added) = match self {
            Self::Fhnr => (FnrKind::Fhnr, Added::Nothing),
            Self::Dated { kind, added, .. } => (kind, added),
        };
        let hnr = rule.kinds.has(FnrKind::Hnr);
        let forbidden = rule.synthetic == Synthetic::Forbid;
        if self.may_be_hnr() && hnr != forbidden {
            // Either the rule has a place for neither, or for both.
            return Err(IdentifierFault::Ambiguous);
        }
        if self.may_be_hnr() && hnr {
            return Ok(IdentifierKind::of(HNR_OR_TEST));
        }
        let test = added != Added::Nothing;
        match rule.synthetic {
            Synthetic::Forbid if test => return Err(IdentifierFault::Synthetic),
            Synthetic::Only if !test => return Err(IdentifierFault::NotSynthetic),
            _ if !rule.kinds.has(kind) => return Err(IdentifierFault::OtherKind),
            _ => {}
        }
        let name = match self.may_be_hnr() {
            true => HNR_OR_TEST,
            false => kind.name(),
        };
        Ok(match test {
            true => IdentifierKind::synthetic(name),
            false => IdentifierKind::of(name),
        })
    }
}

/// What a month of 41 to 52 is counted under, however the rule reads it: a
/// wrong rule is not to make it look certain.
const HNR_OR_TEST: &str = "hnr-or-nav-synthetic";
