//! Means over what integers choose, and the largest of parameters, against sums written out.

use chainrule::{Layer, Model, check, network};
use ndarray::{Array1, Array2};

/// The mean of what stands up to a position that arrives, and of the positions with the same mark.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[t];
    input  last of t;
    input  mark[t] of 3;
    let    peers[t] = mean(u: t where mark[u] == mark[t]) x[u];
    output y[t] = (mean(u: t where u <= last) x[u]) * x[t];
    output z[t] = peers[t] * (mean(u: t where mark[u] == mark[t], u <= t) square(x[u]));
}]
struct Counted;
network! { struct CountedNet; x: [6]; last: [] of Token(6); mark: [6] of Token(3); (x, last, mark) -> (y, z): Counted; y + z -> sum: chainrule::layers::Flatten; }

#[test]
fn a_mean_divides_by_what_it_counts() {
    for count in [1, 2, 16, 18] {
        let x = Array2::from_shape_fn((count, 6), |(n, t)| ((n * 5 + t * 3) as f64).sin() + 1.5);
        let last = Array1::from_shape_fn(count, |n| ((n * 7 + 4) % 6) as f64);
        let mark = Array2::from_shape_fn((count, 6), |(n, t)| ((n + t * t) % 3) as f64);
        let model = Model::<CountedNet, f64>::new(1);
        let sum = model.forward((&x, &last, &mark)).unwrap().remove(0);
        let mean = |all: Vec<f64>| all.iter().sum::<f64>() / all.len() as f64;
        for n in 0..count {
            for t in 0..6 {
                let over = |holds: &dyn Fn(usize) -> bool, power: i32| {
                    mean((0..6).filter(|u| holds(*u)).map(|u| x[[n, u]].powi(power)).collect())
                };
                let same = |u: usize| mark[[n, u]] == mark[[n, t]];
                let expected =
                    over(&|u| u as f64 <= last[n], 1) * x[[n, t]] + over(&same, 1) * over(&|u| same(u) && u <= t, 2);
                assert!((sum[[n, t]] - expected).abs() < 1e-12, "{count} {n} {t}: {} {expected}", sum[[n, t]]);
            }
        }
        check::gradients(&model, (&x, &last, &mark)).unwrap().assert(1e-6).unwrap();
    }
}

/// Extremes of parameters are found once a step.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[i];
    param  c[i, n: size] = Normal(1.0);
    param  d[n] = Normal(1.0);
    let    top = max(n) d[n];
    output y[i] = x[i] * top + (max(n) c[i, n]) - (min(n) square(c[i, n])) * (max(n where n <= i) c[i, n]);
}]
struct Extremes {
    size: usize,
}
network! { struct ExtremesNet; x: [4] -> layer: Extremes::new(3); }

#[test]
fn extremes_of_parameters() {
    let model = Model::<ExtremesNet, f64>::new(3);
    let x = Array2::from_shape_fn((17, 4), |(n, i)| ((n * 3 + i) as f64).cos());
    let y = model.forward(&x).unwrap().remove(0);
    let (c, d) = (model.parameter("layer.c").unwrap(), model.parameter("layer.d").unwrap());
    let most = |all: Vec<f64>| all.into_iter().fold(f64::NEG_INFINITY, f64::max);
    for n in 0..17 {
        for i in 0..4 {
            let row = |end: usize| (0..end).map(|k| c[[i, k]]).collect::<Vec<_>>();
            let least = -most(row(3).iter().map(|c| -c * c).collect());
            let expected =
                x[[n, i]] * most(d.iter().copied().collect()) + most(row(3)) - least * most(row((i + 1).min(3)));
            assert!((y[[n, i]] - expected).abs() < 1e-12, "{n} {i}");
        }
    }
    check::gradients(&model, &x).unwrap().assert(1e-6).unwrap();
}
