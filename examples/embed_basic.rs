//! Rules written in the language, run by a host over its own records.
//!
//! `cargo run --example embed_basic`

use nsp::Engine;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct Order {
    customer: String,
    amount: f64,
    items: Vec<String>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Decision {
    discount: f64,
    note: String,
}

/// Might come from a file that the shop's staff edits.
const RULES: &str = r#"
    let free_from = 100.0

    /// What a customer gets off, and why.
    fn decide(order: (amount: num, customer: str, items: [str])) {
        if vip(order.customer) {
            (discount: order.amount * 0.2, note: "welcome back, " + order.customer)
        } else if order.amount >= free_from {
            (discount: 5.0, note: "free delivery")
        } else {
            (discount: 0.0, note: "")
        }
    }
"#;

/// Loads the rules and decides on two orders.
pub fn main() -> Result<(), nsp::Error> {
    let mut nsp = Engine::new();
    nsp.register_doc("vip", "Whether a customer is on the list.", |name: &str| name == "Ann");
    nsp.run_named("rules.nsp", RULES)?;

    // Taken once, called for every order, from any thread.
    let decide = nsp.function("decide")?;
    let order = |customer: &str, amount| Order { customer: customer.into(), amount, items: Vec::new() };
    let ann: Decision = decide.call((order("Ann", 50.0),))?;
    let bob: Decision = decide.call((order("Bob", 120.0),))?;
    assert_eq!(ann, Decision { discount: 10.0, note: "welcome back, Ann".into() });
    assert_eq!(bob, Decision { discount: 5.0, note: "free delivery".into() });

    let total: f64 = nsp.eval("1.5 + free_from")?;
    assert_eq!(total, 101.5);
    println!("{ann:?}\n{bob:?}\n{total}");
    Ok(())
}
