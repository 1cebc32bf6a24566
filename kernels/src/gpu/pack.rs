//! Jobs packed for a launch: the words and numbers that a kernel reads, the places of what it writes.

use super::points::{HEAD, OUTPUT, PIECE};
use super::words::{Results, UNITS, Words};
use crate::exec::{Job, Seeds};
use crate::program::code::Code;
use std::collections::HashMap;
use std::sync::Arc;

/// Some consecutive points of a job.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub job: usize,
    pub from: usize,
    pub len: usize,
}

/// What is asked about jobs.
#[derive(Clone, Copy)]
pub(super) struct Ask<'a> {
    pub jobs: &'a [Job<'a>],
    /// Of each job the results of its uniform part.
    pub exports: &'a [&'a [f32]],
    pub results: Results,
    /// Seeds for derivatives, by job.
    pub seeds: &'a [Seeds<'a>],
    /// Whether derivatives by the inputs are wanted.
    pub inputs: bool,
}

/// What the parts of a launch write, and where.
pub(super) struct Places {
    /// By part its pieces: where the sums of each begin.
    pub pieces: Vec<std::ops::Range<usize>>,
    /// By piece.
    pub sums: Vec<u32>,
    /// By piece its first point, of those of the part.
    pub first: Vec<u32>,
    /// By part where its columns of outputs, or of derivatives, begin; each has as many numbers as the part has points.
    pub columns: Vec<u32>,
}

/// A launch, packed.
#[derive(Default)]
pub(super) struct Packed {
    pub code: Vec<u32>,
    pub table: Vec<u32>,
    pub data: Vec<f32>,
    /// How many numbers the kernel writes.
    pub out: usize,
    /// The greatest frame.
    pub frame: u32,
}

/// A program's code in a launch.
pub(super) struct Coded<'a> {
    pub code: &'a Code,
    /// For the interpreter; the sums and their number hold for other kernels, too.
    pub words: Arc<Words>,
    /// Points of a piece.
    pub piece: usize,
}

impl Ask<'_> {
    /// How many columns are read for a job, and how many written.
    pub(super) fn columns(&self, job: usize) -> (usize, usize) {
        let inputs = self.jobs[job].inputs.len();
        let outputs = self.jobs[job].program.tape().outputs.len();
        let seeds = if matches!(self.seeds.get(job), Some(Seeds::Columns(_))) { outputs } else { 0 };
        let gradients = if self.inputs { inputs } else { 0 };
        (inputs + seeds, gradients + if self.results == Results::Columns { outputs } else { 0 })
    }
}

/// Packs parts; `coded` gives the code of each and the points of a piece.
pub(super) fn pack<'a>(ask: &Ask<'_>, parts: &[Part], mut coded: impl FnMut(usize) -> Coded<'a>) -> (Packed, Places) {
    let mut packed = Packed::default();
    let mut places = Places { pieces: Vec::new(), sums: Vec::new(), first: Vec::new(), columns: Vec::new() };
    let mut codes: HashMap<*const Words, u32> = HashMap::new();
    let mut columns: HashMap<(*const f32, usize), u32> = HashMap::new();
    let mut rows: Vec<u32> = Vec::new();
    let mut pieces: Vec<[u32; 4]> = Vec::new();
    for part in parts {
        let job = &ask.jobs[part.job];
        let Coded { code, words, piece } = coded(part.job);
        packed.frame = packed.frame.max(words.frame);
        let start = *codes.entry(Arc::as_ptr(&words)).or_insert_with(|| {
            packed.code.extend(&words.words);
            (packed.code.len() - words.words.len()) as u32
        });
        let mut column = |values: &[f32], data: &mut Vec<f32>| {
            let values = &values[part.from..part.from + part.len];
            *columns.entry((values.as_ptr(), values.len())).or_insert_with(|| {
                data.extend(values);
                (data.len() - values.len()) as u32
            })
        };
        let row = rows.len() as u32;
        let outputs = row + HEAD + job.inputs.len() as u32;
        let count = job.program.tape().outputs.len() as u32;
        let scalars = packed.data.len() as u32;
        packed.data.extend(code.scalars.iter().map(|s| s.value(ask.exports[part.job])));
        let end = start + words.words.len() as u32;
        let scalar_count = code.scalars.len() as u32;
        rows.extend([start, end, scalars, scalar_count, outputs, outputs + OUTPUT * count, words.sums_at, words.sums]);
        for values in job.inputs {
            let place = column(values, &mut packed.data);
            rows.push(place);
        }
        let mut out = packed.out as u32;
        places.columns.push(out);
        for output in 0..count as usize {
            let (seed, stride) = match ask.seeds.get(part.job) {
                None => (0, 0),
                Some(Seeds::Columns(seeds)) => (column(seeds[output], &mut packed.data), 1),
                Some(Seeds::Weights(weights)) => {
                    packed.data.push(weights[output]);
                    (packed.data.len() as u32 - 1, 0)
                }
            };
            rows.extend([seed, stride, out]);
            if ask.results == Results::Columns {
                out += part.len as u32;
            }
        }
        if ask.inputs {
            for _ in job.inputs {
                rows.push(out);
                out += part.len as u32;
            }
        }
        let before = pieces.len();
        for from in (0..part.len).step_by(piece) {
            let to = (from + piece).min(part.len);
            pieces.push([row, from as u32, to as u32, out]);
            places.sums.push(out);
            places.first.push(from as u32);
            out += words.sums;
        }
        places.pieces.push(before..pieces.len());
        packed.out = out as usize;
    }
    // The word after the last instruction is looked at.
    packed.code.push(0);
    let table = pieces.len() as u32 * PIECE;
    packed.table.extend(pieces.iter().flatten());
    packed.table.iter_mut().step_by(PIECE as usize).for_each(|row| *row += table);
    // Rows in the rows: of outputs and of gradients.
    for piece in pieces.chunk_by(|a, b| a[0] == b[0]) {
        let row = piece[0][0] as usize;
        rows[row + 4] += table;
        rows[row + 5] += table;
    }
    packed.table.extend(rows);
    (packed, places)
}

/// Points of a piece: a multiple of the points of a block, so that about `pieces` pieces come of all points; not so few
/// that the sums cost more than the points, and few enough to add up in `f32`.
pub(super) fn piece_len(points: usize, pieces: usize, sums: u32) -> usize {
    const MOST: usize = 8192;
    let block = UNITS as usize;
    let fewest = (sums as usize).clamp(block, MOST);
    (points / pieces.max(1)).clamp(fewest, MOST).next_multiple_of(block)
}
