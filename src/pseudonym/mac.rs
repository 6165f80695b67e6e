//! HMAC-SHA256 of identifiers, in as few calls of the hash's block function as there can be.
//!
//! The message of nearly every identifier fits one block beside the padding of
//! SHA-256 (FIPS 180-4, section 5.1.1), and the inner hash always does. So a
//! pseudonym costs two calls: one from the key's inner state, one from its
//! outer. What goes around the canonical form in the block depends on nothing
//! but its length; it is laid down once for each length that there can be.
//! Longer messages, and the tests, go through the `hmac` crate.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use sha2::block_api::compress256;
use zeroize::Zeroizing;

use super::{Pseudonym, WIDTH};
use crate::identifier::Forms;
use crate::key::{BLOCK, DomainKey, Pads};
use crate::plan::IdentifierType;

type Block = [u8; BLOCK];

/// The longest message that fits a block: a byte and the length in bits end it.
const MOST_BYTES: usize = BLOCK - 1 - 8;

/// Blocks that are filled before they are hashed. A processor stalls when it
/// loads at once what was just stored piece by piece.
const LANES: usize = 8;

/// Makes pseudonyms of identifiers of one type under one key.
pub(super) struct Hasher {
    kind: IdentifierType,
    pads: Pads,
    mac: Hmac<Sha256>,
    /// By the canonical form's length: the block around it.
    frames: Vec<Block>,
    /// Where in the block the canonical form stands.
    start: usize,
}

impl Hasher {
    pub(super) fn new(kind: IdentifierType, key: &DomainKey) -> Self {
        let message = |length: usize| {
            let mut message = Vec::new();
            kind.encode(&vec![0; length], &mut message);
            message
        };
        let start = message(0).len();
        let frames = (0..=MOST_BYTES - start).map(|length| padded(&message(length)));
        Self {
            kind,
            pads: key.pads(),
            mac: key.mac(),
            frames: frames.collect(),
            start,
        }
    }

    /// The pseudonyms of the forms from `first` on, as many as `out` takes.
    pub(super) fn hash(&self, forms: &Forms, first: usize, out: &mut [Pseudonym]) {
        let mut blocks = Zeroizing::new([[0; BLOCK]; LANES]);
        for (group, out) in out.chunks_mut(LANES).enumerate() {
            let first = first + group * LANES;
            let mut fit = true;
            for (row, block) in (first..first + out.len()).zip(blocks.iter_mut()) {
                fit &= self.fill(forms.get(row), block);
            }
            if fit {
                self.hash_blocks(&mut blocks, out);
            } else {
                for (row, out) in (first..).zip(out) {
                    *out = self.hash_long(forms.get(row));
                }
            }
        }
    }

    /// Lays down the message of `form`; false if it does not fit a block.
    #[inline]
    fn fill(&self, form: &[u8], block: &mut Block) -> bool {
        let Some(frame) = self.frames.get(form.len()) else {
            return false;
        };
        *block = *frame;
        copy(form, &mut block[self.start..][..form.len()]);
        true
    }

    /// The pseudonyms of the messages in `blocks`, which are used up.
    #[inline]
    fn hash_blocks(&self, blocks: &mut [Block; LANES], out: &mut [Pseudonym]) {
        for block in &mut blocks[..out.len()] {
            let mut state = *self.pads.inner();
            compress256(&mut state, std::slice::from_ref(block));
            *block = OUTER;
            let (words, _) = block.as_chunks_mut();
            for (bytes, word) in words.iter_mut().zip(state) {
                *bytes = word.to_be_bytes();
            }
        }
        for (block, out) in blocks.iter().zip(out) {
            let mut state = *self.pads.outer();
            compress256(&mut state, std::slice::from_ref(block));
            let [a, b, c, d, ..] = state.map(Pseudonym::from);
            *out = a << 96 | b << 64 | c << 32 | d;
        }
    }

    /// The pseudonym of a form of any length.
    fn hash_long(&self, form: &[u8]) -> Pseudonym {
        let mut message = Zeroizing::new(Vec::with_capacity(self.start + form.len()));
        self.kind.encode(form, &mut message);
        let digest = self.mac.clone().chain_update(&*message).finalize();
        let mut bytes = [0; WIDTH];
        bytes.copy_from_slice(&digest.into_bytes()[..WIDTH]);
        Pseudonym::from_be_bytes(bytes)
    }
}

/// Copies a few bytes, for which a call would take longer than the copying.
#[inline]
fn copy(from: &[u8], to: &mut [u8]) {
    fn ends<const N: usize>(from: &[u8], to: &mut [u8]) -> Option<()> {
        let (first, last) = (*from.first_chunk::<N>()?, *from.last_chunk::<N>()?);
        *to.first_chunk_mut()? = first;
        *to.last_chunk_mut()? = last;
        Some(())
    }
    // The two ends of a text of this length overlap, or meet.
    let copied = match from.len() {
        8..=16 => ends::<8>(from, to),
        4..8 => ends::<4>(from, to),
        _ => None,
    };
    if copied.is_none() {
        to.copy_from_slice(from);
    }
}

/// The block that the outer hash ends with; the inner hash takes its first 32 bytes.
const OUTER: Block = {
    let mut block = [0; BLOCK];
    block[32] = 0x80;
    let [.., high, low] = (8 * (BLOCK + 32)).to_be_bytes();
    block[BLOCK - 2] = high;
    block[BLOCK - 1] = low;
    block
};

/// The last block of a hash whose first block was the key's, with `message` in it.
fn padded(message: &[u8]) -> Block {
    let mut block = [0; BLOCK];
    block[..message.len()].copy_from_slice(message);
    block[message.len()] = 0x80;
    let bits = 8 * (BLOCK + message.len()) as u64;
    block[BLOCK - 8..].copy_from_slice(&bits.to_be_bytes());
    block
}
