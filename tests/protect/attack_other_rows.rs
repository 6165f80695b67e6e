//! One release, two tables of other rows of the same persons: whoever subtracts the one from the
//! other must not be left with one unsafe number.

use crate::support::towns::category;
use crate::two_tables::TwoTables;

/// All who visit, and those of a town who do, as their visits are folded.
#[test]
fn a_register_that_is_folded_otherwise_is_of_the_same_persons() {
    for base in [
        "base = { reduce = {} }",
        "base = { reduce = { rows = 'count' } }",
    ] {
        let by_town = format!(
            "from = 'visit'
            {base}
            by = ['pop.town']
            measures = [{{ persons = true }}]
            with.pop = {{ need = 'required' }}"
        );
        let case = TwoTables {
            population: "",
            visits: "amount = { from = 'amount', type = 'integer' }",
            rows: "many",
            whole: "from = 'visit'
                base = { reduce = { amount = 'max' } }
                by = ['most']
                measures = [{ persons = true }]
                columns = { most = { from = 'visit.amount', type = 'category', bands = { edges = [1], labels = ['some'] } } }
                with.pop = { need = 'required' }",
            by_town: by_town.leak(),
        };
        case.is_not_left(
            (&["most"], &["some"], "persons"),
            (&["town"], &["a"], "persons"),
        );
    }
}

/// What is not looked at is said before the plan is signed.
#[test]
fn a_register_that_is_folded_otherwise_is_noted() {
    let persons = "from = 'visit'
        by = ['pop.town']
        measures = [{ persons = true }]
        with.pop = { need = 'required' }";
    let folded = format!("{persons}\nbase = {{ reduce = {{}} }}");
    let case = |whole| TwoTables {
        population: "",
        visits: "",
        rows: "many",
        whole,
        by_town: persons,
    };
    let notes = case(folded.leak()).plan().notes();
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert_eq!(notes[0].path, ["table", "whole"]);
    assert!(notes[0].rule.contains("otherwise than the table `by_town`"));
    assert!(case(persons).plan().notes().is_empty());
}

/// All of a town, and those whom a condition leaves.
#[test]
fn who_fails_a_condition_is_between_two_tables() {
    let sex = category("sex", "sex", &["f", "m"]);
    let case = TwoTables {
        population: sex.leak(),
        visits: "",
        rows: "many",
        whole: "by = ['pop.town']
            measures = [{ persons = true }]
            with.visit = { need = 'optional', reduce = {} }",
        by_town: "by = ['pop.town']
            where = [{ column = 'pop.sex', one_of = ['m'] }]
            measures = [{ persons = true }]",
    };
    case.is_not_left(
        (&["town"], &["b"], "persons"),
        (&["town"], &["b"], "persons"),
    );
}

/// All of a town, and those who are found in a look-up that one table needs.
#[test]
fn who_is_not_found_is_between_two_tables() {
    let case = TwoTables {
        population: "",
        visits: "",
        rows: "many",
        whole: "by = ['pop.town']
            measures = [{ persons = true }]",
        by_town: "by = ['pop.town']
            measures = [{ persons = true }]
            with.visit = { need = 'required', reduce = {} }",
    };
    // Two of town b visit; of town a nine do, and eight do not.
    case.is_not_left(
        (&["town"], &["b"], "persons"),
        (&["town"], &["b"], "persons"),
    );
}
