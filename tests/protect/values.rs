//! A mean beside counts with conditions on what it is of: its digits say how many have a value,
//! and so how many of them satisfy no condition.

use kobling::{Plan, Release};

use crate::support::towns::{Draw, Sum, consecutive, plan_with, possible};
use crate::support::{extract, key, parse, release};

const TOWNS: usize = 4;

/// Of each town: who has less than 25, who has more, and who has no value.
type Persons = [[i128; 3]; TOWNS];

const LOW: usize = 0;
const HIGH: usize = 1;
const NONE: usize = 2;

fn text(measures: &str) -> String {
    let table = format!(
        "[table.t]
        from = 'pay'
        by = ['pay.town']
        margins = true
        sensitive = []
        measures = [{{ persons = true }}, {measures}]
        protect = {{ min_persons = 5, p_percent = 10, method = 'suppress' }}"
    );
    let columns =
        "town = { from = 'town', type = 'category', categories = ['t0', 't1', 't2', 't3'] }
        v = { from = 'v', type = 'integer' }";
    plan_with("one", columns, &table)
}

const BELOW: &str = "{ persons = { where = [{ column = 'pay.v', below = 25 }] }, as = 'below' }";
const ALL: &str = "{ persons = { where = [{ column = 'pay.v', present = true }] }, as = 'all' }";
const MEAN: &str = "{ mean = 'pay.v', as = 'mean' }";

fn drawn(seed: u64) -> Persons {
    let mut draw = Draw(seed + 1);
    std::array::from_fn(|_| {
        let mut some = |least: u64, more: u64| (least + draw.below(more)) as i128;
        [some(8, 9), some(0, 9), some(0, 12)]
    })
}

fn csv(persons: &Persons) -> String {
    let mut csv = "nr,town,v\n".to_owned();
    let mut nr = 0;
    for (town, persons) in persons.iter().enumerate() {
        for (kind, persons) in persons.iter().enumerate() {
            for _ in 0..*persons {
                let v = match kind {
                    LOW => (10 + nr * 5 % 13).to_string(),
                    HIGH => (26 + nr * 3 % 7).to_string(),
                    _ => String::new(),
                };
                csv += &format!("{nr},t{town},{v}\n");
                nr += 1;
            }
        }
    }
    csv
}

/// What is published, as sums of the numbers by town and kind; and how many means said how many
/// have a value.
fn published(release: &Release, persons: &Persons) -> (Vec<Sum>, usize) {
    let schema = release.table("t").unwrap().schema();
    let at = |name: &str| schema.index_of(name).unwrap();
    let (mut sums, mut said) = (Vec::new(), 0);
    for row in release.rows("t").unwrap() {
        let town = row[at("town")]
            .as_deref()
            .and_then(|town| town[1..].parse::<usize>().ok());
        let towns = match row[at("town_level")].as_deref() {
            Some("total") => (0..TOWNS).collect(),
            // Nobody is in any other.
            _ => Vec::from_iter(town),
        };
        let of = |kinds: &[usize]| -> Vec<usize> {
            let each = towns
                .iter()
                .flat_map(|town| kinds.iter().map(move |kind| 3 * town + kind));
            each.collect()
        };
        let figure = |name: &str| {
            row[at(name)]
                .as_ref()
                .map(|text| text.parse::<f64>().unwrap())
        };
        for (name, kinds) in [
            ("persons", &[0, 1, 2][..]),
            ("below", &[LOW]),
            ("all", &[LOW, HIGH]),
        ] {
            sums.extend(figure(name).map(|number| (of(kinds), number as i128)));
        }
        let everybody: i128 = persons.iter().flatten().sum();
        if let Some(mean) = figure("mean") {
            let most = figure("persons").map_or(everybody, |number| number as i128);
            let is_whole = |number: &i128| {
                let sum = mean * *number as f64;
                (sum - sum.round()).abs() < 1e-6
            };
            let mut numbers = (1..=most).filter(is_whole);
            if let (Some(number), None) = (numbers.next(), numbers.next()) {
                sums.push((of(&[LOW, HIGH]), number));
                said += 1;
            }
        }
    }
    (sums, said)
}

#[test]
fn who_has_a_value_and_satisfies_no_condition_is_protected() {
    let plan = parse(&text(&[BELOW, ALL, MEAN].join(", ")));
    let key = key(&plan);
    let (mut said, mut asked) = (0, 0);
    for seed in 0..60 {
        let persons = drawn(seed);
        let extract = extract(&plan, &key, "pay", &csv(&persons)).unwrap();
        let release = release(&plan, vec![extract]).unwrap();
        let (sums, own) = published(&release, &persons);
        said += own;
        let truth = persons.concat();
        let groups = [HIGH, NONE].into_iter().flat_map(|kind| {
            let each = (0..TOWNS).map(move |town| vec![3 * town + kind]);
            let all: Vec<usize> = (0..TOWNS).map(|town| 3 * town + kind).collect();
            each.chain([all])
        });
        for of in groups {
            let value: i128 = of.iter().map(|cell| truth[*cell]).sum();
            if (1..5).contains(&value) {
                asked += 1;
                let left = consecutive(&possible(&sums, &truth, &of), value);
                assert!(left >= 3, "seed {seed}: {value} at {of:?}, {left} left");
            }
        }
    }
    assert!(
        said > 20 && asked > 20,
        "{said} means said a number, {asked} were asked after"
    );
}

#[test]
fn a_mean_beside_a_condition_on_its_column_needs_the_count_of_values() {
    let found = Plan::parse(&text(&[BELOW, MEAN].join(", ")))
        .map(drop)
        .unwrap_err()
        .to_string();
    assert!(
        found.contains("`mean` discloses how many persons have a value of pay.v"),
        "{found}"
    );
    let help =
        "{ persons = { where = [{ column = \"pay.v\", present = true }] }, as = \"with_v\" }";
    assert!(found.contains(help), "{found}");
    // As the help says; and where no condition is on the column, nothing is asked for.
    parse(&text(&[BELOW, help, MEAN].join(", ")));
    parse(&text(MEAN));
    // Nor where nobody is without a value.
    let kept = text(&[BELOW, MEAN].join(", "));
    let with = "where = [{ column = 'pay.v', present = true }]\n        protect =";
    parse(&kept.replace("protect =", with));
}
