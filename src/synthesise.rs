//! Synthetic registers: a population that never was, with numbers that no person can have.
//!
//! A plan is best tried before any real row moves, on data that looks like the
//! registers and is known to the last row. So this makes up a population with
//! Skatteetaten's kind of test numbers (80 added to the month, "Tenor"),
//! households, moves, deaths, incomes and benefits; with persons who had a
//! D-number first, or a number that was corrected; and with registers that make
//! mistakes with numbers, at rates that are stated. What is true is written
//! too, into a folder of its own, `truth`.
//!
//! ```text
//! folder/
//!   plan.toml                 a plan to rehearse: kobling rehearse folder/plan.toml
//!   population  moves  tax  benefit  history      the registers (see Register)
//!   truth/tax  truth/benefit  truth/numbers       whose row is whose, what is wrong with it
//! ```
//!
//! # What is made up how
//!
//! | what | how |
//! |---|---|
//! | births | 1915–2025, spread so that each day has numbers enough |
//! | households | 46.5 % one adult, 37 % couples, 12.5 % couples and 4 % one adult with up to 4 children under 25 |
//! | twins | 3 % of younger siblings: the same day; where of the same sex, the next number of that day |
//! | deaths | from 1991, by Gompertz's law |
//! | from abroad | 17 % of households of those born from 1945, from 2008 on: first a D-number, 60 days to 6 years later a fødselsnummer |
//! | corrected numbers | 0.2 % of those born here, 2 % of the others: the first had a wrong date of birth |
//! | moves | 2020–2025, 30 % of households, up to three times, between real municipalities with the codes of the day |
//! | incomes | 2023–2025, from 17 years on, log-normal within age groups |
//! | benefits | 2023–2025, 20 % of persons of 18–66 years, up to three spells |
//! | mistakes | in the tax and the benefit register: [`Rates`] |
//!
//! The same number of persons, seed, rates and version of kobling give the same
//! bytes, on any machine and with any number of threads.
//!
//! # Disclosure
//!
//! Nothing here is about anybody: no register issues numbers whose month is
//! above 80. A seed keeps no secret.

use std::path::Path;

use arrow_array::RecordBatch;
use rayon::prelude::*;

use crate::error::{Error, ErrorKind, Result};
use crate::release::Format;
use block::{PersonBlock, RegisterColumns};
use draw::{Draw, Purpose};
use municipality::Municipalities;
use number::{NumberPool, Pool};
use person::Mortality;

mod block;
mod calendar;
mod csv;
mod draw;
mod household;
mod income;
mod mistake;
mod municipality;
mod number;
mod person;
mod register;
mod write;

pub use mistake::{Mistake, Rates};
pub use register::Register;
pub use write::WrittenRegisters;

/// The most persons of a population: with more, some days could run out of numbers.
pub const MOST_PERSONS: u64 = 10_000_000;

/// About how many persons are made at a time.
const BLOCK: u64 = 1 << 16;

/// A population to be made up.
///
/// # Examples
///
/// ```
/// use kobling::Format;
/// use kobling::synthesise::{Rates, Register, SyntheticPopulation};
///
/// # let temporary = tempfile::tempdir().unwrap();
/// # let folder = temporary.path().join("synthetic");
/// let population = SyntheticPopulation::new(1000, 7)?.with_rates(Rates { borrowed: 0.01, ..Rates::default() })?;
/// let written = population.write(&folder, Format::Csv)?;
/// assert_eq!(written.rows(Register::Population), 1000);
/// assert!(folder.join("plan.toml").is_file());
/// assert!(folder.join("truth/tax.csv").is_file());
/// # Ok::<(), kobling::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SyntheticPopulation {
    persons: u64,
    seed: u64,
    rates: Rates,
}

impl SyntheticPopulation {
    /// A population of this many persons, with the default [`Rates`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Synthesis`] if there are no persons, or more than [`MOST_PERSONS`].
    pub fn new(persons: u64, seed: u64) -> Result<Self> {
        let wrong = |rule: String| Err(Error::new(ErrorKind::Synthesis, rule));
        match persons {
            0 => wrong("a population has at least 1 person".to_owned()),
            1..=MOST_PERSONS => Ok(Self {
                persons,
                seed,
                rates: Rates::default(),
            }),
            _ => wrong(format!(
                "there are synthetic numbers for {MOST_PERSONS} persons at most"
            )),
        }
    }

    /// The same population with other mistakes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Synthesis`] if a rate is not a number from 0 to 1, or all
    /// together are more than 1.
    pub fn with_rates(mut self, rates: Rates) -> Result<Self> {
        rates.check()?;
        self.rates = rates;
        Ok(self)
    }

    /// A register, made in memory.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Synthesis`] if a day has run out of numbers, which hardly any
    /// seed comes to.
    ///
    /// # Examples
    ///
    /// ```
    /// use kobling::synthesise::{Register, SyntheticPopulation};
    ///
    /// let history = SyntheticPopulation::new(1000, 7)?.register(Register::History)?;
    /// assert!(history.iter().map(|batch| batch.num_rows()).sum::<usize>() > 0);
    /// # Ok::<(), kobling::Error>(())
    /// ```
    pub fn register(&self, register: Register) -> Result<Vec<RecordBatch>> {
        let mut found = Vec::new();
        self.each_wave(|wave| {
            let batches = wave.into_iter().flatten();
            found.extend(batches.filter_map(|(one, batch)| (one == register).then_some(batch)));
            Ok(())
        })?;
        Ok(found)
    }

    /// Writes the registers, the plan and the truth into a new folder.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::File`] if the folder exists already or cannot be written, and
    /// as [`register`](Self::register) has them; then there is no folder.
    pub fn write(&self, folder: impl AsRef<Path>, format: Format) -> Result<WrittenRegisters> {
        write::write(self, folder.as_ref(), format)
    }

    /// Makes block after block, as many at a time as there are threads, and
    /// hands them on in their order.
    fn each_wave(
        &self,
        mut take: impl FnMut(Vec<Vec<(Register, RecordBatch)>>) -> Result<()>,
    ) -> Result<()> {
        let seeded = Seeded::new(self.seed);
        let blocks = self.blocks();
        let begins = seeded.begins(&blocks)?;
        let mut rows = [0; Register::ALL.len()];
        let at_once = 2 * rayon::current_num_threads();
        for (blocks, begins) in blocks.chunks(at_once).zip(begins.chunks(at_once)) {
            let made = blocks.par_iter().zip(begins);
            let made: Vec<[RegisterColumns; 8]> = made
                .map(|(block, begins)| block.rows(&seeded, &self.rates, begins))
                .collect();
            take(
                made.into_iter()
                    .map(|columns| batches(columns, &mut rows))
                    .collect(),
            )?;
        }
        Ok(())
    }

    /// All persons in blocks of about one size, whatever the number of threads.
    fn blocks(&self) -> Vec<PersonBlock> {
        let count = self.persons.div_ceil(BLOCK);
        let first = |block: u64| 1 + self.persons * block / count;
        let blocks = (0..count).map(|block| PersonBlock {
            persons: first(block)..first(block + 1),
        });
        blocks.collect()
    }
}

/// The registers of one block; `rows` counts those of the blocks before it.
fn batches(
    columns: [RegisterColumns; Register::ALL.len()],
    rows: &mut [i64; Register::ALL.len()],
) -> Vec<(Register, RecordBatch)> {
    let registers = Register::ALL.into_iter().zip(columns).zip(rows);
    let batches = registers.map(|((register, columns), rows)| {
        let columns = register.counted_from(*rows, columns);
        let batch = RecordBatch::try_new(register.schema(), columns)
            .expect("each register's columns are those of its schema");
        *rows += batch.num_rows() as i64;
        (register, batch)
    });
    batches.collect()
}

/// What all blocks of a population share.
struct Seeded {
    seed: u64,
    numbers: NumberPool,
    municipalities: Municipalities,
    mortality: Mortality,
}

impl Seeded {
    fn new(seed: u64) -> Self {
        Self {
            seed,
            numbers: NumberPool::new(seed),
            municipalities: Municipalities::new(),
            mortality: Mortality::new(),
        }
    }

    fn draw(&self, purpose: Purpose, index: u64) -> Draw {
        Draw::of(self.seed, purpose, index)
    }

    /// For each block the first rank that it may take from each pool.
    fn begins(&self, blocks: &[PersonBlock]) -> Result<Vec<Vec<u16>>> {
        let taken = blocks.par_iter().map(|block| block.takes(self));
        let mut begins: Vec<Vec<u16>> = taken.collect();
        for pool in Pool::all() {
            let mut next = 0;
            for begin in &mut begins {
                let taken = usize::from(begin[pool.index()]);
                // As long as all fit, a rank is below the pool's capacity, of some hundreds.
                begin[pool.index()] = next as u16;
                next += taken;
                if next > self.numbers.capacity(pool) {
                    return Err(Error::new(
                        ErrorKind::Synthesis,
                        "a date of birth has more persons than numbers",
                    )
                    .help("take another seed, or fewer persons"));
                }
            }
        }
        Ok(begins)
    }
}
