//! Small snapshots of the IR as text: as it was built, as it is computed (reductions hoisted, demand inferred), and its
//! derivatives. `UPDATE_EXPECT=1 cargo test -p chainrule-macros snapshots` writes them anew; read them like mathematics.

use expect_test::{Expect, expect};

use super::classify::classify;
use super::tests::{WORKED, build, derived};
use super::{doc, print};

fn worked(name: &str) -> (&'static str, &'static str) {
    let (_, fields, text) = WORKED.iter().find(|(known, ..)| *known == name).unwrap();
    (fields, text)
}

fn snapshot(name: &str, expected: &Expect) {
    let (fields, text) = worked(name);
    let layer = build(fields, text).unwrap();
    let all = |layer: &super::ir::Layer, definitions: &[super::ir::Definition]| {
        definitions.iter().map(|d| print::definition(layer, d) + "\n").collect::<String>()
    };
    let written = all(&layer, &layer.definitions);
    let (layer, _, backward) = derived(fields, text);
    let computed = all(&layer, &layer.definitions);
    let computed = if computed == written { "as built\n".into() } else { computed };
    expected.assert_eq(&format!("built\n{written}computed\n{computed}derived\n{}", all(&layer, &backward)));
}

#[test]
fn weighted_sum() {
    snapshot(
        "Mix",
        &expect![[r#"
        built
        y[.., o] = bias[o] + sum(i) weight[o, i] * x[.., i]
        computed
        as built
        derived
        grad(x)[.., i] = sum(o) grad(y)[.., o] * weight[o, i]
        grad(weight)[o, i] = sum(batch, ..) grad(y)[.., o] * x[.., i]
        grad(bias)[o] = sum(batch, .. where biased) grad(y)[.., o]
    "#]],
    );
}

#[test]
fn window() {
    snapshot(
        "Window",
        &expect![[r#"
        built
        y[(g, o), i, j] = bias[(g, o)] + sum(c, p, q) weight[(g, o), c, p, q] * x[(g, c), i*stride + p*dilation - padding, j*stride + q*dilation - padding]
        computed
        as built
        derived
        grad(x)[(g, c), h, w] = sum(o, i, j, p, q where h == i*stride + p*dilation - padding, w == j*stride + q*dilation - padding) grad(y)[(g, o), i, j] * weight[(g, o), c, p, q]
        grad(weight)[(g, o), c, p, q] = sum(batch, i, j) grad(y)[(g, o), i, j] * x[(g, c), i*stride + p*dilation - padding, j*stride + q*dilation - padding]
        grad(bias)[(g, o)] = sum(batch, i, j where biased) grad(y)[(g, o), i, j]
    "#]],
    );
}

#[test]
fn low_rank() {
    snapshot(
        "LowRank",
        &expect![[r#"
        built
        y[o] = sum(r, i, j) weight[o, r] * left[r, i] * a[i] * right[r, j] * b[j]
        computed
        pair1[r] = sum(i) left[r, i] * a[i]
        pair2[r] = sum(j) right[r, j] * b[j]
        pair3[r] = pair1[r] * pair2[r]
        y[o] = sum(r) weight[o, r] * pair3[r]
        derived
        grad(pair3)[r] = sum(o) grad(y)[o] * weight[o, r]
        grad(pair2)[r] = grad(pair3)[r] * pair1[r]
        grad(pair1)[r] = grad(pair3)[r] * pair2[r]
        grad(a)[i] = sum(r) grad(pair1)[r] * left[r, i]
        grad(b)[j] = sum(r) grad(pair2)[r] * right[r, j]
        grad(left)[r, i] = sum(batch) grad(pair1)[r] * a[i]
        grad(right)[r, j] = sum(batch) grad(pair2)[r] * b[j]
        grad(weight)[o, r] = sum(batch) grad(y)[o] * pair3[r]
    "#]],
    );
}

#[test]
fn largest() {
    snapshot(
        "Largest",
        &expect![[r#"
        built
        y[c, i, j] = max(p, q) x[c, i*stride + p - padding, j*stride + q - padding]
        computed
        as built
        derived
        y_at[c, i, j] = argmax(p, q) x[c, i*stride + p - padding, j*stride + q - padding]
        grad(x)[c, h, w] = sum(i, j, p, q where y_at[c, i, j] == p*len(q) + q, h == i*stride + p - padding, w == j*stride + q - padding) grad(y)[c, i, j]
    "#]],
    );
}

#[test]
fn shares() {
    snapshot(
        "Shares",
        &expect![[r#"
        built
        top[..before, ..] = max(i) x[..before, i, ..]
        e[..before, i, ..] = exp(x[..before, i, ..] - stop(top[..before, ..]))
        y[..before, i, ..] = e[..before, i, ..] / (sum(i1) e[..before, i1, ..])
        computed
        top[..before, ..] = max(i) x[..before, i, ..]
        e[..before, i, ..] = exp(x[..before, i, ..] - stop(top[..before, ..]))
        sum1[..before, ..] = sum(i) e[..before, i, ..]
        y[..before, i, ..] = e[..before, i, ..] / sum1[..before, ..]
        derived
        grad(sum1)[..before, ..] = -sum(i) grad(y)[..before, i, ..] * y[..before, i, ..] / sum1[..before, ..]
        grad(e)[..before, i, ..] = grad(y)[..before, i, ..] / sum1[..before, ..] + grad(sum1)[..before, ..]
        grad(x)[..before, i, ..] = grad(e)[..before, i, ..] * e[..before, i, ..]
    "#]],
    );
}

#[test]
fn surprise() {
    snapshot(
        "Surprise",
        &expect![[r#"
        built
        top[..] = max(i) logits[.., i]
        loss = mean(..) (stop(top[..]) + ln(sum(i) exp(logits[.., i] - stop(top[..]))) - logits[.., label[..]])
        computed
        top[..] = max(i) logits[.., i]
        sum1[..] = sum(i) exp(logits[.., i] - stop(top[..]))
        loss = mean(..) (stop(top[..]) + ln(sum1[..]) - logits[.., label[..]])
        derived
        grad(sum1)[..] = grad(loss) / len(..) / sum1[..]
        grad(logits)[.., i] = (if i == label[..] { -grad(loss) / len(..) } else { 0 }) + grad(sum1)[..] * exp(logits[.., i] - stop(top[..]))
    "#]],
    );
}

#[test]
fn attend() {
    snapshot(
        "Attend",
        &expect![[r#"
        built
        a[s, r, h, d] = sum(e) in_proj[(r, h, d), e] * x[s, e]
        score[h, s, t] = (sum(d) a[s, 0, h, d] * a[t, 1, h, d]) / sqrt(len(d))
        top[h, s] = max(t where t <= s) score[h, s, t]
        share[h, s, t] = exp(score[h, s, t] - stop(top[h, s]))
        total[h, s] = sum(t where t <= s) share[h, s, t]
        mixed[s, h, d] = (sum(t where t <= s) share[h, s, t] * a[t, 2, h, d]) / total[h, s]
        y[s, f] = sum(h, d) out_proj[f, (h, d)] * mixed[s, h, d]
        computed
        a[s, r, h, d] = sum(e) in_proj[(r, h, d), e] * x[s, e]
        score[h, s, t] where t <= s = (sum(d) a[s, 0, h, d] * a[t, 1, h, d]) / sqrt(len(d))
        top[h, s] = max(t where t <= s) score[h, s, t]
        share[h, s, t] where t <= s = exp(score[h, s, t] - stop(top[h, s]))
        total[h, s] = sum(t where t <= s) share[h, s, t]
        sum1[s, h, d] = sum(t where t <= s) share[h, s, t] * a[t, 2, h, d]
        mixed[s, h, d] = sum1[s, h, d] / total[h, s]
        y[s, f] = sum(h, d) out_proj[f, (h, d)] * mixed[s, h, d]
        derived
        grad(mixed)[s, h, d] = sum(f) grad(y)[s, f] * out_proj[f, (h, d)]
        grad(sum1)[s, h, d] = grad(mixed)[s, h, d] / total[h, s]
        grad(total)[h, s] = -sum(d) grad(mixed)[s, h, d] * mixed[s, h, d] / total[h, s]
        grad(share)[h, s, t] where t <= s = sum(d) grad(sum1)[s, h, d] * a[t, 2, h, d] + grad(total)[h, s]
        grad(score)[h, s, t] where t <= s = grad(share)[h, s, t] * share[h, s, t]
        grad(a)[s, r, h, d] = sum(s1 where s <= s1, r == 2) grad(sum1)[s1, h, d] * share[h, s1, s] + sum(t where t <= s, r == 0) grad(score)[h, s, t] / sqrt(len(d)) * a[t, 1, h, d] + sum(s1 where s <= s1, r == 1) grad(score)[h, s1, s] / sqrt(len(d)) * a[s1, 0, h, d]
        grad(x)[s, e] = sum(r, h, d) grad(a)[s, r, h, d] * in_proj[(r, h, d), e]
        grad(in_proj)[(r, h, d), e] = sum(batch, s) grad(a)[s, r, h, d] * x[s, e]
        grad(out_proj)[f, (h, d)] = sum(batch, s) grad(y)[s, f] * mixed[s, h, d]
    "#]],
    );
}

#[test]
fn lookup() {
    snapshot(
        "Lookup",
        &expect![[r#"
        built
        y[s, d] = table[token[s], d]
        computed
        as built
        derived
        grad(table)[v, d] = sum(batch, s where v == token[s]) grad(y)[s, d]
    "#]],
    );
}

#[test]
fn drop_some() {
    snapshot(
        "Drop",
        &expect![[r#"
        built
        keep[..] ~ Bernoulli(1 - rate)
        y[..] = if training { x[..] * keep[..] / (1 - rate) } else { x[..] }
        computed
        keep[..] where training ~ Bernoulli(1 - rate)
        y[..] = if training { x[..] * keep[..] / (1 - rate) } else { x[..] }
        derived
        grad(x)[..] = if training { grad(y)[..] / (1 - rate) * keep[..] } else { grad(y)[..] }
    "#]],
    );
}

/// What each step of the forward and the backward code is.
fn steps(name: &str) -> String {
    let (fields, text) = worked(name);
    let (layer, _, backward) = derived(fields, text);
    let program = super::lower::lower(&layer, &backward);
    let backward = program.backward.iter().map(|needed| &needed.step);
    program.forward.iter().chain(backward).map(|step| step_text(&layer, step) + "\n").collect()
}

fn step_text(layer: &super::ir::Layer, step: &super::lower::Step) -> String {
    use super::lower::Step;
    match step {
        Step::Clear(tensor) => format!("clear {}", print::name(layer, *tensor)),
        Step::Nest(nest) => format!("loops {}, {:?}", print::name(layer, nest.target), nest.store),
        Step::Contract(contract) => {
            let side = |side: &super::lower::contract::Side| print::name(layer, side.tensor);
            let right = contract.right.as_ref().map_or("1".to_string(), side);
            let bias = contract.bias.as_ref().map_or(String::new(), |(_, bias)| format!(" + {}", side(bias)));
            format!(
                "{:?} {}, {:?}: {} * {right}{bias}",
                contract.kind,
                print::name(layer, contract.target),
                contract.store,
                side(&contract.left)
            )
        }
    }
}

#[test]
fn sums_of_products_are_contractions() {
    let expected = expect![[r#"
        Window
        Weights y, Set: weight * x + bias
        Weights grad(x), Add: weight * grad(y)
        Gradient grad(weight), Add: grad(y) * x
        Gradient grad(bias), Add: grad(y) * 1
        LowRank
        Weights pair1, Set: left * a
        Weights pair2, Set: right * b
        loops pair3, Set
        Weights y, Set: weight * pair3
        Weights grad(pair3), Set: weight * grad(y)
        loops grad(pair2), Set
        loops grad(pair1), Set
        Weights grad(a), Add: left * grad(pair1)
        Weights grad(b), Add: right * grad(pair2)
        Gradient grad(left), Add: grad(pair1) * a
        Gradient grad(right), Add: grad(pair2) * b
        Gradient grad(weight), Add: grad(y) * pair3
        Attend
        Weights a, Set: in_proj * x
        Samples score, Set: a * a
        loops top, Set
        loops share, Set
        Samples total, Set: share * 1
        Samples sum1, Set: share * a
        loops mixed, Set
        Weights y, Set: out_proj * mixed
        Weights grad(mixed), Set: out_proj * grad(y)
        loops grad(sum1), Set
        loops grad(total), Set
        loops grad(share), Set
        Samples grad(share), Add: grad(sum1) * a
        loops grad(score), Set
        Samples grad(a), Set: grad(sum1) * share
        Samples grad(a), Add: grad(score) * a
        Samples grad(a), Add: grad(score) * a
        Weights grad(x), Add: in_proj * grad(a)
        Gradient grad(in_proj), Add: grad(a) * x
        Gradient grad(out_proj), Add: grad(y) * mixed
    "#]];
    expected.assert_eq(&["Window", "LowRank", "Attend"].map(|name| format!("{name}\n{}", steps(name))).concat());
}

#[test]
fn documentation() {
    let (fields, text) = worked("Mix");
    let layer = build(fields, text).unwrap();
    let classes = classify(&layer);
    let (after, _, backward) = derived(fields, text);
    expect![[r#"
        ```text
        input  x[.., i];
        param  weight[o: out, i] = KaimingUniform;
        param  bias[o] if biased = Zeros;
        output y[.., o] = bias[o] + sum(i) weight[o, i] * x[.., i];
        ```

        Its gradients, derived from this text:

        ```text
        grad(x)[.., i] = sum(o) grad(y)[.., o] * weight[o, i]
        grad(weight)[o, i] = sum(batch, ..) grad(y)[.., o] * x[.., i]
        grad(bias)[o] = sum(batch, .. where biased) grad(y)[.., o]
        ```

        | parameter | shape | starts as |
        |---|---|---|
        | `weight` | `[out, i]` | `KaimingUniform` |
        | `bias` | `[out]`, if `biased` | `Zeros` |

        | input | differentiability |
        |---|---|
        | `x` | smooth |"#]]
    .assert_eq(&doc::doc(&layer, &classes, &after, &backward).join("\n"));
}
