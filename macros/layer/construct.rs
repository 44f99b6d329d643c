//! Input: the struct. Output: `new` and the setters; and, when the text is in error, a stub of the layer, so that nobody
//! who uses it sees a second error.
//!
//! Assumes that the fields were read, not that the text is right. Cannot fail.
//!
//! A parameter takes its field's name, for the sake of signatures in docs and editors. A `const` or `static` of that name
//! in scope would turn it into a pattern ("match bindings cannot shadow statics"); a function of that name nearer by does
//! not, and hides the `const`. That is what the empty functions are for.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;

use super::ast::{Declaration, Field, LayerText, Statement};
use super::fields::Declared;

/// `new` of the fields without a default, in order, and a setter for each field with one.
pub(crate) fn constructors(declared: &Declared) -> TokenStream {
    let fields: Vec<&Field> = declared.fields.iter().filter(|field| !field.generic).collect();
    if fields.is_empty() {
        return TokenStream::new();
    }
    let (set, taken): (Vec<&Field>, Vec<&Field>) = fields.iter().partition(|field| field.default.is_some());
    let new = new(declared, &fields, &taken);
    let new = block(declared, &taken, &new);
    if set.is_empty() {
        return new;
    }
    let setters: TokenStream = set.iter().map(|field| setter(&declared.visibility, field)).collect();
    let setters = block(declared, &set, &setters);
    quote! { #new #setters }
}

/// The methods of the struct, with functions nearby that keep the parameters' names free.
fn block(declared: &Declared, parameters: &[&Field], methods: &TokenStream) -> TokenStream {
    let name = &declared.name;
    let (impl_generics, ty_generics, where_clause) = declared.generics.split_for_impl();
    let names = parameters.iter().map(|field| &field.name);
    quote! {
        const _: () = {
            #( #[allow(dead_code, non_snake_case)] fn #names() {} )*

            #[automatically_derived]
            #[allow(deprecated, non_snake_case, non_upper_case_globals, clippy::too_many_arguments, clippy::fn_params_excessive_bools, clippy::new_without_default)]
            impl #impl_generics #name #ty_generics #where_clause {
                #methods
            }
        };
    }
}

fn new(declared: &Declared, fields: &[&Field], taken: &[&Field]) -> TokenStream {
    let visibility = &declared.visibility;
    let title = match taken.len() {
        0 => format!(" `{}` with all its defaults.", declared.name.unraw()),
        _ => format!(" `{}` of {}.", declared.name.unraw(), listed(taken)),
    };
    let docs = taken.iter().filter(|field| !field.docs.is_empty()).flat_map(|field| {
        let heading = format!(" **`{}`**:", field.name.unraw());
        let docs = &field.docs;
        quote! { #[doc = ""] #[doc = #heading] #(#docs)* }
    });
    let docs: TokenStream = docs.collect();
    let set: Vec<&Field> = fields.iter().copied().filter(|field| field.default.is_some()).collect();
    let defaults = (!set.is_empty()).then(|| {
        let lines = set.iter().map(|field| format!(" - `{}`: `{}`", field.name.unraw(), written(field)));
        quote! { #[doc = ""] #[doc = " Defaults, each with a setter:"] #(#[doc = #lines])* }
    });
    let (names, types): (Vec<_>, Vec<_>) = taken.iter().map(|field| (&field.name, &field.ty)).unzip();
    let values = fields.iter().map(|field| {
        let name = &field.name;
        match &field.default {
            // The name of a field that `new` takes: the same value.
            Some(value) if taken.iter().any(|other| is_named(value, &other.name)) => quote! { #name: #value },
            // A const block sees no parameter: any other default is a constant.
            Some(value) => quote! { #name: const { #value } },
            None => quote! { #name },
        }
    });
    quote! {
        #[doc = #title]
        #docs
        #defaults
        #[must_use]
        #[inline]
        #visibility const fn new(#(#names: #types),*) -> Self {
            Self { #(#values),* }
        }
    }
}

/// Whether an expression is this name and nothing else.
fn is_named(value: &syn::Expr, name: &Ident) -> bool {
    matches!(value, syn::Expr::Path(path) if path.path.is_ident(name))
}

fn setter(visibility: &syn::Visibility, field: &Field) -> TokenStream {
    let Field { name, ty, docs, .. } = field;
    let title = docs.is_empty().then(|| format!(" Sets `{}`.", name.unraw())).into_iter();
    let default = format!(" Default: `{}`.", written(field));
    quote! {
        #( #[doc = #title] )*
        #( #docs )*
        #[doc = ""]
        #[doc = #default]
        #[must_use]
        #[inline]
        #visibility const fn #name(mut self, #name: #ty) -> Self {
            self.#name = #name;
            self
        }
    }
}

/// `a`, `b` and `c`, each as code.
fn listed(fields: &[&Field]) -> String {
    let names: Vec<String> = fields.iter().map(|field| format!("`{}`", field.name.unraw())).collect();
    match &names[..] {
        [all @ .., last] if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        _ => names.concat(),
    }
}

/// The default as written; rustc would put a blank after a sign.
fn written(field: &Field) -> String {
    let value = field.default.as_ref().map_or_else(String::new, |value| value.to_token_stream().to_string());
    value.strip_prefix("- ").map_or(value.clone(), |positive| format!("-{positive}"))
}

/// The name of what arrives or leaves, and whether it holds integers.
fn facts(declaration: &Declaration) -> (String, bool) {
    (declaration.name.unraw().to_string(), declaration.of.is_some())
}

/// The layer without its mathematics: right names and numbers of inputs and outputs as far as they are known, nothing
/// computed, no shape known. Never runs: an error stands beside it.
pub(crate) fn stub(declared: &Declared, text: Option<&LayerText>) -> TokenStream {
    let root = &declared.root;
    let name = &declared.name;
    let title = name.unraw().to_string();
    let (mut inputs, mut targets, mut parameters, mut outputs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for statement in text.map(|text| &text.statements[..]).unwrap_or_default() {
        match statement {
            Statement::Input(declaration) => inputs.push(facts(declaration)),
            Statement::Target(declaration) => targets.push(facts(declaration)),
            Statement::Param { declaration, .. } => parameters.push(declaration.name.unraw().to_string()),
            Statement::Output { declaration, .. } => outputs.push(facts(declaration)),
            _ => {}
        }
    }
    if inputs.is_empty() {
        inputs.push(("x".to_owned(), false));
    }
    if outputs.is_empty() {
        outputs.push(("y".to_owned(), false));
    }
    let kinds = [vec![false; inputs.len()], vec![true; targets.len()]].concat();
    let (arriving, integers): (Vec<_>, Vec<_>) = [inputs, targets].concat().into_iter().unzip();
    let (outputs, integer_outputs): (Vec<_>, Vec<_>) = outputs.into_iter().unzip();
    let why = quote! { class: #root::site::Class::Smooth, why: #root::site::Why::NOTHING };
    let unknown_inputs = arriving.iter().map(|_| quote! { #root::shape::Shape::UNKNOWN });
    let unknown_outputs = outputs.iter().map(|_| quote! { #root::shape::Shape::UNKNOWN });
    let absent = parameters.iter().map(|_| {
        quote! {
            #root::site::Tensor {
                shape: #root::shape::Shape::ABSENT, initialiser: #root::site::Initialiser::Zeros, fan_in: 1, fan_out: 1,
            }
        }
    });
    let (impl_generics, ty_generics, where_clause) = declared.generics.split_for_impl();
    let site = type_parameter("__Site");
    let mut at_site = declared.generics.clone();
    at_site.params.push(syn::parse_quote! { #site: #root::site::Site<Layer = #name #ty_generics> });
    let (site_generics, _, _) = at_site.split_for_impl();
    let [simd, element, cell, pass] = ["__Simd", "__Element", "__Cell", "__Pass"].map(type_parameter);
    quote! {
        const _: () = {
            #[automatically_derived]
            impl #impl_generics #root::site::Layer for #name #ty_generics #where_clause {
                const NAME: &'static ::core::primitive::str = #title;
                const INPUTS: &'static [#root::site::Input] = &[#(
                    #root::site::Input { name: #arriving, integer: #integers, target: #kinds, kept: true, #why },
                )*];
                const PARAMETERS: &'static [#root::site::Parameter] = &[#(
                    #root::site::Parameter { name: #parameters, checkpoint: #parameters, #why },
                )*];
                const OUTPUTS: &'static [#root::site::Output] = &[#(
                    #root::site::Output { name: #outputs, integer: #integer_outputs, kept: true },
                )*];
                const DRAWS: ::core::primitive::bool = false;
            }

            #[automatically_derived]
            impl #site_generics #root::site::Kernel<#site> for #name #ty_generics #where_clause {
                const PROBLEM: &'static #root::message::Message = &#root::message::Message::EMPTY;
                const OUTPUTS: &'static [#root::shape::Shape] = &[#(#unknown_outputs),*];
                const INPUTS: &'static [#root::shape::Shape] = &[#(#unknown_inputs),*];
                const PARAMETERS: &'static [#root::site::Tensor] = &[#(#absent),*];
                const MEMORY: #root::site::Memory = #root::site::Memory { once: 0, step: 0, saved: 0, forward: 0, backward: 0 };

                fn once<#element: #root::lanes::Element>(_: &mut [#element]) {}
                fn prepare<#element: #root::lanes::Element>(_: #root::site::Prepare<'_, #element>) {}
                fn forward<#simd: #root::lanes::Simd, #element: #root::lanes::Element, #cell: #root::lanes::Cell<Element = #element>>(
                    _: #simd, _: &mut #root::site::Forward<'_, #cell>,
                ) {}
                fn backward<#simd: #root::lanes::Simd, #element: #root::lanes::Element, #cell: #root::lanes::Cell<Element = #element>, #pass: #root::site::Pass>(
                    _: #simd, _: &mut #root::site::Backward<'_, #cell>,
                ) {}
                fn finish<#element: #root::lanes::Element>(_: #root::site::Finish<'_, #element>) {}
            }
        };
    }
}

/// A name that no user's type or parameter has.
fn type_parameter(name: &str) -> Ident {
    format_ident!("{name}OfChainrule", span = Span::mixed_site())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Errors;
    use crate::layer::fields;

    fn pretty(tokens: TokenStream) -> String {
        prettyplease::unparse(&syn::parse2(tokens).unwrap())
    }

    fn declared(text: &str) -> Declared {
        let mut errors = Errors::new();
        let declared = fields::read(&syn::parse_str(text).unwrap(), &mut errors).unwrap();
        errors.finish().unwrap();
        declared
    }

    #[test]
    fn new_and_a_setter() {
        let declared = declared(
            "#[layer { output y = 1; }]
             pub struct Window<const K: usize = 3> {
                 /// Rows and columns.
                 pub size: [usize; K],
                 #[default(-1)]
                 pub r#type: i64,
             }",
        );
        expect_test::expect![[r#"
            const _: () = {
                #[allow(dead_code, non_snake_case)]
                fn size() {}
                #[automatically_derived]
                #[allow(
                    deprecated,
                    non_snake_case,
                    non_upper_case_globals,
                    clippy::too_many_arguments,
                    clippy::fn_params_excessive_bools,
                    clippy::new_without_default
                )]
                impl<const K: usize> Window<K> {
                    /// `Window` of `size`.
                    ///
                    /// **`size`**:
                    /// Rows and columns.
                    ///
                    /// Defaults, each with a setter:
                    /// - `type`: `-1`
                    #[must_use]
                    #[inline]
                    pub const fn new(size: [usize; K]) -> Self {
                        Self { size, r#type: const { -1 } }
                    }
                }
            };
            const _: () = {
                #[allow(dead_code, non_snake_case)]
                fn r#type() {}
                #[automatically_derived]
                #[allow(
                    deprecated,
                    non_snake_case,
                    non_upper_case_globals,
                    clippy::too_many_arguments,
                    clippy::fn_params_excessive_bools,
                    clippy::new_without_default
                )]
                impl<const K: usize> Window<K> {
                    /// Sets `type`.
                    ///
                    /// Default: `-1`.
                    #[must_use]
                    #[inline]
                    pub const fn r#type(mut self, r#type: i64) -> Self {
                        self.r#type = r#type;
                        self
                    }
                }
            };
        "#]]
        .assert_eq(&pretty(constructors(&declared)));
    }

    #[test]
    fn a_default_may_be_what_new_takes() {
        let window = "#[layer { output y = 1; }] struct L { size: usize, #[default(size)] stride: usize, #[default(stride)] again: usize }";
        let tokens = constructors(&declared(window)).to_string();
        assert!(tokens.contains("Self { size , stride : size , again : const { stride } }"), "{tokens}");
    }

    #[test]
    fn constructors_exist_for_what_there_is_to_set() {
        let cases = [
            ("pub struct L;", vec![]),
            ("pub struct L {}", vec![]),
            ("pub struct L<const K: usize>;", vec![]),
            ("pub(crate) struct L { a: usize }", vec!["pub (crate) const fn new (a : usize) -> Self"]),
            (
                "struct L { #[default(1)] a: usize }",
                vec!["const fn new () -> Self", "const fn a (mut self , a : usize) -> Self"],
            ),
        ];
        for (text, signatures) in cases {
            let tokens = constructors(&declared(&format!("#[layer {{ output y = 1; }}] {text}"))).to_string();
            assert_eq!(tokens.matches("const fn").count(), signatures.len(), "{text}: {tokens}");
            for signature in signatures {
                assert!(tokens.contains(signature), "{text}: {tokens}");
            }
        }
    }

    /// What uses the layer finds the names and numbers that it would find without the error.
    #[test]
    fn the_stub_knows_what_arrives_and_leaves() {
        let declared = declared(
            "#[layer { input a[i]; target t[i]; param w[i] = Ones; output u = oops; output v = 1; }] struct L<S>;",
        );
        let text = crate::layer::parse::parse(declared.text.clone().unwrap(), &mut Errors::new());
        let known = pretty(stub(&declared, text.as_ref()));
        for part in ["name: \"a\"", "name: \"t\"", "target: true", "name: \"w\"", "name: \"u\"", "name: \"v\""] {
            assert!(known.contains(part), "{part}: {known}");
        }
        assert_eq!(known.matches("Shape::UNKNOWN").count(), 4);
        let unknown = pretty(stub(&declared, None));
        assert_eq!(unknown.matches("Shape::UNKNOWN").count(), 2);
    }
}
