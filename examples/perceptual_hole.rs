//! A network in front of a program, trained as one: pictures of two digits come with nothing but the result of a
//! calculation. Neither is the network told which digits they are, nor the program how they are combined.
//!
//! `cargo run --example perceptual_hole --features neural`

use nsp_models::neural::ProgramLayer;
use nsp_models::neural::burn::{
    self,
    module::{Module, Param},
    nn::{Linear, LinearConfig},
    optim::{AdamConfig, GradientsParams},
    tensor::{Device, Tensor, TensorData, activation},
};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use std::error::Error;

const SKETCH: &str = "fn(a: num, b: num) -> num { a + ??(0..4: 1.0) * b }";
/// The end of the hole's range.
const WIDEST: f32 = 4.0;

const SIDE: usize = 8;
const DIGITS: usize = 5;
/// Rows of three pixels.
const GLYPHS: [[u8; 5]; DIGITS] = [
    [0b111, 0b101, 0b101, 0b101, 0b111],
    [0b010, 0b110, 0b010, 0b010, 0b111],
    [0b111, 0b001, 0b111, 0b100, 0b111],
    [0b111, 0b001, 0b011, 0b001, 0b111],
    [0b101, 0b101, 0b111, 0b001, 0b001],
];

/// Pairs of pictures and the results of the calculation on what they show.
struct Samples {
    /// `[pair][first, second][SIDE * SIDE]`
    pictures: Vec<f32>,
    results: Vec<f32>,
}

impl Samples {
    fn draw(rng: &mut SmallRng, pairs: usize, truth: fn(f32, f32) -> f32) -> Samples {
        let mut samples = Samples { pictures: Vec::new(), results: Vec::new() };
        for _ in 0..pairs {
            let digits = [0, 1].map(|_| rng.random_range(0..DIGITS));
            digits.iter().for_each(|d| samples.pictures.extend(picture(rng, *d)));
            samples.results.push(truth(digits[0] as f32, digits[1] as f32));
        }
        samples
    }

    /// The pictures of some pairs, `[2 * pairs, SIDE * SIDE]`, and their results, `[pairs, 1]`.
    fn tensors(&self, pairs: std::ops::Range<usize>, device: &Device) -> (Tensor<2>, Tensor<2>) {
        let size = 2 * SIDE * SIDE;
        let (from, to, n) = (pairs.start, pairs.end, pairs.len());
        let pictures = TensorData::new(self.pictures[from * size..to * size].to_vec(), [2 * n, SIDE * SIDE]);
        let results = TensorData::new(self.results[pairs].to_vec(), [n, 1]);
        (Tensor::from_data(pictures, device), Tensor::from_data(results, device))
    }
}

/// A digit at one of six places, with noise.
fn picture(rng: &mut SmallRng, digit: usize) -> Vec<f32> {
    let (x, y) = (rng.random_range(1..=3), rng.random_range(1..=2));
    let mut pixels: Vec<f32> = (0..SIDE * SIDE).map(|_| rng.random_range(-0.1..0.1)).collect();
    for (row, bits) in GLYPHS[digit].iter().enumerate() {
        for column in (0..3).filter(|c| bits >> (2 - c) & 1 == 1) {
            pixels[(y + row) * SIDE + x + column] += 1.0;
        }
    }
    pixels
}

/// What is trained: the network that fills the perceptual hole, and the number that fills the program's.
#[derive(Module, Debug)]
struct Reader {
    hidden: Linear,
    out: Linear,
    /// In units of its range, as `fit` has it: one size of steps suits all.
    factor: Param<Tensor<1>>,
}

impl Reader {
    fn new(factor: f32, device: &Device) -> Reader {
        Reader {
            hidden: LinearConfig::new(SIDE * SIDE, 48).init(device),
            out: LinearConfig::new(48, 1).init(device),
            factor: Param::from_tensor(Tensor::from_floats([factor / WIDEST], device)),
        }
    }

    fn factor(&self) -> Tensor<1> {
        self.factor.val().clamp(0.0, 1.0) * WIDEST
    }

    /// For each pair of pictures the two numbers that they are taken for: `[pairs, 2]`.
    fn numbers(&self, pictures: Tensor<2>) -> Tensor<2> {
        let pairs = pictures.dims()[0] / 2;
        self.out.forward(activation::relu(self.hidden.forward(pictures))).reshape([pairs, 2])
    }
}

/// What was learned.
pub struct Learned {
    /// The number in the program.
    pub factor: f64,
    /// The share of held-out pairs for which the exact program, on the numbers that are read as whole ones, gives the
    /// result to within a half.
    pub accuracy: f64,
}

/// Trains the network and the program on what `truth` makes of the digits.
pub fn learn(seed: u64, truth: fn(f32, f32) -> f32) -> Result<Learned, Box<dyn Error>> {
    let device = Device::flex().autodiff();
    device.seed(seed);
    let mut rng = SmallRng::seed_from_u64(seed);
    let (pairs, batch, epochs) = (2048, 64, 25);
    let samples = Samples::draw(&mut rng, pairs, truth);

    let relaxed = nsp::Engine::new().function(SKETCH)?.relax(8.0)?;
    let program = ProgramLayer::new(relaxed.program().clone());
    // The sharpness and the temperature stay as they are; behind them is the hole.
    let (fixed, holes) = relaxed.params().split_at(2);
    let fixed = Tensor::<1>::from_floats(fixed, &device);

    let mut reader = Reader::new(holes[0], &device);
    let mut adam = AdamConfig::new().init();
    for epoch in 0..epochs {
        // The last quarter goes in smaller steps.
        let rate = 0.03 * (4.0 * (1.0 - epoch as f64 / epochs as f64)).min(1.0);
        for from in (0..pairs).step_by(batch) {
            let (pictures, results) = samples.tensors(from..from + batch, &device);
            let params = Tensor::cat(vec![fixed.clone(), reader.factor()], 0);
            let values = program.forward(reader.numbers(pictures), params)?;
            let slopes = (values - results).powf_scalar(2.0).mean().backward();
            program.check()?;
            let slopes = GradientsParams::from_grads(slopes, &reader);
            reader = adam.step(rate, reader, slopes);
        }
    }

    let factor = f64::from(reader.factor().try_into_scalar::<f32>()?);
    let factor = (factor * 100.0).round() / 100.0;
    let exact = nsp::Engine::new().function(&format!("fn(a: num, b: num) -> num {{ a + {factor:?} * b }}"))?;
    let held_out = Samples::draw(&mut rng, 500, truth);
    let (pictures, _) = held_out.tensors(0..500, &device);
    let numbers: Vec<f32> = reader.numbers(pictures).try_into_vec_as()?;
    let mut right = 0;
    for (pair, result) in numbers.chunks_exact(2).zip(&held_out.results) {
        let value: f64 = exact.call((pair[0].round() as f64, pair[1].round() as f64))?;
        right += usize::from((value - f64::from(*result)).abs() < 0.5);
    }
    Ok(Learned { factor, accuracy: right as f64 / 500.0 })
}

fn main() -> Result<(), Box<dyn Error>> {
    for (name, truth) in [("a + 2 b", (|a, b| a + 2.0 * b) as fn(f32, f32) -> f32), ("a + 3 b", |a, b| a + 3.0 * b)] {
        let Learned { factor, accuracy } = learn(1, truth)?;
        println!("from results of {name}: found a + {factor} b, {:.1} % of 500 new results right", accuracy * 100.0);
    }
    Ok(())
}
