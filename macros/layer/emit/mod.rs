//! Loop nests → Rust: `Layer` and `Kernel` for the struct. Cannot fail: whatever is wrong with a layer was said by `check`, and
//! what is wrong with a site is said by the consts emitted here.

mod apart;
mod constant;
mod contract;
mod divisors;
mod expression;
mod function;
mod locals;
mod loops;
mod means;
mod memory;
mod names;
mod nest;
mod problem;
mod reads;
mod renew;
mod shared;
mod sizes;
mod steps;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;

use super::classify::{Classes, Dependence};
use super::fields::Declared;
use super::ir::{Expr, IndexId, Layer, Reduction, Role, TensorId, Value};
use super::lower::Program;
use super::primitives::Class;
use constant::Constants;
use function::Functions;
use names::Names;

/// What the stages before have made.
pub(super) struct Compiled<'a> {
    pub declared: &'a Declared,
    /// As the user wrote it.
    pub written: &'a Layer,
    pub classes: &'a Classes,
    /// With the tensors of the backward pass.
    pub layer: &'a Layer,
    pub program: &'a Program,
    /// Lines of Markdown about both directions.
    pub docs: &'a [String],
}

pub(super) fn emit(compiled: &Compiled<'_>) -> TokenStream {
    let Compiled { declared, layer, program, .. } = compiled;
    let names = Names::new(layer);
    let name = &apart::layer(&declared.name);
    let generics = &apart::generics(&declared.generics);
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let mut with_site = generics.clone();
    with_site.params.push(syn::parse_quote!(Here: _words::Site<Layer = #name #type_generics>));
    let (site_generics, _, _) = with_site.split_for_impl();
    let helper = format_ident!("{}Sizes", declared.name.unraw());
    let mut plain = generics.clone();
    plain.params.push(syn::parse_quote!(Here));
    plain.params.iter_mut().for_each(|param| match param {
        syn::GenericParam::Const(constant) => constant.default = None,
        syn::GenericParam::Type(ty) => ty.default = None,
        syn::GenericParam::Lifetime(_) => {}
    });
    let plain_parameters = &plain.params;
    let (_, helper_arguments, _) = plain.split_for_impl();
    let turbofish = helper_arguments.as_turbofish();
    let sizes = quote!(#helper #turbofish ::);

    let constants = Constants { layer, names: &names, sizes: sizes.clone() };
    let functions = Functions::new(layer, &names, program, sizes);
    let root = &declared.root;
    let facts = facts(compiled, &functions);
    let consts = sizes::sizes(&constants);
    let problem = problem::problem(&constants, compiled.written);
    let shapes = shapes(compiled, &constants);
    let (once, prepare, forward, backward, finish) =
        (functions.once(), functions.prepare(), functions.forward(), functions.backward(), functions.finish());
    // These speak of all contractions, so they come after the steps.
    let (sets, adds_once, [forward_in_lanes, back_in_lanes]) =
        (functions.sets(), functions.adds_once(), functions.in_lanes());
    let in_parts = functions.in_parts().then(|| {
        quote!(
            const IN_PARTS: ::core::primitive::bool = true;
        )
    });
    let (memory, contractions, plans) = (functions.memory(), functions.contractions(), functions.plans());
    let in_place = functions.in_place();
    let docs = compiled.docs.iter().map(|line| format!(" {line}"));
    let kernel = quote! {
        #[automatically_derived]
        impl #site_generics #helper #helper_arguments #where_clause { #consts #contractions }

        #[automatically_derived]
        impl #site_generics _words::Kernel<Here> for #name #type_generics #where_clause {
            #problem
            #shapes
            const MEMORY: _words::Memory = #memory;
            const SETS: ::core::primitive::u32 = #sets;
            const SETS_PARAMETERS: ::core::primitive::bool = true;
            const ADDS_ONCE: ::core::primitive::bool = #adds_once;
            const IN_LANES: [::core::primitive::bool; 2] = [#forward_in_lanes, #back_in_lanes];
            #in_parts
            #in_place
            #plans
            #once
            #prepare
            #forward
            #backward
            #finish
        }
    };
    let locals = locals::imports(&kernel, root);
    let code = quote! {
        #[allow(unused, deprecated, non_upper_case_globals, non_snake_case, clippy::all, clippy::pedantic)]
        const _: () = {
            use #root::vocabulary as _words;
            #locals

            #(#[doc = #docs])*
            #[automatically_derived]
            impl #impl_generics _words::Layer for #name #type_generics #where_clause { #facts }

            /// Extents and sizes where the layer stands.
            struct #helper<#plain_parameters>(::core::marker::PhantomData<(Here, #name #type_generics)>);

            #kernel
        };
    };
    apart::settled(code, &declared.name)
}

/// `impl Layer`: names and classes.
fn facts(compiled: &Compiled<'_>, functions: &Functions<'_>) -> TokenStream {
    let Compiled { declared, written, classes, .. } = compiled;
    let title = declared.name.unraw().to_string();
    let inputs = written.arrivals().into_iter().map(|id| {
        let tensor = written.tensor(id);
        let (name, integer, target, kept) =
            (&tensor.name, tensor.integer, tensor.role == Role::Target, functions.kept(id));
        let (class, why) = class(classes.of_layer(written, id));
        quote!(_words::Input { name: #name, integer: #integer, target: #target, class: #class, why: #why, kept: #kept })
    });
    let parameters = written.params.iter().map(|param| {
        let (name, checkpoint) = (&written.tensor(param.tensor).name, &param.checkpoint);
        let (class, why) = class(classes.of_layer(written, param.tensor));
        quote!(_words::Parameter { name: #name, checkpoint: #checkpoint, class: #class, why: #why })
    });
    let outputs = written.outputs().into_iter().map(|id| {
        let (name, integer, kept) = (&written.tensor(id).name, written.tensor(id).integer, functions.kept(id));
        quote!(_words::Output { name: #name, integer: #integer, kept: #kept })
    });
    let instead = declared.instead.iter().map(|text| quote!(const INSTEAD: &'static ::core::primitive::str = #text;));
    let instead = quote!(#(#instead)*);
    let draws = !written.tensors_of(|role| *role == Role::Draw).is_empty();
    quote! {
        const NAME: &'static ::core::primitive::str = #title;
        const INPUTS: &'static [_words::Input] = &[#(#inputs),*];
        const PARAMETERS: &'static [_words::Parameter] = &[#(#parameters),*];
        const OUTPUTS: &'static [_words::Output] = &[#(#outputs),*];
        const DRAWS: ::core::primitive::bool = #draws;
        #instead
    }
}

fn class(dependence: Option<Dependence>) -> (TokenStream, TokenStream) {
    let Some(dependence) = dependence else {
        return (
            quote!(_words::Class::None),
            quote!(_words::Why { primitive: "stop", sentence: "takes every path from it out of the count", place: "" }),
        );
    };
    let class = match dependence.class {
        Class::Smooth => return (quote!(_words::Class::Smooth), quote!(_words::Why::NOTHING)),
        Class::Piecewise => quote!(_words::Class::Piecewise),
        Class::None => quote!(_words::Class::None),
    };
    let (primitive, sentence) = (&dependence.primitive, &dependence.sentence);
    let place = place(dependence.span);
    (class, quote!(_words::Why { primitive: #primitive, sentence: #sentence, place: #place }))
}

/// `file:line` of a token.
fn place(span: Span) -> TokenStream {
    quote_spanned!(span=> ::core::concat!(::core::file!(), ":", ::core::line!()))
}

/// `OUTPUTS`, `INPUTS` and `PARAMETERS` of the kernel.
fn shapes(compiled: &Compiled<'_>, constants: &Constants<'_>) -> TokenStream {
    let written = compiled.written;
    let below = |id: TensorId, shape: TokenStream| match (&written.tensor(id).below, written.tensor(id).integer) {
        (Some(below), _) => {
            let below = constants.integer(below);
            quote!(#shape.below(#below as ::core::primitive::usize))
        }
        (None, true) => quote!(#shape.below(::core::primitive::usize::MAX)),
        _ => shape,
    };
    let arity = written.arrivals().len();
    let outputs = written.outputs().into_iter().map(|id| {
        let dims = sizes::dims(constants, id);
        let shape = below(id, quote!(#dims.shape()));
        quote!(if <Self as _words::Kernel<Here>>::PROBLEM.is_empty() && _words::complete(Here::INPUTS, #arity) { #shape } else { _words::Shape::UNKNOWN })
    });
    let inputs = written.arrivals().into_iter().enumerate().map(|(at, id)| {
        if written.tensor(id).role == Role::Target {
            let dims = sizes::dims(constants, id);
            quote!(if _words::arriving(Here::INPUTS, #at).is_inferred() { #dims.shape().holding(_words::arriving(Here::INPUTS, #at).values()) } else { *_words::arriving(Here::INPUTS, #at) })
        } else {
            quote!(*_words::arriving(Here::INPUTS, #at))
        }
    });
    let parameters = written.params.iter().map(|param| {
        let dims = sizes::dims(constants, param.tensor);
        let shape = match &param.condition {
            Some(condition) => {
                let condition = constants.condition(condition);
                quote!(if #condition { #dims.shape() } else { _words::Shape::ABSENT })
            }
            None => quote!(#dims.shape()),
        };
        let kind = format_ident!("{}", param.initialiser.0);
        let arguments: Vec<TokenStream> = param.initialiser.1.iter().map(|a| constants.real(a)).collect();
        let arguments = (!arguments.is_empty()).then(|| quote!((#(#arguments),*)));
        let (fan_in, fan_out) = fans(written, param.tensor);
        let product = |indices: &[IndexId]| {
            let product = indices.iter().map(|index| constants.len(*index)).reduce(|a, b| quote!(#a * #b)).unwrap_or_else(|| quote!(1));
            quote!((#product) as ::core::primitive::usize)
        };
        let (fan_in, fan_out) = (product(&fan_in), product(&fan_out));
        quote!(_words::Tensor { shape: #shape, initialiser: _words::Initialiser::#kind #arguments, fan_in: #fan_in, fan_out: #fan_out })
    });
    quote! {
        const OUTPUTS: &'static [_words::Shape] = &[#(#outputs),*];
        const INPUTS: &'static [_words::Shape] = &[#(#inputs),*];
        const PARAMETERS: &'static [_words::Tensor] = &[#(#parameters),*];
    }
}

/// The indices whose product is the fan-in of a parameter, and those of its fan-out: what is reduced where it is first used,
/// and its others times the reduced ones that move a window.
fn fans(layer: &Layer, tensor: TensorId) -> (Vec<IndexId>, Vec<IndexId>) {
    let own = layer.tensor(tensor).indices();
    let mut reduced: Vec<IndexId> = vec![];
    let mut windows: Vec<IndexId> = vec![];
    for definition in &layer.definitions {
        let Value::Formula(value) = &definition.value else { continue };
        if reduced.is_empty() && value.reads(tensor) {
            value.visit(&mut |e| {
                let Expr::Reduce(reduce) = e else { return };
                if !reduce.body.reads(tensor) || reduce.kind != Reduction::Sum {
                    return;
                }
                for index in &reduce.indices {
                    reduce.body.visit(&mut |part| {
                        let Expr::Read(read, positions, _) = part else { return };
                        let bare = positions.iter().position(|p| *p == Expr::Index(*index));
                        if *read == tensor
                            && let Some(at) = bare
                            && !reduced.contains(&own[at])
                        {
                            reduced.push(own[at]);
                        }
                        if *read != tensor
                            && bare.is_none()
                            && positions.iter().any(|p| p.mentions(*index))
                            && !windows.contains(&layer.origin(*index))
                        {
                            windows.push(layer.origin(*index));
                        }
                    });
                }
            });
        }
    }
    let mut out: Vec<IndexId> = own.iter().copied().filter(|index| !reduced.contains(index)).collect();
    out.extend(windows.into_iter().filter(|index| own.contains(index)));
    (reduced, out)
}
