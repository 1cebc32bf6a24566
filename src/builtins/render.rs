//! Shapes to pictures and volumes, and how well two of these agree.

use super::Op;
use super::shape2::numbers;
use crate::native;
use crate::raster::bits::{Bits, Voxels};
use crate::raster::image::Image;
use crate::raster::sample::{Frame, coverage, render, voxelise};
use crate::raster::{Watch, check_size};
use crate::shape::Shape;
use crate::vm::limits::Fail;
use crate::vm::value::Value;

/// Operations that sample shapes.
pub fn ops() -> Vec<Op> {
    let mut ops = pictures();
    ops.extend(volumes());
    ops.extend(overlaps());
    ops
}

const RENDER: &str = "A picture of the shape: white inside, black outside, a pixel decided by its centre. Without a \
    frame one unit is one pixel, from (0, 0). `frame` is (left, top, right, bottom). `size` alone is the longer side; \
    the other follows from the frame. At most 268,435,456 pixels.";

fn pictures() -> Vec<Op> {
    vec![
        Op::new(
            "render",
            "(s: shape2, size: int) -> image",
            RENDER,
            "pixel(render(circle(4, 4, 3), 8), 4, 4) == (255, 255, 255, 255)",
            native!(try |cx; s: &Shape, size: i64| -> Image { picture(s, size, size, None, cx) }),
        ),
        Op::new(
            "render",
            "(s: shape2, size: int, frame: (num, num, num, num)) -> image",
            RENDER,
            "width(render(circle(4, 4, 3), 64, frame: (0, 0, 8, 4))) == 64",
            native!(try |cx; s: &Shape, size: i64, frame: &Value| -> Image {
                let frame = frame_of(frame)?;
                let (w, h) = (frame.x1 - frame.x0, frame.y1 - frame.y0);
                let short = |part: f64, of: f64| ((size as f64 * part / of).round() as i64).max(1);
                let (w, h) = if w >= h { (size, short(h, w)) } else { (short(w, h), size) };
                picture(s, w, h, Some(frame), cx)
            }),
        ),
        Op::new(
            "render",
            "(s: shape2, width: int, height: int) -> image",
            RENDER,
            "height(render(circle(4, 4, 3), 8, 6)) == 6",
            native!(try |cx; s: &Shape, width: i64, height: i64| -> Image { picture(s, width, height, None, cx) }),
        ),
        Op::new(
            "render",
            "(s: shape2, width: int, height: int, frame: (num, num, num, num)) -> image",
            RENDER,
            "pixel(render(circle(0, 0, 1), 4, 4, (-1, -1, 1, 1)), 1, 1) == (255, 255, 255, 255)",
            native!(try |cx; s: &Shape, width: i64, height: i64, frame: &Value| -> Image {
                picture(s, width, height, Some(frame_of(frame)?), cx)
            }),
        ),
        Op::new(
            "render_smooth",
            "(s: shape2, width: int, height: int, frame: (num, num, num, num), samples: int = 4) -> image",
            "A picture of the shape with smooth borders: the grey level of a pixel is the share of `samples` by \
             `samples` points in it (1 to 64) that lie in the shape.",
            "pixel(render_smooth(rect(0, 2, 1, 4), 4, 4, (0, 0, 4, 4)), 0, 0) == (128, 128, 128, 255)",
            native!(try |cx; s: &Shape, width: i64, height: i64, frame: &Value, samples: i64| -> Image {
                check_size(&[width, height])?;
                let (w, h) = (width as usize, height as usize);
                let samples = usize::try_from(samples).unwrap_or(0);
                let levels = coverage(s, frame_of(frame)?, w, h, samples, cx)?;
                cx.charge(Image::bytes_for(w, h))?;
                Ok(Image::from_levels(w as u32, h as u32, |x, y| levels[y as usize * w + x as usize]))
            }),
        ),
    ]
}

fn frame_of(v: &Value) -> Result<Frame, Fail> {
    let [x0, y0, x1, y1] = numbers(v)?;
    Frame { x0, y0, x1, y1 }.check()
}

fn picture(s: &Shape, w: i64, h: i64, frame: Option<Frame>, watch: &mut dyn Watch) -> Result<Image, Fail> {
    check_size(&[w, h])?;
    let (w, h) = (w as usize, h as usize);
    watch.charge(Image::bytes_for(w, h))?;
    watch.work(Image::bytes_for(w, h))?;
    let bits = render(s, frame.unwrap_or(Frame::pixels(w, h)), w, h, watch)?;
    Ok(Image::from_bits(&bits))
}

fn mask(s: &Shape, w: i64, h: i64, watch: &mut dyn Watch) -> Result<Bits, Fail> {
    check_size(&[w, h])?;
    let (w, h) = (w as usize, h as usize);
    render(s, Frame::pixels(w, h), w, h, watch)
}

fn volume(s: &Shape, dims: [i64; 3], watch: &mut dyn Watch) -> Result<Voxels, Fail> {
    check_size(&dims)?;
    voxelise(s, dims.map(|n| n as usize), watch)
}

fn volumes() -> Vec<Op> {
    vec![
        Op::new(
            "voxels",
            "(s: shape3, size: int) -> voxels",
            "The shape as a cube of `size` voxels on each side, from the origin; a voxel is decided by its centre.",
            "voxel(voxels(sphere(4, 4, 4, 3), 8), 4, 4, 4)",
            native!(try |cx; s: &Shape, size: i64| -> Voxels { volume(s, [size; 3], cx) }),
        ),
        Op::new(
            "voxels",
            "(s: shape3, nx: int, ny: int, nz: int) -> voxels",
            "The shape as nx by ny by nz voxels, from the origin; a voxel is decided by its centre.",
            "not voxel(voxels(sphere(4, 4, 4, 3), 8, 8, 6), 0, 0, 0)",
            native!(try |cx; s: &Shape, nx: i64, ny: i64, nz: i64| -> Voxels { volume(s, [nx, ny, nz], cx) }),
        ),
        Op::new(
            "voxel",
            "(v: voxels, x: int, y: int, z: int) -> bool",
            "Whether a voxel is set; counted from 0, empty outside the volume.",
            "voxel(voxels(box(1, 1, 1, 2, 2, 2), 2), 1, 1, 1)",
            native!(|v: &Voxels, x: i64, y: i64, z: i64| -> bool {
                let n = |i: i64| usize::try_from(i).unwrap_or(usize::MAX);
                v.get(n(x), n(y), n(z))
            }),
        ),
        Op::new(
            "volume",
            "(v: voxels) -> int",
            "How many voxels are set.",
            "volume(voxels(box(2, 2, 2, 2, 2, 2), 4)) == 8",
            native!(try |cx; v: &Voxels| -> i64 {
                cx.work(v.bits().rows())?;
                Ok(v.bits().count() as i64)
            }),
        ),
    ]
}

const IOU: &str = "Intersection over union, 0 to 1; 1 for two empty ones. A pixel counts as set if it is at least half as \
    bright as white. Pictures and volumes must have one size; a shape is rendered to the size of what it is compared \
    with, one unit to a pixel or voxel, two shapes to the size given.";

fn sizes() -> Fail {
    Fail::new("E0442", "`iou` compares pictures or volumes of one size; these differ")
}

fn agree(a: &Bits, b: &Bits) -> Result<f64, Fail> {
    a.iou(b).ok_or_else(sizes)
}

fn overlaps() -> Vec<Op> {
    vec![
        Op::new(
            "iou",
            "(a: image, b: image) -> num",
            IOU,
            "iou(render(circle(4, 4, 3), 8), render(circle(4, 4, 3), 8)) == 1.0",
            native!(try |cx; a: &Image, b: &Image| -> f64 {
                let size = a.pixels().len() + b.pixels().len();
                cx.charge(size / 24)?;
                cx.work(size)?;
                agree(&a.to_bits(), &b.to_bits())
            }),
        ),
        Op::new(
            "iou",
            "(a: voxels, b: voxels) -> num",
            IOU,
            "iou(voxels(box(1, 1, 1, 2, 2, 2), 4), voxels(box(2, 1, 1, 4, 2, 2), 4)) == 0.5",
            native!(try |cx; a: &Voxels, b: &Voxels| -> f64 {
                cx.work(a.bits().rows())?;
                a.iou(b).ok_or_else(sizes)
            }),
        ),
        Op::new(
            "iou",
            "(a: shape2, b: image) -> num",
            IOU,
            "iou(circle(4, 4, 3), render(circle(4, 4, 3), 8)) == 1.0",
            native!(try |cx; a: &Shape, b: &Image| -> f64 {
                let bits = mask(a, i64::from(b.width()), i64::from(b.height()), cx)?;
                cx.charge(b.pixels().len() / 24)?;
                cx.work(b.pixels().len())?;
                agree(&bits, &b.to_bits())
            }),
        ),
        Op::new(
            "iou",
            "(a: shape3, b: voxels) -> num",
            IOU,
            "iou(sphere(4, 4, 4, 3), voxels(sphere(4, 4, 4, 3), 8)) == 1.0",
            native!(try |cx; a: &Shape, b: &Voxels| -> f64 {
                voxelise(a, b.dims(), cx)?.iou(b).ok_or_else(sizes)
            }),
        ),
        Op::new(
            "iou",
            "(a: shape2, b: shape2, width: int, height: int) -> num",
            IOU,
            "iou(rect(1, 1, 2, 2), rect(2, 1, 4, 2), 4, 4) == 0.5",
            native!(try |cx; a: &Shape, b: &Shape, width: i64, height: i64| -> f64 {
                agree(&mask(a, width, height, cx)?, &mask(b, width, height, cx)?)
            }),
        ),
        Op::new(
            "iou",
            "(a: shape3, b: shape3, nx: int, ny: int, nz: int) -> num",
            IOU,
            "iou(box(1, 1, 1, 2, 2, 2), box(2, 1, 1, 4, 2, 2), 4, 4, 4) == 0.5",
            native!(try |cx; a: &Shape, b: &Shape, nx: i64, ny: i64, nz: i64| -> f64 {
                volume(a, [nx, ny, nz], cx)?.iou(&volume(b, [nx, ny, nz], cx)?).ok_or_else(sizes)
            }),
        ),
    ]
}
