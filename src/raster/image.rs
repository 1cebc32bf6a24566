//! Pictures, grids and placements as values.

use super::bits::Bits;
use super::{MOST_CELLS, check_size};
use crate::vm::limits::Fail;
use crate::vm::value::{Object, Seen};
use image::{Rgba, RgbaImage, imageops};
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// A picture of 8-bit RGBA pixels. Cloning shares.
#[derive(Clone, PartialEq)]
pub struct Image(Arc<RgbaImage>);

impl From<RgbaImage> for Image {
    fn from(pixels: RgbaImage) -> Image {
        Image(Arc::new(pixels))
    }
}

impl Image {
    /// The pixels.
    pub fn pixels(&self) -> &RgbaImage {
        &self.0
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.0.width()
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.0.height()
    }

    /// Bytes that a picture of this size takes.
    pub fn bytes_for(w: usize, h: usize) -> usize {
        w.saturating_mul(h).saturating_mul(4)
    }

    /// White where a bit is 1, black elsewhere.
    pub fn from_bits(bits: &Bits) -> Image {
        let level = |x, y| if bits.get(y as usize, x as usize) { 255 } else { 0 };
        Image::from_levels(bits.row_len() as u32, bits.rows() as u32, level)
    }

    /// Opaque grey levels.
    pub fn from_levels(w: u32, h: u32, level: impl Fn(u32, u32) -> u8) -> Image {
        Image::from(RgbaImage::from_fn(w, h, |x, y| {
            let v = level(x, y);
            Rgba([v, v, v, 255])
        }))
    }

    /// A bit for each pixel: whether it is at least half as bright as white. Transparency counts as black.
    pub fn to_bits(&self) -> Bits {
        let mut bits = Bits::new(self.height() as usize, self.width() as usize);
        for (x, y, p) in self.0.enumerate_pixels() {
            bits.set(y as usize, x as usize, luma(p) >= 128);
        }
        bits
    }
}

/// Brightness on black, 0 to 255: `0.299 R + 0.587 G + 0.114 B` (ITU-R BT.601), times the opacity.
pub fn luma(p: &Rgba<u8>) -> u8 {
    let [r, g, b, a] = p.0.map(u32::from);
    let full = 299 * r + 587 * g + 114 * b;
    ((full * a + 127_500) / 255_000) as u8
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.show())
    }
}

impl Object for Image {
    fn type_name(&self) -> &str {
        "image"
    }

    fn show(&self) -> String {
        format!("<image {}x{}>", self.width(), self.height())
    }

    fn same(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref::<Image>().is_some_and(|o| Arc::ptr_eq(&self.0, &o.0) || self.0 == o.0)
    }

    fn bytes(&self, seen: &mut Seen) -> usize {
        if seen.insert(Arc::as_ptr(&self.0) as usize) { self.0.as_raw().capacity() + 64 } else { 0 }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Equal cells on a picture. Cells are counted from 1, as in PS-GM (Young, Bastani and Naik, ICML 2019).
///
/// A cell's size and the grid's offset need not be whole numbers of pixels: cell `c` begins at pixel
/// `round(x + (c - 1) cell_w)`, so that cells are `floor(cell_w)` or `ceil(cell_w)` pixels wide and none are left over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// Cells side by side.
    pub columns: u32,
    /// Cells above each other.
    pub rows: u32,
    /// Width of a cell in pixels, 1 or more.
    pub cell_w: f64,
    /// Height of a cell in pixels, 1 or more.
    pub cell_h: f64,
    /// Left edge of the first column, 0 or more.
    pub x: f64,
    /// Upper edge of the first row, 0 or more.
    pub y: f64,
}

impl Grid {
    /// A grid whose picture, offset included, is not too large.
    pub fn new(columns: i64, rows: i64, cell_w: f64, cell_h: f64, x: f64, y: f64) -> Result<Grid, Fail> {
        let size = |v: f64| v.is_finite() && v >= 1.0;
        let offset = |v: f64| v.is_finite() && v >= 0.0;
        if columns < 1 || rows < 1 || !size(cell_w) || !size(cell_h) || !offset(x) || !offset(y) {
            return Err(Fail::new(
                "E0444",
                format!("no grid has {columns} x {rows} cells of {cell_w} x {cell_h} pixels from ({x}, {y})"),
            ));
        }
        let extent = |n: i64, cell: f64, at: f64| (at + n as f64 * cell).ceil();
        let (w, h) = (extent(columns, cell_w, x), extent(rows, cell_h, y));
        if w > MOST_CELLS as f64 || h > MOST_CELLS as f64 {
            return Err(Fail::new("E0442", "the grid is too large"));
        }
        check_size(&[w as i64, h as i64])?;
        // The checked size bounds both.
        Ok(Grid { columns: columns as u32, rows: rows as u32, cell_w, cell_h, x, y })
    }

    /// The grid of equal cells that covers a picture of `w` by `h` pixels.
    pub fn covering(w: u32, h: u32, columns: i64, rows: i64) -> Result<Grid, Fail> {
        if !(1..=i64::from(w)).contains(&columns) || !(1..=i64::from(h)).contains(&rows) {
            let m = format!("no grid of {columns} x {rows} cells fits a picture of {w} x {h} pixels");
            return Err(Fail::new("E0444", m));
        }
        Grid::new(columns, rows, f64::from(w) / columns as f64, f64::from(h) / rows as f64, 0.0, 0.0)
    }

    /// Size of the picture that the grid covers, its offset included.
    pub fn size(&self) -> (u32, u32) {
        (edge(self.x, self.cell_w, self.columns), edge(self.y, self.cell_h, self.rows))
    }

    /// Size of a tile: that of the largest cell. In a smaller cell its right or lower edge is cut off.
    pub fn tile_size(&self) -> (u32, u32) {
        // A size that is whole but for rounding is whole.
        let up = |v: f64| (v - 1e-9).ceil() as u32;
        (up(self.cell_w), up(self.cell_h))
    }

    /// How many cells there are.
    pub fn cells(&self) -> usize {
        self.columns as usize * self.rows as usize
    }

    /// The pixels of a cell as (left, top, width, height), if there is such a cell.
    pub fn cell(&self, column: i64, row: i64) -> Option<(u32, u32, u32, u32)> {
        let inside = (1..=i64::from(self.columns)).contains(&column) && (1..=i64::from(self.rows)).contains(&row);
        inside.then(|| {
            let (c, r) = (column as u32, row as u32);
            let (x0, x1) = (edge(self.x, self.cell_w, c - 1), edge(self.x, self.cell_w, c));
            let (y0, y1) = (edge(self.y, self.cell_h, r - 1), edge(self.y, self.cell_h, r));
            (x0, y0, x1 - x0, y1 - y0)
        })
    }

    /// Whether the grid lies within a picture of this size.
    pub fn fits(&self, w: u32, h: u32) -> bool {
        let size = self.size();
        size.0 <= w && size.1 <= h
    }

    /// What a picture shows in a cell, as large as a tile: where the cell is a pixel smaller, with the pixels beyond its
    /// edge, or at the picture's edge with its last ones again.
    pub fn tile(&self, img: &Image, column: i64, row: i64) -> Result<Image, Fail> {
        let Some((x, y, w, h)) = self.cell(column, row) else {
            return Err(self.no_cell("tile", column, row));
        };
        let (all_w, all_h) = (img.width(), img.height());
        if x + w > all_w || y + h > all_h {
            return Err(Fail::new(
                "E0444",
                format!("cell ({column}, {row}) lies outside the image of {all_w} x {all_h} pixels"),
            ));
        }
        let (w, h) = self.tile_size();
        let near = |dx: u32, dy: u32| *img.pixels().get_pixel((x + dx).min(all_w - 1), (y + dy).min(all_h - 1));
        Ok(RgbaImage::from_fn(w, h, near).into())
    }

    fn no_cell(&self, what: &str, column: i64, row: i64) -> Fail {
        Fail::new("E0444", format!("{what} ({column}, {row}) is outside the grid of {} x {}", self.columns, self.rows))
            .help("columns and rows count from 1")
    }

    /// Draws placements in turn; later ones lie on top.
    pub fn draw<'a>(
        &self,
        canvas: &mut RgbaImage,
        placements: impl Iterator<Item = &'a Placement>,
    ) -> Result<(), Fail> {
        let wanted = self.tile_size();
        for p in placements {
            let Some((x, y, w, h)) = self.cell(p.column, p.row) else {
                return Err(self.no_cell("draw", p.column, p.row));
            };
            let size = (p.tile.width(), p.tile.height());
            if size != wanted {
                return Err(Fail::new(
                    "E0444",
                    format!(
                        "draw ({}, {}): the tile is {} x {} pixels, a cell {} x {}",
                        p.column, p.row, size.0, size.1, wanted.0, wanted.1
                    ),
                )
                .help("`resize` makes it fit"));
            }
            let (x, y) = (i64::from(x), i64::from(y));
            if (w, h) == size {
                imageops::overlay(canvas, p.tile.pixels(), x, y);
            } else {
                imageops::overlay(canvas, &*imageops::crop_imm(p.tile.pixels(), 0, 0, w, h), x, y);
            }
        }
        Ok(())
    }

    /// For each cell, row by row, whether the mask (white: unknown) touches it. The mask has the picture's size.
    pub fn unknown(&self, mask: &Image) -> Result<Vec<bool>, Fail> {
        let (w, h) = (mask.width(), mask.height());
        if !self.fits(w, h) {
            return Err(Fail::new("E0444", format!("the grid does not fit on a mask of {w} x {h} pixels")));
        }
        let bits = mask.to_bits();
        let mut out = Vec::with_capacity(self.cells());
        for row in 1..=i64::from(self.rows) {
            for column in 1..=i64::from(self.columns) {
                let (x, y, w, h) = self.cell(column, row).unwrap_or_default();
                out.push((y..y + h).any(|y| (x..x + w).any(|x| bits.get(y as usize, x as usize))));
            }
        }
        Ok(out)
    }
}

/// The pixel where the `n`th part of this size begins.
fn edge(from: f64, size: f64, n: u32) -> u32 {
    (from + f64::from(n) * size).round() as u32
}

/// A length as source text: `28`, `256 / 9`, `17.5`.
fn length(v: f64, parts: u32) -> String {
    let whole = (v * f64::from(parts)).round();
    if v == v.round() {
        format!("{v}")
    } else if whole / f64::from(parts) == v {
        format!("{whole} / {parts}")
    } else {
        format!("{v:?}")
    }
}

impl Object for Grid {
    fn type_name(&self) -> &str {
        "grid"
    }

    fn show(&self) -> String {
        let Grid { columns, rows, cell_w, cell_h, x, y } = self;
        let (w, h) = (length(*cell_w, *columns), length(*cell_h, *rows));
        let offset = if (*x, *y) == (0.0, 0.0) { String::new() } else { format!(", {x}, {y}") };
        format!("grid({columns}, {rows}, {w}, {h}{offset})")
    }

    fn same(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref::<Grid>() == Some(self)
    }

    fn bytes(&self, _seen: &mut Seen) -> usize {
        size_of::<Grid>()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A tile to be drawn in a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    /// From 1.
    pub column: i64,
    /// From 1.
    pub row: i64,
    /// What is drawn.
    pub tile: Image,
}

impl Object for Placement {
    fn type_name(&self) -> &str {
        "placement"
    }

    fn show(&self) -> String {
        format!("draw({}, {}, {})", self.column, self.row, self.tile.show())
    }

    fn same(&self, other: &dyn Object) -> bool {
        other
            .as_any()
            .downcast_ref::<Placement>()
            .is_some_and(|o| (self.column, self.row) == (o.column, o.row) && self.tile.same(&o.tile))
    }

    fn bytes(&self, seen: &mut Seen) -> usize {
        size_of::<Placement>() + self.tile.bytes(seen)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
