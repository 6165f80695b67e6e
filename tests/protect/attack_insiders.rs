//! Who was alone in a cell that only an earlier release distinguished, and persons of several rows.

use std::fmt::Write as _;

use crate::support::desk::Desk;
use crate::support::towns::{category, cells, plan_with};
use crate::support::{parse, refusal};
use kobling::{ErrorKind, Plan, Release};

/// One table `t` of persons and what they earn.
fn plan(rows: &str, by: &[&str], measures: &[&str], more: &str, min_persons: u64) -> Plan {
    let mut columns = String::new();
    let mut rules = format!("min_persons = {min_persons}");
    for column in by {
        let names: &[&str] = match *column {
            "town" => &["a", "b"],
            "kind" => &["v", "x", "y", "z"],
            _ => &["2023", "2024"],
        };
        columns += &category(column, column, names);
    }
    let measures = measures.iter().map(|measure| match *measure {
        "amount" => {
            columns.push_str("amount = { from = 'amount', type = 'integer' }\n");
            rules.push_str(", dominance = { n = 1, percent = 80 }");
            "{ sum = 'pay.amount', as = 'amount' }"
        }
        _ => "{ persons = true }",
    });
    let measures: Vec<&str> = measures.collect();
    let by: Vec<String> = by.iter().map(|name| format!("'pay.{name}'")).collect();
    let table = format!(
        "[table.t]
        from = 'pay'
        by = [{}]
        sensitive = []
        measures = [{}]
        {more}
        protect = {{ {rules}, method = 'suppress' }}",
        by.join(", "),
        measures.join(", ")
    );
    parse(&plan_with(rows, &columns, &table))
}

/// The figures of `measure`, in order of the cells.
fn figures(release: &Release, by: &[&str], measure: &str) -> Vec<Option<i128>> {
    let found = cells(release.table("t").unwrap(), by, measure);
    found.into_values().map(|cell| cell.0).collect()
}

/// Lines of `persons` from `first` on, in a town and of a kind; the amount is the number.
fn lines(first: u64, persons: u64, town: &str, kind: &str) -> String {
    let each = first..first + persons;
    each.map(|nr| format!("{nr},{town},{kind},{}\n", 100 + nr % 7))
        .collect()
}

const HEADER: &str = "nr,town,kind,amount\n";

/// Town a has the kinds v, of ten persons, and the unsafe ones x and y. By town
/// and kind, and then by town: whoever knows x knows y, if a and v are both out.
fn x_knows_y(rows: &str, measure: &str, x_and_y: &str, persons: usize) {
    let desk = Desk::new();
    let csv = [
        HEADER,
        x_and_y,
        &lines(50, 10, "a", "v"),
        &lines(70, 10, "b", "v"),
    ];
    let csv = csv.concat();
    let fine = plan(rows, &["town", "kind"], &[measure], "", 3);
    let coarse = plan(rows, &["town"], &[measure], "", 3);
    let fine = figures(
        &desk.release(&fine, &csv).unwrap(),
        &["town", "kind"],
        measure,
    );
    assert!(fine[0].is_some(), "v is safe");
    assert!(fine[1..persons].iter().all(Option::is_none), "{fine:?}");
    let coarse = figures(&desk.release(&coarse, &csv).unwrap(), &["town"], measure);
    assert!(coarse[0].is_none(), "{fine:?} {coarse:?}");
    assert!(coarse[1].is_some(), "nobody is alone in b");
}

#[test]
fn the_singleton_of_an_earlier_cell_does_not_learn_how_many_others_are_unsafe() {
    let x_and_y = lines(1, 1, "a", "x") + &lines(2, 2, "a", "y");
    x_knows_y("one", "persons", &x_and_y, 3);
}

#[test]
fn the_singleton_of_an_earlier_cell_does_not_learn_what_the_others_earn() {
    let x_and_y = lines(1, 1, "a", "x") + &lines(2, 2, "a", "y");
    x_knows_y("one", "amount", &x_and_y, 3);
}

/// Four are of kind x, and one of them has an amount.
#[test]
fn the_only_person_with_a_value_is_an_insider_too() {
    let x_and_y = lines(1, 1, "a", "x") + "20,a,x,\n21,a,x,\n22,a,x,\n" + &lines(2, 2, "a", "y");
    x_knows_y("one", "amount", &x_and_y, 3);
}

/// The same where the one amount is zero, of which the record keys do not disclose whose it is.
#[test]
fn the_only_person_with_a_value_of_zero_is_an_insider_too() {
    let x_and_y = "1,a,x,0\n20,a,x,\n21,a,x,\n22,a,x,\n".to_owned() + &lines(2, 2, "a", "y");
    x_knows_y("one", "amount", &x_and_y, 3);
}

/// One person makes up x and z, in two rows.
#[test]
fn the_singleton_of_two_earlier_cells_knows_both() {
    let x_and_y = lines(1, 1, "a", "x") + &lines(1, 1, "a", "z") + &lines(2, 2, "a", "y");
    x_knows_y("many", "amount", &x_and_y, 4);
}

/// One person is alone in x of town a, which the first release distinguishes, and
/// in 2024 of it, which the second does: of 2023 she knows all but y.
#[test]
fn the_singleton_of_cells_of_two_releases_knows_both() {
    let desk = Desk::new();
    let mut csv = String::from("nr,town,kind,year,amount\n1,a,x,2023,110\n1,a,v,2024,120\n");
    csv.push_str("2,a,y,2023,130\n3,a,y,2023,131\n");
    for nr in 10..20 {
        let _ = writeln!(
            csv,
            "{nr},a,v,2023,140\n{nr},b,v,2023,150\n{nr},b,v,2024,150"
        );
    }
    let kinds = plan("many", &["town", "kind"], &["amount"], "", 3);
    let years = plan("many", &["town", "year"], &["amount"], "", 3);
    let kinds = desk.release(&kinds, &csv).unwrap();
    let kinds = figures(&kinds, &["town", "kind"], "amount");
    assert_eq!(kinds[..3], [Some(1520), None, None], "v, x and y of a");
    let years = desk.release(&years, &csv).unwrap();
    let years = figures(&years, &["town", "year"], "amount");
    // 1631, less 110 of x, less v but for 120 of 2024, are the 261 of y.
    assert_eq!(years, [None, None, Some(1500), Some(1500)]);
}

/// Of the three of kind x one lives in town a. Whoever that is could derive how many
/// the other two are before: by kind they are three.
#[test]
fn what_an_insider_could_derive_before_is_no_reason_to_refuse() {
    let desk = Desk::new();
    let csv = [
        HEADER,
        &lines(1, 1, "a", "x"),
        &lines(2, 2, "b", "x"),
        &lines(10, 10, "a", "y"),
        &lines(30, 10, "b", "y"),
    ];
    let csv = csv.concat();
    for measure in ["persons", "amount"] {
        let kinds = plan("one", &["kind"], &[measure], "", 3);
        let both = plan("one", &["town", "kind"], &[measure], "", 3);
        let kinds = figures(&desk.release(&kinds, &csv).unwrap(), &["kind"], measure);
        assert!(kinds.iter().all(Option::is_some), "{kinds:?}");
        let both = figures(
            &desk.release(&both, &csv).unwrap(),
            &["town", "kind"],
            measure,
        );
        // a and x, a and y, b and x, b and y: y of a would disclose y of b, and is safe.
        let out = [1, 2, 5, 6].map(|at: usize| both[at].is_some());
        assert_eq!(out, [false, true, false, true], "{both:?}");
    }
}

/// Persons of several rows: by town and kind, and then by town and year with totals.
/// Of the twelve in town a two are of kind x; one of kind y has a row in both years.
#[test]
fn of_persons_with_several_rows_no_small_number_is_a_difference_of_two_releases() {
    let desk = Desk::new();
    let mut csv = String::from("nr,town,kind,year\n");
    for nr in 0..12 {
        let kind = if nr < 2 { "x" } else { "y" };
        let _ = writeln!(csv, "{nr},a,{kind},{}", 2023 + nr % 2);
        let _ = writeln!(csv, "{},b,y,{}", nr + 20, 2023 + nr % 2);
    }
    csv.push_str("5,a,y,2023\n");
    let kinds = plan("many", &["town", "kind"], &["persons"], "", 3);
    let years = plan("many", &["town", "year"], &["persons"], "margins = true", 3);
    let kinds = desk.release(&kinds, &csv).unwrap();
    let kinds = figures(&kinds, &["town", "kind"], "persons");
    let nobody = Some(0);
    let of_a = [nobody, None, Some(10), nobody];
    assert_eq!(kinds[..4], of_a, "two are x in a");
    assert_eq!(kinds[4..], [nobody, nobody, Some(12), nobody]);
    let years = desk.release(&years, &csv).unwrap();
    assert!(desk.audits.borrow()[0].earlier > 0);
    let years = cells(years.table("t").unwrap(), &["town", "year"], "persons");
    let of_a = |level: &str, year: Option<&str>| {
        let mut found = years.iter().filter(|(at, _)| {
            at[0].1.as_deref() == Some("a") && at[1] == (level.to_owned(), year.map(str::to_owned))
        });
        found.next().expect("a cell of town a").1.0
    };
    let total = of_a("total", None);
    assert_eq!(total, None, "twelve less ten are the two: {years:?}");
    let both = of_a("year", Some("2023")).zip(of_a("year", Some("2024")));
    assert_eq!(
        both, None,
        "thirteen less ten are nearly the two: {years:?}"
    );
}

/// Three are of kind x and three of kind y, and two of them are the same: four
/// persons. As if they added up, the four would follow.
#[test]
fn that_persons_of_several_rows_are_compared_as_if_they_added_up_is_said() {
    let desk = Desk::new();
    let mut csv = String::from("nr,town,kind\n");
    for (nr, kinds) in [(1, "xy"), (2, "xy"), (3, "x"), (4, "y")] {
        for kind in kinds.chars() {
            let _ = writeln!(csv, "{nr},a,{kind}");
        }
    }
    for nr in 10..20 {
        let _ = writeln!(csv, "{nr},b,x\n{nr},b,y");
    }
    let kinds = plan("many", &["town", "kind"], &["persons"], "", 3);
    let towns = plan("many", &["town"], &["persons"], "", 5);
    desk.release(&kinds, &csv).unwrap();
    let error = refusal(desk.release(&towns, &csv));
    assert_eq!(error.kind(), ErrorKind::Protection);
    let text = error.to_string();
    assert!(
        text.contains("what release 1 of the ledger published"),
        "{text}"
    );
    assert!(text.contains("as if they added up"), "{text}");
}

/// Whoever has a row of kind y is counted by that condition, and in the table by kind: of the same
/// persons, in other rows. In one plan both are protected; through the ledger they cannot be.
#[test]
fn a_condition_on_rows_and_a_table_by_it_are_refused_one_after_the_other() {
    let table = |name: &str, by: &str, measures: &str| {
        format!(
            "[table.{name}]
            from = 'pay'
            by = [{by}]
            sensitive = []
            measures = [{measures}]
            protect = {{ min_persons = 3, method = 'suppress' }}
            "
        )
    };
    let y = "{ persons = true }, { persons = { where = [{ column = 'pay.kind', equals = 'y' }] }, as = 'y' }";
    let counted = table("counted", "'pay.town'", y);
    let divided = table("divided", "'pay.town', 'pay.kind'", "{ persons = true }");
    let plan = |rows: &str, tables: &str| {
        let columns =
            category("town", "town", &["a", "b"]) + &category("kind", "kind", &["x", "y"]);
        parse(&plan_with(rows, &columns, tables))
    };
    let csv = [
        HEADER,
        &lines(10, 8, "a", "x"),
        &lines(10, 6, "a", "y"),
        &lines(50, 7, "b", "x"),
        &lines(50, 2, "b", "y"),
    ];
    let csv = csv.concat();
    for plans in [[&counted, &divided], [&divided, &counted]] {
        let desk = Desk::new();
        desk.release(&plan("many", plans[0]), &csv).unwrap();
        let error = refusal(desk.release(&plan("many", plans[1]), &csv));
        assert_eq!(error.kind(), ErrorKind::Protection);
        assert!(
            error.to_string().contains("made from one column"),
            "{error}"
        );
        assert!(error.to_string().contains("`kind`"), "{error}");
        // The same again is no other condition.
        desk.release(&plan("many", plans[0]), &csv).unwrap();
    }
    let both = plan("many", &(counted.clone() + &divided));
    Desk::new().release(&both, &csv).unwrap();
    let desk = Desk::new();
    let one_each = [
        HEADER,
        &lines(10, 8, "a", "x"),
        &lines(30, 6, "b", "y"),
        &lines(50, 7, "b", "x"),
    ];
    for tables in [&counted, &divided] {
        desk.release(&plan("one", tables), &one_each.concat())
            .unwrap();
    }
}
