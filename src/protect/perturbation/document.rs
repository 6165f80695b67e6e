//! The perturbation file as it is written, and how its sections become tables.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{FlexShape, Sums, encode, encode_numbers, of_section};
use crate::error::{Error, ErrorKind, Result};
use kobling_sdc::cell_key::{SmallCells, SumTables};
use kobling_sdc::perturbation::{Design, KeySpace, NoiseRow, PerturbationTable, RowKind};

/// A CSV file of a table is at most this large, in bytes.
const MOST_BYTES: u64 = 16 << 20;

/// In how many steps a deviation of one is, on sums.
const STEPS: u32 = 4;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PerturbationDocument {
    pub(super) counts: CountsSection,
    pub(super) sums: Option<SumsDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CountsSection {
    table: Option<PathBuf>,
    reach: Option<u32>,
    variance: Option<f64>,
    unseen: Option<u32>,
    stay: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SumsDocument {
    table: Option<PathBuf>,
    reach: Option<u32>,
    variance: Option<f64>,
    stay: Option<f64>,
    steps: Option<u32>,
    originals: Option<Vec<u32>>,
    flex: FlexDocument,
    #[serde(default)]
    parity: bool,
    small_cells: Option<SmallCellsDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FlexDocument {
    point: f64,
    small: f64,
    large: f64,
    power: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SmallCellsDocument {
    up_to: f64,
    magnitude: f64,
    table: Option<PathBuf>,
    reach: Option<u32>,
    variance: Option<f64>,
    stay: Option<f64>,
    steps: Option<u32>,
    originals: Option<Vec<u32>>,
}

/// Where a table comes from, in one section.
struct TableOrigin<'a> {
    section: &'a str,
    folder: &'a Path,
    table: Option<PathBuf>,
    /// Whether anything is said of a table to be made.
    designed: bool,
    /// If it says both how far and how much.
    design: Option<Design>,
}

impl TableOrigin<'_> {
    /// The rows of a `kind` of the file, or what is designed.
    fn table(&self, kind: RowKind) -> Result<PerturbationTable> {
        let table = match (&self.table, &self.design) {
            (Some(name), None) if !self.designed => self.read(name, kind),
            (None, Some(design)) => PerturbationTable::generate(design).map_err(Error::from),
            _ => {
                let rule = "has either `table`, or `reach` and `variance`";
                Err(Error::new(ErrorKind::Protection, rule))
            }
        };
        table
            .and_then(perturbs)
            .map_err(|error| of_section(self.section, &error))
    }

    fn read(&self, name: &Path, kind: RowKind) -> Result<PerturbationTable> {
        let path = self.folder.join(name);
        let io = |error| Error::file(&path, "open its `table`", &error);
        // Asked before opening, because opening a pipe would wait for a writer.
        let found = std::fs::metadata(&path).map_err(io)?;
        if !found.is_file() || found.len() > MOST_BYTES {
            let rule = "its `table` is no regular file of at most 16 MiB";
            return Err(Error::new(ErrorKind::Protection, rule));
        }
        let file = File::open(&path).map_err(io)?;
        let table = PerturbationTable::read(file.take(MOST_BYTES), kind);
        table.map_err(|error| {
            let row = error
                .row()
                .map_or(String::new(), |row| format!(", row {row}"));
            let rule = format!("`{}`{row}: {}", name.display(), error.rule());
            Error::new(Error::from(error).kind(), rule)
        })
    }
}

impl CountsSection {
    pub(super) fn table(self, folder: &Path) -> Result<PerturbationTable> {
        let stay = self.stay.unwrap_or(0.0);
        let unseen = self.unseen.unwrap_or(0);
        let design = self.reach.zip(self.variance).map(|(reach, variance)| {
            let design = Design::counts(reach, variance).unseen(unseen);
            design.stay(&[stay])
        });
        let designed = self.reach.is_some()
            || self.variance.is_some()
            || self.stay.is_some()
            || self.unseen.is_some();
        let origin = TableOrigin {
            section: "counts",
            folder,
            table: self.table,
            designed,
            design,
        };
        origin.table(RowKind::All)
    }
}

/// How likely a figure may stay as it is.
const MOST_STAY: f64 = 0.9;

/// The table, if it protects: figures that nearly always stay as they are would
/// be the true ones, and be called perturbed.
fn perturbs(table: PerturbationTable) -> Result<PerturbationTable> {
    let stays = |row: &NoiseRow| {
        let entries = row.entries().iter().filter(|entry| entry.deviation == 0);
        entries.map(|entry| entry.probability).sum::<f64>()
    };
    let mut rows = table.rows().iter().filter(|row| row.original() > 0);
    match rows.find(|row| stays(row) > MOST_STAY) {
        None => Ok(table),
        Some(row) => {
            let rule = format!(
                "leaves original value {} as it is in more than 9 of 10 cells, which protects nothing",
                row.original()
            );
            Err(Error::new(ErrorKind::Protection, rule).help("a larger variance, a lesser stay"))
        }
    }
}

/// What a section for sums says of a table to be made.
struct Designed {
    reach: Option<u32>,
    variance: Option<f64>,
    stay: Option<f64>,
    steps: Option<u32>,
    originals: Option<Vec<u32>>,
}

impl Designed {
    /// Where the table of `section` comes from, which is `table` if it is named.
    fn origin<'a>(
        &self,
        section: &'a str,
        folder: &'a Path,
        table: Option<PathBuf>,
    ) -> TableOrigin<'a> {
        TableOrigin {
            section,
            folder,
            table,
            designed: self.is_anything(),
            design: self.design(),
        }
    }

    fn is_anything(&self) -> bool {
        self.reach.is_some()
            || self.variance.is_some()
            || self.stay.is_some()
            || self.steps.is_some()
            || self.originals.is_some()
    }

    fn design(&self) -> Option<Design> {
        let (reach, variance) = self.reach.zip(self.variance)?;
        // More are refused when the table is made.
        let all = || (1..=reach.min(10_000)).collect();
        let originals: Vec<u32> = self.originals.clone().unwrap_or_else(all);
        let design = Design::sums(reach, variance, self.steps.unwrap_or(STEPS), &originals);
        Some(design.stay(&[self.stay.unwrap_or(0.0)]))
    }
}

impl SumsDocument {
    pub(super) fn read(self, folder: &Path, canonical: &mut Vec<u8>) -> Result<Sums> {
        let designed = Designed {
            reach: self.reach,
            variance: self.variance,
            stay: self.stay,
            steps: self.steps,
            originals: self.originals,
        };
        let origin = designed.origin("sums", folder, self.table);
        let tables = match self.parity {
            false => {
                let table = origin.table(RowKind::All)?;
                encode(&table, canonical);
                SumTables::One(table.lookup(KeySpace::Whole))
            }
            true if origin.table.is_none() => {
                let rule = "[sums]: `parity` is for a `table` with rows for even and odd numbers";
                return Err(Error::new(ErrorKind::Protection, rule));
            }
            true => {
                let (even, odd) = (origin.table(RowKind::Even)?, origin.table(RowKind::Odd)?);
                encode(&even, canonical);
                encode(&odd, canonical);
                SumTables::Parity {
                    even: even.lookup(KeySpace::Whole),
                    odd: odd.lookup(KeySpace::Whole),
                }
            }
        };
        let flex = self.flex;
        let power = f64::from(flex.power);
        encode_numbers(&[flex.point, flex.small, flex.large, power], canonical);
        let small = self.small_cells;
        let sums = Sums {
            tables,
            small: small
                .map(|small| small.read(folder, canonical))
                .transpose()?,
            flex: FlexShape {
                point: flex.point,
                small: flex.small,
                large: flex.large,
                power: flex.power,
            },
        };
        // What cannot be computed with is refused before any row is read.
        sums.noise(0).map_err(|error| of_section("sums", &error))?;
        Ok(sums)
    }
}

impl SmallCellsDocument {
    fn read(self, folder: &Path, canonical: &mut Vec<u8>) -> Result<SmallCells> {
        let designed = Designed {
            reach: self.reach,
            variance: self.variance,
            stay: self.stay,
            steps: self.steps,
            originals: self.originals,
        };
        let origin = designed.origin("sums.small_cells", folder, self.table);
        let table = origin.table(RowKind::SmallCells)?;
        encode(&table, canonical);
        encode_numbers(&[self.up_to, self.magnitude], canonical);
        Ok(SmallCells {
            up_to: self.up_to,
            magnitude: self.magnitude,
            table: table.lookup(KeySpace::Whole),
        })
    }
}
