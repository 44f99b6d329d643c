//! Sixteen samples of sixteen elements, turned about: an index goes into the lanes, the samples stand one after the other.

use super::plan::Transposition;
use crate::lanes::{Element, LANES, Lanes, Pack, Simd};

/// Fills `to` (`Transposition::block` long) from a side with one block of lanes. Lanes beyond the index's extent are zero.
#[inline(always)]
pub(super) fn transpose<M: Simd, E: Element>(
    simd: M,
    how: Transposition,
    from: &[E],
    block: usize,
    to: &mut [Pack<E>],
) {
    let (extent, stride) = (how.extent, how.stride);
    let (from, _) = from.as_chunks::<LANES>();
    let first = block * LANES;
    let lanes = (extent - first).min(LANES);
    for (place, to) in to.chunks_exact_mut(LANES).enumerate() {
        let start = (place / stride * extent + first) * stride + place % stride;
        let to: &mut [Pack<E>; LANES] = to.try_into().unwrap();
        if lanes == LANES {
            let mut rows = [&from[start]; LANES];
            for (lane, row) in rows.iter_mut().enumerate() {
                *row = &from[start + lane * stride];
            }
            E::Lanes::transpose(simd, rows, to);
        } else {
            for (sample, to) in to.iter_mut().enumerate() {
                for lane in 0..LANES {
                    to.0[lane] = if lane < lanes { from[start + lane * stride][sample] } else { E::ZERO };
                }
            }
        }
    }
}
