//! The laws of the whole way from registers to released tables, on random worlds.
//!
//! The fast path has a naive twin, written from the definitions;
//! the two must agree on every cell, value, status and rule. And what must
//! not matter does not: the order of rows, how they are cut into batches and
//! files, the number of threads, the linkage key, the names of the sources.
//!
//! `PROPTEST_CASES` sets how many worlds each law is tried on.

pub(crate) mod columns;
mod derive;
pub(crate) mod flow;
pub(crate) mod generate;
pub(crate) mod large;
pub(crate) mod match_rates;
pub(crate) mod naive;
mod names;
pub(crate) mod register;
mod tables;
pub(crate) mod value;

use std::collections::{BTreeMap, BTreeSet};

use crate::support::alone::alone;
use kobling::plan::document::{MeasureDocument, PlanDocument};
use kobling::{ErrorKind, Plan, Release};
use proptest::collection::vec;
use proptest::prelude::*;

use flow::{
    Cell, batches, cells, extracts, new_key, plain_release, protected, release, released, same_key,
    tabulated, through_files,
};
use generate::{World, world};
use naive::{Answer, Figure, Place, answers};
use register::{Choices, Row};

fn all_worlds() -> impl Strategy<Value = World> {
    let worlds = vec(any::<u32>(), 200..4000).prop_map(|list| world(&mut Choices::of(list)));
    worlds.prop_filter(
        "of rows that identify nobody no extract is made",
        identifies_somebody,
    )
}

/// Whether each register identifies somebody, or has nobody who could be.
fn identifies_somebody(world: &World) -> bool {
    let plan = parse(world);
    world.registers.iter().all(|(name, register)| {
        let rows = kobling::Rows::from_batches(&plan, name, register.batches(&[]));
        let identified = rows.and_then(kobling::Rows::identify).expect("a register");
        identified.rows() > 0 || identified.quarantine().rows() == 0
    })
}

/// Worlds whose tables are no lists of persons: where one would be, there are
/// more persons like those that there are. And they can be protected beside each other.
fn worlds() -> impl Strategy<Value = World> {
    let worlds = all_worlds().prop_map(peopled);
    worlds.prop_filter(
        "tables that cannot be protected together are refused",
        |world| {
            let plan = parse(world);
            let extracts = extracts(&plan, &same_key(&plan), &world.registers, &[]);
            let tables = tabulated(&plan, extracts);
            tables.map_or(true, |tables| tables.protect().is_ok())
        },
    )
}

fn peopled(mut world: World) -> World {
    let plan = parse(&world);
    while is_refused(&answers(plan.document(), &world.registers)) {
        world.double();
    }
    world
}

fn is_refused(twins: &BTreeMap<String, Answer>) -> bool {
    twins.values().any(|twin| twin.refused)
}

fn parse(world: &World) -> Plan {
    Plan::parse(&world.plan).unwrap_or_else(|findings| panic!("{findings}\n{}", world.plan))
}

/// Whether a table sums a column that turns out to say yes or no only.
fn says_yes_or_no(plan: &Plan, world: &World) -> bool {
    let answers = answers(plan.document(), &world.registers);
    answers.values().any(|answer| answer.yes_or_no)
}

/// `PROPTEST_CASES` worlds, or so many.
fn tries(cases: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok();
    ProptestConfig {
        cases: asked.and_then(|cases| cases.parse().ok()).unwrap_or(cases),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Holds released tables against the twin's.
fn agree(plan: &PlanDocument, release: &Release, twins: &BTreeMap<String, Answer>) {
    for (name, twin) in twins {
        let found = cells(plan, name, release.table(name).unwrap());
        let mut wanted: BTreeMap<Place, Cell> = twin
            .cells
            .iter()
            .map(|(place, figures)| (place.clone(), figures.iter().map(released).collect()))
            .collect();
        let shared = has_another(plan);
        if shared {
            withhold(&mut wanted, &found);
        }
        wanted
            .values_mut()
            .for_each(|cell| within(&plan.tables[name].measures, cell, shared));
        assert_eq!(found, wanted, "table {name}");
        let records = &release.manifest().tables;
        let record = records.iter().find(|record| record.name == *name).unwrap();
        for look_up in &record.look_ups {
            let (matched, unmatched) = twin.matched[&look_up.source];
            let rate = (look_up.matched, look_up.unmatched, look_up.match_rate);
            let table = &plan.tables[name];
            let of = (table.from.as_str(), look_up.source.as_str());
            match_rates::is_rate(rate, of, &[], [matched, unmatched]);
            let by = table.match_rates.iter().flat_map(|rates| &rates.by);
            assert!(by.eq(look_up.by.iter().map(|grouped| &grouped.by)));
            for grouped in &look_up.by {
                let groups = twin
                    .groups
                    .get(&(look_up.source.clone(), grouped.by.clone()));
                let groups = groups.cloned().unwrap_or_default();
                match_rates::agree(grouped, of, &groups, table.protect.min_persons);
            }
        }
    }
}

/// Whether there is another table of the same persons: then a figure that no rule
/// suppresses may protect one of the other table, or somebody who is in one of them only. The
/// twin knows one table at a time.
fn has_another(plan: &PlanDocument) -> bool {
    plan.tables.len() > 1
}

/// Withholds the `wanted` figures that were `found` to be suppressed though they
/// are safe by themselves.
fn withhold(wanted: &mut BTreeMap<Place, Cell>, found: &BTreeMap<Place, Cell>) {
    for (place, figures) in wanted {
        let found = found.get(place).into_iter().flatten();
        for (wanted, found) in figures.iter_mut().zip(found) {
            if wanted.1 == "safe" && found.0.is_none() && found.1 == "suppressed" {
                wanted.clone_from(found);
            }
        }
    }
}

/// Suppresses the figures of a cell that say something of a suppressed number of
/// persons or rows: rows are at least as many as persons, a mean is a sum over them, and a sum
/// says that there are `min_persons` persons. In `shared` tables rows may go alone, for persons
/// that another table suppresses.
fn within(measures: &[MeasureDocument], cell: &mut Cell, shared: bool) {
    let says =
        |measure: &MeasureDocument| measure.persons.is_some() || measure.rows.is_some() && !shared;
    let mut counts = measures.iter().zip(&*cell);
    if counts.any(|(measure, figure)| says(measure) && figure.1 == "suppressed") {
        cell.fill((None, "suppressed".to_owned()));
    }
}

/// How many figures of a table each rule suppressed.
fn by_rule(twin: &Answer) -> BTreeMap<String, u64> {
    let mut rules = BTreeMap::new();
    for figure in twin.cells.values().flatten() {
        if let Figure::Unsafe(rule) = figure {
            *rules.entry((*rule).to_owned()).or_default() += 1;
        }
    }
    rules
}

proptest! {
    #![proptest_config(tries(256))]

    #[test]
    fn the_naive_twin_agrees_on_cells_values_statuses_and_rules(world in worlds()) {
        let plan = parse(&world);
        let twins = answers(plan.document(), &world.registers);
        if says_yes_or_no(&plan, &world) {
            let made = extracts(&plan, &new_key(&plan), &world.registers, &[]);
            let refused = tabulated(&plan, made);
            prop_assert_eq!(refused.map(drop).unwrap_err().kind(), ErrorKind::Protection);
            return Ok(());
        }
        let tables = protected(&plan, extracts(&plan, &same_key(&plan), &world.registers, &[]));
        for (name, twin) in &twins {
            let rules = tables.suppressed_by_rule(name).into_iter();
            let rules = rules.map(|(rule, n)| (rule.to_string(), n));
            // Who lies between two tables the twin does not know.
            let rules: BTreeMap<_, _> = rules.filter(|(rule, _)| rule != "differencing").collect();
            prop_assert_eq!(rules, by_rule(twin), "table {}", name);
        }
        agree(plan.document(), &tables.release().unwrap(), &twins);
        // By itself a table has what the twin has.
        let name = twins.keys().next().unwrap();
        let own = alone(&plan, name);
        let twin = answers(own.document(), &world.registers);
        let made = extracts(&own, &new_key(&own), &world.registers, &[]);
        agree(own.document(), &protected(&own, made).release().unwrap(), &twin);
    }
}

proptest! {
    #![proptest_config(tries(256))]

    #[test]
    fn lists_of_persons_are_refused_and_nothing_else(world in all_worlds()) {
        let plan = parse(&world);
        let twins = answers(plan.document(), &world.registers);
        let extracts = extracts(&plan, &new_key(&plan), &world.registers, &[]);
        match tabulated(&plan, extracts) {
            Ok(_) => prop_assert!(!is_refused(&twins) && !says_yes_or_no(&plan, &world)),
            Err(error) => {
                let is_refused = is_refused(&twins) || says_yes_or_no(&plan, &world);
                prop_assert!(is_refused, "{}", error);
                prop_assert_eq!(error.kind(), kobling::ErrorKind::Protection);
            }
        }
    }
}

proptest! {
    #![proptest_config(tries(48))]

    #[test]
    fn order_batches_and_linkage_key_do_not_matter(
        world in worlds(),
        seed in any::<u64>(),
        ends in vec(any::<usize>(), 0..5),
    ) {
        let plan = parse(&world);
        prop_assume!(!says_yes_or_no(&plan, &world));
        let plain = batches(&plain_release(&plan, &world.registers));
        let mut shuffled = world.registers.clone();
        let mut choices = Choices::seeded(seed);
        for register in shuffled.values_mut() {
            choices.shuffle(&mut register.rows);
        }
        let key = same_key(&plan);
        let mut parts = extracts(&plan, &key, &shuffled, &ends);
        let one = extracts(&plan, &key, &world.registers, &[]);
        for (part, whole) in parts.iter().zip(&one) {
            prop_assert!(part.to_batch() == whole.to_batch(), "the extracts differ");
        }
        choices.shuffle(&mut parts);
        prop_assert_eq!(&batches(&release(&plan, parts)), &plain);
        let own = alone(&plan, plan.document().tables.keys().next().unwrap());
        let by_new_key = || {
            let extracts = extracts(&own, &new_key(&own), &world.registers, &[]);
            batches(&release(&own, extracts))
        };
        prop_assert_eq!(by_new_key(), by_new_key());
    }

    #[test]
    fn files_give_the_tables_that_memory_gives(world in worlds()) {
        let plan = parse(&world);
        prop_assume!(!says_yes_or_no(&plan, &world));
        let made = extracts(&plan, &same_key(&plan), &world.registers, &[]);
        let folder = tempfile::tempdir().unwrap();
        for ending in ["arrow", "parquet"] {
            let read = through_files(&plan, &made, folder.path(), ending);
            for (read, made) in read.iter().zip(&made) {
                prop_assert!(read.to_batch() == made.to_batch(), "the extracts differ");
            }
            let plain = batches(&plain_release(&plan, &world.registers));
            prop_assert_eq!(batches(&release(&plan, read)), plain);
        }
    }

    #[test]
    fn the_number_of_threads_does_not_matter(world in worlds()) {
        let plan = parse(&world);
        prop_assume!(!says_yes_or_no(&plan, &world));
        let key = same_key(&plan);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let release = release(&plan, extracts(&plan, &key, &world.registers, &[]));
                let rates = release.manifest().tables.iter().map(|table| table.look_ups.clone());
                (batches(&release), rates.collect::<Vec<_>>())
            })
        };
        let one = run(1);
        for threads in [2, 5] {
            prop_assert_eq!(&run(threads), &one, "{} threads", threads);
        }
    }

    #[test]
    fn invalid_identifiers_change_only_the_quarantine(world in worlds(), at in any::<usize>()) {
        let plan = parse(&world);
        prop_assume!(!says_yes_or_no(&plan, &world));
        let plain = plain_release(&plan, &world.registers);
        let mut more = world.registers.clone();
        let sources = &plan.document().sources;
        for (name, register) in &mut more {
            // A row like another, that the plan keeps, but that nobody can be found for.
            if let Some(row) = register.rows.get(at % register.rows.len().max(1)) {
                let mut cells = row.cells.clone();
                if let (false, Some(kept)) = (sources[name].keep.is_empty(), cells.last_mut()) {
                    *kept = Some("2".to_owned());
                }
                let nobody = Row { person: None, identifier: None, cells };
                register.rows.insert(at % (register.rows.len() + 1), nobody);
            }
        }
        let key = new_key(&plan);
        for ((name, before), after) in world.registers.iter().zip(more.values()) {
            let identify = |register: &register::Register| {
                let batches = register.batches(&[]);
                kobling::Rows::from_batches(&plan, name, batches).unwrap().identify().unwrap()
            };
            let (before, after) = (identify(before), identify(after));
            let added = after.rows_read() - before.rows_read();
            prop_assert_eq!(after.quarantine().rows(), before.quarantine().rows() + added);
            // Of rows that identify nobody no extract is made.
            prop_assume!(after.rows() > 0 || added == 0);
            let before = before.pseudonymise(&key).unwrap();
            let after = after.pseudonymise(&key).unwrap();
            let (before, after) = (before.to_batch(), after.to_batch());
            prop_assert_eq!(before.columns(), after.columns());
        }
        prop_assert_eq!(batches(&plain_release(&plan, &more)), batches(&plain));
    }

    #[test]
    fn the_names_of_sources_do_not_matter(world in worlds()) {
        let plan = parse(&world);
        prop_assume!(!says_yes_or_no(&plan, &world));
        let mut renamed = world.clone();
        // The other way round by name, which is the order that a plan keeps them in.
        for (old, new) in [("benefit", "z1"), ("population", "y2"), ("school", "x3"), ("tax", "a4")] {
            renamed.plan = renamed.plan.replace(old, new);
            if let Some(register) = renamed.registers.remove(old) {
                renamed.registers.insert(new.to_owned(), register);
            }
        }
        let columns = |plan: &Plan, world: &World| -> Vec<_> {
            let release = plain_release(plan, &world.registers);
            release.tables().map(|(_, batch)| batch.columns().to_vec()).collect()
        };
        prop_assert_eq!(columns(&parse(&renamed), &renamed), columns(&plan, &world));
    }
}

#[test]
fn the_worlds_have_every_word_of_the_plan_language_and_every_outcome() {
    let words = [
        "keep = ",
        "base = ",
        "where = ",
        "on = ",
        "reduce = ",
        "order_by = ",
        "'required'",
        "'optional'",
        "'sum'",
        "'count'",
        "'any'",
        "'first'",
        "'last'",
        "'min'",
        "'max'",
        "rows = 'count'",
        "matched = ",
        "absent = ",
        "otherwise = ",
        "invalid = ",
        "missing = ",
        "clip = ",
        "truncate = ",
        "bands = ",
        "closed = 'right'",
        "map = ",
        "prefix = ",
        "format = ",
        "one_of = ",
        "equals = ",
        "present = false",
        "dominance = ",
        "p_percent = ",
        "categories = ",
        "rare = ",
        "match_rates = ",
        "margin = ",
        "persons = true",
        "{ rows = true",
        "sum = '",
        "mean = '",
        "by = []",
    ];
    let mut missing: BTreeSet<&str> = words.into();
    let mut outcomes: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut matched, mut unmatched) = (0, 0);
    for seed in 0..600 {
        let world = peopled(world(&mut Choices::seeded(seed)));
        missing.retain(|word| !world.plan.contains(word));
        for answer in answers(parse(&world).document(), &world.registers).values() {
            for figure in answer.cells.values().flatten() {
                let outcome = match figure {
                    Figure::Safe(_) | Figure::Nothing => "safe",
                    Figure::Unsafe(rule) => rule,
                };
                *outcomes.entry(outcome).or_default() += 1;
            }
            for counts in answer.matched.values() {
                matched += counts.0;
                unmatched += counts.1;
            }
        }
    }
    assert_eq!(missing, BTreeSet::new(), "no plan has these");
    for outcome in ["safe", "min_persons", "dominance", "p_percent"] {
        assert!(outcomes[outcome] >= 20, "{outcome} is rare: {outcomes:?}");
    }
    assert!(
        matched > 1000 && unmatched > 1000,
        "{matched} matched, {unmatched} not"
    );
}

/// A table knows its labels before its rows; numbers and dates have none.
#[test]
fn a_table_makes_a_category_of_numbers_and_dates_by_bands_only() {
    let plan = |kind: &str, column: &str| {
        let text = format!(
            "{}
            [source.s]
            agency = 'A'
            legal_basis = ['L']
            rows = 'many'
            identifier = {{ column = 'id', type = 'number' }}
            columns.c = {{ from = 'c', type = '{kind}' }}
            [table.t]
            from = 's'
            base.reduce.c = 'max'
            by = ['d']
            sensitive = []
            measures = [{{ persons = true }}]
            columns.d = {{ from = 's.c', {column} }}
            protect = {{ min_persons = 3, method = 'suppress' }}",
            generate::PROJECT
        );
        Plan::parse(&text)
            .map(|_| ())
            .map_err(|findings| findings.to_string())
    };
    for (kind, column) in [
        ("integer", "type = 'category'"),
        (
            "integer",
            "type = 'category', map = { 1 = 'one' }, otherwise = 'more'",
        ),
        (
            "integer",
            "type = 'boolean', map = { 1 = 'true' }, otherwise = 'false'",
        ),
        ("date", "type = 'category'"),
        ("date", "type = 'category', truncate = 'year'"),
    ] {
        let findings = plan(kind, column).unwrap_err();
        assert!(findings.contains(&format!("cannot be made from a column of type {kind}")));
    }
    assert_eq!(plan("integer", "type = 'category', bands = [1]"), Ok(()));
    assert_eq!(
        plan(
            "date",
            "type = 'category', truncate = 'year', bands = [2000]"
        ),
        Ok(())
    );
}

#[test]
fn a_large_world_agrees_with_the_twin() {
    let world = large::world();
    let plan = parse(&world);
    assert_eq!(world.registers["events"].rows.len(), 200_000);
    let release = plain_release(&plan, &world.registers);
    let twins = answers(plan.document(), &world.registers);
    agree(plan.document(), &release, &twins);
    let figures: Vec<&Figure> = twins["all"].cells.values().flatten().collect();
    let safe = figures
        .iter()
        .filter(|figure| matches!(figure, Figure::Safe(_)))
        .count();
    assert!(
        safe > 50 && safe < figures.len(),
        "{safe} of {} are safe",
        figures.len()
    );
}

/// Parquet gives such a column a label of its own, that no row has.
#[test]
fn a_category_that_every_row_lacks_comes_back_from_a_file() {
    for steps in ["", ", bands = [1, 2]", ", truncate = 'year'"] {
        let plan = format!(
            "{}
            [source.s]
            agency = 'A'
            legal_basis = ['L']
            rows = 'many'
            identifier = {{ column = 'id', type = 'number' }}
            columns.c = {{ from = 'c', type = 'category'{steps} }}
            [table.t]
            from = 's'
            by = ['s.c']
            sensitive = []
            measures = [{{ persons = true }}]
            protect = {{ min_persons = 3, method = 'suppress' }}",
            generate::PROJECT
        );
        let plan = Plan::parse(&plan).unwrap();
        let column = register::RawColumn {
            name: "c".to_owned(),
            storage: register::Storage::Text,
        };
        let row = |person: u32| Row {
            person: Some(person),
            identifier: Some(person.to_string()),
            cells: vec![None],
        };
        let register = register::Register {
            columns: vec![column],
            rows: (1..5).map(row).collect(),
        };
        let registers = BTreeMap::from([("s".to_owned(), register)]);
        let made = extracts(&plan, &new_key(&plan), &registers, &[]);
        let folder = tempfile::tempdir().unwrap();
        for ending in ["arrow", "parquet"] {
            let read = through_files(&plan, &made, folder.path(), ending);
            agree(
                plan.document(),
                &release(&plan, read),
                &answers(plan.document(), &registers),
            );
        }
    }
}
