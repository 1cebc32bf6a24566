//! The binary version of CIFAR-10 and CIFAR-100 (Krizhevsky, "Learning Multiple Layers of Features from Tiny Images",
//! 2009): records of one label byte (two in CIFAR-100: the coarse one first) and 32 x 32 bytes each of red, green and
//! blue. Files may be compressed.

use super::Watch;
use super::image::Image;
use crate::data::packed::read_unpacked;
use crate::vm::limits::Fail;
use image::{Rgba, RgbaImage};
use std::path::Path;

const SIDE: usize = 32;
const PLANE: usize = SIDE * SIDE;

/// The pictures of a file and their labels. `labels` is how many label bytes a record has, 1 or 2; the last one counts.
pub fn read(path: &Path, name: &str, labels: usize, watch: &mut dyn Watch) -> Result<Vec<(Image, u8)>, Fail> {
    let bytes = read_unpacked(path, name, &mut |n| {
        watch.charge(n)?;
        watch.work(n)
    })?;
    let record = labels + 3 * PLANE;
    if labels == 0 || !bytes.len().is_multiple_of(record) {
        let m = format!(
            "cannot read `{name}` as a CIFAR file: its size is {} bytes, not a multiple of {record}",
            bytes.len()
        );
        return Err(Fail::new("E0443", m));
    }
    let n = bytes.len() / record;
    watch.charge(n.saturating_mul(Image::bytes_for(SIDE, SIDE) + 128))?;
    let one = |record: &[u8]| {
        let planes = &record[labels..];
        let pixel = |x: u32, y: u32| {
            let at = y as usize * SIDE + x as usize;
            Rgba([planes[at], planes[PLANE + at], planes[2 * PLANE + at], 255])
        };
        (RgbaImage::from_fn(SIDE as u32, SIDE as u32, pixel).into(), record[labels - 1])
    };
    Ok(bytes.chunks_exact(record).map(one).collect())
}
