//! Sketches: loops `for i in 1..=n, j in 1..=n' { draw(a*i + b, a'*j + b', ??) }`.

/// The columns (or rows) that a loop draws in: `step*i + b` for `i` from 1 to `count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Axis {
    /// The first of them, from 1; PS-GM's `b` is `first - step`.
    pub first: u32,
    /// From one to the next, 1 or more; 1 where there is only one.
    pub step: u32,
    /// How many, 1 or more.
    pub count: u32,
}

impl Axis {
    /// One column or row.
    pub fn one(at: u32) -> Axis {
        Axis { first: at, step: 1, count: 1 }
    }

    /// The last of them.
    pub fn last(&self) -> u32 {
        self.first + (self.count - 1) * self.step
    }

    /// PS-GM's `b`.
    pub fn offset(&self) -> i64 {
        i64::from(self.first) - i64::from(self.step)
    }

    /// All of them.
    pub fn iter(self) -> impl Iterator<Item = u32> + Clone {
        (0..self.count).map(move |i| self.first + i * self.step)
    }

    /// Whether this is one of them.
    pub fn contains(&self, at: u32) -> bool {
        at >= self.first && at <= self.last() && (at - self.first).is_multiple_of(self.step)
    }

    /// The axis with these members, in ascending order, if they are evenly spaced.
    pub fn from_members(at: &[u32]) -> Option<Axis> {
        let (&first, &last) = (at.first()?, at.last()?);
        let Some(&second) = at.get(1) else { return Some(Axis::one(first)) };
        let axis = Axis { first, step: second.checked_sub(first).filter(|s| *s > 0)?, count: at.len() as u32 };
        let even = at.windows(2).all(|w| w[1].checked_sub(w[0]) == Some(axis.step));
        (even && axis.last() == last).then_some(axis)
    }

    /// All axes within `1..=n`, sorted. With `paper`, only those that PS-GM's `b >= 0` allows, whose first member is not
    /// before `step`; a single column may be anywhere in both.
    pub fn all(n: u32, paper: bool) -> Vec<Axis> {
        let mut out = Vec::new();
        for first in 1..=n {
            out.push(Axis::one(first));
            let widest = if paper { first } else { n };
            for step in 1..=widest.min(n - first) {
                let most = (n - first) / step + 1;
                out.extend((2..=most).map(|count| Axis { first, step, count }));
            }
        }
        out
    }

    /// As source text over a loop's variable: `3 * i - 1`.
    pub fn source(&self, var: &str) -> String {
        if self.count == 1 {
            return self.first.to_string();
        }
        let scaled = if self.step == 1 { var.to_string() } else { format!("{} * {var}", self.step) };
        match self.offset() {
            0 => scaled,
            b if b > 0 => format!("{scaled} + {b}"),
            b => format!("{scaled} - {}", -b),
        }
    }
}

/// Where a loop draws: every column of one axis with every row of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sketch {
    /// Columns.
    pub columns: Axis,
    /// Rows.
    pub rows: Axis,
}

impl Sketch {
    /// The sketch of one cell.
    pub fn one(column: u32, row: u32) -> Sketch {
        Sketch { columns: Axis::one(column), rows: Axis::one(row) }
    }

    /// How many cells it covers.
    pub fn len(&self) -> usize {
        self.columns.count as usize * self.rows.count as usize
    }

    /// Whether it covers none: never.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The cells that it covers, as (column, row) from 1; `cover(s)` in PS-GM.
    pub fn cells(self) -> impl Iterator<Item = (u32, u32)> {
        self.rows.iter().flat_map(move |r| self.columns.iter().map(move |c| (c, r)))
    }

    /// Whether it covers a cell.
    pub fn covers(&self, column: u32, row: u32) -> bool {
        self.columns.contains(column) && self.rows.contains(row)
    }

    /// The sketch that covers exactly these cells, if there is one.
    pub fn from_cells(cells: &[(u32, u32)]) -> Option<Sketch> {
        let sorted = |part: fn(&(u32, u32)) -> u32| {
            let mut xs: Vec<u32> = cells.iter().map(part).collect();
            xs.sort_unstable();
            xs.dedup();
            Axis::from_members(&xs)
        };
        let found = Sketch { columns: sorted(|c| c.0)?, rows: sorted(|c| c.1)? };
        let mut unique = cells.to_vec();
        unique.sort_unstable();
        unique.dedup();
        (unique.len() == found.len()).then_some(found)
    }

    /// As source text that draws a tile: `for i in 1..=4, j in 1..=3 { draw(2 * i, 3 * j - 1, tile) }`.
    pub fn source(&self, tile: &str) -> String {
        let (c, r) = (self.columns, self.rows);
        let draw = format!("draw({}, {}, {tile})", c.source("i"), r.source("j"));
        match (c.count, r.count) {
            (1, 1) => format!("[{draw}]"),
            (n, 1) => format!("for i in 1..={n} {{ {draw} }}"),
            (1, m) => format!("for j in 1..={m} {{ {draw} }}"),
            (n, m) => format!("for i in 1..={n}, j in 1..={m} {{ {draw} }}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_axes_are_distinct_sets() {
        for (paper, counts) in [(false, [1, 3, 7, 13]), (true, [1, 3, 6, 11])] {
            for n in 1..=4 {
                let all = Axis::all(n, paper);
                let sets: std::collections::HashSet<Vec<u32>> = all.iter().map(|a| a.iter().collect()).collect();
                assert_eq!((all.len(), sets.len()), (counts[n as usize - 1], counts[n as usize - 1]), "{n} {paper}");
                assert!(all.is_sorted() && all.iter().all(|a| a.last() <= n));
                assert!(!paper || all.iter().all(|a| a.count == 1 || a.offset() >= 0));
            }
        }
    }

    #[test]
    fn sets_of_cells() {
        let s = Sketch { columns: Axis { first: 2, step: 3, count: 3 }, rows: Axis { first: 1, step: 2, count: 2 } };
        let cells: Vec<_> = s.cells().collect();
        assert_eq!(Sketch::from_cells(&cells), Some(s));
        assert_eq!(Sketch::from_cells(&cells[1..]), None);
        assert!(s.covers(8, 3) && !s.covers(8, 2) && !s.covers(11, 1));
        assert_eq!(Sketch::from_cells(&[(1, 1), (2, 1), (4, 1)]), None);
    }

    #[test]
    fn as_source() {
        let s = Sketch { columns: Axis { first: 2, step: 3, count: 3 }, rows: Axis { first: 1, step: 1, count: 2 } };
        assert_eq!(s.source("t"), "for i in 1..=3, j in 1..=2 { draw(3 * i - 1, j, t) }");
        assert_eq!(Sketch::one(4, 5).source("t"), "[draw(4, 5, t)]");
    }
}
