//! What a release does not protect against, in words that go with it.

use crate::plan::document::How;
use crate::plan::table::{Method, TablePlan};

/// Whatever the methods.
const ALWAYS: [&str; 3] = [
    "A release names the categories that its plan declares, and those that at least `min_persons` persons have: a name that the plan does not declare says so. All others are one category, and that it is there says that somebody has one; so it is with missing values, and with dates and whole numbers that few have, which are counted with the missing ones.",
    "Tables about other rows of the same persons are not protected together, and figures known from elsewhere may give a cell away.",
    "Match rates, and the numbers of rows in this manifest, are rounded to 5 whatever the method, 1 to 4 are written as null, and otherwise they are not protected: whoever holds them against each other, or against the tables, can narrow a count.",
];

const DIGESTS: &str = "The digests of extracts in this manifest tell whether an extract is the one that another release was made of.";

const WITHOUT_LEDGER: &str =
    "This release was not compared with other releases about the same persons.";

const WITH_LEDGER: &str = "Earlier releases of the project, in this epoch and under this release key, stand in the linkage unit's ledger, and what they tell was taken into account; releases of other projects are not known.";

const SUPPRESS_WITH_LEDGER: [&str; 8] = [
    "Suppression: a cell of other rows than an earlier one of the same categories is suppressed if few persons came or went, and its sums if few persons' values differ or, by the rules of concentration, one of them may make up most of the difference; and so is one by the same columns, cut otherwise, if few persons are in one of both only.",
    "Suppression: they are known by the names of their categories, by the columns that these are made from, or by their rows; where a later plan names categories otherwise and has other rows too, they are not held against each other, nor are values in other units.",
    "Suppression: a total over dimensions or declared levels of an earlier table whose rows are the same is suppressed if that table suppressed an unsafe part of it; other sums of its parts are not looked at where other rows changed.",
    "Suppression: such cells are held against earlier ones one by one, with the totals of published parts and of neighbouring categories; what follows from several figures of both releases in other ways may tell one person, who came, went or moved, or lies between two cuts.",
    "Suppression: of persons with several rows, numbers are held against earlier ones as if they added up, and sums of other rows or values by equal cells only; and columns that cut everybody's rows alike, with the same values, are taken for one.",
    "Suppression: a table of other rows than an earlier one is compared with it where it is about some categories of one of its dimensions, and otherwise by equal cells only.",
    "Suppression: a person who was the only contributor to a cell of an earlier release may already be able to derive values of others from earlier releases; this release adds nothing to that.",
    "Suppression: sums are not compared with earlier ones where nobody's value stayed as it was, in the same units, or where so many came, went or were revised (as a rule, over a hundred) that nobody can be seen to have stayed; one person may make up most of such a difference.",
];

const SUPPRESS: [&str; 11] = [
    "Suppression: of a suppressed number below the threshold several values stay possible, by what is published and public; whoever runs this software on every table that agrees with the release, and leaves out those for which it would have suppressed other cells, may find some of them unlikely or rule them out.",
    "Suppression: the cells of the tables are protected, and what lies between two cuts of one column (bands from 18 and bands from 19); not what several cells have together: that two suppressed numbers are 3 in all may be known.",
    "Suppression: of three or more counts with conditions on one thing (a column, or a look-up that not everybody has), those who satisfy the same of them are protected as far as their number follows by adding and subtracting; of more than eight such conditions, as far as it follows from all of them together; where a person may have several rows they are not, and numbers of rows that two conditions leave which exclude each other may follow, too.",
    "Suppression: an unsafe sum keeps the distance that the plan's rules ask for upwards, and for whoever has the release; it may be bounded more nearly from below, and by somebody who is the only contributor to another cell.",
    "Suppression: tables about the same rows are protected together; figures known from elsewhere may give a suppressed cell away by subtraction.",
    "Suppression: where a person may have several rows, numbers of persons do not add up; they are audited as if they did, and by that nobody is in a part of a cell and not in the cell, and everybody in it is in a part. Numbers of rows are published where all numbers of persons of the same rows are; that rows are no fewer than persons may bound a suppressed number of rows. Rows of an earlier release bound numbers of persons of the same cells, which is heeded, but in large tables for those alone of which it published the rows; that conditions on rows bound persons is not.",
    "Suppression: a sum of a column is published beside cells that its values tell apart, such as bands of it, where all numbers of persons in them are; numbers of persons and sums of other tables, of earlier releases or of related columns are not held against each other.",
    "Suppression: that a group has nobody in a category, where a table protects that, may follow from another table that tells the same column apart in another way.",
    "Suppression: contributions of zero count: where a sum is zero and nobody contributes less, everybody's value is known.",
    "Suppression: a sum beside the mean of the same column tells how many rows have a value.",
    "Suppression: this manifest has min_persons and says which other rules apply; of a suppressed figure it does not say whether it breaks one of them or guards one that does. Protection does not rest on the parameters being secret.",
];

const CELL_KEY: [&str; 7] = [
    "Cell keys: no figure is certain, and tables do not add up; numbers below `min_persons` are published with their noise.",
    "Cell keys: a cell that nobody is in is published as zero, and so are some others; that a group has nobody in a category, or all of a group are in one, may be guessed, also of what a table calls sensitive.",
    "Cell keys: a sum or mean that is published says that its cell has at least `min_persons` persons, whatever the perturbed number says; one that is suppressed does not say whether its cell has nobody, too few persons or one who is too near.",
    "Cell keys: the same cell has the same noise everywhere, so asking again tells nothing; but many sums and differences of cells with different noise narrow a figure.",
    "Cell keys: sums and means that a rule finds too near one person are suppressed, but not protected against subtraction: from the sums around one it can be estimated to within their noise.",
    "Cell keys: noise on sums is a part of the largest contribution; so where all contribute alike, a sum is a number of persons that is nearly exact.",
    "Cell keys: sums over the same persons have related noise, and two releases in which one person's value changed differ by nearly that change.",
];

const ROUND: &str = "Rounding: how many persons are in a cell is told to within the base, and a group of whom all others are published as zero may be guessed, also of what a table calls sensitive.";

const NEAREST: &str = "Rounding to the nearest: where totals are published beside their parts, the parts can be narrowed, at times to the exact number.";

const RANDOM: &str =
    "Random rounding: tables do not add up; many sums and differences of cells narrow a number.";

const SMALL_COUNT: &str = "Small-count rounding: numbers from the base up are often exact; against differences with other tables or releases it does nothing more.";

const NOISE: [&str; 5] = [
    "Noise: ρ of the plan bounds what the noisy figures of this release tell of a person. Match rates and the rounded numbers of rows in this manifest are outside of it, and so are tables with another method.",
    "Noise: what a person contributes to a sum was clipped from 0 to the plan's bound; so sums and means of large values are too small.",
    "Noise: tables do not add up, numbers below zero are published as zero, and figures of few persons are mostly noise.",
    "Noise: every release draws noise of its own, and spends of the budget, also where it is asked the same of the same rows.",
    "Noise: it hides any one person, not what is true of a whole group.",
];

/// What holds for the methods of `plans`, with a ledger or without.
pub(super) fn of(plans: &[TablePlan], ledger: bool) -> Vec<String> {
    let mut limits: Vec<&str> = ALWAYS.to_vec();
    let noisy = plans
        .iter()
        .any(|plan| matches!(plan.method, Method::Noise(_)));
    limits.extend((!noisy).then_some(DIGESTS));
    limits.push(if ledger { WITH_LEDGER } else { WITHOUT_LEDGER });
    for plan in plans {
        let lines: Vec<&str> = match &plan.method {
            Method::Suppress if ledger => [&SUPPRESS[..], &SUPPRESS_WITH_LEDGER].concat(),
            Method::Suppress => SUPPRESS.to_vec(),
            Method::CellKey => CELL_KEY.to_vec(),
            Method::Round(round) => {
                let how = match round.how {
                    How::Nearest => NEAREST,
                    How::Random => RANDOM,
                    How::SmallCount => SMALL_COUNT,
                };
                vec![ROUND, how]
            }
            Method::Noise(_) => NOISE.to_vec(),
        };
        for line in lines {
            if !limits.contains(&line) {
                limits.push(line);
            }
        }
    }
    limits.into_iter().map(str::to_owned).collect()
}
