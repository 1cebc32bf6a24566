//! How one program becomes a kernel: which of its registers lie in memory that the cube shares, where its sums are kept.
//!
//! Instructions are unrolled and registers are the kernel's own variables, but for long dots. Their terms are walked over
//! in a loop, so the values lie in rows of shared memory. Sums over points of products of some registers with many
//! (the derivatives by the weights of selectors) are computed by the cube together at the end of a block, as products of
//! matrices whose rows are in shared memory. All other sums each unit keeps for itself until a piece is done.

use super::words::{Results, UNITS, Words};
use crate::program::code::{Code, Instr, Reg};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// Numbers of a row: one more than units, so that units which read different rows do not wait for the same bank.
pub(super) const ROW: u32 = UNITS + 1;
/// From how many terms on a dot is a loop.
const LOOP: usize = 8;
/// From how many sums on the cube computes them together.
const TOGETHER: usize = 16;
/// Longer code is not worth a kernel: compiling takes seconds.
const LONGEST: usize = 6000;
/// Rows through which the units' own sums are added up.
const ADDING: usize = 16;

/// A program's kernel to be. Equal ones are one kernel.
#[derive(Clone, Debug)]
pub(super) struct Plan(Arc<Inner>);

#[derive(Debug, PartialEq)]
pub(super) struct Inner {
    pub code: SharedCode,
    pub results: Results,
    pub outputs: usize,
    /// For each result in the order of the code its row, where it has one.
    pub rows: Vec<Option<u32>>,
    /// Rows of shared memory.
    pub row_count: usize,
    /// Whether scalars fit shared memory, too; else they are read where they come from.
    pub scalars_shared: bool,
    /// Sums that each unit keeps, by position among all.
    pub own: Vec<u32>,
    /// Where they stand in the lists.
    pub own_list: u32,
    /// Sums that the cube computes together.
    pub together: Vec<Together>,
    /// The rows of the instructions' lists, for the kernel to read.
    pub lists: Vec<u32>,
    /// Turns of loops for a block of points.
    pub turns: usize,
    hash: u64,
}

/// Sums of products of `ways` registers with some others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Together {
    pub ways: u32,
    pub values: u32,
    /// Where the rows begin in the lists: the factors', then the values'.
    pub list: u32,
    pub sums: u32,
}

/// Code, compared by its content.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SharedCode(pub Arc<Code>);

impl std::ops::Deref for Plan {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl PartialEq for Plan {
    fn eq(&self, other: &Plan) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Eq for Plan {}

impl Hash for Plan {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash.hash(state);
    }
}

impl Plan {
    /// The plan for code, where it is short enough and a cube has the memory (in numbers).
    pub(super) fn new(code: &Arc<Code>, results: Results, outputs: usize, shared: usize) -> Option<Plan> {
        let mut inner = Inner {
            code: SharedCode(code.clone()),
            results,
            outputs,
            rows: Vec::new(),
            row_count: 0,
            scalars_shared: false,
            own: Vec::new(),
            own_list: 0,
            together: Vec::new(),
            lists: Vec::new(),
            turns: 1,
            hash: 0,
        };
        let mut length = 0;
        // The result that each register holds.
        let mut holds = vec![0; code.registers];
        for instr in &code.instrs {
            length += 1;
            match *instr {
                Instr::Dots { ways, list, .. } => {
                    let values = &code.lists[list.range()][usize::from(ways)..];
                    if values.len() >= LOOP {
                        inner.listed(values, &holds);
                        inner.turns += values.len();
                    } else {
                        length += values.len() * usize::from(ways);
                    }
                }
                Instr::Products { list, .. } => length += list.len as usize,
                Instr::WeightSums { ways, list, sums } => {
                    let registers = &code.lists[list.range()];
                    let (values, ways) = (registers.len() - usize::from(ways), usize::from(ways));
                    if values * ways >= TOGETHER {
                        let list = inner.listed(registers, &holds);
                        inner.together.push(Together { ways: ways as u32, values: values as u32, list, sums });
                        length += ways;
                        inner.turns += values.next_multiple_of(UNITS as usize);
                    } else {
                        inner.own.extend(sums..sums + (values * ways) as u32);
                        length += values * ways;
                    }
                }
                Instr::Sum { sum, .. } => inner.own.push(sum),
                Instr::MixBack { sums, .. } => inner.own.extend(sums..sums + 3),
                _ => {}
            }
            instr.results(&code.lists, |reg| {
                holds[reg as usize] = inner.rows.len();
                inner.rows.push(None);
            });
        }
        if results == Results::Sums {
            inner.own.extend((0..outputs).map(|o| (code.sums + o) as u32));
        }
        inner.own_list = inner.lists.len() as u32;
        inner.lists.extend(&inner.own);
        let mut hasher = DefaultHasher::new();
        format!("{:?}", (&code, results, outputs)).hash(&mut hasher);
        inner.hash = hasher.finish();
        let rows = inner.row_numbers();
        inner.scalars_shared = rows + code.scalars.len() <= shared;
        (length <= LONGEST && rows < shared).then(|| Plan(Arc::new(inner)))
    }

    /// What the packing of jobs needs to know: the lists for the kernel, the number of sums.
    pub(super) fn words(&self, gradients: Vec<bool>) -> Words {
        let sums = self.code.0.sums + if self.results == Results::Sums { self.outputs } else { 0 };
        Words { words: self.lists.clone(), sums_at: 0, sums: sums as u32, frame: 0, gradients, turns: self.turns }
    }
}

impl Inner {
    /// Numbers of shared memory for rows.
    pub(super) fn row_numbers(&self) -> usize {
        self.row_count.max(self.adding()).max(1) * ROW as usize
    }

    /// Numbers of shared memory for scalars.
    pub(super) fn scalar_numbers(&self) -> usize {
        if self.scalars_shared { self.code.0.scalars.len().max(1) } else { 1 }
    }

    /// Through how many rows the units' own sums are added up at a time.
    pub(super) fn adding(&self) -> usize {
        self.own.len().min(self.row_count.max(ADDING)).min(UNITS as usize)
    }

    /// Gives what registers hold rows and notes these in the lists; gives where.
    fn listed(&mut self, registers: &[Reg], holds: &[usize]) -> u32 {
        let start = self.lists.len() as u32;
        for reg in registers {
            let next = self.row_count as u32;
            let row = *self.rows[holds[*reg as usize]].get_or_insert(next);
            if row == next {
                self.row_count += 1;
            }
            self.lists.push(row);
        }
        start
    }
}

/// Whether a dot of so many terms is a loop.
pub(super) fn is_loop(terms: usize) -> bool {
    terms >= LOOP
}
