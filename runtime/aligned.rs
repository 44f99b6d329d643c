//! A row of numbers that begins where a line of the cache does: parameters, their gradients, what optimisers remember. Sixteen numbers of it
//! lie in as few lines as can be; in a `Vec` of numbers they lie across one more.

use crate::lanes::{Cell, Element, LANES, Pack};
use std::ops::{Deref, DerefMut};

/// So many numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aligned<E> {
    packs: Vec<Pack<E>>,
    length: usize,
}

impl<E: Element> Aligned<E> {
    /// None.
    pub(crate) const fn new() -> Self {
        Aligned { packs: Vec::new(), length: 0 }
    }

    /// So many zeros.
    pub(crate) fn zeros(length: usize) -> Self {
        Aligned { packs: vec![Pack::ZERO; length.div_ceil(LANES)], length }
    }

    /// As many as there are, each made of one of them.
    pub(crate) fn of<T>(values: &[T], number: impl Fn(&T) -> E) -> Self {
        let mut all = Self::zeros(values.len());
        all.iter_mut().zip(values).for_each(|(to, value)| *to = number(value));
        all
    }
}

impl<E: Element> Deref for Aligned<E> {
    type Target = [E];

    #[inline(always)]
    fn deref(&self) -> &[E] {
        &Pack::elements(&self.packs)[..self.length]
    }
}

impl<E: Element> DerefMut for Aligned<E> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [E] {
        &mut Pack::elements_mut(&mut self.packs)[..self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn begins_at_a_line_of_the_cache() {
        for length in [0, 1, 15, 16, 17, 1000] {
            let values: Vec<f32> = (0..length).map(|value| value as f32).collect();
            let aligned = Aligned::of(&values, |value| f64::from(*value) + 0.5);
            assert_eq!(aligned.len(), length);
            assert!(length == 0 || aligned.as_ptr().addr() % 64 == 0);
            assert!(aligned.iter().zip(&values).all(|(number, value)| *number == f64::from(*value) + 0.5));
        }
    }
}
