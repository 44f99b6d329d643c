//! Windows that slide, and their borders.

use super::*;

/// A depthwise convolution: windows of `k` × `k`, `apart` from each other, over `m` × `n` positions; forward and both gradients.
pub(super) fn depthwise(c: i64, [m, n]: [i64; 2], k: i64, apart: i64) -> Vec<Case> {
    let inside = move |h: i64, w: i64| (0..m).contains(&h) && (0..n).contains(&w);
    let planes = [own(c, "lr", m * n), own(m, "rc", n), own(n, "rc", 1)];
    let weights = [own(c, "lr", k * k), own(k, "rc", k), own(k, "rc", 1)];
    let reach = apart * (k / 2);
    let planes_read = [m, n].map(|extent| axis(extent, false, (-reach, extent - 1 + reach)));
    let axes = || [&[axis(c, false, (0, c - 1))], &planes_read[..]].concat();
    let (size, of_weights) = ((c * m * n) as usize, (c * k * k) as usize);
    let over_window = move |direction: i64| -> Listed {
        Box::new(move |at, steps| {
            for p in 0..k {
                for q in 0..k {
                    let [h, w] = [(at[1], p), (at[2], q)].map(|(at, tap)| at + direction * apart * (tap - k / 2));
                    if inside(h, w) {
                        steps.add((at[0] * k + p) * k + q, (at[0] * m + h) * n + w);
                    }
                }
            }
        })
    };
    let case = |name, kind, own: &[Own], steps, sizes, axes| Case::whole(name, kind, own, steps, (sizes, axes));
    let of_samples = Box::new(move |at: &[i64], steps: &mut Steps| {
        for i in 0..m {
            for j in 0..n {
                let [h, w] = [(i, at[1]), (j, at[2])].map(|(at, tap)| at + apart * (tap - k / 2));
                if inside(h, w) {
                    steps.add((at[0] * m + i) * n + j, (at[0] * m + h) * n + w);
                }
            }
        }
    });
    let summed = vec![axis(c, false, (0, c - 1)), axis(m, true, (0, m - 1)), axis(n, true, (0, n - 1))];
    vec![
        case(
            "depthwise",
            Kind::Weights,
            &planes,
            over_window(1),
            [of_weights, size, size, c as usize],
            [vec![], axes()],
        ),
        case("depthwise, weights", Kind::Gradient, &weights, of_samples, [size, size, of_weights, 0], [summed, axes()]),
        case(
            "depthwise, input",
            Kind::Weights,
            &planes,
            over_window(-1),
            [of_weights, size, size, 0],
            [vec![], axes()],
        ),
    ]
}

/// Where a layer does not fit, extents and sizes are anything, and what is const is asked all the same.
#[test]
fn no_extent_is_too_strange() {
    for extent in [i64::MIN, -1, 0, 1, 63, i64::MAX] {
        for size in [0, 5, usize::MAX] {
            let own = [own(extent, "lr", 1), own(extent, "rc", extent), own(extent, "rc", 1)];
            let of = |at: usize| [size, usize::MAX, size.min(at), 0];
            assert!((0..2).all(|at| super::super::choose::shares(&own, of(at)) > 0));
            let chosen = |at| super::super::choose::choose(Kind::Gradient, &own, of(at));
            assert!((0..2).all(|at| chosen(at).is_none_or(|lane| lane.index < own.len())));
        }
    }
}

#[test]
fn windows_slide_where_neighbours_share_what_they_read() {
    // (Channels, extent, window, distance), the steps of a window that are taken together, the columns in chains, and the sums of a weight.
    let cases = [
        ((1, [3, 10], 3, 1), 9, 24, 10),
        ((3, [25, 25], 3, 2), 9, 600, 10),
        // To the last column: those at both sides too.
        ((2, [6, 8], 3, 1), 9, 48, 10),
        ((2, [12, 12], 5, 1), 15, 96, 10),
        ((1, [28, 28], 9, 1), 81, 560, 2),
    ];
    for ((c, [m, n], k, apart), together, chained, sums) in cases {
        let [forward, weights, input] = &depthwise(c, [m, n], k, apart)[..] else { unreachable!() };
        for case in [forward, input] {
            let plan = plan(case, LANES);
            let most = plan.lists.iter().map(|list| list.together).max();
            let count = plan.links.iter().filter(|link| link.chained > 0).count();
            assert_eq!((most, count), (Some(together), chained), "{c} {m} {n} {k} {apart}: {}", case.name);
        }
        assert_eq!(plan(weights, LANES).shares, sums, "{c} {m} {n} {k} {apart}");
    }
}
