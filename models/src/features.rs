//! Feature networks from safetensors files: what a picture looks like to a network, as numbers.
//!
//! The file holds the weights in PyTorch's layout, channels first, and in its metadata two entries in JSON:
//!
//! ```text
//! "input":  {"channels": 3, "height": 64, "width": 64, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}
//! "layers": [{"kind": "conv", "weight": "c1.weight", "bias": "c1.bias", "stride": 2, "padding": 1}, {"kind": "relu"},
//!            {"kind": "max_pool", "size": 2, "stride": 2}, {"kind": "mean_pool"}, {"kind": "linear", "weight": "fc.weight"}]
//! ```
//!
//! Inputs are colours from 0 to 1, from which `mean` is taken and which are divided by `std` (0 and 1 unless given). `conv`
//! has a weight `[out, in, height, width]`, a `stride` (1) and a `padding` of zeros (0); `linear` one `[out, in]`, over the
//! input as it lies in memory; a `bias` of `[out]` may be left out. `max_pool` and `avg_pool` have a `size` and a `stride`
//! (the size); `mean_pool` is the mean of each channel. The last layer's output are the features.

use crate::ModelError;
use safetensors::{Dtype, SafeTensors};
use serde::Deserialize;

/// Most numbers between two layers.
const MOST: usize = 1 << 26;

/// A network without branches that turns pictures into features.
#[derive(Clone, Debug)]
pub struct FeatureNet {
    input: Input,
    layers: Vec<Layer>,
    features: usize,
}

/// What a network takes.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// 1 (grey) or 3 (red, green, blue).
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Pixels in a row.
    pub width: usize,
    /// Taken from each channel.
    #[serde(default)]
    mean: Vec<f32>,
    /// What each channel is divided by.
    #[serde(default)]
    std: Vec<f32>,
}

/// A layer as the metadata describe it.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Described {
    Conv {
        weight: String,
        bias: Option<String>,
        #[serde(default = "one")]
        stride: usize,
        #[serde(default)]
        padding: usize,
    },
    Linear {
        weight: String,
        bias: Option<String>,
    },
    Relu,
    MaxPool {
        size: usize,
        stride: Option<usize>,
    },
    AvgPool {
        size: usize,
        stride: Option<usize>,
    },
    MeanPool,
}

fn one() -> usize {
    1
}

#[derive(Clone, Debug)]
enum Layer {
    Conv { weight: Vec<f32>, bias: Vec<f32>, size: (usize, usize), stride: usize, padding: usize },
    Linear { weight: Vec<f32>, bias: Vec<f32> },
    Relu,
    Pool { size: usize, stride: usize, max: bool },
    MeanPool,
}

/// Channels, rows, pixels in a row.
type Shape = [usize; 3];

fn bad(why: impl Into<String>) -> ModelError {
    ModelError(why.into())
}

impl FeatureNet {
    /// Reads a file's bytes. Every layer is checked against the size of its input.
    pub fn from_safetensors(bytes: &[u8]) -> Result<FeatureNet, ModelError> {
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(|e| bad(format!("not a safetensors file: {e}")))?;
        let tensors = SafeTensors::deserialize(bytes).map_err(|e| bad(format!("not a safetensors file: {e}")))?;
        let entry = |name: &str| {
            let text = header.metadata().as_ref().and_then(|m| m.get(name));
            text.ok_or_else(|| bad(format!("the metadata have no entry `{name}`")))
        };
        let input: Input = serde_json::from_str(entry("input")?).map_err(|e| bad(format!("`input`: {e}")))?;
        let described: Vec<Described> =
            serde_json::from_str(entry("layers")?).map_err(|e| bad(format!("`layers`: {e}")))?;
        let mut shape = input.shape()?;
        let mut layers = Vec::with_capacity(described.len());
        for (i, d) in described.into_iter().enumerate() {
            let (layer, next) = d.build(&tensors, shape).map_err(|e| bad(format!("layer {}: {}", i + 1, e.0)))?;
            let size = next.iter().try_fold(1usize, |n, d| n.checked_mul(*d)).unwrap_or(usize::MAX);
            if size == 0 || size > MOST {
                return Err(bad(format!(
                    "layer {}: its output would be {} x {} x {}",
                    i + 1,
                    next[0],
                    next[1],
                    next[2]
                )));
            }
            layers.push(layer);
            shape = next;
        }
        Ok(FeatureNet { input, layers, features: shape.iter().product() })
    }

    /// What it takes.
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// How many features it gives.
    pub fn features(&self) -> usize {
        self.features
    }

    /// About how many products a picture takes.
    pub fn work(&self) -> usize {
        let mut shape = self.input.shape().unwrap_or([1; 3]);
        let mut sum = 0usize;
        for layer in &self.layers {
            let next = layer.shape(shape);
            let area = next[1] * next[2];
            sum = sum.saturating_add(match layer {
                Layer::Conv { weight, .. } => weight.len().saturating_mul(area),
                Layer::Linear { weight, .. } => weight.len(),
                _ => next[0] * area,
            });
            shape = next;
        }
        sum
    }

    /// The features of a picture `[channels, height, width]` of colours from 0 to 1.
    pub fn run(&self, picture: &[f32]) -> Result<Vec<f32>, ModelError> {
        let mut shape = self.input.shape()?;
        if picture.len() != shape.iter().product::<usize>() {
            return Err(bad(format!(
                "the network takes {} numbers, not {}",
                shape.iter().product::<usize>(),
                picture.len()
            )));
        }
        let area = shape[1] * shape[2];
        let mut x: Vec<f32> = picture
            .iter()
            .enumerate()
            .map(|(i, v)| {
                let c = i / area;
                (v - self.input.mean.get(c).unwrap_or(&0.0)) / self.input.std.get(c).unwrap_or(&1.0)
            })
            .collect();
        for layer in &self.layers {
            (x, shape) = layer.run(x, shape);
        }
        Ok(x)
    }
}

impl Input {
    fn shape(&self) -> Result<Shape, ModelError> {
        let shape = [self.channels, self.height, self.width];
        let size = shape.iter().try_fold(1usize, |n, d| n.checked_mul(*d)).unwrap_or(usize::MAX);
        if !matches!(self.channels, 1 | 3) || size == 0 || size > MOST {
            return Err(bad("`input`: a picture has 1 or 3 channels and at least one pixel"));
        }
        if self.std.iter().any(|s| !s.is_finite() || *s == 0.0) {
            return Err(bad("`input`: `std` cannot be 0"));
        }
        Ok(shape)
    }
}

/// A tensor's numbers and shape.
fn tensor(tensors: &SafeTensors<'_>, name: &str) -> Result<(Vec<f32>, Vec<usize>), ModelError> {
    let view = tensors.tensor(name).map_err(|_| bad(format!("there is no tensor `{name}`")))?;
    let numbers = match view.dtype() {
        Dtype::F32 => view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
        Dtype::F64 => {
            let number = |b: &[u8]| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]) as f32;
            view.data().chunks_exact(8).map(number).collect()
        }
        // The upper half of an f32.
        Dtype::BF16 => view.data().chunks_exact(2).map(|b| f32::from_le_bytes([0, 0, b[0], b[1]])).collect(),
        other => return Err(bad(format!("tensor `{name}` is {other:?}; F32, F64 and BF16 are read"))),
    };
    Ok((numbers, view.shape().to_vec()))
}

fn biases(tensors: &SafeTensors<'_>, name: Option<&str>, out: usize) -> Result<Vec<f32>, ModelError> {
    let Some(name) = name else { return Ok(vec![0.0; out]) };
    let (bias, shape) = tensor(tensors, name)?;
    if shape == [out] { Ok(bias) } else { Err(bad(format!("`{name}` has the shape {shape:?}, not [{out}]"))) }
}

/// How often a window of this size fits.
fn fits(n: usize, size: usize, stride: usize) -> Result<usize, ModelError> {
    if stride == 0 || size == 0 {
        return Err(bad("size and stride must be 1 or more"));
    }
    match n.checked_sub(size) {
        Some(rest) => Ok(rest / stride + 1),
        None => Err(bad(format!("a window of {size} does not fit into {n}"))),
    }
}

impl Described {
    fn build(self, tensors: &SafeTensors<'_>, shape: Shape) -> Result<(Layer, Shape), ModelError> {
        let [channels, h, w] = shape;
        match self {
            Described::Conv { weight, bias, stride, padding } => {
                let (numbers, dims) = tensor(tensors, &weight)?;
                let [out, inputs, kh, kw] = dims[..] else {
                    return Err(bad(format!("`{weight}` has the shape {dims:?}, not [out, in, height, width]")));
                };
                if inputs != channels {
                    return Err(bad(format!("`{weight}` takes {inputs} channels, its input has {channels}")));
                }
                let pad = |n: usize| padding.checked_mul(2).and_then(|p| p.checked_add(n)).filter(|n| *n <= MOST);
                let (ph, pw) = pad(h).zip(pad(w)).ok_or_else(|| bad("too much padding"))?;
                let next = [out, fits(ph, kh, stride)?, fits(pw, kw, stride)?];
                let bias = biases(tensors, bias.as_deref(), out)?;
                Ok((Layer::Conv { weight: numbers, bias, size: (kh, kw), stride, padding }, next))
            }
            Described::Linear { weight, bias } => {
                let (numbers, dims) = tensor(tensors, &weight)?;
                let [out, inputs] = dims[..] else {
                    return Err(bad(format!("`{weight}` has the shape {dims:?}, not [out, in]")));
                };
                if inputs != channels * h * w {
                    return Err(bad(format!("`{weight}` takes {inputs} numbers, its input has {}", channels * h * w)));
                }
                let bias = biases(tensors, bias.as_deref(), out)?;
                Ok((Layer::Linear { weight: numbers, bias }, [out, 1, 1]))
            }
            Described::Relu => Ok((Layer::Relu, shape)),
            Described::MeanPool => Ok((Layer::MeanPool, [channels, 1, 1])),
            Described::MaxPool { size, stride } => pool(size, stride, true, shape),
            Described::AvgPool { size, stride } => pool(size, stride, false, shape),
        }
    }
}

fn pool(size: usize, stride: Option<usize>, max: bool, [c, h, w]: Shape) -> Result<(Layer, Shape), ModelError> {
    let stride = stride.unwrap_or(size);
    Ok((Layer::Pool { size, stride, max }, [c, fits(h, size, stride)?, fits(w, size, stride)?]))
}

impl Layer {
    /// The shape of its output.
    fn shape(&self, [channels, h, w]: Shape) -> Shape {
        match self {
            Layer::Relu => [channels, h, w],
            Layer::MeanPool => [channels, 1, 1],
            Layer::Linear { bias, .. } => [bias.len(), 1, 1],
            Layer::Pool { size, stride, .. } => [channels, (h - size) / stride + 1, (w - size) / stride + 1],
            Layer::Conv { bias, size: (kh, kw), stride, padding, .. } => {
                [bias.len(), (h + 2 * padding - kh) / stride + 1, (w + 2 * padding - kw) / stride + 1]
            }
        }
    }

    fn run(&self, x: Vec<f32>, [channels, h, w]: Shape) -> (Vec<f32>, Shape) {
        match self {
            Layer::Relu => (x.into_iter().map(|v| v.max(0.0)).collect(), [channels, h, w]),
            Layer::MeanPool => {
                let area = h * w;
                let mean = |c: &[f32]| c.iter().sum::<f32>() / area as f32;
                (x.chunks_exact(area).map(mean).collect(), [channels, 1, 1])
            }
            Layer::Linear { weight, bias } => {
                let row = |(row, b): (&[f32], &f32)| b + row.iter().zip(&x).map(|(w, v)| w * v).sum::<f32>();
                (weight.chunks_exact(x.len()).zip(bias).map(row).collect(), [bias.len(), 1, 1])
            }
            Layer::Pool { size, stride, max } => {
                let [_, oh, ow] = self.shape([channels, h, w]);
                let mut out = Vec::with_capacity(channels * oh * ow);
                for c in 0..channels {
                    for y in 0..oh {
                        for px in 0..ow {
                            let at = |k: usize| x[(c * h + y * stride + k / size) * w + px * stride + k % size];
                            let window = (0..size * size).map(at);
                            out.push(if *max {
                                window.fold(f32::NEG_INFINITY, f32::max)
                            } else {
                                window.sum::<f32>() / (size * size) as f32
                            });
                        }
                    }
                }
                (out, [channels, oh, ow])
            }
            Layer::Conv { weight, bias, size: (kh, kw), stride, padding } => {
                let [_, oh, ow] = self.shape([channels, h, w]);
                let mut out = Vec::with_capacity(bias.len() * oh * ow);
                for (o, b) in bias.iter().enumerate() {
                    for y in 0..oh {
                        for px in 0..ow {
                            let mut sum = *b;
                            for c in 0..channels {
                                for dy in 0..*kh {
                                    let Some(sy) = (y * stride + dy).checked_sub(*padding).filter(|v| *v < h) else {
                                        continue;
                                    };
                                    for dx in 0..*kw {
                                        let Some(sx) = (px * stride + dx).checked_sub(*padding).filter(|v| *v < w)
                                        else {
                                            continue;
                                        };
                                        sum +=
                                            weight[((o * channels + c) * kh + dy) * kw + dx] * x[(c * h + sy) * w + sx];
                                    }
                                }
                            }
                            out.push(sum);
                        }
                    }
                }
                (out, [bias.len(), oh, ow])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use safetensors::tensor::TensorView;
    use std::collections::HashMap;

    fn file(layers: &str, tensors: &[(&str, &[usize], &[f32])]) -> Vec<u8> {
        let input = r#"{"channels": 1, "height": 3, "width": 3, "mean": [1.0], "std": [0.5]}"#;
        let meta = HashMap::from([("input".into(), input.into()), ("layers".into(), layers.into())]);
        let bytes: Vec<Vec<u8>> =
            tensors.iter().map(|(_, _, v)| v.iter().flat_map(|x| x.to_le_bytes()).collect()).collect();
        let views = tensors
            .iter()
            .zip(&bytes)
            .map(|((name, shape, _), b)| (name.to_string(), TensorView::new(Dtype::F32, shape.to_vec(), b).unwrap()));
        safetensors::serialize(views.collect::<Vec<_>>(), Some(meta)).unwrap()
    }

    const CONV: (&str, &[usize], &[f32]) = ("c", &[2, 1, 2, 2], &[1.0, 0.0, 0.0, 1.0, -1.0, 0.0, 0.0, 0.0]);

    #[test]
    fn layers_by_hand() {
        // Colours 1.5, 2, .., 5.5 become 1, 2, .., 9.
        let picture: Vec<f32> = (0..9).map(|i| 1.5 + 0.5 * i as f32).collect();
        let run = |layers: &str, tensors: &[(&str, &[usize], &[f32])]| {
            let net = FeatureNet::from_safetensors(&file(layers, tensors)).unwrap();
            let out = net.run(&picture).unwrap();
            assert_eq!(out.len(), net.features());
            out
        };
        let bias: (&str, &[usize], &[f32]) = ("b", &[2], &[0.5, 3.0]);
        // The first filter adds a pixel and the one right below it; the second is 3 less a pixel.
        let conv = r#"{"kind": "conv", "weight": "c", "bias": "b"}"#;
        assert_eq!(run(&format!("[{conv}]"), &[CONV, bias]), [6.5, 8.5, 12.5, 14.5, 2.0, 1.0, -1.0, -2.0]);
        let all = format!(r#"[{conv}, {{"kind": "relu"}}, {{"kind": "mean_pool"}}]"#);
        assert_eq!(run(&all, &[CONV, bias]), [10.5, 0.75]);
        let strided = r#"[{"kind": "conv", "weight": "c", "stride": 2, "padding": 1}]"#;
        // Corners of the padded 5 x 5: the pixel below right of each, plus itself.
        assert_eq!(run(strided, &[CONV]), [1.0, 3.0, 7.0, 14.0, 0.0, 0.0, 0.0, -5.0]);
        assert_eq!(run(r#"[{"kind": "max_pool", "size": 2, "stride": 1}]"#, &[]), [5.0, 6.0, 8.0, 9.0]);
        assert_eq!(run(r#"[{"kind": "avg_pool", "size": 3}]"#, &[]), [5.0]);
        let linear: (&str, &[usize], &[f32]) = ("l", &[1, 9], &[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0]);
        assert_eq!(run(r#"[{"kind": "linear", "weight": "l"}]"#, &[linear]), [-8.0]);
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let error = |layers: &str| FeatureNet::from_safetensors(&file(layers, &[CONV])).unwrap_err().0;
        assert!(
            error(r#"[{"kind": "relu"}, {"kind": "conv", "weight": "x"}]"#)
                .starts_with("layer 2: there is no tensor `x`")
        );
        assert!(error(r#"[{"kind": "linear", "weight": "c"}]"#).contains("[2, 1, 2, 2], not [out, in]"));
        assert!(error(r#"[{"kind": "max_pool", "size": 4}]"#).contains("does not fit into 3"));
        assert!(error(r#"[{"kind": "max_pool", "size": 2, "stride": 0}]"#).contains("1 or more"));
        assert!(error(r#"[{"kind": "swish"}]"#).contains("swish"));
        assert!(FeatureNet::from_safetensors(b"no").unwrap_err().0.contains("not a safetensors file"));
        let net = FeatureNet::from_safetensors(&file("[]", &[])).unwrap();
        assert!(net.run(&[1.0]).unwrap_err().0.contains("takes 9 numbers, not 1"));
    }
}
