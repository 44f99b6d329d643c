//! The workloads in dfdx: `dfdx WORKLOAD`. Convolutions need a nightly compiler there; its attention has no causal mask.

use chainrule_peers::{classes, numbers, serve};
use dfdx::optim::{Adam, Optimizer, Sgd};
use dfdx::prelude::*;

type Mlp = ((Linear<784, 256>, ReLU), (Linear<256, 128>, ReLU), Linear<128, 10>);
type Tiny = ((Linear<8, 32>, Tanh), (Linear<32, 32>, Tanh), Linear<32, 4>);

fn main() {
    dfdx::flush_denormals_to_zero();
    let cpu = Cpu::default();
    match std::env::args().nth(1).as_deref() {
        Some("mlp") => {
            let mut model = cpu.build_module::<Mlp, f32>();
            let mut grads = Some(model.alloc_grads());
            let mut adam = Adam::new(&model, AdamConfig { lr: 1e-4, ..Default::default() });
            let x = cpu.tensor_from_vec(numbers(64 * 784), (Const::<64>, Const::<784>));
            let hot =
                classes(64, 10).into_iter().flat_map(|class| (0..10).map(move |at| f32::from(u8::from(at == class))));
            let y = cpu.tensor_from_vec(hot.collect(), (Const::<64>, Const::<10>));
            serve("dfdx", || {
                let logits = model.forward_mut(x.clone().traced(grads.take().expect("given back")));
                let mut new = cross_entropy_with_logits_loss(logits, y.clone()).backward();
                adam.update(&mut model, &new).expect("all are used");
                model.zero_grads(&mut new);
                grads = Some(new);
            });
        }
        Some("tiny") => {
            let mut model = cpu.build_module::<Tiny, f32>();
            let mut grads = Some(model.alloc_grads());
            let mut sgd = Sgd::new(&model, SgdConfig { lr: 1e-4, momentum: None, weight_decay: None });
            let x = cpu.tensor_from_vec(numbers(8), (Const::<1>, Const::<8>));
            let y = cpu.tensor_from_vec(numbers(4), (Const::<1>, Const::<4>));
            serve("dfdx", || {
                let action = model.forward_mut(x.clone().traced(grads.take().expect("given back")));
                let mut new = mse_loss(action, y.clone()).backward();
                sgd.update(&mut model, &new).expect("all are used");
                model.zero_grads(&mut new);
                grads = Some(new);
            });
        }
        _ => panic!("`dfdx mlp` or `dfdx tiny`"),
    }
}
