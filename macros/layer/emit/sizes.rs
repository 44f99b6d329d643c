//! The consts of a layer at a site: extents, ranks, sizes.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::ir::{Expr, Extent, IndexId, Layer, Role, TensorId};
use super::constant::Constants;

/// Where an axis of an arriving tensor stands in its shape.
pub(super) fn axis_position(constants: &Constants<'_>, tensor: TensorId, axis: usize) -> TokenStream {
    let layer = constants.layer;
    let declared = layer.tensor(tensor);
    let mut fixed = 0i64;
    let mut position = quote!();
    for before in 0..axis {
        if let Some(rest) = declared.rest_at(layer, before) {
            let (sizes, rank) = (&constants.sizes, constants.names.rank(layer.origin(rest)));
            position = quote!(#position #sizes #rank +);
        } else {
            fixed += 1;
        }
    }
    quote!(#position #fixed)
}

/// The number of an arriving tensor among inputs and targets.
pub(super) fn arrival(layer: &Layer, tensor: TensorId) -> usize {
    layer.arrivals().iter().position(|t| *t == tensor).unwrap_or_default()
}

/// The associated consts of the helper struct.
pub(super) fn sizes(constants: &Constants<'_>) -> TokenStream {
    let layer = constants.layer;
    let mut all = quote!();
    for at in 1..layer.indices.len() {
        let id = IndexId(at);
        let len = constants.names.len(id);
        let value = match &layer.index(id).extent {
            Extent::Batch | Extent::Same(_) => continue,
            Extent::Given(formula) => constants.integer(formula),
            Extent::Arrives { tensor, axis } => {
                let (number, position) = (arrival(layer, *tensor), axis_position(constants, *tensor, *axis));
                let others = other_parts(layer, *tensor, *axis, id)
                    .into_iter()
                    .map(|other| constants.len(other))
                    .reduce(|a, b| quote!(#a * #b));
                let whole = quote!(_words::axis(_words::arriving(Here::INPUTS, #number), #position));
                match others {
                    Some(others) => quote!(_words::div(#whole, #others)),
                    None => whole,
                }
            }
            Extent::Rest { tensor, axis, rank } => {
                let number = arrival(layer, *tensor);
                let name = constants.names.rank(id);
                let rank = match rank {
                    Some(rank) => constants.integer(rank),
                    None => {
                        let others = rank_of_others(constants, *tensor, *axis);
                        quote!(_words::arriving(Here::INPUTS, #number).rank() as ::core::primitive::i64 - (#others))
                    }
                };
                all.extend(quote!(const #name: ::core::primitive::i64 = #rank;));
                let (sizes, position) = (&constants.sizes, axis_position(constants, *tensor, *axis));
                quote!(_words::product(_words::arriving(Here::INPUTS, #number), #position, #sizes #name))
            }
        };
        all.extend(quote!(const #len: ::core::primitive::i64 = #value;));
    }
    for at in 0..layer.tensors.len() {
        let id = TensorId(at);
        let size = constants.names.size(id);
        let product = layer
            .tensor(id)
            .indices()
            .into_iter()
            .map(|index| constants.len(index))
            .reduce(|a, b| quote!(#a * #b))
            .unwrap_or_else(|| quote!(1));
        let product = match layer.tensor(id).role {
            Role::Param(number) => match &layer.params[number].condition {
                Some(condition) => {
                    let condition = constants.condition(condition);
                    quote!(if #condition { #product } else { 0 })
                }
                None => product,
            },
            _ => product,
        };
        all.extend(quote!(const #size: ::core::primitive::usize = (#product) as ::core::primitive::usize;));
    }
    all
}

/// The parts of an arriving axis beside one of them.
pub(super) fn other_parts(layer: &Layer, tensor: TensorId, axis: usize, part: IndexId) -> Vec<IndexId> {
    layer.tensor(tensor).axes[axis].iter().copied().filter(|other| *other != part).collect()
}

/// How many axes stand beside an ellipsis.
fn rank_of_others(constants: &Constants<'_>, tensor: TensorId, axis: usize) -> TokenStream {
    let layer = constants.layer;
    let mut fixed = 0i64;
    let mut rest = quote!();
    let declared = layer.tensor(tensor);
    for at in (0..declared.axes.len()).filter(|at| *at != axis) {
        if let Some(other) = declared.rest_at(layer, at) {
            let (sizes, rank) = (&constants.sizes, constants.names.rank(layer.origin(other)));
            rest = quote!(#rest #sizes #rank +);
        } else {
            fixed += 1;
        }
    }
    quote!(#rest #fixed)
}

/// The shape of a tensor, put together axis by axis.
pub(super) fn dims(constants: &Constants<'_>, tensor: TensorId) -> TokenStream {
    let layer = constants.layer;
    let mut dims = quote!(_words::Dims::NONE);
    let declared = layer.tensor(tensor);
    for (at, parts) in declared.axes.iter().enumerate() {
        let rest = declared.rest_at(layer, at).and_then(|only| match &layer.index(layer.origin(only)).extent {
            Extent::Rest { tensor, axis, .. } => Some((layer.origin(only), *tensor, *axis)),
            _ => None,
        });
        dims = match rest {
            Some((index, from, axis)) => {
                let (number, position) = (arrival(layer, from), axis_position(constants, from, axis));
                let (sizes, rank) = (&constants.sizes, constants.names.rank(index));
                quote!(#dims.many(_words::arriving(Here::INPUTS, #number), #position, #sizes #rank))
            }
            None => {
                let product = parts
                    .iter()
                    .map(|part| constants.len(*part))
                    .reduce(|a, b| quote!(#a * #b))
                    .unwrap_or_else(|| quote!(1));
                quote!(#dims.one(#product))
            }
        };
    }
    dims
}

/// The names in a formula and their numbers, for messages.
pub(super) fn named(constants: &Constants<'_>, formulas: &[&Expr]) -> TokenStream {
    let layer = constants.layer;
    let mut seen: Vec<String> = vec![];
    let mut pairs = vec![];
    for formula in formulas {
        formula.visit(&mut |e| {
            let (name, value) = match e {
                Expr::Len(index) => (layer.index(layer.origin(*index)).name.clone(), constants.len(*index)),
                Expr::Field(field) if layer.fields[field.0].value_type() == super::super::ir::Type::Int => {
                    (layer.fields[field.0].name.to_string(), constants.integer(e))
                }
                _ => return,
            };
            if !seen.contains(&name) {
                seen.push(name.clone());
                pairs.push(quote!((#name, #value)));
            }
        });
    }
    quote!(&[#(#pairs),*])
}
