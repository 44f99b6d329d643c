//! LeNet-5, trained for ten steps.

#[path = "../burn/lenet.rs"]
mod lenet;

use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::{Device, Int, Tensor, TensorData};
use chainrule_peers::{classes, numbers};

fn main() {
    let device = Device::flex().autodiff();
    let images = Tensor::<4>::from_data(TensorData::new(numbers(64 * 28 * 28), [64, 1, 28, 28]), &device);
    let labels = classes(64, 10).into_iter().map(i64::from).collect();
    let labels = Tensor::<1, Int>::from_data(TensorData::new::<i64, _>(labels, [64]), &device);
    let loss_of = CrossEntropyLossConfig::new().init(&device);
    let momentum = MomentumConfig::new().with_momentum(0.9).with_dampening(0.0);
    let mut sgd = SgdConfig::new().with_momentum(Some(momentum)).init();
    let mut model = lenet::Lenet::new(&device);
    for _ in 0..10 {
        let loss = loss_of.forward(model.forward(images.clone()), labels.clone());
        println!("{}", loss.clone().into_scalar::<f32>());
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        model = sgd.step(1e-2, model, gradients);
    }
}
