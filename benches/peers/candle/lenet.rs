//! LeNet-5, and momentum: candle's own descent has none.

use candle_core::backprop::GradStore;
use candle_core::{Result, Tensor, Var};
use candle_nn::{Activation, Conv2dConfig, Optimizer, Sequential, VarBuilder, conv2d, linear, seq};

pub fn lenet(vars: VarBuilder) -> Result<Sequential> {
    let padded = Conv2dConfig { padding: 2, ..Conv2dConfig::default() };
    Ok(seq()
        .add(conv2d(1, 6, 5, padded, vars.pp("conv1"))?)
        .add(Activation::Relu)
        .add_fn(|x| x.max_pool2d(2))
        .add(conv2d(6, 16, 5, Conv2dConfig::default(), vars.pp("conv2"))?)
        .add(Activation::Relu)
        .add_fn(|x| x.max_pool2d(2))
        .add_fn(|x| x.flatten_from(1))
        .add(linear(400, 120, vars.pp("fc1"))?)
        .add(Activation::Relu)
        .add(linear(120, 84, vars.pp("fc2"))?)
        .add(Activation::Relu)
        .add(linear(84, 10, vars.pp("logits"))?))
}

/// v ← momentum · v + g, p ← p - rate · v
pub struct Momentum {
    vars: Vec<(Var, Option<Tensor>)>,
    rate: f64,
    momentum: f64,
}

impl Optimizer for Momentum {
    type Config = (f64, f64);

    fn new(vars: Vec<Var>, (rate, momentum): (f64, f64)) -> Result<Self> {
        Ok(Momentum { vars: vars.into_iter().map(|var| (var, None)).collect(), rate, momentum })
    }

    fn step(&mut self, grads: &GradStore) -> Result<()> {
        for (var, velocity) in &mut self.vars {
            let Some(grad) = grads.get(var) else { continue };
            let next = match velocity {
                Some(velocity) => ((&*velocity * self.momentum)? + grad)?,
                None => grad.clone(),
            };
            var.set(&var.sub(&(&next * self.rate)?)?)?;
            *velocity = Some(next);
        }
        Ok(())
    }

    fn learning_rate(&self) -> f64 {
        self.rate
    }

    fn set_learning_rate(&mut self, rate: f64) {
        self.rate = rate;
    }
}
