//! Optimisers against PyTorch's numbers, and training: it learns, it is reproducible for any number of threads, it refuses what
//! does not fit before anything runs, and it stops before a gradient that is not finite reaches a parameter.

mod networks;

use chainrule::data::Dataset;
use chainrule::error::Error;
use chainrule::network::Parameter;
use chainrule::optimizers::{Adam, AdamW, Optimizer, Sgd, Update};
use chainrule::prelude::*;
use chainrule::shape::Shape;
use chainrule::site::{Initialiser, Tensor};
use chainrule::train::{Report, Trainer};
use chainrule::{Model, lanes::Element};
use ndarray::{Array1, Array2, Array3, array};
use networks::{Line, Wide, Words};

const fn parameter(offset: usize, size: usize, trains: bool) -> Parameter {
    let tensor = Tensor { shape: Shape::new(&[size]), initialiser: Initialiser::Zeros, fan_in: 1, fan_out: 1 };
    Parameter { layer: "p", name: "weight", tensor, offset, trains }
}

/// Ten copies of the fixture's four parameters, one of them frozen: whole blocks of sixteen, rests, and a hole.
static TENSORS: [Parameter; 4] =
    [parameter(0, 8, true), parameter(8, 12, true), parameter(20, 4, false), parameter(24, 16, true)];

fn check_optimizer<E: Element>(name: &str, mut optimizer: impl Optimizer<E>, tolerance: f64) {
    let start = [1.0, -2.0, 0.5, 3.0];
    let mut parameters: Vec<E> = (0..40).map(|i| E::from_f64(start[i % 4])).collect();
    let fixture = include_str!("fixtures/optimizers/steps.txt");
    let steps: Vec<&str> = fixture.lines().filter_map(|line| line.strip_prefix(&format!("{name}:"))).collect();
    assert_eq!(steps.len(), 5, "{name}");
    for expected in steps {
        let expected: Vec<f64> = expected.split_whitespace().map(|p| p.parse().unwrap()).collect();
        let gradient = |(i, p): (usize, &E)| E::from_f64((i % 4 + 1) as f64 * (p.to_f64() - (i % 4) as f64 / 4.0));
        let gradients: Vec<E> = parameters.iter().enumerate().map(gradient).collect();
        let update = Update { parameters: &mut parameters, gradients: &gradients, tensors: &TENSORS, threads: 2 };
        optimizer.update(update).unwrap();
        for (i, p) in parameters.iter().enumerate() {
            let expected = if (20..24).contains(&i) { start[i % 4] } else { expected[i % 4] };
            assert!((p.to_f64() - expected).abs() <= tolerance, "{name} {i}: {p} {expected}");
        }
    }
}

#[test]
fn optimizers_step_as_pytorch_does() {
    fn all<E: Element>(tolerance: f64) {
        let case = tolerance;
        check_optimizer::<E>("sgd", Sgd::new(0.1), case);
        check_optimizer::<E>("sgd decay", Sgd::new(0.1).weight_decay(0.3), case);
        check_optimizer::<E>("sgd momentum", Sgd::new(0.05).momentum(0.9), case);
        let nesterov = Sgd::new(0.05).momentum(0.8).nesterov(true).weight_decay(0.1);
        check_optimizer::<E>("sgd nesterov", nesterov, case);
        check_optimizer::<E>("adam", Adam::new(0.1), case);
        let decayed = Adam::new(0.2).betas(0.8, 0.95).epsilon(1e-3).weight_decay(0.4);
        check_optimizer::<E>("adam decay", decayed, case);
        check_optimizer::<E>("adamw", AdamW::new(0.1), case);
        let decayed = AdamW::new(0.2).betas(0.7, 0.9).epsilon(1e-4).weight_decay(0.5);
        check_optimizer::<E>("adamw decay", decayed, case);
    }
    all::<f64>(1e-14);
    all::<f32>(3e-6);
}

/// `t = 2 x₀ - 3 x₁ + 0.5`.
fn plane(count: usize) -> (Array2<f32>, Array1<f32>) {
    let x = Array2::from_shape_fn((count, 2), |(i, j)| ((i * 31 + j * 17) as f32).sin());
    let t = x.rows().into_iter().map(|x| 2.0 * x[0] - 3.0 * x[1] + 0.5).collect();
    (x, t)
}

/// Tokens whose class is whether token 4 is among them.
fn words(count: usize) -> ((Array2<u8>, Array1<f32>), Array1<u8>) {
    let token = Array2::from_shape_fn((count, 3), |(i, j)| ((i * 7 + i / 3 * j + 5 * j) % 5) as u8);
    let label = token.rows().into_iter().map(|row| u8::from(row.iter().any(|t| *t == 4))).collect();
    ((token, Array1::zeros(count)), label)
}

#[test]
fn a_line_is_found() {
    let mut model = Model::<Line>::new(1);
    let report = Trainer::new(Adam::new(0.05)).epochs(60).quiet(true).fit(&mut model, plane(200), plane(50)).unwrap();
    let last = report.last().unwrap();
    assert!(last.test_loss.unwrap() < 1e-6, "{report}");
    assert_eq!((report.epochs.len(), last.accuracy, model.steps()), (60, None, 60 * 7));
    let scale = model.parameter("line.gain").unwrap().sum().exp();
    assert!((model.parameter("line.weight").unwrap()[1] * scale + 3.0).abs() < 1e-3);
}

#[test]
fn classes_are_learned_and_counted() {
    let mut model = Model::<Words>::new(1);
    let (train, test) = (words(400), words(90));
    let mut trainer = Trainer::new(AdamW::new(0.03)).epochs(40).batch(50).clip(1.0).quiet(true);
    let report = trainer.fit(&mut model, &train, &test).unwrap();
    assert!(report.accuracy().unwrap() > 0.95, "{report}");
    let offset = model.parameter("logits.offset").unwrap();
    assert!(offset.iter().all(|o| *o == 0.25), "frozen");
    let tested = model.test(&test).unwrap();
    assert_eq!(Some(tested.loss), report.last().unwrap().test_loss);
    let classes = model.predict((&test.0.0, &test.0.1)).unwrap().classes();
    let right = classes.iter().zip(&test.1).filter(|(class, label)| **class == usize::from(**label)).count();
    assert_eq!(report.accuracy(), Some(right as f64 / 90.0));
}

fn losses(report: &Report) -> Vec<(f64, Option<f64>)> {
    report.epochs.iter().map(|epoch| (epoch.train_loss, epoch.test_loss)).collect()
}

#[test]
fn the_same_seed_gives_the_same_bits_for_any_number_of_threads() {
    let run = |seed, threads, batch| {
        let mut model = Model::<Words>::new(3);
        let mut trainer = Trainer::new(Adam::new(0.01)).epochs(3).batch(batch).seed(seed).threads(threads).quiet(true);
        let report = trainer.fit(&mut model, words(200), words(70)).unwrap();
        let bits: Vec<u32> = model.parameters().flat_map(|(_, p)| p.mapv(f32::to_bits)).collect();
        (bits, losses(&report))
    };
    // Three units, that two threads share as two halves, and more.
    for batch in [48, 90] {
        let expected = run(1, 1, batch);
        for threads in [2, 3, 8] {
            assert_eq!(run(1, threads, batch), expected, "{threads} threads, batches of {batch}");
        }
        assert_ne!(run(2, 1, batch).0, expected.0, "another seed");
    }
}

#[test]
fn many_parameters_are_shared_out_without_a_trace() {
    let x = Array2::from_shape_fn((70, 40_000), |(i, j)| ((i * 31 + j * 17) % 101) as f32 / 50.0 - 1.0);
    let t = Array1::from_shape_fn(70, |i| i as f32 / 70.0);
    let model = Model::<Wide>::new(2);
    let y = model.predict(&x).unwrap();
    let (_, gradients) = model.gradient(&x, &t).unwrap();
    for at in [0, 16_383, 16_384, 39_999] {
        let terms = (0..70).map(|i| f64::from(2.0 * (y.values()[i] - t[i]) * x[[i, at]]));
        let expected = terms.sum::<f64>() / 70.0;
        assert!((f64::from(gradients.flat()[at]) - expected).abs() < 1e-4 * expected.abs().max(0.1), "{at}");
    }
    let run = |threads| {
        let mut model = Model::<Wide>::new(2);
        let mut trainer = Trainer::new(AdamW::new(1e-4)).epochs(2).batch(50).threads(threads).quiet(true);
        let report = trainer.fit(&mut model, (&x, &t), (&x, &t)).unwrap();
        let weight = model.parameter("dot.weight").unwrap().mapv(f32::to_bits);
        (weight, losses(&report))
    };
    let expected = run(1);
    assert!([2, 3, 8].into_iter().all(|threads| run(threads) == expected));
}

network! {
    /// One tile of it is work enough for several threads, in contractions and outside of them.
    struct Alone;

    x: [64, 64] -> Dense::new(64) -> Gelu::new() -> Dropout::new(0.2) -> mixed: CausalSelfAttention::new(2);
    x + mixed -> y: LayerNorm::new();

    loss MeanSquaredError(y, wanted: [64, 64]);
}

#[test]
fn threads_share_a_tile_without_a_trace() {
    let x = Array3::from_shape_fn((16, 64, 64), |(i, j, k)| ((i * 31 + j * 17 + k * 7) % 101) as f32 / 50.0 - 1.0);
    let t = x.mapv(|x| x * x);
    let run = |threads| {
        let mut model = Model::<Alone>::new(2);
        let mut trainer = Trainer::new(AdamW::new(1e-3)).epochs(3).batch(16).threads(threads).quiet(true);
        let report = trainer.fit(&mut model, (&x, &t), (&x, &t)).unwrap();
        let bits: Vec<u32> = model.parameters().flat_map(|(_, p)| p.mapv(f32::to_bits)).collect();
        (bits, losses(&report))
    };
    let expected = run(1);
    assert!([2, 3, 8].into_iter().all(|threads| run(threads) == expected));
}

#[test]
fn two_runs_of_two_epochs_are_one_of_four() {
    let run = |times: usize, epochs| {
        let mut model = Model::<Words>::new(3);
        let mut trainer = Trainer::new(Adam::new(0.01)).epochs(epochs).quiet(true);
        for _ in 0..times {
            trainer.fit(&mut model, words(100), words(10)).unwrap();
        }
        model.parameters().map(|(_, p)| p.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(run(2, 2), run(1, 4));
}

#[test]
fn a_dataset_trains_as_its_arrays_do() {
    let (x, t) = plane(50);
    let data = Dataset::new(vec![x.clone().into_dyn(), t.clone().into_dyn()]).unwrap();
    let run = |examples: &dyn Fn(&mut Model<Line>) -> Report| {
        let mut model = Model::<Line>::new(1);
        losses(&examples(&mut model))
    };
    let trainer = || Trainer::new(Sgd::new(0.01)).epochs(2).quiet(true);
    let of_data = run(&|model| trainer().fit(model, &data, &data).unwrap());
    assert_eq!(of_data, run(&|model| trainer().fit(model, (&x, &t), (&x, &t)).unwrap()));
}

#[test]
fn a_step_by_hand_is_a_trainers_step() {
    let (x, t) = plane(20);
    let mut trained = Model::<Line>::new(1);
    let mut trainer = Trainer::new(Sgd::new(0.1)).epochs(1).batch(20).quiet(true);
    trainer.fit_untested(&mut trained, (&x, &t)).unwrap();
    let mut stepped = Model::<Line>::new(1);
    let (_, gradients) = stepped.gradient(&x, &t).unwrap();
    Sgd::new(0.1).step(&mut stepped, &gradients).unwrap();
    assert_eq!(stepped.steps(), 1);
    for ((_, a), (_, b)) in trained.parameters().zip(stepped.parameters()) {
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-6));
    }
}

#[test]
fn what_is_not_finite_stops_before_the_parameters() {
    let (mut x, t) = plane(64);
    x[[40, 1]] = f32::NAN;
    let mut model = Model::<Line>::new(1);
    let mut trainer = Trainer::new(Adam::new(0.1)).epochs(1).batch(64).clip(1.0).quiet(true);
    let error = trainer.fit(&mut model, (&x, &t), plane(4)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the gradient of `line.weight` in layer `line` is not finite at step 0; the parameters are as they were before the step. `x` holds \
         NaN in training example 40, which is in this batch: correct or remove the example"
    );
    assert_eq!(model.parameter("line.weight").unwrap(), Model::<Line>::new(1).parameter("line.weight").unwrap());

    let (x, t) = plane(64);
    let error = Trainer::new(Sgd::new(1e9)).epochs(20).quiet(true).fit(&mut model, (&x, &t), (&x, &t)).unwrap_err();
    assert!(
        matches!(&error, Error::NotFinite { layer: "line", cause, .. } if cause.contains("lower the learning rate")),
        "{error}"
    );
    assert!(model.parameters().all(|(_, p)| p.iter().all(|p| p.is_finite())));
}

#[test]
fn every_bad_setting_is_an_error_before_anything_runs() {
    let (x, t) = plane(8);
    let trainer = |rate| Trainer::new(Sgd::new(rate)).quiet(true);
    let fit = |mut trainer: Trainer<Sgd>| trainer.fit(&mut Model::<Line>::new(1), (&x, &t), (&x, &t)).map(drop);
    let adam = |adam: Adam| Trainer::new(adam).fit(&mut Model::<Line>::new(1), (&x, &t), (&x, &t)).map(drop);
    let none = (Array2::<f32>::zeros((0, 2)), Array1::<f32>::zeros(0));
    let (token, label) = words(4);
    let mut bad = Model::<Words>::new(1);
    let table: Vec<(Result<(), Error>, &str)> = vec![
        (fit(trainer(0.1).epochs(0)), "trainer: expected `epochs` to be at least 1, found 0"),
        (fit(trainer(0.1).batch(0)), "trainer: expected `batch` to be at least 1, found 0"),
        (fit(trainer(0.1).clip(-1.0)), "trainer: expected `clip` to be above 0, found -1"),
        (fit(trainer(f64::NAN)), "sgd: expected `rate` to be finite and at least 0, found NaN"),
        (
            fit(Trainer::new(Sgd::new(0.1).momentum(1.0))),
            "sgd: expected `momentum` to be at least 0 and below 1, found 1",
        ),
        (
            fit(Trainer::new(Sgd::new(0.1).nesterov(true))),
            "sgd: expected `momentum` to be above 0 with `nesterov(true)`, found 0",
        ),
        (
            fit(Trainer::new(Sgd::new(0.1).weight_decay(-0.1))),
            "sgd: expected `weight_decay` to be finite and at least 0, found -0.1",
        ),
        (adam(Adam::new(-1.0)), "adam: expected `rate` to be finite and at least 0, found -1"),
        (adam(Adam::new(0.1).betas(0.9, 1.0)), "adam: expected `betas` to be at least 0 and below 1, found 1"),
        (
            adam(Adam::new(0.1).epsilon(f64::INFINITY)),
            "adam: expected `epsilon` to be finite and at least 0, found inf",
        ),
        (
            trainer(0.1).fit(&mut Model::<Line>::new(1), &none, (&x, &t)).map(drop),
            "training data: `x` of `Line`: expected at least one sample, found an empty batch",
        ),
        (
            trainer(0.1).fit(&mut Model::<Line>::new(1), (&x, &t), (&t, &t)).map(drop),
            "test data: `x` of `Line`: expected shape [2] or a batch of them, [batch, 2], found [8]; check the order of the axes: the batch leads",
        ),
        (
            trainer(0.1).fit(&mut Model::<Line>::new(1), &x, &x).map(drop),
            "training data: `Line`: expected 2 columns (`x`, `t`), found 1 array; give them in this order, several as a tuple",
        ),
        (
            trainer(0.1).fit(&mut bad, (&token, label.map(|l| 3 * l)), (&token, &label)).map(drop),
            "training data: `label` of `Words`: expected integers from 0 to 1, found 3 in sample 2; correct the data, or declare as many classes as there are",
        ),
        (
            {
                let mut sgd = Sgd::new(0.1).momentum(0.5);
                let (mut a, mut b) = (Model::<Line>::new(1), Model::<Words>::new(1));
                let first = a.gradient(&x, &t).unwrap().1;
                sgd.step(&mut a, &first).unwrap();
                let second = b.gradient((&token.0, &token.1), array![0, 0, 1, 1]).unwrap().1;
                sgd.step(&mut b, &second)
            },
            "sgd: expected the model it started with, of 4 parameters, found one of 14; use one optimizer for each model",
        ),
    ];
    for (result, expected) in table {
        assert_eq!(result.unwrap_err().to_string(), expected);
    }
}
