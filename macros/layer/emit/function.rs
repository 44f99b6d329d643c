//! The functions of a kernel: where each tensor is kept, and the steps as statements.

use std::cell::RefCell;
use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};

use super::super::ir::{Distribution, Expr, Layer, Rate, Reduction, Role, TensorId};
use super::super::lower::{Loop, LoopKind, Needed, Nest, NestValue, Program, Step, Store};
use super::contract::{self, Described};
use super::expression::{Code, Form, Writer};
use super::names::Names;
use super::sizes::arrival;

pub(super) struct Functions<'a> {
    pub layer: &'a Layer,
    pub names: &'a Names,
    pub program: &'a Program,
    /// `WindowSizes::<Here>::`
    pub sizes: TokenStream,
    /// Tensors of a tile that the backward steps read.
    saved: Vec<TensorId>,
    /// Those that only the forward steps read.
    scratch: Vec<TensorId>,
    /// Tensors that the backward steps make.
    backward: Vec<TensorId>,
    /// The contractions, in the order of their calls.
    contractions: RefCell<Vec<Described>>,
    /// Whether the gradient that the step at hand adds to holds nothing yet.
    pub fresh: RefCell<Option<TokenStream>>,
}

/// The tensors that a step mentions.
fn mentioned(step: &Step) -> BTreeSet<TensorId> {
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

impl<'a> Functions<'a> {
    pub(super) fn new(layer: &'a Layer, names: &'a Names, program: &'a Program, sizes: TokenStream) -> Functions<'a> {
        let read_back: BTreeSet<TensorId> =
            program.backward.iter().flat_map(|needed| mentioned(&needed.step)).collect();
        let mine = |id: &TensorId| {
            matches!(layer.tensor(*id).role, Role::Let | Role::Draw) && layer.tensor(*id).rate == Rate::Sample
        };
        let made: Vec<TensorId> = program.forward.iter().filter_map(target).filter(mine).collect();
        let (saved, scratch) = made.into_iter().partition(|id| read_back.contains(id));
        let mut backward: Vec<TensorId> = vec![];
        for id in program.backward.iter().filter_map(|needed| target(&needed.step)) {
            let own = layer.tensor(id).rate == Rate::Sample
                && match layer.tensor(id).role {
                    Role::Gradient(of) => !matches!(layer.tensor(of).role, Role::Input),
                    _ => true,
                };
            if own && !backward.contains(&id) {
                backward.push(id);
            }
        }
        Functions {
            layer,
            names,
            program,
            sizes,
            saved,
            scratch,
            backward,
            contractions: RefCell::default(),
            fresh: RefCell::default(),
        }
    }

    fn total(&self, tensors: &[TensorId]) -> TokenStream {
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

    fn shared(&self, rate: Rate) -> Vec<TensorId> {
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
            fn plans(plans_now: &mut _words::Plans) {
                #(#plans)*
            }
        }
    }

    // Where the tensors are

    /// `let (a_data, rest_now) = rest_now.split_at(a_size);` for each of them; nothing for those that nobody mentions at the end.
    fn split(
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
        let mut all = quote!(let #rest = #whole;);
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
    fn scratch<'b>(
        &self,
        tensors: &[TensorId],
        used: &BTreeSet<TensorId>,
        mut steps: impl Iterator<Item = &'b Step>,
    ) -> TokenStream {
        let scratch = self.split(&quote!(frame_now.scratch), tensors, used, true);
        let rest = format_ident!("rest_now", span = Span::mixed_site());
        match (steps.any(|step| matches!(step, Step::Contract(_))), scratch.is_empty()) {
            (false, _) => scratch,
            (true, true) => quote!(let room_now = frame_now.scratch;),
            (true, false) => quote!(#scratch let room_now = #rest;),
        }
    }

    pub(super) fn lens(&self) -> TokenStream {
        let sizes = &self.sizes;
        let lens = (1..self.layer.indices.len())
            .map(super::super::ir::IndexId)
            .filter(|id| self.layer.origin(*id) == *id)
            .map(|id| {
                let len = self.names.len(id);
                quote!(let #len = #sizes #len;)
            });
        quote!(#(#lens)*)
    }

    fn params(&self) -> Vec<TensorId> {
        self.layer.params.iter().map(|param| param.tensor).collect()
    }

    fn gradients(&self, of: &[TensorId]) -> Vec<TensorId> {
        of.iter().filter_map(|id| self.layer.tensors_of(|role| *role == Role::Gradient(*id)).first().copied()).collect()
    }

    // Functions

    pub(super) fn once(&self) -> TokenStream {
        if self.program.once.is_empty() {
            return quote!(
                fn once<Elem: _words::Element>(_: &mut [Elem]) {}
            );
        }
        let all = self.shared(Rate::Once);
        let views = self.split(&quote!(once_now), &all, &all.iter().copied().collect(), true);
        let body = self.steps(&self.program.once);
        let lens = self.lens();
        quote! {
            fn once<Elem: _words::Element>(once_now: &mut [Elem]) {
                #lens
                #views
                #body
            }
        }
    }

    pub(super) fn prepare(&self) -> TokenStream {
        if self.program.prepare.is_empty() {
            return quote!(
                fn prepare<Elem: _words::Element>(_: _words::Prepare<'_, Elem>) {}
            );
        }
        let used: BTreeSet<TensorId> = self.program.prepare.iter().flat_map(mentioned).collect();
        let step = self.shared(Rate::Step);
        let views = [
            self.split(&quote!(frame_now.parameters), &self.params(), &used, false),
            self.split(&quote!(frame_now.once), &self.shared(Rate::Once), &used, false),
            self.split(&quote!(frame_now.step), &step, &step.iter().copied().collect(), true),
        ];
        let body = self.steps(&self.program.prepare);
        let lens = self.lens();
        quote! {
            fn prepare<Elem: _words::Element>(frame_now: _words::Prepare<'_, Elem>) {
                let training_now = frame_now.training;
                #lens
                #(#views)*
                #body
            }
        }
    }

    pub(super) fn forward(&self) -> TokenStream {
        let used: BTreeSet<TensorId> =
            self.program.forward.iter().flat_map(|step| mentioned(step).into_iter().chain(target(step))).collect();
        let inputs = self.inputs(&used);
        let outputs = self.layer.outputs().into_iter().map(|id| self.names.data(id));
        let views = [
            self.split(&quote!(frame_now.parameters), &self.params(), &used, false),
            self.split(&quote!(frame_now.once), &self.shared(Rate::Once), &used, false),
            self.split(&quote!(frame_now.step), &self.shared(Rate::Step), &used, false),
            self.split(&quote!(frame_now.saved), &self.saved, &used, true),
            self.scratch(&self.scratch, &used, self.program.forward.iter()),
        ];
        let body = self.steps(&self.program.forward);
        let lens = self.lens();
        quote! {
            #[inline(always)]
            fn forward<Isa: _words::Simd, Elem: _words::Element>(simd_now: Isa, frame_now: _words::Forward<'_, Elem>) {
                let (training_now, draws_now, plans_now) = (frame_now.training, frame_now.draws, frame_now.plans);
                let (tiles_now, threads_now) = (frame_now.tiles, frame_now.threads);
                #lens
                #inputs
                let [#(#outputs),*] = frame_now.outputs else { return };
                #(#views)*
                #body
            }
        }
    }

    fn inputs(&self, used: &BTreeSet<TensorId>) -> TokenStream {
        let all = self.layer.arrivals().into_iter().enumerate().filter(|(_, id)| used.contains(id)).map(|(at, id)| {
            let data = self.names.data(id);
            quote!(let #data = frame_now.inputs[#at];)
        });
        quote!(#(#all)*)
    }

    pub(super) fn backward(&self) -> TokenStream {
        if self.program.backward.is_empty() {
            return quote! {
                #[inline(always)]
                fn backward<Isa: _words::Simd, Elem: _words::Element, Run: _words::Pass>(_: Isa, _: _words::Backward<'_, Elem>) {}
            };
        }
        let used: BTreeSet<TensorId> =
            self.program.backward.iter().flat_map(|n| mentioned(&n.step).into_iter().chain(target(&n.step))).collect();
        let inputs = self.inputs(&used);
        let outputs =
            self.layer.outputs().into_iter().enumerate().filter(|(_, id)| used.contains(id)).map(|(at, id)| {
                let data = self.names.data(id);
                quote!(let #data = frame_now.outputs[#at];)
            });
        let mut cotangents = quote!();
        for (at, id) in self.layer.outputs().into_iter().enumerate() {
            let Some(gradient) = self.gradients(&[id]).first().copied() else { continue };
            if used.contains(&gradient) && !self.backward.contains(&gradient) {
                let data = self.names.data(gradient);
                cotangents.extend(quote!(let #data = frame_now.output_gradients[#at];));
            }
        }
        let wanted = self.layer.arrivals().into_iter().map(|id| match self.gradients(&[id]).first() {
            Some(gradient) if used.contains(gradient) => {
                let data = self.names.data(*gradient);
                quote!(#data)
            }
            _ => quote!(_),
        });
        let views = [
            self.split(&quote!(frame_now.parameters), &self.params(), &used, false),
            self.split(&quote!(frame_now.once), &self.shared(Rate::Once), &used, false),
            self.split(&quote!(frame_now.step), &self.shared(Rate::Step), &used, false),
            self.split(&quote!(frame_now.saved), &self.saved, &used, false),
            self.scratch(&self.backward, &used, self.program.backward.iter().map(|needed| &needed.step)),
            self.split_gradients(&quote!(frame_now.gradients), &self.params(), &used, &quote!(Here::TRAINS)),
            self.split_gradients(&quote!(frame_now.step_gradients), &self.shared(Rate::Step), &used, &quote!(true)),
        ];
        // An output that is read again adds to the cotangent that arrives.
        let mut copies = quote!();
        for (at, id) in self.layer.outputs().into_iter().enumerate() {
            if let Some(gradient) = self.gradients(&[id]).first()
                && self.backward.contains(gradient)
            {
                let data = self.names.data(*gradient);
                copies.extend(quote!(#data.copy_from_slice(frame_now.output_gradients[#at]);));
            }
        }
        let body = self.needed(&self.program.backward);
        let lens = self.lens();
        quote! {
            #[inline(always)]
            fn backward<Isa: _words::Simd, Elem: _words::Element, Run: _words::Pass>(simd_now: Isa, frame_now: _words::Backward<'_, Elem>) {
                let (training_now, draws_now, plans_now) = (frame_now.training, frame_now.draws, frame_now.plans);
                let (tiles_now, threads_now) = (frame_now.tiles, frame_now.threads);
                #lens
                #inputs
                let fresh_now = frame_now.fresh;
                #(#outputs)*
                #cotangents
                let [#(#wanted),*] = frame_now.input_gradients else { return };
                #(#views)*
                #copies
                #body
            }
        }
    }

    pub(super) fn finish(&self) -> TokenStream {
        if self.program.finish.is_empty() {
            return quote!(
                fn finish<Elem: _words::Element>(_: _words::Finish<'_, Elem>) {}
            );
        }
        let used: BTreeSet<TensorId> =
            self.program.finish.iter().flat_map(|n| mentioned(&n.step).into_iter().chain(target(&n.step))).collect();
        let views = [
            self.split(&quote!(frame_now.parameters), &self.params(), &used, false),
            self.split(&quote!(frame_now.once), &self.shared(Rate::Once), &used, false),
            self.split(&quote!(frame_now.step), &self.shared(Rate::Step), &used, false),
            self.split_gradients(&quote!(frame_now.gradients), &self.params(), &used, &quote!(Here::TRAINS)),
            self.split_gradients(&quote!(frame_now.step_gradients), &self.shared(Rate::Step), &used, &quote!(true)),
        ];
        let body = self.steps_of(&self.program.finish);
        let lens = self.lens();
        quote! {
            fn finish<Elem: _words::Element>(frame_now: _words::Finish<'_, Elem>) {
                if !Here::TRAINS {
                    return;
                }
                let training_now = frame_now.training;
                #lens
                #(#views)*
                #body
            }
        }
    }

    /// Views of gradients; empty ones where the parameters do not learn.
    fn split_gradients(
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
        let mut all = quote!(let #rest = #whole;);
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

    // Steps

    fn steps(&self, steps: &[Step]) -> TokenStream {
        let all = steps.iter().enumerate().map(|(at, step)| self.step(step, at, &quote!(true), false));
        quote!(#(#all)*)
    }

    fn steps_of(&self, steps: &[Needed]) -> TokenStream {
        let all = steps.iter().enumerate().map(|(at, needed)| self.step(&needed.step, at, &quote!(true), true));
        quote!(#(#all)*)
    }

    /// Steps, each under the condition that somebody wants what it leads to.
    fn needed(&self, steps: &[Needed]) -> TokenStream {
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
            let body: Vec<TokenStream> = (at..end).map(|k| self.gradient_step(steps, k, &exists)).collect();
            let condition = wants.into_iter().reduce(|a, b| quote!(#a || #b)).unwrap_or_else(|| quote!(false));
            all.extend(quote!(if const { #condition } { #(#body)* }));
            at = end;
        }
        all
    }

    /// A step backward. The first that adds to an input's gradient sets it where it is fresh: by itself, if it passes all elements.
    fn gradient_step(&self, steps: &[Needed], at: usize, exists: &TokenStream) -> TokenStream {
        let step = &steps[at].step;
        let of_input = |step: &Step| {
            let gradient = target(step)?;
            let Role::Gradient(of) = self.layer.tensor(gradient).role else { return None };
            (self.layer.tensor(of).role == Role::Input).then_some((gradient, of))
        };
        let Some((gradient, input)) = of_input(step) else { return self.step(step, at, exists, true) };
        if steps[..at].iter().any(|before| of_input(&before.step).is_some_and(|(known, _)| known == gradient)) {
            return self.step(step, at, exists, true);
        }
        let number = arrival(self.layer, input);
        let fresh = quote!((fresh_now >> #number & 1 == 1));
        let data = self.names.data(gradient);
        if passes_all(step) {
            *self.fresh.borrow_mut() = Some(fresh);
            let code = self.step(step, at, exists, true);
            *self.fresh.borrow_mut() = None;
            return code;
        }
        let code = self.step(step, at, exists, true);
        quote!(if #fresh { _words::clear(#data); } #code)
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

    fn step(&self, step: &Step, number: usize, exists: &TokenStream, backward: bool) -> TokenStream {
        match step {
            Step::Clear(tensor) => {
                let data = self.names.data(*tensor);
                quote!(_words::clear(#data);)
            }
            Step::Contract(contract) => {
                let number = self.contractions.borrow().len();
                let described = contract::described(self, contract, number, exists, backward);
                self.contractions.borrow_mut().push(described);
                contract::call(self, contract, number)
            }
            Step::Nest(nest) => {
                let mut writer = Writer::new(self.layer, self.names);
                self.nest(&mut writer, nest, number);
                self.of_each_tile(step, nest, writer.finish())
            }
        }
    }

    /// A nest for one tile after the other, if it is about samples.
    fn of_each_tile(&self, step: &Step, nest: &Nest, body: TokenStream) -> TokenStream {
        let of_samples = |id: &TensorId| self.layer.tensor(*id).rate == Rate::Sample;
        let read: Vec<TensorId> =
            mentioned(step).into_iter().filter(|id| of_samples(id) && *id != nest.target).collect();
        if !of_samples(&nest.target) && read.is_empty() {
            return body;
        }
        let sizes = &self.sizes;
        let views = read.iter().map(|id| {
            let (data, size) = (self.names.data(*id), self.names.size(*id));
            quote!(let #data = &#data[tile_now * #sizes #size..][..#sizes #size];)
        });
        let target = of_samples(&nest.target).then(|| {
            let (data, size) = (self.names.data(nest.target), self.names.size(nest.target));
            quote!(let #data = &mut #data[tile_now * #sizes #size..][..#sizes #size];)
        });
        let draws = matches!(nest.value, NestValue::Draw(..)).then(|| quote!(let draws_now = &draws_now[tile_now];));
        quote! {
            for tile_now in 0..tiles_now {
                #(#views)*
                #target
                #draws
                #body
            }
        }
    }

    fn nest(&self, writer: &mut Writer<'_>, nest: &Nest, number: usize) {
        writer.loops(&nest.outer, |writer| {
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
            let inside = writer.block(|writer| self.store(writer, nest, number, &indices, codes, &masks));
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
        indices: &[super::super::ir::IndexId],
        codes: Vec<Code>,
        masks: &[TokenStream],
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
            let places = writer.places(indices, codes);
            let value = writer.to_lanes(value);
            let word = if samples { quote!(scatter) } else { quote!(scatter_shared) };
            return writer.say(quote!(_words::#word::<Isa, Elem>(#data, #places, #value);));
        }
        let offset = writer.offset(indices, codes);
        let statement = match (samples, nest.store) {
            (true, Store::Set) => {
                let value = writer.to_lanes(value);
                quote!(_words::store::<Isa, Elem>(#data, #offset, #value);)
            }
            (true, Store::Add) => {
                let value = writer.to_lanes(value);
                match self.fresh.borrow().as_ref() {
                    Some(fresh) => quote!(_words::give(simd_now, #data, #offset, #value, #fresh);),
                    None => quote!(_words::add(simd_now, #data, #offset, #value);),
                }
            }
            (false, store) => {
                let value = if value.form == Form::Lanes {
                    let lanes = value.tokens;
                    quote!(_words::over_samples::<Isa, Elem>(#lanes))
                } else {
                    writer.to_scalar(value)
                };
                let word = if store == Store::Set { quote!(put) } else { quote!(add_shared) };
                quote!(_words::#word(#data, #offset, #value);)
            }
        };
        writer.say(statement);
    }

    fn draw(
        &self,
        writer: &mut Writer<'_>,
        distribution: Distribution,
        arguments: &[Expr],
        number: usize,
        indices: &[super::super::ir::IndexId],
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
        let number = number as u32;
        let tokens = quote!(_words::#word::<Isa, Elem>(simd_now, _words::key(draws_now, Here::NUMBER, #number), #offset, draws_now #(, #arguments)*));
        Code { tokens, form: Form::Lanes }
    }
}

/// Whether a step stores every element of its target.
fn passes_all(step: &Step) -> bool {
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

fn target(step: &Step) -> Option<TensorId> {
    match step {
        Step::Clear(tensor) => Some(*tensor),
        Step::Nest(nest) => Some(nest.target),
        Step::Contract(contract) => Some(contract.target),
    }
}
