//! A person's life: born, perhaps arrived from abroad, numbered, renumbered, dead.
//!
//! A person has up to three numbers, one after another: a D-number from the day
//! of arrival, a fødselsnummer from when the person is known to stay, and
//! another one where the first had a wrong date of birth.

use super::calendar::{Day, FIRST_DAY, LAST_DAY, YEAR, new_year};
use super::draw::Draw;
use super::number::{NumberKind, Pool, Sex};

/// The register does not know who died before.
const FIRST_DEATH: Day = new_year(1991);

/// No number is known to have been corrected before.
const FIRST_CORRECTION: Day = new_year(2010);

/// How many get a second fødselsnummer: of those born here, and of those born abroad.
const CORRECTED: [f64; 2] = [0.002, 0.02];

/// A number that a person gets on a day, from a pool.
#[derive(Debug, Clone, Copy)]
pub(super) struct Issue {
    pub(super) on: Day,
    pub(super) pool: Pool,
}

/// A person.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) born: Day,
    pub(super) sex: Sex,
    pub(super) died: Option<Day>,
    /// The day of arrival, of those born abroad.
    pub(super) arrived: Option<Day>,
    /// From when the person counts as an inhabitant.
    pub(super) resident: Option<Day>,
    issues: [Issue; 3],
    held: u8,
}

/// What a household has decided of one of its members.
#[derive(Debug, Clone, Copy)]
pub(super) struct HouseholdMember {
    pub(super) born: Day,
    pub(super) sex: Sex,
    pub(super) arrived: Option<Day>,
    /// No death before this day, on which the youngest child is born.
    pub(super) needed: Day,
}

impl Person {
    /// Lives a member's life.
    pub(super) fn new(member: HouseholdMember, mortality: &Mortality, draw: &mut Draw) -> Self {
        let HouseholdMember {
            born, sex, arrived, ..
        } = member;
        let known = member.needed.max(arrived.unwrap_or(born)).max(FIRST_DEATH);
        let died = mortality.death(born, known, draw);
        let last = died.map_or(LAST_DAY, |day| day - 1);

        let number = |on, day, kind| Issue {
            on,
            pool: Pool::of(day, sex, kind),
        };
        let mut person = Self {
            born,
            sex,
            died,
            arrived,
            resident: None,
            issues: [number(born, born, NumberKind::Fnr); 3],
            held: 0,
        };
        let resident = match arrived {
            None => born,
            Some(arrived) => {
                person.hold(number(arrived, born, NumberKind::Dnr));
                // Most within two years, some after six.
                let wait = draw.unit();
                arrived + 60 + (wait * wait * 6.0 * f64::from(YEAR)) as Day
            }
        };
        if arrived.is_some() && resident > last {
            return person;
        }
        person.resident = Some(resident);
        let corrected = draw.between((resident + 30).max(FIRST_CORRECTION), LAST_DAY);
        if draw.happens(CORRECTED[usize::from(arrived.is_some())]) && corrected <= last {
            person.hold(number(resident, wrong_day(born, draw), NumberKind::Fnr));
            person.hold(number(corrected, born, NumberKind::Fnr));
        } else {
            person.hold(number(resident, born, NumberKind::Fnr));
        }
        person
    }

    fn hold(&mut self, issue: Issue) {
        self.issues[usize::from(self.held)] = issue;
        self.held += 1;
    }

    /// The numbers, in the order in which they were given; there is at least one.
    pub(super) fn issues(&self) -> &[Issue] {
        &self.issues[..usize::from(self.held)]
    }

    /// Which of the numbers holds on a day; before the first, the first.
    pub(super) fn number_on(&self, day: Day) -> usize {
        let given = self.issues().iter().filter(|issue| issue.on <= day);
        given.count().saturating_sub(1)
    }

    /// Whether the person is alive, and in the country.
    pub(super) fn is_here(&self, day: Day) -> bool {
        self.arrived.unwrap_or(self.born) <= day && self.died.is_none_or(|died| died > day)
    }
}

/// A date of birth that was reported first: never the right one.
fn wrong_day(born: Day, draw: &mut Draw) -> Day {
    let by = draw.between(1, 400);
    match born - by {
        day if day >= FIRST_DAY => day,
        _ => born + by,
    }
}

/// How many of a cohort reach each birthday, after B. Gompertz (1825).
///
/// The yearly risk begins at 3 in 100 000 and grows by a tenth each year; half
/// of all reach 82.
pub(super) struct Mortality([u32; 121]);

impl Mortality {
    pub(super) fn new() -> Self {
        let (mut alive, mut risk) = (f64::from(u32::MAX), 0.000_03);
        Self(std::array::from_fn(|age| {
            let reached = if age == 120 { 0 } else { alive as u32 };
            alive *= 1.0 - f64::min(risk, 1.0);
            risk *= 1.1;
            reached
        }))
    }

    /// The day of death of somebody born on `born` who is alive on `known`, if it
    /// is not after the last day.
    fn death(&self, born: Day, known: Day, draw: &mut Draw) -> Option<Day> {
        let age = ((known - born).max(0) / YEAR) as usize;
        let reached = self.0.get(age).copied().unwrap_or(0).max(1);
        let survivors = draw.below(reached);
        let birthday = self.0.partition_point(|&alive| alive > survivors);
        let day = born + (birthday as Day - 1) * 1461 / 4 + draw.between(0, YEAR - 1);
        (day <= LAST_DAY).then_some(day.max(known))
    }
}
