//! Generates the parser from `grammar/nsp.lalrpop`.
fn main() {
    println!("cargo:rerun-if-changed=grammar");
    println!("cargo:rerun-if-changed=build.rs");
    lalrpop::Configuration::new().set_in_dir("grammar").process().expect("grammar/nsp.lalrpop must compile");
}
