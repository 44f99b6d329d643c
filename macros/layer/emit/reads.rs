//! Reads of tensors: positions become offsets, or one place for each lane; what may lie outside is guarded or folded back.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::ir::{Expr, IndexId, Outside, Rate, TensorId};
use super::expression::{Code, Form, Writer};

impl Writer<'_> {
    pub(super) fn read(&mut self, tensor: TensorId, positions: &[Expr]) -> Code {
        let declared = self.layer.tensor(tensor);
        let indices = declared.indices();
        let codes: Vec<Code> = positions.iter().map(|p| self.expr(p)).collect();
        let codes: Vec<Code> =
            codes.into_iter().zip(positions).map(|(code, position)| self.named(code, position)).collect();
        // What may leave the range, unless it is a bare index of that extent.
        let loose: Vec<bool> = positions
            .iter()
            .zip(&indices)
            .map(|(p, index)| !matches!(p, Expr::Index(i) if self.layer.origin(*i) == self.layer.origin(*index)))
            .collect();
        match declared.outside.clone() {
            Some(Outside::Value(value)) if loose.contains(&true) => {
                let value = self.expr(&value);
                self.guarded(tensor, &indices, codes, &loose, value)
            }
            Some(mode) => {
                let folded = codes
                    .into_iter()
                    .zip(&indices)
                    .zip(&loose)
                    .map(|((code, index), loose)| if *loose { self.folded(code, *index, &mode) } else { code })
                    .collect();
                self.element(tensor, &indices, folded)
            }
            None => self.element(tensor, &indices, codes),
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

    pub(super) fn guarded(
        &mut self,
        tensor: TensorId,
        indices: &[IndexId],
        codes: Vec<Code>,
        loose: &[bool],
        value: Code,
    ) -> Code {
        let in_lanes = codes.iter().any(|c| c.form == Form::Lanes);
        let mut scalar: Vec<TokenStream> = vec![];
        let mut masks: Vec<TokenStream> = vec![];
        for ((code, index), loose) in codes.iter().zip(indices).zip(loose) {
            let (position, len) = (&code.tokens, self.constants.len(*index));
            match (loose, code.form) {
                (false, _) => {}
                (true, Form::Lanes) => {
                    let zero = quote!(_words::splat(simd_now, _words::number::<Elem>(0.0)));
                    masks.push(quote!((_words::less_equal(#zero, #position) & _words::less(#position, _words::splat(simd_now, _words::real::<Elem>(#len))))));
                }
                _ => scalar.push(quote!((0 <= #position && #position < #len))),
            }
        }
        let inside = self.element(tensor, indices, codes);
        let lanes = in_lanes || self.layer.tensor(tensor).rate == Rate::Sample;
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
    pub(super) fn element(&mut self, tensor: TensorId, indices: &[IndexId], codes: Vec<Code>) -> Code {
        let declared = self.layer.tensor(tensor);
        let data = self.names.data(tensor);
        let samples = declared.rate == Rate::Sample;
        if codes.iter().any(|c| c.form == Form::Lanes) {
            let places = self.places(indices, codes);
            let word = if samples { quote!(gather) } else { quote!(gather_shared) };
            return Code { tokens: quote!(_words::#word::<Isa, Elem>(simd_now, #data, #places)), form: Form::Lanes };
        }
        let offset = self.offset(indices, codes);
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
    pub(super) fn places(&self, indices: &[IndexId], codes: Vec<Code>) -> TokenStream {
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
        moves.into_iter().fold(
            quote!(_words::places(#base)),
            |places, (by, stride)| quote!(_words::moved::<Isa, _>(#places, #by, #stride)),
        )
    }
}
