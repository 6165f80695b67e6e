//! The extract: what leaves an agency. Pseudonymised, minimised, sorted, tagged.
//!
//! An extract is a plain Arrow table, so that any tool opens it: a column
//! `pseudonym` of 16 bytes, then the plan's columns by name. Rows are sorted
//! by pseudonym and then by the rest of the row. So the order of the register
//! is not leaked, the same rows give the same bytes, and linking any number of
//! extracts is one sequential merge. A source of identity history gives pairs
//! of pseudonyms: the replaced one, and in a second column the current one.
//!
//! The pseudonym column carries an Arrow extension type that names its domain;
//! the schema says under which plan and from which source the extract was
//! made. What is read back is not trusted: see [`Extract::read`].

mod content;
mod file;
mod header;
mod history;
mod labels;
mod memory;
mod part;
mod parts;
mod range;
mod ranges;
mod sort;
mod spill;
mod table;
mod unlisted;
mod verify;
mod window;

use std::ops::Range;
use std::sync::OnceLock;

use arrow_array::{ArrayRef, RecordBatch};

pub use crate::column::ValueCounts;
pub use content::ContentDigest;
pub use header::Header;
pub(crate) use header::unended_warning;
pub(crate) use history::History;
#[cfg(feature = "bench")]
pub(crate) use history::pairs_of;
pub use part::Part;
pub use range::ExtractPart;
pub(crate) use ranges::ranges;

use crate::atomic_file::Temporary;
use crate::column::stored;
use crate::column::{Values, no_labels};
use crate::count::Frequency;
use crate::error::Result;
use crate::identifier::Identified;
use crate::key::{DomainKey, KeyCheck};
use crate::plan::document::RowsPerPerson;
use crate::plan::table::Test;
use crate::plan::{ColumnType, Plan, Source};
use crate::pseudonym::{Pseudonym, pseudonyms};
use crate::watch::Watched;
pub(crate) use parts::inspect_parts;
#[cfg(feature = "synthesise")]
pub(crate) use table::unwritten;
pub(crate) use table::{read_table, write_arrow, write_parquet};
use unlisted::all_unlisted;
pub(crate) use window::{PseudonymBytes, PseudonymColumn, StoredColumn};

/// Rows of an extract at most: row numbers are 32 bits wide, and one of them
/// means "nowhere".
const MOST_ROWS: usize = u32::MAX as usize - 1;

/// Rows of a record batch in a written file.
const BATCH_ROWS: usize = 1 << 18;

/// The name of the pseudonym column.
pub const PSEUDONYM: &str = "pseudonym";

/// The name of a history's second column of pseudonyms: those of the
/// identifiers that took the place of the others.
pub const CURRENT: &str = "current";

/// A pseudonymised, minimised, sorted register.
///
/// # Disclosure
///
/// Personal data still (GDPR art. 4(5)), for the linkage unit that the plan
/// names and nobody else. Without the domain key it holds no identifier; whoever
/// has the domain key can try all identifiers there are, and so undo it.
pub struct Extract {
    plan: Plan,
    source: usize,
    header: Header,
    /// The chunks of each column, the pseudonyms first; all columns are cut alike.
    columns: Vec<Vec<ArrayRef>>,
    /// The content digest, once it is known.
    content: OnceLock<ContentDigest>,
    /// Where the chunks are, if they did not fit in memory; removed with the extract.
    #[expect(dead_code, reason = "held for as long as the chunks are")]
    spilled: Option<Temporary>,
}

impl Identified {
    /// Replaces identifiers by pseudonyms of the plan's domain, and sorts.
    ///
    /// A key of another role does not do:
    ///
    /// ```compile_fail,E0308
    /// # use kobling::{Extract, Identified, LinkageKey, Result};
    /// fn wrong(rows: Identified, master: &LinkageKey) -> Result<Extract> {
    ///     rows.pseudonymise(master)
    /// }
    /// ```
    ///
    /// and identified rows are gone afterwards:
    ///
    /// ```compile_fail,E0382
    /// # use kobling::{DomainKey, Extract, Identified, Result};
    /// fn twice(rows: Identified, key: &DomainKey) -> Result<(Extract, u64)> {
    ///     let extract = rows.pseudonymise(key)?;
    ///     Ok((extract, rows.rows()))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Key`](crate::ErrorKind::Key) if the key is of another domain; [`ErrorKind::Rows`](crate::ErrorKind::Rows)
    /// if a person has several rows where the plan says `rows = "one"`, or
    /// there are more than 2³² − 2 rows;
    /// [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled) if whoever
    /// [watches](crate::Rows::watched_by) the rows says so.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> kobling::Result<()> {
    /// # use kobling::{Extract, LinkageKey, Plan, Rows};
    /// # let plan = Plan::read("examples/nhanes/plan.toml")?;
    /// # let key = LinkageKey::generate()?.domain_key(&plan.domain());
    /// let rows = Rows::open(&plan, "hba1c", &["examples/nhanes/hba1c.parquet"])?;
    /// let extract = rows.identify()?.pseudonymise(&key)?;
    /// assert_eq!(extract.key_check(), key.check());
    ///
    /// # let folder = std::env::temp_dir().join(format!("kobling-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// let path = folder.join("hba1c.arrow");
    /// extract.write(&path)?;
    /// let read = Extract::read(&plan, &path)?; // everything verified
    /// assert_eq!(read.to_batch(), extract.to_batch());
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    pub fn pseudonymise(self, key: &DomainKey) -> Result<Extract> {
        let source = &self.plan.sources()[self.source];
        key.check_plan(&self.plan)
            .map_err(|error| error.in_source(source.name()))?;
        if source.is_history() {
            let header = Header::new(&self.plan, self.source, key.check(), self.counts())?;
            let pairs = history::pairs(&self, key)?;
            return Extract::of_pairs(self.plan, self.source, header, pairs, &self.watched);
        }
        let hashed = pseudonyms(&self, key)?;
        let header = Header::new(&self.plan, self.source, key.check(), self.counts())?;
        let batches = self.batches.into_iter();
        let columns = batches.map(|batch| batch.columns).collect();
        let (plan, watched) = (self.plan, &self.watched);
        Extract::sorted(plan, self.source, header, hashed, columns, watched)
    }
}

impl Extract {
    /// Sorts rows that are pseudonymised already; `hashed` and `columns` are by batch.
    pub(crate) fn sorted(
        plan: Plan,
        source: usize,
        header: Header,
        hashed: Vec<Vec<Pseudonym>>,
        columns: Vec<Vec<Values>>,
        watched: &Watched,
    ) -> Result<Self> {
        let declared = &plan.sources()[source];
        let labels = sort::labels(declared, &columns);
        let sorted = sort::sorted(declared, &labels, hashed, columns, watched).and_then(|sorted| {
            sort::check_repeated(declared, sorted.repeated)?;
            Ok(sorted.columns)
        });
        Ok(Self {
            columns: sorted.map_err(|error| error.in_source(declared.name()))?,
            plan,
            source,
            header,
            content: OnceLock::new(),
            spilled: None,
        })
    }

    /// The source it was made from.
    pub fn source(&self) -> &Source {
        &self.plan.sources()[self.source]
    }

    /// What it says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.keys().len()
    }

    /// The key check of the domain key it was made with.
    pub fn key_check(&self) -> KeyCheck {
        self.header.key_check
    }

    /// SHA-256 over all that it says of itself and every value, the same for
    /// every file format. It is computed when it is first asked for.
    pub fn content(&self) -> ContentDigest {
        *self
            .content
            .get_or_init(|| content::digest(&self.header, &self.columns))
    }

    /// The content digest, if it was computed or verified already.
    pub(crate) fn known_content(&self) -> Option<ContentDigest> {
        self.content.get().copied()
    }

    /// The table as Arrow: the pseudonym column, then the plan's columns. It is
    /// in as many batches as it is held in.
    ///
    /// # Disclosure
    ///
    /// The extract itself: for the linkage unit only.
    pub fn batches(&self) -> impl Iterator<Item = RecordBatch> + '_ {
        let schema = self.header.schema(self.source(), self.content());
        (0..self.columns[0].len()).map(move |chunk| {
            window::batch_of(&schema, self.columns.iter().map(|chunks| &chunks[chunk]))
        })
    }

    /// The table as one record batch: copied, if it is held in several.
    ///
    /// # Disclosure
    ///
    /// As [`batches`](Self::batches).
    pub fn to_batch(&self) -> RecordBatch {
        let columns = self.columns.iter().map(|chunks| match chunks.as_slice() {
            [one] => one.clone(),
            chunks => window::concat_all(chunks).expect("chunks of one column are of one type"),
        });
        window::batch_of(&self.header.schema(self.source(), self.content()), columns)
    }

    /// What to mind: whether the register has no row at all, or none satisfies the plan's
    /// `keep`; whether no value of a column is a category that the plan lists; and whether one
    /// pseudonym is on so many rows that its identifier may be a placeholder that is written
    /// where there is none.
    ///
    /// # Disclosure
    ///
    /// Says how often it occurs, for the agency; never which it is.
    pub fn warnings(&self) -> Vec<String> {
        let empty = self.nothing_read().into_iter().chain(self.nothing_kept());
        let unlisted = self.nothing_listed();
        empty.chain(unlisted).chain(self.most_frequent()).collect()
    }

    /// Where no value of a column is a category that the plan lists.
    fn nothing_listed(&self) -> Vec<String> {
        let columns = self.source().columns().iter().zip(&self.columns[1..]);
        let unlisted = columns.filter_map(|(column, chunks)| {
            let rest = all_unlisted(column.recipe(), chunks)?;
            let (source, name) = (self.source().name(), column.name());
            Some(format!(
                "{source}: no value of {name} is one that the plan names, so all of them are `{rest}`; is it written as the register has it?"
            ))
        });
        unlisted.collect()
    }

    /// Where a register has a header and nothing else, it is hardly the right one.
    fn nothing_read(&self) -> Option<String> {
        let name = self.source().name();
        (self.header.rows_read == 0).then(|| {
            format!(
                "{name}: the register has no rows, so nobody is in the extract, and nobody is found in it; is it the right file?"
            )
        })
    }

    /// Where rows were read and `keep` left out all of them: most likely it names what the
    /// register writes otherwise.
    fn nothing_kept(&self) -> Option<String> {
        if self.header.rows > 0 || self.header.rows_filtered() == 0 {
            return None;
        }
        let columns: Vec<String> = self
            .source()
            .keep()
            .iter()
            .map(|condition| {
                let named = match &condition.test {
                    Test::OneOf(named) => named.iter().map(|value| format!(" {value}")).collect(),
                    _ => String::new(),
                };
                format!("{}{named}", condition.column)
            })
            .collect();
        Some(format!(
            "{}: no row satisfies `keep` ({}); is it written as the register has it?",
            self.source().name(),
            columns.join("; ")
        ))
    }

    fn most_frequent(&self) -> Option<String> {
        if self.source().is_history() || one_row_each(self.source()) {
            return None;
        }
        let mut frequency = Frequency::default();
        let keys = self.keys();
        let mut keys = keys.iter().copied().peekable();
        while let Some(key) = keys.next() {
            let mut rows = 1;
            while keys.next_if_eq(&key).is_some() {
                rows += 1;
            }
            frequency.add(rows);
        }
        let warning = frequency.warning();
        warning.map(|warning| format!("{}: {warning}", self.source().name()))
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(crate) fn source_index(&self) -> usize {
        self.source
    }

    pub(crate) fn keys(&self) -> PseudonymColumn<'_> {
        PseudonymColumn::of(&self.columns[0])
    }

    /// The rows of the persons in a part.
    pub(crate) fn rows_in(&self, part: Part) -> Range<usize> {
        self.keys().rows_in(part)
    }

    /// A column by its place in the plan's source.
    pub(crate) fn column(&self, place: usize) -> StoredColumn<'_> {
        let kind = self.source().columns()[place].column_type();
        let chunks = &self.columns[place + 1];
        StoredColumn {
            chunks,
            starts: self.keys().starts(),
            kind,
            labels: match chunks.first() {
                Some(first) if kind == ColumnType::Category => stored::labels(first),
                _ => no_labels(),
            },
        }
    }
}

impl std::fmt::Debug for Extract {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (source, rows) = (self.source().name(), self.rows());
        write!(
            f,
            "Extract({source}, {rows} rows, key check {})",
            self.key_check()
        )
    }
}

fn one_row_each(source: &Source) -> bool {
    source.rows() == RowsPerPerson::One
}
