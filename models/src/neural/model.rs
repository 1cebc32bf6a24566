//! A network as a [`Model`].

use crate::{Model, ModelError};
use burn::tensor::{Device, Tensor, TensorData};
use std::fmt;

/// A network of burn behind [`Model`], so that the language sees arrays only.
///
/// ```
/// use nsp_models::{Model, neural::{BurnModel, burn::tensor::Device}};
///
/// let squares = BurnModel::new(2, 2, Device::flex(), |x| x.clone() * x);
/// assert_eq!(squares.forward(&[1.0, 2.0, 3.0, 4.0])?, [1.0, 4.0, 9.0, 16.0]);
/// assert_eq!(squares.vjp(&[1.0, 2.0], &[1.0, 10.0])?, [2.0, 40.0]);
/// # Ok::<(), nsp_models::ModelError>(())
/// ```
pub struct BurnModel<F> {
    input_len: usize,
    output_len: usize,
    device: Device,
    network: F,
}

impl<F: Fn(Tensor<2>) -> Tensor<2> + Send + Sync> BurnModel<F> {
    /// A network from `[batch, input_len]` to `[batch, output_len]`, whose weights are on this device.
    pub fn new(input_len: usize, output_len: usize, device: Device, network: F) -> BurnModel<F> {
        BurnModel { input_len, output_len, device, network }
    }

    fn rows(&self, of: &str, values: &[f32], len: usize) -> Result<usize, ModelError> {
        match values.len().checked_div(len) {
            Some(rows) if rows * len == values.len() => Ok(rows),
            _ => Err(ModelError(format!("{} {of} are not a whole number of rows of {len}", values.len()))),
        }
    }

    fn outputs(&self, x: Tensor<2>, rows: usize) -> Result<Tensor<2>, ModelError> {
        let y = (self.network)(x);
        let (wanted, got) = ([rows, self.output_len], y.dims());
        match wanted == got {
            true => Ok(y),
            false => Err(ModelError(format!("the network gave the shape {got:?}, not {wanted:?}"))),
        }
    }
}

impl<F: Fn(Tensor<2>) -> Tensor<2> + Send + Sync> Model for BurnModel<F> {
    fn input_len(&self) -> usize {
        self.input_len
    }

    fn output_len(&self) -> usize {
        self.output_len
    }

    fn forward(&self, x: &[f32]) -> Result<Vec<f32>, ModelError> {
        let rows = self.rows("inputs", x, self.input_len)?;
        if rows == 0 {
            return Ok(Vec::new());
        }
        let x = Tensor::from_data(TensorData::new(x.to_vec(), [rows, self.input_len]), &self.device);
        read(self.outputs(x, rows)?)
    }

    fn vjp(&self, x: &[f32], dy: &[f32]) -> Result<Vec<f32>, ModelError> {
        let rows = self.rows("inputs", x, self.input_len)?;
        let seeds = self.rows("derivatives", dy, self.output_len)?;
        if rows != seeds {
            return Err(ModelError(format!("{seeds} rows of derivatives for {rows} rows of inputs")));
        }
        if rows == 0 {
            return Ok(Vec::new());
        }
        let device = self.device.clone().autodiff();
        let x = Tensor::<2>::from_data(TensorData::new(x.to_vec(), [rows, self.input_len]), &device).require_grad();
        let dy = Tensor::<2>::from_data(TensorData::new(dy.to_vec(), [rows, self.output_len]), &device);
        let weighted = (self.outputs(x.clone(), rows)? * dy).sum();
        // A network that does not read its inputs has no derivatives by them.
        let found = weighted.is_tracked().then(|| weighted.backward()).and_then(|slopes| x.grad(&slopes));
        found.map_or_else(|| Ok(vec![0.0; rows * self.input_len]), read)
    }
}

impl<F> fmt::Debug for BurnModel<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BurnModel { input_len, output_len, device, .. } = self;
        write!(f, "BurnModel({input_len} -> {output_len} on {device:?})")
    }
}

fn read(tensor: Tensor<2>) -> Result<Vec<f32>, ModelError> {
    tensor.try_into_vec_as().map_err(|e| ModelError(e.to_string()))
}
