//! Sums of one release subtracted from those of another: whose values were revised, who came, who went.

use std::collections::BTreeMap;

use crate::support::desk::Desk;
use crate::support::parse;
use crate::support::towns::{Draw, cells, plan_with};
use kobling::{Plan, Release};

const DOMINANCE: &str = "min_persons = 3, dominance = { n = 1, percent = 80 }";
const P_PERCENT: &str = "min_persons = 3, p_percent = 10";

/// Persons, each with a town and what they earn and pay.
type Register = BTreeMap<u64, (&'static str, i64, i64)>;

fn csv(register: &Register) -> String {
    let lines = register
        .iter()
        .map(|(nr, (town, pay, tax))| format!("{nr},{town},{pay},{tax}\n"));
    String::from("nr,town,pay,tax\n") + &lines.collect::<String>()
}

/// Numbers of persons and sums of `column`, by `by` if it is a column.
fn plan(by: &str, column: &str, rules: &str) -> Plan {
    plan_of("one", by, column, rules)
}

/// The same where each person has as many `rows`.
fn plan_of(rows: &str, by: &str, column: &str, rules: &str) -> Plan {
    let towns = match by {
        "" => String::new(),
        _ => format!("{by} = {{ from = 'town', type = 'category' }}"),
    };
    let columns = format!("{towns}\n{column} = {{ from = '{column}', type = 'integer' }}");
    let by = match by {
        "" => String::new(),
        by => format!("'pay.{by}'"),
    };
    let table = format!(
        "[table.t]
        from = 'pay'
        by = [{by}]
        sensitive = []
        measures = [{{ persons = true }}, {{ sum = 'pay.{column}', as = 'sum' }}]
        protect = {{ {rules}, method = 'suppress' }}"
    );
    parse(&plan_with(rows, &columns, &table))
}

/// A hundred persons of one town, who earn about as much.
fn hundred() -> Register {
    let person = |nr: u64| (nr, ("a", 90 + (nr * 7 % 20) as i64, 10 + (nr % 3) as i64));
    (0..100).map(person).collect()
}

/// Of the only cell: number of persons and sum, and their statuses.
type Cell = ((Option<i128>, String), (Option<i128>, String));

fn only(release: &Release, by: &[&str]) -> Cell {
    let figure = |measure: &str| {
        let found = cells(release.table("t").unwrap(), by, measure);
        assert_eq!(found.len(), 1);
        found.into_values().next().unwrap()
    };
    (figure("persons"), figure("sum"))
}

/// What is published of `then`, and of `now` beside it, by town.
fn two(rules: &str, then: &Register, now: &Register) -> (Cell, Cell) {
    let desk = Desk::new();
    let plan = plan("town", "pay", rules);
    let then = desk.release(&plan, &csv(then)).unwrap();
    let now = desk.release(&plan, &csv(now)).unwrap();
    (only(&then, &["town"]), only(&now, &["town"]))
}

fn is_safe((value, status): &(Option<i128>, String)) -> bool {
    value.is_some() && status == "safe"
}

fn is_unsafe(figure: &(Option<i128>, String)) -> bool {
    *figure == (None, "suppressed".to_owned())
}

/// The difference would be one person's.
#[test]
fn one_revised_value() {
    let mut revised = hundred();
    revised.get_mut(&7).unwrap().1 += 1000;
    let (january, february) = two(DOMINANCE, &hundred(), &revised);
    assert!(is_safe(&january.0) && is_safe(&january.1), "{january:?}");
    assert!(is_safe(&february.0), "the persons are the same");
    assert!(is_unsafe(&february.1), "{february:?}");
}

/// The same rows by other words: as a total, or in a column of another name.
#[test]
fn one_revised_value_in_another_table() {
    let mut revised = hundred();
    revised.get_mut(&7).unwrap().1 -= 1;
    for by in ["", "place"] {
        let desk = Desk::new();
        let january = plan("town", "pay", DOMINANCE);
        let january = only(
            &desk.release(&january, &csv(&hundred())).unwrap(),
            &["town"],
        );
        let by: Vec<&str> = [by].into_iter().filter(|by| !by.is_empty()).collect();
        let february = plan(by.first().unwrap_or(&""), "pay", DOMINANCE);
        let february = only(&desk.release(&february, &csv(&revised)).unwrap(), &by);
        assert!(is_safe(&january.1) && is_safe(&february.0));
        assert!(is_unsafe(&february.1), "{by:?} {february:?}");
    }
}

/// In January the parts, in February their total.
#[test]
fn one_revised_value_between_parts_and_whole() {
    let desk = Desk::new();
    let mut towns = hundred();
    for (nr, person) in &mut towns {
        person.0 = ["a", "b"][(nr % 2) as usize];
    }
    desk.release(&plan("town", "pay", DOMINANCE), &csv(&towns))
        .unwrap();
    towns.get_mut(&7).unwrap().1 += 1000;
    let whole = desk
        .release(&plan("", "pay", DOMINANCE), &csv(&towns))
        .unwrap();
    let whole = only(&whole, &[]);
    assert!(is_safe(&whole.0) && is_unsafe(&whole.1), "{whole:?}");
}

/// Everybody has two rows; one person's second one was revised.
#[test]
fn one_revised_row_of_several() {
    let desk = Desk::new();
    let plan = plan_of("many", "town", "pay", DOMINANCE);
    let year = |pay: i64| -> Register {
        let mut year = hundred();
        year.get_mut(&7).unwrap().1 = pay;
        year
    };
    let both = |pay: i64| csv(&hundred()) + csv(&year(pay)).split_once('\n').unwrap().1;
    let january = only(&desk.release(&plan, &both(100)).unwrap(), &["town"]);
    let february = only(&desk.release(&plan, &both(1100)).unwrap(), &["town"]);
    assert!(is_safe(&january.1) && is_safe(&february.0));
    assert!(is_unsafe(&february.1), "{february:?}");
}

#[test]
fn many_revised_values_are_no_secret() {
    let mut revised = hundred();
    for nr in 0..20 {
        revised.get_mut(&nr).unwrap().1 += 100;
    }
    for rules in [DOMINANCE, P_PERCENT] {
        let (_, february) = two(rules, &hundred(), &revised);
        assert!(is_safe(&february.0) && is_safe(&february.1), "{rules}");
    }
    // Where they make up for each other, what is left might be anybody's.
    for nr in 10..20 {
        revised.get_mut(&nr).unwrap().1 -= 200;
    }
    for rules in [DOMINANCE, P_PERCENT] {
        let (_, february) = two(rules, &hundred(), &revised);
        assert!(is_safe(&february.0) && is_unsafe(&february.1), "{rules}");
    }
}

/// Of six newcomers one has 95 % of what all of them earn.
#[test]
fn one_of_several_newcomers() {
    let mut february = hundred();
    february.extend((200..205).map(|nr| (nr, ("a", 20, 2))));
    february.insert(205, ("a", 1900, 190));
    for rules in [DOMINANCE, P_PERCENT] {
        let (january, february) = two(rules, &hundred(), &february);
        assert!(is_safe(&january.1) && is_safe(&february.0), "{rules}");
        assert!(is_unsafe(&february.1), "{rules} {february:?}");
    }
    // As many who earn alike disclose nobody's.
    let mut february = hundred();
    february.extend((200..206).map(|nr| (nr, ("a", 100, 10))));
    for rules in [DOMINANCE, P_PERCENT] {
        let (_, february) = two(rules, &hundred(), &february);
        assert!(is_safe(&february.0) && is_safe(&february.1), "{rules}");
    }
}

/// As many came as went: before, that looked as if nobody had.
#[test]
fn thirty_who_came_and_thirty_who_went() {
    let mut february = hundred();
    for nr in 0..30 {
        let (town, pay, tax) = february.remove(&nr).unwrap();
        february.insert(500 + nr, (town, pay + 10, tax));
    }
    for rules in [DOMINANCE, P_PERCENT] {
        let (january, february) = two(rules, &hundred(), &february);
        assert_eq!(january.0.0, february.0.0);
        assert!(is_safe(&february.0) && is_safe(&february.1), "{february:?}");
    }
}

#[test]
fn one_who_came_and_one_who_went() {
    let mut february = hundred();
    let person = february.remove(&3).unwrap();
    february.insert(500, person);
    let (_, february) = two(DOMINANCE, &hundred(), &february);
    assert!(
        is_unsafe(&february.0) && is_unsafe(&february.1),
        "{february:?}"
    );
}

/// Nothing cancels between what persons earn and what they pay.
#[test]
fn another_column_is_another_figure() {
    for rules in [DOMINANCE, P_PERCENT] {
        let desk = Desk::new();
        for column in ["pay", "tax"] {
            let release = desk.release(&plan("town", column, rules), &csv(&hundred()));
            let found = only(&release.unwrap(), &["town"]);
            assert!(is_safe(&found.0) && is_safe(&found.1), "{rules} {column}");
        }
    }
}

/// What is out is out: to publish it again discloses nothing.
#[test]
fn what_was_published_is_published_again() {
    let desk = Desk::new();
    let plan = plan("town", "pay", DOMINANCE);
    let mut february = hundred();
    february.extend((200..206).map(|nr| (nr, ("a", 100, 10))));
    let mut march = hundred();
    march.get_mut(&7).unwrap().1 += 1000;
    let release =
        |register: &Register| only(&desk.release(&plan, &csv(register)).unwrap(), &["town"]);
    let january = release(&hundred());
    release(&february);
    assert!(is_unsafe(&release(&march).1));
    assert_eq!(release(&hundred()), january);
    assert!(is_unsafe(&release(&march).1), "it never was published");
}

/// Who holds all releases of many rounds subtracts each from each.
#[test]
fn a_ledger_of_many_rounds() {
    let (mut compared, mut hidden) = (0, 0);
    for seed in 1..=4 {
        let mut draw = Draw(seed * 7919);
        let desk = Desk::new();
        let plan = plan("town", "pay", P_PERCENT);
        let mut register: Register = hundred().into_iter().take(40).collect();
        let mut rounds: Vec<(Register, Cell)> = Vec::new();
        for round in 0..10 {
            for change in 0..draw.below(20) {
                let nr = *register.keys().nth(draw.below(40) as usize).unwrap();
                let pay = register[&nr].1 + draw.below(150) as i64;
                if draw.below(2) == 0 {
                    register.get_mut(&nr).unwrap().1 = pay;
                } else {
                    register.remove(&nr);
                    register.insert(1000 + 100 * round + change, ("a", pay, 1));
                }
            }
            let release = desk.release(&plan, &csv(&register)).unwrap();
            rounds.push((register.clone(), only(&release, &["town"])));
        }
        for (at, (now, cell)) in rounds.iter().enumerate() {
            hidden += usize::from(cell.1.0.is_none());
            for (then, earlier) in &rounds[..at] {
                if cell.1.0.is_none() || earlier.1.0.is_none() {
                    continue;
                }
                let mut persons: Vec<u64> = then.keys().chain(now.keys()).copied().collect();
                persons.sort_unstable();
                persons.dedup();
                let pay = |register: &Register, nr| register.get(&nr).map_or(0, |row| row.1);
                let own = persons
                    .iter()
                    .map(|nr| (pay(then, *nr) - pay(now, *nr)).abs());
                let mut own: Vec<i64> = own.filter(|change| *change != 0).collect();
                own.sort_unstable_by_key(|change| -change);
                assert!(own.is_empty() || own.len() >= 3, "{own:?}");
                let rest: i64 = own.iter().skip(2).sum();
                let largest = own.first().copied().unwrap_or(0);
                assert!(10 * rest >= largest, "{own:?}");
                compared += 1;
            }
        }
    }
    println!("{compared} pairs of {hidden} hidden rounds");
    assert!(compared > 20 && hidden > 10, "{compared} {hidden}");
}
