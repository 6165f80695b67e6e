//! A synthetic population as files: registers, plan and truth, all or none.
//!
//! Blocks of rows are encoded side by side and appended in their order, each as
//! a row group of its own, so that the bytes are the same however many threads
//! encode. Nothing waits for the disk: what a power cut loses can be made again.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_ipc::writer::FileWriter;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use rayon::prelude::*;

use super::{Register, SyntheticPopulation, csv};
use crate::atomic_file::prepare_whole_folder;
use crate::error::{Error, ErrorKind, Result};
use crate::extract::unwritten;
use crate::release::Format;

/// The plan that goes with the registers.
const PLAN: &str = include_str!("plan.toml");

/// The folder of what only the tester of a linkage may know.
const TRUTH: &str = "truth";

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WrittenRegisters {
    rows: [u64; Register::ALL.len()],
}

impl WrittenRegisters {
    /// The rows of a register.
    pub fn rows(&self, register: Register) -> u64 {
        self.rows[register as usize]
    }
}

pub(super) fn write(
    population: &SyntheticPopulation,
    folder: &Path,
    format: Format,
) -> Result<WrittenRegisters> {
    let mut rows = [0; Register::ALL.len()];
    // Errors name a file as it would have been called in the end.
    let last = folder;
    prepare_whole_folder(last, |folder| {
        let io = |name: &str, doing, error| Error::file(&last.join(name), doing, &error);
        fs::create_dir(folder.join(TRUTH)).map_err(|error| io(TRUTH, "make the folder", error))?;
        fs::write(folder.join("plan.toml"), PLAN)
            .map_err(|error| io("plan.toml", "write the plan", error))?;

        let mut files = Vec::new();
        for register in Register::ALL {
            let within = if register.is_truth() { TRUTH } else { "" };
            let name = format!("{}.{}", register.name(), format.ending());
            let name = Path::new(within).join(name);
            files.push(Output::create(register, format, folder, last, &name)?);
        }
        population.each_wave(|wave| {
            let encoded = wave.into_par_iter().map(|batches| {
                let batches = files.iter().zip(batches);
                let encoded = batches
                    .map(|(file, (_, batch))| Ok((batch.num_rows() as u64, file.encode(batch)?)));
                encoded.collect::<Result<Vec<_>>>()
            });
            for blocks in encoded.collect::<Result<Vec<_>>>()? {
                for (at, (more, encoded)) in blocks.into_iter().enumerate() {
                    rows[at] += more;
                    files[at].append(encoded)?;
                }
            }
            Ok(())
        })?;
        files.into_iter().try_for_each(Output::finish)
    })?
    .finish()?;
    Ok(WrittenRegisters { rows })
}

/// A file that grows by blocks.
struct Output {
    writer: Writer,
    /// Where it is in the end.
    path: PathBuf,
}

/// How it is written.
enum Writer {
    Parquet {
        file: SerializedFileWriter<BufWriter<File>>,
        columns: ArrowRowGroupWriterFactory,
    },
    Arrow(FileWriter<BufWriter<File>>),
    Csv(BufWriter<File>),
}

/// A block as it is appended.
enum Encoded {
    Parquet(Vec<ArrowColumnChunk>),
    Arrow(RecordBatch),
    Csv(Vec<u8>),
}

impl Output {
    /// The file `name` in `folder`, which is `last` in the end.
    fn create(
        register: Register,
        format: Format,
        folder: &Path,
        last: &Path,
        name: &Path,
    ) -> Result<Self> {
        let path = last.join(name);
        let file = File::create_new(folder.join(name))
            .map_err(|error| Error::file(&path, "write the file", &error))?;
        let writer = Writer::begin(register, format, file);
        match writer {
            Ok(writer) => Ok(Self { writer, path }),
            Err(error) => Err(error.in_file(&path)),
        }
    }

    fn encode(&self, batch: RecordBatch) -> Result<Encoded> {
        let encoded = match &self.writer {
            Writer::Parquet { columns, .. } => {
                let group = row_group(columns, &batch);
                group.map(Encoded::Parquet).map_err(not_parquet)
            }
            Writer::Arrow(_) => Ok(Encoded::Arrow(batch)),
            Writer::Csv(_) => Ok(Encoded::Csv(csv::rows(&batch))),
        };
        encoded.map_err(|error| error.in_file(&self.path))
    }

    fn append(&mut self, encoded: Encoded) -> Result<()> {
        let appended = match (&mut self.writer, encoded) {
            (Writer::Parquet { file, .. }, Encoded::Parquet(chunks)) => {
                let append = || {
                    let mut group = file.next_row_group()?;
                    for chunk in chunks {
                        chunk.append_to_row_group(&mut group)?;
                    }
                    group.close().map(drop)
                };
                append().map_err(not_parquet)
            }
            (Writer::Arrow(file), Encoded::Arrow(batch)) => file
                .write(&batch)
                .map_err(|error| unwritten("Arrow IPC", &error)),
            (Writer::Csv(file), Encoded::Csv(text)) => file.write_all(&text).map_err(not_csv),
            // A file encodes in its own format.
            _ => Err(Error::new(ErrorKind::File, "cannot write the file")),
        };
        appended.map_err(|error| error.in_file(&self.path))
    }

    fn finish(self) -> Result<()> {
        let finished = match self.writer {
            Writer::Parquet { file, .. } => file.close().map(drop).map_err(not_parquet),
            Writer::Arrow(mut file) => file
                .finish()
                .map_err(|error| unwritten("Arrow IPC", &error)),
            Writer::Csv(mut file) => file.flush().map_err(not_csv),
        };
        finished.map_err(|error| error.in_file(&self.path))
    }
}

impl Writer {
    fn begin(register: Register, format: Format, file: File) -> Result<Self> {
        let mut file = BufWriter::with_capacity(1 << 20, file);
        let schema = register.schema();
        Ok(match format {
            Format::Parquet => {
                let writer = ArrowWriter::try_new(file, schema, Some(properties(register)))
                    .and_then(ArrowWriter::into_serialized_writer);
                let (file, columns) = writer.map_err(not_parquet)?;
                Self::Parquet { file, columns }
            }
            Format::Arrow => {
                let writer = FileWriter::try_new(file, &schema);
                Self::Arrow(writer.map_err(|error| unwritten("Arrow IPC", &error))?)
            }
            Format::Csv => {
                file.write_all(&csv::header(&schema)).map_err(not_csv)?;
                Self::Csv(file)
            }
        })
    }
}

fn properties(register: Register) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::Chunk);
    for &name in register.identifiers() {
        // They do not repeat enough for a dictionary to pay.
        let column = ColumnPath::from(name);
        properties = properties
            .set_column_dictionary_enabled(column.clone(), false)
            .set_column_statistics_enabled(column, EnabledStatistics::None);
    }
    properties.build()
}

fn row_group(
    columns: &ArrowRowGroupWriterFactory,
    batch: &RecordBatch,
) -> Result<Vec<ArrowColumnChunk>, ParquetError> {
    // The index is of use for encryption only.
    let mut writers = columns.create_column_writers(0)?;
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns());
    for (writer, (field, column)) in writers.iter_mut().zip(columns) {
        for leaf in compute_leaves(field, column)? {
            writer.write(&leaf)?;
        }
    }
    writers.into_iter().map(|writer| writer.close()).collect()
}

fn not_parquet(error: ParquetError) -> Error {
    unwritten("Parquet", &error)
}

fn not_csv(error: std::io::Error) -> Error {
    unwritten("CSV", &error)
}
