//! IDX files, the format of the MNIST digits (LeCun, Cortes and Burges): a magic number that tells the type of the
//! items and the number of dimensions, the dimensions, and the items, big-endian. They may be compressed.

use super::image::Image;
use super::{Watch, check_size};
use crate::data::packed::read_unpacked;
use crate::vm::limits::Fail;
use std::path::Path;

/// The grey pictures of a file of `(N, height, width)` bytes.
pub fn images(path: &Path, name: &str, watch: &mut dyn Watch) -> Result<Vec<Image>, Fail> {
    let (dims, bytes) = read::<3>(path, name, watch)?;
    let [n, h, w] = dims;
    if n == 0 {
        return Ok(Vec::new());
    }
    check_size(&[i64::from(w), i64::from(h)])?;
    watch.charge(bytes.len().saturating_mul(4).saturating_add(n as usize * 128))?;
    let size = w as usize * h as usize;
    Ok(bytes
        .chunks_exact(size)
        .map(|digit| Image::from_levels(w, h, |x, y| digit[y as usize * w as usize + x as usize]))
        .collect())
}

/// The numbers of a file of `(N,)` bytes.
pub fn labels(path: &Path, name: &str, watch: &mut dyn Watch) -> Result<Vec<i64>, Fail> {
    let ([_], bytes) = read::<1>(path, name, watch)?;
    watch.charge(bytes.len().saturating_mul(16))?;
    Ok(bytes.into_iter().map(i64::from).collect())
}

/// The dimensions and the items of a file with `D` dimensions.
fn read<const D: usize>(path: &Path, name: &str, watch: &mut dyn Watch) -> Result<([u32; D], Vec<u8>), Fail> {
    let mut bytes = read_unpacked(path, name, &mut |n| {
        watch.charge(n)?;
        watch.work(n)
    })?;
    let bad = |e: &dyn std::fmt::Display| Fail::new("E0443", format!("cannot read `{name}` as an IDX file: {e}"));
    let header = 4 + 4 * D;
    let word = |i: usize| bytes.get(4 * i..4 * i + 4).and_then(|b| b.try_into().ok()).map(u32::from_be_bytes);
    if word(0) != Some(0x0800 + D as u32) {
        return Err(bad(&format!("it does not begin like bytes in {D} dimensions")));
    }
    let mut dims = [0; D];
    for (i, d) in dims.iter_mut().enumerate() {
        *d = word(i + 1).ok_or_else(|| bad(&"it ends too early"))?;
    }
    let items = dims.iter().try_fold(1usize, |n, d| n.checked_mul(*d as usize));
    if items.and_then(|n| n.checked_add(header)) != Some(bytes.len()) {
        let size = bytes.len();
        return Err(bad(&format!("its size is {size} bytes, but its header says {dims:?} items")));
    }
    bytes.drain(..header);
    Ok((dims, bytes))
}
