//! The Frechet distance of two sets of features.

use crate::ModelError;
use nalgebra::{DMatrix, DVector, SymmetricEigen};

/// The squared Frechet distance of the normal distributions that fit two sets of features, rows of equal length,
///
/// `|m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2))`
///
/// with means `m` and covariances `S` (divided by one less than the number of rows): equation 6 of Heusel, Ramsauer,
/// Unterthiner, Nessler and Hochreiter, "GANs Trained by a Two Time-Scale Update Rule", 2017. With the features of
/// Inception it is the FID. Each set needs two rows.
pub fn frechet(a: &[Vec<f32>], b: &[Vec<f32>]) -> Result<f64, ModelError> {
    let n = a.first().map_or(0, Vec::len);
    if a.len() < 2 || b.len() < 2 {
        return Err(ModelError("each set needs at least 2 members".into()));
    }
    if n == 0 || a.iter().chain(b).any(|row| row.len() != n) {
        return Err(ModelError("all rows must have the same number of features".into()));
    }
    if a.iter().chain(b).flatten().any(|v| !v.is_finite()) {
        return Err(ModelError("a feature is infinite or no number".into()));
    }
    let ((m1, s1), (m2, s2)) = (moments(a, n), moments(b, n));
    // The trace of (S1 S2)^(1/2) is that of (R S2 R)^(1/2) with R = S1^(1/2), which is symmetric.
    let root = power(&s1, f64::sqrt);
    let middle = &root * &s2 * &root;
    let mixed: f64 = symmetric(&middle).eigenvalues.iter().map(|v| v.max(0.0).sqrt()).sum();
    let distance = (m1 - m2).norm_squared() + s1.trace() + s2.trace() - 2.0 * mixed;
    // Below zero is rounding.
    Ok(distance.max(0.0))
}

fn moments(rows: &[Vec<f32>], n: usize) -> (DVector<f64>, DMatrix<f64>) {
    let mut x = DMatrix::from_fn(rows.len(), n, |i, j| f64::from(rows[i][j]));
    let mean = x.row_mean().transpose();
    x.row_iter_mut().for_each(|mut row| row -= mean.transpose());
    let covariance = x.transpose() * &x / (rows.len() - 1) as f64;
    (mean, covariance)
}

/// Eigenvectors of a matrix that is symmetric but for rounding.
fn symmetric(m: &DMatrix<f64>) -> SymmetricEigen<f64, nalgebra::Dyn> {
    SymmetricEigen::new((m + m.transpose()) / 2.0)
}

/// A function of a positive semidefinite matrix.
fn power(m: &DMatrix<f64>, f: impl Fn(f64) -> f64) -> DMatrix<f64> {
    let SymmetricEigen { eigenvectors, eigenvalues } = symmetric(m);
    let values = eigenvalues.map(|v| f(v.max(0.0)));
    &eigenvectors * DMatrix::from_diagonal(&values) * eigenvectors.transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_one_feature() {
        // Normal distributions of one dimension: (m1 - m2)^2 + (s1 - s2)^2.
        let rows = |xs: &[f32]| xs.iter().map(|x| vec![*x]).collect::<Vec<_>>();
        let (a, b) = (rows(&[1.0, 3.0]), rows(&[10.0, 14.0, 12.0, 12.0]));
        let (s1, s2) = (2.0f64.sqrt(), (8.0f64 / 3.0).sqrt());
        let expected = 100.0 + (s1 - s2).powi(2);
        assert!((frechet(&a, &b).unwrap() - expected).abs() < 1e-9);
        assert!(frechet(&a, &a).unwrap() < 1e-9);
    }

    #[test]
    fn of_two_features() {
        // Covariances diag(2, 8) and ((5, 3), (3, 5)), means 0: S1 S2 = ((10, 6), (24, 40)) has trace 50 and determinant
        // 256, so that the trace of its root is sqrt(50 + 2 * 16).
        let a = vec![vec![2.0, 0.0], vec![-2.0, 0.0], vec![0.0, 4.0], vec![0.0, -4.0], vec![0.0, 0.0]];
        let a: Vec<Vec<f32>> = a;
        // Eigenvalues 8 and 2 along (1, 1) and (1, -1).
        let (p, q) = (8.0f32.sqrt(), 2.0f32.sqrt());
        let b = vec![vec![p, p], vec![-p, -p], vec![q, -q], vec![-q, q], vec![0.0, 0.0]];
        let expected = 10.0 + 10.0 - 2.0 * 82.0f64.sqrt();
        let found = frechet(&a, &b).unwrap();
        assert!((found - expected).abs() < 1e-5, "{found} {expected}");
    }

    #[test]
    fn too_little_is_refused() {
        let one = vec![vec![1.0]];
        let two = vec![vec![1.0], vec![2.0]];
        assert!(frechet(&one, &two).unwrap_err().0.contains("at least 2"));
        assert!(frechet(&two, &[vec![1.0], vec![]]).unwrap_err().0.contains("same number"));
        assert!(frechet(&two, &[vec![1.0], vec![f32::NAN]]).unwrap_err().0.contains("no number"));
    }
}
