//! IDX files, the format of the MNIST digits (LeCun, Cortes and Burges): a magic number that tells the type of the
//! items and the number of dimensions, the dimensions, and the items, big-endian.

use super::image::Image;
use super::{Watch, check_size};
use crate::vm::limits::Fail;
use std::fs::File;
use std::io::Read;
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

/// The dimensions and the bytes of a file with `D` dimensions.
fn read<const D: usize>(path: &Path, name: &str, watch: &mut dyn Watch) -> Result<([u32; D], Vec<u8>), Fail> {
    let bad = |e: &dyn std::fmt::Display| Fail::new("E0443", format!("cannot read `{name}` as an IDX file: {e}"));
    let mut file = File::open(path).map_err(|e| bad(&e))?;
    let length = file.metadata().map_err(|e| bad(&e))?.len();
    let mut word = || {
        let mut b = [0; 4];
        file.read_exact(&mut b).map(|()| u32::from_be_bytes(b))
    };
    let magic = word().map_err(|e| bad(&e))?;
    if magic >> 16 == 0x1f8b {
        return Err(bad(&"it is compressed").help("unpack it first: gunzip"));
    }
    if magic != 0x0800 + D as u32 {
        return Err(bad(&format!("it does not begin like bytes in {D} dimensions")));
    }
    let mut dims = [0; D];
    for d in &mut dims {
        *d = word().map_err(|e| bad(&e))?;
    }
    let items = dims.iter().try_fold(1u64, |n, d| n.checked_mul(u64::from(*d)));
    let items = items.filter(|n| n.checked_add(4 + 4 * D as u64) == Some(length));
    let Some(items) = items.and_then(|n| usize::try_from(n).ok()) else {
        return Err(bad(&format!("its size is {length} bytes, but its header says {dims:?} items")));
    };
    watch.charge(items)?;
    watch.work(items)?;
    let mut bytes = Vec::with_capacity(items);
    file.take(items as u64).read_to_end(&mut bytes).map_err(|e| bad(&e))?;
    if bytes.len() != items {
        return Err(bad(&"it ends too early"));
    }
    Ok((dims, bytes))
}
