//! The workloads in candle: `candle WORKLOAD`.

mod gpt;
mod lenet;

use candle_core::{DType, Device, Module, Result, Tensor};
use candle_nn::loss::{cross_entropy, mse};
use candle_nn::{
    Activation, AdamW, Conv2dConfig, Optimizer, ParamsAdamW, SGD, Sequential, VarBuilder, VarMap, conv2d, linear, seq,
};
use chainrule_peers::{classes, numbers, serve};

const CPU: Device = Device::Cpu;
const ADAM: ParamsAdamW = ParamsAdamW { lr: 1e-4, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.0 };

fn main() -> Result<()> {
    let map = VarMap::new();
    let vars = VarBuilder::from_varmap(&map, DType::F32, &CPU);
    let inputs = |shape: &[usize]| Tensor::from_vec(numbers(shape.iter().product()), shape, &CPU);
    let labels = |count, below| Tensor::from_vec(classes(count, below), count, &CPU);
    match std::env::args().nth(1).as_deref() {
        Some("mlp") => {
            let (model, x, y) = (mlp(vars)?, inputs(&[64, 784])?, labels(64, 10)?);
            train(model, AdamW::new(map.all_vars(), ADAM)?, x, y, cross_entropy)
        }
        Some("lenet") => {
            let (model, x, y) = (lenet::lenet(vars)?, inputs(&[64, 1, 28, 28])?, labels(64, 10)?);
            train(model, lenet::Momentum::new(map.all_vars(), (1e-4, 0.9))?, x, y, cross_entropy)
        }
        Some("cnn32") => {
            let (model, x, y) = (cnn32(vars)?, inputs(&[64, 3, 32, 32])?, labels(64, 10)?);
            train(model, AdamW::new(map.all_vars(), ADAM)?, x, y, cross_entropy)
        }
        Some("gpt") => {
            let x = labels(16 * 64, 96)?.reshape((16, 64))?;
            let (model, y) = (gpt::Gpt::new(vars)?, labels(16 * 64, 96)?);
            train(model, AdamW::new(map.all_vars(), ParamsAdamW { weight_decay: 0.01, ..ADAM })?, x, y, cross_entropy)
        }
        Some("tiny") => {
            let (model, x, y) = (tiny(vars)?, inputs(&[1, 8])?, inputs(&[1, 4])?);
            train(model, SGD::new(map.all_vars(), 1e-4)?, x, y, mse)
        }
        Some("infer") => {
            let (model, x) = (lenet::lenet(vars)?, inputs(&[1, 1, 28, 28])?);
            serve("candle-core", || drop(model.forward(&x).expect("fits")))
        }
        _ => panic!("`candle WORKLOAD`"),
    }
    Ok(())
}

fn train(
    model: impl Module,
    mut optimizer: impl Optimizer,
    x: Tensor,
    y: Tensor,
    loss: impl Fn(&Tensor, &Tensor) -> Result<Tensor>,
) {
    let mut step = || optimizer.backward_step(&loss(&model.forward(&x)?, &y)?);
    serve("candle-core", || step().expect("trains"));
}

fn mlp(vars: VarBuilder) -> Result<Sequential> {
    Ok(seq()
        .add(linear(784, 256, vars.pp("1"))?)
        .add(Activation::Relu)
        .add(linear(256, 128, vars.pp("2"))?)
        .add(Activation::Relu)
        .add(linear(128, 10, vars.pp("3"))?))
}

fn tiny(vars: VarBuilder) -> Result<Sequential> {
    Ok(seq()
        .add(linear(8, 32, vars.pp("1"))?)
        .add_fn(|x| x.tanh())
        .add(linear(32, 32, vars.pp("2"))?)
        .add_fn(|x| x.tanh())
        .add(linear(32, 4, vars.pp("3"))?))
}

fn cnn32(vars: VarBuilder) -> Result<Sequential> {
    let padded = Conv2dConfig { padding: 1, ..Conv2dConfig::default() };
    Ok(seq()
        .add(conv2d(3, 32, 3, padded, vars.pp("1"))?)
        .add(Activation::Relu)
        .add(conv2d(32, 32, 3, padded, vars.pp("2"))?)
        .add(Activation::Relu)
        .add_fn(|x| x.max_pool2d(2))
        .add(conv2d(32, 64, 3, padded, vars.pp("3"))?)
        .add(Activation::Relu)
        .add(conv2d(64, 64, 3, padded, vars.pp("4"))?)
        .add(Activation::Relu)
        .add_fn(|x| x.max_pool2d(2))
        .add_fn(|x| x.flatten_from(1))
        .add(linear(4096, 256, vars.pp("5"))?)
        .add(Activation::Relu)
        .add(linear(256, 10, vars.pp("6"))?))
}
