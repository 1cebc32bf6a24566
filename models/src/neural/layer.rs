//! A program as a layer.

use super::op::{Call, apply};
use crate::ModelError;
use burn::tensor::{DType, Tensor};
use nsp_kernels::cpu::Cpu;
use nsp_kernels::exec::Executor;
use nsp_kernels::program::Program;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Where an error waits until it is asked for.
pub(super) type Slot = Arc<Mutex<Option<ModelError>>>;

/// A program as a differentiable operation on tensors. Cloning is cheap; clones share what [`check`](Self::check) reports.
///
/// ```
/// use nsp_kernels::{program::Program, sym::Builder};
/// use nsp_models::neural::{ProgramLayer, burn::tensor::{Device, Tensor}};
/// use std::sync::Arc;
///
/// // x * y + p
/// let b = Builder::new(2, 1);
/// let tape = b.finish(&[b.input(0) * b.input(1) + b.param(0)]);
/// let layer = ProgramLayer::new(Arc::new(Program::new(&tape)));
///
/// let device = Device::flex().autodiff();
/// let points = Tensor::<2>::from_floats([[2.0, 3.0], [4.0, 5.0]], &device).require_grad();
/// let params = Tensor::<1>::from_floats([1.0], &device).require_grad();
/// let values = layer.forward(points.clone(), params.clone())?; // [2 points, 1 output]
/// let slopes = values.clone().sum().backward();
/// layer.check()?;
/// assert_eq!(values.into_data().as_slice::<f32>().unwrap(), [7.0, 21.0]);
/// assert_eq!(points.grad(&slopes).unwrap().into_data().as_slice::<f32>().unwrap(), [3.0, 2.0, 5.0, 4.0]);
/// assert_eq!(params.grad(&slopes).unwrap().into_data().as_slice::<f32>().unwrap(), [2.0]);
/// # Ok::<(), nsp_models::ModelError>(())
/// ```
#[derive(Clone)]
pub struct ProgramLayer {
    pub(super) program: Arc<Program>,
    pub(super) executor: Arc<dyn Executor>,
    pub(super) fault: Slot,
}

impl ProgramLayer {
    /// Runs the program on the CPU.
    pub fn new(program: Arc<Program>) -> ProgramLayer {
        ProgramLayer { program, executor: Arc::new(Cpu::default()), fault: Slot::default() }
    }

    /// The same program, run by another executor, wherever the tensors live.
    pub fn on(self, executor: impl Executor + 'static) -> ProgramLayer {
        ProgramLayer { executor: Arc::new(executor), ..self }
    }

    /// The outputs `[points, outputs]` at `inputs`, `[points, inputs]`, with `params`, `[params]`: 32-bit floats on one
    /// device. Differentiable once by both.
    ///
    /// # Errors
    /// Shapes that do not fit the program; other numbers than 32-bit floats; two devices; an output that is not finite,
    /// with the operation and the point where that begins; what the executor says.
    pub fn forward(&self, inputs: Tensor<2>, params: Tensor<1>) -> Result<Tensor<2>, ModelError> {
        let [points, width] = inputs.dims();
        let tape = self.program.tape();
        let fits = |what, got, wanted| match got == wanted {
            true => Ok(()),
            false => Err(ModelError(format!("the program takes {wanted} {what}, not {got}"))),
        };
        fits("input columns", width, tape.inputs)?;
        fits("parameters", params.dims()[0], tape.params)?;
        for dtype in [inputs.dtype(), params.dtype()] {
            if dtype != DType::F32 {
                return Err(ModelError(format!("the program takes 32-bit floats, not {dtype:?}")));
            }
        }
        if inputs.device() != params.device() {
            return Err(ModelError("the inputs and the parameters of the program are on two devices".into()));
        }
        let call = Call { layer: self.clone(), points, failed: Slot::default() };
        // The executor takes columns; turning is left to the library, which turns the derivatives, too.
        let columns = apply(inputs.transpose(), params, call.clone());
        match take(&call.failed) {
            Some(error) => Err(error),
            None => Ok(columns.transpose()),
        }
    }

    /// What went wrong in backward passes since it was last asked: a derivative that is not finite, with the operation and
    /// the point, or what the executor says. A backward pass cannot say so itself; the derivatives that it gave are NaN.
    ///
    /// # Errors
    /// The first of them.
    pub fn check(&self) -> Result<(), ModelError> {
        take(&self.fault).map_or(Ok(()), Err)
    }
}

impl fmt::Debug for ProgramLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProgramLayer").field("program", &self.program).finish_non_exhaustive()
    }
}

fn take(slot: &Slot) -> Option<ModelError> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Keeps an error, unless there is one already.
pub(super) fn keep(slot: &Slot, error: ModelError) {
    slot.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
}
