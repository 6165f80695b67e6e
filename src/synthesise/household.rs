//! Households: who lives with whom, of what age, and from where.
//!
//! A block of persons is made household by household, so that members are
//! adjacent; the household has the number of its first member. A household is
//! what it is on the last day, with those who have died since 1991 among its
//! members.

use super::Seeded;
use super::calendar::{Day, FIRST_DAY, LAST_DAY, YEAR, new_year};
use super::draw::{Draw, Purpose};
use super::municipality::Move;
use super::number::Sex;
use super::person::{HouseholdMember, Person};

/// The share of households with a member of working age that came from abroad.
const FROM_ABROAD: f64 = 0.17;

/// The first and the last arrival.
const ARRIVALS: [Day; 2] = [new_year(2008), new_year(2026) - 180];

/// The share of children, but the first, who are the twin of the one before.
const TWINS: f64 = 0.03;

/// The share of twins of the same sex: all who are identical and half of the others.
const SAME_SEX_TWINS: f64 = 2.0 / 3.0;

/// The share of couples of different sexes.
const DIFFERENT_SEX_COUPLES: f64 = 0.97;

/// How old one is at most, who lives with a parent.
const CHILDHOOD: Day = 25 * YEAR;

/// How old one is at least, who has a household.
const ADULTHOOD: Day = 18 * YEAR;

/// Persons who live together.
pub(super) struct Household {
    /// The number of its first member; of persons, counting from 1.
    pub(super) number: u64,
    pub(super) members: Vec<Person>,
    /// Where it lives on the last day.
    municipality: &'static str,
    /// The last one first.
    pub(super) moves: Vec<Move>,
}

impl Household {
    /// Where a member lives, or lived last; only inhabitants live somewhere.
    pub(super) fn municipality_of(&self, person: &Person) -> Option<&'static str> {
        person.resident?;
        let without = |moved: &&Move| person.died.is_some_and(|died| died <= moved.on);
        let last = self.moves.iter().take_while(without).last();
        Some(last.map_or(self.municipality, |moved| moved.left))
    }
}

/// The households of `persons` persons, of whom the first is number `first`.
pub(super) fn households(seeded: &Seeded, first: u64, persons: usize) -> Vec<Household> {
    let mut households = Vec::with_capacity(persons / 2);
    let mut made = 0;
    while made < persons {
        let number = first + made as u64;
        let mut draw = seeded.draw(Purpose::Household, number);
        let members = compose(persons - made, &mut draw);
        made += members.len();
        let lives = (number..).zip(members).map(|(number, member)| {
            let mut draw = seeded.draw(Purpose::Life, number);
            Person::new(member, &seeded.mortality, &mut draw)
        });
        let members = lives.collect();
        let mut draw = seeded.draw(Purpose::Home, number);
        let (municipality, moves) = seeded.municipalities.home(&mut draw);
        households.push(Household {
            number,
            members,
            municipality,
            moves,
        });
    }
    households
}

/// What kind of household it is.
struct HouseholdShape {
    /// The first and the last day on which its first adult may be born.
    born: [Day; 2],
    couple: bool,
    children: usize,
}

impl HouseholdShape {
    /// A household of at most `room` persons, of whom there is at least one.
    fn draw(room: usize, draw: &mut Draw) -> Self {
        // Such that no cohort is too large for the numbers of its days.
        let (years, couple, children) = match draw.below(1000) {
            0..465 => ([1915, 2000], false, 0),
            // Their children have left.
            465..590 => ([1915, 1965], true, 0),
            590..835 => ([1915, 2000], true, 0),
            835..960 => ([1966, 1999], true, 1 + draw.below(4) as usize),
            _ => ([1966, 1999], false, 1 + draw.below(3) as usize),
        };
        let couple = couple && room > 1;
        Self {
            born: [new_year(years[0]), new_year(years[1] + 1) - 1],
            couple,
            children: children.min(room - 1 - usize::from(couple)),
        }
    }
}

/// The members of a household: adults, then children from the eldest on.
fn compose(room: usize, draw: &mut Draw) -> Vec<HouseholdMember> {
    let shape = HouseholdShape::draw(room, draw);
    let born = draw.between(shape.born[0], shape.born[1]);
    let sex = any_sex(draw);
    let children = match shape.children {
        0 => Vec::new(),
        most => children(born, most, draw),
    };
    let eldest = children.first().map_or(LAST_DAY, |&(born, _)| born);
    let youngest = children.last().map_or(FIRST_DAY, |&(born, _)| born);

    let mut adults = vec![(born, sex)];
    if shape.couple {
        let partner = match draw.happens(DIFFERENT_SEX_COUPLES) {
            true => sex.other(),
            false => sex,
        };
        adults.push((partner_of(born, eldest - ADULTHOOD, draw), partner));
    }
    let arrived = arrival(&adults, draw);
    let member = |(born, sex), needed| HouseholdMember {
        born,
        sex,
        // Whoever is born later is born here.
        arrived: arrived.filter(|&day| born < day),
        needed,
    };
    let adults = adults.into_iter().map(|adult| member(adult, youngest));
    let children = children.into_iter().map(|child| member(child, child.0));
    adults.chain(children).collect()
}

/// When the household came to the country, if it did.
fn arrival(adults: &[(Day, Sex)], draw: &mut Draw) -> Option<Day> {
    let comes = draw.happens(FROM_ABROAD);
    let youngest = adults.iter().map(|&(born, _)| born).max()?;
    let eldest = adults.iter().map(|&(born, _)| born).min()?;
    let grown = (youngest + ADULTHOOD).max(ARRIVALS[0]);
    let day = draw.between(grown, ARRIVALS[1]);
    (comes && eldest >= new_year(1945) && grown <= ARRIVALS[1]).then_some(day)
}

/// When a partner is born: eight years apart at most, most of them less, and
/// grown up by then.
fn partner_of(born: Day, last: Day, draw: &mut Draw) -> Day {
    let apart = |draw: &mut Draw| draw.between(-4 * YEAR, 4 * YEAR);
    let day = born + apart(draw) + apart(draw);
    // Mirrored, lest many be born on the one day.
    let day = if day > last { 2 * last - day } else { day };
    if day < FIRST_DAY {
        2 * FIRST_DAY - day
    } else {
        day
    }
}

/// When the children who live at home were born, the eldest first.
fn children(parent: Day, most: usize, draw: &mut Draw) -> Vec<(Day, Sex)> {
    let from = (parent + 19 * YEAR).max(LAST_DAY - CHILDHOOD);
    let until = (parent + 40 * YEAR).min(LAST_DAY);
    let mut children = vec![(draw.between(from, until), any_sex(draw))];
    while children.len() < most {
        let (born, sex) = children[children.len() - 1];
        let next = if draw.happens(TWINS) {
            let same = draw.happens(SAME_SEX_TWINS);
            (born, if same { sex } else { sex.other() })
        } else {
            (born + draw.between(400, 1800), any_sex(draw))
        };
        if next.0 > LAST_DAY {
            break;
        }
        children.push(next);
    }
    children
}

fn any_sex(draw: &mut Draw) -> Sex {
    // Of a thousand children 513 are boys.
    match draw.below(1000) < 513 {
        true => Sex::Man,
        false => Sex::Woman,
    }
}
