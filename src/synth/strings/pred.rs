//! Conditions on a row: what tells rows apart that want different programs.

use super::expr::{Expr, Names, pattern};
use crate::text::edge::Pattern;
use crate::text::token::{Rule, Token};

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Pred {
    /// The first text contains the second.
    Contains(Expr, Expr),
    /// The first text contains the second, whatever their case.
    ContainsAnyCase(Expr, Expr),
    /// The first text begins with the second.
    Starts(Expr, Expr),
    /// The first text ends with the second.
    Ends(Expr, Expr),
    /// The texts are the same.
    Equal(Expr, Expr),
    /// So many matches of a pattern, or more.
    AtLeast(Expr, Pattern, usize),
    /// So many characters, or more.
    Longer(Expr, usize),
    /// The number that a text writes is at least this.
    NumberAtLeast(Expr, f64),
    /// Both hold.
    And(Box<Pred>, Box<Pred>),
    /// One holds.
    Or(Box<Pred>, Box<Pred>),
    /// It does not hold.
    Not(Box<Pred>),
}

impl Pred {
    /// Whether it holds; `None` where it cannot be told.
    pub fn holds(&self, row: &[String]) -> Option<bool> {
        let two = |a: &Expr, b: &Expr, f: fn(&str, &str) -> bool| Some(f(&a.eval(row)?, &b.eval(row)?));
        match self {
            Pred::Contains(a, b) => two(a, b, |a, b| a.contains(b)),
            Pred::ContainsAnyCase(a, b) => two(a, b, |a, b| a.to_lowercase().contains(&b.to_lowercase())),
            Pred::Starts(a, b) => two(a, b, |a, b| a.starts_with(b)),
            Pred::Ends(a, b) => two(a, b, |a, b| a.ends_with(b)),
            Pred::Equal(a, b) => two(a, b, |a, b| a == b),
            Pred::AtLeast(a, p, n) => Some(Rule::of(p.regex()).matches(&a.eval(row)?).nth(n - 1).is_some()),
            Pred::Longer(a, n) => Some(a.eval(row)?.chars().count() >= *n),
            Pred::NumberAtLeast(a, x) => a.eval(row)?.trim().parse::<f64>().ok().map(|v| v >= *x),
            Pred::And(a, b) => Some(a.holds(row)? && b.holds(row)?),
            Pred::Or(a, b) => Some(a.holds(row)? || b.holds(row)?),
            Pred::Not(p) => p.holds(row).map(|b| !b),
        }
    }

    /// As a condition of the language.
    pub fn source(&self, names: &Names) -> String {
        let (a, b) = match self {
            Pred::Contains(a, b)
            | Pred::ContainsAnyCase(a, b)
            | Pred::Starts(a, b)
            | Pred::Ends(a, b)
            | Pred::Equal(a, b) => (a.source(names), b.source(names)),
            Pred::AtLeast(a, ..) | Pred::Longer(a, _) | Pred::NumberAtLeast(a, _) => (a.source(names), String::new()),
            Pred::And(a, b) => return format!("{} and {}", a.operand(names), b.operand(names)),
            Pred::Or(a, b) => return format!("{} or {}", a.operand(names), b.operand(names)),
            Pred::Not(p) => {
                return match &**p {
                    Pred::Equal(a, b) => format!("{} != {}", a.source(names), b.source(names)),
                    Pred::Longer(a, n) => format!("len({}) < {n}", a.source(names)),
                    Pred::NumberAtLeast(a, x) => format!("num({}) < {x:?}", a.source(names)),
                    Pred::AtLeast(a, p, 1) => format!("count_of({}, {}) == 0", a.source(names), pattern(p)),
                    Pred::AtLeast(a, p, n) => format!("count_of({}, {}) < {n}", a.source(names), pattern(p)),
                    p => format!("not {}", p.operand(names)),
                };
            }
        };
        match self {
            Pred::Contains(..) => format!("contains({a}, {b})"),
            Pred::ContainsAnyCase(..) => format!("contains(lower({a}), lower({b}))"),
            Pred::Starts(..) => format!("starts_with({a}, {b})"),
            Pred::Ends(..) => format!("ends_with({a}, {b})"),
            Pred::AtLeast(_, p, n) => format!("count_of({a}, {}) >= {n}", pattern(p)),
            Pred::Longer(_, n) => format!("len({a}) >= {n}"),
            Pred::NumberAtLeast(_, x) => format!("num({a}) >= {x:?}"),
            _ => format!("{a} == {b}"),
        }
    }

    fn operand(&self, names: &Names) -> String {
        match self {
            Pred::And(..) | Pred::Or(..) => format!("({})", self.source(names)),
            _ => self.source(names),
        }
    }
}

/// What tells rows apart, cheapest first, for these rows: a condition, its cost, and where it holds. Of conditions that
/// hold on the same rows only the cheapest few are kept, in order of cost.
pub fn candidates(rows: &[&[String]]) -> Vec<(Pred, u32, Vec<bool>)> {
    let columns = rows.iter().map(|r| r.len()).min().unwrap_or(0);
    let mut out: Vec<(Pred, u32, Vec<bool>)> = Vec::new();
    let mut add = |p: Pred, cost: u32| {
        let Some(holds) = rows.iter().map(|r| p.holds(r)).collect::<Option<Vec<bool>>>() else { return };
        if holds.iter().any(|h| *h) && holds.iter().any(|h| !*h) {
            out.push((p, cost, holds));
        }
    };
    for c in 0..columns {
        let col = || Expr::Column(c);
        let texts: Vec<&str> = rows.iter().map(|r| r[c].as_str()).collect();
        add(Pred::Equal(col(), Expr::Const(String::new())), 150);
        for d in 0..columns {
            if d != c {
                add(Pred::Contains(col(), Expr::Column(d)), 200);
                add(Pred::ContainsAnyCase(col(), Expr::Column(d)), 260);
                add(Pred::Starts(col(), Expr::Column(d)), 250);
                add(Pred::Ends(col(), Expr::Column(d)), 260);
                if c < d {
                    add(Pred::Equal(col(), Expr::Column(d)), 190);
                    let lower = |c| Expr::Fn(super::expr::Fun::Lower, Box::new(Expr::Column(c)));
                    add(Pred::Equal(lower(c), lower(d)), 270);
                }
            }
        }
        add(Pred::Equal(col(), Expr::Fn(super::expr::Fun::Lower, Box::new(col()))), 290);
        add(Pred::Equal(col(), Expr::Fn(super::expr::Fun::Upper, Box::new(col()))), 300);
        for t in Token::ALL.into_iter().chain(Token::MORE) {
            let base = match t {
                Token::Number => 200,
                Token::Space | Token::AllCaps | Token::Lower => 280,
                Token::Word => 260,
                Token::PropCase | Token::Letters => 330,
                _ => 400,
            };
            for n in 1..=4 {
                add(Pred::AtLeast(col(), Pattern::Token(t), n), base + 60 * n as u32 - 60);
            }
        }
        for word in words_of(&texts) {
            let letters = word.chars().filter(|c| c.is_alphanumeric()).count();
            let cost = match (word.chars().count(), letters) {
                (1, 0) => 180,
                (_, 0) => 230,
                // A letter is in too many words to tell anything.
                (1, _) => 420,
                (n, _) => 200 + 8 * n.min(12) as u32,
            };
            let text = || Expr::Const(word.clone());
            let whole = texts.iter().filter(|t| **t == word).count();
            if whole > 0 {
                // A value that comes again is a kind; one that does not is just this row.
                let again = if whole > 1 { 0 } else { 60 };
                add(Pred::Equal(col(), text()), 160 + again + 4 * word.chars().count().min(12) as u32);
            }
            add(Pred::Contains(col(), text()), cost);
            let ends = if letters == 1 && word.chars().count() == 1 { cost - 100 } else { cost };
            add(Pred::Starts(col(), text()), ends + 30);
            add(Pred::Ends(col(), text()), ends + 40);
            if letters == 0 {
                for n in 2..=3 {
                    add(Pred::AtLeast(col(), Pattern::Text(word.clone()), n), cost + 60 * n as u32);
                }
            }
        }
        let mut lengths: Vec<usize> = texts.iter().map(|t| t.chars().count()).collect();
        lengths.sort_unstable();
        lengths.dedup();
        // The shortest length that still parts them: limits are met by the texts that just fit.
        for n in lengths.iter().rev().skip(1) {
            add(Pred::Longer(col(), *n + 1), 330);
        }
        let mut numbers: Vec<f64> =
            texts.iter().filter_map(|t| t.trim().parse().ok()).filter(|x: &f64| x.is_finite()).collect();
        numbers.sort_by(f64::total_cmp);
        numbers.dedup();
        if numbers.len() > 1 {
            numbers.iter().skip(1).for_each(|x| add(Pred::NumberAtLeast(col(), *x), 300));
        }
    }
    out.sort_by_key(|(_, cost, _)| *cost);
    let mut kept: Vec<(Pred, u32, Vec<bool>)> = Vec::new();
    for (p, cost, holds) in out {
        // A split and its mirror image are one split.
        let same = kept.iter().filter(|k| k.2 == holds || k.2.iter().zip(&holds).all(|(a, b)| a != b)).count();
        if same < 3 {
            kept.push((p, cost, holds));
        }
    }
    kept
}

/// Words and marks of some texts, and single characters at their ends.
fn words_of(texts: &[&str]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut add = |w: &str| {
        if !w.is_empty() && w.len() <= 40 && out.len() < 150 && !out.iter().any(|o| o == w) {
            out.push(w.to_string());
        }
    };
    for t in texts {
        t.split_whitespace().for_each(&mut add);
        t.split(|c: char| !c.is_alphanumeric()).for_each(&mut add);
        for (i, c) in t.char_indices() {
            if !c.is_alphanumeric() || i == 0 || i + c.len_utf8() == t.len() {
                add(&t[i..i + c.len_utf8()]);
            }
        }
        add(t);
    }
    out
}
