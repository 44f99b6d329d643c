//! In: flat buffers and a rule for one element. Out: the buffers after it, in one pass, sixteen elements at a time, shared by the
//! threads in pieces. Elements do not meet, so threads and pieces make no difference to the bits.

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

fn stretch<E: Element, const K: usize>(
    rule: &impl Rule<E, K>,
    parameters: &mut [E],
    gradients: &[E],
    states: [&mut [E]; K],
    threads: usize,
) {
    let piece = parameters.len().div_ceil(MOST_PARTS).next_multiple_of(LANES).max(PIECE);
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
        let rule = *self.rule;
        let (blocks, rest) = self.parameters.as_chunks_mut::<LANES>();
        let (of_blocks, of_rest) = self.gradients.as_chunks::<LANES>();
        let mut states = self.states.map(|state| state.as_chunks_mut::<LANES>());
        for (at, (parameter, gradient)) in blocks.iter_mut().zip(of_blocks).enumerate() {
            let mut state = states.each_ref().map(|(blocks, _)| E::Lanes::from_array(simd, blocks[at]));
            let (p, g) = (E::Lanes::from_array(simd, *parameter), E::Lanes::from_array(simd, *gradient));
            *parameter = rule.apply(simd, p, g, &mut state).to_array();
            for ((blocks, _), state) in states.iter_mut().zip(state) {
                blocks[at] = state.to_array();
            }
        }
        if rest.is_empty() {
            return;
        }
        let padded = |values: &[E]| {
            let mut block = [E::ZERO; LANES];
            block[..values.len()].copy_from_slice(values);
            E::Lanes::from_array(simd, block)
        };
        let mut state = states.each_ref().map(|(_, rest)| padded(rest));
        let stepped = rule.apply(simd, padded(rest), padded(of_rest), &mut state).to_array();
        rest.copy_from_slice(&stepped[..rest.len()]);
        for ((_, rest), state) in states.iter_mut().zip(state) {
            rest.copy_from_slice(&state.to_array()[..rest.len()]);
        }
    }
}
