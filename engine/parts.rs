//! In: parts of some work, in their order, and how many threads there are. Out: every part done, once.
//!
//! Each thread begins with parts of its own, the same ones whenever as many parts are shared, then helps the others: what it wrote in one
//! call is in its cache when it reads it in the next. Which thread takes which part may not matter to the results.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::threads::{lock, share};

/// More parts than this are shared as so many.
pub const MOST_PARTS: usize = 64;

/// Parts for each thread: one that is late takes fewer.
const PARTS_EACH: usize = 4;

/// Into how many parts so many pieces are best cut.
pub fn parts_of(threads: usize, pieces: usize) -> usize {
    (PARTS_EACH * threads).min(MOST_PARTS).min(pieces)
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
    let mut values = values;
    let count = values.len();
    if threads.min(count) <= 1 {
        return values.for_each(|value| part(0, value));
    }
    debug_assert!(count <= MOST_PARTS);
    let slots: [Mutex<Option<T>>; MOST_PARTS] = std::array::from_fn(|_| Mutex::new(values.next()));
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
    let pieces = data.len().div_ceil(size.max(1));
    let each = pieces.div_ceil(parts_of(threads, pieces).max(1)).max(1);
    let slices = data.chunks_mut(each * size.max(1)).enumerate();
    share_values(threads, slices, &|_, (at, slice)| part(at * each, slice));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

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
