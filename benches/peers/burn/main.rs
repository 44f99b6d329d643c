//! The workloads in burn: `burn WORKLOAD`.

mod lenet;
mod networks;

use burn::module::Module;
use burn::nn::loss::{CrossEntropyLossConfig, MseLoss, Reduction};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, AdamWConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::{Device, Int, Tensor, TensorData};
use chainrule_peers::{classes, numbers, serve};
use lenet::Lenet;
use networks::{Cnn32, Gpt, Mlp};

const RATE: f64 = 1e-4;

fn main() {
    let device = Device::flex().autodiff();
    match std::env::args().nth(1).as_deref() {
        Some("mlp") => {
            let (x, y) = (reals([64, 784], &device), labels([64], 10, &device));
            let loss = CrossEntropyLossConfig::new().init(&device);
            let model = Mlp::new(&[784, 256, 128, 10], &device);
            train(model, adam(), |model| loss.forward(model.with_relu(x.clone()), y.clone()))
        }
        Some("lenet") => {
            let (x, y) = (reals([64, 1, 28, 28], &device), labels([64], 10, &device));
            let loss = CrossEntropyLossConfig::new().init(&device);
            let momentum = MomentumConfig::new().with_momentum(0.9).with_dampening(0.0);
            let sgd = SgdConfig::new().with_momentum(Some(momentum)).init();
            train(Lenet::new(&device), sgd, |model| loss.forward(model.forward(x.clone()), y.clone()))
        }
        Some("cnn32") => {
            let (x, y) = (reals([64, 3, 32, 32], &device), labels([64], 10, &device));
            let loss = CrossEntropyLossConfig::new().init(&device);
            train(Cnn32::new(&device), adam(), |model| loss.forward(model.forward(x.clone()), y.clone()))
        }
        Some("gpt") => {
            let (x, y) = (labels([16, 64], 96, &device), labels([16 * 64], 96, &device));
            let loss = CrossEntropyLossConfig::new().init(&device);
            let adamw = AdamWConfig::new().with_epsilon(1e-8).with_weight_decay(0.01).init();
            train(Gpt::new(&device), adamw, |model| loss.forward(model.forward(x.clone()), y.clone()))
        }
        Some("tiny") => {
            let (x, y) = (reals([1, 8], &device), reals([1, 4], &device));
            let model = Mlp::new(&[8, 32, 32, 4], &device);
            let loss = |model: &Mlp| MseLoss::new().forward(model.with_tanh(x.clone()), y.clone(), Reduction::Mean);
            train(model, SgdConfig::new().init(), loss)
        }
        Some("infer") => {
            let device = Device::flex();
            let (model, x) = (Lenet::new(&device), reals([1, 1, 28, 28], &device));
            serve("burn", || drop(model.forward(x.clone()).into_data()))
        }
        _ => panic!("`burn WORKLOAD`"),
    }
}

fn adam() -> ModuleOptimizer {
    AdamConfig::new().with_epsilon(1e-8).init()
}

fn train<M: Module>(model: M, mut optimizer: ModuleOptimizer, loss: impl Fn(&M) -> Tensor<1>) {
    let mut model = Some(model);
    serve("burn", || {
        let now = model.take().expect("given back");
        let gradients = GradientsParams::from_grads(loss(&now).backward(), &now);
        model = Some(optimizer.step(RATE, now, gradients));
    });
}

fn reals<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(numbers(shape.iter().product()), shape), device)
}

fn labels<const D: usize>(shape: [usize; D], below: usize, device: &Device) -> Tensor<D, Int> {
    let classes = classes(shape.iter().product(), below).into_iter().map(i64::from).collect();
    Tensor::from_data(TensorData::new::<i64, _>(classes, shape), device)
}
