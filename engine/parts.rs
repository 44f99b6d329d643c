//! In: parts of some work, in their order, and how many threads there are. Out: every part done, once.
//!
//! Each thread begins with parts of its own, the same ones whenever as many parts are shared, then helps the others: what it wrote in one
//! call is in its cache when it reads it in the next. Which thread takes which part may not matter to the results.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::threads::{lock, share};

/// More parts than this are shared as so many.
pub const MOST_PARTS: usize = 64;

/// Parts for each thread.
const PARTS_EACH: usize = 6;

/// Pieces cut into parts: for each thread as many pieces, the first half of them one part, half of what is left the next, and so on. Who
/// is done first finds small parts to help with, and most pieces are in large ones, between which nothing is begun anew.
struct Cut {
    threads: usize,
    each: usize,
    pieces: usize,
}

impl Cut {
    fn new(threads: usize, pieces: usize) -> Cut {
        let threads = threads.clamp(1, MOST_PARTS).min(pieces.max(1));
        Cut { threads, each: PARTS_EACH.min(MOST_PARTS / threads), pieces }
    }

    fn parts(&self) -> usize {
        self.threads * self.each
    }

    /// The pieces of a part: none, where there are few.
    fn part(&self, at: usize) -> Range<usize> {
        let (thread, at) = (at / self.each, at % self.each);
        let first = |thread: usize| thread * self.pieces / self.threads;
        let (mut start, end) = (first(thread), first(thread + 1));
        for _ in 0..at {
            start += (end - start).div_ceil(2);
        }
        start..if at + 1 == self.each { end } else { start + (end - start).div_ceil(2) }
    }
}

/// Runs `part` with some of so many pieces after others, on several threads.
pub fn share_pieces(threads: usize, pieces: usize, part: &(dyn Fn(Range<usize>) + Sync)) {
    if threads <= 1 {
        return part(0..pieces);
    }
    let cut = Cut::new(threads, pieces);
    share_parts(threads, cut.parts(), &|_, at| {
        let pieces = cut.part(at);
        if !pieces.is_empty() {
            part(pieces);
        }
    });
}

/// Runs `part` with every number below `count`, which is at most [`MOST_PARTS`], and the seat of the thread that it runs on.
pub fn share_parts(threads: usize, count: usize, part: &(dyn Fn(usize, usize) + Sync)) {
    let threads = threads.min(count);
    if threads <= 1 {
        return (0..count).for_each(|at| part(0, at));
    }
    let taken = [const { AtomicBool::new(false) }; MOST_PARTS];
    let taken = &taken[..count];
    share(threads, &|seat| {
        let first = seat * count / threads;
        for at in (first..count).chain(0..first) {
            if !taken[at].load(Ordering::Relaxed) && !taken[at].swap(true, Ordering::Relaxed) {
                part(seat, at);
            }
        }
    });
}

/// Hands out values, at most [`MOST_PARTS`], each once.
pub fn share_values<T: Send>(
    threads: usize,
    values: impl ExactSizeIterator<Item = T>,
    part: &(dyn Fn(usize, T) + Sync),
) {
    let count = values.len();
    if threads.min(count) <= 1 {
        return values.for_each(|value| part(0, value));
    }
    debug_assert!(count <= MOST_PARTS);
    let mut slots = [const { Mutex::new(None) }; MOST_PARTS];
    for (slot, value) in slots.iter_mut().zip(values) {
        *slot = Mutex::new(Some(value));
    }
    share_parts(threads, count, &|seat, at| {
        if let Some(value) = lock(&slots[at]).take() {
            part(seat, value);
        }
    });
}

/// Hands out slices of so many pieces of `size` elements each, with the number of the first piece.
pub fn share_slices<T: Send>(threads: usize, data: &mut [T], size: usize, part: &(dyn Fn(usize, &mut [T]) + Sync)) {
    if threads <= 1 {
        return part(0, data);
    }
    let size = size.max(1);
    let cut = Cut::new(threads, data.len().div_ceil(size));
    let mut rest = data;
    let slices = (0..cut.parts()).map(|at| {
        let pieces = cut.part(at);
        let length = rest.len().min(pieces.len() * size);
        let slice = rest.split_off_mut(..length).unwrap_or_default();
        (pieces.start, slice)
    });
    share_values(threads, slices, &|_, (first, slice)| {
        if !slice.is_empty() {
            part(first, slice);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn parts_of_a_thread_become_smaller() {
        let parts = |threads, pieces| -> Vec<usize> {
            let cut = Cut::new(threads, pieces);
            (0..cut.parts()).map(|at| cut.part(at).len()).collect()
        };
        assert_eq!(parts(2, 43), [11, 5, 3, 1, 1, 0, 11, 6, 3, 1, 1, 0]);
        assert_eq!(parts(1, 64), [32, 16, 8, 4, 2, 2]);
        for (threads, pieces) in [(1, 0), (3, 2), (7, 100), (64, 1000), (1000, 1000)] {
            assert!(parts(threads, pieces).len() <= MOST_PARTS);
            let cut = Cut::new(threads, pieces);
            let all: Vec<usize> = (0..cut.parts()).flat_map(|at| cut.part(at)).collect();
            assert!(all.into_iter().eq(0..pieces), "{threads} threads, {pieces} pieces");
        }
    }

    #[test]
    fn every_piece_is_in_one_slice() {
        for threads in [1, 2, 3, 8, 100] {
            for (pieces, size) in [(0, 3), (1, 5), (7, 1), (64, 4), (1000, 3)] {
                let mut data = vec![0; pieces * size];
                share_slices(threads, &mut data, size, &|first, slice| {
                    for (at, to) in slice.iter_mut().enumerate() {
                        *to += first * size + at + 1;
                    }
                });
                assert!(data.iter().copied().eq(1..=pieces * size), "{threads} threads, {pieces} pieces");
            }
        }
    }

    #[test]
    fn every_part_is_done_once_on_a_seat_there_is() {
        for threads in [1, 2, 3, 8] {
            let done: Vec<AtomicUsize> = (0..37).map(|_| AtomicUsize::new(0)).collect();
            share_parts(threads, done.len(), &|seat, at| {
                assert!(seat < threads);
                done[at].fetch_add(1, Ordering::Relaxed);
            });
            assert!(done.iter().all(|times| times.load(Ordering::Relaxed) == 1));
        }
    }
}
