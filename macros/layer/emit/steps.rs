//! Steps as statements, each under the condition that somebody wants what it leads to.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::super::ir::{Expr, Rate, Role, TensorId};
use super::super::lower::contract::Contract;
use super::super::lower::{Loop, LoopKind, Needed, Nest, NestValue, Step};
use super::contract;
use super::expression::Writer;
use super::function::{Functions, Last};
use super::sizes::arrival;

impl Functions<'_> {
    pub(super) fn steps(&self, steps: &[Step]) -> TokenStream {
        let all = steps.iter().enumerate().map(|(at, step)| self.step(step, at, &quote!(true), false));
        quote!(#(#all)*)
    }

    /// The steps of the forward code: the last of them with what is to be done with the output's elements then.
    pub(super) fn forward_steps(&self) -> TokenStream {
        let steps = &self.program.forward;
        let all = steps.iter().enumerate().map(|(at, step)| {
            if at + 1 == steps.len() && self.finishes() {
                self.last.set(Last::Outputs);
            }
            let code = self.step(step, at, &quote!(true), false);
            self.last.set(Last::Nobodys);
            code
        });
        quote!(#(#all)*)
    }

    pub(super) fn steps_of(&self, steps: &[Needed]) -> TokenStream {
        let all = steps.iter().enumerate().map(|(at, needed)| self.step(&needed.step, at, &quote!(true), true));
        quote!(#(#all)*)
    }

    /// Steps, each under the condition that somebody wants what it leads to.
    pub(super) fn needed(&self, steps: &[Needed]) -> TokenStream {
        let mut all = quote!();
        let mut at = 0;
        while at < steps.len() {
            let end = (at..steps.len()).find(|k| steps[*k].for_whom != steps[at].for_whom).unwrap_or(steps.len());
            let mut wants: Vec<TokenStream> = vec![];
            let mut may: Vec<TokenStream> = vec![];
            for id in &steps[at].for_whom {
                let want = match self.layer.tensor(*id).role {
                    Role::Input => {
                        let number = arrival(self.layer, *id);
                        may.push(quote!(_words::is_ever(Here::WANTS[#number])));
                        quote!(_words::wanted::<Run>(Here::WANTS[#number]))
                    }
                    _ => quote!(Here::TRAINS),
                };
                if !wants.iter().any(|known| known.to_string() == want.to_string()) {
                    if !matches!(self.layer.tensor(*id).role, Role::Input) {
                        may.push(want.clone());
                    }
                    wants.push(want);
                }
            }
            let exists = may.into_iter().reduce(|a, b| quote!(#a || #b)).unwrap_or_else(|| quote!(false));
            let step = |k: usize| {
                let (lent, code) = (self.lent(&steps[k].step), self.gradient_step(steps, k, &exists));
                quote!(#lent #code)
            };
            let body: Vec<TokenStream> = (at..end).map(step).collect();
            let condition = wants.into_iter().reduce(|a, b| quote!(#a || #b)).unwrap_or_else(|| quote!(false));
            all.extend(quote!(if const { #condition } { #(#body)* }));
            at = end;
        }
        all
    }

    /// A step backward. The first that adds to an input's gradient sets it where it is fresh: by itself, if it passes all elements.
    pub(super) fn gradient_step(&self, steps: &[Needed], at: usize, exists: &TokenStream) -> TokenStream {
        let step = &steps[at].step;
        let of_input = |step: &Step| {
            let gradient = target(step)?;
            let Role::Gradient(of) = self.layer.tensor(gradient).role else { return None };
            (self.layer.tensor(of).role == Role::Input).then_some((gradient, of))
        };
        let Some((gradient, input)) = of_input(step) else {
            if self.sets_parameter(steps, at).is_some() {
                *self.fresh.borrow_mut() = Some(quote!(first_now));
            }
            let code = self.step(step, at, exists, true);
            *self.fresh.borrow_mut() = None;
            return code;
        };
        if steps[..at].iter().any(|before| of_input(&before.step).is_some_and(|(known, _)| known == gradient)) {
            return self.step(step, at, exists, true);
        }
        let number = arrival(self.layer, input);
        let fresh = quote!((fresh_now >> #number & 1 == 1));
        let data = self.names.data(gradient);
        if passes_all(step) {
            *self.fresh.borrow_mut() = Some(fresh);
            if self.finishes_back(input) {
                self.last.set(Last::Gradients(number));
            }
            let code = self.step(step, at, exists, true);
            self.last.set(Last::Nobodys);
            *self.fresh.borrow_mut() = None;
            return code;
        }
        let code = self.step(step, at, exists, true);
        quote!(if #fresh { _words::clear(#data); } #code)
    }

    /// The parameter whose gradient a step sets where it is the first that adds to it, if it does: a contraction that passes all elements,
    /// but for conditions on fields alone.
    fn sets_parameter(&self, steps: &[Needed], at: usize) -> Option<TensorId> {
        let Step::Contract(contract) = &steps[at].step else { return None };
        let Role::Gradient(of) = self.layer.tensor(contract.target).role else { return None };
        let first = !steps[..at].iter().any(|before| target(&before.step) == Some(contract.target));
        let all = contract.guard.iter().all(|condition| condition.free_indices().is_empty());
        (first && all && matches!(self.layer.tensor(of).role, Role::Param(_))).then_some(of)
    }

    /// Clears the parameters' gradients that no step sets, where they hold nothing yet.
    pub(super) fn clear_parameters(&self) -> TokenStream {
        let (sizes, steps) = (&self.sizes, &self.program.backward);
        let mut clears = vec![];
        let mut any = false;
        for param in self.params() {
            let size = self.names.size(param);
            let set = (0..steps.len()).find(|at| self.sets_parameter(steps, *at) == Some(param));
            let clear = match set.map(|at| &steps[at].step) {
                Some(Step::Contract(contract)) => {
                    let mut writer = Writer::new(self.layer, self.names);
                    let conditions = contract.guard.iter().map(|condition| writer.expr(condition).tokens);
                    let all = conditions.reduce(|a, b| quote!(#a && #b));
                    let before = writer.finish();
                    all.map(|all| quote!(#before if !(#all) { part_now.fill(Elem::ZERO); }))
                }
                _ => Some(quote!(part_now.fill(Elem::ZERO);)),
            };
            any |= clear.is_some();
            clears.push(quote!(let (part_now, rest_now) = rest_now.split_at_mut(#sizes #size); #clear));
        }
        if !any {
            return quote!();
        }
        quote! {
            if const { Here::TRAINS } && frame_now.first {
                let rest_now = &mut frame_now.gradients[..];
                #(#clears)*
                let _ = (part_now, rest_now);
            }
        }
    }

    /// Whether a single step adds to each parameter's gradient: a contraction, with conditions on fields alone.
    pub(super) fn adds_once(&self) -> bool {
        let steps = &self.program.backward;
        let gradient_of = |param: TensorId| {
            let to = |at: &usize| target(&steps[*at].step).map(|to| &self.layer.tensor(to).role);
            let mut adding = (0..steps.len()).filter(move |at| to(at) == Some(&Role::Gradient(param)));
            (adding.next(), adding.next())
        };
        let once = |param: &TensorId| match gradient_of(*param) {
            (Some(at), None) => self.sets_parameter(steps, at) == Some(*param),
            _ => false,
        };
        self.params().iter().all(once)
    }

    /// Whether the forward code has loops of its own, beside contractions, and the backward code likewise.
    pub(super) fn in_lanes(&self) -> [bool; 2] {
        let is_nest = |step: &Step| matches!(step, Step::Nest(_));
        [self.program.forward.iter().any(is_nest), self.program.backward.iter().any(|needed| is_nest(&needed.step))]
    }

    /// Whether the backward code can run part by part, along the outermost index of what each contraction adds to: there is nothing else in it,
    /// and none reads what another one writes.
    pub(super) fn in_parts(&self) -> bool {
        let steps = &self.program.backward;
        let contracts: Vec<&Contract> = steps
            .iter()
            .filter_map(|needed| match &needed.step {
                Step::Contract(contract) => Some(contract),
                _ => None,
            })
            .collect();
        if contracts.len() < 2 || contracts.len() < steps.len() || !self.adds_once() {
            return false;
        }
        let reads = |contract: &Contract, id: TensorId| {
            let right = contract.right.as_ref().is_some_and(|side| side.tensor == id);
            contract.left.tensor == id || right || contract.bias.as_ref().is_some_and(|(_, side)| side.tensor == id)
        };
        let apart = |(at, one): (usize, &&Contract)| {
            contracts[at + 1..]
                .iter()
                .all(|other| one.target != other.target && !reads(one, other.target) && !reads(other, one.target))
        };
        contracts.iter().enumerate().all(apart)
    }

    /// The inputs whose gradients the backward code sets where they are fresh: all that have any, as bits.
    pub(super) fn sets(&self) -> u32 {
        let given = |id: &TensorId| {
            self.program
                .backward
                .iter()
                .filter_map(|needed| target(&needed.step))
                .any(|to| self.layer.tensor(to).role == Role::Gradient(*id))
        };
        let inputs = self.layer.tensors_of(|role| *role == Role::Input);
        inputs.into_iter().filter(given).map(|id| 1 << arrival(self.layer, id)).sum()
    }

    pub(super) fn step(&self, step: &Step, number: usize, exists: &TokenStream, backward: bool) -> TokenStream {
        match step {
            Step::Clear(tensor) => {
                let data = self.names.data(*tensor);
                quote!(_words::clear(#data);)
            }
            Step::Contract(contract) => {
                let number = self.contractions.borrow().len();
                let described = contract::described(self, contract, number, exists, backward);
                self.contractions.borrow_mut().push(described);
                contract::call(self, contract, number, backward)
            }
            Step::Nest(nest) => {
                if let Some(cut) = self.cut(step, nest) {
                    return self.shared_nest(step, nest, cut, number);
                }
                let mut writer = Writer::new(self.layer, self.names);
                self.nest(&mut writer, nest, number, None);
                self.of_each_tile(step, nest, writer.finish())
            }
        }
    }

    /// A nest for one tile after the other, if it is about samples.
    pub(super) fn of_each_tile(&self, step: &Step, nest: &Nest, body: TokenStream) -> TokenStream {
        let views = self.views(step, nest);
        let of_samples = self.layer.tensor(nest.target).rate == Rate::Sample;
        if !of_samples && views.is_empty() {
            return body;
        }
        let sizes = &self.sizes;
        let target = of_samples.then(|| {
            let (data, size) = (self.names.data(nest.target), self.names.size(nest.target));
            quote!(let #data = &mut #data[tile_now * #sizes #size..][..#sizes #size];)
        });
        let draws = matches!(nest.value, NestValue::Draw(..)).then(|| quote!(let draws_now = &draws_now[tile_now];));
        quote! {
            for tile_now in 0..tiles_now {
                #views
                #target
                #draws
                #body
            }
        }
    }

    /// What a nest reads of a tile.
    pub(super) fn views(&self, step: &Step, nest: &Nest) -> TokenStream {
        let of_samples = |id: &TensorId| self.layer.tensor(*id).rate == Rate::Sample;
        let read = mentioned(step).into_iter().filter(|id| of_samples(id) && *id != nest.target);
        let views = read.map(|id| {
            let (sizes, data, size) = (&self.sizes, self.names.data(id), self.names.size(id));
            quote!(let #data = &#data[tile_now * #sizes #size..][..#sizes #size];)
        });
        quote!(#(#views)*)
    }
}

/// The tensors that a step mentions.
pub(super) fn mentioned(step: &Step) -> BTreeSet<TensorId> {
    let mut all = BTreeSet::new();
    let mut expr = |e: &Expr| {
        e.visit(&mut |part| {
            if let Expr::Read(tensor, ..) = part {
                all.insert(*tensor);
            }
        });
    };
    match step {
        Step::Clear(_) => {}
        Step::Contract(contract) => {
            all.insert(contract.left.tensor);
            all.extend(contract.right.as_ref().map(|side| side.tensor));
            all.extend(contract.bias.as_ref().map(|(_, side)| side.tensor));
        }
        Step::Nest(nest) => {
            for loops in [Some(&nest.outer), nest.inner.as_ref()].into_iter().flatten() {
                loops.before.iter().chain(&loops.masks).for_each(&mut expr);
                for one in &loops.loops {
                    one.conditions.iter().for_each(&mut expr);
                    if let super::super::lower::LoopKind::Range { lows, highs } = &one.kind {
                        lows.iter().chain(highs).for_each(&mut expr);
                    }
                }
            }
            nest.position.iter().for_each(&mut expr);
            nest.inside.iter().for_each(|(e, _)| expr(e));
            match &nest.value {
                NestValue::Formula(value) => expr(value),
                NestValue::Draw(_, arguments) => arguments.iter().for_each(expr),
            }
        }
    }
    all
}

/// Whether a step stores every element of its target.
pub(super) fn passes_all(step: &Step) -> bool {
    match step {
        Step::Clear(_) => true,
        Step::Contract(contract) => contract.guard.is_empty(),
        Step::Nest(nest) => {
            let plain = |one: &Loop| {
                one.conditions.is_empty()
                    && matches!(&one.kind, LoopKind::Range { lows, highs } if lows.is_empty() && highs.is_empty())
            };
            nest.inner.is_none()
                && nest.inside.is_empty()
                && nest.outer.before.is_empty()
                && nest.outer.loops.iter().all(plain)
                && nest.position.iter().all(|p| matches!(p, Expr::Index(_)))
        }
    }
}

pub(super) fn target(step: &Step) -> Option<TensorId> {
    match step {
        Step::Clear(tensor) => Some(*tensor),
        Step::Nest(nest) => Some(nest.target),
        Step::Contract(contract) => Some(contract.target),
    }
}
