//! One release, two tables of the same persons, who are looked up elsewhere: folded in two ways,
//! or under a condition that the other table counts by. Whoever subtracts the one from the
//! other must not be left with one unsafe number.

use crate::support::towns::category;
use crate::two_tables::TwoTables;

#[test]
fn who_is_found_is_found_however_it_is_folded() {
    let found = "found = { matched = 'visit', type = 'boolean' }";
    for need in ["optional", "required"] {
        // Where it is needed only those with visits are counted, and how many is the column.
        let (whole, by_town) = match need {
            "optional" => (
                format!("by = ['found', 'often']
                measures = [{{ persons = true }}]
                columns = {{ {found}, often = {{ from = 'visit.rows', type = 'category', bands = {{ edges = [1], labels = ['some'] }}, absent = 'none' }} }}
                with.visit = {{ need = 'optional', reduce = {{ rows = 'count' }} }}"),
                format!("by = ['pop.town', 'found']
                measures = [{{ persons = true }}]
                columns = {{ {found} }}
                with.visit = {{ need = 'optional', reduce = {{}} }}"),
            ),
            _ => (
                "by = ['many']
                measures = [{ persons = true }]
                columns = { many = { from = 'visit.rows', type = 'category', bands = { edges = [1], labels = ['some'] } } }
                with.visit = { need = 'required', reduce = { rows = 'count' } }".to_owned(),
                "by = ['pop.town']
                measures = [{ persons = true }]
                with.visit = { need = 'required', reduce = {} }".to_owned(),
            ),
        };
        let case = TwoTables {
            population: "",
            visits: "",
            rows: "many",
            whole: whole.leak(),
            by_town: by_town.leak(),
        };
        match need {
            "optional" => case.is_not_left(
                (&["found", "often"], &["true", "some"], "persons"),
                (&["town", "found"], &["a", "true"], "persons"),
            ),
            _ => case.is_not_left(
                (&["many"], &["some"], "persons"),
                (&["town"], &["a"], "persons"),
            ),
        }
    }
}

/// What a look-up finds under a condition, and a count of those who satisfy it.
#[test]
fn a_look_up_under_a_condition_is_that_condition() {
    let case = TwoTables {
        population: "",
        visits: "amount = { from = 'amount', type = 'integer' }",
        rows: "many",
        whole: "by = ['found']
            measures = [{ persons = true }]
            columns = { found = { matched = 'visit', type = 'boolean' } }
            with.visit = { need = 'optional', where = [{ column = 'amount', at_least = 50 }], reduce = {} }",
        by_town: "by = ['pop.town']
            measures = [{ persons = true }, { persons = { where = [{ column = 'visit.amount', at_least = 50 }] }, as = 'much' }]
            with.visit = { need = 'optional', reduce = { amount = 'max' } }",
    };
    case.is_not_left(
        (&["found"], &["true"], "persons"),
        (&["town"], &["a"], "much"),
    );
}

/// Two agencies say the same of a person: whoever knows that has one column.
#[test]
fn columns_of_one_name_are_not_independent() {
    let sex = category("sex", "sex", &["f", "m"]);
    let case = TwoTables {
        population: sex.clone().leak(),
        visits: (sex + "amount = { from = 'amount', type = 'integer' }").leak(),
        rows: "many",
        whole: "by = ['pop.sex']
            measures = [{ persons = true }]",
        by_town: "by = ['pop.town', 'visit.sex']
            measures = [{ persons = true }]
            with.visit = { need = 'optional', reduce = { sex = 'first' }, order_by = 'amount' }",
    };
    case.is_not_left(
        (&["sex"], &["f"], "persons"),
        (&["town", "sex"], &["a", "f"], "persons"),
    );
}

/// A category for who has no value is suppressed for others only while nobody knows that it is
/// empty.
#[test]
fn that_nobody_lacks_a_value_is_not_said_where_that_has_a_category() {
    let case = TwoTables {
        population: "",
        visits: "",
        rows: "many",
        whole: "by = ['place']
            measures = [{ persons = true }]
            columns = { place = { from = 'pop.town', type = 'category', absent = 'nowhere' } }",
        by_town: "by = ['pop.town']
            measures = [{ persons = true }]
            with.visit = { need = 'optional', reduce = {} }",
    };
    let release = case.release();
    let inputs = &release.manifest().inputs;
    let town = |input: &kobling::release::manifest::InputRecord| input.columns.get("town").cloned();
    let town = inputs.iter().find_map(town).expect("a column");
    assert_eq!(town.missing.get(), None);
    assert_eq!(town.unreadable.get(), None);
}
