//! The perturbation file: what only the linkage unit knows of its noise.
//!
//! The perturbation table, and above all its largest deviation, must not be in
//! a release; a plan is. So they are in a file of the linkage unit's own:
//!
//! ```toml
//! [counts]
//! reach = 5            # the largest deviation
//! variance = 3.0
//! unseen = 2           # nobody sees a 1 or 2
//! stay = 0.1           # at least this share stays as it is
//!
//! [sums]               # where tables have sums or means
//! table = "sums.csv"   # as the R package ptable writes it
//! flex = { point = 100000, small = 0.3, large = 0.05, power = 3 }
//! ```

mod document;

use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::key::ReleaseKey;
use crate::limited;
use crate::plan::text::read_unquoted;
use document::PerturbationDocument;
use kobling_sdc::cell_key::{Flex, SmallCells, SumNoise, SumTables};
use kobling_sdc::perturbation::{KeySpace, Lookup, PerturbationTable};

/// A perturbation file is at most this large, in bytes.
const MOST_BYTES: u64 = 1 << 20;

/// What figures are perturbed by: tables for counts and, if there are any, for
/// sums.
///
/// # Disclosure
///
/// Belongs to the linkage unit. A release has its [check](Self::check) and the
/// standard deviation of the noise on counts; neither discloses how far a figure
/// may be from the truth.
pub struct Perturbation {
    counts: Lookup,
    /// Of the noise on large counts.
    deviation: f64,
    sums: Option<Sums>,
    /// All that noise depends on, in a form that is the same for the same noise.
    canonical: Vec<u8>,
}

/// What sums are perturbed by, in whole units of the measure.
struct Sums {
    flex: FlexShape,
    tables: SumTables,
    small: Option<SmallCells>,
}

/// A flex function before its point is at a measure's scale.
#[derive(Clone, Copy)]
struct FlexShape {
    point: f64,
    small: f64,
    large: f64,
    power: u32,
}

impl Perturbation {
    /// How to come by one, for refusals.
    pub(in crate::protect) const HELP: &str = "write a TOML file that nobody else has, with [counts] reach = 5, variance = 2.0; where there are \
         sums or means [sums] reach = 5, variance = 2.0, flex = { point = …, small = …, large = …, power = 3 }; \
         and name it with --perturbation";

    /// Reads a perturbation file; the tables that it names lie relative to it.
    ///
    /// | key | in | is |
    /// |---|---|---|
    /// | `table` | all | a CSV file of the R package ptable, instead of the next six |
    /// | `reach`, `variance` | all | the largest deviation D, and the variance V |
    /// | `stay` | all | the least probability of no deviation; 0 unless given |
    /// | `unseen` | `[counts]` | no count from 1 to this one is seen (js); 0 unless given |
    /// | `steps` | `[sums]` | in how many steps a deviation of one is; 4 unless given |
    /// | `originals` | `[sums]` | original values that have a row; 1 to `reach` unless given |
    /// | `flex` | `[sums]` | the [flex function](Flex), its point in the measure's unit |
    /// | `parity` | `[sums]` | whether the CSV has rows for even and odd numbers of contributors |
    /// | `small_cells` | `[sums]` | a table with its `up_to` and `magnitude`, in the measure's unit |
    ///
    /// # Errors
    ///
    /// [`ErrorKind::File`] if a file cannot be read; [`ErrorKind::Protection`],
    /// with line and column where it is the form that is wrong, if it is no
    /// perturbation file, or if a table is not sound.
    ///
    /// # Examples
    ///
    /// ```
    /// use kobling::protect::perturbation::Perturbation;
    ///
    /// # let folder = std::env::temp_dir().join(format!("kobling-p-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// let path = folder.join("perturbation.toml");
    /// std::fs::write(&path, "[counts]\nreach = 5\nvariance = 2.0").unwrap();
    /// let perturbation = Perturbation::read(&path)?;
    /// assert!(!perturbation.perturbs_sums());
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok::<(), kobling::Error>(())
    /// ```
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let refuse = |rule: &str| Error::new(ErrorKind::Protection, rule).in_file(path);
        let bytes = limited::read(path, MOST_BYTES, "read the perturbation file")?;
        let text = String::from_utf8(bytes);
        let text = text.map_err(|_| refuse("a perturbation file is UTF-8 text"))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder).map_err(|error| error.in_file(path))
    }

    fn parse(text: &str, folder: &Path) -> Result<Self> {
        let document: PerturbationDocument = read_unquoted(text).map_err(|finding| {
            let rule = finding.to_string();
            Error::new(ErrorKind::Protection, rule)
        })?;
        let mut canonical = Vec::new();
        let counts = document.counts.table(folder)?;
        counts
            .fit_for_counts()
            .map_err(|error| of_section("counts", &error.into()))?;
        encode(&counts, &mut canonical);
        let sums = document.sums.map(|sums| sums.read(folder, &mut canonical));
        Ok(Self {
            deviation: counts.variance().sqrt(),
            counts: counts.lookup(KeySpace::Whole),
            sums: sums.transpose()?,
            canonical,
        })
    }

    /// Whether it perturbs sums and means too.
    pub fn perturbs_sums(&self) -> bool {
        self.sums.is_some()
    }

    /// Shows, later, whether two releases were perturbed by the same: 16
    /// hexadecimal digits, the first 8 bytes of a message authentication code
    /// under the release key.
    ///
    /// # Disclosure
    ///
    /// Safe to show: who has not the release key cannot try settings against it.
    pub fn check(&self, key: &ReleaseKey) -> String {
        let code = key.derive(b"perturbation check", &[&self.canonical]);
        crate::hex::hex(&code.expose()[..8])
    }

    /// The lookup for counts.
    pub(in crate::protect) fn counts(&self) -> &Lookup {
        &self.counts
    }

    /// The standard deviation of the noise on counts that no bound is felt by.
    pub(in crate::protect) fn deviation(&self) -> f64 {
        self.deviation
    }

    /// The noise on sums that are counted in `10^-scale`; `None` without `[sums]`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Protection`] if the flex function is none.
    pub(in crate::protect) fn sums(&self, scale: u8) -> Result<Option<SumNoise>> {
        self.sums.as_ref().map(|sums| sums.noise(scale)).transpose()
    }
}

impl std::fmt::Debug for Perturbation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Perturbation(..)")
    }
}

impl Sums {
    fn noise(&self, scale: u8) -> Result<SumNoise> {
        let unit = 10f64.powi(scale.into());
        let FlexShape {
            point,
            small,
            large,
            power,
        } = self.flex;
        let cells = self.small.as_ref().map(|cells| SmallCells {
            up_to: cells.up_to * unit,
            magnitude: cells.magnitude * unit,
            table: cells.table.clone(),
        });
        let flex = Flex::new(point * unit, small, large, power)?;
        Ok(SumNoise::new(flex, self.tables.clone(), cells)?)
    }
}

/// Appends a table so that no two tables read the same.
fn encode(table: &PerturbationTable, out: &mut Vec<u8>) {
    out.extend(table.per_unit().to_be_bytes());
    out.extend((table.rows().len() as u64).to_be_bytes());
    for row in table.rows() {
        out.extend(row.original().to_be_bytes());
        out.extend((row.entries().len() as u64).to_be_bytes());
        for entry in row.entries() {
            out.extend(entry.deviation.to_be_bytes());
            out.extend(entry.probability.to_bits().to_be_bytes());
        }
    }
}

/// Appends numbers behind how many they are.
fn encode_numbers(numbers: &[f64], out: &mut Vec<u8>) {
    out.extend((numbers.len() as u64).to_be_bytes());
    for number in numbers {
        out.extend(number.to_bits().to_be_bytes());
    }
}

/// The error, with the section of the file that it is about.
fn of_section(section: &str, error: &Error) -> Error {
    Error::new(error.kind(), format!("[{section}]: {}", error.rule()))
}
