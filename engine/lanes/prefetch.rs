//! Asking for numbers before they are read.

/// Bytes that a cache holds together.
#[cfg(target_arch = "x86_64")]
const LINE: usize = 64;

/// Asks for numbers that are read soon, and where nothing tells the machine which come next: rows far apart, say. Changes nothing but the time.
/// (On other platforms than x86-64 there is no stable function for it: nothing is done.)
#[inline(always)]
pub(crate) fn prefetch<E>(numbers: &[E]) {
    #[cfg(target_arch = "x86_64")]
    for line in numbers.chunks(LINE / size_of::<E>()) {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint, which no place is wrong for; these are even there.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = numbers;
}
