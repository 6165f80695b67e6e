//! Feasibility intervals: the least and the most that a suppressed cell can
//! be, given what is published.
//!
//! As the literature has it, these are the bounds of a linear programme over
//! the reals (ESSnet handbook on statistical disclosure control, 2nd edition,
//! chapter 4; M. Fischetti and J. J. Salazar, *Models and algorithms for
//! optimizing cell suppression in tabular data with linear constraints*,
//! Journal of the American Statistical Association 95, 2000). Parts of the
//! release that share no published cell are solved apart, and cells that are
//! equal but for what is known of them are solved once. Questions are dealt out
//! in lanes of a fixed length, each starting at the same vertex: so the bounds
//! do not depend on the number of threads.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::meter::Meter;
use super::reduce::{Component, InnerPlace, ReducedRelease, parts};
use super::simplex::{Objective, Simplex, System};
use super::{AuditRefusal, Sign};
use crate::structure::Structure;

/// How many questions one dictionary answers in a row.
const LANE: usize = 256;

/// What a recipient can derive of a cell: it is at least `low` and at most `high`.
///
/// In the units of the published values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The least that the cell can be; −∞ if nothing bounds it.
    pub low: f64,
    /// The most that the cell can be; ∞ if nothing bounds it.
    pub high: f64,
    /// What the ends may be out by: one part in 10⁹ of the largest value that
    /// bounds them, or of one if that is more.
    pub play: f64,
}

impl Interval {
    /// How far apart the ends are.
    pub fn width(self) -> f64 {
        self.high - self.low
    }

    /// The same between whole numbers: values are whole numbers of their unit,
    /// so a recipient can leave out the fractions at the ends.
    ///
    /// An end that is a whole number but for its play is that number.
    pub fn whole(self) -> Self {
        let play = 1e-6 + self.play;
        Self {
            low: (self.low - play).ceil(),
            high: (self.high + play).floor(),
            play: self.play,
        }
    }

    /// Whether there is one whole number in it, or it is no wider than its play.
    pub fn is_known(self) -> bool {
        self.whole().width() <= 0.0 || self.width() <= 2.0 * self.play
    }
}

/// Which end of an interval is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Low,
    High,
}

/// A sum of variables of one part, and which end of it is asked for.
type EndQuestion = (u32, End, Vec<u32>);

/// One end of a cell: what is known of it, and the questions that the rest is the sum of.
#[derive(Debug)]
struct AskedEnd {
    known: f64,
    questions: Vec<usize>,
}

/// The intervals of `cells`.
///
/// # Errors
///
/// [`AuditRefusal::Contradiction`], [`AuditRefusal::Overflow`], [`AuditRefusal::Work`],
/// [`AuditRefusal::Memory`] or [`AuditRefusal::Precision`].
pub(super) fn intervals(
    structure: &Structure,
    reduced: &ReducedRelease,
    cells: &[usize],
    sign: Sign,
    meter: &Meter,
) -> Result<Vec<Interval>, AuditRefusal> {
    let (parts, places) = parts(reduced);
    let mut questions: BTreeMap<EndQuestion, usize> = BTreeMap::new();
    let mut asked = Vec::with_capacity(cells.len());
    for &cell in cells {
        meter.spend(structure.members(cell).len())?;
        let members = structure.members(cell).iter();
        let members: Vec<InnerPlace> = members.map(|&inner| places[inner as usize]).collect();
        let mut ask = |end| ask(&members, &parts, sign, end, &mut questions);
        asked.push((ask(End::Low)?, ask(End::High)?));
    }
    let enough = vec![f64::INFINITY; questions.len()];
    let answers = answers(&parts, questions, &enough, sign, meter)?;
    let total = |end: &AskedEnd| {
        let answers = end.questions.iter().map(|&at| answers[at]);
        answers.fold((end.known, 0.0), |(sum, play), (answer, more)| {
            (sum + answer, play + more)
        })
    };
    let ends = asked.iter().map(|(low, high)| {
        let ((low, one), (high, other)) = (total(low), total(high));
        let play = f64::max(one, other);
        Interval { low, high, play }
    });
    Ok(ends.collect())
}

/// What must be asked for an end of a cell, of these members.
fn ask(
    members: &[InnerPlace],
    parts: &[Component],
    sign: Sign,
    end: End,
    questions: &mut BTreeMap<EndQuestion, usize>,
) -> Result<AskedEnd, AuditRefusal> {
    let mut known = 0i128;
    let mut bounded = true;
    let mut held: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    for place in members {
        match *place {
            InnerPlace::Known(value) => {
                known = known.checked_add(value).ok_or(AuditRefusal::Overflow)?
            }
            InnerPlace::Free => bounded &= end == End::Low && sign == Sign::NonNegative,
            InnerPlace::In { part, variable } => *held.entry((part, variable)).or_default() += 1,
        }
    }
    let mut sums: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for ((part, variable), held) in held {
        // Of a variable that is partly in the cell, all or nothing of its value may be.
        let all = held == parts[part as usize].sizes[variable as usize];
        bounded &= all || sign == Sign::NonNegative;
        if all || end == End::High {
            sums.entry(part).or_default().push(variable);
        }
    }
    if !bounded {
        let known = match end {
            End::Low => f64::NEG_INFINITY,
            End::High => f64::INFINITY,
        };
        let questions = Vec::new();
        return Ok(AskedEnd { known, questions });
    }
    let asked = sums.into_iter().map(|(part, sum)| {
        let next = questions.len();
        *questions.entry((part, end, sum)).or_insert(next)
    });
    Ok(AskedEnd {
        questions: asked.collect(),
        known: known as f64,
    })
}

/// Up to what the upper end of each of `cells` is known to reach: `enough` of
/// it, or its most if that is less.
///
/// It costs far less than the ends themselves: whether a cell may be larger by
/// one is seen a step or two away, and its most is far.
///
/// # Errors
///
/// As [`intervals`].
pub(super) fn reached(
    structure: &Structure,
    reduced: &ReducedRelease,
    cells: &[(usize, f64)],
    sign: Sign,
    meter: &Meter,
) -> Result<Vec<f64>, AuditRefusal> {
    let (parts, places) = parts(reduced);
    let mut questions: BTreeMap<EndQuestion, usize> = BTreeMap::new();
    let mut enough: Vec<f64> = Vec::new();
    let mut asked = Vec::with_capacity(cells.len());
    for &(cell, wanted) in cells {
        meter.spend(structure.members(cell).len())?;
        let members = structure.members(cell).iter();
        let members: Vec<InnerPlace> = members.map(|&inner| places[inner as usize]).collect();
        let end = ask(&members, &parts, sign, End::High, &mut questions)?;
        enough.resize(questions.len(), f64::NEG_INFINITY);
        // Where several sums make up the cell, each may have to give all it can.
        let share = match end.questions.as_slice() {
            [_] => wanted - end.known,
            _ => f64::INFINITY,
        };
        for &question in &end.questions {
            enough[question] = enough[question].max(share);
        }
        asked.push(end);
    }
    let answers = answers(&parts, questions, &enough, sign, meter)?;
    let reached = asked.iter().map(|end| {
        let answers = end.questions.iter().map(|&at| answers[at].0);
        end.known + answers.sum::<f64>()
    });
    Ok(reached.collect())
}

/// The answers and what they may be out by, by the numbers of the questions;
/// `enough` says for each how much of its most is asked for.
fn answers(
    parts: &[Component],
    questions: BTreeMap<EndQuestion, usize>,
    enough: &[f64],
    sign: Sign,
    meter: &Meter,
) -> Result<Vec<(f64, f64)>, AuditRefusal> {
    let mut of_part: Vec<Vec<(EndQuestion, usize)>> = vec![Vec::new(); parts.len()];
    for (question, at) in questions {
        of_part[question.0 as usize].push((question, at));
    }
    let asked = parts
        .par_iter()
        .zip(&of_part)
        .filter(|(_, of)| !of.is_empty());
    let solved = asked.map(|(part, questions)| {
        let system = System::of(part, meter)?;
        let mut start = Simplex::new(&system, meter)?;
        if sign == Sign::NonNegative {
            start.enter(meter)?;
        }
        let lanes = questions.par_chunks(LANE).map(|lane| {
            let answers = lane_of_answers(start.clone(), lane, enough, sign, meter)?;
            let answers = lane.iter().zip(answers);
            let answers = answers.map(|((_, at), answer)| (*at, (answer, system.play())));
            Ok(answers.collect::<Vec<_>>())
        });
        lanes.collect::<Result<Vec<_>, AuditRefusal>>()
    });
    let solved: Vec<_> = solved.collect::<Result<_, AuditRefusal>>()?;
    let mut answers: Vec<(usize, (f64, f64))> = solved.into_iter().flatten().flatten().collect();
    answers.sort_unstable_by_key(|answer| answer.0);
    Ok(answers.into_iter().map(|(_, answer)| answer).collect())
}

/// The answers to questions, one after the other.
///
/// What answers one question is a table that has the published values, and may
/// be enough of an answer to others.
fn lane_of_answers(
    mut simplex: Simplex<'_>,
    lane: &[(EndQuestion, usize)],
    enough: &[f64],
    sign: Sign,
    meter: &Meter,
) -> Result<Vec<f64>, AuditRefusal> {
    let mut answers: Vec<Option<f64>> = vec![None; lane.len()];
    for (place, (question, at)) in lane.iter().enumerate() {
        if answers[place].is_some() {
            continue;
        }
        answers[place] = Some(answer(&mut simplex, question, enough[*at], sign, meter)?);
        let later = lane.iter().zip(&mut answers).skip(place + 1);
        for (((_, end, sum), at), answer) in later {
            if *end == End::High && sign == Sign::NonNegative && answer.is_none() {
                meter.spend(sum.len())?;
                let value = simplex.value(sum);
                *answer = (value >= enough[*at]).then_some(value);
            }
        }
    }
    Ok(answers.into_iter().flatten().collect())
}

/// The answer to a question, found from where the last one led to.
fn answer(
    simplex: &mut Simplex<'_>,
    (_, end, sum): &EndQuestion,
    enough: f64,
    sign: Sign,
    meter: &Meter,
) -> Result<f64, AuditRefusal> {
    match (sign, end) {
        (Sign::NonNegative, End::Low) => simplex.extreme(&Objective::least(sum), meter),
        (Sign::NonNegative, End::High) => simplex.extreme(&Objective::most(sum, enough), meter),
        (Sign::Any, end) => Ok(match (simplex.is_fixed(sum, meter)?, end) {
            (true, _) => simplex.value(sum),
            (false, End::Low) => f64::NEG_INFINITY,
            (false, End::High) => f64::INFINITY,
        }),
    }
}
