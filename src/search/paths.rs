//! Cheapest paths through an implicit graph without cycles: Dijkstra's algorithm forward, then the k best paths
//! backward from the goal with the exact distances as heuristic (A*), so that paths come out in the order of their cost.

use super::budget::{Budget, Stop};
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hash::Hash;

/// A graph given by the steps out of each state. Costs are positive, and no walk comes back to where it was.
pub trait Graph {
    /// A place.
    type State: Clone + Eq + Hash;
    /// What leads from one place to the next.
    type Step: Clone;

    /// Where to begin.
    fn start(&self) -> Self::State;

    /// Whether a walk may end here.
    fn is_goal(&self, at: &Self::State) -> bool;

    /// Adds the steps out of a state: where to, at what cost, how.
    fn steps(&mut self, at: &Self::State, out: &mut Vec<(Self::State, u32, Self::Step)>);

    /// About what it costs from here to a goal. States are expanded by their distance and this together: with an estimate
    /// that is never too high the first path is the cheapest, with a higher one a path is found sooner.
    fn estimate(&self, _at: &Self::State) -> u32 {
        0
    }
}

/// A way from the start to a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path<S> {
    /// The sum of its steps' costs.
    pub cost: u32,
    /// Its steps in order.
    pub steps: Vec<S>,
}

/// What bounds a search for paths.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How many paths are wanted.
    pub paths: usize,
    /// Paths this much costlier than the cheapest are of no interest.
    pub slack: u32,
    /// Paths of this cost or more are of no interest.
    pub below: u32,
    /// Most states that are expanded.
    pub states: usize,
}

struct Node<S, T> {
    state: S,
    distance: u32,
    done: bool,
    /// Where steps into it come from.
    into: Vec<(u32, u32, T)>,
}

/// The cheapest paths, cheapest first. Among equal ones the order is that in which steps are given, so the result
/// depends on nothing but the graph and the bounds. If the budget ends after a goal was reached, what was found counts.
pub fn cheapest<G: Graph>(graph: &mut G, bounds: Bounds, budget: &mut Budget) -> Result<Vec<Path<G::Step>>, Stop> {
    let start = graph.start();
    let mut index: FxHashMap<G::State, u32> = FxHashMap::default();
    let mut nodes: Vec<Node<G::State, G::Step>> = Vec::new();
    index.insert(start.clone(), 0);
    nodes.push(Node { state: start, distance: 0, done: false, into: Vec::new() });
    let mut queue = BinaryHeap::from([Reverse((0u32, 0u32, 0u32))]);
    let mut goals: Vec<u32> = Vec::new();
    let mut limit = bounds.below;
    let mut expanded = 0;
    let mut steps = Vec::new();
    while let Some(Reverse((_, distance, id))) = queue.pop() {
        if expanded >= bounds.states {
            break;
        }
        let node = &mut nodes[id as usize];
        if node.done || distance >= limit {
            continue;
        }
        node.done = true;
        let state = node.state.clone();
        if graph.is_goal(&state) {
            goals.push(id);
            limit = limit.min(distance.saturating_add(bounds.slack).saturating_add(1));
            if bounds.paths <= 1 {
                break;
            }
        }
        // A step may take long: the clock is looked at each time.
        if let Err(stop) = budget.spend().and_then(|()| budget.look()) {
            if goals.is_empty() || stop == Stop::Cancelled {
                return Err(stop);
            }
            break;
        }
        expanded += 1;
        steps.clear();
        graph.steps(&state, &mut steps);
        for (to, cost, step) in steps.drain(..) {
            let total = distance.saturating_add(cost);
            if total >= limit {
                continue;
            }
            let to = *index.entry(to).or_insert_with_key(|to| {
                let node = Node { state: to.clone(), distance: u32::MAX, done: false, into: Vec::new() };
                nodes.push(node);
                nodes.len() as u32 - 1
            });
            let node = &mut nodes[to as usize];
            node.into.push((id, cost, step));
            if total < node.distance {
                node.distance = total;
                let about = total.saturating_add(graph.estimate(&node.state));
                queue.push(Reverse((about, total, to)));
            }
        }
    }
    Ok(backward(&nodes, &goals, bounds, limit))
}

/// Paths from goals back to the start that cost less than `limit`, by the cost of the whole.
fn backward<S, T: Clone>(nodes: &[Node<S, T>], goals: &[u32], bounds: Bounds, limit: u32) -> Vec<Path<T>> {
    /// A partial path, as a list that shares its tail.
    struct Part {
        node: u32,
        suffix: u32,
        /// The step taken from `node`, as (its head's part, position among the head's steps in).
        next: Option<(u32, u32)>,
    }
    let mut parts: Vec<Part> = goals.iter().map(|g| Part { node: *g, suffix: 0, next: None }).collect();
    let mut queue: BinaryHeap<Reverse<(u32, u32)>> =
        goals.iter().enumerate().map(|(i, g)| Reverse((nodes[*g as usize].distance, i as u32))).collect();
    let mut out: Vec<Path<T>> = Vec::new();
    let most = 200 * bounds.paths.max(1);
    while let Some(Reverse((cost, id))) = queue.pop() {
        if parts.len() > most + goals.len() * 64 && !out.is_empty() {
            break;
        }
        let (node, suffix) = (parts[id as usize].node, parts[id as usize].suffix);
        if node == 0 {
            let mut steps = Vec::new();
            let mut at = id;
            while let Some((head, which)) = parts[at as usize].next {
                let into = &nodes[parts[head as usize].node as usize].into[which as usize];
                steps.push(into.2.clone());
                at = head;
            }
            out.push(Path { cost, steps });
            if out.len() >= bounds.paths {
                break;
            }
            continue;
        }
        for (which, (from, step, _)) in nodes[node as usize].into.iter().enumerate() {
            let suffix = suffix + step;
            let total = suffix.saturating_add(nodes[*from as usize].distance);
            if total >= limit {
                continue;
            }
            parts.push(Part { node: *from, suffix, next: Some((id, which as u32)) });
            queue.push(Reverse((total, parts.len() as u32 - 1)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vm::limits::Cancel;
    use proptest::prelude::*;

    /// Edges between numbered places, each to a higher one; the last is the goal.
    struct Given(Vec<Vec<(u8, u32)>>);

    impl Graph for Given {
        type State = u8;
        type Step = (u8, u8);
        fn start(&self) -> u8 {
            0
        }
        fn is_goal(&self, at: &u8) -> bool {
            *at as usize + 1 == self.0.len()
        }
        fn steps(&mut self, at: &u8, out: &mut Vec<(u8, u32, (u8, u8))>) {
            out.extend(self.0[*at as usize].iter().map(|(to, c)| (*to, *c, (*at, *to))));
        }
    }

    fn all(g: &Given, at: u8, cost: u32, out: &mut Vec<u32>) {
        if g.is_goal(&at) {
            out.push(cost);
            return;
        }
        g.0[at as usize].iter().for_each(|(to, c)| all(g, *to, cost + c, out));
    }

    proptest! {
        #[test]
        fn the_k_best_are_the_best_of_all(seed in prop::collection::vec((0u8..7, 1u8..7, 1u32..9), 1..24), k in 1usize..9) {
            let mut g = Given(vec![Vec::new(); 8]);
            for (from, jump, cost) in seed {
                let to = (from + jump).min(7);
                g.0[from as usize].push((to, cost));
            }
            let mut every = Vec::new();
            all(&g, 0, 0, &mut every);
            every.sort_unstable();
            let bounds = Bounds { paths: k, slack: u32::MAX, below: u32::MAX, states: usize::MAX };
            let mut budget = Budget::new(None, None, Cancel::default());
            let found = cheapest(&mut g, bounds, &mut budget).unwrap();
            let costs: Vec<u32> = found.iter().map(|p| p.cost).collect();
            every.truncate(k);
            prop_assert_eq!(costs, every);
            for p in &found {
                prop_assert!(p.steps.windows(2).all(|w| w[0].1 == w[1].0));
                prop_assert!(p.steps.first().is_none_or(|s| s.0 == 0) && p.steps.last().is_none_or(|s| s.1 == 7));
            }
        }
    }

    #[test]
    fn bounds_hold() {
        let mut g = Given(vec![vec![(1, 2), (2, 9)], vec![(2, 2)], vec![]]);
        let mut find = |slack, below| {
            let bounds = Bounds { paths: 5, slack, below, states: 100 };
            let found = cheapest(&mut g, bounds, &mut Budget::new(None, None, Cancel::default())).unwrap();
            found.iter().map(|p| p.cost).collect::<Vec<_>>()
        };
        assert_eq!(find(100, u32::MAX), [4, 9]);
        assert_eq!(find(4, u32::MAX), [4]);
        assert_eq!(find(100, 4), [] as [u32; 0]);
    }
}
