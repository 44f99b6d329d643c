//! Elements that nobody wants, where other things come together with them.

use super::depthwise;
use super::*;

/// One sample, whose lanes do not fill up: nothing is stored beyond the target, whatever is wanted.
#[test]
fn nothing_is_stored_beyond_the_target() {
    let cases = [
        (Kind::Weights, [own(4, "lg", 0), own(4, "rg", 0), own(17, "r", 1)]),
        (Kind::Samples, [own(4, "lg", 0), own(4, "rg", 0), own(17, "r", 1)]),
        (Kind::Weights, [own(4, "lg", 0), own(1, "lg", 0), own(17, "r", 1)]),
    ];
    for ((kind, owned), all) in cases.into_iter().flat_map(|case| [(case, true), (case, false)]) {
        let steps =
            |at: &[i64], steps: &mut Steps| (0..8).for_each(|k| steps.add(at[0] * 8 + k, (at[1] * 8 + k) * 17 + at[2]));
        let sizes = [32, 17 * 32, owned.iter().map(|own| own.extent as usize).product(), 0];
        let mut case = Case::whole("guarded", kind, &owned, Box::new(steps), (sizes, [vec![], vec![]]));
        case.guard = Box::new(move |at| all || at[1] <= at[0]);
        let plan = plan(&case, 1);
        for level in [Level::baseline()].into_iter().chain(fused_levels()) {
            for accumulate in [false, true] {
                let (left, right, mut room) = (vec![1.0_f32; sizes[0]], vec![1.0; sizes[1]], vec![0.0; plan.room()]);
                let mut to = vec![7.0; sizes[2] + LANES];
                let call = Call {
                    target: &mut to,
                    left: &left,
                    right: Some(&right),
                    bias: None,
                    scale: 1.0,
                    accumulate,
                    tiles: 1,
                    apart: false,
                    threads: 1,
                    part: Part::WHOLE,
                    room: &mut room,
                    then: None,
                };
                f32::contract(level, &plan, call);
                assert!(to[sizes[2]..].iter().all(|beyond| *beyond == 7.0), "{kind:?} {level:?} {accumulate}");
                let sum = if accumulate { 15.0 } else { 8.0 };
                let mut wanted = moves::positions(&owned, &[0, 1, 2]).filter(|at| (case.guard)(at));
                assert!(wanted.all(|at| to[(case.target)(&at) as usize] == sum), "{kind:?} {level:?} {accumulate}");
            }
        }
    }
}

#[test]
fn windows_slide_where_elements_are_wanted_or_not() {
    for all in [true, false] {
        let mut case = depthwise(1, [12, 12], 3, 1).swap_remove(0);
        case.own[1..].iter_mut().for_each(|own| own.guarded = true);
        case.guard = Box::new(move |at| all || at[2] <= at[1]);
        for level in [Level::baseline()].into_iter().chain(fused_levels()) {
            let (error, _) = run::<f32>(&case, level, (2, LANES));
            assert!(error < 1e-4, "{all} {level:?} {error}");
        }
    }
}

/// A single row with a single column, whose sum is in several chains: with tiles beside each other or not.
#[test]
fn single_sums_have_the_same_bits_with_several_tiles() {
    for inputs in [13, 100] {
        let case = dense(1, inputs, 1).swap_remove(0);
        let mut all = fused_levels().into_iter().map(|level| run::<f32>(&case, level, (4, LANES)).1);
        let first = all.next();
        assert!(all.all(|bits| Some(&bits) == first.as_ref()), "{inputs}");
    }
}
