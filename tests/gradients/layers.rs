//! Layers in several shapes and settings, in training and in evaluation.

use crate::ask::layer;

layer! { dense:
    { x: [1] -> Dense::new(1); }
    { x: [7] -> Dense::new(3); }
    { x: [7] -> Dense::new(3).biased(false); }
    { x: [4, 5] -> Dense::new(6); }
    { x: [2, 3, 2] -> Dense::new(4); }
}

layer! { global_avg_pool:
    { x: [3, 4, 5] -> GlobalAvgPool; }
    { x: [3, 4] -> GlobalAvgPool; }
    { x: [2, 1, 1] -> GlobalAvgPool; }
}

layer! { flatten:
    { x: [2, 3, 2] -> Flatten; }
    { x: [4] -> Flatten; }
}

layer! { pixel_shuffle:
    { x: [8, 2, 3] -> PixelShuffle::new(2); }
    { x: [9, 1, 2] -> PixelShuffle::new(3); }
    { x: [2, 2, 3] -> PixelShuffle::new(1); }
}

layer! { glu:
    { x: [6] -> Glu; }
    { x: [3, 4] -> Glu; }
    { x: [2, 2, 2] -> Glu; }
}

layer! { relu_and_its_kin:
    { x: [9] -> Relu; }
    { x: [2, 3, 2] -> Relu; }
    { x: [9] -> LeakyRelu::new(0.01); }
    { x: [3, 4] -> LeakyRelu::new(-0.5); }
    { x: [5] -> PRelu::new(); }
    { x: [3, 4] -> PRelu::new(); }
    { x: [2, 3, 2] -> PRelu::new().slope(-0.5); }
    { x: [9] -> Elu::new(1.0); }
    { x: [3, 4] -> Elu::new(0.3); }
}

layer! { smooth_activations:
    { x: [9] -> Sigmoid; }
    { x: [2, 3, 2] -> Sigmoid; }
    { x: [9] -> Tanh; }
    { x: [2, 3, 2] -> Tanh; }
    { x: [9] -> Gelu::new(); }
    { x: [2, 3, 2] -> Gelu::new(); }
    { x: [9] -> Gelu::new().tanh(true); }
    { x: [2, 3, 2] -> Gelu::new().tanh(true); }
    { x: [9] -> Silu; }
    { x: [2, 3, 2] -> Silu; }
    { x: [9] -> Softplus; }
    { x: [2, 3, 2] -> Softplus; }
}

layer! { soft_round:
    { x: [5] -> SoftRound::new(0.5); }
    { x: [5] -> SoftRound::new(4.0); }
    { x: [2, 3] -> SoftRound::new(12.0); }
}

layer! { softmax:
    { x: [5] -> Softmax::new(0); }
    { x: [1] -> Softmax::new(0); }
    { x: [3, 4] -> Softmax::new(0); }
    { x: [3, 4] -> Softmax::new(1); }
    { x: [2, 3, 2] -> Softmax::new(1); }
}

layer! { layer_norm:
    { x: [6] -> LayerNorm::new(); }
    { x: [3, 5] -> LayerNorm::new().epsilon(0.1); }
    { x: [2, 2, 3] -> LayerNorm::new(); }
}

layer! { group_norm:
    { x: [6] -> GroupNorm::new(2); }
    { x: [4, 3] -> GroupNorm::new(1); }
    { x: [4, 2, 3] -> GroupNorm::new(2).epsilon(0.1); }
    { x: [3, 2, 2] -> GroupNorm::new(3); }
}

layer! { embedding:
    { x: [4] of Token(5) -> Embedding::new(5, 3); }
    { x: [2, 3] of Token(2) -> Embedding::new(2, 2); }
    { x: [1] of Token(1) -> Embedding::new(1, 4); }
}

layer! { positions:
    { x: [3, 4] -> Positions::new(); }
    { x: [1, 2] -> Positions::new(); }
}

layer! { causal_self_attention:
    { x: [4, 6] -> CausalSelfAttention::new(2); }
    { x: [1, 4] -> CausalSelfAttention::new(4); }
    { x: [5, 3] -> CausalSelfAttention::new(1); }
}

layer! { dropout:
    { x: [9] -> Dropout::new(0.5); }
    { x: [2, 3, 4] -> Dropout::new(0.1); }
    { x: [4] -> Dropout::new(0.0); }
}

layer! { several_together:
    { x: [1, 5, 4] -> a: Conv2d::new(2, 2) -> Silu -> AvgPool2d::new(2) -> Flatten -> b: Dense::new(3); }
    { x: [3, 4] -> a: LayerNorm::new() -> b: CausalSelfAttention::new(2); x + b -> c: LayerNorm::new() -> d: Dense::new(4) -> Gelu::new(); }
    { x: [4] of Token(7) -> a: Embedding::new(7, 4) -> b: Positions::new() -> c: CausalSelfAttention::new(2) -> Dropout::new(0.25); }
    { x: [4, 3, 3] -> a: Conv2d::new(4, 3).padding(1).groups(2) -> b: GroupNorm::new(2) -> Gate; }
}

use gate::Gate;

/// A user's own layer takes part like the library's: half of the channels open the other half.
mod gate {
    use chainrule::Layer;

    #[derive(Layer, Clone, Copy, Debug)]
    #[layer { input x[(k: 2, c), ..]; output y[c, ..] = x[(0, c), ..] * sigmoid(x[(1, c), ..]); }]
    pub(super) struct Gate;
}
