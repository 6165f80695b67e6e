//! The plan's checks: from a document to a plan, or to all that is wrong with it.

mod column;
mod condition;
mod format;
mod history;
mod identifier;
mod method;
mod minimise;
mod project;
mod readings;
mod source;
mod table;
mod values;

pub(crate) use table::instead;

use super::code_list;
use super::document::PlanDocument;
use super::finding::{Collector, Finding, Findings, Path};
use super::{Checked, Plan, PlanDigest};

/// The version of the plan language that this crate reads.
pub(super) const VERSION: u32 = 1;

impl PlanDocument {
    /// Checks the document. Its code lists are those that were read with a
    /// [plan's file](Plan::read); of a document by itself they are refused.
    ///
    /// # Errors
    ///
    /// All findings, by the path of keys that leads to each.
    pub fn check(self) -> Result<Plan, Findings> {
        self.check_in(None, |_| {})
    }

    /// Checks the document of a plan in `folder`, where its code lists are;
    /// `locate` fills in where findings are in its text.
    pub(super) fn check_in(
        mut self,
        folder: Option<&std::path::Path>,
        locate: impl FnOnce(&mut [Finding]),
    ) -> Result<Plan, Findings> {
        let mut findings = Collector::default();
        code_list::read_all(&mut self, folder, &mut findings);
        if self.version != VERSION {
            findings.add(
                &Path::root("version"),
                format!("this kobling reads plans of version {VERSION}"),
            );
        }
        project::check(&self.project, &mut findings);
        if self.sources.is_empty() {
            findings.add(&Path::default(), "a plan has at least one [source.…]");
        }
        if self.tables.is_empty() {
            findings.add(&Path::default(), "a plan has at least one [table.…]");
        }
        let sources: Vec<_> = self
            .sources
            .iter()
            .map(|(name, source)| {
                let (on, latest) = (self.project.reference_date(), self.project.latest_birth());
                source::check(name, source, on, latest, &mut findings)
            })
            .collect();
        history::check_at_most_one(&sources, &mut findings);
        let mut tables = Vec::new();
        for (name, document) in &self.tables {
            let path = Path::root("table").at(name);
            let before = findings.count();
            let table = table::check(name, document, &sources, &path, &mut findings);
            // An incomplete table would make minimisation report what is only a consequence.
            match table {
                Some(table) if findings.count() == before => tables.push(table),
                _ => {}
            }
        }
        if findings.count() == 0 {
            minimise::check(&self, &sources, &tables, &mut findings);
            method::check_together(&tables, &mut findings);
            method::check_budget(&self, &tables, &mut findings);
            readings::check(&tables, &sources, &mut findings);
            values::check(&tables, &sources, &mut findings);
        }
        let mut found = findings.into_vec();
        if found.is_empty() {
            tables.iter_mut().for_each(method::clip);
            table::keep_sensitive(&mut tables, &sources);
            return Ok(Plan::of(Checked {
                digest: PlanDigest::of(&self),
                document: self,
                sources,
                tables,
                rehearsal: false,
            }));
        }
        locate(&mut found);
        Err(Findings::new(found))
    }
}

/// Names of sources, tables and columns become file, field and key names.
pub(super) fn check_name(name: &str, what: &str, path: &Path, findings: &mut Collector) {
    let fits = (1..=64).contains(&name.chars().count())
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if !fits {
        findings
            .add(path, format!("`{name}` cannot name a {what}"))
            .help("1 to 64 letters, digits, `_` and `-`");
    }
}
