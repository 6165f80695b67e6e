//! Electronic mail addresses, as an identifier of last resort.
//!
//! The canonical form is the address in lower case and in Unicode's NFC, and
//! nothing more. Its local part may by RFC 5321, section 2.4, distinguish upper from
//! lower case, but the same section discourages that, and people write their
//! own address either way; domains never do (RFC 4343). What only one provider
//! holds for equal (dots, what follows a plus) stays, as does the spelling of an
//! international domain: `xn--…` and what it encodes are two. Nor does
//! anything beyond case meet, for `ß` and `ss` are two domains.
//!
//! Accepted is the plain form that persons have: a dot-atom (RFC 5322, section
//! 3.2.3; with letters of any script, RFC 6531), `@`, and a domain name of two
//! labels or more (RFC 1123, section 2.1). Quoted local parts, address literals,
//! comments and display names are not.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::fault::IdentifierFault;
use crate::kind::IdentifierKind;

/// The longest address, in bytes (RFC 5321, section 4.5.3.1.3, less the brackets).
const MOST: usize = 254;

/// The longest local part and the longest label, in bytes (RFC 5321, section 4.5.3.1.1; RFC 1035, section 2.3.4).
const MOST_LOCAL: usize = 64;
const MOST_LABEL: usize = 63;

/// What else an atom may have (RFC 5322, section 3.2.3).
const ATEXT: &str = "!#$%&'*+-/=?^_`{|}~";

/// The canonical form of trimmed text that is an address.
pub(super) fn email(text: &str, out: &mut Vec<u8>) -> Result<IdentifierKind, IdentifierFault> {
    if text.len() > MOST {
        return Err(IdentifierFault::TooLong);
    }
    // Written in its final place, so that no copy is left elsewhere.
    let start = out.len();
    for c in lower(text) {
        out.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    let form = std::str::from_utf8(&out[start..]).map_err(|_| IdentifierFault::WrongCharacters);
    let judged = form.and_then(judge);
    if judged.is_err() {
        out.truncate(start);
    }
    judged.map(|()| IdentifierKind::of("email"))
}

/// In NFC and lower case, as far as one round goes.
fn lower(text: &str) -> impl Iterator<Item = char> {
    text.nfc().flat_map(char::to_lowercase).nfc()
}

/// Whether `form`, in lower case, is an address.
fn judge(form: &str) -> Result<(), IdentifierFault> {
    // What a second round would change has no one form.
    if !lower(form).eq(form.chars()) {
        return Err(IdentifierFault::WrongCharacters);
    }
    let (local, domain) = form.rsplit_once('@').ok_or(IdentifierFault::NotAnAddress)?;
    if form.len() > MOST || local.len() > MOST_LOCAL {
        return Err(IdentifierFault::TooLong);
    }
    check(local.split('.'), is_atom)?;
    check(domain.split('.'), is_label)?;
    // What ends in digits is a number of the network, not a name.
    let (_, top) = domain
        .rsplit_once('.')
        .ok_or(IdentifierFault::NotAnAddress)?;
    match top.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Err(IdentifierFault::NotAnAddress),
        false => Ok(()),
    }
}

/// Whether no part is empty, and each has characters that `fits` takes.
fn check<'a>(
    mut parts: impl Iterator<Item = &'a str>,
    fits: fn(&str) -> bool,
) -> Result<(), IdentifierFault> {
    parts.try_for_each(|part| match part {
        "" => Err(IdentifierFault::NotAnAddress),
        part if fits(part) => Ok(()),
        _ => Err(IdentifierFault::WrongCharacters),
    })
}

fn is_atom(part: &str) -> bool {
    part.chars().all(|c| is_letter(c) || ATEXT.contains(c))
}

fn is_label(part: &str) -> bool {
    let dashed = part.starts_with('-') || part.ends_with('-');
    part.len() <= MOST_LABEL && !dashed && part.chars().all(|c| is_letter(c) || c == '-')
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}
