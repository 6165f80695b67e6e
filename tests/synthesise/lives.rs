//! Households, twins, deaths, moves, incomes and benefits.

use std::collections::{HashMap, HashSet};

use kobling::synthesise::Register;

use crate::read::{MADE, PERSONS, Row};

/// The population's rows, household by household.
fn households() -> Vec<&'static [Row]> {
    let same = |one: &Row, other: &Row| one[4] == other[4];
    MADE.of(Register::Population).chunk_by(same).collect()
}

#[test]
fn households_live_together() {
    let households = households();
    let names: HashSet<&str> = households.iter().map(|one| one[0][4].as_str()).collect();
    assert_eq!(
        names.len(),
        households.len(),
        "a household is in two places"
    );
    let largest = households.iter().map(|one| one.len()).max();
    assert_eq!(largest, Some(6));
    for members in &households {
        // The dead lived where the household did then.
        let places: HashSet<&str> = members
            .iter()
            .filter(|row| row[5].is_empty())
            .map(|row| row[3].as_str())
            .filter(|place| !place.is_empty())
            .collect();
        assert!(places.len() <= 1);
        let year = |row: &Row| row[1][..4].parse::<i32>().unwrap();
        // The first member is an adult, and no child is older than 18 years less.
        assert!(year(&members[0]) <= 2002);
        assert!(
            members
                .iter()
                .skip(2)
                .all(|row| year(row) >= year(&members[0]) + 18)
        );
    }
    let alone = households.iter().filter(|one| one.len() == 1).count() as f64;
    assert!((alone / households.len() as f64 - 0.465).abs() < 0.02);
}

#[test]
fn twins_have_neighbouring_numbers() {
    let individual = |row: &Row| row[0][6..9].parse::<i32>().unwrap();
    let (mut twins, mut near, mut alike) = (0, 0, 0);
    for members in households() {
        // Two adults are not twins.
        for pair in members
            .windows(2)
            .skip(1)
            .filter(|pair| pair[0][1] == pair[1][1])
        {
            twins += 1;
            // Of the day's numbers of one sex, some have no control digits between.
            if pair[0][2] == pair[1][2] {
                alike += 1;
                near += usize::from(individual(&pair[0]).abs_diff(individual(&pair[1])) <= 8);
            }
        }
    }
    assert!(twins > 100, "{twins}");
    assert!(
        alike * 100 > twins * 50 && alike * 100 < twins * 85,
        "{alike} of {twins}"
    );
    // All but those whose list begins again, and those with a D-number that stays.
    assert!(near * 100 >= alike * 95, "{near} of {alike}");
}

#[test]
fn the_dead_were_born_and_earn_nothing_later() {
    let population = MADE.of(Register::Population);
    let mut dead = 0;
    for row in population.iter().filter(|row| !row[5].is_empty()) {
        assert!(row[1] <= row[5]);
        assert!(("1991-01-01"..="2025-12-31").contains(&row[5].as_str()));
        dead += 1;
    }
    assert!(
        (0.1..0.4).contains(&(f64::from(dead) / PERSONS as f64)),
        "{dead}"
    );
    let truth = MADE.of(Register::TruthOfTax);
    for (row, truth) in MADE.of(Register::Tax).iter().zip(truth) {
        let person = &population[truth[1].parse::<usize>().unwrap() - 1];
        assert!(person[5].is_empty() || person[5][..4] >= row[1][..]);
        assert!(person[1][..4].parse::<i32>().unwrap() + 17 <= row[1].parse::<i32>().unwrap());
    }
}

/// The codes of the list before 2024 and since, with the names.
fn municipalities() -> [HashMap<&'static str, &'static str>; 2] {
    let list = include_str!("../../src/synthesise/municipalities.csv");
    let mut codes = [HashMap::new(), HashMap::new()];
    for line in list.lines().skip(1) {
        let [code, code_2020, name] = line.split(',').collect::<Vec<_>>()[..] else {
            panic!("three fields");
        };
        codes[0].insert(code_2020, name);
        codes[1].insert(code, name);
    }
    codes[0].remove("");
    codes
}

#[test]
fn the_list_has_all_municipalities() {
    let [before, since] = municipalities();
    // As many as Norway had from 2020, and from 2024.
    assert_eq!([before.len(), since.len()], [356, 357]);
    assert_eq!(since["0301"], "Oslo");
    assert_eq!([before["4601"], since["4601"]], ["Bergen"; 2]);
    assert_eq!([before["5401"], since["5501"]], ["Tromsø"; 2]);
}

#[test]
fn moves_lead_from_real_places_to_home() {
    let [before, since] = municipalities();
    let mut places: HashMap<&str, &str> = HashMap::new();
    let person_of: HashMap<&str, &str> = MADE
        .of(Register::TruthOfNumbers)
        .iter()
        .map(|row| (row[1].as_str(), row[0].as_str()))
        .collect();
    let mut years = HashSet::new();
    for row in MADE.of(Register::Moves) {
        let [fnr, on, from, to] = [0, 1, 2, 3].map(|column| row[column].as_str());
        let names = if on < "2024-01-01" { &before } else { &since };
        assert_ne!(from, to);
        years.insert(&on[..4]);
        // Each move begins where the one before ended, whatever the code of the day.
        if let Some(place) = places.insert(person_of[fnr], names[to]) {
            assert_eq!(place, names[from]);
        }
    }
    assert_eq!(years.len(), 6);
    for (person, place) in &places {
        let home = &MADE.of(Register::Population)[person.parse::<usize>().unwrap() - 1];
        assert_eq!(since[home[3].as_str()], *place);
    }
    assert!(places.len() as u64 > PERSONS / 10);
}

#[test]
fn incomes_and_spells_are_plausible() {
    let tax = MADE.of(Register::Tax);
    let mut incomes: Vec<i64> = tax.iter().map(|row| row[2].parse().unwrap()).collect();
    incomes.sort_unstable();
    assert!(incomes[0] > 0);
    let median = incomes[incomes.len() / 2];
    assert!((300_000..600_000).contains(&median), "{median}");
    let mean = incomes.iter().sum::<i64>() / incomes.len() as i64;
    assert!(mean > median, "incomes lean to the right");
    let years: HashSet<&str> = tax.iter().map(|row| row[1].as_str()).collect();
    assert_eq!(years.len(), 3);

    let benefit = MADE.of(Register::Benefit);
    assert!(benefit.len() as u64 > PERSONS / 20);
    for row in benefit {
        assert!(row[2] <= row[3]);
        assert!(row[2].as_str() >= "2023-01-01" && row[3].as_str() <= "2025-12-31");
        assert!(row[4].parse::<i64>().unwrap() > 0);
    }
    let kinds: HashSet<&str> = benefit.iter().map(|row| row[1].as_str()).collect();
    assert_eq!(kinds.len(), 4);
}
