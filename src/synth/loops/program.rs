//! Loop programs: what is drawn where, as a list of loops and as a function of the language.
//!
//! The function ends in `picture(grid, loops)`, each loop a list of placements. Read back, those two are evaluated, not
//! matched: whatever a person made of the loops is understood as long as that call is the last thing.

use super::sketch::Sketch;
use crate::bundle::Bundle;
use crate::ir::{Func, Kind, Node, NodeId, raise};
use crate::raster::Watch;
use crate::raster::image::{Grid, Image, Placement};
use crate::session::Session;
use crate::source::Span;
use crate::types::Type;
use crate::vm::ctx::Env;
use crate::vm::limits::Fail;
use crate::vm::machine::Machine;
use crate::vm::value::Value;
use image::{Rgba, RgbaImage};
use std::fmt::Write;
use std::path::Path;

/// The name of the function that a loop program is.
pub const NAME: &str = "structure";

/// A sketch whose hole is filled.
#[derive(Clone, Debug, PartialEq)]
pub struct Loop {
    /// Where.
    pub sketch: Sketch,
    /// What.
    pub tile: Image,
}

/// Loops that draw tiles on the cells of a grid; later ones lie on top.
#[derive(Clone, Debug, PartialEq)]
pub struct LoopProgram {
    /// The cells.
    pub grid: Grid,
    /// The loops, in the order in which they draw.
    pub loops: Vec<Loop>,
}

impl LoopProgram {
    /// The structure rendering: all loops drawn, on black or on top of a picture.
    pub fn rendering(&self, over: Option<&Image>) -> Result<Image, Fail> {
        let mut canvas = match over {
            Some(img) if !self.grid.fits(img.width(), img.height()) => {
                let m = format!("the grid does not fit on a picture of {} x {} pixels", img.width(), img.height());
                return Err(Fail::new("E0444", m));
            }
            Some(img) => img.pixels().clone(),
            None => RgbaImage::from_pixel(self.grid.size().0, self.grid.size().1, Rgba([0, 0, 0, 255])),
        };
        for l in &self.loops {
            let placements: Vec<Placement> = l
                .sketch
                .cells()
                .map(|(c, r)| Placement { column: c.into(), row: r.into(), tile: l.tile.clone() })
                .collect();
            self.grid.draw(&mut canvas, placements.iter())?;
        }
        Ok(canvas.into())
    }

    /// For each cell, row by row, the last loop that draws there.
    pub fn on_top(&self) -> Vec<Option<usize>> {
        let mut out = vec![None; self.grid.cells()];
        for (k, l) in self.loops.iter().enumerate() {
            for (c, r) in l.sketch.cells() {
                let at = (r as usize - 1) * self.grid.columns as usize + c as usize - 1;
                if let Some(cell) = out.get_mut(at) {
                    *cell = Some(k);
                }
            }
        }
        out
    }

    /// For each loop, the first that draws the same tile; and the loops that are that for themselves.
    fn tiles(&self) -> (Vec<usize>, Vec<usize>) {
        let first = |k: usize| self.loops.iter().position(|l| l.tile == self.loops[k].tile).unwrap_or(k);
        let of: Vec<usize> = (0..self.loops.len()).map(first).collect();
        let own = (0..of.len()).filter(|k| of[*k] == *k).collect();
        (of, own)
    }

    /// As source text. `asset` names the different tiles, counted from 0.
    pub fn source(&self, asset: impl Fn(usize) -> String) -> String {
        use crate::vm::value::Object;
        let (of, own) = self.tiles();
        let number = |k: usize| own.iter().position(|o| *o == of[k]).unwrap_or(k);
        let mut out = format!("fn {NAME}() -> image {{\n");
        let _ = writeln!(out, "    let g = {}", self.grid.show());
        for t in 0..own.len() {
            let _ = writeln!(out, "    let tile{} = asset({:?})", t + 1, asset(t));
        }
        out.push_str("    picture(g, [\n");
        for (k, l) in self.loops.iter().enumerate() {
            let _ = writeln!(out, "        {},", l.sketch.source(&format!("tile{}", number(k) + 1)));
        }
        out.push_str("    ])\n}\n");
        out
    }

    /// Writes the program to a `.nsp` file, its tiles beside it, with a comment above.
    pub fn save(&self, path: &Path, comment: &str, watch: &mut dyn Watch) -> Result<(), Fail> {
        let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or(NAME);
        let mut bundle = Bundle::new(stem);
        let (_, own) = self.tiles();
        let names: Vec<String> = own.iter().map(|k| bundle.name(&self.loops[*k].tile)).collect();
        bundle.write(path.parent().unwrap_or(Path::new("")), watch)?;
        let mut text: String = comment.lines().map(|l| format!("// {l}\n")).collect();
        text.push_str(&self.source(|t| names.get(t).cloned().unwrap_or_default()));
        let text = crate::syntax::fmt(&text).unwrap_or(text);
        // The program last: whoever finds it finds its tiles.
        crate::data::write_whole(path, text.as_bytes())
    }

    /// As a function without parameters that gives the structure rendering. There must be a loop.
    pub fn to_func(&self, session: &mut Session) -> Result<Func, Fail> {
        let text = self.source(|t| format!("#{t}"));
        let (_, own) = self.tiles();
        let wrong = |m: String| Fail::from(format!("the loops are no program: {m}"));
        let checked = session
            .check("<synth>", &text)
            .map_err(|e| wrong(e.first().map_or(String::new(), |d| d.message.clone())))?;
        let (_, id) = checked.functions.first().ok_or_else(|| wrong("nothing is defined".into()))?;
        let entry = session.env().library.get(*id).ok_or_else(|| wrong("it was forgotten".into()))?;
        let mut func = Func::clone(&entry.func);
        func.span = Span::NOWHERE;
        let ops = &session.env().ops;
        for at in 0..func.nodes.len() {
            func.nodes[at].span = Span::NOWHERE;
            let Kind::Op { op, args } = &func.nodes[at].kind else { continue };
            let (true, [name]) = (ops.get(*op).name == "asset", args.as_slice()) else { continue };
            let Kind::Str(name) = &func.node(*name).kind else { continue };
            let tile = name.strip_prefix('#').and_then(|t| self.loops.get(*own.get(t.parse::<usize>().ok()?)?));
            if let Some(l) = tile {
                func.nodes[at].kind = Kind::Const(Value::obj(l.tile.clone()));
            }
        }
        Ok(func)
    }

    /// The loops of a function that ends in `picture(grid, loops)` and has no parameters.
    pub fn from_func(func: &Func, captures: &[Value], env: &Env, globals: Vec<Value>) -> Result<LoopProgram, Fail> {
        let no = |why: &str| {
            Fail::new("E0447", format!("`{}` is no loop program: {why}", func.name))
                .help("a loop program has no parameters and ends in `picture(grid, [for i in 1..=n { draw(..) }, ..])`")
        };
        if !func.params.is_empty() {
            return Err(no("it has parameters"));
        }
        let bare = parts_of_picture(&raise::with_captures(func, captures), env)
            .ok_or_else(|| no("it does not end in `picture`"))?;
        let code = crate::vm::compile(&bare, &env.ops, &env.library, crate::vm::Options::default())
            .map_err(|d| Fail::new(d.code, d.message))?;
        let found = Machine::new(env, globals).run(&code, &[]).map_err(|e| Fail::new(e.fail.code, e.fail.message))?;
        let Value::Tuple(parts) = &found else { return Err(no("it gives no grid")) };
        let [grid, Value::List(loops)] = parts.as_slice() else { return Err(no("it gives no loops")) };
        let grid = *grid.downcast::<Grid>().ok_or_else(|| no("it gives no grid"))?;
        let mut out = LoopProgram { grid, loops: Vec::new() };
        // Without loops inside, the list is what one loop draws.
        let flat = loops.iter().any(|l| !matches!(l, Value::List(_)));
        let lists = if flat { std::slice::from_ref(loops) } else { &[] };
        let nested = loops.iter().filter_map(|l| if let Value::List(l) = l { Some(l) } else { None });
        for list in lists.iter().chain(nested) {
            out.add(list).ok_or_else(|| no("it draws outside its grid"))?;
        }
        Ok(out)
    }

    /// Adds what a loop drew: one loop for each tile, or single cells where they are no sketch.
    fn add(&mut self, placements: &[Value]) -> Option<()> {
        let mut rest = placements.iter().map(|p| p.downcast::<Placement>()).collect::<Option<Vec<_>>>()?.into_iter();
        let mut next = rest.next();
        while let Some(first) = next {
            let mut cells = Vec::new();
            let cell = |p: &Placement| self.grid.cell(p.column, p.row).map(|_| (p.column as u32, p.row as u32));
            cells.push(cell(first)?);
            next = rest.next();
            while let Some(p) = next
                && p.tile == first.tile
            {
                cells.push(cell(p)?);
                next = rest.next();
            }
            let tile = &first.tile;
            match Sketch::from_cells(&cells) {
                Some(sketch) => self.loops.push(Loop { sketch, tile: tile.clone() }),
                None => self
                    .loops
                    .extend(cells.iter().map(|(c, r)| Loop { sketch: Sketch::one(*c, *r), tile: tile.clone() })),
            }
        }
        Some(())
    }
}

/// The function with its last `picture(grid, placements)` made the tuple `(grid, placements)`.
fn parts_of_picture(func: &Func, env: &Env) -> Option<Func> {
    let mut out = func.clone();
    let mut path = vec![out.body];
    loop {
        let at = *path.last()?;
        match &out.node(at).kind {
            Kind::Block(stmts) => path.push(*stmts.last()?),
            Kind::Op { op, args } if env.ops.get(*op).name == "picture" => {
                let parts: Vec<NodeId> = args.iter().take(2).copied().collect();
                let ty = Type::tuple(parts.iter().map(|p| out.node(*p).ty.clone()).collect());
                out.nodes[at.0 as usize] = Node { kind: Kind::Tuple(parts), ty: ty.clone(), span: Span::NOWHERE };
                for n in &path {
                    out.nodes[n.0 as usize].ty = ty.clone();
                }
                out.ret = ty;
                return Some(out);
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::loops::sketch::Axis;

    fn dot(v: u8) -> Image {
        Image::from_levels(1, 1, |_, _| v)
    }

    fn sample() -> LoopProgram {
        let axis = |first, step, count| Axis { first, step, count };
        let looped = |columns, rows, v| Loop { sketch: Sketch { columns, rows }, tile: dot(v) };
        LoopProgram {
            grid: Grid::covering(5, 4, 5, 4).unwrap(),
            loops: vec![
                looped(axis(1, 1, 5), axis(1, 1, 4), 9),
                looped(axis(2, 3, 2), axis(1, 2, 2), 200),
                looped(axis(3, 1, 1), axis(2, 2, 2), 200),
                looped(axis(5, 1, 1), axis(4, 1, 1), 50),
            ],
        }
    }

    fn read(session: &mut Session, text: &str) -> Result<LoopProgram, Fail> {
        let id = session.check("<test>", text).unwrap().functions.last().unwrap().1;
        let func = session.env().library.get(id).unwrap().func;
        LoopProgram::from_func(&func, &[], session.env(), Vec::new())
    }

    #[test]
    fn a_program_is_a_function_and_back() {
        let mut session = Session::default();
        let program = sample();
        let func = program.to_func(&mut session).unwrap();
        let back = LoopProgram::from_func(&func, &[], session.env(), Vec::new()).unwrap();
        assert_eq!(back, program);
        let code = crate::vm::compile(&func, &session.env().ops, &session.env().library, Default::default()).unwrap();
        let shown = Machine::new(session.env(), Vec::new()).run(&code, &[]).unwrap();
        assert_eq!(shown.downcast::<Image>(), Some(&program.rendering(None).unwrap()));
        let rows: Vec<u8> = program.rendering(None).unwrap().pixels().pixels().map(|p| p.0[0]).collect();
        assert_eq!(rows, [9, 200, 9, 9, 200, 9, 9, 200, 9, 9, 9, 200, 9, 9, 200, 9, 9, 200, 9, 50]);
    }

    #[test]
    fn what_a_person_writes_is_read() {
        let mut session = Session::default();
        let text = r##"
            fn mine() -> image {
                let (n, dot) = (2, image_from_rows(["#"]))
                let more = if n > 1 { [draw(4, 1, dot), draw(1, 2, dot)] } else { [draw(1, 1, dot)] }
                picture(grid(4, 2, 1, 1), [for i in 1..=n { draw(i, n, dot) }, more])
            }"##;
        let found = read(&mut session, text).unwrap();
        let cells: Vec<Vec<(u32, u32)>> = found.loops.iter().map(|l| l.sketch.cells().collect()).collect();
        assert_eq!(cells, [vec![(1, 2), (2, 2)], vec![(4, 1)], vec![(1, 2)]]);
        let flat = "fn one() -> image { picture(grid(3, 1, 1, 1), for i in 1..=3 { draw(i, 1, blank(1, 1)) }) }";
        assert_eq!(read(&mut session, flat).unwrap().loops[0].sketch.len(), 3);
        for (bad, why) in [
            ("fn f() -> image { blank(1, 1) }", "does not end in `picture`"),
            ("fn f(n: int) -> image { picture(grid(1, 1, 1, 1), [draw(n, 1, blank(1, 1))]) }", "has parameters"),
            ("fn f() -> image { picture(grid(1, 1, 1, 1), [draw(2, 1, blank(1, 1))]) }", "draws outside its grid"),
        ] {
            assert!(read(&mut session, bad).unwrap_err().message.contains(why), "{bad}");
        }
    }
}
