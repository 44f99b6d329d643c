//! In: a seed and an epoch. Out: the order of the examples, which depends on nothing else: Fisher and Yates's shuffle, each place with a
//! draw of its own. Allocates nothing once made.

use crate::lanes::draws::standard_uniform;
use crate::lanes::{self, DrawKey, LANES, Lanes, Simd, Task};

/// A number that no site of a network has: the initialisers take the last.
const SITE: u32 = u32::MAX - 1;

/// The order of so many examples, epoch by epoch.
pub(crate) struct Shuffle {
    draws: Vec<f64>,
    order: Vec<usize>,
}

impl Shuffle {
    pub(crate) fn new(count: usize) -> Self {
        Shuffle { draws: vec![0.0; count], order: vec![0; count] }
    }

    /// The examples' numbers in the order of this epoch.
    pub(crate) fn order(&mut self, seed: u64, epoch: u64) -> &[usize] {
        let key = DrawKey { seed, step: epoch, site: SITE };
        lanes::run(lanes::level(), Draw { key, draws: &mut self.draws });
        self.order.iter_mut().enumerate().for_each(|(place, example)| *example = place);
        for (place, draw) in self.draws.iter().enumerate().rev() {
            // A product just below the next whole number may be rounded to it.
            let other = (draw * (place + 1) as f64) as usize;
            self.order.swap(place, other.min(place));
        }
        &self.order
    }
}

struct Draw<'a> {
    key: DrawKey,
    draws: &'a mut [f64],
}

impl Task for Draw<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for (block, draws) in self.draws.chunks_mut(LANES).enumerate() {
            let numbers = std::array::from_fn(|lane| (block * LANES + lane) as u64);
            let drawn = standard_uniform::<S, f64>(simd, self.key, &[0; LANES], &numbers).to_array();
            draws.copy_from_slice(&drawn[..draws.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permutations_that_differ_by_seed_and_epoch() {
        let order = |count, seed, epoch| Shuffle::new(count).order(seed, epoch).to_vec();
        for count in [1, 2, 16, 17, 1000] {
            let mut sorted = order(count, 1, 0);
            sorted.sort_unstable();
            assert_eq!(sorted, (0..count).collect::<Vec<_>>());
        }
        assert_eq!(order(100, 1, 0), order(100, 1, 0));
        assert_ne!(order(100, 1, 0), order(100, 1, 1));
        assert_ne!(order(100, 1, 0), order(100, 2, 0));
    }

    #[test]
    fn every_place_is_equally_likely() {
        let mut shuffle = Shuffle::new(4);
        let mut counts = [[0; 4]; 4];
        for epoch in 0..4000 {
            for (place, &example) in shuffle.order(9, epoch).iter().enumerate() {
                counts[place][example] += 1;
            }
        }
        assert!(counts.as_flattened().iter().all(|count: &i32| (count - 1000).abs() < 150), "{counts:?}");
    }
}
