//! What makes a text program plausible: counted features of its parts, and the weight of each.
//!
//! A program's cost is the weighted sum of its features, piece by piece, so that the search can add it up along a path;
//! the cheapest consistent program is the answer. The weights are data (`prior.json`), fitted by [`train`](super::train)
//! to the visible examples of task suites, never to their test rows.

use super::expr::{Each, Expr, Fun, Split};
use crate::text::edge::{Edge, Pattern};
use crate::text::token::{Boundary, Token};
use std::sync::OnceLock;

macro_rules! features {
    ($($name:ident = $weight:literal),* $(,)?) => {
        /// A feature of a program's part.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs)] // the names say it
        pub enum Feature { $($name),* }

        /// The features' names, in order.
        pub const NAMES: &[&str] = &[$(stringify!($name)),*];

        /// Weights before any were learned.
        pub const PLAIN: &[f32] = &[$($weight),*];
    };
}

features! {
    Piece = 1.0,
    Const = 1.2,
    ConstWordChar = 0.9,
    ConstDigit = 1.2,
    ConstMark = 0.4,
    ConstSpace = 0.3,
    ConstInInput = 0.8,
    Column = 0.2,
    LaterColumn = 0.1,
    Match = 1.4,
    Field = 1.2,
    FieldSpace = 0.0,
    FieldText = 0.5,
    Cut = 1.6,
    Sometimes = 1.5,
    EdgeTextStart = 0.1,
    EdgeTextEnd = 0.1,
    EdgeAt = 0.5,
    EdgeAtFar = 0.12,
    EdgeAtEnd = 0.7,
    EdgeAtEndFar = 0.12,
    EdgeClass = 0.7,
    EdgeMark = 0.5,
    EdgeSpace = 0.6,
    EdgeText = 0.6,
    EdgeTextWord = 0.5,
    EdgeInside = 0.3,
    PairField = 0.0,
    PairSame = 0.0,
    PairAcross = 0.0,
    PairOther = 0.0,
    PairOtherAcross = 0.0,
    PairHead = 0.0,
    PairTail = 0.0,
    PairFixed = 0.0,
    PairTrim = 0.0,
    PairMixed = 0.0,
    PairSide = 0.0,
    PairFarSide = 0.0,
    Index2 = 0.3,
    Index3 = 0.6,
    IndexFar = 0.35,
    IndexLast = 0.25,
    IndexFromEnd = 0.45,
    ClassNumber = 0.3,
    ClassWord = 0.4,
    ClassAlphanum = 0.5,
    ClassAllCaps = 0.8,
    ClassPropCase = 0.6,
    ClassLower = 1.0,
    ClassDigit = 0.9,
    ClassChar = 2.0,
    ClassField = 0.4,
    ClassSpace = 0.6,
    ClassDecimal = 0.6,
    ClassLetters = 0.6,
    ClassCapital = 0.8,
    Lower = 1.0,
    Upper = 1.0,
    Proper = 1.0,
    Title = 1.0,
    Strip = 0.5,
    Squeeze = 1.3,
    GetAll = 1.3,
    RemoveAll = 1.4,
    Replace = 1.3,
    Pad = 1.5,
    Loop = 2.2,
    LoopEach = 0.5,
    LoopChunks = 1.5,
    LoopProgram = 1.0,
    By = 1.2,
    Swap = 1.5,
    Number = 1.8,
    NumberFormat = 0.4,
    NumberChange = 0.9,
    NumberOdd = 0.8,
    NumberCount = 0.7,
    Date = 1.4,
    DateChange = 1.2,
    DatePart = 0.3,
    DateRare = 0.6,
    Robust = 3.0,
    Branch = 4.0,
    Misses = 6.0,
    RowFails = 3.0,
    RowEmpty = 6.0,
    RowUnused = 1.0,
    RowShape = 0.4,
    RowFirst = 0.4,
    RowLast = 0.4,
    RowMarks = 0.4,
    RowWords = 0.2,
    RowDropped = 0.3,
    RowLength = 0.3,
    RowGaps = 0.2,
    RowPiece = 0.1,
    RowAround = 0.1,
    Constant = 3.0,
    MixedRounding = 2.0,
    Patterns = 0.1,
    Overlap = 0.1,
}

/// Features that rows without outputs give.
pub const ROWS: [Feature; 13] = [
    Feature::RowGaps,
    Feature::RowPiece,
    Feature::RowAround,
    Feature::RowLength,
    Feature::RowFails,
    Feature::RowEmpty,
    Feature::RowUnused,
    Feature::RowShape,
    Feature::RowFirst,
    Feature::RowLast,
    Feature::RowMarks,
    Feature::RowWords,
    Feature::RowDropped,
];

/// Features of two edges together. Their weights may be below zero: some pairs are likelier than their parts.
pub const PAIRS: [Feature; 12] = [
    Feature::PairField,
    Feature::PairSame,
    Feature::PairAcross,
    Feature::PairOther,
    Feature::PairOtherAcross,
    Feature::PairHead,
    Feature::PairTail,
    Feature::PairFixed,
    Feature::PairTrim,
    Feature::PairMixed,
    Feature::PairSide,
    Feature::PairFarSide,
];

/// How many features there are.
pub const COUNT: usize = NAMES.len();

/// Cost units of weight 1.
pub const UNIT: f32 = 100.0;

/// Counts of features.
#[derive(Clone, Debug, PartialEq)]
pub struct Counts(pub [f32; COUNT]);

impl Default for Counts {
    fn default() -> Counts {
        Counts([0.0; COUNT])
    }
}

impl Counts {
    /// Adds to one.
    pub fn add(&mut self, f: Feature, n: f32) -> &mut Counts {
        self.0[f as usize] += n;
        self
    }
}

/// Weights of the features.
#[derive(Clone, Debug, PartialEq)]
pub struct Prior {
    /// One for each feature.
    pub weights: Vec<f32>,
}

impl Prior {
    /// Before learning.
    pub fn plain() -> Prior {
        Prior { weights: PLAIN.to_vec() }
    }

    /// As shipped.
    pub fn standard() -> &'static Prior {
        static STANDARD: OnceLock<Prior> = OnceLock::new();
        STANDARD.get_or_init(|| Prior::from_json(include_str!("prior.json")).unwrap_or_else(|_| Prior::plain()))
    }

    /// From an object of names and weights; a feature that is not named keeps its plain weight.
    pub fn from_json(text: &str) -> Result<Prior, String> {
        let value: serde_json::Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
        let weights = value.get("weights").and_then(|w| w.as_object()).ok_or("no `weights`")?;
        let mut prior = Prior::plain();
        for (name, w) in weights {
            let i = NAMES.iter().position(|n| n == name).ok_or_else(|| format!("no feature `{name}`"))?;
            prior.weights[i] = w.as_f64().ok_or_else(|| format!("the weight of `{name}` is no number"))? as f32;
        }
        Ok(prior)
    }

    /// The cost of counted features; at least 1, so that paths end.
    pub fn cost(&self, counts: &Counts) -> u32 {
        self.weigh(counts).max(1)
    }

    /// The weighted sum of counted features, in hundredths.
    pub fn weigh(&self, counts: &Counts) -> u32 {
        let sum: f32 = counts.0.iter().zip(&self.weights).map(|(n, w)| n * w).sum();
        (sum * UNIT).round().max(0.0) as u32
    }

    /// The cost of a whole program.
    pub fn program(&self, e: &Expr) -> u32 {
        match e {
            Expr::If(p, a, b) => self.branch(super::cond::pred_cost(p)) + self.program(a) + self.program(b),
            _ => e.pieces().iter().map(|p| self.piece(p)).sum(),
        }
    }

    /// The cost of a conditional apart from its branches.
    pub fn branch(&self, pred: u32) -> u32 {
        (self.weights[Feature::Branch as usize] * UNIT).max(1.0) as u32 + pred
    }

    /// What the two edges of a cut cost together more than each on its own, or less.
    pub fn pair(&self, from: &Edge, to: &Edge) -> i32 {
        pair(from, to).map_or(0, |f| (self.weights[f as usize] * UNIT).round() as i32)
    }

    /// The least that a pair of edges adds.
    pub fn least_pair(&self) -> i32 {
        PAIRS.iter().map(|f| (self.weights[*f as usize] * UNIT).round() as i32).min().unwrap_or(0).min(0)
    }

    /// The cost of a piece of a concatenation.
    pub fn piece(&self, e: &Expr) -> u32 {
        self.cost(&piece(e))
    }
}

/// The features of a whole program without conditions.
pub fn program(e: &Expr) -> Counts {
    let mut sum = Counts::default();
    for p in e.pieces() {
        let c = piece(p);
        sum.0.iter_mut().zip(c.0).for_each(|(s, n)| *s += n);
    }
    sum
}

/// The features of a piece.
pub fn piece(e: &Expr) -> Counts {
    let mut c = Counts::default();
    c.add(Feature::Piece, 1.0);
    count(e, &mut c);
    c
}

fn count(e: &Expr, c: &mut Counts) {
    match e {
        Expr::Const(s) => constant(s, c),
        Expr::Column(i) => {
            c.add(Feature::Column, 1.0);
            if *i > 0 {
                c.add(Feature::LaterColumn, 1.0);
            }
        }
        Expr::Match(x, p, i) => {
            inner(x, c);
            c.add(Feature::Match, 1.0);
            pattern(p, c);
            index(*i, c);
        }
        Expr::Field(x, p, i) => {
            inner(x, c);
            c.add(Feature::Field, 1.0);
            match p {
                Pattern::Token(_) => c.add(Feature::FieldSpace, 1.0),
                Pattern::Text(t) if t == " " => c.add(Feature::FieldSpace, 1.0),
                Pattern::Text(t) if t.len() > 1 => c.add(Feature::FieldText, 1.0),
                Pattern::Text(_) => c,
            };
            index(*i, c);
        }
        Expr::Cut(x, a, b) => {
            inner(x, c);
            c.add(Feature::Cut, 1.0);
            edge(a, true, c);
            edge(b, false, c);
            if let Some(f) = pair(a, b) {
                c.add(f, 1.0);
            }
        }
        Expr::Fn(f, x) => {
            inner(x, c);
            fun(f, c);
        }
        Expr::Loop(x, split, each, _) => {
            inner(x, c);
            c.add(Feature::Loop, 1.0);
            if matches!(split, Split::Chunks(_)) {
                c.add(Feature::LoopChunks, 1.0);
            }
            match each {
                Each::Same | Each::First => {}
                Each::Do(e) => {
                    c.add(Feature::LoopProgram, 1.0);
                    e.pieces().iter().for_each(|p| {
                        c.add(Feature::Piece, 1.0);
                        count(p, c);
                    });
                }
                _ => {
                    c.add(Feature::LoopEach, 1.0);
                }
            }
        }
        Expr::By(_, a, b) => {
            inner(a, c);
            inner(b, c);
            c.add(Feature::By, 1.0);
        }
        Expr::Number(n) => n.features(c),
        Expr::Date(d) => d.features(c),
        Expr::Robust(_, t) => {
            c.add(Feature::Robust, t.size() as f32);
        }
        Expr::Lookup(_, table) => {
            c.add(Feature::Branch, table.len() as f32);
        }
        Expr::Concat(parts) => parts.iter().for_each(|p| count(p, c)),
        Expr::If(_, a, b) => {
            c.add(Feature::Branch, 1.0);
            count(a, c);
            count(b, c);
        }
    }
}

/// What an operation is applied to: a column as such is no part of its cost.
pub fn inner(e: &Expr, c: &mut Counts) {
    match e {
        Expr::Column(0) => {}
        Expr::Column(_) => {
            c.add(Feature::LaterColumn, 1.0);
        }
        other => count(other, c),
    }
}

fn constant(s: &str, c: &mut Counts) {
    c.add(Feature::Const, 1.0);
    for ch in s.chars() {
        let f = match ch {
            _ if ch.is_ascii_digit() => Feature::ConstDigit,
            _ if ch.is_alphanumeric() => Feature::ConstWordChar,
            ' ' => Feature::ConstSpace,
            _ => Feature::ConstMark,
        };
        c.add(f, 1.0);
    }
}

fn index(i: i32, c: &mut Counts) {
    match i.unsigned_abs() {
        0 | 1 => {}
        2 => {
            c.add(Feature::Index2, 1.0);
        }
        n => {
            c.add(Feature::Index3, 1.0).add(Feature::IndexFar, n as f32 - 3.0);
        }
    }
    if i == -1 {
        c.add(Feature::IndexLast, 1.0);
    } else if i < 0 {
        c.add(Feature::IndexFromEnd, 1.0);
    }
}

fn class(t: Token) -> Feature {
    match t {
        Token::Number => Feature::ClassNumber,
        Token::Word => Feature::ClassWord,
        Token::Alphanum => Feature::ClassAlphanum,
        Token::AllCaps => Feature::ClassAllCaps,
        Token::PropCase => Feature::ClassPropCase,
        Token::Lower => Feature::ClassLower,
        Token::Digit => Feature::ClassDigit,
        Token::Char => Feature::ClassChar,
        Token::Field => Feature::ClassField,
        Token::Space => Feature::ClassSpace,
        Token::Decimal => Feature::ClassDecimal,
        Token::Letters => Feature::ClassLetters,
        Token::Capital => Feature::ClassCapital,
    }
}

fn pattern(p: &Pattern, c: &mut Counts) {
    match p {
        Pattern::Token(t) => c.add(class(*t), 1.0),
        Pattern::Text(t) if t == " " => c.add(Feature::EdgeSpace, 1.0),
        Pattern::Text(t) if t.len() == 1 => c.add(Feature::EdgeMark, 1.0),
        Pattern::Text(t) => {
            if t.chars().any(char::is_alphanumeric) {
                c.add(Feature::EdgeTextWord, 1.0);
            }
            c.add(Feature::EdgeText, 1.0)
        }
    };
}

/// What the two edges of a cut have to do with each other.
pub fn pair(from: &Edge, to: &Edge) -> Option<Feature> {
    Some(match (from, to) {
        (Edge::Match(p, i, a), Edge::Match(q, j, b)) => match (p == q, (*i > 0) == (*j > 0)) {
            (true, true) if *j == *i + 1 && *a == Boundary::End && *b == Boundary::Start => Feature::PairField,
            (true, true) => Feature::PairSame,
            (true, false) => Feature::PairAcross,
            (false, true) => Feature::PairOther,
            (false, false) => Feature::PairOtherAcross,
        },
        (Edge::FromStart(0), Edge::FromEnd(0)) => return None,
        (Edge::FromStart(0), Edge::FromStart(_)) => Feature::PairHead,
        (Edge::FromEnd(_), Edge::FromEnd(0)) => Feature::PairTail,
        // From an end of the text to a match that is counted from there, or from the other end.
        (Edge::FromStart(0), Edge::Match(_, i, _)) if *i > 0 => Feature::PairSide,
        (Edge::Match(_, i, _), Edge::FromEnd(0)) if *i < 0 => Feature::PairSide,
        (Edge::FromStart(0), Edge::Match(..)) | (Edge::Match(..), Edge::FromEnd(0)) => Feature::PairFarSide,
        (Edge::FromStart(_), Edge::FromStart(_)) | (Edge::FromEnd(_), Edge::FromEnd(_)) => Feature::PairFixed,
        (Edge::FromStart(_), Edge::FromEnd(_)) | (Edge::FromEnd(_), Edge::FromStart(_)) => Feature::PairTrim,
        (Edge::Match(..), _) | (_, Edge::Match(..)) => Feature::PairMixed,
    })
}

/// The features of an edge, which begins a cut or ends it.
pub fn edge(e: &Edge, begins: bool, c: &mut Counts) {
    match e {
        Edge::FromStart(0) => c.add(Feature::EdgeTextStart, 1.0),
        Edge::FromStart(k) => c.add(Feature::EdgeAt, 1.0).add(Feature::EdgeAtFar, *k as f32),
        Edge::FromEnd(0) => c.add(Feature::EdgeTextEnd, 1.0),
        Edge::FromEnd(k) => c.add(Feature::EdgeAtEnd, 1.0).add(Feature::EdgeAtEndFar, *k as f32),
        Edge::Match(p, i, b) => {
            if let Pattern::Token(_) = p {
                c.add(Feature::EdgeClass, 1.0);
            }
            pattern(p, c);
            index(*i, c);
            // A mark usually bounds a piece from outside.
            let inside = (*b == Boundary::Start) == begins;
            if inside && matches!(p, Pattern::Text(_)) {
                c.add(Feature::EdgeInside, 1.0);
            }
            c
        }
    };
}

fn fun(f: &Fun, c: &mut Counts) {
    match f {
        Fun::Lower => c.add(Feature::Lower, 1.0),
        Fun::Upper => c.add(Feature::Upper, 1.0),
        Fun::Proper => c.add(Feature::Proper, 1.0),
        Fun::Title => c.add(Feature::Title, 1.0),
        Fun::Strip => c.add(Feature::Strip, 1.0),
        Fun::Swap => c.add(Feature::Swap, 1.0),
        Fun::Squeeze => c.add(Feature::Squeeze, 1.0),
        Fun::GetAll(t) => c.add(Feature::GetAll, 1.0).add(class(*t), 1.0),
        Fun::RemoveAll(t) => c.add(Feature::RemoveAll, 1.0).add(class(*t), 1.0),
        Fun::Replace(a, b) => c.add(Feature::Replace, 1.0).add(Feature::ConstWordChar, letters(a) + letters(b)),
        Fun::PadLeft(..) | Fun::PadRight(..) => c.add(Feature::Pad, 1.0),
    };
}

fn letters(s: &str) -> f32 {
    s.chars().filter(|c| c.is_alphanumeric()).count() as f32
}
