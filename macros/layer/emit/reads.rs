//! Reads of tensors: positions become offsets, or one place for each lane; what may lie outside is guarded or folded back.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::ir::{Expr, IndexId, Outside, Rate, TensorId};
use super::super::lower::along;
use super::expression::{Code, Form, Writer};

impl Writer<'_> {
    pub(super) fn read(&mut self, tensor: TensorId, positions: &[Expr]) -> Code {
        if let Some((_, name)) = self.at_hand.iter().find(|(known, _)| *known == tensor) {
            return Code { tokens: quote!(#name), form: Form::Lanes };
        }
        let declared = self.layer.tensor(tensor);
        let indices = declared.indices();
        let codes: Vec<Code> = positions.iter().map(|p| self.expr(p)).collect();
        let codes: Vec<Code> =
            codes.into_iter().zip(positions).map(|(code, position)| self.named(code, position)).collect();
        let steps: Vec<Option<TokenStream>> = positions.iter().map(|position| self.step(position)).collect();
        // What may leave the range, unless it is a bare index of that extent.
        let loose: Vec<bool> = positions
            .iter()
            .zip(&indices)
            .map(|(p, index)| !matches!(p, Expr::Index(i) if self.layer.origin(*i) == self.layer.origin(*index)))
            .collect();
        match declared.outside.clone() {
            Some(Outside::Value(value)) if loose.contains(&true) => {
                let value = self.expr(&value);
                self.guarded(tensor, &indices, codes, &steps, &loose, value)
            }
            Some(mode) => {
                let folded = codes
                    .into_iter()
                    .zip(&indices)
                    .zip(&loose)
                    .map(|((code, index), loose)| if *loose { self.folded(code, *index, &mode) } else { code })
                    .collect();
                self.element(tensor, &indices, folded, &steps)
            }
            None => self.element(tensor, &indices, codes, &steps),
        }
    }

    /// A position that is used more than once gets a name.
    pub(super) fn named(&mut self, code: Code, position: &Expr) -> Code {
        if matches!(position, Expr::Index(_) | Expr::Int(_)) || code.form == Form::Scalar {
            return code;
        }
        let name = self.fresh("position");
        let tokens = code.tokens;
        self.say(quote!(let #name = #tokens;));
        Code { tokens: quote!(#name), form: code.form }
    }

    /// How far the index in the lanes moves a position, for a step of its own.
    fn step(&mut self, position: &Expr) -> Option<TokenStream> {
        let factor = along::step(self.layer, position, self.along?)?;
        Some(self.expr(&factor).tokens)
    }

    fn guarded(
        &mut self,
        tensor: TensorId,
        indices: &[IndexId],
        codes: Vec<Code>,
        steps: &[Option<TokenStream>],
        loose: &[bool],
        value: Code,
    ) -> Code {
        let left = self.along.map(|index| self.names.left(index));
        let mut scalar: Vec<TokenStream> = vec![];
        let mut masks: Vec<TokenStream> = vec![];
        let mut moved: Vec<TokenStream> = vec![];
        for (((code, index), step), _) in codes.iter().zip(indices).zip(steps).zip(loose).filter(|(_, loose)| **loose) {
            let (position, len) = (&code.tokens, self.constants.len(*index));
            match (code.form, step, &left) {
                (Form::Lanes, ..) => {
                    let zero = quote!(_words::splat(simd_now, _words::number::<Elem>(0.0)));
                    masks.push(quote!((_words::less_equal(#zero, #position) & _words::less(#position, _words::splat(simd_now, _words::real::<Elem>(#len))))));
                }
                (_, Some(step), Some(left)) => {
                    scalar.push(quote!(_words::touches::<Cells>(#position, #step, #left, #len)));
                    moved.push(quote!((#position, #step, #left, #len)));
                }
                _ => scalar.push(quote!((0 <= #position && #position < #len))),
            }
        }
        let inside = self.element(tensor, indices, codes, steps);
        let lanes = inside.form == Form::Lanes;
        let (found, other) = if lanes {
            (self.to_lanes(inside), self.to_lanes(value))
        } else {
            (self.to_scalar(inside), self.to_scalar(value))
        };
        let form = if lanes { Form::Lanes } else { Form::Scalar };
        let found = match masks.into_iter().reduce(|a, b| quote!(#a & #b)) {
            Some(mask) => quote!(_words::select(#mask, #found, #other)),
            None => found,
        };
        let found = moved
            .into_iter()
            .fold(found, |found, position| quote!(_words::within::<Isa, Cells>(simd_now, #position, #found, #other)));
        let tokens = match scalar.into_iter().reduce(|a, b| quote!(#a && #b)) {
            Some(condition) => {
                let name = self.fresh("read");
                self.say(quote!(let #name = if #condition { #found } else { #other };));
                quote!(#name)
            }
            None => found,
        };
        Code { tokens, form }
    }

    /// `nearest`, `wrap`, `reflect`: a position that is always in range.
    pub(super) fn folded(&mut self, code: Code, index: IndexId, mode: &Outside) -> Code {
        let len = self.constants.len(index);
        if code.form == Form::Lanes {
            let at = code.tokens;
            let whole = |value: TokenStream| quote!(_words::splat(simd_now, _words::real::<Elem>(#value)));
            let (zero, last, all) = (whole(quote!(0)), whole(quote!(#len - 1)), whole(len.clone()));
            let tokens = match mode {
                Outside::Nearest => quote!(_words::min(_words::max(#at, #zero), #last)),
                Outside::Wrap => quote!(_words::rem_floor(#at, #all)),
                _ => {
                    let period = self.fresh("period");
                    let folded = self.fresh("folded");
                    let value = whole(quote!(_words::greatest(2 * (#len - 1), 1)));
                    self.say(quote!(let #period = #value; let #folded = _words::rem_floor(#at, #period);));
                    quote!(_words::min(#folded, #period - #folded))
                }
            };
            return Code { tokens, form: Form::Lanes };
        }
        let at = code.tokens;
        let tokens = match mode {
            Outside::Nearest => quote!(_words::nearest(#at, #len)),
            Outside::Wrap => quote!(_words::rem(#at, #len)),
            _ => quote!(_words::reflect(#at, #len)),
        };
        Code { tokens, form: Form::Int }
    }

    /// The element at positions that are in range.
    fn element(
        &mut self,
        tensor: TensorId,
        indices: &[IndexId],
        codes: Vec<Code>,
        steps: &[Option<TokenStream>],
    ) -> Code {
        let declared = self.layer.tensor(tensor);
        let data = self.names.data(tensor);
        let samples = declared.rate == Rate::Sample;
        if codes.iter().any(|c| c.form == Form::Lanes) {
            let places = self.places(indices, codes, steps);
            let word = if samples { quote!(gather) } else { quote!(gather_shared) };
            return Code { tokens: quote!(_words::#word::<Isa, Cells>(simd_now, #data, #places)), form: Form::Lanes };
        }
        let offset = self.offset(indices, codes);
        if let Some(step) = self.stride(indices, steps) {
            let tokens = if samples {
                quote!(_words::load_along(simd_now, #data, #offset, #step))
            } else {
                quote!(_words::take_along::<Isa, Cells>(simd_now, #data, #offset, #step))
            };
            return Code { tokens, form: Form::Lanes };
        }
        if samples {
            return Code { tokens: quote!(_words::load(simd_now, #data, #offset)), form: Form::Lanes };
        }
        let taken = quote!(_words::take(#data, #offset));
        if declared.integer {
            Code { tokens: quote!(_words::integer(#taken)), form: Form::Int }
        } else {
            Code { tokens: taken, form: Form::Scalar }
        }
    }

    /// How far the index in the lanes moves an offset.
    fn stride(&self, indices: &[IndexId], steps: &[Option<TokenStream>]) -> Option<TokenStream> {
        let of_axis = |(axis, step): (usize, &Option<TokenStream>)| {
            let lens = indices[axis + 1..].iter().map(|index| self.constants.len(*index));
            Some(lens.fold(step.clone()?, |stride, len| quote!(#stride * #len)))
        };
        steps.iter().enumerate().filter_map(of_axis).reduce(|a, b| quote!(#a + #b))
    }

    /// Row-major: `((g * C + c) * H + h) * W + w`.
    pub(super) fn offset(&self, indices: &[IndexId], codes: Vec<Code>) -> TokenStream {
        let mut offset: Option<TokenStream> = None;
        for (index, code) in indices.iter().zip(codes) {
            let (position, len) = (code.tokens, self.constants.len(*index));
            offset = Some(match offset {
                None => position,
                Some(before) => quote!((#before) * #len + #position),
            });
        }
        offset.unwrap_or_else(|| quote!(0))
    }

    /// Each lane's own offset.
    pub(super) fn places(&self, indices: &[IndexId], codes: Vec<Code>, steps: &[Option<TokenStream>]) -> TokenStream {
        let lens: Vec<TokenStream> = indices.iter().map(|index| self.constants.len(*index)).collect();
        let mut base = quote!(0);
        let mut moves = vec![];
        for (at, code) in codes.into_iter().enumerate() {
            let stride = lens[at + 1..].iter().fold(quote!(1), |stride, len| quote!(#stride * #len));
            let position = code.tokens;
            if code.form == Form::Lanes {
                moves.push((position, stride));
            } else {
                base = quote!(#base + (#position) * (#stride));
            }
        }
        let places = match self.stride(indices, steps) {
            Some(step) => quote!(_words::places_along::<Cells>(#base, #step)),
            None => quote!(_words::places(#base)),
        };
        moves.into_iter().fold(places, |places, (by, stride)| quote!(_words::moved::<Isa, _>(#places, #by, #stride)))
    }
}
