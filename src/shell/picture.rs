//! Values as pictures. Knows no terminal.

use crate::raster::image::Image;
use crate::raster::sample::{Frame, coverage};
use crate::raster::{Watch, check_size};
use crate::shape::Shape;
use crate::vm::limits::{self, Cancel, Fail};
use crate::vm::value::{Typed, Value};
use image::{Rgba, RgbaImage, imageops};

/// Pixels of the longer side of a shape's picture.
const SIDE: usize = 256;

/// Points in a pixel, each way.
const SAMPLES: usize = 4;

/// Most pictures of a list, and pixels of their row, that are shown beside each other.
const MOST: usize = 16;
const WIDEST: u32 = 1024;

/// Stops long work when a flag is raised.
pub struct Until<'a>(pub &'a Cancel);

impl Watch for Until<'_> {
    fn charge(&mut self, _bytes: usize) -> Result<(), Fail> {
        Ok(())
    }

    fn work(&mut self, _n: usize) -> Result<(), Fail> {
        if self.0.is_cancelled() { Err(Fail::new(limits::code::CANCELLED, "interrupted")) } else { Ok(()) }
    }
}

/// The picture of a value, if it has one: an image, a 2D shape that has an extent, a short list of images.
pub fn of(value: &Typed, cancel: &Cancel) -> Option<Image> {
    if let Some(img) = value.value.downcast::<Image>() {
        return Some(img.clone());
    }
    if let Some(s) = value.value.downcast::<Shape>() {
        return shape_within(s, own_frame(s)?, SIDE, &mut Until(cancel)).ok();
    }
    match &value.value {
        Value::List(items) => row(items),
        _ => None,
    }
}

/// The part of the plane that a 2D shape fills, with a margin; `None` if it is empty or has no end.
pub fn own_frame(s: &Shape) -> Option<Frame> {
    let b = s.bounds();
    if s.dim() != 2 || b.is_empty() || !b.is_finite(2) {
        return None;
    }
    let ([x0, y0, _], [x1, y1, _]) = (b.lo, b.hi);
    let margin = ((x1 - x0).max(y1 - y0) * 0.04).max(1e-9);
    Frame { x0: x0 - margin, y0: y0 - margin, x1: x1 + margin, y1: y1 + margin }.check().ok()
}

/// A 2D shape, white on black, `n` pixels on its longer side.
pub fn shape_within(s: &Shape, f: Frame, n: usize, watch: &mut dyn Watch) -> Result<Image, Fail> {
    let (w, h) = within((f.x1 - f.x0) / (f.y1 - f.y0), n as u32);
    shape(s, f, w as usize, h as usize, watch)
}

/// A 2D shape, white on black, `w` by `h` pixels, with smooth edges.
pub fn shape(s: &Shape, f: Frame, w: usize, h: usize, watch: &mut dyn Watch) -> Result<Image, Fail> {
    check_size(&[w as i64, h as i64])?;
    let levels = coverage(s, f, w, h, SAMPLES, watch)?;
    Ok(Image::from_levels(w as u32, h as u32, |x, y| levels[y as usize * w + x as usize]))
}

/// Width and height of this ratio, the longer being `n`.
pub fn within(ratio: f64, n: u32) -> (u32, u32) {
    let shorter = |k: f64| ((f64::from(n) * k).round() as u32).clamp(1, n.max(1));
    if ratio >= 1.0 { (n.max(1), shorter(1.0 / ratio)) } else { (shorter(ratio), n.max(1)) }
}

/// Images beside each other.
fn row(items: &[Value]) -> Option<Image> {
    let images: Option<Vec<&Image>> = items.iter().take(MOST).map(|v| v.downcast::<Image>()).collect();
    let images = images.filter(|i| !i.is_empty())?;
    let gap = 2;
    let mut width = 0;
    let mut shown = Vec::new();
    for img in images {
        if width + img.width() > WIDEST {
            break;
        }
        shown.push((img, width));
        width += img.width() + gap;
    }
    let height = shown.iter().map(|(i, _)| i.height()).max().filter(|h| *h <= WIDEST)?;
    let mut out = RgbaImage::from_pixel(width - gap, height, Rgba([0, 0, 0, 0]));
    for (img, x) in shown {
        imageops::overlay(&mut out, img.pixels(), i64::from(x), 0);
    }
    Some(out.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_ratio() {
        assert_eq!(within(2.0, 100), (100, 50));
        assert_eq!(within(0.5, 100), (50, 100));
        assert_eq!(within(1e9, 100), (100, 1));
    }

    #[test]
    fn images_stand_in_a_row() {
        let tile = |w, h| Value::obj(Image::from_levels(w, h, |_, _| 255));
        let img = row(&[tile(3, 4), tile(5, 2)]).unwrap();
        assert_eq!((img.width(), img.height()), (10, 4));
        assert!(row(&[]).is_none() && row(&[Value::Int(1)]).is_none());
    }
}
