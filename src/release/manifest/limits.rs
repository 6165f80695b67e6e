//! What a release does not protect against, in words that go with it.

use crate::plan::table::{MethodPlan, TablePlan};
use crate::protect::method;

/// Whatever the methods.
const ALWAYS: [&str; 3] = [
    "A release names the categories that its plan declares, and those that at least `min_persons` persons have: a name that the plan does not declare discloses that at least so many persons have it. All other categories are merged into one, whose presence discloses that somebody has one of them; where the plan lists the categories, that one is always present, and whether somebody has one of them is not protected. The same holds for missing values, and for dates and whole numbers that few persons have, which are counted with the missing values.",
    "Tables about other rows of the same persons are not protected together, nor is a table of a register that it folds to one row a person with one that folds it otherwise or not at all, and figures known from elsewhere may disclose a cell.",
    "Match rates and the numbers of rows in this manifest have noise with a standard deviation of 2.8 rows, are rounded to 5 whatever the method, and 1 to 4 are written as null. That nobody's row was filtered, quarantined or without an identifier is written as 0; of unmatched rows it is not said whether there are any. The same number of the same rows has the same noise under one release key. So they rule out no other number of persons, but make some more likely than others.",
];

const DIGESTS: &str = "The digests of extracts in this manifest disclose whether another release was made of the same extract.";

const WITHOUT_LEDGER: &str =
    "This release was not compared with other releases about the same persons.";

const WITH_LEDGER: &str = "Earlier releases of the project, in this epoch and under this release key, are in the linkage unit's ledger, and what they disclose was taken into account. Releases of other projects are not known.";

const NOT_COMPARED: &str = "Earlier releases of the project, in this epoch and under this release key, are in the linkage unit's ledger. A release of the same rows by another method is refused; what several releases by rounding, by cell keys or with noise disclose together, beyond what the limits of the method say, was not computed.";

/// What holds for the methods of `plans`, with a ledger or without.
pub(super) fn of(plans: &[TablePlan], ledger: bool) -> Vec<String> {
    let mut limits: Vec<&str> = ALWAYS.to_vec();
    let noisy = plans
        .iter()
        .any(|plan| matches!(plan.method, MethodPlan::Noise(_)));
    limits.extend((!noisy).then_some(DIGESTS));
    let mut methods = plans.iter().map(|plan| &plan.method);
    limits.push(match ledger {
        true if methods.any(|method| *method == MethodPlan::Suppress) => WITH_LEDGER,
        true => NOT_COMPARED,
        false => WITHOUT_LEDGER,
    });
    for plan in plans {
        for line in method::limits(&plan.method, ledger) {
            if !limits.contains(&line) {
                limits.push(line);
            }
        }
    }
    limits.into_iter().map(str::to_owned).collect()
}
