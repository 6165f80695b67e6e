//! The naive twin: from registers to protected tables, in nested loops over plain rows.
//!
//! It is written from what the plan language says (`kobling::plan::document`)
//! and from the definitions of the rules, not from the library's code. So it
//! has no pseudonyms, no sorting, no merging, no codes and no floats on the
//! way; what it has is slow, and short enough to be believed.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use kobling::plan::document::{
    ConditionDocument, MeasureDocument, Need, PlanDocument, ProtectDocument, Reducer,
    RowsPerPerson, TableDocument,
};

use super::match_rates::Groups;
use super::names::published;
use super::register::Registers;
use super::value::{
    ONE, Value, band_labels, decimal, number_of, raw_satisfies, read, satisfies, shorten, steps,
    text,
};

/// A row's columns by name.
type Record = BTreeMap<String, Option<Value>>;

/// What becomes of a measure in a cell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Figure {
    Safe(String),
    /// The mean of no rows.
    Nothing,
    /// By which rule, as the library prints it.
    Unsafe(&'static str),
}

/// A cell's dimensions as text.
pub(crate) type Place = Vec<Option<String>>;

/// Who is in a cell: for each of a person's rows the values of the measures.
pub(super) type Persons = BTreeMap<u32, Vec<Vec<Option<i128>>>>;

/// A table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Whether it is a list of persons; then it has no cells.
    pub(crate) refused: bool,
    pub(crate) cells: BTreeMap<Place, Vec<Figure>>,
    /// For each look-up, how many base rows have a match, and how many do not.
    pub(crate) matched: BTreeMap<String, (u64, u64)>,
    /// The same by group, for each look-up and column that the plan names.
    pub(crate) groups: BTreeMap<(String, String), Groups>,
    /// Whether a column that is summed has no values but 0 and 1, which is refused.
    pub(crate) yes_or_no: bool,
}

/// All tables of a plan.
pub(crate) fn answers(plan: &PlanDocument, registers: &Registers) -> BTreeMap<String, Answer> {
    let tables = plan.tables.iter();
    tables
        .map(|(name, table)| (name.clone(), Twin { plan, table }.answer(registers)))
        .collect()
}

struct Twin<'a> {
    plan: &'a PlanDocument,
    table: &'a TableDocument,
}

/// A base row with what was looked up for it.
struct Linked<'a> {
    slots: Vec<(&'a str, Option<Rc<Record>>)>,
}

impl Twin<'_> {
    fn answer(&self, registers: &Registers) -> Answer {
        let table = self.table;
        let base = table.base.clone().unwrap_or_default();
        let mut base_rows = self.rows(&table.from, &base.conditions, registers);
        if let Some(reduce) = &base.reduce {
            let folded = by_person(base_rows).into_iter().map(|(person, rows)| {
                let order = base.order_by.as_deref();
                (
                    person,
                    Rc::new(self.fold(&table.from, &rows, reduce, order)),
                )
            });
            base_rows = folded.collect();
        }
        let lookups: Vec<_> = table
            .with
            .iter()
            .map(|(name, lookup)| {
                let rows = self.rows(name, &lookup.conditions, registers);
                (name, lookup, by_person(rows))
            })
            .collect();
        let mut matched: BTreeMap<String, (u64, u64)> = table
            .with
            .keys()
            .map(|name| (name.clone(), (0, 0)))
            .collect();
        let mut groups: BTreeMap<(String, String), Groups> = BTreeMap::new();
        let grouped = table.match_rates.iter().flat_map(|rates| &rates.by);
        let grouped: Vec<&String> = grouped.collect();
        let mut cells: BTreeMap<Place, Persons> = BTreeMap::new();
        for (person, row) in &base_rows {
            let mut linked = Linked {
                slots: vec![(table.from.as_str(), Some(row.clone()))],
            };
            let mut kept = true;
            for (name, lookup, rows) in &lookups {
                let of_person = rows.get(person).map_or(&[][..], Vec::as_slice);
                let equal = |other: &&Rc<Record>| {
                    lookup
                        .on
                        .iter()
                        .all(|on| row[on].is_some() && row[on] == other[on])
                };
                let candidates: Vec<Rc<Record>> = of_person.iter().filter(equal).cloned().collect();
                let found = match (&lookup.reduce, candidates.first()) {
                    (_, None) => None,
                    (None, Some(only)) => Some(only.clone()),
                    (Some(reduce), Some(_)) => {
                        let order = lookup.order_by.as_deref();
                        Some(Rc::new(self.fold(name, &candidates, reduce, order)))
                    }
                };
                let counts = matched.get_mut(*name).unwrap();
                match found {
                    Some(_) => counts.0 += 1,
                    None => counts.1 += 1,
                }
                for column in &grouped {
                    let groups = groups.entry(((*name).clone(), (*column).clone()));
                    let label = self.column(&linked, column).map(text);
                    let group = groups.or_default().entry(label).or_default();
                    group.persons.insert(*person);
                    match found {
                        Some(_) => group.matched += 1,
                        None => group.unmatched += 1,
                    }
                }
                kept &= found.is_some() || lookup.need == Need::Optional;
                linked.slots.push((name, found));
            }
            let holds = |condition: &ConditionDocument| {
                satisfies(condition, self.column(&linked, &condition.column).as_ref())
            };
            if kept && table.conditions.iter().all(holds) {
                let place = table
                    .by
                    .iter()
                    .map(|name| self.column(&linked, name).map(text));
                let measures = table.measures.iter().map(|measure| {
                    let name = measure.sum.as_ref().or(measure.mean.as_ref())?;
                    self.column(&linked, name).map(number_of)
                });
                let cell = cells.entry(place.collect()).or_default();
                cell.entry(*person).or_default().push(measures.collect());
            }
        }
        let yes_or_no = (0..table.measures.len()).any(|at| {
            let rows = cells.values().flat_map(BTreeMap::values).flatten();
            let values: Vec<i128> = rows.filter_map(|row| row[at]).collect();
            let is_asked = values.len() >= table.protect.min_persons as usize;
            let all = values.iter().all(|value| [0, ONE].contains(value));
            is_asked && all && values.contains(&ONE)
        });
        let published = published(self.plan, table, cells);
        let refused = published.is_none();
        let cells = published.unwrap_or_default();
        let cells = cells.into_iter().map(|(place, persons)| {
            let measures = table.measures.iter().enumerate();
            let figures = measures.map(|(at, measure)| self.figure(measure, at, &persons));
            (place, figures.collect())
        });
        Answer {
            refused,
            cells: cells.collect(),
            matched,
            groups,
            yes_or_no,
        }
    }

    /// The rows of `source` that leave its agency and satisfy `conditions`.
    fn rows(
        &self,
        source: &str,
        conditions: &[ConditionDocument],
        registers: &Registers,
    ) -> Vec<(u32, Rc<Record>)> {
        let declared = &self.plan.sources[source];
        let register = &registers[source];
        let mut rows = Vec::new();
        for row in &register.rows {
            let cell = |name: &str| {
                let at = register
                    .columns
                    .iter()
                    .position(|column| column.name == name)
                    .unwrap();
                let text = row.cells[at].as_deref().map(str::trim);
                text.filter(|text| !text.is_empty())
            };
            let Some(person) = row.person else { continue };
            if !declared
                .keep
                .iter()
                .all(|keep| raw_satisfies(keep, cell(&keep.column)))
            {
                continue;
            }
            let columns = declared.columns.iter();
            let record: Record = columns
                .map(|(name, column)| {
                    let raw = cell(column.from.as_deref().unwrap());
                    (name.clone(), steps(column, read(column, raw)))
                })
                .collect();
            if conditions
                .iter()
                .all(|wanted| satisfies(wanted, record[&wanted.column].as_ref()))
            {
                rows.push((person, Rc::new(record)));
            }
        }
        rows
    }

    fn fold(
        &self,
        source: &str,
        rows: &[Rc<Record>],
        reduce: &BTreeMap<String, Reducer>,
        order_by: Option<&str>,
    ) -> Record {
        let fold = |(name, by): (&String, &Reducer)| {
            if name == "rows" && *by == Reducer::Count {
                return (name.clone(), Some(Value::Number(rows.len() as i128 * ONE)));
            }
            let values: Vec<Value> = rows.iter().filter_map(|row| row[name].clone()).collect();
            let folded = match by {
                Reducer::Count => Some(Value::Number(values.len() as i128 * ONE)),
                _ if values.is_empty() => None,
                Reducer::Sum => Some(Value::Number(values.into_iter().map(number_of).sum())),
                Reducer::Any => Some(Value::Boolean(values.contains(&Value::Boolean(true)))),
                Reducer::Min => values.into_iter().min(),
                Reducer::Max => values.into_iter().max(),
                Reducer::First | Reducer::Last => {
                    let order = order_by.unwrap();
                    let ranked: Vec<_> = rows
                        .iter()
                        .filter_map(|row| {
                            let place = self.rank(source, order, row[order].as_ref()?);
                            let value = row[name].as_ref()?;
                            Some((place, self.rank(source, name, value), value.clone()))
                        })
                        .collect();
                    let places = ranked.iter().map(|(place, ..)| place);
                    let wanted = match by {
                        Reducer::First => places.min(),
                        _ => places.max(),
                    };
                    let tied = ranked.iter().filter(|(place, ..)| Some(place) == wanted);
                    tied.min_by_key(|(_, rank, _)| rank)
                        .map(|(.., value)| value.clone())
                }
                other => panic!("{other:?} has no twin here"),
            };
            (name.clone(), folded)
        };
        reduce.iter().map(fold).collect()
    }

    /// Where a value is in the order of its column: bands are as the plan
    /// lists them, with what is absent after them.
    fn rank(&self, source: &str, name: &str, value: &Value) -> (usize, Value) {
        let column = &self.plan.sources[source].columns[name];
        let listed: Vec<String> = match &column.bands {
            None => Vec::new(),
            Some(_) => {
                let cut = |label: String| shorten(column, label);
                band_labels(column)
                    .into_iter()
                    .map(cut)
                    .chain(column.absent.clone())
                    .collect()
            }
        };
        let place = match value {
            Value::Label(label) => listed.iter().position(|other| other == label),
            _ => None,
        };
        (place.unwrap_or(0), value.clone())
    }

    /// A column of a linked row: a derived one, or `source.column`.
    fn column(&self, linked: &Linked<'_>, name: &str) -> Option<Value> {
        let slot = |source: &str| {
            let slot = linked.slots.iter().find(|(other, _)| *other == source);
            slot.unwrap().1.clone()
        };
        let Some((source, column)) = name.split_once('.') else {
            let derived = &self.table.columns[name];
            let from = match (&derived.from, &derived.matched) {
                (Some(from), _) => self.column(linked, from),
                (None, Some(source)) => Some(Value::Boolean(slot(source).is_some())),
                (None, None) => unreachable!("a derived column comes from something"),
            };
            return steps(derived, from);
        };
        slot(source).and_then(|record| record[column].clone())
    }

    /// Decimals of a column that is a number.
    fn scale(&self, name: &str) -> u8 {
        let Some((source, column)) = name.split_once('.') else {
            return self.table.columns[name].scale.unwrap_or(0);
        };
        let reduce = match self.table.with.get(source) {
            Some(lookup) => lookup.reduce.as_ref(),
            None => self
                .table
                .base
                .as_ref()
                .and_then(|base| base.reduce.as_ref()),
        };
        match reduce.and_then(|reduce| reduce.get(column)) {
            Some(Reducer::Count) => 0,
            _ => self.plan.sources[source].columns[column].scale.unwrap_or(0),
        }
    }

    /// Whether no person can have two rows of the base.
    fn one_row_a_person(&self) -> bool {
        let base = self.table.base.as_ref();
        let reduced = base.is_some_and(|base| base.reduce.is_some());
        reduced || self.plan.sources[&self.table.from].rows == Some(RowsPerPerson::One)
    }

    /// A measure in a cell, or the first rule that finds it unsafe.
    fn figure(&self, measure: &MeasureDocument, at: usize, persons: &Persons) -> Figure {
        let rules = &self.table.protect;
        if persons.is_empty() {
            return match (&measure.sum, &measure.mean) {
                (Some(name), _) => Figure::Safe(decimal(0, self.scale(name))),
                (_, Some(_)) => Figure::Nothing,
                _ => Figure::Safe("0".to_owned()),
            };
        }
        if persons.len() < rules.min_persons as usize {
            return Figure::Unsafe("min_persons");
        }
        // Where each person has one row, its number is that of persons.
        if measure.persons.is_some() || measure.rows.is_some() && self.one_row_a_person() {
            return Figure::Safe(persons.len().to_string());
        }
        // What each person contributes, and in how many rows.
        let mut contributions: Vec<(i128, i128)> = Vec::new();
        for rows in persons.values() {
            let values: Vec<i128> = match measure.rows {
                Some(_) => vec![1; rows.len()],
                None => rows.iter().filter_map(|row| row[at]).collect(),
            };
            if !values.is_empty() {
                contributions.push((values.iter().sum(), values.len() as i128));
            }
        }
        if let Some(rule) = unsafe_by(rules, contributions.iter().map(|(value, _)| *value)) {
            return Figure::Unsafe(rule);
        }
        let total: i128 = contributions.iter().map(|(value, _)| value).sum();
        let rows: i128 = contributions.iter().map(|(_, rows)| rows).sum();
        Figure::Safe(match (&measure.rows, &measure.sum, &measure.mean) {
            (Some(_), ..) => rows.to_string(),
            (None, Some(name), _) => decimal(total, self.scale(name)),
            (None, None, Some(name)) => {
                let one = 10i128.pow(self.scale(name).into());
                (((total / (ONE / one)) as f64) / ((rows * one) as f64)).to_string()
            }
            (None, None, None) => unreachable!("a measure measures something"),
        })
    }
}

/// The threshold, (n,k)-dominance and p % rules on what persons contribute, by
/// its absolute value.
fn unsafe_by(
    rules: &ProtectDocument,
    contributions: impl Iterator<Item = i128>,
) -> Option<&'static str> {
    let mut values: Vec<i128> = contributions.map(i128::abs).collect();
    values.sort_by(|a, b| b.cmp(a));
    let total: i128 = values.iter().sum();
    if values.len() < rules.min_persons as usize {
        return Some("min_persons");
    }
    if let Some(dominance) = &rules.dominance {
        let largest: i128 = values.iter().take(dominance.n as usize).sum();
        if largest * 10_000 > total * i128::from(dominance.percent.hundredths()) {
            return Some("dominance");
        }
    }
    if let Some(percent) = rules.p_percent {
        let rest = total - values[0] - values[1];
        if rest * 10_000 < values[0] * i128::from(percent.hundredths()) {
            return Some("p_percent");
        }
    }
    None
}

fn by_person(rows: Vec<(u32, Rc<Record>)>) -> HashMap<u32, Vec<Rc<Record>>> {
    let mut persons: HashMap<u32, Vec<Rc<Record>>> = HashMap::new();
    for (person, row) in rows {
        persons.entry(person).or_default().push(row);
    }
    persons
}
