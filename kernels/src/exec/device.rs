//! Where programs run: the CPU, or a GPU, by name or as it pays.

use super::{Error, Executor, Gradient, Job, Seeds};
use crate::cpu::Cpu;
use crate::program::Pass;
use std::fmt;
use std::sync::atomic::AtomicBool;

/// Where programs are to run.
///
/// ```
/// use nsp_kernels::exec::Device;
/// assert_eq!(Device::from("cpu"), Device::Cpu);
/// assert!(Device::from("no such card").executor(None).is_err());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Device {
    /// On the CPU, and large work on a GPU where there is one: not a processor that stands in for one. Work whose
    /// device fails is done on the CPU.
    #[default]
    Auto,
    /// On the CPU.
    Cpu,
    /// On the GPU of this name: `gpu` for the best there is, a short name, or a part of what its driver calls it.
    Gpu(String),
}

impl From<&str> for Device {
    /// `auto`, `cpu`, or a GPU's name.
    fn from(name: &str) -> Device {
        match name {
            "auto" => Device::Auto,
            "cpu" => Device::Cpu,
            name => Device::Gpu(name.into()),
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Device::Auto => "auto",
            Device::Cpu => "cpu",
            Device::Gpu(name) => name,
        })
    }
}

impl Device {
    /// What runs programs there; when `cancel` becomes true, calls end with [`Error::Cancelled`].
    ///
    /// # Errors
    /// A GPU that is not there, or a build without GPUs.
    pub fn executor<'a>(&self, cancel: Option<&'a AtomicBool>) -> Result<Box<dyn Executor + 'a>, Error> {
        let cpu = Cpu { cancel, ..Cpu::default() };
        match self {
            Device::Auto => Ok(Box::new(Auto { cpu })),
            Device::Cpu => Ok(Box::new(cpu)),
            Device::Gpu(name) => named(name, cancel),
        }
    }
}

#[cfg(feature = "gpu")]
fn named<'a>(name: &str, cancel: Option<&'a AtomicBool>) -> Result<Box<dyn Executor + 'a>, Error> {
    let gpu = crate::gpu::Gpu::open(name)?;
    Ok(match cancel {
        Some(flag) => Box::new(gpu.cancelled_by(flag)),
        None => Box::new(gpu),
    })
}

#[cfg(not(feature = "gpu"))]
fn named<'a>(name: &str, _: Option<&'a AtomicBool>) -> Result<Box<dyn Executor + 'a>, Error> {
    Err(Error::Device(format!("`{name}` is not to be had: this build knows no GPU (the feature `gpu` brings them)")))
}

/// The CPU, or for large work a GPU.
struct Auto<'a> {
    cpu: Cpu<'a>,
}

/// Work (operations at points) from which on a GPU is asked. A call of one costs about 2 ms besides the work: packing,
/// transfers, the launch (`nsp-bench kernels`, the rows of small work on lavapipe). In that time the CPU does about
/// 2^22 operations (`nsp-bench kernels`: 1.5 to 3 per nanosecond and core); 8 times that is surely worth it. By size
/// alone, so that the choice is the same in every run on a machine.
#[cfg(feature = "gpu")]
const WORTH: usize = 1 << 25;

impl Auto<'_> {
    /// Runs on the GPU if that is worth it and works, else on the CPU.
    fn run<R>(
        &self,
        jobs: &[Job<'_>],
        pass: Pass,
        mut on: impl FnMut(&dyn Executor) -> Result<R, Error>,
    ) -> Result<R, Error> {
        match self.gpu(jobs, pass).map(|gpu| on(&*gpu)) {
            None | Some(Err(Error::Device(_))) => on(&self.cpu),
            Some(result) => result,
        }
    }

    #[cfg(feature = "gpu")]
    fn gpu(&self, jobs: &[Job<'_>], pass: Pass) -> Option<Box<dyn Executor + '_>> {
        let work: usize = jobs.iter().map(|job| job.points.saturating_mul(job.program.code(pass).cost())).sum();
        if work < WORTH {
            return None;
        }
        named(crate::gpu::hardware()?, self.cpu.cancel).ok()
    }

    #[cfg(not(feature = "gpu"))]
    #[allow(clippy::unused_self)]
    fn gpu(&self, _: &[Job<'_>], _: Pass) -> Option<Box<dyn Executor + '_>> {
        None
    }
}

impl Executor for Auto<'_> {
    fn forward(&self, jobs: &[Job<'_>], out: &mut [&mut [f32]]) -> Result<(), Error> {
        self.run(jobs, Pass::Forward, |on| on.forward(jobs, out))
    }

    fn sums(&self, jobs: &[Job<'_>]) -> Result<Vec<Vec<f64>>, Error> {
        self.run(jobs, Pass::Forward, |on| on.sums(jobs))
    }

    fn gradient(&self, jobs: &[Job<'_>], seeds: &[Seeds<'_>], inputs: bool) -> Result<Vec<Gradient>, Error> {
        self.run(jobs, Pass::Reverse, |on| on.gradient(jobs, seeds, inputs))
    }
}
