//! What a release does not protect against, in words that go with it.

use crate::plan::table::same_rows::are_suppressed_in_turn;
use crate::plan::table::{MethodPlan, TablePlan};
use crate::protect::method;

/// Whatever the methods.
const ALWAYS: [&str; 2] = [
    "A release names the categories that its plan declares, and those that at least `min_persons` persons have: a name that the plan does not declare discloses that at least so many persons have it. All other categories are merged into one, whose presence discloses that somebody has one of them; where the plan lists the categories, that one is always present, and whether somebody has one of them is not protected. The same holds for missing values, and for dates and whole numbers that few persons have, which are counted with the missing values.",
    "Match rates and the numbers of rows in this manifest have noise with a standard deviation of 2.8 rows, are rounded to 5 whatever the method, and 1 to 4 are written as null. That nobody's row was filtered, quarantined or without an identifier is written as 0; of unmatched rows it is not said whether there are any. The same number of the same rows has the same noise under one release key. So they rule out no other number of persons, but make some more likely than others.",
];

const ELSEWHERE: &str = "Figures known from elsewhere may disclose a cell.";

const IN_TURN: &str = "Tables about other rows of the same persons are protected one after another, each as if those before it were an earlier release: what this manifest says of earlier releases holds for them. That nobody is in the rows of one without being in the rows of another, where the plan says so, may bound suppressed figures. A table of the rows of a register, of which persons have several, and one that folds them to one row a person are compared as if each row were another person's. Where two tables fold a register in two ways, it is not taken into account that what they make of it is the same for persons with one row.";

const NOT_TOGETHER: &str = "Of tables about other rows of the same persons, and of tables whose figures are rounded or have noise, it was not computed what they disclose together.";

const DIGESTS: &str = "The digests of extracts in this manifest disclose whether another release was made of the same extract.";

const WITHOUT_LEDGER: &str =
    "This release was not compared with other releases about the same persons.";

const WITH_LEDGER: &str = "Earlier releases of the project, in this epoch and under this release key, are in the linkage unit's ledger, and what they disclose was taken into account. Releases of other projects are not known.";

const NOT_COMPARED: &str = "Earlier releases of the project, in this epoch and under this release key, are in the linkage unit's ledger. A release of the same rows by another method is refused; what several releases by rounding, by cell keys or with noise disclose together, beyond what the limits of the method say, was not computed.";

/// What holds for the methods of `plans`, with a ledger or without.
pub(super) fn of(plans: &[TablePlan], ledger: bool) -> Vec<String> {
    let in_turn = are_suppressed_in_turn(plans);
    let is_suppressed = |plan: &TablePlan| plan.method == MethodPlan::Suppress;
    let mut limits: Vec<&str> = ALWAYS.to_vec();
    limits.push(ELSEWHERE);
    limits.extend(in_turn.then_some(IN_TURN));
    limits.extend((plans.len() > 1 && !plans.iter().all(is_suppressed)).then_some(NOT_TOGETHER));
    let noisy = plans
        .iter()
        .any(|plan| matches!(plan.method, MethodPlan::Noise(_)));
    limits.extend((!noisy).then_some(DIGESTS));
    limits.push(match ledger {
        true if plans.iter().any(is_suppressed) => WITH_LEDGER,
        true => NOT_COMPARED,
        false => WITHOUT_LEDGER,
    });
    for plan in plans {
        for line in method::limits(&plan.method, ledger || in_turn) {
            if !limits.contains(&line) {
                limits.push(line);
            }
        }
    }
    limits.into_iter().map(str::to_owned).collect()
}
