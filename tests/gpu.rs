//! The language on a GPU: the same programs, the same results.
//!
//! Where there is none the tests say so and pass; with `NSP_REQUIRE_GPU=1` they fail.
#![cfg(feature = "gpu")]

use nsp::{Engine, FitOptions};

fn there() -> bool {
    let found = nsp_kernels::gpu::Gpu::open("gpu");
    let required = std::env::var_os("NSP_REQUIRE_GPU").is_some_and(|v| v == "1");
    match &found {
        Err(why) if required => panic!("{why}"),
        Err(why) => eprintln!("not tested: {why}"),
        Ok(_) => {}
    }
    found.is_ok()
}

#[test]
fn fits_find_the_same_program() {
    if !there() {
        return;
    }
    let mut nsp = Engine::new();
    nsp.run("fn law(x: num, y: num) -> num { straightline([x, y], ops: [\"+\", \"*\"], lines: 3) }").unwrap();
    let examples: Vec<((f64, f64), f64)> =
        [(0.1, 0.9), (0.5, 0.2), (0.7, 0.4), (1.0, 0.3), (0.3, 0.6)].iter().map(|p| (*p, (p.0 + p.1) * p.0)).collect();
    let mut fit = |device: &str| {
        let options = FitOptions { device: device.into(), steps: 200, restarts: 8, ..FitOptions::default() };
        nsp.fit("law", &examples, options).unwrap()
    };
    for device in ["cpu", "gpu"] {
        let found = fit(device);
        assert!(found.loss < 1e-6, "{device}: {} {}", found.loss, found.source);
        assert!((found.function.call::<f64>((2, 3)).unwrap() - 10.0).abs() < 1e-6, "{device}: {}", found.source);
    }
}

#[test]
fn pictures_and_values_agree() {
    if !there() {
        return;
    }
    let mut nsp = Engine::new();
    let levels = |nsp: &mut Engine, device: &str| -> Vec<i64> {
        let text = format!(
            "let p = render_relaxed(circle(8, 8, 5) - rect(8, 4, 3, 3), 16, 16, device: \"{device}\")\n\
             for y in 0..16, x in 0..16 {{ pixel(p, x, y)[0] }}"
        );
        nsp.eval(&text).unwrap()
    };
    let (cpu, gpu) = (levels(&mut nsp, "cpu"), levels(&mut nsp, "gpu"));
    assert!(cpu.iter().zip(&gpu).all(|(a, b)| (a - b).abs() <= 1), "{cpu:?} {gpu:?}");

    let f = nsp.function("fn(x: num, y: num) -> num { if x > y { x * x } else { sin(y) } }").unwrap();
    let relaxed = f.relax(8.0).unwrap();
    let columns: [Vec<f32>; 2] = [0.3, 0.7].map(|k| (0..1000).map(|i| (i as f32 * k).sin()).collect());
    let columns = [&columns[0][..], &columns[1][..]];
    let [cpu, gpu] = ["cpu", "gpu"].map(|device| relaxed.on(device).gradient(&columns).unwrap());
    let near = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-4 * (1.0 + a.abs()));
    assert!(near(&cpu.0, &gpu.0) && near(&cpu.1[0], &gpu.1[0]) && near(&cpu.1[1], &gpu.1[1]));
}
