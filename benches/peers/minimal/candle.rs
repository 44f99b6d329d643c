//! LeNet-5, trained for ten steps.

#[path = "../candle/lenet.rs"]
mod lenet;

use candle_core::{DType, Device, Module, Result, Tensor};
use candle_nn::{Optimizer, VarBuilder, VarMap, loss::cross_entropy};
use chainrule_peers::{classes, numbers};

fn main() -> Result<()> {
    let map = VarMap::new();
    let model = lenet::lenet(VarBuilder::from_varmap(&map, DType::F32, &Device::Cpu))?;
    let images = Tensor::from_vec(numbers(64 * 28 * 28), (64, 1, 28, 28), &Device::Cpu)?;
    let labels = Tensor::from_vec(classes(64, 10), 64, &Device::Cpu)?;
    let mut momentum = lenet::Momentum::new(map.all_vars(), (1e-2, 0.9))?;
    for _ in 0..10 {
        let loss = cross_entropy(&model.forward(&images)?, &labels)?;
        momentum.backward_step(&loss)?;
        println!("{}", loss.to_scalar::<f32>()?);
    }
    Ok(())
}
