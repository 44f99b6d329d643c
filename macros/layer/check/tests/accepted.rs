//! What must pass, and whose gradients agree with differences.

use super::refusals;

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
    ("moved draws", "", "input x[i]; param m = Zeros; param s = Ones; let a[i] ~ Normal(m * x[i], s); let b[i, k: 2] ~ Uniform(-s, exp(x[i])); output y[i] = if training { square(a[i]) + (mean(k) b[i, k]) } else { x[i] + m };"),
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
    ("Learnt slope", "", "input x[c, ..]; param slope[c] = Constant(0.25); output y[c, ..] = if x[c, ..] > 0 { x[c, ..] } else { slope[c] * x[c, ..] };"),
    ("Exponential bend", "alpha: f64", "input x[..]; output y[..] = if x[..] > 0 { x[..] } else { alpha * exp_m1(x[..]) };"),
    ("Square, then straight", "delta: f64", "input x[..]; target t[..]; output loss = mean(..) (if abs(x[..] - t[..]) < delta { 0.5 * square(x[..] - t[..]) } else { delta * (abs(x[..] - t[..]) - 0.5 * delta) });"),
    ("Soft largest", "size: usize, sharp: f64", "input x[c, h]; require size > 0, \"some\"; let top[c, i: h / size] = max(p: size) x[c, i*size + p];
      output y[c, i] = stop(top[c, i]) + ln(mean(p) exp(sharp * (x[c, i*size + p] - stop(top[c, i])))) / sharp;"),
    ("Learnt shift", "longest: usize", "input x[s, d]; require len(s) <= longest, \"table too short\"; param table[k: longest, d] = Normal(0.02); output y[s, d] = x[s, d] + table[s, d];"),
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
    ("Chain3", "", "input a[i]; input b[j]; input c[l]; output y[k: i + j + l] = if k < len(i) { a[k] } else if k < len(i) + len(j) { b[k - len(i)] } else { c[k - len(i) - len(j)] };"),
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
        crate::layer::tests::check(name, fields, text, 1);
        crate::layer::tests::check(name, fields, text, 2);
    }
}
