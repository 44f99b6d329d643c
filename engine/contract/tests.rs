//! Plans against the plain sum, for each kind, element and instruction set.

use super::*;
use crate::lanes::same_bits::{Digest, fused_levels};
use crate::lanes::{Cell, Element, LANES, Level, Pack};

mod cases;
mod guarded;
mod single;
mod sliding;
mod then;

use cases::{Case, Listed, attention, axis, convolution, dense, grouped, own};
use sliding::depthwise;

/// What sums are multiplied by: no power of two, so that roundings are seen.
const SCALE: f64 = 0.3;

fn numbers(count: usize, seed: usize) -> Vec<f64> {
    (0..count).map(|at| (((at * 2_654_435_761 + seed * 97) >> 7) % 1013) as f64 / 506.5 - 1.0).collect()
}

fn plan(case: &Case, samples: usize) -> Plan {
    let bias = |at: &[i64]| at[0];
    let described = Contraction {
        kind: case.kind,
        own: &case.own,
        steps: &*case.steps,
        guard: Some(&*case.guard),
        bias: Some(&bias),
        sizes: case.sizes,
        axes: case.axes(),
    };
    Plan::new(&described, samples)
}

/// The largest error, and the bits of the result, in tiles of sixteen samples or for one.
fn run<E: Element>(case: &Case, level: Level, (tiles, samples): (usize, usize)) -> (f64, Vec<f64>) {
    run_then::<E>(case, level, (tiles, samples), Ends { accumulate: true, ..Ends::default() })
}

/// What becomes of the sums.
#[derive(Clone, Copy)]
struct Ends<E> {
    accumulate: bool,
    then: Option<Renew<E>>,
    at_least: Option<E>,
    /// In so many parts.
    parts: usize,
    threads: usize,
    apart: bool,
    /// As many calls as there are tiles, of what samples are summed to.
    one_by_one: bool,
}

impl<E> Default for Ends<E> {
    fn default() -> Self {
        Ends { accumulate: false, then: None, at_least: None, parts: 1, threads: 2, apart: false, one_by_one: false }
    }
}

/// The same; errors are those of nothing done then.
fn run_then<E: Element>(case: &Case, level: Level, (tiles, samples): (usize, usize), ends: Ends<E>) -> (f64, Vec<f64>) {
    let plan = plan(case, samples);
    let [left, right, target, biases] = case.sizes;
    let (shared, gradient) = (case.kind == Kind::Weights, case.kind == Kind::Gradient);
    let left_values = numbers(if shared { left } else { left * tiles * samples }, 1);
    let right_values = numbers(right * tiles * samples, 2);
    let bias_values = numbers(biases, 3);
    let elements = |values: &[f64]| values.iter().map(|v| E::from_f64(*v)).collect::<Vec<E>>();
    let (left_elements, right_elements) = (elements(&left_values), elements(&right_values));
    let bias_elements = elements(&bias_values);
    let packs = room(case.kind, &case.own, case.sizes, case.axes());
    let mut room = vec![Pack::ZERO; if plan.one { plan.room().div_ceil(LANES) } else { packs * tiles }];
    let room = if plan.one { &mut Pack::elements_mut(&mut room)[..plan.room()] } else { Pack::elements_mut(&mut room) };
    let mut to = vec![E::from_f64(0.5); if gradient { target } else { target * tiles * samples }];
    let beside = elements(&numbers(to.len(), 4));
    let (calls, tiles_each) = if ends.one_by_one { (tiles, 1) } else { (1, tiles) };
    for (first, part) in (0..calls).flat_map(|first| (0..ends.parts).map(move |part| (first, part))) {
        let then = |run| Then { level, run, values: &beside, at_least: ends.at_least, where_above: None };
        let of_tiles = |size: usize| first * size * samples..(first + tiles_each) * size * samples;
        let call = Call {
            target: &mut to,
            left: if shared { &left_elements } else { &left_elements[of_tiles(left)] },
            right: (right > 0).then_some(&right_elements[of_tiles(right)]),
            bias: (biases > 0).then_some(&bias_elements[..]),
            scale: E::from_f64(SCALE),
            accumulate: ends.accumulate || first > 0,
            tiles: tiles_each,
            apart: ends.apart,
            threads: ends.threads,
            part: Part { at: part, of: ends.parts },
            room: &mut *room,
            then: ends.then.map(then),
        };
        E::contract(level, &plan, call);
    }
    let start = if ends.accumulate { 0.5 } else { 0.0 };
    let mut worst: f64 = 0.0;
    let mut all = vec![];
    let mut at = vec![0; case.own.len()];
    loop {
        let mut steps = Steps::default();
        (case.steps)(&at, &mut steps);
        let place = (case.target)(&at) as usize;
        if (case.guard)(&at) {
            let mut over_all = 0.0;
            for tile in 0..tiles {
                for lane in 0..samples {
                    let sum: f64 = steps
                        .list
                        .iter()
                        .map(|(l, r)| {
                            let l = if shared { *l as usize } else { (tile * left + *l as usize) * samples + lane };
                            let r = right_values.get((tile * right + *r as usize) * samples + lane);
                            left_values[l] * r.copied().unwrap_or(1.0)
                        })
                        .sum();
                    over_all += sum;
                    if !gradient {
                        let bias = if biases > 0 { bias_values[at[0] as usize] } else { 0.0 };
                        let found = to[(tile * target + place) * samples + lane].to_f64();
                        worst = worst.max((found - (start + bias + SCALE * sum)).abs());
                        all.push(found);
                    }
                }
            }
            if gradient {
                let found = to[place].to_f64();
                worst = worst.max((found - (start + SCALE * over_all)).abs() / (1.0 + over_all.abs()));
                all.push(found);
            }
        }
        let Some(index) = (0..at.len()).rev().find(|index| at[*index] + 1 < case.own[*index].extent) else { break };
        at[index] += 1;
        at[index + 1..].fill(0);
    }
    (worst, all)
}

/// Of every kind, small enough for an interpreter.
fn small() -> Vec<Case> {
    let mut cases = vec![];
    cases.extend(convolution(7, 1, 2, 2, 1, 1));
    cases.extend(convolution(2, 2, 3, 3, 2, 1));
    // With a border of zeros.
    cases.push(convolution(2, 1, 5, 3, 1, 1).swap_remove(1));
    cases.extend(attention(1, 3, 2));
    cases.extend(dense(5, 18, 1));
    cases.extend(dense(3, 2, 3));
    cases.extend(depthwise(1, [3, 10], 3, 1));
    cases
}

/// What attention mixes, of positions that lie far apart: sides that are copied with another stride.
fn spread() -> impl Iterator<Item = Case> {
    attention(2, 19, 32).into_iter().skip(1).chain(attention(2, 19, 32).into_iter().skip(1).map(Case::exchanged))
}

fn large() -> Vec<Case> {
    let mut cases = vec![];
    cases.extend(convolution(1, 8, 8, 1, 1, 0));
    cases.extend(convolution(6, 1, 9, 5, 1, 2));
    cases.extend(convolution(4, 2, 24, 3, 1, 1));
    cases.extend(convolution(16, 6, 8, 5, 1, 0));
    cases.extend(convolution(7, 19, 7, 3, 2, 1));
    cases.extend(convolution(32, 17, 5, 3, 1, 1));
    cases.extend(convolution(13, 9, 16, 3, 1, 1));
    cases.extend([grouped(8, 1), grouped(4, 2), grouped(3, 3)]);
    cases.extend(depthwise(3, [25, 25], 3, 2));
    cases.extend(depthwise(2, [12, 12], 5, 1));
    cases.extend(attention(2, 7, 5));
    cases.extend(attention(1, 21, 9));
    cases.extend(spread());
    cases.extend(dense(37, 19, 1));
    // Sums that are cut in pieces.
    cases.extend(dense(5, 2500, 1));
    cases.extend(dense(2100, 3, 2));
    cases.extend(dense(13, 37, 1));
    cases.extend(dense(10, 32, 9));
    cases.extend(dense(3, 5, 40));
    cases
}

#[test]
fn plans_give_the_plain_sum() {
    let mut cases = small();
    if !cfg!(miri) {
        cases.extend(large());
        // More columns than bits of a set, and more numbers in a sum than other tests are meant for.
        cases.extend(depthwise(1, [28, 28], 9, 1));
    }
    // (Compiled for more, as for an interpreter, the baseline is the best there is.)
    let mut levels = vec![Level::baseline()];
    levels.extend(fused_levels());
    for case in &cases {
        let results: Vec<Vec<f64>> = levels
            .iter()
            .map(|level| {
                let mut results = vec![];
                let tiles = if cfg!(miri) { 2 } else { 3 };
                let both = [(tiles, LANES), (1, 1)];
                for samples in both {
                    let (wrong, _) = run::<f64>(case, *level, samples);
                    assert!(wrong < 1e-11, "{} of {samples:?} in f64 at {level:?}: {wrong}", case.name);
                    let (wrong, all) = run::<f32>(case, *level, samples);
                    assert!(wrong < 2e-4, "{} of {samples:?} in f32 at {level:?}: {wrong}", case.name);
                    results.extend(all);
                }
                results
            })
            .collect();
        // Of AVX2 and AVX-512.
        for bits in results.iter().skip(2) {
            assert_eq!(results[1], *bits, "{}: bits differ", case.name);
        }
    }
}

/// Where a layer has one column, a block takes several tiles; however many there are.
#[test]
fn tiles_are_as_good_as_columns() {
    for case in &dense(11, 13, 1)[..2] {
        let results: Vec<_> = fused_levels()
            .into_iter()
            .map(|level| run::<f32>(case, level, (if cfg!(miri) { 3 } else { 11 }, LANES)))
            .collect();
        for (wrong, all) in &results {
            assert!(*wrong < 1e-5, "{}: {wrong}", case.name);
            assert_eq!(*all, results[0].1, "{}: bits differ", case.name);
        }
    }
}

/// Part by part the sums are the same, whether and wherever a plan can be cut.
#[test]
fn parts_are_as_good_as_the_whole() {
    let mut cases = small();
    if !cfg!(miri) {
        cases.extend(depthwise(7, [9, 16], 3, 1));
        cases.extend(attention(5, 6, 3));
    }
    let cut = cases.iter().filter(|case| plan(case, LANES).parts().is_some());
    assert!(cut.count() > 5, "too few are cut");
    for case in &cases {
        for samples in [(2, LANES), (1, 1)] {
            let of = |parts, accumulate| {
                run_then::<f32>(case, crate::lanes::level(), samples, Ends { accumulate, parts, ..Ends::default() }).1
            };
            for (parts, accumulate) in [(2, true), (3, false)] {
                assert_eq!(of(parts, accumulate), of(1, accumulate), "{}: {parts} parts of {samples:?}", case.name);
            }
        }
    }
}

/// Few weights with many positions are summed lane by lane, and cleared by their first steps; others are transposed.
#[test]
fn lanes_are_added_up_where_positions_are_many() {
    let many = plan(&convolution(16, 6, 14, 5, 1, 0)[1], LANES);
    assert!(many.sums == super::plan::Sums::Lanes && many.sets_all && many.transposition.is_none());
    let one = plan(&dense(84, 32, 1)[2], LANES);
    assert!(one.sums == super::plan::Sums::All && one.transposition.is_some());
}

#[test]
fn borders_are_filled_where_that_pays() {
    // (Outputs, channels, extent, window, stride, padding), and whether.
    let cases = [
        ((6, 1, 9, 5, 1, 2), true),
        ((2, 1, 5, 3, 1, 1), true),
        ((4, 2, 24, 3, 1, 1), true),
        ((8, 8, 12, 3, 1, 1), false),
        ((1, 1, 9, 5, 1, 2), false),
        ((16, 9, 16, 3, 1, 1), false),
        ((6, 1, 9, 5, 1, 0), false),
        ((6, 1, 5, 5, 1, 2), false),
        ((7, 1, 2, 2, 1, 1), false),
    ];
    for ((o, c, n, k, stride, padding), filled) in cases {
        let case = &convolution(o, c, n, k, stride, padding)[1];
        let plan = plan(case, LANES);
        assert_eq!(plan.padded.is_some(), filled, "{o} {c} {n} {k} {stride} {padding}");
        assert!(!filled || plan.columns.iter().all(|column| column.list() == 0), "columns differ");
    }
}

#[test]
fn sums_have_the_same_bits_where_multiply_adds_are_fused() {
    for level in fused_levels() {
        let (mut single, mut double) = (Digest::new(), Digest::new());
        for case in small() {
            for samples in [(2, LANES), (1, 1)] {
                run::<f32>(&case, level, samples).1.into_iter().for_each(|number| single.add(number));
                run::<f64>(&case, level, samples).1.into_iter().for_each(|number| double.add(number));
            }
        }
        let found = [single.0, double.0];
        assert!(found == [0xa156_c318_108e_bbbb, 0x007d_01ae_b3ff_1120], "at {level:?}: {found:#x?}");
    }
}

/// Tiles whose sums are apart: as many calls with a tile each.
#[test]
fn tiles_apart_have_the_bits_of_one_by_one() {
    let (mut chained, mut in_lanes) = (0, 0);
    for case in small().into_iter().chain(dense(19, 21, 1)).filter(|case| case.kind == Kind::Gradient) {
        let plan = plan(&case, LANES);
        let of_all = plan.sums == super::plan::Sums::All;
        (chained, in_lanes) = (chained + usize::from(of_all), in_lanes + usize::from(!of_all));
        assert!(plan.adds_once(), "{}", case.name);
        for level in [Level::baseline()].into_iter().chain(fused_levels()) {
            for accumulate in [false, true] {
                let of = |apart, one_by_one| {
                    let ends = Ends { accumulate, apart, one_by_one, ..Ends::default() };
                    run_then::<f32>(&case, level, (3, LANES), ends).1
                };
                assert_eq!(of(true, false), of(false, true), "{}", case.name);
            }
        }
    }
    assert!(chained > 0 && in_lanes > 0, "{chained} {in_lanes}");
}

#[test]
fn rows_that_meet_in_few_places_of_the_caches_are_copied() {
    for case in spread() {
        let plan = plan(&case, LANES);
        assert!(plan.spread.is_some_and(|spread| spread.of_left && (spread.extent, spread.stride) == (19, 64)));
        // The same for all positions that mix them.
        assert!(plan.rows.len() == 32 && plan.rereads);
    }
    let few = spread().map(|mut case| {
        case.own[0].extent = 4;
        case
    });
    assert!(few.into_iter().all(|case| plan(&case, LANES).spread.is_none()));
    assert!(attention(2, 19, 30).iter().all(|case| plan(case, LANES).spread.is_none()));
}
