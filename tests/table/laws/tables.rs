//! Random tables of a world: look-ups, reductions, derived columns, measures and rules.
//!
//! Every use of a column asks the draft for one, so that no column is there
//! unused.

use super::columns::Kind;
use super::generate::Draft;

/// A source in its part as base or look-up.
pub(super) struct Slot {
    pub(super) source: usize,
    /// Reductions by column, and what they give; `None` if rows are taken as they are.
    pub(super) reduce: Option<Vec<(String, &'static str, Kind)>>,
    order_by: Option<String>,
    conditions: Vec<String>,
    on: Vec<String>,
    required: bool,
}

/// A column that a table can use.
#[derive(Clone)]
pub(super) struct Operand {
    pub(super) slot: usize,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) labels: Vec<&'static str>,
    /// Whether a number or date may be a dimension.
    pub(super) coarse: bool,
}

pub(super) struct Table<'d, 'c> {
    pub(super) draft: &'d mut Draft<'c>,
    pub(super) slots: Vec<Slot>,
    pub(super) derived: Vec<String>,
    conditions: Vec<String>,
    match_by: Vec<String>,
    by: Vec<String>,
    measures: Vec<String>,
    measure_names: Vec<String>,
}

/// Draws a table that links `sources`, as TOML.
pub(super) fn table(draft: &mut Draft<'_>, name: &str, sources: &[usize]) -> String {
    let mut order = sources.to_vec();
    draft.choices.shuffle(&mut order);
    let mut table = Table {
        draft,
        slots: Vec::new(),
        derived: Vec::new(),
        conditions: Vec::new(),
        match_by: Vec::new(),
        by: Vec::new(),
        measures: Vec::new(),
        measure_names: Vec::new(),
    };
    for (place, source) in order.into_iter().enumerate() {
        table.add_slot(source, place == 0);
    }
    if table.slots.len() > 1 && table.one_in(2) {
        table.add_match_rates();
    }
    for _ in 0..*table.draft.choices.pick(&[0, 1, 1, 2, 2, 3]) {
        table.add_dimension();
    }
    for _ in 0..1 + table.draft.choices.below(4) {
        table.add_measure();
    }
    if table.draft.choices.one_in(3) {
        let operand = match table.draft.choices.one_in(2) {
            true => table.derive(),
            false => table.any_operand(&Kind::ALL),
        };
        table.add_condition(&operand);
    }
    table.toml(name)
}

impl Table<'_, '_> {
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.draft.choices.below(n)
    }

    pub(super) fn one_in(&mut self, n: usize) -> bool {
        self.draft.choices.one_in(n)
    }

    fn add_slot(&mut self, source: usize, is_base: bool) {
        let many = self.draft.sources[source].many;
        let reduced = many && (!is_base || self.one_in(3));
        let mut slot = Slot {
            source,
            reduce: reduced.then(Vec::new),
            order_by: None,
            conditions: Vec::new(),
            on: Vec::new(),
            required: self.one_in(3),
        };
        if self.one_in(4) {
            let kind = *self.draft.choices.pick(&Kind::ALL);
            let column = self.draft.column(source, kind);
            let column = &self.draft.sources[source].columns[column];
            let (name, labels) = (column.name.clone(), column.labels.clone());
            slot.conditions.push(self.condition(&name, kind, &labels));
        }
        if !is_base && self.slots[0].reduce.is_none() && self.one_in(3) {
            let base = self.slots[0].source;
            for _ in 0..1 + self.below(2) {
                slot.on.push(self.draft.shared_column(base, source));
            }
        }
        self.slots.push(slot);
    }

    /// A column of `kind` in a slot.
    fn operand(&mut self, slot: usize, kind: Kind) -> Operand {
        let source = self.slots[slot].source;
        let source_name = self.draft.sources[source].name;
        if self.slots[slot].reduce.is_none() {
            let column = self.draft.column(source, kind);
            let column = &self.draft.sources[source].columns[column];
            let name = format!("{source_name}.{}", column.name);
            return Operand {
                slot,
                name,
                kind,
                labels: column.labels.clone(),
                coarse: is_coarse(&column.recipe),
            };
        }
        let ways: &[&str] = match kind {
            Kind::Category => &["first", "last"],
            Kind::Integer => &["sum", "count", "min", "max", "first", "last", "rows"],
            Kind::Decimal => &["sum", "min", "max", "first", "last"],
            Kind::Boolean => &["any", "first", "last"],
            Kind::Date => &["min", "max", "first", "last"],
        };
        let by = *self.draft.choices.pick(ways);
        if by == "rows" {
            let reduce = self.slots[slot].reduce.as_mut().unwrap();
            if !reduce.iter().any(|(name, ..)| name == "rows") {
                reduce.push(("rows".to_owned(), "count", kind));
            }
            let name = format!("{source_name}.rows");
            return Operand {
                slot,
                name,
                kind,
                labels: Vec::new(),
                coarse: false,
            };
        }
        if matches!(by, "first" | "last") && self.slots[slot].order_by.is_none() {
            let kind = *self.draft.choices.pick(&Kind::ALL);
            let column = self.draft.column(source, kind);
            let name = self.draft.sources[source].columns[column].name.clone();
            self.slots[slot].order_by = Some(name);
        }
        let folded = match by {
            "count" => *self.draft.choices.pick(&Kind::ALL),
            _ => kind,
        };
        let column = self.draft.new_column(source, folded);
        let column = &self.draft.sources[source].columns[column];
        let reduce = self.slots[slot].reduce.as_mut().unwrap();
        reduce.push((column.name.clone(), by, kind));
        let name = format!("{source_name}.{}", column.name);
        let labels = match folded == kind {
            true => column.labels.clone(),
            false => Vec::new(),
        };
        let coarse = !matches!(by, "sum" | "count") && is_coarse(&column.recipe);
        Operand {
            slot,
            name,
            kind,
            labels,
            coarse,
        }
    }

    pub(super) fn any_operand(&mut self, kinds: &[Kind]) -> Operand {
        let slot = self.below(self.slots.len());
        let kind = *self.draft.choices.pick(kinds);
        self.operand(slot, kind)
    }

    /// One or two categories of the base that match rates are reported by.
    fn add_match_rates(&mut self) {
        for _ in 0..1 + self.below(2) {
            let name = self.operand(0, Kind::Category).name;
            if !self.match_by.contains(&name) {
                self.match_by.push(name);
            }
        }
    }

    fn add_dimension(&mut self) {
        let kinds = [
            Kind::Category,
            Kind::Boolean,
            Kind::Category,
            Kind::Integer,
            Kind::Date,
        ];
        let operand = match self.one_in(2) {
            true => self.derive(),
            false => self.any_operand(&kinds),
        };
        let short = |name: &str| name.rsplit('.').next().map(str::to_owned);
        let taken = self
            .by
            .iter()
            .any(|other| short(other) == short(&operand.name));
        // `rows` is the name of a measure.
        let fine = matches!(operand.kind, Kind::Integer | Kind::Date) && !operand.coarse;
        if taken || fine || operand.kind == Kind::Decimal || operand.name.ends_with(".rows") {
            return self.add_condition(&operand);
        }
        self.by.push(operand.name);
    }

    fn add_measure(&mut self) {
        match self.below(5) {
            0 => self.measure("persons = true", "persons".to_owned()),
            1 => self.measure("rows = true", "rows".to_owned()),
            _ => {
                let operand = self.any_operand(&[Kind::Decimal, Kind::Integer]);
                self.measure_of(&operand);
            }
        }
    }

    pub(super) fn measure_of(&mut self, operand: &Operand) {
        let what = *self.draft.choices.pick(&["sum", "mean"]);
        let short = operand.name.rsplit('.').next().unwrap();
        self.measure(
            &format!("{what} = '{}'", operand.name),
            format!("{what}_{short}"),
        );
    }

    fn measure(&mut self, what: &str, default: String) {
        let taken = self.measure_names.contains(&default);
        if taken || self.one_in(4) {
            let name = self.draft.name('m');
            self.measures.push(format!("{{ {what}, as = '{name}' }}"));
            self.measure_names.push(name);
        } else {
            self.measures.push(format!("{{ {what} }}"));
            self.measure_names.push(default);
        }
    }

    pub(super) fn add_condition(&mut self, operand: &Operand) {
        let condition = self.condition(&operand.name, operand.kind, &operand.labels);
        self.conditions.push(condition);
    }

    /// A condition that most rows satisfy.
    fn condition(&mut self, column: &str, kind: Kind, labels: &[&str]) -> String {
        let tests: &[&str] = match kind {
            Kind::Category | Kind::Boolean => &["present = true"],
            Kind::Integer => &[
                "at_least = 1",
                "below = 9",
                "above = -2, at_most = 8",
                "one_of = [0, 3, 2, 2024]",
            ],
            Kind::Decimal => &[
                "at_least = 0.5",
                "above = 0.5",
                "below = 10",
                "equals = 1.25",
            ],
            Kind::Date => &[
                "at_least = 2024-01-15",
                "below = 2025-06-01",
                "above = 2023-06-15, at_most = 2024-02-29",
            ],
        };
        let test = match self.below(16) {
            0 | 1 => "present = true".to_owned(),
            2 => "present = false".to_owned(),
            3..9 if labels.len() > 1 => format!("one_of = ['{}', '{}']", labels[0], labels[1]),
            9 if !labels.is_empty() => format!("equals = '{}'", labels[0]),
            3..9 if kind == Kind::Boolean => "equals = true".to_owned(),
            _ => (*self.draft.choices.pick(tests)).to_owned(),
        };
        format!("{{ column = '{column}', {test} }}")
    }

    fn toml(mut self, name: &str) -> String {
        let mut text = format!("[table.{name}]\n");
        let mut with = String::new();
        for (place, slot) in self.slots.iter().enumerate() {
            let source = self.draft.sources[slot.source].name;
            let mut parts = Vec::new();
            if place > 0 {
                let need = if slot.required {
                    "required"
                } else {
                    "optional"
                };
                parts.push(format!("need = '{need}'"));
                if !slot.on.is_empty() {
                    parts.push(format!("on = {:?}", slot.on));
                }
            }
            if !slot.conditions.is_empty() {
                parts.push(format!("where = [{}]", slot.conditions.join(", ")));
            }
            if let Some(reduce) = &slot.reduce {
                let folds = reduce
                    .iter()
                    .map(|(name, by, _)| format!("{name} = '{by}'"));
                parts.push(format!(
                    "reduce = {{ {} }}",
                    folds.collect::<Vec<_>>().join(", ")
                ));
            }
            if let Some(order) = &slot.order_by {
                parts.push(format!("order_by = '{order}'"));
            }
            let parts = parts.join(", ");
            match place {
                0 if parts.is_empty() => text += &format!("from = '{source}'\n"),
                0 => text += &format!("from = '{source}'\nbase = {{ {parts} }}\n"),
                _ => with += &format!("{source} = {{ {parts} }}\n"),
            }
        }
        text += &format!("by = {:?}\n", self.by);
        if !self.match_by.is_empty() {
            let margin = ["", ", margin = 0", ", margin = 12.5"][self.below(3)];
            text += &format!("match_rates = {{ by = {:?}{margin} }}\n", self.match_by);
        }
        text += &format!(
            "sensitive = []\nmeasures = [{}]\n",
            self.measures.join(", ")
        );
        if !self.conditions.is_empty() {
            text += &format!("where = [{}]\n", self.conditions.join(", "));
        }
        if !with.is_empty() {
            text += &format!("[table.{name}.with]\n{with}");
        }
        if !self.derived.is_empty() {
            text += &format!("[table.{name}.columns]\n{}\n", self.derived.join("\n"));
        }
        text += &format!("[table.{name}.protect]\nmethod = 'suppress'\n");
        text += &format!("min_persons = {}\n", 3 + self.below(4));
        let adds = self
            .measures
            .iter()
            .any(|m| m.contains("sum =") || m.contains("mean ="));
        let dominance = self.one_in(3);
        if dominance {
            let (n, percent) = (1 + self.below(3), [85, 50, 70][self.below(3)]);
            text += &format!("dominance = {{ n = {n}, percent = {percent}.5 }}\n");
        }
        if self.one_in(3) || (adds && !dominance) {
            text += &format!("p_percent = {}\n", [10, 50, 99][self.below(3)]);
        }
        text
    }
}

/// Whether a recipe leaves few enough numbers or dates for a dimension.
pub(super) fn is_coarse(recipe: &str) -> bool {
    let clipped =
        recipe.contains("clip") && recipe.contains("at_least") && recipe.contains("at_most");
    clipped || recipe.contains("truncate")
}
