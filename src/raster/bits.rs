//! Rows of bits, and the volumes made of them.

use super::check_size;
use crate::vm::limits::Fail;
use crate::vm::value::{Object, Seen};
use std::any::Any;
use std::sync::Arc;

/// Rows of equally many bits, each row in whole words; unused bits are 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bits {
    rows: usize,
    len: usize,
    stride: usize,
    words: Vec<u64>,
}

impl Bits {
    /// All 0.
    pub fn new(rows: usize, len: usize) -> Bits {
        let stride = len.div_ceil(64);
        Bits { rows, len, stride, words: vec![0; rows * stride] }
    }

    /// Bytes that such rows take.
    pub fn bytes_for(rows: usize, len: usize) -> usize {
        rows.saturating_mul(len.div_ceil(64)).saturating_mul(8)
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Bits in a row.
    pub fn row_len(&self) -> usize {
        self.len
    }

    /// The words of a row.
    pub fn row(&self, r: usize) -> &[u64] {
        &self.words[r * self.stride..(r + 1) * self.stride]
    }

    /// The words of a row; the caller leaves unused bits 0.
    pub fn row_mut(&mut self, r: usize) -> &mut [u64] {
        &mut self.words[r * self.stride..(r + 1) * self.stride]
    }

    /// Words in a row.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// The words of all rows, one after the other; the caller leaves unused bits 0.
    pub fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }

    /// A bit; out of range is 0.
    pub fn get(&self, r: usize, i: usize) -> bool {
        r < self.rows && i < self.len && self.words[r * self.stride + i / 64] >> (i % 64) & 1 == 1
    }

    /// Sets a bit; out of range is ignored.
    pub fn set(&mut self, r: usize, i: usize, on: bool) {
        if r < self.rows && i < self.len {
            let word = &mut self.words[r * self.stride + i / 64];
            *word = *word & !(1 << (i % 64)) | u64::from(on) << (i % 64);
        }
    }

    /// How many bits are 1.
    pub fn count(&self) -> u64 {
        self.words.iter().map(|w| u64::from(w.count_ones())).sum()
    }

    /// Intersection over union with bits of the same size; 1 for two empty ones.
    pub fn iou(&self, other: &Bits) -> Option<f64> {
        if (self.rows, self.len) != (other.rows, other.len) {
            return None;
        }
        let (mut both, mut either) = (0u64, 0u64);
        for (a, b) in self.words.iter().zip(&other.words) {
            both += u64::from((a & b).count_ones());
            either += u64::from((a | b).count_ones());
        }
        Some(if either == 0 { 1.0 } else { both as f64 / either as f64 })
    }
}

/// A volume of bits, `(X, Y, Z)`. Cloning shares. Row `x * Y + y` of the bits holds z from 0 up, which is the order of
/// a C-contiguous array.
#[derive(Clone, Debug)]
pub struct Voxels {
    dims: [usize; 3],
    bits: Arc<Bits>,
}

impl Voxels {
    /// A volume of bits that are there already: `X * Y` rows of `Z`.
    pub fn new(dims: [usize; 3], bits: Bits) -> Result<Voxels, Fail> {
        check_size(&dims.map(|n| n as i64))?;
        if (bits.rows(), bits.row_len()) != (dims[0] * dims[1], dims[2]) {
            return Err(Fail::new("E0442", "the bits do not fit the volume"));
        }
        Ok(Voxels { dims, bits: Arc::new(bits) })
    }

    /// `(X, Y, Z)`
    pub fn dims(&self) -> [usize; 3] {
        self.dims
    }

    /// The bits.
    pub fn bits(&self) -> &Bits {
        &self.bits
    }

    /// One voxel; out of range is empty.
    pub fn get(&self, x: usize, y: usize, z: usize) -> bool {
        x < self.dims[0] && y < self.dims[1] && self.bits.get(x * self.dims[1] + y, z)
    }

    /// Intersection over union, if the sizes agree.
    pub fn iou(&self, other: &Voxels) -> Option<f64> {
        if self.dims == other.dims { self.bits.iou(&other.bits) } else { None }
    }
}

impl Object for Voxels {
    fn type_name(&self) -> &str {
        "voxels"
    }

    fn show(&self) -> String {
        let [x, y, z] = self.dims;
        format!("<voxels {x}x{y}x{z}, {} set>", self.bits.count())
    }

    fn same(&self, other: &dyn Object) -> bool {
        other
            .as_any()
            .downcast_ref::<Voxels>()
            .is_some_and(|o| self.dims == o.dims && (Arc::ptr_eq(&self.bits, &o.bits) || self.bits == o.bits))
    }

    fn bytes(&self, seen: &mut Seen) -> usize {
        if seen.insert(Arc::as_ptr(&self.bits) as usize) { self.bits.words.len() * 8 + 64 } else { 0 }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
