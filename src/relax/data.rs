//! What a fit is held to, as columns of numbers.

use super::function::flatten;
use crate::raster::bits::Voxels;
use crate::raster::image::{Image, luma};
use crate::vm::limits::Fail;
use crate::vm::value::Value;

/// Points with their targets.
#[derive(Clone, Debug)]
pub struct Data {
    /// Inputs of the tape: a column each.
    pub inputs: Vec<Vec<f32>>,
    /// Wanted outputs: a column each.
    pub targets: Vec<Vec<f32>>,
    /// Arguments like those of the function, from which list lengths are taken.
    pub samples: Vec<Value>,
    /// The extent of the space that points lie in, for shapes: the greatest coordinate.
    pub extent: Option<f64>,
}

/// A picture with more pixels on a side than this is averaged down.
const MOST_SIDE: u32 = 128;

impl Data {
    /// How many points.
    pub fn points(&self) -> usize {
        self.targets.first().map_or(0, Vec::len)
    }

    /// The variance of the targets, at least a little.
    pub fn variance(&self) -> f64 {
        let mut total = 0.0;
        for column in &self.targets {
            let n = column.len().max(1) as f64;
            let mean = column.iter().map(|x| f64::from(*x)).sum::<f64>() / n;
            total += column.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum::<f64>() / n;
        }
        (total / self.targets.len().max(1) as f64).max(1e-12)
    }

    /// From pairs of arguments and outcome. All must be of one form; numbers must be finite.
    pub fn examples(rows: &[(Vec<Value>, Value)]) -> Result<Data, Fail> {
        let mut data = Data { inputs: Vec::new(), targets: Vec::new(), samples: Vec::new(), extent: None };
        for (i, (args, outcome)) in rows.iter().enumerate() {
            let (mut x, mut y) = (Vec::new(), Vec::new());
            args.iter().for_each(|a| flatten(a, &mut x));
            flatten(outcome, &mut y);
            if let Some(bad) = x.iter().chain(&y).find(|v| !v.is_finite()) {
                return Err(Fail::new(
                    super::function::NOT_FINITE,
                    format!("example {} holds the number {bad}", i + 1),
                ));
            }
            if i == 0 {
                data.inputs = vec![Vec::new(); x.len()];
                data.targets = vec![Vec::new(); y.len()];
                data.samples = args.clone();
            }
            if x.len() != data.inputs.len() || y.len() != data.targets.len() {
                return Err(format!("example {} is not as long as the first", i + 1).into());
            }
            data.inputs.iter_mut().zip(x).for_each(|(c, v)| c.push(v as f32));
            data.targets.iter_mut().zip(y).for_each(|(c, v)| c.push(v as f32));
        }
        Ok(data)
    }

    /// From a picture: its grey levels from 0 to 1 at the centres of its pixels.
    pub fn picture(img: &Image) -> Data {
        let (w, h) = (img.width(), img.height());
        let step = w.max(h).div_ceil(MOST_SIDE).max(1);
        let mut data = Data::space(2, f64::from(w.max(h)));
        for y in (0..h).step_by(step as usize) {
            for x in (0..w).step_by(step as usize) {
                let (x1, y1) = ((x + step).min(w), (y + step).min(h));
                let mut sum = 0.0;
                for v in y..y1 {
                    for u in x..x1 {
                        sum += f32::from(luma(img.pixels().get_pixel(u, v))) / 255.0;
                    }
                }
                data.inputs[0].push((x + x1) as f32 / 2.0);
                data.inputs[1].push((y + y1) as f32 / 2.0);
                data.targets[0].push(sum / ((x1 - x) * (y1 - y)) as f32);
            }
        }
        data
    }

    /// From voxels: 0 or 1 at their centres.
    pub fn voxels(v: &Voxels) -> Data {
        let [nx, ny, nz] = v.dims();
        let mut data = Data::space(3, nx.max(ny).max(nz) as f64);
        for z in 0..nz {
            for y in 0..ny {
                for x in 0..nx {
                    for (column, i) in data.inputs.iter_mut().zip([x, y, z]) {
                        column.push(i as f32 + 0.5);
                    }
                    data.targets[0].push(f32::from(u8::from(v.get(x, y, z))));
                }
            }
        }
        data
    }

    fn space(dim: usize, extent: f64) -> Data {
        Data { inputs: vec![Vec::new(); dim], targets: vec![Vec::new()], samples: Vec::new(), extent: Some(extent) }
    }
}
