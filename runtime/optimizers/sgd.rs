//! Stochastic gradient descent.

use super::sweep::{Rule, sweep};
use super::{Optimizer, Update, expect, make_state};
use crate::aligned::Aligned;
use crate::error::Error;
use crate::lanes::{Element, Lanes, Simd, Value};

/// Stochastic gradient descent, as `torch.optim.SGD` (dampening 0):
///
/// ```text
/// g ← g + weight_decay · p
/// v ← momentum · v + g                   (with momentum)
/// p ← p - rate · v                       (with Nesterov's: p - rate · (g + momentum · v); without momentum: p - rate · g)
/// ```
#[derive(Clone, Debug)]
pub struct Sgd<E = f32> {
    rate: f64,
    momentum: f64,
    nesterov: bool,
    weight_decay: f64,
    velocity: Aligned<E>,
}

impl<E: Element> Sgd<E> {
    /// Plain gradient descent with this learning rate.
    #[must_use]
    pub fn new(rate: f64) -> Self {
        Sgd { rate, momentum: 0.0, nesterov: false, weight_decay: 0.0, velocity: Aligned::new() }
    }

    /// How much of the last step's velocity is kept, 0 to below 1. 0 unless set.
    #[must_use]
    pub fn momentum(self, momentum: f64) -> Self {
        Sgd { momentum, ..self }
    }

    /// Whether the velocity is looked ahead of, as Nesterov does. Needs momentum.
    #[must_use]
    pub fn nesterov(self, nesterov: bool) -> Self {
        Sgd { nesterov, ..self }
    }

    /// The factor of the penalty ½ · weight_decay · p². 0 unless set.
    #[must_use]
    pub fn weight_decay(self, weight_decay: f64) -> Self {
        Sgd { weight_decay, ..self }
    }
}

impl<E: Element> Optimizer<E> for Sgd<E> {
    fn validate(&self) -> Result<(), Error> {
        let (rate, momentum, decay) = (self.rate, self.momentum, self.weight_decay);
        expect("sgd", "rate", rate, "to be finite and at least 0", rate >= 0.0)?;
        let good = (0.0..1.0).contains(&momentum);
        expect("sgd", "momentum", momentum, "to be at least 0 and below 1", good)?;
        let good = !self.nesterov || momentum > 0.0;
        expect("sgd", "momentum", momentum, "to be above 0 with `nesterov(true)`", good)?;
        expect("sgd", "weight_decay", decay, "to be finite and at least 0", decay >= 0.0)
    }

    fn rate(&self) -> f64 {
        self.rate
    }

    fn set_rate(&mut self, rate: f64) {
        self.rate = rate;
    }

    fn update(&mut self, update: Update<'_, E>) -> Result<(), Error> {
        let of = E::from_f64;
        let (rate, decay) = (of(self.rate), of(self.weight_decay));
        if self.momentum == 0.0 {
            sweep(&Plain { rate, decay }, update, []);
            return Ok(());
        }
        make_state(&mut self.velocity, "sgd", update.parameters.len())?;
        let rule = Momentum { rate, decay, momentum: of(self.momentum), nesterov: self.nesterov };
        sweep(&rule, update, [&mut self.velocity]);
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Plain<E> {
    rate: E,
    decay: E,
}

impl<E: Element> Rule<E, 0> for Plain<E> {
    #[inline(always)]
    fn apply<S: Simd>(&self, simd: S, p: E::Lanes<S>, g: E::Lanes<S>, _: &mut [E::Lanes<S>; 0]) -> E::Lanes<S> {
        let of = |number| E::Lanes::splat(simd, number);
        of(-self.rate).mul_add(of(self.decay).mul_add(p, g), p)
    }
}

#[derive(Clone, Copy)]
struct Momentum<E> {
    rate: E,
    decay: E,
    momentum: E,
    nesterov: bool,
}

impl<E: Element> Rule<E, 1> for Momentum<E> {
    #[inline(always)]
    fn apply<S: Simd>(&self, simd: S, p: E::Lanes<S>, g: E::Lanes<S>, [v]: &mut [E::Lanes<S>; 1]) -> E::Lanes<S> {
        let of = |number| E::Lanes::splat(simd, number);
        let momentum = of(self.momentum);
        let g = of(self.decay).mul_add(p, g);
        *v = momentum.mul_add(*v, g);
        let step = if self.nesterov { momentum.mul_add(*v, g) } else { *v };
        of(-self.rate).mul_add(step, p)
    }
}
