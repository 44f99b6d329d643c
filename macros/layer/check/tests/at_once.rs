//! Several mistakes in one text: each is reported, and nothing that only follows from one of them.

use super::refusals;

/// A token, and a part of its message.
type Told = (&'static str, &'static str);

/// Fields, text, and what is to be found, in the order of the text.
const TEXTS: &[(&str, &str, &[Told])] = &[
    (
        "",
        "input x[i]; param w[i] = Ones; let a[i] = x[i] +; let b[i] = oops(x[i]); output y[i] = x[i + 1] + round(w[i]) + b[i] + a[i];",
        &[
            (";", "expected an expression"),
            ("oops", "unknown function `oops`"),
            ("x", "position `i + 1` of `x` runs from 1"),
        ],
    ),
    (
        "",
        "input x[i]; param w[i] = Ones; let b[i] = oops(x[i]); let c[i] = x[i] * round(w[i]); output y[i] = c[i]; output z[i] = b[i + 1];",
        &[("oops", "unknown function"), ("round", "parameter `w` can never learn"), ("b", "position `i + 1` of `b`")],
    ),
    ("", "input x[i]; input z[i]; output y[i] = oops(x[i]);", &[("z", "never read"), ("oops", "unknown function")]),
    // The misspelt name may have been meant.
    ("", "input x[i]; let hidden[i] = 2 * x[i]; output y[i] = hiden[i];", &[("hiden", "did you mean `hidden`")]),
    ("", "input x[i]; input z[i]; output y[i] = x[i] * u;", &[("u", "unknown name `u`")]),
    ("", "input x[i]; input z[i]; output y[i] = oops(z[i]) + x[i];", &[("oops", "unknown function")]),
    (
        "",
        "input x[i]; output y[i] = x[i + 1] * oops(x[i]) + (if hop { x[i - 1] } else { 0 });",
        &[("x", "i + 1"), ("oops", "unknown function"), ("hop", "unknown name")],
    ),
    // Indices and extents.
    (
        "out: usize",
        "input x[i]; let a[o: oot, i] = x[i]; output y[o] = sum(i) a[o, i] * x[i + 1]; output z = x[len(i)];",
        &[("oot", "did you mean `out`"), ("x", "position `len(i)`")],
    ),
    (
        "",
        "input x[i]; let a[k] = x[0]; output y[k] = a[k]; output z[i] = x[2*i];",
        &[("k", "index `k` has no extent"), ("x", "position `2*i`")],
    ),
    (
        "",
        "input x[i]; output y[i, (o, p)] = x[i] * o;",
        &[("o", "index `o` has no extent"), ("p", "index `p` has no extent")],
    ),
    ("", "input x[i]; output y = sum(k) x[k] * oops(k);", &[("k", "has no extent"), ("oops", "unknown function")]),
    ("", "input x[i]; output y[i: i + 1] = x[i]; output z = x[len(i)];", &[("i", "defined by itself")]),
    ("", "input x[i]; output y[i, i] = x[i + 1];", &[("i", "stands twice on the left")]),
    ("", "input n of 3; input x[i]; output y[j: n] = x[0] * j;", &[("n", "an extent cannot depend on data")]),
    (
        "",
        "input x[i]; output y[i] = sinn(x[i]) + sort(x[i]); output z = sort(i) x[i];",
        &[("sinn", "did you mean `sin`"), ("sort", "sorting is not"), ("sort", "sorting is not")],
    ),
    // Names that are taken.
    (
        "out: usize",
        "input x[i]; let out[i] = x[i]; output y[i] = out[i] + x[i + 1]; output z[i] = x[i - 1];",
        &[("out", "is a field"), ("x", "i + 1"), ("x", "starts at -1")],
    ),
    (
        "",
        "input x[i]; input x[j]; output y[j] = x[j]; output z = oops(1);",
        &[("x", "defined twice"), ("oops", "unknown")],
    ),
    ("", "input x[i]; let pi[i] = x[i]; output y[i] = pi[i];", &[("pi", "word of the language")]),
    (
        "",
        "input x[c]; state m[c] = 0; output y[c] = x[c] - m[c]; output z[c] = x[c + 1];",
        &[("m", "not in this version"), ("x", "c + 1")],
    ),
    // Two cycles; what reads them says nothing.
    (
        "",
        "input x[i]; let a[i] = b[i]; let b[i] = a[i]; let c[i] = c[i] + x[i]; output y[i] = a[i] + c[i]; output z[i] = x[i + 1];",
        &[("a", "a cycle: `a` reads `b` reads `a`"), ("c", "a cycle: `c` reads `c`"), ("x", "i + 1")],
    ),
    // Statements that cannot be read.
    ("", "inptu x[i]; output y[i] = x[i]; output z = oops(1);", &[("inptu", ""), ("oops", "unknown function")]),
    (
        "",
        "input x[i]; let a[k: 3] = x[0] + * 2; output y[k] = a[k] + x[k]; output z = x[len(i)];",
        &[("*", ""), ("x", "len(i)")],
    ),
    // Requirements: fields may be what they must not be.
    (
        "n: usize",
        "input x[i]; require m > 0, \"some\"; output y[j: n] = x[j]; output z = oops(1);",
        &[("m", "unknown"), ("oops", "unknown")],
    ),
    (
        "",
        "input x[i]; let k[i] of 3 = clamp(floor(oops(x[i])), 0, 2); param w[c: 3] = Ones; output y[i] = w[k[i]] + w[i + 3];",
        &[("oops", "unknown"), ("w", "position `i + 3`")],
    ),
    (
        "",
        "input x[i]; let n[i] ~ Norm(0, 1); output y[i] = if training { n[i] } else { x[i - 1] };",
        &[("Norm", "no distribution"), ("x", "starts at -1")],
    ),
];

#[test]
fn independent_mistakes_are_all_reported_and_nothing_else() {
    let mut wrong = String::new();
    for (fields, text, expected) in TEXTS {
        let found = refusals(fields, text);
        let same = |(found, expected): (&(String, String), &(&str, &str))| {
            found.0 == expected.0 && found.1.contains(expected.1)
        };
        if found.len() != expected.len() || !found.iter().zip(*expected).all(same) {
            wrong += &format!("{text}\n    expected {expected:?}\n    found {found:#?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
