//! The operation in burn: on each backend the columns are read, the executor runs, its columns are written.

use super::layer::{ProgramLayer, Slot, keep};
use crate::ModelError;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::{Device, FloatTensor};
use burn::backend::{Autodiff, Backend, Dispatch, ExecutionError, Flex, TensorMetadata, backend_extension, read_sync};
use burn::tensor::{Tensor, TensorData};
use nsp_kernels::exec::{Gradient, Job, Seeds};
use std::fmt;
use std::sync::Arc;

/// One use of a layer.
#[derive(Clone)]
pub struct Call {
    pub(super) layer: ProgramLayer,
    pub(super) points: usize,
    /// What went wrong in the forward pass.
    pub(super) failed: Slot,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("points", &self.points).finish_non_exhaustive()
    }
}

/// `[inputs, points]` and `[params]` to `[outputs, points]`.
pub(super) fn apply(columns: Tensor<2>, params: Tensor<1>, call: Call) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as Programs>::run_program(columns.into_dispatch(), params.into_dispatch(), call))
}

/// What a backend must do.
#[backend_extension(Autodiff, Cube: cfg(feature = "gpu"), Flex)]
pub trait Programs: Backend {
    /// Runs the program: the columns, then the parameters.
    fn run_program(columns: FloatTensor<Self>, params: FloatTensor<Self>, call: Call) -> FloatTensor<Self>;
}

impl Programs for Flex {
    fn run_program(columns: FloatTensor<Self>, params: FloatTensor<Self>, call: Call) -> FloatTensor<Self> {
        forward::<Self>(columns, params, &call).0
    }
}

#[cfg(feature = "gpu")]
impl Programs for burn::backend::Cube {
    fn run_program(columns: FloatTensor<Self>, params: FloatTensor<Self>, call: Call) -> FloatTensor<Self> {
        forward::<Self>(columns, params, &call).0
    }
}

impl<B: Backend, C: CheckpointStrategy> Programs for Autodiff<B, C> {
    fn run_program(columns: FloatTensor<Self>, params: FloatTensor<Self>, call: Call) -> FloatTensor<Self> {
        let step = ProgramStep.prepare::<C>([columns.node(), params.node()]).compute_bound().stateful();
        let (out, data) = forward::<B>(columns.into_primitive(), params.into_primitive(), &call);
        match step {
            OpsKind::Tracked(prep) => prep.finish((call, Arc::new(data)), out),
            OpsKind::UnTracked(prep) => prep.finish(out),
        }
    }
}

#[derive(Debug)]
struct ProgramStep;

impl<B: Backend> Backward<B, 2> for ProgramStep {
    type State = (Call, Arc<Data>);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [columns, params] = ops.parents;
        let (call, data) = ops.state;
        let seeds = grads.consume::<B>(&ops.node);
        let device = seeds.device();
        let tape = call.layer.program.tape();
        let found = read::<B>(seeds).and_then(|seeds| gradient(&call, &data, &seeds, columns.is_some()));
        let found = found.unwrap_or_else(|error| {
            keep(&call.layer.fault, error);
            Gradient {
                params: vec![f32::NAN; tape.params],
                inputs: Some(vec![vec![f32::NAN; call.points]; tape.inputs]),
                ..Gradient::default()
            }
        });
        if let Some(node) = columns {
            let by_input = found.inputs.unwrap_or_default().concat();
            grads.register::<B>(node.id, write::<B>(by_input, [tape.inputs, call.points], &device));
        }
        if let Some(node) = params {
            grads.register::<B>(node.id, write::<B>(found.params, [tape.params], &device));
        }
    }
}

/// What a program was run with; kept for the way back.
#[derive(Debug, Default)]
struct Data {
    columns: Vec<f32>,
    params: Vec<f32>,
}

fn forward<B: Backend>(columns: FloatTensor<B>, params: FloatTensor<B>, call: &Call) -> (FloatTensor<B>, Data) {
    let device = columns.device();
    let shape = [call.layer.program.tape().outputs.len(), call.points];
    let mut out = vec![0.0; shape[0] * shape[1]];
    let run = || {
        let data = Data { columns: read::<B>(columns)?, params: read::<B>(params)? };
        values(call, &data, &mut out)?;
        Ok(data)
    };
    let data = run().unwrap_or_else(|error| {
        keep(&call.failed, error);
        Data::default()
    });
    (write::<B>(out, shape, &device), data)
}

fn values(call: &Call, data: &Data, out: &mut [f32]) -> Result<(), ModelError> {
    let ProgramLayer { program, executor, .. } = &call.layer;
    if call.points == 0 {
        return Ok(());
    }
    let inputs: Vec<&[f32]> = data.columns.chunks_exact(call.points).collect();
    let mut outputs: Vec<&mut [f32]> = out.chunks_exact_mut(call.points).collect();
    let job = Job { program, inputs: &inputs, points: call.points, params: &data.params };
    executor.forward(&[job], &mut outputs).map_err(said)
}

/// Derivatives of `sum(seeds * outputs)`; those by the columns only if they are wanted.
fn gradient(call: &Call, data: &Data, seeds: &[f32], wanted: bool) -> Result<Gradient, ModelError> {
    let ProgramLayer { program, executor, .. } = &call.layer;
    if call.points == 0 {
        return Ok(Gradient { params: vec![0.0; data.params.len()], ..Gradient::default() });
    }
    let inputs: Vec<&[f32]> = data.columns.chunks_exact(call.points).collect();
    let seeds: Vec<&[f32]> = seeds.chunks_exact(call.points).collect();
    let job = Job { program, inputs: &inputs, points: call.points, params: &data.params };
    let found = executor.gradient(&[job], &[Seeds::Columns(&seeds)], wanted).map_err(said)?;
    found.into_iter().next().ok_or_else(|| ModelError("the executor gave no gradient".into()))
}

/// A call has one job, whose number says nothing.
fn said(error: nsp_kernels::exec::Error) -> ModelError {
    let text = error.to_string();
    ModelError(text.strip_prefix("job 0: ").unwrap_or(&text).into())
}

fn read<B: Backend>(tensor: FloatTensor<B>) -> Result<Vec<f32>, ModelError> {
    let data = read_sync(B::float_into_data(tensor)).map_err(|e: ExecutionError| ModelError(e.to_string()))?;
    data.try_into_vec().map_err(|e| ModelError(format!("{e:?}")))
}

fn write<B: Backend>(values: Vec<f32>, shape: impl Into<burn::tensor::Shape>, device: &Device<B>) -> FloatTensor<B> {
    B::float_from_data(TensorData::new(values, shape), device)
}
