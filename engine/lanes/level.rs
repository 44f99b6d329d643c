//! Which instruction set to use, and entering it.

use fearless_simd::{Level, Simd};

/// Work that is written once for any instruction set. Mark `run` as `#[inline(always)]`, like all that it calls.
pub trait Task {
    /// What the work gives back.
    type Output;
    /// The work, with the instructions of `S`.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// The best instruction set of this machine; found once, then remembered.
#[inline]
pub fn level() -> Level {
    Level::new()
}

/// Runs `task` compiled for `level`. To keep programs small a task is compiled for AVX-512, AVX2 and the baseline of
/// the platform (SSE2, NEON, …) only; a level in between runs as the baseline.
///
/// ```
/// # use chainrule_engine as chainrule;
/// use chainrule::lanes::{Element, LANES, Lanes, Pack, Simd, Task, Value, level, run};
///
/// struct Exp<'a, E>(&'a mut [Pack<E>]);
/// impl<E: Element> Task for Exp<'_, E> {
///     type Output = ();
///     #[inline(always)]
///     fn run<S: Simd>(self, simd: S) {
///         for pack in self.0 {
///             E::Lanes::load(simd, pack).exp().store(pack);
///         }
///     }
/// }
/// let mut packs = [Pack([0.0_f32; LANES])];
/// run(level(), Exp(&mut packs));
/// assert_eq!(packs[0].0[15], 1.0);
/// ```
#[inline]
pub fn run<T: Task>(level: Level, task: T) -> T::Output {
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(simd) = level.as_avx512() {
            return enter(simd, task);
        }
        if let Some(simd) = level.as_avx2() {
            return enter(simd, task);
        }
        run_anywhere(task)
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        fearless_simd::dispatch!(level, simd => enter(simd, task))
    }
}

/// Runs `task` with the instructions that every machine of the platform has, and compiles it for no others: what is done once, or must
/// have the same bits everywhere.
#[doc(hidden)]
pub fn run_anywhere<T: Task>(task: T) -> T::Output {
    #[cfg(target_arch = "x86_64")]
    match Level::baseline().as_sse2() {
        Some(simd) => enter(simd, task),
        None => unreachable!("every x86-64 processor has SSE2"),
    }
    #[cfg(not(target_arch = "x86_64"))]
    run(Level::baseline(), task)
}

/// Whether a machine has what [`run_narrow`] needs: on x86-64 AVX2.
#[doc(hidden)]
#[must_use]
pub fn runs_narrow(level: Level) -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        level.as_avx2().is_some()
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = level;
        true
    }
}

/// As [`run`], but on x86-64 for AVX2 only: for code that sixteen lanes serve badly, and without which a machine can do.
///
/// # Panics
/// Unless [`runs_narrow`].
#[doc(hidden)]
#[inline]
pub fn run_narrow<T: Task>(level: Level, task: T) -> T::Output {
    #[cfg(target_arch = "x86_64")]
    match level.as_avx2() {
        Some(simd) => enter(simd, task),
        None => unreachable!("who asks for it has asked `runs_narrow`"),
    }
    #[cfg(not(target_arch = "x86_64"))]
    run(level, task)
}

/// Enters the target features of `S`; what is inlined into the closure is compiled with them.
#[inline(always)]
fn enter<S: Simd, T: Task>(simd: S, task: T) -> T::Output {
    simd.vectorize(
        #[inline(always)]
        || task.run(simd),
    )
}
