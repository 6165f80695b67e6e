//! A history on the command line: rehearsed from registers to release.

use std::process::Command;

use super::links::arrivals;
use super::registers::PLAN;
use crate::support::file;

#[test]
fn a_history_is_rehearsed_as_any_register_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let registers = arrivals(2400);
    for source in ["population", "tax", "school", "changes"] {
        file(
            folder.path(),
            &format!("{source}.csv"),
            registers.csv(source),
        );
    }
    file(folder.path(), "plan.toml", PLAN);
    let mut command = Command::new(env!("CARGO_BIN_EXE_kobling"));
    let run = command
        .args(["rehearse", "plan.toml", "--commands"])
        .current_dir(folder.path());
    let output = run.output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(text.contains("--source changes"), "{text}");
    // What is counted has the noise of a manifest.
    let numbers_after = |words: &str| -> Vec<u64> {
        let (_, tax) = text.split_once("  tax: about").expect("its match rate");
        let (_, rest) = tax.split_once(words).expect(words);
        let line = rest.lines().next().unwrap_or_default();
        let numbers = line.split(|char: char| !char.is_ascii_digit());
        numbers.filter_map(|number| number.parse().ok()).collect()
    };
    for (words, expected) in [
        (" ", vec![100, 2400]),
        ("by the same number ", vec![2000, 400]),
        ("\ntax: about ", vec![600, 2600]),
        ("\npopulation: about ", vec![0, 2400]),
    ] {
        let numbers = numbers_after(words);
        assert!(numbers.len() >= expected.len(), "{words}: {text}");
        let mut both = numbers.iter().zip(&expected);
        let is_near = both.all(|(number, expected)| number.abs_diff(*expected) <= 40);
        assert!(is_near, "{words}: {text}");
    }
}
