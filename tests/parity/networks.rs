//! A network of one layer for every case of the fixtures.

use crate::ask::{layer, loss};

layer! { dense:
    "vector" { x: [5] -> layer: Dense::new(4); }
    "without bias" { x: [6] -> layer: Dense::new(3).biased(false); }
    "positions" { x: [6, 5] -> layer: Dense::new(4); }
    "two axes in front, one output" { x: [2, 3, 5] -> layer: Dense::new(1); }
    "one input" { x: [1] -> layer: Dense::new(4); }
    "batch of 1" { x: [17] -> layer: Dense::new(9); }
    "batch of 19: a full tile and a partial one" { x: [7] -> layer: Dense::new(5); }
}

layer! { conv2d:
    "plain, not square" { x: [2, 5, 6] -> layer: Conv2d::new(3, 3); }
    "without bias, kernel 1" { x: [3, 3, 4] -> layer: Conv2d::new(5, 1).biased(false); }
    "stride 2, padding 1, stride does not divide" { x: [2, 6, 5] -> layer: Conv2d::new(4, 3).stride(2).padding(1); }
    "stride 3 beyond kernel 2: inputs nobody reads" { x: [1, 8, 6] -> layer: Conv2d::new(2, 2).stride(3); }
    "kernel as large as the input" { x: [2, 4, 4] -> layer: Conv2d::new(3, 4); }
    "padding 3 beyond kernel 2: outputs of padding alone" { x: [1, 3, 2] -> layer: Conv2d::new(2, 2).padding(3); }
    "dilation 2" { x: [2, 6, 7] -> layer: Conv2d::new(2, 3).dilation(2); }
    "dilation 2, stride 2, padding 2" { x: [2, 5, 6] -> layer: Conv2d::new(2, 3).stride(2).padding(2).dilation(2); }
    "groups 2" { x: [4, 4, 5] -> layer: Conv2d::new(6, 3).groups(2); }
    "depthwise, two outputs a channel, padding 1" { x: [3, 4, 3] -> layer: Conv2d::new(6, 3).padding(1).groups(3); }
    "all at once" { x: [4, 7, 5] -> layer: Conv2d::new(2, 2).stride(2).padding(1).dilation(3).groups(2).biased(false); }
    "batch of 1" { x: [1, 6, 4] -> layer: Conv2d::new(2, 3); }
    "batch of 19: a full tile and a partial one" { x: [1, 4, 3] -> layer: Conv2d::new(2, 2).stride(1).padding(1); }
}

layer! { conv_transpose2d:
    "plain, not square" { x: [2, 3, 4] -> layer: ConvTranspose2d::new(3, 3); }
    "stride 2: windows overlap" { x: [2, 3, 2] -> layer: ConvTranspose2d::new(2, 3).stride(2); }
    "stride 2, padding 1" { x: [3, 3, 4] -> layer: ConvTranspose2d::new(2, 4).stride(2).padding(1); }
    "stride 3 beyond kernel 2: outputs of bias alone" { x: [1, 2, 3] -> layer: ConvTranspose2d::new(2, 2).stride(3); }
    "without bias, kernel 5, padding 2" { x: [2, 4, 3] -> layer: ConvTranspose2d::new(2, 5).padding(2).biased(false); }
    "one position" { x: [4, 1, 1] -> layer: ConvTranspose2d::new(2, 3); }
    "batch of 19: a full tile and a partial one" { x: [1, 2, 3] -> layer: ConvTranspose2d::new(1, 2).stride(2); }
}

layer! { max_pool2d:
    "plain, not square" { x: [2, 4, 6] -> layer: MaxPool2d::new(2); }
    "size does not divide: the rest is not read" { x: [2, 5, 7] -> layer: MaxPool2d::new(2); }
    "overlapping windows" { x: [2, 5, 6] -> layer: MaxPool2d::new(3).stride(1); }
    "overlapping windows, padding 1" { x: [2, 6, 5] -> layer: MaxPool2d::new(3).stride(2).padding(1); }
    "stride 3 beyond size 2: inputs nobody reads" { x: [1, 8, 7] -> layer: MaxPool2d::new(2).stride(3); }
    "padding never wins over negative values" { x: [1, 4, 3] -> layer: MaxPool2d::new(2).stride(1).padding(1); }
    "ties: the first of equals takes all" { x: [2, 4, 5] -> layer: MaxPool2d::new(3).stride(1); }
    "ties everywhere, padding 1" { x: [1, 3, 4] -> layer: MaxPool2d::new(2).stride(2).padding(1); }
    "batch of 19: a full tile and a partial one" { x: [1, 4, 3] -> layer: MaxPool2d::new(2).stride(1); }
}

layer! { avg_pool2d:
    "plain, not square" { x: [2, 4, 6] -> layer: AvgPool2d::new(2); }
    "size does not divide" { x: [2, 5, 7] -> layer: AvgPool2d::new(3); }
    "overlapping windows" { x: [2, 5, 4] -> layer: AvgPool2d::new(3).stride(1); }
    "padding 1, borders counted" { x: [2, 5, 6] -> layer: AvgPool2d::new(3).stride(2).padding(1).borders(true); }
    "padding 1, borders not counted" { x: [2, 5, 6] -> layer: AvgPool2d::new(3).stride(2).padding(1).borders(false); }
    "padding half of size 4, borders counted" { x: [1, 3, 5] -> layer: AvgPool2d::new(4).stride(1).padding(2).borders(true); }
    "padding half of size 4, borders not counted" { x: [1, 3, 5] -> layer: AvgPool2d::new(4).stride(1).padding(2).borders(false); }
    "stride 3 beyond size 2" { x: [1, 8, 7] -> layer: AvgPool2d::new(2).stride(3); }
}

layer! { global_avg_pool:
    "not square" { x: [3, 4, 5] -> layer: GlobalAvgPool; }
    "one position" { x: [4, 1, 1] -> layer: GlobalAvgPool; }
    "one channel, one row" { x: [1, 1, 7] -> layer: GlobalAvgPool; }
}

layer! { flatten:
    "three axes" { x: [2, 3, 4] -> layer: Flatten; }
    "one axis" { x: [5] -> layer: Flatten; }
    "four axes" { x: [2, 1, 3, 2] -> layer: Flatten; }
}

layer! { pixel_shuffle:
    "factor 2" { x: [8, 2, 3] -> layer: PixelShuffle::new(2); }
    "factor 3, one channel" { x: [9, 2, 1] -> layer: PixelShuffle::new(3); }
    "factor 1 changes nothing" { x: [2, 2, 3] -> layer: PixelShuffle::new(1); }
}

layer! { glu:
    "vector" { x: [6] -> layer: Glu; }
    "positions" { x: [4, 8] -> layer: Glu; }
    "two axes in front" { x: [2, 3, 2] -> layer: Glu; }
    "gates far off" { x: [8] -> layer: Glu; }
}

layer! { relu:
    "vector" { x: [7] -> layer: Relu; }
    "picture" { x: [2, 3, 4] -> layer: Relu; }
    "batch of 19: a full tile and a partial one" { x: [3] -> layer: Relu; }
    "near 20" { x: [5] -> layer: Relu; }
    "near -20" { x: [5] -> layer: Relu; }
    "near 1000" { x: [5] -> layer: Relu; }
    "near -1000" { x: [5] -> layer: Relu; }
    "zeros among the values" { x: [5] -> layer: Relu; }
}

layer! { leaky_relu:
    "vector" { x: [7] -> layer: LeakyRelu::new(0.01); }
    "picture" { x: [2, 3, 4] -> layer: LeakyRelu::new(0.01); }
    "batch of 19: a full tile and a partial one" { x: [3] -> layer: LeakyRelu::new(0.01); }
    "near 20" { x: [5] -> layer: LeakyRelu::new(0.01); }
    "near -20" { x: [5] -> layer: LeakyRelu::new(0.01); }
    "near 1000" { x: [5] -> layer: LeakyRelu::new(0.01); }
    "near -1000" { x: [5] -> layer: LeakyRelu::new(0.01); }
    "zeros among the values" { x: [5] -> layer: LeakyRelu::new(0.01); }
    "slope 0.25" { x: [3, 4] -> layer: LeakyRelu::new(0.25); }
    "negative slope" { x: [3, 4] -> layer: LeakyRelu::new(-0.5); }
}

layer! { prelu:
    "picture" { x: [3, 2, 4] -> layer: PRelu::new(); }
    "negative weight and zero weight" { x: [3, 4] -> layer: PRelu::new(); }
    "one channel, as initialised" { x: [1, 3, 4] -> layer: PRelu::new(); }
    "vector of channels" { x: [4] -> layer: PRelu::new(); }
    "zeros among the values" { x: [2, 6] -> layer: PRelu::new(); }
    "batch of 19: a full tile and a partial one" { x: [2, 2] -> layer: PRelu::new(); }
}

layer! { elu:
    "vector" { x: [7] -> layer: Elu::new(1.0); }
    "picture" { x: [2, 3, 4] -> layer: Elu::new(1.0); }
    "batch of 19: a full tile and a partial one" { x: [3] -> layer: Elu::new(1.0); }
    "near 20" { x: [5] -> layer: Elu::new(1.0); }
    "near -20" { x: [5] -> layer: Elu::new(1.0); }
    "near 1000" { x: [5] -> layer: Elu::new(1.0); }
    "near -1000" { x: [5] -> layer: Elu::new(1.0); }
    "zeros among the values" { x: [5] -> layer: Elu::new(1.0); }
    "alpha 0.5" { x: [3, 4] -> layer: Elu::new(0.5); }
    "alpha 2" { x: [3, 4] -> layer: Elu::new(2.0); }
    "just below zero: exp_m1, not exp - 1" { x: [6] -> layer: Elu::new(1.0); }
}

layer! { sigmoid:
    "vector" { x: [7] -> layer: Sigmoid; }
    "picture" { x: [2, 3, 4] -> layer: Sigmoid; }
    "batch of 19: a full tile and a partial one" { x: [3] -> layer: Sigmoid; }
    "near 20" { x: [5] -> layer: Sigmoid; }
    "near -20" { x: [5] -> layer: Sigmoid; }
    "near 1000" { x: [5] -> layer: Sigmoid; }
    "near -1000" { x: [5] -> layer: Sigmoid; }
    "near -5" { x: [5] -> layer: Sigmoid; }
}

layer! { tanh:
    "vector" { x: [7] -> layer: Tanh; }
    "picture" { x: [2, 3, 4] -> layer: Tanh; }
    "batch of 19: a full tile and a partial one" { x: [3] -> layer: Tanh; }
    "near 20" { x: [5] -> layer: Tanh; }
    "near -20" { x: [5] -> layer: Tanh; }
    "near 1000" { x: [5] -> layer: Tanh; }
    "near -1000" { x: [5] -> layer: Tanh; }
    "near zero" { x: [5] -> layer: Tanh; }
    "near 5" { x: [5] -> layer: Tanh; }
}

layer! { gelu:
    "vector" { x: [7] -> layer: Gelu::new(); }
    "picture" { x: [2, 3, 4] -> layer: Gelu::new(); }
    "batch of 19: a full tile and a partial one" { x: [3] -> layer: Gelu::new(); }
    "near 20" { x: [5] -> layer: Gelu::new(); }
    "near -20" { x: [5] -> layer: Gelu::new(); }
    "near 1000" { x: [5] -> layer: Gelu::new(); }
    "near -1000" { x: [5] -> layer: Gelu::new(); }
    "near 5" { x: [5] -> layer: Gelu::new(); }
    "near -2" { x: [5] -> layer: Gelu::new(); }
    "tanh form, moderate" { x: [6] -> layer: Gelu::new().tanh(true); }
    "tanh form, near 5" { x: [6] -> layer: Gelu::new().tanh(true); }
    "tanh form, near -2" { x: [6] -> layer: Gelu::new().tanh(true); }
    "tanh form, near 20" { x: [6] -> layer: Gelu::new().tanh(true); }
    "tanh form, near -20" { x: [6] -> layer: Gelu::new().tanh(true); }
    "tanh form, near 1000" { x: [6] -> layer: Gelu::new().tanh(true); }
    "tanh form, near -1000" { x: [6] -> layer: Gelu::new().tanh(true); }
}

layer! { silu:
    "vector" { x: [7] -> layer: Silu; }
    "picture" { x: [2, 3, 4] -> layer: Silu; }
    "batch of 19: a full tile and a partial one" { x: [3] -> layer: Silu; }
    "near 20" { x: [5] -> layer: Silu; }
    "near -20" { x: [5] -> layer: Silu; }
    "near 1000" { x: [5] -> layer: Silu; }
    "near -1000" { x: [5] -> layer: Silu; }
    "near -5" { x: [5] -> layer: Silu; }
}

layer! { softplus:
    "vector" { x: [7] -> layer: Softplus; }
    "picture" { x: [2, 3, 4] -> layer: Softplus; }
    "batch of 19: a full tile and a partial one" { x: [3] -> layer: Softplus; }
    "near 20" { x: [5] -> layer: Softplus; }
    "near -20" { x: [5] -> layer: Softplus; }
    "near 1000" { x: [5] -> layer: Softplus; }
    "near -1000" { x: [5] -> layer: Softplus; }
    "near 5" { x: [5] -> layer: Softplus; }
    "across 20" { x: [5] -> layer: Softplus; }
    "near -5" { x: [5] -> layer: Softplus; }
}

layer! { dropout:
    "evaluation, rate 0.5" { x: [7] -> layer: Dropout::new(0.5); }
    "evaluation, rate 0.1" { x: [2, 3, 2] -> layer: Dropout::new(0.1); }
    "evaluation, rate 0.0" { x: [4] -> layer: Dropout::new(0.0); }
}

layer! { softmax:
    "vector" { x: [6] -> layer: Softmax::new(0); }
    "positions, last axis" { x: [4, 5] -> layer: Softmax::new(1); }
    "positions, first axis" { x: [4, 5] -> layer: Softmax::new(0); }
    "middle of three axes" { x: [2, 4, 3] -> layer: Softmax::new(1); }
    "last of three axes" { x: [2, 3, 4] -> layer: Softmax::new(2); }
    "one class" { x: [3, 1] -> layer: Softmax::new(1); }
    "equal logits: a tie of the shift" { x: [5] -> layer: Softmax::new(0); }
    "far off, all positive" { x: [5] -> layer: Softmax::new(0); }
    "far off, all negative" { x: [5] -> layer: Softmax::new(0); }
    "1000 apart" { x: [4] -> layer: Softmax::new(0); }
    "batch of 19: a full tile and a partial one" { x: [3] -> layer: Softmax::new(0); }
}

layer! { layer_norm:
    "vector" { x: [8] -> layer: LayerNorm::new(); }
    "positions" { x: [4, 6] -> layer: LayerNorm::new(); }
    "two axes in front" { x: [2, 3, 5] -> layer: LayerNorm::new(); }
    "large epsilon" { x: [3, 6] -> layer: LayerNorm::new().epsilon(0.125); }
    "no variance: epsilon alone" { x: [8] -> layer: LayerNorm::new().epsilon(0.25); }
    "far from zero" { x: [7] -> layer: LayerNorm::new(); }
    "batch of 19: a full tile and a partial one" { x: [5] -> layer: LayerNorm::new(); }
}

layer! { group_norm:
    "two groups" { x: [6, 3, 2] -> layer: GroupNorm::new(2); }
    "one group" { x: [4, 2, 3] -> layer: GroupNorm::new(1); }
    "a group a channel" { x: [3, 4, 2] -> layer: GroupNorm::new(3); }
    "channels alone" { x: [6] -> layer: GroupNorm::new(2); }
    "large epsilon" { x: [4, 5] -> layer: GroupNorm::new(2).epsilon(0.125); }
    "far from zero" { x: [4, 3, 3] -> layer: GroupNorm::new(2); }
}

layer! { round:
    "vector" { x: [6] -> layer: Round; }
    "picture" { x: [2, 3, 2] -> layer: Round; }
    "where it jumps" { x: [6] -> layer: Round; }
    "batch of 19: a full tile and a partial one" { x: [3] -> layer: Round; }
}

layer! { sign:
    "vector" { x: [6] -> layer: Sign; }
    "picture" { x: [2, 3, 2] -> layer: Sign; }
    "where it jumps" { x: [4] -> layer: Sign; }
    "batch of 19: a full tile and a partial one" { x: [3] -> layer: Sign; }
}

layer! { quantize:
    "vector" { x: [6] -> layer: Quantize::new(4); }
    "picture" { x: [2, 3, 2] -> layer: Quantize::new(4); }
    "where it jumps" { x: [6] -> layer: Quantize::new(4); }
    "batch of 19: a full tile and a partial one" { x: [3] -> layer: Quantize::new(4); }
}

layer! { threshold:
    "vector" { x: [6] -> layer: Threshold::new(0.5); }
    "picture" { x: [2, 3, 2] -> layer: Threshold::new(0.5); }
    "where it jumps" { x: [4] -> layer: Threshold::new(0.5); }
    "batch of 19: a full tile and a partial one" { x: [3] -> layer: Threshold::new(0.5); }
}

layer! { embedding:
    "distinct tokens" { token: [2] of Token(7) -> layer: Embedding::new(7, 4); }
    "tokens that repeat, within a sample and across" { token: [4] of Token(5) -> layer: Embedding::new(5, 3); }
    "one word" { token: [2] of Token(1) -> layer: Embedding::new(1, 3); }
    "batch of 19: a full tile and a partial one" { token: [3] of Token(6) -> layer: Embedding::new(6, 2); }
}

layer! { positions:
    "short" { x: [3, 4] -> layer: Positions::new(); }
    "one position" { x: [1, 5] -> layer: Positions::new(); }
    "batch of 19: a full tile and a partial one" { x: [4, 2] -> layer: Positions::new(); }
}

layer! { causal_self_attention:
    "two heads" { x: [5, 6] -> layer: CausalSelfAttention::new(2); }
    "one head" { x: [4, 5] -> layer: CausalSelfAttention::new(1); }
    "a head a channel" { x: [4, 4] -> layer: CausalSelfAttention::new(4); }
    "one position" { x: [1, 4] -> layer: CausalSelfAttention::new(2); }
    "scores far apart" { x: [5, 4] -> layer: CausalSelfAttention::new(2); }
    "batch of 19: a full tile and a partial one" { x: [3, 4] -> layer: CausalSelfAttention::new(2); }
}

loss! { cross_entropy:
    "vector" { logits: [5]; loss CrossEntropy(logits, label: Class(5)); }
    "two classes" { logits: [2]; loss CrossEntropy(logits, label: Class(2)); }
    "positions" { logits: [4, 5]; loss CrossEntropy(logits, label: [4] of Class(5)); }
    "two axes of positions" { logits: [2, 3, 4]; loss CrossEntropy(logits, label: [2, 3] of Class(4)); }
    "far off together" { logits: [4]; loss CrossEntropy(logits, label: Class(4)); }
    "1000 apart, right" { logits: [3]; loss CrossEntropy(logits, label: Class(3)); }
    "1000 apart, wrong" { logits: [3]; loss CrossEntropy(logits, label: Class(3)); }
    "equal logits" { logits: [4]; loss CrossEntropy(logits, label: Class(4)); }
    "batch of 1" { logits: [6]; loss CrossEntropy(logits, label: Class(6)); }
    "batch of 19: a full tile and a partial one" { logits: [3]; loss CrossEntropy(logits, label: Class(3)); }
}

loss! { binary_cross_entropy:
    "vector, hard targets" { prediction: [5]; loss BinaryCrossEntropy(prediction, target: [5]); }
    "soft targets" { prediction: [4]; loss BinaryCrossEntropy(prediction, target: [4]); }
    "picture" { prediction: [2, 3, 2]; loss BinaryCrossEntropy(prediction, target: [2, 3, 2]); }
    "one output" { prediction: [1]; loss BinaryCrossEntropy(prediction, target: [1]); }
    "near 20" { prediction: [4]; loss BinaryCrossEntropy(prediction, target: [4]); }
    "near -20" { prediction: [4]; loss BinaryCrossEntropy(prediction, target: [4]); }
    "far off, right" { prediction: [3]; loss BinaryCrossEntropy(prediction, target: [3]); }
    "far off, wrong" { prediction: [3]; loss BinaryCrossEntropy(prediction, target: [3]); }
    "logit zero, where max(x, 0) has its kink" { prediction: [4]; loss BinaryCrossEntropy(prediction, target: [4]); }
    "batch of 19: a full tile and a partial one" { prediction: [2]; loss BinaryCrossEntropy(prediction, target: [2]); }
}

loss! { mean_squared_error:
    "vector" { prediction: [5]; loss MeanSquaredError(prediction, target: [5]); }
    "picture" { prediction: [2, 3, 2]; loss MeanSquaredError(prediction, target: [2, 3, 2]); }
    "one output" { prediction: [1]; loss MeanSquaredError(prediction, target: [1]); }
    "far off" { prediction: [4]; loss MeanSquaredError(prediction, target: [4]); }
    "batch of 19: a full tile and a partial one" { prediction: [2]; loss MeanSquaredError(prediction, target: [2]); }
}

loss! { huber:
    "vector" { prediction: [6]; loss Huber::new(1.0)(prediction, target: [6]); }
    "delta 0.5, picture" { prediction: [2, 3, 2]; loss Huber::new(0.5)(prediction, target: [2, 3, 2]); }
    "delta 2, one output" { prediction: [1]; loss Huber::new(2.0)(prediction, target: [1]); }
    "far off" { prediction: [4]; loss Huber::new(1.0)(prediction, target: [4]); }
    "exactly delta apart, and equal" { prediction: [3]; loss Huber::new(1.0)(prediction, target: [3]); }
    "batch of 19: a full tile and a partial one" { prediction: [2]; loss Huber::new(1.0)(prediction, target: [2]); }
}
