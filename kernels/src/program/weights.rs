//! The derivatives by the weights of dots: sums over points of products of the dots' adjoints and their values, of
//! several dots together where they have most values in common.

use super::code::{Instr, Reg, Scalar};
use super::reverse::Reverse;
use crate::tape::Id;

impl Reverse<'_> {
    /// The derivatives by the weights of dots with the same values, when the adjoints of all are known; with those of
    /// other dots, where they have most values in common.
    pub(crate) fn weights(&mut self, group: &[Id]) {
        for id in group {
            let Some(adjoint) = self.dots.remove(id) else { continue };
            let mut terms = Vec::new();
            for (w, v) in self.forward.dot(*id).weighted {
                match self.forward.part.scalar(w) {
                    Scalar::Export(export) if self.wanted[w as usize] => terms.push((v, export)),
                    _ => {}
                }
            }
            let dot = Weighted { adjoint, terms };
            if dot.terms.len() < FEW {
                self.by_weights(vec![dot]);
                continue;
            }
            if self.weighted.len() == WEIGHTED || !alike(&self.weighted, &dot) {
                self.flush_weighted();
            }
            self.weighted.push(dot);
        }
    }

    /// Emits the derivatives by the weights of the dots that wait.
    pub(crate) fn flush_weighted(&mut self) {
        let dots = std::mem::take(&mut self.weighted);
        self.by_weights(dots);
    }

    /// Emits the derivatives by the weights of dots.
    fn by_weights(&mut self, dots: Vec<Weighted>) {
        let values = union(dots.iter());
        if values.is_empty() {
            return;
        }
        let mut registers: Vec<Reg> = dots.iter().map(|dot| dot.adjoint).collect();
        registers.extend(values.iter().map(|v| self.forward.reg(*v)));
        let emit = &mut self.forward.emit;
        let (list, sums) = (emit.list(registers), emit.sums(values.len() * dots.len()));
        emit.push(Instr::WeightSums { ways: dots.len() as u8, list, sums });
        for (k, dot) in dots.iter().enumerate() {
            for (v, export) in &dot.terms {
                if let Ok(j) = values.binary_search(v) {
                    emit.share(sums + (j * dots.len() + k) as u32, *export, Scalar::ONE);
                }
            }
        }
    }
}

/// A dot whose derivatives by the weights are yet to be emitted.
pub(crate) struct Weighted {
    adjoint: Reg,
    /// Values, and the exports that are their weights.
    terms: Vec<(Id, u32)>,
}

/// Of how many dots the derivatives by the weights are computed together.
const WEIGHTED: usize = 4;
/// Dots of fewer terms do not wait for others.
const FEW: usize = 8;

/// The values of all dots, in order.
fn union<'a>(dots: impl Iterator<Item = &'a Weighted>) -> Vec<Id> {
    let mut values: Vec<Id> = dots.flat_map(|dot| dot.terms.iter().map(|(v, _)| *v)).collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// Whether so many values of dots are the same that few of their products with all adjoints are superfluous.
fn alike(dots: &[Weighted], more: &Weighted) -> bool {
    let terms: usize = dots.iter().chain([more]).map(|dot| dot.terms.len()).sum();
    union(dots.iter().chain([more])).len() * (dots.len() + 1) * 8 <= terms * 9
}
