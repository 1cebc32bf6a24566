//! Launches: the only places that say what the compiler cannot check.
#![allow(unsafe_code)]

use super::device::{Opened, guarded};
use super::interpret::interpret;
use super::pack::Packed;
use super::plan::Plan;
use super::special::specialised;
use super::words::UNITS;
use crate::exec::Error;
use cubecl::prelude::*;

/// What a launch wrote.
pub(super) struct Written {
    pub out: Vec<f32>,
    /// By piece the first point where an output is not finite, else `u32::MAX`.
    pub flags: Vec<u32>,
}

/// A buffer with its length.
struct Buffer(cubecl::server::Handle, usize);

impl Buffer {
    fn new<T: CubeElement>(client: &Client, values: &[T]) -> Buffer {
        // A buffer of no length does not exist.
        let bytes = if values.is_empty() { &[0; 4][..] } else { T::as_bytes(values) };
        Buffer(client.create_from_slice(bytes), values.len().max(1))
    }

    fn empty(client: &Client, len: usize) -> Buffer {
        Buffer(client.empty(len.max(1) * size_of::<f32>()), len.max(1))
    }

    fn arg(&self) -> BufferArg {
        // SAFETY: the length is that with which the buffer was made.
        unsafe { BufferArg::from_raw_parts(self.0.clone(), self.1) }
    }
}

/// What a kernel runs with.
struct Buffers {
    code: Buffer,
    table: Buffer,
    data: Buffer,
    out: Buffer,
    flags: Buffer,
    scratch: Buffer,
}

impl Buffers {
    fn new(client: &Client, packed: &Packed, pieces: usize, scratch: usize) -> Buffers {
        Buffers {
            code: Buffer::new(client, &packed.code),
            table: Buffer::new(client, &packed.table),
            data: Buffer::new(client, &packed.data),
            out: Buffer::empty(client, packed.out),
            flags: Buffer::new(client, &vec![u32::MAX; pieces]),
            scratch: Buffer::empty(client, scratch),
        }
    }

    fn read(&self, client: &Client) -> Result<Written, cubecl::server::ServerError> {
        let read = client.read(vec![self.out.0.clone(), self.flags.0.clone()])?;
        let [out, flags] = &read[..] else { return Ok(Written { out: Vec::new(), flags: Vec::new() }) };
        Ok(Written { out: f32::from_bytes(out).to_vec(), flags: u32::from_bytes(flags).to_vec() })
    }
}

/// Interprets packed programs with `cubes` cubes, whose frames have `packed.frame` numbers; they lie in the cubes'
/// shared memory of `shared` numbers, or where that is 0 in memory of all.
pub(super) fn run_interpreter(
    device: &Opened,
    packed: &Packed,
    pieces: usize,
    cubes: u32,
    shared: usize,
) -> Result<Written, Error> {
    let client = &device.client;
    guarded(|| {
        let scratch = if shared == 0 { cubes as usize * packed.frame as usize } else { 0 };
        let b = Buffers::new(client, packed, pieces, scratch);
        let (count, dim) = (CubeCount::Static(cubes, 1, 1), CubeDim::new_1d(UNITS));
        // SAFETY: the words name places within the buffers: `words` and `pack` make both. Loops end with the words, the
        // points and the pieces.
        unsafe {
            interpret::launch_unchecked(
                client,
                count,
                dim,
                b.code.arg(),
                b.table.arg(),
                b.data.arg(),
                b.out.arg(),
                b.flags.arg(),
                b.scratch.arg(),
                pieces as u32,
                packed.frame,
                shared,
            );
        }
        b.read(client)
    })
}

/// Runs packed jobs of one program with its own kernel.
pub(super) fn run_special(
    device: &Opened,
    packed: &Packed,
    pieces: usize,
    cubes: u32,
    plan: &Plan,
) -> Result<Written, Error> {
    let client = &device.client;
    guarded(|| {
        let b = Buffers::new(client, packed, pieces, 0);
        let (count, dim) = (CubeCount::Static(cubes, 1, 1), CubeDim::new_1d(UNITS));
        // SAFETY: as for the interpreter; rows and scalars are as many as the plan says.
        unsafe {
            specialised::launch_unchecked(
                client,
                count,
                dim,
                b.code.arg(),
                b.table.arg(),
                b.data.arg(),
                b.out.arg(),
                b.flags.arg(),
                pieces as u32,
                plan.clone(),
            );
        }
        b.read(client)
    })
}
