//! What follows from what a plan says of its columns: bands of a column beside its sum,
//! categories that a condition leaves nobody in, conditions that imply each other.

use std::collections::BTreeMap;

use kobling::Release;

use crate::support::desk::Desk;
use crate::support::parse;
use crate::support::towns::{Draw, Sum, consecutive, plan_with, possible};

/// The rows of a table, by the texts of its dimensions; their figures.
fn rows(release: &Release, dimensions: usize) -> BTreeMap<Vec<String>, Vec<Option<String>>> {
    let schema = release.table("t").unwrap().schema();
    let is_value = |at: &usize| {
        let name = schema.field(*at).name();
        *at >= dimensions && !name.ends_with("_status")
    };
    let values: Vec<usize> = (0..schema.fields().len()).filter(is_value).collect();
    let rows = release.rows("t").unwrap().map(|row| {
        let place = row[..dimensions].iter().cloned();
        let place = place.map(Option::unwrap_or_default).collect();
        (place, values.iter().map(|at| row[*at].clone()).collect())
    });
    rows.collect()
}

/// A release of the register `pay`, whose plan has these columns and this table.
fn release(columns: &str, table: &str, csv: &str) -> Release {
    let plan = parse(&plan_with("one", columns, table));
    let desk = Desk::new();
    let tables = desk.tables(&plan, csv, desk.protection());
    tables.unwrap().protect().unwrap().release().unwrap()
}

fn table(by: &str, further: &str, measures: &str) -> String {
    format!(
        "[table.t]
        from = 'pay'
        by = {by}
        {further}
        sensitive = []
        measures = [{measures}]
        protect = {{ min_persons = 5, p_percent = 10, method = 'suppress' }}"
    )
}

const BANDS: &str = "town = { from = 'town', type = 'category' }
    amount = { from = 'amount', type = 'integer' }
    band = { from = 'amount', type = 'category', bands = [200, 300, 400, 500] }";

/// Of a table by bands of amounts the sums that are published are of rows all of whose
/// numbers are.
#[test]
fn sums_with_bands_of_their_column_disclose_no_suppressed_numbers() {
    let (mut suppressed, mut published) = (0, 0);
    for seed in 0..20 {
        let mut draw = Draw(seed + 1);
        let mut csv = "nr,town,amount\n".to_owned();
        for nr in 0..160 {
            let amount = 100 + draw.below(250) + draw.below(250);
            csv += &format!("{nr},t{},{amount}\n", draw.below(4) * draw.below(4) / 2);
        }
        let measures = "{ persons = true }, { sum = 'pay.amount', as = 'sum' }";
        let table = table("['pay.town', 'pay.band']", "margins = true", measures);
        let release = release(BANDS, &table, &csv);
        let rows = rows(&release, 4);
        let finest = |place: &[String]| place[1] != "total" && place[3] != "total";
        for (place, figures) in &rows {
            // Is it by town, by band, by both or by neither?
            let covers = |other: &[String]| {
                finest(other)
                    && (place[1] == "total" || place[0] == other[0])
                    && (place[3] == "total" || place[2] == other[2])
            };
            let mut covered = rows.iter().filter(|(other, _)| covers(other));
            let unknown = covered.any(|(_, figures)| figures[0].is_none());
            suppressed += usize::from(unknown);
            if let Some(sum) = &figures[1] {
                assert!(!unknown, "seed {seed}: {place:?} has the sum {sum}");
                published += 1;
            }
        }
    }
    assert!(
        suppressed > 100 && published > 20,
        "{suppressed} {published}"
    );
}

/// Cells by town and group, and how many persons they have together, if that is published.
type PublishedCount = (Vec<(usize, usize)>, Option<i128>);

/// How many persons are in each cell of towns and groups, some of which everybody knows to
/// be empty.
struct World {
    /// By town, by group.
    persons: Vec<Vec<i128>>,
    impossible: fn(usize, usize) -> bool,
}

impl World {
    fn drawn(seed: u64, towns: usize, groups: usize, impossible: fn(usize, usize) -> bool) -> Self {
        let mut draw = Draw(seed + 1);
        let mut cell = |town, group| match impossible(town, group) {
            true => 0,
            false => match draw.below(3) {
                0 => draw.below(5) as i128,
                _ => 5 + draw.below(12) as i128,
            },
        };
        let persons = (0..towns).map(|town| (0..groups).map(|group| cell(town, group)).collect());
        Self {
            persons: persons.collect(),
            impossible,
        }
    }

    /// The unsafe numbers of `published` that fewer than three values are possible of, for
    /// whoever knows the numbers of `at` and where nobody can be.
    fn lost(&self, published: &[PublishedCount]) -> Vec<i128> {
        let groups = self.persons[0].len();
        let number = |(town, group): &(usize, usize)| town * groups + group;
        let truth: Vec<i128> = self.persons.concat();
        let mut sums: Vec<Sum> = Vec::new();
        for (cells, count) in published {
            if let Some(count) = count {
                sums.push((cells.iter().map(number).collect(), *count));
            }
        }
        for (cell, _) in truth.iter().enumerate() {
            if (self.impossible)(cell / groups, cell % groups) {
                sums.push((vec![cell], 0));
            }
        }
        let mut lost = Vec::new();
        for (cells, count) in published {
            let of: Vec<usize> = cells.iter().map(number).collect();
            let value: i128 = of.iter().map(|cell| truth[*cell]).sum();
            if count.is_none() && (1..5).contains(&value) {
                let values = possible(&sums, &truth, &of);
                if consecutive(&values, value) < 3 {
                    lost.push(value);
                }
            }
        }
        lost
    }
}

/// A table about adults by bands of age: nobody in it is under 18, and everybody knows.
#[test]
fn categories_that_a_condition_rules_out_protect_nothing() {
    let mut suppressed = 0;
    for seed in 0..25 {
        let world = World::drawn(seed, 3, 4, |_, band| band == 0);
        let mut csv = "nr,town,age\n".to_owned();
        let mut nr = 0;
        for (town, bands) in world.persons.iter().enumerate() {
            for (band, persons) in bands.iter().enumerate() {
                for _ in 0..*persons {
                    csv += &format!("{nr},t{town},{}\n", [10, 20, 40, 70][band]);
                    nr += 1;
                }
            }
        }
        // Whom the condition leaves out, everywhere.
        for town in 0..3 {
            (0..9).for_each(|_| {
                csv += &format!("{nr},t{town},9\n");
                nr += 1;
            });
        }
        let columns = "town = { from = 'town', type = 'category' }
            age = { from = 'age', type = 'integer' }
            band = { from = 'age', type = 'category', bands = [18, 35, 67] }";
        let further = "margins = true\nwhere = [{ column = 'pay.age', at_least = 18 }]";
        let table = table("['pay.town', 'pay.band']", further, "{ persons = true }");
        let rows = rows(&release(columns, &table, &csv), 4);
        let bands = ["under 18", "18–34", "35–66", "67+"];
        let published = rows.iter().map(|(place, figures)| {
            let towns = (0..3).filter(|town| place[1] == "total" || place[0] == format!("t{town}"));
            let cells = towns.flat_map(|town| {
                let own = (0..4).filter(|band| place[3] == "total" || place[2] == bands[*band]);
                own.map(move |band| (town, band))
            });
            let count = figures[0].as_ref().map(|count| count.parse().unwrap());
            (cells.collect(), count)
        });
        let published: Vec<PublishedCount> = published.collect();
        suppressed += published
            .iter()
            .filter(|(_, count)| count.is_none())
            .count();
        assert_eq!(world.lost(&published), [0; 0], "seed {seed}: {rows:?}");
    }
    assert!(suppressed > 100, "{suppressed}");
}

/// Of those who have no row in a register the sum of a column of it is nothing.
#[test]
fn sums_that_are_nothing_by_definition_protect_nothing() {
    let plan = "
        [source.tax]
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
        measures = [{ sum = 'tax.v', as = 'sum' }]
        protect = { min_persons = 5, p_percent = 10, method = 'suppress' }
        with.tax = { need = 'optional' }
        columns.taxed = { matched = 'tax', type = 'boolean' }";
    let columns = "town = { from = 'town', type = 'category' }";
    let plan = parse(&plan_with("one", columns, plan));
    let key = crate::support::key(&plan);
    let mut several = 0;
    for seed in 0..25 {
        let mut draw = Draw(seed + 1);
        let (mut people, mut tax) = ("nr,town\n".to_owned(), "nr,v\n".to_owned());
        let mut nr = 0;
        for town in 0..5 {
            for taxed in [false, true] {
                let few = town % 2 == 1;
                for _ in 0..(if few {
                    3 + draw.below(2)
                } else {
                    8 + draw.below(9)
                }) {
                    people += &format!("{nr},t{town}\n");
                    if taxed {
                        tax += &format!("{nr},{}\n", 100 + draw.below(150));
                    }
                    nr += 1;
                }
            }
        }
        let extracts = [("pay", people), ("tax", tax)];
        let extracts = extracts
            .map(|(source, csv)| crate::support::extract(&plan, &key, source, &csv).unwrap());
        let release = crate::support::release(&plan, extracts.into()).unwrap();
        let rows = rows(&release, 4);
        // A town's sum is that of the taxed in it: one is suppressed with the other, and
        // of those that are there are several in each sum that is published.
        let sum = |town: &str, taxed: &str| {
            let mut found = rows.iter().filter(|(place, _)| {
                let of = |at: usize, name: &str| match name {
                    "total" => place[at + 1] == "total",
                    name => place[at + 1] != "total" && place[at] == name,
                };
                of(0, town) && of(2, taxed)
            });
            found.next().unwrap().1[0].clone()
        };
        let towns: Vec<String> = (0..5).map(|town| format!("t{town}")).collect();
        let unknown = towns.iter().filter(|town| {
            let [taxed, all] = ["true", "total"].map(|taxed| sum(town, taxed));
            assert_eq!(
                taxed.is_none(),
                all.is_none(),
                "seed {seed}, {town}: {rows:?}"
            );
            taxed.is_none()
        });
        let unknown = unknown.count();
        let known = sum("total", "true").is_some() || sum("total", "total").is_some();
        assert!(!known || unknown != 1, "seed {seed}: {rows:?}");
        several += usize::from(unknown > 1);
    }
    assert!(several > 15, "{several}");
}

/// A part of what the ledger has: what was suppressed for the sake of the rest is not
/// published now.
#[test]
fn a_part_of_an_earlier_table_publishes_none_of_its_guards() {
    let columns = "town = { from = 'town', type = 'category', categories = ['t0', 't1', 't2'] }
        kind = { from = 'kind', type = 'category', categories = ['k0', 'k1', 'k2'] }";
    let by = "['pay.town', 'pay.kind']";
    let whole = table(by, "margins = true", "{ persons = true }").replace("p_percent = 10,", "");
    // Of which cells, by town and kind.
    type Part = (&'static str, fn(&(usize, usize)) -> bool);
    let parts: [Part; 4] = [
        ("column = 'pay.town', one_of = ['t0', 't1']", |at| at.0 < 2),
        ("column = 'pay.town', equals = 't1'", |at| at.0 == 1),
        ("column = 'pay.kind', one_of = ['k0', 'k1']", |at| at.1 < 2),
        ("column = 'pay.kind', equals = 'k0'", |at| at.1 == 0),
    ];
    let mut attacked = 0;
    for seed in 0..6 {
        let mut world = World::drawn(seed, 3, 3, |_, _| false);
        // Nobody has another town or kind, but nobody knows.
        world.persons.iter_mut().for_each(|kinds| kinds.push(0));
        world.persons.push(vec![0; 4]);
        let mut csv = "nr,town,kind\n".to_owned();
        let mut nr = 0;
        for (town, kinds) in world.persons.iter().enumerate() {
            for (kind, persons) in kinds.iter().enumerate() {
                for _ in 0..*persons {
                    csv += &format!("{nr},t{town},k{kind}\n");
                    nr += 1;
                }
            }
        }
        for (part, is_in_part) in parts {
            let desk = Desk::new();
            let part = format!("where = [{{ {part} }}]");
            let part = table(by, &part, "{ persons = true }").replace("p_percent = 10,", "");
            let plans = [&whole, &part].map(|table| parse(&plan_with("one", columns, table)));
            let releases = plans.map(|plan| desk.release(&plan, &csv));
            let [Ok(first), Ok(second)] = releases else {
                continue;
            };
            let mut published = Vec::new();
            for (release, dimensions) in [(&first, 4), (&second, 2)] {
                for (place, figures) in rows(release, dimensions) {
                    let [town, kind] = match dimensions {
                        4 => [0, 2].map(|at| (place[at].clone(), place[at + 1] == "total")),
                        _ => [0, 1].map(|at| (place[at].clone(), false)),
                    };
                    let is = |(name, total): &(String, bool), of: &str, at: usize| match at {
                        3 => *total || *name == "other",
                        _ => *total || *name == format!("{of}{at}"),
                    };
                    let towns = (0..4).filter(|at| is(&town, "t", *at));
                    let cells = towns.flat_map(|at| {
                        let kinds = (0..4).filter(|at| is(&kind, "k", *at));
                        kinds.map(move |kind| (at, kind)).collect::<Vec<_>>()
                    });
                    let is_there = |at: &(usize, usize)| dimensions == 4 || is_in_part(at);
                    let count = figures[0].as_ref().map(|count| count.parse().unwrap());
                    published.push((cells.filter(is_there).collect(), count));
                }
            }
            attacked += 1;
            assert_eq!(world.lost(&published), [0; 0], "seed {seed}: {published:?}");
        }
    }
    assert!(attacked > 15, "{attacked}");
}

/// A mean beside its sum says over how many persons it is: a later release publishes no
/// number that would disclose others by it.
#[test]
fn means_of_an_earlier_release_are_numbers_of_persons() {
    let columns = "town = { from = 'town', type = 'category', categories = ['t0', 't1', 't2'] }
        kind = { from = 'kind', type = 'category', categories = ['k0', 'k1', 'k2'] }";
    let money = "amount = { from = 'amount', type = 'integer' }";
    let by = "['pay.town', 'pay.kind']";
    let means = "{ sum = 'pay.amount', as = 'sum' }, { mean = 'pay.amount', as = 'mean' }";
    let plans = [(means, true), ("{ persons = true }", false)];
    let (mut attacked, mut refused) = (0, 0);
    for seed in 0..20 {
        let mut world = World::drawn(seed, 3, 3, |_, _| false);
        // Nobody has another town or kind, but nobody knows.
        world.persons.iter_mut().for_each(|kinds| kinds.push(0));
        world.persons.push(vec![0; 4]);
        let mut draw = Draw(seed + 1);
        let mut csv = "nr,town,kind,amount\n".to_owned();
        let mut nr = 0;
        for (town, kinds) in world.persons.iter().enumerate() {
            for (kind, persons) in kinds.iter().enumerate() {
                for _ in 0..*persons {
                    csv += &format!("{nr},t{town},k{kind},{}\n", 100 + draw.below(20));
                    nr += 1;
                }
            }
        }
        let desk = Desk::new();
        let releases = plans.map(|(measures, margins)| {
            let table = table(by, &format!("margins = {margins}"), measures);
            let columns = match measures == means {
                true => format!("{columns}\n{money}"),
                false => columns.to_owned(),
            };
            desk.release(&parse(&plan_with("one", &columns, &table)), &csv)
        });
        let [Ok(first), Ok(second)] = releases else {
            refused += 1;
            continue;
        };
        let mut published = Vec::new();
        for (release, is_of_means) in [(&first, true), (&second, false)] {
            // Of each dimension the category, and where there are margins the level.
            let columns = if is_of_means { 2 } else { 1 };
            for (place, figures) in rows(release, 2 * columns) {
                let of = |dimension: usize| {
                    let own = &place[columns * dimension..][..columns];
                    match (own[0].as_str(), own.last().unwrap().as_str()) {
                        (_, "total") => (0..4).collect(),
                        ("other", _) => vec![3],
                        (name, _) => vec![name[1..].parse().unwrap()],
                    }
                };
                let [towns, kinds] = [of(0), of(1)];
                let cells = towns
                    .iter()
                    .flat_map(|town| kinds.iter().map(|kind| (*town, *kind)));
                let numbers: Option<Vec<f64>> = figures
                    .iter()
                    .map(|figure| figure.as_ref()?.parse().ok())
                    .collect();
                let count = numbers.map(|numbers| match numbers[..] {
                    [sum, mean] => (sum / mean).round() as i128,
                    [persons] => persons as i128,
                    _ => unreachable!("one or two figures"),
                });
                published.push((cells.collect(), count));
            }
        }
        attacked += 1;
        assert_eq!(world.lost(&published), [0; 0], "seed {seed}: {published:?}");
    }
    assert!(attacked > 10, "{attacked} of 20, {refused} refused");
}

/// Where a condition leaves nobody at all there is nothing between two cuts either.
#[test]
fn a_table_that_nobody_is_in_is_released() {
    let columns = "amount = { from = 'amount', type = 'integer' }
        town = { from = 'town', type = 'category' }
        county = { from = 'town', type = 'category', prefix = 1 }";
    let further = "where = [{ column = 'pay.amount', at_least = 100 }]";
    let tables = ["town", "county"].map(|by| {
        let table = table(&format!("['pay.{by}']"), further, "{ persons = true }");
        table.replace("table.t", &format!("table.{by}"))
    });
    let plan = parse(&plan_with("one", columns, &tables.join("\n")));
    let desk = Desk::new();
    let csv = "nr,town,amount\n1,11,12\n2,12,7\n";
    let tables = desk.tables(&plan, csv, desk.protection());
    let release = tables.unwrap().protect().unwrap().release().unwrap();
    assert_eq!(
        release
            .tables()
            .map(|(_, batch)| batch.num_rows())
            .sum::<usize>(),
        0
    );
}

/// Between two columns of one look-up lie those whom it found and of whom one of the two is
/// missing. Nobody of them has a value to sum where that is the third: which is no reason to
/// refuse the sums.
#[test]
fn a_sum_that_nobody_between_two_columns_can_have_is_no_obstacle() {
    let plan = "[source.tax]
        agency = 'P'
        legal_basis = ['L']
        identifier = { column = 'nr', type = 'number' }
        rows = 'one'
        columns.v = { from = 'v', type = 'integer' }
        columns.year = { from = 'year', type = 'category' }
        columns.kind = { from = 'kind', type = 'category', categories = ['k1', 'k2'] }
        [table.t]
        from = 'pay'
        by = ['band', 'pay.town', 'tax.year']
        sensitive = []
        measures = [{ persons = true }, { sum = 'tax.v' }]
        protect = { min_persons = 3, p_percent = 10, method = 'suppress' }
        with.tax = { need = 'optional' }
        columns.band = { from = 'tax.v', type = 'integer', clip = { at_least = 0, at_most = 3 } }
        [table.u]
        from = 'pay'
        by = ['kind']
        sensitive = []
        measures = [{ persons = true }, { sum = 'tax.v' }]
        protect = { min_persons = 3, p_percent = 10, method = 'suppress' }
        with.tax = { need = 'optional' }
        columns.kind = { from = 'tax.kind', type = 'category', absent = 'none' }";
    let columns = "town = { from = 'town', type = 'category', categories = ['A', 'B'] }";
    let plan = parse(&plan_with("one", columns, plan));
    let key = crate::support::key(&plan);
    let people: String = (0..21).map(|nr| format!("{nr},A\n")).collect();
    let taxed: String = (0..13).map(|nr| format!("{nr},3,2024,k1\n")).collect();
    let extracts = [
        ("pay", format!("nr,town\n{people}")),
        ("tax", format!("nr,v,year,kind\n{taxed}13,,2024,\n")),
    ];
    let extracts =
        extracts.map(|(source, csv)| crate::support::extract(&plan, &key, source, &csv).unwrap());
    let release = crate::support::release(&plan, extracts.into()).unwrap();
    let rows = rows(&release, 3);
    let of = |band: &str, year: &str| rows[&[band, "A", year].map(str::to_owned)[..]].clone();
    let published = |value: &str| Some(value.to_owned());
    assert_eq!(of("3", "2024"), [published("13"), published("39")]);
    assert_eq!(of("", "2024"), [None, None]);
}
