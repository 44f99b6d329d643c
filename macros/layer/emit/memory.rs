//! Where each tensor is kept: the views that a function opens with, and how much memory they take.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};

use super::super::ir::{IndexId, Rate, Role, TensorId};
use super::super::lower::Step;
use super::function::Functions;
use super::steps::mentioned;

impl Functions<'_> {
    pub(super) fn total(&self, tensors: &[TensorId]) -> TokenStream {
        let sizes = &self.sizes;
        tensors
            .iter()
            .map(|id| {
                let size = self.names.size(*id);
                quote!(#sizes #size)
            })
            .reduce(|a, b| quote!(#a + #b))
            .unwrap_or_else(|| quote!(0))
    }

    pub(super) fn shared(&self, rate: Rate) -> Vec<TensorId> {
        self.layer
            .tensors_of(|role| *role == Role::Let)
            .into_iter()
            .filter(|id| self.layer.tensor(*id).rate == rate && self.layer.definition(*id).is_some())
            .collect()
    }

    pub(super) fn memory(&self) -> TokenStream {
        let [once, step] = [Rate::Once, Rate::Step].map(|rate| self.total(&self.shared(rate)));
        let [saved, scratch, backward] =
            [&self.saved, &self.scratch, &self.backward].map(|tensors| self.total(tensors));
        let contractions = self.contractions.borrow();
        let room = |back: bool| {
            let all =
                contractions.iter().filter(|described| described.backward == back).map(|described| &described.room);
            quote!(_words::most(&[#(#all),*]))
        };
        let (room_forward, room_back) = (room(false), room(true));
        quote!(_words::Memory { once: #once, step: #step, saved: #saved, forward: #scratch + #room_forward, backward: #backward + #room_back })
    }

    /// Whether the backward code reads a tensor's values.
    pub(super) fn kept(&self, tensor: TensorId) -> bool {
        self.program.backward.iter().any(|needed| mentioned(&needed.step).contains(&tensor))
    }

    /// What is known of the contractions where the layer stands; complete once all steps are written.
    pub(super) fn contractions(&self) -> TokenStream {
        self.contractions.borrow().iter().map(|described| described.consts.clone()).collect()
    }

    /// The function that makes the plans of the contractions.
    pub(super) fn plans(&self) -> TokenStream {
        let contractions = self.contractions.borrow();
        if contractions.is_empty() {
            return quote!();
        }
        let plans = contractions.iter().map(|described| &described.plan);
        quote! {
            fn plans(
                plans_now: &mut _words::Plans,
                (samples_now, backward_now): (::core::primitive::usize, ::core::primitive::bool),
            ) {
                #(#plans)*
            }
        }
    }

    /// `let (a_data, rest_now) = rest_now.split_at(a_size);` for each of them; nothing for those that nobody mentions at the end.
    pub(super) fn split(
        &self,
        whole: &TokenStream,
        tensors: &[TensorId],
        used: &BTreeSet<TensorId>,
        mutable: bool,
    ) -> TokenStream {
        let Some(last) = tensors.iter().rposition(|id| used.contains(id)) else { return quote!() };
        let rest = format_ident!("rest_now", span = Span::mixed_site());
        let word = if mutable { quote!(split_at_mut) } else { quote!(split_at) };
        let sizes = &self.sizes;
        let mut all = if mutable { quote!(let #rest = &mut *#whole;) } else { quote!(let #rest = #whole;) };
        for id in &tensors[..=last] {
            let (data, size) = (self.names.data(*id), self.names.size(*id));
            let data = if used.contains(id) { quote!(#data) } else { quote!(_) };
            let length = match self.layer.tensor(*id).rate {
                Rate::Sample => quote!(tiles_now * #sizes #size),
                _ => quote!(#sizes #size),
            };
            all.extend(quote!(let (#data, #rest) = #rest.#word(#length);));
        }
        all
    }

    /// Scratch tensors, and behind them the room for contractions.
    pub(super) fn scratch<'b>(
        &self,
        tensors: &[TensorId],
        used: &BTreeSet<TensorId>,
        mut steps: impl Iterator<Item = &'b Step>,
    ) -> TokenStream {
        let scratch = self.split(&quote!(frame_now.scratch), tensors, used, true);
        let rest = format_ident!("rest_now", span = Span::mixed_site());
        match (steps.any(|step| matches!(step, Step::Contract(_))), scratch.is_empty()) {
            (false, _) => scratch,
            (true, true) => quote!(let room_now = &mut *frame_now.scratch;),
            (true, false) => quote!(#scratch let room_now = #rest;),
        }
    }

    pub(super) fn lens(&self) -> TokenStream {
        self.lens_of(&|_| true)
    }

    /// Those of these names.
    pub(super) fn lens_of(&self, wanted: &dyn Fn(&str) -> bool) -> TokenStream {
        let sizes = &self.sizes;
        let own = (1..self.layer.indices.len()).map(IndexId).filter(|id| self.layer.origin(*id) == *id);
        let lens = own.map(|id| self.names.len(id)).filter(|len| wanted(&len.to_string()));
        quote!(#(let #lens = #sizes #lens;)*)
    }

    pub(super) fn params(&self) -> Vec<TensorId> {
        self.layer.params.iter().map(|param| param.tensor).collect()
    }

    pub(super) fn gradients(&self, of: &[TensorId]) -> Vec<TensorId> {
        of.iter().filter_map(|id| self.layer.tensors_of(|role| *role == Role::Gradient(*id)).first().copied()).collect()
    }

    /// Views of gradients; empty ones where the parameters do not learn.
    pub(super) fn split_gradients(
        &self,
        whole: &TokenStream,
        of: &[TensorId],
        used: &BTreeSet<TensorId>,
        exist: &TokenStream,
    ) -> TokenStream {
        let pairs: Vec<(TensorId, Option<TensorId>)> =
            of.iter().map(|id| (*id, self.gradients(&[*id]).first().copied())).collect();
        let wanted = |gradient: &Option<TensorId>| gradient.is_some_and(|g| used.contains(&g));
        let Some(last) = pairs.iter().rposition(|(_, gradient)| wanted(gradient)) else { return quote!() };
        let rest = format_ident!("rest_now", span = Span::mixed_site());
        let sizes = &self.sizes;
        let mut all = quote!(let #rest = &mut *#whole;);
        for (id, gradient) in &pairs[..=last] {
            let size = self.names.size(*id);
            let data = match gradient {
                Some(gradient) if wanted(&Some(*gradient)) => {
                    let data = self.names.data(*gradient);
                    quote!(#data)
                }
                _ => quote!(_),
            };
            all.extend(quote!(let (#data, #rest) = #rest.split_at_mut(if #exist { #sizes #size } else { 0 });));
        }
        quote!(#all let _ = #rest;)
    }
}
