//! A whole grid of samples at once, by tiles.
//!
//! A tile is looked at as a box: each part of the shape is found to lie inside all of it, outside of it, or neither, from
//! its bounds and the range of its field ([`Interval`]). What is known drops out of the list of steps, which so gets
//! shorter from tile to smaller tile (Keeter, "Massively parallel rendering of complex closed-form implicit surfaces",
//! SIGGRAPH 2020); only the smallest tiles are sampled, by the few parts that are left. Ranges hold what the fields give
//! in the arithmetic of the samples, so that the picture is the one that sampling everywhere would give.

use super::Watch;
use super::bits::Bits;
use super::flat::{Flat, Node, Part};
use super::scan::pack;
use super::tape::{Set, Tape};
use crate::shape::interval::Interval;
use crate::shape::prim::Line;
use crate::vm::limits::Fail;
use nsp_kernels::cpu::{Vectorised, vectorised};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Samples at every combination of three lists of coordinates, in rising order. Rows of bits run along `axes[0]`; row
/// `i * n1 + j` is at number `j` on `axes[1]` and number `i` on `axes[2]`.
pub(super) struct Grid<'g> {
    /// The fast, the middle and the slow axis.
    pub axes: [usize; 3],
    /// The coordinates on each of them.
    pub at: [&'g [f64]; 3],
    /// How many threads may work on it; what comes out does not depend on them.
    pub threads: usize,
}

/// Sides of tiles on the fast, middle and slow axis, from large to small; the last are sampled. A row of the smallest is
/// a quarter of a word.
const FLAT: [[usize; 3]; 3] = [[512, 64, 1], [64, 64, 1], [16, 16, 1]];
const DEEP: [[usize; 3]; 4] = [[512, 64, 16], [64, 64, 16], [16, 16, 16], [16, 4, 4]];
/// Rows of the smallest tiles, and samples in a row.
const SIDE: usize = 16;
/// Tiles that are looked at together: as many as a tile of one level has of the next.
const TOGETHER: usize = 16;
/// Samples from which on threads pay.
const WORTH_THREADS: usize = 1 << 17;
/// Values of a field between two looks at the limits.
const LONG_WORK: usize = 1 << 14;

/// Sets the bits, which are 0, of a grid's samples that lie in the shape; `false`, with nothing done, where the shape has
/// too many copies of parts to write them out.
pub(super) fn fill(tape: &Tape<'_>, grid: &Grid<'_>, bits: &mut Bits, watch: &mut dyn Watch) -> Result<bool, Fail> {
    let Some(flat) = Flat::new(tape, watch)? else { return Ok(false) };
    let Some(root) = flat.nodes.len().checked_sub(1) else { return Ok(true) };
    let [_, n1, n2] = grid.at.map(<[f64]>::len);
    let levels: &[[usize; 3]] = if n2 > 1 { &DEEP } else { &FLAT };
    // A band of rows that lie side by side is the work of one thread at a time.
    let rows = if n2 > 1 { n1 * levels[0][2] } else { levels[0][1] };
    let samples = grid.at.iter().map(|x| x.len()).product::<usize>();
    let threads = if samples < WORTH_THREADS { 1 } else { grid.threads };
    watch.charge(flat.parts.len() * TOGETHER * size_of::<State>() * threads)?;
    let stride = bits.stride();
    let bands = Mutex::new(bits.words_mut().chunks_mut(rows * stride).enumerate());
    let (stop, done) = (AtomicBool::new(false), AtomicUsize::new(0));
    let run = |tick: &mut dyn FnMut(usize) -> Result<(), Fail>| -> Result<(), Fail> {
        let mut tiler = Tiler {
            flat: &flat,
            grid,
            levels,
            stride,
            scratch: Vec::new(),
            values: Vec::new(),
            field: [0.0; SIDE * SIDE],
            tick,
        };
        while let Some((b, words)) = bands.lock().ok().and_then(|mut bands| bands.next()) {
            let (from, to) = (b * rows, (b * rows + words.len() / stride).min(n1 * n2));
            let band = if n2 > 1 { [0, from / n1, n1, to / n1] } else { [from, 0, to, 1] };
            let tile = Tile { lo: [0, band[0], band[1]], hi: [grid.at[0].len(), band[2], band[3]] };
            tiler.band(tile, words, from, root)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| {
                let mut tick = |n: usize| {
                    done.fetch_add(n, Ordering::Relaxed);
                    if stop.load(Ordering::Relaxed) { Err(Fail::from("stopped")) } else { Ok(()) }
                };
                // Why it stopped, the other thread says.
                let _ = run(&mut tick);
            });
        }
        let mut tick = |n: usize| watch.work(n + done.swap(0, Ordering::Relaxed));
        let result = run(&mut tick);
        stop.store(result.is_err(), Ordering::Relaxed);
        result
    })?;
    watch.work(done.into_inner())?;
    Ok(true)
}

/// A part of the grid: numbers from `lo` to before `hi` on the fast, middle and slow axis.
#[derive(Clone, Copy, Debug)]
struct Tile {
    lo: [usize; 3],
    hi: [usize; 3],
}

/// Where a part, or a node, is on a tile.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Out,
    In,
    /// At this position of the shorter list.
    Mixed(u32),
}

/// Memory of one level of tiles.
#[derive(Default)]
struct Scratch {
    tiles: Vec<Tile>,
    /// What parts are on the tiles: `parts * tiles`, in the order in which the parts appear.
    found: Vec<State>,
    boxes: Vec<[Interval; 3]>,
    touched: Vec<usize>,
    ranges: Vec<Interval>,
    states: Vec<State>,
    needed: Vec<bool>,
    short: Vec<Node>,
}

struct Tiler<'a> {
    flat: &'a Flat<'a>,
    grid: &'a Grid<'a>,
    levels: &'a [[usize; 3]],
    stride: usize,
    scratch: Vec<Scratch>,
    values: Vec<[u64; 4]>,
    /// A part's field on one of the smallest tiles.
    field: [f64; SIDE * SIDE],
    tick: &'a mut dyn FnMut(usize) -> Result<(), Fail>,
}

impl Tiler<'_> {
    /// Fills a band, whose rows begin with number `first`.
    fn band(&mut self, tile: Tile, words: &mut [u64], first: usize, root: usize) -> Result<(), Fail> {
        self.scratch.resize_with(self.levels.len() + 1, Scratch::default);
        let nodes = &self.flat.nodes[..=root];
        self.split(tile, nodes, 0, words, first)
    }

    /// Cuts a tile into those of a level and does each by what is left of the nodes there.
    fn split(&mut self, tile: Tile, nodes: &[Node], level: usize, words: &mut [u64], first: usize) -> Result<(), Fail> {
        let Some(side) = self.levels.get(level) else { return self.sample(tile, nodes, words, first) };
        // A tile no larger than those of the level is passed on.
        if level + 1 < self.levels.len() && (0..3).all(|k| tile.hi[k] - tile.lo[k] <= side[k]) && level > 0 {
            return self.split(tile, nodes, level + 1, words, first);
        }
        let mut s = std::mem::take(&mut self.scratch[level]);
        let mut tiles = cut(tile, side);
        let mut result = Ok(());
        loop {
            s.tiles.clear();
            s.tiles.extend(tiles.by_ref().take(TOGETHER));
            if s.tiles.is_empty() || result.is_err() {
                break;
            }
            result = self.each(nodes, &mut s, level, words, first);
        }
        self.scratch[level] = s;
        result
    }

    /// Does some tiles of a level.
    fn each(
        &mut self,
        nodes: &[Node],
        s: &mut Scratch,
        level: usize,
        words: &mut [u64],
        first: usize,
    ) -> Result<(), Fail> {
        self.look(nodes, s)?;
        for t in 0..s.tiles.len() {
            match shorten(nodes, t, s) {
                State::Out => {}
                State::In => self.set(s.tiles[t], words, first),
                State::Mixed(_) => self.split(s.tiles[t], &s.short, level + 1, words, first)?,
            }
        }
        Ok(())
    }

    /// Finds what each part of the list is on each tile.
    fn look(&mut self, nodes: &[Node], s: &mut Scratch) -> Result<(), Fail> {
        let n = s.tiles.len();
        s.found.clear();
        (self.tick)(nodes.len() * n)?;
        for node in nodes {
            let Node::Part(p) = node else { continue };
            let part = &self.flat.parts[*p as usize];
            let from = s.found.len();
            s.found.resize(from + n, State::Out);
            s.boxes.clear();
            s.touched.clear();
            for (t, tile) in s.tiles.iter().enumerate() {
                let range = self.range(tile);
                if (0..3).all(|k| range[k].lo <= part.bounds.hi[k] && range[k].hi >= part.bounds.lo[k]) {
                    s.touched.push(t);
                    s.boxes.push(part.within(range, self.grid.axes[0]));
                }
            }
            s.ranges.resize(s.boxes.len(), Interval::ALL);
            let each = 8 + part.args.len();
            let together = (LONG_WORK / each).max(1);
            for (boxes, ranges) in s.boxes.chunks(together).zip(s.ranges.chunks_mut(together)) {
                (part.prim.range)(&part.ranges, boxes, ranges);
                (self.tick)(boxes.len() * each)?;
            }
            for (t, range) in s.touched.iter().zip(&s.ranges) {
                s.found[from + t] = match range {
                    r if r.hi <= 0.0 => State::In,
                    r if r.lo > 0.0 => State::Out,
                    _ => State::Mixed(0),
                };
            }
        }
        Ok(())
    }

    /// The samples' coordinates, by axis.
    fn range(&self, tile: &Tile) -> [Interval; 3] {
        let mut range = [Interval::point(0.0); 3];
        for k in 0..3 {
            let at = &self.grid.at[k][tile.lo[k]..tile.hi[k]];
            range[self.grid.axes[k]] = Interval::new(at[0], at[at.len() - 1]);
        }
        range
    }

    fn rows(&self, tile: Tile) -> impl Iterator<Item = (usize, usize)> + use<> {
        (tile.lo[2]..tile.hi[2]).flat_map(move |i| (tile.lo[1]..tile.hi[1]).map(move |j| (i, j)))
    }

    /// Sets all bits of a tile.
    fn set(&self, tile: Tile, words: &mut [u64], first: usize) {
        for (i, j) in self.rows(tile) {
            let row = (i * self.grid.at[1].len() + j - first) * self.stride;
            let words = &mut words[row..row + self.stride];
            let (from, to) = (tile.lo[0], tile.hi[0]);
            for (w, word) in words.iter_mut().enumerate().take(to.div_ceil(64)).skip(from / 64) {
                let low = if w == from / 64 { !0u64 << (from % 64) } else { !0 };
                let high = if (w + 1) * 64 <= to { !0 } else { (1u64 << (to % 64)) - 1 };
                *word |= low & high;
            }
        }
    }

    /// Samples one of the smallest tiles: 16 rows of 16 bits are 4 words.
    fn sample(&mut self, tile: Tile, nodes: &[Node], words: &mut [u64], first: usize) -> Result<(), Fail> {
        let flat = self.flat;
        let mut values = std::mem::take(&mut self.values);
        values.clear();
        let mut result = Ok(());
        for node in nodes {
            let at = |i: &u32| values[*i as usize];
            let value = match node {
                Node::Part(p) => {
                    let mut out = [0; 4];
                    result = self.part(tile, &flat.parts[*p as usize], &mut out);
                    out
                }
                Node::Not(a) => at(a).map(|w| !w),
                Node::Set(set, a, b) => {
                    let (a, b) = (at(a), at(b));
                    std::array::from_fn(|k| match set {
                        Set::Union => a[k] | b[k],
                        Set::Intersection => a[k] & b[k],
                        Set::Difference => a[k] & !b[k],
                    })
                }
            };
            if result.is_err() {
                break;
            }
            values.push(value);
        }
        if let (Ok(()), Some(value)) = (&result, values.last()) {
            let width = tile.hi[0] - tile.lo[0];
            for (r, (i, j)) in self.rows(tile).enumerate() {
                let bits = value[r / 4] >> (16 * (r % 4)) & ((1 << width) - 1);
                let row = (i * self.grid.at[1].len() + j - first) * self.stride;
                words[row + tile.lo[0] / 64] |= bits << (tile.lo[0] % 64);
            }
        }
        self.values = values;
        result
    }

    /// A part's samples on one of the smallest tiles.
    fn part(&mut self, tile: Tile, part: &Part<'_>, out: &mut [u64; 4]) -> Result<(), Fail> {
        let [fast, mid, slow] = self.grid.axes;
        let xs = &self.grid.at[0][tile.lo[0]..tile.hi[0]];
        let mut lines = [Line { at: [0.0; 3], dir: part.place.to_part.column(fast) }; SIDE];
        let mut rows = 0;
        for (i, j) in self.rows(tile) {
            let mut p = [0.0; 3];
            p[mid] = self.grid.at[1][j];
            p[slow] = self.grid.at[2][i];
            lines[rows].at = part.at(p);
            rows += 1;
        }
        // A polygon looks at each of its corners for each sample: a row may take long.
        let each = 1 + part.args.len() / 16;
        let together = (LONG_WORK / each / xs.len()).clamp(1, SIDE);
        let field = &mut self.field;
        for from in (0..rows).step_by(together) {
            let to = rows.min(from + together);
            (part.prim.rows)(part.args, &lines[from..to], xs, &mut field[from * xs.len()..to * xs.len()]);
            (self.tick)((to - from) * xs.len() * each)?;
        }
        if xs.len() == SIDE {
            // Four rows are a word.
            vectorised(Pack { field, out });
        } else {
            for (r, row) in field.chunks_exact(xs.len()).take(rows).enumerate() {
                out[r / 4] |= pack(row) << (16 * (r % 4));
            }
        }
        Ok(())
    }
}

/// The bits of a whole tile.
struct Pack<'a> {
    field: &'a [f64; SIDE * SIDE],
    out: &'a mut [u64; 4],
}

impl Vectorised for Pack<'_> {
    #[inline(always)]
    fn run(self) {
        for (word, values) in self.out.iter_mut().zip(self.field.as_chunks::<64>().0) {
            *word = pack(values);
        }
    }
}

/// The parts of a tile between multiples of the sides.
fn cut(tile: Tile, side: &[usize; 3]) -> impl Iterator<Item = Tile> + use<> {
    let side = *side;
    let pieces = move |k: usize| {
        let (lo, hi, side) = (tile.lo[k], tile.hi[k], side[k]);
        (lo / side..hi.div_ceil(side)).map(move |i| (lo.max(i * side), hi.min((i + 1) * side)))
    };
    let layers = move |(z0, z1)| {
        pieces(1).flat_map(move |(y0, y1)| pieces(0).map(move |(x0, x1)| Tile { lo: [x0, y0, z0], hi: [x1, y1, z1] }))
    };
    pieces(2).flat_map(layers)
}

/// What the nodes come to on a tile, and the list that is left: `s.short`.
fn shorten(nodes: &[Node], tile: usize, s: &mut Scratch) -> State {
    let n = s.tiles.len();
    s.short.clear();
    s.states.clear();
    let mut parts = 0;
    for node in nodes {
        let state = match node {
            Node::Part(_) => {
                parts += 1;
                match s.found[(parts - 1) * n + tile] {
                    State::Mixed(_) => push(&mut s.short, *node),
                    known => known,
                }
            }
            Node::Not(a) => match s.states[*a as usize] {
                State::Out => State::In,
                State::In => State::Out,
                State::Mixed(a) => push(&mut s.short, Node::Not(a)),
            },
            Node::Set(set, a, b) => match (set, s.states[*a as usize], s.states[*b as usize]) {
                (Set::Union, State::In, _) | (Set::Union, _, State::In) => State::In,
                (Set::Union, State::Out, x) | (Set::Union, x, State::Out) => x,
                (Set::Intersection, State::Out, _) | (Set::Intersection, _, State::Out) => State::Out,
                (Set::Intersection, State::In, x) | (Set::Intersection, x, State::In) => x,
                (Set::Difference, State::Out, _) | (Set::Difference, _, State::In) => State::Out,
                (Set::Difference, x, State::Out) => x,
                (Set::Difference, State::In, State::Mixed(b)) => push(&mut s.short, Node::Not(b)),
                (_, State::Mixed(a), State::Mixed(b)) => push(&mut s.short, Node::Set(*set, a, b)),
            },
        };
        s.states.push(state);
    }
    let root = s.states.last().copied().unwrap_or(State::Out);
    if let State::Mixed(root) = root {
        prune(root, s);
    }
    root
}

fn push(short: &mut Vec<Node>, node: Node) -> State {
    short.push(node);
    State::Mixed(short.len() as u32 - 1)
}

/// Drops the nodes that the root does not need; it becomes the last one.
fn prune(root: u32, s: &mut Scratch) {
    s.short.truncate(root as usize + 1);
    s.needed.clear();
    s.needed.resize(s.short.len(), false);
    s.needed[root as usize] = true;
    for i in (0..s.short.len()).rev() {
        match s.short[i] {
            _ if !s.needed[i] => {}
            Node::Part(_) => {}
            Node::Not(a) => s.needed[a as usize] = true,
            Node::Set(_, a, b) => (s.needed[a as usize], s.needed[b as usize]) = (true, true),
        }
    }
    // Their new positions stand in the place of the states, which are no longer needed.
    s.states.clear();
    let mut kept = 0;
    for i in 0..s.short.len() {
        s.states.push(State::Mixed(kept as u32));
        if !s.needed[i] {
            continue;
        }
        let at = |a: u32| if let State::Mixed(new) = s.states[a as usize] { new } else { 0 };
        s.short[kept] = match s.short[i] {
            Node::Part(p) => Node::Part(p),
            Node::Not(a) => Node::Not(at(a)),
            Node::Set(set, a, b) => Node::Set(set, at(a), at(b)),
        };
        kept += 1;
    }
    s.short.truncate(kept);
}
