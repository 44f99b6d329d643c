//! The names in emitted code. Locals end in a word that no user's `const` or `static` is likely to have, for such an item
//! would turn a `let` into a pattern.

use std::collections::HashMap;

use proc_macro2::{Ident, Span};
use quote::format_ident;

use super::super::ir::{IndexId, Layer, TensorId};

pub(super) struct Names {
    indices: HashMap<IndexId, String>,
    tensors: HashMap<TensorId, String>,
}

/// An identifier's text without what only Rust's grammar knows.
fn plain(name: &str) -> String {
    name.trim_start_matches("r#").to_string()
}

impl Names {
    pub(super) fn new(layer: &Layer) -> Names {
        let mut taken: Vec<String> = vec![];
        let mut unique = |base: String| {
            let name = (0..)
                .map(|n| if n == 0 { base.clone() } else { format!("{base}_{n}") })
                .find(|name| !taken.contains(name))
                .unwrap_or_default();
            taken.push(name.clone());
            name
        };
        let mut indices = HashMap::new();
        for (at, index) in layer.indices.iter().enumerate() {
            let base = match index.name.strip_prefix("..") {
                Some("") => "all".to_string(),
                Some(rest) => format!("all_{}", plain(rest)),
                None => plain(&index.name),
            };
            indices.insert(IndexId(at), unique(base));
        }
        let mut tensors = HashMap::new();
        for at in 0..layer.tensors.len() {
            let id = TensorId(at);
            let base = super::super::print::name(layer, id);
            let base = plain(&base).replace("grad(", "gradient_of_").replace(')', "");
            tensors.insert(id, unique(base));
        }
        Names { indices, tensors }
    }

    /// The position of an index.
    pub(super) fn at(&self, index: IndexId) -> Ident {
        format_ident!("{}_at", self.indices[&index], span = Span::mixed_site())
    }

    /// Where the loop of an index that stands in the lanes ends.
    pub(super) fn end(&self, index: IndexId) -> Ident {
        format_ident!("{}_end", self.indices[&index], span = Span::mixed_site())
    }

    /// How many positions of such an index are left.
    pub(super) fn left(&self, index: IndexId) -> Ident {
        format_ident!("{}_left", self.indices[&index], span = Span::mixed_site())
    }

    /// The extent of an index.
    pub(super) fn len(&self, index: IndexId) -> Ident {
        format_ident!("{}_len", self.indices[&index], span = Span::mixed_site())
    }

    /// The rank of an ellipsis.
    pub(super) fn rank(&self, index: IndexId) -> Ident {
        format_ident!("{}_rank", self.indices[&index], span = Span::mixed_site())
    }

    /// The elements of a tensor.
    pub(super) fn data(&self, tensor: TensorId) -> Ident {
        format_ident!("{}_data", self.tensors[&tensor], span = Span::mixed_site())
    }

    /// How many elements a tensor has.
    pub(super) fn size(&self, tensor: TensorId) -> Ident {
        format_ident!("{}_size", self.tensors[&tensor], span = Span::mixed_site())
    }
}
