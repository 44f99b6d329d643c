//! The transformer. `layer_norm_slow` and `softmax`, because their fast forms have no backward pass.

use candle_core::{D, Device, IndexOp, Module, Result, Tensor};
use candle_nn::ops::{layer_norm_slow, softmax};
use candle_nn::{Embedding, Init, Linear, VarBuilder, embedding, linear, linear_no_bias};

const WIDTH: usize = 128;
const HEADS: usize = 4;
const STEPS: usize = 64;

pub struct Gpt {
    embedding: Embedding,
    positions: Tensor,
    blocks: Vec<Block>,
    norm: Norm,
    head: Linear,
}

struct Block {
    norms: [Norm; 2],
    project_in: Linear,
    project_out: Linear,
    widen: Linear,
    narrow: Linear,
    mask: Tensor,
}

struct Norm {
    weight: Tensor,
    bias: Tensor,
}

impl Norm {
    fn new(vars: VarBuilder) -> Result<Self> {
        let weight = vars.get_with_hints(WIDTH, "weight", Init::Const(1.0))?;
        Ok(Norm { weight, bias: vars.get_with_hints(WIDTH, "bias", Init::Const(0.0))? })
    }
}

impl Module for Norm {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        layer_norm_slow(x, &self.weight, &self.bias, 1e-5)
    }
}

impl Gpt {
    pub fn new(vars: VarBuilder) -> Result<Self> {
        Ok(Gpt {
            embedding: embedding(96, WIDTH, vars.pp("embedding"))?,
            positions: vars.get_with_hints((STEPS, WIDTH), "positions", Init::Randn { mean: 0.0, stdev: 0.02 })?,
            blocks: (0..2).map(|at| Block::new(vars.pp(format!("block{at}")))).collect::<Result<_>>()?,
            norm: Norm::new(vars.pp("norm"))?,
            head: linear(WIDTH, 96, vars.pp("head"))?,
        })
    }
}

impl Module for Gpt {
    fn forward(&self, text: &Tensor) -> Result<Tensor> {
        let mut x = text.apply(&self.embedding)?.broadcast_add(&self.positions)?;
        for block in &self.blocks {
            x = x.apply(block)?;
        }
        x.apply(&self.norm)?.apply(&self.head)?.flatten_to(1)
    }
}

impl Block {
    fn new(vars: VarBuilder) -> Result<Self> {
        let mask: Vec<f32> =
            (0..STEPS * STEPS).map(|at| if at % STEPS > at / STEPS { f32::NEG_INFINITY } else { 0.0 }).collect();
        Ok(Block {
            norms: [Norm::new(vars.pp("norm1"))?, Norm::new(vars.pp("norm2"))?],
            project_in: linear_no_bias(WIDTH, 3 * WIDTH, vars.pp("in"))?,
            project_out: linear_no_bias(WIDTH, WIDTH, vars.pp("out"))?,
            widen: linear(WIDTH, 4 * WIDTH, vars.pp("widen"))?,
            narrow: linear(4 * WIDTH, WIDTH, vars.pp("narrow"))?,
            mask: Tensor::from_vec(mask, (STEPS, STEPS), &Device::Cpu)?,
        })
    }

    fn attend(&self, x: &Tensor) -> Result<Tensor> {
        let (batch, steps, width) = x.dims3()?;
        let all = x.apply(&self.project_in)?.reshape((batch, steps, 3, HEADS, width / HEADS))?;
        let all = all.permute((2, 0, 3, 1, 4))?.contiguous()?;
        let (query, key, value) = (all.i(0)?, all.i(1)?, all.i(2)?);
        let scores = (query.matmul(&key.t()?)? * (1.0 / ((width / HEADS) as f64).sqrt()))?;
        let shares = softmax(&scores.broadcast_add(&self.mask)?, D::Minus1)?;
        shares.matmul(&value)?.transpose(1, 2)?.reshape((batch, steps, width))?.apply(&self.project_out)
    }
}

impl Module for Block {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let x = (x + self.attend(&x.apply(&self.norms[0])?)?)?;
        &x + x.apply(&self.norms[1])?.apply(&self.widen)?.gelu()?.apply(&self.narrow)?
    }
}
