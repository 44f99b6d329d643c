//! One mistake a text, at its token.

use super::refusals;

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
    ("", "input x[i]; input m[i] of 2; output y = mean(i where m[i] == 1) x[i];", "mean", "is empty"),
    ("", "input x[i]; input k of i; output y = mean(i where i != k) x[i];", "mean", "is empty"),
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
        "`Bernoulli` draws 0 or 1",
    ),
    // What is left out on purpose.
    ("", "input x[i]; output y[i] = sort(x[i]);", "sort", "sorting is not in the language"),
    ("", "input x[i]; output y = median(i) x[i];", "median", "sorting is not in the language"),
    ("", "input x[i]; output y[i] = unique(x[i]);", "unique", "shapes that depend on data are not in the language"),
    ("", "input x[i]; output y[i] = cdist(x[i], x[i]);", "cdist", "pairs of samples are not in the language"),
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
