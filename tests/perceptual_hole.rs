//! The example of a network in front of a program learns both.

#[allow(dead_code)] // its `main`
#[path = "../examples/perceptual_hole.rs"]
mod example;

#[test]
fn a_network_and_the_program_behind_it_are_learned_from_results_alone() {
    let found = example::learn(1, |a, b| a + 2.0 * b).unwrap();
    assert!((found.factor - 2.0).abs() < 0.1, "{}", found.factor);
    assert!(found.accuracy >= 0.95, "{}", found.accuracy);
}
