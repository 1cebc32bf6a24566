//! A host's own type and functions inside programs.
//!
//! `cargo run --example embed_types`

use nsp::{Engine, HostType};

#[derive(Debug, Clone, PartialEq)]
struct Money {
    cents: i64,
    currency: String,
}

impl HostType for Money {
    const NAME: &'static str = "money";

    fn show(&self) -> String {
        format!("{}.{:02} {}", self.cents / 100, self.cents % 100, self.currency)
    }

    fn bytes(&self) -> usize {
        size_of::<Money>() + self.currency.capacity()
    }
}

/// An error of a host function ends the program with a message at the place of the call.
fn add(a: &Money, b: &Money) -> Result<Money, String> {
    if a.currency != b.currency {
        return Err(format!("cannot add {} to {}", b.currency, a.currency));
    }
    Ok(Money { cents: a.cents + b.cents, currency: a.currency.clone() })
}

/// Adds up money of one currency, and of two.
pub fn main() -> Result<(), nsp::Error> {
    let mut nsp = Engine::new();
    nsp.register_type::<Money>();
    nsp.register("eur", |x: f64| Money { cents: (x * 100.0).round() as i64, currency: "EUR".into() });
    nsp.register("chf", |x: f64| Money { cents: (x * 100.0).round() as i64, currency: "CHF".into() });
    nsp.register("plus", add);
    nsp.register("+", add);

    let v = nsp.run("fn total(all: [money]) -> money { fold(all, eur(0), plus) }\ntotal([eur(1.5), eur(20)])")?;
    let money = Engine::object::<Money>(&v).map(Money::show);
    assert_eq!(money.as_deref(), Some("21.50 EUR"));

    // An operator is a name like any other: other types make another overload.
    assert!(nsp.eval::<bool>("eur(1) + eur(2) == eur(3)")?);

    let error = nsp.run("let a = eur(1)\nplus(a, chf(2))").map(drop);
    let message = error.map_err(|e| e.to_string());
    assert_eq!(message, Err("<eval>:2:1: cannot add CHF to EUR [E0400]".into()));
    println!("{money:?}\n{message:?}");
    Ok(())
}
