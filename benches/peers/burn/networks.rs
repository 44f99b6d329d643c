//! The other networks.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::{gelu_approximate, relu, tanh};
use burn::tensor::module::attention;
use burn::tensor::ops::AttentionModuleOptions;
use burn::tensor::{Device, Distribution, Int, Tensor};

/// Dense layers, with an activation between them.
#[derive(Module, Debug)]
pub struct Mlp {
    layers: Vec<Linear>,
}

impl Mlp {
    pub fn new(widths: &[usize], device: &Device) -> Self {
        Mlp { layers: widths.windows(2).map(|pair| LinearConfig::new(pair[0], pair[1]).init(device)).collect() }
    }

    fn forward(&self, mut x: Tensor<2>, activation: impl Fn(Tensor<2>) -> Tensor<2>) -> Tensor<2> {
        for (at, layer) in self.layers.iter().enumerate() {
            x = layer.forward(if at == 0 { x } else { activation(x) });
        }
        x
    }

    pub fn with_relu(&self, x: Tensor<2>) -> Tensor<2> {
        self.forward(x, relu)
    }

    pub fn with_tanh(&self, x: Tensor<2>) -> Tensor<2> {
        self.forward(x, tanh)
    }
}

#[derive(Module, Debug)]
pub struct Cnn32 {
    convs: Vec<Conv2d>,
    pool: MaxPool2d,
    dense: Mlp,
}

impl Cnn32 {
    pub fn new(device: &Device) -> Self {
        let conv = |channels| {
            Conv2dConfig::new(channels, [3, 3]).with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1)).init(device)
        };
        Cnn32 {
            convs: [[3, 32], [32, 32], [32, 64], [64, 64]].map(conv).into(),
            pool: MaxPool2dConfig::new([2, 2]).init(),
            dense: Mlp::new(&[4096, 256, 10], device),
        }
    }

    pub fn forward(&self, mut x: Tensor<4>) -> Tensor<2> {
        for pair in self.convs.chunks(2) {
            x = relu(pair[0].forward(x));
            x = self.pool.forward(relu(pair[1].forward(x)));
        }
        self.dense.with_relu(x.flatten(1, 3))
    }
}

const WIDTH: usize = 128;
const HEADS: usize = 4;

#[derive(Module, Debug)]
pub struct Gpt {
    embedding: Embedding,
    positions: Param<Tensor<2>>,
    blocks: Vec<Block>,
    norm: LayerNorm,
    head: Linear,
}

#[derive(Module, Debug)]
struct Block {
    norm1: LayerNorm,
    project_in: Linear,
    project_out: Linear,
    norm2: LayerNorm,
    widen: Linear,
    narrow: Linear,
}

impl Gpt {
    pub fn new(device: &Device) -> Self {
        Gpt {
            embedding: EmbeddingConfig::new(96, WIDTH).init(device),
            positions: Param::from_tensor(Tensor::random([64, WIDTH], Distribution::Normal(0.0, 0.02), device)),
            blocks: vec![Block::new(device), Block::new(device)],
            norm: LayerNormConfig::new(WIDTH).init(device),
            head: LinearConfig::new(WIDTH, 96).init(device),
        }
    }

    pub fn forward(&self, text: Tensor<2, Int>) -> Tensor<2> {
        let mut x = self.embedding.forward(text) + self.positions.val().unsqueeze();
        for block in &self.blocks {
            x = block.forward(x);
        }
        self.head.forward(self.norm.forward(x)).flatten(0, 1)
    }
}

impl Block {
    fn new(device: &Device) -> Self {
        Block {
            norm1: LayerNormConfig::new(WIDTH).init(device),
            project_in: LinearConfig::new(WIDTH, 3 * WIDTH).with_bias(false).init(device),
            project_out: LinearConfig::new(WIDTH, WIDTH).with_bias(false).init(device),
            norm2: LayerNormConfig::new(WIDTH).init(device),
            widen: LinearConfig::new(WIDTH, 4 * WIDTH).init(device),
            narrow: LinearConfig::new(4 * WIDTH, WIDTH).init(device),
        }
    }

    fn attend(&self, x: Tensor<3>) -> Tensor<3> {
        let [batch, steps, width] = x.dims();
        let [query, key, value]: [Tensor<4>; 3] = self
            .project_in
            .forward(x)
            .chunk(3, 2)
            .into_iter()
            .map(|part| part.reshape([batch, steps, HEADS, width / HEADS]).swap_dims(1, 2))
            .collect::<Vec<_>>()
            .try_into()
            .expect("three parts");
        let causal = AttentionModuleOptions { is_causal: true, ..Default::default() };
        let mixed = attention(query, key, value, None, None, causal);
        self.project_out.forward(mixed.swap_dims(1, 2).reshape([batch, steps, width]))
    }

    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let x = x.clone() + self.attend(self.norm1.forward(x));
        x.clone() + self.narrow.forward(gelu_approximate(self.widen.forward(self.norm2.forward(x))))
    }
}
