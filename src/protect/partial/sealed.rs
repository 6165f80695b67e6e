//! Sealed parts: confidential figures as bytes that only the release key opens.
//!
//! ```text
//! "kobling sealed part\n" ‖ length of the header (4 bytes, little-endian) ‖ header ‖ nonce (24 bytes) ‖ figures and tag
//! ```
//!
//! The header is JSON and is in the clear, so that whoever merges parts learns which
//! of them does not belong; it is the additional data of the encryption, so that it
//! cannot be changed. A nonce of 24 random bytes may be drawn for each of any number of
//! parts (draft-irtf-cfrg-xchacha, section 2).

use std::io::{Read as _, Write as _};
use std::path::Path;

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::PartialTables;
use crate::atomic_file::{FileKind, write_atomically};
use crate::error::{Error, ErrorKind, Result};
use crate::extract::Part;
use crate::key::ReleaseKey;
use crate::limited::{NO_FILE, open_regular};
use crate::plan::Plan;
use crate::table::{Provenance, Shares};

const MAGIC: &[u8] = b"kobling sealed part\n";

/// The version of the format.
const FORMAT: u32 = 1;

/// Bytes of a header, at most.
const MOST_HEADER: usize = 1 << 20;

const NONCE: usize = 24;

/// What distinguishes the key of sealed parts from all else under the release key.
const LABEL: &[u8] = b"sealed part";

/// What a sealed part says of itself in the clear.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SealedHeader {
    format: u32,
    /// The version of kobling that made it: figures are only merged with those of the same.
    version: String,
    /// The digest of the plan.
    plan: String,
    release_key_check: String,
    part: Part,
    /// Of each source, the content digest of its extract.
    extracts: Vec<(String, String)>,
}

impl SealedHeader {
    fn of(tables: &PartialTables) -> Self {
        let inputs = tables.provenance.inputs.iter();
        let extracts = inputs.map(|input| {
            let content = input.content.clone();
            (input.source.clone(), content.unwrap_or_default())
        });
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            plan: tables.plan.digest().to_string(),
            release_key_check: tables.release_key.to_string(),
            part: tables.part,
            extracts: extracts.collect(),
        }
    }
}

fn cipher(key: &ReleaseKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.derive(LABEL, &[]).expose().into())
}

pub(super) fn seal(tables: PartialTables, key: &ReleaseKey) -> Result<Vec<u8>> {
    let header =
        serde_json::to_vec(&SealedHeader::of(&tables)).expect("a header is text and numbers");
    let length = u32::try_from(header.len()).expect("a header is short");
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce)
        .map_err(|_| Error::new(ErrorKind::Key, "the system gives no random bytes"))?;
    let mut clear = [MAGIC, &length.to_le_bytes(), &header].concat();
    let provenance = postcard::to_stdvec(&(&tables.provenance, &tables.rows));
    let provenance = provenance.expect("it is text and numbers");
    let figures = tables.shares.into_bytes();
    let length = (provenance.len() as u64).to_le_bytes();
    // Room for the tag too: a buffer that grows leaves a copy behind.
    let room = length.len() + provenance.len() + figures.len() + 16;
    let mut sealed = Zeroizing::new(Vec::with_capacity(room));
    sealed.extend_from_slice(&length);
    sealed.extend_from_slice(&provenance);
    sealed.extend_from_slice(&figures);
    cipher(key)
        .encrypt_in_place(&XNonce::from(nonce), &clear, &mut *sealed)
        .map_err(|_| Error::new(ErrorKind::Overflow, "a part is too large to be sealed"))?;
    clear.extend_from_slice(&nonce);
    clear.extend_from_slice(&sealed);
    Ok(clear)
}

pub(super) fn open(plan: &Plan, bytes: &[u8], key: &ReleaseKey) -> Result<PartialTables> {
    let refused = |rule: &str| Error::new(ErrorKind::Linkage, rule);
    let damaged = || refused("is damaged or cut short: it is not what was sealed");
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        return Err(refused("is no sealed part of tables"));
    };
    let (length, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let length = u32::from_le_bytes(*length) as usize;
    let (header, rest) = rest.split_at_checked(length).ok_or_else(damaged)?;
    let clear = &bytes[..MAGIC.len() + 4 + length];
    if length > MOST_HEADER {
        return Err(damaged());
    }
    let header: SealedHeader = serde_json::from_slice(header).map_err(|_| damaged())?;
    if header.format != FORMAT || header.version != env!("CARGO_PKG_VERSION") {
        let error = refused("was made by another version of kobling");
        return Err(error.help("make all parts anew with one version"));
    }
    if header.plan != plan.digest().to_string() {
        return Err(refused("was made under another plan"));
    }
    let check = key.check();
    if header.release_key_check != check.to_string() {
        let rule = format!(
            "was sealed under another release key: its key check is {}, and that of this one {check}",
            header.release_key_check
        );
        return Err(Error::new(ErrorKind::Key, rule));
    }
    let (nonce, sealed) = rest.split_first_chunk::<NONCE>().ok_or_else(damaged)?;
    let mut figures = Zeroizing::new(sealed.to_vec());
    cipher(key)
        .decrypt_in_place(&XNonce::from(*nonce), clear, &mut *figures)
        .map_err(|_| damaged())?;
    let (length, rest) = figures.split_first_chunk().ok_or_else(damaged)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| damaged())?;
    let (provenance, shares) = rest.split_at_checked(length).ok_or_else(damaged)?;
    let (provenance, rows): (Provenance, Vec<u64>) =
        postcard::from_bytes(provenance).map_err(|_| damaged())?;
    if rows.len() != provenance.inputs.len() {
        return Err(damaged());
    }
    let shares = Shares::from_bytes(plan, shares).ok_or_else(damaged)?;
    Ok(PartialTables {
        plan: plan.clone(),
        part: header.part,
        release_key: check,
        provenance,
        rows,
        shares,
    })
}

pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_atomically(path, FileKind::Extract, |file| {
        let io = |error| Error::file(path, "write the file", &error);
        file.write_all(bytes).map_err(io)
    })
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    let unreadable = |error| Error::file(path, "read the file", &error);
    let Some(mut file) = open_regular(path).map_err(unreadable)? else {
        return Err(Error::new(ErrorKind::File, NO_FILE).in_file(path));
    };
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}
