//! A first look.
use nsp::session::Session;
#[test]
fn smoke() {
    let mut s = Session::default();
    let lines = std::env::var("NSP_LINES").unwrap_or_else(|_| "1 + 2".into());
    for l in lines.split(";;") {
        match s.step("<t>", l) {
            Ok(o) => println!("{l}  =>  {} : {}", nsp::vm::show(&o.value.value, &o.value.ty), o.value.ty),
            Err(ds) => {
                for d in ds {
                    println!("{l}  => ERR {d} help={:?}", d.help)
                }
            }
        }
    }
}
