use super::*;

fn declared(text: &str) -> (Option<Declared>, Vec<String>) {
    let mut errors = Errors::new();
    let declared = read(&syn::parse_str(text).unwrap(), &mut errors);
    let messages =
        errors.finish().map_or_else(|all| all.into_iter().map(|error| error.to_string()).collect(), |()| Vec::new());
    (declared, messages)
}

#[test]
fn kinds() {
    use FieldKind::{Bool, BoolArray, Integer, IntegerArray, Real, RealArray};
    let cases = [
        ("usize", Some(Integer)),
        ("i8", Some(Integer)),
        ("u64", Some(Integer)),
        ("f32", Some(Real)),
        ("(f64)", Some(Real)),
        ("bool", Some(Bool)),
        ("::core::primitive::usize", Some(Integer)),
        ("core::primitive::f64", Some(Real)),
        ("::std::primitive::bool", Some(Bool)),
        ("[usize; 2]", Some(IntegerArray)),
        ("[std::primitive::f64; N + 1]", Some(RealArray)),
        ("[bool; { 3 }]", Some(BoolArray)),
        ("[[usize; 2]; 2]", None),
        ("usize<3>", None),
        ("my::usize", None),
        ("::usize", None),
        ("<T as U>::usize", None),
        ("u128", None),
        ("&'static usize", None),
        ("(usize, usize)", None),
    ];
    for (ty, expected) in cases {
        assert_eq!(kind(&syn::parse_str(ty).unwrap()), expected, "{ty}");
    }
    // What a `macro_rules!` passes as `$t:ty`.
    let passed = proc_macro2::Group::new(proc_macro2::Delimiter::None, "usize".parse().unwrap());
    assert_eq!(kind(&syn::parse2(passed.into_token_stream()).unwrap()), Some(Integer));
}

#[test]
fn a_struct_is_read() {
    let (declared, messages) = declared(
        "/// Doc.
         #[derive(Clone)] #[layer { input x; }] #[chainrule(crate = crate::vendored::it)] #[repr(C)]
         pub(crate) struct L<const K: usize = 3, const B: bool = true, const C: char = 'c'> {
             /// Width.
             pub out: usize,
             #[default(1 + 1)] #[serde(skip)] r#type: [f64; K],
         }",
    );
    assert_eq!(messages, [""; 0]);
    let declared = declared.unwrap();
    assert_eq!(declared.text.unwrap().to_string(), "input x ;");
    assert_eq!(declared.root.to_token_stream().to_string(), "crate :: vendored :: it");
    let fields: Vec<String> = declared
        .fields
        .iter()
        .map(|field| {
            let default = field.default.as_ref().map(|value| value.to_token_stream().to_string());
            format!("{} {:?} {default:?} {} {}", field.name, field.kind, field.docs.len(), field.generic)
        })
        .collect();
    assert_eq!(
        fields,
        [
            "out Integer None 1 false",
            "r#type RealArray Some(\"1 + 1\") 0 false",
            "K Integer None 0 true",
            "B Bool None 0 true",
        ]
    );
}

#[test]
fn the_crate_may_have_another_name() {
    let cases = [
        ("", ":: chainrule"),
        ("#[chainrule(crate = ::renamed)]", ":: renamed"),
        ("#[chainrule(crate = \"a::b\")]", "a :: b"),
        ("#[chainrule(crate = self::b,)]", "self :: b"),
    ];
    for (attribute, expected) in cases {
        let (declared, messages) = declared(&format!("{attribute} #[layer(input x;)] struct L;"));
        assert_eq!(messages, [""; 0], "{attribute}");
        assert_eq!(declared.unwrap().root.to_token_stream().to_string(), expected);
    }
}

#[test]
fn refused() {
    const TEXT: &str = "#[layer { input x; }]";
    let field = |field: &str| format!("{TEXT} struct L {{ {field} }}");
    let cases = [
        ("struct L;".to_owned(), "`L` has no mathematics"),
        ("#[layer] struct L;".to_owned(), "expected the layer's mathematics"),
        ("#[layer = 3] struct L;".to_owned(), "expected the layer's mathematics"),
        ("#[layer {}] struct L;".to_owned(), "expected the layer's mathematics"),
        (format!("{TEXT} {TEXT} struct L;"), "`L` has two texts"),
        ("#[block { input x; }] struct L;".to_owned(), "not supported yet"),
        (format!("{TEXT} enum L {{ A }}"), "a layer is a struct, found an enum"),
        (format!("{TEXT} union L {{ a: usize }}"), "a layer is a struct, found a union"),
        (format!("{TEXT} struct L(usize);"), "so they need names: write `struct L { size: usize }`"),
        (format!("{TEXT} struct L();"), "write `struct L;`"),
        (format!("{TEXT} struct L<'a> {{ a: usize }}"), "drop `'a`"),
        (format!("{TEXT} struct L<T> {{ a: T }}"), "a const parameter"),
        (format!("{TEXT} struct L<const K: usize> {{ K: usize }}"), "`K` is a field and a const parameter"),
        (field("a: Vec<std::vec::Vec<u8>>"), "found `Vec<std::vec::Vec<u8>>`"),
        (field("a: Option<usize>"), "write a `bool` field beside it"),
        (field("a: &'static [usize]"), "write an array, `[usize; 2]`"),
        (field("a: i128"), "at most 64 bits"),
        (field("a: Size"), "an alias is written out"),
        (field("a: (usize, usize)"), "write several fields"),
        (field("a: [[usize; 2]; 2]"), "arrays have one axis"),
        (field("a: fn()"), "known when compiling"),
        (field("#[default(1)] new: usize"), "`new` is the constructor's"),
        (field("#[default] a: usize"), "expected a value"),
        (field("#[default()] a: usize"), "expected a value"),
        (field("#[default = 3] a: usize"), "a default is written `#[default(3)]`"),
        (field("#[default(1, 2)] a: usize"), "expected one expression"),
        (field("#[default(1 +)] a: usize"), "expected one expression"),
        (field("#[default(1)] #[default(2)] a: usize"), "two defaults: keep one"),
        (format!("{TEXT} #[chainrule] struct L;"), "write `#[chainrule(crate = path::to::chainrule)]`"),
        (format!("{TEXT} #[chainrule(rename = a)] struct L;"), "write `#[chainrule(crate = path::to::chainrule)]`"),
        (format!("{TEXT} #[chainrule(crate = a)] #[chainrule(crate = b)] struct L;"), "stands here twice"),
    ];
    for (text, expected) in cases {
        let (_, messages) = declared(&text);
        assert!(messages.len() == 1 && messages[0].contains(expected), "{text}: {messages:?}");
    }
    let (_, messages) = declared("struct L { a: String, b: Vec<usize>, #[default] c: usize }");
    assert_eq!(messages.len(), 4, "all at once: {messages:?}");
}
