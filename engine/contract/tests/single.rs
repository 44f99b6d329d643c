//! One sample: threads, and what is copied.

use super::*;

/// Of one sample, however many threads there are: with whole steps, steps of some lanes, and rows that spill into the next.
#[test]
fn one_sample_has_the_same_bits_with_any_number_of_threads() {
    let mut cases = vec![convolution(8, 5, 6, 3, 2, 1)];
    if !cfg!(miri) {
        cases.extend([
            convolution(24, 16, 21, 3, 1, 0),
            convolution(24, 16, 19, 3, 1, 1),
            convolution(24, 16, 37, 3, 2, 1),
        ]);
    }
    let (mut shared, mut spilling) = (0, 0);
    for case in cases.iter().flatten() {
        let plan = plan(case, 1);
        shared += usize::from(plan.work >= 2 * super::run::ONE_WORTH_A_THREAD);
        spilling += usize::from(plan.columns.iter().any(|column| column.spills));
        let of = |threads, accumulate| {
            let ends = Ends { accumulate, threads, ..Ends::default() };
            run_then::<f32>(case, crate::lanes::level(), (1, 1), ends).1
        };
        for accumulate in [false, true] {
            let one = of(1, accumulate);
            for threads in [2, 3, 8] {
                assert_eq!(of(threads, accumulate), one, "{}: {threads} threads", case.name);
            }
        }
    }
    assert!(shared > 2 && (spilling > 1 || cfg!(miri)), "{shared} of several threads, {spilling} that spill");
}

/// What is copied of one sample, so that no steps are left that only some lanes take: a border, rows that are one, ends.
#[test]
fn one_sample_is_copied_where_that_leaves_no_lanes_idle() {
    // (Outputs, channels, extent, window, stride, padding), and what is expected: a border, one row, columns.
    let cases = [
        ((6, 1, 28, 5, 1, 2), (true, false, 56)),
        ((16, 6, 14, 5, 1, 0), (false, true, 7)),
        ((16, 16, 8, 3, 1, 1), (true, true, 4)),
        // Too few rows to pay for it.
        ((1, 6, 14, 5, 1, 0), (false, false, 10)),
    ];
    for ((o, c, n, k, stride, padding), expected) in cases {
        let plan = plan(&convolution(o, c, n, k, stride, padding)[0], 1);
        let found = (plan.padded.is_some(), plan.flat.is_some(), plan.columns.len());
        assert_eq!(found, expected, "{o} {c} {n} {k} {stride} {padding}");
        assert!(plan.partial.is_empty());
    }
    // Groups move the copy by a stride, or else there is none.
    assert!(plan(&grouped(8, 1), 1).flat.is_some() && plan(&grouped(4, 2), 1).flat.is_none());
    // Backward too, whose borders nobody has described.
    let back = plan(&convolution(16, 16, 8, 3, 1, 1)[2], 1);
    assert!(back.partial.is_empty());
    // A gradient's short rows are one, up to whole steps: of what has a border, of what has none, and of a single row.
    for (n, k, padding, numbers) in [(8, 3, 1, Some(80)), (14, 3, 0, Some(176)), (5, 1, 0, Some(32)), (12, 1, 0, None)]
    {
        let plan = plan(&convolution(16, 16, n, k, 1, padding)[1], 1);
        assert!(plan.over && plan.partial.is_empty() && plan.padded.is_some() == (padding > 0), "{n} {k} {padding}");
        let copied = plan.long.as_ref().map(|long| plan.sizes[usize::from(long.of_left == plan.swapped)]);
        assert_eq!(copied, numbers.map(|numbers| 16 * numbers), "{n} {k} {padding}");
    }
    // The end of a sum that does not fill the lanes stands behind what is read with it.
    let sums = plan(&dense(84, 120, 1)[0], 1);
    assert!(sums.over && sums.partial.is_empty() && sums.tails == [(112, 8)]);
}

/// Steps that two indices decide together: a gradient's rows are one only where all elements have them.
#[test]
fn one_sample_has_the_steps_that_two_indices_decide_together() {
    let (o, c, m, n) = (16, 16, 6, 7);
    let own = [own(o, "l", m * m), own(c, "r", n * n), own(2, "rc", 0), own(2, "rc", 0)];
    let axis = |extent, high| Axis { extent, summed: false, low: 0, high };
    for bent in [false, true] {
        let steps = move |at: &[i64], steps: &mut Steps| {
            let (p, q) = if bent { (at[2] * at[3], 0) } else { (at[2], at[3]) };
            if bent || at[2] + at[3] < 2 {
                for (i, j) in (0..m).flat_map(|i| (0..m).map(move |j| (i, j))) {
                    steps.add((at[0] * m + i) * m + j, (at[1] * n + i + p) * n + j + q);
                }
            }
        };
        let sizes = [o * m * m, c * n * n, o * c * 4, 0].map(|size| size as usize);
        let axes = [[o, m, m], [c, n, n]].map(|axes| axes.map(|extent| axis(extent, extent - 1)).to_vec());
        let case = Case::whole("together", Kind::Gradient, &own, Box::new(steps), (sizes, axes));
        let (wrong, _) = run::<f64>(&case, crate::lanes::level(), (1, 1));
        assert!(wrong < 1e-9, "{wrong}");
    }
}
