//! In: flat buffers and a rule for one element. Out: the buffers after it, in one pass, sixteen elements at a time, shared by the
//! threads in pieces. Elements do not meet, so threads and pieces make no difference to the bits.

// Loops over the numbers of state, not `map`: that is ten times as much for every program to compile.
#![allow(clippy::needless_range_loop)]

use super::Update;
use crate::executor::parts::{MOST_PARTS, share_values};
use crate::lanes::{self, Element, LANES, Lanes, Simd, Task};

/// Elements in a piece, at least.
const PIECE: usize = 1 << 12;

/// What happens to one parameter, given its gradient and `K` numbers of state: in lanes, so sixteen at once.
pub(super) trait Rule<E: Element, const K: usize>: Copy + Sync {
    fn apply<S: Simd>(
        &self,
        simd: S,
        parameter: E::Lanes<S>,
        gradient: E::Lanes<S>,
        state: &mut [E::Lanes<S>; K],
    ) -> E::Lanes<S>;
}

/// Applies a rule to all parameters that learn.
pub(super) fn sweep<E: Element, const K: usize>(
    rule: &impl Rule<E, K>,
    update: Update<'_, E>,
    mut states: [&mut [E]; K],
) {
    let Update { parameters, gradients, tensors, threads } = update;
    if tensors.iter().all(|parameter| parameter.trains) {
        return stretch(rule, parameters, gradients, states, threads);
    }
    let mut run = 0..0;
    let mut flush = |run: std::ops::Range<usize>| {
        let states = states.each_mut().map(|state| &mut state[run.clone()]);
        stretch(rule, &mut parameters[run.clone()], &gradients[run], states, threads);
    };
    for parameter in tensors.iter().filter(|parameter| parameter.trains) {
        if parameter.offset != run.end {
            flush(std::mem::replace(&mut run, parameter.offset..parameter.offset));
        }
        run.end += parameter.tensor.shape.size();
    }
    flush(run);
}

/// Applies a rule to some that lie side by side.
#[inline(never)]
fn stretch<E: Element, const K: usize>(
    rule: &impl Rule<E, K>,
    parameters: &mut [E],
    gradients: &[E],
    states: [&mut [E]; K],
    threads: usize,
) {
    let piece = parameters.len().div_ceil(MOST_PARTS).next_multiple_of(LANES).max(PIECE);
    if parameters.len() <= piece {
        return lanes::run(lanes::level(), Piece { rule, parameters, gradients, states });
    }
    let mut states = states.map(|state| state.chunks_mut(piece));
    let pieces = parameters.chunks_mut(piece).zip(gradients.chunks(piece));
    let pieces = pieces.map(|(parameters, gradients)| {
        let states = states.each_mut().map(|state| state.next().unwrap_or_default());
        Piece { rule, parameters, gradients, states }
    });
    share_values(threads, pieces, &|_, piece| lanes::run(lanes::level(), piece));
}

struct Piece<'a, R, E, const K: usize> {
    rule: &'a R,
    parameters: &'a mut [E],
    gradients: &'a [E],
    states: [&'a mut [E]; K],
}

impl<E: Element, R: Rule<E, K>, const K: usize> Task for Piece<'_, R, E, K> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        // A copy, whose numbers stay in registers.
        let (rule, Piece { parameters, gradients, states, .. }) = (*self.rule, self);
        let Some(last) = parameters.len().checked_sub(LANES) else {
            return few(simd, rule, parameters, gradients, states);
        };
        // The last sixteen are stepped before the others, some of which they may be, and stored behind them.
        let mut last_state = [E::Lanes::splat(simd, E::ZERO); K];
        for k in 0..K {
            last_state[k] = sixteen(simd, &states[k][last..]);
        }
        let (p, g) = (sixteen(simd, &parameters[last..]), sixteen(simd, &gradients[last..]));
        let stepped = rule.apply(simd, p, g, &mut last_state);
        let blocks = parameters.as_chunks_mut::<LANES>().0.iter_mut().zip(gradients.as_chunks::<LANES>().0);
        for (at, (parameter, gradient)) in blocks.enumerate() {
            let mut state = [E::Lanes::splat(simd, E::ZERO); K];
            for k in 0..K {
                state[k] = E::Lanes::from_array(simd, states[k].as_chunks::<LANES>().0[at]);
            }
            let (p, g) = (E::Lanes::from_array(simd, *parameter), E::Lanes::from_array(simd, *gradient));
            *parameter = rule.apply(simd, p, g, &mut state).to_array();
            for k in 0..K {
                states[k].as_chunks_mut::<LANES>().0[at] = state[k].to_array();
            }
        }
        parameters[last..].copy_from_slice(&stepped.to_array());
        for k in 0..K {
            states[k][last..].copy_from_slice(&last_state[k].to_array());
        }
    }
}

#[inline(always)]
fn sixteen<S: Simd, E: Element>(simd: S, values: &[E]) -> E::Lanes<S> {
    E::Lanes::from_array(simd, *values.first_chunk().expect("sixteen or more"))
}

/// Fewer than sixteen parameters.
#[inline(always)]
fn few<S: Simd, E: Element, const K: usize>(
    simd: S,
    rule: impl Rule<E, K>,
    parameters: &mut [E],
    gradients: &[E],
    states: [&mut [E]; K],
) {
    let padded = |values: &[E]| {
        let mut block = [E::ZERO; LANES];
        block[..values.len()].copy_from_slice(values);
        E::Lanes::from_array(simd, block)
    };
    let mut state = [E::Lanes::splat(simd, E::ZERO); K];
    for k in 0..K {
        state[k] = padded(&*states[k]);
    }
    let stepped = rule.apply(simd, padded(parameters), padded(gradients), &mut state).to_array();
    parameters.copy_from_slice(&stepped[..parameters.len()]);
    for k in 0..K {
        states[k].copy_from_slice(&state[k].to_array()[..parameters.len()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A state that counts, and a step that shows it.
    #[derive(Clone, Copy)]
    struct Counting;

    impl Rule<f32, 1> for Counting {
        fn apply<S: Simd>(
            &self,
            simd: S,
            p: <f32 as Element>::Lanes<S>,
            g: <f32 as Element>::Lanes<S>,
            [times]: &mut [<f32 as Element>::Lanes<S>; 1],
        ) -> <f32 as Element>::Lanes<S> {
            *times += <f32 as Element>::Lanes::splat(simd, 1.0);
            p + g * *times
        }
    }

    #[test]
    fn every_parameter_is_stepped_once() {
        for length in [0, 1, 15, 16, 17, 31, 32, 40, 1000, PIECE + 5] {
            let mut parameters = vec![0.0; length];
            let gradients: Vec<f32> = (0..length).map(|at| at as f32).collect();
            let mut times = vec![0.0; length];
            stretch(&Counting, &mut parameters, &gradients, [&mut times], 1);
            assert_eq!(parameters, gradients, "{length}");
            stretch(&Counting, &mut parameters, &gradients, [&mut times], 2);
            assert!(parameters.iter().zip(&gradients).all(|(p, g)| *p == 3.0 * g), "{length}");
            assert!(times.iter().all(|times| *times == 2.0), "{length}");
        }
    }
}
