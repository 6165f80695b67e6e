//! What an extract says of itself: in the schema's metadata, and in the
//! pseudonym field's extension type.

use std::collections::BTreeMap;

use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};
use serde::{Deserialize, Serialize};

use super::{CURRENT, ContentDigest, PSEUDONYM};
use crate::column::ValueCounts;
use crate::column::stored::data_type;
use crate::error::{Error, ErrorKind, Result};
use crate::identifier::{IdentifierFault, RowCounts};
use crate::key::KeyCheck;
use crate::plan::document::LastLine;
use crate::plan::{Plan, Source};
use crate::pseudonym::WIDTH;

/// The version of the extract's format.
const FORMAT: &str = "3";

/// The name of the Arrow extension type of a pseudonym column.
const EXTENSION: &str = "kobling.pseudonym";

/// Keys of Arrow's own for extension types ("Extension Types" in the Arrow columnar format).
const EXTENSION_NAME: &str = "ARROW:extension:name";
const EXTENSION_METADATA: &str = "ARROW:extension:metadata";

const KIND: &str = "kobling.kind";
const FORMAT_KEY: &str = "kobling.format";
const PLAN: &str = "kobling.plan";
const SOURCE: &str = "kobling.source";
const ROWS: &str = "kobling.rows";
const READ: &str = "kobling.rows_read";
const QUARANTINE: &str = "kobling.quarantine";
const COLUMNS: &str = "kobling.columns";
const UNENDED: &str = "kobling.unended_files";
const MAKER: &str = "kobling.version";
const CONTENT: &str = "kobling.content";
/// Which part a file is of an extract that is a folder of parts.
pub(super) const PART: &str = "kobling.part";
/// The content digest of the rows in such a file.
pub(super) const PART_CONTENT: &str = "kobling.part_content";

/// Bytes of a version, or of a reason for quarantine, at most.
const SHORT: usize = 32;

/// What an extract says of itself.
///
/// # Disclosure
///
/// Exact counts of rows, for the linkage unit. A release rounds them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// The digest of the plan it was made under, in hex.
    pub plan: String,
    /// The source it was made from.
    pub source: String,
    /// The project of its pseudonymisation domain.
    pub project: String,
    /// The epoch of its pseudonymisation domain.
    pub epoch: u32,
    /// The key check of its domain key.
    pub key_check: KeyCheck,
    /// Rows in the extract.
    pub rows: u64,
    /// Rows in the register's files, kept or not.
    pub rows_read: u64,
    /// Rows left out because their identifier does not fit, by reason.
    pub quarantine: BTreeMap<String, u64>,
    /// What became of the values of each column, by its name: each is used,
    /// missing or unreadable. Of a history there are none.
    pub columns: BTreeMap<String, ValueCounts>,
    /// Files of text whose last line has no line end, and was taken as it is
    /// because the plan says so: they may have been cut short.
    pub unended: u64,
    /// The version of kobling that made it.
    pub maker: String,
}

/// The metadata of the extension type.
#[derive(PartialEq, Serialize, Deserialize)]
struct Tag {
    format: String,
    project: String,
    epoch: u32,
    key_check: String,
}

impl Tag {
    /// The tag of `field`, if it is one of pseudonyms and of this format.
    fn of(field: &Field) -> Option<Self> {
        let tag = field.metadata().get(EXTENSION_METADATA)?;
        let tag: Self = serde_json::from_str(tag).ok()?;
        (is_tagged(field) && tag.format == FORMAT).then_some(tag)
    }
}

fn is_tagged(field: &Field) -> bool {
    let name = field.metadata().get(EXTENSION_NAME);
    name.is_some_and(|name| name == EXTENSION)
}

impl Header {
    /// The header of an extract in the making.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Rows`] if a row that was read is nowhere: then no extract is made.
    pub(super) fn new(
        plan: &Plan,
        source: usize,
        key_check: KeyCheck,
        counts: &RowCounts,
    ) -> Result<Self> {
        let declared = &plan.sources()[source];
        if !counts.add_up() {
            let rule =
                "rows were lost: what is kept, filtered and in quarantine is not what was read";
            return Err(Error::new(ErrorKind::Rows, rule).in_source(declared.name()));
        }
        refuse_nobody(declared, counts)?;
        let columns: BTreeMap<String, ValueCounts> = match declared.is_history() {
            true => BTreeMap::new(),
            false => {
                // Where there are no rows, none were counted.
                let counted = counts.columns.iter().copied();
                let counted = counted.chain(std::iter::repeat(ValueCounts::default()));
                let names = declared.columns().iter().map(|c| c.name().to_owned());
                names.zip(counted).collect()
            }
        };
        unreadable_at_most(declared, &columns)?;
        let domain = plan.domain();
        let quarantine = counts.quarantine.by_reason();
        Ok(Self {
            plan: plan.digest().to_string(),
            source: declared.name().to_owned(),
            project: domain.project().to_owned(),
            epoch: domain.epoch(),
            key_check,
            rows: counts.kept,
            rows_read: counts.read,
            quarantine: quarantine
                .map(|(reason, rows)| (reason.to_owned(), rows))
                .collect(),
            columns,
            unended: counts.unended,
            maker: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }

    /// Rows in quarantine.
    pub fn rows_quarantined(&self) -> u64 {
        let rows = self.quarantine.values();
        rows.fold(0, |sum, rows| sum.saturating_add(*rows))
    }

    /// Rows that the plan's `keep` left out: those that were read, and are
    /// neither in the extract nor in quarantine.
    pub fn rows_filtered(&self) -> u64 {
        let accounted = self.rows.saturating_add(self.rows_quarantined());
        self.rows_read.saturating_sub(accounted)
    }

    /// What to mind of the extract, in words.
    pub fn warnings(&self) -> Vec<String> {
        unended_warning(self.unended).into_iter().collect()
    }

    /// All of it, as the content digest takes it in.
    pub(super) fn digested(&self) -> String {
        let (project, epoch) = (&self.project, self.epoch);
        let fields = (
            project,
            epoch,
            self.key_check.to_string(),
            self.rows,
            self.rows_read,
        );
        let counted = (&self.quarantine, &self.columns, self.unended);
        let named = (&self.plan, &self.source, counted, &self.maker);
        serde_json::to_string(&(fields, named)).expect("a header is text and numbers")
    }

    /// The fields of an extract of `source` with this header.
    pub(super) fn fields(&self, source: &Source) -> Fields {
        let tag = Tag {
            format: FORMAT.to_owned(),
            project: self.project.clone(),
            epoch: self.epoch,
            key_check: self.key_check.to_string(),
        };
        let tag = serde_json::to_string(&tag).expect("a tag is text and a number");
        let metadata: arrow_schema::Metadata = [
            (EXTENSION_NAME.to_owned(), EXTENSION.to_owned()),
            (EXTENSION_METADATA.to_owned(), tag),
        ]
        .into_iter()
        .collect();
        let pseudonyms = |name| {
            let field = Field::new(name, DataType::FixedSizeBinary(WIDTH as i32), false);
            field.with_metadata(metadata.clone())
        };
        let history = source.is_history();
        let columns = source.columns().iter();
        // The day of a pair is never missing.
        let columns = columns.map(|c| Field::new(c.name(), data_type(c.column_type()), !history));
        std::iter::once(pseudonyms(PSEUDONYM))
            .chain(history.then(|| pseudonyms(CURRENT)))
            .chain(columns)
            .collect()
    }

    /// Whether a second column of pseudonyms is tagged as the first is.
    pub(super) fn tags(schema: &Schema, other: &Field) -> bool {
        let first = schema.fields().first();
        let first = first.and_then(|field| Tag::of(field));
        first.is_some_and(|first| Tag::of(other) == Some(first))
    }

    /// The schema of an extract of `source` with this header and content.
    pub(super) fn schema(&self, source: &Source, content: ContentDigest) -> SchemaRef {
        let quarantine = serde_json::to_string(&self.quarantine).expect("reasons and counts");
        let columns = serde_json::to_string(&self.columns).expect("names and counts");
        let metadata = [
            (KIND, "extract".to_owned()),
            (FORMAT_KEY, FORMAT.to_owned()),
            (PLAN, self.plan.clone()),
            (SOURCE, self.source.clone()),
            (ROWS, self.rows.to_string()),
            (READ, self.rows_read.to_string()),
            (QUARANTINE, quarantine),
            (COLUMNS, columns),
            (UNENDED, self.unended.to_string()),
            (MAKER, self.maker.clone()),
            (CONTENT, content.to_string()),
        ];
        let metadata = metadata
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value));
        Schema::new(self.fields(source))
            .with_metadata(metadata.collect::<arrow_schema::Metadata>())
            .into()
    }

    /// How many rows the schema of an extract says it has; `None` of another table.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub(super) fn rows_of(schema: &Schema) -> Result<Option<u64>> {
        let kind = schema.metadata().get(KIND);
        // Of a part it says how many the whole extract has.
        let is_whole = !schema.metadata().contains_key(PART);
        match kind.is_some_and(|kind| kind == "extract") && is_whole {
            true => Ok(Some(Self::read(schema)?.rows)),
            false => Ok(None),
        }
    }

    /// The content digest that the schema names, if it names one.
    pub(crate) fn content(schema: &Schema) -> Option<ContentDigest> {
        schema.metadata().get(CONTENT)?.parse().ok()
    }

    /// Reads the header of an extract.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Extract`] if the schema is not one of an extract of this format.
    pub(crate) fn read(schema: &Schema) -> Result<Self> {
        let refuse = |rule: &str| Error::new(ErrorKind::Extract, rule);
        let get = |key: &str| schema.metadata().get(key).map(String::as_str);
        if get(KIND) != Some("extract") {
            return Err(
                refuse("is not an extract").help("extracts are made with `kobling pseudonymise`")
            );
        }
        if get(FORMAT_KEY) != Some(FORMAT) {
            return Err(refuse(
                "is an extract of another format version than this kobling reads",
            ));
        }
        let damaged = || refuse("has a damaged header");
        let text = |key| get(key).map(str::to_owned).ok_or_else(damaged);
        let number = |key| get(key).and_then(|n| n.parse().ok()).ok_or_else(damaged);
        let field = schema.fields().first().ok_or_else(damaged)?;
        if field.name() != PSEUDONYM || !is_tagged(field) {
            return Err(refuse("has no tagged pseudonym column first"));
        }
        let tag = Tag::of(field).ok_or_else(damaged)?;
        let quarantine = get(QUARANTINE).and_then(|q| serde_json::from_str(q).ok());
        let columns = get(COLUMNS).and_then(|c| serde_json::from_str(c).ok());
        let header = Self {
            plan: text(PLAN)?,
            source: text(SOURCE)?,
            project: tag.project,
            epoch: tag.epoch,
            key_check: tag.key_check.parse().map_err(|_| damaged())?,
            rows: number(ROWS)?,
            rows_read: number(READ)?,
            quarantine: quarantine.ok_or_else(damaged)?,
            columns: columns.ok_or_else(damaged)?,
            unended: number(UNENDED)?,
            maker: text(MAKER)?,
        };
        header.adds_up().then_some(header).ok_or_else(damaged)
    }

    /// Whether its counts can be true, and its words are of the kind that
    /// kobling writes: both go into the manifest of a release, which must not
    /// carry out what somebody hid in a header.
    fn adds_up(&self) -> bool {
        let short = |text: &str| (1..=SHORT).contains(&text.len());
        let reason = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        let version = |text: &str| {
            text.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b".+-".contains(&b))
        };
        // These are shown in errors.
        let shown = [&self.project, &self.source, &self.plan];
        let mut kept_or_not = self.quarantine.values();
        let counted = kept_or_not.try_fold(self.rows, |sum, rows| sum.checked_add(*rows));
        counted.is_some_and(|counted| counted <= self.rows_read)
            && self.quarantine.keys().all(|r| short(r) && reason(r))
            && self.columns.values().all(|c| c.read() == self.rows)
            && short(&self.maker)
            && version(&self.maker)
            && shown
                .into_iter()
                .all(|text| !text.chars().any(char::is_control))
    }

    /// Whether an extract with this header may be linked under `plan`; gives
    /// its source's place.
    pub(super) fn check(&self, plan: &Plan) -> Result<usize> {
        let refuse = |rule: String| Error::new(ErrorKind::Extract, rule).in_source(&self.source);
        let place = plan
            .sources()
            .iter()
            .position(|source| source.name() == self.source);
        let domain = plan.domain();
        if self.project != domain.project() {
            return Err(refuse(format!(
                "was pseudonymised for project {}, not {}",
                self.project,
                domain.project()
            )));
        }
        if self.epoch != domain.epoch() {
            return Err(refuse(format!(
                "was pseudonymised in epoch {}; the plan is in epoch {}",
                self.epoch,
                domain.epoch()
            ))
            .help("make the extract again with the domain key of this epoch"));
        }
        if self.plan != plan.digest().to_string() {
            return Err(refuse(format!(
                "was made under another plan, of digest {}",
                self.plan
            ))
            .help("make the extract again under this plan"));
        }
        let place = place.ok_or_else(|| refuse("the plan has no such source".to_owned()))?;
        if plan.sources()[place].keep().is_empty() && self.rows_filtered() > 0 {
            let rule =
                "lacks rows: the plan keeps all, and some are neither kept nor in quarantine";
            return Err(refuse(rule.to_owned()));
        }
        let source = &plan.sources()[place];
        if self.unended > 0 && source.format().last_line == LastLine::Whole {
            let rule = "is of files whose last line has no line end, which the plan does not take";
            return Err(refuse(rule.to_owned()));
        }
        let declared = source.columns().iter().map(|column| column.name());
        if !source.is_history() && !self.columns.keys().map(String::as_str).eq(sorted(declared)) {
            return Err(refuse(
                "does not count the values of the plan's columns".to_owned(),
            ));
        }
        unreadable_at_most(source, &self.columns)?;
        Ok(place)
    }
}

/// What is said of files that may have been cut short, if there are any.
pub(crate) fn unended_warning(files: u64) -> Option<String> {
    let (files, has) = match files {
        0 => return None,
        1 => ("1 file".to_owned(), "has"),
        files => (format!("{files} files"), "have"),
    };
    Some(format!(
        "{files} {has} a last line without a line end, which was taken as it is, as the plan \
         says: what was behind it, if anything, is missing"
    ))
}

fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names
}

/// Refuses rows of which not one could be identified: they say that the
/// identifier is written in a way that is not read, or is none.
fn refuse_nobody(source: &Source, counts: &RowCounts) -> Result<()> {
    let quarantined = counts.quarantine.rows();
    if counts.kept > 0 || quarantined == 0 {
        return Ok(());
    }
    let reasons = counts.quarantine.by_reason();
    let Some((reason, rows)) = reasons.max_by_key(|(_, rows)| *rows) else {
        return Ok(());
    };
    // Of a history a row stays behind for want of a day too, which is no fault of a number.
    let words = IdentifierFault::from_code(reason).map(|fault| fault.to_string());
    let rule = format!(
        "identifies nobody: {rows} of {quarantined} identifiers are refused as {reason} ({})",
        words.as_deref().unwrap_or(reason)
    );
    let columns = source.identifier().parts.iter();
    let columns: Vec<&str> = columns.map(|part| part.column.as_str()).collect();
    Err(Error::new(ErrorKind::Identifier, rule)
        .help("see the `type` of the identifier, and whether its digits are still there")
        .in_source(source.name())
        .in_column(&columns.join(", ")))
}

/// Refuses columns of which more could not be read than the plan allows.
fn unreadable_at_most(source: &Source, columns: &BTreeMap<String, ValueCounts>) -> Result<()> {
    for column in source.columns() {
        let Some(at_most) = column.recipe().invalid_at_most else {
            continue;
        };
        let counts = columns.get(column.name()).copied().unwrap_or_default();
        if counts.exceed(at_most) {
            let percent = counts.percent_unreadable();
            let rule = format!(
                "{percent:.2} % of the values that are there cannot be read, and the plan allows {at_most}"
            );
            let help =
                "say how they are written (`format`, `missing`), or allow more (`invalid_at_most`)";
            let error = Error::new(ErrorKind::Rows, rule).help(help);
            return Err(error.in_source(source.name()).in_column(column.from()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extract_that_lost_a_row_is_not_made() {
        let plan = Plan::read("examples/nhanes/plan.toml").expect("a plan");
        let key_check: KeyCheck = "0000000000000000".parse().expect("a key check");
        let counts = |read, kept, filtered| RowCounts {
            read,
            kept,
            filtered,
            ..RowCounts::default()
        };
        assert!(Header::new(&plan, 0, key_check, &counts(5, 3, 2)).is_ok());
        for lost in [counts(5, 3, 1), counts(5, 4, 2)] {
            let error = Header::new(&plan, 0, key_check, &lost).expect_err("it does not add up");
            assert_eq!(error.kind(), ErrorKind::Rows);
            assert!(error.to_string().contains("rows were lost"), "{error}");
        }
    }
}
