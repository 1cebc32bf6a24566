//! Bodies of the scalar operations and their partial derivatives, over `f64`: a module each, `value` and `partial`.

/// `sqrt(x)`
pub mod sqrt {
    /// The value.
    pub fn value(x: f64) -> f64 {
        x.sqrt()
    }
    /// The derivative.
    pub fn partial(x: f64) -> f64 {
        0.5 / x.sqrt()
    }
}

/// `exp(x)`
pub mod exp {
    /// The value.
    pub fn value(x: f64) -> f64 {
        x.exp()
    }
    /// The derivative.
    pub fn partial(x: f64) -> f64 {
        x.exp()
    }
}

/// `ln(x)`
pub mod ln {
    /// The value.
    pub fn value(x: f64) -> f64 {
        x.ln()
    }
    /// The derivative.
    pub fn partial(x: f64) -> f64 {
        1.0 / x
    }
}

/// `sin(x)`
pub mod sin {
    /// The value.
    pub fn value(x: f64) -> f64 {
        x.sin()
    }
    /// The derivative.
    pub fn partial(x: f64) -> f64 {
        x.cos()
    }
}

/// `cos(x)`
pub mod cos {
    /// The value.
    pub fn value(x: f64) -> f64 {
        x.cos()
    }
    /// The derivative.
    pub fn partial(x: f64) -> f64 {
        -x.sin()
    }
}

/// `tan(x)`
pub mod tan {
    /// The value.
    pub fn value(x: f64) -> f64 {
        x.tan()
    }
    /// The derivative.
    pub fn partial(x: f64) -> f64 {
        1.0 + x.tan() * x.tan()
    }
}

/// `tanh(x)`
pub mod tanh {
    /// The value.
    pub fn value(x: f64) -> f64 {
        x.tanh()
    }
    /// The derivative.
    pub fn partial(x: f64) -> f64 {
        1.0 - x.tanh() * x.tanh()
    }
}

/// `sigmoid(x)`
pub mod sigmoid {
    /// The value.
    pub fn value(x: f64) -> f64 {
        1.0 / (1.0 + (-x).exp())
    }
    /// The derivative.
    pub fn partial(x: f64) -> f64 {
        value(x) * (1.0 - value(x))
    }
}

/// `asin(x)`
pub mod asin {
    /// The value.
    pub fn value(x: f64) -> f64 {
        x.asin()
    }
    /// The derivative.
    pub fn partial(x: f64) -> f64 {
        1.0 / (1.0 - x * x).sqrt()
    }
}

/// `acos(x)`
pub mod acos {
    /// The value.
    pub fn value(x: f64) -> f64 {
        x.acos()
    }
    /// The derivative.
    pub fn partial(x: f64) -> f64 {
        -1.0 / (1.0 - x * x).sqrt()
    }
}

/// `atan(x)`
pub mod atan {
    /// The value.
    pub fn value(x: f64) -> f64 {
        x.atan()
    }
    /// The derivative.
    pub fn partial(x: f64) -> f64 {
        1.0 / (1.0 + x * x)
    }
}

/// `atan2(y, x)`
pub mod atan2 {
    /// The value.
    pub fn value(y: f64, x: f64) -> f64 {
        y.atan2(x)
    }
    /// The partial derivatives by both arguments, in their order.
    pub fn partial(y: f64, x: f64) -> (f64, f64) {
        (x / (x * x + y * y), -y / (x * x + y * y))
    }
}

/// `hypot(x, y)`
pub mod hypot {
    /// The value.
    pub fn value(x: f64, y: f64) -> f64 {
        x.hypot(y)
    }
    /// The partial derivatives by both arguments, in their order.
    pub fn partial(x: f64, y: f64) -> (f64, f64) {
        (x / x.hypot(y), y / x.hypot(y))
    }
}
