//! Random tasks in the RobustFill language, as the papers make them: a program, and inputs that it does something to
//! (Devlin et al., "RobustFill", 2017; Hong et al., "Latent Programmer", 2021, section 5.1).
//!
//! The distribution:
//! - The number of parts is uniform in the range asked for.
//! - A part is a substring, a modification, a composition or a character, each with probability 1/4; a composition is
//!   a modification of a modification or of a substring, each with probability 1/2. Operators are uniform among the 5
//!   substring operators and the 9 modifications, and so are their arguments: indices from -5 to 5 without 0, positions
//!   from -100 to 100, classes and delimiters each with probability 1/2 where both may stand, 83 characters.
//! - An input has as many tokens of each class, and as many of each delimiter, as the highest index with which the
//!   program names it, and up to 3 tokens of any class more, in random order. A token has 1 to 4 characters. Between two
//!   tokens stands a delimiter: one of the program's with probability 1/2, else any. All inputs of a task have the same
//!   number of tokens of each class.
//! - A part that is empty on some input is drawn again, with the same operators. A task with a text that is too long
//!   is drawn again as a whole, with as many parts. So long programs have shorter inputs and more characters among
//!   their parts than the grammar alone would give them.

use super::dsl::PARTS;
use super::expr::Expr;
use super::robustfill::Term;
use crate::text::edge::Pattern;
use crate::text::token::{Boundary, Case, DELIMITERS, Token};
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use std::ops::RangeInclusive;

/// What tasks are wanted.
#[derive(Clone, Debug)]
pub struct Sampling {
    /// How many parts programs have.
    pub parts: RangeInclusive<usize>,
    /// How many rows a task has.
    pub rows: usize,
    /// How many characters a text may have.
    pub max_length: usize,
}

impl Default for Sampling {
    fn default() -> Sampling {
        Sampling { parts: 1..=PARTS, rows: 4, max_length: 100 }
    }
}

/// A program and what it gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The program, over one column.
    pub program: Expr,
    /// How many parts it has.
    pub parts: usize,
    /// Inputs and outputs.
    pub rows: Vec<(String, String)>,
}

/// How often a part is drawn for the same inputs.
const PART_TRIES: usize = 200;

/// How often a task is drawn.
const TRIES: usize = 100_000;

/// The task of this number among those of a seed; `None` if none as short as this was found.
pub fn sample(how: &Sampling, seed: u64, number: u64) -> Option<Sample> {
    // Each task has a generator of its own, so that a task does not depend on how many come before it.
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&number.to_le_bytes());
    let mut rng = StdRng::from_seed(key);
    let parts = rng.random_range(how.parts.clone());
    (0..TRIES).find_map(|_| attempt(&mut rng, how, parts))
}

fn attempt(rng: &mut StdRng, how: &Sampling, parts: usize) -> Option<Sample> {
    let kinds: Vec<Kind> = (0..parts).map(|_| Kind::draw(rng)).collect();
    let mut drawn: Vec<Expr> = kinds.iter().map(|k| k.part(rng)).collect();
    let mut needs = Needs::default();
    drawn.iter().for_each(|p| needs.of_part(p));
    needs.extra = (0..rng.random_range(0..=3)).filter_map(|_| Token::ALL.choose(rng).copied()).collect();
    let inputs: Vec<String> = (0..how.rows).map(|_| needs.input(rng)).collect();
    let fits = |s: &str| s.chars().count() <= how.max_length;
    if inputs.iter().any(|s| s.is_empty() || !fits(s)) {
        return None;
    }
    let mut outputs = vec![String::new(); inputs.len()];
    for (kind, part) in kinds.iter().zip(&mut drawn) {
        let mut values = None;
        for _ in 0..PART_TRIES {
            let all: Vec<String> = inputs.iter().map(|x| value(part, x)).collect();
            if all.iter().all(|v| !v.is_empty()) {
                values = Some(all);
                break;
            }
            *part = kind.part(rng);
        }
        for (o, v) in outputs.iter_mut().zip(values?) {
            o.push_str(&v);
            if !fits(o) {
                return None;
            }
        }
    }
    let program = if drawn.len() == 1 { drawn.swap_remove(0) } else { Expr::Concat(drawn) };
    Some(Sample { program, parts, rows: inputs.into_iter().zip(outputs).collect() })
}

fn value(part: &Expr, x: &str) -> String {
    match part {
        Expr::Const(s) => s.clone(),
        Expr::Robust(_, t) => t.eval(x),
        _ => String::new(),
    }
}

/// The operators of a part, by number.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Char,
    Cut(u8),
    Change(u8),
    ChangedCut(u8, u8),
    ChangedTwice(u8, u8),
}

impl Kind {
    fn draw(rng: &mut StdRng) -> Kind {
        let cut = rng.random_range(0..5);
        let (change, inner) = (rng.random_range(0..9), rng.random_range(0..9));
        match rng.random_range(0..8) {
            0 | 1 => Kind::Char,
            2 | 3 => Kind::Cut(cut),
            4 | 5 => Kind::Change(change),
            6 => Kind::ChangedCut(change, cut),
            _ => Kind::ChangedTwice(change, inner),
        }
    }

    /// A part with these operators.
    fn part(self, rng: &mut StdRng) -> Expr {
        let term = match self {
            Kind::Char => return Expr::Const(character(rng)),
            Kind::Cut(k) => cut(rng, k),
            Kind::Change(k) => change(rng, k),
            Kind::ChangedCut(n, f) => Term::Compose(Box::new(change(rng, n)), Box::new(cut(rng, f))),
            Kind::ChangedTwice(n, m) => Term::Compose(Box::new(change(rng, n)), Box::new(change(rng, m))),
        };
        Expr::Robust(0, Box::new(term))
    }
}

fn cut(rng: &mut StdRng, k: u8) -> Term {
    match k {
        0 => Term::SubStr(rng.random_range(-100..=100), rng.random_range(-100..=100)),
        1 => {
            let (r1, r2) = (pattern(rng), pattern(rng));
            Term::GetSpan(r1, index(rng), boundary(rng), r2, index(rng), boundary(rng))
        }
        2 => Term::GetToken(token(rng), index(rng)),
        3 => Term::GetUpto(pattern(rng)),
        _ => Term::GetFrom(pattern(rng)),
    }
}

fn change(rng: &mut StdRng, k: u8) -> Term {
    match k {
        0 => Term::ToCase(Case::ALL[rng.random_range(0..Case::ALL.len())]),
        1 => Term::Replace(delimiter(rng), delimiter(rng)),
        2 => Term::Trim,
        3 => Term::GetFirst(token(rng), index(rng)),
        4 => Term::GetAll(token(rng)),
        5 => Term::Substitute(token(rng), index(rng), character(rng)),
        6 => Term::SubstituteAll(token(rng), character(rng)),
        7 => Term::Remove(token(rng), index(rng)),
        _ => Term::RemoveAll(token(rng)),
    }
}

fn token(rng: &mut StdRng) -> Token {
    Token::ALL[rng.random_range(0..Token::ALL.len())]
}

fn delimiter(rng: &mut StdRng) -> String {
    DELIMITERS[rng.random_range(0..DELIMITERS.len())].to_string()
}

fn character(rng: &mut StdRng) -> String {
    let n = rng.random_range(0..LETTERS.len() + DELIMITERS.len());
    LETTERS.get(n).map_or_else(|| DELIMITERS[n - LETTERS.len()].to_string(), |b| char::from(*b).to_string())
}

fn pattern(rng: &mut StdRng) -> Pattern {
    if rng.random() { Pattern::Token(token(rng)) } else { Pattern::Text(delimiter(rng)) }
}

fn index(rng: &mut StdRng) -> i32 {
    let i = rng.random_range(1..=5);
    if rng.random() { i } else { -i }
}

fn boundary(rng: &mut StdRng) -> Boundary {
    if rng.random() { Boundary::Start } else { Boundary::End }
}

/// Capitals, small letters and digits.
const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// What a program names in its inputs, and how often.
#[derive(Debug, Default)]
struct Needs {
    tokens: [usize; Token::ALL.len()],
    delimiters: Vec<(String, usize)>,
    extra: Vec<Token>,
}

impl Needs {
    fn of_part(&mut self, part: &Expr) {
        if let Expr::Robust(_, t) = part {
            self.of_term(t);
        }
    }

    fn of_term(&mut self, t: &Term) {
        match t {
            Term::GetToken(t, i) | Term::GetFirst(t, i) | Term::Substitute(t, i, _) | Term::Remove(t, i) => {
                self.token(*t, *i);
            }
            Term::GetAll(t) | Term::SubstituteAll(t, _) | Term::RemoveAll(t) => self.token(*t, 1),
            Term::GetUpto(p) | Term::GetFrom(p) => self.pattern(p, 1),
            Term::GetSpan(p, i, _, q, j, _) => {
                self.pattern(p, *i);
                self.pattern(q, *j);
            }
            Term::Replace(a, _) => self.delimiter(a, 1),
            Term::Compose(f, x) => {
                self.of_term(f);
                self.of_term(x);
            }
            Term::SubStr(..) | Term::ToCase(_) | Term::Trim => {}
        }
    }

    fn pattern(&mut self, p: &Pattern, i: i32) {
        match p {
            Pattern::Token(t) => self.token(*t, i),
            Pattern::Text(d) => self.delimiter(d, i),
        }
    }

    fn token(&mut self, t: Token, i: i32) {
        let n = &mut self.tokens[t as usize % Token::ALL.len()];
        *n = (*n).max(i.unsigned_abs() as usize);
    }

    fn delimiter(&mut self, d: &str, i: i32) {
        let i = i.unsigned_abs() as usize;
        match self.delimiters.iter_mut().find(|(x, _)| x == d) {
            Some((_, n)) => *n = (*n).max(i),
            None => self.delimiters.push((d.to_string(), i)),
        }
    }

    /// A text that has it all.
    fn input(&self, rng: &mut StdRng) -> String {
        let mut parts: Vec<(bool, String)> = Vec::new();
        for (d, n) in &self.delimiters {
            parts.extend((0..*n).map(|_| (false, d.clone())));
        }
        for (t, n) in Token::ALL.into_iter().zip(self.tokens) {
            parts.extend((0..n).map(|_| (true, text_of(rng, t))));
        }
        parts.extend(self.extra.iter().map(|t| (true, text_of(rng, *t))));
        if parts.is_empty() {
            let t = token(rng);
            parts.push((true, text_of(rng, t)));
        }
        parts.shuffle(rng);
        let mut out = String::new();
        let mut after_token = false;
        for (is_token, text) in parts {
            if after_token && is_token {
                let own = self.delimiters.choose(rng).filter(|_| rng.random()).map(|(d, _)| d.clone());
                out.push_str(&own.unwrap_or_else(|| delimiter(rng)));
            }
            out.push_str(&text);
            after_token = is_token;
        }
        out
    }
}

/// A text that a class matches.
fn text_of(rng: &mut StdRng, t: Token) -> String {
    let (first, rest): (&[u8], &[u8]) = match t {
        Token::Number | Token::Digit => (&LETTERS[52..], &LETTERS[52..]),
        Token::Word => (&LETTERS[..52], &LETTERS[..52]),
        Token::AllCaps => (&LETTERS[..26], &LETTERS[..26]),
        Token::PropCase => (&LETTERS[..26], &LETTERS[26..52]),
        Token::Lower => (&LETTERS[26..52], &LETTERS[26..52]),
        _ => (&LETTERS[..], &LETTERS[..]),
    };
    let len = rng.random_range(if t == Token::PropCase { 2..=4 } else { 1..=4 });
    let from = |rng: &mut StdRng, set: &[u8]| char::from(set[rng.random_range(0..set.len())]);
    (0..len).map(|i| from(rng, if i == 0 { first } else { rest })).collect()
}

#[cfg(test)]
mod tests {
    use super::super::dsl::Prefer;
    use super::super::expr::quoted;
    use super::super::{Columns, Options, StringTask, solve_task};
    use super::*;
    use crate::search::Budget;
    use crate::session::Session;
    use crate::vm::limits::Cancel;
    use crate::vm::value::Value;
    use proptest::prelude::*;

    #[test]
    fn a_seed_gives_the_same_tasks() {
        let how = Sampling::default();
        let all = |seed| -> Vec<Option<Sample>> { (0..20).map(|i| sample(&how, seed, i)).collect() };
        assert_eq!(all(3), all(3));
        assert_ne!(all(3), all(4));
    }

    #[test]
    fn tasks_are_as_asked_for() {
        let how = Sampling { parts: 2..=6, rows: 5, max_length: 60 };
        for i in 0..200 {
            let s = sample(&how, 1, i).unwrap();
            assert!(how.parts.contains(&s.parts) && s.program.pieces().len() == s.parts && s.rows.len() == 5);
            for (x, y) in &s.rows {
                assert!(x.len() <= 60 && y.len() <= 60 && !x.is_empty());
                assert_eq!(s.program.eval(std::slice::from_ref(x)).as_deref(), Some(y.as_str()));
                assert!(s.program.pieces().iter().all(|p| !value(p, x).is_empty()));
            }
        }
        assert_eq!(sample(&Sampling { parts: 10..=10, rows: 1, max_length: 3 }, 0, 0), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn short_programs_are_found_and_run(seed: u64) {
            let s = sample(&Sampling { parts: 1..=3, ..Sampling::default() }, seed, 0).unwrap();
            let rows: Vec<(Columns, Option<String>)> =
                s.rows.iter().map(|(x, y)| (Columns::One(x.clone()), Some(y.clone()))).collect();
            let task = StringTask { id: String::new(), train: rows.clone(), test: rows };
            let mut session = Session::default();
            let method = if seed % 4 > 0 { Prefer::Short } else { Prefer::Likely }.method();
            let options = Options { method: method.into(), ..Options::default() };
            let mut budget = Budget::new(None, None, Cancel::default());
            let answer = solve_task(&session, &task, &options, false, &mut budget);
            prop_assert!(answer.solved && answer.distance == Some(0.0), "{:?} {:?}", s, answer);
            // The text that is printed is a program that gives the outputs.
            let list = |texts: Vec<String>| format!("[{}]", texts.join(", "));
            let calls = list(s.rows.iter().map(|(x, _)| format!("program({})", quoted(x))).collect());
            let outputs = list(s.rows.iter().map(|(_, y)| quoted(y)).collect());
            let text = format!("{}\n{calls} == {outputs}", answer.program.unwrap_or_default());
            let outcome = session.step("<test>", &text);
            prop_assert!(matches!(&outcome, Ok(o) if matches!(o.value.value, Value::Bool(true))), "{}", text);
        }
    }
}
