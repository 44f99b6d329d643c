//! Loops, and the reductions that run in them.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::super::ir::{Expr, IndexId, Rate, Reduce, Reduction, Type};
use super::super::lower::blocks::Blocks;
use super::super::lower::{Loop, LoopKind, Loops, plan};
use super::constant::number;
use super::expression::{Code, Form, Writer};

impl Writer<'_> {
    /// Opens loops, lets `body` speak inside, closes them.
    pub(super) fn loops(&mut self, loops: &Loops, body: impl FnOnce(&mut Self)) {
        self.loops_of(loops, None, body);
    }

    /// The same; of an outermost index that is cut `rows_now` has the positions, and with each its part of a tensor: under which name, of what size.
    pub(super) fn loops_of(
        &mut self,
        loops: &Loops,
        cut: Option<(IndexId, Ident, TokenStream)>,
        body: impl FnOnce(&mut Self),
    ) {
        let inside = self.block(|writer| match (loops.loops.split_first(), cut) {
            (Some((first, rest)), Some((index, data, row))) if index == first.index => {
                let (at, len) = (writer.names.at(index), writer.constants.len(index));
                let inside = writer.inside(first, rest, body);
                let above = writer.in_passing.then(|| quote!(let above_now = rows_now.above(#at, #row);));
                let mine = quote! {
                    if rows_now.has(#at) {
                        #above
                        let #data = rows_now.row(#at, #row);
                        #inside
                    }
                };
                let all = if let Some(blocks) = &first.blocks {
                    writer.in_blocks(index, blocks, &mine)
                } else if rest.is_empty() && writer.along == Some(index) {
                    let left = writer.names.left(index);
                    quote!(for (#at, #data) in rows_now.along() {
                        let #left = #data.len() as ::core::primitive::i64;
                        #inside
                    })
                } else if rest.is_empty() {
                    quote!(for (#at, #data) in rows_now.each() { #inside })
                } else {
                    quote!(for #at in 0..#len { #mine })
                };
                writer.say(all);
            }
            _ => writer.open(&loops.loops, body),
        });
        let before: Vec<Expr> = loops.before.clone();
        self.when(&before, inside);
    }

    pub(super) fn open(&mut self, loops: &[Loop], body: impl FnOnce(&mut Self)) {
        let Some((first, rest)) = loops.split_first() else { return body(self) };
        let inside = self.inside(first, rest, body);
        if let Some(blocks) = &first.blocks {
            let all = self.in_blocks(first.index, blocks, &inside);
            return self.say(all);
        }
        let (at, len) = (self.names.at(first.index), self.constants.len(first.index));
        match &first.kind {
            LoopKind::Range { lows, highs } => {
                let low = lows.iter().fold(quote!(0), |low, e| {
                    let e = self.expr(e).tokens;
                    quote!(_words::greatest(#low, #e))
                });
                let high = highs.iter().fold(len, |high, e| {
                    let e = self.expr(e).tokens;
                    quote!(_words::least(#high, #e))
                });
                if self.along == Some(first.index) {
                    let (end, left) = (self.names.end(first.index), self.names.left(first.index));
                    return self.say(quote! {
                        let #end = #high;
                        for #at in _words::along::<Cells>(#low, #end) { let #left = #end - #at; #inside }
                    });
                }
                self.say(quote!(for #at in #low..#high { #inside }));
            }
            LoopKind::Solved { factor, numerator } => match factor.as_number() {
                Some(1 | -1) => {
                    let sign = factor.as_number().unwrap_or(1);
                    let value =
                        self.expr(&super::super::linear::Polynomial::default().plus(numerator, sign).expr()).tokens;
                    self.say(quote!(let #at = #value; if 0 <= #at && #at < #len { #inside }));
                }
                _ => {
                    let (factor, numerator) = (self.expr(&factor.expr()).tokens, self.expr(&numerator.expr()).tokens);
                    let whole = self.fresh("whole");
                    self.say(quote! {
                        let #whole = #numerator;
                        let #at = _words::div(#whole, #factor);
                        if #at * #factor == #whole && 0 <= #at && #at < #len { #inside }
                    });
                }
            },
        }
    }

    /// A loop over all of an index, block by block.
    fn in_blocks(&mut self, index: IndexId, blocks: &Blocks, inside: &TokenStream) -> TokenStream {
        let [at, block, rest] = [index, blocks.block, blocks.rest].map(|index| self.names.at(index));
        let [stride, shift] = [&blocks.stride, &blocks.shift].map(|e| self.expr(e).tokens);
        let len = self.constants.len(index);
        quote! {
            for #block in _words::div(#shift, #stride).._words::ceil_div(#len + #shift, #stride) {
                for #rest in 0..#stride {
                    let #at = #block * #stride + #rest - #shift;
                    if 0 <= #at && #at < #len { #inside }
                }
            }
        }
    }

    fn inside(&mut self, first: &Loop, rest: &[Loop], body: impl FnOnce(&mut Self)) -> TokenStream {
        self.block(|writer| {
            let inner = writer.block(|writer| writer.open(rest, body));
            writer.when(&first.conditions, inner);
        })
    }

    pub(super) fn when(&mut self, conditions: &[Expr], inside: TokenStream) {
        if conditions.is_empty() {
            return self.say(inside);
        }
        // One after the other: an earlier condition guards what a later one reads.
        let mut nested = inside;
        for condition in conditions.iter().rev() {
            nested = self.block(|writer| {
                let condition = writer.expr(condition).tokens;
                writer.say(quote!(if #condition { #nested }));
            });
        }
        self.say(nested);
    }

    /// The masks of loops as one.
    pub(super) fn masks(&mut self, masks: &[Expr]) -> Option<TokenStream> {
        let codes: Vec<Code> = masks.iter().map(|m| self.expr(m)).collect();
        codes.into_iter().map(|c| self.to_mask(c)).reduce(|a, b| quote!(#a & #b))
    }

    pub(super) fn reduce(&mut self, reduce: &Reduce) -> Code {
        // Sorted out by the loops that are open: their indices are what the reduction mentions and does not bind.
        let opened: Vec<IndexId> = Expr::Reduce(Box::new(reduce.clone())).free_indices();
        let loops = plan(self.layer, &reduce.indices, &reduce.conditions, &opened);
        let lanes = self.layer.rate_of(&Expr::Reduce(Box::new(reduce.clone()))) == Rate::Sample
            || self.along.is_some_and(|index| reduce.body.mentions(index));
        let integer = self.layer.type_of(&reduce.body) == Type::Int && !lanes;
        let form = if lanes {
            Form::Lanes
        } else if integer {
            Form::Int
        } else {
            Form::Scalar
        };
        let start = |value: f64, whole: TokenStream| match form {
            Form::Int => whole,
            Form::Scalar => {
                let value = number(value);
                quote!(_words::number::<Elem>(#value))
            }
            _ => {
                let value = number(value);
                quote!(_words::splat(simd_now, _words::number::<Elem>(#value)))
            }
        };
        let (word, neutral) = match reduce.kind {
            // What is counted by a sample's own values is a sum of ones.
            Reduction::Sum => ("sum", start(0.0, quote!(0))),
            Reduction::Count if !loops.masks.is_empty() => ("count", start(0.0, quote!(0))),
            Reduction::Count => {
                let name = self.fresh("count");
                self.say(quote!(let mut #name: ::core::primitive::i64 = 0;));
                self.loops(&loops, |writer| writer.say(quote!(#name += 1;)));
                return Code { tokens: quote!(#name), form: Form::Int };
            }
            Reduction::Product => ("product", start(1.0, quote!(1))),
            Reduction::Maximum => ("greatest", start(f64::NEG_INFINITY, quote!(::core::primitive::i64::MIN))),
            Reduction::Minimum => ("least", start(f64::INFINITY, quote!(::core::primitive::i64::MAX))),
            Reduction::ArgMaximum | Reduction::ArgMinimum => return self.position_of_best(reduce, &loops, form),
        };
        let name = self.fresh(word);
        self.say(quote!(let mut #name = #neutral;));
        self.loops(&loops, |writer| writer.fold(reduce.kind, &reduce.body, &loops.masks, &name, &neutral, form));
        Code { tokens: quote!(#name), form }
    }

    /// One step of a reduction.
    pub(super) fn fold(
        &mut self,
        kind: Reduction,
        body: &Expr,
        masks: &[Expr],
        name: &Ident,
        neutral: &TokenStream,
        form: Form,
    ) {
        let mask = self.masks(masks);
        if let (Reduction::Sum, None, Expr::Call(primitive, both, _), Form::Lanes | Form::Scalar) =
            (kind, &mask, body, form)
            && primitive.is("mul")
        {
            let sides: Vec<Code> = both.iter().map(|e| self.expr(e)).collect();
            let sides: Vec<TokenStream> = sides
                .into_iter()
                .map(|c| if form == Form::Lanes { self.to_lanes(c) } else { self.to_scalar(c) })
                .collect();
            return self.say(quote!(#name = _words::mul_add(#(#sides,)* #name);));
        }
        let value = self.expr(body);
        let value = match form {
            Form::Lanes => self.to_lanes(value),
            Form::Int => value.tokens,
            _ => self.to_scalar(value),
        };
        let value = match mask {
            Some(mask) => quote!(_words::select(#mask, #value, #neutral)),
            None => value,
        };
        let folded = match (kind, form) {
            (Reduction::Product, _) => quote!(#name * #value),
            (Reduction::Maximum, Form::Int) => quote!(_words::greatest(#name, #value)),
            (Reduction::Minimum, Form::Int) => quote!(_words::least(#name, #value)),
            (Reduction::Maximum, _) => quote!(_words::max(#name, #value)),
            (Reduction::Minimum, _) => quote!(_words::min(#name, #value)),
            _ => quote!(#name + #value),
        };
        self.say(quote!(#name = #folded;));
    }

    /// `argmax`: the first of equals, as a row-major position.
    pub(super) fn position_of_best(&mut self, reduce: &Reduce, loops: &Loops, form: Form) -> Code {
        let maximum = reduce.kind == Reduction::ArgMaximum;
        let (best, place) = (self.fresh("best"), self.fresh("place"));
        let worst = number(if maximum { f64::NEG_INFINITY } else { f64::INFINITY });
        let codes: Vec<Code> = reduce
            .indices
            .iter()
            .map(|index| {
                let at = self.names.at(*index);
                Code { tokens: quote!(#at), form: Form::Int }
            })
            .collect();
        let position = self.offset(&reduce.indices, codes);
        let lanes = form == Form::Lanes;
        let start = quote!(_words::number::<Elem>(#worst));
        if lanes {
            self.say(quote!(let mut #best = _words::splat(simd_now, #start); let mut #place = _words::splat(simd_now, _words::number::<Elem>(0.0));));
        } else {
            self.say(quote!(let mut #best = #start; let mut #place: ::core::primitive::i64 = 0;));
        }
        let masks = loops.masks.clone();
        self.loops(loops, |writer| {
            let value = writer.expr(&reduce.body);
            if lanes {
                let value = writer.to_lanes(value);
                let mask = writer.masks(&masks);
                let order = if maximum { quote!(_words::less(#best, candidate_now)) } else { quote!(_words::less(candidate_now, #best)) };
                let better = mask.map_or(order.clone(), |mask| quote!(#order & #mask));
                writer.say(quote! {
                    let candidate_now = #value;
                    let better_now = #better;
                    #best = _words::select(better_now, candidate_now, #best);
                    #place = _words::select(better_now, _words::splat(simd_now, _words::real::<Elem>(#position)), #place);
                });
            } else {
                let value = writer.to_scalar(value);
                let better = if maximum { quote!(#best < candidate_now) } else { quote!(candidate_now < #best) };
                writer.say(quote!(let candidate_now = #value; if #better { #best = candidate_now; #place = #position; }));
            }
        });
        Code { tokens: quote!(#place), form: if lanes { Form::Lanes } else { Form::Int } }
    }
}
