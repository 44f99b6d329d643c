//! The functions of a kernel, put together from views (`memory`) and statements (`steps`).

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::super::ir::{Layer, Rate, Role, TensorId, tensors};
use super::super::lower::Program;
use super::contract::Described;
use super::names::Names;
use super::steps::{mentioned, target};

pub(super) struct Functions<'a> {
    pub layer: &'a Layer,
    pub names: &'a Names,
    pub program: &'a Program,
    /// `WindowSizes::<Here>::`
    pub sizes: TokenStream,
    /// Tensors of a tile that the backward steps read.
    pub(super) saved: Vec<TensorId>,
    /// Those that only the forward steps read.
    pub(super) scratch: Vec<TensorId>,
    /// Tensors that the backward steps make.
    pub(super) backward: Vec<TensorId>,
    /// The contractions, in the order of their calls.
    pub(super) contractions: RefCell<Vec<Described>>,
    /// Whether the gradient that the step at hand adds to holds nothing yet.
    pub(super) fresh: RefCell<Option<TokenStream>>,
    /// Whether the step at hand is the last that makes the output, or an input's gradient, and does with its elements what is to be done then.
    pub(super) last: Cell<Last>,
}

/// Whose elements a step is the last to make.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Last {
    #[default]
    Nobodys,
    Outputs,
    /// Those of the gradient of an input, by its number.
    Gradients(usize),
}

impl<'a> Functions<'a> {
    pub(super) fn new(layer: &'a Layer, names: &'a Names, program: &'a Program, sizes: TokenStream) -> Functions<'a> {
        let read_back = tensors(program.backward.iter().flat_map(|needed| mentioned(&needed.step)));
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
            last: Cell::default(),
        }
    }

    pub(super) fn once(&self) -> TokenStream {
        if self.program.once.is_empty() {
            return quote!(
                fn once<Elem: _words::Element>(_: &mut [Elem]) {}
            );
        }
        let all = self.shared(Rate::Once);
        let views = self.split(&quote!(once_now), &all, &tensors(all.iter().copied()), true);
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
        let used = tensors(self.program.prepare.iter().flat_map(mentioned));
        let step = self.shared(Rate::Step);
        let views = [
            self.split(&quote!(frame_now.parameters), &self.params(), &used, false),
            self.split(&quote!(frame_now.once), &self.shared(Rate::Once), &used, false),
            self.split(&quote!(frame_now.step), &step, &tensors(step.iter().copied()), true),
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
        let used =
            tensors(self.program.forward.iter().flat_map(|step| mentioned(step).into_iter().chain(target(step))));
        let inputs = self.inputs(&used);
        let outputs = self.layer.outputs().into_iter().map(|id| self.names.data(id));
        let views = [
            self.split(&quote!(frame_now.parameters), &self.params(), &used, false),
            self.split(&quote!(frame_now.once), &self.shared(Rate::Once), &used, false),
            self.split(&quote!(frame_now.step), &self.shared(Rate::Step), &used, false),
            self.split(&quote!(frame_now.saved), &self.saved, &used, true),
            self.scratch(&self.scratch, &used, self.program.forward.iter()),
        ];
        let body = self.forward_steps();
        let lens = self.lens();
        quote! {
            #[inline(always)]
            fn forward<Isa: _words::Simd, Elem: _words::Element, Cells: _words::Cell<Element = Elem>>(simd_now: Isa, frame_now: &mut _words::Forward<'_, Cells>) {
                let (training_now, draws_now) = (frame_now.training, frame_now.draws);
                let (level_now, plans_now) = (frame_now.level, frame_now.plans);
                let (tiles_now, threads_now, number_now) = (frame_now.tiles, frame_now.threads, frame_now.number);
                #lens
                #inputs
                let [#(#outputs),*] = &mut *frame_now.outputs else { return };
                #(#views)*
                #body
            }
        }
    }

    pub(super) fn inputs(&self, used: &BTreeSet<TensorId>) -> TokenStream {
        let all = self.layer.arrivals().into_iter().enumerate().filter(|(_, id)| used.contains(id)).map(|(at, id)| {
            let data = self.names.data(id);
            quote!(let #data = frame_now.inputs[#at];)
        });
        quote!(#(#all)*)
    }

    pub(super) fn backward(&self) -> TokenStream {
        let clear = self.clear_parameters();
        if self.program.backward.is_empty() {
            return quote! {
                #[inline(always)]
                fn backward<Isa: _words::Simd, Elem: _words::Element, Cells: _words::Cell<Element = Elem>, Run: _words::Pass>(_: Isa, frame_now: &mut _words::Backward<'_, Cells>) {
                    #clear
                    let _ = frame_now;
                }
            };
        }
        let used =
            tensors(self.program.backward.iter().flat_map(|n| mentioned(&n.step).into_iter().chain(target(&n.step))));
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
            fn backward<Isa: _words::Simd, Elem: _words::Element, Cells: _words::Cell<Element = Elem>, Run: _words::Pass>(simd_now: Isa, frame_now: &mut _words::Backward<'_, Cells>) {
                let (training_now, draws_now) = (frame_now.training, frame_now.draws);
                let (level_now, plans_now) = (frame_now.level, frame_now.plans);
                let (tiles_now, threads_now, number_now) = (frame_now.tiles, frame_now.threads, frame_now.number);
                #lens
                #inputs
                let (fresh_now, first_now) = (frame_now.fresh, frame_now.first);
                #clear
                #(#outputs)*
                #cotangents
                let [#(#wanted),*] = &mut *frame_now.input_gradients else { return };
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
        let used =
            tensors(self.program.finish.iter().flat_map(|n| mentioned(&n.step).into_iter().chain(target(&n.step))));
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
}
