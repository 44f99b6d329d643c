//! The macro outside rustc: text in, errors or text out.

use super::*;
use expect_test::expect;

fn errors(text: &str) -> Vec<String> {
    let input: TokenStream = text.parse().expect("tokens");
    let output = syn::parse2::<syn::File>(function(input)).expect("the expansion is Rust");
    let messages = output.items.iter().filter_map(|item| match item {
        syn::Item::Macro(call) => call.mac.parse_body::<syn::LitStr>().ok().map(|text| text.value()),
        _ => None,
    });
    messages.collect()
}

#[test]
fn wirings_without_mistakes() {
    let cases = [
        "x: [1, 28, 28] -> Bend;",
        "x: [2] -> a: f(3) as Mix -> my::Foo::<3>::new() -> Mix { out: WIDTH } -> <Foo>::new(1) -> (X::new() as Y);",
        "x: [2]; loss L(x, y: [2]);",
        "x: [2] -> a: Bend -> b: Bend; a + b * x -> c: Bend; loss L(c, y: [1]);",
        "x: [2] -> a: Bend; concat(a, x, a) -> b: (Bend, Mix::new(3)); loss Gap::new(1.0)(b, label: [4] of Class(3),);",
        "x: []; y: [2] of Token(4); (x, y,) -> (a, b): Two -> Three;",
        "x: [1] -> r#type: Bend; r#type -> loop_: frozen Bend; loss lib::L(r#loop_, y: Class(N));",
        "x: [1] -> loss: Bend -> output: Bend; loss -> a: Bend; output -> b: Bend; loss + b -> d: Bend; (a) -> c: (repeat(3) as R); loss L(c, d, x);",
        "x: [1] -> a: Bend -> b: Bend; b -> c: Bend; x -> d: Bend; output d; loss L(c, y: [1]);",
        "x: [1] -> Activation::Curve::new() -> FFT::new(3) -> Foo::DEFAULT -> XYZ;",
    ];
    for case in cases {
        assert_eq!(errors(&format!("struct N; {case}")), [""; 0], "{case}");
    }
}

#[test]
fn mistakes() {
    let cases: &[(&str, &[&str])] = &[
        ("", &["`N` has no layers: pipe an input through some, as in `image: [1, 28, 28] -> LAYER -> LAYER;`"]),
        (
            "x: [1] -> a: Bend -> a: Bend;",
            &["the name `a` is used twice: every input and every layer has a name of its own"],
        ),
        ("x: [1] -> x: Bend;", &["the name `x` is used twice: every input and every layer has a name of its own"]),
        ("x: [1] -> conv: Bend; cnov -> Bend;", &["there is no input or layer named `cnov`; did you mean `conv`?"]),
        ("x: [1] -> Bend; other -> Bend;", &["there is no input or layer named `other`"]),
        (
            "b -> a: Bend; x: [1] -> Bend; a -> b: Bend;",
            &["`b` is read before it is made: statements run in their order, and a network has no cycles"],
        ),
        (
            "x: [1] -> a: Bend -> b: Bend; x -> c: Bend; loss L(b, y: [1]);",
            &["the output of `c` leads nowhere: let a layer or the loss read it, or take it away"],
        ),
        (
            "x: [1] -> a: Bend; y: [1];",
            &["no layer reads the input `y`: pipe it through one, as in `y -> LAYER`, or take it away"],
        ),
        (
            "x: [1] -> a: Bend; x -> b: Bend;",
            &[
                "`N` has no loss, and several wires that nobody reads: `a`, `b`; say which one is the output, as in `output NAME;`, and let layers read the others",
            ],
        ),
        (
            "x: [1] -> Mix { out: 3 }; x -> b: Bend; x * b -> Bend;",
            &[
                "`N` has no loss, and several wires that nobody reads: `Mix { out: 3 }`, `Bend`; say which one is the output, as in `output NAME;`, and let layers read the others",
            ],
        ),
        ("x: [1] -> a: Bend; a;", &["this leads nowhere: write `-> LAYER` behind it, or take it away"]),
        ("x: [1] -> a: Bend; loss L(b, y: [1]);", &["there is no input or layer named `b`; did you mean `a`?"]),
        (
            "x: [1] -> a: make(3) -> Bend;",
            &["the layer's type is not to be seen from this expression: say it, as in `(…) as LAYER`"],
        ),
        (
            "x: [1] -> a: Some(Bend);",
            &["the layer's type is not to be seen from this expression: say it, as in `(…) as LAYER`"],
        ),
        ("x: [1] -> ;", &["expected a layer"]),
        ("x: [1] -> -> Bend;", &["expected a layer"]),
        ("x: [1] -> Bend", &["a `;` is missing after this"]),
        ("x: [1] -> Bend; x", &["a `;` is missing after this"]),
        ("x: [1] -> a: Bend; loss", &["a `;` is missing after this"]),
        ("x: [1]", &["a `;` is missing after this"]),
        ("x: [1] ->", &["expected a layer"]),
        ("x: [1] -> a:", &["expected a layer"]),
        (
            "x: [1] -> a: Bend; #[cfg(any())] a -> Bend;",
            &[
                "attributes cannot stand before a wire: rustc hands the text over without resolving them; put them before the network's `struct`, `#[cfg(…)]` too",
            ],
        ),
        (
            "x -> Bend; y: 3 -> Bend;",
            &["there is no input or layer named `x`", "expected the shape of one sample, as in `y: [1, 28, 28]`"],
        ),
        (
            "x: [3] of Word(4) -> Bend;",
            &["expected what the integers are: `Class(10)` or `Token(65)`, with how many different ones there are"],
        ),
        ("x: [1] -> fn: Bend;", &["`fn` is a keyword, not the name of a wire"]),
        ("x: [1] -> repeat(3) Bend;", &["repeated layers come in a later version"]),
        ("x: [1] -> a: Bend -> shared a;", &["layers that share parameters come in a later version"]),
        ("x: [1] -> a: Bend; a.weight -> Bend;", &["a layer's parameters as wires come in a later version"]),
        ("x: [1] -> a: Bend -> b: Bend; output a, b;", &["several outputs come in a later version"]),
        ("x: [1] -> a: Bend; loss 0.5 * L(a, y: [1]);", &["weighted losses come in a later version"]),
        ("x: [1] -> a: Bend; loss L(a, y: [1]) + L(a, z: [1]);", &["several losses come in a later version"]),
        ("x: [1] -> a: Bend; loss L(a, y: [1]); loss L(a, z: [1]);", &["several losses come in a later version"]),
        (
            "x: [1] -> a: Bend; loss L;",
            &["expected what the loss compares: `loss LOSS(prediction, label: Class(10));`"],
        ),
        (
            "x: [1] -> a: Bend; (a, x) + x -> Bend;",
            &["a tuple of wires stands alone before `->`, for a layer of several inputs"],
        ),
        ("x: [1] -> frozen a: Bend;", &["the name stands before `frozen`, as in `name: frozen LAYER`"]),
        (
            "x: [1] -> a: Bend; concat(a) -> Bend;",
            &["`concat` joins two or more wires along their leading axis: `concat(a, b)`"],
        ),
    ];
    for (case, expected) in cases {
        assert_eq!(errors(&format!("struct N; {case}")), *expected, "{case}");
    }
}

#[test]
fn mistakes_in_attributes() {
    let cases = [
        ("#[gradient(y)]", "there is no input named `y`; did you mean `x`?"),
        ("#[gradient(token)]", "`token` holds integers: it has no gradient to ask for"),
        ("#[budget(memory = 3)]", "a budget is for `training`: `#[budget(training = 64 * 1024)]`, in bytes"),
        ("#[budget(training = \"64K\")]", "a budget is a number of bytes, such as `64 * 1024`"),
        ("#[smooth(yes)]", "unexpected token in attribute"),
    ];
    for (attribute, expected) in cases {
        let found = errors(&format!("{attribute} struct N; x: [1]; token: [1] of Token(3); (x, token) -> a: Two;"));
        assert_eq!(found, [expected], "{attribute}");
    }
    assert_eq!(errors("pub N;"), ["expected the network's struct first, as in `pub struct Digits;`"]);
}

#[test]
fn derive_wants_a_unit_struct_and_a_wiring() {
    let cases = [
        ("struct N { x: u8 }", "a network is a unit struct: `struct N;`"),
        ("struct N<T>;", "a network is a unit struct: `struct N;`"),
        ("struct N;", "the wiring is missing: write it in `#[network { image: [1, 28, 28] -> … }]`"),
    ];
    for (case, expected) in cases {
        let text = derive(case.parse().expect("tokens")).to_string();
        assert!(text.contains(expected), "{case}: {text}");
    }
}

/// `macro_rules!` hands expressions over in invisible groups.
#[test]
fn invisible_groups() {
    let group = |text: &str| {
        let tokens = text.parse().expect("tokens");
        proc_macro2::TokenTree::Group(proc_macro2::Group::new(proc_macro2::Delimiter::None, tokens))
    };
    let [layer, number, ty, loss] = ["Window::new(6, 5)", "1 + 1", "Mix", "Loss::new(1)"].map(group);
    let input = quote::quote!(struct N; x: [#number, 3] of Class(#number) -> #layer -> a: #layer.padding(2) -> b: #ty::new(1); loss #loss(b, y: [1]););
    let output = function(input).to_string();
    assert!(!output.contains("compile_error"), "{output}");
}

/// The user's words and ours never meet.
#[test]
fn the_marker_type_avoids_the_users_names() {
    let expand = |text: &str| function(text.parse().expect("tokens")).to_string();
    assert!(expand("struct Net; x: [1] -> NetLayer;").contains("struct NetLayer_ <"));
    let output = expand("struct Node; x: [Shape::SIZE] -> graph::Bend;");
    for part in [
        "Shape as Shape_",
        "graph as graph_",
        "Node as Node_",
        "Shape_ :: new (& [Shape :: SIZE])",
        "type Layer = graph :: Bend",
        "impl Network for Node {",
    ] {
        assert!(output.contains(part), "{part} in {output}");
    }
    assert!(expand("struct r#Net; x: [1] -> Bend;").contains("struct NetLayer <"));
}

#[test]
fn expansion_of_a_small_network() {
    let input = "
        /// Two layers.
        #[gradient(image)]
        pub struct Small;
        image: [1, 4 * 7] -> conv: frozen Window::new(6, 5).padding(2);
        image + conv -> Bend;
    ";
    let file = syn::parse2(function(input.parse().expect("tokens"))).expect("Rust");
    expect![[r#"
        /// Two layers.
        pub struct Small;
        const _: () = {
            use ::core::primitive::{bool, str, usize};
            use ::chainrule::expansion::{
                Arena, Cell, Code, Graph, Network, Node, Parameter, Pass, Place, Port, Row,
                Scalars, Shape, Site, Source, Want, graph, plan, refusal, tables, wiring,
            };
            /// A layer of `Small`, by its number.
            struct SmallLayer<const AT: usize>;
            impl<const AT: usize> Place for SmallLayer<AT> {
                type Of = Small;
                const AT: usize = AT;
            }
            /// `conv`: `Window::new(6, 5).padding(2)`
            impl Site for SmallLayer<0> {
                type Layer = Window;
                const LAYER: Self::Layer = Window::new(6, 5).padding(2);
                const INPUTS: &'static [Shape] = &[graph::source_shape::<Small>(0)];
                const WANTS: &'static [Want] = &[graph::source_want::<Small>(0)];
                const TRAINS: bool = false;
            }
            /// `image + conv`: `image + conv`
            impl Site for SmallLayer<1> {
                type Layer = wiring::Add;
                const LAYER: Self::Layer = wiring::Add;
                const INPUTS: &'static [Shape] = &[
                    graph::source_shape::<Small>(0),
                    graph::output::<SmallLayer<0>>(0),
                ];
                const WANTS: &'static [Want] = &[
                    graph::source_want::<Small>(0),
                    graph::want::<SmallLayer<0>>(),
                ];
            }
            /// `1`: `Bend`
            impl Site for SmallLayer<2> {
                type Layer = Bend;
                const LAYER: Self::Layer = Bend;
                const INPUTS: &'static [Shape] = &[graph::output::<SmallLayer<1>>(0)];
                const WANTS: &'static [Want] = &[graph::want::<SmallLayer<1>>()];
            }
            impl Network for Small {
                const NAME: &'static str = "Small";
                const SOURCES: &'static [Source] = &[
                    Source::input("image", Shape::new(&[1, 4 * 7])).with_gradient(),
                ];
                const GRAPH: &'static Graph = &Graph {
                    sources: Self::SOURCES,
                    nodes: &[
                        Node::of::<
                            SmallLayer<0>,
                        >("conv", "Window::new(6, 5).padding(2)", &[0], &[1]),
                        Node::of::<SmallLayer<1>>("image + conv", "image + conv", &[0, 1], &[2]),
                        Node::of::<SmallLayer<2>>("1", "Bend", &[2], &[3]),
                    ],
                    results: &[3],
                    smooth: false,
                    whole: true,
                };
                const INPUTS: &'static [Port] = &tables::inputs::<Small, 1>();
                const TARGETS: &'static [Port] = &tables::targets::<Small, 0>();
                const OUTPUTS: &'static [Port] = &tables::outputs::<Small, 1>();
                const BODIES: &'static [usize] = &tables::bodies::<Small, 3>();
                const SCALARS: &'static [Scalars] = &tables::scalars::<Small, 3>();
                const LAYERS: &'static [Row] = &tables::rows::<Small, 3>();
                const TENSORS: &'static [Parameter] = &tables::tensors::<
                    Small,
                    { tables::tensor_count::<Small>() },
                >();
                type Layout<P: Pass> = Arena<Self, P, { plan::regions::<Self>() }, 3>;
                #[inline(never)]
                fn code<C: Cell, P: Pass>() -> &'static [Code<C>] {
                    const {
                        &[
                            Code::of::<Self, SmallLayer<0>, SmallLayer<0>, P>(0),
                            Code::of::<Self, SmallLayer<1>, SmallLayer<1>, P>(1),
                            Code::of::<Self, SmallLayer<2>, SmallLayer<2>, P>(2),
                        ]
                    }
                }
            }
            const _: () = refusal::check_source::<Small>(0, 2);
            const _: () = refusal::check::<Small>(0);
            const _: () = refusal::check::<Small>(1);
            const _: () = refusal::check::<Small>(2);
        };
    "#]]
    .assert_eq(&prettyplease::unparse(&file));
}
