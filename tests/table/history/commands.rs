//! A history on the command line: rehearsed from registers to release.

use std::process::Command;

use super::links::arrivals;
use super::registers::PLAN;
use crate::support::file;

#[test]
fn a_history_is_rehearsed_as_any_register_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let registers = arrivals(240);
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
    for words in [
        "tax: 100 % of base rows have a match (240 of 240, rounded to 5)\n    \
         by the same number 200, through the history only 40\n",
        "tax: 60 of 260 rows are under a replaced number (rounded to 5)\n",
        "population: 0 of 240 rows are under a replaced number (rounded to 5)\n",
        "--source changes",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
}
