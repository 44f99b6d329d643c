//! The syntax tree to numbered wires.
//!
//! Input: the statements. Output: sources, and nodes in the order they run; every name resolved, or reported. Guarantees
//! that a node reads only wires numbered before its own: the order of the text is an order to run in, so there are no cycles.

use super::ast::{Declaration, Extents, Join, Layer, Source, Statement, Step};
use super::suggest;
use super::tidy::tidy;
use crate::error::Errors;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use std::collections::HashMap;
use syn::ext::IdentExt;

/// The most inputs, and the most outputs, of a layer: the runtime's `MAX_PORTS`.
const MAX_PORTS: usize = 8;

pub(crate) struct Graph {
    /// Inputs, then targets: the first wires.
    pub(crate) sources: Vec<SourceWire>,
    pub(crate) nodes: Vec<Node>,
    /// The wires that are the network's outputs.
    pub(crate) results: Vec<usize>,
    /// Names that may have been defined or read in statements that could not be understood.
    pub(crate) doubtful: Vec<String>,
    /// Wires that were surely meant where an unknown name stands.
    pub(crate) meant: Vec<usize>,
}

pub(crate) struct SourceWire {
    pub(crate) name: Ident,
    pub(crate) extents: Option<Extents>,
    pub(crate) count: Option<syn::Expr>,
    pub(crate) target: bool,
}

pub(crate) struct Node {
    /// What its parameters are named after.
    pub(crate) name: String,
    pub(crate) ty: NodeType,
    /// The wires it reads; `None` for a name that was reported.
    pub(crate) reads: Vec<Option<usize>>,
    /// The first wire it writes, and their names where they have one.
    pub(crate) first: usize,
    pub(crate) outputs: Vec<Option<Ident>>,
    /// The first node of the tuple it is in; itself elsewhere.
    pub(crate) head: usize,
    /// The first node whose layer is written with the same tokens; itself elsewhere.
    pub(crate) like: usize,
    pub(crate) loss: bool,
    pub(crate) frozen: bool,
    /// The user's tokens, to point at.
    pub(crate) written: TokenStream,
    pub(crate) span: Span,
}

impl Node {
    /// The layer as the user wrote it: `Window::new(6, 5)`, `a + b`.
    pub(crate) fn text(&self) -> String {
        match &self.ty {
            NodeType::Layer { value, .. } => tidy(value.clone()),
            NodeType::Join(_) => self.name.clone(),
        }
    }
}

pub(crate) enum NodeType {
    Layer { ty: TokenStream, value: TokenStream },
    Join(Join),
}

impl NodeType {
    /// Its tokens, by which it is known to be the same as another; `None` where the same tokens may mean something else, in what a macro
    /// makes of them or in another crate.
    fn tokens(&self) -> Option<String> {
        let tokens = match self {
            NodeType::Layer { ty, value } => format!("{ty} = {value}"),
            NodeType::Join(join) => format!("{join:?} ="),
        };
        (!tokens.contains(['!', '$'])).then_some(tokens)
    }
}

impl Graph {
    /// What a wire is called in messages.
    pub(crate) fn wire_name(&self, wire: usize) -> String {
        if let Some(source) = self.sources.get(wire) {
            return source.name.unraw().to_string();
        }
        let node = self.nodes[..self.nodes.partition_point(|node| node.first <= wire)].last();
        node.map_or_else(String::new, |node| match &node.outputs.get(wire - node.first) {
            Some(Some(name)) => name.unraw().to_string(),
            _ => node.text(),
        })
    }

    /// For each node, whether there is a loss and it is not on a way to it.
    pub(crate) fn aside(&self) -> Vec<bool> {
        let Some(loss) = self.nodes.iter().position(|node| node.loss) else { return vec![false; self.nodes.len()] };
        let mut needed = vec![false; self.wires()];
        let mut aside = vec![true; self.nodes.len()];
        for (at, node) in self.nodes[..=loss].iter().enumerate().rev() {
            let writes = node.first..node.first + node.outputs.len();
            if node.loss || needed[writes].contains(&true) {
                node.reads.iter().flatten().for_each(|&wire| needed[wire] = true);
                aside[at] = false;
            }
        }
        aside
    }

    /// Whether some name could not be resolved, so that what follows from it is not judged.
    pub(crate) fn has_gaps(&self) -> bool {
        self.nodes.iter().any(|node| node.reads.contains(&None)) || !self.doubtful.is_empty()
    }

    /// The node that writes a wire, and which of its outputs that is; `None` for a source.
    pub(crate) fn writer(&self, wire: usize) -> Option<(usize, usize)> {
        let at = self.nodes.partition_point(|node| node.first <= wire).checked_sub(1)?;
        Some((at, wire - self.nodes[at].first))
    }

    pub(crate) fn wires(&self) -> usize {
        self.nodes.last().map_or(self.sources.len(), |node| node.first + node.outputs.len())
    }
}

/// Builds the graph. The loss comes last, wherever it is written.
pub(crate) fn build(declaration: &Declaration, errors: &mut Errors) -> Graph {
    let mut builder = Builder {
        graph: Graph {
            sources: Vec::new(),
            nodes: Vec::new(),
            results: Vec::new(),
            doubtful: Vec::new(),
            meant: Vec::new(),
        },
        names: HashMap::new(),
        later: Vec::new(),
        ambiguous: Vec::new(),
        written: HashMap::new(),
        layers: 0,
        errors,
    };
    builder.collect(&declaration.statements);
    for statement in &declaration.statements {
        match statement {
            Statement::Pipe { source, steps } => builder.pipe(source, steps),
            Statement::Loss { .. } | Statement::Output { .. } | Statement::Broken { .. } => {}
        }
    }
    let mut has_output = false;
    for statement in &declaration.statements {
        if let Statement::Output { names } = statement {
            has_output |= builder.output(names, has_output);
        }
    }
    for statement in &declaration.statements {
        if let Statement::Loss { layer, arguments } = statement {
            builder.loss(layer, arguments, has_output);
        }
    }
    builder.graph
}

struct Builder<'a> {
    graph: Graph,
    /// The wire of each name.
    names: HashMap<String, usize>,
    /// The names of all layers, also of those that come later.
    later: Vec<String>,
    /// The names that several wires have.
    ambiguous: Vec<String>,
    /// The first node of each text.
    written: HashMap<String, usize>,
    /// How many layers there were: an unnamed one is named after its number.
    layers: usize,
    errors: &'a mut Errors,
}

impl Builder<'_> {
    /// Finds the sources, which are the first wires, and the names that come later.
    fn collect(&mut self, statements: &[Statement]) {
        for statement in statements {
            match statement {
                Statement::Pipe { source, steps } => {
                    self.collect_sources(source, false);
                    self.later.extend(steps.iter().flat_map(|step| &step.names).map(text));
                }
                Statement::Broken { names } => self.graph.doubtful.extend(names.iter().map(text)),
                Statement::Loss { .. } | Statement::Output { .. } => {}
            }
        }
        for statement in statements {
            if let Statement::Loss { arguments, .. } = statement {
                arguments.iter().for_each(|argument| self.collect_sources(argument, true));
            }
        }
    }

    fn collect_sources(&mut self, source: &Source, target: bool) {
        match source {
            Source::Wire(_) => {}
            Source::Joined { parts, .. } | Source::Tuple { parts, .. } => {
                parts.iter().for_each(|part| self.collect_sources(part, target));
            }
            Source::Input { name, extents, count } => {
                self.define(name, self.graph.sources.len());
                self.graph.sources.push(SourceWire {
                    name: name.clone(),
                    extents: extents.clone(),
                    count: count.clone(),
                    target,
                });
            }
        }
    }

    fn define(&mut self, name: &Ident, wire: usize) {
        if let std::collections::hash_map::Entry::Vacant(entry) = self.names.entry(text(name)) {
            entry.insert(wire);
        } else {
            self.errors.at(
                name.span(),
                format!("the name `{name}` is used twice: every input and every layer has a name of its own"),
            );
            // Either may have been meant wherever it is read.
            self.graph.doubtful.push(text(name));
            self.graph.meant.push(wire);
            self.ambiguous.push(text(name));
        }
    }

    fn pipe(&mut self, source: &Source, steps: &[Step]) {
        let mut wires = match source {
            Source::Tuple { parts, .. } => parts.iter().map(|part| self.wire(part)).collect(),
            single => vec![self.wire(single)],
        };
        if let (Some(first), true) = (steps.first(), wires.len() > MAX_PORTS) {
            self.errors
                .at(first.span, format!("a layer may have at most {MAX_PORTS} inputs, and {} arrive", wires.len()));
        }
        if steps.is_empty() && matches!(source, Source::Wire(_) | Source::Tuple { .. }) {
            self.errors.at(source.span(), "this leads nowhere: write `-> LAYER` behind it, or take it away");
        }
        for step in steps {
            wires = self.step(step, wires).into_iter().map(Some).collect();
        }
    }

    /// The wire that a source other than a tuple is.
    fn wire(&mut self, source: &Source) -> Option<usize> {
        match source {
            Source::Wire(name) => self.resolve(name),
            Source::Input { name, .. } => self.names.get(&text(name)).copied(),
            Source::Tuple { span, .. } => {
                self.errors.at(*span, "a tuple of wires stands alone before `->`, for a layer of several inputs");
                None
            }
            Source::Joined { by, span, parts } => {
                let mut wires = parts.iter().map(|part| self.wire(part)).collect::<Vec<_>>().into_iter();
                let mut left = wires.next()?;
                for right in wires {
                    left = Some(self.join(*by, *span, left, right));
                }
                left
            }
        }
    }

    fn join(&mut self, by: Join, span: Span, left: Option<usize>, right: Option<usize>) -> usize {
        let [left_name, right_name] =
            [left, right].map(|wire| wire.map_or_else(String::new, |wire| self.graph.wire_name(wire)));
        let (name, token) = match by {
            Join::Sum => (format!("{left_name} + {right_name}"), quote_spanned!(span=> +)),
            Join::Product => (format!("{left_name} * {right_name}"), quote_spanned!(span=> *)),
            Join::Concat => (format!("concat({left_name}, {right_name})"), quote_spanned!(span=> concat)),
        };
        self.push(NodeType::Join(by), name, vec![left, right], vec![None], token, span)
    }

    fn step(&mut self, step: &Step, mut wires: Vec<Option<usize>>) -> Vec<usize> {
        let number = self.layers;
        self.layers += 1;
        let name = step.names.first().map_or_else(|| number.to_string(), text);
        let head = self.graph.nodes.len();
        let last = step.layers.len() - 1;
        for (at, layer) in step.layers.iter().enumerate() {
            let own = if last == 0 { name.clone() } else { format!("{name}.{at}") };
            let outputs = if at == last && !step.names.is_empty() {
                step.names.iter().cloned().map(Some).collect()
            } else {
                vec![None]
            };
            let ty = NodeType::Layer { ty: layer.ty.clone(), value: layer.value.clone() };
            let wire = self.push(ty, own, wires, outputs, layer.written.clone(), step.span);
            if let Some(node) = self.graph.nodes.last_mut() {
                node.head = head;
                node.frozen = step.frozen.is_some();
            }
            wires = vec![Some(wire)];
        }
        if step.names.len() > MAX_PORTS {
            self.errors.at(step.names[MAX_PORTS].span(), format!("a layer may have at most {MAX_PORTS} outputs"));
        }
        let first = self.graph.nodes.last().map_or(0, |node| node.first);
        for (at, name) in step.names.iter().enumerate() {
            self.define(name, first + at);
        }
        (first..self.graph.wires()).collect()
    }

    fn push(
        &mut self,
        ty: NodeType,
        name: String,
        reads: Vec<Option<usize>>,
        outputs: Vec<Option<Ident>>,
        written: TokenStream,
        span: Span,
    ) -> usize {
        let (first, head) = (self.graph.wires(), self.graph.nodes.len());
        let like = ty.tokens().map_or(head, |tokens| *self.written.entry(tokens).or_insert(head));
        self.graph.nodes.push(Node {
            name,
            ty,
            reads,
            first,
            outputs,
            head,
            like,
            loss: false,
            frozen: false,
            written,
            span,
        });
        first
    }

    /// Returns whether this is the network's `output`.
    fn output(&mut self, names: &[Ident], has_output: bool) -> bool {
        for name in names {
            if has_output {
                self.errors.at(name.span(), "several outputs come in a later version");
            } else {
                let wire = self.resolve(name);
                self.graph.results.extend(wire);
            }
        }
        true
    }

    fn loss(&mut self, layer: &Layer, arguments: &[Source], has_output: bool) {
        let span = layer.written.clone().into_iter().next().map_or_else(Span::call_site, |token| token.span());
        if self.graph.nodes.iter().any(|node| node.loss) {
            self.errors.at(span, "several losses come in a later version");
            for argument in arguments {
                let wire = self.wire(argument);
                self.graph.meant.extend(wire);
            }
            return;
        }
        let mut reads = Vec::new();
        for argument in arguments {
            let wire = self.wire(argument);
            reads.push(wire);
            if let (Source::Wire(_), Some(wire), false) = (argument, wire, has_output)
                && wire >= self.graph.sources.len()
                && !self.graph.results.contains(&wire)
            {
                self.graph.results.push(wire);
            }
        }
        let ty = NodeType::Layer { ty: layer.ty.clone(), value: layer.value.clone() };
        self.push(ty, "loss".to_owned(), reads, vec![None], layer.written.clone(), span);
        if let Some(node) = self.graph.nodes.last_mut() {
            node.loss = true;
        }
    }

    fn resolve(&mut self, name: &Ident) -> Option<usize> {
        let written = text(name);
        if self.ambiguous.contains(&written) {
            return None;
        }
        if let Some(&wire) = self.names.get(&written) {
            return Some(wire);
        }
        if self.later.contains(&written) {
            self.errors.at(
                name.span(),
                format!(
                    "`{name}` is read before it is made: statements run in their order, and a network has no cycles"
                ),
            );
            return None;
        }
        if self.graph.doubtful.contains(&written) {
            return None;
        }
        let known = self.names.keys().chain(&self.later).map(String::as_str);
        match suggest::nearest(&written, known) {
            Some(near) => {
                self.errors
                    .at(name.span(), format!("there is no input or layer named `{name}`; did you mean `{near}`?"));
                self.graph.meant.extend(self.names.get(near));
            }
            None => self.errors.at(name.span(), format!("there is no input or layer named `{name}`")),
        }
        None
    }
}

/// A name without the `r#` of a raw identifier.
pub(crate) fn text(name: &Ident) -> String {
    name.unraw().to_string()
}
