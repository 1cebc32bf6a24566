//! What may be wrong with a call, or with its numbers.

use crate::tape::Id;
use std::fmt;

/// Why a call gave no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// There are not as many of something as there should be.
    Count {
        /// The job, where the count belongs to one.
        job: Option<usize>,
        /// Of what.
        of: Of,
        /// How many there should be.
        wanted: usize,
        /// How many there are.
        got: usize,
    },
    /// A column is not as long as the job has points.
    Length {
        /// The job.
        job: usize,
        /// Columns of what.
        of: Of,
        /// Which of them.
        column: usize,
        /// How long it should be.
        wanted: usize,
        /// How long it is.
        got: usize,
    },
    /// A number is infinite or not a number.
    NonFinite {
        /// The job.
        job: usize,
        /// The first of its points where that happens.
        point: usize,
        /// The node that has finite operands and no finite result; an input or a parameter that is not finite itself.
        node: Id,
        /// The node's operation, or `input`, `parameter`, `constant`, `dot`.
        name: &'static str,
        /// Whether its value or its derivative.
        what: What,
    },
    /// The caller's flag was set.
    Cancelled,
    /// A device is missing, lost or exhausted, or refuses a kernel: what it says.
    Device(String),
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Input columns of a job.
    Inputs,
    /// Parameters of a job.
    Params,
    /// Seeds of a job, one for each output; or seeds of a call, one for each job.
    Seeds,
    /// Columns for results, one for each job and output.
    Outputs,
}

/// What is not finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The value.
    Value,
    /// A derivative by an operand.
    Derivative,
}

impl fmt::Display for Of {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Of::Inputs => "input columns",
            Of::Params => "parameters",
            Of::Seeds => "seeds",
            Of::Outputs => "output columns",
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Count { job: Some(job), of, wanted, got } => write!(f, "job {job}: {got} {of}, expected {wanted}"),
            Error::Count { job: None, of, wanted, got } => write!(f, "{got} {of}, expected {wanted}"),
            Error::Length { job, of, column, wanted, got } => {
                write!(f, "job {job}: number {column} of the {of} has {got} points, expected {wanted}")
            }
            Error::NonFinite { job, point, node, name, what } => {
                let what = match what {
                    What::Value => "value",
                    What::Derivative => "derivative",
                };
                write!(f, "job {job}: the {what} of `{name}` (node {node}) is not finite at point {point}")
            }
            Error::Cancelled => f.write_str("cancelled"),
            Error::Device(what) => write!(f, "device: {what}"),
        }
    }
}

impl std::error::Error for Error {}
