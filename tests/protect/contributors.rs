//! What the digits of a mean say, and a sum of which the plan says how much a person adds: how
//! many contribute. Who is not among them has no row in the register of the column.

use std::collections::BTreeMap;

use kobling::protect::Protection;
use kobling::{Linkage, Release, ReleaseKey};

use crate::support::towns::{Draw, Sum, consecutive, plan_with, possible};
use crate::support::{extract, key, parse, release};

const TOWNS: usize = 5;

/// Of each town, how many have a row in the other register, and how many have none.
type Persons = [[i128; 2]; TOWNS];

/// What a figure says of the number of contributors, if that is only one of at most so many.
fn contributors(figure: f64, clip: Option<[f64; 2]>, most: i128) -> Option<i128> {
    let fits = |number: &i128| {
        let number = *number as f64;
        match clip {
            Some([least, most]) => number * least <= figure && figure <= number * most,
            None => (figure * number - (figure * number).round()).abs() < 1e-6,
        }
    };
    let mut all = (1..=most).filter(fits);
    let first = all.next();
    first.filter(|_| all.next().is_none())
}

/// The figures of a table's rows, by the texts of its dimensions and their levels.
fn rows(release: &Release, table: &str, dimensions: usize) -> BTreeMap<Vec<String>, Vec<f64>> {
    let schema = release.table(table).unwrap().schema();
    let is_value = |at: &usize| {
        let name = schema.field(*at).name();
        *at >= 2 * dimensions && !name.ends_with("_status")
    };
    let values: Vec<usize> = (0..schema.fields().len()).filter(is_value).collect();
    let rows = release.rows(table).unwrap().map(|row| {
        let place = row[..2 * dimensions].iter().cloned();
        let figure = |at: &usize| {
            row[*at]
                .as_ref()
                .map_or(f64::NAN, |text| text.parse().unwrap())
        };
        (
            place.map(Option::unwrap_or_default).collect(),
            values.iter().map(figure).collect(),
        )
    });
    rows.collect()
}

/// How many of the suppressed unsafe numbers in a release fewer than three values are left
/// of, to whoever takes from figures how many contribute; and how many figures said it.
fn lost(persons: &Persons, measure: &str, clip: Option<[f64; 2]>, apart: bool) -> (usize, usize) {
    let (counts, money) = match apart {
        // In two tables about the same rows.
        true => ("{ persons = true }".to_owned(), measure.to_owned()),
        false => (format!("{{ persons = true }}, {measure}"), String::new()),
    };
    let table = |name: &str, by: &str, measures: &str| {
        format!(
            "[table.{name}]
            from = 'pay'
            by = [{by}]
            margins = true
            sensitive = []
            measures = [{measures}]
            protect = {{ min_persons = 5, p_percent = 10, method = 'suppress' }}
            with.tax = {{ need = 'optional' }}
            columns.taxed = {{ matched = 'tax', type = 'boolean' }}
            "
        )
    };
    let further = match apart {
        true => table("u", "'pay.town'", &money).replace("columns.taxed", "# columns.taxed"),
        false => String::new(),
    };
    let bounds = clip.map_or(String::new(), |[least, most]| {
        format!(", clip = {{ at_least = {least}, at_most = {most} }}")
    });
    let tables = format!(
        "[source.tax]
        agency = 'An agency'
        legal_basis = ['A law']
        identifier = {{ column = 'nr', type = 'number' }}
        rows = 'one'
        columns.v = {{ from = 'v', type = 'integer'{bounds} }}
        {}{further}",
        table("t", "'pay.town', 'taxed'", &counts)
    );
    let columns =
        "town = { from = 'town', type = 'category', categories = ['t0', 't1', 't2', 't3', 't4'] }";
    let plan = parse(&plan_with("one", columns, &tables));
    let key = key(&plan);
    let (mut people, mut tax) = ("nr,town\n".to_owned(), "nr,v\n".to_owned());
    let mut nr = 0;
    for (town, persons) in persons.iter().enumerate() {
        for (without, persons) in persons.iter().enumerate() {
            for _ in 0..*persons {
                people += &format!("{nr},t{town}\n");
                if without == 0 {
                    tax += &format!("{nr},{}\n", 270 + nr * 7 % 31);
                }
                nr += 1;
            }
        }
    }
    let extracts = [("pay", people), ("tax", tax)];
    let extracts = extracts.map(|(source, csv)| extract(&plan, &key, source, &csv).unwrap());
    let release = release(&plan, extracts.into()).unwrap();

    let truth = persons.concat();
    let towns = |name: &str, level: &str| -> Vec<usize> {
        match level {
            "total" => (0..TOWNS).collect(),
            // Nobody is in any other.
            _ => name[1..].parse::<usize>().into_iter().collect(),
        }
    };
    let (mut sums, mut asked): (Vec<Sum>, Vec<Vec<usize>>) = (Vec::new(), Vec::new());
    let mut said = 0;
    let counted = rows(&release, "t", 2);
    let figures = |place: &[String]| -> Option<f64> {
        match apart {
            true => rows(&release, "u", 1)[&place[..2]].first().copied(),
            false => counted[place].get(1).copied(),
        }
    };
    for (place, own) in &counted {
        let towns = towns(&place[0], &place[1]);
        let sides = match (&*place[2], &*place[3]) {
            (_, "total") => vec![0, 1],
            ("true", _) => vec![0],
            _ => vec![1],
        };
        let cells = |sides: &[usize]| -> Vec<usize> {
            let each = towns
                .iter()
                .flat_map(|town| sides.iter().map(move |side| 2 * town + side));
            each.collect()
        };
        let of = cells(&sides);
        match own[0].is_nan() {
            true => asked.push(of),
            false => sums.push((of, own[0] as i128)),
        }
        if let (true, Some(figure)) = (sides.len() == 2, figures(place)) {
            let most = persons.iter().flatten().sum();
            let most = if own[0].is_nan() {
                most
            } else {
                own[0] as i128
            };
            if let Some(number) = contributors(figure, clip, most) {
                sums.push((cells(&[0]), number));
                said += 1;
            }
        }
    }
    let lost = asked.iter().filter(|of| {
        let value: i128 = of.iter().map(|cell| truth[*cell]).sum();
        (1..5).contains(&value) && consecutive(&possible(&sums, &truth, of), value) < 3
    });
    (lost.count(), said)
}

fn drawn(seed: u64) -> Persons {
    let mut draw = Draw(seed + 1);
    std::array::from_fn(|_| {
        let few = draw.below(2) == 0;
        let without = if few {
            1 + draw.below(4)
        } else {
            6 + draw.below(9)
        };
        [9 + draw.below(12) as i128, without as i128]
    })
}

/// A mean in the same table or another one, and sums of clipped amounts.
#[test]
fn what_figures_say_of_their_contributors_discloses_no_number_of_persons() {
    let mean = "{ mean = 'tax.v', as = 'money' }";
    let sum = "{ sum = 'tax.v', as = 'money' }";
    let clip = Some([270.0, 300.0]);
    for (measure, clip, apart) in [
        (mean, None, false),
        (mean, None, true),
        (sum, clip, false),
        (sum, clip, true),
    ] {
        let mut said = 0;
        for seed in 0..12 {
            let (lost, own) = lost(&drawn(seed), measure, clip, apart);
            assert_eq!(lost, 0, "seed {seed}: {measure} {clip:?} {apart}");
            said += own;
        }
        assert!(said > 3, "{measure} {clip:?} {apart}: {said} are published");
    }
}

/// A sum of fewer than four would not be published: of five persons four have an income then,
/// and one at most has none.
#[test]
fn that_a_sum_is_published_discloses_no_number_of_persons() {
    let tables = "[source.tax]
        agency = 'An agency'
        legal_basis = ['A law']
        identifier = { column = 'nr', type = 'number' }
        rows = 'one'
        columns.v = { from = 'v', type = 'integer' }
        [table.t]
        from = 'pay'
        by = ['pay.town', 'taxed']
        margins = true
        sensitive = []
        measures = [{ persons = true }, { sum = 'tax.v', as = 'money' }]
        protect = { min_persons = 4, count_interval = 'full', p_percent = 10, method = 'suppress' }
        with.tax = { need = 'optional' }
        columns.taxed = { matched = 'tax', type = 'boolean' }";
    let columns = "town = { from = 'town', type = 'category', categories = ['t0', 't1', 't2'] }";
    let plan = parse(&plan_with("one", columns, tables));
    let key = key(&plan);
    let (mut people, mut tax) = ("nr,town\n".to_owned(), "nr,v\n".to_owned());
    for nr in 0..90 {
        let town = match nr {
            0..5 => 0,
            5..40 => 1,
            _ => 2,
        };
        people += &format!("{nr},t{town}\n");
        // One of the first town has none.
        if nr != 4 && (nr < 5 || nr % 3 > 0) {
            tax += &format!("{nr},{}\n", 270 + nr * 7 % 31);
        }
    }
    for _ in 0..20 {
        let extracts = [("pay", &people), ("tax", &tax)];
        let extracts = extracts.map(|(source, csv)| extract(&plan, &key, source, csv).unwrap());
        let protection = Protection::new(ReleaseKey::generate().unwrap());
        let linkage = Linkage::new(&plan, extracts).unwrap();
        let tables = linkage.tabulate(protection).unwrap();
        let release = tables.protect().unwrap().release().unwrap();
        let figures = rows(&release, "t", 2);
        let town = |taxed: [&str; 2]| {
            let place = ["t0", "town", taxed[0], taxed[1]].map(str::to_owned);
            &figures[&place[..]]
        };
        let (all, untaxed) = (town(["", "total"]), town(["false", "taxed"]));
        assert!(untaxed[0].is_nan(), "one person is published");
        assert!(all[0].is_nan() || all[1].is_nan(), "{all:?}");
    }
}
