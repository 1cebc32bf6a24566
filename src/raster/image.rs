//! Pictures, grids and placements as values.

use super::bits::Bits;
use super::check_size;
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Cells side by side.
    pub columns: u32,
    /// Cells above each other.
    pub rows: u32,
    /// Width of a cell in pixels.
    pub cell_w: u32,
    /// Height of a cell in pixels.
    pub cell_h: u32,
    /// Left edge of the first column.
    pub x: u32,
    /// Upper edge of the first row.
    pub y: u32,
}

impl Grid {
    /// A grid whose picture, offset included, is not too large.
    pub fn new(columns: i64, rows: i64, cell_w: i64, cell_h: i64, x: i64, y: i64) -> Result<Grid, Fail> {
        if columns < 1 || rows < 1 || cell_w < 1 || cell_h < 1 || x < 0 || y < 0 {
            return Err(Fail::new(
                "E0444",
                format!("no grid has {columns} x {rows} cells of {cell_w} x {cell_h} pixels from ({x}, {y})"),
            ));
        }
        let extent = |n: i64, cell: i64, at: i64| n.checked_mul(cell).and_then(|e| e.checked_add(at));
        match (extent(columns, cell_w, x), extent(rows, cell_h, y)) {
            (Some(w), Some(h)) => check_size(&[w, h])?,
            _ => return Err(Fail::new("E0442", "the grid is too large")),
        }
        // The checked size bounds each of these.
        let n = |v: i64| v as u32;
        Ok(Grid { columns: n(columns), rows: n(rows), cell_w: n(cell_w), cell_h: n(cell_h), x: n(x), y: n(y) })
    }

    /// Size of the picture that the grid covers, its offset included.
    pub fn size(&self) -> (u32, u32) {
        (self.x + self.columns * self.cell_w, self.y + self.rows * self.cell_h)
    }

    /// Upper left pixel of a cell, if there is such a cell.
    pub fn corner(&self, column: i64, row: i64) -> Option<(u32, u32)> {
        let inside = (1..=i64::from(self.columns)).contains(&column) && (1..=i64::from(self.rows)).contains(&row);
        inside.then(|| (self.x + (column as u32 - 1) * self.cell_w, self.y + (row as u32 - 1) * self.cell_h))
    }

    /// What a picture shows in a cell.
    pub fn tile(&self, img: &Image, column: i64, row: i64) -> Result<Image, Fail> {
        let Some((x, y)) = self.corner(column, row) else {
            return Err(self.no_cell("tile", column, row));
        };
        if x + self.cell_w > img.width() || y + self.cell_h > img.height() {
            let (w, h) = (img.width(), img.height());
            return Err(Fail::new(
                "E0444",
                format!("cell ({column}, {row}) lies outside the image of {w} x {h} pixels"),
            ));
        }
        Ok(imageops::crop_imm(img.pixels(), x, y, self.cell_w, self.cell_h).to_image().into())
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
        for p in placements {
            let Some((x, y)) = self.corner(p.column, p.row) else {
                return Err(self.no_cell("draw", p.column, p.row));
            };
            let size = (p.tile.width(), p.tile.height());
            if size != (self.cell_w, self.cell_h) {
                return Err(Fail::new(
                    "E0444",
                    format!(
                        "draw ({}, {}): the tile is {} x {} pixels, a cell {} x {}",
                        p.column, p.row, size.0, size.1, self.cell_w, self.cell_h
                    ),
                )
                .help("`resize` makes it fit"));
            }
            imageops::overlay(canvas, p.tile.pixels(), i64::from(x), i64::from(y));
        }
        Ok(())
    }
}

impl Object for Grid {
    fn type_name(&self) -> &str {
        "grid"
    }

    fn show(&self) -> String {
        let Grid { columns, rows, cell_w, cell_h, x, y } = self;
        let offset = if (*x, *y) == (0, 0) { String::new() } else { format!(", {x}, {y}") };
        format!("grid({columns}, {rows}, {cell_w}, {cell_h}{offset})")
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
