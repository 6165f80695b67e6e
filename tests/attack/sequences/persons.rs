//! The persons of a world, and what a release can say of one: a category, or a condition.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, UInt64Array};

use crate::draw::Draw;

/// What a second register says of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Income {
    NotFound,
    Missing,
    Of(i64),
}

/// All that is known of a person; everybody knows which such persons there can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) area: usize,
    pub(crate) sex: usize,
    pub(crate) age: i64,
    pub(crate) flag: i64,
    pub(crate) income: Income,
}

pub(crate) const AREAS: [&str; 3] = ["a", "b", "c"];

pub(crate) const SEXES: [&str; 2] = ["f", "m"];

/// The first two areas are one region.
pub(crate) const REGIONS: [&str; 3] = ["r", "r", "q"];

/// Kinds of persons, with how many of each there are, and what they have together.
pub(crate) struct Persons {
    pub(crate) kinds: Vec<Kind>,
    pub(crate) many: Vec<u64>,
    pub(crate) amounts: Vec<i64>,
}

impl Persons {
    pub(crate) fn drawn(draw: &mut Draw) -> Self {
        // As many kinds as whole numbers are searched for in seconds.
        let mut differ = [false; 4];
        let mut many = AREAS.len();
        for at in [draw.below(4), draw.below(4), draw.below(4), draw.below(4)] {
            let times = [2, 5, 2, 5][at];
            if !differ[at] && many * times <= 75 {
                differ[at] = true;
                many *= times;
            }
        }
        let [sexes, ages, flags, incomes] = differ;
        // Nobody may be known to be in no category: all that plans name have kinds.
        let ages: &[i64] = if ages { &[20, 30, 40, 50, 60] } else { &[40] };
        let incomes: &[Income] = match incomes {
            false => &[Income::NotFound],
            true => &[
                Income::NotFound,
                Income::Missing,
                Income::Of(1),
                Income::Of(2),
                Income::Of(3),
            ],
        };
        let two = |differ: bool| 0..1 + usize::from(differ);
        let mut kinds = Vec::new();
        for area in 0..AREAS.len() {
            for sex in two(sexes) {
                for age in ages {
                    for flag in two(flags) {
                        kinds.extend(incomes.iter().map(|income| Kind {
                            area,
                            sex,
                            age: *age,
                            flag: flag as i64,
                            income: *income,
                        }));
                    }
                }
            }
        }
        let nobody_in = draw.below(2 * AREAS.len());
        // Skewed, as persons are over kinds.
        let weights: Vec<f64> = kinds
            .iter()
            .map(|kind| match kind.area == nobody_in {
                true => 0.0,
                false => (draw.below(1000) as f64 / 1000.0).powi(2),
            })
            .collect();
        let all: f64 = weights.iter().sum();
        let mut many = vec![0; kinds.len()];
        let mut amounts = vec![0; kinds.len()];
        for _ in 0..draw.pick(&[25, 40, 60, 90]) {
            let mut left = draw.below(1_000_000) as f64 / 1e6 * all;
            let at = weights.iter().position(|weight| {
                left -= weight;
                left < 0.0
            });
            let at = at.unwrap_or(0);
            many[at] += 1;
            amounts[at] += draw.from(50, 400) as i64;
        }
        Self {
            kinds,
            many,
            amounts,
        }
    }

    /// The register of all, and that of those whom it finds.
    pub(crate) fn registers(&self) -> [RecordBatch; 2] {
        let mut all: Vec<(u64, Kind, i64)> = Vec::new();
        for (kind, (many, amount)) in self.kinds.iter().zip(self.many.iter().zip(&self.amounts)) {
            for at in 0..*many {
                let each = amount / *many as i64;
                let rest = if at == 0 { amount % *many as i64 } else { 0 };
                all.push((all.len() as u64 + 1, *kind, each + rest));
            }
        }
        let found = all
            .iter()
            .filter(|person| person.1.income != Income::NotFound);
        let incomes = found.clone().map(|person| match person.1.income {
            Income::Of(income) => Some(income),
            Income::NotFound | Income::Missing => None,
        });
        let numbers: UInt64Array = all.iter().map(|person| Some(person.0)).collect();
        let text = |of: fn(&Kind) -> &'static str| -> ArrayRef {
            let values = all.iter().map(|person| Some(of(&person.1)));
            Arc::new(values.collect::<StringArray>())
        };
        let number = |of: fn(&(u64, Kind, i64)) -> i64| -> ArrayRef {
            Arc::new(
                all.iter()
                    .map(|person| Some(of(person)))
                    .collect::<Int64Array>(),
            )
        };
        let population: [(&str, ArrayRef); 6] = [
            ("nr", Arc::new(numbers)),
            ("area", text(|kind| AREAS[kind.area])),
            ("sex", text(|kind| SEXES[kind.sex])),
            ("age", number(|person| person.1.age)),
            ("flag", number(|person| person.1.flag)),
            ("amount", number(|person| person.2)),
        ];
        let numbers: UInt64Array = found.map(|person| Some(person.0)).collect();
        let tax: [(&str, ArrayRef); 2] = [
            ("nr", Arc::new(numbers)),
            ("income", Arc::new(incomes.collect::<Int64Array>())),
        ];
        let of = |columns| RecordBatch::try_from_iter(columns).expect("columns of one length");
        [of(population.to_vec()), of(tax.to_vec())]
    }
}

/// What a table is by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Dimension {
    Area,
    Region,
    Sex,
    Flag,
    /// From each of these ages on another.
    Ages(Vec<i64>),
    Found,
    /// From each of these incomes on another; who has none is in one of its own.
    Incomes(Vec<i64>),
}

impl Dimension {
    pub(crate) fn name(&self) -> String {
        let cut = |name: &str, edges: &[i64]| {
            let edges: Vec<String> = edges.iter().map(i64::to_string).collect();
            format!("{name}_{}", edges.join("_"))
        };
        match self {
            Self::Area => "area".to_owned(),
            Self::Region => "region".to_owned(),
            Self::Sex => "sex".to_owned(),
            Self::Flag => "flagged".to_owned(),
            Self::Ages(edges) => cut("age", edges),
            Self::Found => "found".to_owned(),
            Self::Incomes(edges) => cut("income", edges),
        }
    }

    pub(crate) fn is_of_tax(&self) -> bool {
        matches!(self, Self::Found | Self::Incomes(_))
    }

    pub(crate) fn category(&self, kind: &Kind) -> String {
        let band = |value: i64, edges: &[i64]| {
            format!("g{}", edges.iter().filter(|edge| **edge <= value).count())
        };
        match self {
            Self::Area => AREAS[kind.area].to_owned(),
            Self::Region => REGIONS[kind.area].to_owned(),
            Self::Sex => SEXES[kind.sex].to_owned(),
            Self::Flag => ["N", "Y"][kind.flag as usize].to_owned(),
            Self::Ages(edges) => band(kind.age, edges),
            Self::Found => (kind.income != Income::NotFound).to_string(),
            Self::Incomes(edges) => match kind.income {
                Income::Of(income) => band(income, edges),
                Income::NotFound | Income::Missing => "none".to_owned(),
            },
        }
    }
}

/// What the persons of a conditional count satisfy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Test {
    AgeBelow(i64),
    AgeFrom(i64),
    Flagged,
    HasIncome(bool),
    IncomeBelow(i64),
    IncomeFrom(i64),
    IncomeIs(i64),
}

impl Test {
    pub(crate) fn is_of_tax(self) -> bool {
        !matches!(self, Self::AgeBelow(_) | Self::AgeFrom(_) | Self::Flagged)
    }

    pub(crate) fn holds(self, kind: &Kind) -> bool {
        let income = match kind.income {
            Income::Of(income) => Some(income),
            Income::NotFound | Income::Missing => None,
        };
        match self {
            Self::AgeBelow(age) => kind.age < age,
            Self::AgeFrom(age) => kind.age >= age,
            Self::Flagged => kind.flag == 1,
            Self::HasIncome(has) => income.is_some() == has,
            Self::IncomeBelow(than) => income.is_some_and(|income| income < than),
            Self::IncomeFrom(from) => income.is_some_and(|income| income >= from),
            Self::IncomeIs(is) => income == Some(is),
        }
    }

    pub(crate) fn text(self) -> String {
        match self {
            Self::AgeBelow(age) => format!("{{ column = 'pop.age', below = {age} }}"),
            Self::AgeFrom(age) => format!("{{ column = 'pop.age', at_least = {age} }}"),
            Self::Flagged => "{ column = 'pop.flag', equals = 1 }".to_owned(),
            Self::HasIncome(has) => format!("{{ column = 'tax.income', present = {has} }}"),
            Self::IncomeBelow(than) => format!("{{ column = 'tax.income', below = {than} }}"),
            Self::IncomeFrom(from) => format!("{{ column = 'tax.income', at_least = {from} }}"),
            Self::IncomeIs(is) => format!("{{ column = 'tax.income', equals = {is} }}"),
        }
    }
}
