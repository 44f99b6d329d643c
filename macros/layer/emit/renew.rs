//! Layers that may work in place: each element of the output is a formula of the same element of the input and of nothing else that
//! differs from sample to sample or from element to element. Nothing moves then, and whoever makes the input can do their work in passing.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::super::ir::{Comparison, Expr, Role, TensorId};
use super::super::lower::along::along;
use super::super::lower::{Nest, NestValue, Step, Store};
use super::super::threshold;
use super::expression::Writer;
use super::function::{Functions, Last};
use super::sizes::arrival;
use super::steps::{mentioned, passes_all, target};

impl Functions<'_> {
    /// What of the kernel tells how it works in place.
    pub(super) fn in_place(&self) -> TokenStream {
        let finishes = self.finishes().then(|| {
            quote!(
                const FINISHES: ::core::primitive::bool = true;
            )
        });
        let inputs = self.layer.tensors_of(|role| *role == Role::Input);
        let back: u32 =
            inputs.into_iter().filter(|id| self.finishes_back(*id)).map(|id| 1 << arrival(self.layer, id)).sum();
        let inputs = self.layer.tensors_of(|role| *role == Role::Input);
        let over: u32 =
            inputs.into_iter().filter(|id| self.overwrites(*id)).map(|id| 1 << arrival(self.layer, id)).sum();
        let overwrites = (over > 0).then(|| quote!(const OVERWRITES: ::core::primitive::u32 = #over;));
        let finishes = quote! {
            #finishes
            const FINISHES_BACK: ::core::primitive::u32 = #back;
            #overwrites
        };
        let Some((input, output, formula)) = self.renewal() else { return finishes };
        let element = format_ident!("element_now");
        let renew = self.renewing(formula, (input, element), quote!(elements_now), None);
        let back = self.renewal_back(input, output).map(|(gradient, formula)| {
            let (element, value) = (format_ident!("gradient_now"), format_ident!("value_now"));
            let value = formula.reads(output).then_some((output, value));
            let renew = self.renewing(formula, (gradient, element), quote!(gradients_now), value);
            let above = where_above(formula, gradient, output).map(|number| {
                quote!(
                    const WHERE_ABOVE: ::core::option::Option<::core::primitive::f64> = ::core::option::Option::Some(#number);
                )
            });
            quote! {
                const RENEWS_BACK: ::core::primitive::bool = true;
                #above
                #[inline(always)]
                fn renew_back<Isa: _words::Simd, Elem: _words::Element>(simd_now: Isa, values_now: &[Elem], gradients_now: &mut [Elem]) { #renew }
            }
        });
        let at_least = threshold::at_least(self.layer).map(|least| {
            quote!(
                const AT_LEAST: ::core::option::Option<::core::primitive::f64> = ::core::option::Option::Some(#least);
            )
        });
        quote! {
            #finishes
            const RENEWS: ::core::primitive::bool = true;
            #at_least
            #[inline(always)]
            fn renew<Isa: _words::Simd, Elem: _words::Element>(simd_now: Isa, elements_now: &mut [Elem]) { #renew }
            #back
        }
    }

    /// Puts what a formula makes of each element in its place; of each and the value beside, where there is one.
    fn renewing(
        &self,
        formula: &Expr,
        (tensor, element): (TensorId, Ident),
        elements: TokenStream,
        value: Option<(TensorId, Ident)>,
    ) -> TokenStream {
        // What stays as it is.
        if matches!(formula, Expr::Read(read, ..) if *read == tensor) {
            return quote!();
        }
        let mut writer = Writer::new(self.layer, self.names);
        writer.at_hand = value.iter().cloned().chain([(tensor, element.clone())]).collect();
        let code = writer.expr(formula);
        let made = writer.to_lanes(code);
        let before = writer.finish();
        match value {
            Some((_, value)) => {
                quote!(_words::renew_back(simd_now, values_now, #elements, #[inline(always)] |#value, #element| { #before #made });)
            }
            None => quote!(_words::renew(simd_now, #elements, #[inline(always)] |#element| { #before #made });),
        }
    }

    /// Whether the last step makes the whole of the only output, and can do more with its elements.
    pub(super) fn finishes(&self) -> bool {
        let (outputs, steps) = (self.layer.outputs(), &self.program.forward);
        let (&[output], Some((step, before))) = (&outputs[..], steps.split_last()) else { return false };
        let is_it = |step: &Step| target(step) == Some(output);
        match step {
            Step::Contract(_) => is_it(step),
            Step::Nest(nest) => {
                let alone = is_it(step) && !before.iter().any(is_it);
                alone && passes_all(step) && self.cut(step, nest).is_some()
            }
            Step::Clear(_) => false,
        }
    }

    /// Whether one step makes the whole gradient of an input, and can do more with its elements.
    pub(super) fn finishes_back(&self, input: TensorId) -> bool {
        let is_it = |step: &&Step| target(step).is_some_and(|to| self.layer.tensor(to).role == Role::Gradient(input));
        let mut steps = self.program.backward.iter().map(|needed| &needed.step).filter(is_it);
        let (Some(step), None) = (steps.next(), steps.next()) else { return false };
        passes_all(step)
            && match step {
                Step::Contract(_) => true,
                Step::Nest(nest) => self.cut(step, nest).is_some(),
                Step::Clear(_) => false,
            }
    }

    /// Whether the gradient of an input may take the place of its values: one nest makes it, in passing, and neither that nor what comes after
    /// reads them.
    pub(super) fn overwrites(&self, input: TensorId) -> bool {
        let steps = &self.program.backward;
        let is_it = |step: &Step| target(step).is_some_and(|to| self.layer.tensor(to).role == Role::Gradient(input));
        let Some(at) = steps.iter().position(|needed| is_it(&needed.step)) else { return false };
        let passing = match &steps[at].step {
            Step::Nest(nest) => self.passes(nest),
            _ => false,
        };
        passing
            && self.finishes_back(input)
            && !steps[at..].iter().any(|needed| mentioned(&needed.step).contains(&input))
    }

    /// The values of the inputs that a step backward reads, where their gradients' place may hold them.
    pub(super) fn lent(&self, step: &Step) -> TokenStream {
        let read =
            mentioned(step).into_iter().filter(|id| self.layer.tensor(*id).role == Role::Input && self.overwrites(*id));
        let lent = read.filter_map(|id| {
            let place = self.names.data(self.gradients(&[id]).first().copied()?);
            let (data, at) = (self.names.data(id), arrival(self.layer, id));
            Some(quote!(let #data = _words::values(frame_now.inputs[#at], &#place[..]);))
        });
        quote!(#(#lent)*)
    }

    /// What the step at hand is to do with the elements that it makes.
    pub(super) fn then(&self) -> TokenStream {
        match self.last.get() {
            Last::Nobodys => quote!(::core::option::Option::None),
            Last::Outputs => quote!(frame_now.then),
            Last::Gradients(input) => quote!(_words::then_with(frame_now.then, #input)),
        }
    }

    /// Whether the nest at hand, which makes an input's gradient, does with it in passing what may be done then: each element is stored once, in
    /// loops inside of the cut one.
    pub(super) fn in_passing(&self, nest: &Nest) -> bool {
        matches!(self.last.get(), Last::Gradients(_)) && self.passes(nest)
    }

    fn passes(&self, nest: &Nest) -> bool {
        let nested = nest.outer.loops.len() > 1 && nest.outer.masks.is_empty();
        nested && along(self.layer, nest).is_none()
    }

    /// The input, the output, and the formula of an element.
    fn renewal(&self) -> Option<(TensorId, TensorId, &Expr)> {
        let layer = self.layer;
        let (arrivals, outputs) = (layer.arrivals(), layer.outputs());
        let (&[input], &[output], [Step::Nest(nest)]) = (&arrivals[..], &outputs[..], &self.program.forward[..]) else {
            return None;
        };
        let [from, to] = [input, output].map(|id| layer.tensor(id));
        let alike = from.indices().len() == to.indices().len()
            && from.indices().iter().zip(to.indices()).all(|(a, b)| layer.origin(*a) == layer.origin(b));
        let plain = from.role == Role::Input && !from.integer && !to.integer && layer.params.is_empty();
        let formula = formula(nest, output, Store::Set)?;
        let shared = self.program.once.is_empty() && self.program.prepare.is_empty();
        (alike && plain && shared && of_elements(nest, formula, &[input]) && formula.reads(input))
            .then_some((input, output, formula))
    }

    /// The gradient that arrives, and the formula of an element of the input's, if it does with that and the output.
    fn renewal_back(&self, input: TensorId, output: TensorId) -> Option<(TensorId, &Expr)> {
        let [needed] = &self.program.backward[..] else { return None };
        let Step::Nest(nest) = &needed.step else { return None };
        let gradient_of = |id: TensorId| self.gradients(&[id]).first().copied();
        let arriving = gradient_of(output)?;
        let formula = formula(nest, gradient_of(input)?, Store::Add)?;
        let is = self.backward.is_empty() && of_elements(nest, formula, &[output, arriving]) && formula.reads(arriving);
        is.then_some((arriving, formula))
    }
}

/// The formula of a plain loop over all elements of a tensor.
fn formula(nest: &Nest, tensor: TensorId, store: Store) -> Option<&Expr> {
    let NestValue::Formula(formula) = &nest.value else { return None };
    let plain = nest.target == tensor && nest.store == store && nest.outer.masks.is_empty();
    (plain && passes_all(&Step::Nest(nest.clone()))).then_some(formula)
}

/// The number, if a formula is the gradient where the output is above a number, and else 0.
fn where_above(formula: &Expr, gradient: TensorId, output: TensorId) -> Option<f64> {
    let Expr::If(three, _) = formula else { return None };
    let [Expr::Compare(Comparison::Less, both), chosen, other] = &**three else { return None };
    let reads = |expr: &Expr, tensor| matches!(expr, Expr::Read(read, ..) if *read == tensor);
    let is = reads(&both[1], output) && reads(chosen, gradient) && threshold::number(other) == Some(0.0);
    threshold::number(&both[0]).filter(|_| is)
}

/// Whether a formula is about the element at hand of some tensors, fields and numbers.
fn of_elements(nest: &Nest, formula: &Expr, tensors: &[TensorId]) -> bool {
    match formula {
        Expr::Read(tensor, positions, _) => tensors.contains(tensor) && *positions == nest.position,
        Expr::Index(_) | Expr::Len(_) | Expr::Element(..) | Expr::Reduce(_) | Expr::Training => false,
        other => other.children().into_iter().all(|part| of_elements(nest, part, tensors)),
    }
}
