//! Loops in place against the plain sum, and what is not taken.

use super::*;
use crate::contract::Part;
use crate::lanes::{self, Level, Task};

struct Running<'a, E> {
    small: Small,
    call: Call<'a, E>,
}

impl<E: Element> Task for Running<'_, E> {
    type Output = ();
    #[inline(always)]
    fn run<M: Simd>(self, simd: M) {
        self.small.run(simd, self.call);
    }
}

fn numbers<E: Element>(count: usize, seed: usize) -> Vec<E> {
    (0..count).map(|at| E::from_f64(((at * 31 + seed * 17) % 23) as f64 - 11.0)).collect()
}

/// In both elements.
fn check(own: &[[i64; 5]], summed: &[[i64; 3]], sizes: [usize; 4]) {
    check_in::<f32>(own, summed, sizes);
    check_in::<f64>(own, summed, sizes);
}

/// Against the plain sum, at every level that there is; all numbers are small integers, so the sums are exact.
fn check_in<E: Element>(own: &[[i64; 5]], summed: &[[i64; 3]], sizes: [usize; 4]) {
    let small = small(own, summed, sizes).expect("it is small");
    let [left, right, target, bias] = [0, 1, 2, 3].map(|side| numbers::<E>(sizes[side], side));
    let mut expected = target.clone();
    let count = |extents: &mut dyn Iterator<Item = i64>| extents.product::<i64>();
    let all = |dims: usize, extent: &dyn Fn(usize) -> i64| {
        (0..count(&mut (0..dims).map(extent)))
            .map(|mut rest| {
                let mut at = vec![0; dims];
                for index in (0..dims).rev() {
                    at[index] = rest % extent(index);
                    rest /= extent(index);
                }
                at
            })
            .collect::<Vec<_>>()
    };
    for at in all(own.len(), &|index| own[index][0]) {
        let mut sum = E::ZERO;
        for step in all(summed.len(), &|index| summed[index][0]) {
            let place = |side: usize| {
                let of_own: i64 = at.iter().zip(own).map(|(at, index)| at * index[side]).sum();
                let of_sum: i64 = step.iter().zip(summed).map(|(at, index)| at * index[side]).sum();
                (of_own + of_sum) as usize
            };
            sum = sum + left[place(1)] * right.get(place(2)).copied().unwrap_or(E::ONE);
        }
        let place = |side: usize| at.iter().zip(own).map(|(at, index)| at * index[side]).sum::<i64>() as usize;
        let more = E::from_f64(0.5) * sum + bias.get(place(4)).copied().unwrap_or(E::ZERO);
        expected[place(3)] = expected[place(3)] + more;
    }
    let best = lanes::level();
    #[cfg(target_arch = "x86_64")]
    let between = best.as_avx2().map(Level::Avx2);
    #[cfg(not(target_arch = "x86_64"))]
    let between = None;
    for level in [best, Level::baseline()].into_iter().chain(between) {
        let mut found = target.clone();
        let call = Call {
            then: None,
            target: &mut found,
            left: &left,
            right: (sizes[1] > 0).then_some(&right),
            bias: (sizes[3] > 0).then_some(&bias[..]),
            scale: E::from_f64(0.5),
            accumulate: true,
            tiles: 1,
            apart: false,
            threads: 1,
            part: Part::WHOLE,
            room: &mut [],
        };
        lanes::run(level, Running { small, call });
        assert_eq!(found, expected, "{own:?} {summed:?} at {level:?}");
    }
}

#[test]
fn loops_in_place_give_the_plain_sum() {
    // A dense layer of several widths and its gradients, with an index of extent 1 in front.
    for (o, i) in [(4, 8), (33, 5), (1, 40), (19, 50), (16, 32)] {
        let (weights, x, y) = ((o * i) as usize, i as usize, o as usize);
        check(&[[1, 0, i, o, 0], [o, i, 0, 1, 1]], &[[i, 1, 1]], [weights, x, y, y]);
        check(&[[1, 0, o, i, 0], [i, 1, 0, 1, 0]], &[[o, i, 1]], [weights, y, x, 0]);
        check(&[[o, 1, 0, i, 0], [i, 0, 1, 1, 0]], &[[1, o, i]], [y, x, weights, 0]);
        if o > 1 {
            check(&[[o, 1, 0, 1, 0]], &[[1, o, 0]], [y, 0, y, 0]);
        }
    }
    // Over three positions; a sum over two sides that move together.
    check(&[[3, 0, 7, 5, 0], [5, 7, 0, 1, 1]], &[[7, 1, 1]], [35, 21, 15, 5]);
    check(&[[5, 1, 0, 7, 0], [7, 0, 1, 1, 0]], &[[3, 5, 7]], [15, 21, 35, 0]);
    check(&[[3, 20, 20, 20, 0], [20, 1, 1, 1, 0]], &[], [60, 60, 60, 0]);
}

#[test]
fn what_is_large_or_leads_outside_is_not_in_place() {
    assert!(small(&[[64, 65, 0, 1, 0]], &[[65, 1, 1]], [64 * 65, 65, 64, 0]).is_none());
    assert!(small(&[[4, 8, 0, 1, 0]], &[[8, 1, 1]], [31, 8, 4, 0]).is_none());
    assert!(small(&[[4, 8, 0, 1, 1]], &[[8, 1, 1]], [32, 8, 4, 3]).is_none());
    assert!(small(&[[2, 32, 0, 8, 0], [2, 16, 0, 4, 0], [4, 4, 0, 1, 0]], &[[4, 1, 1]], [64, 4, 16, 0]).is_none());
    assert!(small(&[[4, 8, 0, 1, 0]], &[[0, 1, 1]], [32, 8, 4, 0]).is_none());
}
