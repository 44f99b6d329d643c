//! What is done with sums once they are there, or before they are stored.

use super::*;

/// The values beside the elements that `run` returns.
fn beside_wanted(case: &Case, (tiles, samples): (usize, usize)) -> Vec<f64> {
    let gradient = case.kind == Kind::Gradient;
    let values = numbers(if gradient { case.sizes[2] } else { case.sizes[2] * tiles * samples }, 4);
    let all: Vec<usize> = (0..case.own.len()).collect();
    let wanted = moves::positions(&case.own, &all).filter(|at| (case.guard)(at));
    wanted
        .flat_map(|at| {
            let place = (case.target)(&at) as usize;
            let of_sample = |sample: usize| ((sample / samples) * case.sizes[2] + place) * samples + sample % samples;
            if gradient { vec![place] } else { (0..tiles * samples).map(of_sample).collect() }
        })
        .map(|at| values[at])
        .collect()
}

fn negate_and_add<E: Element>(_: Level, values: &[E], elements: &mut [E]) {
    assert_eq!(values.len(), elements.len());
    elements.iter_mut().zip(values).for_each(|(element, value)| *element = *value - *element);
}

#[test]
fn what_is_done_then_is_done_once_with_every_element() {
    let level = crate::lanes::level();
    let mut cases = small();
    if !cfg!(miri) {
        cases.extend(large());
        cases.extend(convolution(3, 2, 20, 3, 1, 1));
        cases.extend(dense(40, 10, 12));
    }
    for case in &cases {
        for samples in [(2, LANES), (1, 1)] {
            let plain = run::<f32>(case, level, samples).1;
            let ends = Ends { accumulate: true, then: Some(negate_and_add as Renew<f32>), parts: 2, ..Ends::default() };
            let then = run_then(case, level, samples, ends).1;
            let sums: Vec<f64> = plain.iter().zip(&then).map(|(plain, then)| plain + then).collect();
            let expected = beside_wanted(case, samples);
            let wrong = sums.iter().zip(&expected).map(|(sum, value)| (sum - value).abs()).fold(0.0, f64::max);
            assert!(sums.len() == expected.len() && wrong < 1e-4, "{} of {samples:?}: {wrong}", case.name);
        }
    }
}

fn cut_off<E: Element>(_: Level, _: &[E], elements: &mut [E]) {
    let least = E::from_f64(0.25);
    elements.iter_mut().for_each(|element| *element = if *element > least { *element } else { least });
}

#[test]
fn sums_are_cut_off_below_wherever_that_is_done() {
    let level = crate::lanes::level();
    // Its pieces of one sample spill.
    let mut cases = vec![convolution(2, 1, 9, 2, 1, 0).swap_remove(0)];
    if !cfg!(miri) {
        cases.extend(small());
        cases.extend(large());
    }
    for case in &cases {
        for samples in [(2, LANES), (1, 1)] {
            for accumulate in [false, true] {
                let ends = |then, at_least| Ends { accumulate, then, at_least, parts: 3, ..Ends::default() };
                let plain = run_then::<f32>(case, level, samples, ends(None, None));
                assert!(plain.0 < 1e-4, "{}: {}", case.name, plain.0);
                let [late, soon] = [None, Some(0.25)].map(|at_least| {
                    let then: Option<Renew<f32>> = Some(cut_off);
                    run_then(case, level, samples, ends(then, at_least)).1
                });
                let expected: Vec<f64> = plain.1.iter().map(|sum| sum.max(0.25)).collect();
                assert!(late == expected && soon == expected, "{} of {samples:?}", case.name);
            }
        }
    }
}
