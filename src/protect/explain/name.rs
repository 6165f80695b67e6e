//! One figure by its names: where it is, and how cells are called.

use std::collections::BTreeMap;

use super::unknown;
use crate::error::Result;
use crate::plan::table::{Grain, MethodPlan, TOTAL};
use crate::protect::figures::ConfidentialFigures;
use crate::protect::view::CellLocation;
use crate::table::counted::HOLDS;
use crate::table::{Block, Confidential, Dimension, Place, Population, Table};

/// A figure of a release, by its names.
///
/// # Examples
///
/// ```
/// use kobling::protect::FigureName;
///
/// // Deaths of women in a county: the total of all other dimensions.
/// let name = FigureName::new("mortality", "deaths")
///     .category("sex", Some("female"))
///     .at_level("municipality", "county", Some("03"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FigureName {
    table: String,
    measure: String,
    /// By dimension the level, if it is not the dimension itself, and the category.
    cell: BTreeMap<String, (Option<String>, Option<String>)>,
}

/// Where a figure is among a plan's tables.
#[derive(Debug, Clone, Copy)]
pub(super) struct FigureLocation {
    pub(super) table: usize,
    pub(super) block: usize,
    pub(super) cell: usize,
    pub(super) measure: usize,
}

impl FigureName {
    /// The grand total of a measure of a table, until there are categories.
    pub fn new(table: impl Into<String>, measure: impl Into<String>) -> Self {
        Self {
            table: table.into(),
            measure: measure.into(),
            cell: BTreeMap::new(),
        }
    }

    /// Of one category of a dimension; none is that of missing values.
    #[must_use]
    pub fn category(mut self, dimension: impl Into<String>, category: Option<&str>) -> Self {
        let category = category.map(str::to_owned);
        self.cell.insert(dimension.into(), (None, category));
        self
    }

    /// Of one category of a coarser level of a dimension.
    #[must_use]
    pub fn at_level(
        mut self,
        dimension: impl Into<String>,
        level: impl Into<String>,
        category: Option<&str>,
    ) -> Self {
        let category = category.map(str::to_owned);
        let level = Some(level.into());
        self.cell.insert(dimension.into(), (level, category));
        self
    }

    /// Of one category of what `place` names: a dimension, or a coarser level as
    /// `dimension.level`. An empty category is that of missing values.
    ///
    /// # Examples
    ///
    /// ```
    /// use kobling::protect::FigureName;
    ///
    /// let name = FigureName::new("mortality", "deaths").at("municipality.county", "03");
    /// let county = FigureName::new("mortality", "deaths");
    /// assert_eq!(name, county.at_level("municipality", "county", Some("03")));
    /// ```
    #[must_use]
    pub fn at(self, place: &str, category: &str) -> Self {
        let category = Some(category).filter(|category| !category.is_empty());
        match place.split_once('.') {
            Some((dimension, level)) => self.at_level(dimension, level, category),
            None => self.category(place, category),
        }
    }

    /// Where the figure is.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Protection`](crate::ErrorKind::Protection) if it is nowhere.
    pub(super) fn location(&self, figures: &ConfidentialFigures) -> Result<FigureLocation> {
        let mut plans = figures.plan.tables().iter();
        let table = plans.position(|plan| plan.name == self.table);
        let table = table.ok_or_else(|| unknown("the plan has no table of this name"))?;
        let plan = &figures.plan.tables()[table];
        let unknown = |rule: &str| unknown(rule).in_table(&plan.name);
        if plan.method != MethodPlan::Suppress {
            let rule = "its figures are not suppressed: there is nothing to explain";
            return Err(unknown(rule).help("`method = \"suppress\"` suppresses"));
        }
        let mut measures = plan.measures.iter();
        let measure = measures.position(|measure| measure.name == self.measure);
        let measure = measure.ok_or_else(|| unknown("it has no measure of this name"))?;
        let dimensions = &figures.tables[table].dimensions;
        let grouping = self.grouping(dimensions).map_err(|rule| unknown(&rule))?;
        for (at, block) in figures.tables[table].blocks.iter().enumerate() {
            let visible = &block.grouping[..grouping.len()];
            if visible != grouping || !block.publishes(measure) {
                continue;
            }
            let cell = (0..block.cells.len())
                .find(|cell| !block.is_hidden(*cell) && self.is_in(dimensions, block, *cell));
            let cell = cell.ok_or_else(|| unknown("it has no row of these categories"))?;
            return Ok(FigureLocation {
                table,
                block: at,
                cell,
                measure,
            });
        }
        Err(unknown("it has no rows by these dimensions").help(
            "name a category of each dimension, but of those that the table has totals over (`margins`)",
        ))
    }

    /// The grain of each visible dimension.
    fn grouping(&self, dimensions: &[Dimension]) -> std::result::Result<Vec<Grain>, String> {
        let visible = dimensions.iter().filter(|dimension| !dimension.hidden);
        if let Some(unknown) = self.cell.keys().find(|name| {
            let mut visible = visible.clone();
            !visible.any(|dimension| dimension.name == **name)
        }) {
            return Err(format!("it has no dimension `{unknown}`"));
        }
        let grains = visible.map(|dimension| match self.cell.get(&dimension.name) {
            None => Ok(Grain::Total),
            Some((None, _)) => Ok(Grain::Own),
            Some((Some(level), _)) if *level == dimension.name => Ok(Grain::Own),
            Some((Some(level), _)) => {
                let mut levels = dimension.levels.iter();
                let at = levels.position(|own| own.name == *level);
                let rule = || format!("its dimension `{}` has no such level", dimension.name);
                at.map(Grain::Level).ok_or_else(rule)
            }
        });
        grains.collect()
    }

    fn is_in(&self, dimensions: &[Dimension], block: &Block<Confidential>, cell: usize) -> bool {
        let (place, _) = &block.cells[cell];
        let places = dimensions.iter().zip(&block.grouping).zip(place);
        let mut named =
            places.filter(|((dimension, grain), _)| !dimension.hidden && **grain != Grain::Total);
        named.all(|((dimension, grain), ordinal)| {
            let wanted = self.cell.get(&dimension.name);
            wanted.is_some_and(|(_, wanted)| dimension.category(*grain, *ordinal) == *wanted)
        })
    }
}

/// By dimension the category of a cell; `total` where it is all of them.
pub(super) fn of_cell(
    table: &Table<Confidential>,
    location: CellLocation,
) -> BTreeMap<String, Option<String>> {
    let block = &table.blocks[location.block];
    let (place, _) = &block.cells[location.cell];
    let places = table.dimensions.iter().zip(&block.grouping).zip(place);
    let categories = places.filter_map(|((dimension, grain), ordinal)| {
        let category = match grain {
            Grain::Total if dimension.hidden => return None,
            Grain::Total => Some(TOTAL.to_owned()),
            _ if dimension.hidden => Some(holds(*ordinal)),
            _ => dimension.category(*grain, *ordinal),
        };
        Some((dimension.name.clone(), category))
    });
    categories.collect()
}

/// By dimension, as the first of a population's tables calls it that has it, the category of
/// an inner cell.
pub(super) fn of_inner(
    population: &Population,
    tables: &[Table<Confidential>],
    place: &Place,
) -> BTreeMap<String, Option<String>> {
    let mut names = BTreeMap::new();
    let mut named = vec![false; place.len()];
    for member in &population.members {
        let dimensions = tables[member.table].dimensions.iter().enumerate();
        for (at, dimension) in dimensions {
            if std::mem::replace(&mut named[member.dimensions[at]], true) {
                continue;
            }
            let ordinal = member.ordinal(at, place);
            let category = match dimension.hidden {
                true => Some(holds(ordinal)),
                false => dimension.category(Grain::Own, ordinal),
            };
            let name = match names.contains_key(&dimension.name) {
                true => format!("{}.{}", tables[member.table].name, dimension.name),
                false => dimension.name.clone(),
            };
            names.insert(name, category);
        }
    }
    names
}

/// Whether a condition holds, in words.
fn holds(ordinal: i64) -> String {
    let words = if ordinal == HOLDS {
        "holds"
    } else {
        "does not hold"
    };
    words.to_owned()
}
