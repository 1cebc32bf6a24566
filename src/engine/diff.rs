//! Rust functions of numbers that have a relaxed meaning, too.

use super::Engine;
use super::host::{HostArg, HostRet};
use crate::builtins::{Exact, Op, Relaxed};
use crate::vm::limits::Fail;
use crate::vm::value::Value;
use nsp_kernels::real::Real;
use std::sync::Arc;

/// A function of `N` numbers written over any [`Real`], from which its exact value, its relaxed value and its derivatives
/// all follow. It must not branch on the numbers' values: use [`Real::select`] and the like.
pub trait Differentiable<const N: usize>: 'static {
    /// The value.
    fn value<R: Real>(x: [R; N]) -> R;
}

impl Engine {
    /// Makes a Rust function of numbers known to programs, exactly and relaxed: `relax`, `grad` and `fit` go through it.
    /// Functions made known by [`register`](Engine::register) have no derivative, and are refused there.
    ///
    /// ```
    /// use nsp::{Differentiable, Real};
    ///
    /// struct Softplus;
    /// impl Differentiable<1> for Softplus {
    ///     fn value<R: Real>([x]: [R; 1]) -> R {
    ///         (x.exp() + R::lit(1.0)).ln()
    ///     }
    /// }
    ///
    /// let mut nsp = nsp::Engine::new();
    /// nsp.register_diff::<1, Softplus>("softplus");
    /// assert_eq!(nsp.eval::<f64>("softplus(0)")?, 2f64.ln());
    /// // The derivative of softplus is the sigmoid.
    /// assert_eq!(nsp.eval::<f64>("grad(fn(x: num) -> num { softplus(x) })(0)")?, 0.5);
    /// # Ok::<(), nsp::Error>(())
    /// ```
    pub fn register_diff<const N: usize, D: Differentiable<N>>(&mut self, name: &str) -> &mut Engine {
        const { assert!(N <= 26, "parameters are named by letters") };
        let body = |args: &[Value]| -> Result<Value, Fail> {
            let mut x = [0.0; N];
            for (x, v) in x.iter_mut().zip(args) {
                *x = f64::from_value(v)?;
            }
            D::value(x).give()
        };
        let params: Vec<String> = ('a'..='z').take(N).map(|p| format!("{p}: num")).collect();
        let sig = format!("({}) -> num", params.join(", "));
        let exact = Exact::Native(Arc::new(move |_, args| body(args)));
        let op = Op::new(name.to_string(), sig, "A function of the host program.", "", exact);
        self.add_op(op.relaxed(Relaxed::Formula(|_, x| {
            D::value(std::array::from_fn(|i| x.get(i).copied().unwrap_or(Real::lit(0.0))))
        })));
        self
    }
}
