//! Random derived columns of a table.
//!
//! A column that is coarsened here, of rows that are not reduced, is used as
//! it is as well; otherwise the plan's checks ask for it to be coarsened
//! before it leaves the agency.

use super::columns::Kind;
use super::tables::{Operand, Table, is_coarse};

impl Table<'_, '_> {
    /// A derived column.
    pub(super) fn derive(&mut self) -> Operand {
        let name = self.draft.name('d');
        let way = self.below(12);
        if way == 0 && self.slots.len() > 1 {
            let slot = 1 + self.below(self.slots.len() - 1);
            let source = self.draft.sources[self.slots[slot].source].name;
            let (steps, kind, labels) = match self.one_in(2) {
                true => (
                    "type = 'category', map = { true = 'yes', false = 'no' }",
                    Kind::Category,
                    vec!["yes", "no"],
                ),
                false => ("type = 'boolean'", Kind::Boolean, Vec::new()),
            };
            self.derived
                .push(format!("{name} = {{ matched = '{source}', {steps} }}"));
            return Operand {
                slot,
                name,
                kind,
                labels,
                coarse: false,
            };
        }
        let numbers = [Kind::Integer, Kind::Decimal];
        let (from, coarsens, steps, kind): (Operand, bool, String, Kind) = match way {
            0..=2 => (
                self.any_operand(&[Kind::Category]),
                false,
                String::new(),
                Kind::Category,
            ),
            3 | 4 => {
                let from = self.any_operand(&[Kind::Category]);
                let rest = *self
                    .draft
                    .choices
                    .pick(&["otherwise = 'rest'", "invalid = 'missing'"]);
                let steps = format!(", map = {{ '{}' = 'one' }}, {rest}", from.labels[0]);
                (from, true, steps, Kind::Category)
            }
            5 => (
                self.any_operand(&[Kind::Category]),
                true,
                ", prefix = 1".to_owned(),
                Kind::Category,
            ),
            6 | 7 => {
                let bands = [
                    ", bands = [1, 4]",
                    ", bands = { edges = [0.5, 3], closed = 'right', labels = ['low', 'mid', 'top'] }",
                    ", bands = { edges = [0.5, 3], labels = ['some', 'more'] }, invalid = 'missing'",
                    ", clip = { at_least = 0.25 }, bands = { edges = [0, 3.125], labels = ['x', 'y'] }",
                ];
                let bands = *self.draft.choices.pick(&bands);
                (
                    self.any_operand(&numbers),
                    true,
                    bands.to_owned(),
                    Kind::Category,
                )
            }
            8 => (
                self.any_operand(&[Kind::Boolean]),
                false,
                String::new(),
                Kind::Category,
            ),
            9 => {
                let steps = ", truncate = 'year', clip = { at_most = 2024 }";
                (
                    self.any_operand(&[Kind::Date]),
                    true,
                    steps.to_owned(),
                    Kind::Integer,
                )
            }
            10 => {
                let steps = ", truncate = 'month'".to_owned();
                (self.any_operand(&[Kind::Date]), true, steps, Kind::Date)
            }
            _ => {
                let steps = ", clip = { at_least = 0, at_most = 3 }".to_owned();
                (
                    self.any_operand(&[Kind::Integer]),
                    true,
                    steps,
                    Kind::Integer,
                )
            }
        };
        if coarsens && self.slots[from.slot].reduce.is_none() {
            match numbers.contains(&from.kind) {
                true => self.measure_of(&from),
                false => self.add_condition(&from),
            }
        }
        let absent = match kind == Kind::Category && (!coarsens || self.one_in(2)) {
            true => ", absent = 'none'",
            false => "",
        };
        let coarse = is_coarse(&steps);
        let type_name = format!("{kind:?}").to_lowercase();
        self.derived.push(format!(
            "{name} = {{ from = '{}', type = '{type_name}'{steps}{absent} }}",
            from.name
        ));
        let labels = match coarsens {
            _ if kind != Kind::Category => Vec::new(),
            true => vec!["one", "rest", "low", "some", "x", "under 1", "none"],
            false => from.labels,
        };
        Operand {
            slot: from.slot,
            name,
            kind,
            labels,
            coarse,
        }
    }
}
