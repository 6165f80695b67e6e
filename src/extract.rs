//! The extract: what leaves an agency. Pseudonymised, minimised, sorted, tagged.
//!
//! An extract is a plain Arrow table, so that any tool opens it: a column
//! `pseudonym` of 16 bytes, then the plan's columns by name. Rows are sorted
//! by pseudonym and then by the rest of the row. So the order of the register
//! is not leaked, the same rows give the same bytes, and linking any number of
//! extracts is one sequential merge.
//!
//! The pseudonym column carries an Arrow extension type that names its domain;
//! the schema says under which plan and from which source the extract was
//! made. What is read back is not trusted: see [`Extract::read`].

mod content;
mod file;
mod header;
mod sort;
mod verify;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, RecordBatch};

pub use file::FileDigest;
pub(crate) use file::{read_table, write_arrow, write_parquet};
pub use header::Header;

use crate::column::Values;
use crate::column::stored::Stored;
use crate::error::Result;
use crate::identifier::Identified;
use crate::key::{DomainKey, KeyCheck};
use crate::plan::document::RowsPerPerson;
use crate::plan::{Column, Plan, Source};
use crate::pseudonym::{Pseudonym, WIDTH, pseudonyms};

/// The name of the pseudonym column.
pub const PSEUDONYM: &str = "pseudonym";

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
    /// The pseudonym column first.
    batch: RecordBatch,
    /// Of the file it was read from.
    digest: Option<FileDigest>,
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
    /// there are more than 2³² − 2 rows.
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
    /// assert_eq!(read.as_batch(), extract.as_batch());
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    pub fn pseudonymise(self, key: &DomainKey) -> Result<Extract> {
        let source = &self.plan.sources()[self.source];
        key.fits(&self.plan)
            .map_err(|error| error.in_source(source.name()))?;
        let hashed = pseudonyms(&self, key);
        let header = Header::new(&self, key.check());
        let batches = self.batches.into_iter();
        let columns = batches.map(|batch| batch.columns).collect();
        Extract::sorted(self.plan, self.source, header, hashed, columns)
    }
}

impl Extract {
    /// Sorts rows that are pseudonymised already; `hashed` and `columns` are by batch.
    pub(crate) fn sorted(
        plan: Plan,
        source: usize,
        mut header: Header,
        hashed: Vec<Vec<Pseudonym>>,
        columns: Vec<Vec<Values>>,
    ) -> Result<Self> {
        let declared = &plan.sources()[source];
        let columns = sort::sorted(declared, hashed, columns)
            .map_err(|error| error.in_source(declared.name()))?;
        header.content = content::digest(&header, &columns);
        let batch = RecordBatch::try_new(header.schema(declared), columns)
            .map_err(|error| sort::internal(error).in_source(declared.name()))?;
        Ok(Self {
            plan,
            source,
            header,
            batch,
            digest: None,
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
        self.batch.num_rows()
    }

    /// The key check of the domain key it was made with.
    pub fn key_check(&self) -> KeyCheck {
        self.header.key_check
    }

    /// SHA-256 of the file it was read from.
    pub fn file_digest(&self) -> Option<FileDigest> {
        self.digest
    }

    /// The table as Arrow: the pseudonym column, then the plan's columns.
    ///
    /// # Disclosure
    ///
    /// The extract itself: for the linkage unit only.
    pub fn as_batch(&self) -> &RecordBatch {
        &self.batch
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(crate) fn source_index(&self) -> usize {
        self.source
    }

    pub(crate) fn keys(&self) -> Keys<'_> {
        Keys::of(self.batch.column(0))
    }

    /// A column by its place in the plan's source.
    pub(crate) fn column(&self, place: usize) -> Stored {
        let kind = self.source().columns()[place].column_type();
        Stored::of(self.batch.column(place + 1), kind)
            .expect("an extract's columns have their types: it was made or verified so")
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

/// The pseudonyms of an extract, in its order.
#[derive(Clone, Copy)]
pub(crate) struct Keys<'a>(&'a [[u8; WIDTH]]);

impl<'a> Keys<'a> {
    fn of(array: &'a ArrayRef) -> Self {
        let (keys, _) = array.as_fixed_size_binary().value_data().as_chunks();
        Self(keys)
    }

    #[cfg(test)]
    pub(crate) fn from_bytes(bytes: &'a [[u8; WIDTH]]) -> Self {
        Self(bytes)
    }

    pub(crate) fn len(self) -> usize {
        self.0.len()
    }

    pub(crate) fn get(self, row: usize) -> Pseudonym {
        Pseudonym::from_be_bytes(self.0[row])
    }

    /// The first row from which on no pseudonym is less than `key`.
    pub(crate) fn lower_bound(self, key: Pseudonym) -> usize {
        self.0
            .partition_point(|bytes| Pseudonym::from_be_bytes(*bytes) < key)
    }
}

/// The labels of a column in their order: of bands as the plan lists them, of
/// other categories as text sorts.
fn label_order(column: &Column) -> Option<Vec<&str>> {
    let recipe = column.recipe();
    let bands = recipe.bands.as_ref()?;
    let names = bands.labels.iter().map(|label| recipe.cut(label));
    let mut order = Vec::new();
    for name in names.chain(recipe.absent.as_deref()) {
        if !order.contains(&name) {
            order.push(name);
        }
    }
    Some(order)
}

fn one_row_each(source: &Source) -> bool {
    source.rows() == RowsPerPerson::One
}
