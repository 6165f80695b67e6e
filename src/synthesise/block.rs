//! A block of persons with their numbers, as rows of all registers.
//!
//! A block is made only from the seed, and from where it begins in each pool of
//! numbers. So blocks are made side by side, and what they come to does not
//! depend on how many are.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Int32Builder, Int64Builder, StringBuilder,
};

use super::Seeded;
use super::calendar::{LAST_DAY, new_year};
use super::draw::{Draw, Purpose};
use super::household::{Household, households};
use super::income::{incomes, spells};
use super::mistake::{Mistake, Rates, RecordedNumber};
use super::number::{NumberText, Pool, Sex};
use super::person::Person;

/// A block: which persons it has, counting from 1.
#[derive(Debug, Clone)]
pub(super) struct PersonBlock {
    pub(super) persons: Range<u64>,
}

impl PersonBlock {
    fn households(&self, seeded: &Seeded) -> Vec<Household> {
        let Range { start, end } = self.persons;
        households(seeded, start, (end - start) as usize)
    }

    /// How many numbers it takes from each pool.
    pub(super) fn takes(&self, seeded: &Seeded) -> Vec<u16> {
        let mut taken = vec![0; Pool::COUNT];
        for household in self.households(seeded) {
            let issues = household.members.iter().flat_map(Person::issues);
            for pool in issues.map(|issue| issue.pool.index()) {
                taken[pool] = u16::saturating_add(taken[pool], 1);
            }
        }
        taken
    }

    /// The rows of all registers, in the order of [`Register::ALL`](super::Register::ALL).
    ///
    /// `begins` are the first ranks that it may take from the pools. The rows of
    /// the truth are counted from the block's beginning, from 1.
    pub(super) fn rows(
        &self,
        seeded: &Seeded,
        rates: &Rates,
        begins: &[u16],
    ) -> [RegisterColumns; 8] {
        let households = self.households(seeded);
        let numbers = numbers(&households, seeded, begins);
        let mut filler = Filler {
            seeded,
            rates,
            first: self.persons.start,
            numbers: &numbers,
            population: SyntheticPopulation::default(),
            moves: Moves::default(),
            tax: Tax::default(),
            benefit: Benefit::default(),
            history: History::default(),
            tax_truth: Truth::default(),
            benefit_truth: Truth::default(),
            numbers_truth: NumbersTruth::default(),
        };
        for household in &households {
            filler.household(household);
        }
        filler.finish()
    }
}

/// The columns of one register, of one block.
pub(super) type RegisterColumns = Vec<ArrayRef>;

/// Each person's numbers, in the order in which they were given.
fn numbers(households: &[Household], seeded: &Seeded, begins: &[u16]) -> Vec<[NumberText; 3]> {
    let mut next = begins.to_vec();
    let persons = households.iter().flat_map(|household| &household.members);
    let of_one = |person: &Person| {
        let mut numbers = [NumberText::default(); 3];
        for (number, issue) in numbers.iter_mut().zip(person.issues()) {
            let rank = &mut next[issue.pool.index()];
            *number = seeded.numbers.number(issue.pool, usize::from(*rank));
            *rank += 1;
        }
        numbers
    };
    persons.map(of_one).collect()
}

/// Declares the builders of a register's columns, and how they end.
macro_rules! columns {
    ($name:ident { $($column:ident: $builder:ident),* $(,)? }) => {
        #[derive(Default)]
        struct $name { $($column: $builder),* }

        impl $name {
            fn finish(mut self) -> RegisterColumns {
                vec![$(Arc::new(self.$column.finish()) as ArrayRef),*]
            }
        }
    };
}

columns!(SyntheticPopulation {
    fnr: StringBuilder,
    born_on: Date32Builder,
    sex: StringBuilder,
    municipality: StringBuilder,
    household: Int64Builder,
    dead_on: Date32Builder,
});
columns!(Moves {
    fnr: StringBuilder,
    moved_on: Date32Builder,
    from: StringBuilder,
    to: StringBuilder,
});
columns!(Tax {
    fnr: StringBuilder,
    year: Int32Builder,
    income: Int64Builder,
});
columns!(Benefit {
    fnr: StringBuilder,
    kind: StringBuilder,
    from: Date32Builder,
    to: Date32Builder,
    amount: Int64Builder,
});
columns!(History {
    old: StringBuilder,
    current: StringBuilder,
    valid_from: Date32Builder,
});
columns!(Truth {
    row: Int64Builder,
    person: Int64Builder,
    mistake: StringBuilder,
});
columns!(NumbersTruth {
    person: Int64Builder,
    number: StringBuilder,
    valid_from: Date32Builder,
    current: BooleanBuilder,
});

impl Truth {
    fn append(&mut self, person: u64, mistake: Option<Mistake>) {
        self.row
            .append_value(self.row.values_slice().len() as i64 + 1);
        self.person.append_value(person as i64);
        self.mistake.append_option(mistake.map(Mistake::name));
    }
}

/// Appends household after household to all registers.
struct Filler<'a> {
    seeded: &'a Seeded,
    rates: &'a Rates,
    /// The number of the block's first person.
    first: u64,
    /// The numbers of all of the block's persons.
    numbers: &'a [[NumberText; 3]],
    population: SyntheticPopulation,
    moves: Moves,
    tax: Tax,
    benefit: Benefit,
    history: History,
    tax_truth: Truth,
    benefit_truth: Truth,
    numbers_truth: NumbersTruth,
}

impl Filler<'_> {
    fn household(&mut self, household: &Household) {
        for (id, person) in (household.number..).zip(&household.members) {
            let numbers = self.numbers[(id - self.first) as usize];
            self.person(id, person, &numbers, household);
            self.moves_of(person, &numbers, household);
            self.incomes_of(id, person, &numbers);
            self.spells_of(id, person, &numbers);
        }
    }

    fn person(&mut self, id: u64, person: &Person, numbers: &[NumberText; 3], at: &Household) {
        let issues = person.issues();
        let current = issues.len() - 1;
        let row = &mut self.population;
        row.fnr.append_value(text(&numbers[current]));
        row.born_on.append_value(person.born);
        row.sex.append_value(match person.sex {
            Sex::Woman => "woman",
            Sex::Man => "man",
        });
        row.municipality.append_option(at.municipality_of(person));
        row.household.append_value(at.number as i64);
        row.dead_on.append_option(person.died);

        for (issue, pair) in issues[1..].iter().zip(numbers.windows(2)) {
            self.history.old.append_value(text(&pair[0]));
            self.history.current.append_value(text(&pair[1]));
            self.history.valid_from.append_value(issue.on);
        }
        for (which, issue) in issues.iter().enumerate() {
            let row = &mut self.numbers_truth;
            row.person.append_value(id as i64);
            row.number.append_value(text(&numbers[which]));
            row.valid_from.append_value(issue.on);
            row.current.append_value(which == current);
        }
    }

    fn moves_of(&mut self, person: &Person, numbers: &[NumberText; 3], household: &Household) {
        for moved in household.moves.iter().rev() {
            let resident = person.resident.is_some_and(|from| from <= moved.on);
            if resident && person.is_here(moved.on) {
                let row = &mut self.moves;
                row.fnr
                    .append_value(text(&numbers[person.number_on(moved.on)]));
                row.moved_on.append_value(moved.on);
                row.from.append_value(moved.from);
                row.to.append_value(moved.to);
            }
        }
    }

    fn incomes_of(&mut self, id: u64, person: &Person, numbers: &[NumberText; 3]) {
        let mut draw = self.seeded.draw(Purpose::TaxNumbers, id);
        for (year, income) in incomes(person, self.seeded.draw(Purpose::Tax, id)) {
            let number = numbers[person.number_on((new_year(year + 1) - 1).min(LAST_DAY))];
            let (held, mistake) = self.write(id, number, &mut draw);
            self.tax
                .fnr
                .append_option(held.as_ref().map(RecordedNumber::as_str));
            self.tax.year.append_value(year);
            self.tax.income.append_value(income);
            self.tax_truth.append(id, mistake);
        }
    }

    fn spells_of(&mut self, id: u64, person: &Person, numbers: &[NumberText; 3]) {
        let mut draw = self.seeded.draw(Purpose::BenefitNumbers, id);
        for spell in spells(person, self.seeded.draw(Purpose::Benefit, id)) {
            let number = numbers[person.number_on(spell.from)];
            let (held, mistake) = self.write(id, number, &mut draw);
            let row = &mut self.benefit;
            row.fnr
                .append_option(held.as_ref().map(RecordedNumber::as_str));
            row.kind.append_value(spell.kind);
            row.from.append_value(spell.from);
            row.to.append_value(spell.to);
            row.amount.append_value(spell.amount);
            self.benefit_truth.append(id, mistake);
        }
    }

    /// A number as somebody writes it down, and what is wrong with it.
    fn write(
        &self,
        id: u64,
        number: NumberText,
        draw: &mut Draw,
    ) -> (Option<RecordedNumber>, Option<Mistake>) {
        let others = self.numbers.len() as u32 - 1;
        // Where there is nobody else, nobody else's number can be taken.
        let possible = |mistake: &Mistake| *mistake != Mistake::Borrowed || others > 0;
        let Some(mistake) = self.rates.draw(&number, draw).filter(possible) else {
            return (Some(RecordedNumber::right(number)), None);
        };
        let own = (id - self.first) as u32;
        let other = (own + 1 + draw.below(others.max(1))) % (others + 1);
        let another = self.numbers[other as usize][0];
        let held = RecordedNumber::wrong(number, mistake, another, draw);
        (held, Some(mistake))
    }

    fn finish(self) -> [RegisterColumns; 8] {
        let Self {
            population,
            moves,
            tax,
            benefit,
            history,
            tax_truth,
            benefit_truth,
            numbers_truth,
            ..
        } = self;
        [
            population.finish(),
            moves.finish(),
            tax.finish(),
            benefit.finish(),
            history.finish(),
            tax_truth.finish(),
            benefit_truth.finish(),
            numbers_truth.finish(),
        ]
    }
}

fn text(number: &NumberText) -> &str {
    std::str::from_utf8(number).expect("digits are ASCII")
}
