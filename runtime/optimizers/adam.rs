//! Adam, and Adam with decoupled weight decay.

use super::sweep::{Rule, sweep};
use super::{Optimizer, Update, expect, make_state};
use crate::aligned::Aligned;
use crate::error::Error;
use crate::lanes::{Element, Lanes, Simd, Value};

/// The state and formula that both share.
#[derive(Clone, Debug)]
struct Moments<E> {
    rate: f64,
    betas: (f64, f64),
    epsilon: f64,
    weight_decay: f64,
    steps: u64,
    first: Aligned<E>,
    second: Aligned<E>,
}

impl<E: Element> Moments<E> {
    fn new(rate: f64, weight_decay: f64) -> Self {
        let (first, second) = (Aligned::new(), Aligned::new());
        Moments { rate, betas: (0.9, 0.999), epsilon: 1e-8, weight_decay, steps: 0, first, second }
    }

    fn validate(&self, of: &'static str) -> Result<(), Error> {
        let Moments { rate, betas, epsilon, weight_decay, .. } = *self;
        expect(of, "rate", rate, "to be finite and at least 0", rate >= 0.0)?;
        for beta in [betas.0, betas.1] {
            expect(of, "betas", beta, "to be at least 0 and below 1", (0.0..1.0).contains(&beta))?;
        }
        expect(of, "epsilon", epsilon, "to be finite and at least 0", epsilon >= 0.0)?;
        expect(of, "weight_decay", weight_decay, "to be finite and at least 0", weight_decay >= 0.0)
    }

    fn update(&mut self, of: &'static str, decoupled: bool, update: Update<'_, E>) -> Result<(), Error> {
        make_state(&mut self.first, of, update.parameters.len())?;
        make_state(&mut self.second, of, update.parameters.len())?;
        self.steps += 1;
        let steps = self.steps as f64;
        let (one, two) = self.betas;
        let number = E::from_f64;
        let rule = Step {
            rate: number(self.rate / (1.0 - one.powf(steps))),
            fade_first: number(1.0 - one),
            second: number(two),
            fade_second: number(1.0 - two),
            correction: number(1.0 / (1.0 - two.powf(steps)).sqrt()),
            epsilon: number(self.epsilon),
            penalty: number(if decoupled { 0.0 } else { self.weight_decay }),
            shrink: number(if decoupled { 1.0 - self.rate * self.weight_decay } else { 1.0 }),
        };
        sweep(&rule, update, [&mut self.first, &mut self.second]);
        Ok(())
    }
}

/// The numbers of one step.
#[derive(Clone, Copy)]
struct Step<E> {
    rate: E,
    fade_first: E,
    second: E,
    fade_second: E,
    correction: E,
    epsilon: E,
    penalty: E,
    shrink: E,
}

impl<E: Element> Rule<E, 2> for Step<E> {
    #[inline(always)]
    fn apply<S: Simd>(&self, simd: S, p: E::Lanes<S>, g: E::Lanes<S>, [m, v]: &mut [E::Lanes<S>; 2]) -> E::Lanes<S> {
        let of = |number| E::Lanes::splat(simd, number);
        let g = g + of(self.penalty) * p;
        let p = p * of(self.shrink);
        *m = *m + of(self.fade_first) * (g - *m);
        *v = of(self.second) * *v + of(self.fade_second) * g * g;
        p - of(self.rate) * *m / v.sqrt().mul_add(of(self.correction), of(self.epsilon))
    }
}

macro_rules! adam {
    ($(#[$docs:meta])* $Adam:ident, $name:literal, decay $decay:literal, decoupled $decoupled:literal) => {
        $(#[$docs])*
        #[derive(Clone, Debug)]
        pub struct $Adam<E = f32>(Moments<E>);

        impl<E: Element> $Adam<E> {
            /// With this learning rate, betas 0.9 and 0.999, and epsilon 1e-8.
            #[must_use]
            pub fn new(rate: f64) -> Self {
                $Adam(Moments::new(rate, $decay))
            }

            /// How much of the two moments is kept at each step, 0 to below 1.
            #[must_use]
            pub fn betas(mut self, first: f64, second: f64) -> Self {
                self.0.betas = (first, second);
                self
            }

            /// What is added to the denominator.
            #[must_use]
            pub fn epsilon(mut self, epsilon: f64) -> Self {
                self.0.epsilon = epsilon;
                self
            }

            #[doc = concat!("The weight decay; ", $decay, " unless set.")]
            #[must_use]
            pub fn weight_decay(mut self, weight_decay: f64) -> Self {
                self.0.weight_decay = weight_decay;
                self
            }
        }

        impl<E: Element> Optimizer<E> for $Adam<E> {
            fn validate(&self) -> Result<(), Error> {
                self.0.validate($name)
            }

            fn rate(&self) -> f64 {
                self.0.rate
            }

            fn set_rate(&mut self, rate: f64) {
                self.0.rate = rate;
            }

            fn update(&mut self, update: Update<'_, E>) -> Result<(), Error> {
                self.0.update($name, $decoupled, update)
            }
        }
    };
}

adam! {
    /// Adam (Kingma and Ba, 2015), as `torch.optim.Adam`, at step t = 1, 2, …:
    ///
    /// ```text
    /// g ← g + weight_decay · p
    /// m ← β₁ · m + (1 - β₁) · g
    /// v ← β₂ · v + (1 - β₂) · g²
    /// p ← p - rate / (1 - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + epsilon)
    /// ```
    Adam, "adam", decay 0.0, decoupled false
}

adam! {
    /// Adam with decoupled weight decay (Loshchilov and Hutter, 2019), as `torch.optim.AdamW`, at step t = 1, 2, …:
    ///
    /// ```text
    /// p ← p - rate · weight_decay · p
    /// m ← β₁ · m + (1 - β₁) · g
    /// v ← β₂ · v + (1 - β₂) · g²
    /// p ← p - rate / (1 - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + epsilon)
    /// ```
    AdamW, "adamw", decay 0.01, decoupled true
}
