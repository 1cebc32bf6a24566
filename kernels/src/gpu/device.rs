//! The devices there are, and opening one.
//!
//! Nothing is asked of a driver before someone asks: that takes tens of milliseconds.

use super::heat::Heat;
use crate::exec::Error;
use cubecl::Device;
use cubecl::device::WgpuDeviceKind;
use cubecl::prelude::Client;
use std::collections::HashMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// What kind of device; better ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeviceKind {
    /// A card of its own.
    Discrete,
    /// A part of the processor.
    Integrated,
    /// Of a virtual machine, or one that does not say.
    Other,
    /// A processor that stands in for a GPU: for tests.
    Software,
}

/// A device.
#[derive(Clone, Debug)]
pub struct DeviceInfo {
    /// A short name to ask for it by, such as `discrete0`.
    pub id: String,
    /// What its driver calls it.
    pub name: String,
    /// What kind it is.
    pub kind: DeviceKind,
    /// What it can do, or why it cannot be used.
    pub limits: Result<Limits, String>,
}

/// Limits of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The greatest buffer, in bytes.
    pub buffer: u64,
    /// Memory that the units of a cube share, in bytes.
    pub shared: usize,
    /// The most cubes of a launch.
    pub cubes: u32,
    /// The most units of a cube.
    pub units: u32,
    /// Buffers of a kernel.
    pub buffers: u32,
}

impl fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DeviceKind::Discrete => "discrete",
            DeviceKind::Integrated => "integrated",
            DeviceKind::Other => "other",
            DeviceKind::Software => "software",
        })
    }
}

/// A device that is open.
pub(super) struct Opened {
    pub client: Client,
    pub info: DeviceInfo,
    pub limits: Limits,
    /// Operations at points that a launch may take, so that it is short.
    pub work: AtomicUsize,
    /// The most turns of loops that a unit may take in a launch.
    pub turns: usize,
    /// Kernels of programs.
    pub heat: Mutex<Heat>,
}

impl Opened {
    /// Takes note of how long a launch of so much work took.
    pub(super) fn took(&self, work: usize, time: Duration) {
        const WANTED: f64 = 0.1;
        const LEAST: usize = 1 << 20;
        let fitting = work as f64 * WANTED / time.as_secs_f64().max(1e-6);
        let now = self.work.load(Ordering::Relaxed);
        // A short launch says little about a long one.
        let next = (fitting as usize).clamp(now / 4, now.saturating_mul(2)).max(LEAST);
        if next < now || work > now / 2 {
            self.work.store(next, Ordering::Relaxed);
        }
    }
}

/// All devices, better kinds first. Where there is none, [`NONE`] says what may be missing.
pub fn devices() -> Vec<DeviceInfo> {
    let mut found: Vec<DeviceInfo> = listed().iter().map(|(id, device)| info(id, device)).collect();
    found.sort_by_key(|d| d.kind);
    found
}

/// What to say where there is no device.
pub const NONE: &str = "no device found: there is no driver for Vulkan, Metal or DirectX 12 here (on Debian, `mesa-vulkan-drivers` brings them)";

/// The devices of all runtimes with their short names.
fn listed() -> Vec<(String, Device)> {
    let devices = catch_unwind(Device::enumerate_all).unwrap_or_default();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    devices
        .into_iter()
        .map(|device| {
            let family = match &device {
                Device::Cuda(_) => "cuda",
                _ => match kind(&device) {
                    DeviceKind::Discrete => "discrete",
                    DeviceKind::Integrated => "integrated",
                    DeviceKind::Other => "other",
                    DeviceKind::Software => "software",
                },
            };
            let count = counts.entry(family).or_default();
            *count += 1;
            (format!("{family}{}", *count - 1), device)
        })
        .collect()
}

fn kind(device: &Device) -> DeviceKind {
    match device {
        Device::Cuda(_) => DeviceKind::Discrete,
        Device::Wgpu(wgpu) => match wgpu.kind {
            WgpuDeviceKind::DiscreteGpu(_) => DeviceKind::Discrete,
            WgpuDeviceKind::IntegratedGpu(_) => DeviceKind::Integrated,
            WgpuDeviceKind::Cpu => DeviceKind::Software,
            _ => DeviceKind::Other,
        },
        Device::Cpu(_) => DeviceKind::Software,
        _ => DeviceKind::Other,
    }
}

fn info(id: &str, device: &Device) -> DeviceInfo {
    match connect(id, device) {
        Ok(opened) => opened.info.clone(),
        Err(why) => {
            DeviceInfo { id: id.into(), name: format!("{device:?}"), kind: kind(device), limits: Err(why.to_string()) }
        }
    }
}

/// Buffers of our kernels, the one of cubecl's own among them.
const BUFFERS: u32 = 7;
/// What the first launch may take: no second even on a slow device.
const FIRST_WORK: usize = 1 << 23;
/// Mesa's llvmpipe leaves loops after 65,535 turns in all, whatever is not done yet (`LP_MAX_TGSI_LOOP_ITERATIONS`).
const SOFTWARE_TURNS: usize = 60_000;
/// Units of our cubes.
const UNITS: u32 = super::words::UNITS;

/// The open device; each is opened once.
fn connect(id: &str, device: &Device) -> Result<Arc<Opened>, Error> {
    static OPEN: OnceLock<Mutex<HashMap<String, Arc<Opened>>>> = OnceLock::new();
    let mut open = OPEN.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(opened) = open.get(id) {
        return Ok(opened.clone());
    }
    let client = guarded(|| Ok::<_, String>(device.client()))?;
    let properties = client.properties();
    let hardware = &properties.hardware;
    let limits = Limits {
        buffer: properties.memory.max_page_size,
        shared: hardware.max_shared_memory_size,
        cubes: hardware.max_cube_count.0,
        units: hardware.max_units_per_cube.min(hardware.max_cube_dim.0),
        buffers: hardware.max_bindings,
    };
    if limits.buffers < BUFFERS || limits.units < UNITS {
        let Limits { buffers, units, .. } = limits;
        return Err(Error::Device(format!(
            "it has {buffers} buffers and {units} units, but kernels need {BUFFERS} and {UNITS}"
        )));
    }
    let name = properties.identity.name.clone();
    let info = DeviceInfo { id: id.into(), name, kind: kind(device), limits: Ok(limits) };
    let turns = if info.kind == DeviceKind::Software { SOFTWARE_TURNS } else { usize::MAX };
    let opened =
        Arc::new(Opened { client, info, limits, work: AtomicUsize::new(FIRST_WORK), turns, heat: Mutex::default() });
    open.insert(id.into(), opened.clone());
    Ok(opened)
}

/// Opens the device of this name: `gpu` for the best there is, a short name, or a part of what its driver calls it.
pub(super) fn open(name: &str) -> Result<Arc<Opened>, Error> {
    let mut devices = listed();
    if devices.is_empty() {
        return Err(Error::Device(NONE.into()));
    }
    devices.sort_by_key(|(_, device)| kind(device));
    if name == "gpu" {
        let mut why = Error::Device(NONE.into());
        for (id, device) in &devices {
            match connect(id, device) {
                Ok(opened) => return Ok(opened),
                Err(error) => why = error,
            }
        }
        return Err(why);
    }
    if let Some((id, device)) = devices.iter().find(|(id, _)| id == name) {
        return connect(id, device);
    }
    let wanted = name.to_lowercase();
    let mut known = Vec::new();
    for (id, device) in &devices {
        if let Ok(opened) = connect(id, device) {
            if !wanted.is_empty() && opened.info.name.to_lowercase().contains(&wanted) {
                return Ok(opened);
            }
            known.push(format!("{id} ({})", opened.info.name));
        }
    }
    Err(Error::Device(format!("there is no device `{name}`; there are {}", known.join(", "))))
}

/// The short name of the best device that is a GPU indeed; looked up once.
pub(crate) fn hardware() -> Option<&'static str> {
    static BEST: OnceLock<Option<String>> = OnceLock::new();
    let best = BEST.get_or_init(|| {
        let mut devices = listed();
        devices.retain(|(_, device)| kind(device) != DeviceKind::Software);
        devices.sort_by_key(|(_, device)| kind(device));
        devices.into_iter().find(|(id, device)| connect(id, device).is_ok()).map(|(id, _)| id)
    });
    best.as_deref()
}

/// Runs what may fail on the device's side; cubecl panics where a device is lost or has no memory left.
pub(super) fn guarded<R, E: fmt::Display>(f: impl FnOnce() -> Result<R, E>) -> Result<R, Error> {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(Ok(result)) => Ok(result),
        Ok(Err(error)) => Err(Error::Device(first_lines(&error.to_string()))),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("it was lost");
            Err(Error::Device(first_lines(text)))
        }
    }
}

/// What is said before a list of calls begins.
fn first_lines(text: &str) -> String {
    let text = text.split("Backtrace").next().unwrap_or(text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
