//! A network as it was written. The grammar is section 3 of the language's page.

use proc_macro2::{Ident, Span, TokenStream};

/// `attributes struct NAME; statements`
pub(crate) struct Declaration {
    /// Docs and other attributes that are not ours, for the struct.
    pub(crate) attributes: Vec<syn::Attribute>,
    pub(crate) visibility: syn::Visibility,
    pub(crate) name: Ident,
    /// Those of the struct's attributes that the rest of the expansion needs as well: `cfg`, and what it allows.
    pub(crate) everywhere: Vec<syn::Attribute>,
    pub(crate) options: Options,
    pub(crate) statements: Vec<Statement>,
}

/// The attributes before `struct`.
#[derive(Default)]
pub(crate) struct Options {
    /// `#[smooth]`
    pub(crate) smooth: bool,
    /// `#[gradient(image)]`
    pub(crate) gradients: Vec<Ident>,
    /// `#[budget(training = 64 * 1024)]`
    pub(crate) budget: Option<syn::Expr>,
    /// `#[chainrule(crate = path)]`
    pub(crate) root: Option<syn::Path>,
}

#[expect(clippy::large_enum_variant, reason = "a handful of them in a macro call")]
pub(crate) enum Statement {
    /// `source -> step -> step;`
    Pipe { source: Source, steps: Vec<Step> },
    /// `loss L(prediction, label: Class(10));`
    Loss { layer: Layer, arguments: Vec<Source> },
    /// `output NAME;`
    Output { names: Vec<Ident> },
    /// What could not be read, and was reported: the names in it may be anything.
    Broken { names: Vec<Ident> },
}

/// Where a pipe starts.
#[expect(clippy::large_enum_variant, reason = "a handful of them in a macro call")]
pub(crate) enum Source {
    /// `NAME`
    Wire(Ident),
    /// `NAME: [1, 28, 28]`, `NAME: [16] of Token(65)`, and in a loss `NAME: Class(10)`
    Input { name: Ident, extents: Option<Extents>, count: Option<syn::Expr> },
    /// `a + b`, `a * b`, `concat(a, b)`
    Joined { by: Join, span: Span, parts: Vec<Source> },
    /// `(a, b)`: for a layer of several inputs
    Tuple { span: Span, parts: Vec<Source> },
}

impl Source {
    pub(crate) fn span(&self) -> Span {
        match self {
            Source::Wire(name) | Source::Input { name, .. } => name.span(),
            Source::Joined { span, .. } | Source::Tuple { span, .. } => *span,
        }
    }
}

/// `[1, 28, 28]`
#[derive(Clone)]
pub(crate) struct Extents {
    pub(crate) span: Span,
    pub(crate) extents: Vec<syn::Expr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Join {
    Sum,
    Product,
    Concat,
}

/// `name: frozen LAYER`
pub(crate) struct Step {
    /// The names of its outputs; empty when it has none.
    pub(crate) names: Vec<Ident>,
    pub(crate) frozen: Option<Span>,
    /// Several are a tuple of layers.
    pub(crate) layers: Vec<Layer>,
    /// To point at.
    pub(crate) span: Span,
}

/// `LAYER` or `LAYER as Type`
pub(crate) struct Layer {
    /// Its type.
    pub(crate) ty: TokenStream,
    /// Its value.
    pub(crate) value: TokenStream,
    /// All of it, to point at.
    pub(crate) written: TokenStream,
}
