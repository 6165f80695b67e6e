//! What a Norwegian number says, read digit by digit, without kobling.

/// What a valid synthetic number says of its holder.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    /// As `YYYY-MM-DD`.
    pub(crate) born: String,
    pub(crate) is_man: bool,
    pub(crate) is_dnr: bool,
}

fn digits(number: &str) -> Option<Vec<u32>> {
    let digits: Option<Vec<u32>> = number.chars().map(|c| c.to_digit(10)).collect();
    digits.filter(|digits| digits.len() == 11)
}

/// Whether it has 11 digits and both control digits fit.
pub(crate) fn has_control_digits(number: &str) -> bool {
    let sum = |weights: [u32; 11], digits: &[u32]| -> u32 {
        digits.iter().zip(weights).map(|(d, w)| d * w).sum()
    };
    digits(number).is_some_and(|digits| {
        sum([3, 7, 6, 1, 8, 9, 4, 5, 2, 1, 0], &digits) % 11 == 0
            && sum([5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1], &digits) % 11 == 0
    })
}

/// Reads a number of Tenor's kind, if it is one.
pub(crate) fn holder(number: &str) -> Option<Holder> {
    if !has_control_digits(number) {
        return None;
    }
    let part = |from: usize, to: usize| number[from..to].parse::<u32>().unwrap();
    let (day, month, year, individual) = (part(0, 2), part(2, 4), part(4, 6), part(6, 9));
    let is_dnr = day > 40;
    let day = if is_dnr { day - 40 } else { day };
    let month = month.checked_sub(80)?;
    let century = match (individual, year, is_dnr) {
        // By the series of 2021, which those before it agree with here.
        (0..=199, 0..=39, true) => 1900,
        (0..=499 | 600..=999, 40..=99, true) => 1900,
        (200..=999, 0..=39, true) => 2000,
        (0..=499, _, false) => 1900,
        (900..=999, 40..=99, false) => 1900,
        (500..=999, 0..=39, false) => 2000,
        _ => return None,
    };
    let date = jiff::civil::Date::new((century + year) as i16, month as i8, day as i8).ok()?;
    Some(Holder {
        born: date.to_string(),
        is_man: individual % 2 == 1,
        is_dnr,
    })
}

/// What the control digits and the century rule say of published test persons.
#[test]
fn made_up_numbers_are_read() {
    let expected = |born: &str, is_man, is_dnr| {
        Some(Holder {
            born: born.to_owned(),
            is_man,
            is_dnr,
        })
    };
    // Without 80 added, with a wrong control digit, on the 31st of a short month.
    for wrong in ["07085020873", "07885020874", "31845020873", "0788502087"] {
        assert_eq!(holder(wrong), None);
    }
    assert_eq!(holder("07885020873"), expected("1950-08-07", false, false));
    assert_eq!(holder("27880462305"), expected("2004-08-27", true, false));
    assert_eq!(holder("56865513564"), expected("1955-06-16", true, true));
}
