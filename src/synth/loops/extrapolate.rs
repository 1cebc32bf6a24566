//! Loops continued over unknown cells, without learning: what PS-GM's network `f` does (section 2, "Image completion") by
//! the simplest continuation that agrees with what is known.
//!
//! A loop of three or more columns goes on at its own spacing. One of fewer says little about it: such a loop repeats with
//! the *period* of the picture, the shift under which most known cells show what they showed before. Rows are the same.
//! A continuation ends before the first line of cells of which one is known, for the loop would draw there if it were so.

use super::program::{Loop, LoopProgram};
use super::sketch::{Axis, Sketch};

/// A continuation of one loop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Continuation {
    /// Which loop of the program, from 0.
    pub of: usize,
    /// Whether columns were added, or rows.
    pub columns: bool,
    /// From one line to the next.
    pub step: u32,
    /// Cells that were added.
    pub cells: usize,
    /// What speaks for it: for the loop's own spacing, how often it was seen; for a period, known cells that repeat at
    /// this distance less those that do not (along the other axis they count half).
    pub evidence: f64,
    /// Whether the spacing is the loop's own.
    pub own: bool,
}

/// Fewest columns or rows of a loop that goes on at its own spacing.
const SURE: u32 = 3;

/// The program with its loops continued, and how. `unknown` says so for each cell, row by row. Continuations of a loop
/// stand next to it.
pub fn extrapolate(program: &LoopProgram, unknown: &[bool]) -> (LoopProgram, Vec<Continuation>) {
    let map = Map::new(program, unknown);
    let periods = [map.period(true), map.period(false)];
    let mut out = LoopProgram { grid: program.grid, loops: Vec::new() };
    let mut continued = Vec::new();
    for (of, l) in program.loops.iter().enumerate() {
        let mut sketches = vec![l.sketch];
        for (columns, period) in [(true, periods[0]), (false, periods[1])] {
            let mut next = Vec::new();
            for s in sketches {
                next.extend(map.continued(s, columns, period, of, &mut continued));
            }
            sketches = next;
        }
        out.loops.extend(sketches.into_iter().map(|sketch| Loop { sketch, tile: l.tile.clone() }));
    }
    (out, merged(continued))
}

/// Parts of one loop that went on alike, as one continuation.
fn merged(mut all: Vec<Continuation>) -> Vec<Continuation> {
    let key = |c: &Continuation| (c.of, !c.columns, c.step, c.own);
    all.sort_by_key(key);
    all.dedup_by(|later, first| {
        let same = key(later) == key(first);
        if same {
            first.cells += later.cells;
        }
        same
    });
    all
}

/// What is known of each cell.
struct Map<'a> {
    columns: u32,
    rows: u32,
    unknown: &'a [bool],
    /// The loop that is seen there.
    top: Vec<Option<usize>>,
}

impl<'a> Map<'a> {
    fn new(program: &LoopProgram, unknown: &'a [bool]) -> Map<'a> {
        Map { columns: program.grid.columns, rows: program.grid.rows, unknown, top: program.on_top() }
    }

    fn at(&self, column: u32, row: u32) -> usize {
        (row as usize - 1) * self.columns as usize + column as usize - 1
    }

    fn is_unknown(&self, column: u32, row: u32) -> bool {
        self.unknown.get(self.at(column, row)).is_some_and(|u| *u)
    }

    /// What is seen in a known cell; `None` where nothing is drawn too.
    fn seen(&self, column: u32, row: u32) -> Option<usize> {
        if self.is_unknown(column, row) { None } else { self.top[self.at(column, row)] }
    }

    /// Known cells that show the same again `shift` columns (or rows) on, less those that show something else.
    fn repeats(&self, shift: u32, columns: bool) -> f64 {
        let (mut same, mut other) = (0u32, 0u32);
        let (dx, dy) = if columns { (shift, 0) } else { (0, shift) };
        for row in 1..=self.rows.saturating_sub(dy) {
            for column in 1..=self.columns.saturating_sub(dx) {
                match (self.seen(column, row), self.seen(column + dx, row + dy)) {
                    (Some(a), Some(b)) if a == b => same += 1,
                    (Some(_), Some(_)) => other += 1,
                    _ => {}
                }
            }
        }
        f64::from(same) - f64::from(other)
    }

    /// The period along an axis, and what speaks for it. Without evidence it is the least that nothing known contradicts.
    fn period(&self, columns: bool) -> (u32, f64) {
        let n = if columns { self.columns } else { self.rows };
        let score = |shift: u32| self.repeats(shift, columns) + self.repeats(shift, !columns) / 2.0;
        let mut best = (n, 0.0);
        for shift in (1..n).rev() {
            let found = score(shift);
            if found >= best.1 {
                best = (shift, found);
            }
        }
        best
    }

    /// A sketch continued along one axis: itself, made longer or with others beside it.
    fn continued(
        &self,
        s: Sketch,
        columns: bool,
        (period, repeats): (u32, f64),
        of: usize,
        log: &mut Vec<Continuation>,
    ) -> Vec<Sketch> {
        let axis = if columns { s.columns } else { s.rows };
        let own = axis.count >= SURE || axis.count == 2 && axis.step == period;
        let across = if columns { s.rows } else { s.columns };
        let with = |axis: Axis| if columns { Sketch { columns: axis, ..s } } else { Sketch { rows: axis, ..s } };
        let mut note = |added: u32, evidence: f64, step: u32| {
            if added > 0 {
                let cells = (added * across.count) as usize;
                log.push(Continuation { of, columns, step, cells, evidence, own });
            }
        };
        if own {
            let longer = self.longer(axis, axis.step, across, columns);
            note(longer.count - axis.count, f64::from((axis.count - 1) * across.count), axis.step);
            return vec![with(longer)];
        }
        // Each column by itself, at the period.
        let singles: Vec<Axis> = axis.iter().map(|at| self.longer(Axis::one(at), period, across, columns)).collect();
        let added: u32 = singles.iter().map(|a| a.count - 1).sum();
        note(added, repeats, period);
        if added == 0 { vec![s] } else { singles.into_iter().map(with).collect() }
    }

    /// The axis made longer at both ends, over lines of which no cell is known.
    fn longer(&self, axis: Axis, step: u32, across: Axis, columns: bool) -> Axis {
        let n = if columns { self.columns } else { self.rows };
        let free = |at: u32| {
            (1..=n).contains(&at)
                && across.iter().all(|a| if columns { self.is_unknown(at, a) } else { self.is_unknown(a, at) })
        };
        let (mut first, mut last) = (axis.first, axis.last());
        while free(last + step) {
            last += step;
        }
        while first > step && free(first - step) {
            first -= step;
        }
        match (last - first) / step + 1 {
            1 => Axis::one(first),
            count if axis.count > 1 || count > 1 => Axis { first, step, count },
            _ => axis,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::image::{Grid, Image};

    fn program(columns: i64, rows: i64, loops: &[Sketch]) -> LoopProgram {
        let tile = |k: usize| Image::from_levels(1, 1, |_, _| k as u8);
        let loops = loops.iter().enumerate().map(|(k, s)| Loop { sketch: *s, tile: tile(k) }).collect();
        LoopProgram { grid: Grid::covering(columns as u32, rows as u32, columns, rows).unwrap(), loops }
    }

    fn axis(first: u32, step: u32, count: u32) -> Axis {
        Axis { first, step, count }
    }

    /// Rows of characters: `?` is unknown.
    fn unknown(rows: &[&str]) -> Vec<bool> {
        rows.iter().flat_map(|r| r.chars()).map(|c| c == '?').collect()
    }

    #[test]
    fn a_sure_loop_goes_on_at_its_own_spacing() {
        let p = program(10, 2, &[Sketch { columns: axis(1, 2, 3), rows: axis(1, 1, 2) }]);
        let (found, how) = extrapolate(&p, &unknown(&[".....?????", ".....?????"]));
        assert_eq!(found.loops[0].sketch.columns, axis(1, 2, 5));
        assert_eq!(how, [Continuation { of: 0, columns: true, step: 2, cells: 4, evidence: 4.0, own: true }]);
        // Where a cell is known and the loop does not draw, it ends.
        let (found, _) = extrapolate(&p, &unknown(&[".....???.?", ".....?????"]));
        assert_eq!(found.loops[0].sketch.columns, axis(1, 2, 4));
        let (found, how) = extrapolate(&p, &[false; 20]);
        assert_eq!((found, how.len()), (p, 0));
    }

    #[test]
    fn few_columns_repeat_with_the_period_of_the_rows() {
        // The known columns are 0 0 1 above 2 2 2, again and again downwards.
        let rows = |first| axis(first, 2, 3);
        let p = program(
            9,
            6,
            &[
                Sketch { columns: axis(1, 1, 2), rows: rows(1) },
                Sketch { columns: axis(3, 1, 1), rows: rows(1) },
                Sketch { columns: axis(1, 1, 3), rows: rows(2) },
            ],
        );
        let (found, how) = extrapolate(&p, &unknown(&["...??????"; 6]));
        // Shifts by 2 columns contradict what is known, although the rows repeat at 2; 3 agrees with everything.
        let line: Vec<Option<usize>> = found.on_top()[..9].to_vec();
        let tile = |k: Option<usize>| k.map(|k| found.loops[k].tile.pixels().get_pixel(0, 0).0[0]);
        let shown: Vec<Option<u8>> = line.into_iter().map(tile).collect();
        assert_eq!(shown.iter().flatten().count(), 9, "{shown:?}");
        assert!(how.iter().all(|c| c.columns && c.evidence >= 0.0), "{how:?}");
    }

    #[test]
    fn rows_and_corners() {
        let p = program(6, 6, &[Sketch { columns: axis(1, 1, 3), rows: axis(1, 1, 3) }]);
        let hidden: Vec<bool> = (0..36).map(|i| i % 6 > 2 || i / 6 > 2).collect();
        let (found, how) = extrapolate(&p, &hidden);
        assert_eq!(found.loops[0].sketch.len(), 36);
        assert_eq!(how.iter().map(|c| c.cells).sum::<usize>(), 27);
    }
}
