//! Files that are cut short or changed: refused, or still sound; never a panic.

use std::path::Path;

use arrow_array::{Array, RecordBatch};
use arrow_buffer::Buffer;
use parquet::basic::Compression;

use super::{
    SAMPLE_READ, file, folder, ipc_bytes, parquet_bytes, read, refusal, sample, whole_parquet, zstd,
};
use crate::error::ErrorKind;
use crate::rows::format::ipc::ipc_batches;

#[test]
fn files_cut_short_are_refused() {
    let folder = folder();
    let batch = sample();
    let ipc = ipc_bytes(&[batch.clone(), batch.clone()]);
    let parquet = parquet_bytes(&[batch.clone(), batch], zstd(), 30);
    for length in (0..ipc.len()).step_by(13).chain(ipc.len() - 20..ipc.len()) {
        assert!(
            ipc_batches(Buffer::from(&ipc[..length])).is_err(),
            "{length} bytes"
        );
        let path = file(&folder, "a.arrow", &ipc[..length]);
        assert_eq!(
            refusal(&[&path], &SAMPLE_READ).kind(),
            ErrorKind::Rows,
            "{length} bytes"
        );
    }
    for length in (0..parquet.len())
        .step_by(13)
        .chain(parquet.len() - 20..parquet.len())
    {
        let path = file(&folder, "a.parquet", &parquet[..length]);
        assert_eq!(
            refusal(&[&path], &SAMPLE_READ).kind(),
            ErrorKind::Rows,
            "{length} bytes"
        );
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014): the same mutations in every run.
struct Mutations(u64);

impl Mutations {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }

    /// `bytes` with a few bytes changed, most of them near the end, where footers are.
    fn of(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut mutated = bytes.to_vec();
        for _ in 0..=self.below(4) {
            let reach = [bytes.len(), bytes.len().min(2000), bytes.len().min(100)][self.below(3)];
            let at = bytes.len() - 1 - self.below(reach);
            mutated[at] = match self.below(5) {
                0 => 0,
                1 => 0xff,
                2 => 0x7f,
                3 => mutated[at] ^ (1 << self.below(8)),
                _ => self.below(256) as u8,
            };
        }
        if self.below(20) == 0 {
            mutated.truncate(self.below(bytes.len()));
        }
        mutated
    }
}

/// Whatever is read of a mutated file must be sound Arrow; most are refused.
fn mutate(rounds: usize, seed: u64) {
    let folder = folder();
    let batch = sample();
    let ipc = ipc_bytes(&[batch.clone(), batch.clone()]);
    let batches = [batch.clone(), batch];
    let originals = [
        zstd(),
        Compression::SNAPPY,
        Compression::LZ4_RAW,
        Compression::UNCOMPRESSED,
    ]
    .map(|compression| parquet_bytes(&batches, compression, 30));
    let sound = |batch: &RecordBatch| {
        for column in batch.columns() {
            column.to_data().validate_full().unwrap();
        }
    };
    let mut mutations = Mutations(seed);
    let mut refused = 0;
    for round in 0..rounds {
        let bytes = mutations.of(&ipc);
        let path = file(&folder, "a.arrow", &bytes);
        match ipc_batches(Buffer::from_vec(bytes)) {
            Ok((_, batches)) => batches.iter().for_each(sound),
            Err(_) => refused += 1,
        }
        let read_back = read(&[&path], &SAMPLE_READ);
        read_back
            .into_iter()
            .flatten()
            .for_each(|raw| sound(&raw.batch));

        let bytes = mutations.of(&originals[round % originals.len()]);
        let path = file(&folder, "a.parquet", &bytes);
        match whole_parquet(&path, |_, _| Ok(())) {
            Ok((_, batches)) => batches.iter().for_each(sound),
            Err(_) => refused += 1,
        }
        let read_back = read(&[&path], &SAMPLE_READ);
        read_back
            .into_iter()
            .flatten()
            .for_each(|raw| sound(&raw.batch));
    }
    assert!(refused > rounds / 4, "{refused} of {} refused", 2 * rounds);
}

#[test]
fn mutated_files_are_refused_or_sound() {
    // More of them by hand: KOBLING_FUZZ_ROUNDS=40000.
    let rounds = std::env::var("KOBLING_FUZZ_ROUNDS").ok();
    mutate(
        rounds.and_then(|rounds| rounds.parse().ok()).unwrap_or(300),
        7,
    );
}

#[test]
fn a_page_header_that_claims_millions_of_nothing_is_refused_at_once() {
    let file = "tests/cases/parquet-that-takes-hours/hang.parquet";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let begun = std::time::Instant::now();
    let refused = whole_parquet(&path, |_, _| Ok(())).expect_err("it was read");
    assert!(refused.rule().contains("damaged"), "{refused}");
    // Hours, where the decoder skips what it does not know.
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
}
