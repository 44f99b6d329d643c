//! Small contractions of one sample, known to the last extent where their layer stands: compiled in place, for the way into a plan would
//! take longer than the work.
//!
//! Input: the extents and strides of a contraction without borders or conditions. Output: its loops, at most two outer ones, one that
//! stands in the lanes and one inside, if there are no more; proved in range as a const, so that the loops read unchecked.

use super::run::Call;
use crate::lanes::{Cell, Element, LANES, Lanes, Pack, Simd, Value};

/// Multiplications that are compiled in place at most: more would be code that a call of the engine is not worth.
const MOST: usize = 4096;

/// Elements whose steps stand in the lanes, at once: the sums of sixteen would leave the registers.
const AT_ONCE: usize = LANES / 2;

/// An index: how far it runs, and what it moves from one position to the next.
#[derive(Clone, Copy, Debug)]
struct Index {
    extent: usize,
    left: usize,
    right: usize,
    target: usize,
    bias: usize,
}

const NONE: Index = Index { extent: 1, left: 0, right: 0, target: 0, bias: 0 };

/// A contraction in loops.
#[derive(Clone, Copy, Debug)]
pub struct Small {
    outer: [Index; 2],
    in_lanes: Index,
    /// The sum's index, unless it stands in the lanes.
    inside: Index,
    /// Whether what stands in the lanes is summed over.
    summed: bool,
    /// Whether the right side is left out: ones.
    ones: bool,
    sizes: [usize; 4],
}

/// The loops of a contraction, if they are few and small. Of each of the target's own indices: its extent, and by how much it moves left
/// side, right side, target and bias; of those that are summed over the first three. `sizes`: as in a [`Contraction`](super::Contraction).
#[must_use]
pub const fn small(own: &[[i64; 5]], summed: &[[i64; 3]], sizes: [usize; 4]) -> Option<Small> {
    let (mut own_now, mut owns) = ([NONE; 2], 0);
    let mut inside = NONE;
    let mut work = 1;
    let mut at = 0;
    while at < own.len() + summed.len() {
        let [extent, left, right, target, bias] = if at < own.len() {
            own[at]
        } else {
            let [extent, left, right] = summed[at - own.len()];
            [extent, left, right, 0, 0]
        };
        if extent < 1 || extent > MOST as i64 || left < 0 || right < 0 || target < 0 || bias < 0 {
            return None;
        }
        work *= extent as usize;
        if work > MOST {
            return None;
        }
        let index = Index {
            extent: extent as usize,
            left: left as usize,
            right: right as usize,
            target: target as usize,
            bias: bias as usize,
        };
        if index.extent > 1 {
            if at >= own.len() {
                if inside.extent > 1 {
                    return None;
                }
                inside = index;
            } else if owns == 2 {
                return None;
            } else {
                own_now[owns] = index;
                owns += 1;
            }
        }
        at += 1;
    }
    // A single one is the inner one.
    if owns == 1 {
        own_now = [NONE, own_now[0]];
    }
    let ones = sizes[1] == 0;
    let small = Small { outer: own_now, in_lanes: inside, inside: NONE, summed: true, ones, sizes };
    let mut best = if inside.left == 1 && (ones || inside.right == 1) { Some(small) } else { None };
    let mut at = 0;
    while at < 2 {
        let (lanes, other) = (own_now[at], own_now[1 - at]);
        let moves = matches!((lanes.left, lanes.right), (0, 1) | (1, 0) | (1, 1));
        if moves && lanes.target == 1 && lanes.bias <= 1 {
            let own = Small { outer: [NONE, other], in_lanes: lanes, inside, summed: false, ..small };
            best = match best {
                Some(best) if best.cost() <= own.cost() => Some(best),
                _ => Some(own),
            };
        }
        at += 1;
    }
    match best {
        Some(small) if small.stays_inside() => Some(small),
        _ => None,
    }
}

impl Small {
    /// In multiplications of sixteen lanes.
    const fn cost(&self) -> usize {
        let store = if self.summed { 6 } else { 1 };
        self.outer[0].extent
            * self.outer[1].extent
            * (self.in_lanes.extent.div_ceil(LANES) * self.inside.extent + store)
    }

    /// Whether all positions lie inside of the tensors.
    const fn stays_inside(&self) -> bool {
        let all = [self.outer[0], self.outer[1], self.in_lanes, self.inside];
        let (mut last, mut at) = ([0; 4], 0);
        while at < all.len() {
            let most = all[at].extent - 1;
            last[0] += most * all[at].left;
            last[1] += most * all[at].right;
            last[2] += most * all[at].target;
            last[3] += most * all[at].bias;
            at += 1;
        }
        let [left, right, target, bias] = self.sizes;
        last[0] < left && (self.ones || last[1] < right) && last[2] < target && (bias == 0 || last[3] < bias)
    }

    /// Runs it.
    ///
    /// # Panics
    /// If a tensor is smaller than was said.
    #[inline(always)]
    pub fn run<M: Simd, E: Element>(self, simd: M, call: Call<'_, E>) {
        let Call { target, left, right, bias, scale, accumulate, then, .. } = call;
        let [left_size, right_size, target_size, bias_size] = self.sizes;
        let right = right.unwrap_or(Pack::elements(E::ONES));
        assert!(left.len() >= left_size && right.len() >= right_size && target.len() >= target_size);
        assert!(bias.is_none_or(|bias| bias_size > 0 && bias.len() >= bias_size));
        let job = Job {
            small: self,
            left: left.as_ptr(),
            right: right.as_ptr(),
            target: target.as_mut_ptr(),
            bias: bias.map(<[E]>::as_ptr),
            scale,
            accumulate,
        };
        let [outer, inner] = self.outer;
        for a in 0..outer.extent {
            let at = |b: usize| Index {
                extent: 1,
                left: a * outer.left + b * inner.left,
                right: a * outer.right + b * inner.right,
                target: a * outer.target + b * inner.target,
                bias: a * outer.bias + b * inner.bias,
            };
            // SAFETY: `stays_inside`, and the slices are as long as it takes for granted.
            unsafe {
                if self.summed && inner.extent > 1 && inner.target == 1 && inner.bias <= 1 {
                    let mut from = 0;
                    while from < inner.extent {
                        let count = least(inner.extent - from, AT_ONCE);
                        job.sums_of_lanes(simd, at(from), count);
                        from += AT_ONCE;
                    }
                } else {
                    for b in 0..inner.extent {
                        if self.summed {
                            job.sum_of_lanes(simd, at(b));
                        } else {
                            job.lanes(simd, at(b));
                        }
                    }
                }
            }
        }
        if let Some(then) = then {
            then.to(0, target);
        }
    }
}

struct Job<E> {
    small: Small,
    left: *const E,
    right: *const E,
    target: *mut E,
    bias: Option<*const E>,
    scale: E,
    accumulate: bool,
}

impl<E: Element> Job<E> {
    /// So many elements side by side, [`AT_ONCE`] at most, whose steps stand in the lanes.
    ///
    /// # Safety
    /// The first position is one of the outer loops', and so are those of the inner loop behind it.
    #[inline(always)]
    unsafe fn sums_of_lanes<M: Simd>(&self, simd: M, first: Index, count: usize) {
        let inner = self.small.outer[1];
        let sums = E::Lanes::reduce_sums(
            simd,
            #[inline(always)]
            |b| {
                if b >= count {
                    return E::Lanes::splat(simd, E::ZERO);
                }
                let at = Index { left: first.left + b * inner.left, right: first.right + b * inner.right, ..first };
                // SAFETY: the caller's promise.
                unsafe { self.steps_in_lanes(simd, at) }
            },
        );
        // SAFETY: likewise.
        unsafe { self.put_lanes(simd, sums, first, inner.bias, count) };
    }

    /// One such element.
    ///
    /// # Safety
    /// The position is one of the outer loops'.
    #[inline(always)]
    unsafe fn sum_of_lanes<M: Simd>(&self, simd: M, at: Index) {
        // SAFETY: the caller's promise, here and below.
        unsafe {
            let mut value = self.steps_in_lanes(simd, at).reduce_sum() * self.scale;
            if let Some(bias) = self.bias {
                value = value + *bias.add(at.bias);
            }
            let to = self.target.add(at.target);
            *to = if self.accumulate { *to + value } else { value };
        }
    }

    /// What is to be summed over the lanes.
    ///
    /// # Safety
    /// The position is one of the outer loops'.
    #[inline(always)]
    unsafe fn steps_in_lanes<M: Simd>(&self, simd: M, at: Index) -> E::Lanes<M> {
        let Small { in_lanes, ones, .. } = self.small;
        let mut sum = E::Lanes::splat(simd, E::ZERO);
        let mut from = 0;
        while from < in_lanes.extent {
            let count = least(in_lanes.extent - from, LANES);
            // SAFETY: the caller's promise, here and below.
            let left = unsafe { some(simd, self.left.add(at.left + from), count) };
            sum = if ones {
                sum + left
            } else {
                left.mul_add(unsafe { some(simd, self.right.add(at.right + from), count) }, sum)
            };
            from += LANES;
        }
        sum
    }

    /// Stores the sums of so many elements side by side, beside whose first one the bias moves by so much.
    ///
    /// # Safety
    /// The positions are some of the outer loops'.
    #[inline(always)]
    unsafe fn put_lanes<M: Simd>(&self, simd: M, sums: E::Lanes<M>, at: Index, bias_by: usize, count: usize) {
        let scale = E::Lanes::splat(simd, self.scale);
        // SAFETY: the caller's promise.
        unsafe {
            let to = self.target.add(at.target);
            let mut value = match self.bias {
                Some(bias) => sums.mul_add(scale, side(simd, bias.add(at.bias), bias_by, count)),
                None => sums * scale,
            };
            if self.accumulate {
                value = value + some(simd, to, count);
            }
            core::ptr::copy_nonoverlapping(value.to_array().as_ptr(), to, count);
        }
    }

    /// The elements of the index that stands in the lanes.
    ///
    /// # Safety
    /// The position is one of the outer loops'.
    #[inline(always)]
    unsafe fn lanes<M: Simd>(&self, simd: M, at: Index) {
        let extent = self.small.in_lanes.extent;
        let mut from = 0;
        // SAFETY: the caller's promise.
        unsafe {
            while from + 2 * LANES <= extent {
                self.chunks::<M, 2>(simd, at, from, LANES);
                from += 2 * LANES;
            }
            while from < extent {
                self.chunks::<M, 1>(simd, at, from, least(extent - from, LANES));
                from += LANES;
            }
        }
    }

    /// Some times sixteen lanes, of which `count` are in use.
    ///
    /// # Safety
    /// The position is one of the outer loops', the lanes are some of the index that stands in them.
    #[inline(always)]
    unsafe fn chunks<M: Simd, const N: usize>(&self, simd: M, at: Index, from: usize, count: usize) {
        let Small { in_lanes, inside, .. } = self.small;
        let (mut sums, mut odd) = ([E::Lanes::splat(simd, E::ZERO); N], [E::Lanes::splat(simd, E::ZERO); N]);
        let mut step = 0;
        // SAFETY: the caller's promise, here and below.
        unsafe {
            // In two chains, for a sum would wait for itself.
            while step + 1 < inside.extent {
                self.step(simd, at, from, step, count, &mut sums);
                self.step(simd, at, from, step + 1, count, &mut odd);
                step += 2;
            }
            if step < inside.extent {
                self.step(simd, at, from, step, count, &mut sums);
            }
        }
        for chunk in 0..N {
            let lane = from + chunk * LANES;
            let sum = if inside.extent == 1 { sums[chunk] } else { sums[chunk] + odd[chunk] };
            let at = Index { target: at.target + lane, bias: at.bias + lane * in_lanes.bias, ..at };
            unsafe { self.put_lanes(simd, sum, at, in_lanes.bias, count) };
        }
    }

    /// Adds a step of the sum.
    ///
    /// # Safety
    /// As for [`chunks`](Self::chunks).
    #[inline(always)]
    unsafe fn step<M: Simd, const N: usize>(
        &self,
        simd: M,
        at: Index,
        from: usize,
        step: usize,
        count: usize,
        sums: &mut [E::Lanes<M>; N],
    ) {
        let Small { in_lanes, inside, ones, .. } = self.small;
        for (chunk, sum) in sums.iter_mut().enumerate() {
            let lane = from + chunk * LANES;
            let left = at.left + step * inside.left + lane * in_lanes.left;
            let right = at.right + step * inside.right + lane * in_lanes.right;
            // SAFETY: the caller's promise.
            unsafe {
                let left = side(simd, self.left.add(left), in_lanes.left, count);
                *sum = if ones {
                    *sum + left
                } else {
                    left.mul_add(side(simd, self.right.add(right), in_lanes.right, count), *sum)
                };
            }
        }
    }
}

/// A side that the lanes move by one place, or not at all.
///
/// # Safety
/// So many numbers can be read there.
#[inline(always)]
unsafe fn side<M: Simd, E: Element>(simd: M, from: *const E, by: usize, count: usize) -> E::Lanes<M> {
    // SAFETY: the caller's promise.
    unsafe { if by == 0 { E::Lanes::splat(simd, *from) } else { some(simd, from, count) } }
}

/// So many numbers, then zeros.
///
/// # Safety
/// So many numbers can be read there: sixteen at most.
#[inline(always)]
unsafe fn some<M: Simd, E: Element>(simd: M, from: *const E, count: usize) -> E::Lanes<M> {
    // SAFETY: the caller's promise.
    unsafe {
        if count == LANES {
            return E::Lanes::from_array(simd, *from.cast::<[E; LANES]>());
        }
        let mut lanes = [E::ZERO; LANES];
        core::ptr::copy_nonoverlapping(from, lanes.as_mut_ptr(), count);
        E::Lanes::from_array(simd, lanes)
    }
}

/// A const in an inlined loop stays one.
#[inline(always)]
const fn least(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

#[cfg(test)]
mod tests;
