//! What a synthesizer says when it stops, with a program or without.

use crate::ir::Func;
use crate::search::Stop;
use crate::vm::value::Doubt;
use std::time::Duration;

/// The end of a search.
#[derive(Clone, Debug)]
pub struct Report {
    /// The completed program.
    pub program: Option<Func>,
    /// How it ended.
    pub end: End,
    /// The cost of the program found; lower is simpler.
    pub cost: u32,
    /// Programs and parts of programs that were executed. With this number as the budget the search ends the same way.
    pub nodes: u64,
    /// Wall time.
    pub elapsed: Duration,
    /// How it searched, in a few words.
    pub method: &'static str,
    /// What fills each hole, as source text, in the order of the holes.
    pub fillings: Vec<(String, String)>,
    /// Where other programs that agree with the examples differ from it.
    pub doubt: Option<Doubt>,
}

impl Report {
    /// Before a search.
    pub fn new(method: &'static str) -> Report {
        Report {
            program: None,
            end: End::Exhausted,
            cost: 0,
            nodes: 0,
            elapsed: Duration::ZERO,
            method,
            fillings: Vec::new(),
            doubt: None,
        }
    }
}

/// How a search ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// With a program that agrees with every example.
    Solved,
    /// Every program that there is was tried.
    Exhausted,
    /// Every program up to this cost was tried.
    UpToCost(u32),
    /// Nothing but a table of the examples explains them. The program is that table.
    Lookup,
    /// The budget ran out. There may be a program all the same, the best so far.
    Stopped(Stop),
    /// The examples leave everything open: there are none, or a constant explains them.
    NotEnoughExamples,
    /// Two examples (counted from 0) with one input and different outputs.
    Contradiction(usize, usize),
    /// A hole that this search cannot fill, and why.
    Unsupported(String),
}

impl Report {
    /// In a sentence, for a person.
    pub fn message(&self) -> String {
        let tried = format!("{} in {:.1} s", count(self.nodes, "program"), self.elapsed.as_secs_f64());
        match &self.end {
            End::Solved => format!("found after {tried}"),
            End::Exhausted => format!("no program of this form agrees with the examples (all were tried: {tried})"),
            End::UpToCost(c) => format!("no program up to cost {c} agrees with the examples (tried {tried})"),
            End::Lookup => "no rule explains the examples: the program only looks them up".into(),
            End::Stopped(Stop::Cancelled) => format!("interrupted after {tried}"),
            End::Stopped(Stop::Nodes) => format!("no program within the budget (tried {tried})"),
            End::Stopped(Stop::Time) => format!("no program within the time (tried {tried})"),
            End::NotEnoughExamples => "not enough examples: there are none, or a constant explains them".into(),
            End::Contradiction(a, b) => {
                format!("examples {} and {} have the same input and different outputs", a + 1, b + 1)
            }
            End::Unsupported(what) => what.clone(),
        }
    }
}

fn count(n: u64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
