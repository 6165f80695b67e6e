//! What an attacker knows: the release as equations and bounds.

mod money;

use crate::cells::{Cells, Set};
use crate::model::{Model, NEAR};
use crate::names::Floor;
use crate::published::Published;
use crate::world::{Measure, World};

/// The status of a figure that the plan publishes in spite of the rules.
const EXCEPTED: &str = "excepted";

/// Which rows a release lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listing {
    /// All combinations: that one is listed says nothing.
    Complete,
    /// Only rows that somebody is in.
    NonEmpty,
}

/// What is used of a release, and what is known beside it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Knowledge {
    pub(crate) listing: Listing,
    /// What the listing of names says.
    pub(crate) names: bool,
    /// The status distinguishes a figure that is unsafe from one that is suppressed
    /// for the sake of others.
    pub(crate) reasons: bool,
    /// Declared names have `min_persons` persons too.
    pub(crate) all_names_frequent: bool,
    /// Counts with a condition are published wherever they are safe and all
    /// persons are published, whoever does not satisfy it.
    pub(crate) complements: bool,
    /// Means are published of all cells of which sums are.
    pub(crate) companions: bool,
    /// So many of the tables are out, the first ones.
    pub(crate) out: usize,
    /// The tables are of several releases: that somebody is alone by all of them together
    /// nobody knows who is alone by none.
    pub(crate) apart: bool,
    /// Contributors are asked what they know of sums.
    pub(crate) insider_sums: bool,
}

impl Knowledge {
    pub(crate) fn of(listing: Listing) -> Self {
        Self {
            listing,
            names: true,
            reasons: false,
            all_names_frequent: false,
            complements: false,
            companions: false,
            out: usize::MAX,
            apart: false,
            insider_sums: true,
        }
    }
}

/// A world and its release, as an attacker puts them together.
pub(crate) struct Known<'a> {
    pub(crate) world: &'a World,
    pub(crate) tables: &'a [Published],
    pub(crate) cells: &'a Cells,
    pub(crate) knowledge: Knowledge,
    /// The variables of classes: numbers of persons, or of rows where a person
    /// may have several.
    pub(crate) model: Model,
    pub(crate) counts: Vec<usize>,
    /// What classes sum up to: a variable to add, and one to subtract.
    pub(crate) sums: Vec<(Option<usize>, Option<usize>)>,
    /// What sums are counted in: so they are about as large as numbers of rows.
    pub(crate) unit: f64,
    /// Where persons have several rows: the number of persons of each set.
    pub(crate) persons: Vec<usize>,
}

impl<'a> Known<'a> {
    /// # Errors
    ///
    /// What the release contradicts.
    pub(crate) fn new(
        world: &'a World,
        tables: &'a [Published],
        cells: &'a Cells,
        knowledge: Knowledge,
    ) -> Result<Self, String> {
        let mut known = Self {
            world,
            tables,
            cells,
            knowledge,
            model: Model::default(),
            counts: Vec::new(),
            sums: Vec::new(),
            unit: 1.0,
            persons: Vec::new(),
        };
        let mut truth = vec![0.0; cells.classes];
        for row in 0..world.rows.len() {
            truth[cells.class_of_row(world, row)] += 1.0;
        }
        for (class, truth) in truth.into_iter().enumerate() {
            let most = match cells.impossible.contains(&class) {
                true => 0.0,
                false => f64::INFINITY,
            };
            let variable = known.model.variable(0.0, most, true, truth);
            known.counts.push(variable);
        }
        if world.many {
            known.persons_of_sets();
        }
        known.lines();
        if knowledge.names {
            known.names();
        }
        known.settle("counts")?;
        if world.has_money() {
            known.money();
            known.settle("sums")?;
        }
        Ok(known)
    }

    /// Whether the singleton of a class knows to be one.
    pub(crate) fn knows_to_be_singleton(&self, person: u64) -> bool {
        let is_singleton = |set: &Set| set.persons.len() == 1 && set.persons[0].person == person;
        !self.knowledge.apart || self.cells.sets.iter().any(is_singleton)
    }

    fn settle(&mut self, what: &str) -> Result<(), String> {
        if !self.model.tighten() || !self.model.holds(&self.model.truth) {
            return Err(format!("the release contradicts the true {what}"));
        }
        Ok(())
    }

    /// The number of persons, or rows, of classes.
    pub(crate) fn count(&self, classes: &[usize]) -> Vec<(usize, f64)> {
        classes
            .iter()
            .map(|class| (self.counts[*class], 1.0))
            .collect()
    }

    /// The number of persons in a set.
    pub(crate) fn persons_in(&self, set: usize) -> Vec<(usize, f64)> {
        match self.world.many {
            true => vec![(self.persons[set], 1.0)],
            false => self.count(&self.cells.classes_of(set, |_| true)),
        }
    }

    /// The number of rows of a set.
    pub(crate) fn rows_in(&self, set: usize) -> Vec<(usize, f64)> {
        self.count(&self.cells.classes_of(set, |_| true))
    }

    /// Persons of a set who satisfy a condition, or who do not.
    pub(crate) fn satisfying(
        &self,
        set: usize,
        condition: usize,
        wanted: bool,
    ) -> Vec<(usize, f64)> {
        let classes = self
            .cells
            .classes_of(set, |pattern| (pattern >> condition & 1 == 1) == wanted);
        self.count(&classes)
    }

    /// Rows of a set with an amount.
    pub(crate) fn contributing(&self, set: usize) -> Vec<(usize, f64)> {
        match self.world.lacks {
            true => self.satisfying(set, self.world.conditions, true),
            false => self.rows_in(set),
        }
    }

    /// What a set's rows sum up to.
    pub(crate) fn sum_of(&self, set: usize) -> Vec<(usize, f64)> {
        let classes = self.cells.classes_of(set, |_| true);
        let of_class = |class: &usize| {
            let (plus, minus) = self.sums[*class];
            let plus = plus.map(|plus| (plus, self.unit)).into_iter();
            plus.chain(minus.map(|minus| (minus, -self.unit)))
        };
        classes.iter().flat_map(of_class).collect()
    }

    /// Persons with several rows do not add up: no set has fewer than any part
    /// of it, nor more than its parts together, nor than it has rows.
    fn persons_of_sets(&mut self) {
        let sets = &self.cells.sets;
        for set in sets {
            let truth = set.count() as f64;
            self.persons
                .push(self.model.variable(0.0, f64::INFINITY, true, truth));
        }
        for (at, set) in sets.iter().enumerate() {
            let mut terms = self.rows_in(at);
            terms.push((self.persons[at], -1.0));
            self.model.row(terms, 0.0, f64::INFINITY);
            let size = |set: &Set| set.members.iter().filter(|is_in| **is_in).count();
            let parts: Vec<usize> = (0..sets.len())
                .filter(|other| {
                    size(&sets[*other]) < size(set) && is_part(&sets[*other].members, &set.members)
                })
                .collect();
            for &part in &parts {
                // Of a part of a part it follows.
                let between = |other: &usize| {
                    size(&sets[*other]) > size(&sets[part])
                        && is_part(&sets[part].members, &sets[*other].members)
                };
                if !parts.iter().any(between) {
                    self.model.row(
                        vec![(self.persons[at], 1.0), (self.persons[part], -1.0)],
                        0.0,
                        f64::INFINITY,
                    );
                }
            }
        }
        // Lines of one grouping that make up another line.
        for (table, published) in self.tables.iter().enumerate() {
            let of_line = &self.cells.of_line[table];
            let grains = |line: usize| {
                published.lines[line]
                    .at
                    .iter()
                    .map(|at| at.0)
                    .collect::<Vec<_>>()
            };
            let mut groupings: Vec<Vec<_>> = (0..of_line.len()).map(grains).collect();
            groupings.sort();
            groupings.dedup();
            for (line, &whole) in of_line.iter().enumerate() {
                for grouping in &groupings {
                    // Finer in one dimension: what is finer still follows.
                    let own = grains(line);
                    let finer = grouping.iter().zip(&own).filter(|(a, b)| a != b).count();
                    if finer != 1 || grouping.iter().zip(&own).any(|(a, b)| a > b) {
                        continue;
                    }
                    let parts: Vec<usize> = (0..of_line.len())
                        .filter(|part| grains(*part) == *grouping)
                        .map(|part| of_line[part])
                        .filter(|part| is_part(&sets[*part].members, &sets[whole].members))
                        .collect();
                    let size =
                        |set: usize| sets[set].members.iter().filter(|is_in| **is_in).count();
                    let covered: usize = parts.iter().map(|part| size(*part)).sum();
                    if covered == size(whole) && parts.len() > 1 {
                        let mut terms: Vec<(usize, f64)> = parts
                            .iter()
                            .map(|part| (self.persons[*part], 1.0))
                            .collect();
                        terms.push((self.persons[whole], -1.0));
                        self.model.row(terms, 0.0, f64::INFINITY);
                    }
                }
            }
        }
    }

    /// What each line says of numbers of persons and rows.
    fn lines(&mut self) {
        let exact = |model: &mut Model, terms, value: f64| model.row(terms, value, value);
        let tables = self.world.tables.iter().enumerate();
        for (number, table) in tables.take(self.knowledge.out) {
            let min_persons = table.min_persons as f64;
            for (line, &set) in self.tables[number]
                .lines
                .iter()
                .zip(&self.cells.of_line[number])
            {
                let truth = &self.cells.sets[set];
                let persons = truth.count();
                if self.knowledge.listing == Listing::NonEmpty {
                    let (low, high) = match persons {
                        0 => (0.0, 0.0),
                        _ => (1.0, f64::INFINITY),
                    };
                    let terms = self.persons_in(set);
                    self.model.row(terms, low, high);
                }
                let by_measure = table.measures.iter().zip(&line.figures);
                let hides_persons = by_measure.clone().any(|(measure, figure)| {
                    *measure == Measure::Persons && figure.value.is_none()
                });
                for (measure, figure) in by_measure {
                    match (measure, figure.value) {
                        (Measure::Persons, Some(value)) => {
                            let terms = self.persons_in(set);
                            exact(&mut self.model, terms, value);
                            if value == 0.0 {
                                let terms = self.rows_in(set);
                                exact(&mut self.model, terms, 0.0);
                            }
                        }
                        (Measure::Rows, Some(value)) => {
                            let terms = self.rows_in(set);
                            exact(&mut self.model, terms, value);
                            if self.world.many && value > 0.0 {
                                let least = match figure.status.as_str() {
                                    EXCEPTED => 1.0,
                                    _ => min_persons,
                                };
                                let terms = self.persons_in(set);
                                self.model.row(terms, least, f64::INFINITY);
                            }
                        }
                        (Measure::Where(condition), Some(value)) => {
                            let terms = self.satisfying(set, *condition, true);
                            exact(&mut self.model, terms, value);
                        }
                        (Measure::Persons, None) if self.knowledge.reasons => {
                            let (low, high) = match persons {
                                0 => (0.0, f64::INFINITY),
                                few if few < table.min_persons => (1.0, min_persons - 1.0),
                                _ => (min_persons, f64::INFINITY),
                            };
                            let terms = self.persons_in(set);
                            self.model.row(terms, low, high);
                        }
                        (Measure::Where(condition), None) if self.knowledge.complements => {
                            let satisfying = truth.satisfying(*condition);
                            if satisfying == 0 || satisfying >= table.min_persons {
                                let terms = self.satisfying(set, *condition, true);
                                exact(&mut self.model, terms, satisfying as f64);
                            }
                        }
                        // Of fewer a sum is suppressed, unless the plan publishes it in spite of
                        // the rules; and of nobody, where the number is.
                        (Measure::Sum | Measure::Mean, Some(value))
                            if self.world.lacks && (value != 0.0 || *measure == Measure::Mean) =>
                        {
                            let least = match figure.status.as_str() {
                                EXCEPTED => 1.0,
                                _ => min_persons,
                            };
                            let terms = self.contributing(set);
                            self.model.row(terms, least, f64::INFINITY);
                        }
                        (Measure::Sum | Measure::Mean, Some(value))
                            if !self.world.lacks && (value != 0.0 || hides_persons) =>
                        {
                            let least = match figure.status.as_str() {
                                EXCEPTED => 1.0,
                                _ => min_persons,
                            };
                            let terms = self.persons_in(set);
                            self.model.row(terms, least, f64::INFINITY);
                        }
                        _ => {}
                    }
                }
                // A share is of what is published beside it.
                for (measure, figure) in table.measures.iter().zip(&line.figures) {
                    if let (Measure::Share(condition), Some(share)) = (measure, figure.value) {
                        let mut terms = self.satisfying(set, *condition, true);
                        for (variable, factor) in self.persons_in(set) {
                            terms.push((variable, -factor * share / 100.0));
                        }
                        let off = NEAR * persons.max(1) as f64;
                        let terms = merged(terms);
                        self.model.row(terms, -off, off);
                    }
                }
            }
        }
    }

    /// What it says that a name is listed.
    fn names(&mut self) {
        let tables = self.world.tables.iter().enumerate();
        for (number, table) in tables.take(self.knowledge.out) {
            for &(set, floor) in &self.cells.of_name[number] {
                let persons = self.cells.sets[set].count();
                let terms = self.persons_in(set);
                let least = match floor {
                    Floor::Nobody => {
                        self.model.row(terms, 0.0, 0.0);
                        continue;
                    }
                    Floor::Frequent => table.min_persons,
                    Floor::Somebody => 1,
                    Floor::Declared if self.knowledge.all_names_frequent => {
                        persons.min(table.min_persons)
                    }
                    Floor::Declared => continue,
                };
                // Whether it is so is judged elsewhere.
                let least = least.min(persons);
                self.model.row(terms, least as f64, f64::INFINITY);
            }
        }
    }
}

fn is_part(part: &[bool], whole: &[bool]) -> bool {
    part.iter().zip(whole).all(|(part, whole)| !part || *whole)
}

/// With one term for each variable.
fn merged(terms: Vec<(usize, f64)>) -> Vec<(usize, f64)> {
    let mut by_variable = std::collections::BTreeMap::new();
    for (variable, factor) in terms {
        *by_variable.entry(variable).or_insert(0.0) += factor;
    }
    by_variable
        .into_iter()
        .filter(|(_, factor)| *factor != 0.0)
        .collect()
}
