//! Contractions as the macros describe them: of convolutions, attention and dense layers, forward and derived.

use super::*;

pub(super) type Listed = Box<dyn Fn(&[i64], &mut Steps)>;
type Placed = Box<dyn Fn(&[i64]) -> i64>;
type Wanted = Box<dyn Fn(&[i64]) -> bool>;

pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) own: Vec<Own>,
    pub(super) steps: Listed,
    pub(super) target: Placed,
    pub(super) guard: Wanted,
    pub(super) sizes: [usize; 4],
    pub(super) axes: [Vec<Axis>; 2],
}

impl Case {
    /// Of which all elements are wanted.
    pub(super) fn whole(
        name: &'static str,
        kind: Kind,
        own: &[Own],
        steps: Listed,
        (sizes, axes): ([usize; 4], [Vec<Axis>; 2]),
    ) -> Case {
        Case { name, kind, target: target(own), own: own.to_vec(), steps, guard: Box::new(|_| true), sizes, axes }
    }

    /// The same with the left side for the right one.
    pub(super) fn exchanged(mut self) -> Case {
        let steps = self.steps;
        self.steps = Box::new(move |at, listed| {
            let mut all = Steps::default();
            steps(at, &mut all);
            all.list.into_iter().for_each(|(left, right)| listed.add(right, left));
        });
        self.own.iter_mut().for_each(|own| std::mem::swap(&mut own.in_left, &mut own.in_right));
        self.sizes.swap(0, 1);
        self.axes.swap(0, 1);
        self
    }

    pub(super) fn axes(&self) -> [&[Axis]; 2] {
        [&self.axes[0], &self.axes[1]]
    }
}

pub(super) fn axis(extent: i64, summed: bool, (low, high): (i64, i64)) -> Axis {
    Axis { extent, summed, low, high }
}

pub(super) fn own(extent: i64, sides: &str, stride: i64) -> Own {
    let has = |letter| sides.contains(letter);
    Own { extent, in_left: has('l'), in_right: has('r'), conditional: has('c'), guarded: has('g'), stride }
}

/// Row-major.
pub(super) fn target(own: &[Own]) -> Placed {
    let extents: Vec<i64> = own.iter().map(|own| own.extent).collect();
    Box::new(move |at| at.iter().zip(&extents).fold(0, |offset, (at, extent)| offset * extent + at))
}

/// A convolution of `c` channels to `o`, `n`×`n` positions, `k`×`k` windows, all directions.
pub(super) fn convolution(o: i64, c: i64, n: i64, k: i64, stride: i64, padding: i64) -> Vec<Case> {
    let m = (n + 2 * padding - k) / stride + 1;
    let inside = move |at: i64| 0 <= at && at < n;
    let read = (-padding, (m - 1) * stride + k - 1 - padding);
    let (weights, x, y) = ((o * c * k * k) as usize, (c * n * n) as usize, (o * m * m) as usize);
    let forward = [own(o, "l", 0), own(m, "rc", 0), own(m, "rc", 0)];
    let gradient = [own(o, "l", m * m), own(c, "r", n * n), own(k, "rc", 0), own(k, "rc", 0)];
    let back = [own(c, "l", 0), own(n, "rc", 0), own(n, "rc", 0)];
    vec![
        Case {
            name: "convolution",
            kind: Kind::Weights,
            target: target(&forward),
            own: forward.to_vec(),
            steps: Box::new(move |at, steps| {
                for ch in 0..c {
                    for p in 0..k {
                        for q in 0..k {
                            let (h, w) = (at[1] * stride + p - padding, at[2] * stride + q - padding);
                            if inside(h) && inside(w) {
                                steps.add(((at[0] * c + ch) * k + p) * k + q, (ch * n + h) * n + w);
                            }
                        }
                    }
                }
            }),
            guard: Box::new(|_| true),
            sizes: [weights, x, y, o as usize],
            axes: [vec![], vec![axis(c, true, (0, c - 1)), axis(n, false, read), axis(n, false, read)]],
        },
        Case {
            name: "gradient of the weights",
            kind: Kind::Gradient,
            target: target(&gradient),
            own: gradient.to_vec(),
            steps: Box::new(move |at, steps| {
                for i in 0..m {
                    for j in 0..m {
                        let (h, w) = (i * stride + at[2] - padding, j * stride + at[3] - padding);
                        if inside(h) && inside(w) {
                            steps.add((at[0] * m + i) * m + j, (at[1] * n + h) * n + w);
                        }
                    }
                }
            }),
            guard: Box::new(|_| true),
            sizes: [y, x, weights, 0],
            axes: [
                [o, m, m].map(|extent| axis(extent, true, (0, extent - 1))).to_vec(),
                vec![axis(c, false, (0, c - 1)), axis(n, false, read), axis(n, false, read)],
            ],
        },
        Case {
            name: "gradient of the input",
            kind: Kind::Weights,
            target: target(&back),
            own: back.to_vec(),
            steps: Box::new(move |at, steps| {
                for f in 0..o {
                    for p in 0..k {
                        for q in 0..k {
                            let (h, w) = (at[1] + padding - p, at[2] + padding - q);
                            let (i, j) = (h.div_euclid(stride), w.div_euclid(stride));
                            if h % stride == 0 && w % stride == 0 && (0..m).contains(&i) && (0..m).contains(&j) {
                                steps.add(((f * c + at[0]) * k + p) * k + q, (f * m + i) * m + j);
                            }
                        }
                    }
                }
            }),
            guard: Box::new(|_| true),
            sizes: [weights, y, x, c as usize],
            axes: [vec![], [o, m, m].map(|extent| axis(extent, true, (0, extent - 1))).to_vec()],
        },
    ]
}

/// Rows of four groups, every `step`-th one, under windows of three places.
pub(super) fn grouped(rows: i64, step: i64) -> Case {
    let (groups, o, wide, high) = (4, 64, 10, (rows - 1) * step + 1);
    let own = [own(groups, "lr", 0), own(o, "l", 0), own(rows, "r", 0), own(wide, "r", 0)];
    let sizes =
        [groups * o * 3, groups * high * (wide + 2), groups * o * rows * wide, groups].map(|size| size as usize);
    let axes = [(groups, false), (high, false), (wide + 2, false)]
        .map(|(extent, summed)| axis(extent, summed, (0, extent - 1)));
    let steps = move |at: &[i64], steps: &mut Steps| {
        for q in 0..3 {
            steps.add((at[0] * o + at[1]) * 3 + q, (at[0] * high + at[2] * step) * (wide + 2) + at[3] + q);
        }
    };
    Case::whole("windows of groups", Kind::Weights, &own, Box::new(steps), (sizes, [vec![], axes.to_vec()]))
}

/// Scores of attention, and what they mix, causal.
pub(super) fn attention(heads: i64, s: i64, d: i64) -> Vec<Case> {
    let scores = [own(heads, "lr", 0), own(s, "lg", 0), own(s, "rg", 0)];
    let mixed = [own(s, "rc", 0), own(heads, "lr", 0), own(d, "l", 0)];
    let size = (s * heads * d) as usize;
    let square = (heads * s * s) as usize;
    vec![
        Case {
            name: "scores",
            kind: Kind::Samples,
            target: target(&scores),
            own: scores.to_vec(),
            steps: Box::new(move |at, steps| {
                for k in 0..d {
                    steps.add((at[1] * heads + at[0]) * d + k, (at[2] * heads + at[0]) * d + k);
                }
            }),
            guard: Box::new(|at| at[2] <= at[1]),
            sizes: [size, size, square, 0],
            axes: [vec![], vec![]],
        },
        Case {
            name: "mixed",
            kind: Kind::Samples,
            target: target(&mixed),
            own: mixed.to_vec(),
            steps: Box::new(move |at, steps| {
                for t in 0..=at[0] {
                    steps.add((t * heads + at[1]) * d + at[2], (at[1] * s + at[0]) * s + t);
                }
            }),
            guard: Box::new(|_| true),
            sizes: [size, square, size, 0],
            axes: [
                [axis(s, true, (0, s - 1)), axis(heads, false, (0, heads - 1)), axis(d, false, (0, d - 1))].to_vec(),
                [axis(heads, false, (0, heads - 1)), axis(s, false, (0, s - 1)), axis(s, true, (0, s - 1))].to_vec(),
            ],
        },
    ]
}

/// A dense layer over positions: forward, and its gradients.
pub(super) fn dense(o: i64, i: i64, positions: i64) -> Vec<Case> {
    let [of_weight, of_output, of_input] = [o * i, positions * o, positions * i].map(|size| size as usize);
    let case = |name, kind, own: &[Own], sizes, steps| Case::whole(name, kind, own, steps, (sizes, [vec![], vec![]]));
    vec![
        case(
            "product of a matrix",
            Kind::Weights,
            &[own(o, "l", 1), own(positions, "r", 1)],
            [of_weight, of_input, of_output, o as usize],
            Box::new(move |at, steps| (0..i).for_each(|k| steps.add(at[0] * i + k, k * positions + at[1]))),
        ),
        case(
            "gradient through a matrix",
            Kind::Weights,
            &[own(i, "l", 1), own(positions, "r", 1)],
            [of_weight, of_output, of_input, 0],
            Box::new(move |at, steps| (0..o).for_each(|k| steps.add(k * i + at[0], k * positions + at[1]))),
        ),
        case(
            "gradient of a matrix",
            Kind::Gradient,
            &[own(o, "l", 1), own(i, "r", 1)],
            [of_output, of_input, of_weight, 0],
            Box::new(move |at, steps| (0..positions).for_each(|s| steps.add(s * o + at[0], s * i + at[1]))),
        ),
        case(
            "gradient of a bias",
            Kind::Gradient,
            &[own(o, "l", 1)],
            [of_output, 0, o as usize, 0],
            Box::new(move |at, steps| (0..positions).for_each(|s| steps.add(s * o + at[0], 0))),
        ),
    ]
}
