//! How a value is read: as which type, and which of its numbers count.
//!
//! The type decides what the canonical form is, the rule only what is accepted: what
//! two rules of one type both accept has one form.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use crate::date::Date;
use crate::identifier_type::IdentifierType;

/// An identifier type, with which of its numbers count.
///
/// # Examples
///
/// ```
/// use kobling_identifier::{
///     Date, FnrKind, IdentifierFault, IdentifierRule, IdentifierType, Synthetic,
/// };
///
/// let rule = IdentifierRule::new(IdentifierType::NoFnr, Date::new(2026, 1, 1).unwrap());
/// assert_eq!(rule.recognise("01010100131").unwrap().name(), "fnr");
/// assert_eq!(rule.recognise("41010100125").unwrap().name(), "dnr");
/// assert_eq!(rule.recognise("01810100288"), Err(IdentifierFault::Synthetic));
///
/// let tests = rule.with_kinds([FnrKind::Fnr]).with_synthetic(Synthetic::Only);
/// assert!(tests.recognise("01810100288").unwrap().is_synthetic());
/// assert_eq!(tests.recognise("01010100131"), Err(IdentifierFault::NotSynthetic));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentifierRule {
    /// The type.
    pub(crate) kind: IdentifierType,
    /// The day as of which numbers are read: what is valid, and in which
    /// century a number was issued, may depend on it.
    pub(crate) on: Date,
    /// The last day on which somebody may be born, or a case begun.
    pub(crate) latest: Date,
    /// Which numbers `no-fnr` accepts.
    pub(crate) kinds: FnrKinds,
    /// Which control digits `no-fnr` accepts.
    pub(crate) control: Control,
    /// What the control digits of an H-number are computed from.
    pub(crate) hnr_control: HnrControl,
    /// Whether numbers of test persons are accepted.
    pub(crate) synthetic: Synthetic,
}

impl IdentifierRule {
    /// The rule that names the type and says no more about it, with `on` for the
    /// reference date: the day as of which numbers are read.
    pub fn new(kind: IdentifierType, on: Date) -> Self {
        Self {
            kind,
            on,
            latest: Date::MOST,
            kinds: FnrKinds::default(),
            control: Control::default(),
            hnr_control: HnrControl::default(),
            synthetic: Synthetic::default(),
        }
    }

    /// The rule for a register in which somebody may be born until `latest`, and
    /// not after: nobody has a number of a day to come. By default there is no such day.
    #[must_use]
    pub fn with_latest(self, latest: Date) -> Self {
        Self { latest, ..self }
    }

    /// The rule that accepts these `kinds`; other types than `no-fnr` do not ask for them.
    #[must_use]
    pub fn with_kinds(self, kinds: impl IntoIterator<Item = FnrKind>) -> Self {
        let kinds = kinds.into_iter().collect();
        Self { kinds, ..self }
    }

    /// The rule with these first control digits; other types than `no-fnr` do not ask for them.
    #[must_use]
    pub fn with_control(self, control: Control) -> Self {
        Self { control, ..self }
    }

    /// The rule with these control digits of H-numbers; other types than `no-fnr` do not ask for them.
    #[must_use]
    pub fn with_hnr_control(self, hnr_control: HnrControl) -> Self {
        Self {
            hnr_control,
            ..self
        }
    }

    /// The rule that accepts numbers of test persons, or not.
    ///
    /// Types without test numbers of their own do not ask for it, and a number
    /// of such a type is never taken for one.
    #[must_use]
    pub fn with_synthetic(self, synthetic: Synthetic) -> Self {
        Self { synthetic, ..self }
    }

    /// The type.
    pub fn kind(self) -> IdentifierType {
        self.kind
    }

    /// Which kinds of number `no-fnr` accepts.
    pub fn kinds(self) -> FnrKinds {
        self.kinds
    }

    /// What the control digits of an H-number are computed from.
    pub fn hnr_control(self) -> HnrControl {
        self.hnr_control
    }

    /// Whether numbers of test persons are accepted.
    pub fn synthetic(self) -> Synthetic {
        self.synthetic
    }

    /// Whether `no-fnr` accepts numbers as they are issued from 2032.
    pub fn takes_2032(self) -> bool {
        match self.control {
            Control::Before2032 => false,
            Control::From2032 => true,
            Control::ByDate => self.on.year() >= 2032,
        }
    }
}

/// One kind of number that is written as a fødselsnummer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(rename_all = "lowercase")
)]
#[non_exhaustive]
pub enum FnrKind {
    /// `fnr`: the national identity number (fødselsnummer) of residents.
    Fnr,
    /// `dnr`: the D-number of persons with a tie to Norway who do not reside there; the day + 40.
    Dnr,
    /// `hnr`: the H-number that a health institution gives for its own use; the month + 40.
    Hnr,
    /// `fhnr`: the FH-number that the health sector shares; it begins with 8 or 9 and holds no date.
    Fhnr,
}

impl FnrKind {
    const ALL: [Self; 4] = [Self::Fnr, Self::Dnr, Self::Hnr, Self::Fhnr];

    /// Its short name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fnr => "fnr",
            Self::Dnr => "dnr",
            Self::Hnr => "hnr",
            Self::Fhnr => "fhnr",
        }
    }

    /// Such numbers in words, as in `D-numbers`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Fnr => "fødselsnumre",
            Self::Dnr => "D-numbers",
            Self::Hnr => "H-numbers",
            Self::Fhnr => "FH-numbers",
        }
    }
}

/// Which kinds of number `no-fnr` accepts; by default `fnr` and `dnr`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(from = "Vec<FnrKind>", into = "Vec<FnrKind>")
)]
pub struct FnrKinds(u8);

impl FnrKinds {
    /// Whether `kind` is one of them.
    pub fn has(self, kind: FnrKind) -> bool {
        self.0 >> kind as u8 & 1 == 1
    }

    /// Those that are in it, from `fnr` to `fhnr`.
    pub fn iter(self) -> impl Iterator<Item = FnrKind> {
        FnrKind::ALL.into_iter().filter(move |kind| self.has(*kind))
    }
}

impl FromIterator<FnrKind> for FnrKinds {
    fn from_iter<I: IntoIterator<Item = FnrKind>>(kinds: I) -> Self {
        let bits = kinds.into_iter().map(|kind| 1 << kind as u8);
        Self(bits.fold(0, |all, bit: u8| all | bit))
    }
}

impl Default for FnrKinds {
    fn default() -> Self {
        [FnrKind::Fnr, FnrKind::Dnr].into_iter().collect()
    }
}

impl From<Vec<FnrKind>> for FnrKinds {
    fn from(kinds: Vec<FnrKind>) -> Self {
        kinds.into_iter().collect()
    }
}

impl From<FnrKinds> for Vec<FnrKind> {
    fn from(kinds: FnrKinds) -> Self {
        kinds.iter().collect()
    }
}

/// Which first control digits a fødselsnummer or a D-number may have.
///
/// Numbers issued from 1 January 2032 may have four first control digits
/// instead of one, whenever the person was born (Skatteetaten, "Nytt
/// fødselsnummer fra 2032"). Numbers issued before stay as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(rename_all = "kebab-case")
)]
#[non_exhaustive]
pub enum Control {
    /// `before-2032`: the one that numbers issued before 2032 have.
    #[cfg_attr(feature = "serde", serde(rename = "before-2032"))]
    Before2032,
    /// `from-2032`: those that numbers issued from 2032 may have, and the one before.
    #[cfg_attr(feature = "serde", serde(rename = "from-2032"))]
    From2032,
    /// `by-date`: as `from-2032` if the reference date is 2032-01-01 or later, else as `before-2032`.
    #[default]
    ByDate,
}

/// What the control digits of an H-number were computed from; sources disagree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(rename_all = "kebab-case")
)]
#[non_exhaustive]
pub enum HnrControl {
    /// `as-written`: from the month as it is written, 41 to 52.
    #[default]
    AsWritten,
    /// `without-40`: from the month of birth, 1 to 12. Then no control digit
    /// distinguishes an H-number from a fødselsnummer whose third digit is wrong.
    #[cfg_attr(feature = "serde", serde(rename = "without-40"))]
    Without40,
}

impl HnrControl {
    /// How they are computed, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::AsWritten => "with the 40 added to the month",
            Self::Without40 => "without the 40 added to the month",
        }
    }
}

/// Whether numbers that belong to test persons are accepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(rename_all = "lowercase")
)]
#[non_exhaustive]
pub enum Synthetic {
    /// `forbid`: none, as in production.
    #[default]
    Forbid,
    /// `allow`: these and those of real persons.
    Allow,
    /// `only`: none but these, as in a test.
    Only,
}

impl Synthetic {
    /// Who is accepted, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Forbid => "no test persons",
            Self::Allow => "test persons too",
            Self::Only => "test persons only",
        }
    }
}
