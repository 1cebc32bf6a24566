//! What every modification gives on a text, as far as it is part of an output.
//!
//! Modifications are numbered, so that those which can agree with all examples are an intersection of bit sets.

use super::super::robustfill::Term;
use super::suffix::{NONE, Suffixes};
use crate::text::robustfill as g;
use crate::text::token::{Case, DELIMITERS, Token, matches};

/// Indices in the order of preference.
pub const INDICES: [i32; 10] = [1, -1, 2, -2, 3, -3, 4, -4, 5, -5];

/// Whether a character may stand in a program: one of 83.
pub fn is_char(b: u8) -> bool {
    b.is_ascii_alphanumeric() || DELIMITERS.contains(&char::from(b))
}

/// A text of one character.
pub fn one(b: u8) -> String {
    char::from(b).to_string()
}

/// All modifications with these characters and replacements, in a fixed order.
#[derive(Debug)]
pub struct Ops {
    chars: Vec<u8>,
    replaced: Vec<(u8, Vec<u8>)>,
    /// The modifications.
    pub terms: Vec<Term>,
}

/// How many modifications of each class of tokens use no character.
const PLAIN: usize = 22;

impl Ops {
    /// Modifications that write the characters `chars`, and delimiters `from` become one of `to`.
    pub fn new(chars: Vec<u8>, from: &[u8], to: &[u8]) -> Ops {
        let mut terms: Vec<Term> = Case::ALL.map(Term::ToCase).into();
        terms.push(Term::Trim);
        for t in Token::ALL {
            terms.extend(INDICES.map(|i| Term::GetFirst(t, i)));
            terms.push(Term::GetAll(t));
            terms.push(Term::RemoveAll(t));
            terms.extend(INDICES.map(|i| Term::Remove(t, i)));
            terms.extend(chars.iter().map(|c| Term::SubstituteAll(t, one(*c))));
            for i in INDICES {
                terms.extend(chars.iter().map(|c| Term::Substitute(t, i, one(*c))));
            }
        }
        let others = |a: &u8| to.iter().filter(|b| *b != a).copied().collect();
        let replaced: Vec<(u8, Vec<u8>)> = from.iter().map(|a| (*a, others(a))).collect();
        for (a, to) in &replaced {
            terms.extend(to.iter().map(|b| Term::Replace(one(*a), one(*b))));
        }
        Ops { chars, replaced, terms }
    }

    /// What each gives on a text, in an output.
    pub fn results(&self, y: &str, out: &Suffixes, work: &mut Work) -> Results {
        work.begin(y, out, self.terms.len());
        let same = work.prefix(y.len());
        let same = out.value(same, y.len());
        for (op, case) in Case::ALL.into_iter().enumerate() {
            work.buf.clear();
            g::to_case(y, case, &mut work.buf);
            work.set_text(op, y, same, out);
        }
        let trimmed = g::trim(y);
        if trimmed.len() == y.len() {
            work.set_same(3, same);
        } else {
            work.values[3] = out.find(trimmed.as_bytes());
        }
        let mut op = 4;
        for t in Token::ALL {
            op = self.of_token(t, op, y, same, out, work);
        }
        for (a, to) in &self.replaced {
            let first = y.bytes().position(|b| b == *a);
            for b in to {
                match first {
                    None => work.set_same(op, same),
                    Some(at) => {
                        let mut state = work.prefix(at);
                        for c in &y.as_bytes()[at..] {
                            if state == NONE {
                                break;
                            }
                            state = out.step(state, if c == a { *b } else { *c });
                        }
                        work.values[op] = out.value(state, y.len());
                    }
                }
                op += 1;
            }
        }
        work.pack()
    }

    /// The modifications of a class, which begin at number `op`; the number after them.
    fn of_token(&self, t: Token, op: usize, y: &str, same: u32, out: &Suffixes, work: &mut Work) -> usize {
        let (bytes, chars) = (y.as_bytes(), self.chars.len());
        let after = op + PLAIN + chars * 11;
        let mut spans = std::mem::take(&mut work.spans);
        spans.clear();
        spans.extend(matches(y, t));
        let count = spans.len();
        // Matches one after the other.
        work.kept.clear();
        work.kept.push((0, 0));
        for (a, b) in &spans {
            let (state, len) = work.kept[work.kept.len() - 1];
            let state = if state == NONE { NONE } else { out.walk(state, &bytes[*a..*b]) };
            work.kept.push((state, len + b - a));
        }
        for (k, i) in INDICES.into_iter().enumerate() {
            let n = if i > 0 { count.min(i as usize) } else { count.saturating_sub(i.unsigned_abs() as usize) };
            work.set_kept(op + k, n, y.len(), same, out);
        }
        work.set_kept(op + 10, count, y.len(), same, out);
        // All of them changed.
        let all = op + PLAIN;
        if count == 0 {
            work.set_same(op + 11, same);
            work.set_all_same(all, chars, same);
        } else if t == Token::PropCase {
            work.buf.clear();
            g::remove_all(y, t, &mut work.buf);
            work.set_text(op + 11, y, same, out);
            for (k, c) in self.chars.iter().enumerate() {
                work.buf.clear();
                g::substitute_all(y, t, char::from(*c).encode_utf8(&mut [0; 4]), &mut work.buf);
                work.set_text(all + k, y, same, out);
            }
        } else {
            let removed = std::iter::once((op + 11, None));
            for (op, c) in removed.chain(self.chars.iter().enumerate().map(|(k, c)| (all + k, Some(*c)))) {
                let (mut state, mut len, mut at) = (0, 0, 0);
                for (a, b) in spans.iter().copied().chain([(y.len(), y.len())]) {
                    state = if at == 0 { work.prefix(a) } else { out.walk(state, &bytes[at..a]) };
                    len += a - at;
                    if let (Some(c), true) = (c, a < y.len()) {
                        if state != NONE {
                            state = out.step(state, c);
                        }
                        len += 1;
                    }
                    at = b;
                    if state == NONE {
                        break;
                    }
                }
                let kept = c.is_some_and(|c| spans.iter().all(|(a, b)| b - a == 1 && bytes[*a] == c));
                if kept { work.set_same(op, same) } else { work.values[op] = out.value(state, len) }
            }
        }
        // One of them changed.
        for (k, i) in INDICES.into_iter().enumerate() {
            let (remove, first) = (op + 12 + k, all + chars * (k + 1));
            let n = if i > 0 { i as usize - 1 } else { count.wrapping_sub(i.unsigned_abs() as usize) };
            match spans.get(n) {
                None => {
                    work.set_same(remove, same);
                    work.set_all_same(first, chars, same);
                }
                Some((a, b)) => {
                    let at = first_place(bytes, *a, *b);
                    let from = self.changed(y, at, b - a, out, work);
                    work.values[remove] = work.changes[from];
                    for (j, c) in self.chars.iter().enumerate() {
                        if b - a == 1 && bytes[*a] == *c {
                            work.set_same(first + j, same);
                        } else {
                            work.values[first + j] = work.changes[from + 1 + j];
                        }
                    }
                }
            }
        }
        work.spans = spans;
        after
    }

    /// Where in `work.changes` it stands what the text gives with this part removed, and with each character there.
    fn changed(&self, y: &str, at: usize, len: usize, out: &Suffixes, work: &mut Work) -> usize {
        let stride = self.chars.len() + 1;
        if let Some(i) = work.places.iter().position(|p| *p == (at, len)) {
            return i * stride;
        }
        let i = work.places.len();
        work.places.push((at, len));
        let (head, tail) = (work.prefix(at), &y.as_bytes()[at + len..]);
        let whole = y.len() - len;
        if head == NONE {
            work.changes.resize((i + 1) * stride, 0);
            return i * stride;
        }
        work.changes.push(out.value(out.walk(head, tail), whole));
        for c in &self.chars {
            let state = out.walk(out.step(head, *c), tail);
            work.changes.push(out.value(state, whole + 1));
        }
        i * stride
    }
}

/// Room to work in.
#[derive(Debug, Default)]
pub struct Work {
    values: Vec<u32>,
    same: Vec<u64>,
    /// States after each beginning of the text, as far as it occurs.
    prefixes: Vec<u32>,
    spans: Vec<(usize, usize)>,
    kept: Vec<(u32, usize)>,
    places: Vec<(usize, usize)>,
    changes: Vec<u32>,
    buf: String,
}

impl Work {
    fn begin(&mut self, y: &str, out: &Suffixes, ops: usize) {
        self.values.clear();
        self.values.resize(ops, 0);
        self.same.clear();
        self.same.resize(ops.div_ceil(64), 0);
        self.places.clear();
        self.changes.clear();
        self.prefixes.clear();
        self.prefixes.push(0);
        let mut state = 0;
        for b in y.bytes() {
            state = out.step(state, b);
            if state == NONE {
                break;
            }
            self.prefixes.push(state);
        }
    }

    fn prefix(&self, n: usize) -> u32 {
        self.prefixes.get(n).copied().unwrap_or(NONE)
    }

    fn set_same(&mut self, op: usize, value: u32) {
        self.values[op] = value;
        self.same[op / 64] |= 1 << (op % 64);
    }

    fn set_all_same(&mut self, first: usize, count: usize, value: u32) {
        self.values[first..first + count].fill(value);
        let mut at = first;
        while at < first + count {
            let n = (first + count - at).min(64 - at % 64);
            self.same[at / 64] |= (u64::MAX >> (64 - n)) << (at % 64);
            at += n;
        }
    }

    /// The text in the buffer.
    fn set_text(&mut self, op: usize, y: &str, same: u32, out: &Suffixes) {
        if self.buf == y {
            self.set_same(op, same);
        } else {
            self.values[op] = out.find(self.buf.as_bytes());
        }
    }

    /// The first `n` matches.
    fn set_kept(&mut self, op: usize, n: usize, whole: usize, same: u32, out: &Suffixes) {
        let (state, len) = self.kept.get(n).copied().unwrap_or((NONE, 0));
        if len == whole {
            self.set_same(op, same);
        } else {
            self.values[op] = out.value(state, len);
        }
    }

    fn pack(&mut self) -> Results {
        let mut bits = Vec::with_capacity(self.same.len());
        let mut values = Vec::new();
        for (chunk, same) in self.values.chunks(64).zip(&self.same) {
            let mut found = 0;
            chunk.iter().enumerate().for_each(|(k, v)| found |= u64::from(*v != 0) << k);
            bits.push(Bits { found, same: *same, before: values.len() as u32 });
            let mut left = found;
            while left != 0 {
                values.push(chunk[left.trailing_zeros() as usize]);
                left &= left - 1;
            }
        }
        Results { bits: bits.into(), values: values.into() }
    }
}

/// Where the text of a match occurs first; not after itself.
fn first_place(text: &[u8], a: usize, b: usize) -> usize {
    (0..a).find(|at| text[*at] == text[a] && text[*at..*at + b - a] == text[a..b]).unwrap_or(a)
}

/// What 64 modifications give.
#[derive(Clone, Copy, Debug)]
pub struct Bits {
    /// Those that give part of the output.
    pub found: u64,
    /// Those that change nothing.
    pub same: u64,
    /// How many were found before these.
    before: u32,
}

/// What modifications give on a text.
#[derive(Debug)]
pub struct Results {
    /// All of them, by number.
    pub bits: Box<[Bits]>,
    values: Box<[u32]>,
}

impl Results {
    /// What one of those found gives.
    #[inline]
    pub fn value(&self, op: usize) -> u32 {
        let bits = self.bits[op / 64];
        let before = (bits.found & ((1u64 << (op % 64)) - 1)).count_ones();
        self.values[(bits.before + before) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn results_are_those_of_the_operators(y in "[aB1 .,\u{e9}]{1,8}", output in "[aAbB12x.,]{1,40}") {
            let ops = Ops::new(b"ax2,".to_vec(), b"., ", b",;");
            let out = Suffixes::new(output.as_bytes());
            let r = ops.results(&y, &out, &mut Work::default());
            for (op, t) in ops.terms.iter().enumerate() {
                let value = t.eval(&y);
                let expected = out.find(value.as_bytes());
                let found = r.bits[op / 64].found >> (op % 64) & 1 == 1;
                prop_assert_eq!(found, expected != 0, "{:?} {}", t, value);
                if found {
                    prop_assert_eq!(r.value(op), expected);
                }
                prop_assert_eq!(r.bits[op / 64].same >> (op % 64) & 1 == 1, value == y, "{:?}", t);
            }
        }
    }
}
