//! The `nsp` command.
fn main() {}
