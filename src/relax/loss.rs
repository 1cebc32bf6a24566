//! Losses, built into the tape as sums over points.

use nsp_kernels::real::Real;
use nsp_kernels::sym::Sym;

/// What a fit makes small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The mean squared error, divided by the variance of the targets (of shapes: as it is).
    Mse,
    /// The mean binary cross entropy `-t ln(o) - (1 - t) ln(1 - o)`, outputs and targets from 0 to 1.
    Bce,
    /// `1 - sum min(o, t) / sum max(o, t)`, outputs and targets from 0 to 1: of sets, one minus intersection over union.
    Iou,
}

/// How close to 0 and 1 the outputs come inside the logarithms of [`Loss::Bce`].
const MARGIN: f64 = 1e-6;

impl Loss {
    /// By its name in programs.
    pub fn named(name: &str) -> Option<Loss> {
        Some(match name {
            "mse" => Loss::Mse,
            "bce" => Loss::Bce,
            "iou" => Loss::Iou,
            _ => return None,
        })
    }

    /// For a point, the terms whose sums over all points decide the loss: one for `mse` and `bce`, two for `iou`.
    pub fn terms<'b>(self, outputs: &[Sym<'b>], targets: &[Sym<'b>]) -> Vec<Sym<'b>> {
        let each = |f: &dyn Fn(Sym<'b>, Sym<'b>) -> Sym<'b>| {
            let all = outputs.iter().zip(targets).map(|(o, t)| f(*o, *t));
            all.reduce(|a, b| a + b).unwrap_or(Sym::Lit(0.0))
        };
        let one = Sym::Lit(1.0);
        match self {
            Loss::Mse => vec![each(&|o, t| (o - t) * (o - t))],
            Loss::Bce => vec![each(&|o, t| {
                let p = o.max(Sym::Lit(MARGIN)).min(Sym::Lit(1.0 - MARGIN));
                -(t * p.ln() + (one - t) * (one - p).ln())
            })],
            Loss::Iou => vec![each(&|o, t| o.min(t)), each(&|o, t| o.max(t))],
        }
    }

    /// The loss from the sums of its terms over `n` numbers; `scale` divides a mean.
    pub fn value(self, sums: &[f64], n: f64, scale: f64) -> f64 {
        match (self, sums) {
            (Loss::Mse | Loss::Bce, [sum, ..]) => sum / (n * scale),
            (Loss::Iou, [both, either, ..]) if *either > 0.0 => 1.0 - both / either,
            _ => 0.0,
        }
    }

    /// The derivatives of the loss by the sums of its terms.
    pub fn slopes(self, sums: &[f64], n: f64, scale: f64) -> Vec<f32> {
        match (self, sums) {
            (Loss::Mse | Loss::Bce, _) => vec![(1.0 / (n * scale)) as f32],
            (Loss::Iou, [both, either, ..]) if *either > 0.0 => {
                vec![(-1.0 / either) as f32, (both / (either * either)) as f32]
            }
            (Loss::Iou, _) => vec![0.0, 0.0],
        }
    }
}
