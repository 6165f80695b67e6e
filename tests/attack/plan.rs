//! A world's plan, as text.

use std::fmt::Write as _;

use crate::world::{Coarser, Dim, Interval, Margins, Measure, Naming, Rule, Table, World};

pub(crate) const PROJECT: &str = r#"version = 1
[project]
id = "attacked"
epoch = 1
title = "A world"
purpose = "To be attacked"
controller = "A test"
linkage_unit = "A test"
recipient = "An attacker"
valid = { from = 2020-01-01, until = 2999-12-31 }
approved = [{ by = "legal", name = "A lawyer", on = 2020-01-01 }]
"#;

/// The plan of a world's tables.
pub(crate) fn text(world: &World) -> String {
    let rows = if world.many { "many" } else { "one" };
    let mut text = format!(
        "{PROJECT}
[source.reg]
agency = 'An agency'
legal_basis = ['A law']
identifier = {{ column = 'nr', type = 'number' }}
rows = '{rows}'
[source.reg.columns]
"
    );
    for (at, dim) in world.dims.iter().enumerate() {
        if !world.tables.iter().any(|table| table.by.contains(&at)) {
            continue;
        }
        let name = &dim.name;
        let more = match dim.naming {
            Naming::Matched => continue,
            Naming::Boolean => {
                let _ = writeln!(text, "{name} = {{ from = '{name}', type = 'boolean' }}");
                continue;
            }
            Naming::Undeclared => ", rare = 'other'".to_owned(),
            Naming::Categories => {
                let names: Vec<String> = dim.names.iter().map(|name| format!("'{name}'")).collect();
                format!(", categories = [{}]", names.join(", "))
            }
            Naming::Map => {
                let names = dim.names.iter().map(|name| format!("r{name} = '{name}'"));
                let names: Vec<String> = names.collect();
                format!(", map = {{ {} }}", names.join(", "))
            }
        };
        let _ = writeln!(
            text,
            "{name} = {{ from = '{name}', type = 'category'{more} }}"
        );
    }
    for condition in 0..world.conditions {
        if world.measures(Measure::Where(condition)) {
            let _ = writeln!(
                text,
                "c{condition} = {{ from = 'c{condition}', type = 'boolean' }}"
            );
        }
    }
    if world.has_money() {
        if world.apart {
            text.push_str(
                "[source.ext]
agency = 'Another agency'
legal_basis = ['A law']
identifier = { column = 'nr', type = 'number' }
rows = 'one'
[source.ext.columns]
",
            );
        }
        text.push_str("amount = { from = 'amount', type = 'integer' }\n");
    }
    for one in &world.tables {
        table(&mut text, world, one);
    }
    text
}

fn table(text: &mut String, world: &World, table: &Table) {
    let dims = || table.by.iter().map(|dim| &world.dims[*dim]);
    let column = |dim: &Dim| match dim.naming {
        Naming::Matched => format!("'{}'", dim.name),
        _ => format!("'reg.{}'", dim.name),
    };
    let by: Vec<String> = dims().map(column).collect();
    let money = if world.apart { "ext" } else { "reg" };
    let measures = table.measures.iter().map(|measure| {
        let name = measure.name();
        match measure {
            Measure::Persons => "{ persons = true }".to_owned(),
            Measure::Rows => "{ rows = true }".to_owned(),
            Measure::Sum => format!("{{ sum = '{money}.amount', as = '{name}' }}"),
            Measure::Mean => format!("{{ mean = '{money}.amount', as = '{name}' }}"),
            Measure::Where(condition) => format!(
                "{{ persons = {{ where = [{{ column = 'reg.c{condition}', equals = true }}] }}, as = '{name}' }}"
            ),
            Measure::Share(condition) => format!(
                "{{ share = '{}', of = 'persons', as = '{name}' }}",
                Measure::Where(*condition).name()
            ),
        }
    });
    let measures: Vec<String> = measures.collect();
    let _ = writeln!(
        text,
        "[table.{}]\nfrom = 'reg'\nby = [{}]\nmeasures = [{}]",
        table.name,
        by.join(", "),
        measures.join(", ")
    );
    let margins = match &table.margins {
        Margins::All(all) => all.to_string(),
        Margins::By(lists) => {
            let lists = lists.iter().map(|list| {
                let names = list.iter().map(|dim| column(&world.dims[*dim]));
                format!("[{}]", names.collect::<Vec<_>>().join(", "))
            });
            format!("[{}]", lists.collect::<Vec<_>>().join(", "))
        }
    };
    let _ = writeln!(text, "margins = {margins}");
    let dimensions = table
        .sensitive
        .iter()
        .map(|at| world.dims[table.by[*at]].name.clone());
    let conditions = table.sensitive_conditions.iter();
    let conditions = conditions.map(|condition| Measure::Where(*condition).name());
    let names: Vec<String> = dimensions
        .chain(conditions)
        .map(|name| format!("'{name}'"))
        .collect();
    let _ = writeln!(text, "sensitive = [{}]", names.join(", "));
    let of_money = |measure: &Measure| matches!(measure, Measure::Sum | Measure::Mean);
    let matched = dims().find(|dim| dim.naming == Naming::Matched);
    if world.apart && (matched.is_some() || table.measures.iter().any(of_money)) {
        text.push_str("with.ext = { need = 'optional' }\n");
    }
    if let Some(dim) = matched {
        let _ = writeln!(
            text,
            "columns.{} = {{ matched = 'ext', type = 'boolean' }}",
            dim.name
        );
    }
    if table.levels.contains(&true) {
        let _ = writeln!(text, "[table.{}.levels]", table.name);
        for (dim, published) in dims().zip(&table.levels) {
            let Some(level) = dim.level.as_ref().filter(|_| *published) else {
                continue;
            };
            let how = match level {
                Coarser::Prefix => "prefix = 1".to_owned(),
                Coarser::Map(map) => {
                    let map = map.iter().map(|(from, to)| format!("{from} = '{to}'"));
                    // A list of categories has one more: of all that are not in it.
                    let rest = match dim.naming {
                        Naming::Categories => ", otherwise = 'other'",
                        _ => "",
                    };
                    format!("map = {{ {} }}{rest}", map.collect::<Vec<_>>().join(", "))
                }
            };
            let _ = writeln!(
                text,
                "{} = [{{ name = '{}', {how} }}]",
                dim.name,
                dim.level_name()
            );
        }
    }
    let _ = writeln!(
        text,
        "[table.{}.protect]\nmin_persons = {}",
        table.name, table.min_persons
    );
    for rule in &table.rules {
        let _ = match rule {
            Rule::Dominance(n, k) => writeln!(text, "dominance = {{ n = {n}, percent = {k} }}"),
            Rule::PPercent(p) => writeln!(text, "p_percent = {p}"),
            Rule::PriorPosterior(p, q) => {
                writeln!(text, "prior_posterior = {{ p = {p}, q = {q} }}")
            }
        };
    }
    let _ = match table.interval {
        Interval::Least(3) => Ok(()),
        Interval::Least(least) => writeln!(text, "count_interval = {least}"),
        Interval::Full => writeln!(text, "count_interval = 'full'"),
    };
    // What is kept changes the pattern, and nothing of what it promises.
    if world.seed.is_multiple_of(3) && table.by.len() > 1 {
        let _ = writeln!(text, "prefer = [{}]", by[0]);
    }
    if !table.exceptions.is_empty() {
        let cells = table.exceptions.iter().map(|names| {
            let cell = dims()
                .zip(names)
                .map(|(dim, name)| format!("{} = '{name}'", dim.name));
            let cell: Vec<String> = cell.collect();
            format!(
                "{{ cell = {{ {} }}, reason = 'A test', approver = 'A test' }}",
                cell.join(", ")
            )
        });
        let _ = writeln!(text, "publish = [{}]", cells.collect::<Vec<_>>().join(", "));
    }
    text.push_str("method = 'suppress'\n");
}
