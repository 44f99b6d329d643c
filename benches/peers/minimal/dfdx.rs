//! 784-256-128-10, trained for ten steps: LeNet-5's convolutions need a nightly compiler here.

use chainrule_peers::{classes, numbers};
use dfdx::optim::{Momentum, Optimizer, Sgd};
use dfdx::prelude::*;

type Mlp = ((Linear<784, 256>, ReLU), (Linear<256, 128>, ReLU), Linear<128, 10>);

fn main() {
    let cpu = Cpu::default();
    let mut model = cpu.build_module::<Mlp, f32>();
    let mut grads = model.alloc_grads();
    let momentum = Some(Momentum::Classic(0.9));
    let mut sgd = Sgd::new(&model, SgdConfig { lr: 1e-2, momentum, weight_decay: None });
    let x = cpu.tensor_from_vec(numbers(64 * 784), (Const::<64>, Const::<784>));
    let hot = classes(64, 10).into_iter().flat_map(|class| (0..10).map(move |at| f32::from(u8::from(at == class))));
    let y = cpu.tensor_from_vec(hot.collect(), (Const::<64>, Const::<10>));
    for _ in 0..10 {
        let loss = cross_entropy_with_logits_loss(model.forward_mut(x.clone().traced(grads)), y.clone());
        println!("{}", loss.array());
        grads = loss.backward();
        sgd.update(&mut model, &grads).expect("all are used");
        model.zero_grads(&mut grads);
    }
}
