//! Numbers as people and their programs write them in text, in the one form that is computed with.
//!
//! `1.234` is a thousand and more in one country, and one and a bit in another.
//! So a number is read only where it has one reading: the plan says what the
//! decimal sign is, or a file with commas between its fields does (its numbers
//! have points, or they would be quoted), or the number itself does, as `1234,5`
//! and `1.234,5` do. What is left is refused, with what to write in the plan.

use kobling_identifier::guarded::bare;

use crate::plan::document::{DecimalSign, ThousandsSign};
use crate::plan::format::FileFormat;

use super::readings::{Readings, SeenNotation};

/// What is said of a number with two readings.
pub(crate) const TWO_READINGS: &str = "is a number with two readings, of decimals or of thousands: \
                                       write format = { decimal = \",\" } or { decimal = \".\" } \
                                       under the source in the plan";

/// What is known of how numbers are written in a file's text.
#[derive(Clone, Default)]
pub(crate) struct NumberNotation {
    /// What the plan says.
    decimal: Option<DecimalSign>,
    thousands: Option<ThousandsSign>,
    /// Whether a number may have a decimal comma where the plan says nothing.
    open: bool,
    readings: Readings,
}

/// A sign between digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Point,
    Comma,
    Space,
    Apostrophe,
}

impl NumberNotation {
    /// What the plan's `format` says of numbers; and a file's `delimiter`, where
    /// it is text. `readings` record what is found.
    pub(super) fn new(format: &FileFormat, delimiter: Option<u8>, readings: &Readings) -> Self {
        let decimal = match (format.decimal, format.thousands) {
            (None, Some(ThousandsSign::Point)) => Some(DecimalSign::Comma),
            (None, Some(ThousandsSign::Comma)) => Some(DecimalSign::Point),
            (decimal, _) => decimal,
        };
        Self {
            decimal,
            thousands: format.thousands,
            open: delimiter.is_some_and(|delimiter| delimiter != b','),
            readings: readings.clone(),
        }
    }

    /// Whether `text` is read as it is written, if it is a number in plain form at all.
    #[inline]
    pub(crate) fn takes(&self, text: &str) -> bool {
        let points = match self.decimal {
            Some(DecimalSign::Point) => true,
            Some(DecimalSign::Comma) => false,
            None => !self.open,
        };
        points || !text.as_bytes().contains(&b'.')
    }

    /// The number that `text` writes, in plain form: ASCII digits, a point
    /// before decimals, and a sign or an exponent as it is there. Nothing if it
    /// writes none.
    ///
    /// # Errors
    ///
    /// It has two readings.
    pub(crate) fn plain<'a>(
        &self,
        text: &str,
        plain: &'a mut String,
    ) -> Result<Option<&'a str>, &'static str> {
        plain.clear();
        let text = bare(text);
        let text = match text.strip_prefix('\u{2212}') {
            Some(rest) => {
                plain.push('-');
                rest
            }
            None => match text.strip_prefix(['-', '+']) {
                Some(rest) => {
                    plain.push_str(&text[..1]);
                    rest
                }
                None => text,
            },
        };
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        let Some(pieces) = pieces(mantissa) else {
            return Ok(None);
        };
        let Some(decimal) = self.decimal_of(&pieces, !exponent.is_empty())? else {
            return Ok(None);
        };
        let (whole, fraction) = match decimal {
            None => (&pieces[..], None),
            Some(_) => match pieces.split_last() {
                Some((last, whole)) => (whole, Some(last.1)),
                None => return Ok(None),
            },
        };
        if !self.groups(whole) || (whole.len() > 1 && !exponent.is_empty()) {
            return Ok(None);
        }
        for (_, digits) in whole {
            plain.push_str(digits);
        }
        if let Some(fraction) = fraction {
            plain.push('.');
            plain.push_str(fraction);
        }
        // A minus there may be one of a typesetter's too.
        plain.extend(
            exponent
                .chars()
                .map(|c| if c == '\u{2212}' { '-' } else { c }),
        );
        if decimal == Some(Mark::Comma) {
            self.readings.number(SeenNotation::DecimalComma);
        }
        if whole.len() > 1 {
            self.readings.number(SeenNotation::Grouped);
        }
        Ok(Some(plain))
    }

    /// Which sign is before decimals, if one is; nothing if it is no number.
    fn decimal_of(
        &self,
        pieces: &[(Option<Mark>, &str)],
        exponent: bool,
    ) -> Result<Option<Option<Mark>>, &'static str> {
        let count = |mark| pieces.iter().filter(|piece| piece.0 == Some(mark)).count();
        let (points, commas) = (count(Mark::Point), count(Mark::Comma));
        let last = pieces.last().and_then(|piece| piece.0);
        // A decimal sign is the last one, and there is one of it.
        let ends_in = |mark, count: usize| match count {
            0 => Some(None),
            1 if last == Some(mark) => Some(Some(mark)),
            _ => None,
        };
        if let Some(decimal) = self.decimal {
            return Ok(match decimal {
                DecimalSign::Point => ends_in(Mark::Point, points),
                DecimalSign::Comma => ends_in(Mark::Comma, commas),
            });
        }
        if !self.open && last == Some(Mark::Comma) && (commas == 1 || points > 0) {
            // Between commas numbers have points; this one says something else.
            return Err(TWO_READINGS);
        }
        Ok(match (points, commas) {
            (0, 0) => Some(None),
            (0, 2..) | (2.., 0) => Some(None),
            (1, 0) | (0, 1) => {
                let mark = if points == 1 {
                    Mark::Point
                } else {
                    Mark::Comma
                };
                let others = pieces.len() > 2;
                let could_group = !others && !exponent && grouped(pieces);
                match could_group && (self.open || mark == Mark::Comma) {
                    true => return Err(TWO_READINGS),
                    false => ends_in(mark, 1),
                }
            }
            (1, _) if last == Some(Mark::Point) => Some(Some(Mark::Point)),
            (_, 1) if last == Some(Mark::Comma) => Some(Some(Mark::Comma)),
            _ => None,
        })
    }

    /// Whether the digits before the decimals are ungrouped, or in groups of three
    /// with one sign between them, which is the plan's if it names one.
    fn groups(&self, whole: &[(Option<Mark>, &str)]) -> bool {
        let [_, first, ..] = whole else {
            return true;
        };
        let named = self.thousands.map(|thousands| match thousands {
            ThousandsSign::Space => Mark::Space,
            ThousandsSign::Point => Mark::Point,
            ThousandsSign::Comma => Mark::Comma,
            ThousandsSign::Apostrophe => Mark::Apostrophe,
        });
        let fits = match named {
            Some(named) => first.0 == Some(named),
            None => first.0 != Some(Mark::Apostrophe),
        };
        fits && whole[1..].iter().all(|piece| piece.0 == first.0) && grouped(whole)
    }
}

/// Digits, each run of them behind the mark before it; nothing if `text` has
/// something else.
fn pieces(text: &str) -> Option<Vec<(Option<Mark>, &str)>> {
    let mut pieces = Vec::new();
    let (mut mark, mut start) = (None, 0);
    let mut digits = false;
    for (at, character) in text.char_indices() {
        let next = match character {
            '0'..='9' => {
                digits = true;
                continue;
            }
            '.' => Mark::Point,
            ',' => Mark::Comma,
            ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' => Mark::Space,
            '\'' | '\u{2019}' => Mark::Apostrophe,
            _ => return None,
        };
        pieces.push((mark, &text[start..at]));
        mark = Some(next);
        start = at + character.len_utf8();
    }
    pieces.push((mark, &text[start..]));
    digits.then_some(pieces)
}

/// Whether the first piece has one to three digits and does not begin with 0,
/// and each other has three.
fn grouped(pieces: &[(Option<Mark>, &str)]) -> bool {
    let Some(((_, first), rest)) = pieces.split_first() else {
        return false;
    };
    (1..=3).contains(&first.len())
        && !first.starts_with('0')
        && rest.iter().all(|(_, digits)| digits.len() == 3)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(
        decimal: Option<DecimalSign>,
        thousands: Option<ThousandsSign>,
        delimiter: u8,
    ) -> NumberNotation {
        let format = FileFormat {
            decimal,
            thousands,
            ..FileFormat::default()
        };
        NumberNotation::new(&format, Some(delimiter), &Readings::default())
    }

    fn plain(written: &NumberNotation, text: &str) -> Result<Option<String>, &'static str> {
        let mut buffer = String::new();
        let plain = written.plain(text, &mut buffer)?.map(str::to_owned);
        Ok(plain)
    }

    #[test]
    fn numbers_of_one_reading_are_read() {
        let open = written(None, None, b';');
        for (text, number) in [
            ("100000,50", "100000.50"),
            ("100\u{a0}000,50", "100000.50"),
            ("1 234 567", "1234567"),
            ("1\u{202f}234,5", "1234.5"),
            ("1\u{2009}234,567", "1234.567"),
            ("\u{2212}12,5", "-12.5"),
            ("-1.234,50", "-1234.50"),
            ("1,234.50", "1234.50"),
            ("1.234.567", "1234567"),
            ("1,234,567.8", "1234567.8"),
            ("1.5", "1.5"),
            ("0.123", "0.123"),
            ("0,123", "0.123"),
            (",5", ".5"),
            ("1234.567", "1234.567"),
            ("1,5E+03", "1.5E+03"),
            ("1.234e3", "1.234e3"),
            ("'12,5", "12.5"),
            ("\u{200b}12,5\u{feff}", "12.5"),
            ("=\"12,5\"", "12.5"),
        ] {
            assert_eq!(plain(&open, text), Ok(Some(number.to_owned())), "{text}");
        }
        for text in ["1.234", "1,234", "-999,999", "12.000"] {
            assert_eq!(plain(&open, text), Err(TWO_READINGS), "{text}");
        }
        for text in [
            "12 34",
            "1.23.456",
            "1,234.5,6",
            "1'234",
            "x",
            "",
            "-",
            "1 234 5",
            "1.234 567",
            "1,2,3",
        ] {
            assert_eq!(plain(&open, text), Ok(None), "{text}");
        }
    }

    #[test]
    fn the_plan_and_the_delimiter_decide() {
        use DecimalSign::{Comma, Point};
        let number = |text: &str| Ok(Some(text.to_owned()));
        let comma = written(Some(Comma), None, b';');
        assert_eq!(plain(&comma, "1.234"), number("1234"));
        assert_eq!(plain(&comma, "1,234"), number("1.234"));
        assert_eq!(plain(&comma, "1.5"), Ok(None));
        let point = written(Some(Point), None, b';');
        assert_eq!(plain(&point, "1.234"), number("1.234"));
        assert_eq!(plain(&point, "1,234"), number("1234"));
        assert_eq!(plain(&point, "1,5"), Ok(None));
        // Between commas a point is a decimal sign; a comma needs the plan's word.
        let commas = written(None, None, b',');
        assert_eq!(plain(&commas, "1.234"), number("1.234"));
        assert_eq!(plain(&commas, "1,234"), Err(TWO_READINGS));
        assert_eq!(plain(&commas, "100000,50"), Err(TWO_READINGS));
        assert_eq!(plain(&commas, "1.234,50"), Err(TWO_READINGS));
        assert_eq!(plain(&commas, "1,234,567.8"), number("1234567.8"));
        let swiss = written(Some(Point), Some(ThousandsSign::Apostrophe), b';');
        assert_eq!(plain(&swiss, "1'234.5"), number("1234.5"));
        assert_eq!(plain(&swiss, "1,234.5"), Ok(None));
        let grouped = written(None, Some(ThousandsSign::Point), b';');
        assert_eq!(plain(&grouped, "1.234"), number("1234"));
        assert_eq!(plain(&grouped, "1,234"), number("1.234"));
    }

    /// `unscaled / 10^scale` as it is written with these signs.
    fn write(unscaled: i64, scale: usize, decimal: &str, group: &str) -> String {
        let digits = format!("{:0>1$}", unscaled.unsigned_abs(), scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        let mut text = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                text.push_str(group);
            }
            text.push(digit);
        }
        let sign = if unscaled < 0 { "-" } else { "" };
        let decimal = if scale > 0 { decimal } else { "" };
        format!("{sign}{text}{decimal}{fraction}")
    }

    proptest! {
        /// Whatever is read is what was written: there is no other reading.
        #[test]
        fn what_is_read_is_what_was_written(
            unscaled in prop_oneof![any::<i64>(), -9_999_999i64..9_999_999],
            scale in 0usize..6,
            signs in prop::sample::select(vec![
                (".", ""), (",", ""), (".", ","), (",", "."), (",", " "), (".", " "),
                (",", "\u{a0}"), (",", "\u{2009}"), (",", "\u{202f}"),
            ]),
            delimiter in prop::sample::select(vec![b';', b',']),
        ) {
            // Between commas a point is a decimal sign, unless the plan says otherwise.
            prop_assume!(delimiter == b';' || signs != (",", "."));
            let text = write(unscaled, scale, signs.0, signs.1);
            let meant = write(unscaled, scale, ".", "");
            let pinned = if signs.0 == "." { DecimalSign::Point } else { DecimalSign::Comma };
            let written_so = written(Some(pinned), None, delimiter);
            prop_assert_eq!(plain(&written_so, &text), Ok(Some(meant.clone())));
            let notation = written(None, None, delimiter);
            match plain(&notation, &text) {
                Ok(read) => prop_assert_eq!(read, Some(meant.clone())),
                Err(rule) => prop_assert_eq!(rule, TWO_READINGS),
            }
            // What is taken as it is written is in plain form, or no number so.
            if notation.takes(&text) && text.parse::<f64>().is_ok() {
                prop_assert_eq!(text, meant);
            }
        }
    }
}
