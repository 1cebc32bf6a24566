//! Programs as operations of burn: derivatives against finite differences, against the same formula in burn, and through
//! the seam of models; on the CPU backend always, on a GPU with the feature `gpu`.
//!
//! Where there is no GPU its tests say so and pass; with `NSP_REQUIRE_GPU=1` they fail.
#![cfg(feature = "neural")]

use nsp_kernels::cpu::{Cpu, Job, Seeds};
use nsp_kernels::program::Program;
use nsp_kernels::real::Real;
use nsp_kernels::sym::Builder;
use nsp_models::neural::burn::tensor::{Device, Tensor, TensorData};
use nsp_models::neural::{BurnModel, ProgramLayer};
use nsp_models::{Model, ModelError};
use std::sync::Arc;

/// `sin(x) p + y q` and `exp(x y) + p`.
fn program() -> Arc<Program> {
    let b = Builder::new(2, 2);
    let (x, y, p, q) = (b.input(0), b.input(1), b.param(0), b.param(1));
    Arc::new(Program::new(&b.finish(&[x.sin() * p + y * q, (x * y).exp() + p])))
}

/// The same in burn.
fn formula(inputs: Tensor<2>, params: Tensor<1>) -> Tensor<2> {
    let (x, y) = (inputs.clone().narrow(1, 0, 1), inputs.narrow(1, 1, 1));
    let (p, q) = (params.clone().narrow(0, 0, 1).unsqueeze(), params.narrow(0, 1, 1).unsqueeze());
    Tensor::cat(vec![x.clone().sin() * p.clone() + y.clone() * q, (x * y).exp() + p], 1)
}

fn points(n: usize, device: &Device) -> Tensor<2> {
    let values = (0..2 * n).map(|i| (i as f32 * 0.37).sin()).collect();
    Tensor::from_data(TensorData::new(values, [n, 2]), device)
}

fn vec<const D: usize>(t: Tensor<D>) -> Vec<f32> {
    t.try_into_vec_as().unwrap()
}

fn close(got: &[f32], wanted: &[f32], what: &str) {
    assert_eq!(got.len(), wanted.len(), "{what}");
    for (i, (a, b)) in got.iter().zip(wanted).enumerate() {
        assert!((a - b).abs() <= 1e-4 * b.abs().max(1.0), "{what} {i}: {a}, expected {b}");
    }
}

/// What differs from output to output and point to point, so that no derivative is lost in a sum.
fn loss(values: Tensor<2>) -> Tensor<1> {
    (values.clone() * values).sum()
}

fn agrees_with_the_formula(layer: &ProgramLayer, device: &Device) {
    let device = device.clone().autodiff();
    for n in [0, 1, 65] {
        let run = |f: &dyn Fn(Tensor<2>, Tensor<1>) -> Tensor<2>| {
            let x = points(n, &device).require_grad();
            let p = Tensor::<1>::from_floats([0.7, -1.3], &device).require_grad();
            let y = f(x.clone(), p.clone());
            assert_eq!(y.dims(), [n, 2]);
            let slopes = loss(y.clone()).backward();
            (vec(y), vec(x.grad(&slopes).unwrap()), vec(p.grad(&slopes).unwrap()))
        };
        let ours = run(&|x, p| layer.forward(x, p).unwrap());
        layer.check().unwrap();
        if n == 0 {
            assert_eq!(ours, (vec![], vec![], vec![0.0; 2]));
            continue;
        }
        let theirs = run(&formula);
        close(&ours.0, &theirs.0, "value");
        close(&ours.1, &theirs.1, "derivative by input");
        close(&ours.2, &theirs.2, "derivative by parameter");
    }
    // Only one of the two is trained, or none.
    let fixed = Tensor::<1>::from_floats([0.7, -1.3], &device);
    let x = points(5, &device).require_grad();
    let slopes = loss(layer.forward(x.clone(), fixed.clone()).unwrap()).backward();
    let wanted = loss(formula(x.clone(), fixed.clone())).backward();
    close(&vec(x.grad(&slopes).unwrap()), &vec(x.grad(&wanted).unwrap()), "by input alone");
    let (x, p) = (points(5, &device), fixed.clone().require_grad());
    let slopes = loss(layer.forward(x.clone(), p.clone()).unwrap()).backward();
    let wanted = loss(formula(x.clone(), p.clone())).backward();
    close(&vec(p.grad(&slopes).unwrap()), &vec(p.grad(&wanted).unwrap()), "by parameter alone");
    let inner = device.clone().inner();
    let plain = layer.forward(points(5, &inner), Tensor::from_floats([0.7, -1.3], &inner)).unwrap();
    close(&vec(plain), &vec(formula(x, fixed)), "without derivatives");
}

#[test]
fn it_agrees_with_the_same_formula_in_burn() {
    agrees_with_the_formula(&ProgramLayer::new(program()), &Device::flex());
}

#[test]
fn derivatives_are_those_of_finite_differences() {
    let layer = ProgramLayer::new(program());
    let device = Device::flex().autodiff();
    let (x, p) = (vec(points(3, &device)), [0.7f32, -1.3]);
    let tensors = |x: &[f32], p: &[f32]| {
        let x = Tensor::<2>::from_data(TensorData::new(x.to_vec(), [3, 2]), &device).require_grad();
        (x, Tensor::<1>::from_floats(p, &device).require_grad())
    };
    let value = |x: &[f32], p: &[f32]| {
        let (x, p) = tensors(x, p);
        f64::from(loss(layer.forward(x, p).unwrap()).into_scalar::<f32>())
    };
    let (tx, tp) = tensors(&x, &p);
    let slopes = loss(layer.forward(tx.clone(), tp.clone()).unwrap()).backward();
    let h = 1.0 / 128.0;
    let near = |got: f32, up: f64, down: f64| {
        let wanted = (up - down) / (2.0 * f64::from(h));
        assert!((f64::from(got) - wanted).abs() < 3e-3 * wanted.abs().max(1.0), "{got}, expected {wanted}");
    };
    for (i, got) in vec(tx.grad(&slopes).unwrap()).into_iter().enumerate() {
        let (mut up, mut down) = (x.clone(), x.clone());
        (up[i], down[i]) = (x[i] + h, x[i] - h);
        near(got, value(&up, &p), value(&down, &p));
    }
    for (i, got) in vec(tp.grad(&slopes).unwrap()).into_iter().enumerate() {
        let (mut up, mut down) = (p, p);
        (up[i], down[i]) = (p[i] + h, p[i] - h);
        near(got, value(&x, &up), value(&x, &down));
    }
}

#[test]
fn what_does_not_fit_is_an_error() {
    let (layer, device) = (ProgramLayer::new(program()), Device::flex());
    let params = |n: usize| Tensor::<1>::ones([n], &device);
    let text = |x: Tensor<2>, p: Tensor<1>| layer.forward(x, p).unwrap_err().to_string();
    assert_eq!(text(Tensor::ones([4, 3], &device), params(2)), "the program takes 2 input columns, not 3");
    assert_eq!(text(Tensor::ones([4, 2], &device), params(1)), "the program takes 2 parameters, not 1");
    let double = Tensor::ones([4, 2], (&device, nsp_models::neural::burn::tensor::DType::F64));
    assert_eq!(text(double, params(2)), "the program takes 32-bit floats, not F64");
}

#[test]
fn what_is_not_finite_is_named_and_is_not_taken_for_a_result() {
    let b = Builder::new(1, 0);
    let layer = ProgramLayer::new(Arc::new(Program::new(&b.finish(&[b.input(0).sqrt()]))));
    let device = Device::flex().autodiff();
    let at = |x: [f32; 2]| Tensor::<2>::from_floats([[x[0]], [x[1]]], &device).require_grad();
    let none = || Tensor::<1>::zeros([0], &device);
    let error = layer.forward(at([1.0, -1.0]), none()).unwrap_err().to_string();
    assert!(error.starts_with("the value of `sqrt`") && error.ends_with("is not finite at point 1"), "{error}");
    layer.check().unwrap();
    let x = at([1.0, 0.0]);
    let slopes = layer.forward(x.clone(), none()).unwrap().sum().backward();
    let error = layer.check().unwrap_err().to_string();
    assert!(error.starts_with("the derivative of `sqrt`") && error.ends_with("is not finite at point 1"), "{error}");
    assert!(vec(x.grad(&slopes).unwrap()).iter().all(|d| d.is_nan()));
    layer.check().unwrap();
}

/// The core's way: the model runs before the program, the gradient of the program's input columns goes back to it.
#[test]
fn the_seam_of_models_gives_the_same_derivatives() {
    let device = Device::flex();
    let weights = Tensor::<2>::from_floats([[0.3, -0.2], [0.5, 0.1], [-0.4, 0.6]], &device);
    let network = move |x: Tensor<2>| {
        let weights = weights.clone().to_device(&x.device());
        x.matmul(weights).tanh()
    };
    let x: Vec<f32> = (0..12).map(|i| (i as f32 * 0.71).cos()).collect();
    let params = [0.7f32, -1.3];

    let model: Box<dyn Model> = Box::new(BurnModel::new(3, 2, device.clone(), network.clone()));
    let read = model.forward(&x).unwrap();
    let columns: Vec<Vec<f32>> = (0..2).map(|c| read.iter().skip(c).step_by(2).copied().collect()).collect();
    let columns: Vec<&[f32]> = columns.iter().map(Vec::as_slice).collect();
    let program = program();
    let job = Job { program: &program, inputs: &columns, points: 4, params: &params };
    let found = Cpu::default().gradient(&[job], &[Seeds::Weights(&[1.0, 1.0])], true).unwrap().remove(0);
    let by_column = found.inputs.unwrap();
    let back: Vec<f32> = (0..8).map(|i| by_column[i % 2][i / 2]).collect();
    let by_model = model.vjp(&x, &back).unwrap();

    let device = device.autodiff();
    let tx = Tensor::<2>::from_data(TensorData::new(x, [4, 3]), &device).require_grad();
    let tp = Tensor::<1>::from_floats(params, &device).require_grad();
    let slopes = ProgramLayer::new(program.clone()).forward(network(tx.clone()), tp.clone()).unwrap().sum().backward();
    close(&by_model, &vec(tx.grad(&slopes).unwrap()), "by picture");
    close(&found.params, &vec(tp.grad(&slopes).unwrap()), "by parameter");
}

#[test]
fn a_network_as_a_model_refuses_what_does_not_fit() {
    let model = BurnModel::new(2, 1, Device::flex(), |x| x.sum_dim(1));
    let text = |r: Result<Vec<f32>, ModelError>| r.unwrap_err().to_string();
    assert_eq!(text(model.forward(&[1.0; 3])), "3 inputs are not a whole number of rows of 2");
    assert_eq!(text(model.vjp(&[1.0; 4], &[1.0])), "1 rows of derivatives for 2 rows of inputs");
    assert!(model.forward(&[]).unwrap().is_empty());
    assert!(model.vjp(&[], &[]).unwrap().is_empty());
    let wrong = BurnModel::new(2, 2, Device::flex(), |x| x.sum_dim(1));
    assert_eq!(text(wrong.forward(&[1.0; 4])), "the network gave the shape [2, 1], not [2, 2]");
    let constant = BurnModel::new(2, 1, Device::flex(), |x| Tensor::ones([x.dims()[0], 1], &x.device()));
    assert_eq!(constant.vjp(&[1.0; 4], &[1.0; 2]).unwrap(), [0.0; 4]);
}

#[cfg(feature = "gpu")]
mod gpu {
    use super::*;
    use nsp_kernels::gpu::Gpu;
    use nsp_models::neural::burn::tensor::DeviceType;

    fn required(why: &str) {
        assert!(std::env::var_os("NSP_REQUIRE_GPU").is_none_or(|v| v != "1"), "{why}");
        eprintln!("not tested: {why}");
    }

    #[test]
    fn tensors_on_a_gpu_agree_with_the_formula_there() {
        match Device::enumerate(DeviceType::Wgpu).into_vec().first() {
            Some(device) => agrees_with_the_formula(&ProgramLayer::new(program()), device),
            None => required("burn finds no GPU"),
        }
    }

    #[test]
    fn the_program_may_run_on_a_gpu() {
        match Gpu::open("gpu") {
            Ok(gpu) => agrees_with_the_formula(&ProgramLayer::new(program()).on(gpu), &Device::flex()),
            Err(why) => required(&why.to_string()),
        }
    }
}
