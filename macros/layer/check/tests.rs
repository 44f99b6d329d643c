//! Each mistake that the page lists, with its words and its token; and layers just across the line, which must pass.

use proc_macro2::{Ident, Span};

use super::super::classify::classify;
use super::super::primitives::Class::{self, None as Flat, Piecewise, Smooth};
use super::super::tests::{WORKED, fields};
use crate::error::Errors;

/// The messages, each with the token it points at.
fn refusals(field_text: &str, text: &str) -> Vec<(String, String)> {
    let mut errors = Errors::new();
    let parsed = super::super::parse::parse(text.parse().unwrap(), &mut errors);
    let name = Ident::new("Test", Span::call_site());
    if let Some(layer) =
        parsed.and_then(|parsed| super::super::build::build(&name, &fields(field_text), &parsed, &mut errors))
    {
        let classes = classify(&layer);
        super::check(&layer, &classes, true, &mut errors);
    }
    let Err(error) = errors.finish() else { return vec![] };
    error.into_iter().map(|e| (e.span().source_text().unwrap_or_default(), e.to_string())).collect()
}

#[test]
fn worked_cases_pass() {
    for (name, fields, text) in WORKED {
        let found = refusals(fields, text);
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
}

/// Fields, text, the token, a part of the message.
const REFUSED: &[(&str, &str, &str, &str)] = &[
    // Names.
    ("", "input x[i]; output y[i] = z[i];", "z", "unknown tensor `z`"),
    ("", "input x[i]; output y[i] = x[i] * scale;", "scale", "unknown name `scale`"),
    ("", "input x[i]; output y[i] = relu(x[i]);", "relu", "unknown function `relu`"),
    ("", "input x[i]; output y = total(i) x[i];", "total", "unknown reduction `total`"),
    ("", "input x[i]; input x[j]; output y[i] = x[i];", "x", "`x` is defined twice"),
    ("i: usize", "input x[i]; output y[i] = x[i];", "i", "`i` is a field of the struct"),
    ("", "input x[i]; output y[i, x] = x[i];", "x", "`x` is a tensor"),
    ("", "input pi[i]; output y[i] = pi[i];", "pi", "`pi` is a word of the language"),
    // Indices.
    ("", "input x[i, j]; output y[i] = x[i];", "x", "`x` has 2 axes (x[i, j]), and 1 position is given"),
    ("", "input x[i, j]; output y[i] = x;", "x", "`x` has 2 axes (x[i, j]), and no positions are given"),
    ("", "input x[i]; output y[i, o] = x[i];", "o", "index `o` has no extent"),
    ("", "input x[i]; output y[i] = sum(p) x[i] * p;", "p", "index `p` has no extent"),
    (
        "out: usize",
        "input x[i]; output y[o: out] = sum(i) x[i] + o; output z[o: out + 1] = o + sum(i) x[i];",
        "o",
        "index `o` is given two extents",
    ),
    ("out: usize", "input x[i: out]; output y[i] = x[i];", "i", "`i` arrives with its extent"),
    ("", "input x[i, j]; output y[i] = x[i, j];", "j", "index `j` is not on the left and nothing reduces it"),
    ("", "input x[i]; output y[i, i] = x[i];", "i", "index `i` stands twice on the left"),
    ("", "input x[i]; output y[i: i + 1] = x[i];", "i", "`i` is defined by itself"),
    ("", "input x[(a, b)]; output y[a, b] = x[(a, b)];", "b", "two parts of this axis have no extent"),
    ("", "input x[..a, ..b]; output y[..a, ..b] = x[..a, ..b];", ".", "two ellipses"),
    ("", "input x[i]; output y[..] = x[0];", ".", "`..` stands for axes that an input brings"),
    // Ranges.
    (
        "",
        "input x[i]; output y[i] = x[i + 1];",
        "x",
        "position `i + 1` of `x` runs from 1 to `len(i)`, and the axis has `len(i)` elements",
    ),
    ("", "input x[i]; output y[i] = x[i - 1];", "x", "position `i - 1` of `x` starts at -1"),
    ("", "input x[i]; output y[i] = x[2*i];", "x", "position `2*i` of `x` runs from 0 to"),
    ("", "input x[i]; output y[i] = x[floor(x[i])];", "x", "position `floor(x[i])` of `x` has no known bounds"),
    ("", "input x[i]; output y[i] = x[floor(exp(x[i]))];", "x", "has no upper bound"),
    ("", "input x[i]; output y = x[len(i)];", "x", "position `len(i)` of `x`"),
    (
        "",
        "input x[i]; let a[i] = 2 * x[i]; output y[i] = if a[i + 1] > 0 { x[i] } else { 0 };",
        "a",
        "position `i + 1` of `a`",
    ),
    ("", "input x[i]; output y = sum(i where x[i + 1] > 0) x[i];", "x", "position `i + 1` of `x`"),
    ("", "input x[i]; output y[i] = if i < len(i) { x[i + 1] } else { 0 };", "x", "position `i + 1` of `x`"),
    ("", "input x[i, j]; output y[i] = x[i, i + len(j)];", "x", "axis `j`"),
    (
        "",
        "input token[s]; param table[v: 9] = Zeros; output y[s] = table[token[s]];",
        "token",
        "an integer must stand here",
    ),
    (
        "",
        "input token[s] of 10; param table[v: 9] = Zeros; output y[s] = table[token[s]];",
        "table",
        "position `token[s]` of `table` runs from 0 to 9",
    ),
    // Cycles and what comes later.
    (
        "",
        "input x[i]; let a[i] = b[i]; let b[i] = a[i] + x[i]; output y[i] = b[i];",
        "a",
        "a cycle: `a` reads `b` reads `a`",
    ),
    ("", "input x[t]; output y[t] outside 0 = y[t - 1] + x[t];", "y", "recurrences are not in this version yet"),
    ("", "input x[c]; state m[c] = 0; output y[c] = x[c] - m[c];", "m", "not in this version yet"),
    ("", "input x[c]; let m[c] = mean(batch) x[c]; output y[c] = x[c] - m[c];", "batch", "not in this version yet"),
    // Never read, never defined.
    ("", "input x[i]; input z[j]; output y[i] = x[i];", "z", "input `z` is never read"),
    ("", "input x[i]; target z[i]; output y[i] = x[i];", "z", "target `z` is never read"),
    ("", "input x[i]; let a[i] = x[i]; output y[i] = x[i];", "a", "`let a` is never read"),
    ("", "input x[i]; let a[i] ~ Gumbel; output y[i] = x[i];", "a", "draw `a` is never read"),
    ("", "input x[i]; param w[i] = Ones; output y[i] = x[i];", "w", "parameter `w` is never read"),
    (
        "",
        "input x[i]; param w[i] = Ones; let a[i] = w[i]; let b[i] = a[i]; output y[i] = x[i];",
        "w",
        "parameter `w` reaches no output: only `a` reads it",
    ),
    ("", "input x[i]; let a[i] = x[i];", "", "this layer has no output"),
    // Integers and values.
    ("", "input x[i]; output y[i] = x[i] * (i / 2);", "/", "a quotient of integers in a value"),
    ("", "input x[i]; output y[i] = x[x[i]];", "x", "an integer must stand here"),
    ("rate: f64", "input x[i]; output y[o: rate] = sum(i) x[i] + o;", "rate", "an extent is an integer formula"),
    ("", "input x[i]; output y[o: x] = sum(i) x[i] + o;", "x", "an extent cannot depend on data"),
    ("", "input x[i]; output y[i] = x[i] > 0;", ">", "a number must stand here, and this is a condition"),
    ("", "input x[i]; output y[i] = if x[i] { 1 } else { 0 };", "x", "a condition must stand here"),
    ("", "input x[i]; output y[i] = if x[i] > 0 { x[i] };", "if", "an `if` needs an `else`"),
    (
        "",
        "input x[i] of 3; output y[i] = straight_through(1.0 * x[i], x[i]);",
        "x",
        "a gradient is wanted here, and `x` holds integers",
    ),
    (
        "",
        "input x[i]; let k[i] of 3 = floor(x[i]); output y[i] = 1.0 * k[i];",
        "k",
        "declared to be from 0 to below `3`, and its formula runs from no bound",
    ),
    ("", "input x[i]; let k[i] of 3 = clamp(floor(x[i]), 0, 3); output y[i] = 1.0 * k[i];", "k", "runs from 0 to 3"),
    ("", "input x[i]; let k[i] of 3 = x[i]; output y[i] = 1.0 * k[i];", "x", "this is a real number"),
    ("", "input x[i] of 3 outside 0.5; output y[i] = 1.0 * x[i + 1];", "x", "give an integer"),
    ("", "input x[i] of 3 outside 3; output y[i] = 1.0 * x[i + 1];", "x", "from 0 to below `3`"),
    // Means.
    ("", "input x[i]; output y[i] = mean(j: len(i) where j < i) x[j];", "mean", "is empty at some positions"),
    ("", "input x[i]; output y = mean(i where x[i] > 0) x[i];", "mean", "may be empty, for values decide"),
    ("", "input x[i]; input k[i] of 3; output y = mean(i where k[i] == 1) x[i];", "mean", "is empty"),
    // Draws.
    ("", "input x[i]; let n[i] ~ Normal(0, 1); output y[i] = x[i] + n[i];", "n", "inference would draw `n`"),
    (
        "",
        "input x[i]; let n[i] ~ Normal(0, 1); let m[i] = square(n[i]); output y[i] = x[i] + m[i];",
        "n",
        "inference would draw `n`",
    ),
    (
        "",
        "input x[i]; let n[i] ~ Normal(0, 1); output y[i] = if training || x[i] > 0 { n[i] } else { x[i] };",
        "n",
        "inference would draw `n`",
    ),
    (
        "",
        "input x[i]; let n[i] ~ Normal(0, 1); output y[i] = if training { x[i] } else { n[i] };",
        "n",
        "inference would draw `n`",
    ),
    (
        "",
        "input x[i]; let n[i] ~ Poisson(1); output y[i] = if training { x[i] } else { n[i] };",
        "Poisson",
        "`Poisson` is no distribution",
    ),
    // Parameters that cannot learn.
    ("", "input x[i]; param w[i] = Ones; output y[i] = x[i] * round(w[i]);", "round", "parameter `w` can never learn"),
    ("", "input x[i]; param w[i] = Ones; output y[i] = x[i] * sign(w[i]);", "sign", "`straight_through(sign(x), x)`"),
    ("", "input x[i]; param w = Ones; output y[i] = if x[i] > w { 1 } else { 0 };", "if", "let the branches meet"),
    ("", "input x[i]; param w[i] = Ones; output y[i] = x[i] * stop(w[i]);", "w", "`stop`"),
    (
        "",
        "input x[i]; param w[i] = Ones; output y[i] = straight_through(x[i] * w[i], x[i]);",
        "w",
        "a `straight_through` whose surrogate does not read it",
    ),
    (
        "",
        "input x[i] outside 0; param w = Ones; output y[i] = x[i + floor(w)];",
        "floor",
        "parameter `w` can never learn",
    ),
    ("", "input x[i]; param w[i] = Ones; output y = 1.0 * (argmax(i) w[i] * x[i]);", "argmax", "a softmax"),
    (
        "",
        "input x[i]; param w = Ones; output y = sum(i where x[i] > w) 1.0 * i;",
        "sum",
        "parameter `w` can never learn",
    ),
    (
        "",
        "input x[i]; param p = Ones; let n[i] ~ Bernoulli(sigmoid(p)); output y[i] = if training { x[i] * n[i] } else { x[i] };",
        "n",
        "draw from a fixed distribution",
    ),
    // Declarations.
    ("", "input x[i]; param w[i] = Zeroes; output y[i] = x[i] * w[i];", "Zeroes", "`Zeroes` is no initialiser"),
    ("", "input x[i]; output y[i] = max(x[i]);", "max", "is followed by what it reduces"),
    ("", "input x[i]; output y[i] = exp(x[i], 1);", "exp", "takes 1 argument, not 2"),
];

#[test]
fn mistakes_are_refused_at_their_token() {
    let mut wrong = String::new();
    for (fields, text, token, message) in REFUSED {
        let found = refusals(fields, text);
        if !found.iter().any(|(at, words)| words.contains(message) && (at == token || token.is_empty())) {
            wrong += &format!("{text}\n    wanted at `{token}`: {message}\n    found {found:#?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Just across the line from the refusals, and layers of unusual mathematics.
const PASS: &[(&str, &str, &str)] = &[
    ("shift, outside", "", "input x[i] outside 0; output y[i] = x[i + 1];"),
    ("shift, shortened", "", "input x[i]; require len(i) > 1, \"at least two\"; output y[k: i - 1] = x[k + 1] - x[k];"),
    ("shift, if", "", "input x[i]; output y[i] = if i + 1 < len(i) { x[i + 1] } else { 0 };"),
    ("shift, and", "", "input x[i]; output y[i] = if i > 0 && x[i - 1] > x[i] { x[i - 1] } else { max(x[i], x[i]) };"),
    ("shift, or", "", "input x[i]; output y[i] = if i == 0 || x[i - 1] < x[i] { x[i] } else { x[i - 1] };"),
    ("shift, where", "", "input x[i]; output y[i] = sum(p: 3 where i + p >= 1, i + p - 1 < len(i)) x[i + p - 1];"),
    ("equality where", "stride: usize", "input x[h]; require stride > 0, \"moves\"; output y[i] = sum(p: 3, h, i: h * stride where i == h*stride + p) x[h];"),
    ("reversed", "", "input x[i]; output y[i] = x[len(i) - 1 - i];"),
    ("last", "", "input x[t, i]; output y[i] = x[len(t) - 1, i];"),
    ("triangle", "", "input x[s]; let p[s, t: s] = x[s] * x[t]; output y[s] = sum(t where t <= s) p[s, t] * x[s - t];"),
    ("strictly below", "", "input x[s]; output y[s] = sum(t: s where t < s) x[s - t - 1];"),
    ("gather of", "", "input token[s] of v; param table[v: 9, d: 3] = Zeros; output y[s, d] = table[token[s], d];"),
    ("gather of number", "", "input token[s] of 5; param table[v: 9] = Zeros; output y[s] = table[token[s] + 4];"),
    ("argmax gather", "", "input x[i, j]; output y[i] = x[i, argmax(j) stop(x[i, j])];"),
    ("named argmax", "", "input x[i]; input z[i]; let best = argmax(i) x[i]; output y = z[best];"),
    ("quantised gather", "levels: usize", "input x[i]; require levels > 0, \"some\"; param table[v: levels] = Normal(1.0); let code[i] of v = clamp(floor(x[i] * levels), 0, levels - 1); output y[i] = table[code[i]] * x[i];"),
    ("clamped read", "", "input x[i]; input at[i]; output y[i] = x[clamp(round(at[i]), 0, len(i) - 1)];"),
    ("min read", "", "input x[i]; output y[i] = x[min(i + 1, len(i) - 1)];"),
    ("remainder read", "", "input x[i]; output y[i] = x[(i + 3) % len(i)];"),
    ("half", "", "input x[i]; output y[k: (i + 1) / 2] = x[2*k] * (if 2*k + 1 < len(i) { x[2*k + 1] } else { 1 });"),
    ("mean of triangle", "", "input x[s]; output y[s] = mean(t: s where t <= s) x[t];"),
    ("mean of prefix", "", "input x[s]; input n[s] of s; output y[s] = mean(t: s where t <= n[s]) x[t];"),
    ("noise", "", "input x[i]; let n[i] ~ Normal(0, 1); let m[i] = square(n[i]); output y[i] = x[i] + (if training { m[i] } else { 0 });"),
    ("noise, not training", "", "input x[i]; let n[i] ~ Gumbel; output y[i] = if !training { x[i] } else if x[i] > 0 { x[i] + 0 * n[i] } else { x[i] - 0 * n[i] };"),
    ("noise, where", "", "input x[i]; let n[i] ~ Uniform(0, 1); output y = sum(i where training) x[i] * n[i];"),
    ("quantised weights", "", "input x[i]; param w[i] = Ones; output y[i] = x[i] * straight_through(round(w[i]), w[i]);"),
    ("index shadows", "", "input x[i]; output y[i] = x[i] - (mean(i) x[i]);"),
    ("unread draw argument", "rate: f64", "input x[i]; require rate < 1, \"fits\"; let keep ~ Bernoulli(1 - rate); output y[i] = if training { x[i] * keep } else { x[i] };"),
    // Unusual mathematics.
    ("Bilinear", "out: usize", "input a[i]; input b[j]; param w[o: out, i, j] = KaimingUniform; param c[o] = Zeros; output y[o] = c[o] + sum(i, j) a[i] * w[o, i, j] * b[j];"),
    ("RadialBasis", "centres: usize", "input x[i]; param centre[k: centres, i] = Normal(1.0); param width[k] = Ones; param w[o: 2, k] = KaimingUniform;
      let f[k] = exp(-square(norm(i) (x[i] - centre[k, i])) / (1 + square(width[k]))); output y[o] = (sum(k) w[o, k] * f[k]) / (sum(k) f[k]);"),
    ("LocalResponse", "size: usize, alpha: f64, beta: f64", "input x[c, h, w];
      let s[c, h, w] = sum(d: c where d >= c - size / 2, d <= c + size / 2) square(x[d, h, w]); output y[c, h, w] = x[c, h, w] / powf(2 + alpha * s[c, h, w], beta);"),
    ("Dilated strided", "out: usize, size: usize, step: usize, gap: usize", "input x[c, t]; require step > 0 && gap > 0, \"moves\"; param w[o: out, c, p: size] = KaimingUniform;
      output y[o, s: (t - gap*(size - 1) - 1) / step + 1] = sum(c, p) w[o, c, p] * x[c, s*step + p*gap];"),
    ("SlidingWindow", "window: usize", "input x[s, e]; param q[d: 2, e] = XavierUniform; param k[d, e] = XavierUniform; let a[s, d] = sum(e) q[d, e] * x[s, e]; let b[s, d] = sum(e) k[d, e] * x[s, e];
      require window > 0, \"at least itself\"; let score[s, t: s] = (sum(d) a[s, d] * b[t, d]) / sqrt(len(d)); let top[s] = max(t where t <= s, s - t < window) score[s, t];
      let share[s, t] = exp(score[s, t] - stop(top[s])); output y[s, e] = (sum(t where t <= s, s - t < window) share[s, t] * x[t, e]) / (sum(t where t <= s, s - t < window) share[s, t]);"),
    ("SoftHistogram", "bins: usize", "input x[i]; require bins > 1, \"two\"; let u[i] = clamp(x[i] * (bins - 1), 0, bins - 1); output y[b: bins] = mean(i) max(0.0, 1 - abs(u[i] - b));"),
    ("HistogramCells", "bins: usize", "input x[i]; require bins > 1, \"two\"; let u[i] = clamp(x[i] * (bins - 1), 0.0, bins - 1); let cell[i] = stop(clamp(floor(u[i]), 0, bins - 2));
      output y[b: bins] = sum(i where cell[i] == b || cell[i] + 1 == b) (1 - abs(u[i] - b));"),
    ("Involution", "kernel: usize, groups: usize", "input x[(g: groups, c), h, w] outside 0; require kernel % 2 == 1, \"odd\"; param kernels[g, p: kernel, q: kernel, f: g*c] = KaimingUniform;
      let k[g, p, q, h, w] = sum(f) kernels[g, p, q, f] * x[f, h, w]; output y[(g, c), h, w] = sum(p, q) k[g, p, q, h, w] * x[(g, c), h + p - kernel / 2, w + q - kernel / 2];"),
    ("Hypernetwork", "out: usize", "input x[i]; input z[k]; param generate[o: out, i, k] = KaimingUniform; let w[o, i] = tanh(sum(k) generate[o, i, k] * z[k]); output y[o] = sum(i) w[o, i] * x[i];"),
    ("DepthwiseSeparable", "out: usize, kernel: usize", "input x[c, h, w] outside 0; param depth[c, p: kernel, q: kernel] = KaimingUniform; param point[o: out, c] = KaimingUniform;
      let d[c, h, w] = sum(p, q) depth[c, p, q] * x[c, h + p - kernel / 2, w + q - kernel / 2]; output y[o, h, w] = sum(c) point[o, c] * d[c, h, w];"),
    ("SqueezeExcite", "squeeze: usize", "input x[c, h, w]; param down[r: squeeze, c] = KaimingUniform; param up[c, r] = KaimingUniform; let s[c] = mean(h, w) x[c, h, w];
      let z[r] = max(sum(c) down[r, c] * s[c], 0); output y[c, h, w] = x[c, h, w] * sigmoid(sum(r) up[c, r] * z[r]);"),
    ("Cosine", "", "input a[.., i]; input b[.., i]; output y[..] = (sum(i) a[.., i] * b[.., i]) / ((norm(i) a[.., i]) * (norm(i) b[.., i]));"),
    ("Outer", "", "input a[i]; input b[j]; output y[(i, j)] = a[i] * b[j];"),
    ("TriangularSum", "", "input x[i, c]; output y[c] = sum(i, j: i where j > i) x[i, c] * x[j, c];"),
    ("PRelu", "", "input x[c, ..]; param slope[c] = Constant(0.25); output y[c, ..] = if x[c, ..] > 0 { x[c, ..] } else { slope[c] * x[c, ..] };"),
    ("Elu", "alpha: f64", "input x[..]; output y[..] = if x[..] > 0 { x[..] } else { alpha * exp_m1(x[..]) };"),
    ("Huber", "delta: f64", "input x[..]; target t[..]; output loss = mean(..) (if abs(x[..] - t[..]) < delta { 0.5 * square(x[..] - t[..]) } else { delta * (abs(x[..] - t[..]) - 0.5 * delta) });"),
    ("LogSumExpPool", "size: usize, sharp: f64", "input x[c, h]; require size > 0, \"some\"; let top[c, i: h / size] = max(p: size) x[c, i*size + p];
      output y[c, i] = stop(top[c, i]) + ln(mean(p) exp(sharp * (x[c, i*size + p] - stop(top[c, i])))) / sharp;"),
    ("Positions", "longest: usize", "input x[s, d]; require len(s) <= longest, \"table too short\"; param table[k: longest, d] = Normal(0.02); output y[s, d] = x[s, d] + table[s, d];"),
    ("Sinusoidal", "", "input x[s, d]; let rate[d] = exp(-9.2 * floor(d / 2) / len(d)); output y[s, d] = x[s, d] + (if d % 2 == 0 { sin(s * rate[d]) } else { cos(s * rate[d]) });"),
    ("RelativeBias", "", "input x[s, t]; param bias[k: s + t - 1] = Zeros; output y[s, t] = x[s, t] + bias[s - t + len(t) - 1];"),
    ("Rotary", "", "input x[s, (d, r: 2)]; let angle[s, d] = s * exp(-9.2 * d / len(d));
      output y[s, (d, r)] = x[s, (d, r)] * cos(angle[s, d]) + (if r == 0 { -x[s, (d, 1)] } else { x[s, (d, 0)] }) * sin(angle[s, d]);"),
    ("Mixture", "experts: usize, out: usize", "input x[i]; param gate[k: experts, i] = KaimingUniform; param w[k, o: out, i] = KaimingUniform; let e[k] = exp(sum(i) gate[k, i] * x[i]);
      output y[o] = (sum(k) e[k] * (sum(i) w[k, o, i] * x[i])) / (sum(k) e[k]);"),
    ("SpatialTransformer", "", "input x[c, h, w] outside 0; input theta[k]; require len(k) == 3, \"three numbers\"; let u[h, w] = theta[0]*h + theta[1]*w + theta[2]; let cell[h, w] = stop(floor(u[h, w]));
      output y[c, h, w] = sum(p: 2) (1 - abs(u[h, w] - cell[h, w] - p)) * x[c, cell[h, w] + p, w];"),
    ("CoordConv", "out: usize", "input x[c, h, w]; param k[o: out, c] = KaimingUniform; param r[o] = Zeros; output y[o, h, w] = r[o] * (1.0 * h / len(h)) + sum(c) k[o, c] * x[c, h, w];"),
    ("ChannelShuffle", "groups: usize", "input x[(g: groups, c), h]; output y[(c, g), h] = x[(g, c), h];"),
    ("SpaceToDepth", "size: usize", "input x[c, (h, a: size), (w, b: size)]; output y[(c, a, b), h, w] = x[c, (h, a), (w, b)];"),
    ("TensorFusion", "", "input a[i]; input b[j]; output y[k: i + 1, l: j + 1] = (if k == 0 { 1 } else { a[k - 1] }) * (if l == len(l) - 1 { 1 } else { b[l] });"),
    ("Circular convolution", "", "input a[i]; input b[i]; output y[i] = sum(j: i) a[j] * b[(i - j) % len(i)];"),
    ("Differences", "", "input x[i, d]; output y[i, j: i] = norm(d) (x[i, d] - x[j, d] + 0.01);"),
    ("Upsample nearest", "scale: usize", "input x[h]; require scale > 0, \"grows\"; output y[i: h*scale] = x[i / scale];"),
    ("Crop", "size: usize", "input x[h, w]; require len(h) >= size && len(w) >= size, \"fits\"; output y[i: size, j: size] = x[i + (len(h) - size) / 2, j + (len(w) - size) / 2];"),
    ("Pad", "by: usize", "input x[h] outside reflect; output y[i: h + 2*by] = x[i - by];"),
    ("Concat3", "", "input a[i]; input b[j]; input c[l]; output y[k: i + j + l] = if k < len(i) { a[k] } else if k < len(i) + len(j) { b[k - len(i)] } else { c[k - len(i) - len(j)] };"),
];

#[test]
fn valid_layers_pass() {
    let mut wrong = String::new();
    for (name, fields, text) in PASS {
        let found = refusals(fields, text);
        if !found.is_empty() {
            wrong += &format!("{name}: {text}\n    {found:#?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn gradients_of_valid_layers_agree_with_differences() {
    // A surrogate's derivative is not the value's, on purpose.
    for (name, fields, text) in PASS.iter().filter(|(.., text)| !text.contains("straight_through")) {
        super::super::tests::check(name, fields, text, 1);
        super::super::tests::check(name, fields, text, 2);
    }
}

/// Fields, the formula of `output y` of `input x[..]`, its class in `x`, the primitive that makes it so.
const CLASSES: &[(&str, &str, Class, &str)] = &[
    ("", "2 * x[..] + 1", Smooth, ""),
    ("", "if x[..] > 0 { x[..] } else { 0 }", Piecewise, "if"),
    ("", "max(x[..], 0)", Piecewise, "max"),
    ("", "abs(x[..])", Piecewise, "abs"),
    ("", "clamp(x[..], -1, 1)", Piecewise, "if"),
    ("", "max(0, 1 - x[..])", Piecewise, "max"),
    ("", "square(max(0, 1 - x[..]))", Smooth, ""),
    ("slope: f64", "if x[..] > 0 { x[..] } else { slope * x[..] }", Piecewise, "if"),
    ("alpha: f64", "if x[..] > 0 { x[..] } else { alpha * exp_m1(x[..]) }", Piecewise, "if"),
    ("", "if x[..] > 0 { x[..] } else { exp_m1(x[..]) }", Smooth, ""),
    ("alpha: f64", "if x[..] > 0 { x[..] } else { alpha * exp_m1(x[..] / alpha) }", Smooth, ""),
    ("", "1.0507009873554805 * (if x[..] > 0 { x[..] } else { 1.6732632423543772 * exp_m1(x[..]) })", Piecewise, "if"),
    (
        "delta: f64",
        "if abs(x[..]) < delta { 0.5 * square(x[..]) } else { delta * (abs(x[..]) - 0.5 * delta) }",
        Smooth,
        "",
    ),
    ("", "if abs(x[..]) < 1 { 0.5 * square(x[..]) } else { abs(x[..]) - 0.5 }", Smooth, ""),
    ("", "x[..] / (1 + abs(x[..]))", Smooth, ""),
    ("", "sum(..) (if abs(x[..]) < 1 { 0.5 * square(x[..]) } else { abs(x[..]) - 0.5 })", Smooth, ""),
    ("", "x[..] * abs(x[..])", Smooth, ""),
    ("", "max(x[..], 0) - max(-x[..], 0)", Smooth, ""),
    ("", "square(max(0, x[..])) + square(max(0, 1 - x[..]))", Smooth, ""),
    ("", "mean(..) abs(x[..])", Piecewise, "abs"),
    ("", "sigmoid(15 + abs(x[..]))", Piecewise, "abs"),
    ("", "abs(x[..]) + abs(x[..] - 1)", Piecewise, "abs"),
    ("", "abs(x[..]) / (1 + abs(x[..]))", Piecewise, "abs"),
    ("", "x[..] * clamp(x[..] + 3, 0, 6) / 6", Piecewise, "if"),
    ("", "if x[..] <= -3 { 0 } else if x[..] >= 3 { x[..] } else { x[..] * (x[..] + 3) / 6 }", Piecewise, "if"),
    ("", "x[..] * tanh(softplus(x[..]))", Smooth, ""),
    ("", "0.5 * x[..] * (1 + erf(x[..] / sqrt(2.0)))", Smooth, ""),
    ("level: f64, value: f64", "if x[..] > level { x[..] } else { value }", Flat, "if"),
    ("", "if x[..] > 0 { 1 } else { 0 }", Flat, "if"),
    ("", "round(x[..])", Flat, "round"),
    ("levels: f64", "round(x[..] * levels) / levels", Flat, "round"),
    ("", "sign(x[..])", Flat, "sign"),
    ("", "x[..] - floor(x[..])", Flat, "floor"),
    ("", "x[..] % 1.0", Flat, "rem"),
    ("", "x[..] - sin(2 * pi * x[..]) / (2 * pi)", Smooth, ""),
    ("", "straight_through(round(x[..]), x[..])", Smooth, ""),
    ("", "x[..] * stop(round(x[..]))", Smooth, ""),
    ("", "if x[..] > 0 { x[..] } else { x[..] }", Smooth, ""),
    ("", "if x[..] < 0 { 0 } else if x[..] < 1 { square(x[..]) * (3 - 2 * x[..]) } else { 1 }", Smooth, ""),
    ("", "if x[..] == 0 { 1 } else { sin(x[..]) / x[..] }", Smooth, ""),
    ("", "if x[..] == 0 { 0 } else { sin(x[..]) / x[..] }", Flat, "if"),
    ("", "if x[..] > 0 { exp(-1 / x[..]) } else { 0 }", Smooth, ""),
    ("", "if x[..] > 1e-3 { ln(x[..]) } else { x[..] - 1 }", Flat, "if"),
    ("", "if x[..] > 1 { ln(x[..]) } else { x[..] - 1 }", Smooth, ""),
    ("", "if x[..] > 1000 { x[..] } else { 0 }", Flat, "if"),
    ("", "if x[..] > 20 { x[..] } else { ln_1p(exp(x[..])) }", Smooth, ""),
    ("", "if training { x[..] } else { 0 }", Smooth, ""),
    ("flag: bool", "if flag { x[..] } else { 2 * x[..] }", Smooth, ""),
    ("", "min(max(x[..], 0), 6)", Piecewise, "max"),
    ("", "if x[..] > 0 && x[..] < 1 { x[..] * (1 - x[..]) } else { 0 }", Piecewise, "if"),
    ("", "if x[..] > 0 || x[..] < -1 { square(x[..]) * square(x[..] + 1) } else { 0 }", Smooth, ""),
    ("", "if square(x[..]) > 1 { sqrt(square(x[..]) - 1) } else { 0 }", Piecewise, "if"),
    ("", "powf(abs(x[..]) + 1, 1.5)", Piecewise, "abs"),
    ("", "powi(x[..], 3)", Smooth, ""),
    ("", "sum(..) x[..]", Smooth, ""),
    ("", "max(..) x[..]", Piecewise, "max"),
    ("", "argmax(..) x[..]", Flat, "argmax"),
    ("", "norm(..) x[..]", Smooth, ""),
    ("", "sum(.. where x[..] > 0) x[..]", Piecewise, "if"),
    ("", "sum(.. where x[..] > 0) square(x[..])", Smooth, ""),
    ("", "sum(.. where x[..] > 0) 1.0", Flat, "if"),
    ("", "max(.. where x[..] < 1) x[..]", Flat, "where"),
];

#[test]
fn classes_are_those_of_the_mathematics() {
    let mut wrong = String::new();
    for (field_text, formula, class, primitive) in CLASSES {
        let axes = if formula.contains("(..") { "" } else { "[..]" };
        let positive: String = field_text
            .split(", ")
            .filter(|f| f.contains("f64"))
            .map(|f| format!("require {} > 0, \"positive\";", &f[..f.len() - 5]))
            .collect();
        let layer =
            super::super::tests::build(field_text, &format!("input x[..]; {positive} output y{axes} = {formula};"))
                .unwrap_or_else(|errors| panic!("{formula}: {errors:?}"));
        let found = classify(&layer).of_layer(&layer, layer.arrivals()[0]);
        let (found_class, by) =
            found.map_or((Flat, String::new()), |dependence| (dependence.class, dependence.primitive));
        if (found_class, by.as_str()) != (*class, *primitive) {
            wrong += &format!("{formula}: {found_class:?} by `{by}`, expected {class:?} by `{primitive}`\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
