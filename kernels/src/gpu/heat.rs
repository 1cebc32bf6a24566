//! Which programs get a kernel of their own: those on which interpreting has cost as much as compiling one would.
//!
//! Whatever comes then, this costs at most about twice what knowing the future would (the ski rental argument). A search
//! that runs many programs a little never compiles.

use super::plan::Plan;
use super::words::Results;
use crate::program::Pass;
use std::collections::HashMap;

/// What is compiled: a program's hash, what for.
pub(super) type Key = (u64, Pass, Results);

/// The kernels of a device, and how much programs have been interpreted.
#[derive(Default)]
pub(super) struct Heat {
    work: HashMap<Key, usize>,
    /// `None` where a program is not fit for a kernel.
    plans: HashMap<Key, Option<Plan>>,
    compiled: usize,
}

/// The most kernels: cubecl keeps each until the process ends, some hundred kilobytes.
pub(super) const MOST_KERNELS: usize = 256;
/// How many programs are remembered; then all are forgotten.
const REMEMBERED: usize = 1 << 16;

impl Heat {
    /// The kernel of a program, if it has one or should have one now. `work` is what is about to be done, `hot` what
    /// makes a kernel worth its cost, `make` plans it.
    pub(super) fn plan(
        &mut self,
        key: Key,
        work: usize,
        hot: usize,
        make: impl FnOnce() -> Option<Plan>,
    ) -> Option<Plan> {
        if let Some(known) = self.plans.get(&key) {
            return known.clone();
        }
        if self.work.len() >= REMEMBERED {
            self.work.clear();
        }
        let done = self.work.entry(key).or_default();
        *done = done.saturating_add(work);
        // The work to come is not yet known to be repeated.
        if done.saturating_sub(work) < hot || self.compiled >= MOST_KERNELS {
            return None;
        }
        self.work.remove(&key);
        let plan = make();
        self.compiled += usize::from(plan.is_some());
        self.plans.insert(key, plan.clone());
        plan
    }

    /// How many kernels there are.
    pub(super) fn compiled(&self) -> usize {
        self.compiled
    }
}
