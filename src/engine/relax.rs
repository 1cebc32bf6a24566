//! The relaxed mode, for a host.

use super::{Engine, Error, Function};
use crate::relax::lower::Relaxation;
use crate::relax::params::{SHARPNESS, TEMPERATURE};
use crate::types::Type;
use crate::vm::value::{Typed, Value};
use nsp_kernels::exec::{Device, Job, Seeds};
use nsp_kernels::program::Program;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// What a host may ask of [`Engine::fit`]. The fields are the options of `fit` in the language.
#[derive(Clone, Debug)]
pub struct FitOptions {
    /// `mse`, `bce`, `iou`, or `auto`.
    pub loss: String,
    /// Steps of each restart.
    pub steps: usize,
    /// The size of a step.
    pub lr: f64,
    /// How many starts side by side.
    pub restarts: usize,
    /// Decides everything random.
    pub seed: u64,
    /// What a line of a sketch costs, from half way on.
    pub length: f64,
    /// The longest that it may take; then the best so far is given.
    pub time: Duration,
    /// Where the relaxed program runs: `auto`, `cpu`, `gpu`, or the name of one.
    pub device: String,
}

impl Default for FitOptions {
    fn default() -> FitOptions {
        FitOptions {
            loss: "auto".into(),
            steps: 500,
            lr: 0.05,
            restarts: 16,
            seed: 0,
            length: 0.0,
            time: Duration::from_secs(60),
            device: "auto".into(),
        }
    }
}

/// A sketch that was fitted.
#[derive(Clone)]
pub struct Fit {
    /// The discrete program.
    pub function: Function,
    /// Its source.
    pub source: String,
    /// Its loss.
    pub loss: f64,
    /// The least relaxed loss of each step.
    pub curve: Vec<f64>,
}

impl Engine {
    /// Fits a sketch, the name of a function or an expression for one, to pairs of input and output. The inputs of a
    /// function of several parameters are tuples.
    ///
    /// ```
    /// let mut nsp = nsp::Engine::new();
    /// nsp.run("fn law(x: num, y: num) -> num { straightline([x, y], ops: [\"+\", \"*\"], lines: 4) }")?;
    /// let examples: Vec<((f64, f64), f64)> =
    ///     [(0.1, 0.9), (0.5, 0.2), (0.7, 0.4), (1.0, 0.3), (0.3, 0.6)].iter().map(|p| (*p, (p.0 + p.1) * p.0)).collect();
    /// let fit = nsp.fit("law", &examples, Default::default())?;
    /// assert!(fit.loss < 1e-6, "{}", fit.source);
    /// assert!((fit.function.call::<f64>((2, 3))? - 10.0).abs() < 1e-9);
    /// # Ok::<(), nsp::Error>(())
    /// ```
    ///
    /// # Errors
    /// A sketch without holes or without relaxed meaning, data that do not fit it, a limit.
    pub fn fit<I: Serialize, O: Serialize>(
        &mut self,
        sketch: &str,
        examples: &[(I, O)],
        options: FitOptions,
    ) -> Result<Fit, Error> {
        let f = self.function(sketch)?;
        let input = match f.params() {
            [one] => one.clone(),
            many => Type::tuple(many.to_vec()),
        };
        let FitOptions { loss, steps, lr, restarts, seed, length, time, device } = options;
        let text = format!(
            "fn(data: [({input}, {})], names: (str, str), steps: int, lr: num, restarts: int, seed: int, length: num, seconds: num) {{ \
             try_fit({sketch}, data, loss: names[0], steps: steps, lr: lr, restarts: restarts, seed: seed, length: length, \
             seconds: seconds, device: names[1]) }}",
            f.ret()
        );
        let (steps, restarts, seed) = (steps as i64, restarts as i64, seed as i64);
        let args = (examples, (loss, device), steps, lr, restarts, seed, length, time.as_secs_f64());
        let found = self.function(&text)?.call_typed(args)?;
        let (Value::Tuple(fields), Type::Record(types)) = (&found.value, &found.ty) else {
            return Err(Error::host("try_fit gave no record"));
        };
        let field = |name: &str| {
            let at = types.iter().position(|t| &*t.0 == name).unwrap_or(0);
            Typed { value: fields[at].clone(), ty: types[at].1.clone() }
        };
        let session = self.session();
        let program = field("program");
        let function = Function::new(session.env().clone(), session.globals(), program, session.sources().clone())?;
        let convert = |e| Error::convert(e);
        Ok(Fit {
            function,
            source: super::de::from_typed(&field("source")).map_err(convert)?,
            loss: super::de::from_typed(&field("loss")).map_err(convert)?,
            curve: super::de::from_typed(&field("curve")).map_err(convert)?,
        })
    }
}

/// The relaxed meaning of a function of numbers (bools count as numbers), for many points at once. Cloning is cheap;
/// threads may share it.
#[derive(Clone, Debug)]
pub struct Relaxed {
    relaxation: Arc<Relaxation>,
    program: Arc<Program>,
    params: Vec<f32>,
    device: Device,
}

impl Function {
    /// Its relaxed meaning at a sharpness above 0; holes stand at their start. For a function that gives a shape it is the
    /// occupancy of points.
    ///
    /// ```
    /// let mut nsp = nsp::Engine::new();
    /// let f = nsp.function("fn(x: num, y: num) -> num { if x > y { x * x } else { y } }")?;
    /// let relaxed = f.relax(8.0)?;
    /// let (x, y) = ([3.0, 1.0], [1.0, 4.0]);
    /// let (values, slopes) = relaxed.gradient(&[&x, &y])?;
    /// assert!((values[0] - 9.0).abs() < 1e-3 && (slopes[0][0] - 6.0).abs() < 1e-3);
    /// assert!((values[1] - 4.0).abs() < 1e-3 && (slopes[1][1] - 1.0).abs() < 1e-3);
    /// # Ok::<(), nsp::Error>(())
    /// ```
    ///
    /// # Errors
    /// What has no relaxed meaning, with its place; lists among the parameters, whose length is not known.
    pub fn relax(&self, sharpness: f64) -> Result<Relaxed, Error> {
        if !(sharpness.is_finite() && sharpness > 0.0) {
            return Err(Error::host("the sharpness must be above 0"));
        }
        let relaxation = self.inside(|cx, closure| crate::relax::relax(cx, closure, &[]))?;
        let mut params: Vec<f32> = relaxation.params.start().iter().map(|x| *x as f32).collect();
        params[SHARPNESS] = sharpness as f32;
        params[TEMPERATURE] = 1.0;
        let program = Arc::new(Program::new(&relaxation.tape));
        Ok(Relaxed { relaxation: Arc::new(relaxation), program, params, device: Device::Auto })
    }
}

impl Relaxed {
    /// The same, run elsewhere: `auto` (as it is at first: large work on a GPU where there is one), `cpu`, `gpu`, or the
    /// name of one.
    ///
    /// ```
    /// let mut nsp = nsp::Engine::new();
    /// let square = nsp.function("fn(x: num) -> num { x * x }")?.relax(1.0)?.on("cpu");
    /// assert_eq!(square.values(&[&[1.0, 2.0, 3.0]])?, [1.0, 4.0, 9.0]);
    /// assert!(square.on("no such device").values(&[&[1.0]]).is_err());
    /// # Ok::<(), nsp::Error>(())
    /// ```
    #[must_use]
    pub fn on(&self, device: &str) -> Relaxed {
        Relaxed { device: Device::from(device), ..self.clone() }
    }

    /// How many input columns it takes: the numbers of the arguments in turn, then for a shape the coordinates.
    pub fn inputs(&self) -> usize {
        self.relaxation.tape.inputs
    }

    /// The program of numbers that it is, to run otherwise: as a layer behind a network, see the guide's chapter on relaxed
    /// programs. Its inputs are the columns; its parameters as in [`params`](Self::params).
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// The parameters of the program: the sharpness, the temperature of choices (1), then the holes in the
    /// order in which they are met: a number's value, in its range; a choice's logits, an alternative each, all 0.
    ///
    /// ```
    /// let mut nsp = nsp::Engine::new();
    /// let f = nsp.function("fn(x: num) -> num { ??op{+ | *}(x, ??(0..4: 1.0)) }")?;
    /// assert_eq!(f.relax(8.0)?.params(), [8.0, 1.0, 1.0, 0.0, 0.0]);
    /// # Ok::<(), nsp::Error>(())
    /// ```
    pub fn params(&self) -> &[f32] {
        &self.params
    }

    /// Its first output at each point; a column for each input.
    ///
    /// # Errors
    /// Columns that do not fit; a value that is not finite.
    pub fn values(&self, columns: &[&[f32]]) -> Result<Vec<f32>, Error> {
        let points = columns.first().map_or(0, |c| c.len());
        let mut out = vec![vec![0.0; points]; self.relaxation.tape.outputs.len()];
        let mut rows: Vec<&mut [f32]> = out.iter_mut().map(Vec::as_mut_slice).collect();
        let job = self.job(columns, points);
        let mut run = || self.device.executor(None)?.forward(&[job], &mut rows);
        run().map_err(|e| Error::host(e.to_string()))?;
        Ok(out.swap_remove(0))
    }

    /// Its first output at each point, and for each input the column of derivatives by it.
    ///
    /// # Errors
    /// Columns that do not fit; a value or derivative that is not finite.
    #[allow(clippy::type_complexity)] // values, and a column for each input
    pub fn gradient(&self, columns: &[&[f32]]) -> Result<(Vec<f32>, Vec<Vec<f32>>), Error> {
        let values = self.values(columns)?;
        let mut weights = vec![0.0; self.relaxation.tape.outputs.len()];
        weights[0] = 1.0;
        let job = self.job(columns, values.len());
        let run = || self.device.executor(None)?.gradient(&[job], &[Seeds::Weights(&weights)], true);
        let found = run().map_err(|e| Error::host(e.to_string()))?;
        Ok((values, found.into_iter().next().and_then(|g| g.inputs).unwrap_or_default()))
    }

    fn job<'a>(&'a self, inputs: &'a [&'a [f32]], points: usize) -> Job<'a> {
        Job { program: &self.program, inputs, points, params: &self.params }
    }
}
