//! The `nsp` command.

fn main() -> std::process::ExitCode {
    nsp::cli::main()
}
