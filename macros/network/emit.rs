//! The graph to Rust.
//!
//! Input: a checked graph; or one with errors, so that its other mistakes are found in the same compile: what an unresolved name
//! would have given then is an input of unknown shape. Output: an anonymous constant that holds a marker type for the layers, one `Site` for each, the
//! network's `Network`, and the checks that rustc evaluates; nothing outside of it. Absolute paths only, no prelude, no `unsafe`.
//! The user's expressions stand in constants of their own, where nothing of ours can hide their names.

use super::ast::{Declaration, Join};
use super::graph::{Graph, Node, NodeType, SourceWire, text};
use super::tidy::tidy;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use std::collections::BTreeSet;

/// The struct that `network!` declares.
pub(crate) fn structure(declaration: &Declaration) -> TokenStream {
    let Declaration { attributes, visibility, name, .. } = declaration;
    quote!(#(#attributes)* #visibility struct #name;)
}

/// Everything else. `is_whole` says that no error was found.
pub(crate) fn network(declaration: &Declaration, graph: &Graph, words: &BTreeSet<String>, is_whole: bool) -> TokenStream {
    let root = root(declaration);
    let emitter = Emitter { graph, root: &root, name: &declaration.name, layer: &layer_type(&declaration.name, words), is_whole };
    let layer = emitter.layer;
    let name = emitter.name;
    let sites = graph.nodes.iter().enumerate().map(|(at, node)| emitter.site(at, node));
    let implementation = emitter.implementation(declaration);
    let checks = emitter.checks(declaration);
    let about = format!(" A layer of `{}`, by its number.", text(name));
    quote! {
        const _: () = {
            #[doc = #about]
            struct #layer<const AT: ::core::primitive::usize>;

            impl<const AT: ::core::primitive::usize> #root::graph::Place for #layer<AT> {
                type Network = #name;
                const AT: ::core::primitive::usize = AT;
            }

            #(#sites)*
            #implementation
            #checks
        };
    }
}

/// The runtime's path: `::chainrule`, or what `#[chainrule(crate = …)]` says.
fn root(declaration: &Declaration) -> TokenStream {
    declaration.options.root.as_ref().map_or_else(|| quote!(::chainrule), ToTokens::to_token_stream)
}

/// `LeNet5Layer`, or a longer name where the user's own words hold that one.
fn layer_type(name: &Ident, words: &BTreeSet<String>) -> Ident {
    let mut layer = format!("{}Layer", text(name));
    while words.contains(&layer) {
        layer.push('_');
    }
    Ident::new(&layer, Span::call_site())
}

struct Emitter<'a> {
    graph: &'a Graph,
    root: &'a TokenStream,
    name: &'a Ident,
    layer: &'a Ident,
    is_whole: bool,
}

impl Emitter<'_> {
    /// `impl Site for LeNet5Layer<3> { … }`
    fn site(&self, at: usize, node: &Node) -> TokenStream {
        let Emitter { graph, root, name, layer, .. } = self;
        let about = format!(" `{}`: `{}`", node.name, self.expression(node));
        let index = literal(at);
        let number = TokenTree::Literal(proc_macro2::Literal::u32_unsuffixed(u32::try_from(at).unwrap_or(u32::MAX)));
        let (ty, value) = match &node.ty {
            NodeType::Layer { ty, value } => (ty.clone(), value.clone()),
            NodeType::Join(join) => {
                let ty = match join {
                    Join::Sum => quote!(#root::wiring::Add),
                    Join::Product => quote!(#root::wiring::Multiply),
                    Join::Concat => quote!(#root::wiring::Concat),
                };
                (ty.clone(), ty)
            }
        };
        let reads = || node.reads.iter().map(|&wire| (self.wire(wire), wire.and_then(|wire| graph.writer(wire))));
        let shapes = reads().map(|(wire, writer)| match writer {
            Some((writer, output)) => {
                let (writer, output) = (literal(writer), literal(output));
                quote!(#root::graph::output::<#layer<#writer>>(#output))
            }
            None => quote!(#root::graph::source_shape::<#name>(#wire)),
        });
        let wants = reads().map(|(wire, writer)| match writer {
            Some((writer, _)) => {
                let writer = literal(writer);
                quote!(#root::graph::want::<#layer<#writer>>())
            }
            None => quote!(#root::graph::source_want::<#name>(#wire)),
        });
        let trains = node.frozen.then(|| quote!(const TRAINS: ::core::primitive::bool = false;));
        quote! {
            #[doc = #about]
            impl #root::site::Site for #layer<#index> {
                type Layer = #ty;
                const LAYER: Self::Layer = #value;
                const INPUTS: &'static [#root::shape::Shape] = &[#(#shapes),*];
                const WANTS: &'static [#root::site::Want] = &[#(#wants),*];
                #trains
                const NUMBER: ::core::primitive::u32 = #number;
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

    /// The layer as the user wrote it.
    fn expression(&self, node: &Node) -> String {
        match &node.ty {
            NodeType::Layer { value, .. } => tidy(value.clone()),
            NodeType::Join(_) => node.name.clone(),
        }
    }

    /// `impl Network for LeNet5 { … }`
    fn implementation(&self, declaration: &Declaration) -> TokenStream {
        let Emitter { graph, root, name, layer, is_whole } = self;
        let text = text(name);
        let unknown = (!is_whole).then(|| quote!(#root::graph::Source::target("", #root::shape::Shape::UNKNOWN)));
        let sources = graph.sources.iter().map(|source| self.source(declaration, source)).chain(unknown);
        let nodes = graph.nodes.iter().enumerate().map(|(at, node)| self.node(at, node));
        let results = graph.results.iter().map(|&wire| self.wire(Some(wire)));
        let smooth = declaration.options.smooth;
        let [inputs, targets] = [false, true].map(|target| literal(graph.sources.iter().filter(|source| source.target == target).count()));
        let (outputs, rows) = (literal(graph.results.len()), literal(graph.nodes.len()));
        let numbers: Vec<TokenTree> = (0..graph.nodes.len()).map(literal).collect();
        let call = |at: usize, function: &str| {
            let (at, function) = (literal(at), format_ident!("{function}"));
            quote!(tile.#function::<#layer<#at>, M, P>(simd);)
        };
        let layers = || (0..graph.nodes.len()).filter(|&at| !graph.nodes[at].loss);
        let loss = |function: &str| {
            let at = graph.nodes.iter().position(|node| node.loss)?;
            let call = call(at, function);
            Some(quote!(if P::LOSS { #call }))
        };
        let (forward, forward_loss) = (layers().map(|at| call(at, "forward")), loss("forward"));
        let (backward, backward_loss) = (layers().rev().map(|at| call(at, "backward")), loss("backward"));
        let tables = quote!(#root::tables);
        quote! {
            impl #root::network::Network for #name {
                const NAME: &'static ::core::primitive::str = #text;
                const SOURCES: &'static [#root::graph::Source] = &[#(#sources),*];
                const GRAPH: &'static #root::graph::Graph = &#root::graph::Graph {
                    sources: Self::SOURCES,
                    nodes: &[#(#nodes),*],
                    results: &[#(#results),*],
                    smooth: #smooth,
                    whole: #is_whole,
                };
                const INPUTS: &'static [#root::network::Port] = &#tables::inputs::<#name, #inputs>();
                const TARGETS: &'static [#root::network::Port] = &#tables::targets::<#name, #targets>();
                const OUTPUTS: &'static [#root::network::Port] = &#tables::outputs::<#name, #outputs>();
                const LAYERS: &'static [#root::network::Row] = &#tables::rows::<#name, #rows>();
                const TENSORS: &'static [#root::network::Parameter] =
                    &#tables::tensors::<#name, { #tables::tensor_count::<#name>() }>();
                type Layout<P: #root::site::Pass> =
                    #root::executor::plan::Arena<#name, P, { #root::executor::plan::regions::<#name>() }, #rows>;

                fn visit<V: #root::executor::tile::Visitor>(visitor: &mut V) {
                    #(visitor.visit::<#layer<#numbers>>();)*
                }

                fn forward<M: #root::lanes::Simd, E: #root::lanes::Element, P: #root::site::Pass>(
                    simd: M,
                    tile: &mut #root::network::Tile<'_, E>,
                ) {
                    #(#forward)*
                    #forward_loss
                }

                fn backward<M: #root::lanes::Simd, E: #root::lanes::Element, P: #root::site::Pass>(
                    simd: M,
                    tile: &mut #root::network::Tile<'_, E>,
                ) {
                    #backward_loss
                    #(#backward)*
                }
            }
        }
    }

    /// `Source::input("image", Shape::new(&[1, 28, 28]))`
    fn source(&self, declaration: &Declaration, source: &SourceWire) -> TokenStream {
        let root = self.root;
        let name = text(&source.name);
        let shape = match (&source.extents, &source.count) {
            (None, Some(count)) => quote!(#root::shape::Shape::inferred(#count)),
            (extents, count) => {
                let extents = extents.iter().flat_map(|extents| &extents.extents);
                let below = count.iter();
                quote!(#root::shape::Shape::new(&[#(#extents),*]) #(.below(#below))*)
            }
        };
        let constructor = if source.target { quote!(target) } else { quote!(input) };
        let is_asked = source.count.is_none() && declaration.options.gradients.iter().any(|asked| text(asked) == name);
        let asked = is_asked.then(|| quote!(.with_gradient()));
        quote!(#root::graph::Source::#constructor(#name, #shape) #asked)
    }

    /// `Node::of::<LeNet5Layer<0>>("conv1", "Conv2d::new(6, 5)", &[0], &[2])`
    fn node(&self, at: usize, node: &Node) -> TokenStream {
        let Emitter { root, layer, .. } = self;
        let (name, expression) = (&node.name, self.expression(node));
        let index = literal(at);
        let reads = node.reads.iter().map(|&wire| self.wire(wire));
        let writes = (node.first..node.first + node.outputs.len()).map(|wire| self.wire(Some(wire)));
        let head = literal(node.head);
        let inside = (node.head != at).then(|| quote!(.inside(#head)));
        let as_loss = node.loss.then(|| quote!(.as_loss()));
        quote!(#root::graph::Node::of::<#layer<#index>>(#name, #expression, &[#(#reads),*], &[#(#writes),*]) #inside #as_loss)
    }

    /// What rustc evaluates and reports at the user's tokens.
    fn checks(&self, declaration: &Declaration) -> TokenStream {
        let Emitter { graph, root, name, .. } = self;
        let sources = graph.sources.iter().enumerate().map(|(at, source)| {
            let axes = literal(source.extents.as_ref().map_or(0, |extents| extents.extents.len()));
            let at = literal(at);
            let check = quote!(#root::refusal::check_source::<#name>(#at, #axes));
            let span = source.extents.as_ref().map_or(source.name.span(), |extents| extents.span);
            pointing(check, span, span)
        });
        let layers = graph.nodes.iter().enumerate().map(|(at, node)| {
            let at = literal(at);
            let check = quote!(#root::refusal::check::<#name>(#at));
            pointing_at(check, node.written.clone())
        });
        let budget = declaration.options.budget.iter().map(|bytes| {
            let check = quote!(#root::refusal::check_budget::<#name>);
            let last = bytes.to_token_stream().into_iter().last().map_or_else(Span::call_site, |token| token.span());
            let call = pointing_at(quote!(#check ()), bytes.to_token_stream());
            let mut tokens: Vec<TokenTree> = call.into_iter().collect();
            tokens.pop();
            let mut arguments = proc_macro2::Group::new(proc_macro2::Delimiter::Parenthesis, bytes.to_token_stream());
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
