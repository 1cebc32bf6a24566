//! Type variables and their solution.

use crate::types::Type;
use std::sync::Arc;

/// Types larger than this many nodes are refused: shared parts of a type can be exponentially many when written out.
pub const MAX_SIZE: usize = 5_000;

/// Deepest nesting of a type, so that walks over types may recurse.
pub const MAX_DEPTH: usize = 100;

/// Walks stop at this depth: variables solved one by one can make a type deeper than [`MAX_DEPTH`] before anyone asks.
const TOO_DEEP: usize = 2 * MAX_DEPTH;

/// What is known of each type variable.
#[derive(Default, Debug)]
pub struct Unifier {
    vars: Vec<Option<Type>>,
    /// Variables that stand for a number: of an int literal, say, which is an int unless a num is wanted.
    numeric: Vec<bool>,
    /// Solutions in the order in which they were made, to take them back.
    trail: Vec<Solved>,
}

#[derive(Debug)]
enum Solved {
    Var(u32),
    Numeric(u32),
}

/// Why two types do not unify.
#[derive(Debug, PartialEq, Eq)]
pub enum Clash {
    /// They differ.
    Differ,
    /// One would contain itself, or grow past [`MAX_SIZE`].
    TooLarge,
}

impl Unifier {
    /// A new variable.
    pub fn fresh(&mut self) -> Type {
        self.vars.push(None);
        self.numeric.push(false);
        Type::Var(self.vars.len() as u32 - 1)
    }

    /// A new variable that can only become int or num.
    pub fn fresh_number(&mut self) -> Type {
        let t = self.fresh();
        if let Some(last) = self.numeric.last_mut() {
            *last = true;
        }
        t
    }

    /// Whether an unsolved variable can only become int or num.
    pub fn is_numeric(&self, v: u32) -> bool {
        self.numeric.get(v as usize).copied().unwrap_or(false)
    }

    /// Whether nothing is known of a variable.
    pub fn is_open(&self, v: u32) -> bool {
        matches!(self.vars.get(v as usize), Some(None))
    }

    /// The type with its outermost variable replaced by what is known.
    pub fn shallow(&self, t: &Type) -> Type {
        let mut t = t;
        while let Type::Var(v) = t {
            match self.vars.get(*v as usize) {
                Some(Some(next)) => t = next,
                _ => break,
            }
        }
        t.clone()
    }

    /// The type with every known variable replaced; what is nested too deeply (see [`Unifier::is_small`]) is cut off as
    /// unit.
    pub fn resolve(&self, t: &Type) -> Type {
        self.resolve_at(t, TOO_DEEP)
    }

    fn resolve_at(&self, t: &Type, depth: usize) -> Type {
        let Some(depth) = depth.checked_sub(1) else { return Type::Unit };
        let t = self.shallow(t);
        match &t {
            Type::List(t) => Type::list(self.resolve_at(t, depth)),
            Type::Tuple(ts) => Type::Tuple(ts.iter().map(|t| self.resolve_at(t, depth)).collect()),
            Type::Record(fs) => Type::Record(fs.iter().map(|(n, t)| (n.clone(), self.resolve_at(t, depth))).collect()),
            Type::Fn(f) => {
                let params = f.params.iter().map(|t| self.resolve_at(t, depth)).collect();
                Type::func(params, self.resolve_at(&f.ret, depth))
            }
            _ => t,
        }
    }

    /// Unsolved variables of a type, in order of appearance, added to `out` once each.
    pub fn free(&self, t: &Type, out: &mut Vec<u32>) {
        self.free_at(t, TOO_DEEP, out);
    }

    fn free_at(&self, t: &Type, depth: usize, out: &mut Vec<u32>) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match self.shallow(t) {
            Type::Var(v) if !out.contains(&v) => out.push(v),
            Type::List(t) => self.free_at(&t, depth, out),
            Type::Tuple(ts) => ts.iter().for_each(|t| self.free_at(t, depth, out)),
            Type::Record(fs) => fs.iter().for_each(|(_, t)| self.free_at(t, depth, out)),
            Type::Fn(f) => {
                f.params.iter().for_each(|t| self.free_at(t, depth, out));
                self.free_at(&f.ret, depth, out);
            }
            _ => {}
        }
    }

    /// Whether no variable of the type is unsolved.
    pub fn is_known(&self, t: &Type) -> bool {
        let mut out = Vec::new();
        self.free(t, &mut out);
        out.is_empty()
    }

    /// Whether the written-out type stays within [`MAX_SIZE`] and [`MAX_DEPTH`].
    pub fn is_small(&self, t: &Type) -> bool {
        self.size(t, MAX_SIZE, MAX_DEPTH).is_some()
    }

    /// What remains of `left` after counting the type's nodes.
    fn size(&self, t: &Type, left: usize, depth: usize) -> Option<usize> {
        let left = left.checked_sub(1)?;
        let depth = depth.checked_sub(1)?;
        match self.shallow(t) {
            Type::List(t) => self.size(&t, left, depth),
            Type::Tuple(ts) => ts.iter().try_fold(left, |left, t| self.size(t, left, depth)),
            Type::Record(fs) => fs.iter().try_fold(left, |left, (_, t)| self.size(t, left, depth)),
            Type::Fn(f) => {
                let left = f.params.iter().try_fold(left, |left, t| self.size(t, left, depth))?;
                self.size(&f.ret, left, depth)
            }
            _ => Some(left),
        }
    }

    /// Whether a variable occurs in a type, or the type is too deep to tell.
    fn occurs(&self, v: u32, t: &Type, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return true };
        match self.shallow(t) {
            Type::Var(w) => v == w,
            Type::List(t) => self.occurs(v, &t, depth),
            Type::Tuple(ts) => ts.iter().any(|t| self.occurs(v, t, depth)),
            Type::Record(fs) => fs.iter().any(|(_, t)| self.occurs(v, t, depth)),
            Type::Fn(f) => f.params.iter().any(|t| self.occurs(v, t, depth)) || self.occurs(v, &f.ret, depth),
            _ => false,
        }
    }

    fn bind(&mut self, v: u32, t: Type) -> Result<(), Clash> {
        if !self.is_small(&t) || self.occurs(v, &t, TOO_DEEP) {
            return Err(Clash::TooLarge);
        }
        if self.is_numeric(v) {
            match &t {
                Type::Var(w) if !self.is_numeric(*w) => {
                    self.numeric[*w as usize] = true;
                    self.trail.push(Solved::Numeric(*w));
                }
                Type::Var(_) | Type::Int | Type::Num => {}
                _ => return Err(Clash::Differ),
            }
        }
        self.vars[v as usize] = Some(t);
        self.trail.push(Solved::Var(v));
        Ok(())
    }

    /// Makes both types equal. After an error some variables may have been solved; see [`Unifier::mark`].
    pub fn unify(&mut self, a: &Type, b: &Type) -> Result<(), Clash> {
        self.unify_at(a, b, TOO_DEEP)
    }

    fn unify_at(&mut self, a: &Type, b: &Type, depth: usize) -> Result<(), Clash> {
        let depth = depth.checked_sub(1).ok_or(Clash::TooLarge)?;
        match (self.shallow(a), self.shallow(b)) {
            (Type::Var(x), Type::Var(y)) if x == y => Ok(()),
            (Type::Var(x), t) | (t, Type::Var(x)) => self.bind(x, t),
            (Type::List(x), Type::List(y)) => self.unify_at(&x, &y, depth),
            (Type::Tuple(x), Type::Tuple(y)) if x.len() == y.len() => {
                x.iter().zip(y.iter()).try_for_each(|(x, y)| self.unify_at(x, y, depth))
            }
            (Type::Record(x), Type::Record(y)) if x.len() == y.len() => {
                x.iter().zip(y.iter()).try_for_each(|((n, x), (m, y))| {
                    if n == m { self.unify_at(x, y, depth) } else { Err(Clash::Differ) }
                })
            }
            (Type::Fn(x), Type::Fn(y)) if x.params.len() == y.params.len() => {
                x.params.iter().zip(&y.params).try_for_each(|(x, y)| self.unify_at(x, y, depth))?;
                self.unify_at(&x.ret, &y.ret, depth)
            }
            (x, y) if x == y => Ok(()),
            _ => Err(Clash::Differ),
        }
    }

    /// A point to come back to with [`Unifier::undo`].
    pub fn mark(&self) -> usize {
        self.trail.len()
    }

    /// Takes back all solutions made since the mark.
    pub fn undo(&mut self, mark: usize) {
        for solved in self.trail.drain(mark..) {
            match solved {
                Solved::Var(v) => self.vars[v as usize] = None,
                Solved::Numeric(v) => self.numeric[v as usize] = false,
            }
        }
    }
}

/// The type with variables replaced where `f` gives something.
pub fn map_vars(t: &Type, f: &mut impl FnMut(u32) -> Option<Type>) -> Type {
    match t {
        Type::Var(v) => f(*v).unwrap_or_else(|| t.clone()),
        Type::List(t) => Type::List(Arc::new(map_vars(t, f))),
        Type::Tuple(ts) => Type::Tuple(ts.iter().map(|t| map_vars(t, f)).collect()),
        Type::Record(fs) => Type::Record(fs.iter().map(|(n, t)| (n.clone(), map_vars(t, f))).collect()),
        Type::Fn(ft) => {
            let params = ft.params.iter().map(|t| map_vars(t, f)).collect();
            Type::func(params, map_vars(&ft.ret, f))
        }
        _ => t.clone(),
    }
}

/// Whether a value of type `from` becomes one of type `to` by making ints nums.
pub fn widens(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::Int, Type::Num) => true,
        (Type::List(a), Type::List(b)) => widens(a, b),
        (Type::Tuple(a), Type::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a == b || widens(a, b)) && a != b
        }
        (Type::Record(a), Type::Record(b)) => {
            a.len() == b.len()
                && a.iter().zip(b.iter()).all(|((n, a), (m, b))| n == m && (a == b || widens(a, b)))
                && a != b
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_and_takes_back() {
        let mut u = Unifier::default();
        let (a, b) = (u.fresh(), u.fresh());
        let mark = u.mark();
        assert_eq!(u.unify(&Type::list(a.clone()), &Type::list(Type::Int)), Ok(()));
        assert_eq!(u.unify(&b, &Type::tuple(vec![a.clone(), a.clone()])), Ok(()));
        assert_eq!(u.resolve(&b).to_string(), "(int, int)");
        assert_eq!(u.unify(&a, &Type::Str), Err(Clash::Differ));
        u.undo(mark);
        assert!(!u.is_known(&a) && !u.is_known(&b));
    }

    #[test]
    fn refuses_infinite_and_huge_types() {
        let mut u = Unifier::default();
        let a = u.fresh();
        assert_eq!(u.unify(&a, &Type::list(a.clone())), Err(Clash::TooLarge));
        let mut t = Type::Int;
        for _ in 0..40 {
            t = Type::tuple(vec![t.clone(), t]);
        }
        assert_eq!(u.unify(&a, &t), Err(Clash::TooLarge));
    }

    #[test]
    fn types_that_grow_from_inside_are_cut_off() {
        let mut u = Unifier::default();
        let first = u.fresh();
        let mut last = first.clone();
        for _ in 0..100_000 {
            let next = u.fresh();
            if u.unify(&last, &Type::list(next.clone())).is_err() {
                break;
            }
            last = next;
        }
        assert!(!u.is_small(&first));
        let other = Type::list(u.fresh());
        let _ = (u.unify(&first, &other), u.is_known(&first), u.resolve(&first));
    }

    #[test]
    fn literals_stay_numbers() {
        let mut u = Unifier::default();
        let (lit, a) = (u.fresh_number(), u.fresh());
        let mark = u.mark();
        assert_eq!(u.unify(&lit, &a), Ok(()));
        assert_eq!(u.unify(&a, &Type::Str), Err(Clash::Differ));
        u.undo(mark);
        assert_eq!(u.unify(&a, &Type::Str), Ok(()));
        assert_eq!(u.unify(&lit, &Type::Num), Ok(()));
    }

    #[test]
    fn ints_widen_inside() {
        let ints = Type::list(Type::tuple(vec![Type::Int, Type::Str]));
        let nums = Type::list(Type::tuple(vec![Type::Num, Type::Str]));
        assert!(widens(&ints, &nums) && !widens(&nums, &ints) && !widens(&ints, &ints));
    }
}
