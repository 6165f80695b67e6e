//! The worked examples of the ESSnet handbook on statistical disclosure
//! control, 2nd edition: what it prints is what kobling gives.
//!
//! They are also a file in the folder that `KOBLING_DATA` names. Every row of
//! it is decided here, or it is said why it cannot be; and its numbers are
//! those that are decided here, so that no example is merely like its row.
//! Rules are reached through a plan, on a register that holds what the example
//! does; what works on numbers alone is called as it is.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::support::cell::{PAY, protect};
use crate::support::{PROJECT, parse};
use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray, UInt32Array};
use kobling::protect::Rule;
use kobling::sdc::audit::{Audit, AuditBudget, Primes, Seen, Sign};
use kobling::sdc::cell_key::{
    CellKeys, Flex, SumNoise, SumTables, SumToPerturb, mean, perturbed_count,
};
use kobling::sdc::perturbation::{KeySpace, Lookup, NoiseEntry, PerturbationTable};
use kobling::sdc::rounding::Base;
use kobling::sdc::structure::Structure;

use crate::support;
use crate::support::data::data;

/// Decided, or why not.
type Decision = Result<(), &'static str>;

struct Example {
    /// Its name in the file.
    id: &'static str,
    /// All numbers of its row, in their order.
    numbers: &'static [f64],
    decide: fn(&[f64]) -> Decision,
}

const EXAMPLES: [Example; 15] = [
    Example {
        id: "ex1",
        numbers: &[1., 90., 100e3, 50e3, 49e3, 1., 90., 51e3, 2.],
        decide: dominance_of_one_does_not_see_the_second,
    },
    Example {
        id: "ex1p",
        numbers: &[10., 100e3, 50e3, 49e3, 1e3, 5e3],
        decide: p_percent_sees_the_second,
    },
    Example {
        id: "ex2",
        numbers: &[10., 110e3, 52e3, 50e3, 15.4],
        decide: p_percent_is_content,
    },
    Example {
        id: "ex2b",
        numbers: &[
            2., 90.9, 100., 100., 100., 10., 110e3, 52e3, 50e3, 102e3, 100e3,
        ],
        decide: dominance_of_two_asks_for_more,
    },
    Example {
        id: "ex3",
        numbers: &TWO_BY_TWO,
        decide: feasibility_interval,
    },
    Example {
        id: "ex3s",
        numbers: &[],
        decide: singleton_attack,
    },
    Example {
        id: "ex4",
        numbers: &[1., 85., 330., 300., 20., 10., 352.94],
        decide: upper_protection,
    },
    Example {
        id: "ex5",
        numbers: &[25., 80., 5.26, 95., 100., 100., 100.],
        decide: dominance_as_strict_as_p_percent,
    },
    Example {
        id: "ex6",
        numbers: &[100., 10., 470., 100., 100.],
        decide: |_| Err("a plan has no sampling weights: registers are linked whole"),
    },
    Example {
        id: "ex7",
        numbers: &[0.9, 0.3, 0.6, 3., 0.8, 1., 4.],
        decide: cell_key_of_a_count,
    },
    Example {
        id: "ex8",
        numbers: &[300., 200., 0.5, 0.8, 400.],
        decide: cell_key_of_a_sum,
    },
    Example {
        id: "ex9",
        numbers: &[300., 200., 0.6, 0.8, 360.],
        decide: cell_key_of_a_sum,
    },
    Example {
        id: "ex10",
        numbers: &[5., 7., 8., 12., 20.],
        decide: means_of_exact_figures_give_counts_away,
    },
    Example {
        id: "ex11",
        numbers: &[
            1., 0., 1., 3., 3., 6., 12., 20., 32., 16., 23., 39., 0., 0., 0., 5., 5., 5., 10., 20.,
            30., 35., 15., 25., 40., 35., 32.,
        ],
        decide: conventional_rounding,
    },
    Example {
        id: "ex12",
        numbers: &[1., 2., 3., 1., 3., 2., 2., 3.],
        decide: random_rounding,
    },
];

/// What a table of two by two sums to by row and by column, the least that a
/// cell can be, and the ends of the first one's interval.
const TWO_BY_TWO: [f64; 7] = [7., 3., 6., 4., 0., 3., 6.];

/// What becomes of a cell of these amounts, one a person.
fn cell(rules: &str, amounts: &[f64]) -> Result<f64, Rule> {
    let amounts: Vec<String> = amounts
        .iter()
        .map(|amount| format!("{amount:.2}"))
        .collect();
    let amounts: Vec<&str> = amounts.iter().map(String::as_str).collect();
    let rules = format!("min_persons = 3, {rules}");
    let value = support::cell::sum(&rules, &amounts)?;
    Ok(value.parse().unwrap())
}

fn dominance(n: f64, k: f64) -> String {
    format!("dominance = {{ n = {n}, percent = {k:.2} }}")
}

fn p_percent(p: f64) -> String {
    format!("p_percent = {p:.2}")
}

/// All of a cell's contributions: the two largest, and the rest as one.
fn contributions([total, first, second]: [f64; 3]) -> [f64; 3] {
    [first, second, total - first - second]
}

/// Section 4.2, example 1.
fn dominance_of_one_does_not_see_the_second(numbers: &[f64]) -> Decision {
    let [n, k, total, first, second, .., estimate, within] = *numbers else {
        unreachable!()
    };
    let amounts = contributions([total, first, second]);
    assert_eq!(cell(&dominance(n, k), &amounts), Ok(total));
    // What the second takes the first's for is too much by 2 %, and no less.
    assert_eq!(total - second, estimate);
    assert_eq!(cell(&p_percent(within), &amounts), Ok(total));
    let more = p_percent(within + 0.01);
    assert_eq!(cell(&more, &amounts), Err(Rule::PPercent));
    Ok(())
}

/// Section 4.2, example 1 by the p % rule.
fn p_percent_sees_the_second(numbers: &[f64]) -> Decision {
    let [p, total, first, second, rest, needed] = *numbers else {
        unreachable!()
    };
    let rule = p_percent(p);
    let amounts = contributions([total, first, second]);
    assert_eq!(amounts[2], rest);
    assert_eq!(cell(&rule, &amounts), Err(Rule::PPercent));
    let almost = [first, second, needed - 0.01];
    assert_eq!(cell(&rule, &almost), Err(Rule::PPercent));
    let enough = [first, second, needed];
    assert_eq!(cell(&rule, &enough), Ok(enough.iter().sum()));
    Ok(())
}

/// Section 4.2, example 2.
fn p_percent_is_content(numbers: &[f64]) -> Decision {
    let [p, total, first, second, overestimate] = *numbers else {
        unreachable!()
    };
    let amounts = contributions([total, first, second]);
    assert_eq!(cell(&p_percent(p), &amounts), Ok(total));
    // It is printed with one decimal.
    let below = p_percent(overestimate - 0.05);
    assert_eq!(cell(&below, &amounts), Ok(total));
    let above = p_percent(overestimate + 0.05);
    assert_eq!(cell(&above, &amounts), Err(Rule::PPercent));
    Ok(())
}

/// Section 4.2, example 2 by the (2,k) rule that is as strict as the p % rule.
fn dominance_of_two_asks_for_more(numbers: &[f64]) -> Decision {
    let [n, k, .., p, total, first, second, largest, allowed] = *numbers else {
        unreachable!()
    };
    assert_eq!((k * 10.0).floor(), (100.0 * 1000.0 / (100.0 + p)).floor());
    assert_eq!(
        (first + second, allowed),
        (largest, total * 100.0 / (100.0 + p))
    );
    let amounts = contributions([total, first, second]);
    assert_eq!(cell(&dominance(n, k), &amounts), Err(Rule::Dominance));
    // Two who have just what is allowed, in hundredths of a per cent.
    let most = (total * k / 100.0) - second;
    let most = contributions([total, most, second]);
    assert_eq!(cell(&dominance(n, k), &most), Ok(total));
    Ok(())
}

/// A row, a row, a column and a column of [`TWO_BY_TWO`] are published, and nothing else.
fn two_by_two(numbers: &[f64]) -> (Structure, Vec<Option<i128>>) {
    let sums = [vec![0, 1], vec![2, 3], vec![0, 2], vec![1, 3]];
    let cells = (0..4).map(|inner| vec![inner]).chain(sums);
    let published = numbers[..4].iter().map(|sum| Some(*sum as i128));
    let values = [None; 4].into_iter().chain(published).collect();
    (Structure::new(4, cells), values)
}

fn audit<'a>(structure: &'a Structure, values: &'a [Option<i128>]) -> Audit<'a> {
    let sign = Sign::NonNegative;
    let seen = Seen {
        structure,
        values,
        sign,
    };
    Audit::new(seen, AuditBudget::default()).unwrap()
}

/// Section 4.2, example 3.
fn feasibility_interval(numbers: &[f64]) -> Decision {
    let [.., low, high] = *numbers else {
        unreachable!()
    };
    let (structure, values) = two_by_two(numbers);
    let interval = audit(&structure, &values).intervals(&[0]).unwrap()[0].whole();
    assert_eq!((interval.low, interval.high), (low, high));
    Ok(())
}

/// Section 4.3: who alone is in the cell beside it knows the first one.
fn singleton_attack(_: &[f64]) -> Decision {
    let (structure, values) = two_by_two(&TWO_BY_TWO);
    let audit = audit(&structure, &values);
    let found = audit.disclosed(&[vec![1]], Primes::drawn([3; 16])).unwrap();
    assert!(found.to_all.is_empty());
    assert!(found.to_insiders.contains(&(0, 0)), "{found:?}");
    Ok(())
}

/// Section 4.2, example 4. Of the regions that could be suppressed beside it,
/// the smallest falls short of the bound by a tenth of a hundredth.
fn upper_protection(numbers: &[f64]) -> Decision {
    let [n, k, total, first, second, third, printed] = *numbers else {
        unreachable!()
    };
    let amounts = [first, second, third];
    assert_eq!(amounts.iter().sum::<f64>(), total);
    assert_eq!(cell(&dominance(n, k), &amounts), Err(Rule::Dominance));
    let bound = first * 100.0 / k;
    assert!((bound - printed).abs() < 0.005);
    let regions: [&[f64]; 4] = [
        &amounts,
        &[7.64, 7.65, 7.65],
        &[7.65, 7.65, 7.65],
        &[100.0, 100.0, 100.0],
    ];
    let most = most_of_the_first(&dominance(n, k), &regions);
    assert!(most >= bound, "{most}");
    Ok(())
}

/// The most that the first of some regions can be, as its recipients see it: it
/// is not published. Without a published total, as some release keys leave it out,
/// nothing bounds it.
fn most_of_the_first(rules: &str, regions: &[&[f64]]) -> f64 {
    let plan = parse(&format!(
        "{PROJECT}{PAY}columns.amount = {{ from = 'amount', type = 'decimal', scale = 2 }}
        columns.region = {{ from = 'region', type = 'category' }}
        [table.t]
        from = 'pay'
        by = ['pay.region']
        margins = true
        sensitive = []
        measures = [{{ sum = 'pay.amount', as = 'figure' }}]
        protect = {{ min_persons = 3, {rules}, method = 'suppress' }}"
    ));
    let rows = regions.iter().zip(10..).flat_map(|(amounts, region)| {
        let rows = amounts.iter();
        rows.map(move |amount| (region.to_string(), format!("{amount:.2}")))
    });
    let (region, amount): (Vec<String>, Vec<String>) = rows.unzip();
    let columns: [(&str, ArrayRef); 3] = [
        (
            "id",
            Arc::new(UInt32Array::from_iter_values(0..region.len() as u32)),
        ),
        ("region", Arc::new(StringArray::from(region))),
        ("amount", Arc::new(StringArray::from(amount))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let release = protect(&plan, batch).release().unwrap();
    let table = release.table("t").unwrap();
    let figures = table.column_by_name("figure").unwrap();
    let level = table.column_by_name("region_level").unwrap();
    let hundredths = figures.as_primitive::<Decimal128Type>();
    let (mut total, mut regional, mut published) = (None, 0, 0);
    for row in (0..table.num_rows()).filter(|row| figures.is_valid(*row)) {
        match level.as_string::<i32>().value(row) {
            "total" => total = Some(hundredths.value(row)),
            _ => {
                regional += hundredths.value(row);
                published += 1;
            }
        }
    }
    assert!(published < regions.len(), "the first is not published");
    total.map_or(f64::INFINITY, |total| (total - regional) as f64 / 100.0)
}

/// Section 4.2: whatever the p % rule finds unsafe, a (2,k) rule does, with k =
/// 100 · 100 / (100 + p); a larger k does not see a cell of many small ones.
fn dominance_as_strict_as_p_percent(numbers: &[f64]) -> Decision {
    let [first_p, first_k, second_p, second_k, ..] = *numbers else {
        unreachable!()
    };
    for (p, k) in [(first_p, first_k), (second_p, second_k)] {
        assert_eq!((10_000.0 / (100.0 + p)).round(), k);
        // Beside a million, ten thousand who have p per cent of it but for a hundredth.
        let mut amounts = vec![p; 10_000];
        amounts[0] -= 0.01;
        amounts.push(1e6);
        assert_eq!(cell(&p_percent(p), &amounts), Err(Rule::PPercent));
        assert_eq!(cell(&dominance(2.0, k), &amounts), Err(Rule::Dominance));
        assert!(cell(&dominance(2.0, k + 0.01), &amounts).is_ok());
    }
    Ok(())
}

/// The fictional table of section 5.4.
fn toy_table(row_of_two: &[(i32, f64)]) -> kobling::sdc::Result<PerturbationTable> {
    let rows: [(u64, &[(i32, f64)]); 4] = [
        (0, &[(0, 1.0)]),
        (1, &[(-1, 0.5), (1, 0.5)]),
        (2, row_of_two),
        (3, &[(-1, 0.3), (0, 0.4), (1, 0.3)]),
    ];
    let rows = rows.into_iter().map(|(original, entries)| {
        let entries = entries.iter().map(|&(deviation, probability)| NoiseEntry {
            deviation,
            probability,
        });
        (original, entries.collect())
    });
    PerturbationTable::new(1, rows.collect())
}

/// As it is printed, its row of 2 has a mean of 0.2, which is refused; here that
/// row is balanced, with the same noise, none, at the key of the examples.
fn toy_lookup() -> Lookup {
    let refused = toy_table(&[(0, 0.8), (1, 0.2)]).unwrap_err();
    assert_eq!(
        refused.rule(),
        "perturbation table, original value 2: the mean of the noise is not zero"
    );
    let balanced = toy_table(&[(-1, 0.1), (0, 0.8), (1, 0.1)]);
    balanced.unwrap().lookup(KeySpace::Decimal)
}

/// A key between 0 and 1 as eight decimals.
fn decimals(key: f64) -> u64 {
    (key * 1e8).round() as u64
}

/// Section 5.4.
fn cell_key_of_a_count(numbers: &[f64]) -> Decision {
    let [records @ .., persons, key, deviation, published] = numbers else {
        unreachable!()
    };
    let records: Vec<u64> = records.iter().map(|key| decimals(*key)).collect();
    let mut keys = CellKeys::new(1);
    keys.add(&records, &vec![0; records.len()]).unwrap();
    let cell = keys.cells()[0];
    assert_eq!(cell.persons as f64, *persons);
    let cell_key = cell.key_modulo(100_000_000);
    assert_eq!(cell_key, decimals(*key));
    let found = perturbed_count(&toy_lookup(), cell.persons, cell_key) as f64;
    assert_eq!((found, found - persons), (*published, *deviation));
    Ok(())
}

/// Section 4.6: a sum, its largest contribution, and the share δ of that.
fn cell_key_of_a_sum(numbers: &[f64]) -> Decision {
    let [sum, largest, share, key, published] = *numbers else {
        unreachable!()
    };
    let flex = Flex::new(1e6, share, share, 3).unwrap();
    let noise = SumNoise::new(flex, SumTables::One(toy_lookup()), None).unwrap();
    let cell = SumToPerturb {
        sum: sum as i128,
        absolute: sum as i128,
        largest: largest as i128,
        contributors: 3,
        key: decimals(key),
    };
    assert_eq!(noise.perturbed(&cell).unwrap(), published as i128);
    Ok(())
}

/// Section 5.7: two cells of 8 and 12 persons, 90 and 95 years old together,
/// are published as 9 and 14 of 19. Who knows the exact means and that no
/// count is off by more than 2 finds the exact counts; with means of perturbed
/// figures not.
fn means_of_exact_figures_give_counts_away(numbers: &[f64]) -> Decision {
    let sums = [90, 95, 185];
    let exact = [2, 3, 4].map(|at| numbers[at] as u64);
    let perturbed = [9u64, 14, 19];
    let attack = |means: [f64; 3]| -> Vec<[u64; 3]> {
        let around = |count: u64| count - 2..=count + 2;
        let pairs = around(perturbed[0]).flat_map(|first| {
            around(perturbed[1]).map(move |second| [first, second, first + second])
        });
        let fits = |counts: &[u64; 3]| {
            let [first, second, both] = [0, 1, 2].map(|at| means[at] * counts[at] as f64);
            around(perturbed[2]).contains(&counts[2]) && (first + second - both).abs() < 1e-6
        };
        pairs.filter(fits).collect()
    };
    let means = |counts: [u64; 3]| [0, 1, 2].map(|cell| mean(sums[cell], counts[cell]).unwrap());
    assert_eq!(attack(means(exact)), [exact]);
    assert!(!attack(means(perturbed)).contains(&exact));
    assert_eq!(mean(105, 0), None);
    Ok(())
}

/// Section 5.5, to base 5. Where it prints 35 for 32, 30 is nearer: a misprint,
/// for which the file has both.
fn conventional_rounding(numbers: &[f64]) -> Decision {
    let (given, rest) = numbers.split_at(12);
    let mut printed = rest[..13].to_vec();
    assert_eq!(printed.remove(9), 35.0);
    let base = Base::new(5).unwrap();
    for (given, printed) in given.iter().zip(printed) {
        assert_eq!(base.nearest(*given as i128).unwrap(), printed as i128);
    }
    Ok(())
}

/// Section 5.5, to base 3: of a rest of 1 a third goes up, of 2 two.
fn random_rounding(_: &[f64]) -> Decision {
    let base = Base::new(3).unwrap();
    let keys = (0..3000).map(|at| (u64::MAX / 3000) * at + u64::MAX / 6000);
    for (value, below, up) in [(0, 0, 0), (1, 0, 1), (2, 0, 2), (3, 3, 0), (4, 3, 1)] {
        let rounded = keys.clone().map(|key| base.random(value, key).unwrap());
        let rounded: Vec<i128> = rounded.collect();
        assert!(rounded.iter().all(|to| [below, below + 3].contains(to)));
        assert_eq!(rounded.iter().filter(|to| **to != below).count(), up * 1000);
        assert_eq!(rounded.iter().sum::<i128>(), 3000 * value);
    }
    Ok(())
}

#[test]
fn kobling_gives_what_the_handbook_prints() {
    for Example {
        id,
        numbers,
        decide,
    } in EXAMPLES
    {
        match decide(numbers) {
            Ok(()) => println!("{id}: as printed"),
            Err(reason) => println!("{id}: not decided, for {reason}"),
        }
    }
}

/// The numbers of a text; those behind a letter or a `#` are part of a name.
fn numbers(text: &str) -> Vec<f64> {
    let mut numbers = Vec::new();
    let mut before = ' ';
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let is_part = |c: char| c.is_ascii_digit() || c == '.';
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (digits, after) = rest.split_at(end.max(next.len_utf8()));
        if end > 0 && !before.is_alphabetic() && before != '#' {
            numbers.extend(digits.parse::<f64>());
        }
        before = next;
        rest = after;
    }
    numbers
}

#[test]
fn every_row_of_the_file_is_one_of_these() {
    let Some(file) = data("vectors/sdc/handbook/worked_examples.csv") else {
        return;
    };
    let mut rows = csv::Reader::from_path(file).unwrap();
    let mut found = BTreeSet::new();
    for row in rows.records() {
        let row = row.unwrap();
        let example = EXAMPLES.iter().find(|example| example.id == &row[0]);
        let example = example.unwrap_or_else(|| panic!("{} is not decided", &row[0]));
        let text = format!("{}; {}; {}", &row[1], &row[2], &row[3]);
        assert_eq!(numbers(&text), example.numbers, "{text}");
        assert!(found.insert(example.id), "{} is there twice", &row[0]);
    }
    assert_eq!(found.len(), EXAMPLES.len());
}
