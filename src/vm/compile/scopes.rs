//! What a walk over a function's tree finds out before it is compiled: which node each local belongs to, and what
//! happens below each node.
//!
//! A local gets its register on entry to the lowest node that holds all its mentions, so registers form a stack however
//! the checker nests its bindings.

use crate::ir::{Func, Kind, LocalId, NodeId, Place};

/// Facts about a function's tree.
pub struct Scopes {
    /// Locals by the node they belong to, each with the time of its first mention, in that order.
    owned: Vec<Vec<(u32, LocalId)>>,
    enter: Vec<u32>,
    leave: Vec<u32>,
    assigns: Vec<bool>,
    reads: Vec<u32>,
    /// The sole read of a local that stands in the same loop as its binding, if nothing assigns into the local.
    last: Vec<bool>,
}

struct Mentions {
    first: (u32, NodeId),
    last: u32,
    read: Option<(NodeId, u32)>,
    loops: Option<u32>,
    stepped: bool,
}

impl Scopes {
    pub fn new(func: &Func) -> Scopes {
        let n = func.nodes.len();
        let mut s = Scopes {
            owned: vec![Vec::new(); n],
            enter: vec![0; n],
            leave: vec![0; n],
            assigns: vec![false; n],
            reads: vec![0; func.locals.len()],
            last: vec![false; n],
        };
        let mut parent: Vec<Option<NodeId>> = vec![None; n];
        let mut mentions: Vec<Option<Mentions>> = (0..func.locals.len()).map(|_| None).collect();
        let entry = func.params.len() + func.captures as usize;
        let mut time = 0;
        // (node, whether its children are done, enclosing loops)
        let mut stack = vec![(func.body, false, 0u32)];
        let mut kids = Vec::new();
        while let Some((id, done, loops)) = stack.pop() {
            let i = id.0 as usize;
            if done {
                s.leave[i] = time;
                if let Some(p) = parent[i] {
                    s.assigns[p.0 as usize] |= s.assigns[i];
                }
                continue;
            }
            time += 1;
            s.enter[i] = time;
            let kind = &func.nodes[i].kind;
            let mut mention = |l: LocalId, read: bool, binds: bool, stepped: bool| {
                let m = mentions[l.0 as usize].get_or_insert(Mentions {
                    first: (time, id),
                    last: time,
                    read: None,
                    loops: ((l.0 as usize) < entry).then_some(0),
                    stepped: false,
                });
                m.last = time;
                m.stepped |= stepped;
                if read {
                    m.read = Some((id, loops));
                    s.reads[l.0 as usize] += 1;
                }
                if binds {
                    m.loops = Some(loops);
                }
            };
            match kind {
                Kind::Local(l) => mention(*l, true, false, false),
                Kind::Let(l, _) => mention(*l, false, true, false),
                Kind::Assign { place, path, .. } => {
                    s.assigns[i] = true;
                    if let Place::Local(l) = place {
                        mention(*l, false, false, !path.is_empty());
                    }
                }
                Kind::For { binders, .. } => binders.iter().for_each(|(l, _)| mention(*l, false, false, false)),
                _ => {}
            }
            stack.push((id, true, loops));
            kids.clear();
            kind.children(&mut kids);
            // A loop's own depth is its number: two loops side by side must not look like one.
            let inner = if matches!(kind, Kind::For { .. } | Kind::While { .. }) { time } else { loops };
            for k in kids.iter().rev() {
                parent[k.0 as usize] = Some(id);
                stack.push((*k, false, inner));
            }
        }
        for (l, m) in mentions.into_iter().enumerate() {
            let Some(m) = m else { continue };
            if let Some((node, loops)) = m.read
                && s.reads[l] == 1
                && m.loops == Some(loops)
                && !m.stepped
            {
                s.last[node.0 as usize] = true;
            }
            if l >= entry {
                let mut owner = m.first.1;
                while s.leave[owner.0 as usize] < m.last
                    && let Some(p) = parent[owner.0 as usize]
                {
                    owner = p;
                }
                s.owned[owner.0 as usize].push((m.first.0, LocalId(l as u32)));
            }
        }
        s.owned.iter_mut().for_each(|o| o.sort());
        s
    }

    /// Locals that belong to a node and are first mentioned within `part` of it (or anywhere in it).
    pub fn owned(&self, node: NodeId, part: Option<NodeId>) -> Vec<LocalId> {
        let all = &self.owned[node.0 as usize];
        let (from, to) = match part {
            Some(p) => (self.enter[p.0 as usize], self.leave[p.0 as usize]),
            None => (0, u32::MAX),
        };
        let start = all.partition_point(|(t, _)| *t < from);
        all[start..].iter().take_while(|(t, _)| *t <= to).map(|(_, l)| *l).collect()
    }

    /// Whether a node owns locals.
    pub fn owns(&self, node: NodeId) -> bool {
        !self.owned[node.0 as usize].is_empty()
    }

    /// Whether some assignment stands below a node.
    pub fn assigns(&self, node: NodeId) -> bool {
        self.assigns[node.0 as usize]
    }

    /// Whether this read of a local is its only and last one.
    pub fn is_last_read(&self, node: NodeId) -> bool {
        self.last[node.0 as usize]
    }
}
