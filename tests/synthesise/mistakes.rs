//! Mistakes are made as often as stated, are what the truth calls them, and nothing else is wrong.

use std::collections::{HashMap, HashSet};

use kobling::synthesise::{Mistake, Rates, Register, SyntheticPopulation};

use crate::naive::holder;
use crate::read::{MADE, RATES, Row, rows};

const BOTH: [(Register, Register); 2] = [
    (Register::Tax, Register::TruthOfTax),
    (Register::Benefit, Register::TruthOfBenefit),
];

/// The last day on which a row's number must have been current.
fn as_of(register: Register, row: &Row) -> String {
    match register {
        Register::Tax => format!("{}-12-31", row[1]),
        _ => row[2].clone(),
    }
}

/// The numbers of each person, with the day from which each holds.
fn numbers() -> HashMap<&'static str, Vec<(&'static str, &'static str)>> {
    let mut numbers: HashMap<&str, Vec<(&str, &str)>> = HashMap::new();
    for row in MADE.of(Register::TruthOfNumbers) {
        let number = (row[2].as_str(), row[1].as_str());
        numbers.entry(&row[0]).or_default().push(number);
    }
    numbers
}

#[test]
fn the_truth_says_what_is_wrong_with_each_number() {
    let numbers = numbers();
    let all: HashMap<&str, &str> = MADE
        .of(Register::TruthOfNumbers)
        .iter()
        .map(|row| (row[1].as_str(), row[0].as_str()))
        .collect();
    for (register, truth) in BOTH {
        let (rows, truth) = (MADE.of(register), MADE.of(truth));
        assert_eq!(rows.len(), truth.len());
        for (at, (row, truth)) in rows.iter().zip(truth).enumerate() {
            assert_eq!(truth[0], (at + 1).to_string());
            let (held, person, day) = (row[0].as_str(), truth[1].as_str(), as_of(register, row));
            let own = numbers[person]
                .iter()
                .filter(|(from, _)| *from <= day.as_str());
            let right = own.max().expect("a number by that day").1;
            let differ: Vec<usize> = (0..11)
                .filter(|&at| held.len() == 11 && held[at..=at] != right[at..=at])
                .collect();
            match truth[2].as_str() {
                "" => assert_eq!(held, right),
                "missing" => assert_eq!(held, ""),
                "mistyped" => assert_eq!((held.len(), differ.len()), (11, 1)),
                "swapped" => {
                    let &[one, other] = &differ[..] else {
                        panic!("two digits differ")
                    };
                    assert_eq!(one + 1, other);
                    assert_eq!(held[one..=one], right[other..=other]);
                    assert_eq!(held[other..=other], right[one..=one]);
                }
                "zero_lost" => assert_eq!(format!("0{held}"), right),
                "borrowed" => assert!(all[held] != person),
                other => panic!("no mistake is called {other}"),
            }
            // What is mistyped or swapped is found by the control digits.
            let valid = ["", "borrowed"].contains(&truth[2].as_str());
            assert_eq!(holder(held).is_some(), valid);
        }
    }
}

#[test]
fn mistakes_are_as_frequent_as_stated() {
    for (register, truth) in BOTH {
        let rows = MADE.of(truth).len() as f64;
        let zeros = zeros(register, truth) as f64;
        for mistake in Mistake::ALL {
            let made = MADE.of(truth).iter();
            let made = made.filter(|row| row[2] == mistake.name()).count() as f64;
            let among = match mistake {
                Mistake::ZeroLost => zeros,
                _ => rows,
            };
            let (rate, stated) = (made / among, RATES.of(mistake));
            // Five standard deviations of a binomial share.
            let tolerance = 5.0 * (stated * (1.0 - stated) / among).sqrt();
            assert!((rate - stated).abs() < tolerance, "{mistake:?}: {rate}");
        }
    }
}

/// How many of a register's numbers would begin with 0.
fn zeros(register: Register, truth: Register) -> usize {
    let numbers = numbers();
    let rows = MADE.of(register).iter().zip(MADE.of(truth));
    rows.filter(|(row, truth)| {
        let day = as_of(register, row);
        let own = numbers[truth[1].as_str()].iter();
        let right = own
            .filter(|(from, _)| *from <= day.as_str())
            .max()
            .unwrap()
            .1;
        right.starts_with('0')
    })
    .count()
}

#[test]
fn other_registers_make_no_mistakes() {
    let all: HashSet<&str> = MADE
        .of(Register::TruthOfNumbers)
        .iter()
        .map(|row| row[1].as_str())
        .collect();
    let identifiers = [
        (Register::Population, 0),
        (Register::Moves, 0),
        (Register::History, 0),
        (Register::History, 1),
    ];
    for (register, column) in identifiers {
        let mut rows = MADE.of(register).iter();
        assert!(rows.all(|row| all.contains(row[column].as_str())));
    }
}

fn mistakes_at(persons: u64, rates: Rates) -> HashMap<String, usize> {
    let population = SyntheticPopulation::new(persons, 3)
        .unwrap()
        .with_rates(rates);
    let truth = population.unwrap().register(Register::TruthOfTax).unwrap();
    let mut counts = HashMap::new();
    for row in rows(&truth) {
        *counts.entry(row[2].clone()).or_default() += 1;
    }
    counts
}

#[test]
fn none_and_all_are_rates_too() {
    let right = mistakes_at(2000, Rates::NONE);
    assert_eq!(right.keys().collect::<Vec<_>>(), [""]);
    for mistake in [Mistake::Missing, Mistake::Swapped, Mistake::Borrowed] {
        let mut rates = Rates::NONE;
        *rates.of_mut(mistake) = 1.0;
        let made = mistakes_at(2000, rates);
        assert_eq!(made.keys().collect::<Vec<_>>(), [mistake.name()]);
        // A rate says nothing about how many rows there are.
        assert_eq!(made[mistake.name()], right[""]);
    }
}

#[test]
fn one_person_alone_borrows_from_nobody() {
    let rates = Rates {
        borrowed: 1.0,
        ..Rates::NONE
    };
    for seed in 0..20 {
        let population = SyntheticPopulation::new(1, seed)
            .unwrap()
            .with_rates(rates)
            .unwrap();
        let truth = rows(&population.register(Register::TruthOfTax).unwrap());
        assert!(truth.iter().all(|row| row[2].is_empty()));
    }
    assert!(
        mistakes_at(2, rates)
            .keys()
            .all(|mistake| mistake == "borrowed")
    );
}
