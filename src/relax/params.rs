//! The parameters of a relaxed program: what a fit may change.

use super::sketch::Parts;
use crate::ir::{FuncId, NodeId};
use crate::source::Span;
use nsp_kernels::real::Real;
use nsp_kernels::sym::{Builder, Sym};
use std::collections::HashMap;

/// Parameter of every tape: how steep conditions and borders are, in 1 / (units of what is compared).
pub const SHARPNESS: usize = 0;
/// Parameter of every tape: how even the weights of a choice are; towards 0 they become 0 and 1.
///
/// ROAP's appendix A.1 sets a "temperature" of 1 and, to harden, 3: that is the inverse of this one.
pub const TEMPERATURE: usize = 1;

/// Where in a program a parameter belongs. A hole is one place, however often it is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// A hole of a function, by its number.
    Hole(FuncId, u32),
    /// A sketch (`straightline`, `syntax_tree`): the node of its call.
    Sketch(FuncId, NodeId),
}

/// A parameter.
#[derive(Clone, Debug)]
pub enum Param {
    /// [`SHARPNESS`].
    Sharpness,
    /// [`TEMPERATURE`].
    Temperature,
    /// A number in a closed range.
    Number {
        /// Where.
        place: Place,
        /// Least value.
        lo: f64,
        /// Greatest value.
        hi: f64,
        /// Where a fit starts, if the program says.
        start: Option<f64>,
        /// Whether the number is whole in the exact program.
        whole: bool,
        /// Whether it is an angle, which is written in degrees.
        angle: bool,
    },
    /// One of the logits of a group, from whose softmax the weights of a choice come.
    Logit {
        /// Which group.
        group: usize,
    },
}

impl Param {
    /// A number as the exact program has it: whole, or with four digits of the width of its range (of angles in
    /// degrees).
    pub fn discrete(&self, x: f64) -> f64 {
        match self {
            Param::Number { whole: true, .. } => x.round(),
            Param::Number { lo, hi, angle: true, .. } => {
                rounded(x.to_degrees(), (hi - lo).to_degrees()).to_radians().clamp(*lo, *hi)
            }
            Param::Number { lo, hi, .. } => rounded(x, hi - lo).clamp(*lo, *hi),
            _ => x,
        }
    }
}

/// A number with no more digits than its range can tell apart: four, of the width of the range.
pub fn rounded(x: f64, width: f64) -> f64 {
    if !(width.is_finite() && width > 0.0) {
        return x;
    }
    let digits = (4.0 - width.log10().ceil()).clamp(-9.0, 12.0) as i32;
    let scale = 10f64.powi(digits.abs());
    if digits >= 0 { (x * scale).round() / scale } else { (x / scale).round() * scale }
}

/// A choice among alternatives: its logits are consecutive parameters.
#[derive(Clone, Debug)]
pub struct Group {
    /// Where.
    pub place: Place,
    /// Which choice of a sketch, in the order of [`sketch`](super::sketch).
    pub part: usize,
    /// Parameter of the first logit.
    pub first: usize,
    /// How many alternatives.
    pub len: usize,
}

/// All parameters of a program.
#[derive(Clone, Debug)]
pub struct Params {
    /// By their number in the tape.
    pub all: Vec<Param>,
    /// Choices.
    pub groups: Vec<Group>,
    /// Where each parameter was written.
    pub spans: Vec<Span>,
    /// What sketches are made from.
    pub sketches: HashMap<Place, Parts>,
    numbers: HashMap<Place, usize>,
    choices: HashMap<(Place, usize), usize>,
}

impl Params {
    /// Those of every program, made in the builder.
    pub fn new(b: &Builder) -> Params {
        b.add_param();
        b.add_param();
        Params {
            all: vec![Param::Sharpness, Param::Temperature],
            groups: Vec::new(),
            spans: vec![Span::default(); 2],
            sketches: HashMap::new(),
            numbers: HashMap::new(),
            choices: HashMap::new(),
        }
    }

    /// The number of a range hole.
    pub fn number<'b>(&mut self, b: &'b Builder, place: Place, span: Span, make: impl FnOnce() -> Param) -> Sym<'b> {
        let at = *self.numbers.entry(place).or_insert_with(|| {
            self.all.push(make());
            self.spans.push(span);
            b.add_param();
            self.all.len() - 1
        });
        b.param(at)
    }

    /// The weights of a choice: the softmax of its logits divided by the temperature.
    pub fn weights<'b>(&mut self, b: &'b Builder, place: Place, part: usize, len: usize, span: Span) -> Vec<Sym<'b>> {
        let group = *self.choices.entry((place, part)).or_insert_with(|| {
            let first = self.all.len();
            for _ in 0..len {
                self.all.push(Param::Logit { group: self.groups.len() });
                self.spans.push(span);
                b.add_param();
            }
            self.groups.push(Group { place, part, first, len });
            self.groups.len() - 1
        });
        let first = self.groups[group].first;
        let logits: Vec<Sym<'_>> = (0..len).map(|i| b.param(first + i)).collect();
        softmax(&logits, b.param(TEMPERATURE))
    }

    /// The value that each parameter starts from: ranges in their middle or where the program says, choices even.
    pub fn start(&self) -> Vec<f64> {
        let one = |p: &Param| match p {
            Param::Sharpness => super::lower::DEFAULT_SHARPNESS,
            Param::Temperature => 1.0,
            Param::Number { lo, hi, start, .. } => start.unwrap_or((lo + hi) / 2.0),
            Param::Logit { .. } => 0.0,
        };
        self.all.iter().map(one).collect()
    }
}

/// `exp(x_i / t) / sum_j exp(x_j / t)`, with the greatest taken off first so that nothing overflows.
pub fn softmax<'b>(logits: &[Sym<'b>], temperature: Sym<'b>) -> Vec<Sym<'b>> {
    let Some(most) = logits.iter().copied().reduce(Real::max) else { return Vec::new() };
    if logits.len() == 1 {
        return vec![Sym::Lit(1.0)];
    }
    let powers: Vec<Sym<'b>> = logits.iter().map(|x| ((*x - most) / temperature).exp()).collect();
    let sum = powers.iter().copied().reduce(|a, b| a + b).unwrap_or(Sym::Lit(1.0));
    // One quotient instead of many.
    let part = Sym::Lit(1.0) / sum;
    powers.into_iter().map(|p| p * part).collect()
}
