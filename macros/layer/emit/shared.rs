//! Nests whose work threads may share: each takes some of the positions of the outermost index, and with them a slice of the target of its
//! own. That is safe where the target's first index is the outermost loop, for then a nest stores nothing outside of the slice.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::super::ir::{Expr, IndexId, Rate};
use super::super::lower::{LoopKind, Loops, Nest, NestValue, Step};
use super::expression::Writer;
use super::function::Functions;
use super::steps::mentioned;

impl Functions<'_> {
    /// The index by which the nest is cut, if it can be.
    pub(super) fn cut(&self, step: &Step, nest: &Nest) -> Option<IndexId> {
        let first = nest.outer.loops.first()?;
        let whole = matches!(&first.kind, LoopKind::Range { lows, highs } if lows.is_empty() && highs.is_empty());
        let own = nest.position.first() == Some(&Expr::Index(first.index));
        let same = self
            .layer
            .tensor(nest.target)
            .indices()
            .first()
            .is_some_and(|index| self.layer.origin(*index) == self.layer.origin(first.index));
        let of_samples = self.layer.tensor(nest.target).rate == Rate::Sample;
        // Places that differ from lane to lane are checked against the whole target.
        let in_lanes = nest.position.iter().any(|position| self.layer.rate_of(position) == Rate::Sample);
        let reads_itself = mentioned(step).contains(&nest.target);
        (whole && own && same && of_samples && !in_lanes && !reads_itself).then_some(first.index)
    }

    /// The nest as a function of some positions of that index, and the call that hands them out. A small nest runs where it stands.
    pub(super) fn shared_nest(&self, step: &Step, nest: &Nest, cut: IndexId, number: usize) -> TokenStream {
        let mut writer = Writer::new(self.layer, self.names);
        self.nest(&mut writer, nest, number, Some(cut));
        let body = writer.finish();
        let (views, own) = (self.views(step, nest), self.own(step, &body));
        let (sizes, data) = (&self.sizes, self.names.data(nest.target));
        let len = self.names.len(self.layer.origin(cut));
        let work = self.work(nest);
        let (then, passing) = (self.then(), self.in_passing(nest));
        quote! {
            let nest_now = _words::nest(#[inline(always)] |nest_now: _words::Rows<'_, Cells>| {
                let (tile_now, mut rows_now) = (nest_now.tile, nest_now);
                #own
                #views
                #body
            });
            if const { _words::is_much(#work) } {
                _words::share_rows(simd_now, (tiles_now, threads_now), (#sizes #len, #work), #data, &nest_now, (#then, #passing));
            } else {
                _words::all_rows(tiles_now, #sizes #len, #data, &nest_now, (#then, #passing));
            }
        }
    }

    /// The locals of the kernel that the nest mentions, anew: what a closure finds where it was made, the compiler knows little of.
    fn own(&self, step: &Step, body: &TokenStream) -> TokenStream {
        let text = body.to_string();
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let lens = self.lens_of(&|name| words.contains(&name));
        let shared = mentioned(step).into_iter().filter(|id| self.layer.tensor(*id).rate != Rate::Sample).map(|id| {
            let data = self.names.data(id);
            quote!(let #data = &#data[..];)
        });
        let rest =
            ["training_now", "fresh_now", "number_now"].into_iter().filter(|name| words.contains(name)).map(|name| {
                let name = format_ident!("{name}");
                quote!(let #name = #name;)
            });
        let draws = words.contains(&"draws_now").then(|| quote!(let draws_now = &draws_now[tile_now];));
        quote!(#lens #(#shared)* #(#rest)* #draws)
    }

    /// What a nest costs for a tile, more or less: how often it comes to the parts of its formula.
    fn work(&self, nest: &Nest) -> TokenStream {
        let product = |indices: &mut dyn Iterator<Item = IndexId>| {
            let sizes = &self.sizes;
            indices.fold(quote!(1), |product, index| {
                let len = self.names.len(self.layer.origin(index));
                quote!(#product * #sizes #len)
            })
        };
        let turns = |loops: &Loops| {
            let ranges = loops.loops.iter().filter(|one| matches!(one.kind, LoopKind::Range { .. }));
            product(&mut ranges.map(|one| one.index))
        };
        let mut each = quote!(1);
        let parts: Vec<&Expr> = match &nest.value {
            NestValue::Formula(value) => vec![value],
            NestValue::Draw(_, arguments) => arguments.iter().collect(),
        };
        let mut count = 8_i64;
        for part in parts {
            part.visit(&mut |part| {
                count += 1;
                if let Expr::Reduce(reduce) = part {
                    let turns = product(&mut reduce.indices.iter().copied());
                    each.extend(quote!(+ #turns));
                }
            });
        }
        if let Some(inner) = &nest.inner {
            let turns = turns(inner);
            each.extend(quote!(+ #turns));
        }
        let outer = turns(&nest.outer);
        quote!((#outer) * (#each) * #count)
    }
}
