//! Mistakes that registers make with numbers, and how often: stated, not hidden.

use std::path::Path;

use super::draw::Draw;
use super::number::NumberText;
use crate::error::{Error, ErrorKind, Result, nearest};

/// What is wrong with a number in the tax or the benefit register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Mistake {
    /// There is none.
    Missing,
    /// One digit is another one.
    Mistyped,
    /// Two neighbouring digits have changed places.
    Swapped,
    /// It began with 0, and does no longer.
    ZeroLost,
    /// It is the number of another person, and right in itself.
    Borrowed,
}

impl Mistake {
    /// All of them, in the order in which [`Rates`] has them.
    pub const ALL: [Self; 5] = [
        Self::Missing,
        Self::Mistyped,
        Self::Swapped,
        Self::ZeroLost,
        Self::Borrowed,
    ];

    /// What the truth calls it: the name of its rate.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Mistyped => "mistyped",
            Self::Swapped => "swapped",
            Self::ZeroLost => "zero_lost",
            Self::Borrowed => "borrowed",
        }
    }
}

/// How often each [`Mistake`] is made: shares of the rows of the tax and the
/// benefit register, 0–1. A row has one mistake at most, so all together are 1 at most.
///
/// # Examples
///
/// ```
/// use kobling::synthesise::Rates;
///
/// let rates = Rates::parse("missing = 0.01\nborrowed = 0.002\n")?;
/// assert_eq!(rates, Rates { missing: 0.01, borrowed: 0.002, ..Rates::default() });
/// assert!(Rates::parse("missing = 1.5").is_err());
/// # Ok::<(), kobling::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// No number at all. 0.005 unless it is given.
    pub missing: f64,
    /// One digit is another one. 0.003 unless it is given.
    pub mistyped: f64,
    /// Two neighbouring digits have changed places. 0.001 unless it is given.
    pub swapped: f64,
    /// The leading 0 is gone: of the rows whose number begins with 0, some 3 in
    /// 10. 0.02 unless it is given.
    pub zero_lost: f64,
    /// The number of another person. 0.001 unless it is given.
    pub borrowed: f64,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            missing: 0.005,
            mistyped: 0.003,
            swapped: 0.001,
            zero_lost: 0.02,
            borrowed: 0.001,
        }
    }
}

impl Rates {
    /// No mistakes.
    pub const NONE: Self = Self {
        missing: 0.0,
        mistyped: 0.0,
        swapped: 0.0,
        zero_lost: 0.0,
        borrowed: 0.0,
    };

    /// Reads rates from TOML, `missing = 0.01` and so on; what it does not name has its default.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Synthesis`] if it is not TOML, names what is no rate, or a
    /// rate is not a number from 0 to 1, or all together are more than 1.
    pub fn parse(text: &str) -> Result<Self> {
        let table: toml::Table = text
            .parse()
            .map_err(|_| Error::new(ErrorKind::Synthesis, "the rates are not TOML"))?;
        let mut rates = Self::default();
        for (name, value) in &table {
            let rate = match value {
                toml::Value::Float(rate) => *rate,
                toml::Value::Integer(rate) => *rate as f64,
                _ => f64::NAN,
            };
            let mistake = Mistake::ALL.into_iter().find(|one| one.name() == name);
            *rates.of_mut(mistake.ok_or_else(|| no_such_rate(name))?) = rate;
        }
        rates.check()?;
        Ok(rates)
    }

    /// Reads rates from a TOML file, as [`parse`](Self::parse) does.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::File`] if it cannot be read, and as [`parse`](Self::parse) has them.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::file(path, "read the rates", &error))?;
        Self::parse(&text).map_err(|error| error.in_file(path))
    }

    /// The rate of a mistake.
    pub fn of(&self, mistake: Mistake) -> f64 {
        let mut rates = *self;
        *rates.of_mut(mistake)
    }

    /// The rate of a mistake, to be changed.
    pub fn of_mut(&mut self, mistake: Mistake) -> &mut f64 {
        match mistake {
            Mistake::Missing => &mut self.missing,
            Mistake::Mistyped => &mut self.mistyped,
            Mistake::Swapped => &mut self.swapped,
            Mistake::ZeroLost => &mut self.zero_lost,
            Mistake::Borrowed => &mut self.borrowed,
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        let wrong = |rule: String| Err(Error::new(ErrorKind::Synthesis, rule));
        for mistake in Mistake::ALL {
            // Not-a-number is in no range.
            if !(0.0..=1.0).contains(&self.of(mistake)) {
                let name = mistake.name();
                return wrong(format!("the rate `{name}` is not a number from 0 to 1"));
            }
        }
        let all: f64 = Mistake::ALL.into_iter().map(|one| self.of(one)).sum();
        if all > 1.0 + 1e-9 {
            return wrong("the rates come to more than 1 together".to_owned());
        }
        Ok(())
    }

    /// The mistake that is made with a number, if one is.
    pub(super) fn draw(&self, number: &NumberText, draw: &mut Draw) -> Option<Mistake> {
        let mut rest = draw.unit();
        let mistake = Mistake::ALL.into_iter().find(|&mistake| {
            rest -= self.of(mistake);
            rest < 0.0
        })?;
        (mistake != Mistake::ZeroLost || number[0] == b'0').then_some(mistake)
    }
}

fn no_such_rate(name: &str) -> Error {
    let names = Mistake::ALL.map(Mistake::name);
    let help = match nearest(name, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the rates are {}", names.join(", ")),
    };
    let rule = format!("there is no rate `{}`", name.escape_debug());
    Error::new(ErrorKind::Synthesis, rule).help(help)
}

/// A number as a register has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct RecordedNumber {
    digits: NumberText,
    from: usize,
}

impl RecordedNumber {
    pub(super) fn right(number: NumberText) -> Self {
        Self {
            digits: number,
            from: 0,
        }
    }

    /// Makes a mistake with `number`; `another` is that of another person. None is missing.
    pub(super) fn wrong(
        number: NumberText,
        mistake: Mistake,
        another: NumberText,
        draw: &mut Draw,
    ) -> Option<Self> {
        let mut digits = number;
        match mistake {
            Mistake::Missing => return None,
            Mistake::Mistyped => {
                let at = draw.below(11) as usize;
                let by = 1 + draw.below(9) as u8;
                digits[at] = b'0' + (digits[at] - b'0' + by) % 10;
            }
            Mistake::Swapped => {
                let begin = draw.below(10) as usize;
                let mut places = (0..10).map(|step| (begin + step) % 10);
                // Only neighbours that differ; the month's are 8 or 9, then less.
                if let Some(at) = places.find(|&at| digits[at] != digits[at + 1]) {
                    digits.swap(at, at + 1);
                }
            }
            Mistake::ZeroLost => return Some(Self { digits, from: 1 }),
            Mistake::Borrowed => digits = another,
        }
        Some(Self::right(digits))
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.digits[self.from..]).expect("digits are ASCII")
    }
}
