//! Gradient checks: right gradients pass, wrong ones are found where they are wrong.

mod networks;

use chainrule::error::Error;
use chainrule::model::Mode;
use chainrule::{Model, check};
use ndarray::{Array1, Array2, array};
use networks::{Line, Words, Wrong};

fn numbers(count: usize) -> (Array2<f32>, Array1<f32>) {
    let x = Array2::from_shape_fn((count, 2), |(i, j)| ((i * 31 + j * 17) as f32).sin());
    let t = Array1::from_shape_fn(count, |i| ((i * 13) as f32).cos());
    (x, t)
}

#[test]
fn right_gradients_pass() {
    let (x, t) = numbers(19);
    let line = Model::<Line>::new(1);
    let words = Model::<Words>::new(1);
    let token = Array2::from_shape_fn((19, 3), |(i, j)| (i + j) % 5);
    let label = Array1::from_shape_fn(19, |i| i % 2);
    let checks = [
        check::gradients(&line, &x),
        check::gradients(&line, x.row(0)),
        check::loss_gradients(&line, &x, &t),
        check::gradients(&words, (&token, &t)),
        check::gradients_in(Mode::Training { seed: 3, step: 4 }, &words, (&token, &t)),
        check::loss_gradients_in(words.training(), &words, (&token, &t), &label),
    ];
    let names = [&["line.weight", "line.bias", "line.gain", "x"][..], &["mix.table", "mix.slope", "z"]];
    for (number, check) in checks.into_iter().enumerate() {
        let check = check.unwrap().assert(1e-8).unwrap();
        let found: Vec<&str> = check.entries.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(found, names[usize::from(number >= 3)]);
        assert!(check.entries.iter().all(|entry| entry.kinks.is_empty()), "{check}");
    }
}

#[test]
fn a_wrong_gradient_is_found() {
    let (x, t) = numbers(5);
    let model = Model::<Wrong>::new(1);
    for check in [check::gradients(&model, &x), check::loss_gradients(&model, &x, &t)] {
        let check = check.unwrap();
        let worst = check.worst().unwrap();
        assert_eq!((worst.name.as_str(), &worst.worst[..]), ("line.weight", &[1][..]));
        assert!((check.error() - 1e-3).abs() < 1e-5, "{check}");
        assert!(check.clone().assert(2e-3).is_ok());
        let error = check.assert(1e-6).unwrap_err();
        assert!(matches!(error, Error::Disagree { .. }));
        let text = error.to_string();
        assert!(text.contains("line.weight  largest relative error 1.0e-3 at [1]: derived"), "{text}");
    }
}

#[test]
fn bad_inputs_are_errors() {
    let model = Model::<Line>::new(1);
    assert!(matches!(check::gradients(&model, array![1.0_f32]), Err(Error::Shape { .. })));
    assert!(matches!(check::loss_gradients(&model, array![[1.0_f32, 2.0]], ()), Err(Error::Count { .. })));
}
