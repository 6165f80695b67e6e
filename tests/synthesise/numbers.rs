//! Numbers are valid, synthetic, unique, and lead from the first to the current one.

use std::collections::{HashMap, HashSet};

use kobling::synthesise::Register;

use crate::naive::holder;
use crate::read::{MADE, PERSONS};

#[test]
fn every_number_is_valid_and_belongs_to_one_person() {
    let numbers = MADE.of(Register::TruthOfNumbers);
    let mut seen = HashSet::new();
    for row in numbers {
        let number = row[1].as_str();
        assert!(holder(number).is_some(), "a number is not valid");
        assert!(seen.insert(number), "a number is given twice");
    }
    let current = numbers.iter().filter(|row| row[3] == "true");
    let persons: HashSet<&str> = current.map(|row| row[0].as_str()).collect();
    assert_eq!(persons.len() as u64, PERSONS);
}

#[test]
fn the_current_number_gives_birth_and_sex() {
    let population = MADE.of(Register::Population);
    assert_eq!(population.len() as u64, PERSONS);
    let mut d_numbers = 0;
    for row in population {
        let holder = holder(&row[0]).unwrap();
        assert_eq!(holder.born, row[1]);
        assert_eq!(holder.is_man, row[2] == "man");
        // Whoever has a D-number only is no inhabitant.
        assert_eq!(holder.is_dnr, row[3].is_empty());
        d_numbers += u64::from(holder.is_dnr);
    }
    assert!(d_numbers > PERSONS / 200, "{d_numbers}");
    let men = population.iter().filter(|row| row[2] == "man").count() as f64;
    assert!((men / PERSONS as f64 - 0.505).abs() < 0.01);
}

#[test]
fn births_are_spread_over_the_years() {
    let mut births: HashMap<&str, u64> = HashMap::new();
    for row in MADE.of(Register::Population) {
        *births.entry(&row[1][..4]).or_default() += 1;
    }
    assert_eq!(births.len(), 2025 - 1915 + 1);
    for (year, births) in births {
        // A yearly cohort is between a third of and twice the mean of 1 in 111.
        let of_mean = births as f64 * 111.0 / PERSONS as f64;
        assert!((0.33..2.0).contains(&of_mean), "{year}: {of_mean}");
    }
}

#[test]
fn every_old_number_leads_to_the_current_one() {
    let history = MADE.of(Register::History);
    let next: HashMap<&str, &str> = history
        .iter()
        .map(|row| (row[0].as_str(), row[1].as_str()))
        .collect();
    assert_eq!(
        next.len(),
        history.len(),
        "an old number has two successors"
    );
    let population = MADE.of(Register::Population);
    let (mut chains, mut from_d, mut corrected) = (0, 0, 0);
    for row in MADE.of(Register::TruthOfNumbers) {
        let person: usize = row[0].parse().unwrap();
        let (mut number, mut steps) = (row[1].as_str(), 0);
        while let Some(&current) = next.get(number) {
            (number, steps) = (current, steps + 1);
            assert!(steps < 3, "a cycle");
        }
        assert_eq!(number, population[person - 1][0]);
        assert_eq!(steps == 0, row[3] == "true");
        chains += usize::from(steps == 2);
    }
    for row in history {
        let [old, current] = [&row[0], &row[1]].map(|number| holder(number).unwrap());
        assert!(!current.is_dnr);
        match old.is_dnr {
            true => from_d += 1,
            // The first number has another date of birth.
            false => {
                assert_ne!(old.born, current.born);
                corrected += 1;
            }
        }
    }
    assert!(chains > 50, "{chains}");
    assert!(from_d > 5000, "{from_d}");
    assert!(corrected > 300, "{corrected}");
}

#[test]
fn a_number_follows_the_one_before_in_time() {
    let dates: HashMap<&str, &str> = MADE
        .of(Register::TruthOfNumbers)
        .iter()
        .map(|row| (row[1].as_str(), row[2].as_str()))
        .collect();
    for row in MADE.of(Register::History) {
        assert_eq!(dates[row[1].as_str()], row[2]);
        assert!(dates[row[0].as_str()] < row[2].as_str());
    }
}
