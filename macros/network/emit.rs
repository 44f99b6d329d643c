//! The graph to Rust.
//!
//! Input: a checked graph; or one with errors, so that its other mistakes are found in the same compile: what an unresolved name
//! would have given then is an input of unknown shape. Output: an anonymous constant that holds a marker type for the layers, one `Site` for each, the
//! network's `Network`, and the checks that rustc evaluates; nothing outside of it. No prelude, no `unsafe`, and every name is
//! imported by its absolute path. The user's expressions stand in constants of their own, where nothing of ours hides their
//! names (`imports` sees to it).

use super::ast::{Declaration, Join};
use super::graph::{Graph, Node, NodeType, SourceWire, text};
use super::imports;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use std::collections::BTreeSet;

/// The struct that `network!` declares.
pub(crate) fn structure(declaration: &Declaration) -> TokenStream {
    let Declaration { attributes, visibility, name, .. } = declaration;
    quote!(#(#attributes)* #visibility struct #name;)
}

/// Everything else. `is_whole` says that no error was found.
pub(crate) fn network(
    declaration: &Declaration,
    graph: &Graph,
    words: &BTreeSet<String>,
    is_whole: bool,
) -> TokenStream {
    let emitter = Emitter {
        graph,
        name: &imports::users(declaration.name.to_token_stream()),
        layer: &layer_type(&declaration.name, words),
        is_whole,
    };
    let layer = emitter.layer;
    let name = emitter.name;
    let sites = graph.nodes.iter().enumerate().map(|(at, node)| emitter.site(at, node));
    let implementation = emitter.implementation(declaration);
    let checks = emitter.checks(declaration);
    let about = format!(" A layer of `{}`, by its number.", text(&declaration.name));
    let code = quote! {
        #[doc = #about]
        struct #layer<const AT: usize>;

        impl<const AT: usize> Place for #layer<AT> {
            type Of = #name;
            const AT: usize = AT;
        }

        #(#sites)*
        #implementation
        #checks
    };
    let imports = imports::of(&code, &root(declaration));
    let everywhere = &declaration.everywhere;
    let attributes = imports::users(quote!(#(#everywhere)*));
    imports::apart(quote!(#attributes const _: () = { #imports #code };), words)
}

/// The runtime's path: `::chainrule`, or what `#[chainrule(crate = …)]` says.
fn root(declaration: &Declaration) -> TokenStream {
    declaration.options.root.as_ref().map_or_else(|| quote!(::chainrule), ToTokens::to_token_stream)
}

/// `DigitsLayer`, or a longer name where the user's own words hold that one.
fn layer_type(name: &Ident, words: &BTreeSet<String>) -> Ident {
    let mut layer = format!("{}Layer", text(name));
    while words.contains(&layer) {
        layer.push('_');
    }
    Ident::new(&layer, Span::call_site())
}

struct Emitter<'a> {
    graph: &'a Graph,
    /// The struct, marked as the user's.
    name: &'a TokenStream,
    layer: &'a Ident,
    is_whole: bool,
}

impl Emitter<'_> {
    /// `impl Site for DigitsLayer<3> { … }`
    fn site(&self, at: usize, node: &Node) -> TokenStream {
        let Emitter { graph, name, layer, .. } = self;
        let about = format!(" `{}`: `{}`", node.name, node.text());
        let index = literal(at);
        let (ty, value) = match &node.ty {
            NodeType::Layer { ty, value } => (imports::users(ty.clone()), imports::users(value.clone())),
            NodeType::Join(join) => {
                let ty = match join {
                    Join::Sum => quote!(wiring::Add),
                    Join::Product => quote!(wiring::Multiply),
                    Join::Concat => quote!(wiring::Concat),
                };
                (ty.clone(), ty)
            }
        };
        let reads = || node.reads.iter().map(|&wire| (self.wire(wire), wire.and_then(|wire| graph.writer(wire))));
        let shapes = reads().map(|(wire, writer)| match writer {
            Some((writer, output)) => {
                let (writer, output) = (literal(writer), literal(output));
                quote!(graph::output::<#layer<#writer>>(#output))
            }
            None => quote!(graph::source_shape::<#name>(#wire)),
        });
        let wants = reads().map(|(wire, writer)| match writer {
            Some((writer, _)) => {
                let writer = literal(writer);
                quote!(graph::want::<#layer<#writer>>())
            }
            None => quote!(graph::source_want::<#name>(#wire)),
        });
        let trains = node.frozen.then(|| {
            quote!(
                const TRAINS: bool = false;
            )
        });
        quote! {
            #[doc = #about]
            impl Site for #layer<#index> {
                type Layer = #ty;
                const LAYER: Self::Layer = #value;
                const INPUTS: &'static [Shape] = &[#(#shapes),*];
                const WANTS: &'static [Want] = &[#(#wants),*];
                #trains
            }
        }
    }

    /// A wire's number. Where there are errors, what is unknown stands behind the other sources.
    fn wire(&self, wire: Option<usize>) -> TokenTree {
        let sources = self.graph.sources.len();
        literal(match wire {
            Some(wire) if wire >= sources && !self.is_whole => wire + 1,
            Some(wire) => wire,
            None => sources,
        })
    }

    /// `impl Network for Digits { … }`
    fn implementation(&self, declaration: &Declaration) -> TokenStream {
        let Emitter { graph, name, is_whole, .. } = self;
        let text = text(&declaration.name);
        let unknown = (!is_whole).then(|| quote!(Source::target("", Shape::UNKNOWN)));
        let sources = graph.sources.iter().map(|source| self.source(declaration, source)).chain(unknown);
        let aside = graph.aside();
        let nodes = graph.nodes.iter().enumerate().map(|(at, node)| self.node(at, node, aside[at]));
        let results = graph.results.iter().map(|&wire| self.wire(Some(wire)));
        let smooth = declaration.options.smooth;
        let [inputs, targets] =
            [false, true].map(|target| literal(graph.sources.iter().filter(|source| source.target == target).count()));
        let (outputs, rows) = (literal(graph.results.len()), literal(graph.nodes.len()));
        let code = (0..graph.nodes.len()).map(|at| self.code(at));
        quote! {
            impl Network for #name {
                const NAME: &'static str = #text;
                const SOURCES: &'static [Source] = &[#(#sources),*];
                const GRAPH: &'static Graph = &Graph {
                    sources: Self::SOURCES,
                    nodes: &[#(#nodes),*],
                    results: &[#(#results),*],
                    smooth: #smooth,
                    whole: #is_whole,
                };
                const INPUTS: &'static [Port] = &tables::inputs::<#name, #inputs>();
                const TARGETS: &'static [Port] = &tables::targets::<#name, #targets>();
                const OUTPUTS: &'static [Port] = &tables::outputs::<#name, #outputs>();
                const BODIES: &'static [usize] = &tables::bodies::<#name, #rows>();
                const SCALARS: &'static [Scalars] = &tables::scalars::<#name, #rows>();
                const LAYERS: &'static [Row] = &tables::rows::<#name, #rows>();
                const TENSORS: &'static [Parameter] =
                    &tables::tensors::<#name, { tables::tensor_count::<#name>() }>();
                type Layout<P: Pass> =
                    Arena<Self, P, { plan::regions::<Self>() }, #rows>;

                #[inline(never)]
                fn code<C: Cell, P: Pass>() -> &'static [Code<C>] {
                    const { &[#(#code),*] }
                }
            }
        }
    }

    /// `Code::of::<Self, DigitsLayer<{ Self::BODIES[3] }>, DigitsLayer<1>, P>(3)`: twice of the layer, if no earlier one is written alike.
    /// (`Self`, for a network may be called `P`.)
    fn code(&self, at: usize) -> TokenStream {
        let Emitter { graph, layer, is_whole, .. } = self;
        let index = literal(at);
        let like = graph.nodes[at].like;
        let (body, alike) = if *is_whole && like != at {
            (quote!({ <Self as Network>::BODIES[#index] }), literal(like))
        } else {
            (quote!(#index), index.clone())
        };
        quote!(Code::of::<Self, #layer<#body>, #layer<#alike>, P>(#index))
    }

    /// `Source::input("image", Shape::new(&[1, 28, 28]))`
    fn source(&self, declaration: &Declaration, source: &SourceWire) -> TokenStream {
        let name = text(&source.name);
        let shape = match (&source.extents, &source.count) {
            (None, Some(count)) => {
                let count = imports::users(count.to_token_stream());
                quote!(Shape::inferred(#count))
            }
            (extents, count) => {
                let extents = extents
                    .iter()
                    .flat_map(|extents| &extents.extents)
                    .map(|extent| imports::users(extent.to_token_stream()));
                let below = count.iter().map(|count| imports::users(count.to_token_stream()));
                quote!(Shape::new(&[#(#extents),*]) #(.below(#below))*)
            }
        };
        let constructor = if source.target { quote!(target) } else { quote!(input) };
        let is_asked = source.count.is_none() && declaration.options.gradients.iter().any(|asked| text(asked) == name);
        let asked = is_asked.then(|| quote!(.with_gradient()));
        quote!(Source::#constructor(#name, #shape) #asked)
    }

    /// `Node::of::<DigitsLayer<0>>("conv1", "Window::new(6, 5)", &[0], &[2])`
    fn node(&self, at: usize, node: &Node, is_aside: bool) -> TokenStream {
        let Emitter { layer, .. } = self;
        let (name, expression) = (&node.name, node.text());
        let index = literal(at);
        let reads = node.reads.iter().map(|&wire| self.wire(wire));
        let writes = (node.first..node.first + node.outputs.len()).map(|wire| self.wire(Some(wire)));
        let head = literal(node.head);
        let inside = (node.head != at).then(|| quote!(.inside(#head)));
        let like = node.like;
        let like = (like != at).then(|| {
            let like = literal(like);
            quote!(.like(#like))
        });
        let as_loss = node.loss.then(|| quote!(.as_loss()));
        let aside = is_aside.then(|| quote!(.aside()));
        quote!(Node::of::<#layer<#index>>(#name, #expression, &[#(#reads),*], &[#(#writes),*]) #inside #like #as_loss #aside)
    }

    /// What rustc evaluates and reports at the user's tokens.
    fn checks(&self, declaration: &Declaration) -> TokenStream {
        let Emitter { graph, name, .. } = self;
        let sources = graph.sources.iter().enumerate().map(|(at, source)| {
            let axes = literal(source.extents.as_ref().map_or(0, |extents| extents.extents.len()));
            let at = literal(at);
            let check = quote!(refusal::check_source::<#name>(#at, #axes));
            let span = source.extents.as_ref().map_or(source.name.span(), |extents| extents.span);
            pointing(check, span, span)
        });
        let layers = graph.nodes.iter().enumerate().map(|(at, node)| {
            let at = literal(at);
            let check = quote!(refusal::check::<#name>(#at));
            pointing_at(check, node.written.clone())
        });
        let budget = declaration.options.budget.iter().map(|bytes| {
            let check = quote!(refusal::check_budget::<#name>);
            let last = bytes.to_token_stream().into_iter().last().map_or_else(Span::call_site, |token| token.span());
            let call = pointing_at(quote!(#check ()), bytes.to_token_stream());
            let mut tokens: Vec<TokenTree> = call.into_iter().collect();
            tokens.pop();
            let mut arguments =
                proc_macro2::Group::new(proc_macro2::Delimiter::Parenthesis, imports::users(bytes.to_token_stream()));
            arguments.set_span(last);
            tokens.push(TokenTree::Group(arguments));
            tokens.into_iter().collect()
        });
        let all = sources.chain(layers).chain(budget);
        quote!(#(const _: () = #all;)*)
    }
}

/// A number without a suffix, as a person writes it.
fn literal(number: usize) -> TokenTree {
    TokenTree::Literal(proc_macro2::Literal::usize_unsuffixed(number))
}

/// Code that rustc takes to stand where these tokens do.
fn pointing_at(code: TokenStream, at: TokenStream) -> TokenStream {
    let spans: Vec<Span> = at.into_iter().map(|token| token.span()).collect();
    match (spans.first(), spans.last()) {
        (Some(&first), Some(&last)) => pointing(code, first, last),
        _ => code,
    }
}

fn pointing(code: TokenStream, first: Span, last: Span) -> TokenStream {
    let mut tokens: Vec<TokenTree> = code.into_iter().collect();
    for token in &mut tokens {
        token.set_span(first);
    }
    if let Some(token) = tokens.last_mut() {
        token.set_span(last);
    }
    tokens.into_iter().collect()
}
