//! Pictures made of tiles on a grid, as in PS-GM (Young, Bastani and Naik, "Learning Neurosymbolic Generative Models via
//! Program Synthesis", ICML 2019): cells count from 1.

use super::Op;
use super::convert::FromArg;
use super::image::room;
use crate::native;
use crate::raster::image::{Grid, Image, Placement};
use crate::vm::ctx::Ctx;
use crate::vm::limits::Fail;
use crate::vm::value::Value;
use image::{Rgba, RgbaImage};

const PICTURE: &str = "Draws placements on the cells of a grid, on black or on top of `over`; later ones lie on top. A \
    tile must have the size that `tile` gives, and a placement outside the grid is an error. Placements may be nested one \
    deep, as two loops inside each other give them.";

/// Operations on grids and tiles.
pub fn ops() -> Vec<Op> {
    let mut ops = grids();
    ops.extend(pictures());
    ops
}

fn grids() -> Vec<Op> {
    vec![
        Op::new(
            "grid",
            "(columns: int, rows: int, cell_w: num, cell_h: num, x: num = 0.0, y: num = 0.0) -> grid",
            "Cells of `cell_w` by `cell_h` pixels (1 or more), `columns` side by side and `rows` above each other, whose \
             upper left pixel is (x, y). Sizes and offset need not be whole: each cell then begins at the nearest pixel.",
            "grid(2, 2, 8, 8) == grid_of(blank(16, 16), 2)",
            native!(try |columns: i64, rows: i64, cell_w: f64, cell_h: f64, x: f64, y: f64| -> Grid {
                Grid::new(columns, rows, cell_w, cell_h, x, y)
            }),
        ),
        Op::new(
            "grid_of",
            "(img: image, n: int) -> grid",
            "The grid of n by n equal cells that covers a picture.",
            "grid_of(blank(17, 16), 2) == grid(2, 2, 8.5, 8)",
            native!(try |img: &Image, n: i64| -> Grid { Grid::covering(img.width(), img.height(), n, n) }),
        ),
        Op::new(
            "grid_of",
            "(img: image, columns: int, rows: int) -> grid",
            "The grid of equal cells that covers a picture.",
            "grid_of(blank(16, 8), 4, 2) == grid(4, 2, 4, 4)",
            native!(try |img: &Image, columns: i64, rows: i64| -> Grid {
                Grid::covering(img.width(), img.height(), columns, rows)
            }),
        ),
        Op::new(
            "tile",
            "(img: image, g: grid, column: int, row: int) -> image",
            "What a picture shows in a cell of a grid; columns and rows count from 1. All tiles of a grid have one size, the \
             least whole number of pixels that a cell fits into.",
            "tile(image_from_rows([\".#\"]), grid(2, 1, 1, 1), 2, 1) == image_from_rows([\"#\"])",
            native!(try |cx; img: &Image, g: &Grid, column: i64, row: i64| -> Image {
                let (w, h) = g.tile_size();
                room(cx, i64::from(w), i64::from(h))?;
                g.tile(img, column, row)
            }),
        ),
    ]
}

fn pictures() -> Vec<Op> {
    let cell = "image_from_rows([\"#\"])";
    let example = |call: &str| format!("{call} == image_from_rows([\"..#\"])").replace("TILE", cell);
    vec![
        Op::new(
            "draw",
            "(column: int, row: int, tile: image) -> placement",
            "A tile to be drawn in a cell of a grid; columns and rows count from 1. PS-GM writes it \
             `draw(a i + b, a' j + b', tile)`.",
            "draw(1, 2, blank(8, 8)) == draw(1, 2, blank(8, 8))",
            native!(|column: i64, row: i64, tile: &Image| -> Placement {
                Placement { column, row, tile: tile.clone() }
            }),
        ),
        Op::new(
            "picture",
            "(g: grid, placements: [placement]) -> image",
            PICTURE,
            example("picture(grid(3, 1, 1, 1), [draw(3, 1, TILE)])"),
            native!(try |cx; g: &Grid, placements: &[Value]| -> Image { picture(cx, g, placements, None) }),
        ),
        Op::new(
            "picture",
            "(g: grid, placements: [[placement]]) -> image",
            PICTURE,
            example("picture(grid(3, 1, 1, 1), [[draw(3, 1, TILE)]])"),
            native!(try |cx; g: &Grid, placements: &[Value]| -> Image { picture(cx, g, placements, None) }),
        ),
        Op::new(
            "picture",
            "(g: grid, placements: [placement], over: image) -> image",
            PICTURE,
            example("picture(grid(3, 1, 1, 1), [draw(3, 1, TILE)], blank(3, 1))"),
            native!(try |cx; g: &Grid, placements: &[Value], over: &Image| -> Image {
                picture(cx, g, placements, Some(over))
            }),
        ),
    ]
}

fn picture(cx: &mut Ctx<'_>, g: &Grid, placements: &[Value], over: Option<&Image>) -> Result<Image, Fail> {
    let (w, h) = over.map_or(g.size(), |o| (o.width(), o.height()));
    if w < g.size().0 || h < g.size().1 {
        return Err(Fail::new("E0444", format!("the grid does not fit on a picture of {w} x {h} pixels")));
    }
    room(cx, i64::from(w), i64::from(h))?;
    let mut canvas = over.map_or_else(|| RgbaImage::from_pixel(w, h, Rgba([0, 0, 0, 255])), |o| o.pixels().clone());
    let size = g.tile_size();
    let cell = Image::bytes_for(size.0 as usize, size.1 as usize);
    for item in placements {
        let row = match item {
            Value::List(inner) => &inner[..],
            one => std::slice::from_ref(one),
        };
        for p in row {
            cx.work(cell)?;
            g.draw(&mut canvas, std::iter::once(<&Placement>::from_arg(p)?))?;
        }
    }
    Ok(canvas.into())
}
