//! Plans made in code: each part with what it must say; what it may say is set in its fields.
//!
//! A key of the language that is new some day is a new field, which who made a part
//! here does not have to know of. Nothing is checked before the plan is: a part is as
//! free to be wrong as a text is. Parts of a table's protection are made next to their structs.

use std::collections::BTreeMap;

use super::{
    ApprovalDocument, BandsDocument, ClipDocument, Closed, CodeListDocument, ColumnDocument,
    ConditionDocument, CountDocument, FormatDocument, IdentifierDocument, InvalidIdentifier,
    InvalidValue, LevelDocument, LookupDocument, MarginsDocument, MatchRatesDocument,
    MeasureDocument, Need, PartDocument, PlanDocument, ProjectDocument, ProtectDocument, Role,
    SensitiveDocument, SourceDocument, TableDocument, TypeName, ValidDocument, ValidFromDocument,
};
use crate::plan::Date;
use crate::plan::check::VERSION;
use crate::plan::scalar::Number;

impl PlanDocument {
    /// A plan of this version of the language, without sources and tables.
    ///
    /// # Examples
    ///
    /// ```
    /// use kobling::plan::document::{
    ///     ColumnDocument, IdentifierDocument, MeasureDocument, Method, ProjectDocument,
    ///     ProtectDocument, RowsPerPerson, SourceDocument, TableDocument, TypeName,
    ///     ValidDocument,
    /// };
    /// use kobling::plan::{Date, PlanDocument};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let valid = ValidDocument::new("2026-01-01".parse()?, "2027-12-31".parse()?);
    /// let mut project = ProjectDocument::new("wages-2026", 1, valid);
    /// project.title = "Persons by county".to_owned();
    /// project.purpose = "Statistics".to_owned();
    /// project.controller = "A ministry".to_owned();
    /// project.linkage_unit = "A statistics office".to_owned();
    /// project.recipient = "The public".to_owned();
    ///
    /// let identifier = IdentifierDocument::new("fnr", "no-fnr");
    /// let mut population = SourceDocument::new("A registry", identifier);
    /// population.legal_basis = vec!["GDPR art. 6(1)(e)".to_owned()];
    /// population.rows = Some(RowsPerPerson::One);
    /// let mut county = ColumnDocument::new("municipality", TypeName::Category);
    /// county.prefix = Some(2);
    /// population.columns.insert("county".to_owned(), county);
    ///
    /// let mut table = TableDocument::new("population", ProtectDocument::new(5, Method::Suppress));
    /// table.by = vec!["population.county".to_owned()];
    /// table.sensitive = Some(Vec::new());
    /// table.measures = vec![MeasureDocument::persons()];
    ///
    /// let mut document = PlanDocument::new(project);
    /// document.sources.insert("population".to_owned(), population);
    /// document.tables.insert("persons".to_owned(), table);
    /// let plan = document.check()?; // or all findings
    /// assert_eq!(plan.project(), "wages-2026");
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(project: ProjectDocument) -> Self {
        Self {
            version: VERSION,
            project,
            sources: BTreeMap::new(),
            tables: BTreeMap::new(),
        }
    }
}

impl ProjectDocument {
    /// A project of this id; its title, purpose and parties are still empty, which is a
    /// finding.
    pub fn new(id: impl Into<String>, epoch: u32, valid: ValidDocument) -> Self {
        Self {
            id: id.into(),
            epoch,
            title: String::new(),
            purpose: String::new(),
            purpose_code: None,
            controller: String::new(),
            linkage_unit: String::new(),
            recipient: String::new(),
            valid,
            reference_date: None,
            privacy_budget: None,
            approved: Vec::new(),
        }
    }
}

impl ValidDocument {
    /// From one day to another, both included.
    pub fn new(from: Date, until: Date) -> Self {
        Self { from, until }
    }
}

impl ApprovalDocument {
    /// The approval by an office, in the name of a person, on a day.
    pub fn new(by: impl Into<String>, name: impl Into<String>, on: Date) -> Self {
        Self {
            by: by.into(),
            name: name.into(),
            on,
        }
    }
}

impl SourceDocument {
    /// A register of an agency; its legal basis is still empty, which is a finding.
    pub fn new(agency: impl Into<String>, identifier: IdentifierDocument) -> Self {
        Self {
            role: Role::Register,
            agency: agency.into(),
            legal_basis: Vec::new(),
            format: FormatDocument::default(),
            identifier,
            current: None,
            valid_from: None,
            rows: None,
            keep: Vec::new(),
            columns: BTreeMap::new(),
        }
    }
}

impl ValidFromDocument {
    /// The register's column of the day, written as `YYYY-MM-DD`.
    pub fn new(column: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            format: None,
        }
    }
}

impl IdentifierDocument {
    /// The identifier in one column, of a type as plans name it, such as `no-fnr`.
    pub fn new(column: impl Into<String>, kind: impl Into<String>) -> Self {
        Self {
            column: Some(column.into()),
            kind: Some(kind.into()),
            ..Self::composite([])
        }
    }

    /// The identifier that several columns make up together.
    pub fn composite(columns: impl IntoIterator<Item = PartDocument>) -> Self {
        Self {
            column: None,
            kind: None,
            columns: columns.into_iter().collect(),
            kinds: None,
            control: None,
            hnr_control: None,
            missing: Vec::new(),
            synthetic: None,
            invalid: InvalidIdentifier::default(),
        }
    }
}

impl PartDocument {
    /// One column of an identifier, of a type as plans name it.
    pub fn new(column: impl Into<String>, kind: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            kind: kind.into(),
            format: None,
            missing: Vec::new(),
        }
    }
}

impl ColumnDocument {
    /// A column made of the register's column `from`, or in a table of a column such as
    /// `tax.income`.
    pub fn new(from: impl Into<String>, kind: TypeName) -> Self {
        Self {
            from: Some(from.into()),
            ..Self::of(kind)
        }
    }

    /// A column of a table that says whether a look-up has a match.
    pub fn matched(look_up: impl Into<String>, kind: TypeName) -> Self {
        Self {
            matched: Some(look_up.into()),
            ..Self::of(kind)
        }
    }

    fn of(kind: TypeName) -> Self {
        Self {
            from: None,
            matched: None,
            kind,
            scale: None,
            format: None,
            missing: Vec::new(),
            invalid: InvalidValue::default(),
            invalid_at_most: None,
            clip: None,
            truncate: None,
            bands: None,
            map: None,
            otherwise: None,
            prefix: None,
            categories: None,
            rare: None,
            absent: None,
        }
    }
}

impl ClipDocument {
    /// Values below the one and above the other become those; `None` is no such end.
    pub fn new(at_least: Option<Number>, at_most: Option<Number>) -> Self {
        Self { at_least, at_most }
    }
}

impl BandsDocument {
    /// Bands between these edges, each with its lower edge.
    pub fn new(edges: impl IntoIterator<Item = Number>) -> Self {
        Self {
            edges: edges.into_iter().collect(),
            closed: Closed::default(),
            labels: None,
        }
    }
}

impl CodeListDocument {
    /// The file of this name in the plan's folder, whose bytes have this SHA-256, in hex.
    pub fn new(file: impl Into<String>, sha256: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            sha256: sha256.into(),
            codes: None,
        }
    }
}

impl ConditionDocument {
    /// A condition on a column, which still asks for nothing; exactly one thing is to be
    /// asked for.
    pub fn new(column: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            equals: None,
            one_of: None,
            at_least: None,
            at_most: None,
            below: None,
            above: None,
            present: None,
        }
    }
}

impl TableDocument {
    /// A table about the rows of the source `from`, without dimensions and measures.
    pub fn new(from: impl Into<String>, protect: ProtectDocument) -> Self {
        Self {
            title: None,
            from: from.into(),
            base: None,
            with: BTreeMap::new(),
            columns: BTreeMap::new(),
            conditions: Vec::new(),
            by: Vec::new(),
            sensitive: None,
            measures: Vec::new(),
            levels: BTreeMap::new(),
            match_rates: None,
            margins: MarginsDocument::default(),
            protect,
        }
    }
}

impl LookupDocument {
    /// A look-up on the person only.
    pub fn new(need: Need) -> Self {
        Self {
            need,
            on: Vec::new(),
            conditions: Vec::new(),
            reduce: None,
            order_by: None,
        }
    }
}

impl LevelDocument {
    /// A coarser level of a dimension, which still says nothing of how it comes about.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            prefix: None,
            map: None,
            otherwise: None,
        }
    }
}

impl MatchRatesDocument {
    /// Match rates by these columns, with the usual margin of 5 percentage points.
    pub fn new(by: impl IntoIterator<Item = String>) -> Self {
        Self {
            by: by.into_iter().collect(),
            margin: Self::usual_margin(),
        }
    }
}

impl MeasureDocument {
    /// The number of persons.
    pub fn persons() -> Self {
        Self {
            persons: Some(CountDocument::All(true)),
            ..Self::default()
        }
    }

    /// The number of rows of the base.
    pub fn rows() -> Self {
        Self {
            rows: Some(CountDocument::All(true)),
            ..Self::default()
        }
    }

    /// The sum of a column.
    pub fn sum(column: impl Into<String>) -> Self {
        Self {
            sum: Some(column.into()),
            ..Self::default()
        }
    }

    /// The mean of a column, over the rows where it is not missing.
    pub fn mean(column: impl Into<String>) -> Self {
        Self {
            mean: Some(column.into()),
            ..Self::default()
        }
    }

    /// What share a count with a condition has of another, both by their names.
    pub fn share(count: impl Into<String>, of: impl Into<String>) -> Self {
        Self {
            share: Some(count.into()),
            of: Some(of.into()),
            ..Self::default()
        }
    }
}

impl SensitiveDocument {
    /// The dimension or count of this name; that nobody is in a category is not protected.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            none: false,
        }
    }
}
