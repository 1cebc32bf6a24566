//! Bottom-up enumeration, cheapest first, with observational equivalence: of all terms that mean the same on every
//! example only the first is kept (Albarghouthi, Gulwani, Kincaid: "Recursive Program Synthesis", CAV 2013;
//! Udupa et al.: "TRANSIT", PLDI 2013).

use super::budget::{Budget, Stop};
use crate::domain::{Domain, Production, Sort};
use std::collections::HashMap;

/// Index of a term in an [`Enumerator`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TermId(pub u32);

/// A term: an operation over earlier terms, and what it means.
#[derive(Debug, Clone)]
pub struct Term<V> {
    /// Index of its production in [`Enumerator::productions`].
    pub production: usize,
    /// Its arguments.
    pub args: Vec<TermId>,
    /// The sum of its productions' costs.
    pub cost: u32,
    /// Its sort.
    pub sort: Sort,
    /// Its denotation.
    pub value: V,
}

/// All terms of a domain by cost.
pub struct Enumerator<'d, D: Domain> {
    domain: &'d D,
    productions: Vec<Production<D::Op>>,
    terms: Vec<Term<D::Value>>,
    /// Terms by sort, then by cost.
    bank: HashMap<Sort, Vec<Vec<TermId>>>,
    seen: HashMap<(Sort, D::Value), TermId>,
    next_cost: u32,
}

impl<'d, D: Domain> Enumerator<'d, D> {
    /// An enumeration that has not begun.
    pub fn new(domain: &'d D) -> Enumerator<'d, D> {
        let productions = domain.productions();
        let bank = HashMap::new();
        Enumerator { domain, productions, terms: Vec::new(), bank, seen: HashMap::new(), next_cost: 0 }
    }

    /// The productions it uses.
    pub fn productions(&self) -> &[Production<D::Op>] {
        &self.productions
    }

    /// A term.
    pub fn term(&self, id: TermId) -> &Term<D::Value> {
        &self.terms[id.0 as usize]
    }

    /// How many terms there are.
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Terms of a sort and cost, if that cost has been enumerated.
    pub fn of_cost(&self, sort: Sort, cost: u32) -> &[TermId] {
        self.bank.get(&sort).and_then(|by_cost| by_cost.get(cost as usize)).map_or(&[], Vec::as_slice)
    }

    /// The cost of the next level.
    pub fn next_cost(&self) -> u32 {
        self.next_cost
    }

    /// Makes all new terms of the next cost and returns them. An early stop leaves the terms made so far usable, but
    /// the level is not complete.
    pub fn level(&mut self, budget: &mut Budget) -> Result<Vec<TermId>, Stop> {
        let cost = self.next_cost;
        self.next_cost += 1;
        let first = self.terms.len() as u32;
        for p in 0..self.productions.len() {
            let own = self.productions[p].cost;
            if own > cost {
                continue;
            }
            let sorts = self.productions[p].args.clone();
            let mut args = Vec::with_capacity(sorts.len());
            self.combine(p, &sorts, cost, cost - own, &mut args, budget)?;
        }
        Ok((first..self.terms.len() as u32).map(TermId).collect())
    }

    /// Fills the remaining arguments of production `p` so that their costs add up to exactly `left`.
    fn combine(
        &mut self,
        p: usize,
        sorts: &[Sort],
        total: u32,
        left: u32,
        args: &mut Vec<TermId>,
        budget: &mut Budget,
    ) -> Result<(), Stop> {
        let Some((sort, rest)) = sorts.split_first() else {
            return if left == 0 { self.add(p, total, args, budget) } else { Ok(()) };
        };
        let range = if rest.is_empty() { left..=left } else { 0..=left };
        for c in range {
            // New terms of this level are not arguments of others of the same level unless they are free.
            let count = self.of_cost(*sort, c).len();
            for i in 0..count {
                let id = self.of_cost(*sort, c)[i];
                args.push(id);
                let done = self.combine(p, rest, total, left - c, args, budget);
                args.pop();
                done?;
            }
        }
        Ok(())
    }

    fn add(&mut self, p: usize, cost: u32, args: &[TermId], budget: &mut Budget) -> Result<(), Stop> {
        budget.spend()?;
        let values: Vec<&D::Value> = args.iter().map(|a| &self.terms[a.0 as usize].value).collect();
        let production = &self.productions[p];
        let Some(value) = self.domain.apply(&production.op, &values) else { return Ok(()) };
        let sort = production.ret;
        let id = TermId(self.terms.len() as u32);
        match self.seen.entry((sort, value)) {
            std::collections::hash_map::Entry::Occupied(_) => return Ok(()),
            std::collections::hash_map::Entry::Vacant(slot) => {
                let value = slot.key().1.clone();
                slot.insert(id);
                self.terms.push(Term { production: p, args: args.to_vec(), cost, sort, value });
            }
        }
        let by_cost = self.bank.entry(sort).or_default();
        if by_cost.len() <= cost as usize {
            by_cost.resize(cost as usize + 1, Vec::new());
        }
        by_cost[cost as usize].push(id);
        Ok(())
    }

    /// The line of code that a term is, as the domain writes it.
    pub fn to_line(&self, id: TermId) -> String {
        let t = self.term(id);
        let args: Vec<String> = t.args.iter().map(|a| self.to_line(*a)).collect();
        self.domain.to_line(&self.productions[t.production].op, &args)
    }
}
