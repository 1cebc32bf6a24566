//! Bytecode: typed instructions over two banks of registers.

/// A compiled function.
#[derive(Debug, Default)]
pub struct Code {}
