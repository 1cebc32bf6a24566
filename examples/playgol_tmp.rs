fn main() {
    let path = std::env::args().nth(1).unwrap();
    let secs: f64 = std::env::args().nth(2).unwrap().parse().unwrap();
    let session = nsp::session::Session::default();
    let (mut n, mut fit, mut gen_) = (0, 0, 0);
    let verbose = std::env::args().nth(3).is_some();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let task: nsp::synth::strings::StringTask = serde_json::from_str(line).unwrap();
        let mut b = nsp::search::Budget::new(None, Some(std::time::Duration::from_secs_f64(secs)), Default::default());
        let a = nsp::synth::strings::solve_task(&session, &task, &mut b);
        n += 1;
        let ok = a.solved && task.test.iter().zip(&a.outputs).all(|(t, o)| t.1 == *o);
        fit += a.solved as i32;
        gen_ += ok as i32;
        if verbose {
            println!(
                "{} solved={} ok={} {:.0}ms {:?}\n    {:?}",
                a.id,
                a.solved,
                ok,
                a.ms,
                a.program,
                task.train.iter().map(|(i, o)| format!("{i:?}->{o:?}")).collect::<Vec<_>>()
            );
            if a.solved && !ok {
                println!("    got {:?}", a.outputs.iter().zip(&task.test).find(|(o, t)| **o != t.1));
            }
        }
    }
    println!(
        "n={n} fit={fit} ({:.1}%) gen={gen_} ({:.1}%)",
        100.0 * fit as f64 / n as f64,
        100.0 * gen_ as f64 / n as f64
    );
}
