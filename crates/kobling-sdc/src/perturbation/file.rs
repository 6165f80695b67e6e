//! Perturbation tables as comma-separated text, in the form of the R package ptable.
//!
//! The columns are `i` (original value), `j` (perturbed value), `p`
//! (probability), `v` (deviation), `p_int_lb` and `p_int_ub` (the bounds
//! between which keys fall to it), and `type` (which cells the row is for).
//! They say some things twice; where they disagree the file is refused.

use std::io::{Read, Write};

use super::{NoiseEntry, PerturbationTable, near, refused, refused_row};
use crate::{Error, ErrorKind, Result};

/// Which cells a row is for: the column `type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// All cells.
    All,
    /// Cells of an even number of contributors.
    Even,
    /// Cells of an odd number of contributors.
    Odd,
    /// Cells of small values.
    SmallCells,
}

impl RowKind {
    /// As the column `type` says it.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Even => "even",
            Self::Odd => "odd",
            Self::SmallCells => "small_cells",
        }
    }
}

/// Decimals of bounds and probabilities; what is nearer is the same.
const NEAR: f64 = 1e-7;
/// Deviations are parts of one, of which there are no more than this.
const MOST_PARTS: u32 = 1_000;

/// One line.
struct FileLine {
    original: u64,
    deviation: f64,
    probability: f64,
    lower: f64,
    upper: f64,
}

impl PerturbationTable {
    /// Reads the rows of a `kind` from ptable's text.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`] if the text is not such a table, with the row
    /// of the file; or if the table is not sound, as in
    /// [`PerturbationTable::new`]; also bounds that leave gaps or overlap.
    ///
    /// # Examples
    ///
    /// ```
    /// use kobling_sdc::perturbation::{PerturbationTable, RowKind};
    ///
    /// let text = "i,j,p,v,p_int_lb,p_int_ub,type\n\
    ///     0,0,1,0,0,1,all\n\
    ///     1,0,0.5,-1,0,0.5,all\n\
    ///     1,2,0.5,1,0.5,1,all\n";
    /// let table = PerturbationTable::read(text.as_bytes(), RowKind::All).unwrap();
    /// let mut written = Vec::new();
    /// table.write(&mut written, RowKind::All).unwrap();
    /// assert_eq!(written, text.as_bytes());
    /// ```
    pub fn read(text: impl Read, kind: RowKind) -> Result<Self> {
        let mut lines: Vec<(u64, Vec<FileLine>)> = Vec::new();
        let mut reader = csv::Reader::from_reader(text);
        let columns = FilePlaces::find(reader.headers().map_err(|_| unreadable())?)?;
        for (row, record) in (1..).zip(reader.records()) {
            let record = record.map_err(|_| unreadable().at_row(row))?;
            if columns.text(&record, columns.kind) != kind.name() {
                continue;
            }
            let line = columns.line(&record).map_err(|error| error.at_row(row))?;
            match lines.last_mut() {
                Some((original, of_row)) if *original == line.original => of_row.push(line),
                _ => lines.push((line.original, vec![line])),
            }
        }
        if lines.is_empty() {
            return Err(refused(&format!(
                "there are no rows of type `{}`",
                kind.name()
            )));
        }
        for (original, of_row) in &lines {
            gaps(of_row).map_err(|rule| refused_row(*original, rule))?;
        }
        let per_unit = per_unit(&lines)?;
        let rows = lines.into_iter().map(|(original, of_row)| {
            let entries = of_row.into_iter().map(|line| NoiseEntry {
                deviation: (line.deviation * f64::from(per_unit)).round() as i32,
                probability: line.probability,
            });
            (original, entries.collect())
        });
        Self::new(per_unit, rows.collect())
    }

    /// Writes ptable's text, with eight decimals, its rows as those of a `kind`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::File`] if it cannot be written.
    pub fn write(&self, text: impl Write, kind: RowKind) -> Result<()> {
        let mut writer = csv::Writer::from_writer(text);
        let cannot = |_| Error::new(ErrorKind::File, "cannot write the perturbation table");
        let header = ["i", "j", "p", "v", "p_int_lb", "p_int_ub", "type"];
        writer.write_record(header).map_err(cannot)?;
        for row in &self.rows {
            let mut share = 0.0;
            for (at, entry) in row.entries.iter().enumerate() {
                let lower = decimals(share);
                share += entry.probability;
                let upper = match at + 1 == row.entries.len() {
                    true => 1.0,
                    false => decimals(share),
                };
                let deviation = f64::from(entry.deviation) / f64::from(self.per_unit);
                let numbers = [
                    row.original as f64,
                    row.original as f64 + deviation,
                    // Bounds are what keys are compared with; so the probability is theirs.
                    decimals(upper - lower),
                    deviation,
                    lower,
                    upper,
                ];
                let fields = numbers.iter().map(f64::to_string);
                let fields = fields.chain([kind.name().to_owned()]);
                writer.write_record(fields).map_err(cannot)?;
            }
        }
        writer
            .flush()
            .map_err(|_| Error::new(ErrorKind::File, "cannot write the perturbation table"))
    }
}

/// To eight decimals.
fn decimals(number: f64) -> f64 {
    (number * 1e8).round() / 1e8
}

/// The least number of parts of one in which every deviation is whole.
fn per_unit(lines: &[(u64, Vec<FileLine>)]) -> Result<u32> {
    let all = || lines.iter().flat_map(|(_, of_row)| of_row);
    if all().any(|line| line.deviation.abs() > 1e6) {
        return Err(refused("a deviation is too large"));
    }
    let whole = |parts: &u32| {
        all().all(|line| {
            let parts = line.deviation * f64::from(*parts);
            (parts - parts.round()).abs() < 1e-4
        })
    };
    (1..=MOST_PARTS)
        .find(whole)
        .ok_or_else(|| refused("deviations have no common step"))
}

/// The bounds of a row begin at 0, follow each other and end at 1.
fn gaps(lines: &[FileLine]) -> Result<(), &'static str> {
    let mut end = 0.0;
    for line in lines {
        if !near(line.lower, end, NEAR) {
            return Err("the bounds leave a gap or overlap");
        }
        if !near(line.upper - line.lower, line.probability, NEAR) {
            return Err("a probability is not what its bounds say");
        }
        end = line.upper;
    }
    match near(end, 1.0, NEAR) {
        true => Ok(()),
        false => Err("the probabilities do not sum to one"),
    }
}

/// Where the columns are.
struct FilePlaces {
    original: usize,
    perturbed: usize,
    probability: usize,
    deviation: usize,
    lower: usize,
    upper: usize,
    kind: usize,
}

impl FilePlaces {
    fn find(header: &csv::StringRecord) -> Result<Self> {
        let column = |names: &[&str]| {
            let found = header.iter().position(|name| names.contains(&name.trim()));
            found.ok_or_else(|| {
                let error = refused(&format!("there is no column `{}`", names[0]));
                match header.iter().any(|name| name.contains(';')) {
                    true => refused("its fields are separated by semicolons, and not by commas"),
                    false => error,
                }
            })
        };
        Ok(Self {
            original: column(&["i"])?,
            perturbed: column(&["j"])?,
            probability: column(&["p"])?,
            deviation: column(&["v"])?,
            // Older versions of ptable wrote the second name.
            lower: column(&["p_int_lb", "lb"])?,
            upper: column(&["p_int_ub", "ub"])?,
            kind: column(&["type"])?,
        })
    }

    fn text<'r>(&self, record: &'r csv::StringRecord, column: usize) -> &'r str {
        record.get(column).unwrap_or_default().trim()
    }

    fn line(&self, record: &csv::StringRecord) -> Result<FileLine> {
        let number = |column| -> Result<f64> {
            let number = self.text(record, column).parse::<f64>().ok();
            let finite = number.filter(|number| number.is_finite());
            finite.ok_or_else(|| refused("a field is not a number"))
        };
        let original = self.text(record, self.original).parse::<u64>().ok();
        let original = original.filter(|&original| original <= 1_000_000_000);
        let original =
            original.ok_or_else(|| refused("an original value is not a whole number from 0"))?;
        let line = FileLine {
            original,
            deviation: number(self.deviation)?,
            probability: number(self.probability)?,
            lower: number(self.lower)?,
            upper: number(self.upper)?,
        };
        let perturbed = number(self.perturbed)?;
        match (original as f64 + line.deviation - perturbed).abs() < 1e-4 {
            true => Ok(line),
            false => Err(refused(
                "the perturbed value is not the original one and the deviation",
            )),
        }
    }
}

fn unreadable() -> Error {
    refused("it cannot be read as comma-separated text with a header")
}
