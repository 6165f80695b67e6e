//! Groups of whom all are in one category, in tables of sums: they are protected, and no
//! reason to refuse a table whose categories the plan declares.

use kobling_sdc::audit::{Audit, AuditBudget, Seen, Sign};
use kobling_sdc::structure::Structure;

use crate::support::desk::Desk;
use crate::support::parse;
use crate::support::towns::{Draw, plan_with};

const TOWNS: [&str; 4] = ["A", "B", "C", "D"];
const DIAGNOSES: [&str; 3] = ["d1", "d2", "d3"];

const COLUMNS: &str =
    "town = { from = 'town', type = 'category', categories = ['A', 'B', 'C', 'D'] }
    diagnosis = { from = 'diagnosis', type = 'category', categories = ['d1', 'd2', 'd3'] }
    amount = { from = 'amount', type = 'integer' }";

const TABLE: &str = "[table.t]
    from = 'pay'
    by = ['pay.town', 'pay.diagnosis']
    margins = true
    sensitive = ['pay.diagnosis']
    measures = [{ persons = true }, { sum = 'pay.amount', as = 'sum' }]
    protect = { min_persons = 3, p_percent = 10, method = 'suppress' }";

/// A register with so many persons by town and diagnosis, and its sums.
fn register(draw: &mut Draw, persons: &[[u64; 3]; 4]) -> (String, [[i128; 3]; 4]) {
    let mut csv = "nr,town,diagnosis,amount\n".to_owned();
    let mut sums = [[0; 3]; 4];
    let mut nr = 0;
    for (town, by) in persons.iter().enumerate() {
        for (diagnosis, persons) in by.iter().enumerate() {
            for _ in 0..*persons {
                let amount = 50 + draw.below(200);
                let names = (TOWNS[town], DIAGNOSES[diagnosis]);
                csv += &format!("{nr},{},{},{amount}\n", names.0, names.1);
                sums[town][diagnosis] += i128::from(amount);
                nr += 1;
            }
        }
    }
    (csv, sums)
}

/// Another one of the same persons, to which nothing is sensitive.
const COUNTS: &str = "[table.u]
    from = 'pay'
    by = ['pay.town', 'pay.diagnosis']
    margins = true
    sensitive = []
    measures = [{ persons = true }]
    protect = { min_persons = 3, p_percent = 10, method = 'suppress' }";

/// The released sums of a table, or why there is none; and of each town of one diagnosis it
/// is asked whether the sums of all others are known to be nothing.
fn attack(draw: &mut Draw, persons: &[[u64; 3]; 4]) -> Result<usize, String> {
    attack_on(draw, persons, (TABLE, "t", "sum"))
}

/// The same of these `tables`, on a `measure` of the one of this `name`.
fn attack_on(
    draw: &mut Draw,
    persons: &[[u64; 3]; 4],
    (tables, name, measure): (&str, &str, &str),
) -> Result<usize, String> {
    let (csv, _) = register(draw, persons);
    let desk = Desk::new();
    let plan = parse(&plan_with("one", COLUMNS, tables));
    let tables = desk.tables(&plan, &csv, desk.protection());
    let tables = tables.map_err(|error| error.to_string())?;
    let released = tables.protect().and_then(|tables| tables.release());
    let release = released.map_err(|error| error.to_string())?;
    let schema = release.table(name).unwrap().schema();
    let at = |name: &str| schema.index_of(name).unwrap();
    // The inner cells as they are listed, with what the plan calls rare names.
    let (mut inner, mut rows) = (Vec::new(), Vec::new());
    for row in release.rows(name).unwrap() {
        let place = ["town", "diagnosis"].map(|name| {
            let level = row[at(&format!("{name}_level"))].clone().unwrap();
            (level != "total").then(|| row[at(name)].clone().unwrap())
        });
        if let [Some(town), Some(diagnosis)] = &place {
            inner.push([town.clone(), diagnosis.clone()]);
        }
        let sum = row[at(measure)].as_ref();
        rows.push((place, sum.map(|sum| sum.parse::<i128>().unwrap())));
    }
    let members = rows.iter().map(|(place, _)| {
        let is_in = |own: &&[String; 2]| {
            let mut each = place.iter().zip(own.iter());
            each.all(|(wanted, own)| wanted.as_ref().is_none_or(|wanted| wanted == own))
        };
        let members = (0..).zip(&inner).filter(|(_, own)| is_in(own));
        members.map(|(at, _)| at).collect::<Vec<u32>>()
    });
    let structure = Structure::new(inner.len(), members);
    let values: Vec<Option<i128>> = rows.iter().map(|(_, sum)| *sum).collect();
    let seen = Seen {
        structure: &structure,
        values: &values,
        sign: Sign::NonNegative,
    };
    let audit = Audit::new(seen, AuditBudget::default()).unwrap();
    let mut groups = 0;
    for (town, by) in TOWNS.iter().zip(persons) {
        if by.iter().filter(|persons| **persons > 0).count() != 1 {
            continue;
        }
        groups += 1;
        let is_empty = |[own, diagnosis]: &[String; 2]| {
            let known = DIAGNOSES.iter().position(|name| name == diagnosis);
            // That nobody has one that the plan does not list, everybody may know.
            own == town && known.is_some_and(|known| by[known] == 0)
        };
        let cells = rows.iter().enumerate().filter(|(_, (place, _))| {
            let [Some(town), Some(diagnosis)] = place else {
                return false;
            };
            is_empty(&[town.clone(), diagnosis.clone()])
        });
        let cells: Vec<usize> = cells.map(|(cell, _)| cell).collect();
        assert!(
            cells.iter().all(|cell| values[*cell].is_none()),
            "{persons:?}"
        );
        let intervals = audit.intervals(&cells).unwrap();
        // That nobody has any other would follow from each of them being nothing.
        assert!(
            intervals.iter().all(|interval| !interval.is_known()),
            "{persons:?}"
        );
    }
    Ok(groups)
}

#[test]
fn sums_of_a_group_of_one_category_are_protected_and_released() {
    let mut draw = Draw(23);
    let others = [20; 3];
    assert_eq!(
        attack(&mut draw, &[[30, 0, 0], others, others, [0; 3]]),
        Ok(1)
    );
    let two = [[30, 0, 0], [0, 30, 0], others, others];
    assert_eq!(attack(&mut draw, &two), Ok(2));
    let (mut released, mut refused, mut groups) = (0, Vec::new(), 0);
    for _ in 0..40 {
        let mut persons = [[0; 3]; 4];
        for persons in persons.iter_mut().flatten() {
            *persons = [0, 0, 1, 2, 8, 25][draw.below(6) as usize];
        }
        match attack(&mut draw, &persons) {
            Ok(found) => {
                released += 1;
                groups += found;
            }
            Err(rule) if rule.contains("list of persons") => {}
            Err(rule) => refused.push((persons, rule)),
        }
    }
    println!("{released} released with {groups} groups, refused: {refused:#?}");
    assert!(released > 25 && groups > 10);
    assert!(refused.len() <= 2, "{refused:#?}");
}

#[test]
fn a_group_of_a_table_of_sums_does_not_follow_from_numbers_of_another() {
    let sums = TABLE.replace("{ persons = true }, ", "");
    let tables = format!("{sums}\n{COUNTS}");
    let others = [20; 3];
    let mut draw = Draw(24);
    for persons in [
        [[30, 0, 0], others, others, others],
        [[30, 0, 0], [0, 30, 0], others, others],
        [[0, 0, 40], [2, 9, 0], others, [1, 0, 12]],
    ] {
        let groups = attack_on(&mut draw, &persons, (&tables, "u", "persons"));
        assert!(groups.is_ok_and(|groups| groups > 0), "{persons:?}");
    }
    // What the table itself says of it is not asked for: nothing is sensitive to it.
    let counts = (COUNTS, "u", "persons");
    let alone = attack_lost(&mut draw, &[[30, 0, 0], others, others, others], counts);
    assert!(alone, "numbers that nothing protects disclose the group");
}

/// Whether the attack finds out what is sensitive, or sees it.
fn attack_lost(draw: &mut Draw, persons: &[[u64; 3]; 4], asked: (&str, &str, &str)) -> bool {
    let attack = std::panic::AssertUnwindSafe(|| attack_on(draw, persons, asked));
    std::panic::catch_unwind(attack).is_err()
}

/// Where the plan lists one category only, that nobody has another is what the group must not
/// disclose: also not by a table to which nothing is sensitive.
#[test]
fn that_nobody_has_what_the_plan_does_not_list_may_be_sensitive() {
    let mut draw = Draw(25);
    let (csv, _) = register(&mut draw, &[[30, 0, 0]; 4]);
    let sums = TABLE.replace("{ persons = true }, ", "");
    let listed = ["['d1']", "['d1', 'd2', 'd3']"];
    let others = listed.map(|listed| {
        let columns = COLUMNS.replace("['d1', 'd2', 'd3']", listed);
        let tables = format!("{sums}\n{COUNTS}");
        let desk = Desk::new();
        let plan = parse(&plan_with("one", &columns, &tables));
        let release = desk.release(&plan, &csv).unwrap();
        let schema = release.table("u").unwrap().schema();
        let at = |name: &str| schema.index_of(name).unwrap();
        let rows = release.rows("u").unwrap().map(|row| {
            let names = ["town", "diagnosis", "persons"].map(|name| row[at(name)].clone());
            names.map(Option::unwrap_or_default)
        });
        let others = rows.filter(|[town, diagnosis, _]| town == "A" && diagnosis == "other");
        others.map(|[_, _, persons]| persons).collect::<Vec<_>>()
    });
    for others in others {
        assert_eq!(others, [""], "{others:?}");
    }
}
