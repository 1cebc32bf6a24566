//! What a search may write: one [`Domain`] for each kind of program.
//!
//! A domain is seen two ways. Bottom-up enumeration asks for values and [`Production`]s that combine them. Sequential
//! searches (WEA section 3: the session as a Markov decision process) go from [`State`] to [`State`]: a state is the
//! values that are live, an [`Action`] is a line of code that combines some of them. Both execute through
//! [`Domain::apply`] and print through [`Domain::to_line`]; replaying a state's lines in a
//! [`Session`](crate::session::Session) gives the same values.

pub mod terms;

use std::hash::Hash;

/// A kind of value within a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sort(pub u16);

/// A way to make a value from others.
#[derive(Clone, Debug)]
pub struct Production<Op> {
    /// What it does.
    pub op: Op,
    /// Sorts of its arguments.
    pub args: Vec<Sort>,
    /// Sort of its value.
    pub ret: Sort,
    /// Its cost; a term's cost is the sum over its productions.
    pub cost: u32,
}

/// How good a value is as an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assessment {
    /// From 0 to 1.
    pub score: f64,
    /// Whether it is what was wanted.
    pub solved: bool,
}

/// What a search may write, how that is executed, and how it is judged.
pub trait Domain {
    /// What a term means: equal values are interchangeable. It holds the value on every example.
    type Value: Clone + Eq + Hash;
    /// What a line does, constants included.
    type Op: Clone;

    /// All ways to make a value.
    fn productions(&self) -> Vec<Production<Self::Op>>;

    /// Executes; `None` if that fails on some example, or is pointless.
    fn apply(&self, op: &Self::Op, args: &[&Self::Value]) -> Option<Self::Value>;

    /// Judges a value as an answer.
    fn assess(&self, value: &Self::Value) -> Assessment;

    /// The source text of an operation over arguments given as source text.
    fn to_line(&self, op: &Self::Op, args: &[String]) -> String;

    /// Numbers that describe a value to a policy or value network.
    fn features(&self, _value: &Self::Value, _out: &mut Vec<f32>) {}
}

/// A line of code in a sequential search: an operation over live values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Index of the production in [`Domain::productions`].
    pub production: usize,
    /// Positions among the live values.
    pub args: Vec<usize>,
}

/// The live values of a sequential search, each with the line that made it. What a line combines is no longer live.
#[derive(Clone, Debug, PartialEq)]
pub struct State<V> {
    /// Live values, and the number of the line that made each.
    pub live: Vec<(V, usize)>,
    /// The source text of every line; line `i` is bound to [`line_name`]`(i)`.
    pub lines: Vec<String>,
}

impl<V> Default for State<V> {
    fn default() -> State<V> {
        State { live: Vec::new(), lines: Vec::new() }
    }
}

/// The variable that a line is bound to.
pub fn line_name(line: usize) -> String {
    format!("v{line}")
}

impl<V: Clone> State<V> {
    /// The state after a line, `None` if the line fails or its arguments are not live or not of the right number.
    pub fn step<D: Domain<Value = V>>(
        &self,
        domain: &D,
        productions: &[Production<D::Op>],
        action: &Action,
    ) -> Option<State<V>> {
        let p = productions.get(action.production)?;
        if p.args.len() != action.args.len() {
            return None;
        }
        let args: Vec<&(V, usize)> = action.args.iter().map(|&i| self.live.get(i)).collect::<Option<_>>()?;
        let value = domain.apply(&p.op, &args.iter().map(|a| &a.0).collect::<Vec<_>>())?;
        let names: Vec<String> = args.iter().map(|a| line_name(a.1)).collect();
        let mut next = State { live: Vec::new(), lines: self.lines.clone() };
        next.lines.push(domain.to_line(&p.op, &names));
        let keep = self.live.iter().enumerate().filter(|(i, _)| !action.args.contains(i));
        next.live.extend(keep.map(|(_, v)| v.clone()));
        next.live.push((value, next.lines.len() - 1));
        Some(next)
    }

    /// The state as a script, a `let` for each line.
    pub fn script(&self) -> String {
        let line = |(i, l): (usize, &String)| format!("let {} = {l}\n", line_name(i));
        self.lines.iter().enumerate().map(line).collect()
    }
}
