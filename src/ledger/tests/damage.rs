//! Ledgers that a crash has left half written, or that somebody has changed.

use std::fs::{self, File};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::super::entry::LedgerEntry;
use super::super::seal::{Seal, Sealed, Unopened};
use super::super::{SealedKind, hex};
use super::{CANARY, Desk, read, release, write};
use crate::error::{Error, ErrorKind};
use crate::key::ReleaseKey;
use crate::ledger::Ledger;
use crate::plan::Plan;

/// The fields of a line, changed and chained and sealed anew, under `key`.
fn forged(line: &[u8], key: &ReleaseKey, change: impl FnOnce(&mut LedgerEntry)) -> Vec<u8> {
    let sealed = Sealed::split(line).expect("a sealed line");
    let mut entry = sealed.says().expect("an entry");
    change(&mut entry);
    Seal::of(key).line(SealedKind::Entry, &entry)
}

/// Asserts that nothing is read of the changed ledger but what was written.
fn nothing_else(desk: &Desk, written: &[LedgerEntry], what: &str) {
    match Ledger::open(desk.path(), &desk.plan, &desk.key) {
        Ok(ledger) => assert_eq!(ledger.entries(), written, "{what}"),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Ledger, "{what}: {error}");
            assert!(!error.to_string().contains(CANARY), "{what}: {error}");
        }
    }
}

#[test]
fn no_changed_bit_is_read() {
    let desk = Desk::with(3);
    for path in [desk.path(), desk.head()] {
        let whole = read(&path);
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            // Each bit in turn, from byte to byte.
            bytes[at] ^= 1 << (at % 8);
            write(&path, &bytes);
            desk.refusal();
        }
        write(&path, &whole);
    }
    assert_eq!(desk.open().entries().len(), 3);
}

#[test]
fn no_cut_is_read() {
    let desk = Desk::with(3);
    for path in [desk.path(), desk.head()] {
        let whole = read(&path);
        for len in 0..whole.len() {
            write(&path, &whole[..len]);
            desk.refusal();
            // From the front too.
            write(&path, &whole[whole.len() - len..]);
            desk.refusal();
        }
        write(&path, &whole);
    }
}

#[test]
fn no_bytes_taken_out_or_doubled_are_read() {
    let desk = Desk::with(3);
    let written = desk.open().entries().to_vec();
    let whole = read(&desk.path());
    for from in (0..whole.len()).step_by(13) {
        for len in [1, 2, 30, 300, whole.len() / 3] {
            let to = whole.len().min(from + len);
            write(&desk.path(), &[&whole[..from], &whole[to..]].concat());
            desk.refusal();
            write(&desk.path(), &[&whole[..to], &whole[from..]].concat());
            // Behind the last newline anything may be: it is no line.
            nothing_else(&desk, &written, &format!("{from} to {to} twice"));
        }
    }
}

#[test]
fn lines_that_are_no_text_are_reported_by_what_they_are() {
    let desk = Desk::with(2);
    let lines = desk.lines();
    let second = |change: fn(&mut Vec<u8>), words: &str| {
        let mut line = lines[1].clone();
        change(&mut line);
        desk.write_lines(&[lines[0].clone(), line]);
        desk.refuses(words);
    };
    second(
        |line| line[20] = 0,
        "entry 2 is damaged: it holds NUL bytes",
    );
    second(
        |line| line[20] = 0xff,
        "entry 2 is damaged: it is not UTF-8",
    );
    second(
        |line| line.insert(line.len() - 1, b'\r'),
        "entry 2 ends with a carriage return",
    );
    second(|line| *line = b"\n".to_vec(), "entry 2 is damaged");
    second(|line| *line = b"{}\n".to_vec(), "entry 2 is damaged");
    second(
        |line| *line = [&[b'['; 1000][..], b"\n"].concat(),
        "entry 2 is damaged",
    );

    let marked = [b"\xEF\xBB\xBF".to_vec(), lines.concat()];
    desk.write_lines(&marked);
    desk.refuses("entry 1 begins with a byte order mark");
}

#[test]
fn a_changed_entry_is_found_also_where_the_chain_was_made_anew() {
    let desk = Desk::with(3);
    let mut lines = desk.lines();
    let other = ReleaseKey::generate().expect("random numbers");

    // With the seal of the line before the change.
    let text = String::from_utf8(lines[1].clone()).expect("text");
    let changed = text.replace("\"persons\":12", "\"persons\":13");
    assert_ne!(changed, text);
    let mut kept = lines.clone();
    kept[1] = changed.into_bytes();
    desk.write_lines(&kept);
    desk.refuses("entry 2 was changed, or was not written under this release key");

    // With another key's, and the chain after it in order.
    lines[1] = forged(&lines[1], &other, |entry| entry.release.tables.clear());
    let before = hex(&Sha256::digest(&lines[1]));
    lines[2] = forged(&lines[2], &other, |entry| entry.before = before);
    desk.write_lines(&lines);
    desk.refuses("entry 2 was changed, or was not written under this release key");
}

#[test]
fn an_entry_behind_the_head_is_read_only_from_who_holds_the_key() {
    let desk = Desk::with(2);
    let mut lines = desk.lines();
    let before = hex(&Sha256::digest(&lines[1]));
    let next = |key: &ReleaseKey| {
        forged(&lines[1], key, |entry| {
            (entry.number, entry.before) = (3, before.clone())
        })
    };
    let (own, other) = (
        next(&desk.key),
        next(&ReleaseKey::generate().expect("random")),
    );

    lines.push(other);
    desk.write_lines(&lines);
    desk.refuses("entry 3 was changed, or was not written under this release key");

    lines[2] = own;
    desk.write_lines(&lines);
    assert_eq!(desk.open().entries().len(), 3);
}

#[test]
fn a_head_does_not_pass_for_an_entry_nor_the_reverse() {
    let desk = Desk::with(1);
    let (line, head) = (read(&desk.path()), read(&desk.head()));
    let seal = Seal::of(&desk.key);
    for (bytes, own, other) in [
        (line, SealedKind::Entry, SealedKind::Head),
        (head, SealedKind::Head, SealedKind::Entry),
    ] {
        let open = |what| seal.open::<serde_json::Value>(what, &bytes);
        assert!(open(own).is_ok());
        assert!(matches!(open(other), Err(Unopened::Changed(_))));
    }
}

#[test]
fn nothing_of_a_line_is_parsed_before_its_seal_is_known() {
    /// What is parsed only by somebody who should not.
    #[derive(Debug)]
    struct Parsed;
    impl<'de> serde::Deserialize<'de> for Parsed {
        fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            panic!("it is parsed")
        }
    }
    let desk = Desk::with(1);
    let mut line = read(&desk.path());
    line[20] ^= 1;
    let opened = Seal::of(&desk.key).open::<Parsed>(SealedKind::Entry, &line);
    assert!(matches!(opened, Err(Unopened::Changed(_))));
}

#[test]
fn entries_in_another_order_are_found() {
    let desk = Desk::with(3);
    let lines = desk.lines();
    let arranged = |order: &[usize]| {
        let arranged: Vec<_> = order.iter().map(|&at| lines[at].clone()).collect();
        desk.write_lines(&arranged);
    };
    for (order, entry) in [
        (&[0, 2, 1][..], 2),
        (&[0, 2], 2),
        (&[1, 2], 1),
        (&[0, 1, 1, 2], 3),
        (&[0, 1, 2, 2], 4),
        (&[2, 1, 0], 1),
    ] {
        arranged(order);
        desk.refuses(&format!("entry {entry} does not follow the one before it"));
    }
    arranged(&[0, 1]);
    desk.refuses("was cut: it has 2 of its 3 entries");
    arranged(&[]);
    desk.refuses("was cut: it has 0 of its 3 entries");
    fs::remove_file(desk.path()).expect("it is removed");
    desk.refuses("was cut: it has 0 of its 3 entries");
}

#[test]
fn a_lost_head_is_found_after_the_first_entry_already() {
    for entries in 1..=3 {
        let desk = Desk::with(entries);
        fs::remove_file(desk.head()).expect("it is removed");
        desk.refuses("has no head");
    }
}

#[test]
fn a_head_that_was_put_back_is_found() {
    let desk = Desk::with(1);
    let old = read(&desk.head());
    let mut ledger = desk.open();
    ledger.append(release(2)).expect("it is written");
    ledger.append(release(3)).expect("it is written");
    write(&desk.head(), &old);
    desk.refuses("that is 2 entries behind");
}

#[test]
fn two_histories_of_one_ledger_are_not_mixed() {
    let desk = Desk::with(1);
    let (line, head) = (read(&desk.path()), read(&desk.head()));
    desk.open().append(release(2)).expect("it is written");
    let kept = read(&desk.path());

    write(&desk.path(), &line);
    write(&desk.head(), &head);
    desk.open().append(release(3)).expect("it is written");
    write(&desk.path(), &kept);
    desk.refuses("of another entry 2");
}

#[test]
fn files_that_are_put_back_together_are_not_found() {
    // As the module says: so that nobody believes otherwise.
    let desk = Desk::with(1);
    let (line, head) = (read(&desk.path()), read(&desk.head()));
    desk.open().append(release(2)).expect("it is written");
    write(&desk.path(), &line);
    write(&desk.head(), &head);
    assert_eq!(desk.open().entries().len(), 1);
}

#[test]
fn the_ledger_of_another_project_or_key_is_refused() {
    let desk = Desk::with(2);
    let text = fs::read_to_string("examples/nhanes/plan.toml").expect("a plan");
    let id = format!("id = \"{}\"", desk.plan.project());
    assert_eq!(text.matches(&id).count(), 1);
    let other = Plan::parse(&text.replace(&id, "id = \"another\"")).expect("a plan");
    for plan in [other, desk.plan.rehearsal()] {
        let error = Ledger::open(desk.path(), &plan, &desk.key).expect_err("it is refused");
        assert_eq!(error.kind(), ErrorKind::Ledger);
        assert!(error.rule().contains("is of another project"), "{error}");
    }

    let other = ReleaseKey::generate().expect("random numbers");
    let error = Ledger::open(desk.path(), &desk.plan, &other).expect_err("it is refused");
    assert_eq!(error.kind(), ErrorKind::Ledger);
    let rule = format!(
        "is of the release key {}, and this is {}",
        desk.key.check(),
        other.check()
    );
    assert_eq!(error.rule(), rule);
}

#[test]
fn an_entry_of_another_project_is_refused() {
    let desk = Desk::with(2);
    let mut lines = desk.lines();
    lines[1] = forged(&lines[1], &desk.key, |entry| {
        entry.project = "another".to_owned()
    });
    desk.write_lines(&lines);
    desk.refuses("entry 2 is of another project");
}

#[test]
fn a_head_of_a_later_form_is_refused() {
    let desk = Desk::with(1);
    let text = fs::read_to_string(desk.head()).expect("text");
    write(
        &desk.head(),
        text.replace("\"format\":1", "\"format\":2").as_bytes(),
    );
    desk.refuses("has form 2, and 1 is the only one known here");
}

#[test]
fn a_ledger_over_its_size_is_refused() {
    let desk = Desk::with(1);
    let file = File::options()
        .write(true)
        .open(desk.path())
        .expect("a file");
    // A hole: it takes no room on the disk.
    file.set_len((4 << 30) + 1).expect("a sparse file");
    desk.refuses("is larger than 4 GiB");
}

/// A ledger before and after its third entry: the bytes of the file and of the head.
fn before_and_after(desk: &Desk) -> [(Vec<u8>, Vec<u8>); 2] {
    let both = || (read(&desk.path()), read(&desk.head()));
    let before = both();
    desk.open().append(release(3)).expect("it is written");
    [before, both()]
}

#[test]
fn a_line_that_a_crash_cut_off_is_no_entry_and_is_overwritten() {
    let desk = Desk::with(2);
    let [(line, head), (after, _)] = before_and_after(&desk);
    for len in line.len()..after.len() {
        write(&desk.path(), &after[..len]);
        write(&desk.head(), &head);
        let mut ledger = desk.open();
        assert_eq!(ledger.entries().len(), 2, "{len} bytes");
        // Writing waits for the disk, so it is tried at some lengths only.
        if len % 40 != 0 && len + 1 != after.len() {
            continue;
        }
        // A shorter line than the one that was being written.
        let mut short = release(4);
        short.tables.clear();
        ledger.append(short).expect("it is written");
        assert_eq!(desk.open().entries(), ledger.entries());
        assert_eq!(desk.open().entries()[2].release.rho_billionths, 4);
    }
}

#[test]
fn a_long_line_of_which_the_disk_holds_the_end_only_is_no_entry() {
    let desk = Desk::with(2);
    let [(line, head), (after, _)] = before_and_after(&desk);
    let mut torn = after[..after.len() - 1].to_vec();
    torn[line.len()..after.len() - 100].fill(0);
    write(&desk.path(), &torn);
    write(&desk.head(), &head);
    assert_eq!(desk.open().entries().len(), 2);
}

#[test]
fn a_whole_line_whose_head_a_crash_has_not_let_be_written_is_an_entry() {
    let desk = Desk::with(2);
    let [(_, head), (after, _)] = before_and_after(&desk);
    write(&desk.head(), &head);
    // What a crash before the rename leaves next to it.
    write(
        &desk.folder.path().join(".ledger.jsonl.head.0123.part"),
        b"{\"format\"",
    );

    let mut ledger = desk.open();
    assert_eq!(ledger.entries().len(), 3);
    // And again at the next entry: its own step brings the head up first.
    ledger.append(release(4)).expect("it is written");
    let longer = read(&desk.path());
    write(&desk.path(), &after);
    desk.refuses("was cut: it has 3 of its 4 entries");
    write(&desk.path(), &longer);
    assert_eq!(desk.open().entries().len(), 4);
}

#[test]
fn two_crashes_one_after_the_other_leave_no_more_than_one_line_behind_the_head() {
    let desk = Desk::with(2);
    let [(_, second), (_, third)] = before_and_after(&desk);
    write(&desk.head(), &second);
    desk.open().append(release(4)).expect("it is written");
    // The crash of the next entry comes after the head was brought up,
    write(&desk.head(), &third);
    assert_eq!(desk.open().entries().len(), 4);
    // for otherwise the ledger could not be opened any more.
    write(&desk.head(), &second);
    desk.refuses("that is 2 entries behind");
}

#[test]
fn the_head_is_brought_up_before_a_line_is_written() {
    let desk = Desk::with(2);
    let [(_, second), (after, third)] = before_and_after(&desk);
    write(&desk.head(), &second);
    let mut ledger = desk.open();
    let crash = |path: &Path, len: u64, line: &[u8]| {
        assert_eq!(read(&desk.head()), third);
        assert_eq!(len, after.len() as u64);
        write(path, &[&after[..], &line[..line.len() / 2]].concat());
        Err(Error::new(ErrorKind::File, "the disk is full"))
    };
    let line = ledger.ready(release(4)).expect("an entry");
    let error = ledger.append_by(line, crash);
    assert_eq!(error.expect_err("it fails").rule(), "the disk is full");
    assert_eq!(desk.open().entries(), ledger.entries());
    assert_eq!(ledger.entries().len(), 3);
    // Nothing was written that counts, so the same ledger goes on.
    ledger.append(release(5)).expect("it is written");
    assert_eq!(desk.open().entries(), ledger.entries());
}

#[test]
fn before_the_first_line_is_written_there_is_a_head() {
    let desk = Desk::new();
    let crash = |path: &Path, len: u64, line: &[u8]| {
        assert!(desk.head().exists());
        assert_eq!(len, 0);
        write(path, line);
        Err(Error::new(ErrorKind::File, "the power was cut"))
    };
    let mut ledger = desk.open();
    let line = ledger.ready(release(1)).expect("an entry");
    ledger.append_by(line, crash).expect_err("it fails");
    // The line is whole, and counts; so this ledger is no longer the latest.
    assert_eq!(desk.open().entries().len(), 1);
    let error = ledger.append(release(2)).expect_err("it is refused");
    assert!(error.rule().contains("has changed since"), "{error}");
}

#[test]
fn a_refused_release_changes_no_file() {
    let desk = Desk::with(2);
    let [(_, head), (after, _)] = before_and_after(&desk);
    write(&desk.head(), &head);
    let mut wrong = release(4);
    wrong.tables[0].cells[0].at.clear();
    desk.open().append(wrong).expect_err("it is refused");
    assert_eq!(read(&desk.path()), after);
    assert_eq!(read(&desk.head()), head);
}

#[test]
fn a_crash_before_the_first_line_leaves_an_empty_ledger() {
    let desk = Desk::new();
    desk.open().write_head().expect("it is written");
    assert!(desk.open().entries().is_empty());
    write(&desk.path(), b"");
    assert!(desk.open().entries().is_empty());
    write(&desk.path(), b"{\"number\":1,\"bef");
    let mut ledger = desk.open();
    assert!(ledger.entries().is_empty());
    ledger.append(release(1)).expect("it is written");
    assert_eq!(desk.open().entries(), ledger.entries());
}
