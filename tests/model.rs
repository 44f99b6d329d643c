//! `Model`: outputs and gradients against closed forms, for any number of samples and threads; parameters by name; every bad input.

mod networks;

use chainrule::error::Error;
use chainrule::model::Mode;
use chainrule::prelude::*;
use ndarray::{Array1, Array2, Array4, ArrayD, array, s};
use networks::{Line, Words};

fn line() -> Model<Line, f64> {
    let mut model = Model::new(1);
    model.set_parameter("line.weight", array![2.0, -3.0]).unwrap();
    model.set_parameter("line.bias", ndarray::arr0(0.5)).unwrap();
    model.set_parameter("line.gain", ndarray::arr0(0.7)).unwrap();
    model
}

/// Some samples `x`, and their targets.
fn samples(count: usize) -> (Array2<f64>, Array1<f64>) {
    let x = Array2::from_shape_fn((count, 2), |(i, j)| ((7 * i + 3 * j) % 11) as f64 * 0.3 - 1.0);
    let t = Array1::from_shape_fn(count, |i| (i % 5) as f64 * 0.4);
    (x, t)
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * a.abs().max(b.abs()).max(1.0)
}

#[test]
fn outputs_and_gradients_match_the_closed_form_for_any_batch() {
    let model = line();
    let scale = 0.7_f64.exp();
    for count in [1, 2, 15, 16, 17, 64, 100, 300] {
        let (x, t) = samples(count);
        let outputs = model.forward(&x).unwrap().remove(0);
        let (loss, gradients) = model.gradient(&x, &t).unwrap();

        let (mut expected_loss, mut dw, mut db, mut dgain) = (0.0, [0.0; 2], 0.0, 0.0);
        for i in 0..count {
            let dot = 2.0 * x[[i, 0]] - 3.0 * x[[i, 1]];
            let y = scale * dot + 0.5;
            assert!(close(outputs[i], y), "{count} {i}");
            let g = 2.0 * (y - t[i]) / count as f64;
            expected_loss += (y - t[i]).powi(2) / count as f64;
            dw[0] += g * scale * x[[i, 0]];
            dw[1] += g * scale * x[[i, 1]];
            db += g;
            dgain += g * dot * scale;
        }
        assert!(close(loss, expected_loss), "{count}");
        assert!(close(model.loss(&x, &t).unwrap(), expected_loss), "{count}");
        let weight = gradients.get("line.weight").unwrap();
        assert!(close(weight[0], dw[0]) && close(weight[1], dw[1]), "{count}");
        assert!(close(gradients.flat()[2], db) && close(gradients.flat()[3], dgain), "{count}");
    }
}

#[test]
fn vjp_gives_outputs_parameter_and_input_gradients() {
    let model = line();
    let (x, t) = samples(37);
    let vjp = model.vjp(&x, &t).unwrap();
    assert_eq!(vjp.outputs[0], model.forward(&x).unwrap()[0]);
    assert!(close(vjp.parameters.get("line.bias").unwrap().sum(), t.sum()));
    let gradient = vjp.input("x").unwrap();
    assert_eq!(gradient.shape(), [37, 2]);
    for i in 0..37 {
        assert!(close(gradient[[i, 1]], -3.0 * 0.7_f64.exp() * t[i]));
    }
}

#[test]
fn one_sample_has_no_batch_axis() {
    let model = line();
    let (x, _) = samples(5);
    let all = model.predict(&x).unwrap();
    assert_eq!(all.values().shape(), [5]);
    for i in 0..5 {
        let one = model.predict(x.row(i)).unwrap();
        assert!(one.values().shape().is_empty());
        assert_eq!(one.values().sum(), all.values()[i]);
    }
}

#[test]
fn any_strides_give_the_same_bits() {
    let model = line();
    let (x, _) = samples(40);
    let fortran = x.t().as_standard_layout().into_owned();
    let wide =
        Array2::from_shape_fn((80, 6), |(i, j)| if i % 2 == 0 && j % 3 == 0 { x[[i / 2, j / 3]] } else { f64::NAN });
    let expected = model.predict(&x).unwrap();
    assert_eq!(model.predict(fortran.t()).unwrap(), expected);
    assert_eq!(model.predict(wide.slice(s![..;2, ..;3])).unwrap(), expected);
    let reversed = model.predict(x.slice(s![..;-1, ..])).unwrap();
    assert_eq!(reversed.values().slice(s![..;-1]), expected.values().view().into_dimensionality().unwrap());
}

#[test]
fn bits_do_not_depend_on_the_number_of_threads() {
    for count in [5, 16, 33, 200, 1000] {
        let x = Array2::from_shape_fn((count, 2), |(i, j)| ((i * 31 + j * 17) as f32).sin());
        let t = Array1::from_shape_fn(count, |i| ((i * 13) as f32).cos());
        let run = |threads| {
            let model = Model::<Line>::new(3).threads(threads);
            let (loss, gradients) = model.gradient(&x, &t).unwrap();
            let vjp = model.vjp(&x, &t).unwrap();
            let bits: Vec<u32> = gradients
                .flat()
                .iter()
                .chain(vjp.parameters.flat())
                .chain(vjp.input("x").unwrap().iter())
                .chain(&vjp.outputs[0])
                .map(|value| value.to_bits())
                .collect();
            (loss.to_bits(), model.loss(&x, &t).unwrap().to_bits(), bits)
        };
        let expected = run(1);
        for threads in [2, 3, 8] {
            assert_eq!(run(threads), expected, "{count} samples, {threads} threads");
        }
    }
}

/// Every channel with a window of its own; no contraction of its way back reads what another one writes.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, h, w] outside 0;
    param  weight[c, p: 3, q: 3] = KaimingUniform;
    param  bias[c] = Zeros;
    output y[c, h, w] = bias[c] + sum(p, q) weight[c, p, q] * x[c, h + p - 1, w + q - 1];
}]
struct Windows;

/// Two matrices, one after the other: on the way back each contraction reads what those before it write.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, h, w];
    param  first[r: 8, c]  = KaimingUniform;
    param  second[o: 8, r] = KaimingUniform;
    let    inner[r, h, w] = sum(c) first[r, c] * x[c, h, w];
    output y[o, h, w]     = sum(r) second[o, r] * inner[r, h, w];
}]
struct Matrices;

network! {
    struct Planes;

    x: [8, 47, 47] -> one: Windows -> matrices: Matrices -> two: Windows -> GlobalAvgPool -> y: Dense::new(1);

    loss MeanSquaredError(y, t: [1]);
}

/// Where a layer's tensors do not stay in the cache, one thread runs its way back part by part, if it can.
#[test]
fn large_layers_have_the_same_gradients_in_parts() {
    let x = Array4::from_shape_fn((16, 8, 47, 47), |(n, c, h, w)| ((n * 31 + c * 17 + h * 7 + w * 3) as f32).sin());
    let t = Array2::from_shape_fn((16, 1), |(n, _)| (n as f32).cos());
    let run = |threads| {
        let (_, gradients) = Model::<Planes>::new(3).threads(threads).gradient(&x, &t).unwrap();
        gradients.flat().iter().map(|value| value.to_bits()).collect::<Vec<u32>>()
    };
    assert_eq!(run(1), run(2));
}

/// What the way back needs is only prepared once it is gone, whatever was asked before.
#[test]
fn answers_before_gradients_change_neither() {
    let x = Array4::from_shape_fn((16, 8, 47, 47), |(n, c, h, w)| ((n * 31 + c * 17 + h * 7 + w * 3) as f32).sin());
    let t = Array2::from_shape_fn((16, 1), |(n, _)| (n as f32).cos());
    for count in [1, 16] {
        let (x, t) = (x.slice(s![..count, .., .., ..]), t.slice(s![..count, ..]));
        let (asked, fresh) = (Model::<Planes>::new(3), Model::<Planes>::new(3));
        let answers = || asked.predict(x).unwrap().values().mapv(f32::to_bits);
        let before = answers();
        let bits = |model: &Model<Planes>| {
            let (loss, gradients) = model.gradient(x, t).unwrap();
            (loss.to_bits(), gradients.flat().iter().map(|value| value.to_bits()).collect::<Vec<u32>>())
        };
        assert_eq!(bits(&asked), bits(&fresh), "{count}");
        assert_eq!(answers(), before, "{count}");
    }
}

#[test]
fn padding_takes_no_part_even_where_it_would_be_infinite() {
    let model = line();
    let (mut x, t) = samples(17);
    x.row_mut(16).fill(1e200);
    let (_, gradients) = model.gradient(x.slice(s![..16, ..]), t.slice(s![..16])).unwrap();
    assert!(gradients.norm().is_finite());
    let vjp = model.vjp(&x, Array1::from_shape_fn(17, |i| f64::from(i == 16))).unwrap();
    let weight = vjp.parameters.get("line.weight").unwrap();
    assert!(close(weight[0], 0.7_f64.exp() * 1e200));
}

#[test]
fn integer_inputs_and_classes() {
    let model = Model::<Words, f64>::new(5);
    let token = array![[0_u8, 1, 4], [2, 2, 2], [3, 0, 1]];
    let z = array![0.5, -1.0, 2.0];
    let table = model.parameter("mix.table").unwrap();
    let slope = model.parameter("mix.slope").unwrap();
    let prediction = model.predict((&token, &z)).unwrap();
    let logits = prediction.values();
    for i in 0..3 {
        for k in 0..2 {
            let sum: f64 = (0..3).map(|t| table[[token[[i, t]] as usize, k]]).sum();
            assert!(close(logits[[i, k]], sum + z[i] * slope[k] + 0.25));
        }
        let one = model.predict((token.row(i), z.slice(s![i]))).unwrap();
        let class = usize::from(logits[[i, 1]] > logits[[i, 0]]);
        assert_eq!((one.class(), prediction.classes()[i]), (class, class));
        assert_eq!(one.to_string(), class.to_string());
    }
    let right = prediction.classes();
    let wrong = right.map(|class| 1 - class);
    let labels = array![right[0], wrong[1], right[2]];
    let evaluation = model.evaluate((&token, &z), &labels).unwrap();
    assert_eq!(evaluation.accuracy, Some(2.0 / 3.0));
    assert_eq!(line().evaluate(samples(3).0, samples(3).1).unwrap().accuracy, None);
}

#[test]
fn frozen_parameters_have_the_gradient_zero() {
    let model = Model::<Words, f64>::new(5);
    let token = array![[0, 1, 4]];
    let (_, gradients) = model.gradient((&token, array![1.0]), array![1]).unwrap();
    assert!(gradients.get("logits.offset").unwrap().iter().all(|g| *g == 0.0));
    assert!(gradients.get("mix.slope").unwrap().iter().all(|g| *g != 0.0));
}

#[test]
fn draws_belong_to_seed_step_and_sample() {
    let model = Model::<Words, f64>::new(5);
    let token = Array2::from_shape_fn((50, 3), |(i, j)| (i + j) % 5);
    let z = Array1::<f64>::zeros(50);
    let run = |seed, step| {
        let mode = Mode::Training { seed, step };
        model.forward_in(mode, (&token, &z)).unwrap().remove(0)
    };
    assert_eq!(run(1, 2), run(1, 2));
    assert_ne!(run(1, 2), run(1, 3));
    assert_ne!(run(1, 2), run(2, 2));
    let (token, z) = (token.slice(s![..20, ..]), z.slice(s![..20]));
    let fewer = model.forward_in(Mode::Training { seed: 1, step: 2 }, (token, z)).unwrap();
    assert_eq!(fewer[0], run(1, 2).slice(s![..20, ..]).into_dyn());
}

#[test]
fn parameters_by_name() {
    let mut model = Model::<Line>::new(9);
    let names: Vec<String> = model.parameters().map(|(name, _)| name).collect();
    assert_eq!(names, ["line.weight", "line.bias", "line.gain"]);
    let bound = 0.5_f32.sqrt();
    let weight = model.parameter("line.weight").unwrap();
    assert!(weight.iter().all(|w| *w != 0.0 && w.abs() <= bound));
    let twin = Model::<Line, f64>::new(9);
    let wide = twin.parameter("line.weight").unwrap().map(|w| *w as f32);
    assert_eq!(weight, wide);
    model.set_parameter("line.weight", array![1.0, 2.0]).unwrap();
    assert_eq!(model.parameter("line.weight").unwrap(), array![1.0, 2.0].into_dyn());
    assert_eq!(model.clone().parameter("line.weight").unwrap(), array![1.0, 2.0].into_dyn());
}

#[test]
fn saved_and_loaded_a_model_is_the_same() {
    let path = std::env::temp_dir().join(format!("chainrule-model-{}.safetensors", std::process::id()));
    let (x, t) = samples(30);
    let mut model = line();
    let gradients = model.gradient(&x, &t).unwrap().1;
    Adam::new(0.01).step(&mut model, &gradients).unwrap();
    model.save(&path).unwrap();
    let loaded = Model::<Line, f64>::load(&path).unwrap();
    assert_eq!(loaded.predict(&x).unwrap(), model.predict(&x).unwrap());
    assert_eq!((loaded.steps(), loaded.seed()), (1, 1));
    let narrow = Model::<Line>::load(&path).unwrap();
    assert_eq!(narrow.parameter("line.bias").unwrap().sum(), model.parameter("line.bias").unwrap().sum() as f32);
    let other = Model::<Words>::load(&path).unwrap_err();
    assert!(matches!(other, Error::Checkpoint(_)));
    let text = other.to_string();
    assert!(
        ["mix.table", "mix.slope", "logits.offset", "line.weight"].iter().all(|name| text.contains(name)),
        "{text}"
    );
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(Model::<Line>::load(&path), Err(Error::Checkpoint(_))));
}

#[test]
fn every_bad_input_is_an_error_that_says_what_to_do() {
    let (line, words) = (line(), Model::<Words, f64>::new(1));
    let (x, t) = samples(4);
    let token = Array2::<i64>::zeros((4, 3));
    let z = Array1::<f64>::zeros(4);
    let with = |value: i64| {
        let mut token = token.clone();
        token[[2, 1]] = value;
        words.predict((token, &z)).map(drop)
    };
    let empty = Array2::<f64>::zeros((0, 2));
    let none: [ArrayD<f64>; 0] = [];
    let mut changed = Model::<Line, f64>::new(1);
    let table: Vec<(Result<(), Error>, &str)> = vec![
        (
            line.predict(Array2::<f64>::zeros((4, 3))).map(drop),
            "`x` of `Line`: expected shape [2] or a batch of them, [batch, 2], found [4, 3]; check the order of the axes: the batch leads",
        ),
        (
            line.predict(x.clone().insert_axis(ndarray::Axis(2))).map(drop),
            "`x` of `Line`: expected shape [2] or a batch of them, [batch, 2], found [4, 2, 1]; add or remove the axis of extent 1 (`insert_axis`, `index_axis`)",
        ),
        (line.predict(&empty).map(drop), "`x` of `Line`: expected at least one sample, found an empty batch"),
        (
            line.predict((&x, &x)).map(drop),
            "`Line`: expected 1 input (`x`), found 2 arrays; give them in this order, several as a tuple",
        ),
        (
            line.predict(none).map(drop),
            "`Line`: expected 1 input (`x`), found 0 arrays; give them in this order, several as a tuple",
        ),
        (
            words.predict((&token, z.slice(s![..3]))).map(drop),
            "expected as many samples in `z` as in `token`, 4, found 3; cut or pad one of them",
        ),
        (
            words.predict((token.row(0), &z)).map(drop),
            "`token` holds one sample, `z` a batch; give both with a leading batch axis, or both without",
        ),
        (
            line.gradient(&x, t.slice(s![..3])).map(drop),
            "expected as many samples in `t` as in `x`, 4, found 3; cut or pad one of them",
        ),
        (
            with(5),
            "`token` of `Words`: expected integers from 0 to 4, found 5 in sample 2; counting starts at 0: subtract 1, or declare one class more",
        ),
        (
            with(-1),
            "`token` of `Words`: expected integers from 0 to 4, found -1 in sample 2; correct the data, or declare as many classes as there are",
        ),
        (
            words.predict((token.map(|_| 0.5), &z)).map(drop),
            "`token` of `Words`: expected integers from 0 to 4, found 0.5 in sample 0; classes and tokens are whole numbers",
        ),
        (
            words.loss((&token, &z), z.map(|_| f64::NAN)).map(drop),
            "`label` of `Words`: expected integers from 0 to 1, found NaN in sample 0; classes and tokens are whole numbers",
        ),
        (line.parameter("line.wieght").map(drop), "`Line` has no parameter `line.wieght`; did you mean `line.weight`?"),
        (
            changed.set_parameter("conv.kernel", &t),
            "`Line` has no parameter `conv.kernel`; it has `line.weight`, `line.bias`, `line.gain`",
        ),
        (
            changed.set_parameter("line.weight", &t),
            "parameter `line.weight`: expected shape [2], found [4]; transpose or reshape the array",
        ),
        (
            line.vjp(&x, &x).map(drop),
            "`line` of `Line`: expected one number or a batch of them, [batch], found [4, 2]; check the order of the axes: the batch leads",
        ),
        (
            words.vjp((&token, &z), Array2::<f64>::zeros((4, 2))).unwrap().input("token").map(drop),
            "input `token` of `Words` has no gradient: it holds integers",
        ),
        (line.vjp(&x, &t).unwrap().input("image").map(drop), "`Line` has no input `image`; it has `x`"),
    ];
    for (result, expected) in table {
        assert_eq!(result.unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_model_may_be_shared_among_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    let model = Model::<Line>::new(1).threads(2);
    shared(&model);
    let (x, _) = samples(100);
    let x = x.map(|x| *x as f32);
    let expected = model.predict(&x).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..50).for_each(|_| assert_eq!(model.predict(&x).unwrap(), expected)));
        }
    });
}
