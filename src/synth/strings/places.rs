//! Where the pieces of a program stand in a row: what they take, what stands around that, what they leave out.

use super::expr::Expr;

/// A piece where it stands.
struct Place<'r> {
    /// Which piece of the program.
    piece: usize,
    column: usize,
    from: usize,
    to: usize,
    /// The column's text.
    text: &'r str,
}

/// The pieces that stand somewhere, in the order of the program.
pub struct Places<'r> {
    columns: usize,
    list: Vec<Place<'r>>,
    /// Whether all the others are written, not taken.
    pub all: bool,
}

/// What a piece looks like: which it is, the classes of its characters, and the class before it and after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Which piece.
    pub piece: usize,
    /// One bit for each class.
    pub kinds: u128,
    /// None at an end of the text.
    pub around: [Option<char>; 2],
}

/// The class of a character: `A`, `a`, `0`, a space, or the mark itself.
pub fn class(c: char) -> char {
    match c {
        _ if c.is_numeric() => '0',
        _ if c.is_uppercase() => 'A',
        _ if c.is_alphabetic() => 'a',
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

/// Words, as far as letters and digits go on.
pub fn words(s: &str) -> impl Iterator<Item = &str> {
    s.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty())
}

impl<'r> Places<'r> {
    /// Those of a program on a row.
    pub fn new(e: &Expr, row: &'r [String]) -> Places<'r> {
        let mut out = Places { columns: row.len(), list: Vec::new(), all: true };
        for p in e.branch(row).map_or(&[][..], Expr::pieces) {
            match p.place(row) {
                Some((column, from, to)) => {
                    // Pieces of different branches are different pieces.
                    let piece = std::ptr::from_ref(p) as usize;
                    out.list.push(Place { piece, column, from, to, text: &row[column] });
                }
                None => out.all &= matches!(p, Expr::Const(_)),
            }
        }
        out
    }

    /// What the pieces look like.
    pub fn looks(&self) -> impl Iterator<Item = Look> {
        self.list.iter().map(|p| {
            // Marks beyond ASCII are one class.
            let bit = |c: char| 1u128 << u32::from(class(c)).min(127);
            let kinds = p.text[p.from..p.to].chars().fold(0, |k, c| k | bit(c));
            let around = [p.text[..p.from].chars().next_back(), p.text[p.to..].chars().next()];
            Look { piece: p.piece, kinds, around: around.map(|c| c.map(class)) }
        })
    }

    /// How many pieces take some of what another took before.
    pub fn overlaps(&self) -> usize {
        let meets = |p: &Place<'_>, q: &Place<'_>| p.column == q.column && p.from < q.to && q.from < p.to;
        (1..self.list.len()).filter(|i| self.list[..*i].iter().any(|q| meets(&self.list[*i], q))).count()
    }

    /// How many words are left out before, between and after the pieces of each column, in the order of its text.
    pub fn gaps(&self) -> Vec<usize> {
        let mut out = Vec::new();
        let mut spans: Vec<(usize, usize)> = Vec::new();
        for c in 0..self.columns {
            spans.clear();
            spans.extend(self.list.iter().filter(|p| p.column == c).map(|p| (p.from, p.to)));
            // Nothing is taken of a column that is not looked at.
            let Some(text) = self.list.iter().find(|p| p.column == c).map(|p| p.text) else { continue };
            spans.sort_unstable();
            spans.push((text.len(), text.len()));
            let mut from = 0;
            for (a, b) in &spans {
                out.push(text.get(from..*a).map_or(0, |gap| words(gap).count()));
                from = from.max(*b);
            }
        }
        out
    }
}
