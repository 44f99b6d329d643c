//! A nest of plain loops, and how its values are stored.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};

use super::super::ir::{Distribution, Expr, IndexId, Rate, Reduction};
use super::super::lower::along::along;
use super::super::lower::{Nest, NestValue, Store};
use super::expression::{Code, Form, Writer};
use super::function::Functions;

impl Functions<'_> {
    /// `cut`: the outermost index, where `rows_now` has the positions, each with its part of the target.
    pub(super) fn nest(&self, writer: &mut Writer<'_>, nest: &Nest, number: usize, cut: Option<IndexId>) {
        let cut_loop = cut.map(|index| {
            let (sizes, size, len) =
                (&self.sizes, self.names.size(nest.target), self.names.len(self.layer.origin(index)));
            let row = quote!(_words::div(#sizes #size as ::core::primitive::i64, #sizes #len));
            (index, self.names.data(nest.target), row)
        });
        writer.in_passing = cut.is_some() && self.in_passing(nest);
        writer.along = along(self.layer, nest);
        writer.loops_of(&nest.outer, cut_loop, |writer| {
            let indices = self.layer.tensor(nest.target).indices();
            let codes: Vec<Code> = nest.position.iter().map(|p| writer.expr(p)).collect();
            let mut conditions = vec![];
            let mut masks = vec![];
            for (position, index) in &nest.inside {
                let code = writer.expr(position);
                let len = writer.constants.len(*index);
                let at = code.tokens.clone();
                if code.form == Form::Lanes {
                    let whole = |value: TokenStream| quote!(_words::splat(simd_now, _words::real::<Elem>(#value)));
                    let (zero, end) = (whole(quote!(0)), whole(len));
                    masks.push(quote!((_words::less_equal(#zero, #at) & _words::less(#at, #end))));
                } else {
                    conditions.push(quote!(0 <= #at && #at < #len));
                }
            }
            let inside =
                writer.block(|writer| self.store(writer, nest, number, (&indices, codes), &masks, cut.is_some()));
            match conditions.into_iter().reduce(|a, b| quote!(#a && #b)) {
                Some(condition) => writer.say(quote!(if #condition { #inside })),
                None => writer.say(inside),
            }
        });
    }

    pub(super) fn store(
        &self,
        writer: &mut Writer<'_>,
        nest: &Nest,
        number: usize,
        (indices, codes): (&[IndexId], Vec<Code>),
        masks: &[TokenStream],
        cut: bool,
    ) {
        let samples = self.layer.tensor(nest.target).rate == Rate::Sample;
        let data = self.names.data(nest.target);
        let value = match (&nest.value, &nest.inner) {
            (NestValue::Draw(distribution, arguments), _) => {
                self.draw(writer, *distribution, arguments, number, indices, &codes)
            }
            (NestValue::Formula(value), None) => writer.expr(value),
            (NestValue::Formula(value), Some(inner)) => {
                let lanes = samples
                    || self.layer.rate_of(value) == Rate::Sample
                    || inner.masks.iter().any(|m| self.layer.rate_of(m) == Rate::Sample);
                let (form, zero) = if lanes {
                    (Form::Lanes, quote!(_words::splat(simd_now, _words::number::<Elem>(0.0))))
                } else {
                    (Form::Scalar, quote!(_words::number::<Elem>(0.0)))
                };
                let name = format_ident!("sum_now", span = Span::mixed_site());
                writer.say(quote!(let mut #name = #zero;));
                let masks = inner.masks.clone();
                writer.loops(inner, |writer| writer.fold(Reduction::Sum, value, &masks, &name, &zero, form));
                Code { tokens: quote!(#name), form }
            }
        };
        let outer = writer.masks(&nest.outer.masks);
        let mask = masks.iter().cloned().chain(outer).reduce(|a, b| quote!(#a & #b));
        let value = match mask {
            Some(mask) => {
                let value = writer.to_lanes(value);
                Code {
                    tokens: quote!(_words::select(#mask, #value, _words::splat(simd_now, _words::number::<Elem>(0.0)))),
                    form: Form::Lanes,
                }
            }
            None => value,
        };
        let in_lanes = codes.iter().any(|c| c.form == Form::Lanes);
        if in_lanes {
            let places = writer.places(indices, codes, &vec![None; indices.len()]);
            let value = writer.to_lanes(value);
            let word = if samples { quote!(scatter) } else { quote!(scatter_shared) };
            return writer.say(quote!(_words::#word::<Isa, Cells>(#data, #places, #value);));
        }
        let first = usize::from(cut);
        let offset = writer.offset(&indices[first..], codes[first..].to_vec());
        let left = writer.along.map(|index| self.names.left(index));
        let statement = if samples {
            let value = writer.to_lanes(value);
            match (nest.store, self.fresh.borrow().as_ref(), left) {
                (Store::Set, _, None) => quote!(_words::store::<Isa, Cells>(#data, #offset, #value);),
                (Store::Set, _, Some(left)) => {
                    quote!(_words::store_along::<Isa, Cells>(#data, #offset, #left, #value);)
                }
                (Store::Add, None, None) => quote!(_words::add(simd_now, #data, #offset, #value);),
                (Store::Add, None, Some(left)) => {
                    quote!(_words::add_along(simd_now, #data, #offset, #left, #value);)
                }
                (Store::Add, Some(fresh), None) if cut && self.in_passing(nest) => {
                    quote!(_words::give_above(simd_now, #data, #offset, #value, #fresh, above_now);)
                }
                (Store::Add, Some(fresh), None) => {
                    quote!(_words::give(simd_now, #data, #offset, #value, #fresh);)
                }
                (Store::Add, Some(fresh), Some(left)) => {
                    quote!(_words::give_along(simd_now, #data, #offset, #left, #value, #fresh);)
                }
            }
        } else if let (Form::Lanes, Some(left)) = (value.form, left) {
            let value = value.tokens;
            quote!(_words::add_shared_along::<Isa, Cells>(simd_now, #data, #offset, #left, #value);)
        } else {
            let value = if value.form == Form::Lanes {
                let lanes = value.tokens;
                quote!(_words::over_samples::<Isa, Cells>(#lanes))
            } else {
                writer.to_scalar(value)
            };
            let word = if nest.store == Store::Set { quote!(put) } else { quote!(add_shared) };
            quote!(_words::#word(#data, #offset, #value);)
        };
        writer.say(statement);
    }

    pub(super) fn draw(
        &self,
        writer: &mut Writer<'_>,
        distribution: Distribution,
        arguments: &[Expr],
        number: usize,
        indices: &[IndexId],
        codes: &[Code],
    ) -> Code {
        let word = match distribution {
            Distribution::Bernoulli => quote!(bernoulli),
            Distribution::Normal => quote!(normal),
            Distribution::Uniform => quote!(uniform),
            Distribution::Gumbel => quote!(gumbel),
        };
        let arguments: Vec<Code> = arguments.iter().map(|a| writer.expr(a)).collect();
        let arguments: Vec<TokenStream> = arguments.into_iter().map(|c| writer.to_lanes(c)).collect();
        let offset = writer.offset(indices, codes.to_vec());
        let elements = match writer.along {
            Some(_) => quote!(_words::elements_along::<Cells>(#offset)),
            None => quote!(_words::element(#offset)),
        };
        let number = number as u32;
        let tokens = quote!(_words::#word::<Isa, Elem>(simd_now, _words::key(draws_now, number_now, #number), #elements, draws_now #(, #arguments)*));
        Code { tokens, form: Form::Lanes }
    }
}
